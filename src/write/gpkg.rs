//! GeoPackages, the same bytes for the same content.
//!
//! In: layers with columns, geometries in one system, values row by row. Out: a `.gpkg` that GIS
//! programs open styled and indexed. Standard: OGC 12-128r18, version 1.3 (the newest that the
//! GDAL of current long-term systems opens without a warning), with the extensions for the
//! spatial index (`gpkg_rtree_index`) and for column descriptions (`gpkg_schema`).
//!
//! A ready library was measured and dropped: it puts the present moment into the file. Here the
//! caller gives the moment, rows keep the order of insertion, and nothing else varies. Values
//! that are not finite become NULL: unknown is never a number.
//!
//! The file is written beside its target and renamed when whole.

mod forget;
mod schema;
mod value;
mod wkb;

pub use forget::forget_rows;
pub use value::{Column, ColumnKind, GeometryKind, Value};

use std::path::Path;

use geo::{BoundingRect, Geometry};
use rusqlite::{Connection, OpenFlags, ToSql, params};

use super::atomic::AtomicFile;
use crate::problem::{Problem, Result};

/// A layer being written.
#[derive(Debug)]
struct Layer {
    name: String,
    geometry: GeometryKind,
    columns: Vec<Column>,
    insert: String,
    /// West, south, east, north of what was inserted.
    extent: Option<[f64; 4]>,
}

/// A GeoPackage being written; [`GeoPackage::finish`] puts it in place, dropping it leaves
/// nothing behind.
#[derive(Debug)]
pub struct GeoPackage {
    // Before `file`, so that the database is closed before the working file is removed.
    connection: Connection,
    file: AtomicFile,
    srs_id: u32,
    last_change: String,
    layers: Vec<Layer>,
    styles: bool,
}

impl GeoPackage {
    /// Begins a file. `epsg`, `srs_name` and `wkt` are the system of all layers; `last_change`
    /// is the RFC 3339 moment in UTC that is stored as time of change (of the flight, not of
    /// the clock), so that equal content gives equal bytes.
    ///
    /// # Errors
    /// The folder refuses, or `last_change` is no moment in UTC.
    pub fn create(
        path: &Path,
        epsg: u32,
        srs_name: &str,
        wkt: &str,
        last_change: &str,
    ) -> Result<Self> {
        let moment: jiff::Timestamp = last_change.parse().map_err(|_| {
            Problem::setting(format!(
                "\"{last_change}\" is no RFC 3339 moment for a GeoPackage"
            ))
        })?;
        // The form the standard asks for: milliseconds, Z.
        let last_change = moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        let file = AtomicFile::create(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file.path_while_writing(), flags)
            .map_err(|error| refused(&file, &error))?;
        let package = Self {
            connection,
            file,
            srs_id: epsg,
            last_change,
            layers: Vec::new(),
            styles: false,
        };
        package
            .begin(srs_name, wkt)
            .map_err(|e| package.refused(&e))?;
        Ok(package)
    }

    fn begin(&self, srs_name: &str, wkt: &str) -> rusqlite::Result<()> {
        self.connection.execute_batch(schema::BEGIN)?;
        self.connection.execute_batch(schema::CORE)?;
        if ![4326, 0].contains(&self.srs_id) {
            self.connection.execute(
                "INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, 'EPSG', ?2, ?3, NULL)",
                params![srs_name, self.srs_id, wkt],
            )?;
        }
        Ok(())
    }

