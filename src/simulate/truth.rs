//! What is true of the park and its flights, for tests to compare with: `truth/truth.json`.

use serde_json::{Value, json};

use super::building::Building;
use super::companies::Firms;
use super::feature::{Effect, Feature};
use super::flight::Flight;
use super::night::{Night, Weather};
use super::outlines::{closed, form_word, map_ring};
use super::park::Park;
use super::scene::{Scene, is_heated, mirrors_the_sky};
use super::shape::inside;
use super::strips::Tile;
use super::{Nights, Options, Scale, Stock};

/// How a flight was flown.
pub(super) enum Flown {
    Drone(Box<Flight>),
    Aircraft(Vec<Tile>),
}

fn round(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}

/// Everything about buildings, faults and distractors; `scenes` are the flights in order.
pub(super) fn park_truth(
    options: &Options,
    park: &Park,
    firms: &Firms,
    scenes: &[Scene],
    flights: Vec<Value>,
) -> Value {
    let mut faults = Vec::new();
    let mut distractors = Vec::new();
    for (index, building) in park.buildings.iter().enumerate() {
        for feature in &building.features {
            let record = feature_truth(park, building, index, feature, scenes);
            if feature.kind.is_defect() {
                faults.push(record);
            } else {
                distractors.push(record);
            }
        }
        if mirrors_the_sky(building) {
            distractors.push(metal_truth(park, building));
        }
    }
    distractors.extend(park.vehicles.iter().map(|v| vehicle_truth(park, v)));
    let buildings: Vec<Value> = (0..park.buildings.len())
        .map(|index| building_truth(park, firms, index, scenes))
        .collect();
    let mut record = json!({
        "seed": options.seed,
        "scale": options.scale.name(),
        "sensor": options.sensor.name(),
        "gnss": options.gnss.name(),
        "crs": "EPSG:31370",
        "heights": "TAW",
        "park_angle_deg": round(park.frame.turn[1].atan2(park.frame.turn[0]).to_degrees(), 4),
        "flights": flights,
        "buildings": buildings,
        "anomalies": faults,
        "distractors": distractors,
    });
    let asked = options.stock != Stock::default() || options.nights != Nights::default();
    if let Some(fields) = record.as_object_mut().filter(|_| asked) {
        fields.insert("stock".into(), json!(options.stock.name()));
        fields.insert("nights".into(), json!(options.nights.name()));
        let hidden = scenes.iter().map(|scene| hidden_truth(&scene.weather));
        fields.insert("hidden".into(), hidden.collect());
    }
    record
}

/// What the weather table of a night does not tell.
fn hidden_truth(weather: &Weather) -> Value {
    let hidden = weather.hidden();
    json!({
        "convection_factor": round(hidden.convection, 4),
        "sky_k": round(hidden.sky_k, 3),
        "camera_k": round(hidden.camera_k, 3),
    })
}

fn building_truth(park: &Park, firms: &Firms, index: usize, scenes: &[Scene]) -> Value {
    let building = &park.buildings[index];
    let eave = building.base_m + building.eave_m;
    let corners: Vec<[f64; 3]> = map_ring(park, building, &building.ring)
        .iter()
        .map(|p| [round(p[0], 3), round(p[1], 3), round(eave, 3)])
        .collect();
    let owners: Vec<&str> = firms
        .list
        .iter()
        .filter(|f| f.buildings.contains(&index) || f.part.is_some_and(|p| p.0 == index))
        .map(|f| f.id.as_str())
        .collect();
    let flights: Vec<Value> = scenes
        .iter()
        .map(|scene| roof_truth(scene, index))
        .collect();
    json!({
        "oidn": building.oidn,
        "companies": owners,
        "material": building.material.name(),
        "emissivity": round(building.emissivity, 4),
        "form": form_word(&building.form),
        "heated": is_heated(building),
        "height_m": building.eave_m,
        "reference": building.reference,
        "area_m2": round(building.area_m2(), 2),
        "corners_at_eave": corners,
        "indoor_c": building.indoor_c,
        "flights": flights,
    })
}

/// Temperatures of a roof on one night, sampled over its plan.
fn roof_truth(scene: &Scene, index: usize) -> Value {
    let building = &scene.park.buildings[index];
    let step = match scene.park.scale {
        Scale::Tiny | Scale::Small => 0.25,
        Scale::Medium | Scale::Large => 1.0,
    };
    let (mut whole, mut sound) = (Vec::new(), Vec::new());
    let bounds = building.bounds();
    let count = |length: f64| (length / step).floor() as usize;
    for i in 0..count(bounds.width()) {
        for j in 0..count(bounds.height()) {
            let s = bounds.u0 + (i as f64 + 0.5) * step;
            let t = bounds.v0 + (j as f64 + 0.5) * step;
            let (u, v) = (s - building.centre[0], t - building.centre[1]);
            if !inside(&building.rects, u, v, 0.0) {
                continue;
            }
            let (celsius, touched) = scene.roof_at(index, s, t);
            whole.push(celsius);
            if !touched && inside(&building.rects, u, v, 0.75) {
                sound.push(celsius);
            }
        }
    }
    let balance = scene.balance(building);
    json!({
        "flight": scene.flight,
        "u_w_m2k": round(building.u_at(scene.flight), 4),
        "indoor_under_roof_c": round(balance.indoor_c, 2),
        "h_c_w_m2k": round(balance.h, 3),
        "adiabatic_c": round(balance.surface_c(0.0), 3),
        "clean_c": round(scene.clean_roof_c(index), 3),
        "median_sound_inner_c": median(&mut sound).map(|v| round(v, 3)),
        "median_whole_c": median(&mut whole).map(|v| round(v, 3)),
    })
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[n / 2]),
        n => Some(0.5 * (values[n / 2 - 1] + values[n / 2])),
    }
}

