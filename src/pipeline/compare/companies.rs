//! Companies of two flights: who came, left, withdrew, moved, and which roofs each held in both.
//!
//! Of a company nothing but its key is written, and its name where it takes part.

use super::read::{Flown, Member};
use crate::attach::succession::{self, By, Known};
use crate::compare::identity::Same;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a company between two flights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// In the list of the later flight alone.
    Came,
    /// In that of the earlier alone.
    Left,
    /// It took part, and withdrew.
    Withdrew,
    /// It takes part now and did not then.
    Joined,
    /// It holds none of its former buildings any more.
    Moved,
    /// It holds some of them, and others.
    Changed,
    /// As it was.
    Same,
}

impl State {
    pub(super) const ALL: [Self; 7] = [
        Self::Same,
        Self::Changed,
        Self::Moved,
        Self::Joined,
        Self::Withdrew,
        Self::Came,
        Self::Left,
    ];

    /// The word in `changes.json`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Came => "came",
            Self::Left => "left",
            Self::Withdrew => "withdrew",
            Self::Joined => "joined",
            Self::Moved => "moved",
            Self::Changed => "changed-buildings",
            Self::Same => "same",
        }
    }
}

/// A company in one or both flights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Company {
    /// Key in the later flight, or in the earlier where it left.
    pub(super) id: String,
    /// Key in the earlier flight, where it is another.
    pub(super) former_id: Option<String>,
    /// How it was found again.
    pub(super) by: Option<&'static str>,
    pub(super) state: State,
    /// Its name, where it takes part.
    pub(super) name: String,
    /// Buildings it held in both flights, by their keys in the later one.
    pub(super) held: Vec<String>,
}

/// All companies, those of the later flight first, in the order of the lists.
pub(super) fn between([before, after]: [&Flown; 2], same: &[Same]) -> Vec<Company> {
    // Keys of the earlier flight as the later one calls them.
    let now_called: BTreeMap<&str, &str> = same
        .iter()
        .filter_map(|s| {
            let old = before.buildings.get(s.before?)?;
            Some((
                old.oidn.as_str(),
                after.buildings.get(s.after?)?.oidn.as_str(),
            ))
        })
        .collect();
    let then: Vec<Known> = before
        .companies
        .iter()
        .map(|m| known(m, |oidn| now_called.get(oidn).copied()))
        .collect();
    let now: Vec<Known> = after.companies.iter().map(|m| known(m, Some)).collect();
    let found = succession::companies(&then, &now);
    let mut former: BTreeMap<usize, Vec<(usize, By)>> = BTreeMap::new();
    for (i, heir) in found.iter().enumerate() {
        if let Some((j, by)) = heir {
            former.entry(*j).or_default().push((i, *by));
        }
    }
    let mut list = Vec::new();
    for (j, member) in after.companies.iter().enumerate() {
        let own = former.get(&j).map_or(&[][..], Vec::as_slice);
        list.push(later(member, &now[j], own, &before.companies, &then));
    }
    for (i, member) in before.companies.iter().enumerate() {
        if found.get(i).is_none_or(Option::is_none) {
            list.push(Company {
                id: member.id.clone(),
                former_id: None,
                by: None,
                state: State::Left,
                name: String::new(),
                held: Vec::new(),
            });
        }
    }
    list
}

fn known<'a>(member: &'a Member, called: impl Fn(&'a str) -> Option<&'a str>) -> Known {
    let oidns = member.oidns.iter().map(String::as_str);
    Known {
        company_id: member.id.clone(),
        enterprise_number: member.number.clone(),
        oidns: oidns.filter_map(called).map(str::to_owned).collect(),
    }
}

