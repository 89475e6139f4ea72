//! Outlines where the user has none: candidates from surface minus terrain model.
//!
//! The models are taken in windows that overlap by more than a hall is long; a candidate belongs
//! to the window that holds its middle. Every flight moves their sides to the edges its own map
//! shows. They are for a person to confirm: `internal/derived_outlines.gpkg`, corrected, is the
//! buildings file of the next run.

use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid};
use crate::read::surface::Surface;
use crate::segment::parts::{Candidate, CandidatesInput, Options, candidates};
use crate::segment::place_ids;
use crate::survey::Outline;
use crate::survey::reference::Park;
use crate::write::atomic;
use crate::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};
use ::geo::{BoundingRect, Geometry, Intersects, MultiPolygon, Rect, coord};
use std::path::Path;

/// Side of the part of a window whose candidates are kept, metres.
const CORE_M: f64 = 600.0;
/// How far windows reach beyond it, metres: half the longest hall.
const MARGIN_M: f64 = 300.0;

/// Outlines derived from heights, and what is known of each.
#[derive(Clone, Debug)]
pub(crate) struct Derived {
    /// One per candidate, with its key.
    pub(crate) outlines: Vec<Outline>,
    /// The candidates, in that order.
    pub(crate) candidates: Vec<Candidate>,
}

impl Derived {
    /// Looks for buildings where both models are, inside the parks where there are any.
    ///
    /// # Errors
    /// A model is missing or cannot be read, or nothing is found.
    pub(crate) fn find(
        dsm: Option<&Surface>,
        dtm: Option<&Surface>,
        parks: &[Park],
        min_building_m2: f64,
    ) -> Result<Self> {
        let fault = |what: &str| Problem::setting(what).field("segment.derive_outlines");
        let (Some(dsm), Some(dtm)) = (dsm, dtm) else {
            let missing = if dsm.is_none() { "dsm" } else { "dtm" };
            return Err(fault("needs a surface and a terrain model").hint(format!(
                "add {missing}.tif, or hand in the outlines as buildings.gpkg"
            )));
        };
        let mut found = search(dsm, dtm, parks, min_building_m2)?;
        if found.is_empty() {
            return Err(
                fault("finds nothing that looks like a building in the models")
                    .hint("check that dsm.tif and dtm.tif cover the site, in metres of one datum"),
            );
        }
        found.sort_by(|a, b| {
            let by_area = b.area_m2.total_cmp(&a.area_m2);
            by_area.then(middle(a).0.total_cmp(&middle(b).0))
        });
        Ok(Self::named(found))
    }

    /// Candidates as outlines, named by their places.
    fn named(candidates: Vec<Candidate>) -> Self {
        let places: Vec<(f64, f64)> = candidates.iter().map(middle).collect();
        let ids = place_ids("derived", &places, "");
        let outlines = candidates.iter().zip(ids).map(|(candidate, oidn)| Outline {
            height_m: Some(candidate.height_m),
            ..Outline::new(oidn, MultiPolygon(vec![candidate.polygon.clone()]))
        });
        Self {
            outlines: outlines.collect(),
            candidates,
        }
    }

    /// The same keys with other candidates, one for each.
    pub(crate) fn with(&self, candidates: Vec<Candidate>) -> Self {
        let both = self.outlines.iter().zip(&candidates);
        let outlines = both.map(|(outline, candidate)| Outline {
            polygon: MultiPolygon(vec![candidate.polygon.clone()]),
            ..outline.clone()
        });
        Self {
            outlines: outlines.collect(),
            candidates,
        }
    }

    /// What to say of them before a run.
    pub(crate) fn warning(&self) -> Problem {
        let what = format!(
            "{} building outlines are derived from heights; no person has confirmed them",
            self.outlines.len()
        );
        Problem::setting(what)
            .field("segment.derive_outlines")
            .hint("correct internal/derived_outlines.gpkg of the results and hand it in as buildings.gpkg")
    }

