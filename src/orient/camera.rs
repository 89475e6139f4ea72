//! Interior orientation: from rays to pixels and back.
//!
//! In: points in the camera frame (x right, y down, z forward) or pixels. Out: pixels, or rays.
//! Fitted lens polynomials fold over outside the image, so every model knows the radius up to
//! which it can be inverted, and nothing beyond it is projected.

/// Lens distortion, on normalised coordinates x = X/Z, y = Y/Z, r² = x² + y².
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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
    /// Largest undistorted radius at which the lens model can be inverted.
    r_max: f64,
}

/// Undistorted radius beyond which no ray is followed: 84° off the axis.
const R_LIMIT: f64 = 10.0;

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

    /// A camera with a lens; computes up to where the lens model can be inverted.
    pub fn new(
        width: usize,
        height: usize,
        f_px: f64,
        principal: (f64, f64),
        distortion: Distortion,
    ) -> Self {
        Self {
            width,
            height,
            f_px,
            cx_px: principal.0,
            cy_px: principal.1,
            distortion,
            r_max: distortion.invertible_radius(),
        }
    }

    /// Largest undistorted radius r = √(X² + Y²)/Z the model is valid for.
    pub fn r_max(&self) -> f64 {
        self.r_max
    }

    /// Whether a pixel position lies in the image.
    #[inline]
    pub fn contains(&self, u: f64, v: f64) -> bool {
        u >= 0.0 && v >= 0.0 && u <= self.width as f64 && v <= self.height as f64
    }

    /// Pixel of a camera-frame point; `None` behind the camera or beyond the valid radius. The
    /// pixel may lie outside the image.
    #[inline]
    pub fn project(&self, point: [f64; 3]) -> Option<(f64, f64)> {
        if point[2] <= 0.0 {
            return None;
        }
        let inverse = 1.0 / point[2];
        let (x, y) = (point[0] * inverse, point[1] * inverse);
        let r2 = x * x + y * y;
        if r2 > self.r_max * self.r_max {
            return None;
        }
        let (xd, yd) = self.distortion.apply(x, y, r2);
        Some((self.f_px * xd + self.cx_px, self.f_px * yd + self.cy_px))
    }

    /// [`Self::project`] of many camera-frame points, NaN where it gives none; as many as `u` and
    /// `v` have places. Nothing in it branches, so that several points are done at once.
    #[inline]
    pub fn project_each(&self, point: impl Fn(u32) -> [f64; 3], u: &mut [f64], v: &mut [f64]) {
        // One loop for each kind of lens.
        match self.distortion {
            Distortion::Brown { k, p } => {
                let lens = Distortion::Brown { k, p };
                self.each(point, |x, y, r2| lens.apply(x, y, r2), u, v);
            }
            Distortion::Fisheye { .. } => {
                self.each(point, |x, y, r2| self.distortion.apply(x, y, r2), u, v);
            }
        }
    }

    #[inline(always)]
    fn each(
        &self,
        point: impl Fn(u32) -> [f64; 3],
        apply: impl Fn(f64, f64, f64) -> (f64, f64),
        u: &mut [f64],
        v: &mut [f64],
    ) {
        let farthest2 = self.r_max * self.r_max;
        for (i, (u, v)) in (0..).zip(u.iter_mut().zip(v)) {
            let [x, y, z] = point(i);
            let inverse = 1.0 / z;
            let (x, y) = (x * inverse, y * inverse);
            let r2 = x * x + y * y;
            let (xd, yd) = apply(x, y, r2);
            let seen = (z > 0.0) & (r2 <= farthest2);
            let nothing = if seen { 0.0 } else { f64::NAN };
            *u = self.f_px * xd + self.cx_px + nothing;
            *v = self.f_px * yd + self.cy_px + nothing;
        }
    }

    /// ∂x'/∂x, ∂x'/∂y; ∂y'/∂x, ∂y'/∂y of the lens at an undistorted position.
    pub(super) fn distortion_slope(&self, x: f64, y: f64) -> [[f64; 2]; 2] {
        if let Distortion::Fisheye { .. } = self.distortion {
            // Radial only: x' = s(r) x with s = θd/r; the slope of s from the radial slope.
            let r2 = x * x + y * y;
            let r = r2.sqrt().max(1e-9);
            let (radius, slope) = self.distortion.radial(r);
            let s = radius / r;
            let ds = (slope - s) / r2.max(1e-18);
            return [[s + ds * x * x, ds * x * y], [ds * x * y, s + ds * y * y]];
        }
        let [a, b, d] = self.distortion.jacobian(x, y);
        [[a, b], [b, d]]
    }

    /// Direction (x, y, 1) of a pixel in the camera frame; `None` where the lens model has no
    /// inverse.
    pub fn unproject(&self, u: f64, v: f64) -> Option<[f64; 3]> {
        let (xd, yd) = ((u - self.cx_px) / self.f_px, (v - self.cy_px) / self.f_px);
        let (x, y) = self.distortion.remove(xd, yd, self.r_max)?;
        Some([x, y, 1.0])
    }
}

