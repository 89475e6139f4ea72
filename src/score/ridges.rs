//! Ridges and hips of a roof whose heights are unknown, told from its warm objects.
//!
//! A ridge tile is warmer than the faces beside it all along, and a detector returns it as thin
//! objects (scoring.md §8). Where heights tell the faces it lies on their border and is dealt with
//! there. Where they do not, the form gives it away: at the end of a ridge at least three lines
//! meet. A thermal bridge on a roof stands alone or runs with a grid and is not touched.
//!
//! What is the same all along such a line is taken off the temperatures; what stands out from the
//! line stays.

use super::detect::Detection;
use super::join::near;
use crate::raster::Grid;

/// Thin objects: at most this wide on average, metres.
const THIN_M: f64 = 0.6;
/// At least this long, metres, and four times as long as wide.
const SHORT_M: f64 = 1.5;
/// Pieces of one line, and lines that meet, may be this far apart, metres.
const GAP_M: f64 = 3.0;
/// Pieces of one line differ in direction by less, and lines that meet by more, degrees.
const TURN_DEG: f64 = 12.0;
/// Pieces of one line lie this near to its axis, metres: half of [`THIN_M`] and a cell or two.
const ASIDE_M: f64 = 0.5;
/// Lines pass this near to the point where they meet, metres: the strip of either face beside a
/// ridge lies aside of it.
const MEET_M: f64 = 1.0;
/// Length over which a line is taken to be as warm, metres.
const PIECE_M: f64 = 3.0;
/// Greatest number of thin objects looked at: pairs of them are compared.
const MOST: usize = 200;

/// A straight line on the grid, in cells.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// A point on it.
    at: (f64, f64),
    /// Direction, length 1.
    along: (f64, f64),
    /// Its ends, from the point.
    from: f64,
    to: f64,
    /// Cells it was fitted to.
    weight: f64,
}

impl Line {
    /// Position along and across the line.
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (dx, dy) = (x - self.at.0, y - self.at.1);
        let (c, s) = self.along;
        (dx * c + dy * s, dy * c - dx * s)
    }

    fn point(&self, t: f64) -> (f64, f64) {
        (self.at.0 + t * self.along.0, self.at.1 + t * self.along.1)
    }

    /// Angle between two lines, degrees, 0–90.
    fn turn_deg(&self, other: &Self) -> f64 {
        let dot = self.along.0 * other.along.0 + self.along.1 * other.along.1;
        dot.abs().min(1.0).acos().to_degrees()
    }

    /// Principal axis of cells; `None` unless they are thin and long.
    fn of(cells: &[u32], width: usize, cell_m: f64) -> Option<Self> {
        let n = cells.len() as f64;
        let place = |c: &u32| ((*c as usize % width) as f64, (*c as usize / width) as f64);
        let (sx, sy) = cells.iter().map(place).fold((0.0, 0.0), add);
        let at = (sx / n, sy / n);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in cells.iter().map(place) {
            let (dx, dy) = (x - at.0, y - at.1);
            (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
        }
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        let mut line = Self {
            at,
            along: (angle.cos(), angle.sin()),
            from: 0.0,
            to: 0.0,
            weight: n,
        };
        for cell in cells {
            let (t, _) = line.place(place(cell));
            (line.from, line.to) = (line.from.min(t), line.to.max(t));
        }
        let length = line.to - line.from + 1.0;
        let wide = n / length;
        let thin = wide * cell_m <= THIN_M && length * cell_m >= SHORT_M && length >= 4.0 * wide;
        thin.then_some(line)
    }

    /// One line through two that continue each other; `None` when they do not.
    fn joined(&self, other: &Self, cell_m: f64) -> Option<Self> {
        if self.turn_deg(other) > TURN_DEG {
            return None;
        }
        let (long, short) = match self.to - self.from >= other.to - other.from {
            true => (self, other),
            false => (other, self),
        };
        let ends = [short.from, short.to].map(|t| long.place(short.point(t)));
        let aside = ends.iter().map(|e| e.1.abs()).fold(0.0, f64::max);
        let (low, high) = (ends[0].0.min(ends[1].0), ends[0].0.max(ends[1].0));
        let gap = (low - long.to).max(long.from - high);
        (aside * cell_m <= ASIDE_M && gap * cell_m <= GAP_M).then(|| Self {
            from: long.from.min(low),
            to: long.to.max(high),
            weight: long.weight + short.weight,
            ..*long
        })
    }

    /// Where two lines cross; `None` when they hardly do.
    fn crossing(&self, other: &Self) -> Option<(f64, f64)> {
        if self.turn_deg(other) <= TURN_DEG {
            return None;
        }
        let (t, aside) = self.place(other.at);
        let (c, s) = (
            self.along.0 * other.along.0 + self.along.1 * other.along.1,
            self.along.0 * other.along.1 - self.along.1 * other.along.0,
        );
        Some(self.point(t - aside * c / s))
    }

    /// Whether the line, or its next metres, ends at a point.
    fn ends_at(&self, point: (f64, f64), cell_m: f64) -> bool {
        let (t, aside) = self.place(point);
        let off = (t - self.from).abs().min((t - self.to).abs());
        aside.abs() * cell_m <= MEET_M && off * cell_m <= GAP_M
    }
}

