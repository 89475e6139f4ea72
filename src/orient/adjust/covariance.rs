//! How sure every frame of a block is: the inverse of the reduced equations where it is wanted.
//!
//! The frames are put in an order that keeps the triangle of the equations sparse (nested dissection:
//! the block is halved on the ground, the frames that see across the cut come last; George 1973), the
//! triangle is worked out column by column, and from its last column back the blocks of the inverse
//! that lie where the triangle has some (selected inversion; Takahashi, Fagan and Chen 1973). What all
//! frames share is a border of its own. Time grows a little faster than with the number of frames, and
//! the whole inverse is never formed.

use super::super::groups::halved;
use super::linear::{Block, POSE, System, dot, inverse};

/// Frames below which a part is not halved any more.
const LEAF: usize = 16;

/// Covariances of a block's unknowns.
pub(super) struct Covariance {
    /// Of each frame's turn and shift, row by row, with what is shared held at its value.
    own: Vec<Block>,
    /// How each frame moves with what is shared: rows of its unknowns.
    follows: Vec<f64>,
    /// Of what is shared, row by row.
    shared: Vec<f64>,
    shared_count: usize,
}

impl Covariance {
    /// `places` are where the frames are, metres. `None` where the equations do not hold everything.
    pub(super) fn new(system: &System, places: &[[f64; 2]]) -> Option<Self> {
        let order = order(system, places);
        let triangle = Triangle::new(system, &order)?;
        let n = system.shared_count();
        let frames = system.frames();
        // A⁻¹ B column by column, then the Schur complement C − Bᵀ A⁻¹ B of what is shared.
        let mut follows = vec![0.0; POSE * frames * n];
        let mut rest = system.corner().to_vec();
        for k in 0..n {
            let column: Vec<f64> = (0..frames)
                .flat_map(|i| (0..POSE).map(move |a| system.border(i)[a * n + k]))
                .collect();
            let solved = triangle.solve(&column);
            for (l, value) in rest.iter_mut().skip(k).step_by(n).enumerate() {
                let other = (0..frames).flat_map(|i| {
                    let border = system.border(i);
                    (0..POSE).map(move |a| border[a * n + l])
                });
                *value -= other.zip(&solved).map(|(b, s)| b * s).sum::<f64>();
            }
            for (row, value) in solved.into_iter().enumerate() {
                follows[row * n + k] = value;
            }
        }
        let shared = inverse(&rest, n);
        Some(Self {
            own: triangle.inverse_diagonal(),
            follows,
            shared,
            shared_count: n,
        })
    }

    /// Variance of a sum over a frame's six unknowns and what is shared.
    pub(super) fn variance(&self, frame: usize, pose: &[f64; POSE], shared: &[f64]) -> f64 {
        let n = self.shared_count;
        // What is shared counts by itself and through the frame, which follows it the other way.
        let rows = &self.follows[POSE * frame * n..POSE * (frame + 1) * n];
        let whole: Vec<f64> = (0..n)
            .map(|k| shared[k] - (0..POSE).map(|a| pose[a] * rows[a * n + k]).sum::<f64>())
            .collect();
        let mut sum = 0.0;
        for (a, line) in self.own[frame].iter().enumerate() {
            sum += pose[a] * dot(line, pose);
        }
        for (k, line) in self.shared.chunks_exact(n.max(1)).enumerate() {
            sum += whole[k] * dot(line, &whole);
        }
        sum.max(0.0)
    }
}

/// The frames in an order that keeps the triangle sparse.
fn order(system: &System, places: &[[f64; 2]]) -> Vec<usize> {
    let mut near: Vec<Vec<usize>> = vec![Vec::new(); system.frames()];
    for i in 0..system.frames() {
        for (j, _) in system.row(i).filter(|(j, _)| *j != i) {
            near[i].push(j);
            near[j].push(i);
        }
    }
    let mut out = Vec::with_capacity(near.len());
    let mut side = vec![0_u32; near.len()];
    dissect(
        places,
        &near,
        (0..near.len()).collect(),
        &mut side,
        &mut 0,
        &mut out,
    );
    out
}

/// Both halves of a part, then the frames of the first that see the second.
fn dissect(
    places: &[[f64; 2]],
    near: &[Vec<usize>],
    part: Vec<usize>,
    side: &mut [u32],
    stamp: &mut u32,
    out: &mut Vec<usize>,
) {
    if part.len() <= LEAF {
        out.extend(part);
        return;
    }
    let [first, second] = halved(places, part);
    *stamp += 1;
    let own = *stamp;
    second.iter().for_each(|i| side[*i] = own);
    let (cut, rest): (Vec<usize>, Vec<usize>) = first
        .into_iter()
        .partition(|i| near[*i].iter().any(|j| side[*j] == own));
    dissect(places, near, rest, side, stamp, out);
    dissect(places, near, second, side, stamp, out);
    out.extend(cut);
}

