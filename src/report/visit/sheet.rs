//! Everything printed of a visit, already formatted.

use serde::Serialize;

use super::marks::Mark;
use super::thermogram::Legend;
use super::words::Labels;
use crate::report::{Footer, Header, Pair, Picture, PictureRef, Run};

/// A severity as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pill {
    /// Colour: urgency 1–4; 0 is none.
    pub level: u8,
    /// Digit and word, `P1`, `n.b.`.
    pub text: String,
}

/// A condition of a building thermogram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateRow {
    /// Condition in words.
    pub name: String,
    /// 0 met, 1 not met, 2 unknown.
    pub met: u8,
    /// The same in a word.
    pub word: String,
    /// The value it stands on; empty without one.
    pub value: String,
}

/// A red band.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// `P1` or `4`.
    pub sign: String,
    /// How many and what to do.
    pub title: String,
    /// Which.
    pub text: String,
    /// Counts of everything.
    pub counts: Vec<String>,
}

/// A row of the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// Number.
    pub number: String,
    /// Place.
    pub place: String,
    /// Component.
    pub component: String,
    /// Observation, at most twelve words.
    pub observation: String,
    /// Difference.
    pub delta: String,
    /// Severity.
    pub pill: Pill,
    /// Term.
    pub term: String,
    /// New, open, checked, solved, returned.
    pub since: String,
    /// Whether the box is ticked already.
    pub solved: bool,
}

/// A row of the electrical table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElectricalRow {
    /// Number.
    pub number: String,
    /// Circuit.
    pub circuit: String,
    /// Component.
    pub component: String,
    /// Why it is not ratable; empty else.
    pub note: String,
    /// Highest temperature.
    pub max: String,
    /// Difference to the like component.
    pub similar: String,
    /// The same at rated current.
    pub at_rated: String,
    /// Severity.
    pub pill: Pill,
    /// Whether the box is ticked already.
    pub solved: bool,
}

/// A picture on the page.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its colours.
    pub picture: PictureRef,
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
    /// Markers.
    pub marks: Vec<Mark>,
    /// Scale beside it.
    pub legend: Option<Legend>,
    /// Words below.
    pub caption: String,
    /// Alternative text.
    pub alt: String,
}

/// The mini-plan: paths in mm.
#[derive(Clone, Debug, Serialize)]
pub struct PlanShown {
    /// Own outlines.
    pub own: Vec<Vec<[f64; 2]>>,
    /// Others.
    pub others: Vec<Vec<[f64; 2]>>,
    /// Camera.
    pub camera: [f64; 2],
    /// Corners of the wedge it looks along; empty where nobody knows.
    pub wedge: Vec<[f64; 2]>,
    /// Words below.
    pub words: String,
    /// Alternative text.
    pub alt: String,
}

/// A row of readings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadingRow {
    /// Marker.
    pub label: String,
    /// Lowest; empty for a spot.
    pub min: String,
    /// Mean, or the value of a spot.
    pub mean: String,
    /// Highest; empty for a spot.
    pub max: String,
    /// Emissivity.
    pub emissivity: String,
    /// Which of the three decides: 0, 1, 2; 9 none.
    pub bold: u8,
}

/// The bar of a temperature factor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactorBar {
    /// Value and limit in words.
    pub text: Vec<Run>,
    /// Place of the value, 0–1.
    pub at: f64,
    /// Place of the limit, 0–1.
    pub limit_at: f64,
    /// Texts of the ends and the limit.
    pub ends: [String; 3],
}

/// A bar of one phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseBar {
    /// Name.
    pub name: String,
    /// Current.
    pub current: String,
    /// Length, 0–1.
    pub share: f64,
    /// Temperature and difference.
    pub text: String,
    /// Whether it is the component.
    pub worst: bool,
    /// Colour level of the component.
    pub level: u8,
}

/// A scale of priorities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriorityScale {
    /// What, value and the bound of the worst step.
    pub title: Vec<Run>,
    /// Steps: label, colour level, from, to (0–1).
    pub steps: Vec<(String, u8, f64, f64)>,
    /// Place of the value.
    pub at: f64,
}

