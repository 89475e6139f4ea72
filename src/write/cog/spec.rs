//! What a raster file shall be: size, place, samples, compression and words in its tags.

use crate::problem::{Problem, Result};
use crate::raster::GeoTransform;

/// How tiles are compressed, without loss. Levels are fixed so that the same grid gives the
/// same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Deflate: read by everything.
    Deflate,
    /// Zstandard: written several times as fast; needs a GDAL that was built with it.
    Zstd,
    /// None.
    None,
}

/// How a cell is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// 32-bit float.
    F32,
    /// 8-bit unsigned.
    U8,
    /// 16-bit unsigned.
    U16,
    /// 32-bit unsigned. Cells pass through `f32`, which is exact up to 16 777 216.
    U32,
}

impl Sample {
    /// Bytes per cell.
    pub(super) fn bytes(self) -> usize {
        match self {
            Sample::U8 => 1,
            Sample::U16 => 2,
            Sample::F32 | Sample::U32 => 4,
        }
    }

    /// Largest whole number of an integer sample that `f32` holds exactly; `None` for floats.
    pub(super) fn largest(self) -> Option<f32> {
        match self {
            Sample::F32 => None,
            Sample::U8 => Some(255.0),
            Sample::U16 => Some(65_535.0),
            Sample::U32 => Some(16_777_216.0),
        }
    }
}

/// Stored number → value: `value = stored · scale + offset` (GDAL's convention).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Value of one count, not 0.
    pub scale: f64,
    /// Value of count 0.
    pub offset: f64,
}

/// Everything a raster file needs beside its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct CogSpec {
    /// Columns, > 0.
    pub width: usize,
    /// Rows, > 0.
    pub height: usize,
    /// Place on the map, north-up.
    pub transform: GeoTransform,
    /// EPSG code of the map coordinates.
    pub epsg: u32,
    /// Edge of a tile in cells, a multiple of 16.
    pub tile_px: usize,
    /// Compression of the tiles.
    pub compression: Compression,
    /// Floats are rounded to the largest power of two not above this step (0.01 → 1/128); 0
    /// keeps every bit. Rounded temperatures take less than half the space.
    pub round_k: f64,
    /// Sample format.
    pub sample: Sample,
    /// Number that marks a missing cell; NaN is usual for floats. Missing (NaN) cells of an
    /// integer raster become this number, or 0 when there is none.
    pub nodata: Option<f64>,
    /// Name of the band, e.g. `temperature`; may be empty.
    pub band_name: String,
    /// Unit of the band, e.g. `degC`; may be empty.
    pub unit: String,
    /// Further items of the GDAL metadata tag: name and text.
    pub tags: Vec<(String, String)>,
    /// Whether coarser levels are written, for viewers.
    pub overviews: bool,
}

impl CogSpec {
    /// A float raster with the house settings: tiles of 512, deflate, nothing rounded, NaN
    /// where there is no data, no words.
    pub fn new(width: usize, height: usize, transform: GeoTransform, epsg: u32) -> Self {
        Self {
            width,
            height,
            transform,
            epsg,
            tile_px: 512,
            compression: Compression::Deflate,
            round_k: 0.0,
            sample: Sample::F32,
            nodata: Some(f64::NAN),
            band_name: String::new(),
            unit: String::new(),
            tags: Vec::new(),
            overviews: true,
        }
    }

    /// Columns and rows of tiles.
    pub fn tiles(&self) -> (usize, usize) {
        (
            self.width.div_ceil(self.tile_px),
            self.height.div_ceil(self.tile_px),
        )
    }

    /// Refuses what no file can hold.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |field: &str, what: String| Err(Problem::setting(what).field(field));
        let whole = 1..=i32::MAX as usize;
        if !whole.contains(&self.width) || !whole.contains(&self.height) {
            let size = format!("is {} × {}, expected 1 to 2³¹ − 1", self.width, self.height);
            return wrong("width, height", size);
        }
        if !(16..=8192).contains(&self.tile_px) || !self.tile_px.is_multiple_of(16) {
            let what = format!("is {}, expected a multiple of 16 up to 8192", self.tile_px);
            return wrong("tile_px", what);
        }
        let t = &self.transform;
        let placed = t.x0.is_finite() && t.y0.is_finite() && t.dx.is_finite() && t.dy.is_finite();
        if !placed || t.dx <= 0.0 || t.dy <= 0.0 {
            return wrong("transform", format!("is {t:?}, expected cells > 0"));
        }
        if self.epsg == 0 || self.epsg >= 32_767 {
            let what = format!("is {}, expected 1 to 32766 (GeoTIFF keys)", self.epsg);
            return wrong("epsg", what);
        }
        if !self.round_k.is_finite() || self.round_k < 0.0 {
            return wrong("round_k", format!("is {}, expected ≥ 0", self.round_k));
        }
        match (self.sample.largest(), self.nodata) {
            (Some(largest), Some(nodata))
                if nodata.fract() != 0.0 || !(0.0..=f64::from(largest)).contains(&nodata) =>
            {
                let what = format!("is {nodata}, expected a whole number up to {largest}");
                wrong("nodata", what)
            }
            _ => Ok(()),
        }
    }
}
