//! Transmission of the air between surface and camera.

use crate::survey::AirCoefficients;

/// Transmission τ of an air path of `distance_m` metres.
///
/// h = RH · exp(1.5587 + 0.06939 T − 0.00027816 T² + 0.00000068455 T³), T in °C, RH 0–1;
/// τ = X exp(−√d (α1 + β1 √h)) + (1 − X) exp(−√d (α2 + β2 √h)).
///
/// The camera maker's model, as published in gpereyrairujo/IRimage (checked by its authors
/// against the maker's own program). One path from surface to camera: the widely ported variant
/// with √(d/2) on two half paths is not the same, because τ is not exponential in d; it is off by
/// up to 0.65 K at 20 m (formats.md §1.5). Fitted to short paths; beyond some 100 m it is an
/// extrapolation.
pub fn transmission(
    distance_m: f64,
    air_c: f64,
    humidity: f64,
    coefficients: &AirCoefficients,
) -> f64 {
    let t = air_c;
    let water = humidity
        * (1.5587 + 0.06939 * t - 0.000_278_16 * t.powi(2) + 0.000_000_684_55 * t.powi(3)).exp();
    let (root_d, root_h) = (distance_m.max(0.0).sqrt(), water.max(0.0).sqrt());
    let c = coefficients;
    let term = |alpha: f64, beta: f64| (-root_d * (alpha + beta * root_h)).exp();
    c.x * term(c.alpha1, c.beta1) + (1.0 - c.x) * term(c.alpha2, c.beta2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_distance_is_full_transmission() {
        let tau = transmission(0.0, 20.0, 0.5, &AirCoefficients::USUAL);
        assert_eq!(tau, 1.0);
    }

    #[test]
    fn two_metres_of_a_dry_room_agree_with_an_independent_computation() {
        // data/radiometric/reference.json, flir_infracam_png.jpg, params.tau_single; the file's
        // coefficients are single-precision, so 1e-7 is their rounding.
        let tau = transmission(2.0, 20.0, 0.3, &AirCoefficients::USUAL);
        assert!((tau - 0.993_028_685).abs() < 1e-7, "{tau}");
    }
}
