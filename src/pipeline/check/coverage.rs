//! Flights against outlines, height models, weather and the disk.

use super::flights::View;
use super::{CheckReport, few};
use crate::pipeline::inputs::Inputs;
use crate::pipeline::project::Project;
use crate::pipeline::room;
use crate::problem::Problem;
use crate::raster::Bounds;
use crate::read::surface::Surface;
use crate::survey::{Outline, Participation};
use ::geo::{BoundingRect, Contains, Point};
use std::collections::BTreeSet;

pub(super) fn check(
    project: &Project,
    inputs: &Inputs,
    flights: &[View],
    report: &mut CheckReport,
) {
    let flown: Vec<&View> = flights
        .iter()
        .filter(|f| !f.footprints.is_empty())
        .collect();
    for flight in &flown {
        outlines(inputs, flight, report);
        heights(project, inputs, flight, report);
        weather(project, inputs, flight, report);
    }
    if !flown.is_empty() {
        companies(inputs, &flown, report);
        unbuilt(project, inputs, report);
        disk(project, &flown, report);
    }
}

fn bounds(outline: &Outline) -> Option<Bounds> {
    let r = outline.polygon.bounding_rect()?;
    Some(Bounds {
        x_min: r.min().x,
        y_min: r.min().y,
        x_max: r.max().x,
        y_max: r.max().y,
    })
}

fn seen(outline: &Outline, flights: &[&View]) -> bool {
    bounds(outline).is_some_and(|own| {
        let mut all = flights.iter().flat_map(|f| &f.footprints);
        all.any(|f| f.intersects(&own))
    })
}

/// How many outlines a flight saw; none at all is a wrong system or the wrong file.
fn outlines(inputs: &Inputs, flight: &View, report: &mut CheckReport) {
    let all = inputs.outlines.len();
    let inside = inputs
        .outlines
        .iter()
        .filter(|o| seen(o, &[flight]))
        .count();
    report.read.push(format!(
        "flight {}: {inside} of {all} outlines lie below its frames",
        flight.id
    ));
    if all > 0 && inside == 0 {
        report.warn(
            Problem::setting("no outline lies below its frames, so that no roof is found")
                .in_file(format!("flights/{}", flight.id))
                .hint("check project.crs, the system of the outlines, and that they are of this place"),
        );
    }
}

/// Companies that take part and whose buildings no flight saw.
fn companies(inputs: &Inputs, flown: &[&View], report: &mut CheckReport) {
    let unseen: BTreeSet<&str> = inputs
        .outlines
        .iter()
        .filter(|o| !seen(o, flown))
        .map(|o| o.oidn.as_str())
        .collect();
    if unseen.len() == inputs.outlines.len() {
        return;
    }
    let companies = inputs.companies.iter();
    for company in companies.filter(|c| c.participates == Participation::Yes) {
        let own: Vec<&str> = inputs
            .links
            .iter()
            .filter(|l| l.company_id == company.company_id)
            .map(|l| l.oidn.as_str())
            .collect();
        let missed: Vec<&str> = own.iter().copied().filter(|o| unseen.contains(o)).collect();
        if missed.is_empty() {
            continue;
        }
        let what = match missed.len() == own.len() {
            true => format!("none of its buildings lies below a frame: {}", few(missed)),
            false => format!("buildings that lie below no frame: {}", few(missed)),
        };
        report.warn(
            Problem::setting(what)
                .field(format!("company {}", company.company_id))
                .hint("they get no temperature; fly them, or take them out of its row"),
        );
    }
}

/// Frames beyond the height models.
fn heights(project: &Project, inputs: &Inputs, flight: &View, report: &mut CheckReport) {
    let models = [
        ("surface model", &inputs.dsm, &project.dsm),
        ("terrain model", &inputs.dtm, &project.dtm),
    ];
    for (word, model, paths) in models {
        let (Some(model), Some(path)) = (model, paths.first()) else {
            continue;
        };
        let all = flight.footprints.len();
        let out = flight
            .footprints
            .iter()
            .filter(|f| !within(model, f))
            .count();
        if out == 0 {
            continue;
        }
        let what = match out == all {
            true => format!(
                "the {word} lies elsewhere: no frame of flight {} is over it",
                flight.id
            ),
            false => format!(
                "the {word} ends inside flight {}: {out} of {all} frames reach beyond it",
                flight.id
            ),
        };
        report.warn(
            Problem::setting(what)
                .in_file(project.relative(path))
                .hint("add the neighbouring sheets; roofs without heights are placed worse"),
        );
    }
}

/// A building stands at least so high over its ground, metres (flemish-data.md §6).
const BUILT_M: f64 = 2.5;

