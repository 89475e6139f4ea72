//! Frames as TIFF: one band of 16-bit integers or floats, with a scale somewhere or nowhere.
//!
//! In: bytes. Out: samples and what they mean. Where the scale may stand, in order: GDAL's
//! metadata tag, XMP `FLIR:TlinearGain`, the convention of a known maker. Floats are °C or K,
//! told by GDAL's unit or by their median. An integer without scale stays [`Encoding::Unscaled`]:
//! guessing 0.04 or 0.4 K per count would be wrong by a hundred kelvin.

use super::clock;
use super::exif::ExifFacts;
use super::limits;
use super::location;
use super::xmp::{Packets, Values, Vocabulary};
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::survey::{CameraIdentity, Counts, Encoding, FrameHeader, RawFrame};
use crate::units::ZERO_CELSIUS_K;
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::{SampleFormat, Tag};

const XMP: Tag = Tag::Unknown(700);
const GDAL_METADATA: Tag = Tag::Unknown(42_112);
const GDAL_NODATA: Tag = Tag::Unknown(42_113);
const PLANAR_SEPARATE: u16 = 2;

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
    let values = match file.kind {
        Sample::Float => Some(file.floats()?),
        Sample::Signed | Sample::Unsigned => None,
    };
    Ok(file.header(bytes, values.as_deref()))
}

