//! The promise of `thermaudit conditions`: before take-off it says, hour by hour and by the gates
//! of a run, whether the night will be assessable, and names the best window.

use crate::common;

use common::{sample, stderr, thermaudit};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

const POPERINGE: &str = "2.7267,50.8552";

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Half-hourly rows of the night of 15 January 2026, from 14 January 12:00 UTC. `hour` counts
/// from there; sunset at Poperinge is 16:10:39 UTC, sunrise 07:45 UTC (PyEphem).
fn forecast(folder: &Path, header: &str, row: impl Fn(f64) -> String) -> PathBuf {
    let mut text = format!("timestamp,{header}\n");
    for half in 0..=44 {
        let time = jiff::Timestamp::from_second(1_768_392_000 + 1800 * half).expect("in range");
        writeln!(text, "{time},{}", row(half as f64 / 2.0)).expect("a text takes all");
    }
    let path = folder.join("forecast.csv");
    std::fs::write(&path, text).expect("writes");
    path
}

fn judge(path: &Path, more: &[&str]) -> (Output, Value) {
    let path = path.to_str().expect("a plain path");
    let line = [
        &["conditions", "--weather", path, "--at", POPERINGE, "--json"],
        more,
    ]
    .concat();
    let output = thermaudit(&line);
    let value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, value)
}

fn at<'v>(value: &'v Value, local: &str) -> &'v Value {
    let hours = value["hours"].as_array().expect("hours");
    hours
        .iter()
        .find(|h| h["time"].as_str().is_some_and(|t| t.contains(local)))
        .expect("the hour is in the plan")
}

const ALL: &str = "air_c,humidity_pct,wind_m_s,cloud_okta,rain_mm";

