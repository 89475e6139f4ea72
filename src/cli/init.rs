//! `thermaudit init`.

use super::args::InitArgs;
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT};
use crate::pipeline;

pub(crate) fn init(args: &InitArgs, console: &Console) -> u8 {
    match pipeline::init(&args.dir) {
        Ok(report) => {
            for line in &report.found {
                console.note(line);
            }
            for problem in &report.remarks {
                console.warning(problem);
            }
            let dir = args.dir.display();
            let done = match report.kept {
                true => "kept",
                false => "wrote",
            };
            console.note(&format!(
                "{done} {}; next: thermaudit check {dir}",
                report.written.display()
            ));
            EXIT_GOOD
        }
        Err(problem) => {
            console.error(&problem);
            EXIT_NO_RESULT
        }
    }
}
