//! Solves the reduced equations of a block by conjugate gradients.
//!
//! The diagonal's blocks alone are a poor guide in a large block: a bend of the whole changes every
//! frame little, and hundreds of steps go by until news from one end reaches the other. So frames are
//! put into groups of neighbours, each may be moved, turned and scaled as one, and the small system of
//! these moves with all that is shared is solved directly at every step (two-level additive Schwarz,
//! Toselli and Widlund 2005, §3; moves of rigid bodies as in smoothed aggregation, Vaněk, Mandel and
//! Brezina 1996). The number of steps then hardly grows with the block.

use super::super::groups::groups;
use super::linear::{POSE, System, dot, inverse};

/// Moves of a group: three turns, three shifts, a scale.
const MOVES: usize = 7;
/// Frames of a group at least, and the most groups: the small system is solved densely.
const GROUP: usize = 20;
const MOST_GROUPS: usize = 100;

/// Frames in groups of neighbours.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// Group of each frame.
    of: Vec<usize>,
    /// From the group's middle to the frame, metres.
    arms: Vec<[f64; 3]>,
    count: usize,
}

impl Groups {
    /// Groups frames by where they are.
    pub(super) fn new(centres: &[[f64; 3]]) -> Self {
        let places: Vec<[f64; 2]> = centres.iter().map(|c| [c[0], c[1]]).collect();
        let most = (2 * GROUP).max(2 * centres.len().div_ceil(MOST_GROUPS));
        let found = groups(&places, most);
        let mut of = vec![0; centres.len()];
        let mut arms = vec![[0.0; 3]; centres.len()];
        for (number, group) in found.iter().enumerate() {
            let middle: [f64; 3] = std::array::from_fn(|a| {
                group.iter().map(|i| centres[*i][a]).sum::<f64>() / group.len() as f64
            });
            for i in group {
                of[*i] = number;
                arms[*i] = std::array::from_fn(|a| centres[*i][a] - middle[a]);
            }
        }
        Self {
            of,
            arms,
            count: found.len(),
        }
    }

    /// A frame's turn and shift by its group's moves, row by row: ω; t + ω × arm + s · arm.
    fn moves(&self, frame: usize) -> [[f64; MOVES]; POSE] {
        let [x, y, z] = self.arms[frame];
        [
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, z, -y, 1.0, 0.0, 0.0, x],
            [-z, 0.0, x, 0.0, 1.0, 0.0, y],
            [y, -x, 0.0, 0.0, 0.0, 1.0, z],
        ]
    }
}

/// A system made ready to be solved for any number of right sides.
pub(super) struct Solver<'a> {
    system: &'a System,
    groups: &'a Groups,
    /// Inverses of the diagonal blocks.
    diagonal: Vec<Vec<f64>>,
    /// Triangle of the small system (Cholesky), row by row, and its unknowns.
    triangle: Vec<f64>,
    small: usize,
}

impl<'a> Solver<'a> {
    pub(super) fn new(system: &'a System, groups: &'a Groups) -> Self {
        let diagonal = (0..system.frames()).map(|i| {
            let own = system.row(i).next().map(|(_, block)| *block);
            inverse(own.unwrap_or_default().as_flattened(), POSE)
        });
        let small = MOVES * groups.count + system.shared_count();
        let mut triangle = reduced(system, groups, small);
        factor(&mut triangle, small);
        Self {
            system,
            groups,
            diagonal: diagonal.collect(),
            triangle,
            small,
        }
    }

    /// Solves for a right side until `left` of it, as a share, is left over.
    pub(super) fn solve(&self, right: &[f64], left: f64) -> Vec<f64> {
        let n = self.system.size();
        let mut x = vec![0.0; n];
        let mut residual = right.to_vec();
        let mut z = self.guess(&residual);
        let mut direction = z.clone();
        let mut gain = dot(&residual, &z);
        let target = left * left * gain;
        let mut product = vec![0.0; n];
        for _ in 0..(4 * n + 200).min(MOST_STEPS) {
            if gain.is_nan() || gain <= target || gain == 0.0 {
                break;
            }
            self.system.multiply(&direction, &mut product);
            let bend = dot(&direction, &product);
            if bend.is_nan() || bend <= 0.0 {
                break;
            }
            let step = gain / bend;
            for i in 0..n {
                x[i] += step * direction[i];
                residual[i] -= step * product[i];
            }
            z = self.guess(&residual);
            let next = dot(&residual, &z);
            let share = next / gain;
            gain = next;
            for i in 0..n {
                direction[i] = z[i] + share * direction[i];
            }
        }
        x
    }

    /// Each frame by itself, and the groups together.
    fn guess(&self, residual: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; residual.len()];
        let mut small = vec![0.0; self.small];
        let frames = residual.chunks_exact(POSE).zip(&self.diagonal).enumerate();
        for (i, (own, inverse)) in frames {
            for (a, line) in inverse.chunks_exact(POSE).enumerate() {
                out[POSE * i + a] = dot(line, own);
            }
            let at = MOVES * self.groups.of[i];
            for (moves, r) in self.groups.moves(i).iter().zip(own) {
                (0..MOVES).for_each(|m| small[at + m] += moves[m] * r);
            }
        }
        let (edge, shared) = (self.system.shared(0), MOVES * self.groups.count);
        small[shared..].copy_from_slice(&residual[edge..]);
        substitute(&self.triangle, &mut small);
        for i in 0..self.system.frames() {
            let by = &small[MOVES * self.groups.of[i]..][..MOVES];
            for (a, moves) in self.groups.moves(i).iter().enumerate() {
                out[POSE * i + a] += dot(moves, by);
            }
        }
        out[edge..].copy_from_slice(&small[shared..]);
        out
    }
}

