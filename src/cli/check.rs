//! `thermaudit check`.

use super::args::CheckArgs;
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS};
use crate::config::Settings;
use crate::pipeline::{self, Project};

pub(crate) fn check(args: &CheckArgs, console: &Console) -> u8 {
    let report = pipeline::check(&args.project);
    if args.settings
        && let Ok(project) = Project::open(&args.project)
    {
        print_settings(&project, console);
    }
    for line in &report.read {
        console.note(line);
    }
    for problem in &report.errors {
        console.error(problem);
    }
    for problem in &report.warnings {
        console.warning(problem);
    }
    console.print(&format!(
        "{}: {}, {}",
        args.project.display(),
        counted(report.errors.len(), "error"),
        counted(report.warnings.len(), "warning"),
    ));
    match (report.errors.len(), report.warnings.len()) {
        (0, 0) => EXIT_GOOD,
        (0, _) => EXIT_SKIPS,
        _ => EXIT_NO_RESULT,
    }
}

fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}

fn print_settings(project: &Project, console: &Console) {
    console.print("# audit.toml");
    print_table(&project.settings, |_, _| true, console);
    for flight in &project.flights {
        console.print(&format!("# flights/{}", flight.id));
        print_table(
            &flight.settings,
            |table, name| {
                flight.settings.get(table, name) != project.settings.get(table, name)
                    || table == "flight"
            },
            console,
        );
    }
}

/// One line a key: `table.key = value   # origin`, with a mark on keys no stage reads yet.
fn print_table(settings: &Settings, wanted: impl Fn(&str, &str) -> bool, console: &Console) {
    for (key, effective) in settings.effective() {
        if !wanted(key.table, key.name) {
            continue;
        }
        let value = match &effective.value {
            Some(value) => value.to_string(),
            None => "(not given)".to_owned(),
        };
        let unused = if key.used { "" } else { ", not yet used" };
        let name = format!("{}.{}", key.table, key.name);
        console.print(&format!(
            "{name:36} = {value:32} # {}{unused}",
            effective.origin
        ));
    }
    for camera in &settings.cameras {
        console.print(&format!("[[camera]]  # {}", camera.origin));
        for (name, value) in &camera.given {
            console.print(&format!("camera.{name:29} = {value}"));
        }
    }
    for material in &settings.materials {
        for (name, value) in &material.given {
            console.print(&format!(
                "score.material.{}.{name} = {value}",
                material.name
            ));
        }
    }
    for (table, columns) in &settings.schema {
        for (ours, theirs) in columns {
            console.print(&format!("schema.{table}.{ours} = {theirs:?}"));
        }
    }
}
