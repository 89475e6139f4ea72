//! MBTiles 1.3: PNG or JPEG tiles of the web map's pyramid in one SQLite file.
//!
//! Zoom levels are levels, the deepest first; rows count from the south in the file and from the
//! north here. The file is opened read-only and as untrusted, as GeoPackages are.

use std::io::Cursor;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use rusqlite::{Connection, OptionalExtension};

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

/// Open tiles.
#[derive(Debug)]
pub(super) struct MbTiles {
    /// One reader at a time: a database connection cannot be shared.
    connection: Mutex<Connection>,
    name: String,
    /// Levels of the pyramid, the deepest first.
    zooms: Vec<u32>,
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
        if Self::repeats(&connection).map_err(|e| broken(&name, &e))? {
            let what = "has a view that repeats itself (WITH), which is not read";
            return Err(Problem::unsupported(what)
                .in_file(name)
                .hint("export the picture again as MBTiles or GeoTIFF"));
        }
        let read = Self::facts(&connection).map_err(|e| broken(&name, &e))?;
        let (zooms, credit, first) = read;
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
            credit,
        })
    }

    /// Whether a view is made by a common table expression: one without end would never answer. Tiles may
    /// well be a plain view over two tables.
    fn repeats(connection: &Connection) -> rusqlite::Result<bool> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_master WHERE type = 'view'")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let sql: String = row.get::<_, Option<String>>(0)?.unwrap_or_default();
            let mut words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if words.any(|word| word.eq_ignore_ascii_case("with")) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn facts(connection: &Connection) -> rusqlite::Result<(Vec<u32>, String, Option<Vec<u8>>)> {
        let said = |name: &str| -> rusqlite::Result<String> {
            let query = "SELECT substr(CAST(value AS TEXT), 1, 2000) FROM metadata WHERE name = ?1";
            let found: Option<Option<String>> = connection
                .query_row(query, [name], |row| row.get(0))
                .optional()?;
            Ok(found.flatten().unwrap_or_default())
        };
        let credit = without_tags(&said("attribution").unwrap_or_default());
        let mut statement = connection.prepare(
            "SELECT DISTINCT zoom_level FROM tiles WHERE zoom_level BETWEEN 0 AND ?1 ORDER BY 1 DESC",
        )?;
        let zooms = statement
            .query_map([DEEPEST], |row| row.get::<_, u32>(0))?
            .collect::<rusqlite::Result<Vec<u32>>>()?;
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
        connection
            .query_row(
                query,
                [i64::from(zoom), col as i64, from_south, LARGEST_TILE],
                |found| found.get(0),
            )
            .optional()
            .map_err(|e| broken(&self.name, &e))
    }
}

fn broken(name: &str, error: &rusqlite::Error) -> Problem {
    Problem::broken(format!("cannot be read as MBTiles ({error})"))
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
