//! Places away from all buildings.

use geo::{BoundingRect, Distance, Euclidean, MultiPolygon, Point};
use rstar::{AABB, RTree, RTreeObject};

/// Outlines of a site, found by place.
pub struct Distances<'a> {
    tree: RTree<Boxed<'a>>,
}

struct Boxed<'a> {
    outline: &'a MultiPolygon<f64>,
    bounds: AABB<[f64; 2]>,
}

impl RTreeObject for Boxed<'_> {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

impl<'a> Distances<'a> {
    /// Takes in outlines; empty ones count as none.
    pub fn new(outlines: impl Iterator<Item = &'a MultiPolygon<f64>>) -> Self {
        let boxed = outlines.filter_map(|outline| {
            let r = outline.bounding_rect()?;
            let bounds = AABB::from_corners([r.min().x, r.min().y], [r.max().x, r.max().y]);
            Some(Boxed { outline, bounds })
        });
        Self {
            tree: RTree::bulk_load(boxed.collect()),
        }
    }

    /// Whether a place lies outside all outlines and farther from each than `metres`.
    pub fn farther_than(&self, x: f64, y: f64, metres: f64) -> bool {
        let around = AABB::from_corners([x - metres, y - metres], [x + metres, y + metres]);
        let place = Point::new(x, y);
        self.tree
            .locate_in_envelope_intersecting(&around)
            .all(|b| Euclidean.distance(&place, b.outline) > metres)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn inside_and_near_are_not_away() {
        let square =
            polygon![(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)];
        let outline = MultiPolygon(vec![square]);
        let away = Distances::new(std::iter::once(&outline));
        assert!(!away.farther_than(5.0, 5.0, 3.0));
        assert!(!away.farther_than(12.0, 5.0, 3.0));
        assert!(away.farther_than(13.5, 5.0, 3.0));
        assert!(away.farther_than(12.5, 12.5, 3.0));
    }
}
