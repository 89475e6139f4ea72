//! Where every frame was and how it looked: camera models, poses and their priors.
//!
//! In: frame headers, given poses, ground heights. Out: oriented frames in the project CRS.
//!
//! Frames (georeferencing.md §1): world is the projected project CRS plus height in metres;
//! camera is x right, y down, z forward; pixels are continuous with the outer corner of the
//! upper-left pixel at (0, 0).

mod camera;
mod pose;

pub use camera::{CameraModel, Distortion};
pub use pose::Pose;

use crate::raster::Bounds;

/// A frame with camera and pose, in the project CRS.
#[derive(Clone, Debug)]
pub struct OrientedFrame {
    /// Position in the flight's list of frames.
    pub index: usize,
    /// File name.
    pub name: String,
    /// Interior orientation at raw size.
    pub camera: CameraModel,
    /// Exterior orientation.
    pub pose: Pose,
    /// Horizontal 1σ of the position, metres.
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
