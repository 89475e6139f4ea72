//! Flight A against flight B: did a roof get better, or was it another night?
//!
//! In: what each flight says of every building and hotspot, and what both maps show of their
//! common cells. Out: one [`Change`] a building with its uncertainty and its word, pairs of
//! hotspots, a map of differences.
//!
//! Two nights differ in air, sky, wind, camera and in the roofs that anchor U. All of that moves
//! every roof along one line, which the many unchanged roofs show ([`line`], [`normalise`]): the
//! second flight is read off it, and what a roof then still differs by is its own ([`judge`]).
//! Its uncertainty is that of both flights' unshared parts, and never less than the scatter of the
//! unchanged roofs about the line, which is the repeatability that these two flights have shown
//! (scoring.md §14).
//!
//! Comparing temperatures was not considered: the same roof is 4 K warmer on a milder night.
//!
//! Not here: files, and what stands on a sheet.

pub mod common;
pub mod difference;
pub mod estimate;
pub mod hotspots;
pub mod identity;
pub mod ids;
pub mod judge;
pub mod line;
pub mod normalise;
pub mod register;
pub mod trend;

pub use estimate::{Building, Estimate};
pub use judge::{Change, Comparison, Pair, Quantity, Verdict, judge};
pub use normalise::Normalisation;

/// Settings of the comparison (table `compare` of interface.md §5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Rate of false discoveries among all buildings, 0–1.
    pub fdr_q: f64,
    /// Least share of a roof's judged cells that both flights must have in common, 0–1.
    pub min_common_fraction: f64,
    /// Side of the blocks over which cells of a roof count as one, metres.
    pub block_m: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fdr_q: 0.05,
            min_common_fraction: 0.60,
            block_m: 2.0,
        }
    }
}
