//! The map of differences: the second flight on the scale and grid of the first, less the first.

use super::line::Line;
use crate::raster::{GeoGrid, GeoTransform, Grid};

/// Temperature of the second flight brought to the first night, less that of the first, K; NaN where
/// either saw nothing. `second` holds the second map around; what is in a column and row of the first
/// lies by `shift_m` of these, metres, beside its place in it. `line` is the second night's
/// temperature over the first's.
pub fn normalised(
    first: &Grid<f32>,
    transform: &GeoTransform,
    second: &GeoGrid<f32>,
    shift_m: impl Fn(usize, usize) -> [f64; 2],
    line: &Line,
) -> Grid<f32> {
    let mut out = onto(first, transform, second, shift_m);
    for (value, first) in out.data_mut().iter_mut().zip(first.data()) {
        *value = ((f64::from(*value) - line.intercept) / line.slope - f64::from(*first)) as f32;
    }
    out
}

/// The second map on the grid of the first, as it is.
pub fn onto(
    first: &Grid<f32>,
    transform: &GeoTransform,
    second: &GeoGrid<f32>,
    shift_m: impl Fn(usize, usize) -> [f64; 2],
) -> Grid<f32> {
    let mut out = Grid::filled(first.width(), first.height(), f32::NAN);
    for row in 0..first.height() {
        for col in 0..first.width() {
            let (x, y) = transform.centre(col, row);
            let [dx, dy] = shift_m(col, row);
            let value = second.sample(x + dx, y + dy);
            out.set(col, row, value.map_or(f32::NAN, |v| v as f32));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_night_and_a_shift_leave_only_what_changed() {
        let transform = GeoTransform {
            x0: 0.0,
            y0: 10.0,
            dx: 1.0,
            dy: 1.0,
        };
        let mut first = Grid::filled(6, 6, -4.0_f32);
        first.set(2, 2, 3.0);
        first.set(0, 5, f32::NAN);
        // 2 + 0.5 T, everything one cell east and one north; the warm cell at 2, 2 was mended.
        let mut second = Grid::filled(8, 8, 0.0_f32);
        second.set(4, 1, 0.0);
        let second = GeoGrid {
            grid: second,
            transform,
        };
        let line = Line {
            slope: 0.5,
            intercept: 2.0,
            sigma: 0.0,
        };
        let found = normalised(&first, &transform, &second, |_, _| [1.0, 1.0], &line);
        assert_eq!(found.at(3, 3), 0.0);
        assert_eq!(found.at(2, 2), -7.0);
        assert!(found.at(0, 5).is_nan());
    }
}
