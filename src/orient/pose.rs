//! Exterior orientation: where the camera was and how it was turned.
//!
//! In: angles in the makers' conventions. Out: one rotation, camera (x right, y down, z forward)
//! to world (east, north, up). All conventions of georeferencing.md §3.3–3.5 end here, so that
//! nothing behind this file knows of gimbals.

use crate::survey::YawPitchRoll;

/// A rotation, row-major.
pub type Rotation = [[f64; 3]; 3];

/// Camera centre and rotation. X_world = centre + rotation · X_camera.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pose {
    /// Camera centre, project CRS and height, metres.
    pub centre: [f64; 3],
    /// Camera → world, row-major.
    pub rotation: Rotation,
}

/// North-east-down to east-north-up.
const NED_TO_ENU: Rotation = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]];
/// Camera axes to gimbal axes (x optical axis, y right, z down).
const CAMERA_TO_GIMBAL: Rotation = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
/// Camera axes to the axes of a body that looks down at pitch 0 (x image-up, y right, z down).
const CAMERA_TO_BODY: Rotation = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]];

impl Pose {
    /// A world point in the camera frame.
    #[inline]
    pub fn to_camera(&self, world: [f64; 3]) -> [f64; 3] {
        let d = [
            world[0] - self.centre[0],
            world[1] - self.centre[1],
            world[2] - self.centre[2],
        ];
        let r = &self.rotation;
        [
            r[0][0] * d[0] + r[1][0] * d[1] + r[2][0] * d[2],
            r[0][1] * d[0] + r[1][1] * d[1] + r[2][1] * d[2],
            r[0][2] * d[0] + r[1][2] * d[1] + r[2][2] * d[2],
        ]
    }

    /// A camera-frame direction in the world frame.
    #[inline]
    pub fn to_world_direction(&self, d: [f64; 3]) -> [f64; 3] {
        apply(&self.rotation, d)
    }

    /// Angle between the optical axis and straight down, degrees.
    pub fn tilt_deg(&self) -> f64 {
        tilt_deg(&self.rotation)
    }

    /// Where a camera-frame direction meets the horizontal plane at `height_m`, map x and y;
    /// `None` for directions that do not go down.
    #[inline]
    pub fn on_plane(&self, direction: [f64; 3], height_m: f64) -> Option<(f64, f64)> {
        let d = self.to_world_direction(direction);
        let drop_m = self.centre[2] - height_m;
        (d[2] < 0.0 && drop_m > 0.0).then(|| {
            let t = drop_m / -d[2];
            (self.centre[0] + t * d[0], self.centre[1] + t * d[1])
        })
    }
}

/// Camera → east-north-up from gimbal angles in the DJI convention (nadir is pitch −90):
/// R = P Rz(ψ) Ry(θ) Rx(ρ) P_cg, georeferencing.md §3.3. Roll turns about the optical axis, so
/// "nadir with roll 180" needs no special case.
pub fn from_gimbal(angles: &YawPitchRoll) -> Rotation {
    product(&body_to_enu(angles), &CAMERA_TO_GIMBAL)
}

/// Camera → east-north-up from angles of a body whose camera looks down at pitch 0
/// (MicaSense/Pix4D convention, georeferencing.md §3.4).
pub fn from_down_looking_body(angles: &YawPitchRoll) -> Rotation {
    product(&body_to_enu(angles), &CAMERA_TO_BODY)
}

