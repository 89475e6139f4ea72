//! Plan shapes in a building's own axes: rectangles, unions of them, and the forms that
//! anomalies take. Metres, u along the building, v across.

use super::random::Rng;

/// An axis-aligned rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub u0: f64,
    pub u1: f64,
    pub v0: f64,
    pub v1: f64,
}

impl Rect {
    pub(super) fn new(u0: f64, u1: f64, v0: f64, v1: f64) -> Self {
        Self { u0, u1, v0, v1 }
    }

    /// A rectangle around a centre.
    pub(super) fn around(u: f64, v: f64, width: f64, height: f64) -> Self {
        Self::new(
            u - width / 2.0,
            u + width / 2.0,
            v - height / 2.0,
            v + height / 2.0,
        )
    }

    #[inline]
    pub(super) fn contains(&self, u: f64, v: f64) -> bool {
        u >= self.u0 && u <= self.u1 && v >= self.v0 && v <= self.v1
    }

    pub(super) fn width(&self) -> f64 {
        self.u1 - self.u0
    }

    pub(super) fn height(&self) -> f64 {
        self.v1 - self.v0
    }

    pub(super) fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// Grown on all sides (shrunk when negative).
    pub(super) fn grown(&self, by: f64) -> Self {
        Self::new(self.u0 - by, self.u1 + by, self.v0 - by, self.v1 + by)
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.u0 < other.u1 && other.u0 < self.u1 && self.v0 < other.v1 && other.v0 < self.v1
    }

    /// Ray parameters between which a ray is in the column over the rectangle.
    #[inline]
    pub(super) fn crossing(&self, o: [f64; 3], d: [f64; 3]) -> Option<(f64, f64)> {
        let (mut enter, mut leave) = (0.0_f64, f64::INFINITY);
        for (low, high, from, along) in [
            (self.u0, self.u1, o[0], d[0]),
            (self.v0, self.v1, o[1], d[1]),
        ] {
            if along.abs() < 1e-12 {
                if from < low || from > high {
                    return None;
                }
                continue;
            }
            let (a, b) = ((low - from) / along, (high - from) / along);
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
        }
        (enter < leave).then_some((enter, leave))
    }

    pub(super) fn corners(&self) -> Vec<[f64; 2]> {
        vec![
            [self.u0, self.v0],
            [self.u1, self.v0],
            [self.u1, self.v1],
            [self.u0, self.v1],
        ]
    }
}

/// Whether a point lies in a union of rectangles at least `inset` from its edge (square
/// neighbourhood; exact for the rectangles and L shapes drawn here).
#[inline]
pub(super) fn inside(rects: &[Rect], u: f64, v: f64, inset: f64) -> bool {
    let within = |u: f64, v: f64| rects.iter().any(|r| r.contains(u, v));
    if inset <= 0.0 {
        return within(u, v);
    }
    within(u - inset, v - inset)
        && within(u + inset, v - inset)
        && within(u + inset, v + inset)
        && within(u - inset, v + inset)
}

/// The form of something on a roof or on the ground.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Sharp rectangle.
    Rect(Rect),
    /// Irregular patch, soft at its rim.
    Blob {
        u: f64,
        v: f64,
        radius: f64,
        /// Amplitude and phase of the second to fourth harmonic of the rim.
        rim: [[f64; 2]; 3],
    },
    /// Decays away from a source along a direction; nothing behind the source.
    Plume {
        u: f64,
        v: f64,
        direction: [f64; 2],
        length: f64,
        width: f64,
    },
}

impl Shape {
    /// An irregular patch.
    pub(super) fn blob(u: f64, v: f64, radius: f64, rng: &mut Rng) -> Self {
        let mut rim = [[0.0; 2]; 3];
        for harmonic in &mut rim {
            *harmonic = [rng.range(0.04, 0.16), rng.range(0.0, std::f64::consts::TAU)];
        }
        Self::Blob { u, v, radius, rim }
    }

