//! Frames as TIFF: one band of 16-bit integers or floats, with a scale somewhere or nowhere.
//!
//! In: bytes. Out: samples and what they mean. Where the scale may stand, in order: GDAL's
//! metadata tag, XMP `FLIR:TlinearGain`, the convention of a known maker. Floats are °C or K,
//! told by GDAL's unit or by their median. An integer without scale stays [`Encoding::Unscaled`]:
//! guessing 0.04 or 0.4 K per count would be wrong by a hundred kelvin.
//!
//! The first page that can be thermal is read; reduced copies, masks and pictures are passed over.
//! Samples are decoded by `read::geotiff`, which knows every compression.

mod gaps;
pub(super) mod meaning;

use super::clock;
use super::exif::ExifFacts;
use super::flir;
use super::limits;
use super::location;
use super::xmp::{Packets, Values, Vocabulary};
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::read::geotiff::{GeoTiff, SampleKind, text_tag};
use crate::survey::{CameraIdentity, Counts, Encoding, FrameHeader, RawFrame};
use crate::units::ZERO_CELSIUS_K;
use meaning::GdalScale;
use std::io::Cursor;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

const XMP: Tag = Tag::Unknown(700);
const GDAL_METADATA: Tag = Tag::Unknown(42_112);
const GDAL_NODATA: Tag = Tag::Unknown(42_113);
/// Most pages looked at.
const MAX_PAGES: usize = 64;
/// Bits of `NewSubfileType`: a reduced copy, and a mask.
const REDUCED_OR_MASK: u32 = 0b101;

/// Whether the bytes are a TIFF that knows its place on the map: GeoKeys with a pixel scale or a
/// transformation (OGC GeoTIFF 1.1, tags 34735, 33550, 34264).
///
/// Only the first directory is looked at.
pub fn is_georeferenced_tile(bytes: &[u8]) -> bool {
    let Ok(mut decoder) = Decoder::new(Cursor::new(bytes)) else {
        return false;
    };
    let mut has = |tag| matches!(decoder.find_tag(tag), Ok(Some(_)));
    has(Tag::GeoKeyDirectoryTag)
        && (has(Tag::ModelPixelScaleTag) || has(Tag::ModelTransformationTag))
}

/// Header of a TIFF frame. Integers stay undecoded; floats are decoded, because only their
/// values tell °C from K.
pub(super) fn header(bytes: &[u8]) -> Result<FrameHeader> {
    let mut file = File::open(bytes)?;
    if file.is_float() {
        return Ok(file.floats(bytes)?.header);
    }
    file.header(bytes, None)
}

/// Header and samples of a TIFF frame.
///
/// Signed integers, and unsigned ones with a nodata value, come as floats with NaN for nodata.
pub(super) fn frame(bytes: &[u8]) -> Result<RawFrame> {
    let mut file = File::open(bytes)?;
    if file.page.kind != SampleKind::U16 || file.nodata.is_some() {
        return file.floats(bytes);
    }
    let header = file.header(bytes, None)?;
    let counts = file.page.window_u16(file.page.whole());
    Ok(RawFrame {
        header,
        counts: Counts::U16(counts.map_err(unnamed)?),
    })
}

