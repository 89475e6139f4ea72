//! What a visit leaves besides its sheets: `findings.json` and `urgent.csv`.

use super::Visit;
use crate::problem::{Problem, Result};
use crate::report::visit::{FindingInput, Since};
use crate::score::handheld::{Detail, Severity};
use crate::survey::{FindingKind, FindingStatus};
use crate::write::{atomic, workbook};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;

/// A finding as later visits need it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredFinding {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) company_id: String,
    pub(super) number: String,
    pub(super) kind: FindingKind,
    pub(super) component: String,
    pub(super) location: String,
    pub(super) board: String,
    pub(super) circuit: String,
    pub(super) phase: String,
    pub(super) image: String,
    pub(super) sha256_8: String,
    pub(super) time: String,
    pub(super) status: FindingStatus,
    pub(super) since: String,
    /// `P1`, `3` or `PV 2`; empty where nothing is rated.
    pub(super) severity: String,
    pub(super) own_severity: bool,
    pub(super) urgency: Option<u8>,
    /// The value that decided.
    pub(super) value: Option<f64>,
    pub(super) value_unit: String,
    pub(super) value_name: String,
    pub(super) not_rated: String,
    pub(super) hotspot_id: String,
    pub(super) hotspot_found: Option<bool>,
    pub(super) observation: String,
    pub(super) recommendation: String,
    pub(super) action_by: String,
    pub(super) term: String,
    pub(super) released: bool,
}

impl StoredFinding {
    pub(super) fn new(input: &FindingInput, number: &str, released: bool) -> Self {
        let row = &input.finding;
        let a = &input.assessment;
        let (value, value_unit, value_name) = value_of(&a.detail);
        Self {
            id: input.id.clone(),
            key: super::history::key_of(row, input.kind),
            company_id: row.company_id.clone(),
            number: number.to_owned(),
            kind: input.kind,
            component: row.component.clone(),
            location: row.location.clone(),
            board: row.electrical.board.clone(),
            circuit: row.electrical.circuit.clone(),
            phase: row.electrical.phase.clone(),
            image: row.image.clone(),
            sha256_8: input.thermogram.sha256_8.clone(),
            time: input
                .thermogram
                .time
                .map_or(String::new(), |t| t.to_string()),
            status: match input.since {
                Since::Solved => FindingStatus::Solved,
                _ => row.status.unwrap_or_default(),
            },
            since: since_word(input.since).to_owned(),
            severity: a.severity.map_or(String::new(), severity_text),
            own_severity: a.own,
            urgency: a.urgency,
            value,
            value_unit: value_unit.to_owned(),
            value_name: value_name.to_owned(),
            not_rated: a.not_rated.map_or(String::new(), |why| {
                let code = serde_json::to_value(why).unwrap_or(Value::Null);
                code["code"].as_str().unwrap_or_default().to_owned()
            }),
            hotspot_id: row.hotspot_id.clone(),
            hotspot_found: (!row.hotspot_id.is_empty())
                .then_some(row.hotspot_found.unwrap_or(true)),
            observation: row.observation.clone(),
            recommendation: row.recommendation.clone(),
            action_by: row.action_by.clone(),
            term: row.term.clone(),
            released,
        }
    }
}

fn since_word(since: Since) -> &'static str {
    match since {
        Since::New => "new",
        Since::Open => "open",
        Since::Checked => "checked",
        Since::Solved => "solved",
        Since::Returned => "returned",
    }
}

fn severity_text(severity: Severity) -> String {
    match severity {
        Severity::Site(s) => s.to_string(),
        Severity::Priority(p) => format!("P{p}"),
        Severity::Pv(c) => format!("PV {c}"),
    }
}

