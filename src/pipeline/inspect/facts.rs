//! Small facts about a file in words.

use crate::problem::Result;
use crate::read::frame::{self, file::FrameFile};
use crate::survey::{CaptureTime, Rtk};
use jiff::tz::Offset;

/// What sort of file it is.
pub(super) fn kind(file: &FrameFile, index: usize) -> Result<&'static str> {
    if file.count() > 1 {
        return Ok("sequence of frames");
    }
    let bytes = file.bytes(index)?;
    Ok(match bytes.get(..4) {
        Some(b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+") => {
            match frame::is_georeferenced_tile(&bytes) {
                true => "georeferenced TIFF",
                false => "TIFF",
            }
        }
        Some([0xFF, 0xD8, ..]) => "radiometric JPEG",
        Some(b"ENVI") => "ENVI raster",
        Some(b"FFF\0" | b"AFF\0") => "FLIR FFF",
        Some([0xFF, b'I', b'R', b'B']) => "InfraTec IRB",
        Some([0xCA, 0xAC, ..] | [0xBA, 0xAB, ..] | [0x04, 0xA0, ..]) => "InfiRay IRG",
        _ => "thermal file",
    })
}

/// RFC 3339 with `Z`, or the camera's clock without zone.
pub(super) fn time(time: CaptureTime) -> (Option<String>, Option<String>) {
    match time {
        CaptureTime::Utc(t) => (Some(t.display_with_offset(Offset::UTC).to_string()), None),
        CaptureTime::Local(t) => (None, Some(t.to_string())),
    }
}

/// State of the carrier-phase solution.
pub(super) fn rtk(rtk: Rtk) -> &'static str {
    match rtk {
        Rtk::None => "none",
        Rtk::Single => "single",
        Rtk::Float => "float",
        Rtk::Fixed => "fixed",
    }
}
