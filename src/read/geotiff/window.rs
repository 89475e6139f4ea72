//! From chunks to windows: which strips or tiles are touched, and what their numbers mean.

use rayon::prelude::*;
use std::sync::Arc;

use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid, Window};

use super::chunk::{self, Chunk};
use super::header::{Level, SampleKind};
use super::{GeoTiff, MAX_WINDOW_CELLS};

/// Number in the file → value.
#[derive(Clone, Copy, Debug)]
struct Meaning {
    nodata: Option<f64>,
    scale: f64,
    offset: f64,
}

impl Meaning {
    #[inline]
    fn value(&self, number: f64) -> f32 {
        if Some(number) == self.nodata {
            f32::NAN
        } else {
            (number * self.scale + self.offset) as f32
        }
    }
}

impl GeoTiff {
    /// Columns and rows of every level: the raster itself, then its overviews.
    pub fn levels(&self) -> Vec<(usize, usize)> {
        self.levels.iter().map(|l| (l.width, l.height)).collect()
    }

    /// Place of a level on the map; `None` where there is no such level.
    pub fn level_transform(&self, level: usize) -> Option<GeoTransform> {
        let level = self.levels.get(level)?;
        Some(GeoTransform {
            dx: self.transform.dx * factor(self.width, level.width),
            dy: self.transform.dy * factor(self.height, level.height),
            ..self.transform
        })
    }

    /// Values of band `band` (from 0) of a level (0 = full resolution) in a window that lies
    /// inside; nodata is NaN.
    ///
    /// # Errors
    /// A level, band or window that is not there, or a broken strip or tile.
    pub fn level_window(&self, level: usize, band: usize, window: Window) -> Result<Grid<f32>> {
        self.values(level, band, window)
            .map_err(|problem| problem.in_file(self.name.as_str()))
    }

    /// A picture of the part of the raster inside `bounds`, at most `max_px` cells wide and high:
    /// read from the overview that is just finer, then averaged over valid cells. `None` where
    /// the bounds lie outside.
    ///
    /// # Errors
    /// A broken strip or tile, or a raster that is too large and has no overviews.
    pub fn read_downsampled(&self, bounds: &Bounds, max_px: usize) -> Result<Option<GeoGrid<f32>>> {
        let max_px = max_px.max(1);
        let mut best = None;
        for (index, level) in self.levels.iter().enumerate() {
            let transform = self.level_transform(index).unwrap_or(self.transform);
            let Some(window) = transform.window_of(bounds, level.width, level.height) else {
                return Ok(None);
            };
            if best.is_some() && window.width.max(window.height) < max_px {
                break;
            }
            best = Some((index, transform.of_window(window), window));
        }
        let Some((index, transform, window)) = best else {
            return Ok(None);
        };
        let factor = window.width.max(window.height).div_ceil(max_px);
        let grid = averaged(&self.level_window(index, 0, window)?, factor);
        Ok(Some(GeoGrid {
            grid,
            transform: GeoTransform {
                dx: transform.dx * factor as f64,
                dy: transform.dy * factor as f64,
                ..transform
            },
        }))
    }

    fn values(&self, level: usize, band: usize, window: Window) -> Result<Grid<f32>> {
        let kind = self.kind;
        // Nodata of floats is written as decimal text: compare what the sample can hold.
        let nodata = match kind {
            SampleKind::F32 => self.nodata.map(|nodata| f64::from(nodata as f32)),
            _ => self.nodata,
        };
        let meaning = Meaning {
            nodata,
            scale: self.scale,
            offset: self.offset,
        };
        let stride = self.format.interleaved() * kind.bytes();
        self.gather(level, band, window, f32::NAN, &|bytes, out| {
            row_of_values(kind, bytes, stride, &meaning, out);
        })
    }

    pub(super) fn counts(&self, window: Window) -> Result<Grid<u16>> {
        let stride = self.format.interleaved() * self.kind.bytes();
        let missing = self.nodata.map_or(0, |nodata| nodata as u16);
        match self.kind {
            SampleKind::U8 => self.gather(0, 0, window, missing, &|bytes, out| {
                each(bytes, stride, out, |[byte]: [u8; 1]| u16::from(byte));
            }),
            SampleKind::U16 => self.gather(0, 0, window, missing, &|bytes, out| {
                each(bytes, stride, out, u16::from_ne_bytes);
            }),
            kind => Err(Problem::unsupported(format!(
                "has {kind:?} samples, expected 16-bit counts"
            ))),
        }
    }

