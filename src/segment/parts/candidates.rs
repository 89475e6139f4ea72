//! Building candidates where no outlines exist.
//!
//! In: surface and terrain model. Out: polygons of what stands 2.5 m or more over the terrain, is
//! even as roofs are and trees are not, and covers 25 m².
//!
//! Their sides are turned to the two directions most of their length runs in, and each is moved
//! to the steepest change of temperature near it ([`refined`]): the map tells a roof's edge to a
//! cell, a surface model to a metre. Temperature alone makes no outline. They are derived, not surveyed: façades and roof edges are one here.

use super::Why;
use super::fit::Sums;
use crate::raster::{GeoGrid, Grid};
use crate::segment::polygonise;
use geo::{Area, Coord, LineString, Polygon, Simplify, Validation};

/// What candidates are looked for in.
#[derive(Clone, Copy, Debug)]
pub struct CandidatesInput<'a> {
    /// Heights of the surface, metres.
    pub surface: &'a GeoGrid<f32>,
    /// Heights of the terrain on the same grid, metres.
    pub terrain: &'a GeoGrid<f32>,
    /// Least height over the terrain, metres.
    pub min_height_m: f64,
    /// Least area, m².
    pub min_area_m2: f64,
}

/// A derived outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Roof edge, project CRS.
    pub polygon: Polygon<f64>,
    /// Its area, m².
    pub area_m2: f64,
    /// Median height over the terrain, metres.
    pub height_m: f64,
    /// How sure it is a building, 0–1.
    pub confidence: f64,
    /// Sides moved to an edge of the mosaic.
    pub refined_sides: usize,
    /// Signs; [`Why::Derived`] always.
    pub why: Vec<Why>,
}

/// Rest of a plane through 3 × 3 heights that a roof stays below, metres.
const EVEN_M: f64 = 0.25;
/// Share of even cells from which it is a building; hedges and crowns have under a third.
const EVEN_SHARE: f64 = 0.5;
/// Furthest a side is moved, metres.
pub const MOVE_M: f64 = 1.5;
/// Least step of temperature along a side that moves it, K.
const STEP_K: f64 = 0.7;

/// Finds candidates, largest first.
pub fn candidates(input: &CandidatesInput<'_>) -> Vec<Candidate> {
    let grid = &input.surface.grid;
    let (width, height) = (grid.width(), grid.height());
    if (input.terrain.grid.width(), input.terrain.grid.height()) != (width, height) {
        return Vec::new();
    }
    let transform = &input.surface.transform;
    let over = |i: usize| f64::from(grid.data()[i] - input.terrain.grid.data()[i]);
    let mut open: Vec<bool> = (0..width * height)
        .map(|i| over(i) > input.min_height_m)
        .collect();
    let cell_m2 = transform.dx * transform.dy;
    let mut found = Vec::new();
    for start in 0..open.len() {
        if !open[start] {
            continue;
        }
        let cells = patch(&mut open, start, width, height);
        if (cells.len() as f64) * cell_m2 < input.min_area_m2 {
            continue;
        }
        let even = cells.iter().filter(|i| even(grid, **i)).count() as f64;
        let share = even / cells.len() as f64;
        if share < EVEN_SHARE {
            continue;
        }
        let mut heights: Vec<f64> = cells.iter().map(|i| over(*i)).collect();
        heights.sort_unstable_by(f64::total_cmp);
        let height_m = heights.get(heights.len() / 2).copied().unwrap_or(0.0);
        found.extend(candidate(input, &cells, width, height_m, share));
    }
    found.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2));
    found
}

/// Takes the patch of open cells around `start`, connected over edges.
fn patch(open: &mut [bool], start: usize, width: usize, height: usize) -> Vec<usize> {
    open[start] = false;
    let mut cells = vec![start];
    let mut next = 0;
    while let Some(at) = cells.get(next).copied() {
        next += 1;
        let (col, row) = (at % width, at / width);
        let beside = [
            (row > 0).then(|| at - width),
            (col > 0).then(|| at.wrapping_sub(1)),
            (col + 1 < width).then_some(at + 1),
            (row + 1 < height).then_some(at + width),
        ];
        for near in beside.into_iter().flatten() {
            if open[near] {
                open[near] = false;
                cells.push(near);
            }
        }
    }
    cells
}

