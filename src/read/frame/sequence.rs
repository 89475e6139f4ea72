//! Where the frames of a FLIR sequence lie (SEQ, CSQ, or a file of one block).
//!
//! In: a file that begins as an FFF block does, by seeking. Out: first byte and length of every
//! block. A sequence has no index of its own: a block ends where its last record does, and there
//! the next one begins (formats.md §2). The magic is not searched for, because it occurs in samples
//! by chance; only where the chain is broken the next magic is taken whose header and directory
//! hold, with the records a frame needs.
//!
//! Only headers and directories are read. Every block has at least its header's length, so the walk
//! ends; how many false beginnings are looked at is limited.

use std::io::{self, Read, Seek, SeekFrom};

use super::fff::{self, Layout};
use super::file::Part;

/// Most frames of one file: ten hours at 30 frames a second.
const MAX_FRAMES: usize = 1 << 20;
/// Most beginnings looked at where the chain is broken.
const MAX_CANDIDATES: usize = 4096;
/// Bytes read at once while searching.
const WINDOW: usize = 1 << 16;

/// The frames of a file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Index {
    pub(super) parts: Vec<Part>,
    /// Bytes that belong to no frame.
    pub(super) warnings: Vec<String>,
}

/// Walks through a file of `length` bytes.
pub(super) fn index<R: Read + Seek>(source: &mut R, length: u64) -> io::Result<Index> {
    let mut found = Index::default();
    let mut candidates = MAX_CANDIDATES;
    let mut at = 0;
    while at < length && found.parts.len() < MAX_FRAMES {
        if let Some(end) = block_end(source, at, length)? {
            found.parts.push(Part {
                offset: at,
                length: end - at,
            });
            at = end;
            continue;
        }
        let next = next_block(source, at + 1, length, &mut candidates)?;
        found.lost(at, next.unwrap_or(length), length);
        at = next.unwrap_or(length);
    }
    Ok(found)
}

impl Index {
    fn lost(&mut self, from: u64, to: u64, length: u64) {
        let place = match self.parts.len() {
            0 => "in front of the first frame".to_owned(),
            n => format!("behind frame {n}"),
        };
        let end = if to == length {
            ", up to the end of the file,"
        } else {
            ""
        };
        self.warnings.push(format!(
            "{} bytes at byte {from} {place}{end} are no whole frame: left out",
            to - from
        ));
    }
}

/// End of the block that begins at `at`, inside the file; `None` where none begins or it is cut.
fn block_end<R: Read + Seek>(source: &mut R, at: u64, length: u64) -> io::Result<Option<u64>> {
    let Some(header) = bytes(source, at, fff::HEADER as u64, length)? else {
        return Ok(None);
    };
    let Ok(layout) = Layout::of(&header) else {
        return Ok(None);
    };
    let size = layout.length() as u64;
    let start = at + layout.start as u64;
    let Some(directory) = bytes(source, start, size, length)? else {
        return Ok(None);
    };
    let records = layout.records(&directory);
    let has = |kind| records.iter().any(|(k, _, _)| *k == kind);
    if !has(fff::RAW) || !has(fff::CAMERA_INFO) {
        return Ok(None);
    }
    let last = records
        .iter()
        .map(|(_, at, length)| *at as u64 + *length as u64);
    let end = last.fold(layout.start as u64 + size, u64::max);
    let end = at + end.max(fff::HEADER as u64);
    // The padding of the last record is not always written.
    Ok((end <= length + fff::PADDING as u64).then_some(end.min(length)))
}

/// First place from `at` on where a whole block begins.
fn next_block<R: Read + Seek>(
    source: &mut R,
    mut at: u64,
    length: u64,
    candidates: &mut usize,
) -> io::Result<Option<u64>> {
    // Windows overlap by what a magic that lies across their border needs.
    while at + 4 <= length {
        let size = (length - at).min(WINDOW as u64);
        let window = bytes(source, at, size, length)?.unwrap_or_default();
        let places = window.windows(4).enumerate();
        for (offset, _) in places.filter(|(_, magic)| fff::is_fff(magic)) {
            // What has no header costs nothing; across the border of a window it is read.
            let header = window.get(offset..offset + fff::HEADER);
            if header.is_some_and(|header| Layout::of(header).is_err()) {
                continue;
            }
            if *candidates == 0 {
                return Ok(None);
            }
            *candidates -= 1;
            let place = at + offset as u64;
            if block_end(source, place, length)?.is_some() {
                return Ok(Some(place));
            }
        }
        if at + size >= length {
            break;
        }
        at += size - 3;
    }
    Ok(None)
}

