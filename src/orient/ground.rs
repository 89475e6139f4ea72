//! What a frame sees of the ground.
//!
//! In: camera, pose, ground heights. Out: the point under the principal ray and the map bounds
//! of the view. Enough to find the frames of a place; cells and visibility are `rectify`'s.

use super::{CameraModel, Pose};
use crate::raster::Bounds;

/// Ground heights, metres, in the project's height system.
pub trait Ground: Sync {
    /// Height at a map point; `None` where it is not known.
    fn height_m(&self, x: f64, y: f64) -> Option<f64>;
}

/// Level ground at one height, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlatGround(pub f64);

impl Ground for FlatGround {
    fn height_m(&self, _: f64, _: f64) -> Option<f64> {
        Some(self.0)
    }
}

/// No surface model at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoGround;

impl Ground for NoGround {
    fn height_m(&self, _: f64, _: f64) -> Option<f64> {
        None
    }
}

/// Ground heights with a plane where there are none.
pub(super) struct Terrain<'a> {
    pub(super) ground: &'a dyn Ground,
    pub(super) plane_m: f64,
}

impl Terrain<'_> {
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        self.ground.height_m(x, y).unwrap_or(self.plane_m)
    }
}

/// Where the principal ray meets the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PrincipalPoint {
    /// Ground height, metres.
    pub(super) z_m: f64,
    /// Length of the ray, metres.
    pub(super) path_m: f64,
}

/// Rays that look further out than this many flying heights are cut there.
const REACH: f64 = 10.0;
/// Points along each side of the image whose rays bound the ground view.
const PER_SIDE: usize = 8;

/// Follows the principal ray to the ground; `None` when it does not go down or the camera lies
/// below the ground.
pub(super) fn principal_point(
    camera: &CameraModel,
    pose: &Pose,
    terrain: &Terrain<'_>,
) -> Option<PrincipalPoint> {
    let axis = camera
        .unproject(camera.cx_px, camera.cy_px)
        .unwrap_or([0.0, 0.0, 1.0]);
    let mut z_m = terrain.at(pose.centre[0], pose.centre[1]);
    let mut at = pose.on_plane(axis, z_m)?;
    // Ray and surface by turns; views are steep, so each turn gains a digit or more.
    for _ in 0..6 {
        let next_m = terrain.at(at.0, at.1);
        let settled = (next_m - z_m).abs() < 0.01;
        z_m = next_m;
        at = pose.on_plane(axis, z_m)?;
        if settled {
            break;
        }
    }
    let (dx, dy) = (at.0 - pose.centre[0], at.1 - pose.centre[1]);
    Some(PrincipalPoint {
        z_m,
        path_m: dx.hypot(dy).hypot(pose.centre[2] - z_m),
    })
}

/// Map bounds of the ground view: rays of the image border to the plane at `z_m`, and further
/// to the ground where that lies lower.
pub(super) fn footprint(
    camera: &CameraModel,
    pose: &Pose,
    z_m: f64,
    terrain: &Terrain<'_>,
) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    let reach_m = REACH * (pose.centre[2] - z_m);
    for (u, v) in border(camera) {
        let Some(ray) = camera.unproject(u, v) else {
            continue;
        };
        let (x, y) = on_plane_within(pose, ray, z_m, reach_m);
        bounds.include(x, y);
        let lower_m = terrain.at(x, y);
        if lower_m < z_m {
            let (x, y) = on_plane_within(pose, ray, lower_m, reach_m);
            bounds.include(x, y);
        }
    }
    bounds
}

/// Points along the image border, [`PER_SIDE`] on each side.
fn border(camera: &CameraModel) -> impl Iterator<Item = (f64, f64)> {
    let (w, h) = (camera.width as f64, camera.height as f64);
    (0..PER_SIDE).flat_map(move |i| {
        let t = i as f64 / PER_SIDE as f64;
        [
            (w * t, 0.0),
            (w, h * t),
            (w * (1.0 - t), h),
            (0.0, h * (1.0 - t)),
        ]
    })
}

/// As [`Pose::on_plane`], cut at a horizontal distance; rays at or above the horizon end there.
fn on_plane_within(pose: &Pose, ray: [f64; 3], z_m: f64, reach_m: f64) -> (f64, f64) {
    let d = pose.to_world_direction(ray);
    let across = d[0].hypot(d[1]).max(f64::MIN_POSITIVE);
    let far = reach_m / across;
    let t = if d[2] < 0.0 {
        ((pose.centre[2] - z_m) / -d[2]).min(far)
    } else {
        far
    };
    (pose.centre[0] + t * d[0], pose.centre[1] + t * d[1])
}

#[cfg(test)]
mod tests {
    use super::super::pose::from_gimbal;
    use super::*;
    use crate::survey::YawPitchRoll;

    fn pose(pitch_deg: f64) -> Pose {
        Pose {
            centre: [500.0, 700.0, 120.0],
            rotation: from_gimbal(&YawPitchRoll {
                yaw_deg: 0.0,
                pitch_deg,
                roll_deg: 0.0,
            }),
        }
    }

    fn flat(height_m: f64) -> Terrain<'static> {
        Terrain {
            ground: &NoGround,
            plane_m: height_m,
        }
    }

    /// 640 × 512 px at f = 800 px from 100 m: 80 m × 64 m.
    #[test]
    fn a_nadir_view_over_flat_ground_sees_image_size_times_height_over_focal_length() {
        let camera = CameraModel::pinhole(640, 512, 800.0);
        let terrain = flat(20.0);
        let centre = principal_point(&camera, &pose(-90.0), &terrain).expect("looks down");
        assert_eq!((centre.z_m, centre.path_m), (20.0, 100.0));
        let seen = footprint(&camera, &pose(-90.0), centre.z_m, &terrain);
        let expected = [460.0, 668.0, 540.0, 732.0];
        for (a, b) in [seen.x_min, seen.y_min, seen.x_max, seen.y_max]
            .iter()
            .zip(expected)
        {
            assert!((a - b).abs() < 1e-9, "{seen:?}");
        }
    }

    #[test]
    fn a_tilted_principal_ray_finds_the_slope_it_meets() {
        struct Slope;
        impl Ground for Slope {
            fn height_m(&self, _: f64, y: f64) -> Option<f64> {
                Some(20.0 + 0.1 * (y - 700.0))
            }
        }
        let camera = CameraModel::pinhole(640, 512, 800.0);
        let terrain = Terrain {
            ground: &Slope,
            plane_m: 0.0,
        };
        let centre = principal_point(&camera, &pose(-60.0), &terrain).expect("looks down");
        // 100 − 0.1 d = d / tan 30° with d the distance to the north.
        let d = 100.0 / (0.1 + 1.0 / 30f64.to_radians().tan());
        assert!((centre.z_m - (20.0 + 0.1 * d)).abs() < 0.01, "{centre:?}");
    }

    #[test]
    fn a_camera_below_the_ground_sees_none() {
        let camera = CameraModel::pinhole(640, 512, 800.0);
        assert!(principal_point(&camera, &pose(-90.0), &flat(150.0)).is_none());
        assert!(principal_point(&camera, &pose(10.0), &flat(20.0)).is_none());
    }

    #[test]
    fn rays_above_the_horizon_do_not_make_an_endless_footprint() {
        let camera = CameraModel::pinhole(640, 512, 300.0);
        let seen = footprint(&camera, &pose(-30.0), 20.0, &flat(20.0));
        assert!(seen.y_max <= 700.0 + 10.0 * 100.0 + 1e-6);
    }
}
