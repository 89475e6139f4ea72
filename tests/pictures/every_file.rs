//! The promise: every thermal file a customer may hand over is read right to a hundredth of a
//! kelvin, or refused for the right reason. One line for each of the reference files.
//!
//! Expectations: `reference.json` beside the files (outside programs and the makers' libraries).
//! The files are other people's pictures and not part of this package; the test looks for them
//! under `THERMAUDIT_TESTDATA` and says that it was skipped when it is unset. `--nocapture` shows
//! the table.

// The test says what it skips and how close each file came.
#![allow(clippy::panic, clippy::print_stdout)]

use crate::common;
use crate::sha256;

use serde_json::Value;
use std::path::Path;
use thermaudit::calibrate::parameters::from_file;
use thermaudit::calibrate::{Parameters, to_kelvin};
use thermaudit::read::frame::file::FrameFile;
use thermaudit::survey::{Counts, Encoding, Planck, RawFrame};

/// FLIR, TIFF and the other formats: a hundredth of a kelvin, pixels and statistics.
const EXACT_K: f64 = 0.01;
/// The maker's own temperatures of DJI's cameras: root mean square.
const VENDOR_K: f64 = 0.05;

#[test]
fn every_reference_file_is_read_right_or_refused_for_the_right_reason() {
    let Some(data) = common::test_data() else {
        return;
    };
    let folder = data.join("radiometric");
    let text = std::fs::read_to_string(folder.join("reference.json")).expect("lies beside");
    let reference: Value = serde_json::from_str(&text).expect("JSON");
    let entries = reference.as_object().expect("one object per file");
    assert_eq!(entries.len(), 42);
    let mut wrong = Vec::new();
    for (name, entry) in entries {
        let outcome = judge(&folder.join(name), name, entry);
        let (mark, words) = match &outcome {
            Ok(words) => ("ok", words),
            Err(words) => ("WRONG", words),
        };
        println!("{name:32} {mark:6} {words}");
        if outcome.is_err() {
            wrong.push(name.clone());
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// What came of a file, in words.
fn judge(path: &Path, name: &str, entry: &Value) -> Result<String, String> {
    if let Some(words) = refusal(name, entry) {
        let file = FrameFile::open(path);
        let problem = match file.and_then(|f| f.frame(0)) {
            Ok(_) => return Err("is read, expected a refusal".to_owned()),
            Err(problem) => problem,
        };
        let said = problem.to_string();
        return match words.iter().all(|word| said.contains(word)) && problem.hint.is_some() {
            true => Ok(format!("refused: {}", problem.what)),
            false => Err(format!("expected {words:?} in: {said}")),
        };
    }
    let file = FrameFile::open(path).map_err(|p| p.to_string())?;
    let frame = |index| file.frame(index).map_err(|p| p.to_string());
    match entry["kind"].as_str().expect("a kind") {
        "flir_seq" => {
            let expected = entry["frame"].as_array().expect("frames");
            equal("frames", file.count(), expected.len())?;
            for (index, reference) in expected.iter().enumerate() {
                raw(&frame(index)?, reference, &reference["sha256"])?;
                let bytes = file.bytes(index).map_err(|p| p.to_string())?;
                // The reference counts padding behind the last frame that is not in the file.
                let number = |key: &str| reference[key].as_u64().expect("a number");
                let total = entry["bytes_total"].as_u64().expect("a number");
                let length = number("length").min(total - number("offset"));
                equal("length", bytes.len() as u64, length)?;
            }
            let worst = temperatures(&frame(0)?, &entry["frame0"], entry, EXACT_K)?;
            Ok(format!("{} frames, worst {worst:.4} K", expected.len()))
        }
        "dji_rjpeg" => {
            let frame = frame(0)?;
            raw(&frame, entry, &entry["raw"]["sha256"])?;
            let kelvin = measured(&frame, true)?;
            let bare = to_kelvin(&frame, &Parameters::BARE).map_err(|p| p.to_string())?;
            let body = largest(&at_pixels(
                entry,
                &bare.kelvin,
                &entry["temp_c_blackbody"]["at"],
            ));
            within("black body", body, EXACT_K)?;
            let rms = rms(&at_pixels(entry, &kelvin, &entry["temp_c"]["at"]));
            let table = frame.header.vendor_air.is_some();
            within(
                "rms to the maker's",
                rms,
                if table { VENDOR_K } else { f64::INFINITY },
            )?;
            let note = if table {
                ""
            } else {
                " (no table of the air in the file)"
            };
            Ok(format!(
                "black body {body:.5} K, to the maker's {rms:.4} K rms{note}"
            ))
        }
        _ => {
            let mut frame = frame(0)?;
            if entry["raw"].is_object() {
                raw(&frame, entry, &entry["raw"]["sha256"])?;
            }
            match (name, frame.header.encoding) {
                // Not radiometric: said so, and the reference checks the arithmetic only.
                ("flir_vuepro640_raw.jpg", found) => {
                    equal("encoding", found, Encoding::Relative)?;
                    frame.header.encoding = Encoding::Planck(planck(&entry["params"]));
                    let worst = temperatures(&frame, entry, entry, EXACT_K)?;
                    Ok(format!("relative only; arithmetic worst {worst:.4} K"))
                }
                // Its scale was lost: nothing may be guessed.
                ("flir_duopror.tiff", found) => {
                    equal("encoding", found, Encoding::Unscaled)?;
                    let refused = to_kelvin(&frame, &from_file(&frame.header.found));
                    let problem = refused.err().ok_or("calibrated without a scale")?;
                    Ok(format!("asks for the scale: {}", problem.what))
                }
                _ => {
                    let worst = temperatures(&frame, entry, entry, EXACT_K)?;
                    Ok(format!("worst {worst:.4} K"))
                }
            }
        }
    }
}

/// Words a refusal must have; `None` for files that are read.
fn refusal(name: &str, entry: &Value) -> Option<&'static [&'static str]> {
    Some(match (name, entry["core"].as_str()) {
        ("dji_not_radiometric.jpg", _) => &["not radiometric", "TIFF"],
        (_, Some("dirp")) => &["(dirp core)", "absolute", "TIFF"],
        (_, Some("girp")) => &["(girp core)", "absolute", "TIFF"],
        (_, Some("hirp")) => &["(hirp core)", "absolute", "TIFF"],
        ("exiftool_flir.fpf", _) => &["FPF"],
        _ => return None,
    })
}

/// Samples: size, digest and single pixels.
fn raw(frame: &RawFrame, entry: &Value, digest: &Value) -> Result<(), String> {
    let Counts::U16(grid) = &frame.counts else {
        return Err("integer samples expected".to_owned());
    };
    let shape = entry.get("raw").unwrap_or(entry)["shape"].clone();
    equal(
        "shape",
        numbers(&shape),
        vec![grid.height() as f64, grid.width() as f64],
    )?;
    let bytes: Vec<u8> = grid.data().iter().flat_map(|v| v.to_le_bytes()).collect();
    let found = sha256::hex(&bytes);
    equal("sha256", Some(found.as_str()), digest.as_str())?;
    let at = pixels(entry, grid.width(), grid.height());
    let found: Vec<f64> = at.iter().map(|(x, y)| f64::from(grid.at(*x, *y))).collect();
    equal("raw pixels", found, numbers(&entry["raw_at"]))
}

/// Columns and rows of the ten reference pixels: listed, or at the same shares of the sides.
fn pixels(entry: &Value, width: usize, height: usize) -> Vec<(usize, usize)> {
    const SHARES: [(f64, f64); 10] = [
        (0.05, 0.05),
        (0.05, 0.95),
        (0.95, 0.05),
        (0.95, 0.95),
        (0.5, 0.5),
        (0.25, 0.25),
        (0.25, 0.75),
        (0.75, 0.25),
        (0.75, 0.75),
        (0.333, 0.6),
    ];
    let place = |share: f64, side: usize| (share * (side - 1) as f64).round() as usize;
    let shares = SHARES.map(|(row, col)| (place(col, width), place(row, height)));
    let listed = entry.get("pixels_rc").and_then(Value::as_array);
    listed.map_or(shares.to_vec(), |list| {
        let pair = |rc: Vec<f64>| (rc[1] as usize, rc[0] as usize);
        list.iter().map(numbers).map(pair).collect()
    })
}

/// Temperatures at ten pixels and of the picture, with the file's own parameters; the largest
/// difference, kelvin.
fn temperatures(
    frame: &RawFrame,
    reference: &Value,
    entry: &Value,
    bar: f64,
) -> Result<f64, String> {
    let kelvin = measured(frame, false)?;
    let pixels = at_pixels(entry, &kelvin, &reference["temp_c"]["at"]);
    let stats = statistics(&reference["temp_c"]["stats"], &kelvin);
    let worst = largest(&pixels).max(largest(&stats));
    within("temperature", worst, bar)?;
    Ok(worst)
}

fn measured(frame: &RawFrame, vendor_equivalent: bool) -> Result<Grid, String> {
    let parameters = Parameters {
        vendor_equivalent,
        ..from_file(&frame.header.found)
    };
    let thermal = to_kelvin(frame, &parameters).map_err(|p| p.to_string())?;
    Ok(thermal.kelvin)
}

type Grid = thermaudit::raster::Grid<f32>;

fn at_pixels(entry: &Value, kelvin: &Grid, expected: &Value) -> Vec<f64> {
    let pixels = pixels(entry, kelvin.width(), kelvin.height());
    let found = pixels
        .iter()
        .map(|(x, y)| f64::from(kelvin.at(*x, *y)) - 273.15);
    found.zip(numbers(expected)).map(|(a, b)| a - b).collect()
}

/// Mean, spread, ends and quantiles against the reference's.
fn statistics(stats: &Value, kelvin: &Grid) -> Vec<f64> {
    let valid = kelvin.data().iter().filter(|k| !k.is_nan());
    let mut all: Vec<f64> = valid.map(|k| f64::from(*k) - 273.15).collect();
    all.sort_by(f64::total_cmp);
    let count = all.len() as f64;
    let mean = all.iter().sum::<f64>() / count;
    let spread = (all.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / count).sqrt();
    let quantile = |share: f64| {
        let position = share * (count - 1.0);
        let below = position as usize;
        let above = (below + 1).min(all.len() - 1);
        all[below] + (all[above] - all[below]) * (position - below as f64)
    };
    [
        ("mean", mean),
        ("std", spread),
        ("min", quantile(0.0)),
        ("p1", quantile(0.01)),
        ("p5", quantile(0.05)),
        ("p25", quantile(0.25)),
        ("p50", quantile(0.5)),
        ("p75", quantile(0.75)),
        ("p95", quantile(0.95)),
        ("p99", quantile(0.99)),
        ("max", quantile(1.0)),
    ]
    .into_iter()
    .filter_map(|(name, found)| Some(found - stats[name].as_f64()?))
    .collect()
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

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list of numbers");
    list.iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what} is {found:?}, expected {expected:?}")),
    }
}

fn within(what: &str, found: f64, bar: f64) -> Result<(), String> {
    match found <= bar {
        true => Ok(()),
        false => Err(format!("{what}: {found} K, more than {bar} K")),
    }
}

fn largest(differences: &[f64]) -> f64 {
    differences.iter().fold(0.0, |most, d| d.abs().max(most))
}

fn rms(differences: &[f64]) -> f64 {
    let squares: f64 = differences.iter().map(|d| d * d).sum();
    (squares / differences.len() as f64).sqrt()
}
