//! The association's list of companies that take part, and whom to invite.

use serde::Serialize;

use super::Input;
use super::counts::GroupRow;
use super::words::say;
use crate::report::format::{Format, printed};
use crate::report::overview::Member;
use crate::report::words as catalogue;
use crate::survey::{Participation, Sharing};

/// A company that takes part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListRow {
    /// Name.
    pub name: String,
    /// 1–6; `None` where not shared or not assessable.
    pub class: Option<u8>,
    /// Digit, a dash for not assessable, or in words that it is not shared.
    pub chip: String,
    /// Whether the class is shared.
    pub shared: bool,
    /// Points: number and area, or empty where not shared.
    pub points: String,
    /// Greatest urgency of them; 0 where there is none to say.
    pub urgency: u8,
    /// The same in words.
    pub urgency_word: &'static str,
    /// Said where it has no sheet.
    pub note: &'static str,
}

/// Companies to invite to a group purchase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invited {
    /// Group purchase.
    pub label: &'static str,
    /// Names, alphabetical.
    pub names: String,
}

/// Letters of a word a column of names holds in one line, however wide.
const COLUMN_LETTERS: usize = 14;

/// A name for a column: a word that is too long for it may break.
pub(super) fn column_name(name: &str) -> String {
    let shown = printed(name);
    let words = shown.split(' ').map(|word| {
        let letters: Vec<char> = word.chars().filter(|c| *c != '\u{200b}').collect();
        let limit = match letters.len() > 2 * COLUMN_LETTERS {
            true => COLUMN_LETTERS,
            false => letters.len().max(1),
        };
        let parts = letters.chunks(limit).map(String::from_iter);
        parts.collect::<Vec<String>>().join("\u{200b}")
    });
    words.collect::<Vec<String>>().join(" ")
}

/// Companies that take part: highest class first, then alphabetical; what is not shared last.
pub(super) fn participants(input: &Input<'_>, f: &Format) -> Vec<ListRow> {
    let members = input.members.iter();
    let here = members
        .filter(|m| m.company.participates == Participation::Yes && input.scope.holds(m.park));
    let mut rows: Vec<(u8, String, ListRow)> = here
        .map(|m| {
            let row = row(m, input, f);
            let rank = match (row.shared, row.class) {
                (true, Some(class)) => 6 - class.min(6),
                (true, None) => 7,
                _ => 8,
            };
            (rank, row.name.to_lowercase(), row)
        })
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1, &a.2.name).cmp(&(b.0, &b.1, &b.2.name)));
    rows.into_iter().map(|(_, _, row)| row).collect()
}

fn row(member: &Member<'_>, input: &Input<'_>, f: &Format) -> ListRow {
    let l = input.scope.language;
    let words = catalogue::of(l);
    let shared = member.sees(input.members, Sharing::Class) && !member.holdings.is_empty();
    let full = member.sees(input.members, Sharing::Full) && !member.holdings.is_empty();
    let class = member.class().filter(|_| shared);
    let points: Vec<_> = member.points().filter(|_| full).collect();
    let m2: f64 = points.iter().map(|s| s.area_m2).sum();
    let urgency = points.iter().map(|s| s.urgency).max().unwrap_or(0).min(4);
    let index = usize::from(urgency).checked_sub(1);
    ListRow {
        name: column_name(&member.company.name),
        chip: match (shared, class) {
            (false, _) => say("not_shared", l).to_owned(),
            (true, Some(class)) => class.to_string(),
            (true, None) => "–".to_owned(),
        },
        class,
        shared,
        points: match (full, points.len()) {
            (false, _) => String::new(),
            (true, 0) => say("no_points", l).to_owned(),
            (true, n) => format!(
                "{} · {}",
                f.number(n as f64, 0),
                f.with_unit(m2, if m2 < 10.0 { 1 } else { 0 }, "m²")
            ),
        },
        urgency,
        urgency_word: index.map_or("", |i| words.urgency[i]),
        note: if member.sheet { "" } else { say("no_sheet", l) },
    }
}

/// Names by group purchase, of companies that share everything.
pub(super) fn invited(groups: &[GroupRow]) -> Vec<Invited> {
    let some = groups.iter().filter(|g| !g.names.is_empty());
    some.map(|g| Invited {
        label: g.label,
        names: g.names.join(" · "),
    })
    .collect()
}
