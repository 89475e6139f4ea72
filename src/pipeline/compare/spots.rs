//! Hotspots of both flights, building by building.

use super::maps::{Maps, moved};
use crate::compare::Building;
use crate::compare::hotspots::{REACH_M, Spot, SpotVerdict, pairs, verdict};
use crate::compare::identity::Same;
use crate::problem::Result;
use rayon::prelude::*;

/// Reason codes with which a flight shows no hotspots where there are some: wet or frosted, windy,
/// not to be told from its neighbours, no radiometry, sun, pictures that disagree.
const BLIND: [u8; 6] = [4, 5, 8, 13, 16, 18];

/// What became of a hotspot.
pub(super) struct SpotChange {
    pub(super) before: Option<Spot>,
    pub(super) after: Option<Spot>,
    /// Key of the building, of the second flight where it is there.
    pub(super) oidn: String,
    pub(super) verdict: Option<SpotVerdict>,
    /// Why there is no word; empty otherwise.
    pub(super) reason: String,
    /// What the map shows at its place where only the other flight found it, K.
    pub(super) elsewhere_k: Option<f64>,
}

/// All hotspots by building. `slope`: temperatures of the second night over the first.
pub(super) fn compare(maps: &Maps<'_>, same: &[Same], slope: f64) -> Result<Vec<SpotChange>> {
    let found: Vec<Vec<SpotChange>> = same
        .par_iter()
        .map(|same| of_building(maps, same, slope))
        .collect::<Result<_>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn of_building(maps: &Maps<'_>, same: &Same, slope: f64) -> Result<Vec<SpotChange>> {
    let flights = maps.flights();
    let building = |flight: usize, at: Option<usize>| at.map(|i| &flights[flight].buildings[i]);
    let buildings = [building(0, same.before), building(1, same.after)];
    let of = |flight: usize| -> Vec<&Spot> {
        // What a person rejected is none, in the other flight as well: ids last.
        let rejected = |s: &Spot| flights.iter().any(|f| f.rejected.contains(&s.id));
        let own = |s: &Spot| buildings[flight].is_some_and(|b| b.oidn == s.oidn);
        let mine = |s: &&Spot| own(s) && !rejected(s);
        flights[flight].spots.iter().filter(mine).collect()
    };
    let (before, after) = (of(0), of(1));
    // The second flight's as they lie in the first map.
    let [dx, dy] = buildings[0].map_or([0.0; 2], |b| maps.shift_of(&b.polygon));
    let there: Vec<Spot> = after
        .iter()
        .map(|s| Spot {
            polygon: moved(&s.polygon, [-dx, -dy]),
            centre: [s.centre[0] - dx, s.centre[1] - dy],
            ..(*s).clone()
        })
        .collect();
    let there: Vec<&Spot> = there.iter().collect();
    let oidn = buildings[1].or(buildings[0]).map(|b| b.oidn.clone());
    let mut changes = Vec::new();
    for [i, j] in pairs(&before, &there, REACH_M) {
        let mut change = SpotChange {
            before: i.map(|i| before[i].clone()),
            after: j.map(|j| after[j].clone()),
            oidn: oidn.clone().unwrap_or_default(),
            verdict: None,
            reason: String::new(),
            elsewhere_k: None,
        };
        change.decide(maps, buildings, slope)?;
        changes.push(change);
    }
    Ok(changes)
}

impl SpotChange {
    fn decide(
        &mut self,
        maps: &Maps<'_>,
        buildings: [Option<&Building>; 2],
        slope: f64,
    ) -> Result<()> {
        let (spot, other) = match (&self.before, &self.after) {
            (Some(_), Some(_)) => {
                self.verdict = Some(SpotVerdict::Persisting);
                return Ok(());
            }
            (Some(spot), None) => (spot, 1),
            (None, Some(spot)) => (spot, 0),
            (None, None) => return Ok(()),
        };
        let word = ["before", "after"][other];
        let (Some(own), Some(there)) = (buildings[1 - other], buildings[other]) else {
            self.reason = format!("no-roof-{word}");
            return Ok(());
        };
        if let Some(code) = there.reasons.iter().find(|c| BLIND.contains(c)) {
            self.reason = format!("R{code:02}-{word}");
            return Ok(());
        }
        let Some(shown_k) = maps.excess(other, &spot.polygon, &own.polygon)? else {
            self.reason = format!("not-seen-{word}");
            return Ok(());
        };
        let on_this_night = match other {
            0 => shown_k * slope,
            _ => shown_k / slope,
        };
        self.elsewhere_k = Some(shown_k);
        self.verdict = Some(verdict(other == 0, spot.excess_k, on_this_night));
        Ok(())
    }

    /// The hotspot as the later flight that found it has it.
    pub(super) fn latest(&self) -> Option<&Spot> {
        self.after.as_ref().or(self.before.as_ref())
    }
}
