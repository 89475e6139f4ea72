//! Ids of hotspots that last: a place that an earlier flight found has the id of that flight.
//!
//! Only earlier flights give ids, so that the results of a flight do not depend on whether a later
//! one was processed. An id that a person judged also keeps its place where the hotspot moved
//! over the edge of the cell its id was made of: other frames, another setting.

use super::Flight;
use super::roofs::Rated;
use crate::compare::hotspots::Spot;
use crate::compare::identity;
use crate::compare::ids::{Roof, same_spots};
use crate::pipeline::compare::Flown;
use crate::pipeline::stage::Stage;
use crate::score::Hotspot;
use crate::segment::{names_place, place_ids_beside};
use crate::survey::{Outline, Review, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// How far a centre may have moved out of the cell that a judged id names, metres: twice what two
/// maps of one place usually lie apart. Farther, a neighbour would take over a verdict that is not
/// its own.
const NEAR_M: f64 = 0.5;

/// What earlier flights know.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Building of every id, by its key in the flight that had it.
    ids: BTreeMap<String, String>,
    /// Other keys of buildings of this flight in earlier ones.
    former: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    /// The building an id of an earlier flight was on.
    pub(super) fn building(&self, id: &str) -> Option<&str> {
        self.ids.get(id).map(String::as_str)
    }

    /// Whether a building of this flight is, or was, called by a key.
    pub(super) fn is_called(&self, oidn: &str, key: &str) -> bool {
        oidn == key || self.former.get(oidn).is_some_and(|keys| keys.contains(key))
    }

    /// How far the place an id names lies from a hotspot, metres; `None` for another place, and for
    /// ids of earlier flights, which go by what those found.
    pub(super) fn names(&self, id: &str, spot: &Hotspot) -> Option<f64> {
        if self.ids.contains_key(id) {
            return None;
        }
        let none = BTreeSet::new();
        let former = self.former.get(&spot.oidn).unwrap_or(&none);
        let mut keys = std::iter::once(&spot.oidn).chain(former);
        keys.find_map(|key| names_place(id, key, (spot.x_m, spot.y_m), NEAR_M))
    }

    fn note(&mut self, flight: &Flown) {
        for spot in &flight.spots {
            let known = self.ids.entry(spot.id.clone());
            known.or_insert_with(|| spot.oidn.clone());
        }
    }
}

impl Flight<'_> {
    /// Gives the hotspots the ids they had in earlier flights.
    pub(super) fn keep_ids(&mut self, rated: &mut Rated) -> Known {
        let earlier = self.earlier_flights();
        let reviews = &self.job.inputs.reviews;
        take_over(&earlier, &rated.outlines, &mut rated.hotspots, reviews)
    }

    /// Earlier flights that have results, the nearest in time first.
    fn earlier_flights(&mut self) -> Vec<Flown> {
        let Some(results) = self.out.parent() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut unread = Vec::new();
        for id in self.job.order.before(&self.job.folder.id) {
            let folder = results.join(id);
            // The last file of a flight.
            if !folder.join("run.json").is_file() || !folder.join("audit.gpkg").is_file() {
                continue;
            }
            match Flown::read(results, id) {
                Ok(flight) => found.push(flight),
                Err(problem) => unread.push(problem),
            }
        }
        for mut problem in unread {
            problem.what = format!("{}: its hotspots give no ids", problem.what);
            self.warn(Stage::Score, &problem);
        }
        found
    }
}

/// The same without files: `earlier` nearest in time first.
fn take_over(
    earlier: &[Flown],
    outlines: &[Outline],
    hotspots: &mut [Hotspot],
    reviews: &[Review],
) -> Known {
    let mut known = Known::default();
    let mut given: Vec<Option<String>> = vec![None; hotspots.len()];
    let mut used = BTreeSet::new();
    for flight in earlier {
        from_flight(
            flight, outlines, hotspots, &mut given, &mut used, &mut known,
        );
        known.note(flight);
    }
    from_reviews(reviews, hotspots, &mut given, &mut used, &known);
    // What is left is new here: its own id, unless that is another place's by now.
    let mut taken: BTreeSet<String> = known.ids.keys().cloned().chain(used).collect();
    let free: Vec<usize> = (0..hotspots.len())
        .filter(|i| given[*i].is_none())
        .collect();
    let (clash, own): (Vec<usize>, Vec<usize>) = free
        .into_iter()
        .partition(|i| taken.contains(&hotspots[*i].hotspot_id));
    taken.extend(own.into_iter().map(|i| hotspots[i].hotspot_id.clone()));
    let mut by_roof: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for i in clash {
        let roof = by_roof.entry(hotspots[i].oidn.clone()).or_default();
        roof.push(i);
    }
    for (oidn, places) in by_roof {
        let centres: Vec<(f64, f64)> = places
            .iter()
            .map(|i| (hotspots[*i].x_m, hotspots[*i].y_m))
            .collect();
        let ids = place_ids_beside(&oidn, &centres, "", &taken);
        for (i, id) in places.into_iter().zip(ids) {
            given[i] = Some(id);
        }
    }
    for (spot, id) in hotspots.iter_mut().zip(given) {
        if let Some(id) = id {
            spot.hotspot_id = id;
        }
    }
    known
}

