//! Faces that growing from even places cannot tell: too narrow ones, and lids that are none.
//!
//! The last tooth of a saw-tooth roof is often cut short: between the smeared step and the wall
//! too few heights are left for a slope of its own. But teeth are alike: heights at an even
//! distance from the plane beside them, along the rim from one end of the roof to the other, are a
//! face of that plane's slope. The lid of large plant is even, too, and no face of the roof.

use super::Options;
use super::fit::{Local, Sums};
use super::frame::Frame;
use super::planes::Nodes;

/// Least distance of a narrow face from the plane beside it, metres; less is that plane.
const STEP_M: f64 = 0.3;
/// Nodes over which heights may be missing in a narrow face, and over which it is beside
/// something.
const GAP: usize = 2;
/// Largest lid, m²: what is larger is a raised part of the roof.
const LID_M2: f64 = 20.0;
/// A lid stands so high over its roof, metres.
const LID_M: f64 = 0.4;

/// Adds narrow faces to the regions grown.
pub(super) fn narrow(
    frame: &Frame<'_>,
    nodes: &Nodes,
    labels: &mut [u16],
    sums: &mut Vec<Sums>,
    options: &Options,
) {
    let least = (options.min_plane_m2 / nodes.node_m2()).max(4.0);
    let planes: Vec<Option<Local>> = sums.iter().map(|s| s.solve().map(|f| f.0)).collect();
    let mut tried = vec![false; labels.len()];
    // From the rim inward: nearer to the step heights are smeared.
    let mut seeds: Vec<(usize, f32)> = (0..labels.len())
        .filter(|n| labels[*n] == 0 && nodes.heights[*n].is_finite() && at_rim(nodes, *n))
        .map(|n| (n, frame.edge_m(nodes.cell_of(n, frame))))
        .collect();
    seeds.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    for (seed, _) in seeds {
        if tried[seed] || sums.len() >= super::MAX_PLANES {
            continue;
        }
        let mut beside: Vec<u16> = nodes
            .near(seed, GAP + 1)
            .map(|n| labels[n])
            .filter(|l| *l != 0 && usize::from(*l) <= planes.len())
            .collect();
        beside.sort_unstable();
        beside.dedup();
        for sister in beside {
            let Some(plane) = planes[usize::from(sister) - 1] else {
                continue;
            };
            let members = strip(nodes, labels, &tried, seed, &plane, options);
            if (members.len() as f64) < least || !from_end_to_end(nodes, &members) {
                continue;
            }
            let label = sums.len() as u16 + 1;
            sums.push(with_slope(nodes, &members, &plane));
            for node in &members {
                labels[*node] = label;
            }
            // What is smeared lies between the strip and its sister: no further face.
            for node in members.iter().flat_map(|n| nodes.near(*n, GAP)) {
                tried[node] = true;
            }
            break;
        }
    }
}

/// Nodes without a label at an even distance from a plane, from a seed on.
fn strip(
    nodes: &Nodes,
    labels: &[u16],
    tried: &[bool],
    seed: usize,
    plane: &Local,
    options: &Options,
) -> Vec<usize> {
    let off = |n: usize| {
        let (u, v) = nodes.places[n];
        f64::from(nodes.heights[n]) - plane.at(u, v)
    };
    let first = off(seed);
    if first.abs() < STEP_M {
        return Vec::new();
    }
    let mut members = vec![seed];
    let mut inside = std::collections::BTreeSet::from([seed]);
    let mut next = 0;
    while let Some(at) = members.get(next).copied() {
        next += 1;
        for node in nodes.near(at, GAP) {
            let even = (off(node) - first).abs() <= options.plane_tolerance_m;
            if labels[node] == 0 && !tried[node] && even && inside.insert(node) {
                members.push(node);
            }
        }
    }
    members
}

