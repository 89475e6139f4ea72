//! The stages of a run and the channel through which they report.

use crate::problem::Problem;
use serde::{Deserialize, Serialize};

/// Stages in order (interface.md §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Headers of all files.
    Read,
    /// Counts to kelvin.
    Calibrate,
    /// Poses.
    Orient,
    /// Frames onto the ground.
    Rectify,
    /// Agreement between frames.
    Level,
    /// One picture of the park.
    Mosaic,
    /// Roofs.
    Segment,
    /// Classes and hotspots.
    Score,
    /// Handheld pictures to buildings.
    Attach,
    /// Sheets.
    Report,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Stage; 10] = [
        Stage::Read,
        Stage::Calibrate,
        Stage::Orient,
        Stage::Rectify,
        Stage::Level,
        Stage::Mosaic,
        Stage::Segment,
        Stage::Score,
        Stage::Attach,
        Stage::Report,
    ];

    /// The word on the command line and in `run.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Calibrate => "calibrate",
            Self::Orient => "orient",
            Self::Rectify => "rectify",
            Self::Level => "level",
            Self::Mosaic => "mosaic",
            Self::Segment => "segment",
            Self::Score => "score",
            Self::Attach => "attach",
            Self::Report => "report",
        }
    }
}

/// Where a run tells how far it is; implemented by the command line.
pub trait Reporter: Sync {
    /// A stage of a flight begins; `total` units of work, 0 when unknown.
    fn begin(&self, flight: &str, stage: Stage, total: usize);
    /// `count` more units of the stage that began last are done.
    fn advance(&self, count: usize);
    /// The stage that began last is done; one line of what came out.
    fn end(&self, summary: &str);
    /// An input was left out and the run goes on; it ends with exit code 1.
    fn skip(&self, stage: Stage, problem: &Problem);
    /// Something to know that changes no exit code.
    fn warn(&self, stage: Stage, problem: &Problem);
    /// Whether the user asked the run to end.
    fn interrupted(&self) -> bool {
        false
    }
    /// Asked between units of work (a frame, a tile, a roof, a sheet).
    ///
    /// # Errors
    /// The user asked the run to end.
    fn go_on(&self) -> Result<(), Problem> {
        match self.interrupted() {
            true => Err(Problem::interrupted()),
            false => Ok(()),
        }
    }
}

/// A reporter that says nothing.
pub(super) struct Silent;

impl Reporter for Silent {
    fn begin(&self, _: &str, _: Stage, _: usize) {}
    fn advance(&self, _: usize) {}
    fn end(&self, _: &str) {}
    fn skip(&self, _: Stage, _: &Problem) {}
    fn warn(&self, _: Stage, _: &Problem) {}
}
