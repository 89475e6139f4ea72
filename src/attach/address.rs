//! Addresses as people write them, made comparable.
//!
//! Streets: folded, without a suffix in brackets (`Budastraat(Kor)`), abbreviations written out
//! (flemish-data.md §9.2), spaces and hyphens dropped, so that `St.-Jansstr.` is
//! `Sint Jansstraat`. House numbers: a range `12-16` with its letters, and the box behind
//! `bus`, `b`, `boîte` or a slash.

use super::words::fold;
use crate::survey::reference::Address;

/// A house number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseNumber {
    /// First number; 0 where there is none.
    pub from: u32,
    /// Last number of a range; equal to `from` otherwise.
    pub to: u32,
    /// Letters behind the number, folded; empty for none.
    pub letters: String,
    /// Box, folded, without leading zeros; empty for none.
    pub box_number: String,
}

/// A postal address in comparable form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Postal {
    /// Street key ([`street_key`]).
    pub street: String,
    /// House number.
    pub number: HouseNumber,
    /// Postal code, digits; empty when unknown.
    pub postcode: String,
    /// Municipality, folded; empty when unknown.
    pub municipality: String,
}

/// How well two addresses agree; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Number, letters and box.
    Full,
    /// Number and letters; the box is given on one side only.
    Number,
    /// One lies in the other's range of numbers.
    Range,
    /// The number without its letters.
    Base,
}

impl Postal {
    /// From one line: `Frankrijklaan 2 bus 4, 8970 Poperinge`. `None` without a street.
    pub fn from_line(line: &str) -> Option<Self> {
        Self::readings(line).into_iter().next()
    }

    /// Every way to read a line, the likeliest first. A number may belong to the street
    /// (`Zone 2 14`): only who knows the streets can tell.
    pub fn readings(line: &str) -> Vec<Self> {
        let (place, town) = split_town(line);
        let (postcode, municipality) = town.unwrap_or_default();
        let municipality = town_key(&municipality);
        let readings = split_number(&place).into_iter();
        readings
            .map(|(street, number)| Self {
                street: street_key(&street),
                number: house_number(&number, ""),
                postcode: postcode.clone(),
                municipality: municipality.clone(),
            })
            .filter(|p| !p.street.is_empty())
            .collect()
    }

    /// From the parts of a register's row. `None` without a street.
    pub fn from_parts(address: &Address) -> Option<Self> {
        let street = street_key(&address.street);
        (!street.is_empty()).then(|| Self {
            street,
            number: house_number(&address.house_number, &address.box_number),
            postcode: digits(&address.postcode),
            municipality: town_key(&address.municipality),
        })
    }

    /// How well two addresses of one street agree; `None` where they are different places.
    pub fn agreement(&self, other: &Self) -> Option<Agreement> {
        if self.street != other.street || !self.same_town(other) {
            return None;
        }
        self.number.agreement(&other.number)
    }

    /// Whether the towns do not contradict each other. Municipalities merge and postal codes
    /// stay: the code decides where both have one.
    fn same_town(&self, other: &Self) -> bool {
        if !self.postcode.is_empty() && !other.postcode.is_empty() {
            return self.postcode == other.postcode;
        }
        self.municipality.is_empty()
            || other.municipality.is_empty()
            || self.municipality == other.municipality
    }
}

impl HouseNumber {
    fn agreement(&self, other: &Self) -> Option<Agreement> {
        if self.from == 0 || other.from == 0 {
            return None;
        }
        if (self.from, self.to) != (other.from, other.to) {
            let within = self.holds(other) || other.holds(self);
            return within.then_some(Agreement::Range);
        }
        if self.letters != other.letters {
            let one = self.letters.is_empty() || other.letters.is_empty();
            return one.then_some(Agreement::Base);
        }
        match (self.box_number.as_str(), other.box_number.as_str()) {
            (a, b) if a == b => Some(Agreement::Full),
            ("", _) | (_, "") => Some(Agreement::Number),
            _ => None,
        }
    }

