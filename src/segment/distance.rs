//! Distance of cells to an outline.

use crate::raster::{GeoTransform, Grid};
use geo::{Coord, MultiPolygon};

/// Distance of every cell's centre to the nearest edge of `polygon` (holes too), metres, capped
/// at `reach_m`. Exact distance to the segments; only the cells within reach of a segment are
/// visited, so the cost is perimeter × reach, not area × edges.
pub fn distance_to_outline(
    polygon: &MultiPolygon<f64>,
    transform: &GeoTransform,
    width: usize,
    height: usize,
    reach_m: f64,
) -> Grid<f32> {
    let mut grid = Grid::filled(width, height, reach_m as f32);
    for part in polygon {
        for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
            for line in ring.lines() {
                near_segment(&mut grid, transform, reach_m, line.start, line.end);
            }
        }
    }
    grid
}

fn near_segment(
    grid: &mut Grid<f32>,
    transform: &GeoTransform,
    reach: f64,
    a: Coord<f64>,
    b: Coord<f64>,
) {
    let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
    let (_, v_top) = transform.to_pixel(0.0, high.y + reach);
    let (_, v_bottom) = transform.to_pixel(0.0, low.y - reach);
    let first = v_top.floor().max(0.0) as usize;
    let end = (v_bottom.ceil().max(0.0) as usize).min(grid.height());
    let x_at = |y: f64| {
        let t = if high.y > low.y {
            (y - low.y) / (high.y - low.y)
        } else {
            0.0
        };
        low.x + t * (high.x - low.x)
    };
    for row in first..end {
        let (_, y) = transform.centre(0, row);
        // Only the part of the segment within reach of this row matters.
        let (xa, xb) = if high.y > low.y {
            (
                x_at((y - reach).max(low.y).min(high.y)),
                x_at((y + reach).min(high.y).max(low.y)),
            )
        } else {
            (low.x, high.x)
        };
        let (u0, _) = transform.to_pixel(xa.min(xb) - reach, y);
        let (u1, _) = transform.to_pixel(xa.max(xb) + reach, y);
        let from = u0.floor().max(0.0) as usize;
        let to = (u1.ceil().max(0.0) as usize).min(grid.width());
        for col in from..to {
            let (x, _) = transform.centre(col, row);
            let distance = to_segment(Coord { x, y }, a, b) as f32;
            if distance < grid.at(col, row) {
                grid.set(col, row, distance);
            }
        }
    }
}

/// Distance of a point to a segment: the foot of the perpendicular, held inside the segment.
fn to_segment(p: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (d, w) = (b - a, p - a);
    let square = d.x * d.x + d.y * d.y;
    let t = if square > 0.0 {
        ((w.x * d.x + w.y * d.y) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (w.x - t * d.x).hypot(w.y - t * d.y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn every_cell_within_reach_has_its_exact_distance() {
        let shape =
            polygon![(x: 2.0, y: 1.0), (x: 9.0, y: 3.0), (x: 5.0, y: 8.5), (x: 2.0, y: 8.5)];
        let t = GeoTransform {
            x0: 0.0,
            y0: 10.0,
            dx: 0.5,
            dy: 0.25,
        };
        let reach = 1.5;
        let grid = distance_to_outline(&MultiPolygon(vec![shape.clone()]), &t, 20, 40, reach);
        for row in 0..40 {
            for col in 0..20 {
                let (x, y) = t.centre(col, row);
                let nearest = shape
                    .exterior()
                    .lines()
                    .map(|l| to_segment(Coord { x, y }, l.start, l.end))
                    .fold(reach, f64::min);
                assert!((f64::from(grid.at(col, row)) - nearest).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_distance_beyond_an_end_is_to_the_end_point() {
        let (a, b) = (Coord { x: 0.0, y: 0.0 }, Coord { x: 1.0, y: 0.0 });
        assert_eq!(to_segment(Coord { x: 4.0, y: 4.0 }, a, b), 5.0);
        assert_eq!(to_segment(Coord { x: 0.5, y: 2.0 }, a, b), 2.0);
    }
}
