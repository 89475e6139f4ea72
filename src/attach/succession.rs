//! The same company and the same building on two dates.
//!
//! Companies are renamed, merged, move: a company of the former flight is found again by its
//! key, then its enterprise number, then its buildings (flemish-data.md §9.3). Buildings are
//! found again by their key, then by their shape (§2.3). Refused rather than chosen where two
//! answers are equally good.

use std::collections::{BTreeMap, BTreeSet};

use super::shapes::{Shapes, common_m2};
use crate::survey::Outline;
use ::geo::Area;

/// Intersection over union from which two outlines of different keys are one building
/// (flemish-data.md §2.3).
const SAME_SHAPE: f64 = 0.6;
/// Change of area from which only the common part of a building is compared (§2.3).
const CHANGED: f64 = 0.1;

/// A company as one flight knew it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Company key.
    pub company_id: String,
    /// Enterprise number, ten digits; empty when unknown.
    pub enterprise_number: String,
    /// Its buildings.
    pub oidns: Vec<String>,
}

/// How a company was found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The same key.
    Id,
    /// The same enterprise number.
    Number,
    /// The same buildings.
    Buildings,
}

/// For every company of the former flight the one it is now, an index into `now`, and how it
/// was found. Several may have become one (a merger).
///
/// A key decides alone. A number counts where one row has it now. Buildings count where one
/// company, not yet found under its own key, holds more of the former buildings than any other.
pub fn companies(before: &[Known], now: &[Known]) -> Vec<Option<(usize, By)>> {
    let by_id: BTreeMap<&str, usize> = now
        .iter()
        .enumerate()
        .map(|(i, k)| (k.company_id.as_str(), i))
        .collect();
    let mut by_number: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, known) in now.iter().enumerate() {
        if !known.enterprise_number.is_empty() {
            by_number
                .entry(&known.enterprise_number)
                .or_default()
                .push(i);
        }
    }
    before
        .iter()
        .map(|known| {
            if let Some(i) = by_id.get(known.company_id.as_str()) {
                return Some((*i, By::Id));
            }
            let number = by_number.get(known.enterprise_number.as_str());
            if let Some([one]) = number.map(Vec::as_slice) {
                return Some((*one, By::Number));
            }
            heir(known, now).map(|i| (i, By::Buildings))
        })
        .collect()
}

/// The company that holds most of a company's former buildings, if one does.
fn heir(known: &Known, now: &[Known]) -> Option<usize> {
    let own: BTreeSet<&str> = known.oidns.iter().map(String::as_str).collect();
    let mut held: Vec<(usize, usize)> = now
        .iter()
        .enumerate()
        .map(|(i, k)| {
            (
                k.oidns.iter().filter(|o| own.contains(o.as_str())).count(),
                i,
            )
        })
        .filter(|(n, _)| *n > 0)
        .collect();
    held.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    match held.as_slice() {
        [one] => Some(one.1),
        [first, second, ..] if first.0 > second.0 => Some(first.1),
        _ => None,
    }
}

/// What became of a building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It is there, its area changed by no more than a tenth.
    Same(usize),
    /// It is there and was extended or cut by more: only the common part is compared.
    Changed(usize),
    /// It is gone.
    Demolished,
}

