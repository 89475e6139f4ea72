//! `run --plan`: does the units of a share, each once however many are at it.

use super::bucket::{Bucket, Place};
use super::inputs;
use super::lease::{Done, Leases, State};
use super::plan::{Plan, Unit};
use super::{Part, Step};
use crate::pipeline::cache::Cache;
use crate::pipeline::project::{Project, hidden, relative, sorted_entries};
use crate::pipeline::run::{self, RunOptions, RunSummary};
use crate::pipeline::stage::{Reporter, Stage};
use crate::problem::{Kind, Problem, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest wait before looking again at what others do.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// From so many units on they are looked at all together first: one list instead of one a unit.
const MANY: usize = 8;

/// What the command line asks of a worker.
#[derive(Clone, Debug, Default)]
pub struct WorkOptions {
    /// Folder or URL of the plan.
    pub url: String,
    /// This stage alone; `None` for all, one after the other.
    pub step: Option<Step>,
    /// Which share of how many, from 0; `None` for all units.
    pub shard: Option<(usize, usize)>,
    /// Folder for what is needed meanwhile; `None` = one of the system's.
    pub scratch: Option<PathBuf>,
    /// Threads; `None` and 0 are all cores.
    pub jobs: Option<usize>,
    /// Memory for decoded frames, MiB.
    pub max_memory_mb: Option<i64>,
}

/// What a worker did.
#[derive(Clone, Debug, Default)]
pub struct WorkSummary {
    /// Units done here.
    pub done: usize,
    /// Units that were done already, or by others meanwhile.
    pub others: usize,
    /// Units given up, in words with the reason.
    pub poisoned: Vec<String>,
    /// Units done here that gave no result, in words with the reason.
    pub refused: Vec<String>,
    /// Inputs left out by units done here.
    pub skips: usize,
}

/// Does units of a plan.
///
/// # Errors
/// No plan, one of another program, a stage whose earlier ones are not finished, a store that
/// refuses, the user.
pub fn work(
    options: &WorkOptions,
    reporter: &dyn Reporter,
) -> std::result::Result<WorkSummary, Vec<Problem>> {
    let one = |p: Problem| vec![p];
    let place = Place::read(&options.url).map_err(one)?;
    let bucket = Arc::new(Bucket::open(&place, false).map_err(one)?);
    let plan = Plan::read(&bucket).map_err(one)?;
    plan.is_ours(&bucket).map_err(one)?;
    // Another plan at this place finds nothing of this one's.
    let mark = blake3::hash(&plan.to_bytes()).to_hex();
    let scratch = places::scratch(options.scratch.as_deref(), &place).join(&mark[..16]);
    let slot = places::Slot::take(&scratch).map_err(one)?;
    let worker = Worker {
        leases: Leases::new(&bucket, &plan, &slot.name).map_err(one)?,
        bucket: &bucket,
        plan: &plan,
        slot: &slot,
        options,
        reporter,
        stuck: Mutex::default(),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs.unwrap_or(0))
        .build()
        .map_err(|e| vec![Problem::io(format!("cannot start threads ({e})"))])?;
    pool.install(|| worker.work()).map_err(one)
}

struct Worker<'a> {
    leases: Leases<'a>,
    bucket: &'a Arc<Bucket>,
    plan: &'a Plan,
    slot: &'a places::Slot,
    options: &'a WorkOptions,
    reporter: &'a dyn Reporter,
    /// Keys of units that can never be done: what they need was given up.
    stuck: Mutex<BTreeSet<String>>,
}

/// How a unit is to be taken.
enum Turn {
    Finished,
    Mine,
    /// To be looked at again.
    Later(Duration),
    Poisoned,
    /// What it needs was given up.
    Stuck,
}

