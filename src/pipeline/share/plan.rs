//! `plan.json`: what is to be done, in units that depend on nothing but earlier stages, and every
//! file it is done from. It is written once and never changed.
//!
//! A unit has a key: the digest of the program, of the project's files and of what the unit is. The
//! same plan made twice is the same file.

use super::bucket::Bucket;
use crate::pipeline::cache::{CODE, Key};
use crate::problem::{Problem, Result};
use serde::{Deserialize, Serialize};

/// Name of the plan.
pub(super) const PLAN: &str = "plan.json";
/// How `plan.json` is laid out.
const SCHEMA: &str = "thermaudit-plan-1";

/// Stages of a plan, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// A flight's frames are placed and levelled, all together.
    Orient,
    /// A share of the tiles of a flight's map.
    Tile,
    /// The rasters of a flight, of its tiles.
    Map,
    /// The roofs of a project, flight after flight: ids go from earlier ones to later ones.
    Roof,
    /// The sheets of a share of a project's companies, for every flight.
    Sheet,
    /// Overviews, records and visits of a project; results go into the plan's folder.
    Park,
}

impl Step {
    /// All, in their order.
    pub const ALL: [Self; 6] = [
        Self::Orient,
        Self::Tile,
        Self::Map,
        Self::Roof,
        Self::Sheet,
        Self::Park,
    ];

    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Orient => "orient",
            Self::Tile => "tile",
            Self::Map => "map",
            Self::Roof => "roof",
            Self::Sheet => "sheet",
            Self::Park => "park",
        }
    }

    /// The stage of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// A file of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedFile {
    /// Below the project, `/` between its parts.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedProject {
    /// Name of its folder; one of two of a name gets a number.
    pub(super) id: String,
    /// Where it lies.
    pub(super) url: String,
    pub(super) files: Vec<PlannedFile>,
}

/// A unit of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unit {
    pub(super) key: String,
    pub(super) step: Step,
    pub(super) project: String,
    /// The flight; empty for a unit of the whole project.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) flight: String,
    /// Which share of how many.
    pub(super) part: [usize; 2],
}

impl Unit {
    /// As it is printed: `tile park/2026-01-15 3/8`.
    pub(super) fn shown(&self) -> String {
        let mut text = format!("{} {}", self.step.word(), self.project);
        if !self.flight.is_empty() {
            text.push_str(&format!("/{}", self.flight));
        }
        if self.part[1] > 1 {
            text.push_str(&format!(" {}/{}", self.part[0] + 1, self.part[1]));
        }
        text
    }
}

/// What the command line of `plan` asks of every unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lang: Option<String>,
    pub(super) allow_unreviewed: bool,
}

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) schema: String,
    pub(super) thermaudit: String,
    /// Digest of the program's source.
    pub(super) code: String,
    pub(super) asked: Asked,
    /// Seconds without a sign of life after which a unit is another worker's.
    pub(super) lease_s: u64,
    /// Times a unit is tried.
    pub(super) attempts: usize,
    pub(super) projects: Vec<PlannedProject>,
    pub(super) units: Vec<Unit>,
}

/// How many units a project is cut into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) project: PlannedProject,
    /// Flights in the order they were flown, with the number of units of their tiles.
    pub(super) flights: Vec<(String, usize)>,
    /// Number of units of sheets.
    pub(super) sheets: usize,
}

impl Plan {
    /// The plan of some projects.
    pub(super) fn new(cuts: Vec<Cut>, asked: Asked, lease_s: u64, attempts: usize) -> Self {
        let mut units = Vec::new();
        for step in Step::ALL {
            for cut in &cuts {
                let whole = vec![(String::new(), 1)];
                let parts: Vec<(String, usize)> = match step {
                    Step::Orient | Step::Map => {
                        cut.flights.iter().map(|(id, _)| (id.clone(), 1)).collect()
                    }
                    Step::Tile => cut.flights.clone(),
                    Step::Sheet => vec![(String::new(), cut.sheets)],
                    Step::Roof if cut.flights.is_empty() => Vec::new(),
                    Step::Roof | Step::Park => whole,
                };
                for (flight, of) in parts {
                    for i in 0..of {
                        units.push(unit(&cut.project, &asked, step, &flight, [i, of]));
                    }
                }
            }
        }
        Self {
            schema: SCHEMA.to_owned(),
            thermaudit: env!("CARGO_PKG_VERSION").to_owned(),
            code: CODE.to_owned(),
            asked,
            lease_s,
            attempts,
            projects: cuts.into_iter().map(|cut| cut.project).collect(),
            units,
        }
    }

    /// The file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// Reads the plan of a folder.
    ///
    /// # Errors
    /// There is none, or it is none.
    pub(super) fn read(bucket: &Bucket) -> Result<Self> {
        let place = || format!("{}/{PLAN}", bucket.shown().trim_end_matches('/'));
        let bytes = bucket.get(PLAN)?.ok_or_else(|| {
            Problem::setting("there is no plan here")
                .in_file(place())
                .hint("thermaudit plan PROJECT -o URL writes one")
        })?;
        let plan: Self = serde_json::from_slice(&bytes)
            .map_err(|e| Problem::broken(format!("is no plan ({e})")).in_file(place()))?;
        if plan.schema != SCHEMA {
            let what = format!("schema is {}, expected {SCHEMA}", plan.schema);
            return Err(Problem::unsupported(what).in_file(place()));
        }
        Ok(plan)
    }

