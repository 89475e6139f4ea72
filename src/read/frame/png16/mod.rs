//! PNG with one band of 16-bit grey, the way cameras pack raw samples; fast.
//!
//! In: bytes of a PNG and the size the record around it states. Out: samples as PNG defines them
//! (most significant byte first). W3C PNG, third edition: chunks §5, filters §9.2.
//!
//! A frame's time goes into the inflater, so that one is libdeflate, in one go into a buffer whose
//! size is known; rows are unfiltered in place. CRCs of chunks are not checked: the zlib stream
//! ends in a checksum of the samples, and the size is checked against the record's.

mod unfilter;

use crate::problem::{Problem, Result};
use libdeflater::Decompressor;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const GREY: u8 = 0;
/// No deflate stream grows more than this (RFC 1951: 258 bytes from 2 bits).
const DEFLATE_MOST: usize = 1032;
/// Bytes of one pixel, and the distance of a byte to its left neighbour.
const PIXEL: usize = 2;

/// Decodes a PNG of exactly `width` × `height` pixels.
///
/// Errors: damaged, of another size, or not 16-bit grey without interlacing.
pub(super) fn decode(bytes: &[u8], width: usize, height: usize) -> Result<Vec<u16>> {
    let chunks = Chunks::read(bytes)?;
    chunks.check(width, height)?;
    let stride = 1 + PIXEL * width;
    let size = stride * height;
    if chunks.data.len().saturating_mul(DEFLATE_MOST) < size {
        return Err(fault(format!(
            "{} bytes cannot hold {width} x {height} samples",
            chunks.data.len()
        )));
    }
    let mut rows = vec![0_u8; size];
    let written = Decompressor::new()
        .zlib_decompress(&chunks.data, &mut rows)
        .map_err(|e| fault(format!("its compressed samples are damaged ({e})")))?;
    if written != rows.len() {
        return Err(fault(format!(
            "{written} bytes of samples, expected {}",
            rows.len()
        )));
    }
    unfilter::rows(&mut rows, stride).map_err(fault)?;
    let mut samples = Vec::with_capacity(width * height);
    for row in rows.chunks_exact(stride) {
        let pixels = row[1..].as_chunks::<PIXEL>().0.iter();
        samples.extend(pixels.map(|p| u16::from_be_bytes(*p)));
    }
    Ok(samples)
}

/// Header and the joined compressed data.
struct Chunks<'a> {
    header: &'a [u8],
    data: std::borrow::Cow<'a, [u8]>,
}

impl<'a> Chunks<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut rest = bytes
            .strip_prefix(SIGNATURE)
            .ok_or_else(|| fault("its signature is damaged"))?;
        let mut header: &[u8] = &[];
        let mut data = std::borrow::Cow::Borrowed(&[][..]);
        loop {
            let (length, after) = rest
                .split_first_chunk::<4>()
                .ok_or_else(|| fault("ends before its last chunk"))?;
            let length = u32::from_be_bytes(*length) as usize;
            let (kind, after) = after
                .split_first_chunk::<4>()
                .ok_or_else(|| fault("ends inside a chunk's name"))?;
            let content = after.get(..length).ok_or_else(|| {
                fault(format!(
                    "chunk {} states {length} bytes, {} are left",
                    kind.escape_ascii(),
                    after.len()
                ))
            })?;
            match kind {
                b"IHDR" => header = content,
                b"IDAT" if data.is_empty() => data = content.into(),
                b"IDAT" => data.to_mut().extend_from_slice(content),
                b"IEND" => return Ok(Self { header, data }),
                _ => {}
            }
            // Four bytes of CRC; a file cut inside the last one is whole for us.
            rest = after.get(length + 4..).unwrap_or_default();
        }
    }

    fn check(&self, width: usize, height: usize) -> Result<()> {
        let &[
            w0,
            w1,
            w2,
            w3,
            h0,
            h1,
            h2,
            h3,
            depth,
            colour,
            _,
            _,
            interlace,
        ] = self.header
        else {
            return Err(fault("has no header of 13 bytes"));
        };
        let found = (
            u32::from_be_bytes([w0, w1, w2, w3]) as usize,
            u32::from_be_bytes([h0, h1, h2, h3]) as usize,
        );
        if found == (width, height) && (depth, colour, interlace) == (16, GREY, 0) {
            return Ok(());
        }
        Err(fault(format!(
            "is {} x {}, depth {depth}, colour type {colour}, interlace {interlace}, expected \
             {width} x {height} with 16-bit grey samples, not interlaced",
            found.0, found.1
        )))
    }
}

