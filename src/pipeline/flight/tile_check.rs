//! Whether ready-made tiles and orthomosaics lie where the building outlines are: measured and said,
//! never moved, for their pixels are what the user handed in.

use super::Flight;
use super::adjustment::{outline_section, roof_outlines};
use super::tiles::Tile;
use crate::orient::outlines::{self, Local, OutlineReport, RoofOutline};
use crate::orient::{FlatGround, Ground};
use crate::pipeline::ground::SurfaceGround;
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::raster::Bounds;

/// A shift beyond this and beyond two cells is worth a warning, metres.
const WORTH_M: f64 = 0.5;

impl Flight<'_> {
    /// Measures the shift of a flight's tiles against the outlines (`orient.outline_control`).
    pub(super) fn check_tiles(&mut self, tiles: &[Tile<'_>]) {
        let asked = self.job.folder.settings.text("orient", "outline_control");
        let inputs = self.job.inputs;
        if tiles.is_empty() || asked == "off" || inputs.outlines.is_empty() {
            return;
        }
        let model = inputs.dsm.as_ref().or(inputs.dtm.as_ref());
        let model = model.map(SurfaceGround::new);
        // In an orthomosaic a roof lies where it stands: heights only serve the second opinion.
        let ground: &dyn Ground = match &model {
            Some(model) => model,
            None => &FlatGround(0.0),
        };
        let roofs = roof_outlines(&inputs.outlines, ground);
        let found = outlines::shift_of_map(&roofs, ground, &|outline| around(tiles, outline));
        let mut section = outline_section(&found, &roofs);
        section["applied"] = false.into();
        section["by"] = "measured only".into();
        self.record.section("outline_control", section);
        let cell_m = tiles.iter().map(Tile::cell_m).fold(0.0, f64::max);
        if let Some(warning) = warning(&found, cell_m) {
            self.warn(
                Stage::Orient,
                &warning.in_file(format!("flights/{}", self.job.folder.id)),
            );
        }
    }
}

/// The temperatures around an outline in the tile that holds most of it.
fn around(tiles: &[Tile<'_>], outline: &RoofOutline) -> Option<Local> {
    let bounds = outline.bounds();
    let shared = |tile: &Tile<'_>| area(&tile.bounds(), &bounds);
    let best = tiles
        .iter()
        .enumerate()
        .max_by(|(i, a), (j, b)| shared(a).total_cmp(&shared(b)).then(j.cmp(i)))?
        .1;
    if shared(best) <= 0.0 {
        return None;
    }
    let cell_m = best.cell_m();
    let window = best.window(&Local::bounds(outline)).ok()??;
    Some(Local::of(outline, cell_m, |x, y| window.sample(x, y)))
}

fn area(a: &Bounds, b: &Bounds) -> f64 {
    let across = a.x_max.min(b.x_max) - a.x_min.max(b.x_min);
    let down = a.y_max.min(b.y_max) - a.y_min.max(b.y_min);
    across.max(0.0) * down.max(0.0)
}

fn warning(found: &OutlineReport, cell_m: f64) -> Option<Problem> {
    let [east, north] = found.shift_m;
    if !found.refused.is_empty() {
        let what = format!(
            "the building outlines do not tell whether the tiles lie right: {}",
            found.refused
        );
        return Some(
            Problem::setting(what)
                .hint("look at mosaic.tif with the outlines over it before sheets are handed out"),
        );
    }
    (east.hypot(north) > WORTH_M.max(2.0 * cell_m)).then(|| {
        Problem::setting(format!(
            "the tiles lie {east:+.1} m east and {north:+.1} m north of the building outlines ({} of {} \
             buildings agree)",
            found.agreeing.len(),
            found.buildings
        ))
        .hint("they are used as they are: georeference them again, or check their CRS and datum shift")
    })
}
