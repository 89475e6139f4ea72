//! Places of known temperature: from the camera's own level to an absolute one.
//!
//! Water, a black body or shaded asphalt with T_ref ± s that frames see: d = t_c − T_ref is the
//! error of the levelled map there (georeferencing.md §9.6). One reference gives an offset of the
//! block, three that differ in temperature an offset and a gain, five that are spread over the
//! ground a first-order surface. Without any the map stays relative.

use super::dense::Cholesky;

/// Largest standard error of a gain that is used.
const MOST_GAIN_ERROR: f64 = 0.1;

/// Least ratio of the short to the long spread of references that carry a surface.
const LEAST_SPREAD: f64 = 0.2;

/// What a frame or tile shows at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Mean over the square of pixels around it, kelvin.
    pub kelvin: f64,
    /// Pixel column (continuous).
    pub u_px: f64,
    /// Pixel row.
    pub v_px: f64,
}

/// A place of known temperature and what was seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What it is, for messages.
    pub name: String,
    /// Map x, metres.
    pub x_m: f64,
    /// Map y, metres.
    pub y_m: f64,
    /// Known temperature, comparable with the frames' (apparent, same emissivity), kelvin.
    pub kelvin: f64,
    /// 1σ of it, kelvin, above 0.
    pub sigma_k: f64,
    /// Frames (position in the list given) that see it.
    pub views: Vec<(usize, Spot)>,
}

/// How a reference came out.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ReferenceResidual {
    /// Its name.
    pub name: String,
    /// Views used.
    pub views: usize,
    /// Temperature in the levelled map without the absolute correction, kelvin; NaN unseen.
    pub relative_k: f64,
    /// 1σ of that relative to the block, kelvin.
    pub relative_sigma_k: f64,
    /// With the absolute correction less the known temperature, kelvin.
    pub residual_k: f64,
    /// The residual over 1σ of the known and the levelled temperature together.
    pub standardised: f64,
}

/// What the absolute level rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Basis {
    /// The camera's own mean: absolute temperatures are good to some kelvin only.
    Relative,
    /// One offset for the block.
    Offset,
    /// An offset and a gain.
    OffsetAndGain,
    /// An offset and slopes to the east and north.
    Surface,
}

/// From levelled to absolute temperatures.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Absolute {
    /// What it rests on.
    pub basis: Basis,
    /// What the levelled map is too warm by at the pivot, kelvin.
    pub offset_k: f64,
    /// How much more per kelvin above the pivot.
    pub gain: f64,
    /// Levelled temperature at which the offset holds, kelvin.
    pub pivot_k: f64,
    /// How much more per metre to the east and north.
    pub slope_k_m: [f64; 2],
    /// Map place at which the offset holds, metres.
    pub centre_m: [f64; 2],
    /// Covariance of offset and gain or slopes, row-major.
    covariance: Vec<f64>,
}

impl Absolute {
    fn relative() -> Self {
        Self {
            basis: Basis::Relative,
            offset_k: 0.0,
            gain: 0.0,
            pivot_k: 0.0,
            slope_k_m: [0.0; 2],
            centre_m: [0.0; 2],
            covariance: Vec::new(),
        }
    }

    fn row(&self, kelvin: f64, x_m: f64, y_m: f64) -> Vec<f64> {
        row(
            self.basis,
            [
                kelvin - self.pivot_k,
                x_m - self.centre_m[0],
                y_m - self.centre_m[1],
            ],
        )
    }

    /// Absolute temperature of a levelled one at a map place, kelvin.
    pub fn apply(&self, kelvin: f64, x_m: f64, y_m: f64) -> f64 {
        let (dx, dy) = (x_m - self.centre_m[0], y_m - self.centre_m[1]);
        kelvin
            - self.offset_k
            - self.gain * (kelvin - self.pivot_k)
            - self.slope_k_m[0] * dx
            - self.slope_k_m[1] * dy
    }

    /// 1σ of the absolute level there, kelvin, common to all frames; NaN when relative.
    pub fn sigma_k(&self, kelvin: f64, x_m: f64, y_m: f64) -> f64 {
        let row = self.row(kelvin, x_m, y_m);
        let n = row.len();
        let mut variance = if n == 0 { f64::NAN } else { 0.0 };
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                variance += a * b * self.covariance[i * n + j];
            }
        }
        variance.sqrt()
    }
}

fn row(basis: Basis, [warmer, east, north]: [f64; 3]) -> Vec<f64> {
    match basis {
        Basis::Relative => vec![],
        Basis::Offset => vec![1.0],
        Basis::OffsetAndGain => vec![1.0, warmer],
        Basis::Surface => vec![1.0, east, north],
    }
}