/// Bytes of the file; `None` where it ends before.
fn bytes<R: Read + Seek>(
    source: &mut R,
    at: u64,
    count: u64,
    length: u64,
) -> io::Result<Option<Vec<u8>>> {
    if at.checked_add(count).is_none_or(|end| end > length) {
        return Ok(None);
    }
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    source.by_ref().take(count).read_to_end(&mut bytes)?;
    // The file may have become shorter in the meantime.
    Ok((bytes.len() as u64 == count).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A block of two records, 8 and `extra` bytes, with as many free slots as wanted.
    fn block(extra: u32, slots: u32) -> Vec<u8> {
        let mut out = b"FFF\0".to_vec();
        out.resize(0x14, 0);
        for word in [101, 0x40, 2 + slots] {
            out.extend(u32::to_le_bytes(word));
        }
        out.resize(0x40, 0);
        let first = 0x40 + 0x20 * (2 + slots);
        for (kind, at, length) in [(1_u32, first, 8), (0x20, first + 8, extra)] {
            for word in [kind, 100, 0, at, length, 0, 0, 0] {
                out.extend(word.to_le_bytes());
            }
        }
        out.resize(first as usize, 0);
        out.resize((first + 8 + extra) as usize, 7);
        out
    }

    fn of(bytes: &[u8]) -> Index {
        index(&mut Cursor::new(bytes), bytes.len() as u64).expect("memory can be read")
    }

    fn offsets(index: &Index) -> Vec<u64> {
        index.parts.iter().map(|p| p.offset).collect()
    }

    #[test]
    fn blocks_follow_each_other_where_the_last_record_ends() {
        let (a, b) = (block(10, 0), block(50, 3));
        let all = [a.clone(), b.clone(), a.clone()].concat();
        let found = of(&all);
        assert_eq!(
            offsets(&found),
            [0, a.len() as u64, (a.len() + b.len()) as u64]
        );
        assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    }

    #[test]
    fn a_magic_among_the_samples_is_no_frame() {
        let mut a = block(200, 0);
        let at = a.len() - 100;
        a[at..at + 4].copy_from_slice(b"FFF\0");
        let found = of(&[a.clone(), a.clone()].concat());
        assert_eq!(offsets(&found), [0, a.len() as u64]);
    }

    #[test]
    fn behind_rubbish_the_next_whole_block_is_found_and_the_rubbish_named() {
        let (a, rubbish) = (block(10, 0), b"FFF\0 is not a header".repeat(9000));
        let found = of(&[a.clone(), rubbish.clone(), a.clone()].concat());
        assert_eq!(offsets(&found), [0, (a.len() + rubbish.len()) as u64]);
        let told = format!("{} bytes at byte {} behind frame 1", rubbish.len(), a.len());
        assert!(found.warnings[0].contains(&told), "{:?}", found.warnings);
    }

    #[test]
    fn a_frame_that_is_cut_off_is_left_out_and_named() {
        let a = block(10, 0);
        for cut in 1..a.len() - fff::PADDING {
            let found = of(&[&a[..], &a[..cut]].concat());
            assert_eq!(offsets(&found), [0], "{cut}");
            assert!(found.warnings[0].contains("end of the file"), "{cut}");
        }
        assert_eq!(of(&a[..70]).parts, []);
    }

    #[test]
    fn directories_of_no_or_of_endless_length_end() {
        let mut empty = block(10, 0);
        empty[0x1C..0x20].copy_from_slice(&[0; 4]);
        assert_eq!(of(&empty).parts, []);
        let mut endless = block(10, 0);
        endless[0x1C..0x20].copy_from_slice(&[0xFF; 4]);
        assert_eq!(of(&endless).parts, []);
        // A thousand beginnings in one another.
        assert_eq!(of(&b"FFF\0".repeat(100_000)).parts, []);
    }

    #[test]
    fn ten_thousand_frames_are_found() {
        let a = block(4, 0);
        let found = of(&a.repeat(10_000));
        assert_eq!(found.parts.len(), 10_000);
    }
}
