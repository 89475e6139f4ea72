//! Tables people keep: separated text and spreadsheets with named columns.
//!
//! In: the bytes of a `.csv`, `.xlsx` or `.ods` file. Out: headers and cells as trimmed text ([`Table`]), our column
//! names bound to theirs ([`Bound`]), and every fault of the file at once ([`Report`]).
//!
//! Spreadsheets of the region write `;` and decimal commas, services write `,` and ISO-8859-1,
//! loggers write tabs; so separator, encoding and decimal sign are found out, not asked. What a
//! column is called is looked up in the settings first, then among our own names, then among
//! the Dutch, French and service names that are built in.
//!
//! Not here: what a column means (one file per table).

mod columns;
mod cut;
mod report;
mod row;
mod sheet;
mod text;

pub use columns::{Bound, Column, Mapping, Schema, column, fold};
pub use cut::without_lines;
pub use report::{Outcome, Report};
pub use row::Row;

/// The sign between the columns of a text table; `None` for a spreadsheet or what is no text.
pub fn separator(bytes: &[u8]) -> Option<u8> {
    if sheet::is_sheet(bytes) {
        return None;
    }
    Some(text::separator(&text::decode(bytes).ok()?).0)
}

use std::fmt;
use std::path::Path;

use super::layer::are_held;
use crate::problem::{Problem, Result};

/// Largest text table that is read, bytes.
pub const MAX_TABLE_BYTES: u64 = 256 << 20;

/// Most columns a table may have.
const MAX_COLUMNS: usize = 2000;

/// Most rows of a table that people keep: companies, findings.
const MAX_ROWS_BY_HAND: usize = 100_000;

/// Longest column name, bytes: it stands in messages.
const MAX_NAME: usize = 4000;

/// Most cells of a table: short rows of a wide table would be filled up without end.
const MAX_CELLS: usize = 16_000_000;

/// Where a record stands, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Line of a text file, from 1.
    Line(u64),
    /// Feature of a vector file, from 1.
    Feature(u64),
    /// Row of a spreadsheet, from 1.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Feature(n) => write!(f, "feature {n}"),
            Self::Row(n) => write!(f, "row {n}"),
        }
    }
}

/// One record: where it stands and its cells, trimmed, as many as there are headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Where it stands.
    pub place: Place,
    /// Trimmed cells, one per header.
    pub cells: Vec<String>,
}

/// A table of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// File it came from, for messages.
    pub file: String,
    /// Column names as they stand, trimmed.
    pub headers: Vec<String>,
    /// Records in file order, without empty ones.
    pub records: Vec<Record>,
    /// Whether `,` separates the columns, so that a comma inside a number is doubtful.
    pub comma_separated: bool,
    /// Whether the file cuts names after ten signs, as shapefiles do.
    pub short_names: bool,
}

impl Table {
    /// Reads a text table or the first sheet of a spreadsheet.
    ///
    /// Odd but readable things (short rows) become warnings, rows that do not fit the header
    /// become faults of `report`.
    ///
    /// # Errors
    /// The file cannot be read, is neither text nor a spreadsheet, or has no header.
    pub fn open(path: &Path, report: &mut Report) -> Result<Self> {
        if let Some(problem) = super::refused::refused(path) {
            return Err(problem);
        }
        let bytes = read_bytes(path, MAX_TABLE_BYTES)?;
        Self::from_bytes(report.file().to_string().as_str(), &bytes, report)
    }

