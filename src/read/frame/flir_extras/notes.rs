//! Notes a thermographer typed (record 0x23): lines `.1.label text "…"` and `.1.value unicode "…"`.
//!
//! Source of the layout: the outside reader `exiftool` names these lines; none of the files of
//! formats.md holds a note. In `unicode` values `\0041` stands for a code in hexadecimal.

use std::collections::BTreeMap;

const TEXT: usize = 12;
/// Most notes of one picture.
const MOST: usize = 256;

/// Pairs of label and value, by their numbers.
pub(super) fn read(record: &[u8]) -> Vec<(String, String)> {
    let bytes = record.get(TEXT..).unwrap_or_default();
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(&bytes[..end]);
    let mut pairs: BTreeMap<u32, (String, String)> = BTreeMap::new();
    for line in text.lines() {
        let Some((number, is_label, value)) = entry(line) else {
            continue;
        };
        if pairs.len() == MOST && !pairs.contains_key(&number) {
            break;
        }
        let pair = pairs.entry(number).or_default();
        match is_label {
            true => pair.0 = value,
            false => pair.1 = value,
        }
    }
    pairs
        .into_values()
        .filter(|(label, value)| !label.is_empty() || !value.is_empty())
        .collect()
}

/// Number, whether it is a label, and the text of one line.
fn entry(line: &str) -> Option<(u32, bool, String)> {
    let (path, rest) = line.trim().split_once(' ')?;
    let (front, name) = path.rsplit_once('.')?;
    let number = front.rsplit_once('.').map_or(front, |(_, n)| n);
    let number = number.parse().ok()?;
    let is_label = match name {
        "label" => true,
        "value" => false,
        _ => return None,
    };
    let (kind, quoted) = rest.trim().split_once(' ')?;
    let text = quoted.trim().strip_prefix('"')?.strip_suffix('"')?;
    let text = match kind {
        "unicode" => decoded(text),
        "text" => text.to_owned(),
        _ => return None,
    };
    Some((number, is_label, text))
}

/// `\0041` to the character it stands for.
fn decoded(text: &str) -> String {
    let mut codes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        codes.extend(rest[..at].encode_utf16());
        let after = &rest[at + 1..];
        let hex = after.get(..4).and_then(|h| u16::from_str_radix(h, 16).ok());
        rest = match hex {
            Some(code) => {
                codes.push(code);
                &after[4..]
            }
            None => {
                codes.push(u16::from(b'\\'));
                after
            }
        };
    }
    codes.extend(rest.encode_utf16());
    String::from_utf16_lossy(&codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_values_meet_by_their_number() {
        let mut record = vec![0; TEXT];
        record.extend(
            b".2.value text \"hall 3\"\n.1.label text \"site\"\n.1.value unicode \"Zo\\00EB\"\n\
              .2.label text \"roof\"\nrubbish\n.3.label text \"\"\n\0.4.label text \"behind\"",
        );
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read(&record), [pair("site", "Zoë"), pair("roof", "hall 3")]);
    }

    #[test]
    fn rubbish_holds_no_notes() {
        assert!(read(&[]).is_empty());
        assert!(read(&[b'.'; 40]).is_empty());
        assert_eq!(decoded("a\\zz\\"), "a\\zz\\");
    }
}
