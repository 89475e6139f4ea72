//! Which of their columns is ours.

use std::collections::BTreeMap;

use super::{Report, Row, Table};
use crate::problem::Problem;

/// Length after which a shapefile cuts names.
const SHORT_NAME: usize = 10;

/// A column of ours and the names under which it is also accepted.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Our name.
    pub name: &'static str,
    /// Other names, best first; compared folded.
    pub aliases: &'static [&'static str],
}

/// A column by its name and the others it is known under.
pub const fn column(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases }
}

/// The columns of one table.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Name of the table in the settings: `companies` of `[schema.companies]`.
    pub name: &'static str,
    /// Our columns.
    pub columns: &'static [Column],
    /// Columns of well-known sources that are not used and need no warning.
    pub ignored: &'static [&'static str],
    /// Whether columns beyond these are worth a warning (a typing error would be lost else).
    pub closed: bool,
}

impl Schema {
    /// A table of somebody else's of which only some columns are read.
    pub const fn of_register(name: &'static str, columns: &'static [Column]) -> Self {
        Self {
            name,
            columns,
            ignored: &[],
            closed: false,
        }
    }

    /// Our column names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|c| c.name)
    }
}

/// Our column name → their column names, as `[schema.*]` of the settings gives them.
///
/// Where several are given, the first the file has is used. Built-in names need no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    entries: BTreeMap<String, Vec<String>>,
}

impl Mapping {
    /// Built-in names only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one of their names for one of ours.
    pub fn add(&mut self, ours: impl Into<String>, theirs: impl Into<String>) {
        self.entries
            .entry(ours.into())
            .or_default()
            .push(theirs.into());
    }

    /// Their names for one of ours, as set; empty when not set.
    pub fn theirs(&self, ours: &str) -> &[String] {
        self.entries.get(ours).map_or(&[], Vec::as_slice)
    }

    /// Our names that are set.
    pub fn ours(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

impl<A: Into<String>, B: Into<String>> FromIterator<(A, B)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (A, B)>>(pairs: I) -> Self {
        let mut mapping = Self::new();
        for (ours, theirs) in pairs {
            mapping.add(ours, theirs);
        }
        mapping
    }
}

/// A column name for comparing: lower case, without spaces, `_` and `-`.
pub fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The names of a column as a file with short names has them, folded; those that are short enough
/// are left out.
fn cut_names(column: &Column, set: &[String]) -> Vec<String> {
    let built_in = std::iter::once(column.name).chain(column.aliases.iter().copied());
    let names: Vec<&str> = match set {
        [] => built_in.collect(),
        set => set.iter().map(String::as_str).collect(),
    };
    let long = names.iter().filter(|name| name.len() > SHORT_NAME);
    long.map(|name| fold(&name.chars().take(SHORT_NAME).collect::<String>()))
        .collect()
}

/// A table whose columns are known by our names.
#[derive(Clone, Debug)]
pub struct Bound<'t> {
    table: &'t Table,
    schema: &'t Schema,
    index: BTreeMap<&'static str, usize>,
    /// Columns that are none of ours and of no well-known source.
    unknown: Vec<usize>,
}

