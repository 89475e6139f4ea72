//! Room on the disk: how much is free, and what to say when there is none.

use std::path::Path;

use crate::problem::{Kind, Problem};

/// What a file that no longer fits would have needed, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Known before it was begun.
    Exactly(u64),
    /// Reckoned from the part that is done.
    About(u64),
    /// What it had when the disk was full.
    MoreThan(u64),
}

/// Bytes this user may still write beside a path that need not be there yet; `None` where the
/// system does not say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let whole = std::path::absolute(path).ok()?;
    whole.ancestors().find_map(free_at)
}

#[cfg(unix)]
fn free_at(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_at(_: &Path) -> Option<u64> {
    None
}

/// The problem of a disk on which a file does not fit; `own` bytes of it are there and go with it.
pub(super) fn none_left(path: &Path, needed: Needed, own: u64) -> Problem {
    let needed = match needed {
        Needed::Exactly(bytes) => size(bytes),
        Needed::About(bytes) => format!("about {}", size(bytes)),
        Needed::MoreThan(bytes) => format!("more than {}", size(bytes)),
    };
    let free = match free_bytes(path) {
        Some(free) => format!(", {} free", size(free.saturating_add(own))),
        None => String::new(),
    };
    let what = format!("cannot be written: no space left on the disk ({needed} needed{free})");
    Problem::new(Kind::DiskFull, what)
        .in_file(path.display().to_string())
        .hint("make room there, or write to another disk (--out); then run again: what is finished is kept")
}

/// Bytes for people: kB, MB or GB of powers of ten.
pub fn size(bytes: u64) -> String {
    match bytes as f64 {
        b if b < 1e6 => format!("{:.0} kB", (b / 1e3).ceil()),
        b if b < 1e9 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_the_unit_people_use() {
        let said = [0, 1, 999_000, 1_250_000, 2_000_000_000].map(size);
        assert_eq!(said, ["0 kB", "1 kB", "999 kB", "1.2 MB", "2.0 GB"]);
    }

    #[cfg(unix)]
    #[test]
    fn room_is_known_for_a_folder_that_is_not_there_yet() {
        let folder = tempfile::tempdir().expect("a folder");
        let there = free_bytes(folder.path()).expect("unix says");
        let not_yet = free_bytes(&folder.path().join("a/b")).expect("unix says");
        // Others write to the same disk meanwhile.
        assert!(there.abs_diff(not_yet) < 1 << 30, "{there} {not_yet}");
    }
}
