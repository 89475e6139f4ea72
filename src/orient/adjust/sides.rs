//! Sides of buildings as observations: a frame sees a roof's edge where the map has a line.
//!
//! Residual: how far, along the side's outward normal n, the ray of the edge's pixel meets the
//! roof's height away from the side, r = n · (X(u, v) − M) − o, with o the overhang all roofs share
//! (georeferencing.md §7). Along the side nothing is known, so a single side holds one direction.

use super::block::State;
use super::derive::{Derived, LENS, derived};
use super::linear::{POSE, System};
use crate::orient::CameraModel;

/// Where a frame sees the middle of a building's side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Position of the frame in its block.
    pub frame: usize,
    /// Pixel of the roof's edge.
    pub pixel: [f64; 2],
    /// A point of the side on the map, with the roof's height, metres.
    pub place: [f64; 3],
    /// Outward normal of the side on the map, of length 1.
    pub normal: [f64; 2],
    /// 1σ, metres.
    pub sigma_m: f64,
    /// Which outline it belongs to.
    pub building: usize,
}

/// How the sides of buildings fit an adjusted block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideReport {
    /// Observations.
    pub observations: usize,
    /// Roofs over outlines, outwards, metres; what lies in `residuals_m` is beside that.
    pub overhang_m: f64,
    /// Root mean square of the residuals of each building, metres, with the number of its
    /// observations: outline, residual, number.
    pub residuals_m: Vec<(usize, f64, usize)>,
    /// Root mean square of the residuals within three σ, metres.
    pub rmse_m: f64,
}

/// A side's residual with its derivatives by the frame's pose and the camera's lens.
pub(super) struct SideMiss {
    pub(super) miss_m: f64,
    pub(super) pose: [f64; POSE],
    pub(super) lens: [f64; LENS],
}

/// `None` where the ray does not meet the roof's height.
///
/// With the height of X held, projection p(X, pose, lens) = (u, v) gives
/// dX = −(∂p/∂X)⁻¹ (∂p/∂pose dpose + ∂p/∂lens dlens), X east and north.
pub(super) fn miss(
    camera: &CameraModel,
    pose: &crate::orient::Pose,
    side: &Side,
) -> Option<SideMiss> {
    let ray = camera.unproject(side.pixel[0], side.pixel[1])?;
    let (x, y) = pose.on_plane(ray, side.place[2])?;
    let d: Derived = derived(camera, pose, [x, y, side.place[2]])?;
    let [[a, b, _], [c, e, _]] = d.point;
    let whole = a * e - b * c;
    if whole.abs() < 1e-12 {
        return None;
    }
    // n · (∂p/∂X)⁻¹ as a row.
    let n = side.normal;
    let row = [(n[0] * e - n[1] * c) / whole, (n[1] * a - n[0] * b) / whole];
    Some(SideMiss {
        miss_m: n[0] * (x - side.place[0]) + n[1] * (y - side.place[1]),
        pose: std::array::from_fn(|k| -(row[0] * d.pose[0][k] + row[1] * d.pose[1][k])),
        lens: std::array::from_fn(|k| -(row[0] * d.lens[0][k] + row[1] * d.lens[1][k])),
    })
}

impl State<'_> {
    /// Adds the sides to the equations; their cost.
    pub(super) fn add_sides(
        &self,
        system: &mut System,
        models: &[CameraModel],
        cauchy: bool,
    ) -> f64 {
        let mut cost = 0.0;
        for side in self.sides {
            let camera = self.camera_of[side.frame];
            let Some(found) = miss(&models[camera], &self.poses[side.frame], side) else {
                continue;
            };
            let miss = self.overhang_m - found.miss_m;
            let sigma = side.sigma_m.max(0.01);
            let w = super::equations::weight(miss.abs() / sigma, cauchy) / (sigma * sigma);
            cost += w * miss * miss;
            system.add_side(side.frame, camera, &found, w, miss);
        }
        cost
    }

    /// How the sides fit.
    pub(super) fn judged_sides(&self, models: &[CameraModel]) -> Option<SideReport> {
        let mut all: std::collections::BTreeMap<usize, (f64, usize)> = Default::default();
        let mut near = (0.0, 0_usize);
        for side in self.sides {
            let camera = &models[self.camera_of[side.frame]];
            let Some(found) = miss(camera, &self.poses[side.frame], side) else {
                continue;
            };
            let miss = found.miss_m - self.overhang_m;
            let own = all.entry(side.building).or_insert((0.0, 0));
            *own = (own.0 + miss * miss, own.1 + 1);
            if miss.abs() <= 3.0 * side.sigma_m {
                near = (near.0 + miss * miss, near.1 + 1);
            }
        }
        let root = |sum: f64, n: usize| (sum / n.max(1) as f64).sqrt();
        (!all.is_empty()).then(|| SideReport {
            observations: all.values().map(|v| v.1).sum(),
            overhang_m: self.overhang_m,
            residuals_m: all
                .iter()
                .map(|(b, (sum, n))| (*b, root(*sum, *n), *n))
                .collect(),
            rmse_m: root(near.0, near.1),
        })
    }
}
