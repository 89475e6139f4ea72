//! The user's house style: logos, colour, own templates.
//!
//! A logo or colour that cannot be used costs itself, and a warning says so: nobody wants a night's
//! run to end over it. A template that cannot be read or has a slip in it is a fault: without it
//! every sheet would look other than asked for.

use super::cache::Key;
use super::project::{Project, hidden, relative, sorted_entries};
use crate::problem::{Problem, Result};
use crate::read::logo;
use crate::report::Logo;
use crate::report::brand::{self, Brand};
use crate::write::pdf::{Document, Templates};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most files of a template folder, and most bytes of one and of all.
const MOST_FILES: usize = 500;
const MOST_BYTES: u64 = 32 << 20;
/// How deep below the folder files are read.
const DEEPEST: usize = 8;

/// Logos, colour and templates of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct House {
    /// Logos and colour.
    pub(crate) brand: Brand,
    /// Own templates; empty where there are none.
    pub(crate) templates: Templates,
    /// What a user would want to know of them.
    pub(crate) warnings: Vec<Problem>,
}

impl House {
    /// Reads what the settings name.
    ///
    /// # Errors
    /// All faults of the template folder.
    pub(crate) fn read(project: &Project) -> std::result::Result<Self, Vec<Problem>> {
        let mut warnings = Vec::new();
        let brand = Brand {
            logo: read_logo(project, "logo", &mut warnings),
            auditor_logo: read_logo(project, "auditor_logo", &mut warnings),
            colour: colour(project, &mut warnings),
        };
        let templates = read_templates(project, &mut warnings)?;
        Ok(Self {
            brand,
            templates,
            warnings,
        })
    }

    /// What a document's look depends on.
    pub(crate) fn key(&self, key: &mut Key, document: Document) {
        key.told("colour", &self.brand.colour);
        for logo in [&self.brand.logo, &self.brand.auditor_logo] {
            key.bytes("logo", logo.as_ref().map_or(&[], |l| &l.0));
        }
        for (name, bytes) in self.templates.of(document) {
            key.bytes(name, bytes);
        }
    }
}

/// The files a house style is made of, for the list of what was read.
pub(super) fn files(project: &Project) -> Vec<PathBuf> {
    let named = ["logo", "auditor_logo"].map(|name| project.settings.text("report", name));
    let mut files: Vec<PathBuf> = named
        .into_iter()
        .filter(|name| !name.is_empty())
        .map(|name| project.root.join(name))
        .filter(|path| path.is_file())
        .collect();
    collect(&folder(project), DEEPEST, &mut files);
    files.retain(|path| path.is_file());
    files
}

/// The template folder: named by the settings, else `template`.
fn folder(project: &Project) -> PathBuf {
    let given = project.settings.text("report", "template");
    project
        .root
        .join(if given.is_empty() { "template" } else { given })
}

