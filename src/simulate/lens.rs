//! The simulated cameras: lens, constants from temperature to counts, and what is wrong with
//! their pixels.

use super::park::stream;
use super::random::{Rng, smooth_field};

/// A camera type; its nominal values stand in the camera table as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CameraType {
    pub model: &'static str,
    pub width: usize,
    pub height: usize,
    pub focal_mm: f64,
    pub pitch_um: f64,
}

/// Maker as written in every file.
pub(super) const MAKE: &str = "thermaudit";
/// Radial distortion (Brown: D = 1 + k1 r² + k2 r⁴) of both lenses.
const K1: f64 = -0.08;
const K2: f64 = 0.02;

pub(super) const SIM320: CameraType = CameraType {
    model: "SIM320",
    width: 320,
    height: 256,
    focal_mm: 9.1,
    pitch_um: 12.0,
};

pub(super) const SIM640: CameraType = CameraType {
    model: "SIM640",
    width: 640,
    height: 512,
    focal_mm: 13.0,
    pitch_um: 12.0,
};

impl CameraType {
    /// Focal length in pixels.
    pub(super) fn focal_px(&self) -> f64 {
        self.focal_mm * 1000.0 / self.pitch_um
    }

    /// Directions (x right, y down, at z = 1) of sub-pixel centres, `per` × `per` to a pixel,
    /// row-major. The lens is inverted by fixed-point steps: at the corner r² < 0.08, so each
    /// step gains more than a decimal.
    pub(super) fn directions(&self, per: usize) -> Vec<[f32; 2]> {
        let (cx, cy) = (self.width as f64 / 2.0, self.height as f64 / 2.0);
        let f = self.focal_px();
        let mut directions = Vec::with_capacity(self.width * self.height * per * per);
        for row in 0..self.height * per {
            for column in 0..self.width * per {
                let xd = ((column as f64 + 0.5) / per as f64 - cx) / f;
                let yd = ((row as f64 + 0.5) / per as f64 - cy) / f;
                let (mut x, mut y) = (xd, yd);
                for _ in 0..12 {
                    let r2 = x * x + y * y;
                    let d = 1.0 + r2 * (K1 + r2 * K2);
                    (x, y) = (xd / d, yd / d);
                }
                directions.push([x as f32, y as f32]);
            }
        }
        directions
    }
}

/// Constants of `S = R1 / (R2 (exp(B/T) − F)) − O`: about 39 counts per kelvin at 0 °C.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlanckConstants {
    pub r1: f64,
    pub r2: f64,
    pub b: f64,
    pub f: f64,
    pub o: i32,
}

/// Of both cameras; the size of those in small uncooled drone cores.
pub(super) const PLANCK: PlanckConstants = PlanckConstants {
    r1: 366_545.0,
    r2: 1.0,
    b: 1428.0,
    f: 1.0,
    o: -342,
};

impl PlanckConstants {
    /// Counts at an apparent temperature, unrounded.
    #[inline]
    pub(super) fn counts(&self, kelvin: f64) -> f64 {
        self.r1 / (self.r2 * ((self.b / kelvin).exp() - self.f)) - f64::from(self.o)
    }
}

/// Noise of one exposure, standard deviation, kelvin.
const NETD_K: f64 = 0.05;
const FIXED_PATTERN_K: f64 = 0.03;
/// Fall towards the corners, kelvin.
const VIGNETTING_K: f64 = 0.4;

/// One camera on one night: the pattern that stays the same in all frames of a flight.
pub(super) struct Sensor {
    pattern: Vec<f32>,
}

impl Sensor {
    /// Draws the pattern: vignetting (its mean over the frame is zero, so that it does not act
    /// as an offset), pixel-wise unevenness and a faint blotchiness.
    pub(super) fn new(camera: &CameraType, seed: u64, flight: u32) -> Self {
        let mut rng = Rng::new(seed, &[stream::CAMERA, u64::from(flight)]);
        let blotches = rng.bits();
        let (cx, cy) = (camera.width as f64 / 2.0, camera.height as f64 / 2.0);
        let corner2 = cx * cx + cy * cy;
        let mut pattern = Vec::with_capacity(camera.width * camera.height);
        for row in 0..camera.height {
            for column in 0..camera.width {
                let (dx, dy) = (column as f64 + 0.5 - cx, row as f64 + 0.5 - cy);
                // Over a rectangle the mean of (r / corner)² is exactly one third.
                let fall = (dx * dx + dy * dy) / corner2 - 1.0 / 3.0;
                let blotch = smooth_field(blotches, column as f64 / 30.0, row as f64 / 30.0);
                let value = -VIGNETTING_K * fall
                    + FIXED_PATTERN_K * rng.gaussian()
                    + 0.5 * FIXED_PATTERN_K * blotch;
                pattern.push(value as f32);
            }
        }
        Self { pattern }
    }

    /// Apparent temperatures (K) → counts with pattern, drift and noise.
    pub(super) fn expose(&self, apparent_k: &[f32], drift_k: f64, rng: &mut Rng) -> Vec<u16> {
        apparent_k
            .iter()
            .zip(&self.pattern)
            .map(|(kelvin, pattern)| {
                let seen = f64::from(kelvin + pattern) + drift_k + NETD_K * rng.gaussian();
                PLANCK.counts(seen).round().clamp(0.0, 65_535.0) as u16
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lens_inverse_undoes_the_lens_at_the_corner() {
        let directions = SIM320.directions(1);
        let [x, y] = directions[0].map(f64::from);
        let r2 = x * x + y * y;
        let d = 1.0 - 0.08 * r2 + 0.02 * r2 * r2;
        // The corner pixel's centre is at (0.5, 0.5): 159.5 px left, 127.5 px up of the middle.
        assert!((x * d * SIM320.focal_px() - -159.5).abs() < 1e-3);
        assert!((y * d * SIM320.focal_px() - -127.5).abs() < 1e-3);
    }

    #[test]
    fn a_kelvin_is_about_39_counts_at_zero_celsius() {
        // By hand: S + O = 366545/(e^5.22790 − 1) = 1979.3; dS/dT = 1979.3·1.0054·1428/273.15² = 38.1.
        let slope = PLANCK.counts(273.65) - PLANCK.counts(272.65);
        assert!((slope - 38.1).abs() < 0.2, "{slope}");
    }

    #[test]
    fn the_fixed_pattern_has_the_stated_fall_and_no_mean() {
        let sensor = Sensor::new(&SIM320, 1, 1);
        let mean = sensor.pattern.iter().map(|v| f64::from(*v)).sum::<f64>() / 81_920.0;
        // 30 mK over 81,920 pixels: standard error 0.1 mK, blotches of 90 cells 1.5 mK.
        assert!(mean.abs() < 0.005, "{mean}");
        let corner = f64::from(sensor.pattern[0]);
        assert!((corner - -0.4 * 2.0 / 3.0).abs() < 0.15);
    }
}
