//! Addresses, units and establishments of the registers, found by what companies write.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{Agreement, Postal};
use super::shapes::{Shapes, common_m2};
use super::words::key;
use crate::survey::reference::{Establishment, References};

/// Addresses of one street, by index into the references.
type Street = Vec<(usize, Postal)>;

/// The registers, indexed once for all companies.
pub(super) struct Register<'a> {
    references: &'a References,
    streets: BTreeMap<String, Street>,
    units_of_address: BTreeMap<&'a str, Vec<usize>>,
    units_of_building: BTreeMap<&'a str, usize>,
    buildings: BTreeMap<&'a str, usize>,
    by_enterprise: BTreeMap<&'a str, Vec<usize>>,
    by_establishment: BTreeMap<&'a str, Vec<usize>>,
    crowds: BTreeMap<[i64; 2], usize>,
}

/// What an address led to.
#[derive(Clone, Debug, Default)]
pub(super) struct Located {
    /// Indices of register addresses that agree best.
    pub(super) addresses: Vec<usize>,
    /// How well.
    pub(super) agreement: Option<Agreement>,
    /// Whether the street is known in that town.
    pub(super) street_known: bool,
}

impl<'a> Register<'a> {
    pub(super) fn new(references: &'a References) -> Self {
        let mut register = Self {
            references,
            streets: BTreeMap::new(),
            units_of_address: BTreeMap::new(),
            units_of_building: BTreeMap::new(),
            buildings: BTreeMap::new(),
            by_enterprise: BTreeMap::new(),
            by_establishment: BTreeMap::new(),
            crowds: BTreeMap::new(),
        };
        for (i, address) in references.addresses.iter().enumerate() {
            if let Some(postal) = Postal::from_parts(address) {
                let street = register.streets.entry(postal.street.clone()).or_default();
                street.push((i, postal));
            }
        }
        for (i, unit) in references.units.iter().enumerate() {
            for address in &unit.address_ids {
                let of = register.units_of_address.entry(key(address)).or_default();
                of.push(i);
            }
            *register
                .units_of_building
                .entry(key(&unit.building_id))
                .or_default() += 1;
        }
        for (i, building) in references.buildings.iter().enumerate() {
            register.buildings.entry(key(&building.id)).or_insert(i);
        }
        for (i, e) in references.establishments.iter().enumerate() {
            if !e.enterprise_number.is_empty() {
                let of = register.by_enterprise.entry(&e.enterprise_number);
                of.or_default().push(i);
            }
            if !e.establishment_number.is_empty() {
                let of = register.by_establishment.entry(&e.establishment_number);
                of.or_default().push(i);
            }
            if let Some(place) = e.place {
                *register.crowds.entry(decimetres(place)).or_default() += 1;
            }
        }
        register
    }

    /// An address line, read so that its street is one of the register where that is possible.
    pub(super) fn read(&self, line: &str) -> Option<Postal> {
        let mut readings = Postal::readings(line);
        let known = |p: &Postal| self.streets.contains_key(&p.street);
        let best = readings.iter().position(known).unwrap_or(0);
        (!readings.is_empty()).then(|| readings.swap_remove(best))
    }

    /// Register addresses that agree best with an address.
    pub(super) fn locate(&self, postal: &Postal) -> Located {
        let street = self.streets.get(&postal.street);
        let mut located = Located {
            street_known: street.is_some(),
            ..Located::default()
        };
        for (i, own) in street.into_iter().flatten() {
            let Some(agreement) = postal.agreement(own) else {
                continue;
            };
            match located.agreement {
                Some(best) if agreement > best => {}
                Some(best) if agreement == best => located.addresses.push(*i),
                _ => {
                    located.agreement = Some(agreement);
                    located.addresses = vec![*i];
                }
            }
        }
        located
    }

    /// Place of a register address.
    pub(super) fn place(&self, address: usize) -> Option<[f64; 2]> {
        let place = self.references.addresses.get(address)?.place;
        place.iter().all(|v| v.is_finite()).then_some(place)
    }

    /// Units an address leads to, as (index of the register building, units in that building).
    pub(super) fn buildings_of(&self, address: usize) -> BTreeSet<(usize, usize)> {
        let id = self.references.addresses.get(address).map(|a| key(&a.id));
        let units = id
            .filter(|id| !id.is_empty())
            .and_then(|id| self.units_of_address.get(id));
        let of = |unit: &usize| {
            let building = key(&self.references.units.get(*unit)?.building_id);
            let index = self.buildings.get(building)?;
            let units = self.units_of_building.get(building).copied().unwrap_or(1);
            Some((*index, units))
        };
        units.into_iter().flatten().filter_map(of).collect()
    }

    /// Outlines that are a register building: their geometry is the same data set, so that the
    /// outline lies in it or it lies in the outline by at least `least` of the area.
    pub(super) fn outlines(&self, building: usize, shapes: &Shapes<'_>, least: f64) -> Vec<usize> {
        use ::geo::Area;
        let Some(building) = self.references.buildings.get(building) else {
            return Vec::new();
        };
        let own = building.polygon.unsigned_area();
        let mut found = shapes.meeting(&building.polygon);
        found.retain(|i| {
            shapes.get(*i).is_some_and(|outline| {
                let common = common_m2(outline, &building.polygon);
                common > 0.0 && (common >= least * outline.unsigned_area() || common >= least * own)
            })
        });
        found
    }

    /// Establishments with an establishment number.
    pub(super) fn with_establishment(&self, number: &str) -> Vec<&'a Establishment> {
        self.pick(self.by_establishment.get(number))
    }

    /// Establishments and seat of an enterprise.
    pub(super) fn with_enterprise(&self, number: &str) -> Vec<&'a Establishment> {
        self.pick(self.by_enterprise.get(number))
    }

    fn pick(&self, indices: Option<&Vec<usize>>) -> Vec<&'a Establishment> {
        let all = &self.references.establishments;
        let indices = indices.into_iter().flatten();
        indices.filter_map(|i| all.get(*i)).collect()
    }

    /// Place of an establishment: its own, or that of its address in the register.
    pub(super) fn establishment_place(&self, establishment: &Establishment) -> Option<[f64; 2]> {
        let own = establishment.place;
        own.filter(|p| p.iter().all(|v| v.is_finite())).or_else(|| {
            let located = self.locate(&Postal::from_parts(&establishment.address)?);
            self.place(*located.addresses.first()?)
        })
    }

    /// Establishments of the register at a place.
    pub(super) fn crowd(&self, place: [f64; 2]) -> usize {
        self.crowds.get(&decimetres(place)).copied().unwrap_or(0)
    }
}

/// A place as whole decimetres: geocoded addresses share one point exactly.
fn decimetres(place: [f64; 2]) -> [i64; 2] {
    place.map(|v| (v * 10.0).round() as i64)
}
