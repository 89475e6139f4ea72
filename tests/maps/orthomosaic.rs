//! The promise: ready-made tiles go in as they are, and the run says how far they lie off the
//! building outlines.
//!
//! Truth is that of a simulated park whose outlines are moved by a known amount.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use crate::common;

use common::{files, flight_folder, is_frame, stderr, thermaudit};
use serde_json::Value;
use std::path::Path;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::raster::{GeoGrid, GeoTransform, Grid, Window};
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::write::cog::{GridSpec, write_grid};

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

/// A park from an aircraft.
fn make(folder: &Path) {
    let path = folder.to_str().expect("a plain path");
    if !folder.exists() {
        let made = thermaudit(&[
            "-q", "simulate", path, "--sensor", "aircraft", "--seed", "7031", "--visits", "0",
        ]);
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        std::fs::remove_file(folder.join("buildings.gpkg")).expect("removed");
    }
}

/// Runs a park from an aircraft whose outlines are moved; its folder's `run.json`, `quality.json`,
/// and what was printed.
fn run(folder: &Path, by: [f64; 2]) -> (Value, Value, String) {
    let path = folder.to_str().expect("a plain path");
    make(folder);
    let mut layer = json(&folder.join("truth/buildings.geojson"));
    for feature in layer["features"].as_array_mut().expect("features") {
        let rings = feature["geometry"]["coordinates"].as_array_mut();
        for point in rings
            .expect("rings")
            .iter_mut()
            .flat_map(|r| r.as_array_mut().expect("points"))
        {
            for (axis, by) in by.into_iter().enumerate() {
                point[axis] = (point[axis].as_f64().expect("a number") + by).into();
            }
        }
    }
    std::fs::write(folder.join("buildings.geojson"), layer.to_string()).expect("written");
    let output = thermaudit(&["run", path, "--until", "mosaic"]);
    let said = stderr(&output);
    assert!(output.status.code().is_some_and(|c| c < 2), "{said}");
    let results = results(folder);
    (
        json(&results.join("run.json")),
        json(&results.join("quality.json")),
        said,
    )
}

/// Results of the park's flight.
fn results(folder: &Path) -> std::path::PathBuf {
    let flight = flight_folder(folder);
    folder
        .join("results")
        .join(flight.file_name().expect("a name"))
}

/// The shift a check of the tiles must find: the mean of their true ones, which lie up to a cell
/// apart. The tile shows at x the ground of x + shift: what it shows lies off by the opposite.
fn true_shift(folder: &Path) -> [f64; 2] {
    let truth = json(&folder.join("truth/truth.json"));
    let tiles = truth["flights"][0]["tiles"].as_array().expect("tiles");
    let shift_of = |tile: &Value, k: usize| tile["shift_m"][k].as_f64().expect("a shift");
    let mean = |k: usize| tiles.iter().map(|t| shift_of(t, k)).sum::<f64>() / tiles.len() as f64;
    [0, 1].map(|k| -mean(k))
}

fn shift(record: &Value) -> [f64; 2] {
    [0, 1].map(|k| {
        record["outline_control"]["shift_m"][k]
            .as_f64()
            .expect("a shift")
    })
}

#[test]
fn the_shift_of_tiles_against_the_outlines_is_measured_and_said_and_nothing_is_moved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    let (record, quality, _) = run(&folder, [0.0; 2]);
    let mosaic = |record: &Value| record["mosaic"].clone();
    let (before, control) = (mosaic(&record), &record["outline_control"]);
    println!("{control}");
    assert_eq!(control["refused"], "", "{control}");
    let true_shift = true_shift(&folder);
    let miss = |record: &Value, by: [f64; 2]| {
        let found = shift(record);
        (found[0] - true_shift[0] + by[0]).hypot(found[1] - true_shift[1] + by[1])
    };
    println!("found {:?}, true {true_shift:?}", shift(&record));
    // Half of a cell.
    assert!(miss(&record, [0.0; 2]) < 0.25);
    assert_ne!(quality["verdict"], "red");

    let (record, quality, said) = run(&folder, [2.5, -1.5]);
    println!("found {:?}", shift(&record));
    assert!(miss(&record, [2.5, -1.5]) < 0.25);
    assert_eq!(record["outline_control"]["applied"], false);
    assert_eq!(mosaic(&record), before, "the map stays where it was");
    assert!(said.contains("of the building outlines"), "{said}");
    assert_eq!(quality["verdict"], "amber");
}

fn all_of(tif: &GeoTiff) -> GeoGrid<f32> {
    let window = Window {
        col: 0,
        row: 0,
        width: tif.width,
        height: tif.height,
    };
    GeoGrid {
        grid: tif.window(window).expect("reads"),
        transform: tif.transform,
    }
}

