//! Exterior orientation: where the camera was and how it was turned.

/// Camera centre and rotation. X_world = centre + rotation · X_camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Camera centre, project CRS and height, metres.
    pub centre: [f64; 3],
    /// Camera → world, row-major.
    pub rotation: [[f64; 3]; 3],
}

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
        let r = &self.rotation;
        [
            r[0][0] * d[0] + r[0][1] * d[1] + r[0][2] * d[2],
            r[1][0] * d[0] + r[1][1] * d[1] + r[1][2] * d[2],
            r[2][0] * d[0] + r[2][1] * d[1] + r[2][2] * d[2],
        ]
    }
}
