//! Whole parks from frames to results: simulated ones against their truth, real ones against what is known of them.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../simulated_flight/mod.rs"]
mod simulated_flight;

mod conditions;
mod consumer;
mod hotspot_truth;
mod moisture_run;
mod park;
mod quality;
mod real_flight;
mod real_roofs;
mod repeats;
mod roof_run;
mod scoring_parks;
