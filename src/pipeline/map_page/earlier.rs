//! Earlier flights out of the pages that stand in their results.

use super::cropped;
use crate::pipeline::cache::FileHashes;
use crate::raster::{GeoGrid, GeoTransform, Grid};
use crate::report::map_page::{Cells, Layer, Shape, Tile, still_open};
use crate::report::picture::own_cells;
use crate::write::map_page;
use ::geo::MultiPolygon;
use std::path::PathBuf;

/// Earlier flights a page carries at most.
const MOST: usize = 5;
/// Largest page that is looked into, bytes.
const LARGEST: u64 = 1 << 27;
/// Letters of temperatures of all earlier flights together: pages have to open on a telephone.
const MOST_LETTERS: usize = 48 << 20;

/// An earlier flight and its page.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Former {
    /// Flight.
    pub(in crate::pipeline) flight: String,
    /// Its page of the same kind; it may be missing.
    pub(in crate::pipeline) page: PathBuf,
}

/// What pages are made of, for keys: flight, and digest of its page.
pub(in crate::pipeline) fn digests(
    former: &[Former],
    hashes: &FileHashes,
) -> Vec<(String, Option<[u8; 32]>)> {
    let digest = |f: &Former| hashes.of(&f.page).ok().map(|(_, d)| *d.as_bytes());
    let told = former.iter().take(MOST);
    told.map(|f| (f.flight.clone(), digest(f))).collect()
}

/// What earlier flights, the nearest first, may show beside a page's own; in the order they were
/// flown. A page that is not there or cannot be understood is none.
pub(super) fn layers(former: &[Former], now: &Layer) -> Vec<Layer> {
    let mut found = Vec::new();
    let mut letters = 0;
    for one in former.iter().take(MOST) {
        let size = std::fs::metadata(&one.page).map_or(u64::MAX, |m| m.len());
        if size > LARGEST {
            continue;
        }
        let text = std::fs::read(&one.page).ok();
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
        let own = text
            .and_then(|text| map_page::layers(&text))
            .and_then(|mut layers| layers.pop());
        let Some(earlier) = own.filter(|layer| layer.flight == one.flight) else {
            continue;
        };
        let Some((mut layer, [then, today])) = still_open(&earlier, now) else {
            continue;
        };
        let cells = layer.cells.take();
        layer.cells = cells.and_then(|cells| masked(&cells, layer.origin_m, &then, &today));
        let tiles = layer.cells.iter().flat_map(|c| &c.tiles);
        letters += tiles.map(|t| t.packed.len()).sum::<usize>();
        if letters > MOST_LETTERS {
            break;
        }
        found.push(layer);
    }
    found.reverse();
    found
}

/// Cells that touch a roof as it was then and as it is now; `None` where none is left.
fn masked(
    cells: &Cells,
    origin_m: [f64; 2],
    then: &[MultiPolygon<f64>],
    today: &[MultiPolygon<f64>],
) -> Option<Cells> {
    let [then, today] = [then, today].map(|s| s.iter().collect::<Vec<_>>());
    let size = cells.cell_m;
    let whole = size.is_finite() && size > 0.0;
    let tiles = cells.tiles.iter().filter(|_| whole).filter_map(|tile| {
        let celsius = map_page::unpack(tile.width, tile.height, &tile.packed)?;
        let corner = [0, 1].map(|i| cells.corner_m[i] + origin_m[i]);
        let piece = GeoGrid {
            grid: Grid::from_vec(tile.width, tile.height, celsius)?,
            transform: GeoTransform {
                x0: corner[0] + tile.col as f64 * size,
                y0: corner[1] - tile.row as f64 * size,
                dx: size,
                dy: size,
            },
        };
        let own = own_cells(&own_cells(&piece, &then, &[]), &today, &[]);
        let (place, celsius) = cropped(tile.width, own.grid.data())?;
        Some(Tile {
            col: tile.col.saturating_add(place.col),
            row: tile.row.saturating_add(place.row),
            width: place.width,
            height: place.height,
            packed: map_page::pack(place.width, &celsius),
        })
    });
    let tiles: Vec<Tile> = tiles.collect();
    let cover = ::geo::unary_union(then.iter().flat_map(|p| &p.0));
    (!tiles.is_empty()).then(|| Cells {
        cover: Shape::new(&cover, origin_m),
        tiles,
        ..*cells
    })
}
