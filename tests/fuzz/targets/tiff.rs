//! TIFF.
#![no_main]

#[path = "../../mutants/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::holds("a.tif", data));
