//! From a window of the mosaic to warm and cold objects: Mpx/s of mosaic on one core; and Gi*
//! alone.
//!
//! A mosaic of 400 m × 400 m in cells of 10 cm, 18 % of it roof: six halls of 60 m × 80 m with a
//! gradient, noise and twelve warm patches each. The chain cuts every hall's window out, brings it
//! to the roof's own emissivity, takes statistics, finds, confirms and rates objects. Gi*: every
//! cell of a grid of 10 cm, disc of 25 cells across.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{MultiPolygon, polygon};
use std::hint::black_box;
use thermaudit::raster::{GeoTransform, Grid};
use thermaudit::score::gistar::GiStar;
use thermaudit::score::{FlightConditions, MeasureInput, Options, RoofContext, measure, rate};
use thermaudit::segment::{self, Roof};
use thermaudit::survey::Outline;

const SIDE_M: f64 = 400.0;
const WIDTH_M: f64 = 60.0;
const HEIGHT_M: f64 = 80.0;
/// South-west corners of the halls, metres from the mosaic's own.
const HALLS: [(f64, f64); 6] = [
    (20.0, 20.0),
    (150.0, 30.0),
    (290.0, 25.0),
    (30.0, 210.0),
    (160.0, 240.0),
    (300.0, 230.0),
];

fn transform(cell_m: f64) -> GeoTransform {
    GeoTransform {
        x0: 1000.0,
        y0: 2000.0 + SIDE_M,
        dx: cell_m,
        dy: cell_m,
    }
}

fn roof((x, y): (f64, f64), cell_m: f64) -> Roof {
    let (x, y) = (1000.0 + x, 2000.0 + y);
    let outline = Outline::new(
        format!("{x}-{y}"),
        MultiPolygon(vec![polygon![
            (x: x, y: y), (x: x + WIDTH_M, y: y),
            (x: x + WIDTH_M, y: y + HEIGHT_M), (x: x, y: y + HEIGHT_M)
        ]]),
    );
    let side = (SIDE_M / cell_m) as usize;
    let options = segment::Options::default();
    segment::roof(&outline, &transform(cell_m), side, side, &options).expect("inside")
}

/// Normal enough noise of σ 0.1 K: sums of four uniform numbers of Knuth's MMIX generator.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let four = (0..4).map(|_| {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        });
        0.17 * four.sum::<f64>()
    }
}

/// Ground at −3 °C; halls at −6 °C, 1 K warmer towards the north, patches of 3 m × 2 m and 3 K.
fn mosaic(cell_m: f64, patches: bool) -> Grid<f32> {
    let side = (SIDE_M / cell_m) as usize;
    let mut noise = Noise(1);
    let mut grid = Grid::filled(side, side, 0.0);
    for row in 0..side {
        for col in 0..side {
            let (x, y) = transform(cell_m).centre(col, row);
            let hall = HALLS.iter().find_map(|hall| {
                let (u, v) = (x - 1000.0 - hall.0, y - 2000.0 - hall.1);
                let on = (0.0..WIDTH_M).contains(&u) && (0.0..HEIGHT_M).contains(&v);
                on.then_some((u, v))
            });
            let celsius = hall.map_or(-3.0, |(u, v)| {
                let (a, b) = (u.rem_euclid(20.0), v.rem_euclid(20.0));
                let warm = (8.0..11.0).contains(&a) && (9.0..11.0).contains(&b);
                -6.0 + v / HEIGHT_M + if warm && patches { 3.0 } else { 0.0 }
            });
            grid.set(col, row, (celsius + noise.next()) as f32);
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
    let mut group = criterion.benchmark_group("mosaic to objects");
    group.sample_size(10);
    for (name, cell_m, patches) in [
        ("10 cm, twelve patches a hall", 0.10, true),
        ("10 cm, none", 0.10, false),
        ("25 cm, twelve patches a hall", 0.25, true),
    ] {
        let roofs: Vec<Roof> = HALLS.iter().map(|hall| roof(*hall, cell_m)).collect();
        let mosaic = mosaic(cell_m, patches);
        let frames = Grid::filled(mosaic.width(), mosaic.height(), 4_u16);
        let chain = |mosaic: &Grid<f32>| {
            let measured: Vec<_> = roofs
                .iter()
                .map(|roof| {
                    let input = MeasureInput {
                        roof,
                        context: &context,
                        celsius: &mosaic.crop(roof.window),
                        mean: None,
                        mean_sigma_k: None,
                        count: &frames.crop(roof.window),
                        parts: None,
                        foreign: None,
                    };
                    measure(&input, &flight, &options)
                })
                .collect();
            rate(&measured, &flight, &options)
        };
        let found = chain(&mosaic).hotspots.len();
        assert_eq!(found, if patches { 72 } else { 0 }, "{name}");
        group.throughput(Throughput::Elements(mosaic.data().len() as u64));
        group.bench_function(name, |b| b.iter(|| chain(black_box(&mosaic))));
    }
    group.finish();

    let mut noise = Noise(2);
    let (width, height) = (2000, 1000);
    let values = (0..width * height).map(|_| noise.next() as f32).collect();
    let residual = Grid::from_vec(width, height, values).expect("2 Mpx");
    let mut group = criterion.benchmark_group("Gi*");
    group.sample_size(10);
    group.throughput(Throughput::Elements(residual.data().len() as u64));
    group.bench_function("disc of 25 cells across", |b| {
        let mut line = vec![0.0; width];
        b.iter(|| {
            let gi = GiStar::disc(black_box(&residual), 12.0);
            for row in 0..height {
                gi.row(row, &mut line);
                black_box(&line);
            }
        });
    });
    group.finish();
}

criterion_group!(spots, benches);
criterion_main!(spots);
