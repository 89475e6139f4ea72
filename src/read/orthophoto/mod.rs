//! Orthophotos: pictures of the ground in a GeoTIFF or in MBTiles.
//!
//! In: a file. Out: the colours over any rectangle of the project's map at any resolution, whatever
//! the file's own system is. Only the tiles a rectangle touches are decoded, at the overview that is
//! just finer; a rectangle that needs too many at once is read in bands.

mod mbtiles;
mod place;

use std::path::Path;

use super::geotiff::ColourTiff;
use super::table::file_name;
use super::vector::extension;
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoTransform, Grid, Window};
use mbtiles::MbTiles;
use place::Mesh;

/// Most cells of the file in memory at once (16 MiB of colours).
const MOST_CELLS: usize = 1 << 22;
/// Cells read beyond a block, on both sides together.
const MARGIN: f64 = 6.0;

/// Longest credit that is printed, characters.
const LONGEST_CREDIT: usize = 120;

/// Names that the region's ortho mosaics carry (flemish-data.md §7), and whose they are.
const REGIONAL: [&str; 4] = ["omwrgb", "omzrgb", "ogwrgb", "ogwnrgb"];
const REGION: &str = "Digitaal Vlaanderen";

#[derive(Debug)]
enum File {
    Tiff(ColourTiff),
    Tiles(MbTiles),
}

/// An open orthophoto.
#[derive(Debug)]
pub struct Orthophoto {
    file: File,
    /// Place and size of every level, the finest first.
    levels: Vec<(GeoTransform, usize, usize)>,
    /// System of the file; `None` where it is the project's.
    own: Option<Crs>,
    crs: Crs,
    /// Whose picture it is, as the data say; may be empty.
    pub credit: String,
}

impl Orthophoto {
    /// Whether a file may be one, by its ending.
    pub fn may_be(path: &Path) -> bool {
        matches!(extension(path).as_str(), "tif" | "tiff" | "mbtiles")
    }

    /// Opens a file for a project in `crs`. A GeoTIFF that names no system is taken to be in that.
    ///
    /// # Errors
    /// No picture of colours, broken, or in a system that is not known.
    pub fn open(path: &Path, crs: &Crs) -> Result<Self> {
        let name = file_name(path);
        let (file, epsg) = if extension(path) == "mbtiles" {
            (File::Tiles(MbTiles::open(path)?), Some(mbtiles::EPSG))
        } else {
            let tiff = ColourTiff::open(path).map_err(|p| Problem {
                file: Some(name.clone()),
                ..p
            })?;
            let epsg = tiff.epsg();
            (File::Tiff(tiff), epsg)
        };
        let own = match epsg {
            Some(code) if code != crs.epsg() => {
                let own = crs.sibling(&code.to_string());
                Some(own.map_err(|p| p.in_file(name.clone()))?)
            }
            _ => None,
        };
        let (levels, said) = match &file {
            File::Tiff(tiff) => (tiff.levels(), tiff.credit.as_str()),
            File::Tiles(tiles) => (tiles.levels(), tiles.credit.as_str()),
        };
        let lower = name.to_lowercase();
        let credit = match said {
            "" if REGIONAL.iter().any(|n| lower.starts_with(n)) => REGION,
            said => said,
        };
        Ok(Self {
            credit: credit.chars().take(LONGEST_CREDIT).collect(),
            file,
            levels,
            own,
            crs: crs.clone(),
        })
    }

    /// EPSG code of the file's system, and the size of its cells there.
    pub fn grid(&self) -> (u32, f64) {
        let epsg = self.own.as_ref().unwrap_or(&self.crs).epsg();
        (epsg, self.levels.first().map_or(f64::NAN, |l| l.0.dx))
    }

