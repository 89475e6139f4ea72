//! Reading a grid between its cell centres.

use super::Grid;

/// Bilinear value at a continuous pixel position (cell centres at .5), NaN cells left out and
/// the weights renormalised; positions up to half a cell outside take the border value. `None`
/// further outside or where no neighbour is finite.
pub fn bilinear(grid: &Grid<f32>, u: f64, v: f64) -> Option<f64> {
    let (width, height) = (grid.width(), grid.height());
    if !(u >= 0.0 && v >= 0.0 && u <= width as f64 && v <= height as f64)
        || width == 0
        || height == 0
    {
        return None;
    }
    let (fu, fv) = ((u - 0.5).max(0.0), (v - 0.5).max(0.0));
    let (c0, r0) = ((fu as usize).min(width - 1), (fv as usize).min(height - 1));
    let (c1, r1) = ((c0 + 1).min(width - 1), (r0 + 1).min(height - 1));
    let (a, b) = ((fu - c0 as f64).min(1.0), (fv - r0 as f64).min(1.0));
    let mut sum = 0.0;
    let mut weight = 0.0;
    for (col, row, w) in [
        (c0, r0, (1.0 - a) * (1.0 - b)),
        (c1, r0, a * (1.0 - b)),
        (c0, r1, (1.0 - a) * b),
        (c1, r1, a * b),
    ] {
        let value = f64::from(grid.at(col, row));
        if w > 0.0 && value.is_finite() {
            sum += w * value;
            weight += w;
        }
    }
    (weight > 0.0).then(|| sum / weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid<f32> {
        Grid::from_vec(3, 2, vec![0.0, 1.0, 2.0, 10.0, f32::NAN, 12.0]).expect("3 × 2")
    }

    #[test]
    fn cell_centres_return_the_cell() {
        assert_eq!(bilinear(&grid(), 1.5, 0.5), Some(1.0));
    }

    #[test]
    fn halfway_between_two_centres_is_their_mean() {
        assert_eq!(bilinear(&grid(), 1.0, 0.5), Some(0.5));
    }

    #[test]
    fn missing_neighbours_are_left_out_not_spread() {
        assert_eq!(bilinear(&grid(), 1.0, 1.5), Some(10.0));
        assert_eq!(bilinear(&grid(), 1.5, 1.5), None);
    }

    #[test]
    fn outside_is_none() {
        assert_eq!(bilinear(&grid(), -0.1, 0.5), None);
        assert_eq!(bilinear(&grid(), 3.1, 0.5), None);
    }
}
