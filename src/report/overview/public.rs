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
    least: Sharing,
    cell: impl Fn(&Member<'_>) -> usize,
) -> Published {
    let counted: Vec<Counted> = members
        .iter()
        .filter(|m| m.counted)
        .map(|m| Counted {
            row: m.park.unwrap_or(scope.parks.len()),
            cell: cell(m),
            known: m.sees(members, least),
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

fn classes(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let cell = |m: &Member<'_>| m.class().map_or(CLASSES - 1, |c| usize::from(c) - 1);
    let published = count(members, scope, CLASSES, Sharing::Class, cell);
    let mut rows: Vec<Vec<Cell>> = of_scope(&published, scope)
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
    if published.known_only {
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
fn with_and_without<'m>(
    members: &[Member<'_>],
    scope: &Scope<'_>,
    has: impl Fn(&Member<'_>) -> bool + 'm,
) -> Option<usize> {
    let published = count(members, scope, 2, Sharing::Full, |m| usize::from(!has(m)));
    of_scope(&published, scope).first().copied().flatten()
}

fn points(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let kinds: BTreeSet<&str> = members
        .iter()
        .filter(|m| m.counted)
        .flat_map(|m| m.points().map(|s| s.kind.as_str()))
        .collect();
    let row = |kind: &&str| {
        let n = with_and_without(members, scope, |m| m.points().any(|s| s.kind == **kind));
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

fn reasons(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let has = |m: &Member<'_>, code: u8| {
        let mut roofs = m.holdings.iter();
        roofs.any(|h| h.roof.reasons.contains(&code))
    };
    let rows = (1..=22).filter_map(|code| {
        let n = with_and_without(members, scope, |m| has(m, code))?;
        Some(vec![
            Cell::text(format!("R{code:02}")),
            Cell::text(words::reason(code, scope.language)),
            withheld(Some(n), scope),
        ])
    });
    Table {
        name: "reasons",
        columns: vec!["reason", "meaning", "companies"],
        rows: rows.collect(),
    }
}
