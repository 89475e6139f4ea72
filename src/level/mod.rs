//! Levels temperatures between overlapping frames of one flight.
//!
//! In: samples of every frame or tile on a common lattice of ground cells. Out: a [`Levelling`]:
//! what to subtract from every frame at every pixel and from every line of an aircraft along its
//! length, how certain that is, and how well views of the same ground agree before and after.
//!
//! Uncooled cameras drift by some kelvin between shutter events, darken towards their corners and
//! tilt while their housing warms up, so frames that see the same ground disagree. A sample is
//! T_ic = t_c + b_i + V_e(q) + τ_ie a_e · q + noise (georeferencing.md §9): the cell's own
//! temperature t_c is unknown and eliminated; offsets b_i, flat field V_e and growing tilt a_e are
//! the robust least-squares answer to "make overlaps equal, keep the camera's own mean". Lines of
//! an aircraft have an offset that drifts along them instead.
//!
//! Within a run the offset may walk by 0.3 K/√s, which ties frames without overlap; across a
//! gap or a jump of the camera nothing ties. The absolute level stays the camera's, unless
//! [`Reference`]s of known temperature are seen.
//!
//! A tilt that overlaps cannot tell from a ramp over the ground is held near the flat field's, and
//! the [`RampVerdict`] says so. The flat field's low orders come from the median of (sample −
//! median of its frame); finer parts from what residuals show, not from that median: with 60
//! frames over fields it held 1 K of the ground where the camera had 0.3 K, and residuals of a
//! real flight were no smaller for it.
//!
//! A fifth of the cells is withheld from the solution and used to judge it.
//!
//! Not here: choosing frames (`mosaic`), reading them again at references (the caller, with
//! [`sample_at`]).

mod adjust;
mod axis;
mod correction;
mod covariance;
mod dense;
mod design;
mod disagreement;
mod envelope;
mod equations;
mod eras;
mod fit;
mod flat;
mod levelling;
mod mirror;
mod order;
mod ramp;
mod reference;
mod report;
mod runs;
mod sample;
mod source;
mod sparse;
mod terms;
mod tilt;
mod views;

pub use adjust::adjust;
pub use correction::Correction;
pub use levelling::Levelling;
pub use ramp::RampVerdict;
pub use reference::{Absolute, Basis, Reference, ReferenceResidual, Spot};
pub use report::{Agreement, EraReport, Report};
pub use sample::{
    Lattice, Sample, lattice, lattice_over, sample, sample_at, sample_tile, sample_tile_at,
};
pub use source::Source;

/// Settings, `[level]` of interface.md §5 and what belongs to sampling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Whether to level at all.
    pub enabled: bool,
    /// How fast the offset may walk within a run, K/√s; 0 or less switches the tie off.
    pub continuity_k_sqrt_s: f64,
    /// A pause longer than this ends a run, seconds.
    pub run_gap_s: f64,
    /// A step of the offset between neighbouring frames larger than this ends a run, kelvin.
    pub jump_k: f64,
    /// Distance of the lattice of ground cells, frame GSDs; widened for very long flights.
    pub spacing_gsd: f64,
    /// Side of the square of pixels a sample is the mean of.
    pub window_px: usize,
    /// Largest view zenith angle of a sample, degrees.
    pub max_view_deg: f64,
    /// Steepest surface a sample lies on, degrees.
    pub max_slope_deg: f64,
    /// Largest standard deviation inside a sample's square, kelvin: beyond it an edge runs
    /// through, and a pixel of misplacement would count as drift.
    pub max_contrast_k: f64,
    /// Distance over which errors of one frame go together (its flat field), pixels. Samples
    /// nearer than this do not add to each other's weight.
    pub correlation_px: f64,
    /// Whether to solve what the camera adds over its image (flat field, low orders).
    pub flat_field: bool,
    /// 1σ of a tilt against the flat field's, kelvin per 400 px, where overlaps cannot tell it.
    pub tilt_sigma_k: f64,
    /// 1σ by which a tilt grows over an era, kelvin per 400 px.
    pub tilt_growth_k: f64,
    /// 1σ by which a line of an aircraft drifts from one end to the other, kelvin.
    pub tile_drift_k: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enabled: true,
            continuity_k_sqrt_s: 0.3,
            run_gap_s: 60.0,
            jump_k: 0.7,
            spacing_gsd: 10.0,
            window_px: 5,
            max_view_deg: 45.0,
            max_slope_deg: 20.0,
            max_contrast_k: 1.0,
            correlation_px: 100.0,
            flat_field: true,
            tilt_sigma_k: 0.3,
            tilt_growth_k: 1.0,
            tile_drift_k: 1.0,
        }
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
