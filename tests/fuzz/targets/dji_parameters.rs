//! Parameters of DJI's core, around samples that are whole.
#![no_main]

#[path = "../../mutants/check.rs"]
mod check;
#[path = "../../handmade/mod.rs"]
mod handmade;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    check::holds(
        "a.jpg",
        &handmade::others::dji(&data[..data.len().min(60_000)]),
    );
});
