//! What stands on a roof as a box: plant and stacks. Where a ray meets it, and its temperatures.
//!
//! In: a feature of some height and the balance of its roof. Out: a box in park axes. A box
//! reaches down into the roof, so that nothing shows under it on a slope; the roof is met first.

use super::building::Building;
use super::feature::Feature;
use super::physics::Balance;
use super::shape::{Rect, Shape};

/// An upright face sees half the sky.
const SIDE_SKY_VIEW: f64 = 0.5;
/// Share of a lid's excess over a thing that gives off no heat which the sides show; chosen: warm
/// air leaves at the top, casings are lagged.
const SIDE_SHARE: f64 = 0.5;

/// A box on a roof.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    /// Plan, park axes.
    pub plan: Rect,
    /// Height of its lid, metres TAW.
    pub top_m: f64,
    /// Height of the eave, under its foot, metres TAW.
    foot_m: f64,
    /// Temperature of the sides, °C.
    pub side_c: f64,
    /// Emissivity of the sides.
    pub emissivity: f64,
}

/// Where a ray meets a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Met {
    /// Ray parameter.
    pub at: f64,
    /// Whether it is the lid, else a side.
    pub lid: bool,
}

impl Body {
    /// The box of a feature with a height and a sharp plan; `None` for others. `lid_c` is the
    /// temperature of its lid, `balance` that of its roof.
    pub(super) fn of(
        feature: &Feature,
        building: &Building,
        balance: &Balance,
        lid_c: f64,
        emissivity: f64,
    ) -> Option<Self> {
        let Shape::Rect(own) = feature.shape else {
            return None;
        };
        if feature.height_m <= 0.0 {
            return None;
        }
        let [s, t] = building.centre;
        let plan = Rect::new(own.u0 + s, own.u1 + s, own.v0 + t, own.v1 + t);
        let middle = (0.5 * (plan.u0 + plan.u1), 0.5 * (plan.v0 + plan.v1));
        let idle = |sky_view: f64| {
            Balance {
                emissivity,
                sky_view,
                ..*balance
            }
            .surface_c(0.0)
        };
        Some(Self {
            plan,
            top_m: building.top_m(middle.0, middle.1)? + feature.height_m,
            foot_m: building.base_m + building.eave_m,
            side_c: idle(SIDE_SKY_VIEW) + SIDE_SHARE * (lid_c - idle(1.0)),
            emissivity,
        })
    }

    /// Where a downward ray meets the box.
    ///
    /// Between the heights of lid and foot the ray runs over a short stretch of the plan; few
    /// boxes lie on it, and only those are cut.
    pub(super) fn meet(&self, o: [f64; 3], d: [f64; 3]) -> Option<Met> {
        let per_m = 1.0 / d[2];
        let (top, foot) = ((self.top_m - o[2]) * per_m, (self.foot_m - o[2]) * per_m);
        let (s, t) = (o[0] + top * d[0], o[1] + top * d[1]);
        let (s_end, t_end) = (o[0] + foot * d[0], o[1] + foot * d[1]);
        let beside = s.min(s_end) > self.plan.u1
            || s.max(s_end) < self.plan.u0
            || t.min(t_end) > self.plan.v1
            || t.max(t_end) < self.plan.v0;
        if beside {
            return None;
        }
        if self.plan.contains(s, t) {
            return Some(Met { at: top, lid: true });
        }
        let (enter, _) = self.plan.crossing(o, d)?;
        (enter > top && enter < foot).then_some(Met {
            at: enter,
            lid: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::building::RoofForm;
    use super::super::building::tests::hall;
    use super::super::feature::{Effect, Kind};
    use super::*;

    /// A box of 2 m × 4 m × 1.5 m in the middle of the hall of `building::tests`, whose roof lies
    /// at 14 m; 4 K warmer than the roof.
    fn plant(form: RoofForm) -> (Building, Feature) {
        let feature = Feature {
            id: "P".into(),
            kind: Kind::Plant,
            shape: Shape::Rect(Rect::around(0.0, 0.0, 2.0, 4.0)),
            effect: Effect::Covers {
                rise_k: 4.0,
                emissivity: 0.9,
            },
            height_m: 1.5,
            flights: [1, u32::MAX],
        };
        (hall(form), feature)
    }

    fn body(form: RoofForm, lid_c: f64) -> Body {
        let (hall, feature) = plant(form);
        let balance = super::super::feature::design_balance(&hall);
        Body::of(&feature, &hall, &balance, lid_c, 0.9).expect("it has a height")
    }

    const FLAT: RoofForm = RoofForm::Flat { parapet_m: 0.4 };

    #[test]
    fn a_ray_from_above_meets_the_lid_at_its_height_and_passes_beside_it() {
        let body = body(FLAT, 0.0);
        assert_eq!(body.top_m, 15.5);
        let down = [0.0, 0.0, -1.0];
        let met = body.meet([50.9, 51.9, 115.5], down).expect("on the lid");
        assert!((met.at - 100.0).abs() < 1e-9 && met.lid);
        assert_eq!(body.meet([51.1, 50.0, 115.5], down), None);
    }

    #[test]
    fn a_slanting_ray_meets_the_side_it_sees_or_the_roof_before() {
        let body = body(FLAT, 0.0);
        let slanting = [1.0, 0.0, -1.0];
        // From (44, 50, 20) the side at 49 is 5 m along, at 15 m: between 14 m and 15.5 m.
        let side = body.meet([44.0, 50.0, 20.0], slanting).expect("a side");
        assert!((side.at - 5.0).abs() < 1e-9 && !side.lid);
        // A metre further on it comes over the edge of the lid.
        let lid = body.meet([45.0, 50.0, 20.0], slanting).expect("the lid");
        assert!((lid.at - 4.5).abs() < 1e-9 && lid.lid);
        // Two metres further back it reaches the roof before the box.
        assert_eq!(body.meet([42.0, 50.0, 20.0], slanting), None);
        assert_eq!(body.meet([44.0, 53.0, 20.0], slanting), None);
    }

    #[test]
    fn on_a_slope_the_lid_is_level_and_stands_over_the_roof_in_its_middle() {
        let body = body(RoofForm::Gable { rise_m: 1.0 }, 0.0);
        assert_eq!(body.top_m, 16.5, "ridge at 15 m");
    }

    #[test]
    fn sides_of_a_thing_that_gives_off_no_heat_are_warmer_than_its_lid_and_half_an_excess_shows() {
        let (hall, _) = plant(FLAT);
        let idle = Balance {
            emissivity: 0.9,
            ..super::super::feature::design_balance(&hall)
        };
        let lid_c = idle.surface_c(0.0);
        let cold = body(FLAT, lid_c);
        // Half the sky view: half the way to the air, 2 °C, and no further.
        assert!(cold.side_c > lid_c && cold.side_c < 2.0, "{}", cold.side_c);
        let warm = body(FLAT, lid_c + 8.0);
        assert!((warm.side_c - cold.side_c - 4.0).abs() < 1e-9);
    }
}
