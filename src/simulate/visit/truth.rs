//! What is true of the visits, for tests to compare with: `truth/visits.json`.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::canvas::Point;
use super::day::Day;
use super::marks::{Marks, Placed};
use super::place::Standpoint;
use super::plan::Task;
use super::shot::{Shot, Visible};
use crate::simulate::park::Park;

/// One picture with everything known of it.
pub(super) struct Taken<'a> {
    pub park: &'a Park,
    pub firm: &'a str,
    pub task: &'a Task,
    pub shot: &'a Shot,
    pub name: &'a str,
    pub photo: Option<&'a str>,
    pub local: DateTime,
    pub point: &'a Standpoint,
    pub placed: &'a [Placed],
    pub points: &'a [Point],
    pub findings: Vec<String>,
}

fn round(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}

/// Numbers of a value to four decimals.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => json!(n.as_f64().map(|v| round(v, 4))),
        Value::Array(list) => list.into_iter().map(rounded).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, rounded(v))).collect(),
        other => other,
    }
}

/// The whole file.
pub(super) fn all(seed: u64, visits: Vec<Value>) -> Value {
    json!({
        "seed": seed,
        "conventions": {
            "pixels": "raw pixels as stored; pixel (0, 0) covers 0 to 1, so its centre is at 0.5",
            "area": "x, y, width, height: columns x to x + width - 1, rows y to y + height - 1",
            "ellipse": "centre and the ends of two half axes",
            "visible": "u = W/2 + (x - w/2 + offset_x) * W / (R * w); v likewise",
            "temperatures": "true surface, mean over each pixel, no noise",
        },
        "visits": visits,
    })
}

/// One visit.
pub(super) fn visit(day: &Day, pictures: Vec<Value>) -> Value {
    json!({
        "id": day.id(),
        "date": day.date.to_string(),
        "number": day.visit,
        "dawn_c": day.dawn_c,
        "wind_m_s": day.wind_m_s,
        "pictures": pictures,
    })
}

/// One picture.
pub(super) fn picture(taken: &Taken<'_>) -> Value {
    let Taken {
        task, shot, point, ..
    } = taken;
    let camera = shot.model.camera();
    let building = &taken.park.buildings[task.building];
    let feature = task.feature.and_then(|f| building.features.get(f));
    let marks = Marks {
        placed: taken.placed,
        points: taken.points,
        width: camera.size[0],
    };
    let (least, greatest) = taken
        .points
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), p| {
            (low.min(p.c), high.max(p.c))
        });
    let record = json!({
        "file": taken.name,
        "scene": shot.scene,
        "company_id": taken.firm,
        "oidn": building.oidn,
        "findings": taken.findings,
        "time": taken.local.to_string(),
        "camera": {
            "model": camera.model,
            "width": camera.size[0],
            "height": camera.size[1],
            "orientation": if shot.upright { 6 } else { 1 },
            "netd_k": camera.netd_k,
        },
        "position": {
            "x_m": point.map[0],
            "y_m": point.map[1],
            "height_m": point.height_m,
            "direction_deg": point.direction_deg,
            "in_file": shot.position,
        },
        "visible": visible(taken),
        "parameters": {
            "emissivity": shot.optics.emissivity,
            "reflected_c": shot.optics.reflected_c,
            "distance_m": shot.optics.distance_m,
            "air_c": shot.optics.air_c,
            "humidity_pct": 100.0 * shot.optics.humidity,
            "window_c": shot.optics.window_c,
            "window_transmission": shot.optics.window_transmission,
        },
        "camera_emissivity": shot.camera_emissivity,
        "markers_in_file": shot.marked_in_file,
        "markers": taken.placed.iter().map(|m| mark(m, &marks)).collect::<Value>(),
        "picture_c": { "min": least, "max": greatest },
        "indicators": (shot.indicate)(&marks),
        "anomaly": feature.map(|f| f.id.as_str()),
        "expected": shot.expected,
    });
    rounded(record)
}

fn visible(taken: &Taken<'_>) -> Value {
    let camera = taken.shot.model.camera();
    match taken.shot.visible {
        Visible::None => Value::Null,
        Visible::Photo => json!({ "photo": taken.photo }),
        Visible::Embedded => json!({
            "width": camera.visible[0],
            "height": camera.visible[1],
            "real_to_ir": camera.real_to_ir,
            "offset_px": camera.offset_px,
        }),
    }
}

fn mark(mark: &Placed, marks: &Marks<'_>) -> Value {
    let spread = marks.spread(mark.label);
    json!({
        "label": mark.label,
        "kind": mark.word,
        "points": mark.points,
        "emissivity": marks.emissivity(mark.label),
        "min_c": spread.map(|s| s.min_c),
        "mean_c": spread.map(|s| s.mean_c),
        "max_c": spread.map(|s| s.max_c),
    })
}