impl<'t> Bound<'t> {
    /// Looks every column up: in the settings, by our name, by the built-in names. Adds a
    /// fault for settings that name nothing, and one warning listing all unknown columns.
    pub fn new(
        table: &'t Table,
        schema: &'t Schema,
        mapping: &Mapping,
        report: &mut Report,
    ) -> Self {
        let folded: Vec<String> = table.headers.iter().map(|h| fold(h)).collect();
        let mut bound = Self {
            table,
            schema,
            index: BTreeMap::new(),
            unknown: Vec::new(),
        };
        bound.check_mapping(mapping, report);
        let mut taken = vec![false; folded.len()];
        for column in schema.columns {
            let set = mapping.theirs(column.name);
            let built_in = std::iter::once(column.name).chain(column.aliases.iter().copied());
            let names: Vec<String> = if set.is_empty() {
                built_in.map(fold).collect()
            } else {
                set.iter().map(|s| fold(s)).collect()
            };
            let whole = names
                .iter()
                .flat_map(|name| folded.iter().enumerate().filter(move |(_, f)| *f == name))
                .map(|(i, _)| i);
            // Two of our names may be cut to the same one; the first has it.
            let cut: Vec<usize> = match table.short_names {
                true => cut_names(column, set)
                    .iter()
                    .flat_map(|name| folded.iter().enumerate().filter(move |(_, f)| *f == name))
                    .map(|(i, _)| i)
                    .filter(|i| taken.get(*i) == Some(&false))
                    .collect(),
                false => Vec::new(),
            };
            let mut seen = Vec::new();
            let mut found = whole.chain(cut).filter(|i| {
                !seen.contains(i) && {
                    seen.push(*i);
                    true
                }
            });
            if let Some(first) = found.next() {
                for other in found {
                    bound.warn_twice(column.name, first, other, report);
                    taken[other] = true;
                }
                taken[first] = true;
                bound.index.insert(column.name, first);
            } else if !set.is_empty() {
                bound.fault_unmapped(column.name, set, report);
            }
        }
        let ignored: Vec<String> = schema.ignored.iter().map(|i| fold(i)).collect();
        let named = folded.iter().zip(&taken).enumerate();
        bound.unknown = named
            .filter(|(_, (f, taken))| !**taken && !f.is_empty() && !ignored.contains(f))
            .map(|(i, _)| i)
            .collect();
        if schema.closed {
            bound.warn_unknown(report);
        }
        bound
    }

    /// Whether the file has the column.
    pub fn has(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    /// What the file calls the column; our name when it has none.
    pub fn header<'a>(&'a self, name: &'a str) -> &'a str {
        self.index
            .get(name)
            .and_then(|&i| self.table.headers.get(i))
            .map_or(name, String::as_str)
    }

    /// The records.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.table
            .records
            .iter()
            .map(move |record| Row::new(self, record))
    }

    /// A fault unless one of the columns is there; tells what the file has and which setting
    /// would help. Returns whether one is there.
    pub fn require(&self, one_of: &[&str], report: &mut Report) -> bool {
        if one_of.iter().any(|name| self.has(name)) {
            return true;
        }
        let what = format!(
            "has no column {}; its columns are: {}",
            one_of.join(" or "),
            self.table.headers.join(", ")
        );
        let hint = format!(
            "rename the column, or set {} = \"your column\" under [schema.{}] in audit.toml",
            one_of.first().unwrap_or(&""),
            self.schema.name
        );
        report.fault(Problem::setting(what).hint(hint));
        false
    }

