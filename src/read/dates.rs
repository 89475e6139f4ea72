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

/// A date of a cell as year-month-day: `2026/01/15`, `15/01/2026`, `15.1.2026` and a time after it are
/// understood; empty where there is none, as written where it is no date.
pub fn iso(cell: &str) -> String {
    let cell = cell.trim();
    if is_no_date(cell) {
        return String::new();
    }
    let day = cell.split([' ', 'T']).next().unwrap_or(cell);
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let number = |text: &str| text.parse::<u16>().ok();
    let found = match parts[..] {
        [year, month, day] if year.len() == 4 => number(year).zip(number(month)).zip(number(day)),
        [day, month, year] if year.len() == 4 => number(year).zip(number(month)).zip(number(day)),
        _ => None,
    };
    match found {
        Some(((year, month), day)) if (1..=12).contains(&month) && (1..=31).contains(&day) => {
            format!("{year:04}-{month:02}-{day:02}")
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_no_date, iso};

    #[test]
    fn dates_of_spreadsheets_and_of_people_are_one() {
        for cell in [
            "2026-01-15",
            "2026/01/15",
            "15/01/2026",
            "15.1.2026",
            "2026-01-15 00:00:00",
        ] {
            assert_eq!(iso(cell), "2026-01-15");
        }
        assert_eq!((iso(""), iso("1900-01-01")), (String::new(), String::new()));
        assert_eq!(
            (iso("spring"), iso("2026/13/01")),
            ("spring".to_owned(), "2026/13/01".to_owned())
        );
    }

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
