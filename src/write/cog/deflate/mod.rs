//! Deflate (RFC 1951, in zlib's wrapper, RFC 1950) for floats sorted into planes of bytes.
//!
//! In: rows of planes as predictor 3 leaves them. Out: a zlib stream any reader understands.
//!
//! A general compressor looks for repeated strings, which noise has none of, and gives a long
//! stretch one set of codes, though the four planes of a row could not differ more: the first is
//! nearly constant, the last are noise. Here each plane of each row may be a block of its own:
//! stored where it is noise, with codes of its own where it is not, joined to the block before it
//! where that is shorter. Repeats are looked for at distance 1 only: the zeros of a constant plane.
//!
//! Where there is little noise (rounded values, missing ground) the file becomes no smaller and
//! readers have more blocks to prepare for; and curves without any noise do repeat strings in all
//! planes. Such tiles, and whole numbers, go through `rows` where the row above and the byte before hold
//! nearly all that repeats, else through libdeflate: found by trying a part of a tile both ways. Figures
//! stand in `encode`.

mod bits;
mod block;
mod huffman;
mod rows;
mod table;

use block::{Block, count_bytes, estimate};
use rows::by_rows;

use super::super::pack::deflate;
use crate::problem::Result;

/// Shortest unit that is judged by itself; shorter planes are taken several at once.
const UNIT: usize = 256;

/// Units between those that tell whether there is noise; odd, so that all four planes are met.
const SAMPLE: usize = 37;

/// Where less than one part in so many of a tile is noise, libdeflate is as good.
const SOME: usize = 8;

/// How many stretches of how many rows are tried both ways: of planes with noise, and of rows that may
/// resemble the ones above.
const PIECES: (usize, usize) = (4, 6);
const LONG_PIECES: (usize, usize) = (2, 16);

/// Repeats of the row above and at distance 1 alone are taken where that makes rows at most one part in
/// so many longer: it is 2.5 times as fast as looking everywhere.
const LONGER: usize = 24;

/// Rows in which a plane that was noise is taken for noise again without a look.
const SKIP: u8 = 3;

/// The zlib stream of planes of `plane` bytes each, four to a row.
///
/// # Errors
/// libdeflate refuses.
pub(super) fn planes(raw: &[u8], plane: usize) -> Result<Vec<u8>> {
    let plane = plane.max(1);
    let unit = plane * UNIT.div_ceil(plane);
    let looked_at = raw.chunks(unit).step_by(SAMPLE);
    let count = looked_at.len();
    let noise = looked_at.filter(|bytes| is_noise(bytes, &count_bytes(bytes)));
    if noise.count() * SOME < count {
        return whole_rows(raw, 4 * plane);
    }
    let part = a_part(raw, 4 * plane, PIECES);
    if by_units(&part, unit).len() > deflate(&part)?.len() {
        return whole_rows(raw, 4 * plane);
    }
    Ok(by_units(raw, unit))
}

/// The zlib stream of rows of `stride` bytes with little noise.
///
/// # Errors
/// libdeflate refuses.
pub(super) fn whole_rows(raw: &[u8], stride: usize) -> Result<Vec<u8>> {
    let part = a_part(raw, stride.max(1), LONG_PIECES);
    let general = deflate(&part)?.len();
    if by_rows(&part, stride).len() > general + general / LONGER {
        return deflate(raw);
    }
    Ok(by_rows(raw, stride))
}

/// Some stretches of so many rows each, spread over all.
fn a_part(raw: &[u8], row: usize, (pieces, rows_each): (usize, usize)) -> Vec<u8> {
    let rows = raw.len() / row;
    let mut part = Vec::with_capacity(pieces * rows_each * row);
    for piece in 0..pieces {
        let start = rows * (2 * piece + 1) / (2 * pieces);
        part.extend(raw.iter().skip(start * row).take(rows_each * row));
    }
    part
}

/// Whether codes of their own would not pay for bytes.
fn is_noise(bytes: &[u8], counts: &[u32; 256]) -> bool {
    estimate(counts) >= 8 * bytes.len() as u64
}

fn by_units(raw: &[u8], unit: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(raw.len() + raw.len() / 64 + 64);
    // 32 KiB of memory, fastest level: RFC 1950 §2.2.
    head.extend([0x78, 0x01]);
    let mut out = bits::Bits::after(head);
    let mut open = Block::new(0);
    let mut start = 0;
    let mut skip = [0_u8; 4];
    for (i, bytes) in raw.chunks(unit).enumerate() {
        let end = start + bytes.len();
        let skip = &mut skip[i % 4];
        let counts = match skip {
            0 => Some(count_bytes(bytes)).filter(|counts| !is_noise(bytes, counts)),
            _ => None,
        };
        match counts {
            None => {
                *skip = skip.checked_sub(1).unwrap_or(SKIP);
                if !open.is_stored() {
                    open.write(raw, false, &mut out);
                    open = Block::new(start);
                }
                open.store(end);
            }
            Some(counts) => {
                let next = Block::of(raw, start, end, &counts);
                if !open.join(&next) {
                    open.write(raw, false, &mut out);
                    open = next;
                }
            }
        }
        start = end;
    }
    open.write(raw, true, &mut out);
    out.put_bytes(&libdeflater::adler32(raw).to_be_bytes());
    let mut bytes = out.finish();
    bytes.shrink_to_fit();
    bytes
}

#[cfg(test)]
mod tests;
