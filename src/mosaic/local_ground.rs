//! The local reference temperature of scoring.md §8: how warm invariant surfaces around a place are
//! beside those of the whole flight.
//!
//! A kernel median through sealed ground, which is of much the same make all over a park; grass is
//! left out ([`super::microclimate`] tells them apart). Open canopies count with it, moved to its
//! level: nothing heats them either. Over 600 m it follows the air and what drift the levelling
//! left, not one yard. On hilly ground air and height go together (cold air gathers below): the
//! slope against the height of the ground is taken off first and put back at the place asked for.
//! A roof's ΔT is taken against it.

use super::microclimate::{FEWEST, Patch, warm_limit};
use std::collections::BTreeMap;

/// Radius of the kernel, metres (scoring.md §8: 400–800).
pub const RADIUS_M: f64 = 600.0;
/// Patches are first made one value by cells of this size, so that a large yard weighs as its
/// area and a flight of square kilometres stays quick, metres.
const CELL_M: f64 = 50.0;
/// Fewest patches that make a cell, and fewest cells that make a value.
const FEWEST_PATCHES: usize = 10;
const FEWEST_CELLS: usize = 12;

/// Span of ground heights (5th to 95th percentile) below which a slope is not looked for, metres.
const SPAN_M: f64 = 5.0;
/// A slope must be this many of its standard errors, and is no greater than this, K/m (inversions
/// of still nights reach a tenth of a kelvin a metre).
const SURE: f64 = 3.0;
const STEEPEST_K_M: f64 = 0.1;
/// Fewest canopies that have a level of their own.
const FEWEST_CANOPIES: usize = 3;

/// Invariant surfaces of a flight.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LocalGround {
    cells: Vec<Cell>,
    median: f64,
    /// Kelvin per metre of ground height, and the height the cells are brought to; 0 on flat ground.
    slope_k_m: f64,
    height_m: f64,
    canopies: usize,
}

/// Middle of a cell, map units, its median, kelvin, and the height of its ground, metres.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Cell {
    x_m: f64,
    y_m: f64,
    kelvin: f64,
    height_m: Option<f64>,
}

/// Sealed ground out of patches of open ground, with the canopies of the flight (middle and
/// median of each); `None` with too few patches. `height_m` tells the ground's height where it is
/// known.
pub fn local_ground(
    patches: &[Patch],
    canopies: &[Patch],
    height_m: impl Fn(f64, f64) -> Option<f64>,
) -> Option<LocalGround> {
    if patches.len() < FEWEST {
        return None;
    }
    let mut by_cell: BTreeMap<(i64, i64), Vec<f64>> = BTreeMap::new();
    for patch in sealed(patches) {
        let index = |m: f64| (m / CELL_M).floor() as i64;
        let cell = by_cell.entry((index(patch.x_m), index(patch.y_m)));
        cell.or_default().push(patch.temperature);
    }
    let cell = |x_m: f64, y_m: f64, kelvin: f64| Cell {
        x_m,
        y_m,
        kelvin,
        height_m: height_m(x_m, y_m),
    };
    let mut cells: Vec<Cell> = by_cell
        .into_iter()
        .filter(|(_, values)| values.len() >= FEWEST_PATCHES)
        .filter_map(|((col, row), values)| {
            let middle = |index: i64| (index as f64 + 0.5) * CELL_M;
            Some(cell(middle(col), middle(row), median(values)?))
        })
        .collect();
    let heights = || cells.iter().filter_map(|c| c.height_m).collect::<Vec<_>>();
    let level_m = median(heights()).unwrap_or(0.0);
    let slope_k_m = slope_k_m(&cells).unwrap_or(0.0);
    let flat = |c: Cell| Cell {
        kelvin: c.kelvin - slope_k_m * c.height_m.map_or(0.0, |h| h - level_m),
        ..c
    };
    cells.iter_mut().for_each(|c| *c = flat(*c));
    let over = canopies
        .iter()
        .map(|p| flat(cell(p.x_m, p.y_m, p.temperature)));
    let over: Vec<(Cell, f64)> = over
        .filter_map(|c| Some((c, c.kelvin - around(&cells, c.x_m, c.y_m)?)))
        .collect();
    let enough = over.len() >= FEWEST_CANOPIES;
    let own_level = median(over.iter().map(|o| o.1).collect()).filter(|_| enough);
    if let Some(level) = own_level {
        cells.extend(over.iter().map(|(c, _)| Cell {
            kelvin: c.kelvin - level,
            ..*c
        }));
    }
    let median = median(cells.iter().map(|c| c.kelvin).collect())?;
    Some(LocalGround {
        cells,
        median,
        slope_k_m,
        height_m: level_m,
        canopies: if enough { over.len() } else { 0 },
    })
}

