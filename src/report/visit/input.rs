//! What a visit's sheet is made from: one company, its findings, nothing of another.

use geo::MultiPolygon;
use jiff::civil::{Date, DateTime};

use crate::raster::Grid;
use crate::report::{Palette, Settings};
use crate::score::handheld::table::SeverityTable;
use crate::score::handheld::{Assessment, Reading, SiteConditions};
use crate::survey::{
    Alarm, Company, Finding, FindingKind, FindingStatus, Language, MeasurementTool,
    PictureInPicture, Qualification, View,
};

/// Everything one visit's sheet needs. Unknown is `None` or an empty text, never 0.
#[derive(Clone, Debug)]
pub struct VisitInput {
    /// Language of the sheet.
    pub language: Language,
    /// The company.
    pub company: Company,
    /// The visit.
    pub visit: VisitFacts,
    /// Findings in the order of their numbers: as the sheet lists them.
    pub findings: Vec<FindingInput>,
    /// Components of earlier visits of which this one says nothing and that were not solved.
    pub not_seen_again: Vec<PastFinding>,
    /// Settings and texts, as for the roof sheet.
    pub settings: Settings,
    /// Colours of the thermograms.
    pub palette: Palette,
    /// Who released the findings; what the person may do: [`Qualification::standing`].
    pub release: Qualification,
    /// Rows and pictures of this company that were left out, in the words of the problem.
    pub left_out: Vec<String>,
    /// Whether roof pages of a flight follow (combined sheet): its date.
    pub roof_flight: Option<Date>,
    /// Hotspots of the flight that were looked for on site: id, whether found, number of the
    /// finding.
    pub hotspots: Vec<SiteHotspot>,
}

/// A hotspot of the flight that was looked for on site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteHotspot {
    /// Its id.
    pub hotspot_id: String,
    /// Whether it was found.
    pub found: bool,
    /// Printed number of the finding, e.g. `07`.
    pub number: String,
}

/// The visit as printed on the cover.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitFacts {
    /// Id: the folder's name.
    pub id: String,
    /// Day.
    pub date: Option<Date>,
    /// Local start, `HH:MM` as written.
    pub start: String,
    /// Local end.
    pub end: String,
    /// Who ordered it.
    pub client: String,
    /// Who was there for the company.
    pub present: String,
    /// Purpose.
    pub purpose: String,
    /// Standard or way of working.
    pub standard: String,
    /// Whether the investigation was full; else simplified.
    pub full: bool,
    /// Conditions of the visit as a whole.
    pub conditions: SiteConditions,
    /// Humidity outside, fraction.
    pub humidity: Option<f64>,
    /// Sun of the last 12 hours, as written.
    pub sun_12h: String,
    /// Rain, as written.
    pub rain: String,
    /// Where the weather came from; empty when nobody gave any.
    pub weather_source: String,
    /// Zones examined.
    pub examined: Vec<String>,
    /// Zones not examined or out of reach; printed even when empty.
    pub not_examined: Vec<String>,
    /// Cameras used: make and model, serial number, resolution, lens, range, calibration date, NETD.
    pub cameras: Vec<CameraFacts>,
    /// Table of electrical differences.
    pub severity_table: SeverityTable,
    /// Least load that is rated, fraction.
    pub min_load: f64,
    /// Exponent of the load correction and its range.
    pub load_exponent: [f64; 3],
    /// Least temperature factor and where the limit comes from, in the words of the settings.
    pub f_rsi_limit: f64,
    /// `setting`, `nl` (Dutch practice) or `be` (Belgian and German practice).
    pub f_rsi_origin: LimitOrigin,
}

/// Where the limit of the temperature factor comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitOrigin {
    /// Belgian and German practice, EN ISO 13788.
    #[default]
    Belgium,
    /// Dutch practice for use other than dwellings.
    Netherlands,
    /// The project's settings.
    Setting,
}

/// A camera as printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CameraFacts {
    /// Make and model.
    pub name: String,
    /// Serial number.
    pub serial: String,
    /// Columns and rows of the sensor.
    pub sensor_px: (usize, usize),
    /// Lens.
    pub lens: String,
    /// Range, °C.
    pub range_c: Option<[f64; 2]>,
    /// Date of calibration, as written.
    pub calibrated_on: String,
    /// Noise, K.
    pub netd_k: Option<f64>,
}

