//! Photovoltaic modules by day (IEC TS 62446-3, scoring.md §17).

use super::{Evidence, NotRated};
use serde::Serialize;

/// Least irradiance in the plane, W/m².
pub const MIN_IRRADIANCE_W_M2: f64 = 600.0;
/// Greatest wind, m/s.
const MAX_WIND_M_S: f64 = 5.0;
/// Differences at 1000 W/m² from which a cell is abnormal, and from which it bears on safety, K.
const CLASS_K: [f64; 2] = [10.0, 40.0];

/// Difference at 1000 W/m²: `ΔT·1000/G`.
pub fn at_full_sun(difference_k: f64, irradiance_w_m2: f64) -> f64 {
    difference_k * 1000.0 / irradiance_w_m2
}

/// What a module finding comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PvResult {
    /// Highest temperature, °C.
    pub max_c: f64,
    /// That of the sound cells, °C.
    pub reference_c: Option<f64>,
    /// Label of the reference.
    pub reference: String,
    /// Difference, K.
    pub difference_k: Option<f64>,
    /// The same at 1000 W/m².
    pub at_full_sun_k: Option<f64>,
    /// Irradiance, W/m².
    pub irradiance_w_m2: Option<f64>,
}

/// Rates a module; class 1–3.
pub fn rate(evidence: &Evidence<'_>) -> (PvResult, std::result::Result<u8, NotRated>) {
    let Some(object) = evidence.readings.first() else {
        return (PvResult::default(), Err(NotRated::NoReading));
    };
    let reference = evidence.reference.as_ref().or(evidence.readings.get(1));
    let irradiance = evidence.finding.irradiance_w_m2;
    let difference = reference.map(|r| object.max_c - r.mean_c);
    let result = PvResult {
        max_c: object.max_c,
        reference_c: reference.map(|r| r.mean_c),
        reference: reference.map(|r| r.label.clone()).unwrap_or_default(),
        difference_k: difference,
        at_full_sun_k: difference.zip(irradiance).map(|(k, g)| at_full_sun(k, g)),
        irradiance_w_m2: irradiance,
    };
    let class = match (irradiance, result.at_full_sun_k) {
        (None, _) => Err(NotRated::IrradianceUnknown),
        (Some(g), _) if g < MIN_IRRADIANCE_W_M2 => {
            Err(NotRated::LowIrradiance { irradiance_w_m2: g })
        }
        (Some(_), None) => Err(NotRated::NoReference),
        (Some(_), Some(k)) => match evidence.conditions.wind_m_s {
            Some(wind_m_s) if wind_m_s > MAX_WIND_M_S => Err(NotRated::Wind { wind_m_s }),
            _ if k >= CLASS_K[1] => Ok(3),
            _ if k >= CLASS_K[0] => Ok(2),
            _ => Ok(1),
        },
    };
    (result, class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::vectors::{check, number, rows};

    #[test]
    fn differences_at_full_sun_are_those_of_the_reference() {
        for row in rows("pv_norm") {
            check(
                &row,
                "dT_1000",
                at_full_sun(number(&row, "dT"), number(&row, "G")),
            );
        }
    }
}
