//! MBTiles 1.3: PNG or JPEG tiles of the web map's pyramid in one SQLite file.
//!
//! Zoom levels are levels, the deepest first; rows count from the south in the file and from the
//! north here. The file is opened read-only and as untrusted, as GeoPackages are.

use std::io::Cursor;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::problem::{Problem, Result};
use crate::raster::{GeoTransform, Grid, Window};
use crate::read::gpkg;
use crate::read::table::file_name;

/// System of the pyramid.
pub(super) const EPSG: u32 = 3857;

/// Half the side of the web map, metres.
const HALF_M: f64 = 20_037_508.342_789_244;

/// Deepest level that is read: 1 cm.
const DEEPEST: u32 = 24;

/// Largest packed tile, bytes, and its longest side.
const LARGEST_TILE: i64 = 16 << 20;
const LONGEST_SIDE: u32 = 4096;
/// Shortest side of a tile; smaller ones would be asked for by the million.
const SHORTEST_SIDE: u32 = 64;

/// Longest time that a view may take to answer: without end it could ask for all pairs of all rows.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most memory that the database may take once views are read, bytes.
const MOST_MEMORY: usize = 256 << 20;

/// Open tiles.
#[derive(Debug)]
pub(super) struct MbTiles {
    /// One reader at a time: a database connection cannot be shared.
    connection: Mutex<Connection>,
    name: String,
    /// Levels of the pyramid, the deepest first.
    zooms: Vec<u32>,
    /// Whether tiles may come from a view, which is watched.
    views: bool,
    /// Columns and rows of a tile.
    side: usize,
    /// Whose picture it is.
    pub(super) credit: String,
}

impl MbTiles {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let name = file_name(path);
        let connection = gpkg::open(path).map_err(|p| Problem {
            what: p.what.replace("GeoPackage", "MBTiles file"),
            hint: Some("export the picture again as MBTiles or GeoTIFF".to_owned()),
            ..p
        })?;
        let views = Self::views(&connection).map_err(|e| broken(&name, &e))?;
        if views.iter().any(|sql| repeats(sql)) {
            let what = "has a view that repeats itself (WITH), which is not read";
            return Err(Problem::unsupported(what)
                .in_file(name)
                .hint("export the picture again as MBTiles or GeoTIFF"));
        }
        let views = !views.is_empty();
        if views {
            // They may call functions that make a gigabyte out of nothing. The limit is that of the
            // whole program, hence not for files without them.
            let limit = format!("PRAGMA hard_heap_limit = {MOST_MEMORY};");
            let set = connection.execute_batch(&limit);
            set.map_err(|e| broken(&name, &e))?;
        }
        let read = within(&connection, views, || Self::facts(&connection, views));
        let (zooms, credit, first) = read.map_err(|e| broken(&name, &e))?;
        let fault = |what: &str| Problem::broken(what.to_owned()).in_file(name.clone());
        let Some(first) = first.filter(|_| !zooms.is_empty()) else {
            return Err(fault("holds no tile"));
        };
        let tile = decoded(&first).map_err(|p| p.in_file(name.clone()))?;
        if tile.width() != tile.height() {
            return Err(fault("has tiles that are not square"));
        }
        if tile.width() < SHORTEST_SIDE {
            return Err(fault("has tiles of fewer than 64 pixels a side"));
        }
        Ok(Self {
            connection: Mutex::new(connection),
            side: tile.width() as usize,
            name,
            zooms,
            views,
            credit,
        })
    }

    /// What the views of the file are made by.
    fn views(connection: &Connection) -> rusqlite::Result<Vec<String>> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_master WHERE type = 'view'")?;
        let views = statement.query_map([], |row| row.get::<_, Option<String>>(0))?;
        views.map(|sql| Ok(sql?.unwrap_or_default())).collect()
    }

    fn facts(
        connection: &Connection,
        views: bool,
    ) -> rusqlite::Result<(Vec<u32>, String, Option<Vec<u8>>)> {
        let said = |name: &str| -> rusqlite::Result<String> {
            let query = "SELECT substr(CAST(value AS TEXT), 1, 2000) FROM metadata WHERE name = ?1";
            let found: Option<Option<String>> = connection
                .query_row(query, [name], |row| row.get(0))
                .optional()?;
            Ok(found.flatten().unwrap_or_default())
        };
        let credit = without_tags(&said("attribution").unwrap_or_default());
        let mut zooms = Vec::new();
        if views {
            // A view joins every row that is not asked for by its level.
            let mut statement =
                connection.prepare("SELECT 1 FROM tiles WHERE zoom_level = ?1 LIMIT 1")?;
            for zoom in (0..=DEEPEST).rev() {
                if statement.exists([zoom])? {
                    zooms.push(zoom);
                }
            }
        } else {
            let mut statement = connection.prepare(
                "SELECT DISTINCT zoom_level FROM tiles WHERE zoom_level BETWEEN 0 AND ?1 \
                 ORDER BY 1 DESC",
            )?;
            for zoom in statement.query_map([DEEPEST], |row| row.get(0))? {
                zooms.push(zoom?);
            }
        }
        let query =
            "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND length(tile_data) < ?2 LIMIT 1";
        let first = match zooms.first() {
            Some(zoom) => connection
                .query_row(query, [i64::from(*zoom), LARGEST_TILE], |row| row.get(0))
                .optional()?,
            None => None,
        };
        Ok((zooms, credit, first))
    }

    /// Place and size of every level.
    pub(super) fn levels(&self) -> Vec<(GeoTransform, usize, usize)> {
        let zooms = self.zooms.iter();
        zooms
            .map(|zoom| {
                let cells = self.side << zoom;
                let cell = 2.0 * HALF_M / cells as f64;
                let place = GeoTransform {
                    x0: -HALF_M,
                    y0: HALF_M,
                    dx: cell,
                    dy: cell,
                };
                (place, cells, cells)
            })
            .collect()
    }

    /// Colours and opacity in a window of a level; nothing where there is no tile.
    pub(super) fn window(&self, level: usize, window: Window) -> Result<Grid<[u8; 4]>> {
        let mut grid = Grid::filled(window.width, window.height, [0; 4]);
        let Some(zoom) = self.zooms.get(level).copied() else {
            return Ok(grid);
        };
        let side = self.side;
        for tile_row in window.row / side..(window.row + window.height).div_ceil(side) {
            for tile_col in window.col / side..(window.col + window.width).div_ceil(side) {
                let Some(bytes) = self.tile(zoom, tile_col, tile_row)? else {
                    continue;
                };
                let place = format!("tile {zoom}/{tile_col}/{tile_row}");
                let fault = |p: Problem| p.field(place.clone()).in_file(self.name.clone());
                let tile = decoded(&bytes).map_err(fault)?.to_rgba8();
                if (tile.width() as usize, tile.height() as usize) != (side, side) {
                    let what = format!(
                        "is {} × {} pixels, expected {side}",
                        tile.width(),
                        tile.height()
                    );
                    return Err(fault(Problem::broken(what)));
                }
                let (west, north) = (tile_col * side, tile_row * side);
                for row in window.row.max(north)..(window.row + window.height).min(north + side) {
                    for col in window.col.max(west)..(window.col + window.width).min(west + side) {
                        let pixel = tile.get_pixel((col - west) as u32, (row - north) as u32);
                        grid.set(col - window.col, row - window.row, pixel.0);
                    }
                }
            }
        }
        Ok(grid)
    }

    fn tile(&self, zoom: u32, col: usize, row: usize) -> Result<Option<Vec<u8>>> {
        let from_south = (1_i64 << zoom) - 1 - row as i64;
        let query = "SELECT tile_data FROM tiles \
                     WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3 \
                     AND length(tile_data) < ?4";
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let asked = [i64::from(zoom), col as i64, from_south, LARGEST_TILE];
        within(&connection, self.views, || {
            let found = connection.query_row(query, asked, |found| found.get(0));
            found.optional()
        })
        .map_err(|e| broken(&self.name, &e))
    }
}

