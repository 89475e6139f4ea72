//! The two maps: where they lie to each other, their common cells, their difference.

use super::read::Flown;
use crate::compare::common::{Common, Side, common};
use crate::compare::difference;
use crate::compare::hotspots::excess_k;
use crate::compare::identity::Same;
use crate::compare::line::Line;
use crate::compare::{Options, register};
use crate::geo::crs::Crs;
use crate::pipeline::stage::Reporter;
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid, Window};
use crate::read::geotiff::GeoTiff;
use crate::segment;
use crate::survey::Outline;
use crate::write::cog::{CogSpec, CogWriter};
use ::geo::{BoundingRect, MultiPolygon, Translate};
use rayon::prelude::*;
use std::path::Path;

/// Farthest the maps are looked for beside each other, metres, and cells.
const REACH_M: f64 = 3.0;
const REACH_CELLS: usize = 24;
/// Side of the squares of the map that go by one roof, cells.
const SQUARE: usize = 16;
/// Roofs around one of which another must lie as far beside itself.
const NEIGHBOURS: usize = 4;
/// Overlap of outlines from which a roof tells.
const UNCHANGED_IOU: f64 = 0.9;
/// Half of the side of a picture around a corner of a large roof, cells.
const HALF: f64 = 70.0;
/// Roof around a hotspot that tells what it would be without, metres (scoring.md §10).
const AROUND_M: f64 = 2.5;
/// Share of a cell under a part that was not judged from which the cell is not.
const MASKED: f32 = 0.25;

/// Where the second map lies to the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Registration {
    /// East and north, metres: what is at x, y in the first is at x, y plus this in the second.
    pub(super) shift_m: [f64; 2],
    /// How much single roofs scatter about it, 1σ, metres.
    pub(super) scatter_m: f64,
    /// Roofs it was found at.
    pub(super) roofs: usize,
}

/// Both maps, opened.
pub(super) struct Maps<'a> {
    flights: [&'a Flown; 2],
    files: [GeoTiff; 2],
    segment: segment::Options,
    shift_m: [f64; 2],
    /// Roofs with their own shift, metres.
    places: Vec<(Bounds, [f64; 2])>,
}

impl<'a> Maps<'a> {
    pub(super) fn open(flights: [&'a Flown; 2], segment: segment::Options) -> Result<Self> {
        let [a, b] = flights;
        Ok(Self {
            flights,
            files: [GeoTiff::open(&a.mosaic)?, GeoTiff::open(&b.mosaic)?],
            segment,
            shift_m: [0.0; 2],
            places: Vec::new(),
        })
    }

    pub(super) fn flights(&self) -> [&'a Flown; 2] {
        self.flights
    }

    /// Finds where the second map lies, as a whole and at each roof, and keeps it; `None` where too
    /// few roofs tell.
    pub(super) fn register(&mut self, same: &[Same]) -> Result<Option<Registration>> {
        let cell_m = self.files[0].transform.dx;
        let reach = ((REACH_M / cell_m).ceil() as usize).clamp(3, REACH_CELLS);
        let roofs: Vec<(Bounds, &MultiPolygon<f64>)> = same
            .iter()
            .filter(|s| s.after.is_some() && s.iou >= UNCHANGED_IOU)
            .filter_map(|s| {
                let shape = &self.flights[0].buildings.get(s.before?)?.polygon;
                Some((bounds(shape)?, shape))
            })
            .collect();
        let found: Vec<Option<(Bounds, [f64; 2])>> = roofs
            .par_iter()
            .map(|(bounds, shape)| {
                let around = around_corner(*bounds, shape, reach as f64 * cell_m, HALF * cell_m);
                let Some((celsius, transform)) = self.first(&around)? else {
                    return Ok(None);
                };
                let second = self.onto(&celsius, &transform, [0.0; 2])?;
                let shift = second.and_then(|second| register::shift(&celsius, &second, reach));
                Ok(shift.map(|[right, down]| (*bounds, [right * cell_m, -down * cell_m])))
            })
            .collect::<Result<_>>()?;
        let mut places: Vec<_> = found.into_iter().flatten().collect();
        let shifts: Vec<[f64; 2]> = places.iter().map(|p| p.1).collect();
        let Some((shift_m, scatter_m)) = register::joint(&shifts) else {
            return Ok(None);
        };
        // Strips lie apart from each other, but a roof whose shift none around it has was changed.
        let like = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) <= cell_m;
        let kept: Vec<bool> = places
            .par_iter()
            .map(|(own, shift)| {
                let near = nearest(own, &places);
                near.into_iter().any(|i| like(places[i].1, *shift))
            })
            .collect();
        let mut kept = kept.into_iter();
        places.retain(|_| kept.next().unwrap_or(false));
        let roofs = places.len();
        self.shift_m = shift_m;
        self.places = places;
        Ok(Some(Registration {
            shift_m,
            scatter_m,
            roofs,
        }))
    }