    /// Whether the range holds another number. A range whose ends are both even or both odd is
    /// one side of the street: 12-16 does not hold 13.
    fn holds(&self, other: &Self) -> bool {
        let one_side = self.from % 2 == self.to % 2;
        let inside =
            |n: u32| (self.from..=self.to).contains(&n) && (!one_side || n % 2 == self.from % 2);
        self.from < self.to && inside(other.from) && inside(other.to)
    }
}

/// Key of a street: equal for two ways of writing the same name.
pub fn street_key(street: &str) -> String {
    let folded = fold(&without_brackets(street));
    let words = folded
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .map(|w| w.replace(['\'', '’'], ""))
        .filter(|w| !w.is_empty());
    let mut key = String::new();
    for (position, word) in words.enumerate() {
        key.push_str(&written_out(&word, position == 0));
    }
    key
}

/// Endings of streets and what they stand for, the longer first.
const ENDINGS: &[(&str, &str)] = &[
    ("stnwg", "steenweg"),
    ("stwg", "steenweg"),
    ("stw", "steenweg"),
    ("strt", "straat"),
    ("str", "straat"),
    ("pln", "plein"),
    ("ln", "laan"),
    ("wg", "weg"),
];

/// Whole words and what they stand for.
const WORDS: &[(&str, &str)] = &[
    ("ste", "sint"),
    ("sinte", "sint"),
    ("saint", "sint"),
    ("burg", "burgemeester"),
    ("dr", "dokter"),
    ("past", "pastoor"),
    ("av", "avenue"),
    ("bd", "boulevard"),
    ("bld", "boulevard"),
    ("blvd", "boulevard"),
    ("ch", "chaussee"),
    ("chee", "chaussee"),
    ("ind", "industrie"),
    ("indus", "industrie"),
];

fn written_out(word: &str, first: bool) -> String {
    if word == "st" {
        return if first { "sint" } else { "straat" }.to_owned();
    }
    if let Some((_, long)) = WORDS.iter().find(|(short, _)| *short == word) {
        return (*long).to_owned();
    }
    for (short, long) in ENDINGS {
        if let Some(stem) = word.strip_suffix(short) {
            return format!("{stem}{long}");
        }
    }
    word.to_owned()
}

/// A text without what stands in brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    // A bracket that is never closed would swallow the rest.
    if depth > 0 && kept.trim().is_empty() {
        return text.to_owned();
    }
    kept
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn town_key(town: &str) -> String {
    fold(&without_brackets(town))
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// `…, 8970 Poperinge` parted from what stands before it: the last four digits that a word
/// follows. Out: street and number; postal code and municipality.
fn split_town(line: &str) -> (String, Option<(String, String)>) {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|w| !w.is_empty())
        .collect();
    let is_code = |word: &str| {
        let code = word.strip_prefix("B-").unwrap_or(word);
        code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()) && !code.starts_with('0')
    };
    let at = words.iter().enumerate().rev().find_map(|(i, word)| {
        let town = words
            .get(i + 1)
            .is_some_and(|w| w.chars().next().is_some_and(char::is_alphabetic));
        (i > 0 && is_code(word) && town).then_some(i)
    });
    match at {
        Some(i) => {
            let (before, rest) = words.split_at(i);
            let code = digits(rest.first().copied().unwrap_or_default());
            let town = rest.get(1..).unwrap_or_default().join(" ");
            (before.join(" "), Some((code, town)))
        }
        None => match line.split_once(',') {
            Some((before, town)) => (before.to_owned(), Some((String::new(), town.to_owned()))),
            None => (line.to_owned(), None),
        },
    }
}

/// Readings of one line looked at, at most.
const MOST_READINGS: usize = 4;

/// Street and what stands from the house number on, for every word that begins with a digit and
/// is not the first (`11 Novemberlaan 5`).
fn split_number(place: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = place.split_whitespace().collect();
    let starts = |w: &&str| w.starts_with(|c: char| c.is_ascii_digit());
    let places = (1..words.len()).filter(|i| words.get(*i).is_some_and(starts));
    let mut readings: Vec<(String, String)> = places
        .take(MOST_READINGS)
        .map(|i| {
            let (street, number) = words.split_at(i);
            (street.join(" "), number.join(" "))
        })
        .collect();
    if readings.is_empty() {
        readings.push((place.to_owned(), String::new()));
    }
    readings
}

