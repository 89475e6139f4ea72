//! A real drone flight over a field with surveyed targets, from priors only: where the targets
//! come out on the map.

#![allow(clippy::print_stdout, reason = "figures and skips are printed")]

use crate::common;

use common::{test_data, thermaudit};
use std::collections::BTreeMap;
use std::path::Path;
use thermaudit::raster::{Bounds, GeoGrid};
use thermaudit::read::surface::Surface;

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

/// The calibrated lens that comes with the flight, as a user of that camera would give it. Its
/// file swaps p1 and p2 and counts cx, cy from the image centre.
fn camera(calibration: &serde_json::Value) -> String {
    let value = |name: &str| calibration[name].as_f64().expect("a number");
    format!(
        "[[camera]]\nfocal_px = {}\ncx_px = {}\ncy_px = {}\nk1 = {}\nk2 = {}\nk3 = {}\n\
         p1 = {}\np2 = {}\n",
        value("f"),
        320.0 + value("cx"),
        256.0 + value("cy"),
        value("k1"),
        value("k2"),
        value("k3"),
        value("p2"),
        value("p1"),
    )
}

/// A project around the flight: its frames, surface model and lens, one invented outline.
fn project(folder: &Path, flight: &Path, lens: &str) {
    let audit = format!(
        "[project]\nname = \"Field A\"\ncrs = \"EPSG:2056\"\ntimezone = \"Europe/Zurich\"\n\n\
         [inputs]\ndsm = \"{}\"\n\n{lens}",
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

/// Horizontal RMSE of the targets on the map, metres: the rays of their clicked pixels through the
/// poses the run used, down to the surface model that the mosaic is made on.
fn target_rmse_m(flight: &Path, lens: &str, unproject: &dyn Fn(f64, f64) -> [f64; 3]) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let results = run(
        folder.path(),
        flight,
        &format!("[orient]\nadjust = \"off\"\n\n{lens}"),
    );
    let misses = misses(flight, &results, End::Map, unproject);
    let squares = misses.iter().map(|(_, [x, y])| x * x + y * y);
    (squares.sum::<f64>() / misses.len() as f64).sqrt()
}

/// Runs the flight; the folder of its results.
fn run(folder: &Path, flight: &Path, settings: &str) -> std::path::PathBuf {
    project(folder, flight, settings);
    let path = folder.to_str().expect("a plain path");
    let output = thermaudit(&["-q", "run", path]);
    assert_eq!(output.status.code(), Some(0), "{}", common::stderr(&output));
    let results = folder.join("results/field-a");
    assert!(results.join("mosaic.tif").exists());
    results
}

/// Where rays to a target end.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// On the surface model the mosaic is made on: where a reader of the map finds it.
    Map,
    /// At the target's surveyed height: how well the poses are.
    Survey,
}

/// Target and how far each of its clicked pixels comes out from it, metres.
fn misses(
    flight: &Path,
    results: &Path,
    end: End,
    unproject: &dyn Fn(f64, f64) -> [f64; 3],
) -> Vec<(String, [f64; 2])> {
    let database = rusqlite::Connection::open(results.join("audit.gpkg")).expect("opens");
    let mut targets = BTreeMap::new();
    for row in rows(&flight.join("gcp_lv95.csv")) {
        let place = ["easting_m", "northing_m", "height_m"].map(|n| number(&row, n));
        targets.insert(row["point"].clone(), place);
    }
    let surface = surface(flight, targets.values());
    let mut seen = BTreeMap::new();
    let mut misses = Vec::new();
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
        let direction = unproject(number(&row, "u_px"), number(&row, "v_px"));
        let w = to_world(direction, pose[3], pose[4], pose[5]);
        // Ray and surface by turns; the field is level, so a few are enough.
        let mut at = [target[0], target[1]];
        for _ in 0..8 {
            let height = match end {
                End::Map => surface.sample(at[0], at[1]).expect("within the model"),
                End::Survey => target[2],
            };
            let t = (height - pose[2]) / w[2];
            at = [pose[0] + t * w[0], pose[1] + t * w[1]];
        }
        let (dx, dy) = (at[0] - target[0], at[1] - target[1]);
        misses.push((row["point"].clone(), [dx, dy]));
        seen.insert(row["point"].clone(), ());
    }
    assert_eq!(seen.len(), 15, "the surveyed targets");
    misses
}