fn fault(what: impl Into<String>) -> Problem {
    Problem::broken(what).field("FFF raw record (PNG)")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk without a true CRC, which is not looked at.
    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut out = (content.len() as u32).to_be_bytes().to_vec();
        out.extend(kind);
        out.extend(content);
        out.extend([0; 4]);
        out
    }

    fn png(width: u32, height: u32, rows: &[u8], pieces: usize) -> Vec<u8> {
        let mut packed = vec![0; 10_000];
        let length = libdeflater::Compressor::default()
            .zlib_compress(rows, &mut packed)
            .expect("room enough");
        packed.truncate(length);
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([16, 0, 0, 0, 0]);
        let mut out = SIGNATURE.to_vec();
        out.extend(chunk(b"IHDR", &header));
        for piece in packed.chunks(packed.len().div_ceil(pieces)) {
            out.extend(chunk(b"IDAT", piece));
        }
        out.extend(chunk(b"IEND", &[]));
        out
    }

    /// Two rows of three pixels, 258 772 1286 and 2058 2572 3086, filtered by hand.
    #[test]
    fn every_filter_gives_back_the_samples() {
        let plain = [1, 2, 3, 4, 5, 6];
        let second: [(u8, [u8; 6]); 5] = [
            (0, [8, 10, 10, 12, 12, 14]),
            // Minus the pixel to the left.
            (1, [8, 10, 2, 2, 2, 2]),
            // Minus the pixel above.
            (2, [7, 8, 7, 8, 7, 8]),
            // Minus half of left and above: (0+1)/2, (0+2)/2, (8+3)/2, (10+4)/2, (10+5)/2, (12+6)/2.
            (3, [8, 9, 5, 5, 5, 5]),
            // Left + above − corner: 1, 2 → above; 10, 12 → left 8, 10; 12, 14 → left 10, 12.
            (4, [7, 8, 2, 2, 2, 2]),
        ];
        for (filter, row) in second {
            let rows = [&[0][..], &plain, &[filter], &row].concat();
            let samples = decode(&png(3, 2, &rows, 1), 3, 2).expect("a PNG");
            assert_eq!(
                samples,
                [258, 772, 1286, 2058, 2572, 3086],
                "filter {filter}"
            );
        }
    }

    #[test]
    fn data_in_several_chunks_is_joined() {
        let rows = [0, 1, 2, 3, 4, 0, 5, 6, 7, 8];
        let samples = decode(&png(2, 2, &rows, 3), 2, 2).expect("a PNG");
        assert_eq!(samples, [0x0102, 0x0304, 0x0506, 0x0708]);
    }

    #[test]
    fn damage_is_refused_and_named() {
        let rows = [0, 1, 2, 3, 4, 0, 5, 6, 7, 8];
        let whole = png(2, 2, &rows, 1);
        let reason = |bytes: &[u8], w, h| decode(bytes, w, h).expect_err("damaged").what;
        assert!(reason(&whole, 2, 3).contains("expected 2 x 3"));
        for cut in 0..whole.len() - 12 {
            assert!(!reason(&whole[..cut], 2, 2).is_empty(), "cut at {cut}");
        }
        let mut long = whole.clone();
        long[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(reason(&long, 2, 2).contains("states 4294967295 bytes"));
        let filter = png(2, 2, &[9, 1, 2, 3, 4, 0, 5, 6, 7, 8], 1);
        assert!(reason(&filter, 2, 2).contains("filter 9"));
        let short = png(2, 2, &rows[..5], 1);
        assert!(reason(&short, 2, 2).contains("5 bytes of samples"));
    }
}
