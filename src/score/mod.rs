//! Heat-loss statistics, classes and hotspots.
//!
//! In: roofs measured in the mosaic, weather, what companies say. Out: one [`RoofScore`] per
//! building and its hotspots.
//!
//! One file per idea: `sky`, `convection`, `balance`, `uncertainty`, `anchor`, `indoor`,
//! `energy`, `sun` are the physics; `classes`, `fdr`, `gistar` the statistics.

pub mod absolute;
pub mod anchor;
mod background;
pub mod balance;
mod broad;
pub mod classes;
pub mod conditions;
pub mod confidence;
mod confirm;
pub mod convection;
mod detect;
pub mod emissivity;
pub mod energy;
mod faces;
pub mod fdr;
pub mod gates;
pub mod gistar;
mod group;
mod growth;
pub mod handheld;
pub mod indoor;
mod join;
pub mod material;
mod material_table;
mod measure;
pub mod moisture;
mod objects;
pub mod options;
pub mod outlook;
#[cfg(test)]
mod park_tests;
pub mod pattern;
mod rate;
mod ridges;
#[cfg(test)]
mod roof_tests;
mod segments;
pub mod sky;
pub mod sky_view;
mod spot;
pub mod sun;
pub mod uncertainty;
#[cfg(test)]
mod vectors;
mod zones;

pub use conditions::FlightConditions;
pub use material::{Material, MaterialOverride};
pub use measure::{MeasureInput, Measured, REFLECTIVE_K, RoofContext, measure, mirror_below_c};
pub use objects::confirmed;
pub use options::Options;
pub use rate::{Rated, rate, rate_parts};
pub use segments::RoofSegment;
pub use spot::{On, Spot};

pub use crate::survey::HotspotKind;
use crate::survey::{Review, Ruling};

/// How a class was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassMode {
    /// From the anchored U-value.
    Physical,
    /// From the place among comparable roofs.
    Relative,
    /// No class.
    #[default]
    None,
}

/// Weighted statistics of the valid cells of a roof; temperatures in °C with the roof's own
/// emissivity.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RoofStatistics {
    /// Cells with coverage > 0 and a value.
    pub pixels: u32,
    /// Least.
    pub min_c: f64,
    /// 5th percentile.
    pub p05_c: f64,
    /// 10th percentile.
    pub p10_c: f64,
    /// 25th percentile.
    pub p25_c: f64,
    /// Median.
    pub median_c: f64,
    /// Mean.
    pub mean_c: f64,
    /// 75th percentile.
    pub p75_c: f64,
    /// 90th percentile.
    pub p90_c: f64,
    /// 95th percentile.
    pub p95_c: f64,
    /// Greatest.
    pub max_c: f64,
    /// Standard deviation, K.
    pub sd_k: f64,
    /// 1.4826 · median absolute deviation, K.
    pub mad_k: f64,
    /// Mean of the middle 80 %.
    pub trimmed_c: f64,
}

/// A value with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Best estimate.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Interval {
    /// Value and both ends times a factor that is known exactly, at least 0.
    pub fn times(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            low: self.low * factor,
            high: self.high * factor,
        }
    }
}

