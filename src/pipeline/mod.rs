//! A run: the order of the stages, parallelism, and what happens to files that do not work.

mod catalogue;
mod check;
mod flight;
mod frames;
mod ground;
mod heights;
mod inputs;
mod layers;
mod project;
mod run;
mod run_json;
mod stage;

pub use check::{CheckReport, check};
pub use project::{FlightFolder, Project};
pub use run::{RunOptions, RunSummary, run};
pub use stage::{Reporter, Stage};
