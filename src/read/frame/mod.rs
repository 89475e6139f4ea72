//! Thermal frames: from a file's bytes to counts and everything the file says about them.
//!
//! In: name and bytes of one file. Out: [`FrameHeader`] (cheap, no samples decoded) or
//! [`RawFrame`]. Read are radiometric JPEGs with FLIR's FFF block, those of DJI's own cameras whose
//! counts are temperatures, FFF blocks and the frames of sequences, TIFFs with one thermal band,
//! InfraTec's IRB and InfiRay's IRG; ENVI rasters through [`file`]. Everything else is refused by
//! name.
//!
//! Files are told apart by their content, never by their ending. Nothing is believed or
//! corrected here: that is `calibrate`'s part. Ready-made georeferenced tiles are told from
//! frames by [`is_georeferenced_tile`] and read by another module.

mod bytes;
mod camera_info;
mod clock;
mod dji;
mod exif;
mod fff;
pub mod file;
mod flat;
mod flir;
mod flir_extras;
mod foreign;
mod irb;
mod irg;
mod jpeg;
mod jpeg_ls;
mod kind;
mod limits;
mod location;
mod photo;
mod png16;
mod sequence;
mod tags;
mod tiff;
mod xmp;

use crate::problem::Result;
use crate::survey::{Extras, FrameHeader, RawFrame};
use kind::Kind;

pub use photo::{PhotoFacts, photo};
pub use tags::tags;
pub use tiff::is_georeferenced_tile;

/// Whether a file that begins with these bytes may be a thermal frame; tells the files of a folder
/// from what else lies there. Some kilobytes are enough.
pub fn is_candidate(head: &[u8]) -> bool {
    !matches!(Kind::of(head), Kind::Empty | Kind::Known(_) | Kind::Unknown)
}

/// Reads all but the samples of a frame.
///
/// `name` goes into the header and into every error. Errors: not a thermal frame, of a kind that
/// is not read, or damaged.
pub fn header(name: &str, bytes: &[u8]) -> Result<FrameHeader> {
    let header = match Kind::of(bytes) {
        Kind::Jpeg => match dji::Dji::open(bytes) {
            Ok(Some(file)) => Ok(file.header()),
            Ok(None) => flir::jpeg_header(bytes),
            Err(problem) => Err(problem),
        },
        Kind::Fff => flir::fff_header(bytes),
        Kind::Tiff => tiff::header(bytes),
        Kind::Irb => irb::header(bytes),
        Kind::Irg => irg::header(bytes),
        Kind::Envi => Err(flat::alone()),
        other => Err(other.refusal()),
    };
    let mut header = header.map_err(|p| p.in_file(name))?;
    header.name = name.to_owned();
    Ok(header)
}

/// Reads what a thermographer left in a file besides the samples; empty for kinds of files that
/// hold nothing of this kind.
///
/// Errors as for [`header`].
pub fn extras(name: &str, bytes: &[u8]) -> Result<Extras> {
    let extras = match Kind::of(bytes) {
        Kind::Jpeg => match dji::Dji::open(bytes) {
            Ok(Some(_)) => Ok(Extras::default()),
            Ok(None) => flir::jpeg_extras(bytes),
            Err(problem) => Err(problem),
        },
        Kind::Fff => flir::fff_extras(bytes),
        Kind::Irg => irg::extras(bytes),
        _ => header(name, bytes).map(|_| Extras::default()),
    };
    extras.map_err(|p| p.in_file(name))
}

/// Reads a frame with its samples.
///
/// The samples are the file's own numbers in the file's own pixel order; the orientation tag is
/// not applied. Errors as for [`header`].
pub fn frame(name: &str, bytes: &[u8]) -> Result<RawFrame> {
    let frame = match Kind::of(bytes) {
        Kind::Jpeg => match dji::Dji::open(bytes) {
            Ok(Some(file)) => Ok(file.frame()),
            Ok(None) => flir::jpeg_frame(bytes),
            Err(problem) => Err(problem),
        },
        Kind::Fff => flir::fff_frame(bytes),
        Kind::Tiff => tiff::frame(bytes),
        Kind::Irb => irb::frame(bytes),
        Kind::Irg => irg::frame(bytes),
        Kind::Envi => Err(flat::alone()),
        other => Err(other.refusal()),
    };
    let mut frame = frame.map_err(|p| p.in_file(name))?;
    frame.header.name = name.to_owned();
    Ok(frame)
}
