//! The local reference temperature of scoring.md §8: how warm the ground around a place is beside
//! that of the whole flight.
//!
//! A kernel median through sealed ground, which is of much the same make all over a park; grass is
//! left out ([`super::microclimate`] tells them apart). Over 600 m it follows the air and what
//! drift the levelling left, not one yard. A roof's ΔT is taken against it.

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

/// Sealed ground of a flight.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalGround {
    /// Middle of a cell and its median, map units and kelvin.
    cells: Vec<(f64, f64, f64)>,
    median: f64,
}

/// Sealed ground out of patches of open ground; `None` with too few.
pub fn local_ground(patches: &[Patch]) -> Option<LocalGround> {
    if patches.len() < FEWEST {
        return None;
    }
    let mut by_cell: BTreeMap<(i64, i64), Vec<f64>> = BTreeMap::new();
    for patch in sealed(patches) {
        let index = |m: f64| (m / CELL_M).floor() as i64;
        let cell = by_cell.entry((index(patch.x_m), index(patch.y_m)));
        cell.or_default().push(patch.temperature);
    }
    let cells: Vec<(f64, f64, f64)> = by_cell
        .into_iter()
        .filter(|(_, values)| values.len() >= FEWEST_PATCHES)
        .filter_map(|((col, row), values)| {
            let middle = |index: i64| (index as f64 + 0.5) * CELL_M;
            Some((middle(col), middle(row), median(values)?))
        })
        .collect();
    let median = median(cells.iter().map(|c| c.2).collect())?;
    Some(LocalGround { cells, median })
}

impl LocalGround {
    /// Warmer than the flight's median, kelvin; `None` where too little sealed ground is near.
    pub fn warmer_k(&self, x_m: f64, y_m: f64) -> Option<f64> {
        let near = self
            .cells
            .iter()
            .filter(|c| (c.0 - x_m).hypot(c.1 - y_m) <= RADIUS_M);
        let near: Vec<f64> = near.map(|c| c.2).collect();
        let enough = near.len() >= FEWEST_CELLS;
        median(near).filter(|_| enough).map(|m| m - self.median)
    }
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
        let field = local_ground(&park()).expect("ground enough");
        let at = |x: f64| field.warmer_k(x, 500.0).expect("inside");
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
        let field = local_ground(&patches).expect("ground enough");
        assert!(field.warmer_k(1500.0, 500.0).expect("inside").abs() < 0.2);
        assert_eq!(field.warmer_k(9000.0, 500.0), None);
        assert_eq!(local_ground(&patches[..50]), None);
    }
}
