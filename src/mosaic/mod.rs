//! One temperature map from many frames: which frame a cell takes, or how they are blended.
//!
//! In: oriented frames (or ready-made tiles), their kelvin on demand, their level offsets, the
//! surface, and a [`Guide`]: roofs, blur, how well each frame agrees. Out: a [`Plan`] of tiles
//! and, tile by tile, kelvin of the best view with frame index and view angle, and the robust mean
//! of all views with its standard error.
//!
//! The picture takes each cell from the single frame that sees it best (georeferencing.md §10):
//! averaging misplaced views would lower hot peaks. Statistics take the mean, which is less
//! noisy. Both come out of one pass.
//!
//! "Best" goes by rank, then cost. First come views that are not mixed with an occluding edge;
//! among them, on a roof, the frame the roof belongs to ([`Plan::roof_sources`]); then the lowest
//! cost, a smooth function of geometry, and of the frame as a whole, on a coarse lattice, so that
//! neighbouring cells come from the same frame and seams are smooth lines. Values are never
//! equalised beyond the declared offset per frame.
//!
//! What decides between frames hangs on the whole map, never on a tile or on what was seen before:
//! results depend neither on the order of frames nor, beyond rounding, on the tile size. Frames
//! are handled one after the other per tile and a bounded number of views is kept, so memory
//! depends on the tile, not on the flight.
//!
//! Tried and dropped: a cost for views that contradict the median of their cell. Where frames are
//! misplaced, the median of a small hot spot is its surroundings: of a target of 2 × 2 pixels seen
//! by six views 1 px (1σ) apart, 0.63 of the peak was left, at 1.5 px 0.34; the best view keeps it.
//!
//! Not here: reading frames, writing the map.

mod blend;
mod blur;
mod cost;
mod gsd;
mod guide;
mod local_ground;
mod mean;
mod microclimate;
mod plan;
mod regrid;
mod roofs;
mod tile;
mod time;
mod views;

pub use blur::{laplacian_energy, relative_blur};
pub use guide::{Guide, SurfaceAround};
pub use local_ground::{LocalGround, RADIUS_M, local_ground};
pub use microclimate::{Microclimate, Patch, microclimate};
pub use plan::{Plan, TilePlan, plan, plan_guided, plan_sources};
pub use regrid::{CrsPair, regrid, regrid_nearest, reproject, source_bounds};
pub use roofs::{RoofOutline, RoofSources};
pub use tile::tile;
pub use time::time_offsets;

use crate::raster::{Bounds, GeoGrid, Grid};
use crate::rectify::{self, OrientedFrame};
use std::sync::Arc;

/// How the views of a cell become its temperature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blend {
    /// The best view alone.
    #[default]
    BestView,
    /// Mean of the views without those more than 3σ from their median.
    Mean,
    /// Median of the views.
    Median,
    /// Best view, passing into the next over about [`Options::feather_m`] at seams.
    Feather,
}

/// Settings, `[mosaic]` of interface.md §5 and the weights of the cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Cell size, metres; `None` takes the frames' median GSD, rounded down to two digits.
    pub gsd_m: Option<f64>,
    /// How views become a temperature.
    pub blend: Blend,
    /// Side of a tile, cells; a multiple of 16 (TIFF).
    pub tile_px: usize,
    /// What counts as seen.
    pub rectify: rectify::Options,
    /// Weight of the squared view zenith angle (radians).
    pub weight_view: f64,
    /// Weight of GSD over the flight's finest GSD, less 1.
    pub weight_gsd: f64,
    /// Weight of the squared distance from the image centre (1 at the border).
    pub weight_edge: f64,
    /// Weight of a frame's blur ([`Guide::blur`]).
    pub weight_blur: f64,
    /// Weight of how far a frame disagrees with the others, per kelvin ([`Guide::residual_k`]).
    pub weight_residual: f64,
    /// Noise of one view of a cell, 1σ, kelvin: the camera's, or what views of the same ground
    /// differ by after levelling, where that is known.
    pub noise_k: f64,
    /// A source that sees a roof whole within this view zenith angle gets all of it, degrees.
    pub whole_roof_deg: f64,
    /// What a metre of seam across a roof costs, in costs per square metre.
    pub seam_cost: f64,
    /// Half width of the transition of [`Blend::Feather`], metres.
    pub feather_m: f64,
    /// Whether means are taken only on and close around the roofs of the [`Guide`].
    pub means_on_roofs: bool,
}

