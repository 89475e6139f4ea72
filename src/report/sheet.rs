//! The sheet: everything printed, in reading order, ready for a page template.
//!
//! Serialised field names are what a template sees (`data.json`), so they are an interface for
//! users' own templates.

use serde::Serialize;

use super::comparison::{self, ComparisonBlock};
use super::findings::Findings;
use super::format::{Format, fill, printed};
use super::input::{Purpose, SheetInput};
use super::map::MapDrawing;
use super::reviewed::{self, Reviewed};
use super::savings::{self, Savings};
use super::words::{Labels, Words, runs};
use super::{
    brand, building_table, crops, histogram, identity, limits, map, palette, recommend, verdict,
};
use crate::raster::Bounds;

/// A run of text in one style.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Text.
    pub t: String,
    /// Bold.
    pub b: bool,
    /// Italic.
    pub i: bool,
}

/// Label and value of a facts list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Label.
    pub label: String,
    /// Value.
    pub value: String,
}

impl Pair {
    pub(super) fn new(label: &str, value: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            value: value.into(),
        }
    }
}

/// A picture of finished colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Name in the template.
    pub name: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, row by row.
    pub rgb: Vec<u8>,
}

/// One company's sheet.
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    /// Two-letter language.
    pub language: &'static str,
    /// Region of the language.
    pub region: &'static str,
    /// PDF title.
    pub title: String,
    /// PDF keywords.
    pub subject: &'static str,
    /// Date of the document: year, month, day.
    pub date: [i32; 3],
    /// Stable identifier of the document.
    pub ident: String,
    /// Fixed labels.
    pub labels: Labels,
    /// Accent colour `#RRGGBB`.
    pub accent: String,
    /// Head of every page.
    pub header: Header,
    /// Company name.
    pub company: String,
    /// Facts of the company.
    pub company_facts: Vec<Pair>,
    /// Facts of the flight.
    pub flight_facts: Vec<Pair>,
    /// Result strip.
    pub verdict: Verdict,
    /// Left map.
    pub plan: Option<MapDrawing>,
    /// Right map.
    pub thermal: Option<MapDrawing>,
    /// Which signs the maps use.
    pub key: MapKey,
    /// Axis, histogram and palette.
    pub scale: Scale,
    /// Buildings.
    pub buildings: Vec<BuildingRow>,
    /// Total of the buildings; `None` with a single building.
    pub total: Option<BuildingRow>,
    /// Numbers behind the total, unrounded.
    #[serde(skip)]
    pub total_values: TotalValues,
    /// Points of attention of page 1.
    pub points: Vec<PointRow>,
    /// Line "n more".
    pub more_points: Option<String>,
    /// Explained heat sources.
    pub explained: Vec<PointRow>,
    /// Line "n more".
    pub more_explained: Option<String>,
    /// Whether the explained sources have a table of their own behind page 1.
    pub explained_apart: bool,
    /// Conditions strip.
    pub conditions: Vec<Pair>,
    /// Note under the strip.
    pub conditions_note: String,
    /// Detail cards.
    pub details: Vec<Detail>,
    /// Whether the left crop is a photo.
    pub details_photo: bool,
    /// Note beside the title of the details.
    pub details_note: String,
    /// Recommendations.
    pub recommendations: Vec<Recommendation>,
    /// What a person judged, and that nobody did.
    pub reviewed: Reviewed,
    /// What became of the roofs since an earlier flight.
    pub comparison: Option<ComparisonBlock>,
    /// What a better roof would save; `None` where nobody asked or nothing is known.
    pub savings: Option<Savings>,
    /// Classes of the legend.
    pub legend: Vec<LegendEntry>,
    /// Bounds of the classes, or what they rest on.
    pub legend_note: String,
    /// Limitations.
    pub limits: Vec<String>,
    /// Next steps.
    pub next_steps: Vec<String>,
    /// Privacy text.
    pub privacy: String,
    /// Release.
    pub release: ReleaseBlock,
    /// Annex.
    pub annex: Vec<PointRow>,
    /// Footer.
    pub footer: Footer,
    /// Findings in order, with the ids of the input (for data files).
    #[serde(skip)]
    pub findings: Findings,
    /// Positions of the input's buildings in the order of their tags.
    #[serde(skip)]
    pub order: Vec<usize>,
    /// Pictures the maps name.
    #[serde(skip)]
    pub pictures: Vec<Picture>,
    /// Logo files the header names.
    #[serde(skip)]
    pub logos: Vec<(String, Vec<u8>)>,
}

impl Sheet {
    /// Tag of the building at a position of the input (`G1` …); empty when out of range.
    pub fn tag_of(&self, building: usize) -> String {
        let rank = self.order.iter().position(|i| *i == building);
        rank.map_or_else(String::new, super::findings::tag)
    }
}

