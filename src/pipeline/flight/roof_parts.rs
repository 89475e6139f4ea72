//! What lies under and on a roof besides its temperatures: heights read for its window alone,
//! parts, constructions of the base map that are no roof, what the registers say of its plot.

use crate::mosaic::LocalGround;
use crate::orient::Ground;
use crate::pipeline::cache::{Digest, Key};
use crate::pipeline::ground::SurfaceGround;
use crate::pipeline::inputs::Inputs;
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::read::surface::Surface;
use crate::score::{RoofContext, sky_view};
use crate::segment::parts::{self, Heights, Kind, Parts, PartsInput};
use crate::segment::{self, Distances, Roof};
use crate::survey::Outline;
use crate::survey::reference::{Structure, StructureLayer};
use ::geo::{BoundingRect, Contains, InteriorPoint, MultiPolygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use serde_json::{Value, json};

/// Area of a structure in an outline from which it is a part of the roof's picture, m².
const PROCESS_M2: f64 = 1.0;

/// Places of a roof whose height and horizon are looked at.
const PLACES: usize = 16;
/// Heights that models may have of a building, metres.
const BUILDING_M: std::ops::RangeInclusive<f64> = 2.0..=100.0;

/// What a site's models, base map and registers say of roofs.
pub(super) struct Site<'a> {
    inputs: &'a Inputs,
    /// Attached constructions and structures with their bounds.
    foreign: Vec<(Bounds, &'a Structure)>,
    buildings: Distances<'a>,
    /// Bounds of every outline.
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    ground_key: Digest,
    /// Invariant surfaces of the flight, where it is larger than one air.
    ground: Option<LocalGround>,
    terrain: Option<SurfaceGround<'a>>,
}

/// What is foreign to a roof in its outline.
pub(super) struct Foreign {
    /// Share of each cell of the roof's window.
    pub(super) share: Grid<f32>,
    /// Whether a tank, tower or chimney is among it.
    pub(super) process: bool,
}

impl<'a> Site<'a> {
    pub(super) fn new(inputs: &'a Inputs, ground: Option<LocalGround>) -> Self {
        let boxes = inputs.outlines.iter().enumerate();
        let boxes = boxes.filter_map(|(i, outline)| {
            let b = bounds(&outline.polygon)?;
            let corners = ([b.x_min, b.y_min], [b.x_max, b.y_max]);
            Some(GeomWithData::new(
                Rectangle::from_corners(corners.0, corners.1),
                i,
            ))
        });
        let structures = inputs.references.structures.iter();
        let foreign = structures
            .filter(|s| s.layer != StructureLayer::Building)
            .filter_map(|s| Some((bounds(&s.polygon)?, s)))
            .collect();
        Self {
            inputs,
            foreign,
            boxes: RTree::bulk_load(boxes.collect()),
            ground_key: Key::new("ground").told("ground", &ground).digest(),
            buildings: Distances::new(inputs.outlines.iter().map(|o| &o.polygon)),
            ground,
            terrain: inputs.dtm.as_ref().map(SurfaceGround::new),
        }
    }

    /// Invariant surfaces of the flight, where it is larger than one air.
    pub(super) fn ground(&self) -> Option<&LocalGround> {
        self.ground.as_ref()
    }

    /// Adds what decides a roof to a key: what stands in its window, buildings near enough to be taken
    /// for trees, the use of its plot.
    pub(super) fn key_of(&self, outline: &Outline, window: &Bounds, key: &mut Key) {
        key.digest_of("ground", &self.ground_key);
        let foreign = self.foreign.iter().filter(|(b, _)| b.intersects(window));
        key.told("structures", &foreign.map(|(_, s)| s).collect::<Vec<_>>());
        // Shade is looked for on a grid as fine as the surface model.
        let cell_m = self.inputs.dsm.as_ref().map_or(0.0, Surface::cell_m);
        let reach = window.buffered(parts::REACH_M + 8.0 * cell_m);
        let reach = AABB::from_corners([reach.x_min, reach.y_min], [reach.x_max, reach.y_max]);
        let near = self.boxes.locate_in_envelope_intersecting(&reach);
        let mut near: Vec<usize> = near.map(|found| found.data).collect();
        near.sort_unstable();
        let near: Vec<_> = near
            .iter()
            .map(|i| &self.inputs.outlines[*i].polygon)
            .collect();
        key.told("near", &near);
        let mut context = RoofContext::default();
        let function = self.plot(outline, &mut context);
        key.told("plot", &(function, context.out_of_use));
    }

    /// How warm the ground around a roof is beside that of the flight, K.
    pub(super) fn local_k(&self, roof: &Roof) -> Option<f64> {
        let (x_m, y_m) = roof.middle;
        let ground = self.ground.as_ref()?;
        let height_m = self.terrain.as_ref().and_then(|t| t.height_m(x_m, y_m));
        ground.warmer_k(x_m, y_m, height_m)
    }

    /// Splits a roof by the heights of its window and its temperatures.
    ///
    /// # Errors
    /// A model that cannot be read.
    pub(super) fn split(
        &self,
        roof: &Roof,
        celsius: &Grid<f32>,
        mirror_below_c: Option<f32>,
    ) -> Result<Parts> {
        let surface = heights(self.inputs.dsm.as_ref(), roof)?;
        let terrain = match surface {
            Some(_) => heights(self.inputs.dtm.as_ref(), roof)?,
            None => None,
        };
        let shade = match (&surface, &self.inputs.dsm, &self.inputs.dtm) {
            (Some(heights), Some(dsm), Some(dtm)) => self.shade(roof, heights, dsm, dtm)?,
            _ => None,
        };
        let input = PartsInput {
            roof,
            celsius,
            surface: surface.as_ref(),
            terrain: terrain.as_ref(),
            surface_cell_m: self.inputs.dsm.as_ref().map_or(1.0, Surface::cell_m),
            mirror_below_c,
            shade: shade.as_ref(),
        };
        Ok(parts::split(&input, &parts::Options::default()))
    }

    /// Height of a roof over the ground as the models have it, metres: the median of places spread
    /// over it. `None` without both models there, or where they show no building.
    ///
    /// # Errors
    /// A model that cannot be read.
    pub(super) fn height_m(&self, roof: &Roof) -> Result<Option<f64>> {
        let (Some(dsm), Some(terrain)) = (&self.inputs.dsm, &self.terrain) else {
            return Ok(None);
        };
        let surface = dsm.window(&roof.transform.bounds(roof.window.width, roof.window.height))?;
        let over = |(x, y): (f64, f64)| Some(surface.sample(x, y)? - terrain.height_m(x, y)?);
        let height_m = median(places(roof).filter_map(over).collect());
        Ok(height_m.filter(|height_m| BUILDING_M.contains(height_m)))
    }

    /// Share of the sky a roof sees: the median of places spread over it. `None` without a surface
    /// model there.
    ///
    /// # Errors
    /// A model that cannot be read.
    pub(super) fn sky_view(&self, roof: &Roof) -> Result<Option<f64>> {
        let Some(dsm) = &self.inputs.dsm else {
            return Ok(None);
        };
        let around = roof.transform.bounds(roof.window.width, roof.window.height);
        let surface = dsm.window(&around.buffered(sky_view::REACH_M))?;
        let seen = |(x, y)| sky_view::sky_view(&surface, (x, y), surface.sample(x, y)?);
        Ok(median(places(roof).filter_map(seen).collect()))
    }

    /// Cells of a roof that trees around it shade.
    fn shade(
        &self,
        roof: &Roof,
        heights: &Grid<f32>,
        dsm: &Surface,
        dtm: &Surface,
    ) -> Result<Option<Grid<bool>>> {
        let around = roof.transform.bounds(roof.window.width, roof.window.height);
        let surface = dsm.window(&around.buffered(parts::REACH_M))?;
        let grid = &surface.grid;
        let bounds = surface.transform.bounds(grid.width(), grid.height());
        let below = dtm.window(&bounds.buffered(2.0 * dtm.cell_m()))?;
        let terrain = GeoGrid {
            grid: resampled(&below, &surface.transform, grid.width(), grid.height()),
            transform: surface.transform,
        };
        // A wall is smeared over two cells.
        let wall_m = 2.0 * dsm.cell_m();
        let free = |x: f64, y: f64| self.buildings.farther_than(x, y, wall_m);
        Ok(parts::shaded(roof, heights, &surface, &terrain, free))
    }

    /// Attached constructions and structures in a roof's outline; `None` where there are none.
    pub(super) fn foreign(&self, roof: &Roof) -> Option<Foreign> {
        let (width, height) = (roof.window.width, roof.window.height);
        let window = roof.transform.bounds(width, height);
        let cell_m2 = roof.transform.dx * roof.transform.dy;
        let mut found: Option<Foreign> = None;
        for (_, structure) in self.foreign.iter().filter(|(b, _)| b.intersects(&window)) {
            let own = segment::coverage(&structure.polygon, &roof.transform, width, height);
            let both = own.data().iter().zip(roof.coverage.data());
            let inside: f64 = both.map(|(a, b)| f64::from(a * b)).sum();
            if inside <= 0.0 {
                continue;
            }
            let into = found.get_or_insert_with(|| Foreign {
                share: Grid::filled(width, height, 0.0),
                process: false,
            });
            for (share, own) in into.share.data_mut().iter_mut().zip(own.data()) {
                *share = share.max(*own);
            }
            into.process |=
                structure.layer == StructureLayer::Structure && inside * cell_m2 >= PROCESS_M2;
        }
        found
    }

    /// What the register of plots says against scoring a building, into its context; the use
    /// of the plot where buildings on it are none of a company's.
    pub(super) fn plot(&self, outline: &Outline, context: &mut RoofContext) -> Option<&'a str> {
        let inside = outline.polygon.interior_point()?;
        let plots = &self.inputs.references.plots;
        let plot = plots.iter().find(|p| p.polygon.contains(&inside))?;
        context.out_of_use = plot.in_use == Some(false);
        plot.not_business().then_some(plot.function.as_str())
    }
}

