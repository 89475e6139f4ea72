//! The files of a planned project: listed for the plan, checked or fetched for a unit.

use super::bucket::{Bucket, Place};
use super::plan::{PlannedFile, PlannedProject, Step, Unit};
use crate::pipeline::cache::FileHashes;
use crate::pipeline::project::{hidden, relative, sorted_entries};
use crate::problem::{Problem, Result};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// What belongs to no project: results, and the truth of simulated parks.
const NOT_READ: [&str; 2] = ["results", "truth"];

/// All files of a project with their digests, by name.
///
/// # Errors
/// A file cannot be read.
pub(super) fn list(root: &Path, hashes: &FileHashes) -> Result<Vec<PlannedFile>> {
    let mut paths = Vec::new();
    for entry in sorted_entries(root) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if !hidden(&entry) && !NOT_READ.contains(&name.as_ref()) {
            collect(&entry, &mut paths);
        }
    }
    let mut files: Vec<PlannedFile> = paths
        .par_iter()
        .map(|path| {
            let shown = relative(root, path);
            let (bytes, digest) = hashes
                .of(path)
                .map_err(|e| Problem::from(e).in_file(shown.clone()))?;
            Ok(PlannedFile {
                path: shown,
                bytes,
                blake3: digest.to_hex().to_string(),
            })
        })
        .collect::<Result<_>>()?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match path.is_dir() {
        true => sorted_entries(path)
            .iter()
            .filter(|p| !hidden(p))
            .for_each(|p| collect(p, files)),
        false => files.push(path.to_path_buf()),
    }
}

/// Copies a project out of an object store, all of it, into a folder. Out: nothing is known of
/// its digests yet.
///
/// # Errors
/// The store refuses, or holds no such project.
pub(super) fn download(bucket: &Bucket, to: &Path) -> Result<()> {
    let found = bucket.list("")?;
    if !found.iter().any(|f| f.name == "audit.toml") {
        return Err(Problem::setting("holds no audit.toml")
            .in_file(bucket.shown().to_owned())
            .hint("PROJECT is a folder with audit.toml, or its URL"));
    }
    let read = found.iter().filter(|f| {
        let mut parts = f.name.split('/');
        let first = parts.next().unwrap_or_default();
        !NOT_READ.contains(&first) && !f.name.split('/').any(|p| p.starts_with('.'))
    });
    for object in read {
        bucket.get_file(&object.name, &inside(to, &object.name)?)?;
    }
    Ok(())
}

/// A path below a folder by its name in a list; names that lead out of it are refused.
fn inside(root: &Path, name: &str) -> Result<PathBuf> {
    let fine = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
    if !name.split('/').all(fine) || Path::new(name).is_absolute() {
        return Err(Problem::broken(format!("{name} leads out of the project"))
            .hint("rename it in the store"));
    }
    Ok(root.join(name))
}

/// Whether a unit reads a file of its project.
fn reads(unit: &Unit, path: &str) -> bool {
    let mut parts = path.split('/');
    match (parts.next(), parts.next()) {
        (Some("flights"), Some(flight)) => unit.flight.is_empty() || unit.flight == flight,
        // Pictures of visits are read at the end.
        (Some("inspections"), _) => unit.step == Step::Park,
        _ => true,
    }
}

/// The folder of a unit's project, with all it reads as it was when the plan was made.
///
/// # Errors
/// A file changed, is away or cannot be fetched.
pub(super) fn ready(project: &PlannedProject, unit: &Unit, scratch: &Path) -> Result<PathBuf> {
    match Place::read(&project.url)? {
        Place::Folder(root) => Ok(root),
        place @ Place::Store(_) => {
            let bucket = Bucket::open(&place, false)?;
            let root = scratch.join("projects").join(&project.id);
            for file in project.files.iter().filter(|f| reads(unit, &f.path)) {
                let path = inside(&root, &file.path)?;
                let there = std::fs::metadata(&path).is_ok_and(|m| m.len() == file.bytes);
                if !there && !bucket.get_file(&file.path, &path)? {
                    return Err(changed(&file.path, "is away"));
                }
            }
            Ok(root)
        }
    }
}

/// Refuses inputs that are not those of the plan.
///
/// # Errors
/// A file changed or is away.
pub(super) fn check(
    project: &PlannedProject,
    unit: &Unit,
    root: &Path,
    hashes: &FileHashes,
) -> Result<()> {
    let files: Vec<&PlannedFile> = project
        .files
        .iter()
        .filter(|f| reads(unit, &f.path))
        .collect();
    files.par_iter().try_for_each(|file| {
        let path = inside(root, &file.path)?;
        match hashes.of(&path) {
            Ok((_, digest)) if digest.to_hex().as_str() == file.blake3 => Ok(()),
            Ok(_) => Err(changed(
                &file.path,
                "is another than when the plan was made",
            )),
            Err(error) => Err(Problem::from(error).in_file(file.path.clone())),
        }
    })
}

fn changed(path: &str, what: &str) -> Problem {
    Problem::setting(what)
        .in_file(path.to_owned())
        .hint("put the old file back, or make a new plan in an empty folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_a_project_are_refused() {
        let root = Path::new("root");
        for name in ["../x", "a/../../x", "/etc/x", "a//b", "a\\..\\b", ""] {
            assert!(inside(root, name).is_err(), "{name}");
        }
        assert_eq!(
            inside(root, "a/b c").expect("fine"),
            Path::new("root/a/b c")
        );
    }
}
