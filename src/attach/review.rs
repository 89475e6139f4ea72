//! The list people go through: one row per company (`internal/link_review.csv`, `.gpkg`).

use super::consent::{Privacy, publishable, sheet};
use super::linking::{Linking, Outcome, Tie};
use crate::survey::{Company, Outline};
use ::geo::MultiPolygon;
use std::collections::BTreeMap;

/// Columns of the review list.
pub const COLUMNS: &[&str] = &[
    "company_id",
    "name",
    "enterprise_number",
    "address",
    "participates",
    "status",
    "oidns",
    "method",
    "confidence",
    "evidence",
    "occupancy",
    "candidates",
    "problem",
];

/// A row of the review list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Company key.
    pub company_id: String,
    /// Name.
    pub name: String,
    /// Enterprise number, ten digits; empty when unknown.
    pub enterprise_number: String,
    /// Address as given.
    pub address: String,
    /// `yes`, `no`, `withdrawn`.
    pub participates: &'static str,
    /// `ok`, `review` (a person should look), `unresolved` (nothing is published).
    pub status: &'static str,
    /// Its buildings, `;` between.
    pub oidns: String,
    /// Method of the least sure tie; empty without ties.
    pub method: &'static str,
    /// Confidence of the least sure tie, 0–1.
    pub confidence: Option<f64>,
    /// Why, in words.
    pub evidence: String,
    /// `sole`, `shared`, `zone-…`, in the order of the buildings.
    pub occupancy: String,
    /// Buildings that were considered: `oidn (confidence, why); …`.
    pub candidates: String,
    /// What to look at; empty when nothing.
    pub problem: String,
    /// Its place, project CRS.
    pub place: Option<[f64; 2]>,
    /// Its buildings (zones where it has them), else the likeliest candidate; project CRS.
    pub polygon: MultiPolygon<f64>,
}

impl Row {
    /// The cells, in the order of [`COLUMNS`].
    pub fn cells(&self) -> [String; 13] {
        [
            self.company_id.clone(),
            self.name.clone(),
            self.enterprise_number.clone(),
            self.address.clone(),
            self.participates.to_owned(),
            self.status.to_owned(),
            self.oidns.clone(),
            self.method.to_owned(),
            self.confidence
                .map_or_else(String::new, |c| format!("{c:.2}")),
            self.evidence.clone(),
            self.occupancy.clone(),
            self.candidates.clone(),
            self.problem.clone(),
        ]
    }
}

/// The review list, in the order of the companies.
pub fn rows(
    companies: &[Company],
    linking: &Linking,
    outlines: &[Outline],
    privacy: &Privacy,
) -> Vec<Row> {
    let shapes: BTreeMap<&str, &MultiPolygon<f64>> = outlines
        .iter()
        .map(|o| (o.oidn.as_str(), &o.polygon))
        .collect();
    let mut ties: BTreeMap<&str, Vec<&Tie>> = BTreeMap::new();
    for tie in &linking.ties {
        ties.entry(&tie.link.company_id).or_default().push(tie);
    }
    let none = Vec::new();
    companies
        .iter()
        .zip(&linking.outcomes)
        .map(|(company, outcome)| {
            let own = ties.get(company.company_id.as_str()).unwrap_or(&none);
            row(company, outcome, own, &shapes, privacy)
        })
        .collect()
}

