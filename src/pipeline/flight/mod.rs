//! One flight from files to sheets: the stages in order, and what happens between them.

mod adjustment;
mod comparison;
mod facts;
mod geometry;
mod ids;
pub(super) mod kept;
mod levelling;
mod map;
mod map_files;
mod map_page;
mod map_sigma;
mod microclimate;
mod mirrors;
mod nearby;
mod origins;
mod overview_facts;
mod own_emissivity;
mod parts;
mod quality;
mod quality_figures;
mod radiometry;
mod review;
mod roof_parts;
mod roofs;
mod sheets;
mod tile_check;
mod tile_place;
mod tile_rims;
mod tiles;
mod weather;
mod zones;

use super::cache::{Cache, Ledger, differences};
use super::catalogue::{self, Catalogue};
use super::check::{room_needed, time_zone};
use super::derived::Derived;
use super::inputs::{Inputs, project_crs};
use super::layers;
use super::links;
use super::order::Order;
use super::overview;
use super::parks::ProjectParks;
use super::project::{FlightFolder, Project, relative};
use super::run::{RunOptions, sheet_language};
use super::run_json::RunRecord;
use super::share::{Part, Step};
use super::stage::{Reporter, Silent, Stage};
use crate::attach::Linking;
use crate::geo::crs::Crs;
use crate::orient::adjust::FrameFit;
use crate::problem::Problem;
use crate::write::atomic;
use crate::write::room::size;
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// What one flight's run needs.
pub(crate) struct Job<'a> {
    pub(crate) project: &'a Project,
    pub(crate) inputs: &'a Inputs,
    pub(crate) linking: &'a Linking,
    pub(crate) parks: &'a ProjectParks,
    pub(crate) order: &'a Order,
    pub(crate) folder: &'a FlightFolder,
    pub(crate) options: &'a RunOptions,
    pub(crate) cache: &'a Cache,
    pub(crate) until: Stage,
    /// The part of the work that is done here; `None` for all of it.
    pub(crate) part: Option<&'a Part>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlightDone {
    pub(crate) skips: usize,
    pub(crate) lines: Vec<String>,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameStatus {
    /// In the mosaic.
    Used,
    /// Left out: unreadable, or oblique.
    Skipped,
    /// No position or attitude.
    Unplaced,
}

/// A row of layer `frames`.
#[derive(Clone, Debug)]
pub(crate) struct FrameRow {
    pub(crate) file: String,
    pub(crate) time: String,
    pub(crate) status: FrameStatus,
    pub(crate) reason: String,
    pub(crate) centre: Option<[f64; 3]>,
    pub(crate) opk_deg: Option<[f64; 3]>,
    pub(crate) level_k: Option<f64>,
    pub(crate) fit: Option<FrameFit>,
}

/// The state handed from stage to stage.
struct Flight<'a> {
    job: &'a Job<'a>,
    crs: Crs,
    zone: TimeZone,
    out: &'a Path,
    reporter: &'a dyn Reporter,
    record: RunRecord,
    clock: Instant,
    drawn: quality::Drawn,
    /// What stands in the folder of results.
    ledger: Ledger,
    /// What would run, where a run is only planned.
    planned: Vec<(Stage, String)>,
    /// First stage that would run.
    planned_from: Option<Stage>,
}

/// Whether the finished results of a flight stand there and would come out the same.
pub(crate) fn is_up_to_date(job: &Job<'_>, out: &Path) -> bool {
    let ledger = Ledger::open(job.cache, out);
    ledger.is_of(&facts::facts(job, out), out, job.cache.hashes())
}

