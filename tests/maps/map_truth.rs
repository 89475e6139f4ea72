//! The promise: temperatures of the map are true to a few tenths of a kelvin from roof to roof, its
//! uncertainty says how far each cell may be off, seams do not show, reference temperatures bring the
//! absolute level, lines of an aircraft agree; and every cell names its frame.
//!
//! Truth is that of simulated parks.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use crate::common;

use common::{flight_folder, stderr, thermaudit};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thermaudit::calibrate::radiance::Band;
use thermaudit::raster::{GeoGrid, Grid};
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::units::Kelvin;

/// Distance of the points that are compared, metres.
const STEP_M: f64 = 0.5;
/// Points nearer to an edge or to an object of another emissivity are left out, metres.
const RIM_M: f64 = 1.5;
/// Seeds that were never looked at while the program was written.
const SEEDS: [u64; 3] = [7091, 7092, 7093];

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

fn simulated(folder: &Path, seed: u64, more: &[&str]) {
    let (path, seed) = (folder.to_str().expect("a plain path"), seed.to_string());
    let arguments = ["-q", "simulate", path, "--seed", &seed, "--visits", "0"];
    let made = thermaudit(&[&arguments, more].concat());
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
}

/// Runs the flight as far as its map; the folder of its results, and what was printed.
fn run(folder: &Path) -> (PathBuf, String) {
    let path = folder.to_str().expect("a plain path");
    let output = thermaudit(&["run", path, "--until", "attach"]);
    let said = stderr(&output);
    assert!(output.status.code().is_some_and(|c| c < 2), "{said}");
    let flight = flight_folder(folder);
    let name = flight.file_name().expect("a name");
    (folder.join("results").join(name), said)
}

fn raster(path: &Path) -> GeoGrid<f32> {
    let file = GeoTiff::open(path).expect("a raster");
    let grid = file.window(file.whole()).expect("readable");
    let transform = file.level_transform(0).expect("a place");
    GeoGrid { grid, transform }
}

/// The cell a place lies in.
fn cell(raster: &GeoGrid<f32>, x: f64, y: f64) -> Option<f32> {
    let (u, v) = raster.transform.to_pixel(x, y);
    let value = raster.grid.get(u.floor() as isize, v.floor() as isize)?;
    value.is_finite().then_some(value)
}

fn ring(value: &Value) -> Vec<[f64; 2]> {
    let number = |v: &Value| v.as_f64().expect("a number");
    let points = value.as_array().expect("points").iter();
    points.map(|p| [number(&p[0]), number(&p[1])]).collect()
}

/// Distance to a ring's line, negative inside, metres.
fn outside(ring: &[[f64; 2]], x: f64, y: f64) -> f64 {
    let mut inside = false;
    let mut nearest = f64::INFINITY;
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
            inside = !inside;
        }
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let share = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy).max(1e-12);
        let share = share.clamp(0.0, 1.0);
        nearest = nearest.min((x - a[0] - share * dx).hypot(y - a[1] - share * dy));
    }
    if inside { -nearest } else { nearest }
}

/// A point of a roof: its building, the map less the truth, and the map's 1σ.
struct Point {
    building: usize,
    at: [f64; 2],
    error_k: f64,
    sigma_k: f64,
}

/// What the map at its one emissivity should show of a surface.
struct Seen {
    band: Band,
    emissivity: f64,
    reflected_c: f64,
}

impl Seen {
    fn of(results: &Path) -> Self {
        let map = &json(&results.join("run.json"))["mosaic"];
        let number = |name: &str| map[name].as_f64().expect("a number");
        Self {
            band: Band::long_wave(),
            emissivity: number("emissivity"),
            reflected_c: number("reflected_c"),
        }
    }

    fn celsius(&self, true_c: f64, emissivity: f64) -> f64 {
        let radiance = |c: f64| self.band.radiance(Kelvin::from_celsius(c));
        let mirrored = radiance(self.reflected_c);
        let own = emissivity * radiance(true_c) + (1.0 - emissivity) * mirrored;
        let shown = (own - (1.0 - self.emissivity) * mirrored) / self.emissivity;
        self.band
            .temperature(shown)
            .expect("a temperature")
            .celsius()
    }
}

