//! The maker's container of radiometric frames (formats.md §1): an FFF block with the raw picture
//! and the camera record, cut into APP1 segments of a JPEG.

use super::lens::{CameraType, PLANCK, PlanckConstants};
use super::png;
use crate::problem::Result;

/// What the camera record holds beside constants.
pub(super) struct CameraFacts<'a> {
    pub camera: &'a CameraType,
    pub serial: &'a str,
    /// Seconds since 1970 and milliseconds.
    pub unix_s: u32,
    pub ms: u16,
}

/// Directory slots, as drone cameras leave free ones.
const SLOTS: usize = 14;
const HEADER: usize = 0x40;
const ENTRY: usize = 32;

/// An FFF block of one frame.
///
/// # Errors
/// When the picture cannot be encoded.
pub(super) fn block(counts: &[u16], facts: &CameraFacts) -> Result<Vec<u8>> {
    let camera = facts.camera;
    let samples = png::swapped(camera.width, camera.height, counts)?;
    let raw = raw_record([camera.width, camera.height], &samples);
    let info = camera_record(counts, facts);
    Ok(assemble(&[(1, 3, raw), (0x20, 1, info)]))
}

/// Header, directory and records (type, subtype, bytes) as one block; at most as many as there
/// are slots.
pub(super) fn assemble(records: &[(u16, u16, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0; HEADER + ENTRY * SLOTS];
    out[0..4].copy_from_slice(b"FFF\0");
    out[4..13].copy_from_slice(b"SIMULATED");
    let slots = [HEADER as u32, SLOTS as u32];
    put(&mut out, 0x14, &101_u32.to_be_bytes());
    put(&mut out, 0x18, &slots[0].to_be_bytes());
    put(&mut out, 0x1c, &slots[1].to_be_bytes());
    put(&mut out, 0x20, &3_u32.to_be_bytes());
    for (index, (kind, subtype, data)) in records.iter().take(SLOTS).enumerate() {
        let at = HEADER + ENTRY * index;
        let offset = out.len() as u32;
        put(&mut out, at, &kind.to_be_bytes());
        put(&mut out, at + 2, &subtype.to_be_bytes());
        put(&mut out, at + 4, &100_u32.to_be_bytes());
        put(&mut out, at + 8, &(index as u32 + 1).to_be_bytes());
        put(&mut out, at + 12, &offset.to_be_bytes());
        put(&mut out, at + 16, &(data.len() as u32).to_be_bytes());
        out.extend(data);
    }
    out
}

/// Record 1: little-endian mark and sizes, then the samples: a PNG with swapped bytes, or plain
/// little-endian.
pub(super) fn raw_record(size: [usize; 2], samples: &[u8]) -> Vec<u8> {
    let [width, height] = size.map(|side| side as u16);
    let head = [2, width, height, 0, 0, 0, width - 1, 0, height - 1, 16];
    let mut record: Vec<u8> = head.iter().flat_map(|v| v.to_le_bytes()).collect();
    record.resize(0x20, 0);
    record.extend(samples);
    record
}

/// Record 0x20 of a drone. Distance, reflected temperature, air and humidity are the factory's, as
/// pilots leave them.
fn camera_record(counts: &[u16], facts: &CameraFacts) -> Vec<u8> {
    let camera = facts.camera;
    let half = camera.width as f64 / 2.0 / camera.focal_px();
    CameraRecord {
        size: [camera.width, camera.height],
        parameters: [0.95, 5.0, 295.15, 293.15, 293.15, 1.0],
        humidity: 0.5,
        planck: PLANCK,
        limits_k: [
            408.15, 233.15, 423.15, 213.15, 408.15, 233.15, 423.15, 213.15,
        ],
        model: camera.model,
        serial: facts.serial,
        lens: &format!("SIM {:.1} mm", camera.focal_mm),
        field_of_view_deg: 2.0 * half.atan().to_degrees(),
        unix_s: facts.unix_s,
        ms: facts.ms,
    }
    .bytes(counts)
}

/// What stands in a camera record (formats.md §1.4).
pub(super) struct CameraRecord<'a> {
    pub size: [usize; 2],
    /// Emissivity, distance (m), reflected, air and window temperature (K), window transmission.
    pub parameters: [f32; 6],
    /// Fraction.
    pub humidity: f32,
    pub planck: PlanckConstants,
    /// Range, clip, warning and saturation limits, each high then low, K.
    pub limits_k: [f32; 8],
    pub model: &'a str,
    pub serial: &'a str,
    pub lens: &'a str,
    pub field_of_view_deg: f64,
    /// Seconds since 1970 and milliseconds.
    pub unix_s: u32,
    pub ms: u16,
}

