//! Ground beyond the rim of a ready-made tile, where another begins.
//!
//! Tiles of one line of an aircraft touch without sharing ground, so nothing would tie their levels.
//! What a tile shows just inside such a border stands for the ground just beyond it: the difference
//! across some metres of ground averages out along the border, a step of the level does not.

use super::tiles::Tile;
use crate::level::{self, Lattice, Sample};
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid, Window};

/// Cells inside the border whose mean stands for the ground beyond.
const INSIDE: usize = 5;
/// Tiles touch when their borders are this near, cells, over this share of the shorter one.
const GAP: f64 = 1.5;
const SHARED: f64 = 0.2;

/// A side of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    West,
    East,
    North,
    South,
}

/// Samples beyond the borders at which a tile touches others.
///
/// # Errors
/// The tile cannot be read.
pub(super) fn samples(
    tile: &Tile<'_>,
    others: &[Bounds],
    lattice: &Lattice,
    options: &level::Options,
) -> Result<Vec<Sample>> {
    let (own, cell) = (tile.bounds(), tile.cell_m());
    // Half the lattice's step on either side of the border: one of the two has a point there.
    let pad = (lattice.step_m() / cell / 2.0).ceil() as usize + 2;
    let mut found = Vec::new();
    for side in [Side::West, Side::East, Side::North, Side::South] {
        if !others
            .iter()
            .any(|other| touches(&own, other, side, GAP * cell))
        {
            continue;
        }
        let Some(window) = strip(tile, side) else {
            continue;
        };
        let beyond = beyond(&tile.read(window)?, side, pad);
        let outside = |s: &Sample| {
            let (x, y) = lattice.place(s.cell);
            !own.contains(x, y)
        };
        found.extend(
            level::sample_tile(&beyond, lattice, options)
                .into_iter()
                .filter(outside),
        );
    }
    Ok(found)
}

fn touches(own: &Bounds, other: &Bounds, side: Side, gap_m: f64) -> bool {
    let (apart, from, to, shorter) = match side {
        Side::West | Side::East => {
            let apart = match side {
                Side::West => own.x_min - other.x_max,
                _ => other.x_min - own.x_max,
            };
            let heights = (own.y_max - own.y_min).min(other.y_max - other.y_min);
            (
                apart,
                own.y_min.max(other.y_min),
                own.y_max.min(other.y_max),
                heights,
            )
        }
        Side::North | Side::South => {
            let apart = match side {
                Side::South => own.y_min - other.y_max,
                _ => other.y_min - own.y_max,
            };
            let widths = (own.x_max - own.x_min).min(other.x_max - other.x_min);
            (
                apart,
                own.x_min.max(other.x_min),
                own.x_max.min(other.x_max),
                widths,
            )
        }
    };
    apart.abs() <= gap_m && to - from >= SHARED * shorter
}

/// The cells just inside a side.
fn strip(tile: &Tile<'_>, side: Side) -> Option<Window> {
    let (width, height) = tile.size();
    if width < INSIDE || height < INSIDE {
        return None;
    }
    let whole = Window {
        col: 0,
        row: 0,
        width,
        height,
    };
    Some(match side {
        Side::West => Window {
            width: INSIDE,
            ..whole
        },
        Side::East => Window {
            col: width - INSIDE,
            width: INSIDE,
            ..whole
        },
        Side::North => Window {
            height: INSIDE,
            ..whole
        },
        Side::South => Window {
            row: height - INSIDE,
            height: INSIDE,
            ..whole
        },
    })
}

/// A strip with its means across it laid `pad` cells beyond the border.
fn beyond(strip: &GeoGrid<f32>, side: Side, pad: usize) -> GeoGrid<f32> {
    let (width, height) = (strip.grid.width(), strip.grid.height());
    let across = matches!(side, Side::West | Side::East);
    let (wide, tall) = match across {
        true => (width + pad, height),
        false => (width, height + pad),
    };
    // Where the strip begins in the wider grid.
    let (left, top) = match side {
        Side::West => (pad, 0),
        Side::North => (0, pad),
        _ => (0, 0),
    };
    let t = &strip.transform;
    let transform = GeoTransform {
        x0: t.x0 - left as f64 * t.dx,
        y0: t.y0 + top as f64 * t.dy,
        ..*t
    };
    let mut grid = Grid::filled(wide, tall, f32::NAN);
    let lines = if across { height } else { width };
    for line in 0..lines {
        let at = |k: usize| match across {
            true => strip.grid.at(k, line),
            false => strip.grid.at(line, k),
        };
        let mean = (0..INSIDE).map(at).sum::<f32>() / INSIDE as f32;
        for k in 0..INSIDE + pad {
            let inside = match side {
                Side::West | Side::North => k.checked_sub(pad),
                _ => Some(k).filter(|k| *k < INSIDE),
            };
            let value = inside.map_or(mean, at);
            match across {
                true => grid.set(k, line, value),
                false => grid.set(line, k, value),
            }
        }
    }
    GeoGrid { grid, transform }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(x_min: f64, y_min: f64) -> Bounds {
        Bounds {
            x_min,
            y_min,
            x_max: x_min + 100.0,
            y_max: y_min + 50.0,
        }
    }

    #[test]
    fn tiles_side_by_side_touch_and_those_that_overlap_or_lie_apart_do_not() {
        let own = bounds(0.0, 0.0);
        assert!(touches(&own, &bounds(100.0, 10.0), Side::East, 0.75));
        assert!(touches(&own, &bounds(-100.0, 0.0), Side::West, 0.75));
        assert!(touches(&own, &bounds(0.0, 50.5), Side::North, 0.75));
        assert!(touches(&own, &bounds(30.0, -50.0), Side::South, 0.75));
        assert!(!touches(&own, &bounds(90.0, 0.0), Side::East, 0.75));
        assert!(!touches(&own, &bounds(110.0, 0.0), Side::East, 0.75));
        assert!(!touches(&own, &bounds(100.0, 45.0), Side::East, 0.75));
    }

    #[test]
    fn means_across_the_border_go_on_beyond_it() {
        let transform = GeoTransform {
            x0: 10.0,
            y0: 20.0,
            dx: 0.5,
            dy: 0.5,
        };
        let data = (0..15)
            .map(|i| (i % 5) as f32 + 100.0 * (i / 5) as f32)
            .collect();
        let strip = GeoGrid {
            grid: Grid::from_vec(5, 3, data).expect("5 × 3"),
            transform,
        };
        let west = beyond(&strip, Side::West, 2);
        assert_eq!(west.transform.x0, 9.0);
        assert_eq!(
            west.grid.row(1),
            [102.0, 102.0, 100.0, 101.0, 102.0, 103.0, 104.0]
        );
        let east = beyond(&strip, Side::East, 2);
        assert_eq!(east.transform.x0, 10.0);
        assert_eq!(
            east.grid.row(2),
            [200.0, 201.0, 202.0, 203.0, 204.0, 202.0, 202.0]
        );
    }
}
