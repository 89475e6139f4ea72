//! The adjustment of a flight, step by step.

use super::axis::Axis;
use super::design::{ALONG, Design};
use super::disagreement::{self, Disagreement};
use super::envelope::Envelope;
use super::equations::Equations;
use super::eras::{self, Eras};
use super::flat::{self, Flat};
use super::levelling::{self, Agreement, EraReport, Levelling, Report, State};
use super::pattern;
use super::ramp::{self, RampVerdict};
use super::reference::{self, Reference};
use super::runs::{self, Step};
use super::terms::{TERMS, TILT};
use super::views::{self, Views};
use super::{Lattice, Options, Sample, Source};

/// 1σ of r² and r⁴ before anything is known, kelvin: free, but for flights that cannot tell.
const BOWL_SIGMA_K: f64 = 5.0;

/// 1σ of a tilt that overlaps tell, kelvin per 400 px: as good as free.
const FREE_TILT_K: f64 = 3.0;

/// Tilt of a camera nothing is known of, kelvin per 400 px: of the size seen on a real flight
/// (0.9 to 2.2 K).
const UNKNOWN_TILT_K: f64 = 1.0;

/// How close to the flat field's a tilt is held whose offsets span too much, one after the other.
const HELD_TILT_K: [f64; 3] = [0.3, 0.1, 0.01];

/// Rounds in which the flat field takes what residuals still show.
const ROUNDS: usize = 4;

/// How far offsets may span, in spans of the frames' medians (georeferencing.md §13, R3).
const MOST_SPAN: f64 = 3.0;

/// Levels the frames and tiles of a flight from their samples (georeferencing.md §9). `samples`
/// and `sources` are parallel lists; `references` name frames by their position in them.
pub fn adjust(
    samples: &[Vec<Sample>],
    sources: &[Source],
    lattice: &Lattice,
    options: &Options,
    references: &[Reference],
) -> Levelling {
    let count = samples.len();
    let mut sources = sources.to_vec();
    sources.resize(count, Source::tile());
    let axes: Vec<Option<Axis>> = samples
        .iter()
        .zip(&sources)
        .map(|(list, source)| match source.camera {
            Some(_) => None,
            None => Axis::through(list, lattice),
        })
        .collect();
    let (solved, judged) = views::group(samples, |frame, sample| match &axes[frame] {
        Some(axis) => {
            let (x, y) = lattice.place(sample.cell);
            [(ALONG * axis.share(x, y)) as u16, 0]
        }
        None => [sample.u_px, sample.v_px],
    });
    let times_s: Vec<f64> = sources.iter().map(|s| s.time_s).collect();
    let mut steps = runs::steps(&times_s, options);
    let mut run = runs::number(&times_s, &steps);
    let raw = Raw {
        samples,
        sources: &sources,
        medians: samples.iter().map(|list| median_k(list)).collect(),
        lattice,
        options,
    };
    let before = disagreement::measure(&judged, |_| 0.0);
    if !options.enabled {
        return raw.untouched(run, &before, references);
    }
    let all_steps = steps.clone();
    let pairs = || all_steps.iter().map(|s| (s.from, s.to));

    // Without ties in time first: where overlaps alone show a step larger than a jump, the
    // camera has started a new run.
    let mut design = Design::new(&solved, &axes, raw.eras(&run), pairs());
    let mut flats = raw.flats(design.eras());
    let jumps = {
        let mut fit = raw.fit(&solved, &design, &flats, &all_steps);
        fit.equations.improve(2);
        fit.jumps(&all_steps)
    };
    steps = all_steps
        .iter()
        .zip(&jumps)
        .filter(|(_, jump)| !**jump)
        .map(|(step, _)| *step)
        .collect();
    run = runs::number(&times_s, &steps);
    let parted = raw.eras(&run);
    if parted != *design.eras() {
        design = Design::new(&solved, &axes, parted, pairs());
        flats = raw.flats(design.eras());
    }
    let mut fit = raw.fit(&solved, &design, &flats, &all_steps);
    if options.continuity_k_sqrt_s > 0.0 {
        fit.equations.tie(&steps, options.continuity_k_sqrt_s);
    }
    fit.equations.improve(3);
    for _ in 0..ROUNDS {
        fit.refine();
        fit.equations.improve(2);
    }
    let mut factor = fit.equations.improve(2);
    let raw_span_k = span(raw.medians.iter().copied());
    for sigma_k in HELD_TILT_K {
        // Overlaps pretend to know a tilt: no camera drifts like that.
        if fit.ramp.is_some() && fit.span() > MOST_SPAN * raw_span_k {
            fit.hold(sigma_k);
            factor = fit.equations.improve(3);
        }
    }
    fit.finish(
        &raw,
        &judged,
        Outcome {
            axes,
            run,
            before,
            factor,
            raw_span_k,
            references,
        },
    )
}

/// What the adjustment starts from.
struct Raw<'a> {
    samples: &'a [Vec<Sample>],
    sources: &'a [Source],
    medians: Vec<f64>,
    lattice: &'a Lattice,
    options: &'a Options,
}

struct Outcome<'a> {
    axes: Vec<Option<Axis>>,
    run: Vec<u32>,
    before: Disagreement,
    factor: Option<Envelope>,
    raw_span_k: f64,
    references: &'a [Reference],
}

