//! Temperatures of a rectangle of cells as letters.
//!
//! Steps of 0.02 K from −100 °C, 0 where there is no value (±0.01 K, a fifth of a good camera's
//! noise; up to 1210 °C); differences to the left neighbour, in the first column to the one
//! above, modulo 2¹⁶; all high bytes, then all low bytes; zlib; five bits a letter.
//!
//! Letters alone, for pages are searched for names and numbers of others: a row of letters holds
//! no digit, no word's end and nothing that would have to be escaped. Base 64 was dropped for that;
//! it would be a sixth shorter.

use libdeflater::{CompressionLvl, Compressor, Decompressor};

/// Letters of five bits.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
/// Temperature of step 1, °C.
const LOWEST_C: f32 = -100.0;
/// Steps per kelvin.
const PER_K: f32 = 50.0;
/// Most cells of a rectangle that is unpacked: pages are files like others.
const MOST_CELLS: usize = 1 << 22;

/// Rows of temperatures, °C; what is not finite has no value.
pub fn pack(width: usize, celsius: &[f32]) -> String {
    let mut left = 0;
    let mut above = 0;
    let mut steps = Vec::with_capacity(celsius.len());
    for (i, value) in celsius.iter().enumerate() {
        let step = step(*value);
        if i % width.max(1) == 0 {
            left = above;
            above = step;
        }
        steps.push(step.wrapping_sub(left));
        left = step;
    }
    let high = steps.iter().map(|d| d.to_be_bytes()[0]);
    let low = steps.iter().map(|d| d.to_be_bytes()[1]);
    let bytes: Vec<u8> = high.chain(low).collect();
    let mut zlib = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; zlib.zlib_compress_bound(bytes.len())];
    let length = zlib.zlib_compress(&bytes, &mut packed).unwrap_or(0);
    packed.truncate(length);
    letters(&packed)
}

/// Back to temperatures; `None` where the text is not of so many cells.
pub fn unpack(width: usize, height: usize, text: &str) -> Option<Vec<f32>> {
    let cells = width
        .checked_mul(height)
        .filter(|n| (1..=MOST_CELLS).contains(n))?;
    let packed = bytes(text)?;
    let mut plain = vec![0; 2 * cells];
    let length = Decompressor::new().zlib_decompress(&packed, &mut plain);
    if length != Ok(2 * cells) {
        return None;
    }
    let (high, low) = plain.split_at(cells);
    let (mut left, mut above) = (0_u16, 0_u16);
    let mut celsius = Vec::with_capacity(cells);
    for (i, (high, low)) in high.iter().zip(low).enumerate() {
        let first = i % width == 0;
        let step = u16::from_be_bytes([*high, *low]).wrapping_add(if first { above } else { left });
        if first {
            above = step;
        }
        left = step;
        celsius.push(match step {
            0 => f32::NAN,
            n => f32::from(n - 1) / PER_K + LOWEST_C,
        });
    }
    Some(celsius)
}

fn step(celsius: f32) -> u16 {
    if !celsius.is_finite() {
        return 0;
    }
    let steps = ((celsius - LOWEST_C) * PER_K).round();
    1 + steps.clamp(0.0, f32::from(u16::MAX - 1)) as u16
}

/// Bytes as letters of five bits, the last one filled up with zeros.
pub(super) fn letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut held, mut bits) = (0_u32, 0);
    let mut push = |five: u32| text.push(char::from(LETTERS[(five & 31) as usize]));
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits);
        }
        held &= 31;
    }
    if bits > 0 {
        push(held << (5 - bits));
    }
    text
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let five = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'f' => letter - b'a' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(five);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_come_back_within_a_hundredth() {
        let values = [
            -99.99,
            -2.345,
            0.0,
            f32::NAN,
            7.7777,
            1200.0,
            f32::INFINITY,
            35.01,
            3.0,
        ];
        for width in [1, 3, 9] {
            let text = pack(width, &values);
            assert!(text.bytes().all(|b| b.is_ascii_alphabetic()), "{text}");
            let found = unpack(width, 9 / width, &text).expect("as packed");
            for (found, wanted) in found.iter().zip(values) {
                match wanted.is_finite() {
                    // Half a step, and single precision at 1200 °C.
                    true => assert!((found - wanted).abs() < 0.0102, "{found} {wanted}"),
                    false => assert!(found.is_nan()),
                }
            }
        }
    }

    #[test]
    fn a_damaged_text_is_no_cells() {
        let text = pack(4, &[1.0; 16]);
        assert!(unpack(4, 4, &text).is_some());
        for (width, height, text) in [
            (4, 5, text.as_str()),
            (0, 4, &text),
            (usize::MAX, 2, &text),
            (4, 4, &text[..text.len() - 4]),
            (4, 4, "A-B"),
            (4, 4, ""),
        ] {
            assert!(
                unpack(width, height, text).is_none(),
                "{width} {height} {text}"
            );
        }
    }
}
