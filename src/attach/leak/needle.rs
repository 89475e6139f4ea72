//! What is searched for, and by which rule it counts as found.

use super::super::words::{fold_char, squeeze};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A company's name, contact or mail address.
    Name,
    /// An enterprise or establishment number.
    Number,
    /// A building's key.
    Building,
    /// A company's key.
    Id,
    /// A path of the machine.
    Path,
    /// An attachment or a layer that can be switched off.
    Hidden,
}

impl Kind {
    /// The word in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Number => "number",
            Self::Building => "building",
            Self::Id => "company key",
            Self::Path => "path",
            Self::Hidden => "hidden part",
        }
    }
}

/// By which rule a needle counts as found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Letters and digits in order, from the start of a word to the end of one.
    Words,
    /// The same, and written exactly so: short names, keys that are words.
    Exact,
    /// Alone on a line, written exactly so: names of one or two characters.
    Line,
    /// Ten digits in one of the usual groupings.
    TenDigits,
    /// Digits in a row or in threes, no part of a decimal number.
    Digits,
    /// Digits alone on a line, or behind a label.
    LineOrLabel,
    /// Behind a label only.
    Label,
    /// Nowhere: the program says it itself.
    Never,
}

/// Something to search for.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    pub(super) kind: Kind,
    pub(super) rule: Rule,
    /// As written.
    pub(super) written: String,
    /// Letters and digits, folded.
    pub(super) squeezed: Vec<char>,
    /// Companies it belongs to, by position.
    pub(super) owners: Vec<usize>,
}

/// Digits from which a key is long enough not to turn up by chance.
const LONG: usize = 7;
/// Digits from which a key alone on a line counts.
const ON_A_LINE: usize = 6;

impl Needle {
    fn new(kind: Kind, rule: Rule, written: &str, owner: usize) -> Option<Self> {
        let squeezed: Vec<char> = squeeze(written).chars().collect();
        (!squeezed.is_empty()).then(|| Self {
            kind,
            rule,
            written: written.trim().to_owned(),
            squeezed,
            owners: vec![owner],
        })
    }

    /// A name, or anything else that people read as words.
    pub(super) fn name(name: &str, owner: usize) -> Vec<Self> {
        let rule = match squeeze(name).chars().count() {
            0..=2 => Rule::Line,
            3 => Rule::Exact,
            _ => Rule::Words,
        };
        let forward = Self::new(Kind::Name, rule, name, owner);
        // A page holds letters from left to right; a name that is written the other way round
        // stands on it backwards.
        let backward = name.chars().any(is_right_to_left).then(|| {
            let turned: String = name.chars().flat_map(fold_char).collect();
            let turned: String = turned.chars().rev().collect();
            Self::new(Kind::Name, rule, &turned, owner)
        });
        forward.into_iter().chain(backward.flatten()).collect()
    }

    /// An own text that may hold another's name.
    pub(super) fn own(text: &str, owner: usize) -> Option<Self> {
        Self::new(Kind::Name, Rule::Words, text, owner)
    }

    pub(super) fn number(number: &str, owner: usize) -> Option<Self> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let rule = match digits.len() {
            10 => Rule::TenDigits,
            _ => return Self::key(Kind::Number, number, owner),
        };
        Self::new(Kind::Number, rule, &digits, owner)
    }

    /// A key of a building or a company.
    pub(super) fn key(kind: Kind, key: &str, owner: usize) -> Option<Self> {
        let squeezed = squeeze(key);
        let count = squeezed.chars().count();
        let digits = squeezed.chars().filter(char::is_ascii_digit).count();
        let rule = match (digits == count, digits > 0) {
            (true, _) if count >= LONG => Rule::Digits,
            (true, _) if count >= ON_A_LINE => Rule::LineOrLabel,
            (false, true) if count >= 4 => Rule::Words,
            (false, false) if count >= 5 => Rule::Exact,
            _ => Rule::Label,
        };
        Self::new(kind, rule, key, owner)
    }
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}
