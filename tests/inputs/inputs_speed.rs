//! A large campaign's inputs load in well under two seconds.

use crate::sheet_files;
use crate::vector_files;

use std::path::Path;
use std::time::{Duration, Instant};

use geo::{Geometry, polygon};
use sheet_files::{Cell, ods, xlsx};
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::read::table::Mapping;
use thermaudit::read::{companies, outlines};
use thermaudit::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};
use vector_files::{Dbf, polygon_record, shp};

const OUTLINES: i32 = 20_000;
const COMPANIES: i32 = 2_000;

/// Loading may take this long; a large machine needs a tenth of it.
const LIMIT: Duration = Duration::from_secs(2);

/// A building of twelve corners, as most of the region's have about that many.
fn ring(i: i32) -> Vec<[f64; 2]> {
    let (x, y) = (
        30e3 + 40.0 * f64::from(i % 200),
        170e3 + 40.0 * f64::from(i / 200),
    );
    let steps: [[f64; 2]; 12] = [
        [0., 0.],
        [0., 30.],
        [10., 30.],
        [10., 25.],
        [15., 25.],
        [15., 30.],
        [25., 30.],
        [25., 10.],
        [20., 10.],
        [20., 5.],
        [25., 5.],
        [25., 0.],
    ];
    let mut ring: Vec<[f64; 2]> = steps.iter().map(|[a, b]| [x + a, y + b]).collect();
    ring.push(ring[0]);
    ring
}

fn write_all(folder: &Path) {
    let mut dbf = Dbf::new(&[("OIDN", b'N', 15), ("LBLTYPE", b'C', 32)]);
    let mut shapes = Vec::new();
    let mut features = Vec::new();
    let path = folder.join("b.gpkg");
    let moment = "2026-01-15T02:10:00Z";
    let mut package =
        GeoPackage::create(&path, 31370, "BD72", "undefined", moment).expect("created");
    let columns = [Column::new("oidn", ColumnKind::Text)];
    package
        .add_layer("buildings", GeometryKind::Polygon, &columns)
        .expect("layer");
    for i in 0..OUTLINES {
        let ring = ring(i);
        dbf.row(&[i.to_string().as_bytes(), b"hoofdgebouw"]);
        shapes.push(polygon_record(&[&ring]));
        let places: Vec<String> = ring.iter().map(|[x, y]| format!("[{x},{y}]")).collect();
        features.push(format!(
            r#"{{"type":"Feature","properties":{{"OIDN":{i},"LBLTYPE":"hoofdgebouw"}},"geometry":
            {{"type":"Polygon","coordinates":[[{}]]}}}}"#,
            places.join(",")
        ));
        let mut shape = polygon![];
        shape.exterior_mut(|line| line.0 = ring.iter().map(|p| (*p).into()).collect());
        let values = [Value::from(i.to_string())];
        package
            .insert("buildings", Some(&Geometry::Polygon(shape)), &values)
            .expect("row");
    }
    package.finish().expect("finished");
    std::fs::write(folder.join("b.shp"), shp(5, &shapes)).expect("written");
    std::fs::write(folder.join("b.dbf"), dbf.bytes()).expect("written");
    std::fs::write(folder.join("b.prj"), vector_files::LAMBERT_72_PRJ).expect("written");
    let json = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":
        "EPSG:31370"}}}},"features":[{}]}}"#,
        features.join(",")
    );
    std::fs::write(folder.join("b.geojson"), json).expect("written");
    let run = std::process::Command::new("ogr2ogr")
        .args(["-f", "FlatGeobuf"])
        .args([folder.join("b.fgb"), folder.join("b.geojson")])
        .status();
    drop(run);
}

#[test]
#[ignore = "a timing; run alone: cargo test --release --test inputs -- inputs_speed --ignored --nocapture"]
fn twenty_thousand_outlines_and_two_thousand_companies_load_in_under_two_seconds() {
    let folder = tempfile::tempdir().expect("folder");
    write_all(folder.path());
    let mut slow = Vec::new();
    let mut time = |name: &str, read: &dyn Fn() -> usize| {
        let start = Instant::now();
        let count = read();
        let taken = start.elapsed();
        eprintln!("{name}: {count} in {:.0} ms", taken.as_secs_f64() * 1000.0);
        if taken > LIMIT {
            slow.push(name.to_string());
        }
    };
    for (project, code) in [("same system", "EPSG:31370"), ("reprojected", "EPSG:3812")] {
        let crs = Crs::new(code, DatumGrid::Embedded).expect("known");
        for name in ["b.gpkg", "b.shp", "b.geojson", "b.fgb"] {
            let path = folder.path().join(name);
            if path.is_file() {
                time(&format!("{name}, {project}"), &|| {
                    outlines::read(&path, &Mapping::new(), &crs)
                        .expect(name)
                        .0
                        .len()
                });
            }
        }
    }
    let ids: Vec<String> = (0..COMPANIES).map(|i| format!("C-{i}")).collect();
    let mut rows = vec![vec![
        Cell::Text("bedrijf_id"),
        Cell::Text("naam"),
        Cell::Text("kbo"),
        Cell::Text("straat"),
        Cell::Text("deelname"),
        Cell::Text("gebouwen"),
        Cell::Text("toestemming_datum"),
        Cell::Text("binnentemp_c"),
    ]];
    rows.extend(ids.iter().map(|id| {
        vec![
            Cell::Text(id),
            Cell::Text("Een firma van gewone lengte"),
            Cell::Number(403_449_823.0),
            Cell::Text("Frankrijklaan"),
            Cell::Text("ja"),
            Cell::Text("2305235; 2305236"),
            Cell::Date(46_037.0, "2026-01-15"),
            Cell::Number(18.5),
        ]
    }));
    let csv: String = std::iter::once("bedrijf_id;naam;kbo;deelname\n".to_string())
        .chain(ids.iter().map(|id| format!("{id};Firma;0403.449.823;ja\n")))
        .collect();
    let files = [
        ("companies.xlsx", xlsx(1, &rows)),
        ("companies.ods", ods(1, &rows)),
        ("companies.csv", csv.into_bytes()),
    ];
    for (name, bytes) in &files {
        time(name, &|| {
            let read = companies::from_bytes(name, bytes, &Mapping::new());
            read.expect(name).0.len()
        });
    }
    assert!(slow.is_empty(), "{slow:?}");
}
