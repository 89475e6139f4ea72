//! What a sheet is made from: one company, nothing of another but grey outlines.

use geo::MultiPolygon;
use jiff::civil::{Date, DateTime};

use super::brand::Brand;
use super::palette::Palette;
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::score::energy::EnergyOptions;
use crate::score::moisture::Doubt;
use crate::score::{Hotspot, RoofScore};
use crate::survey::{Company, Conditions, Language, Outline};

/// Everything one sheet needs. Unknown is `None` or an empty text, never 0.
#[derive(Clone, Debug)]
pub struct SheetInput {
    /// Language of the sheet.
    pub language: Language,
    /// The company.
    pub company: Company,
    /// Its buildings, or its parts of them, any order.
    pub buildings: Vec<Building>,
    /// Surface temperature, °C, over the own buildings and 10 % around. Cells outside the own
    /// outlines are ignored, whatever they hold.
    pub thermal: Option<GeoGrid<f32>>,
    /// Outlines of other buildings near by and of what others hold of the own ones, project CRS:
    /// drawn flat grey, without a name.
    pub neighbours: Vec<MultiPolygon<f64>>,
    /// Orthophoto under the outlines.
    pub photo: Option<Photo>,
    /// The flight.
    pub flight: FlightFacts,
    /// Weather and measurement.
    pub conditions: SheetConditions,
    /// Fixed temperature scale of the campaign, °C, low and high.
    pub scale_c: (f64, f64),
    /// Colours of the thermal maps.
    pub palette: Palette,
    /// Settings and texts.
    pub settings: Settings,
    /// Who released the sheet; `None` prints "detected, not interpreted".
    pub release: Option<Release>,
    /// What became of the roofs since an earlier flight; `None` where they were not compared.
    pub comparison: Option<Comparison>,
}

/// The company's roofs against an earlier flight. Holds no cell and no number of a roof that the
/// company did not hold in both.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Id of the earlier flight.
    pub flight_id: String,
    /// Its local date.
    pub date: Option<Date>,
    /// Temperature of the earlier flight, °C, where the map of this one has it.
    pub before: Option<GeoGrid<f32>>,
    /// This flight brought to the earlier night, less the earlier one, K; in the same place.
    pub change: Option<GeoGrid<f32>>,
    /// One per building, in the order of the sheet's.
    pub buildings: Vec<Compared>,
    /// Warm objects of the roofs held in both: new, gone, persisting.
    pub hotspots: [usize; 3],
}

/// One roof against the earlier flight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// Whether the company held it in both flights, alone or together with others.
    pub held: bool,
    /// Whether `before` and `after` are U in W/m²K, else the relative index.
    pub is_u: bool,
    /// Value of the earlier flight, of the common cells.
    pub before: Option<f64>,
    /// Value of this one on the scale of the earlier.
    pub after: Option<f64>,
    /// 95 % interval of the change.
    pub interval: Option<[f64; 2]>,
    /// Smallest change this roof could have proven.
    pub provable: Option<f64>,
    /// Verdict; `None` is not comparable.
    pub verdict: Option<crate::compare::Verdict>,
    /// Codes of why it is not comparable.
    pub reasons: Vec<String>,
    /// Common over joint area of both outlines, 0–1.
    pub iou: f64,
}

/// How much of a building is the company's (flemish-data.md §9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// A zone of its own: outline, numbers and picture are the zone's.
    Zone,
    /// Shared with others, no zones known: numbers are the whole building's, no warm object is
    /// attributed.
    Shared,
}

/// One building of the company, or its part of one.
#[derive(Clone, Debug)]
pub struct Building {
    /// Outline; of a zone the zone's.
    pub outline: Outline,
    /// How much of it is the company's.
    pub part: Part,
    /// What was measured and how it was rated; of a zone the zone's.
    pub score: RoofScore,
    /// Warm objects on it, any order; none where it is shared.
    pub hotspots: Vec<Hotspot>,
    /// Those of them that a person rejected: no points, but said to have been judged.
    pub rejected: Vec<Hotspot>,
    /// Parts that were not measured (solar panels), project CRS: densely hatched.
    pub masked: Vec<MultiPolygon<f64>>,
}

/// Orthophoto: pieces of red, green, blue per cell, one for each map that shows it.
#[derive(Clone, Debug, Default)]
pub struct Photo {
    /// Pieces that hold a picture in (nearly) every cell.
    pub pieces: Vec<GeoGrid<[u8; 3]>>,
}

impl Photo {
    /// A photo in one piece.
    pub fn whole(rgb: Grid<[u8; 3]>, transform: GeoTransform) -> Self {
        let grid = rgb;
        Self {
            pieces: vec![GeoGrid { grid, transform }],
        }
    }

