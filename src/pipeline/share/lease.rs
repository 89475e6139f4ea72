//! Who works on a unit, and what became of it: small objects below `units/<key>/`.
//!
//! `lease-N` is the N-th attempt; it is created where there is none, so that of two workers one gets
//! it. `beat-N` is the sign of life of its worker: without one for the plan's seconds another may
//! try. `failed-N` says why an attempt came to nothing, `done` that the unit is finished. All but signs
//! of life are written once. Times are the store's own, so that clocks of machines need not agree.

use super::bucket::{Bucket, Found};
use super::plan::{Plan, Unit};
use crate::problem::{Problem, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What was done in a unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Done {
    /// In words.
    pub(super) unit: String,
    /// Which attempt it was.
    pub(super) attempt: usize,
    /// Seconds it took, and of these seconds spent on the plan itself: leases, files, objects.
    pub(super) seconds: f64,
    pub(super) overhead_s: f64,
    /// Inputs left out.
    pub(super) skips: usize,
    /// Why it gave no result, where the inputs are to blame: again would be the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<String>,
    /// What was made rather than taken over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) work: BTreeMap<String, usize>,
}

/// Why an attempt came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Failed {
    pub(super) unit: String,
    pub(super) problems: Vec<String>,
}

/// How a unit stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Nobody has begun, or who did has failed.
    Open {
        /// Attempts so far.
        tried: usize,
    },
    /// Somebody is at work; it will be free after so many seconds without a sign of life.
    Taken {
        /// Seconds.
        free_in_s: f64,
    },
    /// Finished.
    Done,
    /// Tried as often as the plan allows.
    Poisoned {
        /// Attempts.
        tried: usize,
    },
}

fn folder(unit: &Unit) -> String {
    format!("units/{}", unit.key)
}

/// How a unit stands, by the objects of its folder.
fn state_of(found: &[Found], plan: &Plan, now: Timestamp) -> State {
    let short = |f: &Found| f.name.rsplit('/').next().unwrap_or_default().to_owned();
    let names: BTreeMap<String, Timestamp> = found.iter().map(|f| (short(f), f.written)).collect();
    if names.contains_key("done") {
        return State::Done;
    }
    let attempts = names
        .keys()
        .filter_map(|n| n.strip_prefix("lease-")?.parse().ok());
    let Some(last) = attempts.max() else {
        return State::Open { tried: 0 };
    };
    let last: usize = last;
    if !names.contains_key(&format!("failed-{last}")) {
        let signs = [format!("lease-{last}"), format!("beat-{last}")];
        let latest = signs.iter().filter_map(|n| names.get(n)).max();
        let age_s = latest.map_or(f64::INFINITY, |t| now.duration_since(*t).as_secs_f64());
        let free_in_s = plan.lease_s as f64 - age_s;
        if free_in_s > 0.0 {
            return State::Taken { free_in_s };
        }
    }
    match last >= plan.attempts {
        true => State::Poisoned { tried: last },
        false => State::Open { tried: last },
    }
}

/// The units of a plan as one worker sees them.
#[derive(Debug)]
pub(super) struct Leases<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) plan: &'a Plan,
    /// Clock of the store less that of this machine, seconds.
    ahead_s: f64,
}

impl<'a> Leases<'a> {
    /// Reads the store's clock. `name`: of this worker.
    pub(super) fn new(bucket: &'a Bucket, plan: &'a Plan, name: &str) -> Result<Self> {
        let object = format!("workers/{name}");
        bucket.put(&object, name.as_bytes().to_vec())?;
        let now = crate::pipeline::clock::now();
        let theirs = bucket.list("workers")?;
        let own = theirs.iter().find(|f| f.name == object);
        let ahead_s = own.map_or(0.0, |f| f.written.duration_since(now).as_secs_f64());
        Ok(Self {
            bucket,
            plan,
            ahead_s,
        })
    }

    /// As [`Leases::new`] for one who only looks.
    pub(super) fn looking(bucket: &'a Bucket, plan: &'a Plan) -> Self {
        Self {
            bucket,
            plan,
            ahead_s: 0.0,
        }
    }

