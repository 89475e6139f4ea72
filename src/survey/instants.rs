//! From cameras' clocks to points in time.
//!
//! In: the headers of one flight in file order, the zone of the cameras' clocks and how far they
//! are off. Out: a point in time for each, and what could not be known (flemish-data.md §1.3).
//!
//! Night flights meet the two nights a year when clocks are changed. In autumn an hour comes twice:
//! a clock that steps back by an hour between two frames tells the second pass from the first, and
//! so do frames before or after that hour. In spring an hour is missing: a clock that shows it
//! was not changed, and its times are taken to be an hour ahead of what they should show.
//!
//! Times with a zone of their own are what they say; `camera_clock_offset_s` is added to cameras'
//! clocks and not to the times of a satellite receiver.

use super::{CaptureTime, FrameHeader, TimeSource};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Steps back of a clock that is changed from summer to winter between two frames, minutes: an
/// hour less the time between the frames.
const STEP_BACK_MIN: std::ops::RangeInclusive<i64> = 30..=65;
/// A frame this near to the end of the repeated hour, and in front of one behind it, is of the
/// second pass: a first pass would have left a gap of more than an hour.
const NEAR: SignedDuration = SignedDuration::from_mins(45);

/// Points in time of the frames of a flight, and what could not be known, one sentence a camera.
pub fn instants(
    headers: &[&FrameHeader],
    zone: &TimeZone,
    clock_offset_s: f64,
) -> (Vec<Option<Timestamp>>, Vec<String>) {
    let mut times = vec![None; headers.len()];
    let mut warnings = Vec::new();
    let mut cameras: BTreeMap<(&str, &str), Vec<(usize, DateTime)>> = BTreeMap::new();
    // Millisecond steps, so that the sum is the same everywhere.
    let offset = SignedDuration::from_millis((clock_offset_s * 1000.0) as i64);
    for (index, header) in headers.iter().enumerate() {
        let receiver = [Some(TimeSource::Gps), Some(TimeSource::UtcAtExposure)];
        match header.time {
            Some(CaptureTime::Utc(time)) if receiver.contains(&header.time_source) => {
                times[index] = Some(time);
            }
            Some(CaptureTime::Utc(time)) => times[index] = time.checked_add(offset).ok(),
            Some(CaptureTime::Local(clock)) => {
                let camera = (header.camera.model.as_str(), header.camera.serial.as_str());
                cameras.entry(camera).or_default().push((index, clock));
            }
            None => {}
        }
    }
    for (camera, clocks) in &cameras {
        let readings = Readings::of(clocks, zone);
        // A clock that is wrong by minutes is also changed wrong by minutes: its own reading tells
        // the pass, and the offset comes after.
        for ((index, _), time) in clocks.iter().zip(&readings.times) {
            times[*index] = time.and_then(|t| t.checked_add(offset).ok());
        }
        warnings.extend(readings.warnings(camera.0, headers));
    }
    (times, warnings)
}

/// What one camera's clock came to.
#[derive(Default)]
struct Readings {
    times: Vec<Option<Timestamp>>,
    /// Places of frames whose hour comes twice, with nothing to tell which.
    undecided: Vec<usize>,
    /// Places of frames whose hour does not exist.
    missing: Vec<usize>,
}

