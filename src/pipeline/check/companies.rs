//! Companies: language, consent, buildings, parks, temperatures.

use super::{CheckReport, few};
use crate::attach::consent::Privacy;
use crate::attach::{self, Linking};
use crate::pipeline::consent;
use crate::pipeline::inputs::Inputs;
use crate::problem::Problem;
use crate::raster::Bounds;
use crate::survey::{Company, Heated, Participation};
use geo::BoundingRect;
use std::collections::BTreeSet;

/// Indoor temperatures of heated halls outside are likely a mistake, °C.
const USUAL_INDOOR_C: std::ops::RangeInclusive<f64> = 8.0..=28.0;

fn taking_part(inputs: &Inputs) -> impl Iterator<Item = &Company> {
    let companies = inputs.companies.iter();
    companies.filter(|c| c.participates == Participation::Yes)
}

/// Companies whose buildings no orthophoto shows.
pub(super) fn photos(inputs: &Inputs, report: &mut CheckReport) {
    if inputs.photos.is_empty() {
        return;
    }
    let unseen = |company: &&Company| {
        let mut own = inputs
            .links
            .iter()
            .filter(|l| l.company_id == company.company_id)
            .filter_map(|l| inputs.outlines.iter().find(|o| o.oidn == l.oidn))
            .filter_map(|o| o.polygon.bounding_rect())
            .peekable();
        own.peek().is_some()
            && !own.any(|r| {
                inputs.photos.reach(&Bounds {
                    x_min: r.min().x,
                    y_min: r.min().y,
                    x_max: r.max().x,
                    y_max: r.max().y,
                })
            })
    };
    let names: Vec<&str> = taking_part(inputs)
        .filter(unseen)
        .map(|c| c.company_id.as_str())
        .collect();
    if !names.is_empty() {
        let what = format!("no orthophoto shows the buildings of {}", few(names));
        let hint = "their sheets show outlines on plain ground; add the sheets that are missing";
        report.warn(Problem::setting(what).field("report.orthophoto").hint(hint));
    }
}

/// Consent without date or signer, and companies that are people.
pub(super) fn consents(inputs: &Inputs, linking: &Linking, report: &mut CheckReport) {
    let ids = |wanted: &dyn Fn(&Company) -> bool| -> Vec<String> {
        let found = taking_part(inputs).filter(|c| wanted(c));
        found.map(|c| c.company_id.clone()).collect()
    };
    let count = taking_part(inputs).count();
    let undated = ids(&|c| c.consent_date.is_empty());
    // Single ones are told where the list is read, with their line.
    if count > 0 && undated.len() == count {
        report.warn(
            Problem::setting("no company that takes part has a date of consent")
                .field("consent_date")
                .hint("add a column consent_date (toestemming_datum); the consent log keeps it"),
        );
    }
    let unsigned = ids(&|c| c.consent_by.is_empty());
    if !unsigned.is_empty() {
        report.warn(
            Problem::setting(format!(
                "who gave the consent is not said for {}",
                few(unsigned.iter().map(String::as_str))
            ))
            .field("consent_by")
            .hint("fill consent_by (toestemming_door); the consent log keeps it"),
        );
    }
    let people: BTreeSet<&str> = linking
        .outcomes
        .iter()
        .filter(|o| o.sole_trader)
        .map(|o| o.company_id.as_str())
        .collect();
    for company in taking_part(inputs).filter(|c| people.contains(c.company_id.as_str())) {
        if company.consent_date.is_empty() {
            report.warn(
                Problem::setting(
                    "is a natural person's company: its results are personal data, and its \
                     consent has no date; nothing of it is shown to the association",
                )
                .field(format!("company {}", company.company_id))
                .hint("fill consent_date and consent_by"),
            );
        }
    }
    if !people.is_empty() {
        report.read.push(format!(
            "natural persons among the companies: {}",
            people.len()
        ));
    }
    let note = |p| {
        inputs
            .companies
            .iter()
            .filter(|c| c.participates == p)
            .count()
    };
    if !inputs.companies.is_empty() {
        report.read.push(format!(
            "{count} of {} companies take part, {} withdrew",
            inputs.companies.len(),
            note(Participation::Withdrawn)
        ));
    }
}

/// Companies that get no sheet, and buildings of nobody.
pub(super) fn buildings(
    inputs: &Inputs,
    linking: &Linking,
    privacy: &Privacy,
    report: &mut CheckReport,
) {
    for company in taking_part(inputs) {
        if let Some(problem) = consent::no_sheet(company, linking, privacy) {
            report.warn(problem.field(format!("company {}", company.company_id)));
        }
    }
    let tied: BTreeSet<&str> = linking.ties.iter().map(|t| t.link.oidn.as_str()).collect();
    let known = inputs.outlines.iter();
    let held = known.filter(|o| tied.contains(o.oidn.as_str())).count();
    if !inputs.companies.is_empty() && !inputs.outlines.is_empty() {
        report.read.push(format!(
            "{held} of {} outlines are tied to a company",
            inputs.outlines.len()
        ));
    }
}

/// Companies and buildings that lie in no park, where parks are given.
pub(super) fn in_parks(inputs: &Inputs, linking: &Linking, report: &mut CheckReport) {
    let parks = &inputs.references.parks;
    if parks.is_empty() || inputs.companies.is_empty() {
        return;
    }
    let found = attach::parks(parks, &inputs.outlines, linking);
    let outside: Vec<&str> = inputs
        .companies
        .iter()
        .zip(&found.of_company)
        .filter(|(c, park)| park.is_none() && c.participates == Participation::Yes)
        .map(|(c, _)| c.company_id.as_str())
        .collect();
    if !outside.is_empty() {
        let what = format!(
            "{} companies that take part lie in no park: {}",
            outside.len(),
            few(outside.iter().copied())
        );
        report.warn(
            Problem::setting(what)
                .in_file("parks")
                .hint("check their buildings, or give the contour of the missing park"),
        );
    }
    let used: BTreeSet<usize> = found.of_company.iter().copied().flatten().collect();
    report.read.push(format!(
        "{} of {} parks hold a company of the list",
        used.len(),
        parks.len()
    ));
}

/// Indoor temperatures that are possible but hardly meant.
pub(super) fn temperatures(inputs: &Inputs, report: &mut CheckReport) {
    let odd = |c: Option<f64>| c.filter(|c| !USUAL_INDOOR_C.contains(c));
    let told = |what: String, c: f64| {
        Problem::setting(format!(
            "is {c} °C, usual in heated halls are {} to {}",
            USUAL_INDOOR_C.start(),
            USUAL_INDOOR_C.end()
        ))
        .field(what)
        .hint("check the unit; the losses through the roof are computed with it")
    };
    for company in &inputs.companies {
        if let Some(c) = odd(company.indoor_c)
            && company.heated != Some(Heated::No)
        {
            report.warn(told(format!("company {}, indoor_c", company.company_id), c));
        }
    }
    for outline in &inputs.outlines {
        if let Some(c) = odd(outline.indoor_c) {
            report.warn(told(format!("building {}, indoor_c", outline.oidn), c));
        }
    }
}
