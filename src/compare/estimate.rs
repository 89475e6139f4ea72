//! What a flight says of a building, as numbers that another flight can be held against.

use crate::score::Interval;
use geo::MultiPolygon;

/// Standard uncertainty of a roof's temperature against other roofs, K (scoring.md §6).
const SIGMA_ROOF_K: f64 = 0.3;
/// Standard uncertainty of the air under a roof, K (scoring.md §5).
const SIGMA_INDOOR_K: f64 = 2.0;
/// Normal quantile of a 95 % interval.
const Z95: f64 = 1.96;

/// A building as one flight saw it (layer `buildings` of interface.md §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Building {
    /// Key.
    pub oidn: String,
    /// Outline, project CRS.
    pub polygon: MultiPolygon<f64>,
    /// Median of the judged cells, °C.
    pub median_c: Option<f64>,
    /// Material the roof was rated as.
    pub material: String,
    /// Class 1–6.
    pub class: Option<u8>,
    /// Confidence A–D.
    pub grade: Option<char>,
    /// Reason codes, R01 as 1.
    pub reasons: Vec<u8>,
    /// U with its 95 % interval, W/m²K.
    pub u: Option<Interval>,
    /// Standard uncertainty of U that other roofs do not share.
    pub u_unshared: Option<f64>,
    /// Flux, W/m².
    pub flux_w_m2: Option<f64>,
    /// Whether U was told, not measured: the roof is its own reference.
    pub told_u: bool,
    /// Temperature index.
    pub theta: Option<f64>,
    /// Air under the roof where the flux does not tell, °C.
    pub indoor_c: f64,
}

/// A value of one flight with its standard uncertainties.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Part that other roofs of the flight do not share.
    pub unshared: f64,
    /// All of it; `None` where nobody knows.
    pub whole: Option<f64>,
}

/// What the cells common to both flights say of one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moved {
    /// Median of the common cells less that of all cells this flight judged, K.
    pub by_k: f64,
    /// Standard uncertainty of the median from the scatter of the cells, K.
    pub sampling_k: f64,
}

impl Building {
    /// Anchored U of the common cells. `dU/dT` is `h dU/dq`, `∂U/∂q = U²(Ti−Ts)/q²` (scoring.md
    /// §5), with `Ti − Ts = q (1/U − Rse)`; `h` is that of the flight ([`flux_slope`]). `None`
    /// where U is unknown or was told.
    pub fn u_estimate(&self, moved: Moved, h: Option<f64>, rse_m2k_w: f64) -> Option<Estimate> {
        let u = self.u.filter(|_| !self.told_u)?;
        let slope = match (self.flux_w_m2, h) {
            (Some(q), Some(h)) if q > 0.0 && u.value > 0.0 => {
                h * u.value.powi(2) * (1.0 / u.value - rse_m2k_w) / q
            }
            _ => 0.0,
        };
        // At no flux the linear uncertainty of U is 0 and means nothing; its upper end does.
        let upward = (u.high - u.value) / Z95;
        let own = self.u_unshared.filter(|own| *own > 0.0).unwrap_or(upward);
        let sampled = slope * moved.sampling_k;
        Some(Estimate {
            value: (u.value + slope * moved.by_k).max(0.0),
            unshared: own.hypot(sampled),
            whole: Some(own.max((u.high - u.low) / (2.0 * Z95)).hypot(sampled)),
        })
    }

    /// Index θ of the common cells: `θ = (Ts − Tad)/(Ti − Tad)`, so `∂θ/∂Ts = 1/(Ti − Tad) =
    /// (1 − θ)/(Ti − Ts)` and `∂θ/∂Ti = −θ ∂θ/∂Ts`. Air, sky and convection are shared by the roofs
    /// of a flight and known to nobody: θ can be compared along a line through many roofs only.
    pub fn theta_estimate(&self, moved: Moved) -> Option<Estimate> {
        let theta = self.theta?;
        let inside = self.indoor_c - self.median_c?;
        if inside <= 0.0 {
            return None;
        }
        let slope = (1.0 - theta) / inside;
        let surface = SIGMA_ROOF_K.hypot(moved.sampling_k);
        Some(Estimate {
            value: theta + slope * moved.by_k,
            unshared: slope * surface.hypot(theta * SIGMA_INDOOR_K),
            whole: None,
        })
    }
}

