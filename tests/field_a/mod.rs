//! A real flight with known poses: 58 frames of 640 × 512 at 38 m over a flat field, with poses and
//! lens from a controlled adjustment. Not part of this package; looked for under
//! `THERMAUDIT_TESTDATA`.

// Each test file uses its own part.
#![allow(dead_code)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use thermaudit::calibrate::parameters::from_file;
use thermaudit::calibrate::to_kelvin;
use thermaudit::orient::{CameraModel, Distortion, OrientedFrame, Pose};
use thermaudit::raster::{Bounds, GeoGrid, Grid};
use thermaudit::read::frame::frame;
use thermaudit::read::geotiff::GeoTiff;

/// Height of the field, metres.
pub(crate) const GROUND_M: f64 = 422.0;

/// Where the flight lies; `None` (said on stderr) when there are no test data.
pub(crate) fn folder() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("THERMAUDIT_TESTDATA") else {
        eprintln!("skipped: THERMAUDIT_TESTDATA is not set");
        return None;
    };
    Some(PathBuf::from(data).join("flights/zenmuse-xt-field-a"))
}

/// The surface model of the site.
pub(crate) fn surface(folder: &Path) -> GeoGrid<f32> {
    let file = GeoTiff::open(&folder.join("dsm_lv95.tif")).expect("the surface model");
    GeoGrid {
        grid: file.window(file.whole()).expect("its heights"),
        transform: file.transform,
    }
}

/// Calibration as its file gives it: offsets of the principal point from the image centre, p1 and
/// p2 in the order of the adjustment program.
pub(crate) fn calibration(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("camera_calibration.json")).expect("the lens");
    serde_json::from_str(&text).expect("JSON")
}

/// A number of the calibration.
pub(crate) fn number(calibration: &Value, key: &str) -> f64 {
    calibration[key].as_f64().expect("a number")
}

/// Our camera model of it.
pub(crate) fn camera(calibration: &Value) -> CameraModel {
    let n = |key| number(calibration, key);
    CameraModel::new(
        640,
        512,
        n("f"),
        (320.0 + n("cx"), 256.0 + n("cy")),
        Distortion::Brown {
            k: [n("k1"), n("k2"), n("k3")],
            // Our order is the other way round.
            p: [n("p2"), n("p1")],
        },
    )
}

/// All frames with their reference poses, in the order of the table (which is time).
pub(crate) fn frames(folder: &Path) -> Vec<OrientedFrame> {
    let camera = camera(&calibration(folder));
    let table = std::fs::read_to_string(folder.join("reference_poses_lv95.csv")).expect("poses");
    let times = times_s(folder);
    let rows = table.lines().skip(1).enumerate();
    rows.map(|(index, row)| {
        let fields: Vec<&str> = row.split(',').collect();
        let n: Vec<f64> = fields[1..]
            .iter()
            .map(|f| f.parse().expect("a number"))
            .collect();
        let pose = Pose {
            centre: [n[0], n[1], n[2]],
            rotation: [[n[3], n[4], n[5]], [n[6], n[7], n[8]], [n[9], n[10], n[11]]],
        };
        let time = times.iter().find(|t| t.0 == fields[0]);
        OrientedFrame {
            index,
            name: fields[0].to_owned(),
            footprint: footprint(&camera, &pose),
            camera: camera.clone(),
            sigma_xy_m: 0.05,
            sigma_z_m: 0.05,
            ground_z_m: GROUND_M,
            path_m: pose.centre[2] - GROUND_M,
            pose,
            time_s: time.map_or(f64::NAN, |t| t.1),
        }
    })
    .collect()
}

fn footprint(camera: &CameraModel, pose: &Pose) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    for (u, v) in [(0.0, 0.0), (640.0, 0.0), (640.0, 512.0), (0.0, 512.0)] {
        let ray = camera.unproject(u, v).expect("the lens reaches the corner");
        let d = pose.to_world_direction(ray);
        let t = (GROUND_M - pose.centre[2]) / d[2];
        bounds.include(pose.centre[0] + t * d[0], pose.centre[1] + t * d[1]);
    }
    bounds
}

/// File name and seconds of the day ("2021:07:01 13:49:35.299").
fn times_s(folder: &Path) -> Vec<(String, f64)> {
    let table = std::fs::read_to_string(folder.join("exif_summary.csv")).expect("times");
    let rows = table.lines().skip(1);
    rows.map(|row| {
        let (name, _) = row.split_once(',').expect("fields");
        let (_, clock) = row.rsplit_once(' ').expect("date and time");
        let parts = clock
            .split(':')
            .map(|p| p.parse::<f64>().expect("a number"));
        (
            name.to_owned(),
            parts.fold(0.0, |sum, part| 60.0 * sum + part),
        )
    })
    .collect()
}

/// Apparent temperature of a frame with the parameters its file holds, kelvin.
pub(crate) fn kelvin(folder: &Path, name: &str) -> Grid<f32> {
    let bytes = std::fs::read(folder.join("frames").join(name)).expect("the frame");
    let raw = frame(name, &bytes).expect("a readable frame");
    let parameters = from_file(&raw.header.found);
    to_kelvin(&raw, &parameters).expect("temperatures").kelvin
}
