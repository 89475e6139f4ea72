//! `changes.gpkg` and `changes.json`.

use super::Compared;
use super::companies::Company;
use super::spots::SpotChange;
use crate::compare::{Building, Change, Normalisation, Verdict};
use crate::geo::crs::Crs;
use crate::problem::Result;
use crate::report::gis;
use crate::survey::Language;
use crate::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};
use crate::write::{atomic, qgis};
use ::geo::Geometry;
use serde_json::{Map, Value as Json, json};
use std::path::Path;

fn columns(kind: ColumnKind, names: &[(&str, &str)]) -> Vec<Column> {
    let column = |(name, meaning): &(&str, &str)| Column {
        name: (*name).to_owned(),
        kind,
        description: (!meaning.is_empty()).then(|| (*meaning).to_owned()),
    };
    names.iter().map(column).collect()
}

fn word(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => Value::Text(text.to_owned()),
    }
}

fn number(value: Option<f64>) -> Value {
    value
        .filter(|v| v.is_finite())
        .map_or(Value::Null, Value::Real)
}

fn digit(class: Option<u8>) -> Value {
    class.map_or(Value::Null, |c| Value::Integer(i64::from(c)))
}

/// Writes `changes.gpkg`; the moment in it is the second flight's.
pub(super) fn layers(
    path: &Path,
    crs: &Crs,
    compared: &Compared<'_>,
    language: Language,
) -> Result<()> {
    let stamp = &compared.flights[1].stamp;
    let mut package = GeoPackage::create(path, crs.epsg(), &crs.name(), &crs.wkt(), stamp)?;
    buildings(&mut package, compared)?;
    hotspots(&mut package, &compared.spots)?;
    for style in gis::changes(language) {
        package.add_style(style.layer, &qgis::qml(&style))?;
    }
    package.finish()
}

fn buildings(package: &mut GeoPackage, compared: &Compared<'_>) -> Result<()> {
    let (real, text, integer) = (ColumnKind::Real, ColumnKind::Text, ColumnKind::Integer);
    let mut list = columns(text, &[("oidn", ""), ("quantity", "u or theta")]);
    list.extend(columns(
        real,
        &[
            ("u_before", "W/m2K, as the first flight says"),
            ("u_after", "W/m2K, as the second flight says"),
            ("theta_before", ""),
            ("theta_after", ""),
            (
                "change",
                "of the quantity, second night brought to the first",
            ),
            ("change_lo", "lower end of the 95 % interval"),
            ("change_hi", "upper end of the 95 % interval"),
            ("mdc", "smallest change one roof alone proves at 95 %"),
            ("p_value", "two-sided, of no change"),
        ],
    ));
    list.extend(columns(
        text,
        &[
            (
                "verdict",
                "improved, worse, no-proven-change, not-comparable",
            ),
            ("reason", "why not comparable"),
        ],
    ));
    list.extend(columns(
        real,
        &[
            (
                "provable",
                "smallest change this roof proves among all compared",
            ),
            ("p_adjusted", "p_value adjusted for the number of buildings"),
            (
                "after_normalised",
                "second flight's value on the first night's scale",
            ),
            (
                "common_fraction",
                "cells both flights judged over those either did",
            ),
        ],
    ));
    list.extend(columns(
        integer,
        &[("class_before", ""), ("class_after", "")],
    ));
    list.extend(columns(text, &[("oidn_before", "key in the first flight")]));
    package.add_layer("buildings", GeometryKind::MultiPolygon, &list)?;
    for (place, change) in compared.comparison.changes.iter().enumerate() {
        let [before, after] = compared.buildings(place);
        let Some(latest) = after.or(before) else {
            continue;
        };
        let u = |b: Option<&Building>| number(b.and_then(|b| b.u).map(|u| u.value));
        let theta = |b: Option<&Building>| number(b.and_then(|b| b.theta));
        let ends = change.interval();
        let common = compared.common[place];
        let values = [
            word(&latest.oidn),
            word(change.quantity.map_or("", |q| q.word())),
            u(before),
            u(after),
            theta(before),
            theta(after),
            number(change.change),
            number(ends.map(|e| e[0])),
            number(ends.map(|e| e[1])),
            number(change.mdc95),
            number(change.p),
            word(change.verdict.word()),
            word(&change.reasons.join(";")),
            number(change.provable),
            number(change.p_adjusted),
            number(change.after_normalised),
            number(common.map(|c| c.fraction)),
            digit(before.and_then(|b| b.class)),
            digit(after.and_then(|b| b.class)),
            word(before.map_or("", |b| &b.oidn)),
        ];
        let shape = Geometry::MultiPolygon(latest.polygon.clone());
        package.insert("buildings", Some(&shape), &values)?;
    }
    Ok(())
}

