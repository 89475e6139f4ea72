//! Where the pixels of a map lie in a picture, and the mean of the cells under one.

use crate::problem::Result;
use crate::raster::{Bounds, Grid};

/// Pixels between places that are computed; between them it is straight enough: over 32 pixels of
/// 0.3 m the systems of Belgium bend by far less than a millimetre.
const STEP: usize = 32;

/// Places of the pixels of a rectangle in another system.
#[derive(Clone, Debug)]
pub(super) struct Mesh {
    nodes: Vec<(f64, f64)>,
    across: usize,
    width: usize,
    height: usize,
}

impl Mesh {
    /// Of a rectangle of `width` × `height` pixels, by the way from its map to the picture's.
    pub(super) fn new(
        bounds: &Bounds,
        width: usize,
        height: usize,
        way: &dyn Fn(f64, f64) -> Result<(f64, f64)>,
    ) -> Result<Self> {
        let across = width.div_ceil(STEP) + 1;
        let down = height.div_ceil(STEP) + 1;
        let dx = (bounds.x_max - bounds.x_min) / width as f64;
        let dy = (bounds.y_max - bounds.y_min) / height as f64;
        let mut nodes = Vec::with_capacity(across * down);
        for row in 0..down {
            for col in 0..across {
                let x = bounds.x_min + (col * STEP) as f64 * dx;
                let y = bounds.y_max - (row * STEP) as f64 * dy;
                nodes.push(way(x, y)?);
            }
        }
        Ok(Self {
            nodes,
            across,
            width,
            height,
        })
    }

    fn node(&self, col: usize, row: usize) -> (f64, f64) {
        let last = self.nodes.len().saturating_sub(1);
        let index = row * self.across + col.min(self.across - 1);
        self.nodes.get(index.min(last)).copied().unwrap_or_default()
    }

    /// Centre of a pixel.
    pub(super) fn at(&self, col: usize, row: usize) -> (f64, f64) {
        let step = STEP as f64;
        let (u, v) = ((col as f64 + 0.5) / step, (row as f64 + 0.5) / step);
        let (i, j) = (u as usize, v as usize);
        let (s, t) = (u - i as f64, v - j as f64);
        let [a, b] = [self.node(i, j), self.node(i + 1, j)];
        let [c, d] = [self.node(i, j + 1), self.node(i + 1, j + 1)];
        let mix = |a: f64, b: f64, c: f64, d: f64| {
            (a * (1.0 - s) + b * s) * (1.0 - t) + (c * (1.0 - s) + d * s) * t
        };
        (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1))
    }

    /// Size of a pixel in the middle, in the picture's units.
    pub(super) fn pixel(&self) -> f64 {
        let (col, row) = (self.width / 2, self.height / 2);
        let (x, y) = self.at(col, row);
        let (x1, y1) = self.at(col + 1, row);
        (x1 - x).hypot(y1 - y)
    }

    /// Rectangle around everything.
    pub(super) fn bounds(&self) -> Bounds {
        self.bounds_of((0, self.height), (0, self.width))
    }

    /// Rectangle around the pixels of some rows and columns, first and end.
    pub(super) fn bounds_of(
        &self,
        (first, last): (usize, usize),
        (left, right): (usize, usize),
    ) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        for row in [first, last.saturating_sub(1)] {
            for col in (left..right).step_by(STEP).chain([right.saturating_sub(1)]) {
                let (x, y) = self.at(col, row);
                bounds.include(x, y);
            }
        }
        for row in (first..last).step_by(STEP) {
            for col in [left, right.saturating_sub(1)] {
                let (x, y) = self.at(col, row);
                bounds.include(x, y);
            }
        }
        // From the centres of pixels to their edges.
        bounds.buffered(self.pixel())
    }
}

