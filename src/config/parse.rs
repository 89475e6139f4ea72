//! From TOML text to checked values; every fault with file, line, key, found and expected.

use super::schema::{self, Key, Kind, SettingsFile};
use super::{Effective, Origin, Settings, as_number};
use crate::problem::Problem;
use std::collections::BTreeMap;

/// Largest settings file, bytes.
const MAX_BYTES: usize = 1 << 20;

/// Faults of one file told one by one; the rest is counted.
const MAX_TOLD: usize = 200;

/// Most `[[camera]]` of one file.
const MAX_CAMERAS: usize = 1000;

/// One `[[camera]]`: what was given, the rest at the defaults of the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraSetting {
    /// Key → value, only keys that were given.
    pub given: BTreeMap<&'static str, toml::Value>,
    /// File it stands in.
    pub origin: Origin,
}

impl CameraSetting {
    /// A text; empty when not given.
    pub fn text(&self, name: &str) -> &str {
        self.given
            .get(name)
            .and_then(toml::Value::as_str)
            .unwrap_or("")
    }

    /// A number; `None` when not given or `nan`.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.given
            .get(name)
            .and_then(as_number)
            .filter(|v| !v.is_nan())
    }

    /// A list of numbers; `None` when not given.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let items = self.given.get(name)?.as_array()?;
        Some(items.iter().filter_map(as_number).collect())
    }
}

/// One `[score.material.NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MaterialSetting {
    /// NAME.
    pub name: String,
    /// Key → value, only keys that were given.
    pub given: BTreeMap<&'static str, f64>,
}

impl Settings {
    /// Lays a file over the present values; returns its faults.
    pub(super) fn read(&mut self, text: &str, file: &str, kind: SettingsFile) -> Vec<Problem> {
        if text.len() > MAX_BYTES {
            let found = text.len();
            let what = format!("has {found} bytes, expected at most {MAX_BYTES}");
            let problem = Problem::setting(what).in_file(file);
            return vec![problem.hint("keep only the settings that differ from the defaults")];
        }
        let root: toml::Table = match text.parse() {
            Ok(root) => root,
            Err(error) => return vec![syntax_fault(text, file, &error)],
        };
        let mut reader = Reader {
            text,
            file,
            kind,
            faults: Vec::new(),
            more: 0,
        };
        for (table, value) in &root {
            match (table.as_str(), value) {
                ("camera", toml::Value::Array(entries)) => self.read_cameras(&mut reader, entries),
                ("camera", _) => {
                    reader.fault("camera", "", "is not a list of tables", "write [[camera]]")
                }
                ("schema", toml::Value::Table(tables)) => self.read_schema(&mut reader, tables),
                (name, toml::Value::Table(keys)) if schema::tables().contains(&name) => {
                    self.read_table(&mut reader, name, keys);
                }
                (name, _) if schema::tables().contains(&name) => {
                    reader.fault(
                        name,
                        "",
                        "is a value, expected a table",
                        &format!("write [{name}]"),
                    );
                }
                _ if reader.is_full() => reader.more += 1,
                (name, _) => {
                    let known = schema::tables().into_iter().chain(["camera", "schema"]);
                    let hint = match schema::nearest(name, known) {
                        Some(near) => format!("did you mean [{near}]?"),
                        None => format!("known tables: {}", schema::tables().join(", ")),
                    };
                    reader.fault(name, "", "is not a known table", &hint);
                }
            }
        }
        if reader.more > 0 {
            let what = format!("has {} more faults", reader.more);
            let problem = Problem::setting(what).field("behind these").in_file(file);
            reader.faults.push(problem);
        }
        reader.faults
    }

    fn read_table(&mut self, reader: &mut Reader<'_>, table: &str, keys: &toml::Table) {
        let known: Vec<&Key> = schema::KEYS.iter().filter(|k| k.table == table).collect();
        for (name, value) in keys {
            if table == "score" && name == "material" {
                self.read_materials(reader, value);
                continue;
            }
            let Some(key) = reader.known(&known, table, name) else {
                continue;
            };
            if let Some(value) = reader.checked(key, table, name, value) {
                let origin = Origin::File(reader.file.to_owned());
                self.values.insert(
                    (key.table, key.name),
                    Effective {
                        value: Some(value),
                        origin,
                    },
                );
            }
        }
    }

