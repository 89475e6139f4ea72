//! Things on roofs that make a surface warmer or colder: faults to be found, and what looks like
//! one but is none.

use super::building::{Building, Material, RoofForm, Use};
use super::physics::Balance;
use super::random::Rng;
use super::shape::{Rect, Shape, inside, ring_area};

/// Kind in the words of interface.md §6 (faults, installations) and of the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Insulation,
    LinearBridge,
    BoardMoisture,
    AmorphousMoisture,
    AirLeak,
    Exhaust,
    Plant,
    Rooflight,
    Pv,
    Puddle,
    Vehicle,
}

impl Kind {
    /// Kind and detail as the truth file names them.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Insulation => ("insulation", ""),
            Self::LinearBridge => ("linear", ""),
            Self::BoardMoisture => ("moisture", "board-stock"),
            Self::AmorphousMoisture => ("moisture", "amorphous"),
            Self::AirLeak => ("air-leak", ""),
            Self::Exhaust => ("installation", "exhaust"),
            Self::Plant => ("installation", "plant"),
            Self::Rooflight => ("rooflight", "closed"),
            Self::Pv => ("installation", "pv"),
            Self::Puddle => ("puddle", ""),
            Self::Vehicle => ("vehicle", ""),
        }
    }

    /// Whether it is a fault (else it only distracts).
    pub(super) fn is_defect(self) -> bool {
        matches!(
            self,
            Self::Insulation
                | Self::LinearBridge
                | Self::BoardMoisture
                | Self::AmorphousMoisture
                | Self::AirLeak
        )
    }
}

/// What it does to the surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Effect {
    /// The construction has this U there, W/m²K.
    Conducts { u: f64 },
    /// Warm air: so many kelvin at 16 K between inside and outside, in proportion else.
    Warms { rise_k: f64 },
    /// A body of its own: kelvin against the roof around it, and its emissivity.
    Covers { rise_k: f64, emissivity: f64 },
}

/// One thing on a roof (own axes of the building) or on the ground (park axes).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Feature {
    pub id: String,
    pub kind: Kind,
    pub shape: Shape,
    pub effect: Effect,
    /// How high it stands over the roof, metres; 0 for what lies flat.
    pub height_m: f64,
    /// First and last flight that sees it.
    pub flights: [u32; 2],
}

impl Feature {
    /// Whether it is there at a flight.
    pub(super) fn exists(&self, flight: u32) -> bool {
        flight >= self.flights[0] && flight <= self.flights[1]
    }

    /// Plan area, m².
    pub(super) fn area_m2(&self) -> f64 {
        ring_area(&self.shape.ring())
    }
}

/// The night on which excess temperatures are drawn: what a fault of so many kelvin conducts is
/// fixed here, and what it shows on another night follows.
pub(super) fn design_balance(building: &Building) -> Balance {
    Balance {
        indoor_c: building.roof_air_c(2.0),
        air_c: 2.0,
        h: 8.7,
        emissivity: building.emissivity,
        sky_k: 257.5,
        sky_view: 1.0,
    }
}

/// Draws features for a roof, keeping them apart.
pub(super) struct Placer<'a> {
    building: &'a Building,
    taken: Vec<Rect>,
    prefix: String,
    count: usize,
}

impl<'a> Placer<'a> {
    /// A placer whose features are called `<prefix><number>`; `taken` are places already used.
    pub(super) fn new(building: &'a Building, prefix: String, taken: Vec<Rect>) -> Self {
        Self {
            building,
            taken,
            prefix,
            count: 0,
        }
    }

    /// Places where nothing else may go any more.
    fn free(&self, wanted: &Rect, margin: f64) -> bool {
        let apart = wanted.grown(1.2);
        wanted
            .corners()
            .iter()
            .all(|c| inside(&self.building.rects, c[0], c[1], margin))
            && self.taken.iter().all(|t| !t.overlaps(&apart))
    }

    /// A free rectangle of a size, at least `margin` from the roof's edge.
    fn spot(&mut self, size: [f64; 2], margin: f64, rng: &mut Rng) -> Option<Rect> {
        for _ in 0..40 {
            let home = self.building.rects[rng.below(self.building.rects.len())];
            let (room_u, room_v) = (
                home.width() - size[0] - 2.0 * margin,
                home.height() - size[1] - 2.0 * margin,
            );
            if room_u <= 0.0 || room_v <= 0.0 {
                continue;
            }
            let u = home.u0 + margin + size[0] / 2.0 + rng.uniform() * room_u;
            let v = home.v0 + margin + size[1] / 2.0 + rng.uniform() * room_v;
            let rect = Rect::around(u, v, size[0], size[1]);
            if self.free(&rect, margin) {
                self.taken.push(rect);
                return Some(rect);
            }
        }
        None
    }

