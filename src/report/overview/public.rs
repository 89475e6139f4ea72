//! The public workbook: classes and counts, cells of at least `min_cell` companies, no company.

use super::counts::{Counted, Published, publish};
use super::{Cell, Facts, Member, Scope, Table, conditions, dictionary, words};
use crate::survey::Sharing;
use std::collections::BTreeSet;

/// Cells of the table of classes: 1–6 and without a class.
const CLASSES: usize = 7;

/// The tables of the public workbook of a park or of the campaign.
pub fn public(facts: &Facts, members: &[Member<'_>], scope: &Scope<'_>) -> Vec<Table> {
    let mut tables = vec![
        classes(members, scope),
        points(members, scope),
        reasons(members, scope),
        conditions(facts, scope),
    ];
    tables.insert(0, totals(facts, members, scope));
    tables.push(dictionary(&tables, scope.language));
    tables
}

/// The counts of the scope out of those of all parks.
fn of_scope(published: &Published, scope: &Scope<'_>) -> Vec<Option<usize>> {
    match scope.park {
        None => published.campaign.clone(),
        Some(park) => published.parks.get(park).cloned().unwrap_or_default(),
    }
}

fn count(
    members: &[Member<'_>],
    scope: &Scope<'_>,
    cells: usize,
    known: impl Fn(&Member<'_>) -> bool,
    cell: impl Fn(&Member<'_>) -> usize,
) -> Published {
    let counted: Vec<Counted> = members
        .iter()
        .filter(|m| m.counted)
        .map(|m| Counted {
            row: m.park.unwrap_or(scope.parks.len()),
            cell: cell(m),
            known: known(m),
        })
        .collect();
    publish(&counted, scope.parks.len(), cells, scope.min_cell)
}

fn withheld(count: Option<usize>, scope: &Scope<'_>) -> Cell {
    match count {
        Some(n) => Cell::Number(n as f64, 0),
        None => Cell::text(words::withheld(scope.language)),
    }
}

fn totals(facts: &Facts, members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let here = || members.iter().filter(|m| scope.holds(m.park));
    let enough = |n: usize| Some(n).filter(|n| *n >= scope.min_cell);
    let takes_part = here().filter(|m| m.counted).count();
    let outlines = facts.buildings.len();
    let mut rows = vec![vec![
        Cell::text("companies_counted"),
        withheld(enough(takes_part), scope),
    ]];
    if scope.park.is_none() {
        rows.push(vec![
            Cell::text("buildings_in_flight"),
            Cell::whole(Some(outlines)),
        ]);
    }
    rows.push(vec![
        Cell::text("min_cell"),
        Cell::whole(Some(scope.min_cell)),
    ]);
    Table {
        name: "overview",
        columns: vec!["key", "value"],
        rows,
    }
}

/// Companies by class, 1–6 and without one, and whether only those are counted whose class the
/// association knows.
pub(super) fn class_counts(
    members: &[Member<'_>],
    scope: &Scope<'_>,
) -> (Vec<Option<usize>>, bool) {
    let cell = |m: &Member<'_>| m.class().map_or(CLASSES - 1, |c| usize::from(c) - 1);
    let known = |m: &Member<'_>| m.sees(members, Sharing::Class);
    let published = count(members, scope, CLASSES, known, cell);
    let mut counts = of_scope(&published, scope);
    counts.resize(CLASSES, None);
    (counts, published.known_only)
}

fn classes(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let (counts, known_only) = class_counts(members, scope);
    let mut rows: Vec<Vec<Cell>> = counts
        .into_iter()
        .enumerate()
        .map(|(i, n)| {
            let class = if i + 1 < CLASSES {
                Cell::whole(Some(i + 1))
            } else {
                Cell::text("–")
            };
            let word = words::class(i, scope.language);
            vec![class, Cell::text(word), withheld(n, scope)]
        })
        .collect();
    if known_only {
        let note = words::known_only(scope.language);
        rows.push(vec![Cell::Empty, Cell::text(note), Cell::Empty]);
    }
    Table {
        name: "classes",
        columns: vec!["class", "indication", "companies"],
        rows,
    }
}

/// Companies with and without something: two cells each.
fn with_and_without(
    members: &[Member<'_>],
    scope: &Scope<'_>,
    known: impl Fn(&Member<'_>) -> bool,
    has: impl Fn(&Member<'_>) -> bool,
) -> Option<usize> {
    let published = count(members, scope, 2, known, |m| usize::from(!has(m)));
    of_scope(&published, scope).first().copied().flatten()
}

/// Companies with something on a roof of their own: points of a shared roof are nobody's, so that
/// the association knows all of a company that lets it see them.
pub(super) fn with_points(
    members: &[Member<'_>],
    scope: &Scope<'_>,
    has: impl Fn(&Member<'_>) -> bool,
) -> Option<usize> {
    with_and_without(members, scope, |m| m.visible == Sharing::Full, has)
}

fn points(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let kinds: BTreeSet<&str> = members
        .iter()
        .filter(|m| m.counted)
        .flat_map(|m| m.points().map(|s| s.kind.as_str()))
        .collect();
    let row = |kind: &&str| {
        let n = with_points(members, scope, |m| m.points().any(|s| s.kind == **kind));
        vec![Cell::text(*kind), withheld(n, scope)]
    };
    // A kind that too few have is not named either: that there is one would be told.
    let rows = kinds.iter().map(row);
    Table {
        name: "points",
        columns: vec!["kind", "companies"],
        rows: rows.filter(|r| matches!(r[1], Cell::Number(..))).collect(),
    }
}

/// Companies by reason, of the reasons whose count may be told.
pub(super) fn reason_counts(members: &[Member<'_>], scope: &Scope<'_>) -> Vec<(u8, usize)> {
    let has = |m: &Member<'_>, code: u8| {
        let mut roofs = m.holdings.iter();
        roofs.any(|h| h.roof.reasons.contains(&code))
    };
    let known = |m: &Member<'_>| m.sees(members, Sharing::Full);
    let told = |code: u8| with_and_without(members, scope, known, |m| has(m, code));
    (1..=22).filter_map(|c| Some((c, told(c)?))).collect()
}

/// Companies by the verdict of a comparison, which only who shares everything has told.
pub(super) fn verdict_counts(
    members: &[Member<'_>],
    scope: &Scope<'_>,
    verdicts: usize,
    verdict: &dyn Fn(&Member<'_>) -> usize,
) -> Vec<Option<usize>> {
    let known = |m: &Member<'_>| m.sees(members, Sharing::Full);
    let published = count(members, scope, verdicts, known, verdict);
    of_scope(&published, scope)
}

fn reasons(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let counts = reason_counts(members, scope).into_iter();
    let rows = counts.map(|(code, n)| {
        vec![
            Cell::text(format!("R{code:02}")),
            Cell::text(words::reason(code, scope.language)),
            withheld(Some(n), scope),
        ]
    });
    Table {
        name: "reasons",
        columns: vec!["reason", "meaning", "companies"],
        rows: rows.collect(),
    }
}