fn feature_truth(
    park: &Park,
    building: &Building,
    index: usize,
    feature: &Feature,
    scenes: &[Scene],
) -> Value {
    let (kind, detail) = feature.kind.words();
    let share = mean_weight(feature);
    let flights: Vec<Value> = scenes
        .iter()
        .filter_map(|scene| {
            let excess = scene.excess_k(index, &feature.id)?;
            Some(json!({
                "flight": scene.flight,
                "excess_k": round(excess, 3),
                "excess_mean_k": round(excess * share, 3),
            }))
        })
        .collect();
    let emissivity = match feature.effect {
        Effect::Covers { emissivity, .. } => emissivity,
        _ => round(building.emissivity, 4),
    };
    json!({
        "id": feature.id,
        "oidn": building.oidn,
        "kind": kind,
        "detail": detail,
        "is_defect": feature.kind.is_defect(),
        "area_m2": round(feature.area_m2(), 3),
        "emissivity": emissivity,
        "height_m": feature.height_m,
        "u_w_m2k": match feature.effect { Effect::Conducts { u } => Some(round(u, 3)), _ => None },
        "flights": flights,
        "polygon": closed(&map_ring(park, building, &feature.shape.ring())),
    })
}

/// Mean share of the peak effect inside the ring of a feature (1 for sharp ones).
fn mean_weight(feature: &Feature) -> f64 {
    let reach = feature.shape.reach();
    let (mut sum, mut count) = (0.0, 0.0);
    for i in 0..60 {
        for j in 0..60 {
            let u = reach.u0 + (f64::from(i) + 0.5) / 60.0 * reach.width();
            let v = reach.v0 + (f64::from(j) + 0.5) / 60.0 * reach.height();
            let weight = feature.shape.weight(u, v);
            if weight >= 0.5 {
                sum += weight;
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { 1.0 }
}

fn metal_truth(park: &Park, building: &Building) -> Value {
    json!({
        "id": format!("{}-metal", building.oidn),
        "oidn": building.oidn,
        "kind": "metal",
        "detail": "mirrors the sky",
        "is_defect": false,
        "area_m2": round(building.area_m2(), 2),
        "emissivity": round(building.emissivity, 4),
        "polygon": closed(&map_ring(park, building, &building.ring)),
    })
}

fn vehicle_truth(park: &Park, vehicle: &Feature) -> Value {
    let ring: Vec<[f64; 2]> = vehicle
        .shape
        .ring()
        .iter()
        .map(|p| park.frame.to_map(p[0], p[1]))
        .collect();
    json!({
        "id": vehicle.id,
        "oidn": Value::Null,
        "kind": "vehicle",
        "detail": "",
        "is_defect": false,
        "area_m2": round(vehicle.area_m2(), 2),
        "polygon": closed(&ring),
    })
}

/// One flight: night, sky and every exposure or tile.
pub(super) fn flight_truth(night: &Night, scene: &Scene, flown: &Flown) -> Value {
    let weather = &scene.weather;
    let mut record = json!({
        "flight": night.flight,
        "id": night.id(),
        "start": night.start.to_string(),
        "air_c": round(weather.air_c, 3),
        "humidity_pct": round(100.0 * weather.humidity, 2),
        "dew_point_c": round(weather.dew_c(), 3),
        "wind_10m_m_s": round(weather.wind_10m, 3),
        "cloud_okta": weather.okta,
        "sky_c": round(weather.sky_k() - 273.15, 3),
    });
    let Some(fields) = record.as_object_mut() else {
        return record;
    };
    match flown {
        Flown::Drone(flight) => {
            let mean = flight.exposures.iter().map(|e| e.centre[2]).sum::<f64>()
                / flight.exposures.len().max(1) as f64;
            fields.insert("agl_m".into(), json!(round(flight.agl_m, 2)));
            fields.insert("takeoff_m".into(), json!(round(flight.takeoff_m, 3)));
            fields.insert("mean_height_m".into(), json!(round(mean, 3)));
            let frames = flight.exposures.iter().map(|e| {
                json!({
                    "file": e.name,
                    "time_s": round(e.time_s, 3),
                    "centre": e.centre.map(|v| round(v, 4)),
                    "rotation": e.rotation.map(|row| row.map(|v| round(v, 9))),
                    "offset_k": round(e.drift_k, 4),
                    "run": e.run,
                })
            });
            fields.insert("frames".into(), frames.collect());
        }
        Flown::Aircraft(tiles) => {
            let tiles = tiles.iter().map(|t| {
                json!({
                    "file": t.name,
                    "strip": t.strip,
                    "time_s": round(t.time_s, 1),
                    "bias_k": round(t.bias_k, 4),
                    "shift_m": t.shift_m,
                })
            });
            fields.insert("tiles".into(), tiles.collect());
        }
    }
    record
}
