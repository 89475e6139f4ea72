//! Planes of a roof from its heights: regions of one slope, grown from their most even places.
//!
//! Growing works on nodes about a cell of the surface model apart, since between those heights
//! are only interpolated. A node takes part by its height over the plane so far and, where its
//! own neighbourhood is even, by its slope; at a ridge the slope turns before the height leaves
//! the tolerance. What no plane takes (smeared steps, parapets, plant) falls to the nearest
//! plane, and `border` then draws the borders.

use super::fit::{Local, Sums};
use super::frame::Frame;
use super::{MAX_PLANES, Options, border, faces};
use crate::raster::Grid;
use std::collections::VecDeque;

/// Planes and the plane of every cell.
pub(super) struct Planes {
    /// Number of the plane from 1; 0 outside the outline.
    pub labels: Grid<u16>,
    /// One per plane; `None` where heights do not tell it.
    pub fits: Vec<Option<Local>>,
    /// Whether steps in temperature made the borders.
    pub thermal: bool,
}

impl Planes {
    /// The outline as one plane of unknown slope.
    pub(super) fn whole(frame: &Frame<'_>) -> Self {
        let mut labels = Grid::filled(frame.width, frame.height, 0);
        for (i, label) in labels.data_mut().iter_mut().enumerate() {
            *label = u16::from(frame.inside(i));
        }
        Self {
            labels,
            fits: vec![None],
            thermal: false,
        }
    }
}

/// Least spacing of nodes, metres: over less, 5 cm of noise are no slope.
const MIN_NODE_M: f64 = 0.5;
/// A neighbourhood that scatters more has no slope of its own, metres.
const UNEVEN_M: f64 = 0.15;
/// Width of a parapet, metres: heights mix with it up to a cell of the surface model further in.
const PARAPET_M: f32 = 0.35;
/// Steepest roof, rise over run; what is steeper is a smeared wall.
const STEEPEST: f64 = 1.2;
/// A step smeared over a cell or two looks like a narrow steep plane: slope, rise over run, and
/// width along it, nodes, that tell one from a roof.
const SMEARED_SLOPE: f64 = 0.35;
const SMEARED_NODES: f64 = 3.5;
/// Least share of a plane's nodes with neighbours that lie in it, too: a third in a face three
/// nodes wide between smeared steps; hardly one in a plane through the sides of plant.
const LEAST_EVEN: f64 = 0.25;
/// Nodes that may lie between two pieces of one plane.
const APART: usize = 3;
/// Planes this alike in slope are one.
const SAME_SLOPE: f64 = 0.04;

/// Finds the planes; one of unknown slope where none is large enough.
pub(super) fn find(frame: &Frame<'_>, options: &Options) -> Planes {
    let nodes = Nodes::new(frame);
    let (mut labels, mut sums) = nodes.grow(options);
    if sums.is_empty() {
        return Planes::whole(frame);
    }
    let grown = sums.len();
    faces::narrow(frame, &nodes, &mut labels, &mut sums, options);
    nodes.spread(&mut labels);
    faces::dissolve_lids(&nodes, &mut labels, &mut sums, grown);
    merge(&nodes, &mut labels, &mut sums, options);
    let fits: Vec<Option<Local>> = sums.iter().map(|s| s.solve().map(|f| f.0)).collect();
    let middles: Vec<(f64, f64)> = sums.iter().map(Sums::middle).collect();
    let mut fine = Grid::filled(frame.width, frame.height, 0);
    for i in 0..frame.cells() {
        if frame.inside(i) {
            fine.data_mut()[i] = labels[nodes.node_of(i, frame.width)];
        }
    }
    fill(frame, &mut fine);
    border::straighten(frame, &mut fine, &fits, &middles);
    Planes {
        labels: fine,
        fits,
        thermal: false,
    }
}

