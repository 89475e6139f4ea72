//! A flight as an item of a spatio-temporal asset catalogue (STAC 1.1.0 with its projection extension 2.0.0).
//!
//! For those who keep many flights: where and when it was, how fine, and which files there are, by paths relative
//! to the item. It holds no value of any roof and no company.

use serde_json::{Map, Value, json};

/// What an item says.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// Identity of the item.
    pub id: &'a str,
    /// Title for people.
    pub title: &'a str,
    /// First and last exposure, RFC 3339 in UTC; `None` where no frame had a time.
    pub times: Option<(&'a str, &'a str)>,
    /// Corners of what was seen, WGS 84: longitude and latitude in degrees, counter-clockwise and not closed.
    pub corners: &'a [(f64, f64)],
    /// EPSG code of the rasters.
    pub epsg: u32,
    /// Cell size, metres.
    pub gsd_m: Option<f64>,
    /// The files.
    pub assets: &'a [Asset],
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Its name in the item.
    pub key: &'static str,
    /// Path relative to the item.
    pub href: String,
    /// Media type.
    pub media_type: &'static str,
    /// Title for people.
    pub title: String,
    /// `data`, `metadata` or `overview`.
    pub role: &'static str,
}

/// Decimals of a degree: a tenth of a metre.
const DECIMALS: f64 = 1e6;

/// The item, indented, ending in a line feed.
pub fn to_json(item: &Item<'_>) -> String {
    let round = |v: f64| (v * DECIMALS).round() / DECIMALS;
    let corners: Vec<[f64; 2]> = item
        .corners
        .iter()
        .map(|c| [round(c.0), round(c.1)])
        .collect();
    let side =
        |axis: usize, pick: fn(f64, f64) -> f64| corners.iter().map(|c| c[axis]).reduce(pick);
    let bbox = (|| {
        let (west, south) = (side(0, f64::min)?, side(1, f64::min)?);
        Some(json!([west, south, side(0, f64::max)?, side(1, f64::max)?]))
    })();
    let mut ring = corners.clone();
    ring.extend(corners.first().copied());
    let mut properties = Map::new();
    properties.insert("title".to_owned(), json!(item.title));
    match item.times {
        Some((start, end)) => {
            properties.insert("datetime".to_owned(), json!(start));
            properties.insert("start_datetime".to_owned(), json!(start));
            properties.insert("end_datetime".to_owned(), json!(end));
        }
        // The standard asks for the key; a time nobody knows is not made up.
        None => {
            properties.insert("datetime".to_owned(), Value::Null);
        }
    }
    if let Some(gsd) = item.gsd_m {
        properties.insert("gsd".to_owned(), json!(gsd));
    }
    properties.insert("proj:code".to_owned(), json!(format!("EPSG:{}", item.epsg)));
    let assets: Map<String, Value> = item
        .assets
        .iter()
        .map(|asset| {
            let entry = json!({
                "href": asset.href,
                "type": asset.media_type,
                "title": asset.title,
                "roles": [asset.role],
            });
            (asset.key.to_owned(), entry)
        })
        .collect();
    let mut whole = Map::new();
    whole.insert("type".to_owned(), json!("Feature"));
    whole.insert("stac_version".to_owned(), json!("1.1.0"));
    whole.insert(
        "stac_extensions".to_owned(),
        json!(["https://stac-extensions.github.io/projection/v2.0.0/schema.json"]),
    );
    whole.insert("id".to_owned(), json!(item.id));
    match &bbox {
        Some(bbox) => {
            whole.insert("bbox".to_owned(), bbox.clone());
            whole.insert(
                "geometry".to_owned(),
                json!({ "type": "Polygon", "coordinates": [ring] }),
            );
        }
        None => {
            whole.insert("geometry".to_owned(), Value::Null);
        }
    }
    whole.insert("properties".to_owned(), Value::Object(properties));
    whole.insert("links".to_owned(), json!([]));
    whole.insert("assets".to_owned(), Value::Object(assets));
    let mut text = serde_json::to_string_pretty(&Value::Object(whole))
        .expect("a tree of strings, finite numbers and nulls always serialises");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item<'a>(times: Option<(&'a str, &'a str)>, corners: &'a [(f64, f64)]) -> Value {
        let text = to_json(&Item {
            id: "2025-01-16-v1",
            title: "Park",
            times,
            corners,
            epsg: 31370,
            gsd_m: Some(0.25),
            assets: &[Asset {
                key: "mosaic",
                href: "../mosaic.tif".to_owned(),
                media_type: "image/tiff; application=geotiff; profile=cloud-optimized",
                title: "°C".to_owned(),
                role: "data",
            }],
        });
        serde_json::from_str(&text).expect("valid JSON")
    }

    #[test]
    fn an_item_has_the_fields_the_standard_asks_for() {
        let corners = [(2.7, 50.8), (2.8, 50.8), (2.8, 50.9), (2.7, 50.9)];
        let found = item(
            Some(("2025-01-16T22:00:00Z", "2025-01-16T22:20:00Z")),
            &corners,
        );
        for key in [
            "type",
            "stac_version",
            "id",
            "geometry",
            "bbox",
            "properties",
            "links",
            "assets",
        ] {
            assert!(found.get(key).is_some(), "{key}");
        }
        assert_eq!(found["bbox"], json!([2.7, 50.8, 2.8, 50.9]));
        let ring = found["geometry"]["coordinates"][0]
            .as_array()
            .expect("a ring");
        assert_eq!(ring.first(), ring.last());
        assert_eq!(ring.len(), 5);
    }

    #[test]
    fn a_time_nobody_knows_is_null_and_no_place_has_no_box() {
        let found = item(None, &[]);
        assert!(found["properties"]["datetime"].is_null());
        assert!(found["geometry"].is_null() && found.get("bbox").is_none());
    }
}
