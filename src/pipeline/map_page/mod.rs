//! Map pages of a flight: roofs cut out of its mosaic, earlier flights out of their own pages.
//!
//! Cells of a page are those of the mosaic as they are, so that the value under the cursor is the
//! raster's. Only cells that touch a shown roof are ever read into a page, tile by tile: memory
//! does not grow with the map. Of more than [`MOST_CELLS`] the mean of 2 × 2, 3 × 3 … is shown.
//!
//! Each flight keeps its page in its results and carries the earlier flights in it; a later one
//! takes them from there, masked again to what may be shown now.

mod earlier;

pub(super) use earlier::{Former, digests};

use crate::problem::Result;
use crate::raster::{GeoGrid, Grid, Window};
use crate::read::geotiff::GeoTiff;
use crate::report::map_page::{Cells, Drawn, Shape, Tile};
use crate::report::picture::own_cells;
use crate::write::map_page;
use ::geo::{Area, BoundingRect, MultiPolygon, Rect};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Cells of one flight's temperatures a page holds at most, about: 4000 × 4000.
const MOST_CELLS: f64 = 16e6;
/// Side of a tile of a page, cells.
const TILE: usize = 512;
/// Cells of the mosaic that are held at once for one tile.
const HELD: usize = 1 << 21;

/// The page as HTML, with the temperatures of its own flight and with earlier flights.
///
/// # Errors
/// The mosaic cannot be read.
pub(super) fn html(drawn: Drawn, mosaic: Option<&GeoTiff>, former: &[Former]) -> Result<String> {
    let cells = match mosaic {
        Some(mosaic) => cells(mosaic, &drawn)?,
        None => None,
    };
    let earlier = drawn.layer().map(|now| earlier::layers(former, now));
    let page = drawn.finished(cells, earlier.unwrap_or_default());
    Ok(map_page::html(&page))
}

/// The temperatures of the shown roofs; `None` where there are none.
fn cells(mosaic: &GeoTiff, drawn: &Drawn) -> Result<Option<Cells>> {
    let Some(layer) = drawn.layer().filter(|_| !drawn.shown.is_empty()) else {
        return Ok(None);
    };
    let place = mosaic.transform;
    let area_m2: f64 = drawn.shown.iter().map(Area::unsigned_area).sum();
    let reduced = (area_m2 / (place.dx * place.dy) / MOST_CELLS).sqrt().ceil();
    let cutting = Cutting {
        mosaic,
        shown: bounded(&drawn.shown),
        hidden: bounded(&drawn.hidden),
        reduced: reduced.clamp(1.0, 64.0) as usize,
    };
    let tiles = cutting.tiles();
    let tiles: Result<Vec<Option<Tile>>> = tiles.par_iter().map(|t| cutting.tile(*t)).collect();
    let tiles: Vec<Tile> = tiles?.into_iter().flatten().collect();
    let [x, y] = layer.origin_m;
    let cover = ::geo::unary_union(drawn.shown.iter().flat_map(|p| &p.0));
    Ok((!tiles.is_empty()).then(|| Cells {
        corner_m: [place.x0 - x, place.y0 - y],
        cell_m: place.dx * cutting.reduced as f64,
        reduced: cutting.reduced,
        cover: Shape::new(&cover, layer.origin_m),
        tiles,
    }))
}

type Bounded<'a> = Vec<(Rect<f64>, &'a MultiPolygon<f64>)>;

fn bounded(shapes: &[MultiPolygon<f64>]) -> Bounded<'_> {
    let with_bounds = |shape| Some((BoundingRect::bounding_rect(shape)?, shape));
    shapes.iter().filter_map(with_bounds).collect()
}

/// Roofs to be cut out of a mosaic.
struct Cutting<'a> {
    mosaic: &'a GeoTiff,
    shown: Bounded<'a>,
    hidden: Bounded<'a>,
    /// Cells of the mosaic along the side of one of the page.
    reduced: usize,
}

