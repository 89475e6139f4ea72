//! Room on a disk.

use super::project::sorted_entries;
use std::path::Path;

/// Bytes a user may still write beside a path; `None` where the system does not say.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let found = rustix::fs::statvfs(path).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Bytes of all files below a folder; 0 where there is none.
pub(super) fn bytes_below(folder: &Path) -> u64 {
    let entries = sorted_entries(folder).into_iter();
    entries
        .map(|path| match std::fs::symlink_metadata(&path) {
            Ok(data) if data.is_dir() => bytes_below(&path),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}
