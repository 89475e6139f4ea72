//! InfraTec IRB files: VarioCAM and the pictures of IRBIS.
//!
//! In: bytes of a file. Out: a picture in kelvin, one of several where the file holds several.
//! Layout: formats.md §5, by the public descriptions `jonathanschilling/irb` and
//! `tomsoftware/Irbis-File-Format`; dimensions and values were checked on files of two cameras,
//! nothing against the maker's program.
//!
//! A pixel is two bytes: the higher names one of 256 temperatures of a table, the lower says how far
//! it is to the next. Whether these temperatures already hold the stated emissivity is not known:
//! they are taken as they are, and the file's emissivity is told as a warning when it is not 1.

use super::bytes::{Order, text};
use super::file::Part;
use super::limits;
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::survey::{
    CameraIdentity, CaptureTime, Counts, Encoding, FrameHeader, RawFrame, TimeSource,
};
use crate::units::ZERO_CELSIUS_K;
use jiff::civil::{DateTime, date};
use std::io::{self, Read, Seek, SeekFrom};

pub(super) const MAGIC: &[u8] = b"\xFFIRB\0";
pub(super) const HEADER: usize = 64;
const ENTRY: usize = 32;
/// Most entries of a directory: recordings hold thousands of pictures.
const MAX_ENTRIES: usize = 1 << 20;
const PICTURE: i32 = 1;

const TABLE: usize = 60;
/// Time as days since the end of 1899, double precision.
const TIME: usize = 1084 + 540;
const PIXELS: usize = 1728;
const ORDER: Order = Order::Little;
/// Temperatures of the table a detector can see, kelvin.
const BELIEVABLE_K: std::ops::RangeInclusive<f32> = 50.0..=4000.0;

/// Where the pictures of a file lie, by seeking; none where its directory does not hold.
pub(super) fn index<R: Read + Seek>(source: &mut R, length: u64) -> io::Result<Vec<Part>> {
    let mut bytes = |at: u64, count: u64| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        source.seek(SeekFrom::Start(at))?;
        source.by_ref().take(count).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let Ok((start, count)) = directory_of(&bytes(0, HEADER as u64)?) else {
        return Ok(Vec::new());
    };
    let directory = bytes(start as u64, (count * ENTRY) as u64)?;
    Ok(pictures_of(&directory)
        .map(|(at, size)| Part {
            offset: at as u64,
            length: size as u64,
        })
        .filter(|part| part.offset + part.length <= length)
        .collect())
}

/// A file of one picture, as the reader takes it: header, directory of one, the picture's block.
pub(super) fn alone(header: &[u8; HEADER], block: &[u8]) -> Vec<u8> {
    let mut out = header.to_vec();
    out[25..29].copy_from_slice(&(HEADER as u32).to_le_bytes());
    out[29..33].copy_from_slice(&1_u32.to_le_bytes());
    let (at, size) = ((HEADER + ENTRY) as u32, block.len() as u32);
    for word in [PICTURE.cast_unsigned(), 0, 0, at, size, 0, 0, 0] {
        out.extend(word.to_le_bytes());
    }
    out.extend(block);
    out
}

/// All but the samples of the first picture.
pub(super) fn header(bytes: &[u8]) -> Result<FrameHeader> {
    Ok(Picture::open(bytes)?.header(bytes))
}

/// The first picture with its samples, kelvin.
pub(super) fn frame(bytes: &[u8]) -> Result<RawFrame> {
    let picture = Picture::open(bytes)?;
    let mut header = picture.header(bytes);
    let (kelvin, unusable) = picture.kelvin()?;
    if unusable > 0 {
        header.warnings.push(format!(
            "{unusable} pixels have a temperature no detector can see: left out"
        ));
    }
    let counts = Grid::from_vec(picture.width, picture.height, kelvin)
        .ok_or_else(|| fault("pixels", "are fewer than width and height say"))?;
    Ok(RawFrame {
        header,
        counts: Counts::F32(counts),
    })
}

/// Offset and number of entries of the directory.
fn directory_of(bytes: &[u8]) -> Result<(usize, usize)> {
    let word = |at| ORDER.u32(bytes, at).map(|v| v as usize);
    match (word(25), word(29)) {
        (Some(start), Some(count)) if count <= MAX_ENTRIES => Ok((start, count)),
        (_, Some(count)) => {
            let what = format!("{count} entries, expected up to {MAX_ENTRIES}");
            Err(fault("directory", what))
        }
        _ => Err(fault("header", "is shorter than 33 bytes")),
    }
}

/// Offset and length of every picture's block, in the order of the directory.
fn pictures_of(directory: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let entries = directory.chunks_exact(ENTRY);
    let pictures = entries.filter(|entry| ORDER.i32(entry, 0) == Some(PICTURE));
    pictures.map(|entry| {
        let part = |at| ORDER.u32(entry, at).map_or(0, |v| v as usize);
        (part(12), part(16))
    })
}

