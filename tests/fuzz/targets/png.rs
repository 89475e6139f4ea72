//! PNG samples of a FLIR block.
#![no_main]

#[path = "../../mutants/check.rs"]
mod check;
#[path = "../../handmade/mod.rs"]
mod handmade;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    check::holds(
        "a.fff",
        &around().with_samples(&[&b"\x89PNG"[..], data].concat()),
    );
});

fn around() -> handmade::Block {
    let (packing, order) = (handmade::Packing::Plain, handmade::Order::Little);
    handmade::Block::new(4, 4, handmade::scene(4, 4, 5), packing, order)
}
