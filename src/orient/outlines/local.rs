//! Temperatures around one building on the map, at the height of its roof's edge.

use super::super::OrientedFrame;
use super::RoofOutline;
use super::peaks::REACH_M;
use crate::raster::{Bounds, GeoTransform, Grid, bilinear};

/// Most cells of one picture.
const MAX_CELLS: f64 = 250_000.0;
/// Ground kept beyond the farthest shift, metres.
const AROUND_M: f64 = 2.0;

/// A small map; cells that nothing was seen in are NaN.
pub struct Local {
    pub(super) grid: Grid<f32>,
    pub(super) transform: GeoTransform,
}

impl Local {
    /// The ground that is looked at around an outline.
    pub fn bounds(outline: &RoofOutline) -> Bounds {
        outline.bounds().buffered(REACH_M + AROUND_M)
    }

    /// The cells around an outline for pictures of `gsd_m`, filled by `kelvin` of map positions.
    ///
    /// Cells are twice the pictures' (georeferencing.md §7), larger for large buildings.
    pub fn of(outline: &RoofOutline, gsd_m: f64, kelvin: impl Fn(f64, f64) -> Option<f64>) -> Self {
        let bounds = Self::bounds(outline);
        let (across, down) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
        let cell = (2.0 * gsd_m)
            .max((across * down / MAX_CELLS).sqrt())
            .max(0.02);
        let (width, height) = (
            (across / cell).ceil() as usize,
            (down / cell).ceil() as usize,
        );
        let transform = GeoTransform {
            x0: bounds.x_min,
            y0: bounds.y_max,
            dx: cell,
            dy: cell,
        };
        let mut grid = Grid::filled(width, height, f32::NAN);
        for row in 0..height {
            for col in 0..width {
                let (x, y) = transform.centre(col, row);
                if let Some(value) = kelvin(x, y) {
                    grid.set(col, row, value as f32);
                }
            }
        }
        Self { grid, transform }
    }

    /// As a frame sees it.
    pub(super) fn seen_by(
        frame: &OrientedFrame,
        picture: &Grid<f32>,
        outline: &RoofOutline,
    ) -> Self {
        let gsd_m = frame.path_m / frame.camera.f_px;
        Self::of(outline, gsd_m, |x, y| {
            let at = frame.pose.to_camera([x, y, outline.height_m]);
            let (u, v) = frame.camera.project(at)?;
            bilinear(picture, u, v)
        })
    }

    /// Cell of a map position; outside the picture the numbers are, too.
    pub(super) fn cell(&self, x: f64, y: f64) -> (isize, isize) {
        let (u, v) = self.transform.to_pixel(x, y);
        (u.floor() as isize, v.floor() as isize)
    }

    pub(super) fn cell_m(&self) -> f64 {
        self.transform.dx
    }
}
