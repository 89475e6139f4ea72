//! Electrical components: differences, load, wind, permitted temperature, phases (scoring.md §16).

use super::table::SeverityTable;
use super::{Caution, Evidence, NotRated, Options, Reading};
use serde::Serialize;

/// Bare metal up to this emissivity is not ratable.
pub const UNRATABLE_EMISSIVITY: f64 = 0.3;
/// Below this one the temperature is apparent.
pub const APPARENT_EMISSIVITY: f64 = 0.6;
/// Load from which a rating is comfortable.
const GOOD_LOAD: f64 = 0.5;
/// Outdoor wind above which a severity is a lower bound, m/s.
const WIND_LOWER_BOUND_M_S: f64 = 5.0;
/// Phases that differ by less are taken as one reference, K.
const LIKE_PHASES_K: f64 = 3.0;
/// Deviation of a phase current from the mean that is told.
const IMBALANCE: f64 = 0.10;
/// Fewest pixels of a marker whose highest value is no lower bound.
const FEW_PIXELS: usize = 9;
/// Air temperature boards are designed for, °C (IEC/EN 61439-1: mean 35, highest 40).
pub const DESIGN_AIR_C: f64 = 40.0;

/// Difference at another current, K: `ΔT_ref = ΔT (I_ref/I)^n`.
pub fn at_current(difference_k: f64, current_a: f64, other_a: f64, exponent: f64) -> f64 {
    difference_k * (other_a / current_a).powf(exponent)
}

/// Factor by which wind lowers a difference: `F = max(1, v)^0.448`, v in m/s.
pub fn wind_factor(wind_m_s: f64) -> f64 {
    wind_m_s.max(1.0).powf(0.448)
}

/// The harsher rule of the trade: halved at 4.5 m/s, a third at 6.7 m/s; straight between and
/// beyond.
pub fn wind_factor_trade(wind_m_s: f64) -> f64 {
    let v = wind_m_s.max(1.0);
    if v <= 4.5 {
        1.0 + (v - 1.0) / 3.5
    } else {
        2.0 + (v - 4.5) / 2.2
    }
}

/// Temperature at rated current and design air, °C:
/// `T = Ta_design + (T − Ta)(I_r/I)^n`.
pub fn at_rated_current_c(
    measured_c: f64,
    air_c: f64,
    current_a: f64,
    rated_a: f64,
    design_air_c: f64,
    exponent: f64,
) -> f64 {
    design_air_c + at_current(measured_c - air_c, current_a, rated_a, exponent)
}

/// Which column decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decisive {
    /// Against a similar component, as measured.
    Similar,
    /// Against a similar component, at rated current.
    SimilarAtRated,
    /// Against the air, as measured.
    Ambient,
    /// Against the air, at rated current.
    AmbientAtRated,
    /// The permitted temperature is passed.
    Limit,
}

/// One phase of the component.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phase {
    /// `L1`, `L2`, `L3`, or as written.
    pub name: String,
    /// Label of its marker.
    pub marker: String,
    /// Highest temperature, °C.
    pub max_c: f64,
    /// Over the air, K.
    pub over_air_k: Option<f64>,
    /// Current, A.
    pub current_a: Option<f64>,
}

/// What an electrical finding comes to. Unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ElectricalResult {
    /// Highest temperature of the component, °C.
    pub max_c: f64,
    /// Label of its marker.
    pub marker: String,
    /// Temperature of the reference, °C.
    pub reference_c: Option<f64>,
    /// Label of the reference; `L1, L3` where two phases are.
    pub reference: String,
    /// Difference to the reference, K.
    pub similar_k: Option<f64>,
    /// Difference to the air, K.
    pub ambient_k: Option<f64>,
    /// The same at rated current with the exponent of the settings.
    pub similar_at_rated_k: Option<f64>,
    /// With both ends of the exponent's range.
    pub similar_at_rated_range_k: Option<[f64; 2]>,
    /// Difference to the air at rated current, K.
    pub ambient_at_rated_k: Option<f64>,
    /// With both ends of the exponent's range.
    pub ambient_at_rated_range_k: Option<[f64; 2]>,
    /// Current used, A.
    pub current_a: Option<f64>,
    /// Rated current, A.
    pub rated_a: Option<f64>,
    /// Load, fraction.
    pub load: Option<f64>,
    /// Factors of the wind, mild and harsh; `None` indoors.
    pub wind_factors: Option<[f64; 2]>,
    /// Phases, where markers show several.
    pub phases: Vec<Phase>,
    /// Predicted temperature at rated current and design air, °C.
    pub predicted_c: Option<f64>,
    /// Permitted temperature, °C.
    pub limit_c: Option<f64>,
    /// Priority of the two columns as measured: similar, air.
    pub columns: [Option<u8>; 2],
    /// Priority 1–4; `None` with no ground for one.
    pub priority: Option<u8>,
    /// What decided.
    pub decisive: Option<Decisive>,
    /// Table used.
    pub table: String,
}

