//! Numbers and dates as a reader of the language expects them.

use jiff::civil::{Date, DateTime};

use super::words::Words;
use crate::attach::words::is_invisible;

/// U+2212, the minus of typography.
pub(super) const MINUS: char = '\u{2212}';
/// U+00A0, between a number and its unit.
pub(super) const NBSP: char = '\u{a0}';

/// Number and date formats of one language.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    decimal: char,
    group: char,
    days: [&'static str; 2],
    date_separator: char,
    months: &'static [&'static str; 12],
    unknown: &'static str,
    colon: &'static str,
}

impl Format {
    /// The formats of a catalogue.
    pub fn new(words: &'static Words) -> Self {
        Self {
            decimal: words.decimal,
            group: words.group,
            days: words.days,
            date_separator: words.date_separator,
            months: &words.months,
            unknown: words.unknown,
            colon: words.colon,
        }
    }

    /// What something is and what is said of it, with the language's colon between.
    pub(crate) fn titled(&self, what: &str, said: &str) -> String {
        format!("{what}{}{said}", self.colon)
    }

    /// A number with fixed decimals, thousands grouped, U+2212 before negatives. A value that
    /// rounds to zero has no sign; one that is not finite is an en dash.
    pub fn number(&self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let plain = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::with_capacity(plain.len() + 4);
        if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            text.push(MINUS);
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.push(self.group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(self.decimal);
            text.push_str(fraction);
        }
        text
    }

    /// As [`Format::number`], with `+` before positive values.
    pub fn signed(&self, value: f64, decimals: usize) -> String {
        let text = self.number(value, decimals);
        let positive = value > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
        if positive { format!("+{text}") } else { text }
    }

    /// A number with its unit behind a no-break space.
    pub fn with_unit(&self, value: f64, decimals: usize, unit: &str) -> String {
        format!("{}{NBSP}{unit}", self.number(value, decimals))
    }

    /// As [`Format::with_unit`]; "not known" in words when there is no value.
    pub fn optional(&self, value: Option<f64>, decimals: usize, unit: &str) -> String {
        match value {
            Some(v) if v.is_finite() => self.with_unit(v, decimals, unit),
            _ => self.unknown.to_owned(),
        }
    }

    /// `14 maart 2026`, `1er mars 2026`, `14. März 2026`.
    pub fn date(&self, date: Date) -> String {
        let month = self.months[usize::from(date.month().unsigned_abs().clamp(1, 12)) - 1];
        let day = self.days[usize::from(date.day() != 1)];
        let day = fill(day, &[("d", &date.day().to_string())]);
        format!("{day}{NBSP}{month}{NBSP}{}", date.year())
    }

    /// `14/03/2026`, `14.03.2026`.
    pub fn short_date(&self, date: Date) -> String {
        let between = self.date_separator;
        format!(
            "{:02}{between}{:02}{between}{}",
            date.day(),
            date.month(),
            date.year()
        )
    }

