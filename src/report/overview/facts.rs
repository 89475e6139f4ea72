//! What a flight's overviews are made from, kept so that they can be made again without the
//! flight: who takes part is asked anew each time.
//!
//! Numbers of buildings, zones and warm objects and the flight's conditions; of companies
//! nothing but their keys.

use serde::{Deserialize, Serialize};

use crate::report::verdict::assessed_m2;
use crate::score::{ClassMode, Hotspot, RoofScore};

/// One flight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Key and value of each condition, in order; values without one are unknown.
    pub conditions: Vec<(String, Fact)>,
    /// One per outline in the map.
    pub buildings: Vec<RoofFacts>,
    /// Parts of buildings, by the company that holds them.
    pub zones: Vec<(String, RoofFacts)>,
    /// Warm objects, those a person rejected left out.
    pub hotspots: Vec<SpotFacts>,
    /// Fixed temperature scale of the maps, °C, low and high.
    #[serde(default)]
    pub scale_c: Option<(f64, f64)>,
    /// What became of the auditor's verdicts; `None` where there are none.
    #[serde(default)]
    pub reviews: Option<ReviewFacts>,
    /// First and last exposure, RFC 3339 in UTC.
    #[serde(default)]
    pub times: Option<(String, String)>,
    /// Key and value of each figure of the flight's quality.
    #[serde(default)]
    pub quality: Vec<(String, Fact)>,
    /// Weather from the first exposure to the last.
    #[serde(default)]
    pub weather: Vec<WeatherPoint>,
    /// Names of the weather stations.
    #[serde(default)]
    pub stations: Vec<String>,
    /// Solar panels that were left out of the roofs' statistics.
    #[serde(default)]
    pub panels: Vec<PanelFacts>,
}

impl Facts {
    /// A figure of the flight's quality.
    pub(super) fn quality(&self, key: &str) -> Option<f64> {
        number(&self.quality, key)
    }

    /// A condition.
    pub(super) fn condition(&self, key: &str) -> Option<f64> {
        number(&self.conditions, key)
    }
}

fn number(list: &[(String, Fact)], key: &str) -> Option<f64> {
    let found = list.iter().find(|(k, _)| k == key);
    match found {
        Some((_, Fact::Number(v))) if v.is_finite() => Some(*v),
        _ => None,
    }
}

/// Weather at a moment of the flight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WeatherPoint {
    /// Minutes since the first exposure.
    pub minute: f64,
    /// Local time, `02:15`.
    pub local: String,
    pub air_c: Option<f64>,
    pub wind_m_s: Option<f64>,
}

/// Solar panels on a roof.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PanelFacts {
    /// Key of the building.
    pub oidn: String,
    /// Rings of each polygon, the outer one first, in the project's system.
    pub polygons: Vec<Vec<Vec<[f64; 2]>>>,
}

impl PanelFacts {
    /// Of a shape on a roof.
    pub fn new(oidn: &str, shape: &geo::MultiPolygon<f64>) -> Self {
        let ring = |line: &geo::LineString<f64>| line.coords().map(|c| [c.x, c.y]).collect();
        let polygon = |p: &geo::Polygon<f64>| {
            let rings = std::iter::once(p.exterior()).chain(p.interiors());
            rings.map(ring).collect()
        };
        Self {
            oidn: oidn.to_owned(),
            polygons: shape.iter().map(polygon).collect(),
        }
    }

    /// The shape.
    pub fn shape(&self) -> geo::MultiPolygon<f64> {
        let line = |ring: &Vec<[f64; 2]>| ring.iter().map(|p| (p[0], p[1])).collect();
        let polygon = |rings: &Vec<Vec<[f64; 2]>>| {
            let mut lines = rings.iter().map(line);
            let outer = lines.next()?;
            Some(geo::Polygon::new(outer, lines.collect()))
        };
        geo::MultiPolygon::new(self.polygons.iter().filter_map(polygon).collect())
    }
}

