//! Building outlines.
//!
//! In: a layer of polygons in a GeoPackage, GeoJSON, shapefile or FlatGeobuf; the regional
//! building layer works unchanged.
//! Out: [`Outline`]s in the project's system, all faults of the file at once, and warnings for
//! what is legal but suspicious (an export cut at 10 000 features, outlines far apart).
//!
//! Coordinates of another system go through ETRS89 longitude and latitude with the project's
//! own datum shift.
//!
//! Not here: dropping small buildings, buffers (`segment`).

mod checks;
mod shape;

pub(super) use checks::warn_if_cut;

use std::collections::BTreeMap;
use std::path::Path;

use geo::MultiPolygon;

use super::layer::{Layer, Shape};
use super::system::Way;
use super::table::{Bound, Column, Mapping, Outcome, Report, Row, Schema, file_name, key_text};
use super::vector;
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::survey::Outline;

/// Columns of the outlines. `GRB_OIDN` and `HN_P99` are those of the regional 3D layer.
pub const SCHEMA: Schema = Schema {
    name: "buildings",
    columns: &[
        Column {
            name: "oidn",
            aliases: &["grb_oidn", "gebouw_id", "building_id"],
        },
        Column {
            name: "name",
            aliases: &["naam"],
        },
        Column {
            name: "material",
            aliases: &["dakmateriaal", "materiaal"],
        },
        Column {
            name: "u_value",
            aliases: &["u_waarde"],
        },
        Column {
            name: "indoor_c",
            aliases: &["binnentemp_c"],
        },
        Column {
            name: "height_m",
            aliases: &["hoogte_m", "hn_p99"],
        },
        Column {
            name: "reference",
            aliases: &["referentie"],
        },
        Column {
            name: "uidn",
            aliases: &["grb_uidn"],
        },
        Column {
            name: "version_date",
            aliases: &["versdatum"],
        },
    ],
    ignored: &[],
    closed: false,
};

/// Reads building outlines into the project's system.
///
/// # Errors
/// All faults of the file: no readable layer, no key column, empty or doubled keys, missing,
/// crossing or unreachable polygons, wrong numbers; each with its feature.
pub fn read(path: &Path, mapping: &Mapping, crs: &Crs) -> Outcome<Vec<Outline>> {
    let report = Report::new(file_name(path));
    match open(path, mapping) {
        Ok(layer) => from_layer(&layer, mapping, crs, report),
        Err(problem) => report.stop(problem),
    }
}

fn open(path: &Path, mapping: &Mapping) -> Result<Layer> {
    let key = SCHEMA.columns.first().map_or(&[][..], |c| c.aliases);
    let mut preferred = mapping.theirs("oidn").to_vec();
    preferred.push("oidn".to_string());
    preferred.extend(key.iter().map(ToString::to_string));
    vector::layer(path, &preferred, &["gbg", "buildings", "gebouw"])
}

/// Understands a layer that was read already.
///
/// # Errors
/// As [`read`].
pub fn from_layer(
    layer: &Layer,
    mapping: &Mapping,
    crs: &Crs,
    mut report: Report,
) -> Outcome<Vec<Outline>> {
    for what in &layer.warnings {
        report.warn(Problem::setting(what.clone()));
    }
    let bound = Bound::new(&layer.table, &SCHEMA, mapping, &mut report);
    let keyed = bound.require(&["oidn"], &mut report);
    let way = match Way::new(layer, crs, &mut report) {
        Ok(way) => way,
        Err(problem) => return report.stop(problem),
    };
    let mut outlines = Vec::with_capacity(layer.shapes.len());
    let mut first_use = BTreeMap::new();
    for (row, shape) in bound.rows().zip(&layer.shapes) {
        let oidn = key_text(row.text("oidn"));
        if keyed {
            check_key(&row, oidn, &mut first_use, &mut report);
        }
        let polygon = settle(&row, shape, &way, &mut report);
        let outline = outline(
            &row,
            oidn,
            polygon.unwrap_or(MultiPolygon(Vec::new())),
            &mut report,
        );
        outlines.push(outline);
    }
    checks::whole(&outlines, layer, crs, &mut report);
    report.finish(outlines)
}

fn check_key<'r>(
    row: &Row<'_>,
    oidn: &'r str,
    first_use: &mut BTreeMap<&'r str, super::table::Place>,
    report: &mut Report,
) {
    if oidn.is_empty() {
        row.fault("oidn", "is empty, expected a key".into(), report);
    } else if let Some(first) = first_use.insert(oidn, row.place()) {
        let what = format!("\"{oidn}\" occurs at {first}, too, expected once");
        row.fault("oidn", what, report);
    }
}

fn outline(row: &Row<'_>, oidn: &str, polygon: MultiPolygon<f64>, report: &mut Report) -> Outline {
    let words = [
        ("true", true),
        ("yes", true),
        ("ja", true),
        ("1", true),
        ("false", false),
        ("no", false),
        ("nee", false),
        ("0", false),
    ];
    Outline {
        oidn: oidn.to_string(),
        name: row.some_text("name").map(str::to_string),
        polygon,
        material: row.some_text("material").map(str::to_string),
        u_value: row.number("u_value", 0.05..=10.0, report),
        indoor_c: row.number("indoor_c", -40.0..=60.0, report),
        height_m: row.number("height_m", 0.0..=300.0, report),
        reference: row
            .choice("reference", &words, "true or false", report)
            .unwrap_or(false),
        uidn: row.some_text("uidn").map(key_text).map(Into::into),
        version_date: row.some_text("version_date").map(str::to_string),
    }
}

/// The polygon in the project's system, checked; `None` after a fault.
fn settle(
    row: &Row<'_>,
    found: &Shape,
    way: &Way<'_>,
    report: &mut Report,
) -> Option<MultiPolygon<f64>> {
    let checked = way.polygon(found).and_then(|polygon| {
        let odd = shape::check(&polygon)?;
        Ok((polygon, odd))
    });
    let named = |what: String| match row.some_text("oidn") {
        Some(oidn) => format!("building {} {what}", key_text(oidn)),
        None => what,
    };
    match checked {
        Ok((polygon, odd)) => {
            if let Some(what) = odd {
                report.warn_at(row.place(), named(what));
            }
            Some(polygon)
        }
        Err(what) => {
            let hint = "repair the geometry in a GIS, or leave the building out";
            report.fault_at(row.place(), named(what), Some(hint));
            None
        }
    }
}

#[cfg(test)]
mod tests;