/// Ids of one earlier flight for hotspots that have none yet.
fn from_flight(
    flight: &Flown,
    outlines: &[Outline],
    hotspots: &[Hotspot],
    given: &mut [Option<String>],
    used: &mut BTreeSet<String>,
    known: &mut Known,
) {
    let before: Vec<(&str, &_)> = flight
        .buildings
        .iter()
        .map(|b| (b.oidn.as_str(), &b.polygon))
        .collect();
    let now: Vec<(&str, &_)> = outlines
        .iter()
        .map(|o| (o.oidn.as_str(), &o.polygon))
        .collect();
    let mut theirs: BTreeMap<&str, Vec<&Spot>> = BTreeMap::new();
    for spot in flight.spots.iter().filter(|s| !used.contains(&s.id)) {
        theirs.entry(&spot.oidn).or_default().push(spot);
    }
    let spots: Vec<Spot> = hotspots.iter().map(Spot::from).collect();
    let mut ours: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, spot) in spots
        .iter()
        .enumerate()
        .filter(|(i, _)| given[*i].is_none())
    {
        ours.entry(&spot.oidn).or_default().push(i);
    }
    let mut roofs = Vec::new();
    let mut places: Vec<&[usize]> = Vec::new();
    for same in identity::pairs(&before, &now) {
        let (Some(i), Some(j)) = (same.before, same.after) else {
            continue;
        };
        let (old, new) = (before[i].0, now[j].0);
        if old != new {
            let keys = known.former.entry(new.to_owned()).or_default();
            keys.insert(old.to_owned());
        }
        if let (Some(theirs), Some(ours)) = (theirs.get(old), ours.get(new)) {
            places.push(ours);
            roofs.push(Roof {
                before: theirs.clone(),
                now: ours.iter().map(|i| &spots[*i]).collect(),
            });
        }
    }
    let pairs = same_spots(&roofs);
    for ((roof, places), pairs) in roofs.iter().zip(places).zip(pairs) {
        for (i, j) in pairs {
            let id = &roof.before[i].id;
            if used.insert(id.clone()) {
                given[places[j]] = Some(id.clone());
            }
        }
    }
}

