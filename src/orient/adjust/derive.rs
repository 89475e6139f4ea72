//! Where a point falls in a frame, and how that changes with point, pose and focal length.

use super::super::{CameraModel, Distortion, Pose};

/// Projection of a world point with its derivatives; pixels, metres, radians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Derived {
    /// Pixel.
    pub(super) pixel: [f64; 2],
    /// By the world point.
    pub(super) point: [[f64; 3]; 2],
    /// By a turn of the camera about the world axes, R ← exp([ω]×) R, then by the camera's centre.
    pub(super) pose: [[f64; 6]; 2],
    /// By the lens: see [`LENS`].
    pub(super) lens: [[f64; LENS]; 2],
}

/// Unknowns of a lens: logarithm of the focal length, k1, k2, k3, p1, p2, principal point.
pub(super) const LENS: usize = 8;

/// `None` behind the camera or beyond the lens.
///
/// With X_c = Rᵀ (X − C) and x = X_c/Z_c, y = Y_c/Z_c: ∂X_c/∂X = Rᵀ, ∂X_c/∂C = −Rᵀ,
/// ∂X_c/∂ω = Rᵀ [X − C]×, and ∂u/∂X_c = f J_lens [1/Z 0 −x/Z; 0 1/Z −y/Z] (georeferencing.md §6).
pub(super) fn derived(camera: &CameraModel, pose: &Pose, world: [f64; 3]) -> Option<Derived> {
    let (u, v) = camera.project(pose.to_camera(world))?;
    let c = pose.to_camera(world);
    let inverse = 1.0 / c[2];
    let (x, y) = (c[0] * inverse, c[1] * inverse);
    let slope = camera.distortion_slope(x, y);
    let f = camera.f_px * inverse;
    // By camera-frame coordinates.
    let by_camera: [[f64; 3]; 2] = std::array::from_fn(|k| {
        let [a, b] = slope[k];
        [f * a, f * b, -f * (a * x + b * y)]
    });
    let r = &pose.rotation;
    // Rows of Rᵀ are columns of R.
    let point: [[f64; 3]; 2] = std::array::from_fn(|k| {
        std::array::from_fn(|j| {
            by_camera[k][0] * r[j][0] + by_camera[k][1] * r[j][1] + by_camera[k][2] * r[j][2]
        })
    });
    let d: [f64; 3] = std::array::from_fn(|i| world[i] - pose.centre[i]);
    // p · [d]× is p × d with the sign of the row vector: (p [d]×)_j = (p × d)_j … written out.
    let pose = std::array::from_fn(|k| {
        let p = point[k];
        [
            p[1] * d[2] - p[2] * d[1],
            p[2] * d[0] - p[0] * d[2],
            p[0] * d[1] - p[1] * d[0],
            -p[0],
            -p[1],
            -p[2],
        ]
    });
    Some(Derived {
        pixel: [u, v],
        point,
        pose,
        lens: lens(camera, x, y, [u - camera.cx_px, v - camera.cy_px]),
    })
}

/// Derivatives by the lens at an undistorted position; those of Brown and Conrady's coefficients
/// are the terms they stand before. A fisheye has its focal length only.
fn lens(camera: &CameraModel, x: f64, y: f64, from_centre: [f64; 2]) -> [[f64; LENS]; 2] {
    let f = camera.f_px;
    let r2 = x * x + y * y;
    let brown = matches!(camera.distortion, Distortion::Brown { .. });
    let unit = if brown { f } else { 0.0 };
    let radial = |v: f64| [v * r2, v * r2 * r2, v * r2 * r2 * r2].map(|t| unit * t);
    let (kx, ky) = (radial(x), radial(y));
    let (cross, across, down) = (2.0 * x * y, r2 + 2.0 * x * x, r2 + 2.0 * y * y);
    [
        [
            from_centre[0],
            kx[0],
            kx[1],
            kx[2],
            unit * cross,
            unit * across,
            1.0,
            0.0,
        ],
        [
            from_centre[1],
            ky[0],
            ky[1],
            ky[2],
            unit * down,
            unit * cross,
            0.0,
            1.0,
        ],
    ]
}