impl LocalGround {
    /// Warmer than the flight's median, kelvin, at a place on ground of a height (metres, where
    /// known); `None` where too few invariant surfaces are near.
    pub fn warmer_k(&self, x_m: f64, y_m: f64, height_m: Option<f64>) -> Option<f64> {
        let by_height = height_m.map_or(0.0, |h| self.slope_k_m * (h - self.height_m));
        around(&self.cells, x_m, y_m).map(|m| m - self.median + by_height)
    }

    /// Cells of ground and canopies among them.
    pub fn counts(&self) -> (usize, usize) {
        (self.cells.len() - self.canopies, self.canopies)
    }

    /// Kelvin per metre of ground height that were taken off; 0 where there is no such slope.
    pub fn slope_k_m(&self) -> f64 {
        self.slope_k_m
    }
}

/// Median of the cells within the kernel; `None` with too few.
fn around(cells: &[Cell], x_m: f64, y_m: f64) -> Option<f64> {
    let near = cells
        .iter()
        .filter(|c| (c.x_m - x_m).hypot(c.y_m - y_m) <= RADIUS_M);
    let near: Vec<f64> = near.map(|c| c.kelvin).collect();
    let enough = near.len() >= FEWEST_CELLS;
    median(near).filter(|_| enough)
}

/// Slope of the temperature against the height of the ground, K/m, by least squares beside a
/// plane in x and y: a front across the site is no height. `None` on flat ground and where the
/// slope is not sure.
fn slope_k_m(cells: &[Cell]) -> Option<f64> {
    let known: Vec<(Cell, f64)> = cells
        .iter()
        .filter_map(|c| Some((*c, c.height_m?)))
        .collect();
    let mut heights: Vec<f64> = known.iter().map(|k| k.1).collect();
    heights.sort_by(f64::total_cmp);
    let at = |share: f64| {
        heights
            .get((share * heights.len() as f64) as usize)
            .copied()
    };
    if known.len() < 3 * FEWEST_CELLS || at(0.95)? - at(0.05)? < SPAN_M {
        return None;
    }
    // What a plane in x and y leaves of both; the slope between the rests is that beside it.
    let rest = |of: &dyn Fn(&(Cell, f64)) -> f64| -> Vec<f64> {
        let points: Vec<Patch> = known
            .iter()
            .map(|k| Patch {
                x_m: k.0.x_m,
                y_m: k.0.y_m,
                temperature: of(k),
            })
            .collect();
        let plane = Plane::through(&points);
        points.iter().map(|p| p.temperature - plane.at(p)).collect()
    };
    let (heights, kelvin) = (rest(&|k| k.1), rest(&|k| k.0.kelvin));
    let squares: f64 = heights.iter().map(|h| h * h).sum();
    let both: f64 = heights.iter().zip(&kelvin).map(|(h, k)| h * k).sum();
    if squares <= 0.0 {
        return None;
    }
    let slope = both / squares;
    let left: f64 = heights
        .iter()
        .zip(&kelvin)
        .map(|(h, k)| (k - slope * h).powi(2))
        .sum();
    let error = (left / (known.len() as f64 - 4.0) / squares).sqrt();
    (slope.abs() > SURE * error).then_some(slope.clamp(-STEEPEST_K_M, STEEPEST_K_M))
}

/// Patches of sealed ground. Over kilometres the air may differ by more than grass from roads: the
/// split is made on what is left after a plane, first through all ground, then through what was
/// found sealed.
fn sealed(patches: &[Patch]) -> Vec<Patch> {
    let mut found = patches.to_vec();
    for _ in 0..ROUNDS {
        let plane = Plane::through(&found);
        let left = |p: &Patch| p.temperature - plane.at(p);
        let flat: Vec<Patch> = patches
            .iter()
            .map(|p| Patch {
                temperature: left(p),
                ..*p
            })
            .collect();
        let limit = warm_limit(&flat);
        let warm = patches.iter().filter(|p| left(p) >= limit);
        found = warm.copied().collect();
    }
    found
}

/// Rounds of plane and split; the second is that of a park whose roads lie to one side.
const ROUNDS: usize = 3;

/// A plane by least squares.
struct Plane {
    middle: [f64; 3],
    slope: [f64; 2],
}

impl Plane {
    fn through(patches: &[Patch]) -> Self {
        let n = patches.len().max(1) as f64;
        let mean = |of: fn(&Patch) -> f64| patches.iter().map(of).sum::<f64>() / n;
        let [x, y, t] = [mean(|p| p.x_m), mean(|p| p.y_m), mean(|p| p.temperature)];
        let [mut xx, mut xy, mut yy, mut xt, mut yt] = [0.0; 5];
        for p in patches {
            let [dx, dy, dt] = [p.x_m - x, p.y_m - y, p.temperature - t];
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
            xt += dx * dt;
            yt += dy * dt;
        }
        let determinant = xx * yy - xy * xy;
        // Ground along a line has no plane.
        let slope = if determinant > 1e-6 * xx * yy {
            [
                (xt * yy - yt * xy) / determinant,
                (yt * xx - xt * xy) / determinant,
            ]
        } else {
            [0.0; 2]
        };
        Self {
            middle: [x, y, t],
            slope,
        }
    }