impl Readings {
    fn of(clocks: &[(usize, DateTime)], zone: &TimeZone) -> Self {
        let ambiguous = |clock: DateTime| zone.to_ambiguous_zoned_datetime(clock);
        let is_fold = |clock| matches!(ambiguous(clock).offset(), AmbiguousOffset::Fold { .. });
        let mut found = Self::default();
        let step = clocks.windows(2).position(|pair| {
            let back = pair[0].1.duration_since(pair[1].1);
            STEP_BACK_MIN.contains(&back.as_mins()) && is_fold(pair[0].1) && is_fold(pair[1].1)
        });
        for (at, (index, clock)) in clocks.iter().enumerate() {
            let reading = ambiguous(*clock);
            let zoned = match reading.offset() {
                AmbiguousOffset::Unambiguous { .. } => reading.compatible(),
                AmbiguousOffset::Gap { .. } => {
                    found.missing.push(*index);
                    reading.compatible()
                }
                AmbiguousOffset::Fold { .. } => {
                    let others = || clocks.iter().map(|(_, c)| *c).filter(|c| !is_fold(*c));
                    // The repeated hour itself lies between at most.
                    let hour = SignedDuration::from_hours(1);
                    let shortly_before =
                        |c: DateTime| c < *clock && clock.duration_since(c) < NEAR + hour;
                    let soon_after = |c: DateTime| c > *clock && c.duration_since(*clock) < NEAR;
                    let near = (others().any(shortly_before), others().any(soon_after));
                    match step {
                        Some(step) if at > step => reading.later(),
                        Some(_) => reading.earlier(),
                        None if near == (true, false) => reading.earlier(),
                        None if near == (false, true) => reading.later(),
                        None => {
                            found.undecided.push(*index);
                            reading.earlier()
                        }
                    }
                }
            };
            found.times.push(zoned.ok().map(|z| z.timestamp()));
        }
        found
    }

