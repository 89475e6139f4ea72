//! `run.json`: what ran, with which settings and where each came from, on which bytes.

use super::catalogue::Input;
use super::stage::Stage;
use crate::config::Settings;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Something noted in a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Note {
    /// A section and its JSON.
    Section(String, String),
    /// An input left out.
    Skip(Stage, Problem),
    /// Something to know.
    Warning(Stage, Problem),
}

/// The facts of one flight's run, section by section.
#[derive(Debug, Default)]
pub(crate) struct RunRecord {
    sections: Map<String, Value>,
    timings: Map<String, Value>,
    notes: Vec<Note>,
}

impl RunRecord {
    /// A record of a `flight` or `visit` of a project.
    pub(crate) fn new(project: &str, what: &str, id: &str) -> Self {
        let mut record = Self::default();
        record.section("schema", json!("thermaudit-run-1"));
        record.section("thermaudit", json!(env!("CARGO_PKG_VERSION")));
        record.section("project", json!(project));
        record.section(what, json!(id));
        record
    }

    /// Adds or replaces a section.
    pub(crate) fn section(&mut self, name: &str, value: Value) {
        let note = Note::Section(name.to_owned(), value.to_string());
        self.notes.push(note);
        self.sections.insert(name.to_owned(), value);
    }

    /// How much was noted so far, for [`RunRecord::since`].
    pub(crate) fn mark(&self) -> usize {
        self.notes.len()
    }

    /// What was noted since a mark.
    pub(crate) fn since(&self, mark: usize) -> &[Note] {
        self.notes.get(mark..).unwrap_or_default()
    }

    /// Notes again what an earlier run noted.
    pub(crate) fn again(&mut self, note: Note) {
        if let Note::Section(name, text) = &note {
            let value = serde_json::from_str(text).unwrap_or(Value::Null);
            self.sections.insert(name.clone(), value);
        }
        self.notes.push(note);
    }

    /// A section noted before.
    pub(crate) fn noted(&self, name: &str) -> Option<&Value> {
        self.sections.get(name)
    }

    /// All effective settings with their origin.
    pub(crate) fn settings(&mut self, settings: &Settings) {
        let mut tables = Map::new();
        for (key, effective) in settings.effective() {
            let table = tables
                .entry(key.table)
                .or_insert_with(|| Value::Object(Map::new()))
                .as_object_mut();
            if let Some(table) = table {
                let value = effective.value.as_ref().map_or(Value::Null, to_json);
                table.insert(
                    key.name.to_owned(),
                    json!({ "value": value, "origin": effective.origin.to_string() }),
                );
            }
        }
        self.section("settings", Value::Object(tables));
    }

    /// Files read.
    pub(crate) fn inputs<'a>(&mut self, inputs: impl Iterator<Item = &'a Input>) {
        let rows = inputs
            .map(|i| json!({ "file": i.file, "bytes": i.bytes, "blake3": i.blake3 }))
            .collect();
        self.section("inputs", Value::Array(rows));
    }

    /// An input left out.
    pub(crate) fn skip(&mut self, stage: Stage, problem: &Problem) {
        self.notes.push(Note::Skip(stage, problem.clone()));
    }

    /// Something to know.
    pub(crate) fn warning(&mut self, stage: Stage, problem: &Problem) {
        self.notes.push(Note::Warning(stage, problem.clone()));
    }

    /// Inputs left out.
    pub(crate) fn skips(&self) -> Vec<(Stage, Problem)> {
        let skip = |note: &Note| match note {
            Note::Skip(stage, problem) => Some((*stage, problem.clone())),
            _ => None,
        };
        self.notes.iter().filter_map(skip).collect()
    }

    /// What there was to know.
    pub(crate) fn warnings(&self) -> Vec<(Stage, Problem)> {
        let warning = |note: &Note| match note {
            Note::Warning(stage, problem) => Some((*stage, problem.clone())),
            _ => None,
        };
        self.notes.iter().filter_map(warning).collect()
    }

    /// Seconds a stage took; the only values that differ between two equal runs.
    pub(crate) fn timing(&mut self, name: &str, seconds: f64) {
        self.timings
            .insert(name.to_owned(), json!((seconds * 1000.0).round() / 1000.0));
    }

    /// The file's text.
    pub(crate) fn to_text(&self) -> String {
        let mut root = self.sections.clone();
        let list = |problems: Vec<(Stage, Problem)>| -> Value {
            let all = problems.iter();
            all.map(|(stage, problem)| problem_json(*stage, problem))
                .collect()
        };
        root.insert("skips".to_owned(), list(self.skips()));
        root.insert("warnings".to_owned(), list(self.warnings()));
        root.insert("timings".to_owned(), Value::Object(self.timings.clone()));
        let mut text =
            serde_json::to_string_pretty(&Value::Object(root)).unwrap_or_else(|_| String::new());
        text.push('\n');
        text
    }
}

fn problem_json(stage: Stage, problem: &Problem) -> Value {
    json!({
        "stage": stage.word(),
        "file": problem.file,
        "field": problem.field,
        "what": problem.what,
        "hint": problem.hint,
    })
}

/// A TOML value as JSON; `nan` becomes null.
fn to_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(time) => json!(time.to_string()),
        toml::Value::Array(items) => Value::Array(items.iter().map(to_json).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(k, v)| (k.clone(), to_json(v))).collect())
        }
    }
}
