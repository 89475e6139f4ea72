//! Source and target with different axes: along a target row, inside a block, the source
//! position advances by equal steps, so a strip of samples is one start and one step.
//!
//! A strip that lies wholly between cell centres is taken in three passes over arrays (where,
//! the four cells, their mix), of which the first and the last run on several samples at once.
//! Strips at the outer edge go sample by sample. Within a strip positions are `f32` offsets from
//! a whole cell, good to 1e-5 cells.

use super::blocks::Block;
use super::sample::{SAME, mix, sample};
use crate::raster::Grid;

/// Samples of a strip.
const STRIP: usize = 64;

/// 1.5 · 2²³: what is added to it loses its fraction, and its bits count from this number's.
const NO_FRACTION: f32 = 12_582_912.0;

/// Fills the cells of a block, `n` × `n` samples each: their mean where at least half of them
/// are inside.
pub(super) fn fill(source: &Grid<f32>, block: &Block, n: usize, grid: &mut Grid<f32>) {
    let width = grid.width();
    for row in block.row..block.row + block.height {
        let from = row * width + block.col;
        let line = &mut grid.data_mut()[from..from + block.width];
        if n == 1 {
            single(source, block, row, line);
        } else {
            means(source, block, row, n, line);
        }
    }
}

fn single(source: &Grid<f32>, block: &Block, row: usize, line: &mut [f32]) {
    for (i, cells) in line.chunks_mut(STRIP).enumerate() {
        let col = block.col + i * STRIP;
        let strip = Strip::new(
            block,
            (col as f64 + 0.5, row as f64 + 0.5),
            1.0,
            cells.len(),
        );
        strip.read(source, cells);
    }
}

fn means(source: &Grid<f32>, block: &Block, row: usize, n: usize, line: &mut [f32]) {
    let per_strip = (STRIP / n).max(1);
    let part = |k: usize| (k as f64 + 0.5) / n as f64;
    let mut samples = [0.0; STRIP];
    for (i, cells) in line.chunks_mut(per_strip).enumerate() {
        let col = (block.col + i * per_strip) as f64;
        let mut sums = [(0.0_f64, 0_usize); STRIP];
        let count = cells.len() * n;
        for j in 0..n {
            let start = (col + part(0), row as f64 + part(j));
            let strip = Strip::new(block, start, 1.0 / n as f64, count);
            let inside = strip.read(source, &mut samples[..count]);
            let of_cells = samples[..count].chunks_exact(n);
            if inside == u64::MAX {
                for (sum, of_cell) in sums.iter_mut().zip(of_cells) {
                    sum.0 += of_cell.iter().map(|v| f64::from(*v)).sum::<f64>();
                    sum.1 += n;
                }
                continue;
            }
            for (k, (sum, of_cell)) in sums.iter_mut().zip(of_cells).enumerate() {
                for (l, value) in of_cell.iter().enumerate() {
                    if inside >> (k * n + l) & 1 == 1 {
                        sum.0 += f64::from(*value);
                        sum.1 += 1;
                    }
                }
            }
        }
        for (cell, (sum, inside)) in cells.iter_mut().zip(sums) {
            if inside > 0 && 2 * inside >= n * n {
                *cell = (sum / inside as f64) as f32;
            }
        }
    }
}

/// Source positions along a target row.
struct Strip {
    start: (f64, f64),
    step: (f64, f64),
    /// The last position.
    end: (f64, f64),
}

impl Strip {
    /// `count` positions from a target position on, `step` target cells apart.
    fn new(block: &Block, from: (f64, f64), step: f64, count: usize) -> Self {
        let start = block.at(from.0, from.1);
        let last = count.saturating_sub(1) as f64;
        let end = block.at(from.0 + last * step, from.1);
        let each = last.max(1.0);
        Self {
            start,
            step: ((end.0 - start.0) / each, (end.1 - start.1) / each),
            end,
        }
    }

