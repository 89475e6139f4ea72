//! The promise: every flight ends with a quality report, as data and as pages that say the same.

#![allow(clippy::print_stderr, reason = "tests say what they skip")]

use crate::common;

use common::{flight_folder, stderr, thermaudit};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a park and gives the folder of its flight's results.
fn run(folder: &Path, out: &str, jobs: &str) -> PathBuf {
    let path = folder.to_str().expect("a plain path");
    let out = folder.join(out);
    let to = out.to_str().expect("a plain path");
    let output = thermaudit(&[
        "run", path, "--until", "mosaic", "--out", to, "--jobs", jobs, "--force",
    ]);
    assert!(
        output.status.code().is_some_and(|c| c < 2),
        "{}",
        stderr(&output)
    );
    out.join(flight_folder(folder).file_name().expect("a name"))
}

fn simulated(folder: &Path, more: &[&str]) {
    let path = folder.to_str().expect("a plain path");
    let made = thermaudit(
        &[
            &["-q", "simulate", path, "--seed", "7051", "--visits", "0"],
            more,
        ]
        .concat(),
    );
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

/// Output of an outside program; `None` where it is not installed.
fn outside(program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new(program).args(arguments).output();
    let Ok(output) = output else {
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((output.status.success(), text))
}

#[test]
fn pages_and_data_say_the_same_whatever_the_number_of_jobs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    simulated(&folder, &["--gnss", "consumer"]);
    let (one, two) = (run(&folder, "one", "1"), run(&folder, "two", "2"));
    // The flight is adjusted: poses, map and report.
    for name in ["quality.json", "quality.pdf", "mosaic.tif", "coverage.tif"] {
        let read = |at: &Path| std::fs::read(at.join(name)).expect("written");
        assert!(
            read(&one) == read(&two),
            "{name} differs between 1 and 2 jobs"
        );
    }
    let data = json(&one.join("quality.json"));
    for key in [
        "verdict",
        "why",
        "next_time",
        "counts",
        "geometry",
        "radiometry",
    ] {
        assert!(!data[key].is_null(), "{key}");
    }
    let frames = data["geometry"]["frames"].as_array().expect("frames");
    assert_eq!(data["counts"]["placed"], frames.len());
    let offsets = data["radiometry"]["offsets"].as_array().expect("offsets");
    assert_eq!(offsets.len(), frames.len());

    let pdf = one.join("quality.pdf");
    let pdf = pdf.to_str().expect("a plain path");
    if let Some((fine, text)) = outside("qpdf", &["--check", pdf]) {
        assert!(fine, "{text}");
    }
    if let Some((fine, text)) = outside("pdftotext", &["-layout", pdf, "-"]) {
        assert!(fine);
        assert!(text.contains(data["verdict"].as_str().expect("a word")));
        let rmse = &data["geometry"]["adjustment"]["reprojection_rmse_px"];
        let rmse = format!("{:.2}\u{a0}px", rmse.as_f64().expect("a number"));
        let plain = text.replace('\u{a0}', " ");
        assert!(
            plain.contains(&rmse.replace('\u{a0}', " ")),
            "{rmse} in {text}"
        );
        for title in [
            "Counts",
            "Geometry",
            "Temperature levels",
            "Where the frames were taken",
        ] {
            assert!(text.contains(title), "{title}");
        }
    }
}

#[test]
fn a_flight_of_tiles_and_one_that_stops_early_have_their_report_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tiles = folder.path().join("tiles");
    simulated(&tiles, &["--sensor", "aircraft"]);
    let results = run(&tiles, "results", "2");
    assert!(results.join("quality.pdf").is_file());
    let frames = folder.path().join("frames");
    simulated(&frames, &[]);
    let path = frames.to_str().expect("a plain path");
    let output = thermaudit(&["run", path, "--until", "orient"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let flight = flight_folder(&frames);
    let results = frames
        .join("results")
        .join(flight.file_name().expect("a name"));
    assert!(results.join("quality.pdf").is_file());
    assert_eq!(json(&results.join("quality.json"))["verdict"], "green");
}
