//! `run`: opens the project, then takes flight after flight.

use super::cache::{Cache, WorkDone};
use super::check::retention_passed;
use super::clock::today;
use super::flight;
use super::inputs::{Inputs, Need};
use super::links;
use super::order::Order;
use super::parks::ProjectParks;
use super::project::{FlightFolder, Project, VisitFolder};
use super::share::{Part, Step};
use super::stage::{Reporter, Stage};
use super::workplace::Workplace;
use super::{consent, overview, room, visit};
use crate::attach::Linking;
use crate::problem::Problem;
use crate::survey::Language;
use crate::write::atomic::{self, AtomicFile};
use crate::write::room::{free_bytes, size};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// What the command line asks of a run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Only these flights; empty = all, or none where only visits are named.
    pub flights: Vec<String>,
    /// Only these visits; empty = all, or none where only flights are named.
    pub visits: Vec<String>,
    /// Results folder; `None` = `results` inside the project.
    pub out: Option<PathBuf>,
    /// Last stage.
    pub until: Option<Stage>,
    /// This stage alone: those before it must be up to date.
    pub only: Option<Stage>,
    /// Does everything again (with `only`: that stage).
    pub force: bool,
    /// Tells what would run and runs nothing.
    pub dry_run: bool,
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
    /// How often each kind of work was done; nothing of what was taken over from earlier runs.
    pub work: WorkDone,
}

/// Runs a project from files to sheets.
///
/// # Errors
/// What stops it: faults of settings and inputs (all at once), a results folder that cannot be
/// written or that another run writes to, no room on the disk, neither flight nor visit, no usable
/// frame in any flight, or the user.
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
    pool.install(|| run_flights(&project, options, None, reporter))
}

/// Does one part of the work on a project. `given`: the cache it shares with other machines, and the
/// part.
///
/// # Errors
/// As [`run`].
pub(super) fn run_part(
    mut project: Project,
    options: &RunOptions,
    given: (&Cache, &Part),
    reporter: &dyn Reporter,
) -> Result<RunSummary, Vec<Problem>> {
    apply(options, &mut project);
    run_flights(&project, options, Some(given), reporter)
}

