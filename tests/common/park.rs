//! A simulated park, its truth, and what a run made of it.

use super::{stderr, thermaudit};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A written park in a folder of its own.
pub struct Park {
    folder: tempfile::TempDir,
    pub flight: String,
    pub truth: Value,
}

/// One row of the `hotspots` layer.
pub struct Hotspot {
    pub oidn: String,
    pub kind: String,
    pub segment_id: String,
    pub x_m: f64,
    pub y_m: f64,
    pub area_m2: f64,
    pub grade: String,
    /// Value and 95 % interval; `None` without weather.
    pub excess_w: Option<[f64; 3]>,
}

impl Park {
    /// Simulates a tiny park with `more` arguments.
    pub fn simulate(seed: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().to_string_lossy().into_owned();
        let arguments = [
            &[
                "-q", "simulate", &path, "--seed", seed, "--scale", "tiny", "--visits", "0",
            ],
            more,
        ];
        let output = thermaudit(&arguments.concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let text = std::fs::read_to_string(folder.path().join("truth/truth.json"));
        let truth: Value = serde_json::from_str(&text.expect("truth")).expect("JSON");
        let flight = truth["flights"][0]["id"].as_str().expect("an id");
        Self {
            flight: flight.to_owned(),
            folder,
            truth,
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn run(&self) -> Output {
        thermaudit(&["-q", "run", &self.path().to_string_lossy()])
    }

    /// Runs; everything must go well.
    pub fn run_well(&self) {
        let output = self.run();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }

    pub fn results(&self) -> PathBuf {
        self.path().join("results").join(&self.flight)
    }

    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.results().join("audit.gpkg")).expect("the GeoPackage opens")
    }

    /// Cell size of the map, metres.
    pub fn gsd_m(&self) -> f64 {
        let text = std::fs::read_to_string(self.results().join("run.json")).expect("run.json");
        let run: Value = serde_json::from_str(&text).expect("JSON");
        number(&run["mosaic"]["gsd_m"])
    }

    pub fn hotspots(&self) -> Vec<Hotspot> {
        let database = self.database();
        let sql = "SELECT oidn, kind, segment_id, x_m, y_m, area_m2, grade, excess_w, \
                   excess_lo_w, excess_hi_w FROM hotspots";
        let mut query = database.prepare(sql).expect("a layer");
        let rows = query.query_map([], |r| {
            let watts: [Option<f64>; 3] = [r.get(7)?, r.get(8)?, r.get(9)?];
            Ok(Hotspot {
                oidn: r.get(0)?,
                kind: r.get(1)?,
                segment_id: r.get(2)?,
                x_m: r.get(3)?,
                y_m: r.get(4)?,
                area_m2: r.get(5)?,
                grade: r.get(6)?,
                excess_w: match watts {
                    [Some(value), Some(low), Some(high)] => Some([value, low, high]),
                    _ => None,
                },
            })
        });
        rows.expect("rows").map(|row| row.expect("a row")).collect()
    }

    /// A list of the truth.
    pub fn list(&self, name: &str) -> &[Value] {
        self.truth[name].as_array().expect("a list")
    }

    pub fn building(&self, oidn: &str) -> &Value {
        let mut all = self.list("buildings").iter();
        all.find(|b| b["oidn"] == oidn).expect("a building")
    }

    /// The thing or fault nearest to a hotspot's centre, at most `tolerance_m` away.
    pub fn under(&self, hotspot: &Hotspot, tolerance_m: f64) -> Option<&Value> {
        let all = self
            .list("anomalies")
            .iter()
            .chain(self.list("distractors"));
        all.filter(|o| o["oidn"] == hotspot.oidn.as_str())
            .map(|o| (hotspot.distance(o), o))
            .filter(|(far, _)| *far <= tolerance_m)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, o)| o)
    }
}

impl Hotspot {
    /// Distance of the centre from a thing or fault of the truth, metres; 0 inside.
    pub fn distance(&self, object: &Value) -> f64 {
        distance(self.x_m, self.y_m, &points(&object["polygon"]))
    }
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

pub fn points(value: &Value) -> Vec<(f64, f64)> {
    let list = value.as_array().expect("a list of points");
    list.iter()
        .map(|p| (number(&p[0]), number(&p[1])))
        .collect()
}

pub fn inside(x: f64, y: f64, polygon: &[(f64, f64)]) -> bool {
    let mut inside = false;
    for (a, b) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
        if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}

/// Distance of a point from a polygon, metres; 0 inside.
pub fn distance(x: f64, y: f64, polygon: &[(f64, f64)]) -> f64 {
    let mut nearest = f64::INFINITY;
    for (a, b) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length2 = (dx * dx + dy * dy).max(1e-12);
        let t = (((x - a.0) * dx + (y - a.1) * dy) / length2).clamp(0.0, 1.0);
        nearest = nearest.min((x - a.0 - t * dx).hypot(y - a.1 - t * dy));
    }
    if inside(x, y, polygon) { 0.0 } else { nearest }
}
