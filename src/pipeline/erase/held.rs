//! Which buildings a company holds, as its row, the link table and earlier results tell, and which
//! building a hotspot is on: the auditor's verdicts name both, not the company.

use super::targets::key_of;
use crate::pipeline::inputs::mapping;
use crate::pipeline::project::Project;
use crate::read::table::{Bound, Report, Row, Schema, Table, file_name, key_text};
use crate::read::{companies, gpkg, links};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Buildings by company, and by hotspot.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    by_company: BTreeMap<String, BTreeSet<String>>,
    by_hotspot: BTreeMap<String, String>,
}

impl Held {
    pub(super) fn find(project: &Project, places: &[PathBuf]) -> Self {
        let mut held = Self::default();
        if let Some(path) = &project.companies {
            each(project, path, &companies::SCHEMA, |row| {
                for oidn in row.text("buildings").split(';') {
                    // A zone may stand behind the key.
                    let key = oidn.split('#').next().unwrap_or_default();
                    held.note(&key_of(row), key);
                }
            });
        }
        if let Some(path) = &project.links {
            each(project, path, &links::SCHEMA, |row| {
                held.note(&key_of(row), row.text("oidn"));
            });
        }
        for place in places {
            held.of_results(&place.join("audit.gpkg"));
        }
        held
    }

    fn note(&mut self, company: &str, oidn: &str) {
        let oidn = key_text(oidn);
        if !company.is_empty() && !oidn.is_empty() {
            let own = self.by_company.entry(company.to_owned()).or_default();
            own.insert(oidn.to_owned());
        }
    }

    fn of_results(&mut self, package: &Path) {
        for (company, oidns) in pairs(package, "companies", ["company_id", "oidns"]) {
            for oidn in oidns.split(';') {
                self.note(&company, oidn);
            }
        }
        let spots = pairs(package, "hotspots", ["hotspot_id", "oidn"]);
        self.by_hotspot.extend(spots);
    }

    /// Whether a row of verdicts is about a building that only companies of these keys hold.
    pub(super) fn is_about(&self, row: &Row<'_>, gone: &dyn Fn(&str) -> bool) -> bool {
        let building = match row.some_text("oidn") {
            Some(oidn) => key_text(oidn),
            None => {
                let id = key_text(row.text("hotspot_id"));
                let told = id.rsplit_once('-').map_or("", |(oidn, _)| oidn);
                self.by_hotspot.get(id).map_or(told, String::as_str)
            }
        };
        let holders = self.by_company.iter().filter(|(_, o)| o.contains(building));
        let mut any = false;
        for (company, _) in holders {
            if !gone(company) {
                return false;
            }
            any = true;
        }
        any
    }
}

/// Two text columns of a layer.
fn pairs(package: &Path, layer: &str, names: [&str; 2]) -> Vec<(String, String)> {
    let Ok(rows) = gpkg::rows(package, layer) else {
        return Vec::new();
    };
    let column = |name: &str| rows.column(name).unwrap_or_default();
    let (keys, values) = (column(names[0]), column(names[1]));
    let text = |cell: &gpkg::Cell| match cell {
        gpkg::Cell::Text(text) => Some(text.clone()),
        _ => None,
    };
    let both = keys.iter().zip(&values);
    both.filter_map(|(k, v)| Some((text(k)?, text(v)?)))
        .collect()
}

fn each(project: &Project, path: &Path, schema: &'static Schema, mut of: impl FnMut(&Row<'_>)) {
    let mut report = Report::new(file_name(path));
    let Ok(table) = Table::open(path, &mut report) else {
        return;
    };
    let mapping = mapping(&project.settings, schema.name);
    let bound = Bound::new(&table, schema, &mapping, &mut report);
    for row in bound.rows() {
        of(&row);
    }
}
