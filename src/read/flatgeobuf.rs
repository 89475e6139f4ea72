//! FlatGeobuf files.
//!
//! In: the bytes of a `.fgb` file. Out: a [`Layer`]. Format: FlatGeobuf specification, version 3
//! (header and features as size-prefixed FlatBuffers, an index of fixed size between them);
//! FlatBuffers: "Internals" of its documentation.
//!
//! The tables inside are read by hand: every offset and count is checked against the bytes that
//! are there, so a hostile file cannot lead anywhere.

mod buffer;
mod shape;

use super::layer::{Layer, LayerCrs, fits};
use super::table::{Place, Record, Table};
use crate::problem::{Problem, Result};
use buffer::TableRef;

/// Largest file read, bytes.
pub const MAX_BYTES: u64 = 1 << 30;

/// Most columns.
const MAX_COLUMNS: usize = 2000;

/// Longest text kept of a cell, bytes.
const MAX_TEXT: usize = 64 << 10;

/// Bytes of one node of the index.
const NODE: u64 = 40;

type Parsed<T> = std::result::Result<T, String>;

/// Reads all features.
///
/// # Errors
/// No FlatGeobuf, of another version, cut, or with more features than are read.
pub fn layer(file: &str, bytes: &[u8]) -> Result<Layer> {
    read(file, bytes).map_err(|what| {
        Problem::broken(what)
            .in_file(file)
            .hint("export the layer again, or as GeoPackage")
    })
}

fn read(file: &str, bytes: &[u8]) -> Parsed<Layer> {
    match bytes {
        [b'f', b'g', b'b', 3, b'f', b'g', b'b', _, ..] => {}
        [b'f', b'g', b'b', version, b'f', b'g', b'b', ..] => {
            return Err(format!("is FlatGeobuf version {version}, expected 3"));
        }
        _ => return Err("is no FlatGeobuf".to_string()),
    }
    let mut rest = bytes.get(8..).unwrap_or_default();
    let header = TableRef::root(prefixed(&mut rest).ok_or("ends within its header")?)
        .ok_or("has a broken header")?;
    let columns = columns(&header)?;
    let kind = header.u8(2).unwrap_or(0);
    let count = header.u64(8).unwrap_or(0);
    let node_size = header.u16(9).unwrap_or(16);
    rest = usize::try_from(index_size(count, node_size))
        .ok()
        .and_then(|size| rest.get(size..))
        .ok_or("ends within its index")?;
    let name = header.text(0, MAX_TEXT).unwrap_or_default();
    let mut layer = Layer {
        name: if name.is_empty() {
            file.to_string()
        } else {
            name
        },
        table: Table {
            file: file.to_string(),
            headers: columns.iter().map(|c| c.name.clone()).collect(),
            records: Vec::new(),
            comma_separated: false,
            short_names: false,
        },
        shapes: Vec::new(),
        crs: crs(&header),
        warnings: Vec::new(),
    };
    while !rest.is_empty() {
        let number = layer.shapes.len() + 1;
        if !fits(number, columns.len(), bytes.len() as u64) {
            let of = columns.len();
            return Err(format!(
                "has more than {number} features of {of} columns, which is too much"
            ));
        }
        let body = prefixed(&mut rest).ok_or_else(|| format!("ends within feature {number}"))?;
        let feature =
            TableRef::root(body).ok_or_else(|| format!("has a broken feature {number}"))?;
        layer.shapes.push(match feature.table(0) {
            Some(geometry) => shape::read(&geometry, kind),
            None => Err("has no geometry".to_string()),
        });
        layer.table.records.push(Record {
            place: Place::Feature(number as u64),
            cells: cells(&columns, feature.bytes(1).unwrap_or_default())
                .map_err(|what| format!("has a feature {number} whose properties {what}"))?,
        });
    }
    if count > 0 && count != layer.shapes.len() as u64 {
        return Err(format!(
            "says it has {count} features, but holds {}",
            layer.shapes.len()
        ));
    }
    Ok(layer)
}

