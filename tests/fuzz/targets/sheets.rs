//! Workbooks, `.xlsx` and `.ods`: whole archives, or the parts that an archive is made of.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("sheets", data));
