//! STUB
use crate::report::visit::{VisitInput, VisitSheet};
/// STUB
pub fn to_json(_input: &VisitInput, _sheet: &VisitSheet) -> String {
    String::new()
}
