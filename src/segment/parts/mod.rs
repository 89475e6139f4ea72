//! Parts of one roof: planes, and what stands or lies on them.
//!
//! In: a roof's window of the mosaic and, where there is one, of the surface and terrain models on
//! the same cells. Out: a label for every cell of the roof and the list of parts the labels name.
//!
//! A tilted roof seen as one plane has its ridge as a "hot spot", and a field of panels shifts its
//! median (scoring.md §8). So planes come first: from the surface model by growing regions of one
//! slope (`planes`), their borders as straight lines (`border`); where heights say nothing, by
//! lines along which the temperature has a step (`thermal`). What differs from its plane in
//! temperature or height is an object (`objects`), named by its form (`classify`).
//!
//! No part is a verdict: each carries a confidence and the signs behind it as codes. Only kinds
//! that are no roof at all and are sure enough are left out of statistics (`Part::left_out`):
//! a fault taken for a rooflight would be a fault never reported.
//!
//! Random sampling of planes was not used: the same input must give the same bytes, and slopes
//! over a metre tell planes apart without it.
//!
//! Not here: heat loss, faults (`score`).

mod border;
mod candidates;
mod classify;
mod faces;
mod fit;
mod flood;
mod frame;
mod objects;
mod panels;
mod planes;
mod rim;
mod shade;
mod shape;
#[cfg(test)]
mod tests;
mod thermal;
mod trend;

pub use candidates::{Candidate, CandidatesInput, MOVE_M, candidates, refined};
pub use fit::Plane;
pub use shade::{REACH_M, shaded};
pub(crate) use trend::{Robust, robust};

use super::{Roof, polygonise};
use crate::raster::{GeoTransform, Grid};
use geo::MultiPolygon;

/// What is split.
#[derive(Clone, Copy, Debug)]
pub struct PartsInput<'a> {
    /// The roof; every grid has the shape of its window.
    pub roof: &'a Roof,
    /// Mosaic, °C; NaN where not seen.
    pub celsius: &'a Grid<f32>,
    /// Heights of the surface, metres; NaN where unknown.
    pub surface: Option<&'a Grid<f32>>,
    /// Heights of the terrain, metres; NaN where unknown.
    pub terrain: Option<&'a Grid<f32>>,
    /// Cell of the surface model before it was brought to the mosaic's cells, metres.
    pub surface_cell_m: f64,
    /// Readings below mirror the sky, °C (scoring.md §1); `None` without weather.
    pub mirror_below_c: Option<f32>,
    /// Cells under or close beside trees ([`shaded`]).
    pub shade: Option<&'a Grid<bool>>,
}

/// Settings of the splitting. The defaults were chosen on simulated parks 1 to 3, 41 to 43, 51 to 53 and
/// 61 to 63; others judge them (`tests/maps/roof_parts.rs`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Smallest plane, m².
    pub min_plane_m2: f64,
    /// Heights of one plane stay this near to it, metres: three times the 5 cm that an airborne
    /// survey promises (flemish-data.md §6), less what growing would gather from a neighbour.
    pub plane_tolerance_m: f64,
    /// Slopes of one plane differ by less, rise over run.
    pub slope_tolerance: f64,
    /// Surface models of larger cells tell no planes, metres.
    pub max_surface_cell_m: f64,
    /// What stands less over the terrain is no building, metres.
    pub min_height_m: f64,
    /// Smallest object, cells.
    pub min_object_px: usize,
    /// Least difference of an object from its plane, K.
    pub min_contrast_k: f32,
    /// The same in standard deviations of the plane's cells.
    pub min_contrast_sigma: f32,
    /// Least step between two thermal planes, K.
    pub min_step_k: f32,
    /// Kinds are left out of statistics from this confidence.
    pub leave_out_from: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_plane_m2: 8.0,
            plane_tolerance_m: 0.12,
            slope_tolerance: 0.07,
            max_surface_cell_m: 2.0,
            min_height_m: 2.5,
            min_object_px: 6,
            min_contrast_k: 0.8,
            min_contrast_sigma: 4.0,
            min_step_k: 0.6,
            leave_out_from: 0.6,
        }
    }
}

