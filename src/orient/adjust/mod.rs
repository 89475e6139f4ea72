//! Bundle adjustment from priors: poses that make tracks meet.
//!
//! In: frames oriented by priors, tracks, control points, a surface model. Out: the frames with
//! better poses and focal length, and how well everything fits. Unknowns and their priors are
//! those of georeferencing.md §6: turn and centre of every frame, the tracks' points, and for the
//! whole flight an offset of the receiver, a turn of the camera against what its angles say, the time
//! from the recorded position to the exposure, and focal length and distortion of each camera. What
//! cannot be told is held (`separable`): the principal point where all frames head one way from one
//! height, for it is like a turn of the camera; the trigger lag where all lines run one way, for it is
//! like the receiver's offset. Sides of buildings hold a block where the map says they are
//! (georeferencing.md §7). The surface model holds the height of points on level ground,
//! which fixes scale and bowl of flat sites.
//!
//! Gauss–Newton with Levenberg–Marquardt's damping; the points are eliminated one by one (Schur
//! complement), what is left is solved by conjugate gradients (`linear`). Large residuals lose
//! weight by Huber's rule first, by Cauchy's at the end, and observations beyond four σ are left
//! out after every stage.
//!
//! Not here: finding tie points (`matching`) and roof edges (`outlines`).

#![allow(
    clippy::needless_range_loop,
    reason = "rows and columns of small matrices read best by their numbers"
)]

mod block;
mod clusters;
mod covariance;
mod derive;
mod equations;
mod linear;
mod outcome;
mod separable;
mod sides;
mod solve;
#[cfg(test)]
mod tests;

use super::matching::Track;
use super::{CameraModel, Ground, OrientedFrame};
pub(super) use linear::inverse;
pub(super) use outcome::seen_again;
pub use sides::{Side, SideReport};

use block::{Free, State};

/// A surveyed point and where frames see it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Control {
    /// Name.
    pub name: String,
    /// Map position and height, metres.
    pub place: [f64; 3],
    /// 1σ, metres.
    pub sigma_m: [f64; 3],
    /// Pixels.
    pub track: Track,
}

/// What is adjusted together.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// Frames as their files or given poses place them.
    pub frames: &'a [OrientedFrame],
    /// The same frames where they are believed to be by now; where absent, as their files say.
    pub start: Option<&'a [OrientedFrame]>,
    /// Tie points; tracks name frames by their position in `frames`, as controls and sides do.
    pub tracks: &'a [Track],
    /// Surveyed points.
    pub controls: &'a [Control],
    /// Sides of buildings.
    pub sides: &'a [Side],
}

/// Settings of the adjustment; σ are one standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Options {
    /// Of a tie point's pixel.
    pub pixel_px: f64,
    /// Weight of a tie point's pixel beside that σ: the shifts of a pair share the errors of lens and
    /// surface, so that hundreds of them say no more than some tens would.
    pub tie_weight: f64,
    /// Of a control point's pixel.
    pub control_px: f64,
    /// Of yaw, pitch and roll of single frames, degrees.
    pub attitude_deg: [f64; 3],
    /// Of the camera's turn against what its angles say, degrees: yaw, pitch, roll.
    pub boresight_deg: [f64; 3],
    /// Of the receiver's offset in a flight, metres: horizontal, vertical.
    pub offset_m: [f64; 2],
    /// Of the time from the recorded position to the exposure, seconds.
    pub lag_s: f64,
    /// Of how far roofs hang over their outlines, metres.
    pub overhang_m: f64,
    /// Of the way from the place a frame is given to its camera, metres; 0 where that is no way at all,
    /// as with a receiver whose lever is lost in its noise.
    pub lever_m: f64,
    /// Of a lens: focal length as a share, k1, k2, k3, p1, p2, principal point in
    /// pixels; a focal length of 0 holds it all.
    pub lens: [f64; 8],
    /// Of the surface model, metres; 0 leaves it out.
    pub surface_m: f64,
    /// Blocks of more frames are solved in clusters of at most so many first.
    pub cluster_frames: usize,
}

impl Options {
    /// Settings for frames whose places are those of another camera beside theirs: sure to some
    /// centimetres, but for a lever of some decimetres and a turn of some degrees that are always the
    /// same.
    pub fn rig(self) -> Self {
        Self {
            attitude_deg: [0.3, 0.2, 0.2],
            boresight_deg: [10.0, 5.0, 5.0],
            offset_m: [0.05, 0.05],
            lag_s: 0.02,
            lever_m: 0.2,
            ..self
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pixel_px: 0.7,
            // The usual number of shifts of a pair. On the flight of tests/survey/adjust_field_a.rs half the
            // targets then fit the others to 1.8 cells, against 2.9 with a weight of 1.
            tie_weight: 0.02,
            control_px: 1.0,
            attitude_deg: [3.0, 1.5, 1.5],
            boresight_deg: [10.0, 2.0, 2.0],
            offset_m: [3.0, 5.0],
            lag_s: 0.1,
            // Eaves of halls: 0.2 to 0.8 m (georeferencing.md §7).
            overhang_m: 0.3,
            lever_m: 0.0,
            lens: [0.03, 0.1, 0.3, 0.3, 2e-3, 2e-3, 8.0, 8.0],
            surface_m: 0.3,
            cluster_frames: 500,
        }
    }
}

