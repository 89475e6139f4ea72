//! The numbers of the pages: distribution over the classes, group purchases, points by kind,
//! reasons.
//!
//! Two kinds of numbers and no third: counts of companies that may be published
//! (`super::super::counts`), the same as in the public workbook, and, for the association, sums
//! over roofs that it may see one by one. No sum mixes the two, so that no difference of printed
//! numbers tells of a roof that is hidden.

use serde::Serialize;

use super::seen::Seen;
use super::words::say;
use super::{Audience, Input};
use crate::report::format::{Format, fill};
use crate::report::overview::{Member, SpotFacts, public, words as overview_words};
use crate::report::sheet::Run;
use crate::report::verdict::forbids;
use crate::report::words::runs;
use crate::survey::{Language, Sharing};

/// Least length of an alternative text's list that is cut, characters.
const ALT: usize = 220;

/// A row of the distribution over the classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassRow {
    /// 1–6.
    pub class: u8,
    /// In words.
    pub word: &'static str,
    /// Length of the first bar, 0–1.
    pub share: f64,
    /// Its number; a dash where withheld.
    pub count: String,
    /// Whether the count is withheld.
    pub withheld: bool,
    /// Length of the second bar, 0–1 (internal).
    pub area_share: f64,
    /// Its number (internal).
    pub area: String,
    /// Companies of all participants (internal).
    pub all: String,
}

/// The distribution over the classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassBlock {
    /// Title.
    pub title: &'static str,
    /// Heads of the bars and of the last column.
    pub heads: Vec<&'static str>,
    /// Classes 1–6.
    pub rows: Vec<ClassRow>,
    /// Area of classes 4–6; empty where there is none to say.
    pub together: String,
    /// Sentence about roofs without a class.
    pub none: Vec<Run>,
    /// The last column of that row (internal).
    pub none_all: String,
    /// Notes under the bars.
    pub notes: Vec<String>,
    /// Alternative text of the bars.
    pub alt: String,
}

/// A group purchase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupRow {
    /// What is bought.
    pub label: &'static str,
    /// Length of the bar, 0–1.
    pub share: f64,
    /// Companies; a dash where withheld.
    pub count: String,
    /// Companies that share everything (internal).
    pub sharing: String,
    /// Area of their points, m² (internal).
    pub area: String,
    /// What to do first.
    pub step: &'static str,
    /// Names of the companies that share everything (internal).
    #[serde(skip)]
    pub names: Vec<String>,
}

/// Points of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindRow {
    /// Kind in words.
    pub label: &'static str,
    /// Length of the bar, 0–1.
    pub share: f64,
    /// Number.
    pub count: String,
    /// Area, m².
    pub area: String,
    /// Whether the kind is explained, not a defect.
    pub explained: bool,
}

/// Companies of one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReasonRow {
    /// `R02`.
    pub code: String,
    /// In words.
    pub label: String,
    /// Companies.
    pub count: String,
    /// Whether it leaves a roof without a class.
    pub spoils: bool,
}

/// What a point calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Group {
    label: &'static str,
    step: &'static str,
    kind: &'static str,
    /// For installations: pipes, or everything that moves air.
    pipe: Option<bool>,
}

impl Group {
    const fn of(label: &'static str, step: &'static str, kind: &'static str) -> Self {
        Self {
            label,
            step,
            kind,
            pipe: None,
        }
    }

    /// Groups share no point: unions would tell of a small kind by their difference.
    fn holds(&self, spot: &SpotFacts) -> bool {
        let pipe = spot.detail == "pipe";
        let air = !pipe && spot.detail != "pv";
        spot.kind == self.kind
            && match self.pipe {
                None => true,
                Some(true) => pipe,
                Some(false) => air,
            }
    }
}

const GROUPS: [Group; 9] = [
    Group::of("group_rooflight", "step_rooflight", "rooflight"),
    Group::of("group_edge", "step_edge", "edge"),
    Group::of("group_insulation", "step_insulation", "insulation"),
    Group::of("group_moisture", "step_moisture", "moisture"),
    Group::of("group_linear", "step_linear", "linear"),
    Group::of("group_air-leak", "step_air-leak", "air-leak"),
    Group {
        pipe: Some(true),
        ..Group::of("group_pipe", "step_pipe", "installation")
    },
    Group {
        pipe: Some(false),
        ..Group::of("group_ventilation", "step_ventilation", "installation")
    },
    Group::of("group_process", "step_process", "process"),
];

/// Kinds in the order of the table, and whether they are explained.
const KINDS: [(&str, &str); 9] = [
    ("insulation", "kind_insulation"),
    ("moisture", "kind_moisture"),
    ("edge", "kind_edge"),
    ("linear", "kind_linear"),
    ("air-leak", "kind_air-leak"),
    ("unknown", "kind_unknown"),
    ("rooflight", "kind_rooflight"),
    ("installation", "kind_installation"),
    ("process", "kind_process"),
];

