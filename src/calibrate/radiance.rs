//! Radiance of a black body within a camera's band, and its inverse.
//!
//! `L(T) = ∫ c1L / (λ⁵ (exp(c2/(λT)) − 1)) dλ` over the band: Planck's law (SI Brochure, 9th ed.,
//! for h, c, k). The integral is Gauss–Legendre with 24 nodes, exact to rounding for bands of some
//! micrometres; the inverse is Newton on ln L over 1/T, which is nearly a straight line.
//!
//! Around 280 K `L ∝ T^5.05` from 7.5 to 13.5 µm, so the T⁴ law must not be used in a band.

use crate::units::{Emissivity, Kelvin};

/// First radiation constant for radiance, 2hc², W·µm⁴·m⁻²·sr⁻¹.
const C1L: f64 = 1.191_042_972e8;
/// Second radiation constant, hc/k, µm·K.
const C2: f64 = 14_387.768_775;
const NODES: usize = 24;

/// A spectral band with a flat response.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    l1_um: f64,
    l2_um: f64,
    /// Weight · c1L/λ⁵ and c2/λ at each node.
    nodes: [(f64, f64); NODES],
}

impl Band {
    /// A band from `l1_um` to `l2_um`, micrometres. Limits are kept within 0.5 to 1000 µm and put
    /// in order; an empty band radiates nothing.
    pub fn new(l1_um: f64, l2_um: f64) -> Self {
        let inside = |l: f64| {
            if l.is_nan() {
                0.5
            } else {
                l.clamp(0.5, 1000.0)
            }
        };
        let (a, b) = (inside(l1_um), inside(l2_um));
        let (l1_um, l2_um) = (a.min(b), a.max(b));
        let (middle, half) = ((l1_um + l2_um) / 2.0, (l2_um - l1_um) / 2.0);
        let nodes = std::array::from_fn(|i| {
            let (x, weight) = gauss_legendre(i);
            let lambda = middle + half * x;
            (half * weight * C1L / lambda.powi(5), C2 / lambda)
        });
        Self {
            l1_um,
            l2_um,
            nodes,
        }
    }

    /// Uncooled long-wave cameras, 7.5 to 13.5 µm (scoring.md §1).
    pub fn long_wave() -> Self {
        Self::new(7.5, 13.5)
    }

    /// Radiance of a black body in the band, W/(m² sr).
    pub fn radiance(&self, temperature: Kelvin) -> f64 {
        let inverse = 1.0 / temperature.get();
        self.nodes
            .iter()
            .map(|(c, k)| c / ((k * inverse).exp() - 1.0))
            .sum()
    }

    /// Temperature of a black body with this radiance; `None` when none has.
    pub fn temperature(&self, radiance: f64) -> Option<Kelvin> {
        if !(radiance.is_finite() && radiance > 0.0) {
            return None;
        }
        let target = radiance.ln();
        let mut x = self.monochromatic(radiance);
        for _ in 0..30 {
            let (sum, slope) = self.over_inverse(x);
            let step = (sum.ln() - target) * sum / slope;
            x -= step;
            if step.abs() <= 1e-13 * x.abs() {
                break;
            }
        }
        // Below about 15 K the radiance of the band underflows.
        (x > 0.0 && x < 0.1).then(|| Kelvin::new(1.0 / x)).flatten()
    }

    /// 1/T if all the band's radiance were at its middle: the first guess.
    fn monochromatic(&self, radiance: f64) -> f64 {
        let lambda = (self.l1_um + self.l2_um) / 2.0;
        let per_mode = (self.l2_um - self.l1_um) * C1L / lambda.powi(5);
        (per_mode / radiance).ln_1p() * lambda / C2
    }

    /// Radiance and its derivative, both over 1/T.
    fn over_inverse(&self, x: f64) -> (f64, f64) {
        let mut sum = 0.0;
        let mut slope = 0.0;
        for (c, k) in &self.nodes {
            let e = (k * x).exp();
            let term = c / (e - 1.0);
            sum += term;
            slope -= term * k * e / (e - 1.0);
        }
        (sum, slope)
    }
}

/// Node and weight number `index` of the Gauss–Legendre rule on −1…1, by Newton on the Legendre
/// polynomial (Abramowitz & Stegun 25.4.29).
fn gauss_legendre(index: usize) -> (f64, f64) {
    let n = NODES as f64;
    let mut x = (std::f64::consts::PI * (index as f64 + 0.75) / (n + 0.5)).cos();
    let mut derivative = 1.0;
    for _ in 0..50 {
        let (mut p0, mut p1) = (1.0, x);
        for k in 2..=NODES {
            let k = k as f64;
            (p0, p1) = (p1, ((2.0 * k - 1.0) * x * p1 - (k - 1.0) * p0) / k);
        }
        derivative = n * (x * p1 - p0) / (x * x - 1.0);
        let step = p1 / derivative;
        x -= step;
        if step.abs() < 1e-16 {
            break;
        }
    }
    (x, 2.0 / ((1.0 - x * x) * derivative * derivative))
}

