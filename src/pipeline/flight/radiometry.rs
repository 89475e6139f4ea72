//! Which radiometric parameters each frame gets, and where they came from.

use super::weather::FlightWeather;
use crate::calibrate::Parameters;
use crate::calibrate::parameters::{Resolved, Settings, Surroundings, for_frame};
use crate::pipeline::catalogue::Entry;
use serde_json::{Map, Value, json};

/// Parameters of a frame; `path_m` is the length of its air path where its place is known.
pub(super) fn resolve(
    settings: &Settings,
    weather: &FlightWeather,
    entry: &Entry,
    path_m: Option<f64>,
) -> Resolved {
    let surroundings = Surroundings {
        reflected_c: weather.window_sky_c,
        air_c: weather.middle.air_c,
        humidity: weather.middle.humidity_pct.map(|h| h / 100.0),
        path_m,
    };
    for_frame(settings, &surroundings, &entry.header)
}

/// A parameter's name and how to read it.
type Shown = (&'static str, fn(&Parameters) -> f64);

/// The parameters of all frames as `run.json` shows them: one value where all agree, else the
/// range, each with its origins.
pub(super) fn describe(resolved: &[Resolved]) -> Value {
    let mut section = Map::new();
    let read: [Shown; 7] = [
        ("emissivity", |p| p.emissivity),
        ("air_c", |p| p.air_c),
        ("reflected_c", |p| p.reflected_c),
        ("distance_m", |p| p.distance_m),
        ("humidity_pct", |p| p.humidity * 100.0),
        ("window_transmission", |p| p.window_transmission),
        ("window_c", |p| p.window_c),
    ];
    for (name, get) in read {
        let values = || resolved.iter().map(|r| get(&r.parameters));
        let (Some(low), Some(high)) = (values().reduce(f64::min), values().reduce(f64::max)) else {
            continue;
        };
        let origin = origins(resolved, name);
        let value = if low == high {
            json!({ "value": low, "origin": origin })
        } else {
            json!({ "lowest": low, "highest": high, "origin": origin })
        };
        section.insert(name.to_owned(), value);
    }
    if let Some(first) = resolved.first() {
        let law = match first.parameters.vendor_equivalent {
            true => "vendor-equivalent",
            false => "physical",
        };
        let origin = origins(resolved, "dji");
        section.insert("dji".to_owned(), json!({ "value": law, "origin": origin }));
    }
    Value::Object(section)
}

/// Where a parameter of these frames came from, each source once.
fn origins(resolved: &[Resolved], name: &str) -> String {
    let all = resolved.iter().flat_map(|r| &r.origins);
    let mut names: Vec<&str> = all
        .filter(|(key, _)| *key == name)
        .map(|(_, origin)| origin.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
