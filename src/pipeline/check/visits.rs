//! Visits: every row held against its pictures, companies and the fields a report must carry
//! (scoring.md §19), without measuring anything.

use super::{CheckReport, few};
use crate::pipeline::cache::FileHashes;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::project::{Project, VisitFolder};
use crate::pipeline::visit::{self, Known};
use crate::problem::Problem;
use crate::score::handheld::electrical::UNRATABLE_EMISSIVITY;
use crate::survey::{Cover, Finding, FindingKind, MeasurementTool, Participation, ToolKind};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(
    project: &Project,
    inputs: Option<&Inputs>,
    zone: &TimeZone,
    report: &mut CheckReport,
) {
    for folder in &project.visits {
        one(project, folder, inputs, zone, report);
    }
}

fn one(
    project: &Project,
    folder: &VisitFolder,
    inputs: Option<&Inputs>,
    zone: &TimeZone,
    report: &mut CheckReport,
) {
    let shown = format!("inspections/{}", folder.id);
    let found = match visit::read_findings(project, folder) {
        Ok(found) => found,
        Err(problems) => {
            // A run goes on without this visit, unless there is nothing else.
            let alone = project.flights.is_empty() && project.visits.len() == 1;
            match alone {
                true => report.errors.extend(problems),
                false => report.warnings.extend(problems),
            }
            return;
        }
    };
    report.warnings.extend(found.faults);
    report.warnings.extend(found.warnings);
    let file = folder.findings.as_ref().map(|p| project.relative(p));
    let file = file.unwrap_or_else(|| shown.clone());
    let at = |row: &Finding, column: &str, what: String| {
        Problem::setting(what)
            .in_file(file.clone())
            .field(format!("{}, column {column}", row.place))
    };
    let hashes = FileHashes::default();
    let mut pictures: BTreeMap<&str, Option<Known>> = BTreeMap::new();
    for row in &found.rows {
        let known = pictures.entry(&row.image).or_insert_with(|| {
            match Known::find(folder, &row.image, zone, &hashes) {
                Ok(known) => Some(known),
                Err(problem) => {
                    let what = format!("{} {}", row.image, problem.what);
                    report.warnings.push(at(row, "image", what));
                    None
                }
            }
        });
        if let Some(known) = known {
            markers(row, known, &at, report);
        }
        for (column, name) in [
            ("before_image", &row.before_image),
            ("visible_image", &row.visible_image),
        ] {
            if !name.is_empty() && visit::file_named(folder, name).is_err() {
                let what = format!("{name} is not in the visit's folder");
                report.warnings.push(at(row, column, what));
            }
        }
        electrical(project, folder, row, &at, report);
    }
    if let Some(inputs) = inputs {
        companies(inputs, &found.rows, &at, report);
    }
    let release = visit::qualification(&folder.settings);
    let day = folder.settings.text("visit", "date").parse::<Date>().ok();
    let first = pictures
        .values()
        .flatten()
        .filter_map(|k| k.local)
        .min()
        .map(|t| t.date());
    report
        .warnings
        .extend(visit::expired(&release, day.or(first), folder));
    unused(folder, &found.rows, &shown, report);
    fields(folder, &found.rows, &shown, report);
    if let Err(problems) = visit::handheld_options(project, &folder.settings, 0) {
        report.warnings.extend(problems);
    }
    let kinds: BTreeSet<&str> = found
        .rows
        .iter()
        .filter_map(|r| r.kind)
        .map(|k| k.word())
        .collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    report.read.push(format!(
        "{shown}: {} findings in {} pictures ({})",
        found.rows.len(),
        pictures.values().flatten().count(),
        kinds.join(", ")
    ));
}

type At<'a> = dyn Fn(&Finding, &str, String) -> Problem + 'a;

/// Markers outside the picture.
fn markers(row: &Finding, known: &Known, at: &At<'_>, report: &mut CheckReport) {
    let (w, h) = (known.header.width, known.header.height);
    let outside = |tool: &&MeasurementTool| {
        let p: Vec<usize> = tool.points.iter().map(|v| usize::from(*v)).collect();
        match (tool.kind, p.as_slice()) {
            (ToolKind::Area, [x, y, a, b, ..]) => x + a > w || y + b > h,
            (ToolKind::Line, [x1, y1, x2, y2, ..]) => *x1.max(x2) >= w || *y1.max(y2) >= h,
            (_, [x, y, ..]) => *x >= w || *y >= h,
            _ => false,
        }
    };
    let wrong: Vec<&str> = row
        .markers
        .iter()
        .filter(outside)
        .map(|t| t.label.as_str())
        .collect();
    if !wrong.is_empty() {
        let what = format!(
            "{} outside the picture of {w} × {h} pixels",
            wrong.join(", ")
        );
        report.warnings.push(at(row, "markers", what));
    }
}

