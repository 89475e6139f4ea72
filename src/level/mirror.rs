//! Ground whose temperature goes with the direction it is seen from.
//!
//! Bare metal mirrors the sky, which is colder overhead than low down and not the same all around:
//! frames that see it from different sides rightly disagree (georeferencing.md §9.3). So does what
//! stands where the surface model knows nothing. Neither is drift, so neither may count.
//!
//! In: what the first solution leaves. Out: the cells to set aside. Residuals are taken over
//! squares of cells, one mean per frame: what a frame's flat field is wrong by goes through all
//! its cells there alike, so they count once. A square is set aside where a plane and a bowl over
//! the directions explain the means better than chance in one of a hundred squares, by an F-test,
//! and by more than flat fields are uncertain.

use super::Lattice;
use super::views::Views;
use rayon::prelude::*;
use std::ops::Range;

/// Side of a square, cells.
const SIDE: u32 = 3;

/// Fewest frames over a square: three numbers are solved from their means.
const FEWEST_FRAMES: usize = 6;

/// Least that directions explain, root mean square, kelvin.
const LEAST_K: f64 = 0.1;

/// Upper 1 % points of F with 3 and ν degrees of freedom, by ν (E. S. Pearson and H. O. Hartley,
/// Biometrika Tables for Statisticians I, table 18).
const F_001: [(f64, f64); 12] = [
    (2.0, 99.17),
    (3.0, 29.46),
    (4.0, 16.69),
    (5.0, 12.06),
    (6.0, 9.78),
    (8.0, 7.59),
    (10.0, 6.55),
    (15.0, 5.42),
    (20.0, 4.94),
    (30.0, 4.51),
    (60.0, 4.13),
    (f64::INFINITY, 3.78),
];

/// What one frame shows of a square: mean residual and mean of (x, y, x² + y²) of the tangents of
/// its sight, each less its mean over the views of the cell, and how many cells.
struct Look {
    residual: f64,
    sight: [f64; 3],
    weight: f64,
}

/// Whether each view lies in a square whose residuals go with the direction of sight. Cells stand
/// row by row, so that rows of squares are looked at one by one.
pub(super) fn views_of_mirrors(views: &Views, residuals: &[f32], lattice: &Lattice) -> Vec<bool> {
    let ranges: Vec<Range<usize>> = views.ranges().collect();
    let cells: Vec<(u32, Range<usize>)> = views.cell.iter().copied().zip(ranges).collect();
    let bands: Vec<&[(u32, Range<usize>)]> = cells
        .chunk_by(|a, b| lattice.row(a.0) / SIDE == lattice.row(b.0) / SIDE)
        .collect();
    let of_bands: Vec<Vec<bool>> = bands
        .into_par_iter()
        .map(|band| of_band(band, views, residuals, lattice))
        .collect();
    of_bands.concat()
}

/// The same for the views of neighbouring cells, which stand one after the other.
fn of_band(
    band: &[(u32, Range<usize>)],
    views: &Views,
    residuals: &[f32],
    lattice: &Lattice,
) -> Vec<bool> {
    let first = band.first().map_or(0, |cell| cell.1.start);
    // Square, frame, view from the first.
    let mut keys: Vec<(u32, u32, usize)> = Vec::new();
    let mut centred = Vec::new();
    for (cell, range) in band {
        let square = lattice.square(*cell, SIDE);
        let own = range.clone();
        keys.extend(own.map(|view| (square, views.frame[view], view - first)));
        centred.extend(centred_sights(views, range.clone()));
    }
    let mut mirrors = vec![false; keys.len()];
    keys.sort_unstable();
    for square in keys.chunk_by(|a, b| a.0 == b.0) {
        let by_frame = square.chunk_by(|a, b| a.1 == b.1);
        let looks: Vec<Look> = by_frame
            .map(|own| {
                let n = own.len() as f64;
                let mut look = Look {
                    residual: 0.0,
                    sight: [0.0; 3],
                    weight: n,
                };
                for &(_, _, view) in own {
                    look.residual += f64::from(residuals[first + view]) / n;
                    for (sum, part) in look.sight.iter_mut().zip(centred[view]) {
                        *sum += f64::from(part) / n;
                    }
                }
                look
            })
            .collect();
        if goes_with_sight(&looks) {
            for &(_, _, view) in square {
                mirrors[view] = true;
            }
        }
    }
    mirrors
}

/// (x, y, x² + y²) of the tangents of a cell's views, less their mean.
fn centred_sights(views: &Views, range: Range<usize>) -> impl Iterator<Item = [f32; 3]> {
    let terms = |view: usize| {
        let [x, y] = views.sight[view].map(|t| f32::from(t) / SIGHT_SCALE);
        [x, y, x * x + y * y]
    };
    let n = range.len() as f32;
    let mut mean = [0.0; 3];
    for view in range.clone() {
        for (sum, part) in mean.iter_mut().zip(terms(view)) {
            *sum += part / n;
        }
    }
    range.map(move |view| {
        let own = terms(view);
        [0, 1, 2].map(|i| own[i] - mean[i])
    })
}

