//! Two flights of one park: what was renewed is told, what was not is left alone.
//!
//! The truth of simulated parks says which roofs were renewed and which faults are new. Ready-made
//! tiles of an aircraft, so that five parks of fifty buildings are flown twice in a minute or two;
//! strips lie up to a metre beside each other, differently on each flight.

use crate::common;
use crate::pages;

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
        "--visits",
        "0",
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
    assert_eq!(one.len(), 4);
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
    let theirs = band["metadata"][""]["STATISTICS_MEAN"].as_str();
    let theirs: f64 = theirs.and_then(|t| t.parse().ok()).expect("a number");
    assert!((theirs - mean).abs() < 1e-4, "{theirs} {mean}");
    let list = told("ogrinfo", &["-so", "-al"], layers);
    for layer in ["buildings", "hotspots"] {
        assert!(list.contains(&format!("Layer name: {layer}")), "{list}");
    }
}

/// A hotspot of `audit.gpkg` as SQLite holds it.
#[derive(Debug)]
struct Row {
    id: String,
    oidn: String,
    kind: String,
    severity: i64,
    confirmed: Option<String>,
    status: String,
    review: Option<String>,
    review_kind: Option<String>,
    text: Option<String>,
    centre: [f64; 2],
    shape: MultiPolygon<f64>,
}

impl Twice {
    fn results(&self, flight: usize) -> PathBuf {
        self.folder
            .path()
            .join("results")
            .join(&self.flights[flight])
    }

    fn run_flight(&self, flight: usize, more: &[&str]) -> String {
        let project = self.project();
        let usual = ["run", &project, "--flight", &self.flights[flight]];
        let done = thermaudit(&[&usual[..], more].concat());
        assert!(
            done.status.code().is_some_and(|c| c < 2),
            "{}",
            stderr(&done)
        );
        stderr(&done)
    }

    fn rows(&self, flight: usize) -> Vec<Row> {
        let package = self.results(flight).join("audit.gpkg");
        let layers = gpkg::layers(&package).expect("a GeoPackage");
        let shapes = layers
            .iter()
            .find(|l| l.name == "hotspots")
            .expect("a layer");
        let place = |name: &str| {
            let headers = &shapes.table.headers;
            headers.iter().position(|h| h == name).expect("a column")
        };
        let all = shapes.table.records.iter().zip(shapes.polygons());
        all.map(|(record, shape)| {
            let text = |name: &str| record.cells[place(name)].clone();
            let some = |name: &str| Some(text(name)).filter(|t| !t.is_empty());
            let number = |name: &str| text(name).parse::<f64>().expect("a number");
            Row {
                id: text("hotspot_id"),
                oidn: text("oidn"),
                kind: text("kind"),
                severity: number("severity") as i64,
                confirmed: some("confirmed"),
                status: text("status"),
                review: some("review"),
                review_kind: some("review_kind"),
                text: some("review_text"),
                centre: [number("x_m"), number("y_m")],
                shape: shape.expect("a polygon"),
            }
        })
        .collect()
    }

    /// Ids of hotspots on things of the truth that are there on the flights told, and whose roof
    /// has no other hotspot on the same thing.
    fn on_things(&self, rows: &[Row], on: [bool; 2]) -> Vec<(usize, String)> {
        let lists = ["anomalies", "distractors"].map(|l| self.truth[l].as_array().expect("a list"));
        let things = lists.into_iter().flatten().enumerate();
        things
            .filter(|(_, t)| t["oidn"].is_string() && t["flights"].is_array())
            .filter(|(_, t)| Self::on(t) == on)
            .filter_map(|(i, thing)| {
                let shape = ring(&thing["polygon"]);
                let mut here = rows
                    .iter()
                    .filter(|r| thing["oidn"] == r.oidn.as_str() && r.shape.intersects(&shape));
                let one = here.next()?;
                here.next().is_none().then(|| (i, one.id.clone()))
            })
            .collect()
    }

    fn sheet(&self, flight: usize, company: &str) -> Value {
        json(
            &self
                .results(flight)
                .join("companies")
                .join(company)
                .join("sheet.json"),
        )
    }

