//! Where a chip of one frame lies in another: normalised cross-correlation around the place the
//! priors predict, the other frame turned and scaled as they say.

use super::super::{Ground, OrientedFrame};
use super::picture::{COARSE, Picture};
use crate::raster::Grid;

/// Half side of a chip, coarse and fine pixels.
const COARSE_HALF: i64 = 8;
const FINE_HALF: i64 = 15;
/// How far the fine search goes, and the coarse one around the joint shift.
const FINE_REACH: i64 = 6;
const LOCAL_REACH: i64 = 4;
/// Farthest joint search, coarse pixels.
const MAX_REACH: i64 = 40;
/// Correlation below which a chip does not count. Of noise alone it is 0.03 over a fine chip of 961
/// pixels and 0.06 over a coarse one of 289; what chance lets through does not agree with the rest.
const LEAST_FINE: f32 = 0.2;
const LEAST_COARSE: f32 = 0.2;
/// A rival elsewhere with this share of the joint peak makes a pair ambiguous.
const RIVAL: f32 = 0.85;
/// Joint correlation below which there is no peak: six times that of noise over 48 chips.
const LEAST_JOINT: f32 = 0.05;

/// Joint correlation below which rivals are those of noise.
const NOISY_JOINT: f32 = 3.0 * LEAST_JOINT;

/// A point of the first frame, and how the second sees its surroundings by the priors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patch {
    /// Pixel in the first frame.
    pub(super) at: [f64; 2],
    /// Predicted pixel in the second.
    to: [f64; 2],
    /// Pixels of the second per pixel of the first: columns of the first's right and down.
    turn: [[f64; 2]; 2],
}

impl Patch {
    /// `None` where the point is not seen by the second frame.
    pub(super) fn predict(
        first: &OrientedFrame,
        second: &OrientedFrame,
        at: [f64; 2],
        ground: &dyn Ground,
    ) -> Option<Self> {
        const STEP: f64 = 8.0;
        let mut z = first.ground_z_m;
        // The plane the point lies on; two rounds settle steep views.
        for _ in 0..2 {
            let ray = first.camera.unproject(at[0], at[1])?;
            let (x, y) = first.pose.on_plane(ray, z)?;
            z = ground.height_m(x, y).unwrap_or(z);
        }
        let map = |u: f64, v: f64| {
            let ray = first.camera.unproject(u, v)?;
            let (x, y) = first.pose.on_plane(ray, z)?;
            second.camera.project(second.pose.to_camera([x, y, z]))
        };
        let to = map(at[0], at[1])?;
        let (right, down) = (map(at[0] + STEP, at[1])?, map(at[0], at[1] + STEP)?);
        let margin = 24.0;
        let inside = to.0 > margin
            && to.1 > margin
            && to.0 < second.camera.width as f64 - margin
            && to.1 < second.camera.height as f64 - margin;
        inside.then(|| Self {
            at,
            to: [to.0, to.1],
            turn: [
                [(right.0 - to.0) / STEP, (right.1 - to.1) / STEP],
                [(down.0 - to.0) / STEP, (down.1 - to.1) / STEP],
            ],
        })
    }

    /// Pixel in the second frame for a shift given in the first frame's pixels.
    pub(super) fn moved(&self, by: [f64; 2]) -> [f64; 2] {
        [
            self.to[0] + self.turn[0][0] * by[0] + self.turn[1][0] * by[1],
            self.to[1] + self.turn[0][1] * by[0] + self.turn[1][1] * by[1],
        ]
    }

    /// The first frame around the point, 2 `half` pixels of a picture reduced by `scale` wide and high.
    pub(super) fn own(&self, picture: &Grid<i8>, scale: f64, half: i64) -> Vec<f32> {
        let mut out = Vec::with_capacity((4 * half * half) as usize);
        for dy in -half..half {
            for dx in -half..half {
                let [x, y] = self.at.map(|v| v / scale - 0.5);
                out.push(bilinear(picture, x + dx as f64, y + dy as f64));
            }
        }
        out
    }

    /// The second frame in the first's geometry around the shifted point, as [`Self::own`].
    pub(super) fn across(
        &self,
        picture: &Grid<i8>,
        scale: f64,
        by: [f64; 2],
        half: i64,
    ) -> Vec<f32> {
        let mut out = Vec::with_capacity((4 * half * half) as usize);
        for dy in -half..half {
            for dx in -half..half {
                let [u, v] = self.moved([by[0] + dx as f64 * scale, by[1] + dy as f64 * scale]);
                out.push(bilinear(picture, u / scale - 0.5, v / scale - 0.5));
            }
        }
        out
    }