/// Whether a view is made by a common table expression: one without end would never answer. Tiles may
/// well be a plain view over two tables.
fn repeats(sql: &str) -> bool {
    let mut words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.any(|word| word.eq_ignore_ascii_case("with"))
}

/// Asks the file for something; where it has `views`, what takes longer than [`PATIENCE`] is ended.
fn within<T>(connection: &Connection, views: bool, ask: impl FnOnce() -> T) -> T {
    if !views {
        return ask();
    }
    let handle = connection.get_interrupt_handle();
    let (answered, waiting) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut wait = PATIENCE;
            // The statements behind the one that is ended are ended as well.
            while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
                wait = Duration::from_millis(50);
            }
        });
        let answer = ask();
        drop(answered);
        answer
    })
}

fn broken(name: &str, error: &rusqlite::Error) -> Problem {
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => format!(
            "has a view that takes longer than {} s to answer",
            PATIENCE.as_secs()
        ),
        _ => format!("cannot be read as MBTiles ({error})"),
    };
    Problem::broken(what)
        .in_file(name.to_owned())
        .hint("export the picture again as MBTiles or GeoTIFF")
}

/// The picture of a tile.
fn decoded(bytes: &[u8]) -> Result<DynamicImage> {
    let format = match bytes {
        [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat::Jpeg,
        [b'R', b'I', b'F', b'F', ..] => {
            return Err(Problem::unsupported("has WebP tiles, expected PNG or JPEG")
                .hint("convert it: gdal_translate -of MBTILES -co TILE_FORMAT=JPEG"));
        }
        _ => {
            return Err(Problem::unsupported(
                "has tiles that are no pictures, expected PNG or JPEG",
            ));
        }
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader
        .decode()
        .map_err(|e| Problem::broken(format!("has a tile that cannot be decoded ({e})")))
}

/// Text without the links that web maps put into their credits.
fn without_tags(html: &str) -> String {
    let mut inside = false;
    let text: String = html
        .chars()
        .filter(|c| {
            let shown = !inside && *c != '<';
            inside = (inside || *c == '<') && *c != '>';
            shown
        })
        .collect();
    let text = text.replace("&copy;", "©").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_lose_their_links() {
        let found = without_tags("&copy; <a href='https://x'>Digitaal  Vlaanderen</a>");
        assert_eq!(found, "© Digitaal Vlaanderen");
    }
}
