//! Opens a vector file of any kind that is read.

use std::path::Path;

use super::layer::Layer;
use super::table::{file_name, read_bytes};
use super::{flatgeobuf, geojson, gpkg, refused, shapefile};
use crate::problem::{Problem, Result};

/// Endings of the files that are read.
pub const EXTENSIONS: &[&str] = &["gpkg", "geojson", "json", "shp", "fgb"];

/// Reads the polygon layer of a file. Of several layers (GeoPackage), the one that has one of
/// the `preferred` columns, then one with one of `names` (lower case) in its name, then the
/// largest.
///
/// # Errors
/// A kind of file that is not read, and as the reader of its kind.
pub fn layer(path: &Path, preferred: &[String], names: &[&str]) -> Result<Layer> {
    match extension(path).as_str() {
        "gpkg" => gpkg::layer(path, preferred, names),
        _ => single(path),
    }
}

/// Reads every layer of a file.
///
/// # Errors
/// As [`layer`].
pub fn layers(path: &Path) -> Result<Vec<Layer>> {
    match extension(path).as_str() {
        "gpkg" => gpkg::layers(path),
        _ => Ok(vec![single(path)?]),
    }
}

fn single(path: &Path) -> Result<Layer> {
    let file = file_name(path);
    match extension(path).as_str() {
        "geojson" | "json" => geojson::layer(&file, &read_bytes(path, geojson::MAX_BYTES)?),
        "fgb" => flatgeobuf::layer(&file, &read_bytes(path, flatgeobuf::MAX_BYTES)?),
        "shp" => shapefile::open(path),
        other => {
            if let Some(problem) = refused::refused(path) {
                return Err(problem);
            }
            let what = format!("is a \".{other}\" file, expected .gpkg, .geojson, .shp or .fgb");
            Err(Problem::unsupported(what)
                .in_file(file)
                .hint("export the layer as GeoPackage"))
        }
    }
}

/// Ending of a path in lower case; empty without one.
pub(super) fn extension(path: &Path) -> String {
    let extension = path.extension().and_then(|e| e.to_str());
    extension.unwrap_or_default().to_ascii_lowercase()
}