/// Head of a page.
#[derive(Clone, Debug, Serialize)]
pub struct Header {
    /// Left text.
    pub left: String,
    /// Right text.
    pub right: String,
    /// File name of the left logo.
    pub logo: Option<String>,
    /// Alternative text of the left logo.
    pub logo_alt: String,
    /// File name of the right logo.
    pub auditor_logo: Option<String>,
    /// Alternative text of the right logo.
    pub auditor_logo_alt: String,
}

/// Foot of a page.
#[derive(Clone, Debug, Serialize)]
pub struct Footer {
    /// Confidentiality line.
    pub confidential: String,
    /// Sources and program.
    pub sources: String,
    /// Code of the sheet.
    pub code: String,
}

/// Result strip.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Class 1–6; `None` when not assessable.
    pub class: Option<u8>,
    /// Digit on the badge.
    pub digit: String,
    /// Alternative text of the badge.
    pub alt: String,
    /// Headline.
    pub title: String,
    /// Plain sentence.
    pub sentence: String,
    /// How many points, how many urgent.
    pub points: Vec<Run>,
    /// Position in the park.
    pub position: Vec<Run>,
    /// The same as a share of colder roofs in whole tenths, for data files.
    #[serde(skip)]
    pub position_class: Option<f64>,
    /// Cells filled of four, 0 when there is no grade.
    pub confidence: u8,
    /// Confidence in words.
    pub confidence_words: String,
    /// Building that decided (tag), for data files.
    #[serde(skip)]
    pub lead: Option<usize>,
}

/// Which map signs occur.
#[derive(Clone, Debug, Serialize)]
pub struct MapKey {
    /// Neighbours are drawn.
    pub neighbours: bool,
    /// A building is not assessable.
    pub not_assessable: bool,
    /// Points of attention are drawn.
    pub points: bool,
    /// Explained sources are drawn.
    pub explained: bool,
    /// Parts are masked.
    pub masked: bool,
    /// A building is shared.
    pub shared: bool,
}

/// Axis, histogram and palette; places are 0–1 from the left.
#[derive(Clone, Debug, Serialize)]
pub struct Scale {
    /// Alternative text.
    pub alt: String,
    /// Bars: left, width, height (0–1).
    pub bars: Vec<[f64; 3]>,
    /// Colours of the palette bar, `#RRGGBB`, evenly spaced.
    pub stops: Vec<String>,
    /// Ticks.
    pub ticks: Vec<Tick>,
    /// Labelled lines.
    pub marks: Vec<Mark>,
}

/// Tick of an axis.
#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// Place.
    pub at: f64,
    /// Label.
    pub label: String,
}

/// Labelled line of the axis.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// Place.
    pub at: f64,
    /// Label.
    pub label: Vec<Run>,
    /// Lane from the top, 0 or 1.
    pub lane: u8,
    /// Whether the label stands left of the line.
    pub left: bool,
}

/// Row of the building table.
#[derive(Clone, Debug, Serialize)]
pub struct BuildingRow {
    /// Tag.
    pub tag: String,
    /// Name; empty when not given.
    pub name: String,
    /// Words for a zone or a shared building; empty for a whole one.
    pub part: &'static str,
    /// Key.
    pub oidn: String,
    /// Area.
    pub area: String,
    /// Share assessed.
    pub assessed: String,
    /// Median.
    pub median: String,
    /// 95th percentile.
    pub p95: String,
    /// Over air: value and uncertainty.
    pub delta_air: [String; 2],
    /// Over the reference roof: value and uncertainty.
    pub delta_reference: [String; 2],
    /// Text across the number columns when there is no value.
    pub instead: Option<String>,
    /// Class that colours the chip.
    pub class: Option<u8>,
    /// Text on the chip.
    pub chip: String,
    /// Number and area of points.
    pub points: String,
}

/// Area-weighted numbers of all assessed buildings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TotalValues {
    /// Area of all outlines, m².
    pub area_m2: f64,
    /// Share assessed, 0–1.
    pub assessed: f64,
    /// Median, °C.
    pub median_c: Option<f64>,
    /// 95th percentile, °C.
    pub p95_c: Option<f64>,
    /// Over air, K.
    pub delta_air_k: Option<f64>,
    /// Over the reference roof, K.
    pub delta_reference_k: Option<f64>,
    /// The reference roofs themselves, °C: what the above is the difference to.
    pub reference_c: Option<f64>,
    /// 95 % uncertainty of a roof-to-roof difference, K.
    pub uncertainty_k: Option<f64>,
    /// Points of attention.
    pub points: usize,
    /// Their area, m².
    pub points_m2: f64,
}

