//! A deflate block: what it holds, what it costs, how it is written.

use std::sync::LazyLock;

use super::bits::Bits;
use super::huffman::{Code, codes, lengths};
use super::rows::DISTANCES;
use super::table::Table;

/// Literals, the end of the block and lengths of repeats (RFC 1951 §3.2.5).
pub(super) const SYMBOLS: usize = 286;
pub(super) const END: usize = 256;

/// Shortest run of equal bytes that is written as a repeat: shorter ones are hardly longer as
/// literals, and this many hold four at an address that is a multiple of four.
const SHORTEST: usize = 8;
const LONGEST: usize = 258;

/// Code lengths of distances where repeats are looked for at distance 1 alone.
const ONLY_THE_NEAREST: [u8; DISTANCES] = {
    let mut lengths = [0; DISTANCES];
    lengths[0] = 1;
    lengths
};

/// A block takes no more in beyond this many bytes: what has changed since pays for new codes,
/// and sums of estimates fit 32 bits.
const LARGEST: usize = 1 << 18;

/// Bits a block with codes costs before its first byte: its own head, and each symbol in use.
const HEAD_BITS: u64 = 70;
const SYMBOL_BITS: f64 = 3.2;

/// Parts of a bit that estimates are counted in: whole numbers add up faster than floats.
const PARTS: f64 = 64.0;

/// Per repeat of 3 to 258 bytes: symbol, extra bits and their number.
pub(super) static REPEATS: LazyLock<Vec<(u16, u16, u8)>> = LazyLock::new(|| {
    let repeat = |length: u16| match length {
        0..=2 => (0, 0, 0),
        3..=10 => (254 + length, 0, 0),
        258 => (285, 0, 0),
        _ => {
            // Four symbols for each doubling, from 11 on.
            let over = length - 3;
            let extra = over.ilog2() - 2;
            let symbol = 257 + 4 * extra as u16 + (over >> extra);
            (symbol, over & ((1 << extra) - 1), extra as u8)
        }
    };
    (0..=LONGEST as u16).map(repeat).collect()
});

/// n · log₂ n of small numbers, in parts of a bit.
static N_LOG_N: LazyLock<Vec<u32>> = LazyLock::new(|| (0..8192).map(n_log_n).collect());

fn n_log_n(n: u32) -> u32 {
    (f64::from(n) * f64::from(n.max(1)).log2() * PARTS) as u32
}

/// Bits of a block with these counts: its entropy and what its codes cost.
pub(super) fn estimate(counts: &[u32]) -> u64 {
    let known: &[u32] = &N_LOG_N;
    let (mut total, mut used, mut parts) = (0_u32, 0_u32, 0_u64);
    for count in counts {
        total += count;
        used += u32::from(*count > 0);
        let part = match known.get(*count as usize) {
            Some(value) => *value,
            None => n_log_n(*count),
        };
        parts += u64::from(part);
    }
    let entropy = u64::from(n_log_n(total)).saturating_sub(parts) as f64 / PARTS;
    HEAD_BITS + (entropy + SYMBOL_BITS * f64::from(used)) as u64
}

/// How often each byte occurs.
pub(super) fn count_bytes(bytes: &[u8]) -> [u32; 256] {
    // Two tables, so that equal neighbours do not wait for each other.
    let (mut even, mut odd) = ([0_u32; 256], [0_u32; 256]);
    let (pairs, rest) = bytes.as_chunks::<2>();
    for [a, b] in pairs {
        even[usize::from(*a)] += 1;
        odd[usize::from(*b)] += 1;
    }
    for byte in rest {
        even[usize::from(*byte)] += 1;
    }
    for (even, odd) in even.iter_mut().zip(odd) {
        *even += odd;
    }
    even
}

/// Adds how often each byte occurs to the counts of symbols.
pub(super) fn count_literals(bytes: &[u8], counts: &mut [u32; SYMBOLS]) {
    if bytes.len() < 256 {
        for byte in bytes {
            counts[usize::from(*byte)] += 1;
        }
        return;
    }
    for (sum, more) in counts.iter_mut().zip(count_bytes(bytes)) {
        *sum += more;
    }
}

/// A run of bytes that equal the one before it.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    length: usize,
}

/// Lengths of the repeats that so many bytes, at least 3, are written as, none below 3.
pub(super) fn pieces(length: usize) -> impl Iterator<Item = usize> {
    let mut left = length;
    std::iter::from_fn(move || {
        let piece = match left {
            0..=LONGEST => left,
            261.. => LONGEST,
            _ => left - 3,
        };
        left -= piece;
        (piece > 0).then_some(piece)
    })
}

/// A stretch of the input that becomes one block.
pub(super) struct Block {
    start: usize,
    end: usize,
    /// `None`: to be stored.
    coded: Option<Coded>,
}

struct Coded {
    runs: Vec<Run>,
    counts: [u32; SYMBOLS],
    bits: u64,
}

impl Block {
    /// An empty block, to be stored.
    pub(super) fn new(start: usize) -> Self {
        Self {
            start,
            end: start,
            coded: None,
        }
    }

