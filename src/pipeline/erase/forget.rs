//! A folder of results, or the cache, without the companies that are forgotten.

use super::targets::Targets;
use crate::attach::leak::{Kind, LeakCheck, Party};
use crate::pipeline::consent::{exempt_own_words, unpack};
use crate::pipeline::project::{Project, relative, sorted_entries};
use crate::pipeline::workplace::LOCK;
use crate::problem::{Problem, Result};
use crate::write::{atomic, gpkg};
use serde_json::Value;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Overviews over several companies, by the end of their name: made anew by the next run.
const AGGREGATES: [&str; 4] = [
    "overview.pdf",
    "overview.xlsx",
    "index.html",
    "mailmerge.csv",
];

/// The record of what was forgotten.
const RECORD: &str = "erased.csv";

/// Of larger rasters only so much of both ends is searched: names of things stand in their tags.
const ENDS: u64 = 1 << 20;

/// Largest other file that is searched, bytes.
const LARGEST: u64 = 1 << 28;

/// What was taken out of one folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    /// Files that were deleted.
    pub(super) files: Vec<PathBuf>,
    /// Of these, the ones that the next run makes anew without the company.
    pub(super) anew: Vec<PathBuf>,
    /// Files that were rewritten, and how many rows each lost.
    pub(super) rewritten: Vec<(PathBuf, usize)>,
}

impl Gone {
    /// Nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.rewritten.is_empty()
    }

    /// Rows of all files.
    pub(super) fn rows(&self) -> usize {
        self.rewritten.iter().map(|(_, rows)| rows).sum()
    }

    /// One line for each thing.
    pub(super) fn lines(&self, project: &Project, dry_run: bool) -> Vec<String> {
        let would = if dry_run { "would be " } else { "" };
        let shown = |path: &Path| relative(&project.root, path);
        let mut folders: Vec<(String, usize)> = Vec::new();
        for file in self.files.iter().filter(|f| !self.anew.contains(f)) {
            let folder = shown(file.parent().unwrap_or(file));
            match folders.last_mut() {
                Some((last, count)) if *last == folder => *count += 1,
                _ => folders.push((folder, 1)),
            }
        }
        let deleted = folders.into_iter().map(|(folder, count)| match count {
            1 => format!("{folder}: 1 file {would}deleted"),
            n => format!("{folder}: {n} files {would}deleted"),
        });
        let rewritten = self.rewritten.iter().map(|(path, rows)| match rows {
            1 => format!("{}: 1 entry {would}taken out", shown(path)),
            n => format!("{}: {n} entries {would}taken out", shown(path)),
        });
        let anew = self.anew.iter().map(|path| {
            let path = shown(path);
            format!("{path}: {would}deleted: it counted the company")
        });
        deleted.chain(rewritten).chain(anew).collect()
    }
}

/// The search for the companies, and the pen that strikes them out.
pub(super) struct Forget {
    pub(super) targets: Targets,
    check: LeakCheck,
    dry_run: bool,
}

impl Forget {
    pub(super) fn new(project: &Project, targets: Targets, dry_run: bool) -> Self {
        let parties: Vec<Party> = targets.gone.values().cloned().collect();
        // What others have as well is theirs: two sites of one enterprise share its number.
        let others = targets.others.values();
        let shared = others.flat_map(|p| p.names.iter().chain(&p.numbers));
        let ids = targets.others.keys();
        let own = ["name", "campaign"].map(|key| project.settings.text("project", key));
        let report = ["contact", "text"].map(|key| project.settings.text("report", key));
        let mut common: Vec<&str> = shared.chain(ids).map(String::as_str).collect();
        common.extend(
            own.into_iter()
                .chain(report)
                .filter(|t| !t.trim().is_empty()),
        );
        let mut check = LeakCheck::new(&parties, &common);
        exempt_own_words(&mut check);
        Self {
            targets,
            check,
            dry_run,
        }
    }

    /// Whether a value under a name tells of one of the companies.
    pub(super) fn tells(&self, name: &str, value: &str) -> bool {
        let key = matches!(name, "company_id" | "bedrijf_id" | "company");
        if key && self.targets.gone.contains_key(value.trim()) {
            return true;
        }
        let text = format!("{name}: {value}\n{value}\n");
        let hits = self.check.text("", &text);
        hits.iter().any(|hit| counts(hit.kind))
    }