    fn read_cameras(&mut self, reader: &mut Reader<'_>, entries: &[toml::Value]) {
        if entries.len() > MAX_CAMERAS {
            let what = format!(
                "has {} entries, expected at most {MAX_CAMERAS}",
                entries.len()
            );
            reader.fault("camera", "", &what, "keep only the cameras that are used");
            return;
        }
        let known: Vec<&Key> = schema::CAMERA_KEYS.iter().collect();
        for entry in entries {
            let Some(keys) = entry.as_table() else {
                reader.fault("camera", "", "is not a list of tables", "write [[camera]]");
                continue;
            };
            let mut given = BTreeMap::new();
            for (name, value) in keys {
                let Some(key) = reader.known(&known, "camera", name) else {
                    continue;
                };
                if let Some(value) = reader.checked(key, "camera", name, value) {
                    given.insert(key.name, value);
                }
            }
            self.cameras.push(CameraSetting {
                given,
                origin: Origin::File(reader.file.to_owned()),
            });
        }
    }

    fn read_materials(&mut self, reader: &mut Reader<'_>, value: &toml::Value) {
        let known: Vec<&Key> = schema::MATERIAL_KEYS.iter().collect();
        let Some(materials) = value.as_table() else {
            reader.fault(
                "score",
                "material",
                "is a value, expected tables",
                "write [score.material.NAME]",
            );
            return;
        };
        for (material, keys) in materials {
            let table = format!("score.material.{material}");
            let Some(keys) = keys.as_table() else {
                reader.fault(
                    &table,
                    "",
                    "is a value, expected a table",
                    &format!("write [{table}]"),
                );
                continue;
            };
            let mut given = BTreeMap::new();
            for (name, value) in keys {
                let Some(key) = reader.known(&known, &table, name) else {
                    continue;
                };
                if let Some(number) = reader
                    .checked(key, &table, name, value)
                    .as_ref()
                    .and_then(as_number)
                {
                    given.insert(key.name, number);
                }
            }
            self.materials.push(MaterialSetting {
                name: material.clone(),
                given,
            });
        }
    }

    fn read_schema(&mut self, reader: &mut Reader<'_>, tables: &toml::Table) {
        if reader.kind != SettingsFile::Audit {
            reader.fault(
                "schema",
                "",
                "may stand in audit.toml only",
                "move it to audit.toml",
            );
            return;
        }
        for (table, columns) in tables {
            if !schema::SCHEMA_TABLES.contains(&table.as_str()) && reader.is_full() {
                reader.more += 1;
                continue;
            }
            if !schema::SCHEMA_TABLES.contains(&table.as_str()) {
                let hint = match schema::nearest(table, schema::SCHEMA_TABLES.iter().copied()) {
                    Some(near) => format!("did you mean [schema.{near}]?"),
                    None => format!("known: {}", schema::SCHEMA_TABLES.join(", ")),
                };
                reader.fault("schema", table, "is not a known table", &hint);
                continue;
            }
            let Some(columns) = columns.as_table() else {
                reader.fault(
                    "schema",
                    table,
                    "is a value, expected a table",
                    &format!("write [schema.{table}]"),
                );
                continue;
            };
            for (ours, theirs) in columns {
                match theirs.as_str() {
                    Some(theirs) => {
                        self.schema
                            .entry(table.clone())
                            .or_default()
                            .insert(ours.clone(), theirs.to_owned());
                    }
                    None => reader.fault(
                        &format!("schema.{table}"),
                        ours,
                        &format!("is {theirs}, expected the name of a column in quotes"),
                        "write our_name = \"their column\"",
                    ),
                }
            }
        }
    }
}

/// The file being read and the faults found so far.
struct Reader<'a> {
    text: &'a str,
    file: &'a str,
    kind: SettingsFile,
    faults: Vec<Problem>,
    /// Faults that are counted only.
    more: usize,
}

