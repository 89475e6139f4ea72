//! Bare pipes, valves and tanks indoors: what they give off (scoring.md §4, §17).

use super::{Evidence, NotRated};
use crate::score::balance::radiative;
use serde::Serialize;

/// Convection of still indoor air at a warm surface, W/m²K: `1.32 (ΔT/D)^0.25` of a horizontal
/// cylinder (EN ISO 12241, laminar) needs a diameter nobody writes down; 5 W/m²K is that of 0.1 m
/// at 20 K, its range 4 to 7.
const CONVECTION_W_M2K: f64 = 5.0;
/// Heat from which the loss is to be planned away, and from which it has priority, W.
const SEVERITY_W: [f64; 2] = [250.0, 4000.0];

/// What a pipe finding comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PipeResult {
    /// Mean temperature of the surface, °C.
    pub mean_c: f64,
    /// Highest, °C.
    pub max_c: f64,
    /// Over the air, K.
    pub over_air_k: Option<f64>,
    /// Flux, W/m².
    pub flux_w_m2: Option<f64>,
    /// Its standard uncertainty, W/m²: a quarter of the convection.
    pub flux_u_w_m2: Option<f64>,
    /// Area, m².
    pub area_m2: Option<f64>,
    /// Heat, W.
    pub heat_w: Option<f64>,
}

/// Heat flux of a warm surface in a room, W/m²: `q = h_c (Ts − Ta) + h_r (Ts − T_rad)`.
pub fn flux_w_m2(surface_c: f64, air_c: f64, radiant_c: f64, emissivity: f64) -> f64 {
    let radiation = radiative(emissivity, surface_c, radiant_c) * (surface_c - radiant_c);
    CONVECTION_W_M2K * (surface_c - air_c) + radiation
}

/// Rates a pipe: severity 1 below 250 W, 2 below 4 kW, 3 from there on.
pub fn rate(evidence: &Evidence<'_>) -> (PipeResult, std::result::Result<Option<u8>, NotRated>) {
    let Some(object) = evidence.readings.first() else {
        return (PipeResult::default(), Err(NotRated::NoReading));
    };
    let site = &evidence.conditions;
    let mut result = PipeResult {
        mean_c: object.mean_c,
        max_c: object.max_c,
        area_m2: evidence.finding.area_m2,
        ..PipeResult::default()
    };
    let Some(air) = site.air_c else {
        return (result, Err(NotRated::NoReference));
    };
    let radiant = site.reflected_c.unwrap_or(air);
    let over = object.mean_c - air;
    let flux = flux_w_m2(object.mean_c, air, radiant, site.emissivity.min(1.0));
    result.over_air_k = Some(over);
    result.flux_w_m2 = Some(flux);
    result.flux_u_w_m2 = Some((0.25 * CONVECTION_W_M2K * over).abs());
    result.heat_w = result.area_m2.map(|area| flux * area);
    let severity = match result.heat_w {
        Some(w) if w >= SEVERITY_W[1] => Some(3),
        Some(w) if w >= SEVERITY_W[0] => Some(2),
        Some(w) if w > 0.0 => Some(1),
        Some(_) => None,
        None => return (result, Err(NotRated::OwnJudgement)),
    };
    (result, Ok(severity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warm_black_surface_gives_off_both_ways() {
        // 60 °C in 20 °C: convection 5·40 = 200 W/m²; radiation 4σ(313.15)³·40 = 278.6 W/m².
        let found = flux_w_m2(60.0, 20.0, 20.0, 1.0);
        assert!((found - 478.6).abs() < 0.1, "{found}");
    }
}
