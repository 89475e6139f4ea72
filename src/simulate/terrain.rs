//! Gently waving ground, 5 to 12 m TAW, as heights at nodes 10 m apart and straight lines
//! between them: cheap to ask, and the same everywhere it is asked.

use super::random::Rng;

/// Heights over the park and its surroundings.
#[derive(Clone, Debug)]
pub(super) struct Terrain {
    /// Park position of the first node.
    corner: [f64; 2],
    columns: usize,
    rows: usize,
    nodes: Vec<f32>,
}

const STEP_M: f64 = 10.0;

impl Terrain {
    /// Ground for a park of `size`, reaching `margin` beyond it.
    pub(super) fn new(size: [f64; 2], margin: f64, rng: &mut Rng) -> Self {
        let corner = [-margin, -margin];
        let columns = ((size[0] + 2.0 * margin) / STEP_M).ceil() as usize + 2;
        let rows = ((size[1] + 2.0 * margin) / STEP_M).ceil() as usize + 2;
        // Two long waves: slopes of at most 2π (2.0/900 + 1.2/650) = 2.6 %.
        let phases: Vec<f64> = (0..2)
            .map(|_| rng.range(0.0, std::f64::consts::TAU))
            .collect();
        let wave = |distance: f64, length: f64, phase: f64| {
            (std::f64::consts::TAU * distance / length + phase).sin()
        };
        let mut nodes = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let s = corner[0] + column as f64 * STEP_M;
                let t = corner[1] + row as f64 * STEP_M;
                let height = 8.5
                    + 2.0 * wave(s + 0.3 * t, 900.0, phases[0])
                    + 1.2 * wave(t - 0.2 * s, 650.0, phases[1]);
                nodes.push(height as f32);
            }
        }
        Self {
            corner,
            columns,
            rows,
            nodes,
        }
    }

    /// Height at a park point; the edge is carried on outside.
    #[inline]
    pub(super) fn height_m(&self, s: f64, t: f64) -> f64 {
        let place = |value: f64, corner: f64, count: usize| {
            let position = ((value - corner) / STEP_M).clamp(0.0, count as f64 - 1.001);
            (position as usize, position.fract())
        };
        let (column, fs) = place(s, self.corner[0], self.columns);
        let (row, ft) = place(t, self.corner[1], self.rows);
        let node = |c: usize, r: usize| f64::from(self.nodes[r * self.columns + c]);
        let low = node(column, row) + (node(column + 1, row) - node(column, row)) * fs;
        let high = node(column, row + 1) + (node(column + 1, row + 1) - node(column, row + 1)) * fs;
        low + (high - low) * ft
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_stays_between_5_and_12_metres_and_has_no_steps() {
        let terrain = Terrain::new([300.0, 200.0], 100.0, &mut Rng::new(1, &[]));
        let mut before = terrain.height_m(-100.0, 30.0);
        for i in 1..5_000 {
            let height = terrain.height_m(-100.0 + f64::from(i) * 0.1, 30.0);
            assert!((5.0..=12.0).contains(&height));
            assert!((height - before).abs() < 0.1 * 0.03);
            before = height;
        }
    }
}
