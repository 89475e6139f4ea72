//! When a frame was taken: one answer out of up to six clocks.

use super::camera_info::CameraInfo;
use super::exif::{ExifFacts, civil};
use super::xmp::{Values, Vocabulary};
use crate::survey::{CaptureTime, TimeSource};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// How far a camera's clock may be off the GPS time and still be taken as the same instant with
/// a zone: GPS stamps are whole seconds and up to two seconds old.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(3);

/// Chooses the capture time.
///
/// Order of belief: the drone's UTC at exposure, GPS date and time, FLIR's clock with a zone,
/// EXIF's clock with a zone, XMP's date with a zone, EXIF's clock without zone, FLIR's clock with
/// zone 0. The last two are the same clock on a Zenmuse XT, which runs on local time and calls it
/// zone 0, so a zone of 0 is not believed.
pub(super) fn capture_time(
    exif: &ExifFacts,
    xmp: &Values,
    flir: Option<&CameraInfo>,
) -> Option<(CaptureTime, TimeSource)> {
    let exposure = || {
        let text = xmp.text(Vocabulary::Drone, "UTCAtExposure")?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Offset::UTC
            .to_timestamp(civil(whole.trim_end_matches('Z'), fraction)?)
            .ok()
    };
    // A receiver without a fix repeats its last or an invented time.
    let gps = || {
        let time = exif
            .gps_time
            .filter(|_| exif.lat_lon.is_some_and(|p| p != (0.0, 0.0)))?;
        Some(exif.local.map_or(time, |local| sharpened(time, local)))
    };
    let zoned = || exif.zone?.to_timestamp(exif.local?).ok();
    let basic = || {
        let text = xmp.text(Vocabulary::Basic, "CreateDate")?;
        text.parse::<Timestamp>().ok()
    };
    let from = |source| move |time| (CaptureTime::Utc(time), source);
    let local = || {
        let time = local_clock(exif.local, flir.and_then(|f| f.local))?;
        let source = match exif.local {
            Some(_) => TimeSource::ExifLocal,
            None => TimeSource::CameraRecordLocal,
        };
        Some((CaptureTime::Local(time), source))
    };
    exposure()
        .map(from(TimeSource::UtcAtExposure))
        .or_else(|| gps().map(from(TimeSource::Gps)))
        .or_else(|| flir?.time.map(from(TimeSource::CameraRecord)))
        .or_else(|| zoned().map(from(TimeSource::ExifZone)))
        .or_else(|| basic().map(from(TimeSource::Xmp)))
        .or_else(local)
}

/// EXIF's local time; with FLIR's fraction where EXIF has whole seconds of the same clock.
fn local_clock(exif: Option<DateTime>, flir: Option<DateTime>) -> Option<DateTime> {
    match (exif, flir) {
        (Some(exif), Some(flir)) => {
            let same_clock = exif.duration_since(flir).abs() <= CLOCK_TOLERANCE;
            let finer = exif.subsec_nanosecond() == 0 && same_clock;
            Some(if finer { flir } else { exif })
        }
        (exif, flir) => exif.or(flir),
    }
}

/// GPS time is exact but in whole seconds, the camera's clock is fine but without zone: where the
/// two differ by a zone, the clock's fraction is kept.
fn sharpened(gps: Timestamp, local: DateTime) -> Timestamp {
    const QUARTER: i64 = 900;
    let Ok(clock) = Offset::UTC.to_timestamp(local) else {
        return gps;
    };
    let difference = clock.duration_since(gps);
    let quarters = (difference.as_secs_f64() / QUARTER as f64).round() as i64;
    let zone = SignedDuration::from_secs(quarters * QUARTER);
    let near = (difference - zone).abs() <= CLOCK_TOLERANCE;
    // No zone is further from Greenwich than 14 hours.
    if near && quarters.abs() <= 56 && gps.subsec_nanosecond() == 0 {
        clock.checked_sub(zone).unwrap_or(gps)
    } else {
        gps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn utc(text: &str) -> Timestamp {
        text.parse().expect("a valid time")
    }

    #[test]
    fn a_zone_of_zero_in_the_flir_record_is_a_clock_without_zone() {
        let local = date(2021, 7, 1).at(13, 49, 35, 297_000_000);
        let flir = CameraInfo {
            local: Some(local),
            ..CameraInfo::default()
        };
        let time = capture_time(&ExifFacts::default(), &Values::default(), Some(&flir));
        assert_eq!(
            time,
            Some((CaptureTime::Local(local), TimeSource::CameraRecordLocal))
        );
    }

    #[test]
    fn a_file_without_flir_record_has_the_time_of_exif() {
        let local = date(2024, 4, 8).at(16, 37, 18, 810_000_000);
        let exif = ExifFacts {
            local: Some(local),
            ..ExifFacts::default()
        };
        let time = capture_time(&exif, &Values::default(), None);
        assert_eq!(
            time,
            Some((CaptureTime::Local(local), TimeSource::ExifLocal))
        );
    }

    #[test]
    fn the_finer_of_two_readings_of_one_clock_wins() {
        let whole = date(2010, 12, 18).at(14, 44, 9, 0);
        let fine = date(2010, 12, 18).at(14, 44, 9, 482_000_000);
        let later = date(2010, 12, 18).at(15, 44, 9, 482_000_000);
        assert_eq!(local_clock(Some(whole), Some(fine)), Some(fine));
        assert_eq!(local_clock(Some(whole), Some(later)), Some(whole));
        assert_eq!(local_clock(None, Some(fine)), Some(fine));
    }

    #[test]
    fn gps_time_gives_the_zone_and_the_cameras_clock_the_fraction() {
        let local = date(2021, 7, 1).at(13, 49, 35, 299_000_000);
        let exif = ExifFacts {
            local: Some(local),
            gps_time: Some(utc("2021-07-01T11:49:34Z")),
            lat_lon: Some((46.4, 6.2)),
            ..ExifFacts::default()
        };
        let time = capture_time(&exif, &Values::default(), None);
        assert_eq!(
            time,
            Some((
                CaptureTime::Utc(utc("2021-07-01T11:49:35.299Z")),
                TimeSource::Gps
            ))
        );
    }

    #[test]
    fn gps_time_without_a_fix_is_not_believed() {
        let exif = ExifFacts {
            gps_time: Some(utc("2021-07-01T11:49:34Z")),
            ..ExifFacts::default()
        };
        assert_eq!(capture_time(&exif, &Values::default(), None), None);
    }

    #[test]
    fn a_camera_clock_that_is_wrong_by_minutes_does_not_move_gps_time() {
        let gps = utc("2021-07-01T11:49:34Z");
        let wrong = date(2021, 7, 1).at(13, 54, 35, 0);
        assert_eq!(sharpened(gps, wrong), gps);
    }
}
