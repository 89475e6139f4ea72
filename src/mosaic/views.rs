//! The views of a tile, gathered source by source.

use super::blend::blended;
use super::mean::robust_mean;
use super::{Blend, MosaicTile, NO_FRAME};
use crate::raster::Grid;

/// Most views kept per cell for mean and median, 12 bytes each; the cheapest where there are
/// more. A tile of 512² cells then takes at most 75 MB, whatever the flight.
pub(super) const MOST_VIEWS: usize = 24;

/// Step between the ranks of views, over any cost.
const RANK: f32 = 200.0;

/// What views are compared by: first clean before mixed, then the frame a roof belongs to before
/// strangers, then cost. Ranks rather than penalties: no cost makes up for an edge.
#[inline]
pub(super) fn key(cost: f32, stranger: bool, mixed: bool) -> f32 {
    let rank = 2 * u8::from(mixed) + u8::from(stranger);
    cost + RANK * f32::from(rank)
}

/// One view of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    pub(super) kelvin: f32,
    /// Of [`key`].
    pub(super) key: f32,
    /// Place of its source among those of the tile, in order of [`super::Source::index`].
    pub(super) order: u32,
}

impl View {
    fn mixed(&self) -> bool {
        self.key >= 2.0 * RANK
    }

    fn is_better(&self, other: &View) -> bool {
        self.key < other.key || (self.key == other.key && self.order < other.order)
    }
}

/// What is known of a cell so far.
#[derive(Clone, Copy, Debug)]
struct Cell {
    best: View,
    view_deg: f32,
    count: u16,
    /// First value, sum and sum of squares about it.
    moments: (f32, f32, f32),
}

