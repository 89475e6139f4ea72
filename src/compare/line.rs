//! The line through most of the points: Theil–Sen.

use crate::score::classes::percentile;

/// A straight line `y = intercept + slope x` with the scatter about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Change of y with x.
    pub slope: f64,
    /// y at x = 0.
    pub intercept: f64,
    /// 1.4826 · median |residual|, in units of y: a standard deviation that outliers do not move.
    pub sigma: f64,
}

/// MAD of a normal distribution to its standard deviation.
const MAD_TO_SIGMA: f64 = 1.4826;

impl Line {
    /// y on the line.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    /// The line of a given slope through the middle of the points.
    pub fn of_slope(points: &[[f64; 2]], slope: f64) -> Option<Self> {
        let intercept = median(points.iter().map(|[x, y]| y - slope * x))?;
        let misses = points
            .iter()
            .map(|[x, y]| (y - intercept - slope * x).abs());
        Some(Self {
            slope,
            intercept,
            sigma: MAD_TO_SIGMA * median(misses)?,
        })
    }
}

/// Theil–Sen: the slope is the median of the slopes of all pairs of points with different x, the
/// intercept the median of `y − slope x`. Holds as long as under 29 % of the points have changed.
/// `None` with fewer than two different x. P. K. Sen, J. Am. Stat. Assoc. 63 (1968) 1379;
/// scoring.md §14.2.
pub fn theil_sen(points: &[[f64; 2]]) -> Option<Line> {
    let pairs = (0..points.len()).flat_map(|i| (0..i).map(move |j| (points[j], points[i])));
    let slope = median(
        pairs
            .filter(|(a, b)| a[0] != b[0])
            .map(|(a, b)| (b[1] - a[1]) / (b[0] - a[0])),
    )?;
    Line::of_slope(points, slope)
}

/// Median; the mean of the two middle ones of an even number. `None` of nothing.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    percentile(&sorted, 0.5)
}

/// 1.4826 · median absolute deviation from the median.
pub fn robust_sigma(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let middle = median(values.clone())?;
    Some(MAD_TO_SIGMA * median(values.map(|v| (v - middle).abs()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scoring.md §14.2.
    const POINTS: [[f64; 2]; 7] = [
        [-6.0, -3.9],
        [-5.0, -3.1],
        [-4.5, -2.4],
        [-3.0, -1.2],
        [-1.0, 0.6],
        [0.5, -1.0],
        [2.0, 3.0],
    ];

    #[test]
    fn the_printed_line_is_met_and_its_sixth_point_stands_out() {
        let line = theil_sen(&POINTS).expect("seven points");
        assert!((line.slope - 0.85714).abs() < 1e-5);
        assert!((line.intercept - 1.28571).abs() < 1e-5);
        assert!((line.sigma - 0.14826).abs() < 1e-5);
        let misses = POINTS.map(|[x, y]| y - line.at(x));
        assert!((misses[5] + 2.714).abs() < 1e-3);
        let out: Vec<bool> = misses.iter().map(|m| m.abs() > 3.0 * line.sigma).collect();
        assert_eq!(out, [false, false, false, false, false, true, false]);
    }

    #[test]
    fn points_on_a_line_give_the_line_whatever_a_quarter_of_them_do() {
        let points: Vec<[f64; 2]> = (0..20)
            .map(|i| {
                let x = f64::from(i) * 0.1;
                let changed = i % 4 == 3;
                [x, if changed { 0.2 } else { 0.1 + 1.1 * x }]
            })
            .collect();
        let line = theil_sen(&points).expect("a line");
        assert!((line.slope - 1.1).abs() < 1e-9 && (line.intercept - 0.1).abs() < 1e-9);
    }

    #[test]
    fn one_place_makes_no_line() {
        assert_eq!(theil_sen(&[[1.0, 2.0], [1.0, 3.0]]), None);
        assert_eq!(theil_sen(&[]), None);
    }
}