    fn feature(&mut self, kind: Kind, shape: Shape, effect: Effect) -> Feature {
        self.count += 1;
        // A stream of its own: heights change nothing else that is drawn.
        let mut rng = Rng::new(self.building.texture, &[self.count as u64]);
        let height_m = match kind {
            Kind::Plant => rng.range(1.2, 1.8),
            Kind::Exhaust => rng.range(0.5, 1.0),
            _ => 0.0,
        };
        Feature {
            id: format!("{}{}", self.prefix, self.count),
            kind,
            shape,
            effect,
            height_m: (height_m * 100.0).round() / 100.0,
            flights: [1, u32::MAX],
        }
    }

    fn conducting(&mut self, kind: Kind, shape: Shape, excess_k: f64) -> Feature {
        let u = design_balance(self.building).u_for_excess(self.building.u, excess_k);
        self.feature(kind, shape, Effect::Conducts { u })
    }

    /// Panels over the whole (first rectangle of the) roof but a path round them.
    pub(super) fn cover_with_panels(&mut self) -> Feature {
        let field = self.building.rects[0].grown(-1.5);
        let effect = Effect::Covers {
            rise_k: -1.2,
            emissivity: 0.85,
        };
        self.feature(Kind::Pv, Shape::Rect(field), effect)
    }

    /// One fault, its kind by `lot` in [0, 1); `None` where it found no room.
    pub(super) fn fault(&mut self, lot: f64, rng: &mut Rng) -> Option<Feature> {
        match lot {
            p if p < 0.40 => {
                let wide = 0.6 * (rng.range(4.0, 13.0)).round().max(4.0);
                let long = (rng.range(4.0, 55.0) / wide).clamp(1.8, 9.0);
                let rect = self.spot(turned([wide, long], rng), 1.3, rng)?;
                // One in six is faint: below what can be promised to be found.
                let excess = if rng.chance(0.17) {
                    rng.range(0.8, 1.6)
                } else {
                    rng.range(2.2, 5.5)
                };
                Some(self.conducting(Kind::Insulation, Shape::Rect(rect), excess))
            }
            p if p < 0.58 => {
                let size = turned([rng.range(6.0, 14.0), rng.range(0.35, 0.6)], rng);
                let rect = self.spot(size, 1.3, rng)?;
                let excess = rng.range(2.5, 5.0);
                Some(self.conducting(Kind::LinearBridge, Shape::Rect(rect), excess))
            }
            p if p < 0.72 => {
                let boards = [
                    1.2 * (1 + rng.below(3)) as f64,
                    2.4 * (1 + rng.below(2)) as f64,
                ];
                let rect = self.spot(turned(boards, rng), 1.3, rng)?;
                let excess = rng.range(1.8, 3.2);
                Some(self.conducting(Kind::BoardMoisture, Shape::Rect(rect), excess))
            }
            p if p < 0.86 => {
                let radius = rng.range(1.0, 3.0);
                let rect = self.spot([2.8 * radius, 2.8 * radius], 1.0, rng)?;
                let (u, v) = (0.5 * (rect.u0 + rect.u1), 0.5 * (rect.v0 + rect.v1));
                let shape = Shape::blob(u, v, radius, rng);
                let excess = rng.range(1.8, 3.5);
                Some(self.conducting(Kind::AmorphousMoisture, shape, excess))
            }
            _ => self.leak(rng),
        }
    }

    /// Warm air from the roof's edge inward.
    fn leak(&mut self, rng: &mut Rng) -> Option<Feature> {
        let home = self.building.rects[0];
        let (length, width) = (rng.range(0.7, 1.6), rng.range(0.5, 1.2));
        for _ in 0..20 {
            let (u, v, direction) = if rng.chance(0.5) {
                let v = if rng.chance(0.5) {
                    home.v0 + 0.4
                } else {
                    home.v1 - 0.4
                };
                let inward = (home.v0 + home.v1 - 2.0 * v).signum();
                (rng.range(home.u0 + 3.0, home.u1 - 3.0), v, [0.0, inward])
            } else {
                let u = if rng.chance(0.5) {
                    home.u0 + 0.4
                } else {
                    home.u1 - 0.4
                };
                let inward = (home.u0 + home.u1 - 2.0 * u).signum();
                (u, rng.range(home.v0 + 3.0, home.v1 - 3.0), [inward, 0.0])
            };
            // An edge inside an L is no edge.
            let outside = (u - direction[0], v - direction[1]);
            let edge = !inside(&self.building.rects, outside.0, outside.1, 0.0);
            let place = Rect::around(u, v, 3.0, 3.0);
            if edge && self.taken.iter().all(|t| !t.overlaps(&place)) {
                self.taken.push(place);
                let shape = Shape::Plume {
                    u,
                    v,
                    direction,
                    length,
                    width,
                };
                let rise_k = rng.range(3.0, 6.0);
                return Some(self.feature(Kind::AirLeak, shape, Effect::Warms { rise_k }));
            }
        }
        None
    }

