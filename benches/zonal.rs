//! Segmentation of one roof and its weighted statistics: Mpx/s of the roof's window on one core.
//!
//! Halls of 100 m × 100 m and 20 m × 30 m in cells of 10 cm, turned by 20 degrees: the outline
//! fills somewhat over half of its window (1.7 and 0.12 Mpx).
//!
//! "zones": exact coverage and statistics of 200 halls after each other, in cells inside the outlines,
//! as the peers are measured. Where THERMAUDIT_PYTHON has exactextract, its speed on the same halls and
//! cells is printed after ours, and the largest difference of the means, medians and extremes.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{Area, BoundingRect, MultiPolygon, polygon};
use std::hint::black_box;
use thermaudit::raster::{Bounds, GeoTransform, Grid};
use thermaudit::segment::{self, Options, Zonal, coverage, zonal};
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
    Outline::new(
        String::from("bench"),
        MultiPolygon(vec![polygon![a.into(), b.into(), c.into(), d.into()]]),
    )
}

/// Cells of the raster of many halls, along a side.
const MANY: usize = 4096;

/// 200 halls of 12 m × 20 m to 14 m × 24 m, turned by all angles.
fn halls() -> Vec<MultiPolygon<f64>> {
    (0..200_u32)
        .map(|i| {
            let (col, row) = (f64::from(i % 15), f64::from(i / 15));
            let (x, y) = (70_015.0 + 27.0 * col, 170_000.0 - 15.0 - 27.0 * row);
            let size = 1.0 + f64::from(i * 37 % 100) / 100.0 * 0.2;
            let (sin, cos) = f64::from(i * 13).to_radians().sin_cos();
            let corner = |sx: f64, sy: f64| {
                let (u, v) = (0.5 * sx * 12.0 * size, 0.5 * sy * 20.0 * size);
                (x + cos * u - sin * v, y + sin * u + cos * v)
            };
            let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
            let [a, b, c, d] = corners.map(|(sx, sy)| corner(sx, sy));
            MultiPolygon(vec![polygon![a.into(), b.into(), c.into(), d.into()]])
        })
        .collect()
}

/// Coverage and statistics of a hall in its own window of the raster.
fn zone(hall: &MultiPolygon<f64>, raster: &Grid<f32>, transform: &GeoTransform) -> Option<Zonal> {
    let r = hall.bounding_rect()?;
    let bounds = Bounds {
        x_min: r.min().x,
        y_min: r.min().y,
        x_max: r.max().x,
        y_max: r.max().y,
    };
    let window = transform.window_of(&bounds, raster.width(), raster.height())?;
    let cells = raster.crop(window);
    let own = transform.of_window(window);
    let shares = coverage(hall, &own, window.width, window.height);
    zonal(cells.data(), shares.data())
}

fn zones(criterion: &mut Criterion) {
    let transform = GeoTransform {
        x0: 70_000.0,
        y0: 170_000.0,
        dx: CELL_M,
        dy: CELL_M,
    };
    let cells = (0..MANY * MANY)
        .map(|i| -6.0 + (i % 97) as f32 * 0.01 + (i * 7919 % 1009) as f32 * 0.001)
        .collect();
    let raster = Grid::from_vec(MANY, MANY, cells).expect("as many cells as that");
    let halls = halls();
    let inside: f64 = halls.iter().map(Area::unsigned_area).sum::<f64>() / (CELL_M * CELL_M);
    let mut group = criterion.benchmark_group("zones");
    group.throughput(Throughput::Elements(inside as u64));
    group.bench_function("coverage and statistics", |b| {
        b.iter(|| {
            let all: Vec<_> = halls.iter().map(|h| zone(h, &raster, &transform)).collect();
            black_box(all)
        });
    });
    group.finish();
    peer(&halls, &raster, &transform, inside);
}

/// The same by exactextract, where there is one.
#[allow(clippy::print_stdout)] // A figure beside criterion's.
fn peer(halls: &[MultiPolygon<f64>], raster: &Grid<f32>, transform: &GeoTransform, inside: f64) {
    let Ok(python) = std::env::var("THERMAUDIT_PYTHON") else {
        return println!("exactextract: THERMAUDIT_PYTHON is not set");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let bytes: Vec<u8> = raster.data().iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(folder.path().join("cells.f32"), bytes).expect("written");
    let bounds = transform.bounds(MANY, MANY);
    let geometry = |hall: &MultiPolygon<f64>| {
        let part = &hall.0[0];
        let ring: Vec<[f64; 2]> = part.exterior().coords().map(|c| [c.x, c.y]).collect();
        serde_json::json!({ "type": "Polygon", "coordinates": [ring] })
    };
    let job = serde_json::json!({
        "width": MANY,
        "height": MANY,
        "bounds": [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max],
        "geometries": halls.iter().map(geometry).collect::<Vec<_>>(),
        "repeat": 5,
    });
    std::fs::write(folder.path().join("job.json"), job.to_string()).expect("written");
    let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/zonal.py");
    let run = std::process::Command::new(&python)
        .arg(tool)
        .arg(folder.path())
        .status();
    let text = std::fs::read_to_string(folder.path().join("zones.json"));
    let (Ok(_), Ok(text)) = (run, text) else {
        return println!("exactextract: {python} does not have it");
    };
    let zones: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let seconds = std::fs::read_to_string(folder.path().join("seconds")).expect("a time");
    let seconds: f64 = seconds.trim().parse().expect("a number");
    let mut worst: f64 = 0.0;
    for (hall, theirs) in halls.iter().zip(&zones) {
        let ours = zone(hall, raster, transform).expect("covered");
        for (own, key) in [(ours.mean, "mean"), (ours.min, "min"), (ours.max, "max")] {
            worst = worst.max((own - theirs[key].as_f64().unwrap_or(f64::NAN)).abs());
        }
    }
    println!(
        "exactextract: {:.1} zone-Mpx/s; largest difference of mean, least and greatest {worst:.1e} K",
        inside / seconds / 1e6
    );
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

criterion_group!(all, benches, zones);
criterion_main!(all);
