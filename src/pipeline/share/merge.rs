//! `merge`: closes a plan whose units are all finished.

use super::bucket::{Bucket, Place};
use super::plan::Plan;
use super::status::{StatusReport, report};
use crate::problem::{Problem, Result};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What the command line asks of a merge.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// Folder or URL of the plan.
    pub url: String,
    /// Folder the results are copied to, too.
    pub out: Option<PathBuf>,
}

/// What a merge found.
#[derive(Clone, Debug, Default)]
pub struct MergeSummary {
    /// Where the results lie.
    pub results: String,
    /// Files and bytes.
    pub files: (usize, u64),
    /// How the units stand.
    pub report: StatusReport,
}

/// Closes a plan: sees that all is there, lists it in `results.json`, and copies it where asked.
///
/// # Errors
/// Units that are not finished or were given up, results that are away, a store or folder that
/// refuses.
pub fn merge(options: &MergeOptions) -> std::result::Result<MergeSummary, Vec<Problem>> {
    let one = |p: Problem| vec![p];
    let place = Place::read(&options.url).map_err(one)?;
    let bucket = Bucket::open(&place, false).map_err(one)?;
    let plan = Plan::read(&bucket).map_err(one)?;
    let report = report(&bucket, &plan).map_err(one)?;
    let open = report.stages.iter().filter(|s| s.done < s.units);
    let faults: Vec<Problem> = open
        .map(|s| {
            let what = format!(
                "stage {}: {} of {} units are done",
                s.stage, s.done, s.units
            );
            let what = match s.poisoned {
                0 => what,
                n => format!("{what}, {n} were given up"),
            };
            let hint = match s.poisoned {
                0 => format!("thermaudit run --plan URL --stage {}", s.stage),
                _ => "thermaudit status URL tells why; a new plan in an empty folder tries again"
                    .to_owned(),
            };
            Problem::setting(what).hint(hint)
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let files = bucket.list("results").map_err(one)?;
    let list: Vec<_> = files
        .iter()
        .map(|f| json!({ "file": f.name, "bytes": f.bytes }))
        .collect();
    let record = json!({
        "schema": "thermaudit-results-1",
        "thermaudit": plan.thermaudit,
        "files": list,
        "told": report.told,
    });
    let text = format!("{record:#}\n");
    bucket.put("results.json", text.into_bytes()).map_err(one)?;
    if let Some(to) = &options.out {
        for file in &files {
            copy(&bucket, &file.name, to).map_err(one)?;
        }
    }
    Ok(MergeSummary {
        results: format!("{}/results", bucket.shown().trim_end_matches('/')),
        files: (files.len(), files.iter().map(|f| f.bytes).sum()),
        report,
    })
}

fn copy(bucket: &Bucket, name: &str, to: &Path) -> Result<()> {
    let below = name.strip_prefix("results/").unwrap_or(name);
    match bucket.get_file(name, &to.join(below))? {
        true => Ok(()),
        false => Err(Problem::broken("is away").in_file(name.to_owned())),
    }
}
