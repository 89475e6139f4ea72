//! The park's overviews as tables: classes and counts for everyone, and for the association what
//! companies allow it to see.
//!
//! In: the [`Facts`] of a flight, and of every company its parts, its park and what of it may be
//! seen ([`Member`]). Out: tables with typed cells, ready for a workbook. Nothing here knows a
//! file format. Rows of the public tables count companies, none names one.

mod counts;
mod facts;
mod internal;
pub mod pages;
mod public;
mod words;

pub use facts::{Fact, Facts, PanelFacts, ReviewFacts, RoofFacts, SpotFacts, WeatherPoint};
pub use internal::internal;
pub(in crate::report) use internal::visible;
pub use public::public;
pub use words::all_text;

use crate::report::verdict::class_of;
use crate::survey::{Company, Language, Sharing};

/// A table of a workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Name of the sheet.
    pub name: &'static str,
    /// Column names.
    pub columns: Vec<&'static str>,
    /// One cell per column.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text; never a formula.
    Text(String),
    /// A number shown with so many decimals.
    Number(f64, u8),
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        match text.into() {
            text if text.is_empty() => Self::Empty,
            text => Self::Text(text),
        }
    }

    fn number(value: Option<f64>, decimals: u8) -> Self {
        let value = value.filter(|v| v.is_finite());
        value.map_or(Self::Empty, |v| Self::Number(v, decimals))
    }

    fn whole(value: Option<usize>) -> Self {
        Self::number(value.map(|n| n as f64), 0)
    }
}

/// One building or part of one, as a company holds it.
#[derive(Clone, Debug)]
pub struct Holding<'a> {
    /// The building's, or the part's, numbers.
    pub roof: &'a RoofFacts,
    /// `sole`, `shared`, `zone-…`.
    pub occupancy: &'static str,
    /// Whether others hold the same roof: then it may be seen only if all allow it.
    pub shared: bool,
    /// Companies that hold the same roof, by key.
    pub tenants: Vec<String>,
    /// Where the company's own part of the building lies, if it has one.
    pub zone: Option<&'a geo::MultiPolygon<f64>>,
    /// Park of the building.
    pub park: Option<usize>,
    /// Warm objects that are the company's own.
    pub spots: Vec<&'a SpotFacts>,
}

/// One company of a flight.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// The company.
    pub company: &'a Company,
    /// Language of its sheet.
    pub language: Language,
    /// Its park.
    pub park: Option<usize>,
    /// What the association may see of it.
    pub visible: Sharing,
    /// Whether it is counted in aggregates.
    pub counted: bool,
    /// Whether it has a sheet of this flight.
    pub sheet: bool,
    /// What it holds.
    pub holdings: Vec<Holding<'a>>,
}

impl Member<'_> {
    /// Its class as on its sheet.
    pub fn class(&self) -> Option<u8> {
        let roofs: Vec<(Option<u8>, f64)> = self
            .holdings
            .iter()
            .map(|h| (h.roof.class, h.roof.assessed_m2))
            .collect();
        class_of(&roofs).map(|(class, _)| class)
    }

    /// Its points of attention: neither explained nor of low confidence, on roofs that were
    /// judged, as its sheet counts them.
    pub fn points(&self) -> impl Iterator<Item = &SpotFacts> {
        let judged = self.holdings.iter().filter(|h| h.roof.assessed_m2 > 0.0);
        let spots = judged.flat_map(|h| h.spots.iter().copied());
        spots.filter(|s| !s.explained && s.grade != 'D')
    }
}

/// What a workbook is about.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Name of the campaign.
    pub campaign: &'a str,
    /// Flight.
    pub flight: &'a str,
    /// Keys and names of all parks; empty where the project is one.
    pub parks: &'a [(String, String)],
    /// The park of this workbook; `None` for the campaign.
    pub park: Option<usize>,
    /// Language of the words.
    pub language: Language,
    /// Smallest count that is published.
    pub min_cell: usize,
}

impl Scope<'_> {
    /// Whether something of a park belongs in this workbook.
    pub(in crate::report) fn holds(&self, park: Option<usize>) -> bool {
        self.park.is_none() || self.park == park
    }

    fn park_id(&self, park: Option<usize>) -> &str {
        let found = park.and_then(|i| self.parks.get(i));
        found.map_or("", |(id, _)| id.as_str())
    }
}

/// Table `conditions`: key and value.
fn conditions(facts: &Facts, scope: &Scope<'_>) -> Table {
    let mut rows = vec![
        vec![Cell::text("campaign"), Cell::text(scope.campaign)],
        vec![Cell::text("flight_id"), Cell::text(scope.flight)],
    ];
    if let Some((id, name)) = scope.park.and_then(|i| scope.parks.get(i)) {
        rows.push(vec![Cell::text("park_id"), Cell::text(id.as_str())]);
        rows.push(vec![Cell::text("park"), Cell::text(name.as_str())]);
    }
    for (key, fact) in &facts.conditions {
        let value = match fact {
            Fact::Number(v) => {
                let decimals = if v.fract() == 0.0 { 0 } else { 2 };
                Cell::number(Some(*v), decimals)
            }
            Fact::Text(text) => Cell::text(text.as_str()),
            Fact::None => Cell::Empty,
        };
        rows.push(vec![Cell::text(key.as_str()), value]);
    }
    Table {
        name: "conditions",
        columns: vec!["key", "value"],
        rows,
    }
}

/// Table `dictionary`: what every column and key of the other tables means.
fn dictionary(tables: &[Table], language: Language) -> Table {
    let mut rows = Vec::new();
    for table in tables {
        let keys = table.rows.iter().filter_map(|row| match row.first() {
            Some(Cell::Text(key)) if table.columns.first() == Some(&"key") => Some(key.as_str()),
            _ => None,
        });
        for name in table.columns.iter().copied().chain(keys) {
            if let Some(meaning) = words::meaning(name, language) {
                rows.push(vec![
                    Cell::text(table.name),
                    Cell::text(name),
                    Cell::text(meaning),
                ]);
            }
        }
    }
    Table {
        name: "dictionary",
        columns: vec!["sheet", "column", "meaning"],
        rows,
    }
}
