//! Weather of a flight: the table at the time of the flight, constant values of the settings
//! before it.

use super::Flight;
use crate::calibrate::sky;
use crate::config::Settings;
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::order::stated_start;
use crate::survey::{Conditions, Weather};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Weather as the stages need it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlightWeather {
    /// First exposure.
    pub(crate) start: Option<Timestamp>,
    /// Last exposure.
    pub(crate) end: Option<Timestamp>,
    /// Weather at the middle of the flight.
    pub(crate) middle: Conditions,
    /// Stations behind it that have a name, and their distance, km.
    pub(crate) stations: Vec<(String, Option<f64>)>,
    /// How far two stations behind a value are apart.
    pub(crate) spread: Conditions,
    /// Reflected temperature of the sky in the camera's window, °C.
    pub(crate) window_sky_c: Option<f64>,
    /// Rain of the last 24 hours, mm.
    pub(crate) rain_24h_mm: Option<f64>,
    /// Rain of the last 12 hours, mm.
    pub(crate) rain_12h_mm: Option<f64>,
    /// Rain in the flight and the hour before, mm.
    pub(crate) rain_flight_mm: Option<f64>,
    /// How fast the air cools in the hour before the middle of the flight, K per hour.
    pub(crate) cooling_k_h: Option<f64>,
    /// Range of the air temperature over the flight, K.
    pub(crate) air_drift_k: Option<f64>,
    /// Range of the cloud cover over the flight, okta.
    pub(crate) cloud_change_okta: Option<f64>,
}

impl Flight<'_> {
    /// Weather over the span of the frames, or at `flight.start` where frames have no time.
    pub(super) fn weather(&mut self, catalogue: &Catalogue) -> FlightWeather {
        let settings = &self.job.folder.settings;
        let span = catalogue.span().or_else(|| {
            let start = stated_start(settings, &self.zone)?;
            Some((start, start))
        });
        let mut weather = FlightWeather::default();
        if let Some((start, end)) = span {
            weather.at_span(start, end, &self.job.inputs.weather);
        }
        weather.middle = overridden(weather.middle, settings);
        let section = self.weather_section(&weather);
        self.record.section("weather", section);
        if settings.flag("radiometry", "sky_reflection")
            && let (Some(air_c), Some(humidity_pct), Some(okta)) = (
                weather.middle.air_c,
                weather.middle.humidity_pct,
                weather.middle.cloud_okta,
            )
        {
            let base_m = settings.number("weather", "cloud_base_m").unwrap_or(2000.0);
            weather.window_sky_c = sky::window_reflected_c(air_c, humidity_pct, okta / 8.0, base_m);
        }
        weather
    }

    /// What `run.json` tells of the weather: values, who gave them, what nobody told.
    fn weather_section(&self, weather: &FlightWeather) -> Value {
        let table = &self.job.inputs.weather;
        let middle = weather.middle_time();
        let stations: Vec<Value> = middle
            .map(|time| table.shares(time))
            .unwrap_or_default()
            .iter()
            .map(|share| {
                json!({
                    "code": share.station.code,
                    "name": share.station.name,
                    "distance_km": share.station.distance_m.map(|m| (m / 100.0).round() / 10.0),
                    "local": share.station.local,
                    "quantities": share.quantities,
                })
            })
            .collect();
        // Weights of stations leave digits that mean nothing.
        let told = |value: Option<f64>| value.map(|v| (v * 1000.0).round() / 1000.0);
        let now = &weather.middle;
        let apart = &weather.spread;
        let values = json!({
            "air_c": told(now.air_c), "humidity_pct": told(now.humidity_pct),
            "wind_m_s": told(now.wind_m_s), "cloud_okta": told(now.cloud_okta),
            "pressure_hpa": told(now.pressure_hpa), "sky_c": told(now.sky_c),
        });
        let spread = json!({
            "air_k": told(apart.air_c), "humidity_pct": told(apart.humidity_pct),
            "wind_m_s": told(apart.wind_m_s), "cloud_okta": told(apart.cloud_okta),
            "pressure_hpa": told(apart.pressure_hpa), "sky_k": told(apart.sky_c),
        });
        let given = [
            ("air_c", now.air_c.is_some()),
            ("humidity_pct", now.humidity_pct.is_some()),
            ("wind_m_s", now.wind_m_s.is_some()),
            ("cloud_okta", now.cloud_okta.or(now.sky_c).is_some()),
            ("rain_mm", weather.rain_24h_mm.is_some()),
        ];
        let unknown: Vec<&str> = given.iter().filter(|t| !t.1).map(|t| t.0).collect();
        json!({
            "values": values,
            "stations": stations,
            "spread": spread,
            "unknown": unknown,
            "rain_24h_mm": told(weather.rain_24h_mm),
            "rain_12h_mm": told(weather.rain_12h_mm),
            "rain_flight_mm": told(weather.rain_flight_mm),
            "cooling_k_h": told(weather.cooling_k_h),
        })
    }
}

impl FlightWeather {
    /// Middle of the flight.
    pub(crate) fn middle_time(&self) -> Option<Timestamp> {
        let (start, end) = self.start.zip(self.end)?;
        start.checked_add(end.duration_since(start) / 2).ok()
    }

    fn at_span(&mut self, start: Timestamp, end: Timestamp, table: &Weather) {
        self.start = Some(start);
        self.end = Some(end);
        let middle = self.middle_time().unwrap_or(start);
        self.middle = table.at(middle);
        self.spread = table.spread(middle);
        self.stations = table
            .shares(middle)
            .iter()
            .filter(|share| !share.station.label().is_empty())
            .map(|share| {
                let km = share.station.distance_m.map(|m| m / 1000.0);
                (share.station.label().to_owned(), km)
            })
            .collect();
        self.rain_24h_mm = table.rain_before(end, 24.0);
        self.rain_12h_mm = table.rain_before(end, 12.0);
        let flown_h = end.duration_since(start).as_secs_f64() / 3600.0;
        self.rain_flight_mm = table.rain_before(end, flown_h + 1.0);
        let before = middle.checked_sub(SignedDuration::from_hours(1)).ok();
        self.cooling_k_h = before
            .and_then(|then| table.at(then).air_c)
            .zip(table.at(middle).air_c)
            .map(|(then, now)| then - now);
        self.air_drift_k = table.range(start, end, |c| c.air_c);
        self.cloud_change_okta = table.range(start, end, |c| c.cloud_okta);
    }
}

/// Weather of the table with constant values of the settings over it.
pub(super) fn overridden(table: Conditions, settings: &Settings) -> Conditions {
    let set = |name: &str| settings.number("weather", name);
    Conditions {
        air_c: set("air_c").or(table.air_c),
        humidity_pct: set("humidity_pct").or(table.humidity_pct),
        wind_m_s: set("wind_m_s").or(table.wind_m_s),
        cloud_okta: set("cloud_okta").or(table.cloud_okta),
        // The pressure has a default value: the table is nearer to the truth.
        pressure_hpa: table.pressure_hpa.or(set("pressure_hpa")),
        sky_c: set("sky_c").or(table.sky_c),
    }
}
