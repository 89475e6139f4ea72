//! What stands on a flight's quality report, for whoever processed it (georeferencing.md §12).
//!
//! In: [`QualityInput`], the figures the stages noted and the frames. Out: [`QualityPages`], everything
//! printed, formatted, drawings as millimetres on paper and maps as finished colours. In English: it
//! goes to the one who runs the program, whose messages are English, and to no company.

mod flat;
mod plot;
mod views;

use serde::Serialize;

use super::brand::{Brand, Files, Marks};
use super::format::Format;
use super::frame::{Frame, ScaleBar};
use super::sheet::Picture;
use super::words;
use crate::raster::{Bounds, GeoGrid, Grid};

pub use plot::{Bars, Plot};
pub use views::{View, views};

/// How good a flight's map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing to mend.
    Green,
    /// Usable with what is said.
    Amber,
    /// Not to be handed out.
    Red,
}

impl Verdict {
    /// The word in `quality.json`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Green => "green",
            Verdict::Amber => "amber",
            Verdict::Red => "red",
        }
    }
}

/// Why a map is not as good as it could be, and what to do next time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found.
    pub why: String,
    /// What to fly next time.
    pub next_time: String,
}

/// A frame on the map of the block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FramePoint {
    /// Map position, metres.
    pub place: [f64; 2],
    /// 1σ of the position, metres.
    pub sigma_m: f64,
    /// Seconds since the first frame; NaN where unknown.
    pub time_s: f64,
    /// Level taken off, kelvin; NaN where there is none.
    pub offset_k: f64,
    /// Run between shutter events.
    pub run: u32,
}

/// What a building's outline says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// Middle of the building, metres.
    pub place: [f64; 2],
    /// What is left of its own shift, metres.
    pub by: [f64; 2],
    /// Whether it agrees with the others.
    pub agrees: bool,
}

/// A figure with what is usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
    /// What is usual or good; empty where nothing is.
    pub usual: String,
}

/// Figures that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Head of the table.
    pub title: String,
    /// Rows.
    pub rows: Vec<Figure>,
}

/// What is known of a flight's quality.
#[derive(Clone, Debug)]
pub struct QualityInput {
    /// Logos and colour.
    pub brand: Brand,
    /// Project.
    pub project: String,
    /// Flight.
    pub flight: String,
    /// Date: year, month, day.
    pub date: [i32; 3],
    /// Start in local time, words.
    pub start: String,
    /// Why the verdict is what it is, the worst first.
    pub reasons: Vec<Reason>,
    /// Figures.
    pub tables: Vec<Table>,
    /// Frames with a place.
    pub frames: Vec<FramePoint>,
    /// Bounds of what the frames or tiles see.
    pub bounds: Bounds,
    /// Frames by reprojection error, in bins of `bin_px`.
    pub residuals: Vec<u64>,
    /// Width of a bin, pixels.
    pub bin_px: f64,
    /// Frames behind each cell, and the steepest view, degrees.
    pub views: Option<(GeoGrid<f32>, GeoGrid<f32>)>,
    /// What the camera adds over its image, kelvin about its mean.
    pub flat_field: Option<Grid<f32>>,
    /// What outlines say.
    pub arrows: Vec<Arrow>,
    /// Files left out, with the reason.
    pub refused: Vec<(String, String)>,
}

/// A dot on the map of the block.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dot {
    /// Paper, mm.
    pub at: [f64; 2],
    /// Colour.
    pub fill: String,
}

/// An arrow on the map of the outlines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperArrow {
    /// From, mm.
    pub from: [f64; 2],
    /// To, mm.
    pub to: [f64; 2],
    /// Whether it agrees.
    pub agrees: bool,
}

/// A map with a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperMap {
    /// Title.
    pub title: String,
    /// Caption under it.
    pub caption: String,
    /// For those who cannot see it.
    pub alt: String,
    /// Width and height, mm.
    pub size: [f64; 2],
    /// Picture under the signs, by name.
    pub picture: Option<PaperPicture>,
    /// Frames.
    pub dots: Vec<Dot>,
    /// Outlines' arrows.
    pub arrows: Vec<PaperArrow>,
    /// Colours with words.
    pub key: Vec<(String, String)>,
    /// Scale bar, where it is ground that is shown.
    pub scale: Option<ScaleBar>,
}

/// A picture in a template.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperPicture {
    /// Name.
    pub name: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// The report, ready for its template.