/// Points of all roofs that do not mirror the sky.
fn points(folder: &Path, results: &Path) -> Vec<Point> {
    let truth = json(&folder.join("truth/truth.json"));
    let flight = truth["flights"][0]["id"].as_str().expect("an id");
    let surface = raster(&folder.join(format!("truth/surface_{flight}.tif")));
    let map = raster(&results.join("mosaic.tif"));
    let sigma = raster(&results.join("uncertainty.tif"));
    let seen = Seen::of(results);
    let objects: Vec<Vec<[f64; 2]>> = truth["distractors"]
        .as_array()
        .expect("objects")
        .iter()
        .filter(|d| d["kind"] != "metal" && d["emissivity"].is_number())
        .map(|d| ring(&d["polygon"]))
        .collect();
    let mut found = Vec::new();
    let buildings = truth["buildings"].as_array().expect("buildings");
    for (building, entry) in buildings.iter().enumerate() {
        let emissivity = entry["emissivity"].as_f64().expect("a number");
        if emissivity < 0.7 {
            continue;
        }
        let corners = ring(&entry["corners_at_eave"]);
        let bound = |axis: usize, f: fn(f64, f64) -> f64, start: f64| {
            corners.iter().map(|c| c[axis]).fold(start, f)
        };
        let (mut y, y_max) = (bound(1, f64::min, f64::MAX), bound(1, f64::max, f64::MIN));
        while y < y_max {
            let (mut x, x_max) = (bound(0, f64::min, f64::MAX), bound(0, f64::max, f64::MIN));
            while x < x_max {
                let near = |o: &Vec<[f64; 2]>| outside(o, x, y) < RIM_M;
                if outside(&corners, x, y) < -RIM_M && !objects.iter().any(near) {
                    // The cell as it is: between cells its noise would be averaged away.
                    let (u, v) = map.transform.to_pixel(x, y);
                    let (x, y) = map.transform.to_map(u.floor() + 0.5, v.floor() + 0.5);
                    let shown = cell(&map, x, y).zip(cell(&sigma, x, y));
                    if let (Some((shown, sigma)), Some(true_c)) = (shown, surface.sample(x, y)) {
                        found.push(Point {
                            building,
                            at: [x, y],
                            error_k: f64::from(shown) - seen.celsius(true_c, emissivity),
                            sigma_k: f64::from(sigma),
                        });
                    }
                }
                x += STEP_M;
            }
            y += STEP_M;
        }
    }
    assert!(found.len() > 5_000, "{} points", found.len());
    found
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Median error of every roof.
fn by_roof(points: &[Point]) -> Vec<f64> {
    let mut roofs: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for p in points {
        roofs.entry(p.building).or_default().push(p.error_k);
    }
    roofs.into_values().map(median).collect()
}

fn rms(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v * v, n + 1.0));
    (sum / f64::max(n, 1.0)).sqrt()
}

#[test]
fn roofs_agree_with_each_other_and_the_uncertainty_is_honest() {
    for seed in SEEDS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("park");
        simulated(&folder, seed, &[]);
        let (results, _) = run(&folder);
        let points = points(&folder, &results);
        let common = median(points.iter().map(|p| p.error_k).collect());
        let roofs = by_roof(&points);
        let relative = rms(roofs.iter().map(|k| k - common));
        let covered = points
            .iter()
            .filter(|p| (p.error_k - common).abs() <= 1.96 * p.sigma_k)
            .count() as f64
            / points.len() as f64;
        let worst = roofs.iter().map(|k| (k - common).abs()).fold(0.0, f64::max);
        println!(
            "{seed}: {} points, common {common:+.2} K, roof to roof {relative:.3} K (worst {worst:.3}), \
             {:.1} % within 1.96 σ",
            points.len(),
            100.0 * covered
        );
        assert!(relative <= 0.3, "{seed}: {relative}");
        assert!((0.90..=0.98).contains(&covered), "{seed}: {covered}");
        seams_do_not_show(&results, &points);
        cells_name_their_frame(&results);
    }
}

/// Errors on both sides of a seam differ by no more than 0.2 K: medians by roof and frame.
fn seams_do_not_show(results: &Path, points: &[Point]) {
    let index = raster(&results.join("frame_index.tif"));
    let mut parts: BTreeMap<(usize, u32), Vec<f64>> = BTreeMap::new();
    for p in points {
        if let Some(frame) = cell(&index, p.at[0], p.at[1]) {
            let key = (p.building, frame as u32);
            parts.entry(key).or_default().push(p.error_k);
        }
    }
    let mut by_building: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for ((building, _), errors) in parts {
        if errors.len() >= 40 {
            by_building
                .entry(building)
                .or_default()
                .push(median(errors));
        }
    }
    for (building, steps) in by_building {
        let low = steps.iter().copied().fold(f64::MAX, f64::min);
        let high = steps.iter().copied().fold(f64::MIN, f64::max);
        println!(
            "building {building}: {} parts, step {:.3} K",
            steps.len(),
            high - low
        );
        assert!(high - low <= 0.2, "building {building}: {steps:?}");
    }
}

