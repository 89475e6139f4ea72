//! `init`: looks at what lies in a folder and writes a commented `audit.toml` for it.
//!
//! In: a folder as users have it: downloads of registers, an export of a GIS, a list of members,
//! memory cards. Out: settings in which what was found is filled in, and a report of what was
//! found, what is missing and what to do next. Files are told apart by their content; nothing is
//! moved or changed.

mod columns;
mod findings;
mod look;
mod place;

use super::project::{Project, relative};
use crate::config::template::{self, Columns, Filled, quoted};
use crate::problem::{Problem, Result};
use crate::write::atomic;
use look::Looked;
use std::path::{Path, PathBuf};

/// What was found and written.
#[derive(Clone, Debug, Default)]
pub struct InitReport {
    /// One line for each thing that was found.
    pub found: Vec<String>,
    /// What is missing, or has to be moved or converted first.
    pub remarks: Vec<Problem>,
    /// The settings file.
    pub written: PathBuf,
    /// Whether it was there already and only tables of findings were completed.
    pub kept: bool,
}

/// Places where inputs lie without being named.
const PLACES: [(&str, &[&str]); 4] = [
    ("buildings", &["gpkg", "geojson", "shp", "fgb"]),
    ("companies", &["csv", "xlsx", "ods"]),
    ("links", &["csv"]),
    ("weather", &["csv"]),
];

/// Looks at a folder and writes its `audit.toml`.
///
/// A visit's `findings.csv` gets a row for each of its pictures that has none; that alone is done
/// where `audit.toml` is there already.
///
/// # Errors
/// No folder, an `audit.toml` that is there already and no visit, or a folder that refuses a new
/// file.
pub fn init(dir: &Path) -> Result<InitReport> {
    let shown = dir.display().to_string();
    if !dir.is_dir() {
        return Err(Problem::setting("is no folder").in_file(shown).hint(
            "make the folder, put outlines, company list and flights/<flight id>/ into it, and \
             run init again",
        ));
    }
    let written = dir.join("audit.toml");
    if written.exists() {
        if dir.join("inspections").is_dir() {
            return complete(dir, written);
        }
        return Err(
            Problem::setting("is there already, and is never written over")
                .in_file(written.display().to_string())
                .hint(format!(
                    "see what it says: thermaudit check {shown} --settings"
                )),
        );
    }
    let looked = look::look(dir);
    let (crs, reason) = place::crs(&looked);
    let mut filled = vec![
        Filled {
            table: "project",
            name: "name",
            value: quoted(&name_of(dir)),
            comment: "printed on every sheet".to_owned(),
        },
        Filled {
            table: "project",
            name: "crs",
            value: quoted(&format!("EPSG:{crs}")),
            comment: reason.clone(),
        },
    ];
    filled.extend(inputs(dir, &looked));
    filled.extend(orthophoto(dir, &looked));
    let head = [
        "Settings of this project, written by thermaudit init for what lay in the folder.",
        "Lines with # before a key show its default: take the # away to change it.",
        "What each file is taken for: thermaudit check, with --settings for every value.",
    ]
    .map(str::to_owned);
    let columns: Vec<Columns> = looked.columns.clone();
    let text = template::audit_toml(&head, &filled, &columns);
    atomic::write_file(&written, text.as_bytes())?;
    let mut report = InitReport {
        written,
        ..InitReport::default()
    };
    report.found = found(dir, &looked);
    report
        .found
        .push(format!("project.crs = EPSG:{crs}: {reason}"));
    report.remarks = remarks(dir, &looked);
    visits(dir, &mut report)?;
    Ok(report)
}

/// Completes the tables of findings of a project that is there already.
fn complete(dir: &Path, written: PathBuf) -> Result<InitReport> {
    let mut report = InitReport {
        written,
        kept: true,
        ..InitReport::default()
    };
    visits(dir, &mut report)?;
    Ok(report)
}

/// Tables of findings, as far as the settings can be read.
fn visits(dir: &Path, report: &mut InitReport) -> Result<()> {
    match Project::survey(dir) {
        (Some(project), _) => {
            let mut done = findings::write(&project)?;
            report.found.append(&mut done.lines);
            report.remarks.append(&mut done.remarks);
        }
        (None, mut faults) => report.remarks.append(&mut faults),
    }
    Ok(())
}

/// The folder's own name.
fn name_of(dir: &Path) -> String {
    let whole = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let name = whole.file_name().map(|n| n.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "project".to_owned())
}

/// Keys of `[inputs]` for files that are not at their places.
fn inputs(dir: &Path, looked: &Looked) -> Vec<Filled> {
    let mut filled = Vec::new();
    let mut add = |name: &'static str, paths: &[PathBuf]| {
        let texts: Vec<String> = paths.iter().map(|p| quoted(&relative(dir, p))).collect();
        let value = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        filled.push(Filled {
            table: "inputs",
            name,
            value,
            comment: String::new(),
        });
    };
    for (key, endings) in PLACES {
        let paths = looked.of(key);
        let at_place = |path: &PathBuf| {
            endings
                .iter()
                .any(|e| *path == dir.join(format!("{key}.{e}")))
        };
        // Of several the first is taken, in the order they are looked at: the place first.
        if let Some(first) = paths.first().filter(|p| !at_place(p) || paths.len() > 1) {
            add(key, std::slice::from_ref(first));
        }
    }
    if let Some(first) = looked.of("parks").first() {
        let name = relative(dir, first);
        let at_place = ["gpkg", "geojson", "json", "shp", "fgb"]
            .iter()
            .any(|e| name == format!("parks.{e}"));
        if !at_place {
            add("parks", std::slice::from_ref(first));
        }
    }
    for key in ["dsm", "dtm"] {
        let paths = looked.of(key);
        let at_place = |p: &PathBuf| {
            *p == dir.join(format!("{key}.tif")) || p.parent() == Some(&dir.join(key))
        };
        if !paths.is_empty() && !paths.iter().all(at_place) {
            add(key, paths);
        }
    }
    let reference: Vec<PathBuf> = looked
        .of("reference")
        .iter()
        .filter(|p| !p.starts_with(dir.join("reference")))
        .cloned()
        .collect();
    if !reference.is_empty() {
        let folder = Some(dir.join("reference")).filter(|p| p.is_dir());
        let all: Vec<PathBuf> = folder.into_iter().chain(reference).collect();
        add("reference", &all);
    }
    filled
}

