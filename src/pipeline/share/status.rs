//! `status`: how the units of a plan stand.

use super::Step;
use super::bucket::{Bucket, Place};
use super::lease::{Leases, State};
use super::plan::Plan;
use crate::problem::Problem;
use serde::Serialize;
use std::collections::BTreeMap;

/// A plan as it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatusReport {
    /// Stages, in their order.
    pub stages: Vec<StepStatus>,
    /// Units that were given up, that gave no result or left inputs out.
    pub told: Vec<UnitStatus>,
    /// Seconds of all finished units, and of these seconds spent on the plan itself.
    pub seconds: f64,
    /// See there.
    pub overhead_s: f64,
    /// What was made rather than taken over, by kind, in all finished units.
    pub work: BTreeMap<String, usize>,
}

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StepStatus {
    /// Its word.
    pub stage: &'static str,
    /// Units.
    pub units: usize,
    /// Finished.
    pub done: usize,
    /// In the hands of a worker.
    pub at_work: usize,
    /// Given up.
    pub poisoned: usize,
    /// The rest.
    pub open: usize,
}

/// A unit there is something to say of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UnitStatus {
    /// In words.
    pub unit: String,
    /// `poisoned`, `no result` or `inputs left out`.
    pub state: &'static str,
    /// Why.
    pub why: String,
}

impl StatusReport {
    /// Whether every unit is finished.
    pub fn is_done(&self) -> bool {
        self.stages.iter().all(|s| s.done == s.units)
    }

    /// Whether a unit was given up.
    pub fn is_poisoned(&self) -> bool {
        self.stages.iter().any(|s| s.poisoned > 0)
    }
}

/// Tells how a plan stands.
///
/// # Errors
/// There is none, or the store refuses.
pub fn status(url: &str) -> Result<StatusReport, Vec<Problem>> {
    let one = |p: Problem| vec![p];
    let place = Place::read(url).map_err(one)?;
    let bucket = Bucket::open(&place, false).map_err(one)?;
    let plan = Plan::read(&bucket).map_err(one)?;
    report(&bucket, &plan).map_err(one)
}

/// The same of an open plan.
pub(super) fn report(bucket: &Bucket, plan: &Plan) -> crate::problem::Result<StatusReport> {
    let leases = Leases::looking(bucket, plan);
    let states = leases.all()?;
    let mut report = StatusReport::default();
    for step in Step::ALL {
        let own = plan.units.iter().zip(&states);
        let own: Vec<&State> = own
            .filter(|(u, _)| u.step == step)
            .map(|(_, s)| s)
            .collect();
        let count = |wanted: fn(&State) -> bool| own.iter().filter(|s| wanted(s)).count();
        report.stages.push(StepStatus {
            stage: step.word(),
            units: own.len(),
            done: count(|s| matches!(s, State::Done)),
            at_work: count(|s| matches!(s, State::Taken { .. })),
            poisoned: count(|s| matches!(s, State::Poisoned { .. })),
            open: count(|s| matches!(s, State::Open { .. })),
        });
    }
    for (unit, state) in plan.units.iter().zip(&states) {
        let mut tell = |state: &'static str, why: String| {
            report.told.push(UnitStatus {
                unit: unit.shown(),
                state,
                why,
            });
        };
        match state {
            State::Poisoned { tried } => {
                let failures = leases.failures(unit)?;
                let last = failures.first().and_then(|f| f.problems.first().cloned());
                let why = last.unwrap_or_else(|| "its workers died".to_owned());
                tell("poisoned", format!("{why} ({tried} attempts)"));
            }
            State::Done => {
                let Some(done) = leases.done(unit)? else {
                    continue;
                };
                for why in &done.refused {
                    tell("no result", why.clone());
                }
                if done.skips > 0 {
                    tell(
                        "inputs left out",
                        format!("{}, each named in run.json", done.skips),
                    );
                }
                report.seconds += done.seconds;
                report.overhead_s += done.overhead_s;
                for (kind, n) in &done.work {
                    *report.work.entry(kind.clone()).or_default() += n;
                }
            }
            _ => {}
        }
    }
    Ok(report)
}
