//! Cells of one record as text, numbers and choices.

use std::ops::RangeInclusive;

use super::{Bound, Place, Record, Report};

/// One record seen through our column names.
#[derive(Clone, Copy, Debug)]
pub struct Row<'b> {
    bound: &'b Bound<'b>,
    record: &'b Record,
}

impl<'b> Row<'b> {
    pub(super) fn new(bound: &'b Bound<'b>, record: &'b Record) -> Self {
        Self { bound, record }
    }

    /// Where the record stands.
    pub fn place(&self) -> Place {
        self.record.place
    }

    /// The trimmed cell; empty when empty or when the file has no such column.
    pub fn text(&self, name: &str) -> &'b str {
        self.bound
            .position(name)
            .and_then(|i| self.record.cells.get(i))
            .map_or("", String::as_str)
    }

    /// The cell, `None` when empty.
    pub fn some_text(&self, name: &str) -> Option<&'b str> {
        Some(self.text(name)).filter(|t| !t.is_empty())
    }

    /// A number within a range, `None` when empty or unknown; anything else is a fault.
    pub fn number(
        &self,
        name: &str,
        range: RangeInclusive<f64>,
        report: &mut Report,
    ) -> Option<f64> {
        let cell = self.text(name);
        if is_unknown(cell) {
            return None;
        }
        let Some(value) = parse_number(cell, self.bound.comma_separated()) else {
            self.fault(name, format!("is \"{cell}\", expected a number"), report);
            return None;
        };
        if !range.contains(&value) {
            let (low, high) = range.into_inner();
            let what = format!("is {value}, expected {low} to {high}");
            self.fault(name, what, report);
            return None;
        }
        Some(value)
    }

    /// One of the listed words (lower case), `None` when empty; anything else is a fault that
    /// tells `expected`.
    pub fn choice<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
        expected: &str,
        report: &mut Report,
    ) -> Option<T> {
        let cell = self.text(name);
        if cell.is_empty() {
            return None;
        }
        let lower = cell.to_lowercase();
        let found = words.iter().find(|(word, _)| *word == lower);
        if found.is_none() {
            let what = format!("is \"{cell}\", expected {expected}");
            self.fault(name, what, report);
        }
        found.map(|(_, value)| *value)
    }

    /// Adds a fault of this cell, under the name the file uses.
    pub fn fault(&self, name: &str, what: String, report: &mut Report) {
        report.fault_in(self.place(), self.bound.header(name), what);
    }

    /// Adds a warning of this cell, under the name the file uses.
    pub fn warn(&self, name: &str, what: String, report: &mut Report) {
        report.warn_in(self.place(), self.bound.header(name), what);
    }
}

/// Cells that say "not known".
fn is_unknown(cell: &str) -> bool {
    cell.is_empty()
        || ["-", "na", "n/a", "nan", "null", "none"]
            .iter()
            .any(|word| cell.eq_ignore_ascii_case(word))
}

/// A finite number with decimal point or decimal comma.
///
/// Where columns are separated by commas, a number such as `"1,234"` may be a thousand and is
/// refused; `0,065` and `18,5` cannot be and are read.
fn parse_number(cell: &str, comma_separated: bool) -> Option<f64> {
    let cell = cell.replace('\u{2212}', "-");
    let plain = match cell.split_once(',') {
        None => cell,
        Some((whole, fraction)) => {
            let thousand = comma_separated
                && fraction.len() == 3
                && !whole
                    .trim_start_matches('-')
                    .trim_start_matches('0')
                    .is_empty();
            if thousand || fraction.contains([',', '.']) || whole.contains('.') {
                return None;
            }
            format!("{whole}.{fraction}")
        }
    };
    let digits = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if !plain.bytes().all(digits) {
        return None;
    }
    plain.parse().ok().filter(|v: &f64| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_commas_are_read_where_they_cannot_be_thousands() {
        assert_eq!(parse_number("0,065", true), Some(0.065));
        assert_eq!(parse_number("18,5", true), Some(18.5));
        assert_eq!(parse_number("1,234", true), None);
        assert_eq!(parse_number("1,234", false), Some(1.234));
        assert_eq!(parse_number("-3.5", true), Some(-3.5));
        assert_eq!(parse_number("\u{2212}2", true), Some(-2.0));
    }

    #[test]
    fn thousands_with_decimals_words_and_infinities_are_refused() {
        for cell in ["1.234,5", "1,234,567", "inf", "1e999", "12 m", "", "--"] {
            assert_eq!(parse_number(cell, false), None, "{cell}");
        }
    }
}
