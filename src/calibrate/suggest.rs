//! Which scale a file without one may have: a suggestion for the person who must say, never applied.
//!
//! In: counts. Out: the usual scales (formats.md §4, §5) under which the scene's median is a
//! temperature of a scene, −60 to 150 °C. Where several fit, all are told.

use crate::raster::Grid;
use crate::units::ZERO_CELSIUS_K;

/// Kelvin per count of cameras and converters, and who uses them.
const USUAL: [(f64, &str); 5] = [
    (0.04, "FLIR high gain"),
    (0.4, "FLIR low gain"),
    (0.01, "hundredths of a kelvin"),
    (0.1, "tenths of a kelvin"),
    (0.015_625, "sixty-fourths of a kelvin"),
];

/// Scales that fit, in words; `None` where none does.
pub(super) fn words(counts: &Grid<u16>) -> Option<String> {
    let mut values = counts.data().to_vec();
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let median = f64::from(*values.select_nth_unstable(middle).1);
    let fits: Vec<String> = USUAL
        .iter()
        .map(|(scale, who)| (scale, who, median * scale - ZERO_CELSIUS_K))
        .filter(|(_, _, celsius)| (-60.0..=150.0).contains(celsius))
        .map(|(scale, who, celsius)| format!("{scale} ({who}, median {celsius:.1} °C)"))
        .collect();
    (!fits.is_empty()).then(|| {
        format!(
            "with offset -{ZERO_CELSIUS_K} the median of the counts would fit a scale of {}",
            fits.join(" or ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Duo Pro R at its two gains: 7000 · 0.04 = 280 K, 7000 · 0.4 would be 2800 K.
    #[test]
    fn only_scales_that_give_a_scene_are_told() {
        let words = words(&Grid::filled(3, 3, 7000_u16)).expect("one fits");
        assert!(
            words.contains("0.04 (FLIR high gain, median 6.9 °C)"),
            "{words}"
        );
        assert!(
            !words.contains("0.4 (") && !words.contains("0.01"),
            "{words}"
        );
        assert_eq!(super::words(&Grid::filled(3, 3, 1_u16)), None);
    }
}
