//! Files that are either whole or not there.
//!
//! In: bytes, at once or as a stream. Out: the named file, written beside its target (same
//! folder, so that the rename cannot cross a file system), brought to the disk and then renamed
//! over the target. A run that stops half-way leaves the older file, or none, and no rest.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::problem::{Problem, Result};

/// Writes a whole file; an older one is replaced only when the new one is complete.
///
/// # Errors
/// When the folder does not exist, is full or refuses; the older file then stays as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)
        .map_err(|error| refused(path, "cannot be written", &error))?;
    file.commit()
}

/// A file being written beside its target; [`AtomicFile::commit`] puts it in place, dropping it
/// leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    beside: NamedTempFile,
}

impl AtomicFile {
    /// Opens an empty file beside `path`. Missing folders are not made.
    ///
    /// # Errors
    /// When the folder does not exist or refuses a new file.
    pub fn create(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .ok_or_else(|| Problem::io("is not the name of a file").in_file(named(path)))?;
        let beside = builder(&format!(".{}.", name.to_string_lossy()))
            .tempfile_in(folder_of(path))
            .map_err(|error| refused(path, "cannot be created", &error))?;
        Ok(Self {
            target: path.to_path_buf(),
            beside,
        })
    }

    /// Where the file will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where the file stands while it is written, for writers that open files by their name.
    pub fn path_while_writing(&self) -> &Path {
        self.beside.path()
    }

    /// The open file, for copies that the operating system does by itself.
    pub(super) fn file_mut(&mut self) -> &mut File {
        self.beside.as_file_mut()
    }

    /// Brings everything to the disk and renames the file over its target.
    ///
    /// # Errors
    /// When the disk refuses; the target then is what it was before.
    pub fn commit(mut self) -> Result<()> {
        let target = self.target;
        self.beside
            .flush()
            .and_then(|()| self.beside.as_file().sync_all())
            .map_err(|error| refused(&target, "cannot be written", &error))?;
        self.beside
            .persist(&target)
            .map_err(|error| refused(&target, "cannot be put in place", &error.error))?;
        sync_folder(folder_of(&target));
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.beside.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.beside.flush()
    }
}

impl Read for AtomicFile {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.beside.read(buffer)
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        self.beside.seek(position)
    }
}

/// A nameless file in the folder of `path`, gone as soon as it is closed.
pub(super) fn spool_beside(path: &Path) -> Result<File> {
    tempfile::tempfile_in(folder_of(path))
        .map_err(|error| refused(path, "no room for its working copy", &error))
}

/// The problem of an operating system's refusal, with file and reason.
pub(super) fn refused(path: &Path, what: &str, error: &std::io::Error) -> Problem {
    Problem::io(format!("{what} ({error})")).in_file(named(path))
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Results are for others to read: the permissions are those of any new file, not the private
/// ones of a temporary file.
fn builder(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

/// The rename itself survives a power cut only once the folder is on the disk. Some file systems
/// refuse this for folders; the file is whole either way.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder exists")
            .map(|entry| {
                let entry = entry.expect("readable");
                entry.file_name().to_string_lossy().into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_written_file_replaces_the_older_one_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        write_file(&path, b"old").expect("writes");
        write_file(&path, b"new").expect("writes");
        assert_eq!(std::fs::read(&path).expect("is there"), b"new");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_file_that_is_given_up_leaves_the_older_one_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        write_file(&path, b"old").expect("writes");
        let mut file = AtomicFile::create(&path).expect("opens");
        file.write_all(b"half").expect("writes");
        drop(file);
        assert_eq!(std::fs::read(&path).expect("is there"), b"old");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_missing_folder_is_named_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("none").join("a.json");
        let problem = write_file(&path, b"x").expect_err("no folder");
        assert_eq!(problem.kind, crate::problem::Kind::Io);
        assert_eq!(problem.file, Some(path.display().to_string()));
        assert!(problem.what.starts_with("cannot be created ("), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn a_written_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("plain"), b"x").expect("writes");
        write_file(&folder.path().join("ours"), b"x").expect("writes");
        let mode = |name: &str| {
            let data = std::fs::metadata(folder.path().join(name)).expect("is there");
            data.permissions().mode() & 0o777
        };
        assert_eq!(mode("ours"), mode("plain"));
    }
}
