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
    const NONE: View = View {
        kelvin: f32::NAN,
        key: f32::INFINITY,
        order: u32::MAX,
    };

    fn mixed(&self) -> bool {
        self.key >= 2.0 * RANK
    }

    #[inline]
    fn is_better(&self, other: &View) -> bool {
        self.key < other.key || (self.key == other.key && self.order < other.order)
    }

    #[inline]
    fn is_before(&self, other: &View) -> bool {
        self.kelvin < other.kelvin || (self.kelvin == other.kelvin && self.is_better(other))
    }
}

/// What is known of a cell so far.
#[derive(Clone, Copy, Debug)]
struct Cell {
    best: View,
    view_deg: f32,
    count: u16,
}

impl Cell {
    const EMPTY: Cell = Cell {
        best: View::NONE,
        view_deg: f32::NAN,
        count: 0,
    };
}

/// Views of a tile.
pub(super) struct Gathered {
    width: usize,
    height: usize,
    /// Row by row.
    cells: Vec<Cell>,
    /// Views kept, one layer of all cells per rank of arrival.
    layers: Vec<Vec<View>>,
    sources: Vec<Seer>,
}

/// A source whose views are gathered.
#[derive(Clone, Copy, Debug)]
struct Seer {
    /// [`super::Source::index`].
    index: u32,
    /// Variance of its views, K².
    variance_k2: f32,
}

impl Gathered {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            cells: vec![Cell::EMPTY; width * height],
            layers: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Begins the views of the next source, in order of index.
    pub(super) fn begin(&mut self, index: u32, variance_k2: f32) {
        self.sources.push(Seer { index, variance_k2 });
    }

    /// Adds a view of a cell by the source last begun.
    #[inline]
    pub(super) fn add(&mut self, (col, row): (usize, usize), kelvin: f32, key: f32, view_deg: f32) {
        let order = (self.sources.len() as u32).saturating_sub(1);
        let view = View { kelvin, key, order };
        let at = row * self.width + col;
        let cell = &mut self.cells[at];
        let kept = usize::from(cell.count);
        cell.count = cell.count.saturating_add(1);
        if view.is_better(&cell.best) {
            cell.best = view;
            cell.view_deg = view_deg;
        }
        match self.layers.get_mut(kept) {
            Some(layer) => layer[at] = view,
            None => self.add_beyond(at, view),
        }
    }

    /// Adds a view of a cell that has one in every layer.
    #[cold]
    fn add_beyond(&mut self, at: usize, view: View) {
        if self.layers.len() < MOST_VIEWS {
            let mut layer = vec![View::NONE; self.cells.len()];
            layer[at] = view;
            self.layers.push(layer);
            return;
        }
        let (mut worst, mut place) = (view, None);
        for (layer, views) in self.layers.iter().enumerate() {
            if worst.is_better(&views[at]) {
                (worst, place) = (views[at], Some(layer));
            }
        }
        if let Some(layer) = place {
            self.layers[layer][at] = view;
        }
    }

    /// The finished tile; means only of the cells that are `wanted`, all without.
    pub(super) fn finish(
        self,
        blend: Blend,
        feather_cost: f32,
        wanted: Option<&Grid<bool>>,
    ) -> MosaicTile {
        let n = self.cells.len();
        let mut mean_k = vec![f32::NAN; n];
        let mut mean_sigma_k = vec![f32::NAN; n];
        let mut blended_k = Vec::with_capacity(if blend == Blend::BestView { 0 } else { n });
        let variances: Vec<f32> = self.sources.iter().map(|s| s.variance_k2).collect();
        let mut kept = [View::NONE; MOST_VIEWS];
        let is_wanted = |at: usize| wanted.is_none_or(|cells| cells.data()[at]);
        for (at, cell) in self.cells.iter().enumerate() {
            if blend == Blend::BestView && !is_wanted(at) {
                continue;
            }
            let count = usize::from(cell.count).min(MOST_VIEWS);
            for (view, layer) in kept.iter_mut().zip(&self.layers).take(count) {
                *view = layer[at];
            }
            let views = sorted_counting(&mut kept[..count]);
            if is_wanted(at) {
                let mean = robust_mean(views, &variances);
                (mean_k[at], mean_sigma_k[at]) = (mean.kelvin, mean.sigma_k);
            }
            if blend != Blend::BestView {
                blended_k.push(blended(views, blend, feather_cost, &variances));
            }
        }
        let kelvin = if blend == Blend::BestView {
            self.map(|c| c.best.kelvin)
        } else {
            self.grid(blended_k)
        };
        let index = |order: u32| {
            self.sources
                .get(order as usize)
                .map_or(NO_FRAME, |s| s.index)
        };
        MosaicTile {
            kelvin,
            count: self.map(|c| c.count),
            frame: self.map(|c| index(c.best.order)),
            view_deg: self.map(|c| c.view_deg),
            mixed: self.map(|c| c.count > 0 && c.best.mixed()),
            mean_k: self.grid(mean_k),
            mean_sigma_k: self.grid(mean_sigma_k),
        }
    }

    fn map<T: Copy>(&self, f: impl Fn(&Cell) -> T) -> Grid<T> {
        self.grid(self.cells.iter().map(f).collect())
    }

    fn grid<T: Copy>(&self, data: Vec<T>) -> Grid<T> {
        Grid::from_vec(self.width, self.height, data).expect("one value per cell")
    }
}

/// The views that count, in order of kelvin so that sums do not depend on arrival: mixed ones only
/// where there is no other.
#[inline]
fn sorted_counting(views: &mut [View]) -> &[View] {
    let clean = views.iter().filter(|v| !v.mixed()).count();
    let mut counting = views.len();
    if clean > 0 && clean < views.len() {
        let mut end = 0;
        for i in 0..views.len() {
            if !views[i].mixed() {
                views[end] = views[i];
                end += 1;
            }
        }
        counting = clean;
    }
    let views = &mut views[..counting];
    // By insertion: most often a dozen.
    for i in 1..views.len() {
        let view = views[i];
        let mut place = i;
        while place > 0 && view.is_before(&views[place - 1]) {
            views[place] = views[place - 1];
            place -= 1;
        }
        views[place] = view;
    }
    views
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
        gathered.finish(Blend::BestView, 0.1, None)
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