/// Buildings of companies that the height models do not show: they are younger than the flight of
/// the model.
fn unbuilt(project: &Project, inputs: &Inputs, report: &mut CheckReport) {
    let (Some(dsm), Some(dtm), Some(path)) = (&inputs.dsm, &inputs.dtm, project.dsm.first()) else {
        return;
    };
    let tied: BTreeSet<&str> = inputs.links.iter().map(|l| l.oidn.as_str()).collect();
    let missing: Vec<&str> = inputs
        .outlines
        .iter()
        .filter(|o| tied.contains(o.oidn.as_str()))
        .filter(|o| height_m(o, dsm, dtm).is_some_and(|h| h < BUILT_M))
        .map(|o| o.oidn.as_str())
        .collect();
    if !missing.is_empty() {
        let what = format!(
            "shows no building at {}: it may be older than they are",
            few(missing)
        );
        report.warn(
            Problem::setting(what)
                .in_file(project.relative(path))
                .hint("their roofs are laid on the ground and lean; a newer model puts them right"),
        );
    }
}

/// Height of a building over its ground: the median of a few places inside.
fn height_m(outline: &Outline, dsm: &Surface, dtm: &Surface) -> Option<f64> {
    /// Places along a side.
    const SIDE: u32 = 7;
    let b = bounds(outline)?;
    let around = b.buffered(2.0 * dsm.cell_m().max(dtm.cell_m()));
    let (surface, ground) = (dsm.window(&around).ok()?, dtm.window(&around).ok()?);
    let at =
        |i: u32, low: f64, high: f64| low + (high - low) * (f64::from(i) + 0.5) / f64::from(SIDE);
    let mut heights = Vec::new();
    for (i, j) in (0..SIDE).flat_map(|i| (0..SIDE).map(move |j| (i, j))) {
        let (x, y) = (at(i, b.x_min, b.x_max), at(j, b.y_min, b.y_max));
        if outline.polygon.contains(&Point::new(x, y))
            && let (Some(top), Some(foot)) = (surface.sample(x, y), ground.sample(x, y))
        {
            heights.push(top - foot);
        }
    }
    heights.sort_by(f64::total_cmp);
    heights.get(heights.len() / 2).copied()
}

fn within(model: &Surface, frame: &Bounds) -> bool {
    let own = model.bounds();
    let corners = [(frame.x_min, frame.y_min), (frame.x_max, frame.y_max)];
    corners.iter().all(|(x, y)| own.contains(*x, *y))
}

/// Weather at the time of the flight.
fn weather(project: &Project, inputs: &Inputs, flight: &View, report: &mut CheckReport) {
    let (Some((start, end)), Some(path)) = (flight.span, &project.weather) else {
        return;
    };
    let folder = project.flights.iter().find(|f| f.id == flight.id);
    let set = |name: &str| folder.is_some_and(|f| f.settings.number("weather", name).is_some());
    let half = end.duration_since(start) / 2;
    let middle = start.checked_add(half).unwrap_or(start);
    let at = [start, middle, end].map(|t| inputs.weather.at(t));
    let missing = |name: &str, get: &dyn Fn(&crate::survey::Conditions) -> Option<f64>| {
        !set(name) && at.iter().any(|c| get(c).is_none())
    };
    let problem = |what: String| Problem::setting(what).in_file(project.relative(path));
    if missing("air_c", &|c| c.air_c) {
        let span = match inputs.weather.span() {
            Some((first, last)) => format!("its rows are from {first} to {last}"),
            None => "it has no rows".to_owned(),
        };
        report.warn(
            problem(format!(
                "does not cover flight {} ({start} to {end}): {span}",
                flight.id
            ))
            .hint(
                "times without zone are UTC; export the hours of the flight, or set \
                 flight.camera_clock_offset_s where the camera's clock was wrong",
            ),
        );
        return;
    }
    let mut absent = Vec::new();
    if missing("humidity_pct", &|c| c.humidity_pct) {
        absent.push("humidity_pct");
    }
    if missing("wind_m_s", &|c| c.wind_m_s) {
        absent.push("wind_m_s");
    }
    if missing("cloud_okta", &|c| c.cloud_okta) && missing("sky_c", &|c| c.sky_c) {
        absent.push("cloud_okta");
    }
    if !absent.is_empty() {
        report.warn(
            problem(format!(
                "has no {} at the time of flight {}",
                absent.join(", "),
                flight.id
            ))
            .hint("losses are rated only with air, humidity, wind and clouds; [weather] in flight.toml takes values by hand"),
        );
    }
}

/// Bytes the rasters of a flight will take while they are written.
pub(super) fn bytes_needed(project: &Project, flight: &View) -> f64 {
    let folder = project.flights.iter().find(|f| f.id == flight.id);
    let settings = folder.map_or(&project.settings, |f| &f.settings);
    room::reckoned(&flight.footprints, flight.gsd_m.unwrap_or(0.1), settings)
}

/// Room for the maps.
fn disk(project: &Project, flown: &[&View], report: &mut CheckReport) {
    let each = flown.iter().map(|flight| bytes_needed(project, flight));
    match room::judge(each.sum(), &project.root) {
        Ok(None) => {}
        Ok(Some(problem)) => report.warn(problem),
        Err(problem) => report.errors.push(problem),
    }
}