/// Ids a person judged, for hotspots at their places.
fn from_reviews(
    reviews: &[Review],
    hotspots: &[Hotspot],
    given: &mut [Option<String>],
    used: &mut BTreeSet<String>,
    known: &Known,
) {
    let judged: Vec<&str> = reviews
        .iter()
        .filter_map(|r| match &r.subject {
            Subject::Hotspot(id) if known.building(id).is_none() => Some(id.as_str()),
            _ => None,
        })
        .collect();
    for exact in [true, false] {
        for id in &judged {
            if used.contains(*id) {
                continue;
            }
            let free = |i: &usize| given[*i].is_none();
            let away = |i: usize| match exact {
                true => (hotspots[i].hotspot_id == *id).then_some(0.0),
                false => known.names(id, &hotspots[i]),
            };
            let found = (0..hotspots.len())
                .filter(free)
                .filter_map(|i| Some((away(i)?, i)))
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if let Some((_, i)) = found {
                used.insert((*id).to_owned());
                given[i] = Some((*id).to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Building;
    use crate::segment::place_ids;
    use crate::survey::{HotspotKind, Ruling};
    use ::geo::{MultiPolygon, Rect, coord};

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
        let shape = Rect::new(coord! { x: x, y: y }, coord! { x: x + side, y: y + side });
        MultiPolygon(vec![shape.to_polygon()])
    }

    /// A hotspot of 1 m² with the id of its place.
    fn hotspot(oidn: &str, x_m: f64, y_m: f64) -> Hotspot {
        Hotspot {
            hotspot_id: place_ids(oidn, &[(x_m, y_m)], "").remove(0),
            oidn: oidn.to_owned(),
            segment_id: String::new(),
            kind: HotspotKind::Insulation,
            detail: String::new(),
            probability: 0.8,
            severity: 2,
            area_m2: 1.0,
            pixels: 40,
            peak_c: 3.0,
            excess_mean_k: 2.0,
            excess_sigma_k: 0.2,
            excess_max_k: 4.0,
            background_c: -1.0,
            excess_w: None,
            grade: 'B',
            deductions: Vec::new(),
            reasons: Vec::new(),
            frames: 5,
            x_m,
            y_m,
            polygon: square(x_m - 0.5, y_m - 0.5, 1.0),
            elongation: 1.0,
            review: None,
        }
    }

    fn flown(oidn: &str, spots: &[Hotspot]) -> Flown {
        Flown {
            buildings: vec![Building {
                oidn: oidn.to_owned(),
                polygon: square(0.0, 0.0, 40.0),
                median_c: None,
                material: String::new(),
                class: None,
                grade: None,
                reasons: Vec::new(),
                u: None,
                u_unshared: None,
                flux_w_m2: None,
                told_u: false,
                theta: None,
                indoor_c: 18.0,
            }],
            spots: spots.iter().map(Spot::from).collect(),
            ..Flown::default()
        }
    }

    fn outline(oidn: &str) -> Outline {
        Outline::new(oidn, square(0.0, 0.0, 40.0))
    }

    fn confirm(id: &str) -> Review {
        Review {
            subject: Subject::Hotspot(id.to_owned()),
            ruling: Ruling::Confirm,
            kind: None,
            severity: None,
            text: String::new(),
            who: String::new(),
            date: None,
        }
    }

    #[test]
    fn a_place_keeps_its_id_over_the_edge_of_a_cell_and_under_a_new_key() {
        // Cells end at 3.925: 0.3 m on the name of the place is another.
        let before = hotspot("1", 3.8, 5.0);
        let mut now = [hotspot("2", 4.1, 5.0)];
        assert_ne!(before.hotspot_id[2..], now[0].hotspot_id[2..]);
        let earlier = [flown("1", std::slice::from_ref(&before))];
        let known = take_over(&earlier, &[outline("2")], &mut now, &[]);
        assert_eq!(now[0].hotspot_id, before.hotspot_id);
        assert!(known.is_called("2", "1") && !known.is_called("2", "3"));
        assert_eq!(known.building(&before.hotspot_id), Some("1"));
    }

    #[test]
    fn the_id_of_a_place_that_is_gone_is_not_given_to_another() {
        // In one cell, 1.7 m apart: not the same thing.
        let before = hotspot("1", 2.1, 2.1);
        let mut now = [hotspot("1", 3.7, 2.7)];
        assert_eq!(before.hotspot_id, now[0].hotspot_id);
        let earlier = [flown("1", std::slice::from_ref(&before))];
        take_over(&earlier, &[outline("1")], &mut now, &[]);
        assert_ne!(now[0].hotspot_id, before.hotspot_id);
    }

    #[test]
    fn what_the_flight_before_missed_has_the_id_of_the_one_before_that() {
        let first = hotspot("1", 10.0, 10.0);
        let earlier = [flown("1", &[]), flown("1", std::slice::from_ref(&first))];
        let mut now = [hotspot("1", 10.2, 12.0), hotspot("1", 10.0, 10.6)];
        take_over(&earlier, &[outline("1")], &mut now, &[]);
        assert_eq!(now[1].hotspot_id, first.hotspot_id);
        assert_ne!(now[0].hotspot_id, first.hotspot_id);
    }

    #[test]
    fn a_judged_id_is_followed_half_a_metre_and_no_farther() {
        let judged = hotspot("1", 3.8, 5.0).hotspot_id;
        let reviews = [confirm(&judged)];
        let id_at = |x: f64| {
            let mut now = [hotspot("1", x, 5.0)];
            take_over(&[], &[outline("1")], &mut now, &reviews);
            now[0].hotspot_id.clone()
        };
        assert_eq!(id_at(4.2), judged);
        assert_ne!(id_at(4.6), judged);
        // Without a verdict and without an earlier flight every id is that of its place.
        let mut now = [hotspot("1", 4.2, 5.0)];
        let own = now[0].hotspot_id.clone();
        take_over(&[], &[outline("1")], &mut now, &[]);
        assert_eq!(now[0].hotspot_id, own);
    }
}
