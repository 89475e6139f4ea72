//! How far views of the same ground differ.

use super::views::Views;

/// Spread of views about the mean of their cell.
pub(super) struct Disagreement {
    pub(super) std_k: f64,
    pub(super) mad_k: f64,
    pub(super) p95_k: f64,
    pub(super) views: u64,
}

/// Differences are counted in steps of this, kelvin, for their median.
const STEP_K: f64 = 0.001;
/// … up to this many steps.
const STEPS: usize = 50_000;

/// Root mean square, 1.4826 × median and 95th percentile of the absolute value, with a correction of
/// each view subtracted.
pub(super) fn measure(views: &Views, correction_k: impl Fn(usize) -> f64) -> Disagreement {
    let mut counts = vec![0u64; STEPS + 1];
    let (mut total, mut squares) = (0u64, 0.0);
    let mut levelled = Vec::new();
    for range in views.ranges() {
        levelled.clear();
        levelled.extend(range.map(|i| f64::from(views.kelvin[i]) - correction_k(i)));
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
            p95_k: f64::NAN,
            views: 0,
        };
    }
    let share = |share: f64| {
        let mut below = 0;
        let at = counts.iter().position(|n| {
            below += n;
            below as f64 >= share * total as f64
        });
        (at.unwrap_or(STEPS) as f64 + 0.5) * STEP_K
    };
    Disagreement {
        std_k: (squares / total as f64).sqrt(),
        mad_k: 1.4826 * share(0.5),
        p95_k: share(0.95),
        views: total,
    }
}