    /// The second frame in the first's geometry around the shifted point, ± `half` steps.
    fn seen(&self, picture: &Grid<i8>, scale: f64, by: [f64; 2], half: i64) -> Vec<f32> {
        let mut out = Vec::with_capacity(((2 * half + 1) * (2 * half + 1)) as usize);
        for dy in -half..=half {
            for dx in -half..=half {
                let step = [by[0] + dx as f64 * scale, by[1] + dy as f64 * scale];
                let [u, v] = self.moved(step);
                out.push(bilinear(picture, u / scale - 0.5, v / scale - 0.5));
            }
        }
        out
    }
}

/// Value between pixels, whose centres are whole numbers here; 0 outside.
fn bilinear(picture: &Grid<i8>, x: f64, y: f64) -> f32 {
    if !(x >= 0.0 && y >= 0.0) {
        return 0.0;
    }
    let (x0, y0) = (x as usize, y as usize);
    let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
    if x0 + 1 >= picture.width() || y0 + 1 >= picture.height() {
        return 0.0;
    }
    let (top, bottom) = (
        &picture.row(y0)[x0..x0 + 2],
        &picture.row(y0 + 1)[x0..x0 + 2],
    );
    let between = |pair: &[i8]| {
        let (left, right) = (f32::from(pair[0]), f32::from(pair[1]));
        left + (right - left) * fx
    };
    let (upper, lower) = (between(top), between(bottom));
    upper + (lower - upper) * fy
}

/// A chip of the first frame, its mean taken off and its size brought to 1; `None` without
/// contrast.
fn template(picture: &Grid<i8>, scale: f64, at: [f64; 2], half: i64) -> Option<Vec<f32>> {
    let mut chip = Vec::with_capacity(((2 * half + 1) * (2 * half + 1)) as usize);
    for dy in -half..=half {
        for dx in -half..=half {
            let (x, y) = (
                at[0] / scale - 0.5 + dx as f64,
                at[1] / scale - 0.5 + dy as f64,
            );
            chip.push(bilinear(picture, x, y));
        }
    }
    unit(&mut chip)?;
    Some(chip)
}

fn unit(chip: &mut [f32]) -> Option<()> {
    let mean = chip.iter().sum::<f32>() / chip.len() as f32;
    chip.iter_mut().for_each(|v| *v -= mean);
    let size = chip.iter().map(|v| v * v).sum::<f32>().sqrt();
    // A fiftieth of the usual contrast is none.
    if size < 0.6 * (chip.len() as f32).sqrt() {
        return None;
    }
    chip.iter_mut().for_each(|v| *v /= size);
    Some(())
}

/// Correlations of a chip with a larger patch at every shift of ± `reach`, row by row.
///
/// Shifts of a row are worked out side by side, so that one value of the chip meets many of the
/// patch: eight times as fast as chip by chip.
fn correlations(chip: &[f32], half: i64, patch: &[f32], reach: i64) -> Vec<f32> {
    const LANES: usize = 16;
    let side = (2 * half + 1) as usize;
    let wide = (2 * (half + reach) + 1) as usize;
    let shifts = (2 * reach + 1) as usize;
    let count = (side * side) as f32;
    let mut out = Vec::with_capacity(shifts * shifts + LANES);
    // The last lanes may lie beyond the patch.
    let mut padded = patch.to_vec();
    padded.resize(patch.len() + LANES, 0.0);
    let (mut sums, mut squares) = (vec![0.0_f32; wide], vec![0.0_f32; wide]);
    for sy in 0..shifts {
        let first = out.len();
        while out.len() < first + shifts {
            let start = sy * wide + out.len() - first;
            let left = first + shifts - out.len();
            if left > LANES / 2 {
                out.extend(side_by_side::<LANES>(chip, side, &padded[start..], wide));
            } else {
                out.extend(side_by_side::<{ LANES / 2 }>(
                    chip,
                    side,
                    &padded[start..],
                    wide,
                ));
            }
        }
        out.truncate(first + shifts);
        sums.fill(0.0);
        squares.fill(0.0);
        for line in patch[sy * wide..(sy + side) * wide].chunks_exact(wide) {
            for ((sum, square), v) in sums.iter_mut().zip(&mut squares).zip(line) {
                *sum += v;
                *square += v * v;
            }
        }
        for (sx, value) in out[first..].iter_mut().enumerate() {
            let sum: f32 = sums[sx..sx + side].iter().sum();
            let square: f32 = squares[sx..sx + side].iter().sum();
            let spread = square - sum * sum / count;
            *value = if spread > 1e-3 * count {
                *value / spread.sqrt()
            } else {
                0.0
            };
        }
    }
    out
}

/// Products of a chip with `N` neighbouring windows of a patch whose rows are `wide`, summed.
fn side_by_side<const N: usize>(chip: &[f32], side: usize, patch: &[f32], wide: usize) -> [f32; N] {
    let mut sums = [0.0_f32; N];
    for (row, own) in chip.chunks_exact(side).enumerate() {
        let line = &patch[row * wide..row * wide + side - 1 + N];
        for (c, window) in own.iter().zip(line.windows(N)) {
            for (sum, p) in sums.iter_mut().zip(window) {
                *sum += c * p;
            }
        }
    }
    sums
}

