//! The same component at another visit: by the auditor's id, else by what and where it is.

use super::results::StoredFinding;
use crate::report::visit::{PastFinding, Since};
use crate::survey::{Finding, FindingKind, FindingStatus};
use jiff::civil::Date;
use std::path::Path;

/// A visit whose findings are known.
#[derive(Clone, Debug)]
pub(super) struct PastVisit {
    pub(super) id: String,
    pub(super) date: Option<Date>,
    pub(super) findings: Vec<StoredFinding>,
}

/// Findings of the visits before one, oldest first; visits without date are none.
pub(super) fn before(
    results: &Path,
    ids: &[&str],
    own: &str,
    date: Option<Date>,
) -> Vec<PastVisit> {
    let Some(date) = date else {
        return Vec::new();
    };
    let mut all: Vec<PastVisit> = ids
        .iter()
        .filter(|id| **id != own)
        .filter_map(|id| {
            let path = results.join("inspections").join(id).join("findings.json");
            let (past, findings) = super::results::read(&path)?;
            (past.is_some_and(|p| p < date)).then(|| PastVisit {
                id: (*id).to_owned(),
                date: past,
                findings,
            })
        })
        .collect();
    all.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
    all
}

/// What and where a component is, in one text: letters and digits of kind, board, circuit, phase,
/// component and place. Empty where a row says neither component nor place.
pub(super) fn key_of(row: &Finding, kind: FindingKind) -> String {
    if row.component.is_empty() && row.location.is_empty() {
        return String::new();
    }
    let e = &row.electrical;
    let parts = [
        kind.word(),
        &e.board,
        &e.circuit,
        &e.phase,
        &row.component,
        &row.location,
        &row.storey,
    ];
    parts.map(plain).join("/")
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The id of a finding: the auditor's, else one of what and where it is, else of the picture.
pub(super) fn id_of(row: &Finding, kind: FindingKind) -> String {
    if !row.finding_id.is_empty() {
        return row.finding_id.clone();
    }
    let key = key_of(row, kind);
    let of = match key.is_empty() {
        true => row.image.clone(),
        false => format!("{}/{key}", row.company_id),
    };
    let digest = blake3::hash(of.as_bytes()).to_hex();
    format!("F-{}", &digest.as_str()[..8])
}

/// Whether an earlier finding was the same component.
pub(super) fn same(row: &Finding, kind: FindingKind, past: &StoredFinding) -> bool {
    if past.company_id != row.company_id {
        return false;
    }
    let key = key_of(row, kind);
    (!row.finding_id.is_empty() && row.finding_id == past.id)
        || (!key.is_empty() && key == past.key)
}

/// An earlier finding as printed.
pub(super) fn printed(visit: &PastVisit, past: &StoredFinding) -> PastFinding {
    PastFinding {
        visit: visit.id.clone(),
        date: visit.date,
        number: past.number.clone(),
        kind: past.kind,
        component: past.component.clone(),
        location: past.location.clone(),
        value: past.value.map(|v| (v, past.value_unit.clone())),
        urgency: past.urgency,
        severity: past.severity.clone(),
        status: past.status,
    }
}

/// What became of a component: the auditor's word, else from whether it still needs something.
pub(super) fn since(
    status: Option<FindingStatus>,
    urgency: Option<u8>,
    rated: bool,
    history: &[PastFinding],
) -> Since {
    let Some(last) = history.last() else {
        return Since::New;
    };
    match (status, last.status) {
        (Some(FindingStatus::Solved), _) => Since::Solved,
        (Some(FindingStatus::Checked), _) => Since::Checked,
        (_, FindingStatus::Solved) if urgency.is_some() => Since::Returned,
        (_, FindingStatus::Solved) => Since::Solved,
        (None, _) if rated && urgency.is_none() => Since::Solved,
        _ => Since::Open,
    }
}

/// Findings of a company that were open at the last visit that saw them and that this visit says
/// nothing of.
pub(super) fn not_seen_again(
    past: &[PastVisit],
    company_id: &str,
    rows: &[(&Finding, FindingKind)],
) -> Vec<PastFinding> {
    let mut open: Vec<(PastFinding, &StoredFinding)> = Vec::new();
    for visit in past {
        for finding in visit.findings.iter().filter(|f| f.company_id == company_id) {
            open.retain(|(_, earlier)| {
                earlier.id != finding.id && (earlier.key.is_empty() || earlier.key != finding.key)
            });
            let needs = finding.urgency.is_some() && finding.status != FindingStatus::Solved;
            if needs && finding.since != "solved" {
                open.push((printed(visit, finding), finding));
            }
        }
    }
    open.retain(|(_, f)| !rows.iter().any(|(row, kind)| same(row, *kind, f)));
    open.into_iter().map(|(printed, _)| printed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(component: &str, location: &str) -> Finding {
        Finding {
            company_id: "B0001".into(),
            component: component.into(),
            location: location.into(),
            ..Finding::default()
        }
    }

    #[test]
    fn spelling_does_not_make_another_component() {
        let kind = FindingKind::Electrical;
        let a = key_of(&row("Bovenklem Q4", "HVB1, veld 3"), kind);
        assert_eq!(a, key_of(&row("bovenklem  q4", "HVB 1 veld 3"), kind));
        assert_ne!(a, key_of(&row("Bovenklem Q5", "HVB1, veld 3"), kind));
        assert_eq!(key_of(&row("", ""), kind), "");
    }

    #[test]
    fn the_auditors_word_counts_before_the_numbers() {
        let past = |status| PastFinding {
            visit: "a".into(),
            date: None,
            number: "E01".into(),
            kind: FindingKind::Electrical,
            component: String::new(),
            location: String::new(),
            value: None,
            urgency: Some(4),
            severity: "P1".into(),
            status,
        };
        let open = [past(FindingStatus::Open)];
        let solved = [past(FindingStatus::Solved)];
        assert_eq!(since(None, Some(4), true, &[]), Since::New);
        assert_eq!(since(None, Some(2), true, &open), Since::Open);
        assert_eq!(since(None, None, true, &open), Since::Solved);
        assert_eq!(since(None, None, false, &open), Since::Open);
        let word = Some(FindingStatus::Solved);
        assert_eq!(since(word, Some(2), true, &open), Since::Solved);
        assert_eq!(since(None, Some(3), true, &solved), Since::Returned);
    }
}
