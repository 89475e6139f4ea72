//! GeoPackages we write open in other programs, and in our own reader, with what was put in.

use std::path::Path;
use std::process::Command;

use geo::{Geometry, MultiPolygon, Point, Polygon, polygon};
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::read::gpkg::{Cell, rows};
use thermaudit::read::{outlines, table::Mapping, wkb};
use thermaudit::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};

fn crs() -> Crs {
    Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known system")
}

fn building(i: u32) -> Polygon<f64> {
    let (x, y) = (34_000.0 + 50.0 * f64::from(i), 170_000.0);
    polygon!(
        exterior: [(x: x, y: y), (x: x + 40.0, y: y), (x: x + 40.0, y: y + 30.0), (x: x, y: y + 30.0)],
        interiors: [[(x: x + 5.0, y: y + 5.0), (x: x + 5.0, y: y + 9.0), (x: x + 9.0, y: y + 9.0)]],
    )
}

fn write(path: &Path) {
    let crs = crs();
    let mut package = GeoPackage::create(
        path,
        crs.epsg(),
        &crs.name(),
        &crs.wkt(),
        "2026-01-15T02:10:00Z",
    )
    .expect("created");
    let columns = [
        Column::new("oidn", ColumnKind::Text).describe("key of the outline"),
        Column::new("name", ColumnKind::Text),
        Column::new("t_mean_c", ColumnKind::Real),
        Column::new("class", ColumnKind::Integer),
        Column::new("reference", ColumnKind::Boolean),
    ];
    let kinds = [
        ("buildings", GeometryKind::MultiPolygon),
        ("frames", GeometryKind::Point),
        ("footless", GeometryKind::Polygon),
        ("companies", GeometryKind::None),
    ];
    for (name, kind) in kinds {
        package.add_layer(name, kind, &columns).expect("layer");
    }
    for i in 0..3 {
        let values = [
            Value::from(format!("230523{i}")),
            Value::from("Zo\u{eb} & 'co'"),
            Value::from(if i == 1 { f64::NAN } else { -1.5 }),
            Value::Null,
            Value::from(i == 2),
        ];
        let parts = MultiPolygon(vec![building(i)]);
        let point = Geometry::Point(Point::new(34_000.0 + f64::from(i), 170_000.0));
        package
            .insert("buildings", Some(&Geometry::MultiPolygon(parts)), &values)
            .expect("row");
        package
            .insert("frames", Some(&point), &values)
            .expect("row");
        package.insert("frames", None, &values).expect("row");
        package.insert("companies", None, &values).expect("row");
    }
    package
        .add_style("buildings", "<qgis version=\"3.28\"/>")
        .expect("style");
    package.finish().expect("finished");
}

#[test]
fn what_was_written_is_read_back() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("audit.gpkg");
    write(&path);
    let (outlines, _) = outlines::read(&path, &Mapping::new(), &crs()).expect("sound");
    assert_eq!(outlines.len(), 3);
    for (i, outline) in (0..).zip(&outlines) {
        assert_eq!(outline.oidn, format!("230523{i}"));
        assert_eq!(outline.name.as_deref(), Some("Zo\u{eb} & 'co'"));
        assert_eq!(outline.polygon, MultiPolygon(vec![building(i)]));
        assert_eq!(outline.reference, i == 2);
    }
    let frames = rows(&path, "frames").expect("sound");
    assert_eq!(
        frames.columns,
        [
            "fid",
            "geom",
            "oidn",
            "name",
            "t_mean_c",
            "class",
            "reference"
        ]
    );
    let expected = Geometry::Point(Point::new(34_002.0, 170_000.0));
    let found = match &frames.rows[4][1] {
        Cell::Blob(blob) => wkb::from_gpkg(blob),
        other => Err(format!("{other:?}")),
    };
    assert_eq!(found, Ok(Some(expected)));
    assert_eq!(frames.rows[5][1], Cell::Null);
    let means = frames.column("t_mean_c").expect("column");
    assert_eq!(
        [means[0], means[2], means[4]],
        [&Cell::Real(-1.5), &Cell::Null, &Cell::Real(-1.5)]
    );
}

