//! Ready-made tiles on the grid of the map.

//!
//! In: a raster in memory (NaN missing), in the map's CRS or in another, and the target cells.
//! Out: the target cells. Both take windows: read what [`source_bounds`] says, a few cells more,
//! and no raster is ever in memory as a whole.
//!
//! With the same CRS rows and columns are treated one after the other (`aligned`); with another,
//! exact positions are spread over blocks of target cells and strips of a row are read in one go
//! (`blocks`, `warped`). A way through affine pieces of a whole tile was dropped: the pieces
//! need their own edges, and blocks that check themselves cost nothing beside the cells.
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
mod tests {
    use super::*;
    use crate::raster::GeoTransform;

    fn at(x0: f64, cell: f64) -> GeoTransform {
        GeoTransform {
            x0,
            y0: 10.0,
            dx: cell,
            dy: cell,
        }
    }

    fn target(x0: f64, cell: f64, width: usize, height: usize) -> Target {
        Target {
            transform: at(x0, cell),
            width,
            height,
        }
    }

    #[test]
    fn a_grid_that_coincides_is_copied_beside_missing_cells_too() {
        let grid = Grid::from_vec(3, 1, vec![280.0, f32::NAN, 282.0]).expect("3 × 1");
        let tile = GeoGrid {
            grid,
            transform: at(0.1, 0.1),
        };
        let copy = regrid(&tile, &target(0.0, 0.1, 5, 1));
        let found: Vec<Option<f32>> = copy
            .data()
            .iter()
            .map(|k| k.is_finite().then_some(*k))
            .collect();
        assert_eq!(found, [None, Some(280.0), None, Some(282.0), None]);
    }

    #[test]
    fn between_cells_the_value_is_linear_and_missing_cells_spread_as_far_as_they_count() {
        let grid = Grid::from_vec(4, 1, vec![280.0, 282.0, f32::NAN, 290.0]).expect("4 × 1");
        let tile = GeoGrid {
            grid,
            transform: at(0.0, 1.0),
        };
        // Centres at 0.25, 1, 1.75, 2.5, 3.25, 4: border, middle, NaN, NaN, NaN, outer edge.
        let read = regrid(&tile, &target(-0.125, 0.75, 6, 1));
        assert_eq!(read.at(0, 0), 280.0);
        assert_eq!(read.at(1, 0), 281.0);
        assert!((2..5).all(|col| read.at(col, 0).is_nan()));
        assert_eq!(read.at(5, 0), 290.0);
    }

    #[test]
    fn tiles_that_touch_leave_no_gap() {
        let tile = |x0, value| GeoGrid {
            grid: Grid::filled(10, 10, value),
            transform: at(x0, 0.5),
        };
        let target = target(0.03, 0.07, 140, 1);
        let (west, east) = (
            regrid(&tile(0.0, 280.0), &target),
            regrid(&tile(5.0, 281.0), &target),
        );
        for col in 0..140 {
            assert!(west.at(col, 0).is_finite() || east.at(col, 0).is_finite());
        }
    }

    #[test]
    fn coarser_cells_take_the_mean() {
        let data = (0..16).map(|i| 280.0 + i as f32).collect();
        let tile = GeoGrid {
            grid: Grid::from_vec(4, 4, data).expect("4 × 4"),
            transform: at(0.0, 1.0),
        };
        // Cells (0,0), (1,0), (0,1), (1,1): 0, 1, 4, 5.
        assert_eq!(regrid(&tile, &target(0.0, 2.0, 2, 2)).at(0, 0), 282.5);
    }

    #[test]
    fn whole_numbers_are_never_mixed() {
        let tile = GeoGrid {
            grid: Grid::from_vec(2, 1, vec![3_u32, 9]).expect("2 × 1"),
            transform: at(0.0, 1.0),
        };
        let read = regrid_nearest(&tile, &target(0.0, 0.8, 3, 1), 7);
        assert_eq!(read.data(), [3, 9, 7]);
    }
}
