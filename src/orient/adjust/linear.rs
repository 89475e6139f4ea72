//! The reduced normal equations of a block: one 6 × 6 block a pair of frames that share a point, in
//! one list row after row, and a dense border for what all frames share. Solved by conjugate gradients, whose cost grows
//! with the number of blocks; the order of sums is fixed.

use std::sync::Arc;

pub(super) const POSE: usize = 6;
pub(super) type Block = [[f64; POSE]; POSE];

/// Which blocks a system has.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern {
    /// First block of each row, and one more.
    starts: Vec<usize>,
    /// Column of each block, rising in a row, none left of the diagonal.
    columns: Vec<usize>,
}

impl Pattern {
    /// The diagonal, and a block for any two frames of a point.
    pub(super) fn of<I: Iterator<Item = usize>>(
        frames: usize,
        points: impl Iterator<Item = I>,
    ) -> Self {
        let mut rows: Vec<Vec<usize>> = (0..frames).map(|i| vec![i]).collect();
        for point in points {
            let mut seen: Vec<usize> = point.collect();
            seen.sort_unstable();
            for (k, i) in seen.iter().enumerate() {
                for j in &seen[k + 1..] {
                    if let Err(at) = rows[*i].binary_search(j) {
                        rows[*i].insert(at, *j);
                    }
                }
            }
        }
        let mut starts = vec![0];
        for row in &rows {
            starts.push(starts.last().copied().unwrap_or(0) + row.len());
        }
        Self {
            starts,
            columns: rows.concat(),
        }
    }

    fn frames(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    fn position(&self, row: usize, column: usize) -> Option<usize> {
        let range = self.row(row);
        let found = self.columns[range.clone()].binary_search(&column).ok()?;
        Some(range.start + found)
    }
}

/// Symmetric positive definite system; the right side goes with it.
#[derive(Clone, Debug)]
pub(super) struct System {
    pattern: Arc<Pattern>,
    frames: usize,
    shared: usize,
    /// By position in the pattern.
    blocks: Vec<Block>,
    /// Rows of frames, columns of what is shared.
    border: Vec<f64>,
    corner: Vec<f64>,
    pub(super) right: Vec<f64>,
}

impl System {
    pub(super) fn new(pattern: &Arc<Pattern>, shared: usize) -> Self {
        let frames = pattern.frames();
        Self {
            pattern: Arc::clone(pattern),
            frames,
            shared,
            blocks: vec![[[0.0; POSE]; POSE]; pattern.columns.len()],
            border: vec![0.0; POSE * frames * shared],
            corner: vec![0.0; shared * shared],
            right: vec![0.0; POSE * frames + shared],
        }
    }

    /// Unknowns.
    pub(super) fn size(&self) -> usize {
        POSE * self.frames + self.shared
    }

    /// Adds to a block of the pattern; others there are none of.
    pub(super) fn add_block(&mut self, row: usize, column: usize, f: impl Fn(usize, usize) -> f64) {
        let Some(at) = self.pattern.position(row, column) else {
            return;
        };
        for (a, line) in self.blocks[at].iter_mut().enumerate() {
            for (b, value) in line.iter_mut().enumerate() {
                *value += f(a, b);
            }
        }
    }

    pub(super) fn add_border(&mut self, frame: usize, shared: usize, f: impl Fn(usize) -> f64) {
        for a in 0..POSE {
            self.border[(POSE * frame + a) * self.shared + shared] += f(a);
        }
    }

    pub(super) fn add_corner(&mut self, row: usize, column: usize, value: f64) {
        self.corner[row * self.shared + column] += value;
    }

    /// Position of a shared unknown.
    pub(super) fn shared(&self, index: usize) -> usize {
        POSE * self.frames + index
    }

    /// Grows the diagonal by a share (Levenberg–Marquardt).
    pub(super) fn damp(&mut self, share: f64) {
        for i in 0..self.frames {
            let block = &mut self.blocks[self.pattern.starts[i]];
            (0..POSE).for_each(|a| block[a][a] *= 1.0 + share);
        }
        for k in 0..self.shared {
            self.corner[k * self.shared + k] *= 1.0 + share;
        }
    }

    fn multiply(&self, x: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for row in 0..self.frames {
            let r = POSE * row;
            for at in self.pattern.row(row) {
                let (block, column) = (&self.blocks[at], self.pattern.columns[at]);
                let c = POSE * column;
                for a in 0..POSE {
                    let sum: f64 = (0..POSE).map(|b| block[a][b] * x[c + b]).sum();
                    out[r + a] += sum;
                    if row != column {
                        (0..POSE).for_each(|b| out[c + b] += block[a][b] * x[r + a]);
                    }
                }
            }
        }
        let edge = POSE * self.frames;
        for row in 0..edge {
            let line = &self.border[row * self.shared..(row + 1) * self.shared];
            for (k, value) in line.iter().enumerate() {
                out[row] += value * x[edge + k];
                out[edge + k] += value * x[row];
            }
        }
        for row in 0..self.shared {
            for column in 0..self.shared {
                out[edge + row] += self.corner[row * self.shared + column] * x[edge + column];
            }
        }
    }

