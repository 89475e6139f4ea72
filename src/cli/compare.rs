//! `thermaudit compare`.

use super::args::{CompareArgs, Global};
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT};
use crate::pipeline::{self, CompareOptions};

pub(crate) fn compare(args: &CompareArgs, global: &Global, console: &Console) -> u8 {
    let options = CompareOptions {
        out: args.out.clone(),
        jobs: global.jobs,
    };
    match pipeline::compare(&args.project, [&args.flight_a, &args.flight_b], &options) {
        Ok(summary) => {
            for problem in &summary.warnings {
                console.warning(problem);
            }
            for line in &summary.lines {
                console.note(line);
            }
            EXIT_GOOD
        }
        Err(problems) => {
            for problem in &problems {
                console.error(problem);
            }
            EXIT_NO_RESULT
        }
    }
}
