//! Flights of any size over a made field: true poses, what a consumer receiver and a gimbal say of
//! them, and pictures made when they are asked for.

// Each test file uses its own part.
#![allow(dead_code)]

use thermaudit::orient::pose::{from_gimbal, product};
use thermaudit::orient::{CameraModel, OrientedFrame, Pose};
use thermaudit::raster::{Bounds, Grid};
use thermaudit::survey::YawPitchRoll;

/// 60 m over ground with 760 pixels of focal length: cells of 8 cm, views of 51 m × 40 m.
pub(crate) const HEIGHT_M: f64 = 60.0;
pub(crate) const FOCAL_PX: f64 = 760.0;
/// Forward and side overlap of three quarters and two thirds.
const ALONG_M: f64 = 10.0;
const ACROSS_M: f64 = 17.0;
const SPEED_M_S: f64 = 5.0;

/// Evenly spread numbers within ±1, by number and kind.
fn noise(number: usize, kind: u64) -> f64 {
    let mut h = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (kind << 57);
    h ^= h >> 31;
    h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h ^= h >> 27;
    h = h.wrapping_mul(0x94D0_49BB_1331_11EB);
    (h >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// True frames of a square block, line after line to the north and back.
pub(crate) fn truth(count: usize) -> Vec<OrientedFrame> {
    let per_line = ((count as f64 * ACROSS_M / ALONG_M).sqrt().round() as usize).max(1);
    let frame = |index: usize| {
        let (line, k) = (index / per_line, index % per_line);
        let back = line % 2 == 1;
        let along = if back { per_line - 1 - k } else { k } as f64 * ALONG_M;
        let angles = YawPitchRoll {
            yaw_deg: noise(index, 1),
            pitch_deg: -90.0 + noise(index, 2),
            roll_deg: noise(index, 3),
        };
        let centre = [
            line as f64 * ACROSS_M + 0.5 * noise(index, 4),
            along + 0.5 * noise(index, 5),
            HEIGHT_M + 0.5 * noise(index, 6),
        ];
        // A turn takes 20 s.
        let time_s = index as f64 * ALONG_M / SPEED_M_S + 20.0 * line as f64;
        let (half_x, half_y) = (320.0 / FOCAL_PX * HEIGHT_M, 256.0 / FOCAL_PX * HEIGHT_M);
        OrientedFrame {
            index,
            name: format!("{index:05}.jpg"),
            camera: CameraModel::pinhole(640, 512, FOCAL_PX),
            pose: Pose {
                centre,
                rotation: from_gimbal(&angles),
            },
            sigma_xy_m: 1.5,
            sigma_z_m: 1.5,
            ground_z_m: 0.0,
            path_m: HEIGHT_M,
            footprint: Bounds {
                x_min: centre[0] - half_x,
                x_max: centre[0] + half_x,
                y_min: centre[1] - half_y,
                y_max: centre[1] + half_y,
            },
            time_s,
        }
    };
    (0..count).map(frame).collect()
}

/// The frames as recorded: a metre off each by itself and two together, turned by a degree, with the
/// focal length of the data sheet (2 % too long).
pub(crate) fn recorded(truth: &[OrientedFrame]) -> Vec<OrientedFrame> {
    let mut frames = truth.to_vec();
    for (i, frame) in frames.iter_mut().enumerate() {
        let off = [
            1.0 * noise(i, 7) - 1.6,
            1.0 * noise(i, 8) + 1.2,
            0.8 * noise(i, 9),
        ];
        (0..3).for_each(|a| frame.pose.centre[a] += off[a]);
        let w = [10, 11, 12].map(|kind| noise(i, kind).to_radians());
        frame.pose.rotation = product(&small_turn(w), &frame.pose.rotation);
        frame.camera = CameraModel::pinhole(640, 512, 1.02 * FOCAL_PX);
        let b = &mut frame.footprint;
        (b.x_min, b.x_max) = (b.x_min + off[0], b.x_max + off[0]);
        (b.y_min, b.y_max) = (b.y_min + off[1], b.y_max + off[1]);
    }
    frames
}

/// A turn about an axis by Rodrigues' formula.
fn small_turn(w: [f64; 3]) -> [[f64; 3]; 3] {
    let angle = (w[0] * w[0] + w[1] * w[1] + w[2] * w[2]).sqrt().max(1e-12);
    let (s, c) = (angle.sin() / angle, (1.0 - angle.cos()) / (angle * angle));
    let k = [[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let square: f64 = (0..3).map(|m| k[i][m] * k[m][j]).sum();
            f64::from(u8::from(i == j)) + s * k[i][j] + c * square
        })
    })
}

