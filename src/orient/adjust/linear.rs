//! The reduced normal equations of a block: one 6 × 6 block a pair of frames that share a point,
//! and a dense border for what all frames share.
//!
//! Blocks lie one behind the other and every row lists where its own are, so that memory grows with
//! the pairs of frames. Sums are taken in one order at any number of threads: rows are worked on in
//! strips, whose number depends on the block's size alone.

use rayon::prelude::*;

pub(super) const POSE: usize = 6;
pub(super) type Block = [[f64; POSE]; POSE];

/// Rows worked on together, and the most such strips.
const STRIP: usize = 128;
const MOST_STRIPS: usize = 16;

/// Symmetric positive definite system; the right side goes with it.
#[derive(Clone, Debug)]
pub(super) struct System {
    frames: usize,
    shared: usize,
    blocks: Vec<Block>,
    /// Columns of every row, rising from the row itself, with the position of their blocks.
    rows: Vec<Vec<(u32, u32)>>,
    /// Rows of frames, columns of what is shared.
    border: Vec<f64>,
    corner: Vec<f64>,
    pub(super) right: Vec<f64>,
    /// Share by which the diagonal is grown.
    damped: f64,
}

impl System {
    pub(super) fn new(frames: usize, shared: usize) -> Self {
        Self {
            frames,
            shared,
            blocks: vec![[[0.0; POSE]; POSE]; frames],
            rows: (0..frames as u32).map(|i| vec![(i, i)]).collect(),
            border: vec![0.0; POSE * frames * shared],
            corner: vec![0.0; shared * shared],
            right: vec![0.0; POSE * frames + shared],
            damped: 0.0,
        }
    }

    /// Unknowns.
    pub(super) fn size(&self) -> usize {
        POSE * self.frames + self.shared
    }

    /// Frames.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }

    /// Shared unknowns.
    pub(super) fn shared_count(&self) -> usize {
        self.shared
    }

    /// The block of a row and a column that is not before it; zeros where there was none.
    fn block(&mut self, row: usize, column: usize) -> &mut Block {
        let line = &mut self.rows[row];
        let column = column as u32;
        let at = match line.binary_search_by_key(&column, |(c, _)| *c) {
            Ok(at) => line[at].1,
            Err(at) => {
                let next = self.blocks.len() as u32;
                line.insert(at, (column, next));
                self.blocks.push([[0.0; POSE]; POSE]);
                next
            }
        };
        &mut self.blocks[at as usize]
    }

