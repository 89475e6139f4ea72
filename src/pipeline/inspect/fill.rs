//! From a measured frame to what is told of it.

use super::super::measured::{Measured, Statistics};
use super::facts;
use super::report::{
    Angles, Attitude, Calibration, Camera, Comment, CountStatistics, Inspection, KnownCamera, Law,
    LookDirection, Parameter, Pip, Pixel, Position, Temperatures, Time, Tool, Visible,
};
use crate::calibrate::parameters::Origin;
use crate::calibrate::{tools, vendor};
use crate::orient::cameras::{CameraTable, FocalSource};
use crate::orient::{Options, look};
use crate::problem::{Problem, Result};
use crate::survey::{Counts, Encoding, Extras, FrameHeader, ToolKind, VisibleFormat, YawPitchRoll};
use crate::units::ZERO_CELSIUS_K;
use std::collections::BTreeMap;

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
            dji: law(measured),
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
    if entry.pitch_um.is_none() && entry.notes.is_empty() {
        return None;
    }
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

/// The law used, where the maker's could have been.
fn law(measured: &Measured) -> Option<Law> {
    let meant = vendor::applies(&measured.raw.header) && measured.thermal.is_some();
    let origins = &measured.resolved.origins;
    let origin = origins.iter().find(|(key, _)| *key == "dji")?.1;
    meant.then_some(Law {
        value: match measured.resolved.parameters.vendor_equivalent {
            true => "vendor-equivalent",
            false => "physical",
        },
        origin: origin.name(),
    })
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
