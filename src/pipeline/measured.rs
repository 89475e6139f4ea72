//! One frame of a single file, as far as it can be turned into temperatures.
//!
//! In: a frame and what the command line says. Out: temperatures, or the counts of a picture that
//! has none. `inspect` shows either; `convert` writes either and says which.

use crate::calibrate::parameters::{Resolved, Settings, for_file};
use crate::calibrate::{self, ThermalFrame};
use crate::problem::Result;
use crate::survey::{Counts, Encoding, RawFrame};
use serde::Serialize;

/// What the samples of a frame can be turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Radiometry {
    /// Temperatures.
    Temperature,
    /// Contrast only: the camera is not radiometric.
    RelativeOnly,
    /// Temperatures, once someone says what a count means.
    NeedsScale,
}

/// A frame with its temperatures.
pub(crate) struct Measured {
    /// Header and samples.
    pub(crate) raw: RawFrame,
    /// Parameters used and where each came from.
    pub(crate) resolved: Resolved,
    /// What the samples are.
    pub(crate) radiometry: Radiometry,
    /// Surface temperature; absent where there is none.
    pub(crate) thermal: Option<ThermalFrame>,
}

impl Measured {
    /// Calibrates a frame where that is possible.
    ///
    /// # Errors
    /// A parameter out of range, or camera constants no camera has.
    pub(crate) fn new(raw: RawFrame, settings: &Settings) -> Result<Self> {
        let resolved = for_file(settings, &raw.header.found);
        let p = &resolved.parameters;
        let radiometry = match raw.header.encoding {
            Encoding::Relative if p.planck.is_none() && p.linear.is_none() => {
                Radiometry::RelativeOnly
            }
            Encoding::Unscaled if p.planck.is_none() && p.linear.is_none() => {
                Radiometry::NeedsScale
            }
            _ => Radiometry::Temperature,
        };
        let thermal = match radiometry {
            Radiometry::Temperature => Some(calibrate::to_kelvin(&raw, p)?),
            _ => None,
        };
        Ok(Self {
            raw,
            resolved,
            radiometry,
            thermal,
        })
    }

    /// The samples as floats.
    pub(crate) fn samples(&self) -> Vec<f32> {
        match &self.raw.counts {
            Counts::U16(grid) => grid.data().iter().map(|v| f32::from(*v)).collect(),
            Counts::F32(grid) => grid.data().to_vec(),
        }
    }
}

/// Statistics of the pixels that have a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statistics {
    /// Lowest.
    pub(crate) min: f64,
    /// Middle one; the mean of the two middle ones of an even number.
    pub(crate) median: f64,
    /// Highest.
    pub(crate) max: f64,
    /// Mean.
    pub(crate) mean: f64,
    /// Pixels with a value.
    pub(crate) valid: usize,
    /// Pixels without.
    pub(crate) invalid: usize,
}

impl Statistics {
    /// Of values where NaN is missing; `None` when all are missing.
    pub(crate) fn of(values: &[f32]) -> Option<Self> {
        let mut valid: Vec<f32> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        let count = valid.len();
        let sum: f64 = valid.iter().map(|v| f64::from(*v)).sum();
        if count == 0 {
            return None;
        }
        let (below, middle, above) = valid.select_nth_unstable_by(count / 2, f32::total_cmp);
        let middle = *middle;
        let lowest = below.iter().copied().fold(middle, f32::min);
        let highest = above.iter().copied().fold(middle, f32::max);
        let median = match count % 2 {
            1 => f64::from(middle),
            _ => {
                let other = below.iter().copied().fold(f32::MIN, f32::max);
                (f64::from(middle) + f64::from(other)) / 2.0
            }
        };
        Some(Self {
            min: f64::from(lowest),
            median,
            max: f64::from(highest),
            mean: sum / count as f64,
            valid: count,
            invalid: values.len() - count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_leave_missing_pixels_out() {
        let found = Statistics::of(&[4.0, f32::NAN, 1.0, 2.0, 10.0]).expect("four values");
        let expected = Statistics {
            min: 1.0,
            median: 3.0,
            max: 10.0,
            mean: 4.25,
            valid: 4,
            invalid: 1,
        };
        assert_eq!(found, expected);
        assert_eq!(Statistics::of(&[f32::NAN]), None);
        assert_eq!(Statistics::of(&[7.0]).map(|s| s.median), Some(7.0));
    }
}
