//! What `inspect` tells of one frame, with the names it has in JSON.
//!
//! Numbers are in the units their names say and rounded to what they can mean; what a file does
//! not say is `null`. The names are an interface.

use super::super::measured::{Measured, Radiometry, Statistics};
use super::facts;
use crate::calibrate::parameters::Origin;
use crate::calibrate::tools;
use crate::orient::cameras::{CameraTable, FocalSource};
use crate::orient::{Options, look};
use crate::problem::{Problem, Result};
use crate::survey::{Counts, Encoding, Extras, FrameHeader, ToolKind, VisibleFormat, YawPitchRoll};
use crate::units::ZERO_CELSIUS_K;
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

impl Inspection {
    /// What is told of a frame; the caller adds what only the file knows.
    pub(in crate::pipeline) fn new(file: &str, measured: &Measured, extras: &Extras) -> Self {
        let header = &measured.raw.header;
        let celsius = measured.thermal.as_ref().map(|t| t.kelvin.data());
        let warnings = header.warnings.iter().chain(&extras.warnings);
        Self {
            file: file.to_owned(),
            kind: "",
            frame: 1,
            frames: 1,
            camera: Camera {
                make: header.camera.make.clone(),
                model: header.camera.model.clone(),
                serial: header.camera.serial.clone(),
                lens: header.camera.lens.clone(),
            },
            width_px: header.width,
            height_px: header.height,
            orientation: header.orientation,
            focal_mm: header.focal_mm.map(fine),
            camera_table: known(header),
            time: header.time.map(|time| {
                let (utc, local) = facts::time(time);
                Time {
                    utc,
                    local,
                    source: header.time_source.map(|s| s.words()),
                }
            }),
            position: header.fix.map(|fix| Position {
                lon_deg: fix.lon_deg,
                lat_deg: fix.lat_deg,
                absolute_m: fix.absolute_m,
                relative_m: fix.relative_m,
                rtk: facts::rtk(fix.rtk),
                sigma_horizontal_m: fix.sigma_horizontal_m.map(fine),
                sigma_vertical_m: fix.sigma_vertical_m.map(fine),
            }),
            attitude: attitude(header),
            velocity_m_s: header.velocity_m_s,
            radiometry: measured.radiometry,
            calibration: calibration(header.encoding),
            parameters: parameters(measured),
            temperature: celsius.and_then(Statistics::of).map(temperatures),
            counts: Statistics::of(&measured.samples()).map(|s| CountStatistics {
                min: s.min,
                median: s.median,
                max: s.max,
                mean: fine(s.mean),
            }),
            at: Vec::new(),
            tools: extras.tools.iter().map(|t| tool(measured, t)).collect(),
            palette: extras.palette.as_ref().map(|p| p.name.clone()),
            visible: extras.visible.as_ref().map(|v| Visible {
                format: match v.format {
                    VisibleFormat::Jpeg => "jpeg",
                    VisibleFormat::Png => "png",
                    VisibleFormat::Raw => "raw",
                },
                width_px: v.width,
                height_px: v.height,
                bytes: v.bytes.len(),
            }),
            picture_in_picture: extras.pip.map(|p| Pip {
                real_to_ir: fine(p.real_to_ir),
                offset_px: p.offset_px,
                crop_px: p.crop_px,
            }),
            range_c: extras.range_c.map(|r| r.map(hundredths)),
            comments: extras
                .comments
                .iter()
                .map(|(name, text)| Comment {
                    name: name.clone(),
                    text: text.clone(),
                })
                .collect(),
            warnings: warnings.cloned().collect(),
        }
    }
}

/// A pixel asked for.
///
/// # Errors
/// It lies outside the picture.
pub(super) fn pixel(measured: &Measured, x: usize, y: usize) -> Result<Pixel> {
    let header = &measured.raw.header;
    if x >= header.width || y >= header.height {
        return Err(Problem::setting(format!(
            "pixel {x},{y} is outside, expected columns 0 to {} and rows 0 to {}",
            header.width - 1,
            header.height - 1
        ))
        .field("--at"));
    }
    let kelvin = measured.thermal.as_ref().map(|t| t.kelvin.at(x, y));
    let sample = match &measured.raw.counts {
        Counts::U16(grid) => f64::from(grid.at(x, y)),
        Counts::F32(grid) => f64::from(grid.at(x, y)),
    };
    Ok(Pixel {
        x,
        y,
        temperature_c: kelvin
            .filter(|k| !k.is_nan())
            .map(|k| celsius(f64::from(k))),
        sample: Some(sample).filter(|s| s.is_finite()),
    })
}

fn known(header: &FrameHeader) -> Option<KnownCamera> {
    let table = CameraTable::default();
    let entry = table.entry_for(header);
    entry.pitch_um?;
    let model = table.model_for(header).ok();
    Some(KnownCamera {
        pitch_um: entry.pitch_um,
        focal_mm: entry.focal_mm,
        focal_px: model.as_ref().map(|(m, _)| fine(m.f_px)),
        focal_origin: model.as_ref().map(|(_, source)| match source.focal {
            FocalSource::Setting => "setting",
            FocalSource::File => "file",
            FocalSource::Table => "table",
        }),
        netd_k: entry.netd_k,
        band_um: entry.band_um,
        notes: entry.notes,
    })
}

