//! Ready-made tiles on the grid of the map.
//!
//! In: a raster in memory (NaN missing), in the map's CRS or in another, and the target cells.
//! Out: the target cells. Both take windows: read what [`source_bounds`] says, a few cells more,
//! and no raster is ever in memory as a whole.
//!
//! With the same CRS rows and columns are treated one after the other (`aligned`); with another,
//! exact positions are spread over blocks of target cells and strips of a row are read in one go
//! (`blocks`, `warped`).
//!
//! Not here: reading files, what the numbers mean.

mod aligned;
mod blocks;
mod pair;
mod sample;
mod warped;

pub use pair::{CrsPair, source_bounds};

use crate::raster::{GeoGrid, Grid};
use crate::rectify::Target;

/// Cells up to this many source cells wide take one sample, larger ones a mean.
const SINGLE_SAMPLE: f64 = 1.5;

/// How much larger a cell may be and still count as of the next smaller number of samples: the
/// scale of a projection varies by less over a country, and the number must not vary with it.
const SLACK: f64 = 2e-3;

/// Most samples along a cell's side.
const MOST: f64 = 16.0;

/// Reads a tile (NaN missing) at the cells of a target in the same CRS: bilinear, NaN where a
/// cell it needs is NaN; up to its outer edge, where half a cell takes the border value, so
/// that tiles that touch leave no gap. Cells larger than 1.5 of the tile's take the mean of the
/// samples inside the tile where at least half are.
pub fn regrid(tile: &GeoGrid<f32>, target: &Target) -> Grid<f32> {
    let (from, to) = (&tile.transform, &target.transform);
    aligned::regrid(
        tile,
        target,
        samples((to.dx / from.dx).max(to.dy / from.dy)),
    )
}

/// [`regrid`] of a tile in another CRS than the target's; the rules are the same, and positions
/// are good to 0.02 cells of the tile. A cell's size is its longer side, in cells of the tile.
pub fn reproject(tile: &GeoGrid<f32>, pair: &CrsPair, target: &Target) -> Grid<f32> {
    let mut grid = Grid::filled(target.width, target.height, f32::NAN);
    let exact = |col: f64, row: f64| {
        let (x, y) = target.transform.to_map(col, row);
        let (x, y) = pair.to_source(x, y)?;
        Some(tile.transform.to_pixel(x, y))
    };
    for block in blocks::blocks(target.width, target.height, &exact) {
        warped::fill(&tile.grid, &block, samples(block.ratio()), &mut grid);
    }
    grid
}

/// Samples along a cell's side, for a cell so many source cells wide.
fn samples(ratio: f64) -> usize {
    if ratio > SINGLE_SAMPLE + SLACK {
        (ratio - SLACK).ceil().min(MOST) as usize
    } else {
        1
    }
}

/// Reads a grid of numbers that must not be mixed (indices, counts) at the cells of a target;
/// `missing` outside.
pub fn regrid_nearest<T: Copy>(tile: &GeoGrid<T>, target: &Target, missing: T) -> Grid<T> {
    let mut grid = Grid::filled(target.width, target.height, missing);
    let columns: Vec<isize> = (0..target.width)
        .map(|col| {
            tile.transform
                .to_pixel(target.transform.centre(col, 0).0, 0.0)
                .0
        })
        .map(|u| u.floor() as isize)
        .collect();
    let lines = grid.data_mut().chunks_exact_mut(target.width.max(1));
    for (row, line) in lines.enumerate() {
        let y = target.transform.centre(0, row).1;
        let v = tile.transform.to_pixel(0.0, y).1.floor() as isize;
        for (cell, u) in line.iter_mut().zip(&columns) {
            if let Some(value) = tile.grid.get(*u, v) {
                *cell = value;
            }
        }
    }
    grid
}

#[cfg(test)]
mod tests;