/// What all chips of a pair say together.
pub(super) enum Joint {
    /// One shift, pixels of the first frame.
    Peak([f64; 2]),
    /// Two shifts that fit about as well.
    Rivals,
    /// None.
    Flat,
}

/// Most chips that vote.
const VOTERS: usize = 48;

/// The shift that fits all chips of a pair best, at coarse resolution.
pub(super) fn joint_shift(
    a: &Picture,
    b: &Picture,
    patches: &[(usize, Patch)],
    reach_px: f64,
) -> Joint {
    let scale = COARSE as f64;
    let reach = ((reach_px / scale).ceil() as i64).clamp(2, MAX_REACH);
    let side = (2 * reach + 1) as usize;
    let mut sum = vec![0.0_f32; side * side];
    let mut voters = 0;
    let step = patches.len().div_ceil(VOTERS).max(1);
    for (_, patch) in patches.iter().step_by(step) {
        let Some(chip) = template(&a.coarse, scale, patch.at, COARSE_HALF) else {
            continue;
        };
        let seen = patch.seen(&b.coarse, scale, [0.0; 2], COARSE_HALF + reach);
        let found = correlations(&chip, COARSE_HALF, &seen, reach);
        sum.iter_mut().zip(&found).for_each(|(s, f)| *s += f);
        voters += 1;
    }
    if voters < super::agree::LEAST {
        return Joint::Flat;
    }
    let place = |i: usize| [(i % side) as i64 - reach, (i / side) as i64 - reach];
    let best = best_of(&sum);
    let height = sum[best] / voters as f32;
    if height < LEAST_JOINT {
        return Joint::Flat;
    }
    let [bx, by] = place(best);
    let rival = sum
        .iter()
        .enumerate()
        .filter(|(i, _)| {
            let [x, y] = place(*i);
            (x - bx).abs().max((y - by).abs()) > 3
        })
        .map(|(_, s)| *s / voters as f32)
        .fold(0.0_f32, f32::max);
    if rival > RIVAL * height {
        // What repeats correlates well with itself; low peaks side by side are noise.
        if height < NOISY_JOINT {
            return Joint::Flat;
        }
        return Joint::Rivals;
    }
    Joint::Peak([bx as f64 * scale, by as f64 * scale])
}

/// A chip's own shift around the joint one, at coarse resolution; `None` without a clear peak.
pub(super) fn coarse(a: &Picture, b: &Picture, patch: &Patch, joint: [f64; 2]) -> Option<[f64; 2]> {
    let scale = COARSE as f64;
    search(
        &a.coarse,
        &b.coarse,
        patch,
        joint,
        scale,
        COARSE_HALF,
        LOCAL_REACH,
        LEAST_COARSE,
    )
}

/// A chip's shift to a part of a pixel; `None` without a clear peak.
pub(super) fn fine(a: &Picture, b: &Picture, patch: &Patch, around: [f64; 2]) -> Option<[f64; 2]> {
    search(
        &a.full, &b.full, patch, around, 1.0, FINE_HALF, FINE_REACH, LEAST_FINE,
    )
}

#[allow(clippy::too_many_arguments, reason = "one search at two resolutions")]
fn search(
    a: &Grid<i8>,
    b: &Grid<i8>,
    patch: &Patch,
    around: [f64; 2],
    scale: f64,
    half: i64,
    reach: i64,
    least: f32,
) -> Option<[f64; 2]> {
    let chip = template(a, scale, patch.at, half)?;
    let seen = patch.seen(b, scale, around, half + reach);
    let found = correlations(&chip, half, &seen, reach);
    let side = (2 * reach + 1) as usize;
    let best = best_of(&found);
    let (x, y) = (best % side, best / side);
    // A peak at the rim may lie beyond it.
    if found[best] < least || x == 0 || y == 0 || x + 1 == side || y + 1 == side {
        return None;
    }
    let part = |before: f32, peak: f32, after: f32| {
        let bend = before - 2.0 * peak + after;
        if bend < -1e-6 {
            f64::from(0.5 * (before - after) / bend).clamp(-0.5, 0.5)
        } else {
            0.0
        }
    };
    let dx = part(found[best - 1], found[best], found[best + 1]);
    let dy = part(found[best - side], found[best], found[best + side]);
    let to = |i: usize, part: f64| (i as f64 - reach as f64 + part) * scale;
    Some([around[0] + to(x, dx), around[1] + to(y, dy)])
}

/// Position of the largest value, the first of equals.
fn best_of(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = i;
        }
    }
    best
}
