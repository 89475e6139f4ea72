//! The adjustment of a flight, step by step.

use super::axis::Axis;
use super::design::{ALONG, Design};
use super::disagreement;
use super::fit::{Outcome, Raw, median_k, span};
use super::levelling::Levelling;
use super::reference::Reference;
use super::{Lattice, Options, Sample, Source, runs, views};

/// How close to the flat field's a tilt is held whose offsets span too much, one after the other.
const HELD_TILT_K: [f64; 3] = [0.3, 0.1, 0.01];

/// Rounds in which the flat field takes what residuals still show.
const ROUNDS: usize = 4;

/// Looks for ground that mirrors the sky: what is found spoils the solution less each time, so that
/// the next look sees clearer.
const LOOKS: usize = 4;

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
    let design = Design::new(&solved, &axes, raw.eras(&run), pairs());
    let flats = raw.flats(design.eras());
    let mut fit = raw.fit(&solved, &design, &flats, &all_steps);
    fit.equations.improve(2);
    let jumps = fit.jumps(&all_steps);
    steps = all_steps
        .iter()
        .zip(&jumps)
        .filter(|(_, jump)| !**jump)
        .map(|(step, _)| *step)
        .collect();
    run = runs::number(&times_s, &steps);
    let parted = raw.eras(&run);
    let of_parts;
    if parted != *design.eras() {
        drop(fit);
        of_parts = Design::new(&solved, &axes, parted, pairs());
        let flats = raw.flats(of_parts.eras());
        fit = raw.fit(&solved, &of_parts, &flats, &all_steps);
        fit.equations.improve(2);
    }
    if options.continuity_k_sqrt_s > 0.0 {
        fit.equations.tie(&steps, options.continuity_k_sqrt_s);
    }
    fit.equations.improve(1);
    fit.refine();
    fit.equations.improve(2);
    for _ in 0..LOOKS {
        if !fit.set_mirrors_aside(lattice) {
            break;
        }
        fit.equations.improve(2);
        fit.refine();
        fit.equations.improve(2);
    }
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
