//! Forward heat balance of a surface under a night sky: from U to surface temperature.
//!
//! In: U, indoor and air temperature, sky, wind. Out: the temperature the surface must have.
//! Written for the simulator alone, from other formulas where a choice exists (humidity after
//! Bolton, convection after Watmuff), so that agreement with the analysis means something.
//!
//! Not here: what a camera sees of it (`light`).

use super::light::SIGMA;

/// Vapour pressure of air, hPa: saturation of Bolton (1980), Monthly Weather Review 108, eq. 10,
/// `6.112 exp(17.67 T / (T + 243.5))`, times relative humidity (fraction).
pub(super) fn vapour_pressure_hpa(air_c: f64, humidity: f64) -> f64 {
    humidity * 6.112 * (17.67 * air_c / (air_c + 243.5)).exp()
}

/// Dew point, °C: Bolton (1980), eq. 11, the inverse of the saturation formula.
pub(super) fn dew_point_c(air_c: f64, humidity: f64) -> f64 {
    let x = (vapour_pressure_hpa(air_c, humidity) / 6.112).ln();
    243.5 * x / (17.67 - x)
}

/// Broadband sky temperature, K. Clear sky of Berdahl & Martin (1984), Solar Energy 32, with its
/// hour and pressure terms; clouds add `(1 − ε) n exp(−z/8.2 km)` (Martin & Berdahl 1984, black
/// cloud base). `cloud` is the covered fraction, `base_km` the height of the cloud base.
pub(super) fn sky_k(
    air_c: f64,
    humidity: f64,
    hour: f64,
    pressure_hpa: f64,
    cloud: f64,
    base_km: f64,
) -> f64 {
    let dew = dew_point_c(air_c, humidity) / 100.0;
    let daily = 0.013 * (std::f64::consts::TAU * hour / 24.0).cos();
    let clear = 0.711 + dew * (0.56 + 0.73 * dew) + daily + 0.000_12 * (pressure_hpa - 1000.0);
    let emissivity = clear + (1.0 - clear) * cloud * (-base_km / 8.2).exp();
    (air_c + 273.15) * emissivity.powf(0.25)
}

/// Wind at roof height from the 10 m wind of an open station, m/s: both boundary layers obey the
/// power law (ASHRAE Fundamentals, wind chapter; suburban layer 370 m, exponent 0.22).
pub(super) fn wind_at_roof(wind_10m: f64, height_m: f64) -> f64 {
    let free = wind_10m * (270.0_f64 / 10.0).powf(0.14);
    free * (height_m.max(2.0) / 370.0).powf(0.22)
}

/// Convection, W/m²K: `2.8 + 3.0 v` of Watmuff, Charters & Proctor (1977), v at the surface,
/// its forced part times a factor for the roughness of the roofing.
pub(super) fn convection(wind: f64, roughness: f64) -> f64 {
    2.8 + 3.0 * wind * roughness
}

/// Psychrometer constant `cp P / (0.622 L)` at 1013 hPa over water, hPa/K.
const PSYCHROMETER_HPA_K: f64 = 0.66;

/// Water on surfaces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moisture {
    /// Vapour pressure of the air, hPa.
    pub vapour_hpa: f64,
    /// Whether surfaces are wet already; dry ones only take up dew.
    pub wet: bool,
}

/// Everything around a surface that settles its temperature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Balance {
    /// Temperature behind the surface, °C.
    pub indoor_c: f64,
    /// Air, °C.
    pub air_c: f64,
    /// Convection, W/m²K.
    pub h: f64,
    /// Broadband emissivity.
    pub emissivity: f64,
    /// Sky, K.
    pub sky_k: f64,
    /// Share of the hemisphere that is sky; the rest is at air temperature.
    pub sky_view: f64,
}

impl Balance {
    /// Flux the surface gives off at `surface_c`, W/m²: convection and long-wave exchange.
    fn loss(&self, surface_c: f64) -> f64 {
        let fourth = |k: f64| k * k * k * k;
        let around = self.sky_view * fourth(self.sky_k)
            + (1.0 - self.sky_view) * fourth(self.air_c + 273.15);
        self.h * (surface_c - self.air_c)
            + self.emissivity * SIGMA * (fourth(surface_c + 273.15) - around)
    }

    /// Surface temperature, °C, at which what comes through the construction equals the loss:
    /// `(Ti − Ts) / (1/U − 0.04) = loss(Ts)`. U in W/m²K, air to air with the standard external
    /// resistance 0.04 m²K/W of EN ISO 6946; U 0 gives the adiabatic surface. Bisection: the
    /// difference of both sides falls strictly with Ts.
    pub(super) fn surface_c(&self, u: f64) -> f64 {
        self.settle(u, |_| 0.0)
    }