/// Reads a house number with its range, letters and box; `given_box` is a box from a column of
/// its own and wins.
pub fn house_number(text: &str, given_box: &str) -> HouseNumber {
    let folded = fold(text);
    let (base, mut box_number) = split_box(&folded);
    if !given_box.trim().is_empty() {
        box_number = fold(given_box);
    }
    let mut rest = base.as_str();
    let from = take_number(&mut rest).unwrap_or(0);
    let mut letters = take_letters(&mut rest);
    let mut to = from;
    rest = rest.trim_start();
    if let Some(after) = rest.strip_prefix(['-', '–', '—', '+', '&']) {
        rest = after.trim_start();
        if let Some(last) = take_number(&mut rest) {
            // `12-16`; a smaller second number is no range (`12-2` is box 2 of 12).
            if last > from {
                to = last;
                letters.push_str(&take_letters(&mut rest));
            } else if box_number.is_empty() {
                box_number = last.to_string();
            }
        } else if letters.is_empty() {
            letters = take_letters(&mut rest);
        }
    }
    HouseNumber {
        from,
        to,
        letters,
        box_number: box_key(&box_number),
    }
}

/// A number parted from the box behind `bus`, `bte`, `box`, `b` with a digit, or a slash.
fn split_box(folded: &str) -> (String, String) {
    for word in ["bus", "boite", "bte", "box", "postbus"] {
        if let Some(at) = folded.find(word) {
            let (base, rest) = folded.split_at(at);
            let rest = rest.get(word.len()..).unwrap_or_default();
            return (base.trim().to_owned(), trim_box(rest));
        }
    }
    if let Some((base, rest)) = folded.split_once('/') {
        return (base.trim().to_owned(), trim_box(rest));
    }
    // `12 b 3`, `12b3`: a `b` that digits follow is a box, `12b` alone is a letter.
    if let Some(at) = folded.find('b') {
        let (base, rest) = folded.split_at(at);
        let rest = rest.get(1..).unwrap_or_default();
        let after = trim_box(rest);
        if base.starts_with(|c: char| c.is_ascii_digit())
            && after.starts_with(|c: char| c.is_ascii_digit())
        {
            return (base.trim().to_owned(), after);
        }
    }
    (folded.to_owned(), String::new())
}