fn attitude(header: &FrameHeader) -> Attitude {
    let angles = |a: YawPitchRoll| Angles {
        yaw_deg: a.yaw_deg,
        pitch_deg: a.pitch_deg,
        roll_deg: a.roll_deg,
    };
    Attitude {
        gimbal: header.gimbal.map(angles),
        flight: header.flight.map(angles),
        camera: header.mount.map(angles),
        look: look(header).map(|look| LookDirection {
            source: look.source,
            angles: Angles {
                yaw_deg: hundredths(look.angles.yaw_deg),
                pitch_deg: hundredths(look.angles.pitch_deg),
                roll_deg: hundredths(look.angles.roll_deg),
            },
            tilt_deg: hundredths(look.tilt_deg),
            view: match look.tilt_deg <= Options::default().max_oblique_deg {
                true => "nadir",
                false => "oblique",
            },
        }),
    }
}

fn calibration(encoding: Encoding) -> Calibration {
    match encoding {
        Encoding::Planck(p) => Calibration::Planck {
            r1: p.r1,
            r2: p.r2,
            b: p.b,
            f: p.f,
            o: p.o,
        },
        Encoding::Linear { scale, offset_c } => Calibration::Linear { scale, offset_c },
        Encoding::Unscaled => Calibration::Unscaled,
        Encoding::Relative => Calibration::Relative,
    }
}

/// Parameters used, by the names of `[radiometry]` in `audit.toml`; empty where no temperature
/// could be had.
fn parameters(measured: &Measured) -> BTreeMap<&'static str, Parameter> {
    if measured.thermal.is_none() {
        return BTreeMap::new();
    }
    let p = &measured.resolved.parameters;
    let found = &measured.raw.header.found;
    let linear = |pick: fn((f64, f64)) -> f64| p.linear.map(pick);
    let value = |key: &str| {
        Some(match key {
            "emissivity" => (p.emissivity, found.emissivity),
            "distance_m" => (p.distance_m, found.distance_m),
            "reflected_c" => (p.reflected_c, found.reflected_c),
            "air_c" => (p.air_c, found.air_c),
            "humidity_pct" => (p.humidity * 100.0, found.humidity.map(|h| h * 100.0)),
            "window_c" => (p.window_c, found.window_c),
            "window_transmission" => (p.window_transmission, found.window_transmission),
            "tiff_scale" => (linear(|l| l.0)?, None),
            _ => return None,
        })
    };
    let entry = |value: f64, found: Option<f64>, origin: Origin| Parameter {
        value: fine(value),
        origin: origin.name(),
        found: found.map(fine),
    };
    let mut all = BTreeMap::new();
    for (key, origin) in &measured.resolved.origins {
        if let Some((number, found)) = value(key) {
            all.insert(*key, entry(number, found, *origin));
            if let (&"tiff_scale", Some(offset)) = (key, linear(|l| l.1)) {
                all.insert("tiff_offset_c", entry(offset, None, *origin));
            }
        }
    }
    all
}

fn tool(measured: &Measured, tool: &crate::survey::MeasurementTool) -> Tool {
    let reading = measured
        .thermal
        .as_ref()
        .and_then(|t| tools::measure(&t.kelvin, tool));
    Tool {
        kind: match tool.kind {
            ToolKind::Spot => "spot",
            ToolKind::Area => "area",
            ToolKind::Ellipse => "ellipse",
            ToolKind::Line => "line",
            ToolKind::Endpoint => "endpoint",
            ToolKind::Alarm => "alarm",
            ToolKind::Difference => "difference",
        },
        label: tool.label.clone(),
        points_px: tool.points.clone(),
        min_c: reading.map(|r| celsius(r.min_k)),
        mean_c: reading.map(|r| celsius(r.mean_k)),
        max_c: reading.map(|r| celsius(r.max_k)),
    }
}

/// Statistics in kelvin as °C.
fn temperatures(s: Statistics) -> Temperatures {
    Temperatures {
        min_c: celsius(s.min),
        median_c: celsius(s.median),
        max_c: celsius(s.max),
        mean_c: celsius(s.mean),
        valid_px: s.valid,
        invalid_px: s.invalid,
    }
}

/// To a ten-thousandth of a degree.
fn celsius(kelvin: f64) -> f64 {
    rounded(kelvin - ZERO_CELSIUS_K, 4)
}

fn hundredths(value: f64) -> f64 {
    rounded(value, 2)
}

/// Six decimals: single precision of files without its noise.
fn fine(value: f64) -> f64 {
    rounded(value, 6)
}

/// Rounded to decimals; never a negative zero.
fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit + 0.0
}