/// An opened TIFF whose size and layout have been checked.
struct File<'a> {
    /// Tags of the first directory.
    main: Decoder<Cursor<&'a [u8]>>,
    /// Samples of the page that is read.
    page: GeoTiff,
    /// Tags of that page.
    gdal: GdalScale,
    nodata: Option<f64>,
    /// What is odd about the pages.
    warnings: Vec<String>,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self> {
        let main = Decoder::new(Cursor::new(bytes)).map_err(broken)?;
        let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(broken)?;
        let mut found: Option<Self> = None;
        let mut refusal: Option<Problem> = None;
        let mut others = 0;
        let mut main = Some(main);
        for index in 0..MAX_PAGES {
            let subfile = decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType);
            let copy = subfile.ok().flatten().unwrap_or(0) & REDUCED_OR_MASK != 0;
            let size = decoder.dimensions().map_err(broken);
            let size = size.and_then(|(w, h)| limits::samples(w as usize, h as usize));
            match size.and_then(|_| page(bytes, index)) {
                _ if copy => {}
                Ok(_) if found.is_some() => others += 1,
                Ok(page) => {
                    if let Some(main) = main.take() {
                        found = Some(Self::of(main, &mut decoder, page, index));
                    }
                }
                Err(problem) => refusal = refusal.or(Some(problem)),
            }
            // A broken chain of pages ends it: the first page is what counts.
            if !decoder.more_images() || decoder.next_image().is_err() {
                break;
            }
        }
        let mut found = found.ok_or_else(|| {
            refusal.unwrap_or_else(|| fault("pages", "holds reduced copies and masks only"))
        })?;
        if others > 0 {
            let pages = others + 1;
            found.warnings.push(format!(
                "the file holds {pages} pages that may be thermal: the first is read"
            ));
        }
        Ok(found)
    }

    fn of(
        main: Decoder<Cursor<&'a [u8]>>,
        tags: &mut Decoder<Cursor<&'a [u8]>>,
        page: GeoTiff,
        index: usize,
    ) -> Self {
        let text = |tags: &mut Decoder<_>, tag| text_tag(tags, tag).ok().flatten();
        let nodata = text(tags, GDAL_NODATA);
        let blank = |c: char| c == '\0' || c == ' ';
        let mut warnings = Vec::new();
        if index > 0 {
            let number = index + 1;
            warnings.push(format!(
                "page {number} is read: those in front of it are pictures"
            ));
        }
        Self {
            main,
            page,
            gdal: text(tags, GDAL_METADATA)
                .map_or_else(GdalScale::default, |t| GdalScale::parse(&t)),
            nodata: nodata.and_then(|text| text.trim_matches(blank).parse().ok()),
            warnings,
        }
    }

    fn is_float(&self) -> bool {
        matches!(self.page.kind, SampleKind::F32 | SampleKind::F64)
    }

    /// The frame with its samples as floats, what is missing as NaN.
    fn floats(&mut self, bytes: &[u8]) -> Result<RawFrame> {
        let mut grid: Grid<f32> = self.page.window(self.page.whole()).map_err(unnamed)?;
        gaps::clear_nodata(grid.data_mut(), self.nodata, self.is_float());
        let mut header = self.header(bytes, Some(grid.data()))?;
        // A file that states its nodata means every other value.
        if let (
            true,
            None,
            Encoding::Linear {
                scale: 1.0,
                offset_c,
            },
        ) = (self.is_float(), self.nodata, header.encoding)
        {
            let cleared = gaps::clear_margin(&mut grid, offset_c != 0.0);
            if cleared > 0 {
                header.warnings.push(format!(
                    "{cleared} pixels are exactly 0: taken as outside the picture"
                ));
            }
        }
        Ok(RawFrame {
            header,
            counts: Counts::F32(grid),
        })
    }

    fn header(&mut self, bytes: &[u8], values: Option<&[f32]>) -> Result<FrameHeader> {
        let mut warnings = self.warnings.clone();
        let exif = ExifFacts::read(bytes, &mut warnings);
        let packet = self.main.get_tag_u8_vec(XMP).unwrap_or_default();
        let xmp = Packets::single(&packet).read(&mut warnings);
        let encoding = self.encoding(&exif, &xmp, values, &mut warnings)?;
        let clock = clock::capture_time(&exif, &xmp, None);
        let mut header = FrameHeader {
            camera: CameraIdentity {
                make: exif.make.clone(),
                model: exif.model.clone(),
                serial: exif.serial.clone(),
                lens: exif.lens.clone(),
            },
            focal_mm: exif.focal_mm,
            orientation: exif.orientation.unwrap_or(1),
            time: clock.map(|c| c.0),
            time_source: clock.map(|c| c.1),
            warnings,
            ..FrameHeader::bare(self.page.width, self.page.height, encoding)
        };
        location::fill(&mut header, &exif, &xmp, None);
        Ok(header)
    }

    fn encoding(
        &self,
        exif: &ExifFacts,
        xmp: &Values,
        values: Option<&[f32]>,
        warnings: &mut Vec<String>,
    ) -> Result<Encoding> {
        if let Some(linear) = self.gdal.linear() {
            return Ok(linear);
        }
        let band = xmp.text(Vocabulary::Camera, "BandName");
        let mica_sense = exif.make.eq_ignore_ascii_case("MicaSense");
        if let (true, Some(band)) = (mica_sense, band.filter(|b| *b != "LWIR")) {
            return Err(Problem::unsupported(format!(
                "is the {band} band of a MicaSense camera, which holds no temperatures"
            ))
            .hint("only its LWIR band is thermal: move the others out of the flight's folder"));
        }
        if self.is_float() {
            return Ok(meaning::float_encoding(
                self.gdal.unit,
                values.unwrap_or_default(),
                warnings,
            ));
        }
        match xmp.number(Vocabulary::Flir, "TlinearGain") {
            Some(scale) if scale > 0.0 => {
                return Ok(Encoding::Linear {
                    scale,
                    offset_c: -ZERO_CELSIUS_K,
                });
            }
            Some(_) => warnings.push(
                "TlinearGain is 0: the counts are not linear in temperature and need a scale"
                    .into(),
            ),
            None => {}
        }
        // MicaSense Altum: the long-wave band is in hundredths of a kelvin.
        if mica_sense && band.is_some() {
            return Ok(Encoding::Linear {
                scale: 0.01,
                offset_c: -ZERO_CELSIUS_K,
            });
        }
        if flir::is_not_radiometric(&exif.model) {
            warnings
                .push("a Vue Pro without R is not radiometric: its counts show contrast".into());
            return Ok(Encoding::Relative);
        }
        warnings.push("the file does not say what its counts mean".into());
        Ok(Encoding::Unscaled)
    }
}