impl Raw<'_> {
    fn eras(&self, run: &[u32]) -> Eras {
        if self.options.flat_field {
            eras::eras(self.sources, run)
        } else {
            eras::eras(&vec![Source::tile(); run.len()], run)
        }
    }

    /// The flat field of every era with enough frames: median over its frames of sample − median
    /// of the frame, and what it is uncertain by.
    fn flats(&self, eras: &Eras) -> Vec<Option<(Flat, f64)>> {
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

    fn fit<'a>(
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
            sigma_k: [self.options.tilt_sigma_k, self.options.tilt_growth_k],
        };
        fit.set_priors();
        fit
    }

    fn untouched(
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
            run,
            connected: vec![true; count],
            absolute,
            report: Report {
                before: agreement(before),
                after: agreement(before),
                views: before.views,
                cells: 0,
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
struct Fit<'a> {
    equations: Equations<'a>,
    flats: Vec<Option<(Flat, f64)>>,
    ramp: Option<RampVerdict>,
    jump_k: f64,
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
    fn hold(&mut self, sigma_k: f64) {
        self.sigma_k[0] = self.sigma_k[0].min(sigma_k);
        if let Some(ramp) = &mut self.ramp {
            ramp.observable = false;
            ramp.held_by_prior = true;
        }
        self.set_priors();
    }

    /// Steps over which overlaps show a jump.
    fn jumps(&self, steps: &[Step]) -> Vec<bool> {
        let mut seen = self.equations.groups();
        let at = |frame: usize| self.equations.x[self.equations.design.offsets(frame).start];
        let is_jump = |step: &Step| {
            let tied = seen.of(step.from) == seen.of(step.to);
            tied && (at(step.to) - at(step.from)).abs() > self.jump_k
        };
        steps.iter().map(is_jump).collect()
    }

    fn span(&self) -> f64 {
        let design = self.equations.design;
        span((0..design.frames()).map(|f| mean(&self.equations.x[design.offsets(f)])))
    }

    /// Moves what residuals show over the image into the flat fields.
    fn refine(&mut self) {
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

    fn finish(mut self, raw: &Raw<'_>, judged: &Views, outcome: Outcome<'_>) -> Levelling {
        let design = self.equations.design;
        let gauge = self.equations.gauge();
        let connected = self.connected(&gauge.group);
        let covariance = levelling::covariance(
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
            .map(|frame| mean_variance(&covariance[frame], design.offsets(frame).len()).sqrt())
            .collect();
        let eras = era_reports(raw, design, &x, &self.flats, &covariance);
        let members = offset_k.iter().zip(&connected).filter(|pair| *pair.1);
        let report = Report {
            before: agreement(&outcome.before),
            after: agreement(&after),
            views: after.views,
            cells: self.equations.views.cells(),
            raw_span_k: outcome.raw_span_k,
            offset_span_k: span(members.map(|pair| *pair.0)),
            eras,
            ramp: self.ramp,
            references: Vec::new(),
        };
        let images = levelling::images(design, &x, &self.flats);
        let mut levelling = Levelling {
            offset_k,
            offset_sigma_k,
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
        let mut held = Vec::new();
        for (era, frames) in design.eras().frames.iter().enumerate() {
            let Some(orders) = design.low_orders(era) else {
                continue;
            };
            let size_px = design.eras().size_px[era];
            let flat = match self.flats.get(era) {
                Some(Some(_)) => pattern::tilt_errors(raw.samples, frames, size_px),
                _ => [UNKNOWN_TILT_K; 2],
            };
            for (axis, error) in TILT.into_iter().zip(flat) {
                let variance = self.sigma_k[0].powi(2) + error * error;
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

fn era_reports(
    raw: &Raw<'_>,
    design: &Design,
    x: &[f64],
    flats: &[Option<(Flat, f64)>],
    covariance: &[Vec<f64>],
) -> Vec<EraReport> {
    let eras = design.eras();
    let report = |(era, frames): (usize, &Vec<usize>)| {
        let times = || frames.iter().map(|f| raw.sources[*f].time_s);
        let flat = flats.get(era).and_then(Option::as_ref);
        let mut coefficients_k = [0.0; TERMS];
        if let Some(orders) = design.low_orders(era) {
            coefficients_k.copy_from_slice(&x[orders]);
        }
        EraReport {
            camera: frames.first().and_then(|f| raw.sources[*f].camera),
            frames: frames.len(),
            time_s: [
                times().fold(f64::NAN, f64::min),
                times().fold(f64::NAN, f64::max),
            ],
            flat_field: flat.is_some(),
            flat_field_rms_k: flat.map_or(0.0, |f| f.0.rms()),
            flat_field_sigma_k: flat.map_or(f64::NAN, |f| f.1),
            coefficients_k,
            coefficients_sigma_k: levelling::order_sigmas(design, covariance, era),
        }
    };
    eras.frames.iter().enumerate().map(report).collect()
}

fn agreement(of: &Disagreement) -> Agreement {
    Agreement {
        std_k: of.std_k,
        mad_k: of.mad_k,
        p95_k: of.p95_k,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Variance of the mean of the first `n` of a frame's unknowns.
fn mean_variance(lower: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..=i {
            let value = lower.get(i * (i + 1) / 2 + j).copied().unwrap_or(f64::NAN);
            sum += if i == j { value } else { 2.0 * value };
        }
    }
    sum / (n * n) as f64
}

fn median_k(samples: &[Sample]) -> f64 {
    if samples.is_empty() {
        return f64::NAN;
    }
    let mut values: Vec<f32> = samples.iter().map(|s| s.kelvin).collect();
    f64::from(flat::middle(&mut values))
}

/// Largest less smallest of the known values; 0 of none.
fn span(values: impl Iterator<Item = f64>) -> f64 {
    let known = values.filter(|v| v.is_finite());
    let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |s, v| {
        (s.0.min(v), s.1.max(v))
    });
    (high - low).max(0.0)
}
