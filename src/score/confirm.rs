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
    let gi = GiStar::disc(&cut, radius_px);
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
    for (sign, objects) in [(1.0, &mut detection.hot), (-1.0, &mut detection.cold)] {
        if objects.is_empty() {
            continue;
        }
        let mut tests: Vec<f64> = lattice.iter().map(|z| sign * z).collect();
        let Some(least) = cut_off(&mut tests, options.fdr_q) else {
            objects.clear();
            continue;
        };
        objects.retain(|cells| {
            let significant = cells.iter().filter(|cell| {
                let index = **cell as usize;
                sign * gi.at(index % width, index / width) >= least
            });
            2 * significant.count() >= cells.len()
        });
    }
}
