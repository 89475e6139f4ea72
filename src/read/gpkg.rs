//! GeoPackages.
//!
//! In: a `.gpkg` file, as GIS programs and data portals write it. Out: its polygon layer as a
//! [`Layer`], or any table as [`Rows`]. Standard: OGC 12-128r18.
//!
//! The file is opened read-only and as untrusted: only plain tables are read, never views or
//! virtual tables, so that no statement of the file's own is run.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::layer::{Layer, LayerCrs, fits};
use super::table::{Place, Record, Table, file_name, fold};
use super::wkb;
use crate::problem::{Problem, Result};

/// Longest text kept of a cell, bytes.
const MAX_TEXT: usize = 64 << 10;

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// An integer; booleans are 0 and 1.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes; geometries are read by [`wkb::from_gpkg`].
    Blob(Vec<u8>),
}

/// A whole table in the order of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Column names.
    pub columns: Vec<String>,
    /// Values, one per column.
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// The values of one column.
    pub fn column(&self, name: &str) -> Option<Vec<&Cell>> {
        let position = self.columns.iter().position(|c| c == name)?;
        self.rows.iter().map(|row| row.get(position)).collect()
    }
}

/// Reads one table with all its columns.
///
/// # Errors
/// No database, or no such plain table.
pub fn rows(path: &Path, table: &str) -> Result<Rows> {
    let file = file_name(path);
    let connection = open(path)?;
    (|| {
        let columns = columns_of(&connection, table)?;
        let mut statement = connection.prepare(&select(table, &columns))?;
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let cells = (0..columns.len()).map(|i| Ok(cell(row.get_ref(i)?)));
            rows.push(cells.collect::<rusqlite::Result<Vec<Cell>>>()?);
        }
        Ok(Rows { columns, rows })
    })()
    .map_err(|error| broken(&file, &error))
}

/// Reads the polygon layer. Of several, the one that has one of the `preferred` columns (any
/// case), then the one that is called as one of `names` or has one in its name, then the one with
/// the most rows; the choice is a warning of the layer.
///
/// # Errors
/// No GeoPackage, no polygon layer, or more features than are read.
pub fn layer(path: &Path, preferred: &[String], names: &[&str]) -> Result<Layer> {
    let file = file_name(path);
    let connection = open(path)?;
    let mut layers = feature_layers(&connection).map_err(|error| broken(&file, &error))?;
    layers.retain(Description::may_hold_polygons);
    let several = layers.len() > 1;
    let preferred: Vec<String> = preferred.iter().map(|name| fold(name)).collect();
    let rank = |layer: &Description| {
        let keyed = layer.columns.iter().any(|c| preferred.contains(&fold(c)));
        let name = fold(&layer.table);
        let called = names.iter().map(|wanted| match name.as_str() {
            name if name == *wanted => 2,
            name if name.contains(wanted) => 1,
            _ => 0,
        });
        (keyed, called.max(), layer.rows)
    };
    // The first of equals, hence not `max_by_key`, which takes the last.
    let chosen = layers.into_iter().reduce(|best, next| {
        if rank(&next) > rank(&best) {
            next
        } else {
            best
        }
    });
    let Some(chosen) = chosen else {
        return Err(Problem::broken("holds no polygon layer")
            .in_file(file)
            .hint("export the building outlines as a polygon layer"));
    };
    chosen.check_size(path, &file)?;
    let mut layer = features(&connection, &file, &chosen).map_err(|error| broken(&file, &error))?;
    if several {
        let what = format!("holds several polygon layers; {} is used", chosen.table);
        layer.warnings.push(what);
    }
    Ok(layer)
}

