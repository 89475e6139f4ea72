//! InfraTec.
#![no_main]

#[path = "../../mutants/check.rs"]
mod check;
#[path = "../../handmade/mod.rs"]
mod handmade;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    check::holds("a.irb", &[&b"\xFFIRB\0"[..], data].concat());
});
