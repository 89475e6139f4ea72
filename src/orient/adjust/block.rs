//! The state of an adjustment: current values, residuals, one step at a time.

use rayon::prelude::*;

use super::super::ground::{Terrain, footprint, principal_point};
use super::super::matching::Track;
use super::super::pose::product;
use super::super::{CameraModel, Ground, OrientedFrame, Pose, Rotation};
use super::derive::{Derived, LENS, changed, derived, turn, vector};
use super::linear::{POSE, System, inverse};
use super::sides::SideMiss;
use super::solve::{Groups, Solver};
use super::{AdjustReport, Adjusted, BIN_PX, Block, Options, Side, same_camera, separable};

/// Shared unknowns in front of the lenses: offset, boresight, trigger lag, overhang of roofs, lever.
const SHARED: usize = 11;
const LAG: usize = 6;
const OVERHANG: usize = 7;
const LEVER: usize = 8;
/// Bins of the histogram of residuals.
const BINS: usize = 30;
/// Residuals beyond these many σ lose weight, and are left out.
const HUBER: f64 = 2.0;
const OUTLIER: f64 = 4.0;
/// Step over which the slope of the ground is taken, and the steepest that holds a height.
const SLOPE_STEP_M: f64 = 1.0;
const LEVEL: f64 = 0.36;
/// Side of a patch over which a surface model errs by the same, metres.
const SURFACE_PATCH_M: f64 = 10.0;

/// Points whose equations are summed before they join the whole's, and how many such sums are held.
const TOGETHER: usize = 512;
const WAVE: usize = 32;
/// Part of the right side that may be left over by a step, and where only a σ is asked for.
const LEFT: f64 = 1e-9;
const LEFT_OF_SIGMA: f64 = 1e-4;

/// One pixel of a point.
#[derive(Clone, Copy, Debug)]
struct Seen {
    frame: usize,
    pixel: [f64; 2],
    used: bool,
}

/// A point and its pixels.
#[derive(Clone, Debug)]
struct Point {
    place: [f64; 3],
    seen: Vec<Seen>,
    sigma_px: f64,
    /// Surveyed place and σ.
    control: Option<([f64; 3], [f64; 3])>,
    name: String,
    /// Points that share the surface model's error here.
    crowd: f64,
    /// Height of the surface model here, where it is level; looked up once a stage, for a point that
    /// steps over a roof's edge from one round to the next would make the cost jump.
    surface_m: Option<f64>,
}

/// What a step works on.
pub(super) struct State<'a> {
    priors: &'a [OrientedFrame],
    ground: &'a dyn Ground,
    options: &'a Options,
    poses: Vec<Pose>,
    /// Camera of each frame, and the cameras' models as they were.
    camera_of: Vec<usize>,
    cameras: Vec<CameraModel>,
    /// Change of each camera's lens.
    lens: Vec<[f64; LENS]>,
    points: Vec<Point>,
    sides: &'a [Side],
    offset: [f64; 3],
    boresight: [f64; 3],
    /// Time from the recorded position to the exposure, seconds, and the frames' velocities by which
    /// it shows; held where lines in one direction leave it to the offset.
    lag_s: f64,
    velocities: Vec<[f64; 3]>,
    lag_is_free: bool,
    /// Roofs over their outlines, outwards, metres.
    overhang_m: f64,
    /// From the place a frame is given to its camera, in the camera's axes, metres.
    lever_m: [f64; 3],
    /// Whether principal point and tangential terms can be told from a turn.
    principal_is_free: bool,
    /// Ground over its model, where control points tell.
    surface_offset: f64,
    outliers: usize,
    damping: f64,
}

/// What is released of the lenses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Free {
    /// Focal length and radial terms.
    pub(super) lens: bool,
    /// Tangential terms and principal point, too.
    pub(super) principal: bool,
}

/// First of a lens's unknowns that only [`Free::principal`] releases.
const PRINCIPAL: usize = 4;

/// Part of the normal equations one point gives.
struct Part {
    /// Frame, its 6 × 3 block with the point, its own 6 × 6 block, its right side.
    frames: Vec<FramePart>,
    /// Inverse of the point's block.
    inverse: Vec<f64>,
    right: [f64; 3],
    cost: f64,
}

