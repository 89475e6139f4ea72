//! The flat field: what a camera adds to each part of its image, from many frames at once.
//!
//! The median over an era of (sample − median of its frame) at each part of the image
//! (georeferencing.md §9.2), the samples instead of all pixels: they are in memory already and
//! leave out edges and roofs' rims. Parts are as small as the number of frames allows, down to
//! 4 px; a Gaussian of 3 px or one part joins them.

use super::dense::Cholesky;
use super::terms::terms;
use crate::raster::Grid;

/// Samples a part should have.
const PER_PART: f64 = 200.0;

/// Fewest samples a part is believed from.
const FEWEST: usize = 30;

/// Side of a part, pixels: least and most.
const PART_PX: [f64; 2] = [4.0, 40.0];

/// Width of the Gaussian, pixels.
const SMOOTH_PX: f64 = 3.0;

/// An image in parts, kelvin.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Flat {
    size_px: [usize; 2],
    parts: Grid<f32>,
}

impl Flat {
    /// Nothing added, in parts fit for `frames` frames with samples `step_px` apart.
    pub(super) fn new(size_px: [usize; 2], frames: usize, step_px: f64) -> Self {
        let side = step_px * (PER_PART / frames.max(1) as f64).sqrt();
        let side = side.clamp(PART_PX[0], PART_PX[1]);
        let [cols, rows] = size_px.map(|n| ((n as f64 / side).round() as usize).max(2));
        Self {
            size_px,
            parts: Grid::filled(cols, rows, 0.0),
        }
    }

    /// Nothing, in the same parts.
    pub(super) fn none(&self) -> Self {
        Self {
            size_px: self.size_px,
            parts: self.parts.map(|_| 0.0),
        }
    }

    /// Adds another in the same parts.
    pub(super) fn add(&mut self, other: &Self) {
        for (own, more) in self.parts.data_mut().iter_mut().zip(other.parts.data()) {
            *own += more;
        }
    }

    /// Root mean square, kelvin.
    pub(super) fn rms(&self) -> f64 {
        let squares = self.parts.data().iter().map(|v| f64::from(*v).powi(2));
        (squares.sum::<f64>() / self.parts.data().len() as f64).sqrt()
    }

    /// Keeps its low orders alone (r², r⁴, x, y by least squares).
    pub(super) fn keep_low_orders(&mut self) {
        let (cols, rows) = (self.parts.width(), self.parts.height());
        let size = self.size_px;
        let at = |col: usize, row: usize| {
            let middle =
                |i: usize, size: usize, n: usize| (i as f64 + 0.5) * size as f64 / n as f64;
            let [r2, r4, x, y, ..] = terms(
                size,
                0.0,
                middle(col, size[0], cols),
                middle(row, size[1], rows),
            );
            [1.0, r2, r4, x, y]
        };
        let (mut normal, mut right) = (vec![0.0; 25], [0.0; 5]);
        for row in 0..rows {
            for col in 0..cols {
                let (a, value) = (at(col, row), f64::from(self.parts.at(col, row)));
                for i in 0..5 {
                    right[i] += a[i] * value;
                    for j in 0..5 {
                        normal[5 * i + j] += a[i] * a[j];
                    }
                }
            }
        }
        match Cholesky::new(5, normal) {
            Some(factor) => factor.solve(&mut right),
            None => right.fill(0.0),
        }
        right[0] = 0.0;
        for row in 0..rows {
            for col in 0..cols {
                let value: f64 = at(col, row).iter().zip(&right).map(|(a, x)| a * x).sum();
                self.parts.set(col, row, value as f32);
            }
        }
    }

    /// Value at a pixel position, bilinear between the middles of the parts.
    pub(super) fn at(&self, u_px: f64, v_px: f64) -> f64 {
        let (cols, rows) = (self.parts.width(), self.parts.height());
        let along = |p: f64, size: usize, n: usize| {
            let place = (p / size.max(1) as f64 * n as f64 - 0.5).clamp(0.0, n as f64 - 1.0);
            let low = (place as usize).min(n - 2);
            (low, place - low as f64)
        };
        let (col, a) = along(u_px, self.size_px[0], cols);
        let (row, b) = along(v_px, self.size_px[1], rows);
        let value = |c: usize, r: usize| f64::from(self.parts.at(c, r));
        let top = value(col, row) * (1.0 - a) + value(col + 1, row) * a;
        let bottom = value(col, row + 1) * (1.0 - a) + value(col + 1, row + 1) * a;
        top * (1.0 - b) + bottom * b
    }

