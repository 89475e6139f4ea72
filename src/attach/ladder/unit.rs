//! Rung 4: address, building unit, building.

use std::collections::{BTreeMap, BTreeSet};

use super::super::address::Agreement;
use super::super::linking::Step;
use super::{Climb, Ground, ITS_ADDRESS};
use crate::survey::Company;

/// Addresses within this many metres are at one place.
const SAME_PLACE_M: f64 = 5.0;

impl<'a> Ground<'a> {
    pub(in crate::attach) fn address(&self, company: &Company, climb: &mut Climb) {
        let Some(postal) = self.register.read(&company.address) else {
            return;
        };
        if self.references.addresses.is_empty() {
            return;
        }
        let located = self.register.locate(&postal);
        let Some(agreement) = located.agreement else {
            climb.notes.push(match located.street_known {
                true => "its house number is not in the address register".into(),
                false => "its street is not in the address register".into(),
            });
            return;
        };
        // The number without its letter may be the neighbour's: no rung starts from it.
        let base = agreement == Agreement::Base;
        if let Some(place) = self.one_place(&located.addresses).filter(|_| !base) {
            (climb.place, climb.place_of) = (Some(place), ITS_ADDRESS);
        }
        let buildings: BTreeSet<(usize, usize)> = located
            .addresses
            .iter()
            .flat_map(|a| self.register.buildings_of(*a))
            .collect();
        let mut outlines = BTreeMap::new();
        let mut shared = false;
        for (building, units) in &buildings {
            shared |= *units > 1;
            let least = self.options.least_share;
            for index in self.register.outlines(*building, &self.shapes, least) {
                let evidence = match units {
                    1 => "its address leads to the only unit of the building".to_owned(),
                    n => format!("its address leads to one of {n} units of the building"),
                };
                outlines.insert(index, evidence);
            }
        }
        let step = match shared {
            true => Step::SharedUnit,
            false => Step::Unit,
        };
        // A range, a number without its box, a street of two towns: of several addresses that lead
        // to several buildings nothing says which is meant. One address may have several.
        let several = located.addresses.len() > 1 && buildings.len() > 1;
        if several || base {
            climb.notes.push(match several {
                true => format!("its address fits those of {} buildings", buildings.len()),
                false => "its house number is known only without its letter".to_owned(),
            });
            for (index, evidence) in outlines {
                self.consider(climb, index, step, evidence);
            }
            return;
        }
        if outlines.is_empty() && !buildings.is_empty() {
            climb
                .notes
                .push("its address leads to a building without outline".into());
        }
        self.take(climb, step, outlines.into_iter().collect());
    }

    /// The place of register addresses, if it is one: within a few metres, or all on the same
    /// plot. Later rungs start from it and must not start from one of several.
    pub(in crate::attach) fn one_place(&self, addresses: &[usize]) -> Option<[f64; 2]> {
        let places = addresses.iter().filter_map(|a| self.register.place(*a));
        let places: Vec<[f64; 2]> = places.collect();
        let first = *places.first()?;
        let plots = self.plots.at(first);
        let same = |p: &[f64; 2]| {
            let near = (p[0] - first[0]).hypot(p[1] - first[1]) <= SAME_PLACE_M;
            near || (!plots.is_empty() && self.plots.at(*p) == plots)
        };
        places.iter().all(same).then_some(first)
    }
}
