//! A flight and a survey with known truth for tests of levelling: every pixel is painted from a
//! ground nobody else knows, then made wrong the way cameras are.

// Each test file uses its own part.
#![allow(dead_code)]

use rayon::prelude::*;
use thermaudit::level::{Lattice, Options, Reference, Sample, Source, lattice, sample, sample_at};
use thermaudit::orient::{CameraModel, OrientedFrame, Pose};
use thermaudit::raster::{Bounds, GeoGrid, GeoTransform, Grid};

/// Deterministic numbers: the 64-bit linear congruential generator of Knuth's MMIX.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.uniform();
        dice
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal as the sum of twelve uniforms, less six.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Root mean square of estimate − truth with the mean of that difference removed.
pub(crate) fn rms(estimate: &[f64], truth: &[f64]) -> f64 {
    let differences: Vec<f64> = estimate.iter().zip(truth).map(|(a, b)| a - b).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// Ground of a park: slow rise, fields of some metres, patches of less than one.
#[derive(Clone, Copy)]
pub(crate) struct Ground {
    seed: u64,
    /// Size of everything against a drone flight.
    scale: f64,
}

impl Ground {
    fn knot(&self, layer: u64, col: i64, row: i64) -> f64 {
        let mut h = self.seed ^ layer.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for part in [col as u64, row as u64] {
            h = (h ^ part).wrapping_mul(0xff51_afd7_ed55_8ccd);
            h ^= h >> 32;
        }
        (h >> 11) as f64 / (1u64 << 53) as f64
    }

    fn smooth(&self, layer: u64, x: f64, y: f64) -> f64 {
        let (col, row) = (x.floor(), y.floor());
        let (a, b) = (x - col, y - row);
        let (col, row) = (col as i64, row as i64);
        let k = |c, r| self.knot(layer, col + c, row + r);
        (k(0, 0) * (1.0 - a) + k(1, 0) * a) * (1.0 - b) + (k(0, 1) * (1.0 - a) + k(1, 1) * a) * b
    }

    /// Whether a field of 7 m is metal, for a share of all fields.
    pub(crate) fn is_metal(&self, x_m: f64, y_m: f64, share: f64) -> bool {
        let field = |m: f64| (m / self.scale / 7.0).floor() as i64;
        self.knot(4, field(x_m), field(y_m)) < share
    }

    /// Its temperature, kelvin.
    pub(crate) fn kelvin(&self, x_m: f64, y_m: f64) -> f64 {
        let (x, y) = (x_m / self.scale, y_m / self.scale);
        // Fields with sharp edges, 7 m.
        let field = self.knot(3, (x / 7.0).floor() as i64, (y / 7.0).floor() as i64);
        278.0
            + 0.02 * (x - y)
            + 4.0 * field
            + 3.0 * self.smooth(1, x / 3.0, y / 3.0)
            + 1.0 * self.smooth(2, x / 0.7, y / 0.7)
    }
}

/// How a flight goes wrong.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    /// Whether the camera turns with the lines.
    pub(crate) turning: bool,
    /// Frame and step of the offset.
    pub(crate) jumps: &'static [(usize, f64)],
    /// From the centre to the corner, kelvin.
    pub(crate) vignetting_k: f64,
    /// To the right and downwards, kelvin per 400 px.
    pub(crate) tilt_k: [f64; 2],
    /// By how much that grows over the flight.
    pub(crate) growth_k: [f64; 2],
    /// Of all temperatures.
    pub(crate) too_warm_k: f64,
    /// Of the contrast about 283 K.
    pub(crate) gain: f64,
    /// 1σ by which frames lie elsewhere than their poses say, metres.
    pub(crate) misplaced_m: f64,
    /// Share of the fields that are metal and mirror a sky colder overhead than low down.
    pub(crate) metal: f64,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            turning: true,
            jumps: &[],
            vignetting_k: 0.0,
            tilt_k: [0.0; 2],
            growth_k: [0.0; 2],
            too_warm_k: 0.0,
            gain: 1.0,
            misplaced_m: 0.0,
            metal: 0.0,
        }
    }
}