/// Reads every feature layer of a file, in its order, and every plain attribute table that
/// [`attribute_tables`] finds worth it.
///
/// # Errors
/// No GeoPackage, or more features than are read.
pub fn layers(path: &Path) -> Result<Vec<Layer>> {
    let file = file_name(path);
    let connection = open(path)?;
    let mut described = feature_layers(&connection).map_err(|error| broken(&file, &error))?;
    described.extend(attribute_tables(&connection).map_err(|error| broken(&file, &error))?);
    described
        .iter()
        .map(|layer| {
            layer.check_size(path, &file)?;
            features(&connection, &file, layer).map_err(|error| broken(&file, &error))
        })
        .collect()
}

/// A feature layer as the file describes it; an attribute table has no geometry column.
struct Description {
    table: String,
    geometry: Option<String>,
    kind: String,
    columns: Vec<String>,
    rows: usize,
    crs: LayerCrs,
}

impl Description {
    fn may_hold_polygons(&self) -> bool {
        let other = ["POINT", "MULTIPOINT", "LINESTRING", "MULTILINESTRING"];
        !other.iter().any(|o| self.kind.eq_ignore_ascii_case(o))
    }

    fn check_size(&self, path: &Path, file: &str) -> Result<()> {
        let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
        if fits(self.rows, self.columns.len(), bytes) {
            return Ok(());
        }
        let what = format!(
            "layer {} has {} features of {} columns, which is too much",
            self.table,
            self.rows,
            self.columns.len()
        );
        Err(Problem::unsupported(what)
            .in_file(file)
            .hint("clip the layer to the surroundings of the park"))
    }
}

pub(in crate::read) fn open(path: &Path) -> Result<Connection> {
    let file = file_name(path);
    // A missing file is told by the system's own words, not by those of the database.
    std::fs::metadata(path).map_err(|e| Problem::from(e).in_file(file.clone()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match settled_uri(path) {
        Some(uri) => Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI),
        None => Connection::open_with_flags(path, flags),
    }
    .map_err(|error| broken(&file, &error))?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
        .map_err(|error| broken(&file, &error))?;
    Ok(connection)
}

/// Address under which a file without pending changes is opened: then no lock and no helper
/// files are made beside it, and it may lie in a folder that nothing can be written to. `None`
/// where a GIS has it open with changes beside it, which have to be read as well.
fn settled_uri(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|_| cfg!(unix))?;
    let pending = |suffix: &str| {
        let beside = std::fs::metadata(format!("{text}{suffix}"));
        beside.is_ok_and(|m| m.len() > 0)
    };
    if pending("-wal") || pending("-journal") {
        return None;
    }
    let escaped = text
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    Some(format!("file:{escaped}?immutable=1"))
}

fn broken(file: &str, error: &rusqlite::Error) -> Problem {
    let problem = match error {
        rusqlite::Error::SqliteFailure(e, _) if e.code == rusqlite::ErrorCode::NotADatabase => {
            Problem::broken("is no GeoPackage")
        }
        rusqlite::Error::InvalidColumnName(name) => {
            Problem::broken(format!("has no plain table {name}"))
        }
        other => Problem::broken(format!("cannot be read as a GeoPackage ({other})")),
    };
    problem
        .in_file(file)
        .hint("export the layer again as GeoPackage or GeoJSON")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn select(table: &str, columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|c| quoted(c)).collect();
    format!("SELECT {} FROM {}", columns.join(", "), quoted(table))
}

/// Stored columns of a plain table (neither view nor virtual, and without computed columns).
fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql: Option<String> = connection
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [table],
            |row| row.get(0),
        )
        .optional()?;
    if !sql.is_some_and(|sql| makes_plain_table(&sql)) {
        return Err(rusqlite::Error::InvalidColumnName(table.to_string()));
    }
    let mut statement = connection.prepare(&format!("PRAGMA table_info({})", quoted(table)))?;
    statement.query_map([], |row| row.get(1))?.collect()
}

/// Whether a statement of the schema makes a plain table; the database keeps it in this form.
fn makes_plain_table(sql: &str) -> bool {
    const HEAD: &str = "CREATE TABLE";
    let head = sql.get(..HEAD.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(HEAD))
}

