//! The camera-info and GPS records of an FFF block.
//!
//! Offsets and types: formats.md §1.4 and §1.10, checked there on 38 files. Temperatures are
//! stored in kelvin, also where the maker's own viewer shows °C. Only fields that fit into the
//! record are read: records of 1148 to 2476 bytes exist.

use super::bytes::{Order, text};
use super::fff::{CAMERA_INFO, Fff, GPS};
use crate::problem::{Problem, Result};
use crate::survey::{AirCoefficients, FoundParameters, Planck};
use crate::units::ZERO_CELSIUS_K;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MARK: u16 = 2;

/// What the camera-info record holds and we use.
#[derive(Clone, Debug, Default)]
pub(super) struct CameraInfo {
    pub(super) planck: Option<Planck>,
    pub(super) found: FoundParameters,
    pub(super) model: String,
    pub(super) serial: String,
    pub(super) lens: String,
    /// Point in time, when the clock has a zone.
    pub(super) time: Option<Timestamp>,
    /// The clock's reading, when its zone is zero: many clocks run on local time and say zone 0.
    pub(super) local: Option<DateTime>,
}

impl CameraInfo {
    /// Reads the record; `warnings` receives what was out of range.
    ///
    /// Errors: no record, or its byte-order mark reads 2 in neither order.
    pub(super) fn open(fff: &Fff<'_>, warnings: &mut Vec<String>) -> Result<Self> {
        let fault = |what| Problem::broken(what).field("FFF camera info");
        let record = fff
            .record(CAMERA_INFO)
            .ok_or_else(|| fault("is missing: the file holds no calibration"))?;
        let order = Order::from_mark(record, MARK)
            .ok_or_else(|| fault("byte-order mark does not read 2"))?;
        let float = |at| order.f32(record, at);
        let string = |at, length| text(record, at, length).unwrap_or_default();
        let mut info = CameraInfo {
            planck: planck(record, order),
            found: found(&float, warnings),
            model: string(0xD4, 32),
            serial: string(0x104, 16),
            lens: string(0x170, 32),
            ..CameraInfo::default()
        };
        info.read_clock(record, order);
        Ok(info)
    }

    fn read_clock(&mut self, record: &[u8], order: Order) {
        let clock = || {
            let second = order.u32(record, 0x384).filter(|s| *s != 0)?;
            // The upper half of the second word is not part of the milliseconds.
            let milli = (order.u32(record, 0x388)? & 0xFFFF).min(999);
            let zone_minutes = order.i16(record, 0x38C)?;
            let time = Timestamp::new(i64::from(second), milli as i32 * 1_000_000).ok()?;
            Some((time, zone_minutes))
        };
        match clock() {
            Some((time, 0)) => self.local = Some(Offset::UTC.to_datetime(time)),
            Some((time, _)) => self.time = Some(time),
            None => {}
        }
    }
}

/// Constants as stored; whether they are usable is checked where they are used.
fn planck(record: &[u8], order: Order) -> Option<Planck> {
    Some(Planck {
        r1: order.f32(record, 0x58)?,
        b: order.f32(record, 0x5C)?,
        f: order.f32(record, 0x60)?,
        o: f64::from(order.i32(record, 0x308)?),
        r2: order.f32(record, 0x30C)?,
    })
}