    /// Reads the source at the positions, at most [`STRIP`]; a bit for each that is inside. The
    /// others become NaN.
    fn read(&self, source: &Grid<f32>, values: &mut [f32]) -> u64 {
        let (width, height) = (source.width() as f64, source.height() as f64);
        let within =
            |a: f64, b: f64, size: f64| a.min(b) >= 0.5 && a.max(b) <= size - 0.5 && size >= 2.0;
        if within(self.start.0, self.end.0, width) && within(self.start.1, self.end.1, height) {
            self.read_inside(source, values);
            return u64::MAX;
        }
        let outside = self.start.0.max(self.end.0) < 0.0
            || self.start.1.max(self.end.1) < 0.0
            || self.start.0.min(self.end.0) > width
            || self.start.1.min(self.end.1) > height;
        if outside {
            values.fill(f32::NAN);
            return 0;
        }
        let mut inside = 0;
        for (k, value) in values.iter_mut().enumerate() {
            let k_f = k as f64;
            let (u, v) = (
                self.start.0 + k_f * self.step.0,
                self.start.1 + k_f * self.step.1,
            );
            let found = sample(source, u, v);
            inside |= u64::from(found.is_some()) << k;
            *value = found.unwrap_or(f32::NAN);
        }
        inside
    }

    fn read_inside(&self, source: &Grid<f32>, values: &mut [f32]) {
        let columns = Axis::new(self.start.0, self.end.0, self.step.0, source.width());
        let rows = Axis::new(self.start.1, self.end.1, self.step.1, source.height());
        let stride = source.width();
        let cells = &source.data()[rows.base * stride + columns.base..];
        let (mut u, mut v) = (Along::default(), Along::default());
        columns.place(&mut u);
        rows.place(&mut v);
        let mut four = [[0.0_f32; STRIP]; 4];
        let [nw, ne, sw, se] = &mut four;
        for k in 0..values.len().min(STRIP) {
            let at = v.first[k] as usize * stride + u.first[k] as usize;
            let (upper, lower) = (&cells[at..at + 2], &cells[at + stride..at + stride + 2]);
            (nw[k], ne[k]) = (upper[0], upper[1]);
            (sw[k], se[k]) = (lower[0], lower[1]);
        }
        let mut mixed = [0.0_f32; STRIP];
        for k in 0..STRIP {
            let top = mix_or_take(nw[k], ne[k], u.weight[k]);
            let bottom = mix_or_take(sw[k], se[k], u.weight[k]);
            mixed[k] = mix_or_take(top, bottom, v.weight[k]);
        }
        values.copy_from_slice(&mixed[..values.len()]);
    }
}

/// Positions along one axis of the source, as steps from a cell centre.
struct Axis {
    /// The cell the offsets count from.
    base: usize,
    start: f32,
    step: f32,
    /// Largest offset of a first cell: the second must be there, too.
    last: f32,
}

/// First cell (from the base) and weight of the second, per sample.
struct Along {
    first: [u32; STRIP],
    weight: [f32; STRIP],
}

impl Default for Along {
    fn default() -> Self {
        Self {
            first: [0; STRIP],
            weight: [0.0; STRIP],
        }
    }
}

impl Axis {
    /// For positions between the first and the last cell centre of at least two cells.
    fn new(start: f64, end: f64, step: f64, count: usize) -> Self {
        let base = ((start.min(end) - 0.5).max(0.0) as usize).min(count - 2);
        Self {
            base,
            start: (start - 0.5 - base as f64) as f32,
            step: step as f32,
            last: (count - 2 - base) as f32,
        }
    }

    fn place(&self, along: &mut Along) {
        for k in 0..STRIP {
            let offset = self.start + k as f32 * self.step;
            // The nearest whole number below or at most a rounding error above.
            let whole = (offset - 0.5 + NO_FRACTION) - NO_FRACTION;
            let whole = whole.max(0.0).min(self.last);
            along.first[k] = (whole + NO_FRACTION).to_bits() - NO_FRACTION.to_bits();
            along.weight[k] = offset - whole;
        }
    }
}

/// [`mix`], or one of the two alone where the position is its centre.
#[inline(always)]
fn mix_or_take(a: f32, b: f32, weight: f32) -> f32 {
    let value = mix(a, b, weight);
    let value = if weight < SAME as f32 { a } else { value };
    if weight > 1.0 - SAME as f32 { b } else { value }
}
