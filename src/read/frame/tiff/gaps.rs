//! Cells of a float frame that hold no measurement: nodata, impossible numbers, and the zeros that
//! converters write outside the picture.

use crate::raster::Grid;

/// No temperature is this low in any unit; converters write −9999 or −10000 without a tag.
const LOWEST: f32 = -9_998.0;
/// Fewest connected zeros that are taken for a margin.
const LEAST: usize = 64;
/// Zeros next to values this near to zero are a real temperature, in °C.
const NEAR_C: f32 = 1.0;

/// Makes the stated nodata value and impossible numbers NaN.
pub(super) fn clear_nodata(values: &mut [f32], nodata: Option<f64>, float: bool) {
    let nodata = nodata.map(|n| n as f32);
    for value in values {
        let impossible = !value.is_finite() || (float && *value < LOWEST);
        if impossible || Some(*value) == nodata {
            *value = f32::NAN;
        }
    }
}

/// Makes zeros outside the picture NaN; how many there were.
///
/// In kelvin every zero is one. In °C only a connected region of exact zeros that touches the
/// border, is no smaller than [`LEAST`], and does not border on temperatures near 0 °C: a winter
/// scene in whole tenths has real zeros.
pub(super) fn clear_margin(grid: &mut Grid<f32>, kelvin: bool) -> usize {
    if kelvin {
        let zeros = grid.data_mut().iter_mut().filter(|v| **v == 0.0);
        return zeros.map(|v| *v = f32::NAN).count();
    }
    let (width, height) = (grid.width(), grid.height());
    let mut seen = vec![false; width * height];
    let mut cleared = 0;
    let top_and_bottom = (0..width).flat_map(|x| [(x, 0), (x, height - 1)]);
    let sides = (0..height).flat_map(|y| [(0, y), (width - 1, y)]);
    for start in top_and_bottom.chain(sides) {
        let region = zeros_from(grid, start, &mut seen);
        if region.cells.len() >= LEAST && 20 * region.near <= region.around {
            region
                .cells
                .iter()
                .for_each(|(x, y)| grid.set(*x, *y, f32::NAN));
            cleared += region.cells.len();
        }
    }
    cleared
}

/// Connected zeros, and the values around them.
#[derive(Default)]
struct Region {
    cells: Vec<(usize, usize)>,
    around: usize,
    near: usize,
}

fn zeros_from(grid: &Grid<f32>, start: (usize, usize), seen: &mut [bool]) -> Region {
    let mut region = Region::default();
    let mut open = vec![start];
    while let Some((x, y)) = open.pop() {
        let value = grid.at(x, y);
        if value != 0.0 {
            // Cells around a region count once for each side they share with it.
            region.around += 1;
            region.near += usize::from(value.abs() < NEAR_C);
            continue;
        }
        let index = y * grid.width() + x;
        if std::mem::replace(&mut seen[index], true) {
            continue;
        }
        region.cells.push((x, y));
        let left = (x > 0).then(|| (x - 1, y));
        let right = (x + 1 < grid.width()).then_some((x + 1, y));
        let up = (y > 0).then(|| (x, y - 1));
        let down = (y + 1 < grid.height()).then_some((x, y + 1));
        open.extend([left, right, up, down].into_iter().flatten());
    }
    region
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 × 20 of one temperature with zeros in the first `rows` rows and one in the middle.
    fn picture(celsius: f32, rows: usize) -> Grid<f32> {
        let mut grid = Grid::filled(20, 20, celsius);
        (0..rows).for_each(|y| (0..20).for_each(|x| grid.set(x, y, 0.0)));
        grid.set(10, 10, 0.0);
        grid
    }

    #[test]
    fn a_margin_of_zeros_is_cleared_and_a_zero_inside_is_kept() {
        let mut grid = picture(7.0, 4);
        assert_eq!(clear_margin(&mut grid, false), 80);
        assert!(grid.at(0, 0).is_nan() && grid.at(10, 10) == 0.0);
        let mut kelvin = picture(280.0, 4);
        assert_eq!(clear_margin(&mut kelvin, true), 81);
    }

    #[test]
    fn a_winter_scene_around_zero_and_a_few_zeros_are_kept() {
        assert_eq!(clear_margin(&mut picture(0.1, 4), false), 0);
        assert_eq!(clear_margin(&mut picture(7.0, 3), false), 0);
        assert_eq!(clear_margin(&mut picture(7.0, 0), false), 0);
    }

    #[test]
    fn nodata_and_what_no_temperature_can_be_are_missing() {
        let mut values = [-9999.0, -10_000.0, f32::INFINITY, 5.0, 7.0];
        clear_nodata(&mut values, Some(7.0), true);
        let missing: Vec<bool> = values.iter().map(|v| v.is_nan()).collect();
        assert_eq!(missing, [true, true, true, false, true]);
    }
}