    /// Company with a sheet that holds a building alone, by the company list.
    fn holder(&self, oidn: &str) -> Option<String> {
        let list = std::fs::read_to_string(self.folder.path().join("companies.csv"));
        let list = list.expect("a list");
        let mut holders = list.lines().filter(|l| l.contains(oidn));
        let one = holders.next().filter(|_| holders.next().is_none())?;
        let cells: Vec<&str> = one.split(',').collect();
        (cells.get(8) == Some(&"yes")).then(|| cells[0].to_owned())
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn ids_of_hotspots_last_over_flights_that_lie_beside_each_other() {
    let (mut lasting, mut same) = (0, 0);
    for seed in ["11", "12", "13"] {
        let park = Twice::simulate(seed, &["--scale", "tiny"]);
        park.run();
        let rows = [park.rows(0), park.rows(1)];
        let [first, second] = [0, 1].map(|f| park.on_things(&rows[f], [true, true]));
        for (thing, id) in &first {
            if let Some((_, other)) = second.iter().find(|(t, _)| t == thing) {
                lasting += 1;
                same += u32::from(id == other);
            }
        }
        // One id is one place: what has the same lies where a map may lie beside another.
        for a in &rows[0] {
            for b in rows[1].iter().filter(|b| b.id == a.id) {
                let apart = (a.centre[0] - b.centre[0]).hypot(a.centre[1] - b.centre[1]);
                let touch = a.shape.intersects(&b.shape);
                assert!(a.oidn == b.oidn && (apart < 3.0 || touch), "{a:?} {b:?}");
            }
        }
        // Ids of things that are new are new.
        for (_, id) in park.on_things(&rows[1], [false, true]) {
            assert!(rows[0].iter().all(|r| r.id != id), "{id}");
        }
        // The later flight gives none: the first is the same whether it was there or not.
        let before = std::fs::read(park.results(0).join("audit.gpkg")).expect("readable");
        park.run_flight(0, &["--until", "score"]);
        let again = std::fs::read(park.results(0).join("audit.gpkg")).expect("readable");
        assert!(before == again);
    }
    println!("{same} of {lasting} lasting things kept their id");
    assert!(
        lasting >= 20 && f64::from(same) >= 0.95 * f64::from(lasting),
        "{same} {lasting}"
    );
}

#[test]
fn verdicts_of_a_person_survive_every_run_and_the_next_flight() {
    let park = Twice::simulate("11", &["--scale", "tiny"]);
    let table = park.folder.path().join("review.csv");
    park.run_flight(0, &[]);
    park.run_flight(1, &[]);
    let (computed, next) = (park.rows(0), park.rows(1));
    let lasting = park.on_things(&computed, [true, true]);
    let explained = |r: &Row| ["rooflight", "installation", "process"].contains(&r.kind.as_str());
    // Points of companies with a sheet, in both flights, on roofs that have a class in both.
    let rated = |flight: usize, row: &Row| {
        let sheet = park.sheet(flight, &park.holder(&row.oidn).expect("a holder"));
        let roofs = sheet["buildings"].as_array().expect("a list");
        let roof = roofs.iter().find(|b| b["oidn"] == row.oidn.as_str());
        roof.is_some_and(|b| b["class"].is_number())
    };
    let points: Vec<&Row> = lasting
        .iter()
        .filter_map(|(_, id)| computed.iter().find(|r| r.id == *id))
        .filter(|r| park.holder(&r.oidn).is_some() && !explained(r) && rated(0, r) && rated(1, r))
        .filter(|r| next.iter().any(|n| n.id == r.id && !explained(n)))
        .collect();
    assert!(points.len() >= 3, "{points:?}");
    let [confirmed, rejected, changed] = [points[0], points[1], points[points.len() - 1]];
    // A fault that was mended before the second flight.
    let mended = park.on_things(&computed, [true, false]);
    let mended = mended.first().map(|(_, id)| id.clone());

    // Faults of the table stop everything, all told at once.
    std::fs::write(&table, "hotspot_id,oidn,verdict\n,,confirm\n1-a,,maybe\n").expect("written");
    for command in ["check", "run"] {
        let done = thermaudit(&[command, &park.project()]);
        assert_eq!(done.status.code(), Some(2));
        let told = [
            stderr(&done),
            String::from_utf8_lossy(&done.stdout).into_owned(),
        ]
        .concat();
        assert!(
            told.contains("is about nothing") && told.contains("maybe"),
            "{told}"
        );
    }

    let mut rows = vec![
        "aandachtspunt,gebouw,oordeel,aard,ernst,tekst,wie,datum".to_owned(),
        format!(
            "{},,bevestigd,,,Zelf gezien op het dak,An Peeters,12/03/2026",
            confirmed.id
        ),
        format!(
            "{},,verworpen,,,Weerspiegeling,An Peeters,12/03/2026",
            rejected.id
        ),
        format!(
            "{},,gewijzigd,rooflight,1,Oude koepel,An Peeters,12/03/2026",
            changed.id
        ),
        format!(
            ",{},verworpen,,,Hal staat leeg,An Peeters,12/03/2026",
            changed.oidn
        ),
    ];
    rows.extend(
        mended
            .iter()
            .map(|id| format!("{id},,confirm,,,,Jan Dak,2025-02-01")),
    );
    let text = rows.join("\n");
    std::fs::write(&table, &text).expect("written");
    let done = thermaudit(&["-q", "check", &park.project()]);
    assert!(
        done.status.code().is_some_and(|c| c < 2),
        "{}",
        stderr(&done)
    );

    let judged = |flight: usize| {
        let now = park.rows(flight);
        let of = |id: &str| now.iter().position(|r| r.id == id).expect("it is there");
        let [a, b, c] = [&confirmed.id, &rejected.id, &changed.id].map(|id| &now[of(id)]);
        assert_eq!(
            (a.confirmed.as_deref(), a.status.as_str()),
            (Some("yes"), "checked")
        );
        assert_eq!(a.text.as_deref(), Some("Zelf gezien op het dak"));
        assert_eq!(
            (b.confirmed.as_deref(), b.status.as_str()),
            (Some("no"), "checked")
        );
        assert_eq!(c.review_kind.as_deref(), Some("rooflight"));
        assert_eq!(
            (c.review.as_deref(), c.confirmed.as_deref()),
            (Some("change"), None)
        );
        let open = now.iter().filter(|r| r.review.is_none());
        assert!(
            open.into_iter()
                .all(|r| r.status == "open" && r.confirmed.is_none())
        );

        // The sheet of each says so, and the rejected one is no point any more.
        for row in [a, b, c] {
            let sheet = park.sheet(flight, &park.holder(&row.oidn).expect("one"));
            let list = |name: &str| sheet[name].as_array().expect("a list").clone();
            let judged = list("reviewed");
            let own = judged.iter().find(|r| r["hotspot_id"] == row.id.as_str());
            let own = &own.expect("the verdict stands on the sheet")["review"];
            assert_eq!(own["who"], "An Peeters");
            assert_eq!(own["date"], "2026-03-12");
            let point = list("hotspots")
                .iter()
                .any(|h| h["hotspot_id"] == row.id.as_str());
            assert_eq!(point, row.id == confirmed.id, "{}", row.id);
        }
        let sheet = park.sheet(flight, &park.holder(&changed.oidn).expect("one"));
        let roofs = sheet["buildings"].as_array().expect("a list");
        let roof = roofs.iter().find(|b| b["oidn"] == changed.oidn.as_str());
        let roof = roof.expect("the roof");
        // The computed class stays in the data; printed it is not.
        assert_eq!(roof["review"]["verdict"], "reject");
        assert!(roof["class"].is_number());
        assert_ne!(sheet["result"]["lead_oidn"], changed.oidn.as_str());
        // What was computed is what was computed before anybody judged.
        if flight == 0 {
            for row in &now {
                let before = computed
                    .iter()
                    .find(|r| r.id == row.id)
                    .expect("the same ids");
                assert_eq!((&row.kind, row.severity), (&before.kind, before.severity));
            }
        }
        assert_eq!(std::fs::read_to_string(&table).expect("kept"), text);
    };
    park.run_flight(0, &[]);
    judged(0);
    // A second run gives the same bytes; the next flight, beside the first by up to a metre, knows
    // the places again.
    let bytes = |flight: usize| std::fs::read(park.results(flight).join("audit.gpkg"));
    let first = bytes(0).expect("readable");
    let told = park.run_flight(1, &[]);
    judged(1);
    park.run_flight(0, &[]);
    assert!(first == bytes(0).expect("readable"));
    let run = json(&park.results(1).join("run.json"));
    let vanished = run["review"]["vanished"].as_array().expect("a list");
    if let Some(id) = &mended {
        assert!(
            vanished.iter().any(|v| v["hotspot_id"] == id.as_str()),
            "{vanished:?}"
        );
        assert!(told.contains(id.as_str()), "{told}");
    }
    assert_eq!(run["review"]["verdicts"], rows.len() - 1);
}

#[test]
fn the_comparison_stands_on_the_sheets_while_it_is_of_these_results() {
    let park = Twice::simulate("11", &["--scale", "tiny"]);
    // Between the flights B0001 gives its last building to a company of which the first flight
    // knows nothing.
    let list = park.folder.path().join("companies.csv");
    let whole = std::fs::read_to_string(&list).expect("a list");
    // Everybody takes part: the renewed roof is somebody's.
    let whole = whole
        .replace(",no,5310", ",yes,5310")
        .replace(",withdrawn,5310", ",yes,5310");
    std::fs::write(&list, &whole).expect("written");
    let row = whole
        .lines()
        .find(|l| l.starts_with("B0001,"))
        .expect("a row");
    let held = row
        .split(',')
        .find(|c| c.starts_with("5310") && c.contains(';'));
    let held: Vec<&str> = held.expect("several buildings").split(';').collect();
    park.run_flight(0, &[]);
    let (kept, given) = held.split_at(held.len() - 1);
    let newcomer = row
        .replace("B0001", "N0001")
        .replace("Zandoor Metaalwerken BV", "Nieuwkomer Plaatwerk NV")
        .replace("1906601514", "")
        .replace("energie@zandoor.example", "")
        .replace(&held.join(";"), given[0]);
    let changed = whole.replace(&held.join(";"), &kept.join(";"));
    std::fs::write(&list, format!("{}\n{newcomer}\n", changed.trim_end())).expect("written");
    park.run_flight(1, &[]);
    let without = park.sheet(1, "B0001");
    assert!(without["comparison"].is_null());
    let folder = park.compare("0");
    let pdf = std::fs::read(folder.join("overview.pdf")).expect("written");
    let marks = String::from_utf8_lossy(&pdf);
    assert!(marks.contains("<pdfaid:part>2</pdfaid:part>"));
    assert!(marks.contains("<pdfuaid:part>1</pdfuaid:part>"));
    let overview = folder.join("overview.pdf");
    let complaints = pages::complaints(&overview, "nl");
    assert!(complaints.is_empty(), "{complaints:?}");
    let flaws = pages::flaws(&pages::words(&overview).unwrap_or_default(), false);
    assert!(flaws.is_empty(), "{flaws:?}");
    let printed = thermaudit::attach::leak::pdf_text(&pdf).expect("text");
    let printed: String = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        printed.contains("Vergelijking") || printed.contains("VERGELIJKING"),
        "{printed}"
    );

    let changes = json(&folder.join("changes.json"));
    let companies = changes["companies"].as_array().expect("a list");
    let of = |id: &str| {
        companies
            .iter()
            .find(|c| c["company_id"] == id)
            .expect("a row")
    };
    assert_eq!(of("B0001")["change"], "changed-buildings");
    assert_eq!(of("N0001")["change"], "came");
    assert!(companies.iter().filter(|c| c["change"] == "same").count() >= 8);

    park.run_flight(1, &[]);
    let sheet = park.sheet(1, "B0001");
    let block = sheet["comparison"]["buildings"]
        .as_array()
        .expect("the block");
    assert_eq!(block.len(), kept.len());
    for row in block {
        let oidn = row["oidn"].as_str().expect("a key");
        assert!(kept.contains(&oidn));
        let rows = changes["buildings"].as_array().expect("a list");
        let told = rows.iter().find(|r| r["oidn"] == oidn).expect("a row");
        assert_eq!(row["verdict"], told["verdict"]);
        assert_eq!(row["after_normalised"], told["after_normalised"]);
    }
    // Who held none of its roofs then learns nothing of what they were.
    let newcomer = park.sheet(1, "N0001");
    assert!(
        newcomer["comparison"].is_null(),
        "{}",
        newcomer["comparison"]
    );
    // The park's overviews tell of it, too; everyone reads of no roof.
    for (variant, matrix) in [("internal", true), ("park", false)] {
        let pdf = park.results(1).join(variant).join("overview.pdf");
        let text = thermaudit::attach::leak::pdf_text(&std::fs::read(pdf).expect("written"));
        let text = text.expect("text");
        // Without spaces: a hyphen is a run of its own.
        let said: String = text.split_whitespace().collect();
        let first = &park.flights[0];
        let against = format!("Vergelekenmetvlucht{first}");
        assert!(said.contains(&against), "{said}");
        assert_eq!(said.contains("Klassevroegerennu"), matrix, "{variant}");
        assert!(said.contains("nieuwofnupasinbeeld"), "{said}");
    }
    // Renewed roofs are told to their companies.
    let mut improved = 0;
    for company in files(&park.results(1).join("companies")) {
        let sheet = json(&company.join("sheet.json"));
        for row in sheet["comparison"]["buildings"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if row["verdict"] == "improved" {
                let [before, after] = park.u(row["oidn"].as_str().expect("a key"));
                assert!(after < before, "{row}");
                improved += 1;
            }
        }
    }
    assert!(improved >= 1);

    // Other results of the first flight: the sheets go without it, and it is said.
    let toml = park.folder.path().join("audit.toml");
    let text = std::fs::read_to_string(&toml).expect("settings");
    std::fs::write(&toml, format!("{text}\n[score]\nindoor_c = 21\n")).expect("written");
    park.run_flight(0, &["--until", "score"]);
    let told = park.run_flight(1, &[]);
    assert!(told.contains("is of other results"), "{told}");
    assert!(park.sheet(1, "B0001")["comparison"].is_null());
}
