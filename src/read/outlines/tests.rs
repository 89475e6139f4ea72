use super::*;
use crate::geo::crs::DatumGrid;
use geo::{Area, BoundingRect};

fn lambert72() -> Crs {
    Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known")
}

fn read_json(text: &str) -> Outcome<Vec<Outline>> {
    let layer = crate::read::geojson::layer("b.geojson", text.as_bytes()).expect("GeoJSON");
    from_layer(
        &layer,
        &Mapping::new(),
        &lambert72(),
        Report::new("b.geojson"),
    )
}

fn feature(properties: &str, x: f64, y: f64, size: f64) -> String {
    let (e, n) = (x + size, y + size);
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon",
        "coordinates":[[[{x},{y}],[{e},{y}],[{e},{n}],[{x},{n}],[{x},{y}]]]}}}}"#
    )
}

fn collection(crs: &str, features: &[String]) -> String {
    let member = if crs.is_empty() {
        String::new()
    } else {
        format!(r#""crs":{{"type":"name","properties":{{"name":"{crs}"}}}},"#)
    };
    format!(
        r#"{{"type":"FeatureCollection",{member}"features":[{}]}}"#,
        features.join(",")
    )
}

const LAMBERT: &str = "urn:ogc:def:crs:EPSG::31370";

#[test]
fn the_regional_layer_is_read_in_place_with_numbers_as_text() {
    let text = collection(
        LAMBERT,
        &[
            feature(
                r#"{"OIDN":2305235.0,"UIDN":1.0,"VERSDATUM":"2024-05-17","LBLTYPE":"hoofdgebouw"}"#,
                34e3,
                170e3,
                40.0,
            ),
            feature(
                r#"{"OIDN":"7","Naam":"Hal 7\r\n","dakmateriaal":"staal","u_value":"0,35",
                "indoor_c":16,"height_m":8.5,"reference":"ja"}"#,
                34.1e3,
                170e3,
                20.0,
            ),
        ],
    );
    let (outlines, warnings) = read_json(&text).expect("sound");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(outlines[0].oidn, "2305235");
    assert_eq!(outlines[0].uidn.as_deref(), Some("1"));
    assert_eq!(outlines[0].version_date.as_deref(), Some("2024-05-17"));
    assert_eq!(outlines[1].uidn, None);
    assert_eq!(outlines[0].polygon.unsigned_area(), 1600.0);
    assert_eq!(outlines[1].name.as_deref(), Some("Hal 7"));
    assert_eq!(outlines[1].material.as_deref(), Some("staal"));
    assert_eq!(outlines[1].u_value, Some(0.35));
    assert_eq!(outlines[1].indoor_c, Some(16.0));
    assert_eq!(outlines[1].height_m, Some(8.5));
    assert!(outlines[1].reference && !outlines[0].reference);
}

#[test]
fn longitude_and_latitude_are_projected() {
    // Poperinge: 2.7261 E, 50.8512 N; 0.001° is 70.3 m by 111.3 m there.
    let text = collection("", &[feature(r#"{"oidn":1}"#, 2.7261, 50.8512, 0.001)]);
    let (outlines, warnings) = read_json(&text).expect("sound");
    assert!(warnings.is_empty(), "{warnings:?}");
    let (x, y) = lambert72().from_lonlat(2.7261, 50.8512).expect("inside");
    let corner = outlines[0].polygon.0[0].exterior().0[0];
    assert!((corner.x - x).hypot(corner.y - y) < 1e-6);
    let area = outlines[0].polygon.unsigned_area();
    assert!((area / (70.3 * 111.3) - 1.0).abs() < 0.01, "{area}");
}

#[test]
fn the_other_belgian_system_is_reprojected_to_the_project() {
    let sibling = lambert72().sibling("EPSG:3812").expect("known");
    let (x, y) = sibling.from_lonlat(2.7261, 50.8512).expect("inside");
    let text = collection("EPSG:3812", &[feature(r#"{"oidn":1}"#, x, y, 40.0)]);
    let (outlines, _) = read_json(&text).expect("sound");
    let (x, y) = lambert72().from_lonlat(2.7261, 50.8512).expect("inside");
    let corner = outlines[0].polygon.0[0].exterior().0[0];
    // Millimetres: two conversions with the same shift.
    assert!((corner.x - x).hypot(corner.y - y) < 1e-3);
}

#[test]
fn map_coordinates_without_a_named_system_are_taken_as_the_projects() {
    let text = collection("", &[feature(r#"{"oidn":1}"#, 34e3, 170e3, 40.0)]);
    let (outlines, warnings) = read_json(&text).expect("sound");
    assert_eq!(
        outlines[0].polygon.bounding_rect().expect("extent").min().x,
        34e3
    );
    assert!(warnings[0].to_string().contains("EPSG:31370"));
}

#[test]
fn all_faults_are_told_at_once() {
    let text = collection(
        LAMBERT,
        &[
            feature(r#"{"oidn":1}"#, 34e3, 170e3, 40.0),
            feature(r#"{"oidn":"1.0"}"#, 34e3, 170e3, 40.0),
            feature(r#"{"oidn":null}"#, 34e3, 170e3, 40.0),
            feature(r#"{"oidn":4,"u_value":"low"}"#, 34e3, 170e3, 0.0),
            r#"{"type":"Feature","properties":{"oidn":5},"geometry":null}"#.to_string(),
        ],
    );
    let problems = read_json(&text).expect_err("faulty");
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for part in [
        "feature 2, column oidn: \"1\" occurs at feature 1",
        "feature 3, column oidn: is empty",
        "feature 4: building 4 has",
        "feature 4, column u_value",
        "feature 5: building 5 has no geometry",
    ] {
        assert!(all.iter().any(|t| t.contains(part)), "{part}: {all:?}");
    }
    assert_eq!(all.len(), 5);
}

#[test]
fn a_missing_key_column_names_the_columns_and_the_setting() {
    let text = collection(LAMBERT, &[feature(r#"{"gml_id":1}"#, 34e3, 170e3, 40.0)]);
    let problems = read_json(&text).expect_err("faulty");
    let text = problems[0].to_string();
    assert!(
        text.contains("gml_id") && text.contains("[schema.buildings]"),
        "{text}"
    );
}

#[test]
fn swapped_axes_a_cut_export_and_far_outlines_are_warnings() {
    let swapped = collection("", &[feature(r#"{"oidn":1}"#, 50.8512, 2.7261, 0.001)]);
    let (_, warnings) = read_json(&swapped).expect("readable");
    assert!(
        warnings.iter().any(|w| w.to_string().contains("swapped")),
        "{warnings:?}"
    );

    let features: Vec<String> = (0..10_000)
        .map(|i| {
            let x = if i == 5 { 240e3 } else { 34e3 + f64::from(i) };
            feature(&format!("{{\"oidn\":{i}}}"), x, 170e3, 1.0)
        })
        .collect();
    let (_, warnings) = read_json(&collection(LAMBERT, &features)).expect("readable");
    let all: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert!(all.iter().any(|t| t.contains("exactly 10000")), "{all:?}");
    assert!(
        all.iter().any(|t| t.contains("100 km from the others: 5")),
        "{all:?}"
    );
}

#[test]
fn formats_that_are_not_read_are_refused_by_name() {
    for name in ["b.gml", "b.dwg", "b"] {
        let problems = read(Path::new(name), &Mapping::new(), &lambert72()).expect_err("refused");
        assert!(
            problems[0]
                .to_string()
                .contains("expected .gpkg, .geojson, .shp or .fgb")
        );
    }
}
