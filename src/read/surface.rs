//! A surface or terrain model that lies in one or several GeoTIFFs.
//!
//! In: files, or a folder of them (the sheets of DHMV II, or a photogrammetric model). Out:
//! heights over any rectangle, in one grid, NaN where nothing is known. Files are read by
//! windows; a sheet of 32 × 20 km never lies in memory.
//!
//! The grid of every window is that of the first file, at the finest cell size among them. Files
//! on that grid are copied cell by cell; others are interpolated bilinearly.

use std::path::{Path, PathBuf};

use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};

use super::geotiff::GeoTiff;
use super::refused;

/// Heights outside are voids in disguise: nodata numbers that the file does not declare.
const PLAUSIBLE_M: std::ops::RangeInclusive<f32> = -100.0..=9000.0;

/// The same in the systems of Belgium, whose highest ground is at 694 m.
const PLAUSIBLE_IN_BELGIUM_M: std::ops::RangeInclusive<f32> = -100.0..=800.0;

/// Systems made for Belgium (flemish-data.md §1.1).
const BELGIAN_EPSG: [u32; 5] = [31370, 3812, 8370, 11219, 6190];

/// Largest window in cells (1 GiB of heights).
const MAX_CELLS: f64 = (1_u64 << 28) as f64;

/// Two cell sizes or offsets closer than this part of a cell are the same grid.
const SAME_GRID: f64 = 1e-3;

/// An open surface model.
#[derive(Debug)]
pub struct Surface {
    tiles: Vec<GeoTiff>,
    epsg: Option<u32>,
    bounds: Bounds,
    cell_m: f64,
}

impl Surface {
    /// Opens files, and the `.tif`/`.tiff` files of folders (in the order of their names). Where
    /// files overlap, the first with a height there wins.
    ///
    /// # Errors
    /// No raster at all, one that cannot be read, or rasters in different coordinate systems.
    pub fn open(paths: &[PathBuf]) -> Result<Self> {
        let mut tiles = Vec::new();
        for path in paths {
            if let Some(problem) = refused::refused(path) {
                return Err(problem);
            }
            if path.is_dir() {
                for file in rasters_in(path)? {
                    tiles.push(GeoTiff::open(&file)?);
                }
            } else {
                tiles.push(GeoTiff::open(path)?);
            }
        }
        Self::from_tiles(tiles).map_err(|problem| match paths {
            [first, ..] => problem.in_file(first.display().to_string()),
            [] => problem,
        })
    }

    /// The same for rasters that are open already.
    ///
    /// # Errors
    /// No raster, or rasters in different coordinate systems.
    pub fn from_tiles(tiles: Vec<GeoTiff>) -> Result<Self> {
        let Some(first) = tiles.first() else {
            return Err(Problem::setting("holds no GeoTIFF (.tif, .tiff)"));
        };
        let epsg = first.epsg;
        let name = |code: Option<u32>| code.map_or("none".to_owned(), |c| format!("EPSG:{c}"));
        let mut bounds = Bounds::EMPTY;
        let mut cell_m = f64::INFINITY;
        for tile in &tiles {
            if tile.epsg != epsg {
                let what = format!(
                    "is in {}, the file before it in {}",
                    name(tile.epsg),
                    name(epsg)
                );
                return Err(Problem::setting(what)
                    .in_file(tile.name())
                    .field("coordinate system")
                    .hint("bring all sheets into one system: gdalwarp -t_srs EPSG:31370"));
            }
            bounds = bounds.union(&tile.bounds());
            cell_m = cell_m.min(tile.transform.dx).min(tile.transform.dy);
        }
        Ok(Self {
            tiles,
            epsg,
            bounds,
            cell_m,
        })
    }

    /// EPSG code of the map coordinates; `None` when the files name none.
    pub fn epsg(&self) -> Option<u32> {
        self.epsg
    }

    /// Rectangle around all files.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Finest cell size, map units.
    pub fn cell_m(&self) -> f64 {
        self.cell_m
    }

    /// The open files, and what is odd about each ([`GeoTiff::warnings`]).
    pub fn tiles(&self) -> &[GeoTiff] {
        &self.tiles
    }

