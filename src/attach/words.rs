//! Text made comparable: the same words written by two people become the same string.
//!
//! Names and streets reach us composed or decomposed, with or without accents, in capitals, with
//! ligatures of a PDF or invisible marks of a word processor. Folding is compatibility
//! decomposition (Unicode Standard Annex 15, form NFKD), lower case, without combining marks,
//! without characters that have no shape; white space of any length is one space.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a character has no shape of its own: soft hyphen, joiners, marks of direction,
/// byte-order mark, variation selectors, tags. They hide in names and must not hide a name.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The folded characters of one character: none for a mark, several for a ligature.
pub fn fold_char(c: char) -> impl Iterator<Item = char> {
    let special = match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' => "d",
        _ => "",
    };
    let plain = special.is_empty().then_some(c);
    let folded = plain
        .into_iter()
        .filter(|c| !is_invisible(*c))
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining_mark(*c));
    special.chars().chain(folded)
}

/// A text folded, its words parted by single spaces.
pub fn fold(text: &str) -> String {
    let folded: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .flat_map(fold_char)
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters and digits of a text, folded; nothing else.
pub fn squeeze(text: &str) -> String {
    text.chars()
        .flat_map(fold_char)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The last part of a key that may be written as an address of the web:
/// `https://…/id/adres/12345` and `12345` are the same key.
pub fn key(text: &str) -> &str {
    let trimmed = text.trim().trim_end_matches('/');
    match trimmed.contains("://") {
        true => trimmed.rsplit('/').next().unwrap_or(trimmed),
        false => trimmed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_capitals_ligatures_and_forms_do_not_tell_texts_apart() {
        // "é" composed and decomposed, "ﬁ" as one character, German ß.
        assert_eq!(fold("Caf\u{e9} DE  Zon\n"), fold("cafe\u{301} de zon"));
        assert_eq!(fold("\u{fb01}rma Wei\u{df}"), "firma weiss");
        assert_eq!(squeeze("A.B.C. – b.v.b.a."), "abcbvba");
    }

    #[test]
    fn marks_without_shape_are_taken_out() {
        assert_eq!(fold("Jan\u{ad}s\u{200b}s\u{202e}ens\u{feff}"), "janssens");
    }

    #[test]
    fn a_key_written_as_web_address_is_its_last_part() {
        assert_eq!(key("https://data.example/id/adres/12345/"), "12345");
        assert_eq!(key(" 24126B0056/00F000 "), "24126B0056/00F000");
    }
}
