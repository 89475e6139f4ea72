//! Where chips of one frame lie in another, by phase correlation: the second way, for pairs in which
//! single small chips are lost in the noise.
//!
//! The shift theorem: if b(x) = a(x − s), the product of b's spectrum and the conjugate of a's, brought
//! to length 1, is that of a point at s (Kuglin and Hines 1975). Chips are large (96 pixels), tapered
//! by a Hann window, and the spectrum counts only where pictures of this kind have detail; the peak is
//! found to a twentieth of a pixel by evaluating the inverse transform there (Guizar-Sicairos, Thurman
//! and Fienup 2008). It needs frames that are turned and scaled alike, which the priors see to.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::f64::consts::TAU;
use std::sync::Arc;

use super::agree::Shift;
use super::chip::Patch;
use super::picture::{COARSE, Picture};
use super::{Ground, OrientedFrame};

/// Side of a chip, pixels (georeferencing.md §5).
const SIDE: usize = 96;
/// Chips over the ground both frames see, columns and rows.
const LATTICE: [usize; 2] = [5, 4];
/// A peak counts when it is so much higher than any other place of the chip.
const RATIO: f32 = 1.3;
/// Places nearer to the peak than this are part of it, pixels.
const PEAK_PX: i64 = 3;
/// Farthest shift that is told, pixels: beyond a third of the side too little is common.
const REACH_PX: f64 = 30.0;
/// Fraction of a pixel to which a peak is found.
const STEP_PX: f64 = 0.05;
/// Frequency up to which a spectrum counts, cycles a pixel: smoothing takes what is finer.
const FINEST: f32 = 0.22;

/// The transforms of a chip.
struct Transforms {
    forward: Arc<dyn Fft<f32>>,
    back: Arc<dyn Fft<f32>>,
}

/// The shift of a pair's middle, by one chip of the reduced pictures that takes in most of them.
pub(super) fn joint(
    pictures: [&Picture; 2],
    seen: &[(usize, Patch)],
    reach_px: f64,
) -> Option<[f64; 2]> {
    let scale = COARSE as f64;
    let n = seen.len().max(1) as f64;
    let middle = [0, 1].map(|a| seen.iter().map(|(_, p)| p.at[a]).sum::<f64>() / n);
    let away = |p: &Patch| (p.at[0] - middle[0]).hypot(p.at[1] - middle[1]);
    let (_, patch) = seen
        .iter()
        .min_by(|a, b| away(&a.1).total_cmp(&away(&b.1)))?;
    let half = SIDE as i64 / 2;
    let chip = patch.own(&pictures[0].coarse, scale, half);
    let other = patch.across(&pictures[1].coarse, scale, [0.0; 2], half);
    let by = Transforms::new().shift(&chip, &other, &hann())?;
    let by = by.map(|v| v * scale);
    (by[0].hypot(by[1]) <= reach_px).then_some(by)
}

/// Shifts of a lattice of chips over what both frames see, around a common one, in pixels of the
/// first frame; only chips with one clear peak.
pub(super) fn shifts(
    frames: [&OrientedFrame; 2],
    pictures: [&Picture; 2],
    ground: &dyn Ground,
    seen: &[(usize, Patch)],
    around: [f64; 2],
) -> Vec<(Shift, Patch)> {
    let transforms = Transforms::new();
    let window = hann();
    let mut found = Vec::new();
    for (number, at) in lattice(seen).into_iter().enumerate() {
        let Some(patch) = Patch::predict(frames[0], frames[1], at, ground) else {
            continue;
        };
        let half = SIDE as i64 / 2;
        let chip = patch.own(&pictures[0].full, 1.0, half);
        let other = patch.across(&pictures[1].full, 1.0, around, half);
        if let Some([dx, dy]) = transforms.shift(&chip, &other, &window) {
            let by = [around[0] + dx, around[1] + dy];
            found.push((Shift { number, at, by }, patch));
        }
    }
    found
}

/// Chips' middles, evenly over the bounds of the points that both frames see.
fn lattice(seen: &[(usize, Patch)]) -> Vec<[f64; 2]> {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for (_, patch) in seen {
        for a in 0..2 {
            low[a] = low[a].min(patch.at[a]);
            high[a] = high[a].max(patch.at[a]);
        }
    }
    let mut out = Vec::new();
    if seen.is_empty() {
        return out;
    }
    for row in 0..LATTICE[1] {
        for col in 0..LATTICE[0] {
            let place = |a: usize, k: usize| {
                let share = k as f64 / (LATTICE[a] - 1) as f64;
                low[a] + share * (high[a] - low[a])
            };
            out.push([place(0, col), place(1, row)]);
        }
    }
    out
}

