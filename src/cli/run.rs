//! `thermaudit run`.

use super::args::{Global, RunArgs};
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS, share};
use crate::pipeline::{self, RunOptions};
use std::path::Path;

pub(crate) fn run(args: &RunArgs, global: &Global, console: &Console) -> u8 {
    let share = &args.share;
    if let Some(url) = &share.plan {
        return share::work(url, share, (global, args.max_memory), console);
    }
    // Asked for by the command line where there is no plan.
    let Some(project) = &args.project else {
        return EXIT_NO_RESULT;
    };
    let options = RunOptions {
        flights: args.flight.clone(),
        visits: args.visit.clone(),
        out: args.out.clone(),
        until: args.until,
        only: args.only,
        force: args.force,
        dry_run: args.dry_run,
        language: args.lang.clone(),
        jobs: global.jobs,
        max_memory_mb: args.max_memory,
        allow_unreviewed: args.allow_unreviewed,
    };
    process(project, &options, console)
}

/// Runs a project and says how it went.
pub(super) fn process(project: &Path, options: &RunOptions, console: &Console) -> u8 {
    console.listen();
    match pipeline::run(project, options, console) {
        Ok(summary) => {
            for line in &summary.lines {
                // A plan is what was asked for.
                match options.dry_run {
                    true => console.print(line),
                    false => console.note(line),
                }
            }
            if summary.skips == 0 {
                EXIT_GOOD
            } else {
                console.note(&format!(
                    "{} skipped, each named above and in run.json",
                    match summary.skips {
                        1 => "1 input was".to_owned(),
                        n => format!("{n} inputs were"),
                    }
                ));
                EXIT_SKIPS
            }
        }
        Err(problems) => console.failed(&problems, "run again to go on"),
    }
}