impl CameraRecord<'_> {
    /// The record; display limits follow the counts.
    pub(super) fn bytes(&self, counts: &[u16]) -> Vec<u8> {
        let mut record = vec![0; 0x500];
        let float = |record: &mut Vec<u8>, at: usize, values: &[f32]| {
            for (i, value) in values.iter().enumerate() {
                put(record, at + 4 * i, &value.to_le_bytes());
            }
        };
        let short =
            |record: &mut Vec<u8>, at: usize, value: u16| put(record, at, &value.to_le_bytes());
        let [width, height] = self.size;
        short(&mut record, 0, 2);
        short(&mut record, 2, width as u16);
        short(&mut record, 4, height as u16);
        put(&mut record, 0x0c, &(width as u32 - 1).to_le_bytes());
        put(&mut record, 0x10, &(height as u32 - 1).to_le_bytes());
        float(&mut record, 0x20, &self.parameters);
        float(&mut record, 0x3c, &[self.humidity]);
        let planck = &self.planck;
        let constants = [planck.r1 as f32, planck.b as f32, planck.f as f32];
        float(&mut record, 0x58, &constants);
        float(
            &mut record,
            0x70,
            &[0.006_569, 0.012_62, -0.002_276, -0.006_67, 1.9],
        );
        float(&mut record, 0x90, &self.limits_k);
        for (at, room, text) in [
            (0xd4, 32, self.model),
            (0xf4, 16, "00000-0000"),
            (0x104, 16, self.serial),
            (0x114, 16, "simulated 1"),
            (0x170, 32, self.lens),
            (0x190, 16, "SIM000"),
        ] {
            let bytes = text.as_bytes();
            put(&mut record, at, &bytes[..bytes.len().min(room - 1)]);
        }
        float(&mut record, 0x1b4, &[self.field_of_view_deg as f32]);
        put(&mut record, 0x308, &planck.o.to_le_bytes());
        float(&mut record, 0x30c, &[planck.r2 as f32]);
        let (low, high, median) = spread(counts);
        short(&mut record, 0x310, low);
        short(&mut record, 0x312, high);
        short(&mut record, 0x338, median);
        short(&mut record, 0x33c, high - low);
        put(&mut record, 0x384, &self.unix_s.to_le_bytes());
        put(&mut record, 0x388, &u32::from(self.ms).to_le_bytes());
        put(&mut record, 0x38c, &(-60_i16).to_le_bytes());
        short(&mut record, 0x464, 9);
        record
    }
}

/// Least, greatest and median count.
fn spread(counts: &[u16]) -> (u16, u16, u16) {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    match sorted.as_slice() {
        [] => (0, 0, 0),
        all => (all[0], all[all.len() - 1], all[all.len() / 2]),
    }
}

pub(super) fn put(record: &mut [u8], at: usize, bytes: &[u8]) {
    record[at..at + bytes.len()].copy_from_slice(bytes);
}

/// The block as APP1 segments; at most 256 of them (16 MB), far above any frame here.
pub(super) fn segments(block: &[u8]) -> Vec<u8> {
    // A segment holds 65533 bytes after its length field; eight are the maker's header.
    let parts: Vec<&[u8]> = block.chunks(65_533 - 8).collect();
    let last = (parts.len() - 1).min(255) as u8;
    let mut out = Vec::with_capacity(block.len() + 12 * parts.len());
    for (index, part) in parts.iter().enumerate() {
        out.extend([0xff, 0xe1]);
        out.extend((part.len() as u16 + 10).to_be_bytes());
        out.extend(b"FLIR\0\x01");
        out.extend([index as u8, last]);
        out.extend(*part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::lens::SIM320;
    use super::*;

    #[test]
    fn the_raw_picture_of_a_block_decodes_to_the_counts() {
        let counts: Vec<u16> = (0..320 * 256).map(|i| (2_000 + i % 977) as u16).collect();
        let facts = CameraFacts {
            camera: &SIM320,
            serial: "1",
            unix_s: 1,
            ms: 0,
        };
        let block = block(&counts, &facts).expect("encodes");
        // Entry 0 is the raw record; its offset stands at 12 of the entry, big-endian.
        let at =
            |p: usize| u32::from_be_bytes(block[p..p + 4].try_into().expect("four bytes")) as usize;
        let (offset, length) = (at(0x40 + 12), at(0x40 + 16));
        let png = &block[offset + 0x20..offset + length];
        let image = image::load_from_memory(png).expect("a PNG").into_luma16();
        let back: Vec<u16> = image.into_raw().iter().map(|c| c.swap_bytes()).collect();
        assert_eq!(back, counts);
    }

    #[test]
    fn segments_join_to_the_block_again() {
        let block: Vec<u8> = (0..150_000_u32).map(|i| i as u8).collect();
        let mut rest = segments(&block).into_iter().collect::<Vec<u8>>();
        let mut joined = Vec::new();
        while !rest.is_empty() {
            let length = usize::from(rest[2]) * 256 + usize::from(rest[3]);
            assert_eq!(rest[11], 2, "three segments, the last has index 2");
            joined.extend_from_slice(&rest[12..2 + length]);
            rest.drain(..2 + length);
        }
        assert_eq!(joined, block);
    }
}
