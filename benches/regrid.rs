//! Laying a ready-made raster on the map: Mpx/s of the map on one core, in tiles of 512 cells
//! from windows as the pipeline reads them (reading left out).
//!
//! The raster is 1400 × 1400 cells of 0.1 m with missing parts. Cells of the map are 0.1 m, or
//! 0.25 m, which take a mean; there the figure in Mpx/s of the raster is 6 times as high.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::mosaic::{CrsPair, regrid, reproject, source_bounds};
use thermaudit::raster::{GeoGrid, GeoTransform, Grid};
use thermaudit::rectify::Target;

const SIDE: usize = 1400;
const TILE: usize = 512;

fn raster(centre: (f64, f64)) -> GeoGrid<f32> {
    let half = 0.05 * SIDE as f64;
    let cells = (0..SIDE * SIDE).map(|i| {
        let (col, row) = ((i % SIDE) as f32, (i / SIDE) as f32);
        let missing = (col - 700.0).hypot(row - 500.0) < 80.0;
        let value = 280.0 + 3.0 * (col / 37.0).sin() + 2.0 * (row / 23.0).cos();
        if missing { f32::NAN } else { value }
    });
    GeoGrid {
        grid: Grid::from_vec(SIDE, SIDE, cells.collect()).expect("the size of the raster"),
        transform: GeoTransform {
            x0: centre.0 - half + 0.033,
            y0: centre.1 + half + 0.021,
            dx: 0.1,
            dy: 0.1,
        },
    }
}

fn target(centre: (f64, f64), cell: f64) -> Target {
    let half = cell * TILE as f64 / 2.0;
    Target {
        transform: GeoTransform {
            x0: centre.0 - half,
            y0: centre.1 + half,
            dx: cell,
            dy: cell,
        },
        width: TILE,
        height: TILE,
    }
}

fn bench(criterion: &mut Criterion) {
    let map = Crs::new("31370", DatumGrid::Embedded).expect("known");
    let (lon, lat) = (3.264, 50.828);
    let centre = map.from_lonlat(lon, lat).expect("in Belgium");
    let mut group = criterion.benchmark_group("regrid");
    group.throughput(Throughput::Elements((TILE * TILE) as u64));
    for (what, cell) in [("0.1 m", 0.1), ("0.25 m", 0.25)] {
        let target = target(centre, cell);
        let tile = raster(centre);
        group.bench_function(format!("same system, {what}"), |b| {
            b.iter(|| regrid(black_box(&tile), black_box(&target)));
        });
        for code in ["32631", "3812", "4326"] {
            let source = map.sibling(code).expect("known");
            let pair = CrsPair {
                map: map.clone(),
                source,
            };
            let place = pair.source.from_lonlat(lon, lat).expect("in Belgium");
            let mut tile = raster(place);
            if code == "4326" {
                // Cells of 0.1 m in degrees.
                let (dx, dy) = (1.421e-6, 0.899e-6);
                tile.transform = GeoTransform {
                    x0: lon - dx * SIDE as f64 / 2.0,
                    y0: lat + dy * SIDE as f64 / 2.0,
                    dx,
                    dy,
                };
            }
            group.bench_function(format!("from EPSG:{code}, {what}"), |b| {
                b.iter(|| {
                    black_box(source_bounds(&target, &pair));
                    reproject(black_box(&tile), &pair, black_box(&target))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
