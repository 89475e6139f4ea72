//! Rows and pictures that are wrong: each is named, the rest of the report stands.

use crate::common;
use crate::project::{Project, text};

#[test]
fn each_wrong_row_is_named_and_the_rest_stands() {
    let project = Project::simulated();
    let visit = project.visits().remove(0);
    assert!(project.run(&["--visit", &visit]).status.success());
    let right = project.findings(&visit);
    let breaker = right.iter().find(|f| f["severity"] == "P1");
    let breaker = breaker.expect("a breaker");
    let (company, image) = (text(&breaker["company_id"]), text(&breaker["image"]));
    // An unknown picture, a marker outside, a rated current of 0, an emissivity of 0.05, a load of
    // 20 %, a broken picture, an expired certificate.
    project.edit(&visit, "findings.csv", |text| {
        let first = text.lines().next().expect("a head").to_owned();
        let head: Vec<&str> = first.split(',').collect();
        let column = |name: &str| head.iter().position(|h| *h == name).expect("a column");
        let row = |cells: &[(&str, &str)]| {
            let mut row = vec![""; head.len()];
            for (name, value) in cells {
                row[column(name)] = value;
            }
            format!("{}\n", row.join(","))
        };
        let common = [("company_id", company), ("kind", "electrical")];
        let with = |more: &[(&str, &str)]| {
            let mut all: Vec<(&str, &str)> = common.to_vec();
            all.extend_from_slice(more);
            row(&all)
        };
        text + &with(&[("image", "IR_9999.jpg"), ("component", "weg")])
            + &with(&[
                ("image", image),
                ("component", "buiten"),
                ("markers", "Sp 9000 1"),
            ])
            + &with(&[("image", image), ("component", "nul"), ("rated_a", "0")])
            + &with(&[
                ("image", image),
                ("component", "blank"),
                ("emissivity", "0.05"),
            ])
            + &with(&[
                ("image", image),
                ("component", "licht"),
                ("current_a", "20"),
                ("rated_a", "100"),
                ("air_c", "20"),
            ])
            + &with(&[("image", "broken.jpg"), ("component", "stuk")])
    });
    let folder = project.path().join("inspections").join(&visit);
    std::fs::write(folder.join("broken.jpg"), b"\xFF\xD8\xFF\xE1\0").expect("written");
    project.edit(&visit, "visit.toml", |text| {
        let lines = text.lines().map(|l| match l.starts_with("expires") {
            true => "expires = \"2020-01-31\"",
            false => l,
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    let checked = common::thermaudit(&["check", project.path().to_str().expect("plain")]);
    let checked = format!(
        "{}{}",
        common::stderr(&checked),
        String::from_utf8_lossy(&checked.stdout)
    );
    let output = project.run(&["--visit", &visit]);
    let told = common::stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in [
        "IR_9999.jpg",
        "Sp1 lies outside the picture",
        "column rated_a: is 0, expected more than 0",
        "broken.jpg",
        "ended on 2020-01-31",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for part in [
        "IR_9999.jpg",
        "Sp1 outside",
        "is 0, expected",
        "0.05",
        "load 20 %",
        "2020-01-31",
    ] {
        assert!(checked.contains(part), "{part}: {checked}");
    }
    let findings = project.findings(&visit);
    assert_eq!(findings.len(), right.len() + 4);
    let of = |component: &str| {
        let mut found = findings.iter().filter(|f| f["component"] == component);
        found
            .next()
            .unwrap_or_else(|| panic!("{component} is missing"))
    };
    assert_eq!(text(&of("blank")["not_rated"]), "low-emissivity");
    assert_eq!(text(&of("licht")["not_rated"]), "low-load");
    // Nothing was taken from the rows that were right.
    assert!(findings.iter().any(|f| f["severity"] == "P1"));
}
