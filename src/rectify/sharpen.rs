//! A surface model whose walls stand at the building outlines.
//!
//! In: a window of the surface, of the terrain where there is one, the outlines. Out: the same heights
//! in finer cells, with a vertical step along each outline.
//!
//! A surface model of a metre smears a wall over two cells, and a cell that the wall runs through has
//! the height of either side. Rays then meet a slope that is not there: ground behind a hall is
//! painted though hidden, or a strip of roof is laid on the yard. Outlines know better where the wall
//! is, the model how high the roof. So near an outline the heights are taken from well inside it or
//! well outside, a roof's slope going on to its edge (georeferencing.md §8).
//!
//! Only where the model agrees: where there is no step near an outline, because the outline lies
//! elsewhere or the building is gone, the model is left as it is, and counted.

use geo::{LineString, Polygon};

use super::{Options, Relief};
use crate::raster::{GeoGrid, GeoTransform, Grid};

/// Largest cell of a sharpened surface, metres: a wall is as wide.
const CELL_M: f64 = 0.25;
/// A wall is at least this high, metres.
const WALL_M: f32 = 1.0;
/// Cells of the model on either side of an outline that it may have smeared.
const SMEARED: f64 = 1.5;
/// Steepest roof, rise over run.
const STEEPEST: f64 = 1.2;

/// A sharpened surface and how far the outlines could be believed.
#[derive(Clone, Debug)]
pub struct Sharpened {
    /// Heights, metres.
    pub surface: GeoGrid<f32>,
    /// Cells near outlines that were given the height of the side they lie on.
    pub sharpened: usize,
    /// Cells near outlines along which the model has no step.
    pub left: usize,
}

/// Sharpens a window of a surface. `terrain` serves cells outside where nothing stands on it.
pub fn sharpened(
    surface: &GeoGrid<f32>,
    terrain: Option<&GeoGrid<f32>>,
    outlines: &[&Polygon<f64>],
    options: &Options,
) -> Sharpened {
    let coarse_m = surface.transform.dx.max(surface.transform.dy);
    let split = (coarse_m / CELL_M).ceil().max(1.0) as usize;
    let transform = GeoTransform {
        dx: surface.transform.dx / split as f64,
        dy: surface.transform.dy / split as f64,
        ..surface.transform
    };
    let (width, height) = (surface.grid.width() * split, surface.grid.height() * split);
    let relief = Relief::new(surface, options);
    let mut grid = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let at = |k: usize| (k as f64 + 0.5) / split as f64;
            grid.set(col, row, relief.height_px(at(col), at(row)) as f32);
        }
    }
    let mut found = Sharpened {
        surface: GeoGrid { grid, transform },
        sharpened: 0,
        left: 0,
    };
    if outlines.is_empty() {
        return found;
    }
    let sides = Sides {
        surface,
        terrain,
        coarse_m,
        owners: owners(surface, outlines),
        near: near(surface, outlines, coarse_m),
    };
    let fine = owners(&found.surface, outlines);
    let reach = SMEARED * coarse_m;
    let close = near(&found.surface, outlines, reach);
    for row in 0..height {
        for col in 0..width {
            if close.at(col, row) > reach as f32 || found.surface.grid.at(col, row).is_nan() {
                continue;
            }
            let (x, y) = transform.centre(col, row);
            match sides.height(fine.at(col, row), x, y) {
                Some(height) => {
                    found.surface.grid.set(col, row, height);
                    found.sharpened += 1;
                }
                None => found.left += 1,
            }
        }
    }
    found
}

/// What lies on either side of outlines in the model's own cells.
struct Sides<'a> {
    surface: &'a GeoGrid<f32>,
    terrain: Option<&'a GeoGrid<f32>>,
    coarse_m: f64,
    /// Outline a cell lies in, from 1; 0 outside all.
    owners: Grid<u32>,
    /// Distance of a cell to the nearest outline, metres, as far as it matters.
    near: Grid<f32>,
}

/// A cell of the model well on one side.
#[derive(Clone, Copy)]
struct Well {
    height: f32,
    x: f64,
    y: f64,
    apart: f64,
}

