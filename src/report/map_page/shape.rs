//! Outlines in metres from an origin, to the centimetre.

use geo::{Coord, InteriorPoint, LineString, MultiPolygon, Polygon};
use serde::{Deserialize, Serialize};

/// Polygons of rings of points; the first ring of a polygon is its exterior.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shape(pub Vec<Vec<Vec<[f64; 2]>>>);

impl Shape {
    /// From the project CRS.
    pub fn new(polygon: &MultiPolygon<f64>, origin_m: [f64; 2]) -> Self {
        let ring = |r: &LineString<f64>| {
            // Closed by whoever draws.
            let open = r.0.len().saturating_sub(1);
            r.0.iter()
                .take(open)
                .map(|c| place([c.x, c.y], origin_m))
                .collect()
        };
        let rings = |p: &Polygon<f64>| {
            let all = std::iter::once(p.exterior()).chain(p.interiors());
            all.map(ring).collect()
        };
        Self(polygon.0.iter().map(rings).collect())
    }

    /// Back to the project CRS.
    pub fn polygon(&self, origin_m: [f64; 2]) -> MultiPolygon<f64> {
        let ring = |points: &Vec<[f64; 2]>| -> LineString<f64> {
            points
                .iter()
                .map(|p| Coord {
                    x: p[0] + origin_m[0],
                    y: p[1] + origin_m[1],
                })
                .collect()
        };
        let polygons = self.0.iter().filter_map(|rings| {
            let (exterior, holes) = rings.split_first()?;
            Some(Polygon::new(
                ring(exterior),
                holes.iter().map(ring).collect(),
            ))
        });
        MultiPolygon(polygons.collect())
    }
}

/// A point from the origin, to the centimetre.
pub(super) fn place(point: [f64; 2], origin_m: [f64; 2]) -> [f64; 2] {
    [0, 1].map(|i| ((point[i] - origin_m[i]) * 100.0).round() / 100.0)
}

/// A point inside a polygon, where a label stands.
pub(super) fn inside(polygon: &MultiPolygon<f64>, origin_m: [f64; 2]) -> [f64; 2] {
    let point = polygon.interior_point();
    place(point.map_or(origin_m, |p| [p.x(), p.y()]), origin_m)
}

/// A whole metre below and left of shapes.
pub(super) fn origin<'p>(shapes: impl Iterator<Item = &'p MultiPolygon<f64>>) -> [f64; 2] {
    use geo::BoundingRect;
    let corners = shapes.filter_map(BoundingRect::bounding_rect);
    let least = corners.fold([f64::INFINITY; 2], |least, r| {
        [least[0].min(r.min().x), least[1].min(r.min().y)]
    });
    least.map(|v| if v.is_finite() { v.floor() } else { 0.0 })
}