/// For every outline of the former flight what became of it (indices into `now`), and the
/// outlines that are new.
pub fn buildings(before: &[Outline], now: &[Outline]) -> (Vec<Fate>, Vec<usize>) {
    let by_key: BTreeMap<&str, usize> = now
        .iter()
        .enumerate()
        .map(|(i, o)| (o.oidn.as_str(), i))
        .collect();
    let former: BTreeSet<&str> = before.iter().map(|o| o.oidn.as_str()).collect();
    let shapes = Shapes::new(now.iter().map(|o| &o.polygon));
    let mut taken = BTreeSet::new();
    let fates = before
        .iter()
        .map(|outline| {
            let by_shape = || {
                shapes
                    .meeting(&outline.polygon)
                    .into_iter()
                    // One whose key was there before is that building, not this one.
                    .filter(|i| {
                        now.get(*i)
                            .is_some_and(|o| !former.contains(o.oidn.as_str()))
                    })
                    .find(|i| {
                        now.get(*i)
                            .is_some_and(|o| overlap(outline, o) >= SAME_SHAPE)
                    })
            };
            let found = by_key.get(outline.oidn.as_str()).copied().or_else(by_shape);
            match found.and_then(|i| Some((i, now.get(i)?))) {
                Some((i, other)) => {
                    taken.insert(i);
                    let (a, b) = (
                        outline.polygon.unsigned_area(),
                        other.polygon.unsigned_area(),
                    );
                    match (b - a).abs() > CHANGED * a {
                        true => Fate::Changed(i),
                        false => Fate::Same(i),
                    }
                }
                None => Fate::Demolished,
            }
        })
        .collect();
    let new = (0..now.len()).filter(|i| !taken.contains(i)).collect();
    (fates, new)
}

/// Intersection over union, 0–1.
fn overlap(a: &Outline, b: &Outline) -> f64 {
    let common = common_m2(&a.polygon, &b.polygon);
    let all = a.polygon.unsigned_area() + b.polygon.unsigned_area() - common;
    if all > 0.0 { common / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outline, rect};
    use super::*;

    fn known(id: &str, number: &str, oidns: &[&str]) -> Known {
        Known {
            company_id: id.into(),
            enterprise_number: number.into(),
            oidns: oidns.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_renamed_company_is_found_by_key_then_number_then_buildings() {
        let before = [
            known("A", "1", &["10"]),
            known("B", "2", &["20"]),
            known("C", "3", &["30", "31"]),
            known("D", "4", &["40"]),
        ];
        let now = [
            known("C2", "9", &["30", "31"]),
            known("B2", "2", &["99"]),
            known("A", "7", &["98"]),
        ];
        let found = companies(&before, &now);
        assert_eq!(
            found,
            [
                Some((2, By::Id)),
                Some((1, By::Number)),
                Some((0, By::Buildings)),
                None
            ]
        );
    }

    #[test]
    fn merged_companies_become_one_and_a_split_one_is_not_guessed() {
        let merged = companies(
            &[known("A", "1", &["10"]), known("B", "2", &["20"])],
            &[known("M", "5", &["10", "20"])],
        );
        assert_eq!(merged, [Some((0, By::Buildings)), Some((0, By::Buildings))]);
        let split = companies(
            &[known("A", "1", &["10", "11"])],
            &[known("X", "5", &["10"]), known("Y", "6", &["11"])],
        );
        assert_eq!(split, [None]);
        // Two rows of one number: the number does not say which.
        let rows = [known("X", "1", &[]), known("Y", "1", &["10", "11"])];
        let found = companies(&[known("A", "1", &["10", "11"])], &rows);
        assert_eq!(found, [Some((1, By::Buildings))]);
    }

    #[test]
    fn an_empty_number_finds_nobody() {
        let found = companies(&[known("A", "", &[])], &[known("B", "", &[])]);
        assert_eq!(found, [None]);
    }

    #[test]
    fn demolished_new_extended_and_renumbered_buildings_are_told() {
        let before = [
            outline("1", rect(0.0, 0.0, 20.0, 20.0)),
            outline("2", rect(100.0, 0.0, 120.0, 20.0)),
            outline("3", rect(200.0, 0.0, 220.0, 20.0)),
            outline("4", rect(300.0, 0.0, 320.0, 20.0)),
        ];
        let now = [
            outline("1", rect(0.0, 0.0, 20.0, 20.5)),
            outline("2", rect(100.0, 0.0, 140.0, 20.0)),
            // A new key for nearly the same walls.
            outline("33", rect(201.0, 0.0, 221.0, 20.0)),
            outline("5", rect(400.0, 0.0, 420.0, 20.0)),
        ];
        let (fates, new) = buildings(&before, &now);
        assert_eq!(
            fates,
            [
                Fate::Same(0),
                Fate::Changed(1),
                Fate::Same(2),
                Fate::Demolished
            ]
        );
        assert_eq!(new, [3]);
    }
}