impl Part {
    /// How far the point goes when poses and lenses take a step: V⁻¹ (r − Wᵀ step).
    fn moved(&self, step: &[f64], shared: &[f64]) -> [f64; 3] {
        let mut right = self.right;
        for f in &self.frames {
            let s = &step[POSE * f.frame..POSE * (f.frame + 1)];
            let lens = &shared[SHARED + LENS * f.camera..][..LENS];
            for b in 0..3 {
                right[b] -= (0..POSE).map(|a| f.with_point[a][b] * s[a]).sum::<f64>();
                right[b] -= (0..LENS).map(|l| f.lens_point[l][b] * lens[l]).sum::<f64>();
            }
        }
        std::array::from_fn(|a| (0..3).map(|b| self.inverse[3 * a + b] * right[b]).sum())
    }
}

struct FramePart {
    frame: usize,
    camera: usize,
    with_point: [[f64; 3]; POSE],
    own: [[f64; POSE]; POSE],
    right: [f64; POSE],
    lens_own: [[f64; LENS]; LENS],
    lens_right: [f64; LENS],
    lens_pose: [[f64; POSE]; LENS],
    lens_point: [[f64; 3]; LENS],
}

impl<'a> State<'a> {
    pub(super) fn new(block: &Block<'a>, ground: &'a dyn Ground, options: &'a Options) -> Self {
        let &Block {
            frames,
            start,
            tracks,
            controls,
            sides,
        } = block;
        let velocities = separable::velocities(frames);
        let mut cameras: Vec<CameraModel> = Vec::new();
        let camera_of = frames
            .iter()
            .map(|f| {
                let known = cameras.iter().position(|c| same_camera(c, &f.camera));
                known.unwrap_or_else(|| {
                    cameras.push(f.camera.clone());
                    cameras.len() - 1
                })
            })
            .collect();
        let mut state = Self {
            priors: frames,
            ground,
            options,
            poses: start.unwrap_or(frames).iter().map(|f| f.pose).collect(),
            camera_of,
            lens: vec![[0.0; LENS]; cameras.len()],
            cameras,
            points: Vec::new(),
            sides,
            offset: [0.0; 3],
            boresight: [0.0; 3],
            lag_s: 0.0,
            lag_is_free: separable::lag(&velocities),
            velocities,
            overhang_m: 0.0,
            lever_m: [0.0; 3],
            principal_is_free: separable::principal_point(frames),
            surface_offset: 0.0,
            outliers: 0,
            damping: 1e-4,
        };
        let seen = |track: &Track| -> Vec<Seen> {
            let all = track.observations.iter().map(|o| Seen {
                frame: o.frame,
                pixel: [o.u, o.v],
                used: true,
            });
            all.filter(|s| s.frame < frames.len()).collect()
        };
        let made: Vec<Option<Point>> = tracks
            .par_iter()
            .map(|track| {
                let seen = seen(track);
                let place = state.first_place(&seen).filter(|_| seen.len() > 1)?;
                Some(Point {
                    place,
                    seen,
                    sigma_px: options.pixel_px,
                    control: None,
                    name: String::new(),
                    crowd: 1.0,
                    surface_m: None,
                })
            })
            .collect();
        state.points = made.into_iter().flatten().collect();
        state.count_crowds();
        for control in controls {
            state.points.push(Point {
                place: control.place,
                seen: seen(&control.track),
                sigma_px: options.control_px,
                control: Some((control.place, control.sigma_m)),
                name: control.name.clone(),
                crowd: 1.0,
                surface_m: None,
            });
        }
        state
    }

    /// Errors of a surface model are the same over some metres: the points of one patch hold as much
    /// together as one alone would. Taken as independent they shrink the whole block, for that
    /// shrinks their residuals.
    fn count_crowds(&mut self) {
        let patch = |p: &[f64; 3]| {
            let cell = |v: f64| (v / SURFACE_PATCH_M).floor() as i64;
            (cell(p[0]), cell(p[1]))
        };
        let mut counts = std::collections::BTreeMap::new();
        for point in &self.points {
            *counts.entry(patch(&point.place)).or_insert(0_u32) += 1;
        }
        for point in &mut self.points {
            point.crowd = f64::from(counts[&patch(&point.place)]);
        }
    }

    /// Mean of where the rays meet the ground.
    fn first_place(&self, seen: &[Seen]) -> Option<[f64; 3]> {
        let mut sum = [0.0; 3];
        for s in seen {
            let frame = &self.priors[s.frame];
            let pose = &self.poses[s.frame];
            let ray = frame.camera.unproject(s.pixel[0], s.pixel[1])?;
            let mut z = frame.ground_z_m;
            let mut at = pose.on_plane(ray, z)?;
            for _ in 0..3 {
                z = self.ground.height_m(at.0, at.1).unwrap_or(z);
                at = pose.on_plane(ray, z)?;
            }
            sum = [sum[0] + at.0, sum[1] + at.1, sum[2] + z];
        }
        Some(sum.map(|v| v / seen.len() as f64))
    }

