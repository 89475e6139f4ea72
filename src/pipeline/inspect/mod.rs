//! `inspect`: what a thermal file holds, as found and as understood.
//!
//! In: paths and what the command line overrides. Out: one [`Inspection`] per file, or the problem
//! why there is none; files are independent of each other. Nothing is written.

mod facts;
mod fill;
pub(super) mod report;

pub use report::{Angles, Calibration, Inspection, Tool};

use super::measured::Measured;
use super::thermal_files::{self, ThermalFile};
use crate::calibrate::parameters::Settings;
use crate::problem::{Problem, Result};
use crate::read::frame::file::FrameFile;
use rayon::prelude::*;
use std::path::PathBuf;

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct InspectOptions {
    /// Columns and rows whose value is wanted.
    pub at: Vec<[usize; 2]>,
    /// Frame of a sequence, from 1; the first one unless given.
    pub frame: Option<usize>,
    /// Parameters that take the place of the files'.
    pub settings: Settings,
    /// Threads; `None` or 0 = all cores.
    pub jobs: Option<usize>,
}

/// A file and what came of it.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// The file as printed.
    pub file: String,
    /// What it holds; boxed, for it is large.
    pub outcome: std::result::Result<Box<Inspection>, Problem>,
}

/// Looks into files and the files of folders, in the order named.
///
/// # Errors
/// The threads cannot be started.
pub fn inspect(paths: &[PathBuf], options: &InspectOptions) -> Result<Vec<Inspected>> {
    let (files, problems) = thermal_files::expand(paths, None);
    let pool = super::threads(options.jobs)?;
    let mut all: Vec<Inspected> = pool.install(|| {
        files
            .par_iter()
            .map(|file| Inspected {
                file: file.shown.clone(),
                outcome: one(file, options).map(Box::new).map_err(|problem| Problem {
                    file: Some(file.shown.clone()),
                    ..problem
                }),
            })
            .collect()
    });
    all.extend(problems.into_iter().map(|problem| Inspected {
        file: problem.file.clone().unwrap_or_default(),
        outcome: Err(problem),
    }));
    Ok(all)
}

fn one(file: &ThermalFile, options: &InspectOptions) -> Result<Inspection> {
    let frames = FrameFile::open(&file.path)?;
    let number = options.frame.unwrap_or(1);
    if number == 0 || number > frames.count() {
        return Err(Problem::setting(format!(
            "has {} frames, but number {number} is asked for",
            frames.count()
        ))
        .field("--frame"));
    }
    let index = number - 1;
    let measured = Measured::new(frames.frame(index)?, &options.settings)?;
    let extras = frames.extras(index)?;
    let mut inspection = Inspection::new(&file.shown, &measured, &extras);
    inspection.frame = number;
    inspection.frames = frames.count();
    inspection.kind = facts::kind(&frames, index)?;
    if index > 0 {
        inspection
            .warnings
            .extend(frames.warnings().iter().cloned());
    }
    for [x, y] in &options.at {
        inspection.at.push(fill::pixel(&measured, *x, *y)?);
    }
    Ok(inspection)
}
