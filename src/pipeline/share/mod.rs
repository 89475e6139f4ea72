//! One project, many machines: `plan`, `run --plan`, `status`, `merge`.
//!
//! In: projects, and a folder or bucket that all machines see. Out: the same results, byte for byte, as
//! one machine makes. [`plan`] cuts the work into units and writes `plan.json`; [`work`] does the units
//! of a share; [`status`] tells how they stand; [`merge`] closes the plan.
//!
//! A unit is the ordinary run of a project that stops early and makes only its share: what it makes
//! is kept by content in the plan's folder instead of on one disk, and later units take it over from
//! there. So there is no second way to make anything, and a unit done twice does no harm. No engine is
//! needed; any that starts the same command with an index will do.

mod bucket;
mod inputs;
mod lease;
mod merge;
mod plan;
mod planning;
mod status;
mod work;

pub(crate) use bucket::Bucket;
pub use merge::{MergeOptions, MergeSummary, merge};
pub use plan::Step;
pub use planning::{PlanOptions, PlanSummary, plan};
pub use status::{StatusReport, StepStatus, UnitStatus, status};
pub use work::{WorkOptions, WorkSummary, work};

use std::ops::Range;

/// The part of a run that one unit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) step: Step,
    pub(crate) index: usize,
    /// Number of shares, at least 1.
    pub(crate) of: usize,
}

impl Part {
    /// Its share of `n` things in a row.
    pub(crate) fn range(&self, n: usize) -> Range<usize> {
        let at = |i: usize| i * n / self.of.max(1);
        at(self.index)..at(self.index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_everything_once() {
        for (n, of) in [(0, 3), (1, 3), (7, 3), (12, 5), (5, 1)] {
            let part = |index| Part {
                step: Step::Tile,
                index,
                of,
            };
            let all: Vec<usize> = (0..of).flat_map(|i| part(i).range(n)).collect();
            assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }
}
