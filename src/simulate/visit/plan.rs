//! Which cases are seen at which companies, and what becomes of them from visit to visit.

use super::scenes::Kind;
use crate::simulate::building::Use;
use crate::simulate::companies::Firms;
use crate::simulate::feature::Kind as Fault;
use crate::simulate::park::Park;

/// One case at one company, the same in every visit that sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub kind: Kind,
    /// Place in the list of companies.
    pub firm: usize,
    /// Place in the park.
    pub building: usize,
    /// Fault on the roof, where the case is one: place in the building's features.
    pub feature: Option<usize>,
    /// Number among the cases: names its random numbers.
    pub number: u64,
    /// Letter and number of the finding, e.g. E01.
    pub finding: (char, usize),
    /// First visit that sees it, from 1.
    pub since: u32,
    /// From which visit on it is repaired.
    pub repaired: Option<u32>,
}

impl Task {
    /// Whether a visit finds it repaired.
    pub(super) fn solved(&self, visit: u32) -> bool {
        self.repaired.is_some_and(|from| visit >= from)
    }
}

/// The cases of `pictures` pictures at `companies` companies, and one more for every visit after
/// the first.
pub(super) fn tasks(
    park: &Park,
    firms: &Firms,
    companies: usize,
    pictures: usize,
    visits: u32,
) -> Vec<Task> {
    let chosen = choose(park, firms, companies);
    let mut list: Vec<Task> = Vec::new();
    let mut turn = 0;
    let mut left = pictures;
    for (index, firm) in chosen.iter().enumerate() {
        let mut quota = left.div_ceil(chosen.len() - index);
        // Each kind is tried once in a round; a round without any ends the company.
        let mut refused = 0;
        while quota > 0 && refused < Kind::ALL.len() {
            let kind = Kind::ALL[turn % Kind::ALL.len()];
            turn += 1;
            let task = (kind.pictures() <= quota).then(|| settle(park, firms, &list, *firm, kind));
            match task.flatten() {
                Some(task) => {
                    list.push(task);
                    quota -= kind.pictures();
                    left -= kind.pictures();
                    refused = 0;
                }
                None => refused += 1,
            }
        }
    }
    if let Some(breaker) = list.iter_mut().find(|t| t.kind == Kind::Breaker) {
        breaker.repaired = Some(2);
    }
    let Some(first) = chosen.first() else {
        return list;
    };
    for visit in 2..=visits {
        const FRESH: [Kind; 4] = [Kind::Fuses, Kind::Door, Kind::Valve, Kind::Ceiling];
        let kind = FRESH[(visit as usize - 2) % FRESH.len()];
        if let Some(task) = settle(park, firms, &list, *first, kind) {
            list.push(Task {
                since: visit,
                ..task
            });
        }
    }
    list
}

/// A case at a company; `None` where it has no fault left on its roofs for one that needs it.
fn settle(park: &Park, firms: &Firms, list: &[Task], firm: usize, kind: Kind) -> Option<Task> {
    let own = &firms.list[firm].buildings;
    let heated = |b: &&usize| park.buildings[**b].usage == Use::Heated;
    let home = *own.iter().find(heated).or(own.first())?;
    let taken = |b: usize, f: usize| list.iter().any(|t| t.building == b && t.feature == Some(f));
    let (building, feature) = if kind == Kind::Hatch {
        let (building, feature) = faults(park, own).find(|(b, f)| !taken(*b, *f))?;
        (building, Some(feature))
    } else {
        (home, None)
    };
    let letter = kind.letter();
    let before = list
        .iter()
        .filter(|t| t.firm == firm && t.finding.0 == letter);
    Some(Task {
        kind,
        firm,
        building,
        feature,
        number: list.len() as u64,
        finding: (letter, before.count() + 1),
        since: 1,
        repaired: None,
    })
}

/// Faults on roofs that the first flight sees: building and place in its features; fields without
/// insulation first, then large ones.
fn faults<'a>(park: &'a Park, buildings: &'a [usize]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut all: Vec<(usize, usize, f64)> = Vec::new();
    for building in buildings {
        for (index, feature) in park.buildings[*building].features.iter().enumerate() {
            if feature.kind.is_defect() && feature.exists(1) {
                let field = feature.kind == Fault::Insulation;
                all.push((*building, index, feature.area_m2() + 1e6 * f64::from(field)));
            }
        }
    }
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    all.into_iter()
        .map(|(building, index, _)| (building, index))
}

/// Companies that take part and have a building of their own: first those with a fault on the
/// roof, the second of another language where there is one.
fn choose(park: &Park, firms: &Firms, companies: usize) -> Vec<usize> {
    let takes_part = |i: &usize| {
        let firm = &firms.list[*i];
        firm.participates == "yes" && !firm.buildings.is_empty()
    };
    let mut order: Vec<usize> = (0..firms.list.len()).filter(takes_part).collect();
    let plain = |i: &usize| faults(park, &firms.list[*i].buildings).next().is_none();
    order.sort_by_key(|i| (plain(i), *i));
    if let Some(at) = order.iter().position(|i| firms.list[*i].language != "nl") {
        let other = order.remove(at);
        order.insert(1.min(order.len()), other);
    }
    order.truncate(companies);
    order
}

#[cfg(test)]
mod tests {
    use super::super::super::Options;
    use super::*;

    #[test]
    fn fifteen_pictures_are_every_case_once_at_four_companies() {
        for seed in 1..8 {
            let park = Park::generate(&Options {
                seed,
                ..Options::default()
            });
            let firms = Firms::settle(&park);
            let tasks = tasks(&park, &firms, 4, 15, 1);
            let pictures: usize = tasks.iter().map(|t| t.kind.pictures()).sum();
            assert_eq!((tasks.len(), pictures), (13, 15), "seed {seed}");
            let mut seen: Vec<usize> = tasks.iter().map(|t| t.firm).collect();
            seen.dedup();
            assert_eq!(seen.len(), 4);
            assert!(
                tasks
                    .iter()
                    .all(|t| firms.list[t.firm].participates == "yes")
            );
        }
    }

    #[test]
    fn a_second_visit_finds_the_breaker_repaired_and_one_thing_more() {
        let park = Park::generate(&Options::default());
        let firms = Firms::settle(&park);
        let (one, two) = (
            tasks(&park, &firms, 4, 15, 1),
            tasks(&park, &firms, 4, 15, 2),
        );
        assert_eq!(two.len(), one.len() + 1);
        assert_eq!(two[..one.len()], one[..]);
        assert_eq!(two.iter().filter(|t| t.solved(2)).count(), 1);
        assert!(!two.iter().any(|t| t.solved(1)));
    }
}