/// What will leave an electrical finding without priority.
fn electrical(
    project: &Project,
    folder: &VisitFolder,
    row: &Finding,
    at: &At<'_>,
    report: &mut CheckReport,
) {
    if row.kind != Some(FindingKind::Electrical) {
        return;
    }
    let e = &row.electrical;
    let least = folder
        .settings
        .number("handheld", "min_load")
        .or_else(|| project.settings.number("handheld", "min_load"))
        .unwrap_or(0.4);
    let currents = e.phase_currents_a.iter().chain([&e.current_a]).flatten();
    let highest = currents.copied().reduce(f64::max);
    if let (Some(current), Some(rated)) = (highest, e.rated_a) {
        let load = current / rated;
        if load < least {
            let what = format!(
                "load {:.0} % of the rated current, below {:.0} %: severity not ratable",
                100.0 * load,
                100.0 * least
            );
            report.warnings.push(at(row, "rated_a", what));
        }
    }
    if let Some(emissivity) = row
        .radiometry
        .emissivity
        .filter(|e| *e <= UNRATABLE_EMISSIVITY)
    {
        let what = format!("is {emissivity}: bare metal, severity not ratable");
        report.warnings.push(at(row, "emissivity", what));
    }
    if e.cover == Some(Cover::Closed) {
        let what = "is closed: the component was not seen, severity not ratable".to_owned();
        report.warnings.push(at(row, "cover", what));
    }
}

fn companies(inputs: &Inputs, rows: &[Finding], at: &At<'_>, report: &mut CheckReport) {
    let mut silent: BTreeSet<&str> = BTreeSet::new();
    for row in rows {
        let id = row.company_id.as_str();
        if id.is_empty() && inputs.companies.len() == 1 {
            continue;
        }
        match inputs.companies.iter().find(|c| c.company_id == id) {
            Some(c) if c.participates != Participation::Yes => {
                silent.insert(&c.company_id);
            }
            Some(_) => {}
            None if id.is_empty() => {
                let what = "names no company: the row is left out".to_owned();
                report.warnings.push(at(row, "company_id", what));
            }
            None => {
                let what = format!("is \"{id}\", which is not in the company list");
                report.warnings.push(at(row, "company_id", what));
            }
        }
    }
    for id in silent {
        report.warn(
            Problem::setting("has findings and does not take part: no sheet")
                .in_file(format!("company {id}"))
                .field("participates")
                .hint("set participates in the company list once the company agrees"),
        );
    }
}

/// Thermal pictures of which no row speaks.
fn unused(folder: &VisitFolder, rows: &[Finding], shown: &str, report: &mut CheckReport) {
    let spoken: BTreeSet<String> = rows
        .iter()
        .flat_map(|r| [&r.image, &r.before_image, &r.reference, &r.visible_image])
        .map(|n| n.to_lowercase())
        .collect();
    let names: Vec<String> = folder
        .files
        .iter()
        .filter_map(|p| Some(p.file_name()?.to_string_lossy().into_owned()))
        .filter(|n| !spoken.contains(&n.to_lowercase()))
        .collect();
    if !names.is_empty() {
        let what = format!("no row speaks of {}", few(names.iter().map(String::as_str)));
        report.warn(
            Problem::setting(what)
                .in_file(shown.to_owned())
                .hint("thermaudit init adds a row for each thermal picture; a picture without finding needs none"),
        );
    }
}

