//! A whole grid at once: surface models, tiles of a thermal orthophoto, tests.

use std::path::Path;

use crate::problem::Result;
use crate::raster::{GeoGrid, Window};

use super::{CogSpec, CogWriter, Compression, Sample, Scaling};

/// What [`write_grid`] needs beside the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct GridSpec {
    /// EPSG code of the map coordinates.
    pub epsg: u32,
    /// Sample format.
    pub sample: Sample,
    /// Number that marks a missing cell.
    pub nodata: Option<f64>,
    /// Stored count → value, for integer samples.
    pub scaling: Option<Scaling>,
    /// Floats are rounded to a power of two not above this step; 0 keeps every bit.
    pub round_k: f64,
    /// Edge of a tile in cells, a multiple of 16.
    pub tile_px: usize,
    /// Compression of the tiles.
    pub compression: Compression,
    /// Name of the band; may be empty.
    pub band_name: String,
    /// Unit of the band; may be empty.
    pub unit: String,
    /// Further items of the GDAL metadata tag: name and text.
    pub tags: Vec<(String, String)>,
}

impl GridSpec {
    /// Floats with every bit kept, `nodata` for missing cells (NaN, or −9999 as in DHMV).
    pub fn float(epsg: u32, nodata: f64, band_name: &str, unit: &str) -> Self {
        Self {
            epsg,
            sample: Sample::F32,
            nodata: Some(nodata),
            scaling: None,
            round_k: 0.0,
            tile_px: 512,
            compression: Compression::Deflate,
            band_name: band_name.to_owned(),
            unit: unit.to_owned(),
            tags: Vec::new(),
        }
    }

    /// 16-bit counts with `value = count · scale + offset`; count 0 is a missing cell.
    pub fn counts(epsg: u32, scaling: Scaling, band_name: &str, unit: &str) -> Self {
        Self {
            sample: Sample::U16,
            nodata: Some(0.0),
            scaling: Some(scaling),
            ..Self::float(epsg, 0.0, band_name, unit)
        }
    }
}

/// Writes a grid of values (NaN = missing) as a Cloud-Optimised GeoTIFF.
///
/// # Errors
/// A setting no file can hold, or a refusal of the operating system.
pub fn write_grid(path: &Path, grid: &GeoGrid<f32>, spec: &GridSpec) -> Result<()> {
    let (width, height) = (grid.grid.width(), grid.grid.height());
    let whole = CogSpec {
        tile_px: spec.tile_px,
        compression: spec.compression,
        round_k: spec.round_k,
        sample: spec.sample,
        nodata: spec.nodata,
        band_name: spec.band_name.clone(),
        unit: spec.unit.clone(),
        tags: spec.tags.clone(),
        ..CogSpec::new(width, height, grid.transform, spec.epsg)
    };
    let px = spec.tile_px;
    let mut writer = match spec.scaling {
        Some(scaling) => CogWriter::create_scaled(path, whole, scaling)?,
        None => CogWriter::create(path, whole)?,
    };
    for tile_row in 0..height.div_ceil(px) {
        let tiles: Vec<_> = (0..width.div_ceil(px))
            .map(|tile_col| {
                grid.grid.crop(Window {
                    col: tile_col * px,
                    row: tile_row * px,
                    width: px.min(width - tile_col * px),
                    height: px.min(height - tile_row * px),
                })
            })
            .collect();
        writer.write_tiles(0, tile_row, &tiles)?;
    }
    writer.finish()
}