/// Rates an electrical finding.
pub fn rate(
    evidence: &Evidence<'_>,
    options: &Options,
) -> (ElectricalResult, Option<NotRated>, Vec<Caution>) {
    let row = &evidence.finding.electrical;
    let site = &evidence.conditions;
    let mut cautions = Vec::new();
    let mut result = ElectricalResult {
        table: options.table.name.clone(),
        limit_c: row.limit_c,
        rated_a: row.rated_a,
        ..ElectricalResult::default()
    };
    let phases = phases(evidence);
    let Some(hot) = object(evidence.readings, &phases) else {
        return (result, Some(NotRated::NoReading), cautions);
    };
    result.max_c = hot.max_c;
    result.marker = hot.label.clone();
    if hot.pixels < FEW_PIXELS && evidence.readings.iter().any(|r| r.pixels > 1) {
        cautions.push(Caution::FewPixels { pixels: hot.pixels });
    }
    reference(evidence, &phases, hot, &mut result);
    result.ambient_k = site.air_c.map(|air| hot.max_c - air);
    result.current_a = current(row, &phases, hot);
    result.load = result
        .current_a
        .zip(row.rated_a)
        .map(|(current, rated)| current / rated);
    result.phases = phases;
    imbalance(&row.phase_currents_a, &mut cautions);
    wind(evidence, &mut result, &mut cautions);
    at_rated(options, site.air_c, &mut result);
    if let Some(limit_c) = row.limit_c {
        if hot.max_c > limit_c {
            cautions.push(Caution::OverLimit { limit_c });
        } else if let Some(predicted_c) = result.predicted_c.filter(|p| *p > limit_c) {
            cautions.push(Caution::OverLimitAtRatedCurrent {
                predicted_c,
                limit_c,
            });
        }
    }
    if site.emissivity > UNRATABLE_EMISSIVITY && site.emissivity < APPARENT_EMISSIVITY {
        cautions.push(Caution::ApparentTemperature {
            emissivity: site.emissivity,
        });
    }
    if row.cover == Some(crate::survey::Cover::Window) {
        cautions.push(Caution::Window);
    }
    result.columns = [
        result.similar_k.and_then(|k| options.table.similar(k)),
        result.ambient_k.and_then(|k| options.table.ambient(k)),
    ];
    let not_rated = obstacle(evidence, options, &result);
    if not_rated.is_none() {
        load_words(&result, &mut cautions);
        decide(&options.table, &mut result);
    }
    // What is too hot by itself is too hot at any load.
    if row.limit_c.is_some_and(|limit| hot.max_c > limit) && blind(evidence).is_none() {
        (result.priority, result.decisive) = (Some(1), Some(Decisive::Limit));
        return (result, None, cautions);
    }
    (result, not_rated, cautions)
}

/// The marker of the component: the hottest phase, else the first marker.
fn object<'a>(readings: &'a [Reading], phases: &[Phase]) -> Option<&'a Reading> {
    let hottest = phases.iter().max_by(|a, b| a.max_c.total_cmp(&b.max_c));
    match hottest {
        Some(phase) => readings.iter().find(|r| r.label == phase.marker),
        None => readings.first(),
    }
}

