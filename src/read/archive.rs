//! ZIP archives, as far as office files use them (APPNOTE 6.3, without ZIP64 and encryption).

use std::collections::BTreeMap;

type Parsed<T> = std::result::Result<T, String>;

/// Largest part unpacked, bytes: a table of 50 000 rows has some 30 MB.
const MAX_PART: usize = 96 << 20;

/// Most bytes one byte can unpack to in this method of compression.
const MAX_RATIO: usize = 1032;

/// Most entries.
const MAX_ENTRIES: usize = 10_000;

struct Entry {
    method: u16,
    packed: usize,
    unpacked: usize,
    local: usize,
}

/// An archive by the names of its entries.
pub struct Archive<'b> {
    bytes: &'b [u8],
    entries: BTreeMap<String, Entry>,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*word))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*word) as usize)
}

impl<'b> Archive<'b> {
    /// Reads the directory at the end.
    pub fn new(bytes: &'b [u8]) -> Parsed<Self> {
        let broken = || "is a cut or broken archive".to_string();
        // A comment of at most 65 535 bytes may follow the end record.
        let from = bytes.len().saturating_sub(22 + 0xffff);
        let tail = bytes.get(from..).unwrap_or_default();
        let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06");
        let end = from + end.ok_or_else(broken)?;
        let count = usize::from(u16_at(bytes, end + 10).ok_or_else(broken)?);
        let mut at = u32_at(bytes, end + 16).ok_or_else(broken)?;
        if count > MAX_ENTRIES || at == 0xffff_ffff {
            return Err("is an archive too large to be a spreadsheet".to_string());
        }
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let (name, entry, next) = entry(bytes, at).ok_or_else(broken)??;
            entries.entry(name).or_insert(entry);
            at = next;
        }
        Ok(Self { bytes, entries })
    }

    /// Whether there is an entry of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Names of all entries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// An entry as it is.
    pub fn bytes(&self, name: &str) -> Parsed<Vec<u8>> {
        let entry = self
            .entries
            .get(name)
            .ok_or_else(|| format!("has no part {name}"))?;
        self.unpack(name, entry)
    }

    /// An entry as text.
    pub fn text(&self, name: &str) -> Parsed<String> {
        let bytes = self.bytes(name)?;
        let text = String::from_utf8(bytes);
        text.map_err(|_| format!("has a part {name} that is no UTF-8"))
    }

    fn unpack(&self, name: &str, entry: &Entry) -> Parsed<Vec<u8>> {
        let broken = || format!("has a cut or broken part {name}");
        if entry.unpacked > MAX_PART {
            let size = entry.unpacked;
            return Err(format!(
                "has a part {name} of {size} bytes, expected at most {MAX_PART}"
            ));
        }
        let local = self.bytes.get(entry.local..).ok_or_else(broken)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(broken());
        }
        let names = u16_at(local, 26).zip(u16_at(local, 28));
        let (name_length, extra) = names.ok_or_else(broken)?;
        let start = 30 + usize::from(name_length) + usize::from(extra);
        let packed = local.get(start..).and_then(|b| b.get(..entry.packed));
        let packed = packed.ok_or_else(broken)?;
        match entry.method {
            0 if entry.packed == entry.unpacked => Ok(packed.to_vec()),
            8 if entry.unpacked <= packed.len().saturating_mul(MAX_RATIO).saturating_add(64) => {
                let mut bytes = vec![0; entry.unpacked];
                let mut decompressor = libdeflater::Decompressor::new();
                let size = decompressor.deflate_decompress(packed, &mut bytes);
                match size {
                    Ok(size) if size == entry.unpacked => Ok(bytes),
                    _ => Err(broken()),
                }
            }
            0 | 8 => Err(broken()),
            other => Err(format!("has a part {name} packed by method {other}")),
        }
    }
}

/// An entry of the directory, and where the next one stands; `None` where it is cut.
fn entry(bytes: &[u8], at: usize) -> Option<Parsed<(String, Entry, usize)>> {
    let head = bytes.get(at..)?;
    if !head.starts_with(b"PK\x01\x02") {
        return None;
    }
    if u16_at(head, 8)? & 1 != 0 {
        return Some(Err("is protected by a password".to_string()));
    }
    let name_length = usize::from(u16_at(head, 28)?);
    let name = head.get(46..46 + name_length)?;
    let size = 46 + name_length + usize::from(u16_at(head, 30)?) + usize::from(u16_at(head, 32)?);
    let entry = Entry {
        method: u16_at(head, 10)?,
        packed: u32_at(head, 20)?,
        unpacked: u32_at(head, 24)?,
        local: u32_at(head, 42)?,
    };
    let name = String::from_utf8_lossy(name).replace('\\', "/");
    Some(Ok((name, entry, at.checked_add(size)?)))
}
