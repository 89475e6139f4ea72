//! How large a frame may be before anything is allocated for it.

use crate::problem::{Problem, Result};
use roxmltree::{Document, ParsingOptions};

/// Most samples of one frame. The largest thermal detectors have 1.3 million; line-scan strips of
/// aircraft reach some tens of millions.
pub(super) const MAX_SAMPLES: usize = 1 << 26;

/// Longest side of one frame, pixels.
const MAX_SIDE: usize = 1 << 16;

/// Most bytes of XML looked at in one file. Packets of drones have some kilobytes; the parser
/// compares every attribute of an element with every other, so a hostile megabyte would hang it.
pub(super) const MAX_XML: usize = 64 * 1024;

/// Most segments in front of a JPEG's scan; thermal files have up to a hundred.
pub(super) const MAX_SEGMENTS: usize = 4096;

/// Parses XML of a believable size; the error is a sentence.
pub(super) fn xml(text: &str) -> std::result::Result<Document<'_>, String> {
    if text.len() > MAX_XML {
        return Err(format!("{} bytes, more than {MAX_XML}", text.len()));
    }
    let options = ParsingOptions {
        nodes_limit: 1 << 16,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|e| e.to_string())
}

/// Number of samples of a frame of the stated size, when that size is believable.
pub(super) fn samples(width: usize, height: usize) -> Result<usize> {
    let count = width.checked_mul(height).filter(|n| *n <= MAX_SAMPLES);
    match count {
        Some(n) if n > 0 && width <= MAX_SIDE && height <= MAX_SIDE => Ok(n),
        _ => Err(Problem::broken(format!(
            "is {width} x {height} pixels, expected 1 x 1 up to {MAX_SAMPLES} pixels in all"
        ))
        .field("size")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_nothing_or_of_a_decompression_bomb_are_refused() {
        assert!(samples(0, 512).is_err());
        assert!(samples(65_535, 65_535).is_err());
        assert!(samples(usize::MAX, 2).is_err());
        assert_eq!(samples(640, 512).ok(), Some(327_680));
    }
}