    fn at(&self, p: &Patch) -> f64 {
        let [x, y, t] = self.middle;
        t + self.slope[0] * (p.x_m - x) + self.slope[1] * (p.y_m - y)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Roads over grass 2.5 K colder on 3 × 1 km; the air is 1 K warmer for every km to the east.
    fn park() -> Vec<Patch> {
        let mut patches = Vec::new();
        for i in 0..300 {
            for j in 0..100 {
                let (x_m, y_m) = (f64::from(i) * 10.0 + 5.0, f64::from(j) * 10.0 + 5.0);
                let road = i % 5 < 2;
                let grain = 0.1 * f64::from(i * 7 + j * 13).sin();
                patches.push(Patch {
                    x_m,
                    y_m,
                    temperature: if road { 2.5 } else { 0.0 } + 0.001 * x_m + grain,
                });
            }
        }
        patches
    }

    #[test]
    fn the_field_follows_the_air_and_not_the_grass() {
        let field = local_ground(&park(), &[], |_, _| None).expect("ground enough");
        let at = |x: f64| field.warmer_k(x, 500.0, None).expect("inside");
        // In the middle 1 K per km; at the ends the kernel is cut.
        assert!((at(2000.0) - at(1000.0) - 1.0).abs() < 0.1);
        assert!(at(1500.0).abs() < 0.05, "{}", at(1500.0));
    }

    #[test]
    fn a_hot_yard_moves_nothing_and_far_away_nothing_is_said() {
        let mut patches = park();
        for patch in &mut patches {
            if (patch.x_m - 1500.0).hypot(patch.y_m - 500.0) < 150.0 {
                patch.temperature += 8.0;
            }
        }
        let field = local_ground(&patches, &[], |_, _| None).expect("ground enough");
        assert!(field.warmer_k(1500.0, 500.0, None).expect("inside").abs() < 0.2);
        assert_eq!(field.warmer_k(9000.0, 500.0, None), None);
        assert_eq!(local_ground(&patches[..50], &[], |_, _| None), None);
    }

    #[test]
    fn a_hollow_of_cold_air_is_told_by_height_and_a_front_is_not() {
        // Hills of 10 m every 400 m; air 0.05 K warmer a metre up, and 1 K per km to the east.
        let height = |x: f64, y: f64| {
            let turn = std::f64::consts::TAU / 400.0;
            10.0 + 5.0 * (x * turn).sin() + 5.0 * (y * turn).sin()
        };
        let mut patches = park();
        for patch in &mut patches {
            patch.temperature += 0.05 * height(patch.x_m, patch.y_m);
        }
        let field = local_ground(&patches, &[], |x, y| Some(height(x, y))).expect("enough");
        assert!(
            (field.slope_k_m() - 0.05).abs() < 0.005,
            "{}",
            field.slope_k_m()
        );
        let at = |h: f64| field.warmer_k(1500.0, 500.0, Some(h)).expect("inside");
        assert!((at(18.0) - at(2.0) - 0.8).abs() < 0.1);
        // Without the hills in the air there is no slope, whatever the ground does.
        let flat = local_ground(&park(), &[], |x, y| Some(height(x, y))).expect("enough");
        assert_eq!(flat.slope_k_m(), 0.0);
    }

    #[test]
    fn canopies_stand_where_there_is_no_road() {
        // Roads in the west only; canopies 1.5 K below roads, in air 1 K warmer for every km.
        let patches: Vec<Patch> = park().into_iter().filter(|p| p.x_m < 1500.0).collect();
        let canopy = |i: u32| Patch {
            x_m: 900.0 + 90.0 * f64::from(i),
            y_m: 500.0,
            temperature: 1.0 + 0.001 * (900.0 + 90.0 * f64::from(i)),
        };
        let canopies: Vec<Patch> = (0..20).map(canopy).collect();
        let alone = local_ground(&patches, &[], |_, _| None).expect("enough");
        assert_eq!(alone.warmer_k(2500.0, 500.0, None), None);
        let with = local_ground(&patches, &canopies, |_, _| None).expect("enough");
        assert!(with.counts().1 >= 10);
        // The nearest that the roads tell of is 600 m beyond their end; canopies farther out have
        // nothing to be levelled on.
        let apart = with.warmer_k(1900.0, 500.0, None).expect("canopies")
            - with.warmer_k(900.0, 500.0, None).expect("roads");
        assert!(apart > 0.4, "{apart}");
    }
}
