//! Geometries: one flat list of places, cut into rings by where each ends.

use geo::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};

use super::super::layer::Shape;
use super::Parsed;
use super::buffer::TableRef;

/// Most polygons of one shape.
const MAX_PARTS: usize = 100_000;

/// Most rings of one polygon.
const MAX_RINGS: usize = 100_000;

/// The geometry of one feature; `kind` is that of the layer, 0 where it is mixed.
pub(super) fn read(geometry: &TableRef<'_>, kind: u8) -> Shape {
    let own = geometry.u8(6).unwrap_or(0);
    match if kind == 0 { own } else { kind } {
        1 => match places(geometry)?.first() {
            Some(place) => Ok(Geometry::Point(Point(*place))),
            None => Err("has an empty geometry".to_string()),
        },
        4 => {
            let points = places(geometry)?.into_iter().map(Point);
            Ok(Geometry::MultiPoint(points.collect::<Vec<_>>().into()))
        }
        3 => Ok(Geometry::Polygon(polygon(geometry)?)),
        6 => multi_polygon(geometry),
        7 => Err("is a collection, expected a polygon or a point".to_string()),
        2 | 5 => Err("is a line, expected a polygon or a point".to_string()),
        8..=17 => Err("has curves or patches, expected straight edges".to_string()),
        other => Err(format!("has geometry type {other}, expected a polygon")),
    }
}

fn multi_polygon(geometry: &TableRef<'_>) -> Shape {
    let found = geometry.count(7);
    if found > MAX_PARTS {
        return Err(format!("has {found} parts, expected at most {MAX_PARTS}"));
    }
    let Some(parts) = geometry.tables(7) else {
        // A single part may stand without the list.
        let polygon = polygon(geometry)?;
        return Ok(Geometry::MultiPolygon(MultiPolygon(vec![polygon])));
    };
    // Parts may name the same bytes; all of them together hold no more than the buffer does.
    let mut left = geometry.size();
    let polygons: Parsed<Vec<Polygon<f64>>> = parts
        .iter()
        .map(|part| {
            let part = part.as_ref().ok_or("has a broken part")?;
            let bytes = |id, size| part.list(id, size).map_or(0, <[u8]>::len);
            left = left
                .checked_sub(bytes(0, 4) + bytes(1, 8))
                .ok_or("has parts that share their places")?;
            polygon(part)
        })
        .collect();
    Ok(Geometry::MultiPolygon(MultiPolygon(polygons?)))
}

fn places(geometry: &TableRef<'_>) -> Parsed<Vec<Coord<f64>>> {
    // The list counts ordinates, two per place.
    let bytes = geometry.list(1, 8).ok_or("has no places")?;
    let real = |chunk: Option<&[u8; 8]>| chunk.map(|b| f64::from_le_bytes(*b));
    let place = |chunk: &[u8]| {
        let x = real(chunk.first_chunk());
        let y = real(chunk.last_chunk());
        x.zip(y).map(|(x, y)| Coord { x, y })
    };
    let found: Option<Vec<_>> = bytes.chunks_exact(16).map(place).collect();
    found.ok_or_else(|| "has a broken list of places".to_string())
}

fn polygon(geometry: &TableRef<'_>) -> Parsed<Polygon<f64>> {
    let places = places(geometry)?;
    let ends: Vec<usize> = match geometry.list(0, 4) {
        Some(list) if list.len() / 4 > MAX_RINGS => {
            let found = list.len() / 4;
            return Err(format!("has {found} rings, expected at most {MAX_RINGS}"));
        }
        Some(list) if !list.is_empty() => list
            .chunks_exact(4)
            .filter_map(|chunk| Some(u32::from_le_bytes(*chunk.first_chunk()?) as usize))
            .collect(),
        _ => vec![places.len()],
    };
    let mut start = 0;
    let rings: Parsed<Vec<LineString<f64>>> = ends
        .into_iter()
        .map(|end| {
            let ring = places.get(start..end);
            start = end;
            let ring = ring.ok_or("has rings beyond its places")?;
            Ok(LineString::new(ring.to_vec()))
        })
        .collect();
    let mut rings = rings?.into_iter();
    let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Ok(Polygon::new(exterior, rings.collect()))
}
