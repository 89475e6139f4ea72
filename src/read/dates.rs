//! Dates of registers, where some stand for "no date".

/// Whether a cell holds no date: empty, or one of the two that the regional register of
/// enterprises writes for it, 1900-01-01 and 9999-12-31 (flemish-data.md §1.4).
pub fn is_no_date(cell: &str) -> bool {
    let cell = cell.trim();
    let date = cell.get(..10).unwrap_or(cell);
    let numbers: Vec<&str> = date.split(['-', '/', '.']).collect();
    cell.is_empty()
        || matches!(
            numbers.as_slice(),
            ["1900", "01", "01"]
                | ["01", "01", "1900"]
                | ["9999", "12", "31"]
                | ["31", "12", "9999"]
        )
        || date == "19000101"
        || date == "99991231"
}

#[cfg(test)]
mod tests {
    use super::is_no_date;

    #[test]
    fn both_ends_of_time_and_empty_cells_are_no_date() {
        for cell in [
            "",
            " ",
            "1900-01-01",
            "1900-01-01T00:00:00Z",
            "01-01-1900",
            "9999-12-31 00:00:00",
            "31/12/9999",
        ] {
            assert!(is_no_date(cell), "{cell}");
        }
        for cell in [
            "1900-01-02",
            "2026-01-15",
            "15-01-2026",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        ] {
            assert!(!is_no_date(cell), "{cell}");
        }
    }
}