/// Standard output of a GDAL program, without a single complaint; `None` where it is missing.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn gdal(program: &str, arguments: &[&str]) -> Option<String> {
    let output = match Command::new(program).args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: {program} does not run ({error})");
            return None;
        }
    };
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && complaints.is_empty(),
        "{complaints}"
    );
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn gdal_opens_every_layer_with_count_extent_and_system_and_without_complaint() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("audit.gpkg");
    write(&path);
    let file = path.to_str().expect("text path");
    let Some(all) = gdal("ogrinfo", &["-ro", "-al", "-so", file]) else {
        return;
    };
    for part in [
        "Layer name: buildings",
        "Geometry: Multi Polygon",
        "Feature Count: 3",
        "Extent: (34000.000000, 170000.000000) - (34140.000000, 170030.000000)",
        "BD72 / Belgian Lambert 72",
        "ID[\"EPSG\",31370]",
        "Layer name: frames",
        "Geometry: Point",
        "Feature Count: 6",
        "Layer name: footless",
        "Feature Count: 0",
        "Layer name: companies",
        "Geometry: None",
        "reference: Integer(Boolean)",
        "t_mean_c: Real",
        "Layer name: layer_styles",
    ] {
        assert!(all.contains(part), "{part} in\n{all}");
    }
    // The spatial filter goes through the index.
    let box_ = ["-spat", "34055", "170010", "34060", "170020"];
    let filtered = gdal(
        "ogrinfo",
        &[&["-ro", "-al", "-geom=NO"], &box_[..], &[file, "buildings"]].concat(),
    );
    let filtered = filtered.unwrap_or_default();
    assert!(filtered.contains("oidn (String) = 2305231"), "{filtered}");
    assert!(filtered.contains("Feature Count: 1"), "{filtered}");
}

#[test]
fn gdal_edits_a_layer_and_the_index_follows() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("audit.gpkg");
    write(&path);
    let file = path.to_str().expect("text path");
    let edit = "DELETE FROM buildings WHERE oidn = '2305231'";
    if gdal("ogrinfo", &[file, "-sql", edit]).is_none() {
        return;
    }
    let left = rows(&path, "buildings").expect("sound").rows.len();
    assert_eq!(left, 2);
    let sql = "SELECT count(*) AS n FROM rtree_buildings_geom";
    let counted = gdal("ogrinfo", &["-ro", file, "-sql", sql]).unwrap_or_default();
    assert!(counted.contains("n (Integer) = 2"), "{counted}");
}

#[test]
fn outlines_that_gdal_wrote_are_the_same_from_either_format() {
    let folder = tempfile::tempdir().expect("folder");
    let json = folder.path().join("b.geojson");
    let features: Vec<String> = (0..3)
        .map(|i| {
            let x = 34_000 + 50 * i;
            let e = x + 40;
            format!(
                r#"{{"type":"Feature","properties":{{"OIDN":230523{i},"Naam":"Hal {i}"}},
                "geometry":{{"type":"Polygon","coordinates":[[[{x},170000,8],[{e},170000,8],
                [{e},170030,8],[{x},170030,8],[{x},170000,8]]]}}}}"#
            )
        })
        .collect();
    let crs_member = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::31370"}}"#;
    let text = format!(
        r#"{{"type":"FeatureCollection",{crs_member},"features":[{}]}}"#,
        features.join(",")
    );
    std::fs::write(&json, text).expect("written");
    let (expected, warnings) = outlines::read(&json, &Mapping::new(), &crs()).expect("sound");
    assert!(warnings.is_empty(), "{warnings:?}");
    let json = json.to_str().expect("text path");
    let kinds = [
        ("flat.gpkg", "POLYGON"),
        ("multi.gpkg", "MULTIPOLYGON25D"),
        ("any.gpkg", "GEOMETRY"),
    ];
    for (name, kind) in kinds {
        let path = folder.path().join(name);
        let file = path.to_str().expect("text path");
        if gdal("ogr2ogr", &["-f", "GPKG", "-nlt", kind, file, json]).is_none() {
            return;
        }
        let (found, warnings) = outlines::read(&path, &Mapping::new(), &crs()).expect("sound");
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(found, expected, "{kind}");
    }
}