/// Whether the heights around a cell lie in a plane.
fn even(grid: &Grid<f32>, i: usize) -> bool {
    let (col, row) = ((i % grid.width()) as isize, (i / grid.width()) as isize);
    let mut sums = Sums::default();
    for dr in -1..=1 {
        for dc in -1..=1 {
            if let Some(h) = grid.get(col + dc, row + dr).filter(|h| h.is_finite()) {
                sums.add(dc as f64, dr as f64, f64::from(h), 1.0);
            }
        }
    }
    sums.solve().is_some_and(|(_, rest)| rest <= EVEN_M)
}

fn candidate(
    input: &CandidatesInput<'_>,
    cells: &[usize],
    width: usize,
    height_m: f64,
    share: f64,
) -> Option<Candidate> {
    let transform = &input.surface.transform;
    let places: Vec<(usize, usize)> = cells.iter().map(|i| (i % width, i / width)).collect();
    let pieces = polygonise(&places, transform);
    let raw = pieces
        .0
        .into_iter()
        .max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))?;
    let cell_m = transform.dx.max(transform.dy);
    let plain = Polygon::new(raw.exterior().simplify(1.1 * cell_m), vec![]);
    let mut why = vec![Why::Derived];
    let regular = Sides::of(&plain, cell_m).and_then(|sides| sides.polygon());
    let polygon = match regular.filter(|p| alike(p, &raw)) {
        Some(regular) => {
            why.push(Why::Rectangle);
            regular
        }
        None => plain,
    };
    let area_m2 = polygon.unsigned_area();
    let regular = if why.contains(&Why::Rectangle) {
        0.2
    } else {
        0.0
    };
    (area_m2 >= input.min_area_m2).then_some(Candidate {
        polygon,
        area_m2,
        height_m,
        confidence: 0.3 + 0.4 * share + regular,
        refined_sides: 0,
        why,
    })
}

/// Moves the sides of a candidate of right angles to the steepest change of temperature near each;
/// `celsius` is the map around it, [`MOVE_M`] and a cell beyond. As it is where no side shows.
pub fn refined(candidate: &Candidate, celsius: &GeoGrid<f32>) -> Candidate {
    let cell_m = celsius.transform.dx.max(celsius.transform.dy);
    let mut found = candidate.clone();
    if !candidate.why.contains(&Why::Rectangle) {
        return found;
    }
    if let Some(mut sides) = Sides::of(&candidate.polygon, cell_m) {
        let moved = sides.refine(celsius);
        let better = sides.polygon().filter(|p| alike(p, &candidate.polygon));
        if let Some(better) = better.filter(|_| moved > 0) {
            found.area_m2 = better.unsigned_area();
            found.polygon = better;
            found.refined_sides = moved;
            found.confidence = (found.confidence + 0.1).min(0.95);
            found.why.push(Why::EdgeInMap);
        }
    }
    found
}

/// Whether a redrawn polygon is simple and has the area of the first within 15 %.
fn alike(polygon: &Polygon<f64>, raw: &Polygon<f64>) -> bool {
    let (a, b) = (polygon.unsigned_area(), raw.unsigned_area());
    polygon.is_valid() && (a - b).abs() <= 0.15 * b
}

/// Sides in two directions: alternating, each a distance along its normal.
struct Sides {
    /// Direction of the first kind of side.
    along: (f64, f64),
    origin: Coord<f64>,
    /// Whether the side runs along (its distance is across) and its distance, metres.
    sides: Vec<(bool, f64)>,
}