/// Fields a report must carry that nobody filled in.
fn fields(folder: &VisitFolder, rows: &[Finding], shown: &str, report: &mut CheckReport) {
    let settings = &folder.settings;
    let mut missing: Vec<&str> = Vec::new();
    let mut text = |table: &str, names: &[&'static str]| {
        for name in names {
            if settings.text(table, name).is_empty() {
                missing.push(name);
            }
        }
    };
    text(
        "visit",
        &["date", "start", "end", "client", "present", "purpose"],
    );
    text("visit", &["sun_12h", "rain"]);
    let empty = |name: &str| {
        let value = &settings.get("visit", name).value;
        value
            .as_ref()
            .and_then(|v| v.as_array())
            .is_none_or(|a| a.is_empty())
    };
    missing.extend(
        ["examined", "not_examined"]
            .into_iter()
            .filter(|n| empty(n)),
    );
    let building = rows.iter().any(|r| r.kind == Some(FindingKind::Building));
    let electrical = rows.iter().any(|r| r.kind == Some(FindingKind::Electrical));
    let numbers: &[&str] = match building {
        true => &[
            "indoor_c",
            "outdoor_c",
            "humidity_pct",
            "wind_m_s",
            "pressure_pa",
        ],
        false => &[],
    };
    missing.extend(
        numbers
            .iter()
            .filter(|n| settings.number("visit", n).is_none()),
    );
    tell(missing, "visit", shown, report);
    let release = visit::qualification(settings);
    if !release.releases() {
        let what = match release.name.is_empty() {
            true => "names nobody: sheets say \"detected, not interpreted\"".to_owned(),
            false => format!(
                "{} has no level II or III: sheets say \"detected, not interpreted\"",
                release.name
            ),
        };
        report.warn(
            Problem::setting(what)
                .in_file(format!("{shown}/visit.toml"))
                .field("release")
                .hint("name, scheme, level, number, sector and expires of the person who releases"),
        );
    } else {
        let given = [
            ("scheme", &release.scheme),
            ("number", &release.number),
            ("sector", &release.sector),
        ];
        let mut missing: Vec<&str> = given
            .iter()
            .filter(|(_, v)| v.is_empty())
            .map(|(n, _)| *n)
            .collect();
        missing.extend(release.expires.is_none().then_some("expires"));
        missing.extend(release.date.is_none().then_some("date"));
        tell(missing, "release", shown, report);
    }
    let calibrated = settings
        .cameras
        .iter()
        .any(|c| !c.text("calibrated_on").is_empty());
    if !calibrated {
        tell(vec!["calibrated_on"], "[camera]", shown, report);
    }
    if electrical {
        of_rows(rows, shown, report);
    }
    let nameless: Vec<&str> = rows
        .iter()
        .filter(|r| r.kind.is_none() || r.observation.is_empty())
        .map(|r| r.place.as_str())
        .collect();
    if !nameless.is_empty() {
        let what = format!("kind or observation is empty in {}", few(nameless));
        report.warn(
            Problem::setting(what)
                .in_file(format!("{shown}/findings"))
                .hint("the sheet prints what is filled in; an observation says what is seen"),
        );
    }
}

/// Whether a row lacks something.
type Lacks = fn(&Finding) -> bool;

/// Electrical rows without what NETA asks for.
fn of_rows(rows: &[Finding], shown: &str, report: &mut CheckReport) {
    let electrical = || {
        rows.iter()
            .filter(|r| r.kind == Some(FindingKind::Electrical))
    };
    let lacks: [(&str, Lacks); 6] = [
        ("board", |r| r.electrical.board.is_empty()),
        ("component", |r| r.component.is_empty()),
        ("current_a", |r| {
            let e = &r.electrical;
            e.current_a.is_none() && e.phase_currents_a.iter().all(Option::is_none)
        }),
        ("rated_a", |r| r.electrical.rated_a.is_none()),
        ("cover", |r| r.electrical.cover.is_none()),
        ("recommendation", |r| r.recommendation.is_empty()),
    ];
    for (column, lacking) in lacks {
        let places: Vec<&str> = electrical()
            .filter(|r| lacking(r))
            .map(|r| r.place.as_str())
            .collect();
        if !places.is_empty() {
            let what = format!("{column} is empty in electrical rows: {}", few(places));
            report.warn(
                Problem::setting(what)
                    .in_file(format!("{shown}/findings"))
                    .hint("ANSI/NETA MTS reports carry it"),
            );
        }
    }
}

fn tell(missing: Vec<&str>, table: &str, shown: &str, report: &mut CheckReport) {
    if missing.is_empty() {
        return;
    }
    let what = format!(
        "not filled in, though a report carries them: {}",
        missing.join(", ")
    );
    report.warn(
        Problem::setting(what)
            .in_file(format!("{shown}/visit.toml"))
            .field(table.to_owned())
            .hint("what stays empty is left out of the sheet or printed as not given"),
    );
}