/// Colour over `reach` cells around a place: the mean of the cells, or between the four nearest where
/// a pixel is no larger than a cell. Cells without a picture do not count.
pub(super) fn mean(cells: &Grid<[u8; 4]>, u: f64, v: f64, reach: f64) -> [u8; 4] {
    let inside = u >= 0.0 && v >= 0.0 && u < cells.width() as f64 && v < cells.height() as f64;
    if !inside {
        return [0; 4];
    }
    let mut sum = [0.0_f64; 3];
    let (mut opacity, mut all) = (0.0, 0.0);
    let mut add = |col: usize, row: usize, weight: f64| {
        let [r, g, b, own] = cells.at(col, row).map(f64::from);
        let share = own * weight;
        for (total, part) in sum.iter_mut().zip([r, g, b]) {
            *total += part * share;
        }
        opacity += share;
        all += weight;
    };
    if reach < 1.5 {
        let (x, y) = (u - 0.5, v - 0.5);
        let (s, t) = (x - x.floor(), y - y.floor());
        let near = |at: f64, limit: usize| (at.max(0.0) as usize).min(limit - 1);
        let columns = [
            near(x.floor(), cells.width()),
            near(x.floor() + 1.0, cells.width()),
        ];
        let rows = [
            near(y.floor(), cells.height()),
            near(y.floor() + 1.0, cells.height()),
        ];
        for (row, down) in rows.into_iter().zip([1.0 - t, t]) {
            for (col, along) in columns.into_iter().zip([1.0 - s, s]) {
                add(col, row, down * along);
            }
        }
    } else {
        // Cells on the rim count by how much of them lies under the pixel.
        let span = |centre: f64, limit: usize| {
            let (from, to) = (centre - reach / 2.0, centre + reach / 2.0);
            let first = from.max(0.0) as usize;
            let last = (to.ceil().max(0.0) as usize).min(limit);
            (first..last).map(move |i| (i, to.min(i as f64 + 1.0) - from.max(i as f64)))
        };
        for (row, down) in span(v, cells.height()) {
            for (col, along) in span(u, cells.width()) {
                add(col, row, down * along);
            }
        }
    }
    if opacity <= 0.0 {
        return [0; 4];
    }
    let [r, g, b] = sum.map(|total| (total / opacity).round() as u8);
    [r, g, b, (opacity / all).round() as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_without_a_picture_do_not_darken_their_neighbours() {
        let mut cells = Grid::filled(4, 4, [200, 100, 50, 255]);
        cells.set(0, 0, [0; 4]);
        assert_eq!(mean(&cells, 1.0, 1.0, 1.0), [200, 100, 50, 191]);
        assert_eq!(mean(&cells, 2.0, 2.0, 4.0), [200, 100, 50, 239]);
        assert_eq!(mean(&cells, 5.0, 1.0, 1.0), [0; 4]);
    }

    #[test]
    fn places_between_computed_ones_are_those_of_a_bent_map() {
        let bounds = Bounds {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 200.0,
            y_max: 150.0,
        };
        // Bent like a conic projection: 1 mm in 200 m.
        let way = |x: f64, y: f64| Ok((x + 2.5e-8 * y * y, y - 2.5e-8 * x * x));
        let mesh = Mesh::new(&bounds, 700, 525, &way).expect("a way");
        for (col, row) in [(0, 0), (17, 31), (699, 524), (350, 200)] {
            let x = (col as f64 + 0.5) / 700.0 * 200.0;
            let y = 150.0 - (row as f64 + 0.5) / 525.0 * 150.0;
            let wanted = way(x, y).expect("a place");
            let found = mesh.at(col, row);
            assert!((found.0 - wanted.0).hypot(found.1 - wanted.1) < 1e-5);
        }
        assert!((mesh.pixel() - 200.0 / 700.0).abs() < 1e-6);
        let seen = mesh.bounds();
        assert!(seen.x_min <= 0.0 && seen.x_max >= 200.0 && seen.y_max >= 150.0);
    }
}
