//! Backgrounds of the faces of a roof: none ever sees another's cells.

use super::Options;
use super::background::{Codes, Medians, medians, robust_spread, sampled};
use super::broad::Broad;
use super::detect::Scale;
use super::zones::Zones;
use crate::raster::{Grid, Window};

/// The faces that have cells.
pub(super) struct Backgrounds {
    faces: Vec<Face>,
}

/// One face, cut out.
struct Face {
    number: u16,
    window: Window,
    /// Inner cells that take part in the background. Of a face too narrow for any, those of its edge
    /// band.
    codes: Codes,
    median: f32,
    broad: Broad,
    local: Option<Medians>,
    /// Cells that took part in it and do no more.
    left_out: Vec<(usize, usize)>,
}

impl Backgrounds {
    /// Cuts the faces out; `None` when no cell is judged.
    pub(super) fn new(
        celsius: &Grid<f32>,
        zones: &Zones,
        scale: &Scale,
        options: &Options,
    ) -> Option<Self> {
        let faces: Vec<Face> = windows(zones)
            .into_iter()
            .filter_map(|(number, window)| {
                Face::new(number, window, celsius, zones, scale, options)
            })
            .collect();
        (!faces.is_empty()).then_some(Self { faces })
    }

    /// Takes cells of objects off all backgrounds to come.
    pub(super) fn mask(&mut self, cells: impl Iterator<Item = u32>, width: usize) {
        for cell in cells {
            let (col, row) = (cell as usize % width, cell as usize / width);
            for face in &mut self.faces {
                if let Some((col, row)) = face.within(col, row)
                    && face.codes.leave_out(col, row)
                {
                    face.left_out.push((col, row));
                }
            }
        }
    }

    /// Temperature − background over a window of `window` cells; NaN where not judged. Beside a
    /// border the background is whatever lies between those of the two faces.
    pub(super) fn residual(
        &mut self,
        celsius: &Grid<f32>,
        zones: &Zones,
        window: usize,
    ) -> Grid<f32> {
        let mut all = Grid::filled(celsius.width(), celsius.height(), f32::NAN);
        for face in &mut self.faces {
            let mut local = match face.local.take() {
                Some(mut local) => {
                    local.look_again(&face.codes, window, &face.left_out);
                    face.left_out.clear();
                    local
                }
                None => medians(&face.codes, window),
            };
            local.fill(Some((&face.broad.clean, face.broad.step)), face.median);
            face.paste(&local, celsius, zones, &mut all);
            face.local = Some(local);
        }
        let width = celsius.width();
        for (i, beside) in zones.beside.iter().enumerate() {
            if *beside == 0 || all.data()[i].is_nan() {
                continue;
            }
            let at = (i % width, i / width);
            let Some(other) = self.level(*beside, at) else {
                continue;
            };
            let value = celsius.data()[i];
            let own = value - all.data()[i];
            let (low, high) = (own.min(other), own.max(other));
            all.data_mut()[i] = value - value.clamp(low, high);
        }
        all
    }

    /// Background of a face at a cell, also beyond its own.
    fn level(&self, number: u16, (col, row): (usize, usize)) -> Option<f32> {
        let found = self.faces.binary_search_by_key(&number, |f| f.number).ok();
        let face = self.faces.get(found?)?;
        let (u, v) = (
            col as f32 + 0.5 - face.window.col as f32,
            row as f32 + 0.5 - face.window.row as f32,
        );
        let level = face.local.as_ref()?.at(u, v);
        level.is_finite().then_some(level)
    }
}

impl Face {
    fn new(
        number: u16,
        window: Window,
        celsius: &Grid<f32>,
        zones: &Zones,
        scale: &Scale,
        options: &Options,
    ) -> Option<Self> {
        let zone = zones.zone.crop(window);
        // Inner cells alone; for want of any, the edge band.
        let narrow = !zone.data().contains(&(2 * number - 1));
        let kept = 2 * number - u16::from(!narrow);
        let mut inner = celsius.crop(window);
        for (value, zone) in inner.data_mut().iter_mut().zip(zone.data()) {
            if *zone != kept {
                *value = f32::NAN;
            }
        }
        let (median, _) = robust_spread(
            sampled(inner.data().iter()).copied(),
            celsius_origin(&inner)?,
        )?;
        let broad = Broad::new(&inner, median, scale, options);
        let mut masked = broad.mask(&inner);
        if !zones.apart.is_empty() {
            let width = zones.zone.width();
            for (i, masked) in masked.iter_mut().enumerate() {
                let (col, row) = (i % window.width, i / window.width);
                let at = (window.row + row) * width + window.col + col;
                *masked |= zones.apart[at];
            }
        }
        Some(Self {
            number,
            window,
            codes: Codes::new(&inner, median, |i| masked[i]),
            median,
            broad,
            local: None,
            left_out: Vec::new(),
        })
    }

    /// Column and row within the face's window.
    fn within(&self, col: usize, row: usize) -> Option<(usize, usize)> {
        let (c, r) = (
            col.checked_sub(self.window.col)?,
            row.checked_sub(self.window.row)?,
        );
        (c < self.window.width && r < self.window.height).then_some((c, r))
    }

    /// Writes the residual of the face's own cells.
    fn paste(&self, local: &Medians, celsius: &Grid<f32>, zones: &Zones, all: &mut Grid<f32>) {
        let own = [2 * self.number - 1, 2 * self.number];
        let w = self.window;
        let cols = w.col..w.col + w.width;
        let mut line = vec![f32::NAN; w.width];
        for row in 0..w.height {
            let at = w.row + row;
            local.subtract_row(row, &celsius.row(at)[cols.clone()], &mut line);
            let start = at * all.width() + w.col;
            let cells = all.data_mut()[start..start + w.width].iter_mut();
            let zones = &zones.zone.row(at)[cols.clone()];
            for ((cell, value), zone) in cells.zip(&line).zip(zones) {
                if own.contains(zone) {
                    *cell = *value;
                }
            }
        }
    }
}

/// The smallest window around each face that has judged cells, by number.
fn windows(zones: &Zones) -> Vec<(u16, Window)> {
    let zone = &zones.zone;
    if zones.faces <= 1 {
        let whole = Window {
            col: 0,
            row: 0,
            width: zone.width(),
            height: zone.height(),
        };
        return vec![(1, whole)];
    }
    let mut bounds: Vec<Option<[usize; 4]>> = vec![None; usize::from(zones.faces)];
    for row in 0..zone.height() {
        for (col, zone) in zone.row(row).iter().enumerate() {
            let Some(index) = usize::from(zone.div_ceil(2)).checked_sub(1) else {
                continue;
            };
            if let Some(found) = bounds.get_mut(index) {
                let [west, north, east, south] = found.unwrap_or([col, row, col, row]);
                *found = Some([west.min(col), north.min(row), east.max(col), south.max(row)]);
            }
        }
    }
    let numbered = (1_u16..).zip(bounds);
    numbered
        .filter_map(|(number, found)| {
            let [west, north, east, south] = found?;
            let window = Window {
                col: west,
                row: north,
                width: east + 1 - west,
                height: south + 1 - north,
            };
            Some((number, window))
        })
        .collect()
}

/// A first value near the middle: the median of a thousand cells spread over the face.
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