/// A reference in the levelled map.
struct Seen {
    kelvin: f64,
    place: [f64; 2],
    error_k: f64,
    weight: f64,
}

/// Fits the absolute level. `levelled` says a view's levelled temperature and its 1σ.
pub(super) fn fit(
    references: &[Reference],
    levelled: impl Fn(usize, &Spot, [f64; 2]) -> Option<(f64, f64)>,
) -> (Absolute, Vec<ReferenceResidual>) {
    let mut seen = Vec::new();
    let mut residuals = Vec::new();
    for reference in references {
        let place = [reference.x_m, reference.y_m];
        let views: Vec<(f64, f64)> = reference
            .views
            .iter()
            .filter_map(|(frame, spot)| levelled(*frame, spot, place))
            .filter(|view| view.0.is_finite())
            .collect();
        // Views of one place share most of their error: no smaller than a single one's.
        let kelvin = middle(views.iter().map(|v| v.0).collect());
        let sigma = middle(views.iter().map(|v| v.1).collect());
        residuals.push(ReferenceResidual {
            name: reference.name.clone(),
            views: views.len(),
            relative_k: kelvin,
            relative_sigma_k: sigma,
            residual_k: kelvin - reference.kelvin,
            standardised: f64::NAN,
        });
        let variance = reference.sigma_k.powi(2)
            + if sigma.is_finite() {
                sigma * sigma
            } else {
                0.0
            };
        if kelvin.is_finite() && reference.kelvin.is_finite() && variance > 0.0 {
            seen.push(Seen {
                kelvin,
                place,
                error_k: kelvin - reference.kelvin,
                weight: 1.0 / variance,
            });
        }
    }
    let absolute = solve(&seen);
    for (residual, reference) in residuals.iter_mut().zip(references) {
        let t = residual.relative_k;
        residual.residual_k = absolute.apply(t, reference.x_m, reference.y_m) - reference.kelvin;
        let sigma = residual.relative_sigma_k;
        let sigma = if sigma.is_finite() { sigma } else { 0.0 };
        residual.standardised = residual.residual_k / reference.sigma_k.hypot(sigma);
    }
    (absolute, residuals)
}

fn solve(seen: &[Seen]) -> Absolute {
    let weight: f64 = seen.iter().map(|s| s.weight).sum();
    if seen.is_empty() || !weight.is_finite() {
        return Absolute::relative();
    }
    let mean =
        |of: &dyn Fn(&Seen) -> f64| seen.iter().map(|s| s.weight * of(s)).sum::<f64>() / weight;
    let pivot_k = mean(&|s| s.kelvin);
    let centre_m = [mean(&|s| s.place[0]), mean(&|s| s.place[1])];
    let warmth: f64 = seen
        .iter()
        .map(|s| s.weight * (s.kelvin - pivot_k).powi(2))
        .sum();
    let basis = if seen.len() >= 5 && are_spread(seen, centre_m) {
        Basis::Surface
    } else if seen.len() >= 3 && 1.0 / warmth.sqrt() <= MOST_GAIN_ERROR {
        Basis::OffsetAndGain
    } else {
        Basis::Offset
    };
    let rows: Vec<Vec<f64>> = seen
        .iter()
        .map(|s| {
            let [x, y] = s.place;
            row(
                basis,
                [s.kelvin - pivot_k, x - centre_m[0], y - centre_m[1]],
            )
        })
        .collect();
    let n = rows.first().map_or(0, Vec::len);
    let (mut normal, mut right) = (vec![0.0; n * n], vec![0.0; n]);
    for (s, row) in seen.iter().zip(&rows) {
        for i in 0..n {
            right[i] += s.weight * row[i] * s.error_k;
            for j in 0..n {
                normal[i * n + j] += s.weight * row[i] * row[j];
            }
        }
    }
    let Some(factor) = Cholesky::new(n, normal) else {
        return Absolute::relative();
    };
    factor.solve(&mut right);
    let mut covariance = vec![0.0; n * n];
    for (j, column) in covariance.chunks_exact_mut(n).enumerate() {
        column[j] = 1.0;
        factor.solve(column);
    }
    let value = |i: usize, of: Basis| {
        let value = right.get(i).copied().unwrap_or(0.0);
        if basis == of { value } else { 0.0 }
    };
    Absolute {
        basis,
        offset_k: right[0],
        gain: value(1, Basis::OffsetAndGain),
        pivot_k,
        slope_k_m: [value(1, Basis::Surface), value(2, Basis::Surface)],
        centre_m,
        covariance,
    }
}

