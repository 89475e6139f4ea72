//! GeoJSON polygons and points.
//!
//! In: the bytes of a `.geojson` file. Out: a [`Layer`]. Coordinates are longitude and latitude
//! (RFC 7946 §4) unless the older `crs` member names another system, as the services of the
//! region write it; then they are in that system, easting first.
//!
//! Third ordinates are dropped. Geometry collections are read as the polygons they hold.

use std::collections::BTreeMap;

use geo::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};
use serde_json::Value;

use super::layer::{Layer, LayerCrs, MAX_FEATURES, fits};
use super::table::{Place, Record, Table};
use crate::problem::{Problem, Result};

/// Largest file read, bytes: the parsed form takes about ten times as much memory.
pub const MAX_BYTES: u64 = 128 << 20;

/// Most properties that are kept as columns.
const MAX_COLUMNS: usize = 500;

/// Reads a feature collection, a single feature or a bare geometry.
///
/// # Errors
/// No JSON, or JSON that is no GeoJSON.
pub fn layer(file: &str, bytes: &[u8]) -> Result<Layer> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let parsed = serde_json::from_slice(bytes).or_else(|error| match error.classify() {
        // Services of the region let control characters through into texts.
        serde_json::error::Category::Syntax if bytes.iter().any(|&b| b < b' ') => {
            let tame: Vec<u8> = bytes.iter().map(|&b| b.max(b' ')).collect();
            serde_json::from_slice(&tame).map_err(|_| error)
        }
        _ => Err(error),
    });
    let root: Value = parsed.map_err(|error| {
        Problem::broken(format!("is no JSON: {error}"))
            .in_file(file)
            .hint("export the layer again as GeoJSON or GeoPackage")
    })?;
    let empty = Vec::new();
    let features: Vec<&Value> = match text_of(&root, "type") {
        Some("FeatureCollection") => {
            let listed = root.get("features").and_then(Value::as_array);
            listed.unwrap_or(&empty).iter().collect()
        }
        Some("Feature") => vec![&root],
        _ => {
            return Err(Problem::broken("is JSON, but no FeatureCollection")
                .in_file(file)
                .hint("export the layer again as GeoJSON or GeoPackage"));
        }
    };
    if features.len() > MAX_FEATURES {
        let what = format!("has {} features, which is too much", features.len());
        return Err(Problem::unsupported(what)
            .in_file(file)
            .hint("clip the layer to the surroundings of the park"));
    }
    Ok(Layer {
        name: text_of(&root, "name").unwrap_or(file).to_string(),
        table: table(file, &features, bytes.len() as u64)?,
        shapes: features
            .iter()
            .map(|feature| shape(feature.get("geometry").unwrap_or(&Value::Null)))
            .collect(),
        crs: crs(&root).map_err(|what| Problem::broken(what).field("crs").in_file(file))?,
        warnings: Vec::new(),
    })
}

fn text_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

/// The `crs` member of GeoJSON before RFC 7946: a name, possibly a URN; `null` is lon/lat.
fn crs(root: &Value) -> std::result::Result<LayerCrs, String> {
    let member = match root.get("crs") {
        None | Some(Value::Null) => return Ok(LayerCrs::Code("OGC:CRS84".to_string())),
        Some(member) => member,
    };
    let properties = member.get("properties");
    if let Some(name) = properties.and_then(|p| text_of(p, "name")) {
        return Ok(LayerCrs::Code(short_code(name)));
    }
    // The first GeoJSON had {"type": "EPSG", "properties": {"code": 31370}}.
    match properties
        .and_then(|p| p.get("code"))
        .and_then(Value::as_u64)
    {
        Some(code) => Ok(LayerCrs::Code(format!("EPSG:{code}"))),
        None => Err("has no name, expected EPSG:31370 or the like".to_string()),
    }
}

