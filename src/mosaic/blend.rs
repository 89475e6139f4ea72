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

/// Views of a tile, gathered source by source.
pub(super) struct Gathered {
    tile: MosaicTile,
    best: Grid<f32>,
    /// First value, sum and sum of squares about it.
    moments: Grid<(f32, f32, f32)>,
    /// All views where the blend needs them, one layer per rank of arrival.
    layers: Vec<Grid<View>>,
    keep_all: bool,
}

impl Gathered {
    pub(super) fn new(width: usize, height: usize, blend: Blend) -> Self {
        Self {
            tile: MosaicTile {
                kelvin: Grid::filled(width, height, f32::NAN),
                count: Grid::filled(width, height, 0),
                frame: Grid::filled(width, height, NO_FRAME),
                view_deg: Grid::filled(width, height, f32::NAN),
                spread_k: Grid::filled(width, height, f32::NAN),
            },
            best: Grid::filled(width, height, f32::INFINITY),
            moments: Grid::filled(width, height, (0.0, 0.0, 0.0)),
            layers: Vec::new(),
            keep_all: blend != Blend::BestView,
        }
    }

    /// Adds a view of a cell. Sources must come in order of their index where costs are equal.
    pub(super) fn add(
        &mut self,
        (col, row): (usize, usize),
        view: View,
        frame: u32,
        view_deg: f32,
        penalty: f32,
    ) {
        let tile = &mut self.tile;
        let count = tile.count.at(col, row);
        if self.keep_all && usize::from(count) < MOST_VIEWS {
            if self.layers.len() <= usize::from(count) {
                let (width, height) = (tile.kelvin.width(), tile.kelvin.height());
                self.layers.push(Grid::filled(width, height, view));
            }
            self.layers[usize::from(count)].set(col, row, view);
        }
        tile.count.set(col, row, count.saturating_add(1));
        let (first, sum, squares) = self.moments.at(col, row);
        let first = if count == 0 { view.kelvin } else { first };
        let d = view.kelvin - first;
        self.moments
            .set(col, row, (first, sum + d, squares + d * d));
        let cost = if view.mixed {
            view.cost + penalty
        } else {
            view.cost
        };
        let (best, holder) = (self.best.at(col, row), tile.frame.at(col, row));
        if cost < best || (cost == best && frame < holder) {
            self.best.set(col, row, cost);
            tile.kelvin.set(col, row, view.kelvin);
            tile.frame.set(col, row, frame);
            tile.view_deg.set(col, row, view_deg);
        }
    }

    /// The finished tile.
    pub(super) fn finish(mut self, blend: Blend, feather_cost: f32) -> MosaicTile {
        let mut views = Vec::with_capacity(MOST_VIEWS);
        for row in 0..self.tile.kelvin.height() {
            for col in 0..self.tile.kelvin.width() {
                let count = self.tile.count.at(col, row);
                if count >= 2 {
                    let spread = spread(self.moments.at(col, row), count);
                    self.tile.spread_k.set(col, row, spread);
                }
                if self.keep_all && count > 0 {
                    views.clear();
                    let kept = self.layers.iter().take(usize::from(count));
                    views.extend(kept.map(|layer| layer.at(col, row)));
                    let value = blended(&mut views, blend, feather_cost);
                    self.tile.kelvin.set(col, row, value);
                }
            }
        }
        self.tile
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
