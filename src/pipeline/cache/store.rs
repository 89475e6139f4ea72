//! Finished pieces of work by key, one file each, below `cache_dir`/store.
//!
//! A file holds the digest of what follows and the value, compressed. One that is missing, torn or
//! of another program is no error: the work is done again.

use super::key::{Digest, from_bytes, to_bytes};
use crate::pipeline::clock::system_now;
use crate::pipeline::share::Bucket;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Name of the folder below a cache or a bucket.
const FOLDER: &str = "store";
/// Digits of a key that name a folder: 16 folders of each kind, as making one takes longer than a file.
const FAN: usize = 1;
/// Level of compression: fast, as most of what is kept is read once or never.
const LEVEL: i32 = 1;
/// What is unpacked at most, bytes: a damaged file must not take all memory.
const MOST_BYTES: usize = 1 << 31;
/// A file read longer ago is marked as read now; more often would cost a write for each read.
const TOUCH: Duration = Duration::from_secs(3600);

/// The folder of finished work.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    root: PathBuf,
    /// What other machines finished, too.
    shared: Option<Arc<Bucket>>,
}

impl Store {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, shared: None }
    }

    /// What several machines finish: in the bucket itself where it is a folder, else there with copies
    /// below `root`.
    pub(super) fn shared(root: PathBuf, bucket: &Arc<Bucket>) -> Self {
        match bucket.local() {
            Some(folder) => Self::new(folder.join(FOLDER)),
            None => Self {
                root,
                shared: Some(Arc::clone(bucket)),
            },
        }
    }

    fn name(kind: &str, key: &Digest) -> String {
        let name = key.to_hex();
        let kind = kind.replace(' ', "-");
        format!("{FOLDER}/{kind}/{}/{}", &name[..FAN], &name[FAN..])
    }

    fn path(&self, kind: &str, key: &Digest) -> PathBuf {
        let name = key.to_hex();
        self.root.join(kind).join(&name[..FAN]).join(&name[FAN..])
    }

    /// Whether a piece of work is there; it may still turn out damaged.
    pub(super) fn has(&self, kind: &str, key: &Digest) -> bool {
        let there = |bucket: &Arc<Bucket>| bucket.has(&Self::name(kind, key)).unwrap_or(false);
        self.path(kind, key).is_file() || self.shared.as_ref().is_some_and(there)
    }

    /// A finished piece of work.
    pub(super) fn get<T: DeserializeOwned>(&self, kind: &str, key: &Digest) -> Option<T> {
        let path = self.path(kind, key);
        if let Some(bucket) = &self.shared
            && !path.is_file()
        {
            let bytes = bucket.get(&Self::name(kind, key)).ok()??;
            let _ = write(&path, &bytes);
        }
        let bytes = std::fs::read(&path).ok()?;
        let found = unpack(&bytes).and_then(|bytes| from_bytes(&bytes));
        match &found {
            Some(_) => touch(&path),
            None => {
                let _ = std::fs::remove_file(&path);
            }
        }
        found
    }

    /// Keeps a finished piece of work. A cache that is full or read-only costs time, nothing else.
    pub(super) fn put(&self, kind: &str, key: &Digest, value: &impl Serialize) {
        if let Some(bytes) = to_bytes(value).and_then(|bytes| pack(&bytes)) {
            let _ = write(&self.path(kind, key), &bytes);
            if let Some(bucket) = &self.shared {
                let _ = bucket.put(&Self::name(kind, key), bytes);
            }
        }
    }

    /// Removes what was not used longest, here and below other folders, until at most `most_bytes`
    /// are left. Out: bytes left.
    pub(super) fn prune(&self, others: &[PathBuf], most_bytes: u64) -> u64 {
        let mut files = Vec::new();
        for folder in std::iter::once(&self.root).chain(others) {
            collect(folder, &mut files);
        }
        let mut sum: u64 = files.iter().map(|f| f.1).sum();
        files.sort();
        for (_, bytes, path) in files {
            if sum <= most_bytes {
                break;
            }
            if std::fs::remove_file(&path).is_ok() {
                sum -= bytes;
            }
        }
        sum
    }
}

