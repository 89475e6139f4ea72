//! Rectification of one frame of 640 × 512 pixels at equal GSD onto the box around its
//! footprint: Mpx/s of the frame on one core (divide by 0.328 for frames/s).
//!
//! Scenes: a plane; halls of 8 m in a 1 m surface; the same in a 0.25 m surface.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use thermaudit::orient::{CameraModel, Distortion, OrientedFrame, Pose};
use thermaudit::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use thermaudit::rectify::{self, Ground, Options, Relief, Target};

const WIDTH: usize = 640;
const HEIGHT: usize = 512;
const AGL_M: f64 = 38.0;

/// A camera of the 13 mm, 17 µm class, 38 m over ground: 5 cm per pixel.
fn frame() -> OrientedFrame {
    let lens = Distortion::Brown {
        k: [-0.026, 0.235, 0.183],
        p: [0.0039, 0.0087],
    };
    let camera = CameraModel::new(WIDTH, HEIGHT, 741.15, (330.1, 264.5), lens);
    let (s, c) = 0.5_f64.sin_cos();
    let pose = Pose {
        centre: [70_000.0, 170_000.0, 20.0 + AGL_M],
        rotation: [[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]],
    };
    let corners = [(0.0, 0.0), (640.0, 0.0), (640.0, 512.0), (0.0, 512.0)];
    let mut footprint = Bounds::EMPTY;
    for (u, v) in corners {
        let ray = camera
            .unproject(u, v)
            .expect("the lens reaches the corners");
        let d = pose.to_world_direction(ray);
        let t = -AGL_M / d[2];
        footprint.include(pose.centre[0] + t * d[0], pose.centre[1] + t * d[1]);
    }
    OrientedFrame {
        index: 0,
        name: String::from("bench"),
        camera,
        pose,
        sigma_xy_m: 0.0,
        sigma_z_m: 0.0,
        ground_z_m: 20.0,
        path_m: AGL_M,
        footprint,
        time_s: 0.0,
    }
}

/// Halls of 15 m × 12 m, 8 m high, with streets of 7 m between.
fn surface(bounds: &Bounds, cell_m: f64, roof_m: f32) -> GeoGrid<f32> {
    let around = bounds.buffered(20.0);
    let transform = GeoTransform {
        x0: around.x_min.floor(),
        y0: around.y_max.ceil(),
        dx: cell_m,
        dy: cell_m,
    };
    let width = ((around.x_max - transform.x0) / cell_m).ceil() as usize;
    let height = ((transform.y0 - around.y_min) / cell_m).ceil() as usize;
    let mut grid = Grid::filled(width, height, 20.0);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            if x.rem_euclid(22.0) < 15.0 && y.rem_euclid(19.0) < 12.0 {
                grid.set(col, row, 20.0 + roof_m);
            }
        }
    }
    GeoGrid { grid, transform }
}

fn target(footprint: &Bounds) -> Target {
    let gsd = 0.0513;
    Target {
        transform: GeoTransform {
            x0: footprint.x_min,
            y0: footprint.y_max,
            dx: gsd,
            dy: gsd,
        },
        width: ((footprint.x_max - footprint.x_min) / gsd).ceil() as usize,
        height: ((footprint.y_max - footprint.y_min) / gsd).ceil() as usize,
    }
}

fn rectify(criterion: &mut Criterion) {
    let frame = frame();
    let target = target(&frame.footprint);
    let data = (0..WIDTH * HEIGHT).map(|i| 280.0 + (i % 97) as f32 * 0.03);
    let kelvin = Grid::from_vec(WIDTH, HEIGHT, data.collect()).expect("the size of the frame");
    let options = Options::default();
    let mut group = criterion.benchmark_group("rectify one frame");
    group.throughput(Throughput::Elements((WIDTH * HEIGHT) as u64));
    for (name, cell_m, roof_m) in [
        ("plane", 1.0, 0.0),
        ("halls, 1 m surface", 1.0, 8.0),
        ("halls, 0.25 m surface", 0.25, 8.0),
    ] {
        let surface = surface(&frame.footprint, cell_m, roof_m);
        group.bench_function(format!("{name}, alone"), |b| {
            b.iter(|| {
                let kelvin = black_box(&kelvin);
                rectify::tile(kelvin, &frame, &surface, &target, &options)
            });
        });
        let relief = Relief::new(&surface, &options);
        let ground = Ground::new(&relief, &target);
        group.bench_function(format!("{name}, ground prepared"), |b| {
            b.iter(|| rectify::tile_on(black_box(&kelvin), &frame, &ground, &options));
        });
    }
    group.finish();
}

criterion_group!(benches, rectify);
criterion_main!(benches);
