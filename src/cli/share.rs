//! `thermaudit plan`, `run --plan`, `status`, `merge`.

use super::args::Global;
use super::console::Console;
use super::share_args::{MergeArgs, PlanArgs, ShareArgs, StatusArgs};
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS};
use crate::pipeline::{
    self, MergeOptions, PlanOptions, StatusReport, UnitStatus, WorkOptions, WorkSummary,
};
use crate::problem::Problem;

/// Where engines say which share a process is: the index, and what it begins with.
const INDICES: [(&str, Option<&str>); 3] = [
    ("JOB_COMPLETION_INDEX", None),
    ("AWS_BATCH_JOB_ARRAY_INDEX", None),
    ("SLURM_ARRAY_TASK_ID", Some("SLURM_ARRAY_TASK_MIN")),
];

pub(crate) fn plan(args: &PlanArgs, console: &Console) -> u8 {
    let options = PlanOptions {
        projects: args.projects.clone(),
        out: args.out.clone(),
        frames_per_unit: args.frames_per_unit,
        sheets_per_unit: args.sheets_per_unit,
        lease_s: args.lease,
        attempts: args.attempts,
        language: args.lang.clone(),
        allow_unreviewed: args.allow_unreviewed,
        scratch: args.scratch.clone(),
    };
    match pipeline::plan(&options) {
        Ok(plan) => {
            for problem in &plan.warnings {
                console.warning(problem);
            }
            let units: Vec<String> = plan
                .units
                .iter()
                .map(|(stage, n)| format!("{stage} {n}"))
                .collect();
            let (files, bytes) = plan.files;
            console.note(&format!(
                "{}: {files} files, {:.1} MB; units: {}",
                if plan.stood {
                    "the same plan stands already"
                } else {
                    "planned"
                },
                bytes as f64 / 1e6,
                units.join(", ")
            ));
            console.print(&plan.url);
            match plan.warnings.is_empty() {
                true => EXIT_GOOD,
                false => EXIT_SKIPS,
            }
        }
        Err(problems) => console.failed(&problems, "plan again"),
    }
}

/// The share a worker is to do.
fn shard(args: &ShareArgs) -> Result<Option<(usize, usize)>, Problem> {
    let Some(of) = args.shards else {
        return Ok(args.shard);
    };
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.trim().parse().ok());
    let index = INDICES.iter().find_map(|(name, first)| {
        let index: usize = number(name)?;
        let first = first.and_then(number).unwrap_or(0);
        Some(index.saturating_sub(first))
    });
    match index {
        Some(index) if index < of => Ok(Some((index, of))),
        Some(index) => Err(Problem::setting(format!(
            "share {index} of {of}: expected 0 to {}",
            of - 1
        ))
        .field("--shards")),
        None => Err(Problem::setting("no variable says which share this is")
            .field("--shards")
            .hint(
                "JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX or SLURM_ARRAY_TASK_ID say it; \
                 --shard I/N does by hand",
            )),
    }
}

pub(crate) fn work(
    url: &str,
    args: &ShareArgs,
    (global, max_memory_mb): (&Global, Option<i64>),
    console: &Console,
) -> u8 {
    let shard = match shard(args) {
        Ok(shard) => shard,
        Err(problem) => return console.failed(&[problem], ""),
    };
    let options = WorkOptions {
        url: url.to_owned(),
        step: args.stage,
        shard,
        scratch: args.scratch.clone(),
        jobs: global.jobs,
        max_memory_mb,
    };
    console.listen();
    match pipeline::work(&options, console) {
        Ok(summary) => worked(&summary, console),
        Err(problems) => console.failed(&problems, "run again to go on"),
    }
}

fn worked(summary: &WorkSummary, console: &Console) -> u8 {
    console.note(&format!(
        "{} units done here, {} were done already or elsewhere",
        summary.done, summary.others
    ));
    for refused in &summary.refused {
        console.note(&format!("no result: {refused}"));
    }
    for poisoned in &summary.poisoned {
        console.error(&Problem::io(format!("given up: {poisoned}")));
    }
    match (
        summary.poisoned.len(),
        summary.skips + summary.refused.len(),
    ) {
        (0, 0) => EXIT_GOOD,
        (0, _) => EXIT_SKIPS,
        _ => EXIT_NO_RESULT,
    }
}

pub(crate) fn status(args: &StatusArgs, console: &Console) -> u8 {
    let report = match pipeline::status(&args.url) {
        Ok(report) => report,
        Err(problems) => return console.failed(&problems, ""),
    };
    if args.json {
        console.print(&serde_json::to_string_pretty(&report).unwrap_or_default());
    } else {
        table(&report, console);
    }
    match (report.is_poisoned(), report.is_done()) {
        (true, _) => EXIT_NO_RESULT,
        (_, true) => EXIT_GOOD,
        _ => EXIT_SKIPS,
    }
}

fn table(report: &StatusReport, console: &Console) {
    console.print("stage     units    done  at work    open  given up");
    for s in &report.stages {
        console.print(&format!(
            "{:<8} {:>6}  {:>6}  {:>7}  {:>6}  {:>8}",
            s.stage, s.units, s.done, s.at_work, s.open, s.poisoned
        ));
    }
    report.told.iter().for_each(|unit| tell(unit, console));
    if report.seconds > 0.0 {
        console.print(&format!(
            "{:.0} s of work, {:.1} % of it for the plan itself",
            report.seconds,
            100.0 * report.overhead_s / report.seconds
        ));
    }
}

fn tell(unit: &UnitStatus, console: &Console) {
    console.print(&format!("{}: {}: {}", unit.state, unit.unit, unit.why));
}

pub(crate) fn merge(args: &MergeArgs, console: &Console) -> u8 {
    let options = MergeOptions {
        url: args.url.clone(),
        out: args.out.clone(),
    };
    match pipeline::merge(&options) {
        Ok(summary) => {
            let (files, bytes) = summary.files;
            console.note(&format!("{files} files, {:.1} MB", bytes as f64 / 1e6));
            summary
                .report
                .told
                .iter()
                .for_each(|u| console.note(&format!("{}: {}: {}", u.state, u.unit, u.why)));
            console.print(&summary.results);
            match summary.report.told.is_empty() {
                true => EXIT_GOOD,
                false => EXIT_SKIPS,
            }
        }
        Err(problems) => console.failed(&problems, ""),
    }
}
