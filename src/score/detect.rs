//! Warm and cold objects on a roof (scoring.md §10).
//!
//! In: temperatures and which cells are judged. Out: objects as sets of cells, with the residual
//! they stand out by.
//!
//! 1. *Broad pass*, on cells of half a metre: what is warmer than the median of
//!    a window six times as wide. A patch wider than half the background window would be its own
//!    background; found here first, it is masked.
//! 2. Residual = temperature − median of the window over cells not masked; objects; the same
//!    once more without them.
//! 3. Seeds (single cells) grow to the growth limit; areas whose mean stands out grow to half
//!    that mean. Inner cells and the band along the outline grow apart, so that a warm rim does
//!    not swallow the field; a small rim piece that touches a larger inner object joins it.

use super::Options;
use super::background::{Medians, medians, robust_spread};
use crate::raster::Grid;

/// Cells judged on a roof, by zone. Objects never cross zones.
pub(super) const OUTSIDE: u16 = 0;
/// A zone of inner cells is odd, the band along its edge the even number after it.
pub(super) const INNER: u16 = 1;
/// The band along the outline of [`INNER`].
pub(super) const EDGE: u16 = 2;

/// Width of the broad window in background windows.
const BROAD: f64 = 6.0;
/// Least cell of the broad pass, in parts of the background window.
const BROAD_CELL: f64 = 10.0;
/// Least mean residual of a broad area, K.
const BROAD_SEED_K: f32 = 0.8;

/// What was found on a roof.
pub(super) struct Detection {
    /// Temperature − background, K; NaN where not judged.
    pub residual: Grid<f32>,
    /// σ of the residual, K.
    pub sigma_k: f32,
    /// Warm objects, each a list of cell indices.
    pub hot: Vec<Vec<u32>>,
    /// Cold objects.
    pub cold: Vec<Vec<u32>>,
}

/// Cell sizes and noise of the roof.
pub(super) struct Scale {
    /// Cell size, metres.
    pub cell_m: f64,
    /// Noise of a cell, NEDT / √overlap, K.
    pub noise_k: f64,
}

/// Objects of a roof. `zone` has the shape of `celsius`; cells that are not finite are not
/// judged. `None` when no inner cell is.
pub(super) fn detect(
    celsius: &Grid<f32>,
    zone: &Grid<u16>,
    scale: &Scale,
    options: &Options,
) -> Option<Detection> {
    let inner = inner_only(celsius, zone);
    let (median, _) = robust_spread(
        sampled(inner.data().iter()).copied(),
        celsius_origin(&inner)?,
    )?;
    let window = ((options.background_m / scale.cell_m).round() as usize).max(5);
    let broad = Broad::new(&inner, median, scale, options);
    let mut masked = broad.mask(&inner);
    let mut found = None;
    for pass in 0..2 {
        let mut local = medians(&inner, median, window, |i| masked[i]);
        local.fill(Some((&broad.clean, broad.step)), median);
        let detection = objects(celsius, zone, &local, scale, options)?;
        let again = pass == 0 && !(detection.hot.is_empty() && detection.cold.is_empty());
        if again {
            for cell in detection.hot.iter().chain(&detection.cold).flatten() {
                masked[*cell as usize] = true;
            }
        }
        found = Some(detection);
        if !again {
            break;
        }
    }
    found
}

/// Every k-th cell of a large roof, k odd so as not to follow columns: twenty thousand cells give
/// the spread to one percent.
fn sampled<I: ExactSizeIterator>(cells: I) -> std::iter::StepBy<I> {
    let step = (cells.len() / 20_000).max(1) | 1;
    cells.step_by(step)
}

/// Temperatures of inner cells, NaN elsewhere.
fn inner_only(celsius: &Grid<f32>, zone: &Grid<u16>) -> Grid<f32> {
    let mut inner = celsius.clone();
    for (value, zone) in inner.data_mut().iter_mut().zip(zone.data()) {
        if zone % 2 == 0 {
            *value = f32::NAN;
        }
    }
    inner
}

