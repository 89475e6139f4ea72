//! Several companies in one building: who holds which part.
//!
//! Zones that people gave come first; the rest of the building goes to the one company without
//! a zone, or is cut along parcels or plots; where that does not part them, the building is
//! shared and nothing on it is attributed to a tenant (flemish-data.md §9.3).

use std::collections::BTreeMap;

use super::ladder::Ground;
use super::linking::{Linking, Occupancy, ZoneOrigin};
use super::shapes::common_m2;
use crate::problem::Problem;
use crate::survey::Company;
use ::geo::{Area, BooleanOps, MultiPolygon};

/// Zones may overlap by this share of the smaller one: hand-drawn borders are not exact.
const OVERLAP: f64 = 0.02;

/// Sets occupancy and zone of every tie.
pub(super) fn divide(
    ground: &Ground<'_>,
    companies: &[Company],
    positions: &BTreeMap<&str, usize>,
    linking: &mut Linking,
) {
    let rows: BTreeMap<&str, usize> = companies
        .iter()
        .enumerate()
        .map(|(i, c)| (c.company_id.as_str(), i))
        .collect();
    let mut tenants: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, tie) in linking.ties.iter().enumerate() {
        let of = tenants.entry(tie.link.oidn.clone()).or_default();
        of.push(position);
    }
    for (oidn, all) in tenants {
        let outline = positions
            .get(oidn.as_str())
            .and_then(|i| ground.outlines.get(*i));
        let Some(outline) = outline else { continue };
        clip(&outline.polygon, &all, linking);
        let counts = |i: &usize| {
            let tie = linking.ties.get(*i);
            tie.is_some_and(|t| t.link.confidence >= ground.options.publish_confidence)
        };
        // A guess that is not published does not turn a sure tie into a shared one.
        let (sure, guessed): (Vec<usize>, Vec<usize>) = all.iter().partition(|i| counts(i));
        if sure.len() > 1 {
            part(ground, companies, &rows, &outline.polygon, &sure, linking);
        } else if let [one] = sure.as_slice() {
            given_zone(*one, linking);
        }
        if guessed.len() > 1 || !sure.is_empty() {
            for i in guessed {
                set(linking, i, None, Occupancy::Shared);
            }
        }
    }
}

/// Cuts given zones at the building; one that lies elsewhere is dropped with a warning.
fn clip(building: &MultiPolygon<f64>, ties: &[usize], linking: &mut Linking) {
    for i in ties {
        let Some(tie) = linking.ties.get_mut(*i) else {
            continue;
        };
        let Some(zone) = &tie.link.zone else { continue };
        if common_m2(building, zone) > 0.0 {
            tie.link.zone = Some(building.intersection(zone));
            continue;
        }
        tie.link.zone = None;
        let what = format!("its zone lies outside building {}", tie.link.oidn);
        let company = format!("company {}", tie.link.company_id);
        linking.warnings.push(
            Problem::setting(what)
                .field(company)
                .hint("draw the zone in the project's CRS, within the building"),
        );
    }
}

fn given_zone(tie: usize, linking: &mut Linking) {
    if let Some(tie) = linking.ties.get_mut(tie)
        && tie.link.zone.is_some()
    {
        tie.occupancy = Occupancy::Zone(ZoneOrigin::Given);
    }
}

fn set(linking: &mut Linking, i: usize, zone: Option<MultiPolygon<f64>>, occupancy: Occupancy) {
    if let Some(tie) = linking.ties.get_mut(i) {
        tie.link.zone = zone;
        tie.occupancy = occupancy;
    }
}

