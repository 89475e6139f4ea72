//! An aircraft flight: georeferenced tiles of strips, 0.5 m cells, 16-bit counts.
//!
//! Tiles hold apparent temperature at 600 m, as a survey company delivers them: every strip with
//! an offset of its own and laid a cell or two off its place. Height displacement is taken out
//! (true orthophoto).

use std::path::Path;

use super::light::BandTable;
use super::night::Night;
use super::park::{Park, stream};
use super::random::Rng;
use super::rasters::park_bounds;
use super::render::{atmosphere, mirrored_up};
use super::scene::Scene;
use super::site::EPSG;
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::write::cog::{GridSpec, Scaling, write_grid};

/// Height over ground, metres.
pub(super) const AGL_M: f64 = 600.0;
const CELL_M: f64 = 0.5;
const TILE_PX: usize = 512;
/// Rows of a strip, and how far the next one begins.
const STRIP_PX: usize = 400;
const STEP_PX: usize = 280;
const SPEED_M_S: f64 = 60.0;

/// One delivered tile.
#[derive(Clone, Debug)]
pub(super) struct Tile {
    pub name: String,
    pub strip: usize,
    /// Seconds after the first tile.
    pub time_s: f64,
    /// Offset of its strip, kelvin.
    pub bias_k: f64,
    /// True place minus written place, map metres.
    pub shift_m: [f64; 2],
    transform: GeoTransform,
    height: usize,
    middle_y: f64,
}

/// Lays strips over the park.
pub(super) fn plan(park: &Park, night: &Night) -> Vec<Tile> {
    let Bounds {
        x_min,
        y_min,
        x_max,
        y_max,
    } = park_bounds(park, 10.0);
    let rows = ((y_max - y_min) / CELL_M).ceil() as usize;
    let strips = rows.saturating_sub(STRIP_PX).div_ceil(STEP_PX) + 1;
    let tile_m = TILE_PX as f64 * CELL_M;
    let columns = ((x_max - x_min) / tile_m).ceil() as usize;
    let mut tiles = Vec::new();
    let mut time_s = 0.0;
    for strip in 0..strips {
        let mut rng = Rng::new(
            park.seed,
            &[stream::STRIP, u64::from(night.flight), strip as u64],
        );
        let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
        let bias_k = sign * rng.range(0.3, 1.0);
        let mut off = || (rng.range(-2.0, 2.0) * CELL_M * 100.0).round() / 100.0;
        let shift_m = [off(), off()];
        let y0 = y_max - (strip * STEP_PX) as f64 * CELL_M;
        for column in 0..columns {
            tiles.push(Tile {
                name: format!("L{:02}_T{:02}.tif", strip + 1, column + 1),
                strip,
                time_s,
                bias_k: bias_k + night.hidden.camera_k,
                shift_m,
                transform: GeoTransform {
                    x0: x_min + column as f64 * tile_m,
                    y0,
                    dx: CELL_M,
                    dy: CELL_M,
                },
                height: STRIP_PX,
                middle_y: y0 - STRIP_PX as f64 * CELL_M / 2.0,
            });
            time_s += tile_m / SPEED_M_S;
        }
        time_s += 150.0;
    }
    tiles
}

/// Renders and writes the tiles of a flight.
pub(super) fn write(
    dir: &Path,
    scene: &Scene,
    tiles: &[Tile],
    progress: &dyn Fn(usize, usize),
) -> Result<()> {
    let band = BandTable::new();
    let air = atmosphere(&band, &scene.weather, AGL_M * 1.5);
    let scaling = Scaling {
        scale: 0.01,
        offset: -50.0,
    };
    let spec = GridSpec::counts(EPSG, scaling, "apparent_temperature", "degC");
    for (index, tile) in tiles.iter().enumerate() {
        let mut rng = Rng::new(
            scene.park.seed,
            &[stream::FRAME, u64::from(scene.flight), index as u64],
        );
        let mut grid = Grid::filled(TILE_PX, tile.height, 0.0_f32);
        for row in 0..tile.height {
            for col in 0..TILE_PX {
                let mut radiance = 0.0;
                for (a, b) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                    let (x, y) = tile.transform.to_map(col as f64 + a, row as f64 + b);
                    let (x, y) = (x + tile.shift_m[0], y + tile.shift_m[1]);
                    let [s, t] = scene.park.frame.to_park(x, y);
                    let surface = scene.seen_from_above(s, t);
                    let across = (y - tile.middle_y) / AGL_M;
                    let length = (1.0 + across * across).sqrt();
                    let mirror = mirrored_up(&surface, [0.0, across, -1.0], length);
                    let emitted = band.radiance(surface.celsius + 273.15);
                    radiance +=
                        0.25 * air.at_lens(emitted, surface.emissivity, mirror, AGL_M * length);
                }
                let celsius = band.temperature(radiance) - 273.15;
                grid.set(
                    col,
                    row,
                    (celsius + tile.bias_k + 0.03 * rng.gaussian()) as f32,
                );
            }
        }
        let grid = GeoGrid {
            grid,
            transform: tile.transform,
        };
        write_grid(&dir.join(&tile.name), &grid, &spec)?;
        progress(index + 1, tiles.len());
    }
    Ok(())
}
