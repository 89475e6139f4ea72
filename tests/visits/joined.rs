//! Flight and visit together: one sheet, and hotspots found again on site.

use crate::common;
use crate::project::{json, text};
use serde_json::Value;
use std::path::Path;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for path in common::files(from) {
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => {
                std::fs::copy(&path, &target).expect("copied");
            }
        }
    }
}

fn hotspots(results: &Path, flight: &str) -> Vec<(String, Option<String>, String)> {
    let path = results.join(flight).join("audit.gpkg");
    let db = rusqlite::Connection::open(path).expect("opens");
    let mut found = db
        .prepare("SELECT hotspot_id, confirmed, deductions FROM hotspots ORDER BY hotspot_id")
        .expect("the layer");
    let rows = found
        .query_map([], |row| {
            let deductions: Option<String> = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, deductions.unwrap_or_default()))
        })
        .expect("rows");
    rows.map(|r| r.expect("a row")).collect()
}

#[test]
fn a_hotspot_found_on_site_is_confirmed_and_both_stand_in_one_sheet() {
    let folder = common::whole_sample();
    let project = folder.path();
    let sample = common::sample().join("inspections");
    copy(&sample, &project.join("inspections"));
    let run = || {
        let output = common::thermaudit(&["run", project.to_str().expect("plain")]);
        assert!(output.status.success(), "{}", common::stderr(&output));
    };
    run();
    let results = project.join("results");
    let name = |path: &Path| {
        let files = common::files(path);
        files[0]
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let (flight, visit) = (name(&project.join("flights")), name(&sample));
    let own = json(
        &results
            .join(&flight)
            .join("companies/B0001/hotspots.geojson"),
    );
    let id = text(&own["features"][0]["properties"]["hotspot_id"]).to_owned();
    assert!(!id.is_empty(), "{own}");
    let before = hotspots(&results, &flight);
    assert!(before.iter().all(|h| h.1.is_none()));
    let table = project
        .join("inspections")
        .join(&visit)
        .join("findings.csv");
    let rows = std::fs::read_to_string(&table).expect("readable");
    let head: Vec<&str> = rows.lines().next().expect("a head").split(',').collect();
    let at = head
        .iter()
        .position(|h| *h == "hotspot_found")
        .expect("a column");
    // The row of the hatch ends in `,,yes,…`: its hotspot is filled in.
    let changed: Vec<String> = rows
        .lines()
        .map(|line| match line.starts_with("IR_0201.jpg") {
            true => line.replacen(",,yes,", &format!(",{id},yes,"), 1),
            false => line.to_owned(),
        })
        .collect();
    assert!(at > 0 && changed.join("\n") != rows.trim_end());
    std::fs::write(&table, changed.join("\n") + "\n").expect("writable");
    run();
    let after = hotspots(&results, &flight);
    let found = after.iter().find(|h| h.0 == id).expect("the hotspot");
    assert_eq!(found.1.as_deref(), Some("yes"));
    assert!(found.2.contains("confirmed:-15"), "{}", found.2);
    let sheet = results
        .join("inspections")
        .join(&visit)
        .join("companies/B0001");
    let twin = json(&sheet.join("sheet.json"));
    assert_eq!(text(&twin["hotspots"][0]["hotspot_id"]), id);
    assert_eq!(twin["hotspots"][0]["found"], Value::Bool(true));
    assert!(twin["roof_flight"].is_string(), "{}", twin["roof_flight"]);
    // The roof's pages stand behind the findings.
    let pages = |folder: &Path| {
        let files = common::files(folder);
        files
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "png"))
            .count()
    };
    let roof = pages(&results.join(&flight).join("companies/B0001"));
    assert!(pages(&sheet) >= roof + 3, "{} {roof}", pages(&sheet));
    crate::pages_of_visits::check_joined(project);
}
