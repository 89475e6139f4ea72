//! Rows taken out of a GeoPackage that is there already.
//!
//! In: a file and which rows must go. Out: the same file without them, no byte of them left: the
//! database overwrites what it deletes and is then packed anew. The work is done on a copy beside
//! the file, which takes its place when whole.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, params};

use super::super::atomic::AtomicFile;
use crate::problem::{Problem, Result};

/// A text of a row: its column, and what stands in it.
pub type TextCell = (String, String);

/// Takes out every row of every layer that `doomed` names by its texts; returns how many. A file
/// without such a row stays as it is, and all of them where `write` is not set.
///
/// # Errors
/// No GeoPackage, or the disk refuses; the file then is what it was.
pub fn forget_rows(
    path: &Path,
    doomed: &dyn Fn(&[TextCell]) -> bool,
    write: bool,
) -> Result<usize> {
    let mut copy = AtomicFile::create(path)?;
    let mut original = std::fs::File::open(path)?;
    copy.expect_bytes(original.metadata()?.len());
    std::io::copy(&mut original, copy.file_mut()).map_err(|e| copy.refused(&e))?;
    let refused = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => copy.no_room(),
        _ => Problem::broken(e.to_string()).in_file(path.display().to_string()),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(copy.path_while_writing(), flags).map_err(refused)?;
    let gone = take_out(&connection, doomed).map_err(refused)?;
    connection.close().map_err(|(_, e)| refused(e))?;
    if gone > 0 && write {
        copy.commit()?;
    }
    Ok(gone)
}

fn take_out(
    connection: &Connection,
    doomed: &dyn Fn(&[TextCell]) -> bool,
) -> rusqlite::Result<usize> {
    // No journal beside the copy; overwritten bytes instead of free pages.
    connection.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON;")?;
    let mut gone = 0;
    for table in layers(connection)? {
        let quoted = format!("\"{}\"", table.replace('"', "\"\""));
        let rows = doomed_rows(connection, &quoted, doomed)?;
        let mut delete = connection.prepare(&format!("DELETE FROM {quoted} WHERE rowid = ?1"))?;
        for row in &rows {
            gone += delete.execute(params![row])?;
        }
    }
    if gone > 0 {
        connection.execute_batch("VACUUM;")?;
    }
    Ok(gone)
}

fn layers(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut names = connection.prepare(
        "SELECT c.table_name FROM gpkg_contents c JOIN sqlite_master m ON m.name = c.table_name
         WHERE m.type = 'table' AND c.data_type IN ('features', 'attributes') ORDER BY 1",
    )?;
    let found = names.query_map([], |row| row.get::<_, String>(0))?;
    found.collect()
}

fn doomed_rows(
    connection: &Connection,
    quoted: &str,
    doomed: &dyn Fn(&[TextCell]) -> bool,
) -> rusqlite::Result<Vec<i64>> {
    let mut all = connection.prepare(&format!("SELECT rowid, * FROM {quoted}"))?;
    let names: Vec<String> = all.column_names().map(str::to_owned).collect();
    let mut rows = all.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut cells = Vec::new();
        for (i, name) in names.iter().enumerate().skip(1) {
            if let ValueRef::Text(text) = row.get_ref(i)? {
                cells.push((name.clone(), String::from_utf8_lossy(text).into_owned()));
            }
        }
        if doomed(&cells) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}
