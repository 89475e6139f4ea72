//! What a run left of a flight, as far as a comparison needs it.

use crate::compare::Building;
use crate::compare::hotspots::Spot;
use crate::problem::{Problem, Result};
use crate::read::gpkg::{Cell, Rows, rows};
use crate::read::wkb;
use crate::score::Interval;
use ::geo::MultiPolygon;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A processed flight.
pub(in crate::pipeline) struct Flown {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) mosaic: PathBuf,
    /// When it was flown, RFC 3339; the epoch where nobody knows.
    pub(in crate::pipeline) stamp: String,
    pub(in crate::pipeline) buildings: Vec<Building>,
    pub(in crate::pipeline) spots: Vec<Spot>,
    /// Parts of roofs that were not judged, by building.
    pub(in crate::pipeline) masked: BTreeMap<String, Vec<MultiPolygon<f64>>>,
    /// Quality of the flight as scored: A, B, C, Rejected.
    pub(in crate::pipeline) quality: Option<String>,
}

/// Faults of the request, all at once: one flight named twice, flights without results.
pub(super) fn check(results: &Path, flights: [&str; 2]) -> std::result::Result<(), Vec<Problem>> {
    let mut faults = Vec::new();
    if flights[0] == flights[1] {
        let what = format!("both flights are {}, expected two", flights[0]);
        faults.push(Problem::setting(what).field("FLIGHT_B"));
    }
    for (id, field) in flights.iter().zip(["FLIGHT_A", "FLIGHT_B"]) {
        let folder = results.join(id);
        // The last file of a flight.
        let plain = Path::new(id).components().count() == 1;
        let done =
            plain && folder.join("run.json").is_file() && folder.join("audit.gpkg").is_file();
        if !done {
            let fault = Problem::setting(format!("flight {id} has no results"))
                .field(field)
                .in_file(folder.display().to_string())
                .hint(format!("thermaudit run PROJECT --flight {id} makes them"));
            faults.push(fault);
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

impl Flown {
    /// Reads the results of a flight.
    pub(in crate::pipeline) fn read(results: &Path, id: &str) -> Result<Self> {
        let folder = results.join(id);
        let package = folder.join("audit.gpkg");
        let record = record(&folder.join("run.json"))?;
        let indoor_c = record["settings"]["score"]["indoor_c"]["value"]
            .as_f64()
            .unwrap_or(18.0);
        let broken = |what: String| {
            Problem::broken(what)
                .in_file(package.display().to_string())
                .hint("thermaudit run makes it again")
        };
        let table = Table::open(&package, "buildings")?;
        let mut buildings = Vec::new();
        for row in table.rows() {
            let building = building(&row, indoor_c);
            buildings.push(building.ok_or_else(|| broken("a building has no outline".into()))?);
        }
        let table = Table::open(&package, "hotspots")?;
        let mut spots = Vec::new();
        for row in table.rows() {
            spots.push(spot(&row).ok_or_else(|| broken("a hotspot has no outline".into()))?);
        }
        let mut masked: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let table = Table::open(&package, "roof_segments")?;
        for row in table.rows().filter(|r| r.number("valid") == Some(0.0)) {
            if let Some(shape) = row.shape() {
                masked.entry(row.text("oidn")).or_default().push(shape);
            }
        }
        let contents = Table::open(&package, "gpkg_contents")?;
        let stamp = contents.rows().next().map(|r| r.text("last_change"));
        Ok(Self {
            id: id.to_owned(),
            mosaic: folder.join("mosaic.tif"),
            stamp: stamp.unwrap_or_default(),
            buildings,
            spots,
            masked,
            quality: record["score"]["quality"].as_str().map(str::to_owned),
        })
    }

    /// Why nothing of the flight can be compared; `None` where it can.
    pub(super) fn spoilt(&self) -> Option<&'static str> {
        let good = ["A", "B", "C"];
        let known = self.quality.as_deref();
        (!known.is_some_and(|q| good.contains(&q))).then_some("flight-rejected")
    }

    /// When it was flown, in years since 1970.
    pub(super) fn years(&self) -> Option<f64> {
        let moment: jiff::Timestamp = self.stamp.parse().ok()?;
        Some(moment.as_second() as f64 / (365.25 * 86_400.0)).filter(|y| *y > 1.0)
    }
}

fn record(path: &Path) -> Result<Value> {
    let name = || path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| Problem::from(e).in_file(name()))?;
    serde_json::from_slice(&bytes).map_err(|e| {
        Problem::broken(format!("is no JSON ({e})"))
            .in_file(name())
            .hint("thermaudit run makes it again")
    })
}

/// A table with its columns by name.
struct Table {
    places: BTreeMap<String, usize>,
    rows: Rows,
}

struct Row<'a> {
    table: &'a Table,
    cells: &'a [Cell],
}

