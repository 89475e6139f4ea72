//! The state of an adjustment: current values, residuals, one step at a time.

use rayon::prelude::*;

use super::super::matching::Track;
use super::super::pose::product;
use super::super::{CameraModel, Ground, OrientedFrame, Pose};
use super::derive::{LENS, changed, turn, vector};
use super::equations::{eliminate, weight};
use super::linear::{POSE, System};
use super::solve::{Groups, Solver};
use super::{Block, Options, Side, same_camera, separable};

/// Shared unknowns in front of the lenses: offset, boresight, trigger lag, overhang of roofs, lever.
pub(super) const SHARED: usize = 11;
pub(super) const LAG: usize = 6;
pub(super) const OVERHANG: usize = 7;
pub(super) const LEVER: usize = 8;
/// Step over which the slope of the ground is taken, and the steepest that holds a height.
const SLOPE_STEP_M: f64 = 1.0;
const LEVEL: f64 = 0.36;
/// Side of a patch over which a surface model errs by the same, metres.
const SURFACE_PATCH_M: f64 = 10.0;

/// Points whose equations are summed before they join the whole's, and how many such sums are held.
const TOGETHER: usize = 512;
const WAVE: usize = 32;
/// Part of the right side that may be left over by a step.
const LEFT: f64 = 1e-9;

/// One pixel of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) frame: usize,
    pub(super) pixel: [f64; 2],
    pub(super) used: bool,
}

/// A point and its pixels.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) place: [f64; 3],
    pub(super) seen: Vec<Seen>,
    pub(super) sigma_px: f64,
    /// Surveyed place and σ.
    pub(super) control: Option<([f64; 3], [f64; 3])>,
    pub(super) name: String,
    /// Points that share the surface model's error here.
    pub(super) crowd: f64,
    /// Height of the surface model here, where it is level; looked up once a stage, for a point that
    /// steps over a roof's edge from one round to the next would make the cost jump.
    pub(super) surface_m: Option<f64>,
}

/// What a step works on.
pub(super) struct State<'a> {
    pub(super) priors: &'a [OrientedFrame],
    pub(super) ground: &'a dyn Ground,
    pub(super) options: &'a Options,
    pub(super) poses: Vec<Pose>,
    /// Camera of each frame, and the cameras' models as they were.
    pub(super) camera_of: Vec<usize>,
    pub(super) cameras: Vec<CameraModel>,
    /// Change of each camera's lens.
    pub(super) lens: Vec<[f64; LENS]>,
    pub(super) points: Vec<Point>,
    pub(super) sides: &'a [Side],
    pub(super) offset: [f64; 3],
    pub(super) boresight: [f64; 3],
    /// Time from the recorded position to the exposure, seconds, and the frames' velocities by which
    /// it shows; held where lines in one direction leave it to the offset.
    pub(super) lag_s: f64,
    pub(super) velocities: Vec<[f64; 3]>,
    pub(super) lag_is_free: bool,
    /// Roofs over their outlines, outwards, metres.
    pub(super) overhang_m: f64,
    /// From the place a frame is given to its camera, in the camera's axes, metres.
    pub(super) lever_m: [f64; 3],
    /// Whether principal point and tangential terms can be told from a turn.
    pub(super) principal_is_free: bool,
    /// Ground over its model, where control points tell.
    pub(super) surface_offset: f64,
    pub(super) outliers: usize,
    pub(super) damping: f64,
}

/// What is released of the lenses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Free {
    /// Focal length and radial terms.
    pub(super) lens: bool,
    /// Tangential terms and principal point, too.
    pub(super) principal: bool,
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
    pub(super) fn count_crowds(&mut self) {
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
    pub(super) fn first_place(&self, seen: &[Seen]) -> Option<[f64; 3]> {
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

    pub(super) fn frames_with_tracks(&self) -> usize {
        self.counts().iter().filter(|c| **c > 0).count()
    }

    /// Observations of each frame.
    pub(super) fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.poses.len()];
        for s in self.points.iter().flat_map(|p| &p.seen).filter(|s| s.used) {
            counts[s.frame] += 1;
        }
        counts
    }

    pub(super) fn models(&self) -> Vec<CameraModel> {
        let pairs = self.cameras.iter().zip(&self.lens);
        pairs.map(|(camera, by)| changed(camera, by)).collect()
    }

    /// Looks up the surface under every point, where it is level.
    pub(super) fn look_up_surface(&mut self) {
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
    pub(super) fn held(&self, point: &Point) -> Option<(f64, f64)> {
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

    /// The reduced system at the current values, and the cost. Points are summed by some hundreds on
    /// their own, which then join the whole one after the other: the order of sums is fixed, and no
    /// more than [`WAVE`] of these are held.
    pub(super) fn system(&self, free: Free, cauchy: bool) -> (System, f64) {
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
    pub(super) fn summed(
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

    pub(super) fn groups(&self) -> Groups {
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
    pub(super) fn apply(&mut self, step: &[f64], system: &System, cauchy: bool) {
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
    pub(super) fn miss(&self, models: &[CameraModel], point: &Point, s: &Seen) -> f64 {
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
}
