//! Geometries as GeoPackage blobs: header `GP` with envelope (OGC 12-128r18 §2.1.3), then
//! little-endian WKB (OGC 06-103r4 §8).

use geo::{BoundingRect, Coord, CoordsIter, Geometry, LineString, Polygon};

use super::GeometryKind;

/// WKB codes.
const POINT: u32 = 1;
const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

/// Little-endian, envelope of four numbers; points carry none.
const FLAGS_BOX: u8 = 0b0000_0011;
const FLAGS_POINT: u8 = 0b0000_0001;

/// A geometry as the layer's kind: single polygons become multi-polygons of one part and back.
///
/// # Errors
/// Another kind, no coordinates, or coordinates that are not finite.
pub(super) fn blob(
    geometry: &Geometry<f64>,
    kind: GeometryKind,
    srs_id: u32,
) -> Result<Vec<u8>, String> {
    if geometry
        .coords_iter()
        .any(|c| !(c.x.is_finite() && c.y.is_finite()))
    {
        return Err("has a coordinate that is not finite".to_string());
    }
    let bounds = geometry.bounding_rect().ok_or("has an empty geometry")?;
    let mut out = vec![b'G', b'P', 0];
    let parts = match (kind, geometry) {
        (GeometryKind::Point, Geometry::Point(point)) => {
            out.push(FLAGS_POINT);
            out.extend(srs_id.to_le_bytes());
            begin(&mut out, POINT);
            coord(&mut out, point.0);
            return Ok(out);
        }
        (GeometryKind::Polygon | GeometryKind::MultiPolygon, Geometry::Polygon(polygon)) => {
            std::slice::from_ref(polygon)
        }
        (GeometryKind::Polygon | GeometryKind::MultiPolygon, Geometry::MultiPolygon(parts)) => {
            parts.0.as_slice()
        }
        _ => return Err(format!("has another geometry than {kind:?}")),
    };
    out.push(FLAGS_BOX);
    out.extend(srs_id.to_le_bytes());
    for side in [
        bounds.min().x,
        bounds.max().x,
        bounds.min().y,
        bounds.max().y,
    ] {
        out.extend(side.to_le_bytes());
    }
    match (kind, parts) {
        (GeometryKind::Polygon, [one]) => polygon(&mut out, one)?,
        (GeometryKind::Polygon, _) => {
            return Err("has several parts, expected one".to_string());
        }
        _ => {
            begin(&mut out, MULTI_POLYGON);
            count(&mut out, parts.len())?;
            for part in parts {
                polygon(&mut out, part)?;
            }
        }
    }
    Ok(out)
}

fn begin(out: &mut Vec<u8>, code: u32) {
    out.push(1);
    out.extend(code.to_le_bytes());
}

fn count(out: &mut Vec<u8>, count: usize) -> Result<(), String> {
    let count = u32::try_from(count).map_err(|_| "has too many parts".to_string())?;
    out.extend(count.to_le_bytes());
    Ok(())
}

fn coord(out: &mut Vec<u8>, coord: Coord<f64>) {
    out.extend(coord.x.to_le_bytes());
    out.extend(coord.y.to_le_bytes());
}

fn polygon(out: &mut Vec<u8>, polygon: &Polygon<f64>) -> Result<(), String> {
    begin(out, POLYGON);
    count(out, polygon.interiors().len() + 1)?;
    ring(out, polygon.exterior())?;
    polygon.interiors().iter().try_for_each(|r| ring(out, r))
}

fn ring(out: &mut Vec<u8>, ring: &LineString<f64>) -> Result<(), String> {
    count(out, ring.0.len())?;
    ring.0.iter().for_each(|c| coord(out, *c));
    Ok(())
}
