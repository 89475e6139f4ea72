//! Measuring one roof (emissivity, statistics, warm and cold objects): Mpx/s of the roof's
//! window on one core.
//!
//! A hall of 60 m × 80 m with a gradient, noise and twelve warm patches, in cells of 10 and
//! 25 cm; and the same without a patch.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{MultiPolygon, polygon};
use std::hint::black_box;
use thermaudit::raster::{GeoTransform, Grid};
use thermaudit::score::{FlightConditions, MeasureInput, Options, RoofContext, measure};
use thermaudit::segment::{self, Roof};
use thermaudit::survey::Outline;

const WIDTH_M: f64 = 60.0;
const HEIGHT_M: f64 = 80.0;

fn roof(cell_m: f64) -> Roof {
    let (x, y) = (1005.0, 1915.0);
    let outline = Outline {
        oidn: String::from("bench"),
        name: None,
        polygon: MultiPolygon(vec![polygon![
            (x: x, y: y), (x: x + WIDTH_M, y: y),
            (x: x + WIDTH_M, y: y + HEIGHT_M), (x: x, y: y + HEIGHT_M)
        ]]),
        material: None,
        u_value: None,
        indoor_c: None,
        height_m: None,
        reference: false,
    };
    let transform = GeoTransform {
        x0: 1000.0,
        y0: 2000.0,
        dx: cell_m,
        dy: cell_m,
    };
    let side = |m: f64| (m / cell_m) as usize;
    let options = segment::Options::default();
    segment::roof(&outline, &transform, side(70.0), side(90.0), &options).expect("inside")
}

/// −6 °C, 1 K warmer towards the south, noise of 0.1 K, patches of 3 m × 2 m and 3 K.
fn celsius(roof: &Roof, patches: bool) -> Grid<f32> {
    let mut grid = Grid::filled(roof.window.width, roof.window.height, f32::NAN);
    let mut state = 1_u64;
    for row in 0..grid.height() {
        for col in 0..grid.width() {
            let (x, y) = roof.transform.centre(col, row);
            let (u, v) = (x - 1005.0, 1995.0 - y);
            let inside = (u.rem_euclid(20.0), v.rem_euclid(20.0));
            let warm = (8.0..11.0).contains(&inside.0) && (9.0..11.0).contains(&inside.1);
            // Knuth's MMIX constants; the sum of four uniform numbers is near enough to normal.
            let noise: f64 = (0..4)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
                })
                .sum();
            let excess = if warm && patches { 3.0 } else { 0.0 };
            grid.set(
                col,
                row,
                (-6.0 + v / HEIGHT_M + excess + 0.17 * noise) as f32,
            );
        }
    }
    grid
}

fn benches(criterion: &mut Criterion) {
    let flight = FlightConditions {
        air_c: Some(0.0),
        humidity_pct: Some(45.0),
        wind_m_s: Some(2.0),
        cloud_okta: Some(2.0),
        reflected_c: Some(-45.0),
        ..FlightConditions::default()
    };
    let context = RoofContext {
        oidn: String::from("bench"),
        material: Some(String::from("bitumen")),
        ..RoofContext::default()
    };
    let options = Options::default();
    let mut group = criterion.benchmark_group("measure one roof");
    group.sample_size(10);
    for (name, cell_m, patches) in [
        ("10 cm, twelve patches", 0.10, true),
        ("10 cm, none", 0.10, false),
        ("25 cm, twelve patches", 0.25, true),
    ] {
        let roof = roof(cell_m);
        let celsius = celsius(&roof, patches);
        let count = Grid::filled(celsius.width(), celsius.height(), 4);
        let input = MeasureInput {
            roof: &roof,
            context: &context,
            celsius: &celsius,
            mean: None,
            mean_sigma_k: None,
            count: &count,
            parts: None,
            foreign: None,
        };
        let found = measure(&input, &flight, &options);
        assert_eq!(found.hot.len(), if patches { 12 } else { 0 }, "{name}");
        group.throughput(Throughput::Elements(celsius.data().len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| measure(black_box(&input), &flight, &options));
        });
    }
    group.finish();
}

criterion_group!(spots, benches);
criterion_main!(spots);
