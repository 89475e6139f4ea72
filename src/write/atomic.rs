//! Files that are either whole or not there.
//!
//! In: bytes, at once or as a stream. Out: the named file, written beside its target (same
//! folder, so that the rename cannot cross a file system), brought to the disk and then renamed
//! over the target. A run that stops half-way leaves the older file, or none.
//!
//! What is being written or removed has a name nobody else uses: `.<name>.<six>.part`, and
//! `.work-<six>` for folders. A process that is killed cannot clear up; [`remove_left_over`] does
//! it for the next one.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::room::{self, Needed};
use crate::problem::{Problem, Result};

/// Begin of the name of a folder for what is no result.
const WORK: &str = ".work-";
/// End of the name of a file that is not whole.
const PART: &str = ".part";
/// Letters and digits that tell two such files apart.
const MARK: usize = 6;

/// Writes a whole file; an older one is replaced only when the new one is complete.
///
/// # Errors
/// When the folder does not exist, is full or refuses; the older file then stays as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.expect_bytes(bytes.len() as u64);
    file.write_all(bytes)
        .map_err(|error| file.refused(&error))?;
    file.commit()
}

/// Makes a folder and those above it.
///
/// # Errors
/// The disk refuses; the problem names the folder.
pub fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| refused(path, "cannot be made", &error))
}

/// A folder inside another for what is no result; gone with the value.
///
/// # Errors
/// The disk refuses; the problem names the folder around it.
pub fn work_folder(inside: &Path) -> Result<TempDir> {
    work()
        .tempdir_in(inside)
        .map_err(|error| refused(inside, "cannot be written", &error))
}

fn work() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(WORK).rand_bytes(MARK);
    builder
}

/// Removes a folder and all in it. Whatever happens meanwhile, it is whole or gone: it gets
/// another name first.
///
/// # Errors
/// The disk refuses.
pub fn remove_folder(path: &Path) -> std::io::Result<()> {
    // Also tells whether there is anything to remove.
    std::fs::symlink_metadata(path)?;
    let aside = work().tempdir_in(folder_of(path))?;
    match std::fs::rename(path, aside.path().join("gone")) {
        Ok(()) => aside.close(),
        // Some systems do not rename a folder in which a file is open.
        Err(_) => std::fs::remove_dir_all(path),
    }
}

/// Removes what killed processes left in a folder, and in the folders in it where `deep` is set.
/// Nobody may be writing there. Links are not followed. Out: what could not be removed.
pub fn remove_left_over(folder: &Path, deep: bool) -> Vec<Problem> {
    let mut stays = Vec::new();
    let mut note = |path: &Path, done: std::io::Result<()>| match done {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let what = format!("an unfinished file could not be removed ({error})");
            stays.push(Problem::io(what).in_file(named(path)));
        }
        _ => {}
    };
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_folder = entry.file_type().is_ok_and(|t| t.is_dir());
            match (is_folder, name.to_string_lossy()) {
                (true, name) if is_work(&name) => note(&path, std::fs::remove_dir_all(&path)),
                (true, _) if deep => folders.push(path),
                (false, name) if is_part(&name) => note(&path, std::fs::remove_file(&path)),
                _ => {}
            }
        }
    }
    stays
}

/// Whether a file of this name is one of ours that is not whole.
pub fn is_part(name: &str) -> bool {
    let rest = name.strip_prefix('.').and_then(|n| n.strip_suffix(PART));
    rest.and_then(|n| n.rsplit_once('.'))
        .is_some_and(|(name, mark)| !name.is_empty() && is_mark(mark))
}

fn is_work(name: &str) -> bool {
    name.strip_prefix(WORK).is_some_and(is_mark)
}

fn is_mark(text: &str) -> bool {
    text.len() == MARK && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A file being written beside its target; [`AtomicFile::commit`] puts it in place, dropping it
/// leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    beside: NamedTempFile,
    /// Bytes of the whole file, where they are known.
    bytes: Option<u64>,
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
            bytes: None,
        })
    }

    /// Says how large the file will be, for the message where it does not fit.
    pub fn expect_bytes(&mut self, bytes: u64) {
        self.bytes = Some(bytes);
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

    /// The problem of a write that failed.
    pub(super) fn refused(&self, error: &std::io::Error) -> Problem {
        match is_full(error) {
            true => self.no_room(),
            false => refused(&self.target, "cannot be written", error),
        }
    }

    /// The problem of a disk that is full.
    pub(super) fn no_room(&self) -> Problem {
        let own = self.beside.as_file().metadata().map_or(0, |m| m.len());
        let needed = self.bytes.map_or(Needed::MoreThan(own), Needed::Exactly);
        room::none_left(&self.target, needed, own)
    }

    /// Brings everything to the disk and renames the file over its target.
    ///
    /// # Errors
    /// When the disk refuses; the target then is what it was before.
    pub fn commit(mut self) -> Result<()> {
        self.beside
            .flush()
            .and_then(|()| self.beside.as_file().sync_all())
            .map_err(|error| self.refused(&error))?;
        let target = self.target;
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
    match is_full(error) {
        true => room::none_left(path, Needed::MoreThan(0), 0),
        false => Problem::io(format!("{what} ({error})")).in_file(named(path)),
    }
}

/// Whether a disk has no room left, or the user's share of it is used up.
pub(super) fn is_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
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
    builder.prefix(prefix).suffix(PART).rand_bytes(MARK);
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

    #[test]
    fn what_a_killed_process_left_is_told_from_files_of_others_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("companies/A1");
        std::fs::create_dir_all(&below).expect("made");
        let killed = AtomicFile::create(&below.join("sheet.pdf")).expect("opens");
        // As a killed process would: nobody removes it.
        let (_, left) = killed.beside.keep().expect("kept");
        let work = work_folder(folder.path()).expect("made").keep();
        std::fs::write(work.join("mean.tif"), b"x").expect("writes");
        let others = ["mine.part", ".part", ".a.part", ".work-mine", ".a.b.c.part"];
        for name in others {
            std::fs::write(folder.path().join(name), b"x").expect("writes");
        }
        assert!(remove_left_over(folder.path(), false).is_empty());
        assert!(left.exists() && !work.exists());
        assert!(remove_left_over(folder.path(), true).is_empty());
        assert!(!left.exists());
        let mut expected: Vec<&str> = others.into_iter().chain(["companies"]).collect();
        expected.sort();
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn a_folder_is_removed_with_all_in_it_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("a/b")).expect("made");
        std::fs::write(folder.path().join("a/b/c"), b"x").expect("writes");
        std::fs::write(folder.path().join("d"), b"x").expect("writes");
        remove_folder(&folder.path().join("a")).expect("removes");
        assert_eq!(names(folder.path()), ["d"]);
        let missing = remove_folder(&folder.path().join("a")).expect_err("is gone");
        assert_eq!(missing.kind(), ErrorKind::NotFound);
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
