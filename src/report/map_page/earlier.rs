//! What of an earlier flight's page may stand on this one.
//!
//! A roof stays where the same companies hold it now and the reader may still see as much; of one
//! that is shared less now only what is shared stays. Everything else of the earlier page turns
//! grey and loses its name.

use geo::{Area, BooleanOps, MultiPolygon};

use super::{Layer, Look, Roof, Shape};

/// Share of a roof that may have gone to others, by a seam drawn anew, before it counts as another roof.
const LOST: f64 = 0.03;

/// An earlier flight as far as it may be shown, with the shapes its cells are cut to: as they were
/// then, and as they are now. `None` where nothing is left of it.
pub fn still_open(earlier: &Layer, now: &Layer) -> Option<(Layer, [Vec<MultiPolygon<f64>>; 2])> {
    let mut layer = Layer {
        roofs: Vec::new(),
        spots: Vec::new(),
        ..earlier.clone()
    };
    let (mut then, mut today) = (Vec::new(), Vec::new());
    for (index, roof) in earlier.roofs.iter().enumerate() {
        let same = |r: &&Roof| r.oidn == roof.oidn && r.holders == roof.holders;
        let Some(current) = now.roofs.iter().find(same) else {
            layer.others.push(roof.shape.clone());
            continue;
        };
        let (former, present) = (
            roof.shape.polygon(earlier.origin_m),
            current.shape.polygon(now.origin_m),
        );
        let at = layer.roofs.len();
        let shrank = former.difference(&present).unsigned_area() > LOST * former.unsigned_area();
        if current.open {
            // Numbers and points of a roof of which a part is another's now would be that part's, too.
            layer.roofs.push(match shrank {
                true => part_left(roof, Shape::new(&present, earlier.origin_m)),
                false => roof.clone(),
            });
            let spots = earlier
                .spots
                .iter()
                .filter(|s| s.roof == index && !shrank)
                .cloned();
            layer.spots.extend(spots.map(|mut spot| {
                spot.roof = at;
                spot
            }));
            if roof.look == Look::Thermal {
                then.push(former);
                today.push(present);
            }
        } else if !shrank {
            layer.roofs.push(class_alone(roof, current));
        } else {
            layer.others.push(Shape::new(&present, earlier.origin_m));
        }
    }
    (!layer.roofs.is_empty()).then_some((layer, [then, today]))
}

/// The part of a roof that is left, with its temperatures and without any number of the whole.
fn part_left(roof: &Roof, shape: Shape) -> Roof {
    Roof {
        class: None,
        chip: "–".to_owned(),
        word: String::new(),
        facts: Vec::new(),
        look: match roof.look {
            Look::Thermal => Look::Thermal,
            Look::Class | Look::Hatched => Look::Hatched,
        },
        shape,
        ..roof.clone()
    }
}

fn class_alone(roof: &Roof, current: &Roof) -> Roof {
    Roof {
        note: current.note.clone(),
        chip: roof.class.map_or_else(|| "–".to_owned(), |c| c.to_string()),
        look: match roof.class {
            Some(_) => Look::Class,
            None => Look::Hatched,
        },
        facts: Vec::new(),
        masked: Vec::<Shape>::new(),
        ..roof.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, Spot};
    use super::*;

    fn square(x: f64) -> Shape {
        Shape(vec![vec![vec![
            [x, 0.0],
            [x + 5.0, 0.0],
            [x + 5.0, 5.0],
            [x, 5.0],
        ]]])
    }

    fn roof(oidn: &str, holder: &str, x: f64, open: bool) -> Roof {
        Roof {
            name: format!("name of {holder}"),
            oidn: oidn.to_owned(),
            holders: vec![holder.to_owned()],
            class: Some(4),
            chip: "3–4".to_owned(),
            look: Look::Thermal,
            facts: vec![Fact::new("median", "1,0 °C")],
            shape: square(x),
            open,
            ..Roof::default()
        }
    }

    #[test]
    fn roofs_of_others_turn_grey_and_less_sharing_leaves_the_class() {
        let earlier = Layer {
            roofs: vec![
                roof("1", "A", 0.0, true),
                roof("2", "B", 10.0, true),
                roof("3", "C", 20.0, true),
            ],
            spots: (0..3)
                .map(|roof| Spot {
                    roof,
                    nature: format!("spot {roof}"),
                    ..Spot::default()
                })
                .collect(),
            ..Layer::default()
        };
        // A sold building 1 to D, B shares its class alone now, C everything as before.
        let now = Layer {
            roofs: vec![
                roof("1", "D", 0.0, true),
                roof("2", "B", 10.0, false),
                roof("3", "C", 20.0, true),
            ],
            ..Layer::default()
        };
        let (left, [then, today]) = still_open(&earlier, &now).expect("two roofs");
        let text = serde_json::to_string(&left).expect("JSON");
        assert!(
            !text.contains("name of A") && !text.contains("spot 0") && !text.contains("spot 1")
        );
        assert_eq!(left.others, [square(0.0)]);
        assert_eq!(left.roofs.len(), 2);
        assert_eq!(left.roofs[0].look, Look::Class);
        assert_eq!(
            (left.roofs[0].chip.as_str(), left.roofs[0].facts.len()),
            ("4", 0)
        );
        assert_eq!(left.spots.len(), 1);
        assert_eq!(
            (left.spots[0].roof, left.spots[0].nature.as_str()),
            (1, "spot 2")
        );
        assert_eq!((then.len(), today.len()), (1, 1));
    }

    #[test]
    fn a_part_that_shrank_takes_its_numbers_and_points_with_it() {
        let layer = |shape: Shape| Layer {
            roofs: vec![Roof {
                shape,
                ..roof("1", "A", 0.0, true)
            }],
            spots: vec![Spot::default()],
            ..Layer::default()
        };
        let narrow = Shape(vec![vec![vec![
            [0.0, 0.0],
            [3.0, 0.0],
            [3.0, 5.0],
            [0.0, 5.0],
        ]]]);
        let (left, _) = still_open(&layer(square(0.0)), &layer(narrow.clone())).expect("a part");
        let part = &left.roofs[0];
        assert_eq!((left.roofs.len(), left.spots.len()), (1, 0));
        assert_eq!(
            (&part.shape, part.class, part.facts.len()),
            (&narrow, None, 0)
        );
        // Of one that grew everything is the company's own.
        let (left, _) = still_open(&layer(narrow), &layer(square(0.0))).expect("a roof");
        assert_eq!((left.roofs.len(), left.spots.len()), (1, 1));
    }

    #[test]
    fn nothing_is_left_where_all_roofs_went_to_others() {
        let layer = |holder: &str| Layer {
            roofs: vec![roof("1", holder, 0.0, true)],
            ..Layer::default()
        };
        assert!(still_open(&layer("A"), &layer("B")).is_none());
    }
}