/// A difference of two markers that the camera stored.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CameraDifference {
    /// Its label in the file.
    pub label: String,
    /// The first marker.
    pub one: String,
    /// The marker that is taken off it.
    pub other: String,
    /// First less other, by their means.
    pub difference_k: f64,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct FindingInput {
    /// The row.
    pub finding: Finding,
    /// Kind; rows that say none are `Other`.
    pub kind: FindingKind,
    /// Id that stays the same at the next visit.
    pub id: String,
    /// Readings of its markers in the order of [`Thermogram::markers`].
    pub readings: Vec<Reading>,
    /// Differences the camera stored, measured again.
    pub differences: Vec<CameraDifference>,
    /// The reference in another picture, where the row names one.
    pub other_reference: Option<Reading>,
    /// What it comes to.
    pub assessment: Assessment,
    /// Conditions used.
    pub conditions: SiteConditions,
    /// Parameters with their origin, in the order printed.
    pub parameters: Vec<ParameterFact>,
    /// The thermogram.
    pub thermogram: Thermogram,
    /// The same view before the pressure was lowered, or the reference picture.
    pub second: Option<Thermogram>,
    /// The visible picture.
    pub visible: Option<Visible>,
    /// How the two are shown.
    pub view: View,
    /// Colour alarm, resolved to temperatures.
    pub alarm: Option<Alarm>,
    /// Plan with the camera's place.
    pub plan: Option<Plan>,
    /// Position of the camera, WGS84 longitude and latitude.
    pub gps: Option<[f64; 2]>,
    /// Scale of its set, °C, and which set.
    pub scale_c: (f64, f64),
    /// Set its scale belongs to.
    pub set: ScaleSet,
    /// Earlier visits of the same component, oldest first.
    pub history: Vec<PastFinding>,
    /// Verdict of the history.
    pub since: Since,
}

/// Pictures that share one scale.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScaleSet {
    /// All taken inside.
    Inside,
    /// All taken outside.
    Outside,
    /// One electrical board; its name.
    Board(String),
    /// Everything of one other kind.
    Kind(FindingKind),
    /// Fixed by the settings.
    Fixed,
}

/// Where a parameter came from, as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterOrigin {
    /// The camera's file.
    Camera,
    /// The auditor, where the camera said nothing or the same.
    Auditor,
    /// The auditor, after the picture was taken, against the camera.
    Changed,
    /// The weather.
    Weather,
    /// A default of the program.
    Default,
}

/// Which parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ParameterKey {
    Emissivity,
    Reflected,
    Distance,
    Air,
    Humidity,
    WindowTransmission,
    WindowTemperature,
}

/// A parameter as printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParameterFact {
    /// Which one.
    pub key: ParameterKey,
    /// Value: fraction for emissivity and transmission, °C, m, humidity as fraction 0–1.
    pub value: f64,
    /// What the camera had, where that was changed.
    pub camera: Option<f64>,
    /// Where the value came from.
    pub origin: ParameterOrigin,
}

/// A thermogram, upright as the camera was held.
#[derive(Clone, Debug)]
pub struct Thermogram {
    /// File name.
    pub file: String,
    /// First eight hex digits of the file's SHA-256.
    pub sha256_8: String,
    /// Capture time, local.
    pub time: Option<DateTime>,
    /// Temperature, °C, upright; NaN is missing.
    pub celsius: Grid<f32>,
    /// Pixels without a value.
    pub invalid: usize,
    /// Markers in upright pixels: the auditor's first, then the camera's.
    pub markers: Vec<MeasurementTool>,
}

/// A visible picture, upright.
#[derive(Clone, Debug)]
pub struct Visible {
    /// Colours.
    pub rgb: Grid<[u8; 3]>,
    /// Geometry against the thermogram, upright; `None` for a photo taken beside it, which shows
    /// another field of view and carries no markers.
    pub geometry: Option<PictureInPicture>,
    /// File name of a photo beside it; empty for the embedded one.
    pub file: String,
}

/// Where the camera stood, for the mini-plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Own buildings, project CRS.
    pub own: MultiPolygon<f64>,
    /// Other outlines near by, flat grey.
    pub others: Vec<MultiPolygon<f64>>,
    /// Camera, project CRS.
    pub camera: [f64; 2],
    /// Direction it looked, degrees clockwise from the north of the project grid.
    pub heading_deg: Option<f64>,
    /// Whether it stood inside an own building.
    pub inside: bool,
}

/// A component at an earlier visit.
#[derive(Clone, Debug, PartialEq)]
pub struct PastFinding {
    /// Id of that visit.
    pub visit: String,
    /// Its day.
    pub date: Option<Date>,
    /// Printed number of the finding then.
    pub number: String,
    /// Kind.
    pub kind: FindingKind,
    /// Component and place.
    pub component: String,
    /// Place.
    pub location: String,
    /// The value that decided then, K or °C, with its unit.
    pub value: Option<(f64, String)>,
    /// Urgency then.
    pub urgency: Option<u8>,
    /// Severity as printed then, e.g. `P1`.
    pub severity: String,
    /// Status then.
    pub status: FindingStatus,
}

/// What became of a component since the visit before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// Not seen before.
    #[default]
    New,
    /// Still there.
    Open,
    /// Looked at again, the auditor says.
    Checked,
    /// Dealt with.
    Solved,
    /// It had been solved and is there again.
    Returned,
}
