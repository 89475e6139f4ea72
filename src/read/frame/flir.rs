//! Frames of FLIR cores: the FFF block gives samples and calibration, EXIF and XMP of the JPEG
//! around it give place, attitude and clock.

use super::camera_info::{CameraInfo, GpsRecord};
use super::clock;
use super::exif::ExifFacts;
use super::fff::{Fff, Raw};
use super::flir_extras;
use super::foreign;
use super::jpeg::Segments;
use super::location;
use super::xmp::Values;
use crate::problem::Result;
use crate::survey::{CameraIdentity, Counts, Encoding, Extras, FrameHeader, RawFrame};

/// Header of a radiometric JPEG.
pub(super) fn jpeg_header(bytes: &[u8]) -> Result<FrameHeader> {
    let outside = Outside::read(bytes)?;
    let fff = Fff::open(&outside.block)?;
    Ok(open(&fff, &outside)?.0)
}

/// Header and samples of a radiometric JPEG.
pub(super) fn jpeg_frame(bytes: &[u8]) -> Result<RawFrame> {
    let outside = Outside::read(bytes)?;
    decode(&Fff::open(&outside.block)?, &outside)
}

/// Header of a single FFF block.
pub(super) fn fff_header(bytes: &[u8]) -> Result<FrameHeader> {
    Ok(open(&Fff::open(bytes)?, &Outside::default())?.0)
}

/// Header and samples of a single FFF block.
pub(super) fn fff_frame(bytes: &[u8]) -> Result<RawFrame> {
    decode(&Fff::open(bytes)?, &Outside::default())
}

/// What a thermographer left in a radiometric JPEG.
pub(super) fn jpeg_extras(bytes: &[u8]) -> Result<Extras> {
    let outside = Outside::read(bytes)?;
    Ok(flir_extras::of(&Fff::open(&outside.block)?))
}

/// What a thermographer left in a single FFF block.
pub(super) fn fff_extras(bytes: &[u8]) -> Result<Extras> {
    Ok(flir_extras::of(&Fff::open(bytes)?))
}

/// What surrounds the FFF block.
#[derive(Default)]
struct Outside {
    block: Vec<u8>,
    exif: ExifFacts,
    xmp: Values,
    warnings: Vec<String>,
}

impl Outside {
    fn read(bytes: &[u8]) -> Result<Self> {
        let segments = Segments::walk(bytes)?;
        let mut warnings = Vec::new();
        let exif = segments
            .exif()
            .map(|block| ExifFacts::read(block, &mut warnings))
            .unwrap_or_default();
        let Some(block) = segments.flir()? else {
            return Err(foreign::jpeg(bytes, &segments, &exif));
        };
        let xmp = segments.xmp().read(&mut warnings);
        Ok(Self {
            block,
            exif,
            xmp,
            warnings,
        })
    }
}

fn decode(fff: &Fff<'_>, outside: &Outside) -> Result<RawFrame> {
    let (mut header, raw) = open(fff, outside)?;
    let counts = raw.decode(&mut header.warnings)?;
    Ok(RawFrame {
        header,
        counts: Counts::U16(counts),
    })
}

fn open<'a>(fff: &Fff<'a>, outside: &Outside) -> Result<(FrameHeader, Raw<'a>)> {
    let raw = Raw::open(fff)?;
    let mut warnings = outside.warnings.clone();
    let info = CameraInfo::open(fff, &mut warnings)?;
    let exif = &outside.exif;
    let encoding = encoding(&info, &exif.model, &mut warnings);
    let either =
        |first: &str, second: &str| if first.is_empty() { second } else { first }.to_owned();
    let clock = clock::capture_time(exif, &outside.xmp, Some(&info));
    let mut header = FrameHeader {
        camera: CameraIdentity {
            make: either(&exif.make, "FLIR"),
            model: either(&info.model, &exif.model),
            serial: either(&info.serial, &exif.serial),
            lens: either(&info.lens, &exif.lens),
        },
        focal_mm: exif.focal_mm,
        orientation: exif.orientation.unwrap_or(1),
        time: clock.map(|c| c.0),
        time_source: clock.map(|c| c.1),
        found: info.found,
        warnings,
        ..FrameHeader::bare(raw.width, raw.height, encoding)
    };
    location::fill(&mut header, exif, &outside.xmp, GpsRecord::open(fff));
    Ok((header, raw))
}

/// Whether a model is a Vue Pro without R, whose counts mean no temperature.
pub(super) fn is_not_radiometric(model: &str) -> bool {
    let model = model.to_ascii_lowercase();
    model.contains("vue pro") && !model.split_whitespace().any(|word| word == "r")
}

/// A Vue Pro without R writes the same constants into every file, whatever the camera.
fn encoding(info: &CameraInfo, exif_model: &str, warnings: &mut Vec<String>) -> Encoding {
    match info.planck {
        _ if is_not_radiometric(&info.model) || is_not_radiometric(exif_model) => {
            warnings.push(
                "a Vue Pro without R is not radiometric: its camera constants are generic".into(),
            );
            Encoding::Relative
        }
        Some(planck) => Encoding::Planck(planck),
        None => {
            warnings.push("the calibration record is too short for camera constants".into());
            Encoding::Relative
        }
    }
}
