//! The command line: arguments, progress, every print, the exit code.

mod args;
mod check;
mod compare;
mod conditions;
mod console;
mod convert;
mod erase;
mod init;
mod inspect;
mod interrupt;
mod manual;
mod radiometry;
mod report;
mod run;
mod share;
mod share_args;
mod simulate;

use args::{Command, CommandLine};
use clap::Parser;
use console::Console;

/// All good.
const EXIT_GOOD: u8 = 0;
/// Finished, something was skipped.
const EXIT_SKIPS: u8 = 1;
/// No result: wrong input or setting.
const EXIT_NO_RESULT: u8 = 2;
/// The user asked it to end.
const EXIT_INTERRUPTED: u8 = 130;

/// Runs the program with the arguments of the process; returns the exit code.
pub fn main() -> u8 {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version are results (stdout, 0); a wrong argument is not (stderr, 2).
            let code = if error.use_stderr() {
                EXIT_NO_RESULT
            } else {
                EXIT_GOOD
            };
            return if error.print().is_ok() {
                code
            } else {
                EXIT_NO_RESULT
            };
        }
    };
    let console = Console::new(&line.global);
    match &line.command {
        Command::Run(args) => run::run(args, &line.global, &console),
        Command::Report(args) => report::report(args, &line.global, &console),
        Command::Init(args) => init::init(args, &console),
        Command::Erase(args) => erase::erase(args, &console),
        Command::Check(args) => check::check(args, &console),
        Command::Compare(args) => compare::compare(args, &line.global, &console),
        Command::Conditions(args) => conditions::conditions(args, &console),
        Command::Convert(args) => convert::convert(args, &line.global, &console),
        Command::Inspect(args) => inspect::inspect(args, &line.global, &console),
        Command::Plan(args) => share::plan(args, &console),
        Command::Status(args) => share::status(args, &console),
        Command::Merge(args) => share::merge(args, &console),
        Command::Completions(args) => manual::completions(args, &console),
        Command::Man(args) => manual::man(args, &console),
        Command::Simulate(args) => simulate::simulate(args, &console),
    }
}
