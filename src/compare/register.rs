//! How far the second map lies beside the first.
//!
//! Edges of roofs stay while temperatures change, so the lengths of the gradients are compared:
//! the shift with the greatest normalised cross-correlation around each of some roofs, to a part of
//! a cell by a parabola through its neighbours. Of all roofs the median is the shift of the map;
//! ready-made tiles lie beside each other as well, hence a roof goes by its own shift.

use super::line::{median, robust_sigma};
use crate::raster::Grid;

/// A match counts from this correlation on.
const LEAST: f64 = 0.5;
/// Roofs that must agree.
const MIN_VIEWS: usize = 3;

/// Shift of the second picture against the first around one roof, cells right and down: what is at
/// (u, v) in the first is at (u + shift) in the second. At most `reach` cells either way; `None`
/// without one clear place inside. Both pictures are of one size.
pub fn shift(first: &Grid<f32>, second: &Grid<f32>, reach: usize) -> Option<[f64; 2]> {
    let (a, b) = (edges(first), edges(second));
    let reach = reach as isize;
    let at = |dx: isize, dy: isize| correlation(&a, &b, dx, dy).unwrap_or(-1.0);
    let mut best = (-1.0, 0, 0);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let value = at(dx, dy);
            if value > best.0 {
                best = (value, dx, dy);
            }
        }
    }
    let (peak, dx, dy) = best;
    if peak < LEAST || dx.abs() == reach || dy.abs() == reach {
        return None;
    }
    let finer = |low: f64, high: f64| {
        let curve = low + high - 2.0 * peak;
        if curve < 0.0 {
            0.5 * (low - high) / curve
        } else {
            0.0
        }
    };
    Some([
        dx as f64 + finer(at(dx - 1, dy), at(dx + 1, dy)),
        dy as f64 + finer(at(dx, dy - 1), at(dx, dy + 1)),
    ])
}

/// The shift of the whole map, and by how much single roofs scatter about it (robust 1σ), in their
/// unit; `None` with fewer than three roofs.
pub fn joint(shifts: &[[f64; 2]]) -> Option<([f64; 2], f64)> {
    if shifts.len() < MIN_VIEWS {
        return None;
    }
    let axis = |a: usize| shifts.iter().map(move |s| s[a]);
    let by = [median(axis(0))?, median(axis(1))?];
    let scatter = robust_sigma(axis(0))?.hypot(robust_sigma(axis(1))?);
    Some((by, scatter))
}

/// Length of the gradient, K per two cells; NaN where a neighbour is missing.
fn edges(grid: &Grid<f32>) -> Grid<f32> {
    let mut out = Grid::filled(grid.width(), grid.height(), f32::NAN);
    for row in 1..grid.height().saturating_sub(1) {
        for col in 1..grid.width().saturating_sub(1) {
            let dx = grid.at(col + 1, row) - grid.at(col - 1, row);
            let dy = grid.at(col, row + 1) - grid.at(col, row - 1);
            // Hot exhausts would outweigh all edges of roofs.
            out.set(col, row, dx.hypot(dy).min(4.0));
        }
    }
    out
}

/// Normalised cross-correlation over cells known in both.
fn correlation(a: &Grid<f32>, b: &Grid<f32>, dx: isize, dy: isize) -> Option<f64> {
    let (mut n, mut sa, mut sb, mut saa, mut sbb, mut sab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for row in 0..a.height() {
        for (col, va) in a.row(row).iter().enumerate() {
            let Some(vb) = b.get(col as isize + dx, row as isize + dy) else {
                continue;
            };
            let (va, vb) = (f64::from(*va), f64::from(vb));
            if (va + vb).is_finite() {
                n += 1.0;
                sa += va;
                sb += vb;
                saa += va * va;
                sbb += vb * vb;
                sab += va * vb;
            }
        }
    }
    let enough = n >= 0.25 * (a.width() * a.height()) as f64;
    let spread = (saa - sa * sa / n) * (sbb - sb * sb / n);
    (enough && spread > 0.0).then(|| (sab - sa * sb / n) / spread.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A roof with a rooflight on cooler ground; cells are areas, edges fall inside them.
    fn picture(move_x: f64, move_y: f64, roof: f64, ground: f64) -> Grid<f32> {
        let share =
            |low: f64, high: f64, at: f64| (at.min(high) - (at - 1.0).max(low)).clamp(0.0, 1.0);
        let mut grid = Grid::filled(60, 50, 0.0);
        for row in 0..50 {
            for col in 0..60 {
                let (x, y) = (col as f64 + 1.0 - move_x, row as f64 + 1.0 - move_y);
                let on = share(15.0, 44.0, x) * share(12.0, 37.0, y);
                let light = share(20.0, 23.0, x) * share(18.0, 30.0, y);
                grid.set(
                    col,
                    row,
                    (ground + on * (roof - ground) + 3.0 * light) as f32,
                );
            }
        }
        grid
    }

    #[test]
    fn a_shift_is_found_whatever_the_night_made_of_the_temperatures() {
        let found = shift(
            &picture(0.0, 0.0, -3.0, -6.0),
            &picture(2.3, -1.6, 1.0, -3.0),
            6,
        );
        let [x, y] = found.expect("clear edges");
        assert!((x - 2.3).abs() < 0.25 && (y + 1.6).abs() < 0.25, "{x} {y}");
    }

    #[test]
    fn no_edges_or_too_far_is_no_shift() {
        let flat = Grid::filled(60, 50, 1.0);
        assert_eq!(shift(&flat, &flat, 6), None);
        assert_eq!(
            shift(
                &picture(0.0, 0.0, 1.0, 0.0),
                &picture(9.0, 0.0, 1.0, 0.0),
                3
            ),
            None
        );
    }

    #[test]
    fn one_roof_that_moved_does_not_move_the_map() {
        let found = joint(&[[0.5, 0.0], [0.6, 0.1], [0.4, -0.1], [5.0, 3.0]]);
        let ([x, y], _) = found.expect("four roofs");
        assert!((x - 0.55).abs() < 1e-9 && (y - 0.05).abs() < 1e-9);
        assert_eq!(joint(&[[0.0, 0.0]; 2]), None);
    }
}
