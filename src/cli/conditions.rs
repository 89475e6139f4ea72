//! `thermaudit conditions`: the table for the pilot and the JSON for programs.

use super::args::ConditionsArgs;
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS};
use crate::pipeline::{self, OutlookOptions, OutlookReport};
use crate::score::gates::{Check, Quality};
use crate::score::outlook::{Judged, Verdict, Why, Window};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) fn conditions(args: &ConditionsArgs, console: &Console) -> u8 {
    let options = OutlookOptions {
        weather: args.weather.clone(),
        place: args.at,
        station: args.station.clone(),
        start: args.start.clone(),
        hours: args.hours.map(usize::from),
        zone: args.timezone.clone(),
    };
    let report = match pipeline::outlook(&options) {
        Ok(report) => report,
        Err(problems) => {
            for problem in &problems {
                console.error(problem);
            }
            return EXIT_NO_RESULT;
        }
    };
    for problem in &report.warnings {
        console.warning(problem);
    }
    if args.json {
        console.print(&format!("{:#}", value(&report)));
    } else {
        for line in table(&report) {
            console.print(&line);
        }
        console.print("");
        console.print(&sentence(&report));
    }
    match report.outlook.best.map(|w| w.verdict) {
        Some(Verdict::Assessable) => EXIT_GOOD,
        Some(Verdict::Limited) => EXIT_SKIPS,
        Some(Verdict::No) | None => EXIT_NO_RESULT,
    }
}

fn local(report: &OutlookReport, time: Timestamp, form: &str) -> String {
    let zoned = time.to_zoned_datetime(report.zone.clone());
    zoned.strftime(form).to_string()
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Assessable => "yes",
        Verdict::Limited => "limits",
        Verdict::No => "no",
    }
}

/// Grade of an hour; none where it is rejected.
fn grade(quality: Quality) -> &'static str {
    match quality {
        Quality::A => "A",
        Quality::B => "B",
        Quality::C => "C",
        Quality::Rejected => "-",
    }
}

fn table(report: &OutlookReport) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(sunset) = report.sunset {
        lines.push(format!(
            "sunset {}",
            local(report, sunset, "%Y-%m-%d %H:%M %Z")
        ));
    }
    if let Some(stations) = stations(report) {
        lines.push(stations);
    }
    lines.push(format!(
        "{:<16} {:>7} {:>8} {:>5} {:>6} {:>6}  {:<6} {:<5} why",
        "local time", "air °C", "wind m/s", "roof", "clouds", "dew K", "fly", "grade"
    ));
    for judged in &report.outlook.hours {
        lines.push(line(report, judged));
    }
    lines
}

/// The stations behind the values, their distance, and how far they are apart.
fn stations(report: &OutlookReport) -> Option<String> {
    if report.stations.is_empty() {
        return None;
    }
    let listed: Vec<String> = report
        .stations
        .iter()
        .map(|(name, km)| match km {
            Some(km) => format!("{name} at {km:.0} km"),
            None => name.clone(),
        })
        .collect();
    let mut text = format!("stations: {}", listed.join(", "));
    if let (Some(air_k), Some(wind)) = (report.spread.air_c, report.spread.wind_m_s) {
        text = format!("{text}; apart {air_k:.1} K, wind {wind:.1} m/s");
    }
    Some(text)
}

fn line(report: &OutlookReport, judged: &Judged) -> String {
    let flight = &judged.hour.flight;
    let number = |value: Option<f64>, decimals: usize| match value {
        Some(value) => format!("{value:.decimals$}"),
        None => "?".to_owned(),
    };
    let leading = judged.leading();
    format!(
        "{:<16} {:>7} {:>8} {:>5} {:>6} {:>6}  {:<6} {:<5} {}",
        local(report, judged.hour.time, "%Y-%m-%d %H:%M"),
        number(flight.air_c, 1),
        number(flight.wind_m_s, 1),
        number(judged.wind_at_roof_m_s, 1),
        number(flight.cloud_okta, 0),
        number(leading.and_then(|b| b.dew_k), 1),
        verdict(judged.verdict),
        grade(judged.quality),
        why(judged)
    )
    .trim_end()
    .to_owned()
}

/// What keeps the hour from A, and the roofs that must wait.
fn why(judged: &Judged) -> String {
    let mut parts: Vec<String> = judged
        .leading()
        .map(|b| b.why.iter().map(|w| reason(w, judged)).collect())
        .unwrap_or_default();
    parts.retain(|part| !part.is_empty());
    let ready = judged.ready();
    let waiting: Vec<&str> = judged
        .build_ups
        .iter()
        .map(|b| b.name)
        .filter(|name| !ready.is_empty() && !ready.contains(name))
        .collect();
    if !waiting.is_empty() {
        parts.push(format!("not for {}", waiting.join(", ")));
    }
    parts.join("; ")
}