    fn warnings(&self, model: &str, headers: &[&FrameHeader]) -> Vec<String> {
        let mut all = Vec::new();
        let name = |at: &usize| headers.get(*at).map_or("", |h| h.name.as_str());
        let who = |frames: &[usize]| {
            let (first, last) = (frames.first().map(name)?, frames.last().map(name)?);
            let names = match frames.len() {
                1 => first.to_owned(),
                count => format!("{count} frames, {first} to {last}"),
            };
            Some(format!("{names} ({model})"))
        };
        if let Some(frames) = who(&self.undecided) {
            all.push(format!(
                "{frames}: of the hour that comes twice when clocks are set back, and nothing tells \
                 which: taken as the first; if it was the second, process this flight with \
                 project.timezone set to the winter time all year (in Belgium \"Etc/GMT-1\")"
            ));
        }
        if let Some(frames) = who(&self.missing) {
            all.push(format!(
                "{frames}: of the hour left out when clocks are set forward: the camera's clock was \
                 not changed, an hour is added"
            ));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::Encoding;
    use super::*;

    fn header(clock: &str) -> FrameHeader {
        let clock = clock.parse().expect("a clock");
        FrameHeader {
            time: Some(CaptureTime::Local(clock)),
            time_source: Some(TimeSource::ExifLocal),
            ..FrameHeader::bare(1, 1, Encoding::Unscaled)
        }
    }

    /// Points in time of clocks in Belgium as UTC, and how many warnings there are.
    fn utc(clocks: &[&str]) -> (Vec<String>, usize) {
        let zone = TimeZone::get("Europe/Brussels").expect("bundled");
        let headers: Vec<FrameHeader> = clocks.iter().map(|c| header(c)).collect();
        let (times, warnings) = instants(&headers.iter().collect::<Vec<_>>(), &zone, 0.0);
        let text = |t: &Option<Timestamp>| t.expect("a time").to_string();
        (times.iter().map(text).collect(), warnings.len())
    }

    #[test]
    fn winter_is_one_hour_and_summer_two_ahead_of_utc() {
        let (times, warnings) = utc(&["2026-02-03T06:00:00", "2026-07-01T06:00:00"]);
        assert_eq!(times, ["2026-02-03T05:00:00Z", "2026-07-01T04:00:00Z"]);
        assert_eq!(warnings, 0);
    }

    /// 25 October 2026, 3:00 summer time becomes 2:00 winter time: 1:00 UTC.
    #[test]
    fn a_step_back_of_the_clock_begins_the_second_pass() {
        let (times, warnings) = utc(&[
            "2026-10-25T01:59:00",
            "2026-10-25T02:58:00",
            "2026-10-25T02:01:00",
            "2026-10-25T02:50:00",
            "2026-10-25T03:05:00",
        ]);
        let expected = [
            "2026-10-24T23:59:00Z",
            "2026-10-25T00:58:00Z",
            "2026-10-25T01:01:00Z",
            "2026-10-25T01:50:00Z",
            "2026-10-25T02:05:00Z",
        ];
        assert_eq!(
            (times.as_slice(), warnings),
            (&expected.map(str::to_owned)[..], 0)
        );
    }

    #[test]
    fn frames_beside_the_repeated_hour_tell_the_pass() {
        let (times, warnings) = utc(&["2026-10-25T01:50:00", "2026-10-25T02:10:00"]);
        assert_eq!((times[1].as_str(), warnings), ("2026-10-25T00:10:00Z", 0));
        let (times, warnings) = utc(&["2026-10-25T02:50:00", "2026-10-25T03:05:00"]);
        assert_eq!((times[0].as_str(), warnings), ("2026-10-25T01:50:00Z", 0));
    }

    #[test]
    fn frames_of_another_day_and_disorder_tell_nothing() {
        let (times, warnings) = utc(&["2026-10-24T15:00:00", "2026-10-25T02:30:00"]);
        assert_eq!((times[1].as_str(), warnings), ("2026-10-25T00:30:00Z", 1));
        // Both sides near, and no step between: one of the two passes was not photographed.
        let (_, warnings) = utc(&[
            "2026-10-25T01:50:00",
            "2026-10-25T02:40:00",
            "2026-10-25T03:05:00",
        ]);
        assert_eq!(warnings, 1);
        // Files out of order are no step of the clock.
        let (times, _) = utc(&["2026-10-25T03:10:00", "2026-10-25T02:30:00"]);
        assert_eq!(times[1], "2026-10-25T01:30:00Z");
    }

    /// A step of 30 to 65 minutes; a quarter of an hour is disorder.
    #[test]
    fn only_about_an_hour_is_a_step() {
        let second = |from: &str| utc(&[from, "2026-10-25T02:10:00"]).0[1].clone();
        assert_eq!(second("2026-10-25T02:40:00"), "2026-10-25T01:10:00Z");
        assert_eq!(second("2026-10-25T02:25:00"), "2026-10-25T00:10:00Z");
    }

    /// Ten minutes slow: it shows 2:58 at 3:08 summer time, 1:08 UTC, and is changed ten minutes late.
    #[test]
    fn a_clock_that_is_off_is_changed_by_its_own_reading() {
        let zone = TimeZone::get("Europe/Brussels").expect("bundled");
        let headers = ["2026-10-25T02:58:00", "2026-10-25T02:01:00"].map(header);
        let (times, _) = instants(&headers.iter().collect::<Vec<_>>(), &zone, 600.0);
        let text: Vec<String> = times.iter().flatten().map(Timestamp::to_string).collect();
        assert_eq!(text, ["2026-10-25T01:08:00Z", "2026-10-25T01:11:00Z"]);
    }

    #[test]
    fn nothing_to_tell_by_is_the_first_pass_and_is_said() {
        let (times, warnings) = utc(&["2026-10-25T02:20:00", "2026-10-25T02:30:00"]);
        assert_eq!((times[0].as_str(), warnings), ("2026-10-25T00:20:00Z", 1));
    }

    /// 29 March 2026, 2:00 becomes 3:00: a clock at 2:30 was not changed and stands for 1:30 UTC.
    #[test]
    fn a_clock_that_was_not_set_forward_is_and_is_said() {
        let (times, warnings) = utc(&["2026-03-29T01:30:00", "2026-03-29T02:30:00"]);
        assert_eq!(times, ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"]);
        assert_eq!(warnings, 1);
    }

    #[test]
    fn the_clocks_offset_is_not_added_to_a_receivers_time() {
        let utc = CaptureTime::Utc("2026-02-03T05:00:00Z".parse().expect("a time"));
        let of = |source| FrameHeader {
            time: Some(utc),
            time_source: Some(source),
            ..FrameHeader::bare(1, 1, Encoding::Unscaled)
        };
        let (gps, exif) = (of(TimeSource::Gps), of(TimeSource::ExifZone));
        let clock = header("2026-02-03T06:00:00");
        let zone = TimeZone::get("Europe/Brussels").expect("bundled");
        let (times, _) = instants(&[&gps, &exif, &clock], &zone, -90.5);
        let text: Vec<String> = times.iter().flatten().map(Timestamp::to_string).collect();
        let moved = "2026-02-03T04:58:29.5Z";
        assert_eq!(text, ["2026-02-03T05:00:00Z", moved, moved]);
    }
}
