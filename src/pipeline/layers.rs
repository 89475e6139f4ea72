//! `audit.gpkg`: the results as layers, one row per frame, building, roof part and hotspot.

use super::flight::{FrameRow, FrameStatus};
use crate::geo::crs::Crs;
use crate::problem::Result;
use crate::report::gis;
use crate::score::{
    ClassMode, Coldspot, Hotspot, Interval, Reason, RoofScore, RoofSegment, RoofStatistics,
};
use crate::survey::{Company, Language, Link, Outline, Participation, Review};
use crate::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};
use crate::write::qgis;
use ::geo::{Geometry, MultiPolygon, Point};
use std::collections::BTreeMap;
use std::path::Path;

/// Everything the layers are made from.
pub(crate) struct Layers<'a> {
    pub(crate) frames: &'a [FrameRow],
    pub(crate) outlines: &'a [Outline],
    pub(crate) roofs: &'a [RoofScore],
    pub(crate) hotspots: &'a [Hotspot],
    pub(crate) coldspots: &'a [Coldspot],
    pub(crate) segments: &'a [RoofSegment],
    pub(crate) companies: &'a [Company],
    pub(crate) links: &'a [Link],
    /// Keys of parks by building.
    pub(crate) parks: &'a BTreeMap<String, String>,
    /// Class of every company as its sheet prints it; none where it may have none.
    pub(crate) classes: &'a BTreeMap<String, u8>,
    /// Of titles and legends.
    pub(crate) language: Language,
}

/// Writes `audit.gpkg`. `stamp` (RFC 3339) is the flight's own time: no clock in results.
pub(crate) fn write(path: &Path, crs: &Crs, stamp: &str, layers: &Layers<'_>) -> Result<()> {
    let mut package = GeoPackage::create(path, crs.epsg(), &crs.name(), &crs.wkt(), stamp)?;
    frames(&mut package, layers.frames)?;
    buildings(&mut package, layers)?;
    roof_segments(&mut package, layers.segments)?;
    hotspots(&mut package, layers.hotspots)?;
    coldspots(&mut package, layers.coldspots)?;
    companies(&mut package, layers)?;
    for style in gis::audit(layers.language) {
        package.add_style(style.layer, &qgis::qml(&style))?;
    }
    package.finish()
}

fn text(name: &str) -> Column {
    column(name, ColumnKind::Text)
}

fn real(name: &str) -> Column {
    column(name, ColumnKind::Real)
}

fn integer(name: &str) -> Column {
    column(name, ColumnKind::Integer)
}

fn column(name: &str, kind: ColumnKind) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        description: None,
    }
}

fn reals(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| real(name)).collect()
}

fn number(value: Option<f64>) -> Value {
    value
        .filter(|v| v.is_finite())
        .map_or(Value::Null, Value::Real)
}

fn word(value: &str) -> Value {
    if value.is_empty() {
        Value::Null
    } else {
        Value::Text(value.to_owned())
    }
}

fn whole(value: u32) -> Value {
    Value::Integer(i64::from(value))
}

fn three(interval: Option<Interval>) -> [Value; 3] {
    [
        number(interval.map(|i| i.value)),
        number(interval.map(|i| i.low)),
        number(interval.map(|i| i.high)),
    ]
}

fn reasons(reasons: &[Reason]) -> Value {
    word(
        &reasons
            .iter()
            .map(|r| format!("R{:02}", r.code))
            .collect::<Vec<_>>()
            .join(";"),
    )
}

fn frames(package: &mut GeoPackage, rows: &[FrameRow]) -> Result<()> {
    let mut columns = vec![text("file"), text("time"), text("status"), text("reason")];
    columns.extend(reals(&[
        "x_m",
        "y_m",
        "z_m",
        "omega_deg",
        "phi_deg",
        "kappa_deg",
    ]));
    columns.extend([
        real("reprojection_px"),
        integer("tie_points"),
        real("level_k"),
    ]);
    package.add_layer("frames", GeometryKind::Point, &columns)?;
    for row in rows {
        let point = row.centre.map(|c| Geometry::Point(Point::new(c[0], c[1])));
        let coordinate = |axis: usize| number(row.centre.map(|c| c[axis]));
        let angle = |axis: usize| number(row.opk_deg.map(|a| a[axis]));
        let status = match row.status {
            FrameStatus::Used => "used",
            FrameStatus::Skipped => "skipped",
            FrameStatus::Unplaced => "unplaced",
        };
        let values = [
            word(&row.file),
            word(&row.time),
            word(status),
            word(&row.reason),
            coordinate(0),
            coordinate(1),
            coordinate(2),
            angle(0),
            angle(1),
            angle(2),
            number(row.fit.and_then(|f| f.rmse_px)),
            row.fit
                .map_or(Value::Null, |f| Value::Integer(f.observations as i64)),
            number(row.level_k),
        ];
        package.insert("frames", point.as_ref(), &values)?;
    }
    Ok(())
}

