//! The colours a picture was shown with (record 0x22, formats.md §1.8).

use super::super::bytes::text;
use crate::survey::StoredPalette;

const NAME: usize = 0x50;
const COLOURS: usize = 0x70;

/// Reads name and colours (some cameras store the name alone); `None`, with a warning, where there
/// are fewer than stated.
pub(super) fn read(record: &[u8], warnings: &mut Vec<String>) -> Option<StoredPalette> {
    let count = usize::from(*record.first()?);
    let name = text(record, NAME, 32).unwrap_or_default();
    if count == 0 && name.is_empty() {
        return None;
    }
    let bytes = record.get(COLOURS..COLOURS + 3 * count);
    let Some(bytes) = bytes else {
        warnings.push(format!(
            "the palette is to have {count} colours, and has fewer"
        ));
        return None;
    };
    let colours = bytes.as_chunks::<3>().0.iter().map(|c| rgb(*c)).collect();
    Some(StoredPalette { name, colours })
}

/// Y, Cr, Cb of video (Y from 16 to 235, colour differences from 16 to 240 around 128) to red,
/// green, blue: ITU-R BT.601-7 §2.5, with the coefficients of its annex for 8 bits.
///
/// That the range is the video's follows from the files: the Y of the iron palettes of ten cameras
/// runs from 16 to 235.
fn rgb([y, cr, cb]: [u8; 3]) -> [u8; 3] {
    let luma = (f64::from(y) - 16.0) * 255.0 / 219.0;
    let part = |v: u8| (f64::from(v) - 128.0) * 255.0 / 224.0;
    let (cr, cb) = (part(cr), part(cb));
    [
        luma + 1.402 * cr,
        luma - 0.714_136 * cr - 0.344_136 * cb,
        luma + 1.772 * cb,
    ]
    .map(|v| v.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colour bars of BT.601 at full saturation: Y, Cr, Cb of white, yellow, red, blue, black.
    #[test]
    fn colour_bars_have_their_colours() {
        let near = |found: [u8; 3], expected: [u8; 3]| {
            let off = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b));
            assert!(off.max() <= Some(2), "{found:?} {expected:?}");
        };
        near(rgb([235, 128, 128]), [255, 255, 255]);
        near(rgb([210, 146, 16]), [255, 255, 0]);
        near(rgb([81, 240, 90]), [255, 0, 0]);
        near(rgb([41, 110, 240]), [0, 0, 255]);
        near(rgb([16, 128, 128]), [0, 0, 0]);
    }

    #[test]
    fn a_palette_that_is_cut_off_is_left_out() {
        let mut record = vec![0; COLOURS + 6];
        record[0] = 2;
        record[NAME..NAME + 4].copy_from_slice(b"Iron");
        let mut warnings = Vec::new();
        let found = read(&record, &mut warnings).expect("two colours");
        assert_eq!((found.name.as_str(), found.colours.len()), ("Iron", 2));
        assert!(read(&record[..COLOURS + 5], &mut warnings).is_none());
        assert!(read(&[], &mut warnings).is_none());
        assert_eq!(warnings.len(), 1);
    }
}
