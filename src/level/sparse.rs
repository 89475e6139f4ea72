//! A symmetric matrix of few entries, its lower half by rows, and equations solved by iteration.

/// Lower half of a symmetric matrix with a fixed pattern of entries.
#[derive(Clone, Debug)]
pub(super) struct Sparse {
    starts: Vec<usize>,
    cols: Vec<u32>,
    values: Vec<f64>,
}

/// Pairs gathered before duplicates are dropped: 32 MB.
const PAIRS: usize = 4_000_000;

/// Gathers which unknowns meet.
pub(super) struct Pairs {
    size: usize,
    found: Vec<u64>,
    distinct: usize,
}

impl Pairs {
    /// For `size` unknowns; each meets itself.
    pub(super) fn new(size: usize) -> Self {
        let found: Vec<u64> = (0..size as u64).map(|i| i << 32 | i).collect();
        Self {
            size,
            distinct: found.len(),
            found,
        }
    }

    /// Notes that two unknowns meet.
    pub(super) fn meet(&mut self, a: u32, b: u32) {
        self.found
            .push(u64::from(a.max(b)) << 32 | u64::from(a.min(b)));
        if self.found.len() > 2 * self.distinct + PAIRS {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.found.sort_unstable();
        self.found.dedup();
        self.distinct = self.found.len();
    }

    /// The distinct pairs, larger unknown first, in order.
    pub(super) fn settled(mut self) -> Vec<(u32, u32)> {
        self.settle();
        let pairs = self.found.iter();
        pairs.map(|p| ((p >> 32) as u32, *p as u32)).collect()
    }

    /// A matrix of zeros with these entries.
    pub(super) fn matrix(mut self) -> Sparse {
        self.settle();
        let mut starts = vec![0; self.size + 1];
        for pair in &self.found {
            starts[(pair >> 32) as usize + 1] += 1;
        }
        for row in 0..self.size {
            starts[row + 1] += starts[row];
        }
        Sparse {
            starts,
            cols: self.found.iter().map(|pair| *pair as u32).collect(),
            values: vec![0.0; self.found.len()],
        }
    }
}

impl Sparse {
    /// Number of rows.
    pub(super) fn size(&self) -> usize {
        self.starts.len() - 1
    }

    /// Sets all entries to 0.
    pub(super) fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// Adds to the entry of two unknowns (once, either way round). Entries outside the pattern
    /// are not kept: whoever adds has noted them in [`Pairs`].
    pub(super) fn add(&mut self, a: u32, b: u32, value: f64) {
        if let Some(at) = self.find(a.max(b) as usize, a.min(b)) {
            self.values[at] += value;
        }
    }

    /// Number of entries.
    pub(super) fn entries(&self) -> usize {
        self.values.len()
    }

    /// Adds to all entries at once, in the order of [`find`](Self::find).
    pub(super) fn add_all(&mut self, values: &[f64]) {
        for (own, more) in self.values.iter_mut().zip(values) {
            *own += more;
        }
    }

    /// Where an entry lies.
    pub(super) fn find(&self, row: usize, col: u32) -> Option<usize> {
        let range = self.starts[row]..self.starts[row + 1];
        let cols = &self.cols[range.clone()];
        // Long rows have no gaps: no need to search.
        let guess = col.checked_sub(*cols.first()?)? as usize;
        if cols.get(guess) == Some(&col) {
            return Some(range.start + guess);
        }
        Some(range.start + cols.binary_search(&col).ok()?)
    }

    /// An entry; 0 outside the pattern.
    pub(super) fn get(&self, a: usize, b: usize) -> f64 {
        let found = self.find(a.max(b), a.min(b) as u32);
        found.map_or(0.0, |at| self.values[at])
    }

    /// Entries of the lower half of a row: column and value, columns rising to the diagonal.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[row]..self.starts[row + 1];
        let cols = self.cols[range.clone()].iter().map(|c| *c as usize);
        cols.zip(self.values[range].iter().copied())
    }

    /// Its diagonal.
    pub(super) fn diagonal(&self) -> Vec<f64> {
        // Every row ends with it.
        (0..self.size())
            .map(|row| self.values[self.starts[row + 1] - 1])
            .collect()
    }

    /// A x.
    pub(super) fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.size()];
        for row in 0..self.size() {
            let mut sum = 0.0;
            for (col, value) in self.row(row) {
                sum += value * x[col];
                if col != row {
                    y[col] += value * x[row];
                }
            }
            y[row] += sum;
        }
        y
    }

    /// Solves A x = b from a first guess by conjugate gradients with the diagonal as
    /// preconditioner (Golub & Van Loan, Matrix Computations, §11.5).
    pub(super) fn iterate(&self, b: &[f64], mut x: Vec<f64>) -> Vec<f64> {
        let diagonal = self.diagonal();
        let scaled = |r: &[f64]| -> Vec<f64> {
            let pairs = r.iter().zip(&diagonal);
            pairs
                .map(|(r, d)| if *d > 0.0 { r / d } else { 0.0 })
                .collect()
        };
        let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut r: Vec<f64> = b.iter().zip(self.times(&x)).map(|(b, y)| b - y).collect();
        let mut z = scaled(&r);
        let mut p = z.clone();
        let mut energy = product(&r, &z);
        let enough = 1e-20 * product(b, &scaled(b));
        for _ in 0..4000 {
            if energy <= enough {
                break;
            }
            let a_p = self.times(&p);
            let curvature = product(&p, &a_p);
            if curvature <= 0.0 {
                break;
            }
            let alpha = energy / curvature;
            for (x, p) in x.iter_mut().zip(&p) {
                *x += alpha * p;
            }
            for (r, y) in r.iter_mut().zip(&a_p) {
                *r -= alpha * y;
            }
            z = scaled(&r);
            let next = product(&r, &z);
            for (p, z) in p.iter_mut().zip(&z) {
                *p = z + next / energy * *p;
            }
            energy = next;
        }
        x
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// [[4, 2, 0], [2, 5, 3], [0, 3, 6]].
    pub(crate) fn three() -> Sparse {
        let mut pairs = Pairs::new(3);
        pairs.meet(0, 1);
        pairs.meet(2, 1);
        pairs.meet(1, 0);
        let mut a = pairs.matrix();
        for (i, j, value) in [
            (0, 0, 4.0),
            (0, 1, 2.0),
            (1, 1, 5.0),
            (2, 1, 3.0),
            (2, 2, 6.0),
        ] {
            a.add(i, j, value);
        }
        a
    }

    #[test]
    fn a_three_by_three_matrix_multiplies_and_is_solved() {
        // By hand: A (1, 2, 3) = (8, 21, 24).
        let a = three();
        assert_eq!(a.times(&[1.0, 2.0, 3.0]), vec![8.0, 21.0, 24.0]);
        assert_eq!(a.diagonal(), vec![4.0, 5.0, 6.0]);
        let x = a.iterate(&[8.0, 21.0, 24.0], vec![0.0; 3]);
        for (x, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-8);
        }
    }

    #[test]
    fn entries_nobody_announced_are_not_kept() {
        let mut a = three();
        a.add(2, 0, 1.0);
        assert_eq!(a.row(2).count(), 2);
    }
}
