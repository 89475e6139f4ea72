//! What earlier runs finished, by content: digests of files, pieces of work, and what stands in each
//! folder of results.
//!
//! Everything below `run.cache_dir` can be removed at any time: then the work is done again. Nothing
//! is taken over but from the same source of the program, the same bytes and the same settings.

mod hashes;
mod key;
mod ledger;
mod store;

pub(crate) use hashes::FileHashes;
pub(crate) use key::{CODE, Digest, Key};
pub(crate) use ledger::{Facts, Ledger, MapRecord, differences};

use super::project::Project;
use super::share::Bucket;
use super::workplace::cache_dir;
use crate::problem::{Kind, Problem, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// Kinds of work that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Frames decoded and calibrated; a frame that was dropped from memory counts again.
    FramesDecoded,
    /// Flights whose frames were placed.
    FlightsOriented,
    /// Flights whose levels were solved.
    FlightsLevelled,
    /// Tiles of maps made from frames.
    TilesMade,
    /// Roofs, and zones of roofs, cut out and measured.
    RoofsMeasured,
    /// Sheets set.
    SheetsSet,
    /// Overviews and quality reports made.
    OverviewsMade,
}

/// How often each kind of work was done.
pub type WorkDone = BTreeMap<Work, usize>;

/// The cache of a project.
#[derive(Debug)]
pub(crate) struct Cache {
    root: PathBuf,
    store: Store,
    hashes: FileHashes,
    most_bytes: u64,
    done: Mutex<WorkDone>,
    /// Whether an input was lost while it was worked on.
    distrusted: AtomicBool,
    shared: Option<Shared>,
}

/// What a cache shares with other machines.
#[derive(Clone, Debug)]
struct Shared {
    bucket: Arc<Bucket>,
    /// What the results are called on every machine.
    scope: String,
}

impl Cache {
    /// Opens the cache of a project and its results.
    pub(crate) fn open(project: &Project, results: &Path) -> Self {
        let root = cache_dir(project, results);
        let gb = project.settings.number("run", "cache_max_gb");
        Self {
            store: Store::new(root.join("store")),
            hashes: FileHashes::open(root.join("hashes")),
            most_bytes: (gb.unwrap_or(50.0).max(0.0) * 1e9) as u64,
            root,
            done: Mutex::default(),
            distrusted: AtomicBool::new(false),
            shared: None,
        }
    }

    /// The cache of a project whose work several machines share. `scope`: what its results are called
    /// on every one of them.
    pub(crate) fn shared(
        project: &Project,
        results: &Path,
        bucket: &Arc<Bucket>,
        scope: &str,
    ) -> Self {
        let own = Self::open(project, results);
        Self {
            store: Store::shared(own.root.join("store"), bucket),
            shared: Some(Shared {
                bucket: Arc::clone(bucket),
                scope: scope.to_owned(),
            }),
            ..own
        }
    }

    /// What tells a folder of results from others: its path, or its name on all machines.
    pub(crate) fn place(&self, results: &Path) -> String {
        match &self.shared {
            Some(shared) => shared.scope.clone(),
            None => results.to_string_lossy().into_owned(),
        }
    }