impl Cell {
    const EMPTY: Cell = Cell {
        best: View {
            kelvin: f32::NAN,
            key: f32::INFINITY,
            order: u32::MAX,
        },
        view_deg: f32::NAN,
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

/// Views of a tile.
pub(super) struct Gathered {
    cells: Grid<Cell>,
    /// Views kept, one layer per rank of arrival.
    layers: Vec<Grid<View>>,
    /// Index and variance (K²) of each source, in order.
    sources: Vec<(u32, f32)>,
}

impl Gathered {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            cells: Grid::filled(width, height, Cell::EMPTY),
            layers: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Begins the views of the next source, in order of index.
    pub(super) fn begin(&mut self, index: u32, variance_k2: f32) {
        self.sources.push((index, variance_k2));
    }

    /// Adds a view of a cell by the source last begun.
    #[inline]
    pub(super) fn add(&mut self, (col, row): (usize, usize), kelvin: f32, key: f32, view_deg: f32) {
        let order = (self.sources.len() as u32).saturating_sub(1);
        let view = View { kelvin, key, order };
        let mut cell = self.cells.at(col, row);
        let kept = usize::from(cell.count);
        if kept < MOST_VIEWS {
            if self.layers.len() <= kept {
                let (width, height) = (self.cells.width(), self.cells.height());
                self.layers.push(Grid::filled(width, height, view));
            }
            self.layers[kept].set(col, row, view);
        } else {
            self.replace_worst(col, row, view);
        }
        let (first, sum, squares) = cell.moments;
        let first = if cell.count == 0 { kelvin } else { first };
        let d = kelvin - first;
        cell.moments = (first, sum + d, squares + d * d);
        cell.count = cell.count.saturating_add(1);
        if view.is_better(&cell.best) {
            cell.best = view;
            cell.view_deg = view_deg;
        }
        self.cells.set(col, row, cell);
    }

    #[cold]
    fn replace_worst(&mut self, col: usize, row: usize, view: View) {
        let (mut worst, mut place) = (view, None);
        for (layer, views) in self.layers.iter().enumerate() {
            let other = views.at(col, row);
            if worst.is_better(&other) {
                (worst, place) = (other, Some(layer));
            }
        }
        if let Some(layer) = place {
            self.layers[layer].set(col, row, view);
        }
    }

    /// The finished tile.
    pub(super) fn finish(self, blend: Blend, feather_cost: f32) -> MosaicTile {
        let (width, height) = (self.cells.width(), self.cells.height());
        let index = |order: u32| self.sources.get(order as usize).map_or(NO_FRAME, |s| s.0);
        let mut tile = MosaicTile {
            kelvin: self.cells.map(|c| c.best.kelvin),
            count: self.cells.map(|c| c.count),
            frame: self.cells.map(|c| index(c.best.order)),
            view_deg: self.cells.map(|c| c.view_deg),
            spread_k: self.cells.map(|c| c.spread_k()),
            mixed: self.cells.map(|c| c.count > 0 && c.best.mixed()),
            mean_k: Grid::filled(width, height, f32::NAN),
            mean_sigma_k: Grid::filled(width, height, f32::NAN),
        };
        let variances: Vec<f32> = self.sources.iter().map(|s| s.1).collect();
        let mut views = Vec::with_capacity(MOST_VIEWS);
        for row in 0..height {
            for col in 0..width {
                let cell = self.cells.at(col, row);
                if cell.count == 0 {
                    continue;
                }
                self.views_into(&mut views, (col, row), &cell);
                let mean = robust_mean(&views, &variances);
                tile.mean_k.set(col, row, mean.kelvin);
                tile.mean_sigma_k.set(col, row, mean.sigma_k);
                if blend != Blend::BestView {
                    let kelvin = blended(&views, blend, feather_cost, &variances);
                    tile.kelvin.set(col, row, kelvin);
                }
            }
        }
        tile
    }

    /// The views of a cell that count, in order of kelvin: mixed ones only where there is no
    /// other. The order makes sums independent of arrival.
    fn views_into(&self, views: &mut Vec<View>, (col, row): (usize, usize), cell: &Cell) {
        views.clear();
        let mixed = cell.best.mixed();
        for layer in self.layers.iter().take(usize::from(cell.count)) {
            let view = layer.at(col, row);
            if view.mixed() == mixed {
                // Insertion: a dozen values at most times.
                let after = |v: &View| {
                    let costs = || view.key.total_cmp(&v.key);
                    let order = view.kelvin.total_cmp(&v.kelvin).then_with(costs);
                    order.then(view.order.cmp(&v.order)).is_ge()
                };
                let place = views.iter().rposition(after).map_or(0, |i| i + 1);
                views.insert(place, view);
            }
        }
    }
}

fn spread((_, sum, squares): (f32, f32, f32), count: u16) -> f32 {
    let n = f32::from(count);
    ((squares - sum * sum / n).max(0.0) / (n - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One cell seen by views of (kelvin, key).
    fn cell(views: &[(f32, f32)]) -> MosaicTile {
        let mut gathered = Gathered::new(1, 1);
        for (index, (kelvin, key)) in (0..).zip(views) {
            gathered.begin(index, 0.0025);
            gathered.add((0, 0), *kelvin, *key, 10.0);
        }
        gathered.finish(Blend::BestView, 0.1)
    }

    #[test]
    fn the_spread_is_the_standard_deviation_of_the_views() {
        // 280, 281, 283: about 280 the sum is 4, the squares 10; (10 − 16/3)/2 = 7/3.
        let expected = (7.0_f32 / 3.0).sqrt();
        assert!((spread((280.0, 4.0, 10.0), 3) - expected).abs() < 1e-6);
    }

    #[test]
    fn a_mixed_view_never_wins_over_a_clean_one_however_bad_that_is() {
        let tile = cell(&[
            (290.0, key(0.0, false, true)),
            (280.0, key(99.0, true, false)),
        ]);
        assert_eq!((tile.kelvin.at(0, 0), tile.mean_k.at(0, 0)), (280.0, 280.0));
        assert!(!tile.mixed.at(0, 0));
        let tile = cell(&[(290.0, key(0.0, false, true))]);
        assert_eq!((tile.kelvin.at(0, 0), tile.mean_k.at(0, 0)), (290.0, 290.0));
        assert!(tile.mixed.at(0, 0));
    }

    #[test]
    fn a_roof_s_own_frame_wins_over_a_cheaper_stranger_but_not_when_mixed() {
        let own = |mixed| (281.0, key(0.5, false, mixed));
        let tile = cell(&[(280.0, key(0.1, true, false)), own(false)]);
        assert_eq!(tile.kelvin.at(0, 0), 281.0);
        let tile = cell(&[(280.0, key(0.1, true, false)), own(true)]);
        assert_eq!(tile.kelvin.at(0, 0), 280.0);
    }

    #[test]
    fn among_many_views_the_cheapest_are_kept_whatever_the_order() {
        // 40 views of 280 K that cost the less the later, or the earlier, and one of 270 K that
        // is the dearest: it must not be among those kept.
        let rising: Vec<(f32, f32)> = (0..40).map(|i| (280.0, 0.01 * i as f32)).collect();
        let mut falling = rising.clone();
        falling.reverse();
        for mut views in [rising, falling] {
            views.insert(3, (270.0, 0.9));
            views.push((270.0, 0.9));
            let tile = cell(&views);
            assert_eq!((tile.count.at(0, 0), tile.mean_k.at(0, 0)), (42, 280.0));
            let expected = 0.05 / (MOST_VIEWS as f32).sqrt();
            assert!((tile.mean_sigma_k.at(0, 0) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn equal_costs_go_to_the_lower_frame() {
        assert_eq!(cell(&[(280.0, 0.2), (281.0, 0.2)]).frame.at(0, 0), 0);
    }
}