#[test]
fn a_night_whose_dew_falls_at_three_has_its_window_before() {
    let here = tempfile::tempdir().expect("folder");
    // Thin low cloud and 60 % until 02:00 UTC (03:00 local), then clear and 95 %.
    let path = forecast(here.path(), ALL, |hour| match hour < 14.0 {
        true => "1.0,60,2.0,6,0".to_owned(),
        false => "1.0,95,2.0,0,0".to_owned(),
    });
    let (output, value) = judge(&path, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Sunset 16:10:39 UTC (PyEphem), printed in local time; ours is within two minutes.
    let sunset = value["sunset"].as_str().expect("a sunset");
    let minute = sunset.get(11..16).expect("a time");
    assert!(("17:09"..="17:12").contains(&minute), "{sunset}");
    let before = at(&value, "T01:00");
    assert_eq!(before["verdict"], "yes", "{before}");
    let dew = at(&value, "T03:00");
    assert_eq!(dew["verdict"], "no", "{dew}");
    assert!(
        dew["why"].as_str().expect("why").contains("dew or frost"),
        "{dew}"
    );
    assert_eq!(
        value["best"]["end"].as_str().expect("end").get(11..13),
        Some("02")
    );
    // Dry only since the file begins: not grade A, and said.
    assert!(
        before["why"]
            .as_str()
            .expect("why")
            .contains("rain of 24 h unknown")
    );
    // Not three hours after sunset a gravel roof still waits (3τ = 4.2 h), a membrane does not.
    let early = at(&value, "T20:00");
    assert!(
        early["why"]
            .as_str()
            .expect("why")
            .contains("not for gravel, concrete"),
        "{early}"
    );

    let plain = [
        "conditions",
        "--weather",
        path.to_str().expect("plain"),
        "--at",
        POPERINGE,
    ];
    let table = stdout(&thermaudit(&plain));
    let last = table.lines().last().expect("a sentence");
    assert!(
        last.starts_with("Best window: 2026-01-14 ") && last.contains(" to 02:00"),
        "{table}"
    );
    assert!(
        table.lines().all(|line| line.chars().count() <= 160),
        "{table}"
    );
}

#[test]
fn missing_wind_and_cloud_are_said_and_only_limits_remain() {
    let here = tempfile::tempdir().expect("folder");
    let path = forecast(here.path(), "air_c,humidity_pct,rain_mm", |_| {
        "1.0,60,0".to_owned()
    });
    let (output, value) = judge(&path, &["--start", "2026-01-14T22:00", "--hours", "3"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let hours = value["hours"].as_array().expect("hours");
    assert_eq!(hours.len(), 3);
    for hour in hours {
        let why = hour["why"].as_str().expect("why");
        assert!(why.contains("wind_m_s not in the file"), "{why}");
        assert!(why.contains("cloud_okta not in the file"), "{why}");
    }
}

#[test]
fn a_stormy_night_a_polar_summer_and_wrong_input_have_no_window() {
    let here = tempfile::tempdir().expect("folder");
    let path = forecast(here.path(), ALL, |_| "1.0,60,12.0,6,0".to_owned());
    let (output, value) = judge(&path, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        value["sentence"]
            .as_str()
            .expect("said")
            .starts_with("Do not fly")
    );
    let calm = forecast(here.path(), ALL, |_| "1.0,60,2.0,6,0".to_owned());
    let file = calm.to_str().expect("plain");
    // South of the polar circle, in January: the sun does not set.
    let polar = [
        "conditions",
        "--weather",
        file,
        "--at",
        "0,-75",
        "--hours",
        "4",
    ];
    let polar = thermaudit(&polar);
    assert_eq!(polar.status.code(), Some(2));
    assert!(stdout(&polar).contains("daylight"), "{}", stdout(&polar));
    // North of it the sun does not rise: a night without ends.
    let polar = [
        "conditions",
        "--weather",
        file,
        "--at",
        "20,75",
        "--hours",
        "4",
    ];
    assert_eq!(thermaudit(&polar).status.code(), Some(0));
    for wrong in [
        vec!["conditions", "--weather", "nowhere.csv", "--at", POPERINGE],
        vec!["conditions", "--weather", file, "--at", "2.7"],
        vec![
            "conditions",
            "--weather",
            file,
            "--at",
            POPERINGE,
            "--start",
            "tonight",
        ],
        vec![
            "conditions",
            "--weather",
            file,
            "--at",
            POPERINGE,
            "--start",
            "2027-01-01T20:00",
        ],
        vec![
            "conditions",
            "--weather",
            file,
            "--at",
            POPERINGE,
            "--timezone",
            "Mars/Olympus",
        ],
    ] {
        let output = thermaudit(&wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!stderr(&output).is_empty(), "{wrong:?}");
    }
    let without_air = here.path().join("no_air.csv");
    std::fs::write(&without_air, "timestamp,wind_m_s\n2026-01-14T20:00:00Z,2\n").expect("writes");
    let (output, _) = judge(&without_air, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("air_c"), "{}", stderr(&output));
}

#[test]
fn two_stations_are_named_with_distance_and_spread() {
    let here = tempfile::tempdir().expect("folder");
    let mut text = "code,name,the_geom,timestamp,temp_dry_shelter_avg,humidity_rel_shelter_avg,\
                    wind_speed_10m,cloudiness\n"
        .to_owned();
    for hour in 18..=23 {
        let time = format!("2026-01-14T{hour}:00:00");
        writeln!(text, "6414,Beitem,POINT (50.905 3.123),{time},1,60,2,").expect("takes all");
        writeln!(text, "6400,Koksijde,POINT (51.09 2.6528),{time},3,60,3,6").expect("takes all");
    }
    let path = here.path().join("kmi.csv");
    std::fs::write(&path, text).expect("writes");
    let (_, value) = judge(&path, &["--start", "2026-01-14T19:00:00Z", "--hours", "2"]);
    // 26.632 and 28.436 km (PROJ, WGS84), inverse squares: 2.0655 °C.
    let air = value["hours"][0]["air_c"].as_f64().expect("known");
    assert!((air - 2.0655).abs() < 0.005, "{air}");
    assert_eq!(value["stations"][0]["name"], "Koksijde");
    let km = value["stations"][1]["distance_km"].as_f64().expect("known");
    assert!((km - 28.436).abs() < 0.15, "{km}");
    assert_eq!(value["spread"]["air_k"], 2.0);
    // Beitem measures no clouds: those of Koksijde alone.
    assert_eq!(value["hours"][0]["cloud_okta"], 6.0);
}

#[test]
fn the_night_of_the_sample_flight_is_assessable() {
    let weather = sample().join("weather.csv");
    // The file begins the evening before, so that a run knows of 24 dry hours.
    let (output, value) = judge(&weather, &["--start", "2025-01-16T17:00"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(value["best"]["verdict"], "yes");
}
