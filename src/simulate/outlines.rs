//! Building outlines with the columns of the Flemish base map (flemish-data.md §2.1) and ours.

use std::path::Path;

use serde_json::{Value, json};

use super::building::{Building, RoofForm};
use super::feature::{Feature, Kind};
use super::park::Park;
use super::shape::ring_area;
use super::site::{EPSG, Site};
use crate::problem::Result;
use crate::write::gpkg::{self, GeoPackage, GeometryKind};

/// A ring in a building's own axes on the map.
pub(super) fn map_ring(park: &Park, building: &Building, ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let [s, t] = building.centre;
    ring.iter()
        .map(|[u, v]| park.frame.to_map(s + u, t + v))
        .collect()
}

/// A ring on the map, closed, to the millimetre.
pub(super) fn closed(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let round = |p: &[f64; 2]| p.map(|v| (v * 1000.0).round() / 1000.0);
    ring.iter().chain(ring.first()).map(round).collect()
}

/// A column: name, what it holds.
pub(super) const COLUMNS: [(&str, Column); 18] = [
    ("OIDN", Column::Integer),
    ("UIDN", Column::Integer),
    ("VERSIE", Column::Integer),
    ("BEGINDATUM", Column::Text),
    ("VERSDATUM", Column::Text),
    ("TYPE", Column::Integer),
    ("LBLTYPE", Column::Text),
    ("OPNDATUM", Column::Text),
    ("BGNINV", Column::Integer),
    ("LBLBGNINV", Column::Text),
    ("LENGTE", Column::Real),
    ("OPPERVL", Column::Real),
    ("name", Column::Text),
    ("material", Column::Text),
    ("height_m", Column::Real),
    ("u_value", Column::Real),
    ("indoor_c", Column::Real),
    ("reference", Column::Boolean),
];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Text,
    Integer,
    Real,
    Boolean,
}

/// The values of a building in the order of [`COLUMNS`]; `Null` where the table is silent.
pub(super) fn values(park: &Park, index: usize) -> Vec<Value> {
    let building = &park.buildings[index];
    let ring = &building.ring;
    let length: f64 = (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            (a[0] - b[0]).hypot(a[1] - b[1])
        })
        .sum();
    let cents = |v: f64| (v * 100.0).round() / 100.0;
    let told = |yes: bool, value: Value| if yes { value } else { Value::Null };
    let surveyed = format!("{}-0{}-1{}", 2008 + index % 9, 1 + index % 9, index % 10);
    vec![
        json!(building.oidn.parse::<u64>().unwrap_or(0)),
        json!(building.uidn),
        json!(1 + index % 4),
        json!(surveyed),
        json!("2019-06-12"),
        json!(1),
        json!("hoofdgebouw"),
        json!(surveyed),
        json!(3),
        json!("bijhouding"),
        json!(cents(length)),
        json!(cents(ring_area(ring))),
        json!(format!("Gebouw {}", index + 1)),
        told(building.told_material, json!(told_roofing(building))),
        json!(building.eave_m),
        json!(building.told_u.map(cents)),
        told(building.told_indoor, json!(building.indoor_c)),
        told(building.reference, json!(true)),
    ]
}

/// What the owner says lies on the roof: panels, where they are nearly all one sees of it.
fn told_roofing(building: &Building) -> &'static str {
    let covered = |f: &Feature| f.kind == Kind::Pv && f.area_m2() > 0.5 * building.area_m2();
    if building.features.iter().any(covered) {
        "zonnepanelen"
    } else {
        building.material.name()
    }
}

/// All outlines as GeoJSON in the project's coordinates, with the `crs` member Flemish services
/// write.
pub(super) fn geojson(park: &Park) -> String {
    let features: Vec<Value> = park
        .buildings
        .iter()
        .enumerate()
        .map(|(index, building)| {
            let names = COLUMNS.iter().map(|(name, _)| (*name).to_owned());
            let properties: serde_json::Map<String, Value> =
                names.zip(values(park, index)).collect();
            let ring = closed(&map_ring(park, building, &building.ring));
            json!({
                "type": "Feature",
                "properties": properties,
                "geometry": { "type": "Polygon", "coordinates": [ring] },
            })
        })
        .collect();
    let whole = json!({
        "type": "FeatureCollection",
        "name": "GBG",
        "crs": { "type": "name", "properties": { "name": format!("urn:ogc:def:crs:EPSG::{EPSG}") } },
        "features": features,
    });
    format!("{whole}\n")
}

/// All outlines as the project's input, a GeoPackage with one layer called like the base map's;
/// `last_change` is the moment of the first flight.
pub(super) fn write_gpkg(path: &Path, park: &Park, site: &Site, last_change: &str) -> Result<()> {
    const LAYER: &str = "GBG";
    let (name, wkt) = site.named();
    let columns: Vec<gpkg::Column> = COLUMNS
        .iter()
        .map(|(name, column)| {
            let kind = match column {
                Column::Text => gpkg::ColumnKind::Text,
                Column::Integer => gpkg::ColumnKind::Integer,
                Column::Real => gpkg::ColumnKind::Real,
                Column::Boolean => gpkg::ColumnKind::Boolean,
            };
            gpkg::Column::new(*name, kind)
        })
        .collect();
    let mut package = GeoPackage::create(path, EPSG, &name, &wkt, last_change)?;
    package.add_layer(LAYER, GeometryKind::Polygon, &columns)?;
    for (index, building) in park.buildings.iter().enumerate() {
        let ring = closed(&map_ring(park, building, &building.ring));
        let polygon = ::geo::Polygon::new(::geo::LineString::from(ring), Vec::new());
        let row: Vec<gpkg::Value> = values(park, index).iter().map(cell).collect();
        package.insert(LAYER, Some(&polygon.into()), &row)?;
    }
    package.finish()
}

fn cell(value: &Value) -> gpkg::Value {
    match value {
        Value::Bool(yes) => gpkg::Value::Integer(i64::from(*yes)),
        Value::String(text) => gpkg::Value::Text(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => gpkg::Value::Integer(whole),
            None => gpkg::Value::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        _ => gpkg::Value::Null,
    }
}

/// Word for the form of a roof.
pub(super) fn form_word(form: &RoofForm) -> &'static str {
    match form {
        RoofForm::Flat { .. } => "flat",
        RoofForm::Gable { .. } => "gable",
        RoofForm::SawTooth { .. } => "saw-tooth",
    }
}
