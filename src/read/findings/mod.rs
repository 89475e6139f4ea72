//! Findings on site: one row per picture that shows something.
//!
//! In: `findings.csv`, `.xlsx` or `.ods` of a visit, begun by `init` and completed by a person. Out:
//! [`Finding`] per row in the order of the file, and every fault.
//!
//! A visit is not repeated for a typing error: a cell that cannot be read is left out and named, the
//! row stands; only a row without picture goes.
//!
//! Not here: whether the pictures are there and what they show (`pipeline`).

mod append;
mod columns;
mod markers;
mod words;

pub use append::{Cells, table, with_rows};
pub use columns::SCHEMA;
pub use markers::{parse as parse_markers, text as markers_text};

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use jiff::civil::{Date, DateTime};

use super::dates::iso;
use super::table::{Bound, Mapping, Place, Report, Row, Table, file_name};
use crate::problem::Problem;
use crate::survey::{Alarm, ElectricalFacts, Finding, FoundParameters, MeasurementTool};

/// Longest text of a cell, characters: more than half a page has room for.
const LONGEST: usize = 800;
/// Temperatures a row may give, °C.
const CELSIUS: RangeInclusive<f64> = -100.0..=2000.0;
/// Emissivity below which a reading is more reflection than surface.
const DOUBTFUL_EMISSIVITY: f64 = 0.1;

/// The rows of a file with what was wrong in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Rows with a picture.
    pub rows: Vec<Finding>,
    /// Cells and rows that were left out.
    pub faults: Vec<Problem>,
    /// What was odd but taken.
    pub warnings: Vec<Problem>,
}

/// Reads the findings; `shown` names the file in messages.
///
/// # Errors
/// The file cannot be read, is no table, or has no column for the picture.
pub fn read(path: &Path, shown: &str, mapping: &Mapping) -> Result<Findings, Vec<Problem>> {
    let mut report = Report::new(shown);
    match Table::open(path, &mut report) {
        Ok(mut table) => {
            table.file = shown.to_owned();
            from_table(&table, mapping, report)
        }
        Err(problem) => Err(vec![problem.in_file(shown)]),
    }
}

/// The same from the bytes of a text table; `file` is used in messages only.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(file: &str, bytes: &[u8], mapping: &Mapping) -> Result<Findings, Vec<Problem>> {
    let mut report = Report::new(file_name(Path::new(file)));
    match Table::from_bytes(file, bytes, &mut report) {
        Ok(table) => from_table(&table, mapping, report),
        Err(problem) => Err(vec![problem]),
    }
}

fn from_table(
    table: &Table,
    mapping: &Mapping,
    mut report: Report,
) -> Result<Findings, Vec<Problem>> {
    table.kept_by_hand().map_err(|problem| vec![problem])?;
    let bound = Bound::new(table, &SCHEMA, mapping, &mut report);
    let before = report.faults().len();
    bound.require(&["image"], &mut report);
    if report.faults().len() > before {
        return Err(report.faults().to_vec());
    }
    let mut rows: Vec<Finding> = Vec::new();
    let mut ids: BTreeMap<String, Place> = BTreeMap::new();
    for row in bound.rows() {
        let Some(mut finding) = finding(&row, &mut report) else {
            continue;
        };
        if !finding.finding_id.is_empty() {
            match ids.get(&finding.finding_id) {
                Some(place) => {
                    let what = format!("is that of {place}, too: this row gets one of its own");
                    row.fault("finding_id", what, &mut report);
                    finding.finding_id.clear();
                }
                None => {
                    ids.insert(finding.finding_id.clone(), row.place());
                }
            }
        }
        rows.push(finding);
    }
    Ok(Findings {
        rows,
        faults: report.faults().to_vec(),
        warnings: report.warnings().to_vec(),
    })
}

