//! How certain the solution is.

use super::design::Design;
use super::envelope::Envelope;
use super::equations::{Equations, Gauge};
use super::terms::TERMS;

/// Frames whose variance is computed one by one where the equations are too wide to invert.
const PROBES: usize = 48;

/// Covariance of each frame's own unknowns, offsets relative to the weighted mean of the
/// largest group; empty for frames outside it.
///
/// With C the inverse of the equations with one offset held and s the shares in the mean, offsets
/// relative to the mean are P x, P = 1 − 1 sᵀ, and their covariance P C Pᵀ. Where C cannot be had,
/// the largest ratio of true variance to 1 / diagonal among frames all over the flight stands for
/// the others.
///
/// `held` names unknowns with the variance they must be believed to have, whatever the equations
/// say: a tilt nobody can tell from a ramp. What follows it comes with it: C e / C_ee is how all
/// others answer to a unit of it.
pub(super) fn of_frames(
    equations: &Equations<'_>,
    gauge: &Gauge,
    connected: &[bool],
    factor: Option<&Envelope>,
    held: &[(usize, f64)],
) -> Vec<Vec<f64>> {
    let design = equations.design;
    let mut shares = vec![0.0; design.size];
    for frame in (0..connected.len()).filter(|f| connected[*f]) {
        for i in design.offsets(frame) {
            shares[i] = gauge.share[i];
        }
    }
    let solve = |mut b: Vec<f64>| match factor {
        Some(factor) => {
            factor.solve(&mut b);
            b
        }
        None => equations.matrix().iterate(&b, vec![0.0; design.size]),
    };
    let of_mean = solve(shares.clone());
    let of_itself: f64 = shares.iter().zip(&of_mean).map(|(s, y)| s * y).sum();
    let relative = |i: usize, j: usize, value: f64| {
        let (a, b) = (i < design.core, j < design.core);
        let first = if a { of_mean[j] } else { 0.0 };
        let second = if b { of_mean[i] } else { 0.0 };
        value - first - second + if a && b { of_itself } else { 0.0 }
    };
    let inverse = factor.map(|f| f.inverse(design.core));
    let diagonal = equations.matrix().diagonal();
    let wider = if inverse.is_some() {
        1.0
    } else {
        let members: Vec<usize> = (0..connected.len()).filter(|f| connected[*f]).collect();
        let step = members.len().div_ceil(PROBES).max(1);
        let ratio = |frame: &usize| {
            let i = design.offsets(*frame).start;
            let mut unit = vec![0.0; design.size];
            unit[i] = 1.0;
            relative(i, i, solve(unit)[i]) * diagonal[i]
        };
        members.iter().step_by(step).map(ratio).fold(1.0, f64::max)
    };
    let mut answers = Vec::new();
    for &(unknown, variance) in held {
        let mut unit = vec![0.0; design.size];
        unit[unknown] = 1.0;
        let mut answer = solve(unit);
        let own = answer[unknown];
        if variance <= own || own <= 0.0 {
            continue;
        }
        let mean: f64 = shares.iter().zip(&answer).map(|(s, y)| s * y).sum();
        answer[..design.core].iter_mut().for_each(|y| *y -= mean);
        let scale = (variance - own).sqrt() / own;
        answer.iter_mut().for_each(|y| *y *= scale);
        answers.push(answer);
    }
    let entry = |i: usize, j: usize| {
        let known = match &inverse {
            Some(inverse) => relative(i, j, inverse.get(i, j).unwrap_or(0.0)),
            None if i == j => wider / diagonal[i],
            None => 0.0,
        };
        known + answers.iter().map(|a| a[i] * a[j]).sum::<f64>()
    };
    let of_frame = |frame: usize| {
        if !connected[frame] {
            return Vec::new();
        }
        let own: Vec<usize> = design.own_unknowns(frame).collect();
        let mut lower = Vec::with_capacity(own.len() * (own.len() + 1) / 2);
        for (at, i) in own.iter().enumerate() {
            lower.extend(own[..=at].iter().map(|j| entry(*i, *j)));
        }
        lower
    };
    (0..connected.len()).map(of_frame).collect()
}

/// 1σ of the low orders of an era, from a frame of it.
pub(super) fn order_sigmas(design: &Design, covariance: &[Vec<f64>], era: usize) -> [f64; TERMS] {
    let mut sigmas = [f64::NAN; TERMS];
    let frames = design.eras().frames.get(era);
    let lower = frames.and_then(|frames| {
        let known = |f: &&usize| covariance.get(**f).is_some_and(|c| !c.is_empty());
        frames.iter().find(known).and_then(|f| covariance.get(*f))
    });
    if let (Some(lower), Some(_)) = (lower, design.low_orders(era)) {
        for (i, sigma) in sigmas.iter_mut().enumerate() {
            // After the one offset of a frame.
            let at = i + 1;
            *sigma = lower
                .get(at * (at + 1) / 2 + at)
                .map_or(f64::NAN, |v| v.max(0.0).sqrt());
        }
    }
    sigmas
}

/// Variance of the mean of the first `n` of a frame's unknowns.
pub(super) fn mean_variance(lower: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..=i {
            let value = lower.get(i * (i + 1) / 2 + j).copied().unwrap_or(f64::NAN);
            sum += if i == j { value } else { 2.0 * value };
        }
    }
    sum / (n * n) as f64
}
