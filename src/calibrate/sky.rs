//! The sky a flat roof mirrors into a long-wave camera.

use super::radiance::Band;
use crate::units::Kelvin;

/// Scale height of a cloud's effect, metres (scoring.md §2).
const CLOUD_SCALE_M: f64 = 8200.0;

/// Reflected apparent temperature of the sky in the camera's window, °C.
///
/// `T_refl = L⁻¹(ε_w L(T_air))` with the window emissivity of the clear zenith
/// `ε_w0 = 0.24 + 2.98·10⁻⁸ e² exp(3000/T_air)`, e in hPa, T in kelvin (Idso 1981, 8–14 µm), and
/// with cloud `ε_w = ε_w0 + (1 − ε_w0) n exp(−z/8.2 km)` (Kimball et al. 1982). e by Magnus:
/// `e = 6.1094 exp(17.625 T/(T + 243.04)) RH`, T in °C. Radiance over 7.5–13.5 µm.
///
/// Far colder than the broadband sky: a nadir view of a flat roof mirrors the zenith in the band
/// where air is most transparent. `humidity_pct` 0–100, `cloud_fraction` 0–1. `None` when an
/// input is not a number.
pub fn window_reflected_c(
    air_c: f64,
    humidity_pct: f64,
    cloud_fraction: f64,
    cloud_base_m: f64,
) -> Option<f64> {
    let inputs = [air_c, humidity_pct, cloud_fraction, cloud_base_m];
    if !inputs.iter().all(|v| v.is_finite()) {
        return None;
    }
    let emissivity = window_emissivity(air_c, humidity_pct, cloud_fraction, cloud_base_m);
    let band = Band::long_wave();
    let sky = emissivity * band.radiance(Kelvin::from_celsius(air_c));
    band.temperature(sky).map(Kelvin::celsius)
}

fn window_emissivity(air_c: f64, humidity_pct: f64, cloud_fraction: f64, cloud_base_m: f64) -> f64 {
    let air = Kelvin::from_celsius(air_c).get();
    let vapour_hpa = 6.1094 * (17.625 * air_c / (air_c + 243.04)).exp() * humidity_pct / 100.0;
    let clear = (0.24 + 2.98e-8 * vapour_hpa.powi(2) * (3000.0 / air).exp()).min(1.0);
    let cloud = cloud_fraction.clamp(0.0, 1.0) * (-cloud_base_m.max(0.0) / CLOUD_SCALE_M).exp();
    clear + (1.0 - clear) * cloud
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Air, humidity, cloud, base, window emissivity, reflected: scoring-vectors.json, sky.
    const ROWS: [(f64, f64, f64, f64, f64, f64); 5] = [
        (0.0, 80.0, 0.0, 2000.0, 0.2819, -54.675),
        (5.0, 85.0, 0.5, 2000.0, 0.58582, -21.69),
        (-5.0, 70.0, 0.0, 2000.0, 0.25878, -60.898),
        (2.0, 90.0, 1.0, 2000.0, 0.84964, -6.496),
        (3.0, 75.0, 0.3, 4000.0, 0.42097, -37.438),
    ];

    #[test]
    fn window_sky_agrees_with_the_printed_table() {
        for (air, humidity, cloud, base, emissivity, expected) in ROWS {
            let found = window_emissivity(air, humidity, cloud, base);
            assert!((found - emissivity).abs() < 6e-6, "{emissivity} {found}");
            let found = window_reflected_c(air, humidity, cloud, base).expect("numbers");
            // Three printed decimals.
            assert!((found - expected).abs() < 6e-4, "{expected} {found}");
        }
    }

    #[test]
    fn unknown_weather_gives_no_sky() {
        assert_eq!(window_reflected_c(f64::NAN, 80.0, 0.0, 2000.0), None);
        assert_eq!(window_reflected_c(0.0, f64::NAN, 0.0, 2000.0), None);
    }
}