#[test]
fn surveyed_targets_lie_within_three_metres_from_priors_only() {
    let Some(data) = test_data() else { return };
    let flight = data.join("flights/zenmuse-xt-field-a");
    let text = std::fs::read_to_string(flight.join("camera_calibration.json")).expect("read");
    let calibration: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let value = |name: &str| calibration[name].as_f64().expect("a number");
    let (f, cx, cy) = (value("f"), 320.0 + value("cx"), 256.0 + value("cy"));
    let (k, p) = (
        [value("k1"), value("k2"), value("k3")],
        [value("p2"), value("p1")],
    );
    // The lens undone by fixed-point iteration, written out here on its own.
    let calibrated = |u: f64, v: f64| {
        let (xd, yd) = ((u - cx) / f, (v - cy) / f);
        let (mut x, mut y) = (xd, yd);
        for _ in 0..50 {
            let r2 = x * x + y * y;
            let d = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]));
            x = (xd - 2.0 * p[0] * x * y - p[1] * (r2 + 2.0 * x * x)) / d;
            y = (yd - p[0] * (r2 + 2.0 * y * y) - 2.0 * p[1] * x * y) / d;
        }
        [x, y, 1.0]
    };
    let rmse_m = target_rmse_m(&flight, &camera(&calibration), &calibrated);
    println!("calibrated lens: horizontal RMSE {rmse_m:.3} m");
    assert!(
        rmse_m <= 3.0,
        "horizontal RMSE {rmse_m:.3} m, expected at most 3.0 m"
    );

    // Without settings the lens is nominal (13 mm over 17 µm, principal point in the middle).
    let nominal = |u: f64, v: f64| [(u - 320.0) * 0.017 / 13.0, (v - 256.0) * 0.017 / 13.0, 1.0];
    let rmse_m = target_rmse_m(&flight, "", &nominal);
    println!("nominal lens: horizontal RMSE {rmse_m:.3} m");
    assert!(
        rmse_m <= 3.0,
        "horizontal RMSE {rmse_m:.3} m without a calibrated lens, expected at most 3.0 m"
    );
}

