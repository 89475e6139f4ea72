//! Outlines come in as users have them: shapefile, FlatGeobuf, GeoJSON and GeoPackage, in any
//! system and encoding the region writes.

use crate::vector_files;

use std::path::Path;

use geo::Area;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::problem::Problem;
use thermaudit::read::table::Mapping;
use thermaudit::read::{flatgeobuf, outlines, shapefile};
use thermaudit::survey::Outline;
use vector_files::{Dbf, Fgb, LAMBERT_72_PRJ, point_record, polygon_record, shp};

/// Outer rings clockwise, as a shapefile has them.
const HALL: &[[f64; 2]] = &[
    [34_000., 172_000.],
    [34_000., 172_040.],
    [34_060., 172_040.],
    [34_060., 172_000.],
    [34_000., 172_000.],
];

/// A courtyard of the hall, the other way round.
const COURT: &[[f64; 2]] = &[
    [34_010., 172_010.],
    [34_020., 172_010.],
    [34_020., 172_020.],
    [34_010., 172_020.],
    [34_010., 172_010.],
];

const SHED: &[[f64; 2]] = &[
    [34_100., 172_000.],
    [34_100., 172_010.],
    [34_110., 172_010.],
    [34_110., 172_000.],
    [34_100., 172_000.],
];

fn lambert() -> Crs {
    Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known")
}

fn read(path: &Path) -> (Vec<Outline>, Vec<Problem>) {
    outlines::read(path, &Mapping::new(), &lambert()).expect("sound")
}

fn texts(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n")
}

/// The regional building layer with one name in a given encoding.
fn gbg(folder: &Path, name: &[u8], cpg: Option<&str>, prj: Option<&str>) -> std::path::PathBuf {
    let mut dbf = Dbf::new(&[
        ("OIDN", b'N', 15),
        ("UIDN", b'N', 15),
        ("VERSDATUM", b'D', 8),
        ("TYPE", b'N', 4),
        ("LBLTYPE", b'C', 32),
        ("NAAM", b'C', 12),
        ("dakmateria", b'C', 20),
    ]);
    dbf.row(&[
        b"2305235",
        b"1",
        b"20150304",
        b"1",
        b"hoofdgebouw\r\n",
        name,
        b"staal",
    ]);
    dbf.row(&[b"7", b"2", b"", b"2", b"bijgebouw", b"", b""]);
    let path = folder.join("buildings.shp");
    let shapes = [polygon_record(&[HALL, COURT]), polygon_record(&[SHED])];
    std::fs::write(&path, shp(5, &shapes)).expect("written");
    std::fs::write(path.with_extension("dbf"), dbf.bytes()).expect("written");
    if let Some(cpg) = cpg {
        std::fs::write(path.with_extension("CPG"), cpg).expect("written");
    }
    if let Some(prj) = prj {
        std::fs::write(path.with_extension("prj"), prj).expect("written");
    }
    path
}

#[test]
fn a_shapefile_gives_keys_names_holes_and_system_whatever_its_encoding() {
    for (name, cpg) in [
        ("Caf\u{e9}".as_bytes(), Some("UTF-8")),
        ("Caf\u{e9}".as_bytes(), Some("65001")),
        ("Caf\u{e9}".as_bytes(), None),
        (b"Caf\xe9", Some("1252")),
        (b"Caf\xe9", Some("ANSI 1252\r\n")),
        (b"Caf\xe9", Some("ISO-8859-1")),
        (b"Caf\xe9", None),
    ] {
        let folder = tempfile::tempdir().expect("folder");
        let path = gbg(folder.path(), name, cpg, Some(LAMBERT_72_PRJ));
        let (outlines, warnings) = read(&path);
        assert!(warnings.is_empty(), "{}", texts(&warnings));
        let keys: Vec<&str> = outlines.iter().map(|o| o.oidn.as_str()).collect();
        assert_eq!(keys, ["2305235", "7"]);
        assert_eq!(outlines[0].name.as_deref(), Some("Caf\u{e9}"), "{cpg:?}");
        assert_eq!(outlines[0].material.as_deref(), Some("staal"));
        assert_eq!(outlines[0].polygon.unsigned_area(), 60.0 * 40.0 - 100.0);
        assert_eq!(outlines[1].polygon.unsigned_area(), 100.0);
        assert_eq!(outlines[1].name, None);
    }
}