    /// Adds the medians of values by pixel position, smoothed, less their mean. Returns the share
    /// of each part's spread that its median is uncertain by, kelvin (median over parts).
    pub(super) fn add_medians(&mut self, values: impl Iterator<Item = ([u16; 2], f32)>) -> f64 {
        let (cols, rows) = (self.parts.width(), self.parts.height());
        let mut lists: Vec<Vec<f32>> = vec![Vec::new(); cols * rows];
        let part = |p: u16, size: usize, n: usize| {
            ((f64::from(p) + 0.5) / size.max(1) as f64 * n as f64).min(n as f64 - 1.0) as usize
        };
        for ([u, v], value) in values {
            let at = part(v, self.size_px[1], rows) * cols + part(u, self.size_px[0], cols);
            lists[at].push(value);
        }
        let mut errors = Vec::new();
        let mut medians = vec![None; lists.len()];
        for (list, median) in lists.iter_mut().zip(&mut medians) {
            if list.len() < FEWEST {
                continue;
            }
            let middle = middle(list);
            *median = Some(f64::from(middle));
            for value in list.iter_mut() {
                *value = (*value - middle).abs();
            }
            let spread = 1.4826 * f64::from(self::middle(list));
            // A median is √(π/2) as uncertain as a mean.
            errors.push((1.2533 * spread / (list.len() as f64).sqrt()) as f32);
        }
        drop(lists);
        let side = (self.size_px[0] as f64 / cols as f64).max(1.0);
        let smooth = smoothed(&medians, cols, (SMOOTH_PX / side).max(1.0));
        let mean = smooth.iter().sum::<f64>() / smooth.len() as f64;
        for (part, value) in self.parts.data_mut().iter_mut().zip(&smooth) {
            *part += (value - mean) as f32;
        }
        if errors.is_empty() {
            return f64::NAN;
        }
        f64::from(middle(&mut errors))
    }
}

/// Gaussian over the parts that have a value; parts without one take from further away.
fn smoothed(values: &[Option<f64>], cols: usize, sigma: f64) -> Vec<f64> {
    let rows = values.len() / cols;
    let mut known: Vec<(f64, f64)> = values
        .iter()
        .map(|v| v.map_or((0.0, 0.0), |v| (v, 1.0)))
        .collect();
    let reach = (3.0 * sigma).ceil() as isize;
    let kernel: Vec<f64> = (-reach..=reach)
        .map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp())
        .collect();
    for (count, stride, lines, across) in [(cols, 1, rows, cols), (rows, cols, cols, 1)] {
        let mut next = vec![(0.0, 0.0); known.len()];
        for line in 0..lines {
            for place in 0..count {
                let (mut sum, mut weight) = (0.0, 0.0);
                for (k, d) in kernel.iter().zip(-reach..) {
                    let Some(other) = place.checked_add_signed(d).filter(|o| *o < count) else {
                        continue;
                    };
                    let (s, w) = known[line * across + other * stride];
                    sum += k * s;
                    weight += k * w;
                }
                next[line * across + place * stride] = (sum, weight);
            }
        }
        known = next;
    }
    let mean = |list: &[(f64, f64)]| {
        let (sum, weight) = list
            .iter()
            .fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
        if weight > 0.0 { sum / weight } else { 0.0 }
    };
    let whole = mean(&known);
    known
        .iter()
        .map(|(sum, weight)| if *weight > 1e-6 { sum / weight } else { whole })
        .collect()
}

/// Median (the upper of two); 0 of none.
pub(super) fn middle(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = values.len() / 2;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bowl_is_found_under_outliers() {
        let bowl = |u: f64, v: f64| ((u - 320.0).powi(2) + (v - 256.0).powi(2)) / 80_000.0;
        let mut flat = Flat::new([640, 512], 60, 10.0);
        let mut values = Vec::new();
        for frame in 0..60_u16 {
            for v in (frame % 10..512).step_by(10) {
                for u in ((3 * frame) % 10..640).step_by(10) {
                    let wild = if (u + v + frame) % 7 == 0 { 5.0 } else { 0.0 };
                    let jitter = f32::from((u * 7 + v * 3 + frame) % 11) * 0.02 - 0.1;
                    values.push((
                        [u, v],
                        bowl(f64::from(u), f64::from(v)) as f32 + jitter + wild,
                    ));
                }
            }
        }
        let error = flat.add_medians(values.into_iter());
        assert!(error < 0.05);
        // Differences between places, the mean being left out: an outlier in seven moves the
        // median by less than the jitter's spread.
        let found = flat.at(600.0, 480.0) - flat.at(320.0, 256.0);
        assert!((found - bowl(600.0, 480.0)).abs() < 0.06, "{found}");
        let sum: f32 = flat.parts.data().iter().sum();
        assert!(sum.abs() < 1e-2);
    }

    #[test]
    fn many_frames_allow_small_parts_and_few_large_ones() {
        assert_eq!(Flat::new([640, 512], 10_000, 10.0).parts.width(), 160);
        assert_eq!(Flat::new([640, 512], 50, 10.0).parts.width(), 32);
        assert_eq!(Flat::new([640, 512], 1, 10.0).parts.width(), 16);
        assert_eq!(Flat::new([0, 0], 1, 10.0).at(0.0, 0.0), 0.0);
    }
}
