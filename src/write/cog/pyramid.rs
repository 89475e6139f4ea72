//! Overviews: each cell stands for 2 × 2 cells of the level below.
//!
//! Measured values are averaged over the valid cells of the four; whole numbers (counts, row
//! numbers of frames) take the first valid one in reading order, because the mean of two frame
//! numbers is a third frame.

use crate::raster::{Grid, Window};

/// How four cells become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Mean,
    First,
}

/// Halves the `width` × `height` cells in the north-west of a square tile; odd edges are made
/// of the cells there are.
pub(super) fn halve(
    cells: &[f32],
    tile_px: usize,
    width: usize,
    height: usize,
    rule: Rule,
) -> Grid<f32> {
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut data = Vec::with_capacity(half_width * half_height);
    // Beyond `width` and `height` the tile is NaN and its edge is even: no cell is special.
    for rows in cells.chunks_exact(2 * tile_px).take(half_height) {
        let (upper, lower) = rows.split_at(tile_px);
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        data.extend(pairs.take(half_width).map(|(u, l)| {
            let four = [u[0], u[1], l[0], l[1]];
            match rule {
                Rule::Mean => valid_mean(four),
                Rule::First => first_valid(four),
            }
        }));
    }
    Grid::from_vec(half_width, half_height, data).unwrap_or_else(|| Grid::filled(0, 0, f32::NAN))
}

#[inline]
fn valid_mean(four: [f32; 4]) -> f32 {
    let mut sum = 0.0_f64;
    let mut count = 0.0_f64;
    for value in four {
        let valid = !value.is_nan();
        sum += if valid { f64::from(value) } else { 0.0 };
        count += f64::from(u8::from(valid));
    }
    // 0/0 is NaN: nothing valid, nothing known.
    (sum / count) as f32
}

#[inline]
fn first_valid(four: [f32; 4]) -> f32 {
    four.into_iter().find(|v| !v.is_nan()).unwrap_or(f32::NAN)
}

/// One row of tiles of an overview, filled from the halves of the level below.
#[derive(Debug)]
pub(super) struct Band {
    cells: Grid<f32>,
    tile_px: usize,
    width: usize,
    height: usize,
}

impl Band {
    /// For a level of `width` × `height` cells.
    pub(super) fn new(width: usize, height: usize, tile_px: usize) -> Self {
        Self {
            cells: Grid::filled(width, tile_px.min(height), f32::NAN),
            tile_px,
            width,
            height,
        }
    }

    /// Takes the half of the tile (`col`, `row`) of the level below. Returns the tile of this
    /// level that is complete with it, if any.
    pub(super) fn put(
        &mut self,
        col: usize,
        row: usize,
        half: &Grid<f32>,
        last: (bool, bool),
    ) -> Option<Grid<f32>> {
        let (x, y) = (col * self.tile_px / 2, (row % 2) * self.tile_px / 2);
        for line in 0..half.height() {
            let at = (y + line) * self.width + x;
            self.cells.data_mut()[at..at + half.width()].copy_from_slice(half.row(line));
        }
        let complete = (col % 2 == 1 || last.0) && (row % 2 == 1 || last.1);
        complete.then(|| {
            let (col, row) = (col / 2 * self.tile_px, row / 2 * self.tile_px);
            self.cells.crop(Window {
                col,
                row: 0,
                width: self.tile_px.min(self.width - col),
                height: self.tile_px.min(self.height - row),
            })
        })
    }
}

/// Widths and heights of all levels, full resolution first, until one tile holds everything.
pub(super) fn levels(width: usize, height: usize, tile_px: usize) -> Vec<(usize, usize)> {
    let mut sizes = vec![(width, height)];
    let (mut width, mut height) = (width, height);
    while width > tile_px || height > tile_px {
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
        sizes.push((width, height));
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: f32 = f32::NAN;

    #[rustfmt::skip]
    const TILE: [f32; 16] = [
        1.0, 2.0, 5.0, N,
        3.0, 4.0, N,   N,
        7.0, 9.0, N,   N,
        N,   N,   N,   N,
    ];

    #[test]
    fn the_mean_leaves_missing_cells_out() {
        let half = halve(&TILE, 4, 4, 3, Rule::Mean);
        assert_eq!(half.data()[..3], [2.5, 5.0, 8.0]);
        assert!(half.data()[3].is_nan());
    }

    #[test]
    fn an_odd_edge_is_made_of_the_cells_there_are() {
        let half = halve(&TILE, 4, 3, 1, Rule::Mean);
        assert_eq!((half.width(), half.height()), (2, 1));
    }

    #[test]
    fn whole_numbers_are_picked_not_averaged() {
        assert_eq!(
            halve(&TILE, 4, 4, 4, Rule::First).data()[..3],
            [1.0, 5.0, 7.0]
        );
    }

    #[test]
    fn levels_end_when_one_tile_holds_everything() {
        assert_eq!(levels(512, 300, 512), [(512, 300)]);
        assert_eq!(levels(1025, 3, 512), [(1025, 3), (513, 2), (257, 1)]);
    }

    #[test]
    fn a_tile_is_complete_with_its_last_quarter() {
        let mut band = Band::new(3, 3, 2);
        let quarter = |v: f32| Grid::filled(1, 1, v);
        assert!(band.put(0, 0, &quarter(1.0), (false, false)).is_none());
        assert!(band.put(1, 0, &quarter(2.0), (false, false)).is_none());
        assert!(band.put(2, 0, &quarter(3.0), (true, false)).is_none());
        assert!(band.put(0, 1, &quarter(4.0), (false, false)).is_none());
        let whole = band.put(1, 1, &quarter(5.0), (false, false));
        assert_eq!(whole.expect("complete").data(), [1.0, 2.0, 4.0, 5.0]);
        let edge = band.put(2, 1, &quarter(6.0), (true, false));
        assert_eq!(edge.expect("complete").data(), [3.0, 6.0]);
        band.put(0, 2, &quarter(7.0), (false, true));
        let below = band.put(1, 2, &quarter(8.0), (false, true));
        assert_eq!(below.expect("complete").data(), [7.0, 8.0]);
    }
}
