//! The grid of the map and which sources each tile needs.

use super::gsd::{automatic_gsd, cost_per_m, median};
use super::guide::{Guide, Weighing};
use super::roofs::{self, Roof, RoofSources};
use super::{Options, Source};
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoTransform, Window};
use crate::rectify::{self, OrientedFrame, Target};

/// Largest map, cells: 5 km² at 5 cm. More is a wrong position or a wrong cell size.
const MOST_CELLS: f64 = 2e9;

/// A footprint is the ground at one height; tiles take sources up to this share of its size
/// beyond it, for ground that lies lower.
pub(super) const FOOTPRINT_MARGIN: f64 = 0.05;

/// A tile of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct TilePlan {
    /// Tile column.
    pub col: usize,
    /// Tile row.
    pub row: usize,
    /// Its cells in the map.
    pub window: Window,
    /// Positions of the sources that may see it, in order of [`Source::index`].
    pub sources: Vec<usize>,
}

/// Grid, tiles and what they need.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where the map lies; edges are whole multiples of the cell size.
    pub transform: GeoTransform,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Cell size, metres.
    pub gsd_m: f64,
    /// Side of a tile, cells.
    pub tile_px: usize,
    /// Tiles in row-major order, also those no source sees.
    pub tiles: Vec<TilePlan>,
    /// Finest GSD of all sources, metres.
    pub finest_gsd_m: f64,
    /// What is known of each source beside its geometry, by place; missing: nothing.
    pub(super) weighings: Vec<Weighing>,
    /// Where roofs come from, by falling number.
    pub(super) roofs: Vec<Roof>,
    /// How fast the costs of two neighbouring sources part at their seam, per metre.
    pub(super) cost_per_m: f64,
}

/// Plans the map of a flight's frames.
pub fn plan(frames: &[OrientedFrame], options: &Options) -> Result<Plan> {
    let sources: Vec<Source<'_>> = frames.iter().map(Source::Frame).collect();
    plan_sources(&sources, options)
}

