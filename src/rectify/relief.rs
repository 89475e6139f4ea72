//! The surface as the line of sight meets it: heights between cell centres, walls as steps.

use super::{Options, Target};
use crate::raster::{Bounds, GeoGrid, Grid, Window};

/// Side of the larger squares of surface cells whose highest value is kept, metres: about the
/// step between what lines of sight can pass over at once and what must be looked at.
const COARSE_M: f64 = 1.0;

/// Steepest slope read as a slope: a rise of more than this many cell widths between
/// neighbouring cells is a wall. Roofs of business parks stay below 45° (1.4 over the diagonal).
const WALL_SLOPE: f64 = 2.0;

/// Smallest step that is a wall, metres: fine grids would otherwise turn noise into walls.
const WALL_MIN_M: f64 = 1.0;

/// A surface model, readable at any point.
///
/// A point has a height where the surface cell it lies in has one: bilinear between cell
/// centres with missing neighbours left out, except across walls, where it is the height of the
/// cell itself.
#[derive(Clone, Debug)]
pub struct Relief<'a> {
    surface: &'a GeoGrid<f32>,
    wall_step_m: f32,
    tops: Vec<Tops>,
    lowest_m: f64,
    highest_m: f64,
}

/// Upper bounds of the heights in squares of `side` surface cells.
#[derive(Clone, Debug)]
pub(super) struct Tops {
    /// Cells along a square's side.
    pub(super) side: usize,
    /// Highest surface in the square, metres; −∞ for none.
    pub(super) heights: Grid<f32>,
}

/// The four cell centres around a point.
#[derive(Clone, Copy)]
pub(super) struct Patch {
    col: f64,
    row: f64,
    nodes: [f32; 4],
    whole: bool,
    /// The four differ by more than a slope.
    pub(super) wall: bool,
}

impl Patch {
    /// Bilinear height, missing nodes left out; NaN without any.
    #[inline]
    pub(super) fn height(&self, u: f64, v: f64) -> f64 {
        let a = (u - 0.5 - self.col).clamp(0.0, 1.0);
        let b = (v - 0.5 - self.row).clamp(0.0, 1.0);
        let n = self.nodes.map(f64::from);
        if self.whole {
            let top = n[0] + a * (n[1] - n[0]);
            let bottom = n[2] + a * (n[3] - n[2]);
            return top + b * (bottom - top);
        }
        let weights = [(1.0 - a) * (1.0 - b), a * (1.0 - b), (1.0 - a) * b, a * b];
        let (mut sum, mut weight) = (0.0, 0.0);
        for (value, w) in n.into_iter().zip(weights) {
            if value.is_finite() {
                sum += w * value;
                weight += w;
            }
        }
        sum / weight
    }
}

impl<'a> Relief<'a> {
    /// Prepares a surface; heights in metres, NaN where unknown.
    pub fn new(surface: &'a GeoGrid<f32>, options: &Options) -> Self {
        let finite = || surface.grid.data().iter().filter(|h| h.is_finite());
        let cell_m = surface.transform.dx.max(surface.transform.dy);
        let wall_step_m = if options.sharp_walls {
            (WALL_SLOPE * cell_m).max(WALL_MIN_M) as f32
        } else {
            f32::INFINITY
        };
        let coarse = (COARSE_M / cell_m).round().clamp(1.0, 64.0) as usize;
        let mut relief = Self {
            surface,
            wall_step_m,
            tops: Vec::new(),
            lowest_m: f64::from(finite().copied().fold(f32::INFINITY, f32::min)),
            highest_m: f64::from(finite().copied().fold(f32::NEG_INFINITY, f32::max)),
        };
        let cells = Tops::of_cells(&relief);
        if coarse > 1 {
            relief.tops.push(cells.coarser(coarse));
        }
        relief.tops.push(cells);
        relief
    }

    /// The surface it reads.
    pub fn surface(&self) -> &GeoGrid<f32> {
        self.surface
    }

    /// Lowest height, metres; +∞ when there is none.
    pub fn lowest_m(&self) -> f64 {
        self.lowest_m
    }

    /// Highest height, metres; −∞ when there is none.
    pub fn highest_m(&self) -> f64 {
        self.highest_m
    }

    /// Height at a map point, metres; `None` outside or where the surface is unknown.
    pub fn height_m(&self, x: f64, y: f64) -> Option<f64> {
        let (u, v) = self.surface.transform.to_pixel(x, y);
        let height = self.height_px(u, v);
        height.is_finite().then_some(height)
    }

