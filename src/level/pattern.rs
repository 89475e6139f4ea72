//! What a camera adds to every frame alike: a tilt and a bowl over the image.
//!
//! A tilt that is left in makes neighbouring frames differ at their overlap by the same amount
//! again and again, and the offsets turn it into a ramp over the whole block: on a flight with
//! one heading the two cannot be told apart (georeferencing.md §9.5). The ground under many
//! frames has no direction the camera knows of, so what all frames have in common is the
//! camera's. A coefficient counts only where the frames agree on it far beyond chance.

use super::Sample;
use super::dense::Cholesky;
use crate::raster::Grid;

/// Fewest frames a pattern is believed from (georeferencing.md §9.2).
const FEWEST_FRAMES: usize = 40;

/// Fewest samples of a frame that takes part.
const FEWEST_SAMPLES: usize = 50;

/// How far a coefficient must exceed its standard error.
const SIGNIFICANT: f64 = 4.0;

/// Consecutive frames that show mostly the same ground and count as one.
const SAME_GROUND: f64 = 5.0;

/// Length unit of image positions, pixels, as in georeferencing.md §9.
const UNIT_PX: f64 = 400.0;

/// Fixed pattern of a flight: kelvin = tilt · q + bowl · (|q|² − its mean), q the position from
/// the image centre in units of 400 px.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pattern {
    /// Rise to the right and downwards, kelvin per 400 px.
    pub tilt_k: [f64; 2],
    /// Rise with the squared distance from the centre, kelvin per (400 px)².
    pub bowl_k: f64,
    /// Image size, pixels.
    pub size_px: [usize; 2],
}

impl Pattern {
    /// Whether there is nothing to subtract.
    pub fn is_none(&self) -> bool {
        self.tilt_k == [0.0; 2] && self.bowl_k == 0.0
    }

    /// Value at a pixel position, kelvin.
    pub fn at(&self, u_px: f64, v_px: f64) -> f64 {
        let [x, y, bowl] = terms(self.size_px, u_px, v_px);
        self.tilt_k[0] * x + self.tilt_k[1] * y + self.bowl_k * bowl
    }

    /// The pattern as an image: what to subtract from every frame of the flight.
    pub fn grid(&self) -> Grid<f32> {
        let [width, height] = self.size_px;
        let mut grid = Grid::filled(width, height, 0.0);
        for row in 0..height {
            for col in 0..width {
                grid.set(col, row, self.at(col as f64 + 0.5, row as f64 + 0.5) as f32);
            }
        }
        grid
    }

    /// Subtracts the pattern from samples.
    pub fn remove(&self, samples: &mut [Vec<Sample>]) {
        for sample in samples.iter_mut().flatten() {
            let value = self.at(f64::from(sample.u_px), f64::from(sample.v_px));
            sample.kelvin -= value as f32;
        }
    }
}

/// x, y and |q|² less its mean over the image, in units of 400 px.
fn terms(size_px: [usize; 2], u_px: f64, v_px: f64) -> [f64; 3] {
    let [width, height] = size_px.map(|n| n as f64 / UNIT_PX);
    let (x, y) = (u_px / UNIT_PX - 0.5 * width, v_px / UNIT_PX - 0.5 * height);
    // The mean of x² over a side w is w²/12.
    let mean = (width * width + height * height) / 12.0;
    [x, y, x * x + y * y - mean]
}

/// The pattern common to the frames of a flight, from their samples; all zero where there are too
/// few frames or they do not agree.
pub fn pattern(samples: &[Vec<Sample>], width: usize, height: usize) -> Pattern {
    let size_px = [width, height];
    let fits: Vec<[f64; 3]> = samples
        .iter()
        .filter_map(|frame| fit(frame, size_px))
        .collect();
    let coefficient = |i: usize| significant(fits.iter().map(|fit| fit[i]).collect());
    Pattern {
        tilt_k: [coefficient(0), coefficient(1)],
        bowl_k: coefficient(2),
        size_px,
    }
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

/// Median of the frames' values, or 0 where it is not far beyond its standard error.
fn significant(values: Vec<f64>) -> f64 {
    if values.len() < FEWEST_FRAMES {
        return 0.0;
    }
    let (median, error) = median_and_error(values);
    if median.abs() > SIGNIFICANT * error {
        median
    } else {
        0.0
    }
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
    fn a_tilt_and_a_bowl_common_to_all_frames_are_found_and_removed() {
        let mut flight = flight(4, 14, 0.2, &[]);
        let truth = Pattern {
            tilt_k: [0.6, -1.5],
            bowl_k: -0.8,
            size_px: [640, 510],
        };
        for sample in flight.samples.iter_mut().flatten() {
            sample.kelvin += truth.at(f64::from(sample.u_px), f64::from(sample.v_px)) as f32;
        }
        let found = pattern(&flight.samples, 640, 510);
        // Ground of ±3 K, 3,264 cells a frame: 1.7 / √3264 / 0.4 is 0.08 K for one frame's
        // tilt, a tenth of a kelvin with the bowl; a fifth of that over the flight.
        assert!((found.tilt_k[0] - 0.6).abs() < 0.05, "{found:?}");
        assert!((found.tilt_k[1] + 1.5).abs() < 0.05, "{found:?}");
        assert!((found.bowl_k + 0.8).abs() < 0.15, "{found:?}");
        let mut samples = flight.samples.clone();
        found.remove(&mut samples);
        assert!(pattern(&samples, 640, 510).is_none());
    }

    #[test]
    fn frames_without_a_common_pattern_show_none() {
        let flight = flight(4, 14, 0.2, &[]);
        assert!(pattern(&flight.samples, 640, 510).is_none());
    }

    #[test]
    fn a_few_frames_prove_nothing() {
        let mut flight = flight(1, 10, 0.0, &[]);
        for sample in flight.samples.iter_mut().flatten() {
            sample.kelvin += f32::from(sample.u_px) / 100.0;
        }
        assert!(pattern(&flight.samples, 640, 510).is_none());
    }

    #[test]
    fn the_pattern_has_no_mean() {
        let some = Pattern {
            tilt_k: [1.0, 2.0],
            bowl_k: 3.0,
            size_px: [64, 48],
        };
        let sum: f64 = some.grid().data().iter().map(|v| f64::from(*v)).sum();
        assert!((sum / (64.0 * 48.0)).abs() < 1e-4);
    }
}
