//! What a view costs: smooth in the ground position, so that regions stay whole.

use super::{Options, Plan, Source};
use crate::raster::{Bounds, Grid, Window};
use crate::rectify::{OrientedFrame, Relief};
use std::ops::Range;

/// Distance of the lattice the cost is evaluated on, cells of the map.
pub(super) const NODE: usize = 8;

/// Cost where a source cannot look at all, and the largest cost.
pub(super) const NEVER: f64 = 100.0;

/// Cost of one source over the cells of a tile.
pub(super) struct CostField {
    nodes: Grid<f32>,
    first: (usize, usize),
}

impl CostField {
    /// Evaluates the cost at whole multiples of [`NODE`] cells of the map, the same for every
    /// tile that shares a node.
    pub(super) fn new(
        (place, source): (usize, &Source<'_>),
        plan: &Plan,
        window: Window,
        relief: &Relief<'_>,
        options: &Options,
    ) -> Self {
        let first = (window.col / NODE, window.row / NODE);
        let across = (window.col + window.width).div_ceil(NODE) - first.0 + 1;
        let down = (window.row + window.height).div_ceil(NODE) - first.1 + 1;
        let mut nodes = Grid::filled(across, down, 0.0);
        for row in 0..down {
            for col in 0..across {
                let (u, v) = ((first.0 + col) * NODE, (first.1 + row) * NODE);
                let (x, y) = plan.transform.to_map(u as f64, v as f64);
                let z = relief.height_m(x, y);
                let cost = of_source(source, (x, y, z), plan.finest_gsd_m, options);
                let cost = (cost + plan.weighing(place).cost).clamp(0.0, NEVER);
                nodes.set(col, row, cost as f32);
            }
        }
        Self { nodes, first }
    }

    /// Costs at the centres of a row of cells, bilinear between nodes. Cells are counted in the
    /// map and lie in the window.
    pub(super) fn along(&self, row: usize, cols: Range<usize>) -> impl Iterator<Item = f32> {
        let down = row / NODE - self.first.1;
        let b = share(row);
        let (north, south) = (self.nodes.row(down), self.nodes.row(down + 1));
        let node = move |i: usize| north[i] + b * (south[i] - north[i]);
        let first = self.first.0;
        let mut known = (usize::MAX, 0.0, 0.0);
        cols.map(move |col| {
            let across = col / NODE - first;
            if known.0 != across {
                let west = node(across);
                known = (across, west, node(across + 1) - west);
            }
            known.1 + share(col) * known.2
        })
    }
}

/// How far a cell's centre lies between its nodes.
#[inline]
fn share(cell: usize) -> f32 {
    ((cell % NODE) as f32 + 0.5) / NODE as f32
}

/// Cost of a source at a map point and its height, geometry alone; the ground under the frame
/// where the height is unknown.
pub(super) fn of_source(
    source: &Source<'_>,
    (x, y, z): (f64, f64, Option<f64>),
    finest_m: f64,
    options: &Options,
) -> f64 {
    match source {
        Source::Frame(frame) => {
            let z = z.unwrap_or(frame.ground_z_m);
            of_frame(frame, [x, y, z], finest_m, options)
        }
        Source::Tile {
            footprint, gsd_m, ..
        } => of_tile(footprint, *gsd_m, (x, y), finest_m, options),
    }
}

/// w1 θ² + w2 (GSD/GSDmin − 1) + w3 e² (georeferencing.md §10): θ the view zenith angle, GSD
/// along the view h/(f cos² θ), GSDmin the flight's finest, e the larger of the distances from
/// the image centre along rows and columns, 1 at the border.
fn of_frame(frame: &OrientedFrame, ground: [f64; 3], finest_m: f64, options: &Options) -> f64 {
    let [cx, cy, cz] = frame.pose.centre;
    let height = cz - ground[2];
    if height <= 0.0 {
        return NEVER;
    }
    let (dx, dy) = (ground[0] - cx, ground[1] - cy);
    let tangent = (dx * dx + dy * dy).sqrt() / height;
    let theta = tangent.atan();
    let gsd_m = height * (1.0 + tangent * tangent) / frame.camera.f_px;
    let camera = &frame.camera;
    let outside = match camera.project(frame.pose.to_camera(ground)) {
        Some((u, v)) => {
            let across = (2.0 * u / camera.width as f64 - 1.0).abs();
            let down = (2.0 * v / camera.height as f64 - 1.0).abs();
            across.max(down).min(2.0)
        }
        None => 2.0,
    };
    let cost = options.weight_view * theta * theta
        + options.weight_gsd * (gsd_m / finest_m - 1.0)
        + options.weight_edge * outside * outside;
    cost.min(NEVER)
}

fn of_tile(
    footprint: &Bounds,
    gsd_m: f64,
    (x, y): (f64, f64),
    finest_m: f64,
    options: &Options,
) -> f64 {
    let off = |at: f64, low: f64, high: f64| ((2.0 * at - low - high) / (high - low)).abs();
    let across = off(x, footprint.x_min, footprint.x_max);
    let down = off(y, footprint.y_min, footprint.y_max);
    let outside = across.max(down).min(2.0);
    options.weight_gsd * (gsd_m / finest_m - 1.0) + options.weight_edge * outside * outside
}
