//! Files that lie in the project folder and that nothing would read.

use super::{CheckReport, few};
use crate::pipeline::inputs::{parks_file, reference_files};
use crate::pipeline::project::{Project, hidden, sorted_entries};
use crate::problem::Problem;
use crate::read::refused::refused;
use std::path::{Path, PathBuf};

/// Folders with a meaning of their own.
const PLACES: [&str; 6] = [
    "flights",
    "inspections",
    "reference",
    "template",
    "results",
    "truth",
];

/// Endings an input could have.
const INPUTS: &[&str] = &[
    "gpkg", "geojson", "json", "shp", "fgb", "csv", "tsv", "xlsx", "ods", "tif", "tiff",
];

/// Endings of pictures of cameras.
const PICTURES: &[&str] = &["jpg", "jpeg", "seq", "csq", "fff", "irb", "irg"];

pub(super) fn check(project: &Project, report: &mut CheckReport) {
    let used = used(project);
    let is_used = |path: &Path| used.iter().any(|u| u == path || path.starts_with(u));
    let holds_used = |path: &Path| used.iter().any(|u| u.starts_with(path));
    let cache = project.settings.text("run", "cache_dir").to_owned();
    let mut left = Vec::new();
    for path in sorted_entries(&project.root) {
        let name = project.relative(&path);
        if hidden(&path) || name == cache || PLACES.contains(&name.as_str()) || is_used(&path) {
            continue;
        }
        if let Some(problem) = refused(&path) {
            report.warn(problem);
        } else if path.is_dir() {
            let count = pictures(&path, 2);
            if count > 0 && !holds_used(&path) {
                report.warn(
                    Problem::setting(format!("holds {count} pictures, which no flight reads"))
                        .in_file(name.clone())
                        .hint(format!("move them to flights/{name}/")),
                );
            }
        } else if ends(&path, PICTURES) {
            left.push((name, true));
        } else if ends(&path, INPUTS) {
            left.push((name, false));
        }
    }
    let loose: Vec<&str> = left.iter().filter(|l| l.1).map(|l| l.0.as_str()).collect();
    if !loose.is_empty() {
        report.warn(
            Problem::setting(format!("{} pictures belong to no flight", loose.len()))
                .in_file(few(loose))
                .hint("move them to flights/<flight id>/"),
        );
    }
    let unread: Vec<&str> = left.iter().filter(|l| !l.1).map(|l| l.0.as_str()).collect();
    if !unread.is_empty() {
        report.warn(
            Problem::setting("nothing reads these files")
                .in_file(few(unread))
                .hint(
                    "name them under [inputs] in audit.toml, put registers into reference/, or \
                     take them away",
                ),
        );
    }
    below_flights(project, report);
    empty_reference(project, report);
}

/// Everything a run reads outside of flights.
fn used(project: &Project) -> Vec<PathBuf> {
    let single = [
        &project.buildings,
        &project.companies,
        &project.links,
        &project.weather,
        &project.review,
    ];
    let mut used: Vec<PathBuf> = single.into_iter().flatten().cloned().collect();
    used.extend(project.dsm.iter().chain(&project.dtm).cloned());
    used.extend(parks_file(project));
    used.extend(reference_files(project));
    for key in ["logo", "auditor_logo", "template", "orthophoto"] {
        let text = project.settings.text("report", key);
        if !text.is_empty() {
            used.push(project.root.join(text));
        }
    }
    // What lies beside a shapefile.
    let parts: Vec<PathBuf> = used
        .iter()
        .filter(|p| ends(p, &["shp"]))
        .flat_map(|p| ["dbf", "shx", "prj", "cpg"].map(|e| p.with_extension(e)))
        .collect();
    used.extend(parts);
    used
}

/// Pictures in folders below a flight's: those of memory cards keep their own folders.
fn below_flights(project: &Project, report: &mut CheckReport) {
    for flight in &project.flights {
        for path in sorted_entries(&flight.path) {
            if !path.is_dir() || hidden(&path) {
                continue;
            }
            let count = pictures(&path, 3);
            if count > 0 {
                let name = project.relative(&path);
                report.warn(
                    Problem::setting(format!("holds {count} pictures, which are not read"))
                        .in_file(name)
                        .hint(format!("move them to flights/{}/ itself", flight.id)),
                );
            }
        }
    }
    for path in sorted_entries(&project.root.join("flights")) {
        if path.is_file() && ends(&path, PICTURES) {
            report.warn(
                Problem::setting("lies beside the folders of the flights, and is not read")
                    .in_file(project.relative(&path))
                    .hint("move it to flights/<flight id>/"),
            );
            break;
        }
    }
}

fn empty_reference(project: &Project, report: &mut CheckReport) {
    let folder = project.root.join("reference");
    let named = project.settings.paths("inputs", "reference");
    if named.is_empty() && folder.is_dir() && reference_files(project).is_empty() {
        report.warn(
            Problem::setting("holds no file")
                .in_file("reference")
                .hint("put registers and base map here, or take the folder away"),
        );
    }
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|e| endings.contains(&e.as_str()))
}

/// Pictures of a folder and of those below it.
pub(in crate::pipeline) fn pictures(folder: &Path, depth: u32) -> usize {
    let entries = sorted_entries(folder);
    let below = entries.iter().filter(|p| p.is_dir() && !hidden(p));
    let deeper: usize = match depth {
        0 => 0,
        _ => below.map(|p| pictures(p, depth - 1)).sum(),
    };
    deeper + entries.iter().filter(|p| ends(p, PICTURES)).count()
}
