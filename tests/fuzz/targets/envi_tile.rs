//! Thermal orthophotos in ENVI.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("envi_tile", data));