/// Heights at the centres of a roof's cells; NaN where the model has none.
fn heights(model: Option<&Surface>, roof: &Roof) -> Result<Option<Grid<f32>>> {
    let Some(model) = model else {
        return Ok(None);
    };
    let (width, height) = (roof.window.width, roof.window.height);
    let around = roof.transform.bounds(width, height);
    let read = model.window(&around.buffered(2.0 * model.cell_m()))?;
    Ok(Some(resampled(&read, &roof.transform, width, height)))
}

/// Heights at the centres of other cells; NaN where there are none.
fn resampled(from: &GeoGrid<f32>, on: &GeoTransform, width: usize, height: usize) -> Grid<f32> {
    let mut grid = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = on.centre(col, row);
            if let Some(height) = from.sample(x, y) {
                grid.set(col, row, height as f32);
            }
        }
    }
    grid
}

/// Places spread over the inner cells of a roof.
fn places(roof: &Roof) -> impl Iterator<Item = (f64, f64)> + '_ {
    let inner = roof.inner.data().iter().enumerate();
    let inner: Vec<usize> = inner.filter(|(_, s)| **s > 0.5).map(|(i, _)| i).collect();
    let stride = inner.len().div_ceil(PLACES).max(1);
    let width = roof.window.width;
    let places = inner.into_iter().skip(stride / 2).step_by(stride);
    places.map(move |i| roof.transform.centre(i % width, i / width))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn bounds(polygon: &MultiPolygon<f64>) -> Option<Bounds> {
    let r = polygon.bounding_rect()?;
    Some(Bounds {
        x_min: r.min().x,
        y_min: r.min().y,
        x_max: r.max().x,
        y_max: r.max().y,
    })
}

