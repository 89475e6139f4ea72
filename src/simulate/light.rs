//! What a thermal camera receives of a surface: band radiance, mirrored sky, air path.
//!
//! In: surface temperature, emissivity, view, night. Out: radiance at the lens and the apparent
//! temperature it means. Tables once per night, because every ray of every frame asks.

/// Stefan–Boltzmann constant, W m⁻² K⁻⁴ (SI Brochure, 9th ed.).
pub(super) const SIGMA: f64 = 5.670_374_419e-8;

/// Radiance in 7.5–13.5 µm against temperature, both directions.
pub(super) struct BandTable {
    radiance: Vec<f64>,
    temperature: Vec<f64>,
}

const T_LOW_K: f64 = 150.0;
const T_HIGH_K: f64 = 380.0;
const T_STEP_K: f64 = 0.1;
const L_STEP: f64 = 0.01;

impl BandTable {
    /// Integrates Planck's law over the band for every table temperature.
    pub(super) fn new() -> Self {
        let steps = ((T_HIGH_K - T_LOW_K) / T_STEP_K).round() as usize;
        let radiance: Vec<f64> = (0..=steps)
            .map(|i| integrate(7.5, 13.5, T_LOW_K + i as f64 * T_STEP_K))
            .collect();
        let mut temperature = Vec::new();
        let mut index = 0;
        let mut wanted = 0.0;
        while wanted < radiance[steps] {
            while index + 1 < steps && radiance[index + 1] <= wanted {
                index += 1;
            }
            let (a, b) = (radiance[index], radiance[index + 1]);
            let share = ((wanted - a) / (b - a)).max(0.0);
            temperature.push(T_LOW_K + (index as f64 + share) * T_STEP_K);
            wanted = temperature.len() as f64 * L_STEP;
        }
        Self {
            radiance,
            temperature,
        }
    }

    /// Radiance of a black surface, W/(m² sr). Held at the ends outside 150–380 K.
    #[inline]
    pub(super) fn radiance(&self, kelvin: f64) -> f64 {
        lookup(&self.radiance, (kelvin - T_LOW_K) / T_STEP_K)
    }

    /// Temperature of a black surface of that radiance, K.
    #[inline]
    pub(super) fn temperature(&self, radiance: f64) -> f64 {
        lookup(&self.temperature, radiance / L_STEP)
    }
}

#[inline]
fn lookup(table: &[f64], position: f64) -> f64 {
    let position = position.clamp(0.0, (table.len() - 2) as f64 + 0.999_999);
    let index = position as usize;
    let share = position - index as f64;
    table[index] + (table[index + 1] - table[index]) * share
}

/// `∫ c₁L λ⁻⁵ / (exp(c₂/λT) − 1) dλ`, composite Simpson with 240 panels; λ in µm, W/(m² sr).
/// Constants: CODATA 2018.
fn integrate(low_um: f64, high_um: f64, kelvin: f64) -> f64 {
    const PANELS: usize = 240;
    let planck =
        |um: f64| 1.191_042_972e8 / um.powi(5) / ((14_387.768_775 / (um * kelvin)).exp_m1());
    let step = (high_um - low_um) / PANELS as f64;
    let mut sum = planck(low_um) + planck(high_um);
    for i in 1..PANELS {
        let weight = if i % 2 == 1 { 4.0 } else { 2.0 };
        sum += weight * planck(low_um + i as f64 * step);
    }
    sum * step / 3.0
}

/// The air and sky of one moment as a camera meets them.
pub(super) struct Atmosphere {
    /// Band radiance of the mirrored sky by cosine of its zenith angle, 0 … 1 in 64 steps.
    sky: Vec<f64>,
    air_radiance: f64,
    /// Transmission by path length, every half metre.
    transmission: Vec<f64>,
}

const PATH_STEP_M: f64 = 0.5;

impl Atmosphere {
    /// Tables for air of `air_c`, relative humidity (fraction), cloud fraction and cloud base.
    pub(super) fn new(
        band: &BandTable,
        air_c: f64,
        humidity: f64,
        cloud: f64,
        base_km: f64,
        longest_m: f64,
    ) -> Self {
        let air_k = air_c + 273.15;
        let vapour = super::physics::vapour_pressure_hpa(air_c, humidity);
        let zenith = window_emissivity(air_k, vapour);
        let black = band.radiance(air_k);
        let sky = (0..=64)
            .map(|i| {
                // Grey slab: the path through the air grows with 1/cos of the zenith angle.
                let cosine = (f64::from(i) / 64.0).max(0.02);
                let clear = 1.0 - (1.0 - zenith).powf(1.0 / cosine);
                (clear + (1.0 - clear) * cloud * (-base_km / 8.2).exp()) * black
            })
            .collect();
        let steps = (longest_m / PATH_STEP_M).ceil() as usize + 2;
        Self {
            sky,
            air_radiance: black,
            transmission: (0..=steps)
                .map(|i| air_transmission(i as f64 * PATH_STEP_M, air_c, humidity))
                .collect(),
        }
    }

