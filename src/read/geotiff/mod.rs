//! Reads windows of GeoTIFF rasters: surface models, thermal orthophotos, our own mosaics.
//!
//! In: a file or its bytes. Out: where it lies, what its numbers mean, and any window of it as
//! a grid of values, missing cells NaN. Only the strips or tiles a window touches are decoded;
//! a file stays open and may be read from several threads.
//!
//! Numbers are turned into values by GDAL's rules: nodata first, then
//! `value = number · scale + offset`.
//!
//! Colours of orthophotos, packed as JPEG, too, are read by [`ColourTiff`].
//!
//! Left out: rotated grids, masks, lossy compressions of numbers; said by name where met.

mod chunk;
mod colour;
mod header;
mod jpeg;
mod keys;
mod recent;
mod source;
mod unpack;
mod window;

use std::path::Path;

use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoTransform, Grid, Window};

use header::{Format, Level, Packing};
use recent::Recent;
use source::Source;

pub use colour::ColourTiff;
pub use header::SampleKind;
pub(in crate::read) use keys::text as text_tag;

/// Largest window in cells (4 GiB of floats).
const MAX_WINDOW_CELLS: usize = 1 << 30;

/// An open raster. Its facts are plain fields; cells come from [`GeoTiff::window`].
#[derive(Debug)]
pub struct GeoTiff {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Place on the map (cells are areas, whatever the file says).
    pub transform: GeoTransform,
    /// EPSG code; `None` when the file names none.
    pub epsg: Option<u32>,
    /// Number that marks a missing cell (before scale and offset).
    pub nodata: Option<f64>,
    /// Number of bands.
    pub bands: usize,
    /// Value of one count; 1 unless the file says otherwise.
    pub scale: f64,
    /// Value of count 0; 0 unless the file says otherwise.
    pub offset: f64,
    /// Type of the samples in the file.
    pub kind: SampleKind,
    /// Unit of the first band; may be empty.
    pub unit: String,
    /// Name of the first band; may be empty.
    pub band_name: String,
    /// Further items of GDAL's metadata tag: name and text.
    pub tags: Vec<(String, String)>,
    /// What is odd about the file but does not stop it.
    pub warnings: Vec<Problem>,
    name: String,
    source: Source,
    format: Format,
    /// Full resolution first.
    levels: Vec<Level>,
    recent: Recent,
}

impl GeoTiff {
    /// Opens a file and reads its directories.
    ///
    /// # Errors
    /// A file that is not there, is no GeoTIFF, is broken, or of a kind that is not read.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let source = Source::open(path)
            .map_err(|error| Problem::io(error.to_string()).in_file(name.as_str()))?;
        Self::from_source(source, name)
    }

    /// The same for bytes in memory.
    ///
    /// # Errors
    /// As [`GeoTiff::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::from_source(Source::Memory(bytes), "GeoTIFF".to_owned())
    }

    /// A page (from 0) of a TIFF of whatever place: numbers as stored, no overviews.
    ///
    /// # Errors
    /// No such page, or one that is broken or of a kind that is not read.
    pub(in crate::read) fn page(bytes: &[u8], page: usize) -> Result<Self> {
        let source = Source::Memory(bytes.to_vec());
        let mut decoder = header::decoder(&source)?;
        for _ in 0..page {
            decoder.next_image().map_err(|e| header::problem(&e))?;
        }
        let (format, full) = header::directory(&mut decoder)?;
        drop(decoder);
        if format.packing == Packing::Jpeg {
            return Err(header::refused(7));
        }
        Ok(Self {
            width: full.width,
            height: full.height,
            transform: GeoTransform {
                x0: 0.0,
                y0: 0.0,
                dx: 1.0,
                dy: 1.0,
            },
            epsg: None,
            nodata: None,
            bands: format.bands,
            scale: 1.0,
            offset: 0.0,
            kind: format.kind,
            unit: String::new(),
            band_name: String::new(),
            tags: Vec::new(),
            warnings: Vec::new(),
            name: "TIFF".to_owned(),
            source,
            format,
            levels: vec![full],
            recent: Recent::default(),
        })
    }

    fn from_source(source: Source, name: String) -> Result<Self> {
        Self::parse(source, name.clone()).map_err(|problem| problem.in_file(name))
    }

    fn parse(source: Source, name: String) -> Result<Self> {
        let raster = Self::parse_any(source, name)?;
        match raster.format.packing {
            // Its numbers are not those that were written.
            Packing::Jpeg => Err(header::refused(7)),
            _ => Ok(raster),
        }
    }

    /// The same of any compression that can be unpacked at all.
    fn parse_any(source: Source, name: String) -> Result<Self> {
        let mut decoder = header::decoder(&source)?;
        let (format, full) = header::directory(&mut decoder)?;
        let place = keys::place(&mut decoder)?;
        let words = keys::words(&mut decoder)?;
        let mut levels = vec![full];
        let overviews = header::overviews(&mut decoder, &format, &levels[0]);
        levels.extend(overviews);
        drop(decoder);
        let warnings = place.warning.into_iter();
        Ok(Self {
            width: levels[0].width,
            height: levels[0].height,
            transform: place.transform,
            epsg: place.epsg,
            nodata: words.nodata,
            bands: format.bands,
            scale: words.scale.unwrap_or(1.0),
            offset: words.offset.unwrap_or(0.0),
            kind: format.kind,
            unit: words.unit,
            band_name: words.band_name,
            tags: words.items,
            warnings: warnings.map(|w| w.in_file(name.as_str())).collect(),
            name,
            source,
            format,
            levels,
            recent: Recent::default(),
        })
    }

    /// Holds the strips or tiles decoded last, at most so many bytes of them: for windows that
    /// overlap and are read one after the other.
    #[must_use]
    pub fn remembering(mut self, bytes: usize) -> Self {
        self.recent = Recent::new(bytes);
        self
    }

    /// File it was opened from, as shown in problems.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Map bounds of the raster.
    pub fn bounds(&self) -> Bounds {
        self.transform.bounds(self.width, self.height)
    }

    /// The whole raster as a window.
    pub fn whole(&self) -> Window {
        Window {
            col: 0,
            row: 0,
            width: self.width,
            height: self.height,
        }
    }

    /// Values of the first band in a window that lies inside; nodata is NaN.
    ///
    /// # Errors
    /// A window that is not inside, or a broken strip or tile.
    pub fn window(&self, window: Window) -> Result<Grid<f32>> {
        self.band_window(0, window)
    }

    /// Values of band `band` (from 0) in a window that lies inside; nodata is NaN. Scale and
    /// offset are those of the first band.
    ///
    /// # Errors
    /// As [`GeoTiff::window`], and a band the file does not have.
    pub fn band_window(&self, band: usize, window: Window) -> Result<Grid<f32>> {
        self.level_window(0, band, window)
    }

    /// Unchanged 16-bit (or 8-bit) counts of the first band in a window that lies inside.
    ///
    /// # Errors
    /// As [`GeoTiff::window`], and samples of another type.
    pub fn window_u16(&self, window: Window) -> Result<Grid<u16>> {
        self.counts(window)
            .map_err(|p| p.in_file(self.name.as_str()))
    }
}