    pub(super) fn sides(&self) -> &[Side] {
        self.sides
    }

    pub(super) fn pose(&self, frame: usize) -> &Pose {
        &self.poses[frame]
    }

    pub(super) fn camera_of(&self, frame: usize) -> usize {
        self.camera_of[frame]
    }

    pub(super) fn overhang_m(&self) -> f64 {
        self.overhang_m
    }

    pub(super) fn frames_with_tracks(&self) -> usize {
        self.counts().iter().filter(|c| **c > 0).count()
    }

    /// Observations of each frame.
    fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.poses.len()];
        for s in self.points.iter().flat_map(|p| &p.seen).filter(|s| s.used) {
            counts[s.frame] += 1;
        }
        counts
    }

    fn models(&self) -> Vec<CameraModel> {
        let pairs = self.cameras.iter().zip(&self.lens);
        pairs.map(|(camera, by)| changed(camera, by)).collect()
    }

    /// Looks up the surface under every point, where it is level.
    fn look_up_surface(&mut self) {
        if self.options.surface_m <= 0.0 {
            return;
        }
        let ground = self.ground;
        self.points.par_iter_mut().for_each(|point| {
            let place = point.place;
            let at = |dx: f64, dy: f64| ground.height_m(place[0] + dx, place[1] + dy);
            point.surface_m = at(0.0, 0.0).filter(|height| {
                let around = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
                around.into_iter().all(|(dx, dy)| {
                    let other = at(dx * SLOPE_STEP_M, dy * SLOPE_STEP_M);
                    other.is_some_and(|z| (z - height).abs() <= LEVEL * SLOPE_STEP_M)
                })
            });
        });
    }

    /// Height and weight by which the surface holds a point.
    fn held(&self, point: &Point) -> Option<(f64, f64)> {
        let sigma = self.options.surface_m;
        let height = point.surface_m? + self.surface_offset;
        let weight = weight((point.place[2] - height).abs() / sigma, false);
        Some((height, weight / (sigma * sigma)))
    }

    /// Finds how far the ground lies over its model, by points that control points hold: at least
    /// three of them.
    pub(super) fn level_surface(&mut self) {
        let controls = self.points.iter().filter(|p| p.control.is_some()).count();
        if controls < 3 {
            return;
        }
        let before = self.surface_offset;
        let over = |p: &Point| Some(p.place[2] - self.held(p)?.0);
        let mut misses: Vec<f64> = self.points.iter().filter_map(over).collect();
        misses.sort_by(f64::total_cmp);
        if let Some(middle) = misses.get(misses.len() / 2) {
            self.surface_offset = before + middle;
        }
    }

    /// What a point adds to the equations at the current values.
    fn part(&self, point: &Point, models: &[CameraModel], cauchy: bool) -> Option<Part> {
        let mut own = [[0.0; 3]; 3];
        let mut right = [0.0; 3];
        let mut cost = 0.0;
        let mut frames = Vec::with_capacity(point.seen.len());
        for s in point.seen.iter().filter(|s| s.used) {
            let camera = self.camera_of[s.frame];
            let d: Derived = derived(&models[camera], &self.poses[s.frame], point.place)?;
            let miss = [s.pixel[0] - d.pixel[0], s.pixel[1] - d.pixel[1]];
            let sigmas = miss[0].hypot(miss[1]) / point.sigma_px;
            let share = if point.control.is_some() {
                1.0
            } else {
                self.options.tie_weight
            };
            let w = share * weight(sigmas, cauchy) / (point.sigma_px * point.sigma_px);
            cost += w * (miss[0] * miss[0] + miss[1] * miss[1]);
            let mut part = FramePart {
                frame: s.frame,
                camera,
                with_point: [[0.0; 3]; POSE],
                own: [[0.0; POSE]; POSE],
                right: [0.0; POSE],
                lens_own: [[0.0; LENS]; LENS],
                lens_right: [0.0; LENS],
                lens_pose: [[0.0; POSE]; LENS],
                lens_point: [[0.0; 3]; LENS],
            };
            for k in 0..2 {
                let (p, x, lens) = (d.pose[k], d.point[k], d.lens[k]);
                for a in 0..POSE {
                    for b in 0..POSE {
                        part.own[a][b] += w * p[a] * p[b];
                    }
                    for b in 0..3 {
                        part.with_point[a][b] += w * p[a] * x[b];
                    }
                    part.right[a] += w * p[a] * miss[k];
                }
                for a in 0..3 {
                    for b in 0..3 {
                        own[a][b] += w * x[a] * x[b];
                    }
                    right[a] += w * x[a] * miss[k];
                }
                for (l, f) in lens.iter().enumerate() {
                    (0..POSE).for_each(|a| part.lens_pose[l][a] += w * f * p[a]);
                    (0..3).for_each(|a| part.lens_point[l][a] += w * f * x[a]);
                    (0..LENS).for_each(|m| part.lens_own[l][m] += w * f * lens[m]);
                    part.lens_right[l] += w * f * miss[k];
                }
            }
            frames.push(part);
        }
        if let Some((place, sigma)) = point.control {
            for a in 0..3 {
                let w = 1.0 / (sigma[a] * sigma[a]);
                own[a][a] += w;
                right[a] += w * (place[a] - point.place[a]);
                cost += w * (place[a] - point.place[a]).powi(2);
            }
        } else if let Some((height, w)) = self.held(point) {
            let w = w / point.crowd;
            own[2][2] += w;
            right[2] += w * (height - point.place[2]);
            cost += w * (height - point.place[2]).powi(2);
        }
        // A point on two rays that hardly part is held a little, at where it is.
        (0..3).for_each(|a| own[a][a] += 1e-6 * own[a][a] + 1e-9);
        Some(Part {
            frames,
            inverse: inverse(&own.concat(), 3),
            right,
            cost,
        })
    }

    /// Normal equations of the priors; the cost with them.
    fn add_priors(&self, system: &mut System, free: Free) -> f64 {
        let mut cost = 0.0;
        let o = self.options;
        for (i, prior) in self.priors.iter().enumerate() {
            // Position: centre − given − offset − velocity · lag − R · lever.
            let v = self.velocities[i];
            let turned = &self.poses[i].rotation;
            let sigma = [prior.sigma_xy_m, prior.sigma_xy_m, prior.sigma_z_m];
            for a in 0..3 {
                let w = 1.0 / sigma[a].max(0.01).powi(2);
                let lever: f64 = (0..3).map(|k| turned[a][k] * self.lever_m[k]).sum();
                let due = prior.pose.centre[a] + self.offset[a] + v[a] * self.lag_s + lever;
                let miss = due - self.poses[i].centre[a];
                cost += w * miss * miss;
                let at = |x: usize, y: usize| if x == 3 + a && y == 3 + a { w } else { 0.0 };
                system.add_block(i, i, at);
                system.right[POSE * i + 3 + a] += w * miss;
                // The lever turns with the camera; that it does so by the step is left out, for it is
                // a few centimetres.
                let by = [
                    (a, 1.0),
                    (LAG, v[a]),
                    (LEVER, turned[a][0]),
                    (LEVER + 1, turned[a][1]),
                    (LEVER + 2, turned[a][2]),
                ];
                for (k, slope) in by {
                    system.add_border(i, k, |x| if x == 3 + a { -w * slope } else { 0.0 });
                    by.iter()
                        .for_each(|(l, other)| system.add_corner(k, *l, w * slope * other));
                    let shared = system.shared(k);
                    system.right[shared] -= w * slope * miss;
                }
            }
            // Direction, in the camera's frame: log (given · turn)ᵀ R. A turn ω of the world is
            // Rᵀ ω there; yaw is about the camera's forward axis, pitch about right, roll down.
            let given = product(&prior.pose.rotation, &turn(self.boresight));
            let miss = vector(&product(&transposed(&given), &self.poses[i].rotation));
            let sigmas = [o.attitude_deg[1], o.attitude_deg[2], o.attitude_deg[0]];
            let w = sigmas.map(|s| 1.0 / s.max(1e-3).to_radians().powi(2));
            let r = &self.poses[i].rotation;
            // Rows of Rᵀ.
            let row = |k: usize| [r[0][k], r[1][k], r[2][k]];
            system.add_block(i, i, |a, b| match a < 3 && b < 3 {
                true => (0..3).map(|k| w[k] * row(k)[a] * row(k)[b]).sum(),
                false => 0.0,
            });
            for k in 0..3 {
                cost += w[k] * miss[k] * miss[k];
                system.add_border(i, 3 + k, |a| if a < 3 { -w[k] * row(k)[a] } else { 0.0 });
                system.add_corner(3 + k, 3 + k, w[k]);
                for a in 0..3 {
                    system.right[POSE * i + a] -= w[k] * row(k)[a] * miss[k];
                }
                let shared = system.shared(3 + k);
                system.right[shared] += w[k] * miss[k];
            }
        }
        let bias = [o.offset_m[0], o.offset_m[0], o.offset_m[1]];
        let bore =
            [o.boresight_deg[1], o.boresight_deg[2], o.boresight_deg[0]].map(f64::to_radians);
        let own = |k: usize| match k {
            0..3 => (self.offset[k], bias[k]),
            3..6 => (self.boresight[k - 3], bore[k - 3]),
            LAG if self.lag_is_free => (self.lag_s, o.lag_s),
            OVERHANG if !self.sides.is_empty() => (self.overhang_m, o.overhang_m),
            LEVER.. => (self.lever_m[k - LEVER], o.lever_m),
            // Held.
            _ => (0.0, 0.0),
        };
        for k in 0..SHARED {
            let (value, sigma) = own(k);
            let w = 1.0 / sigma.max(1e-6).powi(2);
            cost += w * value * value;
            system.add_corner(k, k, w);
            let shared = system.shared(k);
            system.right[shared] -= w * value;
        }
        for (k, value) in self.lens.iter().flatten().enumerate() {
            let released = free.lens && (k % LENS < PRINCIPAL || free.principal);
            // Held where it is not to be found.
            let sigma = if released { o.lens[k % LENS] } else { 0.0 };
            let w = 1.0 / sigma.max(1e-9).powi(2);
            let released = f64::from(u8::from(released));
            cost += w * value * value * released;
            system.add_corner(SHARED + k, SHARED + k, w);
            let shared = system.shared(SHARED + k);
            system.right[shared] -= w * value * released;
        }
        cost
    }

    /// The reduced system at the current values, and the cost. Points are summed by some hundreds on
    /// their own, which then join the whole one after the other: the order of sums is fixed, and no
    /// more than [`WAVE`] of these are held.
    fn system(&self, free: Free, cauchy: bool) -> (System, f64) {
        let models = self.models();
        let mut system = System::new(self.poses.len(), SHARED + LENS * self.cameras.len());
        let mut cost = self.add_priors(&mut system, free);
        cost += self.add_sides(&mut system, &models, cauchy);
        for wave in self.points.chunks(WAVE * TOGETHER) {
            let sums: Vec<(Vec<usize>, System, f64)> = wave
                .par_chunks(TOGETHER)
                .map(|points| self.summed(points, &models, cauchy))
                .collect();
            for (frames, sum, more) in sums {
                system.merge(&sum, &frames);
                cost += more;
            }
        }
        (system, cost)
    }

    /// The equations of some points: their frames, rising, the system of these, the cost.
    fn summed(
        &self,
        points: &[Point],
        models: &[CameraModel],
        cauchy: bool,
    ) -> (Vec<usize>, System, f64) {
        let seen = points.iter().flat_map(|p| &p.seen);
        let mut frames: Vec<usize> = seen.map(|s| s.frame).collect();
        frames.sort_unstable();
        frames.dedup();
        let mut system = System::new(frames.len(), SHARED + LENS * self.cameras.len());
        let mut cost = 0.0;
        for point in points {
            let Some(mut part) = self.part(point, models, cauchy) else {
                continue;
            };
            cost += part.cost;
            for f in &mut part.frames {
                f.frame = frames.partition_point(|own| *own < f.frame);
            }
            eliminate(&mut system, &part);
        }
        (frames, system, cost)
    }

    fn groups(&self) -> Groups {
        let centres: Vec<[f64; 3]> = self.poses.iter().map(|p| p.centre).collect();
        Groups::new(&centres)
    }

    /// Steps until they gain nothing.
    pub(super) fn improve(&mut self, free: Free, cauchy: bool, rounds: usize) {
        self.look_up_surface();
        let groups = self.groups();
        let (mut system, mut cost) = self.system(free, cauchy);
        for _ in 0..rounds {
            system.damp(self.damping);
            let step = Solver::new(&system, &groups).solve(&system.right, LEFT);
            let kept = (
                self.poses.clone(),
                self.points.iter().map(|p| p.place).collect::<Vec<_>>(),
                self.lens.clone(),
                (
                    self.offset,
                    self.boresight,
                    self.lag_s,
                    self.overhang_m,
                    self.lever_m,
                ),
            );
            self.apply(&step, &system, cauchy);
            let (next_system, next) = self.system(free, cauchy);
            if next.is_nan() || next > cost {
                let (poses, places, lens_before, shared) = kept;
                self.poses = poses;
                self.points
                    .iter_mut()
                    .zip(places)
                    .for_each(|(p, place)| p.place = place);
                self.lens = lens_before;
                (
                    self.offset,
                    self.boresight,
                    self.lag_s,
                    self.overhang_m,
                    self.lever_m,
                ) = shared;
                self.damping = (self.damping * 10.0).min(1e3);
                continue;
            }
            let gain = (cost - next) / cost.max(f64::MIN_POSITIVE);
            (system, cost) = (next_system, next);
            self.damping = (self.damping / 10.0).max(1e-9);
            if gain < 1e-7 {
                break;
            }
        }
    }

    /// Points follow from the step of poses and lenses; what they add to the equations is worked out
    /// again, for to keep it takes more memory than all else.
    fn apply(&mut self, step: &[f64], system: &System, cauchy: bool) {
        let shared = &step[system.shared(0)..];
        let models = self.models();
        let moves: Vec<[f64; 3]> = self
            .points
            .par_iter()
            .map(|point| {
                let part = self.part(point, &models, cauchy);
                part.map_or([0.0; 3], |part| part.moved(step, shared))
            })
            .collect();
        for (point, by) in self.points.iter_mut().zip(moves) {
            (0..3).for_each(|a| point.place[a] += by[a]);
        }
        for (i, pose) in self.poses.iter_mut().enumerate() {
            let s = &step[POSE * i..POSE * (i + 1)];
            pose.rotation = product(&turn([s[0], s[1], s[2]]), &pose.rotation);
            (0..3).for_each(|a| pose.centre[a] += s[3 + a]);
        }
        (0..3).for_each(|k| self.offset[k] += shared[k]);
        // The turn's own small change, in its own frame.
        let moved = product(
            &turn(self.boresight),
            &turn([shared[3], shared[4], shared[5]]),
        );
        self.boresight = vector(&moved);
        self.lag_s += shared[LAG];
        self.overhang_m += shared[OVERHANG];
        (0..3).for_each(|k| self.lever_m[k] += shared[LEVER + k]);
        let lens = self.lens.iter_mut().flatten();
        lens.zip(&shared[SHARED..]).for_each(|(f, s)| *f += s);
    }

    /// Pixel residual of an observation; infinite where it cannot be seen.
    fn miss(&self, models: &[CameraModel], point: &Point, s: &Seen) -> f64 {
        let camera = &models[self.camera_of[s.frame]];
        let seen = camera.project(self.poses[s.frame].to_camera(point.place));
        seen.map_or(f64::INFINITY, |(u, v)| {
            (u - s.pixel[0]).hypot(v - s.pixel[1])
        })
    }

    /// All that can be told in this block.
    pub(super) fn all(&self) -> Free {
        let lens = self.options.lens[0] > 0.0;
        Free {
            lens,
            principal: lens && self.principal_is_free,
        }
    }

    /// Leaves out what misses by more than four σ; σ is not taken below what is usual here.
    pub(super) fn drop_outliers(&mut self) {
        let models = self.models();
        let misses: Vec<Vec<f64>> = self
            .points
            .par_iter()
            .map(|p| p.seen.iter().map(|s| self.miss(&models, p, s)).collect())
            .collect();
        let mut all: Vec<f64> = misses
            .iter()
            .flatten()
            .copied()
            .filter(|m| m.is_finite())
            .collect();
        all.sort_by(f64::total_cmp);
        // Half of all misses of a σ in each axis are below 1.18 σ (Rayleigh).
        let usual = all.get(all.len() / 2).map_or(0.0, |m| m / 1.177);
        for (point, misses) in self.points.iter_mut().zip(misses) {
            if point.control.is_some() {
                continue;
            }
            let bound = OUTLIER * point.sigma_px.max(usual);
            for (s, miss) in point.seen.iter_mut().zip(misses) {
                s.used = miss <= bound;
            }
            if point.seen.iter().filter(|s| s.used).count() < 2 {
                point.seen.iter_mut().for_each(|s| s.used = false);
            }
        }
        let left_out = self.points.iter().flat_map(|p| &p.seen).filter(|s| !s.used);
        self.outliers = left_out.count();
    }

    /// Frames and report.
    pub(super) fn finish(self) -> Adjusted {
        let models = self.models();
        let counts = self.counts();
        let mut squares = (0.0, 0);
        let mut histogram = vec![0_u64; BINS];
        let mut surface = (0.0, 0);
        let mut controls_m = Vec::new();
        for point in &self.points {
            for s in point
                .seen
                .iter()
                .filter(|s| s.used && point.control.is_none())
            {
                let miss = self.miss(&models, point, s);
                squares = (squares.0 + miss * miss, squares.1 + 1);
                histogram[((miss / BIN_PX) as usize).min(BINS - 1)] += 1;
            }
            if let Some((place, _)) = point.control {
                let (dx, dy) = (point.place[0] - place[0], point.place[1] - place[1]);
                controls_m.push((point.name.clone(), dx.hypot(dy)));
            } else if let Some((height, _)) = self.held(point) {
                surface = (surface.0 + (point.place[2] - height).powi(2), surface.1 + 1);
            }
        }
        let root = |(sum, n): (f64, i32)| (sum / f64::from(n.max(1))).sqrt();
        let mut spread = [0.0; 2];
        for (prior, pose) in self.priors.iter().zip(&self.poses) {
            let d: [f64; 3] =
                std::array::from_fn(|a| pose.centre[a] - prior.pose.centre[a] - self.offset[a]);
            spread[0] += d[0] * d[0] + d[1] * d[1];
            spread[1] += d[2] * d[2];
        }
        let n = self.poses.len().max(1) as f64;
        let sides = self.judged_sides(&models);
        let sigmas = self.sigmas(&models);
        let frames = self.priors.par_iter().enumerate().map(|(i, prior)| {
            let frame = OrientedFrame {
                camera: models[self.camera_of[i]].clone(),
                pose: self.poses[i],
                sigma_xy_m: sigmas[i][0],
                sigma_z_m: sigmas[i][1],
                ..prior.clone()
            };
            seen_again(frame, self.ground)
        });
        Adjusted {
            frames: frames.collect(),
            report: AdjustReport {
                adjusted: counts.iter().filter(|c| **c > 0).count(),
                observations: squares.1 as usize,
                outliers: self.outliers,
                rmse_px: root(squares),
                histogram,
                offset_m: self.offset,
                boresight_deg: self.boresight.map(f64::to_degrees),
                lag_s: self.lag_is_free.then_some(self.lag_s),
                lever_m: (self.options.lever_m > 0.0).then_some(self.lever_m),
                principal_point: self.principal_is_free && self.options.lens[0] > 0.0,
                sides,
                lens: self.lens.clone(),
                cameras: models.clone(),
                spread_m: spread.map(|s| (s / n).sqrt()),
                surface_offset_m: self.surface_offset,
                surface_rmse_m: root(surface),
                controls_m,
            },
        }
    }

    /// 1σ of where the ground in every frame's middle lies, one coordinate, and of the frame's height,
    /// metres: from the inverse of the reduced system at twelve frames spread over the block; the
    /// others have the nearest's. The centre alone would say too much: a camera may stand a metre aside
    /// and look back, and the ground is where it was.
    fn sigmas(&self, models: &[CameraModel]) -> Vec<[f64; 2]> {
        const SAMPLES: usize = 12;
        let (system, _) = self.system(self.all(), true);
        let groups = self.groups();
        let solver = Solver::new(&system, &groups);
        let n = self.poses.len();
        let samples: Vec<usize> = (0..SAMPLES.min(n))
            .map(|k| k * n / SAMPLES.min(n))
            .collect();
        let variance = |by: &[f64]| {
            let found = solver.solve(by, LEFT_OF_SIGMA);
            let sum: f64 = by.iter().zip(&found).map(|(a, b)| a * b).sum();
            sum.max(0.0)
        };
        let found: Vec<[f64; 2]> = samples
            .par_iter()
            .map(|i| {
                let mut up = vec![0.0; system.size()];
                up[POSE * i + 5] = 1.0;
                let ground = [[1.0, 0.0], [0.0, 1.0]].map(|normal| {
                    let camera = &models[self.camera_of[*i]];
                    let side = Side {
                        frame: *i,
                        pixel: [camera.cx_px, camera.cy_px],
                        place: [0.0, 0.0, self.priors[*i].ground_z_m],
                        normal,
                        sigma_m: 1.0,
                        building: 0,
                    };
                    let mut by = vec![0.0; system.size()];
                    match super::sides::miss(camera, &self.poses[*i], &side) {
                        Some(found) => {
                            // How the ground moves with pose and lens, against that of the pixel.
                            (0..POSE).for_each(|a| by[POSE * i + a] = found.pose[a]);
                            let first = system.shared(SHARED + LENS * self.camera_of[*i]);
                            (0..LENS).for_each(|l| by[first + l] = found.lens[l]);
                        }
                        None => by[POSE * i + 3] = 1.0,
                    }
                    variance(&by)
                });
                [((ground[0] + ground[1]) / 2.0).sqrt(), variance(&up).sqrt()]
            })
            .collect();
        (0..n)
            .map(|i| {
                let nearest = samples
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, s)| s.abs_diff(i));
                nearest.map_or([f64::NAN; 2], |(k, _)| found[k])
            })
            .collect()
    }
}

