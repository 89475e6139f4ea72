//! Ready-made tiles: what their samples mean, and windows of them in kelvin, in the map's CRS
//! whatever their own.

use super::tile_place::{MARGIN, TilePlace, bands};
use super::weather::FlightWeather;
use crate::calibrate::parameters::Resolved;
use crate::calibrate::{self, Parameters, parameters};
use crate::config::Settings;
use crate::geo::crs::Crs;
use crate::pipeline::catalogue::TileEntry;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid, Window};
use crate::read::tile::TileRaster;
use crate::rectify::Target;
use crate::survey::{Counts, Encoding, FoundParameters, FrameHeader, RawFrame};
use crate::units::ZERO_CELSIUS_K;

/// Above this median a float tile without a unit is taken as kelvin (formats.md §4).
const KELVIN_MEDIAN: f32 = 150.0;

/// Most cells of a raster that are read at once for a part of the map, where they are so much
/// smaller than the map's that there are many: 64 MiB.
const MOST_CELLS: usize = 1 << 24;

/// A tile that can be read as temperatures.
pub(super) struct Tile<'a> {
    pub(super) entry: &'a TileEntry,
    encoding: Encoding,
    pub(super) resolved: Resolved,
    place: TilePlace,
}

impl<'a> Tile<'a> {
    /// Finds out what the samples are and where they lie in the map's CRS.
    ///
    /// # Errors
    /// A CRS that cannot be computed or that does not meet the map's, or integers without a scale.
    pub(super) fn new(
        entry: &'a TileEntry,
        crs: &Crs,
        settings: &Settings,
        weather: &FlightWeather,
    ) -> Result<Self> {
        let raster = &entry.raster;
        let in_file = |p: Problem| p.in_file(entry.shown.clone());
        let place = TilePlace::new(raster, crs).map_err(in_file)?;
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
            place,
        })
    }

    /// The ground it covers, map CRS.
    pub(super) fn bounds(&self) -> Bounds {
        self.place.grid.bounds()
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.place.grid.width, self.place.grid.height)
    }

    /// Number of cells.
    pub(super) fn cells(&self) -> f64 {
        self.place.grid.width as f64 * self.place.grid.height as f64
    }

    /// Width of a cell, metres.
    pub(super) fn cell_m(&self) -> f64 {
        self.place.grid.transform.dx
    }

    /// The raster's own CRS where that is not the map's.
    pub(super) fn other_crs(&self) -> Option<&Crs> {
        self.place.pair.as_ref().map(|pair| &pair.source)
    }

    /// Surface temperatures for the cells of a part of the map, kelvin: a window of the raster
    /// that reaches beyond them where that is small and in the map's CRS, those cells otherwise;
    /// `None` where the tile does not reach.
    pub(super) fn on(&self, target: &Target) -> Result<Option<GeoGrid<f32>>> {
        let Some(window) = self.place.under(target, &self.entry.raster) else {
            return Ok(None);
        };
        let cells = window.width.saturating_mul(window.height);
        if self.place.pair.is_none() && cells <= MOST_CELLS {
            return self.own(window).map(Some);
        }
        let mut data = Vec::with_capacity(target.width * target.height);
        for rows in bands(target.height, cells, MOST_CELLS) {
            let band = target.of_window(Window {
                col: 0,
                row: rows.start,
                width: target.width,
                height: rows.len(),
            });
            let grid = match self.place.under(&band, &self.entry.raster) {
                Some(window) => self.place.lay(&self.own(window)?, &band),
                None => Grid::filled(band.width, band.height, f32::NAN),
            };
            data.extend(grid.into_vec());
        }
        let grid = Grid::from_vec(target.width, target.height, data);
        Ok(grid.map(|grid| GeoGrid {
            grid,
            transform: target.transform,
        }))
    }

    /// Surface temperatures over map bounds, kelvin; `None` where the tile does not reach.
    pub(super) fn window(&self, bounds: &Bounds) -> Result<Option<GeoGrid<f32>>> {
        let grid = &self.place.grid;
        let transform = &grid.transform;
        let around = bounds.buffered(MARGIN * transform.dx.max(transform.dy));
        match transform.window_of(&around, grid.width, grid.height) {
            Some(window) => self.read(window).map(Some),
            None => Ok(None),
        }
    }

    /// Surface temperatures of a window of the tile's cells in the map's CRS, kelvin.
    pub(super) fn read(&self, window: Window) -> Result<GeoGrid<f32>> {
        if self.place.pair.is_none() {
            return self.own(window);
        }
        let target = self.place.grid.of_window(window);
        let missing = || GeoGrid {
            grid: Grid::filled(target.width, target.height, f32::NAN),
            transform: target.transform,
        };
        Ok(self.on(&target)?.unwrap_or_else(missing))
    }

    /// Surface temperatures of a window of the raster in its own CRS, kelvin.
    fn own(&self, window: Window) -> Result<GeoGrid<f32>> {
        let values = self.entry.raster.window(window)?;
        let grid = to_kelvin(values, self.encoding, &self.resolved.parameters)?;
        Ok(GeoGrid {
            grid,
            transform: self.entry.raster.transform.of_window(window),
        })
    }

    /// Windows that cover the tile, at most `side` cells wide and high.
    pub(super) fn blocks(&self, side: usize) -> Vec<Window> {
        let Target { width, height, .. } = self.place.grid;
        let mut windows = Vec::new();
        for row in (0..height).step_by(side) {
            for col in (0..width).step_by(side) {
                let (width, height) = (side.min(width - col), side.min(height - row));
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
