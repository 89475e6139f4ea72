//! Camera constants: counts of a black body and back.

use crate::problem::{Problem, Result};
use crate::survey::Planck;
use crate::units::Kelvin;

/// Counts W of a black body: `W(T) = R1 / (R2 (exp(B/T) − F)) − O`, T in kelvin.
///
/// The maker's equation, as published in gtatters/Thermimage and gpereyrairujo/IRimage. NaN where
/// the denominator is not positive.
pub fn planck_counts(constants: &Planck, temperature: Kelvin) -> f64 {
    let p = constants;
    let denominator = p.r2 * ((p.b / temperature.get()).exp() - p.f);
    if denominator > 0.0 {
        p.r1 / denominator - p.o
    } else {
        f64::NAN
    }
}

/// Temperature of a black body from its counts, kelvin: `T = B / ln(R1/(R2 (W + O)) + F)`.
///
/// NaN where no temperature gives these counts.
pub fn planck_temperature(constants: &Planck, counts: f64) -> f64 {
    let p = constants;
    let denominator = p.r2 * (counts + p.o);
    let argument = p.r1 / denominator + p.f;
    // The logarithm must be positive as well: T is.
    if denominator > 0.0 && argument > 1.0 {
        p.b / argument.ln()
    } else {
        f64::NAN
    }
}

/// Refuses constants no camera has (formats.md §1.6).
pub(super) fn check(constants: &Planck) -> Result<()> {
    let p = constants;
    for (name, value) in [("PlanckR1", p.r1), ("PlanckR2", p.r2), ("PlanckB", p.b)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(unusable(name, value, "> 0"));
        }
    }
    for (name, value) in [("PlanckF", p.f), ("PlanckO", p.o)] {
        if !value.is_finite() {
            return Err(unusable(name, value, "a number"));
        }
    }
    Ok(())
}

fn unusable(name: &str, value: f64, expected: &str) -> Problem {
    Problem::setting(format!("{name} is {value}, expected {expected}"))
        .field("calibration")
        .hint(
            "exported without radiometric data; export again as \"radiometric JPEG\", or set \
             radiometry.planck in audit.toml",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Constants of a Zenmuse XT (data/flights/zenmuse-xt-field-a/README.md).
    const XT: Planck = Planck {
        r1: 17096.453,
        r2: 0.046642166,
        b: 1428.0,
        f: 1.0,
        o: -342.0,
    };

    #[test]
    fn counts_and_temperature_are_inverse() {
        for celsius in [-60.0, -10.0, 0.0, 25.0, 150.0] {
            let counts = planck_counts(&XT, Kelvin::from_celsius(celsius));
            let back = planck_temperature(&XT, counts) - 273.15;
            assert!((back - celsius).abs() < 1e-9, "{celsius} {back}");
        }
    }

    #[test]
    fn counts_at_zero_celsius_agree_with_a_hand_calculation() {
        // exp(1428/273.15) = exp(5.227897) = 186.3997; 17096.453/(0.046642166 · 185.3997)
        // = 17096.453/8.647442 = 1977.05; + 342 = 2319.05.
        let counts = planck_counts(&XT, Kelvin::from_celsius(0.0));
        assert!((counts - 2319.05).abs() < 0.05, "{counts}");
    }

    #[test]
    fn counts_below_the_offset_have_no_temperature() {
        assert!(planck_temperature(&XT, 342.0).is_nan());
        assert!(planck_temperature(&XT, 0.0).is_nan());
    }

    #[test]
    fn a_zero_constant_is_named() {
        let problem = check(&Planck { r1: 0.0, ..XT }).expect_err("R1 is 0");
        assert_eq!(problem.what, "PlanckR1 is 0, expected > 0");
    }
}
