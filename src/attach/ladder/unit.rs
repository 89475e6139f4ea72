//! Rung 4: address, building unit, building.

use std::collections::{BTreeMap, BTreeSet};

use super::super::address::Agreement;
use super::super::linking::Step;
use super::{Climb, Ground, ITS_ADDRESS};
use crate::survey::Company;

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
        let places = located.addresses.iter();
        if let Some(place) = places.filter_map(|a| self.register.place(*a)).next() {
            (climb.place, climb.place_of) = (Some(place), ITS_ADDRESS);
        }
        let buildings: BTreeSet<(usize, usize)> = located
            .addresses
            .iter()
            .flat_map(|a| self.register.buildings_of(*a))
            .collect();
        // A range of numbers or a number without its letter may lead to several buildings; then
        // nothing says which is meant.
        let loose = agreement >= Agreement::Range;
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
        if loose && buildings.len() > 1 {
            climb.notes.push(format!(
                "its house number agrees loosely with {} buildings",
                buildings.len()
            ));
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
}
