//! The heat balance of a roof at night.
//!
//! On a clear night a roof is colder than the air, so `h (Ts − Ta)` gives negative losses: the
//! balance must hold the sky (scoring.md §0, Zhang, Lucchi & Garzulino 2026).

use crate::units::{STEFAN_BOLTZMANN, ZERO_CELSIUS_K};

/// What surrounds a roof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surroundings {
    /// Air temperature, °C.
    pub air_c: f64,
    /// Convective coefficient, W/m²K.
    pub h_c: f64,
    /// Broadband emissivity of the roof, 0–1.
    pub emissivity: f64,
    /// Sky temperature, °C.
    pub sky_c: f64,
    /// Sky view factor, 0–1; the rest sees things at air temperature.
    pub f_sky: f64,
}

fn fourth(celsius: f64) -> f64 {
    (celsius + ZERO_CELSIUS_K).powi(4)
}

impl Surroundings {
    /// Heat flux through the surface at temperature `surface_c`, W/m²:
    /// `q = h_c (Ts − Ta) + ε σ [Ts⁴ − F Tsky⁴ − (1 − F) Ta⁴]` (scoring.md §4).
    pub fn flux(&self, surface_c: f64) -> f64 {
        let surroundings =
            self.f_sky * fourth(self.sky_c) + (1.0 - self.f_sky) * fourth(self.air_c);
        self.h_c * (surface_c - self.air_c)
            + self.emissivity * STEFAN_BOLTZMANN * (fourth(surface_c) - surroundings)
    }

    /// Adiabatic temperature, °C: where the flux is zero. The flux rises with the temperature, and
    /// ever faster, so Newton's steps from above every possible root come down to it and never
    /// pass it.
    pub fn adiabatic_c(&self) -> f64 {
        let mut surface_c = self.sky_c.max(self.air_c);
        for _ in 0..20 {
            let kelvin = surface_c + ZERO_CELSIUS_K;
            let slope = self.h_c + 4.0 * self.emissivity * STEFAN_BOLTZMANN * kelvin.powi(3);
            let step = self.flux(surface_c) / slope;
            surface_c -= step;
            if step.abs() < 1e-10 {
                break;
            }
        }
        surface_c
    }
}