    /// The same from bytes; `file` is used in messages only.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn from_bytes(file: &str, bytes: &[u8], report: &mut Report) -> Result<Self> {
        if sheet::is_sheet(bytes) {
            return Self::from_sheet(file, bytes, report);
        }
        let text = text::decode(bytes).map_err(|p| p.in_file(file))?;
        if text.bytes().filter(|&b| b == b'"').count() % 2 == 1 {
            let what = "has an odd number of double quotes: a cell may have swallowed later rows";
            report.warn(Problem::setting(what).hint("close the quotes, or double those inside"));
        }
        let (separator, body_start) = text::separator(&text);
        let mut lines = text::Lines::new(text.as_bytes(), body_start);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes().get(body_start..).unwrap_or_default());
        let mut table = Self {
            file: file.to_string(),
            headers: Vec::new(),
            records: Vec::new(),
            comma_separated: separator == b',',
            short_names: false,
        };
        let mut record = csv::StringRecord::new();
        loop {
            let offset = reader.position().byte();
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let place = Place::Line(lines.at(offset));
                    table.take(record.iter(), place, report)?;
                    table.held_by(bytes.len() as u64)?;
                }
                Ok(false) => break,
                Err(error) => return Err(Problem::broken(error.to_string()).in_file(file)),
            }
        }
        table.with_header()
    }

    fn from_sheet(file: &str, bytes: &[u8], report: &mut Report) -> Result<Self> {
        let (_, rows) = sheet::read(file, bytes)?;
        let mut table = Self {
            file: file.to_string(),
            headers: Vec::new(),
            records: Vec::new(),
            comma_separated: false,
            short_names: false,
        };
        let titles = titles(&rows);
        for (number, mut cells) in rows {
            let place = Place::Row(number);
            if table.headers.is_empty() && number < titles {
                report.warn_at(place, "stands above the column names and is left out");
                continue;
            }
            let named = table.headers.len();
            if named > 0 && cells.len() > named {
                let what = "has a value in a column without name, which is left out";
                report.warn_at(place, what);
                cells.truncate(named);
            }
            // A sheet has no separators: cells left away at the end are empty, not forgotten.
            if cells.len() < table.headers.len() {
                cells.resize(table.headers.len(), String::new());
            }
            table.take(cells.iter().map(String::as_str), place, report)?;
        }
        table.with_header()
    }

    /// Refuses rows that are filled up with more cells than the file has bytes.
    fn held_by(&self, bytes: u64) -> Result<()> {
        let (rows, columns) = (self.records.len(), self.headers.len());
        if are_held(rows.saturating_mul(columns), bytes) {
            return Ok(());
        }
        let what = format!("has {rows} or more rows shorter than its {columns} columns");
        Err(Problem::broken(what)
            .in_file(&self.file)
            .hint("export the table again, with the same separator in every line"))
    }

    /// Refuses a table of more rows than any that people keep by hand: each becomes a record.
    pub(super) fn kept_by_hand(&self) -> Result<()> {
        let rows = self.records.len();
        if rows <= MAX_ROWS_BY_HAND {
            return Ok(());
        }
        let what = format!("has {rows} rows, expected at most {MAX_ROWS_BY_HAND}");
        Err(Problem::unsupported(what)
            .in_file(&self.file)
            .hint("keep only the rows of this park"))
    }

    fn with_header(self) -> Result<Self> {
        if self.headers.is_empty() {
            return Err(
                Problem::broken("is empty, expected a line with column names")
                    .in_file(self.file)
                    .hint("export the table again, with its header line"),
            );
        }
        Ok(self)
    }

    /// Takes the header or one record.
    fn take<'c>(
        &mut self,
        record: impl Iterator<Item = &'c str>,
        place: Place,
        report: &mut Report,
    ) -> Result<()> {
        let mut cells: Vec<String> = record.map(|c| text::trim(c).to_string()).collect();
        if cells.iter().all(String::is_empty) {
            return Ok(());
        }
        if self.headers.is_empty() {
            if cells.len() > MAX_COLUMNS {
                let what = format!(
                    "has {} columns, expected at most {MAX_COLUMNS}",
                    cells.len()
                );
                return Err(Problem::broken(what).in_file(&self.file));
            }
            if let Some(long) = cells.iter().map(String::len).find(|n| *n > MAX_NAME) {
                let what =
                    format!("has a column name of {long} bytes, expected at most {MAX_NAME}");
                return Err(Problem::broken(what)
                    .in_file(&self.file)
                    .hint("close the quotes in the line of the column names"));
            }
            self.headers = cells;
            return Ok(());
        }
        let expected = self.headers.len();
        let found = cells.len();
        while cells.len() > expected && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.len() > expected {
            let hint = if self.comma_separated {
                "put values that hold a comma (also decimal commas) in quotes, or separate \
                 the columns with ;"
            } else {
                "put values that hold the separator in quotes"
            };
            let what = format!("has {found} values, expected {expected} as in the header");
            report.fault_at(place, what, Some(hint));
            return Ok(());
        }
        if cells.len() < expected {
            let what = format!(
                "has {found} values, expected {expected} as in the header; the rest is taken \
                 as empty"
            );
            report.warn_at(place, what);
            cells.resize(expected, String::new());
        }
        if self.records.len().saturating_mul(expected) > MAX_CELLS {
            let what = format!("has more than {MAX_CELLS} cells, which is too much");
            return Err(Problem::unsupported(what)
                .in_file(&self.file)
                .hint("keep only the rows and columns that are needed"));
        }
        self.records.push(Record { place, cells });
        Ok(())
    }
}

/// Number of the first row of a sheet that can hold column names: people write a title above
/// them, which fills one cell.
fn titles(rows: &[sheet::SheetRow]) -> u64 {
    let filled = |cells: &[String]| cells.iter().filter(|c| !text::trim(c).is_empty()).count();
    let wide = rows.iter().take(10).find(|(_, cells)| filled(cells) > 1);
    wide.map_or(0, |(number, _)| *number)
}

/// Name of a file for messages: its last part.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}

