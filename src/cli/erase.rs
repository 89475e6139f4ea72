//! `thermaudit erase`.

use super::args::EraseArgs;
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS};
use crate::pipeline::{self, EraseOptions};

pub(crate) fn erase(args: &EraseArgs, console: &Console) -> u8 {
    let options = EraseOptions {
        companies: args.company.clone(),
        expired: args.expired,
        inputs: args.yes,
        inspections: args.with_inputs,
        dry_run: args.dry_run,
        out: args.out.clone(),
    };
    match pipeline::erase(&args.project, &options) {
        Ok(summary) => {
            for line in &summary.lines {
                console.note(line);
            }
            for problem in &summary.left {
                console.warning(problem);
            }
            match (args.dry_run, summary.left.is_empty()) {
                (true, _) => {
                    console.note("nothing was changed");
                    EXIT_GOOD
                }
                (false, true) => EXIT_GOOD,
                (false, false) => EXIT_SKIPS,
            }
        }
        Err(problems) => {
            for problem in &problems {
                console.error(problem);
            }
            EXIT_NO_RESULT
        }
    }
}
