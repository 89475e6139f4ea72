//! Key figures, quality of the flight and its weather.

use serde::Serialize;
use std::collections::BTreeSet;

use super::counts::area;
use super::seen::Seen;
use super::words::say;
use super::{Audience, Input};
use crate::report::format::{Format, NBSP, fill};
use crate::report::overview::{Holding, Member, public};
use crate::report::sheet::Pair;
use crate::survey::{Participation, Sharing};

/// Wind above which a flight is not judged (scoring.md §12), m/s.
const WIND_LIMIT_M_S: f64 = 5.0;
/// Steps of the median that is published, K.
const STEP_K: f64 = 0.5;

/// Reasons why a capture is not used: figures of the quality, and texts.
const REJECTED: [&str; 5] = [
    "rejected_oblique",
    "rejected_unplaced",
    "rejected_damaged",
    "rejected_incomplete",
    "rejected_other_kind",
];

/// Weather over the flight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plot {
    /// Title with unit.
    pub title: &'static str,
    /// Alternative text.
    pub alt: String,
    /// Points, 0–1 from the left and from the bottom.
    pub line: Vec<[f64; 2]>,
    /// Marks of the vertical axis.
    pub up: Vec<(f64, String)>,
    /// Marks of the horizontal axis.
    pub across: Vec<(f64, String)>,
    /// A limit and its words.
    pub limit: Option<(f64, String)>,
}

/// A park in the campaign's table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParkRow {
    /// Name.
    pub name: String,
    /// Companies listed, that take part; buildings seen.
    pub cells: [String; 3],
}

/// Companies that take part, as far as a number may be told, and companies listed.
pub(super) fn companies(input: &Input<'_>, park: Option<usize>) -> (usize, usize) {
    let here = |m: &&Member<'_>| park.is_none() || m.park == park;
    let all = input.members.iter().filter(here);
    let part = all
        .clone()
        .filter(|m| m.company.participates == Participation::Yes);
    (part.count(), all.count())
}

fn at_least(n: usize, input: &Input<'_>, f: &Format) -> String {
    match n >= input.scope.min_cell || input.audience == Audience::Association {
        true => f.number(n as f64, 0),
        false => {
            let min = input.scope.min_cell.to_string();
            fill(say("few", input.scope.language), &[("min", &min)])
        }
    }
}

/// Label and value of what the flight saw and who takes part.
pub(super) fn key_figures(input: &Input<'_>, roofs: &[Seen<'_>], f: &Format) -> Vec<Pair> {
    let l = input.scope.language;
    let min = input.scope.min_cell.to_string();
    let flown = input.flown();
    let seen = input.ground.iter().filter(|g| flown.contains(g.oidn));
    let seen_count = f.number(seen.clone().count() as f64, 0);
    let whole = f.number(input.ground.len() as f64, 0);
    let of = fill(say("of_outlines", l), &[("n", &seen_count), ("m", &whole)]);
    let m2: f64 = input.roofs_flown().map(|r| r.area_m2).sum();
    let (part, listed) = companies(input, input.scope.park);
    let mut pairs = vec![
        Pair::new(say("buildings_seen", l), of),
        Pair::new(say("area_seen", l), area(m2, f)),
        Pair::new(say("companies_listed", l), f.number(listed as f64, 0)),
        Pair::new(say("participants", l), at_least(part, input, f)),
    ];
    if input.audience == Audience::Association {
        pairs.extend(shared_figures(input, roofs, f));
    } else {
        let (counts, _) = public::class_counts(input.members, &input.scope);
        let told: Option<Vec<usize>> = counts.iter().take(6).copied().collect();
        if let Some(told) = told.filter(|t| !t.is_empty()) {
            let n: usize = told.iter().sum();
            pairs.push(Pair::new(
                say("assessed_companies", l),
                f.number(n as f64, 0),
            ));
        }
        if let Some(k) = public_median(input) {
            let v = signed(k, f);
            let text = fill(say("median_public", l), &[("v", &v), ("min", &min)]);
            pairs.push(Pair::new(say("median_air", l), text));
        }
    }
    pairs
}