    /// Size of the finest cells on the ground of a rectangle, in the project's metres.
    pub fn cell_m(&self, bounds: &Bounds) -> Option<f64> {
        const PARTS: usize = 64;
        let mesh = self.mesh(bounds, PARTS, PARTS).ok()?;
        let ground_m = (bounds.x_max - bounds.x_min) / PARTS as f64;
        let cell_m = self.levels.first()?.0.dx * ground_m / mesh.pixel();
        (cell_m.is_finite() && cell_m > 0.0).then_some(cell_m)
    }

    /// Whether any of a rectangle of the project's map may lie in the picture.
    pub fn reaches(&self, bounds: &Bounds) -> bool {
        let Ok(mesh) = self.mesh(bounds, 64, 64) else {
            return false;
        };
        let seen = mesh.bounds();
        self.levels
            .first()
            .is_some_and(|(t, w, h)| t.bounds(*w, *h).intersects(&seen))
    }

    /// Colours and opacity over a rectangle of the project's map in `width` × `height` pixels;
    /// nothing (opacity 0) outside the picture.
    ///
    /// # Errors
    /// A broken strip or tile.
    pub fn over(&self, bounds: &Bounds, width: usize, height: usize) -> Result<Grid<[u8; 4]>> {
        let mut out = Grid::filled(width, height, [0; 4]);
        if width == 0 || height == 0 || !self.reaches(bounds) {
            return Ok(out);
        }
        let mesh = self.mesh(bounds, width, height)?;
        let pixel = mesh.pixel();
        // The coarsest level that is as fine as the pixels, else the finest.
        let fine = |(t, ..): &(GeoTransform, usize, usize)| t.dx <= pixel * 1.05;
        let index = self.levels.iter().rposition(fine).unwrap_or(0);
        let Some((transform, columns, rows)) = self.levels.get(index).copied() else {
            return Ok(out);
        };
        let reach = pixel / transform.dx;
        // Rows of pixels whose cells fit into memory together.
        let per_row = (width as f64 * reach * reach).max(1.0);
        let band = ((MOST_CELLS as f64 / per_row) as usize).clamp(1, height);
        // Where one row has too many (fine cells without overviews), some of its pixels at a time.
        let deep = band as f64 * reach + MARGIN;
        let side = (MOST_CELLS as f64 / deep - MARGIN) / reach;
        if side < 1.0 {
            let what = format!(
                "has cells of {:.4} m and no overviews for pixels of {pixel:.2} m",
                transform.dx
            );
            return Err(Problem::unsupported(what).hint("add overviews (gdaladdo)"));
        }
        let side = (side as usize).clamp(1, width);
        let blocks = (0..height)
            .step_by(band)
            .flat_map(|row| (0..width).step_by(side).map(move |col| (row, col)));
        for (first, left) in blocks {
            let (last, right) = ((first + band).min(height), (left + side).min(width));
            let around = mesh
                .bounds_of((first, last), (left, right))
                .buffered((reach + 2.0) * transform.dx);
            if let Some(window) = transform.window_of(&around, columns, rows) {
                let cells = self.window(index, window)?;
                let at = transform.of_window(window);
                for row in first..last {
                    for col in left..right {
                        let (x, y) = mesh.at(col, row);
                        let (u, v) = at.to_pixel(x, y);
                        out.set(col, row, place::mean(&cells, u, v, reach));
                    }
                }
            }
        }
        Ok(out)
    }

    fn window(&self, level: usize, window: Window) -> Result<Grid<[u8; 4]>> {
        match &self.file {
            File::Tiff(tiff) => tiff.window(level, window),
            File::Tiles(tiles) => tiles.window(level, window),
        }
    }

    fn mesh(&self, bounds: &Bounds, width: usize, height: usize) -> Result<Mesh> {
        Mesh::new(bounds, width, height, &|x, y| match &self.own {
            None => Ok((x, y)),
            Some(own) => {
                let (lon, lat) = self.crs.to_lonlat(x, y)?;
                own.from_lonlat(lon, lat)
            }
        })
    }
}
