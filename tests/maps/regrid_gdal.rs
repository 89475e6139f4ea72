//! The promise: a raster in another coordinate system is laid on the map as GDAL lays it.
//!
//! GDAL is given the exact way between the systems (no approximation of its own, and the same
//! datum shift), so what differs is ours. Skipped where there is no gdalwarp.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use std::path::Path;
use std::process::Command;

use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::mosaic::{CrsPair, reproject, source_bounds};
use thermaudit::raster::{GeoGrid, GeoTransform, Grid, Window};
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::rectify::Target;
use thermaudit::write::cog::{GridSpec, write_grid};

const SIDE: usize = 900;
const TARGET: (usize, usize) = (640, 500);
/// Kortrijk.
const PLACE: (f64, f64) = (3.264, 50.828);

/// A projection and the shift from ETRS89 to its datum, in PROJ's words.
fn in_proj(epsg: &str) -> (&'static str, Option<&'static str>) {
    match epsg {
        "32631" => ("+proj=utm +zone=31 +ellps=GRS80", None),
        "3812" => (
            "+proj=lcc +lat_1=49.83333333333333 +lat_2=51.16666666666667 +lat_0=50.797815 \
             +lon_0=4.359215833333333 +x_0=649328 +y_0=665262 +ellps=GRS80",
            None,
        ),
        // EPSG 15928 is the coordinate frame rotation of BD72 to ETRS89.
        _ => (
            "+proj=lcc +lat_1=51.16666723333333 +lat_2=49.8333339 +lat_0=90 \
             +lon_0=4.367486666666666 +x_0=150000.013 +y_0=5400088.438 +ellps=intl",
            Some(
                "+proj=helmert +x=-106.8686 +y=52.2978 +z=-103.7239 +rx=-0.3366 +ry=0.457 \
                 +rz=-1.8422 +s=-1.2747 +convention=coordinate_frame",
            ),
        ),
    }
}

/// The whole way from one system to another.
fn pipeline(from: &str, to: &str) -> String {
    let shifted = |from: &str, inverse: &str, shift: &str, to: &str| {
        format!(
            " +step +proj=push +v_3 +step +proj=cart +ellps={from} +step {inverse} {shift} \
             +step +inv +proj=cart +ellps={to} +step +proj=pop +v_3"
        )
    };
    let ((back, to_etrs89), (on, from_etrs89)) = (in_proj(from), in_proj(to));
    let mut way = format!("+proj=pipeline +step +inv {back}");
    if let Some(shift) = to_etrs89 {
        way += &shifted("intl", "", shift, "GRS80");
    }
    if let Some(shift) = from_etrs89 {
        way += &shifted("GRS80", "+inv", shift, "intl");
    }
    format!("{way} +step {on}")
}

fn source(pair: &CrsPair, cell: f64, value: &dyn Fn(f64, f64) -> f64) -> GeoGrid<f32> {
    let (x, y) = pair
        .source
        .from_lonlat(PLACE.0, PLACE.1)
        .expect("in Belgium");
    let half = cell * SIDE as f64 / 2.0;
    let cells = (0..SIDE * SIDE).map(|i| value((i % SIDE) as f64, (i / SIDE) as f64) as f32);
    GeoGrid {
        grid: Grid::from_vec(SIDE, SIDE, cells.collect()).expect("the size of the raster"),
        transform: GeoTransform {
            x0: (x - half).round() + 0.37 * cell,
            y0: (y + half).round() + 0.21 * cell,
            dx: cell,
            dy: cell,
        },
    }
}

fn target(pair: &CrsPair, cell: f64) -> Target {
    let (x, y) = pair.map.from_lonlat(PLACE.0, PLACE.1).expect("in Belgium");
    Target {
        transform: GeoTransform {
            x0: (x - cell * TARGET.0 as f64 / 2.0).round(),
            y0: (y + cell * TARGET.1 as f64 / 2.0).round(),
            dx: cell,
            dy: cell,
        },
        width: TARGET.0,
        height: TARGET.1,
    }
}

