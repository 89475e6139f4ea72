//! How much of the sky a roof sees.
//!
//! In: heights around it and the height of the roof. Out: the sky view factor of a horizontal
//! surface, `F = 1 − mean over the compass of sin²(horizon)` (isotropic sky; Dozier & Frew 1990,
//! IEEE TGRS 28(5), with slope 0), which weighs sky against neighbours in the balance
//! (scoring.md §4).

use crate::raster::GeoGrid;

/// Directions in which the horizon is looked for.
const DIRECTIONS: usize = 36;
/// How far obstacles are looked for, metres: 10 m of wall are then 6° high, 1 % of a direction.
pub const REACH_M: f64 = 100.0;
/// Nearer than this is the roof's own rim, metres.
const OWN_M: f64 = 2.0;

/// Sky view factor, 0–1, at a place of this height, heights and positions in metres. `None` where
/// less than half of the surroundings has a height.
pub fn sky_view(heights: &GeoGrid<f32>, (x_m, y_m): (f64, f64), height_m: f64) -> Option<f64> {
    let step_m = heights.transform.dx.max(0.5);
    let steps = ((REACH_M - OWN_M) / step_m).ceil() as usize;
    let (mut hidden, mut known) = (0.0, 0_usize);
    for direction in 0..DIRECTIONS {
        let (sin, cos) = (direction as f64 * std::f64::consts::TAU / DIRECTIONS as f64).sin_cos();
        let mut highest = 0.0_f64;
        for step in 0..steps {
            let away_m = OWN_M + step as f64 * step_m;
            if let Some(there) = heights.sample(x_m + sin * away_m, y_m + cos * away_m) {
                known += 1;
                highest = highest.max((there - height_m) / away_m);
            }
        }
        // sin² of an angle from its tangent.
        hidden += highest * highest / (1.0 + highest * highest);
    }
    let seen = 2 * known >= DIRECTIONS * steps;
    seen.then_some(1.0 - hidden / DIRECTIONS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{GeoTransform, Grid};

    /// Cells of 1 m, the middle of the grid at 0, 0.
    fn ground(height: impl Fn(f64, f64) -> f32) -> GeoGrid<f32> {
        let transform = GeoTransform {
            x0: -150.0,
            y0: 150.0,
            dx: 1.0,
            dy: 1.0,
        };
        let mut grid = Grid::filled(300, 300, 0.0);
        for row in 0..300 {
            for col in 0..300 {
                let (x, y) = transform.centre(col, row);
                grid.set(col, row, height(x, y));
            }
        }
        GeoGrid { grid, transform }
    }

    #[test]
    fn an_open_roof_sees_the_whole_sky_and_one_above_all_others_too() {
        assert_eq!(sky_view(&ground(|_, _| 8.0), (0.0, 0.0), 8.0), Some(1.0));
        assert_eq!(sky_view(&ground(|_, _| 3.0), (0.0, 0.0), 8.0), Some(1.0));
    }

    #[test]
    fn in_a_round_court_the_factor_is_the_square_of_the_cosine() {
        // Walls 20 m high at 20 m all around: the horizon stands at 45°, F = cos² 45° = 0.5.
        let court = ground(|x, y| if x.hypot(y) < 20.0 { 8.0 } else { 28.0 });
        let found = sky_view(&court, (0.0, 0.0), 8.0).expect("heights");
        assert!((found - 0.5).abs() < 0.03, "{found}");
    }

    #[test]
    fn an_endless_wall_hides_the_share_of_a_long_street() {
        // A wall of tangent 1 at its foot on one side: F = (1 + cos 45°)/2 = 0.854 (view factor of
        // a strip, two-dimensional).
        let wall = ground(|x, _| if x < 20.0 { 8.0 } else { 28.0 });
        let found = sky_view(&wall, (0.0, 0.0), 8.0).expect("heights");
        assert!((found - 0.854).abs() < 0.02, "{found}");
    }

    #[test]
    fn where_heights_are_missing_nothing_is_said() {
        let none = ground(|x, _| if x > -60.0 { f32::NAN } else { 8.0 });
        assert_eq!(sky_view(&none, (0.0, 0.0), 8.0), None);
    }
}