    /// Place of one of our columns in the file; `None` where it has none.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    pub(super) fn comma_separated(&self) -> bool {
        self.table.comma_separated
    }

    fn check_mapping(&self, mapping: &Mapping, report: &mut Report) {
        for ours in mapping.ours() {
            if !self.schema.names().any(|name| name == ours) {
                let known: Vec<_> = self.schema.names().collect();
                let what = format!("is no column of {}", self.schema.name);
                let problem = Problem::setting(what)
                    .in_file("audit.toml")
                    .field(format!("schema.{}.{ours}", self.schema.name))
                    .hint(format!("known are: {}", known.join(", ")));
                report.fault(problem);
            }
        }
    }

    fn warn_twice(&self, name: &str, first: usize, other: usize, report: &mut Report) {
        let headers = &self.table.headers;
        let what = format!(
            "columns {} and {} both give {name}; the first is used",
            headers.get(first).map_or("", String::as_str),
            headers.get(other).map_or("", String::as_str),
        );
        report.warn(Problem::setting(what));
    }

    fn fault_unmapped(&self, name: &str, set: &[String], report: &mut Report) {
        let what = format!(
            "has no column {}, which [schema.{}] in audit.toml gives for {name}; its columns \
             are: {}",
            set.join(" or "),
            self.schema.name,
            self.table.headers.join(", ")
        );
        let hint = format!("correct {name} under [schema.{}]", self.schema.name);
        report.fault(Problem::setting(what).hint(hint));
    }

    /// Columns that are none of ours: their names, and their cells in the order of the records.
    pub fn unknown(&self) -> impl Iterator<Item = (&'t str, Vec<&'t str>)> {
        self.unknown.iter().filter_map(|&i| {
            let header = self.table.headers.get(i)?;
            let cells = self.table.records.iter();
            let cells = cells.filter_map(|r| r.cells.get(i)).map(String::as_str);
            Some((header.as_str(), cells.collect()))
        })
    }

    fn warn_unknown(&self, report: &mut Report) {
        let headers = self.unknown.iter();
        let unknown: Vec<&str> = headers
            .filter_map(|&i| self.table.headers.get(i))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            let what = format!("columns not used: {}", unknown.join(", "));
            let hint = format!(
                "if one of them is meant, set \"our name\" = \"your column\" under [schema.{}] \
                 in audit.toml",
                self.schema.name
            );
            report.warn(Problem::setting(what).hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: Schema = Schema {
        name: "companies",
        columns: &[
            Column {
                name: "company_id",
                aliases: &["bedrijf_id"],
            },
            Column {
                name: "indoor_c",
                aliases: &["binnentemp_c"],
            },
        ],
        ignored: &["fid"],
        closed: true,
    };

    fn bind(header: &str, mapping: &Mapping) -> (Vec<Option<usize>>, Report) {
        let mut report = Report::new("t.csv");
        let table = Table::from_bytes("t.csv", format!("{header}\n").as_bytes(), &mut report)
            .expect("readable");
        let bound = Bound::new(&table, &SCHEMA, mapping, &mut report);
        bound.require(&["company_id"], &mut report);
        let found = SCHEMA.names().map(|n| bound.position(n)).collect();
        (found, report)
    }

    #[test]
    fn names_are_matched_whatever_case_spaces_and_underscores() {
        let (found, report) = bind("Bedrijf ID;BINNENTEMP_C;fid", &Mapping::new());
        assert_eq!(found, [Some(0), Some(1)]);
        assert!(report.faults().is_empty() && report.warnings().is_empty());
    }

    #[test]
    fn names_cut_after_ten_signs_are_known_and_given_to_one_column_only() {
        const CUT: Schema = Schema {
            name: "t",
            columns: &[
                Column {
                    name: "number",
                    aliases: &["ondernemingsnr"],
                },
                Column {
                    name: "parent",
                    aliases: &["ondernemingsnr_maatsch_zetel", "ondernem_1"],
                },
            ],
            ignored: &[],
            closed: false,
        };
        let positions = |headers: &[&str], short_names| {
            let table = Table {
                file: "t".to_string(),
                headers: headers.iter().map(ToString::to_string).collect(),
                records: Vec::new(),
                comma_separated: false,
                short_names,
            };
            let mut report = Report::new("t");
            let bound = Bound::new(&table, &CUT, &Mapping::new(), &mut report);
            (bound.position("number"), bound.position("parent"))
        };
        assert_eq!(positions(&["Ondernemin"], true), (Some(0), None));
        assert_eq!(
            positions(&["Ondernemin", "Ondernem_1"], true),
            (Some(0), Some(1))
        );
        assert_eq!(positions(&["Ondernemin"], false), (None, None));
    }

    #[test]
    fn settings_go_before_the_built_in_names() {
        let mapping = [("company_id", "klantnr")].into_iter().collect();
        let (found, report) = bind("company_id,KlantNr,extra", &mapping);
        assert_eq!(found, [Some(1), None]);
        let warning = report.warnings()[0].to_string();
        assert!(warning.contains("company_id, extra"), "{warning}");
    }

    #[test]
    fn a_missing_column_names_the_file_its_columns_and_the_setting() {
        let (_, report) = bind("id,naam", &Mapping::new());
        let text = report.faults()[0].to_string();
        for part in ["t.csv", "company_id", "id, naam", "[schema.companies]"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn settings_that_name_nothing_are_faults() {
        let mapping = [("company_id", "gone"), ("compani_id", "id")]
            .into_iter()
            .collect();
        let (_, report) = bind("id", &mapping);
        let all: Vec<String> = report.faults().iter().map(ToString::to_string).collect();
        assert!(
            all.iter()
                .any(|t| t.contains("schema.companies.compani_id"))
        );
        assert!(all.iter().any(|t| t.contains("gone")));
    }
}