/// Heights about a cell of the surface model apart.
pub(super) struct Nodes {
    /// Cells from node to node.
    pub spacing: usize,
    pub cols: usize,
    pub rows: usize,
    pub cell_m: f64,
    /// NaN outside the roof, at its rim and where unknown.
    pub heights: Vec<f32>,
    /// Position from the window's middle, cells.
    pub places: Vec<(f64, f64)>,
    pub inside: Vec<bool>,
}

impl Nodes {
    fn new(frame: &Frame<'_>) -> Self {
        let wanted = frame.input.surface_cell_m.max(MIN_NODE_M) / frame.cell_m;
        let spacing = (wanted.round() as usize).clamp(1, frame.width.max(1));
        let (cols, rows) = (
            frame.width.div_ceil(spacing),
            frame.height.div_ceil(spacing),
        );
        let mut nodes = Self {
            spacing,
            cols,
            rows,
            cell_m: frame.cell_m,
            heights: vec![f32::NAN; cols * rows],
            places: vec![(0.0, 0.0); cols * rows],
            inside: vec![false; cols * rows],
        };
        let far_m = (0..frame.cells()).map(|i| frame.edge_m(i));
        let reach_m = frame.input.surface_cell_m as f32 + PARAPET_M;
        let rim_m = reach_m.min(0.9 * far_m.fold(0.0, f32::max));
        for row in 0..rows {
            for col in 0..cols {
                let node = row * cols + col;
                let i = nodes.cell_of(node, frame);
                nodes.places[node] = frame.place(i);
                nodes.inside[node] = frame.inside(i);
                // Nearer to the outline a wall or a parapet may be in it.
                if frame.inside(i) && frame.edge_m(i) >= rim_m {
                    nodes.heights[node] = frame.surface(i);
                }
            }
        }
        nodes
    }

    /// The node a cell of the window belongs to.
    fn node_of(&self, i: usize, width: usize) -> usize {
        (i / width / self.spacing) * self.cols + i % width / self.spacing
    }

    /// The cell of the window whose height a node has.
    pub(super) fn cell_of(&self, node: usize, frame: &Frame<'_>) -> usize {
        let at = |k: usize, n: usize| (k * self.spacing + self.spacing / 2).min(n - 1);
        at(node / self.cols, frame.height) * frame.width + at(node % self.cols, frame.width)
    }

    /// Plan area that a node stands for, m².
    pub(super) fn node_m2(&self) -> f64 {
        (self.spacing as f64 * self.cell_m).powi(2)
    }

    pub(super) fn beside(&self, node: usize) -> impl Iterator<Item = usize> + use<> {
        let (cols, rows) = (self.cols, self.rows);
        let (col, row) = (node % cols, node / cols);
        [
            (row > 0).then(|| node - cols),
            (col > 0).then(|| node.wrapping_sub(1)),
            (col + 1 < cols).then_some(node + 1),
            (row + 1 < rows).then_some(node + cols),
        ]
        .into_iter()
        .flatten()
    }

    /// The nodes within a square around a node, without it.
    pub(super) fn near(&self, node: usize, reach: usize) -> impl Iterator<Item = usize> + use<> {
        let (cols, rows) = (self.cols, self.rows);
        let (col, row) = (node % cols, node / cols);
        (row.saturating_sub(reach)..(row + reach + 1).min(rows)).flat_map(move |r| {
            (col.saturating_sub(reach)..(col + reach + 1).min(cols))
                .map(move |c| r * cols + c)
                .filter(move |n| *n != node)
        })
    }

    /// The plane through a node and its eight neighbours, and how far they leave it.
    fn around(&self, node: usize) -> Option<(Local, f64)> {
        let (col, row) = (node % self.cols, node / self.cols);
        let mut sums = Sums::default();
        for r in row.saturating_sub(1)..(row + 2).min(self.rows) {
            for c in col.saturating_sub(1)..(col + 2).min(self.cols) {
                let near = r * self.cols + c;
                let height = self.heights[near];
                if height.is_finite() {
                    let (u, v) = self.places[near];
                    sums.add(u, v, f64::from(height), 1.0);
                }
            }
        }
        if sums.n < 6.0 {
            return None;
        }
        sums.solve()
    }

