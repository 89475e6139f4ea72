//! `compare`: the results of two flights against each other.
//!
//! Reads what a run left (`audit.gpkg`, `mosaic.tif`, `run.json`), never frames, and writes
//! `results/compare/<A>__<B>/`.

mod companies;
mod current;
mod maps;
mod overview;
mod read;
mod spots;
mod trend;
mod write;

use super::house::House;
use super::inputs::project_crs;
use super::project::Project;
use super::stage::Reporter;
use super::threads;
use super::workplace::Workplace;
use crate::compare::{
    self, Comparison, Options, Pair, Quantity, Verdict, identity, line, normalise,
};
use crate::geo::crs::Crs;
use crate::problem::Problem;
use crate::report::changes::BREAKDOWN;
use crate::survey::Language;
use crate::write::atomic;
pub(super) use current::{current, folder};
use maps::{Maps, Registration};
pub(super) use read::{Flown, parks_of};
use spots::SpotChange;
use std::path::{Path, PathBuf};

/// What the command line asks of a comparison.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Results folder; `None` = `results` inside the project.
    pub out: Option<PathBuf>,
    /// Threads; `None` and 0 are all cores.
    pub jobs: Option<usize>,
}

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct CompareSummary {
    /// Closing lines for people.
    pub lines: Vec<String>,
    /// What to know of it.
    pub warnings: Vec<Problem>,
}

/// Two flights, compared.
struct Compared<'a> {
    flights: [&'a Flown; 2],
    same: Vec<identity::Same>,
    common: Vec<Option<compare::common::Common>>,
    comparison: Comparison,
    registration: Option<Registration>,
    /// Temperature of the second night over that of the first, and the roofs behind it.
    temperature: (line::Line, usize),
    spots: Vec<SpotChange>,
    trend: Option<trend::Trend>,
    companies: Vec<companies::Company>,
    options: Options,
}

/// Compares two processed flights of a project.
///
/// # Errors
/// Settings that are wrong, flights that are not there, are one or have no results, results that
/// cannot be read or that another command works on, a folder that refuses, the user.
pub fn compare(
    path: &Path,
    flights: [&str; 2],
    options: &CompareOptions,
    reporter: &dyn Reporter,
) -> Result<CompareSummary, Vec<Problem>> {
    let project = Project::open(path)?;
    let results = options
        .out
        .clone()
        .unwrap_or_else(|| project.root.join("results"));
    read::check(&results, flights)?;
    let house = House::read(&project)?;
    // Held until the end.
    let place = Workplace::take(&project, &results, "compare").map_err(|p| vec![p])?;
    let pool = threads(options.jobs).map_err(|p| vec![p])?;
    let mut summary = pool
        .install(|| of_project(&project, &house, &results, flights, reporter))
        .map_err(|p| vec![p])?;
    summary.warnings.extend(place.warnings.iter().cloned());
    Ok(summary)
}

fn of_project(
    project: &Project,
    house: &House,
    results: &Path,
    flights: [&str; 2],
    reporter: &dyn Reporter,
) -> Result<CompareSummary, Problem> {
    let crs: Crs = project_crs(project, &project.settings)?;
    let options = project.settings.compare_options();
    let score = project.settings.score_options();
    let [before, after] = flights;
    let (before, after) = (Flown::read(results, before)?, Flown::read(results, after)?);
    let outlines = |f: &Flown| -> Vec<(String, _)> {
        let all = f.buildings.iter();
        all.map(|b| (b.oidn.clone(), b.polygon.clone())).collect()
    };
    let (first, second) = (outlines(&before), outlines(&after));
    let same = identity::pairs(&borrowed(&first), &borrowed(&second));
    let mut maps = Maps::open([&before, &after], project.settings.segment_options())?;
    let registration = maps.register(&same)?;
    reporter.go_on()?;
    let common = maps.common(&same, &options)?;
    reporter.go_on()?;
    let pairs: Vec<Pair<'_>> = same
        .iter()
        .zip(&common)
        .map(|(same, common)| Pair {
            before: same.before.map(|i| &before.buildings[i]),
            after: same.after.map(|i| &after.buildings[i]),
            common_fraction: common.map_or(0.0, |c| c.fraction),
            moved: common.map_or([compare::estimate::Moved::default(); 2], |c| c.moved),
        })
        .collect();
    let spoilt = [before.spoilt(), after.spoilt()];
    let comparison = compare::judge(&pairs, spoilt, score.rse_m2k_w, &options);
    let temperature = night(&pairs, &comparison);
    let spots = spots::compare(&maps, &same, temperature.0.slope)?;
    let folder = results
        .join("compare")
        .join(format!("{}__{}", before.id, after.id));
    reporter.go_on()?;
    atomic::make_folder(&folder)?;
    let trend = trend::of_project(project, results)?;
    let companies = companies::between([&before, &after], &same);
    let compared = Compared {
        flights: [&before, &after],
        companies,
        same,
        common,
        comparison,
        registration,
        temperature,
        spots,
        trend,
        options,
    };
    let change = folder.join("change.tif");
    maps.write_change(&change, &compared.temperature.0, &crs, reporter)?;
    let language = Language::from_code(project.settings.text("project", "language"));
    let language = language.unwrap_or(Language::Nl);
    write::layers(&folder.join("changes.gpkg"), &crs, &compared, language)?;
    overview::write(&folder.join("overview.pdf"), project, house, &compared)?;
    write::json(&folder.join("changes.json"), &compared)?;
    let mut summary = compared.summary(&folder);
    summary.warnings.extend(house.warnings.iter().cloned());
    Ok(summary)
}