    fn now(&self) -> Timestamp {
        let now = crate::pipeline::clock::now();
        let ahead = jiff::SignedDuration::from_secs_f64(self.ahead_s);
        now.checked_add(ahead).unwrap_or(now)
    }

    /// How a unit stands.
    pub(super) fn state(&self, unit: &Unit) -> Result<State> {
        let found = self.bucket.list(&folder(unit))?;
        Ok(state_of(&found, self.plan, self.now()))
    }

    /// How all units stand, in the order of the plan.
    pub(super) fn all(&self) -> Result<Vec<State>> {
        let mut by_key: BTreeMap<String, Vec<Found>> = BTreeMap::new();
        for found in self.bucket.list("units")? {
            let key = found.name.split('/').nth(1).unwrap_or_default().to_owned();
            by_key.entry(key).or_default().push(found);
        }
        let now = self.now();
        let units = self.plan.units.iter();
        Ok(units
            .map(|u| {
                let own = by_key.get(&u.key).map_or(&[][..], Vec::as_slice);
                state_of(own, self.plan, now)
            })
            .collect())
    }

    /// Keys of all finished units.
    pub(super) fn all_done(&self) -> Result<BTreeSet<String>> {
        let found = self.bucket.list("units")?;
        let done = found.iter().filter_map(|f| f.name.strip_suffix("/done"));
        Ok(done
            .filter_map(|f| f.rsplit('/').next().map(str::to_owned))
            .collect())
    }

    /// Whether a unit is finished.
    pub(super) fn is_done(&self, unit: &Unit) -> Result<bool> {
        self.bucket.has(&format!("{}/done", folder(unit)))
    }

    /// What was done in a finished unit.
    pub(super) fn done(&self, unit: &Unit) -> Result<Option<Done>> {
        let bytes = self.bucket.get(&format!("{}/done", folder(unit)))?;
        Ok(bytes.and_then(|b| serde_json::from_slice(&b).ok()))
    }

    /// Why the attempts at a unit failed, the last first.
    pub(super) fn failures(&self, unit: &Unit) -> Result<Vec<Failed>> {
        let mut found = self.bucket.list(&folder(unit))?;
        found.retain(|f| f.name.contains("/failed-"));
        let mut failures = Vec::new();
        for object in found.iter().rev() {
            let bytes = self.bucket.get(&object.name)?;
            failures.extend(bytes.and_then(|b| serde_json::from_slice(&b).ok()));
        }
        Ok(failures)
    }

    /// Tries to get a unit that is open. Out: the number of the attempt.
    pub(super) fn take(&self, unit: &Unit, worker: &str) -> Result<Option<usize>> {
        let State::Open { tried } = self.state(unit)? else {
            return Ok(None);
        };
        let attempt = tried + 1;
        let name = format!("{}/lease-{attempt}", folder(unit));
        let got = self.bucket.create(&name, worker.as_bytes().to_vec())?;
        Ok(got.then_some(attempt))
    }

    /// Gives a unit back that was not finished, so that nobody waits for it.
    pub(super) fn give_back(&self, unit: &Unit, attempt: usize) -> Result<()> {
        let folder = folder(unit);
        self.bucket.remove(&format!("{folder}/lease-{attempt}"))?;
        self.bucket.remove(&format!("{folder}/beat-{attempt}"))
    }

    /// Notes that an attempt failed.
    pub(super) fn fail(&self, unit: &Unit, attempt: usize, problems: &[Problem]) -> Result<()> {
        let failed = Failed {
            unit: unit.shown(),
            problems: problems.iter().map(ToString::to_string).collect(),
        };
        let name = format!("{}/failed-{attempt}", folder(unit));
        let bytes = serde_json::to_vec(&failed).unwrap_or_default();
        self.bucket.create(&name, bytes).map(|_| ())
    }