impl Sides {
    fn of(polygon: &Polygon<f64>, cell_m: f64) -> Option<Self> {
        let ring = &polygon.exterior().0;
        let origin = *ring.first()?;
        let lines: Vec<(Coord<f64>, Coord<f64>)> = ring
            .windows(2)
            .map(|w| (w[0] - origin, w[1] - origin))
            .collect();
        // Four times the angle: all four directions of a side count alike; long sides decide.
        let (mut x, mut y) = (0.0, 0.0);
        for (a, b) in &lines {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let angle = 4.0 * dy.atan2(dx);
            let weight = dx * dx + dy * dy;
            x += weight * angle.cos();
            y += weight * angle.sin();
        }
        let angle = y.atan2(x) / 4.0;
        let (s, c) = angle.sin_cos();
        let mut sides: Vec<(bool, f64, f64)> = Vec::new();
        for (a, b) in &lines {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let (p, q) = (dx * c + dy * s, dy * c - dx * s);
            let length = dx.hypot(dy);
            if length < 1e-9 {
                continue;
            }
            let runs_along = p.abs() >= q.abs();
            let (mx, my) = (0.5 * (a.x + b.x), 0.5 * (a.y + b.y));
            let at = if runs_along {
                my * c - mx * s
            } else {
                mx * c + my * s
            };
            sides.push((runs_along, at, length));
        }
        let sides = joined(sides, cell_m)?;
        Some(Self {
            along: (c, s),
            origin,
            sides,
        })
    }

    /// The corners: where each side meets the next.
    fn polygon(&self) -> Option<Polygon<f64>> {
        let (c, s) = self.along;
        let n = self.sides.len();
        let corners: Vec<Coord<f64>> = (0..n)
            .map(|i| {
                let (runs_along, at) = self.sides[i];
                let (_, next) = self.sides[(i + 1) % n];
                let (p, q) = if runs_along { (next, at) } else { (at, next) };
                Coord {
                    x: self.origin.x + p * c - q * s,
                    y: self.origin.y + p * s + q * c,
                }
            })
            .collect();
        (n >= 4).then(|| Polygon::new(LineString(corners), vec![]))
    }

    /// Moves every side to the steepest change of temperature near it; returns how many moved.
    fn refine(&mut self, celsius: &GeoGrid<f32>) -> usize {
        let n = self.sides.len();
        let cell = celsius.transform.dx.max(celsius.transform.dy);
        let fixed = self.sides.clone();
        let mut moved = 0;
        for i in 0..n {
            let (runs_along, at) = fixed[i];
            let (from, to) = (fixed[(i + n - 1) % n].1, fixed[(i + 1) % n].1);
            let (low, high) = (from.min(to) + 1.0, from.max(to) - 1.0);
            if high - low < 2.0 {
                continue;
            }
            let steps = (MOVE_M / cell).ceil() as i64;
            let level = |k: i64| {
                let off = at + k as f64 * cell;
                self.mean(celsius, runs_along, off, (low, high), cell)
            };
            let levels: Vec<Option<f64>> = (-steps - 1..=steps + 1).map(level).collect();
            let step = |k: usize| {
                Some(
                    (levels.get(k + 1).copied()?? - levels.get(k.checked_sub(1)?).copied()??).abs(),
                )
            };
            let best = (1..levels.len().saturating_sub(1))
                .filter_map(|k| Some((step(k)?, k)))
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            if let Some((size, k)) = best
                && size >= STEP_K
            {
                self.sides[i].1 = at + (k as i64 - steps - 1) as f64 * cell;
                moved += 1;
            }
        }
        moved
    }

    /// Mean temperature along a line beside a side; `None` where a quarter of it was not seen.
    fn mean(
        &self,
        celsius: &GeoGrid<f32>,
        runs_along: bool,
        off: f64,
        (low, high): (f64, f64),
        cell: f64,
    ) -> Option<f64> {
        let (c, s) = self.along;
        let count = ((high - low) / cell).ceil().clamp(1.0, 2000.0) as usize;
        let (mut sum, mut n) = (0.0, 0_usize);
        for k in 0..count {
            let t = low + (k as f64 + 0.5) / count as f64 * (high - low);
            let (p, q) = if runs_along { (t, off) } else { (off, t) };
            let (x, y) = (self.origin.x + p * c - q * s, self.origin.y + p * s + q * c);
            if let Some(value) = celsius.sample(x, y) {
                sum += value;
                n += 1;
            }
        }
        (4 * n >= 3 * count).then(|| sum / n as f64)
    }
}