    /// Shift of the second map at a place of the first: that of the roof there, or the nearest.
    fn shift_at(&self, x: f64, y: f64) -> [f64; 2] {
        let beside = |low: f64, high: f64, at: f64| (low - at).max(at - high).max(0.0);
        let away = |b: &Bounds| {
            let edge = beside(b.x_min, b.x_max, x).hypot(beside(b.y_min, b.y_max, y));
            let middle = (0.5 * (b.x_min + b.x_max) - x).hypot(0.5 * (b.y_min + b.y_max) - y);
            (edge, middle)
        };
        let order = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        self.places
            .iter()
            .min_by(|a, b| order(&away(&a.0), &away(&b.0)))
            .map_or(self.shift_m, |p| p.1)
    }

    /// Shift of the second map at a shape of the first.
    pub(super) fn shift_of(&self, shape: &MultiPolygon<f64>) -> [f64; 2] {
        bounds(shape).map_or(self.shift_m, |b| {
            self.shift_at(0.5 * (b.x_min + b.x_max), 0.5 * (b.y_min + b.y_max))
        })
    }

    /// A part of the first map; `None` outside.
    fn first(&self, around: &Bounds) -> Result<Option<(Grid<f32>, GeoTransform)>> {
        window_of(&self.files[0], around)
    }

    /// The second map on the grid of a part of the first; `None` outside.
    fn onto(
        &self,
        first: &Grid<f32>,
        transform: &GeoTransform,
        shift_m: [f64; 2],
    ) -> Result<Option<Grid<f32>>> {
        let second = self.second_around(&transform.bounds(first.width(), first.height()))?;
        Ok(second.map(|second| difference::onto(first, transform, &second, |_, _| shift_m)))
    }

    /// The second map around a part of the first, as far as it may lie beside it.
    fn second_around(&self, around: &Bounds) -> Result<Option<GeoGrid<f32>>> {
        let margin = REACH_M + 2.0 * self.files[1].transform.dx;
        let found = window_of(&self.files[1], &around.buffered(margin))?;
        Ok(found.map(|(grid, transform)| GeoGrid { grid, transform }))
    }

    /// The common cells of every building of both flights.
    pub(super) fn common(&self, same: &[Same], options: &Options) -> Result<Vec<Option<Common>>> {
        same.par_iter()
            .map(|s| match (s.before, s.after) {
                (Some(i), Some(j)) => self.common_of(i, j, options),
                _ => Ok(None),
            })
            .collect()
    }