    /// Regions of one slope: labels from 1 (0: none) and their sums.
    fn grow(&self, options: &Options) -> (Vec<u16>, Vec<Sums>) {
        let local: Vec<Option<(Local, f64)>> = (0..self.heights.len())
            .map(|node| {
                let known = self.heights[node].is_finite();
                known.then(|| self.around(node)).flatten()
            })
            .collect();
        let rest = |node: &usize| local[*node].map_or(f64::INFINITY, |l| l.1);
        let mut seeds: Vec<usize> = (0..local.len())
            .filter(|node| rest(node) <= 0.7 * options.plane_tolerance_m)
            .collect();
        seeds.sort_by(|a, b| rest(a).total_cmp(&rest(b)).then(a.cmp(b)));
        let steep = options.slope_tolerance * self.cell_m;
        let least = (options.min_plane_m2 / self.node_m2()).max(4.0);
        let mut labels = vec![0_u16; local.len()];
        let mut tried = vec![false; local.len()];
        let mut found = Vec::new();
        for seed in seeds {
            if labels[seed] != 0 || tried[seed] || found.len() >= MAX_PLANES {
                continue;
            }
            let label = found.len() as u16 + 1;
            let (members, sums) = self.region(seed, label, &local, &mut labels, options);
            let none = sums.solve().is_none_or(|(plane, _)| {
                let slope = plane.a.hypot(plane.b) / self.cell_m;
                let width = sums.width_along(plane.a, plane.b) / self.spacing as f64;
                let even = members.iter().filter(|n| {
                    local[**n].is_some_and(|(own, rest)| {
                        rest <= options.plane_tolerance_m
                            && (own.a - plane.a).hypot(own.b - plane.b) <= steep
                    })
                });
                slope > STEEPEST
                    || (slope > SMEARED_SLOPE && width < SMEARED_NODES)
                    || ((even.count() as f64) < LEAST_EVEN * members.len() as f64)
            });
            let deep = members.iter().filter(|n| self.deep(**n, label, &labels));
            let thin = deep.count() * 10 < members.len();
            if none || thin || (members.len() as f64) < least {
                for node in members {
                    labels[node] = 0;
                    tried[node] = true;
                }
            } else {
                found.push(sums);
            }
        }
        (labels, found)
    }

    /// Whether no node of known height beside it is without the label.
    fn deep(&self, node: usize, label: u16, labels: &[u16]) -> bool {
        self.beside(node)
            .all(|n| labels[n] == label || self.heights[n].is_nan())
    }

    fn region(
        &self,
        seed: usize,
        label: u16,
        local: &[Option<(Local, f64)>],
        labels: &mut [u16],
        options: &Options,
    ) -> (Vec<usize>, Sums) {
        let mut members = vec![seed];
        labels[seed] = label;
        // The first plane is that of the seed's neighbourhood, whose nodes still have to join.
        let mut sums = Sums::default();
        let (u, v) = self.places[seed];
        sums.add(u, v, f64::from(self.heights[seed]), 1.0);
        let Some((mut plane, _)) = local[seed] else {
            return (members, sums);
        };
        let steep = options.slope_tolerance * self.cell_m;
        let mut next_fit = 12;
        let mut queue = VecDeque::from([seed]);
        while let Some(at) = queue.pop_front() {
            for node in self.beside(at) {
                let height = f64::from(self.heights[node]);
                let (u, v) = self.places[node];
                let off = (height - plane.at(u, v)).abs();
                if labels[node] != 0 || off.is_nan() || off > options.plane_tolerance_m {
                    continue;
                }
                let turned = local[node].is_some_and(|(own, rest)| {
                    rest <= UNEVEN_M && (own.a - plane.a).hypot(own.b - plane.b) > steep
                });
                if turned {
                    continue;
                }
                labels[node] = label;
                members.push(node);
                sums.add(u, v, height, 1.0);
                queue.push_back(node);
                if members.len() >= next_fit {
                    plane = sums.solve().map_or(plane, |f| f.0);
                    next_fit = members.len() * 3 / 2;
                }
            }
        }
        (members, sums)
    }

