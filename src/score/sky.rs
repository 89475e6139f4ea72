//! The night sky as a radiator: humidity, broadband sky temperature, window sky.
//!
//! Four sky models that differ by several kelvin for the same weather: Berdahl–Martin is the
//! default, Clark–Allen the cross-check whose disagreement is taken as uncertainty. A measured
//! sky temperature beats them all.

use crate::calibrate::radiance::Band;
use crate::units::{Kelvin, ZERO_CELSIUS_K};

/// Vapour pressure, hPa, from air temperature, °C, and relative humidity, %.
///
/// Magnus form over water, `e = 6.1094 exp(17.625 T / (T + 243.04)) · RH/100`
/// (Alduchov & Eskridge 1996, eq. 21; −40 … 50 °C).
pub fn vapour_pressure_hpa(air_c: f64, humidity_pct: f64) -> f64 {
    6.1094 * (17.625 * air_c / (air_c + 243.04)).exp() * humidity_pct / 100.0
}

/// Dew point, °C: the inverse of [`vapour_pressure_hpa`] at 100 %.
pub fn dew_point_c(air_c: f64, humidity_pct: f64) -> f64 {
    let x = (vapour_pressure_hpa(air_c, humidity_pct.max(0.1)) / 6.1094).ln();
    243.04 * x / (17.625 - x)
}

/// Emissivity of the clear sky after Berdahl & Martin 1984 with its hour and pressure terms
/// (scoring.md §2); dew point in °C, hours after midnight, pressure in hPa.
pub fn berdahl_martin(dew_c: f64, hour: f64, pressure_hpa: f64) -> f64 {
    let d = dew_c / 100.0;
    let hourly = 0.013 * (std::f64::consts::TAU * hour / 24.0).cos();
    0.711 + 0.56 * d + 0.73 * d * d + hourly + 0.000_12 * (pressure_hpa - 1000.0)
}

/// Emissivity under cloud: `ε0 + (1 − ε0) n exp(−z_c / 8.2)` for an opaque cloud covering the
/// fraction `cloud` with its base at `base_km` (Martin & Berdahl 1984; scoring.md §2).
pub fn with_cloud(clear: f64, cloud: f64, base_km: f64) -> f64 {
    clear + (1.0 - clear) * cloud * (-base_km / 8.2).exp()
}

/// Sky emissivity after Clark & Allen 1978 with Walton's 1983 cloud polynomial, N in tenths
/// (EnergyPlus engineering reference, climate calculations).
pub fn clark_allen(dew_c: f64, cloud: f64) -> f64 {
    let n = 10.0 * cloud;
    let clouds = 1.0 + 0.0224 * n - 0.0035 * n * n + 0.000_28 * n * n * n;
    (0.787 + 0.764 * ((dew_c + ZERO_CELSIUS_K) / 273.0).ln()) * clouds
}

/// Clear-sky temperature after Swinbank 1963, °C: `0.0552 Ta^1.5` in kelvin; knows no humidity.
pub fn swinbank_c(air_c: f64) -> f64 {
    0.0552 * (air_c + ZERO_CELSIUS_K).powf(1.5) - ZERO_CELSIUS_K
}

/// Temperature of a black sky that radiates like one of this emissivity at air temperature, °C:
/// `ε^¼ Ta`.
pub fn sky_temperature_c(emissivity: f64, air_c: f64) -> f64 {
    emissivity.max(0.0).powf(0.25) * (air_c + ZERO_CELSIUS_K) - ZERO_CELSIUS_K
}

/// Emissivity of the zenith sky in the 8–14 µm window, which a flat roof mirrors into a nadir
/// camera: `0.24 + 2.98e-8 e² exp(3000/Ta)`, e in hPa, Ta in K (Idso 1981; Kimball et al. 1982).
pub fn window_emissivity(air_c: f64, humidity_pct: f64, cloud: f64, base_km: f64) -> f64 {
    let e = vapour_pressure_hpa(air_c, humidity_pct);
    let clear = 0.24 + 2.98e-8 * e * e * (3000.0 / (air_c + ZERO_CELSIUS_K)).exp();
    with_cloud(clear.min(1.0), cloud, base_km)
}

/// Temperature a flat roof mirrors into a nadir camera of this band, °C: `L⁻¹(ε_w L(Ta))`
/// (scoring.md §1), far colder than the broadband sky.
pub fn window_reflected_c(
    band: &Band,
    air_c: f64,
    humidity_pct: f64,
    cloud: f64,
    base_km: f64,
) -> Option<f64> {
    let window = window_emissivity(air_c, humidity_pct, cloud, base_km);
    let radiance = window * band.radiance(Kelvin::from_celsius(air_c));
    band.temperature(radiance).map(Kelvin::celsius)
}

/// Formula for the sky (`weather.sky_model`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// Berdahl & Martin 1984.
    #[default]
    BerdahlMartin,
    /// Clark & Allen 1978 with Walton's clouds.
    ClarkAllen,
    /// Swinbank 1963; knows no humidity.
    Swinbank,
}