/// Writes a tile anew in another system, cell by cell at its exact place, and no finer.
fn rewrite(path: &Path, map: &Crs, other: &Crs) {
    let tif = GeoTiff::open(path).expect("opens");
    let tile = all_of(&tif);
    let (width, height) = (tif.width, tif.height);
    let centre = tif
        .transform
        .to_map(width as f64 / 2.0, height as f64 / 2.0);
    let (lon, lat) = map.to_lonlat(centre.0, centre.1).expect("in Belgium");
    let (x, y) = other.from_lonlat(lon, lat).expect("in Belgium");
    let cell = tif.transform.dx;
    // The systems are turned by one degree against each other: some cells more all around.
    let (width, height) = (width + 20, height + 20);
    let transform = GeoTransform {
        x0: x - cell * width as f64 / 2.0,
        y0: y + cell * height as f64 / 2.0,
        dx: cell,
        dy: cell,
    };
    let mut grid = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            let (lon, lat) = other.to_lonlat(x, y).expect("in Belgium");
            let (x, y) = map.from_lonlat(lon, lat).expect("in Belgium");
            if let Some(value) = tile.sample(x, y) {
                grid.set(col, row, value as f32);
            }
        }
    }
    let spec = GridSpec::float(other.epsg(), f64::NAN, "temperature", &tif.unit);
    write_grid(path, &GeoGrid { grid, transform }, &spec).expect("written");
}

#[test]
fn tiles_in_utm_make_the_map_that_tiles_in_the_projects_own_system_make() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    run(&folder, [0.0; 2]);
    let results = results(&folder);
    let before = all_of(&GeoTiff::open(&results.join("mosaic.tif")).expect("opens"));

    let map = Crs::new("31370", DatumGrid::Embedded).expect("known");
    let utm = map.sibling("32631").expect("known");
    let tiles = files(&flight_folder(&folder));
    for tile in tiles.iter().filter(|p| is_frame(p)) {
        rewrite(tile, &map, &utm);
    }
    let (record, _, said) = run(&folder, [0.0; 2]);
    assert!(!said.contains("gdalwarp"), "{said}");
    let noted = record["reprojected"].as_array().expect("they are noted");
    assert_eq!(noted.len(), tiles.iter().filter(|p| is_frame(p)).count());
    assert_eq!(noted[0]["epsg"], 32631);

    let (found, truth) = (shift(&record), true_shift(&folder));
    println!("found {found:?}, true {truth:?}");
    // Half of a cell, as in the project's own system.
    assert!((found[0] - truth[0]).hypot(found[1] - truth[1]) < 0.25);

    let tif = GeoTiff::open(&results.join("mosaic.tif")).expect("opens");
    assert_eq!(tif.epsg, Some(31370));
    let after = all_of(&tif);
    assert_eq!(after.transform.dx, before.transform.dx);
    let differences = |east: isize, south: isize| {
        let mut found = Vec::new();
        for row in 0..before.grid.height() {
            for col in 0..before.grid.width() {
                let (x, y) = before.transform.centre(col, row);
                let (u, v) = after.transform.to_pixel(x, y);
                let place = (u.floor() as isize + east, v.floor() as isize + south);
                let (here, there) = (before.grid.at(col, row), after.grid.get(place.0, place.1));
                if let Some(there) = there.filter(|t| t.is_finite() && here.is_finite()) {
                    found.push(f64::from(there - here));
                }
            }
        }
        found
    };
    let same = differences(0, 0);
    let known = before.grid.data().iter().filter(|v| v.is_finite()).count();
    assert!(same.len() > known * 97 / 100, "{} of {known}", same.len());
    let mean = same.iter().sum::<f64>() / same.len() as f64;
    let half_within = |mut differences: Vec<f64>| {
        differences.iter_mut().for_each(|d| *d = d.abs());
        differences.sort_by(f64::total_cmp);
        differences[differences.len() / 2]
    };
    let half = half_within(same);
    println!("{mean:.4} K in the mean; half of the cells within {half:.3} K");
    // The levels of the strips are found anew, to 0.01 K; what else differs is the resampling.
    assert!(mean.abs() < 0.02 && half < 0.05);
    // The same ground in the same cell: beside it, the noise of the tiles is another.
    for (east, south) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        let beside = half_within(differences(east, south));
        println!("{east}, {south} cells off: half within {beside:.3} K");
        assert!(beside > 1.5 * half);
    }
}

#[test]
fn a_tile_in_a_system_that_is_unknown_is_left_out_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    make(&folder);
    let flight = flight_folder(&folder);
    let tile = files(&flight).into_iter().find(|p| is_frame(p));
    let tile = tile.expect("there are tiles");
    let cells = all_of(&GeoTiff::open(&tile).expect("opens"));
    let spec = GridSpec::float(9_999, f64::NAN, "temperature", "degC");
    write_grid(&tile, &cells, &spec).expect("written");
    let (_, _, said) = run(&folder, [0.0; 2]);
    let name = tile.file_name().expect("a name").to_string_lossy();
    assert!(said.contains(name.as_ref()), "{said}");
    assert!(said.contains("is in EPSG:9999, which is unknown"), "{said}");
    assert!(said.contains("gdalwarp -t_srs EPSG:31370"), "{said}");
}
