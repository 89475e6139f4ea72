//! The tables of a GeoPackage 1.3 (OGC 12-128r18, annex C), as SQL.

use super::{Column, ColumnKind, GeometryKind};

/// Identity of the file and how it is written. The working file is thrown away on failure, so
/// nothing is journalled; deleted bytes are wiped, so that none can differ or leak.
pub(super) const BEGIN: &str = "
    PRAGMA page_size = 4096;
    PRAGMA encoding = 'UTF-8';
    PRAGMA auto_vacuum = NONE;
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = OFF;
    PRAGMA application_id = 1196444487;
    PRAGMA user_version = 10300;
    BEGIN;
";

/// The tables every GeoPackage has, those of the two extensions, and the three systems that the
/// standard asks for.
pub(super) const CORE: &str = r#"
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL,
    definition TEXT NOT NULL,
    description TEXT
);
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined',
     'undefined cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined',
     'undefined geographic coordinate reference system'),
    ('WGS 84 geodetic', 4326, 'EPSG', 4326,
     'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
     'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY,
    data_type TEXT NOT NULL,
    identifier TEXT UNIQUE,
    description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE,
    min_y DOUBLE,
    max_x DOUBLE,
    max_y DOUBLE,
    srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL,
    z TINYINT NOT NULL,
    m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
CREATE TABLE gpkg_extensions (
    table_name TEXT,
    column_name TEXT,
    extension_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
INSERT INTO gpkg_extensions VALUES
    ('gpkg_data_columns', NULL, 'gpkg_schema',
     'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
    ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
     'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    name TEXT,
    title TEXT,
    description TEXT,
    mime_type TEXT,
    constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL,
    constraint_type TEXT NOT NULL,
    value TEXT,
    min NUMERIC,
    min_is_inclusive BOOLEAN,
    max NUMERIC,
    max_is_inclusive BOOLEAN,
    description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
"#;

/// The table in which QGIS keeps styles; it looks for it by this name.
pub(super) const STYLES: &str = "
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
);
";

/// Whether a name can stand in SQL and in other programs without surprise.
pub(super) fn is_name(name: &str) -> bool {
    let reserved = ["gpkg_", "rtree_", "sqlite_", "layer_styles"];
    let lower = name.to_ascii_lowercase();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 60
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !reserved.iter().any(|r| lower.starts_with(r))
}

/// The type name of the standard; empty for a table without geometry.
pub(super) fn geometry_type(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::None => "",
        GeometryKind::Point => "POINT",
        GeometryKind::Polygon => "POLYGON",
        GeometryKind::MultiPolygon => "MULTIPOLYGON",
    }
}

/// The table of a layer, and its index where it has geometry. Names are checked before.
pub(super) fn create_layer(name: &str, geometry: GeometryKind, columns: &[Column]) -> String {
    let mut parts = vec!["fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".to_string()];
    if geometry != GeometryKind::None {
        parts.push(format!("geom {}", geometry_type(geometry)));
    }
    parts.extend(columns.iter().map(|column| {
        let kind = match column.kind {
            ColumnKind::Text => "TEXT",
            ColumnKind::Real => "REAL",
            ColumnKind::Integer => "INTEGER",
            ColumnKind::Boolean => "BOOLEAN",
        };
        format!("\"{}\" {kind}", column.name)
    }));
    let mut sql = format!(
        "CREATE TABLE \"{name}\" (\n    {}\n);\n",
        parts.join(",\n    ")
    );
    if geometry != GeometryKind::None {
        sql.push_str(&format!(
            "CREATE VIRTUAL TABLE \"rtree_{name}_geom\" USING rtree(id, minx, maxx, miny, maxy);\n"
        ));
    }
    sql
}

/// The statement that inserts a row.
pub(super) fn insert(name: &str, geometry: GeometryKind, columns: &[Column]) -> String {
    let mut names: Vec<String> = columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    if geometry != GeometryKind::None {
        names.insert(0, "geom".to_string());
    }
    if names.is_empty() {
        return format!("INSERT INTO \"{name}\" DEFAULT VALUES");
    }
    let places: Vec<String> = (1..=names.len()).map(|i| format!("?{i}")).collect();
    format!(
        "INSERT INTO \"{name}\" ({}) VALUES ({})",
        names.join(", "),
        places.join(", ")
    )
}

/// The triggers that keep the index true when other programs edit the layer (annex F.3).
pub(super) fn index_triggers(name: &str) -> String {
    let index = format!("rtree_{name}_geom");
    let row = "NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)";
    let filled = "NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)";
    let put = format!("INSERT OR REPLACE INTO \"{index}\" VALUES ({row});");
    let gone = "NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)";
    let trigger = |suffix: &str, event: &str, when: &str, body: &str| {
        let when = if when.is_empty() {
            String::new()
        } else {
            format!(" WHEN ({when})")
        };
        format!(
            "CREATE TRIGGER \"{index}_{suffix}\" AFTER {event} ON \"{name}\"{when}\n\
             BEGIN\n  {body}\nEND;\n"
        )
    };
    let old = format!("DELETE FROM \"{index}\" WHERE id = OLD.fid;");
    let both = format!("DELETE FROM \"{index}\" WHERE id IN (OLD.fid, NEW.fid);");
    [
        trigger("insert", "INSERT", filled, &put),
        trigger(
            "update1",
            "UPDATE OF geom",
            &format!("OLD.fid = NEW.fid AND {filled}"),
            &put,
        ),
        trigger(
            "update2",
            "UPDATE OF geom",
            &format!("OLD.fid = NEW.fid AND ({gone})"),
            &old,
        ),
        trigger(
            "update3",
            "UPDATE",
            &format!("OLD.fid != NEW.fid AND {filled}"),
            &format!("{old}\n  {put}"),
        ),
        trigger(
            "update4",
            "UPDATE",
            &format!("OLD.fid != NEW.fid AND ({gone})"),
            &both,
        ),
        trigger("delete", "DELETE", "OLD.geom NOT NULL", &old),
    ]
    .concat()
}
