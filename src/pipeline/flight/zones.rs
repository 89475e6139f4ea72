//! Who holds which building, and the rating of the parts of buildings that are one tenant's.
//!
//! A building of one company is rated with what that company says of it. Of several tenants only
//! what all of them say alike is taken: what one says (its temperature, its price of gas) would
//! stand in the sheet of another. A zone is rated on its own, with its tenant's word, against the
//! whole roofs of the flight.

use crate::attach::{Linking, Occupancy, Tie};
use crate::problem::Result;
use crate::score::{self, FlightConditions, Measured, Options, Reason, RoofContext, RoofScore};
use crate::survey::{Company, Link, Outline};
use ::geo::Area;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A part of a building and its rating.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    /// The tenant.
    pub(super) company_id: String,
    /// The part: the building's outline cut at the zone.
    pub(super) outline: Outline,
    /// Its rating.
    pub(super) score: RoofScore,
}

/// Ties of companies to buildings, as far as rating needs them.
pub(super) struct Tenancy<'a> {
    pub(super) companies: &'a [Company],
    /// Ties that may be published.
    pub(super) links: &'a [Link],
    /// All ties, with zones.
    pub(super) linking: &'a Linking,
}

/// Zones measured, not rated yet.
pub(super) struct MeasuredZones {
    zones: Vec<Zone>,
    /// Position in `zones` of every measured one.
    positions: Vec<usize>,
    measured: Vec<Measured>,
}

impl<'a> Tenancy<'a> {
    /// What buildings row and companies rows say of a whole building.
    pub(super) fn whole(&self, outline: &Outline) -> RoofContext {
        context(outline, &self.tenants(&outline.oidn))
    }

    fn tenants(&self, oidn: &str) -> Vec<&'a Company> {
        let ids: Vec<&str> = self
            .links
            .iter()
            .filter(|l| l.oidn == oidn)
            .map(|l| l.company_id.as_str())
            .collect();
        let tenant = |c: &&Company| ids.contains(&c.company_id.as_str());
        self.companies.iter().filter(tenant).collect()
    }

    /// Measures every zone of a tie that may be published, with `measure`.
    ///
    /// # Errors
    /// A map that cannot be read.
    pub(super) fn zones(
        &self,
        outlines: &[Outline],
        measure: impl Fn(&Outline, &RoofContext) -> Option<Result<Measured>> + Sync,
    ) -> Result<MeasuredZones> {
        let whole: BTreeMap<&str, &Outline> =
            outlines.iter().map(|o| (o.oidn.as_str(), o)).collect();
        let mut parts: Vec<(String, Outline, RoofContext)> = Vec::new();
        let published = |t: &&Tie| {
            let same = |l: &Link| l.company_id == t.link.company_id && l.oidn == t.link.oidn;
            self.links.iter().any(same)
        };
        for tie in self.linking.ties.iter().filter(published) {
            let Some((zone, outline)) = tie
                .link
                .zone
                .as_ref()
                .zip(whole.get(tie.link.oidn.as_str()))
            else {
                continue;
            };
            let part = Outline {
                polygon: zone.clone(),
                ..(*outline).clone()
            };
            let tenants: Vec<&Company> = self
                .tenants(&part.oidn)
                .into_iter()
                .filter(|c| match tie.occupancy {
                    // What is left of a building is shared by those without a zone.
                    Occupancy::Shared => !self.has_own_zone(&c.company_id, &part.oidn),
                    _ => c.company_id == tie.link.company_id,
                })
                .collect();
            let known = context(&part, &tenants);
            parts.push((tie.link.company_id.clone(), part, known));
        }
        let done: Vec<Option<Result<Measured>>> = parts
            .par_iter()
            .map(|(_, part, known)| measure(part, known))
            .collect();
        let mut found = MeasuredZones {
            zones: Vec::new(),
            positions: Vec::new(),
            measured: Vec::new(),
        };
        for ((company_id, outline, _), measured) in parts.into_iter().zip(done) {
            if let Some(measured) = measured {
                found.positions.push(found.zones.len());
                found.measured.push(measured?);
            }
            let score = unmeasured(&outline);
            found.zones.push(Zone {
                company_id,
                outline,
                score,
            });
        }
        Ok(found)
    }

    fn has_own_zone(&self, company_id: &str, oidn: &str) -> bool {
        let mut ties = self.linking.of(company_id);
        ties.any(|t| t.link.oidn == oidn && matches!(t.occupancy, Occupancy::Zone(_)))
    }
}

impl MeasuredZones {
    /// Rates the zones against the roofs of the flight.
    pub(super) fn rate(
        self,
        roofs: &[Measured],
        conditions: &FlightConditions,
        options: &Options,
    ) -> Vec<Zone> {
        let mut zones = self.zones;
        let scores = score::rate_parts(&self.measured, roofs, conditions, options);
        for (position, score) in self.positions.into_iter().zip(scores) {
            if let Some(zone) = zones.get_mut(position) {
                zone.score = score;
            }
        }
        zones
    }
}

/// A part that is too small or too narrow to be measured: the map cannot part it from what is
/// beside it (R08).
fn unmeasured(part: &Outline) -> RoofScore {
    RoofScore {
        oidn: part.oidn.clone(),
        area_m2: part.polygon.unsigned_area(),
        reasons: vec![Reason {
            code: 8,
            value: None,
        }],
        ..RoofScore::default()
    }
}

fn context(outline: &Outline, tenants: &[&Company]) -> RoofContext {
    let mut context = RoofContext::of_outline(outline);
    context.companies = tenants.len() as u32;
    context.company_indoor_c = alike(tenants, |c| c.indoor_c);
    context.heated = alike(tenants, |c| c.heated);
    context.heating_off_h = alike(tenants, |c| c.heating_off_h);
    context.ceiling_height_m = alike(tenants, |c| c.ceiling_height_m);
    context.gas_price_eur_kwh = alike(tenants, |c| c.gas_price_eur_kwh);
    if context.material.is_none() {
        context.material = alike(tenants, |c| c.material.clone());
    }
    context
}

/// What all tenants say alike; `None` where one says something else or nothing.
fn alike<T: PartialEq>(tenants: &[&Company], of: impl Fn(&Company) -> Option<T>) -> Option<T> {
    let mut values = tenants.iter().map(|c| of(c));
    let first = values.next()??;
    values.all(|v| v.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::{MultiPolygon, Rect, coord};

    fn outline() -> Outline {
        let shape = Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 20.0, y: 10.0 });
        Outline::new("1", MultiPolygon(vec![shape.to_polygon()]))
    }

    fn tenant(id: &str, indoor_c: Option<f64>, price: Option<f64>) -> Company {
        Company {
            company_id: id.into(),
            indoor_c,
            gas_price_eur_kwh: price,
            ..Company::default()
        }
    }

    #[test]
    fn of_several_tenants_only_what_all_say_alike_is_taken() {
        let a = tenant("A", Some(19.0), Some(0.05));
        let b = tenant("B", Some(19.0), None);
        let both = context(&outline(), &[&a, &b]);
        assert_eq!(both.companies, 2);
        assert_eq!(both.company_indoor_c, Some(19.0));
        assert_eq!(
            both.gas_price_eur_kwh, None,
            "the price of A in a sheet of B"
        );
        let alone = context(&outline(), &[&a]);
        assert_eq!(alone.gas_price_eur_kwh, Some(0.05));
        assert_eq!(context(&outline(), &[]).company_indoor_c, None);
    }
}
