use super::*;
use crate::orient::{CameraModel, Pose};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::rectify::OrientedFrame;

/// Deterministic numbers: the 64-bit linear congruential generator of Knuth's MMIX.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal as the sum of twelve uniforms, less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// A simulated flight: lines of frames over a lattice of 10 px: each frame sees 64 × 51 cells, 80 % forward and
/// 50 % side overlap, one frame every 2 s, turns of 10 s.
pub(super) struct Flight {
    pub(super) samples: Vec<Vec<Sample>>,
    pub(super) times_s: Vec<f64>,
    pub(super) truth_k: Vec<f64>,
    pub(super) lattice: Lattice,
}

pub(super) fn flight(
    lines: usize,
    per_line: usize,
    noise_k: f64,
    jumps: &[(usize, f64)],
) -> Flight {
    let (across, along) = (64_usize, 51_usize);
    let (side_step, forward_step) = (32, 10);
    let width = across + side_step * (lines - 1);
    let height = along + forward_step * (per_line - 1);
    let bounds = Bounds {
        x_min: 0.0,
        y_min: 0.0,
        x_max: (width - 1) as f64 * 0.5,
        y_max: (height - 1) as f64 * 0.5,
    };
    let lattice = lattice_over(&bounds, 0.05, 1e6, &Options::default()).expect("a small site");
    let mut dice = Dice(7);
    let ground: Vec<f64> = (0..width * height)
        .map(|_| 280.0 + 6.0 * dice.uniform())
        .collect();
    let (mut time, mut drift) = (0.0, 0.0);
    let (mut samples, mut times_s, mut truth_k) = (Vec::new(), Vec::new(), Vec::new());
    for line in 0..lines {
        for place in 0..per_line {
            let pause: f64 = if place == 0 && line > 0 { 10.0 } else { 2.0 };
            time += pause;
            drift += 0.3 * pause.sqrt() * dice.normal();
            let frame = samples.len();
            drift += jumps
                .iter()
                .filter(|j| j.0 == frame)
                .map(|j| j.1)
                .sum::<f64>();
            let along_line = if line % 2 == 0 {
                place
            } else {
                per_line - 1 - place
            };
            let (left, low) = (line * side_step, along_line * forward_step);
            let mut seen = Vec::new();
            for row in low..low + along {
                for col in left..left + across {
                    let cell = row * width + col;
                    let kelvin = ground[cell] + drift + noise_k * dice.normal();
                    seen.push(Sample {
                        cell: cell as u32,
                        kelvin: kelvin as f32,
                        u_px: (10 * (col - left) + 5) as u16,
                        v_px: (10 * (row - low) + 5) as u16,
                        sight: [0; 2],
                        doubtful: false,
                    });
                }
            }
            samples.push(seen);
            times_s.push(time);
            truth_k.push(drift);
        }
    }
    Flight {
        samples,
        times_s,
        truth_k,
        lattice,
    }
}

/// Root mean square of estimate − truth with the mean of that difference removed.
pub(super) fn rmse(estimate: &[f64], truth: &[f64]) -> f64 {
    let differences: Vec<f64> = estimate.iter().zip(truth).map(|(a, b)| a - b).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt()
}

#[test]
fn samples_are_what_the_frame_shows_at_the_ground_point() {
    // Nadir from 20 m, 0.1 m pixels, temperature rising by 0.2 K per metre to the east.
    let frame = OrientedFrame {
        index: 0,
        name: String::from("frame"),
        camera: CameraModel::pinhole(80, 60, 200.0),
        pose: Pose {
            centre: [0.0, 0.0, 20.0],
            rotation: [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]],
        },
        sigma_xy_m: 0.0,
        sigma_z_m: 0.0,
        ground_z_m: 0.0,
        path_m: 20.0,
        footprint: Bounds {
            x_min: -4.0,
            y_min: -3.0,
            x_max: 4.0,
            y_max: 3.0,
        },
        time_s: 0.0,
    };
    let transform = GeoTransform {
        x0: -4.0,
        y0: 3.0,
        dx: 0.1,
        dy: 0.1,
    };
    let mut kelvin = Grid::filled(80, 60, 0.0);
    for row in 0..60 {
        for col in 0..80 {
            let (x, _) = transform.centre(col, row);
            kelvin.set(col, row, (280.0 + 0.2 * x) as f32);
        }
    }
    let surface = GeoGrid {
        grid: Grid::filled(20, 20, 0.0),
        transform: GeoTransform {
            x0: -10.0,
            y0: 10.0,
            dx: 1.0,
            dy: 1.0,
        },
    };
    let options = Options::default();
    let lattice = lattice(std::slice::from_ref(&frame), &options).expect("one frame");
    let found = sample(&kelvin, &frame, &surface, &lattice, &options);
    // Points every metre: x −3 … 3, y −2 … 2 keep 5.5 px from the border.
    assert_eq!(found.len(), 7 * 5);
    // Lattice from (−4, −3), 9 points a row: (3, −2) is number 1 · 9 + 7.
    let at = found.iter().find(|s| s.cell == 16).expect("inside");
    // The square of 5 pixels around a pixel border is half a pixel off: 0.05 m · 0.2 K/m.
    assert!((f64::from(at.kelvin) - 280.6).abs() <= 0.0101);
    // The same picture as a ready-made tile says the same.
    let tile = GeoGrid {
        grid: kelvin,
        transform,
    };
    let tiles = sample_tile(&tile, &lattice, &options);
    let same = tiles.iter().find(|s| s.cell == 16).expect("inside");
    assert!((same.kelvin - at.kelvin).abs() < 0.021);
}
