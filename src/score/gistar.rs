//! Getis–Ord Gi*: is the neighbourhood of a cell warmer than the roof as a whole?
//!
//! A confirmation, not a detector: neighbouring cells share optics.

use crate::raster::Grid;

/// Gi* of a grid with missing cells, ready to be asked cell by cell.
///
/// `Gi* = (Σw x − x̄ Σw) / (S √((n Σw² − (Σw)²)/(n − 1)))`, `S = √(mean x² − x̄²)`, binary
/// weights (Getis & Ord 1992; Ord & Getis 1995, eq. 5). Sums along rows are differences of
/// running sums, so a disc costs two look-ups per row.
pub struct GiStar {
    width: usize,
    height: usize,
    /// Running sums of values and counts, `width + 1` per row.
    sums: Vec<(f64, f64)>,
    /// Half width of the neighbourhood in each of its rows.
    half_widths: Vec<isize>,
    n: f64,
    mean: f64,
    spread: f64,
}

impl GiStar {
    /// Neighbourhood: all cells whose centre lies within `radius_px` of the cell's own.
    pub fn disc(values: &Grid<f32>, radius_px: f64) -> Self {
        let r = radius_px.max(1.0);
        let reach = r.floor() as isize;
        let half = |dy: isize| (r * r - (dy * dy) as f64).max(0.0).sqrt().floor() as isize;
        Self::new(values, (-reach..=reach).map(half).collect())
    }

    /// Neighbourhood: a square of `2 reach + 1` cells.
    pub fn square(values: &Grid<f32>, reach: usize) -> Self {
        Self::new(values, vec![reach as isize; 2 * reach + 1])
    }

    fn new(values: &Grid<f32>, half_widths: Vec<isize>) -> Self {
        let (width, height) = (values.width(), values.height());
        let mut sums = Vec::with_capacity((width + 1) * height);
        let (mut n, mut total, mut squares) = (0.0, 0.0, 0.0);
        for row in 0..height {
            let (mut sum, mut count) = (0.0, 0.0);
            sums.push((sum, count));
            for value in values.row(row) {
                if value.is_finite() {
                    let value = f64::from(*value);
                    sum += value;
                    count += 1.0;
                    squares += value * value;
                }
                sums.push((sum, count));
            }
            n += count;
            total += sum;
        }
        let mean = total / n;
        Self {
            width,
            height,
            sums,
            half_widths,
            n,
            mean,
            spread: (squares / n - mean * mean).max(0.0).sqrt(),
        }
    }

    /// Gi* of a cell; 0 where it says nothing (no spread, no neighbours, all cells neighbours).
    pub fn at(&self, col: usize, row: usize) -> f64 {
        let reach = (self.half_widths.len() / 2) as isize;
        let (mut sum, mut weight) = (0.0, 0.0);
        for (i, half) in self.half_widths.iter().enumerate() {
            let y = row as isize + i as isize - reach;
            if y < 0 || y >= self.height as isize {
                continue;
            }
            let start = y as usize * (self.width + 1);
            let from = (col as isize - half).max(0) as usize;
            let to = (col as isize + half + 1).min(self.width as isize) as usize;
            let (a, b) = (self.sums[start + from], self.sums[start + to]);
            sum += b.0 - a.0;
            weight += b.1 - a.1;
        }
        let variance = (self.n * weight - weight * weight) / (self.n - 1.0);
        let scale = self.spread * variance.max(0.0).sqrt();
        if scale > 0.0 {
            (sum - self.mean * weight) / scale
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::group;
    use super::*;

    #[rustfmt::skip]
    const GRID: [f32; 25] = [
        0.1, -0.1, 0.2, 0.0, -0.2,
        0.0, 1.1, 1.9, 1.1, 0.2,
        -0.2, 2.1, 6.0, 2.1, -0.1,
        0.2, 1.0, 2.1, 0.9, 0.1,
        0.0, 0.1, -0.1, 0.2, 0.0,
    ];

    #[test]
    fn the_printed_grid_has_the_printed_gi_star() {
        // scoring.md §10, window cut at the borders.
        let grid = Grid::from_vec(5, 5, GRID.to_vec()).expect("5 × 5");
        let gi = GiStar::square(&grid, 1);
        for ((col, row), expected) in [
            ((2, 2), 3.5851),
            ((1, 1), 1.3537),
            ((0, 0), -0.7677),
            ((2, 0), -0.1003),
            ((4, 4), -0.7271),
        ] {
            assert!((gi.at(col, row) - expected).abs() < 1e-4);
        }
        if let Some(vector) = group("gistar_3x3") {
            for row in 0..5 {
                for col in 0..5 {
                    let expected = vector["gi"][row][col].as_f64().expect("a number");
                    assert!((gi.at(col, row) - expected).abs() < 1e-3);
                }
            }
        }
    }

    #[test]
    fn a_disc_of_one_cell_is_the_cross_of_five() {
        let mut values = vec![0.0_f32; 49];
        values[24] = 1.0;
        let grid = Grid::from_vec(7, 7, values).expect("7 × 7");
        let gi = GiStar::disc(&grid, 1.0);
        assert_eq!(gi.at(2, 3), gi.at(3, 3));
        assert!(gi.at(2, 2) < 0.0);
    }

    #[test]
    fn an_even_grid_has_no_hot_neighbourhood() {
        assert_eq!(GiStar::square(&Grid::filled(5, 5, 2.0), 1).at(2, 2), 0.0);
    }
}