    /// How much of the effect acts at a point, 0–1.
    pub(super) fn weight(&self, u: f64, v: f64) -> f64 {
        match self {
            Self::Rect(rect) => f64::from(rect.contains(u, v)),
            Self::Blob {
                u: cu,
                v: cv,
                radius,
                rim,
            } => {
                let (du, dv) = (u - cu, v - cv);
                let edge = radius * rim_factor(rim, dv.atan2(du));
                let softness = 0.25 * radius;
                ((edge + 0.5 * softness - du.hypot(dv)) / softness).clamp(0.0, 1.0)
            }
            Self::Plume {
                u: cu,
                v: cv,
                direction,
                length,
                width,
            } => {
                let (du, dv) = (u - cu, v - cv);
                let along = du * direction[0] + dv * direction[1];
                let across = (dv * direction[0] - du * direction[1]) / width;
                if along < 0.0 || along > 4.0 * length {
                    return 0.0;
                }
                (-along / length - 0.5 * across * across).exp()
            }
        }
    }

    /// Smallest rectangle outside which the weight is 0 (plumes: below 2 %).
    pub(super) fn reach(&self) -> Rect {
        match self {
            Self::Rect(rect) => *rect,
            Self::Blob { u, v, radius, .. } => Rect::around(*u, *v, 3.3 * radius, 3.3 * radius),
            Self::Plume {
                u,
                v,
                direction,
                length,
                width,
            } => {
                let (end_u, end_v) = (
                    u + 4.0 * length * direction[0],
                    v + 4.0 * length * direction[1],
                );
                Rect::new(u.min(end_u), u.max(end_u), v.min(end_v), v.max(end_v)).grown(3.0 * width)
            }
        }
    }

    /// Ring (not closed) inside which at least half the effect acts.
    pub(super) fn ring(&self) -> Vec<[f64; 2]> {
        match self {
            Self::Rect(rect) => rect.corners(),
            Self::Blob { u, v, radius, rim } => (0..32)
                .map(|i| {
                    let angle = f64::from(i) * std::f64::consts::TAU / 32.0;
                    let r = radius * rim_factor(rim, angle);
                    [u + r * angle.cos(), v + r * angle.sin()]
                })
                .collect(),
            Self::Plume {
                u,
                v,
                direction,
                length,
                width,
            } => {
                // Half level: along / length + across² / 2 = ln 2, a parabola cut at the source.
                let half = std::f64::consts::LN_2;
                let side = width * (2.0 * half).sqrt();
                (0..=16)
                    .map(|i| {
                        let across = side * (f64::from(i) / 8.0 - 1.0);
                        let along = length * (half - 0.5 * (across / width).powi(2)).max(0.0);
                        [
                            u + along * direction[0] - across * direction[1],
                            v + along * direction[1] + across * direction[0],
                        ]
                    })
                    .collect()
            }
        }
    }
}

fn rim_factor(rim: &[[f64; 2]; 3], angle: f64) -> f64 {
    let wave = |(order, [amplitude, phase]): (usize, &[f64; 2])| {
        amplitude * ((order + 2) as f64 * angle + phase).cos()
    };
    1.0 + rim.iter().enumerate().map(wave).sum::<f64>()
}

/// Area of a ring, square metres (shoelace; positive whatever its sense).
pub(super) fn ring_area(ring: &[[f64; 2]]) -> f64 {
    let mut twice = 0.0;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        twice += a[0] * b[1] - b[0] * a[1];
    }
    0.5 * twice.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_l_shape_contains_its_inner_corner_but_not_the_notch() {
        let l = [
            Rect::new(0.0, 10.0, 0.0, 4.0),
            Rect::new(0.0, 4.0, 4.0, 10.0),
        ];
        assert!(inside(&l, 3.0, 3.0, 1.0));
        assert!(!inside(&l, 3.5, 3.5, 1.0), "the notch begins at (4, 4)");
        assert!(!inside(&l, 6.0, 6.0, 0.0));
    }

    #[test]
    fn a_shape_acts_by_half_on_its_ring() {
        let mut rng = Rng::new(1, &[]);
        let blob = Shape::blob(1.0, 2.0, 3.0, &mut rng);
        for [u, v] in blob.ring() {
            assert!((blob.weight(u, v) - 0.5).abs() < 1e-9);
        }
        let plume = Shape::Plume {
            u: 0.0,
            v: 0.0,
            direction: [0.6, 0.8],
            length: 1.0,
            width: 0.5,
        };
        let tip = plume.ring()[8];
        assert!((plume.weight(tip[0], tip[1]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn the_area_of_a_unit_square_is_one() {
        let ring = Rect::new(0.0, 1.0, 0.0, 1.0).corners();
        assert_eq!(ring_area(&ring), 1.0);
    }
}
