//! From the flight's emissivity to the roof's own.
//!
//! The mosaic holds temperatures for one emissivity and one reflected temperature. The radiance
//! a surface sends is the same whatever is assumed:
//! `ε_f L(T_f) + (1 − ε_f) L(T_refl) = ε_r L(T_r) + (1 − ε_r) L(T_refl)`, L in the camera's band
//! (scoring.md §1). An emissivity of 1 gives the apparent temperature.

use crate::calibrate::radiance::Band;
use crate::units::Kelvin;

/// Temperature under another emissivity, °C; `None` where no temperature gives that radiance
/// (bare metal under a cold sky).
pub fn convert(band: &Band, from: f64, to: f64, reflected_c: f64, celsius: f64) -> Option<f64> {
    let radiance = |c: f64| band.radiance(Kelvin::from_celsius(c));
    let sky = radiance(reflected_c);
    let sent = from * radiance(celsius) + (1.0 - from) * sky;
    band.temperature((sent - (1.0 - to) * sky) / to)
        .map(Kelvin::celsius)
}

/// A table of [`convert`] for many cells: steps of ¼ K, linear between them (the curve bends by
/// less than 0.03 K per K², so the error stays under 0.3 mK).
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// Empty: nothing to convert.
    table: Vec<f32>,
    origin_c: f32,
}

const STEPS_PER_K: f32 = 4.0;

impl Conversion {
    /// No change.
    pub fn identity() -> Self {
        Self {
            table: Vec::new(),
            origin_c: 0.0,
        }
    }

    /// Table for temperatures `low_c..=high_c`, held within −120 … 1000 °C.
    pub fn new(
        band: &Band,
        from: f64,
        to: f64,
        reflected_c: f64,
        (low_c, high_c): (f32, f32),
    ) -> Self {
        if from == to {
            return Self::identity();
        }
        let low = low_c.clamp(-120.0, 1000.0).floor();
        let high = high_c.clamp(low, 1000.0).ceil();
        let steps = ((high - low) * STEPS_PER_K) as usize + 1;
        let at = |i: usize| f64::from(low + i as f32 / STEPS_PER_K);
        Self {
            table: (0..=steps)
                .map(|i| convert(band, from, to, reflected_c, at(i)).map_or(f32::NAN, |c| c as f32))
                .collect(),
            origin_c: low,
        }
    }

    /// One value, °C; NaN stays NaN and what lies outside the table becomes NaN.
    #[inline]
    pub fn apply(&self, celsius: f32) -> f32 {
        if self.table.is_empty() {
            return celsius;
        }
        let position = (celsius - self.origin_c) * STEPS_PER_K;
        if !(position >= 0.0 && position < (self.table.len() - 1) as f32) {
            return f32::NAN;
        }
        let index = position as usize;
        let (a, b) = (self.table[index], self.table[index + 1]);
        a + (b - a) * (position - index as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apparent_temperature_becomes_the_printed_surface_temperature_and_back() {
        // scoring.md §1: Tapp 2.0, ε 0.95, Trefl −45 → 3.8058.
        let band = Band::new(7.5, 13.5);
        let surface = convert(&band, 1.0, 0.95, -45.0, 2.0).expect("radiates");
        assert!((surface - 3.8058).abs() < 1e-3);
        let apparent = convert(&band, 0.95, 1.0, -45.0, surface).expect("radiates");
        assert!((apparent - 2.0).abs() < 1e-6);
    }

    #[test]
    fn a_bare_metal_roof_reads_as_printed_and_is_recovered() {
        // scoring.md §1: really +2 °C, ε 0.25 under −45 °C reads −29.80.
        let band = Band::new(7.5, 13.5);
        assert!((convert(&band, 0.25, 1.0, -45.0, 2.0).expect("radiates") + 29.80).abs() < 0.01);
        assert!((convert(&band, 1.0, 0.25, -45.0, -29.80).expect("radiates") - 2.0).abs() < 0.02);
    }

    #[test]
    fn the_table_agrees_with_the_formula() {
        let band = Band::new(7.5, 13.5);
        let table = Conversion::new(&band, 0.92, 0.86, -40.0, (-12.3, 9.9));
        for t in [-12.3_f32, -7.61, -0.01, 3.17, 9.9] {
            let exact = convert(&band, 0.92, 0.86, -40.0, f64::from(t)).expect("radiates");
            assert!((f64::from(table.apply(t)) - exact).abs() < 3e-4);
        }
        assert!(table.apply(f32::NAN).is_nan());
        assert_eq!(Conversion::identity().apply(4.5), 4.5);
    }
}
