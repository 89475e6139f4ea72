//! What stands on the sheet of a visit with handheld thermograms.
//!
//! In: [`VisitInput`], one company's findings with their readings and assessments. Out:
//! [`VisitSheet`], everything formatted in the company's language, pictures as finished colours.
//!
//! Observation, interpretation and recommendation have three places. While no qualified person has
//! released the findings, no cause is printed at all.

mod assemble;
mod card;
mod electrical;
mod indicators;
mod input;
mod marks;
mod number;
mod pictures;
mod reasons;
pub mod registration;
mod sheet;
pub mod thermogram;
pub(super) mod words;

pub use assemble::sheet;
pub use input::*;
pub use marks::{Mark, marks};
pub use number::numbers;
pub use sheet::*;
