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

const JUMPS: [(usize, f64); 3] = [(11, 2.5), (30, -3.0), (52, 1.8)];

#[test]
fn injected_drift_with_three_jumps_is_recovered() {
    // R2 of georeferencing.md §13, offsets only: RMSE ≤ 0.1 K.
    let flight = flight(5, 14, 0.3, &JUMPS);
    let levels = solve(
        &flight.samples,
        &flight.times_s,
        &flight.lattice,
        &Options::default(),
    );
    let error = rmse(&levels.offset_k, &flight.truth_k);
    assert!(error <= 0.1, "{error}");
    assert!(levels.connected.iter().all(|c| *c));
    // Views of 0.3 K noise about the mean of k: 0.3 √((k − 1)/k); k is 4 to 10 here.
    assert!((levels.disagreement_after_k - 0.275).abs() < 0.015);
    assert!((levels.mad_after_k - 0.275).abs() < 0.015);
    assert!(levels.disagreement_before_k > 1.0);
    for (frame, _) in JUMPS {
        assert_ne!(levels.run[frame - 1], levels.run[frame]);
    }
    // The mean is weighted by views, of which frames at the rim have fewer: near 0, not at it.
    let mean = levels.offset_k.iter().sum::<f64>() / 70.0;
    assert!(mean.abs() < 0.05, "the block keeps its mean: {mean}");
    assert!(levels.sigma_k.iter().all(|s| *s > 0.0 && *s < 0.5));
}

#[test]
fn a_tenth_of_the_views_being_wrong_does_not_matter() {
    let mut flight = flight(3, 10, 0.2, &[]);
    let mut dice = Dice(99);
    for sample in flight.samples.iter_mut().flatten() {
        if dice.uniform() < 0.1 {
            sample.kelvin += (3.0 + 5.0 * dice.uniform()) as f32;
        }
    }
    let levels = solve(
        &flight.samples,
        &flight.times_s,
        &flight.lattice,
        &Options::default(),
    );
    let error = rmse(&levels.offset_k, &flight.truth_k);
    assert!(error <= 0.1, "{error}");
}

#[test]
fn a_flight_too_long_to_factor_gets_the_same_quality() {
    // Every seventh sample keeps the test short; errors add up along 210 frames, so the samples
    // are as good as the mean of 25 pixels of 0.25 K.
    let mut flight = flight(8, 210, 0.05, &JUMPS);
    for (frame, list) in flight.samples.iter_mut().enumerate() {
        let mut place = frame;
        list.retain(|_| {
            place += 1;
            place % 7 == 0
        });
    }
    assert!(flight.samples.len() > DENSE_LIMIT);
    let levels = solve(
        &flight.samples,
        &flight.times_s,
        &flight.lattice,
        &Options::default(),
    );
    let error = rmse(&levels.offset_k, &flight.truth_k);
    assert!(error <= 0.1, "{error}");
}

#[test]
fn frames_without_common_ground_are_tied_in_time_or_named() {
    let mut flight = flight(2, 8, 0.1, &[]);
    let mut times = flight.times_s.clone();
    // Frame 5 sees nothing but lies between its neighbours in time; frame 9 sees nothing and
    // its time is unknown; a last frame follows an hour later.
    flight.samples[5].clear();
    flight.samples[9].clear();
    times[9] = f64::NAN;
    flight.samples.push(Vec::new());
    times.push(5000.0);
    let levels = solve(
        &flight.samples,
        &times,
        &flight.lattice,
        &Options::default(),
    );
    let between = 0.5 * (levels.offset_k[4] + levels.offset_k[6]);
    // Jumps are only seen where overlaps tell, so both ties of frame 5 hold: the middle.
    assert!((levels.offset_k[5] - between).abs() < 1e-3);
    assert!(levels.connected[5] && levels.sigma_k[5] > levels.sigma_k[4]);
    for lost in [9, 16] {
        assert!(!levels.connected[lost]);
        assert_eq!(levels.offset_k[lost], 0.0);
        assert!(levels.sigma_k[lost].is_nan());
    }
}

#[test]
fn switched_off_nothing_is_subtracted() {
    let flight = flight(2, 4, 0.1, &[]);
    let off = Options {
        enabled: false,
        ..Options::default()
    };
    let levels = solve(&flight.samples, &flight.times_s, &flight.lattice, &off);
    assert!(levels.offset_k.iter().all(|b| *b == 0.0));
    assert_eq!(levels.disagreement_after_k, levels.disagreement_before_k);
}

#[test]
fn a_gap_ends_a_run_and_no_input_is_no_answer() {
    let options = Options::default();
    let lattice = flight(1, 2, 0.1, &[]).lattice;
    let levels = solve(
        &[vec![], vec![], vec![]],
        &[0.0, 59.0, 120.0],
        &lattice,
        &options,
    );
    assert_eq!(levels.run, vec![0, 0, 1]);
    assert!(levels.disagreement_before_k.is_nan());
    assert_eq!(solve(&[], &[], &lattice, &options).offset_k.len(), 0);
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