impl Reader<'_> {
    fn fault(&mut self, table: &str, key: &str, what: &str, hint: &str) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let path = if key.is_empty() {
            table.to_owned()
        } else {
            format!("{table}.{key}")
        };
        let place = match self.line_of(table, key) {
            Some(line) => format!("line {line}, {path}"),
            None => path,
        };
        let mut problem = Problem::setting(what).field(place).in_file(self.file);
        if !hint.is_empty() {
            problem = problem.hint(hint);
        }
        self.faults.push(problem);
    }

    /// Whether faults are counted only: the line and the nearest word of each are searched for.
    fn is_full(&self) -> bool {
        self.faults.len() >= MAX_TOLD
    }

    /// The schema's key, or a fault naming the nearest one; also checks the file it may stand in.
    fn known(&mut self, known: &[&'static Key], table: &str, name: &str) -> Option<&'static Key> {
        let Some(key) = known.iter().find(|k| k.name == name).copied() else {
            if self.is_full() {
                self.more += 1;
                return None;
            }
            let hint = match schema::nearest(name, known.iter().map(|k| k.name)) {
                Some(near) => format!("did you mean {near}?"),
                None => format!(
                    "known keys: {}",
                    known.iter().map(|k| k.name).collect::<Vec<_>>().join(", ")
                ),
            };
            self.fault(table, name, "is not a known key", &hint);
            return None;
        };
        if !key.scope.allows(self.kind) {
            let place = match self.kind {
                SettingsFile::Audit if key.table == "visit" => "inspections/<visit id>/visit.toml",
                SettingsFile::Audit => "flights/<flight id>/flight.toml",
                SettingsFile::Flight | SettingsFile::Visit => "audit.toml",
            };
            self.fault(
                table,
                name,
                "may not stand in this file",
                &format!("move it to {place}"),
            );
            return None;
        }
        Some(key)
    }

    /// The value when its type and range fit, else a fault.
    fn checked(
        &mut self,
        key: &Key,
        table: &str,
        name: &str,
        value: &toml::Value,
    ) -> Option<toml::Value> {
        match check(key.kind, value) {
            Ok(()) => Some(value.clone()),
            Err(expected) => {
                self.fault(table, name, &format!("is {value}, expected {expected}"), "");
                None
            }
        }
    }

    /// Line of `key` under `[table]`, for people; `None` when written in an unusual form.
    fn line_of(&self, table: &str, key: &str) -> Option<usize> {
        let mut inside = false;
        for (index, line) in self.text.lines().enumerate() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[') {
                let header = header
                    .trim_start_matches('[')
                    .split(']')
                    .next()
                    .unwrap_or("")
                    .trim();
                inside = header == table;
                if inside && key.is_empty() {
                    return Some(index + 1);
                }
            } else if inside && !key.is_empty() {
                for part in line.split(';') {
                    let name = part
                        .split('=')
                        .next()
                        .unwrap_or("")
                        .trim()
                        .trim_matches('"');
                    if name == key {
                        return Some(index + 1);
                    }
                }
            }
        }
        None
    }
}

fn syntax_fault(text: &str, file: &str, error: &toml::de::Error) -> Problem {
    let problem = Problem::setting(error.message().to_owned()).in_file(file);
    match error.span() {
        Some(span) => {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
            problem.field(format!("line {line}, column {column}"))
        }
        None => problem,
    }
}

/// Whether a value fits its kind; otherwise what was expected.
fn check(kind: Kind, value: &toml::Value) -> Result<(), String> {
    let in_range = |v: f64, low: f64, high: f64| v.is_nan() || (v >= low && v <= high);
    let range = |low: f64, high: f64| match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("a number from {low} to {high}"),
        (true, false) => format!("a number of at least {low}"),
        _ => "a number".to_owned(),
    };
    let fits = match kind {
        Kind::Text => value.is_str(),
        Kind::Choice(words) => value.as_str().is_some_and(|w| words.contains(&w)),
        Kind::Bool => value.is_bool(),
        Kind::Number(low, high) => as_number(value).is_some_and(|v| in_range(v, low, high)),
        Kind::Integer(low, high) => value
            .as_integer()
            .is_some_and(|v| (low..=high).contains(&v)),
        Kind::AutoOrNumber(low, high) => {
            value.as_str() == Some("auto")
                || as_number(value).is_some_and(|v| in_range(v, low, high))
        }
        Kind::Numbers(length) => value.as_array().is_some_and(|items| {
            items.iter().all(|i| as_number(i).is_some()) && length.is_none_or(|n| n == items.len())
        }),
        Kind::Texts => value
            .as_array()
            .is_some_and(|items| items.iter().all(toml::Value::is_str)),
        Kind::Paths => {
            value.is_str()
                || value
                    .as_array()
                    .is_some_and(|items| items.iter().all(toml::Value::is_str))
        }
        Kind::NumberTable(names) => value.as_table().is_some_and(|table| {
            table.len() == names.len()
                && names
                    .iter()
                    .all(|n| table.get(*n).and_then(as_number).is_some())
        }),
        Kind::References => value
            .as_array()
            .is_some_and(|items| items.iter().all(is_reference)),
    };
    if fits {
        return Ok(());
    }
    Err(match kind {
        Kind::Text => "text in quotes".to_owned(),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Bool => "true or false".to_owned(),
        Kind::Number(low, high) => range(low, high),
        Kind::Integer(low, high) => format!("a whole number from {low} to {high}"),
        Kind::AutoOrNumber(low, high) => format!("\"auto\" or {}", range(low, high)),
        Kind::Numbers(Some(n)) => format!("a list of {n} numbers"),
        Kind::Numbers(None) => "a list of numbers".to_owned(),
        Kind::Texts => "a list of texts".to_owned(),
        Kind::Paths => "a path or a list of paths".to_owned(),
        Kind::NumberTable(names) => format!("a table of numbers {{ {} }}", names.join(", ")),
        Kind::References => "a list of { x_m, y_m, temp_c, sigma_k, what }".to_owned(),
    })
}

