//! Decoding and calibrating one frame of a drone, 640 × 512, on one core.
//!
//! Input is made from a seed: smooth scene with sensor noise, as a radiometric JPEG with plain and
//! with PNG samples, and as a TIFF in hundredths of a kelvin. Throughput in pixels; one frame has
//! 0.328 Mpx.

#[path = "../tests/handmade/mod.rs"]
mod handmade;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use handmade::{Block, Order, Packing, jpeg, scene};
use std::hint::black_box;
use std::io::Cursor;
use thermaudit::calibrate::{Parameters, to_kelvin};
use thermaudit::read::frame::{frame, header};
use tiff::encoder::{TiffEncoder, colortype};

const WIDTH: u16 = 640;
const HEIGHT: u16 = 512;

/// A winter night at 60 m.
const WINTER: Parameters = Parameters {
    emissivity: 0.92,
    distance_m: 60.0,
    reflected_c: -40.0,
    air_c: 1.0,
    humidity: 0.8,
    linear: None,
    ..Parameters::BARE
};

fn radiometric_jpeg(packing: Packing) -> Vec<u8> {
    let counts = scene(WIDTH, HEIGHT, 1);
    jpeg(&Block::new(WIDTH, HEIGHT, counts, packing, Order::Little).bytes())
}

fn centikelvin_tiff() -> Vec<u8> {
    let counts: Vec<u16> = scene(WIDTH, HEIGHT, 1).iter().map(|v| v + 24_500).collect();
    let mut out = Cursor::new(Vec::new());
    TiffEncoder::new(&mut out)
        .expect("a memory file")
        .write_image::<colortype::Gray16>(u32::from(WIDTH), u32::from(HEIGHT), &counts)
        .expect("all samples");
    out.into_inner()
}

fn decode(c: &mut Criterion) {
    let scaled = Parameters {
        linear: Some((0.01, -273.15)),
        ..WINTER
    };
    let files = [
        ("jpeg-plain", radiometric_jpeg(Packing::Plain), WINTER),
        ("jpeg-png", radiometric_jpeg(Packing::Png), WINTER),
        ("tiff-u16", centikelvin_tiff(), scaled),
    ];
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Elements(u64::from(WIDTH) * u64::from(HEIGHT)));
    for (name, bytes, parameters) in &files {
        group.bench_function(format!("{name}/header"), |b| {
            b.iter(|| header(name, black_box(bytes)).expect("a frame"));
        });
        group.bench_function(format!("{name}/frame"), |b| {
            b.iter(|| frame(name, black_box(bytes)).expect("a frame"));
        });
        group.bench_function(format!("{name}/kelvin"), |b| {
            b.iter(|| {
                let raw = frame(name, black_box(bytes)).expect("a frame");
                to_kelvin(&raw, parameters).expect("usable parameters")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
