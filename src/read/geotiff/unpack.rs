//! Decompression of strips and tiles, each to a size known beforehand.

use super::header::Packing;

/// Unpacks to at most `size` bytes; a sentence when the bytes are damaged.
pub(super) fn unpack(
    packing: Packing,
    packed: Vec<u8>,
    size: usize,
) -> std::result::Result<Vec<u8>, String> {
    match packing {
        Packing::None => Ok(packed),
        Packing::Deflate => {
            let mut bytes = vec![0; size];
            let length = libdeflater::Decompressor::new()
                .zlib_decompress(&packed, &mut bytes)
                .map_err(|error| format!("deflate: {error}"))?;
            bytes.truncate(length);
            Ok(bytes)
        }
        Packing::Zstd => {
            zstd::bulk::decompress(&packed, size).map_err(|error| format!("zstd: {error}"))
        }
        Packing::Lzw => lzw(&packed, size),
        Packing::PackBits => packbits(&packed, size),
        // Needs what stands beside the chunks: `chunk` does it.
        Packing::Jpeg => Err("is JPEG".to_owned()),
    }
}

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST_FREE: usize = 258;
const LONGEST_CODE: u32 = 12;

/// LZW as in TIFF 6.0 §13: codes of 9 to 12 bits, most significant bit first, one bit longer
/// already when the table is one short of full.
///
/// Every string of the table stands in the output already (the one before, plus the byte behind
/// it), so the table keeps places, not strings.
fn lzw(packed: &[u8], size: usize) -> std::result::Result<Vec<u8>, String> {
    let mut out: Vec<u8> = Vec::with_capacity(size);
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(1 << LONGEST_CODE);
    let mut width = 9;
    let mut before: Option<(usize, usize)> = None;
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut input = packed.iter();
    while out.len() < size {
        while held < width {
            let Some(byte) = input.next() else {
                return Ok(out);
            };
            bits = (bits << 8) | u32::from(*byte);
            held += 8;
        }
        held -= width;
        let code = ((bits >> held) & ((1 << width) - 1)) as usize;
        if code == END {
            break;
        }
        if code == CLEAR {
            table.clear();
            (width, before) = (9, None);
            continue;
        }
        if let Some((start, length)) = before
            && FIRST_FREE + table.len() < 1 << LONGEST_CODE
        {
            table.push((start, length + 1));
        }
        let at = out.len();
        if code < CLEAR {
            out.push(code as u8);
        } else {
            let found = table.get(code - FIRST_FREE);
            let Some((start, length)) = found.copied() else {
                return Err(format!("lzw: code {code} is not in its table"));
            };
            // Byte by byte: the newest string ends with the first byte written here.
            for i in start..start + length {
                out.push(out[i]);
            }
        }
        before = Some((at, out.len() - at));
        if FIRST_FREE + table.len() + 1 >= 1 << width && width < LONGEST_CODE {
            width += 1;
        }
    }
    out.truncate(size);
    Ok(out)
}

/// PackBits as in TIFF 6.0 §9: a count n ≥ 0 and n + 1 bytes, or a count n < 0 and a byte to be
/// repeated 1 − n times; −128 means nothing.
fn packbits(packed: &[u8], size: usize) -> std::result::Result<Vec<u8>, String> {
    let ends = || "packbits: ends inside a run".to_owned();
    let mut out = Vec::with_capacity(size);
    let mut rest = packed;
    while out.len() < size {
        let Some((count, behind)) = rest.split_first() else {
            break;
        };
        rest = behind;
        let count = isize::from(*count as i8);
        if count >= 0 {
            let (run, behind) = rest.split_at_checked(count as usize + 1).ok_or_else(ends)?;
            out.extend_from_slice(run);
            rest = behind;
        } else if count != -128 {
            let (byte, behind) = rest.split_first().ok_or_else(ends)?;
            out.resize(out.len() + (1 - count) as usize, *byte);
            rest = behind;
        }
    }
    out.truncate(size);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_specification_is_unpacked() {
        // TIFF 6.0 §9, the example: 11 packed bytes … and its 24 bytes of data.
        let packed = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let data = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        assert_eq!(packbits(&packed, 24).expect("unpacks"), data);
        assert!(packbits(&packed[..4], 24).is_err());
    }

    #[test]
    fn the_lzw_example_of_the_specification_is_unpacked() {
        // TIFF 6.0 §13: 7 7 7 8 8 7 7 6 6 becomes
        // <256> <7> <258> <8> <8> <258> <6> <6> <257>, nine bits each.
        let codes = [256_u32, 7, 258, 8, 8, 258, 6, 6, 257];
        let bits: String = codes.iter().map(|c| format!("{c:09b}")).collect();
        let packed: Vec<u8> = bits
            .as_bytes()
            .chunks(8)
            .map(|byte| {
                let text = String::from_utf8_lossy(byte);
                u8::from_str_radix(&format!("{text:0<8}"), 2).expect("binary")
            })
            .collect();
        assert_eq!(
            lzw(&packed, 100).expect("unpacks"),
            [7, 7, 7, 8, 8, 7, 7, 6, 6]
        );
    }

    proptest! {
        #[test]
        fn damaged_bytes_end_in_a_sentence_or_in_bytes(
            packed in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            for packing in [Packing::Lzw, Packing::PackBits, Packing::Deflate, Packing::Zstd] {
                if let Ok(bytes) = unpack(packing, packed.clone(), 1000) {
                    prop_assert!(bytes.len() <= 1000);
                }
            }
        }
    }
}