/// Warm objects on judged roofs of a company, explained ones too, none of low confidence.
fn sure_spots<'m>(member: &'m Member<'_>) -> impl Iterator<Item = &'m SpotFacts> {
    let judged = member.holdings.iter().filter(|h| h.roof.assessed_m2 > 0.0);
    let spots = judged.flat_map(|h| h.spots.iter().copied());
    spots.filter(|s| s.grade != 'D')
}

/// Square metres as hectares or, of little, as square metres.
pub(super) fn area(m2: f64, f: &Format) -> String {
    if m2 >= 100_000.0 {
        f.with_unit(m2 / 10_000.0, 1, "ha")
    } else if m2 >= 1_000.0 {
        f.with_unit(m2 / 10_000.0, 2, "ha")
    } else {
        f.with_unit(m2, 0, "m²")
    }
}

/// A list for an alternative text of at most 250 characters.
fn listed(template: &str, items: &[String]) -> String {
    let mut shown = items.len();
    loop {
        let mut list = items[..shown].join("; ");
        if shown < items.len() {
            list.push_str(" …");
        }
        let text = fill(template, &[("list", &list)]);
        if text.chars().count() <= ALT || shown == 0 {
            return text;
        }
        shown -= 1;
    }
}

fn shown(count: Option<usize>, f: &Format) -> String {
    count.map_or_else(|| "–".to_owned(), |n| f.number(n as f64, 0))
}

/// The distribution over the classes.
pub(super) fn classes(input: &Input<'_>, roofs: &[Seen<'_>], f: &Format) -> ClassBlock {
    let l = input.scope.language;
    let (published, known_only) = public::class_counts(input.members, &input.scope);
    let internal = input.audience == Audience::Association;
    let mut counts = [0_usize; 7];
    let mut areas = [0.0; 7];
    for roof in roofs.iter().filter(|r| r.class_known()) {
        let i = roof.roof().class.map_or(6, |c| usize::from(c) - 1);
        counts[i] += 1;
        areas[i] += roof.roof().area_m2;
    }
    let told = |i: usize| match internal {
        true => Some(counts[i]),
        false => published.get(i).copied().flatten(),
    };
    let most = (0..6).filter_map(told).max().unwrap_or(0).max(1);
    let largest = areas[..6].iter().fold(1.0_f64, |a, b| a.max(*b));
    let decimals = if largest >= 20_000.0 { 1 } else { 2 };
    let hectares = |m2: f64| f.number(m2 / 10_000.0, decimals);
    let rows: Vec<ClassRow> = (0..6)
        .map(|i| ClassRow {
            class: i as u8 + 1,
            word: overview_words::class(i, l),
            share: told(i).map_or(0.0, |n| n as f64 / most as f64),
            count: match told(i) {
                Some(n) => f.number(n as f64, 0),
                None => say("withheld", l).to_owned(),
            },
            withheld: told(i).is_none(),
            area_share: areas[i] / largest,
            area: hectares(areas[i]),
            all: shown(published.get(i).copied().flatten(), f),
        })
        .collect();
    let items: Vec<String> = rows
        .iter()
        .map(|r| format!("{} {}", r.class, r.count))
        .collect();
    let alt = listed(say("classes_alt", l), &items);
    let min = input.scope.min_cell.to_string();
    let basis = match input.scope.parks.is_empty() {
        true => "classes_note",
        false => "classes_note_parks",
    };
    let own = match internal {
        true => "classes_note_internal",
        false => "classes_note_public",
    };
    let mut notes = vec![
        say(basis, l).to_owned(),
        fill(say(own, l), &[("min", &min)]),
    ];
    if known_only {
        notes.push(sentence(overview_words::known_only(l)));
    }
    let upper: f64 = areas[3..6].iter().sum();
    let none = match (internal, counts[6], published.get(6).copied().flatten()) {
        (true, 0, _) => Vec::new(),
        (true, 1, _) => runs(&fill(
            say("one_not_assessable", l),
            &[("area", &area(areas[6], f))],
        )),
        (true, n, _) => runs(&fill(
            say("none_assessable", l),
            &[("n", &f.number(n as f64, 0)), ("area", &area(areas[6], f))],
        )),
        (false, _, Some(n)) => runs(&fill(
            say("companies_not_assessable", l),
            &[("n", &f.number(n as f64, 0))],
        )),
        (false, _, None) => runs(say("companies_not_assessable_withheld", l)),
    };
    ClassBlock {
        title: say("classes_title", l),
        heads: match internal {
            true => vec![
                say("col_buildings", l),
                say("col_area_ha", l),
                say(
                    if known_only {
                        "col_companies"
                    } else {
                        "col_all"
                    },
                    l,
                ),
            ],
            false => vec![say("col_companies", l)],
        },
        together: match internal && upper > 0.0 {
            true => area(upper, f),
            false => String::new(),
        },
        rows,
        none,
        none_all: shown(published.get(6).copied().flatten(), f),
        notes,
        alt,
    }
}

