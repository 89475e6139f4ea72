//! Where a ready-made tile lies on the map, in the map's CRS or another, and what of it is under
//! a part of the map.

use std::ops::Range;

use crate::geo::crs::Crs;
use crate::mosaic::{CrsPair, regrid, reproject, source_bounds};
use crate::problem::{Problem, Result};
use crate::raster::{GeoGrid, Grid, Window};
use crate::read::tile::TileRaster;
use crate::rectify::Target;

/// Cells of the raster read around what is asked for.
pub(super) const MARGIN: f64 = 2.0;

/// A raster's place.
pub(super) struct TilePlace {
    /// The cells in the map's CRS: the raster's own, or a grid of the same resolution.
    pub(super) grid: Target,
    /// Where the raster is in another CRS than the map.
    pub(super) pair: Option<CrsPair>,
}

impl TilePlace {
    /// Of a raster that names its CRS, or none and is in the map's.
    ///
    /// # Errors
    /// A CRS that cannot be computed, or that does not meet the map's.
    pub(super) fn new(raster: &TileRaster, map: &Crs) -> Result<Self> {
        let Some(own) = raster.epsg.filter(|own| *own != map.epsg()) else {
            let grid = Target {
                transform: raster.transform,
                width: raster.width,
                height: raster.height,
            };
            return Ok(Self { grid, pair: None });
        };
        let epsg = map.epsg();
        let source = map.sibling(&own.to_string()).map_err(|_| {
            let what = format!("is in EPSG:{own}, which is unknown or cannot be computed here");
            let hint = format!("reproject it: gdalwarp -t_srs EPSG:{epsg} -r bilinear");
            Problem::setting(what).hint(hint)
        })?;
        let pair = CrsPair {
            map: map.clone(),
            source,
        };
        let grid = pair
            .grid_in_map(&raster.transform, raster.width, raster.height)
            .ok_or_else(|| {
                let what = format!("is in EPSG:{own}, but its place cannot be told in EPSG:{epsg}");
                Problem::broken(what)
                    .hint("check that the coordinates belong to the system that is named for them")
            })?;
        Ok(Self {
            grid,
            pair: Some(pair),
        })
    }

    /// The window of the raster under a part of the map, some cells more around it; `None` where
    /// they do not meet.
    pub(super) fn under(&self, target: &Target, raster: &TileRaster) -> Option<Window> {
        let bounds = match &self.pair {
            None => target.bounds(),
            Some(pair) => source_bounds(target, pair),
        };
        let transform = &raster.transform;
        let around = bounds.buffered(MARGIN * transform.dx.max(transform.dy));
        transform.window_of(&around, raster.width, raster.height)
    }

    /// A window of the raster, laid on a part of the map.
    pub(super) fn lay(&self, window: &GeoGrid<f32>, target: &Target) -> Grid<f32> {
        match &self.pair {
            None => regrid(window, target),
            Some(pair) => reproject(window, pair, target),
        }
    }
}

/// Cuts rows of the map, under which `cells` of the raster lie, into bands with at most `most`
/// cells under each, but one row at least.
pub(super) fn bands(rows: usize, cells: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let height = rows as u128 * most as u128 / cells.max(1) as u128;
    let height = usize::try_from(height)
        .unwrap_or(rows)
        .clamp(1, rows.max(1));
    (0..rows)
        .step_by(height)
        .map(move |start| start..rows.min(start + height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_cover_all_rows_and_none_is_empty() {
        for (rows, cells, most) in [(512, 100, 1000), (512, 100_000, 999), (3, 1 << 40, 10)] {
            let found: Vec<_> = bands(rows, cells, most).collect();
            assert_eq!(found.iter().map(|b| b.len()).sum::<usize>(), rows);
            assert!(found.iter().all(|b| !b.is_empty()));
            let largest = found.iter().map(|b| b.len()).max().expect("some");
            assert!(largest == 1 || cells * largest <= most * rows, "{found:?}");
        }
    }
}
