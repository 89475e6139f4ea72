//! Points of a scale space where the determinant of the Hessian peaks, spread over the picture.

use super::scale_space::{Level, Space};
use crate::raster::Grid;

/// Cells, columns and rows, and most points of each (georeferencing.md §5; 60 there, of which the
/// weaker third hardly ever match).
const CELLS: usize = 8;
const PER_CELL: usize = 40;
/// Pixels left out along the border.
const BORDER: f32 = 8.0;
/// Response of noise, of a picture whose spread is 1.
const LEAST: f32 = 3e-4;

/// A point with its level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// Pixel of the picture, its outer corner at zero.
    pub(super) at: [f64; 2],
    /// Position in the levels.
    pub(super) level: usize,
    response: f32,
}

/// The strongest points of every cell, in a fixed order.
pub(super) fn points(space: &Space) -> Vec<Point> {
    let mut all = Vec::new();
    let mut below: Option<Grid<f32>> = None;
    let responses: Vec<Grid<f32>> = space.levels.iter().map(response).collect();
    for (index, (level, own)) in space.levels.iter().zip(&responses).enumerate() {
        let above = responses.get(index + 1);
        peaks(space, index, level, own, [below.as_ref(), above], &mut all);
        below = Some(own.clone());
    }
    all.sort_by(|a, b| {
        let order = b
            .response
            .total_cmp(&a.response)
            .then(a.level.cmp(&b.level));
        order
            .then(a.at[1].total_cmp(&b.at[1]))
            .then(a.at[0].total_cmp(&b.at[0]))
    });
    let mut counts = [[0_usize; CELLS]; CELLS];
    all.retain(|p| {
        let cell = |k: usize| {
            let share = p.at[k] / space.size[k] as f64 * CELLS as f64;
            (share as usize).min(CELLS - 1)
        };
        let count = &mut counts[cell(1)][cell(0)];
        *count += 1;
        *count <= PER_CELL
    });
    all
}

/// σ⁴ (Lxx Lyy − Lxy²), differences over ± the scale.
fn response(level: &Level) -> Grid<f32> {
    let grid = &level.value;
    let s = level.sigma.round().max(1.0) as usize;
    let (w, h) = (grid.width(), grid.height());
    let mut out = Grid::filled(w, h, 0.0);
    let unit = (level.sigma / s as f32).powi(4);
    for r in s..h.saturating_sub(s) {
        let (above, own, below) = (grid.row(r - s), grid.row(r), grid.row(r + s));
        for c in s..w.saturating_sub(s) {
            let twice = 2.0 * own[c];
            let xx = own[c + s] - twice + own[c - s];
            let yy = below[c] - twice + above[c];
            let xy = 0.25 * (below[c + s] - below[c - s] - above[c + s] + above[c - s]);
            out.set(c, r, unit * (xx * yy - xy * xy));
        }
    }
    out
}

fn peaks(
    space: &Space,
    index: usize,
    level: &Level,
    own: &Grid<f32>,
    beside: [Option<&Grid<f32>>; 2],
    all: &mut Vec<Point>,
) {
    let (w, h) = (own.width(), own.height());
    let pixel = f32::from(1_u8 << level.octave);
    let border = (BORDER / pixel).max(2.0 + level.sigma) as usize;
    for r in border..h.saturating_sub(border) {
        for c in border..w.saturating_sub(border) {
            let value = own.at(c, r);
            if value < LEAST {
                continue;
            }
            let around = |grid: &Grid<f32>, c: usize, r: usize| {
                let rows = r.saturating_sub(1)..(r + 2).min(grid.height());
                let cols = c.saturating_sub(1)..(c + 2).min(grid.width());
                rows.flat_map(|y| cols.clone().map(move |x| (x, y)))
                    .map(|(x, y)| grid.at(x, y))
                    .fold(f32::MIN, f32::max)
            };
            let flat = (r - 1..=r + 1)
                .flat_map(|y| (c - 1..=c + 1).map(move |x| (x, y)))
                .filter(|at| *at != (c, r))
                .map(|(x, y)| own.at(x, y))
                .fold(f32::MIN, f32::max);
            if flat >= value {
                continue;
            }
            // The levels next to it, of another octave at the place that fits.
            let stronger = beside.into_iter().flatten().any(|grid| {
                let scale = |k: usize, size: usize| (k * grid.width() / w).min(size - 1);
                around(grid, scale(c, grid.width()), scale(r, grid.height())) > value
            });
            if stronger {
                continue;
            }
            let part = |before: f32, after: f32| {
                let bend = before - 2.0 * value + after;
                if bend < 0.0 {
                    (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
                } else {
                    0.0
                }
            };
            let dx = part(own.at(c - 1, r), own.at(c + 1, r));
            let dy = part(own.at(c, r - 1), own.at(c, r + 1));
            let place = |k: usize, by: f32| f64::from((k as f32 + 0.5 + by) * pixel);
            let at = [place(c, dx), place(r, dy)];
            if at[0] < space.size[0] as f64 && at[1] < space.size[1] as f64 {
                all.push(Point {
                    at,
                    level: index,
                    response: value,
                });
            }
        }
    }
}
