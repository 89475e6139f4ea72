//! Grids of cells and where they lie on the map.
//!
//! Rows run from north to south, columns from west to east, cells are areas: the centre of
//! cell (column 0, row 0) is at pixel position (0.5, 0.5). Missing values of `f32` grids are NaN.

mod resample;
mod turn;

pub use resample::bilinear;
pub use turn::Turn;

/// A window of cells: columns `col .. col + width`, rows `row .. row + height`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// First column.
    pub col: usize,
    /// First row.
    pub row: usize,
    /// Number of columns.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

impl Window {
    /// The cells that lie in both; `None` where there are none.
    pub fn common(&self, other: &Self) -> Option<Self> {
        let (col, row) = (self.col.max(other.col), self.row.max(other.row));
        let end = |a: usize, b: usize, c: usize, d: usize| (a + b).min(c + d);
        let width = end(self.col, self.width, other.col, other.width).checked_sub(col)?;
        let height = end(self.row, self.height, other.row, other.height).checked_sub(row)?;
        (width > 0 && height > 0).then_some(Self {
            col,
            row,
            width,
            height,
        })
    }
}

/// A dense two-dimensional array in row-major order.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Grid<T> {
    width: usize,
    height: usize,
    data: Vec<T>,
}

impl<T: Copy> Grid<T> {
    /// A grid filled with one value.
    pub fn filled(width: usize, height: usize, value: T) -> Self {
        Self {
            width,
            height,
            data: vec![value; width * height],
        }
    }

    /// Wraps row-major data; `None` when the length is not `width * height`.
    pub fn from_vec(width: usize, height: usize, data: Vec<T>) -> Option<Self> {
        (data.len() == width * height).then_some(Self {
            width,
            height,
            data,
        })
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Row-major cells.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// Row-major cells, mutable.
    pub fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Gives up the cells.
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }

    /// The cell at column `col`, row `row`. Both must lie inside.
    #[inline]
    pub fn at(&self, col: usize, row: usize) -> T {
        self.data[row * self.width + col]
    }

    /// Writes the cell at column `col`, row `row`. Both must lie inside.
    #[inline]
    pub fn set(&mut self, col: usize, row: usize, value: T) {
        self.data[row * self.width + col] = value;
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[T] {
        &self.data[row * self.width..(row + 1) * self.width]
    }

    /// The cell at a possibly outside position.
    pub fn get(&self, col: isize, row: isize) -> Option<T> {
        (col >= 0 && row >= 0 && (col as usize) < self.width && (row as usize) < self.height)
            .then(|| self.at(col as usize, row as usize))
    }

    /// A new grid of the same shape with every cell mapped.
    pub fn map<U: Copy>(&self, f: impl Fn(T) -> U) -> Grid<U> {
        Grid {
            width: self.width,
            height: self.height,
            data: self.data.iter().map(|v| f(*v)).collect(),
        }
    }

    /// A copy of a window that lies inside.
    pub fn crop(&self, window: Window) -> Grid<T> {
        let mut data = Vec::with_capacity(window.width * window.height);
        for row in window.row..window.row + window.height {
            data.extend_from_slice(&self.row(row)[window.col..window.col + window.width]);
        }
        Grid {
            width: window.width,
            height: window.height,
            data,
        }
    }

    /// The cells as an `ndarray` view, rows first.
    pub fn view(&self) -> ndarray::ArrayView2<'_, T> {
        ndarray::ArrayView2::from_shape((self.height, self.width), &self.data)
            .expect("the length is width * height by construction")
    }
}

/// Axis-aligned map rectangle, metres (or degrees for geographic data).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Bounds {
    /// West edge.
    pub x_min: f64,
    /// South edge.
    pub y_min: f64,
    /// East edge.
    pub x_max: f64,
    /// North edge.
    pub y_max: f64,
}

impl Bounds {
    /// A rectangle that contains nothing; grows by [`Bounds::include`].
    pub const EMPTY: Bounds = Bounds {
        x_min: f64::INFINITY,
        y_min: f64::INFINITY,
        x_max: f64::NEG_INFINITY,
        y_max: f64::NEG_INFINITY,
    };

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        !(self.x_min <= self.x_max && self.y_min <= self.y_max)
    }

    /// Grows to contain a point.
    pub fn include(&mut self, x: f64, y: f64) {
        self.x_min = self.x_min.min(x);
        self.y_min = self.y_min.min(y);
        self.x_max = self.x_max.max(x);
        self.y_max = self.y_max.max(y);
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Bounds) -> Bounds {
        Bounds {
            x_min: self.x_min.min(other.x_min),
            y_min: self.y_min.min(other.y_min),
            x_max: self.x_max.max(other.x_max),
            y_max: self.y_max.max(other.y_max),
        }
    }

    /// Grown by `margin` on every side.
    pub fn buffered(&self, margin: f64) -> Bounds {
        Bounds {
            x_min: self.x_min - margin,
            y_min: self.y_min - margin,
            x_max: self.x_max + margin,
            y_max: self.y_max + margin,
        }
    }

    /// Whether the two share at least an edge.
    pub fn intersects(&self, other: &Bounds) -> bool {
        self.x_min <= other.x_max
            && other.x_min <= self.x_max
            && self.y_min <= other.y_max
            && other.y_min <= self.y_max
    }

    /// Whether a point lies inside or on the edge.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        x >= self.x_min && x <= self.x_max && y >= self.y_min && y <= self.y_max
    }
}