/// What a part is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Kind {
    /// A face of the roof.
    Plane,
    /// Raised or capped rim.
    Parapet,
    /// Rooflight or smoke hatch.
    Rooflight,
    /// Exhaust, plant, penetration.
    Installation,
    /// Field of panels.
    Pv,
    /// Metal that mirrors the sky.
    Metal,
    /// Standing water or a wet place.
    Puddle,
    /// Branches over the rim, or roof in the shade of a crown.
    Tree,
    /// Something the signs do not tell.
    Unknown,
}

impl Kind {
    /// Every kind, in the order of the type.
    pub const ALL: [Self; 9] = [
        Self::Plane,
        Self::Parapet,
        Self::Rooflight,
        Self::Installation,
        Self::Pv,
        Self::Metal,
        Self::Puddle,
        Self::Tree,
        Self::Unknown,
    ];

    /// The word of the `kind` column of layer `roof_segments`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plane => "plane",
            Self::Parapet => "parapet",
            Self::Rooflight => "rooflight",
            Self::Installation => "installation",
            Self::Pv => "pv",
            Self::Metal => "metal",
            Self::Puddle => "puddle",
            Self::Tree => "tree",
            Self::Unknown => "unknown",
        }
    }
}

/// A sign behind a kind; sentences in any language are made of these codes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Why {
    /// Heights follow one slope.
    OneSlope,
    /// A step in temperature along a line bounds it.
    ThermalStep,
    /// Nothing told planes apart: the outline as a whole.
    WholeOutline,
    /// Warmer than its plane.
    Warmer,
    /// Colder than its plane.
    Colder,
    /// Reads far below what a roof can be: the sky in a mirror.
    MirrorsSky,
    /// Stands over its plane.
    Higher,
    /// Heights scatter as branches do.
    Rough,
    /// A crown stands higher than 45° above it.
    Shaded,
    /// Rectangular.
    Rectangle,
    /// Neither rectangular nor round.
    Irregular,
    /// Below 1.5 m.
    Compact,
    /// Others of its size are on the roof.
    Repeated,
    /// Sides run with the building's.
    Aligned,
    /// Large even area.
    Large,
    /// On a level plane, where water stands.
    Level,
    /// Along the outline.
    AlongRim,
    /// Derived from heights, not surveyed.
    Derived,
    /// Sides lie on edges of the mosaic.
    EdgeInMap,
    /// A margin of warmer roof lies around it.
    Margin,
}

impl Why {
    /// The code, for files and for the tables of sentences.
    pub fn code(self) -> &'static str {
        match self {
            Self::OneSlope => "one-slope",
            Self::ThermalStep => "thermal-step",
            Self::WholeOutline => "whole-outline",
            Self::Warmer => "warmer",
            Self::Colder => "colder",
            Self::MirrorsSky => "mirrors-sky",
            Self::Higher => "higher",
            Self::Rough => "rough",
            Self::Shaded => "shaded",
            Self::Rectangle => "rectangle",
            Self::Irregular => "irregular",
            Self::Compact => "compact",
            Self::Repeated => "repeated",
            Self::Aligned => "aligned",
            Self::Large => "large",
            Self::Level => "level",
            Self::AlongRim => "along-rim",
            Self::Derived => "derived",
            Self::EdgeInMap => "edge-in-map",
            Self::Margin => "margin",
        }
    }
}

/// One part of a roof.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// Its plane, where heights told it; of an object, the plane it lies on.
    pub plane: Option<Plane>,
    /// Area of its cells, in plan, m².
    pub area_m2: f64,
    /// Cells.
    pub cells: u32,
    /// Median of the mosaic in it, °C; `None` where nothing was seen.
    pub median_c: Option<f64>,
    /// How sure the kind is, 0–1.
    pub confidence: f64,
    /// Signs behind it.
    pub why: Vec<Why>,
    /// Whether its cells must not count in a roof's statistics.
    pub left_out: bool,
}

