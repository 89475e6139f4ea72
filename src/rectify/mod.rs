//! Lays one frame on the map: temperature per ground cell, with visibility.
//!
//! In: a frame's kelvin, its camera and pose, a surface model and a target grid. Out: an
//! [`OrthoTile`] of kelvin, view angle and, per cell, how it was seen.
//!
//! The map is the loop: for every cell take the height from the surface, project the point into
//! the frame, test the view angle and whether something stands between, and read the frame
//! bilinearly (georeferencing.md §8). A frame is never warped as a whole. Cells go in square
//! blocks: blocks that cannot meet the image, and blocks near which nothing rises over the
//! ground, are settled by a few corner computations. Temperatures are interpolated, never
//! radiance and never by a cubic kernel, which would invent extremes.
//!
//! Walls: a height grid read bilinearly turns a wall into a ramp one cell wide, and the roof edge
//! would be taken from the wall. Where neighbouring surface cells differ by more than a roof
//! slope can explain, heights are therefore steps ([`Relief`]). Edges are then as exact as the
//! surface cell; building outlines make them as exact as the map ([`sharpened`]).
//!
//! Not here: levels between frames (`level`), the choice among frames (`mosaic`).

mod area;
mod block;
mod camera_box;
mod relief;
mod sample;
mod sharpen;
mod sight;

pub use crate::orient::OrientedFrame;
pub use relief::{Ground, Relief};
pub use sample::{bilinear_strict, mean_window};
pub use sharpen::{Sharpened, sharpened};
pub use sight::{Seen, look};

use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid, Window};

/// Limits of what counts as seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Largest view zenith angle (between the line of sight and the vertical), degrees, 0–89.
    pub max_view_deg: f64,
    /// Distance a sample must keep from the image border, pixels, at least 0.5.
    pub margin_px: f64,
    /// How far the surface must rise over the line of sight to hide a cell, metres.
    pub tolerance_m: f64,
    /// Width of the rim around hidden cells that counts as mixed, frame pixels.
    pub edge_px: f64,
    /// Whether heights across a wall are a step (true) or a ramp (false).
    pub sharp_walls: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_view_deg: 50.0,
            margin_px: 3.0,
            tolerance_m: 0.15,
            edge_px: 2.0,
            sharp_walls: true,
        }
    }
}

/// The grid a frame is laid on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Where the cells lie, project CRS, metres.
    pub transform: GeoTransform,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Target {
    /// Map bounds of the grid.
    pub fn bounds(&self) -> Bounds {
        self.transform.bounds(self.width, self.height)
    }

    /// The cells of a window that lies inside.
    pub fn of_window(&self, window: Window) -> Target {
        Target {
            transform: self.transform.of_window(window),
            width: window.width,
            height: window.height,
        }
    }

    /// The grid with `rim` cells more on every side.
    pub fn widened(&self, rim: usize) -> Target {
        let (x0, y0) = self.transform.to_map(-(rim as f64), -(rim as f64));
        Target {
            transform: GeoTransform {
                x0,
                y0,
                ..self.transform
            },
            width: self.width + 2 * rim,
            height: self.height + 2 * rim,
        }
    }

    /// The same ground with every cell cut into `n` × `n`.
    pub fn refined(&self, n: usize) -> Target {
        Target {
            transform: GeoTransform {
                dx: self.transform.dx / n as f64,
                dy: self.transform.dy / n as f64,
                ..self.transform
            },
            width: self.width * n,
            height: self.height * n,
        }
    }
}

/// How a cell was seen by the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Not in the image (or the ground height is unknown).
    Outside,
    /// Seen under too flat an angle.
    Oblique,
    /// Something stands between.
    Hidden,
    /// In the image, but a pixel it needs is no measurement (dead, saturated, masked).
    Invalid,
    /// Seen, within a few pixels of a hidden cell: may be mixed with what hides it.
    NearEdge,
    /// Seen.
    Seen,
}

/// One frame on the target grid.
#[derive(Clone, Debug, PartialEq)]
pub struct OrthoTile {
    /// Smallest window around the cells that have a value; zero size when there is none.
    pub window: Window,
    /// Temperature of the frame, kelvin, not levelled; NaN where not seen.
    pub kelvin: Grid<f32>,
    /// View zenith angle, degrees; NaN where there is no temperature.
    pub view_deg: Grid<f32>,
    /// How each cell was seen.
    pub sight: Grid<Sight>,
}

impl OrthoTile {
    /// A tile that sees nothing.
    pub fn empty(width: usize, height: usize) -> Self {
        Self {
            window: Window {
                col: 0,
                row: 0,
                width: 0,
                height: 0,
            },
            kelvin: Grid::filled(width, height, f32::NAN),
            view_deg: Grid::filled(width, height, f32::NAN),
            sight: Grid::filled(width, height, Sight::Outside),
        }
    }

    /// Whether a cell's temperature may be mixed with a nearer surface.
    pub fn edge_mixed(&self, col: usize, row: usize) -> bool {
        self.sight.at(col, row) == Sight::NearEdge
    }
}

/// Ground size of a frame's pixel at its principal ray, metres.
pub fn frame_gsd_m(frame: &OrientedFrame) -> f64 {
    frame.path_m / frame.camera.f_px
}

/// How far around a hidden cell seen ones count as mixed, cells.
pub fn edge_radius(frame: &OrientedFrame, target: &Target, options: &Options) -> usize {
    let cells = options.edge_px * frame_gsd_m(frame) / target.transform.dx;
    cells.ceil().clamp(1.0, 64.0) as usize
}

/// How far around a target the surface is needed to know what hides a cell: the plan length of
/// a line of sight until it has risen over the highest thing.
///
/// `relief_m` is the height of the highest thing over the lowest ground.
pub fn edge_margin_m(relief_m: f64, options: &Options) -> f64 {
    relief_m.max(0.0) * options.max_view_deg.clamp(0.0, 89.0).to_radians().tan()
}

/// Lays a frame on a target grid.
///
/// `kelvin` has the size of the frame's camera (otherwise the result is empty); NaN pixels are
/// invalid and make every cell NaN that needs them. `surface` holds heights in metres; cells
/// where it is NaN or outside get no value, and what stands outside hides nothing, so give it
/// [`edge_margin_m`] more than the target. Cells larger than 1.5 frame pixels take the mean of
/// a sub-lattice of samples.
pub fn tile(
    kelvin: &Grid<f32>,
    frame: &OrientedFrame,
    surface: &GeoGrid<f32>,
    target: &Target,
    options: &Options,
) -> OrthoTile {
    let relief = Relief::new(surface, options);
    tile_on(kelvin, frame, &Ground::new(&relief, target), options)
}

/// The same as [`tile`] with the ground heights of the target prepared: for many frames on one
/// target.
pub fn tile_on(
    kelvin: &Grid<f32>,
    frame: &OrientedFrame,
    ground: &Ground<'_>,
    options: &Options,
) -> OrthoTile {
    let fits = kelvin.width() == frame.camera.width && kelvin.height() == frame.camera.height;
    if !fits || kelvin.width() < 2 || kelvin.height() < 2 {
        return OrthoTile::empty(ground.target().width, ground.target().height);
    }
    let samples = area::samples_per_side(ground.target(), frame);
    if samples > 1 {
        area::averaged(kelvin, frame, ground, options, samples)
    } else {
        block::render(kelvin, frame, ground, options)
    }
}

#[cfg(test)]
mod tests;
