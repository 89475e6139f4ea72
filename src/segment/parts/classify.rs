//! Names objects by their signs (scoring.md §10, §11).
//!
//! The signs leave every kind open to another explanation, so confidences stay below certainty;
//! they were chosen, not fitted. Repetition weighs most: faults do not come in one size.

use super::shape::{Form, aligned};
use super::{Kind, Why};

/// What an object shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs {
    pub form: Form,
    /// Median difference from its plane, K.
    pub contrast_k: f64,
    /// Greatest difference in size, with sign, K.
    pub peak_k: f64,
    /// Median height over its plane, metres, where the surface model tells it.
    pub height_m: Option<f64>,
    /// Slope of its plane, degrees, where known.
    pub slope_deg: Option<f64>,
}

/// A kind, its confidence and the signs behind it.
pub(super) type Named = (Kind, f64, Vec<Why>);

/// Share of its rectangle from which an object is rectangular (a staircase of cells round a
/// turned rectangle fills 0.85 to 0.95).
const RECTANGLE: f64 = 0.75;
/// Smallest rooflight, m².
const LEAST_PANE_M2: f64 = 0.4;
/// Smallest object without a name that is worth a part, m² (scoring.md §10.3).
const LEAST_UNKNOWN_M2: f64 = 0.25;
/// Share of its rectangle under which an object without a name is no thing: a halo, a stretch of
/// ridge.
const RAGGED: f64 = 0.3;
/// Height over the plane that is no error of the surface model, metres.
const HIGHER_M: f64 = 0.4;

/// Names all objects of a roof; `None` for what is left to the plane: faults are no parts.
pub(super) fn name(signs: &[Signs], building_angle: f64, cell_m: f64) -> Vec<Option<Named>> {
    signs
        .iter()
        .map(|own| {
            let alike = signs.iter().filter(|other| same_size(own, other, cell_m));
            one(own, alike.count() - 1, building_angle)
        })
        .collect()
}

/// Sides within 15 % or one and a half cells, and of one sign.
fn same_size(a: &Signs, b: &Signs, cell_m: f64) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= (0.15 * x.max(y)).max(1.5 * cell_m);
    let rectangles = a.form.fill.min(b.form.fill) >= RECTANGLE || a.form == b.form;
    rectangles
        && a.contrast_k * b.contrast_k > 0.0
        && near(a.form.length_m, b.form.length_m)
        && near(a.form.width_m, b.form.width_m)
}

fn one(own: &Signs, others: usize, building_angle: f64) -> Option<Named> {
    let form = &own.form;
    let rectangle = form.fill >= RECTANGLE;
    let mut why = vec![if own.contrast_k > 0.0 {
        Why::Warmer
    } else {
        Why::Colder
    }];
    if rectangle {
        why.push(Why::Rectangle);
    }
    if others > 0 {
        why.push(Why::Repeated);
    }
    let along = aligned(form.angle, building_angle);
    if rectangle && along {
        why.push(Why::Aligned);
    }
    let higher = own.height_m.is_some_and(|h| h >= HIGHER_M);
    if higher {
        why.push(Why::Higher);
    }
    let repeated = 0.1 * others.min(3) as f64;
    let (kind, confidence) = if own.contrast_k > 0.0 {
        warm(own, others, rectangle, higher, repeated, &mut why)?
    } else {
        cold(own, others, rectangle && along, repeated, &mut why)
    };
    let thing = form.area_m2 >= LEAST_UNKNOWN_M2 && form.fill >= RAGGED;
    let worth = kind != Kind::Unknown || thing;
    worth.then_some((kind, confidence, why))
}

