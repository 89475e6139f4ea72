//! The rim of a roof: parapets, branches over it, and how far it lies beyond the outline.

use super::frame::Frame;
use super::shape::building_angle;
use super::trend::median;

/// Difference of a rim from its plane that counts, K.
const RIM_K: f32 = 0.3;
/// Distances beyond are no rim, metres.
const WIDEST_M: f64 = 1.2;
/// A rim that may be the ground mixed in must be this wide, cells.
const MIXED_PX: usize = 3;

/// A rim that differs from its plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parapet {
    /// Width from the outline inward, metres.
    pub width_m: f64,
    pub warmer: bool,
    pub confidence: f64,
}

/// Looks for a parapet in the residuals along the outline, ring of cells by ring of cells.
///
/// The outermost cells mix with the ground: a rim that differs the other way than the ground
/// does is no mixture; one that differs the same way must be wider than any mixture.
pub(super) fn parapet(frame: &Frame<'_>, kelvin: &[f32], sigma_k: f32) -> Option<Parapet> {
    let rings = (WIDEST_M / frame.cell_m).floor() as usize + 1;
    let mut values: Vec<Vec<f32>> = vec![Vec::new(); rings];
    for (i, value) in kelvin.iter().enumerate() {
        let ring = (f64::from(frame.edge_m(i)) / frame.cell_m) as usize;
        if frame.inside(i) && ring < rings && value.is_finite() {
            values[ring].push(*value);
        }
    }
    let levels: Vec<f32> = values
        .iter_mut()
        .map(|v| median(v).unwrap_or(0.0))
        .collect();
    let limit = RIM_K.max(2.0 * sigma_k);
    // The second ring is the first without much ground.
    let sign = levels.get(1).map(|l| l.signum())?;
    let wide = levels
        .iter()
        .skip(1)
        .take_while(|l| **l * sign > limit)
        .count()
        + 1;
    if wide < 2 || wide >= rings {
        return None;
    }
    let ground = ground_level(frame)?;
    let roof = {
        let mut all: Vec<f32> = (0..frame.cells())
            .filter(|i| frame.inside(*i))
            .map(|i| frame.celsius(i))
            .filter(|c| c.is_finite())
            .collect();
        median(&mut all)?
    };
    let opposite = (ground - roof) * sign < 0.0;
    (opposite || wide >= MIXED_PX).then_some(Parapet {
        width_m: wide as f64 * frame.cell_m,
        warmer: sign > 0.0,
        confidence: if opposite { 0.7 } else { 0.5 },
    })
}

/// Median of what is seen outside the outline in the window.
pub(super) fn ground_level(frame: &Frame<'_>) -> Option<f32> {
    let mut values: Vec<f32> = (0..frame.cells())
        .filter(|i| frame.input.roof.coverage.data()[*i] <= 0.0)
        .map(|i| frame.celsius(i))
        .filter(|c| c.is_finite())
        .collect();
    median(&mut values)
}

/// How far the roof's edge lies beyond the outline, metres: on each of the building's four sides
/// the place of the steepest change of temperature across the outline. A map that lies a little
/// aside moves opposite sides alike, so their mean is taken; `None` where no pair of sides shows
/// its edge.
pub(super) fn overhang_m(frame: &Frame<'_>, least_k: f32) -> Option<f64> {
    let angle = building_angle(frame);
    let reach_m = frame
        .input
        .roof
        .edge_m
        .data()
        .iter()
        .copied()
        .fold(0.0, f32::max);
    let half = ((f64::from(reach_m) / frame.cell_m).floor() as usize).checked_sub(1)?;
    let width = 2 * half;
    let mut sides: Vec<Vec<Vec<f32>>> = vec![vec![Vec::new(); width]; 4];
    for row in 1..frame.height.saturating_sub(1) {
        for col in 1..frame.width.saturating_sub(1) {
            let i = row * frame.width + col;
            let signed = |i: usize| {
                let m = f64::from(frame.edge_m(i));
                if frame.inside(i) { m } else { -m }
            };
            let bin = (signed(i) / frame.cell_m + half as f64).floor();
            if bin < 0.0 || bin >= width as f64 || frame.celsius(i).is_nan() {
                continue;
            }
            // The outward direction: the distance falls along it.
            let du = signed(i - 1) - signed(i + 1);
            let dv = signed(i - frame.width) - signed(i + frame.width);
            if du.hypot(dv) < 1.4 * frame.cell_m {
                continue;
            }
            let turn = (dv.atan2(du) - angle) / std::f64::consts::FRAC_PI_2;
            let side = (turn.round() as i64).rem_euclid(4) as usize;
            sides[side][bin as usize].push(frame.celsius(i));
        }
    }
    let edge = |profile: &mut Vec<Vec<f32>>| -> Option<f64> {
        let levels: Vec<Option<f32>> = profile.iter_mut().map(|v| median(v)).collect();
        let mut best = (least_k, None);
        for k in 1..levels.len().saturating_sub(1) {
            let (Some(Some(a)), Some(Some(b))) = (levels.get(k - 1), levels.get(k + 1)) else {
                continue;
            };
            let step = (b - a).abs();
            if step > best.0 {
                best = (step, Some(k));
            }
        }
        let k = best.1?;
        // Parabola through the steps beside it.
        let step = |k: usize| {
            let (a, b) = (levels.get(k.checked_sub(1)?)?, levels.get(k + 1)?);
            Some(((*b)? - (*a)?).abs())
        };
        let shift = match (step(k - 1), step(k), step(k + 1)) {
            (Some(a), Some(b), Some(c)) if 2.0 * b - a - c > 1e-6 => {
                f64::from(0.5 * (c - a) / (2.0 * b - a - c)).clamp(-0.5, 0.5)
            }
            _ => 0.0,
        };
        let place = k as f64 + 0.5 + shift - half as f64;
        Some(-place * frame.cell_m)
    };
    let found: Vec<Option<f64>> = sides.iter_mut().map(edge).collect();
    let pairs: Vec<f64> = [(0, 2), (1, 3)]
        .iter()
        .filter_map(|(a, b)| Some(0.5 * (found[*a]? + found[*b]?)))
        .collect();
    (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64)
}