impl Transforms {
    fn new() -> Self {
        let mut planner = FftPlanner::new();
        Self {
            forward: planner.plan_fft_forward(SIDE),
            back: planner.plan_fft_inverse(SIDE),
        }
    }

    /// Shift of the second chip against the first; `None` without one clear peak.
    fn shift(&self, first: &[f32], second: &[f32], window: &[f32]) -> Option<[f64; 2]> {
        let a = self.spectrum(first, window)?;
        let b = self.spectrum(second, window)?;
        let mut cross: Vec<Complex<f32>> = b.iter().zip(&a).map(|(b, a)| b * a.conj()).collect();
        for (at, value) in cross.iter_mut().enumerate() {
            let weight = band(at % SIDE, at / SIDE);
            let size = value.norm();
            *value = if size > 0.0 {
                *value * (weight / size)
            } else {
                *value
            };
        }
        let mut map = cross.clone();
        self.both_ways(&mut map, &self.back);
        let height = |at: usize| map[at].re;
        let best = (0..map.len()).max_by(|i, j| height(*i).total_cmp(&height(*j)))?;
        let centre = [signed(best % SIDE), signed(best / SIDE)];
        let apart = |at: usize| {
            let [x, y] = [signed(at % SIDE) - centre[0], signed(at / SIDE) - centre[1]];
            let around = |d: i64| d.rem_euclid(SIDE as i64).min((-d).rem_euclid(SIDE as i64));
            around(x).max(around(y))
        };
        let rival = (0..map.len())
            .filter(|at| apart(*at) > PEAK_PX)
            .map(height)
            .fold(f32::MIN, f32::max);
        let far = centre.iter().any(|c| c.abs() as f64 > REACH_PX);
        if far || height(best) <= 0.0 || height(best) < RATIO * rival {
            return None;
        }
        Some(finest(&cross, centre.map(|c| c as f64)))
    }

    /// Spectrum of a tapered chip less its mean; `None` without contrast.
    fn spectrum(&self, chip: &[f32], window: &[f32]) -> Option<Vec<Complex<f32>>> {
        let weight: f32 = window.iter().sum();
        let mean = chip.iter().zip(window).map(|(v, w)| v * w).sum::<f32>() / weight;
        let tapered = chip.iter().zip(window);
        let mut values: Vec<Complex<f32>> = tapered
            .map(|(v, w)| Complex::new((v - mean) * w, 0.0))
            .collect();
        if values.iter().all(|v| v.re == 0.0) {
            return None;
        }
        self.both_ways(&mut values, &self.forward);
        Some(values)
    }

    fn both_ways(&self, values: &mut [Complex<f32>], fft: &Arc<dyn Fft<f32>>) {
        fft.process(values);
        transpose(values);
        fft.process(values);
        transpose(values);
    }
}

fn transpose(values: &mut [Complex<f32>]) {
    for row in 0..SIDE {
        for col in row + 1..SIDE {
            values.swap(row * SIDE + col, col * SIDE + row);
        }
    }
}

/// Place around the origin.
fn signed(at: usize) -> i64 {
    let at = at as i64;
    if at >= SIDE as i64 / 2 {
        at - SIDE as i64
    } else {
        at
    }
}

/// Weight of a frequency: full at the coarsest, nothing beyond [`FINEST`].
fn band(col: usize, row: usize) -> f32 {
    let frequency = |at: usize| signed(at) as f32 / SIDE as f32;
    let size = frequency(col).hypot(frequency(row)) / FINEST;
    if size == 0.0 || size >= 1.0 {
        0.0
    } else {
        0.5 + 0.5 * (std::f32::consts::PI * size).cos()
    }
}

/// Hann's window in both directions.
fn hann() -> Vec<f32> {
    let line: Vec<f32> = (0..SIDE)
        .map(|i| (0.5 - 0.5 * (TAU * (i as f64 + 0.5) / SIDE as f64).cos()) as f32)
        .collect();
    let rows = line.iter().flat_map(|a| line.iter().map(move |b| a * b));
    rows.collect()
}

