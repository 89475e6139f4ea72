//! Which frame becomes which file.
//!
//! Names are settled before anything is written: the input's own with the ending of the format,
//! and `-000001` for the frames of a sequence. Where two inputs would give one name (a visible
//! `.jpg` beside a thermal `.tif`), both keep their own ending in it.

use super::super::cache::FileHashes;
use super::super::catalogue;
use super::super::thermal_files::ThermalFile;
use super::{ConvertOptions, Format};
use crate::problem::{Problem, Result};
use crate::read::frame::file::FrameFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One input file.
#[derive(Debug)]
pub(super) struct Source {
    /// Where it is and what it is called.
    pub(super) file: ThermalFile,
    /// Its frames.
    pub(super) frames: FrameFile,
    hash: OnceLock<Result<String>>,
}

impl Source {
    /// BLAKE3 of the whole file, read once however many frames it has.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub(super) fn blake3(&self) -> Result<String> {
        let hash = || {
            catalogue::hash_file(&self.file.shown, &self.file.path, &FileHashes::default())
                .map(|input| input.blake3)
                .map_err(Problem::from)
        };
        self.hash.get_or_init(hash).clone()
    }
}

/// One frame to convert.
#[derive(Debug)]
pub(super) struct Job {
    /// Index of its source.
    pub(super) source: usize,
    /// Frame, from 0.
    pub(super) frame: usize,
    /// File to write.
    pub(super) target: PathBuf,
}

impl Job {
    /// The file beside the target that says how it was made.
    pub(super) fn sidecar(&self) -> PathBuf {
        let mut name = self.target.clone().into_os_string();
        name.push(".json");
        PathBuf::from(name)
    }
}

/// Everything to do.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) sources: Vec<Source>,
    pub(super) jobs: Vec<Job>,
    pub(super) format: Format,
}

impl Plan {
    /// Plans the outputs; files that cannot be opened are added to `problems`.
    ///
    /// # Errors
    /// What makes the whole command wrong, all at once.
    pub(super) fn new(
        files: Vec<ThermalFile>,
        options: &ConvertOptions,
        problems: &mut Vec<Problem>,
    ) -> std::result::Result<Self, Vec<Problem>> {
        let ending = options.out.extension().map(|e| e.to_string_lossy());
        let asked = ending.and_then(|e| Format::from_ending(&e));
        let is_file = asked.is_some() && !options.out.is_dir();
        let format = options.format.or(asked).unwrap_or(Format::Tiff);
        if is_file && asked != Some(format) {
            return Err(vec![wrong_out(
                options,
                &format!("does not end in .{}", format.ending()),
            )]);
        }
        if !is_file && options.out.is_file() {
            return Err(vec![wrong_out(options, "is a file, expected a folder")]);
        }
        let coloured = options.range_c.is_some() || options.palette.is_some();
        if coloured && format != Format::Png {
            let what = format!("colour pictures, but the format is {}", format.word());
            return Err(vec![
                Problem::setting(what)
                    .field("--range, --palette")
                    .hint("add --format png, or leave them out"),
            ]);
        }
        let mut sources = Vec::new();
        for file in files {
            match FrameFile::open(&file.path) {
                Ok(frames) => sources.push(Source {
                    file,
                    frames,
                    hash: OnceLock::new(),
                }),
                Err(problem) => problems.push(Problem {
                    file: Some(file.shown.clone()),
                    ..problem
                }),
            }
        }
        let mut plan = Self {
            sources,
            jobs: Vec::new(),
            format,
        };
        plan.fill(options, problems);
        if is_file {
            let [job] = plan.jobs.as_mut_slice() else {
                return match plan.jobs.len() {
                    0 => Ok(plan),
                    n => Err(vec![wrong_out(
                        options,
                        &format!("is one file, but there are {n} frames to write"),
                    )]),
                };
            };
            job.target.clone_from(&options.out);
        }
        plan.check(options.force)?;
        Ok(plan)
    }

    /// The input of a job as printed.
    pub(super) fn shown(&self, job: &Job) -> String {
        let source = &self.sources[job.source];
        match source.frames.count() {
            1 => source.file.shown.clone(),
            _ => format!("{}#{}", source.file.shown, job.frame + 1),
        }
    }

    fn fill(&mut self, options: &ConvertOptions, problems: &mut Vec<Problem>) {
        let stem = |source: &Source| source.file.relative.with_extension("");
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for source in &self.sources {
            *taken.entry(folded(&stem(source))).or_default() += 1;
        }
        for (index, source) in self.sources.iter().enumerate() {
            let own = stem(source);
            // The files' own endings tell apart what would else be one name.
            let base = match taken.get(&folded(&own)) {
                Some(1) => own,
                _ => source.file.relative.clone(),
            };
            let count = source.frames.count();
            let wanted = match options.frame {
                None => 0..count,
                Some(n) if (1..=count).contains(&n) => n - 1..n,
                Some(n) => {
                    problems.push(
                        Problem::setting(format!(
                            "has {count} frames, but number {n} is asked for"
                        ))
                        .field("--frame")
                        .in_file(source.file.shown.clone()),
                    );
                    continue;
                }
            };
            for frame in wanted {
                let mut name = options.out.join(&base).into_os_string();
                if count > 1 {
                    name.push(format!("-{:06}", frame + 1));
                }
                name.push(format!(".{}", self.format.ending()));
                self.jobs.push(Job {
                    source: index,
                    frame,
                    target: PathBuf::from(name),
                });
            }
        }
    }

    /// No two jobs write one file, none writes over an input, and none over anything without
    /// `force`.
    fn check(&self, force: bool) -> std::result::Result<(), Vec<Problem>> {
        let mut faults = Vec::new();
        let mut names: BTreeMap<String, &Job> = BTreeMap::new();
        for job in &self.jobs {
            if let Some(other) = names.insert(folded(&job.target), job) {
                faults.push(
                    Problem::setting(format!(
                        "would be written to {}, as {} would",
                        job.target.display(),
                        self.shown(other)
                    ))
                    .in_file(self.shown(job))
                    .hint("convert their folder, which keeps the subfolders apart"),
                );
            }
        }
        let inputs: BTreeSet<PathBuf> = self
            .sources
            .iter()
            .filter_map(|s| s.file.path.canonicalize().ok())
            .collect();
        let there = |path: &Path| path.symlink_metadata().is_ok();
        let mut occupied = Vec::new();
        for job in &self.jobs {
            for path in [job.target.clone(), job.sidecar()] {
                if path.canonicalize().is_ok_and(|p| inputs.contains(&p)) {
                    faults.push(
                        Problem::setting("would be written over itself")
                            .in_file(path.display().to_string())
                            .hint("name another folder with -o"),
                    );
                } else if !force && there(&path) {
                    occupied.push(path);
                }
            }
        }
        if let Some(first) = occupied.first() {
            let others = match occupied.len() {
                1 => String::new(),
                n => format!(", and {} more", n - 1),
            };
            faults.push(
                Problem::setting(format!("is there already{others}"))
                    .in_file(first.display().to_string())
                    .hint("name another folder with -o, or replace files with --force"),
            );
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults),
        }
    }
}

fn wrong_out(options: &ConvertOptions, what: &str) -> Problem {
    Problem::setting(what)
        .field("-o")
        .in_file(options.out.display().to_string())
        .hint("name a folder, or for one frame a file with the ending of the format")
}

/// A name as file systems that do not tell capitals apart see it.
fn folded(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}
