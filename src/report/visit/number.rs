//! Printed numbers of findings: `E01` for electrical ones, `01` for the others, each counted apart.

use super::FindingInput;
use crate::survey::FindingKind;

/// One number for each finding, in their order.
pub fn numbers(findings: &[FindingInput]) -> Vec<String> {
    let (mut electrical, mut others) = (0, 0);
    findings
        .iter()
        .map(|f| {
            if f.kind == FindingKind::Electrical {
                electrical += 1;
                format!("E{electrical:02}")
            } else {
                others += 1;
                format!("{others:02}")
            }
        })
        .collect()
}