/// Processes one flight; only what has to be done again since the last run.
///
/// # Errors
/// What leaves the flight without result.
pub(crate) fn run(
    job: &Job<'_>,
    out: &Path,
    reporter: &dyn Reporter,
) -> Result<FlightDone, Vec<Problem>> {
    let facts = facts::facts(job, out);
    let before = Ledger::open(job.cache, out);
    if let Some(part) = job.part.filter(|p| p.step != Step::Park) {
        return run_part(job, part, out, before, reporter);
    }
    if !job.options.force && before.is_of(&facts, out, job.cache.hashes()) {
        return Ok(say_again(job, &before, reporter));
    }
    let changes = match (before.facts.is_empty(), before.facts == facts) {
        (true, _) => vec!["no finished results of an earlier run are known".to_owned()],
        (_, true) if !before.complete => vec!["the last run did not come to its end".to_owned()],
        (_, true) if job.options.force => vec!["--force".to_owned()],
        (_, true) => vec!["files of the results were changed or removed".to_owned()],
        _ => differences(&before.facts, &facts),
    };
    let ledger = Ledger {
        facts,
        map: before.map,
        ..Ledger::default()
    };
    if job.options.dry_run {
        return plan(job, out, ledger, changes);
    }
    ledger.save(job.cache, out);
    let mut flight = Flight::new(job, out, ledger, reporter)?;
    let (catalogue, lines) = flight.process()?;
    flight.finish(&catalogue, lines)
}

/// Does a part of the work; what comes of it goes to the other machines.
fn run_part(
    job: &Job<'_>,
    part: &Part,
    out: &Path,
    before: Ledger,
    reporter: &dyn Reporter,
) -> Result<FlightDone, Vec<Problem>> {
    let ledger = Ledger {
        map: before.map,
        ..Ledger::default()
    };
    let mut flight = Flight::new(job, out, ledger, reporter)?;
    match flight.process() {
        // A part that is done ends with an empty list.
        Err(problems) if !problems.is_empty() => return Err(problems),
        _ => {}
    }
    if part.step == Step::Roof {
        flight.send_layers().map_err(|p| vec![p])?;
    }
    Ok(FlightDone {
        skips: flight.record.skips().len(),
        lines: Vec::new(),
    })
}

/// What a run would do: what changed, and how far results would be taken over.
fn plan(
    job: &Job<'_>,
    out: &Path,
    ledger: Ledger,
    changes: Vec<String>,
) -> Result<FlightDone, Vec<Problem>> {
    let id = &job.folder.id;
    let mut lines = vec![format!("{id}: would run")];
    lines.extend(changes.iter().map(|change| format!("  {change}")));
    let mut flight = Flight::new(job, out, ledger, &Silent)?;
    match flight.process() {
        Err(problems) if !problems.is_empty() => return Err(problems),
        _ => {}
    }
    let stages = Stage::ALL.iter().filter(|s| **s <= job.until);
    let first = flight.planned_from;
    for stage in stages.copied() {
        let what = flight.planned.iter().find(|(s, _)| *s == stage);
        let told = match (what, first) {
            (Some((_, what)), _) => what.as_str(),
            (None, Some(first)) if stage > first => "follows from what comes before",
            _ => "up to date",
        };
        lines.push(format!("  {:<9} {told}", stage.word()));
    }
    if flight
        .planned_from
        .is_some_and(|first| first <= Stage::Mosaic)
    {
        let bytes = room_needed(job.project, job.inputs, job.folder, &flight.zone);
        lines.push(format!("  rasters of up to {}", size(bytes as u64)));
    }
    Ok(FlightDone { skips: 0, lines })
}

/// Names again what the run that made the results named.
fn say_again(job: &Job<'_>, before: &Ledger, reporter: &dyn Reporter) -> FlightDone {
    for (stage, problem) in &before.skips {
        reporter.skip(*stage, problem);
    }
    let mut lines = before.lines.clone();
    let told = match before.warnings {
        0 => String::new(),
        n => format!("; {n} warnings in run.json"),
    };
    lines.push(format!(
        "{}: up to date, nothing to do{told}",
        job.folder.id
    ));
    FlightDone {
        skips: before.skips.len(),
        lines,
    }
}

impl<'a> Flight<'a> {
    fn new(
        job: &'a Job<'a>,
        out: &'a Path,
        ledger: Ledger,
        reporter: &'a dyn Reporter,
    ) -> Result<Self, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        Ok(Self {
            job,
            crs: project_crs(job.project, &job.folder.settings).map_err(one)?,
            zone: time_zone(job.project).map_err(one)?,
            out,
            reporter,
            record: RunRecord::new(
                job.project.settings.text("project", "name"),
                "flight",
                &job.folder.id,
            ),
            clock: Instant::now(),
            drawn: quality::Drawn::default(),
            ledger,
            planned: Vec::new(),
            planned_from: None,
        })
    }
}

