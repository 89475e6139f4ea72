//! From frames to maps and the roofs on them.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../simulated_flight/mod.rs"]
mod simulated_flight;

mod large_flights;
mod large_map;
mod map_truth;
mod mosaic_values;
mod occlusion;
mod orthomosaic;
mod pages;
mod regrid_gdal;
mod rig;
mod roof_parts;
mod zonal_exactextract;
