//! Rung 3: buildings in the company's parcels.

use super::super::linking::Step;
use super::super::shapes::common_m2;
use super::{Climb, Ground};
use crate::survey::{Company, Outline};
use ::geo::Area;

impl<'a> Ground<'a> {
    /// Area of an outline inside the parcels of a company, m².
    pub(in crate::attach) fn in_parcels_m2(&self, outline: &Outline, parcels: &[usize]) -> f64 {
        parcels
            .iter()
            .filter_map(|i| self.references.parcels.get(*i))
            .map(|p| common_m2(&outline.polygon, &p.polygon))
            .sum()
    }

    /// Indices of the parcels a company names; unknown ones are noted.
    pub(in crate::attach) fn parcels_of(
        &self,
        company: &Company,
        notes: &mut Vec<String>,
    ) -> Vec<usize> {
        let mut found = Vec::new();
        for capakey in &company.parcels {
            match self.parcels.get(&parcel_key(capakey)) {
                Some(i) if !found.contains(i) => found.push(*i),
                Some(_) => {}
                None => notes.push(format!("parcel {capakey} is not among the parcels")),
            }
        }
        found
    }

    pub(in crate::attach) fn parcels(&self, company: &Company, climb: &mut Climb) {
        let parcels = self.parcels_of(company, &mut climb.notes);
        let mut near: Vec<usize> = parcels
            .iter()
            .filter_map(|i| self.references.parcels.get(*i))
            .flat_map(|p| self.shapes.meeting(&p.polygon))
            .collect();
        near.sort_unstable();
        near.dedup();
        let mut buildings = Vec::new();
        for index in near {
            let Some(outline) = self.outlines.get(index) else {
                continue;
            };
            let area = outline.polygon.unsigned_area();
            if area < self.options.min_building_m2 {
                continue;
            }
            let share = self.in_parcels_m2(outline, &parcels) / area;
            // A neighbour's wall on the border touches by centimetres.
            if share < 0.01 {
                continue;
            }
            let evidence = format!("{:.0} % of it lies in its parcels", 100.0 * share.min(1.0));
            if share >= self.options.least_share {
                buildings.push((index, evidence));
            } else {
                self.consider(climb, index, Step::Parcels, evidence);
            }
        }
        if !parcels.is_empty() && buildings.is_empty() {
            climb.notes.push("no building lies in its parcels".into());
        }
        self.take(climb, Step::Parcels, buildings);
    }
}

/// A parcel key in one form: capitals, no spaces.
pub(super) fn parcel_key(capakey: &str) -> String {
    let last = match capakey.contains("://") {
        // The key itself holds a slash.
        true => capakey.rsplit("/percelen/").next().unwrap_or(capakey),
        false => capakey,
    };
    last.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}
