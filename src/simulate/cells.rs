//! Which buildings and vehicles are near a place: a coarse grid of lists, so that a ray asks few.

use super::park::{Park, SURROUNDINGS_M};
use super::shape::Rect;

const CELL_M: f64 = 12.0;

/// Lists of what is near each cell of the park.
pub(super) struct Cells {
    corner: [f64; 2],
    columns: usize,
    rows: usize,
    buildings: Vec<Vec<u32>>,
    vehicles: Vec<Vec<u32>>,
}

impl Cells {
    pub(super) fn new(park: &Park) -> Self {
        let size = park.layout.size();
        let margin = SURROUNDINGS_M;
        let columns = ((size[0] + 2.0 * margin) / CELL_M).ceil() as usize;
        let rows = ((size[1] + 2.0 * margin) / CELL_M).ceil() as usize;
        Self {
            corner: [-margin, -margin],
            columns,
            rows,
            buildings: vec![Vec::new(); columns * rows],
            vehicles: vec![Vec::new(); columns * rows],
        }
    }

    pub(super) fn add_building(&mut self, area: &Rect, index: u32) {
        for cell in self.touched(area) {
            self.buildings[cell].push(index);
        }
    }

    pub(super) fn add_vehicle(&mut self, area: &Rect, index: u32) {
        for cell in self.touched(area) {
            self.vehicles[cell].push(index);
        }
    }

    fn touched(&self, area: &Rect) -> Vec<usize> {
        let index = |value: f64, corner: f64, count: usize| {
            (((value - corner) / CELL_M).max(0.0) as usize).min(count - 1)
        };
        let columns = index(area.u0, self.corner[0], self.columns)
            ..=index(area.u1, self.corner[0], self.columns);
        let rows =
            index(area.v0, self.corner[1], self.rows)..=index(area.v1, self.corner[1], self.rows);
        rows.flat_map(|row| columns.clone().map(move |column| (row, column)))
            .map(|(row, column)| row * self.columns + column)
            .collect()
    }

    fn cell(&self, s: f64, t: f64) -> Option<usize> {
        let column = (s - self.corner[0]) / CELL_M;
        let row = (t - self.corner[1]) / CELL_M;
        let inside =
            column >= 0.0 && row >= 0.0 && column < self.columns as f64 && row < self.rows as f64;
        inside.then(|| row as usize * self.columns + column as usize)
    }

    pub(super) fn buildings_at(&self, s: f64, t: f64) -> &[u32] {
        self.cell(s, t).map_or(&[], |cell| &self.buildings[cell])
    }

    pub(super) fn vehicles_at(&self, s: f64, t: f64) -> &[u32] {
        self.cell(s, t).map_or(&[], |cell| &self.vehicles[cell])
    }
}
