//! Pieces of a flight's work that are kept: taken over from an earlier run where nothing they depend
//! on changed, else done and kept; or only told, where a run is planned.

use super::Flight;
use crate::config::Settings;
use crate::pipeline::cache::{Digest, FileHashes, Key};
use crate::pipeline::run_json::Note;
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::write::atomic;
use crate::write::pdf::Rendered;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Files written, by path below the results of the flight, with the digest of their bytes.
pub(in crate::pipeline) type Files = Vec<(PathBuf, [u8; 32])>;

impl Flight<'_> {
    /// Whether earlier work of a stage may be taken over.
    pub(super) fn may_keep(&self, stage: Stage) -> bool {
        let options = self.job.options;
        !options.force || options.only.is_some_and(|only| stage < only)
    }

    /// The outcome of a piece of work, with what it noted.
    pub(super) fn kept<T: Serialize + DeserializeOwned>(
        &mut self,
        stage: Stage,
        kind: &str,
        key: &Key,
        make: impl FnOnce(&mut Self) -> Result<T, Vec<Problem>>,
    ) -> Result<T, Vec<Problem>> {
        let digest = key.digest();
        let cache = self.job.cache;
        if self.may_keep(stage)
            && let Some((value, notes)) = cache.get::<(T, Vec<Note>)>(kind, &digest)
        {
            self.take_over(stage, notes);
            return Ok(value);
        }
        self.must_run(stage, kind)?;
        let mark = self.record.mark();
        let value = make(self)?;
        cache.put(kind, &digest, &(&value, self.record.since(mark)));
        Ok(value)
    }

    /// Says and notes again what an earlier run noted.
    pub(super) fn take_over(&mut self, stage: Stage, notes: Vec<Note>) {
        self.reporter.begin(&self.job.folder.id, stage, 0);
        self.reporter.end("up to date");
        for note in notes {
            match &note {
                Note::Skip(stage, problem) => self.reporter.skip(*stage, problem),
                Note::Warning(stage, problem) => self.reporter.warn(*stage, problem),
                Note::Section(..) => {}
            }
            self.record.again(note);
        }
    }

    /// Goes on where a stage may run now; where a run is planned, tells what it would do.
    ///
    /// # Errors
    /// An empty list ends a plan. `--only` names a later stage.
    pub(super) fn must_run(&mut self, stage: Stage, what: &str) -> Result<(), Vec<Problem>> {
        let options = self.job.options;
        if let Some(only) = options.only.filter(|only| stage < *only) {
            let found = format!("{} is not up to date ({what})", stage.word());
            return Err(vec![
                Problem::setting(found)
                    .in_file(format!("flights/{}", self.job.folder.id))
                    .field(format!("--only {}", only.word()))
                    .hint("run once without --only; --dry-run tells what changed"),
            ]);
        }
        if options.dry_run {
            self.planned_from.get_or_insert(stage);
            self.planned.push((stage, what.to_owned()));
            return Err(Vec::new());
        }
        Ok(())
    }

    /// Writes files unless they stand there from the same key, and notes what was noted then.
    pub(super) fn written(
        &mut self,
        stage: Stage,
        kind: &str,
        key: &Key,
        files: &[&str],
        make: impl FnOnce(&mut Self) -> Result<(), Vec<Problem>>,
    ) -> Result<(), Vec<Problem>> {
        let digest = key.digest();
        let cache = self.job.cache;
        let kept = cache.get::<(Files, Vec<Note>)>(kind, &digest);
        if let Some((files, notes)) = kept
            && self.may_keep(stage)
            && are_there(&files, self.out, cache.hashes())
        {
            self.take_over(stage, notes);
            return Ok(());
        }
        self.must_run(stage, kind)?;
        let mark = self.record.mark();
        make(self)?;
        let there = files.iter().map(PathBuf::from);
        let there = digests(there, self.out, cache.hashes());
        cache.put(kind, &digest, &(&there, self.record.since(mark)));
        Ok(())
    }
}

/// Whether a folder stands there as it was written from a key; other files in it count as changed.
pub(in crate::pipeline) fn folder_is_there(
    kept: &Files,
    folder: &Path,
    out: &Path,
    hashes: &FileHashes,
) -> bool {
    let names = folder_files(folder, out);
    names.len() == kept.len() && are_there(kept, out, hashes)
}

/// The files of a folder with their digests.
pub(in crate::pipeline) fn folder_digests(folder: &Path, out: &Path, hashes: &FileHashes) -> Files {
    digests(folder_files(folder, out).into_iter(), out, hashes)
}

/// Writes a sheet's pages and its twin, and removes pages of an earlier, longer one.
pub(in crate::pipeline) fn write_pages(
    folder: &Path,
    rendered: &Rendered,
    twin: &str,
) -> Result<(), Problem> {
    atomic::make_folder(folder)?;
    let mut index = rendered.pages.len() + 1;
    while std::fs::remove_file(folder.join(format!("sheet-{index}.png"))).is_ok() {
        index += 1;
    }
    atomic::write_file(&folder.join("sheet.pdf"), &rendered.pdf)?;
    for (index, page) in rendered.pages.iter().enumerate() {
        atomic::write_file(&folder.join(format!("sheet-{}.png", index + 1)), page)?;
    }
    atomic::write_file(&folder.join("sheet.json"), twin.as_bytes())
}

fn folder_files(folder: &Path, out: &Path) -> Vec<PathBuf> {
    let entries = crate::pipeline::project::sorted_entries(folder).into_iter();
    let files = entries.filter(|p| p.is_file() && !crate::pipeline::project::hidden(p));
    files
        .filter_map(|p| p.strip_prefix(out).ok().map(Path::to_path_buf))
        .collect()
}

fn are_there(files: &Files, out: &Path, hashes: &FileHashes) -> bool {
    let same = |(name, before): &(PathBuf, [u8; 32])| {
        let now = hashes.of(&out.join(name));
        now.is_ok_and(|(_, now)| now.as_bytes() == before)
    };
    !files.is_empty() && files.iter().all(same)
}

pub(super) fn digests(
    names: impl Iterator<Item = PathBuf>,
    out: &Path,
    hashes: &FileHashes,
) -> Files {
    let with_digest = |name: PathBuf| {
        let (_, digest) = hashes.of(&out.join(&name)).ok()?;
        Some((name, *digest.as_bytes()))
    };
    names.filter_map(with_digest).collect()
}

/// All values of some tables of the settings.
pub(in crate::pipeline) fn tables(key: &mut Key, settings: &Settings, names: &[&str]) {
    for (entry, effective) in settings.effective() {
        if names.contains(&entry.table) {
            key.told(entry.name, &effective.value);
        }
    }
    if names.contains(&"camera") {
        key.told("camera", &settings.cameras);
    }
    if names.contains(&"score") {
        key.told("material", &settings.materials);
    }
}

/// Some values of the table `report`, for documents that depend on these alone.
pub(in crate::pipeline) fn report(key: &mut Key, settings: &Settings, names: &[&str]) {
    for (entry, effective) in settings.effective() {
        if entry.table == "report" && names.contains(&entry.name) {
            key.told(entry.name, &effective.value);
        }
    }
}

/// A digest as part of other keys.
pub(super) fn of(digest: &Digest) -> [u8; 32] {
    *digest.as_bytes()
}
