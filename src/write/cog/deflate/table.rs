//! The code lengths of a block, themselves compressed (RFC 1951 §3.2.7).

use super::bits::Bits;
use super::block::SYMBOLS;
use super::huffman::{codes, lengths};
use super::rows::DISTANCES;

/// Order in which the lengths of the code lengths' codes stand.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// The table of a block.
pub(super) struct Table {
    /// Number of literal and length codes.
    literals: usize,
    /// Number of distance codes.
    distances: usize,
    /// Symbol (a length, or 16 to 18 for repeats), extra bits and their number.
    items: Vec<(u8, u8, u8)>,
    /// Code lengths of those symbols.
    lengths: [u8; 19],
}

impl Table {
    pub(super) fn new(of_symbols: &[u8; SYMBOLS], of_distances: &[u8; DISTANCES]) -> Self {
        let used = |lengths: &[u8]| {
            let last = lengths.iter().rposition(|length| *length > 0);
            last.map_or(0, |last| last + 1)
        };
        let (literals, distances) = (used(of_symbols).max(257), used(of_distances).max(1));
        let mut items = Vec::with_capacity(SYMBOLS + DISTANCES);
        // A run is not carried on from the one list into the other.
        for lengths in [&of_symbols[..literals], &of_distances[..distances]] {
            for run in lengths.chunk_by(|a, b| a == b) {
                repeated(run[0], run.len(), &mut items);
            }
        }
        let mut counts = [0; 19];
        for (symbol, ..) in &items {
            counts[usize::from(*symbol)] += 1;
        }
        Self {
            literals,
            distances,
            items,
            lengths: lengths(&counts, 7),
        }
    }

    pub(super) fn write(&self, out: &mut Bits) {
        let known = ORDER.iter().rposition(|symbol| self.lengths[*symbol] > 0);
        let known = known.map_or(0, |last| last + 1).max(4);
        out.put((self.literals - 257) as u32, 5);
        out.put((self.distances - 1) as u32, 5);
        out.put((known - 4) as u32, 4);
        for symbol in &ORDER[..known] {
            out.put(u32::from(self.lengths[*symbol]), 3);
        }
        let codes = codes(&self.lengths);
        for (symbol, extra, extra_bits) in &self.items {
            codes[usize::from(*symbol)].put(out);
            out.put(u32::from(*extra), u32::from(*extra_bits));
        }
    }
}

/// The same code length `count` times.
fn repeated(length: u8, mut count: usize, items: &mut Vec<(u8, u8, u8)>) {
    if length == 0 {
        while count >= 3 {
            let now = count.min(138);
            items.push(match now {
                3..=10 => (17, (now - 3) as u8, 3),
                _ => (18, (now - 11) as u8, 7),
            });
            count -= now;
        }
    } else {
        items.push((length, 0, 0));
        count -= 1;
        while count >= 3 {
            let now = count.min(6);
            items.push((16, (now - 3) as u8, 2));
            count -= now;
        }
    }
    items.extend(std::iter::repeat_n((length, 0, 0), count));
}
