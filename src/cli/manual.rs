//! `thermaudit completions` and `thermaudit man`.

use super::args::CommandLine;
use super::console::Console;
use super::share_args::{CompletionsArgs, ManArgs, ShellArg};
use super::{EXIT_GOOD, EXIT_NO_RESULT};
use crate::problem::Problem;
use crate::write::atomic;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;
use std::path::Path;

pub(crate) fn completions(args: &CompletionsArgs, console: &Console) -> u8 {
    let shell = match args.shell {
        ShellArg::Bash => Shell::Bash,
        ShellArg::Elvish => Shell::Elvish,
        ShellArg::Fish => Shell::Fish,
        ShellArg::Powershell => Shell::PowerShell,
        ShellArg::Zsh => Shell::Zsh,
    };
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "thermaudit", &mut text);
    out(&text, console)
}

pub(crate) fn man(args: &ManArgs, console: &Console) -> u8 {
    let made = match &args.out {
        Some(folder) => pages(folder).map(|()| EXIT_GOOD),
        None => page(CommandLine::command()).map(|text| out(&text, console)),
    };
    made.unwrap_or_else(|problem| console.failed(&[problem], ""))
}

fn out(text: &[u8], console: &Console) -> u8 {
    match std::io::stdout().lock().write_all(text) {
        Ok(()) => EXIT_GOOD,
        // Whoever reads only the beginning has what he wanted.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => EXIT_GOOD,
        Err(error) => {
            console.error(&Problem::from(error));
            EXIT_NO_RESULT
        }
    }
}

fn page(command: clap::Command) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Ok(text)
}

fn pages(folder: &Path) -> Result<(), Problem> {
    atomic::make_folder(folder)?;
    clap_mangen::generate_to(CommandLine::command(), folder)
        .map_err(|e| Problem::from(e).in_file(folder.display().to_string()))
}
