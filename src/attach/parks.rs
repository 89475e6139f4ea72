//! Which park a building and a company lie in.
//!
//! A building is the park's that holds most of it, if that is at least a tenth: contours follow
//! the plots and cut a canopy here and there. A company is where its buildings are, by area;
//! without buildings, where its place is.

use std::collections::BTreeMap;

use super::linking::Linking;
use super::shapes::{Shapes, common_m2};
use crate::survey::Outline;
use crate::survey::reference::Park;
use ::geo::Area;

/// Share of a building that must lie in a park, 0–1.
const LEAST: f64 = 0.1;

/// Parks of buildings and of companies, as indices into the list of parks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parks {
    /// One per outline; `None` outside all parks.
    pub of_outline: Vec<Option<usize>>,
    /// One per company of the linking, in its order.
    pub of_company: Vec<Option<usize>>,
}

/// Lays outlines and companies to parks. All geometry in the project CRS. Ties go to the first
/// park of the list.
pub fn parks(parks: &[Park], outlines: &[Outline], linking: &Linking) -> Parks {
    let shapes = Shapes::new(parks.iter().map(|p| &p.polygon));
    let of_outline: Vec<Option<usize>> = outlines
        .iter()
        .map(|outline| {
            let area = outline.polygon.unsigned_area();
            let common = shapes.meeting(&outline.polygon).into_iter();
            let shares = common.filter_map(|p| {
                let m2 = common_m2(&outline.polygon, shapes.get(p)?);
                (m2 > 0.0 && m2 >= LEAST * area).then_some((p, m2))
            });
            most(shares)
        })
        .collect();
    let position: BTreeMap<&str, usize> = outlines
        .iter()
        .enumerate()
        .map(|(i, o)| (o.oidn.as_str(), i))
        .collect();
    let mut areas: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
    for tie in &linking.ties {
        let Some(index) = position.get(tie.link.oidn.as_str()) else {
            continue;
        };
        let park = of_outline.get(*index).copied().flatten();
        if let (Some(park), Some(outline)) = (park, outlines.get(*index)) {
            let own = areas.entry(&tie.link.company_id).or_default();
            *own.entry(park).or_default() += outline.polygon.unsigned_area();
        }
    }
    let of_company = linking
        .outcomes
        .iter()
        .map(|outcome| {
            let own = areas.get(outcome.company_id.as_str());
            most(own.into_iter().flatten().map(|(p, m2)| (*p, *m2)))
                .or_else(|| shapes.at(outcome.place?).first().copied())
        })
        .collect();
    Parks {
        of_outline,
        of_company,
    }
}

fn most(shares: impl Iterator<Item = (usize, f64)>) -> Option<usize> {
    let best = shares.reduce(|best, next| match next.1 > best.1 {
        true => next,
        false => best,
    });
    best.map(|(p, _)| p)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{company, outline, rect};
    use super::*;
    use crate::attach::{Options, link};
    use crate::survey::Company;
    use crate::survey::reference::References;

    fn park(id: &str, x0: f64, x1: f64) -> Park {
        Park {
            id: id.to_owned(),
            name: id.to_owned(),
            polygon: rect(x0, 0.0, x1, 100.0),
        }
    }

    #[test]
    fn buildings_and_companies_fall_to_the_park_that_holds_most_of_them() {
        let outlines = [
            outline("1", rect(10.0, 10.0, 50.0, 50.0)),
            // Across the border, three quarters in the east.
            outline("2", rect(90.0, 10.0, 130.0, 50.0)),
            outline("3", rect(500.0, 10.0, 540.0, 50.0)),
            // A tenth of a metre sticks into the west park.
            outline("4", rect(-40.0, 10.0, 0.1, 50.0)),
        ];
        let of = |id: &str, oidns: &[&str]| Company {
            buildings: oidns.iter().map(ToString::to_string).collect(),
            ..company(id)
        };
        let companies = [of("A", &["1"]), of("B", &["1", "2"]), of("C", &["3"])];
        let none = References::default();
        let linking = link(&companies, &[], &outlines, &none, &Options::default());
        let both = [park("west", 0.0, 100.0), park("east", 100.0, 200.0)];
        let found = parks(&both, &outlines, &linking);
        assert_eq!(found.of_outline, [Some(0), Some(1), None, None]);
        // B's buildings are equally large: the first park of the list.
        assert_eq!(found.of_company, [Some(0), Some(0), None]);
    }
}
