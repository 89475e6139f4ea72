//! InfiRay IRG files: C-series handhelds and Autel drones with their core.
//!
//! In: bytes of a file. Out: 16-bit samples that are kelvin by a factor, and the visible picture
//! behind them. Layout: formats.md §5, by the public description `jaseg/infiray_irg`; checked there
//! on one file of a C200. Whether the temperatures hold the stated emissivity is not known: they
//! are taken as those of a black surface.

use super::bytes::Order;
use super::limits;
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::survey::{
    CameraIdentity, Counts, Encoding, Extras, FrameHeader, RawFrame, VisibleFormat, VisibleImage,
};
use crate::units::ZERO_CELSIUS_K;

/// First two bytes of the kinds.
pub(super) const MAGICS: [&[u8]; 3] = [b"\xCA\xAC", b"\xBA\xAB", b"\x04\xA0"];
const END_OF_HEADER: &[u8] = b"\xAC\xCA";
const ORDER: Order = Order::Little;

/// All but the samples.
pub(super) fn header(bytes: &[u8]) -> Result<FrameHeader> {
    Ok(File::open(bytes)?.header())
}

/// Header and samples.
pub(super) fn frame(bytes: &[u8]) -> Result<RawFrame> {
    let file = File::open(bytes)?;
    let pairs = file.samples.as_chunks::<2>().0.iter();
    let counts = pairs.map(|p| u16::from_le_bytes(*p)).collect();
    let counts = Grid::from_vec(file.width, file.height, counts)
        .ok_or_else(|| fault("samples", "are fewer than width and height say"))?;
    Ok(RawFrame {
        header: file.header(),
        counts: Counts::U16(counts),
    })
}

/// The visible picture.
pub(super) fn extras(bytes: &[u8]) -> Result<Extras> {
    let file = File::open(bytes)?;
    Ok(Extras {
        visible: file
            .behind
            .starts_with(&[0xFF, 0xD8, 0xFF])
            .then(|| VisibleImage {
                format: VisibleFormat::Jpeg,
                // The header does not say; the picture itself does.
                width: 0,
                height: 0,
                bytes: file.behind.to_vec(),
            }),
        ..Extras::default()
    })
}

/// A file whose parts have been found.
struct File<'a> {
    width: usize,
    height: usize,
    encoding: Encoding,
    emissivity: Option<f64>,
    samples: &'a [u8],
    behind: &'a [u8],
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self> {
        let short = |at| ORDER.u16(bytes, at).map(usize::from);
        let cut = || fault("header", "the file ends in its header");
        let length = short(2).ok_or_else(cut)?;
        let head = bytes.get(..length).ok_or_else(cut)?;
        if length < 34 || !head.ends_with(END_OF_HEADER) {
            return Err(fault(
                "header",
                format!("of {length} bytes does not end with AC CA"),
            ));
        }
        let (height, width) = (short(8).ok_or_else(cut)?, short(10).ok_or_else(cut)?);
        let count = limits::samples(width, height).map_err(|p| p.field("IRG header"))?;
        let stated = ORDER.u32(head, 4).map_or(0, |n| n as usize);
        if stated != count {
            let what = format!("is for {stated} pixels, expected {width} x {height}");
            return Err(fault("header", what));
        }
        // An 8-bit preview stands in front of the samples.
        let start = length + count;
        let samples = bytes.get(start..start + 2 * count).ok_or_else(|| {
            let left = bytes.len().saturating_sub(start);
            fault("samples", format!("{left} bytes, expected {}", 2 * count))
        })?;
        let visible = ORDER.u32(head, 22).map_or(0, |n| n as usize);
        let behind = bytes.get(start + 2 * count..).unwrap_or_default();
        let emissivity = ORDER.u32(head, 30).map(|e| f64::from(e) / 1e4);
        Ok(Self {
            width,
            height,
            encoding: encoding(bytes, ORDER.u16(head, 12) == Some(1)),
            emissivity: emissivity.filter(|e| *e > 0.0 && *e <= 1.0),
            samples,
            behind: behind.get(..visible).unwrap_or(behind),
        })
    }

    fn header(&self) -> FrameHeader {
        let mut warnings = Vec::new();
        if let Some(e) = self.emissivity.filter(|e| *e != 1.0) {
            warnings.push(format!(
                "the file states emissivity {e}; whether its temperatures hold it is not known: \
                 they are taken as those of a black surface"
            ));
        }
        FrameHeader {
            camera: CameraIdentity {
                make: "InfiRay".to_owned(),
                ..CameraIdentity::default()
            },
            warnings,
            ..FrameHeader::bare(self.width, self.height, self.encoding)
        }
    }
}