#[test]
fn a_name_cut_within_a_sign_is_still_utf_8() {
    let folder = tempfile::tempdir().expect("folder");
    // Twelve bytes, the last one the first half of an é.
    let path = gbg(
        folder.path(),
        b"Zo\xc3\xab Eeeeee\xc3",
        None,
        Some(LAMBERT_72_PRJ),
    );
    let (outlines, _) = read(&path);
    let name = outlines[0].name.as_deref().expect("named");
    assert!(name.starts_with("Zo\u{eb} Eeeeee"), "{name}");
}

#[test]
fn without_prj_the_system_is_told_from_where_the_outlines_lie() {
    let folder = tempfile::tempdir().expect("folder");
    let path = gbg(folder.path(), b"", None, None);
    let (outlines, warnings) = read(&path);
    assert_eq!(outlines[0].polygon.unsigned_area(), 2300.0);
    assert!(texts(&warnings).contains("names no coordinate system"));
    // The same file in a project of Lambert 2008: its coordinates give it away.
    let project = Crs::new("EPSG:3812", DatumGrid::Embedded).expect("known");
    let (outlines, warnings) = outlines::read(&path, &Mapping::new(), &project).expect("sound");
    let corner = outlines[0].polygon.0[0].exterior().0[0];
    // At Poperinge (34387.43, 172922.46 and 534387.69, 672909.07 after PROJ) the systems differ
    // by 500 000.26 and 499 986.61 m; a kilometre away by centimetres more or less.
    let first = HALL[0];
    let [east, north] = [
        corner.x - first[0] - 500_000.26,
        corner.y - first[1] - 499_986.61,
    ];
    assert!(east.abs() < 0.5 && north.abs() < 0.5, "{east} {north}");
    assert!(
        texts(&warnings).contains("look like EPSG:31370"),
        "{}",
        texts(&warnings)
    );
}

#[test]
fn a_shapefile_without_its_attributes_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("folder");
    let path = gbg(folder.path(), b"", None, Some(LAMBERT_72_PRJ));
    std::fs::remove_file(path.with_extension("dbf")).expect("removed");
    let problems = outlines::read(&path, &Mapping::new(), &lambert()).expect_err("faulty");
    assert!(texts(&problems).contains(".dbf"), "{}", texts(&problems));
}

#[test]
fn deleted_rows_null_shapes_and_rings_of_either_direction_are_understood() {
    let mut dbf = Dbf::new(&[("OIDN", b'N', 10)]);
    dbf.row(&[b"1"]);
    dbf.deleted(&[b"2"]);
    dbf.row(&[b"3"]);
    dbf.row(&[b"4"]);
    let backwards: Vec<[f64; 2]> = SHED.iter().rev().copied().collect();
    let shapes = [
        polygon_record(&[&backwards]),
        polygon_record(&[HALL]),
        0_u32.to_le_bytes().to_vec(),
        point_record([34_000., 172_000.]),
    ];
    let (shp, dbf) = (shp(5, &shapes), dbf.bytes());
    let parts = shapefile::Parts {
        shp: &shp,
        dbf: Some(&dbf),
        prj: Some(LAMBERT_72_PRJ.as_bytes()),
        cpg: None,
    };
    let layer = shapefile::layer("b.shp", &parts).expect("readable");
    let keys: Vec<&str> = layer
        .table
        .records
        .iter()
        .map(|r| r.cells[0].as_str())
        .collect();
    assert_eq!(keys, ["1", "3", "4"]);
    let polygons: Vec<_> = layer.polygons().collect();
    assert_eq!(
        polygons[0].as_ref().expect("polygon").unsigned_area(),
        100.0
    );
    assert_eq!(polygons[1], Err("has no geometry".to_string()));
    assert!(
        polygons[2]
            .as_ref()
            .is_err_and(|what| what.contains("point"))
    );
    assert_eq!(layer.table.records[1].place.to_string(), "feature 3");
}

#[test]
fn a_flatgeobuf_gives_keys_holes_parts_and_system_with_and_without_index() {
    for indexed in [true, false] {
        let file = Fgb {
            epsg: 31370,
            indexed,
            features: vec![
                ("2305235", vec![vec![HALL, COURT]]),
                ("7", vec![vec![SHED], vec![COURT]]),
            ],
        };
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("buildings.fgb");
        std::fs::write(&path, file.bytes()).expect("written");
        let (outlines, warnings) = read(&path);
        assert!(warnings.is_empty(), "{}", texts(&warnings));
        assert_eq!(outlines[0].oidn, "2305235");
        assert_eq!(outlines[0].polygon.unsigned_area(), 2300.0);
        assert_eq!(outlines[0].height_m, Some(6.5));
        assert_eq!(outlines[1].polygon.0.len(), 2);
        assert_eq!(outlines[1].polygon.unsigned_area(), 200.0);
    }
}

