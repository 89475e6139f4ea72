//! The comparison with an earlier flight, as far as the overviews tell of it.

use super::check::time_zone;
use super::compare::{current, folder, parks_of};
use super::flight::Job;
use crate::problem::Problem;
use crate::report::overview::pages::{Former, FormerRoof};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The comparison with the nearest earlier flight that there is one with, if it is of the results
/// both flights have now. A file that cannot be read is a warning.
pub(super) fn former(job: &Job<'_>, out: &Path, warnings: &mut Vec<Problem>) -> Option<Former> {
    let results = out.parent()?;
    let id = &job.folder.id;
    let before = job.order.before(id).into_iter();
    let compared = before.filter(|f| folder(results, f, id).join("changes.json").is_file());
    for former in compared {
        let found = current(results, former, id);
        match found.and_then(|root| Ok((root, parks_of(results, former)?))) {
            Ok((None, _)) => {}
            Ok((Some(root), parks)) => {
                let zone = time_zone(job.project).unwrap_or(TimeZone::UTC);
                return Some(read(former, &root, &parks, &zone));
            }
            Err(problem) => warnings.push(problem),
        }
    }
    None
}

fn read(flight: &str, root: &Value, parks: &BTreeMap<String, String>, zone: &TimeZone) -> Former {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| root[name].as_array().into_iter().flatten();
    let start: Option<Timestamp> = root["before"]["start"]
        .as_str()
        .and_then(|s| s.parse().ok());
    let mut found = Former {
        flight: flight.to_owned(),
        // The epoch stands for no time.
        date: start
            .filter(|t| t.as_second() > 0)
            .map(|t| t.to_zoned_datetime(zone.clone()).date()),
        ..Former::default()
    };
    for row in list("buildings") {
        let oidn = text(&row["oidn"]);
        match (row["before"].is_object(), row["after"].is_object()) {
            (true, true) => {
                let class = row["before"]["class"].as_u64();
                let roof = FormerRoof {
                    class: class.and_then(|c| u8::try_from(c).ok()),
                    verdict: text(&row["verdict"]),
                };
                found.roofs.insert(oidn, roof);
            }
            (false, true) => {
                found.built.insert(oidn);
            }
            _ => {
                let park = parks.get(&text(&row["before"]["oidn"]));
                found.vanished.push(park.cloned().unwrap_or_default());
            }
        }
    }
    for row in list("companies") {
        let held = row["held_in_both"].as_array().into_iter().flatten();
        let held: BTreeSet<String> = held.map(text).collect();
        found.held.insert(text(&row["company_id"]), held);
    }
    found
}
