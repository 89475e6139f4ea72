//! The auditor's verdicts against the outlines: which hotspots there are only a run knows.

use super::{CheckReport, few};
use crate::pipeline::inputs::Inputs;
use crate::problem::Problem;
use crate::survey::Subject;

pub(super) fn check(inputs: &Inputs, report: &mut CheckReport) {
    if inputs.reviews.is_empty() {
        return;
    }
    let roofs = |s: &Subject| matches!(s, Subject::Roof(_));
    let subjects = || inputs.reviews.iter().map(|r| &r.subject);
    let about_roofs = subjects().filter(|s| roofs(s)).count();
    report.read.push(format!(
        "{} verdicts of a person: {} about hotspots, {about_roofs} about roofs",
        inputs.reviews.len(),
        inputs.reviews.len() - about_roofs
    ));
    let known = |key: &str| inputs.outlines.iter().any(|o| o.oidn == key);
    let lost: Vec<&str> = subjects()
        .filter(|s| roofs(s) && !known(s.key()))
        .map(Subject::key)
        .collect();
    if !lost.is_empty() && !inputs.outlines.is_empty() {
        let what = format!("judges roofs of which there is no outline: {}", few(lost));
        report.warn(
            Problem::setting(what)
                .in_file("review")
                .hint("correct the key, or keep the row: a building of an earlier flight is told again when it is flown"),
        );
    }
}
