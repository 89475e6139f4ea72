//! Sunset and sunrise around a flight.
//!
//! The low-accuracy formulas of the NOAA solar calculator (fractional year, equation of time,
//! declination; zenith 90.833° = upper limb with refraction): within two minutes below 60°
//! latitude, which is all a gate in hours needs.

use jiff::Timestamp;

/// Where a moment lies in the night.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Night {
    /// Hours since the last sunset; 0 in daylight, [`POLAR_H`] where it was more than a day ago.
    pub since_sunset_h: f64,
    /// Hours until the next sunrise; 0 in daylight, [`POLAR_H`] where it is more than a day off.
    pub until_sunrise_h: f64,
}

/// What stands for "more than a day" in a polar night, hours.
pub const POLAR_H: f64 = 24.0;

/// A day of the sun.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Day {
    /// Rise and set, hours since 1970-01-01.
    Both(f64, f64),
    /// It does not set.
    Up,
    /// It does not rise.
    Down,
}

/// The night around a moment at a place, degrees east and north. Where the sun does not set that
/// is daylight; where it does not rise, a night without ends. `None` where there is no such place.
pub fn night(time: Timestamp, lon_deg: f64, lat_deg: f64) -> Option<Night> {
    if lon_deg.abs() > 180.0 || lat_deg.abs() > 90.0 || lon_deg.is_nan() || lat_deg.is_nan() {
        return None;
    }
    const DAYLIGHT: Night = Night {
        since_sunset_h: 0.0,
        until_sunrise_h: 0.0,
    };
    let hours = time.as_second() as f64 / 3600.0;
    let today = (hours / 24.0).floor() as i64;
    let mut sets = Vec::new();
    let mut rises = Vec::new();
    for day in today - 1..=today + 1 {
        match rise_and_set(day, lon_deg, lat_deg)? {
            Day::Both(rise, set) => {
                rises.push(rise);
                sets.push(set);
            }
            Day::Up if day == today => return Some(DAYLIGHT),
            Day::Up | Day::Down => {}
        }
    }
    let last = |list: &[f64]| {
        list.iter()
            .copied()
            .filter(|t| *t <= hours)
            .fold(f64::MIN, f64::max)
    };
    let (last_set, last_rise) = (last(&sets), last(&rises));
    let next_rise = rises
        .iter()
        .copied()
        .filter(|t| *t > hours)
        .fold(f64::MAX, f64::min);
    Some(if last_rise > last_set {
        DAYLIGHT
    } else {
        Night {
            since_sunset_h: (hours - last_set).min(POLAR_H),
            until_sunrise_h: (next_rise - hours).min(POLAR_H),
        }
    })
}

/// Sunset next after a moment within two days; `None` where the sun does not set or rise by then.
pub fn next_sunset(time: Timestamp, lon_deg: f64, lat_deg: f64) -> Option<Timestamp> {
    let hours = time.as_second() as f64 / 3600.0;
    let today = (hours / 24.0).floor() as i64;
    (today - 1..=today + 2).find_map(|day| match rise_and_set(day, lon_deg, lat_deg)? {
        Day::Both(_, set) if set > hours => {
            Timestamp::from_second((set * 3600.0).round() as i64).ok()
        }
        _ => None,
    })
}