/// `EPSG:31370` from `urn:ogc:def:crs:EPSG::31370`, from an address of the registry, or from
/// itself.
fn short_code(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    let parts: Vec<&str> = upper
        .split([':', '/', '#'])
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [.., "CRS84" | "CRS84H"] => "OGC:CRS84".to_string(),
        [.., code] if upper.contains("EPSG") => format!("EPSG:{code}"),
        _ => name.trim().to_string(),
    }
}

/// Properties as a table of text, columns in order of first appearance.
fn table(file: &str, features: &[&Value], bytes: u64) -> Result<Table> {
    let mut headers: Vec<String> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in features {
        for (name, _) in properties(feature) {
            if !index.contains_key(name.as_str()) {
                index.insert(name, headers.len());
                headers.push(name.trim().to_string());
            }
        }
        if headers.len() > MAX_COLUMNS || !fits(features.len(), headers.len(), bytes) {
            let what = format!(
                "has {} features with {} or more different properties, which is too much",
                features.len(),
                headers.len()
            );
            return Err(Problem::unsupported(what)
                .in_file(file)
                .hint("keep only the columns that are needed"));
        }
    }
    let records = features
        .iter()
        .zip(1..)
        .map(|(feature, number)| {
            let mut cells = vec![String::new(); headers.len()];
            for (name, value) in properties(feature) {
                if let Some(cell) = index.get(name.as_str()).and_then(|&i| cells.get_mut(i)) {
                    *cell = cell_text(value);
                }
            }
            Record {
                place: Place::Feature(number),
                cells,
            }
        })
        .collect();
    Ok(Table {
        file: file.to_string(),
        headers,
        records,
        comma_separated: false,
        short_names: false,
    })
}

fn properties(feature: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let map = feature.get("properties").and_then(Value::as_object);
    map.into_iter().flatten()
}

/// Numbers without needless fraction, text trimmed, null empty.
fn cell_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), _, _) => whole.to_string(),
            (None, Some(whole), _) => whole.to_string(),
            (None, None, Some(real)) => real.to_string(),
            _ => number.to_string(),
        },
        Value::Bool(value) => value.to_string(),
        nested => nested.to_string(),
    }
}

fn shape(geometry: &Value) -> std::result::Result<Geometry<f64>, String> {
    let position = match text_of(geometry, "type") {
        Some("Point") => geometry.get("coordinates"),
        Some("MultiPoint") => match geometry.get("coordinates").and_then(Value::as_array) {
            Some(points) if points.len() == 1 => points.first(),
            _ => None,
        },
        _ => None,
    };
    if let Some(position) = position {
        let place = coord(position).ok_or("has a position that is not two numbers")?;
        return Ok(Geometry::Point(Point(place)));
    }
    let mut found = Vec::new();
    collect(geometry, &mut found)?;
    Ok(Geometry::MultiPolygon(MultiPolygon(found)))
}

fn collect(geometry: &Value, found: &mut Vec<Polygon<f64>>) -> std::result::Result<(), String> {
    if geometry.is_null() {
        return Err("has no geometry".to_string());
    }
    let items = |key: &str| {
        let list = geometry.get(key).and_then(Value::as_array);
        list.ok_or_else(|| format!("has a geometry without {key}"))
    };
    match text_of(geometry, "type") {
        Some("Polygon") => found.extend(polygon(items("coordinates")?)?),
        Some("MultiPolygon") => {
            for part in items("coordinates")? {
                let rings = part.as_array().ok_or("has a polygon that is no list")?;
                found.extend(polygon(rings)?);
            }
        }
        // The JSON reader bounds how deep this can nest.
        Some("GeometryCollection") => {
            for part in items("geometries")? {
                collect(part, found)?;
            }
        }
        Some(other) => return Err(format!("is a {other}, expected a polygon")),
        None => return Err("has a geometry without type".to_string()),
    }
    Ok(())
}