    /// Decodes every chunk the window touches, in parallel; `convert` turns the
    /// bytes of a row from its first wanted sample on into cells.
    pub(super) fn gather<T: Copy + Send + Sync>(
        &self,
        level: usize,
        band: usize,
        window: Window,
        missing: T,
        convert: &(dyn Fn(&[u8], &mut [T]) + Sync),
    ) -> Result<Grid<T>> {
        let there = self.levels.get(level).filter(|_| band < self.bands);
        let Some(found) = there else {
            let what = format!("has no level {level} or no band {}", band + 1);
            return Err(Problem::setting(what));
        };
        check(&window, found)?;
        let mut grid = Grid::filled(window.width, window.height, missing);
        if window.width == 0 || window.height == 0 {
            return Ok(grid);
        }
        strips(grid.data_mut(), &window, found.chunk_height)
            .into_par_iter()
            .try_for_each(|(chunk_row, cells)| {
                self.row_of_chunks((level, found), band, &window, chunk_row, cells, convert)
            })?;
        Ok(grid)
    }

    fn row_of_chunks<T>(
        &self,
        (number, level): (usize, &Level),
        band: usize,
        window: &Window,
        chunk_row: usize,
        cells: &mut [T],
        convert: &(dyn Fn(&[u8], &mut [T]) + Sync),
    ) -> Result<()> {
        let (plane, within) = if self.format.planar {
            (band * level.across * level.down, 0)
        } else {
            (0, band)
        };
        let sample = self.kind.bytes();
        let first_row = window.row.max(chunk_row * level.chunk_height);
        let end_col = window.col + window.width;
        let columns = window.col / level.chunk_width..end_col.div_ceil(level.chunk_width);
        let chunks: Vec<Option<Arc<Chunk>>> = columns
            .clone()
            .into_par_iter()
            .map(|chunk_col| {
                let index = plane + chunk_row * level.across + chunk_col;
                self.recent.get((number, index), || {
                    chunk::decode(&self.source, &self.format, level, index)
                })
            })
            .collect::<Result<_>>()?;
        for (chunk_col, chunk) in columns.zip(chunks) {
            let Some(chunk) = chunk else {
                continue;
            };
            let west = chunk_col * level.chunk_width;
            let from = window.col.max(west);
            let to = end_col.min(west + level.chunk_width);
            let at = ((from - west) * self.format.interleaved() + within) * sample;
            let skipped = first_row - chunk_row * level.chunk_height;
            for (i, row) in cells.chunks_exact_mut(window.width).enumerate() {
                let start = (skipped + i) * chunk.row_bytes;
                let end = start + chunk.row_bytes;
                // Every chunk holds all its rows and columns: `chunk::decode` checks.
                let Some(bytes) = chunk.bytes.get(start + at..end) else {
                    return Err(Problem::broken("has too small a strip or tile"));
                };
                convert(bytes, &mut row[from - window.col..to - window.col]);
            }
        }
        Ok(())
    }
}

/// Cells of the full resolution in one of an overview. A whole number where the last cell of the
/// overview may stick out over the edge, which is how overviews are made.
fn factor(full: usize, reduced: usize) -> f64 {
    let ratio = full as f64 / reduced as f64;
    let whole = ratio.round().max(1.0);
    if full.div_ceil(whole as usize) == reduced {
        whole
    } else {
        ratio
    }
}

fn check(window: &Window, level: &Level) -> Result<()> {
    let inside = |start: usize, length: usize, all: usize| {
        start.checked_add(length).is_some_and(|end| end <= all)
    };
    if !inside(window.col, window.width, level.width)
        || !inside(window.row, window.height, level.height)
    {
        let (width, height) = (level.width, level.height);
        let what = format!("{window:?} is not inside {width} × {height} cells");
        return Err(Problem::setting(what));
    }
    match window.width.checked_mul(window.height) {
        Some(cells) if cells <= MAX_WINDOW_CELLS => Ok(()),
        _ => Err(Problem::unsupported(format!(
            "a window of {} × {} cells is too large to hold at once",
            window.width, window.height
        ))),
    }
}

