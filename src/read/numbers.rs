//! Belgian enterprise and establishment numbers.
//!
//! Ten digits, of which the last two are `97 − (first eight mod 97)` (checked against printed
//! numbers, flemish-data.md §5.1). They are kept as text; the normal form is ten digits, the
//! display form is dotted. Spreadsheets eat the leading zero, which is restored only where the
//! check digits then hold.

/// A number in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Ten digits.
    pub digits: String,
    /// Whether a leading zero was missing and restored.
    pub zero_restored: bool,
}

/// Reads a number in any usual notation: `0403.449.823`, `BE 0403 449 823`, `BE0403449823`,
/// nine digits. `Ok(None)` when the cell is empty.
///
/// # Errors
/// What was found and expected, as one sentence.
pub fn parse(cell: &str) -> Result<Option<Checked>, String> {
    let text = cell.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let expected = format!("is \"{text}\", expected ten digits such as 0403.449.823");
    let digits = digits_of(text).ok_or_else(|| expected.clone())?;
    let (digits, zero_restored) = match digits.len() {
        10 => (digits, false),
        9 => (format!("0{digits}"), true),
        _ => return Err(expected),
    };
    if check_digits_hold(&digits) {
        return Ok(Some(Checked {
            digits,
            zero_restored,
        }));
    }
    Err(if zero_restored {
        format!(
            "is \"{text}\" with nine digits, expected ten; a lost leading zero does not fit \
                 the check digits either"
        )
    } else {
        format!(
            "is \"{text}\", of which the last two digits do not fit the first eight \
                 (modulo 97)"
        )
    })
}

/// Whether the last two of ten digits are 97 − (first eight mod 97).
pub fn check_digits_hold(digits: &str) -> bool {
    if digits.len() != 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let (body, check) = digits.split_at(8);
    match (body.parse::<u32>(), check.parse::<u32>()) {
        (Ok(body), Ok(check)) => check == 97 - body % 97,
        _ => false,
    }
}

/// Display form of ten digits: `0403.449.823` for enterprises, `2.000.000.339` for
/// establishment units (first digit 2 to 9). Anything else is returned as it is.
pub fn dotted(digits: &str) -> String {
    if digits.len() != 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.to_string();
    }
    let (rest, last) = digits.split_at(7);
    let (first, middle) = rest.split_at(4);
    if first.starts_with(['0', '1']) {
        format!("{first}.{middle}.{last}")
    } else {
        let (one, three) = first.split_at(1);
        format!("{one}.{three}.{middle}.{last}")
    }
}

/// The digits without country letters and separators; `None` when anything else is left.
fn digits_of(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    // An apostrophe is how spreadsheets are told that a number is text.
    let mut rest = upper.trim_start_matches('\'');
    for word in ["BTW", "TVA", "VAT", "KBO", "BCE", "RPR", "BE"] {
        let behind = rest.strip_prefix(word).unwrap_or(rest);
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-'));
    }
    // A number column that passed through floating point ends in ".0".
    let rest = rest.strip_suffix(".0").unwrap_or(rest);
    let digits: String = rest
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '/' | '\u{2013}'))
        .collect();
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_of_enterprises_establishments_and_branches_hold() {
        // flemish-data.md §5.1, numbers as printed by their owners and by the register.
        for digits in [
            "0200065765",
            "0403449823",
            "0314595348",
            "2000000339",
            "2000000438",
            "2000001032",
            "9000006626",
        ] {
            assert!(check_digits_hold(digits), "{digits}");
        }
        assert!(!check_digits_hold("0403449824"));
        assert!(!check_digits_hold("4034498230"));
    }

    #[test]
    fn every_usual_notation_gives_ten_digits() {
        for text in [
            "0403.449.823",
            "BE 0403.449.823",
            "BE0403449823",
            "0403 449 823",
            "be 0403-449-823",
            "BTW BE 0403.449.823",
            "KBO: 0403.449.823",
            "TVA-BE0403.449.823",
            "'0403449823",
            "0403\u{a0}449\u{a0}823",
            "0403.449.823.",
        ] {
            let number = parse(text).expect("valid").expect("not empty");
            assert_eq!(
                (number.digits.as_str(), number.zero_restored),
                ("0403449823", false)
            );
        }
        assert_eq!(parse("  "), Ok(None));
    }

    #[test]
    fn a_lost_leading_zero_is_restored_only_when_the_check_digits_hold() {
        for text in ["403449823", "403449823.0"] {
            let number = parse(text).expect("valid").expect("not empty");
            assert_eq!(
                (number.digits.as_str(), number.zero_restored),
                ("0403449823", true)
            );
        }
        assert!(parse("403449824").is_err());
        assert!(parse("0403449824").is_err());
        assert!(parse("12").is_err());
        assert!(parse("4,03E+08").is_err());
    }

    #[test]
    fn printed_forms_of_all_kinds_are_read_and_printed_again() {
        // flemish-data.md §5.1.
        for printed in [
            "0200.065.765",
            "0403.449.823",
            "0314.595.348",
            "2.000.000.339",
            "2.000.000.438",
            "2.000.001.032",
            "9.000.006.626",
        ] {
            let number = parse(printed).expect(printed).expect("not empty");
            assert_eq!(dotted(&number.digits), printed);
            assert!(!number.zero_restored);
        }
    }

    #[test]
    fn every_wrong_digit_and_every_exchange_of_neighbours_is_found() {
        let right = b"0403449823";
        for at in 0..10 {
            for digit in b'0'..=b'9' {
                let mut wrong = right.to_vec();
                wrong[at] = digit;
                let text = String::from_utf8(wrong).expect("digits");
                assert_eq!(parse(&text).is_ok(), digit == right[at], "{text}");
            }
            if at > 0 && right[at] != right[at - 1] {
                let mut wrong = right.to_vec();
                wrong.swap(at, at - 1);
                let text = String::from_utf8(wrong).expect("digits");
                assert!(parse(&text).is_err(), "{text}");
            }
        }
        // 97 − remainder is 1 to 97, so 00 never fits.
        assert!(!check_digits_hold("0000009700") && check_digits_hold("0000009797"));
    }

    #[test]
    fn the_display_form_is_dotted() {
        assert_eq!(dotted("0403449823"), "0403.449.823");
        assert_eq!(dotted("2000000339"), "2.000.000.339");
        assert_eq!(dotted("x"), "x");
    }
}
