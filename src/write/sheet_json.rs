//! The machine-readable twin of a sheet: the same numbers, unrounded.
//!
//! Units stand in the key names, ids and names are those of `audit.gpkg`, unknown is null. A
//! test parses the printed tables and looks every number up here. Nothing about another
//! company is an input of a sheet, so nothing of one can be in this file.

use serde_json::{Map, Value, json};

use crate::report::{Building, Finding, Part, Sheet, SheetConditions, SheetInput, Source};
use crate::score::{ClassMode, Hotspot, Interval, Reason};
use crate::survey::Review;

/// Name and version of the layout of this file.
pub const SCHEMA: &str = "thermaudit-sheet-1";

/// Words the program writes into data files itself: keys, and values that are words of
/// interface.md. None of them is a company's name there.
pub const VOCABULARY: &[&str] = &[
    "Feature",
    "FeatureCollection",
    "MultiPolygon",
    "Polygon",
    "action",
    "address",
    "after_normalised",
    "air-leak",
    "air_c",
    "air_k",
    "anchor",
    "anchor_u_w_m2k",
    "area_m2",
    "background_c",
    "before",
    "buildings",
    "camera",
    "change",
    "change_hi",
    "change_lo",
    "checked",
    "class",
    "class_hi",
    "class_lo",
    "class_mode",
    "cloud_okta",
    "co2_hi_kg_a",
    "co2_kg_a",
    "co2_kg_kwh",
    "co2_lo_kg_a",
    "code",
    "company",
    "company_id",
    "comparison",
    "conditions",
    "confirm",
    "confirmed",
    "coordinates",
    "cost_eur_a",
    "cost_hi_eur_a",
    "cost_lo_eur_a",
    "date",
    "dd_base_c",
    "dd_source",
    "dd_value",
    "deductions",
    "delta_air_k",
    "delta_reference_k",
    "delta_reference_u95_k",
    "delta_t_k",
    "derived",
    "detail",
    "drone",
    "edge",
    "efficiency",
    "emissivity",
    "end_local",
    "energy_assumptions",
    "energy_hi_kwh_a",
    "energy_kwh_a",
    "energy_lo_kwh_a",
    "enterprise_number",
    "establishment_number",
    "excess_hi_w",
    "excess_lo_w",
    "excess_max_k",
    "excess_mean_k",
    "excess_mean_u95_k",
    "excess_w",
    "explained",
    "features",
    "flight",
    "flight_id",
    "flux_hi_w_m2",
    "flux_lo_w_m2",
    "flux_w_m2",
    "frames",
    "function",
    "gas_price_eur_kwh",
    "geometry",
    "given",
    "gone",
    "grade",
    "group_size",
    "gsd_m",
    "headline",
    "heat_loss_hi_w",
    "heat_loss_lo_w",
    "heat_loss_w",
    "height_m",
    "held",
    "high_c",
    "hotspot_area_m2",
    "hotspot_count",
    "hotspot_id",
    "hotspots",
    "humidity_pct",
    "improved",
    "indoor_c",
    "indoor_known",
    "inferred",
    "installation",
    "insulation",
    "iou",
    "kind",
    "km",
    "language",
    "lead_oidn",
    "level",
    "limitations",
    "linear",
    "low_c",
    "material",
    "material_confidence",
    "material_group",
    "mean_c",
    "members",
    "moisture",
    "name",
    "new",
    "no",
    "no-proven-change",
    "none",
    "not-comparable",
    "notes",
    "number",
    "observed_fraction",
    "oidn",
    "open",
    "outline",
    "part",
    "peak_c",
    "persisting",
    "physical",
    "pixels",
    "place",
    "platform",
    "points",
    "position",
    "probability",
    "process",
    "program",
    "properties",
    "provable",
    "quantity",
    "rain_24h_mm",
    "reasons",
    "recommendations",
    "reference_c",
    "reject",
    "relative",
    "release",
    "result",
    "review",
    "reviewed",
    "rooflight",
    "saved_co2_kg_a",
    "saved_eur_a",
    "saved_hi_co2_kg_a",
    "saved_hi_eur_a",
    "saved_hi_kwh_a",
    "saved_kwh_a",
    "saved_lo_co2_kg_a",
    "saved_lo_eur_a",
    "saved_lo_kwh_a",
    "savings",
    "scale",
    "schema",
    "score",
    "score_from",
    "score_to",
    "sensor_px",
    "sentence",
    "severity",
    "shared",
    "sky_c",
    "sky_computed",
    "sources",
    "spread",
    "start_local",
    "station",
    "station_km",
    "stations",
    "status",
    "t_local_reference_c",
    "t_mad_k",
    "t_max_c",
    "t_mean_c",
    "t_median_c",
    "t_min_c",
    "t_p05_c",
    "t_p10_c",
    "t_p25_c",
    "t_p75_c",
    "t_p90_c",
    "t_p95_c",
    "t_sd_k",
    "t_trimmed_c",
    "tag",
    "text",
    "theta",
    "title",
    "total",
    "type",
    "u",
    "u_after_w_m2k",
    "u_bounds_w_m2k",
    "u_hi_w_m2k",
    "u_lo_w_m2k",
    "u_unshared_w_m2k",
    "u_w_m2k",
    "uncertainty_k",
    "unknown",
    "urgency",
    "valid_fraction",
    "value",
    "verdict",
    "who",
    "whole",
    "why",
    "wind_m_s",
    "worse",
    "x_m",
    "y_m",
    "yes",
];

