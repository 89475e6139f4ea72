//! Where samples come from: a frame of a camera at a time, or a ready-made tile.

/// One frame or tile, parallel to the lists of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Time of the exposure, seconds; NaN unknown.
    pub time_s: f64,
    /// Which camera took it, any number; `None` for a tile.
    pub camera: Option<usize>,
    /// Image size (columns, rows), pixels.
    pub size_px: [usize; 2],
}

impl Source {
    /// A frame.
    pub fn frame(time_s: f64, camera: usize, size_px: [usize; 2]) -> Self {
        Self {
            time_s,
            camera: Some(camera),
            size_px,
        }
    }

    /// A georeferenced tile, for example one line of an aircraft. It has no image positions, and
    /// its time is not one.
    pub fn tile() -> Self {
        Self {
            time_s: f64::NAN,
            camera: None,
            size_px: [0; 2],
        }
    }
}