    /// Radiance at the lens of a surface: emitted, mirrored from direction `mirror_up` (cosine of
    /// the zenith angle; below 0 it meets surroundings at air temperature), through `path_m`.
    #[inline]
    pub(super) fn at_lens(
        &self,
        emitted: f64,
        emissivity: f64,
        mirror_up: f64,
        path_m: f64,
    ) -> f64 {
        let mirrored = if mirror_up > 0.0 {
            lookup(&self.sky, mirror_up * 64.0)
        } else {
            self.air_radiance
        };
        let tau = lookup(&self.transmission, path_m / PATH_STEP_M);
        tau * (emissivity * emitted + (1.0 - emissivity) * mirrored)
            + (1.0 - tau) * self.air_radiance
    }
}

/// Clear-sky zenith emissivity of the 8–14 µm window, `0.24 + 2.98·10⁻⁸ e² exp(3000/T)`, e in hPa
/// (Idso 1981, Water Resources Research 17, eq. 10).
fn window_emissivity(air_k: f64, vapour_hpa: f64) -> f64 {
    (0.24 + 2.98e-8 * vapour_hpa * vapour_hpa * (3000.0 / air_k).exp()).min(1.0)
}

/// Band transmission of `distance_m` of air after the camera maker's model (formats.md §1.5):
/// `X exp(−√d (α₁ + β₁√w)) + (1−X) exp(−√d (α₂ + β₂√w))`, w the water content.
pub(super) fn air_transmission(distance_m: f64, air_c: f64, humidity: f64) -> f64 {
    let poly = 1.5587 + air_c * (0.069_39 + air_c * (-0.000_278_16 + air_c * 0.000_000_684_55));
    let water = (humidity * poly.exp()).sqrt();
    let root = distance_m.max(0.0).sqrt();
    let short = (-root * (0.006_569 - 0.002_276 * water)).exp();
    let long = (-root * (0.012_62 - 0.006_67 * water)).exp();
    1.9 * short - 0.9 * long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn band_radiances_are_the_printed_ones() {
        // scoring-vectors.json, band_radiance_W_m2_sr: five significant digits.
        let band = BandTable::new();
        for (celsius, expected) in [(-40.0, 14.5536), (0.0, 34.84649), (10.0, 41.8332)] {
            let found = band.radiance(celsius + 273.15);
            assert!((found - expected).abs() < 2e-4, "{celsius}: {found}");
        }
    }

    #[test]
    fn temperature_undoes_radiance_within_a_millikelvin() {
        let band = BandTable::new();
        for kelvin in [190.3, 255.55, 274.33, 301.02] {
            assert!((band.temperature(band.radiance(kelvin)) - kelvin).abs() < 1e-3);
        }
    }

    #[test]
    fn a_black_surface_without_air_is_seen_as_it_is_and_a_long_path_pulls_towards_the_air() {
        let band = BandTable::new();
        let air = Atmosphere::new(&band, 5.0, 0.7, 0.0, 2.0, 1000.0);
        let warm = band.radiance(290.0);
        assert!((air.at_lens(warm, 1.0, 1.0, 0.0) - warm).abs() < 1e-12);
        let far = air.at_lens(warm, 1.0, 1.0, 900.0);
        assert!(far < warm && far > band.radiance(278.15));
    }

    #[test]
    fn the_mirrored_zenith_agrees_with_the_printed_window_temperature() {
        // scoring.md §2, row 1: 0 °C, 80 %, clear: −54.675 °C (Magnus there: 0.05 K apart).
        let band = BandTable::new();
        let air = Atmosphere::new(&band, 0.0, 0.80, 0.0, 2.0, 10.0);
        let zenith = band.temperature(air.at_lens(0.0, 0.0, 1.0, 0.0));
        assert!(
            (zenith - (273.15 - 54.675)).abs() < 0.1,
            "{}",
            zenith - 273.15
        );
    }
}