/// Numbers of verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewFacts {
    /// Laid over a hotspot or a roof.
    pub applied: usize,
    /// About a hotspot that is not there any more.
    pub vanished: usize,
    /// About a roof this flight did not see, or of a later flight.
    pub elsewhere: usize,
}

/// A text, a number or nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Unknown.
    None,
}

/// A roof or a part of one, as `audit.gpkg` says it (interface.md §3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RoofFacts {
    pub oidn: String,
    pub area_m2: f64,
    pub observed_fraction: f64,
    pub valid_fraction: f64,
    /// Area that was judged, m²; 0 where the roof is not assessable.
    pub assessed_m2: f64,
    pub t_median_c: Option<f64>,
    pub t_p95_c: Option<f64>,
    pub delta_air_k: Option<f64>,
    pub delta_reference_k: Option<f64>,
    pub u_w_m2k: Option<f64>,
    pub heat_loss_w: Option<f64>,
    pub class: Option<u8>,
    pub class_lo: Option<u8>,
    pub class_hi: Option<u8>,
    pub class_mode: String,
    pub material_group: String,
    pub group_size: u32,
    pub score: Option<f64>,
    pub grade: Option<char>,
    /// Codes 1–22.
    pub reasons: Vec<u8>,
}

impl From<&RoofScore> for RoofFacts {
    /// Of a rating that a person does not accept only what was measured stays.
    fn from(score: &RoofScore) -> Self {
        let accepted = !score.rejected();
        Self {
            oidn: score.oidn.clone(),
            area_m2: score.area_m2,
            observed_fraction: score.observed_fraction,
            valid_fraction: score.valid_fraction,
            assessed_m2: assessed_m2(score),
            t_median_c: score.statistics.map(|s| s.median_c),
            t_p95_c: score.statistics.map(|s| s.p95_c),
            delta_air_k: score.delta_air_k,
            delta_reference_k: score.delta_reference_k,
            u_w_m2k: score.u_w_m2k.filter(|_| accepted).map(|u| u.value),
            heat_loss_w: score.heat_loss_w.filter(|_| accepted).map(|w| w.value),
            class: score.judged_class(),
            class_lo: score.class_range.filter(|_| accepted).map(|r| r.0),
            class_hi: score.class_range.filter(|_| accepted).map(|r| r.1),
            class_mode: match score.class_mode {
                _ if !accepted => "none",
                ClassMode::Physical => "physical",
                ClassMode::Relative => "relative",
                ClassMode::None => "none",
            }
            .to_owned(),
            material_group: score.material_group.clone(),
            group_size: score.group_size,
            score: score.score.filter(|_| accepted),
            grade: score.grade.filter(|_| accepted),
            reasons: score.reasons.iter().map(|r| r.code).collect(),
        }
    }
}

/// A warm object, as a person judged it where one did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SpotFacts {
    pub hotspot_id: String,
    pub oidn: String,
    pub kind: String,
    pub detail: String,
    pub severity: u8,
    pub urgency: u8,
    pub area_m2: f64,
    pub excess_mean_k: f64,
    pub excess_w: Option<f64>,
    pub grade: char,
    /// Whether it is explained, not a defect.
    pub explained: bool,
    pub x_m: f64,
    pub y_m: f64,
}

impl From<&Hotspot> for SpotFacts {
    fn from(spot: &Hotspot) -> Self {
        Self {
            hotspot_id: spot.hotspot_id.clone(),
            oidn: spot.oidn.clone(),
            kind: spot.judged_kind().word().to_owned(),
            detail: spot.judged_detail().to_owned(),
            severity: spot.judged_severity(),
            urgency: spot.urgency(),
            area_m2: spot.area_m2,
            excess_mean_k: spot.excess_mean_k,
            excess_w: spot.excess_w.map(|w| w.value),
            grade: spot.grade,
            explained: spot.judged_kind().explained(),
            x_m: spot.x_m,
            y_m: spot.y_m,
        }
    }
}