impl Default for Options {
    /// Weights: the view angle decides, resolution half as much; the image border (less certain
    /// lens and flat field) only between otherwise equal views; a frame that has lost all
    /// sharpness, or is off by a kelvin, loses against one at 30°. Chosen by that order, not
    /// fitted. Noise: 50 mK, the class of the uncooled cameras that fly.
    fn default() -> Self {
        Self {
            gsd_m: None,
            blend: Blend::BestView,
            tile_px: 512,
            rectify: rectify::Options::default(),
            weight_view: 1.0,
            weight_gsd: 0.5,
            weight_edge: 0.05,
            weight_blur: 0.3,
            weight_residual: 0.3,
            noise_k: 0.05,
            whole_roof_deg: 25.0,
            seam_cost: 10.0,
            feather_m: 1.5,
            means_on_roofs: false,
        }
    }
}

/// Something the map can be made from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A frame with camera and pose.
    Frame(&'a OrientedFrame),
    /// A ready-made georeferenced tile in the project CRS.
    Tile {
        /// Position in the flight's list.
        index: usize,
        /// File name.
        name: &'a str,
        /// Map bounds.
        footprint: Bounds,
        /// Cell size, metres.
        gsd_m: f64,
    },
}

impl Source<'_> {
    /// Position in the flight's list: what the frame index of the map holds.
    pub fn index(&self) -> usize {
        match self {
            Source::Frame(frame) => frame.index,
            Source::Tile { index, .. } => *index,
        }
    }

    /// File name.
    pub fn name(&self) -> &str {
        match self {
            Source::Frame(frame) => &frame.name,
            Source::Tile { name, .. } => name,
        }
    }

    /// Ground it covers.
    pub fn footprint(&self) -> Bounds {
        match self {
            Source::Frame(frame) => frame.footprint,
            Source::Tile { footprint, .. } => *footprint,
        }
    }

    /// Ground size of a pixel, metres.
    pub fn gsd_m(&self) -> f64 {
        match self {
            Source::Frame(frame) => rectify::frame_gsd_m(frame),
            Source::Tile { gsd_m, .. } => *gsd_m,
        }
    }
}

/// Temperatures of a source, kelvin, NaN where there is none.
#[derive(Clone, Debug)]
pub enum Picture {
    /// Of a frame, at the size of its camera.
    Frame(Arc<Grid<f32>>),
    /// Of a ready-made tile.
    Tile(Arc<GeoGrid<f32>>),
}

/// No frame, in [`MosaicTile::frame`].
pub const NO_FRAME: u32 = u32::MAX;

/// A finished tile of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct MosaicTile {
    /// Temperature, levelled, kelvin; NaN where nothing was seen.
    pub kelvin: Grid<f32>,
    /// Number of views with a value.
    pub count: Grid<u16>,
    /// [`Source::index`] of the best view; [`NO_FRAME`] where there is none.
    pub frame: Grid<u32>,
    /// View zenith angle of the best view, degrees; NaN where there is none or it is unknown
    /// (ready-made tiles).
    pub view_deg: Grid<f32>,
    /// Whether the best view is mixed with an occluding edge, so that no clean view exists:
    /// statistics of roofs should leave the cell out.
    pub mixed: Grid<bool>,
    /// Mean of the clean views (of all where there is none) weighted by their inverse variance,
    /// without those more than 3σ from the median, kelvin; for statistics. Hot peaks stand in
    /// `kelvin`: misplaced views lower them here. NaN also where [`Options::means_on_roofs`] asks
    /// for none.
    pub mean_k: Grid<f32>,
    /// Standard error of `mean_k`, 1σ, kelvin: never less than the noise of that many views;
    /// without what all frames have in common (the absolute level).
    pub mean_sigma_k: Grid<f32>,
}

#[cfg(test)]
mod tests;
