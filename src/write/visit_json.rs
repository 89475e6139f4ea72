//! `sheet.json` of a visit: the numbers of the sheet unrounded, with their units in their names.

use serde_json::{Map, Value, json};

use crate::report::visit::{
    FindingInput, ParameterKey, ParameterOrigin, PastFinding, ScaleSet, Since, Thermogram,
    VisitInput, VisitSheet,
};
use crate::survey::{Qualification, ToolKind};

/// The twin of a visit's sheet.
pub fn to_json(input: &VisitInput, sheet: &VisitSheet) -> String {
    let v = &input.visit;
    let numbers = crate::report::visit::numbers(&input.findings);
    let findings: Vec<Value> = input
        .findings
        .iter()
        .zip(&numbers)
        .map(|(f, number)| finding(f, number, input.release.releases()))
        .collect();
    let [n, low, high] = v.load_exponent;
    let whole = json!({
        "schema": "thermaudit-visit-1",
        "language": sheet.language,
        "title": sheet.title,
        "code": input.settings.code,
        "campaign": input.settings.campaign,
        "company": {
            "company_id": input.company.company_id,
            "name": input.company.name,
            "address": input.company.address,
            "enterprise_number": input.company.enterprise_number,
        },
        "visit": {
            "id": v.id,
            "date": v.date.map(|d| d.to_string()),
            "start": v.start,
            "end": v.end,
            "client": v.client,
            "present": v.present,
            "purpose": v.purpose,
            "standard": v.standard,
            "extent": if v.full { "full" } else { "simplified" },
            "conditions": v.conditions,
            "sun_12h": v.sun_12h,
            "rain": v.rain,
            "weather": v.weather_source,
            "examined": v.examined,
            "not_examined": v.not_examined,
            "electrical_table": v.severity_table,
            "min_load": v.min_load,
            "load_exponent": n,
            "load_exponent_range": [low, high],
            "f_rsi_limit": v.f_rsi_limit,
            "cameras": v.cameras.iter().map(|c| json!({
                "name": c.name,
                "serial": c.serial,
                "width_px": c.sensor_px.0,
                "height_px": c.sensor_px.1,
                "lens": c.lens,
                "range_c": c.range_c,
                "calibrated_on": c.calibrated_on,
                "netd_k": c.netd_k,
            })).collect::<Vec<_>>(),
        },
        "release": release(&input.release),
        "findings": findings,
        "not_seen_again": input.not_seen_again.iter().map(past).collect::<Vec<_>>(),
        "hotspots": input.hotspots.iter().map(|h| json!({
            "hotspot_id": h.hotspot_id, "found": h.found, "number": h.number,
        })).collect::<Vec<_>>(),
        "left_out": input.left_out,
        "roof_flight": input.roof_flight.map(|d| d.to_string()),
    });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

fn release(r: &Qualification) -> Value {
    json!({
        "released": r.releases(),
        "name": r.name,
        "function": r.function,
        "scheme": r.scheme,
        "level": r.level,
        "number": r.number,
        "sector": r.sector,
        "expires": r.expires.map(|d| d.to_string()),
        "date": r.date.map(|d| d.to_string()),
    })
}

/// One finding; no cause before a qualified person released it.
fn finding(f: &FindingInput, number: &str, released: bool) -> Value {
    let row = &f.finding;
    let e = &row.electrical;
    let mut parameters = Map::new();
    for p in &f.parameters {
        let name = match p.key {
            ParameterKey::Emissivity => "emissivity",
            ParameterKey::Reflected => "reflected_c",
            ParameterKey::Distance => "distance_m",
            ParameterKey::Air => "air_c",
            ParameterKey::Humidity => "humidity",
            ParameterKey::WindowTransmission => "window_transmission",
            ParameterKey::WindowTemperature => "window_c",
        };
        let origin = match p.origin {
            ParameterOrigin::Camera => "camera",
            ParameterOrigin::Auditor => "auditor",
            ParameterOrigin::Changed => "changed",
            ParameterOrigin::Weather => "weather",
            ParameterOrigin::Default => "default",
        };
        let value = json!({ "value": p.value, "camera": p.camera, "origin": origin });
        parameters.insert(name.to_owned(), value);
    }
    let mut whole = json!({
        "number": number,
        "finding_id": f.id,
        "kind": f.kind.word(),
        "location": row.location,
        "storey": row.storey,
        "orientation": row.orientation,
        "component": row.component,
        "board": e.board,
        "circuit": e.circuit,
        "phase": e.phase,
        "voltage_v": e.voltage_v,
        "rated_a": e.rated_a,
        "current_a": e.current_a,
        "phase_currents_a": e.phase_currents_a,
        "neutral_a": e.neutral_a,
        "manufacturer": e.manufacturer,
        "observation": row.observation,
        "cause": (released && !row.cause.is_empty()).then_some(&row.cause),
        "certainty": row.certainty.filter(|_| released),
        "recommendation": row.recommendation,
        "action_by": row.action_by,
        "term": row.term,
        "status": row.status,
        "since": match f.since {
            Since::New => "new",
            Since::Open => "open",
            Since::Checked => "checked",
            Since::Solved => "solved",
            Since::Returned => "returned",
        },
        "area_m2": row.area_m2,
        "steam_pressure_bar": row.steam_pressure_bar,
        "irradiance_w_m2": row.irradiance_w_m2,
        "hotspot_id": row.hotspot_id,
        "lon_lat_deg": f.gps,
        "assessment": f.assessment,
        "conditions": f.conditions,
        "parameters": parameters,
        "readings": f.readings,
        "reference": f.other_reference,
        "thermogram": thermogram(&f.thermogram),
        "second": f.second.as_ref().map(thermogram),
        "scale_c": [f.scale_c.0, f.scale_c.1],
        "scale_set": match &f.set {
            ScaleSet::Inside => "inside".to_owned(),
            ScaleSet::Outside => "outside".to_owned(),
            ScaleSet::Board(name) => format!("board {name}"),
            ScaleSet::Kind(kind) => kind.word().to_owned(),
            ScaleSet::Fixed => "fixed".to_owned(),
        },
        "alarm": f.alarm,
        "view": f.view,
        "history": f.history.iter().map(past).collect::<Vec<_>>(),
    });
    // The macro takes no more keys at a time.
    whole["differences"] = json!(f.differences);
    whole
}

fn thermogram(t: &Thermogram) -> Value {
    let markers: Vec<Value> = t
        .markers
        .iter()
        .map(|m| {
            let kind = match m.kind {
                ToolKind::Spot => "spot",
                ToolKind::Area => "area",
                ToolKind::Ellipse => "ellipse",
                ToolKind::Line => "line",
                _ => "other",
            };
            json!({ "label": m.label, "kind": kind, "points_px": m.points })
        })
        .collect();
    json!({
        "file": t.file,
        "sha256_8": t.sha256_8,
        "time": t.time.map(|t| t.to_string()),
        "width_px": t.celsius.width(),
        "height_px": t.celsius.height(),
        "invalid_px": t.invalid,
        "markers": markers,
    })
}

fn past(p: &PastFinding) -> Value {
    json!({
        "visit": p.visit,
        "date": p.date.map(|d| d.to_string()),
        "number": p.number,
        "kind": p.kind.word(),
        "component": p.component,
        "location": p.location,
        "value": p.value.as_ref().map(|(v, _)| *v),
        "unit": p.value.as_ref().map(|(_, unit)| unit.clone()),
        "severity": p.severity,
        "urgency": p.urgency,
        "status": p.status.word(),
    })
}
