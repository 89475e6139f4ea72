//! The shapes.

use geo::{
    Area, BoundingRect, Contains, Coord, Geometry, Intersects, LineString, MultiPolygon, Point,
    Polygon,
};

use super::super::layer::Shape;
use super::{MAX_FEATURES, le_u32};

type Parsed<T> = Result<T, String>;

/// Most rings of one shape.
const MAX_RINGS: usize = 10_000;

/// Most rings times points of one shape: every hole is held against the outer rings.
const MAX_WORK: usize = 50_000_000;

/// The same of all shapes of a file, some ten seconds.
const MAX_WORK_OF_ALL: usize = 1_500_000_000;

/// Length of the file header, bytes.
const HEADER: usize = 100;

/// Shapes in file order; a fault of one shape is told in its place.
pub(super) fn read(bytes: &[u8]) -> Parsed<Vec<Shape>> {
    let code = bytes.first_chunk().map(|b| i32::from_be_bytes(*b));
    if code != Some(9994) || bytes.len() < HEADER {
        return Err("is no shapefile".to_string());
    }
    let mut bodies: Vec<&[u8]> = Vec::new();
    let mut left = MAX_WORK_OF_ALL;
    let mut rest = bytes.get(HEADER..).unwrap_or_default();
    while !rest.is_empty() {
        // Record number, then length in 16-bit words, both big-endian.
        let words = rest.get(4..).and_then(<[u8]>::first_chunk);
        let length = words.map(|b| u32::from_be_bytes(*b) as usize * 2);
        let body = length.and_then(|length| rest.get(8..8 + length));
        let number = bodies.len() + 1;
        let Some(body) = body else {
            return Err(format!("ends within shape {number}"));
        };
        if bodies.len() == MAX_FEATURES {
            return Err(format!("has more than {MAX_FEATURES} shapes"));
        }
        left = left.checked_sub(work(body)).ok_or_else(|| {
            format!("has more rings and points up to shape {number} than can be sorted out")
        })?;
        bodies.push(body);
        rest = rest.get(8 + body.len()..).unwrap_or_default();
    }
    Ok(bodies.into_iter().map(shape).collect())
}

fn shape(body: &[u8]) -> Shape {
    match le_u32(body, 0) {
        Some(0) => Err("has no geometry".to_string()),
        // The kinds with heights or measures hold these behind the places.
        Some(1 | 11 | 21) => Ok(Geometry::Point(Point(coord(body, 4)?))),
        Some(8 | 18 | 28) => Ok(Geometry::MultiPoint(points(body)?.into())),
        Some(5 | 15 | 25) => Ok(Geometry::MultiPolygon(polygons(rings(body)?))),
        Some(3 | 13 | 23) => Err("is a line, expected a polygon or a point".to_string()),
        Some(31) => Err("is a surface of patches, expected a polygon".to_string()),
        Some(other) => Err(format!("has shape type {other}, expected a polygon")),
        None => Err("has a shape that ends too early".to_string()),
    }
}

fn coord(body: &[u8], at: usize) -> Parsed<Coord<f64>> {
    let real = |at: usize| {
        let word = body.get(at..).and_then(<[u8]>::first_chunk);
        word.map(|b| f64::from_le_bytes(*b))
    };
    match (real(at), real(at + 8)) {
        (Some(x), Some(y)) => Ok(Coord { x, y }),
        _ => Err("has a shape that ends too early".to_string()),
    }
}

/// Checks that `count` items of `size` bytes can stand behind `at`.
fn fits(body: &[u8], at: usize, count: usize, size: usize) -> Parsed<()> {
    let left = body.len().saturating_sub(at);
    if count > left / size {
        return Err(format!(
            "says {count} parts follow, but has {left} bytes left"
        ));
    }
    Ok(())
}

fn count(body: &[u8], at: usize) -> Parsed<usize> {
    let count = le_u32(body, at).ok_or("has a shape that ends too early")?;
    Ok(count as usize)
}

fn points(body: &[u8]) -> Parsed<Vec<Point<f64>>> {
    let number = count(body, 36)?;
    fits(body, 40, number, 16)?;
    (0..number)
        .map(|i| Ok(Point(coord(body, 40 + 16 * i)?)))
        .collect()
}

/// Rings times points of a shape that has rings to be held against each other.
fn work(body: &[u8]) -> usize {
    let number = |at| le_u32(body, at).map_or(0, |n| n as usize);
    let (kind, parts, points) = (number(0), number(36), number(40));
    // Those that say too much are refused one by one.
    let read = parts <= MAX_RINGS && points <= body.len() / 16;
    match parts.saturating_mul(points) {
        work @ ..=MAX_WORK if read && parts > 1 && matches!(kind, 5 | 15 | 25) => work,
        _ => 0,
    }
}