    fn common_of(&self, i: usize, j: usize, options: &Options) -> Result<Option<Common>> {
        let (a, b) = (&self.flights[0].buildings[i], &self.flights[1].buildings[j]);
        // The second flight judged its outline in its own map: where that lies in the first.
        let shift_m = self.shift_of(&a.polygon);
        let back = shift_m.map(|s| -s);
        let there = moved(&b.polygon, back);
        let Some(both) = bounds(&a.polygon).zip(bounds(&there)) else {
            return Ok(None);
        };
        let Some((celsius, transform)) = self.first(&both.0.union(&both.1))? else {
            return Ok(None);
        };
        let Some(second) = self.onto(&celsius, &transform, shift_m)? else {
            return Ok(None);
        };
        let size = (celsius.width(), celsius.height());
        let masked = |flight: usize, oidn: &str| self.flights[flight].masked.get(oidn);
        let none = Vec::new();
        let parts = masked(0, &a.oidn).unwrap_or(&none).to_vec();
        let judged = [
            self.judged(&a.polygon, &parts, &transform, size),
            self.judged(
                &there,
                &masked(1, &b.oidn)
                    .unwrap_or(&none)
                    .iter()
                    .map(|part| moved(part, back))
                    .collect::<Vec<_>>(),
                &transform,
                size,
            ),
        ];
        let side = |celsius, judged| Side { celsius, judged };
        let cell_m = transform.dx;
        Ok(common(
            side(&celsius, &judged[0]),
            side(&second, &judged[1]),
            cell_m,
            options.block_m,
        ))
    }

    /// Inner cells of an outline outside its masked parts.
    fn judged(
        &self,
        shape: &MultiPolygon<f64>,
        masked: &[MultiPolygon<f64>],
        transform: &GeoTransform,
        (width, height): (usize, usize),
    ) -> Grid<bool> {
        let mut judged = Grid::filled(width, height, false);
        let outline = Outline::new(String::new(), shape.clone());
        let Some(roof) = segment::roof(&outline, transform, width, height, &self.segment) else {
            return judged;
        };
        let Window { col, row, .. } = roof.window;
        for y in 0..roof.inner.height() {
            for x in 0..roof.inner.width() {
                judged.set(col + x, row + y, roof.inner.at(x, y) > 0.5);
            }
        }
        for part in masked {
            let share = segment::coverage(part, transform, width, height);
            let cells = judged.data_mut().iter_mut().zip(share.data());
            cells.for_each(|(judged, share)| *judged &= *share < MASKED);
        }
        judged
    }

    /// Excess of a place of one flight's map in the map of the other, K; `flight` is the one that
    /// is asked, `from` the one the shapes are of. `None` where it was not seen.
    pub(super) fn excess(
        &self,
        flight: usize,
        spot: &MultiPolygon<f64>,
        roof: &MultiPolygon<f64>,
    ) -> Result<Option<f64>> {
        // Shapes of the first flight are looked for in the second, and the other way round.
        let shift_m = self.shift_of(roof);
        let by = match flight {
            1 => shift_m,
            _ => shift_m.map(|s| -s),
        };
        let (spot, roof) = (moved(spot, by), moved(roof, by));
        let Some(around) = bounds(&spot).map(|b| b.buffered(AROUND_M)) else {
            return Ok(None);
        };
        let Some((celsius, transform)) = window_of(&self.files[flight], &around)? else {
            return Ok(None);
        };
        let share =
            |shape: &_| segment::coverage(shape, &transform, celsius.width(), celsius.height());
        Ok(excess_k(&celsius, &share(&spot), &share(&roof)))
    }

    /// Writes the normalised difference, tile by tile, on the grid of the first map.
    pub(super) fn write_change(
        &self,
        path: &Path,
        line: &Line,
        crs: &Crs,
        reporter: &dyn Reporter,
    ) -> Result<()> {
        let first = &self.files[0];
        let spec = CogSpec {
            round_k: 0.001,
            band_name: "change".to_owned(),
            unit: "K".to_owned(),
            tags: vec![
                ("FLIGHT_A".to_owned(), self.flights[0].id.clone()),
                ("FLIGHT_B".to_owned(), self.flights[1].id.clone()),
                (
                    "DESCRIPTION".to_owned(),
                    "(temperature of B - intercept) / slope - temperature of A".to_owned(),
                ),
                ("NORMALISED_SLOPE".to_owned(), line.slope.to_string()),
                (
                    "NORMALISED_INTERCEPT_C".to_owned(),
                    line.intercept.to_string(),
                ),
            ],
            ..CogSpec::new(first.width, first.height, first.transform, crs.epsg())
        };
        let (across, down) = spec.tiles();
        let side = spec.tile_px;
        let mut writer = CogWriter::create(path, spec)?;
        // A chunk stays inside one row of tiles; its size bounds the memory.
        let chunk = 2 * rayon::current_num_threads().max(2);
        for row in 0..down {
            for from in (0..across).step_by(chunk) {
                let tiles: Vec<Grid<f32>> = (from..(from + chunk).min(across))
                    .into_par_iter()
                    .map(|col| {
                        reporter.go_on()?;
                        self.change_tile(tile(first, [col, row], side), line)
                    })
                    .collect::<Result<_>>()?;
                writer.write_tiles(from, row, &tiles)?;
            }
        }
        writer.finish()
    }

