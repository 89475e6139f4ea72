//! From counts to kelvin: one frame, one set of parameters.
//!
//! In: [`RawFrame`] and [`Parameters`]. Out: [`ThermalFrame`], surface temperature in kelvin with
//! NaN where counts and parameters contradict each other.
//!
//! What reaches the detector is a mixture: surface, reflected surroundings, air, a window in
//! front of the lens. In a quantity that adds up linearly (counts of a camera with Planck
//! constants, band radiance for ready temperatures) the surface's share is `gain · S − offset`
//! with two numbers per frame, and only the way from there to kelvin is curved. Samples of 16
//! bits have at most 65,536 values, so the curved part is a table per frame, over the values that
//! occur.
//!
//! Not here: which parameters to believe ([`parameters`] puts the sources in order), drift
//! between frames (`level`), emissivity of single roofs (`score`).

mod air;
pub mod handheld;
pub mod parameters;
mod path;
mod planck;
pub mod radiance;
pub mod sky;
mod suggest;
mod tables;
pub mod tools;
pub mod vendor;

#[cfg(test)]
mod tests;

pub use air::transmission;
pub use path::{AirPath, to_kelvin_through};
pub use planck::{planck_counts, planck_temperature};

use crate::problem::{Kind, Problem, Result};
use crate::raster::Grid;
use crate::survey::{AirCoefficients, Counts, Encoding, FrameHeader, Planck, RawFrame};
use crate::units::{Kelvin, ZERO_CELSIUS_K};

/// Everything needed to turn counts into surface temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Emissivity of the surface, (0, 1.05]; cameras store a little over 1 now and then.
    pub emissivity: f64,
    /// Length of the air path, metres; 0 is no air.
    pub distance_m: f64,
    /// Reflected apparent temperature, °C.
    pub reflected_c: f64,
    /// Air temperature, °C.
    pub air_c: f64,
    /// Relative humidity, fraction 0–1.
    pub humidity: f64,
    /// Temperature of external optics, °C.
    pub window_c: f64,
    /// Transmission of external optics, (0, 1].
    pub window_transmission: f64,
    /// Air transmission coefficients.
    pub air: AirCoefficients,
    /// Camera constants instead of the file's.
    pub planck: Option<Planck>,
    /// Scale (K per count) and offset (°C at count 0) instead of the file's.
    pub linear: Option<(f64, f64)>,
    /// The maker's own law for DJI's cameras instead of band radiance ([`vendor`]).
    pub vendor_equivalent: bool,
}

impl Parameters {
    /// A black surface without air or optics in between: apparent temperature.
    pub const BARE: Parameters = Parameters {
        emissivity: 1.0,
        distance_m: 0.0,
        reflected_c: 20.0,
        air_c: 20.0,
        humidity: 0.5,
        window_c: 20.0,
        window_transmission: 1.0,
        air: AirCoefficients::USUAL,
        planck: None,
        linear: None,
        vendor_equivalent: false,
    };

    /// Checks every value against its limits (formats.md §1.6); the problem names the setting.
    pub fn check(&self) -> Result<()> {
        let celsius = |v: f64| v > -ZERO_CELSIUS_K && v < 1000.0;
        let rule = |key: &str, value: f64, good: bool, expected: &str| {
            if good {
                return Ok(());
            }
            Err(Problem::setting(format!("is {value}, expected {expected}"))
                .field(format!("radiometry.{key}")))
        };
        let p = self;
        let (e, t) = (p.emissivity, p.window_transmission);
        rule("emissivity", e, e > 0.0 && e <= 1.05, "> 0 and <= 1")?;
        rule(
            "window_transmission",
            t,
            t > 0.0 && t <= 1.0,
            "> 0 and <= 1",
        )?;
        let fraction = (0.0..=1.0).contains(&p.humidity);
        rule("humidity_pct", p.humidity * 100.0, fraction, "0 to 100")?;
        let distance = (0.0..1e5).contains(&p.distance_m);
        rule("distance_m", p.distance_m, distance, ">= 0 m")?;
        for (key, value) in [
            ("reflected_c", p.reflected_c),
            ("air_c", p.air_c),
            ("window_c", p.window_c),
        ] {
            rule(key, value, celsius(value), "a temperature in °C")?;
        }
        let tau = p.transmission();
        let clear = tau > 0.0 && tau <= 1.05;
        rule(
            "distance_m",
            p.distance_m,
            clear,
            "an air path that lets radiation through",
        )
    }

    /// Transmission of the air path.
    pub fn transmission(&self) -> f64 {
        transmission(self.distance_m, self.air_c, self.humidity, &self.air)
    }
}

/// Surface temperature of one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct ThermalFrame {
    /// Kelvin, same pixels as the raw frame; NaN is missing or impossible.
    pub kelvin: Grid<f32>,
    /// Number of NaN pixels.
    pub invalid: u32,
}

