//! What a run left of a flight, as far as a comparison needs it.

use crate::compare::Building;
use crate::compare::hotspots::Spot;
use crate::problem::{Problem, Result};
use crate::read::gpkg::{Cell, Rows, rows};
use crate::read::wkb;
use crate::score::Interval;
use ::geo::MultiPolygon;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A row of the companies a run knew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pipeline) struct Member {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) name: String,
    pub(in crate::pipeline) number: String,
    /// `yes`, `no` or `withdrawn`.
    pub(in crate::pipeline) participates: String,
    pub(in crate::pipeline) oidns: Vec<String>,
}

/// A processed flight.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct Flown {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) mosaic: PathBuf,
    /// When it was flown, RFC 3339; the epoch where nobody knows.
    pub(in crate::pipeline) stamp: String,
    pub(in crate::pipeline) buildings: Vec<Building>,
    pub(in crate::pipeline) spots: Vec<Spot>,
    /// Ids of those that a person rejected.
    pub(in crate::pipeline) rejected: BTreeSet<String>,
    /// Parts of roofs that were not judged, by building.
    pub(in crate::pipeline) masked: BTreeMap<String, Vec<MultiPolygon<f64>>>,
    /// Companies as the run knew them.
    pub(in crate::pipeline) companies: Vec<Member>,
    /// Conditions as noted in `run.json`: weather and scoring.
    pub(in crate::pipeline) conditions: Value,
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
        let mut rejected = BTreeSet::new();
        for row in table.rows() {
            if row.text("confirmed") == "no" {
                rejected.insert(row.text("hotspot_id"));
            }
            spots.push(spot(&row).ok_or_else(|| broken("a hotspot has no outline".into()))?);
        }
        let mut masked: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let table = Table::open(&package, "roof_segments")?;
        for row in table.rows().filter(|r| r.number("valid") == Some(0.0)) {
            if let Some(shape) = row.shape() {
                masked.entry(row.text("oidn")).or_default().push(shape);
            }
        }
        let table = Table::open(&package, "companies")?;
        let companies = table.rows().map(|row| member(&row)).collect();
        let contents = Table::open(&package, "gpkg_contents")?;
        let stamp = contents.rows().next().map(|r| r.text("last_change"));
        Ok(Self {
            id: id.to_owned(),
            mosaic: folder.join("mosaic.tif"),
            stamp: stamp.unwrap_or_default(),
            buildings,
            spots,
            rejected,
            masked,
            companies,
            conditions: conditions(&record),
            quality: record["score"]["quality"].as_str().map(str::to_owned),
        })
    }

    /// Digest of what a comparison is made of: other results have another one.
    pub(in crate::pipeline) fn digest(&self) -> String {
        let all = (
            &self.stamp,
            &self.buildings,
            &self.spots,
            &self.rejected,
            &self.masked,
            &self.quality,
        );
        let hash = blake3::hash(format!("{all:?}").as_bytes());
        hash.to_hex().get(..32).unwrap_or_default().to_owned()
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

/// Key of the park of each building of a flight, where the project had several.
pub(in crate::pipeline) fn parks_of(results: &Path, id: &str) -> Result<BTreeMap<String, String>> {
    let table = Table::open(&results.join(id).join("audit.gpkg"), "buildings")?;
    let of_row = |row: Row<'_>| (row.text("oidn"), row.text("park_id"));
    Ok(table.rows().map(of_row).collect())
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

fn member(row: &Row<'_>) -> Member {
    let oidns = row.text("oidns");
    let oidns = oidns.split(';').filter(|o| !o.is_empty());
    Member {
        id: row.text("company_id"),
        name: row.text("name"),
        number: row.text("enterprise_number"),
        participates: row.text("participates"),
        oidns: oidns.map(str::to_owned).collect(),
    }
}

/// Weather and scoring of a flight as its record has them.
fn conditions(record: &Value) -> Value {
    let score = &record["score"];
    serde_json::json!({
        "air_c": score["air_c"], "humidity_pct": score["humidity_pct"],
        "wind_m_s": score["wind_m_s"], "cloud_okta": score["cloud_okta"],
        "sky_c": score["sky_c"], "rain_24h_mm": record["weather"]["rain_24h_mm"],
        "since_sunset_h": score["since_sunset_h"],
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