/// Everything the `buildings` layer says of one building (interface.md §3). Unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoofScore {
    /// Building key.
    pub oidn: String,
    /// Area of the outline, m².
    pub area_m2: f64,
    /// Share of the outline the mosaic covers, 0–1.
    pub observed_fraction: f64,
    /// Share of the outline that was judged, 0–1.
    pub valid_fraction: f64,
    /// Statistics over the valid cells.
    pub statistics: Option<RoofStatistics>,
    /// Median minus air, K.
    pub delta_air_k: Option<f64>,
    /// Median minus reference roof, K.
    pub delta_reference_k: Option<f64>,
    /// External temperature index θ.
    pub theta: Option<f64>,
    /// Local reference temperature, °C.
    pub local_reference_c: Option<f64>,
    /// Median minus local reference, K.
    pub delta_t_k: Option<f64>,
    /// 1σ of a roof-to-roof temperature difference, K (relative, unshared).
    pub sigma_relative_k: Option<f64>,
    /// Heat flux, W/m².
    pub flux_w_m2: Option<Interval>,
    /// Heat loss of the valid roof, W.
    pub heat_loss_w: Option<Interval>,
    /// U-value, W/m²K.
    pub u_w_m2k: Option<Interval>,
    /// Class 1–6.
    pub class: Option<u8>,
    /// 68 % interval of the class.
    pub class_range: Option<(u8, u8)>,
    /// Mode of the class.
    pub class_mode: ClassMode,
    /// Material group the roof was compared in.
    pub material_group: String,
    /// Roofs in the comparison group.
    pub group_size: u32,
    /// Share of the comparison group that is colder, 0–1.
    pub position: Option<f64>,
    /// Rung of the reference ladder: a, b, c or d.
    pub anchor: Option<char>,
    /// U of the anchor, W/m²K.
    pub anchor_u_w_m2k: Option<f64>,
    /// Unshared standard uncertainty of U, W/m²K.
    pub u_unshared_w_m2k: Option<f64>,
    /// Score 0–100.
    pub score: Option<f64>,
    /// What score 0 and 100 stand for: U in W/m²K of a physical class, °C at the roof's place of a
    /// relative one. A score without them cannot be compared between flights.
    pub score_ends: Option<(f64, f64)>,
    /// Confidence grade A–D.
    pub grade: Option<char>,
    /// Deductions `code:points` in the order of scoring.md §13.
    pub deductions: Vec<String>,
    /// Reason codes R01…R22, ascending.
    pub reasons: Vec<Reason>,
    /// Codes among them that nobody told: they follow from the picture or the form of the roof
    /// (bare metal, panels, a loft), and are worded as likely.
    pub inferred: Vec<u8>,
    /// Energy per year, kWh.
    pub energy_kwh_a: Option<Interval>,
    /// Cost per year, EUR; only with the company's own price.
    pub cost_eur_a: Option<Interval>,
    /// CO₂ per year, kg.
    pub co2_kg_a: Option<Interval>,
    /// Roof material used.
    pub material: String,
    /// How sure it is, 0–1, where it was not given but estimated from the picture.
    pub material_confidence: Option<f64>,
    /// Whether the outline was derived from heights and no person has confirmed it.
    pub derived: bool,
    /// Emissivity used.
    pub emissivity: f64,
    /// Indoor temperature used, °C, and whether it was given (not the default).
    pub indoor_c: f64,
    /// Whether the indoor temperature was given.
    pub indoor_known: bool,
    /// Number of hotspots, those a person rejected left out.
    pub hotspot_count: u32,
    /// What a person said of the roof; what was computed stays beside it.
    pub review: Option<Review>,
}

/// A reason why a roof is not or only partly assessable, with the number its sentence prints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// 1–22, printed as R01…R22.
    pub code: u8,
    /// The number in the sentence ({p}, {v}, {d}, {n} or {t} of report-content.md §1).
    pub value: Option<f64>,
}

