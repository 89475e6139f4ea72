//! The FFF container of FLIR: header, directory, records, and the raw samples in one of them.
//!
//! In: an FFF block (a single `.fff`, or the reassembled block of a radiometric JPEG). Out:
//! records with the byte order of each, and samples. The byte order is nobody's promise: header
//! and directory of handheld cameras are big-endian, of drone cores little-endian, and every
//! record carries a mark of its own (formats.md §1.2, §1.3).

use super::bytes::Order;
use super::{jpeg_ls, limits, png16};
use crate::problem::{Problem, Result};
use crate::raster::Grid;

/// Record types of the directory.
pub(super) const RAW: u16 = 0x01;
pub(super) const CAMERA_INFO: u16 = 0x20;
pub(super) const GPS: u16 = 0x2B;
pub(super) const VISIBLE: u16 = 0x0E;
pub(super) const TOOLS: u16 = 0x21;
pub(super) const PALETTE: u16 = 0x22;
pub(super) const COMMENTS: u16 = 0x23;
pub(super) const PICTURE_IN_PICTURE: u16 = 0x2A;

pub(super) const HEADER: usize = 0x40;
const ENTRY: usize = 0x20;
/// Most entries of a directory; cameras write 14 slots, research cameras some tens.
const MAX_ENTRIES: usize = 4096;
/// How far the last record of a file may reach beyond its end, bytes.
pub(super) const PADDING: usize = 4;
/// Samples of a raw record start here.
const SAMPLES: usize = 0x20;
const MARK: u16 = 2;

const PNG: &[u8] = &[0x89, b'P', b'N', b'G'];
const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF];

/// Whether a block starts with one of the two magics of FLIR.
pub(super) fn is_fff(bytes: &[u8]) -> bool {
    bytes.starts_with(b"FFF\0") || bytes.starts_with(b"AFF\0")
}

/// An FFF block with its directory.
#[derive(Debug)]
pub(super) struct Fff<'a> {
    bytes: &'a [u8],
    /// Type, offset and length; all checked to lie inside the block.
    records: Vec<(u16, usize, usize)>,
}

impl<'a> Fff<'a> {
    /// Reads header and directory.
    ///
    /// Errors: not an FFF block, no byte order that makes the version believable, directory or
    /// record beyond the end of the block.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let layout = Layout::of(bytes)?;
        let (start, count) = (layout.start, layout.count);
        let directory = start
            .checked_add(layout.length())
            .and_then(|end| bytes.get(start..end))
            .ok_or_else(|| {
                fault(
                    "directory",
                    format!(
                        "{count} entries at byte {start}, but the block has {} bytes",
                        bytes.len()
                    ),
                )
            })?;
        let mut records = layout.records(directory);
        for (_, at, length) in &mut records {
            let over = at.saturating_add(*length).saturating_sub(bytes.len());
            // Records are padded to whole words, and the last padding is not always written.
            if over <= PADDING && *length > over {
                *length -= over;
            }
        }
        let beyond = |at: usize, length| at.checked_add(length).is_none_or(|e| e > bytes.len());
        if let Some((kind, at, length)) = records.iter().find(|(_, a, l)| beyond(*a, *l)) {
            return Err(fault(
                format!("record type {kind:#04X}"),
                format!(
                    "{length} bytes at byte {at}, but the block has {} bytes",
                    bytes.len()
                ),
            ));
        }
        Ok(Self { bytes, records })
    }

    /// The first record of a type.
    pub(super) fn record(&self, kind: u16) -> Option<&'a [u8]> {
        let (_, at, length) = self.records.iter().find(|(k, _, _)| *k == kind)?;
        self.bytes.get(*at..at + length)
    }
}

/// Where the directory of a block lies, by its header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    order: Order,
    /// Offset from the start of the block.
    pub(super) start: usize,
    /// Entries.
    count: usize,
}

impl Layout {
    /// Reads the header.
    ///
    /// Errors: not an FFF block, no byte order that makes the version believable, more entries
    /// than any camera writes.
    pub(super) fn of(bytes: &[u8]) -> Result<Self> {
        if !is_fff(bytes) || bytes.len() < HEADER {
            return Err(fault("header", "is not an FFF block of at least 64 bytes"));
        }
        let order = [Order::Big, Order::Little]
            .into_iter()
            .find(|o| matches!(o.u32(bytes, 0x14), Some(100..=199)))
            .ok_or_else(|| fault("version", "is none of 100 to 199 in either byte order"))?;
        let word = |at| order.u32(bytes, at).map_or(0, |v| v as usize);
        let (start, count) = (word(0x18), word(0x1C));
        if count > MAX_ENTRIES {
            return Err(fault(
                "directory",
                format!("{count} entries, expected up to {MAX_ENTRIES}"),
            ));
        }
        Ok(Self {
            order,
            start,
            count,
        })
    }

    /// Bytes of the directory.
    pub(super) fn length(&self) -> usize {
        self.count * ENTRY
    }