/// A picture's block whose size and coding have been checked.
struct Picture<'a> {
    block: &'a [u8],
    width: usize,
    height: usize,
    packed: bool,
}

impl<'a> Picture<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self> {
        let (start, count) = directory_of(bytes)?;
        let directory = start
            .checked_add(count * ENTRY)
            .and_then(|end| bytes.get(start..end))
            .ok_or_else(|| {
                let length = bytes.len();
                fault(
                    "directory",
                    format!("{count} entries at byte {start}, but the file has {length} bytes"),
                )
            })?;
        let (at, length) = pictures_of(directory)
            .next()
            .ok_or_else(|| fault("directory", "names no picture"))?;
        let block = at
            .checked_add(length)
            .and_then(|end| bytes.get(at..end))
            .filter(|block| block.len() > PIXELS)
            .ok_or_else(|| {
                let what = format!("{length} bytes at byte {at} are no picture of this file");
                fault("picture", what)
            })?;
        let number = |at| ORDER.u16(block, at).unwrap_or(0);
        let (width, height) = (usize::from(number(4)), usize::from(number(6)));
        limits::samples(width, height).map_err(|p| p.field("IRB picture"))?;
        if number(0) != 2 {
            return Err(unread(&format!("{} bytes a pixel", number(0))));
        }
        let packed = match number(2) {
            0 => false,
            1 => true,
            other => return Err(unread(&format!("compression {other}"))),
        };
        Ok(Self {
            block,
            width,
            height,
            packed,
        })
    }

    fn header(&self, bytes: &[u8]) -> FrameHeader {
        let encoding = Encoding::Linear {
            scale: 1.0,
            offset_c: -ZERO_CELSIUS_K,
        };
        let time = self.time().map(CaptureTime::Local);
        let mut warnings = Vec::new();
        // Believed by nobody below, because it may be in the temperatures already.
        if let Some(e) = ORDER.f32(self.block, 24).filter(|e| *e != 1.0) {
            warnings.push(format!(
                "the file states emissivity {e}; whether its temperatures hold it is not known: \
                 they are taken as those of a black surface"
            ));
        }
        FrameHeader {
            camera: CameraIdentity {
                make: "InfraTec".to_owned(),
                model: text(bytes, 5, 8).unwrap_or_default(),
                ..CameraIdentity::default()
            },
            time,
            time_source: time.map(|_| TimeSource::FileHeader),
            warnings,
            ..FrameHeader::bare(self.width, self.height, encoding)
        }
    }

    /// The camera's clock.
    fn time(&self) -> Option<DateTime> {
        let days = ORDER.f64(self.block, TIME)?;
        // 1980 to 2100: other numbers are no time.
        if !(29_221.0..73_051.0).contains(&days) {
            return None;
        }
        let milliseconds = (days * 86_400_000.0).round() as i64;
        let start = date(1899, 12, 30).at(0, 0, 0, 0);
        start
            .checked_add(jiff::SignedDuration::from_millis(milliseconds))
            .ok()
    }

    /// Temperatures, kelvin, and how many were not usable.
    fn kelvin(&self) -> Result<(Vec<f32>, usize)> {
        let table: Vec<f32> = (0..256)
            .map(|i| ORDER.f32(self.block, TABLE + 4 * i).unwrap_or(f64::NAN) as f32)
            .collect();
        let mut unusable = 0;
        let mut value = |low: u8, high: u8| {
            let here = table[usize::from(high)];
            let next = table[usize::from(high.saturating_add(1))];
            let part = f32::from(low) / 256.0;
            let kelvin = next * part + here * (1.0 - part);
            if BELIEVABLE_K.contains(&kelvin) {
                return kelvin;
            }
            unusable += 1;
            f32::NAN
        };
        let count = self.width * self.height;
        let pixels = self.block.get(PIXELS..).unwrap_or_default();
        let short = || {
            let (width, height) = (self.width, self.height);
            let left = pixels.len();
            fault(
                "pixels",
                format!("end after {left} bytes, expected {width} x {height}"),
            )
        };
        let mut kelvin = Vec::new();
        if self.packed {
            let (low, pairs) = pixels.split_at_checked(count).ok_or_else(short)?;
            let mut low = low.iter();
            for [times, high] in pairs.as_chunks::<2>().0 {
                kelvin.extend(
                    low.by_ref()
                        .take(usize::from(*times))
                        .map(|l| value(*l, *high)),
                );
                if kelvin.len() == count {
                    break;
                }
            }
        } else {
            let pairs = pixels
                .get(..2 * count)
                .ok_or_else(short)?
                .as_chunks::<2>()
                .0;
            kelvin.extend(pairs.iter().map(|[low, high]| value(*low, *high)));
        }
        match kelvin.len() == count {
            true => Ok((kelvin, unusable)),
            false => Err(short()),
        }
    }
}

