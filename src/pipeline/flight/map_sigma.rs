//! `uncertainty.tif`: how well the temperature of each cell is known beside the others.

use super::map_files::Making;
use crate::mosaic::{MosaicTile, NO_FRAME, Source, TilePlan};
use crate::orient::OrientedFrame;
use crate::raster::Grid;
use crate::rectify::Target;

/// Side of the squares over which the uncertainty of a frame's level is taken as one, cells.
const SQUARE: usize = 16;

impl Making<'_> {
    /// 1σ of each cell's relative temperature: the noise of a view, the level of its frame there
    /// (georeferencing.md §9.7), and the slope of the temperature times how far the frame is misplaced.
    pub(super) fn sigma(&self, tile: &TilePlan, made: &MosaicTile, target: &Target) -> Grid<f32> {
        let (width, height) = (target.width, target.height);
        let mut out = Grid::filled(width, height, f32::NAN);
        let place_of = |index: u32| {
            let mut places = tile.sources.iter().copied();
            places.find(|p| self.sources[*p].index() == index as usize)
        };
        let placed_per_k = self.misplaced_m / (2.0 * target.transform.dx);
        let noise_k2 = self.cell_noise_k().powi(2);
        let mut steps_k2 = vec![0.0; width];
        // What is the same of all cells of a frame in a square: noise and level, K².
        let mut known: Vec<Vec<(u32, f64)>> = vec![Vec::new(); width.div_ceil(SQUARE)];
        for row in 0..height {
            if row % SQUARE == 0 {
                known.iter_mut().for_each(Vec::clear);
            }
            squared_steps(&made.kelvin, row, &mut steps_k2);
            let start = row * width;
            let cells = out.data_mut()[start..start + width].chunks_mut(SQUARE);
            let frames = made.frame.row(row).chunks(SQUARE);
            let squares = cells.zip(frames).zip(steps_k2.chunks(SQUARE)).enumerate();
            for (square, ((cells, frames), steps_k2)) in squares {
                let known = &mut known[square];
                let even_k2 = |index: u32| {
                    if let Some((_, even)) = known.iter().find(|(i, _)| *i == index) {
                        return *even;
                    }
                    let top = row - row % SQUARE;
                    let (left, bottom) = (square * SQUARE, (top + SQUARE).min(height));
                    let right = (left + SQUARE).min(width);
                    let middle = target
                        .transform
                        .to_map((left + right) as f64 / 2.0, (top + bottom) as f64 / 2.0);
                    let level_k = place_of(index).map_or(f64::NAN, |p| self.level_k(p, middle));
                    let even = noise_k2 + level_k.powi(2);
                    known.push((index, even));
                    even
                };
                sum_up(cells, frames, steps_k2, placed_per_k.powi(2), even_k2);
            }
        }
        out
    }

    /// Noise of a cell of the best view, 1σ, kelvin. Between four pixels, at any place among them, it
    /// is two thirds of a pixel's: ∫(a² + (1 − a)²) da = 2/3 in each direction, for the variance.
    /// Cells of ready-made tiles are taken as they are.
    fn cell_noise_k(&self) -> f64 {
        let share = if self.tiles.is_empty() {
            2.0 / 3.0
        } else {
            1.0
        };
        (share * self.noise_k).hypot(self.left_k)
    }

    /// 1σ of a source's level at a map place, kelvin.
    fn level_k(&self, place: usize, (x, y): (f64, f64)) -> f64 {
        match &self.sources[place] {
            Source::Frame(frame) => {
                let [u, v] = pixel(frame, x, y);
                self.levelling.sigma_k(place, u, v)
            }
            Source::Tile { .. } => self.levelling.sigma_on_map_k(place, x, y),
        }
    }
}

/// The pixel in which a frame sees a place at its ground's height; its middle where it sees none.
fn pixel(frame: &OrientedFrame, x: f64, y: f64) -> [f64; 2] {
    let at = frame.pose.to_camera([x, y, frame.ground_z_m]);
    let (u, v) = frame
        .camera
        .project(at)
        .unwrap_or((frame.camera.cx_px, frame.camera.cy_px));
    [
        u.clamp(0.0, frame.camera.width as f64),
        v.clamp(0.0, frame.camera.height as f64),
    ]
}

/// 1σ of the cells of a row of a square; NaN without a frame. `even_k2` tells what all cells of a
/// frame have in common there, K².
fn sum_up(
    cells: &mut [f32],
    frames: &[u32],
    steps_k2: &[f64],
    placed: f64,
    mut even_k2: impl FnMut(u32) -> f64,
) {
    let mut last = (NO_FRAME, f64::NAN);
    for ((cell, index), step_k2) in cells.iter_mut().zip(frames).zip(steps_k2) {
        if *index != last.0 {
            last = match *index {
                NO_FRAME => (NO_FRAME, f64::NAN),
                index => (index, even_k2(index)),
            };
        }
        *cell = (last.1 + step_k2 * placed).sqrt() as f32;
    }
}

/// Squared change of temperature over two cells, both ways together, K²; one-sided at what is
/// missing.
fn squared_steps(kelvin: &Grid<f32>, row: usize, steps_k2: &mut [f64]) {
    let own = kelvin.row(row);
    let above = kelvin.row(row.saturating_sub(1));
    let below = kelvin.row((row + 1).min(kelvin.height() - 1));
    let vertical = |col: usize| {
        // At the first and last row what is missing is the row itself.
        let before = if row == 0 { f32::NAN } else { above[col] };
        let after = if row + 1 == kelvin.height() {
            f32::NAN
        } else {
            below[col]
        };
        step(before, own[col], after)
    };
    let last = own.len() - 1;
    for (col, sum) in steps_k2.iter_mut().enumerate() {
        let before = if col == 0 { f32::NAN } else { own[col - 1] };
        let after = if col == last { f32::NAN } else { own[col + 1] };
        let along = step(before, own[col], after);
        *sum = along * along + vertical(col).powi(2);
    }
}

/// Change over two cells; one that is missing is thought to go on as the other does.
#[inline]
fn step(before: f32, own: f32, after: f32) -> f64 {
    let from = match (before.is_finite(), after.is_finite()) {
        (true, _) => before,
        (false, true) => 2.0 * own - after,
        (false, false) => own,
    };
    let to = match (after.is_finite(), before.is_finite()) {
        (true, _) => after,
        (false, true) => 2.0 * own - before,
        (false, false) => own,
    };
    f64::from(to - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_both_neighbours_or_twice_that_of_one() {
        let nan = f32::NAN;
        let cells = vec![
            280.0, 281.0, 283.0, nan, //
            280.0, 282.0, nan, 280.0, //
            281.0, 285.0, 290.0, nan,
        ];
        let kelvin = Grid::from_vec(4, 3, cells).expect("4 × 3");
        let mut steps = vec![0.0; 4];
        squared_steps(&kelvin, 1, &mut steps);
        // 2 · (282 − 280) and 281 − 280; 2 · (282 − 280) and 285 − 281; nothing around.
        assert_eq!((steps[0], steps[1], steps[3]), (17.0, 32.0, 0.0));
        squared_steps(&kelvin, 0, &mut steps);
        // 2 · 1 and 2 · 0; 283 − 280 and 2 · 1.
        assert_eq!((steps[0], steps[1]), (4.0, 13.0));
    }
}