impl Sides<'_> {
    /// Height of a point near an outline by the side it lies on; `None` where the model has no step
    /// here.
    fn height(&self, owner: u32, x: f64, y: f64) -> Option<f32> {
        let (mut own, mut other): (Vec<Well>, Option<Well>) = (Vec::new(), None);
        let (u, v) = self.surface.transform.to_pixel(x, y);
        let (col, row) = (u.floor() as isize, v.floor() as isize);
        for r in row - 3..=row + 3 {
            for c in col - 3..=col + 3 {
                let Some(height) = self.surface.grid.get(c, r).filter(|h| h.is_finite()) else {
                    continue;
                };
                let near = self.near.get(c, r)?;
                // Half of the diagonal: no wall in the cell or between it and its neighbour.
                if f64::from(near) < 0.71 * self.coarse_m {
                    continue;
                }
                let (cx, cy) = self.surface.transform.centre(c as usize, r as usize);
                let well = Well {
                    height,
                    x: cx,
                    y: cy,
                    apart: (cx - x).hypot(cy - y),
                };
                if self.owners.get(c, r)? == owner {
                    own.push(well);
                } else if other.is_none_or(|o| well.apart < o.apart) {
                    other = Some(well);
                }
            }
        }
        own.sort_by(|a, b| a.apart.total_cmp(&b.apart));
        let (first, other) = (*own.first()?, other?);
        if (first.height - other.height).abs() < WALL_M {
            return None;
        }
        if owner == 0 {
            let ground = self.terrain.and_then(|t| t.sample(x, y));
            let ground = ground.map(|g| g as f32);
            // What stands beside a wall is the model's to tell: lean-tos, trees, trailers.
            return Some(match ground {
                Some(g) if first.height - g < WALL_M => g,
                _ => first.height,
            });
        }
        Some(continued(&own, first, x, y))
    }
}

/// A roof's height at a point from cells well inside: the plane through the nearest, no steeper than
/// roofs are.
fn continued(own: &[Well], first: Well, x: f64, y: f64) -> f32 {
    let (mut n, mut sx, mut sy, mut sz) = (0.0, 0.0, 0.0, 0.0);
    // Cells of another level, an attic or a chimney, do not belong to the slope.
    let same =
        |w: &&Well| f64::from((w.height - first.height).abs()) <= STEEPEST * w.apart.max(1.0);
    let nearest: Vec<&Well> = own.iter().filter(same).take(9).collect();
    for w in &nearest {
        n += 1.0;
        sx += w.x - x;
        sy += w.y - y;
        sz += f64::from(w.height);
    }
    let (mx, my, mz) = (sx / n, sy / n, sz / n);
    let (mut xx, mut xy, mut yy, mut xz, mut yz) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for w in &nearest {
        let (dx, dy, dz) = (w.x - x - mx, w.y - y - my, f64::from(w.height) - mz);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
        xz += dx * dz;
        yz += dy * dz;
    }
    let whole = xx * yy - xy * xy;
    if nearest.len() < 4 || whole < 1e-3 * (xx + yy).powi(2) {
        return first.height;
    }
    let (a, b) = ((xz * yy - yz * xy) / whole, (yz * xx - xz * xy) / whole);
    if a.hypot(b) > STEEPEST {
        return first.height;
    }
    (mz - a * mx - b * my) as f32
}