/// Steps after which a system is left as it is.
const MOST_STEPS: usize = 3_000;

/// Pᵀ A P of the groups' moves and what is shared; the lower triangle counts.
fn reduced(system: &System, groups: &Groups, small: usize) -> Vec<f64> {
    let mut out = vec![0.0; small * small];
    let shared = system.shared_count();
    let edge = MOVES * groups.count;
    for i in 0..system.frames() {
        let own = groups.moves(i);
        let row = MOVES * groups.of[i];
        for (j, block) in system.row(i) {
            let other = groups.moves(j);
            let column = MOVES * groups.of[j];
            // Bᵢⱼ Pⱼ, then Pᵢᵀ of it.
            let half: [[f64; MOVES]; POSE] = std::array::from_fn(|a| {
                let mut line = [0.0; MOVES];
                for b in 0..POSE {
                    (0..MOVES).for_each(|m| line[m] += block[a][b] * other[b][m]);
                }
                line
            });
            for l in 0..MOVES {
                for m in 0..MOVES {
                    let value: f64 = (0..POSE).map(|a| own[a][l] * half[a][m]).sum();
                    out[(row + l) * small + column + m] += value;
                    if i != j {
                        out[(column + m) * small + row + l] += value;
                    }
                }
            }
        }
        for (a, line) in system.border(i).chunks_exact(shared.max(1)).enumerate() {
            for (k, value) in line.iter().enumerate() {
                for l in 0..MOVES {
                    out[(edge + k) * small + row + l] += own[a][l] * value;
                }
            }
        }
    }
    for k in 0..shared {
        for l in 0..shared {
            out[(edge + k) * small + edge + l] = system.corner()[k * shared + l];
        }
    }
    out
}

/// A = L Lᵀ in place (Cholesky), the lower triangle. A move that the others can already make (the
/// scale of a group of one) has no pivot: its row is left out.
fn factor(a: &mut [f64], n: usize) {
    for i in 0..n {
        let (before, rest) = a.split_at_mut(i * n);
        let row = &mut rest[..n];
        let whole = row[i];
        for j in 0..i {
            let other = &before[j * n..j * n + n];
            let pivot = other[j];
            row[j] = if pivot > 0.0 {
                (row[j] - lanes(&row[..j], &other[..j])) / pivot
            } else {
                0.0
            };
        }
        let left = whole - lanes(&row[..i], &row[..i]);
        row[i] = if left > 1e-12 * whole {
            left.sqrt()
        } else {
            0.0
        };
    }
}

/// Solves L Lᵀ x = b in place; unknowns without a pivot are 0.
fn substitute(a: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        let row = &a[i * n..i * n + i + 1];
        let left = b[i] - lanes(&row[..i], &b[..i]);
        b[i] = if row[i] > 0.0 { left / row[i] } else { 0.0 };
    }
    for i in (0..n).rev() {
        let row = &a[i * n..i * n + i + 1];
        let value = if row[i] > 0.0 { b[i] / row[i] } else { 0.0 };
        b[i] = value;
        let before = &mut b[..i];
        before
            .iter_mut()
            .zip(row)
            .for_each(|(b, r)| *b -= r * value);
    }
}

/// A sum of products in four strands, which the processor works on side by side.
fn lanes(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours, others) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = dot(fours.remainder(), others.remainder());
    for (x, y) in fours.zip(others) {
        (0..4).for_each(|k| sums[k] += x[k] * y[k]);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::super::linear::tests::small;
    use super::*;

    #[test]
    fn the_solution_fulfils_the_equations() {
        let system = small();
        let groups = Groups::new(&[[0.0; 3], [5.0, 1.0, 0.0], [10.0, -1.0, 0.5]]);
        let x = Solver::new(&system, &groups).solve(&system.right, 1e-9);
        let mut back = vec![0.0; x.len()];
        system.multiply(&x, &mut back);
        for (a, b) in back.iter().zip(&system.right) {
            assert!((a - b).abs() < 1e-7, "{a} {b}");
        }
    }

    /// A chain whose ends only its neighbours hold: the longer, the worse for the diagonal alone.
    #[test]
    fn a_long_chain_takes_few_steps() {
        let n = 2_000;
        let mut system = System::new(n, 0);
        for i in 0..n - 1 {
            let stiff = |a: usize, b: usize| if a == b { 1.0 } else { 0.0 };
            system.add_block(i, i, stiff);
            system.add_block(i + 1, i + 1, stiff);
            system.add_block(i, i + 1, |a, b| -stiff(a, b));
        }
        system.add_block(0, 0, |a, b| if a == b { 1.0 } else { 0.0 });
        system.right = vec![1.0; 6 * n];
        let centres: Vec<[f64; 3]> = (0..n).map(|i| [10.0 * i as f64, 0.0, 0.0]).collect();
        let groups = Groups::new(&centres);
        let x = Solver::new(&system, &groups).solve(&system.right, 1e-9);
        // A unit pull on every link below: the last has moved by n (n + 1) / 2.
        let expected = (n * (n + 1) / 2) as f64;
        assert!(
            (x[6 * n - 1] / expected - 1.0).abs() < 1e-6,
            "{}",
            x[6 * n - 1]
        );
    }
}
