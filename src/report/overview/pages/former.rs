//! What changed since an earlier flight (report-content.md §3.5).
//!
//! The association reads of roofs that it may see one by one and that were the same company's in
//! both flights: classes before and now, and verdicts where everything is shared. Everyone reads
//! counts of companies that may be published. Buildings that came or went are on public maps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::seen::Seen;
use super::words::say;
use super::{Audience, Input};
use crate::report::changes;
use crate::report::format::{Format, fill};
use crate::report::overview::{Holding, Member, public};
use crate::report::sheet::Pair;

/// Words of `changes.json`, in the order they are counted.
const VERDICTS: [&str; 4] = ["improved", "no-proven-change", "worse", "not-comparable"];

/// A comparison with an earlier flight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Former {
    /// The earlier flight.
    pub flight: String,
    /// When it was flown; `None` where nobody knows.
    pub date: Option<Date>,
    /// Roofs of both flights, by their key in the later one.
    pub roofs: BTreeMap<String, FormerRoof>,
    /// Roofs each company held in both.
    pub held: BTreeMap<String, BTreeSet<String>>,
    /// Buildings of the later flight alone.
    pub built: BTreeSet<String>,
    /// Buildings of the earlier flight alone: the key of the park of each, empty where it had none.
    pub vanished: Vec<String>,
}

/// A roof in both flights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormerRoof {
    /// Class then, 1–6; `None` where it had none.
    pub class: Option<u8>,
    /// `improved`, `no-proven-change`, `worse`, `not-comparable`.
    pub verdict: String,
}

/// The block.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FormerBlock {
    /// Which flight it is compared with, and of which roofs.
    pub text: String,
    /// Title of the matrix (internal).
    pub matrix_title: &'static str,
    /// Class before, roofs by class now; empty for everyone, and where no roof may be shown.
    pub matrix: Vec<Vec<String>>,
    /// Heads of rows and columns.
    pub matrix_heads: [&'static str; 2],
    /// Note under the matrix, or why there is none.
    pub matrix_note: String,
    /// Title of the verdicts.
    pub verdicts_title: &'static str,
    /// Verdict and number.
    pub verdicts: Vec<Pair>,
    /// Note under them.
    pub verdicts_note: String,
    /// Title of the buildings.
    pub buildings_title: &'static str,
    /// Buildings that came and went.
    pub buildings: Vec<Pair>,
}

/// The block; `None` where no comparison is known.
pub(super) fn block(input: &Input<'_>, roofs: &[Seen<'_>], f: &Format) -> Option<FormerBlock> {
    let former = input.former?;
    let l = input.scope.language;
    let word = |key: &'static str| changes::say(key, l);
    let internal = input.audience == Audience::Association;
    let day = former.date.map(|d| f.date(d));
    let flight = match &day {
        Some(day) => fill(
            say("former_dated", l),
            &[("id", &former.flight), ("date", day)],
        ),
        None => former.flight.clone(),
    };
    let min = input.scope.min_cell.to_string();
    let mut block = FormerBlock {
        text: fill(say("former_text", l), &[("flight", &flight)]),
        matrix_title: word("matrix_title"),
        matrix: Vec::new(),
        matrix_heads: [word("before"), word("now")],
        matrix_note: String::new(),
        verdicts_title: "",
        verdicts: Vec::new(),
        verdicts_note: String::new(),
        buildings_title: word("buildings_title"),
        buildings: buildings(input, former, f),
    };
    let pair = |i: usize, n: String| Pair::new(word(VERDICTS[i]), n);
    if internal {
        let compared: Vec<(&Seen<'_>, &FormerRoof)> = roofs
            .iter()
            .filter(|r| r.class_known())
            .filter_map(|r| Some((r, held(former, r.owner, r.holding)?)))
            .collect();
        let (matrix, n) = matrix(&compared);
        block.matrix_note = match n {
            0 => say("former_none_shared", l).to_owned(),
            _ => say("former_matrix_note", l).to_owned(),
        };
        if n > 0 {
            block.matrix = changes::matrix(&matrix);
        }
        let full = || compared.iter().filter(|(r, _)| r.full());
        if full().count() > 0 {
            block.verdicts_title = say("former_verdicts", l);
            let count = |word: &str| full().filter(|(_, was)| was.verdict == word).count();
            let pairs = VERDICTS.iter().enumerate();
            block.verdicts = pairs
                .map(|(i, v)| pair(i, f.number(count(v) as f64, 0)))
                .collect();
            block.verdicts_note = say("former_verdicts_note", l).to_owned();
        }
        return Some(block);
    }
    let counts = public::verdict_counts(input.members, &input.scope, VERDICTS.len(), &|m| {
        verdict(former, m)
    });
    let told = counts.iter().enumerate();
    block.verdicts = told
        .filter_map(|(i, n)| Some(pair(i, f.number((*n)? as f64, 0))))
        .collect();
    block.verdicts_title = say("former_verdicts_public", l);
    let note = match block.verdicts.is_empty() {
        true => "former_verdicts_few",
        false => "former_verdicts_public_note",
    };
    block.verdicts_note = fill(say(note, l), &[("min", &min)]);
    Some(block)
}

/// A roof then; `None` where not all who hold it now held it then, or of a part of a building: what
/// is known of the whole would tell of the other parts.
fn held<'a>(former: &'a Former, owner: &str, holding: &Holding<'_>) -> Option<&'a FormerRoof> {
    if holding.zone.is_some() {
        return None;
    }
    let oidn = holding.roof.oidn.as_str();
    let was_theirs = |id: &str| former.held.get(id).is_some_and(|own| own.contains(oidn));
    let mut others = holding.tenants.iter().filter(|_| holding.shared);
    let theirs = was_theirs(owner) && others.all(|id| was_theirs(id));
    former.roofs.get(oidn).filter(|_| theirs)
}

/// Place of a company's verdict: that of its largest judged roof.
fn verdict(former: &Former, member: &Member<'_>) -> usize {
    let judged = member.holdings.iter().filter(|h| h.roof.assessed_m2 > 0.0);
    let largest = judged.max_by(|a, b| {
        let area = a.roof.assessed_m2.total_cmp(&b.roof.assessed_m2);
        area.then_with(|| a.roof.oidn.cmp(&b.roof.oidn))
    });
    let was = largest.and_then(|h| held(former, &member.company.company_id, h));
    let place = was.and_then(|was| VERDICTS.iter().position(|v| *v == was.verdict));
    place.unwrap_or(VERDICTS.len() - 1)
}

/// Roofs by class before and now, and how many they are.
fn matrix(compared: &[(&Seen<'_>, &FormerRoof)]) -> ([[u32; 7]; 7], u32) {
    let place = |class: Option<u8>| class.map_or(6, |c| usize::from(c.clamp(1, 6)) - 1);
    let mut matrix = [[0; 7]; 7];
    for (roof, was) in compared {
        matrix[place(was.class)][place(roof.roof().class)] += 1;
    }
    (matrix, matrix.iter().flatten().sum())
}

/// Buildings that came and went.
fn buildings(input: &Input<'_>, former: &Former, f: &Format) -> Vec<Pair> {
    let l = input.scope.language;
    let here = input.ground.iter();
    let built = here.filter(|g| former.built.contains(g.oidn)).count();
    let park = input.scope.park.and_then(|i| input.scope.parks.get(i));
    let here = |id: &&String| park.is_none_or(|(own, _)| own == *id);
    let gone = former.vanished.iter().filter(here).count();
    [("built", built), ("demolished", gone)]
        .map(|(word, n)| Pair::new(changes::say(word, l), f.number(n as f64, 0)))
        .into()
}
