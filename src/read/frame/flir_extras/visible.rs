//! The visible picture and how the thermal one lies in it (records 0x0E and 0x2A, formats.md
//! §1.9).

use super::super::bytes::Order;
use crate::survey::{PictureInPicture, VisibleFormat, VisibleImage};

const MARK: u16 = 3;
const SAMPLES: usize = 0x20;

/// The embedded picture, its bytes as stored.
pub(super) fn picture(record: &[u8], warnings: &mut Vec<String>) -> Option<VisibleImage> {
    let Some(order) = Order::from_mark(record, MARK) else {
        warnings.push("the visible picture's byte-order mark does not read 3: left out".into());
        return None;
    };
    let side = |at| order.u16(record, at).map(usize::from);
    let (width, height) = (side(2)?, side(4)?);
    let bytes = record.get(SAMPLES..).filter(|b| !b.is_empty())?;
    let format = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => VisibleFormat::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => VisibleFormat::Png,
        _ => VisibleFormat::Raw,
    };
    Some(VisibleImage {
        format,
        width,
        height,
        bytes: bytes.to_vec(),
    })
}

/// Place of the thermal picture in the visible one; `None` where the record is short or its scale
/// is none.
pub(super) fn place(record: &[u8]) -> Option<PictureInPicture> {
    let order = Order::Little;
    let pixel = |at| order.i16(record, at).map(i32::from);
    let scale = order.f32(record, 0)?;
    let place = PictureInPicture {
        real_to_ir: scale,
        offset_px: [pixel(4)?, pixel(6)?],
        crop_px: [pixel(8)?, pixel(10)?, pixel(12)?, pixel(14)?],
    };
    (scale.is_finite() && scale > 0.0).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_the_content() {
        let record = |bytes: &[u8]| {
            let mut out = vec![3, 0, 0x80, 2, 0xE0, 1];
            out.resize(SAMPLES, 0);
            out.extend(bytes);
            out
        };
        let of = |bytes: &[u8]| picture(&record(bytes), &mut Vec::new()).map(|p| p.format);
        assert_eq!(of(&[0xFF, 0xD8, 0xFF, 0xE0]), Some(VisibleFormat::Jpeg));
        assert_eq!(of(b"\x89PNG"), Some(VisibleFormat::Png));
        assert_eq!(of(&[1, 2]), Some(VisibleFormat::Raw));
        assert_eq!(of(&[]), None);
        let sides = picture(&record(&[1]), &mut Vec::new()).map(|p| (p.width, p.height));
        assert_eq!(sides, Some((640, 480)));
    }

    #[test]
    fn a_place_without_a_scale_is_none() {
        let mut record = 1.5_f32.to_le_bytes().to_vec();
        for v in [-9_i16, 21, 0, 80, 0, 60] {
            record.extend(v.to_le_bytes());
        }
        let found = place(&record).expect("a place");
        assert_eq!((found.offset_px, found.crop_px), ([-9, 21], [0, 80, 0, 60]));
        record[..4].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(place(&record), None);
        assert_eq!(place(&record[..15]), None);
    }
}