    /// Adds to the block of a row and a column that is not before it.
    pub(super) fn add_block(&mut self, row: usize, column: usize, f: impl Fn(usize, usize) -> f64) {
        let block = self.block(row, column);
        for (a, line) in block.iter_mut().enumerate() {
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

    /// Adds equations of some of the frames, numbered by their places in `frames`, which rise; what is
    /// shared is the same.
    pub(super) fn merge(&mut self, other: &Self, frames: &[usize]) {
        let add = |to: &mut [f64], from: &[f64]| {
            to.iter_mut().zip(from).for_each(|(t, f)| *t += f);
        };
        let wide = POSE * self.shared;
        for (i, (row, line)) in frames.iter().zip(&other.rows).enumerate() {
            for (column, at) in line {
                let more = &other.blocks[*at as usize];
                let block = self.block(*row, frames[*column as usize]);
                add(block.as_flattened_mut(), more.as_flattened());
            }
            add(
                &mut self.border[row * wide..(row + 1) * wide],
                &other.border[i * wide..(i + 1) * wide],
            );
            add(
                &mut self.right[POSE * row..POSE * (row + 1)],
                &other.right[POSE * i..POSE * (i + 1)],
            );
        }
        add(&mut self.corner, &other.corner);
        let (edge, other_edge) = (POSE * self.frames, POSE * other.frames);
        add(&mut self.right[edge..], &other.right[other_edge..]);
    }

    /// Grows the diagonal by a share (Levenberg–Marquardt), in place of what it was grown by before.
    pub(super) fn damp(&mut self, share: f64) {
        let by = (1.0 + share) / (1.0 + self.damped);
        self.damped = share;
        // The diagonal's blocks are the first ones.
        for block in &mut self.blocks[..self.frames] {
            (0..POSE).for_each(|a| block[a][a] *= by);
        }
        for k in 0..self.shared {
            self.corner[k * self.shared + k] *= by;
        }
    }

    /// The blocks of a row: column and values, from the diagonal's on.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = (usize, &Block)> {
        let line = self.rows[row].iter();
        line.map(|(column, at)| (*column as usize, &self.blocks[*at as usize]))
    }

    /// The border of a frame: rows of its unknowns, columns of what is shared.
    pub(super) fn border(&self, frame: usize) -> &[f64] {
        let wide = POSE * self.shared;
        &self.border[frame * wide..(frame + 1) * wide]
    }

    /// What is shared with itself.
    pub(super) fn corner(&self) -> &[f64] {
        &self.corner
    }

    pub(super) fn multiply(&self, x: &[f64], out: &mut [f64]) {
        let strip = STRIP.max(self.frames.div_ceil(MOST_STRIPS));
        if self.frames <= STRIP {
            out.fill(0.0);
            self.multiply_rows(0..self.frames, x, out);
        } else {
            let parts: Vec<Vec<f64>> = (0..self.frames.div_ceil(strip))
                .into_par_iter()
                .map(|k| {
                    let mut part = vec![0.0; self.size()];
                    let rows = k * strip..((k + 1) * strip).min(self.frames);
                    self.multiply_rows(rows, x, &mut part);
                    part
                })
                .collect();
            out.fill(0.0);
            for part in parts {
                out.iter_mut().zip(&part).for_each(|(o, p)| *o += p);
            }
        }
        let edge = POSE * self.frames;
        for row in 0..self.shared {
            let line = &self.corner[row * self.shared..(row + 1) * self.shared];
            out[edge + row] += dot(line, &x[edge..]);
        }
    }

    /// Products of some rows and of the columns that mirror them; without the corner.
    fn multiply_rows(&self, rows: std::ops::Range<usize>, x: &[f64], out: &mut [f64]) {
        let edge = POSE * self.frames;
        for row in rows {
            let r = POSE * row;
            let own: [f64; POSE] = std::array::from_fn(|a| x[r + a]);
            let mut sums = [0.0; POSE];
            for (column, block) in self.row(row) {
                let c = POSE * column;
                let other: [f64; POSE] = std::array::from_fn(|b| x[c + b]);
                let mut mirrored = [0.0; POSE];
                for a in 0..POSE {
                    for b in 0..POSE {
                        sums[a] += block[a][b] * other[b];
                        mirrored[b] += block[a][b] * own[a];
                    }
                }
                if column != row {
                    (0..POSE).for_each(|b| out[c + b] += mirrored[b]);
                }
            }
            let border = self.border(row).chunks_exact(self.shared.max(1));
            for ((sum, line), own) in sums.iter_mut().zip(border).zip(own) {
                for (k, value) in line.iter().enumerate() {
                    *sum += value * x[edge + k];
                    out[edge + k] += value * own;
                }
            }
            (0..POSE).for_each(|a| out[r + a] += sums[a]);
        }
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
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
pub(super) mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_a_small_matrix_is_that_of_a_book() {
        // [4 7; 2 6]⁻¹ = [0.6 −0.7; −0.2 0.4].
        let found = inverse(&[4.0, 7.0, 2.0, 6.0], 2);
        for (a, b) in found.iter().zip([0.6, -0.7, -0.2, 0.4]) {
            assert!((a - b).abs() < 1e-12, "{found:?}");
        }
    }

    /// A small system with everything in it.
    pub(in super::super) fn small() -> System {
        let mut system = System::new(3, 2);
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
        system.right = (0..system.size()).map(|i| (i as f64).sin()).collect();
        system
    }

    #[test]
    fn merged_equations_are_the_sum_and_damping_is_replaced() {
        let part = small();
        let mut whole = System::new(5, 2);
        whole.merge(&part, &[0, 2, 4]);
        whole.merge(&part, &[0, 2, 4]);
        whole.damp(3.0);
        whole.damp(0.0);
        let x: Vec<f64> = (0..whole.size()).map(|i| (0.7 * i as f64).cos()).collect();
        let mut found = vec![0.0; whole.size()];
        whole.multiply(&x, &mut found);
        let places: Vec<usize> = [0, 2, 4]
            .into_iter()
            .flat_map(|f| POSE * f..POSE * (f + 1))
            .chain([30, 31])
            .collect();
        let own: Vec<f64> = places.iter().map(|i| x[*i]).collect();
        let mut expected = vec![0.0; part.size()];
        part.multiply(&own, &mut expected);
        for (place, value) in places.iter().zip(&expected) {
            assert!((found[*place] - 2.0 * value).abs() < 1e-12);
        }
        assert!(found[POSE..2 * POSE].iter().all(|v| *v == 0.0));
    }
}
