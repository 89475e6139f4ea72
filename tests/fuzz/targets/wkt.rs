//! Well-known text: shapes of cells and systems of `.prj`.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("wkt", data));
