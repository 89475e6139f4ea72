//! What the maker's library does to its transmission table for moisture in the air.
//!
//! The table in a file is not quite the transmission the library uses: found by inverting the
//! maker's law on its own temperatures, ten pixels each of ten files at three settings, the
//! quotient of the two is the same function of the target's temperature for all cameras,
//!
//! ln (τ / τ_table) = a(w) · ln(d / 1 m) · g(T),
//! g(T) = 1.326·10⁻⁴ − 1.6755·10⁻⁴ T + 9.307·10⁻⁷ T²  (T in °C; 0 below its root at 0.8 °C),
//!
//! with d the distance and w the absolute humidity. `a` is known at two humidities, 5.4 g/m³
//! (80 % at 5 °C, seen at 25 m) and 11.5 g/m³ (50 % at 25 °C, seen at 5 m); moister air gives what
//! the second does (78 % at 19.3 °C at 80 m), the library clamps there. Between the two a straight
//! line stands in, and the logarithm of the distance: both agree with the mean errors formats.md
//! §3.3 gives for 5 m and 80 %, neither was measured further.
//!
//! g is good to 1·10⁻⁴ of the transmission from −10 to 49 °C. Of the new cores' two cameras one has
//! half the other's `a` in dry air; the value here lies between.

use crate::units::ZERO_CELSIUS_K;

/// Absolute humidity at 80 % and 5 °C, and at 50 % and 25 °C, g/m³.
const DRY: f64 = 5.44;
const MOIST: f64 = 11.51;

/// `a` in dry and in moist air.
struct Amplitude {
    dry: f64,
    moist: f64,
}

/// M2EA, H20N, M30T, M3T, M3TD.
const OLD: Amplitude = Amplitude {
    dry: -3.48,
    moist: 0.621,
};

/// H30T, M4T.
const NEW: Amplitude = Amplitude {
    dry: -1.13,
    moist: 0.36,
};

/// The correction at one distance in one air.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moisture {
    /// `a(w) · ln d`.
    strength: f64,
}

impl Moisture {
    /// `humidity` is a fraction, at `air_c`; `new_core` has an air temperature of its own.
    pub(super) fn new(distance_m: f64, air_c: f64, humidity: f64, new_core: bool) -> Self {
        let amplitude = if new_core { NEW } else { OLD };
        let w = absolute_humidity_g_m3(air_c, humidity).clamp(DRY, MOIST);
        let share = (w - DRY) / (MOIST - DRY);
        let a = amplitude.dry + share * (amplitude.moist - amplitude.dry);
        Self {
            strength: a * distance_m.max(1.0).ln(),
        }
    }

    /// What the table's transmission is multiplied with for a target at `target_k`.
    pub(super) fn factor(&self, target_k: f64) -> f64 {
        /// Beyond its lowest point the parabola means nothing.
        const LOWEST_C: f64 = 90.0;
        let t = (target_k - ZERO_CELSIUS_K).clamp(0.0, LOWEST_C);
        let g = 1.326e-4 - 1.6755e-4 * t + 9.307e-7 * t * t;
        (self.strength * g.min(0.0)).exp()
    }
}

/// Mass of vapour in a cubic metre of air, grams: e / (R_v T), with the saturation pressure
/// 6.112 hPa · exp(17.67 t / (t + 243.5)) of Bolton (1980), Mon. Wea. Rev. 108, eq. 10, and
/// R_v = 461.5 J/(kg K).
fn absolute_humidity_g_m3(air_c: f64, humidity: f64) -> f64 {
    let saturation_pa = 611.2 * (17.67 * air_c / (air_c + 243.5)).exp();
    1000.0 * humidity * saturation_pa / (461.5 * (air_c + ZERO_CELSIUS_K))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed vapour tables: saturated air holds 23.0 g/m³ at 25 °C and 6.8 g/m³ at 5 °C.
    #[test]
    fn absolute_humidity_is_that_of_the_tables() {
        assert!((absolute_humidity_g_m3(25.0, 1.0) - 23.0).abs() < 0.1);
        assert!((absolute_humidity_g_m3(5.0, 1.0) - 6.8).abs() < 0.05);
    }

    #[test]
    fn nothing_changes_at_one_metre_or_for_a_frozen_target() {
        let near = Moisture::new(1.0, 5.0, 0.8, false);
        assert_eq!(near.factor(300.0), 1.0);
        let far = Moisture::new(25.0, 5.0, 0.8, false);
        assert_eq!(far.factor(270.0), 1.0);
        assert!(far.factor(300.0) > 1.03);
    }

    #[test]
    fn air_moister_than_the_tables_counts_as_the_tables() {
        let table = Moisture::new(5.0, 25.0, 0.5, false);
        let wet = Moisture::new(5.0, 30.0, 0.9, false);
        assert!((table.factor(300.0) - wet.factor(300.0)).abs() < 1e-6);
        assert!(table.factor(300.0) < 1.0);
    }
}
