//! The parks of a project: which building and which company lie in which, and their folders.

use super::inputs::Inputs;
use crate::attach::{self, Linking};
use crate::survey::reference::Park;
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a folder that is a park's key as it stands.
const LONGEST: usize = 32;

/// Parks of a project; none where it is one park.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectParks {
    /// Key and name of each.
    pub(crate) parks: Vec<(String, String)>,
    /// Folder of each, below `park/` and `internal/`.
    pub(crate) folders: Vec<String>,
    /// Park of every outline, in their order.
    pub(crate) of_outline: Vec<Option<usize>>,
    /// Park of every company.
    pub(crate) of_company: BTreeMap<String, usize>,
}

impl ProjectParks {
    /// Lays buildings and companies to the parks of the inputs.
    pub(crate) fn new(inputs: &Inputs, linking: &Linking) -> Self {
        let parks = &inputs.references.parks;
        let found = attach::parks(parks, &inputs.outlines, linking);
        let companies = linking.outcomes.iter().zip(found.of_company);
        Self {
            parks: parks
                .iter()
                .map(|p| (p.id.clone(), p.name.clone()))
                .collect(),
            folders: folders(parks),
            of_outline: found.of_outline,
            of_company: companies
                .filter_map(|(o, park)| Some((o.company_id.clone(), park?)))
                .collect(),
        }
    }

    /// Whether results are given per park, too.
    pub(crate) fn several(&self) -> bool {
        self.parks.len() > 1
    }

    /// Name of a company's park as its sheet prints it; empty where there is one park only.
    pub(crate) fn printed(&self, company_id: &str) -> &str {
        let park = self.of_company.get(company_id).filter(|_| self.several());
        let found = park.and_then(|i| self.parks.get(*i));
        found.map_or("", |(id, name)| if name.is_empty() { id } else { name })
    }

    /// Keys of parks by building.
    pub(crate) fn by_building(&self, inputs: &Inputs) -> BTreeMap<String, String> {
        let outlines = inputs.outlines.iter().zip(&self.of_outline);
        outlines
            .filter_map(|(outline, park)| {
                let (id, _) = self.parks.get((*park)?)?;
                Some((outline.oidn.clone(), id.clone()))
            })
            .collect()
    }
}

/// A folder for every park: its key where that is a plain name, else its letters and digits with
/// a mark of the whole key; no two alike on any file system.
fn folders(parks: &[Park]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    parks
        .iter()
        .enumerate()
        .map(|(i, park)| {
            let whole = !park.id.is_empty() && park.id.len() <= LONGEST;
            let mut name = park.id.clone();
            if !whole || !park.id.chars().all(plain) {
                let letters: String = park.id.chars().filter(|c| plain(*c)).take(20).collect();
                let mark = blake3::hash(park.id.as_bytes()).to_hex();
                name = format!("{letters}-{}", mark.get(..8).unwrap_or_default());
            }
            if !taken.insert(name.to_ascii_lowercase()) {
                name = format!("{name}-{}", i + 1);
                taken.insert(name.to_ascii_lowercase());
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::MultiPolygon;

    #[test]
    fn a_park_of_any_key_has_a_folder_of_its_own_inside() {
        let park = |id: &str| Park {
            id: id.into(),
            name: String::new(),
            polygon: MultiPolygon(Vec::new()),
        };
        let long = "x".repeat(90);
        let keys = [
            "Noord-1",
            "noord-1",
            "../../etc",
            "https://data.example/id/7",
            "",
            &long,
        ];
        let found = folders(&keys.map(park));
        assert_eq!(found[0], "Noord-1");
        let lower: BTreeSet<String> = found.iter().map(|f| f.to_lowercase()).collect();
        assert_eq!(lower.len(), keys.len(), "{found:?}");
        for name in &found {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            assert!(
                !name.is_empty() && name.len() <= 40 && name.chars().all(plain),
                "{name}"
            );
        }
    }
}
