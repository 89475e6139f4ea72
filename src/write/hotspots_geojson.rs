//! A company's warm objects as GeoJSON (RFC 7946): WGS 84, longitude first, outer rings
//! counter-clockwise.
//!
//! Every object of the sheet, points and explained sources, with the properties of its twin.

use geo::orient::Direction;
use geo::{MultiPolygon, Orient};
use serde_json::{Value, json};

use super::sheet_json::hotspot;
use crate::report::{Sheet, SheetInput};

/// Decimals of a degree: a hundredth of a metre.
const DECIMALS: f64 = 1e7;

/// The collection, indented, ending in a line feed. `to_lonlat`: project CRS to degrees; an
/// object it has no answer for goes without geometry.
pub fn to_geojson(
    input: &SheetInput,
    sheet: &Sheet,
    to_lonlat: &dyn Fn(f64, f64) -> Option<(f64, f64)>,
) -> String {
    let findings = &sheet.findings;
    let points = findings.points.iter().chain(&findings.more);
    let points = points.chain(&findings.doubtful).map(|finding| {
        let spot = &input.buildings[finding.building].hotspots[finding.hotspot];
        feature(&spot.polygon, hotspot(spot, Some(finding)), to_lonlat)
    });
    let sources = findings.sources.iter().chain(&findings.more_sources);
    let sources = sources.flat_map(|source| {
        let spots = &input.buildings[source.building].hotspots;
        source.members.iter().map(|i| &spots[*i])
    });
    let sources = sources.map(|spot| feature(&spot.polygon, hotspot(spot, None), to_lonlat));
    let collection = json!({
        "type": "FeatureCollection",
        "features": points.chain(sources).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&collection)
        .expect("a tree of strings, finite numbers and nulls always serialises");
    text.push('\n');
    text
}

fn feature(
    polygon: &MultiPolygon<f64>,
    properties: Value,
    to_lonlat: &dyn Fn(f64, f64) -> Option<(f64, f64)>,
) -> Value {
    json!({
        "type": "Feature",
        "geometry": geometry(polygon, to_lonlat),
        "properties": properties,
    })
}

fn geometry(
    polygon: &MultiPolygon<f64>,
    to_lonlat: &dyn Fn(f64, f64) -> Option<(f64, f64)>,
) -> Value {
    let place = |c: &geo::Coord<f64>| {
        let (lon, lat) = to_lonlat(c.x, c.y)?;
        let round = |v: f64| (v * DECIMALS).round() / DECIMALS;
        Some(json!([round(lon), round(lat)]))
    };
    let ring = |ring: &geo::LineString<f64>| ring.coords().map(place).collect::<Option<Vec<_>>>();
    let oriented = polygon.orient(Direction::Default);
    let polygons: Option<Vec<Vec<Vec<Value>>>> = oriented
        .iter()
        .map(|p| {
            let rings = std::iter::once(p.exterior()).chain(p.interiors());
            rings.map(ring).collect()
        })
        .collect();
    match polygons.as_deref() {
        None | Some([]) => Value::Null,
        Some([one]) => json!({ "type": "Polygon", "coordinates": one }),
        Some(many) => json!({ "type": "MultiPolygon", "coordinates": many }),
    }
}
