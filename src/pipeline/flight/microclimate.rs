//! `microclimate.tif`: how warm open ground is from place to place (`level.microclimate`).

use super::Flight;
use super::map_files::Written;
use crate::mosaic::{self, Patch};
use crate::pipeline::cache::Key;
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::{GeoTransform, Grid, Window};
use crate::read::geotiff::GeoTiff;
use crate::segment::Distances;
use crate::write::cog::{CogSpec, CogWriter};
use rayon::prelude::*;
use serde_json::json;

/// Side of a patch of ground, metres, and how far it keeps from buildings.
const PATCH_M: f64 = 2.0;
const APART_M: f64 = 3.0;
/// Patches with an edge or a vehicle in them are left out: standard deviation, kelvin.
const UNEVEN_K: f64 = 0.4;
/// Rows of patches read at a time.
const STRIP: usize = 64;

impl Flight<'_> {
    /// Even patches of open ground in the map.
    ///
    /// # Errors
    /// A map that cannot be read.
    pub(super) fn open_ground(
        &self,
        map: &GeoTiff,
        transform: &GeoTransform,
        (width, height): (usize, usize),
    ) -> Result<Vec<Patch>> {
        let cells = ((PATCH_M / transform.dx).round() as usize).max(1);
        let buildings = Distances::new(self.job.inputs.outlines.iter().map(|o| &o.polygon));
        let strips: Vec<usize> = (0..height).step_by(cells * STRIP).collect();
        let found: Vec<Vec<Patch>> = strips
            .par_iter()
            .map(|top| {
                let window = Window {
                    col: 0,
                    row: *top,
                    width,
                    height: (cells * STRIP).min(height - top),
                };
                let celsius = map.window(window)?;
                let place = transform.of_window(window);
                Ok(patches(&celsius, &place, cells)
                    .into_iter()
                    .filter(|p| buildings.farther_than(p.x_m, p.y_m, APART_M))
                    .collect())
            })
            .collect::<Result<_>>()?;
        Ok(found.concat())
    }

    /// Writes the layer where it is asked for. The map is left as it is.
    pub(super) fn write_microclimate(
        &mut self,
        written: &Written,
        transform: &GeoTransform,
        size: (usize, usize),
    ) -> std::result::Result<(), Vec<Problem>> {
        if !self.job.folder.settings.flag("level", "microclimate") {
            return Ok(());
        }
        let mut key = Key::new("microclimate");
        key.told("map", &written.record);
        key.told("outlines", &self.job.inputs.outlines);
        let file = ["microclimate.tif"];
        self.written(Stage::Mosaic, "microclimate", &key, &file, |flight| {
            let made = flight.make_microclimate(written, transform, size);
            made.map_err(|p| vec![p])
        })
    }

    fn make_microclimate(
        &mut self,
        written: &Written,
        transform: &GeoTransform,
        (width, height): (usize, usize),
    ) -> Result<()> {
        let map = GeoTiff::open(&written.mosaic)?;
        let patches = self.open_ground(&map, transform, (width, height))?;
        let bounds = transform.bounds(width, height);
        let Some(layer) = mosaic::microclimate(&patches, &bounds) else {
            let warning = Problem::setting(format!(
                "there is too little open ground for a microclimate layer ({} patches of {PATCH_M} m)",
                patches.len()
            ))
            .in_file(format!("flights/{}", self.job.folder.id))
            .field("level.microclimate");
            self.warn(Stage::Mosaic, &warning);
            return Ok(());
        };
        let grid = &layer.warmer_k.grid;
        let spec = CogSpec {
            band_name: "warmer_than_median".to_owned(),
            unit: "K".to_owned(),
            tags: vec![
                ("FLIGHT".to_owned(), self.job.folder.id.clone()),
                (
                    "DESCRIPTION".to_owned(),
                    "sealed ground against its median, smoothed; not taken off the map".to_owned(),
                ),
            ],
            round_k: 0.001,
            ..CogSpec::new(
                grid.width(),
                grid.height(),
                layer.warmer_k.transform,
                self.crs.epsg(),
            )
        };
        let mut writer = CogWriter::create(&self.out.join("microclimate.tif"), spec.clone())?;
        let (across, down) = spec.tiles();
        for row in 0..down {
            for col in 0..across {
                let (left, top) = (col * spec.tile_px, row * spec.tile_px);
                let tile = grid.crop(Window {
                    col: left,
                    row: top,
                    width: spec.tile_px.min(grid.width() - left),
                    height: spec.tile_px.min(grid.height() - top),
                });
                writer.write_tile(col, row, &tile)?;
            }
        }
        writer.finish()?;
        self.record.section(
            "microclimate",
            json!({
                "applied": false,
                "patches": patches.len(),
                "sealed": layer.sealed,
                "median_c": layer.median,
            }),
        );
        Ok(())
    }
}

/// Means of even squares of cells that are seen whole.
fn patches(celsius: &Grid<f32>, place: &GeoTransform, cells: usize) -> Vec<Patch> {
    let mut found = Vec::new();
    for top in (0..(celsius.height() + 1).saturating_sub(cells)).step_by(cells) {
        for left in (0..(celsius.width() + 1).saturating_sub(cells)).step_by(cells) {
            let (mut sum, mut squares) = (0.0, 0.0);
            for row in top..top + cells {
                for value in &celsius.row(row)[left..left + cells] {
                    let value = f64::from(*value);
                    (sum, squares) = (sum + value, squares + value * value);
                }
            }
            let n = (cells * cells) as f64;
            let mean = sum / n;
            let deviation = (squares / n - mean * mean).max(0.0).sqrt();
            if mean.is_finite() && deviation <= UNEVEN_K {
                let middle = cells as f64 / 2.0;
                let (x_m, y_m) = place.to_map(left as f64 + middle, top as f64 + middle);
                found.push(Patch {
                    x_m,
                    y_m,
                    temperature: mean,
                });
            }
        }
    }
    found
}