/// A = L D Lᵀ by blocks, L with ones on its diagonal.
struct Triangle {
    /// Place of each frame in the order, and back.
    place: Vec<usize>,
    order: Vec<usize>,
    /// Rows below the diagonal of each column, rising, and their blocks.
    rows: Vec<Vec<u32>>,
    blocks: Vec<Vec<Block>>,
    /// Inverses of D.
    pivots: Vec<Block>,
}

const NOTHING: Block = [[0.0; POSE]; POSE];

impl Triangle {
    fn new(system: &System, order: &[usize]) -> Option<Self> {
        let n = order.len();
        let mut place = vec![0; n];
        order.iter().enumerate().for_each(|(p, i)| place[*i] = p);
        let mut diagonal = vec![NOTHING; n];
        let mut given: Vec<Vec<(u32, Block)>> = vec![Vec::new(); n];
        for i in 0..n {
            for (j, block) in system.row(i) {
                let (p, q) = (place[i], place[j]);
                if i == j {
                    diagonal[p] = *block;
                } else if p < q {
                    given[p].push((q as u32, transposed(block)));
                } else {
                    given[q].push((p as u32, *block));
                }
            }
        }
        // Where the triangle has blocks: a column hands all but its first row to that row's column.
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); n];
        for p in 0..n {
            let own = given[p].iter().map(|(q, _)| *q);
            rows[p].extend(own);
            rows[p].sort_unstable();
            rows[p].dedup();
            if let Some((parent, handed)) = rows[p].split_first() {
                let handed = handed.to_vec();
                let parent = *parent as usize;
                rows[parent].extend(handed);
            }
        }
        let mut blocks: Vec<Vec<Block>> = rows.iter().map(|r| vec![NOTHING; r.len()]).collect();
        for (p, given) in given.into_iter().enumerate() {
            for (q, block) in given {
                let at = rows[p].binary_search(&q).ok()?;
                blocks[p][at] = block;
            }
        }
        let mut pivots = Vec::with_capacity(n);
        for p in 0..n {
            let pivot = pivot(&diagonal[p])?;
            let column = std::mem::take(&mut blocks[p]);
            // L = A D⁻¹; every pair of rows of this column loses A D⁻¹ Aᵀ.
            let scaled: Vec<Block> = column.iter().map(|a| times(a, &pivot)).collect();
            for (k, q) in rows[p].iter().enumerate() {
                let q = *q as usize;
                less(&mut diagonal[q], &scaled[k], &column[k]);
                let mut at = 0;
                for (l, r) in rows[p].iter().enumerate().skip(k + 1) {
                    // Both lists rise, and the second has all of the first's.
                    while rows[q][at] < *r {
                        at += 1;
                    }
                    less(&mut blocks[q][at], &scaled[l], &column[k]);
                }
            }
            blocks[p] = scaled;
            pivots.push(pivot);
        }
        Some(Self {
            place,
            order: order.to_vec(),
            rows,
            blocks,
            pivots,
        })
    }

    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let n = self.order.len();
        let mut x: Vec<[f64; POSE]> = self
            .order
            .iter()
            .map(|i| std::array::from_fn(|a| right[POSE * i + a]))
            .collect();
        for p in 0..n {
            let own = x[p];
            for (q, block) in self.rows[p].iter().zip(&self.blocks[p]) {
                for a in 0..POSE {
                    x[*q as usize][a] -= dot(&block[a], &own);
                }
            }
        }
        for p in (0..n).rev() {
            let own = x[p];
            let mut value: [f64; POSE] = std::array::from_fn(|a| dot(&self.pivots[p][a], &own));
            for (q, block) in self.rows[p].iter().zip(&self.blocks[p]) {
                for a in 0..POSE {
                    for b in 0..POSE {
                        value[b] -= block[a][b] * x[*q as usize][a];
                    }
                }
            }
            x[p] = value;
        }
        self.place.iter().flat_map(|p| x[*p]).collect()
    }

    /// The inverse's blocks on the diagonal, by frame.
    fn inverse_diagonal(&self) -> Vec<Block> {
        let n = self.order.len();
        let mut diagonal = vec![NOTHING; n];
        let mut below: Vec<Vec<Block>> = vec![Vec::new(); n];
        for p in (0..n).rev() {
            let rows = &self.rows[p];
            let mut own = vec![NOTHING; rows.len()];
            for (k, q) in rows.iter().enumerate() {
                let q = *q as usize;
                less(&mut own[k], &diagonal[q], &transposed(&self.blocks[p][k]));
                let mut at = 0;
                for (l, r) in rows.iter().enumerate().skip(k + 1) {
                    while self.rows[q][at] < *r {
                        at += 1;
                    }
                    let z = &below[q][at];
                    // The inverse is symmetric: its block of r and q serves both rows.
                    less(&mut own[l], z, &transposed(&self.blocks[p][k]));
                    less(&mut own[k], &transposed(z), &transposed(&self.blocks[p][l]));
                }
            }
            let mut middle = self.pivots[p];
            for (l, z) in self.blocks[p].iter().zip(&own) {
                less(&mut middle, &transposed(l), &transposed(z));
            }
            diagonal[p] = middle;
            below[p] = own;
        }
        self.place.iter().map(|p| diagonal[*p]).collect()
    }
}