/// The sun on a day (days since 1970-01-01, UTC).
fn rise_and_set(day: i64, lon_deg: f64, lat_deg: f64) -> Option<Day> {
    let date = Timestamp::from_second(day * 86_400).ok()?;
    let date = jiff::tz::TimeZone::UTC.to_datetime(date).date();
    let year = std::f64::consts::TAU / f64::from(date.days_in_year())
        * (f64::from(date.day_of_year()) - 1.0 + 0.5);
    let equation_min = 229.18
        * (0.000_075 + 0.001_868 * year.cos()
            - 0.032_077 * year.sin()
            - 0.014_615 * (2.0 * year).cos()
            - 0.040_849 * (2.0 * year).sin());
    let declination = 0.006_918 - 0.399_912 * year.cos() + 0.070_257 * year.sin()
        - 0.006_758 * (2.0 * year).cos()
        + 0.000_907 * (2.0 * year).sin()
        - 0.002_697 * (3.0 * year).cos()
        + 0.001_48 * (3.0 * year).sin();
    let latitude = lat_deg.to_radians();
    let cosine = 90.833_f64.to_radians().cos() / (latitude.cos() * declination.cos())
        - latitude.tan() * declination.tan();
    if cosine < -1.0 {
        return Some(Day::Up);
    }
    if cosine > 1.0 || cosine.is_nan() {
        return Some(Day::Down);
    }
    let angle_deg = cosine.acos().to_degrees();
    let at =
        |angle: f64| day as f64 * 24.0 + (720.0 - 4.0 * (lon_deg + angle) - equation_min) / 60.0;
    Some(Day::Both(at(angle_deg), at(-angle_deg)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Night {
        night(text.parse().expect("a time"), 4.35, 50.80).expect("sun sets in Brussels")
    }

    #[test]
    fn brussels_sunset_in_midwinter_and_at_the_equinox_is_that_of_the_almanac() {
        // Uccle: sunset 21 December 16:38 CET, 20 March 18:52 CET; a few minutes' tolerance.
        let midwinter = at("2025-12-21T20:38:00Z");
        assert!(
            (midwinter.since_sunset_h - 5.0).abs() < 0.08,
            "{midwinter:?}"
        );
        let equinox = at("2026-03-20T19:52:00Z");
        assert!((equinox.since_sunset_h - 2.0).abs() < 0.08, "{equinox:?}");
    }

    #[test]
    fn sunrise_follows_in_the_morning() {
        // Uccle: sunrise 22 December 08:42 CET.
        let night = at("2025-12-22T02:42:00Z");
        assert!((night.until_sunrise_h - 5.0).abs() < 0.08, "{night:?}");
    }

    #[test]
    fn daylight_is_no_night_and_neither_is_the_polar_summer() {
        assert_eq!(at("2026-03-20T12:00:00Z").since_sunset_h, 0.0);
        let polar = |text: &str| night(text.parse().expect("a time"), 20.0, 75.0);
        let summer = polar("2026-06-21T00:00:00Z").expect("a place");
        assert_eq!((summer.since_sunset_h, summer.until_sunrise_h), (0.0, 0.0));
        let winter = polar("2026-12-21T12:00:00Z").expect("a place");
        assert_eq!(winter.since_sunset_h, POLAR_H);
        assert_eq!(winter.until_sunrise_h, POLAR_H);
        assert_eq!(night(Timestamp::UNIX_EPOCH, 20.0, 91.0), None);
    }

    #[test]
    fn sunsets_of_belgium_are_those_of_the_almanac() {
        // XEphem's libastro (VSOP87) through PyEphem: upper limb, 34' refraction, UTC.
        let reference = [
            ("2026-01-15T16:05:53Z", 4.35, 50.80),
            ("2026-03-20T17:55:29Z", 4.35, 50.80),
            ("2026-10-20T16:40:14Z", 4.35, 50.80),
            ("2026-12-21T15:39:03Z", 4.35, 50.80),
            ("2026-01-15T16:09:48Z", 2.92, 51.23),
            ("2026-02-28T17:27:05Z", 2.92, 51.23),
            ("2026-11-28T15:46:08Z", 2.92, 51.23),
        ];
        for (text, lon, lat) in reference {
            let set: Timestamp = text.parse().expect("a time");
            let noon = set - jiff::SignedDuration::from_hours(4);
            let found = next_sunset(noon, lon, lat).expect("the sun sets");
            let off_s = found.duration_since(set).as_secs_f64();
            assert!(off_s.abs() < 120.0, "{text}: {off_s} s");
        }
    }
}
