//! Finds the cells of every roof in the mosaic.
//!
//! In: a building outline and the mosaic's grid. Out: the window it covers, the exact share of
//! every cell inside the outline, and the inner cells that statistics use.
//!
//! Outlines are façades at ground level, not roof edges, and a mosaic leans: statistics keep
//! away from the outline by `max(inner_buffer_m, inner_buffer_px)` (flemish-data.md §2.1,
//! scoring.md §8). An inner cell is one whose *centre* lies at least that far from every edge of
//! the outline; since the buffer is never under one cell diagonal, it is covered whole. A
//! shrunken polygon was not used: it needs repair at narrow necks, the distance does not.
//!
//! Not here: temperatures (`score`), which company owns a roof.

mod away;
mod coverage;
mod distance;
pub mod parts;
mod place_id;
mod polygonise;
mod zonal;

pub use away::Distances;
pub use coverage::coverage;
pub use distance::distance_to_outline;
pub use place_id::{names_place, place_ids, place_ids_beside};
pub use polygonise::polygonise;
pub use zonal::{PERCENTILES, Zonal, extremes, zonal};

use crate::problem::Problem;
use crate::raster::{Bounds, GeoTransform, Grid, Window};
use crate::survey::Outline;
use geo::{Area, BoundingRect, Euclidean, Length, MultiPolygon};

/// Settings `[segment]` of interface.md §5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Distance inner cells keep from the outline, metres.
    pub inner_buffer_m: f64,
    /// The same in cells; the larger one counts.
    pub inner_buffer_px: f64,
    /// Outlines of a smaller area are dropped, m².
    pub min_building_m2: f64,
    /// Margin of the window around the outline, for display, metres.
    pub display_buffer_m: f64,
    /// Greatest window, cells: a hostile outline must not exhaust the memory.
    pub max_cells: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            inner_buffer_m: 0.75,
            inner_buffer_px: 2.0,
            min_building_m2: 25.0,
            display_buffer_m: 1.5,
            max_cells: 100_000_000,
        }
    }
}

/// One roof on the mosaic's grid. All grids have the shape of `window`.
#[derive(Clone, Debug, PartialEq)]
pub struct Roof {
    /// Building key.
    pub oidn: String,
    /// Cells around the outline (with the display margin), cut at the mosaic.
    pub window: Window,
    /// Where the window lies.
    pub transform: GeoTransform,
    /// Share of each cell inside the outline, 0–1, exact.
    pub coverage: Grid<f32>,
    /// Share of each cell that counts for statistics; 0 outside the inner buffer.
    pub inner: Grid<f32>,
    /// Distance of each cell's centre to the outline, metres, capped at twice the inner buffer.
    pub edge_m: Grid<f32>,
    /// Area of the outline, m².
    pub area_m2: f64,
    /// Length of its exterior rings, metres.
    pub perimeter_m: f64,
    /// Centroid-like middle of its bounds, project CRS.
    pub middle: (f64, f64),
}

/// Why an outline gives no roof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dropped {
    /// Smaller than `min_building_m2`; the area in m².
    Small(f64),
    /// Outside the mosaic.
    Outside,
    /// No area, or coordinates that are not finite.
    Degenerate,
    /// The window has more than `max_cells` cells.
    TooLarge(usize),
}

impl Dropped {
    /// The message for the run's list of skips.
    pub fn problem(self, oidn: &str) -> Problem {
        let problem = match self {
            Self::Small(area) => Problem::setting(format!(
                "area is {area:.1} m², below segment.min_building_m2; not rated"
            )),
            Self::Outside => Problem::setting("lies outside the mosaic; not rated"),
            Self::Degenerate => Problem::broken("has no area or coordinates that are not finite")
                .hint("repair the outline"),
            Self::TooLarge(cells) => {
                Problem::setting(format!("covers {cells} cells of the mosaic"))
                    .hint("check the outline, or choose a larger mosaic.gsd_m")
            }
        };
        problem.field(format!("outline {oidn}"))
    }
}

/// The roof of an outline on a grid of `width` × `height` cells; `None` when it is dropped
/// ([`judge`] tells why).
pub fn roof(
    outline: &Outline,
    transform: &GeoTransform,
    width: usize,
    height: usize,
    options: &Options,
) -> Option<Roof> {
    judge(outline, transform, width, height, options).ok()
}

