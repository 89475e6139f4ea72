//! Lines of sight: what stands between a ground point and the camera.

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
    let ray = Ray::new(relief, [x, y, z], frame.pose.centre);
    (inside && ray.is_free(relief, relief.highest_m(), options.tolerance_m)).then_some(Seen {
        u_px: u,
        v_px: v,
        view_deg,
    })
}

/// A line from a ground point to the camera in surface pixels and metres of height; position
/// at `s` is start + s · step, the camera at `s` = 1.
pub(super) struct Ray {
    start: [f64; 3],
    step: [f64; 3],
}

impl Ray {
    pub(super) fn new(relief: &Relief<'_>, ground: [f64; 3], camera: [f64; 3]) -> Self {
        let transform = &relief.surface().transform;
        let (u, v) = transform.to_pixel(ground[0], ground[1]);
        let (uc, vc) = transform.to_pixel(camera[0], camera[1]);
        Self {
            start: [u, v, ground[2]],
            step: [uc - u, vc - v, camera[2] - ground[2]],
        }
    }

    /// Whether nothing up to `highest_m` reaches more than `tolerance_m` over the line.
    ///
    /// The walk is exact rather than in steps of one cell, which would miss a building the line
    /// only clips: it stops at every line on which the height function changes its formula,
    /// that is at cell borders (walls) and at the lines through cell centres (bilinear), and so
    /// at every half cell. Within a piece a wall cell is a constant, met lowest at the start;
    /// elsewhere both ends are compared.
    pub(super) fn is_free(&self, relief: &Relief<'_>, highest_m: f64, tolerance_m: f64) -> bool {
        let [u0, v0, z0] = self.start;
        let [du, dv, dz] = self.step;
        let end = ((highest_m - tolerance_m - z0) / dz).min(1.0);
        let (mut next_u, every_u) = crossings(u0, du);
        let (mut next_v, every_v) = crossings(v0, dv);
        let mut s0 = 0.0;
        while s0 < end {
            let s1 = next_u.min(next_v).min(end);
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
            if next_u <= s1 {
                next_u += every_u;
            }
            if next_v <= s1 {
                next_v += every_v;
            }
            s0 = s1;
        }
        true
    }
}

/// First crossing of a half-cell line and the distance between crossings, both in `s`.
fn crossings(start: f64, step: f64) -> (f64, f64) {
    if step == 0.0 {
        return (f64::INFINITY, f64::INFINITY);
    }
    let line = if step > 0.0 {
        (2.0 * start).floor() + 1.0
    } else {
        (2.0 * start).ceil() - 1.0
    };
    ((0.5 * line - start) / step, 0.5 / step.abs())
}
