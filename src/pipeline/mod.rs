//! A run: the order of the stages, parallelism, and what happens to files that do not work.

mod cache;
mod catalogue;
mod check;
mod clock;
mod compare;
mod consent;
mod convert;
mod derived;
mod erase;
mod flight;
mod frames;
mod gis;
mod ground;
mod heights;
mod house;
mod init;
mod inputs;
mod inspect;
mod layers;
mod links;
mod map_page;
mod measured;
mod newer;
mod order;
mod outlook;
mod overview;
mod overview_former;
mod overview_pages;
mod park_maps;
mod parks;
mod photos;
mod project;
mod room;
mod run;
mod run_json;
mod share;
mod stage;
mod thermal_files;
mod turns;
mod visit;
mod workplace;

pub use cache::{Work, WorkDone};
pub use check::{CheckReport, check};
pub use compare::{CompareOptions, CompareSummary, compare};
pub use convert::{ConvertOptions, ConvertSummary, Format, convert};
pub use erase::{EraseOptions, EraseSummary, erase};
pub use init::{InitReport, init};
pub use inspect::{Angles, Calibration, InspectOptions, Inspected, Inspection, Tool, inspect};
pub use measured::Radiometry;
pub use outlook::{OutlookOptions, OutlookReport, outlook};
pub use project::{FlightFolder, Project, VisitFolder};
pub use run::{RunOptions, RunSummary, run};
pub use share::{
    MergeOptions, MergeSummary, PlanOptions, PlanSummary, StatusReport, Step, StepStatus,
    UnitStatus, WorkOptions, WorkSummary, merge, plan, status, work,
};
pub use stage::{Reporter, Stage};

use crate::problem::{Problem, Result};

/// Threads of a command on single files; `None` and 0 are all cores.
///
/// # Errors
/// The operating system gives no threads.
fn threads(jobs: Option<usize>) -> Result<rayon::ThreadPool> {
    let jobs = jobs.unwrap_or(0);
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .map_err(|e| Problem::io(format!("cannot start {jobs} threads ({e})")))
}
