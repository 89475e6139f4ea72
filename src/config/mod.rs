//! Settings: `audit.toml`, `flight.toml`, `visit.toml` and the command line.
//!
//! In: TOML text. Out: every effective value with its origin, and typed options per stage.
//! Unknown keys are errors that name the nearest known one, and all faults are told at once.

mod options;
mod parse;
pub mod schema;
pub mod template;
mod words;

pub use parse::{CameraSetting, MaterialSetting};

use crate::problem::Problem;
use schema::{Key, SettingsFile};
use std::collections::BTreeMap;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The built-in default.
    Default,
    /// A settings file, named relative to the project.
    File(String),
    /// The command line.
    CommandLine,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => write!(f, "default"),
            Self::File(name) => write!(f, "{name}"),
            Self::CommandLine => write!(f, "command line"),
        }
    }
}

/// One effective value.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// The value; `None` = not given.
    pub value: Option<toml::Value>,
    /// Where it came from.
    pub origin: Origin,
}

/// All effective settings of a project, or of one flight of it.
#[derive(Clone, Debug)]
pub struct Settings {
    values: BTreeMap<(&'static str, &'static str), Effective>,
    /// `[[camera]]`, later ones beat earlier ones.
    pub cameras: Vec<CameraSetting>,
    /// `[score.material.NAME]`.
    pub materials: Vec<MaterialSetting>,
    /// `[schema.TABLE]`: our column → their column.
    pub schema: BTreeMap<String, BTreeMap<String, String>>,
}

impl Settings {
    /// The defaults alone.
    pub fn defaults() -> Self {
        let mut values = BTreeMap::new();
        for key in schema::KEYS {
            values.insert(
                (key.table, key.name),
                Effective {
                    value: default_of(key),
                    origin: Origin::Default,
                },
            );
        }
        Self {
            values,
            cameras: Vec::new(),
            materials: Vec::new(),
            schema: BTreeMap::new(),
        }
    }

    /// Reads `audit.toml` over the defaults. `file` is the name printed in faults.
    ///
    /// # Errors
    /// All faults of the file: syntax, unknown tables and keys, wrong types and ranges, missing
    /// required keys.
    pub fn from_audit_toml(text: &str, file: &str) -> Result<Self, Vec<Problem>> {
        let (settings, faults) = Self::with_faults(text, file);
        if faults.is_empty() {
            Ok(settings)
        } else {
            Err(faults)
        }
    }

    /// The same with every value that is sound, beside all faults of the file.
    pub fn with_faults(text: &str, file: &str) -> (Self, Vec<Problem>) {
        let mut settings = Self::defaults();
        let mut faults = settings.read(text, file, SettingsFile::Audit);
        for name in ["name", "crs"] {
            if settings.text("project", name).is_empty()
                && !faults.iter().any(|f| f.field.is_none())
            {
                faults.push(
                    Problem::setting("is missing, but every project needs it")
                        .field(format!("project.{name}"))
                        .in_file(file)
                        .hint(match name {
                            "crs" => "add crs = \"EPSG:31370\" (Belgian Lambert 72) or your own projected CRS under [project]",
                            _ => "add name = \"…\" under [project]",
                        }),
                );
            }
        }
        (settings, faults)
    }

    /// The same settings with a `flight.toml` or `visit.toml` laid over them.
    ///
    /// # Errors
    /// All faults of that file.
    pub fn overlay(
        &self,
        text: &str,
        file: &str,
        kind: SettingsFile,
    ) -> Result<Self, Vec<Problem>> {
        let mut settings = self.clone();
        let faults = settings.read(text, file, kind);
        if faults.is_empty() {
            Ok(settings)
        } else {
            Err(faults)
        }
    }

    /// Sets a value from the command line.
    pub fn set(&mut self, table: &str, name: &str, value: toml::Value) {
        if let Some(key) = schema::find(table, name) {
            self.values.insert(
                (key.table, key.name),
                Effective {
                    value: Some(value),
                    origin: Origin::CommandLine,
                },
            );
        }
    }

    /// Every plain key with its effective value, in the order of interface.md §5.
    pub fn effective(&self) -> impl Iterator<Item = (&'static Key, &Effective)> {
        schema::KEYS
            .iter()
            .map(|key| (key, self.get(key.table, key.name)))
    }

    /// The effective value of a key and where it came from. The key must exist.
    pub fn get(&self, table: &str, name: &str) -> &Effective {
        let key = schema::find(table, name).expect("the key stands in the schema");
        self.values
            .get(&(key.table, key.name))
            .expect("every key of the schema has an entry")
    }

    /// A text; empty when not given.
    pub fn text(&self, table: &str, name: &str) -> &str {
        self.get(table, name)
            .value
            .as_ref()
            .and_then(toml::Value::as_str)
            .unwrap_or("")
    }

    /// A number; `None` when not given or `nan`.
    pub fn number(&self, table: &str, name: &str) -> Option<f64> {
        self.get(table, name)
            .value
            .as_ref()
            .and_then(as_number)
            .filter(|v| !v.is_nan())
    }

    /// A flag; false when not given.
    pub fn flag(&self, table: &str, name: &str) -> bool {
        self.get(table, name)
            .value
            .as_ref()
            .and_then(toml::Value::as_bool)
            .unwrap_or(false)
    }

    /// A whole number; 0 when not given.
    pub fn integer(&self, table: &str, name: &str) -> i64 {
        self.get(table, name)
            .value
            .as_ref()
            .and_then(toml::Value::as_integer)
            .unwrap_or(0)
    }

    /// A list of numbers; empty when not given.
    pub fn numbers(&self, table: &str, name: &str) -> Vec<f64> {
        match &self.get(table, name).value {
            Some(toml::Value::Array(items)) => items.iter().filter_map(as_number).collect(),
            _ => Vec::new(),
        }
    }

    /// One or several paths; empty when not given.
    pub fn paths(&self, table: &str, name: &str) -> Vec<String> {
        match &self.get(table, name).value {
            Some(toml::Value::String(path)) if !path.is_empty() => vec![path.clone()],
            Some(toml::Value::Array(items)) => items
                .iter()
                .filter_map(toml::Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A TOML number, whole or not.
pub(crate) fn as_number(value: &toml::Value) -> Option<f64> {
    value
        .as_float()
        .or_else(|| value.as_integer().map(|i| i as f64))
}

fn default_of(key: &Key) -> Option<toml::Value> {
    if key.default.is_empty() {
        return None;
    }
    let table: toml::Table = format!("v = {}", key.default).parse().ok()?;
    table.get("v").cloned()
}
