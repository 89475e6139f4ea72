//! What a flight's overviews are made from: conditions, quality, weather and rated roofs.

use super::Flight;
use super::adjustment::median;
use super::geometry::Fate;
use super::map::Map;
use super::quality::sees;
use super::roofs::Rated;
use super::sheets::absolute_uncertainty_k;
use super::weather::{FlightWeather, overridden};
use crate::pipeline::catalogue::Catalogue;
use crate::problem::Kind;
use crate::report::overview::{Fact, Facts, WeatherPoint};
use ::geo::BoundingRect;
use jiff::Timestamp;

/// Steps of the weather over a flight.
const WEATHER_STEPS: i32 = 16;

impl Flight<'_> {
    /// What the overviews are made from.
    pub(super) fn overview_facts(
        &self,
        catalogue: &Catalogue,
        map: &Map,
        rated: &Rated,
        weather: &FlightWeather,
    ) -> Facts {
        let local = |time: Option<Timestamp>| match time {
            Some(t) => Fact::Text(
                t.to_zoned_datetime(self.zone.clone())
                    .datetime()
                    .to_string(),
            ),
            None => Fact::None,
        };
        let number = |value: Option<f64>| match value {
            Some(v) if v.is_finite() => Fact::Number(v),
            _ => Fact::None,
        };
        let now = weather.middle;
        let conditions = [
            ("start_local", local(weather.start)),
            ("end_local", local(weather.end)),
            ("air_c", number(now.air_c)),
            ("humidity_pct", number(now.humidity_pct)),
            ("wind_m_s", number(now.wind_m_s)),
            ("cloud_okta", number(now.cloud_okta)),
            ("sky_c", number(rated.conditions.sky().map(|s| s.sky_c))),
            ("rain_24h_mm", number(weather.rain_24h_mm)),
            ("emissivity", number(Some(map.emissivity))),
            ("uncertainty_k", number(Some(absolute_uncertainty_k(map)))),
            ("gsd_m", number(Some(map.transform.dx))),
        ];
        Facts {
            conditions: conditions
                .into_iter()
                .map(|(key, fact)| (key.to_owned(), fact))
                .collect(),
            times: weather
                .start
                .zip(weather.end)
                .map(|(start, end)| (start.to_string(), end.to_string())),
            quality: self.quality_facts(catalogue, map),
            weather: self.weather_points(weather),
            stations: weather.stations.iter().map(|s| s.0.clone()).collect(),
            ..rated.facts()
        }
    }

    /// Figures of the flight's quality that the overview prints.
    fn quality_facts(&self, catalogue: &Catalogue, map: &Map) -> Vec<(String, Fact)> {
        let levelling = self.record.noted("levelling");
        let level = |key: &str| levelling.and_then(|l| l[key].as_f64());
        let references = levelling.and_then(|l| l["references"].as_array());
        let left: Vec<f64> = references
            .into_iter()
            .flatten()
            .filter_map(|r| r["residual_k"].as_f64())
            .collect();
        let rms = (left.iter().map(|k| k * k).sum::<f64>() / left.len().max(1) as f64).sqrt();
        let placed = median(map.frames.iter().map(|f| f.sigma_xy_m));
        let used = match map.frames.len() {
            0 => catalogue.tiles.len(),
            n => n,
        };
        let left_out = left_out(catalogue, map);
        let figures = [
            ("frames_used", Some(used as f64)),
            (
                "frames_rejected",
                Some(left_out.iter().map(|(_, n)| n).sum::<usize>() as f64),
            ),
            ("overlap_views", self.overlap(map)),
            ("repeatability_k", level("disagreement_after_k")),
            ("drift_k", level("offsets_span_k")),
            ("references_k", Some(rms).filter(|_| !left.is_empty())),
            ("position_m", Some(placed)),
        ];
        let reasons = left_out.into_iter().filter(|(_, n)| *n > 0);
        let known = figures
            .into_iter()
            .chain(reasons.map(|(key, n)| (key, Some(n as f64))))
            .filter_map(|(key, value)| Some((key, value.filter(|v| v.is_finite())?)));
        known
            .map(|(key, value)| (key.to_owned(), Fact::Number(value)))
            .collect()
    }

    /// Frames that see the middle of a building, median over the buildings in the map.
    fn overlap(&self, map: &Map) -> Option<f64> {
        let within = map.transform.bounds(map.width, map.height);
        let middles = self.job.inputs.outlines.iter().filter_map(|outline| {
            let middle = outline.polygon.bounding_rect()?.center();
            within.contains(middle.x, middle.y).then_some(middle)
        });
        let views: Vec<f64> = middles
            .map(|p| {
                let frames = map.frames.iter();
                frames.filter(|f| sees(f, p.x, p.y).is_some()).count() as f64
            })
            .collect();
        let known = !map.frames.is_empty() && !views.is_empty();
        known.then(|| median(views.into_iter()))
    }

    /// Weather from the first exposure to the last.
    fn weather_points(&self, weather: &FlightWeather) -> Vec<WeatherPoint> {
        let Some((start, end)) = weather.start.zip(weather.end) else {
            return Vec::new();
        };
        let settings = &self.job.folder.settings;
        let whole = end.duration_since(start);
        let point = |i: i32| {
            let time = start.checked_add(whole * i / WEATHER_STEPS).ok()?;
            let then = overridden(self.job.inputs.weather.at(time), settings);
            let local = time.to_zoned_datetime(self.zone.clone());
            Some(WeatherPoint {
                minute: time.duration_since(start).as_secs_f64() / 60.0,
                local: local.strftime("%H:%M").to_string(),
                air_c: then.air_c,
                wind_m_s: then.wind_m_s,
            })
        };
        (0..=WEATHER_STEPS).filter_map(point).collect()
    }
}

/// Frames and files that are not in the map, by reason; the name of each is its figure's.
fn left_out(catalogue: &Catalogue, map: &Map) -> [(&'static str, usize); 5] {
    let fates = |wanted: fn(&Fate) -> bool| map.fates().iter().filter(|f| wanted(f)).count();
    let kinds =
        |wanted: fn(Kind) -> bool| catalogue.skips.iter().filter(|p| wanted(p.kind)).count();
    let broken = |kind| matches!(kind, Kind::Broken | Kind::Io);
    let unread = |kind| kind == Kind::Unsupported;
    let rest = catalogue.skips.len() - kinds(broken) - kinds(unread);
    [
        (
            "rejected_damaged",
            fates(|f| matches!(f, Fate::Skipped(_))) + kinds(broken),
        ),
        ("rejected_other_kind", kinds(unread)),
        ("rejected_incomplete", rest),
        ("rejected_oblique", fates(|f| matches!(f, Fate::Oblique(_)))),
        (
            "rejected_unplaced",
            fates(|f| matches!(f, Fate::Unplaced(_))),
        ),
    ]
}