/// The tables that describe the others have to be plain ones as well: a view may go on without
/// end.
fn check_descriptions(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) IN
         ('gpkg_contents', 'gpkg_geometry_columns', 'gpkg_spatial_ref_sys')",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let sql: Option<String> = row.get(1)?;
        if !sql.is_some_and(|sql| makes_plain_table(&sql)) {
            return Err(rusqlite::Error::InvalidColumnName(row.get(0)?));
        }
    }
    Ok(())
}

fn feature_layers(connection: &Connection) -> rusqlite::Result<Vec<Description>> {
    check_descriptions(connection)?;
    let mut statement = connection.prepare(
        "SELECT g.table_name, g.column_name, g.geometry_type_name, g.srs_id
         FROM gpkg_geometry_columns g JOIN gpkg_contents c ON c.table_name = g.table_name
         ORDER BY c.rowid",
    )?;
    let listed = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, i64>(3)?,
        ))
    })?;
    let mut layers = Vec::new();
    for entry in listed {
        let (table, geometry, kind, srs_id) = entry?;
        let Ok(columns) = columns_of(connection, &table) else {
            continue;
        };
        let Some(stored) = columns.iter().find(|c| c.eq_ignore_ascii_case(&geometry)) else {
            continue;
        };
        layers.push(Description {
            geometry: Some(stored.clone()),
            kind,
            columns: columns.iter().filter(|c| *c != stored).cloned().collect(),
            rows: count(connection, &table)?,
            crs: crs_of(connection, srs_id)?,
            table,
        });
    }
    Ok(layers)
}

/// Tables without shapes, such as those that tie addresses to building units.
fn attribute_tables(connection: &Connection) -> rusqlite::Result<Vec<Description>> {
    let mut statement = connection.prepare(
        "SELECT table_name FROM gpkg_contents WHERE data_type = 'attributes' ORDER BY rowid",
    )?;
    let names: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut tables = Vec::new();
    for table in names {
        // Tables that programs keep for themselves, as layer_styles, are none of the user's.
        let Ok(columns) = columns_of(connection, &table) else {
            continue;
        };
        if table.starts_with("layer_styles") || table.starts_with("qgis_") {
            continue;
        }
        tables.push(Description {
            geometry: None,
            kind: String::new(),
            columns,
            rows: count(connection, &table)?,
            crs: LayerCrs::Unknown,
            table,
        });
    }
    Ok(tables)
}