/// First letter in upper case, a full stop at the end.
fn sentence(text: &str) -> String {
    format!("{}.", crate::report::format::upper_first(text))
}

/// Group purchases, the most companies first.
pub(super) fn groups(input: &Input<'_>, f: &Format) -> Vec<GroupRow> {
    let l = input.scope.language;
    let internal = input.audience == Audience::Association;
    let mut rows = Vec::new();
    for group in &GROUPS {
        let has = |m: &Member<'_>| sure_spots(m).any(|s| group.holds(s));
        let count = public::with_points(input.members, &input.scope, has);
        let open: Vec<&Member<'_>> = input
            .members
            .iter()
            .filter(|m| internal && m.visible == Sharing::Full)
            .filter(|m| input.scope.holds(m.park) && has(m))
            .collect();
        let m2: f64 = open
            .iter()
            .flat_map(|m| sure_spots(m).filter(|s| group.holds(s)))
            .map(|s| s.area_m2)
            .sum();
        if count.is_none() && open.is_empty() {
            continue;
        }
        let mut names: Vec<String> = open
            .iter()
            .map(|m| super::list::column_name(&m.company.name))
            .collect();
        names.sort_by_key(|n| n.to_lowercase());
        rows.push((count, open.len(), m2, names, group));
    }
    rows.sort_by_key(|r| (std::cmp::Reverse(r.0), std::cmp::Reverse(r.1)));
    let longest = |r: &(Option<usize>, usize, f64, Vec<String>, &Group)| r.0.unwrap_or(0);
    let most = rows.iter().map(longest).max().unwrap_or(0).max(1);
    rows.into_iter()
        .map(|(count, open, m2, names, group)| GroupRow {
            label: say(group.label, l),
            share: count.map_or(0.0, |n| n as f64 / most as f64),
            count: shown(count, f),
            sharing: f.number(open as f64, 0),
            area: match open {
                0 => "–".to_owned(),
                _ => f.number(m2, 0),
            },
            step: say(group.step, l),
            names,
        })
        .collect()
}

/// Alternative text of the bars of group purchases.
pub(super) fn groups_alt(rows: &[GroupRow], l: Language) -> String {
    let told = rows.iter().filter(|r| r.share > 0.0);
    let items: Vec<String> = told.map(|r| format!("{} {}", r.label, r.count)).collect();
    match items.is_empty() {
        true => say("together_alt_none", l).to_owned(),
        false => listed(say("together_alt", l), &items),
    }
}

/// Points of companies that let the association see them, by kind.
pub(super) fn kinds(input: &Input<'_>, f: &Format) -> Vec<KindRow> {
    let l = input.scope.language;
    let open = input
        .members
        .iter()
        .filter(|m| m.visible == Sharing::Full && input.scope.holds(m.park));
    let spots: Vec<&SpotFacts> = open.flat_map(sure_spots).collect();
    let mut rows: Vec<(usize, f64, &'static str, bool)> = Vec::new();
    for (kind, label) in KINDS {
        let own = spots.iter().filter(|s| s.kind == kind);
        let (n, m2) = own.fold((0, 0.0), |(n, m2), s| (n + 1, m2 + s.area_m2));
        if n > 0 {
            let explained = matches!(kind, "rooflight" | "installation" | "process");
            rows.push((n, m2, label, explained));
        }
    }
    let most = rows.iter().map(|r| r.0).max().unwrap_or(1);
    rows.into_iter()
        .map(|(n, m2, label, explained)| KindRow {
            label: say(label, l),
            share: n as f64 / most as f64,
            count: f.number(n as f64, 0),
            area: f.number(m2, 0),
            explained,
        })
        .collect()
}

/// Alternative text of the bars of kinds.
pub(super) fn kinds_alt(rows: &[KindRow], l: Language) -> String {
    let items = rows.iter().map(|r| format!("{} {}", r.label, r.count));
    listed(say("kinds_alt", l), &items.collect::<Vec<_>>())
}

/// Reasons whose number of companies may be told, those without a class first.
pub(super) fn reasons(input: &Input<'_>, f: &Format) -> Vec<ReasonRow> {
    let l = input.scope.language;
    let mut rows: Vec<(bool, usize, u8)> = public::reason_counts(input.members, &input.scope)
        .into_iter()
        // A roof of which nothing is valid has no class for any of them.
        .map(|(code, n)| (forbids(code, 1.0), n, code))
        .collect();
    rows.sort_by_key(|r| (!r.0, std::cmp::Reverse(r.1), r.2));
    let row = |(spoils, n, code): (bool, usize, u8)| ReasonRow {
        code: format!("R{code:02}"),
        label: overview_words::reason(code, l).to_owned(),
        count: f.number(n as f64, 0),
        spoils,
    };
    rows.into_iter().map(row).collect()
}
