//! One picture a thermographer takes: what is drawn, what is measured in it, what is noted of it.

use serde_json::Value;

use super::canvas::Canvas;
use super::marks::Marks;

/// The moment and the room of a picture; scenes take their temperatures from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Setting {
    pub indoor_c: f64,
    /// Fraction.
    pub indoor_humidity: f64,
    pub outdoor_c: f64,
    /// Fraction.
    pub outdoor_humidity: f64,
    pub wind_m_s: f64,
    /// Language of the notes.
    pub english: bool,
    /// Repaired since the visit before.
    pub solved: bool,
}

impl Setting {
    /// The text in the language of the company.
    pub(super) fn say(&self, dutch: &str, english: &str) -> String {
        if self.english { english } else { dutch }.to_owned()
    }

    /// Inside over outside, K.
    pub(super) fn difference_k(&self) -> f64 {
        self.indoor_c - self.outdoor_c
    }
}

/// What lies between a surface and the count of a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Optics {
    pub emissivity: f64,
    pub reflected_c: f64,
    pub distance_m: f64,
    pub air_c: f64,
    /// Fraction.
    pub humidity: f64,
    pub window_c: f64,
    pub window_transmission: f64,
}

impl Optics {
    /// Without a window.
    pub(super) fn of(emissivity: f64, reflected_c: f64, distance_m: f64) -> Self {
        Self {
            emissivity,
            reflected_c,
            distance_m,
            air_c: 20.0,
            humidity: 0.5,
            window_c: 20.0,
            window_transmission: 1.0,
        }
    }

    /// In the room of the setting.
    pub(super) fn inside(self, setting: &Setting) -> Self {
        Self {
            air_c: setting.indoor_c,
            humidity: setting.indoor_humidity,
            window_c: setting.indoor_c,
            ..self
        }
    }

    /// Outside.
    pub(super) fn outside(self, setting: &Setting) -> Self {
        Self {
            air_c: setting.outdoor_c,
            humidity: setting.outdoor_humidity,
            window_c: setting.outdoor_c,
            ..self
        }
    }
}

/// A measuring tool, scene units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mark {
    Spot([f64; 2]),
    /// Left, top, right, bottom.
    Area([f64; 4]),
    /// Centre and half axes.
    Ellipse([f64; 4]),
    Line([f64; 4]),
    /// Second tool minus first, counted from 1.
    Difference([u16; 2]),
}

/// A tool with its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tool {
    pub label: &'static str,
    pub mark: Mark,
}

impl Tool {
    pub(super) fn spot(label: &'static str, x: f64, y: f64) -> Self {
        let mark = Mark::Spot([x, y]);
        Self { label, mark }
    }

    pub(super) fn area(label: &'static str, rect: [f64; 4]) -> Self {
        let mark = Mark::Area(rect);
        Self { label, mark }
    }

    pub(super) fn difference(label: &'static str, first: u16, second: u16) -> Self {
        let mark = Mark::Difference([first, second]);
        Self { label, mark }
    }
}

/// A cell of the findings table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// File name of a picture of the same group.
    Picture(usize),
    /// So many months after the visit.
    Months(i8),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The cells of a row by column; the writer adds those that follow from the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(Vec<(&'static str, Cell)>);

impl Row {
    /// With one more cell.
    pub(super) fn with(mut self, column: &'static str, cell: impl Into<Cell>) -> Self {
        self.0.push((column, cell.into()));
        self
    }

    /// With a number of so many decimals.
    pub(super) fn number(self, column: &'static str, value: f64, decimals: usize) -> Self {
        self.with(column, format!("{value:.decimals$}"))
    }

    /// The cell of a column.
    pub(super) fn cell(&self, column: &str) -> Option<&Cell> {
        self.0
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, c)| c)
    }

    /// The columns it has cells for.
    #[cfg(test)]
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(name, _)| *name)
    }

    /// The text of a column.
    pub(super) fn text(&self, column: &str) -> &str {
        match self.cell(column) {
            Some(Cell::Text(text)) => text,
            _ => "",
        }
    }
}

/// The camera of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// 320 × 240.
    Large,
    /// 160 × 120.
    Small,
}

/// How a scene is shown in visible light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visible {
    /// Inside the thermogram's file.
    Embedded,
    /// An ordinary photo beside it.
    Photo,
    None,
}

/// Where the camera stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Inside,
    Outside,
    Roof,
}

/// What a scene paints.
pub(super) type Painter = Box<dyn Fn(&mut Canvas) + Send + Sync>;
/// What is true of the marks of a picture.
pub(super) type Indicate = Box<dyn Fn(&Marks<'_>) -> Value + Send + Sync>;

/// One picture with everything about it.
pub(super) struct Shot {
    /// Word in the truth.
    pub scene: &'static str,
    pub model: Model,
    /// Held turned.
    pub upright: bool,
    /// The measuring range for hot things.
    pub hot: bool,
    pub visible: Visible,
    pub stand: Stand,
    /// Whether the receiver had a position.
    pub position: bool,
    /// What is true.
    pub optics: Optics,
    /// Emissivity the camera was set to.
    pub camera_emissivity: f64,
    /// Whether marks stand in the file; else in the table.
    pub marked_in_file: bool,
    pub tools: Vec<Tool>,
    pub rows: Vec<Row>,
    pub paint: Painter,
    pub indicate: Indicate,
    /// What an audit should say, in plain words.
    pub expected: String,
}

impl Shot {
    /// A picture of the larger camera with its marks and a visible picture, inside.
    pub(super) fn new(scene: &'static str, optics: Optics, paint: Painter) -> Self {
        Self {
            scene,
            model: Model::Large,
            upright: false,
            hot: false,
            visible: Visible::Embedded,
            stand: Stand::Inside,
            position: true,
            optics,
            camera_emissivity: 0.95,
            marked_in_file: true,
            tools: Vec::new(),
            rows: Vec::new(),
            paint,
            indicate: Box::new(|_| Value::Null),
            expected: String::new(),
        }
    }
}
