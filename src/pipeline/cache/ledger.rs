//! What stands in a folder of results: what it was made from, item by item, and the files.

use super::key::{Digest, Key, from_bytes, to_bytes};
use super::{Cache, FileHashes};
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::write::atomic;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What results depend on: by group, item and value or digest.
pub(crate) type Facts = BTreeMap<String, BTreeMap<String, String>>;

/// The record of a folder of results.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// What the results were made from.
    pub(crate) facts: Facts,
    /// Digest of each file by its path below the folder, once everything was written.
    pub(crate) files: BTreeMap<PathBuf, [u8; 32]>,
    /// Whether the run came to its end.
    pub(crate) complete: bool,
    /// Inputs left out, to be named again.
    pub(crate) skips: Vec<(Stage, Problem)>,
    /// Number of warnings in `run.json`.
    pub(crate) warnings: usize,
    /// Closing lines.
    pub(crate) lines: Vec<String>,
    /// The map.
    pub(crate) map: Option<MapRecord>,
}

/// What a map was made from, tile by tile, and the bytes of its rasters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct MapRecord {
    /// Grid and encoding of the rasters.
    pub(crate) grid: [u8; 32],
    /// Key of each tile, row by row.
    pub(crate) tiles: Vec<[u8; 32]>,
    /// Digests of the rasters, in their order.
    pub(crate) rasters: Vec<[u8; 32]>,
    /// Cells that were seen.
    pub(crate) seen: u64,
}

impl Ledger {
    /// The record of a folder; an empty one where there is none, or one of other code.
    pub(crate) fn open(cache: &Cache, out: &Path) -> Self {
        let bytes = std::fs::read(cache.ledger_at(out)).ok();
        let found: Option<Self> = bytes.and_then(|b| {
            let (digest, body) = b.split_at_checked(32)?;
            let whole = sealed(body).as_bytes() == digest;
            whole.then(|| from_bytes(body)).flatten()
        });
        found.unwrap_or_default()
    }

    /// Keeps the record. A cache that cannot be written costs time, nothing else.
    pub(crate) fn save(&self, cache: &Cache, out: &Path) {
        let Some(body) = to_bytes(self) else { return };
        let mut bytes = sealed(&body).as_bytes().to_vec();
        bytes.extend(body);
        if cache.beside(out).is_some() {
            let _ = atomic::write_file(&cache.ledger_at(out), &bytes);
        }
    }

    /// Whether the folder holds the finished results of these facts.
    pub(crate) fn is_of(&self, facts: &Facts, out: &Path, hashes: &FileHashes) -> bool {
        self.complete && self.facts == *facts && self.files_are_there(out, hashes)
    }

    fn files_are_there(&self, out: &Path, hashes: &FileHashes) -> bool {
        !self.files.is_empty() && self.files.keys().all(|name| self.holds(name, out, hashes))
    }

    /// Whether a file is as it was written.
    fn holds(&self, name: &Path, out: &Path, hashes: &FileHashes) -> bool {
        let now = hashes.of(&out.join(name)).map(|(_, digest)| digest);
        self.files
            .get(name)
            .zip(now.ok())
            .is_some_and(|(before, now)| now.as_bytes() == before)
    }

    /// Notes all files of the folder as they are now. Files and folders whose names begin with a
    /// dot are none of the results.
    pub(crate) fn note_files(&mut self, out: &Path, hashes: &FileHashes) {
        self.files.clear();
        self.note_below(out, Path::new(""), hashes);
    }

    fn note_below(&mut self, out: &Path, folder: &Path, hashes: &FileHashes) {
        for path in crate::pipeline::project::sorted_entries(&out.join(folder)) {
            if crate::pipeline::project::hidden(&path) {
                continue;
            }
            let Some(name) = path.file_name().map(|n| folder.join(n)) else {
                continue;
            };
            if path.is_dir() {
                self.note_below(out, &name, hashes);
            } else if let Ok((_, digest)) = hashes.of(&path) {
                self.files.insert(name, *digest.as_bytes());
            }
        }
    }
}

