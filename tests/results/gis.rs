//! Styles, project file and catalogue item.

use super::{common, flight, python};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::io::Read;

fn xml(text: &str) -> roxmltree::Document<'_> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    roxmltree::Document::parse_with_options(text, options).expect("well formed")
}

#[test]
fn every_layer_with_geometry_has_a_default_style_whose_columns_are_there() {
    let path = flight().join("audit.gpkg");
    let base = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opens");
    let mut layers = base
        .prepare("SELECT table_name FROM gpkg_geometry_columns ORDER BY table_name")
        .expect("a table");
    let layers: Vec<String> = layers
        .query_map([], |row| row.get(0))
        .expect("rows")
        .map(|name| name.expect("a name"))
        .collect();
    assert_eq!(
        layers,
        [
            "buildings",
            "coldspots",
            "frames",
            "hotspots",
            "roof_segments"
        ]
    );
    for layer in layers {
        let (style, standard): (String, bool) = base
            .query_row(
                "SELECT styleQML, useAsDefault FROM layer_styles WHERE f_table_name = ?1 AND f_geometry_column = 'geom'",
                [&layer],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .expect("one style");
        assert!(standard, "{layer}");
        let tree = xml(&style);
        let drawn = tree.descendants().find(|n| n.has_tag_name("renderer-v2"));
        let by = drawn
            .and_then(|n| n.attribute("attr"))
            .expect("an expression");
        // What stands in double quotes is a column; a plain word, too.
        let quoted: Vec<&str> = by.split('"').skip(1).step_by(2).collect();
        let columns = match quoted.as_slice() {
            [] if by.parse::<f64>().is_err() => vec![by],
            quoted => quoted.to_vec(),
        };
        for column in columns {
            let found = base.prepare(&format!("SELECT \"{column}\" FROM \"{layer}\" WHERE 0"));
            // SQLite takes an unknown name in quotes for a text.
            let known = found.is_ok_and(|s| s.column_names().eq([column]));
            assert!(known, "{layer}: {column}");
        }
    }
}

#[test]
fn the_project_names_every_source_by_a_path_that_leads_there() {
    let path = flight().join("park/park.qgz");
    let bytes = std::fs::read(&path).expect("is there");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let mut text = String::new();
    let mut inside = archive.by_name("park.qgs").expect("the project");
    inside.read_to_string(&mut text).expect("text");
    let tree = xml(&text);
    let sources: Vec<&str> = tree
        .descendants()
        .filter(|n| n.has_tag_name("datasource"))
        .filter_map(|n| n.text())
        .collect();
    assert_eq!(sources.len(), 8, "{sources:?}");
    for source in sources {
        let file = source.split('|').next().unwrap_or_default();
        assert!(file.starts_with("../"), "{file}");
        assert!(flight().join("park").join(file).is_file(), "{file}");
    }
    let here = common::sample().to_string_lossy().into_owned();
    assert!(!text.contains("/tmp") && !text.contains(&here));
}

#[test]
fn qgis_opens_the_project_with_every_layer_valid_and_coloured() {
    let Some(told) = python(
        "THERMAUDIT_QGIS_PYTHON",
        "qgis_project.py",
        &[&flight().join("park/park.qgz")],
    ) else {
        return;
    };
    let told: Value = serde_json::from_str(told.lines().last().unwrap_or_default()).expect("JSON");
    let layers = told["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 8, "{told}");
    for layer in layers {
        assert_eq!(layer["valid"], true, "{layer}");
        assert_eq!(layer["crs"], "EPSG:31370", "{layer}");
        let renderer = layer["renderer"].as_str().unwrap_or_default();
        assert!(
            ["categorizedSymbol", "singlebandpseudocolor"].contains(&renderer),
            "{layer}"
        );
    }
    // The picture QGIS draws of it has the colours of temperature and of classes.
    assert!(told["colours"].as_u64().unwrap_or(0) > 200, "{told}");
    // Styles inside the GeoPackage are taken without the project as well.
    assert_eq!(told["styled_from_package"], 5, "{told}");
}

#[test]
fn the_catalogue_item_says_where_when_and_what() {
    let folder = flight().join("park");
    let text = std::fs::read_to_string(folder.join("stac.json")).expect("is there");
    let item: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(item["type"], "Feature");
    for (key, asset) in item["assets"].as_object().expect("assets") {
        let href = asset["href"].as_str().expect("a path");
        assert!(folder.join(href).exists(), "{key}: {href}");
    }
    // The sample's park lies near Poperinge.
    let bbox: Vec<f64> = serde_json::from_value(item["bbox"].clone()).expect("four numbers");
    assert!(
        (2.4..3.2).contains(&bbox[0]) && (50.6..51.2).contains(&bbox[1]),
        "{bbox:?}"
    );
    assert!(bbox[2] > bbox[0] && bbox[3] > bbox[1]);
    let start = item["properties"]["start_datetime"]
        .as_str()
        .expect("a time");
    assert!(
        start.ends_with('Z') && start.starts_with("2025-01-1"),
        "{start}"
    );
    let Some(told) = python(
        "THERMAUDIT_PYTHON",
        "stac_item.py",
        &[&folder.join("stac.json")],
    ) else {
        return;
    };
    assert_eq!(told.trim(), "valid");
}
