//! Reading frames at the lattice of ground cells they have in common.

use super::{Options, Spot};
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid};
use crate::rectify::{self, OrientedFrame, Relief, look, mean_window};

/// Most samples kept for a flight; the lattice is widened to stay below (16 bytes each).
const MOST_SAMPLES: f64 = 8e6;

/// Points at whole multiples of a step over the ground of a flight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lattice {
    first_col: i64,
    first_row: i64,
    cols: u32,
    rows: u32,
    step_m: f64,
    step_px: f64,
}

/// Temperature of one lattice point in one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Number of the lattice point.
    pub cell: u32,
    /// Mean over the square of pixels around it, kelvin.
    pub kelvin: f32,
    /// Pixel column it was read at.
    pub u_px: u16,
    /// Pixel row.
    pub v_px: u16,
    /// Tangents of the line of sight from the vertical, east and north, in steps of 1/100; 0 for
    /// ready-made tiles.
    pub sight: [i8; 2],
    /// On a surface known to mirror the sky: counts next to nothing. Set by the caller.
    pub doubtful: bool,
}

/// Steps of [`Sample::sight`] in a tangent of 1.
pub(super) const SIGHT_STEPS: u8 = 100;

/// The lattice for the frames of a flight.
pub fn lattice(frames: &[OrientedFrame], options: &Options) -> Result<Lattice> {
    let mut gsds: Vec<f64> = frames.iter().map(rectify::frame_gsd_m).collect();
    gsds.sort_by(f64::total_cmp);
    let gsd_m = gsds.get(gsds.len() / 2).copied().unwrap_or(f64::NAN);
    let pixels = frames
        .iter()
        .map(|f| (f.camera.width * f.camera.height) as f64)
        .sum();
    let bounds = frames
        .iter()
        .fold(Bounds::EMPTY, |all, f| all.union(&f.footprint));
    lattice_over(&bounds, gsd_m, pixels, options)
}

/// The lattice over map bounds seen at `gsd_m`; `pixels` of all pictures together bound the
/// number of samples.
pub fn lattice_over(
    bounds: &Bounds,
    gsd_m: f64,
    pixels: f64,
    options: &Options,
) -> Result<Lattice> {
    let widest = (pixels / MOST_SAMPLES).sqrt();
    let step_px = options.spacing_gsd.max(1.0).max(widest);
    let step_m = step_px * gsd_m;
    if bounds.is_empty() || !(step_m.is_finite() && step_m > 0.0) {
        return Err(Problem::setting("no frame with a footprint to level"));
    }
    let first = |low: f64| (low / step_m).ceil();
    let count = |low: f64, high: f64| (high / step_m).floor() - first(low) + 1.0;
    let cols = count(bounds.x_min, bounds.x_max).max(0.0);
    let rows = count(bounds.y_min, bounds.y_max).max(0.0);
    let points = cols * rows;
    if points.is_nan() || points >= f64::from(u32::MAX) {
        return Err(Problem::setting(format!(
            "the frames cover {:.0} km × {:.0} km, expected the ground of one flight",
            (bounds.x_max - bounds.x_min) / 1000.0,
            (bounds.y_max - bounds.y_min) / 1000.0
        ))
        .hint("look for a frame with a wrong position"));
    }
    Ok(Lattice {
        first_col: first(bounds.x_min) as i64,
        first_row: first(bounds.y_min) as i64,
        cols: cols as u32,
        rows: rows as u32,
        step_m,
        step_px,
    })
}

impl Lattice {
    /// Distance of the points, metres.
    pub fn step_m(&self) -> f64 {
        self.step_m
    }

    /// Distance of the points, frame pixels.
    pub fn step_px(&self) -> f64 {
        self.step_px
    }

    /// Row of a point, from the south.
    pub(super) fn row(&self, cell: u32) -> u32 {
        cell / self.cols.max(1)
    }

    /// Number of the square of `side` × `side` points that a point lies in.
    pub(super) fn square(&self, cell: u32, side: u32) -> u32 {
        let cols = self.cols.max(1);
        let across = cols.div_ceil(side.max(1));
        (cell / cols / side.max(1)) * across + cell % cols / side.max(1)
    }

    /// Map coordinates of a point, metres.
    pub fn place(&self, cell: u32) -> (f64, f64) {
        let cols = self.cols.max(1);
        let (row, col) = (i64::from(cell / cols), i64::from(cell % cols));
        let x = (self.first_col + col) as f64 * self.step_m;
        let y = (self.first_row + row) as f64 * self.step_m;
        (x, y)
    }