/// Whether nodes lie along the rim and end at it on both ends.
fn from_end_to_end(nodes: &Nodes, members: &[usize]) -> bool {
    let along_rim = members.iter().filter(|n| at_rim(nodes, **n)).count();
    let n = members.len() as f64;
    let place = |node: usize| {
        let (col, row) = (node % nodes.cols, node / nodes.cols);
        (col as f64, row as f64)
    };
    let (mut mc, mut mr) = (0.0, 0.0);
    for node in members {
        let (c, r) = place(*node);
        mc += c / n;
        mr += r / n;
    }
    let (mut cc, mut cr, mut rr) = (0.0, 0.0, 0.0);
    for node in members {
        let (c, r) = place(*node);
        cc += (c - mc) * (c - mc);
        cr += (c - mc) * (r - mr);
        rr += (r - mr) * (r - mr);
    }
    let angle = 0.5 * (2.0 * cr).atan2(cc - rr);
    let (dc, dr) = (angle.cos(), angle.sin());
    let along: Vec<f64> = members
        .iter()
        .map(|node| {
            let (c, r) = place(*node);
            (c - mc) * dc + (r - mr) * dr
        })
        .collect();
    let ends = [
        along.iter().copied().fold(f64::INFINITY, f64::min) - GAP as f64,
        along.iter().copied().fold(f64::NEG_INFINITY, f64::max) + GAP as f64,
    ];
    let beyond = |at: f64| {
        let (c, r) = ((mc + at * dc).round(), (mr + at * dr).round());
        let whole = c >= 0.0 && r >= 0.0 && c < nodes.cols as f64 && r < nodes.rows as f64;
        !whole || nodes.heights[r as usize * nodes.cols + c as usize].is_nan()
    };
    10 * along_rim >= 8 * members.len() && ends.into_iter().all(beyond)
}

/// Sums of nodes that bring a plane's slope with them: each stands for four points of that slope
/// around it, so that the strip's own heights tell its height and little else.
fn with_slope(nodes: &Nodes, members: &[usize], plane: &Local) -> Sums {
    let mut sums = Sums::default();
    let step = nodes.spacing as f64;
    for node in members {
        let (u, v) = nodes.places[*node];
        let height = f64::from(nodes.heights[*node]);
        for (du, dv) in [(step, step), (step, -step), (-step, step), (-step, -step)] {
            sums.add(u + du, v + dv, height + plane.a * du + plane.b * dv, 0.25);
        }
    }
    sums
}

/// Gives lids of plant to the plane around them: small, and high over the one plane beside them.
/// Every node of the roof has a label; only the first `grown` regions may be lids.
pub(super) fn dissolve_lids(nodes: &Nodes, labels: &mut [u16], sums: &mut Vec<Sums>, grown: usize) {
    let mut into: Vec<usize> = (0..sums.len()).collect();
    let mut around: Vec<Vec<u16>> = vec![Vec::new(); sums.len()];
    for node in 0..labels.len() {
        if let Some(own) = usize::from(labels[node]).checked_sub(1) {
            let outer = nodes.beside(node).map(|n| labels[n]);
            around[own].extend(outer.filter(|l| *l != labels[node]));
        }
    }
    for (own, outer) in around.iter().enumerate().take(grown) {
        let home = outer.first().copied().unwrap_or(0);
        let alone = home != 0 && outer.iter().all(|l| *l == home);
        let small = sums[own].n * nodes.node_m2() <= LID_M2;
        if !(alone && small) {
            continue;
        }
        let home = usize::from(home) - 1;
        let (u, v) = sums[own].middle();
        let over = |s: &Sums| s.solve().map_or(f64::NAN, |f| f.0.at(u, v));
        if over(&sums[own]) - over(&sums[home]) >= LID_M {
            into[own] = home;
        }
    }
    let kept: Vec<usize> = (0..into.len()).filter(|k| into[*k] == *k).collect();
    let number = |own: usize| kept.binary_search(&into[own]).map_or(0, |k| k as u16 + 1);
    for label in labels.iter_mut().filter(|l| **l != 0) {
        *label = number(usize::from(*label) - 1);
    }
    *sums = kept.iter().map(|k| sums[*k]).collect();
}

/// Whether the rim, where heights are not taken, is near.
fn at_rim(nodes: &Nodes, node: usize) -> bool {
    let at_window = {
        let (col, row) = (node % nodes.cols, node / nodes.cols);
        col < GAP || row < GAP || col + GAP >= nodes.cols || row + GAP >= nodes.rows
    };
    at_window || nodes.near(node, GAP).any(|n| nodes.heights[n].is_nan())
}