    /// Gives every node of the roof the label of the nearest region.
    fn spread(&self, labels: &mut [u16]) {
        let mut queue: VecDeque<usize> = (0..labels.len()).filter(|n| labels[*n] != 0).collect();
        while let Some(at) = queue.pop_front() {
            for node in self.beside(at) {
                if labels[node] == 0 && self.inside[node] {
                    labels[node] = labels[at];
                    queue.push_back(node);
                }
            }
        }
    }
}

/// Joins regions near to each other that lie in one plane and numbers the rest anew.
fn merge(nodes: &Nodes, labels: &mut [u16], sums: &mut Vec<Sums>, options: &Options) {
    let mut pairs = Vec::new();
    for node in 0..labels.len() {
        for other in nodes.near(node, APART).filter(|o| *o > node) {
            let (a, b) = (labels[node], labels[other]);
            if a != 0 && b != 0 && a != b {
                pairs.push((a.min(b), a.max(b)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut home: Vec<usize> = (0..sums.len()).collect();
    let root = |home: &[usize], mut at: usize| {
        while home[at] != at {
            at = home[at];
        }
        at
    };
    for (a, b) in pairs {
        let (a, b) = (
            root(&home, usize::from(a) - 1),
            root(&home, usize::from(b) - 1),
        );
        if a != b && coplanar(&sums[a], &sums[b], nodes.cell_m, options) {
            let (keep, lose) = (a.min(b), a.max(b));
            let lost = sums[lose];
            sums[keep].join(&lost);
            home[lose] = keep;
        }
    }
    let kept: Vec<usize> = (0..home.len()).filter(|k| home[*k] == *k).collect();
    let number = |k: usize| kept.binary_search(&root(&home, k)).unwrap_or(0) as u16 + 1;
    for label in labels.iter_mut().filter(|l| **l != 0) {
        *label = number(usize::from(*label) - 1);
    }
    *sums = kept.iter().map(|k| sums[*k]).collect();
}

/// Whether two regions lie in one plane: alike in slope, and one plane through both leaves hardly
/// more than two planes did.
///
/// A step of the tolerance h between shares s and 1 − s of the nodes brings a variance of
/// s (1 − s) h²; a plane of least squares tilts into it and leaves a quarter. To carry one plane on
/// to the other's middle was not right for two pieces of a narrow face, one behind the other.
fn coplanar(a: &Sums, b: &Sums, cell_m: f64, options: &Options) -> bool {
    let mut both = *a;
    both.join(b);
    let (Some((p, of_a)), Some((q, of_b)), Some((_, of_both))) =
        (a.solve(), b.solve(), both.solve())
    else {
        return false;
    };
    let share = a.n / both.n;
    let apart = share * of_a.powi(2) + (1.0 - share) * of_b.powi(2);
    let brought = 0.25 * share * (1.0 - share) * options.plane_tolerance_m.powi(2);
    (p.a - q.a).hypot(p.b - q.b) <= SAME_SLOPE * cell_m && of_both.powi(2) <= apart + brought
}

/// Gives cells of the roof without a label that of the nearest cell with one.
pub(super) fn fill(frame: &Frame<'_>, labels: &mut Grid<u16>) {
    let data = labels.data_mut();
    let mut queue: VecDeque<usize> = (0..data.len()).filter(|i| data[*i] != 0).collect();
    while let Some(at) = queue.pop_front() {
        for near in frame.beside(at) {
            if data[near] == 0 && frame.inside(near) {
                data[near] = data[at];
                queue.push_back(near);
            }
        }
    }
}
