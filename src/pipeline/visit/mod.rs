//! One visit with handheld pictures: from `findings.csv` to a sheet for each company.
//!
//! A row is measured by itself; a company's rows make its sheet, which is kept as long as nothing
//! it depends on changes. Bad rows and pictures cost themselves and are named; the rest of the
//! report stands.

mod company;
mod confirm;
mod history;
mod measure;
mod pictures;
mod results;
pub(super) mod roof;
mod site;

use super::cache::Cache;
use super::check::time_zone;
use super::consent;
use super::flight::FlightDone;
use super::inputs::{Inputs, mapping, project_crs};
use super::parks::ProjectParks;
use super::project::{Project, VisitFolder};
use super::run::RunOptions;
use super::run_json::RunRecord;
use super::stage::{Reporter, Stage};
use super::turns;
use crate::calibrate::parameters::Settings as Radiometry;
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::read::findings::{self, Findings};
use crate::read::severity_table;
use crate::report::visit::LimitOrigin;
use crate::score::handheld::table::SeverityTable;
use crate::score::handheld::{self, Reading};
use crate::survey::{Alarm, Company, Finding, Participation, Qualification, View};
use crate::write::atomic;
pub(super) use confirm::verdicts;
use history::PastVisit;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use measure::Told;
pub(super) use pictures::{Known, file_named};
use rayon::prelude::*;
use results::StoredFinding;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

/// Everything one visit is worked on with.
pub(crate) struct VisitJob<'a> {
    pub(crate) project: &'a Project,
    pub(crate) inputs: &'a Inputs,
    pub(crate) parks: &'a ProjectParks,
    pub(crate) folder: &'a VisitFolder,
    pub(crate) options: &'a RunOptions,
    pub(crate) cache: &'a Cache,
}

/// A visit with what is the same for all its rows.
struct Visit<'a> {
    job: &'a VisitJob<'a>,
    /// The table as printed in messages.
    shown: String,
    crs: Crs,
    zone: TimeZone,
    radiometry: Radiometry,
    options: handheld::Options,
    limit_origin: LimitOrigin,
    release: Qualification,
    view: View,
    alarm: Option<Alarm>,
    rows: Vec<Finding>,
    pictures: BTreeMap<String, std::result::Result<Known, Problem>>,
    date: Option<Date>,
    past: Vec<PastVisit>,
    results: &'a Path,
}

/// What came of one company.
type Outcome = (Vec<(StoredFinding, String)>, Vec<Told>);

