//! One directory of a TIFF: entries in the order of their numbers, long values behind them.

use crate::survey::StoredTag;

/// A directory placed at `at`, with its values behind it, little-endian; even in length. Of two
/// entries with one number the first is written.
pub(super) fn directory(mut entries: Vec<StoredTag>, at: u32) -> Vec<u8> {
    entries.sort_by_key(|e| e.tag);
    entries.dedup_by_key(|e| e.tag);
    let mut head = (entries.len() as u16).to_le_bytes().to_vec();
    let mut tail: Vec<u8> = Vec::new();
    let tail_at = at + 2 + 12 * entries.len() as u32 + 4;
    for entry in &entries {
        head.extend(entry.tag.to_le_bytes());
        head.extend(entry.kind.to_le_bytes());
        head.extend(entry.count.to_le_bytes());
        if entry.bytes.len() <= 4 {
            let mut inline = [0; 4];
            inline[..entry.bytes.len()].copy_from_slice(&entry.bytes);
            head.extend(inline);
        } else {
            head.extend((tail_at + tail.len() as u32).to_le_bytes());
            tail.extend(&entry.bytes);
            if tail.len() % 2 == 1 {
                tail.push(0);
            }
        }
    }
    head.extend(0_u32.to_le_bytes());
    head.extend(tail);
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_stand_inside_and_long_ones_behind() {
        let entries = vec![
            StoredTag::text(306, "abcdef"),
            StoredTag::shorts(258, &[32]),
        ];
        let bytes = directory(entries, 100);
        let expected = [
            &[2, 0][..],
            &[2, 1, 3, 0, 1, 0, 0, 0, 32, 0, 0, 0],
            // 100 + 2 + 24 + 4 = 130.
            &[50, 1, 2, 0, 7, 0, 0, 0, 130, 0, 0, 0],
            &[0; 4],
            b"abcdef\0\0",
        ];
        assert_eq!(bytes, expected.concat());
    }
}