/// Markers as phases: those the row lists in order, or three markers of one kind.
fn phases(evidence: &Evidence<'_>) -> Vec<Phase> {
    let row = &evidence.finding.electrical;
    let named: Vec<&str> = row
        .phase
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let own: Vec<&Reading> = evidence.readings.iter().filter(|r| r.own).collect();
    let candidates = match own.is_empty() {
        true => evidence.readings.iter().collect(),
        false => own,
    };
    let kind =
        |r: &Reading| -> String { r.label.chars().filter(|c| !c.is_ascii_digit()).collect() };
    let first = candidates.first().map(|r| kind(r));
    let like: Vec<&Reading> = candidates
        .into_iter()
        .filter(|r| Some(kind(r)) == first)
        .collect();
    let names: Vec<String> = match (named.len(), like.len()) {
        (2.., n) if n >= named.len() => named.iter().map(|n| (*n).to_owned()).collect(),
        (_, 3) if evidence.finding.reference.is_empty() => {
            ["L1", "L2", "L3"].map(str::to_owned).to_vec()
        }
        _ => return Vec::new(),
    };
    let currents = |name: &str| match name {
        "L1" | "1" => row.phase_currents_a[0],
        "L2" | "2" => row.phase_currents_a[1],
        "L3" | "3" => row.phase_currents_a[2],
        _ => None,
    };
    names
        .into_iter()
        .zip(like)
        .map(|(name, reading)| Phase {
            current_a: currents(&name),
            marker: reading.label.clone(),
            max_c: reading.max_c,
            over_air_k: evidence.conditions.air_c.map(|air| reading.max_c - air),
            name,
        })
        .collect()
}

/// The reference: what the row names, else the other phases. Of two phases alike their mean, else
/// the cooler one: the warmer may have a fault of its own.
fn reference(
    evidence: &Evidence<'_>,
    phases: &[Phase],
    hot: &Reading,
    result: &mut ElectricalResult,
) {
    if let Some(named) = &evidence.reference {
        result.reference.clone_from(&named.label);
        result.reference_c = Some(named.max_c);
    } else {
        let others: Vec<&Phase> = phases.iter().filter(|p| p.marker != hot.label).collect();
        let coolest = others.iter().map(|p| p.max_c).fold(f64::INFINITY, f64::min);
        let like: Vec<&&Phase> = others
            .iter()
            .filter(|p| p.max_c - coolest < LIKE_PHASES_K)
            .collect();
        if !like.is_empty() {
            let sum: f64 = like.iter().map(|p| p.max_c).sum();
            result.reference_c = Some(sum / like.len() as f64);
            let names: Vec<&str> = like.iter().map(|p| p.name.as_str()).collect();
            result.reference = names.join(", ");
        }
    }
    result.similar_k = result.reference_c.map(|reference| hot.max_c - reference);
}

/// Current of the component: that of its phase, else the row's.
fn current(row: &crate::survey::ElectricalFacts, phases: &[Phase], hot: &Reading) -> Option<f64> {
    let own = phases
        .iter()
        .find(|p| p.marker == hot.label)
        .and_then(|p| p.current_a);
    let single = match row.phase.trim() {
        "L1" => row.phase_currents_a[0],
        "L2" => row.phase_currents_a[1],
        "L3" => row.phase_currents_a[2],
        _ => None,
    };
    own.or(row.current_a).or(single)
}

fn imbalance(currents: &[Option<f64>; 3], cautions: &mut Vec<Caution>) {
    let known: Vec<f64> = currents.iter().flatten().copied().collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    if known.len() < 2 || mean <= 0.0 {
        return;
    }
    let share = known
        .iter()
        .map(|i| (i - mean).abs() / mean)
        .fold(0.0, f64::max);
    if share > IMBALANCE {
        cautions.push(Caution::PhaseImbalance { share });
    }
}

fn wind(evidence: &Evidence<'_>, result: &mut ElectricalResult, cautions: &mut Vec<Caution>) {
    let site = &evidence.conditions;
    let Some(wind_m_s) = site.wind_m_s.filter(|_| site.outdoors) else {
        return;
    };
    let (one, other) = (wind_factor(wind_m_s), wind_factor_trade(wind_m_s));
    result.wind_factors = Some([one.min(other), one.max(other)]);
    if wind_m_s > WIND_LOWER_BOUND_M_S {
        cautions.push(Caution::WindLowerBound { wind_m_s });
    }
}

