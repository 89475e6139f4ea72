//! The promise: temperatures of real files agree with independent references.
//!
//! The files are other people's pictures and not part of this package; the tests look for them
//! under `THERMAUDIT_TESTDATA` and say that they were skipped when it is unset.

// Tests say what they skip and how close they came.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

use serde_json::Value;
use std::path::PathBuf;
use thermaudit::calibrate::parameters::from_file;
use thermaudit::calibrate::radiance::{Band, surface_temperature};
use thermaudit::calibrate::{Parameters, sky, to_kelvin};
use thermaudit::raster::Grid;
use thermaudit::read::frame::{frame, header, is_georeferenced_tile};
use thermaudit::survey::{CaptureTime, Counts, Encoding, Planck, RawFrame};
use thermaudit::units::{Emissivity, Kelvin};

fn testdata() -> Option<PathBuf> {
    let path = std::env::var_os("THERMAUDIT_TESTDATA").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: THERMAUDIT_TESTDATA is not set");
    }
    path
}

fn json(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(&path).expect("the reference lies beside the files");
    serde_json::from_str(&text).expect("the reference is JSON")
}

/// Files of one kind in reference.json: name, reference, bytes.
fn files(data: &std::path::Path, kind: &str) -> Vec<(String, Value, Vec<u8>)> {
    let folder = data.join("radiometric");
    let reference = json(folder.join("reference.json"));
    let entries = reference.as_object().expect("one object per file");
    entries
        .iter()
        .filter(|(_, entry)| entry["kind"] == kind)
        .map(|(name, entry)| {
            let bytes = std::fs::read(folder.join(name)).expect("listed files exist");
            (name.clone(), entry.clone(), bytes)
        })
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list of numbers");
    list.iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// Row and column of the reference pixels.
fn pixels(entry: &Value) -> Vec<(usize, usize)> {
    let list = entry["pixels_rc"].as_array().expect("a list of pixels");
    list.iter()
        .map(numbers)
        .map(|rc| (rc[0] as usize, rc[1] as usize))
        .collect()
}

fn counts(frame: &RawFrame) -> &Grid<u16> {
    match &frame.counts {
        Counts::U16(grid) => grid,
        Counts::F32(_) => panic!("integer samples expected"),
    }
}

fn planck(params: &Value) -> Planck {
    let get = |name: &str| params[name].as_f64().expect("a number");
    Planck {
        r1: get("PlanckR1"),
        r2: get("PlanckR2"),
        b: get("PlanckB"),
        f: get("PlanckF"),
        o: get("PlanckO"),
    }
}

#[test]
fn raw_samples_of_every_flir_jpeg_agree_with_the_reference() {
    let Some(data) = testdata() else { return };
    let files = files(&data, "flir_rjpeg");
    assert!(files.len() >= 18, "{} files", files.len());
    for (name, entry, bytes) in files {
        let frame = frame(&name, &bytes).expect("a radiometric JPEG");
        let grid = counts(&frame);
        let shape = numbers(&entry["raw"]["shape"]);
        assert_eq!(
            (grid.height() as f64, grid.width() as f64),
            (shape[0], shape[1]),
            "{name}"
        );
        let at: Vec<f64> = pixels(&entry)
            .iter()
            .map(|(row, col)| f64::from(grid.at(*col, *row)))
            .collect();
        assert_eq!(at, numbers(&entry["raw_at"]), "{name}");
        let all = grid.data();
        let mean = all.iter().map(|v| f64::from(*v)).sum::<f64>() / all.len() as f64;
        let expected = &entry["raw"];
        assert_eq!(
            all.iter().min().map(|v| f64::from(*v)),
            expected["min"].as_f64()
        );
        assert_eq!(
            all.iter().max().map(|v| f64::from(*v)),
            expected["max"].as_f64()
        );
        let mean_expected = expected["mean"].as_f64().expect("a number");
        assert!((mean - mean_expected).abs() < 1e-5, "{name}: {mean}");
    }
}

#[test]
fn temperatures_of_every_flir_jpeg_agree_with_the_reference() {
    let Some(data) = testdata() else { return };
    let mut worst: f64 = 0.0;
    for (name, entry, bytes) in files(&data, "flir_rjpeg") {
        let frame = frame(&name, &bytes).expect("a radiometric JPEG");
        let mut parameters = from_file(&frame.header.found);
        if frame.header.encoding == Encoding::Relative {
            // A Vue Pro without R: the reference checks the arithmetic only.
            assert_eq!(name, "flir_vuepro640_raw.jpg");
            parameters.planck = Some(planck(&entry["params"]));
        }
        let thermal = to_kelvin(&frame, &parameters).expect("usable parameters");
        let celsius = thermal.kelvin.map(|k| f64::from(k) - 273.15);
        let reference = &entry["temp_c"];
        let stats = &reference["stats"];
        assert_eq!(
            stats["nan"].as_u64(),
            Some(u64::from(thermal.invalid)),
            "{name}"
        );
        let mut compare = |what: &str, found: f64, expected: f64| {
            worst = worst.max((found - expected).abs());
            // Printed to 1e-4, single precision to 3e-5; 1 mK is the aim.
            let near = (found - expected).abs() < 1e-3;
            assert!(near, "{name} {what}: {found}, expected {expected}");
        };
        for ((row, col), expected) in pixels(&entry).iter().zip(numbers(&reference["at"])) {
            compare("pixel", celsius.at(*col, *row), expected);
        }
        let valid = || celsius.data().iter().copied().filter(|v| v.is_finite());
        let number = |key: &str| stats[key].as_f64().expect("a number");
        compare("min", valid().fold(f64::MAX, f64::min), number("min"));
        compare("max", valid().fold(f64::MIN, f64::max), number("max"));
        let mean = valid().sum::<f64>() / valid().count() as f64;
        compare("mean", mean, number("mean"));
    }
    println!("largest difference {worst:.6} K");
}

#[test]
fn bare_temperatures_agree_with_the_reference_as_well() {
    let Some(data) = testdata() else { return };
    for (name, entry, bytes) in files(&data, "flir_rjpeg") {
        let frame = frame(&name, &bytes).expect("a radiometric JPEG");
        let Some(expected) = entry.get("temp_c_blackbody") else {
            continue;
        };
        let parameters = Parameters {
            planck: Some(planck(&entry["params"])),
            ..Parameters::BARE
        };
        let thermal = to_kelvin(&frame, &parameters).expect("usable parameters");
        for ((row, col), expected) in pixels(&entry).iter().zip(numbers(&expected["at"])) {
            let found = f64::from(thermal.kelvin.at(*col, *row)) - 273.15;
            assert!(
                (found - expected).abs() < 1e-3,
                "{name}: {found} {expected}"
            );
        }
    }
}

#[test]
fn a_linear_tiff_gives_its_temperatures_and_one_without_scale_is_refused() {
    let Some(data) = testdata() else { return };
    for (name, entry, bytes) in files(&data, "tiff") {
        assert!(!is_georeferenced_tile(&bytes), "{name}");
        let frame = frame(&name, &bytes).expect("a TIFF frame");
        let at: Vec<f64> = pixels(&entry)
            .iter()
            .map(|(row, col)| f64::from(counts(&frame).at(*col, *row)))
            .collect();
        assert_eq!(at, numbers(&entry["raw_at"]), "{name}");
        let Some(expected) = entry.get("temp_c").and_then(|t| t.get("at")) else {
            assert_eq!(frame.header.encoding, Encoding::Unscaled, "{name}");
            assert!(to_kelvin(&frame, &Parameters::BARE).is_err());
            continue;
        };
        let thermal = to_kelvin(&frame, &Parameters::BARE).expect("a scale in the file");
        for ((row, col), expected) in pixels(&entry).iter().zip(numbers(expected)) {
            let found = f64::from(thermal.kelvin.at(*col, *row)) - 273.15;
            assert!(
                (found - expected).abs() < 1e-3,
                "{name}: {found} {expected}"
            );
        }
    }
}

#[test]
fn other_kinds_are_refused_by_name() {
    let Some(data) = testdata() else { return };
    let refused = |kind: &str, word: &str| {
        for (name, _, bytes) in files(&data, kind) {
            let problem = frame(&name, &bytes).expect_err("not read yet");
            assert_eq!(problem.file.as_deref(), Some(name.as_str()));
            let said = problem.what.contains(word);
            assert!(said && problem.hint.is_some(), "{problem}");
            assert!(header(&name, &bytes).is_err());
        }
    };
    refused("fpf", "FPF");
}

#[test]
fn a_headers_facts_are_the_frames() {
    let Some(data) = testdata() else { return };
    for kind in ["flir_rjpeg", "tiff"] {
        for (name, entry, bytes) in files(&data, kind) {
            let quick = header(&name, &bytes).expect("a frame");
            let full = frame(&name, &bytes).expect("a frame").header;
            assert_eq!(quick, full, "{name}");
            let meta = &entry["meta"];
            let focal = meta["FocalLength"].as_f64().filter(|f| *f > 0.0);
            assert_eq!(quick.focal_mm, focal, "{name}");
            let position = meta["GPSLatitude"].as_f64().filter(|v| *v != 0.0);
            let found = quick.fix.map(|f| f.lat_deg);
            match (position, found) {
                (Some(a), Some(b)) => assert!((a - b).abs() < 1e-7, "{name} {a} {b}"),
                (a, b) => assert_eq!(a, b, "{name}"),
            }
        }
    }
}

#[test]
fn clocks_with_a_zone_are_points_in_time_and_others_stay_local() {
    let Some(data) = testdata() else { return };
    let time = |name: &str| {
        let bytes = std::fs::read(data.join("radiometric").join(name)).expect("listed file");
        header(name, &bytes).expect("a frame").time
    };
    // Reference times are exiftool's reading of the same record.
    let utc = |text: &str| CaptureTime::Utc(text.parse().expect("a time"));
    assert_eq!(
        time("flir_sc640_raw.jpg"),
        Some(utc("2008-01-19T16:09:40.812+01:00"))
    );
    assert_eq!(
        time("flir_e40bx_irimage.jpg"),
        Some(utc("2015-12-30T12:37:21.095-03:00"))
    );
    // Zenmuse cameras run on local time and call it zone 0.
    let local = |text: &str| CaptureTime::Local(text.parse().expect("a time"));
    assert_eq!(
        time("flir_xt2_le_fff.jpg"),
        Some(local("2018-07-27T14:51:54.481"))
    );
    assert_eq!(
        time("flir_xt2_tlinear.tiff"),
        Some(local("2024-04-08T16:37:18.81"))
    );
    assert_eq!(
        time("flir_duopror.tiff"),
        Some(local("2019-10-24T13:56:08"))
    );
}

#[test]
fn a_longitude_stored_as_size_and_letter_lies_west() {
    let Some(data) = testdata() else { return };
    let name = "flir_one_pro3_png.jpg";
    let bytes = std::fs::read(data.join("radiometric").join(name)).expect("listed file");
    let fix = header(name, &bytes)
        .expect("a frame")
        .fix
        .expect("a position");
    // Los Angeles, by the letter W and the zone of -7 hours in the same file.
    assert!((fix.lon_deg + 118.254268).abs() < 1e-6, "{}", fix.lon_deg);
}

#[test]
fn every_frame_of_a_drone_flight_carries_its_position_attitude_and_time() {
    let Some(data) = testdata() else { return };
    let folder = data.join("flights/zenmuse-xt-field-a");
    let mut table = csv::Reader::from_path(folder.join("exif_summary.csv")).expect("a table");
    let columns = table.headers().expect("a header row").clone();
    let mut known = 0;
    let mut seen = 0;
    for row in table.records() {
        let row = row.expect("a row");
        let text = |name: &str| {
            let at = columns.iter().position(|c| c == name).expect("a column");
            row.get(at).expect("a value").to_owned()
        };
        let number = |name: &str| text(name).parse::<f64>().expect("a number");
        known += 1;
        let path = folder.join("frames").join(text("frame"));
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        seen += 1;
        let raw = frame(&text("frame"), &bytes).expect("a frame");
        let head = &raw.header;
        assert_eq!((head.width, head.height), (640, 512));
        let fix = head.fix.expect("a position");
        // The table prints 1e-12 degrees of a rational with 1e-4 seconds.
        assert!((fix.lat_deg - number("GPSLatitude")).abs() < 1e-9);
        assert!((fix.lon_deg - number("GPSLongitude")).abs() < 1e-9);
        assert_eq!(fix.absolute_m, Some(number("AbsoluteAltitude")));
        assert_eq!(fix.relative_m, Some(number("RelativeAltitude")));
        let gimbal = head.gimbal.expect("a gimbal");
        assert_eq!(gimbal.yaw_deg, number("GimbalYawDegree"));
        assert_eq!(gimbal.pitch_deg, number("GimbalPitchDegree"));
        assert_eq!(gimbal.roll_deg, number("GimbalRollDegree"));
        let flight = head.flight.expect("an aircraft");
        assert_eq!(flight.yaw_deg, number("FlightYawDegree"));
        let stamp = text("SubSecDateTimeOriginal").replacen(':', "-", 2);
        let local = stamp.parse().expect("a civil time");
        assert_eq!(head.time, Some(CaptureTime::Local(local)));
        assert_eq!(head.focal_mm, Some(13.0));
        assert!(head.warnings.is_empty(), "{:?}", head.warnings);
        assert!(matches!(head.encoding, Encoding::Planck(_)));
        let thermal = to_kelvin(&raw, &from_file(&head.found)).expect("a thermal frame");
        assert_eq!(thermal.invalid, 0);
    }
    assert!(seen == 58 && known >= seen, "{seen} of {known}");
}

#[test]
fn radiance_and_sky_agree_with_all_scoring_vectors() {
    let Some(data) = testdata() else { return };
    let vectors = json(data.join("../scoring-vectors.json"));
    let rows = |group: &str| vectors[group].as_array().expect("a group").clone();
    for row in rows("band_radiance_W_m2_sr") {
        let get = |key: &str| row[key].as_f64().expect("a number");
        let found = Band::new(get("l1"), get("l2")).radiance(Kelvin::from_celsius(get("T_C")));
        // Five printed decimals.
        assert!((found - get("L")).abs() < 6e-6, "{row} {found}");
    }
    for row in rows("surface_temperature") {
        let get = |key: &str| row[key].as_f64().expect("a number");
        let found = surface_temperature(
            Kelvin::from_celsius(get("T_app")),
            Emissivity::new(get("eps")).expect("valid"),
            Kelvin::from_celsius(get("T_refl")),
            get("tau"),
            Kelvin::from_celsius(get("T_atm")),
            &Band::new(get("l1"), get("l2")),
        )
        .expect("a temperature");
        // Four printed decimals.
        assert!(
            (found.celsius() - get("T_s")).abs() < 6e-5,
            "{row} {found:?}"
        );
    }
    for row in rows("sky") {
        let get = |key: &str| row[key].as_f64().expect("a number");
        let found = sky::window_reflected_c(
            get("Ta"),
            get("RH"),
            get("cloud"),
            get("z_cloud_km") * 1000.0,
        )
        .expect("a sky");
        // Three printed decimals.
        assert!((found - get("T_refl_window")).abs() < 6e-4, "{row} {found}");
    }
}