/// A simulated flight: 38 m over flat ground, 5 cm pixels, 80 % forward and 50 % side overlap.
pub(crate) struct Flight {
    pub(crate) frames: Vec<OrientedFrame>,
    pub(crate) samples: Vec<Vec<Sample>>,
    pub(crate) sources: Vec<Source>,
    /// Offset of each frame, kelvin.
    pub(crate) truth_k: Vec<f64>,
    /// Camera places, metres.
    pub(crate) places: Vec<[f64; 2]>,
    pub(crate) lattice: Lattice,
    ground: Ground,
    surface: GeoGrid<f32>,
    /// Where the frames really were less where their poses say, metres.
    misplaced: Vec<[f64; 2]>,
    look: Look,
    seed: u64,
}

const HEIGHT_M: f64 = 38.0;
const FOCAL_PX: f64 = 760.0;
const LINES: usize = 5;
const PER_LINE: usize = 14;

impl Flight {
    pub(crate) fn new(seed: u64, look: &Look) -> Self {
        let mut dice = Dice::new(seed);
        let (mut time, mut drift) = (0.0, 0.0);
        let (mut frames, mut truth_k) = (Vec::new(), Vec::new());
        for line in 0..LINES {
            for place in 0..PER_LINE {
                let pause: f64 = if place == 0 && line > 0 { 10.0 } else { 2.0 };
                time += pause;
                drift += 0.3 * pause.sqrt() * dice.normal();
                let index = frames.len();
                drift += look
                    .jumps
                    .iter()
                    .filter(|j| j.0 == index)
                    .map(|j| j.1)
                    .sum::<f64>();
                truth_k.push(drift);
                let back = line % 2 == 1;
                let along = if back { PER_LINE - 1 - place } else { place };
                let heading = if back && look.turning {
                    std::f64::consts::PI
                } else {
                    0.0
                };
                let heading = heading + 0.01 * dice.normal();
                let x = 16.0 * line as f64 + 0.5 * dice.normal();
                let y = 5.12 * along as f64 + 0.3 * dice.normal();
                frames.push(oriented(index, [x, y], heading, time));
            }
        }
        let surface = GeoGrid {
            grid: Grid::filled(200, 200, 0.0),
            transform: GeoTransform {
                x0: -50.0,
                y0: 130.0,
                dx: 1.0,
                dy: 1.0,
            },
        };
        let options = Options::default();
        let lattice = lattice(&frames, &options).expect("frames with footprints");
        let mut flight = Self {
            samples: Vec::new(),
            sources: frames
                .iter()
                .map(|f| Source::frame(f.time_s, 0, [640, 512]))
                .collect(),
            places: frames
                .iter()
                .map(|f| [f.pose.centre[0], f.pose.centre[1]])
                .collect(),
            frames,
            truth_k,
            lattice,
            ground: Ground { seed, scale: 1.0 },
            surface,
            misplaced: (0..LINES * PER_LINE)
                .map(|_| [dice.normal(), dice.normal()].map(|e| look.misplaced_m * e))
                .collect(),
            look: *look,
            seed,
        };
        flight.samples = (0..flight.frames.len())
            .into_par_iter()
            .map(|i| {
                let kelvin = flight.image(i);
                sample(
                    &kelvin,
                    &flight.frames[i],
                    &flight.surface,
                    &flight.lattice,
                    &options,
                )
            })
            .collect();
        flight
    }

    /// Points of the lattice on metal that at least so many frames see.
    pub(crate) fn metal_points(&self, fewest: usize) -> usize {
        let mut seen = std::collections::BTreeMap::new();
        for sample in self.samples.iter().flatten() {
            *seen.entry(sample.cell).or_insert(0) += 1;
        }
        let metal = seen.iter().filter(|(cell, count)| {
            let (x, y) = self.lattice.place(**cell);
            **count >= fewest && self.ground.is_metal(x, y, self.look.metal)
        });
        metal.count()
    }