fn reason(why: &Why, judged: &Judged) -> String {
    let flight = &judged.hour.flight;
    let line = match why {
        Why::Unknown("air_c") => return "no weather in the file".to_owned(),
        Why::Unknown(_) if flight.air_c.is_none() => return String::new(),
        Why::Unknown(column) => return format!("{column} not in the file"),
        Why::GoodRoofsWet => return "good roofs wet or frosted, leaky ones dry".to_owned(),
        Why::Line(line) => line,
    };
    let rejected = line.quality == Quality::Rejected;
    match line.check {
        Check::Indoor => {
            format!(
                "only {:.1} K colder than inside",
                line.value.unwrap_or_default()
            )
        }
        Check::Sunset => match flight.since_sunset_h {
            Some(0.0) => "daylight".to_owned(),
            Some(hours) => format!("{hours:.1} h after sunset"),
            None => "sunset unknown".to_owned(),
        },
        Check::Wind => format!("wind {:.1} m/s at the roof", line.value.unwrap_or_default()),
        Check::Rain if rejected => "rain".to_owned(),
        Check::Rain if flight.rain_24h_mm.is_none() => "rain of 24 h unknown".to_owned(),
        Check::Rain => "rain in the hours before".to_owned(),
        Check::Dew if rejected => "dew or frost on roofs".to_owned(),
        Check::Dew => "roofs close to the dew point".to_owned(),
        Check::AirDrift => {
            format!(
                "air changes by {:.1} K",
                flight.air_drift_k.unwrap_or_default()
            )
        }
        Check::Clouds => {
            let okta = flight.cloud_change_okta.unwrap_or_default();
            format!("clouds change by {okta:.0} okta")
        }
    }
}

fn end(report: &OutlookReport, window: &Window) -> Option<(Timestamp, Timestamp)> {
    let first = report.outlook.hours.get(window.first)?.hour.time;
    let hours = SignedDuration::from_hours(window.hours as i64);
    Some((first, first.checked_add(hours).ok()?))
}

fn sentence(report: &OutlookReport) -> String {
    let Some((window, (start, end))) = report
        .outlook
        .best
        .and_then(|window| Some((window, end(report, &window)?)))
    else {
        return "Do not fly: no hour of this plan is assessable.".to_owned();
    };
    let span = format!(
        "{} to {} ({} h)",
        local(report, start, "%Y-%m-%d %H:%M"),
        local(report, end, "%H:%M"),
        window.hours
    );
    match window.verdict {
        Verdict::Assessable => {
            format!(
                "Best window: {span}, grade {} or better.",
                grade(window.quality)
            )
        }
        Verdict::Limited | Verdict::No => format!("Only with limits: {span}, see why."),
    }
}

fn value(report: &OutlookReport) -> Value {
    let time = |t: Timestamp| local(report, t, "%Y-%m-%dT%H:%M:%S%:z");
    let hours: Vec<Value> = report
        .outlook
        .hours
        .iter()
        .map(|judged| hour(judged, time(judged.hour.time)))
        .collect();
    let best = report.outlook.best.and_then(|window| {
        let (start, end) = end(report, &window)?;
        Some(json!({
            "start": time(start), "end": time(end), "hours": window.hours,
            "verdict": verdict(window.verdict), "grade": grade(window.quality),
            "cloud_range_okta": window.cloud_range_okta,
        }))
    });
    let stations: Vec<Value> = report
        .stations
        .iter()
        .map(|(name, km)| json!({ "name": name, "distance_km": km }))
        .collect();
    json!({
        "schema": "thermaudit-conditions-1",
        "sunset": report.sunset.map(time),
        "stations": stations,
        "spread": { "air_k": report.spread.air_c, "wind_m_s": report.spread.wind_m_s },
        "hours": hours,
        "best": best,
        "sentence": sentence(report),
    })
}

fn hour(judged: &Judged, time: String) -> Value {
    let flight = &judged.hour.flight;
    let build_ups: Vec<Value> = judged
        .build_ups
        .iter()
        .map(|b| {
            let why: Vec<String> = b.why.iter().map(|w| reason(w, judged)).collect();
            json!({
                "name": b.name, "verdict": verdict(b.verdict), "grade": grade(b.quality),
                "ready_after_sunset_h": b.ready_h, "stored_w_m2": b.stored_w_m2,
                "dew_margin_k": b.dew_k, "why": why,
            })
        })
        .collect();
    json!({
        "time": time, "verdict": verdict(judged.verdict), "grade": grade(judged.quality),
        "air_c": flight.air_c, "humidity_pct": flight.humidity_pct,
        "dew_point_c": flight.dew_point_c(), "wind_m_s": flight.wind_m_s,
        "wind_at_roof_m_s": judged.wind_at_roof_m_s, "cloud_okta": flight.cloud_okta,
        "sky_c": flight.sky().map(|s| s.sky_c), "since_sunset_h": flight.since_sunset_h,
        "rain_24h_mm": flight.rain_24h_mm, "build_ups": build_ups, "why": why(judged),
    })
}