/// The number that stands for a finding in tables: value, unit, name.
fn value_of(detail: &Detail) -> (Option<f64>, &'static str, &'static str) {
    match detail {
        Detail::Building(b) => match (b.difference_k, b.factor) {
            (Some(k), _) => (Some(k), "K", "difference_k"),
            (None, Some(f)) => (Some(f), "", "f_rsi"),
            (None, None) => (None, "", ""),
        },
        Detail::Electrical(e) => match (e.similar_k, e.ambient_k) {
            (Some(k), _) => (Some(k), "K", "similar_k"),
            (None, Some(k)) => (Some(k), "K", "ambient_k"),
            (None, None) => (Some(e.max_c), "°C", "max_c"),
        },
        Detail::Machine(m) => match m.similar_k {
            Some(k) => (Some(k), "K", "similar_k"),
            None => (Some(m.max_c), "°C", "max_c"),
        },
        Detail::SteamTrap(t) => (Some(t.inlet_c), "°C", "inlet_c"),
        Detail::Pipe(p) => match p.heat_w {
            Some(w) => (Some(w), "W", "heat_w"),
            None => (p.over_air_k, "K", "over_air_k"),
        },
        Detail::Pv(p) => (p.at_full_sun_k, "K", "at_full_sun_k"),
        Detail::Plain => (None, "", ""),
    }
}

/// Writes `findings.json` of a visit: every company's, for whoever organises the audit.
pub(super) fn write(
    visit: &Visit<'_>,
    out: &Path,
    findings: &[(StoredFinding, Value)],
) -> Result<()> {
    let rows: Vec<Value> = findings
        .iter()
        .map(|(stored, more)| {
            let mut row = serde_json::to_value(stored).unwrap_or(Value::Null);
            for (name, value) in more.as_object().into_iter().flatten() {
                row[name] = value.clone();
            }
            row
        })
        .collect();
    let whole = json!({
        "schema": "thermaudit-findings-1",
        "project": visit.job.project.settings.text("project", "name"),
        "visit": visit.job.folder.id,
        "date": visit.date.map(|d| d.to_string()),
        "findings": rows,
    });
    let mut text = serde_json::to_string_pretty(&whole)
        .map_err(|e| Problem::broken(e.to_string()).in_file("findings.json"))?;
    text.push('\n');
    atomic::write_file(&out.join("findings.json"), text.as_bytes())?;
    urgent(visit, out, findings)
}

/// Columns of `urgent.csv`.
const URGENT: [&str; 11] = [
    "company_id",
    "company",
    "number",
    "severity",
    "kind",
    "component",
    "location",
    "value",
    "unit",
    "observation",
    "recommendation",
];

/// Writes everything of urgency 4, so that the auditor can phone the same day; the head alone where
/// there is nothing.
fn urgent(visit: &Visit<'_>, out: &Path, findings: &[(StoredFinding, Value)]) -> Result<()> {
    let fault = |e: csv::Error| Problem::io(e.to_string()).in_file("urgent.csv");
    let mut table = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer(Vec::new());
    table.write_record(URGENT).map_err(fault)?;
    for (f, _) in findings {
        let open = f.urgency == Some(4) && f.status != FindingStatus::Solved;
        if !open {
            continue;
        }
        let companies = visit.job.inputs.companies.iter();
        let mut named = companies.filter(|c| c.company_id == f.company_id);
        let name = named.next().map_or("", |c| c.name.as_str());
        let value = f.value.map_or(String::new(), |v| format!("{v:.1}"));
        let cells = [
            &f.company_id,
            name,
            &f.number,
            &f.severity,
            f.kind.word(),
            &f.component,
            &f.location,
            &value,
            &f.value_unit,
            &f.observation,
            &f.recommendation,
        ];
        let safe = cells.map(workbook::spreadsheet_safe);
        table.write_record(safe).map_err(fault)?;
    }
    let bytes = table
        .into_inner()
        .map_err(|e| Problem::io(e.to_string()).in_file("urgent.csv"))?;
    atomic::write_file(&out.join("urgent.csv"), &bytes)
}

/// Reads what [`write`] wrote: the day of the visit and its findings; `None` for anything else.
pub(super) fn read(path: &Path) -> Option<(Option<Date>, Vec<StoredFinding>)> {
    let text = std::fs::read_to_string(path).ok()?;
    let whole: Value = serde_json::from_str(&text).ok()?;
    if whole["schema"] != "thermaudit-findings-1" {
        return None;
    }
    let date = whole["date"].as_str().and_then(|d| d.parse().ok());
    let rows = whole["findings"].as_array()?;
    let found = rows
        .iter()
        .filter_map(|row| serde_json::from_value(row.clone()).ok());
    Some((date, found.collect()))
}