/// Processes one visit; only the sheets that have to be made again.
///
/// # Errors
/// What leaves the visit without result.
pub(crate) fn run(
    job: &VisitJob<'_>,
    results: &Path,
    reporter: &dyn Reporter,
) -> std::result::Result<FlightDone, Vec<Problem>> {
    let clock = Instant::now();
    let mut record = RunRecord::new(
        job.project.settings.text("project", "name"),
        "visit",
        &job.folder.id,
    );
    reporter.begin(&job.folder.id, Stage::Attach, 0);
    let (visit, told) = Visit::new(job, results)?;
    reporter.go_on().map_err(|p| vec![p])?;
    let (groups, more) = visit.companies();
    let mut all_told: Vec<Told> = told.into_iter().chain(more).collect();
    reporter.end(&format!(
        "{} findings of {} companies",
        visit.rows.len(),
        groups.len()
    ));
    if job.options.dry_run {
        return Ok(visit.plan(&groups));
    }
    let out = results.join("inspections").join(&job.folder.id);
    reporter.begin(&job.folder.id, Stage::Report, groups.len());
    let done: Vec<Result<Outcome>> = turns::each(&groups, |(company, rows)| {
        reporter.go_on()?;
        let outcome = visit.company(company, rows, &out);
        reporter.advance(1);
        outcome
    });
    let failed = || done.iter().filter_map(|r| r.as_ref().err());
    if let Some(end) = failed().find(|p| p.ends_everything()) {
        return Err(vec![end.clone()]);
    }
    let sheets = done.iter().filter(|r| r.is_ok()).count();
    reporter.end(&format!("{sheets} of {} sheets", groups.len()));
    let mut stored: Vec<(StoredFinding, Value)> = Vec::new();
    let companies = out.join("companies");
    for ((company, _), outcome) in groups.iter().zip(done) {
        match outcome {
            Ok((findings, told)) => {
                stored.extend(findings.into_iter().map(|(finding, more)| {
                    (finding, serde_json::from_str(&more).unwrap_or_default())
                }));
                all_told.extend(told);
            }
            Err(problem) => {
                // A stale sheet of an earlier run must not pass for a new one.
                let _ = atomic::remove_folder(&companies.join(&company.company_id));
                let problem = problem.in_file(format!("company {}", company.company_id));
                all_told.push((Stage::Report, problem, true));
            }
        }
    }
    let wanted: BTreeSet<&str> = groups.iter().map(|(c, _)| c.company_id.as_str()).collect();
    remove_others(&companies, &wanted).map_err(|p| vec![p])?;
    let one = |p: Problem| vec![p];
    atomic::make_folder(&out).map_err(one)?;
    consent::search(&visit.scope(), &companies)?;
    results::write(&visit, &out, &stored).map_err(one)?;
    for (stage, problem, skip) in &all_told {
        if *skip {
            reporter.skip(*stage, problem);
            record.skip(*stage, problem);
        } else {
            reporter.warn(*stage, problem);
            record.warning(*stage, problem);
        }
    }
    visit.describe(&mut record);
    record.timing("visit", clock.elapsed().as_secs_f64());
    atomic::write_file(&out.join("run.json"), record.to_text().as_bytes()).map_err(one)?;
    let urgent = stored.iter().filter(|(f, _)| f.urgency == Some(4)).count();
    let mut lines = vec![format!(
        "{}: {} findings, {sheets} sheets in {}",
        job.folder.id,
        stored.len(),
        companies.display()
    )];
    if urgent > 0 {
        lines.push(format!(
            "{}: {urgent} to be dealt with at once, see urgent.csv",
            job.folder.id
        ));
    }
    Ok(FlightDone {
        skips: record.skips().len(),
        lines,
    })
}

/// Removes sheets of companies of which this visit has no finding any more.
fn remove_others(companies: &Path, wanted: &BTreeSet<&str>) -> Result<()> {
    for folder in consent::entries(companies) {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
        let ours = ["sheet.json", "sheet.pdf"].map(|f| folder.join(f).exists());
        if ours != [false, false] && !wanted.contains(name.unwrap_or_default().as_str()) {
            atomic::remove_folder(&folder)
                .map_err(|e| Problem::from(e).in_file(folder.display().to_string()))?;
        }
    }
    Ok(())
}

impl<'a> Visit<'a> {
    /// Reads the table, the headers of the pictures it names and what earlier visits found.
    fn new(
        job: &'a VisitJob<'a>,
        results: &'a Path,
    ) -> std::result::Result<(Self, Vec<Told>), Vec<Problem>> {
        let one = |p: Problem| vec![p];
        let folder = job.folder;
        let settings = &folder.settings;
        let found = read_findings(job.project, folder)?;
        let crs = project_crs(job.project, settings).map_err(one)?;
        let zone = time_zone(job.project).map_err(one)?;
        let release = qualification(settings);
        let (options, limit_origin) = handheld_options(job.project, settings, crs.epsg())?;
        let mut told: Vec<Told> = Vec::new();
        told.extend(found.faults.into_iter().map(|p| (Stage::Read, p, true)));
        told.extend(found.warnings.into_iter().map(|p| (Stage::Read, p, false)));
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for row in &found.rows {
            names.insert(&row.image);
            names.extend(Some(row.before_image.as_str()).filter(|n| !n.is_empty()));
            // A marker is no file.
            names.extend(Some(row.reference.as_str()).filter(|n| n.contains('.')));
        }
        let names: Vec<&str> = names.into_iter().collect();
        let hashes = job.cache.hashes();
        let pictures: BTreeMap<String, std::result::Result<Known, Problem>> = names
            .into_par_iter()
            .map(|name| (name.to_owned(), Known::find(folder, name, &zone, hashes)))
            .collect();
        let day = settings.text("visit", "date").parse::<Date>().ok();
        let first = pictures
            .values()
            .filter_map(|p| p.as_ref().ok()?.local)
            .min();
        let date = day.or(first.map(|t| t.date()));
        let ids: Vec<&str> = job.project.visits.iter().map(|v| v.id.as_str()).collect();
        let visit = Self {
            shown: shown(job.project, folder),
            radiometry: settings.visit_radiometry(),
            view: measure::view_of(settings.text("handheld", "view")),
            alarm: measure::alarm_of(settings.text("handheld", "alarm")),
            past: history::before(results, &ids, &folder.id, date),
            rows: found.rows,
            job,
            crs,
            zone,
            options,
            limit_origin,
            release,
            pictures,
            date,
            results,
        };
        if let Some(problem) = visit.expired() {
            told.push((Stage::Read, problem, false));
        }
        Ok((visit, told))
    }

