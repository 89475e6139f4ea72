use super::*;
use crate::geo::crs::{Crs, DatumGrid};
use crate::raster::{Bounds, GeoTransform};
use proptest::prelude::*;

fn at(x0: f64, cell: f64) -> GeoTransform {
    GeoTransform {
        x0,
        y0: 10.0,
        dx: cell,
        dy: cell,
    }
}

fn target(x0: f64, cell: f64, width: usize, height: usize) -> Target {
    Target {
        transform: at(x0, cell),
        width,
        height,
    }
}

#[test]
fn a_grid_that_coincides_is_copied_beside_missing_cells_too() {
    let grid = Grid::from_vec(3, 1, vec![280.0, f32::NAN, 282.0]).expect("3 × 1");
    let tile = GeoGrid {
        grid,
        transform: at(0.1, 0.1),
    };
    let copy = regrid(&tile, &target(0.0, 0.1, 5, 1));
    let found: Vec<Option<f32>> = copy
        .data()
        .iter()
        .map(|k| k.is_finite().then_some(*k))
        .collect();
    assert_eq!(found, [None, Some(280.0), None, Some(282.0), None]);
}

#[test]
fn between_cells_the_value_is_linear_and_missing_cells_spread_as_far_as_they_count() {
    let grid = Grid::from_vec(4, 1, vec![280.0, 282.0, f32::NAN, 290.0]).expect("4 × 1");
    let tile = GeoGrid {
        grid,
        transform: at(0.0, 1.0),
    };
    // Centres at 0.25, 1, 1.75, 2.5, 3.25, 4: border, middle, NaN, NaN, NaN, outer edge.
    let read = regrid(&tile, &target(-0.125, 0.75, 6, 1));
    assert_eq!(read.at(0, 0), 280.0);
    assert_eq!(read.at(1, 0), 281.0);
    assert!((2..5).all(|col| read.at(col, 0).is_nan()));
    assert_eq!(read.at(5, 0), 290.0);
}

#[test]
fn tiles_that_touch_leave_no_gap() {
    let tile = |x0, value| GeoGrid {
        grid: Grid::filled(10, 10, value),
        transform: at(x0, 0.5),
    };
    let target = target(0.03, 0.07, 140, 1);
    let (west, east) = (
        regrid(&tile(0.0, 280.0), &target),
        regrid(&tile(5.0, 281.0), &target),
    );
    for col in 0..140 {
        assert!(west.at(col, 0).is_finite() || east.at(col, 0).is_finite());
    }
}

#[test]
fn coarser_cells_take_the_mean() {
    let data = (0..16).map(|i| 280.0 + i as f32).collect();
    let tile = GeoGrid {
        grid: Grid::from_vec(4, 4, data).expect("4 × 4"),
        transform: at(0.0, 1.0),
    };
    // Cells (0,0), (1,0), (0,1), (1,1): 0, 1, 4, 5.
    assert_eq!(regrid(&tile, &target(0.0, 2.0, 2, 2)).at(0, 0), 282.5);
}

#[test]
fn whole_numbers_are_never_mixed() {
    let tile = GeoGrid {
        grid: Grid::from_vec(2, 1, vec![3_u32, 9]).expect("2 × 1"),
        transform: at(0.0, 1.0),
    };
    let read = regrid_nearest(&tile, &target(0.0, 0.8, 3, 1), 7);
    assert_eq!(read.data(), [3, 9, 7]);
}

fn pair(map: &str, source: &str) -> CrsPair {
    let map = Crs::new(map, DatumGrid::Embedded).expect("known");
    let source = map.sibling(source).expect("known");
    CrsPair { map, source }
}

/// A raster around Kortrijk in a system.
fn raster(crs: &Crs, side: usize, cell: f64, value: impl Fn(usize, usize) -> f32) -> GeoGrid<f32> {
    let (x, y) = crs.from_lonlat(3.264, 50.828).expect("in Belgium");
    let half = cell * side as f64 / 2.0;
    let data = (0..side * side)
        .map(|i| value(i % side, i / side))
        .collect();
    GeoGrid {
        grid: Grid::from_vec(side, side, data).expect("a square"),
        transform: GeoTransform {
            x0: x - half,
            y0: y + half,
            dx: cell,
            dy: cell,
        },
    }
}