    /// Refuses a plan of another program: its pieces of work would be others.
    ///
    /// # Errors
    /// It is of another.
    pub(super) fn is_ours(&self, bucket: &Bucket) -> Result<()> {
        if self.code == CODE {
            return Ok(());
        }
        let what = format!(
            "was made by another build of thermaudit ({}, {})",
            self.thermaudit,
            self.code.get(..12).unwrap_or(&self.code)
        );
        Err(Problem::setting(what)
            .in_file(format!("{}/{PLAN}", bucket.shown().trim_end_matches('/')))
            .hint("use that build on every machine, or make a new plan in an empty folder"))
    }

    pub(super) fn project(&self, id: &str) -> Option<&PlannedProject> {
        self.projects.iter().find(|p| p.id == id)
    }

    /// Units of a stage, in their order.
    pub(super) fn of(&self, step: Step) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |u| u.step == step)
    }

    /// Units that must be done before one.
    pub(super) fn before<'a>(&'a self, unit: &'a Unit) -> impl Iterator<Item = &'a Unit> {
        let needs = move |other: &&Unit| {
            let same_flight = unit.flight.is_empty() || unit.flight == other.flight;
            let step = match unit.step {
                Step::Orient => return false,
                Step::Tile => Step::Orient,
                Step::Map => Step::Tile,
                Step::Roof => Step::Map,
                Step::Sheet => Step::Roof,
                // A project of visits alone has nothing before.
                Step::Park => {
                    return matches!(other.step, Step::Roof | Step::Sheet)
                        && other.project == unit.project;
                }
            };
            other.step == step && other.project == unit.project && same_flight
        };
        self.units.iter().filter(needs)
    }
}

fn unit(
    project: &PlannedProject,
    asked: &Asked,
    step: Step,
    flight: &str,
    part: [usize; 2],
) -> Unit {
    let mut key = Key::new("unit");
    key.told("project", &project.id);
    key.told("files", &project.files);
    key.told("asked", asked);
    key.told("what", &(step, flight, part));
    Unit {
        key: key.digest().to_hex().as_str()[..32].to_owned(),
        step,
        project: project.id.clone(),
        flight: flight.to_owned(),
        part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(id: &str, flights: &[(&str, usize)], sheets: usize) -> Cut {
        Cut {
            project: PlannedProject {
                id: id.to_owned(),
                url: format!("file:///{id}/"),
                files: vec![PlannedFile {
                    path: "audit.toml".to_owned(),
                    bytes: 7,
                    blake3: "00".to_owned(),
                }],
            },
            flights: flights.iter().map(|(f, n)| ((*f).to_owned(), *n)).collect(),
            sheets,
        }
    }

    #[test]
    fn units_wait_for_those_of_their_own_project_and_flight() {
        let cuts = || vec![cut("a", &[("1", 3), ("2", 2)], 4), cut("b", &[("1", 1)], 1)];
        let plan = Plan::new(cuts(), Asked::default(), 60, 3);
        let count = |s: Step| plan.of(s).count();
        assert_eq!(Step::ALL.map(count), [3, 6, 3, 2, 5, 2]);
        let first = |s: Step| plan.of(s).next().expect("a unit");
        let names = |u: &Unit| -> Vec<String> { plan.before(u).map(Unit::shown).collect() };
        assert_eq!(names(first(Step::Orient)), [""; 0]);
        assert_eq!(names(first(Step::Tile)), ["orient a/1"]);
        assert_eq!(
            names(first(Step::Map)),
            ["tile a/1 1/3", "tile a/1 2/3", "tile a/1 3/3"]
        );
        assert_eq!(names(first(Step::Roof)), ["map a/1", "map a/2"]);
        assert_eq!(names(first(Step::Sheet)), ["roof a"]);
        assert_eq!(names(first(Step::Park)).len(), 5);
        // The same again, and other keys for other files.
        assert_eq!(plan, Plan::new(cuts(), Asked::default(), 60, 3));
        let mut other = cuts();
        other[0].project.files[0].blake3 = "01".to_owned();
        let other = Plan::new(other, Asked::default(), 60, 3);
        let keys = |p: &Plan| -> Vec<String> { p.units.iter().map(|u| u.key.clone()).collect() };
        let same = keys(&plan)
            .iter()
            .zip(keys(&other))
            .filter(|(a, b)| *a == b)
            .count();
        assert_eq!(same, plan.units.iter().filter(|u| u.project == "b").count());
        let all: std::collections::BTreeSet<String> = keys(&plan).into_iter().collect();
        assert_eq!(all.len(), plan.units.len());
    }

    #[test]
    fn a_project_of_visits_alone_has_one_unit() {
        let plan = Plan::new(vec![cut("a", &[], 0)], Asked::default(), 60, 3);
        let shown: Vec<String> = plan.units.iter().map(Unit::shown).collect();
        assert_eq!(shown, ["park a"]);
        assert_eq!(plan.before(&plan.units[0]).count(), 0);
    }
}