/// The twin of a sheet, indented, ending in a line feed.
pub fn to_json(input: &SheetInput, sheet: &Sheet) -> String {
    let tags = |i: usize| sheet.tag_of(i);
    let value = json!({
        "schema": SCHEMA,
        "language": sheet.language,
        "title": sheet.title,
        "code": input.settings.code,
        "program": input.settings.program,
        "company": company(input),
        "flight": flight(input),
        "conditions": conditions(&input.conditions, sheet),
        "scale": { "low_c": input.scale_c.0, "high_c": input.scale_c.1 },
        "result": result(input, sheet),
        "buildings": input.buildings.iter().enumerate()
            .map(|(i, b)| building(b, &tags(i))).collect::<Vec<_>>(),
        "total": total(sheet),
        "energy_assumptions": energy_assumptions(input),
        "savings": savings(input, sheet),
        "hotspots": hotspots(input, sheet),
        "explained": sheet.findings.sources.iter().chain(&sheet.findings.more_sources)
            .map(|s| source(input, s)).collect::<Vec<_>>(),
        "reviewed": reviewed(input),
        "comparison": comparison(input, sheet),
        "recommendations": sheet.recommendations,
        "limitations": sheet.limits,
        "sources": input.settings.sources,
        "release": release(input),
    });
    let mut text = serde_json::to_string_pretty(&value)
        .expect("a tree of strings, finite numbers and nulls always serialises");
    text.push('\n');
    text
}

fn company(input: &SheetInput) -> Value {
    let c = &input.company;
    json!({
        "company_id": c.company_id,
        "name": c.name,
        "address": c.address,
        "enterprise_number": c.enterprise_number,
        "establishment_number": c.establishment_number,
    })
}

fn flight(input: &SheetInput) -> Value {
    let f = &input.flight;
    json!({
        "flight_id": f.id,
        "start_local": f.start.to_string(),
        "end_local": f.end.to_string(),
        "platform": f.platform,
        "camera": f.camera,
        "sensor_px": f.sensor_px.map(|(w, h)| [w, h]),
        "height_m": f.height_m,
        "gsd_m": f.gsd_m,
        "frames": f.frames,
    })
}

fn conditions(c: &SheetConditions, sheet: &Sheet) -> Value {
    json!({
        "air_c": c.weather.air_c,
        "humidity_pct": c.weather.humidity_pct,
        "wind_m_s": c.weather.wind_m_s,
        "cloud_okta": c.weather.cloud_okta,
        "sky_c": c.sky_c,
        "sky_computed": c.sky_computed,
        "rain_24h_mm": c.rain_24h_mm,
        "station": c.station,
        "station_km": c.station_km,
        "stations": c.stations.iter().map(|(name, km)| json!({ "name": name, "km": km }))
            .collect::<Vec<_>>(),
        "spread": {
            "air_k": c.spread.air_c,
            "humidity_pct": c.spread.humidity_pct,
            "wind_m_s": c.spread.wind_m_s,
            "cloud_okta": c.spread.cloud_okta,
        },
        "emissivity": c.emissivity,
        "uncertainty_k": c.uncertainty_k,
        "reference_c": sheet.total_values.reference_c,
    })
}

