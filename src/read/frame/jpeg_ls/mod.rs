//! JPEG-LS (ITU-T T.87): the coding of FLIR's CSQ sequences.
//!
//! In: a JPEG-LS stream of one component, 2 to 16 bits. Out: its samples, and by how much they may
//! be off: a camera under load codes with a few counts of loss. Several components, mapping tables
//! and restart intervals are refused by name, for no thermal file is known to have them.
//!
//! This file reads the headers; [`scan`] decodes the samples and [`bits`] hands out the bits.

mod bits;
mod scan;

use super::bytes::Order;
use super::limits;
use crate::problem::{Problem, Result};
use scan::Coding;

const START_OF_IMAGE: u16 = 0xFFD8;
const START_OF_FRAME: u16 = 0xFFF7;
const PRESETS: u16 = 0xFFF8;
const START_OF_SCAN: u16 = 0xFFDA;
const RESTART_INTERVAL: u16 = 0xFFDD;
/// Most segments in front of the scan.
const MAX_SEGMENTS: usize = 64;

/// Decodes a stream that must be of the given size, row-major; with the largest difference to what
/// the camera saw, in counts (T.87's NEAR).
///
/// Errors: not such a stream, another size than expected, damaged or cut off.
pub(super) fn decode(bytes: &[u8], width: usize, height: usize) -> Result<(Vec<u16>, i32)> {
    limits::samples(width, height)?;
    let (frame, coding, scan) = headers(bytes)?;
    if (frame.width, frame.height) != (width, height) {
        return Err(fault(format!(
            "is {} x {} pixels, expected {width} x {height}",
            frame.width, frame.height
        )));
    }
    Ok((scan::decode(scan, width, height, &coding)?, coding.near()))
}

/// Start-of-frame segment.
struct Frame {
    bits: u32,
    width: usize,
    height: usize,
}

/// Walks the segments to the scan; the rest of the stream is the last of the three.
fn headers(bytes: &[u8]) -> Result<(Frame, Coding, &[u8])> {
    let word = |at: usize| Order::Big.u16(bytes, at);
    if word(0) != Some(START_OF_IMAGE) {
        return Err(fault("does not begin with the mark of a JPEG"));
    }
    let cut = || fault("ends before its samples begin");
    let (mut frame, mut presets, mut at) = (None, None, 2);
    for _ in 0..MAX_SEGMENTS {
        let marker = word(at).ok_or_else(cut)?;
        if marker == 0xFFFF {
            at += 1;
            continue;
        }
        let length = usize::from(word(at + 2).ok_or_else(cut)?);
        let payload = bytes.get(at + 4..at + 2 + length).ok_or_else(cut)?;
        at += 2 + length;
        match marker {
            START_OF_FRAME => frame = Some(start_of_frame(payload)?),
            PRESETS => presets = Some(preset_values(payload)?),
            RESTART_INTERVAL if payload.iter().any(|b| *b != 0) => {
                return Err(unsupported("restart intervals"));
            }
            0xFFC0..=0xFFC3 | 0xFFC5..=0xFFC7 | 0xFFC9..=0xFFCB | 0xFFCD..=0xFFCF => {
                return Err(unsupported("JPEG samples that are not JPEG-LS"));
            }
            START_OF_SCAN => {
                let frame = frame.ok_or_else(|| fault("has samples before their size"))?;
                let near = loss_of_scan(payload)?;
                let coding = Coding::new(frame.bits, near, presets.unwrap_or_default())
                    .ok_or_else(|| fault("has coding parameters out of range"))?;
                return Ok((frame, coding, bytes.get(at..).unwrap_or_default()));
            }
            0xFF02..=0xFFFE => {}
            _ => return Err(fault(format!("has {marker:#06X} where a marker belongs"))),
        }
    }
    Err(fault(format!("has more than {MAX_SEGMENTS} segments")))
}

fn start_of_frame(payload: &[u8]) -> Result<Frame> {
    let side = |at| Order::Big.u16(payload, at).map(usize::from);
    let (Some(&bits), Some(height), Some(width), Some(&components)) =
        (payload.first(), side(1), side(3), payload.get(5))
    else {
        return Err(fault("has too short a frame header"));
    };
    if components != 1 {
        return Err(unsupported(&format!("{components} components")));
    }
    if !(2..=16).contains(&bits) {
        return Err(fault(format!("has {bits} bits a sample, expected 2 to 16")));
    }
    Ok(Frame {
        bits: bits.into(),
        width,
        height,
    })
}

/// MAXVAL, T1, T2, T3 and RESET; zero stands for the usual value (T.87 C.2.4.1.1).
fn preset_values(payload: &[u8]) -> Result<[u16; 5]> {
    match payload.first() {
        Some(1) => {}
        Some(kind) => return Err(unsupported(&format!("preset segment of kind {kind}"))),
        None => return Err(fault("has an empty preset segment")),
    }
    let mut values = [0; 5];
    for (value, at) in values.iter_mut().zip((1..).step_by(2)) {
        *value = Order::Big
            .u16(payload, at)
            .ok_or_else(|| fault("has too short a preset segment"))?;
    }
    Ok(values)
}

/// NEAR of a scan header.
fn loss_of_scan(payload: &[u8]) -> Result<u8> {
    let &[components, _, table, near, interleave, transform] = payload else {
        return Err(fault("has a scan header of another length than 8"));
    };
    if components != 1 || interleave != 0 {
        return Err(unsupported("several components"));
    }
    if table != 0 || transform != 0 {
        return Err(unsupported("a mapping table or point transform"));
    }
    Ok(near)
}

fn fault(what: impl Into<String>) -> Problem {
    Problem::broken(what).field("JPEG-LS samples")
}

fn unsupported(what: &str) -> Problem {
    Problem::unsupported(format!("{what} in JPEG-LS is not read"))
        .field("JPEG-LS samples")
        .hint("export the sequence as radiometric JPEG or TIFF")
}

#[cfg(test)]
mod tests;
