//! How far views of the same ground differ.

use super::views::Views;

/// Spread of views about the mean of their cell.
pub(super) struct Disagreement {
    pub(super) std_k: f64,
    pub(super) mad_k: f64,
    pub(super) views: u64,
}

/// Differences are counted in steps of this, kelvin, for their median.
const STEP_K: f64 = 0.001;
/// … up to this many steps.
const STEPS: usize = 50_000;

/// Root mean square and 1.4826 × median of the absolute value, with the offsets subtracted.
pub(super) fn measure(views: &Views, offset_k: &[f64]) -> Disagreement {
    let mut counts = vec![0u64; STEPS + 1];
    let (mut total, mut squares) = (0u64, 0.0);
    let mut levelled = Vec::new();
    for range in views.ranges() {
        levelled.clear();
        levelled.extend(range.map(|i| {
            let offset = offset_k.get(views.frame[i] as usize).copied();
            f64::from(views.kelvin[i]) - offset.unwrap_or(0.0)
        }));
        let mean = levelled.iter().sum::<f64>() / levelled.len() as f64;
        for value in &levelled {
            let difference = (value - mean).abs();
            squares += difference * difference;
            total += 1;
            counts[((difference / STEP_K) as usize).min(STEPS)] += 1;
        }
    }
    if total == 0 {
        return Disagreement {
            std_k: f64::NAN,
            mad_k: f64::NAN,
            views: 0,
        };
    }
    let mut below = 0;
    let median = counts.iter().position(|n| {
        below += n;
        2 * below >= total
    });
    Disagreement {
        std_k: (squares / total as f64).sqrt(),
        mad_k: 1.4826 * (median.unwrap_or(STEPS) as f64 + 0.5) * STEP_K,
        views: total,
    }
}
