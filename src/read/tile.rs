//! Ready-made georeferenced rasters, whatever format they come in.

use std::path::Path;

use super::envi::Envi;
use super::geotiff::{GeoTiff, SampleKind};
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoTransform, Grid, Window};

/// An open tile: its facts are plain fields, its cells come from [`TileRaster::window`].
#[derive(Debug)]
pub struct TileRaster {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Place on the map.
    pub transform: GeoTransform,
    /// EPSG code; `None` when the file names none.
    pub epsg: Option<u32>,
    /// Unit in the file's words; may be empty.
    pub unit: String,
    /// Whether the samples are floats.
    pub is_float: bool,
    /// Whether the file gives a scale or an offset.
    pub is_scaled: bool,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    GeoTiff(Box<GeoTiff>),
    Envi(Box<Envi>),
}

impl TileRaster {
    /// Opens a GeoTIFF.
    ///
    /// # Errors
    /// As [`GeoTiff::open`].
    pub fn geotiff(path: &Path) -> Result<Self> {
        let raster = GeoTiff::open(path)?;
        Ok(Self {
            width: raster.width,
            height: raster.height,
            transform: raster.transform,
            epsg: raster.epsg,
            unit: raster.unit.clone(),
            is_float: matches!(raster.kind, SampleKind::F32 | SampleKind::F64),
            is_scaled: raster.scale != 1.0 || raster.offset != 0.0,
            cells: Cells::GeoTiff(Box::new(raster)),
        })
    }

    /// Opens an ENVI raster by its header.
    ///
    /// # Errors
    /// As [`Envi::open`], and a raster without a place on the map.
    pub fn envi(path: &Path) -> Result<Self> {
        let raster = Envi::open(path)?;
        let header = &raster.header;
        let place = header
            .place
            .clone()
            .ok_or_else(|| Problem::broken("names no place on the map").field("ENVI map info"))?;
        Ok(Self {
            width: header.width,
            height: header.height,
            transform: place.transform,
            epsg: place.epsg,
            unit: header.unit.clone(),
            is_float: header.kind.is_float(),
            is_scaled: header.scale != 1.0 || header.offset != 0.0,
            cells: Cells::Envi(Box::new(raster)),
        })
    }

    /// Map bounds.
    pub fn bounds(&self) -> Bounds {
        self.transform.bounds(self.width, self.height)
    }

    /// Values of a window that lies inside, after scale and offset; missing cells are NaN.
    ///
    /// # Errors
    /// A window that is not inside, or a file that is broken there.
    pub fn window(&self, window: Window) -> Result<Grid<f32>> {
        match &self.cells {
            Cells::GeoTiff(raster) => raster.window(window),
            Cells::Envi(raster) => raster.window(window),
        }
    }
}