/// A parameter row: name, value, origin.
pub type ParameterRow = (String, String, String);

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// Number.
    pub number: String,
    /// Component.
    pub title: String,
    /// Place.
    pub place: String,
    /// Severity.
    pub pill: Pill,
    /// Thermogram, photo, further pictures.
    pub pictures: Vec<Shown>,
    /// Plan.
    pub plan: Option<PlanShown>,
    /// Readings.
    pub readings: Vec<ReadingRow>,
    /// Differences.
    pub deltas: Vec<Vec<Run>>,
    /// Temperature factor.
    pub factor: Option<FactorBar>,
    /// Indicators as sentences.
    pub lines: Vec<String>,
    /// Why nothing is rated.
    pub reasons: Vec<String>,
    /// What limits the values.
    pub cautions: Vec<String>,
    /// Observation.
    pub observation: String,
    /// Interpretation.
    pub interpretation: String,
    /// Its certainty.
    pub certainty: String,
    /// Recommendation.
    pub recommendation: String,
    /// Who and until when, in bold.
    pub term: String,
    /// Parameters.
    pub parameters: Vec<ParameterRow>,
    /// Phases.
    pub phases: Vec<PhaseBar>,
    /// Words under the phases.
    pub phases_note: String,
    /// Scales of priority.
    pub scales: Vec<PriorityScale>,
    /// Words under the scales.
    pub scales_note: String,
    /// Formula of the load correction; empty without one.
    pub load: Vec<Run>,
    /// Its exponent.
    pub load_note: String,
    /// Earlier visits.
    pub history: Vec<String>,
    /// File, time and digest.
    pub file: String,
    /// Whether it needs a page of its own.
    pub large: bool,
}

/// The electrical part.
#[derive(Clone, Debug, Serialize)]
pub struct Electrical {
    /// Head.
    pub facts: Vec<Pair>,
    /// Band of P1.
    pub band: Option<Band>,
    /// Table.
    pub rows: Vec<ElectricalRow>,
    /// Findings.
    pub cards: Vec<Card>,
    /// Note of the foot.
    pub note: String,
}

/// The release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// Label.
    pub label: String,
    /// Who, with certificate.
    pub value: String,
    /// Day.
    pub date: String,
}

/// A visit's sheet of one company.
#[derive(Clone, Debug, Serialize)]
pub struct VisitSheet {
    /// Two-letter language.
    pub language: &'static str,
    /// Region.
    pub region: &'static str,
    /// Title of the document.
    pub title: String,
    /// Keywords.
    pub subject: String,
    /// Year, month, day.
    pub date: [i32; 3],
    /// Identifier of the document.
    pub ident: String,
    /// Accent colour.
    pub accent: String,
    /// Head of every page.
    pub header: Header,
    /// Foot of every page.
    pub footer: Footer,
    /// Fixed words.
    pub labels: Labels,
    /// Company.
    pub company: String,
    /// Five facts in the head of the pages of findings.
    pub head: Vec<Pair>,
    /// What stands first on the cover: not released, expired.
    pub notices: Vec<String>,
    /// Said on every page while not released; empty else.
    pub preliminary: String,
    /// Facts of the cover.
    pub cover: Vec<Pair>,
    /// Conditions.
    pub conditions: Vec<Pair>,
    /// Conditions of building thermography; empty without building findings.
    pub gates: Vec<GateRow>,
    /// Zones examined.
    pub examined: String,
    /// Zones not examined.
    pub not_examined: String,
    /// Band of what is urgent.
    pub band: Option<Band>,
    /// Summary.
    pub summary: Vec<SummaryRow>,
    /// Said where there is none.
    pub no_findings: String,
    /// Findings but the electrical ones.
    pub cards: Vec<Card>,
    /// Electrical findings.
    pub electrical: Option<Electrical>,
    /// Components of earlier visits not seen again.
    pub not_seen_again: Vec<String>,
    /// Hotspots of the flight.
    pub hotspots: Vec<String>,
    /// What was left out.
    pub left_out: Vec<String>,
    /// Scales used, with their meaning.
    pub classes: Vec<(Pill, String)>,
    /// Method and limits.
    pub method: Vec<String>,
    /// Release.
    pub release: Signature,
    /// Said before the roof pages; empty without them.
    pub roof_pages: String,
    /// Pictures.
    #[serde(skip)]
    pub pictures: Vec<Picture>,
    /// Logos: name and bytes.
    #[serde(skip)]
    pub logos: Vec<(String, Vec<u8>)>,
}