/// What the splitting of a flight's roofs found, for `run.json`.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Tally {
    kinds: [usize; Kind::ALL.len()],
    heights: [usize; 3],
}

impl Tally {
    pub(super) fn add(&mut self, parts: &Parts) {
        for (count, kind) in self.kinds.iter_mut().zip(Kind::ALL) {
            *count += parts.parts.iter().filter(|p| p.kind == kind).count();
        }
        let heights = [Heights::Good, Heights::Absent, Heights::Newer];
        for (count, which) in self.heights.iter_mut().zip(heights) {
            *count += usize::from(parts.heights == which);
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        let all = self.kinds.iter_mut().zip(other.kinds);
        all.for_each(|(a, b)| *a += b);
        let all = self.heights.iter_mut().zip(other.heights);
        all.for_each(|(a, b)| *a += b);
    }

    pub(super) fn section(&self) -> Value {
        let kinds = Kind::ALL.iter().zip(self.kinds);
        let kinds: serde_json::Map<String, Value> = kinds
            .map(|(kind, count)| (kind.word().to_owned(), count.into()))
            .collect();
        let [good, absent, newer] = self.heights;
        json!({
            "parts": kinds,
            "planes_from_heights": good,
            "planes_from_temperature": absent,
            "newer_than_the_surface_model": newer,
        })
    }
}