/// Plans the map of frames or ready-made tiles. Fails when there is nothing to map, when a
/// setting is out of range, or when the map would be too large, naming the source that lies
/// farthest out.
pub fn plan_sources(sources: &[Source<'_>], options: &Options) -> Result<Plan> {
    plan_guided(sources, &Guide::default(), options)
}

/// The same with what else is known of the site and the sources. Fails as [`plan_sources`] does.
pub fn plan_guided(sources: &[Source<'_>], guide: &Guide<'_>, options: &Options) -> Result<Plan> {
    check(options)?;
    let bounds = usable(sources).fold(Bounds::EMPTY, |all, (_, s)| all.union(&s.footprint()));
    if bounds.is_empty() {
        return Err(Problem::setting("no frame has a place on the map"));
    }
    let gsd_m = options.gsd_m.unwrap_or_else(|| automatic_gsd(sources));
    let (first_col, first_row) = (
        (bounds.x_min / gsd_m).floor(),
        (bounds.y_max / gsd_m).ceil(),
    );
    let width = (bounds.x_max / gsd_m).ceil() - first_col;
    let height = first_row - (bounds.y_min / gsd_m).floor();
    let cells = width * height;
    if cells.is_nan() || cells > MOST_CELLS {
        return Err(too_large(sources, gsd_m, width, height));
    }
    let mut plan = Plan {
        transform: GeoTransform {
            x0: first_col * gsd_m,
            y0: first_row * gsd_m,
            dx: gsd_m,
            dy: gsd_m,
        },
        width: (width as usize).max(1),
        height: (height as usize).max(1),
        gsd_m,
        tile_px: options.tile_px,
        tiles: Vec::new(),
        finest_gsd_m: usable(sources)
            .map(|(_, s)| s.gsd_m())
            .fold(f64::INFINITY, f64::min),
        weighings: guide.weighings(sources.len(), options),
        roofs: Vec::new(),
        cost_per_m: cost_per_m(sources, options),
    };
    plan.roofs = roofs::assign(&plan, sources, guide, options);
    plan.tiles = plan.empty_tiles();
    plan.assign(sources);
    Ok(plan)
}

impl Plan {
    /// Tiles along a row of the map.
    pub fn across(&self) -> usize {
        self.width.div_ceil(self.tile_px)
    }

    /// The grid of a tile.
    pub fn target(&self, tile: &TilePlan) -> Target {
        Target {
            transform: self.transform.of_window(tile.window),
            width: tile.window.width,
            height: tile.window.height,
        }
    }

    /// Bounds of the surface a tile needs: its own, what may hide it, and two surface cells.
    /// `relief_m` is the height of the highest thing over the lowest ground.
    pub fn surface_bounds(
        &self,
        tile: &TilePlan,
        relief_m: f64,
        surface_cell_m: f64,
        options: &Options,
    ) -> Bounds {
        let hides = rectify::edge_margin_m(relief_m, &options.rectify);
        let lattice = super::cost::NODE as f64 * self.gsd_m;
        let target = self.target(tile);
        target
            .bounds()
            .buffered(hides.max(lattice) + 2.0 * surface_cell_m)
    }

    /// The sources every roof on the map is taken from, by number.
    pub fn roof_sources(&self) -> Vec<RoofSources> {
        self.roofs.iter().rev().map(Roof::sources).collect()
    }

    /// The roofs that meet a tile and where their cells come from, in the order in which they are
    /// painted: with [`TilePlan`] and the options all that decides where a tile's cells come from.
    pub fn roofs_on(&self, tile: &TilePlan) -> Vec<impl std::fmt::Debug + '_> {
        let on = self.roofs.iter().filter(|roof| roof.meets(&tile.window));
        on.map(Roof::decided).collect()
    }

    pub(super) fn weighing(&self, place: usize) -> Weighing {
        self.weighings.get(place).copied().unwrap_or_default()
    }

    fn empty_tiles(&self) -> Vec<TilePlan> {
        let (across, side) = (self.across(), self.tile_px);
        let down = self.height.div_ceil(side);
        (0..across * down)
            .map(|number| {
                let (col, row) = (number % across, number / across);
                TilePlan {
                    col,
                    row,
                    window: Window {
                        col: col * side,
                        row: row * side,
                        width: side.min(self.width - col * side),
                        height: side.min(self.height - row * side),
                    },
                    sources: Vec::new(),
                }
            })
            .collect()
    }

    /// Gives every source to the tiles its footprint meets, by position on the map: no search.
    fn assign(&mut self, sources: &[Source<'_>]) {
        let mut order: Vec<usize> = usable(sources).map(|(place, _)| place).collect();
        order.sort_by_key(|place| (sources[*place].index(), *place));
        let across = self.across();
        for place in order {
            let footprint = sources[place].footprint();
            let size = (footprint.x_max - footprint.x_min).max(footprint.y_max - footprint.y_min);
            let around = footprint.buffered(FOOTPRINT_MARGIN * size);
            let Some(cells) = self.transform.window_of(&around, self.width, self.height) else {
                continue;
            };
            let tiles = |start: usize, count: usize| {
                start / self.tile_px..(start + count).div_ceil(self.tile_px)
            };
            for row in tiles(cells.row, cells.height) {
                for col in tiles(cells.col, cells.width) {
                    self.tiles[row * across + col].sources.push(place);
                }
            }
        }
    }
}

/// Sources with a finite footprint and pixel size.
pub(super) fn usable<'a, 'b>(
    sources: &'b [Source<'a>],
) -> impl Iterator<Item = (usize, &'b Source<'a>)> {
    sources.iter().enumerate().filter(|(_, s)| {
        let f = s.footprint();
        let finite = [f.x_min, f.y_min, f.x_max, f.y_max]
            .iter()
            .all(|v| v.is_finite());
        finite && !f.is_empty() && s.gsd_m().is_finite() && s.gsd_m() > 0.0
    })
}

fn check(options: &Options) -> Result<()> {
    if let Some(gsd) = options.gsd_m
        && !(gsd.is_finite() && gsd >= 1e-3)
    {
        return Err(
            Problem::setting(format!("is {gsd}, expected at least 0.001")).field("mosaic.gsd_m"),
        );
    }
    let side = options.tile_px;
    if !(64..=8192).contains(&side) || !side.is_multiple_of(16) {
        return Err(Problem::setting(format!(
            "is {side}, expected a multiple of 16 from 64 to 8192"
        ))
        .field("mosaic.tile_px"));
    }
    Ok(())
}

fn centre(bounds: &Bounds) -> (f64, f64) {
    (
        0.5 * (bounds.x_min + bounds.x_max),
        0.5 * (bounds.y_min + bounds.y_max),
    )
}

fn too_large(sources: &[Source<'_>], gsd_m: f64, width: f64, height: f64) -> Problem {
    let of = |axis: fn((f64, f64)) -> f64| {
        median(
            usable(sources)
                .map(|(_, s)| axis(centre(&s.footprint())))
                .collect(),
        )
    };
    let (x, y) = (of(|c| c.0), of(|c| c.1));
    let away = |s: &Source<'_>| {
        let (cx, cy) = centre(&s.footprint());
        (cx - x).hypot(cy - y)
    };
    let farthest = usable(sources)
        .map(|(_, s)| (away(s), s.name()))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let problem = Problem::setting(format!(
        "the map would be {width:.0} × {height:.0} cells of {gsd_m} m, expected at most {:.0} million",
        MOST_CELLS / 1e6
    ));
    match farthest {
        Some((distance, name)) => problem.in_file(name).hint(format!(
            "this frame lies {:.1} km from the middle of the flight; correct or remove its position, or set a larger mosaic.gsd_m",
            distance / 1000.0
        )),
        None => problem,
    }
}
