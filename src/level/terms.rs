//! The low orders of what a camera adds over its image (georeferencing.md §9.2).

/// Number of terms.
pub(super) const TERMS: usize = 6;

/// Places of x and y among the terms.
pub(super) const TILT: [usize; 2] = [2, 3];

/// Length unit of image positions, pixels, as in georeferencing.md §9.
pub(super) const UNIT_PX: f64 = 400.0;

/// r², r⁴, x, y, x·τ, y·τ at a pixel position, the first two less their mean over the image: what
/// is left over has no mean, so that a frame's offset is its mean. (x, y) is the position from the
/// image centre in units of 400 px, r² = x² + y².
pub(super) fn terms(size_px: [usize; 2], tau: f64, u_px: f64, v_px: f64) -> [f64; TERMS] {
    let [width, height] = size_px.map(|n| n as f64 / UNIT_PX);
    let (x, y) = (u_px / UNIT_PX - 0.5 * width, v_px / UNIT_PX - 0.5 * height);
    let (w2, h2) = (width * width, height * height);
    // The mean of x² over a side w is w²/12, that of x⁴ w⁴/80.
    let mean2 = (w2 + h2) / 12.0;
    let mean4 = (w2 * w2 + h2 * h2) / 80.0 + w2 * h2 / 72.0;
    let r2 = x * x + y * y;
    [r2 - mean2, r2 * r2 - mean4, x, y, x * tau, y * tau]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_term_has_a_mean_over_the_image() {
        let mut sums = [0.0; TERMS];
        for row in 0..512 {
            for col in 0..640 {
                let values = terms([640, 512], 0.5, f64::from(col) + 0.5, f64::from(row) + 0.5);
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += value / (640.0 * 512.0);
                }
            }
        }
        assert!(sums.iter().all(|s| s.abs() < 1e-5), "{sums:?}");
    }

    #[test]
    fn a_position_400_px_right_of_the_centre_is_one() {
        let [r2, _, x, y, x_tau, y_tau] = terms([800, 800], 0.25, 800.0, 400.0);
        assert_eq!((x, y, x_tau, y_tau), (1.0, 0.0, 0.25, 0.0));
        // The mean of r² over a square of side 2 is 2/3.
        assert!((r2 - (1.0 - 2.0 / 3.0)).abs() < 1e-12);
    }
}
