//! The files a command on single files works on: those named, and those in the folders named.
//!
//! In: paths of the command line. Out: files in a fixed order, with the place each has under its
//! folder. In a folder a file counts when its first bytes or its ending are those of a thermal
//! file; everything else that lies there is passed over. A file that is named is always taken.

use crate::problem::Problem;
use crate::read::frame;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Endings of thermal files: a damaged file is known by them only.
const ENDINGS: [&str; 10] = [
    "jpg", "jpeg", "tif", "tiff", "fff", "seq", "csq", "irb", "irg", "hdr",
];

/// Bytes looked at to tell what a file is.
const HEAD: u64 = 4096;

/// One file to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ThermalFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// The file as printed.
    pub(crate) shown: String,
    /// Place below the folder that was named; the file's name where the file itself was.
    pub(crate) relative: PathBuf,
}

/// Files of the paths named, in the order named and by name inside folders; `outside` and what is
/// below it is left out. Paths that are not there are problems beside them.
pub(crate) fn expand(
    paths: &[PathBuf],
    outside: Option<&Path>,
) -> (Vec<ThermalFile>, Vec<Problem>) {
    let outside = outside.and_then(|p| p.canonicalize().ok());
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let before = found.len();
        let result = match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => walk(path, path, outside.as_deref(), &mut found),
            Ok(_) => {
                found.push(ThermalFile {
                    path: path.clone(),
                    shown: path.display().to_string(),
                    relative: path.file_name().map(PathBuf::from).unwrap_or_default(),
                });
                Ok(())
            }
            Err(error) => Err(Problem::from(error).in_file(path.display().to_string())),
        };
        match result {
            Ok(()) if found.len() == before => problems.push(
                Problem::setting("holds no thermal file")
                    .in_file(path.display().to_string())
                    .hint("expected radiometric JPEG, TIFF or sequences"),
            ),
            Ok(()) => {}
            Err(problem) => problems.push(problem),
        }
    }
    (found, problems)
}

fn walk(
    root: &Path,
    folder: &Path,
    outside: Option<&Path>,
    found: &mut Vec<ThermalFile>,
) -> Result<(), Problem> {
    let refused =
        |error: std::io::Error| Problem::from(error).in_file(folder.display().to_string());
    if outside.is_some() && folder.canonicalize().ok().as_deref() == outside {
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden {
            entries.push((entry.path(), entry.file_type().map_err(refused)?));
        }
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, kind) in entries {
        // Links to folders are not followed: they can lead in a circle.
        if kind.is_dir() {
            walk(root, &path, outside, found)?;
        } else if path.is_file() && is_thermal(&path) {
            found.push(ThermalFile {
                shown: path.display().to_string(),
                relative: path.strip_prefix(root).unwrap_or(&path).to_owned(),
                path,
            });
        }
    }
    Ok(())
}

fn is_thermal(path: &Path) -> bool {
    let ending = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    if ending.is_some_and(|e| ENDINGS.contains(&e.as_str())) {
        return true;
    }
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(HEAD).read_to_end(&mut head));
    read.is_ok() && frame::is_candidate(&head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_thermal_files_in_name_order_and_leaves_the_output_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("sub/out")).expect("makes folders");
        for (name, bytes) in [
            ("b.JPG", b"\xFF\xD8".as_slice()),
            ("a.bin", b"FFF\0"),
            ("notes.txt", b"hello"),
            (".hidden.jpg", b"\xFF\xD8"),
            ("sub/c.tif", b"II*\0"),
            ("sub/out/d.tif", b"II*\0"),
        ] {
            std::fs::write(root.join(name), bytes).expect("writes");
        }
        let outside = root.join("sub/out");
        let (found, problems) = expand(&[root.to_owned(), root.join("none")], Some(&outside));
        let names: Vec<_> = found.iter().map(|f| f.relative.as_path()).collect();
        assert_eq!(names, ["a.bin", "b.JPG", "sub/c.tif"].map(Path::new));
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
