//! Real pictures of different makers: markers measure what the reference says, sheets come out.
//!
//! The files are other people's and lie outside the project (THERMAUDIT_TESTDATA).

use crate::common;
use serde_json::Value;
use std::path::Path;

/// Ten of the reference's pixels as markers of the auditor.
fn markers(reference: &Value) -> Option<String> {
    let pixels = reference["pixels_rc"].as_array()?;
    let spots: Vec<String> = pixels
        .iter()
        .filter_map(|p| {
            let (row, column) = (p.get(0)?.as_u64()?, p.get(1)?.as_u64()?);
            Some(format!("Sp {column} {row}"))
        })
        .collect();
    Some(spots.join("; "))
}

#[test]
fn markers_on_real_files_agree_with_the_reference() {
    let Some(data) = common::test_data() else {
        return;
    };
    let data = data.join("radiometric");
    let text = std::fs::read_to_string(data.join("reference.json")).expect("a reference");
    let reference: Value = serde_json::from_str(&text).expect("JSON");
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path();
    let visit = project.join("inspections/bezoek");
    std::fs::create_dir_all(&visit).expect("made");
    std::fs::write(
        project.join("audit.toml"),
        "[project]\nname = \"Proef\"\ncrs = \"EPSG:31370\"\n",
    )
    .expect("written");
    std::fs::write(
        project.join("companies.csv"),
        "company_id,name,participates\nB1,Proefbedrijf,yes\n",
    )
    .expect("written");
    let mut rows = String::from("image;company_id;kind;component;observation;markers\n");
    let mut wanted: Vec<(String, Vec<f64>)> = Vec::new();
    for (name, facts) in reference.as_object().expect("an object") {
        let is_flir = name.starts_with("flir_") && name.ends_with(".jpg");
        let temperatures = facts["temp_c"]["at"].as_array();
        let (true, Some(spots), Some(at)) = (is_flir, markers(facts), temperatures) else {
            continue;
        };
        // A Vue Pro without R is not radiometric.
        if name.contains("vuepro") || at.iter().any(Value::is_null) {
            continue;
        }
        std::fs::copy(data.join(name), visit.join(name)).expect("copied");
        rows.push_str(&format!("{name};B1;other;{name};Proef;\"{spots}\"\n"));
        wanted.push((name.clone(), at.iter().filter_map(Value::as_f64).collect()));
    }
    std::fs::write(visit.join("findings.csv"), rows).expect("written");
    assert!(wanted.len() >= 12, "{} files", wanted.len());
    let output = common::thermaudit(&["run", project.to_str().expect("plain")]);
    assert!(output.status.success(), "{}", common::stderr(&output));
    let found = std::fs::read_to_string(project.join("results/inspections/bezoek/findings.json"));
    let found: Value = serde_json::from_str(&found.expect("written")).expect("JSON");
    let mut worst: f64 = 0.0;
    for (name, expected) in &wanted {
        let findings = found["findings"].as_array().expect("a list");
        let finding = findings.iter().find(|f| f["image"] == name.as_str());
        let finding = finding.unwrap_or_else(|| panic!("{name} is missing"));
        let readings = finding["readings"].as_array().expect("a list");
        for (i, value) in expected.iter().enumerate() {
            let label = format!("Sp{}", i + 1);
            let reading = readings.iter().find(|r| r["label"] == label.as_str());
            let mean = reading
                .and_then(|r| r["mean_c"].as_f64())
                .expect("a reading");
            worst = worst.max((mean - value).abs());
            assert!(
                (mean - value).abs() <= 0.1,
                "{name} {label}: {mean} {value}"
            );
        }
    }
    println!("{} files, worst {worst:.4} K", wanted.len());
    assert!(
        Path::new(&project.join("results/inspections/bezoek/companies/B1/sheet.pdf")).is_file()
    );
}
