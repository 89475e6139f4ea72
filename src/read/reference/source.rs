//! The records of one layer, and those that are left out.

use std::collections::BTreeMap;

use super::super::layer::{Layer, Shape};
use super::super::system::Way;
use super::super::table::{Bound, Mapping, Report, Row, Schema};
use crate::problem::Problem;

/// A layer on its way into records of one kind.
pub(super) struct Source<'l> {
    pub(super) layer: &'l Layer,
    way: Way<'l>,
    /// Records left out: why, where first, how many.
    left_out: BTreeMap<String, (String, usize)>,
    pub(super) report: Report,
}

impl<'l> Source<'l> {
    pub(super) fn new(layer: &'l Layer, way: Way<'l>, report: Report) -> Self {
        Self {
            layer,
            way,
            left_out: BTreeMap::new(),
            report,
        }
    }

    /// Calls `make` with each row and its shape; what it refuses is counted. `None` is a record
    /// left out on purpose.
    pub(super) fn each<T>(
        &mut self,
        schema: &'static Schema,
        mapping: &Mapping,
        required: &[&[&str]],
        into: &mut Vec<T>,
        mut make: impl FnMut(&Row<'_>, &Shape, &Way<'_>) -> Result<Option<T>, String>,
    ) -> usize {
        let bound = Bound::new(&self.layer.table, schema, mapping, &mut self.report);
        // Every missing column is told, so none may end the looking.
        let mut complete = true;
        for one_of in required {
            complete &= bound.require(one_of, &mut self.report);
        }
        if !complete {
            return 0;
        }
        let before = into.len();
        for (row, shape) in bound.rows().zip(&self.layer.shapes) {
            match make(&row, shape, &self.way) {
                Ok(made) => into.extend(made),
                Err(why) => {
                    let place = row.place().to_string();
                    self.left_out.entry(why).or_insert((place, 0)).1 += 1;
                }
            }
        }
        into.len() - before
    }

    pub(super) fn finish(mut self) -> (Vec<Problem>, Vec<Problem>) {
        // Many different reasons would be a flood of lines.
        const TOLD: usize = 5;
        let all: usize = self.left_out.values().map(|(_, count)| count).sum();
        let told: usize = self
            .left_out
            .values()
            .take(TOLD)
            .map(|(_, count)| count)
            .sum();
        for (why, (place, count)) in self.left_out.iter().take(TOLD) {
            let what = match count {
                1 => format!("{why}; it is left out"),
                _ => format!("{why}, and {} more; they are left out", count - 1),
            };
            self.report.warn(Problem::broken(what).field(place.clone()));
        }
        if all > told {
            let what = format!("has {} more records that are left out", all - told);
            self.report.warn(Problem::broken(what));
        }
        let faults = self.report.faults().to_vec();
        (faults, self.report.warnings().to_vec())
    }
}