fn sealed(body: &[u8]) -> Digest {
    Key::new("ledger").bytes("body", body).digest()
}

/// How many items of a group are named.
const NAMED: usize = 3;

/// What changed between two states, one line for each group.
pub(crate) fn differences(before: &Facts, now: &Facts) -> Vec<String> {
    let empty = BTreeMap::new();
    let groups: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let mut lines = Vec::new();
    for group in groups {
        let was = before.get(group).unwrap_or(&empty);
        let is = now.get(group).unwrap_or(&empty);
        let pick = |wanted: &dyn Fn(Option<&String>, Option<&String>) -> bool| -> Vec<&str> {
            let items: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            let found = items.into_iter();
            found
                .filter(|item| wanted(was.get(*item), is.get(*item)))
                .map(String::as_str)
                .collect()
        };
        let changed = pick(&|a, b| a.is_some() && b.is_some() && a != b);
        let added = pick(&|a, b| a.is_none() && b.is_some());
        let gone = pick(&|a, b| a.is_some() && b.is_none());
        let parts: Vec<String> = [("changed", changed), ("new", added), ("gone", gone)]
            .into_iter()
            .filter(|(_, items)| !items.is_empty())
            .map(|(word, items)| told(group, word, &items, (was, is)))
            .collect();
        if !parts.is_empty() {
            lines.push(format!("{group}: {}", parts.join(", ")));
        }
    }
    lines
}

/// "3 changed (a, b, c …)"; of settings the values as well.
fn told(
    group: &str,
    word: &str,
    items: &[&str],
    (was, is): (&BTreeMap<String, String>, &BTreeMap<String, String>),
) -> String {
    let name = |item: &&str| match (group, was.get(*item), is.get(*item)) {
        ("settings", Some(a), Some(b)) => format!("{item} {a} → {b}"),
        _ => (*item).to_owned(),
    };
    let named: Vec<String> = items.iter().take(NAMED).map(name).collect();
    let more = if items.len() > NAMED { ", …" } else { "" };
    format!("{} {word} ({}{more})", items.len(), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(items: &[(&str, &str, &str)]) -> Facts {
        let mut facts = Facts::new();
        for (group, item, value) in items {
            let group = facts.entry((*group).to_owned()).or_default();
            group.insert((*item).to_owned(), (*value).to_owned());
        }
        facts
    }

    #[test]
    fn differences_name_what_changed() {
        let before = facts(&[
            ("settings", "score.emissivity_sigma", "0.03"),
            ("frames", "a.jpg", "1"),
            ("outlines", "12", "x"),
        ]);
        let now = facts(&[
            ("settings", "score.emissivity_sigma", "0.05"),
            ("frames", "a.jpg", "1"),
            ("frames", "b.jpg", "2"),
        ]);
        assert_eq!(
            differences(&before, &now),
            [
                "frames: 1 new (b.jpg)",
                "outlines: 1 gone (12)",
                "settings: 1 changed (score.emissivity_sigma 0.03 → 0.05)",
            ]
        );
        assert!(differences(&now, &now).is_empty());
    }

    #[test]
    fn a_missing_or_touched_file_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path();
        std::fs::create_dir(out.join("sub")).expect("makes a folder");
        std::fs::write(out.join("sub/a"), "a").expect("writes");
        std::fs::write(out.join(".hidden"), "b").expect("writes");
        let hashes = FileHashes::default();
        let mut ledger = Ledger {
            complete: true,
            ..Ledger::default()
        };
        ledger.note_files(out, &hashes);
        assert_eq!(ledger.files.len(), 1);
        assert!(ledger.is_of(&Facts::new(), out, &hashes));
        std::fs::write(out.join("sub/a"), "c").expect("writes");
        assert!(!ledger.is_of(&Facts::new(), out, &hashes));
    }
}