/// Whether references lie on more than a line.
fn are_spread(seen: &[Seen], centre_m: [f64; 2]) -> bool {
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for s in seen {
        let (dx, dy) = (s.place[0] - centre_m[0], s.place[1] - centre_m[1]);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let (half, spread) = (0.5 * (xx + yy), (0.5 * (xx - yy)).hypot(xy));
    half > spread && (half - spread).sqrt() >= LEAST_SPREAD * (half + spread).sqrt()
}

/// Median; NaN of none.
fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// References at places with levelled temperatures `relative`, each one view of sigma 0.
    fn fitted(list: &[([f64; 2], f64, f64)], sigma_k: f64) -> (Absolute, Vec<ReferenceResidual>) {
        let references: Vec<Reference> = list
            .iter()
            .enumerate()
            .map(|(i, (place, relative, truth))| Reference {
                name: format!("r{i}"),
                x_m: place[0],
                y_m: place[1],
                kelvin: *truth,
                sigma_k,
                views: vec![(
                    i,
                    Spot {
                        kelvin: *relative,
                        u_px: 0.0,
                        v_px: 0.0,
                    },
                )],
            })
            .collect();
        fit(&references, |_, spot, _| Some((spot.kelvin, 0.0)))
    }

    #[test]
    fn one_reference_shifts_the_block() {
        let (absolute, residuals) = fitted(&[([5.0, 5.0], 285.0, 283.5)], 0.2);
        assert_eq!(absolute.basis, Basis::Offset);
        assert!((absolute.apply(290.0, 80.0, 3.0) - 288.5).abs() < 1e-12);
        assert!((absolute.sigma_k(290.0, 80.0, 3.0) - 0.2).abs() < 1e-12);
        assert!(residuals[0].residual_k.abs() < 1e-12);
    }

    #[test]
    fn three_that_differ_in_temperature_give_a_gain() {
        // The camera shows 280 + 1.1 (t − 280) + 2.
        let shown = |t: f64| 280.0 + 1.1 * (t - 280.0) + 2.0;
        let list = [275.0, 285.0, 300.0].map(|t| ([t, 0.0], shown(t), t));
        let (absolute, residuals) = fitted(&list, 0.3);
        assert_eq!(absolute.basis, Basis::OffsetAndGain);
        assert!((absolute.apply(shown(290.0), 0.0, 0.0) - 290.0).abs() < 1e-9);
        assert!(residuals.iter().all(|r| r.residual_k.abs() < 1e-9));
        // Beyond the references it is less certain.
        let at = |t| absolute.sigma_k(t, 0.0, 0.0);
        assert!(at(340.0) > 2.0 * at(absolute.pivot_k));
    }

    #[test]
    fn three_alike_give_an_offset_and_say_how_far_each_is_off() {
        let list = [
            ([0.0, 0.0], 285.0, 284.0),
            ([9.0, 1.0], 285.1, 284.0),
            ([2.0, 8.0], 285.2, 284.0),
        ];
        let (absolute, residuals) = fitted(&list, 0.1);
        assert_eq!(absolute.basis, Basis::Offset);
        assert!((absolute.offset_k - 1.1).abs() < 1e-9);
        assert!((residuals[2].residual_k - 0.1).abs() < 1e-9);
        assert!((residuals[2].standardised - 1.0).abs() < 1e-6);
    }

    #[test]
    fn five_spread_over_the_ground_give_a_surface_and_five_in_a_row_none() {
        let wrong = |x: f64, y: f64| 1.0 + 0.01 * x - 0.02 * y;
        let places = [
            [0.0, 0.0],
            [100.0, 0.0],
            [0.0, 80.0],
            [100.0, 90.0],
            [50.0, 40.0],
        ];
        let list = places.map(|p| (p, 285.0 + wrong(p[0], p[1]), 285.0));
        let (absolute, _) = fitted(&list, 0.1);
        assert_eq!(absolute.basis, Basis::Surface);
        let found = absolute.apply(290.0 + wrong(70.0, 20.0), 70.0, 20.0);
        assert!((found - 290.0).abs() < 1e-9);
        let row = places.map(|p| ([p[0], 0.5 * p[0]], 286.0, 285.0));
        assert_eq!(fitted(&row, 0.1).0.basis, Basis::Offset);
    }

    #[test]
    fn none_seen_leaves_the_level_relative() {
        let (absolute, residuals) = fitted(&[([0.0, 0.0], f64::NAN, 283.0)], 0.1);
        assert_eq!(absolute.basis, Basis::Relative);
        assert_eq!(absolute.apply(284.0, 1.0, 2.0), 284.0);
        assert!(absolute.sigma_k(284.0, 1.0, 2.0).is_nan());
        assert!(residuals[0].residual_k.is_nan());
        // A sigma of 0 or below is no measurement of certainty.
        let (absolute, _) = fitted(&[([0.0, 0.0], 284.0, 283.0)], 0.0);
        assert_eq!(absolute.basis, Basis::Relative);
    }
}
