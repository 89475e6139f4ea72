//! Where every frame was and how it looked: camera models, poses and their priors.
//!
//! In: frame headers, given poses, ground heights. Out: oriented frames in the project CRS.
//!
//! Frames (georeferencing.md §1): world is the projected project CRS plus height in metres;
//! camera is x right, y down, z forward; pixels are continuous with the outer corner of the
//! upper-left pixel at (0, 0).
//!
//! Files say much of this and some of it is wrong: absolute altitudes tens of metres off, yaw
//! records that disagree, angles that are zero because nobody wrote them. [`from_priors`]
//! decides by the rules of georeferencing.md §3, and its report says what it decided.

pub mod adjust;
mod attitude;
mod camera;
pub mod cameras;
mod ground;
mod groups;
mod heights;
mod interpretation;
mod look;
pub mod matching;
mod options;
pub mod outlines;
mod place;
pub mod pose;
mod priors;
mod report;
#[cfg(test)]
mod tests;
mod yaw;

pub use camera::{CameraModel, Distortion};
pub use ground::{FlatGround, Ground, NoGround};
pub use look::{Look, look};
pub use options::{Options, VerticalDatum, YawSource};
pub use pose::{Pose, Rotation};
pub use priors::from_priors;
pub use report::{AttitudeReport, HeightReport, HeightSource, OrientReport, YawReport};
pub use yaw::KelvinOf;

use crate::problem::Problem;
use crate::raster::Bounds;

/// A frame with camera and pose, in the project CRS.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct OrientedFrame {
    /// Position in the flight's list of frames.
    pub index: usize,
    /// File name.
    pub name: String,
    /// Interior orientation at raw size.
    pub camera: CameraModel,
    /// Exterior orientation.
    pub pose: Pose,
    /// Horizontal 1σ of the position, metres; once adjusted, of the ground in the frame's middle.
    pub sigma_xy_m: f64,
    /// Vertical 1σ of the position, metres.
    pub sigma_z_m: f64,
    /// Ground height under the principal ray, metres.
    pub ground_z_m: f64,
    /// Length of the principal ray down to the ground, metres.
    pub path_m: f64,
    /// Map bounds of the ground the frame sees.
    pub footprint: Bounds,
    /// Seconds since the first frame of the flight; NaN when the file has no time.
    pub time_s: f64,
}

/// What became of one frame.
#[derive(Clone, Debug)]
pub enum Placement {
    /// Placed, for the mosaic.
    Oriented(Box<OrientedFrame>),
    /// Looks too far sideways for the mosaic.
    Oblique {
        /// Angle of the optical axis to straight down, degrees.
        tilt_deg: f64,
    },
    /// Cannot be placed; says what to supply.
    Unplaced(Problem),
}

/// The frames of a flight, oriented.
#[derive(Clone, Debug)]
pub struct Orientation {
    /// One placement per frame, in the order of the headers.
    pub frames: Vec<Placement>,
    /// What was decided and found.
    pub report: OrientReport,
}
