//! ENVI rasters: a text header and a flat file of samples beside it, as thermal line scanners of
//! aircraft deliver them.
//!
//! In: the header's path, or the bytes of both files. Out: samples of the thermal band with
//! missing ones NaN, whole or by windows; nothing but the window is read.

mod header;
mod place;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Result};
use crate::raster::{Bounds, Grid, Window};
use header::{Interleave, fault};

pub use header::{Header, Kind};
pub use place::Place;

/// Endings of the flat file, beside none at all.
const ENDINGS: [&str; 9] = [
    "img", "dat", "bin", "raw", "bsq", "bil", "bip", "sli", "envi",
];
/// Largest window in cells (1 GiB of floats).
const MAX_WINDOW_CELLS: usize = 1 << 28;

/// The flat file that belongs to a header: the header's name without its ending, alone or with a
/// usual one, in either case.
pub fn data_file(header: &Path) -> Option<PathBuf> {
    let bare = header.with_extension("");
    let named = |ending: &str| header.with_extension(ending);
    std::iter::once(bare)
        .chain(ENDINGS.iter().map(|e| named(e)))
        .chain(ENDINGS.iter().map(|e| named(&e.to_ascii_uppercase())))
        .find(|path| path.is_file())
}

/// Whether a file is the flat one of a header beside it.
pub fn belongs_to_header(path: &Path) -> bool {
    // In place of the ending, or behind it.
    ["hdr", "HDR"].iter().any(|ending| {
        let behind = PathBuf::from(format!("{}.{ending}", path.display()));
        [path.with_extension(ending), behind].iter().any(|header| {
            header != path && data_file(header).as_deref() == Some(path) && header.is_file()
        })
    })
}

/// An open raster.
#[derive(Debug)]
pub struct Envi {
    /// What the header says.
    pub header: Header,
    data: PathBuf,
}

impl Envi {
    /// Opens a raster by its header.
    ///
    /// # Errors
    /// A header that makes no sense, no flat file beside it, or one that is too short.
    pub fn open(path: &Path) -> Result<Self> {
        let mut text = Vec::new();
        // One byte more than a header may have, so that a longer one is named.
        let most = header::MAX_BYTES as u64 + 1;
        File::open(path)?.take(most).read_to_end(&mut text)?;
        let header = Header::parse(&text)?;
        let data = data_file(path).ok_or_else(|| {
            Problem::broken("has no flat file of samples beside it")
                .hint("put it beside the header, with the same name and .img, .dat, .bin or none")
        })?;
        let length = std::fs::metadata(&data)?.len();
        check_length(&header, length)?;
        Ok(Self { header, data })
    }

    /// Map bounds; `None` without a place.
    pub fn bounds(&self) -> Option<Bounds> {
        let place = self.header.place.as_ref()?;
        Some(
            place
                .transform
                .bounds(self.header.width, self.header.height),
        )
    }

    /// Values of a window that lies inside, after scale and offset; missing ones are NaN.
    ///
    /// # Errors
    /// A window that is not inside, or a file that cannot be read.
    pub fn window(&self, window: Window) -> Result<Grid<f32>> {
        let inside = |start: usize, length: usize, all: usize| {
            start.checked_add(length).is_some_and(|end| end <= all)
        };
        let h = &self.header;
        let cells = window.width.checked_mul(window.height);
        if !inside(window.col, window.width, h.width)
            || !inside(window.row, window.height, h.height)
            || cells.is_none_or(|n| n > MAX_WINDOW_CELLS)
        {
            let what = format!("{window:?} is not inside {} x {} cells", h.width, h.height);
            return Err(Problem::setting(what));
        }
        let mut file = File::open(&self.data)?;
        let mut values = Vec::with_capacity(window.width * window.height);
        for row in window.row..window.row + window.height {
            let (at, length) = h.extent(row, window.col, window.width);
            file.seek(SeekFrom::Start(at))?;
            let mut bytes = Vec::new();
            file.by_ref().take(length).read_to_end(&mut bytes)?;
            if bytes.len() as u64 != length {
                return Err(fault("samples", format!("end in row {row}")));
            }
            h.values(&bytes, &mut values);
        }
        Grid::from_vec(window.width, window.height, values)
            .ok_or_else(|| fault("samples", "are fewer than lines and samples say"))
    }
}

fn check_length(header: &Header, length: u64) -> Result<()> {
    match header.data_length() {
        Some(due) if due <= length => Ok(()),
        due => Err(fault(
            "samples",
            format!(
                "the flat file has {length} bytes, expected {}",
                due.map_or("more than any file".to_owned(), |n| n.to_string())
            ),
        )),
    }
}

impl Header {
    /// First byte and length of `count` samples of a row; with the bands between them in `bip`.
    fn extent(&self, row: usize, col: usize, count: usize) -> (u64, u64) {
        let (width, height, bands) = (self.width as u64, self.height as u64, self.bands as u64);
        let (row, col, band) = (row as u64, col as u64, self.band as u64);
        let size = self.kind.bytes() as u64;
        let (first, samples) = match self.interleave {
            Interleave::Bsq => ((band * height + row) * width + col, count as u64),
            Interleave::Bil => ((row * bands + band) * width + col, count as u64),
            Interleave::Bip => (
                (row * width + col) * bands + band,
                (count as u64 * bands).saturating_sub(bands - 1),
            ),
        };
        (self.skip + first * size, samples * size)
    }

    /// Values of the samples in a piece of a row.
    fn values(&self, bytes: &[u8], out: &mut Vec<f32>) {
        let size = self.kind.bytes();
        let step = match self.interleave {
            Interleave::Bip => self.bands * size,
            Interleave::Bsq | Interleave::Bil => size,
        };
        out.extend(bytes.chunks(step).filter_map(|sample| {
            let number = self.number(sample.get(..size)?)?;
            let value = (number * self.scale + self.offset) as f32;
            let missing = Some(number) == self.nodata || !value.is_finite();
            Some(if missing { f32::NAN } else { value })
        }));
    }

    fn number(&self, sample: &[u8]) -> Option<f64> {
        macro_rules! read {
            ($type:ty) => {{
                let raw = sample.try_into().ok()?;
                f64::from(match self.big_endian {
                    true => <$type>::from_be_bytes(raw),
                    false => <$type>::from_le_bytes(raw),
                })
            }};
        }
        Some(match self.kind {
            Kind::U8 => f64::from(*sample.first()?),
            Kind::I16 => read!(i16),
            Kind::U16 => read!(u16),
            Kind::F32 => read!(f32),
            Kind::F64 => read!(f64),
        })
    }
}