/// Ours, from no more of the raster than it asks for.
fn ours(tile: &GeoGrid<f32>, pair: &CrsPair, target: &Target) -> Grid<f32> {
    let needed = source_bounds(target, pair).buffered(2.0 * tile.transform.dx);
    let window = tile
        .transform
        .window_of(&needed, SIDE, SIDE)
        .expect("they overlap");
    let window = GeoGrid {
        grid: tile.grid.crop(window),
        transform: tile.transform.of_window(window),
    };
    reproject(&window, pair, target)
}

/// GDAL's, through files.
fn gdal(folder: &Path, tile: &GeoGrid<f32>, pair: &CrsPair, target: &Target) -> Grid<f32> {
    let (from, to) = (folder.join("from.tif"), folder.join("to.tif"));
    let spec = GridSpec::float(pair.source.epsg(), f64::NAN, "temperature", "K");
    write_grid(&from, tile, &spec).expect("written");
    let _ = std::fs::remove_file(&to);
    let code = |crs: &Crs| crs.epsg().to_string();
    let bounds = target.bounds();
    let edges = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
    let output = Command::new("gdalwarp")
        .args(["-q", "-r", "bilinear", "-et", "0", "-ct"])
        .arg(pipeline(&code(&pair.source), &code(&pair.map)))
        .args(["-s_srs", &format!("EPSG:{}", code(&pair.source))])
        .args(["-t_srs", &format!("EPSG:{}", code(&pair.map))])
        .arg("-te")
        .args(edges.map(|e| format!("{e:.6}")))
        .arg("-ts")
        .args([target.width.to_string(), target.height.to_string()])
        .args([&from, &to])
        .output()
        .expect("gdalwarp runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tif = GeoTiff::open(&to).expect("opens");
    let all = Window {
        col: 0,
        row: 0,
        width: target.width,
        height: target.height,
    };
    tif.window(all).expect("reads")
}

/// Largest difference between two grids, and how many cells both know.
fn largest(a: &Grid<f32>, b: &Grid<f32>) -> (f64, usize) {
    let pairs = a.data().iter().zip(b.data());
    let both = pairs.filter(|(a, b)| a.is_finite() && b.is_finite());
    both.fold((0.0, 0), |(most, count), (a, b)| {
        ((f64::from(*a) - f64::from(*b)).abs().max(most), count + 1)
    })
}

#[test]
fn rasters_in_another_system_lie_where_gdal_puts_them_and_have_its_values() {
    if Command::new("gdalwarp").arg("--version").output().is_err() {
        println!("skipped: there is no gdalwarp");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let map = Crs::new("31370", DatumGrid::Helmert).expect("known");
    let codes = ["31370", "32631", "3812"];
    // A tenth of a metre as flown, and twenty metres: over 10 km the ways bend.
    for cell in [0.1, 20.0] {
        for (from, to) in codes.iter().flat_map(|a| codes.iter().map(move |b| (a, b))) {
            if from == to {
                continue;
            }
            let pair = CrsPair {
                map: map.sibling(to).expect("known"),
                source: map.sibling(from).expect("known"),
            };
            let target = target(&pair, cell);
            let compare = |value: &dyn Fn(f64, f64) -> f64| {
                let tile = source(&pair, cell, value);
                let found = largest(
                    &ours(&tile, &pair, &target),
                    &gdal(folder.path(), &tile, &pair, &target),
                );
                assert!(
                    found.1 > TARGET.0 * TARGET.1 * 99 / 100,
                    "{} cells",
                    found.1
                );
                found.0
            };
            // Values that tell the column and the row they come from, in cells.
            let (column, row) = (compare(&|col, _| col), compare(&|_, row| row));
            let smooth =
                compare(&|col, row| 280.0 + 4.0 * (col / 40.0).sin() + 3.0 * (row / 30.0).cos());
            println!(
                "{from} to {to}, cells of {cell} m: {column:.4} columns, {row:.4} rows, \
                 {smooth:.5} K"
            );
            assert!(
                column <= 0.05 && row <= 0.05,
                "{from} to {to}: {column} {row}"
            );
            assert!(smooth <= 0.01, "{from} to {to}: {smooth}");
        }
    }
}