fn is_reference(value: &toml::Value) -> bool {
    value.as_table().is_some_and(|table| {
        ["x_m", "y_m", "temp_c", "sigma_k"]
            .iter()
            .all(|n| table.get(*n).and_then(as_number).is_some())
            && table
                .keys()
                .all(|k| ["x_m", "y_m", "temp_c", "sigma_k", "what"].contains(&k.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[project]\nname = \"p\"\ncrs = \"EPSG:31370\"\n";

    fn faults(extra: &str) -> Vec<String> {
        match Settings::from_audit_toml(&format!("{GOOD}{extra}"), "audit.toml") {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn of_very_many_faults_the_first_are_told_and_the_rest_is_counted() {
        let keys: String = (0..1000).map(|i| format!("k{i} = 1\n")).collect();
        let (_, faults) = Settings::with_faults(&format!("[segment]\n{keys}"), "audit.toml");
        let counted = faults.iter().find(|f| f.what == "has 800 more faults");
        assert!(counted.is_some(), "{} faults", faults.len());
        let cameras = "[[camera]]\nmodel = \"a\"\n".repeat(1001);
        let (settings, faults) = Settings::with_faults(&cameras, "audit.toml");
        assert!(settings.cameras.is_empty());
        assert!(faults.iter().any(|f| f.what.contains("1001 entries")));
        let (_, faults) = Settings::with_faults(&"# \n".repeat(400_000), "audit.toml");
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn two_required_keys_are_enough() {
        let settings = Settings::from_audit_toml(GOOD, "audit.toml").expect("valid");
        assert_eq!(settings.text("project", "timezone"), "Europe/Brussels");
        assert_eq!(settings.number("score", "indoor_c"), Some(18.0));
        assert_eq!(settings.number("crs", "takeoff_height_m"), None);
    }

    #[test]
    fn missing_required_keys_are_both_named() {
        let faults = Settings::from_audit_toml("", "audit.toml").expect_err("nothing given");
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn a_misspelt_key_names_its_line_and_the_nearest_key() {
        let faults = faults("[score]\nindor_c = 18\n");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("line 5, score.indor_c"), "{}", faults[0]);
        assert!(
            faults[0].contains("did you mean indoor_c?"),
            "{}",
            faults[0]
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = faults("[mosaic]\nblend = \"pretty\"\ntile_px = 3\n[nonsense]\n");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(
            faults
                .iter()
                .any(|f| f.contains("one of best-view, mean, median, feather"))
        );
    }

    #[test]
    fn a_flight_key_in_audit_toml_says_where_it_belongs() {
        let faults = faults("[flight]\nplanned_agl_m = 60\n");
        assert!(faults[0].contains("flight.toml"), "{faults:?}");
    }

    #[test]
    fn flight_toml_beats_audit_toml_and_says_so() {
        let base =
            Settings::from_audit_toml(&format!("{GOOD}[mosaic]\nround_k = 0.5\n"), "audit.toml")
                .expect("valid");
        let flight = base
            .overlay(
                "[mosaic]\nround_k = 0.01\n",
                "flights/a/flight.toml",
                SettingsFile::Flight,
            )
            .expect("valid");
        assert_eq!(flight.number("mosaic", "round_k"), Some(0.01));
        assert_eq!(
            flight.get("mosaic", "round_k").origin,
            Origin::File("flights/a/flight.toml".into())
        );
        assert_eq!(base.number("mosaic", "round_k"), Some(0.5));
    }

    #[test]
    fn cameras_materials_and_schema_are_read() {
        let text = format!(
            "{GOOD}[[camera]]\nmodel = \"XT\"\nfocal_px = 741.2\n[score.material.slate]\nemissivity = 0.9\n[schema.buildings]\noidn = \"GEB_ID\"\n"
        );
        let settings = Settings::from_audit_toml(&text, "audit.toml").expect("valid");
        assert_eq!(settings.cameras[0].number("focal_px"), Some(741.2));
        assert_eq!(settings.materials[0].given["emissivity"], 0.9);
        assert_eq!(settings.schema["buildings"]["oidn"], "GEB_ID");
    }

    #[test]
    fn a_syntax_fault_names_line_and_column() {
        let faults =
            Settings::from_audit_toml("[project]\nname = \n", "audit.toml").expect_err("broken");
        assert!(faults[0].to_string().contains("line 2"), "{}", faults[0]);
    }
}
