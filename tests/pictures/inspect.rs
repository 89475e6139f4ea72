//! The promise of `thermaudit inspect`: what a thermal file holds, in a table for people and in
//! JSON for programs; a file that cannot be read is named and spoils nothing.

#![allow(clippy::panic)]

use crate::common;
use crate::handmade;

use common::{files, flight_folder, sample, stderr, test_data, thermaudit};
use handmade::{Block, Order, PLANCK, Packing, jpeg, scene};
use serde_json::Value;
use std::path::Path;
use std::process::Output;

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let output = thermaudit(&[&["inspect", "--json"], arguments].concat());
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    let Value::Array(list) = value else {
        panic!("an array expected");
    };
    (list, output.status.code())
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn near(value: &Value, expected: f64, tolerance: f64) {
    let found = value.as_f64().expect("a number");
    assert!((found - expected).abs() <= tolerance, "{found} {expected}");
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("writes");
    shown(&path).to_owned()
}

/// 40 × 30 counts with known constants; parameters as in `handmade`.
fn block() -> Block {
    Block::new(40, 30, scene(40, 30, 1), Packing::Png, Order::Little)
}

/// T = B / ln(R1/(R2 (S + O)) + F), °C: the published equation for a black surface.
fn black_body_c(count: u16) -> f64 {
    let [r1, b, f, o, r2] = PLANCK;
    b / (r1 / (r2 * (f64::from(count) + o)) + f).ln() - 273.15
}

const BLACK: [&str; 4] = ["--emissivity", "1", "--distance", "0"];

#[test]
fn a_pixel_has_the_temperature_of_the_published_equation() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(folder.path(), "a.jpg", &jpeg(&block().bytes()));
    let (list, code) = json(&[&[file.as_str(), "--at", "7,3"], &BLACK[..]].concat());
    assert_eq!(code, Some(0));
    let count = scene(40, 30, 1)[3 * 40 + 7];
    near(&list[0]["at"][0]["sample"], f64::from(count), 0.0);
    near(
        &list[0]["at"][0]["temperature_c"],
        black_body_c(count),
        1e-3,
    );
    let coldest = scene(40, 30, 1).into_iter().min().expect("not empty");
    near(
        &list[0]["temperature"]["min_c"],
        black_body_c(coldest),
        1e-3,
    );
}

#[test]
fn parameters_say_where_they_came_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(folder.path(), "a.jpg", &jpeg(&block().bytes()));
    let (list, _) = json(&[&file, "--emissivity", "0.9", "--air", "-3"]);
    let p = &list[0]["parameters"];
    near(&p["emissivity"]["value"], 0.9, 0.0);
    assert_eq!(p["emissivity"]["origin"], "command line");
    near(&p["emissivity"]["found"], 0.95, 1e-6);
    assert_eq!(p["air_c"]["origin"], "command line");
    near(&p["distance_m"]["value"], 5.0, 0.0);
    assert_eq!(p["distance_m"]["origin"], "file");
    near(&p["humidity_pct"]["value"], 60.0, 1e-6);
}