fn over(bounds: &Bounds, cell: f64) -> Target {
    Target {
        transform: GeoTransform {
            x0: bounds.x_min,
            y0: bounds.y_max,
            dx: cell,
            dy: cell,
        },
        width: ((bounds.x_max - bounds.x_min) / cell).ceil() as usize,
        height: ((bounds.y_max - bounds.y_min) / cell).ceil() as usize,
    }
}

#[test]
fn the_way_through_blocks_gives_what_the_way_by_rows_gives() {
    let same = pair("31370", "31370");
    let tile = raster(&same.map, 60, 0.5, |col, row| {
        let missing = (col, row) == (20, 31) || row == 7;
        let value = 280.0 + (col * 7 % 13) as f32 + (row * 5 % 11) as f32 * 0.3;
        if missing { f32::NAN } else { value }
    });
    let around = tile.transform.bounds(60, 60).buffered(1.7);
    for cell in [0.13, 0.5, 0.7, 0.8, 1.1, 2.3] {
        let target = over(&around, cell);
        let (by_rows, by_blocks) = (regrid(&tile, &target), reproject(&tile, &same, &target));
        for (a, b) in by_rows.data().iter().zip(by_blocks.data()) {
            assert_eq!(a.is_nan(), b.is_nan(), "{cell}: {a} and {b}");
            assert!(a.is_nan() || (a - b).abs() < 1e-3, "{cell}: {a} and {b}");
        }
        assert!(by_rows.data().iter().any(|v| v.is_finite()));
    }
}

#[test]
fn a_constant_stays_the_same_number_to_the_last_bit() {
    let value = 283.15_f32;
    for source in ["31370", "25831"] {
        let pair = pair("31370", source);
        let tile = raster(&pair.source, 80, 0.5, |_, _| value);
        let map = raster(&pair.map, 60, 0.5, |_, _| 0.0);
        let ground = map.transform.bounds(60, 60);
        for cell in [0.31, 0.5, 0.9, 2.5] {
            let target = over(&ground, cell);
            let mut grids = vec![reproject(&tile, &pair, &target)];
            if source == "31370" {
                grids.push(regrid(&tile, &target));
            }
            for grid in grids {
                assert!(grid.data().iter().all(|v| *v == value), "{source}, {cell}");
            }
        }
    }
}

#[test]
fn what_the_bounds_to_read_leave_out_is_not_missed() {
    let pair = pair("31370", "25831");
    let tile = raster(&pair.source, 400, 0.2, |col, row| (col * 3 + row) as f32);
    let map = raster(&pair.map, 90, 0.2, |_, _| 0.0);
    let target = over(&map.transform.bounds(90, 90), 0.2);
    let needed = source_bounds(&target, &pair).buffered(0.4);
    let window = tile.transform.window_of(&needed, 400, 400).expect("inside");
    assert!(window.width < 110 && window.height < 110, "{window:?}");
    let part = GeoGrid {
        grid: tile.grid.crop(window),
        transform: tile.transform.of_window(window),
    };
    let (whole, part) = (
        reproject(&tile, &pair, &target),
        reproject(&part, &pair, &target),
    );
    for (a, b) in whole.data().iter().zip(part.data()) {
        assert!((a - b).abs() < 0.01, "{a} and {b}");
    }
}

#[test]
fn a_raster_in_another_system_is_shown_at_its_own_resolution_on_all_its_ground() {
    let pair = pair("31370", "25831");
    let tile = raster(&pair.source, 700, 0.2, |_, _| 280.0);
    let grid = pair
        .grid_in_map(&tile.transform, 700, 700)
        .expect("in Belgium");
    // 0.20008 m by the scale factors of the two projections.
    assert!((grid.transform.dx - 0.2).abs() < 1e-12, "{grid:?}");
    let bounds = grid.bounds();
    for (u, v) in [(0.0, 0.0), (700.0, 0.0), (350.0, 700.0), (700.0, 700.0)] {
        let (x, y) = tile.transform.to_map(u, v);
        let (x, y) = pair.to_map(x, y).expect("in Belgium");
        assert!(bounds.buffered(1e-6).contains(x, y));
    }
    let seen = reproject(&tile, &pair, &grid);
    let known = seen.data().iter().filter(|v| v.is_finite()).count();
    assert!(known.abs_diff(700 * 700) < 1500, "{known}");
}

