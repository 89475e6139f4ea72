//! (write)

pub mod pdf;
pub mod sheet_json;