fn signed(k: f64, f: &Format) -> String {
    format!("{}{NBSP}K", f.signed(k, 1))
}

/// Figures of what companies let the association see.
fn shared_figures(input: &Input<'_>, roofs: &[Seen<'_>], f: &Format) -> Vec<Pair> {
    let l = input.scope.language;
    let whole = |n: usize| f.number(n as f64, 0);
    let here = || {
        let all = input.members.iter();
        all.filter(|m| input.scope.holds(m.park))
            .filter(|m| m.company.participates == Participation::Yes)
    };
    let sharing = |least: Sharing| here().filter(|m| m.visible == least).count();
    let judged = roofs
        .iter()
        .filter(|r| r.class_known() && r.roof().class.is_some());
    let mut pairs = vec![
        Pair::new(say("sharing_class", l), whole(sharing(Sharing::Class))),
        Pair::new(say("sharing_full", l), whole(sharing(Sharing::Full))),
        Pair::new(say("assessed_shared", l), whole(judged.count())),
    ];
    let known = roofs.iter().filter(|r| r.full());
    let values: Vec<f64> = known.filter_map(|r| delta(r.roof())).collect();
    let n = whole(values.len());
    if let Some(k) = median(values) {
        let text = fill(say("median_basis", l), &[("v", &signed(k, f)), ("n", &n)]);
        pairs.push(Pair::new(say("median_air", l), text));
    }
    let open = here().filter(|m| m.visible == Sharing::Full);
    let points: Vec<_> = open.flat_map(|m| m.points()).collect();
    if sharing(Sharing::Full) > 0 {
        let m2: f64 = points.iter().map(|s| s.area_m2).sum();
        let n = whole(points.len());
        let text = match points.is_empty() {
            true => n,
            false => fill(
                say("count_area", l),
                &[("n", &n), ("area", &f.with_unit(m2, 0, "m²"))],
            ),
        };
        pairs.push(Pair::new(say("points_total", l), text));
        let urgent = points.iter().filter(|s| s.urgency >= 3).count();
        if urgent > 0 {
            pairs.push(Pair::new(say("points_urgent", l), whole(urgent)));
        }
    }
    pairs
}

/// Median above the outdoor air of a judged roof, K.
fn delta(roof: &crate::report::overview::RoofFacts) -> Option<f64> {
    roof.delta_air_k
        .filter(|k| k.is_finite() && roof.assessed_m2 > 0.0)
}

/// Middle value, mean of the two middle ones.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let upper = values.get(n / 2)?;
    let lower = values.get((n.max(1) - 1) / 2)?;
    Some((upper + lower) / 2.0)
}

/// Median over companies, each by its largest judged roof, rounded. `None` where fewer than
/// `min_cell` companies have one, or fewer roofs are among them (tenants of one hall: its own value), in all or beside those the association knows: it is then that
/// of those it knows, if they are enough.
fn public_median(input: &Input<'_>) -> Option<f64> {
    let counted = input.members.iter().filter(|m| m.counted);
    let here = counted.filter(|m| input.scope.holds(m.park));
    let largest = |m: &Member<'_>| -> Option<(f64, String)> {
        let judged = m.holdings.iter().filter(|h| delta(h.roof).is_some());
        let by_area = |a: &&Holding<'_>, b: &&Holding<'_>| {
            let (a, b) = (a.roof, b.roof);
            a.assessed_m2
                .total_cmp(&b.assessed_m2)
                .then_with(|| a.oidn.cmp(&b.oidn))
        };
        let roof = judged.max_by(by_area)?.roof;
        Some((delta(roof)?, roof.oidn.clone()))
    };
    let values: Vec<((f64, String), bool)> = here
        .filter_map(|m| Some((largest(m)?, m.sees(input.members, Sharing::Full))))
        .collect();
    let hidden = values.iter().filter(|v| !v.1).count();
    let all = hidden == 0 || hidden >= input.scope.min_cell;
    let used = || values.iter().filter(|v| all || v.1).map(|v| &v.0);
    let roofs: BTreeSet<&str> = used().map(|(_, oidn)| oidn.as_str()).collect();
    let used: Vec<f64> = used().map(|(k, _)| *k).collect();
    let enough = used.len().min(roofs.len()) >= input.scope.min_cell;
    let k = median(used).filter(|_| enough)?;
    Some((k / STEP_K).round() * STEP_K)
}