fn found(float: &dyn Fn(usize) -> Option<f64>, warnings: &mut Vec<String>) -> FoundParameters {
    let mut within = |name: &str, value: Option<f64>, ok: &dyn Fn(f64) -> bool, expected: &str| {
        let value = value?;
        if ok(value) {
            return Some(value);
        }
        warnings.push(format!(
            "{name} in the file is {value}, expected {expected}: not used"
        ));
        None
    };
    // The limits of formats.md §1.6, and for temperatures those of any camera's surroundings.
    let kelvin = |k: f64| (100.0..=1000.0).contains(&k);
    let celsius = |k: f64| k - ZERO_CELSIUS_K;
    let mut temperature =
        |name: &str, at: usize| within(name, float(at), &kelvin, "100 to 1000 K").map(celsius);
    let reflected_c = temperature("reflected temperature", 0x28);
    let air_c = temperature("air temperature", 0x2C);
    let window_c = temperature("window temperature", 0x30);
    let emissivity = within(
        "emissivity",
        float(0x20),
        &|e| e > 0.0 && e <= 1.05,
        "0 to 1",
    );
    let window_transmission = within(
        "window transmission",
        float(0x34),
        &|t| t > 0.0 && t <= 1.0,
        "0 to 1",
    );
    let finite = |v: f64| v.is_finite();
    let distance_m = within("object distance", float(0x24), &finite, "a number").map(|d| {
        if d < 0.0 {
            warnings.push(format!("object distance in the file is {d} m: taken as 0"));
        }
        d.max(0.0)
    });
    let humidity = float(0x3C).filter(|h| h.is_finite()).map(|stored| {
        // Cameras store a fraction; some store percent.
        let fraction = if stored > 2.0 { stored / 100.0 } else { stored };
        if !(0.0..=1.0).contains(&fraction) {
            warnings.push(format!(
                "relative humidity in the file is {stored}: taken as {}",
                fraction.clamp(0.0, 1.0)
            ));
        }
        fraction.clamp(0.0, 1.0)
    });
    FoundParameters {
        emissivity,
        distance_m,
        reflected_c,
        air_c,
        humidity,
        window_c,
        window_transmission,
        air: Some(air_coefficients(float, warnings)),
    }
}

fn air_coefficients(
    float: &dyn Fn(usize) -> Option<f64>,
    warnings: &mut Vec<String>,
) -> AirCoefficients {
    let value = |at| float(at).filter(|v| v.is_finite()).unwrap_or(0.0);
    let stored = AirCoefficients {
        alpha1: value(0x70),
        alpha2: value(0x74),
        beta1: value(0x78),
        beta2: value(0x7C),
        x: value(0x80),
    };
    let [a1, a2, b1, b2, x] = [
        stored.alpha1,
        stored.alpha2,
        stored.beta1,
        stored.beta2,
        stored.x,
    ];
    if [a1, a2, b1, b2, x].iter().all(|v| *v == 0.0) {
        warnings.push(
            "the file has no air transmission coefficients: the maker's usual ones are used".into(),
        );
        return AirCoefficients::USUAL;
    }
    stored
}

/// Position of the GPS record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GpsRecord {
    pub(super) lat_deg: f64,
    pub(super) lon_deg: f64,
    pub(super) altitude_m: Option<f64>,
    /// Image direction; 0 where there is no compass.
    pub(super) heading_deg: Option<f64>,
}

impl GpsRecord {
    /// Reads the record; `None` without one or without a fix.
    pub(super) fn open(fff: &Fff<'_>) -> Option<Self> {
        let record = fff.record(GPS)?;
        // The valid flag is 1 in the order of the record, which Vue Pro writes big-endian.
        let order = [Order::Little, Order::Big]
            .into_iter()
            .find(|order| order.u32(record, 0) == Some(1))?;
        // Some cameras store a signed angle, some its size and a letter (FLIR ONE).
        let signed = |angle: f64, letter: usize, negative: &[u8]| {
            let turned = angle > 0.0 && record.get(letter..letter + 1) == Some(negative);
            if turned { -angle } else { angle }
        };
        Some(Self {
            lat_deg: signed(order.f64(record, 0x10)?, 0x08, b"S"),
            lon_deg: signed(order.f64(record, 0x18)?, 0x0A, b"W"),
            altitude_m: order.f32(record, 0x20).filter(|a| a.is_finite()),
            heading_deg: order.f32(record, 0x54).filter(|d| *d > 0.0 && *d <= 360.0),
        })
    }
}
