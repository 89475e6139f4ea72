//! Bytes to text: encoding, separator, line numbers.

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::problem::{Problem, Result};

/// Decodes by byte-order mark, else as UTF-8, else as Windows-1252 (of which ISO-8859-1 text is
/// a part; weather services and older spreadsheets write it).
pub(super) fn decode(bytes: &[u8]) -> Result<String> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            let body = bytes.get(length..).unwrap_or_default();
            encoding.decode_without_bom_handling(body).0.into_owned()
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_string(),
            Err(_) => WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        },
    };
    if text.contains('\0') {
        return Err(Problem::broken("holds zero bytes, expected text")
            .hint("save the table as CSV (UTF-8)"));
    }
    Ok(text)
}

/// Separator and where the table begins: the sign that occurs most in the header line outside
/// quotes, `;` before tab before `,` when equal. A first line `sep=;` decides.
pub(super) fn separator(text: &str) -> (u8, usize) {
    let first = text.split('\n').next().unwrap_or_default();
    if let Some(sign) = first.trim_end().strip_prefix("sep=")
        && let [sign @ (b',' | b';' | b'\t' | b'|')] = sign.as_bytes()
    {
        return (*sign, (first.len() + 1).min(text.len()));
    }
    let header = text
        .split('\n')
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let count = |sign: u8| {
        let mut quoted = false;
        let mut count = 0_usize;
        for byte in header.bytes() {
            quoted ^= byte == b'"';
            count += usize::from(!quoted && byte == sign);
        }
        count
    };
    let mut best = (b',', count(b','));
    for sign in [b'\t', b';'] {
        let found = count(sign);
        if found > 0 && found >= best.1 {
            best = (sign, found);
        }
    }
    (best.0, 0)
}

/// White space of all kinds off both ends, also the no-break space spreadsheets leave.
pub(super) fn trim(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// Line numbers of ascending byte offsets.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    start: usize,
    seen: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    /// `start`: where the offsets count from.
    pub(super) fn new(text: &'t [u8], start: usize) -> Self {
        Self {
            text,
            start,
            seen: 0,
            line: 1,
        }
    }

    /// Line of the first sign at or after the offset that is no line break. Offsets ascend.
    pub(super) fn at(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let target = self.start.saturating_add(offset);
        while let Some(&byte) = self.text.get(self.seen) {
            if self.seen >= target && byte != b'\n' && byte != b'\r' {
                break;
            }
            self.line += u64::from(byte == b'\n');
            self.seen += 1;
        }
        self.line
    }
}
