//! The rungs of the ladder for one company (flemish-data.md §9.2, 3 to 7).

use std::collections::BTreeMap;

use super::address::{Agreement, Postal};
use super::linking::{Candidate, Step};
use super::options::Options;
use super::register::Register;
use super::shapes::{Shapes, common_m2};
use crate::survey::reference::{Establishment, References};
use crate::survey::{Company, Outline};
use ::geo::Area;

/// Everything the rungs look at, indexed once.
pub(super) struct Ground<'a> {
    pub(super) outlines: &'a [Outline],
    pub(super) shapes: Shapes<'a>,
    pub(super) plots: Shapes<'a>,
    pub(super) parcels: BTreeMap<String, usize>,
    pub(super) references: &'a References,
    pub(super) register: Register<'a>,
    pub(super) options: &'a Options,
    /// Rows of the company list by enterprise number.
    pub(super) rows_of_number: BTreeMap<&'a str, usize>,
}

/// What a place stands for, in evidence.
const ITS_ADDRESS: &str = "its address";
const ITS_ESTABLISHMENT: &str = "its establishment";

/// Buildings found on one rung.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) step: Step,
    /// Index of the outline and why.
    pub(super) buildings: Vec<(usize, String)>,
}

/// What the first rungs found for a company, and what they leave to the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Climb {
    pub(super) found: Option<Found>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) notes: Vec<String>,
    pub(super) place: Option<[f64; 2]>,
    /// What the place stands for.
    pub(super) place_of: &'static str,
}

impl<'a> Ground<'a> {
    pub(super) fn new(
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
            parcels: parcels.map(|(i, p)| (parcel_key(&p.capakey), i)).collect(),
            references,
            register: Register::new(references),
            options,
            rows_of_number,
        }
    }

    /// Rungs 3, 4 and 5.
    pub(super) fn climb(&self, company: &Company) -> Climb {
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

    /// Area of an outline inside the parcels of a company, m².
    fn in_parcels_m2(&self, outline: &Outline, parcels: &[usize]) -> f64 {
        parcels
            .iter()
            .filter_map(|i| self.references.parcels.get(*i))
            .map(|p| common_m2(&outline.polygon, &p.polygon))
            .sum()
    }

    /// Indices of the parcels a company names; unknown ones are noted.
    pub(super) fn parcels_of(&self, company: &Company, notes: &mut Vec<String>) -> Vec<usize> {
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

    fn parcels(&self, company: &Company, climb: &mut Climb) {
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

    fn address(&self, company: &Company, climb: &mut Climb) {
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
        let buildings: std::collections::BTreeSet<(usize, usize)> = located
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

    /// Establishments of a company, and whether more than the enterprise number told them.
    fn establishments(&self, company: &Company) -> (Vec<&'a Establishment>, bool) {
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
    fn reached(&self, establishment: &Establishment) -> Vec<(usize, Step)> {
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

    fn establishment(&self, company: &Company, climb: &mut Climb) {
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

    fn find_place(&self, company: &Company, climb: &mut Climb) {
        if let Some(postal) = self.register.read(&company.address) {
            let located = self.register.locate(&postal);
            let mut places = located
                .addresses
                .iter()
                .filter_map(|a| self.register.place(*a));
            if let Some(place) = places.next() {
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

    /// Main buildings on a plot: those that lie on it by half or more of their area.
    pub(super) fn mains_of(&self, plot: usize) -> Vec<usize> {
        let Some(plot) = self.plots.get(plot) else {
            return Vec::new();
        };
        let mut found = self.shapes.meeting(plot);
        found.retain(|i| {
            let area = self.area(*i);
            area >= self.options.main_building_m2
                && self
                    .outlines
                    .get(*i)
                    .is_some_and(|o| common_m2(&o.polygon, plot) >= self.options.least_share * area)
        });
        found
    }

    fn take(&self, climb: &mut Climb, step: Step, buildings: Vec<(usize, String)>) {
        if !buildings.is_empty() {
            climb.found = Some(Found { step, buildings });
        }
    }

    /// Notes a building that is not tied.
    pub(super) fn consider(&self, climb: &mut Climb, index: usize, step: Step, evidence: String) {
        if let Some(outline) = self.outlines.get(index) {
            climb.candidates.push(Candidate {
                oidn: outline.oidn.clone(),
                step,
                confidence: step.confidence(),
                evidence,
            });
        }
    }

    /// Rung 7: the nearest main building within reach on the same plot, where plots are known.
    pub(super) fn nearest(&self, climb: &mut Climb) {
        let Some(place) = climb.place else {
            return;
        };
        let plots = self.plots.at(place);
        let near = self.shapes.within(place, self.options.reach_m);
        let large = |i: usize| self.area(i) >= self.options.main_building_m2;
        let mut mains = near.iter().filter(|(i, _)| large(*i)).filter(|(i, _)| {
            let on = |p: &usize| self.mains_of(*p).contains(i);
            plots.is_empty() || plots.iter().any(on)
        });
        if let Some((index, distance)) = mains.next() {
            let evidence = format!(
                "the nearest main building, {distance:.0} m from {}",
                climb.place_of
            );
            let next: Vec<(usize, f64)> = mains.copied().collect();
            self.take(climb, Step::Nearest, vec![(*index, evidence)]);
            for (index, distance) in next {
                let evidence = format!("{distance:.0} m from {}", climb.place_of);
                self.consider(climb, index, Step::Nearest, evidence);
            }
        }
    }
}

/// A parcel key in one form: capitals, no spaces.
fn parcel_key(capakey: &str) -> String {
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

impl Ground<'_> {
    /// The place alone, for a company whose buildings are stated.
    pub(super) fn only_place(&self, company: &Company) -> Climb {
        let mut climb = Climb::default();
        self.find_place(company, &mut climb);
        climb
    }

    /// Whether the registers say a company is a natural person's (TypeOfEnterprise 1).
    pub(super) fn sole_trader(&self, company: &Company) -> bool {
        let own = self.register.with_enterprise(&company.enterprise_number);
        own.iter().any(|e| e.natural_person)
    }
}
