//! Surface model, terrain model and the true surface temperature as GeoTIFF, tile after tile.

use std::path::Path;

use super::park::{Park, SURROUNDINGS_M};
use super::scene::Scene;
use super::site::EPSG;
use crate::problem::Result;
use crate::raster::{Bounds, GeoTransform, Grid};
use crate::write::cog::{CogSpec, CogWriter};

/// Map bounds of the park grown by `margin`, on whole multiples of 10 m.
pub(super) fn park_bounds(park: &Park, margin: f64) -> Bounds {
    let [length, depth] = park.layout.size();
    let mut bounds = Bounds::EMPTY;
    for (s, t) in [(0.0, 0.0), (length, 0.0), (0.0, depth), (length, depth)] {
        let [x, y] = park.frame.to_map(s, t);
        bounds.include(x, y);
    }
    let grown = bounds.buffered(margin);
    Bounds {
        x_min: (grown.x_min / 10.0).floor() * 10.0,
        y_min: (grown.y_min / 10.0).floor() * 10.0,
        x_max: (grown.x_max / 10.0).ceil() * 10.0,
        y_max: (grown.y_max / 10.0).ceil() * 10.0,
    }
}

/// Surface model (`dsm.tif`) and terrain model (`dtm.tif`), 1 m, metres TAW, heights at the cell
/// centres to the centimetre.
pub(super) fn heights(dir: &Path, scene: &Scene) -> Result<()> {
    let bounds = park_bounds(scene.park, SURROUNDINGS_M - 15.0);
    let cm = |z: f64| ((z * 100.0).round() / 100.0) as f32;
    let surface = |s: f64, t: f64| cm(scene.top_m(s, t));
    let terrain = |s: f64, t: f64| cm(scene.park.ground_m(s, t));
    write(
        &dir.join("dsm.tif"),
        scene.park,
        &bounds,
        1.0,
        ["surface", "m"],
        &surface,
    )?;
    write(
        &dir.join("dtm.tif"),
        scene.park,
        &bounds,
        1.0,
        ["terrain", "m"],
        &terrain,
    )
}

/// True surface temperature seen from above, °C, to 1 mK.
pub(super) fn truth(path: &Path, scene: &Scene, cell_m: f64) -> Result<()> {
    let bounds = park_bounds(scene.park, 10.0);
    let value = |s: f64, t: f64| {
        let celsius = scene.seen_from_above(s, t).celsius;
        ((celsius * 100.0).round() / 100.0) as f32
    };
    write(
        path,
        scene.park,
        &bounds,
        cell_m,
        ["surface_temperature", "degC"],
        &value,
    )
}

/// A raster of a function of park coordinates; only a tile at a time is in memory.
fn write(
    path: &Path,
    park: &Park,
    bounds: &Bounds,
    cell_m: f64,
    [band, unit]: [&str; 2],
    value: &dyn Fn(f64, f64) -> f32,
) -> Result<()> {
    let width = ((bounds.x_max - bounds.x_min) / cell_m).round() as usize;
    let height = ((bounds.y_max - bounds.y_min) / cell_m).round() as usize;
    let transform = GeoTransform {
        x0: bounds.x_min,
        y0: bounds.y_max,
        dx: cell_m,
        dy: cell_m,
    };
    let mut spec = CogSpec::new(width, height, transform, EPSG);
    spec.band_name = band.into();
    spec.unit = unit.into();
    spec.nodata = Some(-9999.0);
    spec.round_k = 0.01;
    let px = spec.tile_px;
    let (columns, rows) = spec.tiles();
    let mut writer = CogWriter::create(path, spec)?;
    for tile_row in 0..rows {
        for tile_col in 0..columns {
            let (col0, row0) = (tile_col * px, tile_row * px);
            let mut tile = Grid::filled(px.min(width - col0), px.min(height - row0), 0.0_f32);
            for row in 0..tile.height() {
                for col in 0..tile.width() {
                    let (x, y) = transform.centre(col0 + col, row0 + row);
                    let [s, t] = park.frame.to_park(x, y);
                    tile.set(col, row, value(s, t));
                }
            }
            writer.write_tile(tile_col, tile_row, &tile)?;
        }
    }
    writer.finish()
}
