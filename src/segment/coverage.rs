//! Exact share of every cell inside an outline.
//!
//! Signed-area accumulation, as font rasterisers do: every edge adds to each cell it crosses the
//! area between itself and the cell's right side; a running sum along the row then carries "all
//! inside" to the right. O(edges × crossed cells) plus one pass over the window; holes simply
//! subtract. Cells are exact up to rounding (about 1e-13 of a cell).

use crate::raster::{GeoTransform, Grid};
use geo::{LineString, MultiPolygon};

/// Share of each cell of a `width` × `height` grid inside `polygon`, 0–1. Parts outside the grid
/// are cut off; where polygons overlap the share is capped at 1. Rings may run either way.
pub fn coverage(
    polygon: &MultiPolygon<f64>,
    transform: &GeoTransform,
    width: usize,
    height: usize,
) -> Grid<f32> {
    let mut sums = Accumulator {
        width,
        height,
        // One column more: the share that leaves a cell to the right.
        cells: vec![0.0; (width + 1) * height],
    };
    for part in polygon {
        sums.ring(part.exterior(), transform, 1.0);
        for hole in part.interiors() {
            sums.ring(hole, transform, -1.0);
        }
    }
    sums.shares()
}

struct Accumulator {
    width: usize,
    height: usize,
    cells: Vec<f64>,
}

impl Accumulator {
    fn ring(&mut self, ring: &LineString<f64>, transform: &GeoTransform, sign: f64) {
        let points: Vec<(f64, f64)> = ring
            .coords()
            .map(|c| transform.to_pixel(c.x, c.y))
            .collect();
        let orientation = if twice_area(&points) >= 0.0 {
            sign
        } else {
            -sign
        };
        for pair in points.windows(2) {
            self.edge(pair[0], pair[1], orientation);
        }
    }

    /// Adds one edge. Downward edges of a ring of positive area count negative: what lies right
    /// of them is outside.
    fn edge(&mut self, from: (f64, f64), to: (f64, f64), orientation: f64) {
        let (sign, (x0, y0), (x1, y1)) = if from.1 <= to.1 {
            (-orientation, from, to)
        } else {
            (orientation, to, from)
        };
        let top = y0.max(0.0);
        let bottom = y1.min(self.height as f64);
        if top >= bottom {
            return;
        }
        let slope = (x1 - x0) / (y1 - y0);
        let x_at = |y: f64| x0 + (y - y0) * slope;
        let mut y = top;
        for row in top as usize..self.height {
            let end = bottom.min((row + 1) as f64);
            if end > y {
                self.span(row, x_at(y), x_at(end), sign * (end - y));
            }
            y = end;
            if y >= bottom {
                break;
            }
        }
    }

    /// A piece of an edge inside one row, from `xa` to `xb`, `rise` rows high.
    fn span(&mut self, row: usize, xa: f64, xb: f64, rise: f64) {
        let cells = &mut self.cells[row * (self.width + 1)..(row + 1) * (self.width + 1)];
        let limit = self.width as f64;
        let (left, right) = (xa.min(xb), xa.max(xb));
        let run = right - left;
        let share = |a: f64, b: f64| {
            if run > 0.0 {
                rise * (b - a) / run
            } else {
                rise
            }
        };
        if left < 0.0 || (run == 0.0 && left <= 0.0) {
            cells[0] += share(left, right.min(0.0));
        }
        if run == 0.0 {
            if left > 0.0 && left < limit {
                let col = left as usize;
                let inside = left - col as f64;
                cells[col] += rise * (1.0 - inside);
                cells[col + 1] += rise * inside;
            }
            return;
        }
        let (start, stop) = (left.max(0.0), right.min(limit));
        let mut x = start;
        let mut col = start as usize;
        while x < stop {
            let end = stop.min((col + 1) as f64);
            let part = share(x, end);
            let inside = 0.5 * (x + end) - col as f64;
            cells[col] += part * (1.0 - inside);
            cells[col + 1] += part * inside;
            x = end;
            col += 1;
        }
    }

    fn shares(self) -> Grid<f32> {
        let mut grid = Grid::filled(self.width, self.height, 0.0_f32);
        if self.width == 0 {
            return grid;
        }
        let rows = grid.data_mut().chunks_exact_mut(self.width);
        for (row, sums) in rows.zip(self.cells.chunks_exact(self.width + 1)) {
            let mut sum = 0.0;
            for (cell, add) in row.iter_mut().zip(sums) {
                sum += add;
                // Rounding residue must not make an empty cell look touched.
                *cell = if sum < 1e-9 {
                    0.0
                } else if sum > 1.0 - 1e-9 {
                    1.0
                } else {
                    sum as f32
                };
            }
        }
        grid
    }
}

