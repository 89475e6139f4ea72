//! Getis–Ord Gi*: is the neighbourhood of a cell warmer than the roof as a whole?
//!
//! A confirmation, not a detector: neighbouring cells share optics.

use crate::raster::Grid;

/// Greatest radius of a disc, cells: the fixed point below holds the sums of some 13,000 cells.
const MAX_RADIUS_PX: f64 = 64.0;

/// Gi* of a grid with missing cells, ready to be asked by cells and by rows.
///
/// `Gi* = (Σw x − x̄ Σw) / (S √((n Σw² − (Σw)²)/(n − 1)))`, `S = √(mean x² − x̄²)`, binary
/// weights (Getis & Ord 1992; Ord & Getis 1995, eq. 5). Sums along rows are differences of
/// running sums, so a disc costs two look-ups per row of it.
///
/// The running sums are of 32-bit numbers that hold the deviation from the mean in their upper
/// and the count in their lower bits. They overflow, their differences do not. Deviations are
/// rounded to about 10⁻³ of the greatest for a disc of 15 cells.
pub struct GiStar {
    height: usize,
    /// Running sums, `stride` per row: of the first 0, …, 0, 1, …, width, …, width cells.
    sums: Vec<i32>,
    stride: usize,
    /// Half width of the neighbourhood in each of its rows.
    half_widths: Vec<usize>,
    /// Bits of the count.
    bits: u32,
    n: f32,
    /// Step of the rounding over S; 0 where all cells are alike.
    unit: f32,
}

impl GiStar {
    /// Neighbourhood: all cells whose centre lies within `radius_px` (1–64) of the cell's own.
    pub fn disc(values: &Grid<f32>, radius_px: f64) -> Self {
        let r = radius_px.clamp(1.0, MAX_RADIUS_PX);
        let reach = r.floor() as isize;
        let half = |dy: isize| (r * r - (dy * dy) as f64).max(0.0).sqrt().floor() as usize;
        Self::new(values, (-reach..=reach).map(half).collect())
    }

    /// Neighbourhood: a square of `2 reach + 1` cells, `reach` at most 56.
    pub fn square(values: &Grid<f32>, reach: usize) -> Self {
        let reach = reach.min(56);
        Self::new(values, vec![reach; 2 * reach + 1])
    }

    fn new(values: &Grid<f32>, half_widths: Vec<usize>) -> Self {
        let (width, height) = (values.width(), values.height());
        let finite = || values.data().iter().filter(|v| v.is_finite());
        let (mut n, mut total, mut squares) = (0.0_f64, 0.0, 0.0);
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for value in finite() {
            let v = f64::from(*value);
            n += 1.0;
            total += v;
            squares += v * v;
            low = low.min(*value);
            high = high.max(*value);
        }
        let mean = total / n;
        let spread = (squares / n - mean * mean).max(0.0).sqrt();
        let cells: usize = half_widths.iter().map(|h| 2 * h + 1).sum();
        let bits = usize::BITS - cells.leading_zeros();
        let mean = mean as f32;
        let steps = (1_i32 << (31 - bits)) as f32 / cells as f32 - 1.0;
        let step = (high - mean).max(mean - low) / steps;
        let inverse = if step > 0.0 { 1.0 / step } else { 0.0 };
        let lift = steps.ceil() + 1.5;
        let reach = half_widths.len() / 2;
        let stride = width + 1 + 2 * reach;
        let mut sums = vec![0_i32; stride * height];
        for (row, line) in sums.chunks_exact_mut(stride).enumerate() {
            let (within, after) = line[reach + 1..].split_at_mut(width);
            let mut sum = 0_i32;
            for (at, value) in within.iter_mut().zip(values.row(row)) {
                // Rounded halfway up: above zero a cast does that.
                let off = ((value - mean) * inverse + lift) as i32 - lift as i32;
                let cell = (off << bits) + 1;
                sum = sum.wrapping_add(if value.is_finite() { cell } else { 0 });
                *at = sum;
            }
            after.fill(sum);
        }
        let unit = if spread > 0.0 {
            (f64::from(step) / spread) as f32
        } else {
            0.0
        };
        Self {
            height,
            sums,
            stride,
            half_widths,
            bits,
            n: n as f32,
            unit,
        }
    }

    /// Gi* of a cell; 0 where it says nothing (no spread, no neighbours, all cells neighbours).
    pub fn at(&self, col: usize, row: usize) -> f64 {
        let sum = self.lines(row).fold(0_i32, |sum, (line, low, high)| {
            sum.wrapping_add(line[col + high].wrapping_sub(line[col + low]))
        });
        f64::from(self.value(sum))
    }

    /// Gi* of a row of cells, as [`at`](Self::at); `out` has the grid's width.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        // Stretches that stay in the nearest cache.
        const STRETCH: usize = 512;
        let mut sums = [0_i32; STRETCH];
        for (stretch, out) in out.chunks_mut(STRETCH).enumerate() {
            let start = stretch * STRETCH;
            let sums = &mut sums[..out.len()];
            sums.fill(0);
            for (line, low, high) in self.lines(row) {
                let ends = line[start + high..].iter().zip(&line[start + low..]);
                for (sum, (high, low)) in sums.iter_mut().zip(ends) {
                    *sum = sum.wrapping_add(high.wrapping_sub(*low));
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = self.value(*sum);
            }
        }
    }