/// Header and samples of a TIFF frame.
///
/// Signed integers, and unsigned ones with a nodata value, come as floats with NaN for nodata.
pub(super) fn frame(bytes: &[u8]) -> Result<RawFrame> {
    let mut file = File::open(bytes)?;
    let (width, height) = (file.width, file.height);
    let short = || fault("samples", "are fewer than width and height say");
    if file.kind == Sample::Unsigned && file.nodata.is_none() {
        let DecodingResult::U16(data) = file.decode()? else {
            return Err(fault("samples", "are not of the stated type"));
        };
        let counts = Grid::from_vec(width, height, data).ok_or_else(short)?;
        return Ok(RawFrame {
            header: file.header(bytes, None),
            counts: Counts::U16(counts),
        });
    }
    let values = file.floats()?;
    let header = file.header(bytes, Some(&values));
    let counts = Grid::from_vec(width, height, values).ok_or_else(short)?;
    Ok(RawFrame {
        header,
        counts: Counts::F32(counts),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sample {
    Unsigned,
    Signed,
    Float,
}

/// Unit of a band, by GDAL's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Celsius,
    Kelvin,
}

/// An opened TIFF whose size and layout have been checked.
struct File<'a> {
    decoder: Decoder<Cursor<&'a [u8]>>,
    width: usize,
    height: usize,
    kind: Sample,
    nodata: Option<f64>,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut limits = Limits::default();
        limits.decoding_buffer_size = limits::MAX_SAMPLES * 8;
        limits.intermediate_buffer_size = limits::MAX_SAMPLES * 8;
        let mut decoder = Decoder::new(Cursor::new(bytes))
            .map_err(broken)?
            .with_limits(limits);
        let (width, height) = decoder.dimensions().map_err(broken)?;
        let (width, height) = (width as usize, height as usize);
        limits::samples(width, height)?;
        let kind = sample_kind(&mut decoder)?;
        let nodata = decoder
            .get_tag_ascii_string(GDAL_NODATA)
            .ok()
            .and_then(|text| {
                text.trim_matches(|c: char| c == '\0' || c == ' ')
                    .parse()
                    .ok()
            });
        Ok(Self {
            decoder,
            width,
            height,
            kind,
            nodata,
        })
    }

    fn decode(&mut self) -> Result<DecodingResult> {
        self.decoder.read_image().map_err(broken)
    }

    /// All samples as floats, nodata as NaN.
    fn floats(&mut self) -> Result<Vec<f32>> {
        let mut data: Vec<f32> = match self.decode()? {
            DecodingResult::U16(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::I16(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::F32(v) => v,
            DecodingResult::F64(v) => v.into_iter().map(|x| x as f32).collect(),
            _ => return Err(fault("samples", "are not of the stated type")),
        };
        let nodata = self.nodata.map(|n| n as f32);
        // Converters write -9999 or -10000 without a tag; no temperature is that low.
        let floor = if self.kind == Sample::Float {
            -9_998.0
        } else {
            f32::MIN
        };
        for value in &mut data {
            if !value.is_finite() || *value < floor || Some(*value) == nodata {
                *value = f32::NAN;
            }
        }
        Ok(data)
    }

    fn header(&mut self, bytes: &[u8], values: Option<&[f32]>) -> FrameHeader {
        let mut warnings = Vec::new();
        let exif = ExifFacts::read(bytes, &mut warnings);
        let packet = self.decoder.get_tag_u8_vec(XMP).unwrap_or_default();
        let xmp = Packets::single(&packet).read(&mut warnings);
        let encoding = self.encoding(&exif, &xmp, values, &mut warnings);
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
            ..FrameHeader::bare(self.width, self.height, encoding)
        };
        location::fill(&mut header, &exif, &xmp, None);
        header
    }

    fn encoding(
        &mut self,
        exif: &ExifFacts,
        xmp: &Values,
        values: Option<&[f32]>,
        warnings: &mut Vec<String>,
    ) -> Encoding {
        let gdal = self
            .decoder
            .get_tag_ascii_string(GDAL_METADATA)
            .map(|text| GdalScale::parse(&text))
            .unwrap_or_default();
        if let Some(linear) = gdal.linear() {
            return linear;
        }
        if self.kind == Sample::Float {
            return float_encoding(gdal.unit, values.unwrap_or_default(), warnings);
        }
        match xmp.number(Vocabulary::Flir, "TlinearGain") {
            Some(scale) if scale > 0.0 => {
                return Encoding::Linear {
                    scale,
                    offset_c: -ZERO_CELSIUS_K,
                };
            }
            Some(_) => warnings.push(
                "TlinearGain is 0: the counts are not linear in temperature and need a scale"
                    .into(),
            ),
            None => {}
        }
        // MicaSense Altum: the long-wave band is in hundredths of a kelvin.
        if exif.make.eq_ignore_ascii_case("MicaSense")
            && xmp.text(Vocabulary::Camera, "BandName") == Some("LWIR")
        {
            return Encoding::Linear {
                scale: 0.01,
                offset_c: -ZERO_CELSIUS_K,
            };
        }
        warnings.push("the file does not say what its counts mean".into());
        Encoding::Unscaled
    }
}

/// Refuses what is not one band of 16-bit integers or of floats. Nothing is decoded before this
/// has passed: some layouts it refuses are beyond the decoder.
fn sample_kind(decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<Sample> {
    let colour = decoder.colortype().map_err(broken)?;
    let bits = match colour {
        ColorType::Gray(bits) => bits,
        other => {
            return Err(Problem::unsupported(format!(
                "TIFF holds {other:?}, expected one band of 16-bit integers or floats"
            ))
            .hint("a coloured picture holds no temperatures: export the thermal band alone"));
        }
    };
    let planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration);
    if planar.map_err(broken)? == Some(PLANAR_SEPARATE)
        && decoder.get_chunk_type() == ChunkType::Tile
    {
        return Err(Problem::unsupported(
            "TIFF is tiled with separate planes, which is not read",
        ));
    }
    let format = decoder
        .find_tag_unsigned_vec::<u16>(Tag::SampleFormat)
        .map_err(broken)?
        .and_then(|formats| formats.first().copied())
        .map_or(SampleFormat::Uint, SampleFormat::from_u16_exhaustive);
    match (format, bits) {
        (SampleFormat::Uint, 16) => Ok(Sample::Unsigned),
        (SampleFormat::Int, 16) => Ok(Sample::Signed),
        (SampleFormat::IEEEFP, 32 | 64) => Ok(Sample::Float),
        (SampleFormat::Uint, 8) => Err(Problem::unsupported(
            "TIFF holds 8-bit grey values: a picture, not radiometric",
        )
        .hint("export again as 16-bit TIFF or radiometric JPEG")),
        _ => Err(Problem::unsupported(format!(
            "TIFF holds {bits}-bit samples of format {format:?}, \
             expected 16-bit integers, 32-bit or 64-bit floats"
        ))),
    }
}

fn float_encoding(unit: Option<Unit>, values: &[f32], warnings: &mut Vec<String>) -> Encoding {
    /// No scene has a median of 150 °C, and none one below 150 K.
    const BETWEEN: f32 = 150.0;
    let unit = unit.unwrap_or_else(|| {
        let mut finite: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let middle = finite.len() / 2;
        let median = if finite.is_empty() {
            f32::NAN
        } else {
            *finite.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        let (unit, name) = if median > BETWEEN {
            (Unit::Kelvin, "kelvin")
        } else {
            (Unit::Celsius, "°C")
        };
        warnings.push(format!(
            "the file names no unit: taken as {name}, because the median is {median:.1}"
        ));
        unit
    });
    Encoding::Linear {
        scale: 1.0,
        offset_c: match unit {
            Unit::Celsius => 0.0,
            Unit::Kelvin => -ZERO_CELSIUS_K,
        },
    }
}

/// Scale, offset and unit of band 0 in GDAL's metadata (`<Item name="SCALE" sample="0"
/// role="scale">0.01</Item>`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct GdalScale {
    scale: Option<f64>,
    offset: Option<f64>,
    unit: Option<Unit>,
}

impl GdalScale {
    fn parse(text: &str) -> Self {
        let mut found = Self::default();
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        let Ok(document) = limits::xml(text) else {
            return found;
        };
        for item in document.descendants().filter(|n| n.has_tag_name("Item")) {
            if item.attribute("sample").is_some_and(|s| s != "0") {
                continue;
            }
            let value = item.text().unwrap_or_default().trim();
            let number = value.parse::<f64>().ok().filter(|v| v.is_finite());
            match item.attribute("role") {
                Some("scale") => found.scale = number.filter(|s| *s != 0.0),
                Some("offset") => found.offset = number,
                Some("unittype") => found.unit = unit(value),
                _ => {}
            }
        }
        found
    }

    /// °C = sample · scale + offset, when a scale is there.
    fn linear(&self) -> Option<Encoding> {
        let zero = match self.unit {
            Some(Unit::Kelvin) => ZERO_CELSIUS_K,
            _ => 0.0,
        };
        Some(Encoding::Linear {
            scale: self.scale?,
            offset_c: self.offset.unwrap_or(0.0) - zero,
        })
    }
}

fn unit(text: &str) -> Option<Unit> {
    match text.to_lowercase().as_str() {
        "k" | "kelvin" => Some(Unit::Kelvin),
        "c" | "°c" | "degc" | "deg c" | "celsius" | "degree_celsius" => Some(Unit::Celsius),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gdal_scale_and_offset_of_the_first_band_are_read() {
        let text = r#"<GDALMetadata>
            <Item name="SCALE" sample="1" role="scale">7</Item>
            <Item name="SCALE" sample="0" role="scale">0.01</Item>
            <Item name="OFFSET" sample="0" role="offset">-100</Item>
            </GDALMetadata>"#;
        assert_eq!(
            GdalScale::parse(text).linear(),
            Some(Encoding::Linear {
                scale: 0.01,
                offset_c: -100.0
            })
        );
        assert_eq!(GdalScale::parse("<GDALMetadata>").linear(), None);
    }

    #[test]
    fn floats_without_a_unit_are_told_by_their_median() {
        let mut warnings = Vec::new();
        let kelvin = float_encoding(None, &[271.0, f32::NAN, 272.0, 273.0], &mut warnings);
        assert_eq!(
            kelvin,
            Encoding::Linear {
                scale: 1.0,
                offset_c: -273.15
            }
        );
        assert!(warnings[0].contains("kelvin"), "{warnings:?}");
        let celsius = float_encoding(None, &[-3.0, 2.0], &mut warnings);
        assert_eq!(
            celsius,
            Encoding::Linear {
                scale: 1.0,
                offset_c: 0.0
            }
        );
    }
}
