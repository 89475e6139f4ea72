//! From a thermal flight over a business park to an audit sheet for every company.
//!
//! The flow, one direction:
//!
//! ```text
//! files → read → RawFrame → calibrate → ThermalFrame → orient → OrientedFrame
//!   → rectify → OrthoTile → level → mosaic → segment → Roof → score → RoofScore, Hotspot
//!   → compare → Change → report → Sheet → write → files
//! ```
//!
//! The core (`units` … `report`) opens no file, reads no clock or environment and prints
//! nothing: slices in, values out. `read` and `write` are the edges; `pipeline` owns the order
//! of the stages; `cli` owns arguments, progress and every print.

pub mod attach;
pub mod calibrate;
pub mod cli;
pub mod compare;
pub mod config;
pub mod geo;
pub mod level;
pub mod mosaic;
pub mod orient;
pub mod pipeline;
pub mod problem;
pub mod raster;
pub mod read;
pub mod rectify;
pub mod report;
pub mod score;
pub mod segment;
pub mod simulate;
pub mod survey;
pub mod units;
pub mod write;