/// The index is a row of layer `frames`; angle and time are that frame's.
fn cells_name_their_frame(results: &Path) {
    let [index, angle, time, count] = ["frame_index", "view_angle", "time_offset", "coverage"]
        .map(|name| raster(&results.join(format!("{name}.tif"))));
    let map = raster(&results.join("mosaic.tif"));
    let database = rusqlite::Connection::open(results.join("audit.gpkg")).expect("opens");
    let mut query = database
        .prepare("SELECT fid, x_m, y_m, z_m, status, time FROM frames")
        .expect("a layer");
    let rows = query
        .query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                [row.get::<_, Option<f64>>(1)?, row.get(2)?, row.get(3)?],
                row.get::<_, String>(4)?,
                row.get::<_, String>(5)?,
            ))
        })
        .expect("rows");
    let frames: BTreeMap<u32, ([f64; 3], String)> = rows
        .map(|row| row.expect("a row"))
        .filter(|(_, _, status, _)| status == "used")
        .map(|(fid, c, _, time)| (fid as u32, (c.map(|v| v.expect("a place")), time)))
        .collect();
    let first: jiff::Timestamp = frames
        .values()
        .map(|(_, time)| time.parse().expect("a time"))
        .min()
        .expect("frames");
    let mut looked = 0;
    for row in (0..map.grid.height()).step_by(7) {
        for col in (0..map.grid.width()).step_by(7) {
            let at = |raster: &GeoGrid<f32>| raster.grid.at(col, row);
            let named = at(&index) > 0.0;
            assert_eq!(at(&map).is_nan(), !named, "{col} {row}");
            if at(&map).is_nan() {
                assert!(at(&count) == 0.0 && at(&angle).is_nan());
                continue;
            }
            assert!(at(&count) >= 1.0);
            let (centre, taken) = &frames[&(at(&index) as u32)];
            let (x, y) = map.transform.centre(col, row);
            // Ground lies up to 15 m below the highest roof: the angle follows to a few degrees.
            let aside = (centre[0] - x).hypot(centre[1] - y);
            let [low, high] = [9.0, 25.0].map(|z| (aside / (centre[2] - z)).atan().to_degrees());
            let angle = f64::from(at(&angle));
            assert!(
                angle > low - 0.7 && angle < high + 0.7,
                "{angle}: {low} {high}"
            );
            let taken: jiff::Timestamp = taken.parse().expect("a time");
            let after = taken.duration_since(first).as_secs_f64();
            assert!((after - f64::from(at(&time))).abs() < 0.05);
            looked += 1;
        }
    }
    assert!(looked > 5_000, "{looked}");
}

/// Two reference temperatures on the ground, as probes would give them to 0.3 K: their places and
/// true temperatures.
fn references(folder: &Path) -> String {
    let truth = json(&folder.join("truth/truth.json"));
    let flight = truth["flights"][0]["id"].as_str().expect("an id");
    let surface = raster(&folder.join(format!("truth/surface_{flight}.tif")));
    let buildings = truth["buildings"].as_array().expect("buildings");
    let mut found = Vec::new();
    // On two roofs, a quarter of the way from a corner to the one across.
    for entry in buildings.iter().filter(|b| b["material"] == "bitumen") {
        let corners = ring(&entry["corners_at_eave"]);
        let across = corners[corners.len() / 2];
        let place = [0, 1].map(|a| 0.7 * corners[0][a] + 0.3 * across[a]);
        let around = |k: usize| {
            let angle = f64::from(k as u32) * std::f64::consts::TAU / 8.0;
            surface.sample(place[0] + angle.cos(), place[1] + angle.sin())
        };
        let values: Vec<f64> = (0..8).filter_map(around).collect();
        let (low, high) = values
            .iter()
            .fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        // Even ground, as one would choose for a probe.
        if values.len() == 8 && high - low < 0.6 {
            let error = if found.is_empty() { 0.3 } else { -0.2 };
            found.push(format!(
                "{{ x_m = {:.2}, y_m = {:.2}, temp_c = {:.2}, sigma_k = 0.3, what = \"probe\" }}",
                place[0],
                place[1],
                median(values) + error
            ));
        }
        if found.len() == 2 {
            break;
        }
    }
    assert_eq!(found.len(), 2, "two even places");
    found.join(", ")
}