/// Row of a table of points.
#[derive(Clone, Debug, Serialize)]
pub struct PointRow {
    /// Number; 0 for none.
    pub number: usize,
    /// Whether it is an explained source.
    pub explained: bool,
    /// Place in words.
    pub place: String,
    /// Area.
    pub area: String,
    /// Excess.
    pub delta: String,
    /// Likely nature.
    pub nature: String,
    /// Proposed action.
    pub action: String,
    /// Urgency 1–4.
    pub urgency: u8,
    /// Urgency in a word.
    pub urgency_word: String,
    /// Confidence in words, for the annex.
    pub confidence: String,
}

/// Detail card.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// Number.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Urgency 1–4.
    pub urgency: u8,
    /// Urgency in a word.
    pub urgency_word: String,
    /// Left crop.
    pub left: MapDrawing,
    /// Right crop.
    pub right: MapDrawing,
    /// Key figures.
    pub figures: Vec<Pair>,
    /// Text.
    pub text: Vec<Run>,
}

/// Row of the recommendations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// Action.
    pub action: String,
    /// Points it answers.
    pub points: String,
    /// Why.
    pub why: String,
    /// Who.
    pub who: String,
    /// Before when.
    pub before: String,
}

/// Class of the legend.
#[derive(Clone, Debug, Serialize)]
pub struct LegendEntry {
    /// Class.
    pub class: u8,
    /// Word.
    pub word: String,
    /// Own class.
    pub own: bool,
}

/// Release block.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseBlock {
    /// Label.
    pub label: String,
    /// Who, or that nobody did.
    pub value: String,
    /// Date; empty when not given.
    pub date: String,
}

/// Lays out a sheet in a language.
pub(super) fn assemble(input: &SheetInput, words: &'static Words, f: &Format) -> Sheet {
    let order = building_table::order(input);
    let flight_facts = identity::flight(input, words, f);
    let conditions_note = identity::conditions_note(input, words, f);
    let room = rows_of_page_1(&input.company.name, &flight_facts, &conditions_note);
    let findings = Findings::new(input, words, &order, room);
    let verdict = verdict::verdict(input, words, f, &order, &findings);
    let mut pictures = Vec::new();
    let maps = map::maps(input, words, f, &order, &findings, &mut pictures);
    let own = maps.own.as_ref();
    let comparison = comparison::block(input, words, f, &order, own, &mut pictures);
    let details = crops::details(input, words, f, own, &findings, &mut pictures);
    let details_photo = details.iter().any(|d| d.left.photo);
    let (buildings, total, total_values) =
        building_table::rows(input, words, f, &order, &findings, &verdict);
    let points = findings.point_rows(words, f);
    let rows_1 = buildings.len()
        + usize::from(total.is_some())
        + points.points.len()
        + usize::from(points.more_points.is_some());
    let scale = histogram::scale(input, words, f, own, &total_values);
    let flight_date = input.flight.start.date();
    let settings = &input.settings;
    let (header, logos) = identity::header(input, words);
    let moisture = input.flight.purpose == Purpose::Moisture;
    let relative = verdict::relative_group(input, &verdict);
    Sheet {
        language: words.code,
        region: words.region,
        title: format!(
            "{} – {} – {}",
            campaign(input),
            printed(&input.company.name),
            words.code
        ),
        subject: words.subject,
        date: [
            flight_date.year().into(),
            flight_date.month().into(),
            flight_date.day().into(),
        ],
        ident: format!(
            "{} {} {}",
            settings.code, input.company.company_id, words.code
        ),
        labels: labels(input, words),
        accent: brand::accent(&settings.brand.colour),
        header,
        company: printed(&input.company.name),
        company_facts: identity::company(input, words, f),
        flight_facts,
        plan: maps.plan,
        thermal: maps.thermal,
        key: maps.key,
        scale,
        buildings,
        total,
        total_values,
        points: points.points,
        more_points: points.more_points,
        explained_apart: explained_apart(rows_1, points.explained.len(), room),
        explained: points.explained,
        more_explained: points.more_explained,
        conditions: identity::conditions(input, words, f),
        conditions_note,
        details,
        details_photo,
        details_note: format!(
            "{} ({})",
            if details_photo {
                words.labels.details_note_photo
            } else {
                words.labels.details_note_plan
            },
            histogram::range_words(input.scale_c, words, f)
        ),
        recommendations: recommend::recommendations(words, f, &findings, flight_date),
        reviewed: reviewed::reviewed(input, words, f, &order, &findings),
        comparison,
        savings: savings::savings(input, words, f, &order),
        legend: (1..=6)
            .filter(|_| !moisture)
            .map(|class| LegendEntry {
                class,
                word: words.class_words[usize::from(class) - 1].to_owned(),
                own: verdict.class == Some(class),
            })
            .collect(),
        legend_note: match relative {
            _ if moisture => String::new(),
            Some(n) => fill(words.bounds_relative, &[("n", &f.number(f64::from(n), 0))]),
            None => fill(words.bounds, &[("bounds", &bounds(&settings.u_bounds, f))]),
        },
        limits: limits::limits(input, words, f, &order, &findings),
        next_steps: identity::next_steps(input, words),
        privacy: identity::privacy(input, words, f),
        release: identity::release(input, words, f),
        annex: points.annex,
        footer: identity::footer(input, words),
        verdict,
        findings,
        order,
        pictures,
        logos,
    }
}

