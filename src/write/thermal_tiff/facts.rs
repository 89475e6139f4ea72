//! What the source said, completed by what it was understood to say.
//!
//! The maker's own entries are passed on as they are. What a source kept where a TIFF has no room
//! for it (FLIR's camera and GPS records, headers of sequences) is put into EXIF, so that a reader
//! of the TIFF comes to the same time and place as a reader of the source.

use crate::survey::{CaptureTime, FileTags, FrameHeader, StoredTag, TimeSource};
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const DATE_TIME: u16 = 0x0132;
const DATE_TIME_ORIGINAL: u16 = 0x9003;
const OFFSET_TIME_ORIGINAL: u16 = 0x9011;
const SUB_SEC_TIME_ORIGINAL: u16 = 0x9291;
const FOCAL_LENGTH: u16 = 0x920A;
const FOCAL_LENGTH_35MM: u16 = 0xA405;
const BODY_SERIAL: u16 = 0xA431;
const LENS_MODEL: u16 = 0xA434;

/// How far two clocks may differ and still be one.
const SAME_CLOCK_S: f64 = 3.0;

/// Adds to the source's entries what only the header knows.
pub(super) fn complete(
    header: &FrameHeader,
    tags: &FileTags,
    equivalent_mm: Option<u16>,
) -> FileTags {
    let mut out = tags.clone();
    let camera = &header.camera;
    add_text(&mut out.main, MAKE, &camera.make);
    add_text(&mut out.main, MODEL, &camera.model);
    // DNG's serial number in the main directory does for the one of EXIF.
    if !has(&out.main, 0xC62F) {
        add_text(&mut out.exif, BODY_SERIAL, &camera.serial);
    }
    add_text(&mut out.exif, LENS_MODEL, &camera.lens);
    if let Some(focal_mm) = header.focal_mm.filter(|f| *f > 0.0 && *f < 4000.0) {
        let ratio = [(focal_mm * 1000.0).round() as u32, 1000];
        add(&mut out.exif, StoredTag::ratios(FOCAL_LENGTH, &[ratio]));
    }
    if let Some(mm) = equivalent_mm {
        add(&mut out.exif, StoredTag::shorts(FOCAL_LENGTH_35MM, &[mm]));
    }
    clock(header, &mut out);
    place(header, &mut out);
    if !out.exif.is_empty() {
        add(&mut out.exif, StoredTag::undefined(0x9000, b"0232"));
    }
    out
}

fn has(list: &[StoredTag], tag: u16) -> bool {
    list.iter().any(|t| t.tag == tag)
}

fn add(list: &mut Vec<StoredTag>, tag: StoredTag) {
    if !has(list, tag.tag) {
        list.push(tag);
    }
}

fn put(list: &mut Vec<StoredTag>, tag: StoredTag) {
    list.retain(|t| t.tag != tag.tag);
    list.push(tag);
}

fn add_text(list: &mut Vec<StoredTag>, tag: u16, text: &str) {
    let said = |t: &StoredTag| t.tag == tag && t.bytes.iter().any(|b| !matches!(b, 0 | b' '));
    if !text.is_empty() && !list.iter().any(said) {
        put(list, StoredTag::text(tag, text));
    }
}

/// EXIF's clock, where the time came from a clock that a TIFF has no other room for.
fn clock(header: &FrameHeader, out: &mut FileTags) {
    use TimeSource as S;
    let elsewhere = matches!(
        header.time_source,
        Some(S::CameraRecord | S::CameraRecordLocal | S::ExifLocal | S::FileHeader)
    );
    match header.time.filter(|_| elsewhere) {
        Some(CaptureTime::Local(local)) => write_clock(&mut out.exif, local, None),
        Some(CaptureTime::Utc(time)) => {
            // Beside a clock in EXIF that runs on local time, the zone is what they differ by.
            let utc = Offset::UTC.to_datetime(time);
            let offset = exif_clock(&out.exif)
                .and_then(|local| zone(local, utc))
                .unwrap_or(Offset::UTC);
            write_clock(&mut out.exif, offset.to_datetime(time), Some(offset));
        }
        None => {}
    }
    if let Some(tag) = out.exif.iter().find(|t| t.tag == DATE_TIME_ORIGINAL) {
        let tag = StoredTag {
            tag: DATE_TIME,
            ..tag.clone()
        };
        add(&mut out.main, tag);
    }
}

fn write_clock(exif: &mut Vec<StoredTag>, local: DateTime, offset: Option<Offset>) {
    let text = local.strftime("%Y:%m:%d %H:%M:%S").to_string();
    put(exif, StoredTag::text(DATE_TIME_ORIGINAL, &text));
    let fraction = format!("{:09}", local.subsec_nanosecond());
    let fraction = fraction.trim_end_matches('0');
    let stated = exif.iter().any(|t| {
        t.tag == SUB_SEC_TIME_ORIGINAL
            && String::from_utf8_lossy(&t.bytes)
                .trim_matches(['\0', ' '])
                .trim_end_matches('0')
                == fraction
    });
    if !stated {
        put(exif, StoredTag::text(SUB_SEC_TIME_ORIGINAL, fraction));
    }
    if let Some(offset) = offset {
        let minutes = offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let text = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        put(exif, StoredTag::text(OFFSET_TIME_ORIGINAL, &text));
    }
}

