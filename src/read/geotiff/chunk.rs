//! One strip or tile: compressed bytes → samples in the machine's byte order.
//!
//! Chunks are decoded here and not by the `tiff` crate: its LZW stops short of the end in some
//! tiles that libtiff writes, it panics on tiles with bands apart, and the C libraries behind
//! `unpack` are about twice as fast.

use crate::problem::{Problem, Result};

use super::header::{Format, Level};
use super::jpeg;
use super::source::Source;
use super::unpack::unpack;

/// Decoded rows.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    /// Bytes from one row to the next.
    pub(super) row_bytes: usize,
}

/// Decodes chunk `index` of a level; `None` for a sparse chunk, which holds no data at all.
pub(super) fn decode(
    source: &Source,
    format: &Format,
    level: &Level,
    index: usize,
) -> Result<Option<Chunk>> {
    let (Some(offset), Some(count)) = (level.offsets.get(index), level.counts.get(index)) else {
        return Err(Problem::broken(format!("has no strip or tile {index}")));
    };
    if *count == 0 {
        return Ok(None);
    }
    let broken = |what: String| Problem::broken(what).field(format!("strip or tile {index}"));
    let packed = source
        .bytes(*offset, *count)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => broken(format!(
                "is {count} bytes at {offset}, beyond the end of the file"
            )),
            _ => Problem::io(error.to_string()),
        })?;
    let row_bytes = level.chunk_width * format.interleaved() * format.kind.bytes();
    let mut bytes = match &level.jpeg {
        Some(shared) => jpeg::decode(packed, shared, level, format.interleaved()),
        None => unpack(format.packing, packed, row_bytes * level.chunk_height),
    }
    .map_err(broken)?;
    let rows = if format.tiled {
        level.chunk_height
    } else {
        // The last strip ends with the raster.
        let first = index % level.down * level.chunk_height;
        level.chunk_height.min(level.height - first)
    };
    if bytes.len() < row_bytes * rows {
        let (found, due) = (bytes.len(), row_bytes * rows);
        return Err(broken(format!("holds {found} bytes, expected {due}")));
    }
    bytes.truncate(row_bytes * rows);
    for row in bytes.chunks_exact_mut(row_bytes) {
        unpredict(row, format);
    }
    Ok(Some(Chunk { bytes, row_bytes }))
}

/// Undoes byte order and predictor of one row.
fn unpredict(row: &mut [u8], format: &Format) {
    let step = format.interleaved();
    if format.predictor == 3 {
        unshuffle(row, step, format.kind.bytes());
        return;
    }
    let swap = format.big_endian != cfg!(target_endian = "big");
    let sum = format.predictor == 2;
    match format.kind.bytes() {
        1 if sum => sum_bytes(row, step),
        2 => whole::<2>(row, step, swap, sum, |a, b| {
            u16::from_ne_bytes(a)
                .wrapping_add(u16::from_ne_bytes(b))
                .to_ne_bytes()
        }),
        4 => whole::<4>(row, step, swap, sum, |a, b| {
            u32::from_ne_bytes(a)
                .wrapping_add(u32::from_ne_bytes(b))
                .to_ne_bytes()
        }),
        8 => whole::<8>(row, step, swap, sum, |a, b| {
            u64::from_ne_bytes(a)
                .wrapping_add(u64::from_ne_bytes(b))
                .to_ne_bytes()
        }),
        _ => {}
    }
}

/// Swaps and sums words of `N` bytes (TIFF 6.0 §14).
fn whole<const N: usize>(
    row: &mut [u8],
    step: usize,
    swap: bool,
    sum: bool,
    add: impl Fn([u8; N], [u8; N]) -> [u8; N],
) {
    let (words, _) = row.as_chunks_mut::<N>();
    if swap {
        words.iter_mut().for_each(|word| word.reverse());
    }
    if sum && step == 1 {
        let mut total = [0; N];
        for word in words {
            total = add(total, *word);
            *word = total;
        }
    } else if sum {
        for i in step..words.len() {
            words[i] = add(words[i], words[i - step]);
        }
    }
}

/// Running sums of every `step`-th byte. A sum kept in a register runs several times as fast as
/// one read back from the row.
fn sum_bytes(row: &mut [u8], step: usize) {
    if step == 1 {
        let mut total = 0_u8;
        for byte in row {
            total = total.wrapping_add(*byte);
            *byte = total;
        }
    } else {
        for i in step..row.len() {
            row[i] = row[i].wrapping_add(row[i - step]);
        }
    }
}

/// Undoes predictor 3 (TIFF Technical Note 3): sums bytes, then gathers them from one plane per
/// significance, most significant first whatever the file's byte order.
fn unshuffle(row: &mut [u8], step: usize, width: usize) {
    sum_bytes(row, step);
    let planes = row.to_vec();
    let samples = row.len() / width;
    if width == 4 {
        // The usual case, spelled out so that it runs at memory speed.
        let (a, rest) = planes.split_at(samples);
        let (b, rest) = rest.split_at(samples);
        let (c, d) = rest.split_at(samples);
        let (words, _) = row.as_chunks_mut::<4>();
        for (word, (((a, b), c), d)) in words.iter_mut().zip(a.iter().zip(b).zip(c).zip(d)) {
            *word = u32::from_be_bytes([*a, *b, *c, *d]).to_ne_bytes();
        }
        return;
    }
    for (i, word) in row.chunks_exact_mut(width).enumerate() {
        for (k, byte) in word.iter_mut().enumerate() {
            let plane = if cfg!(target_endian = "big") {
                k
            } else {
                width - 1 - k
            };
            *byte = planes[plane * samples + i];
        }
    }
}
