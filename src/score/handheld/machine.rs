//! Bearings, couplings, belts: against a like machine under like load (scoring.md §17).

use super::table::SeverityTable;
use super::{Evidence, NotRated};
use serde::Serialize;

/// Difference to the twin from which something is done, K.
const ACT_K: f64 = 20.0;
/// Housing temperature from which something is done, °C.
const ACT_C: f64 = 80.0;

/// What a machine finding comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MachineResult {
    /// Highest temperature, °C.
    pub max_c: f64,
    /// That of the twin, °C.
    pub reference_c: Option<f64>,
    /// Label of the twin.
    pub reference: String,
    /// Difference, K.
    pub similar_k: Option<f64>,
    /// Over the air, K.
    pub ambient_k: Option<f64>,
    /// Whether 20 K over the twin or 80 °C are passed.
    pub act: bool,
}

/// Rates a machine; severity 1–4.
pub fn rate(evidence: &Evidence<'_>) -> (MachineResult, std::result::Result<Option<u8>, NotRated>) {
    let Some(object) = evidence.readings.first() else {
        return (MachineResult::default(), Err(NotRated::NoReading));
    };
    let reference = evidence.reference.as_ref();
    let mut result = MachineResult {
        max_c: object.max_c,
        reference_c: reference.map(|r| r.max_c),
        reference: reference.map(|r| r.label.clone()).unwrap_or_default(),
        similar_k: reference.map(|r| object.max_c - r.max_c),
        ambient_k: evidence.conditions.air_c.map(|air| object.max_c - air),
        act: false,
    };
    result.act = result.similar_k.is_some_and(|k| k > ACT_K) || result.max_c > ACT_C;
    let by_twin = result
        .similar_k
        .and_then(|k| SeverityTable::experience().similar(k))
        .map(|priority| 5 - priority);
    let severity = match (by_twin, result.act) {
        (Some(s), true) => Some(s.max(3)),
        (None, true) => Some(3),
        (s, false) => s,
    };
    if severity.is_none() && result.similar_k.is_none() {
        return (result, Err(NotRated::NoReference));
    }
    (result, Ok(severity))
}