/// Temperature of a roof of transmittance `u` at a time without storage, °C: where
/// `q(Ts) = (Ti − Ts)/(1/U − Rse)` (scoring.md §4, forward). `h_c` gives the convective
/// coefficient at a surface temperature, as it depends on it.
pub fn surface_c(
    around: &Surroundings,
    h_c: impl Fn(f64) -> f64,
    u: f64,
    indoor_c: f64,
    rse_m2k_w: f64,
) -> f64 {
    let mut low = around.sky_c.min(around.air_c).min(indoor_c) - 1.0;
    let mut high = around.sky_c.max(around.air_c).max(indoor_c) + 1.0;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let here = Surroundings {
            h_c: h_c(middle),
            ..*around
        };
        if here.flux(middle) > flux_of_u(u, indoor_c, middle, rse_m2k_w) {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

/// Radiative coefficient between two temperatures, W/m²K: `4 ε σ ((T1 + T2)/2)³`.
pub fn radiative(emissivity: f64, one_c: f64, other_c: f64) -> f64 {
    let mean = 0.5 * (one_c + other_c) + ZERO_CELSIUS_K;
    4.0 * emissivity * STEFAN_BOLTZMANN * mean.powi(3)
}

/// External temperature index `θ = (Ts − T_ad)/(Ti − T_ad)`: 0 no loss, 1 bare. `None` when the
/// inside is not warmer than the adiabatic roof.
pub fn index(surface_c: f64, adiabatic_c: f64, indoor_c: f64) -> Option<f64> {
    (indoor_c > adiabatic_c).then(|| (surface_c - adiabatic_c) / (indoor_c - adiabatic_c))
}

/// Air-to-air transmittance, W/m²K: `1 / ((Ti − Ts)/q + Rse)`; 0 for q ≤ 0. `None` when the
/// inside is not warmer than the surface.
pub fn u_value(flux: f64, indoor_c: f64, surface_c: f64, rse_m2k_w: f64) -> Option<f64> {
    if indoor_c <= surface_c {
        return None;
    }
    Some(if flux > 0.0 {
        1.0 / ((indoor_c - surface_c) / flux + rse_m2k_w)
    } else {
        0.0
    })
}

/// Flux through a roof of known U: `(Ti − Ts)/(1/U − Rse)`, W/m².
pub fn flux_of_u(u: f64, indoor_c: f64, surface_c: f64, rse_m2k_w: f64) -> f64 {
    (indoor_c - surface_c) / (1.0 / u - rse_m2k_w)
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    fn clear_night(f_sky: f64) -> Surroundings {
        Surroundings {
            air_c: 0.0,
            h_c: 7.2,
            emissivity: 0.93,
            sky_c: -23.057,
            f_sky,
        }
    }

    #[test]
    fn the_printed_clear_night_is_met() {
        // scoring.md §4, first row.
        let night = clear_night(0.95);
        let q = night.flux(-2.0);
        assert!(close(q, 59.994), "{q}");
        assert!(close(night.adiabatic_c(), -7.317));
        assert!(close(radiative(0.93, -2.0, -7.317), 4.083));
        assert!(close(
            u_value(q, 18.0, -2.0, 0.04).expect("warm inside"),
            2.6783
        ));
    }

    #[test]
    fn flux_of_a_black_body_at_300_k_against_a_cold_sky_is_sigma_t_to_the_fourth() {
        let s = Surroundings {
            air_c: 26.85,
            h_c: 5.0,
            emissivity: 1.0,
            sky_c: -ZERO_CELSIUS_K,
            f_sky: 1.0,
        };
        assert!((s.flux(26.85) - 459.3).abs() < 0.05);
    }

    #[test]
    fn u_of_a_flux_and_flux_of_a_u_are_inverse() {
        let q = flux_of_u(0.7, 18.0, -4.0, 0.04);
        assert!((u_value(q, 18.0, -4.0, 0.04).expect("warm") - 0.7).abs() < 1e-12);
    }

    #[test]
    fn the_flux_group_of_the_reference_numbers_is_met() {
        for row in rows("flux") {
            let n = |key| number(&row, key);
            let s = Surroundings {
                air_c: n("Ta"),
                h_c: n("h_c"),
                emissivity: n("eps"),
                sky_c: n("T_sky"),
                f_sky: n("F_sky"),
            };
            let (surface, q, adiabatic) = (n("Ts"), s.flux(n("Ts")), s.adiabatic_c());
            check(&row, "q", q);
            check(&row, "T_ad", adiabatic);
            let h_r = radiative(n("eps"), surface, adiabatic);
            check(&row, "h_r", h_r);
            check(&row, "q_linear", (n("h_c") + h_r) * (surface - adiabatic));
            check(
                &row,
                "theta",
                index(surface, adiabatic, n("T_i")).expect("warm inside"),
            );
            check(
                &row,
                "U",
                u_value(q, n("T_i"), surface, 0.04).expect("warm inside"),
            );
        }
    }

    #[test]
    fn roofs_of_known_u_sit_at_the_printed_temperatures() {
        for row in rows("forward_Ts") {
            let n = |key| number(&row, key);
            let s = Surroundings {
                air_c: n("Ta"),
                h_c: n("h_c"),
                emissivity: n("eps"),
                sky_c: n("T_sky"),
                f_sky: n("F_sky"),
            };
            // At the printed temperature both fluxes must agree; 1e-3 K moves them by 0.011 W/m².
            let inside = flux_of_u(n("U"), n("T_i"), n("Ts"), 0.04);
            assert!((s.flux(n("Ts")) - inside).abs() < 0.012, "{row}");
            let found = surface_c(&s, |_| s.h_c, n("U"), n("T_i"), 0.04);
            assert!((found - n("Ts")).abs() < 1e-3, "{row}: {found}");
        }
        let inside = flux_of_u(2.0, 18.0, -3.542, 0.04);
        assert!((clear_night(1.0).flux(-3.542) - inside).abs() < 0.012);
    }
}
