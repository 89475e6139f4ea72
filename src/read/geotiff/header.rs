//! Directories of a TIFF: sizes, chunks and sample format, all checked before use.
//!
//! The directories are read by the `tiff` crate, whose own bookkeeping catches cycles and
//! counts that contradict each other; what it lets through and we cannot read is refused here.
//! It decodes no sample (`chunk`).

use std::io::BufReader;

use tiff::TiffError;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use crate::problem::{Problem, Result};

use super::source::{Source, Stream};

/// Largest decoded chunk: a strip of a whole 16 000 × 16 000 float raster.
pub(super) const MAX_CHUNK_BYTES: u64 = 1 << 30;

/// More directories than any pyramid has.
const MAX_DIRECTORIES: usize = 64;

/// Type of the samples in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// 8-bit unsigned.
    U8,
    /// 8-bit signed.
    I8,
    /// 16-bit unsigned.
    U16,
    /// 16-bit signed.
    I16,
    /// 32-bit unsigned.
    U32,
    /// 32-bit signed.
    I32,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

impl SampleKind {
    /// Bytes of one sample.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Compression of the chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Deflate,
    Zstd,
    Lzw,
    PackBits,
    /// Lossy: read where colours are asked for, refused where numbers are.
    Jpeg,
}

/// How samples are stored; the same for all levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Format {
    pub(super) kind: SampleKind,
    pub(super) bands: usize,
    /// Each band has chunks of its own.
    pub(super) planar: bool,
    pub(super) tiled: bool,
    pub(super) packing: Packing,
    pub(super) predictor: u16,
    pub(super) big_endian: bool,
}

impl Format {
    /// Samples of a cell that lie side by side in a chunk.
    pub(super) fn interleaved(&self) -> usize {
        if self.planar { 1 } else { self.bands }
    }
}

/// One resolution of the raster.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) chunk_width: usize,
    pub(super) chunk_height: usize,
    pub(super) across: usize,
    pub(super) down: usize,
    pub(super) offsets: Vec<u64>,
    pub(super) counts: Vec<u64>,
    /// How JPEG chunks are to be read.
    pub(super) jpeg: Option<Jpeg>,
}

/// What stands once for all JPEG chunks of a level.
#[derive(Clone, Debug, Default)]
pub(super) struct Jpeg {
    /// Quantisation and Huffman tables, a JPEG stream without a picture; may be empty.
    pub(super) tables: Vec<u8>,
    /// Whether the three components are red, green and blue, not luminance and two colours.
    pub(super) rgb: bool,
}

pub(super) type TiffDecoder<'a> = Decoder<BufReader<Stream<'a>>>;

/// A decoder of its own at the first directory.
pub(super) fn decoder(source: &Source) -> Result<TiffDecoder<'_>> {
    Decoder::new(BufReader::new(source.stream())).map_err(|e| problem(&e))
}

/// The problem behind an error of the `tiff` crate.
pub(super) fn problem(error: &TiffError) -> Problem {
    match error {
        TiffError::UnsupportedError(_) => Problem::unsupported(format!("TIFF: {error}")),
        TiffError::LimitsExceeded => {
            Problem::unsupported("TIFF: a strip, tile or list is larger than we take in")
        }
        TiffError::IoError(io) if io.kind() != std::io::ErrorKind::UnexpectedEof => {
            Problem::io(io.to_string())
        }
        TiffError::IoError(_) => Problem::broken("TIFF: ends too early"),
        _ => Problem::broken(format!("TIFF: {error}")),
    }
}

/// Sample format and level of the current directory.
pub(super) fn directory(decoder: &mut TiffDecoder<'_>) -> Result<(Format, Level)> {
    let format = format(decoder)?;
    let level = level(decoder, &format)?;
    Ok((format, level))
}

/// The overviews behind the first directory: reduced copies in the same format, falling in
/// size. Anything else (masks, further pictures, a broken chain) ends the search: the full
/// resolution is readable without.
pub(super) fn overviews(
    decoder: &mut TiffDecoder<'_>,
    format: &Format,
    full: &Level,
) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for _ in 1..MAX_DIRECTORIES {
        if !decoder.more_images() || decoder.next_image().is_err() {
            break;
        }
        let subfile = number(decoder, Tag::NewSubfileType, 0).unwrap_or(0);
        if subfile != 1 {
            continue;
        }
        let Ok((its_format, level)) = directory(decoder) else {
            break;
        };
        let last = levels.last().unwrap_or(full);
        if its_format == *format && level.width <= last.width && level.height <= last.height {
            levels.push(level);
        }
    }
    levels
}

fn format(decoder: &mut TiffDecoder<'_>) -> Result<Format> {
    let bands = number(decoder, Tag::SamplesPerPixel, 1)? as usize;
    let bits = first_number(decoder, Tag::BitsPerSample, 1)?;
    let sample = first_number(decoder, Tag::SampleFormat, 1)?;
    let kind = match (sample, bits) {
        (1, 8) => SampleKind::U8,
        (2, 8) => SampleKind::I8,
        (1, 16) => SampleKind::U16,
        (2, 16) => SampleKind::I16,
        (1, 32) => SampleKind::U32,
        (2, 32) => SampleKind::I32,
        (3, 32) => SampleKind::F32,
        (3, 64) => SampleKind::F64,
        _ => {
            let what = format!("has {bits} bits in sample format {sample}");
            return Err(Problem::unsupported(what)
                .field("BitsPerSample")
                .hint("convert it to 8, 16 or 32-bit integers or to floats"));
        }
    };
    let packing = match number(decoder, Tag::Compression, 1)? {
        1 => Packing::None,
        5 => Packing::Lzw,
        7 => Packing::Jpeg,
        8 | 32_946 => Packing::Deflate,
        32_773 => Packing::PackBits,
        50_000 => Packing::Zstd,
        other => return Err(refused(other)),
    };
    let predictor = number(decoder, Tag::Predictor, 1)? as u16;
    let float = matches!(kind, SampleKind::F32 | SampleKind::F64);
    if !(1..=3).contains(&predictor) || (predictor == 3 && !float) {
        let what = format!("is {predictor} for {kind:?} samples");
        return Err(Problem::unsupported(what).field("Predictor"));
    }
    Ok(Format {
        kind,
        bands,
        planar: bands > 1 && number(decoder, Tag::PlanarConfiguration, 1)? == 2,
        tiled: has(decoder, Tag::TileOffsets),
        packing,
        predictor,
        big_endian: decoder.byte_order() == tiff::tags::ByteOrder::BigEndian,
    })
}