    /// The certificate had run out on the day of the visit.
    fn expired(&self) -> Option<Problem> {
        expired(&self.release, self.date, self.job.folder)
    }

    fn known(&self, name: &str) -> Result<&Known> {
        match self.pictures.get(name) {
            Some(Ok(known)) => Ok(known),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(Problem::setting("is not in the visit's folder").in_file(name)),
        }
    }

    fn site(&self) -> site::Site<'_> {
        site::Site {
            settings: &self.job.folder.settings,
            radiometry: &self.radiometry,
            weather: &self.job.inputs.weather,
            crs: &self.crs,
        }
    }

    /// Rows by company, companies in the order of the list; rows of nobody are told.
    fn companies(&self) -> (Vec<(&'a Company, Vec<usize>)>, Vec<Told>) {
        let companies: &'a [Company] = &self.job.inputs.companies;
        let mut told = Vec::new();
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, row) in self.rows.iter().enumerate() {
            let found = match (row.company_id.as_str(), companies) {
                ("", [_]) => Some(0),
                (id, all) => all.iter().position(|c| c.company_id == id),
            };
            let Some(position) = found else {
                let what = match row.company_id.as_str() {
                    "" => "names no company: left out".to_owned(),
                    id => format!("is \"{id}\", which is not in the company list: left out"),
                };
                told.push(self.at(row, "company_id", what, true));
                continue;
            };
            groups.entry(position).or_default().push(index);
        }
        let mut wanted = Vec::new();
        for (position, rows) in groups {
            let company = &companies[position];
            if company.participates == Participation::Yes {
                wanted.push((company, rows));
                continue;
            }
            let what = format!(
                "has {} findings and does not take part: no sheet",
                rows.len()
            );
            let problem = Problem::setting(what)
                .in_file(format!("company {}", company.company_id))
                .field("participates")
                .hint("set participates in the company list once the company agrees");
            told.push((Stage::Report, problem, true));
        }
        (wanted, told)
    }

    /// What another run would do.
    fn plan(&self, groups: &[(&Company, Vec<usize>)]) -> FlightDone {
        let out = self.results.join("inspections").join(&self.job.folder.id);
        let again = groups
            .iter()
            .filter(|(company, rows)| !self.is_kept(company, rows, &out));
        let id = &self.job.folder.id;
        let line = match again.count() {
            0 => format!("inspections/{id}: up to date, nothing to do"),
            n => format!("inspections/{id}: would set {n} of {} sheets", groups.len()),
        };
        FlightDone {
            skips: 0,
            lines: vec![line],
        }
    }

    fn scope(&self) -> consent::Scope<'_> {
        let settings = &self.job.folder.settings;
        consent::Scope {
            project: self.job.project,
            inputs: self.job.inputs,
            settings,
            id: &self.job.folder.id,
        }
    }

    /// Settings and inputs of the run.
    fn describe(&self, record: &mut RunRecord) {
        record.settings(&self.job.folder.settings);
        let shown = |p: &Path| self.job.project.relative(p);
        let paths = self.job.folder.findings.iter().cloned();
        let pictures = self.pictures.values().flatten().map(|k| k.path.clone());
        let inputs: Vec<_> = paths
            .chain(pictures)
            .filter_map(|p| {
                super::catalogue::hash_file(&shown(&p), &p, self.job.cache.hashes()).ok()
            })
            .collect();
        record.inputs(self.job.inputs.files.iter().chain(&inputs));
    }
}