/// A page of one band of 16-bit integers or of floats; everything else is refused.
fn page(bytes: &[u8], index: usize) -> Result<GeoTiff> {
    let page = GeoTiff::page(bytes, index).map_err(|p| match p.field {
        Some(_) => p,
        None => p.field("TIFF"),
    })?;
    if page.bands != 1 {
        return Err(Problem::unsupported(format!(
            "TIFF holds {} bands, expected one of 16-bit integers or floats",
            page.bands
        ))
        .hint("a coloured picture holds no temperatures: export the thermal band alone"));
    }
    match page.kind {
        SampleKind::U16 | SampleKind::I16 | SampleKind::F32 | SampleKind::F64 => Ok(page),
        SampleKind::U8 | SampleKind::I8 => Err(Problem::unsupported(
            "TIFF holds 8-bit grey values: a picture, not radiometric",
        )
        .hint("export again as 16-bit TIFF or radiometric JPEG")),
        SampleKind::U32 | SampleKind::I32 => Err(Problem::unsupported(
            "TIFF holds 32-bit integers, expected 16-bit integers or floats",
        )
        .hint("export again as 16-bit TIFF, or as float TIFF in °C")),
    }
}

/// A problem of the samples; the file is named by the caller.
fn unnamed(problem: Problem) -> Problem {
    Problem {
        file: None,
        field: problem.field.map(|f| format!("TIFF {f}")),
        ..problem
    }
}

fn broken(error: tiff::TiffError) -> Problem {
    match error {
        tiff::TiffError::UnsupportedError(e) => {
            Problem::unsupported(format!("TIFF of a kind that is not read: {e}"))
        }
        other => fault("structure", other.to_string()),
    }
}

fn fault(field: &str, what: impl Into<String>) -> Problem {
    Problem::broken(what).field(format!("TIFF {field}"))
}
