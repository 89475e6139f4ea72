//! The inner loop: one frame on one target, block by block, row by row.

use super::camera_box::CameraBox;
use super::relief::BLOCK;
use super::sight::Ray;
use super::{Ground, Options, OrientedFrame, OrthoTile, Sight, bilinear_strict};
use crate::raster::{Bounds, Grid, Window};

/// What is the same for every cell of a frame.
struct Job<'a> {
    kelvin: &'a Grid<f32>,
    frame: &'a OrientedFrame,
    ground: &'a Ground<'a>,
    tolerance_m: f64,
    tangent_max: f64,
    margin_px: f64,
    /// Camera in surface pixels and metres of height.
    camera_px: (f64, f64, f64),
}

/// Lays a frame on a target, one sample per cell.
pub(super) fn render(
    kelvin: &Grid<f32>,
    frame: &OrientedFrame,
    ground: &Ground<'_>,
    options: &Options,
) -> OrthoTile {
    let target = ground.target();
    let job = Job {
        kelvin,
        frame,
        ground,
        tolerance_m: options.tolerance_m,
        tangent_max: options.max_view_deg.clamp(0.0, 89.0).to_radians().tan(),
        margin_px: options.margin_px.max(0.5),
        camera_px: camera_px(frame, ground),
    };
    let mut tile = OrthoTile::empty(target.width, target.height);
    let image = CameraBox::new(frame);
    let mut drawn: Option<Window> = None;
    let mut any_hidden = false;
    for down in 0..target.height.div_ceil(BLOCK) {
        for across in 0..target.width.div_ceil(BLOCK) {
            let Some(heights) = ground.block_range(across, down) else {
                continue;
            };
            let window = Window {
                col: across * BLOCK,
                row: down * BLOCK,
                width: BLOCK.min(target.width - across * BLOCK),
                height: BLOCK.min(target.height - down * BLOCK),
            };
            let plan = target
                .transform
                .of_window(window)
                .bounds(window.width, window.height);
            if !image.may_see(frame, &plan, heights) {
                continue;
            }
            let highest_m = job.highest_in_the_way(&plan, heights);
            let (seen, hidden) = job.block(window, highest_m, &mut tile);
            any_hidden |= hidden;
            if seen {
                drawn = Some(drawn.map_or(window, |d| union(d, window)));
            }
        }
    }
    if let Some(window) = drawn {
        tile.window = window;
    }
    if any_hidden {
        mark_edges(&mut tile, super::edge_radius(frame, target, options));
    }
    tile
}

fn camera_px(frame: &OrientedFrame, ground: &Ground<'_>) -> (f64, f64, f64) {
    let [x, y, z] = frame.pose.centre;
    let (u, v) = ground.relief().surface().transform.to_pixel(x, y);
    (u, v, z)
}