impl Distortion {
    #[inline]
    fn apply(&self, x: f64, y: f64, r2: f64) -> (f64, f64) {
        match self {
            Distortion::Brown { k, p } => {
                let d = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]));
                let xy = 2.0 * x * y;
                (
                    x * d + p[0] * xy + p[1] * (r2 + 2.0 * x * x),
                    y * d + p[0] * (r2 + 2.0 * y * y) + p[1] * xy,
                )
            }
            Distortion::Fisheye { k } => {
                let r = r2.sqrt();
                if r < 1e-12 {
                    return (x, y);
                }
                let scale = fisheye(k, r.atan()) / r;
                (x * scale, y * scale)
            }
        }
    }

    /// Undistorted position: the radius by a safeguarded one-dimensional Newton iteration, which
    /// cannot leave the valid interval, then the tangential part by Newton on the Jacobian.
    fn remove(&self, xd: f64, yd: f64, r_max: f64) -> Option<(f64, f64)> {
        let rd = xd.hypot(yd);
        if !rd.is_finite() {
            return None;
        }
        if rd < 1e-15 && !self.is_tangential() {
            return Some((xd, yd));
        }
        let (r, found) = match self {
            Distortion::Brown { .. } => solve_increasing(|r| self.radial(r), rd, r_max),
            Distortion::Fisheye { k } => {
                let value = |theta: f64| (fisheye(k, theta), fisheye_slope(k, theta));
                let (theta, found) = solve_increasing(value, rd, r_max.atan());
                (theta.tan(), found)
            }
        };
        if !self.is_tangential() {
            return (found && r <= r_max).then(|| (xd * r / rd, yd * r / rd));
        }
        let scale = if rd > 1e-15 { r / rd } else { 1.0 };
        self.newton(xd, yd, (xd * scale, yd * scale))
            .filter(|(x, y)| x.hypot(*y) <= r_max)
    }

    fn newton(&self, xd: f64, yd: f64, start: (f64, f64)) -> Option<(f64, f64)> {
        /// 1e-12 of a focal length of 1000 px is 1e-9 px.
        const CONVERGED: f64 = 1e-12;
        let (mut x, mut y) = start;
        for _ in 0..50 {
            let (fx, fy) = self.apply(x, y, x * x + y * y);
            let (ex, ey) = (xd - fx, yd - fy);
            if ex.abs().max(ey.abs()) < CONVERGED {
                return Some((x, y));
            }
            let [a, b, d] = self.jacobian(x, y);
            let det = a * d - b * b;
            if det <= 0.0 {
                return None;
            }
            x += (d * ex - b * ey) / det;
            y += (a * ey - b * ex) / det;
        }
        None
    }

    fn is_tangential(&self) -> bool {
        matches!(self, Distortion::Brown { p, .. } if *p != [0.0; 2])
    }

    /// Distorted radius and its slope, without the tangential part.
    fn radial(&self, r: f64) -> (f64, f64) {
        let r2 = r * r;
        match self {
            Distortion::Brown { k, .. } => (
                r * (1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]))),
                1.0 + r2 * (3.0 * k[0] + r2 * (5.0 * k[1] + r2 * 7.0 * k[2])),
            ),
            Distortion::Fisheye { k } => {
                let theta = r.atan();
                (fisheye(k, theta), fisheye_slope(k, theta) / (1.0 + r2))
            }
        }
    }

    /// ∂x'/∂x, ∂x'/∂y = ∂y'/∂x, ∂y'/∂y of the Brown–Conrady model.
    fn jacobian(&self, x: f64, y: f64) -> [f64; 3] {
        let Distortion::Brown { k, p } = self else {
            return [1.0, 0.0, 1.0];
        };
        let r2 = x * x + y * y;
        let d = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]));
        let slope = 2.0 * (k[0] + r2 * (2.0 * k[1] + r2 * 3.0 * k[2]));
        [
            d + x * x * slope + 2.0 * p[0] * y + 6.0 * p[1] * x,
            x * y * slope + 2.0 * p[0] * x + 2.0 * p[1] * y,
            d + y * y * slope + 6.0 * p[0] * y + 2.0 * p[1] * x,
        ]
    }

    /// Radius up to which the mapping does not fold: the first zero of the radial slope, or with
    /// a tangential part the first zero of the Jacobian's determinant in any direction.
    fn invertible_radius(&self) -> f64 {
        if !self.is_tangential() {
            return first_zero(|r| self.radial(r).1, 4096);
        }
        const DIRECTIONS: usize = 24;
        (0..DIRECTIONS)
            .map(|i| {
                let (sin, cos) = (i as f64 * std::f64::consts::TAU / DIRECTIONS as f64).sin_cos();
                first_zero(
                    |r| {
                        let [a, b, d] = self.jacobian(r * cos, r * sin);
                        // Beyond a first fold the determinant may turn positive again, with
                        // both eigenvalues negative: the trace tells.
                        (a * d - b * b).min(a + d)
                    },
                    1024,
                )
            })
            .fold(R_LIMIT, f64::min)
    }
}