    /// What belongs on a roof: rooflights, exhausts, plant, now and then a puddle.
    pub(super) fn furniture(&mut self, with_pv: bool, rng: &mut Rng) -> Vec<Feature> {
        let mut found = Vec::new();
        let flat = matches!(self.building.form, RoofForm::Flat { .. });
        if with_pv {
            let r = self.building.rects[0];
            let size = [0.55 * r.width(), 0.4 * r.height()];
            if let Some(rect) = self.spot(size, 1.5, rng) {
                let effect = Effect::Covers {
                    rise_k: -1.2,
                    emissivity: 0.85,
                };
                found.push(self.feature(Kind::Pv, Shape::Rect(rect), effect));
            }
        }
        if rng.chance(0.35) && flat {
            let size = turned([rng.range(1.2, 1.6), rng.range(2.4, 3.2)], rng);
            for _ in 0..2 + rng.below(4) {
                if let Some(rect) = self.spot(size, 2.0, rng) {
                    let rise_k = self.warmth() * rng.range(3.5, 6.0);
                    let effect = Effect::Covers {
                        rise_k,
                        emissivity: 0.90,
                    };
                    found.push(self.feature(Kind::Rooflight, Shape::Rect(rect), effect));
                }
            }
        }
        for _ in 0..rng.below(3) {
            let size = rng.range(0.5, 1.1);
            if let Some(rect) = self.spot([size, size], 1.3, rng) {
                let rise_k = 1.0 + self.warmth() * rng.range(6.0, 14.0);
                let effect = Effect::Covers {
                    rise_k,
                    emissivity: 0.90,
                };
                found.push(self.feature(Kind::Exhaust, Shape::Rect(rect), effect));
            }
        }
        if rng.chance(0.25) && flat {
            let size = turned([rng.range(1.6, 2.4), rng.range(3.0, 5.0)], rng);
            if let Some(rect) = self.spot(size, 1.5, rng) {
                let rise_k = self.warmth() * rng.range(2.0, 5.0);
                let effect = Effect::Covers {
                    rise_k,
                    emissivity: 0.90,
                };
                found.push(self.feature(Kind::Plant, Shape::Rect(rect), effect));
            }
        }
        if rng.chance(0.2) && flat && self.building.material != Material::Gravel {
            let radius = rng.range(0.8, 2.0);
            if let Some(rect) = self.spot([2.6 * radius, 2.6 * radius], 1.0, rng) {
                let (u, v) = (0.5 * (rect.u0 + rect.u1), 0.5 * (rect.v0 + rect.v1));
                let shape = Shape::blob(u, v, radius, rng);
                let effect = Effect::Covers {
                    rise_k: rng.range(-1.0, 0.8),
                    emissivity: 0.98,
                };
                found.push(self.feature(Kind::Puddle, shape, effect));
            }
        }
        found
    }

    /// 1 for a heated building, near 0 for others.
    fn warmth(&self) -> f64 {
        if self.building.usage == Use::Heated {
            1.0
        } else {
            0.1
        }
    }
}

/// The size or its quarter turn.
fn turned(size: [f64; 2], rng: &mut Rng) -> [f64; 2] {
    if rng.chance(0.5) {
        [size[1], size[0]]
    } else {
        size
    }
}

#[cfg(test)]
mod tests {
    use super::super::building::tests::hall;
    use super::*;

    #[test]
    fn features_of_a_roof_lie_inside_it_and_do_not_overlap() {
        let hall = hall(RoofForm::Flat { parapet_m: 0.4 });
        let mut rng = Rng::new(5, &[]);
        let mut placer = Placer::new(&hall, "A".into(), Vec::new());
        let faults: Vec<Feature> = (0..8)
            .filter_map(|i| placer.fault(f64::from(i) / 8.0, &mut rng))
            .collect();
        assert!(faults.len() >= 3);
        for (i, a) in faults.iter().enumerate() {
            for [u, v] in a.shape.ring() {
                assert!(inside(&hall.rects, u, v, 0.0), "{} at {u}, {v}", a.id);
            }
            for b in &faults[i + 1..] {
                if let (Shape::Rect(x), Shape::Rect(y)) = (&a.shape, &b.shape) {
                    assert!(!x.overlaps(y), "{} and {}", a.id, b.id);
                }
            }
        }
    }
}