/// Weight of a residual of so many σ: Huber's, or Cauchy's.
pub(super) fn weight(sigmas: f64, cauchy: bool) -> f64 {
    if cauchy {
        1.0 / (1.0 + (sigmas / HUBER).powi(2))
    } else if sigmas > HUBER {
        HUBER / sigmas
    } else {
        1.0
    }
}

impl System {
    /// Adds a side's residual, whose overhang counts the other way.
    pub(super) fn add_side(
        &mut self,
        frame: usize,
        camera: usize,
        d: &SideMiss,
        w: f64,
        miss: f64,
    ) {
        let lens = SHARED + LENS * camera;
        self.add_block(frame, frame, |a, b| w * d.pose[a] * d.pose[b]);
        self.add_border(frame, OVERHANG, |a| -w * d.pose[a]);
        self.add_corner(OVERHANG, OVERHANG, w);
        for a in 0..POSE {
            self.right[POSE * frame + a] += w * d.pose[a] * miss;
        }
        let overhang = self.shared(OVERHANG);
        self.right[overhang] -= w * miss;
        for l in 0..LENS {
            self.add_border(frame, lens + l, |a| w * d.pose[a] * d.lens[l]);
            self.add_corner(OVERHANG, lens + l, -w * d.lens[l]);
            self.add_corner(lens + l, OVERHANG, -w * d.lens[l]);
            (0..LENS).for_each(|m| self.add_corner(lens + l, lens + m, w * d.lens[l] * d.lens[m]));
            let at = self.shared(lens + l);
            self.right[at] += w * d.lens[l] * miss;
        }
    }
}

