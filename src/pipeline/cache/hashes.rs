//! Digests of files, read again only when size or times of a file changed.

use super::Digest;
use crate::pipeline::clock::system_now;
use crate::write::atomic;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

/// A file changed less than this ago may change again within the same tick of its file system's
/// clock: its digest is not kept for another run.
const SETTLED: Duration = Duration::from_secs(2);

/// What tells that a file is still the one whose bytes were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified_ns: u128,
    /// Time of the last change of the file or of what is known of it, and its number: copies that
    /// keep the time of the original are told by these.
    changed_ns: i128,
    number: u64,
}

impl Stamp {
    fn of(data: &Metadata) -> Self {
        let modified = data.modified().unwrap_or(UNIX_EPOCH);
        let (changed_ns, number) = identity(data);
        Self {
            bytes: data.len(),
            modified_ns: modified
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_nanos(),
            changed_ns,
            number,
        }
    }
}

#[cfg(unix)]
fn identity(data: &Metadata) -> (i128, u64) {
    use std::os::unix::fs::MetadataExt;
    let ns = i128::from(data.ctime()) * 1_000_000_000 + i128::from(data.ctime_nsec());
    (ns, data.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (i128, u64) {
    (0, 0)
}

/// Digests of files by path.
#[derive(Debug, Default)]
pub(crate) struct FileHashes {
    at: Option<PathBuf>,
    known: Mutex<BTreeMap<PathBuf, (Stamp, [u8; 32])>>,
    /// Files changed so lately that their times may not tell of another change.
    fresh: Mutex<BTreeSet<PathBuf>>,
}

impl FileHashes {
    /// What an earlier run knew; nothing where the file is missing or damaged.
    pub(super) fn open(at: PathBuf) -> Self {
        let known = std::fs::read(&at).ok();
        let known = known.and_then(|bytes| super::key::from_bytes(&bytes));
        Self {
            at: Some(at),
            known: Mutex::new(known.unwrap_or_default()),
            fresh: Mutex::default(),
        }
    }

    /// Size and digest of a file's bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn of(&self, path: &Path) -> std::io::Result<(u64, Digest)> {
        let stamp = Stamp::of(&std::fs::metadata(path)?);
        let known = self.lock().get(path).copied();
        if let Some((before, digest)) = known
            && before == stamp
        {
            return Ok((stamp.bytes, Digest::from_bytes(digest)));
        }
        let mut hasher = blake3::Hasher::new();
        let bytes = std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
        let digest = hasher.finalize();
        let after = Stamp::of(&std::fs::metadata(path)?);
        let now = system_now().duration_since(UNIX_EPOCH);
        let age = now.unwrap_or_default().as_nanos();
        let settled = after.modified_ns + SETTLED.as_nanos() < age;
        if after == stamp {
            self.lock()
                .insert(path.to_path_buf(), (stamp, *digest.as_bytes()));
        }
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        match settled {
            true => fresh.remove(path),
            false => fresh.insert(path.to_path_buf()),
        };
        Ok((bytes, digest))
    }

    /// Whether a file is still the one whose digest is known.
    pub(crate) fn is_unchanged(&self, path: &Path) -> bool {
        let known = self.lock().get(path).map(|(stamp, _)| *stamp);
        let now = std::fs::metadata(path).map(|data| Stamp::of(&data));
        known.zip(now.ok()).is_some_and(|(known, now)| known == now)
    }

    /// Keeps what is known for the next run, without files that are gone.
    pub(super) fn save(&self) {
        let Some(at) = &self.at else { return };
        let mut known = self.lock().clone();
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|path, _| !fresh.contains(path) && path.exists());
        // A cache that cannot be written costs time, nothing else.
        if let Some(bytes) = super::key::to_bytes(&known) {
            let _ = atomic::write_file(at, &bytes);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, (Stamp, [u8; 32])>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_of_the_same_size_and_time_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let old = system_now() - Duration::from_secs(3600);
        let write = |text: &str| {
            std::fs::write(&path, text).expect("writes");
            let file = std::fs::File::options().write(true).open(&path);
            file.and_then(|f| f.set_modified(old)).expect("sets time");
        };
        let hashes = FileHashes::open(folder.path().join("hashes"));
        write("one");
        let first = hashes.of(&path).expect("reads");
        assert_eq!(first, hashes.of(&path).expect("reads"));
        assert_eq!(first.1, blake3::hash(b"one"));
        assert!(hashes.is_unchanged(&path));
        std::thread::sleep(Duration::from_millis(20));
        write("two");
        assert!(!hashes.is_unchanged(&path));
        assert_eq!(hashes.of(&path).expect("reads").1, blake3::hash(b"two"));
    }

    #[test]
    fn what_is_known_outlives_the_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, at) = (folder.path().join("a"), folder.path().join("hashes"));
        std::fs::write(&path, "text").expect("writes");
        let old = system_now() - Duration::from_secs(3600);
        let file = std::fs::File::options().write(true).open(&path);
        file.and_then(|f| f.set_modified(old)).expect("sets time");
        let hashes = FileHashes::open(at.clone());
        let digest = hashes.of(&path).expect("reads");
        hashes.save();
        let again = FileHashes::open(at);
        assert_eq!(again.lock().len(), 1);
        assert_eq!(again.of(&path).expect("reads"), digest);
    }
}
