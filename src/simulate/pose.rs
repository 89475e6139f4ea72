//! Attitude of a camera on a gimbal, and small turns of it.
//!
//! Gimbal angles as drones write them: yaw clockwise from north, pitch up (nadir −90°), roll;
//! order yaw, pitch, roll in north-east-down axes. The camera looks along the gimbal's first
//! axis, its columns run along the second, its rows along the third.

/// Camera → map rotation, row-major: columns are the camera's x (right), y (down), z (forward)
/// in east, north, up.
pub(super) type Rotation = [[f64; 3]; 3];

/// Rotation of gimbal angles in degrees; yaw counts from the map's north.
pub(super) fn rotation(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Rotation {
    let (sy, cy) = yaw_deg.to_radians().sin_cos();
    let (sp, cp) = pitch_deg.to_radians().sin_cos();
    let (sr, cr) = roll_deg.to_radians().sin_cos();
    // Columns of Rz(yaw) Ry(pitch) Rx(roll) in north, east, down.
    let forward = [cy * cp, sy * cp, -sp];
    let right = [cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr];
    let down = [cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr];
    let row = |i: usize, sign: f64| [sign * right[i], sign * down[i], sign * forward[i]];
    [row(1, 1.0), row(0, 1.0), row(2, -1.0)]
}

/// The rotation turned further by a small rotation vector in map axes, radians (Rodrigues).
pub(super) fn turned(by: [f64; 3], rotation: &Rotation) -> Rotation {
    let angle = (by[0] * by[0] + by[1] * by[1] + by[2] * by[2]).sqrt();
    if angle < 1e-15 {
        return *rotation;
    }
    let k = by.map(|v| v / angle);
    let (s, c) = angle.sin_cos();
    let mut out = [[0.0; 3]; 3];
    for column in 0..3 {
        let v = [
            rotation[0][column],
            rotation[1][column],
            rotation[2][column],
        ];
        let dot = k[0] * v[0] + k[1] * v[1] + k[2] * v[2];
        let cross = [
            k[1] * v[2] - k[2] * v[1],
            k[2] * v[0] - k[0] * v[2],
            k[0] * v[1] - k[1] * v[0],
        ];
        for row in 0..3 {
            out[row][column] = v[row] * c + cross[row] * s + k[row] * dot * (1.0 - c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Rotation, expected: Rotation) {
        for (a, b) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((a - b).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn a_nadir_camera_flying_north_has_east_right_and_north_up() {
        let expected = [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];
        close(rotation(0.0, -90.0, 0.0), expected);
    }

    #[test]
    fn at_nadir_yaw_and_roll_add() {
        close(rotation(30.0, -90.0, 40.0), rotation(70.0, -90.0, 0.0));
    }

    #[test]
    fn turning_about_up_is_turning_yaw_back() {
        let turn = 5.0_f64.to_radians();
        close(
            turned([0.0, 0.0, turn], &rotation(40.0, -90.0, 0.0)),
            rotation(35.0, -90.0, 0.0),
        );
    }
}