#[test]
fn cut_and_altered_shapefiles_and_flatgeobufs_are_read_or_refused() {
    let mut dbf = Dbf::new(&[("OIDN", b'N', 10), ("NAAM", b'C', 20)]);
    dbf.row(&[b"1", b"a"]);
    dbf.row(&[b"2", b"b"]);
    let sound = [
        shp(
            5,
            &[polygon_record(&[HALL, COURT]), polygon_record(&[SHED])],
        ),
        dbf.bytes(),
        Fgb {
            epsg: 31370,
            indexed: true,
            features: vec![
                ("1", vec![vec![HALL, COURT]]),
                ("2", vec![vec![SHED], vec![COURT]]),
            ],
        }
        .bytes(),
    ];
    let try_all = |files: &[Vec<u8>; 3]| {
        let parts = shapefile::Parts {
            shp: &files[0],
            dbf: Some(&files[1]),
            prj: Some(&files[1]),
            cpg: Some(&files[0]),
        };
        let _ = shapefile::layer("b.shp", &parts);
        let _ = shapefile::layer("b.shp", &shapefile::Parts { cpg: None, ..parts });
        let _ = shapefile::attributes("b.dbf", &files[1], None);
        let _ = flatgeobuf::layer("b.fgb", &files[2]);
    };
    for which in 0..3 {
        for length in 0..sound[which].len() {
            let mut cut = sound.clone();
            cut[which].truncate(length);
            try_all(&cut);
        }
        for at in 0..sound[which].len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut altered = sound.clone();
                altered[which][at] = value;
                if let Some(next) = altered[which].get_mut(at + 1) {
                    *next = value;
                }
                try_all(&altered);
            }
        }
    }
}

/// What GDAL writes is read as what it was told; skipped where GDAL is not installed.
#[test]
fn files_of_another_program_give_the_same_outlines() {
    let folder = tempfile::tempdir().expect("folder");
    let source = folder.path().join("gbg.geojson");
    let ring = |ring: &[[f64; 2]]| {
        let places: Vec<String> = ring.iter().map(|[x, y]| format!("[{x},{y}]")).collect();
        format!("[{}]", places.join(","))
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":
        "urn:ogc:def:crs:EPSG::31370"}}}},"features":[{{"type":"Feature","properties":{{
        "OIDN":2305235,"NAAM":"Café Zoë","OPPERVL":2300.5,"building_id":null}},"geometry":{{
        "type":"Polygon","coordinates":[{},{}]}}}},{{"type":"Feature","properties":{{"OIDN":7,
        "NAAM":null}},"geometry":{{"type":"MultiPolygon","coordinates":[[{}],[{}]]}}}}]}}"#,
        ring(HALL),
        ring(COURT),
        ring(SHED),
        ring(COURT),
    );
    std::fs::write(&source, text).expect("written");
    let (expected, _) = read(&source);
    assert_eq!(expected[1].polygon.unsigned_area(), 200.0);
    // With heights the places are followed by others, or stand apart.
    for (format, name, option, dimension) in [
        ("ESRI Shapefile", "u.shp", "ENCODING=UTF-8", "XY"),
        ("ESRI Shapefile", "w.shp", "ENCODING=CP1252", "XYZ"),
        ("FlatGeobuf", "i.fgb", "SPATIAL_INDEX=YES", "XYZ"),
        ("FlatGeobuf", "n.fgb", "SPATIAL_INDEX=NO", "XYM"),
        ("GPKG", "g.gpkg", "SPATIAL_INDEX=YES", "XYZM"),
    ] {
        let path = folder.path().join(name);
        let run = std::process::Command::new("ogr2ogr")
            .args(["-f", format, "-lco", option, "-dim", dimension])
            .args([&path, &source])
            .status();
        let Ok(status) = run else { return };
        assert!(status.success(), "{format}");
        let (mut found, _) = read(&path);
        // The index sorts features along a curve.
        found.sort_by_key(|outline| std::cmp::Reverse(outline.oidn.len()));
        assert_eq!(found.len(), 2);
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(
                (&found.oidn, &found.name),
                (&expected.oidn, &expected.name),
                "{name}"
            );
            let difference = found.polygon.unsigned_area() - expected.polygon.unsigned_area();
            assert!(difference.abs() < 1e-6, "{name}");
        }
    }
}
