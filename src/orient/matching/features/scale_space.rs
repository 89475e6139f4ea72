//! The nonlinear scale space: a picture diffused ever longer, less across edges than along them.

use crate::raster::Grid;

/// Octaves, each at half the resolution of the one before, and levels of each.
pub(super) const OCTAVES: usize = 3;
pub(super) const LEVELS: usize = 4;
/// Scale of the first level, pixels.
pub(super) const SIGMA: f32 = 1.6;
/// Stable step of explicit diffusion on a square grid.
const TAU_MAX: f32 = 0.25;
/// Share of gradients below the contrast an edge has (Alcantarilla et al. 2013, §2.1).
const EDGES: f32 = 0.7;

/// A diffused picture with its derivatives.
pub(super) struct Level {
    pub(super) octave: usize,
    /// Scale, pixels of the octave.
    pub(super) sigma: f32,
    pub(super) value: Grid<f32>,
    /// By columns and rows, per pixel.
    pub(super) dx: Grid<f32>,
    pub(super) dy: Grid<f32>,
}

/// Levels from fine to coarse.
pub(super) struct Space {
    pub(super) levels: Vec<Level>,
    /// Size of the picture.
    pub(super) size: [usize; 2],
}

impl Space {
    pub(super) fn of(picture: &Grid<f32>) -> Self {
        let mut levels = Vec::with_capacity(OCTAVES * LEVELS);
        let mut value = blurred(&blurred(picture));
        let contrast = contrast(&value);
        // The two small blurs: σ² = 2 · 0.5.
        let mut time = 0.5_f32;
        for octave in 0..OCTAVES {
            if octave > 0 {
                value = halved(&value);
                // Time counts in squared pixels.
                time /= 4.0;
            }
            for level in 0..LEVELS {
                let sigma = SIGMA * 2.0_f32.powf(level as f32 / LEVELS as f32);
                let due = 0.5 * sigma * sigma;
                if due > time {
                    value = diffused(value, due - time, contrast);
                    time = due;
                }
                let (dx, dy) = derivatives(&value, sigma);
                levels.push(Level {
                    octave,
                    sigma,
                    value: value.clone(),
                    dx,
                    dy,
                });
            }
        }
        Self {
            levels,
            size: [picture.width(), picture.height()],
        }
    }
}

/// Value beside a cell, the border's own beyond it.
fn beside(grid: &Grid<f32>, col: usize, row: usize, by: [isize; 2]) -> f32 {
    let at =
        |k: usize, by: isize, size: usize| (k as isize + by).clamp(0, size as isize - 1) as usize;
    grid.at(at(col, by[0], grid.width()), at(row, by[1], grid.height()))
}

