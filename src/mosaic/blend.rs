//! From the views of a cell to its temperature, by the chosen blend.

use super::Blend;
use super::mean::{median, robust_mean};
use super::views::View;

/// Temperature from views in order of kelvin, mixed ones among them only where there is no other;
/// NaN without views.
pub(super) fn blended(sorted: &[View], blend: Blend, width: f32, variances: &[f32]) -> f32 {
    if sorted.is_empty() {
        return f32::NAN;
    }
    match blend {
        Blend::Median => median(sorted),
        Blend::Mean => robust_mean(sorted, variances).kelvin,
        Blend::Feather | Blend::BestView => feathered(sorted, width),
    }
}

/// Weights fall linearly with the cost over the cheapest view. Views that would part a roof are
/// dearer by far and weigh nothing beside its own frame.
fn feathered(views: &[View], width: f32) -> f32 {
    let least = views.iter().map(|v| v.key).fold(f32::INFINITY, f32::min);
    let base = views[0].kelvin;
    let (mut sum, mut weight) = (0.0, 0.0);
    for view in views {
        let w = (1.0 - (view.key - least) / width.max(1e-9)).max(0.0);
        sum += w * (view.kelvin - base);
        weight += w;
    }
    base + sum / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(values: &[(f32, f32)]) -> Vec<View> {
        let mut views: Vec<View> = (0..)
            .zip(values)
            .map(|(order, (kelvin, key))| View {
                kelvin: *kelvin,
                key: *key,
                order,
            })
            .collect();
        views.sort_by(|a, b| a.kelvin.total_cmp(&b.kelvin));
        views
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        let four = views(&[(283.0, 0.1), (280.0, 0.1), (281.0, 0.1), (299.0, 0.1)]);
        assert_eq!(blended(&four, Blend::Median, 0.1, &[]), 282.0);
    }

    #[test]
    fn a_feather_is_half_and_half_at_the_seam_and_pure_beyond_its_width() {
        let at = |cost| {
            let two = views(&[(280.0, 0.2), (282.0, cost)]);
            blended(&two, Blend::Feather, 0.1, &[])
        };
        assert_eq!(at(0.2), 281.0);
        assert_eq!(at(0.31), 280.0);
        assert!((at(0.25) - (280.0 + 2.0 * 0.5 / 1.5)).abs() < 1e-3);
    }
}