/// Distorted angle θd of a fisheye.
#[inline]
fn fisheye(k: &[f64; 4], theta: f64) -> f64 {
    let t2 = theta * theta;
    theta * (1.0 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))))
}

/// dθd/dθ.
fn fisheye_slope(k: &[f64; 4], theta: f64) -> f64 {
    let t2 = theta * theta;
    1.0 + t2 * (3.0 * k[0] + t2 * (5.0 * k[1] + t2 * (7.0 * k[2] + t2 * 9.0 * k[3])))
}

/// First zero of a function that starts positive, on (0, [`R_LIMIT`]], by equal steps and then
/// bisection; the limit when there is none.
fn first_zero(value: impl Fn(f64) -> f64, steps: usize) -> f64 {
    let step = R_LIMIT / steps as f64;
    let Some(hit) = (1..=steps).find(|i| value(step * *i as f64) <= 0.0) else {
        return R_LIMIT;
    };
    let (mut low, mut high) = (step * (hit - 1) as f64, step * hit as f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if value(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Solves value(r) = target on [0, max] for an increasing function given with its slope: Newton
/// steps, halved where they would leave the bracket. Returns the nearest end and `false` when
/// the target is out of reach.
fn solve_increasing(value: impl Fn(f64) -> (f64, f64), target: f64, max: f64) -> (f64, bool) {
    let (mut low, mut high) = (0.0, max);
    if value(max).0 < target {
        return (max, false);
    }
    let mut r = target.min(max);
    for _ in 0..100 {
        let (found, slope) = value(r);
        if found < target {
            low = r;
        } else {
            high = r;
        }
        let newton = r + (target - found) / slope;
        if (newton - r).abs() <= 1e-15 * (1.0 + r) {
            return (newton.min(max), true);
        }
        r = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
    }
    (r, true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lens of a flight's camera as its adjustment gave it: k2 and k3 large, p in the order
    /// of this file.
    fn field_a() -> CameraModel {
        let distortion = Distortion::Brown {
            k: [-0.026029, 0.234595, 0.183316],
            p: [0.003852, 0.008663],
        };
        CameraModel::new(640, 512, 741.153, (330.09, 264.539), distortion)
    }

    fn round_trip_px(camera: &CameraModel, u: f64, v: f64) -> Option<f64> {
        let ray = camera.unproject(u, v)?;
        let (u2, v2) = camera
            .project(ray)
            .expect("a ray that was found is in reach");
        Some((u2 - u).hypot(v2 - v))
    }

    #[test]
    fn a_pinhole_is_the_intercept_theorem() {
        let camera = CameraModel::pinhole(640, 512, 800.0);
        assert_eq!(camera.project([1.0, -0.5, 4.0]), Some((520.0, 156.0)));
        assert_eq!(camera.unproject(520.0, 156.0), Some([0.25, -0.125, 1.0]));
    }

    #[test]
    fn points_behind_the_camera_have_no_pixel() {
        let camera = CameraModel::pinhole(640, 512, 800.0);
        assert_eq!(camera.project([0.0, 0.0, 0.0]), None);
        assert_eq!(camera.project([0.1, 0.1, -1.0]), None);
    }

    /// By hand: x = 0.1, y = 0.2, r² = 0.05, D = 1 + 0.1·0.05 = 1.005;
    /// x' = 0.1005 + 2·0.01·0.02 + 0.02 (0.05 + 0.02) = 0.1023,
    /// y' = 0.201 + 0.01 (0.05 + 0.08) + 2·0.02·0.02 = 0.2031.
    #[test]
    fn the_brown_model_is_the_one_of_its_formula() {
        let distortion = Distortion::Brown {
            k: [0.1, 0.0, 0.0],
            p: [0.01, 0.02],
        };
        let camera = CameraModel::new(10, 10, 1000.0, (0.0, 0.0), distortion);
        let (u, v) = camera.project([0.1, 0.2, 1.0]).expect("in reach");
        assert!(
            (u - 102.3).abs() < 1e-9 && (v - 203.1).abs() < 1e-9,
            "{u} {v}"
        );
    }

    #[test]
    fn an_ideal_fisheye_maps_equal_angles_to_equal_lengths() {
        let distortion = Distortion::Fisheye { k: [0.0; 4] };
        let camera = CameraModel::new(10, 10, 1000.0, (0.0, 0.0), distortion);
        let (u, _) = camera.project([1.0, 0.0, 1.0]).expect("in reach");
        assert!((u - 1000.0 * std::f64::consts::FRAC_PI_4).abs() < 1e-9);
    }

    /// d(r − r³)/dr = 1 − 3 r² is zero at r = 1/√3.
    #[test]
    fn the_valid_radius_is_where_the_distorted_radius_stops_growing() {
        let distortion = Distortion::Brown {
            k: [-1.0, 0.0, 0.0],
            p: [0.0; 2],
        };
        let camera = CameraModel::new(640, 512, 500.0, (320.0, 256.0), distortion);
        assert!((camera.r_max() - 1.0 / 3f64.sqrt()).abs() < 1e-12);
        assert!(camera.project([0.57, 0.0, 1.0]).is_some());
        assert!(camera.project([0.58, 0.0, 1.0]).is_none());
        // The folded-over side: r = 0.58 and some r < r_max share a pixel, only one is a ray.
        assert!(camera.unproject(320.0 + 500.0 * 0.385, 256.0).is_none());
        assert!(camera.unproject(320.0 + 500.0 * 0.384, 256.0).is_some());
    }

    #[test]
    fn every_pixel_of_a_real_lens_comes_back_to_itself() {
        let camera = field_a();
        for col in 0..=640 {
            for row in 0..=512 {
                let off = round_trip_px(&camera, f64::from(col), f64::from(row));
                assert!(off.is_some_and(|off| off <= 1e-6), "{col} {row}: {off:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn many_points_at_once_have_the_pixels_of_each(
            k1 in -0.4..0.4f64, k2 in -0.5..0.5f64, p1 in -0.01..0.01f64,
            points in prop::collection::vec(prop::array::uniform3(-2.0..2.0f64), 1..20),
        ) {
            let brown = Distortion::Brown { k: [k1, k2, 0.0], p: [p1, -p1] };
            let fisheye = Distortion::Fisheye { k: [0.1 * k1, 0.1 * k2, 0.0, 0.0] };
            for distortion in [brown, fisheye] {
                let camera = CameraModel::new(640, 512, 700.0, (320.0, 256.0), distortion);
                let (mut u, mut v) = (vec![0.0; points.len()], vec![0.0; points.len()]);
                camera.project_each(|i| points[i as usize], &mut u, &mut v);
                for (point, found) in points.iter().zip(u.into_iter().zip(v)) {
                    match camera.project(*point) {
                        Some(pixel) => prop_assert_eq!(found, pixel),
                        None => prop_assert!(found.0.is_nan() && found.1.is_nan()),
                    }
                }
            }
        }

        #[test]
        fn brown_pixels_come_back_to_themselves(
            k1 in -0.4..0.4f64, k2 in -0.5..0.5f64, k3 in -0.5..0.5f64,
            p1 in -0.01..0.01f64, p2 in -0.01..0.01f64,
            f in 350.0..2000.0f64, u in 0.0..640.0f64, v in 0.0..512.0f64,
        ) {
            let distortion = Distortion::Brown { k: [k1, k2, k3], p: [p1, p2] };
            let camera = CameraModel::new(640, 512, f, (325.0, 250.0), distortion);
            if let Some(off) = round_trip_px(&camera, u, v) {
                prop_assert!(off <= 1e-6, "{off}");
            } else {
                // Only a lens that folds over inside the image may lose a pixel: the image
                // reaches at least half of the way to the fold.
                let r = (u - 325.0).hypot(v - 250.0) / f;
                prop_assert!(r > 0.4 * camera.r_max(), "{r} of {}", camera.r_max());
            }
        }

        #[test]
        fn rays_within_the_valid_radius_come_back_to_themselves(
            k1 in -0.4..0.4f64, k2 in -0.5..0.5f64, k3 in -0.5..0.5f64,
            share in 0.0..0.95f64, angle in 0.0..std::f64::consts::TAU,
        ) {
            let distortion = Distortion::Brown { k: [k1, k2, k3], p: [0.0; 2] };
            let camera = CameraModel::new(640, 512, 700.0, (320.0, 256.0), distortion);
            let r = share * camera.r_max().min(1.5);
            let (sin, cos) = angle.sin_cos();
            let (u, v) = camera.project([r * cos, r * sin, 1.0]).expect("within the radius");
            let ray = camera.unproject(u, v).expect("has an inverse");
            prop_assert!((ray[0] - r * cos).hypot(ray[1] - r * sin) < 1e-9);
        }

        #[test]
        fn fisheye_pixels_come_back_to_themselves(
            k1 in -0.1..0.1f64, k2 in -0.05..0.05f64, k3 in -0.02..0.02f64, k4 in -0.01..0.01f64,
            f in 300.0..1000.0f64, u in 0.0..640.0f64, v in 0.0..512.0f64,
        ) {
            let distortion = Distortion::Fisheye { k: [k1, k2, k3, k4] };
            let camera = CameraModel::new(640, 512, f, (320.0, 256.0), distortion);
            if let Some(off) = round_trip_px(&camera, u, v) {
                prop_assert!(off <= 1e-6, "{off}");
            } else {
                let theta = (u - 320.0).hypot(v - 256.0) / f;
                prop_assert!(theta > 0.4 * camera.r_max().atan());
            }
        }
    }
}
