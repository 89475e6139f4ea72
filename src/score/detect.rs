//! Warm and cold objects on a roof (scoring.md §10).
//!
//! In: temperatures and which cells are judged. Out: objects as sets of cells, with the residual
//! they stand out by.
//!
//! 1. *Broad pass* (`broad`): patches wider than half the background window are masked first.
//! 2. Residual = temperature − median of the window over cells of the same face that are not
//!    masked (`faces`); objects; the same once more without them.
//! 3. Seeds (single cells) grow to the growth limit; areas whose mean stands out grow to half
//!    that mean (`growth`). Inner cells and the band along an edge grow apart, so that a warm rim
//!    does not swallow the field; a small rim piece that touches a larger inner object joins it.

use super::Options;
use super::background::{robust_spread, sampled};
use super::faces::Backgrounds;
use super::growth::{Growth, Square, seeds, squares};
use super::zones::Zones;
use crate::raster::Grid;

/// What was found on a roof.
pub(super) struct Detection {
    /// Temperature − background, K; NaN where not judged.
    pub residual: Grid<f32>,
    /// σ of the residual, K.
    pub sigma_k: f32,
    /// Warm objects, each a list of cell indices.
    pub hot: Vec<Vec<u32>>,
    /// Cold objects.
    pub cold: Vec<Vec<u32>>,
}

/// Cell sizes and noise of the roof.
pub(super) struct Scale {
    /// Cell size, metres.
    pub cell_m: f64,
    /// Noise of a cell, NEDT / √overlap, K.
    pub noise_k: f64,
}

/// Objects of a roof. Zones have the shape of `celsius`; their cells have a temperature. `None`
/// when no cell is judged.
pub(super) fn detect(
    celsius: &Grid<f32>,
    zones: &Zones,
    scale: &Scale,
    options: &Options,
) -> Option<Detection> {
    let window = ((options.background_m / scale.cell_m).round() as usize).max(5);
    let mut backgrounds = Backgrounds::new(celsius, zones, scale, options)?;
    let mut found = None;
    for pass in 0..2 {
        let residual = backgrounds.residual(celsius, zones, window);
        let detection = objects(residual, zones, scale, options)?;
        let again = pass == 0 && !(detection.hot.is_empty() && detection.cold.is_empty());
        if again {
            let cells = detection.hot.iter().chain(&detection.cold).flatten();
            backgrounds.mask(cells.copied(), celsius.width());
        }
        found = Some(detection);
        if !again {
            break;
        }
    }
    found
}

/// Side of the square whose mean makes an area seed, cells: at least `area_seed_m2` and 9 cells.
pub(super) fn area_side(cell_m: f64, options: &Options) -> usize {
    ((options.area_seed_m2.sqrt() / cell_m - 1e-9).ceil() as usize).max(3)
}

fn objects(
    residual: Grid<f32>,
    zones: &Zones,
    scale: &Scale,
    options: &Options,
) -> Option<Detection> {
    let zone = &zones.zone;
    let cells = || sampled(residual.data().iter().zip(zone.data()));
    let inner = cells().filter(|(_, zone)| **zone % 2 == 1);
    // A roof of narrow faces alone has no inner cells.
    let (_, spread) = robust_spread(inner.map(|(r, _)| *r), 0.0)
        .or_else(|| robust_spread(cells().map(|(r, _)| *r), 0.0))?;
    let sigma_k = spread.max(scale.noise_k as f32).max(0.1);
    let seed = (options.seed_sigma as f32 * sigma_k).max(options.seed_k as f32);
    let grow = (options.grow_sigma as f32 * sigma_k).max(options.grow_k as f32);
    let area = (options.grow_sigma as f32 * sigma_k).max(options.area_seed_k as f32);
    let least_px = (options.min_object_m2 / (scale.cell_m * scale.cell_m) - 1e-9).ceil() as usize;
    let least_px = least_px.max(options.min_object_px);
    let side = area_side(scale.cell_m, options);
    let grown = |sign: f32, seeds: Vec<u32>, squares: Vec<Square>| {
        if seeds.is_empty() && squares.is_empty() {
            return Vec::new();
        }
        let mut growth = Growth::new(&residual, zone, sign);
        growth.seeds(&seeds, grow);
        growth.areas(squares, side);
        growth.join_rims();
        growth.join_planes(zones.planes);
        growth.objects.retain(|cells| cells.len() >= least_px);
        growth.objects
    };
    let [warm_seeds, cold_seeds] = seeds(&residual, seed);
    let [warm, cold] = squares(&residual, zone, side, area);
    let (hot, cold) = (grown(1.0, warm_seeds, warm), grown(-1.0, cold_seeds, cold));
    Some(Detection {
        residual,
        sigma_k,
        hot,
        cold,
    })
}
