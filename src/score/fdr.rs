//! False-discovery rate over many tests (Benjamini & Hochberg 1995).

/// Adjusted p-values in the order given: `q(k) = min over j ≥ k of p(j) n / j`, ranks j ascending
/// in p.
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let n = p.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let mut q = vec![0.0; n];
    let mut least = 1.0_f64;
    for (rank, index) in order.iter().enumerate().rev() {
        least = least.min(p[*index] * n as f64 / (rank + 1) as f64);
        q[*index] = least;
    }
    q
}

/// Least z (one-sided, upper tail) that is significant at rate `q`: the largest k with
/// `p(z_k) ≤ q k / n`, z descending. `None` when no test is.
pub fn cut_off(z: &mut [f64], q: f64) -> Option<f64> {
    let n = z.len() as f64;
    z.sort_unstable_by(|a, b| b.total_cmp(a));
    z.iter()
        .enumerate()
        .rev()
        .find(|(k, z)| upper_tail(**z) <= q * (k + 1) as f64 / n)
        .map(|(_, z)| *z)
}

/// Upper tail of the standard normal distribution, `½ erfc(z/√2)`; erfc by the Chebyshev fit of
/// Numerical Recipes, 3rd ed., §6.2.2 (fractional error < 1.2e-7).
pub fn upper_tail(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let fit = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let polynomial = fit.iter().fold(0.0, |sum, c| sum * t + c);
    let tail = 0.5 * t * (polynomial - x * x).exp();
    if z >= 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::group;
    use super::*;

    const P: [f64; 8] = [0.001, 0.008, 0.012, 0.03, 0.04, 0.2, 0.55, 0.9];

    #[test]
    fn the_printed_p_values_are_adjusted_as_printed() {
        // scoring.md §14.3.
        let expected = [0.008, 0.032, 0.032, 0.06, 0.064, 0.2667, 0.6286, 0.9];
        for (found, expected) in adjusted(&P).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4);
        }
        if let Some(row) = group("bh_fdr") {
            let list = |key: &str| -> Vec<f64> {
                let values = row[key].as_array().expect("a list");
                values
                    .iter()
                    .filter_map(serde_json::Value::as_f64)
                    .collect()
            };
            for (found, expected) in adjusted(&list("p")).iter().zip(list("q")) {
                assert!((found - expected).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn tails_are_those_of_the_tables() {
        for (z, p) in [
            (0.0, 0.5),
            (1.959_964, 0.025),
            (3.0, 1.349_898e-3),
            (-1.0, 0.841_345),
        ] {
            assert!((upper_tail(z) - p).abs() < 1e-6);
        }
    }

    #[test]
    fn the_cut_off_takes_the_tests_an_adjusted_p_would_take() {
        let mut z = [3.5, 3.0, 2.2, 1.0, 0.3, -0.5, -1.0, 0.0];
        let p: Vec<f64> = z.iter().map(|z| upper_tail(*z)).collect();
        let taken = adjusted(&p).iter().filter(|q| **q <= 0.05).count();
        let cut = cut_off(&mut z, 0.05).expect("two strong tests");
        assert_eq!(z.iter().filter(|z| **z >= cut).count(), taken);
        assert_eq!(cut_off(&mut [0.1, -0.2], 0.05), None);
    }
}
