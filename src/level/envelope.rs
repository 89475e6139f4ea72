//! Cholesky factor of a matrix whose entries lie near the diagonal, except for a few last rows.
//!
//! Rows are stored from their first entry to the diagonal; a factor has no entries before it
//! (George & Liu 1981, §4.2). The same holds for what is needed of the inverse: it follows from
//! the factor backwards without the rest (Takahashi, Fagan & Chen 1973; Golub & Plemmons 1980).

use super::dense::dot;
use super::sparse::Sparse;

/// Most entries of a factor, 8 bytes each.
pub(super) const MOST_ENTRIES: usize = 12_000_000;

/// Rows of different length that end at the diagonal.
struct Rows {
    first: Vec<usize>,
    starts: Vec<usize>,
    values: Vec<f64>,
}

impl Rows {
    /// Entries of a row from its first.
    fn row(&self, row: usize) -> &[f64] {
        &self.values[self.starts[row]..self.starts[row + 1]]
    }

    fn get(&self, row: usize, col: usize) -> Option<f64> {
        // Right of the diagonal a row has nothing either.
        let at = col.checked_sub(self.first[row])?;
        self.row(row).get(at).copied()
    }
}

/// Lower factor L of A = L Lᵀ.
pub(super) struct Envelope(Rows);

/// The entries of A⁻¹ where L has any.
pub(super) struct Inverse(Rows);

impl Envelope {
    /// Factors a positive definite matrix; `None` when it is not, or the factor would have more
    /// than `most` entries.
    pub(super) fn new(a: &Sparse, most: usize) -> Option<Self> {
        let size = a.size();
        let first: Vec<usize> = (0..size)
            .map(|row| a.row(row).next().map_or(row, |entry| entry.0))
            .collect();
        let mut starts = vec![0; size + 1];
        for row in 0..size {
            starts[row + 1] = starts[row] + row - first[row] + 1;
        }
        if starts[size] > most {
            return None;
        }
        let mut values = vec![0.0; starts[size]];
        for row in 0..size {
            for (col, value) in a.row(row) {
                values[starts[row] + col - first[row]] = value;
            }
        }
        for row in 0..size {
            let (done, rest) = values.split_at_mut(starts[row]);
            let (from, this) = (first[row], &mut rest[..row - first[row] + 1]);
            for col in from..row {
                // Both rows from the later of their firsts.
                let both = from.max(first[col]);
                let other = &done[starts[col] + both - first[col]..starts[col + 1]];
                let (before, pivot) = other.split_at(col - both);
                let sum = dot(&this[both - from..col - from], before);
                this[col - from] = (this[col - from] - sum) / pivot[0];
            }
            let last = row - from;
            let pivot = this[last] - dot(&this[..last], &this[..last]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            this[last] = pivot.sqrt();
        }
        Some(Self(Rows {
            first,
            starts,
            values,
        }))
    }

    /// Entry of L; 0 where it has none.
    pub(super) fn get(&self, row: usize, col: usize) -> f64 {
        self.0.get(row, col).unwrap_or(0.0)
    }

    /// Solves A x = b in place.
    pub(super) fn solve(&self, b: &mut [f64]) {
        let rows = &self.0;
        let size = rows.first.len();
        for i in 0..size {
            let (row, from) = (rows.row(i), rows.first[i]);
            let last = row.len() - 1;
            b[i] = (b[i] - dot(&row[..last], &b[from..i])) / row[last];
        }
        for i in (0..size).rev() {
            let (row, from) = (rows.row(i), rows.first[i]);
            let last = row.len() - 1;
            b[i] /= row[last];
            let value = b[i];
            for (below, l) in b[from..i].iter_mut().zip(row) {
                *below -= l * value;
            }
        }
    }

    /// Entries of the inverse, from the last column to the first. `core` rows come before the
    /// few long ones.
    ///
    /// Lᵀ Z = L⁻¹ gives for i ≥ j: Z_ij = (δ_ij / L_jj − Σ_{k>j} L_kj Z_ki) / L_jj.
    pub(super) fn inverse(&self, core: usize) -> Inverse {
        let rows = &self.0;
        let size = rows.first.len();
        let core = core.min(size);
        // Last core row that reaches each column.
        let mut reach: Vec<usize> = (0..size).collect();
        for row in 0..core {
            let from = rows.first[row];
            reach[from] = reach[from].max(row);
        }
        for col in 1..core {
            reach[col] = reach[col].max(reach[col - 1]);
        }
        let mut z = vec![0.0; rows.values.len()];
        let (mut column, mut sum) = (vec![0.0; size], vec![0.0; size]);
        let mut active = Vec::new();
        for j in (0..size).rev() {
            active.clear();
            let near = if j < core { reach[j] } else { j };
            let others = (j + 1..=near).chain((j + 1).max(core)..size);
            active.extend(others.filter(|row| rows.first[*row] <= j));
            for &i in &active {
                column[i] = rows.values[rows.starts[i] + j - rows.first[i]];
                sum[i] = 0.0;
            }
            // Symmetric product of the known part of Z with the column, row by row.
            for &i in &active {
                let own = column[i];
                let start = rows.starts[i];
                let from = rows.first[i];
                let mut total = z[start + i - from] * own;
                for part in [j + 1..(near + 1).min(i), (j + 1).max(core)..i] {
                    if part.start >= part.end || (part.start >= core && i < core) {
                        continue;
                    }
                    let part = part.start.max(from)..part.end;
                    if part.start >= part.end {
                        continue;
                    }
                    let known = &z[start + part.start - from..start + part.end - from];
                    total += dot(known, &column[part.clone()]);
                    for (s, z) in sum[part].iter_mut().zip(known) {
                        *s += z * own;
                    }
                }
                sum[i] += total;
            }
            let pivot = rows.values[rows.starts[j] + j - rows.first[j]];
            let mut own = 1.0 / pivot;
            for &i in &active {
                let value = -sum[i] / pivot;
                z[rows.starts[i] + j - rows.first[i]] = value;
                own -= column[i] * value;
            }
            z[rows.starts[j] + j - rows.first[j]] = own / pivot;
            for &i in &active {
                column[i] = 0.0;
            }
            for s in &mut sum[j + 1..=near] {
                *s = 0.0;
            }
            for s in &mut sum[core..] {
                *s = 0.0;
            }
        }
        Inverse(Rows {
            first: rows.first.clone(),
            starts: rows.starts.clone(),
            values: z,
        })
    }
}

impl Inverse {
    /// Entry of A⁻¹, `None` where the factor has none.
    pub(super) fn get(&self, a: usize, b: usize) -> Option<f64> {
        self.0.get(a.max(b), a.min(b))
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense::Cholesky;
    use super::super::sparse::{Pairs, tests::three};
    use super::*;

    #[test]
    fn a_three_by_three_matrix_is_solved_and_inverted() {
        // det 60; the inverse's diagonal is (21, 24, 16) / 60, its entry (1, 0) −12 / 60.
        let factor = Envelope::new(&three(), 9).expect("positive definite");
        let mut b = [8.0, 21.0, 24.0];
        factor.solve(&mut b);
        for (x, expected) in b.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-12);
        }
        let inverse = factor.inverse(3);
        for (i, j, expected) in [(0, 0, 0.35), (1, 1, 0.4), (2, 2, 16.0 / 60.0), (1, 0, -0.2)] {
            let found = inverse.get(i, j).expect("kept");
            assert!((found - expected).abs() < 1e-12, "{i} {j} {found}");
        }
        assert!(inverse.get(2, 0).is_none());
    }