    /// `02:15`.
    pub fn time(&self, time: DateTime) -> String {
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// An enterprise number as `0999.887.777`; an establishment number as `2.999.000.131`;
    /// anything but ten digits stays as given.
    pub fn enterprise(&self, number: &str, establishment: bool) -> String {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if digits.len() != 10 {
            return number.to_owned();
        }
        if establishment {
            let (a, b, c, d) = (&digits[..1], &digits[1..4], &digits[4..7], &digits[7..]);
            format!("{a}.{b}.{c}.{d}")
        } else {
            format!("{}.{}.{}", &digits[..4], &digits[4..7], &digits[7..])
        }
    }
}

/// Longest run of letters that stays without a place to break, characters.
const LONGEST_WORD: usize = 24;

/// A text of others as it is printed: white space of any length is one space, control characters
/// and marks of direction are left out (they could turn the words beside them around), and a
/// word that no line holds may break.
pub(crate) fn printed(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words = shown.split_whitespace().map(|word| {
        let letters: Vec<char> = word.chars().collect();
        let parts = letters.chunks(LONGEST_WORD).map(String::from_iter);
        parts.collect::<Vec<String>>().join("\u{200b}")
    });
    words.collect::<Vec<String>>().join(" ")
}

/// Puts values into `{name}` places of a sentence; `{name|one|many}` is the word that goes with the
/// number.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = with_number(text, name, *value == "1");
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// A sentence with its choices of one number made.
fn with_number(mut text: String, name: &str, one: bool) -> String {
    let head = format!("{{{name}|");
    while let Some(start) = text.find(&head) {
        let Some(end) = text[start..].find('}').map(|at| start + at) else {
            break;
        };
        let words = &text[start + head.len()..end];
        let (singular, plural) = words.split_once('|').unwrap_or((words, words));
        let word = if one { singular } else { plural }.to_owned();
        text.replace_range(start..=end, &word);
    }
    text
}

/// First letter in lower case, unless the first word is all capitals (an abbreviation).
pub(crate) fn lower_first(text: &str) -> String {
    change_first(text, |c| c.to_lowercase().collect())
}

/// First letter in upper case.
pub(crate) fn upper_first(text: &str) -> String {
    change_first(text, |c| c.to_uppercase().collect())
}

fn change_first(text: &str, change: impl Fn(char) -> String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !chars.as_str().starts_with(char::is_uppercase) => {
            change(first) + chars.as_str()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_goes_with_its_number() {
        let text = "{n} {n|opname|opnamen} boven {m} {m|dak|daken}";
        let of = |n, m| fill(text, &[("n", n), ("m", m)]);
        assert_eq!(of("1", "2"), "1 opname boven 2 daken");
        assert_eq!(of("10", "1"), "10 opnamen boven 1 dak");
    }
    use crate::report::words::{DE, EN, FR, NL};

    #[test]
    fn dutch_numbers_have_a_decimal_comma_a_thousands_point_and_a_true_minus() {
        let f = Format::new(&NL);
        assert_eq!(f.number(1250.0, 0), "1.250");
        assert_eq!(f.number(-3.44, 1), "\u{2212}3,4");
        assert_eq!(f.number(1_234_567.89, 1), "1.234.567,9");
        assert_eq!(f.signed(2.25, 1), "+2,2");
    }

    #[test]
    fn english_numbers_have_a_decimal_point() {
        assert_eq!(Format::new(&EN).number(-1250.5, 1), "\u{2212}1,250.5");
    }

    #[test]
    fn a_value_that_rounds_to_zero_has_no_sign() {
        let f = Format::new(&NL);
        assert_eq!(f.number(-0.04, 1), "0,0");
        assert_eq!(f.signed(0.04, 1), "0,0");
    }

    #[test]
    fn a_unit_stands_behind_a_no_break_space() {
        let f = Format::new(&NL);
        assert_eq!(f.with_unit(3.4, 1, "K"), "3,4\u{a0}K");
        assert_eq!(f.optional(None, 1, "K"), "niet gekend");
    }

    #[test]
    fn dates_are_long_in_text_and_short_in_tables() {
        let f = Format::new(&NL);
        let date = jiff::civil::date(2026, 3, 14);
        assert_eq!(f.date(date), "14\u{a0}maart\u{a0}2026");
        assert_eq!(f.short_date(date), "14/03/2026");
        let f = Format::new(&DE);
        assert_eq!(f.date(date), "14.\u{a0}März\u{a0}2026");
        assert_eq!(f.short_date(date), "14.03.2026");
        let first = Format::new(&FR).date(jiff::civil::date(2026, 3, 1));
        assert_eq!(first, "1er\u{a0}mars\u{a0}2026");
    }

    #[test]
    fn enterprise_numbers_are_dotted() {
        let f = Format::new(&NL);
        assert_eq!(f.enterprise("0999887777", false), "0999.887.777");
        assert_eq!(f.enterprise("2999000131", true), "2.999.000.131");
        assert_eq!(f.enterprise("pending", false), "pending");
    }

    #[test]
    fn names_are_printed_without_what_turns_or_breaks_a_line() {
        assert_eq!(printed("Jan\u{202e}sen\n \t& \u{7}Co"), "Jansen & Co");
        let long = printed(&"A".repeat(60));
        assert_eq!(long.matches('\u{200b}').count(), 2);
        assert_eq!(
            printed("Onderlinge Verzekeringen"),
            "Onderlinge Verzekeringen"
        );
    }

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(lower_first("Het dak"), "het dak");
        assert_eq!(lower_first("KMI meldt"), "KMI meldt");
    }
}
