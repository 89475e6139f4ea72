//! Lines of sight: what stands between a ground point and the camera.

use super::relief::Tops;
use super::{Options, OrientedFrame, Relief};

/// Where a ground point appears in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Column position, pixels.
    pub u_px: f64,
    /// Row position, pixels.
    pub v_px: f64,
    /// View zenith angle, degrees.
    pub view_deg: f64,
    /// Tangents of the line of sight from the vertical, towards east and north of the map, from the
    /// camera to the point.
    pub tangents: [f64; 2],
}

/// Where the surface point over a map position appears in a frame; `None` when it is outside
/// the image, seen too flat, hidden, or of unknown height.
pub fn look(
    frame: &OrientedFrame,
    relief: &Relief<'_>,
    x: f64,
    y: f64,
    options: &Options,
) -> Option<Seen> {
    let z = relief.height_m(x, y)?;
    let [cx, cy, cz] = frame.pose.centre;
    let tangent = (x - cx).hypot(y - cy) / (cz - z);
    let view_deg = tangent.atan().to_degrees();
    if !(cz > z && view_deg <= options.max_view_deg) {
        return None;
    }
    let camera = &frame.camera;
    let (u, v) = camera.project(frame.pose.to_camera([x, y, z]))?;
    let margin = options.margin_px.max(0.5);
    let inside = u >= margin
        && v >= margin
        && u <= camera.width as f64 - margin
        && v <= camera.height as f64 - margin;
    let transform = &relief.surface().transform;
    let (ground, camera_px) = (transform.to_pixel(x, y), transform.to_pixel(cx, cy));
    let ray = Ray::new((ground.0, ground.1, z), (camera_px.0, camera_px.1, cz));
    (inside && ray.is_free(relief, relief.highest_m(), options.tolerance_m)).then_some(Seen {
        u_px: u,
        v_px: v,
        view_deg,
        tangents: [(x - cx) / (cz - z), (y - cy) / (cz - z)],
    })
}

/// A line from a ground point to the camera in surface pixels and metres of height; position
/// at `s` is start + s · step, the camera at `s` = 1.
pub(super) struct Ray {
    start: [f64; 3],
    step: [f64; 3],
    /// 1 / |step| in u and v; infinite where the line does not move.
    per_px: [f64; 2],
}

impl Ray {
    /// From a ground point to the camera, both in surface pixels and metres of height.
    #[inline]
    pub(super) fn new(ground: (f64, f64, f64), camera: (f64, f64, f64)) -> Self {
        let (du, dv) = (camera.0 - ground.0, camera.1 - ground.1);
        Self {
            start: [ground.0, ground.1, ground.2],
            step: [du, dv, camera.2 - ground.2],
            per_px: [1.0 / du.abs(), 1.0 / dv.abs()],
        }
    }

    /// Whether nothing up to `highest_m` reaches more than `tolerance_m` over the line.
    pub(super) fn is_free(&self, relief: &Relief<'_>, highest_m: f64, tolerance_m: f64) -> bool {
        let end = ((highest_m - tolerance_m - self.start[2]) / self.step[2]).min(1.0);
        self.is_free_between(relief, relief.tops(), 0.0, end, tolerance_m)
    }

    /// Walks the squares the line crosses between `s0` and `end`. Where the line enters a
    /// square over the highest surface in it, the square is passed; otherwise it is walked in
    /// smaller squares and at last exactly.
    fn is_free_between(
        &self,
        relief: &Relief<'_>,
        tops: &[Tops],
        mut s0: f64,
        end: f64,
        tolerance_m: f64,
    ) -> bool {
        let Some((tops, finer)) = tops.split_first() else {
            return self.is_free_exactly(relief, s0, end, tolerance_m);
        };
        let [u0, v0, z0] = self.start;
        let [du, dv, dz] = self.step;
        let side = tops.side as f64;
        let per_side = 1.0 / side;
        let mut next_u = s0 + side * self.per_px[0] * to_line((u0 + s0 * du) * per_side, du);
        let mut next_v = s0 + side * self.per_px[1] * to_line((v0 + s0 * dv) * per_side, dv);
        let (every_u, every_v) = (side * self.per_px[0], side * self.per_px[1]);
        // The middle of the first piece tells the square even when it starts on a border.
        let middle = 0.5 * (s0 + next_u.min(next_v).min(end));
        let mut col = ((u0 + middle * du) * per_side) as isize;
        let mut row = ((v0 + middle * dv) * per_side) as isize;
        let (col_step, row_step) = (du.signum() as isize, dv.signum() as isize);
        while s0 < end {
            let s1 = next_u.min(next_v).min(end);
            let Some(top) = tops.heights.get(col, row) else {
                return true;
            };
            if f64::from(top) > z0 + s0 * dz + tolerance_m
                && !self.is_free_between(relief, finer, s0, s1, tolerance_m)
            {
                return false;
            }
            if next_u <= s1 {
                next_u += every_u;
                col += col_step;
            }
            if next_v <= s1 {
                next_v += every_v;
                row += row_step;
            }
            s0 = s1;
        }
        true
    }

    /// The exact walk, rather than one in steps of a cell that would miss a building the line
    /// only clips: it stops at every line on which the height function changes its formula,
    /// that is at cell borders (walls) and at the lines through cell centres (bilinear), and so
    /// at every half cell. Within a piece a wall cell is a constant, met lowest at the start;
    /// elsewhere both ends are compared.
    fn is_free_exactly(
        &self,
        relief: &Relief<'_>,
        mut s0: f64,
        end: f64,
        tolerance_m: f64,
    ) -> bool {
        let [u0, v0, z0] = self.start;
        let [du, dv, dz] = self.step;
        while s0 < end {
            let next_u = s0 + 0.5 * self.per_px[0] * to_line(2.0 * (u0 + s0 * du), du);
            let next_v = s0 + 0.5 * self.per_px[1] * to_line(2.0 * (v0 + s0 * dv), dv);
            // A hair more than nothing, so that rounding at a crossing cannot stop the walk.
            let s1 = next_u.min(next_v).max(s0 + 1e-9).min(end);
            let middle = 0.5 * (s0 + s1);
            let (u, v) = (u0 + middle * du, v0 + middle * dv);
            let Some(own) = relief.cell(u, v) else {
                return true;
            };
            if own.is_finite() {
                let patch = relief.patch(u, v);
                let over = |s: f64, height: f64| height > z0 + s * dz + tolerance_m;
                let at = |s: f64| patch.height(u0 + s * du, v0 + s * dv);
                let hidden = if patch.wall {
                    over(s0, f64::from(own))
                } else {
                    over(s0, at(s0)) || over(s1, at(s1))
                };
                if hidden {
                    return false;
                }
            }
            s0 = s1;
        }
        true
    }
}

/// Way from a position ≥ 0 to the next whole number in the direction of `step`, in (0, 1].
#[inline]
fn to_line(position: f64, step: f64) -> f64 {
    // Truncation instead of `floor`: the positions lie in a grid, and the function call costs
    // as much as the rest.
    let past = position - position as i64 as f64;
    if step >= 0.0 {
        1.0 - past
    } else if past > 0.0 {
        past
    } else {
        1.0
    }
}
