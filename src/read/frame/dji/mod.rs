//! Frames of DJI's own thermal cameras: samples and parameters in the JPEG's application segments.
//!
//! In: bytes of a JPEG. Out: header and counts of the core whose counts are temperatures ("iirp":
//! M2EA, M3T, M3TD, M30T, H20N, H30T, M4T), a refusal by name for the others.
//!
//! DJI builds detectors of four makers into cameras of one name, so the model says nothing: the
//! parameter block does (formats.md §3.1). The iirp core stores apparent temperature, sixteenths
//! of a kelvin, shifted left by two bits; what a black body would show is exact, and all the rest
//! is a correction that `calibrate` makes. The size comes from the samples alone: the JPEG around
//! them is often twice as large.
//!
//! Not here: Zenmuse XT, XT R and XT2, whose files hold FLIR's block (`flir`); the maker's
//! temperature law (`calibrate::vendor`).

mod air;
mod detector;
mod parameters;

use super::clock;
use super::exif::ExifFacts;
use super::jpeg::Segments;
use super::location;
use super::xmp::{Values, Vocabulary};
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::survey::{CameraIdentity, Counts, Encoding, FrameHeader, RawFrame};
use detector::{Detector, Found};

const APP1: u8 = 0xE1;
const APP3: u8 = 0xE3;
const APP4: u8 = 0xE4;
const APP5: u8 = 0xE5;

/// Bits of a stored sample below its value.
const SHIFT: u32 = 2;

/// Columns and rows by bytes of samples. No other size has been seen, and none is guessed.
const SIZES: [(usize, usize, usize); 2] = [(655_360, 640, 512), (2_621_440, 1280, 1024)];

/// A JPEG that DJI wrote, or that carries DJI's thermal segments.
pub(super) struct Dji<'a> {
    segments: Segments<'a>,
    parameters: Vec<u8>,
    width: usize,
    height: usize,
}

impl<'a> Dji<'a> {
    /// Tells whether a JPEG is DJI's; `None` for FLIR's and everybody else's.
    ///
    /// # Errors
    /// The segments are damaged; the core is one whose temperatures cannot be had; there are no
    /// samples, or of an unknown size.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Option<Self>> {
        let segments = Segments::walk(bytes)?;
        if segments.of(APP1).any(|p| p.starts_with(b"FLIR\0")) {
            return Ok(None);
        }
        let parameters = joined(&segments, APP4);
        let found = Found {
            samples: length(&segments, APP3),
            parameters: &parameters,
        };
        match Detector::of(&found) {
            Some(Detector::Iirp) => {}
            Some(other) => return Err(other.refusal(&found)),
            None if made_by_dji(&segments) => return Err(without_samples(&segments)),
            None => return Ok(None),
        }
        if found.samples == 0 {
            return Err(without_samples(&segments));
        }
        let (width, height) = size(found.samples)?;
        Ok(Some(Self {
            segments,
            parameters,
            width,
            height,
        }))
    }

    /// All but the samples.
    pub(super) fn header(&self) -> FrameHeader {
        let mut warnings = Vec::new();
        let exif = self.segments.exif();
        let exif = exif.map(|block| ExifFacts::read(block, &mut warnings));
        let exif = exif.unwrap_or_default();
        let xmp = self.segments.xmp().read(&mut warnings);
        let found = parameters::read(&self.parameters, &mut warnings);
        let vendor_air = air::read(&joined(&self.segments, APP5), &mut warnings);
        let time = clock::capture_time(&exif, &xmp, None);
        let mut header = FrameHeader {
            camera: identity(&exif, &xmp),
            focal_mm: exif.focal_mm,
            orientation: exif.orientation.unwrap_or(1),
            time: time.map(|t| t.0),
            time_source: time.map(|t| t.1),
            found,
            vendor_air,
            warnings,
            ..FrameHeader::bare(self.width, self.height, Encoding::SIXTEENTHS_OF_KELVIN)
        };
        location::fill(&mut header, &exif, &xmp, None);
        header
    }

    /// Header and samples.
    pub(super) fn frame(&self) -> RawFrame {
        let bytes = joined(&self.segments, APP3);
        let (pairs, _) = bytes.as_chunks::<2>();
        let samples = pairs.iter().map(|p| u16::from_le_bytes(*p) >> SHIFT);
        let grid = Grid::from_vec(self.width, self.height, samples.collect());
        RawFrame {
            header: self.header(),
            counts: Counts::U16(grid.expect("the size was chosen by the number of samples")),
        }
    }
}

/// Size of a frame by the bytes of its samples.
fn size(bytes: usize) -> Result<(usize, usize)> {
    SIZES
        .iter()
        .find(|(length, _, _)| *length == bytes)
        .map(|(_, width, height)| (*width, *height))
        .ok_or_else(|| {
            Problem::broken(format!(
                "{bytes} bytes of samples, expected 655360 (640 x 512) or 2621440 (1280 x 1024)"
            ))
            .field("APP3")
            .hint("the thermal data is incomplete: copy the file again from the camera's card")
        })
}

fn identity(exif: &ExifFacts, xmp: &Values) -> CameraIdentity {
    let drone = |name| xmp.text(Vocabulary::Drone, name).unwrap_or_default();
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    // EXIF names the aircraft, or 0.
    let aircraft = if exif.serial == "0" { "" } else { &exif.serial };
    CameraIdentity {
        make: or(&exif.make, "DJI"),
        model: or(&exif.model, drone("DroneModel")),
        serial: or(drone("CameraSerialNumber"), aircraft),
        lens: exif.lens.clone(),
    }
}

fn made_by_dji(segments: &Segments<'_>) -> bool {
    let exif = segments.exif();
    exif.is_some_and(|block| ExifFacts::read(block, &mut Vec::new()).make == "DJI")
}

/// Refuses a picture of DJI's that is not thermal, or not any more.
fn without_samples(segments: &Segments<'_>) -> Problem {
    let xmp = segments.xmp().read(&mut Vec::new());
    match xmp.text(Vocabulary::Drone, "ImageSource") {
        Some(source) if !source.eq_ignore_ascii_case("InfraredCamera") => Problem::unsupported(
            format!("is a picture of DJI's {source}, not of the thermal camera: not radiometric"),
        )
        .hint("move pictures of the visible cameras out of the flight's folder"),
        _ => Problem::unsupported(
            "is a DJI JPEG without thermal samples: exported or edited, not radiometric",
        )
        .hint("take the original from the camera's card, recorded as R-JPEG"),
    }
}

/// Bytes in all segments of a kind.
fn length(segments: &Segments<'_>, marker: u8) -> usize {
    segments.of(marker).map(<[u8]>::len).sum()
}

/// Segments of a kind, put together in file order.
fn joined(segments: &Segments<'_>, marker: u8) -> Vec<u8> {
    segments.of(marker).flatten().copied().collect()
}