    /// Solves for a right side by conjugate gradients, preconditioned by the diagonal blocks.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        /// Part of the right side that may be left over.
        const LEFT: f64 = 1e-9;
        let n = self.size();
        let diagonal = Diagonal::of(self);
        let mut x = vec![0.0; n];
        let mut residual = right.to_vec();
        let mut z = diagonal.apply(&residual);
        let mut direction = z.clone();
        let mut gain = dot(&residual, &z);
        let target = LEFT * LEFT * gain;
        let mut product = vec![0.0; n];
        for _ in 0..4 * n + 200 {
            if gain.is_nan() || gain <= target || gain == 0.0 {
                break;
            }
            self.multiply(&direction, &mut product);
            let bend = dot(&direction, &product);
            if bend.is_nan() || bend <= 0.0 {
                break;
            }
            let step = gain / bend;
            for i in 0..n {
                x[i] += step * direction[i];
                residual[i] -= step * product[i];
            }
            z = diagonal.apply(&residual);
            let next = dot(&residual, &z);
            let share = next / gain;
            gain = next;
            for i in 0..n {
                direction[i] = z[i] + share * direction[i];
            }
        }
        x
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Inverses of the diagonal blocks, and of the corner.
struct Diagonal {
    frames: Vec<Vec<f64>>,
    corner: Vec<f64>,
    shared: usize,
}

impl Diagonal {
    fn of(system: &System) -> Self {
        let frames = (0..system.frames).map(|i| {
            // The first of a row is the diagonal's.
            let block = system.blocks[system.pattern.starts[i]];
            inverse(&block.concat(), POSE)
        });
        Self {
            frames: frames.collect(),
            corner: inverse(&system.corner, system.shared),
            shared: system.shared,
        }
    }

    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; x.len()];
        let mut part = |inverse: &[f64], size: usize, at: usize| {
            for a in 0..size {
                for b in 0..size {
                    out[at + a] += inverse[a * size + b] * x[at + b];
                }
            }
        };
        for (i, block) in self.frames.iter().enumerate() {
            part(block, POSE, POSE * i);
        }
        part(&self.corner, self.shared, POSE * self.frames.len());
        out
    }
}

/// Inverse of a small symmetric positive definite matrix by Gauss and Jordan; rows without a pivot
/// stay as the identity's.
pub(in super::super) fn inverse(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut a = matrix.to_vec();
    let mut out = vec![0.0; n * n];
    (0..n).for_each(|i| out[i * n + i] = 1.0);
    for k in 0..n {
        let best = (k..n).max_by(|i, j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()));
        let Some(pivot) = best.filter(|i| a[i * n + k].abs() > 1e-300) else {
            continue;
        };
        for c in 0..n {
            a.swap(k * n + c, pivot * n + c);
            out.swap(k * n + c, pivot * n + c);
        }
        let scale = 1.0 / a[k * n + k];
        for c in 0..n {
            a[k * n + c] *= scale;
            out[k * n + c] *= scale;
        }
        for i in (0..n).filter(|i| *i != k) {
            let factor = a[i * n + k];
            for c in 0..n {
                a[i * n + c] -= factor * a[k * n + c];
                out[i * n + c] -= factor * out[k * n + c];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_a_small_matrix_is_that_of_a_book() {
        // [4 7; 2 6]⁻¹ = [0.6 −0.7; −0.2 0.4].
        let found = inverse(&[4.0, 7.0, 2.0, 6.0], 2);
        for (a, b) in found.iter().zip([0.6, -0.7, -0.2, 0.4]) {
            assert!((a - b).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn the_solution_fulfils_the_equations() {
        let pattern = Pattern::of(3, [[0, 1], [2, 1]].into_iter().map(|p| p.into_iter()));
        let mut system = System::new(&Arc::new(pattern), 2);
        for i in 0..3 {
            system.add_block(i, i, |a, b| {
                if a == b {
                    5.0 + a as f64 + i as f64
                } else {
                    0.3
                }
            });
            system.add_border(i, 0, |a| 0.1 * a as f64);
            system.add_border(i, 1, |a| 0.2 - 0.05 * a as f64);
        }
        system.add_block(0, 1, |a, b| 0.2 * (a as f64 - b as f64));
        system.add_block(1, 2, |a, b| 0.1 * (a as f64 + b as f64));
        system.add_corner(0, 0, 9.0);
        system.add_corner(1, 1, 7.0);
        system.add_corner(0, 1, 0.5);
        system.add_corner(1, 0, 0.5);
        let right: Vec<f64> = (0..system.size()).map(|i| (i as f64).sin()).collect();
        let x = system.solve(&right);
        let mut back = vec![0.0; x.len()];
        system.multiply(&x, &mut back);
        for (a, b) in back.iter().zip(&right) {
            assert!((a - b).abs() < 1e-7, "{a} {b}");
        }
    }
}
