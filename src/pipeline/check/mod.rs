//! `check`: validates everything a run would read, processes nothing.
//!
//! In: a project folder. Out: every error and warning at once, and what was read, one line each.
//! What a run would decide before the first pixel is decided here by the same code: settings,
//! tables, links, where each frame was and what it saw. Then the inputs are held against each
//! other: frames against outlines, height models, weather and parks.

mod companies;
mod coverage;
mod flights;
mod folder;
mod reviews;
mod settings;
mod visits;

pub(super) use folder::pictures;
pub(super) use settings::retention_passed;

use super::cache::FileHashes;
use super::consent;
use super::inputs::{Inputs, Need};
use super::links;
use super::project::{FlightFolder, Project};
use super::run::RunOptions;
use crate::problem::Problem;
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

impl CheckReport {
    fn warn(&mut self, problem: Problem) {
        self.warnings.push(problem);
    }
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

/// What the rasters of a flight may take, bytes: by where its frames were, before anything of them
/// is worked on.
pub(super) fn room_needed(
    project: &Project,
    inputs: &Inputs,
    folder: &FlightFolder,
    zone: &TimeZone,
) -> f64 {
    let mut nobody = CheckReport::default();
    let view = flights::one(project, folder, Some(inputs), zone, &mut nobody);
    coverage::bytes_needed(project, &view)
}

/// Validates a project.
pub fn check(path: &Path) -> CheckReport {
    let mut report = CheckReport::default();
    let (project, faults) = Project::survey(path);
    report.errors.extend(faults);
    let Some(project) = project else {
        return report;
    };
    let zone = time_zone(&project).unwrap_or_else(|problem| {
        report.errors.push(problem);
        TimeZone::UTC
    });
    settings::check(&project, &mut report);
    // A visit without any flight can do without outlines.
    let need = match project.flights.is_empty() && project.buildings.is_none() {
        true if !project.visits.is_empty() => Need::Mosaic,
        _ => Need::Sheets,
    };
    let (inputs, faults) = Inputs::survey(&project, need, &FileHashes::default());
    let sound = faults.is_empty();
    report.errors.extend(faults);
    let flights = flights::check(&project, inputs.as_ref(), &zone, &mut report);
    visits::check(&project, inputs.as_ref(), &zone, &mut report);
    if let Some(mut inputs) = inputs {
        check_inputs(&project, &mut inputs, &flights, sound, &mut report);
    }
    folder::check(&project, &mut report);
    report
}

fn check_inputs(
    project: &Project,
    inputs: &mut Inputs,
    flights: &[flights::View],
    sound: bool,
    report: &mut CheckReport,
) {
    let explicit = inputs.links.len();
    let options = RunOptions::default();
    let linking = links::tie(project, inputs, &options, Need::Sheets);
    report.read.push(format!(
        "{} outlines, {} companies, {} links, {} weather records",
        inputs.outlines.len(),
        inputs.companies.len(),
        explicit,
        inputs.weather.len()
    ));
    reviews::check(inputs, report);
    report.read.push(format!(
        "{}: {}",
        inputs.crs.name(),
        inputs.crs.transformation()
    ));
    report.read.append(&mut inputs.found);
    report.read.extend(registers(&inputs.references));
    let privacy = consent::privacy(project, &options);
    // The same of explicit links alone is said more fully below.
    inputs.warnings.retain(|w| !links::says_no_building(w));
    report.warnings.append(&mut inputs.warnings);
    companies::consents(inputs, &linking, report);
    companies::temperatures(inputs, report);
    // Where a table could not be read, everyone would seem to be without building or park.
    if sound {
        companies::buildings(inputs, &linking, &privacy, report);
        companies::in_parks(inputs, &linking, report);
        companies::photos(inputs, report);
        coverage::check(project, inputs, flights, report);
    }
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

/// The first few of many, for a message.
fn few<'t>(items: impl IntoIterator<Item = &'t str>) -> String {
    const TOLD: usize = 10;
    let all: Vec<&str> = items.into_iter().collect();
    let told = all.iter().take(TOLD).copied().collect::<Vec<_>>();
    match all.len() > TOLD {
        true => format!("{} and {} more", told.join(", "), all.len() - TOLD),
        false => told.join(", "),
    }
}
