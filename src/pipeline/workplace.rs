//! Where a command works and that it works there alone.
//!
//! In: a project and the folder of its results. Out: the lock on both, the folder for what is kept
//! between runs, and the folders rid of what killed runs left.
//!
//! The operating system holds the lock and lets go of it when a program ends, however it ends: a
//! killed run blocks nobody. What the file says of its holder is for people only; it stays behind
//! empty, because removing it could let two in.

use super::clock::now;
use super::project::{Project, sorted_entries};
use crate::problem::{Problem, Result};
use crate::write::atomic;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Folder for what is kept between runs, where `run.cache_dir` says nothing.
const CACHE: &str = ".thermaudit";

/// Name of the file that is locked for a project.
pub(super) const LOCK: &str = "lock";

/// Name of the file that is locked for results that lie elsewhere.
const RESULTS_LOCK: &str = ".thermaudit.lock";

/// The lock of a command; let go of when dropped.
#[derive(Debug)]
pub(super) struct Workplace {
    held: Vec<File>,
    /// What to know, such as a file system without locks.
    pub(super) warnings: Vec<Problem>,
}

impl Workplace {
    /// Locks a project and its results for one command, and removes what killed ones left.
    ///
    /// # Errors
    /// Another command is at work there, or a folder that refuses.
    pub(super) fn take(project: &Project, results: &Path, command: &str) -> Result<Self> {
        let mut place = Self {
            held: Vec::new(),
            warnings: Vec::new(),
        };
        let mut files = vec![cache_in(project).join(LOCK)];
        if is_elsewhere(project, results) {
            files.push(results.join(RESULTS_LOCK));
        }
        let last = files.len() - 1;
        for (i, path) in files.iter().enumerate() {
            match open(path) {
                Ok(file) => place.lock(file, path, command)?,
                // A project nobody may write to; its results lie elsewhere.
                Err(error) if i < last && is_read_only(&error) => {}
                Err(error) => return Err(refused(path, error)),
            }
        }
        place.warnings.extend(clear_up(project, results));
        Ok(place)
    }

    fn lock(&mut self, mut file: File, path: &Path, command: &str) -> Result<()> {
        let shown = path.display().to_string();
        match file.try_lock() {
            Ok(()) => {
                // Half a sentence is no harm: nothing reads it but people.
                let _ = file.set_len(0);
                let (pid, since) = (std::process::id(), now().strftime("%Y-%m-%d %H:%M:%S"));
                let _ = write!(
                    file,
                    "thermaudit {command}, process {pid}, since {since} UTC"
                );
                self.held.push(file);
                Ok(())
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => String::new(),
                    holder => format!(": {holder}"),
                };
                Err(Problem::setting(format!("another command is at work here{holder}"))
                    .in_file(shown)
                    .hint("wait until it has ended, or end it; the lock of a program that is gone opens by itself"))
            }
            Err(TryLockError::Error(error)) => {
                let what = format!("this folder cannot be locked ({error})");
                self.warnings.push(
                    Problem::io(what)
                        .in_file(shown)
                        .hint("see to it that only one run works on this project"),
                );
                Ok(())
            }
        }
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        for file in &self.held {
            let _ = file.set_len(0);
        }
    }
}

/// Folder for what is kept between runs: in the project, or beside the results where nobody may
/// write to the project.
pub(super) fn cache_dir(project: &Project, results: &Path) -> PathBuf {
    let own = cache_in(project);
    let refuses = || open(&own.join(LOCK)).is_err_and(|e| is_read_only(&e));
    match is_elsewhere(project, results) && refuses() {
        true => results.join(CACHE),
        false => own,
    }
}

fn cache_in(project: &Project) -> PathBuf {
    if let Some(own) = &project.kept_in {
        return own.clone();
    }
    match project.settings.text("run", "cache_dir") {
        "" => project.root.join(CACHE),
        given => project.root.join(given),
    }
}

/// Whether results do not lie where they do by default.
fn is_elsewhere(project: &Project, results: &Path) -> bool {
    let standard = project.root.join("results");
    let whole = |path: &Path| {
        let known = path.canonicalize().or_else(|_| std::path::absolute(path));
        known.unwrap_or_else(|_| path.to_path_buf())
    };
    whole(&standard) != whole(results)
}

/// The open lock file, it and its folder made where they are not there.
fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

fn refused(path: &Path, error: std::io::Error) -> Problem {
    let shown = path.display().to_string();
    match Problem::from(error) {
        full if full.ends_everything() => full.in_file(shown),
        refused => Problem::io(format!("cannot be written ({})", refused.what))
            .in_file(shown)
            .hint("give write permission, or name another folder with --out"),
    }
}

fn is_read_only(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Removes what killed commands left, wherever one writes: results of flights, comparisons and
/// visits, what is kept, and the tables of the project that `erase` rewrites.
fn clear_up(project: &Project, results: &Path) -> Vec<Problem> {
    let mut stays = Vec::new();
    // The folder of the results may be anyone's: below it, only what is ours is gone through.
    let flights = project.flights.iter().map(|f| f.id.as_str());
    let ours = flights.chain(["compare", "inspections"]);
    let deep = ours.map(|name| results.join(name));
    for folder in deep.chain([cache_dir(project, results)]) {
        stays.extend(atomic::remove_left_over(&folder, true));
    }
    // Others are at work on this project, elsewhere.
    if project.kept_in.is_some() {
        return stays;
    }
    let mut flat = sorted_entries(&project.root.join("inspections"));
    let tables = [&project.companies, &project.links].into_iter().flatten();
    flat.extend(tables.filter_map(|path| path.parent().map(Path::to_path_buf)));
    flat.extend([results.to_path_buf(), project.root.clone()]);
    for folder in flat {
        stays.extend(atomic::remove_left_over(&folder, false));
    }
    stays
}
