//! Ready-made tiles: what their samples mean, and windows of them in kelvin, in the map's CRS
//! whatever their own.

use super::weather::FlightWeather;
use crate::calibrate::parameters::Resolved;
use crate::calibrate::{self, Parameters, parameters};
use crate::config::Settings;
use crate::geo::crs::Crs;
use crate::mosaic::{CrsPair, reproject, source_bounds};
use crate::pipeline::catalogue::TileEntry;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid, Window};
use crate::read::tile::TileRaster;
use crate::rectify::Target;
use crate::survey::{Counts, Encoding, FoundParameters, FrameHeader, RawFrame};
use crate::units::ZERO_CELSIUS_K;

/// Above this median a float tile without a unit is taken as kelvin (formats.md §4).
const KELVIN_MEDIAN: f32 = 150.0;

/// Cells of the raster read around what is asked for.
const MARGIN: f64 = 2.0;

/// A tile that can be read as temperatures.
pub(super) struct Tile<'a> {
    pub(super) entry: &'a TileEntry,
    encoding: Encoding,
    pub(super) resolved: Resolved,
    /// The cells in the map's CRS: the raster's own, or a grid of the same resolution.
    grid: Target,
    /// Where the raster is in another CRS than the map.
    pair: Option<CrsPair>,
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
        let pair = pair(raster, crs).map_err(in_file)?;
        let grid = match &pair {
            None => Target {
                transform: raster.transform,
                width: raster.width,
                height: raster.height,
            },
            Some(pair) => pair
                .grid_in_map(&raster.transform, raster.width, raster.height)
                .ok_or_else(|| {
                    let (own, map) = (pair.source.epsg(), pair.map.epsg());
                    let what =
                        format!("is in EPSG:{own}, but its place cannot be told in EPSG:{map}");
                    in_file(Problem::broken(what).hint(
                        "check that the coordinates belong to the system that is named for them",
                    ))
                })?,
        };
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
            grid,
            pair,
        })
    }

    /// The ground it covers, map CRS.
    pub(super) fn bounds(&self) -> Bounds {
        self.grid.bounds()
    }

    /// Number of cells.
    pub(super) fn cells(&self) -> f64 {
        self.grid.width as f64 * self.grid.height as f64
    }

    /// Width of a cell, metres.
    pub(super) fn cell_m(&self) -> f64 {
        self.grid.transform.dx
    }

    /// The raster's own CRS where that is not the map's.
    pub(super) fn other_crs(&self) -> Option<&Crs> {
        self.pair.as_ref().map(|pair| &pair.source)
    }

    /// Surface temperatures for the cells of a part of the map, kelvin: a window of the raster
    /// that reaches beyond them, or, from another CRS, those cells; `None` where the tile does
    /// not reach.
    pub(super) fn on(&self, target: &Target) -> Result<Option<GeoGrid<f32>>> {
        match &self.pair {
            None => self.window(&target.bounds()),
            Some(pair) => self.reprojected(pair, target),
        }
    }

    /// Surface temperatures over map bounds, kelvin; `None` where the tile does not reach.
    pub(super) fn window(&self, bounds: &Bounds) -> Result<Option<GeoGrid<f32>>> {
        let around = bounds.buffered(MARGIN * self.grid.transform.dx.max(self.grid.transform.dy));
        let Target {
            transform,
            width,
            height,
        } = self.grid;
        match transform.window_of(&around, width, height) {
            Some(window) => self.read(window).map(Some),
            None => Ok(None),
        }
    }

    /// Surface temperatures of a window of the tile, kelvin.
    pub(super) fn read(&self, window: Window) -> Result<GeoGrid<f32>> {
        let Some(pair) = &self.pair else {
            return self.own(window);
        };
        let target = self.grid.of_window(window);
        let known = self.reprojected(pair, &target)?;
        Ok(known.unwrap_or_else(|| GeoGrid {
            grid: Grid::filled(target.width, target.height, f32::NAN),
            transform: target.transform,
        }))
    }

    /// The raster laid on cells of the map; `None` where it does not reach.
    fn reprojected(&self, pair: &CrsPair, target: &Target) -> Result<Option<GeoGrid<f32>>> {
        let raster = &self.entry.raster;
        let cell = raster.transform.dx.max(raster.transform.dy);
        let around = source_bounds(target, pair).buffered(MARGIN * cell);
        let window = raster
            .transform
            .window_of(&around, raster.width, raster.height);
        let Some(window) = window else {
            return Ok(None);
        };
        Ok(Some(GeoGrid {
            grid: reproject(&self.own(window)?, pair, target),
            transform: target.transform,
        }))
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
        let Target { width, height, .. } = self.grid;
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

/// The map's CRS and the raster's, where that is another; a raster that names none is in the map's.
fn pair(raster: &TileRaster, map: &Crs) -> Result<Option<CrsPair>> {
    let Some(own) = raster.epsg.filter(|own| *own != map.epsg()) else {
        return Ok(None);
    };
    let source = map.sibling(&own.to_string()).map_err(|_| {
        let what = format!("is in EPSG:{own}, which is unknown or cannot be computed here");
        let epsg = map.epsg();
        Problem::setting(what).hint(format!(
            "reproject it: gdalwarp -t_srs EPSG:{epsg} -r bilinear"
        ))
    })?;
    Ok(Some(CrsPair {
        map: map.clone(),
        source,
    }))
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
