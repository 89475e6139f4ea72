//! A solution in the making: flat fields, priors, equations.

use super::axis::Axis;
use super::design::Design;
use super::disagreement::{self, Disagreement};
use super::envelope::Envelope;
use super::equations::Equations;
use super::eras::{self, Eras};
use super::flat::{self, Flat};
use super::levelling::{Levelling, State};
use super::ramp::{self, RampVerdict};
use super::reference::{self, Reference};
use super::report::{self, Report};
use super::runs::Step;
use super::terms::{TERMS, TILT};
use super::views::Views;
use super::{Lattice, Options, Sample, Source, correction, covariance, mirror, tilt};

/// 1σ of r² and r⁴ before anything is known, kelvin: free, but for flights that cannot tell.
const BOWL_SIGMA_K: f64 = 5.0;

/// 1σ of a tilt that overlaps tell, kelvin per 400 px: as good as free.
const FREE_TILT_K: f64 = 3.0;

/// Tilt of a camera nothing is known of, kelvin per 400 px: of the size seen on a real flight
/// (0.9 to 2.2 K).
const UNKNOWN_TILT_K: f64 = 1.0;

/// 1σ of a tilt against the flat field's (georeferencing.md §9.5).
const USUAL_TILT_K: f64 = 0.3;

/// What the adjustment starts from.
pub(super) struct Raw<'a> {
    pub(super) samples: &'a [Vec<Sample>],
    pub(super) sources: &'a [Source],
    /// Of each frame's samples.
    pub(super) medians: Vec<f64>,
    pub(super) lattice: &'a Lattice,
    pub(super) options: &'a Options,
}

/// What the steps before the last hand over.
pub(super) struct Outcome<'a> {
    pub(super) axes: Vec<Option<Axis>>,
    pub(super) run: Vec<u32>,
    pub(super) before: Disagreement,
    pub(super) factor: Option<Envelope>,
    pub(super) raw_span_k: f64,
    pub(super) references: &'a [Reference],
}

impl Raw<'_> {
    pub(super) fn eras(&self, run: &[u32]) -> Eras {
        if self.options.flat_field {
            eras::eras(self.sources, run)
        } else {
            eras::eras(&vec![Source::tile(); run.len()], run)
        }
    }

    /// The flat field of every era with enough frames: median over its frames of sample − median
    /// of the frame, and what it is uncertain by.
    pub(super) fn flats(&self, eras: &Eras) -> Vec<Option<(Flat, f64)>> {
        let of_era = |(frames, size_px): (&Vec<usize>, &[usize; 2])| {
            if frames.len() < eras::FEWEST_FRAMES {
                return None;
            }
            let mut flat = Flat::new(*size_px, frames.len(), self.lattice.step_px());
            let values = frames.iter().flat_map(|frame| {
                let median = self.medians[*frame];
                self.samples[*frame]
                    .iter()
                    .map(move |s| ([s.u_px, s.v_px], (f64::from(s.kelvin) - median) as f32))
            });
            let error = flat.add_medians(values);
            flat.keep_low_orders();
            Some((flat, error))
        };
        eras.frames.iter().zip(&eras.size_px).map(of_era).collect()
    }

    pub(super) fn fit<'a>(
        &self,
        solved: &'a Views,
        design: &'a Design,
        flats: &[Option<(Flat, f64)>],
        steps: &[Step],
    ) -> Fit<'a> {
        let apart = (self.options.correlation_px / self.lattice.step_px()).max(1.0);
        let drift_k = self.options.tile_drift_k;
        let mut equations = Equations::new(solved, design, steps, apart * apart, drift_k);
        for view in 0..equations.kelvin.len() {
            let flat = flat_of(design, flats, solved, view);
            equations.kelvin[view] -= flat.map_or(0.0, |(flat, u, v)| flat.at(u, v)) as f32;
        }
        let ramp = ramp::verdict(&mut equations);
        let mut fit = Fit {
            equations,
            flats: flats.to_vec(),
            ramp,
            jump_k: self.options.jump_k,
            mirrors: 0,
            sigma_k: [self.options.tilt_sigma_k, self.options.tilt_growth_k],
        };
        fit.set_priors();
        fit
    }

    pub(super) fn untouched(
        &self,
        run: Vec<u32>,
        before: &Disagreement,
        references: &[Reference],
    ) -> Levelling {
        let count = self.samples.len();
        let (absolute, residuals) = reference::fit(references, |frame, spot, _| {
            (frame < count).then_some((spot.kelvin, f64::NAN))
        });
        Levelling {
            offset_k: vec![0.0; count],
            offset_sigma_k: vec![f64::NAN; count],
            residual_k: vec![f64::NAN; count],
            run,
            connected: vec![true; count],
            absolute,
            report: Report {
                before: report::agreement(before),
                after: report::agreement(before),
                views: before.views,
                cells: 0,
                mirrors: 0,
                raw_span_k: span(self.medians.iter().copied()),
                offset_span_k: 0.0,
                eras: Vec::new(),
                ramp: None,
                references: residuals,
            },
            state: None,
        }
    }
}