/// Sky temperature and its standard uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sky {
    /// Broadband sky temperature, °C.
    pub sky_c: f64,
    /// Standard uncertainty, K: `max(3, |model − CA| / 2)` for a model (of Clark–Allen itself
    /// against Berdahl–Martin), 1 when measured.
    pub sigma_k: f64,
}

/// The sky of a flight from its weather, cloud cover as a fraction.
pub fn model(
    by: Model,
    air_c: f64,
    humidity_pct: f64,
    cloud: f64,
    base_km: f64,
    hour: f64,
    pressure_hpa: f64,
) -> Sky {
    let dew = dew_point_c(air_c, humidity_pct);
    let clouded = |clear: f64| sky_temperature_c(with_cloud(clear, cloud, base_km), air_c);
    let berdahl_martin_c = clouded(berdahl_martin(dew, hour, pressure_hpa));
    let clark_allen_c = sky_temperature_c(clark_allen(dew, cloud), air_c);
    let swinbank = || {
        let ratio = (swinbank_c(air_c) + ZERO_CELSIUS_K) / (air_c + ZERO_CELSIUS_K);
        clouded(ratio.powi(4))
    };
    let (sky_c, check_c) = match by {
        Model::BerdahlMartin => (berdahl_martin_c, clark_allen_c),
        Model::ClarkAllen => (clark_allen_c, berdahl_martin_c),
        Model::Swinbank => (swinbank(), clark_allen_c),
    };
    Sky {
        sky_c,
        sigma_k: (0.5 * (sky_c - check_c).abs()).max(3.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    #[test]
    fn dew_and_mould_begin_at_the_printed_temperatures() {
        // scoring.md §15: 20 °C, 50 % → dew 9.26, 80 % at the surface at 12.62.
        assert!((dew_point_c(20.0, 50.0) - 9.26).abs() < 0.005);
        for row in rows("dew") {
            let (air_c, humidity_pct) = (number(&row, "T"), number(&row, "RH"));
            check(&row, "T_dew", dew_point_c(air_c, humidity_pct));
            check(&row, "T_si_80", dew_point_c(air_c, humidity_pct / 0.8));
        }
    }

    #[test]
    fn a_clear_freezing_night_has_the_printed_sky() {
        // scoring.md §2, first row.
        let dew = dew_point_c(0.0, 80.0);
        assert!(close(dew, -3.039));
        let sky = sky_temperature_c(berdahl_martin(dew, 4.0, 1013.25), 0.0);
        assert!(close(sky, -23.057), "{sky}");
        assert!(close(
            sky_temperature_c(clark_allen(dew, 0.0), 0.0),
            -16.543
        ));
        assert!((swinbank_c(0.0) + 23.954).abs() < 1e-3);
    }

    #[test]
    fn cloud_at_two_kilometres_closes_78_percent_of_the_window() {
        // The 0.784 of the CSE building engine (scoring.md §2).
        assert!((with_cloud(0.0, 1.0, 2.0) - 0.784).abs() < 5e-4);
    }

    #[test]
    fn saturated_air_is_at_its_dew_point() {
        assert!((dew_point_c(7.0, 100.0) - 7.0).abs() < 1e-9);
    }

    #[test]
    fn the_sky_group_of_the_reference_numbers_is_met() {
        for row in rows("sky") {
            let n = |key| number(&row, key);
            let (air, rh, cloud, base) = (n("Ta"), n("RH"), n("cloud"), n("z_cloud_km"));
            let dew = dew_point_c(air, rh);
            let clear = berdahl_martin(dew, n("hour"), n("P_hPa"));
            check(&row, "T_dew", dew);
            check(&row, "e_hPa", vapour_pressure_hpa(air, rh));
            check(&row, "swinbank_C", swinbank_c(air));
            check(&row, "eps_bm_clear", clear);
            check(&row, "eps_bm", with_cloud(clear, cloud, base));
            let sky = |by| model(by, air, rh, cloud, base, n("hour"), n("P_hPa"));
            check(&row, "T_sky_bm", sky(Model::BerdahlMartin).sky_c);
            check(&row, "T_sky_ca", sky(Model::ClarkAllen).sky_c);
            if cloud == 0.0 {
                check(&row, "swinbank_C", sky(Model::Swinbank).sky_c);
            }
            check(&row, "eps_clark_allen_walton", clark_allen(dew, cloud));
            check(
                &row,
                "T_sky_ca",
                sky_temperature_c(clark_allen(dew, cloud), air),
            );
            check(&row, "eps_window", window_emissivity(air, rh, cloud, base));
            let band = Band::long_wave();
            let mirrored = window_reflected_c(&band, air, rh, cloud, base).expect("radiates");
            check(&row, "T_refl_window", mirrored);
        }
    }
}
