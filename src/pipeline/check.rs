//! `check`: validates everything a run would read, processes nothing.

use super::catalogue;
use super::inputs::{Inputs, Need, given_poses, project_crs};
use super::project::Project;
use super::run::RunOptions;
use super::stage::{Reporter, Stage};
use super::{consent, links};
use crate::problem::Problem;
use crate::survey::Participation;
use crate::survey::reference::References;
use jiff::tz::TimeZone;
use std::path::Path;

/// All problems at once, and how much was read.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// A run would end without result.
    pub errors: Vec<Problem>,
    /// A run would go on.
    pub warnings: Vec<Problem>,
    /// What was read, one line each.
    pub read: Vec<String>,
}

/// A reporter that says nothing.
struct Silent;

impl Reporter for Silent {
    fn begin(&self, _: &str, _: Stage, _: usize) {}
    fn advance(&self, _: usize) {}
    fn end(&self, _: &str) {}
    fn skip(&self, _: Stage, _: &Problem) {}
    fn warn(&self, _: Stage, _: &Problem) {}
}

/// The time zone of the project.
///
/// # Errors
/// Its name is not in the time zone database.
pub(crate) fn time_zone(project: &Project) -> Result<TimeZone, Problem> {
    let name = project.settings.text("project", "timezone");
    TimeZone::get(name).map_err(|_| {
        Problem::setting(format!(
            "is {name:?}, expected a name of the time zone database"
        ))
        .field("project.timezone")
        .in_file("audit.toml")
        .hint("for example \"Europe/Brussels\"")
    })
}

/// Validates a project.
pub fn check(path: &Path) -> CheckReport {
    let mut report = CheckReport::default();
    let project = match Project::open(path) {
        Ok(project) => project,
        Err(errors) => {
            report.errors = errors;
            return report;
        }
    };
    match Inputs::read(&project, Need::Sheets) {
        Ok(mut inputs) => {
            let explicit = inputs.links.len();
            let options = RunOptions::default();
            let linking = links::tie(&project, &mut inputs, &options, Need::Sheets);
            report.read.push(format!(
                "{} outlines, {} companies, {} links, {} weather records",
                inputs.outlines.len(),
                inputs.companies.len(),
                explicit,
                inputs.weather.records().len()
            ));
            report.read.push(format!(
                "{}: {}",
                inputs.crs.name(),
                inputs.crs.transformation()
            ));
            report.read.extend(inputs.found);
            report.read.extend(registers(&inputs.references));
            let privacy = consent::privacy(&project, &options);
            let without = inputs
                .companies
                .iter()
                .filter(|c| c.participates == Participation::Yes)
                .filter_map(|c| {
                    let problem = consent::no_sheet(c, &linking, &privacy)?;
                    Some(problem.field(format!("company {}", c.company_id)))
                });
            // The same of explicit links alone is said more fully here.
            inputs.warnings.retain(|w| !links::says_no_building(w));
            report.warnings.extend(inputs.warnings);
            report.warnings.extend(without);
        }
        Err(errors) => report.errors.extend(errors),
    }
    let zone = match time_zone(&project) {
        Ok(zone) => zone,
        Err(problem) => {
            report.errors.push(problem);
            TimeZone::UTC
        }
    };
    check_flights(&project, &zone, &mut report);
    report
}

/// All registers in one line; none without any.
fn registers(references: &References) -> Option<String> {
    let counts = [
        (references.addresses.len(), "addresses"),
        (references.units.len(), "building units"),
        (references.buildings.len(), "register buildings"),
        (references.parcels.len(), "parcels"),
        (references.plots.len(), "plots"),
        (references.parks.len(), "parks"),
        (references.establishments.len(), "establishments"),
        (references.structures.len(), "outlines of the base map"),
        (references.heights.len(), "heights"),
    ];
    let filled: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!filled.is_empty()).then(|| format!("registers: {}", filled.join(", ")))
}

fn check_flights(project: &Project, zone: &TimeZone, report: &mut CheckReport) {
    if project.flights.is_empty() {
        report.errors.push(
            Problem::setting("has no flight, expected folders under flights/")
                .in_file(project.root.display().to_string())
                .hint("put the frames of each flight into flights/<flight id>/"),
        );
    }
    for folder in &project.flights {
        if let Err(problem) = project_crs(project, &folder.settings) {
            report.errors.push(problem);
        }
        let poses = match given_poses(project, folder, &mut report.warnings) {
            Ok(poses) => poses,
            Err(errors) => {
                report.errors.extend(errors);
                Vec::new()
            }
        };
        let catalogue = catalogue::read(project, folder, zone, &Silent);
        let placed = |name: &str| poses.iter().any(|p| p.file == name);
        let without_place = catalogue
            .frames
            .iter()
            .filter(|e| e.header.fix.is_none() && !placed(&e.header.name))
            .count();
        let frames = catalogue.frames.len();
        report.read.push(format!(
            "flight {}: {frames} frames, {} tiles, {} files not readable",
            folder.id,
            catalogue.tiles.len(),
            catalogue.skips.len()
        ));
        if frames + catalogue.tiles.len() == 0 {
            report.errors.push(
                Problem::setting("has no usable frame")
                    .in_file(format!("flights/{}", folder.id))
                    .hint("expected radiometric JPEG or TIFF frames, or georeferenced tiles"),
            );
        } else if without_place == frames && frames > 0 {
            report.errors.push(no_position(&folder.id, frames));
        } else if without_place > 0 {
            report.warnings.push(no_position(&folder.id, without_place));
        }
        for entry in &catalogue.frames {
            for warning in &entry.header.warnings {
                report
                    .warnings
                    .push(Problem::broken(warning.clone()).in_file(entry.shown.clone()));
            }
        }
        let flight = format!("flights/{}", folder.id);
        let clocks = catalogue.warnings.into_iter();
        report
            .warnings
            .extend(clocks.map(|text| Problem::setting(text).in_file(flight.clone())));
        report.warnings.extend(catalogue.skips);
    }
}

fn no_position(flight: &str, count: usize) -> Problem {
    Problem::setting(format!("{count} frames have no position"))
        .in_file(format!("flights/{flight}"))
        .hint("add poses.csv (file, x, y, z, crs) or geo.txt to the flight folder")
}