/// The campaign's parks; empty where there is one.
pub(super) fn parks(input: &Input<'_>, f: &Format) -> Vec<ParkRow> {
    if input.scope.park.is_some() {
        return Vec::new();
    }
    let flown = input.flown();
    let parks = input.scope.parks.iter().enumerate();
    parks
        .map(|(i, (id, name))| {
            let (part, listed) = companies(input, Some(i));
            let seen = input
                .ground
                .iter()
                .filter(|g| g.park == Some(i) && flown.contains(g.oidn));
            ParkRow {
                name: super::park_name(id, name),
                cells: [
                    f.number(listed as f64, 0),
                    at_least(part, input, f),
                    f.number(seen.count() as f64, 0),
                ],
            }
        })
        .collect()
}

/// Rows of the table of quality.
pub(super) fn quality(input: &Input<'_>, f: &Format) -> Vec<Pair> {
    let l = input.scope.language;
    let facts = input.facts;
    let mut pairs = Vec::new();
    let mut add = |key: &'static str, value: Option<String>| {
        pairs.extend(value.map(|v| Pair::new(say(key, l), v)));
    };
    let gsd = facts.condition("gsd_m");
    add(
        "resolution",
        gsd.map(|m| f.with_unit(100.0 * m, usize::from(m < 0.1), "cm")),
    );
    let roofs: Vec<_> = input.roofs_flown().collect();
    let whole: f64 = roofs.iter().map(|r| r.area_m2).sum();
    let seen: f64 = roofs.iter().map(|r| r.area_m2 * r.observed_fraction).sum();
    // Of a few roofs it would be what was seen of one.
    let enough = roofs.len() >= input.scope.min_cell && whole > 0.0;
    let share = enough.then(|| f.with_unit(100.0 * seen / whole, 1, "%"));
    add("coverage", share);
    let count = |key: &str| facts.quality(key).map(|n| f.number(n, 0));
    add("overlap", count("overlap_views"));
    add("frames_used", count("frames_used"));
    add("frames_rejected", count("frames_rejected"));
    let kelvin = |key: &str, decimals| {
        let k = facts.quality(key);
        k.map(|k| format!("±{NBSP}{}", f.with_unit(k, decimals, "K")))
    };
    add("repeatability", kelvin("repeatability_k", 2));
    let drift = facts.quality("drift_k");
    add("drift", drift.map(|k| f.with_unit(k, 1, "K")));
    let place = facts.quality("position_m");
    add(
        "position",
        place.map(|m| format!("±{NBSP}{}", f.with_unit(m, 2, "m"))),
    );
    add("references", kelvin("references_k", 2));
    let sure = facts.condition("uncertainty_k");
    add(
        "uncertainty",
        sure.map(|k| format!("±{NBSP}{}", f.with_unit(k, 1, "K"))),
    );
    pairs
}

/// What became of captures that were not used, by reason.
pub(super) fn quality_note(input: &Input<'_>, f: &Format) -> String {
    let l = input.scope.language;
    let told = REJECTED.iter().filter_map(|key| {
        let n = input.facts.quality(key).filter(|n| *n > 0.0)?;
        Some(fill(say(key, l), &[("n", &f.number(n, 0))]))
    });
    let told: Vec<String> = told.collect();
    match told.is_empty() {
        true => say("quality_note", l).to_owned(),
        false => {
            let list = told.join(", ");
            format!(
                "{} {}",
                fill(say("rejected", l), &[("list", &list)]),
                say("quality_note", l)
            )
        }
    }
}

