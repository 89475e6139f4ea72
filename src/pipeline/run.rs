//! `run`: opens the project, then takes flight after flight.

use super::check::retention_passed;
use super::clock::today;
use super::flight;
use super::inputs::{Inputs, Need};
use super::links;
use super::order::Order;
use super::parks::ProjectParks;
use super::project::{FlightFolder, Project};
use super::stage::{Reporter, Stage};
use super::{consent, overview};
use crate::attach::Linking;
use crate::problem::Problem;
use crate::survey::Language;
use std::path::{Path, PathBuf};

/// What the command line asks of a run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Only these flights; empty = all.
    pub flights: Vec<String>,
    /// Results folder; `None` = `results` inside the project.
    pub out: Option<PathBuf>,
    /// Last stage.
    pub until: Option<Stage>,
    /// Language of all sheets.
    pub language: Option<String>,
    /// Threads; `None` = setting `run.jobs`, 0 = all cores.
    pub jobs: Option<usize>,
    /// Memory for decoded frames, MiB; `None` = setting `run.max_memory_mb`.
    pub max_memory_mb: Option<i64>,
    /// Publish links of low confidence, too.
    pub allow_unreviewed: bool,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct RunSummary {
    /// Inputs left out.
    pub skips: usize,
    /// Closing lines for people.
    pub lines: Vec<String>,
}

/// Runs a project from files to sheets.
///
/// # Errors
/// What stops it: faults of settings and inputs (all at once), a results folder that cannot be
/// written, no flight, or no usable frame in any flight.
pub fn run(
    path: &Path,
    options: &RunOptions,
    reporter: &dyn Reporter,
) -> Result<RunSummary, Vec<Problem>> {
    let mut project = Project::open(path)?;
    apply(options, &mut project);
    let jobs = options.jobs.unwrap_or_else(|| {
        project
            .settings
            .integer("run", "jobs")
            .try_into()
            .unwrap_or(0)
    });
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .map_err(|e| vec![Problem::io(format!("cannot start {jobs} threads ({e})"))])?;
    pool.install(|| run_flights(&project, options, reporter))
}

/// Lays the command line over the settings of the project and of every flight.
fn apply(options: &RunOptions, project: &mut Project) {
    let flights = project.flights.iter_mut().map(|f| &mut f.settings);
    for settings in std::iter::once(&mut project.settings).chain(flights) {
        if let Some(code) = &options.language {
            settings.set("project", "language", toml::Value::String(code.clone()));
        }
        if let Some(mb) = options.max_memory_mb {
            settings.set("run", "max_memory_mb", toml::Value::Integer(mb));
        }
        if let Some(jobs) = options.jobs {
            settings.set("run", "jobs", toml::Value::Integer(jobs as i64));
        }
    }
}

fn run_flights(
    project: &Project,
    options: &RunOptions,
    reporter: &dyn Reporter,
) -> Result<RunSummary, Vec<Problem>> {
    let order = Order::of(project);
    let chosen = order.sorted(choose(project, &options.flights)?);
    let until = options.until.unwrap_or(Stage::Report);
    let need = if until > Stage::Mosaic {
        Need::Sheets
    } else {
        Need::Mosaic
    };
    let mut inputs = Inputs::read(project, need)?;
    let linking = links::tie(project, &mut inputs, options, need);
    let results = options
        .out
        .clone()
        .unwrap_or_else(|| project.root.join("results"));
    check_writable(&results).map_err(|p| vec![p])?;
    let mut summary = RunSummary::default();
    let mut failures = Vec::new();
    let expired = retention_passed(&project.settings, today());
    for warning in inputs.warnings.iter().chain(&expired) {
        reporter.warn(Stage::Read, warning);
    }
    let parks = ProjectParks::new(&inputs, &linking);
    let made: Vec<&str> = match until {
        Stage::Report => chosen.iter().map(|f| f.id.as_str()).collect(),
        _ => Vec::new(),
    };
    let tied = Tied {
        inputs: &inputs,
        linking: &linking,
        parks: &parks,
    };
    let to = (options, results.as_path());
    withdrawals(project, (tied, need), to, &made, reporter)?;
    for folder in &chosen {
        let job = flight::Job {
            project,
            inputs: &inputs,
            linking: &linking,
            parks: &parks,
            order: &order,
            folder,
            options,
            until,
        };
        match flight::run(&job, &results.join(&folder.id), reporter) {
            Ok(done) => {
                summary.skips += done.skips;
                summary.lines.extend(done.lines);
            }
            Err(problems) => failures.extend(problems),
        }
    }
    if summary.lines.is_empty() && !failures.is_empty() {
        return Err(failures);
    }
    // Some flights worked: those that did not are skips, each named.
    for failure in &failures {
        reporter.skip(Stage::Read, failure);
    }
    summary.skips += failures.len();
    Ok(summary)
}

/// Inputs with their ties, as overviews need them.
#[derive(Clone, Copy)]
pub(super) struct Tied<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) linking: &'a Linking,
    pub(super) parks: &'a ProjectParks,
}

