//! Compressed rows of a TIFF: predictor, then deflate.
//!
//! The predictors are those of TIFF 6.0 §14 (2: horizontal differences of integers) and TIFF
//! Technical Note 3 (3: the bytes of floats sorted by significance, then differences). Why level 1:
//! see `cog::encode`.

use crate::problem::{Problem, Result};

const DEFLATE_LEVEL: i32 = 1;

/// Rows of floats, predictor 3.
///
/// # Errors
/// The compressor refuses.
pub(super) fn floats(cells: &[f32], width: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(cells.len() * 4);
    shuffle_floats(cells.iter().copied(), width, &mut bytes);
    deflate(&bytes)
}

/// Rows of 16-bit integers, predictor 2, little-endian.
///
/// # Errors
/// The compressor refuses.
pub(super) fn shorts(cells: &[u16], width: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(cells.len() * 2);
    for row in cells.chunks(width.max(1)) {
        let mut before = 0_u16;
        for value in row {
            bytes.extend(value.wrapping_sub(before).to_le_bytes());
            before = *value;
        }
    }
    deflate(&bytes)
}

/// The bytes of a zlib stream.
///
/// # Errors
/// The compressor refuses.
pub(super) fn deflate(raw: &[u8]) -> Result<Vec<u8>> {
    let failed = |error: String| Problem::io(format!("deflate: {error}"));
    let level = libdeflater::CompressionLvl::new(DEFLATE_LEVEL)
        .map_err(|error| failed(format!("{error:?}")))?;
    let mut compressor = libdeflater::Compressor::new(level);
    let mut bytes = vec![0; compressor.zlib_compress_bound(raw.len())];
    let length = compressor
        .zlib_compress(raw, &mut bytes)
        .map_err(|error| failed(format!("{error:?}")))?;
    bytes.truncate(length);
    bytes.shrink_to_fit();
    Ok(bytes)
}

/// Predictor 3 (TIFF Technical Note 3): per row, all most significant bytes first, then the
/// next, each byte stored as its difference to the one before.
pub(super) fn shuffle_floats(cells: impl Iterator<Item = f32>, width: usize, bytes: &mut Vec<u8>) {
    let mut cells = cells;
    let mut row: Vec<u32> = Vec::with_capacity(width);
    let mut differences: Vec<u32> = Vec::with_capacity(width);
    loop {
        row.clear();
        row.extend(cells.by_ref().take(width).map(f32::to_bits));
        let Some(last) = row.last().copied() else {
            return;
        };
        // The first of a plane follows the last of the plane before.
        let first = byte_differences(row[0], last >> 8);
        let start = bytes.len();
        bytes.resize(start + 4 * row.len(), 0);
        differences.clear();
        differences.push(first);
        let pairs = row[1..].iter().zip(&row);
        differences.extend(pairs.map(|(cell, before)| byte_differences(*cell, *before)));
        let planes = bytes[start..].chunks_exact_mut(row.len());
        for (plane, shift) in planes.zip([24, 16, 8, 0]) {
            for (byte, difference) in plane.iter_mut().zip(&differences) {
                *byte = (difference >> shift) as u8;
            }
        }
    }
}

/// Each byte of `a` less that of `b`, wrapping: the top bits are kept out of the subtraction, so
/// that nothing is borrowed from the next byte, and set right afterwards.
#[inline(always)]
fn byte_differences(a: u32, b: u32) -> u32 {
    const TOP: u32 = 0x8080_8080;
    ((a | TOP) - (b & !TOP)) ^ ((a ^ !b) & TOP)
}