#[test]
fn a_raster_in_degrees_is_shown_in_square_metres() {
    let pair = pair("31370", "4326");
    let (lon, lat) = (3.264, 50.828);
    // 0.1 m east and north, by the radii of curvature of GRS80: 1° is 70,457 m and 111,245 m.
    let transform = GeoTransform {
        x0: lon,
        y0: lat,
        dx: 0.1 / 70_457.0,
        dy: 0.1 / 111_245.0,
    };
    let grid = pair.grid_in_map(&transform, 500, 400).expect("in Belgium");
    assert!((grid.transform.dx - 0.1).abs() < 1e-12, "{grid:?}");
    let tile = GeoGrid {
        grid: Grid::filled(500, 400, 280.0),
        transform,
    };
    let known = reproject(&tile, &pair, &grid);
    let known = known.data().iter().filter(|v| v.is_finite()).count();
    assert!(known.abs_diff(500 * 400) < 1000, "{known}");
}

#[test]
fn cells_to_which_there_is_no_way_are_missing() {
    let blocks = blocks::blocks(300, 40, &|x, y| (x < 123.5).then_some((x, y)));
    let mut seen = Grid::filled(300, 40, 0);
    for block in blocks {
        for row in block.row..block.row + block.height {
            for col in block.col..block.col + block.width {
                seen.set(col, row, seen.at(col, row) + 1);
            }
        }
    }
    for row in 0..40 {
        for col in 0..300 {
            assert_eq!(seen.at(col, row), i32::from(col < 123), "{col}, {row}");
        }
    }
}

proptest! {
    #[test]
    fn a_value_lies_between_those_around_it(
        values in prop::collection::vec(-1e3..1e3_f32, 144), x in -0.4..0.9_f64, cell in 0.05..0.74_f64,
    ) {
        let same = pair("31370", "31370");
        let tile = raster(&same.map, 12, 0.5, |col, row| values[row * 12 + col]);
        let mut target = over(&tile.transform.bounds(12, 12), cell);
        target.transform.x0 += x;
        for grid in [regrid(&tile, &target), reproject(&tile, &same, &target)] {
            for (i, value) in grid.data().iter().enumerate().filter(|(_, v)| v.is_finite()) {
                let (x, y) = target.transform.centre(i % target.width, i / target.width);
                let (u, v) = tile.transform.to_pixel(x, y);
                // The four cells around, those a rounding error away included.
                let near = |p: f64| (p - 0.501).floor() as isize..=(p + 0.501).floor() as isize;
                let around = near(v).flat_map(|row| near(u).map(move |col| (col, row)));
                let around = around.filter_map(|(col, row)| tile.grid.get(col, row));
                let (low, high) = around.fold((f32::MAX, f32::MIN), |(low, high), v| {
                    (low.min(v), high.max(v))
                });
                prop_assert!((low..=high).contains(value), "{low} {value} {high}");
            }
        }
    }

    #[test]
    fn a_block_is_nowhere_further_off_than_promised(
        lon in 2.6..5.9_f64, lat in 49.6..51.4_f64, cell in 0.02..200.0_f64,
        width in 1..700_usize, height in 1..700_usize, code in 0..3_usize,
        at in (0.0..1.0_f64, 0.0..1.0_f64),
    ) {
        let pair = pair("31370", ["25831", "3812", "4326"][code]);
        let (x0, y0) = pair.map.from_lonlat(lon, lat).expect("in Belgium");
        let target = Target { transform: GeoTransform { x0, y0, dx: cell, dy: cell }, width, height };
        // Source cells of the same size; a degree is 111 km.
        let source_cell = if code == 2 { cell / 111_000.0 } else { cell };
        let exact = |col: f64, row: f64| {
            let (x, y) = target.transform.to_map(col, row);
            pair.to_source(x, y).map(|(x, y)| (x / source_cell, -y / source_cell))
        };
        let (col, row) = (at.0 * width as f64, at.1 * height as f64);
        let found = blocks::blocks(width, height, &exact);
        let block = found.iter().find(|b| {
            (b.col..b.col + b.width).contains(&(col as usize))
                && (b.row..b.row + b.height).contains(&(row as usize))
        });
        let (there, truth) = (block.expect("all of Belgium").at(col, row), exact(col, row).expect("in Belgium"));
        prop_assert!((there.0 - truth.0).abs() < 0.02 && (there.1 - truth.1).abs() < 0.02);
        let bounds = source_bounds(&target, &pair);
        prop_assert!(bounds.contains(truth.0 * source_cell, -truth.1 * source_cell));
    }
}
