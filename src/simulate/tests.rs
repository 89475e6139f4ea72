//! Promises of the whole park: same bytes, readable by others, small.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::*;

fn written(options: &Options) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    write_park(dir.path(), options, &|_, _, _| {}).expect("the park is written");
    dir
}

/// Every file below a folder with its bytes.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below").display().to_string();
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_the_sample_stays_under_12_mb() {
    let options = Options::default();
    let (one, two) = (
        files(written(&options).path()),
        files(written(&options).path()),
    );
    assert_eq!(one.len(), two.len());
    for (name, bytes) in &one {
        assert!(two.get(name) == Some(bytes), "{name} differs");
    }
    let total: usize = one.values().map(Vec::len).sum();
    assert!(total <= 12_000_000, "{total} bytes");
    for name in [
        "audit.toml",
        "companies.csv",
        "links.csv",
        "weather.csv",
        "buildings.gpkg",
        "dsm.tif",
        "dtm.tif",
        "truth/visits.json",
    ] {
        assert!(one.contains_key(name), "{name} is missing");
    }
    let plain = files(
        written(&Options {
            visits: 0,
            ..options
        })
        .path(),
    );
    for (name, bytes) in plain.iter().filter(|(name, _)| *name != "audit.toml") {
        assert!(one.get(name) == Some(bytes), "{name} depends on the visits");
    }
}

#[test]
fn another_seed_gives_another_park() {
    let park = |seed: u64| {
        let park = Park::generate(&Options {
            seed,
            ..Options::default()
        });
        outlines::geojson(&park)
    };
    assert_ne!(park(1), park(2));
}

#[test]
fn two_aircraft_flights_have_strips_with_offsets_and_a_repaired_and_a_new_state() {
    let options = Options {
        flights: 2,
        sensor: Sensor::Aircraft,
        visits: 0,
        ..Options::default()
    };
    let all = files(written(&options).path());
    let tiles = |n: &str| {
        let of_flight = |name: &&String| name.contains(n) && name.ends_with("_T01.tif");
        all.keys().filter(of_flight).count()
    };
    assert!(tiles("-v1") >= 2 && tiles("-v1") == tiles("-v2"));
    let truth: serde_json::Value =
        serde_json::from_slice(&all["truth/truth.json"]).expect("the truth is JSON");
    for tile in truth["flights"][0]["tiles"].as_array().expect("tiles") {
        let bias = tile["bias_k"].as_f64().expect("a number").abs();
        assert!((0.3..=1.0).contains(&bias));
    }
    let seen = |fault: &serde_json::Value, flight: u64| {
        let flights = fault["flights"].as_array().expect("flights");
        flights.iter().any(|f| f["flight"].as_u64() == Some(flight))
    };
    let faults = truth["anomalies"].as_array().expect("anomalies");
    assert!(
        faults.iter().any(|f| seen(f, 1) && !seen(f, 2)),
        "one repaired"
    );
    assert!(
        faults.iter().any(|f| seen(f, 1) && seen(f, 2)),
        "one persisting"
    );
}

#[test]
fn a_folder_with_a_project_is_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(dir.path().join("audit.toml"), "[project]\n").expect("written");
    let refusal = write_park(dir.path(), &Options::default(), &|_, _, _| {});
    assert!(refusal.is_err());
    assert_eq!(files(dir.path()).len(), 1);
}

/// First frame of the tiny park in a folder.
fn first_frame(dir: &Path) -> std::path::PathBuf {
    let options = Options::default();
    let park = Park::generate(&options);
    let site = Site::new().expect("the national grid is embedded");
    let night = Night::new(options.seed, 1);
    let flight = Flight::fly(&park, night, options.gnss, &site).expect("inside the grid");
    let exposure = &flight.exposures[0];
    let weather = flight.night.weather(0.0);
    let scene = Scene::new(&park, 1, weather);
    let apparent = Renderer::new(&flight.camera, &weather, 400.0).frame(
        &scene,
        exposure.centre,
        &exposure.rotation,
    );
    let sensor = lens::Sensor::new(&flight.camera, 1, 1);
    let counts = sensor.expose(&apparent, 0.0, &mut Rng::new(1, &[]));
    let bytes = frame_file::encode(&flight, exposure, options.gnss, "SIM00000001", &counts)
        .expect("encodes");
    let path = dir.join(&exposure.name);
    std::fs::write(&path, bytes).expect("written");
    path
}

#[test]
#[allow(clippy::print_stderr)] // Says that it did not run.
fn an_independent_reader_finds_calibration_position_and_attitude_without_a_warning() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = first_frame(dir.path());
    let Ok(output) = Command::new("exiftool")
        .args(["-j", "-n", "-a"])
        .arg(&path)
        .output()
    else {
        eprintln!("skipped: exiftool is not installed");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let tags = &all[0];
    assert_eq!(tags.get("Warning"), None, "{text}");
    let number = |name: &str| {
        let value = tags
            .get(name)
            .unwrap_or_else(|| unreachable!("{name} is missing: {text}"));
        let trimmed = value
            .as_str()
            .map(|s| s.trim_start_matches('+').parse::<f64>());
        trimmed
            .map_or_else(|| value.as_f64(), std::result::Result::ok)
            .expect("a number")
    };
    assert_eq!(number("PlanckR1"), 366_545.0);
    assert_eq!(number("PlanckO"), -342.0);
    assert!((number("Emissivity") - 0.95).abs() < 1e-6);
    assert_eq!(number("RawThermalImageWidth"), 320.0);
    assert_eq!(number("RtkFlag"), 50.0);
    assert!((number("GimbalPitchDegree") - -90.0).abs() < 1.5);
    // 0.22 m · 758.3 px = 166.8 m over the mean ground; take-off ground and wind: ± 4 m.
    assert!((number("RelativeAltitude") - 166.8).abs() < 5.0);
    // TAW 8.5 ± 3.5 m of ground, 166.8 m above it, 42 m to the ellipsoid.
    assert!((number("AbsoluteAltitude") - 217.5).abs() < 8.0);
    assert!(
        (number("GPSLatitude") - 51.0).abs() < 0.05 && (number("GPSLongitude") - 2.9).abs() < 0.1
    );
}
