use super::*;
use crate::orient::{CameraModel, Distortion, Pose};

/// Image-up north, looking straight down: x right = east, y down = south, z forward = down.
const NADIR: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];

fn looking(camera: CameraModel, centre: [f64; 3], rotation: [[f64; 3]; 3]) -> OrientedFrame {
    let path_m = centre[2];
    OrientedFrame {
        index: 0,
        name: String::from("frame"),
        camera,
        pose: Pose { centre, rotation },
        sigma_xy_m: 0.0,
        sigma_z_m: 0.0,
        ground_z_m: 0.0,
        path_m,
        footprint: Bounds::EMPTY,
        time_s: f64::NAN,
    }
}

/// Nadir turned by `yaw` about the vertical and then `tip` about the image row, radians.
fn turned(yaw: f64, tip: f64) -> [[f64; 3]; 3] {
    let (s, c) = yaw.sin_cos();
    let (st, ct) = tip.sin_cos();
    let about_z = [[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]];
    let about_x = [[1.0, 0.0, 0.0], [0.0, ct, -st], [0.0, st, ct]];
    product(product(about_z, NADIR), about_x)
}

fn product(a: [[f64; 3]; 3], b: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let cell = |i: usize, j: usize| (0..3).map(|k| a[i][k] * b[k][j]).sum();
    [0, 1, 2].map(|i| [0, 1, 2].map(|j| cell(i, j)))
}

fn plane(target: &Target, height_m: f32) -> GeoGrid<f32> {
    let bounds = target.bounds().buffered(5.0);
    surface(&bounds, 1.0, |_, _| height_m)
}

fn surface(bounds: &Bounds, cell_m: f64, height: impl Fn(f64, f64) -> f32) -> GeoGrid<f32> {
    let width = ((bounds.x_max - bounds.x_min) / cell_m).ceil() as usize;
    let rows = ((bounds.y_max - bounds.y_min) / cell_m).ceil() as usize;
    let transform = GeoTransform {
        x0: bounds.x_min,
        y0: bounds.y_max,
        dx: cell_m,
        dy: cell_m,
    };
    let mut grid = Grid::filled(width, rows, f32::NAN);
    for row in 0..rows {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            grid.set(col, row, height(x, y));
        }
    }
    GeoGrid { grid, transform }
}

fn target(x0: f64, y0: f64, gsd: f64, width: usize, height: usize) -> Target {
    Target {
        transform: GeoTransform {
            x0,
            y0,
            dx: gsd,
            dy: gsd,
        },
        width,
        height,
    }
}

