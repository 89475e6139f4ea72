//! Hotspots of a flight that an earlier flight knows already: they keep their ids.
//!
//! Two maps lie up to a metre beside each other, all roofs of a strip by as much. How far is told
//! by the hotspots themselves: objects of like size that lie near each other are most likely one
//! thing, and the median of their offsets is that of the map; a roof with several goes by its own.
//! With that taken off they are paired by the rule of the comparison ([`super::hotspots::pairs`]).

use super::hotspots::{REACH_M, Spot, pairs};
use super::line::median;
use geo::{Area, Translate};

/// Farthest a map may lie beside the other, metres.
const FARTHEST_M: f64 = 2.5;
/// Objects of which one is more than so many times as large tell no offset.
const LIKE: f64 = 2.0;
/// Offsets that a roof, or the map, is believed from.
const ENOUGH: usize = 3;

/// The hotspots of one building in an earlier flight and in this one.
pub struct Roof<'a> {
    /// In the earlier flight.
    pub before: Vec<&'a Spot>,
    /// In this one.
    pub now: Vec<&'a Spot>,
}

/// For every roof which of the earlier hotspots which of this flight's is, by place in its lists.
pub fn same_spots(roofs: &[Roof<'_>]) -> Vec<Vec<(usize, usize)>> {
    let offsets: Vec<Vec<[f64; 2]>> = roofs.iter().map(offsets).collect();
    let all: Vec<[f64; 2]> = offsets.iter().flatten().copied().collect();
    let map = middle(&all).unwrap_or([0.0; 2]);
    let found = roofs.iter().zip(&offsets);
    found
        .map(|(roof, own)| {
            let [dx, dy] = middle(own).unwrap_or(map);
            let there: Vec<Spot> = roof
                .now
                .iter()
                .map(|s| Spot {
                    polygon: s.polygon.translate(-dx, -dy),
                    centre: [s.centre[0] - dx, s.centre[1] - dy],
                    // Names are what is looked for: they pair nothing.
                    id: String::new(),
                    ..(*s).clone()
                })
                .collect();
            let there: Vec<&Spot> = there.iter().collect();
            let pairs = pairs(&roof.before, &there, REACH_M);
            pairs
                .into_iter()
                .filter_map(|[i, j]| Some((i?, j?)))
                .collect()
        })
        .collect()
}

fn middle(offsets: &[[f64; 2]]) -> Option<[f64; 2]> {
    if offsets.len() < ENOUGH {
        return None;
    }
    let axis = |a: usize| median(offsets.iter().map(move |o| o[a]));
    Some([axis(0)?, axis(1)?])
}

/// Offsets of hotspots that are each other's nearest and of like size.
fn offsets(roof: &Roof<'_>) -> Vec<[f64; 2]> {
    let away = |a: &Spot, b: &Spot| {
        let [dx, dy] = [b.centre[0] - a.centre[0], b.centre[1] - a.centre[1]];
        (dx.hypot(dy), [dx, dy])
    };
    let nearest = |to: &Spot, of: &[&Spot], turned: bool| {
        let at = |s: &Spot| if turned { away(s, to) } else { away(to, s) };
        let all = of.iter().enumerate().map(|(i, s)| (i, at(s)));
        all.min_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.0.cmp(&b.0)))
    };
    let mut found = Vec::new();
    for (i, spot) in roof.before.iter().enumerate() {
        let Some((j, (m, offset))) = nearest(spot, &roof.now, false) else {
            continue;
        };
        let Some(other) = roof.now.get(j) else {
            continue;
        };
        let mutual = nearest(other, &roof.before, true).is_some_and(|(k, _)| k == i);
        let (a, b) = (area(spot), area(other));
        if mutual && m <= FARTHEST_M && a.max(b) <= LIKE * a.min(b) {
            found.push(offset);
        }
    }
    found
}

fn area(spot: &Spot) -> f64 {
    spot.polygon.unsigned_area()
}

#[cfg(test)]
mod tests {
    use super::super::identity::tests::hall;
    use super::*;

    fn spot(id: &str, x: f64, y: f64, side: f64) -> Spot {
        Spot {
            id: id.to_owned(),
            oidn: "1".to_owned(),
            polygon: hall(x, y, side, side),
            centre: [x + side / 2.0, y + side / 2.0],
            excess_k: 3.0,
            excess_w: None,
        }
    }

    /// Small objects 1.2 m beside themselves, one of them gone, one new: too far apart to overlap
    /// or to be one place where nobody knows how the maps lie.
    #[test]
    fn a_map_that_lies_beside_the_other_is_no_new_place() {
        let places = [(0.0, 0.0), (10.0, 3.0), (20.0, 8.0), (31.0, 2.0)];
        let before: Vec<Spot> = places.iter().map(|(x, y)| spot("a", *x, *y, 0.8)).collect();
        let mut now: Vec<Spot> = places[..3]
            .iter()
            .map(|(x, y)| spot("b", x + 1.1, y + 0.5, 0.8))
            .collect();
        now.push(spot("b", 50.0, 5.0, 0.8));
        let roofs = [Roof {
            before: before.iter().collect(),
            now: now.iter().collect(),
        }];
        assert_eq!(same_spots(&roofs), [[(0, 0), (1, 1), (2, 2)]]);
    }

    #[test]
    fn one_object_alone_tells_no_offset_and_must_be_where_it_was() {
        let roof = |dx: f64| {
            let (a, b) = (spot("a", 0.0, 0.0, 0.8), spot("b", dx, 0.0, 0.8));
            let roofs = [Roof {
                before: vec![&a],
                now: vec![&b],
            }];
            same_spots(&roofs)[0].len()
        };
        assert_eq!((roof(0.3), roof(0.9), roof(1.4)), (1, 1, 0));
    }

    #[test]
    fn a_roof_goes_by_its_own_strip() {
        // Eight objects lie as they did, three of another roof 1.3 m to the west.
        let still: Vec<Spot> = (0..8)
            .map(|i| spot("a", 9.0 * f64::from(i), 0.0, 0.7))
            .collect();
        let before: Vec<Spot> = (0..3)
            .map(|i| spot("a", 9.0 * f64::from(i), 60.0, 0.7))
            .collect();
        let now: Vec<Spot> = (0..3)
            .map(|i| spot("b", 9.0 * f64::from(i) - 1.3, 60.0, 0.7))
            .collect();
        let roofs = [
            Roof {
                before: still.iter().collect(),
                now: still.iter().collect(),
            },
            Roof {
                before: before.iter().collect(),
                now: now.iter().collect(),
            },
        ];
        let found = same_spots(&roofs);
        assert_eq!((found[0].len(), found[1].len()), (8, 3));
    }
}
