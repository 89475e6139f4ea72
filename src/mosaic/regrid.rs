//! Ready-made tiles on the grid of the map.

use crate::raster::{GeoGrid, Grid};
use crate::rectify::Target;

/// Cells up to this many source cells wide take one sample, larger ones a mean.
const SINGLE_SAMPLE: f64 = 1.5;

/// Most samples along a cell's side.
const MOST: f64 = 16.0;

/// A position this near to a cell centre, in cells, is that cell: grids that coincide must not
/// lose values beside missing cells to rounding.
const SAME: f64 = 1e-4;

/// Reads a tile (NaN missing) at the cells of a target in the same CRS: bilinear, NaN where a
/// cell it needs is NaN; up to its outer edge, where half a cell takes the border value, so
/// that tiles that touch leave no gap. Cells larger than 1.5 of the tile's take the mean of the
/// samples inside the tile where at least half are.
pub fn regrid(tile: &GeoGrid<f32>, target: &Target) -> Grid<f32> {
    let ratio =
        (target.transform.dx / tile.transform.dx).max(target.transform.dy / tile.transform.dy);
    let n = if ratio > SINGLE_SAMPLE {
        ratio.ceil().min(MOST) as usize
    } else {
        1
    };
    let mut grid = Grid::filled(target.width, target.height, f32::NAN);
    if tile.grid.width() == 0 || tile.grid.height() == 0 {
        return grid;
    }
    for row in 0..target.height {
        for col in 0..target.width {
            grid.set(col, row, mean_of_samples(tile, target, (col, row), n));
        }
    }
    grid
}

/// Reads a grid of numbers that must not be mixed (indices, counts) at the cells of a target;
/// `missing` outside.
pub fn regrid_nearest<T: Copy>(tile: &GeoGrid<T>, target: &Target, missing: T) -> Grid<T> {
    let mut grid = Grid::filled(target.width, target.height, missing);
    for row in 0..target.height {
        for col in 0..target.width {
            let (x, y) = target.transform.centre(col, row);
            let (u, v) = tile.transform.to_pixel(x, y);
            if let Some(value) = tile.grid.get(u.floor() as isize, v.floor() as isize) {
                grid.set(col, row, value);
            }
        }
    }
    grid
}

fn mean_of_samples(tile: &GeoGrid<f32>, target: &Target, cell: (usize, usize), n: usize) -> f32 {
    let (mut sum, mut inside) = (0.0, 0usize);
    for j in 0..n {
        for i in 0..n {
            let place = |cell: usize, k: usize| cell as f64 + (k as f64 + 0.5) / n as f64;
            let (x, y) = target.transform.to_map(place(cell.0, i), place(cell.1, j));
            let (u, v) = tile.transform.to_pixel(x, y);
            if let Some(value) = sample(&tile.grid, u, v) {
                sum += f64::from(value);
                inside += 1;
            }
        }
    }
    if 2 * inside >= n * n {
        (sum / inside as f64) as f32
    } else {
        f32::NAN
    }
}

/// Bilinear, NaN when a cell needed is NaN; `None` outside.
fn sample(grid: &Grid<f32>, u: f64, v: f64) -> Option<f32> {
    let (width, height) = (grid.width(), grid.height());
    if !(u >= 0.0 && v >= 0.0 && u <= width as f64 && v <= height as f64) {
        return None;
    }
    let (c0, c1, a) = between(u, width);
    let (r0, r1, b) = between(v, height);
    let top = mix(grid.at(c0, r0), grid.at(c1, r0), a);
    let bottom = mix(grid.at(c0, r1), grid.at(c1, r1), a);
    Some(mix(top, bottom, b))
}

/// The two cells around a position and the second one's weight.
fn between(position: f64, count: usize) -> (usize, usize, f32) {
    let from_first = (position - 0.5).clamp(0.0, (count - 1) as f64);
    let first = from_first as usize;
    let weight = from_first - first as f64;
    if weight < SAME {
        (first, first, 0.0)
    } else if weight > 1.0 - SAME {
        (first + 1, first + 1, 0.0)
    } else {
        (first, first + 1, weight as f32)
    }
}

/// Linear between two values, within their range whatever the rounding; NaN when one is.
fn mix(a: f32, b: f32, weight: f32) -> f32 {
    let value = a + weight * (b - a);
    if value.is_nan() {
        value
    } else {
        value.max(a.min(b)).min(a.max(b))
    }
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
