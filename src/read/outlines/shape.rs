//! One polygon: whether it can be an outline.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Area, Coord, Line, LineString, MultiPolygon, Validation};

/// Points of a polygon up to which crossings are looked for: no building has more, and a
/// hostile one would take hours.
const MAX_CHECKED_POINTS: usize = 5_000;

/// Holes of a polygon up to which they are held against each other, for the same reason.
const MAX_CHECKED_HOLES: usize = 100;

/// Largest coordinate, metres: the earth is smaller.
const MAX_COORDINATE_M: f64 = 1e8;

/// Smallest area, m²: below it a ring has collapsed to a line.
const MIN_AREA_M2: f64 = 1e-3;

/// `Ok(Some(what))` is odd but usable.
///
/// # Errors
/// Why the polygon cannot be an outline.
pub(in super::super) fn check(polygon: &MultiPolygon<f64>) -> Result<Option<String>, String> {
    if polygon.0.is_empty() {
        return Err("has an empty geometry".to_string());
    }
    let mut odd = None;
    let mut points = 0;
    for part in polygon {
        for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
            points += ring.0.len();
            check_ring(ring)?;
        }
        if part.unsigned_area() < MIN_AREA_M2 {
            return Err("has no area".to_string());
        }
    }
    if points > MAX_CHECKED_POINTS {
        return Ok(Some(format!(
            "has {points} points; crossings were not looked for"
        )));
    }
    for part in polygon {
        for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
            match meeting(ring) {
                Meeting::Crosses(at) => {
                    return Err(format!("crosses itself near {:.1}, {:.1}", at.x, at.y));
                }
                Meeting::Touches(at) => {
                    odd = Some(format!("touches itself near {:.1}, {:.1}", at.x, at.y));
                }
                Meeting::No => {}
            }
        }
        if odd.is_none()
            && (1..=MAX_CHECKED_HOLES).contains(&part.interiors().len())
            && let Err(error) = part.check_validation()
        {
            odd = Some(format!("is odd: {error}"));
        }
    }
    Ok(odd)
}

fn check_ring(ring: &LineString<f64>) -> Result<(), String> {
    let far = |c: &Coord<f64>| !(c.x.abs() <= MAX_COORDINATE_M && c.y.abs() <= MAX_COORDINATE_M);
    if ring.0.iter().any(far) {
        return Err("has a coordinate that is no place".to_string());
    }
    let mut distinct: Vec<Coord<f64>> = ring.0.clone();
    distinct.dedup();
    if distinct.len() < 4 {
        let what = "has a ring of fewer than three different points";
        return Err(what.to_string());
    }
    Ok(())
}

/// How a ring meets itself.
enum Meeting {
    No,
    Touches(Coord<f64>),
    Crosses(Coord<f64>),
}

/// Looks for edges that meet beyond the corner they share. Edges are ordered by their western
/// end, so that only edges that overlap from west to east are compared.
fn meeting(ring: &LineString<f64>) -> Meeting {
    let mut edges: Vec<(usize, Line<f64>)> = ring
        .lines()
        .filter(|line| line.start != line.end)
        .enumerate()
        .collect();
    let count = edges.len();
    let west = |line: &Line<f64>| line.start.x.min(line.end.x);
    let east = |line: &Line<f64>| line.start.x.max(line.end.x);
    edges.sort_by(|a, b| west(&a.1).total_cmp(&west(&b.1)));
    let mut touch = Meeting::No;
    for (position, (i, first)) in edges.iter().enumerate() {
        for (j, second) in edges.iter().skip(position + 1) {
            if west(second) > east(first) {
                break;
            }
            let neighbours = (i + 1) % count == *j || (j + 1) % count == *i;
            match line_intersection(*first, *second) {
                Some(LineIntersection::SinglePoint {
                    intersection,
                    is_proper: true,
                }) => return Meeting::Crosses(intersection),
                Some(LineIntersection::SinglePoint { intersection, .. }) if !neighbours => {
                    touch = Meeting::Touches(intersection);
                }
                Some(LineIntersection::Collinear { intersection }) => {
                    touch = Meeting::Touches(intersection.start);
                }
                _ => {}
            }
        }
    }
    touch
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    fn one(polygon: geo::Polygon<f64>) -> Result<Option<String>, String> {
        check(&MultiPolygon(vec![polygon]))
    }

    #[test]
    fn sound_outlines_pass() {
        let ring = polygon!(exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.),
            (x: 9., y: 9.), (x: 0., y: 9.)],
            interiors: [[(x: 1., y: 1.), (x: 2., y: 1.), (x: 2., y: 2.)]]);
        assert_eq!(one(ring), Ok(None));
        // Corners on a straight wall are no touch.
        let wall = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.)];
        assert_eq!(one(wall), Ok(None));
    }

    #[test]
    fn a_bow_tie_crosses_itself_and_an_eight_at_a_corner_only_touches() {
        let tie = polygon![(x: 0., y: 0.), (x: 9., y: 4.), (x: 9., y: 0.), (x: 0., y: 9.)];
        assert!(one(tie).is_err_and(|what| what.contains("crosses itself")));
        let eight = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 8., y: 4.),
            (x: 8., y: 8.), (x: 4., y: 8.), (x: 4., y: 4.), (x: 0., y: 4.)];
        let odd = one(eight).expect("usable").expect("odd");
        assert!(odd.contains("touches itself near 4.0, 4.0"), "{odd}");
        let spike = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 8., y: 4.),
            (x: 4., y: 4.), (x: 0., y: 4.)];
        assert!(one(spike).is_ok_and(|odd| odd.is_some()));
    }

    #[test]
    fn empty_collapsed_and_endless_polygons_are_faults() {
        assert!(check(&MultiPolygon(Vec::new())).is_err());
        assert!(one(polygon![]).is_err());
        assert!(one(polygon![(x: 0., y: 0.), (x: 1., y: 1.)]).is_err());
        assert!(one(polygon![(x: 0., y: 0.), (x: 5., y: 5.), (x: 9., y: 9.)]).is_err());
        assert!(one(polygon![(x: 0., y: 0.), (x: 1e300, y: 0.), (x: 1., y: 1.)]).is_err());
        assert!(one(polygon![(x: 0., y: 0.), (x: f64::NAN, y: 0.), (x: 1., y: 1.)]).is_err());
    }

    #[test]
    fn a_hole_outside_is_odd() {
        let ring = polygon!(exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.)],
            interiors: [[(x: 11., y: 1.), (x: 12., y: 1.), (x: 12., y: 2.)]]);
        assert!(one(ring).is_ok_and(|odd| odd.is_some()));
    }
}