fn result(input: &SheetInput, sheet: &Sheet) -> Value {
    let lead = sheet.verdict.lead.map(|i| &input.buildings[i].score);
    json!({
        "class": sheet.verdict.class,
        "class_mode": lead.map_or("none", |s| mode(s.class_mode)),
        "position": sheet.verdict.position_class,
        "group_size": lead.map(|s| s.group_size),
        "grade": lead.and_then(|s| s.grade).map(String::from),
        "lead_oidn": lead.map(|s| s.oidn.clone()),
        "headline": sheet.verdict.title,
        "sentence": sheet.verdict.sentence,
        "u_bounds_w_m2k": input.settings.u_bounds,
    })
}

/// What energy, cost and CO₂ of the buildings stand on (scoring.md §12).
fn energy_assumptions(input: &SheetInput) -> Value {
    let energy = &input.settings.energy;
    json!({
        "dd_value": energy.options.dd_value,
        "dd_base_c": energy.dd_base_c,
        "dd_source": energy.dd_source,
        "efficiency": energy.options.efficiency,
        "co2_kg_kwh": energy.options.co2_kg_kwh,
        "gas_price_eur_kwh": input.company.gas_price_eur_kwh,
    })
}

/// What the block of savings prints; null where the sheet has none.
fn savings(input: &SheetInput, sheet: &Sheet) -> Value {
    let Some(savings) = &sheet.savings else {
        return Value::Null;
    };
    let buildings = savings.values.iter().map(|saved| {
        let mut map = Map::new();
        map.insert("tag".to_owned(), json!(sheet.tag_of(saved.building)));
        let oidn = &input.buildings[saved.building].score.oidn;
        map.insert("oidn".to_owned(), json!(oidn));
        interval(&mut map, "saved", "kwh_a", saved.energy_kwh);
        interval(&mut map, "saved", "eur_a", saved.cost_eur);
        interval(&mut map, "saved", "co2_kg_a", saved.co2_kg);
        Value::Object(map)
    });
    json!({
        "u_after_w_m2k": savings.u_after,
        "buildings": buildings.collect::<Vec<_>>(),
        "notes": savings.notes,
    })
}

fn total(sheet: &Sheet) -> Value {
    let t = &sheet.total_values;
    json!({
        "area_m2": t.area_m2,
        "valid_fraction": t.assessed,
        "t_median_c": t.median_c,
        "t_p95_c": t.p95_c,
        "delta_air_k": t.delta_air_k,
        "delta_reference_k": t.delta_reference_k,
        "delta_reference_u95_k": t.uncertainty_k,
        "hotspot_count": t.points,
        "hotspot_area_m2": t.points_m2,
    })
}

fn mode(mode: ClassMode) -> &'static str {
    match mode {
        ClassMode::Physical => "physical",
        ClassMode::Relative => "relative",
        ClassMode::None => "none",
    }
}

fn codes(reasons: &[Reason]) -> Value {
    reasons
        .iter()
        .map(|r| json!({ "code": format!("R{:02}", r.code), "value": r.value }))
        .collect()
}

/// `name`, `name` with `_lo` and `name` with `_hi` before the unit, as in the GeoPackage.
fn interval(map: &mut Map<String, Value>, stem: &str, unit: &str, value: Option<Interval>) {
    map.insert(format!("{stem}_{unit}"), json!(value.map(|v| v.value)));
    map.insert(format!("{stem}_lo_{unit}"), json!(value.map(|v| v.low)));
    map.insert(format!("{stem}_hi_{unit}"), json!(value.map(|v| v.high)));
}

