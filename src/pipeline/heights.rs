//! The surface frames are laid on: a model, or a plane where none is given.

use super::newer::FlatRoof;
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::read::surface::Surface;
use crate::rectify;
use crate::survey::Outline;
use geo::{BoundingRect, Polygon};

/// How far around the highest thing is looked for, metres: what stands farther off must be taller
/// than 40 m to hide anything at 50° from the vertical.
const NEAR_M: f64 = 50.0;

/// Cells of the model around a window that its edges are sharpened by.
const AROUND: f64 = 5.0;

/// A surface model and the building outlines its walls stand at.
pub(crate) struct Model<'a> {
    surface: &'a Surface,
    terrain: Option<&'a Surface>,
    outlines: Vec<(Bounds, &'a Polygon<f64>)>,
    newer: Vec<FlatRoof<'a>>,
}

impl<'a> Model<'a> {
    /// A surface whose walls stand where the outlines are; as it is without any.
    pub(crate) fn new(
        surface: &'a Surface,
        terrain: Option<&'a Surface>,
        outlines: &'a [Outline],
    ) -> Self {
        let bounded = |polygon: &'a Polygon<f64>| {
            let r = polygon.bounding_rect()?;
            let bounds = Bounds {
                x_min: r.min().x,
                y_min: r.min().y,
                x_max: r.max().x,
                y_max: r.max().y,
            };
            Some((bounds, polygon))
        };
        let polygons = outlines.iter().flat_map(|o| o.polygon.iter());
        Self {
            surface,
            terrain,
            outlines: polygons.filter_map(bounded).collect(),
            newer: Vec::new(),
        }
    }

    /// The same with flat roofs where the model lacks buildings.
    pub(crate) fn with_newer(mut self, newer: Vec<FlatRoof<'a>>) -> Self {
        self.newer = newer;
        self
    }

    /// The flat roofs where the model lacks buildings.
    pub(crate) fn newer(&self) -> &[FlatRoof<'a>] {
        &self.newer
    }

    /// The outlines that decide heights over map bounds.
    pub(crate) fn outlines_near(&self, bounds: &Bounds) -> Vec<&'a Polygon<f64>> {
        let around = bounds.buffered(AROUND * self.surface.cell_m());
        let near = self.outlines.iter().filter(|(b, _)| b.intersects(&around));
        near.map(|(_, polygon)| *polygon).collect()
    }

    fn window(&self, bounds: &Bounds) -> Result<GeoGrid<f32>> {
        let around = bounds.buffered(AROUND * self.surface.cell_m());
        let near = self.outlines_near(bounds);
        if near.is_empty() {
            return self.surface.window(bounds);
        }
        let surface = self.surface.window(&around)?;
        let terrain = self.terrain.map(|t| t.window(&around)).transpose()?;
        let options = rectify::Options::default();
        let sharp = rectify::sharpened(&surface, terrain.as_ref(), &near, &options);
        let mut surface = sharp.surface;
        for roof in self.newer.iter().filter(|r| r.bounds.intersects(&around)) {
            roof.raise(&mut surface);
        }
        Ok(surface)
    }
}

/// The surface of a flight.
pub(crate) enum Heights<'a> {
    /// Surface model (or, without one, the terrain model).
    Model(Model<'a>),
    /// Level ground at this height, metres.
    Plane(f64),
}

impl Heights<'_> {
    /// Cell size, metres.
    pub(crate) fn cell_m(&self) -> f64 {
        match self {
            Heights::Model(model) => model.surface.cell_m(),
            Heights::Plane(_) => 1.0,
        }
    }

    /// Heights over map bounds and as far around as things can stand that hide them.
    ///
    /// # Errors
    /// The model cannot be read.
    pub(crate) fn around(
        &self,
        bounds: &Bounds,
        options: &rectify::Options,
    ) -> Result<GeoGrid<f32>> {
        match self {
            Heights::Plane(height_m) => Ok(plane(bounds, *height_m)),
            Heights::Model(model) => {
                let relief_m = self.near_relief_m(bounds)?;
                let margin =
                    rectify::edge_margin_m(relief_m, options) + 2.0 * model.surface.cell_m();
                // As it is: levels are compared away from edges.
                model.surface.window(&bounds.buffered(margin))
            }
        }
    }

    /// Heights over map bounds alone.
    ///
    /// # Errors
    /// The model cannot be read.
    pub(crate) fn window(&self, bounds: &Bounds) -> Result<GeoGrid<f32>> {
        match self {
            Heights::Plane(height_m) => Ok(plane(bounds, *height_m)),
            Heights::Model(model) => model.window(bounds),
        }
    }

    /// Height of the highest thing over the lowest ground in and around bounds, metres.
    ///
    /// # Errors
    /// The model cannot be read.
    pub(crate) fn near_relief_m(&self, bounds: &Bounds) -> Result<f64> {
        match self {
            Heights::Plane(_) => Ok(0.0),
            Heights::Model(model) => {
                let grid = model.surface.window(&bounds.buffered(NEAR_M))?.grid;
                let finite = || grid.data().iter().copied().filter(|v| v.is_finite());
                let near = bounds.buffered(NEAR_M);
                let newer = model.newer.iter().filter(|r| r.bounds.intersects(&near));
                let (low, high) = (
                    finite().fold(f32::INFINITY, f32::min),
                    newer
                        .map(|r| r.top_m as f32)
                        .chain(finite())
                        .fold(f32::MIN, f32::max),
                );
                Ok(if low <= high {
                    f64::from(high - low)
                } else {
                    0.0
                })
            }
        }
    }
}

/// Cells of level ground along a side: slopes are taken over one.
const PLANE_CELLS: usize = 64;

/// Level ground over bounds with a margin.
fn plane(bounds: &Bounds, height_m: f64) -> GeoGrid<f32> {
    let extent = (bounds.x_max - bounds.x_min).max(bounds.y_max - bounds.y_min);
    // Two cells around whatever is asked for.
    let margin = (4.0 * extent / PLANE_CELLS as f64).max(10.0);
    let around = bounds.buffered(margin);
    GeoGrid {
        grid: Grid::filled(PLANE_CELLS, PLANE_CELLS, height_m as f32),
        transform: GeoTransform {
            x0: around.x_min,
            y0: around.y_max,
            dx: (around.x_max - around.x_min) / PLANE_CELLS as f64,
            dy: (around.y_max - around.y_min) / PLANE_CELLS as f64,
        },
    }
}