    /// Whether work is shared with other machines.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Sends a file to the other machines, by the digest of its bytes.
    ///
    /// # Errors
    /// The file cannot be read, the bucket refuses.
    pub(crate) fn send(&self, path: &Path, digest: &[u8; 32]) -> Result<()> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let name = file_name(digest);
        match shared.bucket.has(&name)? {
            true => Ok(()),
            false => shared.bucket.put_file(&name, path),
        }
    }

    /// Fetches a file unless it stands there. Out: whether it does now.
    ///
    /// # Errors
    /// The bucket or the disk refuses.
    pub(crate) fn fetch(&self, path: &Path, digest: &[u8; 32]) -> Result<bool> {
        let stands = |hashes: &FileHashes| {
            hashes
                .of(path)
                .is_ok_and(|(_, now)| now.as_bytes() == digest)
        };
        if stands(&self.hashes) {
            return Ok(true);
        }
        let Some(shared) = &self.shared else {
            return Ok(false);
        };
        Ok(shared.bucket.get_file(&file_name(digest), path)? && stands(&self.hashes))
    }

    /// Digests of files.
    pub(crate) fn hashes(&self) -> &FileHashes {
        &self.hashes
    }

    /// Whether a piece of work need not be done again.
    pub(crate) fn has(&self, kind: &str, key: &Digest) -> bool {
        self.store.has(kind, key)
    }

    /// A finished piece of work.
    pub(crate) fn get<T: DeserializeOwned>(&self, kind: &str, key: &Digest) -> Option<T> {
        self.store.get(kind, key)
    }

    /// Keeps a finished piece of work.
    pub(crate) fn put(&self, kind: &str, key: &Digest, value: &impl Serialize) {
        if !self.is_distrusted() {
            self.store.put(kind, key, value);
        }
    }

    /// Notes a frame that could not be read. Where it is away, or is another file than the one whose
    /// digest was taken, trust is lost; else the fault is that of its bytes.
    pub(crate) fn distrust(&self, problem: &Problem, path: &Path) {
        if problem.kind == Kind::Io || !self.hashes.is_unchanged(path) {
            self.lose_trust();
        }
    }

    /// Notes that an input was lost: what comes of this run is not what its keys say, and nothing more
    /// of it is kept.
    pub(crate) fn lose_trust(&self) {
        self.distrusted.store(true, Ordering::Relaxed);
    }

    /// Whether inputs were lost while they were worked on.
    pub(crate) fn is_distrusted(&self) -> bool {
        self.distrusted.load(Ordering::Relaxed)
    }

    /// Notes work that was done.
    pub(crate) fn count(&self, work: Work) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done.entry(work).or_default() += 1;
    }

    /// What was done since the cache was opened.
    pub(crate) fn work_done(&self) -> WorkDone {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.clone()
    }

    /// Folder of what is kept of one folder of results beside its record; made when missing.
    pub(crate) fn beside(&self, out: &Path) -> Option<PathBuf> {
        let folder = self.root.join("flights").join(mark(out));
        std::fs::create_dir_all(&folder).ok()?;
        Some(folder)
    }

    fn ledger_at(&self, out: &Path) -> PathBuf {
        self.root.join("flights").join(mark(out)).join("ledger")
    }

    /// Digest of the bytes of files and of all files below folders, by their names; what cannot be
    /// read counts as empty.
    pub(crate) fn digest_of_paths(&self, paths: &[PathBuf]) -> Digest {
        let mut key = Key::new("paths");
        for path in paths {
            self.add_path(&mut key, path);
        }
        key.digest()
    }

    fn add_path(&self, key: &mut Key, path: &Path) {
        // Not the whole path: another machine has the project elsewhere.
        key.told("path", &path.file_name());
        if path.is_dir() {
            for entry in super::project::sorted_entries(path) {
                self.add_path(key, &entry);
            }
        } else if let Ok((_, digest)) = self.hashes.of(path) {
            key.digest_of("bytes", &digest);
        }
    }

    /// Ends a run: keeps the digests of files and removes what was not used longest. Out: bytes kept
    /// and bytes allowed.
    pub(crate) fn close(&self) -> (u64, u64) {
        let begun = std::fs::create_dir_all(&self.root);
        if begun.is_ok() {
            self.hashes.save();
        }
        // What others may still need goes with the plan's folder.
        if self.is_shared() {
            return (0, self.most_bytes);
        }
        let flights = self.root.join("flights");
        (
            self.store.prune(&[flights], self.most_bytes),
            self.most_bytes,
        )
    }
}

/// Removes everything that may tell of a company: pieces of work and records of results.
///
/// # Errors
/// A folder that cannot be removed.
pub(crate) fn forget_work(project: &Project, results: &Path) -> std::io::Result<()> {
    let root = cache_dir(project, results);
    for folder in ["store", "flights"] {
        match std::fs::remove_dir_all(root.join(folder)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Name of a file in the bucket.
fn file_name(digest: &[u8; 32]) -> String {
    let name = Digest::from_bytes(*digest).to_hex();
    format!("files/{}/{}", &name[..2], &name[2..])
}

/// A short name for a folder of results.
fn mark(out: &Path) -> String {
    let whole = std::path::absolute(out).unwrap_or_else(|_| out.to_path_buf());
    let mark = blake3::hash(whole.to_string_lossy().as_bytes()).to_hex();
    mark.get(..16).unwrap_or_default().to_owned()
}