fn building(building: &Building, tag: &str) -> Value {
    let s = &building.score;
    let t = s.statistics;
    let stat = |get: fn(&crate::score::RoofStatistics) -> f64| json!(t.as_ref().map(get));
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("oidn", json!(s.oidn));
    put("tag", json!(tag));
    put("name", json!(building.outline.name));
    put(
        "part",
        json!(match building.part {
            Part::Whole => "whole",
            Part::Zone => "zone",
            Part::Shared => "shared",
        }),
    );
    put("area_m2", json!(s.area_m2));
    put("observed_fraction", json!(s.observed_fraction));
    put("valid_fraction", json!(s.valid_fraction));
    put("pixels", json!(t.map(|t| t.pixels)));
    put("t_min_c", stat(|t| t.min_c));
    put("t_p05_c", stat(|t| t.p05_c));
    put("t_p10_c", stat(|t| t.p10_c));
    put("t_p25_c", stat(|t| t.p25_c));
    put("t_median_c", stat(|t| t.median_c));
    put("t_mean_c", stat(|t| t.mean_c));
    put("t_p75_c", stat(|t| t.p75_c));
    put("t_p90_c", stat(|t| t.p90_c));
    put("t_p95_c", stat(|t| t.p95_c));
    put("t_max_c", stat(|t| t.max_c));
    put("t_sd_k", stat(|t| t.sd_k));
    put("t_mad_k", stat(|t| t.mad_k));
    put("t_trimmed_c", stat(|t| t.trimmed_c));
    put("delta_air_k", json!(s.delta_air_k));
    put("delta_reference_k", json!(s.delta_reference_k));
    put(
        "delta_reference_u95_k",
        json!(s.sigma_relative_k.map(|k| 1.96 * k)),
    );
    put("theta", json!(s.theta));
    put("t_local_reference_c", json!(s.local_reference_c));
    put("delta_t_k", json!(s.delta_t_k));
    put("class", json!(s.class));
    put("class_lo", json!(s.class_range.map(|r| r.0)));
    put("class_hi", json!(s.class_range.map(|r| r.1)));
    put("class_mode", json!(mode(s.class_mode)));
    put("material_group", json!(s.material_group));
    put("group_size", json!(s.group_size));
    put("anchor", json!(s.anchor.map(String::from)));
    put("anchor_u_w_m2k", json!(s.anchor_u_w_m2k));
    put("u_unshared_w_m2k", json!(s.u_unshared_w_m2k));
    put("score", json!(s.score));
    put("score_from", json!(s.score_ends.map(|e| e.0)));
    put("score_to", json!(s.score_ends.map(|e| e.1)));
    put("grade", json!(s.grade.map(String::from)));
    put("deductions", json!(s.deductions));
    put("reasons", codes(&s.reasons));
    let inferred = s.inferred.iter().map(|code| format!("R{code:02}"));
    put("inferred", json!(inferred.collect::<Vec<_>>()));
    put("material", json!(s.material));
    put("material_confidence", json!(s.material_confidence));
    put(
        "outline",
        json!(if s.derived { "derived" } else { "given" }),
    );
    put("emissivity", json!(s.emissivity));
    put("indoor_c", json!(s.indoor_c));
    put("indoor_known", json!(s.indoor_known));
    put("review", review(s.review.as_ref()));
    // Those of a shared building are nobody's.
    let spots = (building.part != Part::Shared).then_some(building.hotspots.len());
    put("hotspot_count", json!(spots));
    interval(&mut map, "flux", "w_m2", s.flux_w_m2);
    interval(&mut map, "heat_loss", "w", s.heat_loss_w);
    interval(&mut map, "u", "w_m2k", s.u_w_m2k);
    interval(&mut map, "energy", "kwh_a", s.energy_kwh_a);
    interval(&mut map, "cost", "eur_a", s.cost_eur_a);
    interval(&mut map, "co2", "kg_a", s.co2_kg_a);
    Value::Object(map)
}

fn hotspots(input: &SheetInput, sheet: &Sheet) -> Vec<Value> {
    let f = &sheet.findings;
    let all = f.points.iter().chain(&f.more).chain(&f.doubtful);
    all.map(|finding| {
        let spot = &input.buildings[finding.building].hotspots[finding.hotspot];
        hotspot(spot, Some(finding))
    })
    .collect()
}