/// Takes out who no longer takes part, whatever this run processes: sheets of every flight and
/// visit are removed, and the overviews of every flight that has some are made again. `made`:
/// flights whose overviews this run makes anyway.
fn withdrawals(
    project: &Project,
    (tied, need): (Tied<'_>, Need),
    (options, results): (&RunOptions, &Path),
    made: &[&str],
    reporter: &dyn Reporter,
) -> Result<(), Vec<Problem>> {
    if tied.inputs.companies.is_empty() {
        return Ok(());
    }
    consent::remove_sheets_of_others(results, &tied.inputs.companies).map_err(|p| vec![p])?;
    let with_overviews = project
        .flights
        .iter()
        .filter(|f| overview::exists(&results.join(&f.id)));
    let (ours, others): (Vec<&FlightFolder>, Vec<&FlightFolder>) =
        with_overviews.partition(|f| made.contains(&f.id.as_str()));
    // A run that stops early has read less than overviews need.
    let known = (need == Need::Sheets).then_some(tied);
    // This run warns of its own flights itself.
    remake_overviews(project, options, results, &ours, known)?;
    for warning in remake_overviews(project, options, results, &others, known)? {
        reporter.warn(Stage::Report, &warning);
    }
    Ok(())
}

/// Makes the overviews of flights anew from what was kept of them and the company list: the one
/// that is `known`, or as it is now. Out: warnings.
///
/// # Errors
/// Files that cannot be written; something of a company in a public file.
pub(super) fn remake_overviews(
    project: &Project,
    options: &RunOptions,
    results: &Path,
    flights: &[&FlightFolder],
    known: Option<Tied<'_>>,
) -> Result<Vec<Problem>, Vec<Problem>> {
    let mut warnings = Vec::new();
    if flights.is_empty() {
        return Ok(warnings);
    }
    let read = known.is_none().then(|| {
        Inputs::read(project, Need::Sheets).map(|mut inputs| {
            let linking = links::tie(project, &mut inputs, options, Need::Sheets);
            let parks = ProjectParks::new(&inputs, &linking);
            (inputs, linking, parks)
        })
    });
    let read = read.and_then(Result::ok);
    let whole = known.or(read.as_ref().map(|(inputs, linking, parks)| Tied {
        inputs,
        linking,
        parks,
    }));
    for folder in flights {
        let out = results.join(&folder.id);
        let Some(all) = whole else {
            warnings.push(overview::drop_overviews(&out).map_err(|p| vec![p])?);
            continue;
        };
        let job = flight::Job {
            project,
            inputs: all.inputs,
            linking: all.linking,
            parks: all.parks,
            order: &Order::default(),
            folder,
            options,
            until: Stage::Report,
        };
        consent::log(&job, &out).map_err(|p| vec![p])?;
        warnings.extend(overview::refresh(&job, &out)?);
    }
    Ok(warnings)
}

fn choose<'a>(
    project: &'a Project,
    wanted: &[String],
) -> Result<Vec<&'a FlightFolder>, Vec<Problem>> {
    if project.flights.is_empty() {
        return Err(vec![
            Problem::setting("has no flight, expected folders under flights/")
                .in_file(project.root.display().to_string())
                .hint("put the frames of each flight into flights/<flight id>/"),
        ]);
    }
    if wanted.is_empty() {
        return Ok(project.flights.iter().collect());
    }
    let mut chosen = Vec::new();
    let mut faults = Vec::new();
    for id in wanted {
        match project.flights.iter().find(|f| f.id == *id) {
            Some(folder) => chosen.push(folder),
            None => faults.push(
                Problem::setting(format!("there is no flight {id}"))
                    .field("--flight")
                    .hint(format!(
                        "flights: {}",
                        project
                            .flights
                            .iter()
                            .map(|f| f.id.as_str())
                            .collect::<Vec<_>>()
                            .join(", ")
                    )),
            ),
        }
    }
    if faults.is_empty() {
        Ok(chosen)
    } else {
        Err(faults)
    }
}

/// Language of a company's sheet: command line, its own, the project's.
pub(crate) fn sheet_language(
    project: &Project,
    own: Option<Language>,
    options: &RunOptions,
) -> Language {
    let asked = options.language.as_deref().and_then(Language::from_code);
    let standard = Language::from_code(project.settings.text("project", "language"));
    asked.or(own).or(standard).unwrap_or(Language::Nl)
}

/// Creates the results folder and proves that a file can be written in it, before the first
/// pixel is read.
fn check_writable(folder: &Path) -> Result<(), Problem> {
    let fault = |error: std::io::Error| {
        Problem::io(format!("cannot be written ({error})"))
            .in_file(folder.display().to_string())
            .hint("give write permission, or name another folder with --out")
    };
    std::fs::create_dir_all(folder).map_err(fault)?;
    tempfile::Builder::new()
        .prefix(".write-test-")
        .tempfile_in(folder)
        .map_err(fault)?;
    Ok(())
}
