//! How well a tilt that a camera adds to every frame alike can be told from the ground under them.
//!
//! A tilt that is left in makes neighbouring frames differ at their overlap by the same amount
//! again and again, and the offsets turn it into a ramp over the whole block: on a flight with
//! one heading the two cannot be told apart (georeferencing.md §9.5). The ground under many
//! frames has no direction the camera knows of, so what all frames have in common is the
//! camera's, as far as the ground's own tilts average out.

use super::Sample;
use super::dense::Cholesky;

/// Fewest samples of a frame that takes part.
const FEWEST_SAMPLES: usize = 50;

/// Consecutive frames that show mostly the same ground and count as one.
const SAME_GROUND: f64 = 5.0;

/// Length unit of image positions, pixels, as in georeferencing.md §9.
const UNIT_PX: f64 = 400.0;

/// x, y and |q|² less its mean over the image, in units of 400 px.
fn terms(size_px: [usize; 2], u_px: f64, v_px: f64) -> [f64; 3] {
    let [width, height] = size_px.map(|n| n as f64 / UNIT_PX);
    let (x, y) = (u_px / UNIT_PX - 0.5 * width, v_px / UNIT_PX - 0.5 * height);
    // The mean of x² over a side w is w²/12.
    let mean = (width * width + height * height) / 12.0;
    [x, y, x * x + y * y - mean]
}

/// Least squares of a frame's samples: constant, tilt, bowl. The frame's own scene is in it.
fn fit(samples: &[Sample], size_px: [usize; 2]) -> Option<[f64; 3]> {
    if samples.len() < FEWEST_SAMPLES {
        return None;
    }
    let base = f64::from(samples[0].kelvin);
    let (mut normal, mut right) = (vec![0.0; 16], [0.0; 4]);
    for sample in samples {
        let [x, y, bowl] = terms(size_px, f64::from(sample.u_px), f64::from(sample.v_px));
        let row = [1.0, x, y, bowl];
        let value = f64::from(sample.kelvin) - base;
        for i in 0..4 {
            right[i] += row[i] * value;
            for j in 0..4 {
                normal[4 * i + j] += row[i] * row[j];
            }
        }
    }
    Cholesky::new(4, normal)?.solve(&mut right);
    Some([right[1], right[2], right[3]])
}

/// 1σ of the tilt that frames have in common, as the median of each frame's own, kelvin per 400 px:
/// the ground under them has tilts, too.
pub(super) fn tilt_errors(
    samples: &[Vec<Sample>],
    frames: &[usize],
    size_px: [usize; 2],
) -> [f64; 2] {
    let lists = frames.iter().filter_map(|frame| samples.get(*frame));
    let fits: Vec<[f64; 3]> = lists.filter_map(|list| fit(list, size_px)).collect();
    [0, 1].map(|i| match fits.is_empty() {
        true => 0.0,
        false => median_and_error(fits.iter().map(|fit| fit[i]).collect()).1,
    })
}

/// Median of some values and its standard error.
fn median_and_error(mut values: Vec<f64>) -> (f64, f64) {
    let n = values.len() as f64;
    let median = middle(&mut values);
    let mut away: Vec<f64> = values.iter().map(|v| (v - median).abs()).collect();
    let sigma = 1.4826 * middle(&mut away);
    // A median is √(π/2) as uncertain as a mean.
    (median, 1.2533 * sigma / (n / SAME_GROUND).sqrt())
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::tests::flight;

    #[test]
    fn a_tilt_common_to_all_frames_is_known_to_a_fraction_of_what_one_frame_tells() {
        let flight = flight(4, 14, 0.2, &[]);
        let frames: Vec<usize> = (0..flight.samples.len()).collect();
        let [right, down] = tilt_errors(&flight.samples, &frames, [640, 510]);
        // Ground of ±3 K, 3,264 cells a frame: 1.7 / √3264 / 0.4 is 0.08 K for one frame's tilt; 56
        // frames that count as 11 leave a third of it, a quarter more for the median.
        for sigma in [right, down] {
            assert!((0.01..0.06).contains(&sigma), "{right} {down}");
        }
        assert_eq!(tilt_errors(&flight.samples, &[], [640, 510]), [0.0; 2]);
    }
}
