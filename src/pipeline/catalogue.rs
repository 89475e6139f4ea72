//! The `read` stage: what every file of a flight says of itself, without its pixels.

use super::project::{FlightFolder, Project};
use super::stage::{Reporter, Stage};
use crate::problem::Problem;
use crate::read::frame;
use crate::survey::{CaptureTime, FrameHeader};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;
use std::path::PathBuf;

/// One readable frame.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The file.
    pub(crate) path: PathBuf,
    /// The file as printed.
    pub(crate) shown: String,
    /// Its header.
    pub(crate) header: FrameHeader,
    /// Capture time, the camera's clock put right.
    pub(crate) time: Option<Timestamp>,
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
    pub(crate) tiles: Vec<(PathBuf, Input)>,
    /// Files left out and why.
    pub(crate) skips: Vec<Problem>,
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
    Frame(Box<Entry>),
    Tile(PathBuf, Input),
}

/// Reads the headers of all files of a flight folder.
pub(crate) fn read(
    project: &Project,
    folder: &FlightFolder,
    zone: &TimeZone,
    reporter: &dyn Reporter,
) -> Catalogue {
    reporter.begin(&folder.id, Stage::Read, folder.files.len());
    let clock_offset_s = folder.settings.number("flight", "camera_clock_offset_s").unwrap_or(0.0);
    let all_tiles = folder.settings.flag("flight", "tiles");
    let found: Vec<Result<Found, Problem>> = folder
        .files
        .par_iter()
        .map(|path| {
            let result = read_one(project, path, zone, clock_offset_s, all_tiles);
            reporter.advance(1);
            result
        })
        .collect();
    let mut catalogue = Catalogue::default();
    for result in found {
        match result {
            Ok(Found::Frame(entry)) => catalogue.frames.push(*entry),
            Ok(Found::Tile(path, input)) => catalogue.tiles.push((path, input)),
            Err(problem) => catalogue.skips.push(problem),
        }
    }
    reporter.end(&format!(
        "{} of {} files readable",
        catalogue.frames.len() + catalogue.tiles.len(),
        folder.files.len()
    ));
    catalogue
}

fn read_one(
    project: &Project,
    path: &std::path::Path,
    zone: &TimeZone,
    clock_offset_s: f64,
    all_tiles: bool,
) -> Result<Found, Problem> {
    let shown = project.relative(path);
    let bytes = std::fs::read(path).map_err(|e| Problem::from(e).in_file(shown.clone()))?;
    let input = Input {
        file: shown.clone(),
        bytes: bytes.len() as u64,
        blake3: blake3::hash(&bytes).to_hex().to_string(),
    };
    let georeferenced = frame::is_georeferenced_tile(&bytes);
    if all_tiles && !georeferenced {
        return Err(Problem::setting("has no georeference, but flight.toml says tiles = true")
            .in_file(shown)
            .hint("tiles are GeoTIFF with a projected CRS; take the line out for frames"));
    }
    if georeferenced {
        return Ok(Found::Tile(path.to_owned(), input));
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let header = frame::header(&name, &bytes).map_err(|p| p.in_file(shown.clone()))?;
    let time = header.time.and_then(|t| instant(t, zone)).and_then(|t| {
        t.checked_add(SignedDuration::from_millis((clock_offset_s * 1000.0) as i64)).ok()
    });
    Ok(Found::Frame(Box::new(Entry { path: path.to_owned(), shown, header, time, input })))
}

/// A capture time as a point in time; a clock without zone is in the project's zone. Of the two
/// readings of the repeated autumn hour the earlier is taken.
fn instant(time: CaptureTime, zone: &TimeZone) -> Option<Timestamp> {
    match time {
        CaptureTime::Utc(timestamp) => Some(timestamp),
        CaptureTime::Local(civil) => {
            zone.to_ambiguous_zoned(civil).compatible().ok().map(|z| z.timestamp())
        }
    }
}