/// What the surface model says of the roof as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heights {
    /// Planes come from it.
    Good,
    /// No surface model, or none fine enough.
    Absent,
    /// The surface lies at the ground: the building is newer than the model, or gone.
    Newer,
}

/// Estimated roofing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roofing {
    /// A word of the material table: `metal` or `unknown`. Other roofings cannot be told from
    /// their temperature alone.
    pub word: &'static str,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// A roof split into parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// For each cell of the roof's window the number of its part, from 1; 0 outside the outline.
    pub labels: Grid<u16>,
    /// For each cell the number of the plane it belongs to or, under an object, lies on; the
    /// border backgrounds must not cross. 0 outside the outline.
    pub plane_labels: Grid<u16>,
    /// The parts, planes first; part `n` has label `n + 1`.
    pub parts: Vec<Part>,
    /// What the surface model was good for.
    pub heights: Heights,
    /// How far the roof's edge lies beyond the outline, metres; negative inside. `None` where no
    /// edge shows on two opposite sides.
    pub overhang_m: Option<f64>,
    /// Roofing where none is given.
    pub roofing: Roofing,
}

impl Parts {
    /// The part of a cell of the window.
    pub fn at(&self, col: usize, row: usize) -> Option<&Part> {
        let label = self.labels.get(col as isize, row as isize)?;
        self.parts.get(usize::from(label).checked_sub(1)?)
    }

    /// Takes the parts that are left out off cells that count (such as `Roof::inner`); cells of
    /// another shape stay as they are.
    pub fn keep_off(&self, cells: &mut Grid<f32>) {
        if (cells.width(), cells.height()) != (self.labels.width(), self.labels.height()) {
            return;
        }
        for (share, label) in cells.data_mut().iter_mut().zip(self.labels.data()) {
            let part = usize::from(*label)
                .checked_sub(1)
                .and_then(|n| self.parts.get(n));
            if part.is_some_and(|p| p.left_out) {
                *share = 0.0;
            }
        }
    }

    /// The area of every part along cell edges, in the order of `parts`; `transform` is that of
    /// the roof's window.
    pub fn polygons(&self, transform: &GeoTransform) -> Vec<MultiPolygon<f64>> {
        let mut cells: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.parts.len()];
        for (i, label) in self.labels.data().iter().enumerate() {
            let index = usize::from(*label).checked_sub(1);
            if let Some(own) = index.and_then(|n| cells.get_mut(n)) {
                own.push((i % self.labels.width(), i / self.labels.width()));
            }
        }
        cells.iter().map(|c| polygonise(c, transform)).collect()
    }

    /// The faces of the roof, in the order of [`Parts::plane_labels`].
    pub fn planes(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|p| is_face(p))
    }
}

/// Whether a part is a face of the roof: a plane, also one of metal.
fn is_face(part: &Part) -> bool {
    let face = [Why::OneSlope, Why::ThermalStep, Why::WholeOutline];
    part.why.iter().any(|why| face.contains(why))
}

/// Greatest number of planes: a hostile surface must not exhaust labels or time.
const MAX_PLANES: usize = 400;

/// Splits a roof. Grids of another shape than the roof's window count as unknown.
pub fn split(input: &PartsInput<'_>, options: &Options) -> Parts {
    let frame = frame::Frame::new(input);
    let heights = frame.judge(options);
    let (planes, seen) = match heights {
        Heights::Good => (planes::find(&frame, options), None),
        Heights::Absent | Heights::Newer => {
            let whole = planes::Planes::whole(&frame);
            let seen = panels::look(&frame, &whole, &vec![false; frame.cells()], options);
            // The edge of panels over all of a roof is a step that runs through, and parts no planes.
            let planes = match seen.fields.is_empty() {
                true => thermal::find(&frame, options),
                false => whole,
            };
            let seen = (!planes.thermal).then_some(seen);
            (planes, seen)
        }
    };
    objects::assemble(&frame, planes, seen, heights, options)
}
