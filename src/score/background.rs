//! Background temperature of a roof: the median of a moving window over masked cells.
//!
//! A median for every cell would cost a window per cell. The background is smooth, so it is
//! taken at nodes a quarter of the window apart and interpolated; from node to node a histogram
//! of hundredths of a kelvin rolls along, and its median moves a few bins (Huang, Yang & Tang
//! 1979). Cost per cell: some additions, whatever the window.

use crate::raster::Grid;

/// Resolution of the histogram, K; a tenth of the least noise that counts.
const STEP_K: f32 = 0.01;
/// Bins: ±20 K around the origin. What is beyond counts in the end bins, which a median of a
/// roof never reaches.
const BINS: usize = 4096;
/// Code of a cell that takes no part.
const ABSENT: u16 = u16::MAX;

/// Medians at nodes, to be read in between.
pub(super) struct Medians {
    nodes: Grid<f32>,
    spacing: usize,
}

/// Medians of the cells of `values` that are finite and not `masked`, in windows of `window`
/// cells; NaN where a window holds under a tenth of its cells (at least 9).
pub(super) fn medians(
    values: &Grid<f32>,
    origin: f32,
    window: usize,
    masked: impl Fn(usize) -> bool,
) -> Medians {
    let spacing = (window / 4).max(1);
    let codes: Vec<u16> = values
        .data()
        .iter()
        .enumerate()
        .map(|(i, v)| {
            if v.is_finite() && !masked(i) {
                ((v - origin) / STEP_K + (BINS / 2) as f32).clamp(0.0, (BINS - 1) as f32) as u16
            } else {
                ABSENT
            }
        })
        .collect();
    let (width, height) = (values.width(), values.height());
    let mut nodes = Grid::filled(width.div_ceil(spacing), height.div_ceil(spacing), f32::NAN);
    let half = (window / 2).max(1);
    let enough = (window * window / 10).max(9) as u32;
    for node_row in 0..nodes.height() {
        let centre = node_row * spacing + spacing / 2;
        let rows = centre.saturating_sub(half)..(centre + half + 1).min(height);
        let mut rolling = Rolling::new();
        let mut columns = 0..0;
        for node_col in 0..nodes.width() {
            let centre = node_col * spacing + spacing / 2;
            let next = centre.saturating_sub(half)..(centre + half + 1).min(width);
            for row in rows.clone() {
                let line = &codes[row * width..(row + 1) * width];
                rolling.remove(&line[columns.start..next.start.min(columns.end)]);
                rolling.add(&line[columns.end.max(next.start)..next.end]);
            }
            columns = next;
            if rolling.count >= enough {
                let middle = (rolling.median() as f32 + 0.5 - (BINS / 2) as f32) * STEP_K;
                nodes.set(node_col, node_row, origin + middle);
            }
        }
    }
    Medians { nodes, spacing }
}

/// A histogram with a pointer to its median.
struct Rolling {
    bins: [u32; BINS],
    count: u32,
    /// Members below `at`.
    below: u32,
    at: usize,
}

impl Rolling {
    fn new() -> Self {
        Self {
            bins: [0; BINS],
            count: 0,
            below: 0,
            at: BINS / 2,
        }
    }

    fn add(&mut self, codes: &[u16]) {
        for code in codes.iter().filter(|c| **c != ABSENT) {
            self.bins[usize::from(*code)] += 1;
            self.count += 1;
            self.below += u32::from(usize::from(*code) < self.at);
        }
    }

    fn remove(&mut self, codes: &[u16]) {
        for code in codes.iter().filter(|c| **c != ABSENT) {
            self.bins[usize::from(*code)] -= 1;
            self.count -= 1;
            self.below -= u32::from(usize::from(*code) < self.at);
        }
    }

    /// Bin of the lower median; the histogram must not be empty.
    fn median(&mut self) -> usize {
        let half = (self.count - 1) / 2;
        while self.below > half {
            self.at -= 1;
            self.below -= self.bins[self.at];
        }
        while self.below + self.bins[self.at] <= half {
            self.below += self.bins[self.at];
            self.at += 1;
        }
        self.at
    }
}