/// Takes a point out of the equations: S −= W V⁻¹ Wᵀ over the frames that see it.
fn eliminate(system: &mut System, part: &Part) {
    let v = &part.inverse;
    let times_inverse = |w: &[f64; 3]| -> [f64; 3] {
        std::array::from_fn(|b| (0..3).map(|k| w[k] * v[3 * k + b]).sum())
    };
    let dot = |a: &[f64; 3], b: &[f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    // Frames of one camera share its lens: their blocks with the point are summed first.
    let mut lenses: Vec<(usize, [[f64; 3]; LENS])> = Vec::new();
    for f in &part.frames {
        match lenses.iter_mut().find(|(camera, _)| *camera == f.camera) {
            Some((_, sum)) => {
                let all = sum.as_flattened_mut().iter_mut();
                all.zip(f.lens_point.as_flattened())
                    .for_each(|(s, v)| *s += v);
            }
            None => lenses.push((f.camera, f.lens_point)),
        }
    }
    for f in &part.frames {
        let pose = f.with_point.each_ref().map(times_inverse);
        let camera = SHARED + LENS * f.camera;
        system.add_block(f.frame, f.frame, |a, b| f.own[a][b]);
        for a in 0..POSE {
            system.right[POSE * f.frame + a] += f.right[a] - dot(&pose[a], &part.right);
        }
        for l in 0..LENS {
            system.add_border(f.frame, camera + l, |a| f.lens_pose[l][a]);
            (0..LENS).for_each(|m| system.add_corner(camera + l, camera + m, f.lens_own[l][m]));
            let at = system.shared(camera + l);
            system.right[at] += f.lens_right[l];
        }
        for g in part.frames.iter().filter(|g| f.frame <= g.frame) {
            system.add_block(f.frame, g.frame, |a, b| -dot(&pose[a], &g.with_point[b]));
        }
        for (other, sum) in &lenses {
            for m in 0..LENS {
                let column = SHARED + LENS * other + m;
                system.add_border(f.frame, column, |a| -dot(&pose[a], &sum[m]));
            }
        }
    }
    for (camera, sum) in &lenses {
        let own = sum.each_ref().map(times_inverse);
        for l in 0..LENS {
            let row = SHARED + LENS * camera + l;
            let at = system.shared(row);
            system.right[at] -= dot(&own[l], &part.right);
            for (other, sum) in &lenses {
                for m in 0..LENS {
                    system.add_corner(row, SHARED + LENS * other + m, -dot(&own[l], &sum[m]));
                }
            }
        }
    }
}

/// A frame with what it sees of the ground from its new pose.
pub(in super::super) fn seen_again(mut frame: OrientedFrame, ground: &dyn Ground) -> OrientedFrame {
    let terrain = Terrain {
        ground,
        plane_m: frame.ground_z_m,
    };
    if let Some(centre) = principal_point(&frame.camera, &frame.pose, &terrain) {
        frame.ground_z_m = centre.z_m;
        frame.path_m = centre.path_m;
        frame.footprint = footprint(&frame.camera, &frame.pose, centre.z_m, &terrain);
    }
    frame
}

fn transposed(r: &Rotation) -> Rotation {
    std::array::from_fn(|i| std::array::from_fn(|j| r[j][i]))
}
