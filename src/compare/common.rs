//! What the cells that both flights judged say.

use super::estimate::Moved;
use super::line::{median, robust_sigma};
use crate::raster::Grid;
use std::collections::BTreeSet;

/// Efficiency of a median: its standard error over that of a mean, √(π/2).
const MEDIAN_ERROR: f64 = 1.2533;

/// A roof in the map of one flight, on the common grid.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Temperatures, °C; NaN where nothing was seen.
    pub celsius: &'a Grid<f32>,
    /// Cells that belong to the judged roof: inner cells of valid parts.
    pub judged: &'a Grid<bool>,
}

impl Side<'_> {
    fn seen(&self, cell: usize) -> bool {
        self.judged.data()[cell] && self.celsius.data()[cell].is_finite()
    }
}

/// The common cells of a roof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Common {
    /// Cells both flights judged, over those that either did, 0–1.
    pub fraction: f64,
    /// Cells both judged.
    pub cells: usize,
    /// How many of them count as independent.
    pub n_eff: f64,
    /// What they say of each flight.
    pub moved: [Moved; 2],
}

/// Independent cells among `n` that follow each other with correlation `rho`: `n (1 − ρ)/(1 + ρ)`,
/// ρ 0–1 (scoring.md §14.4).
pub fn n_eff(n: f64, rho: f64) -> f64 {
    let rho = rho.clamp(0.0, 0.999_999);
    n * (1.0 - rho) / (1.0 + rho)
}

/// The common cells of a roof; `None` where there are none. Both sides are of one grid with cells
/// of `cell_m`. Neighbouring cells share optics and resampling, so no more of them count than
/// their correlation leaves, nor than there are blocks of `block_m`.
pub fn common(a: Side<'_>, b: Side<'_>, cell_m: f64, block_m: f64) -> Option<Common> {
    let width = a.celsius.width();
    let cells = 0..a.celsius.data().len();
    let either = cells.clone().filter(|i| a.seen(*i) || b.seen(*i)).count();
    let both: Vec<usize> = cells.clone().filter(|i| a.seen(*i) && b.seen(*i)).collect();
    let value = |side: &Side<'_>, i: usize| f64::from(side.celsius.data()[i]);
    let shift = |side: &Side<'_>| {
        let own = cells.clone().filter(|i| side.seen(*i));
        let own = median(own.map(|i| value(side, i)))?;
        Some(median(both.iter().map(|i| value(side, *i)))? - own)
    };
    let by_k = [shift(&a)?, shift(&b)?];
    let difference = |i: usize| value(&b, i) - value(&a, i);
    let sigma = robust_sigma(both.iter().map(|i| difference(*i)))?;
    let rho = correlation(&both, width, &difference, sigma);
    let side = (block_m / cell_m).max(1.0);
    let blocks: BTreeSet<[usize; 2]> = both
        .iter()
        .map(|i| [i % width, i / width].map(|at| (at as f64 / side) as usize))
        .collect();
    let count = n_eff(both.len() as f64, rho).clamp(1.0, blocks.len() as f64);
    // Each flight has half of the variance of the difference.
    let sampling_k = MEDIAN_ERROR * sigma / (2.0 * count).sqrt();
    Some(Common {
        fraction: both.len() as f64 / either as f64,
        cells: both.len(),
        n_eff: count,
        moved: by_k.map(|by_k| Moved { by_k, sampling_k }),
    })
}

/// Correlation of a cell with its neighbour, right and below, values beyond 3 σ brought to it.
fn correlation(cells: &[usize], width: usize, value: &dyn Fn(usize) -> f64, sigma: f64) -> f64 {
    let Some(middle) = median(cells.iter().map(|i| value(*i))).filter(|_| sigma > 0.0) else {
        return 0.0;
    };
    let off = |i: usize| (value(i) - middle).clamp(-3.0 * sigma, 3.0 * sigma);
    let is_common = |i: &usize| cells.binary_search(i).is_ok();
    let (mut product, mut square, mut pairs) = (0.0, 0.0, 0.0);
    for i in cells {
        let right = (i % width + 1 < width).then_some(i + 1);
        for next in right.into_iter().chain([i + width]).filter(is_common) {
            let (this, next) = (off(*i), off(next));
            product += this * next;
            square += 0.5 * (this * this + next * next);
            pairs += 1.0;
        }
    }
    if pairs > 0.0 && square > 0.0 {
        product / square
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_numbers_of_independent_cells_are_met() {
        // scoring.md §14.4.
        for (n, rho, printed) in [
            (400.0, 0.9, 21.0526),
            (2500.0, 0.95, 64.1026),
            (100.0, 0.5, 33.3333),
        ] {
            assert!((n_eff(n, rho) - printed).abs() < 1e-4);
        }
    }

    fn grid(values: impl Fn(usize, usize) -> f32) -> Grid<f32> {
        let mut grid = Grid::filled(20, 20, 0.0);
        for row in 0..20 {
            for col in 0..20 {
                grid.set(col, row, values(col, row));
            }
        }
        grid
    }

    #[test]
    fn a_part_only_one_flight_judged_moves_its_median_to_the_common_part() {
        // The second flight judged an extension that is 4 K warmer; half the common part is seen.
        let a = grid(|_, _| -3.0);
        let b = grid(|col, _| if col < 8 { -3.0 } else { 1.0 });
        let (first, all) = (a.map(|_| true), a.map(|_| true));
        let mut west = first;
        for row in 0..20 {
            for col in 8..20 {
                west.set(col, row, false);
            }
        }
        let side = |celsius, judged| Side { celsius, judged };
        let found = common(side(&a, &west), side(&b, &all), 0.5, 2.0).expect("cells");
        assert!((found.fraction - 0.4).abs() < 1e-12 && found.cells == 160);
        assert_eq!(found.moved[0].by_k, 0.0);
        assert_eq!(found.moved[1].by_k, -4.0);
    }

    #[test]
    fn cells_that_go_together_count_as_few() {
        // A chequerboard of blocks of 5 cells against one of single cells.
        let flat = grid(|_, _| 0.0);
        let judged = flat.map(|_| true);
        let board = |size: usize| {
            grid(move |col, row| {
                if (col / size + row / size).is_multiple_of(2) {
                    0.1
                } else {
                    -0.1
                }
            })
        };
        let n = |b: &Grid<f32>| {
            let side = |celsius| Side {
                celsius,
                judged: &judged,
            };
            common(side(&flat), side(b), 0.5, 0.5).expect("cells").n_eff
        };
        let (single, blocks) = (n(&board(1)), n(&board(5)));
        assert!(single > 390.0, "{single}");
        assert!(blocks < 150.0, "{blocks}");
    }

    #[test]
    fn nothing_in_common_is_nothing() {
        let a = grid(|_, _| f32::NAN);
        let judged = a.map(|_| true);
        let side = Side {
            celsius: &a,
            judged: &judged,
        };
        assert_eq!(common(side, side, 0.5, 2.0), None);
    }
}
