//! The roof's window as the other files see it: grids of one shape, NaN where nothing is known.

use super::{Heights, Options, PartsInput};
use crate::raster::Grid;

/// Share of a cell inside the outline from which it belongs to the roof.
const INSIDE: f32 = 0.5;

/// A roof's window.
pub(super) struct Frame<'a> {
    pub input: PartsInput<'a>,
    pub width: usize,
    pub height: usize,
    /// Mean side of a cell, metres.
    pub cell_m: f64,
    celsius: Option<&'a Grid<f32>>,
    surface: Option<&'a Grid<f32>>,
    terrain: Option<&'a Grid<f32>>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(input: &PartsInput<'a>) -> Self {
        let (width, height) = (input.roof.coverage.width(), input.roof.coverage.height());
        let fits = |g: &&Grid<f32>| (g.width(), g.height()) == (width, height);
        let cell_m = (input.roof.transform.dx * input.roof.transform.dy).sqrt();
        Self {
            input: *input,
            width,
            height,
            cell_m,
            celsius: Some(input.celsius).filter(fits),
            surface: input.surface.filter(fits),
            terrain: input.terrain.filter(fits),
        }
    }

    /// Number of cells.
    pub(super) fn cells(&self) -> usize {
        self.width * self.height
    }

    /// Whether a cell lies in the outline by more than half.
    #[inline]
    pub(super) fn inside(&self, i: usize) -> bool {
        self.input.roof.coverage.data()[i] > INSIDE
    }

    /// Distance from the outline, metres, capped (see `Roof::edge_m`).
    #[inline]
    pub(super) fn edge_m(&self, i: usize) -> f32 {
        self.input.roof.edge_m.data()[i]
    }

    /// Temperature, °C; NaN where not seen.
    #[inline]
    pub(super) fn celsius(&self, i: usize) -> f32 {
        self.celsius.map_or(f32::NAN, |g| g.data()[i])
    }

    /// Height of the surface, metres; NaN where unknown.
    #[inline]
    pub(super) fn surface(&self, i: usize) -> f32 {
        self.surface.map_or(f32::NAN, |g| g.data()[i])
    }

    /// Height over the terrain, metres; NaN where unknown.
    #[inline]
    pub(super) fn over_ground(&self, i: usize) -> f32 {
        self.surface(i) - self.terrain.map_or(f32::NAN, |g| g.data()[i])
    }

    /// Pixel position from which planes count: the window's middle.
    pub(super) fn middle(&self) -> (f64, f64) {
        (0.5 * self.width as f64, 0.5 * self.height as f64)
    }

    /// Position of a cell's centre from the middle, cells.
    #[inline]
    pub(super) fn place(&self, i: usize) -> (f64, f64) {
        let (col, row) = (i % self.width, i / self.width);
        let (u, v) = self.middle();
        (col as f64 + 0.5 - u, row as f64 + 0.5 - v)
    }

    /// The up to four cells beside a cell, in a fixed order.
    pub(super) fn beside(&self, i: usize) -> impl Iterator<Item = usize> + use<> {
        let (width, height) = (self.width, self.height);
        let (col, row) = (i % width, i / width);
        [
            (row > 0).then(|| i - width),
            (col > 0).then(|| i.wrapping_sub(1)),
            (col + 1 < width).then_some(i + 1),
            (row + 1 < height).then_some(i + width),
        ]
        .into_iter()
        .flatten()
    }

    /// What the surface model can be used for: the median over the terrain inside the outline
    /// must be a building's, over at least half of it.
    pub(super) fn judge(&self, options: &Options) -> Heights {
        if self.surface.is_none() || self.input.surface_cell_m > options.max_surface_cell_m {
            return Heights::Absent;
        }
        let (mut inside, mut known, mut low, mut told) = (0_usize, 0_usize, 0_usize, 0_usize);
        for i in (0..self.cells()).filter(|i| self.inside(*i)) {
            inside += 1;
            known += usize::from(self.surface(i).is_finite());
            let over = self.over_ground(i);
            told += usize::from(over.is_finite());
            low += usize::from(f64::from(over) < options.min_height_m);
        }
        if known * 2 < inside || known == 0 {
            Heights::Absent
        } else if told > 0 && low * 2 > told {
            Heights::Newer
        } else {
            Heights::Good
        }
    }
}