/// As [`roof`], with the reason when there is none.
pub fn judge(
    outline: &Outline,
    transform: &GeoTransform,
    width: usize,
    height: usize,
    options: &Options,
) -> Result<Roof, Dropped> {
    let bounds = finite_bounds(&outline.polygon).ok_or(Dropped::Degenerate)?;
    let area_m2 = outline.polygon.unsigned_area();
    if area_m2 <= 0.0 {
        return Err(Dropped::Degenerate);
    }
    if area_m2 < options.min_building_m2 {
        return Err(Dropped::Small(area_m2));
    }
    transform
        .window_of(&bounds, width, height)
        .ok_or(Dropped::Outside)?;
    let window = transform
        .window_of(&bounds.buffered(options.display_buffer_m), width, height)
        .ok_or(Dropped::Outside)?;
    let cells = window.width.saturating_mul(window.height);
    if cells > options.max_cells {
        return Err(Dropped::TooLarge(cells));
    }
    let transform = transform.of_window(window);
    let coverage = coverage(&outline.polygon, &transform, window.width, window.height);
    let buffer_m = inner_buffer_m(&transform, options);
    let edge_m = distance_to_outline(
        &outline.polygon,
        &transform,
        window.width,
        window.height,
        2.0 * buffer_m,
    );
    let mut inner = coverage.clone();
    for (share, distance) in inner.data_mut().iter_mut().zip(edge_m.data()) {
        if f64::from(*distance) < buffer_m {
            *share = 0.0;
        }
    }
    let exteriors = outline.polygon.iter().map(geo::Polygon::exterior);
    Ok(Roof {
        oidn: outline.oidn.clone(),
        window,
        transform,
        coverage,
        inner,
        edge_m,
        area_m2,
        perimeter_m: exteriors.map(|ring| Euclidean.length(ring)).sum(),
        middle: (
            0.5 * (bounds.x_min + bounds.x_max),
            0.5 * (bounds.y_min + bounds.y_max),
        ),
    })
}

/// Distance inner cells keep from the outline, metres: `max(inner_buffer_m, inner_buffer_px ·
/// cell)`, at least 0.75 of a cell so that an inner cell is covered whole.
pub fn inner_buffer_m(transform: &GeoTransform, options: &Options) -> f64 {
    let cell = transform.dx.max(transform.dy);
    options
        .inner_buffer_m
        .max(options.inner_buffer_px * cell)
        .max(0.75 * cell)
}

fn finite_bounds(polygon: &MultiPolygon<f64>) -> Option<Bounds> {
    let rectangle = polygon.bounding_rect()?;
    let bounds = Bounds {
        x_min: rectangle.min().x,
        y_min: rectangle.min().y,
        x_max: rectangle.max().x,
        y_max: rectangle.max().y,
    };
    use geo::CoordsIter;
    polygon
        .coords_iter()
        .all(|c| c.x.is_finite() && c.y.is_finite())
        .then_some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Polygon, polygon};

    fn outline(shape: Polygon<f64>) -> Outline {
        Outline::new("7", MultiPolygon(vec![shape]))
    }

    fn grid() -> GeoTransform {
        GeoTransform {
            x0: 1000.0,
            y0: 2000.0,
            dx: 0.25,
            dy: 0.25,
        }
    }

    fn rectangle(x: f64, y: f64, w: f64, h: f64) -> Polygon<f64> {
        polygon![(x: x, y: y), (x: x + w, y: y), (x: x + w, y: y + h), (x: x, y: y + h)]
    }

    #[test]
    fn a_rectangle_on_cell_edges_keeps_the_buffer_free_on_all_sides() {
        // 10 m × 6 m at 0.25 m: 40 × 24 cells; 0.75 m off every side leaves 34 × 18.
        let shape = outline(rectangle(1010.0, 1980.0, 10.0, 6.0));
        let roof = roof(&shape, &grid(), 400, 400, &Options::default()).expect("inside");
        let covered: f32 = roof.coverage.data().iter().sum();
        let inner: f32 = roof.inner.data().iter().sum();
        assert_eq!((covered, inner), (960.0, 612.0));
        assert_eq!((roof.area_m2, roof.perimeter_m), (60.0, 32.0));
        // The window carries 1.5 m (6 cells) around the outline.
        assert_eq!((roof.window.col, roof.window.width), (34, 52));
    }

    #[test]
    fn what_is_small_outside_or_broken_is_dropped_with_its_reason() {
        let drop = |shape| judge(&outline(shape), &grid(), 400, 400, &Options::default()).err();
        assert_eq!(
            drop(rectangle(1010.0, 1990.0, 4.0, 4.0)),
            Some(Dropped::Small(16.0))
        );
        assert_eq!(
            drop(rectangle(5010.0, 1990.0, 9.0, 9.0)),
            Some(Dropped::Outside)
        );
        assert_eq!(
            drop(rectangle(f64::NAN, 1990.0, 9.0, 9.0)),
            Some(Dropped::Degenerate)
        );
    }

    #[test]
    fn an_outline_too_narrow_for_the_buffer_has_no_inner_cell() {
        let shape = outline(rectangle(1010.0, 1980.0, 30.0, 1.4));
        let roof = roof(&shape, &grid(), 400, 400, &Options::default()).expect("inside");
        assert!(roof.inner.data().iter().all(|share| *share == 0.0));
    }
}
