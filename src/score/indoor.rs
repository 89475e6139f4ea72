//! The air under the roof, and heat stored in the roof.
//!
//! The thermostat is not what the roof feels: halls are stratified, and companies stop heating
//! in the evening.

/// Air temperature under the roof, °C: `Ti + g (H − 1.5)` (scoring.md §4), `gradient_k_m` 0.4
/// by default, 0.1 with destratification fans, 0.8 with warm-air heaters; ceiling height in
/// metres. Never below the temperature given.
pub fn under_roof_c(indoor_c: f64, gradient_k_m: f64, ceiling_height_m: f64) -> f64 {
    indoor_c + gradient_k_m * (ceiling_height_m - 1.5).max(0.0)
}

/// Indoor temperature `hours` after the heating stopped: `Te + (Ti0 − Te) exp(−t/τ)`, τ 15 h for
/// a sheet-metal hall, 30 h with a concrete floor, 60 h for a masonry office (scoring.md §4).
pub fn set_back_c(indoor_c: f64, outdoor_c: f64, hours: f64, tau_h: f64) -> f64 {
    outdoor_c + (indoor_c - outdoor_c) * (-hours.max(0.0) / tau_h).exp()
}

/// Time constant of the layer above the insulation, hours: `C / h`, C in J/m²K, h in W/m²K.
pub fn lag_h(capacity_j_m2k: f64, h: f64) -> f64 {
    capacity_j_m2k / h / 3600.0
}

/// Flux out of storage while the layer cools, W/m²: `C dT/dt`, cooling in K per hour.
pub fn storage_flux(capacity_j_m2k: f64, cooling_k_h: f64) -> f64 {
    capacity_j_m2k * cooling_k_h / 3600.0
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    #[test]
    fn high_halls_are_warmer_under_the_roof() {
        // scoring.md §4.
        assert!(close(under_roof_c(16.0, 0.4, 8.0), 18.6));
        assert!(close(under_roof_c(14.0, 0.8, 10.0), 20.8));
    }

    #[test]
    fn a_hall_cools_as_printed() {
        assert!(close(set_back_c(18.0, 0.0, 10.0, 30.0), 12.898));
        for row in rows("indoor_decay") {
            let n = |key| number(&row, key);
            check(
                &row,
                "Ti",
                set_back_c(n("Ti0"), n("Te"), n("t_h"), n("tau_h")),
            );
        }
    }

    #[test]
    fn gravel_waits_four_hours_and_gives_back_ten_watts() {
        assert!(close(3.0 * lag_h(75_600.0, 15.0), 4.2));
        assert!(close(storage_flux(75_600.0, 0.5), 10.5));
        for row in rows("lag") {
            let n = |key| number(&row, key);
            let tau = lag_h(n("C_J_m2K"), n("h"));
            check(&row, "tau_h", tau);
            check(&row, "wait_h_3tau", 3.0 * tau);
            check(&row, "q_storage", storage_flux(n("C_J_m2K"), n("dTdt_K_h")));
        }
    }
}