/// The peak near a whole pixel, to [`STEP_PX`]: the inverse transform at places between pixels, first
/// along columns, then along rows.
fn finest(cross: &[Complex<f32>], centre: [f64; 2]) -> [f64; 2] {
    let half = (0.5 / STEP_PX).round() as i64;
    let places = |c: f64| (-half..=half).map(move |k| c + k as f64 * STEP_PX);
    // The spectrum is nought beyond the band: only its corners count.
    let used: Vec<usize> = (0..SIDE)
        .filter(|k| (signed(*k).unsigned_abs() as f32) < FINEST * SIDE as f32)
        .collect();
    let turned = |k: usize, place: f64| {
        let angle = TAU * signed(k) as f64 * place / SIDE as f64;
        Complex::new(angle.cos() as f32, angle.sin() as f32)
    };
    let mut best = (f32::MIN, centre);
    for y in places(centre[1]) {
        let rows: Vec<Complex<f32>> = used.iter().map(|k| turned(*k, y)).collect();
        let line: Vec<Complex<f32>> = used
            .iter()
            .map(|col| {
                let sum = used.iter().zip(&rows);
                sum.map(|(row, t)| cross[row * SIDE + col] * t).sum()
            })
            .collect();
        for x in places(centre[0]) {
            let sum: f32 = used
                .iter()
                .zip(&line)
                .map(|(col, v)| (v * turned(*col, x)).re)
                .sum();
            if sum > best.0 {
                best = (sum, [x, y]);
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Even numbers on a net of 2.5 pixels, linear between, shifted, and noise.
    fn chip(shift: [f64; 2], noise: f32, seed: u64) -> Vec<f32> {
        let mut state = seed;
        let mut out = Vec::new();
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (x, y) = (x as f64 - shift[0], y as f64 - shift[1]);
                let v = scene((x + 100.0) / 2.5, (y + 100.0) / 2.5);
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let even = (state >> 40) as f32 / (1 << 23) as f32 - 1.0;
                out.push(v as f32 + noise * even);
            }
        }
        out
    }

    fn scene(x: f64, y: f64) -> f64 {
        let node = |i: f64, j: f64| {
            let mut h = (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ^ (j as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
            h ^= h >> 29;
            h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (h >> 40) as f64 / (1 << 23) as f64 - 1.0
        };
        let (i, j, a, b) = (x.floor(), y.floor(), x.fract(), y.fract());
        let row = |j: f64| node(i, j) * (1.0 - a) + node(i + 1.0, j) * a;
        row(j) * (1.0 - b) + row(j + 1.0) * b
    }

    fn found(first: &[f32], second: &[f32]) -> Option<[f64; 2]> {
        Transforms::new().shift(first, second, &hann())
    }

    #[test]
    fn a_shift_between_pixels_comes_back() {
        for by in [[0.3, -0.45], [7.25, 3.8], [-18.6, 11.15]] {
            let [x, y] = found(&chip([0.0; 2], 0.0, 1), &chip(by, 0.0, 2)).expect("a peak");
            assert!((x - by[0]).hypot(y - by[1]) < 0.12, "{by:?}: {x} {y}");
        }
    }

    #[test]
    fn noise_as_strong_as_the_scene_leaves_it_and_noise_alone_has_none() {
        let by = [5.4, -3.7];
        // Even numbers within ± 1 have 0.58, two thirds of that when linear between: the noise is as strong.
        let [x, y] = found(&chip([0.0; 2], 0.7, 1), &chip(by, 0.7, 2)).expect("a peak");
        assert!((x - by[0]).hypot(y - by[1]) < 0.35, "{x} {y}");
        let alone = |seed| {
            let (with, without) = (chip([0.0; 2], 0.7, seed), chip([0.0; 2], 0.0, seed));
            with.iter()
                .zip(&without)
                .map(|(a, b)| a - b)
                .collect::<Vec<f32>>()
        };
        let told = (1..20).filter(|k| found(&alone(*k), &alone(k + 50)).is_some());
        assert!(told.count() <= 2);
    }

    #[test]
    fn waves_that_repeat_have_no_clear_peak() {
        let wave = |by: f64| -> Vec<f32> {
            let at = |i: usize| (i % SIDE) as f64 - by;
            (0..SIDE * SIDE)
                .map(|i| (TAU * at(i) / 12.0).cos() as f32)
                .collect()
        };
        assert!(found(&wave(0.0), &wave(3.0)).is_none());
    }
}