fn trim_box(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn box_key(text: &str) -> String {
    let squeezed: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    squeezed.trim_start_matches('0').to_owned()
}

fn take_number(rest: &mut &str) -> Option<u32> {
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    let value = number.parse().ok()?;
    *rest = after;
    Some(value)
}

/// Letters of a house number, right behind it or after a space: `12A`, `12 A`, `12bis`.
fn take_letters(rest: &mut &str) -> String {
    let trimmed = rest.trim_start();
    let end = trimmed
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(trimmed.len());
    let (letters, after) = trimmed.split_at(end);
    if letters.is_empty() || letters.chars().count() > 3 {
        return String::new();
    }
    *rest = after;
    letters.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) {
        assert_eq!(street_key(a), street_key(b), "{a} | {b}");
    }

    #[test]
    fn streets_are_told_through_abbreviations_accents_and_suffixes() {
        same("Industriestr.", "INDUSTRIESTRAAT");
        same("Brugse Stwg", "Brugsesteenweg");
        same("St.-Jansstraat", "Sint Jansstraat");
        same("Sint-Niklaasstr", "St Niklaasstraat");
        same("Budastraat(Kor)", "Budastraat");
        same("Rue de l\u{2019}\u{c9}glise", "RUE DE L'EGLISE");
        same("Frankrijkln.", "Frankrijklaan");
        same("Burg. Lambrechtlaan", "Burgemeester Lambrechtlaan");
        assert_ne!(street_key("Kerkstraat"), street_key("Kerklaan"));
    }

    fn number(text: &str) -> (u32, u32, String, String) {
        let n = house_number(text, "");
        (n.from, n.to, n.letters, n.box_number)
    }

    #[test]
    fn house_numbers_have_ranges_letters_and_boxes() {
        let n = |from, to, letters: &str, b: &str| (from, to, letters.to_owned(), b.to_owned());
        assert_eq!(number("12"), n(12, 12, "", ""));
        assert_eq!(number("12-16"), n(12, 16, "", ""));
        assert_eq!(number("1B"), n(1, 1, "b", ""));
        assert_eq!(number("12 A bus 03"), n(12, 12, "a", "3"));
        assert_eq!(number("12/3"), n(12, 12, "", "3"));
        assert_eq!(number("12b3"), n(12, 12, "", "3"));
        assert_eq!(number("12 b 3"), n(12, 12, "", "3"));
        assert_eq!(number("7bis"), n(7, 7, "bis", ""));
        assert_eq!(number("4 bo\u{ee}te 2"), n(4, 4, "", "2"));
        assert_eq!(number(""), n(0, 0, "", ""));
        assert_eq!(number("99999999999"), n(0, 0, "", ""));
    }

    #[test]
    fn a_line_is_parted_into_street_number_and_town() {
        let line = Postal::from_line("Frankrijklaan 2 bus 4, 8970 Poperinge").expect("an address");
        let parts = Postal::from_parts(&Address {
            street: "FRANKRIJKLAAN".to_owned(),
            house_number: "2".to_owned(),
            box_number: "0004".to_owned(),
            postcode: "8970".to_owned(),
            municipality: "Poperinge".to_owned(),
            ..Address::default()
        })
        .expect("an address");
        assert_eq!(line, parts);
        let old = Postal::from_line("11 Novemberlaan 5, B-8630 Veurne").expect("an address");
        assert_eq!(old.street, "11novemberlaan");
        assert_eq!((old.number.from, old.postcode.as_str()), (5, "8630"));
    }

    #[test]
    fn a_number_that_may_be_the_streets_is_read_both_ways() {
        let readings = Postal::readings("Zone 2 14 bus 3, 8970 Poperinge");
        let short: Vec<_> = readings
            .iter()
            .map(|p| {
                (
                    p.street.as_str(),
                    p.number.from,
                    p.number.box_number.as_str(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [("zone", 2, "3"), ("zone2", 14, "3"), ("zone214bus", 3, "")]
        );
    }

    #[test]
    fn a_range_holds_only_its_own_side_of_the_street() {
        let at = |n: &str| Postal::from_line(&format!("Kerkstraat {n}, 8630 Veurne"));
        let agreement = |a: &str, b: &str| at(a)?.agreement(&at(b)?);
        assert_eq!(agreement("12-16", "14"), Some(Agreement::Range));
        assert_eq!(agreement("12-16", "13"), None);
        assert_eq!(agreement("12", "12 bus 3"), Some(Agreement::Number));
        assert_eq!(agreement("12 bus 3", "12 bus 4"), None);
        assert_eq!(agreement("12A", "12"), Some(Agreement::Base));
        assert_eq!(agreement("12A", "12B"), None);
    }

    #[test]
    fn the_postal_code_decides_where_municipalities_have_merged() {
        let a = Postal::from_line("Kerkstraat 1, 8630 Veurne").expect("an address");
        let b = Postal::from_line("Kerkstraat 1, 8630 Houtem").expect("an address");
        let c = Postal::from_line("Kerkstraat 1, 8970 Poperinge").expect("an address");
        assert_eq!(a.agreement(&b), Some(Agreement::Full));
        assert_eq!(a.agreement(&c), None);
    }

    #[test]
    fn hostile_addresses_neither_panic_nor_hang() {
        for text in [
            "",
            "((((",
            "'; DROP TABLE",
            "\u{202e}1\u{202c}",
            "=1+1",
            "é/é/é",
        ] {
            let _ = Postal::from_line(text);
            let _ = house_number(text, text);
        }
        let long = "(".repeat(100_000);
        let _ = Postal::from_line(&long);
    }
}
