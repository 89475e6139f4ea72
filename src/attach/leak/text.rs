//! A text prepared for searching: its letters and digits, folded, with the way back.

use super::super::words::{fold_char, is_invisible};

/// One letter or digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    /// Folded.
    pub(super) c: char,
    /// Position of the written character it comes from, in characters.
    pub(super) at: usize,
    /// First of a word.
    pub(super) starts: bool,
    /// Last of a word.
    pub(super) ends: bool,
}

/// A text and its letters.
pub(super) struct Text {
    pub(super) written: Vec<char>,
    pub(super) letters: Vec<Letter>,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let written: Vec<char> = text.chars().collect();
        let mut letters: Vec<Letter> = Vec::with_capacity(written.len());
        let mut in_word = false;
        for (at, c) in written.iter().enumerate() {
            let before = letters.len();
            let mut shape = false;
            let mut take = |folded: char| {
                shape = true;
                if folded.is_alphanumeric() {
                    letters.push(Letter {
                        c: folded,
                        at,
                        starts: !in_word && letters.len() == before,
                        ends: false,
                    });
                }
            };
            // Nearly every character; nothing in Unicode's tables changes these but their case.
            if c.is_ascii() {
                take(c.to_ascii_lowercase());
            } else {
                fold_char(*c).for_each(take);
            }
            // Marks without shape neither part words nor are in them.
            if !shape || is_invisible(*c) {
                continue;
            }
            let letter = letters.len() > before;
            if !letter && in_word {
                close(&mut letters);
            }
            in_word = letter;
        }
        close(&mut letters);
        Self { written, letters }
    }

    /// The characters as written from one letter to another, both included.
    pub(super) fn between(&self, first: usize, last: usize) -> &[char] {
        let place = |i: usize| self.letters.get(i).map(|l| l.at);
        match (place(first), place(last)) {
            (Some(a), Some(b)) => self.written.get(a..=b).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The character written `step` before (negative) or behind a letter.
    pub(super) fn beside(&self, letter: usize, step: isize) -> Option<char> {
        let at = self.letters.get(letter)?.at.checked_add_signed(step)?;
        self.written.get(at).copied()
    }

    /// The line around a span of letters, at most 40 characters on each side, for messages.
    pub(super) fn around(&self, first: usize, last: usize) -> String {
        let place = |i: usize| self.letters.get(i).map_or(0, |l| l.at);
        let (from, to) = (place(first).saturating_sub(40), place(last) + 41);
        let to = to.min(self.written.len());
        let shown = self.written.get(from..to).unwrap_or_default().iter();
        let text: String = shown
            .map(|c| if c.is_control() { ' ' } else { *c })
            .collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether a span of letters stands alone on its line.
    pub(super) fn alone(&self, first: usize, last: usize) -> bool {
        let place = |i: usize| self.letters.get(i).map(|l| l.at);
        let (Some(a), Some(b)) = (place(first), place(last)) else {
            return false;
        };
        let blank = |c: &&char| !c.is_alphanumeric() && **c != '\n';
        let left = self.written.get(..a).unwrap_or_default();
        let right = self.written.get(b + 1..).unwrap_or_default();
        let edge = |c: Option<&char>| c.is_none_or(|c| *c == '\n');
        edge(left.iter().rev().find(|c| !blank(c))) && edge(right.iter().find(|c| !blank(c)))
    }

    /// The two words before a letter, nearest first, folded; a line break is no border.
    pub(super) fn words_before(&self, first: usize) -> [String; 2] {
        let mut words = [String::new(), String::new()];
        let mut i = first;
        for word in &mut words {
            let mut letters = Vec::new();
            while let Some(letter) = i.checked_sub(1).and_then(|k| self.letters.get(k)) {
                i -= 1;
                letters.push(letter.c);
                if letter.starts {
                    break;
                }
            }
            *word = letters.iter().rev().collect();
        }
        words
    }
}

fn close(letters: &mut [Letter]) {
    if let Some(last) = letters.last_mut() {
        last.ends = true;
    }
}