    /// Heights over the rectangle, its edges moved outward to the next cell; NaN where no file
    /// has a height.
    ///
    /// # Errors
    /// A rectangle that is empty or too large to hold, or a broken file.
    pub fn window(&self, bounds: &Bounds) -> Result<GeoGrid<f32>> {
        let (transform, width, height) = self.frame(bounds)?;
        let mut grid = Grid::filled(width, height, f32::NAN);
        for tile in &self.tiles {
            if !tile.bounds().intersects(bounds) {
                continue;
            }
            if !grid.data().iter().any(|v| v.is_nan()) {
                break;
            }
            paste(&mut grid, &transform, tile)?;
        }
        Ok(GeoGrid { grid, transform })
    }

    /// Place and size of the window: the first file's grid at the finest cell size.
    fn frame(&self, bounds: &Bounds) -> Result<(GeoTransform, usize, usize)> {
        let cell = self.cell_m;
        let first = self.tiles.first().map_or(self.bounds, GeoTiff::bounds);
        // A hair inwards, so that rounding does not add a row of cells.
        let hair = SAME_GRID;
        let west = ((bounds.x_min - first.x_min) / cell + hair).floor();
        let east = ((bounds.x_max - first.x_min) / cell - hair).ceil();
        let north = ((first.y_max - bounds.y_max) / cell + hair).floor();
        let south = ((first.y_max - bounds.y_min) / cell - hair).ceil();
        let (width, height) = (east - west, south - north);
        // Also refuses NaN.
        if !(width >= 1.0 && height >= 1.0 && width * height <= MAX_CELLS) {
            let what = format!("a window of {width} × {height} cells cannot be held: {bounds:?}");
            return Err(Problem::setting(what));
        }
        let transform = GeoTransform {
            x0: first.x_min + west * cell,
            y0: first.y_max - north * cell,
            dx: cell,
            dy: cell,
        };
        Ok((transform, width as usize, height as usize))
    }
}

/// The GeoTIFFs of a folder by name, hidden files left out.
fn rasters_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| {
        Problem::io(error.to_string()).in_file(folder.display().to_string())
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().map(|e| e.to_ascii_lowercase());
        let hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && ending.is_some_and(|e| e == "tif" || e == "tiff") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Fills cells without height from one file.
fn paste(grid: &mut Grid<f32>, transform: &GeoTransform, tile: &GeoTiff) -> Result<()> {
    let bounds = transform.bounds(grid.width(), grid.height());
    // One cell more around, for the interpolation.
    let around = bounds.buffered(tile.transform.dx.max(tile.transform.dy));
    let Some(window) = tile.transform.window_of(&around, tile.width, tile.height) else {
        return Ok(());
    };
    let plausible = match tile.epsg.is_some_and(|epsg| BELGIAN_EPSG.contains(&epsg)) {
        true => PLAUSIBLE_IN_BELGIUM_M,
        false => PLAUSIBLE_M,
    };
    let heights = tile
        .window(window)?
        .map(|v| if plausible.contains(&v) { v } else { f32::NAN });
    let source = GeoGrid {
        transform: tile.transform.of_window(window),
        grid: heights,
    };
    match same_grid(transform, &source.transform) {
        Some((col, row)) => copy(grid, &source.grid, col, row),
        None => interpolate(grid, transform, &source),
    }
    Ok(())
}

/// Column and row of `b`'s first cell in the grid of `a`, when the cells are the same.
fn same_grid(a: &GeoTransform, b: &GeoTransform) -> Option<(isize, isize)> {
    let close = |x: f64, y: f64| (x - y).abs() <= SAME_GRID;
    let (col, row) = a.to_pixel(b.x0, b.y0);
    // Cell sizes may differ by so little that it stays invisible over a whole window.
    let size = close(a.dx / b.dx * 1e4, 1e4) && close(a.dy / b.dy * 1e4, 1e4);
    let on = close(col, col.round()) && close(row, row.round());
    (size && on).then(|| (col.round() as isize, row.round() as isize))
}

fn copy(grid: &mut Grid<f32>, source: &Grid<f32>, col: isize, row: isize) {
    for y in 0..grid.height() {
        for x in 0..grid.width() {
            if grid.at(x, y).is_nan()
                && let Some(height) = source.get(x as isize - col, y as isize - row)
            {
                grid.set(x, y, height);
            }
        }
    }
}

fn interpolate(grid: &mut Grid<f32>, transform: &GeoTransform, source: &GeoGrid<f32>) {
    for y in 0..grid.height() {
        for x in 0..grid.width() {
            if grid.at(x, y).is_nan() {
                let (map_x, map_y) = transform.centre(x, y);
                if let Some(height) = source.sample(map_x, map_y) {
                    grid.set(x, y, height as f32);
                }
            }
        }
    }
}