    /// The one height of all the surface, where that reaches under a target.
    fn plane_under(&self, target: &Target) -> Option<f32> {
        let grid = &self.surface.grid;
        let first = grid.data().first().copied().filter(|h| h.is_finite())?;
        let around = self.surface.transform.bounds(grid.width(), grid.height());
        let needed = target.bounds();
        let reaches = around.x_min <= needed.x_min
            && around.y_min <= needed.y_min
            && around.x_max >= needed.x_max
            && around.y_max >= needed.y_max;
        (reaches && grid.data().iter().all(|h| *h == first)).then_some(first)
    }

    /// Height at a continuous pixel position of the surface; NaN outside or unknown.
    #[inline]
    pub(super) fn height_px(&self, u: f64, v: f64) -> f64 {
        match self.cell(u, v) {
            Some(own) if own.is_finite() => {
                let patch = self.patch(u, v);
                if patch.wall {
                    f64::from(own)
                } else {
                    patch.height(u, v)
                }
            }
            _ => f64::NAN,
        }
    }

    /// The surface cell a pixel position lies in; `None` outside.
    #[inline]
    pub(super) fn cell(&self, u: f64, v: f64) -> Option<f32> {
        let (width, height) = (self.surface.grid.width(), self.surface.grid.height());
        let inside = u >= 0.0 && v >= 0.0 && u <= width as f64 && v <= height as f64;
        (inside && width > 0 && height > 0).then(|| {
            let (col, row) = ((u as usize).min(width - 1), (v as usize).min(height - 1));
            self.surface.grid.at(col, row)
        })
    }

    /// The four cell centres around a pixel position, which lies inside.
    #[inline]
    pub(super) fn patch(&self, u: f64, v: f64) -> Patch {
        let grid = &self.surface.grid;
        let col = ((u - 0.5).max(0.0) as usize).min(grid.width() - 1);
        let row = ((v - 0.5).max(0.0) as usize).min(grid.height() - 1);
        self.patch_at(col, row)
    }

    /// The cells east and south of a cell, at the border the cell itself.
    fn beside(&self, col: usize, row: usize) -> (usize, usize) {
        let grid = &self.surface.grid;
        (
            (col + 1).min(grid.width() - 1),
            (row + 1).min(grid.height() - 1),
        )
    }

    /// The four cell centres from a cell to the south-east.
    #[inline]
    fn patch_at(&self, col: usize, row: usize) -> Patch {
        let grid = &self.surface.grid;
        let (east, south) = self.beside(col, row);
        let nodes = [
            grid.at(col, row),
            grid.at(east, row),
            grid.at(col, south),
            grid.at(east, south),
        ];
        let low = nodes.iter().copied().fold(f32::INFINITY, f32::min);
        let high = nodes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Patch {
            col: col as f64,
            row: row as f64,
            nodes,
            whole: nodes.iter().all(|h| h.is_finite()),
            wall: high - low > self.wall_step_m,
        }
    }

    /// Squares with the highest surface in them, largest squares first.
    pub(super) fn tops(&self) -> &[Tops] {
        &self.tops
    }

    /// An upper bound of the heights in a map rectangle, metres; −∞ where there is none.
    pub(super) fn highest_in(&self, bounds: &Bounds) -> f64 {
        let grid = &self.surface.grid;
        let window = self
            .surface
            .transform
            .window_of(bounds, grid.width(), grid.height());
        window.map_or(f64::NEG_INFINITY, |w| self.tops[0].highest_in(w))
    }
}

impl Tops {
    /// Upper bound in each cell: across a wall that is the cell's own height, elsewhere the
    /// highest of the cell centres heights are read between.
    fn of_cells(relief: &Relief<'_>) -> Self {
        let grid = &relief.surface.grid;
        let mut heights = Grid::filled(grid.width(), grid.height(), f32::NEG_INFINITY);
        for row in 0..grid.height() {
            for col in 0..grid.width() {
                let patch = relief.patch_at(col, row);
                let high = patch
                    .nodes
                    .iter()
                    .copied()
                    .fold(f32::NEG_INFINITY, f32::max);
                let (east, south) = relief.beside(col, row);
                for (c, r) in [(col, row), (east, row), (col, south), (east, south)] {
                    let bound = if patch.wall { grid.at(c, r) } else { high };
                    heights.set(c, r, heights.at(c, r).max(bound));
                }
            }
        }
        Self { side: 1, heights }
    }

