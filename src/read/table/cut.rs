//! Single rows out of a text table, every other byte as it was.

use std::collections::BTreeSet;

use super::text::{self, Lines};

/// The bytes of a text table without the records that begin on these lines (counted from 1, as
/// [`Place::Line`](super::Place) does). Encoding, separator and line ends stay.
///
/// `None` where the text is UTF-16, whose bytes are not those of its separators.
pub fn without_lines(bytes: &[u8], lines: &BTreeSet<u64>) -> Option<Vec<u8>> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return None;
    }
    let mark = match bytes.starts_with(b"\xef\xbb\xbf") {
        true => 3,
        false => 0,
    };
    let decoded = text::decode(bytes).ok()?;
    // A line `sep=;` is plain ASCII: as long here as in the decoded text.
    let (separator, body) = text::separator(&decoded);
    let start = mark + body;
    let rest = bytes.get(start..)?;
    let mut counted = Lines::new(bytes, start);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(rest);
    let mut kept = bytes.get(..start)?.to_vec();
    let mut record = csv::ByteRecord::new();
    // The reader stops between the two signs of a line end; the cut is behind both.
    let behind = |at: usize| match (at.checked_sub(1).and_then(|i| rest.get(i)), rest.get(at)) {
        (Some(b'\r'), Some(b'\n')) => at + 1,
        _ => at,
    };
    loop {
        let from = behind(usize::try_from(reader.position().byte()).ok()?);
        if !reader.read_byte_record(&mut record).ok()? {
            kept.extend_from_slice(rest.get(from..)?);
            return Some(kept);
        }
        let to = behind(usize::try_from(reader.position().byte()).ok()?);
        if !lines.contains(&counted.at(from as u64)) {
            kept.extend_from_slice(rest.get(from..to)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Report, Table};
    use super::*;

    #[test]
    fn a_row_goes_and_every_other_byte_stays() {
        // Windows-1252, `;`, a break inside a cell, blank lines, no break at the end.
        let before =
            b"\xef\xbb\xbfid;naam\r\nA;Caf\xc3\xa9\r\n\r\nB;\"een\r\ntwee\"\r\nC;x;y;z\r\nD;d";
        let mut report = Report::new("c.csv");
        let table = Table::from_bytes("c.csv", before, &mut report).expect("readable");
        let places: Vec<String> = table.records.iter().map(|r| r.place.to_string()).collect();
        // The row of C has too many cells and is no record; it must not go with B.
        assert_eq!(places, ["line 2", "line 4", "line 7"]);
        let after = without_lines(before, &BTreeSet::from([4])).expect("rewritten");
        assert_eq!(
            after,
            b"\xef\xbb\xbfid;naam\r\nA;Caf\xc3\xa9\r\nC;x;y;z\r\nD;d"
        );
        let windows = b"sep=;\nid;naam\nA;Caf\xe9\nB;b\n";
        let after = without_lines(windows, &BTreeSet::from([3])).expect("rewritten");
        assert_eq!(after, b"sep=;\nid;naam\nB;b\n");
        let last = without_lines(before, &BTreeSet::from([7])).expect("rewritten");
        assert!(last.ends_with(b"C;x;y;z\r\n"), "{last:?}");
        assert_eq!(
            without_lines(before, &BTreeSet::new()).expect("same"),
            before
        );
        assert_eq!(without_lines(b"\xff\xfei\0d\0", &BTreeSet::new()), None);
    }
}
