//! Where and under which conditions a picture was taken: inside or outside, air, humidity, weather,
//! place on the plan.

use super::pictures::Known;
use crate::calibrate::handheld::{HandheldParameters, for_handheld};
use crate::calibrate::parameters::{Choice, Origin, Settings as Radiometry, Surroundings};
use crate::config::Settings;
use crate::geo::crs::Crs;
use crate::report::visit::{ParameterFact, ParameterKey, ParameterOrigin, Plan};
use crate::score::handheld::SiteConditions;
use crate::score::sun;
use crate::survey::{Finding, FindingKind, FoundParameters, Outline, Weather};
use ::geo::{BoundingRect, Contains, MultiPolygon, Point};
use jiff::{SignedDuration, Timestamp};

/// Half width of the mini-plan's surroundings, metres.
const PLAN_M: f64 = 40.0;

/// The inputs conditions are made from.
pub(super) struct Site<'a> {
    pub(super) settings: &'a Settings,
    pub(super) radiometry: &'a Radiometry,
    pub(super) weather: &'a Weather,
    pub(super) crs: &'a Crs,
}

/// Words that say where the camera stood.
const OUTSIDE: [&str; 8] = [
    "buiten",
    "outside",
    "outdoor",
    "ext\u{e9}rieur",
    "exterieur",
    "dehors",
    "au\u{df}en",
    "aussen",
];
const INSIDE: [&str; 6] = [
    "binnen",
    "inside",
    "indoor",
    "int\u{e9}rieur",
    "interieur",
    "innen",
];

impl Site<'_> {
    /// A value of `[visit]`; `None` when not given.
    fn visit(&self, name: &str) -> Option<f64> {
        self.settings.number("visit", name)
    }

    /// Air inside and outside, with their sources.
    fn air(&self, row: &Finding, time: Option<Timestamp>) -> [Option<f64>; 2] {
        let weather = time.and_then(|t| self.weather.at(t).air_c);
        [
            row.indoor_c.or_else(|| self.visit("indoor_c")),
            row.outdoor_c
                .or_else(|| self.visit("outdoor_c"))
                .or(weather),
        ]
    }

    /// Whether the camera stood outside: what the row says, else its words, else the air the row
    /// gives, else the air the camera was set to, each nearer to which of the two.
    pub(super) fn outdoors(
        &self,
        row: &Finding,
        found: &FoundParameters,
        time: Option<Timestamp>,
    ) -> bool {
        if let Some(outside) = row.outside {
            return outside;
        }
        let text = format!("{} {} {}", row.location, row.orientation, row.storey).to_lowercase();
        let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
        match (says(&OUTSIDE), says(&INSIDE)) {
            (true, false) => return true,
            (false, true) => return false,
            _ => {}
        }
        if row.kind == Some(FindingKind::Pv) {
            return true;
        }
        if row.kind != Some(FindingKind::Building) {
            return false;
        }
        let [indoor, outdoor] = self.air(row, time);
        let air = row.radiometry.air_c.or(found.air_c);
        match (air, indoor, outdoor) {
            (Some(air), Some(indoor), Some(outdoor)) => {
                (air - outdoor).abs() < (air - indoor).abs()
            }
            _ => false,
        }
    }

    /// Radiometric parameters of a picture under a row.
    pub(super) fn parameters(&self, row: &Finding, picture: &Known) -> HandheldParameters {
        let found = &picture.header.found;
        let outdoors = self.outdoors(row, found, picture.time);
        let own = |value: Option<f64>| value.map(|v| Choice::new(v, Origin::FindingsRow));
        let noted = |name: &str| self.visit(name).map(|v| Choice::new(v, Origin::VisitToml));
        let room = match outdoors {
            true => own(row.outdoor_c).or_else(|| noted("outdoor_c")),
            false => own(row.indoor_c).or_else(|| noted("indoor_c")),
        };
        let now = picture
            .time
            .filter(|_| outdoors)
            .map(|t| self.weather.at(t));
        let weather = Surroundings {
            reflected_c: None,
            air_c: now.and_then(|w| w.air_c),
            humidity: now.and_then(|w| w.humidity_pct).map(|h| h / 100.0),
            path_m: None,
        };
        for_handheld(&row.radiometry, self.radiometry, room, found, &weather)
    }

    /// Conditions of a finding.
    pub(super) fn conditions(
        &self,
        row: &Finding,
        picture: &Known,
        used: &HandheldParameters,
    ) -> SiteConditions {
        let outdoors = self.outdoors(row, &picture.header.found, picture.time);
        let [indoor_c, outdoor_c] = self.air(row, picture.time);
        let default_air = used.origins[3] == Origin::Default;
        let at = |t: Timestamp| self.weather.at(t);
        let day = |t: Timestamp| {
            let hours = (0..=24).filter_map(|h| t.checked_sub(SignedDuration::from_hours(h)).ok());
            let told: Vec<f64> = hours.filter_map(|t| at(t).air_c).collect();
            // A day of which an hour is missing is not known.
            let low = told.iter().copied().reduce(f64::min)?;
            let high = told.iter().copied().reduce(f64::max)?;
            (told.len() == 25).then_some([low, high])
        };
        let place = picture.header.fix.map(|f| (f.lon_deg, f.lat_deg));
        SiteConditions {
            indoor_c,
            outdoor_c,
            indoor_humidity: row
                .indoor_humidity
                .or_else(|| self.visit("humidity_pct").map(|h| h / 100.0)),
            air_c: (!default_air).then_some(used.parameters.air_c),
            reflected_c: (used.origins[1] != Origin::Default)
                .then_some(used.parameters.reflected_c),
            wind_m_s: row
                .wind_m_s
                .or_else(|| self.visit("wind_m_s"))
                .or_else(|| picture.time.and_then(|t| at(t).wind_m_s)),
            pressure_pa: row.pressure_pa.or_else(|| self.visit("pressure_pa")),
            emissivity: used.parameters.emissivity,
            outdoors,
            outdoor_24h_c: picture.time.and_then(day),
            rain_24h_mm: picture.time.and_then(|t| self.weather.rain_before(t, 24.0)),
            sun_2h: picture
                .time
                .zip(place)
                .and_then(|(t, (lon, lat))| sun_within(t, lon, lat)),
        }
    }

    /// Camera on the project's map.
    pub(super) fn place(&self, picture: &Known) -> Option<[f64; 2]> {
        let fix = picture.header.fix?;
        let (x, y) = self.crs.from_lonlat(fix.lon_deg, fix.lat_deg).ok()?;
        (x.is_finite() && y.is_finite()).then_some([x, y])
    }

    /// The mini-plan of a picture: `own` the company's outlines, `all` everybody's.
    pub(super) fn plan(&self, picture: &Known, own: &[&Outline], all: &[Outline]) -> Option<Plan> {
        let camera = self.place(picture)?;
        let own: MultiPolygon<f64> = MultiPolygon(
            own.iter()
                .flat_map(|o| o.polygon.0.iter().cloned())
                .collect(),
        );
        let around = own.bounding_rect()?;
        let near = |x: f64, y: f64, margin: f64| {
            x > around.min().x - margin
                && x < around.max().x + margin
                && y > around.min().y - margin
                && y < around.max().y + margin
        };
        // A position far from every own building says nothing about the picture.
        if !near(camera[0], camera[1], PLAN_M) {
            return None;
        }
        let inside = own.contains(&Point::new(camera[0], camera[1]));
        let convergence = self.crs.convergence_rad(camera[0], camera[1]).to_degrees();
        let others = all.iter().filter(|o| {
            o.polygon.bounding_rect().is_some_and(|r| {
                near(r.min().x, r.min().y, PLAN_M) || near(r.max().x, r.max().y, PLAN_M)
            }) && !own.0.iter().any(|p| o.polygon.0.contains(p))
        });
        Some(Plan {
            others: others.map(|o| o.polygon.clone()).collect(),
            own,
            camera,
            heading_deg: picture
                .header
                .heading_deg
                .map(|h| (h - convergence).rem_euclid(360.0)),
            inside,
        })
    }
}