    #[test]
    fn a_band_with_two_long_rows_agrees_with_a_dense_factor() {
        let (size, core) = (40_usize, 38_usize);
        let mut pairs = Pairs::new(size);
        let met = |i: usize, j: usize| i >= core || i - j <= 3 + i % 4 || (i == 30 && j == 5);
        for i in 0..size {
            for j in (0..i).filter(|j| met(i, *j)) {
                pairs.meet(i as u32, j as u32);
            }
        }
        let mut a = pairs.matrix();
        let mut dense = vec![0.0; size * size];
        for i in 0..size {
            for j in (0..=i).filter(|j| *j == i || met(i, *j)) {
                let value = if i == j {
                    60.0
                } else {
                    ((7 * i + 3 * j) % 11) as f64 / 5.0 - 1.0
                };
                a.add(i as u32, j as u32, value);
                dense[i * size + j] = value;
            }
        }
        let factor = Envelope::new(&a, MOST_ENTRIES).expect("positive definite");
        let inverse = factor.inverse(core);
        let check = Cholesky::new(size, dense).expect("positive definite");
        for j in 0..size {
            let mut column = vec![0.0; size];
            column[j] = 1.0;
            let mut same = column.clone();
            check.solve(&mut column);
            factor.solve(&mut same);
            for i in j..size {
                assert!((column[i] - same[i]).abs() < 1e-12);
                if let Some(z) = inverse.get(i, j) {
                    assert!((z - column[i]).abs() < 1e-12, "{i} {j}");
                }
            }
        }
        assert!(inverse.get(20, 19).is_some() && inverse.get(39, 0).is_some());
    }

    #[test]
    fn an_indefinite_matrix_is_refused_and_a_large_one() {
        assert!(Envelope::new(&three(), 4).is_none());
        let mut a = Pairs::new(1).matrix();
        a.add(0, 0, -1.0);
        assert!(Envelope::new(&a, 9).is_none());
    }
}
