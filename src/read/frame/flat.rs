//! Frames as ENVI rasters without a place on the map.
//!
//! In: the header's path, with its flat file beside it. Out: samples and what they mean: scaled by the
//! header's gain, in the unit it names or their median tells; integers without gain stay
//! [`Encoding::Unscaled`].

use std::path::Path;

use super::limits;
use super::tiff::meaning::{float_encoding, unit};
use crate::problem::{Problem, Result};
use crate::raster::{Grid, Window};
use crate::read::envi::{Envi, Header, Kind};
use crate::survey::{
    CameraIdentity, CaptureTime, Counts, Encoding, FrameHeader, RawFrame, TimeSource,
};

/// First bytes of a header.
pub(super) const MAGIC: &[u8] = b"ENVI";

/// Reads a frame by its header's path: of the flat file no more than the thermal band.
pub(super) fn open(path: &Path) -> Result<RawFrame> {
    let raster = Envi::open(path)?;
    let header = &raster.header;
    check(header)?;
    let whole = Window {
        col: 0,
        row: 0,
        width: header.width,
        height: header.height,
    };
    made(header, raster.window(whole)?.into_vec())
}

fn check(header: &Header) -> Result<()> {
    limits::samples(header.width, header.height).map_err(|p| p.field("ENVI size"))?;
    if header.kind == Kind::U8 {
        return Err(
            Problem::unsupported("holds 8-bit grey values: a picture, not radiometric")
                .field("ENVI data type")
                .hint("export the thermal band as 16-bit integers or floats"),
        );
    }
    Ok(())
}

/// The frame of a header and the values of its thermal band.
fn made(header: &Header, values: Vec<f32>) -> Result<RawFrame> {
    let mut warnings = Vec::new();
    let scaled = header.scale != 1.0 || header.offset != 0.0;
    let encoding = if header.kind.is_float() || scaled {
        float_encoding(unit(&header.unit), &values, &mut warnings)
    } else {
        warnings.push("the header does not say what its counts mean".into());
        Encoding::Unscaled
    };
    if header.place.is_some() {
        warnings.push(
            "the raster has a place on the map: in a flight's folder it is a tile, not a frame"
                .into(),
        );
    }
    let short = || Problem::broken("are fewer than lines and samples say").field("ENVI samples");
    let (width, height) = (header.width, header.height);
    // Whole numbers without gaps stay what they are.
    let counts =
        if encoding == Encoding::Unscaled && header.kind == Kind::U16 && header.nodata.is_none() {
            let whole = values.iter().map(|v| *v as u16).collect();
            Counts::U16(Grid::from_vec(width, height, whole).ok_or_else(short)?)
        } else {
            Counts::F32(Grid::from_vec(width, height, values).ok_or_else(short)?)
        };
    let time = time(&header.time);
    Ok(RawFrame {
        header: FrameHeader {
            camera: CameraIdentity {
                model: header.sensor.clone(),
                ..CameraIdentity::default()
            },
            time,
            time_source: time.map(|_| TimeSource::FileHeader),
            warnings,
            ..FrameHeader::bare(width, height, encoding)
        },
        counts,
    })
}

/// RFC 3339 with a zone, or a clock without one.
fn time(text: &str) -> Option<CaptureTime> {
    let zoned = text.parse().ok().map(CaptureTime::Utc);
    zoned.or_else(|| text.parse().ok().map(CaptureTime::Local))
}

/// An ENVI header alone, without the file its samples lie in.
pub(super) fn alone() -> Problem {
    Problem::unsupported("is an ENVI header: its samples lie in a file beside it")
        .hint("name the .hdr file on disk, with the flat file of the same name beside it")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads what two files of these contents hold.
    fn frame(text: &str, data: &[u8]) -> Result<RawFrame> {
        let folder = tempfile::tempdir().expect("a folder");
        let header = folder.path().join("a.hdr");
        std::fs::write(&header, text).expect("written");
        std::fs::write(folder.path().join("a.img"), data).expect("written");
        open(&header)
    }

    fn text(kind: u8, more: &str) -> String {
        format!("ENVI\nsamples = 3\nlines = 2\nbands = 1\ndata type = {kind}\n{more}\n")
    }

    #[test]
    fn integers_without_gain_ask_for_a_scale_and_with_gain_are_temperatures() {
        let data: Vec<u8> = [7000_u16, 7001, 7002, 7003, 7004, 65_535]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let raw = frame(&text(12, ""), &data).expect("a frame");
        assert_eq!(raw.header.encoding, Encoding::Unscaled);
        let Counts::U16(grid) = &raw.counts else {
            panic!("integers expected");
        };
        assert_eq!((grid.at(1, 1), grid.at(2, 1)), (7004, 65_535));
        let gain = "data gain values = {0.04}\ndata ignore value = 65535\nacquisition time = 2026-02-03T05:10:00Z";
        let scaled = frame(&text(12, gain), &data).expect("a frame");
        let kelvin = Encoding::Linear {
            scale: 1.0,
            offset_c: -273.15,
        };
        assert_eq!(scaled.header.encoding, kelvin);
        assert!(matches!(scaled.header.time, Some(CaptureTime::Utc(_))));
        let Counts::F32(grid) = &scaled.counts else {
            panic!("floats expected");
        };
        assert_eq!(grid.at(0, 0), 280.0);
        assert!(grid.at(2, 1).is_nan());
    }

    #[test]
    fn a_flat_file_that_is_too_short_is_named() {
        let problem = frame(&text(4, ""), &[0; 23]).expect_err("24 bytes are due");
        assert!(problem.what.contains("23 bytes, expected 24"), "{problem}");
        assert!(frame(&text(1, ""), &[0; 6]).is_err());
    }

    #[test]
    fn a_header_longer_than_any_is_refused_unread() {
        let long = text(4, &"; filler\n".repeat(130_000));
        let problem = frame(&long, &[0; 24]).expect_err("too long");
        assert!(problem.what.contains("expected at most"), "{problem}");
    }
}
