//! Writes Cloud-Optimised GeoTIFF, tile by tile.
//!
//! In: tiles of a grid in row-major order. Out: one file with overviews, tags and directories
//! at the front, that GDAL, QGIS and browsers read by ranges.
//!
//! The order inside such a file is the reverse of the order it comes into being: overviews lie
//! before the full resolution and the directories before everything. So each level's compressed
//! tiles go to a nameless spool file beside the target, each overview keeps one row of tiles in
//! memory, and [`CogWriter::finish`] joins the pieces. Memory: for `w` columns at most
//! `4 · tile_px · w` bytes over all overviews, whatever the height.
//!
//! Same tiles, same bytes: fixed compression levels, no date, no machine.
//!
//! Not here: choosing what is in a tile (`mosaic`), colours, JPEG and masks.

mod deflate;
mod encode;
mod layout;
mod pyramid;
mod small;
mod spec;

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::problem::{Problem, Result};
use crate::raster::Grid;

use super::atomic::{AtomicFile, is_full, refused, spool_beside};
use super::room::{self, Needed};
use encode::Encoder;
use pyramid::Band;

pub use encode::EncodedTile;
pub use small::{GridSpec, write_grid};
pub use spec::{CogSpec, Compression, Sample, Scaling};

/// A file being written; see the module head.
#[derive(Debug)]
pub struct CogWriter {
    path: PathBuf,
    spec: CogSpec,
    scaling: Option<Scaling>,
    encoder: Encoder,
    levels: Vec<Level>,
}

/// One resolution: its spooled tiles, and the tile row being filled (overviews only).
#[derive(Debug)]
struct Level {
    width: usize,
    height: usize,
    tiles_across: usize,
    tiles_down: usize,
    spool: BufWriter<File>,
    sizes: Vec<u32>,
    band: Option<Band>,
}

impl CogWriter {
    /// Checks the wish and opens the spools beside `path`.
    ///
    /// # Errors
    /// A setting no file can hold, or a folder that refuses new files.
    pub fn create(path: &Path, spec: CogSpec) -> Result<Self> {
        Self::open(path, spec, None)
    }

    /// Like [`CogWriter::create`] for values stored as counts: tiles hold values, the file holds
    /// `(value − offset) / scale`, rounded, and tells readers how to go back.
    ///
    /// # Errors
    /// As [`CogWriter::create`]; also a scale that is 0 or not finite, or float samples.
    pub fn create_scaled(path: &Path, spec: CogSpec, scaling: Scaling) -> Result<Self> {
        let usable = scaling.scale.is_finite() && scaling.scale != 0.0;
        if !usable || !scaling.offset.is_finite() || spec.sample == Sample::F32 {
            return Err(Problem::setting(format!(
                "is {scaling:?} for {:?}, expected a finite scale, not 0, and integers",
                spec.sample
            ))
            .field("scaling")
            .in_file(path.display().to_string()));
        }
        Self::open(path, spec, Some(scaling))
    }

    fn open(path: &Path, spec: CogSpec, scaling: Option<Scaling>) -> Result<Self> {
        let in_file = |problem: Problem| problem.in_file(path.display().to_string());
        spec.check().map_err(in_file)?;
        let encoder = Encoder::new(&spec, scaling).map_err(in_file)?;
        let levels = pyramid::levels(spec.width, spec.height, spec.tile_px)
            .into_iter()
            .take(if spec.overviews { usize::MAX } else { 1 })
            .enumerate()
            .map(|(i, (width, height))| Level::open(path, width, height, spec.tile_px, i > 0))
            .collect::<Result<_>>()?;
        Ok(Self {
            path: path.to_path_buf(),
            spec,
            scaling,
            encoder,
            levels,
        })
    }

    /// What is being written.
    pub fn spec(&self) -> &CogSpec {
        &self.spec
    }

