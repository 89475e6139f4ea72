//! Writing and reading a mosaic: Mpx/s of full resolution, overviews included.
//!
//! The scene is roofs at two temperatures with sensor noise of 0.05 K (one sigma is about 0.05),
//! seeded. `rounded` stores steps of 0.01 K, `counts` the same scene as 16-bit counts of 0.01 K.
//! `frames` is which frame a cell comes from (regions of some metres), `views` how many saw it.
//! Tiles are written one after the other, so a number is that of one core.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use thermaudit::raster::{GeoTransform, Grid, Window};
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::write::cog::{CogSpec, CogWriter, Compression, Sample, Scaling};

const SIZE: usize = 4096;
const TILE: usize = 512;

fn tiles() -> Vec<Grid<f32>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let across = SIZE / TILE;
    (0..across * across)
        .map(|tile| {
            let (tile_col, tile_row) = (tile % across * TILE, tile / across * TILE);
            let cells = (0..TILE * TILE)
                .map(|i| {
                    let (col, row) = (tile_col + i % TILE, tile_row + i / TILE);
                    let roof = if (col / 230 + row / 310) % 2 == 0 {
                        4.5
                    } else {
                        -1.25
                    };
                    // Twelve uniform numbers have variance 1.
                    let noise: f32 = (0..12).map(|_| uniform()).sum();
                    roof + 0.002 * (col % 230) as f32 + 0.05 * noise
                })
                .collect();
            Grid::from_vec(TILE, TILE, cells).expect("512 × 512")
        })
        .collect()
}

fn spec(compression: Compression, round_k: f64) -> CogSpec {
    let transform = GeoTransform {
        x0: 63_000.0,
        y0: 181_000.0,
        dx: 0.1,
        dy: 0.1,
    };
    CogSpec {
        compression,
        round_k,
        ..CogSpec::new(SIZE, SIZE, transform, 31370)
    }
}

/// A raster of whole numbers, one for every region of some cells.
fn regions(of: impl Fn(usize, usize) -> usize) -> Vec<Grid<f32>> {
    let across = SIZE / TILE;
    (0..across * across)
        .map(|tile| {
            let (tile_col, tile_row) = (tile % across * TILE, tile / across * TILE);
            let cell = |i: usize| of(tile_col + i % TILE, tile_row + i / TILE) as f32;
            Grid::from_vec(TILE, TILE, (0..TILE * TILE).map(cell).collect()).expect("512 × 512")
        })
        .collect()
}

fn write(path: &std::path::Path, spec: CogSpec, tiles: &[Grid<f32>]) {
    let writer = CogWriter::create(path, spec).expect("creates");
    fill(writer, tiles);
}

fn fill(mut writer: CogWriter, tiles: &[Grid<f32>]) {
    let (across, _) = writer.spec().tiles();
    for (i, tile) in tiles.iter().enumerate() {
        writer
            .write_tile(i % across, i / across, tile)
            .expect("writes");
    }
    writer.finish().expect("finishes");
}

fn mosaic(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mosaic.tif");
    let tiles = tiles();
    let mut group = criterion.benchmark_group("mosaic");
    group
        .sample_size(10)
        .throughput(Throughput::Elements((SIZE * SIZE) as u64));
    for (name, compression, round_k) in [
        ("deflate", Compression::Deflate, 0.0),
        ("deflate rounded", Compression::Deflate, 0.01),
        ("zstd", Compression::Zstd, 0.0),
        ("zstd rounded", Compression::Zstd, 0.01),
        ("none", Compression::None, 0.0),
    ] {
        group.bench_function(format!("write {name}"), |bencher| {
            bencher.iter(|| write(&path, spec(compression, round_k), &tiles));
        });
        let tif = GeoTiff::open(&path).expect("opens");
        let row = Window {
            col: 0,
            row: 0,
            width: SIZE,
            height: TILE,
        };
        group.bench_function(format!("read {name}"), |bencher| {
            bencher.iter(|| {
                for i in 0..SIZE / TILE {
                    let window = Window {
                        row: i * TILE,
                        ..row
                    };
                    black_box(tif.window(window).expect("reads"));
                }
            });
        });
    }
    let whole = |sample: Sample| CogSpec {
        sample,
        nodata: None,
        ..spec(Compression::Deflate, 0.0)
    };
    let frames = regions(|col, row| (col + row / 3) / 83 + 60 * ((row + col / 5) / 71));
    group.bench_function("write frames (u32)", |bencher| {
        bencher.iter(|| write(&path, whole(Sample::U32), &frames));
    });
    let views = regions(|col, row| 3 + (col + row / 3) / 40 % 7 + (row + col / 5) / 35 % 9);
    group.bench_function("write views (u8)", |bencher| {
        bencher.iter(|| write(&path, whole(Sample::U8), &views));
    });
    let scaling = Scaling {
        scale: 0.01,
        offset: -100.0,
    };
    group.bench_function("write counts (u16)", |bencher| {
        bencher.iter(|| {
            let writer = CogWriter::create_scaled(&path, whole(Sample::U16), scaling);
            fill(writer.expect("creates"), &tiles);
        });
    });
    group.finish();
}

criterion_group!(benches, mosaic);
criterion_main!(benches);