    /// Type, offset and length of the records of a directory; not checked against the block.
    pub(super) fn records(&self, directory: &[u8]) -> Vec<(u16, usize, usize)> {
        let word = |entry, at| self.order.u32(entry, at).map_or(0, |v| v as usize);
        directory
            .chunks_exact(ENTRY)
            .filter_map(|entry| {
                let kind = self.order.u16(entry, 0).unwrap_or(0);
                let (at, length) = (word(entry, 0x0C), word(entry, 0x10));
                // Type 0 is a free slot, and some records are announced without content.
                (kind != 0 && length != 0).then_some((kind, at, length))
            })
            .collect()
    }
}

/// The raw record: size known, samples not decoded yet.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    order: Order,
    samples: &'a [u8],
}

impl<'a> Raw<'a> {
    /// Checks mark, size and, for uncompressed samples, that they are all there.
    pub(super) fn open(fff: &Fff<'a>) -> Result<Self> {
        let record = fff.record(RAW).ok_or_else(|| {
            fault(
                "record type 0x01",
                "is missing: the file holds no raw samples",
            )
            .hint("exported without radiometric data; export again as \"radiometric JPEG\"")
        })?;
        let order = Order::from_mark(record, MARK)
            .ok_or_else(|| fault("raw record", "byte-order mark does not read 2"))?;
        let side = |at| order.u16(record, at).map_or(0, usize::from);
        let (width, height) = (side(2), side(4));
        let count = limits::samples(width, height).map_err(|p| p.field("raw record"))?;
        let samples = record.get(SAMPLES..).unwrap_or_default();
        let packed = samples.starts_with(PNG) || samples.starts_with(JPEG);
        if !packed && samples.len() < count * 2 {
            return Err(fault(
                "raw record",
                format!(
                    "{} bytes of samples, expected {} for {width} x {height}",
                    samples.len(),
                    count * 2
                ),
            ));
        }
        Ok(Self {
            width,
            height,
            order,
            samples,
        })
    }

    /// The samples, row-major.
    pub(super) fn decode(&self, warnings: &mut Vec<String>) -> Result<Grid<u16>> {
        let count = self.width * self.height;
        let data = if self.samples.starts_with(PNG) {
            self.decode_png(warnings)?
        } else if self.samples.starts_with(JPEG) {
            let (data, near) = jpeg_ls::decode(self.samples, self.width, self.height)
                .map_err(|p| p.field("FFF raw record"))?;
            if near > 0 {
                warnings.push(format!(
                    "the camera stored the samples with losses: each is within {near} counts of \
                     what it saw"
                ));
            }
            data
        } else {
            let bytes = self.samples.get(..count * 2).unwrap_or_default();
            let pairs = bytes.as_chunks::<2>().0.iter();
            match self.order {
                Order::Little => pairs.map(|p| u16::from_le_bytes(*p)).collect(),
                Order::Big => pairs.map(|p| u16::from_be_bytes(*p)).collect(),
            }
        };
        Grid::from_vec(self.width, self.height, data)
            .ok_or_else(|| fault("raw record", "fewer samples than width and height say"))
    }

    /// PNG stores samples most significant byte first, but a little-endian record puts its own
    /// order into the PNG: then the two bytes of every decoded sample are swapped.
    fn decode_png(&self, warnings: &mut Vec<String>) -> Result<Vec<u16>> {
        let mut data = png16::decode(self.samples, self.width, self.height)?;
        let mut swap = self.order == Order::Little;
        if let Some(smoother) = smoother_when_swapped(&data, self.width)
            && smoother != swap
        {
            swap = smoother;
            warnings.push(
                "the byte order of the PNG samples contradicts the record's mark; \
                 the smoother reading is used"
                    .into(),
            );
        }
        if swap {
            data.iter_mut().for_each(|v| *v = v.swap_bytes());
        }
        Ok(data)
    }
}

/// Whether the picture is clearly smoother with its bytes swapped; `None` when neither reading
/// is smoother by far.
///
/// Mean horizontal gradient over every eighth row. In 13 files of 12 cameras the right order has
/// a gradient at least 60 times smaller; 8 leaves room for noise and decides none of them wrongly.
fn smoother_when_swapped(data: &[u16], width: usize) -> Option<bool> {
    const CLEARLY: u64 = 8;
    let (mut plain, mut swapped) = (0_u64, 0_u64);
    for row in data.chunks_exact(width).step_by(8) {
        for pair in row.windows(2) {
            plain += u64::from(pair[0].abs_diff(pair[1]));
            swapped += u64::from(pair[0].swap_bytes().abs_diff(pair[1].swap_bytes()));
        }
    }
    if plain > CLEARLY * swapped {
        Some(true)
    } else if swapped > CLEARLY * plain {
        Some(false)
    } else {
        None
    }
}

fn fault(field: impl Into<String>, what: impl Into<String>) -> Problem {
    Problem::broken(what).field(format!("FFF {}", field.into()))
}