    /// Running sums under the neighbourhood of a row, and where for column 0 it begins and ends.
    fn lines(&self, row: usize) -> impl Iterator<Item = (&[i32], usize, usize)> {
        let reach = self.half_widths.len() / 2;
        let rows = row.saturating_sub(reach)..(row + reach + 1).min(self.height);
        rows.map(move |y| {
            let half = self.half_widths[y + reach - row];
            let line = &self.sums[y * self.stride..(y + 1) * self.stride];
            (line, reach - half, reach + half + 1)
        })
    }

    fn value(&self, sum: i32) -> f32 {
        let count = sum & ((1 << self.bits) - 1);
        let total = ((sum - count) >> self.bits) as f32;
        let weight = count as f32;
        let variance = weight * (self.n - weight) / (self.n - 1.0);
        let gi = total * self.unit / variance.sqrt();
        if variance > 0.0 { gi } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::group;
    use super::*;

    #[rustfmt::skip]
    const GRID: [f32; 25] = [
        0.1, -0.1, 0.2, 0.0, -0.2,
        0.0, 1.1, 1.9, 1.1, 0.2,
        -0.2, 2.1, 6.0, 2.1, -0.1,
        0.2, 1.0, 2.1, 0.9, 0.1,
        0.0, 0.1, -0.1, 0.2, 0.0,
    ];

    #[test]
    fn the_printed_grid_has_the_printed_gi_star() {
        // scoring.md §10, window cut at the borders.
        let grid = Grid::from_vec(5, 5, GRID.to_vec()).expect("5 × 5");
        let gi = GiStar::square(&grid, 1);
        for ((col, row), expected) in [
            ((2, 2), 3.5851),
            ((1, 1), 1.3537),
            ((0, 0), -0.7677),
            ((2, 0), -0.1003),
            ((4, 4), -0.7271),
        ] {
            assert!((gi.at(col, row) - expected).abs() < 1e-4);
        }
        if let Some(vector) = group("gistar_3x3") {
            for row in 0..5 {
                for col in 0..5 {
                    let expected = vector["gi"][row][col].as_f64().expect("a number");
                    assert!((gi.at(col, row) - expected).abs() < 1e-3);
                }
            }
        }
    }

    #[test]
    fn a_disc_of_one_cell_is_the_cross_of_five() {
        let mut values = vec![0.0_f32; 49];
        values[24] = 1.0;
        let grid = Grid::from_vec(7, 7, values).expect("7 × 7");
        let gi = GiStar::disc(&grid, 1.0);
        assert_eq!(gi.at(2, 3), gi.at(3, 3));
        assert!(gi.at(2, 2) < 0.0);
    }

    #[test]
    fn rows_hold_what_cells_do_and_missing_cells_do_not_count() {
        // Against the formula written out, over a disc of 3 cells cut by borders and gaps.
        let value = |i: usize| match i % 7 {
            0 => f32::NAN,
            k => (i * i % 97) as f32 * 0.05 - k as f32,
        };
        let (w, h, r) = (40, 23, 3_i64);
        let grid = Grid::from_vec(w, h, (0..w * h).map(value).collect()).expect("40 × 23");
        let finite: Vec<f64> = (grid.data().iter().filter(|v| v.is_finite()))
            .map(|v| f64::from(*v))
            .collect();
        let n = finite.len() as f64;
        let mean = finite.iter().sum::<f64>() / n;
        let spread = (finite.iter().map(|v| v * v).sum::<f64>() / n - mean * mean).sqrt();
        let gi = GiStar::disc(&grid, r as f64);
        let mut line = vec![0.0; w];
        for row in 0..h {
            gi.row(row, &mut line);
            for (col, found) in line.iter().enumerate() {
                let (mut sum, mut weight) = (0.0, 0.0);
                for (i, v) in grid
                    .data()
                    .iter()
                    .enumerate()
                    .filter(|(_, v)| v.is_finite())
                {
                    let (dx, dy) = ((i % w) as i64 - col as i64, (i / w) as i64 - row as i64);
                    if dx * dx + dy * dy <= r * r {
                        sum += f64::from(*v);
                        weight += 1.0;
                    }
                }
                let scale = spread * ((n * weight - weight * weight) / (n - 1.0)).sqrt();
                let expected = (sum - mean * weight) / scale;
                assert!((f64::from(*found) - expected).abs() < 1e-3, "{col} {row}");
                assert_eq!(gi.at(col, row), f64::from(*found));
            }
        }
    }

    #[test]
    fn an_even_grid_has_no_hot_neighbourhood() {
        assert_eq!(GiStar::square(&Grid::filled(5, 5, 2.0), 1).at(2, 2), 0.0);
    }
}