fn add(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 + b.0, a.1 + b.1)
}

/// Lines that meet at the ends of ridges, among the warm objects of a roof and lines `known`.
fn lines(objects: &[Vec<u32>], known: &[Line], width: usize, cell_m: f64) -> Vec<Line> {
    let found = objects
        .iter()
        .filter_map(|cells| Line::of(cells, width, cell_m));
    let mut thin: Vec<Line> = known.iter().copied().chain(found).collect();
    thin.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
    thin.truncate(MOST);
    let mut all: Vec<Line> = Vec::new();
    for line in thin {
        let joined = (0..all.len()).find_map(|i| Some((i, all[i].joined(&line, cell_m)?)));
        match joined {
            Some((i, joined)) => all[i] = joined,
            None => all.push(line),
        }
    }
    let mut of_roof = vec![false; all.len()];
    let mut reach = all.clone();
    for (i, one) in all.iter().enumerate() {
        for other in &all[i + 1..] {
            let Some(point) = one.crossing(other) else {
                continue;
            };
            let meeting: Vec<usize> = (0..all.len())
                .filter(|k| all[*k].ends_at(point, cell_m))
                .collect();
            if rays(&all, &meeting, point) < 3 {
                continue;
            }
            for k in meeting {
                of_roof[k] = true;
                let (t, _) = all[k].place(point);
                reach[k].from = reach[k].from.min(t);
                reach[k].to = reach[k].to.max(t);
            }
        }
    }
    let kept = reach.into_iter().zip(of_roof);
    kept.filter(|(_, of_roof)| *of_roof)
        .map(|(line, _)| line)
        .collect()
}

/// Number of different directions in which lines leave a point.
fn rays(all: &[Line], meeting: &[usize], point: (f64, f64)) -> usize {
    let mut found: Vec<f64> = Vec::new();
    for k in meeting {
        let line = &all[*k];
        let (t, _) = line.place(point);
        // The line's bulk lies to this side of the point.
        let side = (0.5 * (line.from + line.to) - t).signum();
        let angle = (side * line.along.1)
            .atan2(side * line.along.0)
            .to_degrees();
        let apart = |other: &f64| {
            let d = (angle - other).rem_euclid(360.0);
            d.min(360.0 - d) > 2.0 * TURN_DEG
        };
        if found.iter().all(apart) {
            found.push(angle);
        }
    }
    found.len()
}

/// Ridges and hips found so far.
#[derive(Default)]
pub(super) struct Ridges {
    lines: Vec<Line>,
}

impl Ridges {
    /// Finds ridges among the objects of a detection and takes them off `celsius`, the
    /// temperatures it was made of. `None` where there is none but those known.
    pub(super) fn level(
        &mut self,
        celsius: &Grid<f32>,
        detection: &Detection,
        cell_m: f64,
        band_m: f64,
    ) -> Option<Grid<f32>> {
        let thin = |cells: &Vec<u32>| Line::of(cells, celsius.width(), cell_m).is_some();
        if !detection.hot.iter().any(thin) {
            return None;
        }
        self.lines = lines(&detection.hot, &self.lines, celsius.width(), cell_m);
        levelled(celsius, detection, &self.lines, cell_m, band_m)
    }

    /// Joins warm objects that a ridge parts: both beside the same line, and no further from each
    /// other than a line is wide. What lies across a ridge, or round the point where hips meet, is
    /// one place of a roof.
    pub(super) fn join(&self, objects: &mut Vec<Vec<u32>>, width: usize, cell_m: f64) {
        let place = |cell: &u32| {
            (
                (*cell as usize % width) as f64,
                (*cell as usize / width) as f64,
            )
        };
        let beside = |line: &Line, cells: &[u32]| {
            let within = MEET_M / cell_m;
            cells.iter().any(|cell| {
                let (t, aside) = line.place(place(cell));
                aside.abs() <= within && t >= line.from - within && t <= line.to + within
            })
        };
        for line in &self.lines {
            let mut first = 0;
            while first < objects.len() {
                let partner = (first + 1..objects.len()).find(|k| {
                    let (a, b) = (&objects[first], &objects[*k]);
                    beside(line, a) && beside(line, b) && near(a, b, width, THIN_M / cell_m)
                });
                match partner {
                    Some(k) => {
                        let cells = objects.remove(k);
                        objects[first].extend(cells);
                        objects[first].sort_unstable();
                    }
                    None => first += 1,
                }
            }
        }
    }
}

