//! A vector layer before its columns are understood: a table of text and a shape per record.
//!
//! GeoJSON, GeoPackage, shapefile and FlatGeobuf all become a [`Layer`], so that everything
//! behind it (column names, numbers as text, messages) is one code for all, and for text tables
//! as well.

use geo::{BoundingRect, Geometry, MultiPolygon};

use super::table::Table;
use super::wkb;

/// In which system the coordinates of a layer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerCrs {
    /// A code such as `EPSG:31370` or `OGC:CRS84`.
    Code(String),
    /// The file does not say.
    Unknown,
}

/// A shape of a record as the file gives it, or what is wrong with it.
pub type Shape = Result<Geometry<f64>, String>;

/// Attributes and shapes of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name of the layer, or of the file where that has only one.
    pub name: String,
    /// Attributes; one record per shape.
    pub table: Table,
    /// Shape of each record.
    pub shapes: Vec<Shape>,
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

/// Cells that a layer may have without holding a byte for each: empty ones take memory, too.
const FREE_CELLS: usize = 4_000_000;

/// Whether a layer of so many features and columns is read from a file of so many bytes.
pub fn fits(features: usize, columns: usize, bytes: u64) -> bool {
    let cells = features.saturating_mul(columns);
    features <= MAX_FEATURES && cells <= MAX_CELLS && are_held(cells, bytes)
}

/// Whether so many cells are believed of a file of so many bytes.
pub(super) fn are_held(cells: usize, bytes: u64) -> bool {
    cells <= FREE_CELLS || cells as u64 <= bytes
}

/// Services of the region stop at this count (flemish-data.md §1.4).
pub const SERVICE_LIMIT: usize = 10_000;

impl Layer {
    /// Whether there are as many records as services give at most: then some may be missing.
    pub fn looks_cut(&self) -> bool {
        self.table.records.len() == SERVICE_LIMIT
    }

    /// The shapes as polygons.
    pub fn polygons(&self) -> impl Iterator<Item = Result<MultiPolygon<f64>, String>> {
        self.shapes.iter().map(polygon_of)
    }

    /// Middle of each shape's box, of those that have one.
    pub fn middles(&self) -> impl Iterator<Item = [f64; 2]> {
        self.shapes.iter().filter_map(|shape| {
            let middle = shape.as_ref().ok()?.bounding_rect()?.center();
            Some([middle.x, middle.y])
        })
    }
}

/// A shape as polygons.
///
/// # Errors
/// It is of another kind, or was wrong already.
pub fn polygon_of(shape: &Shape) -> Result<MultiPolygon<f64>, String> {
    shape.clone().and_then(wkb::polygons_of)
}

/// A shape as one place.
///
/// # Errors
/// It is of another kind, has no finite coordinates, or was wrong already.
pub fn point_of(shape: &Shape) -> Result<[f64; 2], String> {
    let point = match shape.as_ref().map_err(Clone::clone)? {
        Geometry::Point(point) => *point,
        // Exports "to multipoint" hold one point each.
        Geometry::MultiPoint(points) if points.0.len() == 1 => {
            points.0.first().copied().ok_or("has no place")?
        }
        _ => return Err("is no point, expected one".to_string()),
    };
    if point.x().is_finite() && point.y().is_finite() {
        Ok([point.x(), point.y()])
    } else {
        Err("has a coordinate that is no place".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_cells_are_bounded_by_the_size_of_the_file() {
        assert!(fits(8_000, 500, 10));
        assert!(!fits(80_000, 500, 1_600_000));
        assert!(fits(800_000, 12, 100_000_000));
        assert!(!fits(MAX_FEATURES + 1, 1, u64::MAX) && !fits(MAX_FEATURES, 11, u64::MAX));
    }
}