    /// Points inside map bounds: number and map coordinates.
    fn inside(&self, bounds: &Bounds) -> impl Iterator<Item = (u32, f64, f64)> {
        let range = |low: f64, high: f64, first: i64, count: u32| {
            let start = ((low / self.step_m).ceil() as i64 - first).clamp(0, i64::from(count));
            let end = ((high / self.step_m).floor() as i64 - first + 1).clamp(0, i64::from(count));
            start..end
        };
        let rows = range(bounds.y_min, bounds.y_max, self.first_row, self.rows);
        let cols = range(bounds.x_min, bounds.x_max, self.first_col, self.cols);
        let lattice = *self;
        rows.flat_map(move |row| cols.clone().map(move |col| (col, row)))
            .map(move |(col, row)| {
                let cell = row as u32 * lattice.cols + col as u32;
                let (x, y) = lattice.place(cell);
                (cell, x, y)
            })
    }
}

/// Samples a frame (kelvin, NaN invalid) at the lattice points it sees: on gentle slopes, not
/// hidden, not too flat, and not across an edge. `surface` reaches
/// [`rectify::edge_margin_m`] beyond the footprint.
pub fn sample(
    kelvin: &Grid<f32>,
    frame: &OrientedFrame,
    surface: &GeoGrid<f32>,
    lattice: &Lattice,
    options: &Options,
) -> Vec<Sample> {
    if kelvin.width() != frame.camera.width || kelvin.height() != frame.camera.height {
        return Vec::new();
    }
    let view = view_limits(options);
    let relief = Relief::new(surface, &view);
    let footprint = frame.footprint.buffered(lattice.step_m);
    lattice
        .inside(&footprint)
        .filter(|(_, x, y)| is_gentle(&relief, *x, *y, options.max_slope_deg))
        .filter_map(|(cell, x, y)| {
            let seen = look(frame, &relief, x, y, &view)?;
            let sight = seen
                .tangents
                .map(|t| (t * f64::from(SIGHT_STEPS)).round() as i8);
            let sample = read(kelvin, seen.u_px, seen.v_px, cell, options)?;
            Some(Sample { sight, ..sample })
        })
        .collect()
}

/// What a frame shows at one map place, by the rules of [`sample`].
pub fn sample_at(
    kelvin: &Grid<f32>,
    frame: &OrientedFrame,
    surface: &GeoGrid<f32>,
    x: f64,
    y: f64,
    options: &Options,
) -> Option<Spot> {
    if kelvin.width() != frame.camera.width || kelvin.height() != frame.camera.height {
        return None;
    }
    let view = view_limits(options);
    let relief = Relief::new(surface, &view);
    let seen = look(frame, &relief, x, y, &view)?;
    spot(kelvin, seen.u_px, seen.v_px, options)
}

/// What a tile shows at one map place.
pub fn sample_tile_at(tile: &GeoGrid<f32>, x: f64, y: f64, options: &Options) -> Option<Spot> {
    let (u, v) = tile.transform.to_pixel(x, y);
    spot(&tile.grid, u, v, options)
}

fn spot(kelvin: &Grid<f32>, u_px: f64, v_px: f64, options: &Options) -> Option<Spot> {
    let (mean, deviation) = mean_window(kelvin, u_px, v_px, options.window_px)?;
    (deviation <= options.max_contrast_k).then_some(Spot {
        kelvin: mean,
        u_px,
        v_px,
    })
}

fn view_limits(options: &Options) -> rectify::Options {
    rectify::Options {
        max_view_deg: options.max_view_deg,
        margin_px: 3.0 + options.window_px as f64 / 2.0,
        ..rectify::Options::default()
    }
}

/// Samples a ready-made tile (kelvin, NaN missing) at the lattice points it covers.
pub fn sample_tile(tile: &GeoGrid<f32>, lattice: &Lattice, options: &Options) -> Vec<Sample> {
    let bounds = tile.transform.bounds(tile.grid.width(), tile.grid.height());
    lattice
        .inside(&bounds)
        .filter_map(|(cell, x, y)| {
            let (u, v) = tile.transform.to_pixel(x, y);
            read(&tile.grid, u, v, cell, options)
        })
        .collect()
}

fn read(kelvin: &Grid<f32>, u: f64, v: f64, cell: u32, options: &Options) -> Option<Sample> {
    spot(kelvin, u, v, options).map(|spot| Sample {
        cell,
        kelvin: spot.kelvin as f32,
        u_px: u as u16,
        v_px: v as u16,
        sight: [0; 2],
        doubtful: false,
    })
}

/// Whether the surface rises by less than the limit over one surface cell either way.
fn is_gentle(relief: &Relief<'_>, x: f64, y: f64, max_slope_deg: f64) -> bool {
    let transform = &relief.surface().transform;
    let (dx, dy) = (transform.dx, transform.dy);
    let height = |x, y| relief.height_m(x, y);
    let (Some(west), Some(east)) = (height(x - dx, y), height(x + dx, y)) else {
        return false;
    };
    let (Some(south), Some(north)) = (height(x, y - dy), height(x, y + dy)) else {
        return false;
    };
    let slope = ((east - west) / (2.0 * dx)).hypot((north - south) / (2.0 * dy));
    slope <= max_slope_deg.to_radians().tan()
}
