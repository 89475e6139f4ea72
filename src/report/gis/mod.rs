//! How the layers of the results look in a GIS: titles, legends and colours.
//!
//! Out: one [`LayerStyle`] for each layer that has geometry, in the project's language, with the colours of the
//! sheets (class steps, urgencies, verdicts). `write::qgis` says it in the language of QGIS, once for the styles
//! inside a GeoPackage and once for the project file. Layers without geometry have no style.

mod words;

use super::palette::CLASS_HEX;
use super::words as catalogue;
use crate::survey::Language;
use words::Texts;

pub use words::all_text;

/// What a layer's symbols are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// Areas.
    Area,
    /// Points.
    Point,
}

/// How the inside of an area is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// One colour.
    Solid,
    /// Hatched: no value.
    Hatched,
    /// Outline alone.
    Hollow,
}

/// One entry of a legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Value of the expression; empty = every other one.
    pub value: String,
    /// Text of the legend.
    pub label: String,
    /// Colour of the inside, red, green, blue and opacity.
    pub fill: [u8; 4],
    /// Colour of the outline.
    pub line: [u8; 4],
    /// Width of the outline, millimetres.
    pub line_mm: f64,
    /// How the inside is drawn.
    pub pattern: Fill,
}

/// The style of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerStyle {
    /// Name of the layer in its file.
    pub layer: &'static str,
    /// Title in the list of layers.
    pub title: String,
    /// Areas or points.
    pub symbol: Symbol,
    /// Column, or expression over columns, that the categories go by.
    pub by: &'static str,
    /// The legend.
    pub categories: Vec<Category>,
    /// Expression that is written on the object; empty = nothing.
    pub text: &'static str,
}

/// A raster of the results as the project shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RasterStyle {
    /// Name of the file, also that of the layer.
    pub file: &'static str,
    /// Title in the list of layers.
    pub title: String,
    /// Whether it is drawn with the campaign's palette and scale; else grey between these ends.
    pub range: Option<(f64, f64)>,
    /// Whether it is shown at first.
    pub shown: bool,
}

const INK: [u8; 4] = [20, 24, 31, 255];
const GREY: [u8; 4] = [102, 112, 128, 255];
const WHITE: [u8; 4] = [255, 255, 255, 255];

/// Colours of the urgencies 1 to 4 (design.md).
const URGENCY: [[u8; 4]; 4] = [
    WHITE,
    [243, 201, 105, 255],
    [194, 80, 15, 255],
    [122, 15, 29, 255],
];
const BETTER: [u8; 4] = [47, 111, 143, 255];
const UNCHANGED: [u8; 4] = [216, 220, 225, 255];
const WORSE: [u8; 4] = [122, 15, 29, 255];

fn clear([r, g, b, _]: [u8; 4], opacity: u8) -> [u8; 4] {
    [r, g, b, opacity]
}

fn category(value: impl Into<String>, label: impl Into<String>, fill: [u8; 4]) -> Category {
    Category {
        value: value.into(),
        label: label.into(),
        fill,
        line: INK,
        line_mm: 0.26,
        pattern: Fill::Solid,
    }
}

fn hatched(value: &str, label: &str) -> Category {
    Category {
        pattern: Fill::Hatched,
        ..category(value, label, GREY)
    }
}

/// Colour of a class step as red, green, blue.
fn step(class: usize) -> [u8; 4] {
    let hex = CLASS_HEX
        .get(class)
        .map_or("", |h| h.trim_start_matches('#'));
    let rgb = u32::from_str_radix(hex, 16).unwrap_or_default();
    [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, 255]
}

/// The layers of `audit.gpkg`, from the top of the drawing down.
pub fn audit(language: Language) -> Vec<LayerStyle> {
    let texts = words::of(language);
    vec![
        hotspots(texts),
        coldspots(texts),
        frames(texts),
        roof_segments(texts),
        buildings(texts, language),
    ]
}

fn buildings(texts: &Texts, language: Language) -> LayerStyle {
    let words = catalogue::of(language);
    let classes = words.class_words.iter().enumerate();
    let mut categories: Vec<Category> = classes
        .map(|(i, word)| {
            category(
                format!("{}", i + 1),
                format!("{} {word}", i + 1),
                clear(step(i), 140),
            )
        })
        .collect();
    let lower = words.labels.key_not_assessable;
    categories.push(hatched("", lower));
    LayerStyle {
        layer: "buildings",
        title: texts.buildings.to_owned(),
        symbol: Symbol::Area,
        by: "class",
        categories,
        text: "coalesce(\"class\", '–')",
    }
}

/// Warm objects by what they ask for; explained ones stand apart, hollow.
fn hotspots(texts: &Texts) -> LayerStyle {
    let outlined = |value: &str, label: &str, colour: [u8; 4]| Category {
        line: if colour == WHITE { GREY } else { colour },
        line_mm: 0.5,
        fill: clear(colour, 90),
        ..category(value, label, colour)
    };
    let mut categories: Vec<Category> = (1..=4)
        .map(|n: usize| {
            let label = format!("{} {n}", texts.urgency);
            outlined(&n.to_string(), &label, URGENCY[n - 1])
        })
        .collect();
    let aside = |value: &str, label: &str| Category {
        line: GREY,
        line_mm: 0.4,
        pattern: Fill::Hollow,
        ..category(value, label, clear(WHITE, 0))
    };
    categories.push(aside("0", texts.explained));
    categories.push(aside("", texts.rejected));
    LayerStyle {
        layer: "hotspots",
        title: texts.hotspots.to_owned(),
        symbol: Symbol::Area,
        // Severity as a person judged it, else as computed; interface.md §6.
        by: "CASE WHEN \"review\" = 'reject' THEN NULL \
             WHEN coalesce(\"review_kind\", \"kind\") IN ('installation', 'rooflight', 'process') THEN 0 \
             WHEN coalesce(\"review_severity\", \"severity\") <= 2 THEN 1 \
             WHEN coalesce(\"review_severity\", \"severity\") = 3 THEN 2 \
             WHEN coalesce(\"review_severity\", \"severity\") = 5 AND \"confirmed\" = 'yes' THEN 4 \
             ELSE 3 END",
        categories,
        text: "",
    }
}

