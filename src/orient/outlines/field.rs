//! Shift, scale and turn of a block against the map, through what single buildings find.

use super::super::adjust::{inverse, seen_again};
use super::super::pose::turned;
use super::super::{Ground, OrientedFrame};
use super::OutlineReport;

/// 1σ of what a building finds by itself, metres.
const OWN_M: f64 = 0.3;

/// Shift over the map: east, north, scale, turn about a middle.
pub(super) struct Field {
    pub(super) middle: [f64; 2],
    pub(super) terms: [f64; 4],
}

impl Field {
    pub(super) fn at(&self, p: [f64; 2]) -> [f64; 2] {
        let (x, y) = (p[0] - self.middle[0], p[1] - self.middle[1]);
        let [east, north, scale, turn] = self.terms;
        [east + scale * x - turn * y, north + turn * x + scale * y]
    }

    /// Through what the buildings find by themselves; those far off lose their weight (Cauchy).
    /// Scale and turn are held near none by what blocks are: 2 % and half a degree.
    pub(super) fn through(own: &[([f64; 2], [f64; 2])], middle: [f64; 2], first: [f64; 2]) -> Self {
        const ROUNDS: usize = 15;
        let priors = [6.0, 6.0, 0.02, 0.5_f64.to_radians()];
        let mut field = Self {
            middle,
            terms: [first[0], first[1], 0.0, 0.0],
        };
        for _ in 0..ROUNDS {
            let mut m = vec![0.0; 16];
            let mut right = [0.0; 4];
            for (k, sigma) in priors.iter().enumerate() {
                m[5 * k] += 1.0 / (sigma * sigma);
            }
            for (at, by) in own {
                let due = field.at(*at);
                let miss = (by[0] - due[0]).hypot(by[1] - due[1]);
                let w = 1.0 / (1.0 + (miss / OWN_M).powi(2)) / (OWN_M * OWN_M);
                let (x, y) = (at[0] - middle[0], at[1] - middle[1]);
                for (row, value) in [([1.0, 0.0, x, -y], by[0]), ([0.0, 1.0, y, x], by[1])] {
                    for a in 0..4 {
                        right[a] += w * row[a] * value;
                        (0..4).for_each(|b| m[4 * a + b] += w * row[a] * row[b]);
                    }
                }
            }
            let inverse = inverse(&m, 4);
            field.terms =
                std::array::from_fn(|a| (0..4).map(|b| inverse[4 * a + b] * right[b]).sum());
        }
        field
    }
}

impl OutlineReport {
    /// A frame with the block's shift, turn and scale taken off.
    pub fn corrected(&self, frame: &OrientedFrame, ground: &dyn Ground) -> OrientedFrame {
        let field = Field {
            middle: self.centre,
            terms: [
                self.shift_m[0],
                self.shift_m[1],
                self.scale,
                self.turn_deg.to_radians(),
            ],
        };
        let mut frame = frame.clone();
        let by = field.at([frame.pose.centre[0], frame.pose.centre[1]]);
        (0..2).for_each(|a| frame.pose.centre[a] -= by[a]);
        // The whole block is as much too high as it is too wide.
        frame.pose.centre[2] -= self.scale * (frame.pose.centre[2] - frame.ground_z_m);
        frame.pose.rotation = turned(&frame.pose.rotation, self.turn_deg.to_radians());
        frame.sigma_xy_m = self.sigma_m;
        seen_again(frame, ground)
    }
}