fn borrowed<T>(outlines: &[(String, T)]) -> Vec<(&str, &T)> {
    outlines.iter().map(|(k, p)| (k.as_str(), p)).collect()
}

/// The second night's temperature over the first's, through the roofs that can be compared; fewer
/// than eight give an offset alone.
fn night(pairs: &[Pair<'_>], comparison: &Comparison) -> (line::Line, usize) {
    let medians = |sound: bool| -> Vec<[f64; 2]> {
        pairs
            .iter()
            .zip(&comparison.changes)
            .filter(|(_, change)| !sound || change.change.is_some())
            .filter_map(|(pair, _)| Some([pair.before?.median_c?, pair.after?.median_c?]))
            .collect()
    };
    let sound = medians(true);
    if let Some(found) = normalise::Normalisation::through(&sound) {
        return (found.line, sound.len());
    }
    // A frosty night has no sound roof and still a map to look at.
    let points = if sound.is_empty() {
        medians(false)
    } else {
        sound
    };
    let offset = line::Line {
        slope: 1.0,
        intercept: normalise::middle_difference(&points),
        sigma: 0.0,
    };
    (offset, points.len())
}

impl Compared<'_> {
    fn count(&self, verdict: Verdict) -> usize {
        let all = self.comparison.changes.iter();
        all.filter(|c| c.verdict == verdict).count()
    }

    fn summary(&self, folder: &Path) -> CompareSummary {
        let counts: Vec<String> = Verdict::ALL
            .iter()
            .map(|v| format!("{} {}", self.count(*v), v.word().replace('-', " ")))
            .collect();
        let found = |word: &str| {
            let all = self.spots.iter();
            all.filter(|s| s.verdict.is_some_and(|v| v.word() == word))
                .count()
        };
        let lines = vec![
            format!("buildings: {}", counts.join(", ")),
            format!(
                "hotspots: {} new, {} gone, {} persisting",
                found("new"),
                found("gone"),
                found("persisting")
            ),
            format!("wrote {}", folder.display()),
            format!(
                "thermaudit run PROJECT --flight {} puts it on the sheets",
                self.flights[1].id
            ),
        ];
        CompareSummary {
            lines,
            warnings: self.warnings(),
        }
    }

    fn warnings(&self) -> Vec<Problem> {
        let mut warnings = Vec::new();
        for flight in self.flights.iter().filter(|f| f.spoilt().is_some()) {
            let what = "has no quality of A to C; nothing can be compared with it";
            warnings.push(Problem::setting(what).field(format!("flight {}", flight.id)));
        }
        let tested = |q: Quantity| {
            let changes = self.comparison.changes.iter();
            changes.filter(|c| c.quantity == Some(q)).count()
        };
        let roofs = tested(Quantity::U);
        if self.comparison.u.is_none() && roofs > 0 {
            let what = format!(
                "only {roofs} roofs can be compared by U, expected at least {}; another night's \
                 weather is not taken out and stays in the uncertainty",
                normalise::MIN_ROOFS
            );
            warnings.push(Problem::setting(what));
        }
        if let Some(share) = self.changed().filter(|s| *s >= BREAKDOWN) {
            let what = format!(
                "{:.0} % of the compared roofs seem to have changed: from 29 % on, the line through \
                 the unchanged ones may itself shift",
                100.0 * share
            );
            let hint = "hold the verdicts against a roof that is known not to have changed";
            warnings.push(Problem::setting(what).hint(hint));
        }
        if self.registration.is_none() {
            let what = "too few roofs show where the two maps lie to each other; they are taken \
                        as they are";
            warnings.push(Problem::setting(what));
        }
        warnings
    }
}
