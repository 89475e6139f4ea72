//! From the views of a cell to its temperature.

use super::{Blend, MosaicTile, NO_FRAME};
use crate::raster::Grid;

/// Most views kept per cell for means and medians; where there are more sources they come
/// cheapest first.
pub(super) const MOST_VIEWS: usize = 32;

/// Views farther than this many σ from the median are left out of the mean.
const OUTLIER_SIGMA: f32 = 3.0;

/// Smallest σ of the views, kelvin: a camera's noise. Two equal views and a third must not make
/// the third an outlier.
const LEAST_SIGMA_K: f32 = 0.05;

/// One view of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    pub(super) kelvin: f32,
    pub(super) cost: f32,
    pub(super) mixed: bool,
}

/// What is known of a cell so far.
#[derive(Clone, Copy, Debug)]
struct Cell {
    kelvin: f32,
    view_deg: f32,
    cost: f32,
    frame: u32,
    count: u16,
    /// First value, sum and sum of squares about it.
    moments: (f32, f32, f32),
}

impl Cell {
    const EMPTY: Cell = Cell {
        kelvin: f32::NAN,
        view_deg: f32::NAN,
        cost: f32::INFINITY,
        frame: NO_FRAME,
        count: 0,
        moments: (0.0, 0.0, 0.0),
    };

    fn spread_k(&self) -> f32 {
        if self.count < 2 {
            return f32::NAN;
        }
        spread(self.moments, self.count)
    }
}

/// Views of a tile, gathered source by source.
pub(super) struct Gathered {
    cells: Grid<Cell>,
    /// All views where the blend needs them, one layer per rank of arrival.
    layers: Vec<Grid<View>>,
    keep_all: bool,
    penalty: f32,
}

impl Gathered {
    pub(super) fn new(width: usize, height: usize, blend: Blend, penalty_mixed: f64) -> Self {
        Self {
            cells: Grid::filled(width, height, Cell::EMPTY),
            layers: Vec::new(),
            keep_all: blend != Blend::BestView,
            penalty: penalty_mixed as f32,
        }
    }

    /// Adds a view of a cell; among equal costs the lower frame wins.
    #[inline]
    pub(super) fn add(
        &mut self,
        (col, row): (usize, usize),
        view: View,
        frame: u32,
        view_deg: f32,
    ) {
        let mut cell = self.cells.at(col, row);
        if self.keep_all && usize::from(cell.count) < MOST_VIEWS {
            if self.layers.len() <= usize::from(cell.count) {
                let (width, height) = (self.cells.width(), self.cells.height());
                self.layers.push(Grid::filled(width, height, view));
            }
            self.layers[usize::from(cell.count)].set(col, row, view);
        }
        let (first, sum, squares) = cell.moments;
        let first = if cell.count == 0 { view.kelvin } else { first };
        let d = view.kelvin - first;
        cell.moments = (first, sum + d, squares + d * d);
        cell.count = cell.count.saturating_add(1);
        let penalty = if view.mixed { self.penalty } else { 0.0 };
        let cost = view.cost + penalty;
        if cost < cell.cost || (cost == cell.cost && frame < cell.frame) {
            (cell.cost, cell.frame) = (cost, frame);
            (cell.kelvin, cell.view_deg) = (view.kelvin, view_deg);
        }
        self.cells.set(col, row, cell);
    }

    /// The finished tile.
    pub(super) fn finish(self, blend: Blend, feather_cost: f32) -> MosaicTile {
        let mut kelvin = self.cells.map(|c| c.kelvin);
        if self.keep_all {
            self.blend_into(&mut kelvin, blend, feather_cost);
        }
        MosaicTile {
            kelvin,
            count: self.cells.map(|c| c.count),
            frame: self.cells.map(|c| c.frame),
            view_deg: self.cells.map(|c| c.view_deg),
            spread_k: self.cells.map(|c| c.spread_k()),
        }
    }

    fn blend_into(&self, kelvin: &mut Grid<f32>, blend: Blend, feather_cost: f32) {
        let mut views = Vec::with_capacity(MOST_VIEWS);
        for row in 0..kelvin.height() {
            for col in 0..kelvin.width() {
                let count = usize::from(self.cells.at(col, row).count);
                if count > 0 {
                    views.clear();
                    let kept = self.layers.iter().take(count);
                    views.extend(kept.map(|layer| layer.at(col, row)));
                    kelvin.set(col, row, blended(&mut views, blend, feather_cost));
                }
            }
        }
    }
}

fn spread((_, sum, squares): (f32, f32, f32), count: u16) -> f32 {
    let n = f32::from(count);
    ((squares - sum * sum / n).max(0.0) / (n - 1.0)).sqrt()
}