/// A company of the later flight; several of the earlier may have become it.
fn later(
    member: &Member,
    now: &Known,
    former: &[(usize, By)],
    members: &[Member],
    then: &[Known],
) -> Company {
    let held_now: BTreeSet<&str> = now.oidns.iter().map(String::as_str).collect();
    let held_then: BTreeSet<&str> = former
        .iter()
        .filter_map(|(i, _)| then.get(*i))
        .flat_map(|k| k.oidns.iter().map(String::as_str))
        .collect();
    let held: Vec<String> = held_now
        .intersection(&held_then)
        .map(ToString::to_string)
        .collect();
    let took_part = former
        .iter()
        .filter_map(|(i, _)| members.get(*i))
        .any(|m| m.participates == "yes");
    let takes_part = member.participates == "yes";
    let state = match former {
        [] => State::Came,
        _ if member.participates == "withdrawn" && took_part => State::Withdrew,
        _ if !held_then.is_empty() && held.is_empty() && !held_now.is_empty() => State::Moved,
        _ if takes_part && !took_part => State::Joined,
        _ if held_then != held_now => State::Changed,
        _ => State::Same,
    };
    let first = former.first();
    let former_id = first
        .and_then(|(i, _)| members.get(*i))
        .map(|m| m.id.clone());
    Company {
        id: member.id.clone(),
        former_id: former_id.filter(|id| *id != member.id),
        by: first.map(|(_, by)| match by {
            By::Id => "company_id",
            By::Number => "enterprise_number",
            By::Buildings => "buildings",
        }),
        state,
        name: if takes_part {
            member.name.clone()
        } else {
            String::new()
        },
        held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Building;
    use ::geo::MultiPolygon;

    fn member(id: &str, number: &str, participates: &str, oidns: &[&str]) -> Member {
        Member {
            id: id.to_owned(),
            name: format!("{id} nv"),
            number: number.to_owned(),
            participates: participates.to_owned(),
            oidns: oidns.iter().map(ToString::to_string).collect(),
        }
    }

    fn flown(keys: &[&str], companies: Vec<Member>) -> Flown {
        let building = |key: &&str| Building {
            oidn: (*key).to_owned(),
            polygon: MultiPolygon(Vec::new()),
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
        };
        Flown {
            buildings: keys.iter().map(building).collect(),
            companies,
            ..Flown::default()
        }
    }

    #[test]
    fn who_came_left_withdrew_or_moved_is_told_and_which_roofs_it_kept() {
        let before = flown(
            &["1", "2", "3", "4", "5"],
            vec![
                member("A", "", "yes", &["1"]),
                member("B", "", "yes", &["2"]),
                member("C", "", "yes", &["3"]),
                member("D", "", "yes", &["4", "5"]),
                member("E", "7", "no", &[]),
            ],
        );
        // Building 5 has a new key, the walls are the same.
        let after = flown(
            &["1", "2", "3", "4", "55"],
            vec![
                member("A", "", "yes", &["1"]),
                member("B", "", "yes", &["3"]),
                member("C", "", "withdrawn", &["3"]),
                member("D", "", "yes", &["55"]),
                member("E2", "7", "yes", &["2"]),
                member("F", "", "yes", &["4"]),
            ],
        );
        let same: Vec<Same> = (0..5)
            .map(|i| Same {
                before: Some(i),
                after: Some(i),
                iou: 1.0,
                by_key: i < 4,
            })
            .collect();
        let found = between([&before, &after], &same);
        let told: Vec<(&str, State, Vec<&str>)> = found
            .iter()
            .map(|c| {
                let held = c.held.iter().map(String::as_str).collect();
                (c.id.as_str(), c.state, held)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("A", State::Same, vec!["1"]),
                ("B", State::Moved, vec![]),
                ("C", State::Withdrew, vec!["3"]),
                ("D", State::Changed, vec!["55"]),
                ("E2", State::Joined, vec![]),
                ("F", State::Came, vec![]),
            ]
        );
        assert_eq!(found[4].former_id.as_deref(), Some("E"));
        assert_eq!(
            (found[4].by, found[2].name.as_str()),
            (Some("enterprise_number"), "")
        );
    }

    #[test]
    fn one_of_whom_nobody_has_the_key_number_or_roofs_left() {
        let before = flown(&["1"], vec![member("A", "5", "yes", &["1"])]);
        let after = flown(&["1"], Vec::new());
        let found = between([&before, &after], &[]);
        assert_eq!((found[0].id.as_str(), found[0].state), ("A", State::Left));
        assert_eq!(found[0].name, "");
    }
}
