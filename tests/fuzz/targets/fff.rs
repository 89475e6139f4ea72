//! FLIR blocks and sequences.
#![no_main]

#[path = "../../mutants/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::holds("a.seq", &[&b"FFF\0"[..], data].concat()));