impl Table {
    fn open(path: &Path, name: &str) -> Result<Self> {
        let rows = rows(path, name).map_err(|p| p.in_file(path.display().to_string()))?;
        let places = rows.columns.iter().cloned().zip(0..).collect();
        Ok(Self { places, rows })
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let rows = self.rows.rows.iter();
        rows.map(|cells| Row { table: self, cells })
    }
}

impl Row<'_> {
    fn cell(&self, name: &str) -> &Cell {
        let place = self.table.places.get(name);
        place
            .and_then(|p| self.cells.get(*p))
            .unwrap_or(&Cell::Null)
    }

    fn number(&self, name: &str) -> Option<f64> {
        match self.cell(name) {
            Cell::Real(v) => Some(*v).filter(|v| v.is_finite()),
            Cell::Integer(v) => Some(*v as f64),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> String {
        match self.cell(name) {
            Cell::Text(text) => text.clone(),
            _ => String::new(),
        }
    }

    fn shape(&self) -> Option<MultiPolygon<f64>> {
        match self.cell("geom") {
            Cell::Blob(blob) => wkb::polygons_of(wkb::from_gpkg(blob).ok()??).ok(),
            _ => None,
        }
    }
}

fn building(row: &Row<'_>, indoor_c: f64) -> Option<Building> {
    let interval = |value: &str, low: &str, high: &str| {
        Some(Interval {
            value: row.number(value)?,
            low: row.number(low)?,
            high: row.number(high)?,
        })
    };
    let u = interval("u_w_m2k", "u_lo_w_m2k", "u_hi_w_m2k");
    let anchor_u = row.number("anchor_u_w_m2k");
    let itself = row.number("delta_reference_k") == Some(0.0);
    let same_u = |u: Interval| anchor_u.is_some_and(|a| (a - u.value).abs() < 1e-6);
    let reasons = row.text("reasons");
    let codes = reasons.split(';').filter_map(|r| r.strip_prefix('R'));
    let class = row.number("class").map(|c| c as u8);
    Some(Building {
        oidn: row.text("oidn"),
        polygon: row.shape()?,
        median_c: row.number("t_median_c"),
        material: row.text("material").replace(" (estimated)", ""),
        class: class.filter(|c| (1..=6).contains(c)),
        grade: row.text("grade").chars().next(),
        reasons: codes.filter_map(|c| c.parse().ok()).collect(),
        u,
        u_unshared: row.number("u_unshared_w_m2k"),
        flux_w_m2: row.number("flux_w_m2"),
        told_u: row.text("anchor") == "a" && itself && u.is_some_and(same_u),
        theta: row.number("theta"),
        indoor_c,
    })
}

fn spot(row: &Row<'_>) -> Option<Spot> {
    Some(Spot {
        id: row.text("hotspot_id"),
        oidn: row.text("oidn"),
        polygon: row.shape()?,
        centre: [row.number("x_m")?, row.number("y_m")?],
        excess_k: row.number("excess_mean_k")?,
        excess_w: row.number("excess_w"),
    })
}
