//! Shifts that agree with each other: an affine field through them, the others dropped.

/// Fewest shifts of a pair (georeferencing.md §5).
pub(super) const LEAST: usize = 15;
/// Fewest of nine parts of the picture they must lie in.
const PARTS: usize = 4;
const ROUNDS: usize = 12;

/// What one chip found, in pixels of the first frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub(super) number: usize,
    pub(super) at: [f64; 2],
    pub(super) by: [f64; 2],
}

/// Shift as a linear function of place: constant, per pixel right, per pixel down.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field {
    coefficients: [[f64; 3]; 2],
    centre: [f64; 2],
}

impl Field {
    pub(super) fn at(&self, place: [f64; 2]) -> [f64; 2] {
        let (x, y) = (place[0] - self.centre[0], place[1] - self.centre[1]);
        self.coefficients.map(|c| c[0] + c[1] * x + c[2] * y)
    }

    fn misses(&self, shift: &Shift) -> f64 {
        let field = self.at(shift.at);
        (field[0] - shift.by[0]).hypot(field[1] - shift.by[1])
    }
}

/// What a pair agrees on.
pub(super) struct Agreed {
    pub(super) field: Field,
    pub(super) shifts: Vec<Shift>,
}

/// Fits the field and drops what misses it by more than `tolerance`; `None` when too few are left
/// or they lie in one corner.
///
/// Starts from the median, which half of the chips may miss, and narrows.
pub(super) fn agreed(
    shifts: &[Shift],
    width: usize,
    height: usize,
    tolerance: f64,
) -> Option<Agreed> {
    if shifts.len() < LEAST {
        return None;
    }
    let median = |axis: usize| {
        let mut values: Vec<f64> = shifts.iter().map(|s| s.by[axis]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let mut field = Field {
        coefficients: [[median(0), 0.0, 0.0], [median(1), 0.0, 0.0]],
        centre: [width as f64 / 2.0, height as f64 / 2.0],
    };
    // A turn by a degree moves the corner of a picture by seven pixels.
    let mut bound = (6.0 * tolerance).max(10.0);
    for _ in 0..ROUNDS {
        let near: Vec<&Shift> = shifts.iter().filter(|s| field.misses(s) <= bound).collect();
        if near.len() < LEAST {
            return None;
        }
        field.coefficients = [0, 1]
            .map(|axis| fit(&near, axis, field.centre))
            .into_iter()
            .collect::<Option<Vec<_>>>()?
            .try_into()
            .ok()?;
        bound = (0.7 * bound).max(tolerance);
    }
    let shifts: Vec<Shift> = shifts
        .iter()
        .copied()
        .filter(|s| field.misses(s) <= tolerance)
        .collect();
    let part = |s: &Shift| {
        let third = |v: f64, all: usize| ((3.0 * v / all as f64) as usize).min(2);
        3 * third(s.at[1], height) + third(s.at[0], width)
    };
    let mut parts: Vec<usize> = shifts.iter().map(part).collect();
    parts.sort_unstable();
    parts.dedup();
    (shifts.len() >= LEAST && parts.len() >= PARTS).then_some(Agreed { field, shifts })
}

/// Least squares of one axis: three normal equations by Cramer's rule.
fn fit(shifts: &[&Shift], axis: usize, centre: [f64; 2]) -> Option<[f64; 3]> {
    let mut m = [[0.0; 3]; 3];
    let mut r = [0.0; 3];
    for s in shifts {
        let row = [1.0, s.at[0] - centre[0], s.at[1] - centre[1]];
        for i in 0..3 {
            r[i] += row[i] * s.by[axis];
            for j in 0..3 {
                m[i][j] += row[i] * row[j];
            }
        }
    }
    let det = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(&m);
    // Shifts along one line fix no field.
    if whole.abs() < 1e-6 * m[0][0] * m[1][1] * m[2][2] {
        return None;
    }
    Some(std::array::from_fn(|k| {
        let mut replaced = m;
        (0..3).for_each(|i| replaced[i][k] = r[i]);
        det(&replaced) / whole
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(by: impl Fn(f64, f64) -> [f64; 2]) -> Vec<Shift> {
        (0..60)
            .map(|number| {
                let at = [
                    40.0 + 60.0 * (number % 10) as f64,
                    40.0 + 70.0 * (number / 10) as f64,
                ];
                Shift {
                    number,
                    at,
                    by: by(at[0], at[1]),
                }
            })
            .collect()
    }

    #[test]
    fn a_turned_field_is_found_among_a_third_of_outliers() {
        let turn = |x: f64, y: f64| [3.0 - 0.01 * (y - 256.0), -2.0 + 0.01 * (x - 320.0)];
        let mut shifts = grid(turn);
        for (k, shift) in shifts.iter_mut().enumerate().filter(|(k, _)| k % 3 == 0) {
            shift.by = [
                (k as f64 * 7.3) % 40.0 - 20.0,
                (k as f64 * 3.1) % 40.0 - 20.0,
            ];
        }
        let found = agreed(&shifts, 640, 512, 1.0).expect("forty agree");
        assert!(found.shifts.len() >= 40 && found.shifts.len() <= 42);
        let at = found.field.at([500.0, 100.0]);
        let expected = turn(500.0, 100.0);
        assert!((at[0] - expected[0]).abs() < 1e-6 && (at[1] - expected[1]).abs() < 1e-6);
    }

    #[test]
    fn noise_and_a_corner_alone_are_refused() {
        let noise = grid(|x, y| {
            [
                (x * 1.7 + y * 0.9) % 31.0 - 15.0,
                (x * 0.3 + y * 2.9) % 31.0 - 15.0,
            ]
        });
        assert!(agreed(&noise, 640, 512, 1.0).is_none());
        let mut corner = grid(|_, _| [1.0, 1.0]);
        corner
            .iter_mut()
            .for_each(|s| s.at = [s.at[0] / 4.0, s.at[1] / 4.0]);
        assert!(agreed(&corner, 640, 512, 1.0).is_none());
    }
}