/// `h_c + h_r` of a flight, W/m²K: how its fluxes rise with its temperatures. `None` with fewer
/// than three roofs.
pub fn flux_slope<'a>(buildings: impl Iterator<Item = &'a Building>) -> Option<f64> {
    let points: Vec<[f64; 2]> = buildings
        .filter(|b| !b.told_u)
        .filter_map(|b| Some([b.median_c?, b.flux_w_m2?]))
        .collect();
    let line = super::line::theil_sen(&points).filter(|_| points.len() >= 3)?;
    Some(line.slope).filter(|h| *h > 0.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::compare) fn building(oidn: &str, u: f64, sigma: f64) -> Building {
        Building {
            oidn: oidn.to_owned(),
            polygon: MultiPolygon(Vec::new()),
            median_c: Some(-3.0),
            material: "bitumen".to_owned(),
            class: Some(3),
            grade: Some('A'),
            reasons: Vec::new(),
            u: Some(Interval {
                value: u,
                low: u - Z95 * sigma,
                high: u + Z95 * sigma,
            }),
            u_unshared: Some(sigma),
            flux_w_m2: None,
            told_u: false,
            theta: None,
            indoor_c: 18.0,
        }
    }

    #[test]
    fn half_a_kelvin_moves_u_as_the_printed_roofs_are_apart() {
        // scoring.md §6, rows 1 and 2: −3.0 °C U 1.5788, −1.0 °C U 2.7287, q 35.389 and 58.198.
        // The slope at the first is by ∂U/∂q: 11.301 · 1.5788² (21)/35.389² = 0.4724, and 0.06 is
        // left to the curve.
        let mut roof = building("a", 1.5788, 0.4);
        roof.flux_w_m2 = Some(35.389);
        let moved = Moved {
            by_k: 0.5,
            sampling_k: 0.0,
        };
        let found = roof.u_estimate(moved, Some(11.301), 0.04).expect("a U");
        assert!(
            (found.value - 1.5788 - 0.5 * 0.4724).abs() < 1e-3,
            "{found:?}"
        );
        let still = roof.u_estimate(Moved::default(), None, 0.04).expect("a U");
        assert!((still.value - 1.5788).abs() < 1e-12 && (still.unshared - 0.4).abs() < 1e-12);
    }

    #[test]
    fn the_printed_index_moves_with_its_roof() {
        // scoring.md §14.5: Ts −3, Ti 18, θ 0.1831; §4: Tad −7.707. At Ts −2: 5.707/25.707.
        let mut roof = building("a", 1.5, 0.4);
        roof.theta = Some(0.1831);
        let moved = Moved {
            by_k: 1.0,
            sampling_k: 0.0,
        };
        let found = roof.theta_estimate(moved).expect("an index");
        assert!((found.value - 5.707 / 25.707).abs() < 1e-4, "{found:?}");
        // √(0.3² + (0.1831 · 2)²)/25.707.
        assert!((found.unshared - 0.01842).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn a_roof_of_told_u_and_one_without_flux_claim_nothing_they_do_not_know() {
        let mut told = building("a", 0.24, 0.05);
        told.told_u = true;
        assert_eq!(told.u_estimate(Moved::default(), None, 0.04), None);
        let mut cold = building("b", 0.0, 0.0);
        cold.u = Some(Interval {
            value: 0.0,
            low: 0.0,
            high: 0.49,
        });
        cold.u_unshared = Some(0.0);
        let found = cold.u_estimate(Moved::default(), None, 0.04).expect("a U");
        assert!((found.unshared - 0.25).abs() < 1e-12);
    }
}