    /// The finest piece that shows all of a rectangle, to within half a cell.
    pub(super) fn piece(&self, of: &Bounds) -> Option<&GeoGrid<[u8; 3]>> {
        let holds = |piece: &&GeoGrid<[u8; 3]>| {
            let (t, g) = (&piece.transform, &piece.grid);
            let own = t.bounds(g.width(), g.height()).buffered(t.dx / 2.0);
            own.contains(of.x_min, of.y_min) && own.contains(of.x_max, of.y_max)
        };
        let holding = self.pieces.iter().filter(holds);
        holding.min_by(|a, b| a.transform.dx.total_cmp(&b.transform.dx))
    }
}

/// Why the flight was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Heat loss.
    #[default]
    HeatLoss,
    /// Moisture.
    Moisture,
}

/// The flight as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct FlightFacts {
    /// Flight id.
    pub id: String,
    /// First exposure, local time.
    pub start: DateTime,
    /// Last exposure, local time.
    pub end: DateTime,
    /// Platform as the settings give it; `drone` and `aircraft` are translated.
    pub platform: String,
    /// Camera make and model; empty when unknown.
    pub camera: String,
    /// Columns and rows of the sensor.
    pub sensor_px: Option<(u32, u32)>,
    /// Flying height over the roofs, m.
    pub height_m: Option<f64>,
    /// Cell size of the map, m.
    pub gsd_m: f64,
    /// Frames that saw the company's roofs.
    pub frames: u32,
    /// Purpose.
    pub purpose: Purpose,
}

/// Weather and measurement as printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetConditions {
    /// Weather at the middle of the flight.
    pub weather: Conditions,
    /// Sky temperature used, °C.
    pub sky_c: Option<f64>,
    /// Whether the sky temperature was computed, not measured.
    pub sky_computed: bool,
    /// Rain of the last 24 hours, mm.
    pub rain_24h_mm: Option<f64>,
    /// Name of the weather station or source; empty when constant values were set.
    pub station: String,
    /// Distance to the station, km.
    pub station_km: Option<f64>,
    /// All stations behind the values with their distance, km, where there are several; the local
    /// one or the nearest first.
    pub stations: Vec<(String, Option<f64>)>,
    /// How far the stations are apart in each value; `None` where one alone tells.
    pub spread: Conditions,
    /// Emissivity of the map.
    pub emissivity: f64,
    /// 95 % uncertainty of an absolute roof temperature, K.
    pub uncertainty_k: Option<f64>,
    /// What speaks against a moisture flight; empty for other flights.
    pub moisture_doubts: Vec<Doubt>,
}

/// Settings and texts of the sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Name of the park or project, printed top left.
    pub project: String,
    /// Campaign.
    pub campaign: String,
    /// Park of the company where the campaign has several; empty where it has one.
    pub park: String,
    /// Code of this sheet, e.g. `KV-2026-031`.
    pub code: String,
    /// Name of the auditor's office, printed top right; empty when none.
    pub auditor: String,
    /// Logos and colour.
    pub brand: Brand,
    /// Contact, printed under next steps.
    pub contact: String,
    /// Own text, printed under next steps.
    pub text: String,
    /// Points of attention in the table of page 1.
    pub max_hotspots: usize,
    /// Upper bounds of classes 1–5, W/m²K.
    pub u_bounds: [f64; 5],
    /// What energy, cost and CO₂ a year stand on.
    pub energy: EnergyAssumptions,
    /// Whether savings are printed also for a company that gave no gas price.
    pub savings: bool,
    /// Retention date.
    pub retain_until: Option<Date>,
    /// Sources to credit, one each, e.g. `Digitaal Vlaanderen (GRB)`.
    pub sources: Vec<String>,
    /// Program and version.
    pub program: String,
}

/// Settings `[energy]` with their source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnergyAssumptions {
    /// Degree days, efficiency, CO₂ factor (gross).
    pub options: EnergyOptions,
    /// Base of the degree days, °C.
    pub dd_base_c: f64,
    /// Where the degree days are from.
    pub dd_source: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            project: String::new(),
            campaign: String::new(),
            park: String::new(),
            code: String::new(),
            auditor: String::new(),
            brand: Brand::default(),
            contact: String::new(),
            text: String::new(),
            max_hotspots: 6,
            u_bounds: [0.24, 0.40, 0.70, 1.2, 2.0],
            energy: EnergyAssumptions::default(),
            savings: false,
            retain_until: None,
            sources: Vec::new(),
            program: concat!("thermaudit ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// A logo file (PNG, JPEG or SVG), recognised by its content.
#[derive(Clone, PartialEq)]
pub struct Logo(pub Vec<u8>);

impl std::fmt::Debug for Logo {
    /// Its size: keys of kept work hold its digest beside.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({} bytes)", self.0.len())
    }
}

/// Who released the sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Release {
    /// Name.
    pub name: String,
    /// Function; empty when not given.
    pub function: String,
    /// Certificate level as printed, e.g. `2`; empty when not given.
    pub level: String,
    /// Date of release.
    pub date: Option<Date>,
}
