//! Roofs in an order in which neighbours follow each other, so that a tile of the map is decoded
//! once for all roofs on it.

use super::map::Map;
use crate::survey::Outline;
use ::geo::BoundingRect;

/// Tiles of a raster that are held for the roofs to come, beside two for each thread.
const HELD_TILES: usize = 8;

/// Places of outlines along a curve that fills the plane tile by tile (G. M. Morton, 1966):
/// columns and rows of tiles, bit by bit in turns.
pub(super) fn order(outlines: &[Outline], map: &Map) -> Vec<usize> {
    let tile = |cell: f64| (cell.max(0.0) / map.tile_px as f64) as u32;
    let along = |outline: &Outline| {
        let corner = outline.polygon.bounding_rect().map(|r| r.min());
        corner.map_or(u64::MAX, |c| {
            let (col, row) = map.transform.to_pixel(c.x, c.y);
            spread(tile(col)) | spread(tile(row)) << 1
        })
    };
    let mut order: Vec<usize> = (0..outlines.len()).collect();
    order.sort_by_cached_key(|i| (along(&outlines[*i]), *i));
    order
}

/// Bytes of tiles a raster holds while roofs are cut out of it.
pub(super) fn held_bytes(map: &Map) -> usize {
    let tiles = HELD_TILES + 2 * rayon::current_num_threads();
    tiles * map.tile_px.pow(2) * size_of::<f32>()
}

/// Bits of a number with a free one above each.
fn spread(number: u32) -> u64 {
    let mut bits = u64::from(number);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_rows_take_turns() {
        // 5 = 101 → 10001, 3 = 011 → 00101.
        assert_eq!((spread(5), spread(3)), (0b1_0001, 0b101));
        assert_eq!(spread(u32::MAX), 0x5555_5555_5555_5555);
    }
}
