//! Mean of the views of a cell and how far it can be believed.

use super::views::View;

/// Views farther than this many σ from the median are left out.
const OUTLIER_SIGMA: f32 = 3.0;

/// Makes the median absolute deviation of normal values their σ: 1/Φ⁻¹(3/4).
const MAD_TO_SIGMA: f32 = 1.4826;

/// The same for samples of 2 … 9, on top (C. Croux and P. J. Rousseeuw, Time-efficient algorithms
/// for two highly robust estimators of scale, COMPSTAT 1992): without it three views that agree
/// by chance throw out the fourth.
const SMALL_SAMPLE: [f32; 8] = [1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107];

/// A mean and its standard error, kelvin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mean {
    pub(super) kelvin: f32,
    pub(super) sigma_k: f32,
}

/// Mean with weights 1/σᵢ² of the views within 3σ of their median (georeferencing.md §10).
///
/// σᵢ² is a view's own variance (`variances` by [`View::order`]: noise and level). σ is the
/// larger of σᵢ and the spread of the views (1.4826 MAD, corrected for small samples).
///
/// Standard error: √(1/Σwᵢ) from the variances alone, or √(s² Σwᵢ²)/Σwᵢ with the weighted variance
/// s² of the views about their mean, whichever is larger. Views that agree by chance are no
/// better than the camera's noise, and views that differ by more than noise say so.
///
/// `sorted` is in order of kelvin; NaN without views.
pub(super) fn robust_mean(sorted: &[View], variances: &[f32]) -> Mean {
    if let [view] = sorted {
        return Mean {
            kelvin: view.kelvin,
            sigma_k: variance_of(view, variances).sqrt(),
        };
    }
    if sorted.is_empty() {
        return Mean {
            kelvin: f32::NAN,
            sigma_k: f32::NAN,
        };
    }
    let middle = median(sorted);
    let spread = spread(sorted, middle);
    let (mut weights, mut squares, mut sum, mut of_squares) = (0.0_f32, 0.0_f32, 0.0, 0.0);
    let mut n = 0.0_f32;
    for view in sorted {
        let variance = variance_of(view, variances);
        let away = view.kelvin - middle;
        let limit = OUTLIER_SIGMA * OUTLIER_SIGMA * variance.max(spread * spread);
        if away * away <= limit {
            let w = 1.0 / variance;
            weights += w;
            squares += w * w;
            sum += w * away;
            of_squares += w * away * away;
            n += 1.0;
        }
    }
    // At least half of the views lie within the median deviation, so one is kept.
    let mean = sum / weights;
    let mut variance = 1.0 / weights;
    if n > 1.0 {
        let scatter = (of_squares / weights - mean * mean).max(0.0) * n / (n - 1.0);
        variance = variance.max(scatter * squares / (weights * weights));
    }
    Mean {
        kelvin: middle + mean,
        sigma_k: variance.sqrt(),
    }
}

fn variance_of(view: &View, variances: &[f32]) -> f32 {
    variances.get(view.order as usize).copied().unwrap_or(1.0)
}

/// Median of views in order of kelvin.
pub(super) fn median(sorted: &[View]) -> f32 {
    middle_of(sorted.len(), |i| sorted[i].kelvin)
}

/// σ of views in order of kelvin from their absolute deviations.
fn spread(sorted: &[View], middle: f32) -> f32 {
    let n = sorted.len();
    if n < 2 {
        return 0.0;
    }
    // Deviations grow from the middle outwards on either side, so they come sorted by taking the
    // nearer side each time; only the first half is needed.
    let mut right = sorted.partition_point(|v| v.kelvin < middle);
    let mut left = right;
    let (mut last, mut before) = (0.0, 0.0);
    for _ in 0..=n / 2 {
        let below = left.checked_sub(1).map(|i| middle - sorted[i].kelvin);
        let above = sorted.get(right).map(|v| v.kelvin - middle);
        before = last;
        last = match (below, above) {
            (Some(b), Some(a)) if b <= a => {
                left -= 1;
                b
            }
            (Some(b), None) => {
                left -= 1;
                b
            }
            (_, Some(a)) => {
                right += 1;
                a
            }
            (None, None) => last,
        };
    }
    let mad = if n % 2 == 1 {
        last
    } else {
        0.5 * (before + last)
    };
    let small = match SMALL_SAMPLE.get(n - 2) {
        Some(factor) => *factor,
        None => n as f32 / (n as f32 - 0.8),
    };
    MAD_TO_SIGMA * small * mad
}

