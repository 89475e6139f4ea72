//! Poses of OpenSfM and OpenDroneMap, and their ground control; the first byte picks.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("poses", data));