/// EXIF's own clock, when it has one.
fn exif_clock(exif: &[StoredTag]) -> Option<DateTime> {
    let tag = exif.iter().find(|t| t.tag == DATE_TIME_ORIGINAL)?;
    let text = String::from_utf8_lossy(&tag.bytes);
    let text = text.trim_matches(['\0', ' ']);
    DateTime::strptime("%Y:%m:%d %H:%M:%S", text)
        .or_else(|_| DateTime::strptime("%Y-%m-%d %H:%M:%S", text))
        .ok()
}

/// The zone in which the second clock would show the first; none when they differ otherwise.
fn zone(local: DateTime, utc: DateTime) -> Option<Offset> {
    const QUARTER_S: f64 = 900.0;
    let difference = local.duration_since(utc).as_secs_f64();
    let quarters = (difference / QUARTER_S).round();
    let rest = difference - quarters * QUARTER_S;
    // No zone is further from Greenwich than 14 hours.
    (rest.abs() <= SAME_CLOCK_S && quarters.abs() <= 56.0)
        .then(|| Offset::from_seconds((quarters * QUARTER_S) as i32).ok())
        .flatten()
}

/// GPS position and height, where the source had them elsewhere.
fn place(header: &FrameHeader, out: &mut FileTags) {
    let Some(fix) = header.fix else { return };
    let said = has(&out.gps, 2) && has(&out.gps, 4) && {
        // An all-zero position in EXIF is none; the one that was believed stood elsewhere.
        let zero = |tag| {
            let found = out.gps.iter().find(|t| t.tag == tag);
            found.is_none_or(|t| t.bytes.chunks(8).all(|r| r.iter().take(4).all(|b| *b == 0)))
        };
        !(zero(2) && zero(4))
    };
    let side = |value: f64, negative: &str, positive: &str, tag| {
        StoredTag::text(tag, if value < 0.0 { negative } else { positive })
    };
    if !said {
        put(&mut out.gps, side(fix.lat_deg, "S", "N", 1));
        put(
            &mut out.gps,
            StoredTag::ratios(2, &sexagesimal(fix.lat_deg)),
        );
        put(&mut out.gps, side(fix.lon_deg, "W", "E", 3));
        put(
            &mut out.gps,
            StoredTag::ratios(4, &sexagesimal(fix.lon_deg)),
        );
        // The time of a receiver without a fix is not this position's.
        out.gps.retain(|t| t.tag != 7 && t.tag != 0x1D);
    }
    let height = fix.absolute_m.filter(|h| h.is_finite() && h.abs() < 4e5);
    if let Some(height) = height.filter(|_| !has(&out.gps, 6)) {
        put(&mut out.gps, StoredTag::bytes(5, &[u8::from(height < 0.0)]));
        let ratio = [(height.abs() * 10_000.0).round() as u32, 10_000];
        put(&mut out.gps, StoredTag::ratios(6, &[ratio]));
    }
    add(&mut out.gps, StoredTag::bytes(0, &[2, 3, 0, 0]));
}

/// Degrees, minutes and seconds to 1e-6″ (0.03 mm).
fn sexagesimal(degrees: f64) -> [[u32; 2]; 3] {
    let millionths = (degrees.abs() * 3600.0 * 1e6).round() as u64;
    let (minutes, seconds) = (millionths / 60_000_000, millionths % 60_000_000);
    [
        [(minutes / 60) as u32, 1],
        [(minutes % 60) as u32, 1],
        [seconds as u32, 1_000_000],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_zone_is_what_two_clocks_differ_by() {
        let utc = date(2021, 7, 1).at(11, 49, 35, 297_000_000);
        let local = date(2021, 7, 1).at(13, 49, 35, 0);
        assert_eq!(zone(local, utc), Offset::from_seconds(7200).ok());
        let wrong = date(2021, 7, 1).at(13, 55, 0, 0);
        assert_eq!(zone(wrong, utc), None);
    }

    #[test]
    fn what_the_source_says_is_not_touched() {
        let mut header = FrameHeader::bare(2, 2, crate::survey::Encoding::Relative);
        header.camera.model = "from the camera record".into();
        header.focal_mm = Some(13.0);
        let tags = FileTags {
            main: vec![StoredTag::text(MODEL, "from EXIF")],
            exif: vec![StoredTag::ratios(FOCAL_LENGTH, &[[9, 1]])],
            ..FileTags::default()
        };
        let out = complete(&header, &tags, None);
        assert_eq!(out.main[0], tags.main[0]);
        assert_eq!(out.exif[0], tags.exif[0]);
    }
}