/// A warm object, numbered where it is a point of the sheet.
pub(super) fn hotspot(spot: &Hotspot, finding: Option<&Finding>) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("hotspot_id", json!(spot.hotspot_id));
    if let Some(f) = finding {
        put("number", json!((f.number > 0).then_some(f.number)));
        put("place", json!(f.place));
        put("urgency", json!(f.urgency));
    }
    put("oidn", json!(spot.oidn));
    put("kind", json!(spot.kind.word()));
    put("detail", json!(spot.detail));
    put("probability", json!(spot.probability));
    put("severity", json!(spot.severity));
    put("area_m2", json!(spot.area_m2));
    put("pixels", json!(spot.pixels));
    put("peak_c", json!(spot.peak_c));
    put("mean_c", json!(spot.background_c + spot.excess_mean_k));
    put("background_c", json!(spot.background_c));
    put("excess_mean_k", json!(spot.excess_mean_k));
    put("excess_mean_u95_k", json!(1.96 * spot.excess_sigma_k));
    put("excess_max_k", json!(spot.excess_max_k));
    put("grade", json!(spot.grade.to_string()));
    put("deductions", json!(spot.deductions));
    put("reasons", codes(&spot.reasons));
    put("frames", json!(spot.frames));
    put("x_m", json!(spot.x_m));
    put("y_m", json!(spot.y_m));
    put(
        "confirmed",
        json!(spot.confirmed().map(|yes| if yes { "yes" } else { "no" })),
    );
    let checked = spot.review.is_some();
    put("status", json!(if checked { "checked" } else { "open" }));
    put("review", review(spot.review.as_ref()));
    interval(&mut map, "excess", "w", spot.excess_w);
    Value::Object(map)
}

/// A person's verdict as it was written; null where there is none.
fn review(review: Option<&Review>) -> Value {
    review.map_or(Value::Null, |r| {
        json!({
            "verdict": r.ruling.word(),
            "kind": r.kind.map(|k| k.word()),
            "severity": r.severity,
            "text": r.text,
            "who": r.who,
            "date": r.date.map(|d| d.to_string()),
        })
    })
}

/// Everything a person judged: roofs by key, hotspots with what was computed of them, those that
/// were rejected as well.
fn reviewed(input: &SheetInput) -> Vec<Value> {
    let mut rows = Vec::new();
    for building in &input.buildings {
        if let Some(of_roof) = &building.score.review {
            rows.push(json!({ "oidn": building.score.oidn, "review": review(Some(of_roof)) }));
        }
        let spots = building.hotspots.iter().chain(&building.rejected);
        rows.extend(
            spots
                .filter(|h| h.review.is_some())
                .map(|h| hotspot(h, None)),
        );
    }
    rows
}

/// The block of the comparison; null where the sheet has none.
fn comparison(input: &SheetInput, sheet: &Sheet) -> Value {
    let (Some(found), Some(_)) = (&input.comparison, &sheet.comparison) else {
        return Value::Null;
    };
    let rows = input.buildings.iter().zip(&found.buildings).enumerate();
    let rows = rows.map(|(i, (building, c))| {
        // Of a roof of somebody else then, nothing.
        let told = |value: Option<f64>| value.filter(|_| c.held);
        let ends = c.interval.filter(|_| c.held);
        json!({
            "oidn": building.score.oidn,
            "tag": sheet.tag_of(i),
            "held": c.held,
            "quantity": if c.is_u { "u" } else { "theta" },
            "before": told(c.before),
            "after_normalised": told(c.after),
            "change": told(c.before).zip(told(c.after)).map(|(a, b)| b - a),
            "change_lo": ends.map(|e| e[0]),
            "change_hi": ends.map(|e| e[1]),
            "provable": told(c.provable),
            "verdict": c.verdict.filter(|_| c.held).map_or("not-comparable", |v| v.word()),
            "reasons": if c.held { c.reasons.clone() } else { Vec::new() },
            "iou": if c.held { Some(c.iou) } else { None },
        })
    });
    let [new, gone, persisting] = found.hotspots;
    json!({
        "flight_id": found.flight_id,
        "date": found.date.map(|d| d.to_string()),
        "buildings": rows.collect::<Vec<_>>(),
        "hotspots": { "new": new, "gone": gone, "persisting": persisting },
    })
}

fn source(input: &SheetInput, source: &Source) -> Value {
    let spots = &input.buildings[source.building].hotspots;
    json!({
        "number": (source.number > 0).then_some(source.number),
        "place": source.place,
        "area_m2": source.area_m2,
        "excess_mean_k": source.excess_k,
        "excess_mean_u95_k": source.uncertainty_k,
        "members": source.members.iter().map(|i| hotspot(&spots[*i], None)).collect::<Vec<_>>(),
    })
}

fn release(input: &SheetInput) -> Value {
    match &input.release {
        Some(r) => json!({
            "name": r.name,
            "function": r.function,
            "level": r.level,
            "date": r.date.map(|d| d.to_string()),
        }),
        None => Value::Null,
    }
}