fn made(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> Grid<f32> {
    let mut grid = Grid::filled(width, height, 0.0);
    for row in 0..height {
        for col in 0..width {
            grid.set(col, row, value(col, row));
        }
    }
    grid
}

/// Binomial 1–2–1 both ways, σ² = 0.5.
fn blurred(grid: &Grid<f32>) -> Grid<f32> {
    let (w, h) = (grid.width(), grid.height());
    let rows = made(w, h, |c, r| {
        0.25 * (beside(grid, c, r, [-1, 0]) + 2.0 * grid.at(c, r) + beside(grid, c, r, [1, 0]))
    });
    made(w, h, |c, r| {
        0.25 * (beside(&rows, c, r, [0, -1]) + 2.0 * rows.at(c, r) + beside(&rows, c, r, [0, 1]))
    })
}

fn halved(grid: &Grid<f32>) -> Grid<f32> {
    made(grid.width() / 2, grid.height() / 2, |c, r| {
        let (c, r) = (2 * c, 2 * r);
        0.25 * (grid.at(c, r) + grid.at(c + 1, r) + grid.at(c, r + 1) + grid.at(c + 1, r + 1))
    })
}

/// Central differences over ± the scale.
fn derivatives(grid: &Grid<f32>, sigma: f32) -> (Grid<f32>, Grid<f32>) {
    let step = sigma.round().max(1.0) as isize;
    let over = 0.5 / step as f32;
    let (w, h) = (grid.width(), grid.height());
    let across = made(w, h, |c, r| {
        over * (beside(grid, c, r, [step, 0]) - beside(grid, c, r, [-step, 0]))
    });
    let down = made(w, h, |c, r| {
        over * (beside(grid, c, r, [0, step]) - beside(grid, c, r, [0, -step]))
    });
    (across, down)
}

/// The gradient below which most of the picture lies: stronger ones are edges.
fn contrast(grid: &Grid<f32>) -> f32 {
    let (dx, dy) = derivatives(grid, 1.0);
    let mut sizes: Vec<f32> = dx
        .data()
        .iter()
        .zip(dy.data())
        .map(|(x, y)| x.hypot(*y))
        .filter(|s| *s > 0.0)
        .collect();
    sizes.sort_by(f32::total_cmp);
    let at = (sizes.len() as f32 * EDGES) as usize;
    sizes.get(at).copied().unwrap_or(1.0).max(1e-6)
}

/// Diffuses for a time: L_t = div (c ∇L), c = 1 / (1 + |∇L|² / k²) (Perona and Malik's second), by
/// one cycle of fast explicit diffusion: n steps τ_i = τ_max / (2 cos² (π (2i + 1) / (4n + 2))),
/// scaled to the time (equations 4 to 6 of Alcantarilla et al. 2013).
fn diffused(mut grid: Grid<f32>, time: f32, contrast: f32) -> Grid<f32> {
    let n = ((3.0 * time / TAU_MAX + 0.25).sqrt() - 0.5).ceil().max(1.0) as usize;
    let scale = 3.0 * time / (TAU_MAX * (n * (n + 1)) as f32);
    let (w, h) = (grid.width(), grid.height());
    let (dx, dy) = derivatives(&grid, 1.0);
    let conductivity = made(w, h, |c, r| {
        let squared = dx.at(c, r).powi(2) + dy.at(c, r).powi(2);
        1.0 / (1.0 + squared / (contrast * contrast))
    });
    for i in 0..n {
        let angle = std::f32::consts::PI * (2 * i + 1) as f32 / (4 * n + 2) as f32;
        let tau = scale * TAU_MAX / (2.0 * angle.cos().powi(2));
        grid = step(&grid, &conductivity, tau);
    }
    grid
}

fn step(grid: &Grid<f32>, conductivity: &Grid<f32>, tau: f32) -> Grid<f32> {
    let (w, h) = (grid.width(), grid.height());
    let mut out = grid.clone();
    let half = 0.5 * tau;
    for r in 0..h {
        let (above, below) = (r.saturating_sub(1), (r + 1).min(h - 1));
        let (v, c) = (grid.row(r), conductivity.row(r));
        let (va, ca) = (grid.row(above), conductivity.row(above));
        let (vb, cb) = (grid.row(below), conductivity.row(below));
        let line = &mut out.data_mut()[r * w..(r + 1) * w];
        for x in 0..w {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(w - 1));
            let own = v[x];
            let flow = (c[x] + c[right]) * (v[right] - own)
                + (c[x] + c[left]) * (v[left] - own)
                + (c[x] + ca[x]) * (va[x] - own)
                + (c[x] + cb[x]) * (vb[x] - own);
            line[x] = own + half * flow;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Diffusion keeps the sum and lowers the peak; across a strong edge hardly anything flows.
    #[test]
    fn noise_flattens_and_an_edge_stays() {
        let grid = made(40, 40, |c, r| {
            let noise = if (c * 7 + r * 13) % 3 == 0 { 0.1 } else { 0.0 };
            noise + if c >= 20 { 10.0 } else { 0.0 }
        });
        let after = diffused(grid.clone(), 4.0, 0.2);
        let sum = |g: &Grid<f32>| g.data().iter().sum::<f32>();
        assert!((sum(&grid) - sum(&after)).abs() < 0.5);
        assert!(after.at(25, 10) - after.at(15, 10) > 9.8);
        let spread = |g: &Grid<f32>| {
            let row: Vec<f32> = (2..16).map(|c| g.at(c, 20)).collect();
            row.iter().copied().fold(f32::MIN, f32::max)
                - row.iter().copied().fold(f32::MAX, f32::min)
        };
        assert!(spread(&after) < 0.3 * spread(&grid));
    }
}