    fn change_tile(&self, window: Window, line: &Line) -> Result<Grid<f32>> {
        let first = self.files[0].window(window)?;
        let transform = self.files[0].transform.of_window(window);
        let around = transform.bounds(window.width, window.height);
        let across = window.width.div_ceil(SQUARE);
        let shifts: Vec<[f64; 2]> = (0..across * window.height.div_ceil(SQUARE))
            .map(|square| {
                let middle = |i: usize| (i * SQUARE + SQUARE / 2) as f64;
                let (x, y) = transform.to_map(middle(square % across), middle(square / across));
                self.shift_at(x, y)
            })
            .collect();
        let shift = |col: usize, row: usize| shifts[row / SQUARE * across + col / SQUARE];
        Ok(match self.second_around(&around)? {
            Some(second) => difference::normalised(&first, &transform, &second, shift, line),
            None => Grid::filled(window.width, window.height, f32::NAN),
        })
    }
}

/// The roofs nearest to one, not itself.
fn nearest(own: &Bounds, places: &[(Bounds, [f64; 2])]) -> Vec<usize> {
    let middle = |b: &Bounds| [0.5 * (b.x_min + b.x_max), 0.5 * (b.y_min + b.y_max)];
    let [x, y] = middle(own);
    let mut order: Vec<(f64, usize)> = places
        .iter()
        .enumerate()
        .filter(|(_, (other, _))| other != own)
        .map(|(i, (other, _))| {
            let [u, v] = middle(other);
            ((u - x).hypot(v - y), i)
        })
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order.into_iter().take(NEIGHBOURS).map(|o| o.1).collect()
}

fn tile(file: &GeoTiff, [col, row]: [usize; 2], side: usize) -> Window {
    let (col, row) = (col * side, row * side);
    Window {
        col,
        row,
        width: side.min(file.width - col),
        height: side.min(file.height - row),
    }
}

fn window_of(file: &GeoTiff, around: &Bounds) -> Result<Option<(Grid<f32>, GeoTransform)>> {
    let Some(window) = file.transform.window_of(around, file.width, file.height) else {
        return Ok(None);
    };
    Ok(Some((
        file.window(window)?,
        file.transform.of_window(window),
    )))
}

/// The whole roof, or a corner of a large one: edges both ways.
fn around_corner(bounds: Bounds, shape: &MultiPolygon<f64>, margin_m: f64, half_m: f64) -> Bounds {
    let large = (bounds.x_max - bounds.x_min).max(bounds.y_max - bounds.y_min) > 2.0 * half_m;
    let corner = shape
        .iter()
        .next()
        .and_then(|p| p.exterior().coords().next());
    match corner.filter(|_| large) {
        Some(c) => Bounds {
            x_min: c.x,
            x_max: c.x,
            y_min: c.y,
            y_max: c.y,
        }
        .buffered(half_m),
        None => bounds.buffered(margin_m),
    }
}

fn bounds(shape: &MultiPolygon<f64>) -> Option<Bounds> {
    shape.bounding_rect().map(|r| Bounds {
        x_min: r.min().x,
        y_min: r.min().y,
        x_max: r.max().x,
        y_max: r.max().y,
    })
}

pub(super) fn moved(shape: &MultiPolygon<f64>, [dx, dy]: [f64; 2]) -> MultiPolygon<f64> {
    shape.translate(dx, dy)
}
