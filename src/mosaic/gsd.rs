//! Figures of the whole flight: cell size, and how sharply costs part at seams.

use super::plan::usable;
use super::{Options, Source};
use crate::rectify::OrientedFrame;

/// Median GSD, rounded down to two digits: cells larger than pixels lower hot peaks by a tenth and more.
pub(super) fn automatic_gsd(sources: &[Source<'_>]) -> f64 {
    let gsds = usable(sources).map(|(_, s)| s.gsd_m()).collect();
    round_down_to_two_digits(median(gsds))
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn round_down_to_two_digits(value: f64) -> f64 {
    let digits = 1 - value.log10().floor() as i32;
    // Dividing by a whole power of ten gives the nearest number to the printed one. A thousandth
    // of the last digit is rounding, not size.
    let scale = 10f64.powi(digits.abs());
    let step = |v: f64| (v + 1e-3).floor();
    if digits >= 0 {
        step(value * scale) / scale
    } else {
        step(value / scale) * scale
    }
}

/// Costs θ² of two frames a base B apart at height h part by 2 B/h² per metre across their seam
/// (small angles); those of two tiles by the distance from their middles.
pub(super) fn cost_per_m(sources: &[Source<'_>], options: &Options) -> f64 {
    let mut frames: Vec<&OrientedFrame> = Vec::new();
    let mut sizes = Vec::new();
    for (_, source) in usable(sources) {
        match source {
            Source::Frame(frame) => frames.push(frame),
            Source::Tile { footprint, .. } => sizes.push(footprint.x_max - footprint.x_min),
        }
    }
    if frames.is_empty() {
        return 4.0 * options.weight_edge / median(sizes);
    }
    frames.sort_by_key(|frame| frame.index);
    let bases = frames.windows(2).map(|pair| {
        let ([ax, ay, _], [bx, by, _]) = (pair[0].pose.centre, pair[1].pose.centre);
        (bx - ax).hypot(by - ay)
    });
    let height = median(frames.iter().map(|f| f.path_m).collect());
    2.0 * options.weight_view * median(bases.collect()) / (height * height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gsd_is_rounded_down_to_two_digits() {
        for (found, rounded) in [
            (0.0513, 0.051),
            (0.05, 0.05),
            (0.049_999_999_9, 0.05),
            (0.1234, 0.12),
            (1.01, 1.0),
            (12.3, 12.0),
            (0.0999, 0.099),
        ] {
            assert_eq!(round_down_to_two_digits(found), rounded);
        }
    }
}