/// Joins sides that follow each other in one direction, until directions alternate; short ones
/// (staircases of the cells) fall to their neighbours. `None` where fewer than four are left.
fn joined(mut sides: Vec<(bool, f64, f64)>, cell_m: f64) -> Option<Vec<(bool, f64)>> {
    loop {
        let mut next: Vec<(bool, f64, f64)> = Vec::new();
        for side in &sides {
            match next.last_mut() {
                Some(last) if last.0 == side.0 => *last = weighted(*last, *side),
                _ => next.push(*side),
            }
        }
        while next.len() > 1 && next.first().map(|s| s.0) == next.last().map(|s| s.0) {
            let last = next.pop()?;
            let first = next.first_mut()?;
            *first = weighted(*first, last);
        }
        let shortest = (0..next.len()).min_by(|a, b| next[*a].2.total_cmp(&next[*b].2))?;
        if next.len() <= 4 || next[shortest].2 >= 2.0 * cell_m {
            let kept: Vec<(bool, f64)> = next.iter().map(|s| (s.0, s.1)).collect();
            return (kept.len() >= 4 && kept.len().is_multiple_of(2)).then_some(kept);
        }
        next.remove(shortest);
        sides = next;
    }
}

fn weighted(a: (bool, f64, f64), b: (bool, f64, f64)) -> (bool, f64, f64) {
    let length = a.2 + b.2;
    (a.0, (a.1 * a.2 + b.1 * b.2) / length, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::GeoTransform;

    fn flat(value: f32) -> GeoGrid<f32> {
        GeoGrid {
            grid: Grid::filled(60, 50, value),
            transform: GeoTransform {
                x0: 1000.0,
                y0: 2050.0,
                dx: 1.0,
                dy: 1.0,
            },
        }
    }

    /// A hall of 24 m × 12 m, turned by 10°, in cells of 1 m; true when inside.
    fn in_hall(x: f64, y: f64) -> bool {
        let (s, c) = 10.0_f64.to_radians().sin_cos();
        let (dx, dy) = (x - 1028.0, y - 2026.0);
        (dx * c + dy * s).abs() <= 12.0 && (dy * c - dx * s).abs() <= 6.0
    }

    fn scene() -> (GeoGrid<f32>, GeoGrid<f32>, GeoGrid<f32>) {
        let (mut surface, terrain) = (flat(5.0), flat(5.0));
        for row in 0..50 {
            for col in 0..60 {
                let (x, y) = surface.transform.centre(col, row);
                if in_hall(x, y) {
                    surface.grid.set(col, row, 11.0);
                }
                // A crown of 8 m: as high, but rough.
                if (x - 1050.0).hypot(y - 2010.0) < 4.5 {
                    let rough = ((col * 7 + row * 13) % 5) as f32;
                    surface.grid.set(col, row, 9.0 + rough);
                }
            }
        }
        let transform = GeoTransform {
            dx: 0.25,
            dy: 0.25,
            ..surface.transform
        };
        let mut celsius = GeoGrid {
            grid: Grid::filled(240, 200, 1.0),
            transform,
        };
        for row in 0..200 {
            for col in 0..240 {
                let (x, y) = transform.centre(col, row);
                if in_hall(x, y) {
                    celsius.grid.set(col, row, -4.0);
                }
            }
        }
        (surface, terrain, celsius)
    }

    #[test]
    fn a_hall_becomes_four_sides_at_its_edges_in_the_map_and_a_crown_becomes_nothing() {
        let (surface, terrain, celsius) = scene();
        let found = candidates(&CandidatesInput {
            surface: &surface,
            terrain: &terrain,
            min_height_m: 2.5,
            min_area_m2: 25.0,
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].refined_sides, 0);
        let hall = &refined(&found[0], &celsius);
        assert_eq!(hall.polygon.exterior().0.len(), 5);
        assert_eq!(hall.refined_sides, 4);
        // 24 × 12 m; each side within a cell of the map and what 2° of direction make of 12 m.
        assert!(
            (hall.area_m2 - 288.0).abs() < 0.05 * 288.0,
            "{}",
            hall.area_m2
        );
        assert!((hall.height_m - 6.0).abs() < 1e-6 && hall.why.contains(&Why::Derived));
    }
}
