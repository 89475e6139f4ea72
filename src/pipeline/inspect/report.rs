//! What `inspect` tells of one frame, with the names it has in JSON.
//!
//! Numbers are in the units their names say and rounded to what they can mean; what a file does
//! not say is `null`. The names are an interface.

use super::super::measured::Radiometry;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything told of one frame.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// The file as named.
    pub file: String,
    /// Kind of file, in words.
    pub kind: &'static str,
    /// Frame shown, from 1.
    pub frame: usize,
    /// Frames in the file.
    pub frames: usize,
    /// Camera.
    pub camera: Camera,
    /// Raw columns.
    pub width_px: usize,
    /// Raw rows.
    pub height_px: usize,
    /// EXIF orientation, 1–8.
    pub orientation: u8,
    /// Focal length the file states.
    pub focal_mm: Option<f64>,
    /// What the camera table knows.
    pub camera_table: Option<KnownCamera>,
    /// Capture time.
    pub time: Option<Time>,
    /// Position as found.
    pub position: Option<Position>,
    /// Attitude as found and as understood.
    pub attitude: Attitude,
    /// Velocity north, east, down.
    pub velocity_m_s: Option<[f64; 3]>,
    /// What the samples can be turned into.
    pub radiometry: Radiometry,
    /// Meaning of the samples.
    pub calibration: Calibration,
    /// Parameters used, by name, with where each came from.
    pub parameters: BTreeMap<&'static str, Parameter>,
    /// Temperature law of a DJI file; other cameras have no choice.
    pub dji: Option<Law>,
    /// Surface temperature.
    pub temperature: Option<Temperatures>,
    /// Samples as stored.
    pub counts: Option<CountStatistics>,
    /// Values of single pixels asked for.
    pub at: Vec<Pixel>,
    /// Stored measuring tools with their values.
    pub tools: Vec<Tool>,
    /// Name of the stored palette.
    pub palette: Option<String>,
    /// Embedded visible picture.
    pub visible: Option<Visible>,
    /// How the thermal picture lies in the visible one.
    pub picture_in_picture: Option<Pip>,
    /// Range the camera was set to.
    pub range_c: Option<[f64; 2]>,
    /// Notes stored with the picture.
    pub comments: Vec<Comment>,
    /// What was odd.
    pub warnings: Vec<String>,
}

/// Temperature law, by the words of `radiometry.dji`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Law {
    /// "physical" or "vendor-equivalent".
    pub value: &'static str,
    /// Who asked for it.
    pub origin: &'static str,
}

/// Who made the picture; empty is unknown.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Camera {
    pub make: String,
    pub model: String,
    pub serial: String,
    pub lens: String,
}

/// What `models/cameras.toml` knows of a camera, at the frame's size.
#[derive(Clone, Debug, Serialize)]
pub struct KnownCamera {
    /// Detector pitch.
    pub pitch_um: Option<f64>,
    /// Nominal focal length.
    pub focal_mm: Option<f64>,
    /// Focal length used, pixels, and where it came from.
    pub focal_px: Option<f64>,
    /// "file", "table" or "setting".
    pub focal_origin: Option<&'static str>,
    /// Noise.
    pub netd_k: Option<f64>,
    /// Spectral band.
    pub band_um: Option<[f64; 2]>,
    /// What to know of it.
    pub notes: String,
}

/// Capture time: a point in time, or the camera's clock without zone.
#[derive(Clone, Debug, Serialize)]
pub struct Time {
    /// RFC 3339.
    pub utc: Option<String>,
    /// Camera's clock.
    pub local: Option<String>,
    /// Which clock, in words.
    pub source: Option<&'static str>,
}

/// Position, ETRS89/WGS84.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Position {
    pub lon_deg: f64,
    pub lat_deg: f64,
    pub absolute_m: Option<f64>,
    pub relative_m: Option<f64>,
    pub rtk: &'static str,
    pub sigma_horizontal_m: Option<f64>,
    pub sigma_vertical_m: Option<f64>,
}

/// Angles as found, and what they mean together.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Attitude {
    pub gimbal: Option<Angles>,
    pub flight: Option<Angles>,
    pub camera: Option<Angles>,
    pub look: Option<LookDirection>,
}

/// Three angles.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Angles {
    pub yaw_deg: f64,
    pub pitch_deg: f64,
    pub roll_deg: f64,
}

/// Where the camera looked.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LookDirection {
    /// Record it came from.
    pub source: &'static str,
    /// Yaw from true north, pitch −90 straight down, roll within ±90.
    #[serde(flatten)]
    pub angles: Angles,
    /// Angle to straight down.
    pub tilt_deg: f64,
    /// "nadir" where a map can use it, else "oblique".
    pub view: &'static str,
}

/// Meaning of the samples.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Calibration {
    Planck {
        r1: f64,
        r2: f64,
        b: f64,
        f: f64,
        o: f64,
    },
    Linear {
        scale: f64,
        offset_c: f64,
    },
    Unscaled,
    Relative,
}

/// A parameter and where it came from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Value in the unit of its name.
    pub value: f64,
    /// "command line", "file" or "default".
    pub origin: &'static str,
    /// What the file says, when it says anything.
    pub found: Option<f64>,
}

/// Statistics of temperatures.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Temperatures {
    pub min_c: f64,
    pub median_c: f64,
    pub max_c: f64,
    pub mean_c: f64,
    pub valid_px: usize,
    pub invalid_px: usize,
}

/// Statistics of samples as stored.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct CountStatistics {
    pub min: f64,
    pub median: f64,
    pub max: f64,
    pub mean: f64,
}

/// One pixel.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pixel {
    /// Column from 0.
    pub x: usize,
    /// Row from 0.
    pub y: usize,
    /// Temperature; `null` where there is none.
    pub temperature_c: Option<f64>,
    /// Sample as stored.
    pub sample: Option<f64>,
}

/// A measuring tool with its values.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// Kind in one word.
    pub kind: &'static str,
    /// Name.
    pub label: String,
    /// Coordinates as stored.
    pub points_px: Vec<u16>,
    /// Lowest value.
    pub min_c: Option<f64>,
    /// Mean.
    pub mean_c: Option<f64>,
    /// Highest value.
    pub max_c: Option<f64>,
}

/// Embedded visible picture.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Visible {
    pub format: &'static str,
    pub width_px: usize,
    pub height_px: usize,
    pub bytes: usize,
}

/// Picture-in-picture geometry.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Pip {
    pub real_to_ir: f64,
    pub offset_px: [i32; 2],
    pub crop_px: [i32; 4],
}

/// A note stored with the picture.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Comment {
    pub name: String,
    pub text: String,
}
