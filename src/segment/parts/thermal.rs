//! Planes by steps of temperature, where heights say nothing.
//!
//! Two faces of a roof see different parts of the sky, two wings have different rooms below: both
//! show as a step of the level along a straight line that runs with the building. The roof is cut
//! at its greatest such step, and the pieces again. Cuts across the grain of the building were
//! not looked for: a field of panels has edges, too, and only what runs through counts.

use super::Options;
use super::frame::Frame;
use super::planes::Planes;
use super::shape::building_angle;
use super::trend::median;
use crate::raster::Grid;

/// Width of the strips on either side of a step that are compared, metres.
const STRIP_M: f64 = 2.0;
/// Share of the line along which both sides must differ.
const ALONG: f64 = 0.75;
/// Length of the pieces of a line judged apart, metres.
const PIECE_M: f64 = 3.0;
/// Greatest number of cuts one after the other.
const DEPTH: usize = 6;

/// A cut: cells whose coordinate along `axis` is at least `at` lie on the far side.
struct Cut {
    axis: (f64, f64),
    at: f64,
    step_k: f32,
}

/// Finds planes by steps of temperature; one where there is none.
pub(super) fn find(frame: &Frame<'_>, options: &Options) -> Planes {
    let whole = Planes::whole(frame);
    let cells: Vec<usize> = (0..frame.cells()).filter(|i| frame.inside(*i)).collect();
    let angle = building_angle(frame);
    let mut done = Vec::new();
    let mut open = vec![(cells, 0_usize)];
    while let Some((cells, depth)) = open.pop() {
        let cut = (depth < DEPTH)
            .then(|| best_cut(frame, &cells, angle, options))
            .flatten();
        match cut {
            None => done.push(cells),
            Some(cut) => {
                let (far, near): (Vec<usize>, Vec<usize>) = cells
                    .into_iter()
                    .partition(|i| along(frame, *i, cut.axis) >= cut.at);
                open.push((far, depth + 1));
                open.push((near, depth + 1));
            }
        }
    }
    if done.len() < 2 {
        return whole;
    }
    let mut labels = Grid::filled(frame.width, frame.height, 0);
    for (index, cells) in done.iter().enumerate() {
        for i in cells {
            labels.data_mut()[*i] = index as u16 + 1;
        }
    }
    Planes {
        labels,
        fits: vec![None; done.len()],
        thermal: true,
    }
}

fn along(frame: &Frame<'_>, i: usize, axis: (f64, f64)) -> f64 {
    let (u, v) = frame.place(i);
    u * axis.0 + v * axis.1
}

/// The greatest step along either direction of the building.
fn best_cut(frame: &Frame<'_>, cells: &[usize], angle: f64, options: &Options) -> Option<Cut> {
    let (s, c) = angle.sin_cos();
    let first = cut_along(frame, cells, (c, s), options);
    let second = cut_along(frame, cells, (-s, c), options);
    match (first, second) {
        (Some(a), Some(b)) => Some(if a.step_k >= b.step_k { a } else { b }),
        (a, b) => a.or(b),
    }
}