fn image(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> Grid<f32> {
    let data = (0..height)
        .flat_map(|row| (0..width).map(move |col| (col, row)))
        .map(|(col, row)| value(col, row))
        .collect();
    Grid::from_vec(width, height, data).expect("width × height values")
}

#[test]
fn nadir_over_a_plane_is_a_copy_at_equal_scale() {
    // 20 m over the plane with f = 200 px: one pixel is 0.1 m, the image 6.4 m × 4.8 m.
    let frame = looking(
        CameraModel::pinhole(64, 48, 200.0),
        [100.0, 200.0, 23.0],
        NADIR,
    );
    let frame = OrientedFrame {
        path_m: 20.0,
        ..frame
    };
    let kelvin = image(64, 48, |col, row| 280.0 + (col * 48 + row) as f32 * 0.01);
    let target = target(96.8, 202.4, 0.1, 64, 48);
    let ground = plane(&target, 3.0);
    let tile = tile(&kelvin, &frame, &ground, &target, &Options::default());
    for row in 0..48 {
        for col in 0..64 {
            let inside = (3..61).contains(&col) && (3..45).contains(&row);
            let value = tile.kelvin.at(col, row);
            if inside {
                // Positions agree to about 1e-12 px, the image changes by 0.5 K per pixel.
                assert!((value - kelvin.at(col, row)).abs() < 1e-4);
                assert_eq!(tile.sight.at(col, row), Sight::Seen);
            } else {
                assert!(value.is_nan());
            }
        }
    }
    let expected = (0.05_f64 * 2f64.sqrt() / 20.0).atan().to_degrees();
    assert!((f64::from(tile.view_deg.at(32, 24)) - expected).abs() < 1e-5);
}

#[test]
fn every_cell_agrees_with_looking_it_up_alone() {
    // Lens, tilt, houses, a hole in the surface, a target larger than the image: whatever the
    // block shortcuts leave out must also be left out cell by cell. The camera stands at no round
    // number: lines through a corner of the surface lattice may go either way by rounding.
    let lens = Distortion::Brown {
        k: [-0.2, 0.05, 0.0],
        p: [0.001, -0.002],
    };
    let bounds = Bounds {
        x_min: -30.0,
        y_min: -30.0,
        x_max: 30.0,
        y_max: 30.0,
    };
    let houses = surface(&bounds, 0.5, |x, y| {
        if (x - 20.0).hypot(y) < 1.0 {
            f32::NAN
        } else if (x / 6.0).sin() * (y / 5.0).cos() > 0.6 {
            7.0 + 0.2 * x as f32
        } else {
            0.02 * y as f32
        }
    });
    let target = target(-20.0, 20.0, 0.16, 250, 250);
    let kelvin = image(160, 128, |col, row| {
        if (col, row) == (80, 60) {
            f32::NAN
        } else {
            280.0 + (col % 13) as f32 * 0.1 + (row % 7) as f32 * 0.2
        }
    });
    let options = Options::default();
    let relief = Relief::new(&houses, &options);
    let ground = Ground::new(&relief, &target);
    let mut hidden = 0;
    for (yaw, tip, x) in [
        (0.3, 0.0, 0.0123),
        (2.0, 0.35, 9.0377),
        (-1.1, -0.5, -14.0219),
    ] {
        let camera = CameraModel::new(160, 128, 150.0, (81.0, 63.0), lens);
        let frame = looking(camera, [x, 2.1371, 25.0], turned(yaw, tip));
        let tile = tile_on(&kelvin, &frame, &ground, &options);
        for row in 0..target.height {
            for col in 0..target.width {
                let (px, py) = target.transform.centre(col, row);
                let alone = look(&frame, &relief, px, py, &options)
                    .map(|s| bilinear_strict(&kelvin, s.u_px, s.v_px))
                    .filter(|k| !k.is_nan());
                let value = tile.kelvin.at(col, row);
                match alone {
                    Some(k) => assert!((value - k).abs() < 1e-3, "{col} {row}: {value} {k}"),
                    None => assert!(value.is_nan(), "{col} {row}: {value}"),
                }
                hidden += usize::from(tile.sight.at(col, row) == Sight::Hidden);
            }
        }
    }
    assert!(hidden > 500, "the scene hides something: {hidden}");
}

#[test]
fn a_wall_hides_the_ground_behind_it_as_far_as_geometry_says() {
    // Camera over x = 0 at 40 m; a block from x = 10 to 20 of 10 m. The line over its far upper
    // edge (20, 10) reaches the ground at x = 20 · 40/30 = 26.67 m.
    let bounds = Bounds {
        x_min: -10.0,
        y_min: -10.0,
        x_max: 40.0,
        y_max: 10.0,
    };
    let block = surface(&bounds, 1.0, |x, _| {
        if (10.0..20.0).contains(&x) { 10.0 } else { 0.0 }
    });
    let frame = looking(
        CameraModel::pinhole(400, 200, 200.0),
        [0.0, 0.0, 40.0],
        NADIR,
    );
    let kelvin = image(400, 200, |_, _| 280.0);
    let target = target(0.0, 0.1, 0.1, 320, 2);
    let tile = tile(&kelvin, &frame, &block, &target, &Options::default());
    for col in 0..320 {
        let (x, _) = target.transform.centre(col, 0);
        let sight = tile.sight.at(col, 0);
        // The tolerance of 0.15 m in height is 0.15 · 20/30 = 0.1 m on the ground.
        if (20.0..26.55).contains(&x) {
            assert_eq!(sight, Sight::Hidden, "x = {x}");
            assert!(tile.kelvin.at(col, 0).is_nan());
        } else if !(19.5..=27.3).contains(&x) {
            assert_eq!(sight, Sight::Seen, "x = {x}");
        }
    }
    // Both rims of the hidden strip are mixed: 2 px of 0.2 m each.
    assert!(tile.edge_mixed(199, 0) && tile.edge_mixed(268, 0));
}

#[test]
fn a_block_clipped_by_the_line_only_for_a_part_of_a_cell_still_hides() {
    // The line has risen to 7.57 m where it enters the block of 8 m and is over the roof by more
    // than the tolerance after 0.43 m: looking once per cell of 2 m would step over it.
    let bounds = Bounds {
        x_min: -40.0,
        y_min: -8.0,
        x_max: 60.0,
        y_max: 8.0,
    };
    let block = surface(&bounds, 2.0, |x, _| {
        if (12.0..24.0).contains(&x) { 8.0 } else { 0.0 }
    });
    let options = Options::default();
    let relief = Relief::new(&block, &options);
    let frame = looking(
        CameraModel::pinhole(640, 512, 200.0),
        [0.0, 0.0, 40.0],
        NADIR,
    );
    // Line to (43, 0): height at x = 24 is 40 · 19/43 = 17.7; to (29.6, 0): 7.57 at x = 24.
    assert!(look(&frame, &relief, 43.0, 0.0, &options).is_some());
    assert!(look(&frame, &relief, 29.6, 0.0, &options).is_none());
}

#[test]
fn beyond_the_view_limit_nothing_is_used() {
    let frame = looking(
        CameraModel::pinhole(400, 400, 100.0),
        [0.0, 0.0, 10.0],
        NADIR,
    );
    let kelvin = image(400, 400, |_, _| 280.0);
    let target = target(0.0, 0.1, 0.2, 80, 1);
    let options = Options {
        max_view_deg: 45.0,
        ..Options::default()
    };
    let tile = tile(&kelvin, &frame, &plane(&target, 0.0), &target, &options);
    // 45° from 10 m up is 10 m: cell 49 is centred at 9.9 m, cell 50 at 10.1 m.
    assert_eq!(tile.sight.at(49, 0), Sight::Seen);
    assert_eq!(tile.sight.at(50, 0), Sight::Oblique);
    assert!(tile.kelvin.at(50, 0).is_nan());
}

#[test]
fn coarse_cells_take_the_mean_of_what_they_cover() {
    // 0.1 m pixels, 0.4 m cells: 4 × 4 samples on pixel centres; a linear picture keeps its
    // value at the cell's centre, a checkerboard becomes its mean.
    let frame = looking(CameraModel::pinhole(64, 64, 200.0), [0.0, 0.0, 20.0], NADIR);
    let target = target(-3.2, 3.2, 0.4, 16, 16);
    let ground = plane(&target, 0.0);
    let ramp = image(64, 64, |col, _| 280.0 + col as f32);
    let tile_of = |kelvin| tile(kelvin, &frame, &ground, &target, &Options::default());
    let value = tile_of(&ramp).kelvin.at(5, 5);
    assert!((value - (280.0 + 21.5)).abs() < 1e-3, "{value}");
    let board = image(64, 64, |col, row| 280.0 + ((col + row) % 2) as f32 * 10.0);
    let value = tile_of(&board).kelvin.at(5, 5);
    assert!((value - 285.0).abs() < 1e-3, "{value}");
    let dead = image(64, 64, |col, row| {
        if (col, row) == (22, 22) {
            f32::NAN
        } else {
            280.0
        }
    });
    let tile = tile_of(&dead);
    assert_eq!(tile.sight.at(5, 5), Sight::Invalid);
    assert_eq!(tile.sight.at(7, 7), Sight::Seen);
}

#[test]
fn resampling_keeps_extremes_and_a_hot_spot_of_two_pixels() {
    // R4. Equal GSD, the grid shifted by every tenth of a pixel and the image turned. Turned by
    // 45° a cell centre may lie up to 0.21 px beside the plateau, so single phases can lose
    // up to a fifth; the mean over phases is what a survey gets.
    let kelvin = image(64, 64, |col, row| {
        let hot = (31..33).contains(&col) && (31..33).contains(&row);
        if hot { 320.0 } else { 280.0 }
    });
    for (yaw, worst_allowed) in [(0.0, 0.10), (0.3, 0.25), (0.785, 0.25)] {
        let frame = looking(
            CameraModel::pinhole(64, 64, 200.0),
            [0.0, 0.0, 20.0],
            turned(yaw, 0.0),
        );
        let (mut worst, mut sum) = (0.0_f32, 0.0);
        for phase in 0..100 {
            let (a, b) = (f64::from(phase % 10) * 0.01, f64::from(phase / 10) * 0.01);
            let target = target(-2.0 + a, 2.0 + b, 0.1, 40, 40);
            let surface = plane(&target, 0.0);
            let tile = tile(&kelvin, &frame, &surface, &target, &Options::default());
            let finite = tile.kelvin.data().iter().filter(|k| !k.is_nan());
            let peak = finite.copied().fold(f32::NEG_INFINITY, f32::max);
            assert!(peak <= 320.0);
            let loss = (320.0 - peak) / 40.0;
            worst = worst.max(loss);
            sum += loss;
        }
        assert!(worst <= worst_allowed, "yaw {yaw}: worst loss {worst}");
        assert!(sum / 100.0 <= 0.10, "yaw {yaw}: mean loss {}", sum / 100.0);
    }
}

#[test]
fn unknown_ground_gets_no_temperature() {
    let target = target(-2.0, 2.0, 0.1, 40, 40);
    let mut ground = plane(&target, 0.0);
    // The surface cell from (0, 0) to (1, 1): column 7, row 6 of cells of 1 m from (-7, 7).
    ground.grid.set(7, 6, f32::NAN);
    let frame = looking(CameraModel::pinhole(64, 64, 200.0), [0.0, 0.0, 20.0], NADIR);
    let kelvin = image(64, 64, |_, _| 280.0);
    let tile = tile(&kelvin, &frame, &ground, &target, &Options::default());
    assert!(tile.kelvin.at(25, 15).is_nan());
    assert_eq!(tile.kelvin.at(15, 15), 280.0);
    assert_eq!(tile.kelvin.at(31, 15), 280.0);
}

#[test]
fn a_frame_of_another_size_than_its_camera_sees_nothing() {
    let target = target(-2.0, 2.0, 0.1, 40, 40);
    let frame = looking(CameraModel::pinhole(64, 64, 200.0), [0.0, 0.0, 20.0], NADIR);
    let kelvin = image(32, 32, |_, _| 280.0);
    let ground = plane(&target, 0.0);
    let tile = tile(&kelvin, &frame, &ground, &target, &Options::default());
    assert!(tile.kelvin.data().iter().all(|k| k.is_nan()));
}
