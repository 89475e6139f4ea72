//! Reading a frame between its pixels.

use crate::raster::Grid;

/// Bilinear value at a continuous pixel position (pixel centres at .5); NaN when any of the four
/// pixels is NaN: a dead or saturated pixel is no measurement, so what needs it is none either.
///
/// `u` and `v` must lie at least half a pixel inside a grid of at least 2 × 2 pixels. The
/// result never leaves the range of the four pixels.
#[inline]
pub fn bilinear_strict(frame: &Grid<f32>, u: f64, v: f64) -> f32 {
    let (fu, fv) = (u - 0.5, v - 0.5);
    let col = (fu.max(0.0) as usize).min(frame.width() - 2);
    let row = (fv.max(0.0) as usize).min(frame.height() - 2);
    let (a, b) = ((fu - col as f64) as f32, (fv - row as f64) as f32);
    let start = row * frame.width() + col;
    let data = frame.data();
    let (n0, n1) = (data[start], data[start + 1]);
    let (n2, n3) = (data[start + frame.width()], data[start + frame.width() + 1]);
    let top = n0 + a * (n1 - n0);
    let bottom = n2 + a * (n3 - n2);
    let value = top + b * (bottom - top);
    if value.is_nan() {
        return f32::NAN;
    }
    // Rounding may pass the largest neighbour by one unit in the last place.
    let low = smaller(smaller(n0, n1), smaller(n2, n3));
    let high = larger(larger(n0, n1), larger(n2, n3));
    smaller(larger(value, low), high)
}

/// The smaller of two numbers, neither NaN: `f32::min` pays for that case.
#[inline]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Mean and standard deviation of the finite pixels in a square of `side` pixels around a
/// position, and how many there were; `None` when fewer than half are finite or in the frame.
pub fn mean_window(frame: &Grid<f32>, u: f64, v: f64, side: usize) -> Option<(f64, f64)> {
    let half = (side / 2) as isize;
    let (col, row) = (u.floor() as isize, v.floor() as isize);
    // Around the first value: sums of squares of kelvin would lose the spread.
    let mut first = None;
    let (mut n, mut sum, mut squares) = (0usize, 0.0, 0.0);
    for r in row - half..=row + half {
        for c in col - half..=col + half {
            let Some(value) = frame.get(c, r).filter(|k| k.is_finite()) else {
                continue;
            };
            let d = f64::from(value) - *first.get_or_insert(f64::from(value));
            n += 1;
            sum += d;
            squares += d * d;
        }
    }
    let whole = (2 * half + 1) * (2 * half + 1);
    let first = first.filter(|_| 2 * n >= whole as usize)?;
    let mean = sum / n as f64;
    let variance = (squares / n as f64 - mean * mean).max(0.0);
    Some((first + mean, variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Grid<f32> {
        Grid::from_vec(3, 2, vec![280.0, 281.0, 282.0, 290.0, f32::NAN, 292.0]).expect("3 × 2")
    }

    #[test]
    fn the_middle_of_four_pixels_is_their_mean() {
        let four = Grid::from_vec(2, 2, vec![280.0, 281.0, 290.0, 291.0]).expect("2 × 2");
        assert_eq!(bilinear_strict(&four, 1.0, 1.0), 285.5);
        assert_eq!(bilinear_strict(&four, 0.5, 0.5), 280.0);
        assert_eq!(bilinear_strict(&four, 1.5, 1.5), 291.0);
    }

    #[test]
    fn a_dead_neighbour_makes_the_value_dead() {
        assert!(bilinear_strict(&frame(), 1.0, 1.0).is_nan());
        assert!(bilinear_strict(&frame(), 2.0, 0.6).is_nan());
    }

    #[test]
    fn a_window_skips_dead_pixels_and_says_when_too_few_are_left() {
        let (mean, deviation) = mean_window(&frame(), 1.5, 0.5, 1).expect("one pixel");
        assert_eq!((mean, deviation), (281.0, 0.0));
        assert!(mean_window(&frame(), 1.5, 1.5, 1).is_none());
        let (mean, _) = mean_window(&frame(), 1.5, 0.5, 3).expect("five of nine");
        assert_eq!(mean, (280.0 + 281.0 + 282.0 + 290.0 + 292.0) / 5.0);
    }
}