fn coldspots(texts: &Texts) -> LayerStyle {
    LayerStyle {
        layer: "coldspots",
        title: texts.coldspots.to_owned(),
        symbol: Symbol::Area,
        by: "1",
        categories: vec![Category {
            line: BETTER,
            line_mm: 0.4,
            ..category("1", texts.coldspots, clear(BETTER, 60))
        }],
        text: "",
    }
}

fn frames(texts: &Texts) -> LayerStyle {
    LayerStyle {
        layer: "frames",
        title: texts.frames.to_owned(),
        symbol: Symbol::Point,
        by: "status",
        categories: vec![
            category("used", texts.used, [15, 76, 92, 255]),
            category("skipped", texts.skipped, URGENCY[2]),
            category("unplaced", texts.unplaced, GREY),
        ],
        text: "",
    }
}

/// Kinds of roof parts: planes stay clear, the map below is what they are looked at for.
fn roof_segments(texts: &Texts) -> LayerStyle {
    let colours: [(&str, [u8; 4]); 9] = [
        ("plane", [255, 255, 255, 0]),
        ("parapet", [122, 122, 122, 140]),
        ("rooflight", [86, 180, 233, 160]),
        ("installation", [230, 159, 0, 160]),
        ("pv", [0, 114, 178, 160]),
        ("metal", [204, 121, 167, 160]),
        ("puddle", [0, 158, 115, 120]),
        ("tree", [0, 110, 60, 140]),
        ("unknown", [240, 228, 66, 140]),
    ];
    let categories = colours.iter().zip(texts.parts);
    LayerStyle {
        layer: "roof_segments",
        title: texts.roof_segments.to_owned(),
        symbol: Symbol::Area,
        by: "kind",
        categories: categories
            .map(|((kind, colour), label)| category(*kind, label, *colour))
            .collect(),
        text: "",
    }
}

/// The layers of `changes.gpkg`.
pub fn changes(language: Language) -> Vec<LayerStyle> {
    let texts = words::of(language);
    let [improved, worse, no_proven_change, not_comparable] =
        catalogue::of(language).compare.verdicts;
    let spots = [
        ("new", texts.new, WORSE),
        ("persisting", texts.persisting, GREY),
        ("gone", texts.gone, BETTER),
    ];
    vec![
        LayerStyle {
            layer: "hotspots",
            title: texts.hotspots.to_owned(),
            symbol: Symbol::Area,
            by: "verdict",
            categories: spots
                .into_iter()
                .map(|(value, label, colour)| Category {
                    line: colour,
                    line_mm: 0.5,
                    ..category(value, label, clear(colour, 90))
                })
                .chain([hatched("", not_comparable)])
                .collect(),
            text: "",
        },
        LayerStyle {
            layer: "buildings",
            title: texts.buildings.to_owned(),
            symbol: Symbol::Area,
            by: "verdict",
            categories: vec![
                category("improved", improved, clear(BETTER, 180)),
                category("no-proven-change", no_proven_change, clear(UNCHANGED, 180)),
                category("worse", worse, clear(WORSE, 180)),
                hatched("", not_comparable),
            ],
            text: "",
        },
    ]
}

/// The rasters of a flight, from the top of the drawing down. `scale_c`: the campaign's.
pub fn rasters(language: Language, scale_c: Option<(f64, f64)>) -> Vec<RasterStyle> {
    let texts = words::of(language);
    let raster = |file, title: &str, range, shown| RasterStyle {
        file,
        title: title.to_owned(),
        range,
        shown,
    };
    vec![
        raster("coverage.tif", texts.coverage, Some((0.0, 12.0)), false),
        raster(
            "uncertainty.tif",
            texts.uncertainty,
            Some((0.0, 1.0)),
            false,
        ),
        raster("mosaic.tif", texts.mosaic, scale_c, true),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parts::Kind;

    const ALL: [Language; 4] = [Language::Nl, Language::Fr, Language::En, Language::De];

    #[test]
    fn every_kind_of_part_has_a_colour() {
        let style = roof_segments(words::of(Language::Nl));
        for kind in Kind::ALL {
            assert!(
                style.categories.iter().any(|c| c.value == kind.word()),
                "{kind:?}"
            );
        }
        assert_eq!(style.categories.len(), Kind::ALL.len());
    }

    #[test]
    fn no_two_entries_of_a_legend_are_alike_and_none_is_empty() {
        for language in ALL {
            for style in audit(language).into_iter().chain(changes(language)) {
                let mut seen = std::collections::BTreeSet::new();
                assert!(!style.title.is_empty());
                for entry in &style.categories {
                    assert!(!entry.label.is_empty(), "{}", style.layer);
                    assert!(
                        seen.insert(entry.value.clone()),
                        "{} {}",
                        style.layer,
                        entry.value
                    );
                }
            }
        }
    }

    #[test]
    fn classes_have_the_colours_of_the_sheet() {
        assert_eq!(step(0), [0x26, 0x0C, 0x51, 255]);
        assert_eq!(step(5), [0xFA, 0xC4, 0x2A, 255]);
    }
}
