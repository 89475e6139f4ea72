//! The first sheet of a spreadsheet: `.xlsx` (Office Open XML, ISO/IEC 29500) and `.ods`
//! (OpenDocument 1.2).
//!
//! In: the bytes of the file. Out: its rows as text, as a CSV of the same sheet would hold them:
//! dates in ISO 8601, numbers with a decimal point and without needless fraction, logical values
//! as words. A number whose format shows leading zeros keeps them.
//!
//! Both are ZIP archives of XML. What an archive says of its sizes is checked before anything is
//! unpacked, repeated cells and rows are counted before they are made, and the XML reader allows
//! neither document types nor more nodes than a limit; a library for spreadsheets that makes a
//! dense grid out of one cell in the far corner was left out for that.
//!
//! Not here: formulas (the value stored beside them is taken), other sheets, `.xls`, `.xlsb`.

mod number;
mod ods;
mod xlsx;

use crate::problem::{Problem, Result};
use crate::read::archive::Archive;
use crate::read::markup;

/// Most cells of a sheet, empty ones before a filled one counted.
const MAX_CELLS: usize = 8_000_000;

/// Most nodes of one XML part.
const MAX_NODES: u32 = 4_000_000;

/// Longest text kept of a cell, bytes: what programs allow in one (32 767 signs).
const MAX_TEXT: usize = 32 << 10;

/// Most text of a sheet, bytes: cells may share a text, their copies do not.
const MAX_BYTES: usize = 256 << 20;

/// Most columns looked at.
const MAX_COLUMNS: usize = super::MAX_COLUMNS;

type Parsed<T> = std::result::Result<T, String>;

/// A row: its number as the program shows it, and its cells.
pub(super) type SheetRow = (u64, Vec<String>);

/// Whether bytes are an archive or the older form of office files, rather than text.
pub(super) fn is_sheet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0")
}

/// Rows of the first sheet, without those that hold nothing, and its name.
///
/// # Errors
/// Another kind of file, a broken one, or one that is too large.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<(String, Vec<SheetRow>)> {
    let hint = "save the sheet as .xlsx or as CSV (UTF-8) and use that file";
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let what = "is an .xls file or protected by a password, expected .xlsx, .ods or .csv";
        return Err(Problem::unsupported(what).in_file(file).hint(hint));
    }
    let found = Archive::new(bytes).and_then(|archive| {
        if archive.holds("xl/workbook.xml") {
            xlsx::read(&archive)
        } else if archive.holds("content.xml") {
            ods::read(&archive)
        } else {
            Err("is an archive, but neither .xlsx nor .ods".to_string())
        }
    });
    found.map_err(|what| Problem::broken(what).in_file(file).hint(hint))
}

/// An XML part of an archive.
fn xml<'t>(name: &str, text: &'t str) -> Parsed<roxmltree::Document<'t>> {
    markup::check(text).map_err(|what| format!("has a part {name} that {what}"))?;
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    roxmltree::Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => {
            format!("has a part {name} with too many cells; delete empty rows below the table")
        }
        other => format!("has a part {name} that is no XML: {other}"),
    })
}

/// The beginning of a text, cut between signs.
fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|&i| text.is_char_boundary(i));
        text.truncate(end.unwrap_or(0));
    }
    text
}

/// Rows in the making, with their limits.
#[derive(Default)]
struct Rows {
    rows: Vec<SheetRow>,
    cells: usize,
    bytes: usize,
}

impl Rows {
    /// Adds a row `times` times, unless it holds nothing.
    fn push(&mut self, number: u64, mut cells: Vec<String>, times: u64) -> Parsed<()> {
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        let added = usize::try_from(times).unwrap_or(usize::MAX);
        self.cells = self.cells.saturating_add(added.saturating_mul(cells.len()));
        let bytes: usize = cells.iter().map(String::len).sum();
        self.bytes = self.bytes.saturating_add(added.saturating_mul(bytes));
        if self.cells > MAX_CELLS || self.bytes > MAX_BYTES {
            return Err(format!(
                "has more than {MAX_CELLS} cells or {MAX_BYTES} bytes of text, which is too much"
            ));
        }
        for i in 0..times {
            self.rows.push((number.saturating_add(i), cells.clone()));
        }
        Ok(())
    }
}