fn finding(row: &Row<'_>, report: &mut Report) -> Option<Finding> {
    let image = row.text("image").to_owned();
    if image.is_empty() {
        let hint = "write the file name of the thermogram, or delete the row";
        report.fault_at(row.place(), "names no picture: left out", Some(hint));
        return None;
    }
    if image.contains(['/', '\\']) || image.starts_with('.') {
        let what = format!("is \"{image}\", expected the name of a file in the visit's folder");
        row.fault("image", what, report);
        return None;
    }
    let text = |name: &str, report: &mut Report| bounded(row, name, report);
    let percent =
        |name: &str, report: &mut Report| row.number(name, 0.0..=100.0, report).map(|p| p / 100.0);
    let celsius = |name: &str, report: &mut Report| row.number(name, CELSIUS, report);
    let (markers, object) = own_markers(row, report);
    let finding = Finding {
        place: row.place().to_string(),
        image,
        finding_id: text("finding_id", report),
        company_id: row.text("company_id").to_owned(),
        kind: row.choice(
            "kind",
            words::KINDS,
            "building, electrical, mechanical, steam-trap, pipe, pv or other",
            report,
        ),
        location: text("location", report),
        component: text("component", report),
        reference: text("reference_image_or_marker", report),
        observation: text("observation", report),
        recommendation: text("recommendation", report),
        cause: text("cause", report),
        certainty: row.choice(
            "certainty",
            words::CERTAINTIES,
            "likely, possible or uncertain",
            report,
        ),
        action_by: text("action_by", report),
        term: text("term", report),
        severity: severity(row, report),
        status: row.choice("status", words::STATUSES, "open, checked or solved", report),
        hotspot_id: text("hotspot_id", report),
        hotspot_found: row.choice("hotspot_found", words::YES_NO, "yes or no", report),
        time: time(row, report),
        visible_image: text("visible_image", report),
        object,
        markers,
        radiometry: FoundParameters {
            emissivity: emissivity(row, report),
            distance_m: row.number("distance_m", 0.0..=10_000.0, report),
            reflected_c: celsius("reflected_c", report),
            air_c: celsius("air_c", report),
            humidity: percent("humidity_pct", report),
            window_c: celsius("window_c", report),
            window_transmission: row.number("window_transmission", 0.01..=1.0, report),
            air: None,
        },
        outside: row.choice("side", words::SIDES, "inside or outside", report),
        indoor_c: celsius("indoor_c", report),
        outdoor_c: celsius("outdoor_c", report),
        wind_m_s: row.number("wind_m_s", 0.0..=60.0, report),
        storey: text("storey", report),
        orientation: text("orientation", report),
        indoor_humidity: percent("indoor_humidity_pct", report),
        pressure_pa: row.number("pressure_pa", -500.0..=500.0, report),
        before_image: text("before_image", report),
        area_m2: above_zero(row, "area_m2", 1e6, report),
        electrical: electrical(row, report),
        operating_state: text("operating_state", report),
        load: row
            .number("load_pct", 0.0..=300.0, report)
            .map(|p| p / 100.0),
        steam_pressure_bar: row.number("steam_pressure_bar", 0.01..=220.0, report),
        irradiance_w_m2: row.number("irradiance_w_m2", 0.0..=1500.0, report),
        view: row.choice(
            "view",
            words::VIEWS,
            "side-by-side, blended, edges or picture-in-picture",
            report,
        ),
        alarm: alarm(row, report),
    };
    Some(finding)
}

fn electrical(row: &Row<'_>, report: &mut Report) -> ElectricalFacts {
    let mut current = |name: &str| row.number(name, 0.0..=100_000.0, report);
    let currents = ["current_l1_a", "current_l2_a", "current_l3_a"].map(&mut current);
    let (current_a, neutral_a) = (current("current_a"), current("current_n_a"));
    ElectricalFacts {
        board: bounded(row, "board", report),
        circuit: bounded(row, "circuit", report),
        phase: bounded(row, "phase", report),
        current_a,
        rated_a: above_zero(row, "rated_a", 100_000.0, report),
        phase_currents_a: currents,
        neutral_a,
        voltage_v: row.number("voltage_v", 0.0..=1_000_000.0, report),
        manufacturer: bounded(row, "manufacturer", report),
        cover: row.choice("cover", words::COVERS, "open, window or closed", report),
        limit_c: row.number("limit_c", CELSIUS, report),
    }
}

