//! Rows that resemble the row above, such as those of estimates and of numbers of frames: repeats
//! are looked for there and at distance 1 only, eight bytes at a time.

use super::bits::Bits;
use super::block::{END, REPEATS, SYMBOLS, count_literals, literals, pieces};
use super::huffman::{Code, codes, lengths};
use super::table::Table;

/// Bytes of a block.
const BLOCK: usize = 1 << 17;
/// Shortest repeats that pay: at distance 1, and of the row above, whose distance takes more bits.
const SHORTEST_RUN: usize = 4;
const SHORTEST_COPY: usize = 6;
/// A run that long is taken without a look at the row above.
const LONG: usize = 64;
/// After so many bytes without a repeat one more place is passed over each time, at most so many.
const PATIENCE: usize = 32;
const MOST_SKIPPED: usize = 3;
/// Farthest back that deflate reaches, bytes.
const FARTHEST: usize = 32_768;
/// Distances (RFC 1951 §3.2.5).
pub(super) const DISTANCES: usize = 30;

/// So many bytes as they are, or a repeat at distance 1 or from the row above.
#[derive(Clone, Copy)]
enum Token {
    Bytes(u32),
    Run(u16),
    Copy(u16),
}

/// The zlib stream of rows of `stride` bytes.
pub(super) fn by_rows(raw: &[u8], stride: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(raw.len() / 4 + 64);
    // 32 KiB of memory, fastest level: RFC 1950 §2.2.
    head.extend([0x78, 0x01]);
    let mut out = Bits::after(head);
    let mut tokens = Vec::new();
    let mut start = 0;
    loop {
        let end = raw.len().min(start + BLOCK);
        tokens.clear();
        parse(raw, (start, end), stride, &mut tokens);
        write(
            &raw[start..end],
            &tokens,
            stride,
            end == raw.len(),
            &mut out,
        );
        start = end;
        if start == raw.len() {
            break;
        }
    }
    out.put_bytes(&libdeflater::adler32(raw).to_be_bytes());
    let mut bytes = out.finish();
    bytes.shrink_to_fit();
    bytes
}

fn parse(raw: &[u8], (start, end): (usize, usize), stride: usize, tokens: &mut Vec<Token>) {
    // Where the bytes begin that are in no token yet.
    let mut free = start;
    let mut at = start;
    while at < end {
        let (run, copy) = if starts_a_repeat(raw, at, stride) {
            repeats(raw, at, stride, end)
        } else {
            (0, 0)
        };
        // Three bytes make up for the bits of the longer distance.
        let (length, back, token): (_, _, fn(u16) -> Token) =
            if run >= SHORTEST_RUN && run + 3 >= copy {
                (run, 1, Token::Run)
            } else if copy >= SHORTEST_COPY {
                (copy, stride, Token::Copy)
            } else {
                // The longer there was no repeat, the fewer places are looked at.
                at += 1 + ((at - free) / PATIENCE).min(MOST_SKIPPED);
                continue;
            };
        // What was skipped may be part of it.
        let known = &raw[free..at];
        let earlier = &raw[free.max(back) - back..at - back];
        let same = known.iter().rev().zip(earlier.iter().rev());
        let before = same.take_while(|(a, b)| a == b).count();
        if at - before > free {
            tokens.push(Token::Bytes((at - before - free) as u32));
        }
        tokens.extend(pieces(before + length).map(|piece| token(piece as u16)));
        at += length;
        free = at;
    }
    if end > free {
        tokens.push(Token::Bytes((end - free) as u32));
    }
}

