//! (read)

pub mod geotiff;
pub mod surface;
