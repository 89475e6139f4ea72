//! One value between four cells: the rule every path of `regrid` keeps.

use crate::raster::Grid;

/// A position this near to a cell centre, in cells, is that cell: grids that coincide must not
/// lose values beside missing cells to rounding.
pub(super) const SAME: f64 = 1e-4;

/// Bilinear, NaN when a cell needed is NaN; `None` outside.
pub(super) fn sample(grid: &Grid<f32>, u: f64, v: f64) -> Option<f32> {
    let (c0, c1, a) = between(u, grid.width())?;
    let (r0, r1, b) = between(v, grid.height())?;
    let top = mix(grid.at(c0, r0), grid.at(c1, r0), a);
    let bottom = mix(grid.at(c0, r1), grid.at(c1, r1), a);
    Some(mix(top, bottom, b))
}

/// The two cells around a position and the second one's weight; `None` outside. A cell that
/// has no weight is not named, so that it need not be known.
pub(super) fn between(position: f64, count: usize) -> Option<(usize, usize, f32)> {
    if count == 0 || !(0.0..=count as f64).contains(&position) {
        return None;
    }
    let from_first = (position - 0.5).clamp(0.0, (count - 1) as f64);
    let first = from_first as usize;
    let weight = from_first - first as f64;
    Some(if weight < SAME {
        (first, first, 0.0)
    } else if weight > 1.0 - SAME {
        (first + 1, first + 1, 0.0)
    } else {
        (first, first + 1, weight as f32)
    })
}

/// Linear between two values, within their range whatever the rounding; NaN when one is.
#[inline(always)]
pub(super) fn mix(a: f32, b: f32, weight: f32) -> f32 {
    let value = a + weight * (b - a);
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    // Written as choices, which a NaN passes through, and not as `f32::min`, which drops it.
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}