/// An ordinary file of at most so many bytes; a larger one is cut behind them, so that it is seen to be too large.
fn read_whole(path: &Path, most: u64) -> Result<Vec<u8>> {
    let fault = |e: std::io::Error| Problem::io(format!("cannot be read ({e})"));
    if !path.metadata().map_err(fault)?.is_file() {
        return Err(Problem::setting("is no ordinary file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fault)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

fn setting(problem: Problem, name: &str) -> Problem {
    problem
        .field(format!("report.{name}"))
        .in_file("audit.toml")
}

fn read_logo(project: &Project, name: &str, warnings: &mut Vec<Problem>) -> Option<Logo> {
    let given = project.settings.text("report", name);
    if given.is_empty() {
        return None;
    }
    let path = project.root.join(given);
    if !path.exists() {
        let problem = Problem::setting(format!("names {given}, which does not exist"))
            .hint("paths are relative to the project folder; sheets are made without it");
        warnings.push(setting(problem, name));
        return None;
    }
    let read = read_whole(&path, logo::LARGEST_FILE as u64);
    match read.and_then(|bytes| logo::logo(&bytes)) {
        Ok((bytes, odd)) => {
            warnings.extend(odd.map(|p| p.field(format!("report.{name}")).in_file(given)));
            Some(Logo(bytes))
        }
        Err(problem) => {
            let what = format!("{}; sheets are made without it", problem.what);
            let problem = Problem { what, ..problem };
            warnings.push(problem.field(format!("report.{name}")).in_file(given));
            None
        }
    }
}

fn colour(project: &Project, warnings: &mut Vec<Problem>) -> String {
    let given = project.settings.text("report", "colour").trim();
    if given.is_empty() {
        return String::new();
    }
    let problem = match brand::contrast(given) {
        None => Problem::setting(format!("is {given:?}, expected six digits such as #0F4C5C")),
        Some(contrast) if contrast < brand::MIN_CONTRAST => Problem::setting(format!(
            "{given} has a contrast of {contrast:.1} on white, expected at least {}: the colour of \
             the design is used",
            brand::MIN_CONTRAST
        ))
        .hint("take a darker shade"),
        Some(_) => return given.to_owned(),
    };
    warnings.push(setting(problem, "colour"));
    String::new()
}

/// Own templates: of the folder the settings name, else of `template/` where that is there.
fn read_templates(
    project: &Project,
    warnings: &mut Vec<Problem>,
) -> std::result::Result<Templates, Vec<Problem>> {
    let given = project.settings.text("report", "template");
    let named = if given.is_empty() { "template" } else { given };
    let folder = folder(project);
    if !folder.is_dir() {
        if given.is_empty() {
            return Ok(Templates::default());
        }
        let found = if folder.exists() {
            "is no folder"
        } else {
            "does not exist"
        };
        let problem = Problem::setting(format!("names {given}, which {found}"))
            .hint("a folder with any of sheet.typ, visit.typ, quality.typ, changes.typ");
        return Err(vec![setting(problem, "template")]);
    }
    let files = read_folder(&folder)
        .map_err(|problem| vec![problem.in_file(named.to_owned()).field("report.template")])?;
    let templates = Templates::new(named, files);
    let faults = templates.faults();
    if !faults.is_empty() {
        return Err(faults);
    }
    if !Document::ALL.into_iter().any(|d| templates.has(d)) {
        let names: Vec<&str> = Document::ALL.into_iter().map(Document::file).collect();
        let problem = Problem::setting(format!(
            "holds none of {}; nothing of it is used",
            names.join(", ")
        ));
        warnings.push(problem.in_file(named.to_owned()).field("report.template"));
    }
    Ok(templates)
}

/// All files below a folder, by their path there. A link that leads out is refused: a template
/// folder that is handed on must not show what lies elsewhere.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let root = folder.canonicalize()?;
    let mut paths = Vec::new();
    collect(folder, DEEPEST, &mut paths);
    if paths.len() > MOST_FILES {
        let what = format!("holds {} files, expected at most {MOST_FILES}", paths.len());
        return Err(Problem::unsupported(what).hint("keep only what the templates use"));
    }
    let (mut files, mut all) = (BTreeMap::new(), 0);
    for path in paths {
        let shown = relative(folder, &path);
        if !path.canonicalize()?.starts_with(&root) {
            let what = format!("{shown} is a link that leads out of the folder");
            return Err(Problem::setting(what).hint("put the file itself into the folder"));
        }
        if !path.metadata()?.is_file() {
            let what = format!("{shown} is no ordinary file");
            return Err(Problem::setting(what).hint("keep only files in the folder"));
        }
        all += path.metadata()?.len();
        if all > MOST_BYTES {
            let what = format!("holds more than {} MiB", MOST_BYTES >> 20);
            return Err(Problem::unsupported(what).hint("keep only what the templates use"));
        }
        files.insert(shown, std::fs::read(&path)?);
    }
    Ok(files)
}

fn collect(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) {
    for path in sorted_entries(folder) {
        let linked = path.is_symlink();
        if hidden(&path) || paths.len() > MOST_FILES {
            continue;
        }
        // A link to a folder counts as a file that leads out: circles end here.
        match path.is_dir() && !linked {
            true if depth > 0 => collect(&path, depth - 1, paths),
            true => {}
            false => paths.push(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_refused_by_name() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("template");
        std::fs::create_dir(&folder).expect("makes");
        std::fs::write(place.path().join("secret"), "x").expect("writes");
        std::fs::write(folder.join("sheet.typ"), "x").expect("writes");
        assert_eq!(read_folder(&folder).expect("reads").len(), 1);
        std::os::unix::fs::symlink("../secret", folder.join("own.txt")).expect("links");
        let problem = read_folder(&folder).expect_err("leads out");
        assert!(problem.what.starts_with("own.txt is a link"), "{problem}");
    }
}
