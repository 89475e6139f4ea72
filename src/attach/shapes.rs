//! Polygons by place: an R-tree over their bounds.

use ::geo::{Area, BooleanOps, BoundingRect, Distance, Euclidean, Intersects, MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Polygons found by place. Those without area or with coordinates that are not finite are not
/// in it.
pub(super) struct Shapes<'a> {
    polygons: Vec<&'a MultiPolygon<f64>>,
    tree: RTree<Boxed>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(polygons: impl Iterator<Item = &'a MultiPolygon<f64>>) -> Self {
        let polygons: Vec<_> = polygons.collect();
        let boxes = polygons
            .iter()
            .enumerate()
            .filter_map(|(i, p)| Some(GeomWithData::new(bounds(p)?, i)))
            .collect();
        Self {
            polygons,
            tree: RTree::bulk_load(boxes),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&'a MultiPolygon<f64>> {
        self.polygons.get(index).copied()
    }

    /// Indices of polygons whose bounds meet a box, ascending.
    fn near(&self, low: [f64; 2], high: [f64; 2]) -> Vec<usize> {
        let found = self
            .tree
            .locate_in_envelope_intersecting(&AABB::from_corners(low, high));
        let mut indices: Vec<usize> = found.map(|b| b.data).collect();
        indices.sort_unstable();
        indices
    }

    /// Polygons that hold a place, their border included.
    pub(super) fn at(&self, place: [f64; 2]) -> Vec<usize> {
        let point = Point::new(place[0], place[1]);
        let mut found = self.near(place, place);
        found.retain(|i| self.get(*i).is_some_and(|p| p.intersects(&point)));
        found
    }

    /// Polygons whose bounds meet those of another.
    pub(super) fn meeting(&self, polygon: &MultiPolygon<f64>) -> Vec<usize> {
        bounds(polygon).map_or_else(Vec::new, |b| self.near(b.lower(), b.upper()))
    }

    /// Polygons within `reach` metres of a place with their distance, nearest first.
    pub(super) fn within(&self, place: [f64; 2], reach: f64) -> Vec<(usize, f64)> {
        let [x, y] = place;
        let point = Point::new(x, y);
        let near = self.near([x - reach, y - reach], [x + reach, y + reach]);
        let mut found: Vec<(usize, f64)> = near
            .into_iter()
            .filter_map(|i| Some((i, Euclidean.distance(&point, self.get(i)?))))
            .filter(|(_, d)| *d <= reach)
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        found
    }
}

fn bounds(polygon: &MultiPolygon<f64>) -> Option<Rectangle<[f64; 2]>> {
    let rect = polygon.bounding_rect()?;
    let (low, high) = (rect.min(), rect.max());
    let finite = [low.x, low.y, high.x, high.y].iter().all(|v| v.is_finite());
    (finite && polygon.unsigned_area() > 0.0)
        .then(|| Rectangle::from_corners([low.x, low.y], [high.x, high.y]))
}

/// Area two polygons have in common, m².
pub(super) fn common_m2(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> f64 {
    match (bounds(a), bounds(b)) {
        (Some(x), Some(y)) if meet(&x, &y) => a.intersection(b).unsigned_area(),
        _ => 0.0,
    }
}

fn meet(a: &Rectangle<[f64; 2]>, b: &Rectangle<[f64; 2]>) -> bool {
    let (al, ah, bl, bh) = (a.lower(), a.upper(), b.lower(), b.upper());
    (0..2).all(|i| al[i] <= bh[i] && bl[i] <= ah[i])
}
