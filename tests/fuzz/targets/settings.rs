//! `audit.toml`, `flight.toml` and `visit.toml`.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("settings", data));
