//! `thermaudit compare`.

use super::EXIT_GOOD;
use super::args::{CompareArgs, Global};
use super::console::Console;
use crate::pipeline::{self, CompareOptions};

pub(crate) fn compare(args: &CompareArgs, global: &Global, console: &Console) -> u8 {
    let options = CompareOptions {
        out: args.out.clone(),
        jobs: global.jobs,
    };
    console.listen();
    let flights = [args.flight_a.as_str(), &args.flight_b];
    match pipeline::compare(&args.project, flights, &options, console) {
        Ok(summary) => {
            for problem in &summary.warnings {
                console.warning(problem);
            }
            for line in &summary.lines {
                console.note(line);
            }
            EXIT_GOOD
        }
        Err(problems) => console.failed(&problems, "run again to go on"),
    }
}