/// Inverse of a block of the diagonal; `None` where it is not positive definite.
fn pivot(block: &Block) -> Option<Block> {
    if (0..POSE).any(|a| block[a][a].is_nan() || block[a][a] <= 0.0) {
        return None;
    }
    let flat = inverse(block.as_flattened(), POSE);
    let mut out = NOTHING;
    out.as_flattened_mut().copy_from_slice(&flat);
    (0..POSE).all(|a| out[a][a] > 0.0).then_some(out)
}

fn transposed(block: &Block) -> Block {
    std::array::from_fn(|a| std::array::from_fn(|b| block[b][a]))
}

fn times(a: &Block, b: &Block) -> Block {
    let mut out = NOTHING;
    for (line, own) in out.iter_mut().zip(a) {
        for (value, other) in own.iter().zip(b) {
            (0..POSE).for_each(|c| line[c] += value * other[c]);
        }
    }
    out
}

/// out −= a bᵀ.
#[inline]
fn less(out: &mut Block, a: &Block, b: &Block) {
    for (line, own) in out.iter_mut().zip(a) {
        for (value, other) in line.iter_mut().zip(b) {
            let mut sum = 0.0;
            (0..POSE).for_each(|c| sum += own[c] * other[c]);
            *value -= sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::solve::{Groups, Solver};
    use super::*;

    /// Frames on a net, each tied to those within two steps, the whole to what is shared.
    fn net(side: usize, shared: usize) -> (System, Vec<[f64; 2]>) {
        let places: Vec<[f64; 2]> = (0..side * side)
            .map(|i| [10.0 * (i % side) as f64, 8.0 * (i / side) as f64])
            .collect();
        let mut system = System::new(places.len(), shared);
        let wave = |k: usize| (1.7 * k as f64).sin();
        for i in 0..places.len() {
            let unit = |a: usize, b: usize| if a == b { 0.02 + 0.01 * a as f64 } else { 0.0 };
            system.add_block(i, i, unit);
            for j in i + 1..places.len() {
                let (dx, dy) = (places[i][0] - places[j][0], places[i][1] - places[j][1]);
                if dx.hypot(dy) > 20.0 {
                    continue;
                }
                // Some sums of both frames' unknowns and of what is shared are 0 ± 1.
                for line in 0..7 {
                    let own = |a: usize| wave(i + 31 * j + 7 * line + a);
                    let other = |a: usize| wave(3 * i + j + 11 * line + 5 * a) - own(a);
                    let common = |k: usize| 0.05 * wave(i + j + line + 13 * k);
                    system.add_block(i, i, |a, b| own(a) * own(b));
                    system.add_block(j, j, |a, b| other(a) * other(b));
                    system.add_block(i, j, |a, b| own(a) * other(b));
                    for k in 0..shared {
                        system.add_border(i, k, |a| own(a) * common(k));
                        system.add_border(j, k, |a| other(a) * common(k));
                        (0..shared).for_each(|l| system.add_corner(k, l, common(k) * common(l)));
                    }
                }
            }
        }
        (0..shared).for_each(|k| system.add_corner(k, k, 1.0));
        (system, places)
    }

    #[test]
    fn variances_are_those_of_the_equations_solved_one_by_one() {
        let (system, places) = net(9, 3);
        let covariance = Covariance::new(&system, &places).expect("held");
        let centres: Vec<[f64; 3]> = places.iter().map(|p| [p[0], p[1], 0.0]).collect();
        let groups = Groups::new(&centres);
        let solver = Solver::new(&system, &groups);
        for frame in [0, 1, 17, 40, 44, 80] {
            let pose: [f64; POSE] = std::array::from_fn(|a| (frame + a) as f64 % 3.0 - 1.0);
            let shared = [0.5, -1.0, 0.25];
            let mut by = vec![0.0; system.size()];
            by[POSE * frame..POSE * (frame + 1)].copy_from_slice(&pose);
            let edge = system.shared(0);
            by[edge..].copy_from_slice(&shared);
            let expected = dot(&by, &solver.solve(&by, 1e-12));
            let found = covariance.variance(frame, &pose, &shared);
            assert!(
                (found / expected - 1.0).abs() < 1e-6,
                "{frame}: {found} {expected}"
            );
        }
    }

    #[test]
    fn what_nothing_holds_has_no_covariance() {
        let mut system = System::new(2, 0);
        system.add_block(0, 0, |a, b| if a == b { 1.0 } else { 0.0 });
        assert!(Covariance::new(&system, &[[0.0; 2], [1.0; 2]]).is_none());
    }
}