/// Whether the sun stood above the horizon at a time or within two hours before.
fn sun_within(time: Timestamp, lon: f64, lat: f64) -> Option<bool> {
    let night = sun::night(time, lon, lat)?;
    Some(night.since_sunset_h < 2.0)
}

/// Parameters as printed: what the camera had and who changed it.
pub(super) fn facts(used: &HandheldParameters, found: &FoundParameters) -> Vec<ParameterFact> {
    let p = &used.parameters;
    let all = [
        (ParameterKey::Emissivity, p.emissivity, found.emissivity),
        (ParameterKey::Reflected, p.reflected_c, found.reflected_c),
        (ParameterKey::Distance, p.distance_m, found.distance_m),
        (ParameterKey::Air, p.air_c, found.air_c),
        (ParameterKey::Humidity, p.humidity, found.humidity),
        (
            ParameterKey::WindowTransmission,
            p.window_transmission,
            found.window_transmission,
        ),
        (ParameterKey::WindowTemperature, p.window_c, found.window_c),
    ];
    let through_window = p.window_transmission < 1.0;
    all.into_iter()
        .zip(used.origins)
        .filter(|((key, ..), _)| {
            let window = matches!(
                key,
                ParameterKey::WindowTransmission | ParameterKey::WindowTemperature
            );
            !window || through_window
        })
        .map(|((key, value, file), origin)| {
            let other = file.filter(|f| (f - value).abs() > 1e-4 * value.abs().max(1.0));
            let (origin, camera) = match (origin, other) {
                (Origin::File, _) => (ParameterOrigin::Camera, None),
                (Origin::Weather, _) => (ParameterOrigin::Weather, None),
                (Origin::Default, _) => (ParameterOrigin::Default, None),
                (_, Some(file)) => (ParameterOrigin::Changed, Some(file)),
                (_, None) => (ParameterOrigin::Auditor, None),
            };
            ParameterFact {
                key,
                value,
                camera,
                origin,
            }
        })
        .collect()
}
