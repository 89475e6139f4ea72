//! Roof under or close beside trees (scoring.md §8: shadow of trees is no part of a roof's
//! statistics).
//!
//! A crown hides the cold sky and keeps the evening's sun off: the roof beside it is neither as
//! cold nor as warm as the rest. Taken as shaded is what sees a crown higher than 45° above it.

use super::fit::Sums;
use crate::raster::{GeoGrid, Grid};
use crate::segment::Roof;

/// Least height of a crown over the terrain, metres.
const CROWN_M: f64 = 3.0;
/// Rest of a plane through 3 × 3 heights of a crown, metres; roofs stay below 0.25 m.
const UNEVEN_M: f64 = 0.4;
/// Crowns farther away count no more, metres.
pub const REACH_M: f64 = 10.0;
/// Least height of a crown over the roof, metres.
const OVER_M: f64 = 1.0;
/// Cells of the model around a crown's that are one, too (of eight).
const NEIGHBOURS: usize = 4;

/// Cells of a roof shaded by crowns, with the shape of its window; `None` where there are none.
///
/// `heights` are the surface's at the roof's cells; `surface` and `terrain` the models around the
/// roof by [`REACH_M`] on one grid, `free` tells whether a place is clear of all buildings and
/// the walls a model smears.
pub fn shaded(
    roof: &Roof,
    heights: &Grid<f32>,
    surface: &GeoGrid<f32>,
    terrain: &GeoGrid<f32>,
    free: impl Fn(f64, f64) -> bool,
) -> Option<Grid<bool>> {
    let shape = (roof.window.width, roof.window.height);
    let same = (surface.grid.width(), surface.grid.height())
        == (terrain.grid.width(), terrain.grid.height());
    if !same || (heights.width(), heights.height()) != shape {
        return None;
    }
    let crowns = crowns(surface, terrain, free);
    let mut shade: Option<Grid<bool>> = None;
    for (x, y, top) in crowns {
        let (u, v) = roof.transform.to_pixel(x, y);
        let reach = REACH_M / roof.transform.dx.min(roof.transform.dy);
        let from = |at: f64| (at - reach).floor().max(0.0) as usize;
        let to = |at: f64, n: usize| ((at + reach).ceil().max(0.0) as usize).min(n);
        for row in from(v)..to(v, shape.1) {
            for col in from(u)..to(u, shape.0) {
                let over = f64::from(top - heights.at(col, row));
                if roof.coverage.at(col, row) <= 0.5 || over.is_nan() || over < OVER_M {
                    continue;
                }
                let (cx, cy) = roof.transform.centre(col, row);
                if (cx - x).hypot(cy - y) <= over.min(REACH_M) {
                    let grid = shade.get_or_insert_with(|| Grid::filled(shape.0, shape.1, false));
                    grid.set(col, row, true);
                }
            }
        }
    }
    shade
}

/// Centres and tops of the cells of crowns.
fn crowns(
    surface: &GeoGrid<f32>,
    terrain: &GeoGrid<f32>,
    free: impl Fn(f64, f64) -> bool,
) -> Vec<(f64, f64, f32)> {
    let (width, height) = (surface.grid.width(), surface.grid.height());
    let mut like = Grid::filled(width, height, false);
    for row in 0..height {
        for col in 0..width {
            let over = f64::from(surface.grid.at(col, row) - terrain.grid.at(col, row));
            let (x, y) = surface.transform.centre(col, row);
            let crown = over >= CROWN_M && uneven(&surface.grid, col, row) && free(x, y);
            like.set(col, row, crown);
        }
    }
    let mut found = Vec::new();
    for row in 0..height {
        for col in 0..width {
            let around = (-1..=1).flat_map(|dr| (-1..=1).map(move |dc| (dc, dr)));
            let near = around
                .filter(|(dc, dr)| like.get(col as isize + dc, row as isize + dr) == Some(true))
                .count();
            if like.at(col, row) && near > NEIGHBOURS {
                let (x, y) = surface.transform.centre(col, row);
                found.push((x, y, surface.grid.at(col, row)));
            }
        }
    }
    found
}

fn uneven(grid: &Grid<f32>, col: usize, row: usize) -> bool {
    let mut sums = Sums::default();
    for dr in -1..=1_isize {
        for dc in -1..=1_isize {
            let height = grid.get(col as isize + dc, row as isize + dr);
            if let Some(h) = height.filter(|h| h.is_finite()) {
                sums.add(dc as f64, dr as f64, f64::from(h), 1.0);
            }
        }
    }
    sums.solve().is_some_and(|(_, rest)| rest > UNEVEN_M)
}
