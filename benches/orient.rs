//! Matching and adjustment of a simulated block of 60 frames of 640 × 512 pixels: frames/s on all cores
//! (RAYON_NUM_THREADS=1 for one). The pictures are made once, outside the measurement.
//!
//! Growth to thousands of frames: `tests/maps/large_flights.rs`. From real files to poses: `run --until
//! orient` of a flight.

#[path = "../tests/simulated_flight/mod.rs"]
mod simulated_flight;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use simulated_flight::{kelvin, recorded, truth};
use thermaudit::orient::FlatGround;
use thermaudit::orient::adjust::{self, Block, adjust};
use thermaudit::orient::matching::{self, match_frames};
use thermaudit::raster::Grid;

const FRAMES: usize = 60;

fn orient(criterion: &mut Criterion) {
    let truth = truth(FRAMES);
    let frames = recorded(&truth);
    let pictures: Vec<Grid<f32>> = truth.iter().map(kelvin).collect();
    let picture = |i: usize| Some(pictures[i].clone());
    let ground = FlatGround(0.0);
    let options = matching::Options {
        sigma_m: 1.5,
        sigma_deg: 1.5,
    };
    let mut group = criterion.benchmark_group("orient 60 frames");
    group.sample_size(10);
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.bench_function("matching", |b| {
        b.iter(|| match_frames(&frames, &picture, &ground, &options));
    });
    let matches = match_frames(&frames, &picture, &ground, &options);
    let block = Block {
        frames: &frames,
        start: None,
        tracks: &matches.tracks,
        controls: &[],
        sides: &[],
    };
    let settings = adjust::Options::default();
    group.bench_function("adjustment", |b| {
        b.iter(|| adjust(&block, &ground, &settings));
    });
    group.finish();
}

criterion_group!(benches, orient);
criterion_main!(benches);
