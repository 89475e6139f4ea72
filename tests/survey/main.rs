//! From frames to poses and levels, on the real flight field-a and on made-up ones.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

#[path = "../field_a/mod.rs"]
mod field_a;
#[path = "../simulated_level/mod.rs"]
mod simulated_level;

mod adjust_field_a;
mod level_field_a;
mod level_synthetic;
mod match_features;
mod match_field_a;
mod orient_field_a;
mod rectify_field_a;
