//! Tables as an Excel workbook (.xlsx).
//!
//! Texts are written as texts, never as formulas, whatever they begin with; numbers carry a
//! number format; the head of each sheet is frozen and filtered. Same tables, same bytes: the
//! time of creation is given, not read from a clock.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::problem::{Problem, Result};
use crate::report::overview::{Cell, Table};

/// Longest text of a cell, characters (the format's own limit).
const LONGEST: usize = 32_767;
/// Widest column, characters.
const WIDEST: usize = 60;

/// A workbook of tables; `date`: year, month, day of its making.
///
/// # Errors
/// A table of more rows than a sheet holds.
pub fn workbook(tables: &[Table], title: &str, date: (u16, u8, u8)) -> Result<Vec<u8>> {
    build(tables, title, date).map_err(|e| Problem::io(format!("cannot be written ({e})")))
}

fn build(
    tables: &[Table],
    title: &str,
    (year, month, day): (u16, u8, u8),
) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(year.clamp(1900, 9999), month, day)?;
    let title: String = title.chars().take(255).collect();
    let properties = DocProperties::new()
        .set_title(title)
        .set_creation_datetime(&made);
    book.set_properties(&properties);
    for table in tables {
        sheet(book.add_worksheet(), table)?;
    }
    book.save_to_buffer()
}

fn sheet(sheet: &mut Worksheet, table: &Table) -> std::result::Result<(), XlsxError> {
    sheet.set_name(table.name)?;
    let head = Format::new()
        .set_bold()
        .set_border_bottom(FormatBorder::Thin);
    let quoted = Format::new().set_quote_prefix();
    let decimals = ["#,##0", "#,##0.0", "#,##0.00"].map(|f| Format::new().set_num_format(f));
    let mut widths: Vec<usize> = Vec::new();
    for (c, name) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(0, c, *name, &head)?;
        widths.push(name.chars().count());
    }
    for (r, row) in (1..).zip(&table.rows) {
        for (c, cell) in (0..).zip(row) {
            let width = match cell {
                Cell::Empty => 0,
                Cell::Text(text) => {
                    let text: String = text.chars().take(LONGEST).collect();
                    if formula(&text) {
                        sheet.write_string_with_format(r, c, &text, &quoted)?;
                    } else {
                        sheet.write_string(r, c, &text)?;
                    }
                    text.chars().count()
                }
                Cell::Number(value, places) => {
                    let format = decimals.get(usize::from(*places)).unwrap_or(&decimals[2]);
                    sheet.write_number_with_format(r, c, *value, format)?;
                    12
                }
            };
            if let Some(widest) = widths.get_mut(usize::from(c)) {
                *widest = (*widest).max(width);
            }
        }
    }
    for (c, width) in (0..).zip(widths) {
        sheet.set_column_width(c, width.min(WIDEST) as f64 + 3.0)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    if let Some(last) = table.columns.len().checked_sub(1).filter(|_| rows > 0) {
        sheet.autofilter(0, 0, rows, u16::try_from(last).unwrap_or(0))?;
    }
    Ok(())
}

/// Whether a program might take a text for a formula, at once or when it is edited (OWASP, "CSV
/// injection").
fn formula(text: &str) -> bool {
    const FULL_WIDTH: [char; 4] = ['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let shown = text.trim_start();
    text.starts_with(['\t', '\r', '\n'])
        || shown.starts_with(['=', '+', '-', '@'])
        || shown.starts_with(FULL_WIDTH)
}

/// A cell of a table of text as spreadsheets may open it: one that would be read as a formula
/// gets a quote in front.
pub fn spreadsheet_safe(cell: &str) -> String {
    match formula(cell) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// What [`spreadsheet_safe`] was given.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|c| formula(c))
        .unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            name: "companies",
            columns: vec!["name", "class"],
            rows: vec![
                vec![
                    Cell::Text("=cmd|' /C calc'!A0".into()),
                    Cell::Number(3.0, 0),
                ],
                vec![Cell::Text("Jan \u{7} & <Co>".into()), Cell::Empty],
                vec![Cell::Text("x".repeat(40_000)), Cell::Number(0.5, 9)],
            ],
        }
    }

    #[test]
    fn a_cell_is_no_formula() {
        for cell in ["=1+1", "@x", "+32 9", "-1", "\t=1", " =1", "\u{ff1d}1"] {
            assert_eq!(spreadsheet_safe(cell), format!("'{cell}"));
            assert_eq!(unguarded(&spreadsheet_safe(cell)), cell);
        }
        for cell in ["Peeters-Maes", "'t Zand", ""] {
            assert_eq!(spreadsheet_safe(cell), cell);
            assert_eq!(unguarded(cell), cell);
        }
    }

    #[test]
    fn the_same_tables_give_the_same_bytes_and_no_formula() {
        let first = workbook(&[table()], "t", (2026, 3, 14)).expect("a workbook");
        assert_eq!(
            first,
            workbook(&[table()], "t", (2026, 3, 14)).expect("a workbook")
        );
        assert!(first.starts_with(b"PK"));
    }
}
