//! Edge out: results to files. Every file is written beside its target and renamed when whole.

pub mod atomic;
pub mod cog;
pub mod gpkg;