impl Job<'_> {
    /// Height up to which lines of sight from a block must be followed; −∞ when nothing rises
    /// over them. Two rounds: how far a line must be followed depends on the height found.
    fn highest_in_the_way(&self, plan: &Bounds, heights: (f64, f64)) -> f64 {
        let relief = self.ground.relief();
        let [cx, cy, cz] = self.frame.pose.centre;
        let far_x = (plan.x_min - cx).abs().max((plan.x_max - cx).abs());
        let far_y = (plan.y_min - cy).abs().max((plan.y_max - cy).abs());
        let tangent = (far_x.hypot(far_y) / (cz - heights.1).max(1e-3)).min(self.tangent_max);
        let mut highest = relief.highest_m();
        for _ in 0..2 {
            let rise = highest - heights.0;
            if rise <= self.tolerance_m {
                return f64::NEG_INFINITY;
            }
            let reach = rise * tangent;
            let towards = Bounds {
                x_min: plan.x_min - reach.min((plan.x_max - cx).max(0.0)),
                x_max: plan.x_max + reach.min((cx - plan.x_min).max(0.0)),
                y_min: plan.y_min - reach.min((plan.y_max - cy).max(0.0)),
                y_max: plan.y_max + reach.min((cy - plan.y_min).max(0.0)),
            };
            highest = highest.min(relief.highest_in(&towards));
        }
        if highest - heights.0 <= self.tolerance_m {
            return f64::NEG_INFINITY;
        }
        highest
    }

    /// Draws a block; tells whether a cell got a value and whether one is hidden.
    fn block(&self, window: Window, highest_m: f64, tile: &mut OrthoTile) -> (bool, bool) {
        let (mut any_seen, mut any_hidden) = (false, false);
        let mut line = Line::default();
        for row in window.row..window.row + window.height {
            self.project_line(window, row, &mut line);
            for i in 0..window.width {
                let col = window.col + i;
                let sight = self.judge(col, row, &line, i, highest_m);
                if sight == Sight::Outside {
                    continue;
                }
                any_hidden |= sight == Sight::Hidden;
                let mut found = sight;
                if sight == Sight::Seen {
                    let value = bilinear_strict(self.kelvin, line.u[i], line.v[i]);
                    if value.is_nan() {
                        found = Sight::Invalid;
                    } else {
                        any_seen = true;
                        tile.kelvin.set(col, row, value);
                        tile.view_deg.set(col, row, line.view_deg[i]);
                    }
                }
                tile.sight.set(col, row, found);
            }
        }
        (any_seen, any_hidden)
    }

    /// Projects the cells of one line of a block. Along a row only x changes, so the camera
    /// coordinates are a start plus multiples of two constant vectors.
    fn project_line(&self, window: Window, row: usize, line: &mut Line) {
        let transform = &self.ground.target().transform;
        let pose = &self.frame.pose;
        let [cx, cy, cz] = pose.centre;
        let (x0, y) = transform.centre(window.col, row);
        let start = pose.to_camera([x0, y, cz]);
        let [east, _, up] = pose.rotation;
        let surface = &self.ground.relief().surface().transform;
        let (surface_u, surface_v) = surface.to_pixel(x0, y);
        let surface_step = transform.dx / surface.dx;
        line.surface_v = surface_v;
        let heights = &self.ground.heights().row(row)[window.col..window.col + window.width];
        let point = |i: u32| {
            let (dx, dz) = (
                f64::from(i) * transform.dx,
                f64::from(heights[i as usize]) - cz,
            );
            [
                start[0] + dx * east[0] + dz * up[0],
                start[1] + dx * east[1] + dz * up[1],
                start[2] + dx * east[2] + dz * up[2],
            ]
        };
        let (u, v) = (&mut line.u[..heights.len()], &mut line.v[..heights.len()]);
        self.frame.camera.project_each(point, u, v);
        let ey = y - cy;
        let along = line.tangent.iter_mut().zip(&mut line.surface_u);
        for (i, ((tangent, surface), height)) in (0_u32..).zip(along.zip(heights)) {
            let (i, dz) = (f64::from(i), f64::from(*height) - cz);
            *surface = surface_u + i * surface_step;
            let ex = x0 + i * transform.dx - cx;
            *tangent = ((ex * ex + ey * ey).sqrt() / -dz) as f32;
        }
        for (degrees, tangent) in line.view_deg.iter_mut().zip(&line.tangent) {
            *degrees = degrees_of_tangent(*tangent);
        }
    }

    /// How a projected cell is seen, apart from the pixels themselves.
    #[inline]
    fn judge(&self, col: usize, row: usize, line: &Line, i: usize, highest_m: f64) -> Sight {
        let (u, v, margin) = (line.u[i], line.v[i], self.margin_px);
        // NaN (unknown height, beyond the lens) fails every comparison.
        let inside = u >= margin
            && v >= margin
            && u <= self.kelvin.width() as f64 - margin
            && v <= self.kelvin.height() as f64 - margin;
        if !inside {
            return Sight::Outside;
        }
        let tangent = f64::from(line.tangent[i]);
        if !(tangent >= 0.0 && tangent <= self.tangent_max) {
            return Sight::Oblique;
        }
        let z = f64::from(self.ground.heights().at(col, row));
        if highest_m - z > self.tolerance_m {
            let relief = self.ground.relief();
            let ray = Ray::new((line.surface_u[i], line.surface_v, z), self.camera_px);
            if !ray.is_free(relief, highest_m, self.tolerance_m) {
                return Sight::Hidden;
            }
        }
        Sight::Seen
    }
}