/// Columns of a statistic and how to read it.
type Statistic = (&'static str, fn(&RoofStatistics) -> f64);

const STATISTICS: &[Statistic] = &[
    ("t_min_c", |s| s.min_c),
    ("t_p05_c", |s| s.p05_c),
    ("t_p25_c", |s| s.p25_c),
    ("t_median_c", |s| s.median_c),
    ("t_mean_c", |s| s.mean_c),
    ("t_p75_c", |s| s.p75_c),
    ("t_p95_c", |s| s.p95_c),
    ("t_max_c", |s| s.max_c),
    ("t_sd_k", |s| s.sd_k),
    ("t_p10_c", |s| s.p10_c),
    ("t_p90_c", |s| s.p90_c),
    ("t_mad_k", |s| s.mad_k),
    ("t_trimmed_c", |s| s.trimmed_c),
];

fn buildings(package: &mut GeoPackage, layers: &Layers<'_>) -> Result<()> {
    let mut columns = vec![text("oidn"), text("park_id")];
    columns.extend(reals(&["area_m2", "observed_fraction", "valid_fraction"]));
    columns.push(integer("pixels"));
    columns.extend(STATISTICS.iter().map(|(name, _)| real(name)));
    columns.extend(reals(&["delta_air_k", "delta_reference_k", "theta"]));
    columns.extend(reals(&["t_local_reference_c", "delta_t_k"]));
    columns.extend(reals(&["flux_w_m2", "flux_lo_w_m2", "flux_hi_w_m2"]));
    columns.extend(reals(&["heat_loss_w", "heat_loss_lo_w", "heat_loss_hi_w"]));
    columns.extend(reals(&["u_w_m2k", "u_lo_w_m2k", "u_hi_w_m2k"]));
    columns.extend([integer("class"), integer("class_lo"), integer("class_hi")]);
    columns.extend([
        text("class_mode"),
        text("material_group"),
        integer("group_size"),
    ]);
    columns.extend([
        text("anchor"),
        real("anchor_u_w_m2k"),
        real("u_unshared_w_m2k"),
    ]);
    columns.extend([
        real("score"),
        text("grade"),
        text("deductions"),
        text("reasons"),
    ]);
    columns.extend(reals(&[
        "energy_kwh_a",
        "energy_lo_kwh_a",
        "energy_hi_kwh_a",
    ]));
    columns.extend(reals(&["cost_eur_a", "co2_kg_a"]));
    columns.extend([text("material"), integer("hotspot_count")]);
    columns.extend([real("material_confidence"), text("outline")]);
    columns.extend(["review", "review_text", "review_who", "review_date"].map(text));
    columns.extend(["uidn", "version_date"].map(text));
    package.add_layer("buildings", GeometryKind::MultiPolygon, &columns)?;
    for roof in layers.roofs {
        let outline = layers.outlines.iter().find(|o| o.oidn == roof.oidn);
        let geometry = outline.map(|o| Geometry::MultiPolygon(o.polygon.clone()));
        let park = layers.parks.get(&roof.oidn).map_or("", String::as_str);
        let mut values = building_values(roof, park);
        let drawn = |of: fn(&Outline) -> &Option<String>| {
            word(outline.and_then(|o| of(o).as_deref()).unwrap_or_default())
        };
        values.extend([drawn(|o| &o.uidn), drawn(|o| &o.version_date)]);
        package.insert("buildings", geometry.as_ref(), &values)?;
    }
    Ok(())
}

fn building_values(roof: &RoofScore, park: &str) -> Vec<Value> {
    let mut values = vec![
        word(&roof.oidn),
        word(park),
        Value::Real(roof.area_m2),
        Value::Real(roof.observed_fraction),
        Value::Real(roof.valid_fraction),
        whole(roof.statistics.map_or(0, |s| s.pixels)),
    ];
    values.extend(
        STATISTICS
            .iter()
            .map(|(_, read)| number(roof.statistics.as_ref().map(read))),
    );
    values.extend([roof.delta_air_k, roof.delta_reference_k, roof.theta].map(number));
    values.extend([roof.local_reference_c, roof.delta_t_k].map(number));
    values.extend(three(roof.flux_w_m2));
    values.extend(three(roof.heat_loss_w));
    values.extend(three(roof.u_w_m2k));
    let digit = |d: Option<u8>| d.map_or(Value::Null, |d| Value::Integer(i64::from(d)));
    values.extend([
        digit(roof.class),
        digit(roof.class_range.map(|r| r.0)),
        digit(roof.class_range.map(|r| r.1)),
    ]);
    let letter = |c: Option<char>| c.map_or(Value::Null, |c| Value::Text(c.to_string()));
    values.extend([
        word(match roof.class_mode {
            ClassMode::Physical => "physical",
            ClassMode::Relative => "relative",
            ClassMode::None => "none",
        }),
        word(&roof.material_group),
        whole(roof.group_size),
        letter(roof.anchor),
        number(roof.anchor_u_w_m2k),
        number(roof.u_unshared_w_m2k),
        number(roof.score),
        letter(roof.grade),
        word(&roof.deductions.join(";")),
        reasons(&roof.reasons),
    ]);
    values.extend(three(roof.energy_kwh_a));
    let middle = |interval: Option<Interval>| number(interval.map(|i| i.value));
    values.extend([middle(roof.cost_eur_a), middle(roof.co2_kg_a)]);
    values.extend([word(&material(roof)), whole(roof.hotspot_count)]);
    values.extend([
        number(roof.material_confidence),
        word(if roof.derived { "derived" } else { "given" }),
        word(roof.review.as_ref().map_or("", |r| r.ruling.word())),
    ]);
    values.extend(said(roof.review.as_ref()));
    values
}

/// The material, said to be estimated where nobody gave it.
fn material(roof: &RoofScore) -> String {
    match roof.material_confidence {
        Some(_) => format!("{} (estimated)", roof.material),
        None => roof.material.clone(),
    }
}

/// The parts of the roofs; `why` holds the signs behind a kind as codes.
fn roof_segments(package: &mut GeoPackage, segments: &[RoofSegment]) -> Result<()> {
    let columns = [
        text("segment_id"),
        text("oidn"),
        text("kind"),
        real("slope_deg"),
        real("aspect_deg"),
        real("area_m2"),
        real("t_median_c"),
        column("valid", ColumnKind::Boolean),
        real("confidence"),
        text("why"),
    ];
    package.add_layer("roof_segments", GeometryKind::MultiPolygon, &columns)?;
    // Of a part that others cover wholly nothing is seen.
    for part in segments.iter().filter(|p| !p.polygon.0.is_empty()) {
        let why: Vec<&str> = part.why.iter().map(|w| w.code()).collect();
        let values = [
            word(&part.segment_id),
            word(&part.oidn),
            word(part.kind.word()),
            number(part.slope_deg),
            number(part.aspect_deg),
            Value::Real(part.area_m2),
            number(part.median_c),
            Value::Integer(i64::from(part.valid)),
            Value::Real(part.confidence),
            word(&why.join(";")),
        ];
        package.insert("roof_segments", Some(&polygon(&part.polygon)), &values)?;
    }
    Ok(())
}

fn polygon(shape: &MultiPolygon<f64>) -> Geometry<f64> {
    Geometry::MultiPolygon(shape.clone())
}

fn hotspots(package: &mut GeoPackage, spots: &[Hotspot]) -> Result<()> {
    let mut columns = vec![
        text("hotspot_id"),
        text("oidn"),
        text("segment_id"),
        text("kind"),
    ];
    columns.extend([text("detail"), real("probability"), integer("severity")]);
    columns.extend([real("area_m2"), integer("pixels"), real("peak_c")]);
    columns.extend(reals(&["excess_mean_k", "excess_max_k"]));
    columns.extend(reals(&["excess_w", "excess_lo_w", "excess_hi_w"]));
    columns.extend([
        text("grade"),
        text("deductions"),
        text("reasons"),
        integer("frames"),
    ]);
    columns.extend([real("x_m"), real("y_m"), text("confirmed"), text("status")]);
    columns.extend([
        text("review"),
        text("review_kind"),
        integer("review_severity"),
    ]);
    columns.extend(["review_text", "review_who", "review_date"].map(text));
    package.add_layer("hotspots", GeometryKind::MultiPolygon, &columns)?;
    for spot in spots {
        let mut values = vec![
            word(&spot.hotspot_id),
            word(&spot.oidn),
            word(&spot.segment_id),
            word(spot.kind.word()),
            word(&spot.detail),
            Value::Real(spot.probability),
            Value::Integer(i64::from(spot.severity)),
            Value::Real(spot.area_m2),
            whole(spot.pixels),
            number(Some(spot.peak_c)),
            number(Some(spot.excess_mean_k)),
            number(Some(spot.excess_max_k)),
        ];
        values.extend(three(spot.excess_w));
        values.extend([
            word(&spot.grade.to_string()),
            word(&spot.deductions.join(";")),
            reasons(&spot.reasons),
            whole(spot.frames),
            Value::Real(spot.x_m),
            Value::Real(spot.y_m),
            word(match spot.confirmed() {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            }),
            word(match spot.review {
                Some(_) => "checked",
                None => "open",
            }),
        ]);
        let review = spot.review.as_ref();
        values.extend([
            word(review.map_or("", |r| r.ruling.word())),
            word(review.and_then(|r| r.kind).map_or("", |k| k.word())),
            review
                .and_then(|r| r.severity)
                .map_or(Value::Null, |s| Value::Integer(i64::from(s))),
        ]);
        values.extend(said(review));
        package.insert("hotspots", Some(&polygon(&spot.polygon)), &values)?;
    }
    Ok(())
}

/// A person's words, name and date.
fn said(review: Option<&Review>) -> [Value; 3] {
    let date = review.and_then(|r| r.date);
    [
        word(review.map_or("", |r| &r.text)),
        word(review.map_or("", |r| &r.who)),
        word(&date.map_or_else(String::new, |d| d.to_string())),
    ]
}

fn coldspots(package: &mut GeoPackage, spots: &[Coldspot]) -> Result<()> {
    let mut columns = vec![text("coldspot_id"), text("oidn"), text("segment_id")];
    columns.extend([real("area_m2"), integer("pixels")]);
    columns.extend(reals(&["deficit_mean_k", "deficit_max_k", "x_m", "y_m"]));
    package.add_layer("coldspots", GeometryKind::MultiPolygon, &columns)?;
    for spot in spots {
        let values = [
            word(&spot.coldspot_id),
            word(&spot.oidn),
            word(&spot.segment_id),
            Value::Real(spot.area_m2),
            whole(spot.pixels),
            Value::Real(spot.deficit_mean_k),
            Value::Real(spot.deficit_max_k),
            Value::Real(spot.x_m),
            Value::Real(spot.y_m),
        ];
        package.insert("coldspots", Some(&polygon(&spot.polygon)), &values)?;
    }
    Ok(())
}

fn companies(package: &mut GeoPackage, layers: &Layers<'_>) -> Result<()> {
    let columns = [
        text("company_id"),
        text("name"),
        text("enterprise_number"),
        text("participates"),
        text("oidns"),
        integer("class"),
        integer("hotspot_count"),
        text("link_method"),
        real("link_confidence"),
    ];
    package.add_layer("companies", GeometryKind::None, &columns)?;
    for company in layers.companies {
        let links: Vec<&Link> = layers
            .links
            .iter()
            .filter(|l| l.company_id == company.company_id)
            .collect();
        let roofs: Vec<&RoofScore> = layers
            .roofs
            .iter()
            .filter(|r| links.iter().any(|l| l.oidn == r.oidn))
            .collect();
        let oidns: Vec<&str> = links.iter().map(|l| l.oidn.as_str()).collect();
        // Nothing per building of a company that does not take part.
        let takes_part = company.participates == Participation::Yes;
        let class = layers.classes.get(&company.company_id);
        let class = class.copied().filter(|_| takes_part);
        let count: u32 = roofs.iter().map(|r| r.hotspot_count).sum();
        let values = [
            word(&company.company_id),
            word(&company.name),
            word(&company.enterprise_number),
            word(match company.participates {
                Participation::Yes => "yes",
                Participation::No => "no",
                Participation::Withdrawn => "withdrawn",
            }),
            word(&oidns.join(";")),
            class.map_or(Value::Null, |c| Value::Integer(i64::from(c))),
            if takes_part {
                whole(count)
            } else {
                Value::Null
            },
            word(links.first().map_or("", |l| l.method)),
            number(links.iter().map(|l| l.confidence).reduce(f64::min)),
        ];
        package.insert("companies", None, &values)?;
    }
    Ok(())
}
