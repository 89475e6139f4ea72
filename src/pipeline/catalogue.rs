//! The `read` stage: what every file of a flight says of itself, without its pixels.

use super::cache::FileHashes;
use super::project::{FlightFolder, Project};
use super::stage::{Reporter, Stage};
use crate::problem::Problem;
use crate::read::envi;
use crate::read::frame::file::FrameFile;
use crate::read::tile::TileRaster;
use crate::survey::{FrameHeader, instants};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// One readable frame.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The file it lies in, shared by the frames of a sequence.
    pub(crate) file: Arc<FrameFile>,
    /// Which of the file's frames.
    pub(crate) part: usize,
    /// The frame as printed: the file, with the frame's number where it holds several.
    pub(crate) shown: String,
    /// Its header.
    pub(crate) header: FrameHeader,
    /// Capture time, the camera's clock put right.
    pub(crate) time: Option<Timestamp>,
}

/// One georeferenced tile.
#[derive(Clone, Debug)]
pub(crate) struct TileEntry {
    /// The file as printed.
    pub(crate) shown: String,
    /// The open file.
    pub(crate) raster: Arc<TileRaster>,
    /// Size and hash of the bytes.
    pub(crate) input: Input,
}

/// One input file as `run.json` names it.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// File as printed.
    pub(crate) file: String,
    /// Size.
    pub(crate) bytes: u64,
    /// BLAKE3 of the bytes, hexadecimal.
    pub(crate) blake3: String,
}

/// All files of a flight.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// Readable frames in file order.
    pub(crate) frames: Vec<Entry>,
    /// Georeferenced tiles in file order.
    pub(crate) tiles: Vec<TileEntry>,
    /// The files of frames, each once, in file order.
    pub(crate) frame_files: Vec<Input>,
    /// Files left out and why.
    pub(crate) skips: Vec<Problem>,
    /// What could not be known of the clocks.
    pub(crate) warnings: Vec<String>,
}

impl Catalogue {
    /// Seconds of every frame since the first; NaN where a frame has no time.
    pub(crate) fn seconds(&self) -> Vec<f64> {
        let first = self.frames.iter().filter_map(|e| e.time).min();
        self.frames
            .iter()
            .map(|e| match (e.time, first) {
                (Some(time), Some(first)) => time.duration_since(first).as_secs_f64(),
                _ => f64::NAN,
            })
            .collect()
    }

    /// First and last capture time.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let times = || self.frames.iter().filter_map(|e| e.time);
        Some((times().min()?, times().max()?))
    }
}

enum Found {
    Frames(Frames),
    Tile(TileEntry),
}

/// What a file of frames gave.
struct Frames {
    entries: Vec<Entry>,
    input: Input,
    /// Frames of the file that cannot be read, and what is odd about the file.
    skips: Vec<Problem>,
}

/// Reads the headers of all files of a flight folder.
pub(crate) fn read(
    project: &Project,
    folder: &FlightFolder,
    zone: &TimeZone,
    hashes: &FileHashes,
    reporter: &dyn Reporter,
) -> Catalogue {
    reporter.begin(&folder.id, Stage::Read, folder.files.len());
    let clock_offset_s = folder
        .settings
        .number("flight", "camera_clock_offset_s")
        .unwrap_or(0.0);
    let all_tiles = folder.settings.flag("flight", "tiles");
    let found: Vec<Result<Found, Problem>> = folder
        .files
        .par_iter()
        .map(|path| {
            let result = reporter
                .go_on()
                .and_then(|()| read_one(project, path, all_tiles, hashes));
            reporter.advance(1);
            result
        })
        .collect();
    let mut catalogue = Catalogue::default();
    for result in found {
        match result {
            Ok(Found::Frames(frames)) => {
                catalogue.frames.extend(frames.entries);
                catalogue.frame_files.push(frames.input);
                catalogue.skips.extend(frames.skips);
            }
            Ok(Found::Tile(tile)) => catalogue.tiles.push(tile),
            Err(problem) => catalogue.skips.push(problem),
        }
    }
    let headers: Vec<&FrameHeader> = catalogue.frames.iter().map(|e| &e.header).collect();
    let (times, warnings) = instants(&headers, zone, clock_offset_s);
    for (entry, time) in catalogue.frames.iter_mut().zip(times) {
        entry.time = time;
    }
    catalogue.warnings = warnings;
    reporter.end(&format!(
        "{} of {} files readable",
        catalogue.frame_files.len() + catalogue.tiles.len(),
        folder.files.len()
    ));
    catalogue
}