    /// Writes `derived_outlines.gpkg`.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn write(&self, path: &Path, crs: &Crs, stamp: &str) -> Result<()> {
        if let Some(folder) = path.parent() {
            atomic::make_folder(folder)?;
        }
        let column = |name: &str, kind| Column {
            name: name.to_owned(),
            kind,
            description: None,
        };
        let columns = [
            column("oidn", ColumnKind::Text),
            column("area_m2", ColumnKind::Real),
            column("height_m", ColumnKind::Real),
            column("confidence", ColumnKind::Real),
            column("sides_in_map", ColumnKind::Integer),
            column("why", ColumnKind::Text),
            column("confirmed", ColumnKind::Text),
        ];
        let mut package = GeoPackage::create(path, crs.epsg(), &crs.name(), &crs.wkt(), stamp)?;
        package.add_layer("derived_outlines", GeometryKind::MultiPolygon, &columns)?;
        for (outline, candidate) in self.outlines.iter().zip(&self.candidates) {
            let why: Vec<&str> = candidate.why.iter().map(|w| w.code()).collect();
            let values = [
                Value::Text(outline.oidn.clone()),
                Value::Real(candidate.area_m2),
                Value::Real(candidate.height_m),
                Value::Real(candidate.confidence),
                Value::Integer(candidate.refined_sides as i64),
                Value::Text(why.join(";")),
                Value::Text("no".to_owned()),
            ];
            let shape = Geometry::MultiPolygon(outline.polygon.clone());
            package.insert("derived_outlines", Some(&shape), &values)?;
        }
        package.finish()
    }
}

/// Middle of a candidate's bounds.
fn middle(candidate: &Candidate) -> (f64, f64) {
    let middle = candidate.polygon.bounding_rect().map(|r| r.center());
    middle.map_or((0.0, 0.0), |c| (c.x, c.y))
}

/// The candidates of all windows.
fn search(
    dsm: &Surface,
    dtm: &Surface,
    parks: &[Park],
    min_area_m2: f64,
) -> Result<Vec<Candidate>> {
    let all = common(&dsm.bounds(), &dtm.bounds());
    let columns = ((all.x_max - all.x_min) / CORE_M).ceil().max(0.0) as u64;
    let rows = ((all.y_max - all.y_min) / CORE_M).ceil().max(0.0) as u64;
    let mut found = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (
                all.x_min + column as f64 * CORE_M,
                all.y_min + row as f64 * CORE_M,
            );
            let core = Bounds {
                x_min: x,
                y_min: y,
                x_max: x + CORE_M,
                y_max: y + CORE_M,
            };
            if !of_interest(parks, &core) {
                continue;
            }
            let window = common(&core.buffered(MARGIN_M), &all);
            let own = |candidate: &Candidate| {
                let (x, y) = middle(candidate);
                let inside =
                    (core.x_min..core.x_max).contains(&x) && (core.y_min..core.y_max).contains(&y);
                let shape = &candidate.polygon;
                inside && (parks.is_empty() || parks.iter().any(|p| p.polygon.intersects(shape)))
            };
            found.extend(
                in_window(dsm, dtm, &window, min_area_m2)?
                    .into_iter()
                    .filter(own),
            );
        }
    }
    Ok(found)
}

fn of_interest(parks: &[Park], core: &Bounds) -> bool {
    let core = Rect::new(
        coord! { x: core.x_min, y: core.y_min },
        coord! { x: core.x_max, y: core.y_max },
    );
    let near = |park: &Park| {
        let bounds = park.polygon.bounding_rect();
        bounds.is_some_and(|b| b.intersects(&core))
    };
    parks.is_empty() || parks.iter().any(near)
}

fn in_window(
    dsm: &Surface,
    dtm: &Surface,
    window: &Bounds,
    min_area_m2: f64,
) -> Result<Vec<Candidate>> {
    let surface = dsm.window(window)?;
    let ground = dtm.window(&window.buffered(2.0 * dtm.cell_m()))?;
    let (width, height) = (surface.grid.width(), surface.grid.height());
    let mut grid = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = surface.transform.centre(col, row);
            if let Some(height) = ground.sample(x, y) {
                grid.set(col, row, height as f32);
            }
        }
    }
    drop(ground);
    let terrain = GeoGrid {
        grid,
        transform: surface.transform,
    };
    Ok(candidates(&CandidatesInput {
        surface: &surface,
        terrain: &terrain,
        min_height_m: Options::default().min_height_m,
        min_area_m2,
    }))
}

/// What two rectangles have in common; without area where they have nothing.
fn common(a: &Bounds, b: &Bounds) -> Bounds {
    Bounds {
        x_min: a.x_min.max(b.x_min),
        y_min: a.y_min.max(b.y_min),
        x_max: a.x_max.min(b.x_max),
        y_max: a.y_max.min(b.y_max),
    }
}