/// One line of a block, projected.
struct Line {
    u: [f64; BLOCK],
    v: [f64; BLOCK],
    tangent: [f32; BLOCK],
    view_deg: [f32; BLOCK],
    /// The cells in surface pixels.
    surface_u: [f64; BLOCK],
    surface_v: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            u: [f64::NAN; BLOCK],
            v: [f64::NAN; BLOCK],
            tangent: [f32::NAN; BLOCK],
            view_deg: [f32::NAN; BLOCK],
            surface_u: [f64::NAN; BLOCK],
            surface_v: f64::NAN,
        }
    }
}

/// Angle of a tangent ≥ 0, degrees.
///
/// Abramowitz & Stegun, Handbook of Mathematical Functions, 4.4.49: |error| ≤ 2·10⁻⁸ rad for
/// tangents up to 1; beyond it, atan t = π/2 − atan(1/t). A call of the exact function per cell
/// would cost as much as the projection; this is straight enough to be done for several cells
/// at once.
#[inline]
fn degrees_of_tangent(t: f32) -> f32 {
    const A: [f32; 8] = [
        0.002_866_225_7,
        -0.016_165_737,
        0.042_909_615,
        -0.075_289_64,
        0.106_562_64,
        -0.142_089,
        0.199_935_51,
        -0.333_331_45,
    ];
    let steep = t > 1.0;
    let x = if steep { 1.0 / t } else { t };
    let x2 = x * x;
    let series = A.iter().fold(0.0, |sum, a| (sum + a) * x2);
    let angle = x + x * series;
    let angle = if steep {
        std::f32::consts::FRAC_PI_2 - angle
    } else {
        angle
    };
    angle.to_degrees()
}

fn union(a: Window, b: Window) -> Window {
    let (col, row) = (a.col.min(b.col), a.row.min(b.row));
    Window {
        col,
        row,
        width: (a.col + a.width).max(b.col + b.width) - col,
        height: (a.row + a.height).max(b.row + b.height) - row,
    }
}

/// Marks seen cells within `radius` cells (square) of a hidden one.
fn mark_edges(tile: &mut OrthoTile, radius: usize) {
    let (width, height) = (tile.sight.width(), tile.sight.height());
    let mut near = Grid::filled(width, height, false);
    let mut along = vec![false; width];
    for row in 0..height {
        if !spread_hidden(tile.sight.row(row), radius, &mut along) {
            continue;
        }
        for r in row.saturating_sub(radius)..(row + radius + 1).min(height) {
            let cells = &mut near.data_mut()[r * width..(r + 1) * width];
            for (cell, hidden) in cells.iter_mut().zip(&along) {
                *cell |= hidden;
            }
        }
    }
    for (sight, near) in tile.sight.data_mut().iter_mut().zip(near.data()) {
        if *near && *sight == Sight::Seen {
            *sight = Sight::NearEdge;
        }
    }
}

/// Cells of a row within `radius` of a hidden one; tells whether there is any.
fn spread_hidden(sights: &[Sight], radius: usize, along: &mut [bool]) -> bool {
    along.fill(false);
    let mut until = 0; // end of what is marked already
    for (col, _) in (0..).zip(sights).filter(|(_, s)| **s == Sight::Hidden) {
        let end = (col + radius + 1).min(along.len());
        along[until.max(col.saturating_sub(radius))..end].fill(true);
        until = end;
    }
    until > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_angle_of_a_tangent_agrees_with_the_library() {
        for step in 0..=1000 {
            let tangent = step as f32 * 0.01;
            let exact = f64::from(tangent).atan().to_degrees();
            // 2e-8 rad of the formula and a few roundings of f32 below 90.
            assert!((f64::from(degrees_of_tangent(tangent)) - exact).abs() < 1.5e-5);
        }
    }
}
