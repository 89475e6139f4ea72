//! Hotspots of a flight that were looked for on site: findings as verdicts.
//!
//! A finding that names a hotspot found it again, unless the row says it was not there. It counts as
//! the verdict of the person who released the visit; nobody below level II confirms anything. The
//! auditor's own `review.csv` holds against it.

use super::{qualification, read_findings};
use crate::pipeline::project::Project;
use crate::problem::Problem;
use crate::survey::{Review, Ruling, Subject};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Verdicts of all visits of a project beside those of the table, and what is not believed. Visits
/// whose table cannot be read are told where they are run.
pub(crate) fn verdicts(project: &Project, told: &[Review]) -> (Vec<Review>, Vec<Problem>) {
    let mut known: BTreeSet<Subject> = told.iter().map(|r| r.subject.clone()).collect();
    let mut verdicts = Vec::new();
    let mut warnings = Vec::new();
    // The last visit first: what it says of a hotspot holds.
    let day =
        |settings: &crate::config::Settings| settings.text("visit", "date").parse::<Date>().ok();
    let mut visits: Vec<_> = project.visits.iter().collect();
    visits.sort_by(|a, b| (day(&b.settings), &b.id).cmp(&(day(&a.settings), &a.id)));
    for folder in visits {
        let Ok(found) = read_findings(project, folder) else {
            continue;
        };
        let rows = found.rows.iter().filter(|r| !r.hotspot_id.is_empty());
        let release = qualification(&folder.settings);
        if !release.releases() {
            let count = rows.count();
            if count > 0 {
                let what = format!(
                    "{count} findings name hotspots, but no person of level II released them: not \
                     used as verdicts"
                );
                warnings.push(
                    Problem::setting(what)
                        .in_file(format!("inspections/{}", folder.id))
                        .field("release"),
                );
            }
            continue;
        }
        for row in rows {
            let subject = Subject::Hotspot(row.hotspot_id.clone());
            if !known.insert(subject.clone()) {
                continue;
            }
            verdicts.push(Review {
                subject,
                ruling: match row.hotspot_found.unwrap_or(true) {
                    true => Ruling::Confirm,
                    false => Ruling::Reject,
                },
                kind: None,
                severity: None,
                text: row.observation.clone(),
                who: release.name.clone(),
                date: release.date.or(day(&folder.settings)),
            });
        }
    }
    (verdicts, warnings)
}
