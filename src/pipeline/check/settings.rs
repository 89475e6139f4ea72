//! Settings as values: dates, files they name, keys no stage reads yet.

use super::CheckReport;
use crate::config::{Origin, Settings};
use crate::pipeline::clock::today;
use crate::pipeline::project::Project;
use crate::problem::Problem;
use jiff::civil::Date;

/// Keys that name a file or folder of the user.
const PATHS: [(&str, &str); 1] = [("crs", "grid")];

/// Keys that hold a date.
const DATES: [(&str, &str); 3] = [
    ("project", "retain_until"),
    ("release", "expires"),
    ("release", "date"),
];

pub(super) fn check(project: &Project, report: &mut CheckReport) {
    let today = today();
    one(project, &project.settings, "audit.toml", today, report);
    for flight in &project.flights {
        let file = format!("flights/{}/flight.toml", flight.id);
        one(project, &flight.settings, &file, today, report);
    }
}

/// Whether the retention of a project has passed; `None` without a date.
pub(in crate::pipeline) fn retention_passed(settings: &Settings, today: Date) -> Option<Problem> {
    let until: Date = settings.text("project", "retain_until").parse().ok()?;
    (until < today).then(|| {
        Problem::setting(format!("is {until}, which has passed"))
            .field("project.retain_until")
            .in_file("audit.toml")
            .hint("thermaudit erase PROJECT --expired forgets all companies; or set a later date")
    })
}

/// Settings of one file.
fn one(project: &Project, settings: &Settings, file: &str, today: Date, report: &mut CheckReport) {
    let here = |table: &str, name: &str| matches!(&settings.get(table, name).origin, Origin::File(f) if f == file);
    for (table, name) in PATHS.into_iter().filter(|(t, n)| here(t, n)) {
        let text = settings.text(table, name);
        let word = matches!((table, text), ("crs", "embedded" | "helmert"));
        if !text.is_empty() && !word && !project.root.join(text).exists() {
            report.warn(
                Problem::setting(format!("names {text}, which does not exist"))
                    .field(format!("{table}.{name}"))
                    .in_file(file)
                    .hint("paths are relative to the project folder"),
            );
        }
    }
    for (table, name) in DATES.into_iter().filter(|(t, n)| here(t, n)) {
        let text = settings.text(table, name);
        let field = format!("{table}.{name}");
        let date = text.parse::<Date>();
        if !text.is_empty() && date.is_err() {
            report.warn(
                Problem::setting(format!("is {text:?}, which is no date"))
                    .field(field)
                    .in_file(file)
                    .hint("write year-month-day: \"2028-12-31\""),
            );
        } else if name == "expires" && date.is_ok_and(|d| d < today) {
            report.warn(
                Problem::setting(format!("is {text}: the certificate has expired"))
                    .field(field)
                    .in_file(file)
                    .hint("sheets print who releases them; renew it, or name someone else"),
            );
        }
    }
    if file == "audit.toml" {
        report.warnings.extend(retention_passed(settings, today));
    }
    for (key, effective) in settings.effective() {
        if !key.used && here(key.table, key.name) && effective.origin != Origin::Default {
            report.warn(
                Problem::setting("is set, but nothing reads it yet")
                    .field(format!("{}.{}", key.table, key.name))
                    .in_file(file),
            );
        }
    }
}
