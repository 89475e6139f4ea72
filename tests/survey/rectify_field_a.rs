//! The promise (G5): an orthorectified frame agrees with an independent projection within 0.01 K RMS
//! and 0.02 px.
//!
//! Twice independent: a plain loop in this file, written from the formulas of the program the lens
//! comes from, and OpenCV with rasterio, in tools/project_cells.py, where Python has them.

// Tests say what they skip and how close they came.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

use crate::field_a;

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use thermaudit::orient::OrientedFrame;
use thermaudit::raster::{GeoGrid, GeoTransform, Grid};
use thermaudit::rectify::{Options, OrthoTile, Relief, Target, look, tile};

const GSD_M: f64 = 0.05;

/// Frames of different strips and turns.
const CHOSEN: [usize; 5] = [0, 13, 27, 40, 57];

/// The field has no walls; the plain projection knows none.
fn options() -> Options {
    Options {
        sharp_walls: false,
        ..Options::default()
    }
}

fn target(frame: &OrientedFrame) -> Target {
    let bounds = frame.footprint;
    let cells = |metres: f64| (metres / GSD_M).ceil() as usize;
    Target {
        transform: GeoTransform {
            x0: (bounds.x_min / GSD_M).floor() * GSD_M,
            y0: (bounds.y_max / GSD_M).ceil() * GSD_M,
            dx: GSD_M,
            dy: GSD_M,
        },
        width: cells(bounds.x_max - bounds.x_min) + 1,
        height: cells(bounds.y_max - bounds.y_min) + 1,
    }
}

/// Four neighbours and their weights at a continuous position; NaN when one is missing.
fn plain_bilinear(grid: &Grid<f32>, u: f64, v: f64) -> f64 {
    let (col, row) = ((u - 0.5).floor(), (v - 0.5).floor());
    let mut sum = 0.0;
    for (dc, dr) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let weight = (1.0 - (u - 0.5 - col - dc).abs()) * (1.0 - (v - 0.5 - row - dr).abs());
        match grid.get((col + dc) as isize, (row + dr) as isize) {
            Some(value) => sum += weight * f64::from(value),
            None => return f64::NAN,
        }
    }
    sum
}

/// Pixel of a ground point, from the formulas of the adjustment program: offsets of the principal
/// point from the image centre, x' = xD + P1 (r² + 2x²) + 2 P2 xy, y' = yD + P2 (r² + 2y²) + 2 P1 xy.
fn plain_projection(lens: &Value, frame: &OrientedFrame, ground: [f64; 3]) -> (f64, f64) {
    let n = |key| field_a::number(lens, key);
    let mut camera = [0.0; 3];
    for (axis, value) in camera.iter_mut().enumerate() {
        let rows = frame.pose.rotation.iter().zip(frame.pose.centre);
        for (at, (row, centre)) in ground.iter().zip(rows) {
            *value += row[axis] * (at - centre);
        }
    }
    let (x, y) = (camera[0] / camera[2], camera[1] / camera[2]);
    let r2 = x * x + y * y;
    let d = 1.0 + n("k1") * r2 + n("k2") * r2.powi(2) + n("k3") * r2.powi(3);
    let xd = x * d + n("p1") * (r2 + 2.0 * x * x) + 2.0 * n("p2") * x * y;
    let yd = y * d + n("p2") * (r2 + 2.0 * y * y) + 2.0 * n("p1") * x * y;
    (320.0 + n("cx") + n("f") * xd, 256.0 + n("cy") + n("f") * yd)
}

