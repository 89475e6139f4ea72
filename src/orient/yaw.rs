//! Whose yaw to believe: the gimbal's or the aircraft's.
//!
//! In: the frames of one flight oriented both ways, and their temperatures. Out: how well
//! overlapping frames agree under each. A wrong yaw turns every frame about its own nadir, so
//! the ground seen from two places comes out in two places; the right one makes them correlate.
//! Levels and slow gradients (drift, vignetting) are taken out by subtracting a local mean.
//!
//! Not here: measuring the remaining error; that is the block adjustment's.

use rayon::prelude::*;

use super::OrientedFrame;
use crate::raster::{Bounds, Grid, bilinear};

/// Temperatures of a frame by its index, kelvin; `None` when it cannot be read.
pub type KelvinOf<'a> = dyn Fn(usize) -> Option<Grid<f32>> + Sync + 'a;

/// Pairs compared at most.
const MAX_PAIRS: usize = 20;
/// Partners looked at after a frame: the farther they lie, the more a wrong yaw shows.
const MAX_GAP: usize = 4;
/// Share of the smaller ground view that a pair must have in common.
const MIN_OVERLAP: f64 = 0.4;
/// Lattice points along the longer side of the common ground.
const LATTICE: usize = 96;
/// Half width of the local mean, lattice points.
const LOCAL: usize = 8;
/// Half width of the smoothing that lets features meet in spite of position noise.
const SMOOTH: usize = 1;
/// Lattice points both frames must see.
const MIN_POINTS: usize = 400;
/// Pixels left out along the image border.
const MARGIN_PX: f64 = 8.0;

/// Mean correlations of the same pairs under two orientations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scores {
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) pairs: usize,
}

/// Compares two orientations of the same frames, both in the order of time; `None` when fewer
/// than three pairs could be compared.
pub(super) fn compare(
    first: &[OrientedFrame],
    second: &[OrientedFrame],
    kelvin: &KelvinOf<'_>,
) -> Option<Scores> {
    let pairs = pairs(first);
    let scores: Vec<(f64, f64)> = pairs
        .par_iter()
        .filter_map(|(i, j)| {
            let (a, b) = (kelvin(first[*i].index)?, kelvin(first[*j].index)?);
            let score = |frames: &[OrientedFrame]| agreement(&frames[*i], &a, &frames[*j], &b);
            Some((score(first)?, score(second)?))
        })
        .collect();
    let n = scores.len() as f64;
    (scores.len() >= 3).then(|| Scores {
        first: scores.iter().map(|s| s.0).sum::<f64>() / n,
        second: scores.iter().map(|s| s.1).sum::<f64>() / n,
        pairs: scores.len(),
    })
}

/// Pairs spread over the flight: each frame with the farthest of its next few that still shares
/// enough ground.
pub(super) fn pairs(frames: &[OrientedFrame]) -> Vec<(usize, usize)> {
    let step = frames.len().div_ceil(MAX_PAIRS).max(1);
    (0..frames.len())
        .step_by(step)
        .filter_map(|i| {
            let last = (i + MAX_GAP).min(frames.len() - 1);
            (i + 1..=last)
                .rev()
                .find(|j| overlap(&frames[i].footprint, &frames[*j].footprint) >= MIN_OVERLAP)
                .map(|j| (i, j))
        })
        .collect()
}

fn common(a: &Bounds, b: &Bounds) -> Bounds {
    Bounds {
        x_min: a.x_min.max(b.x_min),
        y_min: a.y_min.max(b.y_min),
        x_max: a.x_max.min(b.x_max),
        y_max: a.y_max.min(b.y_max),
    }
}

fn area(b: &Bounds) -> f64 {
    (b.x_max - b.x_min).max(0.0) * (b.y_max - b.y_min).max(0.0)
}

fn overlap(a: &Bounds, b: &Bounds) -> f64 {
    area(&common(a, b)) / area(a).min(area(b)).max(f64::MIN_POSITIVE)
}

/// Correlation of what two frames see on the same ground, −1 to 1; `None` when they share too
/// little.
fn agreement(
    a: &OrientedFrame,
    kelvin_a: &Grid<f32>,
    b: &OrientedFrame,
    kelvin_b: &Grid<f32>,
) -> Option<f64> {
    let ground = common(&a.footprint, &b.footprint);
    let (across_m, down_m) = (ground.x_max - ground.x_min, ground.y_max - ground.y_min);
    if !(across_m > 0.0 && down_m > 0.0) {
        return None;
    }
    let step_m = across_m.max(down_m) / LATTICE as f64;
    let (width, height) = (
        (across_m / step_m).ceil() as usize,
        (down_m / step_m).ceil() as usize,
    );
    let z = 0.5 * (a.ground_z_m + b.ground_z_m);
    let mut seen_a = Grid::filled(width, height, f32::NAN);
    let mut seen_b = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let x = ground.x_min + (col as f64 + 0.5) * step_m;
            let y = ground.y_max - (row as f64 + 0.5) * step_m;
            let pair = sample(a, kelvin_a, [x, y, z]).zip(sample(b, kelvin_b, [x, y, z]));
            if let Some((value_a, value_b)) = pair {
                seen_a.set(col, row, value_a as f32);
                seen_b.set(col, row, value_b as f32);
            }
        }
    }
    correlation(&detail(&seen_a), &detail(&seen_b))
}

