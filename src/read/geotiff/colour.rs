//! Colours of an orthophoto: windows of red, green, blue and whether there is a picture at all.

use std::path::Path;

use tiff::tags::Tag;

use super::GeoTiff;
use super::header::{self, SampleKind};
use super::keys;
use super::source::Source;
use crate::problem::{Problem, Result};
use crate::raster::{GeoTransform, Grid, Window};

/// Who holds the rights, as the file says.
const COPYRIGHT: Tag = Tag::Unknown(33_432);
const EXTRA_SAMPLES: Tag = Tag::Unknown(338);

/// How samples make a colour.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// One sample of grey instead of three of colours.
    grey: bool,
    /// Grey is dark where the number is high.
    inverted: bool,
    /// Sample that tells how opaque a cell is.
    alpha: Option<usize>,
}

/// An open picture of the ground.
#[derive(Debug)]
pub struct ColourTiff {
    tiff: GeoTiff,
    layout: Layout,
    /// Who holds the rights, as the file says; may be empty.
    pub credit: String,
}

impl ColourTiff {
    /// Opens a file and reads its directories.
    ///
    /// # Errors
    /// A file that is not there, is no GeoTIFF of colours of 8 bits, is broken, or of a kind that is
    /// not read.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let source = Source::open(path)
            .map_err(|error| Problem::io(error.to_string()).in_file(name.as_str()))?;
        Self::parse(source, name.clone()).map_err(|problem| problem.in_file(name))
    }

    fn parse(source: Source, name: String) -> Result<Self> {
        let mut decoder = header::decoder(&source)?;
        let kind = header::number(&mut decoder, Tag::PhotometricInterpretation, 2)?;
        let extra = decoder
            .find_tag_unsigned_vec::<u16>(EXTRA_SAMPLES)
            .map_err(|e| header::problem(&e))?
            .unwrap_or_default();
        let credit = keys::text(&mut decoder, COPYRIGHT)?.unwrap_or_default();
        drop(decoder);
        let tiff = GeoTiff::parse_any(source, name)?;
        let found = |what: &str| {
            Problem::unsupported(format!("{what}, expected red, green and blue of 8 bits"))
                .hint("convert it: gdal_translate -ot Byte -scale -b 1 -b 2 -b 3")
        };
        if tiff.kind != SampleKind::U8 {
            return Err(found(&format!("has {:?} samples", tiff.kind)).field("BitsPerSample"));
        }
        let colours = match kind {
            0 | 1 => 1,
            2 => 3,
            6 if tiff.format.packing == header::Packing::Jpeg => 3,
            3 => {
                let hint = "convert it: gdal_translate -expand rgb";
                return Err(found("has a palette")
                    .field("PhotometricInterpretation")
                    .hint(hint));
            }
            other => {
                let what = format!("has colours of kind {other}");
                return Err(found(&what).field("PhotometricInterpretation"));
            }
        };
        // Pictures of three bands are often said to be grey with two more.
        let grey = colours == 1 && tiff.bands < 3;
        let colours = if grey { 1 } else { 3 };
        if tiff.bands < colours {
            return Err(found(&format!("has {} bands", tiff.bands)).field("SamplesPerPixel"));
        }
        // Infrared as a fourth band is no opacity: only 1 and 2 are.
        let first_extra = tiff.bands.saturating_sub(extra.len()).max(colours);
        let alpha = extra.iter().position(|e| matches!(e, 1 | 2));
        let layout = Layout {
            grey,
            inverted: kind == 0,
            alpha: alpha.map(|i| first_extra + i).filter(|i| *i < tiff.bands),
        };
        let items = ["COPYRIGHT", "ATTRIBUTION", "SOURCE", "BRON"];
        let item = tiff.tags.iter().find(|(name, text)| {
            !text.trim().is_empty() && items.iter().any(|i| name.eq_ignore_ascii_case(i))
        });
        let credit = match credit.trim() {
            "" => item.map_or(String::new(), |(_, text)| text.trim().to_owned()),
            credit => credit.to_owned(),
        };
        Ok(Self {
            tiff,
            layout,
            credit,
        })
    }

    /// Bands of the file.
    pub fn bands(&self) -> usize {
        self.tiff.bands
    }

    /// EPSG code; `None` when the file names none.
    pub fn epsg(&self) -> Option<u32> {
        self.tiff.epsg
    }

    /// Place and size of every level: the picture itself, then its overviews.
    pub fn levels(&self) -> Vec<(GeoTransform, usize, usize)> {
        let sizes = self.tiff.levels().into_iter().enumerate();
        sizes
            .filter_map(|(i, (width, height))| Some((self.tiff.level_transform(i)?, width, height)))
            .collect()
    }

    /// Red, green, blue and opacity in a window of a level that lies inside.
    ///
    /// # Errors
    /// A level or window that is not there, or a broken strip or tile.
    pub fn window(&self, level: usize, window: Window) -> Result<Grid<[u8; 4]>> {
        self.read(level, window)
            .map_err(|problem| problem.in_file(self.tiff.name()))
    }

    fn read(&self, level: usize, window: Window) -> Result<Grid<[u8; 4]>> {
        let missing = self.tiff.nodata.filter(|n| (0.0..=255.0).contains(n));
        let missing = missing.map(|n| n as u8);
        let turned = if self.layout.inverted { 255 } else { 0 };
        let grey = self.layout.grey;
        let colour = |sample: &dyn Fn(usize) -> u8| {
            let rgb = match grey {
                true => [sample(0) ^ turned; 3],
                false => [sample(0), sample(1), sample(2)],
            };
            let blank =
                missing.is_some_and(|n| (0..if grey { 1 } else { 3 }).all(|i| sample(i) == n));
            let opacity = match self.layout.alpha {
                _ if blank => 0,
                Some(i) => sample(i),
                None => 255,
            };
            [rgb[0], rgb[1], rgb[2], opacity]
        };
        if !self.tiff.format.planar {
            let stride = self.tiff.bands;
            return self.tiff.gather(level, 0, window, [0; 4], &|bytes, out| {
                for (cell, samples) in out.iter_mut().zip(bytes.chunks(stride)) {
                    *cell = colour(&|i| samples.get(i).copied().unwrap_or(0));
                }
            });
        }
        // Of a file of hundreds of bands only those that are looked at.
        let colours = if grey { 1 } else { 3 };
        let bands = (0..self.tiff.bands).map(|band| {
            if band >= colours && self.layout.alpha != Some(band) {
                return Ok(None);
            }
            let read = self.tiff.gather(level, band, window, 0_u8, &|bytes, out| {
                for (cell, byte) in out.iter_mut().zip(bytes) {
                    *cell = *byte;
                }
            });
            read.map(Some)
        });
        let bands = bands.collect::<Result<Vec<Option<Grid<u8>>>>>()?;
        let mut grid = Grid::filled(window.width, window.height, [0; 4]);
        for (place, cell) in grid.data_mut().iter_mut().enumerate() {
            let sample = |i: usize| {
                bands
                    .get(i)
                    .and_then(Option::as_ref)
                    .map_or(0, |b| b.data()[place])
            };
            *cell = colour(&sample);
        }
        Ok(grid)
    }
}
