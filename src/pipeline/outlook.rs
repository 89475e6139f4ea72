//! The weather of a planned night, hour by hour, as the gates need it.

use crate::problem::{Problem, Result};
use crate::read::table::Mapping;
use crate::read::weather::{self, Station};
use crate::score::outlook::{self, Hour, Outlook};
use crate::score::{FlightConditions, Options, sun};
use crate::survey::{Conditions, Weather};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

/// What to look at.
#[derive(Clone, Debug)]
pub struct OutlookOptions {
    /// Forecast or logger file, columns of `weather.csv`.
    pub weather: PathBuf,
    /// Longitude and latitude of the park, degrees.
    pub place: [f64; 2],
    /// Code of one station of the file.
    pub station: Option<String>,
    /// First hour, RFC 3339 or local time; `None` is the sunset next after the file begins.
    pub start: Option<String>,
    /// Number of hours; `None` is until sunrise.
    pub hours: Option<usize>,
    /// Zone of local times, in and out.
    pub zone: String,
}

/// The plan, judged, with what a reader needs beside it.
#[derive(Clone, Debug)]
pub struct OutlookReport {
    /// Every hour and the best window.
    pub outlook: Outlook,
    /// Zone of the printed times.
    pub zone: TimeZone,
    /// Stations behind the first hour that has weather: name and distance, km.
    pub stations: Vec<(String, Option<f64>)>,
    /// How far they are apart then.
    pub spread: Conditions,
    /// Sunset that the night begins with; `None` where it does not set.
    pub sunset: Option<Timestamp>,
    /// What to know of the file.
    pub warnings: Vec<Problem>,
}

/// Most hours of a plan.
const MOST_HOURS: usize = 72;

/// Judges a planned night before take-off.
///
/// # Errors
/// All faults of the file; a start or a zone that is none; a plan outside the file.
pub fn outlook(options: &OutlookOptions) -> std::result::Result<OutlookReport, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let zone = TimeZone::get(&options.zone).map_err(|_| {
        let what = format!(
            "is {:?}, expected a name of the time zone database",
            options.zone
        );
        one(Problem::setting(what)
            .field("--timezone")
            .hint("for example Europe/Brussels"))
    })?;
    let station = Station {
        code: options.station.as_deref(),
        place: Some(options.place),
    };
    let (table, warnings) = weather::read_station(&options.weather, &Mapping::new(), station)?;
    let file = options.weather.display().to_string();
    let Some((first, last)) = table.span() else {
        return Err(one(Problem::setting("holds no record").in_file(file)));
    };
    let start = start(options, &zone, first).map_err(one)?;
    let count = match options.hours {
        Some(hours) => hours.clamp(1, MOST_HOURS),
        None => night_hours(start, options.place),
    };
    let hours: Vec<Hour> = (0..count)
        .filter_map(|index| {
            start
                .checked_add(SignedDuration::from_hours(index as i64))
                .ok()
        })
        .map(|time| hour(time, &table, options.place, &zone))
        .collect();
    let Some(told) = hours.iter().find(|h| h.flight.air_c.is_some()) else {
        let what =
            format!("tells nothing of the plan from {start}: its rows are from {first} to {last}");
        let hint = "times without zone are UTC; give --start, or a file of that night";
        return Err(one(Problem::setting(what).in_file(file).hint(hint)));
    };
    let stations = table
        .shares(told.time)
        .iter()
        .filter(|share| !share.station.label().is_empty())
        .map(|s| {
            (
                s.station.label().to_owned(),
                s.station.distance_m.map(|m| m / 1000.0),
            )
        })
        .collect();
    let [lon, lat] = options.place;
    let before = start
        .checked_sub(SignedDuration::from_hours(24))
        .unwrap_or(start);
    let sunset = match sun::night(start, lon, lat) {
        Some(night) if night.since_sunset_h > 0.0 => sun::next_sunset(before, lon, lat),
        _ => sun::next_sunset(start, lon, lat),
    };
    Ok(OutlookReport {
        spread: table.spread(told.time),
        outlook: outlook::outlook(&hours, &Options::default()),
        zone,
        stations,
        sunset,
        warnings,
    })
}

/// The first hour: as given, else the full hour of the sunset next after the file begins (of the
/// file's own beginning where that is at night).
fn start(options: &OutlookOptions, zone: &TimeZone, first: Timestamp) -> Result<Timestamp> {
    let [lon, lat] = options.place;
    let Some(text) = &options.start else {
        let dark = sun::night(first, lon, lat).is_some_and(|n| n.since_sunset_h > 0.0);
        let from = match dark {
            true => first,
            false => sun::next_sunset(first, lon, lat).unwrap_or(first),
        };
        return Ok(full_hour(from));
    };
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| {
            let civil: DateTime = text.parse().ok()?;
            let zoned = zone.to_ambiguous_zoned_datetime(civil).compatible().ok()?;
            Some(zoned.timestamp())
        })
        .ok_or_else(|| {
            Problem::setting(format!("is {text:?}, expected a time"))
                .field("--start")
                .hint("for example 2026-01-15T18:00 (local) or 2026-01-15T17:00:00Z")
        })
}

fn full_hour(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second().div_euclid(3600) * 3600).unwrap_or(time)
}

/// Hours until the sun is up again; a day where there is no such moment.
fn night_hours(start: Timestamp, [lon, lat]: [f64; 2]) -> usize {
    let dark = |hour: &usize| {
        let time = start
            .checked_add(SignedDuration::from_hours(*hour as i64))
            .ok();
        let night = time.and_then(|time| sun::night(time, lon, lat));
        night.is_some_and(|n| n.since_sunset_h > 0.0)
    };
    let first = (0..24).find(dark).unwrap_or(24);
    (first..24).find(|hour| !dark(hour)).unwrap_or(24)
}

/// The flight that would fill an hour.
fn hour(time: Timestamp, table: &Weather, [lon, lat]: [f64; 2], zone: &TimeZone) -> Hour {
    let at = |minutes: i64| {
        time.checked_add(SignedDuration::from_mins(minutes))
            .unwrap_or(time)
    };
    let end = at(60);
    let now = table.at(at(30));
    let local = at(30).to_zoned_datetime(zone.clone()).datetime();
    let nights = [time, end].map(|t| sun::night(t, lon, lat).map(|n| n.since_sunset_h));
    let since_sunset_h = match nights {
        [Some(start), Some(end)] if end > 0.0 => Some(start),
        [None, _] | [_, None] => None,
        _ => Some(0.0),
    };
    let air = |t: Timestamp| table.at(t).air_c;
    Hour {
        time,
        flight: FlightConditions {
            air_c: now.air_c,
            humidity_pct: now.humidity_pct,
            wind_m_s: now.wind_m_s,
            cloud_okta: now.cloud_okta,
            pressure_hpa: now.pressure_hpa,
            sky_c: now.sky_c,
            local_hour: Some(f64::from(local.hour()) + f64::from(local.minute()) / 60.0),
            since_sunset_h,
            rain_24h_mm: table.rain_before(end, 24.0),
            rain_12h_mm: table.rain_before(end, 12.0),
            rain_flight_mm: table.rain_before(end, 2.0),
            air_drift_k: table.range(time, end, |c| c.air_c),
            cloud_change_okta: table.range(time, end, |c| c.cloud_okta),
            ..FlightConditions::default()
        },
        cooling_k_h: air(time).zip(air(end)).map(|(start, end)| start - end),
    }
}
