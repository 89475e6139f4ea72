//! What the results of a flight depend on, item by item: the same facts, the same bytes.

use super::Job;
use crate::config::Settings;
use crate::pipeline::cache::{Facts, Key};
use crate::pipeline::park_maps;
use crate::pipeline::project::{hidden, relative, sorted_entries};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

/// Settings that change how a run works and nothing that comes of it.
const WORKING: &str = "run";

/// The facts of a flight's results.
pub(super) fn facts(job: &Job<'_>, out: &Path) -> Facts {
    let mut facts = Facts::new();
    let mut group = |name: &str, items: BTreeMap<String, String>| {
        facts.insert(name.to_owned(), items);
    };
    group("program", program(job));
    group("settings", settings(job));
    group("origins of settings", origins(&job.folder.settings));
    group("inputs", inputs(job));
    group("frames", frames(job));
    let outlines = &job.inputs.outlines;
    group("outlines", items(outlines, |o| &o.oidn));
    let companies = &job.inputs.companies;
    group("companies", items(companies, |c| &c.company_id));
    group("links", one("links", &job.inputs.links));
    group("verdicts", one("verdicts", &job.inputs.reviews));
    group("other flights", others(job, out));
    facts
}

fn program(job: &Job<'_>) -> BTreeMap<String, String> {
    let options = job.options;
    BTreeMap::from([
        ("source".to_owned(), crate::pipeline::cache::CODE.to_owned()),
        ("last stage".to_owned(), job.until.word().to_owned()),
        (
            "--lang".to_owned(),
            options.language.clone().unwrap_or_default(),
        ),
        (
            "--allow-unreviewed".to_owned(),
            options.allow_unreviewed.to_string(),
        ),
        ("secret of links".to_owned(), secret(job)),
    ])
}

/// A mark of the secret of link tokens, which itself is kept nowhere.
fn secret(job: &Job<'_>) -> String {
    let name = job.project.settings.text("privacy", "link_secret_env");
    match std::env::var(name) {
        Ok(value) if !name.is_empty() => {
            let mark = blake3::derive_key("thermaudit link secret changed", value.as_bytes());
            blake3::Hash::from_bytes(mark).to_hex().to_string()
        }
        _ => String::new(),
    }
}

/// Effective values of the flight; of the project where the flight has its own.
fn settings(job: &Job<'_>) -> BTreeMap<String, String> {
    let (flight, project) = (&job.folder.settings, &job.project.settings);
    let mut all = BTreeMap::new();
    for (key, effective) in flight.effective().filter(|(k, _)| k.table != WORKING) {
        let name = format!("{}.{}", key.table, key.name);
        let value = |v: &Option<toml::Value>| v.as_ref().map_or(String::new(), ToString::to_string);
        let own = value(&effective.value);
        let whole = value(&project.get(key.table, key.name).value);
        if whole != own {
            all.insert(format!("{name} of the project"), whole);
        }
        all.insert(name, own);
    }
    let mut more = |name: &str, value: &dyn Debug| {
        all.insert(name.to_owned(), digest(&value));
    };
    more("[[camera]]", &flight.cameras);
    more("[score.material]", &flight.materials);
    more("[schema]", &project.schema);
    all
}

/// Where values come from, which `run.json` tells.
fn origins(settings: &Settings) -> BTreeMap<String, String> {
    let told = settings.effective().filter(|(k, _)| k.table != WORKING);
    told.map(|(key, effective)| {
        let name = format!("{}.{}", key.table, key.name);
        (name, effective.origin.to_string())
    })
    .filter(|(_, origin)| origin != "default")
    .collect()
}

/// Files beside the flight: by name, the digest of their bytes.
fn inputs(job: &Job<'_>) -> BTreeMap<String, String> {
    let files = job.inputs.files.iter();
    let mut all: BTreeMap<String, String> =
        files.map(|f| (f.file.clone(), f.blake3.clone())).collect();
    let project = job.project;
    let mut folders = |name: &str, paths: &[PathBuf]| {
        if !paths.is_empty() {
            let digest = job.cache.digest_of_paths(paths);
            all.insert(name.to_owned(), digest.to_hex().to_string());
        }
    };
    folders("surface model", &project.dsm);
    folders("terrain model", &project.dtm);
    let grid = project.root.join(job.folder.settings.text("crs", "grid"));
    if grid.is_file() {
        folders("datum grid", &[grid]);
    }
    all
}

/// Every file of the flight's folder.
fn frames(job: &Job<'_>) -> BTreeMap<String, String> {
    let entries = sorted_entries(&job.folder.path).into_iter();
    let files = entries.filter(|p| !hidden(p) && p.is_file());
    files
        .map(|path| {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            let digest = job.cache.hashes().of(&path).map(|(_, d)| d.to_hex());
            let digest = digest.map_or_else(|e| e.to_string(), |d| d.to_string());
            (name.unwrap_or_default(), digest)
        })
        .collect()
}

/// What earlier flights give to this one: ids of hotspots, and comparisons.
fn others(job: &Job<'_>, out: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let id = &job.folder.id;
    if let Some(results) = out.parent() {
        for path in job.order.results_read(results, id) {
            let digest = job.cache.hashes().of(&path);
            let digest = digest.map_or_else(|e| e.to_string(), |(_, d)| d.to_hex().to_string());
            all.insert(relative(results, &path), digest);
        }
    }
    if let Some(results) = out.parent() {
        for former in job.order.before(id) {
            let pages = park_maps::carried(results, former);
            if !pages.is_empty() {
                let digest = job.cache.digest_of_paths(&pages);
                all.insert(
                    format!("map pages of {former}"),
                    digest.to_hex().to_string(),
                );
            }
        }
    }
    // A verdict about a hotspot that is not here may be about a later flight.
    if !job.inputs.reviews.is_empty() {
        let later = job.order.has_later(id).to_string();
        all.insert("a later one".to_owned(), later);
    }
    all
}

/// Rows by key, and their order, which results follow.
fn items<T: Debug>(rows: &[T], key: fn(&T) -> &String) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for row in rows {
        all.entry(key(row).clone())
            .or_default()
            .push_str(&digest(row));
    }
    if !rows.is_empty() {
        let order: Vec<&String> = rows.iter().map(key).collect();
        all.insert("order".to_owned(), digest(&order));
    }
    all
}

fn one(name: &str, value: &impl Debug) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), digest(value))])
}

fn digest(value: &impl Debug) -> String {
    let digest = Key::new("fact").told("value", value).digest();
    digest.to_hex().to_string()
}
