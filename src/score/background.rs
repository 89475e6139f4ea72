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

/// Cells as bins of the histogram, those that take no part left out.
pub(super) struct Codes {
    codes: Grid<u16>,
    origin: f32,
}

impl Codes {
    /// Of the cells of `values` that are finite and not `masked`; `origin` is a value near their
    /// middle.
    pub(super) fn new(values: &Grid<f32>, origin: f32, masked: impl Fn(usize) -> bool) -> Self {
        let code = |(i, v): (usize, &f32)| match v.is_finite() && !masked(i) {
            true => {
                ((v - origin) / STEP_K + (BINS / 2) as f32).clamp(0.0, (BINS - 1) as f32) as u16
            }
            false => ABSENT,
        };
        let mut codes = Grid::filled(values.width(), values.height(), ABSENT);
        let cells = values.data().iter().enumerate().map(code);
        codes
            .data_mut()
            .iter_mut()
            .zip(cells)
            .for_each(|(c, new)| *c = new);
        Self { codes, origin }
    }

    /// Leaves a cell out; whether it took part.
    pub(super) fn leave_out(&mut self, col: usize, row: usize) -> bool {
        let took_part = self.codes.at(col, row) != ABSENT;
        self.codes.set(col, row, ABSENT);
        took_part
    }
}

/// Where nodes lie and what they look at, cells.
#[derive(Clone, Copy)]
struct Spacing {
    spacing: usize,
    half: usize,
}

impl Spacing {
    fn of(window: usize) -> Self {
        Self {
            spacing: (window / 4).max(1),
            half: (window / 2).max(1),
        }
    }

    /// Cells that a node looks at, along one side.
    fn window(self, node: usize, size: usize) -> std::ops::Range<usize> {
        let centre = node * self.spacing + self.spacing / 2;
        centre.saturating_sub(self.half)..(centre + self.half + 1).min(size)
    }

    /// Nodes that look at a cell, along one side.
    fn nodes_at(self, cell: usize, nodes: usize) -> std::ops::Range<usize> {
        let first = cell.saturating_sub(self.half + self.spacing / 2);
        let last = (cell + self.half).saturating_sub(self.spacing / 2) / self.spacing;
        first.div_ceil(self.spacing)..(last + 1).min(nodes)
    }
}

/// Medians of the cells that take part, in windows of `window` cells; NaN where a window holds under
/// a tenth of its cells (at least 9).
pub(super) fn medians(codes: &Codes, window: usize) -> Medians {
    let spacing = Spacing::of(window).spacing;
    let (width, height) = (codes.codes.width(), codes.codes.height());
    let nodes = (width.div_ceil(spacing), height.div_ceil(spacing));
    let mut medians = Medians {
        nodes: Grid::filled(nodes.0, nodes.1, f32::NAN),
        spacing,
    };
    medians.look(codes, window, |_, _| true);
    medians
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
    /// Medians anew of the nodes that look at cells which take part no more: `left_out` holds
    /// their columns and rows.
    pub(super) fn look_again(&mut self, codes: &Codes, window: usize, left_out: &[(usize, usize)]) {
        let spacing = Spacing::of(window);
        let (across, down) = (self.nodes.width(), self.nodes.height());
        let mut due = Grid::filled(across, down, false);
        for (col, row) in left_out {
            for node_row in spacing.nodes_at(*row, down) {
                let start = node_row * across;
                let nodes = spacing.nodes_at(*col, across);
                due.data_mut()[start + nodes.start..start + nodes.end].fill(true);
            }
        }
        self.look(codes, window, |col, row| due.at(col, row));
    }

    /// Medians of the nodes that are `due`, from left to right.
    fn look(&mut self, codes: &Codes, window: usize, due: impl Fn(usize, usize) -> bool) {
        let spacing = Spacing::of(window);
        let Codes { codes, origin } = codes;
        let enough = (window * window / 10).max(9) as u32;
        for node_row in 0..self.nodes.height() {
            let rows = spacing.window(node_row, codes.height());
            let mut rolling: Option<Rolling> = None;
            let mut columns = 0..0;
            for node_col in (0..self.nodes.width()).filter(|col| due(*col, node_row)) {
                let rolling = rolling.get_or_insert_with(Rolling::new);
                let next = spacing.window(node_col, codes.width());
                for row in rows.clone() {
                    let line = codes.row(row);
                    rolling.remove(&line[columns.start..next.start.min(columns.end)]);
                    rolling.add(&line[columns.end.max(next.start)..next.end]);
                }
                columns = next;
                let median = match rolling.count >= enough {
                    true => {
                        let bin = rolling.median() as f32 + 0.5 - (BINS / 2) as f32;
                        origin + bin * STEP_K
                    }
                    false => f32::NAN,
                };
                self.nodes.set(node_col, node_row, median);
            }
        }
    }

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
        let found = medians(&Codes::new(&grid, -7.0, |i| i % 3 == 0), window);
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
    fn looking_again_where_cells_were_left_out_is_looking_at_all_again() {
        for (window, left) in [(16, 9..21), (7, 0..4), (40, 30..37)] {
            let values: Vec<f32> = (0..61 * 47).map(|i| scatter(i) * 3.0 - 8.0).collect();
            let grid = Grid::from_vec(61, 47, values).expect("61 × 47");
            let mut codes = Codes::new(&grid, -7.0, |i| i % 5 == 0);
            let mut again = medians(&codes, window);
            let cells: Vec<(usize, usize)> = left
                .clone()
                .flat_map(|row| left.clone().map(move |col| (col, row)))
                .collect();
            let took_part = cells
                .iter()
                .filter(|(col, row)| codes.leave_out(*col, *row));
            assert!(took_part.count() > cells.len() / 2);
            again.look_again(&codes, window, &cells);
            let all = medians(&codes, window);
            let bits = |m: &Medians| {
                m.nodes
                    .data()
                    .iter()
                    .map(|v| v.to_bits())
                    .collect::<Vec<_>>()
            };
            assert_eq!(bits(&again), bits(&all));
        }
    }

    #[test]
    fn rows_are_subtracted_as_single_cells_are_read() {
        let values: Vec<f32> = (0..37 * 29).map(|i| scatter(i) * 2.0).collect();
        let grid = Grid::from_vec(37, 29, values).expect("37 × 29");
        let background = medians(&Codes::new(&grid, 1.0, |_| false), 12);
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
        let mut background = medians(&Codes::new(&grid, 0.0, |_| false), 8);
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
