//! A vector layer before its columns are understood: a table of text and a polygon per record.
//!
//! GeoJSON and GeoPackage both become a [`Layer`], so that everything behind it (column names,
//! numbers as text, messages) is one code for both, and for text tables as well.

use geo::MultiPolygon;

use super::table::Table;

/// In which system the coordinates of a layer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerCrs {
    /// A code such as `EPSG:31370` or `OGC:CRS84`.
    Code(String),
    /// The file does not say.
    Unknown,
}

/// Attributes and polygons of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Attributes; one record per polygon.
    pub table: Table,
    /// Polygon of each record as the file gives it, or what is wrong with it.
    pub polygons: Vec<Result<MultiPolygon<f64>, String>>,
    /// System of the coordinates.
    pub crs: LayerCrs,
    /// What was odd about the layer as a whole.
    pub warnings: Vec<String>,
}

/// Most records of one layer: all buildings of the region fit, a hostile file does not fill the
/// memory.
pub const MAX_FEATURES: usize = 4_000_000;

/// Most cells of one layer.
pub const MAX_CELLS: usize = 40_000_000;
