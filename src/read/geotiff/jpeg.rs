//! JPEG strips and tiles: the picture of a chunk with the tables that stand once for all.
//!
//! Tables and picture are two JPEG streams (TIFF Technical Note 2); joined they are one. A stream
//! does not tell whether its components are red, green and blue; the TIFF does, and a decoder
//! takes it from Adobe's marker, which is put in where it is needed.

use image::codecs::jpeg::JpegDecoder;
use image::{ColorType, ImageDecoder, Limits};
use std::io::Cursor;

use super::header::{Jpeg, Level};

const START: [u8; 2] = [0xFF, 0xD8];
const END: [u8; 2] = [0xFF, 0xD9];

/// Adobe's marker with transform 0: the components are the colours themselves.
const NO_TRANSFORM: [u8; 16] = *b"\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00";

/// Samples of a chunk, row by row; a sentence when the bytes are damaged.
pub(super) fn decode(
    packed: Vec<u8>,
    shared: &Jpeg,
    level: &Level,
    samples: usize,
) -> std::result::Result<Vec<u8>, String> {
    let stream = joined(&packed, shared).ok_or("is no JPEG stream")?;
    let mut decoder = JpegDecoder::new(Cursor::new(stream)).map_err(|e| format!("JPEG: {e}"))?;
    let mut limits = Limits::default();
    // The picture may be padded to whole blocks.
    limits.max_image_width = u32::try_from(level.chunk_width + 16).ok();
    limits.max_image_height = u32::try_from(level.chunk_height + 16).ok();
    decoder
        .set_limits(limits)
        .map_err(|e| format!("JPEG: {e}"))?;
    let (width, _) = decoder.dimensions();
    let due = match samples {
        1 => ColorType::L8,
        _ => ColorType::Rgb8,
    };
    if width as usize != level.chunk_width || decoder.color_type() != due {
        return Err(format!(
            "JPEG: is {width} wide in {:?}, expected {} in {due:?}",
            decoder.color_type(),
            level.chunk_width
        ));
    }
    let size = usize::try_from(decoder.total_bytes()).map_err(|e| e.to_string())?;
    let mut bytes = vec![0; size];
    decoder
        .read_image(&mut bytes)
        .map_err(|e| format!("JPEG: {e}"))?;
    Ok(bytes)
}

/// One stream: start, marker, tables without their ends, picture without its start.
fn joined(packed: &[u8], shared: &Jpeg) -> Option<Vec<u8>> {
    let picture = packed.strip_prefix(&START)?;
    let mut stream = START.to_vec();
    if shared.rgb {
        stream.extend_from_slice(&NO_TRANSFORM);
    }
    if let Some(tables) = shared.tables.strip_prefix(&START) {
        stream.extend_from_slice(tables.strip_suffix(&END).unwrap_or(tables));
    }
    stream.extend_from_slice(picture);
    Some(stream)
}
