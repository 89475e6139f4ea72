//! Segmentation of one roof and its weighted statistics: Mpx/s of the roof's window on one core.
//!
//! Halls of 100 m × 100 m and 20 m × 30 m in cells of 10 cm, turned by 20 degrees: the outline
//! fills somewhat over half of its window (1.7 and 0.12 Mpx).

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{MultiPolygon, polygon};
use std::hint::black_box;
use thermaudit::raster::GeoTransform;
use thermaudit::segment::{self, Options, zonal};
use thermaudit::survey::Outline;

const CELL_M: f64 = 0.10;
/// Side of the mosaic, metres.
const MOSAIC_M: f64 = 160.0;

/// A hall of `w` × `h` metres in the middle of the mosaic, turned by 20 degrees.
fn hall(w: f64, h: f64) -> Outline {
    let (sin, cos) = 20.0_f64.to_radians().sin_cos();
    let corner = |sx: f64, sy: f64| {
        let (x, y) = (0.5 * sx * w, 0.5 * sy * h);
        let middle = 0.5 * MOSAIC_M;
        (
            70_000.0 + middle + cos * x - sin * y,
            170_000.0 - middle + sin * x + cos * y,
        )
    };
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let [a, b, c, d] = corners.map(|(sx, sy)| corner(sx, sy));
    Outline {
        oidn: String::from("bench"),
        name: None,
        polygon: MultiPolygon(vec![polygon![a.into(), b.into(), c.into(), d.into()]]),
        material: None,
        u_value: None,
        indoor_c: None,
        height_m: None,
        reference: false,
    }
}

fn benches(criterion: &mut Criterion) {
    let transform = GeoTransform {
        x0: 70_000.0,
        y0: 170_000.0,
        dx: CELL_M,
        dy: CELL_M,
    };
    let side = (MOSAIC_M / CELL_M) as usize;
    let options = Options::default();
    for (name, w, h) in [
        ("hall of 1 ha", 100.0, 100.0),
        ("hall of 600 m²", 20.0, 30.0),
    ] {
        let outline = hall(w, h);
        let roof = segment::roof(&outline, &transform, side, side, &options).expect("inside");
        let cells = roof.window.width * roof.window.height;
        // Sums of a few steps, so that values spread over the histogram without a generator.
        let celsius: Vec<f32> = (0..cells)
            .map(|i| -6.0 + (i % 97) as f32 * 0.01 + (i * 7919 % 1009) as f32 * 0.001)
            .collect();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(cells as u64));
        group.bench_function("segment", |b| {
            b.iter(|| segment::roof(black_box(&outline), &transform, side, side, &options));
        });
        group.bench_function("zonal", |b| {
            b.iter(|| zonal(black_box(&celsius), roof.inner.data()));
        });
        group.finish();
    }
}

criterion_group!(zones, benches);
criterion_main!(zones);
