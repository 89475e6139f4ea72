//! Sixteen-bit grey PNG as thermal cameras embed it.

use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use crate::problem::{Problem, Result};

/// Encodes counts with the two bytes of every sample swapped: the samples are little-endian in
/// the file although PNG says big-endian (formats.md §1.3).
pub(super) fn swapped(width: usize, height: usize, counts: &[u16]) -> Result<Vec<u8>> {
    let bytes: Vec<u8> = counts
        .iter()
        .flat_map(|count| count.swap_bytes().to_ne_bytes())
        .collect();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
        .write_image(
            &bytes,
            width as u32,
            height as u32,
            image::ExtendedColorType::L16,
        )
        .map_err(|error| Problem::io(format!("the PNG could not be encoded: {error}")))?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conforming_decoder_finds_the_counts_with_swapped_bytes() {
        let counts = [0x0102, 0xfffe, 0x0000, 0x1234];
        let png = swapped(2, 2, &counts).expect("encodes");
        let image = image::load_from_memory(&png)
            .expect("decodes")
            .into_luma16();
        let back: Vec<u16> = image.into_raw().iter().map(|c| c.swap_bytes()).collect();
        assert_eq!(back, counts);
    }
}