fn hotspots(package: &mut GeoPackage, spots: &[SpotChange]) -> Result<()> {
    let (real, text) = (ColumnKind::Real, ColumnKind::Text);
    let mut list = columns(
        text,
        &[
            (
                "hotspot_id",
                "of the second flight, or of the first where it is gone",
            ),
            ("oidn", ""),
            ("verdict", "new, gone, persisting"),
        ],
    );
    list.extend(columns(
        real,
        &[("excess_before_w", ""), ("excess_after_w", "")],
    ));
    list.extend(columns(
        text,
        &[
            ("hotspot_id_before", "of the first flight"),
            ("reason", "why there is no verdict"),
        ],
    ));
    package.add_layer("hotspots", GeometryKind::MultiPolygon, &list)?;
    for spot in spots {
        let Some(latest) = spot.latest() else {
            continue;
        };
        let values = [
            word(&latest.id),
            word(&spot.oidn),
            word(spot.verdict.map_or("", |v| v.word())),
            number(spot.before.as_ref().and_then(|s| s.excess_w)),
            number(spot.after.as_ref().and_then(|s| s.excess_w)),
            word(spot.before.as_ref().map_or("", |s| &s.id)),
            word(&spot.reason),
        ];
        let shape = Geometry::MultiPolygon(latest.polygon.clone());
        package.insert("hotspots", Some(&shape), &values)?;
    }
    Ok(())
}

/// Rounded to six digits after the point: a JSON file for people and programs, not for sums.
fn figure(value: Option<f64>) -> Json {
    let value = value.filter(|v| v.is_finite());
    value.map_or(Json::Null, |v| json!((v * 1e6).round() / 1e6))
}

fn line(found: Option<&Normalisation>) -> Json {
    found.map_or(Json::Null, |n| {
        json!({
            "slope": figure(Some(n.line.slope)),
            "intercept": figure(Some(n.line.intercept)),
            "sigma": figure(Some(n.line.sigma)),
            "slope_found": n.sloped, "roofs": n.roofs, "within_3_sigma": n.unchanged,
        })
    })
}

/// Writes `changes.json`.
pub(super) fn json(path: &Path, compared: &Compared<'_>) -> Result<()> {
    let [before, after] = compared.flights;
    let (night, roofs) = &compared.temperature;
    let flight = |f: &super::Flown| {
        json!({
            "id": f.id, "start": f.stamp, "quality": f.quality,
            "buildings": f.buildings.len(), "conditions": f.conditions,
        })
    };
    let mut root = json!({
        "schema": "thermaudit-changes-1",
        "thermaudit": env!("CARGO_PKG_VERSION"),
        "before": flight(before),
        "after": flight(after),
        "settings": {
            "fdr_q": compared.options.fdr_q,
            "min_common_fraction": compared.options.min_common_fraction,
            "block_m": compared.options.block_m,
        },
        "registration": compared.registration.map(|r| json!({
            "shift_m": r.shift_m.map(|v| figure(Some(v))),
            "scatter_m": figure(Some(r.scatter_m)), "roofs": r.roofs,
        })),
        "normalisation": {
            "u": line(compared.comparison.u.as_ref()),
            "theta": line(compared.comparison.theta.as_ref()),
            "temperature": {
                "slope": figure(Some(night.slope)), "intercept_c": figure(Some(night.intercept)),
                "sigma_k": figure(Some(night.sigma)), "roofs": roofs,
            },
        },
        "results": { "before": before.digest(), "after": after.digest() },
        "counts": counts(compared),
        "classes": classes(compared),
    });
    let changes = compared.comparison.changes.iter().enumerate();
    root["buildings"] = changes
        .filter_map(|(place, change)| building(compared, place, change))
        .collect();
    root["hotspots"] = compared.spots.iter().filter_map(hotspot).collect();
    root["companies"] = compared.companies.iter().map(company).collect();
    root["trend"] = trend(compared);
    let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
    text.push('\n');
    atomic::write_file(path, text.as_bytes())
}

fn counts(compared: &Compared<'_>) -> Json {
    let mut counts = Map::new();
    for verdict in Verdict::ALL {
        counts.insert(verdict.word().to_owned(), json!(compared.count(verdict)));
    }
    Json::Object(counts)
}

fn classes(compared: &Compared<'_>) -> Json {
    json!({
        "order": ["1", "2", "3", "4", "5", "6", "none"],
        "before_by_after": compared.class_matrix(),
    })
}