    /// Takes the companies out of a folder; what cannot be rewritten joins `faults`.
    pub(super) fn place(&self, place: &Path, faults: &mut Vec<Problem>) -> Gone {
        let mut gone = Gone::default();
        for id in self.targets.gone.keys() {
            self.remove_folder(&place.join("companies").join(id), &mut gone, faults);
        }
        let mut aggregates = Vec::new();
        for path in files(place) {
            if gone.files.contains(&path) {
                continue;
            }
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            if AGGREGATES.iter().any(|a| name.ends_with(a)) {
                aggregates.push(path);
                continue;
            }
            match self.file(place, &path) {
                Ok(Done::Nothing) => {}
                Ok(Done::Rewritten(rows)) => gone.rewritten.push((path, rows)),
                Ok(Done::Delete) => self.remove(path, true, &mut gone, faults),
                Ok(Done::Unknown) => aggregates.push(path),
                Err(problem) => faults.push(problem.in_file(path.display().to_string())),
            }
        }
        // An overview counts everyone, so it changes when anyone is gone; what cannot be looked
        // into may hold anything. A run makes both anew.
        if !gone.is_empty() {
            for path in aggregates {
                self.remove(path, true, &mut gone, faults);
            }
        }
        gone
    }

    /// What is left of the companies in a folder. `touched`: something was taken out of it, so
    /// that nothing may stay that cannot be searched.
    pub(super) fn left(&self, place: &Path, touched: bool) -> Vec<Problem> {
        let mut left = Vec::new();
        for path in files(place) {
            let shown = path.display().to_string();
            match self.searched(place, &path) {
                Ok(Found::Nothing) => {}
                Ok(Found::Unknown(_)) if !touched => {}
                Ok(Found::Company) => left.push(
                    Problem::broken("still names the company")
                        .in_file(shown)
                        .hint("delete this file by hand, then run erase again"),
                ),
                Ok(Found::Unknown(why)) => left.push(
                    Problem::broken(format!("cannot be searched for the company: {why}"))
                        .in_file(shown)
                        .hint("look into it, and delete it where in doubt"),
                ),
                Err(problem) => left.push(problem.in_file(shown)),
            }
        }
        left
    }

    fn remove_folder(&self, folder: &Path, gone: &mut Gone, faults: &mut Vec<Problem>) {
        if !folder.exists() {
            return;
        }
        gone.files.extend(files(folder));
        if !self.dry_run
            && let Err(error) = atomic::remove_folder(folder)
        {
            faults.push(Problem::from(error).in_file(folder.display().to_string()));
        }
    }

    fn remove(&self, path: PathBuf, anew: bool, gone: &mut Gone, faults: &mut Vec<Problem>) {
        if !self.dry_run
            && let Err(error) = std::fs::remove_file(&path)
        {
            faults.push(Problem::from(error).in_file(path.display().to_string()));
            return;
        }
        if anew {
            gone.anew.push(path.clone());
        }
        gone.files.push(path);
    }

