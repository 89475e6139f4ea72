//! The equations of a block: what points, priors and sides of buildings add, and how points are taken out
//! of them.

use super::super::CameraModel;
use super::super::pose::{Rotation, product};
use super::block::{Free, LAG, LEVER, OVERHANG, Point, SHARED, State};
use super::derive::{Derived, LENS, derived, turn, vector};
use super::linear::{POSE, System, inverse};
use super::sides::SideMiss;

/// Residuals beyond so many σ lose weight.
const HUBER: f64 = 2.0;

/// First of a lens's unknowns that only [`Free::principal`] releases.
const PRINCIPAL: usize = 4;

/// Part of the normal equations one point gives.
pub(super) struct Part {
    /// Frame, its 6 × 3 block with the point, its own 6 × 6 block, its right side.
    pub(super) frames: Vec<FramePart>,
    /// Inverse of the point's block.
    pub(super) inverse: Vec<f64>,
    pub(super) right: [f64; 3],
    pub(super) cost: f64,
}

impl Part {
    /// How far the point goes when poses and lenses take a step: V⁻¹ (r − Wᵀ step).
    pub(super) fn moved(&self, step: &[f64], shared: &[f64]) -> [f64; 3] {
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

pub(super) struct FramePart {
    pub(super) frame: usize,
    pub(super) camera: usize,
    pub(super) with_point: [[f64; 3]; POSE],
    pub(super) own: [[f64; POSE]; POSE],
    pub(super) right: [f64; POSE],
    pub(super) lens_own: [[f64; LENS]; LENS],
    pub(super) lens_right: [f64; LENS],
    pub(super) lens_pose: [[f64; POSE]; LENS],
    pub(super) lens_point: [[f64; 3]; LENS],
}

impl State<'_> {
    /// What a point adds to the equations at the current values.
    pub(super) fn part(&self, point: &Point, models: &[CameraModel], cauchy: bool) -> Option<Part> {
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
    pub(super) fn add_priors(&self, system: &mut System, free: Free) -> f64 {
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
pub(super) fn eliminate(system: &mut System, part: &Part) {
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

fn transposed(r: &Rotation) -> Rotation {
    std::array::from_fn(|i| std::array::from_fn(|j| r[j][i]))
}