/// Sixteenths or tenths of a kelvin.
fn encoding(bytes: &[u8], tenths: bool) -> Encoding {
    let tenths_from = |zero_k: f64| Encoding::Linear {
        scale: 0.1,
        offset_c: -zero_k,
    };
    match bytes {
        // This kind's own zero.
        [0x04, 0xA0, ..] => tenths_from(273.2),
        [0xBA, 0xAB, ..] => tenths_from(ZERO_CELSIUS_K),
        _ if tenths => tenths_from(ZERO_CELSIUS_K),
        _ => Encoding::SIXTEENTHS_OF_KELVIN,
    }
}

fn fault(field: &str, what: impl Into<String>) -> Problem {
    Problem::broken(what).field(format!("IRG {field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(magic: &[u8], flag: u16) -> Vec<u8> {
        let mut out = magic.to_vec();
        out.extend(128_u16.to_le_bytes());
        out.extend(6_u32.to_le_bytes());
        for v in [2_u16, 3, flag] {
            out.extend(v.to_le_bytes());
        }
        out.resize(22, 0);
        out.extend(5_u32.to_le_bytes());
        out.resize(30, 0);
        out.extend(9500_u32.to_le_bytes());
        out.resize(126, 0);
        out.extend(END_OF_HEADER);
        out.extend([9; 6]);
        out.extend((4368..4374_u16).flat_map(u16::to_le_bytes));
        out.extend([0xFF, 0xD8, 0xFF, 1, 2, 3, 3]);
        out
    }

    #[test]
    fn samples_stand_behind_the_preview_and_their_unit_goes_by_the_kind() {
        let found = frame(&file(MAGICS[0], 0)).expect("a frame");
        let Counts::U16(grid) = &found.counts else {
            panic!("integers expected");
        };
        assert_eq!((grid.width(), grid.height(), grid.at(2, 1)), (3, 2, 4373));
        let encoding = |magic, flag| header(&file(magic, flag)).expect("a frame").encoding;
        assert_eq!(found.header.encoding, Encoding::SIXTEENTHS_OF_KELVIN);
        let tenths = Encoding::Linear {
            scale: 0.1,
            offset_c: -273.15,
        };
        assert_eq!(encoding(MAGICS[0], 1), tenths);
        assert_eq!(encoding(MAGICS[1], 0), tenths);
        let own = Encoding::Linear {
            scale: 0.1,
            offset_c: -273.2,
        };
        assert_eq!(encoding(MAGICS[2], 0), own);
    }

    #[test]
    fn the_visible_picture_has_its_stated_length() {
        let found = extras(&file(MAGICS[0], 0)).expect("a frame");
        let visible = found.visible.expect("a picture");
        assert_eq!(visible.bytes, [0xFF, 0xD8, 0xFF, 1, 2]);
    }

    #[test]
    fn a_file_cut_in_front_of_its_last_sample_is_named_as_broken() {
        let whole = file(MAGICS[0], 0);
        for length in 2..whole.len() - 7 {
            assert!(frame(&whole[..length]).is_err(), "{length}");
        }
        let mut other = whole.clone();
        other[4] = 7;
        assert!(
            frame(&other)
                .expect_err("7 pixels")
                .what
                .contains("7 pixels")
        );
    }
}
