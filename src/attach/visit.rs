//! Whose a handheld picture is, by where the camera stood.
//!
//! A suggestion for people to confirm: a position in a hall is good to ten or twenty metres, and a
//! picture of a façade is taken from the street. So the nearest building of a company counts only
//! where that of any other company is clearly farther.

use super::shapes::Shapes;
use crate::survey::{Link, Outline};

/// Farthest from a building of a company, metres.
const REACH_M: f64 = 40.0;
/// How much nearer it must be than any other company's, metres.
const CLEARLY_M: f64 = 10.0;

/// Outlines of companies, to be asked for many positions.
pub struct Neighbours<'a> {
    shapes: Shapes<'a>,
    /// Companies of each outline, in the order of the shapes.
    companies: Vec<Vec<&'a str>>,
}

impl<'a> Neighbours<'a> {
    /// Of all outlines with a tie.
    pub fn new(outlines: &'a [Outline], links: &'a [Link]) -> Self {
        Self {
            shapes: Shapes::new(outlines.iter().map(|o| &o.polygon)),
            companies: outlines
                .iter()
                .map(|o| {
                    let own = links.iter().filter(|l| l.oidn == o.oidn);
                    own.map(|l| l.company_id.as_str()).collect()
                })
                .collect(),
        }
    }

    /// The company a camera at a place of the project's map was most likely at; `None` where two are
    /// about as near, or a building of nobody is nearer.
    pub fn company_at(&self, place: [f64; 2]) -> Option<&'a str> {
        let near = self.shapes.within(place, REACH_M);
        let (first, distance) = near.first().copied()?;
        let [company] = self.companies.get(first)?.as_slice() else {
            return None;
        };
        let others = near.iter().filter(|(i, _)| {
            let of = self.companies.get(*i).map_or(&[][..], Vec::as_slice);
            !of.is_empty() && !of.contains(company)
        });
        let rival = others.map(|(_, d)| *d).reduce(f64::min);
        rival
            .is_none_or(|other| other - distance >= CLEARLY_M)
            .then_some(*company)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MultiPolygon, polygon};

    fn square(oidn: &str, x: f64) -> Outline {
        let shape = polygon![(x: x, y: 0.0), (x: x + 20.0, y: 0.0), (x: x + 20.0, y: 20.0), (x: x, y: 20.0)];
        Outline::new(oidn, MultiPolygon(vec![shape]))
    }

    fn link(company_id: &str, oidn: &str) -> Link {
        Link {
            company_id: company_id.into(),
            oidn: oidn.into(),
            share: None,
            zone: None,
            method: "buildings",
            confidence: 1.0,
        }
    }

    #[test]
    fn the_clearly_nearest_company_is_suggested() {
        let outlines = [square("1", 0.0), square("2", 40.0), square("3", 200.0)];
        let links = [
            link("A", "1"),
            link("B", "2"),
            link("A", "3"),
            link("C", "3"),
        ];
        let all = Neighbours::new(&outlines, &links);
        assert_eq!(all.company_at([5.0, 5.0]), Some("A"));
        assert_eq!(all.company_at([22.0, 5.0]), Some("A"));
        // Between two, in a shared building, far from all.
        assert_eq!(all.company_at([30.0, 5.0]), None);
        assert_eq!(all.company_at([210.0, 5.0]), None);
        assert_eq!(all.company_at([120.0, 5.0]), None);
    }
}
