//! A piece of a map with each own roof under its own emissivity, so that picture and table agree.

use crate::calibrate::radiance::Band;
use crate::raster::GeoGrid;
use crate::report::Building;
use crate::score::emissivity::Conversion;
use crate::segment;

/// What the map was made with.
pub(super) struct Map {
    /// Emissivity, and the reflected temperature, °C.
    pub(super) surroundings: (f64, f64),
    pub(super) options: segment::Options,
}

/// Converts the cells of the own roofs that have temperatures; everything else stays.
pub(super) fn apply(piece: &mut GeoGrid<f32>, map: &Map, buildings: &[Building]) {
    let grid = &mut piece.grid;
    let range = range(grid.data());
    let band = Band::long_wave();
    let (from, reflected_c) = map.surroundings;
    for building in buildings.iter().filter(|b| b.score.statistics.is_some()) {
        let (width, height) = (grid.width(), grid.height());
        let outline = &building.outline;
        let Ok(roof) = segment::judge(outline, &piece.transform, width, height, &map.options)
        else {
            continue;
        };
        let to = building.score.emissivity;
        let conversion = Conversion::new(&band, from, to, reflected_c, range);
        for row in 0..roof.window.height {
            let start = (roof.window.row + row) * width + roof.window.col;
            let cells = &mut grid.data_mut()[start..start + roof.window.width];
            for (cell, share) in cells.iter_mut().zip(roof.coverage.row(row)) {
                if *share > 0.0 {
                    *cell = conversion.apply(*cell);
                }
            }
        }
    }
}

/// The least and the largest of some values; those that are missing are passed over.
fn range(values: &[f32]) -> (f32, f32) {
    // Several at once: one alone waits for the one before it.
    const LANES: usize = 16;
    let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::MIN; LANES]);
    let mut take = |lane: usize, value: f32| {
        low[lane] = low[lane].min(value);
        high[lane] = high[lane].max(value);
    };
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in chunk.iter().enumerate() {
            take(lane, *value);
        }
    }
    rest.iter().for_each(|value| take(0, *value));
    let least = low.into_iter().fold(f32::INFINITY, f32::min);
    (least, high.into_iter().fold(f32::MIN, f32::max))
}