/// Rings: box, number of parts, number of points, first point of each part, points.
fn rings(body: &[u8]) -> Parsed<Vec<LineString<f64>>> {
    let (parts, points) = (count(body, 36)?, count(body, 40)?);
    if parts > MAX_RINGS {
        return Err(format!("has {parts} rings, expected at most {MAX_RINGS}"));
    }
    if parts > 1 && parts.saturating_mul(points) > MAX_WORK {
        return Err(format!(
            "has {parts} rings of {points} points, which is too much"
        ));
    }
    fits(body, 44, parts, 4)?;
    let first = 44 + 4 * parts;
    fits(body, first, points, 16)?;
    let starts: Parsed<Vec<usize>> = (0..parts).map(|i| count(body, 44 + 4 * i)).collect();
    let mut starts = starts?;
    starts.push(points);
    starts
        .windows(2)
        .map(|ends| match ends {
            [from, to] if from <= to && *to <= points => {
                let coords: Parsed<Vec<_>> =
                    (*from..*to).map(|i| coord(body, first + 16 * i)).collect();
                Ok(LineString::new(coords?))
            }
            _ => Err("has rings that overlap in the file".to_string()),
        })
        .collect()
}

/// Outer rings run clockwise, holes the other way round; a hole belongs to the outer ring around
/// it. A hole without outer ring is an outer ring of a program that did not mind the direction.
fn polygons(rings: Vec<LineString<f64>>) -> MultiPolygon<f64> {
    let area = |ring: &LineString<f64>| Polygon::new(ring.clone(), Vec::new()).signed_area();
    let (mut outer, inner): (Vec<_>, Vec<_>) = rings
        .into_iter()
        .filter(|ring| !ring.0.is_empty())
        .map(|ring| (area(&ring), ring))
        .partition(|(area, _)| *area <= 0.0);
    if outer.is_empty() {
        let alone = |(_, ring)| Polygon::new(ring, Vec::new());
        return MultiPolygon(inner.into_iter().map(alone).collect());
    }
    // The smallest outer ring first: an island in a courtyard has holes of its own.
    outer.sort_by(|a, b| b.0.total_cmp(&a.0));
    let filled: Vec<Polygon<f64>> = outer
        .into_iter()
        .map(|(_, ring)| Polygon::new(ring, Vec::new()))
        .collect();
    let mut holes: Vec<Vec<LineString<f64>>> = vec![Vec::new(); filled.len()];
    let mut lost = Vec::new();
    for (_, hole) in inner {
        let around = filled.iter().position(|outer| holds(outer, &hole));
        match around.and_then(|i| holes.get_mut(i)) {
            Some(holes) => holes.push(hole),
            None => lost.push(Polygon::new(hole, Vec::new())),
        }
    }
    let whole = filled.into_iter().zip(holes).map(|(outer, holes)| {
        let (exterior, _) = outer.into_inner();
        Polygon::new(exterior, holes)
    });
    MultiPolygon(whole.chain(lost).collect())
}

/// Whether a hole lies in a filled ring. Corners may lie on the ring, and are then not inside;
/// the middles of the edges are tried as well.
fn holds(outer: &Polygon<f64>, hole: &LineString<f64>) -> bool {
    let Some(bounds) = outer.bounding_rect() else {
        return false;
    };
    let middles = hole.lines().map(|line| (line.start + line.end) / 2.0);
    let mut tried = hole.coords().copied().chain(middles).take(16);
    tried.any(|place| bounds.intersects(&place) && outer.contains(&Point(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of `shapes` polygons of so many rings of four points each.
    fn file(shapes: usize, rings: usize) -> Vec<u8> {
        let word = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
        let mut body = word(5).to_vec();
        body.resize(36, 0);
        body.extend([word(rings), word(4 * rings)].concat());
        (0..rings).for_each(|i| body.extend(word(4 * i)));
        body.resize(body.len() + 64 * rings, 0);
        let half = u32::try_from(body.len() / 2).expect("small");
        let record = [&[0; 4], &half.to_be_bytes()[..], &body].concat();
        let mut bytes = 9994_u32.to_be_bytes().to_vec();
        bytes.resize(HEADER, 0);
        (0..shapes).for_each(|_| bytes.extend(&record));
        bytes
    }

    #[test]
    fn shapes_are_read_until_all_together_would_take_minutes() {
        assert_eq!(read(&file(3, 4)).expect("sound").len(), 3);
        let what = read(&file(40, 3500)).expect_err("too much");
        assert!(what.contains("up to shape 31"), "{what}");
        // Each of them is refused by itself, which costs nothing.
        let found = read(&file(40, 5000)).expect("told one by one");
        assert!(found.iter().all(std::result::Result::is_err));
    }
}
