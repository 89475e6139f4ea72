//! What stands on the sheet of a visit with handheld thermograms.
//!
//! In: [`VisitInput`], one company's findings with their readings and assessments. Out: the sheet,
//! everything formatted in the company's language.

mod input;

pub use input::*;
