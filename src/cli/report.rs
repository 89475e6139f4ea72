//! `thermaudit report`: the last stage alone, for everything that has results.

use super::args::{Global, ReportArgs};
use super::console::Console;
use super::run;
use crate::pipeline::{RunOptions, Stage};

pub(crate) fn report(args: &ReportArgs, global: &Global, console: &Console) -> u8 {
    let options = RunOptions {
        flights: args.flight.clone(),
        visits: args.visit.clone(),
        out: args.out.clone(),
        only: Some(Stage::Report),
        // Whoever asks for the sheets again gets them again.
        force: true,
        language: args.lang.clone(),
        jobs: global.jobs,
        allow_unreviewed: args.allow_unreviewed,
        ..RunOptions::default()
    };
    run::process(&args.project, &options, console)
}
