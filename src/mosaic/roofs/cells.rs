//! Cells of the map inside an outline, and the lattice a roof is decided on.

use crate::mosaic::Plan;
use crate::raster::{Grid, Window};
use geo::{LineString, MultiPolygon};
use std::ops::Range;

/// Calls back with every row and run of columns, counted in the map, whose cell centres lie inside
/// the outline and the window. Whether a cell is inside depends on the map alone, not on the
/// window.
pub(super) fn for_spans(
    outline: &MultiPolygon<f64>,
    plan: &Plan,
    window: Window,
    mut span: impl FnMut(usize, Range<usize>),
) {
    let t = &plan.transform;
    let lines: Vec<geo::Line<f64>> = outline
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        .flat_map(LineString::lines)
        .collect();
    let (first, end) = (window.col, window.col + window.width);
    let mut crossings: Vec<f64> = Vec::new();
    for row in window.row..window.row + window.height {
        let y = t.centre(0, row).1;
        crossings.clear();
        for line in &lines {
            let (a, b) = (line.start, line.end);
            if (a.y > y) != (b.y > y) {
                crossings.push(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let col = |x: f64| {
                let at = ((x - t.x0) / t.dx - 0.5).ceil();
                (at.max(0.0) as usize).clamp(first, end)
            };
            let cols = col(pair[0])..col(pair[1]);
            if !cols.is_empty() {
                span(row, cols);
            }
        }
    }
}

/// A square of cells that holds part of a roof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    /// Position in the lattice.
    pub(super) col: usize,
    /// Position in the lattice.
    pub(super) row: usize,
    /// Middle of the roof's cells in it, map coordinates.
    pub(super) x: f64,
    /// Middle of the roof's cells in it, map coordinates.
    pub(super) y: f64,
    /// Roof in it, m².
    pub(super) area_m2: f64,
    /// Whether it is all roof, and so are the squares around it: away from the edge, heights and
    /// what hides them are certain.
    pub(super) inner: bool,
}

/// Squares of `step` cells that cover a roof, at whole multiples of `step` of the map.
pub(super) struct Lattice {
    /// Position of the first square in units of `step`.
    pub(super) first: (usize, usize),
    /// Side of a square, cells.
    pub(super) step: usize,
    /// Those that hold roof, row by row.
    pub(super) nodes: Vec<Node>,
    /// Place in `nodes`, [`Lattice::NONE`] where there is no roof.
    pub(super) places: Grid<u32>,
}

impl Lattice {
    /// No roof here.
    pub(super) const NONE: u32 = u32::MAX;

    /// The finest lattice with at most `most` squares. `edge_m` is how far from its edge a roof's
    /// heights are certain, metres.
    pub(super) fn new(
        outline: &MultiPolygon<f64>,
        plan: &Plan,
        window: Window,
        most: usize,
        edge_m: f64,
    ) -> Self {
        let mut step = 1;
        let count = |cells: usize, step: usize| cells / step + 2;
        while count(window.width, step) * count(window.height, step) > most.max(9) {
            step += 1;
        }
        let first = (window.col / step, window.row / step);
        let across = (window.col + window.width).div_ceil(step) - first.0;
        let down = (window.row + window.height).div_ceil(step) - first.1;
        // Cells, and the sums of their columns and rows.
        let mut sums = Grid::filled(across, down, (0_u64, 0_u64, 0_u64));
        for_spans(outline, plan, window, |row, cols| {
            let r = row / step - first.1;
            for c in cols.start / step..cols.end.div_ceil(step) {
                let part = cols.start.max(c * step)..cols.end.min((c + 1) * step);
                let n = part.len() as u64;
                let (count, cols, rows) = sums.at(c - first.0, r);
                let cols = cols + (part.start + part.end - 1) as u64 * n / 2;
                sums.set(c - first.0, r, (count + n, cols, rows + row as u64 * n));
            }
        });
        let mut places = Grid::filled(across, down, Self::NONE);
        let mut nodes = Vec::new();
        for row in 0..down {
            for col in 0..across {
                let (n, cols, rows) = sums.at(col, row);
                if n == 0 {
                    continue;
                }
                let middle = |sum: u64| sum as f64 / n as f64 + 0.5;
                let (x, y) = plan.transform.to_map(middle(cols), middle(rows));
                places.set(col, row, nodes.len() as u32);
                nodes.push(Node {
                    col,
                    row,
                    x,
                    y,
                    area_m2: n as f64 * plan.transform.dx * plan.transform.dy,
                    inner: false,
                });
            }
        }
        let full = sums.map(|s| s.0 == (step * step) as u64);
        let reach = (edge_m / (step as f64 * plan.transform.dx)).ceil();
        mark_inner(&mut nodes, &full, reach.clamp(1.0, 100.0) as isize);
        Self {
            first,
            step,
            nodes,
            places,
        }
    }
}

/// Marks nodes all of whose neighbours within `reach` squares are roof; where there is none, those
/// whose nearest neighbours are.
fn mark_inner(nodes: &mut [Node], full: &Grid<bool>, reach: isize) {
    for reach in [reach, 1] {
        for node in nodes.iter_mut() {
            let (col, row) = (node.col as isize, node.row as isize);
            let mut around = (row - reach..=row + reach)
                .flat_map(|r| (col - reach..=col + reach).map(move |c| (c, r)));
            node.inner = around.all(|(c, r)| full.get(c, r) == Some(true));
        }
        if nodes.iter().any(|node| node.inner) {
            return;
        }
    }
}