/// Reads a whole file, refusing more than `limit` bytes before reading.
///
/// # Errors
/// Missing, unreadable, a folder, or too large.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = file_name(path);
    let named = |e: std::io::Error| Problem::from(e).in_file(file.clone());
    let meta = std::fs::metadata(path).map_err(named)?;
    if !meta.is_file() {
        return Err(Problem::io("is not a file").in_file(file));
    }
    if meta.len() > limit {
        let what = format!("has {} bytes, expected at most {limit}", meta.len());
        return Err(Problem::unsupported(what).in_file(file));
    }
    std::fs::read(path).map_err(named)
}

/// A key as text: trimmed, and without the `.0` that spreadsheets and number columns add to
/// integers.
pub fn key_text(cell: &str) -> &str {
    let cell = text::trim(cell);
    match cell.split_once('.') {
        Some((whole, rest))
            if !whole.is_empty()
                && !rest.is_empty()
                && whole.bytes().all(|b| b.is_ascii_digit())
                && rest.bytes().all(|b| b == b'0') =>
        {
            whole
        }
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> (Table, Report) {
        let mut report = Report::new("t.csv");
        let table = Table::from_bytes("t.csv", bytes, &mut report).expect("readable");
        (table, report)
    }

    #[test]
    fn tables_that_grow_out_of_few_bytes_are_refused() {
        let refused = |text: &str| {
            let mut report = Report::new("a.csv");
            let table = Table::from_bytes("a.csv", text.as_bytes(), &mut report);
            let table = table.and_then(|table| table.kept_by_hand());
            table.expect_err("too much").what
        };
        let wide = ["c"; 1999].join(";");
        let what = refused(&format!("{wide}\n{}", "a\n".repeat(7900)));
        assert!(what.contains("shorter than its 1999 columns"), "{what}");
        let what = refused(&format!("\"{}", "a;b\n".repeat(2000)));
        assert!(what.contains("column name of 7"), "{what}");
        let what = refused(&format!("a\n{}", "b\n".repeat(100_001)));
        assert!(what.contains("100001 rows"), "{what}");
    }

    #[test]
    fn separator_byte_order_mark_and_windows_encoding_are_found_out() {
        let (semicolon, _) = table(b"\xef\xbb\xbfnaam;straat, nummer\r\nA;B 1\r\n");
        assert_eq!(semicolon.headers, ["naam", "straat, nummer"]);
        let (tab, _) = table("naam\tgemeente\nZo\u{eb}\tIeper\n".as_bytes());
        assert_eq!(tab.records[0].cells, ["Zo\u{eb}", "Ieper"]);
        let (windows, _) = table(b"naam,gemeente\nCaf\xe9,Poperinge\n");
        assert_eq!(windows.records[0].cells[0], "Caf\u{e9}");
        let (hinted, _) = table(b"sep=;\na;b\n1;2\n");
        assert_eq!(hinted.headers, ["a", "b"]);
        assert_eq!(hinted.records[0].place, Place::Line(3));
    }

    #[test]
    fn lines_are_counted_through_blank_lines_and_quoted_line_breaks() {
        let (table, _) = table(b"a,b\n\n1,\"x\r\ny\"\n,\n3,4\n");
        let places: Vec<_> = table.records.iter().map(|r| r.place).collect();
        assert_eq!(places, [Place::Line(3), Place::Line(6)]);
    }

    #[test]
    fn line_breaks_inside_cells_are_trimmed_at_the_ends() {
        let (table, _) = table(b"a,b\n\"aanmaak uniek percelenplan\r\n\",\xc2\xa0 2\n");
        assert_eq!(table.records[0].cells, ["aanmaak uniek percelenplan", "2"]);
    }

    #[test]
    fn a_row_longer_than_the_header_is_a_fault_and_a_shorter_one_a_warning() {
        let (_, report) = table(b"a,b\n1,2,3\n1\n1,2,\n");
        assert_eq!(report.faults().len(), 1);
        assert_eq!(report.warnings().len(), 1);
        let text = report.faults()[0].to_string();
        assert!(
            text.contains("line 2") && text.contains("3 values"),
            "{text}"
        );
    }

    #[test]
    fn binary_and_empty_files_are_refused_without_panic() {
        let mut report = Report::new("t.csv");
        for bytes in [&b""[..], b"\n\n", b"a,b\0c\n", b"PK\x03\x04rest"] {
            assert!(Table::from_bytes("t.csv", bytes, &mut report).is_err());
        }
    }

    #[test]
    fn integer_keys_lose_the_zero_fraction_and_other_keys_stay() {
        assert_eq!(key_text(" 2305235.0 "), "2305235");
        assert_eq!(key_text("2305235.50"), "2305235.50");
        assert_eq!(key_text("A.0"), "A.0");
        assert_eq!(key_text("0012"), "0012");
    }
}