/// One warm object on a roof (`hotspots` layer of interface.md §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Hotspot {
    /// Stable id.
    pub hotspot_id: String,
    /// Building key.
    pub oidn: String,
    /// Part of the roof it lies on; empty where the roof was not split.
    pub segment_id: String,
    /// Suggested kind.
    pub kind: HotspotKind,
    /// Detail of the kind (interface.md §6); empty when none.
    pub detail: String,
    /// Probability of the kind, 0–1.
    pub probability: f64,
    /// Severity 1–5.
    pub severity: u8,
    /// Area, m².
    pub area_m2: f64,
    /// Cells.
    pub pixels: u32,
    /// Hottest cell, °C.
    pub peak_c: f64,
    /// Mean excess over the background, K.
    pub excess_mean_k: f64,
    /// Standard uncertainty of the mean excess, K.
    pub excess_sigma_k: f64,
    /// Greatest excess, K.
    pub excess_max_k: f64,
    /// Background (median of the neighbourhood), °C.
    pub background_c: f64,
    /// Excess heat flow, W; `None` without weather.
    pub excess_w: Option<Interval>,
    /// Confidence grade A–D.
    pub grade: char,
    /// Deductions `code:points`.
    pub deductions: Vec<String>,
    /// Reason codes.
    pub reasons: Vec<Reason>,
    /// Least number of frames behind its cells.
    pub frames: u32,
    /// Centre, project CRS.
    pub x_m: f64,
    /// Centre, project CRS.
    pub y_m: f64,
    /// Outline along pixel edges, project CRS.
    pub polygon: geo::MultiPolygon<f64>,
    /// Length over width of the smallest enclosing rectangle.
    pub elongation: f64,
    /// What a person said of it; what was computed stays beside it.
    pub review: Option<Review>,
}

impl Hotspot {
    /// Whether a person says that it is nothing.
    pub fn rejected(&self) -> bool {
        self.confirmed() == Some(false)
    }

    /// Whether a person found it again; `None` where nobody looked, or saw something else in it.
    pub fn confirmed(&self) -> Option<bool> {
        match self.review.as_ref()?.ruling {
            Ruling::Confirm => Some(true),
            Ruling::Reject => Some(false),
            Ruling::Change => None,
        }
    }

    /// The kind that counts: a person's, else the suggested one.
    pub fn judged_kind(&self) -> HotspotKind {
        let own = self.review.as_ref().and_then(|r| r.kind);
        own.unwrap_or(self.kind)
    }

    /// The detail of that kind; empty where a person named another kind.
    pub fn judged_detail(&self) -> &str {
        match self.judged_kind() == self.kind {
            true => &self.detail,
            false => "",
        }
    }

    /// The severity that counts, 1–5: a person's, else the computed one.
    pub fn judged_severity(&self) -> u8 {
        let own = self.review.as_ref().and_then(|r| r.severity);
        own.unwrap_or(self.severity)
    }

    /// Urgency 1–4 of interface.md §6: severity 1–2 → 1, 3 → 2, 4–5 → 3. 4 is for what a person
    /// found again on site and gave the greatest severity himself.
    pub fn urgency(&self) -> u8 {
        let own = self.review.as_ref().and_then(|r| r.severity);
        match self.judged_severity() {
            0..=2 => 1,
            3 => 2,
            _ if self.confirmed() == Some(true) && own == Some(5) => 4,
            _ => 3,
        }
    }
}

impl RoofScore {
    /// Whether a person does not accept the rating.
    pub fn rejected(&self) -> bool {
        let review = self.review.as_ref();
        review.is_some_and(|r| r.ruling == Ruling::Reject)
    }

    /// The class that is printed: none where a person does not accept it.
    pub fn judged_class(&self) -> Option<u8> {
        self.class.filter(|_| !self.rejected())
    }
}

/// One cold object on a roof (`coldspots` layer).
#[derive(Clone, Debug, PartialEq)]
pub struct Coldspot {
    /// Stable id.
    pub coldspot_id: String,
    /// Building key.
    pub oidn: String,
    /// Part of the roof it lies on; empty where the roof was not split.
    pub segment_id: String,
    /// Area, m².
    pub area_m2: f64,
    /// Cells.
    pub pixels: u32,
    /// Mean deficit, K, positive.
    pub deficit_mean_k: f64,
    /// Greatest deficit, K, positive.
    pub deficit_max_k: f64,
    /// Centre, project CRS.
    pub x_m: f64,
    /// Centre, project CRS.
    pub y_m: f64,
    /// Outline along pixel edges, project CRS.
    pub polygon: geo::MultiPolygon<f64>,
}