    /// A block with codes for a stretch whose bytes are counted.
    pub(super) fn of(raw: &[u8], start: usize, end: usize, of_bytes: &[u32; 256]) -> Self {
        let mut counts = [0_u32; SYMBOLS];
        counts[..256].copy_from_slice(of_bytes);
        let runs = runs(raw, start, end);
        for run in &runs {
            count(*run, &mut counts);
            counts[usize::from(raw[run.start])] -= run.length as u32;
        }
        let bits = estimate(&counts);
        Self {
            start,
            end,
            coded: Some(Coded { runs, counts, bits }),
        }
    }

    pub(super) fn is_stored(&self) -> bool {
        self.coded.is_none()
    }

    /// Lengthens a stored block.
    pub(super) fn store(&mut self, end: usize) {
        self.end = end;
    }

    /// Takes the following block in, where both have codes and are shorter with common ones.
    pub(super) fn join(&mut self, next: &Block) -> bool {
        let (Some(this), Some(other)) = (&mut self.coded, &next.coded) else {
            return false;
        };
        if next.end - self.start > LARGEST {
            return false;
        }
        let mut sum = this.counts;
        for (sum, more) in sum.iter_mut().zip(&other.counts) {
            *sum += more;
        }
        let common = estimate(&sum);
        if common > this.bits + other.bits {
            return false;
        }
        this.runs.extend_from_slice(&other.runs);
        this.counts = sum;
        this.bits = common;
        self.end = next.end;
        true
    }

    /// Writes the block, unless it is empty and not the last.
    pub(super) fn write(&self, raw: &[u8], last: bool, out: &mut Bits) {
        let bytes = &raw[self.start..self.end];
        match &self.coded {
            None if bytes.is_empty() && !last => {}
            None => stored(bytes, last, out),
            Some(coded) => coded.write(raw, (self.start, self.end), last, out),
        }
    }
}

/// The long runs of a stretch, in order.
fn runs(raw: &[u8], start: usize, end: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut free = start.max(1);
    let mut at = free;
    while at + 4 <= end {
        if raw[at..at + 4] != raw[at - 1..at + 3] {
            at += 4;
            continue;
        }
        let before = raw[free - 1..at].iter().rev();
        let begin = at - before.skip(1).take_while(|b| **b == raw[at]).count();
        let more = raw[at..end].iter().take_while(|b| **b == raw[at]).count();
        let length = at + more - begin;
        if length >= SHORTEST {
            runs.push(Run {
                start: begin,
                length,
            });
            free = at + more;
        }
        at += more.next_multiple_of(4);
    }
    runs
}

/// Counts the repeats of a run.
fn count(run: Run, counts: &mut [u32; SYMBOLS]) {
    for piece in pieces(run.length) {
        counts[usize::from(REPEATS[piece].0)] += 1;
    }
}

/// Blocks without compression (RFC 1951 §3.2.4), each of at most 65,535 bytes.
fn stored(bytes: &[u8], last: bool, out: &mut Bits) {
    const MOST: usize = 65_535;
    let parts = bytes.len().div_ceil(MOST).max(1);
    for part in 0..parts {
        let piece = &bytes[part * MOST..bytes.len().min((part + 1) * MOST)];
        out.put(u32::from(last && part + 1 == parts), 3);
        let length = piece.len() as u16;
        out.put_bytes(&length.to_le_bytes());
        out.put_bytes(&(!length).to_le_bytes());
        out.put_bytes(piece);
    }
}

impl Coded {
    /// Writes a block with codes of its own (RFC 1951 §3.2.7), or stores it after all.
    fn write(&self, raw: &[u8], (start, end): (usize, usize), last: bool, out: &mut Bits) {
        let mut counts = self.counts;
        counts[END] = 1;
        let of_symbols: [u8; SYMBOLS] = lengths(&counts, 15);
        let parts = counts.iter().zip(&of_symbols);
        let payload: u32 = parts.map(|(n, length)| n * u32::from(*length)).sum();
        if (payload / 8) as usize >= end - start {
            return stored(&raw[start..end], last, out);
        }
        out.put(u32::from(last) | 2 << 1, 3);
        Table::new(&of_symbols, &ONLY_THE_NEAREST).write(out);
        let codes = codes(&of_symbols);
        let mut at = start;
        for run in &self.runs {
            literals(&raw[at..run.start], &codes, out);
            for piece in pieces(run.length) {
                let (symbol, extra, extra_bits) = REPEATS[piece];
                codes[usize::from(symbol)].put(out);
                // The distance is 1: its only code is the bit 0.
                out.put(u32::from(extra), u32::from(extra_bits) + 1);
            }
            at = run.start + run.length;
        }
        literals(&raw[at..end], &codes, out);
        codes[END].put(out);
    }
}

pub(super) fn literals(bytes: &[u8], codes: &[Code; SYMBOLS], out: &mut Bits) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    for [a, b] in pairs {
        codes[usize::from(*a)].then(codes[usize::from(*b)]).put(out);
    }
    for byte in rest {
        codes[usize::from(*byte)].put(out);
    }
}
