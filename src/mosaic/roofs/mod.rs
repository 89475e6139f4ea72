//! Roofs on the map and the frame each belongs to.

use geo::MultiPolygon;

/// A roof by its outline.
#[derive(Clone, Copy, Debug)]
pub struct RoofOutline<'a> {
    /// Number of the caller; of roofs that overlap, the lower one holds.
    pub number: u32,
    /// Outline, project CRS, metres.
    pub outline: &'a MultiPolygon<f64>,
}
