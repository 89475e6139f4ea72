//! The sheets of a visit: complete, separate, released by somebody or not, made again only where
//! something changed.

use crate::common;
use crate::project::{Project, finished, json, text};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn words(pdf: &Path) -> Option<String> {
    if !common::has_program("pdftotext") {
        println!("skipped: pdftotext is not installed");
        return None;
    }
    let output = Command::new("pdftotext")
        .args([pdf.to_str().expect("a plain path"), "-"])
        .output()
        .expect("pdftotext starts");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn every_company_has_its_sheet_and_nothing_of_another() {
    let project = finished();
    let visit = &project.visits()[0];
    let findings = project.findings(visit);
    let companies: BTreeSet<&str> = findings.iter().map(|f| text(&f["company_id"])).collect();
    assert_eq!(companies.len(), 4);
    let listed = std::fs::read_to_string(project.path().join("companies.csv")).expect("a list");
    for id in &companies {
        let folder = project.sheet(visit, id);
        for file in ["sheet.pdf", "sheet-1.png", "sheet.json"] {
            assert!(folder.join(file).is_file(), "{id}: {file}");
        }
        if common::has_program("qpdf") {
            let checked = Command::new("qpdf")
                .arg("--check")
                .arg(folder.join("sheet.pdf"))
                .output()
                .expect("qpdf starts");
            assert!(checked.status.success(), "{id}");
        } else {
            println!("skipped: qpdf is not installed");
        }
        let Some(words) = words(&folder.join("sheet.pdf")) else {
            continue;
        };
        for other in listed.lines().skip(1).filter(|l| !l.starts_with(*id)) {
            let name = other.split(',').nth(1).expect("a name");
            assert!(!words.contains(name), "{id} shows {name}");
        }
        let own = findings.iter().filter(|f| f["company_id"] == **id);
        for finding in own {
            assert!(
                words.contains(text(&finding["number"])),
                "{id} lacks {finding}"
            );
        }
    }
}

#[test]
fn printed_differences_are_in_the_twin() {
    let project = finished();
    let visit = &project.visits()[0];
    for finding in project.findings(visit) {
        let folder = project.sheet(visit, text(&finding["company_id"]));
        let Some(words) = words(&folder.join("sheet.pdf")) else {
            return;
        };
        let Some(value) = finding["value"].as_f64() else {
            continue;
        };
        let decimals = usize::from(finding["value_unit"] != "W");
        let sign = if json(&folder.join("sheet.json"))["language"] == "en" {
            "."
        } else {
            ","
        };
        let printed = format!("{:.decimals$}", value.abs()).replace('.', sign);
        assert!(
            words.contains(&printed),
            "{printed} of {}",
            finding["component"]
        );
    }
}

#[test]
fn before_a_qualified_person_releases_no_cause_is_printed() {
    let project = Project::simulated();
    let visit = project.visits().remove(0);
    let cause = "doorbreekt de isolatie";
    project.edit(&visit, "visit.toml", |text| {
        text.replace("level = \"2\"", "level = \"1\"")
    });
    let output = project.run(&["--visit", &visit]);
    assert!(output.status.success(), "{}", common::stderr(&output));
    let joint = project.findings(&visit).into_iter();
    let mut joint = joint.filter(|f| text(&f["component"]).contains("kolom"));
    let company = joint.next().expect("the joint");
    assert_eq!(company["released"], false);
    let pdf = project
        .sheet(&visit, text(&company["company_id"]))
        .join("sheet.pdf");
    if let Some(words) = words(&pdf) {
        let plain = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!plain.contains(cause), "{plain}");
        assert!(!plain.contains("Schimmelrisico"), "{plain}");
        assert!(
            plain.contains("Gedetecteerd, niet geïnterpreteerd"),
            "{plain}"
        );
    }
    let twin = std::fs::read_to_string(pdf.with_file_name("sheet.json")).expect("a twin");
    assert!(!twin.contains(cause));
    // Released, the cause is there; and only what changed is set again.
    project.edit(&visit, "visit.toml", |text| {
        text.replace("level = \"1\"", "level = \"II\"")
    });
    assert!(project.run(&["--visit", &visit]).status.success());
    if let Some(words) = words(&pdf) {
        let plain = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(cause), "{plain}");
    }
}

#[test]
fn nothing_changed_is_nothing_to_do_and_one_row_is_one_sheet() {
    let project = Project::simulated();
    let visit = project.visits().remove(0);
    let plan = |project: &Project| {
        let output = project.run(&["--visit", &visit, "--dry-run"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(
        plan(&project).contains("would set 4 of 4 sheets"),
        "{}",
        plan(&project)
    );
    assert!(project.run(&["--visit", &visit]).status.success());
    assert!(plan(&project).contains("up to date"), "{}", plan(&project));
    let before = tree(&project.results(&visit));
    assert!(
        project
            .run(&["--visit", &visit, "--jobs", "1"])
            .status
            .success()
    );
    assert_eq!(before, tree(&project.results(&visit)));
    project.edit(&visit, "findings.csv", |text| {
        text.replace("Isolatie ontbreekt", "Isolatie vermoedelijk weggenomen")
    });
    assert!(
        plan(&project).contains("would set 1 of 4 sheets"),
        "{}",
        plan(&project)
    );
    // Whatever the number of threads, the same bytes.
    std::fs::remove_dir_all(project.path().join("results")).expect("removed");
    std::fs::remove_dir_all(project.path().join(".thermaudit")).expect("removed");
    project.edit(&visit, "findings.csv", |text| {
        text.replace("Isolatie vermoedelijk weggenomen", "Isolatie ontbreekt")
    });
    assert!(
        project
            .run(&["--visit", &visit, "--jobs", "1"])
            .status
            .success()
    );
    assert_eq!(before, tree(&project.results(&visit)));
}

/// Files of a folder with their bytes, but for timings.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = common::tree(folder).into_iter();
    names
        .filter(|name| !name.ends_with("run.json"))
        .map(|name| {
            let bytes = std::fs::read(folder.join(&name)).unwrap_or_default();
            (name, bytes)
        })
        .collect()
}