/// Whole or not at all, but not brought to the disk: a file torn by a power cut is told by its
/// digest, and thousands of small ones would wait for the disk each.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(".part")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map(|_| ()).map_err(|e| e.error)
}

/// Files below a folder: last used, size, path.
fn collect(folder: &Path, files: &mut Vec<(SystemTime, u64, PathBuf)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(data) = entry.metadata() else { continue };
        match data.is_dir() {
            true => collect(&entry.path(), files),
            false => {
                let used = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push((used, data.len(), entry.path()));
            }
        }
    }
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = zstd::bulk::compress(bytes, LEVEL).ok()?;
    let size = u64::try_from(bytes.len()).ok()?.to_le_bytes();
    let mut body = size.to_vec();
    body.extend(packed);
    let mut file = blake3::hash(&body).as_bytes().to_vec();
    file.extend(body);
    Some(file)
}

fn unpack(file: &[u8]) -> Option<Vec<u8>> {
    let (digest, body) = file.split_at_checked(32)?;
    let same = blake3::hash(body).as_bytes() == digest;
    let (size, packed) = body.split_at_checked(8).filter(|_| same)?;
    let size = usize::try_from(u64::from_le_bytes(size.try_into().ok()?)).ok()?;
    if size > MOST_BYTES {
        return None;
    }
    zstd::bulk::decompress(packed, size).ok()
}

fn touch(path: &Path) {
    let used = std::fs::metadata(path).and_then(|d| d.modified());
    let long_ago = used.is_ok_and(|t| t.elapsed().is_ok_and(|age| age > TOUCH));
    if long_ago && let Ok(file) = std::fs::File::options().write(true).open(path) {
        let _ = file.set_modified(system_now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path().join("store"));
        (folder, store)
    }

    #[test]
    fn what_was_kept_comes_back_as_it_was() {
        let (_folder, store) = store();
        let key = blake3::hash(b"key");
        let value = vec![(1_u32, f64::NAN), (2, 0.1)];
        assert!(store.get::<Vec<(u32, f64)>>("x", &key).is_none());
        store.put("x", &key, &value);
        let back: Vec<(u32, f64)> = store.get("x", &key).expect("kept");
        assert_eq!(back[1], value[1]);
        assert!(back[0].1.is_nan());
        assert!(!store.has("y", &key));
    }

    #[test]
    fn a_torn_file_is_work_to_be_done_again() {
        let (_folder, store) = store();
        let key = blake3::hash(b"key");
        store.put("x", &key, &vec![7_u8; 1000]);
        let path = store.path("x", &key);
        let bytes = std::fs::read(&path).expect("kept");
        for broken in [&bytes[..bytes.len() - 1], &bytes[..10], &[][..]] {
            std::fs::write(&path, broken).expect("writes");
            assert!(store.get::<Vec<u8>>("x", &key).is_none());
            assert!(!path.exists(), "it would be tried each time");
        }
    }

    #[test]
    fn the_oldest_goes_first() {
        let (_folder, store) = store();
        let keys = [blake3::hash(b"a"), blake3::hash(b"b"), blake3::hash(b"c")];
        for (age, key) in [(300, &keys[0]), (100, &keys[1]), (200, &keys[2])] {
            store.put("x", key, &"of one size");
            let file = std::fs::File::options()
                .write(true)
                .open(store.path("x", key));
            let used = system_now() - Duration::from_secs(age);
            file.and_then(|f| f.set_modified(used)).expect("sets time");
        }
        let each = std::fs::metadata(store.path("x", &keys[0]))
            .expect("kept")
            .len();
        assert_eq!(store.prune(&[], 3 * each), 3 * each);
        assert_eq!(store.prune(&[], 2 * each), 2 * each);
        let left: Vec<bool> = keys.iter().map(|k| store.has("x", k)).collect();
        assert_eq!(left, [false, true, true]);
    }
}
