//! Company keys: usable as folder names and unique.

use std::collections::BTreeMap;

use super::{Bound, Report};
use crate::survey::Company;

/// Longest key.
const MAX_LENGTH: usize = 32;

/// Adds a fault for every key that is empty, unusable as a folder name, or used twice.
///
/// Keys that differ by case only are one folder on many systems, where one company's sheet
/// would land in the other's folder; they count as used twice.
pub(super) fn check(bound: &Bound<'_>, companies: &[Company], report: &mut Report) {
    let from_number = !bound.has("company_id");
    let column = if from_number {
        "enterprise_number"
    } else {
        "company_id"
    };
    if !bound.has(column) {
        return;
    }
    let mut first_use = BTreeMap::new();
    for (company, row) in companies.iter().zip(bound.rows()) {
        let id = &company.company_id;
        if let Some(what) = unusable(id) {
            // A wrong number has been told already.
            if !(from_number && id.is_empty() && !row.text(column).is_empty()) {
                row.fault(column, what, report);
            }
            continue;
        }
        match first_use.insert(id.to_ascii_lowercase(), row.place()) {
            Some(first) if from_number => {
                let what = format!(
                    "{id} occurs at {first}, too; without a column company_id it must occur \
                     once (add company_id to tell sites apart)"
                );
                row.fault(column, what, report);
            }
            Some(first) => {
                let what = format!("\"{id}\" occurs at {first}, too, expected once");
                row.fault(column, what, report);
            }
            None => {}
        }
    }
}

fn unusable(id: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.is_empty() {
        Some("is empty, expected a key".to_string())
    } else if let Some(sign) = id.chars().find(|&c| !allowed(c)) {
        Some(format!(
            "is \"{id}\" with \"{sign}\", expected letters A-Z a-z, digits, _ and - only (it \
             becomes a folder name)"
        ))
    } else if id.len() > MAX_LENGTH {
        let length = id.len();
        Some(format!(
            "is \"{id}\" with {length} characters, expected at most {MAX_LENGTH}"
        ))
    } else {
        None
    }
}
