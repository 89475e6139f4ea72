//! `erase`: forgets a company.
//!
//! In: a project and the keys of companies. Out: results and cache without them, and, where asked
//! for, the company's rows of the company list and of the link table. Everything below the results
//! and the cache is searched for the company's names, numbers and key: a row is taken out of
//! tables, layers and JSON; what cannot be rewritten is deleted and comes back with the next run.
//! Overviews that counted the company are made again without it.
//! At the end all of it is searched again: a hit is an error.
//!
//! The inputs belong to the user. They are opened for reading everywhere else; here two tables
//! are rewritten, and only with a clear yes.
//!
//! Not here: forgetting temperatures of a building. Roofs stay in the map as roofs of nobody.

mod forget;
mod held;
mod inputs;
mod record;
mod targets;

use super::cache::{self, Cache};
use super::clock::today;
use super::inputs::{Inputs, Need};
use super::links;
use super::parks::ProjectParks;
use super::project::{FlightFolder, Project, hidden};
use super::run::{RunOptions, Tied, remake_overviews};
use super::workplace::{Workplace, cache_dir};
use crate::config::schema;
use crate::problem::Problem;
use forget::{Forget, Gone};
use held::Held;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use targets::Targets;

/// What is to be forgotten, and how far.
#[derive(Clone, Debug, Default)]
pub struct EraseOptions {
    /// Companies by key.
    pub companies: Vec<String>,
    /// All companies of a project whose `retain_until` has passed.
    pub expired: bool,
    /// Also the rows of the company list and the link table.
    pub inputs: bool,
    /// Also what inspections hold: rows of `findings.csv` and the pictures only they name.
    pub inspections: bool,
    /// Only tells.
    pub dry_run: bool,
    /// Results folder; `None` = `results` inside the project.
    pub out: Option<PathBuf>,
}

/// What was forgotten.
#[derive(Clone, Debug, Default)]
pub struct EraseSummary {
    /// One line for each thing that was done, or would be.
    pub lines: Vec<String>,
    /// What still names the company and is left to the user.
    pub left: Vec<Problem>,
}

