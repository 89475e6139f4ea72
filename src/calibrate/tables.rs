//! The curved part of calibration, tabulated per frame.

use super::planck::{planck_counts, planck_temperature};
use super::radiance::Band;
use super::vendor::Law;
use super::{Parameters, Scale, Unmixing};
use crate::raster::Grid;
use crate::survey::Planck;
use crate::units::Kelvin;

/// Distance of the knots between which corrected temperature is taken as straight, kelvin.
/// The curvature is below 0.05 per kelvin down to emissivity 0.25, so the chord is within 0.1 mK.
const KNOT_K: f64 = 0.1;
/// Apparent temperatures outside are impossible for any camera, kelvin.
const POSSIBLE_K: std::ops::Range<f64> = 100.0..3000.0;

/// Values a 16-bit sample can have.
const SAMPLE_VALUES: usize = 1 << 16;

/// From sample to surface temperature for one frame.
pub(super) enum Curve {
    /// Counts with camera constants.
    Planck(Planck, Unmixing),
    /// Apparent temperature that needs no correction: kelvin = sample · scale + offset.
    Straight { scale: f64, offset_k: f64 },
    /// Apparent temperature corrected by the maker's law.
    Vendor { scale: f64, offset_k: f64, law: Law },
    /// Apparent temperature corrected through band radiance.
    Corrected {
        scale: f64,
        offset_k: f64,
        band: Box<Band>,
        unmixing: Unmixing,
    },
}

impl Curve {
    pub(super) fn new(scale: Scale, parameters: &Parameters, law: Option<Law>) -> Self {
        match scale {
            Scale::Planck(p) => {
                let unmixing = Unmixing::new(parameters, |t| planck_counts(&p, t));
                Curve::Planck(p, unmixing)
            }
            Scale::Linear { scale, offset_k } => {
                if let Some(law) = law {
                    return Curve::Vendor {
                        scale,
                        offset_k,
                        law,
                    };
                }
                let band = Box::new(Band::long_wave());
                let unmixing = Unmixing::new(parameters, |t| band.radiance(t));
                if unmixing.is_identity() {
                    return Curve::Straight { scale, offset_k };
                }
                Curve::Corrected {
                    scale,
                    offset_k,
                    band,
                    unmixing,
                }
            }
        }
    }

    /// Maps integer samples through a table over the values that occur; with how many have no
    /// temperature.
    pub(super) fn map_u16(&self, counts: &Grid<u16>) -> (Grid<f32>, u32) {
        let (low, high) = counts
            .data()
            .iter()
            .fold((u16::MAX, 0), |(low, high), v| (low.min(*v), high.max(*v)));
        // A place for every number there is, so that no pixel's is checked.
        let mut table = vec![f32::NAN; SAMPLE_VALUES];
        let mut all_known = true;
        if low <= high {
            let at = self.evaluator(f64::from(low), f64::from(high));
            for (value, place) in (low..=high).zip(&mut table[usize::from(low)..]) {
                *place = at(f64::from(value));
                all_known &= !place.is_nan();
            }
        }
        let table: &[f32; SAMPLE_VALUES] = table.first_chunk().expect("made with this length");
        let kelvin = counts.map(|v| table[usize::from(v)]);
        let invalid = if all_known { 0 } else { missing(&kelvin) };
        (kelvin, invalid)
    }

    /// Maps ready values, NaN stays NaN; with how many have no temperature.
    pub(super) fn map_f32(&self, values: &Grid<f32>) -> (Grid<f32>, u32) {
        let finite = values.data().iter().copied().filter(|v| v.is_finite());
        let (low, high) = finite.fold((f32::MAX, f32::MIN), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        let at = self.evaluator(f64::from(low), f64::from(high));
        let kelvin = values.map(|v| {
            if v.is_finite() {
                at(f64::from(v))
            } else {
                f32::NAN
            }
        });
        let invalid = missing(&kelvin);
        (kelvin, invalid)
    }

    /// The curve as a function, prepared for samples from `low` to `high`.
    fn evaluator(&self, low: f64, high: f64) -> Box<dyn Fn(f64) -> f32 + '_> {
        match self {
            Curve::Planck(p, unmixing) => {
                let (p, unmixing) = (*p, *unmixing);
                Box::new(move |s| {
                    possible(planck_temperature(&p, unmixing.apply(s)))
                        .map_or(f32::NAN, |k| k as f32)
                })
            }
            Curve::Straight { scale, offset_k } => {
                let (scale, offset_k) = (*scale, *offset_k);
                Box::new(move |s| possible(s * scale + offset_k).map_or(f32::NAN, |k| k as f32))
            }
            Curve::Vendor {
                scale,
                offset_k,
                law,
            } => {
                let (scale, offset_k) = (*scale, *offset_k);
                Box::new(move |s| {
                    possible(s * scale + offset_k).map_or(f32::NAN, |k| law.surface_k(k) as f32)
                })
            }
            Curve::Corrected {
                scale,
                offset_k,
                band,
                unmixing,
            } => {
                let (scale, offset_k) = (*scale, *offset_k);
                let exact = move |apparent: f64| surface(band, unmixing, apparent);
                let knots = Knots::new(low * scale + offset_k, high * scale + offset_k, exact);
                Box::new(move |s| {
                    possible(s * scale + offset_k)
                        .and_then(|k| knots.at(k).or_else(|| exact(k)))
                        .map_or(f32::NAN, |k| k as f32)
                })
            }
        }
    }
}

fn missing(kelvin: &Grid<f32>) -> u32 {
    kelvin.data().iter().filter(|v| v.is_nan()).count() as u32
}

fn possible(kelvin: f64) -> Option<f64> {
    POSSIBLE_K.contains(&kelvin).then_some(kelvin)
}

fn surface(band: &Band, unmixing: &Unmixing, apparent: f64) -> Option<f64> {
    let radiance = unmixing.apply(band.radiance(Kelvin::new(apparent)?));
    band.temperature(radiance).map(Kelvin::get)
}

/// Corrected temperature at evenly spaced apparent temperatures.
struct Knots {
    first_k: f64,
    values: Vec<Option<f64>>,
}

impl Knots {
    fn new(low_k: f64, high_k: f64, exact: impl Fn(f64) -> Option<f64>) -> Self {
        let first_k = low_k.max(POSSIBLE_K.start);
        let last_k = high_k.min(POSSIBLE_K.end);
        let count = ((last_k - first_k) / KNOT_K).ceil().max(0.0) as usize + 2;
        let values = (0..count)
            .map(|i| exact(first_k + i as f64 * KNOT_K))
            .collect();
        Self { first_k, values }
    }

    /// Between two knots; `None` next to impossible temperatures.
    fn at(&self, apparent: f64) -> Option<f64> {
        let position = (apparent - self.first_k) / KNOT_K;
        let index = position.max(0.0) as usize;
        let (&Some(a), &Some(b)) = (self.values.get(index)?, self.values.get(index + 1)?) else {
            return None;
        };
        Some(a + (b - a) * (position - index as f64))
    }
}