impl Flight<'_> {
    /// Stage after stage as far as asked for. Out: the files of the flight, and closing lines.
    fn process(&mut self) -> Result<(Catalogue, Vec<String>), Vec<Problem>> {
        let catalogue = self.read()?;
        let weather = self.weather(&catalogue);
        if self.stops_after(Stage::Calibrate) {
            return Ok((catalogue, Vec::new()));
        }
        let placed = self.orient(&catalogue, &weather)?;
        self.drawn = quality::Drawn::placed(&placed.frames);
        if self.stops_after(Stage::Rectify) {
            return Ok((catalogue, Vec::new()));
        }
        let map = self.map(&catalogue, &weather, placed)?;
        self.drawn = quality::Drawn::of_map(&map);
        let mut lines = vec![format!("{}: {}", self.job.folder.id, map.summary())];
        if self.stops_after(Stage::Mosaic) {
            return Ok((catalogue, lines));
        }
        self.ends_with(Step::Map)?;
        self.fetch_layers().map_err(|p| vec![p])?;
        let rated = self.rate(&map, &weather)?;
        let rated = self.review(rated);
        if self.job.options.dry_run {
            self.plan_sheets(&catalogue, &map, &rated, &weather);
            return Err(Vec::new());
        }
        if !self.does(Step::Sheet) {
            self.write_layers(&catalogue, &map, &rated, &weather)?;
        }
        self.ends_with(Step::Roof)?;
        if self.stops_after(Stage::Attach) {
            return Ok((catalogue, lines));
        }
        let sheets = self.sheets(&catalogue, &map, &rated, &weather)?;
        lines.push(format!(
            "{}: {sheets} sheets in {}",
            self.job.folder.id,
            self.out.join("companies").display()
        ));
        Ok((catalogue, lines))
    }

    /// Whether this is a machine that does one step for all.
    fn does(&self, step: Step) -> bool {
        self.job.part.is_some_and(|p| p.step == step)
    }

    /// Ends here where this step is the part to be done.
    ///
    /// # Errors
    /// An empty list ends the part.
    fn ends_with(&self, step: Step) -> Result<(), Vec<Problem>> {
        match self.does(step) {
            true => Err(Vec::new()),
            false => Ok(()),
        }
    }

    /// Whether the run was asked to end with this stage or an earlier one.
    fn stops_after(&self, stage: Stage) -> bool {
        self.job.until <= stage
    }

    /// Notes the time since the last call under a stage's name.
    fn lap(&mut self, stage: Stage) {
        self.record
            .timing(stage.word(), self.clock.elapsed().as_secs_f64());
        self.clock = Instant::now();
    }

    fn skip(&mut self, stage: Stage, problem: &Problem) {
        self.reporter.skip(stage, problem);
        self.record.skip(stage, problem);
    }

    fn warn(&mut self, stage: Stage, problem: &Problem) {
        self.reporter.warn(stage, problem);
        self.record.warning(stage, problem);
    }

    fn read(&mut self) -> Result<Catalogue, Vec<Problem>> {
        let job = self.job;
        let hashes = job.cache.hashes();
        let catalogue = catalogue::read(job.project, job.folder, &self.zone, hashes, self.reporter);
        self.reporter.go_on().map_err(|p| vec![p])?;
        for problem in &catalogue.skips {
            self.skip(Stage::Read, problem);
        }
        for warning in &job.inputs.warnings {
            self.record.warning(Stage::Read, warning);
        }
        for text in &catalogue.warnings {
            let flight = format!("flights/{}", job.folder.id);
            let warning = Problem::setting(text.clone()).in_file(flight);
            self.warn(Stage::Read, &warning);
        }
        for entry in &catalogue.frames {
            for text in &entry.header.warnings {
                let warning = Problem::broken(text.clone()).in_file(entry.shown.clone());
                self.record.warning(Stage::Read, &warning);
            }
        }
        self.lap(Stage::Read);
        if catalogue.frames.is_empty() && catalogue.tiles.is_empty() {
            return Err(vec![
                Problem::setting(format!(
                    "none of {} files is a usable frame",
                    job.folder.files.len()
                ))
                .in_file(format!("flights/{}", job.folder.id))
                .hint("expected radiometric JPEG or TIFF frames, or georeferenced tiles"),
            ]);
        }
        Ok(catalogue)
    }

    fn write_layers(
        &mut self,
        catalogue: &Catalogue,
        map: &map::Map,
        rated: &roofs::Rated,
        weather: &weather::FlightWeather,
    ) -> Result<(), Vec<Problem>> {
        let rows = map.frame_rows(catalogue);
        let stamp = weather
            .start
            .map_or("1970-01-01T00:00:00Z".to_owned(), |t| t.to_string());
        let layers = layers::Layers {
            frames: &rows,
            outlines: &rated.outlines,
            roofs: &rated.roofs,
            hotspots: &rated.hotspots,
            coldspots: &rated.coldspots,
            segments: &rated.segments,
            companies: &self.job.inputs.companies,
            links: &self.job.inputs.links,
            parks: &self.job.parks.by_building(self.job.inputs),
            classes: &overview::classes(self.job, &rated.facts()),
            language: sheet_language(self.job.project, None, self.job.options),
        };
        let derived = |derived: &Derived| {
            let path = self.out.join("internal/derived_outlines.gpkg");
            derived.write(&path, &self.crs, &stamp)
        };
        layers::write(&self.out.join("audit.gpkg"), &self.crs, &stamp, &layers)
            .and_then(|()| rated.derived.as_ref().map_or(Ok(()), derived))
            .and_then(|()| links::write_review(self.job, self.out, &self.crs, &stamp))
            .map_err(|p| vec![p])
    }

    /// Notes which results of other flights these were made of.
    fn note_other_results(&mut self) {
        let Some(results) = self.out.parent() else {
            return;
        };
        let read = self.job.order.results_read(results, &self.job.folder.id);
        let rows: Vec<_> = read
            .iter()
            .filter_map(|path| {
                let shown = relative(results, path);
                catalogue::hash_file(&shown, path, self.job.cache.hashes()).ok()
            })
            .map(|i| json!({ "file": i.file, "bytes": i.bytes, "blake3": i.blake3 }))
            .collect();
        if !rows.is_empty() {
            self.record.section("other_results", json!(rows));
        }
    }

    /// Writes `run.json`, the last file of a flight.
    fn finish(
        mut self,
        catalogue: &Catalogue,
        lines: Vec<String>,
    ) -> Result<FlightDone, Vec<Problem>> {
        let settings = &self.job.folder.settings;
        self.record.settings(settings);
        self.record.section(
            "crs",
            json!({
                "epsg": self.crs.epsg(),
                "name": self.crs.name(),
                "datum_shift": self.crs.transformation(),
                "datum_accuracy_m": self.crs.accuracy_m(),
            }),
        );
        let frames = catalogue.frame_files.iter();
        let tiles = catalogue.tiles.iter().map(|t| &t.input);
        self.record
            .inputs(self.job.inputs.files.iter().chain(frames).chain(tiles));
        self.note_other_results();
        atomic::make_folder(self.out).map_err(|p| vec![p])?;
        self.write_quality(catalogue)?;
        atomic::write_file(&self.out.join("run.json"), self.record.to_text().as_bytes())
            .map_err(|p| vec![p])?;
        self.ledger.skips = self.record.skips();
        self.ledger.warnings = self.record.warnings().len();
        self.ledger.lines.clone_from(&lines);
        self.ledger.note_files(self.out, self.job.cache.hashes());
        // With an input lost on the way these are not the results of the inputs.
        self.ledger.complete = !self.job.cache.is_distrusted();
        self.ledger.save(self.job.cache, self.out);
        Ok(FlightDone {
            skips: self.ledger.skips.len(),
            lines,
        })
    }
}
