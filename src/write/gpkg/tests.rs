use super::*;
use geo::{MultiPolygon, Point, Polygon, polygon};

const LAST_CHANGE: &str = "2026-01-15T03:10:00+01:00";

fn square(x: f64, y: f64) -> Polygon<f64> {
    polygon![(x: x, y: y), (x: x + 10., y: y), (x: x + 10., y: y + 10.), (x: x, y: y + 10.)]
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("oidn", ColumnKind::Text).describe("key"),
        Column::new("area_m2", ColumnKind::Real),
        Column::new("class", ColumnKind::Integer),
        Column::new("valid", ColumnKind::Boolean),
    ]
}

fn write(path: &Path) {
    let mut package =
        GeoPackage::create(path, 31370, "BD72", "undefined", LAST_CHANGE).expect("created");
    package
        .add_layer("buildings", GeometryKind::MultiPolygon, &columns())
        .expect("layer");
    package
        .add_layer("companies", GeometryKind::None, &columns()[..1])
        .expect("table");
    for i in 0..500 {
        let x = 34e3 + 20.0 * f64::from(i);
        let shape = Geometry::MultiPolygon(MultiPolygon(vec![square(x, 170e3)]));
        let values = [
            i.to_string().into(),
            f64::NAN.into(),
            Value::Null,
            true.into(),
        ];
        package
            .insert("buildings", Some(&shape), &values)
            .expect("row");
    }
    package
        .insert("companies", None, &["A".into()])
        .expect("row");
    package.add_style("buildings", "<qgis/>").expect("style");
    package.finish().expect("finished");
}

fn open(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("database")
}

#[test]
fn the_same_inserts_give_the_same_bytes_and_leave_no_other_file() {
    let folder = tempfile::tempdir().expect("folder");
    let (a, b) = (folder.path().join("a.gpkg"), folder.path().join("b.gpkg"));
    write(&a);
    write(&b);
    write(&b);
    assert_eq!(
        std::fs::read(&a).expect("read"),
        std::fs::read(&b).expect("read")
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 2);
}

#[test]
fn the_database_is_sound_and_says_what_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.gpkg");
    write(&path);
    // Application id and version stand at bytes 68 and 60 of a database (GeoPackage §1.1.1.1.1).
    let bytes = std::fs::read(&path).expect("read");
    assert_eq!(&bytes[68..72], b"GPKG");
    assert_eq!(&bytes[60..64], 10_300_u32.to_be_bytes());
    let database = open(&path);
    let text = |sql: &str| -> String {
        database
            .query_row(sql, [], |row| row.get(0))
            .expect("answer")
    };
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(
        text("SELECT DISTINCT last_change FROM gpkg_contents"),
        "2026-01-15T02:10:00.000Z"
    );
    assert_eq!(
        text(
            "SELECT min_x||' '||min_y||' '||max_x||' '||max_y FROM gpkg_contents
              WHERE table_name = 'buildings'"
        ),
        "34000.0 170000.0 43990.0 170010.0"
    );
    assert_eq!(
        text("SELECT count(*)||'' FROM buildings WHERE area_m2 IS NULL"),
        "500"
    );
    assert_eq!(text("SELECT description FROM gpkg_data_columns"), "key");
}

#[test]
fn the_index_finds_what_lies_in_a_box() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.gpkg");
    write(&path);
    let found: i64 = open(&path)
        .query_row(
            "SELECT count(*) FROM rtree_buildings_geom WHERE maxx >= 34020 AND minx <= 34055",
            [],
            |row| row.get(0),
        )
        .expect("answer");
    assert_eq!(found, 2);
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.gpkg");
    let mut package =
        GeoPackage::create(&path, 31370, "BD72", "undefined", LAST_CHANGE).expect("created");
    package
        .add_layer("spots", GeometryKind::Point, &columns())
        .expect("layer");
    let point = Geometry::Point(Point::new(1.0, 2.0));
    let good = ["a".into(), 1.0.into(), 3_i64.into(), false.into()];
    let mut refuse = |layer: &str, geometry: &Geometry<f64>, values: &[Value]| {
        assert!(package.insert(layer, Some(geometry), values).is_err());
    };
    refuse("none", &point, &good);
    refuse("spots", &Geometry::Polygon(square(0., 0.)), &good);
    refuse("spots", &Geometry::Point(Point::new(f64::NAN, 0.)), &good);
    refuse("spots", &point, &good[..3]);
    refuse(
        "spots",
        &point,
        &[1.0.into(), 1.0.into(), Value::Null, Value::Null],
    );
    refuse(
        "spots",
        &point,
        &[Value::Null, Value::Null, Value::Null, 2_i64.into()],
    );
    package.insert("spots", Some(&point), &good).expect("row");
    for name in ["Spots", "", "a b", "x\"; --", "gpkg_x", "1a"] {
        assert!(
            package.add_layer(name, GeometryKind::None, &[]).is_err(),
            "{name}"
        );
    }
    for name in ["fid", "geom", "a-b"] {
        let column = [Column::new(name, ColumnKind::Text)];
        assert!(
            package.add_layer("t", GeometryKind::None, &column).is_err(),
            "{name}"
        );
    }
    drop(package);
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
    assert!(GeoPackage::create(&path, 31370, "BD72", "", "today").is_err());
}
