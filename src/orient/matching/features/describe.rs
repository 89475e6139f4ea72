//! The binary descriptor: which parts of a point's surroundings are brighter, and steeper along and
//! across its direction, than which others (M-LDB of Alcantarilla et al. 2013, §3.3).

use super::WORDS;
use super::detect::Point;
use super::scale_space::{Level, Space};

/// Steps from the middle to the side of the surroundings.
const HALF: i64 = 10;
/// Parts per side in the three divisions: 6 + 36 + 120 pairs, three comparisons each.
const DIVISIONS: [usize; 3] = [2, 3, 4];
/// Surroundings that give the direction, in scales.
const DIRECTION: i64 = 6;
/// Bins of direction, and those summed.
const BINS: usize = 42;
const WINDOW: usize = 7;

/// Describes a point.
pub(super) fn describe(space: &Space, point: &Point) -> [u64; WORDS] {
    let level = &space.levels[point.level];
    let pixel = f64::from(1_u8 << level.octave);
    let at = point.at.map(|v| (v / pixel) as f32);
    let angle = direction(level, at);
    let (sin, cos) = angle.sin_cos();
    let step = level.sigma.round().max(1.0);
    // Value, slope along the direction, slope across it, at every step.
    let side = 2 * HALF as usize;
    let mut samples = vec![[0.0_f32; 3]; side * side];
    for row in 0..side {
        for col in 0..side {
            let offset = |k: usize| (k as f32 + 0.5 - HALF as f32) * step;
            let (a, b) = (offset(col), offset(row));
            let x = at[0] + cos * a - sin * b;
            let y = at[1] + sin * a + cos * b;
            if let Some([value, dx, dy]) = sample(level, x, y) {
                samples[row * side + col] = [value, cos * dx + sin * dy, cos * dy - sin * dx];
            }
        }
    }
    let mut bits = Bits::default();
    for parts in DIVISIONS {
        let mut sums = vec![[0.0_f32; 3]; parts * parts];
        let part = |k: usize| k * parts / side;
        for row in 0..side {
            for col in 0..side {
                let sum = &mut sums[part(row) * parts + part(col)];
                (0..3).for_each(|k| sum[k] += samples[row * side + col][k]);
            }
        }
        // Parts are of one size to a sample: where three do not divide twenty, by means.
        if !side.is_multiple_of(parts) {
            let mut counts = vec![0.0_f32; parts * parts];
            for row in 0..side {
                (0..side).for_each(|col| counts[part(row) * parts + part(col)] += 1.0);
            }
            for (sum, count) in sums.iter_mut().zip(counts) {
                sum.iter_mut().for_each(|s| *s /= count);
            }
        }
        for i in 0..sums.len() {
            for j in i + 1..sums.len() {
                (0..3).for_each(|k| bits.push(sums[i][k] > sums[j][k]));
            }
        }
    }
    bits.words
}

#[derive(Default)]
struct Bits {
    words: [u64; WORDS],
    count: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if let Some(word) = self.words.get_mut(self.count / 64) {
            *word |= u64::from(bit) << (self.count % 64);
        }
        self.count += 1;
    }
}

fn sample(level: &Level, x: f32, y: f32) -> Option<[f32; 3]> {
    let (col, row) = (x.floor() as isize, y.floor() as isize);
    let value = level.value.get(col, row)?;
    Some([value, level.dx.get(col, row)?, level.dy.get(col, row)?])
}

/// The direction most slopes around a point share, radians: the sixth of a turn with the largest sum.
fn direction(level: &Level, at: [f32; 2]) -> f32 {
    let step = level.sigma.round().max(1.0);
    let mut bins = [[0.0_f32; 2]; BINS];
    for b in -DIRECTION..=DIRECTION {
        for a in -DIRECTION..=DIRECTION {
            let squared = (a * a + b * b) as f32;
            if squared > (DIRECTION * DIRECTION) as f32 {
                continue;
            }
            let (x, y) = (at[0] + a as f32 * step, at[1] + b as f32 * step);
            let Some([_, dx, dy]) = sample(level, x, y) else {
                continue;
            };
            // A Gaussian of 2.5 scales.
            let weight = (-squared / 12.5).exp();
            let turn = dy.atan2(dx) / std::f32::consts::TAU + 0.5;
            let bin = ((turn * BINS as f32) as usize).min(BINS - 1);
            bins[bin][0] += weight * dx;
            bins[bin][1] += weight * dy;
        }
    }
    let mut best = (0.0_f32, 0.0_f32);
    for first in 0..BINS {
        let sum = (0..WINDOW).fold([0.0_f32; 2], |sum, k| {
            let bin = bins[(first + k) % BINS];
            [sum[0] + bin[0], sum[1] + bin[1]]
        });
        let size = sum[0].hypot(sum[1]);
        if size > best.0 {
            best = (size, sum[1].atan2(sum[0]));
        }
    }
    best.1
}
