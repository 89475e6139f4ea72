//! What stands on a company's sheet.
//!
//! In: [`SheetInput`], one company's buildings, scores, warm objects and the piece of mosaic
//! around them. Out: [`Sheet`], everything that is printed, already formatted in the company's
//! language, with maps as millimetre paths on paper and pictures as finished colours.
//!
//! Observation, interpretation and confirmation have three places on the page and three
//! vocabularies here: a finding states what is seen, its nature is "likely", an action asks
//! somebody to look. Nothing here knows a file format: `write::pdf` sets the pages,
//! `write::sheet_json` writes the numbers unrounded.
//!
//! Privacy is structural: a picture is made only from cells that touch the company's own
//! outlines ([`map`]), and no other company's value is an input.

pub mod brand;
mod building_table;
pub mod changes;
mod comparison;
mod crops;
mod findings;
mod format;
pub mod frame;
pub mod gis;
mod histogram;
mod identity;
mod input;
mod labelling;
pub mod labels;
mod limits;
pub mod map;
pub mod map_page;
pub mod overview;
pub mod palette;
pub mod picture;
mod place;
pub mod quality;
mod recommend;
mod reviewed;
mod savings;
mod sheet;
#[cfg(test)]
mod test_data;
mod verdict;
pub mod visit;
pub mod words;

pub use brand::{Brand, Marks};
pub use comparison::{ComparedRow, ComparisonBlock};
pub use findings::{Finding, Findings, Source};
pub use format::Format;
pub use input::{
    Building, Compared, Comparison, EnergyAssumptions, FlightFacts, Logo, Part, Photo, Purpose,
    Release, Settings, SheetConditions, SheetInput,
};
pub use map::PictureRef;
pub use palette::Palette;
pub use reviewed::{Reviewed, ReviewedRow};
pub use sheet::*;
pub use verdict::class_of;

/// What stands before a name in a letter in a language.
pub fn salutation(language: crate::survey::Language) -> &'static str {
    words::of(language).salutation
}

/// Every word the program prints in sheets and overviews of its own, one a line: what everybody's
/// file says is no company's name.
pub fn vocabulary() -> String {
    let mut lines = words::all_text();
    lines.extend(overview::all_text().into_iter().map(str::to_owned));
    lines.extend(visit::words::all_text());
    lines.extend(gis::all_text().into_iter().map(str::to_owned));
    lines.extend(map_page::all_text());
    lines.join("\n")
}

/// Every sentence of the sheets of roofs and visits in a language, with places for values as they
/// stand in the catalogue.
pub fn phrases(language: crate::survey::Language) -> Vec<String> {
    let mut found = Vec::new();
    let value = serde_json::to_value(words::of(language)).unwrap_or_default();
    words::collect(value, &mut found);
    found.extend(visit::words::text_of(language));
    found
}

/// Lays out one company's sheet.
///
/// A company without buildings gets a sheet that says so: nothing assessable, no map.
pub fn sheet(input: &SheetInput) -> Sheet {
    let words = words::of(input.language);
    let format = Format::new(words);
    sheet::assemble(input, words, &format)
}