fn warm(
    own: &Signs,
    others: usize,
    rectangle: bool,
    higher: bool,
    repeated: f64,
    why: &mut Vec<Why>,
) -> Option<(Kind, f64)> {
    let form = &own.form;
    let bonus = if higher { 0.15 } else { 0.0 };
    if form.length_m < 1.5 && own.peak_k > 5.0 {
        why.push(Why::Compact);
        return Some((Kind::Installation, 0.75 + bonus));
    }
    if form.length_m >= 5.0 * form.width_m || form.area_m2 > 12.0 {
        // Bridges and patches without insulation look like this.
        return higher.then_some((Kind::Installation, 0.65));
    }
    let pane = rectangle && (LEAST_PANE_M2..=8.0).contains(&form.area_m2);
    if pane && others > 0 && own.contrast_k >= 2.0 {
        // Below 3 K two wet boards of one size look the same: not sure enough to be left out.
        let sure = if own.contrast_k >= 3.0 { 0.15 } else { 0.0 };
        return Some((Kind::Rooflight, 0.45 + sure + repeated + bonus));
    }
    if higher {
        return Some((Kind::Installation, 0.7));
    }
    if pane && form.area_m2 <= 6.0 && own.contrast_k >= 3.0 {
        return Some((Kind::Rooflight, 0.5));
    }
    if !rectangle {
        why.push(Why::Irregular);
    }
    Some((Kind::Unknown, 0.4))
}

fn cold(own: &Signs, others: usize, panel: bool, repeated: f64, why: &mut Vec<Why>) -> (Kind, f64) {
    let form = &own.form;
    if panel && form.area_m2 >= 8.0 {
        why.push(Why::Large);
        let large = if form.area_m2 >= 30.0 { 0.1 } else { 0.0 };
        return (Kind::Pv, 0.6 + large + repeated.min(0.2));
    }
    if panel && others > 1 && form.area_m2 >= 1.2 {
        return (Kind::Pv, 0.5 + repeated);
    }
    let level = own.slope_deg.is_none_or(|s| s < 3.0);
    if form.fill < RECTANGLE {
        why.push(Why::Irregular);
        if level && form.area_m2 >= 1.0 {
            why.push(Why::Level);
            return (Kind::Puddle, 0.45);
        }
    }
    (Kind::Unknown, 0.3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(length_m: f64, width_m: f64, fill: f64, contrast_k: f64) -> Signs {
        Signs {
            form: Form {
                length_m,
                width_m,
                fill,
                angle: 0.1,
                area_m2: length_m * width_m * fill,
            },
            contrast_k,
            peak_k: 1.3 * contrast_k,
            height_m: None,
            slope_deg: Some(0.0),
        }
    }

    fn kinds(signs: &[Signs]) -> Vec<Option<Kind>> {
        let named = name(signs, 0.1, 0.25);
        named.into_iter().map(|n| n.map(|n| n.0)).collect()
    }

    #[test]
    fn rectangles_of_one_size_are_rooflights_and_a_patch_of_four_metres_is_left_to_the_roof() {
        let light = signs(2.75, 1.5, 0.9, 4.0);
        let patch = signs(5.0, 4.0, 0.95, 3.0);
        assert_eq!(
            kinds(&[light, light, patch]),
            [Some(Kind::Rooflight), Some(Kind::Rooflight), None]
        );
    }

    #[test]
    fn a_small_hot_thing_is_an_installation_and_a_large_cold_rectangle_a_field_of_panels() {
        let stack = signs(0.75, 0.75, 0.9, 8.0);
        let field = signs(20.0, 9.0, 0.9, -2.0);
        assert_eq!(
            kinds(&[stack, field]),
            [Some(Kind::Installation), Some(Kind::Pv)]
        );
    }

    #[test]
    fn a_cold_rounded_place_on_a_level_roof_may_be_a_puddle_but_is_not_left_out_for_it() {
        let named = name(&[signs(3.0, 2.5, 0.65, -1.5)], 0.1, 0.25);
        let (kind, confidence, why) = named[0].clone().expect("a part");
        assert_eq!(kind, Kind::Puddle);
        assert!(confidence < 0.6 && why.contains(&Why::Level));
    }
}
