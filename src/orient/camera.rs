//! Interior orientation: from rays to pixels and back.

/// Lens distortion, on normalised coordinates x = X/Z, y = Y/Z, r² = x² + y².
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distortion {
    /// Brown–Conrady: D = 1 + k1 r² + k2 r⁴ + k3 r⁶;
    /// x' = xD + 2 p1 xy + p2 (r² + 2x²), y' = yD + p1 (r² + 2y²) + 2 p2 xy.
    Brown {
        /// Radial, dimensionless.
        k: [f64; 3],
        /// Tangential, dimensionless (order of OpenCV; Metashape swaps them).
        p: [f64; 2],
    },
    /// Equidistant fisheye: θ = atan r; θd = θ (1 + k1 θ² + k2 θ⁴ + k3 θ⁶ + k4 θ⁸).
    Fisheye {
        /// Radial, dimensionless.
        k: [f64; 4],
    },
}

/// A frame camera at raw size. u = f x' + cx, v = f y' + cy, pixels, continuous.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraModel {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Focal length, pixels.
    pub f_px: f64,
    /// Principal point, pixels from the outer corner of the upper-left pixel.
    pub cx_px: f64,
    /// Principal point, pixels.
    pub cy_px: f64,
    /// Lens.
    pub distortion: Distortion,
    /// Largest undistorted radius at which the lens model is still monotonic.
    r_max: f64,
}

impl CameraModel {
    /// A camera with the principal point in the middle and no distortion.
    pub fn pinhole(width: usize, height: usize, f_px: f64) -> Self {
        let centre = (width as f64 / 2.0, height as f64 / 2.0);
        Self::new(
            width,
            height,
            f_px,
            centre,
            Distortion::Brown {
                k: [0.0; 3],
                p: [0.0; 2],
            },
        )
    }

    /// A camera with a lens; computes where the lens model stops being monotonic.
    pub fn new(
        width: usize,
        height: usize,
        f_px: f64,
        principal: (f64, f64),
        distortion: Distortion,
    ) -> Self {
        let r_max = monotonic_radius(&distortion);
        Self {
            width,
            height,
            f_px,
            cx_px: principal.0,
            cy_px: principal.1,
            distortion,
            r_max,
        }
    }

    /// Largest undistorted radius X/Z the model is valid for.
    pub fn r_max(&self) -> f64 {
        self.r_max
    }

    /// Pixel of a camera-frame point; `None` behind the camera or beyond the valid radius. The
    /// pixel may lie outside the image.
    #[inline]
    pub fn project(&self, point: [f64; 3]) -> Option<(f64, f64)> {
        if point[2] <= 0.0 {
            return None;
        }
        let (x, y) = (point[0] / point[2], point[1] / point[2]);
        let r2 = x * x + y * y;
        if r2 > self.r_max * self.r_max {
            return None;
        }
        let (xd, yd) = self.distort(x, y);
        Some((self.f_px * xd + self.cx_px, self.f_px * yd + self.cy_px))
    }

    /// Direction (x, y, 1) of a pixel in the camera frame; `None` where the lens model has no
    /// inverse. Newton on the 2 × 2 Jacobian.
    pub fn unproject(&self, u: f64, v: f64) -> Option<[f64; 3]> {
        let (xd, yd) = ((u - self.cx_px) / self.f_px, (v - self.cy_px) / self.f_px);
        let (mut x, mut y) = match self.distortion {
            Distortion::Brown { .. } => (xd, yd),
            Distortion::Fisheye { .. } => {
                let theta = xd.hypot(yd);
                let scale = if theta > 1e-12 {
                    theta.min(1.5).tan() / theta
                } else {
                    1.0
                };
                (xd * scale, yd * scale)
            }
        };
        const STEP: f64 = 1e-6;
        for _ in 0..25 {
            let (fx, fy) = self.distort(x, y);
            let (ex, ey) = (xd - fx, yd - fy);
            if ex.abs().max(ey.abs()) < 1e-13 {
                break;
            }
            let (ax, ay) = self.distort(x + STEP, y);
            let (bx, by) = self.distort(x - STEP, y);
            let (cx, cy) = self.distort(x, y + STEP);
            let (dx, dy) = self.distort(x, y - STEP);
            let j = [
                (ax - bx) / (2.0 * STEP),
                (cx - dx) / (2.0 * STEP),
                (ay - by) / (2.0 * STEP),
                (cy - dy) / (2.0 * STEP),
            ];
            let det = j[0] * j[3] - j[1] * j[2];
            if det.abs() < 1e-12 {
                return None;
            }
            x += (j[3] * ex - j[1] * ey) / det;
            y += (j[0] * ey - j[2] * ex) / det;
        }
        let (fx, fy) = self.distort(x, y);
        let converged = (fx - xd).abs().max((fy - yd).abs()) < 1e-10;
        (converged && x.hypot(y) <= self.r_max).then_some([x, y, 1.0])
    }

    fn distort(&self, x: f64, y: f64) -> (f64, f64) {
        let r2 = x * x + y * y;
        match self.distortion {
            Distortion::Brown { k, p } => {
                let d = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]));
                (
                    x * d + 2.0 * p[0] * x * y + p[1] * (r2 + 2.0 * x * x),
                    y * d + p[0] * (r2 + 2.0 * y * y) + 2.0 * p[1] * x * y,
                )
            }
            Distortion::Fisheye { k } => {
                let r = r2.sqrt();
                if r < 1e-12 {
                    return (x, y);
                }
                let theta = r.atan();
                let scale = theta * fisheye_factor(&k, theta) / r;
                (x * scale, y * scale)
            }
        }
    }
}

fn fisheye_factor(k: &[f64; 4], theta: f64) -> f64 {
    let t2 = theta * theta;
    1.0 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3])))
}

/// First radius at which the distorted radius stops growing; large when it never does.
fn monotonic_radius(distortion: &Distortion) -> f64 {
    const LIMIT: f64 = 10.0;
    const STEPS: usize = 20_000;
    let distorted = |r: f64| match distortion {
        Distortion::Brown { k, .. } => {
            let r2 = r * r;
            r * (1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2])))
        }
        Distortion::Fisheye { k } => {
            let theta = r.atan();
            theta * fisheye_factor(k, theta)
        }
    };
    let mut previous = 0.0;
    for step in 1..=STEPS {
        let r = LIMIT * step as f64 / STEPS as f64;
        let value = distorted(r);
        if value <= previous {
            return LIMIT * (step - 1) as f64 / STEPS as f64;
        }
        previous = value;
    }
    LIMIT
}