/// The bytes behind a length; `rest` moves past them.
fn prefixed<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let (body, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = behind;
    Some(body)
}

/// Bytes of the packed Hilbert R-tree: all levels from the features up to one root.
fn index_size(features: u64, node_size: u16) -> u64 {
    if features == 0 || node_size == 0 {
        return 0;
    }
    let size = u64::from(node_size.max(2));
    let mut level = features;
    let mut nodes = features;
    while level > 1 {
        level = level.div_ceil(size);
        nodes = nodes.saturating_add(level);
    }
    // A single feature has a leaf and a root.
    if features == 1 {
        nodes = nodes.saturating_add(1);
    }
    nodes.saturating_mul(NODE)
}

struct ColumnOf {
    name: String,
    kind: u8,
}

fn columns(header: &TableRef<'_>) -> Parsed<Vec<ColumnOf>> {
    let found = header.count(7);
    if found > MAX_COLUMNS {
        return Err(format!(
            "has {found} columns, expected at most {MAX_COLUMNS}"
        ));
    }
    let Some(listed) = header.tables(7) else {
        return Ok(Vec::new());
    };
    listed
        .iter()
        .map(|column| {
            let column = column.ok_or("has a broken column")?;
            Ok(ColumnOf {
                name: column
                    .text(0, MAX_TEXT)
                    .unwrap_or_default()
                    .trim()
                    .to_string(),
                kind: column.u8(1).unwrap_or(0),
            })
        })
        .collect()
}

fn crs(header: &TableRef<'_>) -> LayerCrs {
    let Some(crs) = header.table(10) else {
        return LayerCrs::Unknown;
    };
    let organisation = crs.text(0, 100).unwrap_or_default();
    let organisation = match organisation.trim() {
        "" => "EPSG",
        named => named,
    };
    match crs.u32(1).unwrap_or(0) {
        0 => match crs.text(5, 100) {
            Some(code) if !code.trim().is_empty() => {
                LayerCrs::Code(format!("{organisation}:{}", code.trim()).to_ascii_uppercase())
            }
            _ => LayerCrs::Unknown,
        },
        code => LayerCrs::Code(format!("{organisation}:{code}").to_ascii_uppercase()),
    }
}

/// Values of one feature: column number, then the value by the kind of its column.
fn cells(columns: &[ColumnOf], mut bytes: &[u8]) -> Parsed<Vec<String>> {
    let mut cells = vec![String::new(); columns.len()];
    while !bytes.is_empty() {
        let (index, rest) = bytes.split_first_chunk::<2>().ok_or("end too early")?;
        let index = usize::from(u16::from_le_bytes(*index));
        let column = columns
            .get(index)
            .ok_or("name a column that is not there")?;
        let (text, rest) = value(column.kind, rest).ok_or("end too early")?;
        if let Some(cell) = cells.get_mut(index) {
            *cell = text;
        }
        bytes = rest;
    }
    Ok(cells)
}

/// One value as text and what is left.
fn value(kind: u8, bytes: &[u8]) -> Option<(String, &[u8])> {
    macro_rules! number {
        ($kind:ty) => {{
            let (word, rest) = bytes.split_first_chunk()?;
            Some((<$kind>::from_le_bytes(*word).to_string(), rest))
        }};
    }
    match kind {
        0 => number!(i8),
        1 => number!(u8),
        2 => {
            let (&flag, rest) = bytes.split_first()?;
            Some(((flag != 0).to_string(), rest))
        }
        3 => number!(i16),
        4 => number!(u16),
        5 => number!(i32),
        6 => number!(u32),
        7 => number!(i64),
        8 => number!(u64),
        9 => number!(f32),
        10 => number!(f64),
        // Text, JSON, time and bytes, each with its length in front.
        11..=14 => {
            let mut rest = bytes;
            let body = prefixed(&mut rest)?;
            let kept = body.get(..MAX_TEXT).unwrap_or(body);
            let text = match kind {
                14 => String::new(),
                _ => String::from_utf8_lossy(kept).trim().to_string(),
            };
            Some((text, rest))
        }
        _ => None,
    }
}