/// Body (x forward, y right, z down) → east-north-up: P Rz(ψ) Ry(θ) Rx(ρ).
pub fn body_to_enu(angles: &YawPitchRoll) -> Rotation {
    let (sy, cy) = sin_cos_deg(angles.yaw_deg);
    let (sp, cp) = sin_cos_deg(angles.pitch_deg);
    let (sr, cr) = sin_cos_deg(angles.roll_deg);
    let ned = [
        [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
        [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
        [-sp, cp * sr, cp * cr],
    ];
    product(&NED_TO_ENU, &ned)
}

/// Camera → world from photogrammetric angles in degrees (camera x right, y up, z back):
/// Rx(ω) Ry(φ) Rz(κ) · diag(1, −1, −1), georeferencing.md §3.5.
pub fn from_omega_phi_kappa(omega_phi_kappa_deg: [f64; 3]) -> Rotation {
    let [(so, co), (sp, cp), (sk, ck)] = omega_phi_kappa_deg.map(sin_cos_deg);
    [
        [cp * ck, cp * sk, -sp],
        [co * sk + so * sp * ck, -(co * ck - so * sp * sk), so * cp],
        [so * sk - co * sp * ck, -(so * ck + co * sp * sk), -co * cp],
    ]
}

/// Photogrammetric angles of a rotation, degrees: φ = asin M02, ω = atan2(−M12, M22),
/// κ = atan2(−M01, M00) with M = R diag(1, −1, −1), georeferencing.md §3.5.
pub fn to_omega_phi_kappa(r: &Rotation) -> [f64; 3] {
    let phi = (-r[0][2]).clamp(-1.0, 1.0).asin();
    let omega = r[1][2].atan2(-r[2][2]);
    let kappa = r[0][1].atan2(r[0][0]);
    [omega.to_degrees(), phi.to_degrees(), kappa.to_degrees()]
}

/// Turns a rotation about the vertical, clockwise seen from above, by an angle in radians:
/// azimuths grow by it. From true to grid north the angle is minus the convergence.
pub fn turned(rotation: &Rotation, clockwise_rad: f64) -> Rotation {
    let (s, c) = clockwise_rad.sin_cos();
    product(&[[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]], rotation)
}

/// Rotation of a misaligned camera in its own frame, degrees: yaw about the optical axis
/// (clockwise on the ground for a nadir view), pitch about image-right (the view goes up), roll
/// about image-down (the view goes right). R_true = R_stated · boresight.
pub fn boresight(yaw_pitch_roll_deg: [f64; 3]) -> Rotation {
    let [(sy, cy), (sp, cp), (sr, cr)] = yaw_pitch_roll_deg.map(sin_cos_deg);
    let yaw = [[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]];
    let pitch = [[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]];
    let roll = [[cr, 0.0, sr], [0.0, 1.0, 0.0], [-sr, 0.0, cr]];
    product(&product(&yaw, &pitch), &roll)
}

/// Azimuth of image-up (−y of the camera) on the ground, degrees clockwise from north, in
/// (−180, 180].
pub fn up_azimuth_deg(r: &Rotation) -> f64 {
    (-r[0][1]).atan2(-r[1][1]).to_degrees()
}

/// Angle between the optical axis and straight down, degrees.
pub fn tilt_deg(r: &Rotation) -> f64 {
    r[0][2].hypot(r[1][2]).atan2(-r[2][2]).to_degrees()
}

/// Matrix product.
pub fn product(a: &Rotation, b: &Rotation) -> Rotation {
    std::array::from_fn(|i| {
        std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j])
    })
}

/// Matrix times vector.
#[inline]
pub fn apply(r: &Rotation, d: [f64; 3]) -> [f64; 3] {
    [
        r[0][0] * d[0] + r[0][1] * d[1] + r[0][2] * d[2],
        r[1][0] * d[0] + r[1][1] * d[1] + r[1][2] * d[2],
        r[2][0] * d[0] + r[2][1] * d[1] + r[2][2] * d[2],
    ]
}

/// An angle in degrees brought to (−180, 180].
pub fn wrapped_deg(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    if turned > 180.0 {
        turned - 360.0
    } else {
        turned
    }
}

