//! The long axis of a tile: along it an aircraft flew, and its camera drifted.

use super::{Lattice, Sample};

/// Fewest samples an axis is laid through.
const FEWEST: usize = 50;

/// From this ratio of length to width on a tile is a line.
const LINE: f64 = 1.5;

/// Most pieces a line's drift is made of.
const MOST_PIECES: f64 = 8.0;

/// A line over the ground with equal pieces.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Axis {
    start_m: [f64; 2],
    direction: [f64; 2],
    length_m: f64,
    /// Pieces of the drift, at least 1.
    pub(super) pieces: usize,
}

impl Axis {
    /// Through the lattice points of a tile's samples; `None` when they make no line. The
    /// direction is the first principal axis.
    pub(super) fn through(samples: &[Sample], lattice: &Lattice) -> Option<Self> {
        if samples.len() < FEWEST {
            return None;
        }
        let points = || samples.iter().map(|s| lattice.place(s.cell));
        let n = samples.len() as f64;
        let (sum_x, sum_y) = points().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
        let middle = [sum_x / n, sum_y / n];
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in points() {
            let (dx, dy) = (x - middle[0], y - middle[1]);
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
        }
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        let direction = [angle.cos(), angle.sin()];
        let extent = |along: [f64; 2]| {
            let places =
                points().map(|p| (p.0 - middle[0]) * along[0] + (p.1 - middle[1]) * along[1]);
            places.fold((f64::INFINITY, f64::NEG_INFINITY), |e, s| {
                (e.0.min(s), e.1.max(s))
            })
        };
        let (first, last) = extent(direction);
        let (left, right) = extent([-direction[1], direction[0]]);
        let length_m = last - first;
        let width_m = (right - left).max(lattice.step_m());
        (length_m >= LINE * width_m).then(|| Self {
            start_m: [
                middle[0] + first * direction[0],
                middle[1] + first * direction[1],
            ],
            direction,
            length_m,
            pieces: (length_m / width_m).round().clamp(1.0, MOST_PIECES) as usize,
        })
    }

    /// Share of the length at a map position, 0 to 1.
    pub(super) fn share(&self, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.start_m[0], y - self.start_m[1]);
        let along = (dx * self.direction[0] + dy * self.direction[1]) / self.length_m;
        along.clamp(0.0, 1.0)
    }
}

/// The two ends of the piece at a share of the length, and their weights.
pub(super) fn ends(share: f64, pieces: usize) -> [(usize, f64); 2] {
    let place = share * pieces as f64;
    let low = (place as usize).min(pieces.saturating_sub(1));
    let part = place - low as f64;
    [(low, 1.0 - part), (low + 1, part)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{Options, lattice_over};
    use crate::raster::Bounds;

    #[test]
    fn a_slanted_strip_has_its_own_axis_and_a_square_none() {
        let bounds = Bounds {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 99.0,
            y_max: 99.0,
        };
        // One point a metre; number 100 · row + column.
        let lattice = lattice_over(&bounds, 0.1, 1e4, &Options::default()).expect("a site");
        let samples = |inside: fn(i32, i32) -> bool| -> Vec<Sample> {
            let all = (0..100).flat_map(|row| (0..100).map(move |col| (col, row)));
            all.filter(|(c, r)| inside(*c, *r))
                .map(|(col, row)| Sample {
                    cell: (100 * row + col) as u32,
                    kelvin: 280.0,
                    u_px: 0,
                    v_px: 0,
                    sight: [0; 2],
                    doubtful: false,
                })
                .collect()
        };
        let strip = Axis::through(&samples(|c, r| (c - r).abs() <= 7), &lattice).expect("a line");
        let (start, end) = (strip.share(0.0, 0.0), strip.share(99.0, 99.0));
        assert!((start - end).abs() > 0.95);
        assert!((strip.share(49.5, 49.5) - 0.5).abs() < 0.01);
        // 140 m long, 10 m wide: capped.
        assert_eq!(strip.pieces, 8);
        assert!(Axis::through(&samples(|_, _| true), &lattice).is_none());
    }

    #[test]
    fn weights_of_a_place_are_those_of_its_piece() {
        assert_eq!(ends(0.0, 4), [(0, 1.0), (1, 0.0)]);
        assert_eq!(ends(0.375, 4), [(1, 0.5), (2, 0.5)]);
        assert_eq!(ends(1.0, 4), [(3, 0.0), (4, 1.0)]);
    }
}