    /// Adds a layer. The key column is `fid`, counting from 1 in order of insertion; the
    /// geometry column is `geom`.
    ///
    /// # Errors
    /// A name that is doubled or not made of letters, digits and `_`; the disk refuses.
    pub fn add_layer(
        &mut self,
        name: &str,
        geometry: GeometryKind,
        columns: &[Column],
    ) -> Result<()> {
        let doubled = |i: usize, c: &Column| {
            let before = columns.iter().take(i);
            before
                .map(|b| &b.name)
                .any(|n| n.eq_ignore_ascii_case(&c.name))
        };
        let reserved = |c: &Column| {
            ["fid", "geom"]
                .iter()
                .any(|r| c.name.eq_ignore_ascii_case(r))
        };
        let wrong = columns
            .iter()
            .enumerate()
            .find(|(i, c)| !schema::is_name(&c.name) || reserved(c) || doubled(*i, c));
        if let Some((_, column)) = wrong {
            let what = format!(
                "column \"{}\" of layer {name} cannot be named so",
                column.name
            );
            return Err(self.problem(what));
        }
        if !schema::is_name(name) || self.layer_position(name).is_some() {
            return Err(self.problem(format!("layer \"{name}\" cannot be named so")));
        }
        let layer = Layer {
            name: name.to_string(),
            geometry,
            columns: columns.to_vec(),
            insert: schema::insert(name, geometry, columns),
            extent: None,
        };
        let sql = schema::create_layer(name, geometry, columns);
        self.connection
            .execute_batch(&sql)
            .map_err(|error| self.refused(&error))?;
        self.layers.push(layer);
        Ok(())
    }

    /// Inserts a row; values in the order of the columns.
    ///
    /// # Errors
    /// No such layer, another number or kind of values, another kind of geometry, coordinates
    /// that are not finite; the disk refuses.
    pub fn insert(
        &mut self,
        layer: &str,
        geometry: Option<&Geometry<f64>>,
        values: &[Value],
    ) -> Result<()> {
        let position = self
            .layer_position(layer)
            .ok_or_else(|| self.problem(format!("has no layer {layer}")))?;
        let (blob, bounds) = {
            let layer = self
                .layers
                .get(position)
                .ok_or_else(|| self.problem(format!("has no layer {layer}")))?;
            check_values(layer, values).map_err(|what| self.problem(what))?;
            match geometry {
                Some(geometry) => {
                    let blob = wkb::blob(geometry, layer.geometry, self.srs_id)
                        .map_err(|what| self.problem(format!("layer {}: {what}", layer.name)))?;
                    (Some(blob), geometry.bounding_rect())
                }
                None => (None, None),
            }
        };
        let extent = bounds.map(|r| [r.min().x, r.min().y, r.max().x, r.max().y]);
        self.insert_row(position, blob.as_deref(), extent, values)
            .map_err(|error| self.refused(&error))?;
        if let (Some(new), Some(layer)) = (extent, self.layers.get_mut(position)) {
            layer.extent = Some(layer.extent.map_or(new, |old| union(old, new)));
        }
        Ok(())
    }

    fn insert_row(
        &self,
        position: usize,
        blob: Option<&[u8]>,
        extent: Option<[f64; 4]>,
        values: &[Value],
    ) -> rusqlite::Result<()> {
        let Some(layer) = self.layers.get(position) else {
            return Ok(());
        };
        let mut row: Vec<&dyn ToSql> = Vec::with_capacity(values.len() + 1);
        if layer.geometry != GeometryKind::None {
            row.push(&blob);
        }
        row.extend(values.iter().map(|value| value as &dyn ToSql));
        self.connection
            .prepare_cached(&layer.insert)?
            .execute(row.as_slice())?;
        if let Some([west, south, east, north]) = extent {
            let fid = self.connection.last_insert_rowid();
            let sql = format!(
                "INSERT INTO \"rtree_{}_geom\" VALUES (?1, ?2, ?3, ?4, ?5)",
                layer.name
            );
            self.connection
                .prepare_cached(&sql)?
                .execute(params![fid, west, east, south, north])?;
        }
        Ok(())
    }