/// Whether the bytes from `at` on may repeat: a look at eight of them at once.
#[inline(always)]
fn starts_a_repeat(raw: &[u8], at: usize, stride: usize) -> bool {
    let word = |from: Option<usize>| {
        let bytes = raw.get(from?..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    };
    let Some(now) = word(Some(at)) else {
        return at < raw.len();
    };
    let repeats = |back: usize, mask: u64| {
        word(at.checked_sub(back)).is_some_and(|before| (now ^ before) & mask == 0)
    };
    repeats(1, 0xffff_ffff) || repeats(stride, 0xffff_ffff_ffff)
}

/// How many bytes repeat at distance 1 and from the row above.
#[inline(always)]
fn repeats(raw: &[u8], at: usize, stride: usize, end: usize) -> (usize, usize) {
    let run = if at > 0 { equal(raw, at, 1, end) } else { 0 };
    let reaches = (1..=at.min(FARTHEST)).contains(&stride) && run < LONG;
    let copy = if reaches {
        equal(raw, at, stride, end)
    } else {
        0
    };
    (run, copy)
}

/// How many bytes from `at` up to `end` equal those `back` before them.
#[inline(always)]
fn equal(raw: &[u8], at: usize, back: usize, end: usize) -> usize {
    let (now, before) = (&raw[at..end], &raw[at - back..end - back]);
    let (words, rest) = now.as_chunks::<8>();
    let (earlier, rest_before) = before.as_chunks::<8>();
    for (k, (a, b)) in words.iter().zip(earlier).enumerate() {
        let differ = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differ != 0 {
            return 8 * k + (differ.trailing_zeros() / 8) as usize;
        }
    }
    let same = rest.iter().zip(rest_before).take_while(|(a, b)| a == b);
    8 * words.len() + same.count()
}

/// Writes a block with codes of its own (RFC 1951 §3.2.7).
fn write(raw: &[u8], tokens: &[Token], stride: usize, last: bool, out: &mut Bits) {
    let (far, far_extra, far_bits) = distance(stride.clamp(1, FARTHEST));
    let mut counts = [0_u32; SYMBOLS];
    let mut of_distances = [0_u32; DISTANCES];
    counts[END] = 1;
    let mut at = 0;
    for token in tokens {
        match *token {
            Token::Bytes(length) => {
                let bytes = &raw[at..at + length as usize];
                at += bytes.len();
                count_literals(bytes, &mut counts);
            }
            Token::Run(length) => {
                at += usize::from(length);
                counts[usize::from(REPEATS[usize::from(length)].0)] += 1;
                of_distances[0] += 1;
            }
            Token::Copy(length) => {
                at += usize::from(length);
                counts[usize::from(REPEATS[usize::from(length)].0)] += 1;
                of_distances[far] += 1;
            }
        }
    }
    let symbols: [u8; SYMBOLS] = lengths(&counts, 15);
    let distances: [u8; DISTANCES] = lengths(&of_distances, 15);
    out.put(u32::from(last) | 2 << 1, 3);
    Table::new(&symbols, &distances).write(out);
    let (symbols, distances) = (codes(&symbols), codes(&distances));
    let repeat = |length: u16, distance: Code, out: &mut Bits| {
        let (symbol, extra, extra_bits) = REPEATS[usize::from(length)];
        let extra = Code {
            bits: u32::from(extra),
            length: u32::from(extra_bits),
        };
        symbols[usize::from(symbol)].put(out);
        extra.then(distance).put(out);
    };
    let mut at = 0;
    for token in tokens {
        match *token {
            Token::Bytes(length) => {
                literals(&raw[at..at + length as usize], &symbols, out);
                at += length as usize;
            }
            Token::Run(length) => {
                repeat(length, distances[0], out);
                at += usize::from(length);
            }
            Token::Copy(length) => {
                repeat(length, distances[far], out);
                out.put(far_extra, far_bits);
                at += usize::from(length);
            }
        }
    }
    symbols[END].put(out);
}

/// Symbol of a distance of 1 to 32,768, extra bits and their number.
fn distance(back: usize) -> (usize, u32, u32) {
    let over = back - 1;
    if over < 4 {
        return (over, 0, 0);
    }
    // Two symbols for each doubling, from 5 on.
    let extra = over.ilog2() - 1;
    let symbol = 2 * extra as usize + (over >> extra);
    (symbol, (over & ((1 << extra) - 1)) as u32, extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_have_the_symbols_of_the_standard() {
        // RFC 1951 §3.2.5.
        let table = [
            (1, 0, 0),
            (4, 3, 0),
            (5, 4, 1),
            (7, 5, 1),
            (13, 7, 2),
            (25, 9, 3),
            (1537, 21, 9),
            (2048, 21, 9),
            (24_577, 29, 13),
            (32_768, 29, 13),
        ];
        for (back, symbol, bits) in table {
            let found = distance(back);
            assert_eq!((found.0, found.2), (symbol, bits), "{back}");
        }
        assert_eq!((distance(2048).1, distance(1537).1), (511, 0));
        assert_eq!(distance(32_768).1, 8191);
    }
}
