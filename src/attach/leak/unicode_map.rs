//! What the codes of a PDF font mean: its `ToUnicode` map (ISO 32000-2, 9.10.3).

use std::collections::BTreeMap;

/// Codes of a font and their text.
#[derive(Clone, Debug, Default)]
pub(super) struct UnicodeMap {
    /// Bytes of a code, 1 to 4; 0 when not said.
    width: usize,
    texts: BTreeMap<u32, String>,
}

/// Most codes of a map: the ranges of a hostile one must not exhaust the memory.
const MOST: usize = 70_000;

impl UnicodeMap {
    /// Reads a map: code space, `bfchar` and `bfrange` sections.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut map = Self::default();
        let mut section = "";
        let mut row: Vec<&str> = Vec::new();
        let mut open = false;
        for token in tokens(&text) {
            match token {
                "begincodespacerange" | "beginbfchar" | "beginbfrange" => {
                    section = token;
                    row.clear();
                }
                "endcodespacerange" | "endbfchar" | "endbfrange" => section = "",
                "[" => open = true,
                "]" => {
                    open = false;
                    map.list(&row);
                    row.clear();
                }
                token if token.starts_with('<') => {
                    row.push(token);
                    match (section, row.as_slice()) {
                        ("begincodespacerange", [low, _]) => {
                            map.width = map.width.max((low.len().saturating_sub(2)) / 2);
                            row.clear();
                        }
                        ("beginbfchar", [code, text]) => {
                            map.add(code_of(code), text_of(text));
                            row.clear();
                        }
                        ("beginbfrange", [low, high, text]) if !open => {
                            map.range(code_of(low), code_of(high), &text_of(text));
                            row.clear();
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        map
    }

    fn add(&mut self, code: Option<u32>, text: String) {
        if let Some(code) = code
            && self.texts.len() < MOST
        {
            self.texts.insert(code, text);
        }
    }

    /// `<low> <high> <text>`: the last character counts up.
    fn range(&mut self, low: Option<u32>, high: Option<u32>, text: &str) {
        let (Some(low), Some(high)) = (low, high) else {
            return;
        };
        let mut stem = text.to_owned();
        let Some(last) = stem.pop() else { return };
        for (step, code) in (low..=high).take(MOST).enumerate() {
            let c = u32::try_from(step)
                .ok()
                .and_then(|s| char::from_u32(last as u32 + s));
            if let Some(c) = c {
                self.add(Some(code), format!("{stem}{c}"));
            }
        }
    }

    /// `<low> <high> [<text> <text> …]`.
    fn list(&mut self, row: &[&str]) {
        let [low, _, texts @ ..] = row else { return };
        let Some(low) = code_of(low) else { return };
        for (code, text) in (low..).zip(texts) {
            self.add(Some(code), text_of(text));
        }
    }

    /// The text of a string shown in this font. Codes without text are left out.
    pub(super) fn decode(&self, shown: &[u8]) -> String {
        let width = match self.width {
            0 => 2,
            w => w.min(4),
        };
        shown
            .chunks(width)
            .map(|code| code.iter().fold(0_u32, |sum, b| sum << 8 | u32::from(*b)))
            .filter_map(|code| self.texts.get(&code))
            .map(String::as_str)
            .collect()
    }
}

/// Words, `<…>` and brackets of a map.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match first {
            '<' => rest.find('>').map_or(rest.len(), |i| i + 1),
            '[' | ']' => 1,
            c => rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| c.is_whitespace() || matches!(c, '<' | '[' | ']'))
                .map_or(rest.len().max(c.len_utf8()), |(i, _)| i),
        };
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(token)
    })
}

fn digits(token: &str) -> String {
    token.chars().filter(char::is_ascii_hexdigit).collect()
}

fn code_of(token: &str) -> Option<u32> {
    u32::from_str_radix(&digits(token), 16).ok()
}

/// UTF-16, big end first.
fn text_of(token: &str) -> String {
    let digits: Vec<char> = digits(token).chars().collect();
    let units: Vec<u16> = digits
        .chunks(4)
        .filter_map(|c| u16::from_str_radix(&c.iter().collect::<String>(), 16).ok())
        .collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_codes_ranges_and_lists_are_read() {
        let map = UnicodeMap::parse(
            b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n\
              2 beginbfchar\n<0001> <0042>\n<0002> <D83CDFED>\nendbfchar\n\
              2 beginbfrange\n<0010> <0012> <0061>\n<0020> <0021> [<00660069> <0078>]\nendbfrange",
        );
        let shown = [0, 1, 0, 2, 0, 0x10, 0, 0x12, 0, 0x20, 0, 0x21, 0, 99];
        assert_eq!(map.decode(&shown), "B\u{1f3ed}acfix");
    }

    #[test]
    fn hostile_maps_neither_panic_nor_exhaust() {
        let texts: [&[u8]; 4] = [
            b"beginbfrange <00000000> <ffffffff> <0041> endbfrange",
            b"beginbfchar < <",
            b"begincodespacerange <> <> endcodespacerange",
            b"[ ] ] [ \xff\xfe",
        ];
        for text in texts {
            let map = UnicodeMap::parse(text);
            assert!(map.texts.len() <= MOST);
            let _ = map.decode(&[1, 2, 3]);
        }
    }
}
