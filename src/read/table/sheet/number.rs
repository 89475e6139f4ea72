//! Numbers of cells: plain, padded with zeros, or a date in disguise.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// What a cell format makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A number.
    Plain,
    /// A number with at least so many digits.
    Padded(usize),
    /// Days since the epoch of the file.
    Moment,
}

/// The format of a built-in number (ISO/IEC 29500-1 §18.8.30: dates and times).
pub(super) fn built_in(id: u32) -> Format {
    match id {
        14..=22 | 27..=36 | 45..=47 | 50..=58 => Format::Moment,
        _ => Format::Plain,
    }
}

/// The format of a code such as `dd/mm/yyyy` or `0000000000`.
pub(super) fn custom(code: &str) -> Format {
    // The part for positive numbers, without texts, escaped signs and [colours].
    let mut bare = String::new();
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => while signs.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => {
                signs.next();
            }
            '[' => {
                let inside: String = signs.by_ref().take_while(|&c| c != ']').collect();
                // Elapsed hours: [h]:mm.
                if ["h", "hh", "m", "mm", "s", "ss"].contains(&inside.to_lowercase().as_str()) {
                    return Format::Moment;
                }
            }
            ';' => break,
            other => bare.extend(other.to_lowercase()),
        }
    }
    if bare.trim() == "general" || bare.trim() == "standaard" {
        return Format::Plain;
    }
    // j: the Dutch year, as some programs store it.
    if bare.contains(['y', 'm', 'd', 'h', 's', 'j']) {
        return Format::Moment;
    }
    let zeros = bare.chars().filter(|&c| c == '0').count();
    if zeros > 1 && bare.chars().all(|c| matches!(c, '0' | '.' | ' ' | '/')) && !decimal(&bare) {
        return Format::Padded(zeros);
    }
    Format::Plain
}

/// Whether a code of zeros shows decimals (`0.00`) rather than groups (`0000.000.000`).
fn decimal(bare: &str) -> bool {
    match bare.split_once('.') {
        Some((whole, rest)) => whole.chars().count() == 1 && !rest.contains('.'),
        None => false,
    }
}

/// A number as text.
pub(super) fn text(value: f64, format: Format, since_1904: bool) -> String {
    match format {
        Format::Moment => moment(value, since_1904).unwrap_or_else(|| plain(value)),
        Format::Padded(digits) if value.fract() == 0.0 && (0.0..1e15).contains(&value) => {
            format!("{value:0digits$}")
        }
        _ => plain(value),
    }
}

/// Without needless fraction: 403449823, 0.1.
pub(super) fn plain(value: f64) -> String {
    // −0 is 0.
    (value + 0.0).to_string()
}

/// A day number as `2026-01-15`, `2026-01-15T02:10:00` or `18:30`.
fn moment(value: f64, since_1904: bool) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    // Seconds: fractions of days are not exact, and no table here is finer.
    let seconds = (value * 86_400.0).round() as i64;
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    let time = || {
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match second {
            0 => format!("{hour:02}:{minute:02}"),
            _ => format!("{hour:02}:{minute:02}:{second:02}"),
        }
    };
    if days == 0 && !since_1904 {
        return Some(time());
    }
    let epoch: Date = if since_1904 {
        date(1904, 1, 1)
    } else if days < 60 {
        // Day 60 is 29 February 1900, which never was; days before it count from one later.
        date(1899, 12, 31)
    } else {
        date(1899, 12, 30)
    };
    let day = epoch.checked_add(days.days()).ok()?;
    Some(match seconds {
        0 => day.to_string(),
        _ => {
            let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            format!("{day}T{hour:02}:{minute:02}:{second:02}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_dates_times_and_padded_numbers_are_told_apart() {
        for code in [
            "dd/mm/yyyy",
            "d-mmm",
            "[$-413]d mmmm jjjj;@",
            "hh:mm",
            "[h]:mm",
        ] {
            assert_eq!(custom(code), Format::Moment, "{code}");
        }
        for code in [
            "General",
            "0.00",
            "#,##0.00 \"dagen\"",
            "0",
            "0%",
            "@",
            "[Red]0.0",
            "0.00E+00",
        ] {
            assert_eq!(custom(code), Format::Plain, "{code}");
        }
        for code in [
            "0000000000",
            "0000\".\"000\".\"000",
            "0000.000.000",
            "0000\\.000\\.000",
        ] {
            assert_eq!(custom(code), Format::Padded(10), "{code}");
        }
    }

    #[test]
    fn day_numbers_become_the_dates_spreadsheets_show() {
        // 46 037 is 15 January 2026; 1 and 59 lie before the day that never was, 61 after it.
        let show = |value| text(value, Format::Moment, false);
        assert_eq!(show(46_037.0), "2026-01-15");
        assert_eq!(show(1.0), "1900-01-01");
        assert_eq!(show(59.0), "1900-02-28");
        assert_eq!(show(61.0), "1900-03-01");
        assert_eq!(show(2_958_465.0), "9999-12-31");
        assert_eq!(show(0.770_833_333_333_333), "18:30");
        assert_eq!(show(46_037.090_277_777_8), "2026-01-15T02:10:00");
        assert_eq!(text(44_575.0, Format::Moment, true), "2026-01-15");
        assert_eq!(show(-1.0), "-1");
        assert_eq!(show(f64::NAN), "NaN");
    }

    #[test]
    fn numbers_are_plain_and_padded_ones_keep_their_zeros() {
        assert_eq!(text(403_449_823.0, Format::Plain, false), "403449823");
        assert_eq!(text(403_449_823.0, Format::Padded(10), false), "0403449823");
        assert_eq!(text(0.1, Format::Plain, false), "0.1");
        assert_eq!(text(-0.0, Format::Plain, false), "0");
        assert_eq!(text(1.5, Format::Padded(10), false), "1.5");
    }
}