fn count(connection: &Connection, table: &str) -> rusqlite::Result<usize> {
    let count = format!("SELECT count(*) FROM {}", quoted(table));
    let rows: i64 = connection.query_row(&count, [], |row| row.get(0))?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

/// `organization:code` of a system; −1 and 0 are "undefined" by the standard.
fn crs_of(connection: &Connection, srs_id: i64) -> rusqlite::Result<LayerCrs> {
    let found = connection
        .query_row(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys
             WHERE srs_id = ?1",
            [srs_id],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
        )
        .optional()?;
    Ok(match found {
        Some((organization, code)) if code > 0 => {
            LayerCrs::Code(format!("{}:{code}", organization.to_ascii_uppercase()))
        }
        _ => LayerCrs::Unknown,
    })
}

fn features(
    connection: &Connection,
    file: &str,
    description: &Description,
) -> rusqlite::Result<Layer> {
    // Without a geometry column, the first place holds any column and is not looked at.
    let first = description
        .geometry
        .iter()
        .chain(&description.columns)
        .next();
    let mut columns: Vec<String> = first.into_iter().cloned().collect();
    if columns.is_empty() {
        columns.push("rowid".to_string());
    }
    columns.extend(description.columns.iter().cloned());
    let mut statement = connection.prepare(&select(&description.table, &columns))?;
    let mut rows = statement.query([])?;
    let mut records = Vec::new();
    let mut shapes = Vec::new();
    let mut number = 0;
    while let Some(row) = rows.next()? {
        number += 1;
        shapes.push(match row.get_ref(0)? {
            _ if description.geometry.is_none() => Err("has no geometry".to_string()),
            ValueRef::Blob(blob) => match wkb::from_gpkg(blob) {
                Ok(Some(geometry)) => Ok(geometry),
                Ok(None) => Err("has an empty geometry".to_string()),
                Err(what) => Err(what),
            },
            ValueRef::Null => Err("has no geometry".to_string()),
            _ => Err("has a geometry that is no blob".to_string()),
        });
        let cells = (1..columns.len()).map(|i| Ok(text(row.get_ref(i)?)));
        records.push(Record {
            place: Place::Feature(number),
            cells: cells.collect::<rusqlite::Result<_>>()?,
        });
    }
    Ok(Layer {
        name: description.table.clone(),
        table: Table {
            file: file.to_string(),
            headers: description.columns.clone(),
            records,
            comma_separated: false,
            short_names: false,
        },
        shapes,
        crs: description.crs.clone(),
        warnings: Vec::new(),
    })
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Integer(value),
        ValueRef::Real(value) => Cell::Real(value),
        ValueRef::Text(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}

/// A value as text of a table: numbers without needless fraction, null and bytes empty.
fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => String::new(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => value.to_string(),
        ValueRef::Text(bytes) => {
            let kept = bytes.get(..MAX_TEXT).unwrap_or(bytes);
            String::from_utf8_lossy(kept).trim().to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_with(batch: &str) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new()
            .suffix(".gpkg")
            .tempfile()
            .expect("temporary file");
        let connection = Connection::open(file.path()).expect("database");
        connection.execute_batch(batch).expect("batch");
        file
    }

    const TABLES: &str = "
        CREATE TABLE gpkg_spatial_ref_sys(srs_name, srs_id, organization,
            organization_coordsys_id, definition);
        INSERT INTO gpkg_spatial_ref_sys VALUES('BD72', 31370, 'epsg', 31370, ''),
            ('u', -1, 'NONE', -1, 'undefined');
        CREATE TABLE gpkg_contents(table_name, data_type);
        CREATE TABLE gpkg_geometry_columns(table_name, column_name, geometry_type_name, srs_id);
        CREATE TABLE big(fid INTEGER PRIMARY KEY, shape BLOB, name);
        CREATE TABLE gbg(fid INTEGER PRIMARY KEY, SHAPE BLOB, OIDN REAL, UIDN);
        CREATE VIEW seen AS SELECT * FROM gbg;
        INSERT INTO gpkg_contents VALUES('big','features'),('gbg','features'),('seen','features');
        INSERT INTO gpkg_geometry_columns VALUES('big','shape','GEOMETRY',-1),
            ('gbg','shape','MULTIPOLYGON',31370),('seen','shape','POLYGON',31370);
        INSERT INTO big(name) VALUES('a'),('b'),('c');
        INSERT INTO gbg(OIDN, UIDN) VALUES(2305235.0, 7);
        INSERT INTO gbg(SHAPE, OIDN) VALUES(x'0102', 3);
    ";

    #[test]
    fn the_layer_with_the_wanted_column_is_taken_even_when_another_is_larger() {
        let file = file_with(TABLES);
        let layer = layer(file.path(), &["oidn".to_string()], &[]).expect("sound");
        assert_eq!(layer.table.headers, ["fid", "OIDN", "UIDN"]);
        assert_eq!(layer.table.records[0].cells, ["1", "2305235", "7"]);
        assert_eq!(layer.crs, LayerCrs::Code("EPSG:31370".to_string()));
        assert!(layer.shapes.iter().all(std::result::Result::is_err));
        assert_eq!(layer.warnings.len(), 1);
    }

    #[test]
    fn of_layers_with_the_same_columns_the_one_of_the_wanted_name_is_taken() {
        // The regional file holds more parcels than buildings, and both have the key.
        let file = file_with(
            "CREATE TABLE gpkg_spatial_ref_sys(srs_name, srs_id, organization,
                organization_coordsys_id, definition);
             CREATE TABLE gpkg_contents(table_name, data_type);
             CREATE TABLE gpkg_geometry_columns(table_name, column_name, geometry_type_name, srs_id);
             CREATE TABLE ADP(OIDN, SHAPE BLOB); CREATE TABLE GBG(OIDN, SHAPE BLOB);
             INSERT INTO gpkg_contents VALUES('ADP','features'),('GBG','features');
             INSERT INTO gpkg_geometry_columns VALUES('ADP','SHAPE','POLYGON',0),
                ('GBG','SHAPE','POLYGON',0);
             INSERT INTO ADP(OIDN) VALUES(1),(2); INSERT INTO GBG(OIDN) VALUES(3);",
        );
        let keyed = ["oidn".to_string()];
        let taken = |names: &[&str]| layer(file.path(), &keyed, names).expect("sound").name;
        assert_eq!(
            (taken(&["gbg"]).as_str(), taken(&[]).as_str()),
            ("GBG", "ADP")
        );
        assert_eq!(layers(file.path()).expect("sound").len(), 2);
    }

    #[test]
    fn without_such_a_column_the_largest_layer_is_taken_and_its_system_is_unknown() {
        let file = file_with(TABLES);
        let layer = layer(file.path(), &["key".to_string()], &[]).expect("sound");
        assert_eq!(layer.table.records.len(), 3);
        assert_eq!(layer.crs, LayerCrs::Unknown);
    }

    #[test]
    fn descriptions_that_are_views_are_refused_before_they_run() {
        let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
        for (name, columns) in [
            (
                "gpkg_contents",
                "'b' AS table_name, 'features' AS data_type",
            ),
            ("gpkg_spatial_ref_sys", "'a' AS organization, -x AS srs_id"),
        ] {
            let file = file_with(&format!(
                "{TABLES} DROP TABLE {name}; CREATE VIEW {name} AS {endless} SELECT {columns} FROM c;"
            ));
            let problem = layers(file.path()).expect_err("a view");
            assert!(problem.what.contains(name), "{problem}");
            assert!(layer(file.path(), &[], &[]).is_err());
        }
    }

    #[test]
    fn tables_are_read_whole_and_views_are_not() {
        let file = file_with(TABLES);
        let rows = rows(file.path(), "gbg").expect("sound");
        assert_eq!(
            rows.column("OIDN"),
            Some(vec![&Cell::Real(2305235.0), &Cell::Real(3.0)])
        );
        assert!(super::rows(file.path(), "seen").is_err());
        assert!(super::rows(file.path(), "gone\"; DROP TABLE gbg").is_err());
    }

    #[test]
    fn changes_a_gis_has_not_merged_yet_are_read_and_a_settled_file_is_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a#1 50%.gpkg");
        let gis = Connection::open(&path).expect("database");
        let count = || rows(&path, "t").map(|r| r.rows.len());
        gis.execute_batch("CREATE TABLE t(a); PRAGMA journal_mode = WAL; INSERT INTO t VALUES(1);")
            .expect("batch");
        assert_eq!(count(), Ok(1));
        drop(gis);
        assert_eq!(count(), Ok(1));
        let files = std::fs::read_dir(folder.path()).expect("folder").count();
        assert_eq!(files, 1);
    }

    #[test]
    fn other_files_are_refused() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        for bytes in [
            &b"no database, but long enough to be asked for its header"[..],
            b"",
        ] {
            std::fs::write(file.path(), bytes).expect("written");
            assert!(layer(file.path(), &[], &[]).is_err());
        }
        assert!(layer(Path::new("/nonexistent/x.gpkg"), &[], &[]).is_err());
    }
}