fn row(
    company: &Company,
    outcome: &Outcome,
    ties: &[&Tie],
    shapes: &BTreeMap<&str, &MultiPolygon<f64>>,
    privacy: &Privacy,
) -> Row {
    let joined = |of: &dyn Fn(&Tie) -> String| {
        let parts: Vec<String> = ties.iter().map(|t| of(t)).collect();
        parts.join(";")
    };
    let weakest = ties
        .iter()
        .min_by(|a, b| a.link.confidence.total_cmp(&b.link.confidence));
    let published = ties.iter().any(|t| publishable(t, privacy));
    let mut evidence: Vec<&str> = ties.iter().map(|t| t.evidence.as_str()).collect();
    evidence.dedup();
    let candidates: Vec<String> = outcome
        .candidates
        .iter()
        .map(|c| format!("{} ({:.2}, {})", c.oidn, c.confidence, c.evidence))
        .collect();
    let consent = super::consent::consent_row(company);
    Row {
        company_id: company.company_id.clone(),
        name: company.name.clone(),
        enterprise_number: company.enterprise_number.clone(),
        address: company.address.clone(),
        participates: consent.participates,
        status: match (published, outcome.problem.is_empty()) {
            (false, _) => "unresolved",
            (true, false) => "review",
            (true, true) => "ok",
        },
        oidns: joined(&|t| t.link.oidn.clone()),
        method: weakest.map_or("", |t| t.link.method),
        confidence: weakest.map(|t| t.link.confidence),
        evidence: evidence.join("; "),
        occupancy: joined(&|t| t.occupancy.word().to_owned()),
        candidates: candidates.join("; "),
        problem: outcome.problem.clone(),
        place: outcome.place,
        polygon: polygon(outcome, ties, shapes),
    }
}

fn polygon(
    outcome: &Outcome,
    ties: &[&Tie],
    shapes: &BTreeMap<&str, &MultiPolygon<f64>>,
) -> MultiPolygon<f64> {
    let whole = |oidn: &str| shapes.get(oidn).copied();
    let own = ties
        .iter()
        .filter_map(|t| t.link.zone.as_ref().or_else(|| whole(&t.link.oidn)));
    let first = outcome.candidates.first().filter(|_| ties.is_empty());
    let guess = first.and_then(|c| whole(&c.oidn));
    MultiPolygon(own.chain(guess).flat_map(|m| m.0.iter().cloned()).collect())
}

/// Why a company gets no sheet, in words with what the search for its buildings says; `None` where it
/// gets one.
pub fn why_no_sheet(company: &Company, linking: &Linking, privacy: &Privacy) -> Option<String> {
    let denied = sheet(company, linking, privacy).err()?;
    let mut outcomes = linking.outcomes.iter();
    let outcome = outcomes.find(|o| o.company_id == company.company_id);
    Some(match outcome.map_or("", |o| o.problem.as_str()) {
        "" => denied.words().to_owned(),
        more => format!("{} ({more})", denied.words()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{company, outline, rect};
    use super::*;
    use crate::attach::{Options, link};
    use crate::survey::reference::{Address, References};
    use ::geo::Area;

    #[test]
    fn every_company_has_one_row_with_what_was_found_and_what_is_wrong() {
        let outlines = [
            outline("1", rect(0.0, 0.0, 20.0, 20.0)),
            outline("2", rect(30.0, 0.0, 50.0, 20.0)),
        ];
        let stated = Company {
            buildings: vec!["2".into()],
            ..company("A")
        };
        let guessed = Company {
            address: "Kerkstraat 1, 8630 Veurne".into(),
            ..company("B")
        };
        let references = References {
            addresses: vec![Address {
                street: "Kerkstraat".into(),
                house_number: "1".into(),
                place: [-5.0, 10.0],
                ..Address::default()
            }],
            ..References::default()
        };
        let companies = [stated, guessed, company("C")];
        let linking = link(&companies, &[], &outlines, &references, &Options::default());
        let privacy = Privacy::default();
        let rows = rows(&companies, &linking, &outlines, &privacy);
        let short: Vec<_> = rows
            .iter()
            .map(|r| (r.status, r.oidns.as_str(), r.method, r.confidence))
            .collect();
        assert_eq!(
            short,
            [
                ("ok", "2", "buildings", Some(1.0)),
                ("unresolved", "1", "nearest", Some(0.4)),
                ("unresolved", "", "", None)
            ]
        );
        assert!(rows[1].problem.contains("confirm it in links.csv"));
        assert!(rows[1].candidates.starts_with("2 (0.40, "));
        assert!((rows[0].polygon.unsigned_area() - 400.0).abs() < 1e-9);
        assert!(rows[2].polygon.0.is_empty());
        assert!(rows.iter().all(|r| r.cells().len() == COLUMNS.len()));
        let without = companies
            .iter()
            .filter(|c| why_no_sheet(c, &linking, &privacy).is_some());
        let ids: Vec<&str> = without.map(|c| c.company_id.as_str()).collect();
        assert_eq!(ids, ["B", "C"]);
    }
}