/// Cuts a window's cells where one row of chunks ends and the next begins.
fn strips<'a, T>(
    cells: &'a mut [T],
    window: &Window,
    chunk_height: usize,
) -> Vec<(usize, &'a mut [T])> {
    let end = window.row + window.height;
    let mut parts = Vec::new();
    let mut rest = cells;
    let mut row = window.row;
    while row < end {
        let chunk_row = row / chunk_height;
        let next = ((chunk_row + 1) * chunk_height).min(end);
        let (part, others) = rest.split_at_mut((next - row) * window.width);
        parts.push((chunk_row, part));
        (rest, row) = (others, next);
    }
    parts
}

/// Reads a sample of `N` bytes every `stride` bytes.
#[inline]
fn each<T, const N: usize>(
    bytes: &[u8],
    stride: usize,
    out: &mut [T],
    read: impl Fn([u8; N]) -> T,
) {
    if stride == N {
        for (cell, sample) in out.iter_mut().zip(bytes.as_chunks::<N>().0) {
            *cell = read(*sample);
        }
        return;
    }
    for (cell, samples) in out.iter_mut().zip(bytes.chunks(stride)) {
        if let Some(sample) = samples.first_chunk::<N>() {
            *cell = read(*sample);
        }
    }
}

fn row_of_values(
    kind: SampleKind,
    bytes: &[u8],
    stride: usize,
    meaning: &Meaning,
    out: &mut [f32],
) {
    match kind {
        SampleKind::U8 => each(bytes, stride, out, |[b]: [u8; 1]| meaning.value(b.into())),
        SampleKind::I8 => each(bytes, stride, out, |b| {
            meaning.value(i8::from_ne_bytes(b).into())
        }),
        SampleKind::U16 => each(bytes, stride, out, |b| {
            meaning.value(u16::from_ne_bytes(b).into())
        }),
        SampleKind::I16 => each(bytes, stride, out, |b| {
            meaning.value(i16::from_ne_bytes(b).into())
        }),
        SampleKind::U32 => each(bytes, stride, out, |b| {
            meaning.value(u32::from_ne_bytes(b).into())
        }),
        SampleKind::I32 => each(bytes, stride, out, |b| {
            meaning.value(i32::from_ne_bytes(b).into())
        }),
        SampleKind::F32 if meaning.scale == 1.0 && meaning.offset == 0.0 => {
            // Kept bit for bit.
            let nodata = meaning.nodata.unwrap_or(f64::NAN) as f32;
            each(bytes, stride, out, |b| {
                let value = f32::from_ne_bytes(b);
                if value == nodata { f32::NAN } else { value }
            });
        }
        SampleKind::F32 => each(bytes, stride, out, |b| {
            meaning.value(f32::from_ne_bytes(b).into())
        }),
        SampleKind::F64 => each(bytes, stride, out, |b| meaning.value(f64::from_ne_bytes(b))),
    }
}

/// Mean of the valid cells in blocks of `factor` × `factor`; blocks at the east and south edge
/// are made of the cells there are.
fn averaged(grid: &Grid<f32>, factor: usize) -> Grid<f32> {
    if factor <= 1 {
        return grid.clone();
    }
    let (width, height) = (
        grid.width().div_ceil(factor),
        grid.height().div_ceil(factor),
    );
    let mut sums = Grid::filled(width, height, (0.0_f64, 0_u32));
    for row in 0..grid.height() {
        for (col, value) in grid.row(row).iter().enumerate() {
            if !value.is_nan() {
                let (sum, count) = sums.at(col / factor, row / factor);
                let more = (sum + f64::from(*value), count + 1);
                sums.set(col / factor, row / factor, more);
            }
        }
    }
    // 0/0 is NaN: nothing valid, nothing known.
    sums.map(|(sum, count)| (sum / f64::from(count)) as f32)
}
