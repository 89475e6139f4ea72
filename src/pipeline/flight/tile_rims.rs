//! Ground beyond the rim of a ready-made tile, where another begins.
//!
//! Tiles of one line of an aircraft touch without sharing ground, so nothing would tie their levels.
//! What a tile shows just inside its rim stands for the ground some metres beyond it: the difference
//! across averages out along the rim, a step of the level does not. The rim is where values end, so
//! that it may run aslant, as that of a tile from another CRS does.

use super::tiles::Tile;
use crate::level::{self, Lattice, Sample};
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid, Window};

/// Cells along a row or column inside the rim whose mean stands for those beyond.
const INSIDE: usize = 5;

/// Samples of a block of a tile, those just beyond its rim included where another tile is near.
///
/// # Errors
/// The tile cannot be read.
pub(super) fn samples(
    tile: &Tile<'_>,
    block: Window,
    others: &[Bounds],
    lattice: &Lattice,
    options: &level::Options,
) -> Result<Vec<Sample>> {
    let (width, height) = tile.size();
    // Half the lattice's step on either side of the rim: one of the two tiles has a point there.
    let pad = (lattice.step_m() / tile.cell_m() / 2.0).ceil() as usize + 2;
    let beyond_m = pad as f64 * tile.cell_m();
    let own = tile.read(block)?;
    let mut found = level::sample_tile(&own, lattice, options);
    let bounds = own.transform.bounds(block.width, block.height);
    let near: Vec<Bounds> = others
        .iter()
        .map(|other| other.buffered(beyond_m))
        .filter(|other| other.intersects(&bounds))
        .collect();
    if near.is_empty() {
        return Ok(found);
    }
    // The block with its surroundings in the tile, and nothing around that.
    let around = pad + INSIDE;
    let (left, top) = (block.col.min(around), block.row.min(around));
    let wide = Window {
        col: block.col - left,
        row: block.row - top,
        width: (block.width + left + around).min(width - block.col + left),
        height: (block.height + top + around).min(height - block.row + top),
    };
    let seen = framed(&tile.read(wide)?, pad);
    let filled = GeoGrid {
        grid: filled(&seen.grid, pad),
        transform: seen.transform,
    };
    let is_new = |s: &Sample| {
        let (x, y) = lattice.place(s.cell);
        let (u, v) = seen.transform.to_pixel(x, y);
        let value = seen.grid.get(u.floor() as isize, v.floor() as isize);
        // Within the block, or beyond the tile where the block is its end.
        let (u, v) = own.transform.to_pixel(x, y);
        let inside = |at: f64, start: usize, count: usize, all: usize| {
            let low = if start == 0 { -(pad as f64) } else { 0.0 };
            let beyond = if start + count == all { pad } else { 0 };
            at >= low && at < (count + beyond) as f64
        };
        value.is_none_or(f32::is_nan)
            && inside(u, block.col, block.width, width)
            && inside(v, block.row, block.height, height)
            && near.iter().any(|other| other.contains(x, y))
    };
    let beyond = level::sample_tile(&filled, lattice, options);
    found.extend(beyond.into_iter().filter(is_new));
    Ok(found)
}

/// A grid with `pad` missing cells around it.
fn framed(inner: &GeoGrid<f32>, pad: usize) -> GeoGrid<f32> {
    let (width, height) = (inner.grid.width(), inner.grid.height());
    let mut grid = Grid::filled(width + 2 * pad, height + 2 * pad, f32::NAN);
    for row in 0..height {
        let start = (row + pad) * (width + 2 * pad) + pad;
        grid.data_mut()[start..start + width].copy_from_slice(inner.grid.row(row));
    }
    let t = &inner.transform;
    GeoGrid {
        grid,
        transform: GeoTransform {
            x0: t.x0 - pad as f64 * t.dx,
            y0: t.y0 + pad as f64 * t.dy,
            ..*t
        },
    }
}

/// Missing cells within `pad` cells of a value get the mean of the values next to the rim, along rows
/// first, along columns where rows have none.
fn filled(grid: &Grid<f32>, pad: usize) -> Grid<f32> {
    let (width, height) = (grid.width(), grid.height());
    let mut out = grid.clone();
    for row in 0..height {
        let line: Vec<f32> = grid.row(row).to_vec();
        for (col, value) in extended(&line, pad) {
            out.set(col, row, value);
        }
    }
    for col in 0..width {
        let line: Vec<f32> = (0..height).map(|row| grid.at(col, row)).collect();
        for (row, value) in extended(&line, pad) {
            if out.at(col, row).is_nan() {
                out.set(col, row, value);
            }
        }
    }
    out
}

/// What the missing places of a line get from the values beside them: place and value.
fn extended(line: &[f32], pad: usize) -> Vec<(usize, f32)> {
    let mut found = Vec::new();
    let mean = |from: usize, to: usize| {
        let values = &line[from..to];
        let whole = values.len() == INSIDE && values.iter().all(|v| v.is_finite());
        whole.then(|| values.iter().sum::<f32>() / INSIDE as f32)
    };
    for at in 0..line.len() {
        if line[at].is_nan() {
            continue;
        }
        // The last value before a hole, and the first after one.
        if line.get(at + 1).is_some_and(|v| v.is_nan())
            && let Some(value) = mean((at + 1).saturating_sub(INSIDE), at + 1)
        {
            let hole = (at + 1..line.len())
                .take(pad)
                .take_while(|k| line[*k].is_nan());
            found.extend(hole.map(|k| (k, value)));
        }
        if at > 0
            && line[at - 1].is_nan()
            && let Some(value) = mean(at, (at + INSIDE).min(line.len()))
        {
            let hole = (0..at).rev().take(pad).take_while(|k| line[*k].is_nan());
            found.extend(hole.map(|k| (k, value)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_beside_the_rim_go_on_beyond_it_as_far_as_asked() {
        let nan = f32::NAN;
        let line = [nan, nan, nan, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0, nan, nan, nan];
        let mut found = extended(&line, 2);
        found.sort_by_key(|(at, _)| *at);
        assert_eq!(found, [(1, 3.0), (2, 3.0), (9, 4.6), (10, 4.6)]);
        // Too few values say nothing.
        assert!(extended(&[nan, 1.0, 2.0, nan], 2).is_empty());
    }

    #[test]
    fn a_grid_is_filled_on_all_sides_and_keeps_its_place() {
        let data = (0..30).map(|i| (i % 6) as f32).collect();
        let inner = GeoGrid {
            grid: Grid::from_vec(6, 5, data).expect("6 × 5"),
            transform: GeoTransform {
                x0: 10.0,
                y0: 20.0,
                dx: 0.5,
                dy: 0.5,
            },
        };
        let framed = framed(&inner, 2);
        assert_eq!((framed.transform.x0, framed.transform.y0), (9.0, 21.0));
        let all = filled(&framed.grid, 2);
        // West and east by rows, north and south by columns, corners stay open.
        assert_eq!((all.at(1, 3), all.at(8, 3)), (2.0, 3.0));
        assert_eq!((all.at(4, 1), all.at(4, 8)), (2.0, 2.0));
        assert!(all.at(0, 0).is_nan());
        assert_eq!(all.at(4, 4), inner.grid.at(2, 2));
    }
}