#[test]
fn a_rectified_frame_agrees_with_a_plain_projection() {
    let Some(folder) = field_a::folder() else {
        return;
    };
    let (lens, surface) = (field_a::calibration(&folder), field_a::surface(&folder));
    let frames = field_a::frames(&folder);
    let options = options();
    let relief = Relief::new(&surface, &options);
    for frame in CHOSEN.map(|i| &frames[i]) {
        let kelvin = field_a::kelvin(&folder, &frame.name);
        let target = target(frame);
        let ortho = tile(&kelvin, frame, &surface, &target, &options);
        let (mut squares, mut cells, mut shift, mut missed) = (0.0, 0usize, 0.0_f64, 0usize);
        for row in 0..target.height {
            for col in 0..target.width {
                let (x, y) = target.transform.centre(col, row);
                let (su, sv) = surface.transform.to_pixel(x, y);
                let z = plain_bilinear(&surface.grid, su, sv);
                let (u, v) = plain_projection(&lens, frame, [x, y, z]);
                let inside = u > 3.01 && v > 3.01 && u < 636.99 && v < 508.99;
                let ours = f64::from(ortho.kelvin.at(col, row));
                if ours.is_nan() {
                    missed += usize::from(inside && !plain_bilinear(&kelvin, u, v).is_nan());
                    continue;
                }
                cells += 1;
                squares += (ours - plain_bilinear(&kelvin, u, v)).powi(2);
                let seen = look(frame, &relief, x, y, &options).expect("a value means seen");
                shift = shift.max((seen.u_px - u).abs()).max((seen.v_px - v).abs());
            }
        }
        let rms_k = (squares / cells as f64).sqrt();
        println!(
            "{}: {cells} cells, {rms_k:.6} K RMS, {shift:.1e} px, {missed} not seen",
            frame.name
        );
        assert!(cells > 250_000);
        assert!(rms_k <= 0.01 && shift <= 0.02);
        assert!(
            missed * 1000 < cells,
            "a flat field hides nothing: {missed}"
        );
        let most = |grid: &Grid<f32>| grid.data().iter().copied().fold(f32::MIN, f32::max);
        assert!(most(&ortho.kelvin) <= most(&kelvin), "R4");
    }
}

#[test]
fn a_rectified_frame_agrees_with_opencv() {
    let Some(folder) = field_a::folder() else {
        return;
    };
    let python = std::env::var("THERMAUDIT_PYTHON").unwrap_or_else(|_| String::from("python3"));
    let has_modules = Command::new(&python)
        .args(["-c", "import numpy, rasterio, cv2"])
        .output()
        .is_ok_and(|o| o.status.success());
    if !has_modules {
        println!("skipped: THERMAUDIT_PYTHON names no Python with numpy, rasterio and cv2");
        return;
    }
    let surface = field_a::surface(&folder);
    let frames = field_a::frames(&folder);
    for frame in CHOSEN.map(|i| &frames[i]) {
        let kelvin = field_a::kelvin(&folder, &frame.name);
        let target = target(frame);
        let ortho = tile(&kelvin, frame, &surface, &target, &options());
        let job = tempfile::tempdir().expect("a folder");
        write_job(
            job.path(),
            &folder,
            frame,
            &kelvin,
            &surface,
            &target,
            &ortho,
        );
        let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/project_cells.py");
        let output = Command::new(&python)
            .arg(tool)
            .arg(job.path())
            .output()
            .expect("Python runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let n: Vec<f64> = text
            .split_whitespace()
            .filter_map(|w| w.parse().ok())
            .collect();
        let [cells, rms_k, shift_px, differ] = n[..] else {
            panic!("{text}{}", String::from_utf8_lossy(&output.stderr));
        };
        println!(
            "{}: {cells} cells, {rms_k:.6} K RMS, {shift_px:.1e} px, {differ} seen by one only",
            frame.name
        );
        assert!(cells > 250_000.0);
        assert!(rms_k <= 0.01 && shift_px <= 0.02);
        assert!(differ < 1e-3 * cells);
    }
}

fn write_job(
    job: &Path,
    folder: &Path,
    frame: &OrientedFrame,
    kelvin: &Grid<f32>,
    surface: &GeoGrid<f32>,
    target: &Target,
    ortho: &OrthoTile,
) {
    let settings = json!({
        "lens": field_a::calibration(folder),
        "dsm": folder.join("dsm_lv95.tif"),
        "centre": frame.pose.centre,
        "rotation": frame.pose.rotation,
        "x0": target.transform.x0,
        "y0": target.transform.y0,
        "gsd": GSD_M,
        "width": target.width,
        "height": target.height,
    });
    let write = |name: &str, bytes: Vec<u8>| {
        std::fs::write(job.join(name), bytes).expect("a writable folder");
    };
    let f32s = |grid: &Grid<f32>| grid.data().iter().flat_map(|v| v.to_le_bytes()).collect();
    write("job.json", settings.to_string().into_bytes());
    write("frame.f32", f32s(kelvin));
    write("ours.f32", f32s(&ortho.kelvin));
    let relief = Relief::new(surface, &options());
    let mut uv = Vec::new();
    for row in 0..target.height {
        for col in 0..target.width {
            let (x, y) = target.transform.centre(col, row);
            let at = look(frame, &relief, x, y, &options());
            let (u, v) = at.map_or((f64::NAN, f64::NAN), |s| (s.u_px, s.v_px));
            uv.extend(u.to_le_bytes());
            uv.extend(v.to_le_bytes());
        }
    }
    write("ours_uv.f64", uv);
}
