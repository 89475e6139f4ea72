//! Rows added to a table of findings that people have written in: every byte that is there stays.

use super::SCHEMA;
use crate::read::table::{Bound, Mapping, Report, Table, separator};
use std::collections::BTreeMap;

/// Cells of one row by our column names.
pub type Cells = BTreeMap<&'static str, String>;

/// A new table of findings with all columns, separated by `separator`.
pub fn table(rows: &[Cells], separator: u8) -> Vec<u8> {
    let names: Vec<&str> = SCHEMA.names().chain(EXTRA).collect();
    let mut out = record(&names, separator);
    for row in rows {
        let cells: Vec<&str> = names
            .iter()
            .map(|name| row.get(name).map_or("", String::as_str))
            .collect();
        out.extend(record(&cells, separator));
    }
    out
}

/// Columns that only tell: camera and position.
pub const EXTRA: [&str; 3] = ["camera", "lon_deg", "lat_deg"];

/// The table with rows behind those that stand there, in its own columns; `None` where it is no
/// text table.
pub fn with_rows(file: &str, bytes: &[u8], mapping: &Mapping, rows: &[Cells]) -> Option<Vec<u8>> {
    // Rows in another encoding than the table's would be none.
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return None;
    }
    let sign = separator(bytes)?;
    let mut report = Report::new(file);
    let table = Table::from_bytes(file, bytes, &mut report).ok()?;
    let bound = Bound::new(&table, &SCHEMA, mapping, &mut report);
    let mut out = bytes.to_vec();
    if !out.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    for row in rows {
        let mut cells = vec![""; table.headers.len()];
        for (name, value) in row {
            let own = table.headers.iter().position(|h| h == name);
            if let Some(cell) = bound.position(name).or(own).and_then(|i| cells.get_mut(i)) {
                *cell = value;
            }
        }
        out.extend(record(&cells, sign));
    }
    Some(out)
}

fn record(cells: &[&str], separator: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_byte_for_byte() {
        let old = b"beeld;waarneming;eigen kolom\r\na.jpg;\"koud; nat\";x\r\n";
        let row = Cells::from([
            ("image", "b.jpg".to_owned()),
            ("markers", "Sp 1 2".to_owned()),
        ]);
        let new = with_rows("findings.csv", old, &Mapping::new(), &[row]).expect("text");
        assert!(new.starts_with(old));
        assert_eq!(&new[old.len()..], b"b.jpg;;\r\n");
    }

    #[test]
    fn a_new_table_is_read_back() {
        let row = Cells::from([("image", "b.jpg".to_owned()), ("camera", "X".to_owned())]);
        let bytes = table(&[row], b';');
        let found = super::super::from_bytes("findings.csv", &bytes, &Mapping::new());
        let found = found.expect("a table");
        assert!(
            found.faults.is_empty() && found.warnings.is_empty(),
            "{found:?}"
        );
        assert_eq!(found.rows[0].image, "b.jpg");
    }
}