/// Lays the command line over the settings of the project and of every flight.
fn apply(options: &RunOptions, project: &mut Project) {
    let flights = project.flights.iter_mut().map(|f| &mut f.settings);
    let visits = project.visits.iter_mut().map(|v| &mut v.settings);
    let all = std::iter::once(&mut project.settings);
    for settings in all.chain(flights).chain(visits) {
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
    given: Option<(&Cache, &Part)>,
    reporter: &dyn Reporter,
) -> Result<RunSummary, Vec<Problem>> {
    let part = given.map(|(_, part)| part);
    // Others do the rest.
    let whole = part.is_none_or(|p| p.step == Step::Park);
    let order = Order::of(project);
    let (chosen, visits) = choose(project, options)?;
    let chosen = order.sorted(chosen);
    let until = options.only.or(options.until).unwrap_or(Stage::Report);
    // A visit without any flight can do without outlines: its pictures are placed on no plan.
    let need = if until > Stage::Mosaic && (!chosen.is_empty() || project.buildings.is_some()) {
        Need::Sheets
    } else {
        Need::Mosaic
    };
    let results = options
        .out
        .clone()
        .unwrap_or_else(|| project.root.join("results"));
    // Held until the end. A plan writes nothing and waits for nobody.
    let held = match options.dry_run {
        true => None,
        false => Some(Workplace::take(project, &results, "run").map_err(|p| vec![p])?),
    };
    let own;
    let cache = match given {
        Some((cache, _)) => cache,
        None => {
            own = Cache::open(project, &results);
            &own
        }
    };
    let mut inputs = Inputs::read(project, need, cache.hashes())?;
    reporter.go_on().map_err(|p| vec![p])?;
    let linking = links::tie(project, &mut inputs, options, need);
    if !options.dry_run {
        check_writable(&results).map_err(|p| vec![p])?;
    }
    let expired = retention_passed(&project.settings, today());
    let place = held.iter().flat_map(|p| &p.warnings);
    for warning in place.chain(&inputs.warnings).chain(&expired) {
        reporter.warn(Stage::Read, warning);
    }
    let parks = ProjectParks::new(&inputs, &linking);
    let tied = Tied {
        inputs: &inputs,
        linking: &linking,
        parks: &parks,
    };
    let job = |folder| flight::Job {
        project,
        inputs: &inputs,
        linking: &linking,
        parks: &parks,
        order: &order,
        folder,
        options,
        cache,
        until,
        part,
    };
    if !options.dry_run && whole {
        // Flights that are up to date were made with this company list.
        let stale: Vec<&FlightFolder> = project
            .flights
            .iter()
            .filter(|f| overview::exists(&results.join(&f.id)))
            .filter(|f| !flight::is_up_to_date(&job(f), &results.join(&f.id)))
            .collect();
        let made: Vec<&str> = match until {
            Stage::Report => chosen.iter().map(|f| f.id.as_str()).collect(),
            _ => Vec::new(),
        };
        let known = (need == Need::Sheets).then_some(tied);
        let to = (options, results.as_path());
        withdrawals(
            (project, cache),
            (tied, known),
            to,
            (&stale, &made),
            reporter,
        )?;
    }
    let mut summary = RunSummary::default();
    let mut failures = Vec::new();
    let mut worked = 0;
    for folder in &chosen {
        reporter.go_on().map_err(|p| vec![p])?;
        match flight::run(&job(folder), &results.join(&folder.id), reporter) {
            Ok(done) => {
                worked += 1;
                summary.skips += done.skips;
                summary.lines.extend(done.lines);
            }
            Err(problems) => match problems.iter().find(|p| p.ends_everything()) {
                Some(end) => return Err(vec![end.clone()]),
                None => failures.extend(problems),
            },
        }
    }
    // Sheets of visits stand behind those of flights, which they may be joined with.
    let mut visits = match until {
        Stage::Report if whole => visits,
        _ => Vec::new(),
    };
    // Earlier ones first, whatever their folders are called: later ones tell what became of theirs.
    visits.sort_by_key(|v| {
        let day = v.settings.text("visit", "date").parse::<Date>().ok();
        (day.is_none(), day, v.id.clone())
    });
    for folder in visits {
        reporter.go_on().map_err(|p| vec![p])?;
        let job = visit::VisitJob {
            project,
            inputs: &inputs,
            parks: &parks,
            folder,
            options,
            cache,
        };
        match visit::run(&job, &results, reporter) {
            Ok(done) => {
                worked += 1;
                summary.skips += done.skips;
                summary.lines.extend(done.lines);
            }
            Err(problems) => match problems.iter().find(|p| p.ends_everything()) {
                Some(end) => return Err(vec![end.clone()]),
                None => failures.extend(problems),
            },
        }
    }
    if options.dry_run {
        summary.lines.extend(room_line(&results));
    } else {
        summary.lines.extend(kept_line(cache));
    }
    summary.work = cache.work_done();
    if worked == 0 && !failures.is_empty() {
        return Err(failures);
    }
    // Some flights worked: those that did not are skips, each named.
    for failure in &failures {
        reporter.skip(Stage::Read, failure);
    }
    summary.skips += failures.len();
    Ok(summary)
}

/// What the cache holds, when a run has filled it.
fn kept_line(cache: &Cache) -> Option<String> {
    let (kept, most) = cache.close();
    let (kept, most) = (Some(kept).filter(|k| *k > 0)?, size(most));
    Some(format!(
        "cache: {} of at most {most} (run.cache_max_gb)",
        size(kept)
    ))
}

/// How large the results are and what room there is.
fn room_line(results: &Path) -> Option<String> {
    let free = size(free_bytes(results)?);
    let so_far = size(room::bytes_below(results));
    Some(format!("results so far {so_far}, {free} free on the disk"))
}

/// Inputs with their ties, as overviews need them.
#[derive(Clone, Copy)]
pub(super) struct Tied<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) linking: &'a Linking,
    pub(super) parks: &'a ProjectParks,
}

