//! What stands on a map page: roofs, warm objects, the words around them, and where temperatures
//! lie; for one company, for the association, for everyone.
//!
//! In: a company's sheet, or the facts and members the overviews are made from. Out: a
//! [`MapPage`] that a page serialises as it is, and the shapes whose cells may be shown
//! ([`Drawn`]): the caller cuts them out of the mosaic and packs them into [`Tile`]s.
//!
//! Privacy: a page holds no shape with a value but those of [`Drawn::shown`]; everything else is
//! an outline without a name. Numbers in shapes are metres with a decimal point from an origin of
//! the page, so that no row of digits can be taken for the key of a building.
//!
//! Not here: the page itself, packing of cells (`write::map_page`), reading of rasters.

mod company;
mod earlier;
mod overview;
mod shape;
mod words;

pub use company::company;
pub use earlier::still_open;
pub use overview::{Grounds, Style, internal, public};
pub use shape::Shape;
pub use words::{MapWords, all_text, of};

use geo::MultiPolygon;
use serde::{Deserialize, Serialize};

use super::format::fill;
use super::sheet::Pair;

/// For whom a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// One company: its own roofs.
    Company,
    /// The association: what companies allow.
    Internal,
    /// Everyone: outlines and counts.
    Public,
}

/// A map page.
#[derive(Clone, Debug, Serialize)]
pub struct MapPage {
    /// For whom.
    pub variant: Variant,
    /// Language tag, `nl-BE`.
    pub language: String,
    /// Campaign, above the title.
    pub campaign: String,
    /// Title.
    pub title: String,
    /// Company, or park.
    pub subject: String,
    /// Accent colour `#RRGGBB`.
    pub accent: String,
    /// Fixed scale of the campaign, °C, low and high; `None` where no temperature is shown.
    pub scale_c: Option<[f64; 2]>,
    /// 256 colours of the scale, low to high, `[red, green, blue]`.
    #[serde(skip)]
    pub palette: Vec<[u8; 3]>,
    /// Words of the page.
    pub words: MapWords,
    /// Legend of the classes: digit, colour, word and number of companies where it is told.
    pub classes: Vec<ClassRow>,
    /// Below the legend of the classes.
    pub classes_note: String,
    /// What a reader has to know, a paragraph each.
    pub notes: Vec<String>,
    /// Program and version.
    pub program: String,
    /// Flights, the page's own last.
    pub layers: Vec<Layer>,
}

/// A row of the legend of classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassRow {
    /// Class 1–6; `None` is not assessable.
    pub class: Option<u8>,
    /// Colour `#RRGGBB`; empty where hatched.
    pub colour: String,
    /// Word.
    pub word: String,
    /// Number of companies, or that it is withheld; empty where nothing is counted.
    pub companies: String,
}

/// What one flight shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Flight.
    pub flight: String,
    /// Its date as printed; empty when not known.
    pub date: String,
    /// Origin of all shapes, project CRS, metres.
    pub origin_m: [f64; 2],
    /// Where cells lie; `None` without temperatures.
    pub cells: Option<Cells>,
    /// Roofs with a name, a class or temperatures.
    pub roofs: Vec<Roof>,
    /// Warm objects on them.
    pub spots: Vec<Spot>,
    /// Outlines of everything else: grey, without a name.
    pub others: Vec<Shape>,
}

/// Cells with a temperature, in tiles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cells {
    /// Upper left corner of cell (0, 0) from the origin, metres, y upward.
    pub corner_m: [f64; 2],
    /// Side of a cell, metres.
    pub cell_m: f64,
    /// Cells of the mosaic along the side of one of these.
    pub reduced: usize,
    /// Outline of all roofs whose temperatures are shown, together: what lies beyond is covered.
    pub cover: Shape,
    /// Tiles.
    pub tiles: Vec<Tile>,
}

/// A rectangle of packed cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    /// First column.
    pub col: usize,
    /// First row.
    pub row: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Temperatures as the page's writer packs them.
    pub packed: String,
}