/// A compression that is not read.
pub(super) fn refused(compression: u32) -> Problem {
    Problem::unsupported(format!("is {}", compression_name(compression)))
        .field("Compression")
        .hint("convert it: gdal_translate -co COMPRESS=DEFLATE -co TILED=YES")
}

/// Compressions met in orthophotos and scans, by name.
fn compression_name(number: u32) -> String {
    match number {
        6 | 7 => "JPEG".to_owned(),
        34_887 => "LERC".to_owned(),
        34_925 => "LZMA".to_owned(),
        50_001 => "WebP".to_owned(),
        50_002 => "JPEG XL".to_owned(),
        other => other.to_string(),
    }
}

fn level(decoder: &mut TiffDecoder<'_>, format: &Format) -> Result<Level> {
    let (width, height) = decoder.dimensions().map_err(|e| problem(&e))?;
    let (width, height) = (width as usize, height as usize);
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let (chunk_width, mut chunk_height) = (chunk_width as usize, chunk_height as usize);
    if !format.tiled {
        // Files of a single strip may say 2³² − 1 rows.
        chunk_height = chunk_height.min(height);
    }
    let bytes = (chunk_width as u64)
        .checked_mul(chunk_height as u64)
        .and_then(|n| n.checked_mul(format.interleaved() as u64))
        .and_then(|n| n.checked_mul(format.kind.bytes() as u64));
    if bytes.is_none_or(|n| n > MAX_CHUNK_BYTES) {
        let what = format!("strips or tiles of {chunk_width} × {chunk_height} cells are too large");
        return Err(
            Problem::unsupported(what).hint("convert it to tiles: gdal_translate -co TILED=YES")
        );
    }
    let (offsets, counts) = if format.tiled {
        (Tag::TileOffsets, Tag::TileByteCounts)
    } else {
        (Tag::StripOffsets, Tag::StripByteCounts)
    };
    let level = Level {
        width,
        height,
        chunk_width,
        chunk_height,
        across: width.div_ceil(chunk_width.max(1)),
        down: height.div_ceil(chunk_height.max(1)),
        offsets: decoder.get_tag_u64_vec(offsets).map_err(|e| problem(&e))?,
        counts: decoder.get_tag_u64_vec(counts).map_err(|e| problem(&e))?,
        jpeg: match format.packing {
            Packing::Jpeg => Some(jpeg(decoder)?),
            _ => None,
        },
    };
    let planes = if format.planar { format.bands } else { 1 };
    let due = level
        .across
        .checked_mul(level.down)
        .and_then(|n| n.checked_mul(planes));
    if Some(level.offsets.len()) != due || Some(level.counts.len()) != due {
        let what = format!(
            "lists {} strips or tiles, expected {} × {} × {planes}",
            level.offsets.len(),
            level.across,
            level.down
        );
        return Err(Problem::broken(what).field(format!("{offsets:?}")));
    }
    Ok(level)
}

/// Longest list of tables; four of each kind need 3 KiB.
const MAX_TABLES: u64 = 64 << 10;

fn jpeg(decoder: &mut TiffDecoder<'_>) -> Result<Jpeg> {
    let rgb = number(decoder, Tag::PhotometricInterpretation, 2)? == 2;
    let Some(entry) = decoder.image_ifd().find_entry(Tag::JPEGTables) else {
        return Ok(Jpeg {
            tables: Vec::new(),
            rgb,
        });
    };
    if entry.count() > MAX_TABLES {
        return Err(Problem::unsupported("is longer than 64 KiB").field("JPEGTables"));
    }
    let mut tables = vec![0; entry.count() as usize];
    decoder
        .image_ifd()
        .find_tag_bytes(Tag::JPEGTables, &mut tables, 0)
        .map_err(|e| problem(&e))?;
    Ok(Jpeg { tables, rgb })
}

pub(super) fn has(decoder: &mut TiffDecoder<'_>, tag: Tag) -> bool {
    decoder.image_ifd().find_entry(tag).is_some()
}

pub(super) fn number(decoder: &mut TiffDecoder<'_>, tag: Tag, default: u32) -> Result<u32> {
    let value = decoder.find_tag_unsigned(tag).map_err(|e| problem(&e))?;
    Ok(value.unwrap_or(default))
}

/// The first of a list that holds one number per band.
fn first_number(decoder: &mut TiffDecoder<'_>, tag: Tag, default: u32) -> Result<u32> {
    let values = decoder
        .find_tag_unsigned_vec::<u32>(tag)
        .map_err(|e| problem(&e))?;
    Ok(values.and_then(|v| v.first().copied()).unwrap_or(default))
}