fn sample(frame: &OrientedFrame, kelvin: &Grid<f32>, world: [f64; 3]) -> Option<f64> {
    let (u, v) = frame.camera.project(frame.pose.to_camera(world))?;
    let inside = u >= MARGIN_PX
        && v >= MARGIN_PX
        && u <= kelvin.width() as f64 - MARGIN_PX
        && v <= kelvin.height() as f64 - MARGIN_PX;
    inside.then(|| bilinear(kelvin, u, v)).flatten()
}

/// A little smoothed, minus the local mean.
fn detail(grid: &Grid<f32>) -> Grid<f32> {
    let smooth = box_mean(grid, SMOOTH);
    let local = box_mean(grid, LOCAL);
    let data = smooth
        .data()
        .iter()
        .zip(local.data())
        .zip(grid.data())
        .map(|((s, l), own)| if own.is_nan() { f32::NAN } else { s - l })
        .collect();
    Grid::from_vec(grid.width(), grid.height(), data).unwrap_or(smooth)
}

/// Mean of the finite cells in a square around each cell, by summed areas.
fn box_mean(grid: &Grid<f32>, half: usize) -> Grid<f32> {
    let (width, height) = (grid.width(), grid.height());
    let stride = width + 1;
    let mut sums = vec![(0.0f64, 0u32); stride * (height + 1)];
    for row in 0..height {
        let mut line = (0.0, 0);
        for col in 0..width {
            let value = grid.at(col, row);
            if value.is_finite() {
                line = (line.0 + f64::from(value), line.1 + 1);
            }
            let above = sums[row * stride + col + 1];
            sums[(row + 1) * stride + col + 1] = (above.0 + line.0, above.1 + line.1);
        }
    }
    let mut mean = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let (c0, c1) = (col.saturating_sub(half), (col + half + 1).min(width));
            let (r0, r1) = (row.saturating_sub(half), (row + half + 1).min(height));
            let at = |r: usize, c: usize| sums[r * stride + c];
            let sum = at(r1, c1).0 - at(r0, c1).0 - at(r1, c0).0 + at(r0, c0).0;
            let count = at(r1, c1).1 + at(r0, c0).1 - at(r0, c1).1 - at(r1, c0).1;
            if count > 0 {
                mean.set(col, row, (sum / f64::from(count)) as f32);
            }
        }
    }
    mean
}

fn correlation(a: &Grid<f32>, b: &Grid<f32>) -> Option<f64> {
    let (mut n, mut ab, mut aa, mut bb) = (0usize, 0.0, 0.0, 0.0);
    for (a, b) in a.data().iter().zip(b.data()) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        if a.is_finite() && b.is_finite() {
            n += 1;
            ab += a * b;
            aa += a * a;
            bb += b * b;
        }
    }
    (n >= MIN_POINTS && aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::pose::from_gimbal;
    use super::super::{CameraModel, Pose};
    use super::*;
    use crate::survey::YawPitchRoll;

    /// Blobs of a few metres, different everywhere.
    fn ground_k(x: f64, y: f64) -> f64 {
        280.0 + (0.9 * x).sin() * (1.1 * y).cos() + (0.37 * x + 0.53 * y).sin()
    }

    fn frame(index: usize, x: f64, yaw_deg: f64) -> OrientedFrame {
        let angles = YawPitchRoll {
            yaw_deg,
            pitch_deg: -90.0,
            roll_deg: 0.0,
        };
        OrientedFrame {
            index,
            name: String::new(),
            camera: CameraModel::pinhole(160, 128, 190.0),
            pose: Pose {
                centre: [x, 0.0, 40.0],
                rotation: from_gimbal(&angles),
            },
            sigma_xy_m: 0.1,
            sigma_z_m: 0.1,
            ground_z_m: 0.0,
            path_m: 40.0,
            footprint: Bounds {
                x_min: x - 16.0,
                x_max: x + 16.0,
                y_min: -14.0,
                y_max: 14.0,
            },
            time_s: index as f64,
        }
    }

    fn picture(frame: &OrientedFrame) -> Grid<f32> {
        let mut grid = Grid::filled(160, 128, 0.0);
        for row in 0..128 {
            for col in 0..160 {
                let ray = frame
                    .camera
                    .unproject(col as f64 + 0.5, row as f64 + 0.5)
                    .expect("a pinhole");
                let (x, y) = frame.pose.on_plane(ray, 0.0).expect("looks down");
                // Each frame with a level and a slope of its own, as uncooled cameras drift.
                let drift = frame.index as f64 + 0.01 * row as f64;
                grid.set(col, row, (ground_k(x, y) + drift) as f32);
            }
        }
        grid
    }

    #[test]
    fn the_true_yaw_agrees_better_than_one_5_degrees_off() {
        let with_yaw = |yaw: f64| -> Vec<OrientedFrame> {
            (0..8).map(|i| frame(i, 5.0 * i as f64, yaw)).collect()
        };
        let (wrong, right) = (with_yaw(30.0), with_yaw(35.0));
        let pictures: Vec<Grid<f32>> = right.iter().map(picture).collect();
        let scores = compare(&wrong, &right, &|i| pictures.get(i).cloned()).expect("pairs");
        assert!(scores.second > 0.95, "{scores:?}");
        assert!(scores.first < scores.second - 0.1, "{scores:?}");
    }

    #[test]
    fn without_pictures_there_is_no_score() {
        let frames: Vec<OrientedFrame> = (0..8).map(|i| frame(i, 5.0 * i as f64, 0.0)).collect();
        assert_eq!(compare(&frames, &frames, &|_| None), None);
    }
}