impl Medians {
    /// Fills nodes without a median from another background, or with one value.
    pub(super) fn fill(&mut self, other: Option<(&Medians, usize)>, value: f32) {
        for row in 0..self.nodes.height() {
            for col in 0..self.nodes.width() {
                if !self.nodes.at(col, row).is_nan() {
                    continue;
                }
                let filled = other.map_or(f32::NAN, |(medians, scale)| {
                    let at = |node: usize| (node as f32 + 0.5) * self.spacing as f32 / scale as f32;
                    medians.at(at(col), at(row))
                });
                let filled = if filled.is_nan() { value } else { filled };
                self.nodes.set(col, row, filled);
            }
        }
    }

    /// Adds a function of the position to all nodes.
    pub(super) fn add(&mut self, of: impl Fn(f64, f64) -> f32) {
        let middle = |node: usize| (node * self.spacing + self.spacing / 2) as f64 + 0.5;
        for row in 0..self.nodes.height() {
            for col in 0..self.nodes.width() {
                let value = self.nodes.at(col, row) + of(middle(col), middle(row));
                self.nodes.set(col, row, value);
            }
        }
    }

    /// Background at a continuous position (cell centres at .5), bilinear between nodes.
    pub(super) fn at(&self, u: f32, v: f32) -> f32 {
        let (r0, r1, b) = self.between(v, self.nodes.height());
        let (c0, c1, a) = self.between(u, self.nodes.width());
        let line = |row: usize| {
            let (left, right) = (self.nodes.at(c0, row), self.nodes.at(c1, row));
            left + (right - left) * a
        };
        let (top, bottom) = (line(r0), line(r1));
        top + (bottom - top) * b
    }

    fn between(&self, position: f32, count: usize) -> (usize, usize, f32) {
        let p = ((position - 0.5 - (self.spacing / 2) as f32) / self.spacing as f32).max(0.0);
        let low = (p as usize).min(count - 1);
        (low, (low + 1).min(count - 1), (p - low as f32).min(1.0))
    }

    /// `values − background` of one row, written into `out`.
    pub(super) fn subtract_row(&self, row: usize, values: &[f32], out: &mut [f32]) {
        let (r0, r1, b) = self.between(row as f32 + 0.5, self.nodes.height());
        let line: Vec<f32> = (self.nodes.row(r0).iter().zip(self.nodes.row(r1)))
            .map(|(top, bottom)| top + (bottom - top) * b)
            .collect();
        let spacing = self.spacing;
        // Cells up to the first node's centre, then one stretch per pair of nodes.
        let mut start = 0;
        for node in 0..line.len() {
            let (left, right) = (line[node], line[(node + 1).min(line.len() - 1)]);
            let first = node * spacing + spacing / 2;
            let end = if node + 1 == line.len() {
                values.len()
            } else {
                (first + spacing).min(values.len())
            };
            let slope = (right - left) / spacing as f32;
            for col in start..end {
                let along = (col as f32 - first as f32).max(0.0);
                out[col] = values[col] - (left + slope * along);
            }
            start = end.max(start);
        }
    }
}

/// `values − background`.
pub(super) fn residual(values: &Grid<f32>, background: &Medians) -> Grid<f32> {
    let mut out = Grid::filled(values.width(), values.height(), f32::NAN);
    let width = values.width();
    for (row, line) in out.data_mut().chunks_exact_mut(width.max(1)).enumerate() {
        background.subtract_row(row, values.row(row), line);
    }
    out
}

/// Every k-th cell of a large roof, k odd so as not to follow columns: twenty thousand cells give
/// the spread to one percent.
pub(super) fn sampled<I: ExactSizeIterator>(cells: I) -> std::iter::StepBy<I> {
    let step = (cells.len() / 20_000).max(1) | 1;
    cells.step_by(step)
}

