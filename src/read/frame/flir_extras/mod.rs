//! What a thermographer left in a FLIR file besides the samples: formats.md §1.7 to §1.9.
//!
//! In: an FFF block. Out: measuring tools, colours, the visible picture and how the two lie on each
//! other, notes. None of it changes a temperature, so a damaged record costs itself and a warning,
//! never the frame.

mod notes;
mod palette;
mod tools;
mod visible;

use super::bytes::Order;
use super::fff::{self, Fff};
use crate::survey::Extras;
use crate::units::ZERO_CELSIUS_K;

/// Reads all records of this kind.
pub(super) fn of(fff: &Fff<'_>) -> Extras {
    let mut warnings = Vec::new();
    let mut extras = Extras {
        range_c: range_c(fff),
        ..Extras::default()
    };
    if let Some(record) = fff.record(fff::TOOLS) {
        extras.tools = tools::read(record, &mut warnings);
    }
    if let Some(record) = fff.record(fff::PALETTE) {
        extras.palette = palette::read(record, &mut warnings);
    }
    if let Some(record) = fff.record(fff::VISIBLE) {
        extras.visible = visible::picture(record, &mut warnings);
    }
    if let Some(record) = fff.record(fff::PICTURE_IN_PICTURE) {
        extras.pip = visible::place(record);
    }
    if let Some(record) = fff.record(fff::COMMENTS) {
        extras.comments = notes::read(record);
    }
    extras.warnings = warnings;
    extras
}

/// The camera's range from the camera-info record: highest and lowest in kelvin at 0x90 and 0x94.
fn range_c(fff: &Fff<'_>) -> Option<[f64; 2]> {
    let record = fff.record(fff::CAMERA_INFO)?;
    let order = Order::from_mark(record, 2)?;
    let celsius = |at| order.f32(record, at).map(|k| k - ZERO_CELSIUS_K);
    let (low, high) = (celsius(0x94)?, celsius(0x90)?);
    let sound = low.is_finite() && high.is_finite() && low < high;
    sound.then_some([low, high])
}
