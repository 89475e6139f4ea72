//! Ready-made tiles: what their samples mean, and windows of them in kelvin.

use super::weather::FlightWeather;
use crate::calibrate::parameters::Resolved;
use crate::calibrate::{self, Parameters, parameters};
use crate::config::Settings;
use crate::pipeline::catalogue::TileEntry;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid, Window};
use crate::read::tile::TileRaster;
use crate::survey::{Counts, Encoding, FoundParameters, FrameHeader, RawFrame};
use crate::units::ZERO_CELSIUS_K;

/// Above this median a float tile without a unit is taken as kelvin (formats.md §4).
const KELVIN_MEDIAN: f32 = 150.0;

/// A tile that can be read as temperatures.
pub(super) struct Tile<'a> {
    pub(super) entry: &'a TileEntry,
    encoding: Encoding,
    pub(super) resolved: Resolved,
}

impl<'a> Tile<'a> {
    /// Finds out what the samples are.
    ///
    /// # Errors
    /// Another CRS than the project's, or integers without a scale.
    pub(super) fn new(
        entry: &'a TileEntry,
        epsg: u32,
        settings: &Settings,
        weather: &FlightWeather,
    ) -> Result<Self> {
        let raster = &entry.raster;
        let in_file = |p: Problem| p.in_file(entry.shown.clone());
        if let Some(other) = raster.epsg
            && other != epsg
        {
            return Err(in_file(
                Problem::setting(format!("is in EPSG:{other}, expected EPSG:{epsg}")).hint(
                    format!("reproject it: gdalwarp -t_srs EPSG:{epsg} -r bilinear"),
                ),
            ));
        }
        let radiometry = settings.radiometry();
        let encoding = match radiometry.linear {
            Some(linear) => Encoding::Linear {
                scale: linear.value.0,
                offset_c: linear.value.1,
            },
            None => encoding_of(raster).map_err(in_file)?,
        };
        // Tiles were flown at the planned height, unless a distance is set.
        let surroundings = parameters::Surroundings {
            reflected_c: weather.window_sky_c,
            air_c: weather.middle.air_c,
            humidity: weather.middle.humidity_pct.map(|h| h / 100.0),
            path_m: settings.number("flight", "planned_agl_m"),
        };
        let found = FoundParameters::default();
        let mut resolved = parameters::for_flight(&radiometry, &surroundings, &found);
        resolved.parameters.linear = None;
        resolved.parameters.check().map_err(in_file)?;
        Ok(Self {
            entry,
            encoding,
            resolved,
        })
    }

    /// Surface temperatures over map bounds, kelvin; `None` where the tile does not reach.
    pub(super) fn window(&self, bounds: &Bounds) -> Result<Option<GeoGrid<f32>>> {
        let raster = &self.entry.raster;
        let cell = raster.transform.dx.max(raster.transform.dy);
        let around = bounds.buffered(2.0 * cell);
        match raster
            .transform
            .window_of(&around, raster.width, raster.height)
        {
            Some(window) => self.read(window).map(Some),
            None => Ok(None),
        }
    }

    /// Surface temperatures of a window of the tile, kelvin.
    pub(super) fn read(&self, window: Window) -> Result<GeoGrid<f32>> {
        let values = self.entry.raster.window(window)?;
        let grid = to_kelvin(values, self.encoding, &self.resolved.parameters)?;
        Ok(GeoGrid {
            grid,
            transform: self.entry.raster.transform.of_window(window),
        })
    }

    /// Windows that cover the tile, at most `side` cells wide and high.
    pub(super) fn blocks(&self, side: usize) -> Vec<Window> {
        let raster = &self.entry.raster;
        let mut windows = Vec::new();
        for row in (0..raster.height).step_by(side) {
            for col in (0..raster.width).step_by(side) {
                let (width, height) = (side.min(raster.width - col), side.min(raster.height - row));
                windows.push(Window {
                    col,
                    row,
                    width,
                    height,
                });
            }
        }
        windows
    }
}

/// What the values that [`TileRaster::window`] returns mean.
fn encoding_of(raster: &TileRaster) -> Result<Encoding> {
    let celsius = Encoding::Linear {
        scale: 1.0,
        offset_c: 0.0,
    };
    let kelvin = Encoding::Linear {
        scale: 1.0,
        offset_c: -ZERO_CELSIUS_K,
    };
    match raster.unit.to_ascii_lowercase().as_str() {
        "degc" | "°c" | "celsius" | "c" | "deg_c" => return Ok(celsius),
        "k" | "kelvin" => return Ok(kelvin),
        _ => {}
    }
    if !raster.is_float && !raster.is_scaled {
        return Err(
            Problem::setting("holds integers without scale or unit").hint(
                "set radiometry.tiff_scale and tiff_offset_c (°C = raw · scale + offset) in \
             flight.toml",
            ),
        );
    }
    let side = 256.min(raster.width).min(raster.height);
    let middle = Window {
        col: (raster.width - side) / 2,
        row: (raster.height - side) / 2,
        width: side,
        height: side,
    };
    let mut values: Vec<f32> = raster
        .window(middle)?
        .into_vec()
        .into_iter()
        .filter(|v| v.is_finite())
        .collect();
    values.sort_by(f32::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
    Ok(if median > KELVIN_MEDIAN {
        kelvin
    } else {
        celsius
    })
}

fn to_kelvin(values: Grid<f32>, encoding: Encoding, parameters: &Parameters) -> Result<Grid<f32>> {
    let raw = RawFrame {
        header: FrameHeader::bare(values.width(), values.height(), encoding),
        counts: Counts::F32(values),
    };
    Ok(calibrate::to_kelvin(&raw, parameters)?.kelvin)
}
