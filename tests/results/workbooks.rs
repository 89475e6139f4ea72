//! Workbooks and the table for letters, as other programs read them.

use super::{PARK, common, flight, python};
use serde_json::Value;
use std::process::Command;

#[test]
fn cells_of_the_workbooks_have_the_types_and_formats_they_should() {
    for (folder, sheets) in [
        (
            "internal",
            &[
                "buildings",
                "hotspots",
                "companies",
                "conditions",
                "dictionary",
            ][..],
        ),
        (
            "park",
            &[
                "overview",
                "classes",
                "points",
                "reasons",
                "conditions",
                "dictionary",
            ][..],
        ),
    ] {
        let path = flight().join(folder).join("overview.xlsx");
        let Some(told) = python("THERMAUDIT_PYTHON", "workbook.py", &[&path]) else {
            return;
        };
        let book: Value = serde_json::from_str(&told).expect("JSON");
        let names: Vec<&str> = book["order"]
            .as_array()
            .expect("names")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(names, sheets, "{folder}");
        for name in names {
            let sheet = &book["sheets"][name];
            assert_eq!(sheet["frozen"], "A2", "{folder} {name}");
            // Nothing to filter in a table without rows.
            assert!(
                sheet["rows"] == 0
                    || sheet["filter"]
                        .as_str()
                        .is_some_and(|f| f.starts_with("A1:")),
                "{folder} {name}"
            );
            assert_eq!(sheet["formulas"], 0, "{folder} {name}");
        }
        let meanings = book["sheets"]["dictionary"]["rows"].as_u64().unwrap_or(0);
        assert!(meanings > 10, "{folder}: {meanings}");
    }
    let path = flight().join("internal/overview.xlsx");
    let Some(told) = python("THERMAUDIT_PYTHON", "workbook.py", &[&path]) else {
        return;
    };
    let book: Value = serde_json::from_str(&told).expect("JSON");
    let columns = &book["sheets"]["buildings"]["columns"];
    for (column, kind) in [
        ("oidn", "text"),
        ("class", "number"),
        ("area_m2", "number"),
        ("t_median_c", "number"),
        ("reasons", "text"),
    ] {
        let kinds: Vec<&str> = columns[column]["kinds"]
            .as_array()
            .expect("a column")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert!(kinds.iter().all(|k| *k == kind), "{column}: {kinds:?}");
    }
    assert_eq!(columns["t_median_c"]["format"], "#,##0.0");
}

/// LibreOffice opens the workbook and says the same numbers as the twins of the sheets.
#[test]
fn libreoffice_reads_the_numbers_of_the_buildings() {
    if !common::has_program("soffice") {
        return;
    }
    let out = tempfile::tempdir().expect("a folder");
    let profile = format!(
        "-env:UserInstallation=file://{}/profile",
        out.path().display()
    );
    let done = Command::new("soffice")
        .args([
            profile.as_str(),
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1",
        ])
        .arg("--outdir")
        .arg(out.path())
        .arg(flight().join("internal/overview.xlsx"))
        .output()
        .expect("LibreOffice starts");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let table = out.path().join("overview-buildings.csv");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_path(&table)
        .unwrap_or_else(|e| panic!("{e}: {:?}", common::files(out.path())));
    let head = reader.headers().expect("a head").clone();
    let column = |name: &str| head.iter().position(|h| h == name).expect("a column");
    let (oidn, company, class) = (column("oidn"), column("company_id"), column("class"));
    let mut compared = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let twin = flight()
            .join("companies")
            .join(&row[company])
            .join("sheet.json");
        let text = std::fs::read_to_string(twin).expect("a sheet");
        let sheet: Value = serde_json::from_str(&text).expect("JSON");
        let buildings = sheet["buildings"].as_array().expect("buildings");
        let same = buildings.iter().find(|b| b["oidn"] == row[oidn]);
        let of_twin = same
            .and_then(|b| b["class"].as_u64())
            .map(|c| c.to_string());
        assert_eq!(row[class], of_twin.unwrap_or_default(), "{}", &row[oidn]);
        compared += 1;
    }
    assert!(compared > 3, "{compared}");
}

#[test]
fn the_table_for_letters_has_a_row_for_every_sheet() {
    let path = flight().join("internal/mailmerge.csv");
    let text = std::fs::read(path).expect("is there");
    assert!(
        text.starts_with(b"\xef\xbb\xbf"),
        "opens as UTF-8 in a spreadsheet"
    );
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(&text[3..]);
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    let companies = common::files(&flight().join("companies"));
    assert_eq!(rows.len(), companies.len());
    for row in rows {
        assert!(flight().join(&row[3]).is_file(), "{}", &row[3]);
    }
    assert!(PARK.path().join("companies.csv").exists());
}
