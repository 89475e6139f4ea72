//! Where each input of the scoring came from, for `run.json`.
//!
//! The thresholds stand under `settings`, each with its origin; those of a moisture flight, which
//! are not settings, stand here.

use super::Flight;
use crate::score::{FlightConditions, Measured, Options, moisture};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Flight<'_> {
    /// Section `origins`.
    pub(super) fn origins(
        &self,
        measured: &[Measured],
        conditions: &FlightConditions,
        options: &Options,
    ) -> Value {
        let outlines = &self.job.inputs.outlines;
        let told = outlines.iter().filter(|outline| outline.height_m.is_some());
        let told: BTreeSet<&str> = told.map(|outline| outline.oidn.as_str()).collect();
        let roofs: Vec<Value> = measured
            .iter()
            .map(|roof| {
                let height_m = roof.context.height_m;
                json!({
                    "height_m": height_m.map(|m| (m * 100.0).round() / 100.0),
                    "height_from": height_m.map(|_| match told.contains(roof.context.oidn.as_str()) {
                        true => "outlines",
                        false => "height models",
                    }),
                    "oidn": roof.context.oidn,
                    "indoor": indoor(roof),
                    "material": roof.material.name,
                    "emissivity": roof.material.emissivity,
                    "emissivity_from": emissivity(roof, options),
                    "local_ground_k": roof.context.local_k.map(|k| (k * 1000.0).round() / 1000.0),
                    "sky_view": roof.context.sky_view.map(|f| (f * 1000.0).round() / 1000.0),
                })
            })
            .collect();
        let mut section = json!({ "weather": self.weather_origins(conditions), "roofs": roofs });
        if options.moisture {
            section["moisture"] = json!({
                "day_cloud_okta": conditions.day_cloud_okta,
                "day_cloud_okta_bounds": moisture::DAY_CLOUD_OKTA,
                "after_sunset_h_bounds": moisture::AFTER_SUNSET_H,
                "wind_m_s_bounds": moisture::WIND_M_S,
                "doubts": moisture::doubts(conditions)
                    .iter()
                    .map(|d| format!("{d:?}"))
                    .collect::<Vec<_>>(),
            });
        }
        section
    }

    fn weather_origins(&self, conditions: &FlightConditions) -> Value {
        let settings = &self.job.folder.settings;
        let of = |key: &str, value: Option<f64>| match (settings.number("weather", key), value) {
            (_, None) => "unknown".to_owned(),
            (Some(_), _) => format!("weather.{key}"),
            (None, Some(_)) => "weather table".to_owned(),
        };
        let sky = match (conditions.sky_c, conditions.sky()) {
            (Some(_), _) => of("sky_c", conditions.sky_c),
            (None, Some(_)) => format!("model {}", settings.text("weather", "sky_model")),
            (None, None) => "unknown".to_owned(),
        };
        json!({
            "air_c": of("air_c", conditions.air_c),
            "humidity_pct": of("humidity_pct", conditions.humidity_pct),
            "wind_m_s": of("wind_m_s", conditions.wind_m_s),
            "cloud_okta": of("cloud_okta", conditions.cloud_okta),
            "sky_c": sky,
        })
    }

    /// Mean cloud cover of the six hours before sunset, okta, from the weather table; `None`
    /// where it holds none of them.
    pub(super) fn day_cloud_okta(&self, time: Timestamp, since_sunset_h: f64) -> Option<f64> {
        let table = &self.job.inputs.weather;
        let at = |half_hours: i64| {
            let seconds = (since_sunset_h * 3600.0) as i64 + 1800 * half_hours;
            let then = time.checked_sub(SignedDuration::from_secs(seconds)).ok()?;
            table.at(then).cloud_okta
        };
        let known: Vec<f64> = (1..=12).filter_map(at).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }
}

/// Which temperature was taken (interface.md §2): buildings row, else companies row, else setting.
fn indoor(roof: &Measured) -> &'static str {
    match (roof.context.indoor_c, roof.context.company_indoor_c) {
        (Some(_), _) => "buildings row",
        (None, Some(_)) => "companies row",
        (None, None) => "score.indoor_c",
    }
}

/// How the emissivity was come by.
fn emissivity(roof: &Measured, options: &Options) -> String {
    let material = &roof.material;
    let own = options.material.get(&material.name);
    if own.is_some_and(|change| change.emissivity.is_some()) {
        format!("score.material.{}", material.name)
    } else if material.estimated.is_some() {
        "material estimated from the picture".to_owned()
    } else if material.known {
        "material given".to_owned()
    } else {
        "unknown material: score.emissivity_unknown".to_owned()
    }
}