/// Temperature of the field: spots of half a metre and of three, which never repeat.
fn field(x: f64, y: f64) -> f32 {
    let layer = |size: f64, seed: u64| {
        let (gx, gy) = (x / size + 1e4, y / size + 1e4);
        let (ix, iy) = (gx as u64, gy as u64);
        let (fx, fy) = ((gx - ix as f64) as f32, (gy - iy as f64) as f32);
        let spot = |i: u64, j: u64| {
            let mut h = i.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ^ j.wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
                ^ seed;
            h ^= h >> 29;
            h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (h >> 40) as f32 / (1 << 24) as f32
        };
        let upper = spot(ix, iy) * (1.0 - fx) + spot(ix + 1, iy) * fx;
        let lower = spot(ix, iy + 1) * (1.0 - fx) + spot(ix + 1, iy + 1) * fx;
        upper * (1.0 - fy) + lower * fy
    };
    275.0 + layer(0.5, 1) + 3.0 * layer(3.0, 2)
}

/// What a true frame sees, with 50 mK of noise.
pub(crate) fn kelvin(frame: &OrientedFrame) -> Grid<f32> {
    picture(frame, field)
}

/// What a true frame sees of a scene (kelvin by place on the ground), with 50 mK of noise.
pub(crate) fn picture(frame: &OrientedFrame, scene: impl Fn(f64, f64) -> f32) -> Grid<f32> {
    pictured(frame, &frame.camera, scene)
}

/// The same by a camera of a quarter of the pixels each way.
pub(crate) fn small_picture(frame: &OrientedFrame) -> Grid<f32> {
    let camera = CameraModel::pinhole(160, 128, FOCAL_PX / 4.0);
    pictured(frame, &camera, field)
}

fn pictured(
    frame: &OrientedFrame,
    camera: &CameraModel,
    scene: impl Fn(f64, f64) -> f32,
) -> Grid<f32> {
    let (width, height) = (camera.width, camera.height);
    let r = &frame.pose.rotation;
    let mut data = Vec::with_capacity(width * height);
    let mut state = frame.index as u64 + 77;
    for row in 0..height {
        for column in 0..width {
            // A camera without distortion.
            let ray = [
                (column as f64 + 0.5 - camera.cx_px) / camera.f_px,
                (row as f64 + 0.5 - camera.cy_px) / camera.f_px,
            ];
            let d = [0, 1, 2].map(|a| r[a][0] * ray[0] + r[a][1] * ray[1] + r[a][2]);
            let t = -frame.pose.centre[2] / d[2];
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let even = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            let place = [0, 1].map(|a| frame.pose.centre[a] + t * d[a]);
            data.push(scene(place[0], place[1]) + 0.17 * even);
        }
    }
    Grid::from_vec(width, height, data).expect("as many as there are pixels")
}

/// Root mean square of where the poses put the ground under each frame, about their mean, metres:
/// the block's own agreement, whatever its common offset.
pub(crate) fn spread_m(found: &[OrientedFrame], truth: &[OrientedFrame]) -> f64 {
    let aims = found.iter().zip(truth).map(|(a, b)| {
        let aim = |f: &OrientedFrame| {
            let axis = f.camera.unproject(f.camera.cx_px, f.camera.cy_px);
            f.pose
                .on_plane(axis.expect("the middle"), 0.0)
                .expect("down")
        };
        let (a, b) = (aim(a), aim(b));
        [a.0 - b.0, a.1 - b.1]
    });
    let aims: Vec<[f64; 2]> = aims.collect();
    let n = aims.len() as f64;
    let mean = [0, 1].map(|k| aims.iter().map(|d| d[k]).sum::<f64>() / n);
    let squares = aims
        .iter()
        .map(|d| (d[0] - mean[0]).powi(2) + (d[1] - mean[1]).powi(2));
    (squares.sum::<f64>() / n).sqrt()
}

/// Most memory this process has held, MiB; 0 where the system does not say.
pub(crate) fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let number = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    number.unwrap_or(0.0) / 1024.0
}