/// `None` for a polygon without rings.
fn polygon(rings: &[Value]) -> std::result::Result<Option<Polygon<f64>>, String> {
    let mut lines = Vec::with_capacity(rings.len());
    for ring in rings {
        let positions = ring.as_array().ok_or("has a ring that is no list")?;
        let coords: Option<Vec<Coord<f64>>> = positions.iter().map(coord).collect();
        let coords = coords.ok_or("has a position that is not two numbers")?;
        lines.push(LineString::new(coords));
    }
    let mut lines = lines.into_iter();
    Ok(lines
        .next()
        .map(|exterior| Polygon::new(exterior, lines.collect())))
}

fn coord(position: &Value) -> Option<Coord<f64>> {
    Some(Coord {
        x: position.get(0)?.as_f64()?,
        y: position.get(1)?.as_f64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;

    fn read(text: &str) -> Layer {
        layer("b.geojson", text.as_bytes()).expect("sound")
    }

    #[test]
    fn properties_become_text_and_numbers_lose_needless_fractions() {
        let layer = read(
            r#"{"type":"FeatureCollection","features":[
              {"type":"Feature","properties":{"OIDN":2305235.0,"h":6.5,"x":null},
               "geometry":{"type":"Polygon","coordinates":[[[0,0,7],[4,0,7],[4,4,7],[0,0,7]]]}},
              {"type":"Feature","properties":{"OIDN":"a\r\n","ref":true},"geometry":null},
              {"type":"Feature","properties":{"OIDN":3},
               "geometry":{"type":"Point","coordinates":[0,0]}}]}"#,
        );
        assert_eq!(layer.table.headers, ["OIDN", "h", "x", "ref"]);
        assert_eq!(layer.table.records[0].cells, ["2305235", "6.5", "", ""]);
        assert_eq!(layer.table.records[1].cells, ["a", "", "", "true"]);
        let polygons: Vec<_> = layer.polygons().collect();
        assert_eq!(polygons[0].as_ref().expect("polygon").unsigned_area(), 8.0);
        assert!(polygons[1].is_err() && polygons[2].is_err());
        assert_eq!(layer.crs, LayerCrs::Code("OGC:CRS84".to_string()));
    }

    #[test]
    fn every_way_to_name_a_crs_gives_its_code() {
        for name in [
            "urn:ogc:def:crs:EPSG::31370",
            "urn:ogc:def:crs:EPSG:9.9.1:31370",
            "EPSG:31370",
            "epsg:31370",
            "http://www.opengis.net/def/crs/EPSG/0/31370",
            "http://www.opengis.net/gml/srs/epsg.xml#31370",
        ] {
            assert_eq!(short_code(name), "EPSG:31370", "{name}");
        }
        assert_eq!(short_code("urn:ogc:def:crs:OGC:1.3:CRS84"), "OGC:CRS84");
        let text = r#"{"type":"FeatureCollection","features":[],
            "crs":{"type":"name","properties":{"name":"EPSG:3812"}}}"#;
        assert_eq!(read(text).crs, LayerCrs::Code("EPSG:3812".to_string()));
    }

    #[test]
    fn control_characters_inside_texts_do_not_stop_the_reading() {
        let text = "{\"type\":\"FeatureCollection\",\n\"features\":[{\"type\":\"Feature\",\
            \"properties\":{\"naam\":\"A\u{1}B\r\n\"},\"geometry\":null}]}";
        assert_eq!(read(text).table.records[0].cells, ["A B"]);
    }

    #[test]
    fn hostile_json_is_refused_without_panic() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "[]", "{\"type\":\"Topology\"}", "\u{0}", &deep] {
            assert!(layer("b.geojson", text.as_bytes()).is_err());
        }
        let odd = r#"{"type":"FeatureCollection","features":[1,null,{"geometry":{"type":"Polygon",
            "coordinates":[["a"]]}},{"geometry":{"type":"MultiPolygon","coordinates":[1]}},
            {"geometry":{"type":"Polygon","coordinates":[[[1],[2]]]}}]}"#;
        assert!(read(odd).shapes.iter().all(std::result::Result::is_err));
    }
}