#[derive(Clone, Debug, Serialize)]
pub struct QualityPages {
    /// Logos and colour.
    #[serde(flatten)]
    pub marks: Marks,
    /// Title of the document.
    pub title: String,
    /// Identifier of the document.
    pub ident: String,
    /// Project.
    pub project: String,
    /// Flight.
    pub flight: String,
    /// Date: year, month, day.
    pub date: [i32; 3],
    /// Start.
    pub start: String,
    /// Verdict.
    pub verdict: Verdict,
    /// The verdict in words.
    pub verdict_words: String,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Figures.
    pub tables: Vec<Table>,
    /// Maps.
    pub maps: Vec<PaperMap>,
    /// Reprojection errors.
    pub residuals: Option<Bars>,
    /// Levels over time.
    pub levels: Option<Plot>,
    /// Files left out, at most twenty.
    pub refused: Vec<(String, String)>,
    /// How many more.
    pub more_refused: usize,
    /// Pictures by name.
    #[serde(skip)]
    pub pictures: Vec<Picture>,
    /// Logo files.
    #[serde(skip)]
    pub logos: Files,
}

/// Files named at most.
const MOST_REFUSED: usize = 20;
/// A map on paper, mm.
const MAP_MM: [f64; 2] = [88.0, 66.0];
/// Steps of position's σ, metres, and their colours, dark where it is bad.
const SIGMAS: [(f64, &str); 4] = [
    (0.1, "#9DB4C0"),
    (0.5, "#4F7A8C"),
    (2.0, "#C2500F"),
    (f64::INFINITY, "#7A0F1D"),
];

/// Lays the report out.
pub fn quality(input: &QualityInput) -> QualityPages {
    let f = Format::new(&words::EN);
    let verdict = input.reasons.first().map_or(Verdict::Green, |r| r.verdict);
    let verdict_words = match verdict {
        Verdict::Green => "Good: positions and levels are as they should be.",
        Verdict::Amber => "Usable, with what is said here.",
        Verdict::Red => "Not fit to be handed out.",
    };
    let mut pictures = Vec::new();
    let mut maps = Vec::new();
    let frame = Frame::around(&input.bounds, 5.0, 20.0, MAP_MM[0], MAP_MM[1]);
    if !input.bounds.is_empty() && !input.frames.is_empty() {
        maps.push(block_map(input, &frame, &f));
    }
    if !input.arrows.is_empty() {
        maps.push(arrow_map(input, &frame, &f));
    }
    if let Some((count, angle)) = &input.views {
        let (many, map) = views::counts(count, &frame, &f);
        maps.push(map);
        pictures.push(many);
        let (steep, map) = views::angles(angle, &frame, &f);
        maps.push(map);
        pictures.push(steep);
    }
    if let Some(flat) = &input.flat_field {
        let (picture, map) = flat::picture(flat, &f);
        maps.push(map);
        pictures.push(picture);
    }
    let (marks, logos) = input.brand.marks();
    QualityPages {
        marks,
        title: format!("Quality of flight {}", input.flight),
        ident: format!("thermaudit-quality-{}-{}", input.project, input.flight),
        project: input.project.clone(),
        flight: input.flight.clone(),
        date: input.date,
        start: input.start.clone(),
        verdict,
        verdict_words: verdict_words.to_owned(),
        reasons: input.reasons.clone(),
        tables: input.tables.clone(),
        maps,
        residuals: plot::residuals(&input.residuals, input.bin_px, &f),
        levels: plot::levels(&input.frames, &f),
        refused: input.refused.iter().take(MOST_REFUSED).cloned().collect(),
        more_refused: input.refused.len().saturating_sub(MOST_REFUSED),
        pictures,
        logos,
    }
}

fn block_map(input: &QualityInput, frame: &Frame, f: &Format) -> PaperMap {
    let step = |sigma: f64| {
        SIGMAS
            .iter()
            .position(|(most, _)| sigma <= *most)
            .unwrap_or(3)
    };
    let dots = input.frames.iter().map(|p| Dot {
        at: paper(frame, p.place),
        fill: SIGMAS[step(p.sigma_m)].1.to_owned(),
    });
    let used = |k: usize| input.frames.iter().any(|p| step(p.sigma_m) == k);
    let words = |k: usize| match k {
        0 => format!("1σ up to {}", f.with_unit(0.1, 1, "m")),
        3 => format!("over {}", f.with_unit(2.0, 0, "m")),
        _ => format!("up to {}", f.with_unit(SIGMAS[k].0, 1, "m")),
    };
    PaperMap {
        title: "Where the frames were taken".to_owned(),
        caption: format!("{} frames, by how sure their place is.", input.frames.len()),
        alt: format!("Map of the places of {} frames.", input.frames.len()),
        size: MAP_MM,
        picture: None,
        dots: dots.collect(),
        arrows: Vec::new(),
        key: (0..SIGMAS.len())
            .filter(|k| used(*k))
            .map(|k| (SIGMAS[k].1.to_owned(), words(k)))
            .collect(),
        scale: Some(frame.scale_bar(f)),
    }
}

