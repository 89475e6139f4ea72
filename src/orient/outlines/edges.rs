//! Edges in a small map of temperatures, by their direction, and how far every cell is from one.
//!
//! Gradient by Sobel's kernels, thinned to its ridges along the gradient (non-maximum suppression),
//! the strongest kept. A roof's edge is as often dark outside as inside, so directions count modulo
//! half a turn: eight channels. Every channel has its own distance transform (3–4 chamfer,
//! Borgefors 1986, doi:10.1016/S0734-189X(86)80047-0).

use std::f64::consts::PI;

use super::local::Local;
use crate::raster::Grid;

/// Channels of direction over half a turn.
pub(super) const CHANNELS: usize = 8;
/// Distances count up to here, cells (georeferencing.md §7, τ).
pub(super) const FAR: f32 = 8.0;
/// Edges kept: as many cells as this many outlines are long.
const LENGTHS: f64 = 3.0;
/// Ridges below this many times the usual gradient are none.
const LEAST_RIDGE: f32 = 2.0;

/// Channel of a direction, and its nearer neighbour.
pub(super) fn channel(direction: [f64; 2]) -> (usize, usize) {
    let turn = direction[1].atan2(direction[0]).rem_euclid(PI) / PI * CHANNELS as f64;
    let own = (turn as usize).min(CHANNELS - 1);
    let next = if turn.fract() < 0.5 {
        own + CHANNELS - 1
    } else {
        own + 1
    };
    (own, next % CHANNELS)
}

/// Distance of every cell to the nearest edge of each channel, cells, at most [`FAR`];
/// `length_m` is the outline's. `None` without edges.
pub(super) fn distances(local: &Local, length_m: f64) -> Option<Vec<Grid<f32>>> {
    let (width, height) = (local.grid.width(), local.grid.height());
    let gradients = gradients(&local.grid);
    let mut ridges = ridges(&gradients, width, height);
    let mut sizes: Vec<f32> = gradients.iter().map(|g| g[0].hypot(g[1])).collect();
    sizes.retain(|s| *s > 0.0);
    sizes.sort_by(f32::total_cmp);
    let usual = *sizes.get(sizes.len() / 2)?;
    ridges.retain(|(size, _)| *size > LEAST_RIDGE * usual);
    ridges.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ridges.truncate((LENGTHS * length_m / local.cell_m()) as usize);
    if ridges.is_empty() {
        return None;
    }
    let mut channels = vec![Grid::filled(width, height, FAR); CHANNELS];
    for (_, at) in &ridges {
        let [gx, gy] = gradients[*at].map(f64::from);
        // Rows run south.
        let (own, next) = channel([gx, -gy]);
        for k in [own, next] {
            channels[k].data_mut()[*at] = 0.0;
        }
    }
    channels.iter_mut().for_each(spread);
    Some(channels)
}

/// Sobel's gradient, per eight cells, right and down; 0 beside missing cells.
fn gradients(grid: &Grid<f32>) -> Vec<[f32; 2]> {
    let (width, height) = (grid.width(), grid.height());
    let mut found = vec![[0.0; 2]; width * height];
    for row in 1..height.saturating_sub(1) {
        let [above, own, below] = [row - 1, row, row + 1].map(|r| grid.row(r));
        for col in 1..width.saturating_sub(1) {
            let (l, c, r) = (col - 1, col, col + 1);
            let gx = above[r] - above[l] + 2.0 * (own[r] - own[l]) + below[r] - below[l];
            let gy = below[l] - above[l] + 2.0 * (below[c] - above[c]) + below[r] - above[r];
            if gx.is_finite() && gy.is_finite() {
                found[row * width + col] = [gx, gy];
            }
        }
    }
    found
}

/// Cells whose gradient is larger than one step along and against it, with its size.
fn ridges(gradients: &[[f32; 2]], width: usize, height: usize) -> Vec<(f32, usize)> {
    let size = |at: usize| gradients[at][0].hypot(gradients[at][1]);
    let mut found = Vec::new();
    for row in 1..height.saturating_sub(1) {
        for col in 1..width.saturating_sub(1) {
            let at = row * width + col;
            let own = size(at);
            if own <= 0.0 {
                continue;
            }
            let [gx, gy] = gradients[at];
            // The neighbour the gradient points to, in steps of an eighth of a turn.
            let step = |g: f32| match g / own {
                s if s > 0.383 => 1,
                s if s < -0.383 => -1,
                _ => 0,
            };
            let by = step(gy) * width as isize + step(gx);
            let ahead = size((at as isize + by) as usize);
            let behind = size((at as isize - by) as usize);
            if own > ahead && own >= behind {
                found.push((own, at));
            }
        }
    }
    found
}

/// Two passes of the 3–4 chamfer, in thirds.
fn spread(grid: &mut Grid<f32>) {
    let (width, height) = (grid.width(), grid.height());
    const SIDE: f32 = 1.0;
    const CORNER: f32 = 4.0 / 3.0;
    let mut pass = |backwards: bool| {
        for k in 0..width * height {
            let at = if backwards { width * height - 1 - k } else { k };
            let (row, col) = ((at / width) as isize, (at % width) as isize);
            let sign = if backwards { 1 } else { -1 };
            let before = [
                (sign, 0, SIDE),
                (0, sign, SIDE),
                (sign, sign, CORNER),
                (-sign, sign, CORNER),
            ];
            let mut own = grid.data()[at];
            for (dx, dy, cost) in before {
                if let Some(other) = grid.get(col + dx, row + dy) {
                    own = own.min(other + cost);
                }
            }
            grid.data_mut()[at] = own;
        }
    };
    pass(false);
    pass(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_grow_from_an_edge_to_the_bound() {
        let mut grid = Grid::filled(21, 21, FAR);
        grid.set(10, 10, 0.0);
        spread(&mut grid);
        assert_eq!(grid.at(13, 10), 3.0);
        assert!((grid.at(12, 12) - 8.0 / 3.0).abs() < 1e-6);
        assert_eq!(grid.at(0, 0), FAR);
    }

    #[test]
    fn a_direction_and_its_opposite_are_one_channel() {
        for angle in [0.1_f64, 0.9, 1.7, 2.9] {
            let (s, c) = angle.sin_cos();
            assert_eq!(channel([c, s]), channel([-c, -s]));
        }
        assert_eq!(channel([1.0, 0.02]).0, 0);
        assert_eq!(channel([1.0, 0.02]).1, CHANNELS - 1);
    }
}
