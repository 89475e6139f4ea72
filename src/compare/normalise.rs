//! The second flight on the scale of the first.

use super::line::{Line, median, robust_sigma, theil_sen};

/// Fewer roofs than this show no line: one that changed would bend it.
pub const MIN_ROOFS: usize = 8;
/// A slope is believed where the roofs lie apart by so many times their scatter: noise of x
/// flattens a line by `σ²/(σ² + spread²)`, a twentieth at this bound.
const SPREAD_TO_SIGMA: f64 = 4.0;
/// Slopes beyond this, either way, are no night's weather.
const STEEPEST: f64 = 3.0;
/// Beyond so many σ from the line a roof is a candidate for change (scoring.md §14.2).
const OUTLIER_SIGMA: f64 = 3.0;

/// How values of the second flight become values of the first: `(y − intercept) / slope`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    /// Second flight over first.
    pub line: Line,
    /// Whether the slope was found, or is 1 because the roofs are too much alike to tell.
    pub sloped: bool,
    /// Roofs the line was laid through.
    pub roofs: usize,
    /// Roofs within 3 σ of it.
    pub unchanged: usize,
    /// Mean of the first flight's values of those.
    centre: f64,
    /// Their sum of squares about it.
    spread2: f64,
}

impl Normalisation {
    /// The line through the roofs of both flights, `[first, second]` each; `None` with fewer than
    /// [`MIN_ROOFS`].
    pub fn through(points: &[[f64; 2]]) -> Option<Self> {
        if points.len() < MIN_ROOFS {
            return None;
        }
        let spread = robust_sigma(points.iter().map(|p| p[0]))?;
        let trusted = |line: &Line| {
            let believable = (1.0 / STEEPEST..=STEEPEST).contains(&line.slope);
            believable && spread > SPREAD_TO_SIGMA * line.sigma
        };
        let sloped = theil_sen(points).filter(trusted);
        let line = sloped.or_else(|| Line::of_slope(points, 1.0))?;
        let near = points
            .iter()
            .filter(|[x, y]| (y - line.at(*x)).abs() <= OUTLIER_SIGMA * line.sigma)
            .map(|p| p[0]);
        let unchanged = near.clone().count();
        let centre = near.clone().sum::<f64>() / unchanged.max(1) as f64;
        Some(Self {
            line,
            sloped: sloped.is_some(),
            roofs: points.len(),
            unchanged,
            centre,
            spread2: near.map(|x| (x - centre).powi(2)).sum(),
        })
    }

    /// A value of the second flight on the scale of the first.
    pub fn apply(&self, second: f64) -> f64 {
        (second - self.line.intercept) / self.line.slope
    }

    /// A standard uncertainty of the second flight on the scale of the first.
    pub fn scaled(&self, sigma: f64) -> f64 {
        sigma / self.line.slope
    }

    /// What the unchanged roofs scatter by, on the scale of the first flight.
    pub fn repeatability(&self) -> f64 {
        self.line.sigma / self.line.slope
    }

    /// Standard uncertainty of the line itself at a normalised value: `σ √(1/n + (x − x̄)²/Σ(x −
    /// x̄)²)` of a regression line; its offset alone where the slope is not a found one.
    pub fn line_sigma(&self, normalised: f64) -> f64 {
        let away = if self.sloped && self.spread2 > 0.0 {
            (normalised - self.centre).powi(2) / self.spread2
        } else {
            0.0
        };
        self.repeatability() * (1.0 / self.unchanged.max(1) as f64 + away).sqrt()
    }
}

/// The middle difference of the second from the first; 0 of nothing.
pub fn middle_difference(points: &[[f64; 2]]) -> f64 {
    median(points.iter().map(|[x, y]| y - x)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_night_is_taken_out_and_a_renovated_roof_is_not() {
        let noise = |i: usize| if i.is_multiple_of(2) { 0.002 } else { -0.002 };
        let night = |u: f64, i: usize| 0.15 + 1.2 * u + noise(i);
        let mut points: Vec<[f64; 2]> = (1..=12)
            .map(|i| [i as f64 * 0.2, night(i as f64 * 0.2, i)])
            .collect();
        points[11][1] = night(0.2, 12);
        let found = Normalisation::through(&points).expect("twelve roofs");
        assert!(found.sloped && found.unchanged == 11);
        for [first, second] in &points[..11] {
            assert!((found.apply(*second) - first).abs() < 0.006);
        }
        assert!((found.apply(points[11][1]) - 0.2).abs() < 0.006);
    }

    #[test]
    fn roofs_that_are_all_alike_give_an_offset_and_no_slope() {
        // Scatter of both flights as large as the differences of the roofs: a fitted slope of
        // these is far below 1.
        let points = [
            [0.30, 0.41],
            [0.32, 0.37],
            [0.28, 0.40],
            [0.33, 0.41],
            [0.27, 0.37],
            [0.31, 0.36],
            [0.29, 0.42],
            [0.30, 0.38],
        ];
        let found = Normalisation::through(&points).expect("eight roofs");
        assert!(!found.sloped && found.line.slope == 1.0);
        assert!((found.line.intercept - 0.09).abs() < 0.015);
    }

    #[test]
    fn seven_roofs_are_too_few() {
        assert_eq!(Normalisation::through(&[[1.0, 1.0]; 7]), None);
    }
}