/// Takes what is the same along lines off temperatures: within `band_m` of a line, the median
/// residual of every stretch of it at that distance across. `None` without lines.
fn levelled(
    celsius: &Grid<f32>,
    detection: &Detection,
    lines: &[Line],
    cell_m: f64,
    band_m: f64,
) -> Option<Grid<f32>> {
    let width = celsius.width();
    if lines.is_empty() {
        return None;
    }
    let band = (band_m / cell_m).ceil();
    let across = 2 * band as usize + 1;
    let stretch = (PIECE_M / cell_m).max(1.0);
    let mut out = celsius.clone();
    for line in lines {
        let from = line.from - band;
        let count = ((line.to + band - from) / stretch).ceil().max(1.0) as usize;
        // Cells of every stretch and distance.
        let mut bins: Vec<Vec<u32>> = vec![Vec::new(); count * across];
        for i in 0..celsius.data().len() {
            let (t, off) = line.place(((i % width) as f64, (i / width) as f64));
            let (t, off) = ((t - from) / stretch, (off + band).round());
            let inside = (0.0..count as f64).contains(&t) && (0.0..across as f64).contains(&off);
            if inside && detection.residual.data()[i].is_finite() {
                bins[t as usize * across + off as usize].push(i as u32);
            }
        }
        for cells in bins {
            let mut values: Vec<f32> = cells
                .iter()
                .map(|i| {
                    detection.residual.data()[*i as usize] + out.data()[*i as usize]
                        - celsius.data()[*i as usize]
                })
                .collect();
            values.sort_unstable_by(f32::total_cmp);
            let Some(level) = values.get(values.len() / 2).copied() else {
                continue;
            };
            for i in cells {
                out.data_mut()[i as usize] -= level;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 200;

    /// Cells along a line of three cells' width.
    fn drawn(a: (f64, f64), b: (f64, f64)) -> Vec<u32> {
        let steps = 2.0 * (b.0 - a.0).hypot(b.1 - a.1);
        let mut cells: Vec<u32> = (0..=steps as usize)
            .flat_map(|k| {
                let t = k as f64 / steps;
                let (x, y) = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
                (-1..=1).map(move |d| (x as i64 + (y as i64 + d) * WIDTH as i64) as u32)
            })
            .collect();
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    fn detection(hot: Vec<Vec<u32>>) -> (Grid<f32>, Detection) {
        let mut residual = Grid::filled(WIDTH, 160, 0.0_f32);
        for cell in hot.iter().flatten() {
            residual.data_mut()[*cell as usize] = 2.0;
        }
        let celsius = residual.map(|r| r - 5.0);
        let detection = Detection {
            residual,
            sigma_k: 0.1,
            hot,
            cold: Vec::new(),
        };
        (celsius, detection)
    }

    #[test]
    fn what_a_ridge_parts_is_one_object_and_what_lies_apart_is_not() {
        let square = |col: usize, row: usize| -> Vec<u32> {
            let rows = row..row + 4;
            rows.flat_map(|r| (col..col + 4).map(move |c| (r * WIDTH + c) as u32))
                .collect()
        };
        let (_, found) = detection(vec![
            drawn((20.0, 20.0), (54.0, 54.0)),
            drawn((20.0, 100.0), (54.0, 66.0)),
            drawn((70.0, 60.0), (180.0, 60.0)),
        ]);
        let ridges = Ridges {
            lines: lines(&found.hot, &[], WIDTH, 0.1),
        };
        assert_eq!(ridges.lines.len(), 3);
        // Across the ridge at 0.3 m; across it at 0.9 m; at 0.3 m far from any line.
        let mut objects = vec![
            square(100, 55),
            square(100, 62),
            square(140, 53),
            square(140, 66),
            square(100, 120),
            square(100, 127),
        ];
        ridges.join(&mut objects, WIDTH, 0.1);
        let sizes: Vec<usize> = objects.iter().map(Vec::len).collect();
        assert_eq!(sizes, [32, 16, 16, 16, 16]);
    }

    #[test]
    fn two_hips_and_a_ridge_are_levelled_and_a_vent_on_the_ridge_stays() {
        let mut hot = vec![
            drawn((20.0, 20.0), (54.0, 54.0)),
            drawn((20.0, 100.0), (54.0, 66.0)),
            drawn((70.0, 60.0), (180.0, 60.0)),
        ];
        let (mut celsius, mut found) = detection(hot.clone());
        for col in 120..126 {
            for row in 58..63 {
                celsius.set(col, row, 4.0);
                found.residual.set(col, row, 9.0);
            }
        }
        let level = Ridges::default().level(&celsius, &found, 0.1, 0.75);
        let level = level.expect("a hipped roof");
        assert!((level.at(100, 60) - -5.0).abs() < 0.01);
        assert!((level.at(40, 40) - -5.0).abs() < 0.01);
        assert!(level.at(122, 60) > 1.5);
        // A line that meets none is none of the roof's.
        hot.remove(0);
        let (celsius, found) = detection(hot);
        assert!(
            Ridges::default()
                .level(&celsius, &found, 0.1, 0.75)
                .is_none()
        );
    }
}
