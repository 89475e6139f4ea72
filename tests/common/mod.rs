//! What several test files share: a copy of the sample park to spoil, and running the program.
#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

pub mod park;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The sample park of the repository.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/park")
}

/// Copies the sample park without its results and truth, with at most `frames` frames of its
/// first flight.
pub fn park_copy(into: &Path, frames: usize) {
    for entry in std::fs::read_dir(sample()).expect("the sample is there") {
        let path = entry.expect("the sample is readable").path();
        if path.is_file() {
            let name = path.file_name().expect("a file has a name");
            std::fs::copy(&path, into.join(name)).expect("copying works");
        }
    }
    let from = flight_folder(&sample());
    let to = into
        .join("flights")
        .join(from.file_name().expect("a folder has a name"));
    std::fs::create_dir_all(&to).expect("the folder can be made");
    for (index, path) in files(&from).iter().filter(|p| is_frame(p)).enumerate() {
        if index < frames {
            std::fs::copy(path, to.join(path.file_name().expect("a name"))).expect("copying works");
        }
    }
    let toml = from.join("flight.toml");
    if toml.exists() {
        std::fs::copy(toml, to.join("flight.toml")).expect("copying works");
    }
}

/// The sample park with all its frames, for this test alone: two runs on one project lock each
/// other out.
pub fn whole_sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    park_copy(folder.path(), usize::MAX);
    folder
}

/// The first flight folder of a project.
pub fn flight_folder(project: &Path) -> PathBuf {
    files(&project.join("flights"))
        .into_iter()
        .find(|p| p.is_dir())
        .expect("there is a flight")
}

/// Entries of a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.filter_map(|e| e.ok()).map(|e| e.path()).collect())
        .unwrap_or_default();
    paths.sort();
    paths
}

/// Whether a file of a flight folder is a frame.
pub fn is_frame(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "jpg" || e == "tif")
}

/// All files below a folder, relative, sorted.
pub fn tree(folder: &Path) -> Vec<String> {
    fn walk(base: &Path, folder: &Path, found: &mut Vec<String>) {
        for path in files(folder) {
            if path.is_dir() {
                walk(base, &path, found);
            } else {
                let relative = path.strip_prefix(base).expect("below the base");
                found.push(relative.to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found
}

/// Runs the program.
pub fn thermaudit(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_thermaudit"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// What a run printed on stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The folder of outside test data, or a printed "skipped".
pub fn test_data() -> Option<PathBuf> {
    let folder = std::env::var_os("THERMAUDIT_TESTDATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: THERMAUDIT_TESTDATA is not set");
    }
    folder
}

/// Whether an outside program is there; prints "skipped" otherwise.
pub fn has_program(name: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|paths| std::env::split_paths(&paths).any(|p| p.join(name).is_file()));
    if !found {
        println!("skipped: {name} is not installed");
    }
    found
}
