//! Rung 5: the place of the establishment.

use std::collections::BTreeMap;

use super::super::address::Postal;
use super::super::linking::Step;
use super::{Climb, Ground, ITS_ESTABLISHMENT};
use crate::survey::Company;
use crate::survey::reference::Establishment;

impl<'a> Ground<'a> {
    /// Establishments of a company, and whether more than the enterprise number told them.
    pub(in crate::attach) fn establishments(
        &self,
        company: &Company,
    ) -> (Vec<&'a Establishment>, bool) {
        if !company.establishment_number.is_empty() {
            let found = self
                .register
                .with_establishment(&company.establishment_number);
            if !found.is_empty() {
                return (found, true);
            }
        }
        if company.enterprise_number.is_empty() {
            return (Vec::new(), false);
        }
        let all = self.register.with_enterprise(&company.enterprise_number);
        if let Some(postal) = self.register.read(&company.address) {
            let at: Vec<&Establishment> = all
                .iter()
                .copied()
                .filter(|e| {
                    Postal::from_parts(&e.address)
                        .and_then(|p| p.agreement(&postal))
                        .is_some()
                })
                .collect();
            // The row may give the seat's address while the site is an establishment.
            if at.iter().any(|e| !self.reached(e).is_empty()) {
                return (at, true);
            }
        }
        (all, false)
    }

    /// Outlines an establishment's place leads to, with the rung.
    pub(in crate::attach) fn reached(&self, establishment: &Establishment) -> Vec<(usize, Step)> {
        let Some(place) = self.register.establishment_place(establishment) else {
            return Vec::new();
        };
        let inside: Vec<usize> = self.real(self.shapes.at(place));
        if !inside.is_empty() {
            return inside
                .into_iter()
                .map(|i| (i, Step::Establishment))
                .collect();
        }
        let plots = self.plots.at(place);
        let mut mains: Vec<usize> = plots.iter().flat_map(|p| self.mains_of(*p)).collect();
        mains.sort_unstable();
        mains.dedup();
        match mains.as_slice() {
            [one] => vec![(*one, Step::EstablishmentPlot)],
            _ => Vec::new(),
        }
    }

    pub(in crate::attach) fn establishment(&self, company: &Company, climb: &mut Climb) {
        let (mut all, told) = self.establishments(company);
        if all.is_empty() {
            let known = !self.references.establishments.is_empty();
            if known && !company.enterprise_number.is_empty() {
                climb
                    .notes
                    .push("its number is not in the register of enterprises".into());
            }
            return;
        }
        // The seat counts only where no establishment is here.
        if all
            .iter()
            .any(|e| !e.establishment_number.is_empty() && !self.reached(e).is_empty())
        {
            all.retain(|e| !e.establishment_number.is_empty());
        }
        let mut hits: BTreeMap<usize, (Step, usize)> = BTreeMap::new();
        let mut crowd = 0;
        for establishment in &all {
            let Some(place) = self.register.establishment_place(establishment) else {
                continue;
            };
            let reached = self.reached(establishment);
            if climb.place.is_none() && !reached.is_empty() {
                (climb.place, climb.place_of) = (Some(place), ITS_ESTABLISHMENT);
            }
            for (index, step) in reached {
                crowd = crowd.max(self.register.crowd(place));
                let hit = hits.entry(index).or_insert((step, 0));
                hit.0 = hit.0.min(step);
                hit.1 += 1;
            }
        }
        let words = |step: Step| match step {
            Step::Establishment => "its establishment lies in the building".to_owned(),
            _ => "its establishment lies on a plot with this main building only".to_owned(),
        };
        let buildings: Vec<(usize, String)> = hits
            .iter()
            .map(|(i, (step, _))| (*i, words(*step)))
            .collect();
        let step = hits.values().map(|(s, _)| *s).max();
        let rows = self.rows_of_number.get(company.enterprise_number.as_str());
        let refusal = if crowd > self.options.domiciliation {
            Some(format!(
                "{crowd} establishments are at its place: an address of domiciliation"
            ))
        } else if hits.len() > 1 {
            Some(format!(
                "its number has establishments in {} buildings",
                hits.len()
            ))
        } else if !told && rows.copied().unwrap_or(0) > 1 && !hits.is_empty() {
            Some("several rows have its enterprise number; give establishment_number".into())
        } else {
            None
        };
        match (refusal, step) {
            (Some(note), Some(step)) => {
                climb.notes.push(note);
                if climb.place_of == ITS_ESTABLISHMENT {
                    // One place of several, or nobody's: no later rung may start from it.
                    climb.place = None;
                }
                for (index, evidence) in buildings {
                    self.consider(climb, index, step, evidence);
                }
            }
            (_, Some(step)) => self.take(climb, step, buildings),
            (_, None) => {}
        }
    }
}