fn building(compared: &Compared<'_>, place: usize, change: &Change) -> Option<Json> {
    let [before, after] = compared.buildings(place);
    let (same, common) = (compared.same[place], compared.common[place]);
    let side = |b: Option<&Building>| {
        b.map(|b| {
            json!({
                "oidn": b.oidn, "u_w_m2k": figure(b.u.map(|u| u.value)), "theta": figure(b.theta),
                "class": b.class, "grade": b.grade.map(String::from), "material": b.material,
            })
        })
    };
    Some(json!({
        "oidn": after.or(before)?.oidn,
        "before": side(before), "after": side(after),
        "identity": match (same.before.is_some() && same.after.is_some(), same.by_key) {
            (false, _) => "alone",
            (true, true) => "key",
            (true, false) => "overlap",
        },
        "iou": figure(Some(same.iou)),
        "common_fraction": figure(common.map(|c| c.fraction)),
        "cells": common.map(|c| c.cells),
        "independent_cells": figure(common.map(|c| c.n_eff)),
        "moved_k": common.map(|c| c.moved.map(|m| figure(Some(m.by_k)))),
        "quantity": change.quantity.map(|q| q.word()),
        "after_normalised": figure(change.after_normalised),
        "change": figure(change.change), "sigma": figure(change.sigma),
        "interval": change.interval().map(|i| i.map(|v| figure(Some(v)))),
        "p_value": figure(change.p), "p_adjusted": figure(change.p_adjusted),
        "mdc95": figure(change.mdc95), "provable": figure(change.provable),
        "verdict": change.verdict.word(), "reasons": change.reasons,
    }))
}

fn hotspot(spot: &SpotChange) -> Option<Json> {
    let latest = spot.latest()?;
    let side = |s: Option<&crate::compare::hotspots::Spot>| {
        s.map(|s| json!({ "id": s.id, "excess_k": figure(Some(s.excess_k)), "excess_w": figure(s.excess_w) }))
    };
    Some(json!({
        "hotspot_id": latest.id, "oidn": spot.oidn,
        "verdict": spot.verdict.map(|v| v.word()),
        "reason": (!spot.reason.is_empty()).then_some(&spot.reason),
        "before": side(spot.before.as_ref()), "after": side(spot.after.as_ref()),
        "shown_by_the_other_k": figure(spot.elsewhere_k),
    }))
}

/// A company in both flights; its name stands only where it takes part.
fn company(company: &Company) -> Json {
    let mut row = json!({
        "company_id": company.id,
        "change": company.state.word(),
        "held_in_both": company.held,
    });
    if !company.name.is_empty() {
        row["name"] = json!(company.name);
    }
    if let Some(former) = &company.former_id {
        row["company_id_before"] = json!(former);
    }
    if let Some(by) = company.by {
        row["found_by"] = json!(by);
    }
    row
}

/// Normalised U of every building through all flights; null with fewer than three.
fn trend(compared: &Compared<'_>) -> Json {
    let Some(trend) = &compared.trend else {
        return Json::Null;
    };
    let buildings: Vec<Json> = trend
        .oidns
        .iter()
        .zip(&trend.series)
        .map(|(oidn, series)| {
            let values: Vec<Json> = series.values.iter().map(|v| figure(*v)).collect();
            json!({
                "oidn": oidn, "u_normalised": values, "u_per_year": figure(series.per_year),
                "interval": series.interval().map(|i| i.map(|v| figure(Some(v)))),
                "p_adjusted": figure(series.p_adjusted),
            })
        })
        .collect();
    json!({ "flights": trend.flights, "buildings": buildings })
}

impl<'a> Compared<'a> {
    /// Buildings by class before (rows) and after (columns), class 1 to 6 and none.
    pub(super) fn class_matrix(&self) -> [[u32; 7]; 7] {
        let mut matrix = [[0_u32; 7]; 7];
        for place in 0..self.same.len() {
            if let [Some(before), Some(after)] = self.buildings(place) {
                let row = |c: Option<u8>| c.map_or(6, |c| usize::from(c.clamp(1, 6)) - 1);
                matrix[row(before.class)][row(after.class)] += 1;
            }
        }
        matrix
    }

    /// A building before and after, by place in the list of changes.
    fn buildings(&self, place: usize) -> [Option<&'a Building>; 2] {
        let same = self.same[place];
        let of = |flight: usize, at: Option<usize>| {
            at.and_then(|i| self.flights[flight].buildings.get(i))
        };
        [of(0, same.before), of(1, same.after)]
    }
}
