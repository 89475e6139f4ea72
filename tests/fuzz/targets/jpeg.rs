//! Radiometric JPEG of any maker, from its first byte.
#![no_main]

#[path = "../../mutants/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::holds(
    "a.jpg",
    &[&[0xFF, 0xD8][..], data].concat()
));