    /// Takes the companies out of one file, or says that it has to go.
    fn file(&self, place: &Path, path: &Path) -> Result<Done> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let rows = match ending.as_deref() {
            Some("csv") => self.csv(path)?,
            Some("json" | "geojson") => self.json(path)?,
            Some("gpkg") => {
                let doomed = |cells: &[(String, String)]| {
                    cells.iter().any(|(name, value)| self.tells(name, value))
                };
                gpkg::forget_rows(path, &doomed, !self.dry_run)?
            }
            _ => {
                return Ok(match self.searched(place, path)? {
                    Found::Nothing => Done::Nothing,
                    Found::Company => Done::Delete,
                    Found::Unknown(_) => Done::Unknown,
                });
            }
        };
        // What is left after the rows are gone (a name in a heading) takes the file with it.
        let after = !self.dry_run && !matches!(self.searched(place, path)?, Found::Nothing);
        Ok(match (after, rows) {
            (true, _) => Done::Delete,
            (false, 0) => Done::Nothing,
            (false, rows) => Done::Rewritten(rows),
        })
    }

    fn csv(&self, path: &Path) -> Result<usize> {
        let fault = |e: csv::Error| Problem::broken(e.to_string());
        let bytes = std::fs::read(path)?;
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(bytes.as_slice());
        let header = reader.headers().map_err(fault)?.clone();
        let mut table = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        table.write_record(&header).map_err(fault)?;
        let mut gone = 0;
        for record in reader.records() {
            let record = record.map_err(fault)?;
            let names = header.iter().chain(std::iter::repeat(""));
            match names
                .zip(&record)
                .any(|(name, cell)| self.tells(name, cell))
            {
                true => gone += 1,
                false => table.write_record(&record).map_err(fault)?,
            }
        }
        if gone > 0 && !self.dry_run {
            let bytes = table.into_inner().map_err(|e| Problem::io(e.to_string()))?;
            atomic::write_file(path, &bytes)?;
        }
        Ok(gone)
    }

    fn json(&self, path: &Path) -> Result<usize> {
        // What is no JSON goes the way of files that cannot be rewritten.
        let Ok(mut value) = serde_json::from_slice::<Value>(&std::fs::read(path)?) else {
            return Ok(0);
        };
        let gone = self.scrub(&mut value);
        if gone > 0 && !self.dry_run {
            let mut text =
                serde_json::to_string_pretty(&value).map_err(|e| Problem::io(e.to_string()))?;
            text.push('\n');
            atomic::write_file(path, text.as_bytes())?;
        }
        Ok(gone)
    }

    /// Takes entries that tell of a company out of lists, and blanks single texts.
    fn scrub(&self, value: &mut Value) -> usize {
        match value {
            Value::Array(items) => {
                let before = items.len();
                items.retain(|item| !self.entry_tells(item));
                before - items.len() + items.iter_mut().map(|i| self.scrub(i)).sum::<usize>()
            }
            Value::Object(fields) => {
                let before = fields.len();
                fields.retain(|name, _| !self.targets.gone.contains_key(name));
                let mut gone = before - fields.len();
                for (name, value) in fields.iter_mut() {
                    match value {
                        Value::String(text) if self.tells(name, text) => {
                            *value = Value::Null;
                            gone += 1;
                        }
                        _ => gone += self.scrub(value),
                    }
                }
                gone
            }
            _ => 0,
        }
    }

    /// Whether an entry of a list is about a company: by its own texts, or by its properties.
    fn entry_tells(&self, item: &Value) -> bool {
        match item {
            Value::String(text) => self.tells("", text),
            // A key and what belongs to it.
            Value::Array(parts) => parts
                .iter()
                .any(|part| matches!(part, Value::String(text) if self.tells("", text))),
            Value::Object(fields) => fields.iter().any(|(name, value)| match value {
                Value::String(text) => self.tells(name, text),
                Value::Object(_) if name == "properties" => self.entry_tells(value),
                _ => false,
            }),
            _ => false,
        }
    }

    fn searched(&self, place: &Path, path: &Path) -> Result<Found> {
        let name = relative(place, path);
        let size = std::fs::metadata(path)?.len();
        let lower = name.to_lowercase();
        let raster = lower.ends_with(".tif") || lower.ends_with(".tiff");
        let bytes = if raster && size > 2 * ENDS {
            ends(path, size)?
        } else if size > LARGEST {
            return Ok(Found::Unknown(format!("larger than {LARGEST} bytes")));
        } else {
            std::fs::read(path)?
        };
        let folder = name
            .split('/')
            .any(|part| self.targets.gone.contains_key(part));
        let (mut parts, mut problems) = (Vec::new(), Vec::new());
        unpack(name, bytes, 0, &mut parts, &mut problems);
        let mut unknown = problems.pop().map(|p| p.what);
        for (part, bytes) in parts {
            let searched = self.check.file("", &part, &bytes);
            if folder || searched.hits.iter().any(|hit| counts(hit.kind)) {
                return Ok(Found::Company);
            }
            unknown = unknown.or(searched.unread.into_iter().next().map(|u| u.1));
        }
        Ok(unknown.map_or(Found::Nothing, Found::Unknown))
    }
}

/// What became of a file.
enum Done {
    Nothing,
    Rewritten(usize),
    Delete,
    /// It cannot be searched.
    Unknown,
}

/// What a search found.
enum Found {
    Nothing,
    Company,
    /// It cannot be searched.
    Unknown(String),
}

/// Paths and hidden parts are nobody's name.
fn counts(kind: Kind) -> bool {
    matches!(kind, Kind::Name | Kind::Number | Kind::Id)
}

/// First and last mebibyte of a file.
fn ends(path: &Path, size: u64) -> Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(ENDS).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(size - ENDS))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// All files below a folder, the record and the lock left out; links are not followed.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in sorted_entries(folder) {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path
            .file_name()
            .is_none_or(|name| name != RECORD && name != LOCK)
        {
            found.push(path);
        }
    }
    found
}
