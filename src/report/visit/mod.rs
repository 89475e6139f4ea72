//! What stands on the sheet of a visit with handheld thermograms.
//!
//! In: [`VisitInput`], one company's findings with their readings and assessments. Out: the sheet,
//! everything formatted in the company's language.

mod input;

pub use input::*;
mod number;
pub use number::numbers;

/// STUB
#[derive(Debug, serde::Serialize)]
pub struct VisitSheet {}
/// STUB
pub fn sheet(_input: &VisitInput) -> VisitSheet {
    VisitSheet {}
}