impl Worker<'_> {
    fn work(&self) -> Result<WorkSummary> {
        let mut summary = WorkSummary::default();
        let steps = Step::ALL.into_iter();
        for step in steps.filter(|s| self.options.step.is_none_or(|only| only == *s)) {
            self.step(step, &mut summary)?;
        }
        Ok(summary)
    }

    /// The share of a stage.
    fn step(&self, step: Step, summary: &mut WorkSummary) -> Result<()> {
        let (index, of) = self.options.shard.unwrap_or((0, 1));
        let mine = |(i, _): &(usize, &Unit)| i % of.max(1) == index;
        let (own, others): (Vec<_>, Vec<_>) = self.plan.of(step).enumerate().partition(mine);
        let mut left: Vec<&Unit> = own.into_iter().map(|(_, unit)| unit).collect();
        // Who does all stages in turn helps out: a share whose worker never came would stop everyone.
        if self.options.step.is_none() {
            left.extend(others.into_iter().map(|(_, unit)| unit));
        }
        while !left.is_empty() {
            let mut again = Vec::new();
            let mut wait: Option<Duration> = None;
            if left.len() > MANY {
                let before = left.len();
                let done = self.leases.all_done()?;
                left.retain(|unit| !done.contains(unit.key.as_str()));
                summary.others += before - left.len();
            }
            for unit in left {
                self.reporter.go_on()?;
                match self.turn(unit, summary)? {
                    Turn::Mine => summary.done += 1,
                    Turn::Finished => summary.others += 1,
                    Turn::Poisoned => summary.poisoned.push(self.why(unit)?),
                    Turn::Stuck => {}
                    Turn::Later(time) => {
                        again.push(unit);
                        wait = Some(wait.map_or(time, |w| w.min(time)));
                    }
                }
            }
            left = again;
            if let Some(time) = wait {
                self.pause(time.min(LOOK_AGAIN))?;
            }
        }
        Ok(())
    }

    /// Waits, in small pieces, for the user may end it.
    fn pause(&self, time: Duration) -> Result<()> {
        let begun = Instant::now();
        while let Some(left) = time.checked_sub(begun.elapsed()) {
            self.reporter.go_on()?;
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
        Ok(())
    }

    fn why(&self, unit: &Unit) -> Result<String> {
        let failures = self.leases.failures(unit)?;
        let last = failures.first().and_then(|f| f.problems.first().cloned());
        let why = last.unwrap_or_else(|| "its workers died".to_owned());
        Ok(format!("{}: {why}", unit.shown()))
    }

    fn is_stuck(&self, unit: &Unit) -> bool {
        let stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        stuck.contains(&unit.key)
    }

    fn note_stuck(&self, unit: &Unit) {
        let mut stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        stuck.insert(unit.key.clone());
    }

    /// Does a unit if it is open and ready.
    fn turn(&self, unit: &Unit, summary: &mut WorkSummary) -> Result<Turn> {
        match self.leases.state(unit)? {
            State::Done => return Ok(Turn::Finished),
            State::Poisoned { .. } => return Ok(Turn::Poisoned),
            State::Taken { free_in_s } => {
                return Ok(Turn::Later(Duration::from_secs_f64(free_in_s.max(0.05))));
            }
            State::Open { .. } => {}
        }
        for needed in self.plan.before(unit) {
            if self.leases.is_done(needed)? {
                continue;
            }
            if self.is_stuck(needed) {
                self.note_stuck(unit);
                return Ok(Turn::Stuck);
            }
            match self.leases.state(needed)? {
                State::Done => {}
                State::Poisoned { .. } => {
                    let why = self.why(needed)?;
                    let why = format!("{}: needs {why}", unit.shown());
                    summary.poisoned.push(why);
                    self.note_stuck(unit);
                    return Ok(Turn::Stuck);
                }
                _ if self.options.step.is_some() => {
                    let what = format!("{} needs {}", unit.shown(), needed.shown());
                    return Err(Problem::setting(format!("{what}, which is not done"))
                        .field(format!("--stage {}", unit.step.word()))
                        .hint(format!(
                            "run --stage {} first; thermaudit status tells how all stand",
                            needed.step.word()
                        )));
                }
                _ => return Ok(Turn::Later(LOOK_AGAIN)),
            }
        }
        let Some(attempt) = self.leases.take(unit, &self.slot.name)? else {
            return Ok(Turn::Later(Duration::from_millis(200)));
        };
        self.reporter.begin(&unit.shown(), stage_of(unit.step), 0);
        let alive = self
            .leases
            .alive(unit, attempt, || self.unit(unit, attempt));
        let done = match alive {
            Ok(done) => done,
            Err(problems) => {
                if problems.iter().any(|p| p.kind == Kind::Interrupted) {
                    self.leases.give_back(unit, attempt)?;
                    return Err(Problem::interrupted());
                }
                // Another machine may have more room, or a better disk.
                self.leases.fail(unit, attempt, &problems)?;
                for problem in &problems {
                    let problem = problem.clone();
                    let what = format!("{} (attempt {attempt})", problem.what);
                    self.reporter
                        .warn(stage_of(unit.step), &Problem { what, ..problem });
                }
                return Ok(Turn::Later(Duration::from_millis(200)));
            }
        };
        self.leases.finish(unit, &done)?;
        summary.skips += done.skips;
        let named = done.refused.iter();
        summary
            .refused
            .extend(named.map(|why| format!("{}: {why}", unit.shown())));
        Ok(Turn::Mine)
    }

    /// Does a unit's work. Faults of its inputs are an outcome: again would be the same.
    fn unit(&self, unit: &Unit, attempt: usize) -> std::result::Result<Done, Vec<Problem>> {
        let begun = Instant::now();
        let one = |p: Problem| vec![p];
        let planned = self.plan.project(&unit.project).ok_or_else(|| {
            vec![Problem::broken(format!(
                "the plan knows no project {}",
                unit.project
            ))]
        })?;
        let root = inputs::ready(planned, unit, &self.slot.folder).map_err(one)?;
        let mut project = Project::open(&root)?;
        project.kept_in = Some(self.slot.folder.join("kept").join(&unit.project));
        let results = self.slot.folder.join("results").join(&unit.project);
        let cache = Cache::shared(&project, &results, self.bucket, &unit.project);
        inputs::check(planned, unit, &root, cache.hashes()).map_err(one)?;
        let named = |all: &str| match all {
            "" => Vec::new(),
            id => vec![id.to_owned()],
        };
        let asked = &self.plan.asked;
        let run_options = RunOptions {
            flights: named(&unit.flight),
            out: Some(results.clone()),
            language: asked.lang.clone(),
            jobs: self.options.jobs,
            max_memory_mb: self.options.max_memory_mb,
            allow_unreviewed: asked.allow_unreviewed,
            ..RunOptions::default()
        };
        let part = Part {
            step: unit.step,
            index: unit.part[0],
            of: unit.part[1],
        };
        let ready_s = begun.elapsed().as_secs_f64();
        let ran = run::run_part(project, &run_options, (&cache, &part), self.reporter);
        let ran_at = Instant::now();
        cache.close();
        let (summary, refused) = match ran {
            Ok(summary) => (summary, Vec::new()),
            Err(problems) if problems.iter().all(of_the_inputs) => (
                RunSummary::default(),
                problems
                    .iter()
                    .map(|p| p.to_string().replace('\n', " "))
                    .collect(),
            ),
            Err(problems) => return Err(problems),
        };
        if unit.step == Step::Park && refused.is_empty() {
            let below = results_of(self.plan, unit);
            upload(self.bucket, &results, &below).map_err(one)?;
        }
        Ok(Done {
            unit: unit.shown(),
            attempt,
            seconds: begun.elapsed().as_secs_f64(),
            overhead_s: ready_s + ran_at.elapsed().as_secs_f64(),
            skips: summary.skips,
            refused,
            work: summary
                .work
                .iter()
                .map(|(work, n)| (format!("{work:?}"), *n))
                .collect(),
        })
    }
}

