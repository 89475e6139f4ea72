//! Seams that avoid roofs: which frame each roof belongs to.
//!
//! In: roof outlines, the sources, the surface. Out: for each cell of a tile the source it
//! should be taken from, if it lies on a roof.
//!
//! Frames of one flight differ by tenths of a kelvin where they meet. On a roof such a step looks
//! like a defect, so a roof is taken from one frame where a single one sees it whole and
//! steeply; otherwise from few, parted along the shortest seams (georeferencing.md §10: crossing
//! a roof costs 10). Beside roofs seams cost nothing: the best view of each cell is the answer
//! there, and so every roof is a problem of its own. That keeps the decision in the plan: it is
//! made once per roof on a lattice of the whole map, whatever the tiles.
//!
//! The choice ranks before cost but after cleanness: what the chosen frame does not see cleanly
//! comes from the best of the others.

mod cells;
mod choose;
mod flow;
mod part;
mod sight;
#[cfg(test)]
mod tests;

use super::{NO_FRAME, Plan, Source};
use crate::raster::{Bounds, Grid, Window};
use geo::{BoundingRect, MultiPolygon};
use rayon::prelude::*;

/// A roof by its outline.
#[derive(Clone, Copy, Debug)]
pub struct RoofOutline<'a> {
    /// Number of the caller; of roofs that overlap, the lower one holds.
    pub number: u32,
    /// Outline, project CRS, metres.
    pub outline: &'a MultiPolygon<f64>,
}

/// The sources a roof is taken from.
#[derive(Clone, Debug, PartialEq)]
pub struct RoofSources {
    /// [`RoofOutline::number`].
    pub number: u32,
    /// Places in the list of sources, rising; empty where no source sees the roof.
    pub places: Vec<usize>,
    /// Whether a single source sees it whole within [`super::Options::whole_roof_deg`].
    pub whole: bool,
}

/// A roof of the plan.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Roof {
    number: u32,
    outline: MultiPolygon<f64>,
    /// Cells of the map around it.
    window: Window,
    choice: Choice,
}

/// Where a roof's cells come from: places of sources.
#[derive(Clone, Debug, PartialEq)]
enum Choice {
    /// Nothing sees it.
    None,
    /// One source.
    One { place: usize, whole: bool },
    /// By squares of `step` cells of the map from `first`.
    Parted {
        first: (usize, usize),
        step: usize,
        places: Grid<u32>,
    },
}

impl Roof {
    /// Whether it lies in a window at least in part.
    pub(super) fn meets(&self, window: &Window) -> bool {
        self.window.common(window).is_some()
    }

    /// All of it but the caller's number.
    pub(super) fn decided(&self) -> impl std::fmt::Debug + '_ {
        (&self.outline, &self.window, &self.choice)
    }
}

impl Choice {
    /// The source of a cell of the map inside the roof; [`NO_FRAME`] for any.
    fn at(&self, col: usize, row: usize) -> u32 {
        match self {
            Choice::None => NO_FRAME,
            Choice::One { place, .. } => u32::try_from(*place).unwrap_or(NO_FRAME),
            Choice::Parted {
                first,
                step,
                places,
            } => places.at(col / step - first.0, row / step - first.1),
        }
    }
}

/// Decides where every roof comes from, in order of falling numbers: painted in this order, the
/// lower number holds.
pub(super) fn assign(
    plan: &Plan,
    sources: &[Source<'_>],
    guide: &super::Guide<'_>,
    options: &super::Options,
) -> Vec<Roof> {
    let mut outlines: Vec<&RoofOutline<'_>> = guide.roofs.iter().collect();
    outlines.sort_by_key(|roof| std::cmp::Reverse(roof.number));
    let roof = |roof: &&RoofOutline<'_>| {
        let bounds = bounds(roof.outline)?;
        let window = plan.transform.window_of(&bounds, plan.width, plan.height)?;
        let shape = choose::Shape {
            outline: roof.outline,
            bounds,
            window,
        };
        Some(Roof {
            number: roof.number,
            outline: roof.outline.clone(),
            window,
            choice: choose::choose(plan, sources, &shape, guide.surface, options),
        })
    };
    outlines.par_iter().filter_map(roof).collect()
}

/// Bounds of an outline; `None` where it is empty or not finite.
fn bounds(outline: &MultiPolygon<f64>) -> Option<Bounds> {
    let rect = outline.bounding_rect()?;
    let bounds = Bounds {
        x_min: rect.min().x,
        y_min: rect.min().y,
        x_max: rect.max().x,
        y_max: rect.max().y,
    };
    let all = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
    all.iter().all(|v| v.is_finite()).then_some(bounds)
}

/// The source each cell of a window should come from, [`NO_FRAME`] off the roofs; `None` where the
/// window meets no roof.
pub(super) fn preferred(plan: &Plan, window: Window) -> Option<Grid<u32>> {
    let mut grid: Option<Grid<u32>> = None;
    for roof in &plan.roofs {
        let Some(both) = roof.window.common(&window) else {
            continue;
        };
        let grid = grid.get_or_insert_with(|| Grid::filled(window.width, window.height, NO_FRAME));
        cells::for_spans(&roof.outline, plan, both, |row, cols| {
            for col in cols {
                let place = roof.choice.at(col, row);
                grid.set(col - window.col, row - window.row, place);
            }
        });
    }
    grid
}

/// The cells of a window that lie in the bounds of a roof.
pub(super) fn around(plan: &Plan, window: Window) -> Grid<bool> {
    let mut grid = Grid::filled(window.width, window.height, false);
    let on = plan.roofs.iter().filter_map(|r| r.window.common(&window));
    for both in on {
        let left = both.col - window.col;
        for row in both.row - window.row..both.row - window.row + both.height {
            let start = row * window.width + left;
            grid.data_mut()[start..start + both.width].fill(true);
        }
    }
    grid
}

impl Roof {
    pub(super) fn sources(&self) -> RoofSources {
        let mut places: Vec<usize> = match &self.choice {
            Choice::None => Vec::new(),
            Choice::One { place, .. } => vec![*place],
            Choice::Parted { places, .. } => {
                let used = places.data().iter().filter(|p| **p != NO_FRAME);
                used.map(|p| *p as usize).collect()
            }
        };
        places.sort_unstable();
        places.dedup();
        RoofSources {
            number: self.number,
            places,
            whole: matches!(self.choice, Choice::One { whole: true, .. }),
        }
    }
}