/// Sine and cosine of degrees, exact at multiples of 90° so that a nadir view is one.
fn sin_cos_deg(degrees: f64) -> (f64, f64) {
    let turned = degrees.rem_euclid(360.0);
    let quarter = (turned / 90.0).floor();
    let (s, c) = (turned - 90.0 * quarter).to_radians().sin_cos();
    match quarter as u8 {
        0 | 4 => (s, c),
        1 => (c, -s),
        2 => (-s, -c),
        _ => (-c, s),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn angles(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> YawPitchRoll {
        YawPitchRoll {
            yaw_deg,
            pitch_deg,
            roll_deg,
        }
    }

    fn assert_same(a: &Rotation, b: &Rotation) {
        for (x, y) in a.iter().flatten().zip(b.iter().flatten()) {
            assert!((x - y).abs() < 1e-13, "{a:?} {b:?}");
        }
    }

    #[test]
    fn nadir_with_yaw_zero_has_image_up_to_the_north() {
        let r = from_gimbal(&angles(0.0, -90.0, 0.0));
        assert_eq!(apply(&r, [0.0, 0.0, 1.0]), [0.0, 0.0, -1.0]);
        assert_eq!(apply(&r, [0.0, -1.0, 0.0]), [0.0, 1.0, 0.0]);
        assert_eq!(apply(&r, [1.0, 0.0, 0.0]), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn nadir_with_yaw_90_has_image_up_to_the_east() {
        let r = from_gimbal(&angles(90.0, -90.0, 0.0));
        assert_eq!(apply(&r, [0.0, -1.0, 0.0]), [1.0, 0.0, 0.0]);
        assert_eq!(up_azimuth_deg(&r), 90.0);
    }

    #[test]
    fn a_level_gimbal_looks_along_its_yaw() {
        let r = from_gimbal(&angles(90.0, 0.0, 0.0));
        assert_eq!(apply(&r, [0.0, 0.0, 1.0]), [1.0, 0.0, 0.0]);
        assert_eq!(tilt_deg(&r), 90.0);
    }

    #[test]
    fn roll_180_at_nadir_is_yaw_turned_by_180() {
        for yaw in [0.0, 100.9, -91.2, 45.0] {
            assert_same(
                &from_gimbal(&angles(yaw, -90.0, 180.0)),
                &from_gimbal(&angles(yaw + 180.0, -90.0, 0.0)),
            );
        }
    }

    #[test]
    fn pitch_above_nadir_looks_towards_image_up() {
        let r = from_gimbal(&angles(0.0, -80.0, 0.0));
        let axis = apply(&r, [0.0, 0.0, 1.0]);
        assert!((axis[1] - 10f64.to_radians().sin()).abs() < 1e-12);
        assert!((tilt_deg(&r) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn a_body_looking_down_at_pitch_zero_equals_a_gimbal_at_minus_90() {
        assert_same(
            &from_down_looking_body(&angles(37.0, 0.0, 0.0)),
            &from_gimbal(&angles(37.0, -90.0, 0.0)),
        );
        // Nose up by 5°: the view goes forward.
        let r = from_down_looking_body(&angles(0.0, 5.0, 0.0));
        assert!(apply(&r, [0.0, 0.0, 1.0])[1] > 0.0);
        // Right wing down by 5°: the view goes to the left.
        let r = from_down_looking_body(&angles(0.0, 0.0, 5.0));
        assert!(apply(&r, [0.0, 0.0, 1.0])[0] < 0.0);
    }

    /// κ counts anticlockwise from image-right to east, so image-up to the north is κ 0 and to
    /// the east κ −90.
    #[test]
    fn omega_phi_kappa_of_a_nadir_view_is_kappa_alone() {
        assert_same(
            &from_omega_phi_kappa([0.0, 0.0, 0.0]),
            &from_gimbal(&angles(0.0, -90.0, 0.0)),
        );
        assert_same(
            &from_omega_phi_kappa([0.0, 0.0, -90.0]),
            &from_gimbal(&angles(90.0, -90.0, 0.0)),
        );
    }

    #[test]
    fn omega_phi_kappa_there_and_back_is_the_identity() {
        for given in [[1.5, -2.5, 33.0], [-7.0, 12.0, -170.0], [0.0, 0.0, 90.0]] {
            let found = to_omega_phi_kappa(&from_omega_phi_kappa(given));
            for (a, b) in given.iter().zip(found) {
                assert!((a - b).abs() < 1e-9, "{given:?} {found:?}");
            }
        }
    }

    /// Grid azimuth = true azimuth − γ; west of the central meridian γ < 0, so true north lies
    /// to the right of grid north.
    #[test]
    fn west_of_the_central_meridian_true_north_is_right_of_grid_north() {
        let convergence = (-0.85f64).to_radians();
        let r = turned(&from_gimbal(&angles(0.0, -90.0, 0.0)), -convergence);
        assert!((up_azimuth_deg(&r) - 0.85).abs() < 1e-12);
    }

    #[test]
    fn boresight_yaw_turns_a_nadir_view_clockwise() {
        let nadir = from_gimbal(&angles(10.0, -90.0, 0.0));
        let turned = product(&nadir, &boresight([5.0, 0.0, 0.0]));
        assert!((up_azimuth_deg(&turned) - 15.0).abs() < 1e-12);
        let pitched = product(&nadir, &boresight([0.0, 2.0, 0.0]));
        assert_same(&pitched, &from_gimbal(&angles(10.0, -88.0, 0.0)));
    }

    #[test]
    fn nadir_over_flat_ground_is_a_scale() {
        let pose = Pose {
            centre: [1000.0, 2000.0, 120.0],
            rotation: from_gimbal(&angles(0.0, -90.0, 0.0)),
        };
        // 100 m over ground at 20 m, half a focal length to the right and a quarter down.
        let (x, y) = pose.on_plane([0.5, 0.25, 1.0], 20.0).expect("goes down");
        assert_eq!((x, y), (1050.0, 1975.0));
        assert_eq!(pose.to_camera([1050.0, 1975.0, 20.0]), [50.0, 25.0, 100.0]);
    }
}
