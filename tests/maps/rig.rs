//! The promise: poses of the visible pictures of a rig place its thermal frames; how the thermal camera
//! is turned against the other, and how far it is beside it, comes from the thermal frames themselves.
//!
//! Truth is that of a simulated park; the visible camera is imagined beside the true thermal one.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use crate::common;

use common::{flight_folder, stderr, thermaudit};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use thermaudit::orient::pose::{boresight, from_omega_phi_kappa, product, to_omega_phi_kappa};
use thermaudit::orient::{CameraModel, Distortion, Pose, Rotation};

/// Thermal against visible: yaw, pitch, roll in degrees, and right, down, forward in metres.
const TURN_DEG: [f64; 3] = [0.8, 1.5, -2.0];
const LEVER_M: [f64; 3] = [0.05, 0.12, -0.03];

fn load(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

fn number(v: &Value) -> f64 {
    v.as_f64().expect("a number")
}

fn list(v: &Value) -> Vec<f64> {
    let values = v.as_array().expect("numbers").iter();
    let flat = values.flat_map(|v| v.as_array().cloned().unwrap_or(vec![v.clone()]));
    flat.map(|v| number(&v)).collect()
}

fn true_pose(frame: &Value) -> Pose {
    let (c, r) = (list(&frame["centre"]), list(&frame["rotation"]));
    Pose {
        centre: [c[0], c[1], c[2]],
        rotation: [[r[0], r[1], r[2]], [r[3], r[4], r[5]], [r[6], r[7], r[8]]],
    }
}

fn transposed(r: &Rotation) -> Rotation {
    std::array::from_fn(|i| std::array::from_fn(|j| r[j][i]))
}

/// The visible camera's pose beside a thermal one.
fn visible(thermal: &Pose) -> Pose {
    let lever = thermal.to_world_direction(LEVER_M);
    Pose {
        centre: std::array::from_fn(|k| thermal.centre[k] - lever[k]),
        rotation: product(&thermal.rotation, &transposed(&boresight(TURN_DEG))),
    }
}

fn simulated(folder: &Path, seed: u64) -> (Value, PathBuf) {
    let path = folder.to_str().expect("a plain path");
    let made = thermaudit(&[
        "-q",
        "simulate",
        path,
        "--seed",
        &seed.to_string(),
        "--visits",
        "0",
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let truth = load(&folder.join("truth/truth.json"))["flights"][0].clone();
    (truth, flight_folder(folder))
}

fn run(folder: &Path) -> (Value, PathBuf) {
    let path = folder.to_str().expect("a plain path");
    let output = thermaudit(&["run", path, "--until", "attach"]);
    let said = stderr(&output);
    assert!(output.status.code().is_some_and(|c| c < 2), "{said}");
    let flight = flight_folder(folder);
    let results = folder
        .join("results")
        .join(flight.file_name().expect("a name"));
    (load(&results.join("run.json")), results)
}

/// RMS miss of roof corners in frames, in ground samples.
fn corner_error(folder: &Path, truth: &Value, record: &Value, results: &Path) -> f64 {
    let all = load(&folder.join("truth/truth.json"));
    let database = rusqlite::Connection::open(results.join("audit.gpkg")).expect("opens");
    let found = &record["adjustment"]["cameras"][0];
    let of = |key: &str, n: usize| -> Vec<f64> { (0..n).map(|i| number(&found[key][i])).collect() };
    let (k, p) = (of("k", 3), of("p", 2));
    let lens = Distortion::Brown {
        k: [k[0], k[1], k[2]],
        p: [p[0], p[1]],
    };
    let principal = (number(&found["cx_px"]), number(&found["cy_px"]));
    let camera = CameraModel::new(320, 256, number(&found["f_px"]), principal, lens);
    let plain = CameraModel::pinhole(320, 256, 758.0);
    let (mut squares, mut count) = (0.0, 0.0);
    for frame in truth["frames"].as_array().expect("frames") {
        let file = frame["file"].as_str().expect("a name");
        let row: Result<[f64; 6], _> = database.query_row(
            "SELECT x_m, y_m, z_m, omega_deg, phi_deg, kappa_deg FROM frames WHERE file LIKE '%' || ?1",
            [file],
            |r| Ok([r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?]),
        );
        let [x, y, z, omega, phi, kappa] = row.expect("a row");
        let ours = Pose {
            centre: [x, y, z],
            rotation: from_omega_phi_kappa([omega, phi, kappa]),
        };
        let real = true_pose(frame);
        for building in all["buildings"].as_array().expect("buildings") {
            for corner in building["corners_at_eave"].as_array().expect("corners") {
                let p = list(corner);
                let seen = plain.project(real.to_camera([p[0], p[1], p[2]]));
                let Some((u, v)) = seen.filter(|(u, v)| plain.contains(*u, *v)) else {
                    continue;
                };
                let ray = camera.unproject(u, v).expect("in the picture");
                let (x, y) = ours.on_plane(ray, p[2]).expect("down");
                squares += (x - p[0]).powi(2) + (y - p[1]).powi(2);
                count += 1.0;
            }
        }
    }
    assert!(count > 300.0);
    (squares / count).sqrt() / (number(&truth["agl_m"]) / 758.0)
}

fn check(folder: &Path, truth: &Value) {
    let (record, results) = run(folder);
    assert_eq!(record["orientation"]["poses_of_another_camera"], true);
    let adjustment = &record["adjustment"];
    let turn = list(&adjustment["boresight_deg"]);
    let lever = list(&adjustment["lever_m"]);
    let error = corner_error(folder, truth, &record, &results);
    println!("turn {turn:.3?}°, lever {lever:.3?} m, corners {error:.2} GSD");
    // About right, down, forward: pitch, roll, yaw.
    let due = [TURN_DEG[1], TURN_DEG[2], TURN_DEG[0]];
    for k in 0..3 {
        assert!((turn[k] - due[k]).abs() < 0.1, "{turn:?}");
    }
    assert!(error <= 1.0, "{error}");
}

#[test]
fn a_pose_file_of_the_visible_pictures_places_the_thermal_ones() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    let (truth, flight) = simulated(&folder, 7061);
    let mut csv = String::from("file,x,y,z,crs,omega_deg,phi_deg,kappa_deg\n");
    for frame in truth["frames"].as_array().expect("frames") {
        let name = frame["file"].as_str().expect("a name");
        let pose = visible(&true_pose(frame));
        let [x, y, z] = pose.centre;
        let [o, p, k] = to_omega_phi_kappa(&pose.rotation);
        let name = name.replace(".jpg", "_V.JPG");
        writeln!(
            csv,
            "{name},{x:.4},{y:.4},{z:.4},EPSG:31370,{o:.6},{p:.6},{k:.6}"
        )
        .expect("text");
    }
    std::fs::write(flight.join("poses.csv"), csv).expect("written");
    check(&folder, &truth);
}

#[test]
fn a_reconstruction_of_the_visible_pictures_does_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    let (truth, flight) = simulated(&folder, 7062);
    let crs =
        thermaudit::geo::crs::Crs::new("EPSG:31370", thermaudit::geo::crs::DatumGrid::Embedded)
            .expect("known");
    let frames = truth["frames"].as_array().expect("frames");
    let mut features = Vec::new();
    for frame in frames {
        let name = frame["file"]
            .as_str()
            .expect("a name")
            .replace(".jpg", "_V.JPG");
        let pose = visible(&true_pose(frame));
        let [x, y, z] = pose.centre;
        let (lon, lat) = crs.to_lonlat(x, y).expect("in Belgium");
        // TAW to the ellipsoid.
        let up = z + thermaudit::geo::geoid::separation_m(lon, lat).expect("in Belgium");
        // Grid north to true north, then world to camera as an angle about an axis.
        let (s, c) = crs.convergence_rad(x, y).sin_cos();
        let to_true = [[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]];
        let to_camera = transposed(&product(&to_true, &pose.rotation));
        features.push(json!({
            "type": "Feature",
            "properties": {"filename": name, "rotation": angle_axis(&to_camera)},
            "geometry": {"type": "Point", "coordinates": [lon, lat, up]},
        }));
    }
    let text = json!({"type": "FeatureCollection", "features": features}).to_string();
    std::fs::write(flight.join("shots.geojson"), text).expect("written");
    check(&folder, &truth);
}

/// Angle times axis, by the eigenvector of the rotation for angles near half a turn.
fn angle_axis(r: &Rotation) -> [f64; 3] {
    let cos = ((r[0][0] + r[1][1] + r[2][2] - 1.0) / 2.0).clamp(-1.0, 1.0);
    let angle = cos.acos();
    // (R + Rᵀ) / 2 = cos I + (1 − cos) a aᵀ: the column of the largest diagonal entry.
    let best = (0..3)
        .max_by(|a, b| r[*a][*a].total_cmp(&r[*b][*b]))
        .expect("three");
    let square = |i: usize, j: usize| {
        let even = (r[i][j] + r[j][i]) / 2.0;
        (even - if i == j { cos } else { 0.0 }) / (1.0 - cos)
    };
    let length = square(best, best).sqrt();
    let axis: [f64; 3] = std::array::from_fn(|k| square(k, best) / length);
    let odd = [r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]];
    let sign = if (0..3).map(|k| odd[k] * axis[k]).sum::<f64>() < 0.0 {
        -1.0
    } else {
        1.0
    };
    axis.map(|a| sign * angle * a)
}
