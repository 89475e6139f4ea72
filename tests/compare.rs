//! Two flights of one park: what was renewed is told, what was not is left alone.
//!
//! The truth of simulated parks says which roofs were renewed and which faults are new. Ready-made
//! tiles of an aircraft, so that five parks of fifty buildings are flown twice in a minute or two;
//! strips lie up to a metre beside each other, differently on each flight.

mod common;

use common::{files, stderr, thermaudit};
use geo::{Intersects, MultiPolygon, Polygon};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use thermaudit::raster::Window;
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::read::gpkg;

/// A park flown twice.
struct Twice {
    folder: TempDir,
    flights: [String; 2],
    truth: Value,
}

fn simulate(folder: &Path, seed: &str, more: &[&str]) {
    let path = folder.to_string_lossy();
    let usual = [
        "-q",
        "simulate",
        &path,
        "--seed",
        seed,
        "--flights",
        "2",
        "--sensor",
        "aircraft",
    ];
    let done = thermaudit(&[&usual[..], more].concat());
    assert!(done.status.success(), "{}", stderr(&done));
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("written")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

impl Twice {
    fn simulate(seed: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        simulate(folder.path(), seed, more);
        let truth = json(&folder.path().join("truth/truth.json"));
        let id = |i: usize| {
            truth["flights"][i]["id"]
                .as_str()
                .expect("an id")
                .to_owned()
        };
        Self {
            flights: [id(0), id(1)],
            folder,
            truth,
        }
    }

    fn project(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }

    fn run(&self) {
        let done = thermaudit(&["-q", "run", &self.project(), "--until", "score"]);
        assert!(
            done.status.code().is_some_and(|c| c < 2),
            "{}",
            stderr(&done)
        );
    }

    fn compare(&self, jobs: &str) -> PathBuf {
        let [a, b] = &self.flights;
        let done = thermaudit(&["-q", "--jobs", jobs, "compare", &self.project(), a, b]);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        let folder = self.folder.path().join("results/compare");
        folder.join(format!("{a}__{b}"))
    }

    /// U of a building on both flights.
    fn u(&self, oidn: &str) -> [f64; 2] {
        let buildings = self.truth["buildings"].as_array().expect("a list");
        let found = buildings.iter().find(|b| b["oidn"] == oidn);
        let flights = &found.expect("a building")["flights"];
        [0, 1].map(|f| number(&flights[f]["u_w_m2k"]))
    }

    /// Whether a fault or a thing is there on both flights.
    fn on(thing: &Value) -> [bool; 2] {
        let flights = thing["flights"].as_array().expect("a list");
        [1, 2].map(|f| flights.iter().any(|at| at["flight"] == f))
    }
}

/// Row of `changes.gpkg`, layer hotspots.
struct Spot {
    oidn: String,
    verdict: String,
    shape: MultiPolygon<f64>,
}

fn spots(package: &Path) -> Vec<Spot> {
    let layers = gpkg::layers(package).expect("a GeoPackage");
    let layer = layers
        .iter()
        .find(|l| l.name == "hotspots")
        .expect("a layer");
    let place = |name: &str| {
        let headers = &layer.table.headers;
        headers.iter().position(|h| h == name).expect("a column")
    };
    let (oidn, verdict) = (place("oidn"), place("verdict"));
    let rows = layer.table.records.iter().zip(layer.polygons());
    rows.map(|(row, shape)| Spot {
        oidn: row.cells[oidn].clone(),
        verdict: row.cells[verdict].clone(),
        shape: shape.expect("a polygon"),
    })
    .collect()
}

fn ring(points: &Value) -> Polygon<f64> {
    let points = points.as_array().expect("points");
    let ring: Vec<(f64, f64)> = points
        .iter()
        .map(|p| (number(&p[0]), number(&p[1])))
        .collect();
    Polygon::new(ring.into(), Vec::new())
}

/// What came of several parks.
#[derive(Debug, Default)]
struct Tally {
    /// Renewed roofs whose true change exceeds the smallest provable one; called improved.
    provable: [u32; 2],
    /// The same for the smallest change one roof alone would prove.
    mdc95: [u32; 2],
    /// Unchanged roofs; called improved or worse.
    unchanged: [u32; 2],
    /// Unchanged roofs whose interval holds no change.
    covered: u32,
    /// New faults that the second flight found; called new.
    new: [u32; 2],
    /// Repaired faults that the first flight found; called gone.
    gone: [u32; 2],
    /// Hotspots on faults and things of both flights; called new or gone.
    lasting: [u32; 2],
    /// Temperature on roofs of the map of changes: unchanged, renewed.
    map_k: [Vec<f64>; 2],
}

impl Tally {
    fn buildings(&mut self, park: &Twice, changes: &Value) {
        for row in changes["buildings"].as_array().expect("a list") {
            let [before, after] = park.u(row["oidn"].as_str().expect("a key"));
            let verdict = row["verdict"].as_str().expect("a word");
            if verdict == "not-comparable" {
                assert!(row["reasons"][0].is_string(), "{row}");
                continue;
            }
            if before == after {
                self.unchanged[0] += 1;
                self.unchanged[1] += u32::from(verdict != "no-proven-change");
                let ends = &row["interval"];
                self.covered += u32::from(number(&ends[0]) <= 0.0 && number(&ends[1]) >= 0.0);
            } else if row["quantity"] == "u" {
                let improved = u32::from(verdict == "improved");
                for (key, count) in [("provable", &mut self.provable), ("mdc95", &mut self.mdc95)] {
                    let exceeds = before - after > number(&row[key]);
                    count[0] += u32::from(exceeds);
                    count[1] += u32::from(exceeds) * improved;
                }
            }
        }
    }

    fn hotspots(&mut self, park: &Twice, spots: &[Spot]) {
        let lists = ["anomalies", "distractors"].map(|l| park.truth[l].as_array().expect("a list"));
        let things = lists.into_iter().flatten();
        for thing in things.filter(|t| t["oidn"].is_string() && t["flights"].is_array()) {
            let shape = ring(&thing["polygon"]);
            let here: Vec<&Spot> = spots
                .iter()
                .filter(|s| thing["oidn"] == s.oidn.as_str() && s.shape.intersects(&shape))
                .collect();
            let called = |word: &str| here.iter().filter(|s| s.verdict == word).count() as u32;
            match Twice::on(thing) {
                [false, true] if called("gone") < here.len() as u32 => {
                    self.new[0] += 1;
                    self.new[1] += called("new").min(1);
                }
                [true, false] if called("new") < here.len() as u32 => {
                    self.gone[0] += 1;
                    self.gone[1] += called("gone").min(1);
                }
                [true, true] => {
                    self.lasting[0] += here.len() as u32;
                    self.lasting[1] += called("new") + called("gone");
                }
                _ => {}
            }
        }
    }

    /// Median of the map over the middle of every rated roof.
    fn map(&mut self, park: &Twice, file: &GeoTiff, changes: &Value) {
        for row in changes["buildings"].as_array().expect("a list") {
            let oidn = row["oidn"].as_str().expect("a key");
            if row["verdict"] == "not-comparable" {
                continue;
            }
            let buildings = park.truth["buildings"].as_array().expect("a list");
            let building = buildings.iter().find(|b| b["oidn"] == oidn).expect("one");
            let corners = building["corners_at_eave"].as_array().expect("corners");
            let mean = |axis: usize| {
                corners.iter().map(|c| number(&c[axis])).sum::<f64>() / corners.len() as f64
            };
            let (u, v) = file.transform.to_pixel(mean(0), mean(1));
            let window = Window {
                col: u as usize - 5,
                row: v as usize - 5,
                width: 11,
                height: 11,
            };
            let mut cells = file.window(window).expect("inside").into_vec();
            cells.retain(|c| c.is_finite());
            cells.sort_by(f32::total_cmp);
            let [before, after] = park.u(oidn);
            if let Some(middle) = cells.get(cells.len() / 2) {
                self.map_k[usize::from(before != after)].push(f64::from(*middle));
            }
        }
    }
}

fn share([of, found]: [u32; 2]) -> f64 {
    f64::from(found) / f64::from(of.max(1))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn over_five_parks_the_renewed_roofs_are_told_and_the_others_left_alone() {
    let mut tally = Tally::default();
    for seed in ["11", "12", "13", "14", "15"] {
        let park = Twice::simulate(seed, &["--scale", "small"]);
        park.run();
        let folder = park.compare("0");
        let changes = json(&folder.join("changes.json"));
        tally.buildings(&park, &changes);
        tally.hotspots(&park, &spots(&folder.join("changes.gpkg")));
        let map = GeoTiff::open(&folder.join("change.tif")).expect("a GeoTIFF");
        assert_eq!(map.unit, "K");
        tally.map(&park, &map, &changes);
    }
    let [unchanged, renewed] = &tally.map_k;
    println!("{:?}", tally.counts());
    println!(
        "map: unchanged {:.2} K, renewed {:.2} K",
        median(unchanged),
        median(renewed)
    );
    assert!(
        tally.provable[0] >= 5 && share(tally.provable) >= 0.90,
        "{:?}",
        tally.counts()
    );
    assert!(
        tally.unchanged[0] >= 100 && share(tally.unchanged) <= 0.05,
        "{:?}",
        tally.counts()
    );
    assert!(f64::from(tally.covered) >= 0.95 * f64::from(tally.unchanged[0]));
    assert!(
        tally.new[0] >= 5 && share(tally.new) >= 0.90,
        "{:?}",
        tally.counts()
    );
    assert!(share(tally.gone) >= 0.90, "{:?}", tally.counts());
    assert!(share(tally.lasting) <= 0.10, "{:?}", tally.counts());
    assert!(median(unchanged).abs() <= 0.2, "{}", median(unchanged));
    assert!(median(renewed) <= -1.0, "{}", median(renewed));
}

/// The class is told again on another night where the roof is the same.
#[test]
#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn classes_of_roofs_that_stayed_the_same_come_back() {
    let [mut of, mut equal, mut near] = [0_u32; 3];
    for seed in ["21", "22", "23", "24", "25"] {
        let park = Twice::simulate(seed, &["--scale", "small", "--stock", "mixed"]);
        park.run();
        let changes = json(&park.compare("0").join("changes.json"));
        for row in changes["buildings"].as_array().expect("a list") {
            let [before, after] = park.u(row["oidn"].as_str().expect("a key"));
            let class = |side: &str| row[side]["class"].as_i64();
            if let (true, Some(a), Some(b)) = (before == after, class("before"), class("after")) {
                of += 1;
                equal += u32::from(a == b);
                near += u32::from((a - b).abs() <= 1);
            }
        }
    }
    println!("{of} roofs: class equal {equal}, within one {near}");
    assert!(of >= 100, "{of}");
    assert!(share([of, equal]) >= 0.70, "{equal} of {of}");
    assert!(share([of, near]) >= 0.90, "{near} of {of}");
}

impl Tally {
    /// Without the temperatures, to print.
    fn counts(&self) -> Self {
        Self {
            map_k: [Vec::new(), Vec::new()],
            ..*self
        }
    }
}

#[test]
fn a_frosty_second_night_is_not_comparable() {
    let park = Twice::simulate("11", &["--scale", "tiny"]);
    let frosty = tempfile::tempdir().expect("a temporary folder");
    simulate(
        frosty.path(),
        "11",
        &["--scale", "tiny", "--nights", "frost"],
    );
    // The second night is the frosty one: its tiles, and its rows of the weather table.
    let second = Path::new("flights").join(&park.flights[1]);
    for file in files(&frosty.path().join(&second)) {
        let name = file.file_name().expect("a name");
        std::fs::copy(&file, park.folder.path().join(&second).join(name)).expect("copied");
    }
    let table = |folder: &Path| {
        std::fs::read_to_string(folder.join("weather.csv")).expect("a weather table")
    };
    let year = &park.flights[1][..4];
    let (fair, frost) = (table(park.folder.path()), table(frosty.path()));
    let rows = fair.lines().filter(|l| !l.starts_with(year));
    let merged: Vec<&str> = rows
        .chain(frost.lines().filter(|l| l.starts_with(year)))
        .collect();
    std::fs::write(park.folder.path().join("weather.csv"), merged.join("\n")).expect("written");
    park.run();
    let folder = park.compare("0");
    let changes = json(&folder.join("changes.json"));
    let mut wet = 0;
    for row in changes["buildings"].as_array().expect("a list") {
        assert_eq!(row["verdict"], "not-comparable", "{row}");
        let reasons = row["reasons"].as_array().expect("a list");
        wet += usize::from(reasons.iter().any(|r| r == "R04-after"));
    }
    assert!(wet >= 8, "{wet}");
    // Nor is a hotspot that frost hides one that was mended.
    let spots = spots(&folder.join("changes.gpkg"));
    let gone = spots.iter().filter(|s| s.verdict == "gone").count();
    assert_eq!(gone, 0, "of {}", spots.len());
}

#[test]
fn the_same_flights_give_the_same_bytes_and_wrong_ones_an_error() {
    let park = Twice::simulate("3", &["--scale", "tiny"]);
    let [a, b] = &park.flights;
    let refused = |first: &str, second: &str| {
        let done = thermaudit(&["compare", &park.project(), first, second]);
        assert_eq!(done.status.code(), Some(2));
        stderr(&done)
    };
    assert!(refused(a, b).contains("has no results"));
    assert!(refused(a, "../etc").contains("has no results"));
    assert!(refused(a, a).contains("expected two"));
    park.run();
    let bytes = |folder: &Path| -> Vec<Vec<u8>> {
        let read = |path: &PathBuf| std::fs::read(path).expect("readable");
        files(folder).iter().map(read).collect()
    };
    let one = bytes(&park.compare("1"));
    assert_eq!(one.len(), 3);
    let folder = park.compare("2");
    assert!(one == bytes(&folder));
    gdal_reads(&folder.join("change.tif"), &folder.join("changes.gpkg"));
}

/// GDAL opens the map and the layers, knows where they lie, and reads the map's cells as we do.
fn gdal_reads(map: &Path, layers: &Path) {
    if !common::has_program("gdalinfo") || !common::has_program("ogrinfo") {
        return;
    }
    let told = |program: &str, arguments: &[&str], path: &Path| {
        let output = Command::new(program).args(arguments).arg(path).output();
        let output = output.expect("the program starts");
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(stderr(&output), "", "no warning");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let info: Value = serde_json::from_str(&told("gdalinfo", &["-json", "-stats"], map))
        .expect("gdalinfo tells JSON");
    // Statistics go into a file beside the map.
    let _ = std::fs::remove_file(map.with_extension("tif.aux.xml"));
    let ours = GeoTiff::open(map).expect("a GeoTIFF");
    let transform = [ours.transform.x0, ours.transform.dx, 0.0, ours.transform.y0];
    for (place, value) in transform.iter().enumerate() {
        assert!(
            (number(&info["geoTransform"][place]) - value).abs() < 1e-9,
            "{info}"
        );
    }
    assert_eq!(info["size"], serde_json::json!([ours.width, ours.height]));
    let system = info["coordinateSystem"]["wkt"].as_str().expect("a system");
    assert!(system.contains("Lambert"), "{system}");
    assert_eq!(info["metadata"]["IMAGE_STRUCTURE"]["LAYOUT"], "COG");
    let band = &info["bands"][0];
    assert_eq!(band["unit"], "K");
    let whole = Window {
        col: 0,
        row: 0,
        width: ours.width,
        height: ours.height,
    };
    let cells = ours.window(whole).expect("reads").into_vec();
    let known: Vec<f64> = cells
        .iter()
        .filter(|c| c.is_finite())
        .map(|c| f64::from(*c))
        .collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    assert!((number(&band["mean"]) - mean).abs() < 1e-4, "{band}");
    let list = told("ogrinfo", &["-so", "-al"], layers);
    for layer in ["buildings", "hotspots"] {
        assert!(list.contains(&format!("Layer name: {layer}")), "{list}");
    }
}