/// Which outline each cell's centre lies in, from 1; 0 outside all. Later ones lie over earlier.
fn owners(grid: &GeoGrid<f32>, outlines: &[&Polygon<f64>]) -> Grid<u32> {
    let (width, height) = (grid.grid.width(), grid.grid.height());
    let t = &grid.transform;
    let mut owners = Grid::filled(width, height, 0);
    let mut crossings: Vec<f64> = Vec::new();
    for (number, polygon) in (1_u32..).zip(outlines) {
        let rings = || std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for c in polygon.exterior().coords() {
            (low, high) = (low.min(c.y), high.max(c.y));
        }
        let row_of = |y: f64| ((t.y0 - y) / t.dy).clamp(0.0, height as f64) as usize;
        for row in row_of(high)..(row_of(low) + 1).min(height) {
            let y = t.centre(0, row).1;
            crossings.clear();
            for line in rings().flat_map(LineString::lines) {
                let (a, b) = (line.start, line.end);
                if (a.y > y) != (b.y > y) {
                    crossings.push(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                // Cells whose centre lies between.
                let col_of = |x: f64| ((x - t.x0) / t.dx - 0.5).ceil().clamp(0.0, width as f64);
                for col in col_of(pair[0]) as usize..col_of(pair[1]) as usize {
                    owners.set(col, row, number);
                }
            }
        }
    }
    owners
}

/// Distance of each cell's centre to the nearest outline, metres; infinite beyond `reach_m`.
fn near(grid: &GeoGrid<f32>, outlines: &[&Polygon<f64>], reach_m: f64) -> Grid<f32> {
    let (width, height) = (grid.grid.width(), grid.grid.height());
    let t = &grid.transform;
    let mut near = Grid::filled(width, height, f32::INFINITY);
    for polygon in outlines {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        for line in rings.flat_map(LineString::lines) {
            let (a, b) = (line.start, line.end);
            let col = |x: f64| ((x - t.x0) / t.dx).clamp(0.0, width as f64) as usize;
            let row = |y: f64| ((t.y0 - y) / t.dy).clamp(0.0, height as f64) as usize;
            let cols = col(a.x.min(b.x) - reach_m)..(col(a.x.max(b.x) + reach_m) + 1).min(width);
            let rows = row(a.y.max(b.y) + reach_m)..(row(a.y.min(b.y) - reach_m) + 1).min(height);
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let squared = (dx * dx + dy * dy).max(1e-12);
            for r in rows {
                for c in cols.clone() {
                    let (x, y) = t.centre(c, r);
                    let along = ((x - a.x) * dx + (y - a.y) * dy) / squared;
                    let along = along.clamp(0.0, 1.0);
                    let apart = (x - a.x - along * dx).hypot(y - a.y - along * dy);
                    if apart <= reach_m && (apart as f32) < near.at(c, r) {
                        near.set(c, r, apart as f32);
                    }
                }
            }
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Rect, coord};

    /// A roof from 10.4 to 20.4 east, 8 m high, in a metre model that smears its walls.
    fn smeared() -> GeoGrid<f32> {
        let transform = GeoTransform {
            x0: 0.0,
            y0: 30.0,
            dx: 1.0,
            dy: 1.0,
        };
        let mut grid = Grid::filled(30, 30, 2.0_f32);
        for row in 5..25 {
            for col in 0..30 {
                let x = col as f64 + 0.5;
                // What a model of a metre interpolates across the walls.
                let share = ((x - 9.9).min(20.9 - x)).clamp(0.0, 1.0);
                grid.set(col, row, (2.0 + 8.0 * share) as f32);
            }
        }
        GeoGrid { grid, transform }
    }

    fn hall(west: f64) -> Polygon<f64> {
        Rect::new(
            coord! { x: west, y: 5.0 },
            coord! { x: west + 10.0, y: 25.0 },
        )
        .to_polygon()
    }

    #[test]
    fn walls_stand_at_the_outline() {
        let hall = hall(10.4);
        let found = sharpened(&smeared(), None, &[&hall], &Options::default());
        let relief_at = |x: f64| {
            let (u, v) = found.surface.transform.to_pixel(x, 15.0);
            found.surface.grid.at(u as usize, v as usize)
        };
        for (x, expected) in [
            (9.3, 2.0),
            (10.1, 2.0),
            (10.7, 10.0),
            (20.1, 10.0),
            (20.7, 2.0),
        ] {
            assert!(
                (relief_at(x) - expected).abs() < 0.01,
                "{x}: {}",
                relief_at(x)
            );
        }
        assert!(found.sharpened > 0);
    }

    #[test]
    fn an_outline_drawn_elsewhere_changes_nothing() {
        // 6 m off: no step of the model is near its north-south walls.
        let hall = hall(-2.0);
        let before = sharpened(&smeared(), None, &[], &Options::default());
        let after = sharpened(&smeared(), None, &[&hall], &Options::default());
        let east = |s: &Sharpened, x: f64| {
            let (u, v) = s.surface.transform.to_pixel(x, 15.0);
            s.surface.grid.at(u as usize, v as usize)
        };
        for x in [5.1, 7.6, 8.4, 15.1] {
            assert_eq!(east(&before, x), east(&after, x), "{x}");
        }
        assert!(after.left > 0);
    }

    #[test]
    fn a_slope_goes_on_to_the_eave() {
        let mut surface = smeared();
        for row in 5..25 {
            for col in 11..20 {
                // A roof rising to the east by a half.
                surface.grid.set(col, row, 10.0 + 0.5 * (col as f32 - 11.0));
            }
        }
        let hall = hall(10.4);
        let found = sharpened(&surface, None, &[&hall], &Options::default());
        let (u, v) = found.surface.transform.to_pixel(10.6, 15.0);
        let height = found.surface.grid.at(u as usize, v as usize);
        // 10 m at 11.5; 0.9 m farther west by the same slope.
        assert!((height - 9.55).abs() < 0.15, "{height}");
    }
}