    /// Notes that a unit is finished. Out: whether this was the first to say so.
    pub(super) fn finish(&self, unit: &Unit, done: &Done) -> Result<bool> {
        let name = format!("{}/done", folder(unit));
        let bytes = serde_json::to_vec(done).unwrap_or_default();
        self.bucket.create(&name, bytes)
    }

    /// Does work while telling that this worker is alive.
    pub(super) fn alive<T>(&self, unit: &Unit, attempt: usize, work: impl FnOnce() -> T) -> T {
        let ended = AtomicBool::new(false);
        let name = format!("{}/beat-{attempt}", folder(unit));
        let every = Duration::from_millis((self.plan.lease_s * 250).max(100));
        std::thread::scope(|scope| {
            let beat = scope.spawn(|| {
                while !ended.load(Ordering::Acquire) {
                    std::thread::park_timeout(every);
                    if !ended.load(Ordering::Acquire) {
                        // One that is lost costs nothing but, after four, a second worker.
                        let _ = self.bucket.put(&name, Vec::new());
                    }
                }
            });
            let result = work();
            ended.store(true, Ordering::Release);
            beat.thread().unpark();
            result
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::bucket::Place;
    use super::super::plan::{Asked, Cut, PlannedProject};
    use super::*;

    fn plan(lease_s: u64) -> Plan {
        let project = PlannedProject {
            id: "a".to_owned(),
            url: "file:///a/".to_owned(),
            files: Vec::new(),
        };
        let cut = Cut {
            project,
            flights: vec![("1".to_owned(), 1)],
            sheets: 1,
        };
        Plan::new(vec![cut], Asked::default(), lease_s, 2)
    }

    fn bucket() -> (tempfile::TempDir, Bucket) {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::Folder(folder.path().to_owned());
        let bucket = Bucket::open(&place, true).expect("a bucket");
        (folder, bucket)
    }

    #[test]
    fn of_many_workers_one_gets_a_unit() {
        let ((_folder, bucket), plan) = (bucket(), plan(60));
        let unit = &plan.units[0];
        let won: Vec<Option<usize>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|i| {
                    let (bucket, plan) = (&bucket, &plan);
                    scope.spawn(move || {
                        let leases = Leases::new(bucket, plan, &format!("w{i}")).expect("a view");
                        leases.take(unit, &format!("w{i}")).expect("asks")
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(|w| w.join().expect("ends"))
                .collect()
        });
        assert_eq!(won.iter().flatten().collect::<Vec<_>>(), [&1]);
        let leases = Leases::looking(&bucket, &plan);
        assert!(matches!(
            leases.state(unit).expect("asks"),
            State::Taken { .. }
        ));
        leases.give_back(unit, 1).expect("gives back");
        assert_eq!(leases.state(unit).expect("asks"), State::Open { tried: 0 });
    }

    #[test]
    fn a_dead_worker_is_followed_and_a_unit_that_kills_is_left() {
        let ((_folder, bucket), plan) = (bucket(), plan(1));
        let unit = &plan.units[0];
        let leases = Leases::new(&bucket, &plan, "w").expect("a view");
        assert_eq!(leases.take(unit, "w").expect("asks"), Some(1));
        // Signs of life hold it longer than its second.
        leases.alive(unit, 1, || std::thread::sleep(Duration::from_millis(1600)));
        assert_eq!(leases.take(unit, "v").expect("asks"), None);
        std::thread::sleep(Duration::from_millis(1300));
        assert_eq!(leases.take(unit, "v").expect("asks"), Some(2));
        leases
            .fail(unit, 2, &[Problem::io("the disk refused")])
            .expect("notes");
        assert_eq!(
            leases.state(unit).expect("asks"),
            State::Poisoned { tried: 2 }
        );
        assert_eq!(leases.take(unit, "v").expect("asks"), None);
        let why = leases.failures(unit).expect("reads");
        assert!(why[0].problems[0].contains("the disk refused"));
        // Whoever finishes late is still believed.
        assert!(leases.finish(unit, &Done::default()).expect("notes"));
        assert!(!leases.finish(unit, &Done::default()).expect("notes"));
        assert_eq!(leases.all().expect("asks")[0], State::Done);
    }
}
