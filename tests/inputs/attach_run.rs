//! What a run publishes: nothing of another, nothing unreviewed, and a list of what to review.

use crate::common;

use common::{files, park_copy, stderr, thermaudit, tree};
use std::path::{Path, PathBuf};

fn small_park() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    park_copy(folder.path(), 40);
    folder
}

fn run(project: &Path, more: &[&str]) -> (i32, String) {
    let path = project.to_str().expect("a plain path");
    let output = thermaudit(&[&["run", path], more].concat());
    (output.status.code().unwrap_or(-1), stderr(&output))
}

fn edit(project: &Path, file: &str, change: impl Fn(String) -> String) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    std::fs::write(path, change(text)).expect("the file can be written");
}

/// Results of the one flight.
fn results(project: &Path) -> PathBuf {
    let mut folders = files(&project.join("results")).into_iter();
    folders.rfind(|p| p.is_dir()).expect("a flight")
}

/// Row of a company in the review list.
fn review(project: &Path, id: &str) -> Vec<String> {
    let path = results(project).join("internal/link_review.csv");
    let mut table = csv::Reader::from_path(path).expect("the list is there");
    table
        .records()
        .filter_map(|r| r.ok())
        .find(|r| r.get(0) == Some(id))
        .expect("every company has a row")
        .iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_sheet_that_names_another_company_fails_the_run_and_is_removed() {
    let park = small_park();
    // The building of B0006 is called `Gebouw 9` in the outlines, and its sheet says so.
    edit(park.path(), "companies.csv", |text| {
        text.replace("Quistel Schrijnwerkerij BV", "gebouw\u{a0}9")
    });
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("of company B0007"), "{text}");
    assert!(text.contains("companies/B0006/sheet.pdf"), "{text}");
    assert!(text.contains("companies/B0006/sheet.json"), "{text}");
    let left = tree(&results(park.path()).join("companies"));
    assert!(!left.iter().any(|f| f.starts_with("B0006")), "{left:?}");
}

#[test]
fn a_company_without_a_building_gets_no_sheet_and_is_listed_for_review() {
    let park = small_park();
    edit(park.path(), "companies.csv", |text| {
        text.replace("5310222,", ",")
    });
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("company B0002"), "{text}");
    assert!(text.contains("link_review.csv"), "{text}");
    let out = results(park.path());
    assert!(!out.join("companies/B0002").exists());
    assert!(out.join("internal/link_review.gpkg").exists());
    let row = review(park.path(), "B0002");
    assert_eq!(
        row.get(5).map(String::as_str),
        Some("unresolved"),
        "{row:?}"
    );
    let row = review(park.path(), "B0001");
    assert_eq!(row.get(5).map(String::as_str), Some("ok"), "{row:?}");
}

#[test]
fn a_withdrawal_removes_the_sheet_and_the_log_keeps_both() {
    let park = small_park();
    let (code, text) = run(park.path(), &[]);
    assert!(code < 2, "{text}");
    let log = results(park.path()).join("internal/consent_log.csv");
    let before = std::fs::read_to_string(&log).expect("a log");
    assert!(before.contains("B0010,yes"), "{before}");
    edit(park.path(), "companies.csv", |text| {
        let lines = text.lines().map(|line| match line.starts_with("B0010") {
            true => line.replace(",yes,5310285", ",withdrawn,5310285"),
            false => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    let (code, text) = run(park.path(), &[]);
    assert!(code < 2, "{text}");
    let after = std::fs::read_to_string(&log).expect("a log");
    assert!(after.starts_with(&before), "the log was rewritten");
    assert!(after.contains("B0010,withdrawn"), "{after}");
    assert!(!results(park.path()).join("companies/B0010").exists());
}