/// Whether a fault is that of the files, wherever they are read.
fn of_the_inputs(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        Kind::Broken | Kind::Unsupported | Kind::Setting
    )
}

fn stage_of(step: Step) -> Stage {
    match step {
        Step::Orient => Stage::Orient,
        Step::Tile | Step::Map => Stage::Mosaic,
        Step::Roof => Stage::Segment,
        Step::Sheet | Step::Park => Stage::Report,
    }
}

/// Folder of a project's results in the plan's.
pub(super) fn results_of(plan: &Plan, unit: &Unit) -> String {
    match plan.projects.len() {
        1 => "results".to_owned(),
        _ => format!("results/{}", unit.project),
    }
}

/// Sends results; what tells of their end, last.
fn upload(bucket: &Bucket, results: &Path, below: &str) -> Result<()> {
    let mut files = Vec::new();
    collect(results, &mut files);
    files.sort_by_key(|path| path.file_name().is_some_and(|n| n == "run.json"));
    for path in files {
        let name = format!("{below}/{}", relative(results, &path));
        bucket.put_file(&name, &path)?;
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in sorted_entries(folder) {
        match (hidden(&path), path.is_dir()) {
            (true, _) => {}
            (false, true) => collect(&path, files),
            (false, false) => files.push(path),
        }
    }
}

/// Where a worker has its things meanwhile.
pub(super) mod places {
    use super::Place;
    use crate::problem::{Problem, Result};
    use std::fs::{File, TryLockError};
    use std::path::{Path, PathBuf};

    /// Workers of one machine.
    const MOST: usize = 4096;

    /// The folder for the workers of a plan on this machine.
    pub(in crate::pipeline::share) fn scratch(given: Option<&Path>, plan: &Place) -> PathBuf {
        match given {
            Some(folder) => folder.to_path_buf(),
            None => {
                let mark = blake3::hash(plan.url().as_bytes()).to_hex();
                std::env::temp_dir().join(format!("thermaudit-{}", &mark[..16]))
            }
        }
    }

    /// A place of one worker alone; the next one finds there what this one left.
    #[derive(Debug)]
    pub(in crate::pipeline::share) struct Slot {
        pub(in crate::pipeline::share) folder: PathBuf,
        /// Of the worker, for people who look.
        pub(in crate::pipeline::share) name: String,
        _lock: File,
    }

    impl Slot {
        /// The first place that no worker of this machine is at.
        ///
        /// # Errors
        /// The folder refuses.
        pub(in crate::pipeline::share) fn take(scratch: &Path) -> Result<Self> {
            for number in 0..MOST {
                let folder = scratch.join(format!("worker-{number}"));
                let refused = |e: std::io::Error| {
                    Problem::from(e)
                        .in_file(folder.display().to_string())
                        .hint("name a folder with --scratch that may be written")
                };
                std::fs::create_dir_all(&folder).map_err(refused)?;
                let lock = File::options()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(folder.join("lock"))
                    .map_err(refused)?;
                match lock.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => continue,
                    Err(TryLockError::Error(error)) => return Err(refused(error)),
                }
                let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
                let host = host.unwrap_or_else(|_| "machine".to_owned());
                let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
                let host: String = host.trim().chars().map(plain).take(40).collect();
                let name = format!("{host}-{}", std::process::id());
                return Ok(Self {
                    folder,
                    name,
                    _lock: lock,
                });
            }
            Err(Problem::io(format!("{MOST} workers are at this plan"))
                .in_file(scratch.display().to_string()))
        }
    }
}