fn unread(what: &str) -> Problem {
    Problem::unsupported(format!(
        "is an InfraTec IRB file with {what}, which is not read"
    ))
    .hint("export the picture from IRBIS as TIFF in °C or as text")
}

fn fault(field: &str, what: impl Into<String>) -> Problem {
    Problem::broken(what).field(format!("IRB {field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One picture of 3 × 2 pixels; table entry i is 200 + i kelvin.
    fn file(compression: u16, pixels: &[u8]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(b"VARIOCAM");
        out.resize(25, 0);
        for word in [64_u32, 1] {
            out.extend(word.to_le_bytes());
        }
        out.resize(64, 0);
        for word in [1, 101, 1, 96, (PIXELS + pixels.len()) as u32, 0, 1, 0] {
            out.extend(u32::to_le_bytes(word));
        }
        let mut block = vec![0; PIXELS];
        for (at, value) in [(0, 2), (2, compression), (4, 3), (6, 2)] {
            block[at..at + 2].copy_from_slice(&u16::to_le_bytes(value));
        }
        block[24..28].copy_from_slice(&0.95_f32.to_le_bytes());
        for i in 0..256 {
            let kelvin = 200.0 + i as f32;
            block[TABLE + 4 * i..TABLE + 4 * i + 4].copy_from_slice(&kelvin.to_le_bytes());
        }
        // 2014-02-03 06:00.
        block[TIME..TIME + 8].copy_from_slice(&41_673.25_f64.to_le_bytes());
        out.extend(block);
        out.extend(pixels);
        out
    }

    fn kelvin(bytes: &[u8]) -> Vec<f32> {
        let Counts::F32(grid) = frame(bytes).expect("a picture").counts else {
            panic!("floats expected");
        };
        grid.data().to_vec()
    }

    #[test]
    fn pixels_lie_between_two_entries_of_the_table() {
        let plain = file(0, &[0, 80, 128, 80, 64, 81, 0, 90, 0, 91, 255, 255]);
        let expected = [280.0, 280.5, 281.25, 290.0, 291.0, 455.0];
        assert_eq!(kelvin(&plain), expected);
        // Low bytes first, then how often each high byte counts.
        let packed = file(
            1,
            &[0, 128, 64, 0, 0, 255, 2, 80, 1, 81, 1, 90, 1, 91, 9, 255],
        );
        assert_eq!(kelvin(&packed), expected);
    }

    #[test]
    fn the_time_is_the_cameras_clock_and_the_emissivity_is_told() {
        let head = header(&file(0, &[0; 12])).expect("a picture");
        let time = date(2014, 2, 3).at(6, 0, 0, 0);
        assert_eq!(head.time, Some(CaptureTime::Local(time)));
        assert_eq!(head.time_source, Some(TimeSource::FileHeader));
        assert!(head.warnings[0].contains("0.9"), "{:?}", head.warnings);
        assert_eq!(head.found.emissivity, None);
    }

    #[test]
    fn a_file_cut_anywhere_is_named_as_broken() {
        for whole in [file(0, &[9; 12]), file(1, &[9, 9, 9, 9, 9, 9, 6, 80])] {
            for length in MAGIC.len()..whole.len() {
                assert!(frame(&whole[..length]).is_err(), "{length}");
            }
        }
    }

    #[test]
    fn runs_that_do_not_fill_the_picture_are_an_error() {
        assert!(frame(&file(1, &[0, 0, 0, 0, 0, 0, 0, 80, 5, 80])).is_err());
        let more = frame(&file(1, &[0, 0, 0, 0, 0, 0, 200, 80]));
        assert!(more.is_ok(), "a last run may be longer");
    }

    #[test]
    fn what_is_not_read_is_refused_by_name() {
        let problem = frame(&file(2, &[0; 12])).expect_err("bits");
        assert!(problem.what.contains("compression 2"), "{problem}");
    }

    #[test]
    fn pictures_of_a_recording_can_stand_alone() {
        let whole = file(0, &[0, 80, 128, 80, 64, 81, 0, 90, 0, 91, 255, 255]);
        let length = whole.len() as u64;
        let parts = index(&mut io::Cursor::new(&whole), length).expect("memory can be read");
        assert_eq!(parts.len(), 1);
        let block = &whole[parts[0].offset as usize..][..parts[0].length as usize];
        let head = whole.first_chunk().expect("64 bytes");
        assert_eq!(frame(&alone(head, block)), frame(&whole));
    }

    #[test]
    fn tables_of_nonsense_give_missing_pixels() {
        let mut bytes = file(0, &[0; 12]);
        let at = 96 + TABLE;
        bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        let found = frame(&bytes).expect("a picture");
        let told = found.header.warnings.iter().any(|w| w.contains("6 pixels"));
        assert!(told, "{:?}", found.header.warnings);
    }
}