    /// Compresses a tile: the costly part, free of side effects, for calling in parallel.
    /// Cells beyond the tile's own size are missing.
    ///
    /// # Errors
    /// A tile larger than `tile_px`, or a failure of the compressor.
    pub fn encode_tile(&self, tile: &Grid<f32>) -> Result<EncodedTile> {
        self.encoder
            .encode(tile)
            .map_err(|problem| problem.in_file(self.path.display().to_string()))
    }

    /// Appends a compressed tile. Tiles come row by row from the north-west, none left out; each
    /// has `tile_px` × `tile_px` cells, or is cut at the east and south edge.
    ///
    /// # Errors
    /// A tile out of turn or of the wrong size, or a full disk.
    pub fn write_encoded(
        &mut self,
        tile_col: usize,
        tile_row: usize,
        tile: EncodedTile,
    ) -> Result<()> {
        self.check_turn(tile_col, tile_row)?;
        self.append(0, vec![tile])
    }

    /// Compresses and appends a tile; order and size as for [`CogWriter::write_encoded`].
    ///
    /// # Errors
    /// As [`CogWriter::encode_tile`] and [`CogWriter::write_encoded`].
    pub fn write_tile(&mut self, tile_col: usize, tile_row: usize, tile: &Grid<f32>) -> Result<()> {
        let tile = self.encode_tile(tile)?;
        self.write_encoded(tile_col, tile_row, tile)
    }

    /// Compresses tiles in parallel and appends them, from (`tile_col`, `tile_row`) on; a whole
    /// row at once keeps the overviews parallel as well.
    ///
    /// # Errors
    /// As [`CogWriter::encode_tile`] and [`CogWriter::write_encoded`].
    pub fn write_tiles(
        &mut self,
        tile_col: usize,
        tile_row: usize,
        tiles: &[Grid<f32>],
    ) -> Result<()> {
        self.check_turn(tile_col, tile_row)?;
        let encoded: Vec<EncodedTile> = tiles
            .par_iter()
            .map(|tile| self.encode_tile(tile))
            .collect::<Result<_>>()?;
        self.append(0, encoded)
    }

    /// Joins the pieces, brings the file to the disk and puts it in place.
    ///
    /// # Errors
    /// When tiles are missing or the disk refuses; no file is left then.
    pub fn finish(mut self) -> Result<()> {
        let full = &self.levels[0];
        let (there, due) = (full.sizes.len(), full.tiles_across * full.tiles_down);
        if there != due {
            return Err(self.problem(format!("has {there} tiles, expected {due}")));
        }
        let levels: Vec<layout::Level<'_>> = self
            .levels
            .iter()
            .map(|level| layout::Level {
                width: level.width,
                height: level.height,
                sizes: &level.sizes,
            })
            .collect();
        let predictor = self.encoder.predictor();
        let head = layout::head(&self.spec, self.scaling, predictor, &levels)?;
        let mut file = AtomicFile::create(&self.path)?;
        let spooled: u64 = self.levels.iter().map(Level::spooled).sum();
        file.expect_bytes(head.len() as u64 + spooled);
        join(&mut file, &head, &mut self.levels).map_err(|error| file.refused(&error))?;
        file.commit()
    }

    /// The problem of a spool that could not be written.
    fn spool_refused(&self, error: &std::io::Error) -> Problem {
        if !is_full(error) {
            return refused(&self.path, "cannot be spooled", error);
        }
        let spooled: u64 = self.levels.iter().map(Level::spooled).sum();
        let full = &self.levels[0];
        let (done, due) = (full.sizes.len(), full.tiles_across * full.tiles_down);
        // Spools and the file joined from them lie side by side at the end.
        let whole = 2.0 * spooled as f64 * due as f64 / done.max(1) as f64;
        room::none_left(&self.path, Needed::About(whole as u64), spooled)
    }

