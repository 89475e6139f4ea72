//! What tying gives: ties with their evidence, and what was found for every company.

use crate::problem::Problem;
use crate::survey::Link;

/// The rung of the ladder (flemish-data.md §9.2) a tie was made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The company's own row names the building.
    Buildings,
    /// A row of the link table.
    LinksFile,
    /// The building lies in the company's parcels.
    Parcels,
    /// Address → building unit → building, the only unit.
    Unit,
    /// The same, one unit of several.
    SharedUnit,
    /// The establishment's place lies in the building.
    Establishment,
    /// The establishment's place lies on a plot with one main building.
    EstablishmentPlot,
    /// The address lies on a plot where no other company is.
    Plot,
    /// The nearest main building.
    Nearest,
}

impl Step {
    /// The word in tables (`link_method`).
    pub fn word(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::LinksFile => "links.csv",
            Self::Parcels => "parcels",
            Self::Unit => "address-unit",
            Self::SharedUnit => "address-shared-unit",
            Self::Establishment => "establishment",
            Self::EstablishmentPlot => "establishment-plot",
            Self::Plot => "plot",
            Self::Nearest => "nearest",
        }
    }

    /// Confidence of the rung, 0–1 (flemish-data.md §9.2).
    pub fn confidence(self) -> f64 {
        match self {
            Self::Buildings | Self::LinksFile => 1.0,
            Self::Parcels | Self::Unit => 0.95,
            Self::Establishment => 0.8,
            Self::SharedUnit | Self::EstablishmentPlot => 0.7,
            Self::Plot => 0.6,
            Self::Nearest => 0.4,
        }
    }
}

/// How a company holds a building.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupancy {
    /// No other company is tied to it.
    Sole,
    /// A part of its own; the zone is in the link.
    Zone(ZoneOrigin),
    /// With others, no parts known: its result is marked as shared and no hotspot is
    /// attributed to a tenant.
    Shared,
}

/// Where a zone comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneOrigin {
    /// Given in the link table.
    Given,
    /// The building cut along the companies' parcels.
    Parcels,
    /// The building cut along the plots the companies' places lie on.
    Plots,
    /// What the given zones of the others leave.
    Rest,
}

impl Occupancy {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sole => "sole",
            Self::Zone(ZoneOrigin::Given) => "zone-given",
            Self::Zone(ZoneOrigin::Parcels) => "zone-parcels",
            Self::Zone(ZoneOrigin::Plots) => "zone-plots",
            Self::Zone(ZoneOrigin::Rest) => "zone-rest",
            Self::Shared => "shared",
        }
    }
}

/// One company tied to one building.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// The tie itself: company, building, share, zone (project CRS, within the building),
    /// method and confidence.
    pub link: Link,
    /// Rung of the ladder.
    pub step: Step,
    /// Why, in words.
    pub evidence: String,
    /// Alone, a part, or shared.
    pub occupancy: Occupancy,
}

/// A building that might be a company's.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Building key.
    pub oidn: String,
    /// The rung that points at it.
    pub step: Step,
    /// What the rung would be worth, 0–1.
    pub confidence: f64,
    /// Why, in words.
    pub evidence: String,
}

/// What was found for one company.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Company key.
    pub company_id: String,
    /// Whether it has a tie that may be published.
    pub resolved: bool,
    /// What a person should look at; empty when nothing.
    pub problem: String,
    /// Buildings that were considered and not tied, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// Its place, project CRS, where its address or establishment has one.
    pub place: Option<[f64; 2]>,
    /// Whether the registers say it is a natural person's.
    pub sole_trader: bool,
}

/// All ties of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linking {
    /// Ties, in the order of the companies; those below `publish_confidence` too.
    pub ties: Vec<Tie>,
    /// One per company, in their order.
    pub outcomes: Vec<Outcome>,
    /// What was odd.
    pub warnings: Vec<Problem>,
}

impl Linking {
    /// Ties of one company.
    pub fn of<'s>(&'s self, company_id: &'s str) -> impl Iterator<Item = &'s Tie> {
        let own = move |t: &&Tie| t.link.company_id == company_id;
        self.ties.iter().filter(own)
    }

    /// Companies without a tie that may be published.
    pub fn unresolved(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|o| !o.resolved)
    }

    /// The bare links.
    pub fn links(&self) -> Vec<Link> {
        self.ties.iter().map(|t| t.link.clone()).collect()
    }
}