/// Surface temperature from apparent temperature:
/// `L(T_app) = τ [ε L(T_s) + (1 − ε) L(T_refl)] + (1 − τ) L(T_air)` (scoring.md §1).
///
/// `transmission` τ is that of the air, (0, 1]. `None` where no surface temperature explains the
/// radiance.
pub fn surface_temperature(
    apparent: Kelvin,
    emissivity: Emissivity,
    reflected: Kelvin,
    transmission: f64,
    air: Kelvin,
    band: &Band,
) -> Option<Kelvin> {
    let (e, tau) = (emissivity.get(), transmission);
    if !(tau > 0.0 && tau <= 1.0) {
        return None;
    }
    let at_surface = (band.radiance(apparent) - (1.0 - tau) * band.radiance(air)) / tau;
    band.temperature((at_surface - (1.0 - e) * band.radiance(reflected)) / e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radiance_agrees_with_an_independent_integration() {
        // scoring-vectors.json, band_radiance_W_m2_sr; five printed decimals.
        let rows = [
            (-40.0, 7.5, 13.5, 14.5536),
            (0.0, 7.5, 13.5, 34.84649),
            (10.0, 7.5, 13.5, 41.8332),
            (20.0, 7.5, 13.5, 49.64832),
            (10.0, 8.0, 14.0, 41.89118),
            (10.0, 3.7, 4.8, 0.65569),
        ];
        for (celsius, l1, l2, expected) in rows {
            let found = Band::new(l1, l2).radiance(Kelvin::from_celsius(celsius));
            assert!(
                (found - expected).abs() < 6e-6,
                "{celsius} {found} {expected}"
            );
        }
    }

    #[test]
    fn a_very_wide_band_holds_nearly_all_of_stefan_boltzmann() {
        // Beyond 200 µm lies 15/π⁴ ∫ x³/(eˣ − 1) from 0 to x = c2/(200 µm · 300 K) = 0.2398 of
        // it; the series x³/3 − x⁴/8 + x⁵/60 gives 6.46e-4. Below 2 µm there is less than 1e-6.
        // The rule is made for narrow bands, so the width is covered by ten of them.
        let edges = [
            2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 18.0, 25.0, 40.0, 80.0, 200.0,
        ];
        let sum: f64 = edges
            .windows(2)
            .map(|w| Band::new(w[0], w[1]).radiance(Kelvin::from_celsius(26.85)))
            .sum();
        let expected = 5.670_374_419e-8 * 300_f64.powi(4) / std::f64::consts::PI;
        let left_out = 1.0 - sum / expected;
        assert!((left_out - 6.46e-4).abs() < 2e-6, "{left_out}");
    }

    #[test]
    fn radiance_and_temperature_are_inverse_from_deep_sky_to_flames() {
        for band in [Band::long_wave(), Band::new(3.7, 4.8)] {
            for kelvin in [80.0, 180.0, 213.15, 273.15, 300.0, 700.0, 2000.0] {
                let t = Kelvin::new(kelvin).expect("positive");
                let back = band
                    .temperature(band.radiance(t))
                    .expect("positive radiance");
                assert!(
                    (back.get() - kelvin).abs() < 1e-8,
                    "{kelvin} {}",
                    back.get()
                );
            }
        }
    }

    #[test]
    fn no_radiance_has_no_temperature() {
        assert_eq!(Band::long_wave().temperature(0.0), None);
        assert_eq!(Band::long_wave().temperature(-1.0), None);
        assert_eq!(Band::new(8.0, 8.0).temperature(1.0), None);
    }

    #[test]
    fn a_black_surface_without_air_is_as_warm_as_it_looks() {
        let t = Kelvin::from_celsius(3.0);
        let black = Emissivity::new(1.0).expect("valid");
        let cold = Kelvin::from_celsius(-60.0);
        let found = surface_temperature(t, black, cold, 1.0, cold, &Band::long_wave());
        assert!((found.expect("exists").get() - t.get()).abs() < 1e-9);
    }

    #[test]
    fn surface_temperatures_agree_with_the_printed_table() {
        // scoring.md §1, four decimals.
        let rows = [
            (2.0, 0.95, -45.0, 1.0, -45.0, 7.5, 13.5, 3.8058),
            (2.0, 0.95, -45.0, 0.97, 1.0, 7.5, 13.5, 3.8375),
            (2.0, 0.90, -30.0, 1.0, -30.0, 7.5, 13.5, 4.8555),
            (-3.0, 0.92, -10.0, 0.95, 0.0, 7.5, 13.5, -2.5935),
            (22.0, 0.95, 18.0, 0.99, 18.0, 8.0, 14.0, 22.2480),
        ];
        for (apparent, e, reflected, tau, air, l1, l2, expected) in rows {
            let found = surface_temperature(
                Kelvin::from_celsius(apparent),
                Emissivity::new(e).expect("valid"),
                Kelvin::from_celsius(reflected),
                tau,
                Kelvin::from_celsius(air),
                &Band::new(l1, l2),
            )
            .expect("exists");
            assert!(
                (found.celsius() - expected).abs() < 6e-5,
                "{expected} {found:?}"
            );
        }
    }
}
