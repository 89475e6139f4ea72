//! Shapefiles.
//!
//! In: the bytes of `.shp` and `.dbf`, of `.prj` and `.cpg` where they lie beside it. Out: a
//! [`Layer`]. Formats: Esri Shapefile Technical Description (July 1998); dBase III table as the
//! region's registers write it.
//!
//! Names are cut to ten signs in these files, so columns are looked up by the first ten of a
//! name, too ([`Table::short_names`](super::table::Table)). Counts are checked against the bytes
//! left before anything is allocated.
//!
//! Not read: the index `.shx` (the shapes follow each other) and memo files.

mod dbf;
mod prj;
mod shp;

use std::path::{Path, PathBuf};

use super::layer::{Layer, LayerCrs, MAX_FEATURES};
use super::table::{Place, Record, Table, file_name, read_bytes};
use crate::problem::{Problem, Result};

/// Largest part of a shapefile that is read, bytes.
pub const MAX_BYTES: u64 = 1 << 30;

/// Largest text beside it, bytes.
const MAX_SIDE_BYTES: u64 = 64 << 10;

/// The parts of one shapefile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'b> {
    /// Shapes.
    pub shp: &'b [u8],
    /// Attributes.
    pub dbf: Option<&'b [u8]>,
    /// Coordinate system.
    pub prj: Option<&'b [u8]>,
    /// Encoding of the attributes.
    pub cpg: Option<&'b [u8]>,
}

/// Opens a `.shp` and what lies beside it, whatever the case of the endings.
///
/// # Errors
/// Missing or unreadable parts, and as [`layer`].
pub fn open(path: &Path) -> Result<Layer> {
    let part = |extension: &str, limit: u64| match beside(path, extension) {
        Some(found) => read_bytes(&found, limit).map(Some),
        None => Ok(None),
    };
    let shp = read_bytes(path, MAX_BYTES)?;
    let (dbf, prj) = (part("dbf", MAX_BYTES)?, part("prj", MAX_SIDE_BYTES)?);
    let cpg = part("cpg", MAX_SIDE_BYTES)?;
    let parts = Parts {
        shp: &shp,
        dbf: dbf.as_deref(),
        prj: prj.as_deref(),
        cpg: cpg.as_deref(),
    };
    layer(&file_name(path), &parts)
}

/// A file of the same name with another ending.
pub fn beside(path: &Path, extension: &str) -> Option<PathBuf> {
    let upper = extension.to_ascii_uppercase();
    [extension, &upper]
        .into_iter()
        .map(|e| path.with_extension(e))
        .find(|p| p.is_file())
}

/// Reads shapes with their attributes.
///
/// # Errors
/// No shapefile, parts that do not belong together, more features than are read.
pub fn layer(file: &str, parts: &Parts<'_>) -> Result<Layer> {
    let shapes = shp::read(parts.shp).map_err(|what| broken(file, what))?;
    let Some(dbf) = parts.dbf else {
        return Err(
            Problem::broken("lies without its .dbf, which holds the columns")
                .in_file(file)
                .hint("copy all files of the shapefile (.shp, .dbf, .prj, .cpg)"),
        );
    };
    let attributes = dbf::read(dbf, parts.cpg).map_err(|what| broken(&dbf_name(file), what))?;
    if attributes.rows.len() != shapes.len() {
        let what = format!(
            "has {} shapes, but its .dbf has {} rows",
            shapes.len(),
            attributes.rows.len()
        );
        return Err(broken(file, what));
    }
    let crs = match parts.prj {
        Some(prj) => prj::code(&String::from_utf8_lossy(prj)),
        None => None,
    };
    let mut warnings = attributes.warnings;
    if parts.prj.is_some() && crs.is_none() {
        warnings.push("has a .prj that names no system known here".to_string());
    }
    let mut layer = Layer {
        name: stem(file).to_string(),
        table: Table {
            file: file.to_string(),
            headers: attributes.headers,
            records: Vec::with_capacity(shapes.len()),
            comma_separated: false,
            short_names: true,
        },
        shapes: Vec::with_capacity(shapes.len()),
        crs: crs.map_or(LayerCrs::Unknown, LayerCrs::Code),
        warnings,
    };
    // Places count deleted rows, too, as a GIS does that shows the record number.
    for ((shape, row), number) in shapes.into_iter().zip(attributes.rows).zip(1..) {
        if let Some(cells) = row {
            let place = Place::Feature(number);
            layer.table.records.push(Record { place, cells });
            layer.shapes.push(shape);
        }
    }
    Ok(layer)
}

/// Reads a `.dbf` that lies without shapes.
///
/// # Errors
/// No dBase table, or too large a one.
pub fn attributes(file: &str, bytes: &[u8], cpg: Option<&[u8]>) -> Result<Table> {
    let attributes = dbf::read(bytes, cpg).map_err(|what| broken(file, what))?;
    let rows = attributes.rows.into_iter().zip(1..);
    Ok(Table {
        file: file.to_string(),
        headers: attributes.headers,
        records: rows
            .filter_map(|(row, number)| {
                Some(Record {
                    place: Place::Feature(number),
                    cells: row?,
                })
            })
            .collect(),
        comma_separated: false,
        short_names: true,
    })
}

fn broken(file: &str, what: impl Into<String>) -> Problem {
    Problem::broken(what)
        .in_file(file)
        .hint("export the layer again, or as GeoPackage")
}

fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

fn dbf_name(file: &str) -> String {
    format!("{}.dbf", stem(file))
}

/// Little-endian words at a place.
fn le_u16(bytes: &[u8], at: usize) -> Option<u16> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*word))
}

fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*word))
}