/// How a roof is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// Its temperatures.
    Thermal,
    /// Its class colour only.
    Class,
    /// Hatched: not assessable.
    #[default]
    Hatched,
}

/// A roof the reader of the page may know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Roof {
    /// Tag or name.
    pub name: String,
    /// Second line; empty for none.
    pub note: String,
    /// Key of the building.
    pub oidn: String,
    /// Keys of the companies that hold it; none on a company's own page.
    pub holders: Vec<String>,
    /// Class 1–6.
    pub class: Option<u8>,
    /// Text of the chip: `4`, `3–4`, `–`.
    pub chip: String,
    /// Class in words.
    pub word: String,
    /// How it is drawn.
    pub look: Look,
    /// Numbers, as printed.
    pub facts: Vec<Fact>,
    /// Outline.
    pub shape: Shape,
    /// Parts that were not measured.
    pub masked: Vec<Shape>,
    /// A point inside.
    pub at: [f64; 2],
    /// Whether the reader may see its values, not its class alone.
    #[serde(skip)]
    pub open: bool,
}

/// Label and value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Label.
    pub label: String,
    /// Value.
    pub value: String,
}

impl Fact {
    fn new(label: &str, value: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            value: value.into(),
        }
    }
}

impl From<Pair> for Fact {
    fn from(pair: Pair) -> Self {
        Self {
            label: pair.label,
            value: pair.value,
        }
    }
}

/// A warm object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    /// Number on the sheet; 0 for none.
    pub number: usize,
    /// Whether it is an explained source, no point of attention.
    pub explained: bool,
    /// Likely nature in words.
    pub nature: String,
    /// Place in words.
    pub place: String,
    /// Numbers, as printed.
    pub facts: Vec<Fact>,
    /// Position of its roof.
    pub roof: usize,
    /// Where its number stands.
    pub at: [f64; 2],
    /// Outlines.
    pub shapes: Vec<Shape>,
}

/// A page without cells yet, and the shapes they are cut by.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The page.
    pub page: MapPage,
    /// Shapes whose cells are shown, project CRS.
    pub shown: Vec<MultiPolygon<f64>>,
    /// Shapes whose cells never are.
    pub hidden: Vec<MultiPolygon<f64>>,
}

impl Drawn {
    /// The page's own flight.
    pub fn layer(&self) -> Option<&Layer> {
        self.page.layers.last()
    }

    /// The page with its cells and with earlier flights, and what is to be said of both.
    pub fn finished(self, cells: Option<Cells>, earlier: Vec<Layer>) -> MapPage {
        let mut page = self.page;
        if !earlier.is_empty() {
            page.notes.push(page.words.held_then.to_owned());
        }
        if let Some(cells) = cells.as_ref().filter(|c| c.reduced > 1) {
            let cell_m = format!("{:.2}", cells.cell_m);
            let cell_m = match page.language.starts_with("en") {
                true => cell_m,
                false => cell_m.replace('.', ","),
            };
            let note = fill(page.words.reduced, &[("d", &cell_m)]);
            page.notes.push(note);
        }
        if let Some(own) = page.layers.last_mut() {
            own.cells = cells;
        }
        page.layers.splice(0..0, earlier);
        page
    }

    /// A page of one flight and no words.
    #[cfg(test)]
    pub(crate) fn of_layer(layer: Layer) -> Self {
        let page = MapPage {
            variant: Variant::Company,
            language: "nl-BE".to_owned(),
            campaign: String::new(),
            title: String::new(),
            subject: String::new(),
            accent: String::new(),
            scale_c: Some([-10.0, 10.0]),
            palette: Vec::new(),
            words: *of(crate::survey::Language::Nl),
            classes: Vec::new(),
            classes_note: String::new(),
            notes: Vec::new(),
            program: String::new(),
            layers: vec![layer],
        };
        Self {
            page,
            shown: Vec::new(),
            hidden: Vec::new(),
        }
    }
}
