//! What the association may see of each roof, and where it lies.
//!
//! Everything the internal pages say of a single roof goes through here: a roof that is not in
//! this list as shared has no colour, no number and no pixel.

use std::collections::{BTreeMap, BTreeSet};

use geo::{BooleanOps, MultiPolygon};

use super::Ground;
use crate::report::overview::internal::visible;
use crate::report::overview::{Holding, Member, RoofFacts, Scope};
use crate::survey::{Participation, Sharing};

/// A roof, or a part of one, of a company that takes part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) holding: &'a Holding<'a>,
    /// Key of the company; of a roof that several hold, one of them.
    pub(super) owner: &'a str,
    pub(super) sharing: Sharing,
    /// Where it lies; `None` where no outline is known.
    pub(super) shape: Option<&'a MultiPolygon<f64>>,
}

impl Seen<'_> {
    pub(super) fn roof(&self) -> &RoofFacts {
        self.holding.roof
    }

    /// Whether its class, or that it has none, may be told.
    pub(super) fn class_known(&self) -> bool {
        self.sharing != Sharing::No
    }

    /// Whether everything may be told.
    pub(super) fn full(&self) -> bool {
        self.sharing == Sharing::Full
    }
}

/// Roofs of the companies of the scope that take part, each once.
pub(super) fn seen<'a>(
    members: &'a [Member<'a>],
    scope: &Scope<'_>,
    ground: &'a [Ground<'a>],
) -> Vec<Seen<'a>> {
    let shapes: BTreeMap<&str, &MultiPolygon<f64>> =
        ground.iter().map(|g| (g.oidn, g.polygon)).collect();
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    let taking_part = members
        .iter()
        .filter(|m| m.company.participates == Participation::Yes);
    for member in taking_part {
        for holding in member.holdings.iter().filter(|h| scope.holds(h.park)) {
            let oidn = holding.roof.oidn.as_str();
            // A roof that several hold is one roof.
            if holding.shared && !told.insert(oidn) {
                continue;
            }
            found.push(Seen {
                holding,
                owner: &member.company.company_id,
                sharing: visible(holding, member, members),
                shape: holding.zone.or_else(|| shapes.get(oidn).copied()),
            });
        }
    }
    found
}

/// Roofs whose temperatures may be shown, and the outlines of everything else.
#[derive(Clone, Debug, Default)]
pub struct ThermalShapes<'a> {
    /// Judged roofs of companies that share everything.
    pub own: Vec<&'a MultiPolygon<f64>>,
    /// All other buildings, and what others hold of the same.
    pub others: Vec<MultiPolygon<f64>>,
}

/// Where the association may see temperatures.
pub fn thermal_shapes<'a>(
    members: &'a [Member<'a>],
    scope: &Scope<'_>,
    ground: &'a [Ground<'a>],
) -> ThermalShapes<'a> {
    let mut own_of: BTreeMap<&str, Vec<&MultiPolygon<f64>>> = BTreeMap::new();
    let roofs = seen(members, scope, ground);
    for roof in roofs
        .iter()
        .filter(|s| s.full() && s.roof().assessed_m2 > 0.0)
    {
        if let Some(shape) = roof.shape {
            let oidn = roof.holding.roof.oidn.as_str();
            own_of.entry(oidn).or_default().push(shape);
        }
    }
    let mut shapes = ThermalShapes::default();
    for place in ground {
        match own_of.get(place.oidn) {
            None => shapes.others.push(place.polygon.clone()),
            Some(own) => {
                let mut rest = place.polygon.clone();
                for shape in own.iter().copied() {
                    shapes.own.push(shape);
                    if shape == place.polygon {
                        rest = MultiPolygon::new(Vec::new());
                    } else {
                        rest = rest.difference(shape);
                    }
                }
                if !rest.0.is_empty() {
                    shapes.others.push(rest);
                }
            }
        }
    }
    shapes
}