impl Cutting<'_> {
    /// Side of a tile, cells of the mosaic.
    fn side(&self) -> usize {
        TILE * self.reduced
    }

    /// Columns and rows of the tiles that touch a shown roof.
    fn tiles(&self) -> Vec<(usize, usize)> {
        let mut tiles = BTreeSet::new();
        for (bounds, _) in &self.shown {
            let bounds = crate::raster::Bounds {
                x_min: bounds.min().x,
                y_min: bounds.min().y,
                x_max: bounds.max().x,
                y_max: bounds.max().y,
            };
            let mosaic = self.mosaic;
            let window = mosaic
                .transform
                .window_of(&bounds, mosaic.width, mosaic.height);
            let Some(w) = window else { continue };
            for row in w.row / self.side()..=(w.row + w.height - 1) / self.side() {
                for col in w.col / self.side()..=(w.col + w.width - 1) / self.side() {
                    tiles.insert((row, col));
                }
            }
        }
        tiles.into_iter().map(|(row, col)| (col, row)).collect()
    }

    fn tile(&self, (col, row): (usize, usize)) -> Result<Option<Tile>> {
        let (side, n) = (self.side(), self.reduced);
        let (first_col, first_row) = (col * side, row * side);
        let width = side.min(self.mosaic.width - first_col);
        let height = side.min(self.mosaic.height - first_row);
        let mut means: Vec<f32> = Vec::new();
        // Strips of whole cells of the page, so that a reduced tile is never held as a whole.
        let step = (HELD / width / n).max(1) * n;
        for start in (0..height).step_by(step) {
            let window = Window {
                col: first_col,
                row: first_row + start,
                width,
                height: step.min(height - start),
            };
            self.strip(window, &mut means)?;
        }
        let across = width.div_ceil(n);
        Ok(cropped(across, &means).map(|(place, celsius)| Tile {
            col: col * TILE + place.col,
            row: row * TILE + place.row,
            width: place.width,
            height: place.height,
            packed: map_page::pack(place.width, &celsius),
        }))
    }

    /// Means of the shown cells of a strip of the mosaic.
    fn strip(&self, window: Window, means: &mut Vec<f32>) -> Result<()> {
        let piece = GeoGrid {
            grid: self.mosaic.window(window)?,
            transform: self.mosaic.transform.of_window(window),
        };
        let own = self.masked(&piece);
        let n = self.reduced;
        for row in (0..window.height).step_by(n) {
            for col in (0..window.width).step_by(n) {
                means.push(mean(&own.grid, col, row, n));
            }
        }
        Ok(())
    }

    fn masked(&self, piece: &GeoGrid<f32>) -> GeoGrid<f32> {
        let bounds = piece
            .transform
            .bounds(piece.grid.width(), piece.grid.height());
        let touches = |r: &Rect<f64>| {
            r.max().x >= bounds.x_min
                && r.min().x <= bounds.x_max
                && r.max().y >= bounds.y_min
                && r.min().y <= bounds.y_max
        };
        let near = |all: &'_ Bounded<'_>| -> Vec<usize> {
            let near = all.iter().enumerate().filter(|(_, (r, _))| touches(r));
            near.map(|(i, _)| i).collect()
        };
        let shown: Vec<&MultiPolygon<f64>> = near(&self.shown)
            .into_iter()
            .map(|i| self.shown[i].1)
            .collect();
        let hidden: Vec<MultiPolygon<f64>> = near(&self.hidden)
            .into_iter()
            .map(|i| self.hidden[i].1.clone())
            .collect();
        own_cells(piece, &shown, &hidden)
    }
}

/// Mean of the cells of a square that have a value.
fn mean(grid: &Grid<f32>, col: usize, row: usize, n: usize) -> f32 {
    if n == 1 {
        return grid.at(col, row);
    }
    let (mut sum, mut count) = (0.0_f64, 0_u32);
    for r in row..(row + n).min(grid.height()) {
        for value in &grid.row(r)[col..(col + n).min(grid.width())] {
            if value.is_finite() {
                sum += f64::from(*value);
                count += 1;
            }
        }
    }
    match count {
        0 => f32::NAN,
        _ => (sum / f64::from(count)) as f32,
    }
}

/// The smallest rectangle that holds all values; `None` without any.
fn cropped(width: usize, cells: &[f32]) -> Option<(Window, Vec<f32>)> {
    let rows: Vec<&[f32]> = cells.chunks(width.max(1)).collect();
    let filled = |row: &&[f32]| row.iter().any(|v| v.is_finite());
    let top = rows.iter().position(filled)?;
    let bottom = rows.iter().rposition(filled)?;
    let inside = rows.get(top..=bottom)?;
    let valid = |v: &f32| v.is_finite();
    let left = inside
        .iter()
        .filter_map(|r| r.iter().position(valid))
        .min()?;
    let right = inside
        .iter()
        .filter_map(|r| r.iter().rposition(valid))
        .max()?;
    let window = Window {
        col: left,
        row: top,
        width: right - left + 1,
        height: bottom - top + 1,
    };
    let cells = inside.iter().flat_map(|r| r[left..=right].iter().copied());
    Some((window, cells.collect()))
}

#[cfg(test)]
mod tests;