    /// The same of a surface on which water freezes, condenses or dries: `(h/γ)(e_s(Ts) − e)`
    /// leaves it as latent heat (the analogy of heat and vapour transfer with Lewis number 1).
    pub(super) fn moist_surface_c(&self, u: f64, moisture: &Moisture) -> f64 {
        self.settle(u, |surface_c| {
            let excess_hpa = vapour_pressure_hpa(surface_c, 1.0) - moisture.vapour_hpa;
            let from_surface = moisture.wet || excess_hpa < 0.0;
            f64::from(from_surface) * self.h / PSYCHROMETER_HPA_K * excess_hpa
        })
    }

    fn settle(&self, u: f64, latent: impl Fn(f64) -> f64) -> f64 {
        let conductance = if u > 0.0 {
            1.0 / (1.0 / u.min(20.0) - 0.04)
        } else {
            0.0
        };
        let (mut low, mut high) = (-90.0, 90.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if conductance * (self.indoor_c - middle) > self.loss(middle) + latent(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// U at which the surface is `excess_k` warmer than it is with `u`; at most 12 W/m²K.
    pub(super) fn u_for_excess(&self, u: f64, excess_k: f64) -> f64 {
        let target = self.surface_c(u) + excess_k;
        let through = self.indoor_c - target;
        let loss = self.loss(target);
        if through <= 0.0 || loss <= 0.0 {
            return 12.0;
        }
        (1.0 / (through / loss + 0.04)).clamp(u, 12.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clear_night() -> Balance {
        Balance {
            indoor_c: 18.0,
            air_c: 0.0,
            h: 7.2,
            emissivity: 0.93,
            sky_k: 273.15 - 23.057,
            sky_view: 1.0,
        }
    }

    #[test]
    fn surface_temperatures_agree_with_the_printed_forward_table() {
        // scoring.md §4, "Forward"; computed there by an independent script, four decimals.
        let table = [
            (0.0, -7.708),
            (0.15, -7.365),
            (0.24, -7.162),
            (0.70, -6.153),
        ];
        for (u, expected) in table
            .into_iter()
            .chain([(1.2, -5.108), (2.0, -3.542), (5.0, 1.419)])
        {
            let found = clear_night().surface_c(u);
            assert!((found - expected).abs() < 1e-3, "U {u}: {found}");
        }
        let overcast = Balance {
            indoor_c: 20.0,
            air_c: 2.0,
            sky_k: 273.15 - 2.192,
            ..clear_night()
        };
        assert!((overcast.surface_c(2.0) - 3.530).abs() < 1e-3);
    }

    #[test]
    fn a_surface_under_a_sky_of_air_temperature_without_heating_is_as_warm_as_the_air() {
        let grey = Balance {
            sky_k: 273.15,
            ..clear_night()
        };
        assert!(grey.surface_c(0.0).abs() < 1e-9);
    }

    #[test]
    fn dew_warms_a_cold_surface_at_most_to_the_dew_point_and_leaves_a_warm_one_alone() {
        let dewy = |wet| Moisture {
            vapour_hpa: vapour_pressure_hpa(0.0, 0.9),
            wet,
        };
        let night = clear_night();
        let (dry, moist) = (
            night.surface_c(0.0),
            night.moist_surface_c(0.0, &dewy(false)),
        );
        assert!(dry + 1.0 < moist && moist < dew_point_c(0.0, 0.9));
        assert_eq!(
            night.surface_c(5.0),
            night.moist_surface_c(5.0, &dewy(false))
        );
        // A wet surface in air that neither heats nor cools it takes the wet-bulb temperature:
        // printed psychrometric tables give 10 °C, 60 % → 6.6 °C (radiation off).
        let bulb = Balance {
            indoor_c: 10.0,
            air_c: 10.0,
            h: 10.0,
            emissivity: 0.0,
            sky_k: 280.0,
            sky_view: 1.0,
        };
        let vapour_hpa = vapour_pressure_hpa(10.0, 0.6);
        let found = bulb.moist_surface_c(
            0.0,
            &Moisture {
                vapour_hpa,
                wet: true,
            },
        );
        assert!((found - 6.6).abs() < 0.15, "{found}");
    }

    #[test]
    fn the_u_of_an_excess_gives_that_excess_back() {
        let u = clear_night().u_for_excess(0.5, 3.0);
        let excess = clear_night().surface_c(u) - clear_night().surface_c(0.5);
        assert!((excess - 3.0).abs() < 1e-6, "{excess}");
    }

    #[test]
    fn sky_and_dew_point_agree_with_printed_values() {
        // scoring.md §2, rows 1 and 5 (Magnus there, Bolton here: dew points differ by up to
        // 0.02 K, the sky by 0.6 · 0.02 K).
        assert!((dew_point_c(0.0, 0.80) - -3.039).abs() < 0.02);
        assert!((sky_k(0.0, 0.80, 4.0, 1013.25, 0.0, 2.0) - (273.15 - 23.057)).abs() < 0.03);
        assert!((sky_k(3.0, 0.75, 0.0, 1013.25, 0.3, 4.0) - (273.15 - 14.331)).abs() < 0.03);
        assert!((wind_at_roof(2.0, 8.0) - 1.365).abs() < 1e-3);
    }
}
