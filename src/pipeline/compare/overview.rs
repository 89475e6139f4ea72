//! `overview.pdf` of a comparison: counts and classes, no value of a building.

use super::Compared;
use super::companies::State;
use super::read::Flown;
use super::trend::Trend;
use crate::compare::line::median;
use crate::compare::trend::{Series, middle};
use crate::compare::{Quantity, Verdict};
use crate::pipeline::check::time_zone;
use crate::pipeline::house::House;
use crate::pipeline::project::Project;
use crate::problem::Result;
use crate::report::Brand;
use crate::report::changes::{ChangeInput, Night, TrendInput, change_pages};
use crate::score::classes::percentile;
use crate::survey::Language;
use crate::write::{atomic, pdf};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;

/// Rate of false discoveries among the trends of all buildings.
const FDR_Q: f64 = 0.05;
/// From this year on a moment is one: the epoch stands for no time.
const EPOCH_Y: f64 = 1970.0;

/// Writes the overview.
pub(super) fn write(
    path: &Path,
    project: &Project,
    house: &House,
    compared: &Compared<'_>,
) -> Result<()> {
    let pages = change_pages(&compared.overview(project, house.brand.clone()));
    atomic::write_file(path, &pdf::render_changes(&pages, &house.templates)?)
}

impl Compared<'_> {
    fn overview(&self, project: &Project, brand: Brand) -> ChangeInput {
        let zone = time_zone(project).unwrap_or(TimeZone::UTC);
        let text = |key: &str| project.settings.text("project", key);
        let name = text("name").to_owned();
        let spots = |word: &str| {
            let all = self.spots.iter();
            all.filter(|s| s.verdict.map_or("", |v| v.word()) == word)
                .count()
        };
        let same = |both: [bool; 2]| {
            let all = self.same.iter();
            all.filter(|s| [s.before.is_some(), s.after.is_some()] == both)
                .count()
        };
        let renumbered = self
            .same
            .iter()
            .filter(|s| s.before.is_some() && s.after.is_some() && !s.by_key);
        ChangeInput {
            brand,
            campaign: match text("campaign") {
                "" => name.clone(),
                given => given.to_owned(),
            },
            project: name,
            language: Language::from_code(text("language")).unwrap_or(Language::Nl),
            nights: self.flights.map(|f| night(f, &zone)),
            verdicts: [
                Verdict::Improved,
                Verdict::Worse,
                Verdict::NoProvenChange,
                Verdict::NotComparable,
            ]
            .map(|v| self.count(v)),
            provable: self.provable(),
            matrix: self.class_matrix(),
            hotspots: ["new", "gone", "persisting", ""].map(spots),
            buildings: [
                same([true, true]),
                same([false, true]),
                same([true, false]),
                renumbered.count(),
            ],
            companies: self.by_state(),
            trend: self.trend.as_ref().map(Trend::figures),
            changed: self.changed(),
            normalised: self.comparison.u.is_some() || self.comparison.theta.is_some(),
            registered: self.registration.is_some(),
            program: concat!("thermaudit ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Median of the smallest provable change of U, W/m²K.
    fn provable(&self) -> Option<f64> {
        let changes = self.comparison.changes.iter();
        let of_u = changes.filter(|c| c.quantity == Some(Quantity::U));
        median(of_u.filter_map(|c| c.provable))
    }

    /// Share of the compared roofs that seem to have changed: beyond 3 σ of the line, or called so.
    pub(super) fn changed(&self) -> Option<f64> {
        let compared = self.comparison.changes.len() - self.count(Verdict::NotComparable);
        if compared == 0 {
            return None;
        }
        let called = self.count(Verdict::Improved) + self.count(Verdict::Worse);
        let called = called as f64 / compared as f64;
        let line = self
            .comparison
            .u
            .as_ref()
            .or(self.comparison.theta.as_ref());
        let beyond = line.map_or(0.0, |n| 1.0 - n.unchanged as f64 / n.roofs.max(1) as f64);
        Some(called.max(beyond))
    }

    fn by_state(&self) -> Vec<(&'static str, Vec<String>)> {
        let states = State::ALL.into_iter().filter(|s| *s != State::Same);
        states
            .map(|state| {
                let own = self.companies.iter().filter(|c| c.state == state);
                let shown = own.map(|c| match c.name.as_str() {
                    "" => c.id.clone(),
                    name => format!("{name} ({})", c.id),
                });
                (state.word(), shown.collect())
            })
            .collect()
    }
}

fn night(flight: &Flown, zone: &TimeZone) -> Night {
    let number = |key: &str| flight.conditions[key].as_f64();
    let start: Option<Timestamp> = flight.stamp.parse().ok();
    let known = start.filter(|t| t.as_second() > 0);
    Night {
        id: flight.id.clone(),
        start: known.map(|t| t.to_zoned_datetime(zone.clone()).datetime()),
        quality: match flight.spoilt() {
            Some(_) => String::new(),
            None => flight.quality.clone().unwrap_or_default(),
        },
        air_c: number("air_c"),
        humidity_pct: number("humidity_pct"),
        wind_m_s: number("wind_m_s"),
        cloud_okta: number("cloud_okta"),
        sky_c: number("sky_c"),
        rain_24h_mm: number("rain_24h_mm"),
        since_sunset_h: number("since_sunset_h"),
    }
}

impl Trend {
    fn figures(&self) -> TrendInput {
        // The spread of the same buildings in every flight: one seen once would move it.
        let whole = |s: &&Series| s.values.iter().all(Option::is_some);
        let whole: Vec<&Series> = self.series.iter().filter(whole).collect();
        let spread = |flight: usize| {
            let values = whole.iter();
            let mut known: Vec<f64> = values.filter_map(|s| s.values[flight]).collect();
            known.sort_by(f64::total_cmp);
            let at = |share: f64| percentile(&known, share);
            Some([at(0.10)?, at(0.50)?, at(0.90)?])
        };
        let proven = |s: &&Series| s.p_adjusted.is_some_and(|p| p <= FDR_Q);
        let tested = self.series.iter().filter(|s| s.p_adjusted.is_some());
        let known = tested.count();
        let way = |falls: bool| {
            let all = self.series.iter().filter(proven);
            all.filter(|s| s.per_year.is_some_and(|y| (y < 0.0) == falls))
                .count()
        };
        let (down, up) = (way(true), way(false));
        let flights = self.flights.iter().cloned();
        TrendInput {
            flights: flights
                .zip(self.years.iter().map(|y| EPOCH_Y + y))
                .collect(),
            spread: (0..self.flights.len()).map(spread).collect(),
            buildings: whole.len(),
            counts: [down, up, known - down - up],
            slope: middle(&self.series),
        }
    }
}