    /// What the camera adds over its image, kelvin, with a mean near 0.
    pub(crate) fn pattern_k(&self, frame: usize, u_px: f64, v_px: f64) -> f64 {
        let (x, y) = ((u_px - 320.0) / 400.0, (v_px - 256.0) / 400.0);
        let r2 = (x * x + y * y) / (0.8 * 0.8 + 0.64 * 0.64);
        let part = frame as f64 / (self.frames.len() - 1) as f64;
        let tilt = [0, 1].map(|i| self.look.tilt_k[i] + part * self.look.growth_k[i]);
        // Half cos⁴-like, half steeper, and a warm spot no low order can follow.
        let spot = 0.3 * (-(x - 0.3).hypot(y + 0.1).powi(2) / 0.045).exp();
        -self.look.vignetting_k * (0.5 * r2 + 0.5 * r2 * r2) + spot + tilt[0] * x + tilt[1] * y
    }

    /// The frame as the camera gives it, kelvin.
    pub(crate) fn image(&self, frame: usize) -> Grid<f32> {
        let mut dice = Dice::new(self.seed.wrapping_mul(1000) + frame as u64);
        let mut pose = self.frames[frame].pose;
        pose.centre[0] += self.misplaced[frame][0];
        pose.centre[1] += self.misplaced[frame][1];
        let mut kelvin = Grid::filled(640, 512, 0.0);
        for row in 0..512 {
            for col in 0..640 {
                let (u, v) = (col as f64 + 0.5, row as f64 + 0.5);
                let ray = [(u - 320.0) / FOCAL_PX, (v - 256.0) / FOCAL_PX, 1.0];
                let d = pose.to_world_direction(ray);
                let t = -pose.centre[2] / d[2];
                let [x, y] = [0, 1].map(|i| pose.centre[i] + t * d[i]);
                let mut ground = self.ground.kelvin(x, y);
                if self.ground.is_metal(x, y, self.look.metal) {
                    // The sky at 45° is some ten kelvin warmer than overhead, and one side of it
                    // warmer than the other.
                    let [east, north] = [d[0] / d[2], d[1] / d[2]];
                    ground -= 6.0 - 10.0 * (east * east + north * north) - 3.0 * east;
                }
                let noise = 0.14 * (dice.uniform() + dice.uniform() - 1.0);
                let shown = 283.0 + self.look.gain * (ground - 283.0) + self.look.too_warm_k;
                let value = shown + self.truth_k[frame] + self.pattern_k(frame, u, v) + noise;
                kelvin.set(col, row, value as f32);
            }
        }
        kelvin
    }

    /// A place near another where the ground is even, with its true temperature ± sigma.
    pub(crate) fn reference(&self, name: &str, near: [f64; 2], sigma_k: f64) -> Reference {
        let options = Options::default();
        let [x, y] = near;
        let views = self.frames.iter().enumerate().filter_map(|(i, frame)| {
            let close = frame.footprint.contains(x, y);
            let image = close.then(|| self.image(i))?;
            Some((i, sample_at(&image, frame, &self.surface, x, y, &options)?))
        });
        Reference {
            name: name.to_owned(),
            x_m: x,
            y_m: y,
            kelvin: self.ground.kelvin(x, y),
            sigma_k,
            views: views.collect(),
        }
    }
}

fn oriented(index: usize, place: [f64; 2], heading: f64, time_s: f64) -> OrientedFrame {
    let (s, c) = heading.sin_cos();
    // Looking down, the top of the image towards y at heading 0.
    let pose = Pose {
        centre: [place[0], place[1], HEIGHT_M],
        rotation: [[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]],
    };
    let mut footprint = Bounds::EMPTY;
    for (u, v) in [(0.0, 0.0), (640.0, 0.0), (640.0, 512.0), (0.0, 512.0)] {
        let ray = [(u - 320.0) / FOCAL_PX, (v - 256.0) / FOCAL_PX, 1.0];
        let d = pose.to_world_direction(ray);
        let t = -HEIGHT_M / d[2];
        footprint.include(place[0] + t * d[0], place[1] + t * d[1]);
    }
    OrientedFrame {
        index,
        name: format!("frame {index}"),
        camera: CameraModel::pinhole(640, 512, FOCAL_PX),
        pose,
        sigma_xy_m: 0.02,
        sigma_z_m: 0.02,
        ground_z_m: 0.0,
        path_m: HEIGHT_M,
        footprint,
        time_s,
    }
}

/// One line of an aircraft: a strip of 0.5 m pixels in a north-up tile.
pub(crate) struct Line {
    pub(crate) tile: GeoGrid<f32>,
    start: [f64; 2],
    along: [f64; 2],
    bias_k: f64,
    drift_k: [f64; 2],
}

