//! Rungs 6 and 7: main buildings on a plot, and the nearest one.

use super::super::linking::Step;
use super::super::shapes::common_m2;
use super::{Climb, Ground};

impl<'a> Ground<'a> {
    /// Main buildings on a plot: those that lie on it by half or more of their area.
    pub(in crate::attach) fn mains_of(&self, plot: usize) -> Vec<usize> {
        let Some(plot) = self.plots.get(plot) else {
            return Vec::new();
        };
        let mut found = self.shapes.meeting(plot);
        found.retain(|i| {
            let area = self.area(*i);
            self.is_main(*i)
                && self
                    .outlines
                    .get(*i)
                    .is_some_and(|o| common_m2(&o.polygon, plot) >= self.options.least_share * area)
        });
        found
    }

    /// Rung 7: the nearest main building within reach on the same plot, where plots are known.
    pub(in crate::attach) fn nearest(&self, climb: &mut Climb) {
        let Some(place) = climb.place else {
            return;
        };
        let plots = self.plots.at(place);
        let near = self.shapes.within(place, self.options.reach_m);
        let mut mains = near
            .iter()
            .filter(|(i, _)| self.is_main(*i))
            .filter(|(i, _)| {
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
