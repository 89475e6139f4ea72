//! One tile of the map from the sources that see it.

use super::cost::CostField;
use super::views::{Gathered, key};
use super::{MosaicTile, NO_FRAME, Options, Picture, Plan, Source, TilePlan, regrid, roofs};
use crate::raster::{GeoGrid, Grid, Window};
use crate::rectify::{Ground, OrthoTile, Relief, Sight, Target, edge_radius, tile_on};
use std::ops::Range;

/// Least noise of a view, kelvin: a setting of zero must not make weights infinite.
const LEAST_NOISE_K: f64 = 1e-3;

/// Makes a tile of the map.
///
/// `pictures` gives the kelvin of a source by its position in `sources`; it is asked once per
/// source and tile, and a source it has nothing for is left out. `offset_k` is what to
/// subtract from each source (missing: 0). `surface` reaches [`Plan::surface_bounds`]; it may
/// be empty where all sources are ready-made tiles.
pub fn tile(
    plan: &Plan,
    tile: &TilePlan,
    sources: &[Source<'_>],
    pictures: &dyn Fn(usize) -> Option<Picture>,
    offset_k: &[f64],
    surface: &GeoGrid<f32>,
    options: &Options,
) -> MosaicTile {
    let target = plan.target(tile);
    let mut gathered = Gathered::new(target.width, target.height);
    let relief = Relief::new(surface, &options.rectify);
    let preferred = roofs::preferred(plan, tile.window);
    // Hidden cells just outside the tile mark edges inside it.
    let rim = rim(tile, sources, &target, options);
    let wider = target.widened(rim);
    let mut ground = None;
    for (place, cost) in in_order(plan, tile, sources, &relief, options) {
        let source = &sources[place];
        let ortho = match (source, pictures(place)) {
            (Source::Frame(frame), Some(Picture::Frame(kelvin))) => {
                let ground = ground.get_or_insert_with(|| Ground::new(&relief, &wider));
                tile_on(&kelvin, frame, ground, &options.rectify)
            }
            (Source::Tile { .. }, Some(Picture::Tile(picture))) => ready_made(&picture, &wider),
            _ => continue,
        };
        let offset = offset_k.get(place).copied().unwrap_or(0.0) as f32;
        let frame = u32::try_from(source.index()).unwrap_or(NO_FRAME - 1);
        gathered.begin(frame, variance_k2(plan, place, options));
        let cols = overlap(ortho.window.col, ortho.window.width, rim, target.width);
        for row in overlap(ortho.window.row, ortho.window.height, rim, target.height) {
            let map_cols = tile.window.col + cols.start..tile.window.col + cols.end;
            let costs = cost.along(tile.window.row + row, map_cols);
            let owners = preferred.as_ref().map(|p| &p.row(row)[cols.clone()]);
            let views = views_along(&ortho, row + rim, cols.start + rim..cols.end + rim);
            for (i, (cost, view)) in costs.zip(views).enumerate() {
                let Some((kelvin, view_deg, mixed)) = view else {
                    continue;
                };
                let owner = owners.map_or(NO_FRAME, |owners| owners[i]);
                let stranger = owner != NO_FRAME && owner as usize != place;
                let key = key(cost, stranger, mixed);
                gathered.add((cols.start + i, row), kelvin - offset, key, view_deg);
            }
        }
    }
    let means = options
        .means_on_roofs
        .then(|| roofs::around(plan, tile.window));
    let feather = (plan.cost_per_m * options.feather_m) as f32;
    gathered.finish(options.blend, feather, means.as_ref())
}

/// Kelvin, view angle and whether it is mixed of a row's cells; `None` where there is no value.
fn views_along(
    ortho: &OrthoTile,
    row: usize,
    cols: Range<usize>,
) -> impl Iterator<Item = Option<(f32, f32, bool)>> {
    let kelvin = &ortho.kelvin.row(row)[cols.clone()];
    let view_deg = &ortho.view_deg.row(row)[cols.clone()];
    let sight = &ortho.sight.row(row)[cols];
    let cells = kelvin.iter().zip(view_deg).zip(sight);
    cells.map(|((kelvin, view_deg), sight)| {
        (!kelvin.is_nan()).then_some((*kelvin, *view_deg, *sight == Sight::NearEdge))
    })
}

/// Cells of the tile that lie in a range of cells of the wider grid.
fn overlap(start: usize, count: usize, rim: usize, size: usize) -> Range<usize> {
    let end = (start + count).saturating_sub(rim).min(size);
    start.saturating_sub(rim).min(end)..end
}

fn rim(tile: &TilePlan, sources: &[Source<'_>], target: &Target, options: &Options) -> usize {
    let radius = |place: &usize| match sources.get(*place) {
        Some(Source::Frame(frame)) => edge_radius(frame, target, &options.rectify),
        _ => 0,
    };
    tile.sources.iter().map(radius).max().unwrap_or(0)
}

/// Variance of a view: noise of the camera and uncertainty of its level, K².
fn variance_k2(plan: &Plan, place: usize, options: &Options) -> f32 {
    let level = plan.weighing(place).sigma_k;
    let noise = options.noise_k.max(LEAST_NOISE_K);
    (noise * noise + level * level) as f32
}

/// The tile's sources with their costs, by index.
fn in_order(
    plan: &Plan,
    tile: &TilePlan,
    sources: &[Source<'_>],
    relief: &Relief<'_>,
    options: &Options,
) -> Vec<(usize, CostField)> {
    let mut ordered: Vec<(usize, CostField)> = tile
        .sources
        .iter()
        .filter_map(|place| {
            let source = sources.get(*place)?;
            let cost = CostField::new((*place, source), plan, tile.window, relief, options);
            Some((*place, cost))
        })
        .collect();
    ordered.sort_by_key(|(place, _)| (sources[*place].index(), *place));
    ordered
}

/// A ready-made tile as if a frame had been laid on the target.
fn ready_made(picture: &GeoGrid<f32>, target: &Target) -> OrthoTile {
    let kelvin = regrid(picture, target);
    let sight = kelvin.map(|k| {
        if k.is_nan() {
            Sight::Outside
        } else {
            Sight::Seen
        }
    });
    OrthoTile {
        window: Window {
            col: 0,
            row: 0,
            width: target.width,
            height: target.height,
        },
        view_deg: Grid::filled(target.width, target.height, f32::NAN),
        kelvin,
        sight,
    }
}
