//! Who is to be forgotten, and by what it can be found.
//!
//! Names, numbers and addresses of mail come from the company list and from what earlier runs
//! wrote of the company: its row may be gone from the list already.

use super::EraseOptions;
use crate::attach::leak::Party;
use crate::pipeline::inputs::mapping;
use crate::pipeline::project::Project;
use crate::read::table::{Bound, Mapping, Report, Row, Schema, Table, column, file_name, key_text};
use crate::read::{companies, gpkg, numbers};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is known of every company, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Targets {
    /// Those to forget.
    pub(super) gone: BTreeMap<String, Party>,
    /// Everyone else: what they share with a target is theirs as well.
    pub(super) others: BTreeMap<String, Party>,
}

/// Columns of the tables a run writes of companies.
const WRITTEN: Schema = Schema::of_register(
    "results",
    &[
        column("company_id", &["bedrijf_id"]),
        column("name", &["naam"]),
        column("enterprise_number", &[]),
        column("contact", &["aanspreking"]),
        column("email", &[]),
    ],
);

/// Tables a run writes of companies.
const TABLES: [&str; 3] = [
    "internal/link_review.csv",
    "internal/mailmerge.csv",
    "internal/consent_log.csv",
];

impl Targets {
    /// Everyone the list or the results know.
    pub(super) fn find(project: &Project, places: &[PathBuf], options: &EraseOptions) -> Self {
        let mut found = Self::default();
        found.of_list(project);
        for place in places {
            found.of_results(place);
        }
        for id in &options.companies {
            // A key without any row may still be the name of a folder.
            let named = |place: &PathBuf| place.join("companies").join(id).exists();
            if places.iter().any(named) {
                found.party(id);
            }
        }
        found
    }

    /// Keys of everyone.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.gone
            .keys()
            .chain(self.others.keys())
            .cloned()
            .collect()
    }

    /// All are to be forgotten.
    pub(super) fn all(mut self) -> Self {
        self.gone.append(&mut self.others);
        self
    }

    /// These are to be forgotten.
    ///
    /// # Errors
    /// Keys nobody has.
    pub(super) fn only(&self, ids: &[String]) -> Result<Self, Vec<String>> {
        let mut chosen = self.clone();
        let mut unknown = Vec::new();
        for id in ids {
            match chosen.others.remove(id) {
                Some(party) => {
                    chosen.gone.insert(id.clone(), party);
                }
                None if chosen.gone.contains_key(id) => {}
                None => unknown.push(id.clone()),
            }
        }
        match unknown.is_empty() {
            true => Ok(chosen),
            false => Err(unknown),
        }
    }

    fn party(&mut self, id: &str) -> &mut Party {
        let party = self.others.entry(id.to_owned()).or_default();
        id.clone_into(&mut party.company_id);
        party
    }

    fn of_list(&mut self, project: &Project) {
        let Some(path) = &project.companies else {
            return;
        };
        let mut report = Report::new(file_name(path));
        let Ok(table) = Table::open(path, &mut report) else {
            return;
        };
        let mapping = mapping(&project.settings, "companies");
        let bound = Bound::new(&table, &companies::SCHEMA, &mapping, &mut report);
        for row in bound.rows() {
            let id = key_of(&row);
            if id.is_empty() {
                continue;
            }
            let party = self.party(&id);
            for name in ["name", "contact_name", "contact_email"] {
                note(&mut party.names, row.text(name));
            }
            for number in ["enterprise_number", "establishment_number"] {
                note_number(&mut party.numbers, row.text(number));
            }
        }
    }

    fn of_results(&mut self, place: &Path) {
        for file in TABLES {
            let path = place.join(file);
            let mut report = Report::new(file);
            if let Ok(table) = Table::open(&path, &mut report) {
                let bound = Bound::new(&table, &WRITTEN, &Mapping::new(), &mut report);
                for row in bound.rows().filter(|r| !r.text("company_id").is_empty()) {
                    let party = self.party(row.text("company_id"));
                    for name in ["name", "contact", "email"] {
                        note(&mut party.names, row.text(name));
                    }
                    note_number(&mut party.numbers, row.text("enterprise_number"));
                }
            }
        }
        let Ok(rows) = gpkg::rows(&place.join("audit.gpkg"), "companies") else {
            return;
        };
        let column = |name: &str| rows.column(name).unwrap_or_default();
        let (ids, names) = (column("company_id"), column("name"));
        let registered = column("enterprise_number");
        for (i, id) in ids.iter().enumerate() {
            let gpkg::Cell::Text(id) = id else { continue };
            let party = self.party(id);
            if let Some(gpkg::Cell::Text(name)) = names.get(i) {
                note(&mut party.names, name);
            }
            if let Some(gpkg::Cell::Text(number)) = registered.get(i) {
                note_number(&mut party.numbers, number);
            }
        }
    }
}

/// The key of a row of the company list, as its reader makes it.
pub(super) fn key_of(row: &Row<'_>) -> String {
    match row.some_text("company_id") {
        Some(id) => key_text(id).to_owned(),
        None => digits(row.text("enterprise_number")).unwrap_or_default(),
    }
}

/// Ten digits of a number as people write it.
pub(super) fn digits(cell: &str) -> Option<String> {
    numbers::parse(cell).ok().flatten().map(|n| n.digits)
}

fn note(names: &mut Vec<String>, text: &str) {
    let text = text.trim();
    if !text.is_empty() && !names.iter().any(|n| n == text) {
        names.push(text.to_owned());
    }
}

fn note_number(known: &mut Vec<String>, cell: &str) {
    if let Some(number) = digits(cell)
        && !known.contains(&number)
    {
        known.push(number);
    }
}
