//! GeoTIFF shift grids: classic TIFF, 32-bit floats, strips or tiles, bands interleaved or
//! apart, deflate or nothing.
//!
//! A reader of our own because the published grid is tiled with separate bands, which the
//! `tiff` crate asserts against (image-tiff issue 403). Nodes are points (PixelIsPoint) or, with
//! the other raster type, half a cell further in. Bands: latitude and longitude shift in
//! arc-seconds, as GDAL's `<GDALMetadata>` of such grids says; further bands are accuracies.

use super::{MAX_NODES, Part};
use crate::problem::{Problem, Result};

/// Reads the first image.
pub(super) fn part(bytes: &[u8]) -> Result<Part> {
    let tiff = Tiff::open(bytes)?;
    let layout = Layout::read(&tiff)?;
    let scale = tiff.doubles(33550)?;
    let tie = tiff.doubles(33922)?;
    let ([step_lon, step_lat, ..], [px, py, _, x, y, ..]) = (&scale[..], &tie[..]) else {
        return Err(Problem::broken("holds no pixel scale or tie point").field("GeoTIFF tags"));
    };
    let half = if pixel_is_point(&tiff)? { 0.0 } else { 0.5 };
    check_meaning(&tiff)?;
    Part::check_shape(layout.height, layout.width, *step_lat, *step_lon)?;
    let mut shifts_arcsec = vec![[f32::NAN; 2]; layout.width * layout.height];
    layout.read_bands(&tiff, &mut shifts_arcsec)?;
    Ok(Part {
        north_deg: y + (py - half) * step_lat,
        west_deg: x - (px - half) * step_lon,
        step_lat_deg: *step_lat,
        step_lon_deg: *step_lon,
        rows: layout.height,
        columns: layout.width,
        shifts_arcsec,
    })
}

/// GTRasterTypeGeoKey (1025): 1 area, 2 point.
fn pixel_is_point(tiff: &Tiff<'_>) -> Result<bool> {
    let keys = tiff.integers(34735)?;
    Ok(keys
        .chunks_exact(4)
        .any(|key| key[0] == 1025 && key[3] == 2))
}

/// Units and direction of the first two bands; a grid in other units is refused, not converted.
fn check_meaning(tiff: &Tiff<'_>) -> Result<()> {
    let Some(metadata) = tiff.text(42112) else {
        return Ok(());
    };
    let refuse = |found: &str| {
        Err(Problem::unsupported(format!("says {found}"))
            .field("GDAL_METADATA")
            .hint(
                "name the grid with latitude and longitude offsets in arc-seconds, east positive",
            ))
    };
    if metadata.contains("name=\"UNITTYPE\" sample=\"0\"") && !metadata.contains("arc-second") {
        return refuse("offsets in other units than arc-seconds");
    }
    if metadata.contains("<Item name=\"positive_value\" sample=\"1\">west") {
        return refuse("longitude offsets positive to the west");
    }
    if metadata.contains("sample=\"0\" role=\"description\"")
        && !metadata.contains("sample=\"0\" role=\"description\">latitude_offset<")
    {
        return refuse("that the first band is not the latitude offset");
    }
    Ok(())
}

/// How the samples are laid out in the file.
struct Layout {
    width: usize,
    height: usize,
    bands: usize,
    /// Bands stored apart.
    planar: bool,
    chunk_width: usize,
    chunk_height: usize,
    deflate: bool,
    predictor: u32,
    offsets: Vec<u32>,
    lengths: Vec<u32>,
    tiled: bool,
}

