//! Three and more flights: where a building is going.

use super::line::theil_sen;
use super::normalise::Normalisation;

/// A value by flight, on the scale of the first flight of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// One per flight; `None` where it has no value.
    pub values: Vec<Option<f64>>,
    /// Change a year by Theil–Sen; `None` with fewer than three values.
    pub per_year: Option<f64>,
}

/// Brings every flight to the scale of the first by the line through its roofs. `values[f][b]` is
/// what flight f says of building b; `years[f]` when it was flown, in years from any date. A flight
/// with fewer than eight roofs in common with the first has no values.
pub fn trend(years: &[f64], values: &[Vec<Option<f64>>]) -> Vec<Series> {
    let Some(first) = values.first() else {
        return Vec::new();
    };
    let lines: Vec<Option<Normalisation>> = values
        .iter()
        .map(|flight| {
            let both = first.iter().zip(flight);
            let points: Vec<[f64; 2]> = both.filter_map(|(a, b)| Some([(*a)?, (*b)?])).collect();
            Normalisation::through(&points)
        })
        .collect();
    (0..first.len())
        .map(|building| {
            let values: Vec<Option<f64>> = values
                .iter()
                .zip(&lines)
                .map(|(flight, line)| Some(line.as_ref()?.apply(flight[building]?)))
                .collect();
            let points: Vec<[f64; 2]> = years
                .iter()
                .zip(&values)
                .filter_map(|(year, value)| Some([*year, (*value)?]))
                .collect();
            let line = theil_sen(&points).filter(|_| points.len() >= 3);
            Series {
                values,
                per_year: line.map(|l| l.slope),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weather_of_the_years_goes_and_decay_stays() {
        let first: Vec<f64> = (0..12).map(|i| 0.3 + 0.1 * f64::from(i)).collect();
        let night = |scale: f64, offset: f64, decay: f64| -> Vec<Option<f64>> {
            let all = first.iter().enumerate();
            all.map(|(i, u)| Some(offset + scale * (u + if i == 4 { decay } else { 0.0 })))
                .collect()
        };
        let values = [
            night(1.0, 0.0, 0.0),
            night(1.2, 0.1, 0.1),
            night(0.9, -0.05, 0.2),
        ];
        let found = trend(&[0.0, 1.0, 2.0], &values);
        assert!((found[4].per_year.expect("three flights") - 0.1).abs() < 1e-6);
        assert!(found[7].per_year.expect("three flights").abs() < 1e-6);
        assert_eq!(trend(&[0.0, 1.0], &values[..2])[4].per_year, None);
    }
}
