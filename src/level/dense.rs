//! Cholesky factor of a dense symmetric matrix (Golub & Van Loan, Matrix Computations, §4.2).

/// Lower factor L of A = L Lᵀ, row-major n × n.
pub(super) struct Cholesky {
    n: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors a positive definite matrix given row-major (the lower half is read); `None` when
    /// it is not positive definite.
    pub(super) fn new(n: usize, mut a: Vec<f64>) -> Option<Self> {
        for i in 0..n {
            let (done, rest) = a.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &done[j * n..j * n + j + 1];
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let pivot = row[i] - dot(&row[..i], &row[..i]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            row[i] = pivot.sqrt();
        }
        Some(Self { n, lower: a })
    }

    /// Solves L x = b in place.
    pub(super) fn forward(&self, b: &mut [f64]) {
        for i in 0..self.n {
            let row = &self.lower[i * self.n..];
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Solves A x = b in place.
    pub(super) fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        for i in (0..self.n).rev() {
            b[i] /= self.lower[i * self.n + i];
            let value = b[i];
            for (j, below) in b[..i].iter_mut().enumerate() {
                *below -= self.lower[i * self.n + j] * value;
            }
        }
    }
}

/// Sum of products in four lanes, a fixed order whatever the machine.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4
        .remainder()
        .iter()
        .zip(b4.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a4.zip(b4) {
        for lane in 0..4 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_three_by_three_matrix_is_solved() {
        // A = [[4,2,0],[2,5,3],[0,3,6]], det = 4·(30−9) − 2·(12−0) = 60. A (1,2,3) = (8,21,24).
        let a = vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 0.0, 3.0, 6.0];
        let factor = Cholesky::new(3, a).expect("positive definite");
        let mut b = [8.0, 21.0, 24.0];
        factor.solve(&mut b);
        for (x, expected) in b.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn an_indefinite_matrix_is_refused() {
        assert!(Cholesky::new(2, vec![1.0, 0.0, 2.0, 1.0]).is_none());
    }
}
