//! The broad pass: what is warmer or colder than a wide neighbourhood, on cells of half a metre.
//!
//! A patch wider than half the background window would be its own background; found here first,
//! it is masked.

use super::Options;
use super::background::{Codes, Medians, medians, residual, robust_spread, sampled};
use super::detect::{Scale, area_side};
use super::growth::{Growth, squares};
use super::zones::{INNER, OUTSIDE};
use crate::raster::Grid;
use crate::segment::parts::{Robust, robust};

/// Width of the broad window in background windows.
const BROAD: f64 = 6.0;
/// Least cell of the broad pass, in parts of the background window.
const BROAD_CELL: f64 = 10.0;
/// Least mean residual of a broad area, K.
const BROAD_SEED_K: f32 = 0.8;

/// The broad pass.
pub(super) struct Broad {
    /// Means of `step` × `step` cells.
    coarse: Grid<f32>,
    pub step: usize,
    /// Objects of the coarse grid.
    cells: Vec<bool>,
    /// Background without them.
    pub clean: Medians,
}

impl Broad {
    pub(super) fn new(inner: &Grid<f32>, median: f32, scale: &Scale, options: &Options) -> Self {
        let step = ((options.background_m / BROAD_CELL / scale.cell_m) as usize).max(1);
        let coarse = block_means(inner, step);
        let cell_m = scale.cell_m * step as f64;
        let window = ((BROAD * options.background_m / cell_m).round() as usize).max(5);
        let (flat, trend) = detrended(&coarse, median);
        let mut background = medians(&Codes::new(&flat, 0.0, |_| false), window);
        background.fill(None, 0.0);
        let residual = residual(&flat, &background);
        let mut cells = vec![false; coarse.data().len()];
        if let Some((_, sigma)) = robust_spread(sampled(residual.data().iter()).copied(), 0.0) {
            let limit = (options.grow_sigma as f32 * sigma).max(BROAD_SEED_K);
            let side = area_side(cell_m, options);
            let zone = residual.map(|r| if r.is_finite() { INNER } else { OUTSIDE });
            let [warm, cold] = squares(&residual, &zone, side, limit);
            for (sign, squares) in [(1.0, warm), (-1.0, cold)] {
                let mut growth = Growth::new(&residual, &zone, sign);
                growth.areas(squares, side);
                for cell in growth.objects.iter().flatten() {
                    cells[*cell as usize] = true;
                }
            }
        }
        if cells.contains(&true) {
            background = medians(&Codes::new(&flat, 0.0, |i| cells[i]), window);
            background.fill(None, 0.0);
        }
        background.add(|u, v| trend.as_ref().map_or(median, |t| t.at((u, v))));
        Self {
            coarse,
            step,
            cells,
            clean: background,
        }
    }

    /// The objects on the fine grid.
    pub(super) fn mask(&self, inner: &Grid<f32>) -> Vec<bool> {
        let mut mask = vec![false; inner.data().len()];
        if self.cells.contains(&true) {
            let width = self.coarse.width();
            for (row, line) in mask.chunks_exact_mut(inner.width().max(1)).enumerate() {
                let start = row / self.step * width;
                let coarse = &self.cells[start..start + width];
                for (cells, object) in line.chunks_mut(self.step).zip(coarse) {
                    cells.fill(*object);
                }
            }
        }
        mask
    }
}

/// A trend counts where it leaves less than this part of the spread: a warm side of a roof is no
/// trend.
const TREND: f32 = 0.5;
/// Cells a trend is fitted to, about: enough for three numbers.
const TREND_CELLS: usize = 4000;

/// Values less their linear trend, and that, or less their median: on a roof that grows warmer from
/// end to end (wind, a camera's fall-off) the wide median lags behind in the corners, which would
/// be broad objects.
fn detrended(coarse: &Grid<f32>, median: f32) -> (Grid<f32>, Option<Robust>) {
    let width = coarse.width().max(1);
    let finite = |i: &usize| coarse.data()[*i].is_finite();
    let known: Vec<usize> = (0..coarse.data().len()).filter(finite).collect();
    let step = (known.len() / TREND_CELLS).max(1);
    let known: Vec<usize> = known.into_iter().step_by(step).collect();
    let values: Vec<f32> = known.iter().map(|i| coarse.data()[*i]).collect();
    let place = |i: usize| ((i % width) as f64 + 0.5, (i / width) as f64 + 0.5);
    let trend = robust(&values, |k| place(known[k]));
    let Some(trend) = trend.filter(|t| t.sigma < TREND * t.whole_sigma) else {
        return (coarse.map(|v| v - median), None);
    };
    let mut flat = coarse.clone();
    for (i, value) in flat.data_mut().iter_mut().enumerate() {
        *value -= trend.at(place(i));
    }
    (flat, Some(trend))
}

fn block_means(values: &Grid<f32>, step: usize) -> Grid<f32> {
    if step == 1 {
        return values.clone();
    }
    let (width, height) = (
        values.width().div_ceil(step),
        values.height().div_ceil(step),
    );
    let mut means = Grid::filled(width, height, f32::NAN);
    let mut sums = vec![(0.0_f32, 0.0_f32); width];
    for row in 0..height {
        sums.fill((0.0, 0.0));
        for y in row * step..((row + 1) * step).min(values.height()) {
            for (block, cells) in sums.iter_mut().zip(values.row(y).chunks(step)) {
                for value in cells {
                    let counts = value.is_finite();
                    block.0 += if counts { *value } else { 0.0 };
                    block.1 += if counts { 1.0 } else { 0.0 };
                }
            }
        }
        for (col, (sum, count)) in sums.iter().enumerate() {
            if *count > 0.0 {
                means.set(col, row, sum / count);
            }
        }
    }
    means
}
