//! Arguments of what shares the work over machines, and of the manual.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `thermaudit plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit plan my-park -o /mnt/shared/plan
  thermaudit plan parks/* -o s3://audits/winter-2026 --frames-per-unit 200
  thermaudit run --plan /mnt/shared/plan --stage tile --shard 3/8
  thermaudit status /mnt/shared/plan
  thermaudit merge /mnt/shared/plan -o results

The plan lists every file with its digest and is never changed; the same plan again is the same file. Projects
lie in folders that all machines see, or in a store (s3://, gs://, az://). Credentials come from the environment
(AWS_…, GOOGLE_…, AZURE_…), never from a URL. Stages: orient, tile, map, roof, sheet, park.

Exit codes: 0 planned, 1 planned with warnings, 2 not planned.")]
pub(crate) struct PlanArgs {
    /// Folders or URLs of projects
    #[arg(required = true, value_name = "PROJECT")]
    pub(crate) projects: Vec<String>,
    /// Folder or URL of the plan, empty or with the same plan
    #[arg(short, long, value_name = "URL")]
    pub(crate) out: String,
    /// Frames whose share of the map is one unit; a project of no more (and no more sheets) is one unit
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count)]
    pub(crate) frames_per_unit: usize,
    /// Sheets of a unit
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = count)]
    pub(crate) sheets_per_unit: usize,
    /// Seconds without a sign of life after which another worker takes a unit over
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) lease: u64,
    /// Times a unit is tried before it is given up
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count)]
    pub(crate) attempts: usize,
    /// All sheets in this language
    #[arg(long, value_name = "nl|fr|en|de", value_parser = ["nl", "fr", "en", "de"])]
    pub(crate) lang: Option<String>,
    /// Publish links of confidence below privacy.publish_confidence, too
    #[arg(long)]
    pub(crate) allow_unreviewed: bool,
    /// Folder for what is needed meanwhile (default: one of the system's)
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
}

/// `thermaudit status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 every unit is done, 1 some are not done yet, 2 some were given up (or there is no plan).")]
pub(crate) struct StatusArgs {
    /// Folder or URL of the plan
    pub(crate) url: String,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// `thermaudit merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
The results lie in URL/results (of several projects: URL/results/<project>); results.json beside them lists all.

Exit codes: 0 all good, 1 something was left out (each named), 2 units are not done or were given up.")]
pub(crate) struct MergeArgs {
    /// Folder or URL of the plan
    pub(crate) url: String,
    /// Copy the results into this folder, too
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What of a plan `thermaudit run` does.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Share of a plan")]
pub(crate) struct ShareArgs {
    /// Do units of this plan instead of a project
    #[arg(
        long, value_name = "URL",
        conflicts_with_all = ["flight", "visit", "out", "until", "only", "force", "dry_run", "lang", "allow_unreviewed"]
    )]
    pub(crate) plan: Option<String>,
    /// This stage of the plan alone: orient, tile, map, roof, sheet or park (default: all, in turn)
    #[arg(long, value_name = "S", requires = "plan", value_parser = step)]
    pub(crate) stage: Option<crate::pipeline::Step>,
    /// Share I, from 0, of N (default: everything that is open)
    #[arg(long, value_name = "I/N", requires = "plan", value_parser = shard, conflicts_with = "shards")]
    pub(crate) shard: Option<(usize, usize)>,
    /// Number of shares; which one stands in JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX or SLURM_ARRAY_TASK_ID
    #[arg(long, value_name = "N", requires = "plan", value_parser = count)]
    pub(crate) shards: Option<usize>,
    /// Folder for what is needed meanwhile (default: one of the system's)
    #[arg(long, value_name = "DIR", requires = "plan")]
    pub(crate) scratch: Option<PathBuf>,
}

/// `thermaudit completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit completions bash > ~/.local/share/bash-completion/completions/thermaudit
  thermaudit completions zsh > ~/.zfunc/_thermaudit
  thermaudit completions fish > ~/.config/fish/completions/thermaudit.fish")]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: ShellArg,
}

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShellArg {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// `thermaudit man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit man | man -l -
  thermaudit man -o ~/.local/share/man/man1      a page for the program and one for each command")]
pub(crate) struct ManArgs {
    /// Write all pages into this folder instead of the first to stdout
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n) if (1..=1_000_000).contains(&n) => Ok(n),
        _ => Err("expected a whole number from 1".to_owned()),
    }
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/');
    let numbers = parts.and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
    match numbers {
        Some((i, n)) if i < n => Ok((i, n)),
        _ => Err("expected I/N with I from 0 and below N, such as 3/8".to_owned()),
    }
}

fn step(text: &str) -> Result<crate::pipeline::Step, String> {
    crate::pipeline::Step::from_word(text)
        .ok_or_else(|| "expected orient, tile, map, roof, sheet or park".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!(shard("3/8"), Ok((3, 8)));
        for wrong in ["8/8", "3", "-1/2", "0/0", "a/b", ""] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