/// Key of the orthophoto where it does not lie in `reference/`: the file, or the folder of several.
fn orthophoto(dir: &Path, looked: &Looked) -> Option<Filled> {
    let first = looked.photos.first()?;
    let parent = first.parent().filter(|p| *p != dir);
    let together = looked.photos.len() > 1 && looked.photos.iter().all(|p| p.parent() == parent);
    let named = match parent {
        Some(folder) if together => folder,
        _ => first.as_path(),
    };
    Some(Filled {
        table: "report",
        name: "orthophoto",
        value: quoted(&relative(dir, named)),
        comment: "shown beside the thermal map".to_owned(),
    })
}

/// What was found, one line each.
fn found(dir: &Path, looked: &Looked) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, what) in [
        ("buildings", "building outlines"),
        ("companies", "company list"),
        ("links", "links of companies and buildings"),
        ("parks", "park outlines"),
        ("weather", "weather"),
        ("dsm", "surface model"),
        ("dtm", "terrain model"),
        ("reference", "register or base map"),
    ] {
        for path in looked.of(key) {
            let photo = key == "reference" && look::is_photo(path);
            let what = if photo { "orthophoto" } else { what };
            lines.push(format!("{}: {what}", relative(dir, path)));
        }
    }
    for path in &looked.photos {
        lines.push(format!("{}: orthophoto", relative(dir, path)));
    }
    for (path, count) in &looked.flights {
        lines.push(format!(
            "{}: a flight of {count} files",
            relative(dir, path)
        ));
    }
    for path in &looked.inspections {
        lines.push(format!("{}: an inspection", relative(dir, path)));
    }
    lines
}

/// What is missing or has to be done by hand.
fn remarks(dir: &Path, looked: &Looked) -> Vec<Problem> {
    let mut remarks = looked.remarks.clone();
    let missing = |what: &str, hint: &str| {
        Problem::setting(what)
            .in_file(dir.display().to_string())
            .hint(hint)
    };
    for (path, count) in &looked.loose {
        let name = relative(dir, path);
        let id = place::flight_id(&name);
        let from = match name.as_str() {
            "" => "the pictures".to_owned(),
            name => format!("{name}/"),
        };
        remarks.push(
            Problem::setting(format!("holds {count} pictures and is no flight yet"))
                .in_file(if name.is_empty() {
                    ".".to_owned()
                } else {
                    name
                })
                .hint(format!("move {from} to flights/{id}/")),
        );
    }
    for (key, paths) in &looked.inputs {
        if paths.len() > 1 && ["buildings", "companies", "links", "weather", "parks"].contains(key)
        {
            let names: Vec<String> = paths.iter().map(|p| relative(dir, p)).collect();
            remarks.push(
                Problem::setting(format!("several files could be it: {}", names.join(", ")))
                    .field(format!("inputs.{key}"))
                    .hint(format!(
                        "{} is named; name another one in audit.toml",
                        names[0]
                    )),
            );
        }
    }
    for columns in looked.columns.iter().filter(|c| !c.notes.is_empty()) {
        remarks.push(
            Problem::setting("has columns that are not recognised")
                .in_file(columns.notes[0].clone())
                .hint(format!(
                    "[schema.{}] in audit.toml lists them with candidates",
                    columns.table
                )),
        );
    }
    let pictures = [looked.flights.is_empty(), looked.inspections.is_empty()];
    if pictures == [true, true] && looked.loose.is_empty() {
        remarks.push(missing(
            "no flight",
            "put the frames or tiles of each flight into flights/<flight id>/",
        ));
    }
    if looked.of("buildings").is_empty() {
        remarks.push(missing(
            "no building outlines",
            "export the buildings of the park as buildings.gpkg (GRB layer GBG works unchanged)",
        ));
    }
    if looked.of("companies").is_empty() {
        remarks.push(missing(
            "no company list, so that no sheets are made",
            "add companies.csv (or .xlsx, .ods) with company_id, name, participates, buildings",
        ));
    }
    if looked.of("weather").is_empty() {
        remarks.push(missing(
            "no weather, so that roofs are compared and not rated in W/m²K",
            "add weather.csv: 10-minute rows of a KMI station work unchanged",
        ));
    }
    if looked.of("dsm").is_empty() {
        remarks.push(missing(
            "no surface model, so that roofs lean away from the middle of the frames",
            "add dsm.tif and dtm.tif (sheets of DHMVIIDSMRAS1m and DHMVIIDTMRAS1m work unchanged)",
        ));
    }
    remarks
}