fn cut_along(
    frame: &Frame<'_>,
    cells: &[usize],
    axis: (f64, f64),
    options: &Options,
) -> Option<Cut> {
    // Rim cells mix with the ground.
    let rim_m = 2.0 * frame.cell_m;
    let seen: Vec<(f64, f64, f32)> = cells
        .iter()
        .filter(|i| f64::from(frame.edge_m(**i)) >= rim_m && frame.celsius(**i).is_finite())
        .map(|i| {
            let across = (-axis.1, axis.0);
            (
                along(frame, *i, axis),
                along(frame, *i, across),
                frame.celsius(*i),
            )
        })
        .collect();
    let low = seen
        .iter()
        .map(|s| s.0)
        .fold(f64::INFINITY, f64::min)
        .floor();
    let high = seen.iter().map(|s| s.0).fold(f64::NEG_INFINITY, f64::max);
    let strip = (STRIP_M / frame.cell_m).ceil() as usize;
    let count = (high - low).max(0.0) as usize + 1;
    if seen.is_empty() || count < 2 * strip + 2 {
        return None;
    }
    let mut lines: Vec<Vec<f32>> = vec![Vec::new(); count];
    for (p, _, value) in &seen {
        lines[((p - low) as usize).min(count - 1)].push(*value);
    }
    let levels: Vec<f32> = lines
        .iter_mut()
        .map(|l| median(l).unwrap_or(f32::NAN))
        .collect();
    let mean = |from: usize, to: usize| {
        let known = levels[from..to].iter().filter(|l| l.is_finite());
        let (sum, n) = known.fold((0.0, 0.0), |(s, n), l| (s + l, n + 1.0_f32));
        sum / n
    };
    let mut best: Option<(usize, f32)> = None;
    for k in strip + 1..count - strip {
        let step = (mean(k + 1, (k + 1 + strip).min(count)) - mean(k - 1 - strip, k - 1)).abs();
        if step >= options.min_step_k && best.is_none_or(|(_, s)| step > s) {
            best = Some((k, step));
        }
    }
    let (k, step_k) = best?;
    let at = low + sharpest(&levels, k, strip / 2);
    let cut = Cut { axis, at, step_k };
    runs_through(frame, &seen, &cut, options).then_some(cut)
}

/// Border between two lines of cells, counted in lines, where the level changes most near `k`.
fn sharpest(levels: &[f32], k: usize, reach: usize) -> f64 {
    let mut best = (0.0_f32, k);
    for b in k.saturating_sub(reach).max(2)..(k + reach + 1).min(levels.len().saturating_sub(1)) {
        let step = (levels[b] + levels[b + 1] - levels[b - 1] - levels[b - 2]).abs();
        if step > best.0 {
            best = (step, b);
        }
    }
    best.1 as f64
}

/// Whether the step goes along most of the line, not only along an object's edge, and is a step,
/// not a slow change.
fn runs_through(frame: &Frame<'_>, seen: &[(f64, f64, f32)], cut: &Cut, options: &Options) -> bool {
    let strip = STRIP_M / frame.cell_m;
    let near = seen.iter().filter(|s| (s.0 - cut.at).abs() <= strip);
    let low = near.clone().map(|s| s.1).fold(f64::INFINITY, f64::min);
    let high = near.clone().map(|s| s.1).fold(f64::NEG_INFINITY, f64::max);
    if high <= low {
        return false;
    }
    let piece = PIECE_M / frame.cell_m;
    let count = ((high - low) / piece).ceil().max(1.0) as usize;
    let mut sides = vec![[Vec::new(), Vec::new()]; count];
    let mut far = vec![[Vec::new(), Vec::new()]; count];
    for (p, q, value) in near {
        let at = (((q - low) / piece) as usize).min(count - 1);
        let side = usize::from(*p >= cut.at);
        // The first metre tells a step from a slope.
        if (p - cut.at).abs() <= (1.0 / frame.cell_m).max(2.0) {
            sides[at][side].push(*value);
        } else {
            far[at][side].push(*value);
        }
    }
    let steps = |pairs: &mut [[Vec<f32>; 2]]| -> Vec<f32> {
        pairs
            .iter_mut()
            .filter_map(|[a, b]| Some(median(b)? - median(a)?))
            .collect()
    };
    let steps_near = steps(&mut sides);
    let Some(middle) = median(&mut steps_near.clone()) else {
        return false;
    };
    let sharp = middle.abs() >= 0.7 * cut.step_k && middle.abs() >= 0.7 * options.min_step_k;
    let agree = steps_near
        .iter()
        .filter(|s| **s * middle.signum() >= 0.5 * middle.abs());
    sharp && agree.count() as f64 >= ALONG * steps_near.len() as f64
}