/// Twice the signed area of a closed ring (shoelace formula), about its first point to keep the
/// digits; positive when clockwise on a grid whose rows run down.
fn twice_area(points: &[(f64, f64)]) -> f64 {
    let Some(&(x0, y0)) = points.first() else {
        return 0.0;
    };
    points
        .windows(2)
        .map(|p| (p[0].0 - x0) * (p[1].1 - y0) - (p[1].0 - x0) * (p[0].1 - y0))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, Coord, Polygon, polygon};
    use proptest::prelude::*;

    const UNIT: GeoTransform = GeoTransform {
        x0: 0.0,
        y0: 4.0,
        dx: 1.0,
        dy: 1.0,
    };

    fn of(shape: Polygon<f64>) -> Vec<f32> {
        coverage(&MultiPolygon(vec![shape]), &UNIT, 4, 4).into_vec()
    }

    #[test]
    fn a_square_shifted_by_half_a_cell_covers_quarters_halves_and_wholes() {
        let shape =
            polygon![(x: 0.5, y: 0.5), (x: 2.5, y: 0.5), (x: 2.5, y: 2.5), (x: 0.5, y: 2.5)];
        #[rustfmt::skip]
        let expected = vec![
            0.0, 0.0, 0.0, 0.0,
            0.25, 0.5, 0.25, 0.0,
            0.5, 1.0, 0.5, 0.0,
            0.25, 0.5, 0.25, 0.0,
        ];
        assert_eq!(of(shape), expected);
    }

    #[test]
    fn a_diagonal_halves_the_cells_it_crosses() {
        let shape = polygon![(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 0.0, y: 4.0)];
        #[rustfmt::skip]
        let expected = vec![
            0.5, 0.0, 0.0, 0.0,
            1.0, 0.5, 0.0, 0.0,
            1.0, 1.0, 0.5, 0.0,
            1.0, 1.0, 1.0, 0.5,
        ];
        assert_eq!(of(shape), expected);
    }

    #[test]
    fn a_hole_is_taken_out_and_either_ring_direction_will_do() {
        let clockwise = polygon!(
            exterior: [(x: 0., y: 0.), (x: 0., y: 4.), (x: 4., y: 4.), (x: 4., y: 0.)],
            interiors: [[(x: 1., y: 1.), (x: 3., y: 1.), (x: 3., y: 3.), (x: 1., y: 3.)]]
        );
        let shares = of(clockwise);
        assert_eq!(shares.iter().sum::<f32>(), 12.0);
        assert_eq!(shares[5], 0.0);
    }

    #[test]
    fn what_sticks_out_of_the_grid_is_cut_off_on_all_sides() {
        let shape =
            polygon![(x: -9.0, y: -9.0), (x: 9.0, y: -9.0), (x: 9.0, y: 9.0), (x: -9.0, y: 9.0)];
        assert_eq!(of(shape), vec![1.0; 16]);
        let left = polygon![(x: -9.0, y: 1.0), (x: 1.5, y: 1.0), (x: -9.0, y: 3.0)];
        let area: f32 = of(left.clone()).iter().sum();
        // Right of x = 0 remains a triangle similar by 1.5 / 10.5.
        let remains = 0.5 * 10.5 * 2.0 * (1.5_f64 / 10.5).powi(2);
        assert!((f64::from(area) - remains).abs() < 1e-6);
    }

    proptest! {
        /// The shares of a star-shaped polygon sum to its area: f32 shares carry 6e-8 each.
        #[test]
        fn shares_sum_to_the_area(
            radii in prop::collection::vec(0.5_f64..9.0, 3..40),
            turn in 0.0_f64..6.3,
            x in -0.5_f64..0.5,
        ) {
            let n = radii.len() as f64;
            let ring: Vec<Coord<f64>> = radii
                .iter()
                .enumerate()
                .map(|(i, r)| {
                    let angle = turn + i as f64 / n * std::f64::consts::TAU;
                    Coord { x: 154_000.0 + x + r * angle.cos(), y: 212_000.0 + r * angle.sin() }
                })
                .collect();
            let shape = Polygon::new(LineString(ring), vec![]);
            let area = shape.unsigned_area();
            let t = GeoTransform { x0: 153_990.0, y0: 212_010.0, dx: 0.25, dy: 0.2 };
            let shares = coverage(&MultiPolygon(vec![shape]), &t, 80, 100);
            let sum: f64 = shares.data().iter().map(|s| f64::from(*s)).sum();
            prop_assert!((sum * 0.05 - area).abs() < 1e-6 * area.max(1.0));
        }
    }
}