fn arrow_map(input: &QualityInput, frame: &Frame, f: &Format) -> PaperMap {
    // As long on paper as can be told apart: the usual miss is 4 mm.
    let mut lengths: Vec<f64> = input
        .arrows
        .iter()
        .map(|a| a.by[0].hypot(a.by[1]))
        .collect();
    lengths.sort_by(f64::total_cmp);
    let usual = lengths[lengths.len() / 2].max(0.01);
    let per_m = 4.0 / usual;
    let round = 10.0_f64.powf(per_m.log10().floor());
    let per_m = (per_m / round).floor().max(1.0) * round;
    let agreeing = input.arrows.iter().filter(|a| a.agrees).count();
    PaperMap {
        title: "What the building outlines say".to_owned(),
        caption: format!(
            "What is left of each building's own shift, 1 m drawn as {}; {agreeing} of {} agree.",
            f.with_unit(per_m, 0, "mm"),
            input.arrows.len()
        ),
        alt: format!(
            "Map of what is left of the shift of {} buildings; {agreeing} agree.",
            input.arrows.len()
        ),
        size: MAP_MM,
        picture: None,
        dots: Vec::new(),
        arrows: input
            .arrows
            .iter()
            .map(|a| {
                let from = paper(frame, a.place);
                let long = a.by[0].hypot(a.by[1]) * per_m;
                // Those far off are cut at the length of a big one.
                let cut = (18.0 / long.max(1e-9)).min(1.0);
                PaperArrow {
                    from,
                    to: [
                        from[0] + cut * per_m * a.by[0],
                        from[1] - cut * per_m * a.by[1],
                    ],
                    agrees: a.agrees,
                }
            })
            .collect(),
        key: vec![
            ("#14181F".to_owned(), "agrees".to_owned()),
            ("#C2500F".to_owned(), "does not (left out)".to_owned()),
        ],
        scale: Some(frame.scale_bar(f)),
    }
}

/// Paper position, to a hundredth of a millimetre.
fn paper(frame: &Frame, place: [f64; 2]) -> [f64; 2] {
    frame
        .paper(place[0], place[1])
        .map(|v| (v * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> QualityInput {
        let frames = (0..30).map(|i| FramePoint {
            place: [f64::from(i % 6) * 12.0, f64::from(i / 6) * 15.0],
            sigma_m: if i < 10 { 0.05 } else { 1.2 },
            time_s: f64::from(i) * 2.0,
            offset_k: 0.1 * f64::from(i % 7),
            run: u32::from(i > 15),
        });
        QualityInput {
            brand: Brand::default(),
            project: "Park".to_owned(),
            flight: "f1".to_owned(),
            date: [2026, 1, 16],
            start: "16 January 2026, 21:40".to_owned(),
            reasons: vec![Reason {
                verdict: Verdict::Amber,
                why: "why".to_owned(),
                next_time: "next".to_owned(),
            }],
            tables: Vec::new(),
            frames: frames.collect(),
            bounds: Bounds {
                x_min: -10.0,
                y_min: -10.0,
                x_max: 80.0,
                y_max: 90.0,
            },
            residuals: vec![5, 20, 9, 1],
            bin_px: 0.1,
            views: None,
            flat_field: None,
            arrows: vec![Arrow {
                place: [10.0, 10.0],
                by: [0.2, -0.1],
                agrees: true,
            }],
            refused: (0..25)
                .map(|i| (format!("{i}.jpg"), "broken".to_owned()))
                .collect(),
        }
    }

    #[test]
    fn the_worst_reason_is_the_verdict_and_everything_lies_on_its_map() {
        let pages = quality(&input());
        assert_eq!(pages.verdict, Verdict::Amber);
        assert_eq!((pages.refused.len(), pages.more_refused), (20, 5));
        assert_eq!(pages.maps.len(), 2);
        for dot in &pages.maps[0].dots {
            assert!((0.0..=88.0).contains(&dot.at[0]) && (0.0..=66.0).contains(&dot.at[1]));
        }
        assert_eq!(pages.maps[0].key.len(), 2);
        let none = QualityInput {
            reasons: Vec::new(),
            frames: Vec::new(),
            bounds: Bounds::EMPTY,
            residuals: Vec::new(),
            arrows: Vec::new(),
            refused: Vec::new(),
            ..input()
        };
        let pages = quality(&none);
        assert_eq!(pages.verdict, Verdict::Green);
        assert!(pages.maps.is_empty() && pages.residuals.is_none() && pages.levels.is_none());
    }
}