#[test]
fn a_frame_of_the_sample_park_tells_place_time_and_look() {
    let frame = flight_folder(&sample()).join("SIM_0018.jpg");
    let (list, code) = json(&[shown(&frame)]);
    assert_eq!(code, Some(0));
    let i = &list[0];
    // What exiftool 12.57 prints of this file.
    assert_eq!(i["camera"]["model"], "SIM320");
    assert_eq!(i["camera"]["serial"], "SIM00000001");
    near(&i["position"]["lat_deg"], 51.011_116_41, 1e-8);
    near(&i["position"]["lon_deg"], 2.889_126_77, 1e-8);
    near(&i["position"]["absolute_m"], 219.957, 1e-9);
    near(&i["position"]["relative_m"], 167.022, 1e-9);
    assert_eq!(i["position"]["rtk"], "fixed");
    near(&i["position"]["sigma_horizontal_m"], 0.014, 1e-9);
    assert_eq!(i["time"]["utc"], "2025-01-16T20:40:43.247+00:00");
    assert_eq!(i["time"]["source"], "GPS");
    near(&i["attitude"]["gimbal"]["yaw_deg"], -86.38, 0.0);
    near(&i["attitude"]["flight"]["pitch_deg"], -5.46, 0.0);
    near(&i["attitude"]["look"]["tilt_deg"], 0.09, 1e-9);
    assert_eq!(i["attitude"]["look"]["view"], "nadir");
    near(&i["camera_table"]["pitch_um"], 12.0, 0.0);
    let table = stdout(&thermaudit(&["inspect", shown(&frame)]));
    for words in ["SIM320", "51.01111641° N", "RTK fixed", "from GPS", "nadir"] {
        assert!(table.contains(words), "{words}\n{table}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named_and_the_others_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = put(folder.path(), "a.jpg", &jpeg(&block().bytes()));
    let bad = put(folder.path(), "b.jpg", b"\xFF\xD8\xFF\xDA");
    put(folder.path(), "notes.txt", b"not a picture");
    let (list, code) = json(&[shown(folder.path())]);
    assert_eq!((list.len(), code), (2, Some(1)));
    assert!(list[0].get("error").is_none());
    assert_eq!(list[1]["file"].as_str(), Some(bad.as_str()));
    assert!(list[1]["error"].is_string() && list[1]["hint"].is_string());
    let only_bad = thermaudit(&["inspect", &bad]);
    assert_eq!(only_bad.status.code(), Some(2));
    assert!(stderr(&only_bad).contains("b.jpg"));
    let missing = thermaudit(&["inspect", &good, "none.jpg"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stdout(&missing).contains("a.jpg"));
}

#[test]
fn wrong_pixels_frames_and_values_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(folder.path(), "a.jpg", &jpeg(&block().bytes()));
    for (arguments, words) in [
        (["--at", "40,0"], "columns 0 to 39"),
        (["--frame", "2"], "--frame"),
        (["--emissivity", "1.4"], "--emissivity"),
        (["--humidity", "0.5"], "percent"),
        (["--scale", "0.04"], "--offset"),
    ] {
        let output = thermaudit(&[&["inspect", file.as_str()], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
}

#[test]
fn a_camera_that_is_not_radiometric_is_shown_with_its_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let block = Block {
        model: "Vue Pro 640 13mm",
        ..block()
    };
    let file = put(folder.path(), "a.jpg", &jpeg(&block.bytes()));
    let (list, code) = json(&[&file]);
    assert_eq!(code, Some(0));
    assert_eq!(list[0]["radiometry"], "relative-only");
    assert!(list[0]["temperature"].is_null());
    let highest = scene(40, 30, 1).into_iter().max().expect("not empty");
    near(&list[0]["counts"]["max"], f64::from(highest), 0.0);
    assert!(stdout(&thermaudit(&["inspect", &file])).contains("relative only"));
}

#[test]
fn real_files_have_the_medians_outside_programs_give() {
    let Some(data) = test_data() else { return };
    let data = data.join("radiometric");
    let text = std::fs::read_to_string(data.join("reference.json")).expect("is there");
    let reference: Value = serde_json::from_str(&text).expect("JSON");
    let (list, _) = json(&[shown(&data)]);
    let mut compared = 0;
    for inspected in &list {
        let name = Path::new(inspected["file"].as_str().expect("text"))
            .file_name()
            .and_then(|n| n.to_str())
            .expect("a name");
        let entry = &reference[name];
        let kind = entry["kind"].as_str().unwrap_or_default();
        let flir = kind == "flir_rjpeg" || kind == "tiff";
        let stats = &entry["temp_c"]["stats"];
        if !flir || stats.is_null() || inspected["temperature"].is_null() {
            continue;
        }
        for (ours, theirs) in [("min_c", "min"), ("median_c", "p50"), ("max_c", "max")] {
            let expected = stats[theirs].as_f64().expect("a number");
            near(&inspected["temperature"][ours], expected, 0.01);
        }
        compared += 1;
    }
    println!("{compared} files compared");
    assert!(compared >= 18, "{compared}");
}

#[test]
fn the_frames_of_a_folder_come_in_name_order() {
    let folder = flight_folder(&sample());
    let (list, _) = json(&[shown(&folder)]);
    let found: Vec<_> = list.iter().filter_map(|i| i["file"].as_str()).collect();
    let expected: Vec<_> = files(&folder)
        .into_iter()
        .filter(|p| common::is_frame(p))
        .map(|p| shown(&p).to_owned())
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_camera_of_the_reference_files_is_in_the_table() {
    let Some(data) = test_data() else { return };
    let folder = data.join("radiometric");
    let paths: Vec<_> = files(&folder)
        .into_iter()
        .filter(|p| {
            p.extension()
                .is_some_and(|e| e != "md" && e != "json" && e != "fpf")
        })
        .map(|p| shown(&p).to_owned())
        .collect();
    let arguments: Vec<&str> = paths.iter().map(String::as_str).collect();
    let (list, _) = json(&arguments);
    let read: Vec<&Value> = list.iter().filter(|i| i.get("camera").is_some()).collect();
    assert_eq!(read.len(), 35);
    for inspection in read {
        let known = !inspection["camera_table"].is_null();
        // A re-encoded TIFF that lost its tags names no camera.
        let file = inspection["file"].as_str().expect("a name");
        assert_eq!(known, !file.ends_with("flir_duopror.tiff"), "{file}");
    }
}
