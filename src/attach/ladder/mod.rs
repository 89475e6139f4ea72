//! The rungs of the ladder for one company (flemish-data.md §9.2, 3 to 7).

mod establishment;
mod parcels;
mod plot;
mod unit;

use std::collections::BTreeMap;

use super::address::Agreement;
use super::linking::{Candidate, Step};
use super::options::Options;
use super::register::Register;
use super::shapes::Shapes;
use crate::survey::reference::References;
use crate::survey::{Company, Outline};
use ::geo::Area;

/// Everything the rungs look at, indexed once.
pub(in crate::attach) struct Ground<'a> {
    pub(in crate::attach) outlines: &'a [Outline],
    pub(in crate::attach) shapes: Shapes<'a>,
    pub(in crate::attach) plots: Shapes<'a>,
    pub(in crate::attach) parcels: BTreeMap<String, usize>,
    pub(in crate::attach) references: &'a References,
    pub(in crate::attach) register: Register<'a>,
    pub(in crate::attach) options: &'a Options,
    /// Rows of the company list by enterprise number.
    pub(in crate::attach) rows_of_number: BTreeMap<&'a str, usize>,
}

/// What a place stands for, in evidence.
const ITS_ADDRESS: &str = "its address";
const ITS_ESTABLISHMENT: &str = "its establishment";

/// Buildings found on one rung.
#[derive(Clone, Debug)]
pub(in crate::attach) struct Found {
    pub(in crate::attach) step: Step,
    /// Index of the outline and why.
    pub(in crate::attach) buildings: Vec<(usize, String)>,
}

/// What the first rungs found for a company, and what they leave to the others.
#[derive(Clone, Debug, Default)]
pub(in crate::attach) struct Climb {
    pub(in crate::attach) found: Option<Found>,
    pub(in crate::attach) candidates: Vec<Candidate>,
    pub(in crate::attach) notes: Vec<String>,
    pub(in crate::attach) place: Option<[f64; 2]>,
    /// What the place stands for.
    pub(in crate::attach) place_of: &'static str,
}

impl<'a> Ground<'a> {
    pub(in crate::attach) fn new(
        companies: &'a [Company],
        outlines: &'a [Outline],
        references: &'a References,
        options: &'a Options,
    ) -> Self {
        let mut rows_of_number = BTreeMap::new();
        for company in companies {
            *rows_of_number
                .entry(company.enterprise_number.as_str())
                .or_default() += 1;
        }
        let parcels = references.parcels.iter().enumerate();
        Self {
            outlines,
            shapes: Shapes::new(outlines.iter().map(|o| &o.polygon)),
            plots: Shapes::new(references.plots.iter().map(|p| &p.polygon)),
            parcels: parcels
                .map(|(i, p)| (parcels::parcel_key(&p.capakey), i))
                .collect(),
            references,
            register: Register::new(references),
            options,
            rows_of_number,
        }
    }

    /// Rungs 3, 4 and 5.
    pub(in crate::attach) fn climb(&self, company: &Company) -> Climb {
        let mut climb = Climb::default();
        self.parcels(company, &mut climb);
        if climb.found.is_none() {
            self.address(company, &mut climb);
        }
        if climb.found.is_none() {
            self.establishment(company, &mut climb);
        }
        if climb.place.is_none() && climb.candidates.is_empty() {
            // The place serves the split of shared buildings and the park, whichever rung won.
            self.find_place(company, &mut climb);
        }
        climb
    }

    fn find_place(&self, company: &Company, climb: &mut Climb) {
        if let Some(postal) = self.register.read(&company.address) {
            let located = self.register.locate(&postal);
            let base = located.agreement == Some(Agreement::Base);
            if let Some(place) = self.one_place(&located.addresses).filter(|_| !base) {
                (climb.place, climb.place_of) = (Some(place), ITS_ADDRESS);
                return;
            }
        }
        let (all, _) = self.establishments(company);
        let mut places = all
            .iter()
            .filter_map(|e| self.register.establishment_place(e));
        if let (Some(place), None) = (places.next(), places.next()) {
            (climb.place, climb.place_of) = (Some(place), ITS_ESTABLISHMENT);
        }
    }

    /// Outlines large enough to be tied by a guess.
    fn real(&self, mut indices: Vec<usize>) -> Vec<usize> {
        indices.retain(|i| self.area(*i) >= self.options.min_building_m2);
        indices
    }

    fn area(&self, index: usize) -> f64 {
        let outline = self.outlines.get(index);
        outline.map_or(0.0, |o| o.polygon.unsigned_area())
    }

    /// Whether an outline is a main building: what the base map says, else by its area.
    fn is_main(&self, index: usize) -> bool {
        let said = self
            .outlines
            .get(index)
            .and_then(|o| self.options.main_buildings.get(&o.oidn));
        let large = || self.area(index) >= self.options.main_building_m2;
        said.copied().unwrap_or_else(large)
    }

    fn take(&self, climb: &mut Climb, step: Step, buildings: Vec<(usize, String)>) {
        if !buildings.is_empty() {
            climb.found = Some(Found { step, buildings });
        }
    }

    /// Notes a building that is not tied.
    pub(in crate::attach) fn consider(
        &self,
        climb: &mut Climb,
        index: usize,
        step: Step,
        evidence: String,
    ) {
        if let Some(outline) = self.outlines.get(index) {
            climb.candidates.push(Candidate {
                oidn: outline.oidn.clone(),
                step,
                confidence: step.confidence(),
                evidence,
            });
        }
    }
}

impl Ground<'_> {
    /// The place alone, for a company whose buildings are stated.
    pub(in crate::attach) fn only_place(&self, company: &Company) -> Climb {
        let mut climb = Climb::default();
        self.find_place(company, &mut climb);
        climb
    }

    /// Whether the registers say a company is a natural person's (TypeOfEnterprise 1).
    pub(in crate::attach) fn sole_trader(&self, company: &Company) -> bool {
        let own = self.register.with_enterprise(&company.enterprise_number);
        own.iter().any(|e| e.natural_person)
    }
}