/// The findings of a visit.
///
/// # Errors
/// There is no table, or none that can be read.
pub(super) fn read_findings(
    project: &Project,
    folder: &VisitFolder,
) -> std::result::Result<Findings, Vec<Problem>> {
    let Some(path) = &folder.findings else {
        return Err(vec![
            Problem::setting("has no findings.csv")
                .in_file(format!("inspections/{}", folder.id))
                .hint(format!(
                    "thermaudit init {} writes one, a row for each picture",
                    project.root.display()
                )),
        ]);
    };
    let mapping = mapping(&project.settings, "findings");
    findings::read(path, &shown(project, folder), &mapping)
}

fn shown(project: &Project, folder: &VisitFolder) -> String {
    let path = folder.findings.as_ref();
    path.map_or_else(String::new, |p| project.relative(p))
}

/// Who released, of `[release]`.
pub(super) fn qualification(settings: &crate::config::Settings) -> Qualification {
    let text = |name: &str| settings.text("release", name).to_owned();
    Qualification {
        name: text("name"),
        function: text("function"),
        scheme: text("scheme"),
        level: text("level"),
        number: text("number"),
        sector: text("sector"),
        expires: text("expires").parse().ok(),
        date: text("date").parse().ok(),
    }
}

/// A warning where a certificate had run out on a day.
pub(super) fn expired(
    release: &Qualification,
    day: Option<Date>,
    folder: &VisitFolder,
) -> Option<Problem> {
    let (day, last) = (day?, release.expires?);
    release.expired_on(day).then(|| {
        let what = format!(
            "the certificate of {} ended on {last}, before the visit of {day}",
            release.name
        );
        Problem::setting(what)
            .in_file(format!("inspections/{}/visit.toml", folder.id))
            .field("release.expires")
            .hint("the sheet says so; enter the certificate that was valid that day")
    })
}

/// Options of a visit; the limit of the temperature factor by country where the user set none.
pub(super) fn handheld_options(
    project: &Project,
    settings: &crate::config::Settings,
    epsg: u32,
) -> std::result::Result<(handheld::Options, LimitOrigin), Vec<Problem>> {
    let mut options = settings.handheld_options();
    let word = settings.text("handheld", "electrical_table");
    options.table = match SeverityTable::named(word) {
        Some(table) => table,
        None => {
            let path = project.root.join(word);
            let rows = severity_table::read(&path).map_err(|problems| {
                let named = |p: Problem| p.in_file("audit.toml");
                let hint = "neta, mil, experience, central-european, or the path of a csv";
                problems
                    .into_iter()
                    .map(|p| named(p.field("handheld.electrical_table")).hint(hint))
                    .collect::<Vec<_>>()
            })?;
            let name = path.file_stem().map(|n| n.to_string_lossy().into_owned());
            SeverityTable::custom(&name.unwrap_or_default(), &rows).map_err(|what| {
                vec![
                    Problem::setting(what)
                        .in_file(word)
                        .field("handheld.electrical_table"),
                ]
            })?
        }
    };
    let set = settings.get("handheld", "f_rsi_limit").origin != crate::config::Origin::Default;
    let limit = match (set, epsg) {
        (true, _) => LimitOrigin::Setting,
        (false, 28992 | 7415) => {
            options.f_rsi_limit = DUTCH_LIMIT;
            LimitOrigin::Netherlands
        }
        (false, _) => LimitOrigin::Belgium,
    };
    Ok((options, limit))
}

/// Least temperature factor in the Netherlands for use other than dwellings (scoring.md §15).
const DUTCH_LIMIT: f64 = 0.50;
