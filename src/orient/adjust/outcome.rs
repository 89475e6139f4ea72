//! What an adjustment comes to: outliers, frames with their σ, the report.

use rayon::prelude::*;

use super::super::ground::{Terrain, footprint, principal_point};
use super::super::{CameraModel, Ground, OrientedFrame};
use super::block::{SHARED, State};
use super::covariance::Covariance;
use super::derive::LENS;
use super::{AdjustReport, Adjusted, BIN_PX, FrameFit, Side};

/// Residuals beyond so many σ are left out.
const OUTLIER: f64 = 4.0;
/// Bins of the histogram of residuals.
const BINS: usize = 30;

impl State<'_> {
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
        let mut of_frames = vec![(0.0, 0); counts.len()];
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
                let own = &mut of_frames[s.frame];
                *own = (own.0 + miss * miss, own.1 + 1);
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
                of_frames: of_frames
                    .into_iter()
                    .map(|own| FrameFit {
                        observations: own.1 as usize,
                        rmse_px: (own.1 > 0).then(|| root(own)),
                    })
                    .collect(),
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
    /// metres; those of the priors where the block does not hold. The centre alone would say too much:
    /// a camera may stand a metre aside and look back, and the ground is where it was.
    pub(super) fn sigmas(&self, models: &[CameraModel]) -> Vec<[f64; 2]> {
        let (system, _) = self.system(self.all(), true);
        let places: Vec<[f64; 2]> = self
            .poses
            .iter()
            .map(|p| [p.centre[0], p.centre[1]])
            .collect();
        let Some(covariance) = Covariance::new(&system, &places) else {
            let given = self.priors.iter().map(|f| [f.sigma_xy_m, f.sigma_z_m]);
            return given.collect();
        };
        let nothing = vec![0.0; system.shared_count()];
        let up = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        (0..self.poses.len())
            .into_par_iter()
            .map(|i| {
                let ground = [[1.0, 0.0], [0.0, 1.0]].map(|normal| {
                    let camera = &models[self.camera_of[i]];
                    let side = Side {
                        frame: i,
                        pixel: [camera.cx_px, camera.cy_px],
                        place: [0.0, 0.0, self.priors[i].ground_z_m],
                        normal,
                        sigma_m: 1.0,
                        building: 0,
                    };
                    // How the ground moves with pose and lens, against that of the pixel.
                    match super::sides::miss(camera, &self.poses[i], &side) {
                        Some(found) => {
                            let mut shared = nothing.clone();
                            let first = SHARED + LENS * self.camera_of[i];
                            shared[first..first + LENS].copy_from_slice(&found.lens);
                            covariance.variance(i, &found.pose, &shared)
                        }
                        None => covariance.variance(i, &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0], &nothing),
                    }
                });
                let height = covariance.variance(i, &up, &nothing);
                [((ground[0] + ground[1]) / 2.0).sqrt(), height.sqrt()]
            })
            .collect()
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
