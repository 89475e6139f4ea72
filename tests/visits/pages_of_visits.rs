//! The pages of visits in every language, as foreign programs read them.

use crate::common;
use crate::pages::{self, LANGUAGES};
use crate::project::Project;
use std::path::{Path, PathBuf};

/// What is wrong with all sheets below a folder that should be in a language.
fn wrong(root: &Path, language: thermaudit::survey::Language) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut sheets: Vec<PathBuf> = Vec::new();
    below(root, &mut sheets);
    assert!(!sheets.is_empty(), "{}", root.display());
    for pdf in sheets {
        let words = pages::words(&pdf)?;
        let shown = pdf.strip_prefix(root).unwrap_or(&pdf).display().to_string();
        let text = pages::running(&words);
        let flaws = pages::flaws(&words, false).into_iter();
        let foreign = pages::foreign(&text, language).into_iter();
        let complaints = pages::complaints(&pdf, language.code()).into_iter();
        found.extend(
            flaws
                .chain(foreign)
                .chain(complaints)
                .map(|w| format!("{shown}: {w}")),
        );
    }
    Some(found)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in common::files(folder) {
        match path.is_dir() {
            true => below(&path, found),
            false if path.ends_with("sheet.pdf") => found.push(path),
            false => {}
        }
    }
}

/// Sheets to look at lie in the folder that `THERMAUDIT_VISITS_OUT` names, if it is set.
#[test]
fn visits_keep_to_their_pages_and_their_language() {
    let project = Project::simulated();
    let own = tempfile::tempdir().expect("a folder");
    let out = std::env::var_os("THERMAUDIT_VISITS_OUT").map(PathBuf::from);
    let out = out.as_deref().unwrap_or(own.path());
    let mut found = Vec::new();
    for language in LANGUAGES {
        let results = out.join(language.code());
        let path = results.to_str().expect("a plain path");
        let output = project.run(&["--lang", language.code(), "--out", path]);
        assert!(output.status.success(), "{}", common::stderr(&output));
        let Some(wrong) = wrong(&results, language) else {
            return;
        };
        found.extend(
            wrong
                .into_iter()
                .map(|w| format!("{}: {w}", language.code())),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The joined sheets of a project that was run, in every language.
pub fn check_joined(project: &Path) {
    let own = tempfile::tempdir().expect("a folder");
    let out = std::env::var_os("THERMAUDIT_VISITS_OUT").map(PathBuf::from);
    let out = out.as_deref().unwrap_or(own.path());
    let mut found = Vec::new();
    for language in LANGUAGES {
        let results = out.join(format!("joined-{}", language.code()));
        let path = results.to_str().expect("a plain path");
        let root = project.to_str().expect("a plain path");
        let output = common::thermaudit(&["run", root, "--lang", language.code(), "--out", path]);
        assert!(output.status.success(), "{}", common::stderr(&output));
        let Some(wrong) = wrong(&results, language) else {
            return;
        };
        found.extend(
            wrong
                .into_iter()
                .map(|w| format!("{}: {w}", language.code())),
        );
        let quality = common::files(&results)
            .into_iter()
            .map(|f| f.join("quality.pdf"))
            .find(|f| f.is_file())
            .expect("a quality report");
        let words = pages::words(&quality).unwrap_or_default();
        found.extend(pages::flaws(&words, false));
        found.extend(pages::complaints(&quality, "en"));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
