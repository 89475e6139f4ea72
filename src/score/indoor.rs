//! The air under the roof, and heat stored in the roof.
//!
//! The thermostat is not what the roof feels: halls are stratified, and companies stop heating
//! in the evening.

use super::material::Material;
use super::measure::RoofContext;
use super::{FlightConditions, Options};

/// Standard uncertainty of an indoor temperature that was given, K (scoring.md §5).
const GIVEN_SIGMA_K: f64 = 2.0;
/// After this many hours the next heating day counts as begun.
const NIGHT_H: f64 = 14.0;

/// The air a roof is heated by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indoor {
    /// Temperature under the roof at flight time, °C.
    pub under_roof_c: f64,
    /// Its standard uncertainty, K.
    pub sigma_k: f64,
    /// Whether the temperature was given.
    pub known: bool,
}

/// What the layer of a reference stores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stored {
    /// Heat capacity, J/m²K.
    pub capacity_j_m2k: f64,
    /// Whether the build-up is known.
    pub known: bool,
}

/// Indoor temperature of a building: its own row, else the company's, else the setting; after
/// the night set-back where the hour at which heating stops is known, and stratified where the
/// ceiling height is.
pub fn indoor(context: &RoofContext, flight: &FlightConditions, options: &Options) -> Indoor {
    let given = context.indoor_c.or(context.company_indoor_c);
    let mut at_ground_c = given.unwrap_or(options.indoor_c);
    if let (Some(off_h), Some(now_h), Some(air_c)) =
        (context.heating_off_h, flight.local_hour, flight.air_c)
    {
        let hours = (now_h - off_h).rem_euclid(24.0);
        if hours <= NIGHT_H {
            at_ground_c = set_back_c(at_ground_c, air_c, hours, options.building_tau_h);
        }
    }
    let under_roof_c = context.ceiling_height_m.map_or(at_ground_c, |height| {
        under_roof_c(at_ground_c, options.stratification_k_m, height)
    });
    Indoor {
        under_roof_c,
        sigma_k: if given.is_some() {
            GIVEN_SIGMA_K
        } else {
            options.indoor_sigma_k
        },
        known: given.is_some(),
    }
}

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

/// Standard uncertainty from storage where the weather does not tell how fast it cools, W/m²
/// (scoring.md §5).
const STORAGE_SIGMA: f64 = 3.0;

/// Heat out of a roof's own layer, W/m², as a standard uncertainty of its flux; 3 W/m² where the
/// cooling is not known (scoring.md §5).
pub fn storage_sigma(roof: &Material, cooling_k_h: Option<f64>) -> f64 {
    of_layer(roof.capacity_j_m2k, cooling_k_h)
}

/// The same where the roof is compared with a reference whose layer stores `reference`: what both
/// give off alike cancels, so the difference of the layers counts; the whole of the heavier one
/// where a build-up is not known.
pub fn storage_unlike(roof: &Material, reference: &Stored, cooling_k_h: Option<f64>) -> f64 {
    let (own, other) = (roof.capacity_j_m2k, reference.capacity_j_m2k);
    let unlike = match roof.known && reference.known {
        true => (own - other).abs(),
        false => own.max(other),
    };
    if unlike > 0.0 {
        of_layer(unlike, cooling_k_h)
    } else {
        0.0
    }
}

fn of_layer(capacity_j_m2k: f64, cooling_k_h: Option<f64>) -> f64 {
    cooling_k_h.map_or(STORAGE_SIGMA, |k_h| storage_flux(capacity_j_m2k, k_h).abs())
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    #[test]
    fn the_buildings_row_comes_before_the_company_and_the_setting() {
        let (flight, options) = (FlightConditions::default(), Options::default());
        let mut context = RoofContext::default();
        let of = |context: &RoofContext| indoor(context, &flight, &options);
        assert_eq!(
            (of(&context).under_roof_c, of(&context).known),
            (18.0, false)
        );
        context.company_indoor_c = Some(16.0);
        assert_eq!(
            (of(&context).under_roof_c, of(&context).sigma_k),
            (16.0, 2.0)
        );
        context.indoor_c = Some(14.0);
        assert_eq!(of(&context).under_roof_c, 14.0);
    }

    #[test]
    fn a_hall_that_stopped_heating_at_18_is_cooler_at_4_in_the_morning() {
        // scoring.md §4: (18, 0, 10 h, 30 h) → 12.898; a heating day that begins at 7 is not
        // counted back over a whole day.
        let context = RoofContext {
            heating_off_h: Some(18.0),
            ..RoofContext::default()
        };
        let at = |hour| {
            let flight = FlightConditions {
                air_c: Some(0.0),
                local_hour: Some(hour),
                ..FlightConditions::default()
            };
            indoor(&context, &flight, &Options::default()).under_roof_c
        };
        assert!(close(at(4.0), 12.898));
        assert_eq!(at(17.5), 18.0);
    }

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

    #[test]
    fn storage_counts_as_far_as_the_layers_differ() {
        // scoring.md §5 at 0.5 K/h: gravel 10.5, membrane 1.7, bitumen 4.2 W/m².
        let none = std::collections::BTreeMap::new();
        let of = |word: &str| crate::score::material::material(Some(word), &none, (0.92, 0.03));
        let stored = |word: &str| Stored {
            capacity_j_m2k: of(word).capacity_j_m2k,
            known: of(word).known,
        };
        assert!((storage_sigma(&of("gravel"), Some(0.5)) - 10.5).abs() < 0.05);
        let unlike = |a: &str, b: &str| storage_unlike(&of(a), &stored(b), Some(0.5));
        assert_eq!(unlike("gravel", "gravel"), 0.0);
        assert!((unlike("gravel", "epdm") - (10.5 - 1.67)).abs() < 0.02);
        assert!((unlike("what?", "epdm") - 4.17).abs() < 0.02);
        assert_eq!(storage_unlike(&of("gravel"), &stored("epdm"), None), 3.0);
    }
}