    /// Adds the default style of a layer, as QGIS stores it.
    ///
    /// # Errors
    /// No such layer; the disk refuses.
    pub fn add_style(&mut self, layer: &str, qml: &str) -> Result<()> {
        let geometry = match self.layer_position(layer).and_then(|p| self.layers.get(p)) {
            Some(layer) if layer.geometry != GeometryKind::None => "geom",
            Some(_) => "",
            None => return Err(self.problem(format!("has no layer {layer}"))),
        };
        let result = (|| {
            if !self.styles {
                self.connection.execute_batch(schema::STYLES)?;
            }
            self.connection.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,
                 f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,
                 owner, ui, update_time) VALUES ('', '', ?1, ?2, ?1, ?3, '', 1, '', '', NULL, ?4)",
                params![layer, geometry, qml, self.last_change],
            )
        })();
        result.map_err(|error| self.refused(&error))?;
        self.styles = true;
        Ok(())
    }

    /// Lists the layers in the tables of contents, completes the indexes and puts the file in
    /// place.
    ///
    /// # Errors
    /// The disk refuses; an older file then stays.
    pub fn finish(self) -> Result<()> {
        self.complete().map_err(|error| self.refused(&error))?;
        let Self {
            connection, file, ..
        } = self;
        connection
            .close()
            .map_err(|(_, error)| refused(&file, &error))?;
        file.commit()
    }

    fn complete(&self) -> rusqlite::Result<()> {
        for layer in &self.layers {
            self.list(layer)?;
        }
        if self.styles {
            self.connection.execute(
                "INSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles',
                 '', ?1, NULL, NULL, NULL, NULL, NULL)",
                params![self.last_change],
            )?;
        }
        self.connection.execute_batch("COMMIT;")
    }

    fn list(&self, layer: &Layer) -> rusqlite::Result<()> {
        let spatial = layer.geometry != GeometryKind::None;
        let side = |i: usize| layer.extent.and_then(|e| e.get(i).copied());
        self.connection.execute(
            "INSERT INTO gpkg_contents VALUES (?1, ?2, ?1, '', ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                layer.name,
                if spatial { "features" } else { "attributes" },
                self.last_change,
                side(0),
                side(1),
                side(2),
                side(3),
                spatial.then_some(self.srs_id),
            ],
        )?;
        if spatial {
            self.connection.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 0, 0)",
                params![
                    layer.name,
                    schema::geometry_type(layer.geometry),
                    self.srs_id
                ],
            )?;
            self.connection.execute(
                "INSERT INTO gpkg_extensions VALUES (?1, 'geom', 'gpkg_rtree_index',
                 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
                params![layer.name],
            )?;
            // Only now: while rows are inserted the index is filled by hand, as the functions
            // that these triggers call live in the programs that read the file.
            self.connection
                .execute_batch(&schema::index_triggers(&layer.name))?;
        }
        for column in &layer.columns {
            if let Some(description) = &column.description {
                self.connection.execute(
                    "INSERT INTO gpkg_data_columns VALUES (?1, ?2, NULL, NULL, ?3, NULL, NULL)",
                    params![layer.name, column.name, description],
                )?;
            }
        }
        Ok(())
    }

    fn layer_position(&self, name: &str) -> Option<usize> {
        self.layers
            .iter()
            .position(|layer| layer.name.eq_ignore_ascii_case(name))
    }

    fn problem(&self, what: impl Into<String>) -> Problem {
        Problem::broken(what).in_file(self.file.target().display().to_string())
    }

    fn refused(&self, error: &rusqlite::Error) -> Problem {
        refused(&self.file, error)
    }
}

fn refused(file: &AtomicFile, error: &rusqlite::Error) -> Problem {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
        return file.no_room();
    }
    Problem::io(format!("cannot be written ({error})")).in_file(file.target().display().to_string())
}

fn union(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [
        a[0].min(b[0]),
        a[1].min(b[1]),
        a[2].max(b[2]),
        a[3].max(b[3]),
    ]
}

fn check_values(layer: &Layer, values: &[Value]) -> std::result::Result<(), String> {
    let name = &layer.name;
    if values.len() != layer.columns.len() {
        let (found, expected) = (values.len(), layer.columns.len());
        return Err(format!("layer {name}: {found} values, expected {expected}"));
    }
    for (column, value) in layer.columns.iter().zip(values) {
        let fits = matches!(
            (column.kind, value),
            (_, Value::Null)
                | (ColumnKind::Text, Value::Text(_))
                | (ColumnKind::Real, Value::Real(_))
                | (ColumnKind::Integer, Value::Integer(_))
                | (ColumnKind::Boolean, Value::Integer(0 | 1))
        );
        if !fits {
            let (column, kind) = (&column.name, column.kind);
            return Err(format!(
                "layer {name}: {column} is {value:?}, expected {kind:?}"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
