//! Whether the flight can tell a tilt of the camera from a ramp over the ground.
//!
//! With one camera azimuth a · q = a · (X − C): a tilt a of the image position q is a ramp of the
//! offsets over the camera's places C and one over the ground X, which nobody knows
//! (georeferencing.md §9.5b). The candidate is built from the equations themselves: the offsets
//! that follow a tilt best. What information is left on the tilt then, S = H_tt − H_tb H_bb⁻¹
//! H_bt, is compared with the information H_tt with the offsets known: the share is 1 when offsets
//! do not matter and 0 when they can take all of it.

use super::dense::Cholesky;
use super::envelope::Envelope;
use super::equations::Equations;
use super::terms::TILT;

/// Share of the information below which a prior must hold the tilt.
pub(super) const LEAST_SHARE: f64 = 1e-3;

/// What the flight says about its tilt.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RampVerdict {
    /// Whether overlaps tell a tilt from a ramp: two camera headings, or a cross strip.
    pub observable: bool,
    /// Information on the worst tilt with its best ramp over that with the offsets known, 0 to 1;
    /// NaN where it could not be computed.
    pub ratio: f64,
    /// Whether the tilt is held near the flat field's by a prior: the mosaic may then hide or
    /// show a slow rise over the whole block. What to fly next time: a second heading.
    pub held_by_prior: bool,
}

/// Looks at the equations without ties in time and priors; `None` without any tilt to solve.
pub(super) fn verdict(equations: &mut Equations<'_>) -> Option<RampVerdict> {
    let design = equations.design;
    let tilts: Vec<usize> = design
        .all_low_orders()
        .flat_map(|orders| TILT.map(|i| orders.start + i))
        .collect();
    if tilts.is_empty() {
        return None;
    }
    let ratio = ratio(equations, &tilts).unwrap_or(f64::NAN);
    let observable = ratio >= LEAST_SHARE;
    Some(RampVerdict {
        observable,
        ratio,
        held_by_prior: !observable,
    })
}

fn ratio(equations: &mut Equations<'_>, tilts: &[usize]) -> Option<f64> {
    let core = equations.design.core;
    let most = equations.most_entries;
    let bare = equations.bare();
    let diagonal = bare.diagonal();
    let n = tilts.len();
    let mut known = vec![0.0; n * n];
    for (i, a) in tilts.iter().enumerate() {
        for (j, b) in tilts.iter().enumerate().take(i + 1) {
            known[i * n + j] = bare.get(*a, *b);
            known[j * n + i] = known[i * n + j];
        }
    }
    // Keeps the factor real where nothing is left of the low orders.
    for (i, value) in diagonal.iter().enumerate().skip(core) {
        bare.add(i as u32, i as u32, 1e-7 * value);
    }
    // The last rows of a factor, multiplied out, are what elimination of the offsets leaves.
    let factor = Envelope::new(bare, most)?;
    let mut left = vec![0.0; n * n];
    for (i, a) in tilts.iter().enumerate() {
        for (j, b) in tilts.iter().enumerate().take(i + 1) {
            let product = |k| factor.get(*a, k) * factor.get(*b, k);
            let mut sum: f64 = (core..=*b).map(product).sum();
            if a == b {
                sum -= 1e-7 * diagonal[*a];
            }
            left[i * n + j] = sum;
            left[j * n + i] = sum;
        }
    }
    // Smallest λ of S v = λ H_tt v: that of L⁻¹ S L⁻ᵀ with H_tt = L Lᵀ.
    let lower = Cholesky::new(n, known)?;
    for _ in 0..2 {
        for column in 0..n {
            let mut values: Vec<f64> = (0..n).map(|row| left[row * n + column]).collect();
            lower.forward(&mut values);
            for (row, value) in values.iter().enumerate() {
                left[row * n + column] = *value;
            }
        }
        // The transpose, to do the same from the other side.
        for i in 0..n {
            for j in 0..i {
                left.swap(i * n + j, j * n + i);
            }
        }
    }
    let values = eigenvalues(n, left);
    values
        .into_iter()
        .reduce(f64::min)
        .map(|v| v.clamp(0.0, 1.0))
}

/// Eigenvalues of a symmetric matrix by Jacobi's rotations (Golub & Van Loan §8.5).
fn eigenvalues(n: usize, mut a: Vec<f64>) -> Vec<f64> {
    for _ in 0..50 {
        let mut off = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                let apq = a[p * n + q];
                off += apq * apq;
                if apq.abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k * n + p], a[k * n + q]);
                    a[k * n + p] = c * x - s * y;
                    a[k * n + q] = s * x + c * y;
                }
                for k in 0..n {
                    let (x, y) = (a[p * n + k], a[q * n + k]);
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                }
            }
        }
        if off < 1e-24 {
            break;
        }
    }
    (0..n).map(|i| a[i * n + i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_a_known_matrix() {
        // [[2, 1], [1, 2]] ⊕ [5] has 1, 3, 5.
        let a = vec![2.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 5.0];
        let mut values = eigenvalues(3, a);
        values.sort_by(f64::total_cmp);
        for (value, expected) in values.iter().zip([1.0, 3.0, 5.0]) {
            assert!((value - expected).abs() < 1e-12);
        }
    }
}