/// A first value near the middle: the median of a thousand cells spread over the roof.
fn celsius_origin(inner: &Grid<f32>) -> Option<f32> {
    let finite = || inner.data().iter().copied().filter(|v| v.is_finite());
    let step = (finite().count() / 1000).max(1);
    let mut sample: Vec<f32> = finite().step_by(step).collect();
    if sample.is_empty() {
        return None;
    }
    let middle = sample.len() / 2;
    Some(*sample.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// The broad pass.
struct Broad {
    /// Means of `step` × `step` cells.
    coarse: Grid<f32>,
    step: usize,
    /// Objects of the coarse grid.
    cells: Vec<bool>,
    /// Background without them.
    clean: Medians,
}

impl Broad {
    fn new(inner: &Grid<f32>, median: f32, scale: &Scale, options: &Options) -> Self {
        let step = ((options.background_m / BROAD_CELL / scale.cell_m) as usize).max(1);
        let coarse = block_means(inner, step);
        let cell_m = scale.cell_m * step as f64;
        let window = ((BROAD * options.background_m / cell_m).round() as usize).max(5);
        let mut background = medians(&coarse, median, window, |_| false);
        background.fill(None, median);
        let residual = residual(&coarse, &background);
        let mut cells = vec![false; coarse.data().len()];
        if let Some((_, sigma)) = robust_spread(sampled(residual.data().iter()).copied(), 0.0) {
            let limit = (options.grow_sigma as f32 * sigma).max(BROAD_SEED_K);
            let side = area_side(cell_m, options);
            let zone = residual.map(|r| if r.is_finite() { INNER } else { OUTSIDE });
            let [warm, cold] = squares(&residual, &zone, side, limit);
            for (sign, squares) in [(1.0, warm), (-1.0, cold)] {
                let mut growth = Growth::new(&residual, &zone, sign);
                growth.areas(squares, side);
                for cell in growth.objects.iter().flatten() {
                    cells[*cell as usize] = true;
                }
            }
        }
        if cells.contains(&true) {
            background = medians(&coarse, median, window, |i| cells[i]);
            background.fill(None, median);
        }
        Self {
            coarse,
            step,
            cells,
            clean: background,
        }
    }

    /// The objects on the fine grid.
    fn mask(&self, inner: &Grid<f32>) -> Vec<bool> {
        let mut mask = vec![false; inner.data().len()];
        if self.cells.contains(&true) {
            for (i, cell) in mask.iter_mut().enumerate() {
                let (col, row) = (i % inner.width() / self.step, i / inner.width() / self.step);
                *cell = self.cells[row * self.coarse.width() + col];
            }
        }
        mask
    }
}

fn block_means(values: &Grid<f32>, step: usize) -> Grid<f32> {
    if step == 1 {
        return values.clone();
    }
    let (width, height) = (
        values.width().div_ceil(step),
        values.height().div_ceil(step),
    );
    let mut means = Grid::filled(width, height, f32::NAN);
    let mut sums = vec![(0.0_f32, 0.0_f32); width];
    for row in 0..height {
        sums.fill((0.0, 0.0));
        for y in row * step..((row + 1) * step).min(values.height()) {
            for (block, cells) in sums.iter_mut().zip(values.row(y).chunks(step)) {
                for value in cells {
                    let counts = value.is_finite();
                    block.0 += if counts { *value } else { 0.0 };
                    block.1 += if counts { 1.0 } else { 0.0 };
                }
            }
        }
        for (col, (sum, count)) in sums.iter().enumerate() {
            if *count > 0.0 {
                means.set(col, row, sum / count);
            }
        }
    }
    means
}

fn residual(values: &Grid<f32>, background: &Medians) -> Grid<f32> {
    let mut out = Grid::filled(values.width(), values.height(), f32::NAN);
    let width = values.width();
    for (row, line) in out.data_mut().chunks_exact_mut(width.max(1)).enumerate() {
        background.subtract_row(row, values.row(row), line);
    }
    out
}

/// Side of the square whose mean makes an area seed, cells: at least `area_seed_m2` and 9 cells.
fn area_side(cell_m: f64, options: &Options) -> usize {
    ((options.area_seed_m2.sqrt() / cell_m - 1e-9).ceil() as usize).max(3)
}

fn objects(
    celsius: &Grid<f32>,
    zone: &Grid<u16>,
    background: &Medians,
    scale: &Scale,
    options: &Options,
) -> Option<Detection> {
    let mut residual = residual(celsius, background);
    for (r, zone) in residual.data_mut().iter_mut().zip(zone.data()) {
        if *zone == OUTSIDE {
            *r = f32::NAN;
        }
    }
    let cells = residual.data().iter().zip(zone.data());
    let inner = sampled(cells).filter(|(_, zone)| **zone % 2 == 1);
    let inner = inner.map(|(r, _)| *r);
    let (_, spread) = robust_spread(inner, 0.0)?;
    let sigma_k = spread.max(scale.noise_k as f32).max(0.1);
    let seed = (options.seed_sigma as f32 * sigma_k).max(options.seed_k as f32);
    let grow = (options.grow_sigma as f32 * sigma_k).max(options.grow_k as f32);
    let area = (options.grow_sigma as f32 * sigma_k).max(options.area_seed_k as f32);
    let least_px = (options.min_object_m2 / (scale.cell_m * scale.cell_m) - 1e-9).ceil() as usize;
    let least_px = least_px.max(options.min_object_px);
    let side = area_side(scale.cell_m, options);
    let grown = |sign: f32, squares: Vec<Square>| {
        let mut growth = Growth::new(&residual, zone, sign);
        growth.seeds(seed, grow);
        growth.areas(squares, side);
        growth.join_rims();
        growth.objects.retain(|cells| cells.len() >= least_px);
        growth.objects
    };
    let [warm, cold] = squares(&residual, zone, side, area);
    let (hot, cold) = (grown(1.0, warm), grown(-1.0, cold));
    Some(Detection {
        residual,
        sigma_k,
        hot,
        cold,
    })
}

/// A square of cells whose mean stands out.
pub(super) struct Square {
    /// Its mean residual, positive for both signs, K.
    mean: f32,
    /// Index of its north-west cell.
    corner: u32,
}

/// Warm and cold squares of `side` cells over the limit; only inner cells count, and three
/// quarters of a square must be such. Sums run along rows and columns: the cost does not depend
/// on the side.
fn squares(residual: &Grid<f32>, zone: &Grid<u16>, side: usize, limit: f32) -> [Vec<Square>; 2] {
    let (width, height) = (residual.width(), residual.height());
    let [mut warm, mut cold] = [Vec::new(), Vec::new()];
    if width < side || height < side {
        return [warm, cold];
    }
    let least = (side * side * 3).div_ceil(4) as f32;
    let add_row = |columns: &mut [(f32, f32)], row: usize, factor: f32| {
        let cells = residual.row(row).iter().zip(zone.row(row));
        for (column, (value, zone)) in columns.iter_mut().zip(cells) {
            let counts = zone % 2 == 1 && value.is_finite();
            column.0 += if counts { factor * value } else { 0.0 };
            column.1 += if counts { factor } else { 0.0 };
        }
    };
    // Sums of the last `side` rows per column: (value, count).
    let mut columns = vec![(0.0_f32, 0.0_f32); width];
    for row in 0..height {
        if row % 64 == 0 {
            // Every so often from scratch, lest the rounding of f32 sums adds up.
            columns.fill((0.0, 0.0));
            for y in (row + 1).saturating_sub(side)..row {
                add_row(&mut columns, y, 1.0);
            }
        } else if row >= side {
            add_row(&mut columns, row - side, -1.0);
        }
        add_row(&mut columns, row, 1.0);
        if row + 1 < side {
            continue;
        }
        let (mut sum, mut count) = (0.0_f32, 0.0_f32);
        for column in &columns[..side - 1] {
            sum += column.0;
            count += column.1;
        }
        for (col, ends) in columns.windows(side).enumerate() {
            sum += ends[side - 1].0;
            count += ends[side - 1].1;
            if count >= least && sum.abs() > limit * count {
                let square = Square {
                    mean: sum.abs() / count,
                    corner: ((row + 1 - side) * width + col) as u32,
                };
                let list = if sum > 0.0 { &mut warm } else { &mut cold };
                list.push(square);
            }
            sum -= ends[0].0;
            count -= ends[0].1;
        }
    }
    [warm, cold]
}

/// Region growing over the residual of one sign.
pub(super) struct Growth<'a> {
    residual: &'a Grid<f32>,
    zone: &'a Grid<u16>,
    sign: f32,
    /// Number of the object a cell belongs to, from 1; 0 for none.
    labels: Vec<u32>,
    /// Cells of the objects found.
    pub objects: Vec<Vec<u32>>,
}

impl<'a> Growth<'a> {
    pub(super) fn new(residual: &'a Grid<f32>, zone: &'a Grid<u16>, sign: f32) -> Self {
        Self {
            residual,
            zone,
            sign,
            labels: vec![0; residual.data().len()],
            objects: Vec::new(),
        }
    }

    /// Objects around cells over `seed`, 8-connected over cells above `grow` of the same zone.
    pub(super) fn seeds(&mut self, seed: f32, grow: f32) {
        for index in 0..self.labels.len() {
            if self.labels[index] == 0 && self.sign * self.residual.data()[index] > seed {
                self.flood(vec![index as u32], grow);
            }
        }
    }

    /// Objects around squares of `side` cells whose mean stands out, grown to half that mean; the
    /// strongest square first, squares touching an object not at all.
    pub(super) fn areas(&mut self, mut squares: Vec<Square>, side: usize) {
        squares.sort_by(|a, b| b.mean.total_cmp(&a.mean).then(a.corner.cmp(&b.corner)));
        let width = self.residual.width();
        for Square { mean, corner } in squares {
            let cells = || (0..side).flat_map(|row| (0..side).map(move |col| row * width + col));
            let cells = || cells().map(|offset| corner as usize + offset);
            if cells().any(|cell| self.labels[cell] != 0) {
                continue;
            }
            let level = 0.5 * mean;
            let warm = cells().filter(|cell| {
                self.zone.data()[*cell] % 2 == 1 && self.sign * self.residual.data()[*cell] > level
            });
            let warm: Vec<u32> = warm.map(|cell| cell as u32).collect();
            if !warm.is_empty() {
                self.flood(warm, level);
            }
        }
    }

    /// Starts an object from cells of one zone and grows it.
    fn flood(&mut self, start: Vec<u32>, level: f32) {
        let label = self.objects.len() as u32 + 1;
        let (width, height) = (
            self.residual.width() as isize,
            self.residual.height() as isize,
        );
        for cell in &start {
            self.labels[*cell as usize] = label;
        }
        let mut cells = start;
        let mut next = 0;
        while next < cells.len() {
            let at = cells[next] as isize;
            next += 1;
            let zone = self.zone.data()[at as usize];
            for (dx, dy) in NEIGHBOURS {
                let (x, y) = (at % width + dx, at / width + dy);
                if x < 0 || y < 0 || x >= width || y >= height {
                    continue;
                }
                let index = (y * width + x) as usize;
                if self.labels[index] == 0
                    && self.zone.data()[index] == zone
                    && self.sign * self.residual.data()[index] > level
                {
                    self.labels[index] = label;
                    cells.push(index as u32);
                }
            }
        }
        self.objects.push(cells);
    }

    /// Joins an object of the edge band to the largest inner object it touches, when that is at
    /// least as large.
    fn join_rims(&mut self) {
        let width = self.residual.width() as isize;
        for rim in 0..self.objects.len() {
            let is_rim = |cells: &[u32]| {
                cells
                    .first()
                    .is_some_and(|c| self.zone.data()[*c as usize].is_multiple_of(2))
            };
            if !is_rim(&self.objects[rim]) {
                continue;
            }
            let mut best: Option<usize> = None;
            for cell in &self.objects[rim] {
                for (dx, dy) in NEIGHBOURS {
                    let (x, y) = (*cell as isize % width + dx, *cell as isize / width + dy);
                    if x < 0 || x >= width || y < 0 || y >= self.residual.height() as isize {
                        continue;
                    }
                    let label = self.labels[(y * width + x) as usize] as usize;
                    if label == 0 || label - 1 == rim || is_rim(&self.objects[label - 1]) {
                        continue;
                    }
                    let size = |object: usize| self.objects[object].len();
                    if best.is_none_or(|b| size(label - 1) > size(b)) {
                        best = Some(label - 1);
                    }
                }
            }
            if let Some(inner) = best
                && self.objects[inner].len() >= self.objects[rim].len()
            {
                let cells = std::mem::take(&mut self.objects[rim]);
                for cell in &cells {
                    self.labels[*cell as usize] = inner as u32 + 1;
                }
                self.objects[inner].extend(cells);
            }
        }
    }
}

const NEIGHBOURS: [(isize, isize); 8] = [
    (-1, -1),
    (0, -1),
    (1, -1),
    (-1, 0),
    (1, 0),
    (-1, 1),
    (0, 1),
    (1, 1),
];

#[cfg(test)]
mod tests {
    use super::super::vectors::{close, group};
    use super::*;

    #[test]
    fn the_printed_hysteresis_grid_has_two_objects() {
        // scoring.md §10.
        #[rustfmt::skip]
        let grid = Grid::from_vec(6, 5, vec![
            0.1, 0.2, 0.9, 0.8, 0.1, 0.0,
            0.2, 2.1, 1.8, 0.9, 0.1, 1.0,
            0.0, 0.9, 0.6, 0.2, 0.1, 0.9,
            0.1, 0.1, 0.2, 0.1, 1.7, 0.8,
            0.1, 0.0, 0.1, 0.2, 0.9, 0.3,
        ]).expect("6 × 5");
        let zone = Grid::filled(6, 5, INNER);
        let mut growth = Growth::new(&grid, &zone, 1.0);
        growth.seeds(1.5, 0.7);
        let found: Vec<(usize, f64)> = growth
            .objects
            .iter()
            .map(|o| {
                (
                    o.len(),
                    o.iter().map(|c| f64::from(grid.data()[*c as usize])).sum(),
                )
            })
            .collect();
        assert_eq!((found[0].0, found[1].0, found.len()), (6, 5, 2));
        // 11.5 W/m²K on 0.25 m² cells: 21.275 W and 15.2375 W.
        assert!(close(found[0].1 * 11.5 * 0.25, 21.275));
        assert!(close(found[1].1 * 11.5 * 0.25, 15.2375));
        if let Some(vector) = group("hysteresis") {
            for (object, expected) in found.iter().zip(vector["objects"].as_array().expect("two")) {
                assert_eq!(Some(object.0 as u64), expected["px"].as_u64());
                assert!(close(object.1, expected["sum"].as_f64().expect("a number")));
            }
        }
    }

    #[test]
    fn an_even_patch_of_one_kelvin_is_found_by_its_mean() {
        let mut grid = Grid::filled(40, 40, 0.0_f32);
        for row in 10..20 {
            for col in 12..24 {
                grid.set(col, row, 1.0);
            }
        }
        let zone = Grid::filled(40, 40, INNER);
        let mut growth = Growth::new(&grid, &zone, 1.0);
        growth.seeds(1.5, 0.7);
        assert!(growth.objects.is_empty());
        let [warm, cold] = squares(&grid, &zone, 4, 0.6);
        assert!(cold.is_empty());
        growth.areas(warm, 4);
        assert_eq!(growth.objects.len(), 1);
        assert_eq!(growth.objects[0].len(), 120);
    }

    #[test]
    fn a_rim_stays_apart_from_the_field_unless_it_is_the_smaller_piece() {
        // Columns 0–1 are the edge band. A rim of 10 rows touches a field object of 12 cells on
        // 3 of them; another rim of 2 cells touches it too.
        let mut zone = Grid::filled(8, 12, INNER);
        let mut grid = Grid::filled(8, 12, 0.0_f32);
        for row in 0..12 {
            zone.set(0, row, EDGE);
            zone.set(1, row, EDGE);
            grid.set(0, row, 2.0);
            grid.set(1, row, 2.0);
        }
        for row in 4..7 {
            for col in 2..6 {
                grid.set(col, row, 3.0);
            }
        }
        let mut growth = Growth::new(&grid, &zone, 1.0);
        growth.seeds(1.5, 0.7);
        growth.join_rims();
        let mut sizes: Vec<usize> = growth.objects.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [12, 24]);
        for row in (0..4).chain(7..12) {
            grid.set(0, row, 0.0);
            grid.set(1, row, 0.0);
        }
        let mut growth = Growth::new(&grid, &zone, 1.0);
        growth.seeds(1.5, 0.7);
        growth.join_rims();
        growth.objects.retain(|o| !o.is_empty());
        assert_eq!(growth.objects.len(), 1);
        assert_eq!(growth.objects[0].len(), 18);
    }
}
