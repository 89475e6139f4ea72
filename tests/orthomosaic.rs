//! The promise: ready-made tiles go in as they are, and the run says how far they lie off the
//! building outlines.
//!
//! Truth is that of a simulated park whose outlines are moved by a known amount.

#![allow(clippy::print_stdout, reason = "figures are printed")]

mod common;

use common::{flight_folder, stderr, thermaudit};
use serde_json::Value;
use std::path::Path;

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

/// Runs a park from an aircraft whose outlines are moved; its folder's `run.json`, `quality.json`,
/// and what was printed.
fn run(folder: &Path, by: [f64; 2]) -> (Value, Value, String) {
    let path = folder.to_str().expect("a plain path");
    if !folder.exists() {
        let made = thermaudit(&[
            "-q", "simulate", path, "--sensor", "aircraft", "--seed", "7031",
        ]);
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        std::fs::remove_file(folder.join("buildings.gpkg")).expect("removed");
    }
    let mut layer = json(&folder.join("truth/buildings.geojson"));
    for feature in layer["features"].as_array_mut().expect("features") {
        let rings = feature["geometry"]["coordinates"].as_array_mut();
        for point in rings
            .expect("rings")
            .iter_mut()
            .flat_map(|r| r.as_array_mut().expect("points"))
        {
            for (axis, by) in by.into_iter().enumerate() {
                point[axis] = (point[axis].as_f64().expect("a number") + by).into();
            }
        }
    }
    std::fs::write(folder.join("buildings.geojson"), layer.to_string()).expect("written");
    let output = thermaudit(&["run", path, "--until", "mosaic"]);
    let said = stderr(&output);
    assert!(output.status.code().is_some_and(|c| c < 2), "{said}");
    let flight = flight_folder(folder);
    let results = folder
        .join("results")
        .join(flight.file_name().expect("a name"));
    (
        json(&results.join("run.json")),
        json(&results.join("quality.json")),
        said,
    )
}

fn shift(record: &Value) -> [f64; 2] {
    [0, 1].map(|k| {
        record["outline_control"]["shift_m"][k]
            .as_f64()
            .expect("a shift")
    })
}

#[test]
fn the_shift_of_tiles_against_the_outlines_is_measured_and_said_and_nothing_is_moved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    let (record, quality, _) = run(&folder, [0.0; 2]);
    let mosaic = |record: &Value| record["mosaic"].clone();
    let (before, control) = (mosaic(&record), &record["outline_control"]);
    println!("{control}");
    assert_eq!(control["refused"], "", "{control}");
    // The tile shows at x the ground of x + shift: what it shows lies off by the opposite.
    let truth = json(&folder.join("truth/truth.json"));
    let tiles = truth["flights"][0]["tiles"].as_array().expect("tiles");
    // Strips lie up to a cell apart from each other: the middle of them.
    let shift_of = |tile: &Value, k: usize| tile["shift_m"][k].as_f64().expect("a shift");
    let mean = |k: usize| tiles.iter().map(|t| shift_of(t, k)).sum::<f64>() / tiles.len() as f64;
    let true_shift = [0, 1].map(|k| -mean(k));
    let miss = |record: &Value, by: [f64; 2]| {
        let found = shift(record);
        (found[0] - true_shift[0] + by[0]).hypot(found[1] - true_shift[1] + by[1])
    };
    println!("found {:?}, true {true_shift:?}", shift(&record));
    // Half of a cell.
    assert!(miss(&record, [0.0; 2]) < 0.25);
    assert_ne!(quality["verdict"], "red");

    let (record, quality, said) = run(&folder, [2.5, -1.5]);
    println!("found {:?}", shift(&record));
    assert!(miss(&record, [2.5, -1.5]) < 0.25);
    assert_eq!(record["outline_control"]["applied"], false);
    assert_eq!(mosaic(&record), before, "the map stays where it was");
    assert!(said.contains("of the building outlines"), "{said}");
    assert_eq!(quality["verdict"], "amber");
}
