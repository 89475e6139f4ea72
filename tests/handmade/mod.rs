//! Thermal files made by hand, byte by byte, so that tests and benches need no foreign pictures.
//!
//! Layouts follow formats.md §1: the builder shares no code with the reader.

#![allow(dead_code, unreachable_pub)]

pub mod others;

use image::ExtendedColorType;
use image::ImageEncoder;
use image::codecs::png::PngEncoder;

/// Byte order of a part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, v: u16) -> [u8; 2] {
        match self {
            Order::Little => v.to_le_bytes(),
            Order::Big => v.to_be_bytes(),
        }
    }

    fn u32(self, v: u32) -> [u8; 4] {
        match self {
            Order::Little => v.to_le_bytes(),
            Order::Big => v.to_be_bytes(),
        }
    }
}

/// How samples lie in the raw record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Png,
}

/// A FLIR block.
#[derive(Clone, Debug)]
pub struct Block {
    pub width: u16,
    pub height: u16,
    pub counts: Vec<u16>,
    pub packing: Packing,
    /// Order of header and directory.
    pub outer: Order,
    /// Order of the raw record.
    pub raw: Order,
    /// Order of the camera-info record.
    pub info: Order,
    pub model: &'static str,
}

/// Constants every block carries: R1, B, F, O, R2.
pub const PLANCK: [f64; 5] = [17096.453, 1428.0, 1.0, -342.0, 0.046_642_166];

impl Block {
    /// A block in one byte order.
    pub fn new(width: u16, height: u16, counts: Vec<u16>, packing: Packing, order: Order) -> Self {
        assert_eq!(counts.len(), usize::from(width) * usize::from(height));
        Self {
            width,
            height,
            counts,
            packing,
            outer: order,
            raw: order,
            info: order,
            model: "Hand-made",
        }
    }

    /// The block's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let records = [(0x20_u16, self.info_record()), (0x01, self.raw_record())];
        let o = self.outer;
        let entries = records.len() as u32 + 1;
        let mut out = b"FFF\0HANDMADE\0\0\0\0\0\0\0\0".to_vec();
        out.resize(0x14, 0);
        out.extend(o.u32(101));
        out.extend(o.u32(0x40));
        out.extend(o.u32(entries));
        out.resize(0x40, 0);
        // A free slot first: readers must skip it.
        out.resize(0x60, 0);
        let mut at = 0x40 + 0x20 * entries;
        for (kind, record) in &records {
            let mut entry = Vec::new();
            entry.extend(o.u16(*kind));
            entry.extend(o.u16(1));
            entry.extend(o.u32(100));
            entry.extend(o.u32(0));
            entry.extend(o.u32(at));
            entry.extend(o.u32(record.len() as u32));
            entry.resize(0x20, 0);
            out.extend(entry);
            at += record.len() as u32;
        }
        records.iter().for_each(|(_, record)| out.extend(record));
        out
    }

    /// The block with the bytes of a picture file in place of its samples.
    pub fn with_samples(&self, samples: &[u8]) -> Vec<u8> {
        let whole = self.bytes();
        let packed = self.raw_record().len() - 0x20;
        let mut out = whole[..whole.len() - packed].to_vec();
        out.extend(samples);
        // The raw record is the last one, and its length stands in the third entry.
        let length = (0x20 + samples.len()) as u32;
        out[0x90..0x94].copy_from_slice(&self.outer.u32(length));
        out
    }

    fn raw_record(&self) -> Vec<u8> {
        let o = self.raw;
        let mut out = Vec::new();
        for v in [2, self.width, self.height] {
            out.extend(o.u16(v));
        }
        out.resize(0x20, 0);
        let samples = self.counts.iter().flat_map(|v| o.u16(*v));
        match self.packing {
            Packing::Plain => out.extend(samples),
            Packing::Png => {
                // The record's own order goes into the PNG, whose order is big-endian: write
                // pixels whose big-endian bytes are the record's bytes.
                let swapped = o == Order::Little;
                let pixels: Vec<u8> = self
                    .counts
                    .iter()
                    .map(|v| if swapped { v.swap_bytes() } else { *v })
                    .flat_map(u16::to_ne_bytes)
                    .collect();
                out.extend(png(
                    &pixels,
                    self.width,
                    self.height,
                    ExtendedColorType::L16,
                ));
            }
        }
        out
    }

    fn info_record(&self) -> Vec<u8> {
        let o = self.info;
        let mut out = vec![0; 0x400];
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &o.u16(2));
        let [r1, b, f, offset, r2] = PLANCK;
        let floats = [
            (0x20, 0.95),
            (0x24, 5.0),
            (0x28, 278.15),
            (0x2C, 283.15),
            (0x30, 293.15),
            (0x34, 1.0),
            // Percent: some cameras do not store a fraction.
            (0x3C, 60.0),
            (0x58, r1),
            (0x5C, b),
            (0x60, f),
            (0x30C, r2),
        ];
        for (at, value) in floats {
            put(at, &o.u32((value as f32).to_bits()));
        }
        put(0x308, &o.u32((offset as i32) as u32));
        put(0xD4, self.model.as_bytes());
        out
    }
}

/// A PNG of the given samples.
pub fn png(samples: &[u8], width: u16, height: u16, colour: ExtendedColorType) -> Vec<u8> {
    let mut out = Vec::new();
    PngEncoder::new(&mut out)
        .write_image(samples, u32::from(width), u32::from(height), colour)
        .expect("the sample count fits the size");
    out
}

/// A JPEG around a FLIR block: segments up to the scan and no picture behind it.
pub fn jpeg(block: &[u8]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = block.chunks(65_000).collect();
    let last = pieces.len().max(1) - 1;
    let mut out = vec![0xFF, 0xD8];
    for (index, piece) in pieces.iter().enumerate() {
        let head = [b"FLIR\0".as_slice(), &[1, index as u8, last as u8]].concat();
        out.extend([0xFF, 0xE1]);
        out.extend(((head.len() + piece.len() + 2) as u16).to_be_bytes());
        out.extend(head);
        out.extend_from_slice(piece);
    }
    out.extend([0xFF, 0xDA, 0, 2, 0xFF, 0xD9]);
    out
}

/// A smooth scene with a little noise, like a sensor's: counts around 3000.
pub fn scene(width: u16, height: u16, seed: u64) -> Vec<u16> {
    let mut state = Random(seed);
    let mut counts = Vec::with_capacity(usize::from(width) * usize::from(height));
    for row in 0..height {
        for col in 0..width {
            let wave = (f64::from(col) / 37.0).sin() + (f64::from(row) / 53.0).cos();
            counts.push((3000.0 + 200.0 * wave) as u16 + (state.next() % 8) as u16);
        }
    }
    counts
}

/// A seeded generator (splitmix64, Steele et al. 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}