impl Layout {
    fn read(tiff: &Tiff<'_>) -> Result<Layout> {
        let (width, height) = (tiff.one(256)? as usize, tiff.one(257)? as usize);
        let bands = tiff.one_or(277, 1) as usize;
        let tiled = tiff.entry(322).is_some();
        let (chunk_width, chunk_height) = if tiled {
            (tiff.one(322)? as usize, tiff.one(323)? as usize)
        } else {
            (
                width,
                (tiff.one_or(278, height as u32) as usize).min(height),
            )
        };
        let (offsets, lengths) = if tiled { (324, 325) } else { (273, 279) };
        let compression = tiff.one_or(259, 1);
        let float = tiff.integers(258)?.iter().all(|bits| *bits == 32)
            && tiff.integers(339)?.iter().all(|format| *format == 3);
        let sizes = [width, height, bands, chunk_width, chunk_height];
        let cells = |a: usize, b: usize| a.checked_mul(b).is_some_and(|n| n <= MAX_NODES);
        if !float || bands < 2 || sizes.contains(&0) || bands > 8 {
            return Err(Problem::unsupported(format!(
                "holds {bands} bands, expected latitude and longitude offsets as 32-bit floats"
            )));
        }
        if !cells(width, height) || !cells(chunk_width, chunk_height) {
            return Err(Problem::broken(format!("claims {width} × {height} nodes")));
        }
        if !matches!(compression, 1 | 8 | 32946) {
            return Err(Problem::unsupported(format!(
                "is compressed by method {compression}, expected none or deflate"
            )));
        }
        Ok(Layout {
            width,
            height,
            bands,
            planar: tiff.one_or(284, 1) == 2,
            chunk_width,
            chunk_height,
            deflate: compression != 1,
            predictor: tiff.one_or(317, 1),
            offsets: tiff.integers(offsets)?,
            lengths: tiff.integers(lengths)?,
            tiled,
        })
    }

    /// Fills the first two bands.
    fn read_bands(&self, tiff: &Tiff<'_>, shifts: &mut [[f32; 2]]) -> Result<()> {
        let across = self.width.div_ceil(self.chunk_width);
        let down = self.height.div_ceil(self.chunk_height);
        for chunk in 0..across * down {
            let (col, row) = (
                chunk % across * self.chunk_width,
                chunk / across * self.chunk_height,
            );
            for plane in 0..if self.planar { 2 } else { 1 } {
                let samples = self.samples(tiff, chunk + plane * across * down, row)?;
                self.place(&samples, col, row, plane, shifts);
            }
        }
        Ok(())
    }

    /// Copies a chunk's samples into the grid.
    fn place(&self, samples: &[f32], col: usize, row: usize, plane: usize, to: &mut [[f32; 2]]) {
        let pixel = if self.planar { 1 } else { self.bands };
        for (i, line) in samples.chunks_exact(self.chunk_width * pixel).enumerate() {
            for (j, values) in line.chunks_exact(pixel).enumerate() {
                if row + i >= self.height || col + j >= self.width {
                    continue;
                }
                let node = &mut to[(row + i) * self.width + col + j];
                if self.planar {
                    node[plane] = values[0];
                } else {
                    *node = [values[0], values[1]];
                }
            }
        }
    }

    /// Samples of one strip or tile.
    fn samples(&self, tiff: &Tiff<'_>, index: usize, row: usize) -> Result<Vec<f32>> {
        let pixel = if self.planar { 1 } else { self.bands };
        let rows = if self.tiled {
            self.chunk_height
        } else {
            self.chunk_height.min(self.height - row)
        };
        let line = self.chunk_width * pixel;
        let broken = || Problem::broken(format!("strip or tile {index} is missing or damaged"));
        let (offset, length) = self
            .offsets
            .get(index)
            .zip(self.lengths.get(index))
            .ok_or_else(broken)?;
        let (start, length) = (*offset as usize, *length as usize);
        let stored = start
            .checked_add(length)
            .and_then(|end| tiff.bytes.get(start..end))
            .ok_or_else(broken)?;
        let mut raw = vec![0u8; line * rows * 4];
        if self.deflate {
            let written = libdeflater::Decompressor::new()
                .zlib_decompress(stored, &mut raw)
                .map_err(|_| broken())?;
            if written != raw.len() {
                return Err(broken());
            }
        } else {
            let plain = stored.get(..raw.len()).ok_or_else(broken)?;
            raw.copy_from_slice(plain);
        }
        match self.predictor {
            1 => Ok(raw
                .chunks_exact(4)
                .map(|b| tiff.single([b[0], b[1], b[2], b[3]]))
                .collect()),
            3 => Ok(raw
                .chunks_exact_mut(line * 4)
                .flat_map(|bytes| undo_float_predictor(bytes, pixel))
                .collect()),
            other => Err(Problem::unsupported(format!(
                "uses predictor {other}, expected none or the floating-point one"
            ))),
        }
    }
}