/// Conditions of the flight.
pub(super) fn conditions(input: &Input<'_>, f: &Format) -> Vec<Pair> {
    let l = input.scope.language;
    let rows = [
        ("air", "air_c", 1, "°C"),
        ("humidity", "humidity_pct", 0, "%"),
        ("wind", "wind_m_s", 1, "m/s"),
        ("clouds", "cloud_okta", 0, "/ 8"),
        ("sky", "sky_c", 0, "°C"),
        ("rain", "rain_24h_mm", 1, "mm"),
    ];
    let row = |(key, name, decimals, unit): (&'static str, &str, usize, &str)| {
        Pair::new(
            say(key, l),
            f.optional(input.facts.condition(name), decimals, unit),
        )
    };
    let mut pairs: Vec<Pair> = rows.into_iter().map(row).collect();
    if let Some(e) = input.facts.condition("emissivity") {
        pairs.push(Pair::new(say("emissivity", l), f.number(e, 2)));
    }
    pairs
}

/// Weather over the flight, of what is known.
pub(super) fn plots(input: &Input<'_>, f: &Format) -> Vec<Plot> {
    let air = |p: &crate::report::overview::WeatherPoint| p.air_c;
    let wind = |p: &crate::report::overview::WeatherPoint| p.wind_m_s;
    let found = [
        plot(input, "plot_air", &air, None, f),
        plot(input, "plot_wind", &wind, Some(WIND_LIMIT_M_S), f),
    ];
    found.into_iter().flatten().collect()
}

fn plot(
    input: &Input<'_>,
    title: &'static str,
    value: &dyn Fn(&crate::report::overview::WeatherPoint) -> Option<f64>,
    limit: Option<f64>,
    f: &Format,
) -> Option<Plot> {
    let l = input.scope.language;
    let points: Vec<(f64, f64, &str)> = input
        .facts
        .weather
        .iter()
        .filter_map(|p| {
            Some((
                p.minute,
                value(p).filter(|v| v.is_finite())?,
                p.local.as_str(),
            ))
        })
        .collect();
    let (first, last) = (points.first()?, points.last()?);
    let span = last.0 - first.0;
    if span <= 0.0 {
        return None;
    }
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, f64::MIN), |(a, b), v| (a.min(v), b.max(v)))
    };
    let told = ends(&mut points.iter().map(|p| p.1));
    let mut range = told;
    // Wind begins at nothing and shows its limit; a temperature has no zero on this axis.
    if let Some(limit) = limit {
        range = (0.0, range.1.max(limit * 1.1));
    }
    let step = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
        .into_iter()
        .find(|s| (range.1 - range.0) / s <= 4.0)
        .unwrap_or(50.0);
    let low = (range.0 / step).floor() * step;
    let mut high = (range.1 / step).ceil() * step;
    if high <= low {
        high = low + step;
    }
    let up = |v: f64| (v - low) / (high - low);
    let steps = ((high - low) / step).round() as usize;
    let decimals = usize::from(step < 1.0);
    let number = |v: f64| f.number(v, 1);
    let middle = &points[points.len() / 2];
    Some(Plot {
        title: say(title, l),
        alt: fill(
            say("plot_alt", l),
            &[
                ("what", say(title, l)),
                ("from", first.2),
                ("to", last.2),
                ("low", &number(told.0)),
                ("high", &number(told.1)),
            ],
        ),
        line: points
            .iter()
            .map(|p| [(p.0 - first.0) / span, up(p.1)])
            .collect(),
        up: (0..=steps)
            .map(|i| {
                let v = low + i as f64 * step;
                (up(v), f.number(v, decimals))
            })
            .collect(),
        across: [first, middle, last]
            .iter()
            .map(|p| ((p.0 - first.0) / span, p.2.to_owned()))
            .collect(),
        limit: limit.map(|v| {
            let words = fill(say("plot_limit", l), &[("v", &f.number(v, 0))]);
            (up(v), words)
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_two_values_is_their_mean() {
        assert_eq!(median(vec![4.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