fn read_one(
    project: &Project,
    path: &Path,
    all_tiles: bool,
    hashes: &FileHashes,
) -> Result<Found, Problem> {
    let shown = project.relative(path);
    let in_file = |problem: Problem| Problem {
        file: Some(shown.clone()),
        ..problem
    };
    let magic = magic(path).map_err(|e| in_file(e.into()))?;
    let is_envi = magic == *b"ENVI";
    if is_envi || TIFF_MAGICS.contains(&&magic) {
        // Tiles may be whole orthomosaics: opened and hashed in pieces, never read whole.
        let opened = match is_envi {
            true => TileRaster::envi(path),
            false => TileRaster::geotiff(path),
        };
        match opened {
            Ok(raster) => {
                let input = hash_file(&shown, path, hashes).map_err(|e| in_file(e.into()))?;
                let raster = Arc::new(raster);
                return Ok(Found::Tile(TileEntry {
                    shown,
                    raster,
                    input,
                }));
            }
            Err(problem) if all_tiles => return Err(in_file(problem)),
            Err(_) => {}
        }
    } else if all_tiles {
        let what = "is no GeoTIFF or ENVI raster, but flight.toml says tiles = true";
        return Err(in_file(Problem::setting(what))
            .hint("tiles are GeoTIFF or ENVI in a projected CRS; take the line out for frames"));
    }
    read_frames(path, &shown, hashes).map(Found::Frames)
}

/// The headers of all frames of a file; the file is left out when none can be read.
fn read_frames(path: &Path, shown: &str, hashes: &FileHashes) -> Result<Frames, Problem> {
    let in_file = |problem: Problem| Problem {
        file: Some(shown.to_owned()),
        ..problem
    };
    let file = Arc::new(FrameFile::open(path).map_err(in_file)?);
    let mut entries = Vec::with_capacity(file.count());
    let mut skips = Vec::new();
    for part in 0..file.count() {
        let shown = match file.count() {
            1 => shown.to_owned(),
            _ => format!("{shown}#{}", part + 1),
        };
        match file.header(part) {
            Ok(header) => entries.push(Entry {
                file: Arc::clone(&file),
                part,
                time: None,
                shown,
                header,
            }),
            Err(problem) => skips.push(Problem {
                file: Some(shown),
                ..problem
            }),
        }
    }
    if entries.is_empty() {
        let problem = skips.into_iter().next();
        return Err(problem.unwrap_or_else(|| in_file(Problem::broken("holds no frame"))));
    }
    let input = hash_file(shown, path, hashes).map_err(|e| in_file(e.into()))?;
    Ok(Frames {
        entries,
        input,
        skips,
    })
}

/// First bytes of TIFF and BigTIFF.
const TIFF_MAGICS: [&[u8; 4]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];

/// First four bytes of a file; zeros where it has fewer.
fn magic(path: &Path) -> std::io::Result<[u8; 4]> {
    let mut magic = Vec::new();
    std::fs::File::open(path)?.take(4).read_to_end(&mut magic)?;
    Ok(magic.try_into().unwrap_or_default())
}

/// Size and hash of a file; of an ENVI header together with its flat file.
pub(crate) fn hash_file(shown: &str, path: &Path, hashes: &FileHashes) -> std::io::Result<Input> {
    let (mut bytes, mut digest) = hashes.of(path)?;
    if magic(path)? == *b"ENVI"
        && let Some(flat) = envi::data_file(path)
    {
        let mut hasher = blake3::Hasher::new();
        bytes = std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
        bytes += std::io::copy(&mut std::fs::File::open(flat)?, &mut hasher)?;
        digest = hasher.finalize();
    }
    Ok(Input {
        file: shown.to_owned(),
        bytes,
        blake3: digest.to_hex().to_string(),
    })
}
