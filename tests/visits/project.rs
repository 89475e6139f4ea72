//! A simulated project of visits alone, run once, and what came of it.

use crate::common;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use thermaudit::simulate::{Scale, VisitOptions, write_visits};

/// A project with its results.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// Two visits to four companies, not run yet.
    pub fn simulated() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = VisitOptions {
            seed: 11,
            scale: Scale::Tiny,
            visits: 2,
            pictures: 15,
            companies: 4,
        };
        write_visits(folder.path(), &options, &|_, _, _| {}).expect("the visits are written");
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn run(&self, more: &[&str]) -> Output {
        let mut arguments = vec!["run", self.path().to_str().expect("a plain path")];
        arguments.extend(more);
        common::thermaudit(&arguments)
    }

    /// Ids of the visits, earlier first.
    pub fn visits(&self) -> Vec<String> {
        let folders = common::files(&self.path().join("inspections"));
        folders
            .iter()
            .map(|p| {
                p.file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    pub fn results(&self, visit: &str) -> PathBuf {
        self.path().join("results/inspections").join(visit)
    }

    pub fn findings(&self, visit: &str) -> Vec<Value> {
        let whole = json(&self.results(visit).join("findings.json"));
        whole["findings"].as_array().expect("a list").clone()
    }

    pub fn sheet(&self, visit: &str, company: &str) -> PathBuf {
        self.results(visit).join("companies").join(company)
    }

    /// Replaces a text in a file of a visit.
    pub fn edit(&self, visit: &str, file: &str, change: impl Fn(String) -> String) {
        let path = self.path().join("inspections").join(visit).join(file);
        let text = std::fs::read_to_string(&path).expect("readable");
        std::fs::write(&path, change(text)).expect("writable");
    }
}

/// The project, run once for all tests that only look.
pub fn finished() -> &'static Project {
    static ONCE: OnceLock<Project> = OnceLock::new();
    ONCE.get_or_init(|| {
        let project = Project::simulated();
        let output = project.run(&[]);
        assert!(output.status.success(), "{}", common::stderr(&output));
        project
    })
}

pub fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}
