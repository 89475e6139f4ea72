//! A real drone flight over a field with surveyed targets, from priors only: where the targets
//! come out on the map.

mod common;

use common::{test_data, thermaudit};
use std::collections::BTreeMap;
use std::path::Path;

/// Rows of a comma-separated file with its header's names.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).expect("the file is there");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    lines
        .map(|line| {
            header
                .iter()
                .map(|h| (*h).to_owned())
                .zip(cells(line))
                .collect()
        })
        .collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().expect("a number")
}

/// A project around the flight: its frames and surface model, one invented outline.
fn project(folder: &Path, flight: &Path) {
    let audit = format!(
        "[project]\nname = \"Field A\"\ncrs = \"EPSG:2056\"\ntimezone = \"Europe/Zurich\"\n\n\
         [inputs]\ndsm = \"{}\"\n",
        flight.join("dsm_lv95.tif").display()
    );
    std::fs::write(folder.join("audit.toml"), audit).expect("written");
    let plot = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:2056"}},
        "features":[{"type":"Feature","properties":{"oidn":"plot-1"},"geometry":{"type":"Polygon",
        "coordinates":[[[2507670,1139120],[2507690,1139120],[2507690,1139140],[2507670,1139140],
        [2507670,1139120]]]}}]}"#;
    std::fs::write(folder.join("buildings.geojson"), plot).expect("written");
    let frames = folder.join("flights/field-a");
    std::fs::create_dir_all(&frames).expect("made");
    for frame in common::files(&flight.join("frames")) {
        std::fs::copy(&frame, frames.join(frame.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn surveyed_targets_lie_within_three_metres_from_priors_only() {
    let Some(data) = test_data() else { return };
    let flight = data.join("flights/zenmuse-xt-field-a");
    let folder = tempfile::tempdir().expect("a temporary folder");
    project(folder.path(), &flight);
    let path = folder.path().to_str().expect("a plain path");
    let output = thermaudit(&["-q", "run", path]);
    let told = common::stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");

    let results = folder.path().join("results/field-a");
    assert!(results.join("mosaic.tif").exists());
    let database = rusqlite::Connection::open(results.join("audit.gpkg")).expect("opens");
    let mut targets = BTreeMap::new();
    for row in rows(&flight.join("gcp_lv95.csv")) {
        let place = ["easting_m", "northing_m", "height_m"].map(|n| number(&row, n));
        targets.insert(row["point"].clone(), place);
    }
    // The lens a user of this camera gets without settings: 13 mm over 17 µm, no distortion.
    let (f_px, cx_px, cy_px) = (13.0 / 0.017, 320.0, 256.0);
    let mut by_target: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for row in rows(&flight.join("gcp_image_observations.csv")) {
        let pose: [f64; 6] = database
            .query_row(
                "SELECT x_m, y_m, z_m, omega_deg, phi_deg, kappa_deg FROM frames WHERE file = ?1",
                [&row["frame"].replace(".JPG", ".jpg")],
                |r| {
                    Ok([
                        r.get(0)?,
                        r.get(1)?,
                        r.get(2)?,
                        r.get(3)?,
                        r.get(4)?,
                        r.get(5)?,
                    ])
                },
            )
            .expect("every frame is placed");
        let target = targets[&row["point"]];
        let (u, v) = (number(&row, "u_px"), number(&row, "v_px"));
        let (x, y) = ((u - cx_px) / f_px, (v - cy_px) / f_px);
        let w = to_world([x, y, 1.0], pose[3], pose[4], pose[5]);
        let t = (target[2] - pose[2]) / w[2];
        let error = (
            pose[0] + t * w[0] - target[0],
            pose[1] + t * w[1] - target[1],
        );
        by_target
            .entry(row["point"].clone())
            .or_default()
            .push(error);
    }
    assert_eq!(by_target.len(), 15, "the surveyed targets");
    let observations: Vec<(f64, f64)> = by_target.values().flatten().copied().collect();
    let square = |e: &(f64, f64)| e.0 * e.0 + e.1 * e.1;
    let rmse = |errors: &[(f64, f64)]| {
        (errors.iter().map(square).sum::<f64>() / errors.len() as f64).sqrt()
    };
    let all = rmse(&observations);
    println!(
        "{} observations of 15 targets: horizontal RMSE {all:.3} m",
        observations.len()
    );
    assert!(
        all <= 3.0,
        "horizontal RMSE {all:.3} m, expected at most 3.0 m"
    );
}

/// Camera direction (x right, y down, z forward) to the world by omega, phi, kappa
/// (georeferencing.md §3.5), written out here on its own.
fn to_world(d: [f64; 3], omega_deg: f64, phi_deg: f64, kappa_deg: f64) -> [f64; 3] {
    let [(so, co), (sp, cp), (sk, ck)] =
        [omega_deg, phi_deg, kappa_deg].map(|a| a.to_radians().sin_cos());
    let photo = [d[0], -d[1], -d[2]];
    let m = [
        [cp * ck, -cp * sk, sp],
        [co * sk + so * sp * ck, co * ck - so * sp * sk, -so * cp],
        [so * sk - co * sp * ck, so * ck + co * sp * sk, co * cp],
    ];
    m.map(|row| row[0] * photo[0] + row[1] * photo[1] + row[2] * photo[2])
}