fn middle_of(n: usize, at: impl Fn(usize) -> f32) -> f32 {
    if n % 2 == 1 {
        at(n / 2)
    } else {
        0.5 * (at(n / 2 - 1) + at(n / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(values: &[f32]) -> Vec<View> {
        let mut views: Vec<View> = (0..)
            .zip(values)
            .map(|(order, kelvin)| View {
                kelvin: *kelvin,
                key: 0.0,
                order,
            })
            .collect();
        views.sort_by(|a, b| a.kelvin.total_cmp(&b.kelvin));
        views
    }

    /// 0.05 K of noise each.
    fn even(n: usize) -> Vec<f32> {
        vec![0.0025; n]
    }

    #[test]
    fn a_view_the_others_contradict_is_left_out() {
        let mean = robust_mean(&views(&[280.0, 280.2, 280.1, 290.0]), &even(4));
        assert!((mean.kelvin - 280.1).abs() < 1e-4);
        // s² of 280, 280.1, 280.2 is 0.01; √(0.01/3).
        assert!((mean.sigma_k - 0.0577).abs() < 1e-3);
    }

    #[test]
    fn two_views_far_apart_are_both_kept_and_the_error_says_how_far() {
        let mean = robust_mean(&views(&[280.0, 290.0]), &even(2));
        assert_eq!(mean.kelvin, 285.0);
        // Half of the difference.
        assert!((mean.sigma_k - 5.0).abs() < 1e-3);
    }

    #[test]
    fn views_weigh_by_their_inverse_variance() {
        // σ 0.1 and 0.2 K: weights 4 to 1; 1/(100 + 25) = 0.008, its root 0.0894.
        let mean = robust_mean(&views(&[280.0, 280.1]), &[0.01, 0.04]);
        assert!((mean.kelvin - 280.02).abs() < 1e-4);
        assert!((mean.sigma_k - 0.008_f32.sqrt()).abs() < 1e-4);
    }

    #[test]
    fn views_that_agree_are_no_surer_than_their_noise() {
        let mean = robust_mean(&views(&[280.0; 4]), &even(4));
        assert_eq!(mean.kelvin, 280.0);
        assert!((mean.sigma_k - 0.025).abs() < 1e-6);
        let one = robust_mean(&views(&[280.0]), &even(1));
        assert!((one.sigma_k - 0.05).abs() < 1e-6);
    }

    #[test]
    fn the_spread_is_the_median_deviation_by_hand() {
        // Median 3; deviations 2 1 0 1 6: the middle one is 1; five values, so 1.206.
        let five = views(&[1.0, 2.0, 3.0, 4.0, 9.0]);
        let by_hand = |n: usize| SMALL_SAMPLE[n - 2] * MAD_TO_SIGMA;
        assert!((spread(&five, median(&five)) - by_hand(5)).abs() < 1e-6);
        // Median 2.5; deviations 1.5 0.5 0.5 6.5: between 0.5 and 1.5.
        let four = views(&[1.0, 2.0, 3.0, 9.0]);
        assert!((spread(&four, median(&four)) - by_hand(4)).abs() < 1e-6);
        assert_eq!(spread(&views(&[5.0, 5.0, 5.0]), 5.0), 0.0);
    }

    #[test]
    fn few_normal_views_have_their_own_spread_on_average() {
        // Box–Muller from a fixed sequence; the truth is 1.
        let mut state = 1_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 + 0.5) / (1_u32 << 24) as f32
        };
        let mut normal = || {
            let (a, b) = (uniform(), uniform());
            (-2.0 * a.ln()).sqrt() * (std::f32::consts::TAU * b).cos()
        };
        for n in [2, 3, 4, 5, 8, 12, 20] {
            let draws = 20_000;
            let sum: f32 = (0..draws)
                .map(|_| {
                    let values: Vec<f32> = (0..n).map(|_| normal()).collect();
                    let sorted = views(&values);
                    spread(&sorted, median(&sorted))
                })
                .sum();
            // σ of one MAD is at most 0.8 of it: 0.6 % of the mean; rounding of the table 0.1 %.
            assert!(
                (sum / draws as f32 - 1.0).abs() < 0.02,
                "{n}: {}",
                sum / draws as f32
            );
        }
    }
}
