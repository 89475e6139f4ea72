//! Three and more flights: where a building is going.

use super::line::{median, robust_sigma, theil_sen};
use super::normalise::Normalisation;
use crate::score::fdr::{adjusted, upper_tail};

/// Normal quantile of a 95 % interval.
const Z95: f64 = 1.96;

/// What a flight says of a building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// The value.
    pub value: f64,
    /// Its standard uncertainty that other roofs do not share.
    pub sigma: f64,
}

/// A value by flight, on the scale of the first flight of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// One per flight; `None` where it has no value.
    pub values: Vec<Option<f64>>,
    /// Change a year by Theil–Sen; `None` with fewer than three values.
    pub per_year: Option<f64>,
    /// Its standard uncertainty.
    pub sigma_per_year: Option<f64>,
    /// Two-sided p of no trend, adjusted for the number of buildings.
    pub p_adjusted: Option<f64>,
}

impl Series {
    /// 95 % interval of the change a year.
    pub fn interval(&self) -> Option<[f64; 2]> {
        let (slope, sigma) = (self.per_year?, self.sigma_per_year?);
        Some([slope - Z95 * sigma, slope + Z95 * sigma])
    }
}

/// Brings every flight to the scale of the first by the line through its roofs. `told[f][b]` is
/// what flight f says of building b; `years[f]` when it was flown, in years from any date. A flight
/// with fewer than eight roofs in common with the first has no values.
///
/// The uncertainty of a slope is that of a straight line through values of those uncertainties, none
/// less than the scatter the unchanged roofs show: `σ² = Σ (t−t̄)² σ_i² / (Σ (t−t̄)²)²`. Theil–Sen
/// is hardly less efficient than that on as few points.
pub fn trend(years: &[f64], told: &[Vec<Option<Told>>]) -> Vec<Series> {
    let Some(first) = told.first() else {
        return Vec::new();
    };
    let lines: Vec<Option<Normalisation>> = told
        .iter()
        .map(|flight| {
            let both = first.iter().zip(flight);
            let points: Vec<[f64; 2]> = both
                .filter_map(|(a, b)| Some([(*a)?.value, (*b)?.value]))
                .collect();
            Normalisation::through(&points)
        })
        .collect();
    let mut all: Vec<Series> = (0..first.len())
        .map(|building| {
            let normal: Vec<Option<Told>> = told
                .iter()
                .zip(&lines)
                .map(|(flight, line)| {
                    let (line, told) = (line.as_ref()?, flight[building]?);
                    Some(Told {
                        value: line.apply(told.value),
                        sigma: line.scaled(told.sigma).max(line.repeatability()),
                    })
                })
                .collect();
            of_building(years, &normal)
        })
        .collect();
    let p = |s: &Series| {
        let (slope, sigma) = (s.per_year?, s.sigma_per_year?);
        (sigma > 0.0).then(|| (2.0 * upper_tail((slope / sigma).abs())).min(1.0))
    };
    let tests: Vec<f64> = all.iter().filter_map(p).collect();
    let mut found = adjusted(&tests).into_iter();
    for series in &mut all {
        if p(series).is_some() {
            series.p_adjusted = found.next();
        }
    }
    all
}

fn of_building(years: &[f64], told: &[Option<Told>]) -> Series {
    let known: Vec<(f64, Told)> = years
        .iter()
        .zip(told)
        .filter_map(|(year, told)| Some((*year, (*told)?)))
        .collect();
    let points: Vec<[f64; 2]> = known.iter().map(|(t, told)| [*t, told.value]).collect();
    let line = theil_sen(&points).filter(|_| points.len() >= 3);
    let middle = known.iter().map(|k| k.0).sum::<f64>() / known.len().max(1) as f64;
    let spread: f64 = known.iter().map(|(t, _)| (t - middle).powi(2)).sum();
    let noise: f64 = known
        .iter()
        .map(|(t, told)| ((t - middle) * told.sigma).powi(2))
        .sum();
    let sigma = (spread > 0.0).then(|| noise.sqrt() / spread);
    Series {
        values: told.iter().map(|t| t.map(|t| t.value)).collect(),
        per_year: line.map(|l| l.slope),
        sigma_per_year: sigma.filter(|_| line.is_some()),
        p_adjusted: None,
    }
}

/// Median slope of all buildings and half of its 95 % interval: the robust scatter of the slopes over
/// √n, times that of a median. `None` with fewer than three.
pub fn middle(series: &[Series]) -> Option<[f64; 2]> {
    let slopes: Vec<f64> = series.iter().filter_map(|s| s.per_year).collect();
    if slopes.len() < 3 {
        return None;
    }
    let scatter = robust_sigma(slopes.iter().copied())?;
    let error = 1.2533 * scatter / (slopes.len() as f64).sqrt();
    Some([median(slopes.iter().copied())?, Z95 * error])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weather_of_the_years_goes_and_decay_stays() {
        let first: Vec<f64> = (0..12).map(|i| 0.3 + 0.1 * f64::from(i)).collect();
        let night = |scale: f64, offset: f64, decay: f64| -> Vec<Option<Told>> {
            let all = first.iter().enumerate();
            all.map(|(i, u)| {
                let value = offset + scale * (u + if i == 4 { decay } else { 0.0 });
                Some(Told { value, sigma: 0.02 })
            })
            .collect()
        };
        let told = [
            night(1.0, 0.0, 0.0),
            night(1.2, 0.1, 0.1),
            night(0.9, -0.05, 0.2),
        ];
        let found = trend(&[0.0, 1.0, 2.0], &told);
        assert!((found[4].per_year.expect("three flights") - 0.1).abs() < 1e-6);
        assert!(found[7].per_year.expect("three flights").abs() < 1e-6);
        // Σ(t−t̄)² is 2; the ends have 0.02 and 0.02/0.9: √(0.02² + 0.0222²)/2 = 0.01495.
        let sigma = found[4].sigma_per_year.expect("three flights");
        assert!((sigma - 0.014_95).abs() < 1e-5, "{sigma}");
        // Proven for the one, not for the others.
        assert!(found[4].p_adjusted.expect("tested") < 0.05);
        assert!(found[7].p_adjusted.expect("tested") > 0.5);
        let [low, high] = found[4].interval().expect("an interval");
        assert!(low > 0.0 && high < 0.14);
        assert_eq!(trend(&[0.0, 1.0], &told[..2])[4].per_year, None);
        let [slope, half] = middle(&found).expect("twelve slopes");
        assert!(slope.abs() < 1e-6 && half < 1e-6);
    }
}
