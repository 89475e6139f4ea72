//! A flight whose purpose is moisture, from files to sheet.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn thermaudit(arguments: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_thermaudit"))
        .args(arguments)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code().is_some_and(|c| c < 2), "{said}");
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("written")).expect("is JSON")
}

/// West, east, south and north of a list of points.
fn bounds(polygon: &Value) -> [f64; 4] {
    let points = polygon.as_array().expect("points");
    let ends = |axis: usize| {
        let of = points.iter().map(|p| p[axis].as_f64().expect("a number"));
        of.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    };
    let ((west, east), (south, north)) = (ends(0), ends(1));
    [west, east, south, north]
}

#[test]
fn a_moisture_flight_gives_wet_areas_and_neither_class_nor_loss() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let park = dir.path().join("park");
    let project = park.to_str().expect("UTF-8");
    thermaudit(&["simulate", project, "--seed", "7", "--visits", "0"]);
    let flights = std::fs::read_dir(park.join("flights")).expect("flights");
    let flight = flights.flatten().next().expect("one flight").path();
    let settings = flight.join("flight.toml");
    let text = std::fs::read_to_string(&settings).expect("text");
    let text = text.replace("\"heat-loss\"", "\"moisture\"");
    std::fs::write(&settings, text).expect("writable");
    thermaudit(&["run", project]);

    let results = park
        .join("results")
        .join(flight.file_name().expect("a name"));
    let db = rusqlite::Connection::open(results.join("audit.gpkg")).expect("a database");
    let count = |what: &str| -> i64 {
        db.query_row(&format!("SELECT COUNT(*) FROM {what}"), [], |row| {
            row.get(0)
        })
        .expect("a number")
    };
    assert!(count("buildings WHERE t_median_c IS NOT NULL") > 5);
    for column in [
        "class",
        "class_lo",
        "score",
        "u_w_m2k",
        "flux_w_m2",
        "heat_loss_w",
        "energy_kwh_a",
        "cost_eur_a",
        "co2_kg_a",
        "theta",
        "anchor",
    ] {
        assert_eq!(
            count(&format!("buildings WHERE {column} IS NOT NULL")),
            0,
            "{column}"
        );
    }
    assert_eq!(count("buildings WHERE grade IN ('A', 'B')"), 0);
    assert_eq!(
        count("hotspots WHERE grade IN ('A', 'B') OR excess_w IS NOT NULL"),
        0
    );
    let wet = "hotspots WHERE kind = 'moisture'";
    assert!(count(wet) > 0);
    assert_eq!(
        count(&format!("{wet} AND area_m2 >= 1 AND severity < 3")),
        0
    );
    let words = "('board-stock', 'picture-frame', 'amorphous')";
    assert_eq!(count(&format!("{wet} AND detail NOT IN {words}")), 0);

    // Wet places of 2 K and 2 m² that the park was made with are among the candidates.
    let truth = json(&park.join("truth/truth.json"));
    let mut wet_places = 0;
    for anomaly in truth["anomalies"].as_array().expect("anomalies") {
        let excess_k = anomaly["flights"][0]["excess_mean_k"].as_f64();
        let area_m2 = anomaly["area_m2"].as_f64();
        let plain = excess_k.is_some_and(|k| k >= 2.0) && area_m2.is_some_and(|m2| m2 >= 2.0);
        if anomaly["kind"] != "moisture" || !plain {
            continue;
        }
        let [west, east, south, north] = bounds(&anomaly["polygon"]);
        let near = format!(
            "{wet} AND x_m BETWEEN {} AND {} AND y_m BETWEEN {} AND {}",
            west - 0.5,
            east + 0.5,
            south - 0.5,
            north + 0.5
        );
        assert!(count(&near) > 0, "{anomaly}");
        wet_places += 1;
    }
    assert!(wet_places > 0, "the park has no wet place");

    let run = json(&results.join("run.json"));
    let origins = &run["origins"];
    assert_eq!(origins["weather"]["air_c"], "weather table");
    assert_eq!(origins["weather"]["sky_c"], "model berdahl-martin");
    assert!(origins["moisture"]["day_cloud_okta"].is_number());
    let roofs = origins["roofs"].as_array().expect("roofs");
    let all = ["buildings row", "companies row", "score.indoor_c"];
    assert!(!roofs.is_empty());
    for roof in roofs {
        assert!(
            all.contains(&roof["indoor"].as_str().expect("text")),
            "{roof}"
        );
        let from = roof["emissivity_from"].as_str().expect("text");
        let named = from.contains("given");
        assert_eq!(
            named,
            roof["material"] != "unknown" && !from.contains("estimated"),
            "{roof}"
        );
    }
    let given = &run["settings"]["score"]["u_bounds"];
    assert!(
        given["value"].is_array() && given["origin"] == "default",
        "{given}"
    );

    let companies = std::fs::read_dir(results.join("companies")).expect("sheets");
    for company in companies.flatten() {
        let sheet = json(&company.path().join("sheet.json")).to_string();
        assert!(!sheet.contains("U-waarde"), "{:?}", company.path());
    }
}
