//! A commented `audit.toml`: every table and key with its default, what is known filled in.
//!
//! In: values and column names that were found. Out: text that reads back as settings. Headings of
//! tables stand without `#`, so that a key whose `#` is taken away lies in its table; tables of
//! `flight.toml` and `visit.toml` are comments as a whole.

use super::schema::{self, Key};
use super::words;
use std::fmt::Write as _;

/// A key with a value of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// Table.
    pub table: &'static str,
    /// Key.
    pub name: &'static str,
    /// TOML text of the value.
    pub value: String,
    /// Where it comes from.
    pub comment: String,
}

/// Columns of one table that `[schema.*]` may name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Name of the table in the settings.
    pub table: &'static str,
    /// Lines above: which file, what it has.
    pub notes: Vec<String>,
    /// Our name, their column, whether it is only a candidate.
    pub columns: Vec<(String, String, bool)>,
}

/// Text for a TOML string.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The whole file. `head`: lines of comment at its beginning.
pub fn audit_toml(head: &[String], filled: &[Filled], columns: &[Columns]) -> String {
    let mut text = String::new();
    for line in head {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    for table in schema::tables() {
        let elsewhere = matches!(table, "flight" | "visit");
        let mark = if elsewhere { "# " } else { "" };
        let words = words::of_table(table);
        let _ = write!(text, "\n{}", line(&format!("{mark}[{table}]"), words));
        for key in schema::KEYS.iter().filter(|k| k.table == table) {
            text.push_str(&key_line(key, filled));
        }
        if table == "flight" {
            text.push_str(&cameras());
        }
        if table == "score" {
            text.push_str(&materials());
        }
    }
    text.push_str(&schemas(columns));
    text
}

fn line(left: &str, words: &str) -> String {
    match words {
        "" => format!("{left}\n"),
        _ => format!("{left:40} # {words}\n"),
    }
}

fn key_line(key: &Key, filled: &[Filled]) -> String {
    let (example, words) = words::of_key(key.table, key.name);
    let known = filled
        .iter()
        .find(|f| f.table == key.table && f.name == key.name);
    match known {
        Some(known) => line(&format!("{} = {}", key.name, known.value), &known.comment),
        None => {
            let value = if key.default.is_empty() {
                example
            } else {
                key.default
            };
            line(&format!("# {} = {value}", key.name), words)
        }
    }
}

fn cameras() -> String {
    let mut text = line(
        "\n# [[camera]]",
        "one or more, where a camera is not known or its lens was calibrated; also in flight.toml",
    );
    for key in schema::CAMERA_KEYS {
        text.push_str(&line(&format!("# {} = {}", key.name, key.default), ""));
    }
    text
}

fn materials() -> String {
    let heading = "\n# [score.material.slate]";
    let mut text = line(
        heading,
        "a roofing that is not in the list, or another value",
    );
    for key in schema::MATERIAL_KEYS {
        let example = match key.name {
            "emissivity" => "0.90",
            "emissivity_sigma" => "0.03",
            _ => "1.0",
        };
        text.push_str(&line(&format!("# {} = {example}", key.name), ""));
    }
    text
}

fn schemas(columns: &[Columns]) -> String {
    let mut text = format!(
        "\n# [schema.TABLE]: our name = \"your column\", for columns that are called otherwise.\n\
         # Tables: {}.\n",
        schema::SCHEMA_TABLES.join(", ")
    );
    for table in columns {
        let _ = write!(text, "\n[schema.{}]\n", table.table);
        for note in &table.notes {
            let _ = writeln!(text, "# {note}");
        }
        for (ours, theirs, candidate) in &table.columns {
            let mark = if *candidate { "# " } else { "" };
            let _ = writeln!(text, "{mark}{ours} = {}", quoted(theirs));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    fn filled() -> Vec<Filled> {
        let one = |name, value: &str| Filled {
            table: "project",
            name,
            value: quoted(value),
            comment: "found".to_owned(),
        };
        vec![one("name", "Park \"Noord\" \\ é"), one("crs", "EPSG:31370")]
    }

    #[test]
    fn the_file_reads_back_as_the_defaults_and_names_every_key() {
        let columns = [Columns {
            table: "companies",
            notes: vec!["columns of leden.csv: klant".to_owned()],
            columns: vec![
                ("company_id".to_owned(), "klant".to_owned(), false),
                ("name".to_owned(), "firma".to_owned(), true),
            ],
        }];
        let text = audit_toml(&["head".to_owned()], &filled(), &columns);
        let settings = Settings::from_audit_toml(&text, "audit.toml").expect("valid");
        assert_eq!(settings.text("project", "name"), "Park \"Noord\" \\ é");
        assert_eq!(settings.schema["companies"]["company_id"], "klant");
        assert!(!settings.schema["companies"].contains_key("name"));
        let defaults = Settings::defaults();
        for (key, effective) in settings.effective() {
            let given = key.table == "project" && ["name", "crs"].contains(&key.name);
            // As text: nan is not equal to itself.
            let text_of = |e: &super::super::Effective| format!("{:?}", e.value);
            let same = text_of(effective) == text_of(defaults.get(key.table, key.name));
            assert!(given || same, "{}.{}", key.table, key.name);
            let word = format!("{} = ", key.name);
            assert!(text.contains(&word), "{word}");
        }
    }

    #[test]
    fn every_key_may_lose_its_mark() {
        let text = audit_toml(&[], &filled(), &[]);
        let mut elsewhere = false;
        let open: Vec<String> = text
            .lines()
            .map(|line| {
                let bare = line.strip_prefix("# ").unwrap_or(line);
                if bare.starts_with('[') {
                    elsewhere = bare.starts_with("[flight]") || bare.starts_with("[visit]");
                }
                let key = bare.split(" = ").next().unwrap_or("");
                let is_key = bare.contains(" = ")
                    && key
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit());
                let heading = bare.starts_with('[') && !bare.starts_with("[schema.TABLE");
                match (is_key || heading) && !elsewhere {
                    true => bare.to_owned(),
                    false => String::new(),
                }
            })
            .collect();
        let faults = Settings::from_audit_toml(&open.join("\n"), "audit.toml");
        assert!(faults.is_ok(), "{:?}", faults.err());
    }

    #[test]
    fn words_are_of_keys_that_exist() {
        for (table, name, ..) in words::KEYS {
            assert!(schema::find(table, name).is_some(), "{table}.{name}");
        }
        for table in schema::tables() {
            assert!(!words::of_table(table).is_empty(), "{table}");
        }
    }
}