const LENGTH_M: f64 = 700.0;
const HALF_WIDTH_M: f64 = 60.0;
const SPACING_M: f64 = 84.0;

impl Line {
    /// Share of the length and distance from the middle line, metres.
    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = (x - self.start[0], y - self.start[1]);
        let s = dx * self.along[0] + dy * self.along[1];
        (s / LENGTH_M, dy * self.along[0] - dx * self.along[1])
    }

    /// What the line is too warm by, kelvin: an offset, a linear drift and a slow wave.
    pub(crate) fn wrong_k(&self, x: f64, y: f64) -> f64 {
        let (s, _) = self.place(x, y);
        self.bias_k + self.drift_k[0] * (s - 0.5) + self.drift_k[1] * (3.0 * s).sin()
    }

    /// Map place in the middle of the line at a share of its length.
    pub(crate) fn middle_at(&self, share: f64) -> [f64; 2] {
        [0, 1].map(|i| self.start[i] + share * LENGTH_M * self.along[i])
    }

    fn covers(&self, x: f64, y: f64) -> bool {
        let (s, across) = self.place(x, y);
        (0.0..=1.0).contains(&s) && across.abs() <= HALF_WIDTH_M
    }

    /// Places both lines see, every 10 m along.
    pub(crate) fn shared_with<'a>(
        &'a self,
        other: &'a Line,
    ) -> impl Iterator<Item = (f64, f64)> + 'a {
        let places = (0..=70).map(move |i| {
            let s = 10.0 * f64::from(i);
            let across = 0.5 * SPACING_M;
            (
                self.start[0] + s * self.along[0] - across * self.along[1],
                self.start[1] + s * self.along[1] + across * self.along[0],
            )
        });
        places.filter(move |(x, y)| self.covers(*x, *y) && other.covers(*x, *y))
    }
}

/// Six lines side by side with 30 % overlap, biases of ±1.5 K, drifts, and every line out of place
/// by one to two pixels.
pub(crate) fn lines(seed: u64, slant_deg: f64) -> Vec<Line> {
    let ground = Ground { seed, scale: 5.0 };
    let mut dice = Dice::new(seed);
    let (s, c) = slant_deg.to_radians().sin_cos();
    (0..6)
        .map(|i| {
            let mut line = Line {
                tile: GeoGrid {
                    grid: Grid::filled(0, 0, 0.0),
                    transform: GeoTransform {
                        x0: 0.0,
                        y0: 0.0,
                        dx: 0.5,
                        dy: 0.5,
                    },
                },
                start: [-s * SPACING_M * f64::from(i), c * SPACING_M * f64::from(i)],
                along: [c, s],
                bias_k: 3.0 * dice.uniform() - 1.5,
                drift_k: [2.0 * dice.uniform() - 1.0, dice.uniform() - 0.5],
            };
            let angle = std::f64::consts::TAU * dice.uniform();
            let away = 0.5 * (1.0 + dice.uniform());
            let shift = [away * angle.cos(), away * angle.sin()];
            let mut bounds = Bounds::EMPTY;
            for (t, w) in [(0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (1.0, -1.0)] {
                bounds.include(
                    line.start[0] + t * LENGTH_M * c - w * HALF_WIDTH_M * s,
                    line.start[1] + t * LENGTH_M * s + w * HALF_WIDTH_M * c,
                );
            }
            let cols = ((bounds.x_max - bounds.x_min) / 0.5).ceil() as usize;
            let rows = ((bounds.y_max - bounds.y_min) / 0.5).ceil() as usize;
            line.tile.transform.x0 = bounds.x_min;
            line.tile.transform.y0 = bounds.y_max;
            let mut grid = Grid::filled(cols, rows, f32::NAN);
            for row in 0..rows {
                for col in 0..cols {
                    let (x, y) = line.tile.transform.centre(col, row);
                    if line.covers(x, y) {
                        let true_k = ground.kelvin(x + shift[0], y + shift[1]);
                        let noise = 0.05 * dice.normal();
                        grid.set(col, row, (true_k + line.wrong_k(x, y) + noise) as f32);
                    }
                }
            }
            line.tile.grid = grid;
            line
        })
        .collect()
}
