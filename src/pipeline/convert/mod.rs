//! `convert`: thermal files to GeoTIFF, pictures or tables, one output a frame.
//!
//! In: paths and what the command line overrides. Out: files and, beside each, what was used to
//! make it. Everything that can be known beforehand is checked before the first file is written:
//! names that meet, files that would be lost. Frames are independent: they are worked on in
//! parallel, and one that cannot be read is skipped and named.

mod output;
mod plan;
mod range;
mod sidecar;

use super::measured::{Measured, Radiometry};
use super::stage::{Reporter, Stage};
use super::thermal_files;
use crate::calibrate::parameters::Settings;
use crate::problem::{Problem, Result};
use crate::report::palette::Palette;
use crate::write::atomic;
use output::{Legends, Look};
use plan::{Job, Plan};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Float GeoTIFF in °C.
    Tiff,
    /// False-colour picture.
    Png,
    /// Table of °C.
    Csv,
}

impl Format {
    /// Name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Format::Tiff => "tiff",
            Format::Png => "png",
            Format::Csv => "csv",
        }
    }

    /// Ending of files.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Tiff => "tif",
            other => other.word(),
        }
    }

    /// The format a file's ending asks for.
    pub fn from_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "tif" | "tiff" => Some(Format::Tiff),
            "png" => Some(Format::Png),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }
}

/// How to convert.
#[derive(Clone, Debug)]
pub struct ConvertOptions {
    /// Folder, or the file for one input.
    pub out: PathBuf,
    /// What to write; by the ending of `out` unless given, else GeoTIFF.
    pub format: Option<Format>,
    /// Parameters that take the place of the files'.
    pub settings: Settings,
    /// Colours of pictures; inferno unless given.
    pub palette: Option<Palette>,
    /// Lowest and highest temperature of pictures, °C.
    pub range_c: Option<[f64; 2]>,
    /// Only this frame of a sequence, from 1.
    pub frame: Option<usize>,
    /// Between the columns of tables.
    pub delimiter: char,
    /// Replace files that are there.
    pub force: bool,
    /// Threads; `None` or 0 = all cores.
    pub jobs: Option<usize>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvertSummary {
    /// Frames written.
    pub written: usize,
    /// Inputs left out; each was reported.
    pub skipped: usize,
}

/// Converts files and the files of folders.
///
/// # Errors
/// What makes the whole command wrong: outputs that meet or are there already, no threads, a full
/// disk, the user.
pub fn convert(
    paths: &[PathBuf],
    options: &ConvertOptions,
    reporter: &dyn Reporter,
) -> std::result::Result<ConvertSummary, Vec<Problem>> {
    if let Ok(out) = options.out.canonicalize()
        && paths
            .iter()
            .any(|p| p.canonicalize().is_ok_and(|p| p == out))
    {
        return Err(vec![
            Problem::setting("is read and written, too")
                .field("-o")
                .in_file(options.out.display().to_string())
                .hint("name another folder, which may lie inside this one"),
        ]);
    }
    let (files, mut problems) = thermal_files::expand(paths, Some(&options.out));
    let plan = Plan::new(files, options, &mut problems)?;
    let pool = super::threads(options.jobs).map_err(|p| vec![p])?;
    reporter.begin("convert", Stage::Calibrate, plan.jobs.len());
    let results: Vec<Result<Vec<String>>> = pool.install(|| {
        let look = Look {
            format: plan.format,
            palette: options.palette.unwrap_or_default(),
            range_c: options.range_c.or_else(|| match plan.format {
                Format::Png => range::common(&plan, &options.settings),
                _ => None,
            }),
            range_given: options.range_c.is_some(),
            delimiter: options.delimiter,
        };
        let legends = Legends::default();
        plan.jobs
            .par_iter()
            .map(|job| {
                let done = reporter
                    .go_on()
                    .and_then(|()| one(&plan, job, options, &look, &legends));
                reporter.advance(1);
                done
            })
            .collect()
    });
    let failed = || results.iter().filter_map(|r| r.as_ref().err());
    if let Some(end) = failed().find(|p| p.ends_everything()) {
        return Err(vec![end.clone()]);
    }
    let mut written = 0;
    // A flight's frames share their oddities: each is told once.
    let mut warnings: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (job, result) in plan.jobs.iter().zip(results) {
        match result {
            Ok(odd) => {
                written += 1;
                for text in odd {
                    let first = || (plan.shown(job), 0);
                    warnings.entry(text).or_insert_with(first).1 += 1;
                }
            }
            Err(problem) => problems.push(Problem {
                file: Some(plan.shown(job)),
                ..problem
            }),
        }
    }
    reporter.end(&format!("{written} of {} frames written", plan.jobs.len()));
    for (text, (file, count)) in warnings {
        let others = match count {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        reporter.warn(
            Stage::Calibrate,
            &Problem::broken(text).in_file(format!("{file}{others}")),
        );
    }
    problems
        .iter()
        .for_each(|problem| reporter.skip(Stage::Calibrate, problem));
    Ok(ConvertSummary {
        written,
        skipped: problems.len(),
    })
}

/// Converts one frame; returns what was odd about it.
fn one(
    plan: &Plan,
    job: &Job,
    options: &ConvertOptions,
    look: &Look,
    legends: &Legends,
) -> Result<Vec<String>> {
    let source = &plan.sources[job.source];
    let measured = Measured::new(source.frames.frame(job.frame)?, &options.settings)?;
    if measured.radiometry == Radiometry::NeedsScale {
        return Err(needs_scale());
    }
    let made = output::make(source, job, &measured, look, legends)?;
    if let Some(folder) = job.target.parent() {
        atomic::make_folder(folder)?;
    }
    atomic::write_file(&job.target, &made.bytes)?;
    atomic::write_file(&job.sidecar(), made.sidecar.as_bytes())?;
    let mut odd = measured.raw.header.warnings.clone();
    if measured.radiometry == Radiometry::RelativeOnly {
        odd.push("not radiometric: counts are written, not temperatures".to_owned());
    }
    Ok(odd)
}

fn needs_scale() -> Problem {
    Problem::setting("the file does not say what its counts mean").hint(
        "give --scale and --offset (°C = count · scale + offset); FLIR drones: 0.04 or 0.4 with \
         -273.15, hundredths of a kelvin: 0.01 with -273.15",
    )
}