/// A camera with its lens changed by as much.
pub(super) fn changed(camera: &CameraModel, by: &[f64; LENS]) -> CameraModel {
    let distortion = match camera.distortion {
        Distortion::Brown { k, p } => Distortion::Brown {
            k: [k[0] + by[1], k[1] + by[2], k[2] + by[3]],
            p: [p[0] + by[4], p[1] + by[5]],
        },
        fisheye => fisheye,
    };
    let principal = (camera.cx_px + by[6], camera.cy_px + by[7]);
    let f_px = camera.f_px * by[0].exp();
    CameraModel::new(camera.width, camera.height, f_px, principal, distortion)
}

/// exp([w]×) by Rodrigues' formula.
pub(super) fn turn(w: [f64; 3]) -> [[f64; 3]; 3] {
    let angle = (w[0] * w[0] + w[1] * w[1] + w[2] * w[2]).sqrt();
    let (s, c) = if angle < 1e-9 {
        (1.0, 0.5)
    } else {
        (angle.sin() / angle, (1.0 - angle.cos()) / (angle * angle))
    };
    let k = [[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let square: f64 = (0..3).map(|m| k[i][m] * k[m][j]).sum();
            f64::from(u8::from(i == j)) + s * k[i][j] + c * square
        })
    })
}

/// The rotation vector of a small rotation: the inverse of [`turn`] below half a turn.
pub(super) fn vector(r: &[[f64; 3]; 3]) -> [f64; 3] {
    let odd = [r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]];
    let sine = (odd.iter().map(|v| v * v).sum::<f64>()).sqrt() / 2.0;
    let cosine = (r[0][0] + r[1][1] + r[2][2] - 1.0) / 2.0;
    let angle = sine.atan2(cosine);
    let scale = if sine < 1e-12 {
        0.5
    } else {
        angle / (2.0 * sine)
    };
    odd.map(|v| v * scale)
}

#[cfg(test)]
mod tests {
    use super::super::super::pose;
    use super::super::super::pose::product;
    use super::*;
    use crate::survey::YawPitchRoll;

    /// Every derivative against the difference of two projections.
    #[test]
    fn derivatives_are_differences() {
        let lens = Distortion::Brown {
            k: [-0.1, 0.05, 0.01],
            p: [0.002, -0.001],
        };
        let camera = CameraModel::new(640, 512, 760.0, (322.0, 250.0), lens);
        let rotation = pose::from_gimbal(&YawPitchRoll {
            yaw_deg: 37.0,
            pitch_deg: -82.0,
            roll_deg: 3.0,
        });
        let at = Pose {
            centre: [10.0, 20.0, 80.0],
            rotation,
        };
        let world = [18.0, 26.0, 21.0];
        let found = derived(&camera, &at, world).expect("in view");
        let step = 1e-5;
        let check = |name: &str, moved: (f64, f64), slope: [f64; 2]| {
            let difference = [moved.0 - found.pixel[0], moved.1 - found.pixel[1]];
            for k in 0..2 {
                let expected = difference[k] / step;
                let near = (slope[k] - expected).abs() < 1e-3 * (1.0 + expected.abs());
                assert!(near, "{name}: {} {expected}", slope[k]);
            }
        };
        let project = |camera: &CameraModel, pose: &Pose, world: [f64; 3]| {
            camera.project(pose.to_camera(world)).expect("in view")
        };
        for axis in 0..3 {
            let mut moved = world;
            moved[axis] += step;
            check(
                "point",
                project(&camera, &at, moved),
                [found.point[0][axis], found.point[1][axis]],
            );
            let mut centre = at;
            centre.centre[axis] += step;
            let slope = [found.pose[0][3 + axis], found.pose[1][3 + axis]];
            check("centre", project(&camera, &centre, world), slope);
            let mut w = [0.0; 3];
            w[axis] = step;
            let turned = Pose {
                rotation: product(&turn(w), &at.rotation),
                ..at
            };
            let slope = [found.pose[0][axis], found.pose[1][axis]];
            check("turn", project(&camera, &turned, world), slope);
        }
        for k in 0..LENS {
            let mut by = [0.0; LENS];
            by[k] = step;
            let moved = project(&changed(&camera, &by), &at, world);
            check("lens", moved, [found.lens[0][k], found.lens[1][k]]);
        }
    }

    #[test]
    fn a_rotation_vector_comes_back() {
        for w in [
            [0.0; 3],
            [1e-10, 0.0, 0.0],
            [0.3, -0.2, 0.5],
            [2.0, 1.0, -1.0],
        ] {
            let back = vector(&turn(w));
            for k in 0..3 {
                assert!((back[k] - w[k]).abs() < 1e-9, "{w:?} {back:?}");
            }
        }
    }
}
