//! Which blocks of ground can meet an image at all.

use super::OrientedFrame;
use crate::raster::Bounds;

/// Range of undistorted directions (X/Z, Y/Z) the image covers.
pub(super) struct CameraBox {
    range: Option<[f64; 4]>,
}

impl CameraBox {
    /// Follows the image border through the lens.
    pub(super) fn new(frame: &OrientedFrame) -> Self {
        const STEPS: usize = 16;
        let camera = &frame.camera;
        let (w, h) = (camera.width as f64, camera.height as f64);
        let mut range = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        for step in 0..STEPS {
            let t = step as f64 / STEPS as f64;
            for (u, v) in [(t * w, 0.0), (w, t * h), (w - t * w, h), (0.0, h - t * h)] {
                let Some([x, y, _]) = camera.unproject(u, v) else {
                    // Without the border nothing can be ruled out.
                    return Self { range: None };
                };
                range = [
                    range[0].min(x),
                    range[1].max(x),
                    range[2].min(y),
                    range[3].max(y),
                ];
            }
        }
        // The border bulges between the points followed: by (1/16)²/8 of a side's curvature,
        // far less than two in a hundred.
        let pad_x = 0.02 * (range[1] - range[0]);
        let pad_y = 0.02 * (range[3] - range[2]);
        Self {
            range: Some([
                range[0] - pad_x,
                range[1] + pad_x,
                range[2] - pad_y,
                range[3] + pad_y,
            ]),
        }
    }

    /// Whether some point of a box of ground may lie in the image. Perspective keeps convex
    /// hulls, so the eight corners bound the box where all lie in front of the camera.
    pub(super) fn may_see(
        &self,
        frame: &OrientedFrame,
        plan: &Bounds,
        heights: (f64, f64),
    ) -> bool {
        let Some(range) = self.range else { return true };
        let mut seen = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        let mut behind = 0;
        for corner in 0..8 {
            let pick = |bit: usize, low: f64, high: f64| if corner & bit == 0 { low } else { high };
            let [x, y, z] = frame.pose.to_camera([
                pick(1, plan.x_min, plan.x_max),
                pick(2, plan.y_min, plan.y_max),
                pick(4, heights.0, heights.1),
            ]);
            if z <= 0.0 {
                behind += 1;
                continue;
            }
            seen = [
                seen[0].min(x / z),
                seen[1].max(x / z),
                seen[2].min(y / z),
                seen[3].max(y / z),
            ];
        }
        match behind {
            0 => {
                seen[0] <= range[1]
                    && seen[1] >= range[0]
                    && seen[2] <= range[3]
                    && seen[3] >= range[2]
            }
            8 => false,
            _ => true,
        }
    }
}