fn part(
    ground: &Ground<'_>,
    companies: &[Company],
    rows: &BTreeMap<&str, usize>,
    building: &MultiPolygon<f64>,
    ties: &[usize],
    linking: &mut Linking,
) {
    let zone_of = |i: &usize| linking.ties.get(*i).and_then(|t| t.link.zone.clone());
    let given: Vec<(usize, MultiPolygon<f64>)> = ties
        .iter()
        .filter_map(|i| Some((*i, zone_of(i)?)))
        .collect();
    let bare: Vec<usize> = ties
        .iter()
        .copied()
        .filter(|i| zone_of(i).is_none())
        .collect();
    if let Some((a, b)) = overlap(&given) {
        let ids = [a, b].map(|i| linking.ties.get(i).map(|t| t.link.company_id.clone()));
        let [a, b] = ids.map(Option::unwrap_or_default);
        linking.warnings.push(
            Problem::setting(format!(
                "the zones of {a} and {b} overlap; the building is shared"
            ))
            .field(ties.first().and_then(|i| linking.ties.get(*i)).map_or_else(
                || "building".to_owned(),
                |t| format!("building {}", t.link.oidn),
            ))
            .hint("correct the zones in links.csv"),
        );
        for i in ties {
            set(linking, *i, None, Occupancy::Shared);
        }
        return;
    }
    for (i, zone) in &given {
        let origin = Occupancy::Zone(ZoneOrigin::Given);
        set(linking, *i, Some(zone.clone()), origin);
    }
    let rest = given
        .iter()
        .fold(building.clone(), |rest, (_, z)| rest.difference(z));
    let min = ground.options.min_zone_m2;
    if let ([one], false) = (bare.as_slice(), given.is_empty())
        && rest.unsigned_area() >= min
    {
        set(linking, *one, Some(rest), Occupancy::Zone(ZoneOrigin::Rest));
        return;
    }
    let company = |i: &usize| {
        let id = linking.ties.get(*i)?.link.company_id.as_str();
        Some((*rows.get(id)?, companies.get(*rows.get(id)?)?))
    };
    let owned: Vec<Option<MultiPolygon<f64>>> = bare
        .iter()
        .map(|i| cut(&rest, &ground.parcel_area(company(i)?.1)?, min))
        .collect();
    let places = |i: &usize| {
        let outcome = linking.outcomes.get(company(i)?.0)?;
        ground.plot_area(outcome.place?)
    };
    let plotted: Vec<Option<MultiPolygon<f64>>> =
        bare.iter().map(|i| cut(&rest, &places(i)?, min)).collect();
    for (zones, origin) in [(owned, ZoneOrigin::Parcels), (plotted, ZoneOrigin::Plots)] {
        let zones: Option<Vec<MultiPolygon<f64>>> = zones.into_iter().collect();
        let Some(zones) = zones else { continue };
        let pairs: Vec<(usize, MultiPolygon<f64>)> = bare.iter().copied().zip(zones).collect();
        if overlap(&pairs).is_none() {
            for (i, zone) in pairs {
                set(linking, i, Some(zone), Occupancy::Zone(origin));
            }
            return;
        }
    }
    // Shared among those without a zone; where others have theirs, only what they leave.
    for i in bare {
        let zone = (!given.is_empty() && rest.unsigned_area() > 0.0).then(|| rest.clone());
        set(linking, i, zone, Occupancy::Shared);
    }
}

/// The part of a building on a piece of land; `None` when it is too small to be a zone.
fn cut(
    building: &MultiPolygon<f64>,
    land: &MultiPolygon<f64>,
    min_m2: f64,
) -> Option<MultiPolygon<f64>> {
    let zone = building.intersection(land);
    (zone.unsigned_area() >= min_m2).then_some(zone)
}

/// The first two zones that overlap by more than borders drawn by hand do.
fn overlap(zones: &[(usize, MultiPolygon<f64>)]) -> Option<(usize, usize)> {
    for (position, (i, a)) in zones.iter().enumerate() {
        for (k, b) in zones.iter().skip(position + 1) {
            let smaller = a.unsigned_area().min(b.unsigned_area());
            if common_m2(a, b) > OVERLAP * smaller {
                return Some((*i, *k));
            }
        }
    }
    None
}

impl Ground<'_> {
    /// The parcels a company names, as one area.
    fn parcel_area(&self, company: &Company) -> Option<MultiPolygon<f64>> {
        let parcels = self.parcels_of(company, &mut Vec::new());
        let polygons = parcels
            .iter()
            .filter_map(|i| self.references.parcels.get(*i))
            .map(|p| &p.polygon);
        polygons.fold(None, |sum: Option<MultiPolygon<f64>>, p| {
            Some(sum.map_or_else(|| p.clone(), |s| s.union(p)))
        })
    }

    /// The one plot a place lies on.
    fn plot_area(&self, place: [f64; 2]) -> Option<MultiPolygon<f64>> {
        match self.plots.at(place).as_slice() {
            [one] => self.plots.get(*one).cloned(),
            _ => None,
        }
    }
}
