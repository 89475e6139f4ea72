//! From the readings of a handheld thermogram to what they mean: scoring.md §15–§17.
//!
//! In: one row of findings with the readings of its markers and the conditions on site
//! ([`Evidence`]). Out: an [`Assessment`]: the differences and indicators of its kind, severity and
//! urgency of interface.md §6 or why there is none.
//!
//! A number that cannot carry a verdict gets none: each kind has its own "not ratable because".
//! The auditor's own severity wins over the computed one; both are kept.
//!
//! Not here: measuring (`calibrate::tools`), words (`report`).

mod assess;
pub mod building;
pub mod electrical;
mod envelope;
pub mod gate;
pub mod machine;
pub mod pipe;
pub mod pv;
pub mod steam;
pub mod table;

pub use assess::{Assessment, Detail, Severity, assess};

use crate::survey::Finding;
use serde::Serialize;
use table::SeverityTable;

/// Settings `[handheld]` of interface.md §5.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Limits of electrical differences.
    pub table: SeverityTable,
    /// Exponent of the load correction.
    pub load_exponent: f64,
    /// Its range.
    pub load_exponent_range: [f64; 2],
    /// Least load that is rated, fraction of the rated current.
    pub min_load: f64,
    /// Outdoor wind above which nothing is rated, m/s.
    pub wind_max_m_s: f64,
    /// Least temperature factor without risk of mould.
    pub f_rsi_limit: f64,
    /// Internal surface resistance, m²K/W.
    pub rsi_m2k_w: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            table: SeverityTable::neta(),
            load_exponent: 1.7,
            load_exponent_range: [1.6, 2.0],
            min_load: 0.40,
            wind_max_m_s: 8.0,
            f_rsi_limit: 0.70,
            rsi_m2k_w: 0.13,
        }
    }
}

/// What a marker shows, °C.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reading {
    /// Its label, e.g. `Sp1`.
    pub label: String,
    /// Lowest.
    pub min_c: f64,
    /// Mean.
    pub mean_c: f64,
    /// Highest.
    pub max_c: f64,
    /// Pixels with a value.
    pub pixels: usize,
    /// Whether the auditor set it; else the camera.
    pub own: bool,
}

/// Conditions of one finding, of whatever origin. Unknown is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SiteConditions {
    /// Air inside, °C.
    pub indoor_c: Option<f64>,
    /// Air outside, °C.
    pub outdoor_c: Option<f64>,
    /// Humidity inside, fraction.
    pub indoor_humidity: Option<f64>,
    /// Air around the object, °C.
    pub air_c: Option<f64>,
    /// Reflected apparent temperature, °C.
    pub reflected_c: Option<f64>,
    /// Wind at the object, m/s; `None` indoors.
    pub wind_m_s: Option<f64>,
    /// Pressure inside against outside, Pa.
    pub pressure_pa: Option<f64>,
    /// Emissivity the readings were made with.
    pub emissivity: f64,
    /// Whether the camera stood outside.
    pub outdoors: bool,
    /// Least and greatest air temperature outside of the 24 hours before, °C.
    pub outdoor_24h_c: Option<[f64; 2]>,
    /// Rain of the 24 hours before, mm.
    pub rain_24h_mm: Option<f64>,
    /// Whether the sun stood above the horizon within two hours before.
    pub sun_2h: Option<bool>,
}

/// Everything an assessment stands on.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The row.
    pub finding: &'a Finding,
    /// Readings: the auditor's markers first, then the camera's. The first one is the object.
    pub readings: &'a [Reading],
    /// The one the row names as reference: a marker of the same picture, or the object's marker in
    /// another.
    pub reference: Option<Reading>,
    /// The object's markers in the picture before the pressure was lowered.
    pub before: &'a [Reading],
    /// Share of the viewed area that is colder (inside) or warmer (outside) than its surroundings
    /// by a tenth of the difference inside to outside, 0–1.
    pub anomaly_share: Option<f64>,
    /// Conditions.
    pub conditions: SiteConditions,
}

/// Why there is no severity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "code")]
pub enum NotRated {
    /// No marker measured anything.
    NoReading,
    /// Nothing to compare with: neither a reference nor an air temperature.
    NoReference,
    /// Air inside or outside is unknown.
    TemperaturesUnknown,
    /// Inside and outside are too close.
    SmallDifference {
        /// The difference, K.
        difference_k: f64,
    },
    /// Bare metal.
    LowEmissivity {
        /// Its emissivity.
        emissivity: f64,
    },
    /// Too little load.
    LowLoad {
        /// Load, fraction.
        load: f64,
    },
    /// Load or rated current is unknown and the difference says nothing by itself.
    LoadUnknown,
    /// Behind a closed cover.
    CoverClosed,
    /// Too much wind.
    Wind {
        /// Wind, m/s.
        wind_m_s: f64,
    },
    /// An outdoor picture shows the place, not the factor.
    Outdoors,
    /// Steam pressure is unknown.
    PressureUnknown,
    /// Irradiance is unknown.
    IrradianceUnknown,
    /// Too little irradiance.
    LowIrradiance {
        /// Irradiance, W/m².
        irradiance_w_m2: f64,
    },
    /// Nothing in this kind to compute a severity from.
    OwnJudgement,
}

/// What limits a value without taking it away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "code")]
pub enum Caution {
    /// Emissivity below 0.6: apparent temperature, not corrected, never downgraded.
    ApparentTemperature {
        /// Emissivity.
        emissivity: f64,
    },
    /// Outdoor wind cools: severity is a lower bound.
    WindLowerBound {
        /// Wind, m/s.
        wind_m_s: f64,
    },
    /// Load below half of the rated one.
    LoadBelowHalf {
        /// Load, fraction.
        load: f64,
    },
    /// Load is unknown: the difference at full load may be larger.
    LoadUnknown,
    /// Above the rated current.
    Overload {
        /// Load, fraction.
        load: f64,
    },
    /// Currents of the phases differ: warm conductors may be load, not contact.
    PhaseImbalance {
        /// Largest deviation from the mean current, fraction.
        share: f64,
    },
    /// Predicted temperature at rated current passes the permitted one.
    OverLimitAtRatedCurrent {
        /// Predicted, °C.
        predicted_c: f64,
        /// Permitted, °C.
        limit_c: f64,
    },
    /// Measured temperature passes the permitted one.
    OverLimit {
        /// Permitted, °C.
        limit_c: f64,
    },
    /// Seen through an infrared window.
    Window,
    /// The marker covers fewer than 9 pixels: a lower bound.
    FewPixels {
        /// Pixels.
        pixels: usize,
    },
    /// The wind lies above the limit of the practice.
    WindOverPractice {
        /// Wind, m/s.
        wind_m_s: f64,
    },
    /// The auditor's own severity is below the computed one.
    OwnLower,
    /// The pressure was not measured or not lowered enough for an air leak.
    PressureNotLowered,
}
