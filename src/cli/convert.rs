//! `thermaudit convert`.

use super::args::{ConvertArgs, FormatArg, Global};
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS};
use crate::pipeline::{self, ConvertOptions, ConvertSummary, Format};
use crate::problem::Problem;

pub(crate) fn convert(args: &ConvertArgs, global: &Global, console: &Console) -> u8 {
    console.listen();
    let result = options(args, global)
        .map_err(|problem| vec![problem])
        .and_then(|options| pipeline::convert(&args.files, &options, console));
    match result {
        Ok(ConvertSummary { written: 0, .. }) => EXIT_NO_RESULT,
        Ok(ConvertSummary { skipped: 0, .. }) => EXIT_GOOD,
        Ok(_) => EXIT_SKIPS,
        Err(problems) => console.failed(&problems, "run again with --force"),
    }
}

fn options(args: &ConvertArgs, global: &Global) -> Result<ConvertOptions, Problem> {
    Ok(ConvertOptions {
        out: args.out.clone(),
        format: args.format.map(|format| match format {
            FormatArg::Tiff => Format::Tiff,
            FormatArg::Png => Format::Png,
            FormatArg::Csv => Format::Csv,
        }),
        settings: args.radiometry.settings()?,
        palette: args.palette,
        range_c: args.range,
        frame: args.frame,
        delimiter: args.delimiter,
        force: args.force,
        jobs: global.jobs,
    })
}
