//! The range of a picture's colours where none is given: the 1st to 99th percentile, outward to
//! round numbers; one for all temperature pictures of a command, so that they can be compared.

use super::super::measured::Measured;
use super::plan::Plan;
use crate::calibrate::parameters::Settings;
use crate::units::ZERO_CELSIUS_K;
use rayon::prelude::*;

/// Shares of pixels below the range and below its upper end.
const SHARES: [f64; 2] = [0.01, 0.99];

/// Width of a step of the histogram, kelvin, and number of steps (to 3000 K).
const STEP_K: f64 = 0.02;
const STEPS: usize = 150_000;

/// Range over all frames that have temperatures, °C; `None` when there is none.
pub(super) fn common(plan: &Plan, settings: &Settings) -> Option<[f64; 2]> {
    let histogram = plan
        .jobs
        .par_iter()
        .filter_map(|job| {
            let raw = plan.sources[job.source].frames.frame(job.frame).ok()?;
            Measured::new(raw, settings).ok()?.thermal
        })
        .fold(
            || vec![0_u64; STEPS],
            |mut histogram, thermal| {
                for value in thermal.kelvin.data().iter().filter(|v| !v.is_nan()) {
                    let step = (f64::from(*value) / STEP_K) as usize;
                    histogram[step.min(STEPS - 1)] += 1;
                }
                histogram
            },
        )
        .reduce_with(|mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        })?;
    let all: u64 = histogram.iter().sum();
    let percentile = |share: f64| {
        let wanted = (share * all as f64).ceil().max(1.0) as u64;
        let mut sum = 0;
        let step = histogram.iter().position(|count| {
            sum += count;
            sum >= wanted
        })?;
        Some((step as f64 + 0.5) * STEP_K - ZERO_CELSIUS_K)
    };
    let [low, high] = SHARES.map(percentile);
    Some(outward(low?, high?))
}

/// Range of a picture without temperatures, in its own counts.
pub(super) fn of_counts(values: &[f32]) -> [f64; 2] {
    let mut valid: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if valid.is_empty() {
        return [0.0, 1.0];
    }
    let last = valid.len() - 1;
    let [low, high] = SHARES.map(|share| {
        let at = (share * last as f64).round() as usize;
        f64::from(*valid.select_nth_unstable_by(at, f32::total_cmp).1)
    });
    outward(low, high)
}

/// Outward to whole numbers, or halves where the range is narrow; never empty.
fn outward(low: f64, high: f64) -> [f64; 2] {
    let unit = if high - low < 4.0 { 0.5 } else { 1.0 };
    let low = (low / unit).floor() * unit + 0.0;
    let high = ((high / unit).ceil() * unit + 0.0).max(low + unit);
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_round_and_never_empty() {
        assert_eq!(outward(-8.3, 6.1), [-9.0, 7.0]);
        assert_eq!(outward(3.1, 4.2), [3.0, 4.5]);
        assert_eq!(outward(3.0, 3.0), [3.0, 3.5]);
    }

    #[test]
    fn counts_have_the_range_of_their_own_percentiles() {
        let values: Vec<f32> = (0..=1000).map(|v| v as f32).collect();
        assert_eq!(of_counts(&values), [10.0, 990.0]);
        assert_eq!(of_counts(&[f32::NAN]), [0.0, 1.0]);
    }
}
