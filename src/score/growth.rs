//! Objects grown from seeds and from areas over the residual of a roof (scoring.md §10.3).
//!
//! Inner cells and the band along an edge grow apart, and so do the faces of a roof: an object
//! never leaves its zone. A small piece in an edge band that touches a larger object of its own
//! face joins it.

use crate::raster::Grid;
use std::collections::BTreeMap;

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
pub(super) fn squares(
    residual: &Grid<f32>,
    zone: &Grid<u16>,
    side: usize,
    limit: f32,
) -> [Vec<Square>; 2] {
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

/// Warm and cold cells over `seed`, in order.
pub(super) fn seeds(residual: &Grid<f32>, seed: f32) -> [Vec<u32>; 2] {
    let [mut warm, mut cold] = [Vec::new(), Vec::new()];
    for (index, value) in residual.data().iter().enumerate() {
        if value.abs() > seed {
            let list = if *value > 0.0 { &mut warm } else { &mut cold };
            list.push(index as u32);
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

    /// Objects around cells of [`seeds`], 8-connected over cells above `grow` of the same zone.
    pub(super) fn seeds(&mut self, seeds: &[u32], grow: f32) {
        for index in seeds {
            if self.labels[*index as usize] == 0 {
                self.flood(vec![*index], grow);
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

    /// Joins an object of the edge band to the largest inner object of its face that it touches,
    /// when that is at least as large.
    pub(super) fn join_rims(&mut self) {
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
                    let own_face = |cells: &[u32]| {
                        cells.first().is_some_and(|c| {
                            self.zone.data()[*c as usize] + 1 == self.zone.data()[*cell as usize]
                        })
                    };
                    if label == 0 || label - 1 == rim || !own_face(&self.objects[label - 1]) {
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

impl Growth<'_> {
    /// Joins objects of different planes that touch along their border: a fault does not end at a
    /// ridge. `planes` is the number of faces that are planes; a corner that touches joins none.
    pub(super) fn join_planes(&mut self, planes: u16) {
        if planes < 2 || self.objects.len() < 2 {
            return;
        }
        let (width, height) = (self.zone.width(), self.zone.height());
        let face = |i: usize| self.zone.data()[i].div_ceil(2);
        // Cells with which one object touches another.
        let mut contacts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        for i in 0..self.labels.len() {
            let (col, row) = (i % width, i / width);
            let next = [
                (col + 1 < width).then_some(i + 1),
                (row + 1 < height).then_some(i + width),
            ];
            for near in next.into_iter().flatten() {
                let (a, b) = (self.labels[i], self.labels[near]);
                let (one, other) = (face(i), face(near));
                if a != 0 && b != 0 && a != b && one != other && one.max(other) <= planes {
                    *contacts.entry((a.min(b), a.max(b))).or_default() += 1;
                }
            }
        }
        for ((a, b), length) in contacts {
            let smaller = self.objects[a as usize - 1]
                .len()
                .min(self.objects[b as usize - 1].len());
            // Half the side of a square of the smaller one's size.
            if smaller == 0 || 4 * length * length < smaller || length < 2 {
                continue;
            }
            let cells = std::mem::take(&mut self.objects[b as usize - 1]);
            self.objects[a as usize - 1].extend(cells);
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
    use super::super::zones::{EDGE, INNER};
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
        growth.seeds(&seeds(&grid, 1.5)[0], 0.7);
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
        growth.seeds(&seeds(&grid, 1.5)[0], 0.7);
        assert!(growth.objects.is_empty());
        let [warm, cold] = squares(&grid, &zone, 4, 0.6);
        assert!(cold.is_empty());
        growth.areas(warm, 4);
        assert_eq!(growth.objects.len(), 1);
        assert_eq!(growth.objects[0].len(), 120);
    }

    #[test]
    fn a_patch_over_a_ridge_is_one_object_and_one_over_panels_is_two() {
        // Columns 0–5 are the first face, 6–11 the second.
        let mut zone = Grid::filled(12, 10, INNER);
        let mut grid = Grid::filled(12, 10, 0.0_f32);
        for row in 0..10 {
            for col in 6..12 {
                zone.set(col, row, INNER + 2);
            }
        }
        for row in 3..7 {
            for col in 3..9 {
                grid.set(col, row, 2.0);
            }
        }
        let sizes = |planes: u16| {
            let mut growth = Growth::new(&grid, &zone, 1.0);
            growth.seeds(&seeds(&grid, 1.5)[0], 0.7);
            growth.join_planes(planes);
            growth.objects.retain(|o| !o.is_empty());
            growth.objects.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(2), [24]);
        assert_eq!(sizes(1), [12, 12]);
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
        growth.seeds(&seeds(&grid, 1.5)[0], 0.7);
        growth.join_rims();
        let mut sizes: Vec<usize> = growth.objects.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [12, 24]);
        for row in (0..4).chain(7..12) {
            grid.set(0, row, 0.0);
            grid.set(1, row, 0.0);
        }
        let mut growth = Growth::new(&grid, &zone, 1.0);
        growth.seeds(&seeds(&grid, 1.5)[0], 0.7);
        growth.join_rims();
        growth.objects.retain(|o| !o.is_empty());
        assert_eq!(growth.objects.len(), 1);
        assert_eq!(growth.objects[0].len(), 18);
    }
}