/// A text of people, with an end.
fn bounded(row: &Row<'_>, name: &str, report: &mut Report) -> String {
    let text = row.text(name);
    let length = text.chars().count();
    if length > LONGEST {
        let what = format!("has {length} characters: the first {LONGEST} are printed");
        row.fault(name, what, report);
    }
    text.chars().take(LONGEST).collect()
}

fn above_zero(row: &Row<'_>, name: &str, most: f64, report: &mut Report) -> Option<f64> {
    let value = row.number(name, 0.0..=most, report)?;
    if value <= 0.0 {
        let what = format!("is {value}, expected more than 0: not used");
        row.fault(name, what, report);
        return None;
    }
    Some(value)
}

fn emissivity(row: &Row<'_>, report: &mut Report) -> Option<f64> {
    let value = row.number("emissivity", 0.01..=1.0, report)?;
    if value < DOUBTFUL_EMISSIVITY {
        let what = format!(
            "is {value}: nearly all of what the camera sees is reflection; nothing is rated"
        );
        row.warn("emissivity", what, report);
    }
    Some(value)
}

fn severity(row: &Row<'_>, report: &mut Report) -> Option<u8> {
    // Electrical findings may be written as P1 … P4, which is 4 … 1.
    let cell = row.text("severity");
    if let Some(priority) = cell.strip_prefix(['P', 'p'])
        && let Ok(priority @ 1..=4) = priority.trim().parse::<u8>()
    {
        return Some(5 - priority);
    }
    let value = row.number("severity", 1.0..=4.0, report)?;
    if value.fract() != 0.0 {
        let what = format!("is {value}, expected 1, 2, 3, 4 or P1 to P4");
        row.fault("severity", what, report);
        return None;
    }
    Some(value as u8)
}

fn time(row: &Row<'_>, report: &mut Report) -> Option<DateTime> {
    let cell = row.text("time");
    if cell.is_empty() {
        return None;
    }
    let day = iso(cell);
    let clock = cell.split_once([' ', 'T']).map_or("", |(_, clock)| clock);
    let found = match clock.is_empty() {
        true => day.parse::<Date>().ok().map(|d| d.at(0, 0, 0, 0)),
        false => format!("{day}T{clock}").parse::<DateTime>().ok(),
    };
    if found.is_none() {
        let what = format!("is \"{cell}\", expected a local time such as 2026-03-19T10:31:05");
        row.fault("time", what, report);
    }
    found
}

/// Own markers, and the label of one of the camera's that the row is about.
fn own_markers(row: &Row<'_>, report: &mut Report) -> (Vec<MeasurementTool>, String) {
    let (found, wrong) = markers::parse(row.text("markers"));
    let mut object = String::new();
    for text in wrong {
        if object.is_empty() && markers::is_label(&text) {
            object = text;
            continue;
        }
        let what = format!(
            "holds \"{text}\", expected Sp x y, Bx x y w h, El x y a b, Li x1 y1 x2 y2, or the \
             label of a marker of the camera: left out"
        );
        row.fault("markers", what, report);
    }
    (found, object)
}

fn alarm(row: &Row<'_>, report: &mut Report) -> Option<Alarm> {
    let cell = row.text("alarm").to_lowercase();
    if cell.is_empty() {
        return None;
    }
    let words: Vec<&str> = cell.split_whitespace().collect();
    let number = |text: &str| {
        let value = text.replace(',', ".").parse::<f64>().ok();
        value.filter(|v| CELSIUS.contains(v))
    };
    let found = match words.as_slice() {
        ["dew" | "dauwpunt"] => Some(Alarm::Dew),
        ["mould" | "schimmel"] => Some(Alarm::Mould),
        ["above" | "boven", t] => number(t).map(Alarm::Above),
        ["below" | "onder", t] => number(t).map(Alarm::Below),
        ["between" | "tussen", low, high] => number(low)
            .zip(number(high))
            .filter(|(low, high)| low < high)
            .map(|(low, high)| Alarm::Between(low, high)),
        _ => None,
    };
    if found.is_none() {
        let what =
            format!("is \"{cell}\", expected above T, below T, between T1 T2, mould or dew (°C)");
        row.fault("alarm", what, report);
    }
    found
}

#[cfg(test)]
mod tests;