/// Steps a tangent is kept in ([`super::Sample::sight`]).
const SIGHT_SCALE: f32 = super::sample::SIGHT_STEPS as f32;

/// Weighted least squares of the residuals on the sights, tested against what is left.
fn goes_with_sight(looks: &[Look]) -> bool {
    if looks.len() < FEWEST_FRAMES {
        return false;
    }
    let mut normal = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    let (mut total, mut weights) = (0.0, 0.0);
    for look in looks {
        weights += look.weight;
        total += look.weight * look.residual * look.residual;
        for (row, own) in look.sight.iter().enumerate() {
            right[row] += look.weight * own * look.residual;
            for (col, other) in look.sight.iter().enumerate() {
                normal[row][col] += look.weight * own * other;
            }
        }
    }
    // Directions all alike explain nothing; nor may rounding.
    for (i, row) in normal.iter_mut().enumerate() {
        row[i] += 1e-6 * weights;
    }
    let Some(solution) = solve(normal, right) else {
        return false;
    };
    let explained: f64 = solution.iter().zip(right).map(|(x, b)| x * b).sum();
    let freedom = looks.len() as f64 - 4.0;
    let left = (total - explained).max(1e-12 * weights);
    let ratio = (explained / 3.0) / (left / freedom);
    ratio > critical(freedom) && explained > LEAST_K * LEAST_K * weights
}

/// The 1 % point for ν degrees of freedom, straight lines in 1/ν between those of the table.
fn critical(freedom: f64) -> f64 {
    let after = F_001.iter().position(|(nu, _)| *nu >= freedom);
    let after = after.unwrap_or(F_001.len() - 1).max(1);
    let ((a, fa), (b, fb)) = (F_001[after - 1], F_001[after]);
    let share = ((1.0 / a - 1.0 / freedom) / (1.0 / a - 1.0 / b)).clamp(0.0, 1.0);
    fa + share * (fb - fa)
}

/// Cholesky of three equations; `None` where they are not positive definite.
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> Option<[f64; 3]> {
    let mut l = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            l[i][j] = if i == j {
                let square: f64 = a[i][i] - sum;
                if square.is_nan() || square <= 0.0 {
                    return None;
                }
                square.sqrt()
            } else {
                (a[i][j] - sum) / l[j][j]
            };
        }
    }
    let mut y = [0.0; 3];
    for i in 0..3 {
        let sum: f64 = (0..i).map(|k| l[i][k] * y[k]).sum();
        y[i] = (b[i] - sum) / l[i][i];
    }
    let mut x = [0.0; 3];
    for i in (0..3).rev() {
        let sum: f64 = (i + 1..3).map(|k| l[k][i] * x[k]).sum();
        x[i] = (y[i] - sum) / l[i][i];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_are_those_of_the_table_and_between() {
        assert_eq!(critical(4.0), 16.69);
        assert_eq!(critical(10.0), 6.55);
        // F.99 (3, 12) = 5.95, (3, 40) = 4.31, (3, 120) = 3.95 (the same table).
        assert!((critical(12.0) - 5.95).abs() < 0.05, "{}", critical(12.0));
        assert!((critical(40.0) - 4.31).abs() < 0.03, "{}", critical(40.0));
        assert!((critical(120.0) - 3.95).abs() < 0.03);
        assert_eq!(critical(1e12).round(), 4.0);
    }

    #[test]
    fn three_equations_are_solved() {
        let a = [[4.0, 2.0, 0.0], [2.0, 5.0, 1.0], [0.0, 1.0, 3.0]];
        let x = solve(a, [8.0, 15.0, 11.0]).expect("positive definite");
        for (own, wanted) in x.into_iter().zip([1.0, 2.0, 3.0]) {
            assert!((own - wanted).abs() < 1e-12);
        }
        assert!(solve([[0.0; 3]; 3], [0.0; 3]).is_none());
    }

    #[test]
    fn what_goes_with_the_direction_is_found_and_what_does_not_is_not() {
        let looks = |mirror_k: f64| -> Vec<Look> {
            (0..16)
                .map(|i| {
                    let angle = f64::from(i);
                    let reach = 0.1 + 0.02 * f64::from(i);
                    let (x, y) = (reach * angle.cos(), reach * angle.sin());
                    // Scattered by 0.1 K, the same for every strength.
                    let chance = 0.1 * (7.3 * angle).sin();
                    Look {
                        residual: mirror_k * (x * x + y * y + 0.5 * x) + chance,
                        sight: [x, y, x * x + y * y],
                        weight: 9.0,
                    }
                })
                .collect()
        };
        assert!(!goes_with_sight(&looks(0.0)));
        assert!(goes_with_sight(&looks(5.0)));
        assert!(!goes_with_sight(&looks(5.0)[..5]), "too few frames to tell");
    }
}