/// Forgets companies.
///
/// # Errors
/// No project, an unknown company, `retain_until` not passed, files that cannot be rewritten, or
/// anything of the company that is left below results and cache.
pub fn erase(path: &Path, options: &EraseOptions) -> Result<EraseSummary, Vec<Problem>> {
    let (project, faults) = Project::survey(path);
    // A project with faults can be forgotten from all the same.
    let Some(project) = project else {
        return Err(faults);
    };
    let today = today();
    let out = options.out.clone();
    let results = out.unwrap_or_else(|| project.root.join("results"));
    // Held until the end.
    let place = match options.dry_run {
        true => None,
        false => Some(Workplace::take(&project, &results, "erase").map_err(|p| vec![p])?),
    };
    let places = places(&project, &results);
    let held = Held::find(&project, &places);
    let targets = Targets::find(&project, &places, options);
    let targets = match options.expired {
        true => {
            expired(&project, today).map_err(|p| vec![p])?;
            targets.all()
        }
        false => targets
            .only(&options.companies)
            .map_err(|unknown| unknown_companies(&unknown, &targets.ids()))?,
    };
    // What is kept of earlier work is bytes in which names cannot be told: all of it goes.
    if !options.dry_run {
        cache::forget_work(&project, &results).map_err(|e| vec![e.into()])?;
    }
    let forget = Forget::new(&project, targets, options.dry_run);
    let mut summary = EraseSummary {
        left: place.iter().flat_map(|p| p.warnings.clone()).collect(),
        ..EraseSummary::default()
    };
    let mut gone: BTreeMap<PathBuf, Gone> = BTreeMap::new();
    let mut faults = Vec::new();
    for place in &places {
        let one = forget.place(place, &mut faults);
        summary.lines.extend(one.lines(&project, options.dry_run));
        gone.insert(place.clone(), one);
    }
    inputs::forget(
        &project,
        (&forget, &held),
        options,
        &mut summary,
        &mut faults,
    );
    if options.dry_run {
        return match faults.is_empty() {
            true => Ok(summary),
            false => Err(faults),
        };
    }
    let made = aggregates(path, &results, &gone, &forget.targets).map_err(|mut more| {
        more.append(&mut faults);
        more
    })?;
    summary.lines.extend(made);
    for (place, one) in &gone {
        faults.extend(forget.left(place, !one.is_empty()));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    for (place, one) in gone.iter().filter(|(_, one)| !one.is_empty()) {
        if place.starts_with(&results) && !hidden(place) {
            record::write(place, today, &forget.targets, one).map_err(|p| vec![p])?;
        }
    }
    if summary.lines.is_empty() {
        summary
            .lines
            .push("nothing of it was found below results and cache".to_owned());
    }
    Ok(summary)
}

/// Makes the overviews that counted the company anew without it, whatever the company list still
/// says. Out: a line for each flight.
fn aggregates(
    path: &Path,
    results: &Path,
    gone: &BTreeMap<PathBuf, Gone>,
    targets: &Targets,
) -> Result<Vec<String>, Vec<Problem>> {
    let counted = |flight: &&FlightFolder| {
        let one = gone.get(&results.join(&flight.id));
        one.is_some_and(|one| one.anew.iter().any(|f| f.ends_with("overview.xlsx")))
    };
    // Rows of the company list may be gone since.
    let (Some(project), _) = Project::survey(path) else {
        return Ok(Vec::new());
    };
    let flights: Vec<&FlightFolder> = project.flights.iter().filter(counted).collect();
    if flights.is_empty() {
        return Ok(Vec::new());
    }
    let options = RunOptions::default();
    let cache = Cache::open(&project, results);
    let Ok(mut inputs) = Inputs::read(&project, Need::Sheets, cache.hashes()) else {
        return Ok(vec![
            "overviews come back with the next run: inputs have faults".to_owned(),
        ]);
    };
    inputs
        .companies
        .retain(|c| !targets.gone.contains_key(&c.company_id));
    inputs
        .links
        .retain(|l| !targets.gone.contains_key(&l.company_id));
    let linking = links::tie(&project, &mut inputs, &options, Need::Sheets);
    let parks = ProjectParks::new(&inputs, &linking);
    let tied = Tied {
        inputs: &inputs,
        linking: &linking,
        parks: &parks,
    };
    let warnings = remake_overviews((&project, &cache), &options, results, &flights, Some(tied))?;
    let mut lines: Vec<String> = flights
        .iter()
        .map(|flight| format!("flights/{}: overviews made again without it", flight.id))
        .collect();
    lines.extend(warnings.iter().map(ToString::to_string));
    Ok(lines)
}

/// Folders that are searched: each folder of the results, and the cache.
fn places(project: &Project, results: &Path) -> Vec<PathBuf> {
    let mut places = Vec::new();
    for path in super::project::sorted_entries(results) {
        match path.file_name().and_then(|n| n.to_str()) {
            // Each visit and each comparison is a result of its own.
            Some("inspections" | "compare") => {
                let below = super::project::sorted_entries(&path).into_iter();
                places.extend(below.filter(|p| p.is_dir()));
            }
            _ if path.is_dir() && !hidden(&path) => places.push(path),
            _ => {}
        }
    }
    let cache = cache_dir(project, results);
    if cache.is_dir() && cache != project.root && !results.starts_with(&cache) {
        places.push(cache);
    }
    places
}

fn expired(project: &Project, today: Date) -> Result<(), Problem> {
    let text = project.settings.text("project", "retain_until");
    let fault = |what: String| {
        Problem::setting(what)
            .field("project.retain_until")
            .in_file("audit.toml")
    };
    match text.parse::<Date>() {
        Ok(until) if until < today => Ok(()),
        Ok(until) => Err(fault(format!("is {until}, which has not passed"))
            .hint("name single companies: --company ID")),
        Err(_) => Err(fault(format!("is {text:?}, which is no date"))
            .hint("write retain_until = \"2028-12-31\", or name single companies: --company ID")),
    }
}

fn unknown_companies(unknown: &[String], known: &BTreeSet<String>) -> Vec<Problem> {
    unknown
        .iter()
        .map(|id| {
            let near = schema::nearest(id, known.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean {near}?"),
                None => "the key is the company_id of the company list".to_owned(),
            };
            Problem::setting(format!(
                "company {id} stands neither in the company list nor in any result"
            ))
            .field("--company")
            .hint(hint)
        })
        .collect()
}