/// The rectangles of ground an orthophoto is shown of, each with the columns and rows of its picture:
/// the map of page 1, then the points in detail. `cell_m` is the size of the photo's cells.
pub fn photo_grids(input: &SheetInput, cell_m: f64) -> Vec<(Bounds, usize, usize)> {
    let words = super::words::of(input.language);
    let f = Format::new(words);
    let order = building_table::order(input);
    let flight_facts = identity::flight(input, words, &f);
    let note = identity::conditions_note(input, words, &f);
    let room = rows_of_page_1(&input.company.name, &flight_facts, &note);
    let findings = Findings::new(input, words, &order, room);
    let frames = map::overview(input).into_iter();
    frames
        .chain(crops::frames(input, &findings))
        .map(|frame| frame.photo_grid(cell_m))
        .collect()
}

/// The fixed labels, as far as they are fixed.
fn labels(input: &SheetInput, words: &Words) -> Labels {
    let mut labels = words.labels;
    if verdict::all_shared(input) {
        labels.no_points = words.no_points_shared;
    }
    if !input.settings.park.is_empty() {
        labels.how_to_read_text = words.how_to_read_text_parks;
    }
    if input.flight.purpose == Purpose::Moisture {
        labels.how_to_read_text = words.moisture_how_to_read;
    }
    labels
}

/// Table rows that fit under the maps of page 1 below a head of a one-line name and
/// [`HEAD_LINES`] of facts, measured on the built-in template.
const PAGE_1_ROWS: usize = 11;

/// Lines of the facts of the flight that the head of page 1 has room for.
const HEAD_LINES: usize = 5;

/// Characters in a line of the note under the conditions.
const NOTE_CHARACTERS: usize = 138;

/// Table rows of page 1: a longer head, and a note of several stations under the conditions, take
/// the place of rows. Characters in a line as measured on the built-in template.
fn rows_of_page_1(company: &str, facts: &[Pair], note: &str) -> usize {
    let lines = facts
        .iter()
        .map(|f| f.value.chars().count().div_ceil(45).max(1));
    let more = lines.sum::<usize>().saturating_sub(HEAD_LINES);
    let note_lines = note.chars().count().div_ceil(NOTE_CHARACTERS).max(1);
    PAGE_1_ROWS - (company.chars().count() / 36).max(more).min(2) - (note_lines - 1).min(2)
}

/// Whether explained sources leave page 1: the points would fit without them, not with them.
fn explained_apart(other_rows: usize, explained: usize, rows: usize) -> bool {
    explained > 0 && other_rows <= rows && other_rows + 1 + explained > rows
}

/// The printed campaign: the project's name when none is given.
pub(super) fn campaign(input: &SheetInput) -> &str {
    let settings = &input.settings;
    if settings.campaign.is_empty() {
        &settings.project
    } else {
        &settings.campaign
    }
}

/// A template filled with values and cut into runs.
pub(super) fn runs_of(template: &str, values: &[(&str, &str)]) -> Vec<Run> {
    runs(&fill(template, values))
}

/// Class colour as the template needs it.
pub fn class_hex(class: u8) -> &'static str {
    palette::CLASS_HEX[usize::from(class.clamp(1, 6)) - 1]
}

/// `0,24 · 0,40 · …`, two decimals below 1, one above.
fn bounds(values: &[f64; 5], f: &Format) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|v| f.number(*v, if *v < 1.0 { 2 } else { 1 }))
        .collect();
    texts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explained_sources_leave_page_1_only_when_that_makes_room_for_the_points() {
        assert!(!explained_apart(8, 2, 11));
        assert!(explained_apart(11, 2, 11));
        // A table of many buildings fills the page whatever the sources do.
        assert!(!explained_apart(18, 2, 11));
    }

    #[test]
    fn a_long_head_takes_the_place_of_rows() {
        let facts = |value: &str| vec![Pair::new("", value); 5];
        assert_eq!(rows_of_page_1("Proef nv", &facts("drone"), ""), 11);
        let long = "Een bedrijf met een naam van meer dan zesendertig tekens nv";
        assert_eq!(rows_of_page_1(long, &facts("drone"), ""), 10);
        assert_eq!(rows_of_page_1("Proef nv", &facts(long), ""), 9);
        // The mean of two stations, their distances and differences fill a second line.
        let note = "x".repeat(160);
        assert_eq!(rows_of_page_1("Proef nv", &facts("drone"), &note), 10);
    }
}
