//! Parts a roof among several frames along the shortest seams.

use super::cells::Lattice;
use super::flow::Network;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_8};

/// Rounds over all labels; two settle nearly every roof.
const MOST_ROUNDS: usize = 5;

/// Whole units per unit of cost: whole numbers add up the same in any order.
const UNITS: f64 = 1e6;

/// The eight directions without their opposites, and the length of seam an edge of the lattice
/// stands for, in lattice steps: π/8 along rows and columns, π/(8√2) diagonally (Y. Boykov and
/// V. Kolmogorov, Computing geodesics and minimal surfaces via graph cuts, ICCV 2003: w =
/// δ² Δφ/(2|e|), Δφ = π/4). A straight seam of any direction then has its length within 6 %.
const EDGES: [(isize, isize, f64); 4] = [
    (1, 0, FRAC_PI_8),
    (0, 1, FRAC_PI_8),
    (1, 1, FRAC_PI_8 * FRAC_1_SQRT_2),
    (-1, 1, FRAC_PI_8 * FRAC_1_SQRT_2),
];

/// A label for every node: the one with the least sum of `cost[label][node]` times the node's
/// area (m²) and `seam_cost` times the length of seams (m), as far as expansion moves find it (Y.
/// Boykov, O. Veksler, R. Zabih, Fast approximate energy minimization via graph cuts, IEEE
/// PAMI 23(11), 2001: within twice the least).
///
/// `step_m` is the side of a square. At least one label.
pub(super) fn part(
    lattice: &Lattice,
    cost: &[Vec<f64>],
    step_m: f64,
    seam_cost: f64,
) -> Vec<usize> {
    let whole = |value: f64| (value * UNITS).round() as i64;
    let unary: Vec<Vec<i64>> = cost
        .iter()
        .map(|costs| {
            let nodes = costs.iter().zip(&lattice.nodes);
            nodes
                .map(|(cost, node)| whole(cost * node.area_m2))
                .collect()
        })
        .collect();
    let mut pairs = Vec::new();
    for (place, node) in lattice.nodes.iter().enumerate() {
        for (dx, dy, length) in EDGES {
            let beside = (node.col as isize + dx, node.row as isize + dy);
            if let Some(other) = lattice.places.get(beside.0, beside.1)
                && other != Lattice::NONE
            {
                pairs.push((place, other as usize, whole(seam_cost * length * step_m)));
            }
        }
    }
    let problem = Labelling { unary, pairs };
    problem.solve(lattice.nodes.len())
}

struct Labelling {
    /// By label and node.
    unary: Vec<Vec<i64>>,
    /// Two nodes and what it costs when their labels differ.
    pairs: Vec<(usize, usize, i64)>,
}

impl Labelling {
    fn solve(&self, nodes: usize) -> Vec<usize> {
        let single = |label: &usize| self.unary[*label].iter().sum::<i64>();
        let best = (0..self.unary.len()).min_by_key(single).unwrap_or(0);
        let mut labels = vec![best; nodes];
        let mut energy = self.energy(&labels);
        // Until no label gains anything, or for a few rounds.
        let mut in_vain = 0;
        for turn in 0..MOST_ROUNDS * self.unary.len() {
            let label = turn % self.unary.len();
            let moved = self.expanded(&labels, label);
            let cost = self.energy(&moved);
            if cost < energy {
                (labels, energy) = (moved, cost);
                in_vain = 0;
            }
            in_vain += 1;
            if in_vain >= self.unary.len() {
                break;
            }
        }
        labels
    }

    fn energy(&self, labels: &[usize]) -> i64 {
        let own = labels.iter().enumerate().map(|(p, l)| self.unary[*l][p]);
        let seams = self
            .pairs
            .iter()
            .filter(|(p, q, _)| labels[*p] != labels[*q]);
        own.sum::<i64>() + seams.map(|pair| pair.2).sum::<i64>()
    }

    /// The best labels that differ from these only by taking `label` in more places: a cut
    /// where those on the side of the source keep theirs (V. Kolmogorov and R. Zabih, What
    /// energy functions can be minimized via graph cuts?, IEEE PAMI 26(2), 2004, §4.1).
    fn expanded(&self, labels: &[usize], label: usize) -> Vec<usize> {
        let (source, sink) = (labels.len(), labels.len() + 1);
        let mut network = Network::new(labels.len() + 2);
        // What taking the label costs more than keeping one's own.
        let mut more: Vec<i64> = labels
            .iter()
            .enumerate()
            .map(|(p, own)| self.unary[label][p] - self.unary[*own][p])
            .collect();
        for (p, q, seam) in &self.pairs {
            let (own_p, own_q) = (labels[*p], labels[*q]);
            let price = |differ: bool| if differ { *seam } else { 0 };
            // Both keep; only q takes the label; only p does; both do: nothing.
            let (keep, q_takes, p_takes) = (
                price(own_p != own_q),
                price(own_p != label),
                price(own_q != label),
            );
            more[*p] += p_takes - keep;
            more[*q] -= p_takes;
            network.join(*p, *q, q_takes + p_takes - keep, 0);
        }
        for (p, more) in more.iter().enumerate() {
            network.join(source, p, (*more).max(0), 0);
            network.join(p, sink, (-*more).max(0), 0);
        }
        let keeps = network.source_side(source, sink);
        let moved = labels.iter().zip(&keeps);
        moved
            .map(|(own, keeps)| if *keeps { *own } else { label })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_nodes_gets_the_labels_of_the_cheapest_of_all_labellings() {
        let mut state = 11_u64;
        let mut dice = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as i64 % 20
        };
        for _ in 0..100 {
            // Two labels: one expansion of each is exact.
            let unary = (0..2).map(|_| (0..8).map(|_| dice()).collect()).collect();
            let pairs = (0..7).map(|p| (p, p + 1, 6)).collect();
            let problem = Labelling { unary, pairs };
            let found = problem.solve(8);
            let best = (0..256_usize).map(|bits| {
                let labels: Vec<usize> = (0..8).map(|p| bits >> p & 1).collect();
                problem.energy(&labels)
            });
            assert_eq!(Some(problem.energy(&found)), best.min());
        }
    }
}