/// The surface model around the targets.
fn surface<'a>(flight: &Path, targets: impl Iterator<Item = &'a [f64; 3]>) -> GeoGrid<f32> {
    let mut bounds = Bounds::EMPTY;
    for target in targets {
        bounds.include(target[0], target[1]);
    }
    let surface = Surface::open(&[flight.join("dsm_lv95.tif")]).expect("opens");
    surface.window(&bounds.buffered(20.0)).expect("reads")
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

/// georeferencing.md G7: half the surveyed targets in a `gcp_list.txt`, the others judged.
#[test]
fn half_the_targets_as_control_bring_the_others_to_two_cells() {
    let Some(data) = test_data() else { return };
    let flight = data.join("flights/zenmuse-xt-field-a");
    let names: Vec<String> = rows(&flight.join("gcp_lv95.csv"))
        .iter()
        .map(|r| r["point"].clone())
        .collect();
    let held: Vec<&String> = names.iter().step_by(2).collect();
    let mut list = "EPSG:2056\n".to_owned();
    let places = rows(&flight.join("gcp_lv95.csv"));
    for row in rows(&flight.join("gcp_image_observations.csv")) {
        if let Some(place) = places.iter().find(|p| p["point"] == row["point"]) {
            // Points that are not held are withheld by their name.
            let name = match held.contains(&&row["point"]) {
                true => row["point"].clone(),
                false => format!("check_{}", row["point"]),
            };
            let at = ["easting_m", "northing_m", "height_m"]
                .map(|n| place[n].as_str())
                .join(" ");
            let (u, v, frame) = (
                &row["u_px"],
                &row["v_px"],
                row["frame"].replace(".JPG", ".jpg"),
            );
            list += &format!("{at} {u} {v} {frame} {name}\n");
        }
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir_all(folder.path().join("flights/field-a")).expect("made");
    std::fs::write(folder.path().join("flights/field-a/gcp_list.txt"), list).expect("written");
    let results = run(folder.path(), &flight, "");
    let (found, lens) = adjusted_lens(&results);
    let mut by_target: BTreeMap<String, Vec<[f64; 2]>> = BTreeMap::new();
    for (target, miss) in misses(&flight, &results, End::Survey, &lens) {
        if !held.contains(&&target) {
            by_target.entry(target).or_default().push(miss);
        }
    }
    let targets: Vec<[f64; 2]> = by_target.values().map(|list| mean(list)).collect();
    assert_eq!(targets.len(), 7);
    let cells = rms(&targets) / (38.0 / 741.2);
    println!(
        "{} held, {} judged: {cells:.2} GSD; {found}",
        held.len(),
        targets.len()
    );
    assert!(cells <= 2.0);
    // The run says the same of them.
    let text = std::fs::read_to_string(results.join("quality.json")).expect("written");
    let quality: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let checks = quality["geometry"]["check_residuals_m"].as_object();
    let checks: Vec<f64> = checks
        .expect("withheld points")
        .values()
        .map(|v| v.as_f64().expect("a number"))
        .collect();
    assert_eq!(checks.len(), 7);
    let own = (checks.iter().map(|c| c * c).sum::<f64>() / 7.0).sqrt() / (38.0 / 741.2);
    assert!((own - cells).abs() < 0.02, "{own}");
}

fn mean(list: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|a| list.iter().map(|m| m[a]).sum::<f64>() / list.len() as f64)
}

fn rms(list: &[[f64; 2]]) -> f64 {
    let sum: f64 = list.iter().map(|[x, y]| x * x + y * y).sum();
    (sum / list.len() as f64).sqrt()
}

/// What the run says of its adjustment, and the nominal lens as it changed it.
fn adjusted_lens(results: &Path) -> (serde_json::Value, impl Fn(f64, f64) -> [f64; 3]) {
    let text = std::fs::read_to_string(results.join("run.json")).expect("written");
    let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let found = record["adjustment"].clone();
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let f = 13.0 / 0.017 * (1.0 + number(&found["focal_change"][0]));
    let k = [0, 1, 2].map(|i| number(&found["distortion_change"][0][i]));
    let lens = move |u: f64, v: f64| {
        let (xd, yd) = ((u - 320.0) / f, (v - 256.0) / f);
        let (mut x, mut y) = (xd, yd);
        for _ in 0..50 {
            let r2 = x * x + y * y;
            let d = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]));
            (x, y) = (xd / d, yd / d);
        }
        [x, y, 1.0]
    };
    (found, lens)
}

/// georeferencing.md G8: the flight as it was flown, its own EXIF and the nominal lens; the receiver's
/// offset stays, everything else comes together.
#[test]
fn adjusted_frames_agree_on_the_targets_up_to_the_receivers_offset() {
    let Some(data) = test_data() else { return };
    let flight = data.join("flights/zenmuse-xt-field-a");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let results = run(folder.path(), &flight, "");
    let (found, lens) = adjusted_lens(&results);
    let mut by_target: BTreeMap<String, Vec<[f64; 2]>> = BTreeMap::new();
    for (target, miss) in misses(&flight, &results, End::Map, &lens) {
        by_target.entry(target).or_default().push(miss);
    }
    let targets: Vec<[f64; 2]> = by_target.values().map(|list| mean(list)).collect();
    let middle = mean(&targets);
    let about: Vec<[f64; 2]> = targets
        .iter()
        .map(|m| [m[0] - middle[0], m[1] - middle[1]])
        .collect();
    let number = |key: &str| found[key].as_f64().expect("a number");
    let rmse_px = number("reprojection_rmse_px");
    println!(
        "adjusted: {:.3} m, about their mean {:.3} m, {rmse_px:.2} px, {} frames",
        rms(&targets),
        rms(&about),
        found["adjusted_frames"]
    );
    assert!(rms(&targets) <= 3.0);
    assert!(rms(&about) <= 0.4);
    assert!(rmse_px <= 0.8);
    assert!(number("adjusted_frames") >= 0.98 * 58.0);
}