    /// The same for squares of cells.
    fn coarser(&self, side: usize) -> Self {
        let fine = &self.heights;
        let (width, height) = (fine.width().div_ceil(side), fine.height().div_ceil(side));
        let mut heights = Grid::filled(width, height, f32::NEG_INFINITY);
        for row in 0..fine.height() {
            for (col, value) in fine.row(row).iter().enumerate() {
                let (c, r) = (col / side, row / side);
                heights.set(c, r, heights.at(c, r).max(*value));
            }
        }
        Self { side, heights }
    }

    fn highest_in(&self, window: Window) -> f64 {
        let (first_col, first_row) = (window.col / self.side, window.row / self.side);
        let end_col = (window.col + window.width).div_ceil(self.side);
        let end_row = (window.row + window.height).div_ceil(self.side);
        let value = (first_row..end_row)
            .flat_map(|row| &self.heights.row(row)[first_col..end_col])
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        f64::from(value)
    }
}

/// Side of the blocks of target cells handled together, cells.
pub(super) const BLOCK: usize = 16;

/// Heights of a target's cell centres, prepared once for all frames on that target.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    relief: &'a Relief<'a>,
    target: Target,
    heights: Grid<f32>,
    /// Lowest and highest height of each block of cells; inverted when it has none.
    blocks: Grid<(f32, f32)>,
}

impl<'a> Ground<'a> {
    /// Reads the surface at every cell centre of the target.
    pub fn new(relief: &'a Relief<'a>, target: &Target) -> Self {
        let (across, down) = (target.width.div_ceil(BLOCK), target.height.div_ceil(BLOCK));
        if let Some(height) = relief.plane_under(target) {
            return Self {
                relief,
                target: *target,
                heights: Grid::filled(target.width, target.height, height),
                blocks: Grid::filled(across, down, (height, height)),
            };
        }
        let mut heights = Grid::filled(target.width, target.height, f32::NAN);
        let mut blocks = Grid::filled(across, down, (f32::INFINITY, f32::NEG_INFINITY));
        for row in 0..target.height {
            let mut reader = LineReader::new(relief, target.transform.centre(0, row).1);
            for col in 0..target.width {
                let (x, _) = target.transform.centre(col, row);
                let height = reader.height_at(x);
                heights.set(col, row, height);
                let (low, high) = blocks.at(col / BLOCK, row / BLOCK);
                let range = (low.min(height), high.max(height));
                blocks.set(col / BLOCK, row / BLOCK, range);
            }
        }
        Self {
            relief,
            target: *target,
            heights,
            blocks,
        }
    }

    /// The grid the heights belong to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Heights of the cell centres, metres; NaN where unknown.
    pub fn heights(&self) -> &Grid<f32> {
        &self.heights
    }

    pub(super) fn relief(&self) -> &Relief<'a> {
        self.relief
    }

    /// Lowest and highest height of a block of cells; `None` without any.
    pub(super) fn block_range(&self, across: usize, down: usize) -> Option<(f64, f64)> {
        let (low, high) = self.blocks.at(across, down);
        (low <= high).then(|| (f64::from(low), f64::from(high)))
    }
}

/// Reads heights along a row of the target, remembering the four cell centres around: several
/// target cells share them.
struct LineReader<'a> {
    relief: &'a Relief<'a>,
    v: f64,
    known: Option<(usize, Patch)>,
}

impl<'a> LineReader<'a> {
    fn new(relief: &'a Relief<'a>, y: f64) -> Self {
        let transform = &relief.surface.transform;
        Self {
            relief,
            v: transform.to_pixel(transform.x0, y).1,
            known: None,
        }
    }

    /// Height at a map x; NaN outside or unknown.
    #[inline]
    fn height_at(&mut self, x: f64) -> f32 {
        let transform = &self.relief.surface.transform;
        let u = (x - transform.x0) / transform.dx;
        let Some(own) = self.relief.cell(u, self.v).filter(|h| h.is_finite()) else {
            return f32::NAN;
        };
        let west = (u - 0.5).max(0.0) as usize;
        let patch = match self.known {
            Some((known, patch)) if known == west => patch,
            _ => self.relief.patch(u, self.v),
        };
        self.known = Some((west, patch));
        if patch.wall {
            own
        } else {
            patch.height(u, self.v) as f32
        }
    }
}