/// Median and 1.4826 · MAD of the finite values, to 0.01 K and 0.005 K (histograms; values more
/// than 20 K off the origin count as that far). `None` when there is none.
pub(super) fn robust_spread(
    values: impl Iterator<Item = f32> + Clone,
    origin: f32,
) -> Option<(f32, f32)> {
    let median = histogram_median(values.clone().map(|v| v - origin), STEP_K)? + origin;
    let off = values.map(|v| (v - median).abs());
    let mad = histogram_median(off, 0.5 * STEP_K)?;
    Some((median, 1.4826 * mad))
}

fn histogram_median(values: impl Iterator<Item = f32>, step: f32) -> Option<f32> {
    let mut bins = [0_u32; BINS];
    let mut count = 0_u32;
    for v in values.filter(|v| v.is_finite()) {
        let bin = (v / step + (BINS / 2) as f32).clamp(0.0, (BINS - 1) as f32) as usize;
        bins[bin] += 1;
        count += 1;
    }
    let half = count.checked_sub(1)? / 2;
    let mut below = 0;
    let bin = bins.iter().position(|n| {
        below += n;
        below > half
    })?;
    Some((bin as f32 + 0.5 - (BINS / 2) as f32) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic values without a pattern.
    fn scatter(i: usize) -> f32 {
        (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32
    }

    #[test]
    fn nodes_hold_the_median_of_their_window() {
        let (w, h, window) = (50, 40, 16);
        let values: Vec<f32> = (0..w * h).map(|i| scatter(i) * 3.0 - 8.0).collect();
        let grid = Grid::from_vec(w, h, values).expect("w × h");
        let found = medians(&grid, -7.0, window, |i| i % 3 == 0);
        for row in 0..found.nodes.height() {
            for col in 0..found.nodes.width() {
                let (x, y) = (col * 4 + 2, row * 4 + 2);
                let mut inside: Vec<f32> = (y.saturating_sub(8)..(y + 9).min(h))
                    .flat_map(|r| (x.saturating_sub(8)..(x + 9).min(w)).map(move |c| r * w + c))
                    .filter(|i| i % 3 != 0)
                    .map(|i| grid.data()[i])
                    .collect();
                inside.sort_by(f32::total_cmp);
                let expected = inside[(inside.len() - 1) / 2];
                assert!((found.nodes.at(col, row) - expected).abs() < 0.006);
            }
        }
    }

    #[test]
    fn rows_are_subtracted_as_single_cells_are_read() {
        let values: Vec<f32> = (0..37 * 29).map(|i| scatter(i) * 2.0).collect();
        let grid = Grid::from_vec(37, 29, values).expect("37 × 29");
        let background = medians(&grid, 1.0, 12, |_| false);
        let mut out = vec![0.0; 37];
        for row in 0..29 {
            background.subtract_row(row, grid.row(row), &mut out);
            for (col, found) in out.iter().enumerate() {
                let at = background.at(col as f32 + 0.5, row as f32 + 0.5);
                assert!((grid.at(col, row) - at - found).abs() < 1e-5, "{col} {row}");
            }
        }
    }

    #[test]
    fn empty_windows_are_filled_with_the_value_given() {
        let grid = Grid::filled(20, 20, f32::NAN);
        let mut background = medians(&grid, 0.0, 8, |_| false);
        assert!(background.at(3.0, 3.0).is_nan());
        background.fill(None, -4.0);
        assert_eq!(background.at(3.0, 3.0), -4.0);
    }

    #[test]
    fn spread_of_a_normal_sample_is_its_sigma() {
        // Deviates −3 … 3 at the quantiles of a normal distribution would give 1; here the
        // uniform one: MAD of 0 … 1 is ¼.
        let values = (0..10_000).map(scatter);
        let (median, sigma) = robust_spread(values, 0.0).expect("not empty");
        assert!((median - 0.5).abs() < 0.02 && (sigma - 0.3707).abs() < 0.02);
    }
}