/// Differences at rated current, where the load allows it.
fn at_rated(options: &Options, air_c: Option<f64>, result: &mut ElectricalResult) {
    let (Some(current), Some(rated), Some(load)) = (result.current_a, result.rated_a, result.load)
    else {
        return;
    };
    // Above the rated current a correction would take away what is there.
    if load < options.min_load || load > 1.0 {
        return;
    }
    let n = options.load_exponent;
    let [low, high] = options.load_exponent_range;
    let corrected = |k: f64, n: f64| at_current(k, current, rated, n);
    let range = |k: f64| {
        let ends = [corrected(k, low), corrected(k, high)];
        [ends[0].min(ends[1]), ends[0].max(ends[1])]
    };
    result.similar_at_rated_k = result.similar_k.map(|k| corrected(k, n));
    result.similar_at_rated_range_k = result.similar_k.map(range);
    result.ambient_at_rated_k = result.ambient_k.map(|k| corrected(k, n));
    result.ambient_at_rated_range_k = result.ambient_k.map(range);
    result.predicted_c =
        air_c.map(|air| at_rated_current_c(result.max_c, air, current, rated, DESIGN_AIR_C, n));
}

/// What hides the component's temperature.
fn blind(evidence: &Evidence<'_>) -> Option<NotRated> {
    let site = &evidence.conditions;
    if evidence.finding.electrical.cover == Some(crate::survey::Cover::Closed) {
        return Some(NotRated::CoverClosed);
    }
    (site.emissivity <= UNRATABLE_EMISSIVITY).then_some(NotRated::LowEmissivity {
        emissivity: site.emissivity,
    })
}

fn obstacle(
    evidence: &Evidence<'_>,
    options: &Options,
    result: &ElectricalResult,
) -> Option<NotRated> {
    let site = &evidence.conditions;
    if let Some(hidden) = blind(evidence) {
        return Some(hidden);
    }
    let wind = site.wind_m_s.filter(|_| site.outdoors);
    if let Some(wind_m_s) = wind.filter(|v| *v > options.wind_max_m_s) {
        return Some(NotRated::Wind { wind_m_s });
    }
    let least = options
        .table
        .least_load
        .unwrap_or(0.0)
        .max(options.min_load);
    if let Some(load) = result.load.filter(|load| *load < least) {
        return Some(NotRated::LowLoad { load });
    }
    (result.similar_k.is_none() && result.ambient_k.is_none()).then_some(NotRated::NoReference)
}

fn load_words(result: &ElectricalResult, cautions: &mut Vec<Caution>) {
    match result.load {
        None => cautions.push(Caution::LoadUnknown),
        Some(load) if load < GOOD_LOAD => cautions.push(Caution::LoadBelowHalf { load }),
        Some(load) if load > 1.0 => cautions.push(Caution::Overload { load }),
        Some(_) => {}
    }
}

/// The more severe column wins, measured or corrected; of two alike the measured one is named.
fn decide(table: &SeverityTable, result: &mut ElectricalResult) {
    let candidates = [
        (Decisive::Similar, result.similar_k, true),
        (Decisive::Ambient, result.ambient_k, false),
        (Decisive::SimilarAtRated, result.similar_at_rated_k, true),
        (Decisive::AmbientAtRated, result.ambient_at_rated_k, false),
    ];
    for (which, difference, similar) in candidates {
        let priority = difference.and_then(|k| match similar {
            true => table.similar(k),
            false => table.ambient(k),
        });
        if let Some(priority) = priority
            && result.priority.is_none_or(|before| priority < before)
        {
            (result.priority, result.decisive) = (Some(priority), Some(which));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::vectors::{check, number, rows};

    #[test]
    fn load_corrections_are_those_of_the_reference() {
        for row in rows("load_correction") {
            let n = |key| number(&row, key);
            check(
                &row,
                "dT_corr",
                at_current(n("dT"), n("I_meas"), n("I_ref"), n("n")),
            );
        }
    }

    #[test]
    fn wind_factors_are_those_of_the_reference() {
        for row in rows("wind_factor") {
            check(&row, "F", wind_factor(number(&row, "v")));
        }
        // scoring.md §16: 4.5 m/s halves, 6.7 m/s cuts by two thirds.
        assert!((wind_factor_trade(4.5) - 2.0).abs() < 1e-9);
        assert!((wind_factor_trade(6.7) - 3.0).abs() < 1e-9);
        assert_eq!(wind_factor_trade(0.3), 1.0);
    }

    #[test]
    fn nameplate_predictions_are_those_of_the_reference() {
        for row in rows("nameplate") {
            let n = |key| number(&row, key);
            let found = at_rated_current_c(
                n("T_meas"),
                n("Ta"),
                n("I_meas"),
                n("I_rated"),
                n("Ta_design"),
                1.7,
            );
            check(&row, "T_pred", found);
        }
    }
}