    /// Appends tiles to a level, and the overview tiles that are complete with them above it.
    fn append(&mut self, level: usize, tiles: Vec<EncodedTile>) -> Result<()> {
        let mut above = Vec::new();
        for tile in tiles {
            let (col, row, last) = self.check_size(level, &tile)?;
            if let Err(error) = self.levels[level].spool(&tile.bytes) {
                return Err(self.spool_refused(&error));
            }
            if let Some(next) = self.levels.get_mut(level + 1)
                && let (Some(band), Some(half)) = (&mut next.band, &tile.half)
            {
                above.extend(band.put(col, row, half, last));
            }
        }
        if above.is_empty() {
            return Ok(());
        }
        let encoded = above
            .par_iter()
            .map(|tile| self.encoder.encode_stored(tile))
            .collect::<Result<_>>()?;
        self.append(level + 1, encoded)
    }

    fn check_turn(&self, tile_col: usize, tile_row: usize) -> Result<()> {
        let full = &self.levels[0];
        let next = full.sizes.len();
        let due = (next % full.tiles_across, next / full.tiles_across);
        if due == (tile_col, tile_row) {
            Ok(())
        } else {
            Err(self.problem(format!(
                "got tile {tile_col}, {tile_row}, expected {}, {} (row by row)",
                due.0, due.1
            )))
        }
    }

    /// Column and row of the next tile of a level, and whether it is the last of each.
    fn check_size(&self, level: usize, tile: &EncodedTile) -> Result<(usize, usize, (bool, bool))> {
        let this = &self.levels[level];
        let next = this.sizes.len();
        let (col, row) = (next % this.tiles_across, next / this.tiles_across);
        if row >= this.tiles_down {
            return Err(self.problem("got more tiles than it has"));
        }
        let px = self.spec.tile_px;
        let due = (
            px.min(this.width - col * px),
            px.min(this.height - row * px),
        );
        if due != (tile.width, tile.height) {
            return Err(self.problem(format!(
                "tile {col}, {row} is {} × {}, expected {} × {}",
                tile.width, tile.height, due.0, due.1
            )));
        }
        let last = (col + 1 == this.tiles_across, row + 1 == this.tiles_down);
        Ok((col, row, last))
    }

    fn problem(&self, what: impl Into<String>) -> Problem {
        Problem::setting(what).in_file(self.path.display().to_string())
    }
}

impl Level {
    fn open(
        path: &Path,
        width: usize,
        height: usize,
        tile_px: usize,
        overview: bool,
    ) -> Result<Self> {
        Ok(Self {
            width,
            height,
            tiles_across: width.div_ceil(tile_px),
            tiles_down: height.div_ceil(tile_px),
            spool: BufWriter::new(spool_beside(path)?),
            sizes: Vec::new(),
            band: overview.then(|| Band::new(width, height, tile_px)),
        })
    }

    /// Bytes of the tiles so far.
    fn spooled(&self) -> u64 {
        self.sizes.iter().map(|s| u64::from(*s) + 8).sum()
    }

    /// Size, tile, last four bytes: as the ghost area promises.
    fn spool(&mut self, tile: &[u8]) -> std::io::Result<()> {
        // At most 8192² cells of 4 bytes, which the compressors cannot grow beyond 32 bits.
        let size = tile.len() as u32;
        self.sizes.push(size);
        self.spool.write_all(&size.to_le_bytes())?;
        self.spool.write_all(tile)?;
        self.spool.write_all(&tile[tile.len().saturating_sub(4)..])
    }
}

/// Head, then the spools from the smallest level to the full resolution.
fn join(file: &mut AtomicFile, head: &[u8], levels: &mut [Level]) -> std::io::Result<()> {
    file.write_all(head)?;
    for level in levels.iter_mut().rev() {
        level.spool.flush()?;
        let spool = level.spool.get_mut();
        spool.seek(SeekFrom::Start(0))?;
        std::io::copy(spool, file.file_mut())?;
    }
    Ok(())
}
