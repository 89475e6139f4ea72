//! Confirmation of objects by Gi* (scoring.md §10.4).
//!
//! An object stays when at least half of its cells have a significantly warm (cold)
//! neighbourhood, at a false-discovery rate over the roof. Two liberties, both towards keeping
//! what detection found: residuals are cut at the seed level, so that one chimney does not raise
//! the spread until nothing else is significant; and the rate's cut-off is taken from a lattice
//! of cells a third of its radius apart, which have nearly the same distribution as all.

use super::Options;
use super::detect::{Detection, Scale};
use super::fdr::cut_off;
use super::gistar::GiStar;
use super::zones::OUTSIDE;
use crate::raster::Grid;

/// Least radius of the neighbourhood, metres: the lower end of scoring.md §10.4.
const LEAST_RADIUS_M: f64 = 1.0;

/// Takes the objects that are not confirmed out of a detection.
pub(super) fn confirm(
    detection: &mut Detection,
    zone: &Grid<u16>,
    scale: &Scale,
    options: &Options,
) {
    if detection.hot.is_empty() && detection.cold.is_empty() {
        return;
    }
    let limit = (options.seed_sigma as f32 * detection.sigma_k).max(options.seed_k as f32);
    let cut = detection.residual.map(|r| r.clamp(-limit, limit));
    let radius_px = options.gi_radius_m / scale.cell_m;
    let objects = (detection.hot.as_slice(), detection.cold.as_slice());
    let [mut hot, mut cold] = significant(&cut, zone, objects, radius_px, options);
    // An object smaller than the disc is diluted in it.
    let least_px = options.gi_radius_m.min(LEAST_RADIUS_M) / scale.cell_m;
    let small = std::f64::consts::PI * radius_px * radius_px;
    let unheard = |objects: &[Vec<u32>], kept: &[bool]| {
        let mut both = objects.iter().zip(kept);
        both.any(|(cells, kept)| !kept && (cells.len() as f64) < small)
    };
    if least_px < radius_px && (unheard(objects.0, &hot) || unheard(objects.1, &cold)) {
        let again = significant(&cut, zone, objects, least_px, options);
        let lists = [(objects.0, &mut hot), (objects.1, &mut cold)];
        for ((objects, kept), again) in lists.into_iter().zip(again) {
            for ((cells, kept), again) in objects.iter().zip(kept).zip(again) {
                *kept |= again && (cells.len() as f64) < small;
            }
        }
    }
    keep(&mut detection.hot, &hot);
    keep(&mut detection.cold, &cold);
}

fn keep(objects: &mut Vec<Vec<u32>>, kept: &[bool]) {
    let mut kept = kept.iter();
    objects.retain(|_| kept.next().copied().unwrap_or(true));
}

/// Which warm and cold objects have significant neighbourhoods of a radius.
fn significant(
    cut: &Grid<f32>,
    zone: &Grid<u16>,
    (hot, cold): (&[Vec<u32>], &[Vec<u32>]),
    radius_px: f64,
    options: &Options,
) -> [Vec<bool>; 2] {
    let gi = GiStar::disc(cut, radius_px);
    let step = ((radius_px / 3.0) as usize).max(1);
    let width = zone.width();
    let mut lattice = Vec::new();
    let mut line = vec![0.0; width];
    for row in (0..zone.height()).step_by(step) {
        gi.row(row, &mut line);
        for col in (0..width).step_by(step) {
            if zone.at(col, row) != OUTSIDE && cut.at(col, row).is_finite() {
                lattice.push(f64::from(line[col]));
            }
        }
    }
    [(1.0, hot), (-1.0, cold)].map(|(sign, objects)| {
        let mut tests: Vec<f64> = lattice.iter().map(|z| sign * z).collect();
        let least = if objects.is_empty() {
            None
        } else {
            cut_off(&mut tests, options.fdr_q)
        };
        let Some(least) = least else {
            return vec![false; objects.len()];
        };
        let enough = |cells: &Vec<u32>| {
            let significant = cells.iter().filter(|cell| {
                let index = **cell as usize;
                sign * gi.at(index % width, index / width) >= least
            });
            2 * significant.count() >= cells.len()
        };
        objects.iter().map(enough).collect()
    })
}
