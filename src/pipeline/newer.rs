//! Buildings that the surface model does not have yet (flemish-data.md §6).
//!
//! Where the model lies at the ground inside an outline, the building is newer than the survey.
//! Laid on the ground its roof would lean away from the flight line by its height; so it gets a
//! flat roof: at the height the regional 3D layer has, or the buildings file, or the median of
//! the buildings around.

use super::inputs::Inputs;
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid};
use crate::read::surface::Surface;
use crate::segment;
use crate::survey::Outline;
use ::geo::{Area, BoundingRect, MultiPolygon};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Median over the terrain below which nothing stands in an outline, metres: a low shed is left
/// as the model has it.
const NOTHING_M: f64 = 1.0;
/// Least height of a building whose height others may borrow, metres.
const BUILDING_M: f64 = 2.5;
/// Buildings within this distance lend their height, metres.
const NEIGHBOUR_M: f64 = 150.0;
/// Smaller buildings take no height from their neighbours, m²: sheds are lower than halls.
const LARGE_M2: f64 = 100.0;

/// A flat roof for a building the model lacks.
#[derive(Clone, Debug)]
pub(crate) struct FlatRoof<'a> {
    /// Building key.
    pub(crate) oidn: &'a str,
    /// Its outline and the bounds of it.
    pub(crate) polygon: &'a MultiPolygon<f64>,
    pub(crate) bounds: Bounds,
    /// Height of the roof in the datum of the model, metres.
    pub(crate) top_m: f64,
    /// Where the height comes from.
    pub(crate) from: &'static str,
}

/// Medians inside an outline.
#[derive(Clone, Copy, Debug)]
struct Inside {
    ground_m: f64,
    over_m: f64,
}

/// Flat roofs for the outlines that stand at the ground in the surface model; none without both
/// models.
///
/// # Errors
/// A model that cannot be read.
pub(crate) fn flat_roofs(inputs: &Inputs) -> Result<Vec<FlatRoof<'_>>> {
    let (Some(dsm), Some(dtm)) = (&inputs.dsm, &inputs.dtm) else {
        return Ok(Vec::new());
    };
    // Derived outlines stand in the model by their making.
    if inputs.derived.is_some() {
        return Ok(Vec::new());
    }
    let measured: Vec<Option<(Bounds, Inside)>> = inputs
        .outlines
        .par_iter()
        .map(|outline| inside(outline, dsm, dtm))
        .collect::<Result<_>>()?;
    let known: BTreeMap<&str, f64> = inputs
        .references
        .heights
        .iter()
        .map(|h| (h.oidn.as_str(), h.height_m))
        .collect();
    let standing: Vec<(f64, f64, f64)> = measured
        .iter()
        .flatten()
        .filter(|(_, inside)| inside.over_m >= BUILDING_M)
        .map(|(b, inside)| {
            let (x, y) = middle(b);
            (x, y, inside.over_m)
        })
        .collect();
    let outlines = inputs.outlines.iter().zip(&measured);
    let flat = outlines.filter_map(|(outline, measured)| {
        let (bounds, inside) = measured.as_ref()?;
        if inside.over_m >= NOTHING_M {
            return None;
        }
        let (height_m, from) = match known.get(outline.oidn.as_str()) {
            Some(height_m) => (*height_m, "the 3D layer of the base map"),
            None => match outline.height_m {
                Some(height_m) => (height_m, "the buildings file"),
                None if outline.polygon.unsigned_area() < LARGE_M2 => return None,
                None => (lent(&standing, middle(bounds))?, "the buildings around"),
            },
        };
        Some(FlatRoof {
            oidn: &outline.oidn,
            polygon: &outline.polygon,
            bounds: *bounds,
            top_m: inside.ground_m + height_m,
            from,
        })
    });
    Ok(flat.collect())
}

/// Medians of the terrain and of the surface over it inside an outline; `None` where the models
/// do not tell.
fn inside(outline: &Outline, dsm: &Surface, dtm: &Surface) -> Result<Option<(Bounds, Inside)>> {
    let Some(r) = outline.polygon.bounding_rect() else {
        return Ok(None);
    };
    let bounds = Bounds {
        x_min: r.min().x,
        y_min: r.min().y,
        x_max: r.max().x,
        y_max: r.max().y,
    };
    let apart = |model: &Surface| !model.bounds().intersects(&bounds);
    if !bounds.x_min.is_finite() || apart(dsm) || apart(dtm) {
        return Ok(None);
    }
    let surface = dsm.window(&bounds)?;
    let terrain = dtm.window(&bounds.buffered(2.0 * dtm.cell_m()))?;
    let share = covered(&outline.polygon, &surface);
    let (mut ground, mut over) = (Vec::new(), Vec::new());
    for row in 0..surface.grid.height() {
        for col in 0..surface.grid.width() {
            let (x, y) = surface.transform.centre(col, row);
            let height = f64::from(surface.grid.at(col, row));
            if share.at(col, row) > 0.5
                && height.is_finite()
                && let Some(below) = terrain.sample(x, y)
            {
                ground.push(below);
                over.push(height - below);
            }
        }
    }
    let medians = median(&mut ground).zip(median(&mut over));
    Ok(medians.map(|(ground_m, over_m)| (bounds, Inside { ground_m, over_m })))
}

/// Median height of the buildings around a place; of all, where none is near.
fn lent(standing: &[(f64, f64, f64)], (x, y): (f64, f64)) -> Option<f64> {
    let near = |s: &&(f64, f64, f64)| (s.0 - x).hypot(s.1 - y) <= NEIGHBOUR_M;
    let mut around: Vec<f64> = standing.iter().filter(near).map(|s| s.2).collect();
    if around.is_empty() {
        around = standing.iter().map(|s| s.2).collect();
    }
    median(&mut around)
}

fn middle(b: &Bounds) -> (f64, f64) {
    (0.5 * (b.x_min + b.x_max), 0.5 * (b.y_min + b.y_max))
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    let (_, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*value)
}

fn covered(polygon: &MultiPolygon<f64>, on: &GeoGrid<f32>) -> crate::raster::Grid<f32> {
    let (width, height) = (on.grid.width(), on.grid.height());
    segment::coverage(polygon, &on.transform, width, height)
}

impl FlatRoof<'_> {
    /// Raises the cells of the roof to its height.
    pub(crate) fn raise(&self, surface: &mut GeoGrid<f32>) {
        let share = covered(self.polygon, surface);
        let cells = surface.grid.data_mut().iter_mut().zip(share.data());
        for (height, share) in cells {
            if *share > 0.5 && f64::from(*height) < self.top_m {
                *height = self.top_m as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_lent_by_the_buildings_around_and_only_without_any_by_all() {
        let standing = [
            (0.0, 0.0, 6.0),
            (50.0, 0.0, 8.0),
            (100.0, 0.0, 9.0),
            (5000.0, 0.0, 30.0),
        ];
        assert_eq!(lent(&standing, (60.0, 20.0)), Some(8.0));
        assert_eq!(lent(&standing, (2000.0, 0.0)), Some(8.0));
        assert_eq!(lent(&[], (0.0, 0.0)), None);
    }
}