/// North-up affine transform from pixels to map coordinates.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GeoTransform {
    /// Map x of the west edge.
    pub x0: f64,
    /// Map y of the north edge.
    pub y0: f64,
    /// Cell width, map units, > 0.
    pub dx: f64,
    /// Cell height, map units, > 0 (y falls by `dy` per row).
    pub dy: f64,
}

impl GeoTransform {
    /// Map coordinates of a continuous pixel position (cell centres at .5).
    #[inline]
    pub fn to_map(&self, u: f64, v: f64) -> (f64, f64) {
        (self.x0 + u * self.dx, self.y0 - v * self.dy)
    }

    /// Map coordinates of a cell's centre.
    #[inline]
    pub fn centre(&self, col: usize, row: usize) -> (f64, f64) {
        self.to_map(col as f64 + 0.5, row as f64 + 0.5)
    }

    /// Continuous pixel position of a map point.
    #[inline]
    pub fn to_pixel(&self, x: f64, y: f64) -> (f64, f64) {
        ((x - self.x0) / self.dx, (self.y0 - y) / self.dy)
    }

    /// The transform of a sub-window.
    pub fn of_window(&self, window: Window) -> GeoTransform {
        let (x0, y0) = self.to_map(window.col as f64, window.row as f64);
        GeoTransform { x0, y0, ..*self }
    }

    /// Map bounds of a grid of `width` × `height` cells.
    pub fn bounds(&self, width: usize, height: usize) -> Bounds {
        let (x_max, y_min) = self.to_map(width as f64, height as f64);
        Bounds {
            x_min: self.x0,
            y_min,
            x_max,
            y_max: self.y0,
        }
    }

    /// The cells of a `width` × `height` grid touched by map bounds; `None` when outside.
    pub fn window_of(&self, bounds: &Bounds, width: usize, height: usize) -> Option<Window> {
        let (u0, v0) = self.to_pixel(bounds.x_min, bounds.y_max);
        let (u1, v1) = self.to_pixel(bounds.x_max, bounds.y_min);
        let col = u0.floor().max(0.0) as usize;
        let row = v0.floor().max(0.0) as usize;
        let end_col = (u1.ceil().max(0.0) as usize).min(width);
        let end_row = (v1.ceil().max(0.0) as usize).min(height);
        (end_col > col && end_row > row).then(|| Window {
            col,
            row,
            width: end_col - col,
            height: end_row - row,
        })
    }
}

/// A grid with its place on the map. NaN marks missing cells of `f32` grids.
#[derive(Clone, Debug, PartialEq)]
pub struct GeoGrid<T> {
    /// The cells.
    pub grid: Grid<T>,
    /// Where they lie.
    pub transform: GeoTransform,
}

impl GeoGrid<f32> {
    /// Value at a map point, bilinear between cell centres with missing cells left out
    /// (weights are renormalised); `None` outside or where all four neighbours are missing.
    pub fn sample(&self, x: f64, y: f64) -> Option<f64> {
        let (u, v) = self.transform.to_pixel(x, y);
        bilinear(&self.grid, u, v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixel_to_map_to_pixel_is_the_identity() {
        let t = GeoTransform {
            x0: 1000.0,
            y0: 2000.0,
            dx: 0.25,
            dy: 0.5,
        };
        let (x, y) = t.to_map(3.25, 7.75);
        assert_eq!((x, y), (1000.8125, 1996.125));
        assert_eq!(t.to_pixel(x, y), (3.25, 7.75));
    }

    #[test]
    fn the_window_of_bounds_is_cut_at_the_grid() {
        let t = GeoTransform {
            x0: 0.0,
            y0: 10.0,
            dx: 1.0,
            dy: 1.0,
        };
        let inside = Bounds {
            x_min: -5.0,
            y_min: 7.5,
            x_max: 2.5,
            y_max: 20.0,
        };
        assert_eq!(
            t.window_of(&inside, 10, 10),
            Some(Window {
                col: 0,
                row: 0,
                width: 3,
                height: 3
            })
        );
        let outside = Bounds {
            x_min: 11.0,
            y_min: 0.0,
            x_max: 12.0,
            y_max: 1.0,
        };
        assert_eq!(t.window_of(&outside, 10, 10), None);
    }
}