#[test]
fn two_reference_temperatures_bring_the_absolute_level_of_a_camera_that_is_kelvins_off() {
    for seed in SEEDS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("park");
        simulated(&folder, seed, &[]);
        let settings = flight_folder(&folder).join("flight.toml");
        let before = std::fs::read_to_string(&settings).expect("settings");
        // A window the settings do not know of makes everything some kelvin too warm or cold.
        let window = "\n[radiometry]\nwindow_transmission = 0.9\nwindow_c = -15.0\n";
        std::fs::write(&settings, format!("{before}{window}")).expect("written");
        let (results, _) = run(&folder);
        let off = rms(by_roof(&points(&folder, &results)).into_iter());
        let level = format!("[level]\nreferences = [{}]\n", references(&folder));
        std::fs::write(&settings, format!("{before}{window}{level}")).expect("written");
        let (results, said) = run(&folder);
        let left = rms(points(&folder, &results).iter().map(|p| p.error_k));
        println!("{seed}: roofs {off:.2} K off, with references {left:.2} K");
        assert!(off > 1.0, "{off}");
        assert!(left <= 1.0, "{left}: {said}");
        let record = json(&results.join("run.json"));
        let references = record["levelling"]["references"].as_array().expect("them");
        assert_eq!(references.len(), 2);
        for reference in references {
            assert!(reference["residual_k"].as_f64().expect("seen").abs() < 1.0);
        }
    }
}

/// Adds a bias and a drift along it to every tile of each line: up to ± 1.5 K in all.
fn drifting(flight: &Path) {
    for entry in std::fs::read_dir(flight).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let Some(line) = name
            .strip_prefix('L')
            .and_then(|n| n[..2].parse::<u32>().ok())
        else {
            continue;
        };
        let column: u32 = name[5..7].parse().expect("a column");
        let raster = raster(&path);
        let (width, height) = (raster.grid.width(), raster.grid.height());
        let sign = if line.is_multiple_of(2) { 1.0 } else { -1.0 };
        let mut out: Grid<f32> = raster.grid.clone();
        for row in 0..height {
            for col in 0..width {
                let along = f64::from(column - 1) + col as f64 / width as f64;
                let by = sign * (0.5 + 0.3 * along);
                out.set(col, row, raster.grid.at(col, row) + by as f32);
            }
        }
        let spec = thermaudit::write::cog::CogSpec {
            unit: "degC".to_owned(),
            ..thermaudit::write::cog::CogSpec::new(width, height, raster.transform, 31370)
        };
        let mut writer =
            thermaudit::write::cog::CogWriter::create(&path, spec.clone()).expect("made");
        let (across, down) = spec.tiles();
        for tile_row in 0..down {
            for tile_col in 0..across {
                let (c, r) = (tile_col * spec.tile_px, tile_row * spec.tile_px);
                let tile = out.crop(thermaudit::raster::Window {
                    col: c,
                    row: r,
                    width: spec.tile_px.min(width - c),
                    height: spec.tile_px.min(height - r),
                });
                writer
                    .write_tile(tile_col, tile_row, &tile)
                    .expect("written");
            }
        }
        writer.finish().expect("finished");
    }
}

#[test]
fn lines_of_an_aircraft_agree_after_biases_and_drift() {
    for seed in SEEDS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("park");
        simulated(&folder, seed, &["--sensor", "aircraft", "--scale", "small"]);
        drifting(&flight_folder(&folder));
        let (results, _) = run(&folder);
        let levelling = json(&results.join("run.json"))["levelling"].clone();
        let k = |name: &str| levelling[name].as_f64().expect("a number");
        println!(
            "{seed}: lines disagree {:.2} K, levelled {:.2} K (MAD {:.3})",
            k("disagreement_before_k"),
            k("disagreement_after_k"),
            k("mad_after_k")
        );
        assert!(k("disagreement_before_k") > 0.3);
        let points = points(&folder, &results);
        // By line: roofs in one against those in another.
        let index = raster(&results.join("frame_index.tif"));
        let mut lines: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for p in &points {
            if let Some(tile) = cell(&index, p.at[0], p.at[1]) {
                lines.entry(tile as u32).or_default().push(p.error_k);
            }
        }
        let steps: Vec<f64> = lines
            .into_values()
            .filter(|errors| errors.len() >= 200)
            .map(median)
            .collect();
        let low = steps.iter().copied().fold(f64::MAX, f64::min);
        let high = steps.iter().copied().fold(f64::MIN, f64::max);
        println!("{} tiles, steps {:.3} K", steps.len(), high - low);
        assert!(steps.len() > 1 && high - low <= 0.2, "{steps:?}");
    }
}
