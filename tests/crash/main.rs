//! The promise: killed, interrupted, out of room or robbed of an input at any moment, a run loses no
//! finished work and leaves no half file, and the next run goes on to the same bytes (interface.md
//! §3, §4); one run works on a project at a time; equal input gives equal bytes whatever the
//! threads, the order and age of files, locale, time zone and time of day.
//!
//! Signals and mounts are those of Linux; where the system refuses them, a test says "skipped".

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "figures and skips are printed")]

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod inputs;
mod interrupt;
mod kill;
mod lock;
mod machines;
mod same;
mod soak;
mod whole;

use common::{files, flight_folder, is_frame, park_copy};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

/// Held for writing by the one test whose clock others would disturb.
static QUIET: RwLock<()> = RwLock::new(());

/// Beside any other test but one that wants quiet.
pub(crate) fn beside_others() -> RwLockReadGuard<'static, ()> {
    QUIET.read().unwrap_or_else(PoisonError::into_inner)
}

/// While no other test of this file runs.
pub(crate) fn in_quiet() -> RwLockWriteGuard<'static, ()> {
    QUIET.write().unwrap_or_else(PoisonError::into_inner)
}

/// A project of one flight that runs in a second or two, in a folder of its own.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// The sample park with 45 of its frames and three of its companies with a sheet.
    pub(crate) fn small() -> Self {
        Self::of_frames(45)
    }

    /// The same with another number of frames.
    pub(crate) fn of_frames(frames: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = folder.path().join("park");
        std::fs::create_dir(&project).expect("made");
        park_copy(&project, frames);
        keep_three_sheets(&project.join("companies.csv"));
        Self { folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("park")
    }

    /// A folder beside the project.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn results(&self) -> PathBuf {
        self.path().join("results")
    }

    /// The frames, by name.
    pub(crate) fn frames(&self) -> Vec<PathBuf> {
        let all = files(&flight_folder(&self.path()));
        all.into_iter().filter(|p| is_frame(p)).collect()
    }

    /// As if nothing had ever run here.
    pub(crate) fn forget_everything(&self) {
        for name in ["results", ".thermaudit"] {
            let _ = std::fs::remove_dir_all(self.path().join(name));
        }
    }

    /// The program on this project; stderr in plain lines.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        run_command(&self.path(), more)
    }

    /// Starts a run; its stderr can be read.
    pub(crate) fn start(&self, more: &[&str]) -> Child {
        let mut command = self.command(more);
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Runs to the end.
    pub(crate) fn run(&self, more: &[&str]) -> Output {
        self.command(more).output().expect("the program starts")
    }

    /// Runs to the end; everything must go well.
    pub(crate) fn run_well(&self, more: &[&str]) {
        let output = self.run(more);
        let said = common::stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{more:?}: {said}");
    }
}

/// `thermaudit run` on a project.
pub(crate) fn run_command(project: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thermaudit"));
    command.arg("run").arg(project).args(more);
    command
}

/// Takes the consent of all companies but the first three that gave it.
fn keep_three_sheets(path: &Path) {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let column = header.iter().position(|h| h == "participates");
    let column = column.expect("the column");
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(&header).expect("text");
    let mut taking_part = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        taking_part += usize::from(&row[column] == "yes");
        let cells = row.iter().enumerate().map(|(i, cell)| match cell {
            "yes" if i == column && taking_part > 3 => "no",
            cell => cell,
        });
        table.write_record(cells).expect("text");
    }
    std::fs::write(path, table.into_inner().expect("text")).expect("written");
}

/// Sends a signal by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
}

/// Waits until something is so, at most ten seconds.
pub(crate) fn wait_until(what: &str, so: impl Fn() -> bool) {
    let since = Instant::now();
    while !so() {
        assert!(since.elapsed() < Duration::from_secs(10), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Numbers that look random and are the same each time (SplitMix64), in [0, 1).
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / 2_f64.powi(64)
    }
}

/// A mount that is gone with this value.
pub(crate) struct Mount(pub PathBuf);

impl Mount {
    /// Mounts with the arguments of mount(8) at a new folder; `None`, with a word, where the system
    /// refuses.
    pub(crate) fn new(arguments: &[&str], at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).expect("made");
        let done = Command::new("mount").args(arguments).arg(at).output();
        if done.as_ref().is_ok_and(|o| o.status.success()) {
            return Some(Self(at.to_path_buf()));
        }
        println!("skipped: mounting is refused");
        None
    }

    /// Mounts it again with other options.
    pub(crate) fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount")
            .args(["-o", &options])
            .arg(&self.0)
            .status();
        assert!(done.expect("mount is there").success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