/// Adobe TIFF technical note 3: bytes of a row are differenced and stored by significance, the
/// most significant of all samples first.
fn undo_float_predictor(bytes: &mut [u8], pixel: usize) -> Vec<f32> {
    for i in pixel..bytes.len() {
        bytes[i] = bytes[i].wrapping_add(bytes[i - pixel]);
    }
    let n = bytes.len() / 4;
    (0..n)
        .map(|i| f32::from_be_bytes([bytes[i], bytes[n + i], bytes[2 * n + i], bytes[3 * n + i]]))
        .collect()
}

/// First image file directory of a classic TIFF.
struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    directory: usize,
    entries: usize,
}

impl<'a> Tiff<'a> {
    fn open(bytes: &'a [u8]) -> Result<Tiff<'a>> {
        let mut tiff = Tiff {
            bytes,
            big_endian: bytes.starts_with(b"MM"),
            directory: 0,
            entries: 0,
        };
        let cut = || Problem::broken("ends inside its first directory");
        tiff.directory = tiff.u32_at(4).ok_or_else(cut)? as usize;
        tiff.entries = tiff.u16_at(tiff.directory).ok_or_else(cut)? as usize;
        let end = tiff
            .directory
            .checked_add(2 + 12 * tiff.entries)
            .ok_or_else(cut)?;
        if end > bytes.len() {
            return Err(cut());
        }
        Ok(tiff)
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        let b = self.bytes.get(at..at.checked_add(2)?)?;
        Some(if self.big_endian {
            u16::from_be_bytes([b[0], b[1]])
        } else {
            u16::from_le_bytes([b[0], b[1]])
        })
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        let b = self.bytes.get(at..at.checked_add(4)?)?;
        Some(if self.big_endian {
            u32::from_be_bytes([b[0], b[1], b[2], b[3]])
        } else {
            u32::from_le_bytes([b[0], b[1], b[2], b[3]])
        })
    }

    fn single(&self, bytes: [u8; 4]) -> f32 {
        if self.big_endian {
            f32::from_be_bytes(bytes)
        } else {
            f32::from_le_bytes(bytes)
        }
    }

    /// Byte position of an entry.
    fn entry(&self, tag: u16) -> Option<usize> {
        (0..self.entries)
            .map(|i| self.directory + 2 + 12 * i)
            .find(|at| self.u16_at(*at) == Some(tag))
    }

    /// Type, byte position and bytes of an entry's values.
    fn values(&self, tag: u16) -> Option<(u16, usize, &'a [u8])> {
        let at = self.entry(tag)?;
        let kind = self.u16_at(at + 2)?;
        let size = match kind {
            1 | 2 | 7 => 1,
            3 => 2,
            4 => 4,
            12 => 8,
            _ => return None,
        };
        let length = (self.u32_at(at + 4)? as usize).checked_mul(size)?;
        let start = if length <= 4 {
            at + 8
        } else {
            self.u32_at(at + 8)? as usize
        };
        let bytes = self.bytes.get(start..start.checked_add(length)?)?;
        Some((kind, start, bytes))
    }

    fn integers(&self, tag: u16) -> Result<Vec<u32>> {
        let missing = || Problem::broken("is missing or damaged").field(format!("tag {tag}"));
        let (kind, start, bytes) = self.values(tag).ok_or_else(missing)?;
        let count = bytes.len() / if kind == 3 { 2 } else { 4 };
        (0..count)
            .map(|i| match kind {
                3 => self.u16_at(start + 2 * i).map(u32::from),
                4 => self.u32_at(start + 4 * i),
                _ => None,
            })
            .collect::<Option<Vec<u32>>>()
            .filter(|values| !values.is_empty())
            .ok_or_else(missing)
    }

    fn one(&self, tag: u16) -> Result<u32> {
        Ok(self.integers(tag)?[0])
    }

    fn one_or(&self, tag: u16, default: u32) -> u32 {
        self.one(tag).unwrap_or(default)
    }

    fn doubles(&self, tag: u16) -> Result<Vec<f64>> {
        match self.values(tag) {
            Some((12, _, bytes)) => Ok(bytes
                .chunks_exact(8)
                .map(|b| {
                    let b = [b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]];
                    if self.big_endian {
                        f64::from_be_bytes(b)
                    } else {
                        f64::from_le_bytes(b)
                    }
                })
                .collect()),
            _ => Err(Problem::broken("is missing or damaged").field(format!("tag {tag}"))),
        }
    }

    fn text(&self, tag: u16) -> Option<String> {
        match self.values(tag)? {
            (2, _, bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }
}