/// Turns a frame's counts into surface temperature.
///
/// Errors: a parameter out of range; counts whose meaning neither the file nor a setting tells;
/// camera constants out of range.
pub fn to_kelvin(frame: &RawFrame, parameters: &Parameters) -> Result<ThermalFrame> {
    let name = frame.header.name.as_str();
    convert(frame, parameters).map_err(|problem| problem.in_file(name))
}

fn convert(frame: &RawFrame, parameters: &Parameters) -> Result<ThermalFrame> {
    parameters.check()?;
    let scale = Scale::choose(&frame.header, parameters).map_err(|p| suggested(p, frame))?;
    let law = vendor::Law::of(&frame.header, parameters);
    let curve = tables::Curve::new(scale, parameters, law);
    let (kelvin, invalid) = match &frame.counts {
        Counts::U16(counts) => curve.map_u16(counts),
        Counts::F32(values) => curve.map_f32(values),
    };
    Ok(ThermalFrame { kelvin, invalid })
}

/// The problem of a frame without scale, with the scales that would fit.
fn suggested(problem: Problem, frame: &RawFrame) -> Problem {
    let fits = match (&frame.header.encoding, &frame.counts) {
        (Encoding::Unscaled, Counts::U16(counts)) => suggest::words(counts),
        _ => None,
    };
    match (fits, problem.hint.clone()) {
        (Some(fits), Some(hint)) => problem.hint(format!("{hint}; {fits}")),
        _ => problem,
    }
}

/// What the samples mean in the end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    /// Counts with camera constants.
    Planck(Planck),
    /// Apparent temperature: kelvin = sample · scale + offset.
    Linear { scale: f64, offset_k: f64 },
}

impl Scale {
    fn choose(header: &FrameHeader, parameters: &Parameters) -> Result<Self> {
        let linear = parameters
            .linear
            .map(|(scale, offset_c)| Self::linear(scale, offset_c));
        let constants = parameters.planck.map(Self::planck);
        match header.encoding {
            Encoding::Planck(own) => constants.unwrap_or_else(|| {
                Self::planck(own).map_err(|p| Problem {
                    kind: Kind::Broken,
                    ..p
                })
            }),
            Encoding::Linear { scale, offset_c } => {
                linear.unwrap_or_else(|| Self::linear(scale, offset_c))
            }
            Encoding::Unscaled => linear.or(constants).unwrap_or_else(|| {
                Err(Problem::setting(
                    "the file does not say what its counts mean, and no scale is set",
                )
                .field("radiometry.tiff_scale")
                .hint(
                    "set radiometry.tiff_scale and radiometry.tiff_offset_c (°C = raw · scale + \
                     offset); FLIR drones: 0.04 or 0.4 with -273.15, hundredths of a kelvin: 0.01 \
                     with -273.15",
                ))
            }),
            Encoding::Relative => linear.or(constants).unwrap_or_else(|| {
                Err(Problem::unsupported(
                    "the camera is not radiometric: its counts are contrast, not temperature",
                )
                .field("radiometry.planck")
                .hint("set radiometry.planck if the camera was calibrated by someone else"))
            }),
        }
    }

    fn planck(constants: Planck) -> Result<Self> {
        planck::check(&constants)?;
        Ok(Self::Planck(constants))
    }

    fn linear(scale: f64, offset_c: f64) -> Result<Self> {
        if !(scale.is_finite() && scale > 0.0 && offset_c.is_finite()) {
            return Err(Problem::setting(format!(
                "scale {scale} and offset {offset_c}, expected a scale > 0 and a number"
            ))
            .field("radiometry.tiff_scale"));
        }
        Ok(Self::Linear {
            scale,
            offset_k: offset_c + ZERO_CELSIUS_K,
        })
    }
}

/// The surface's share of what the detector sees: `gain · S − offset`, for any quantity S that
/// mixes linearly (formats.md §1.5):
///
/// S_obj = S/(ε τ t) − ((1−ε)/ε) W(T_refl) − ((1−τ)/(ε τ)) W(T_air) − ((1−t)/(ε τ t)) W(T_win)
///
/// ε emissivity, τ transmission of the air (one path from surface to camera), t of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Unmixing {
    gain: f64,
    offset: f64,
}

impl Unmixing {
    /// `signal` is W: the linear quantity a black body of that temperature gives.
    fn new(parameters: &Parameters, signal: impl Fn(Kelvin) -> f64) -> Self {
        let e = parameters.emissivity;
        let t = parameters.window_transmission;
        let tau = parameters.transmission();
        // A share of zero must not fail on a temperature nobody set.
        let share = |factor: f64, celsius: f64| {
            if factor == 0.0 {
                0.0
            } else {
                factor * signal(Kelvin::from_celsius(celsius))
            }
        };
        Self {
            gain: 1.0 / (e * tau * t),
            offset: share((1.0 - e) / e, parameters.reflected_c)
                + share((1.0 - tau) / (e * tau), parameters.air_c)
                + share((1.0 - t) / (e * tau * t), parameters.window_c),
        }
    }

    fn is_identity(&self) -> bool {
        self.gain == 1.0 && self.offset == 0.0
    }

    fn apply(&self, signal: f64) -> f64 {
        self.gain * signal - self.offset
    }
}