/// Takes out who no longer takes part, whatever this run processes: sheets of every flight and
/// visit are removed, and the overviews of every flight that has some and is not up to date are made
/// again. `made`: flights whose overviews this run makes anyway; it warns of them itself. `known`:
/// what overviews need, where this run has read all of it.
fn withdrawals(
    (project, cache): (&Project, &Cache),
    (tied, known): (Tied<'_>, Option<Tied<'_>>),
    (options, results): (&RunOptions, &Path),
    (stale, made): (&[&FlightFolder], &[&str]),
    reporter: &dyn Reporter,
) -> Result<(), Vec<Problem>> {
    if tied.inputs.companies.is_empty() {
        return Ok(());
    }
    consent::remove_sheets_of_others(results, &tied.inputs.companies).map_err(|p| vec![p])?;
    let (ours, others): (Vec<&FlightFolder>, Vec<&FlightFolder>) =
        stale.iter().partition(|f| made.contains(&f.id.as_str()));
    let whole = (project, cache);
    remake_overviews(whole, options, results, &ours, known)?;
    for warning in remake_overviews(whole, options, results, &others, known)? {
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
    (project, cache): (&Project, &Cache),
    options: &RunOptions,
    results: &Path,
    flights: &[&FlightFolder],
    known: Option<Tied<'_>>,
) -> Result<Vec<Problem>, Vec<Problem>> {
    let (mut warnings, mut faults) = (Vec::new(), Vec::new());
    if flights.is_empty() {
        return Ok(warnings);
    }
    let read = known.is_none().then(|| {
        Inputs::read(project, Need::Sheets, cache.hashes()).map(|mut inputs| {
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
    // Pages of later flights carry parts of those of earlier ones.
    let order = Order::of(project);
    for folder in order.sorted(flights.to_vec()) {
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
            order: &order,
            folder,
            options,
            cache,
            until: Stage::Report,
            part: None,
        };
        consent::log(&job, &out).map_err(|p| vec![p])?;
        // One flight's fault leaves nobody in the overviews of the others.
        match overview::refresh(&job, &out) {
            Ok(more) => warnings.extend(more),
            Err(problems) => faults.extend(problems),
        }
    }
    match faults.is_empty() {
        true => Ok(warnings),
        false => Err(faults),
    }
}

/// The flights and visits asked for: all without a word, else those named.
fn choose<'a>(
    project: &'a Project,
    options: &RunOptions,
) -> Result<(Vec<&'a FlightFolder>, Vec<&'a VisitFolder>), Vec<Problem>> {
    if project.flights.is_empty() && project.visits.is_empty() {
        return Err(vec![
            Problem::setting("has no flight, expected folders under flights/")
                .in_file(project.root.display().to_string())
                .hint(
                    "put the frames of each flight into flights/<flight id>/, the pictures of a \
                     visit into inspections/<visit id>/",
                ),
        ]);
    }
    let (flights, visits) = (&options.flights, &options.visits);
    let mut faults = Vec::new();
    let chosen = match flights.is_empty() && !visits.is_empty() {
        true => Vec::new(),
        false => named(
            &project.flights,
            flights,
            ("flight", |f| &f.id),
            &mut faults,
        ),
    };
    let visited = match visits.is_empty() && !flights.is_empty() {
        true => Vec::new(),
        false => named(&project.visits, visits, ("visit", |v| &v.id), &mut faults),
    };
    if faults.is_empty() {
        Ok((chosen, visited))
    } else {
        Err(faults)
    }
}

/// The named ones of several; all where none is named.
fn named<'a, T>(
    all: &'a [T],
    wanted: &[String],
    (what, id): (&str, fn(&T) -> &String),
    faults: &mut Vec<Problem>,
) -> Vec<&'a T> {
    if wanted.is_empty() {
        return all.iter().collect();
    }
    let mut chosen = Vec::new();
    for name in wanted {
        match all.iter().find(|one| id(one) == name) {
            Some(found) => chosen.push(found),
            None => {
                let known: Vec<&str> = all.iter().map(|one| id(one).as_str()).collect();
                faults.push(
                    Problem::setting(format!("there is no {what} {name}"))
                        .field(format!("--{what}"))
                        .hint(format!("{what}s: {}", known.join(", "))),
                );
            }
        }
    }
    chosen
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
    let tried =
        atomic::make_folder(folder).and_then(|()| AtomicFile::create(&folder.join("write-test")));
    match tried {
        Ok(_) => Ok(()),
        Err(problem) if problem.ends_everything() => Err(problem),
        Err(problem) => Err(Problem::io(format!("cannot be written: {}", problem.what))
            .in_file(folder.display().to_string())
            .hint("give write permission, or name another folder with --out")),
    }
}
