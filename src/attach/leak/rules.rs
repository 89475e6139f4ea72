//! When a needle that stands in a text counts as found.

use super::super::words::is_invisible;
use super::Hit;
use super::needle::{Kind, Needle, Rule};
use super::text::Text;

/// Folded words behind which a short key is a key.
const LABELS: &[&str] = &[
    "oidn",
    "oidns",
    "grbid",
    "id",
    "gebouw",
    "building",
    "batiment",
    "gebaude",
    "gbg",
    "key",
    "companyid",
    "bedrijfid",
    "bedrijf",
    "company",
];

pub(super) fn same(text: &Text, first: usize, squeezed: &[char]) -> bool {
    let span = text.letters.get(first..first + squeezed.len());
    span.is_some_and(|s| s.iter().zip(squeezed).all(|(l, c)| l.c == *c))
}

pub(super) fn bounded(text: &Text, first: usize, last: usize) -> bool {
    let starts = text.letters.get(first).is_some_and(|l| l.starts);
    starts && text.letters.get(last).is_some_and(|l| l.ends)
}

/// Whether a needle that stands in a text counts there.
pub(super) fn counts(text: &Text, first: usize, last: usize, needle: &Needle) -> bool {
    let exact = || {
        let written: String = text.between(first, last).iter().collect();
        let trim = |c: char| !c.is_alphanumeric();
        written == needle.written.trim_matches(trim)
    };
    match needle.rule {
        Rule::Words => bounded(text, first, last),
        Rule::Exact => bounded(text, first, last) && exact(),
        Rule::Line => bounded(text, first, last) && exact() && text.alone(first, last),
        Rule::TenDigits => {
            digit_bounds(text, first, last)
                && matches!(
                    groups(text, first, last).as_deref(),
                    Some([10] | [4, 3, 3] | [1, 3, 3, 3] | [4, 6] | [1, 9])
                )
        }
        Rule::Digits => {
            digit_bounds(text, first, last)
                && groups(text, first, last).is_some_and(|g| match g.as_slice() {
                    [_] => true,
                    [lead, rest @ ..] => *lead <= 3 && rest.iter().all(|n| *n == 3),
                    [] => false,
                })
        }
        Rule::LineOrLabel => {
            bounded(text, first, last)
                && in_a_row(text, first, last)
                && (text.alone(first, last) || labelled(text, first))
        }
        Rule::Never => false,
        Rule::Label => {
            bounded(text, first, last) && in_a_row(text, first, last) && labelled(text, first)
        }
    }
}

fn labelled(text: &Text, first: usize) -> bool {
    let words = text.words_before(first);
    let joined = format!("{}{}", words[1], words[0]);
    let label = |w: &str| LABELS.contains(&w);
    label(&words[0]) || label(&joined)
}

fn in_a_row(text: &Text, first: usize, last: usize) -> bool {
    text.between(first, last).len() == last - first + 1
}

/// No digit beside, and no part of a decimal number: `2.0403449823`, `5310259,5`.
fn digit_bounds(text: &Text, first: usize, last: usize) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let point = |c: Option<char>| matches!(c, Some('.' | ','));
    let before = text.beside(first, -1);
    let behind = text.beside(last, 1);
    let fraction = point(before) && digit(text.beside(first, -2));
    let whole = point(behind) && digit(text.beside(last, 2));
    !(digit(before) || digit(behind) || fraction || whole)
}

/// Sizes of the groups of digits in a span; `None` where anything but one separator parts them.
/// A page sets a hyphen apart from the digits around it: a line end beside a separator is none.
fn groups(text: &Text, first: usize, last: usize) -> Option<Vec<usize>> {
    let mut groups = vec![0];
    let (mut separators, mut line_ends) = (0, 0);
    for c in text.between(first, last) {
        if c.is_ascii_digit() {
            match (separators, line_ends) {
                (0, 0) => {}
                (1, _) => groups.push(0),
                _ => return None,
            }
            (separators, line_ends) = (0, 0);
            *groups.last_mut()? += 1;
        } else if *c == '\n' {
            line_ends += 1;
        } else if is_separator(*c) {
            separators += 1;
        } else if !is_invisible(*c) {
            return None;
        }
    }
    Some(groups)
}

/// What people put between groups of digits.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        '.' | ' '
            | '-'
            | '/'
            | '\''
            | '_'
            | '\u{a0}'
            | '\u{202f}'
            | '\u{2009}'
            | '\u{2011}'
            | '\u{2010}'
    )
}

/// Beginnings of paths of a machine.
const PATHS: &[&str] = &[
    "/home/",
    "/users/",
    "/root/",
    "/tmp/",
    "/var/",
    "/mnt/",
    "/media/",
    "/opt/",
    "\\users\\",
    "file:///",
];

/// Paths of the machine the file was made on, with the character each begins at.
pub(super) fn paths(text: &Text) -> Vec<(usize, Hit)> {
    let lower: Vec<char> = text
        .written
        .iter()
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let mut hits = Vec::new();
    for (at, c) in lower.iter().enumerate() {
        if !matches!(c, '/' | '\\' | 'f') {
            continue;
        }
        let rest = lower.get(at..).unwrap_or_default();
        let begins =
            |path: &&&str| rest.len() >= path.len() && path.chars().zip(rest).all(|(a, b)| a == *b);
        let Some(path) = PATHS.iter().find(begins) else {
            continue;
        };
        // `https://example.be/home/` is an address, not a path.
        let before = at.checked_sub(1).and_then(|i| lower.get(i));
        let inner = before.is_some_and(|b| b.is_alphanumeric() || matches!(b, '.' | '/' | '-'));
        if *c == '/' && inner {
            continue;
        }
        let shown = text.written.get(at..).unwrap_or_default().iter();
        let hit = Hit {
            file: String::new(),
            kind: Kind::Path,
            company_id: String::new(),
            found: (*path).to_owned(),
            excerpt: shown.take(60).take_while(|c| !c.is_control()).collect(),
        };
        hits.push((at, hit));
    }
    hits
}
