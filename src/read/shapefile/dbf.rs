//! The attributes.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::super::layer::fits;
use super::{le_u16, le_u32};

type Parsed<T> = Result<T, String>;

/// Columns, and rows as trimmed text; a deleted row is `None`.
pub(super) struct Attributes {
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<Option<Vec<String>>>,
    pub(super) warnings: Vec<String>,
}

/// A column: where its bytes lie in a row.
struct Field {
    name: Vec<u8>,
    kind: u8,
    start: usize,
    length: usize,
}

pub(super) fn read(bytes: &[u8], cpg: Option<&[u8]>) -> Parsed<Attributes> {
    let short = || "is no dBase table".to_string();
    let said = le_u32(bytes, 4).ok_or_else(short)? as usize;
    let header = usize::from(le_u16(bytes, 8).ok_or_else(short)?);
    let width = usize::from(le_u16(bytes, 10).ok_or_else(short)?);
    let fields = fields(bytes.get(32..header).ok_or_else(short)?, width)?;
    if width == 0 || fields.is_empty() {
        return Err("has no columns".to_string());
    }
    let body = bytes.get(header..).unwrap_or_default();
    let count = said.min(body.len() / width);
    if count < said {
        return Err(format!("says it has {said} rows, but ends after {count}"));
    }
    if !fits(count, fields.len(), bytes.len() as u64) {
        let columns = fields.len();
        return Err(format!(
            "has {count} rows of {columns} columns, which is too much"
        ));
    }
    let rows = || body.chunks_exact(width).take(count);
    let mut warnings = Vec::new();
    let encoding = match cpg.map(named_encoding) {
        Some(Some(encoding)) => encoding,
        known => {
            if known.is_some() {
                let what = "has a .cpg that names no encoding known here; it was guessed";
                warnings.push(what.to_string());
            }
            guessed(&fields, rows())
        }
    };
    let decode = |bytes: &[u8]| encoding.decode_without_bom_handling(bytes).0.into_owned();
    Ok(Attributes {
        headers: fields
            .iter()
            .map(|field| decode(&field.name).trim().to_string())
            .collect(),
        rows: rows()
            .map(|row| {
                let deleted = row.first() == Some(&b'*');
                let cell = |field: &Field| text(field.kind, field.of(row), decode);
                (!deleted).then(|| fields.iter().map(cell).collect())
            })
            .collect(),
        warnings,
    })
}

impl Field {
    fn of<'r>(&self, row: &'r [u8]) -> &'r [u8] {
        row.get(self.start..self.start + self.length)
            .unwrap_or_default()
    }
}

/// Columns of 32 bytes each up to the mark 0x0d; the first byte of a row is its deletion mark.
fn fields(bytes: &[u8], width: usize) -> Parsed<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    let mut start = 1;
    for described in bytes.chunks_exact(32) {
        let name = described.get(..11).unwrap_or_default();
        if name.first() == Some(&0x0d) {
            break;
        }
        let end = name.iter().position(|&b| b == 0).unwrap_or(name.len());
        let length = usize::from(described.get(16).copied().unwrap_or_default());
        fields.push(Field {
            name: name.get(..end).unwrap_or_default().to_vec(),
            kind: described.get(11).copied().unwrap_or_default(),
            start,
            length,
        });
        start += length;
    }
    if start > width {
        return Err(format!(
            "has columns of {start} bytes in rows of {width} bytes"
        ));
    }
    Ok(fields)
}

/// A value as text: dates with dashes, logical values as words, numbers as they stand.
fn text(kind: u8, bytes: &[u8], decode: impl Fn(&[u8]) -> String) -> String {
    match (kind, bytes) {
        (b'L', [b'T' | b't' | b'Y' | b'y']) => "true".to_string(),
        (b'L', [b'F' | b'f' | b'N' | b'n']) => "false".to_string(),
        (b'L', _) | (b'M' | b'G' | b'B' | b'P', _) => String::new(),
        (b'I' | b'+', [a, b, c, d]) => i32::from_le_bytes([*a, *b, *c, *d]).to_string(),
        (b'O', &[a, b, c, d, e, f, g, h]) => {
            f64::from_le_bytes([a, b, c, d, e, f, g, h]).to_string()
        }
        (b'D', _) => date(decode(bytes).trim()),
        // Stars stand for a number that did not fit.
        (b'N' | b'F', _) if bytes.contains(&b'*') => String::new(),
        _ => {
            // Some programs fill the rest of a cell with zeros.
            let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
            decode(bytes.get(..end).unwrap_or_default())
                .trim()
                .to_string()
        }
    }
}

fn date(cell: &str) -> String {
    match (cell.get(..4), cell.get(4..6), cell.get(6..8)) {
        (Some(year), Some(month), Some(day))
            if cell.len() == 8 && cell.bytes().all(|b| b.is_ascii_digit()) =>
        {
            if cell == "00000000" {
                String::new()
            } else {
                format!("{year}-{month}-{day}")
            }
        }
        _ => cell.to_string(),
    }
}

/// The encoding a `.cpg` names: `UTF-8`, `1252`, `CP1252`, `ANSI 1252`, `ISO-8859-1`, `88591`,
/// `65001`.
fn named_encoding(cpg: &[u8]) -> Option<&'static Encoding> {
    let name = String::from_utf8_lossy(cpg);
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
    if let Some(found) = Encoding::for_label(name.as_bytes()) {
        return Some(found);
    }
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    match digits.as_str() {
        "65001" => Some(UTF_8),
        "88591" => Some(WINDOWS_1252),
        "885915" => Encoding::for_label(b"iso-8859-15"),
        _ if digits.len() == 4 && digits.starts_with("125") => {
            Encoding::for_label(format!("windows-{digits}").as_bytes())
        }
        _ => None,
    }
}

/// UTF-8 where all text is, else Windows-1252. A sign cut by the end of its cell does not count
/// against UTF-8: columns are cut by bytes.
fn guessed<'r>(fields: &[Field], mut rows: impl Iterator<Item = &'r [u8]>) -> &'static Encoding {
    let sound = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let all = rows.all(|row| {
        fields
            .iter()
            .filter(|field| field.kind == b'C')
            .all(|field| sound(field.of(row)))
    });
    let names = fields.iter().all(|field| sound(&field.name));
    if all && names { UTF_8 } else { WINDOWS_1252 }
}