/// Temperature from at least one view; mixed ones count only where there is no other.
fn blended(views: &mut Vec<View>, blend: Blend, feather_cost: f32) -> f32 {
    if views.iter().any(|v| !v.mixed) {
        views.retain(|v| !v.mixed);
    }
    // By value, so that sums do not depend on the order of arrival.
    views.sort_by(|a, b| {
        a.kelvin
            .total_cmp(&b.kelvin)
            .then(a.cost.total_cmp(&b.cost))
    });
    match blend {
        Blend::Median => median(views.iter().map(|v| v.kelvin)),
        Blend::Mean => robust_mean(views),
        Blend::Feather | Blend::BestView => feathered(views, feather_cost),
    }
}

/// Median of sorted values.
fn median(sorted: impl ExactSizeIterator<Item = f32> + Clone) -> f32 {
    let n = sorted.len();
    let at = |i: usize| sorted.clone().nth(i).unwrap_or(f32::NAN);
    if n % 2 == 1 {
        at(n / 2)
    } else {
        0.5 * (at(n / 2 - 1) + at(n / 2))
    }
}

fn robust_mean(sorted: &[View]) -> f32 {
    let middle = median(sorted.iter().map(|v| v.kelvin));
    let mut away: Vec<f32> = sorted.iter().map(|v| (v.kelvin - middle).abs()).collect();
    away.sort_by(f32::total_cmp);
    let sigma = (1.4826 * median(away.iter().copied())).max(LEAST_SIGMA_K);
    let (mut sum, mut n) = (0.0, 0.0);
    for view in sorted {
        if (view.kelvin - middle).abs() <= OUTLIER_SIGMA * sigma {
            sum += view.kelvin - middle;
            n += 1.0;
        }
    }
    if n > 0.0 { middle + sum / n } else { middle }
}

/// Weights fall linearly with the cost over the cheapest view.
fn feathered(views: &[View], width: f32) -> f32 {
    let least = views.iter().map(|v| v.cost).fold(f32::INFINITY, f32::min);
    let base = views[0].kelvin;
    let (mut sum, mut weight) = (0.0, 0.0);
    for view in views {
        let w = (1.0 - (view.cost - least) / width.max(1e-9)).max(0.0);
        sum += w * (view.kelvin - base);
        weight += w;
    }
    base + sum / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(values: &[(f32, f32)]) -> Vec<View> {
        let view = |v: &(f32, f32)| View {
            kelvin: v.0,
            cost: v.1,
            mixed: false,
        };
        values.iter().map(view).collect()
    }

    #[test]
    fn the_mean_leaves_out_what_the_others_contradict() {
        let mut four = views(&[(280.0, 0.1), (280.2, 0.1), (280.1, 0.1), (290.0, 0.1)]);
        assert!((blended(&mut four, Blend::Mean, 0.1) - 280.1).abs() < 1e-3);
        let mut two = views(&[(280.0, 0.1), (290.0, 0.1)]);
        assert_eq!(blended(&mut two, Blend::Mean, 0.1), 285.0);
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        let mut four = views(&[(283.0, 0.1), (280.0, 0.1), (281.0, 0.1), (299.0, 0.1)]);
        assert_eq!(blended(&mut four, Blend::Median, 0.1), 282.0);
    }

    #[test]
    fn a_feather_is_half_and_half_at_the_seam_and_pure_beyond_its_width() {
        let at = |cost| {
            blended(
                &mut views(&[(280.0, 0.2), (282.0, cost)]),
                Blend::Feather,
                0.1,
            )
        };
        assert_eq!(at(0.2), 281.0);
        assert_eq!(at(0.31), 280.0);
        assert!((at(0.25) - (280.0 + 2.0 * 0.5 / 1.5)).abs() < 1e-3);
    }

    #[test]
    fn mixed_views_count_only_where_there_is_no_other() {
        let mut some = views(&[(280.0, 0.5), (290.0, 0.1)]);
        some[1].mixed = true;
        assert_eq!(blended(&mut some.clone(), Blend::Mean, 0.1), 280.0);
        some.remove(0);
        assert_eq!(blended(&mut some, Blend::Mean, 0.1), 290.0);
    }

    #[test]
    fn the_spread_is_the_standard_deviation_of_the_views() {
        // 280, 281, 283: about 280 the sum is 4, the squares 10; (10 − 16/3)/2 = 7/3.
        let expected = (7.0_f32 / 3.0).sqrt();
        assert!((spread((280.0, 4.0, 10.0), 3) - expected).abs() < 1e-6);
    }
}