/// Flat field of a view's frame and where in it, if there is one.
fn flat_of<'f>(
    design: &Design,
    flats: &'f [Option<(Flat, f64)>],
    views: &Views,
    view: usize,
) -> Option<(&'f Flat, f64, f64)> {
    let era = (*design.eras().of.get(views.frame[view] as usize)?)?;
    let (flat, _) = flats.get(era)?.as_ref()?;
    let [u, v] = views.place[view].map(|p| f64::from(p) + 0.5);
    Some((flat, u, v))
}

/// A solution in the making.
pub(super) struct Fit<'a> {
    pub(super) equations: Equations<'a>,
    flats: Vec<Option<(Flat, f64)>>,
    pub(super) ramp: Option<RampVerdict>,
    jump_k: f64,
    /// Cells set aside as mirrors.
    mirrors: usize,
    /// Of a tilt the overlaps do not tell, and of its growth over an era, kelvin per 400 px.
    sigma_k: [f64; 2],
}

impl Fit<'_> {
    fn set_priors(&mut self) {
        let [held, growth] = self.sigma_k;
        let free = self.ramp.is_some_and(|r| !r.held_by_prior);
        let tilt = if free { FREE_TILT_K.max(held) } else { held };
        let sigmas: [f64; TERMS] = [BOWL_SIGMA_K, BOWL_SIGMA_K, tilt, tilt, growth, growth];
        let all = self.equations.design.all_low_orders();
        self.equations.priors = all
            .flat_map(|orders| {
                orders
                    .zip(sigmas)
                    .map(|(i, sigma)| (i as u32, 1.0 / sigma.max(1e-3).powi(2)))
            })
            .collect();
    }

    /// Holds the tilt near the flat field's.
    pub(super) fn hold(&mut self, sigma_k: f64) {
        self.sigma_k[0] = self.sigma_k[0].min(sigma_k);
        if let Some(ramp) = &mut self.ramp {
            ramp.observable = false;
            ramp.held_by_prior = true;
        }
        self.set_priors();
    }

    /// Steps over which overlaps show a jump.
    pub(super) fn jumps(&self, steps: &[Step]) -> Vec<bool> {
        let mut seen = self.equations.groups();
        let at = |frame: usize| self.equations.x[self.equations.design.offsets(frame).start];
        let is_jump = |step: &Step| {
            let tied = seen.of(step.from) == seen.of(step.to);
            tied && (at(step.to) - at(step.from)).abs() > self.jump_k
        };
        steps.iter().map(is_jump).collect()
    }

    pub(super) fn span(&self) -> f64 {
        let design = self.equations.design;
        span((0..design.frames()).map(|f| mean(&self.equations.x[design.offsets(f)])))
    }

    /// Sets ground aside whose temperature goes with the direction it is seen from, beside what is
    /// known to mirror; whether that changed anything.
    pub(super) fn set_mirrors_aside(&mut self, lattice: &Lattice) -> bool {
        let residuals = self.equations.residuals();
        let views = self.equations.views;
        let mut found = mirror::views_of_mirrors(views, &residuals, lattice);
        for (aside, known) in found.iter_mut().zip(&views.doubtful) {
            *aside |= known;
        }
        let cells = views.ranges();
        self.mirrors = cells.filter(|c| found.get(c.start) == Some(&true)).count();
        self.equations.set_aside(found)
    }

    /// Moves what residuals show over the image into the flat fields.
    pub(super) fn refine(&mut self) {
        let (design, views) = (self.equations.design, self.equations.views);
        let residuals = self.equations.residuals();
        let of = |view: usize| design.eras().of[views.frame[view] as usize];
        for (era, known) in self.flats.iter_mut().enumerate() {
            let Some((flat, error)) = known else { continue };
            let own = || (0..residuals.len()).filter(|view| of(*view) == Some(era));
            let mut more = flat.none();
            *error = more.add_medians(own().map(|view| (views.place[view], residuals[view])));
            for view in own() {
                let [u, v] = views.place[view].map(|p| f64::from(p) + 0.5);
                self.equations.kelvin[view] -= more.at(u, v) as f32;
            }
            flat.add(&more);
        }
    }

    pub(super) fn finish(
        mut self,
        raw: &Raw<'_>,
        judged: &Views,
        outcome: Outcome<'_>,
    ) -> Levelling {
        let design = self.equations.design;
        let gauge = self.equations.gauge();
        let connected = self.connected(&gauge.group);
        let residual_k = self.equations.residual_of_frames();
        let covariance = covariance::of_frames(
            &self.equations,
            &gauge,
            &connected,
            outcome.factor.as_ref(),
            &self.held(raw),
        );
        drop(outcome.factor);
        let mut x = std::mem::take(&mut self.equations.x);
        for frame in (0..connected.len()).filter(|f| !connected[*f]) {
            x[design.offsets(frame)].fill(0.0);
        }
        let after = disagreement::measure(judged, |i| {
            let flat = flat_of(design, &self.flats, judged, i);
            design.row(judged, i).times(&x) + flat.map_or(0.0, |(flat, u, v)| flat.at(u, v))
        });
        let offset_k: Vec<f64> = (0..connected.len())
            .map(|frame| mean(&x[design.offsets(frame)]))
            .collect();
        let offset_sigma_k = (0..connected.len())
            .map(|frame| {
                covariance::mean_variance(&covariance[frame], design.offsets(frame).len()).sqrt()
            })
            .collect();
        let eras = report::era_reports(raw.sources, design, &x, &self.flats, &covariance);
        let members = offset_k.iter().zip(&connected).filter(|pair| *pair.1);
        let report = Report {
            before: report::agreement(&outcome.before),
            after: report::agreement(&after),
            views: after.views,
            cells: self.equations.views.cells(),
            mirrors: self.mirrors,
            raw_span_k: outcome.raw_span_k,
            offset_span_k: span(members.map(|pair| *pair.0)),
            eras,
            ramp: self.ramp,
            references: Vec::new(),
        };
        let images = correction::images(design, &x, &self.flats);
        let mut levelling = Levelling {
            offset_k,
            offset_sigma_k,
            residual_k,
            run: outcome.run,
            connected,
            absolute: reference::fit(&[], |_, _, _| None).0,
            report,
            state: Some(State {
                design: design.clone(),
                axes: outcome.axes,
                x,
                flats: self.flats,
                covariance,
                images,
            }),
        };
        let (absolute, residuals) = reference::fit(outcome.references, |frame, spot, [x, y]| {
            let is_known = levelling.connected.get(frame).copied().unwrap_or(false);
            is_known.then(|| levelling.level(frame, spot, x, y))
        });
        levelling.absolute = absolute;
        levelling.report.references = residuals;
        levelling
    }

    /// Tilts that a prior holds, and their variance: the prior's, and that of the flat field it
    /// holds them to.
    fn held(&self, raw: &Raw<'_>) -> Vec<(usize, f64)> {
        if !self.ramp.is_some_and(|r| r.held_by_prior) {
            return Vec::new();
        }
        let design = self.equations.design;
        // However hard it was held in the end.
        let sigma = self.sigma_k[0].max(raw.options.tilt_sigma_k.min(USUAL_TILT_K));
        let mut held = Vec::new();
        for (era, frames) in design.eras().frames.iter().enumerate() {
            let Some(orders) = design.low_orders(era) else {
                continue;
            };
            let size_px = design.eras().size_px[era];
            let flat = match self.flats.get(era) {
                Some(Some(_)) => tilt::tilt_errors(raw.samples, frames, size_px),
                _ => [UNKNOWN_TILT_K; 2],
            };
            for (axis, error) in TILT.into_iter().zip(flat) {
                let variance = sigma * sigma + error * error;
                held.push((orders.start + axis, variance));
            }
        }
        held
    }

    /// Frames of the first of the largest groups that anything ties.
    fn connected(&self, group: &[usize]) -> Vec<bool> {
        let design = self.equations.design;
        let mut sizes = vec![0usize; group.len()];
        for g in group {
            sizes[*g] += 1;
        }
        let largest = (0..sizes.len()).rev().max_by_key(|i| sizes[*i]);
        let mut met = vec![false; group.len()];
        for frame in &self.equations.views.frame {
            met[*frame as usize] = true;
        }
        let tied = |i: usize| Some(group[i]) == largest && (met[i] || sizes[group[i]] > 1);
        (0..design.frames()).map(tied).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Of a frame's samples; NaN without any.
pub(super) fn median_k(samples: &[Sample]) -> f64 {
    if samples.is_empty() {
        return f64::NAN;
    }
    let mut values: Vec<f32> = samples.iter().map(|s| s.kelvin).collect();
    f64::from(flat::middle(&mut values))
}

/// Largest less smallest of the known values; 0 of none.
pub(super) fn span(values: impl Iterator<Item = f64>) -> f64 {
    let known = values.filter(|v| v.is_finite());
    let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |s, v| {
        (s.0.min(v), s.1.max(v))
    });
    (high - low).max(0.0)
}