/// Width of a bin of residuals, pixels.
pub const BIN_PX: f64 = 0.1;

/// How the tie points of one frame fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FrameFit {
    /// Observations used.
    pub observations: usize,
    /// Root mean square of their residuals, pixels; `None` without any.
    pub rmse_px: Option<f64>,
}

/// How a block fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdjustReport {
    /// Frames with tracks, whose poses the tracks changed.
    pub adjusted: usize,
    /// Observations used, and left out.
    pub observations: usize,
    /// Beyond four σ.
    pub outliers: usize,
    /// By frame, as they were given.
    pub of_frames: Vec<FrameFit>,
    /// Root mean square of what is left, pixels, per coordinate pair.
    pub rmse_px: f64,
    /// Observations used by their residual, in bins of [`BIN_PX`]; the last has what is beyond.
    pub histogram: Vec<u64>,
    /// Offset of the receiver, metres: east, north, up.
    pub offset_m: [f64; 3],
    /// Turn of the camera, degrees: about its right, down and forward axes.
    pub boresight_deg: [f64; 3],
    /// Time from the recorded position to the exposure, seconds; `None` where lines in one direction
    /// only leave it untold.
    pub lag_s: Option<f64>,
    /// From the places frames are given to their camera, in its axes (right, down, forward), metres;
    /// `None` where it was not asked for.
    pub lever_m: Option<[f64; 3]>,
    /// Whether principal point and tangential terms could be told.
    pub principal_point: bool,
    /// How the sides of buildings fit; `None` without any.
    pub sides: Option<SideReport>,
    /// Change of each camera's lens: logarithm of the focal length, k1, k2, k3, p1, p2, principal
    /// point in pixels.
    pub lens: Vec<[f64; 8]>,
    /// The cameras as they came out, in the order of `lens`.
    pub cameras: Vec<CameraModel>,
    /// Root mean square of single positions about the offset, metres: horizontal, vertical.
    pub spread_m: [f64; 2],
    /// How much higher control points say the surface lies than its model, metres; 0 without them.
    pub surface_offset_m: f64,
    /// Root mean square of points against the surface model, metres.
    pub surface_rmse_m: f64,
    /// Horizontal residuals of control points, metres, by name.
    pub controls_m: Vec<(String, f64)>,
}

/// An adjusted block.
#[derive(Clone, Debug)]
pub struct Adjusted {
    /// Frames with new poses, lenses and σ; those without tracks move with the offset and the turn
    /// all share.
    pub frames: Vec<OrientedFrame>,
    /// How it fits.
    pub report: AdjustReport,
}

/// Adjusts the frames of a flight. `None` where there are fewer than three frames with tracks.
pub fn adjust(block: &Block<'_>, ground: &dyn Ground, options: &Options) -> Option<Adjusted> {
    let mut state = State::new(block, ground, options);
    if state.frames_with_tracks() < 3 {
        return None;
    }
    let Some(approach) = clusters::approach(block, &state, ground, options) else {
        in_stages(&mut state);
        return Some(state.finish());
    };
    let block = Block {
        start: Some(&approach.frames),
        ..*block
    };
    state = State::new(&block, ground, options);
    approach.begin(&mut state);
    let all = state.all();
    for (cauchy, rounds) in [(false, 4), (true, 6)] {
        state.improve(all, cauchy, rounds);
        state.drop_outliers();
        state.level_surface();
    }
    state.improve(all, true, 4);
    Some(state.finish())
}

/// Poses and what all share, then the lens; each stage ends with its outliers.
fn in_stages(state: &mut State<'_>) {
    let all = state.all();
    let poses = Free {
        lens: false,
        principal: false,
    };
    let radial = Free {
        principal: false,
        ..all
    };
    for (free, cauchy, rounds) in [(poses, false, 6), (radial, false, 6), (all, true, 8)] {
        state.improve(free, cauchy, rounds);
        state.drop_outliers();
        state.level_surface();
    }
    state.improve(all, true, 4);
}

/// Cameras of a block: frames of one size and lens share one.
fn same_camera(a: &CameraModel, b: &CameraModel) -> bool {
    a == b
}
