//! Text tables: companies, links, findings, weather, verdicts, poses, registers; the first byte picks.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("tables", data));
