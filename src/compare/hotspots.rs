//! Hotspots of two flights: new, gone, persisting.
//!
//! A later flight takes the ids of earlier ones over ([`super::ids`]), so most persist by
//! themselves; what else was found a little beside itself is paired by overlap, then by distance. What only one flight *found* the other may still have
//! *shown*, below its threshold or as a piece of a larger object: [`verdict`] asks its map.

use super::identity::overlap_m2;
use crate::raster::Grid;
use crate::score::Hotspot;
use geo::{Area, MultiPolygon};

/// Least share of the smaller object that overlaps for the two to be one.
const OVERLAP: f64 = 0.25;
/// Share of the excess at which a place still is what it was.
const STILL: f64 = 0.5;

/// A hotspot as one flight found it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Id in that flight.
    pub id: String,
    /// Building key.
    pub oidn: String,
    /// Outline, project CRS.
    pub polygon: MultiPolygon<f64>,
    /// Centre, project CRS.
    pub centre: [f64; 2],
    /// Mean excess, K.
    pub excess_k: f64,
    /// Excess heat flow, W.
    pub excess_w: Option<f64>,
}

impl From<&Hotspot> for Spot {
    fn from(spot: &Hotspot) -> Self {
        Self {
            id: spot.hotspot_id.clone(),
            oidn: spot.oidn.clone(),
            polygon: spot.polygon.clone(),
            centre: [spot.x_m, spot.y_m],
            excess_k: spot.excess_mean_k,
            excess_w: spot.excess_w.map(|w| w.value),
        }
    }
}

/// What became of a hotspot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotVerdict {
    /// Only in the second flight.
    New,
    /// Only in the first.
    Gone,
    /// In both.
    Persisting,
}

impl SpotVerdict {
    /// The word of the `verdict` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Persisting => "persisting",
        }
    }
}

/// Centres this near are one place, metres: ids follow cells of 2 m.
pub const REACH_M: f64 = 1.0;

/// Pairs the hotspots of one building, by place in their lists: those of one id that lie where an id
/// may follow them; those that overlap, the most first; then those whose centres are within
/// `reach_m`, the nearest first. What is left stands alone. Order: that of the first list, then the
/// rest of the second.
pub fn pairs(before: &[&Spot], after: &[&Spot], reach_m: f64) -> Vec<[Option<usize>; 2]> {
    let mut candidates = Vec::new();
    for (i, a) in before.iter().enumerate() {
        for (j, b) in after.iter().enumerate() {
            let smaller = a.polygon.unsigned_area().min(b.polygon.unsigned_area());
            let share = overlap_m2(&a.polygon, &b.polygon) / smaller.max(1e-9);
            let apart = (a.centre[0] - b.centre[0]).hypot(a.centre[1] - b.centre[1]);
            if a.id == b.id && (share > 0.0 || apart <= 3.0 * reach_m) {
                candidates.push((-2.0, apart, i, j));
            } else if share >= OVERLAP {
                candidates.push((-share, apart, i, j));
            } else if apart <= reach_m {
                candidates.push((0.0, apart, i, j));
            }
        }
    }
    candidates.sort_by(|a, b| {
        let by_fit = a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        by_fit.then((a.2, a.3).cmp(&(b.2, b.3)))
    });
    let mut partner = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    for (_, _, i, j) in candidates {
        if partner[i].is_none() && !taken[j] {
            partner[i] = Some(j);
            taken[j] = true;
        }
    }
    let old = partner.iter().enumerate().map(|(i, j)| [Some(i), *j]);
    let new = (0..after.len()).filter(|j| !taken[*j]);
    old.chain(new.map(|j| [None, Some(j)])).collect()
}

/// The word for a hotspot found by one flight alone. `elsewhere_k` is the excess the other map
/// shows at its place, brought to the scale of this flight.
pub fn verdict(found_after: bool, excess_k: f64, elsewhere_k: f64) -> SpotVerdict {
    match (elsewhere_k >= STILL * excess_k, found_after) {
        (true, _) => SpotVerdict::Persisting,
        (false, true) => SpotVerdict::New,
        (false, false) => SpotVerdict::Gone,
    }
}

/// Excess of a place over the roof around it, K: mean of the cells of the object less the median of
/// the other roof cells. `object` and `roof` are shares of cells, 0–1. `None` where under half of
/// the object or nothing around it was seen.
pub fn excess_k(celsius: &Grid<f32>, object: &Grid<f32>, roof: &Grid<f32>) -> Option<f64> {
    let cells = || celsius.data().iter().zip(object.data()).zip(roof.data());
    let whole: f64 = object.data().iter().map(|s| f64::from(*s)).sum();
    let (mut sum, mut weight) = (0.0, 0.0);
    for ((c, share), _) in cells().filter(|((c, _), _)| c.is_finite()) {
        sum += f64::from(*c) * f64::from(*share);
        weight += f64::from(*share);
    }
    let around = cells()
        .filter(|((c, share), roof)| c.is_finite() && **share == 0.0 && **roof > 0.99)
        .map(|((c, _), _)| f64::from(*c));
    let background = super::line::median(around)?;
    (weight > 0.0 && weight >= 0.5 * whole).then(|| sum / weight - background)
}

#[cfg(test)]
mod tests {
    use super::super::identity::tests::hall;
    use super::*;

    fn spot(x: f64, side: f64) -> Spot {
        Spot {
            id: format!("{x}"),
            oidn: "1".to_owned(),
            polygon: hall(x, 0.0, side, side),
            centre: [x + side / 2.0, side / 2.0],
            excess_k: 3.0,
            excess_w: None,
        }
    }

    #[test]
    fn overlap_beats_nearness_and_what_is_left_stands_alone() {
        let before = [spot(0.0, 2.0), spot(3.0, 1.0), spot(20.0, 1.0)];
        let after = [spot(4.2, 1.0), spot(0.5, 2.0), spot(40.0, 1.0)];
        let (a, b): (Vec<&Spot>, Vec<&Spot>) = (before.iter().collect(), after.iter().collect());
        assert_eq!(
            pairs(&a, &b, 1.5),
            [
                [Some(0), Some(1)],
                [Some(1), Some(0)],
                [Some(2), None],
                [None, Some(2)]
            ]
        );
    }

    #[test]
    fn a_place_that_was_warm_already_is_not_new() {
        assert_eq!(verdict(true, 3.0, 2.0), SpotVerdict::Persisting);
        assert_eq!(verdict(true, 3.0, 0.4), SpotVerdict::New);
        assert_eq!(verdict(false, 3.0, 0.4), SpotVerdict::Gone);
    }

    #[test]
    fn the_excess_of_a_place_is_over_the_roof_and_not_over_the_yard() {
        let mut celsius = Grid::filled(5, 5, -3.0_f32);
        let mut object = Grid::filled(5, 5, 0.0_f32);
        let mut roof = Grid::filled(5, 5, 1.0_f32);
        celsius.set(2, 2, 1.0);
        object.set(2, 2, 1.0);
        for row in 0..5 {
            celsius.set(0, row, 9.0);
            roof.set(0, row, 0.0);
        }
        assert_eq!(excess_k(&celsius, &object, &roof), Some(4.0));
        celsius.set(2, 2, f32::NAN);
        assert_eq!(excess_k(&celsius, &object, &roof), None);
    }
}
