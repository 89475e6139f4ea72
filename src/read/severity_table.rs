//! An electrical severity table of the user's: `handheld.electrical_table` as a path.
//!
//! Columns `priority` (P1–P4 or 1–4), `similar_from_k`, `ambient_from_k`: the least difference of
//! each priority in kelvin, `4` from there on or `>15` above it; an empty cell where a column has
//! no such priority. The file's name is printed as the table's.

use std::path::Path;

use super::table::{Bound, Mapping, Report, Schema, Table, column, file_name};
use crate::problem::Problem;

const SCHEMA: Schema = Schema {
    name: "electrical_table",
    columns: &[
        column("priority", &["prioriteit", "priorite", "prioritaet"]),
        column("similar_from_k", &["gelijkaardig_vanaf_k"]),
        column("ambient_from_k", &["omgeving_vanaf_k"]),
    ],
    ignored: &["action", "actie"],
    closed: true,
};

/// One priority with its bounds as written.
pub type Row = (u8, String, String);

/// Reads the rows of a table.
///
/// # Errors
/// All faults of the file.
pub fn read(path: &Path) -> Result<Vec<Row>, Vec<Problem>> {
    let mut report = Report::new(file_name(path));
    let table = Table::open(path, &mut report).map_err(|p| vec![p.in_file(file_name(path))])?;
    let bound = Bound::new(&table, &SCHEMA, &Mapping::new(), &mut report);
    bound.require(&["priority"], &mut report);
    bound.require(&["similar_from_k", "ambient_from_k"], &mut report);
    let mut rows: Vec<Row> = Vec::new();
    for row in bound.rows() {
        let cell = row.text("priority").trim_start_matches(['P', 'p']);
        match cell.parse::<u8>() {
            Ok(priority @ 1..=4) if !rows.iter().any(|r| r.0 == priority) => rows.push((
                priority,
                row.text("similar_from_k").to_owned(),
                row.text("ambient_from_k").to_owned(),
            )),
            _ => {
                let what = format!("is \"{cell}\", expected each of P1 to P4 once");
                row.fault("priority", what, &mut report);
            }
        }
    }
    if rows.is_empty() {
        report.fault(Problem::setting("has no priority, expected P1 to P4"));
    }
    report.finish(rows).map(|(rows, _)| rows)
}
