//! Measuring tools (record 0x21, formats.md §1.7).

use super::super::bytes::Order;
use crate::survey::{MeasurementTool, ToolKind};

/// First tool of the record.
const FIRST: usize = 12;
/// Shortest tool: head and one pair of coordinates.
const SHORTEST: usize = 0x28;
const COORDINATES: usize = 0x24;
/// Most tools of one picture; cameras allow ten or so of each kind.
const MOST: usize = 256;

/// Reads tools until the record ends or one makes no sense.
pub(super) fn read(record: &[u8], warnings: &mut Vec<String>) -> Vec<MeasurementTool> {
    // The first word is small in the right order.
    let order = match Order::Little.u16(record, 0) {
        Some(0..=0xFF) => Order::Little,
        _ => Order::Big,
    };
    let mut tools = Vec::new();
    let mut at = FIRST;
    while let Some(length) = order.u16(record, at).map(usize::from) {
        let Some(tool) = record.get(at..at + length) else {
            break;
        };
        if length < SHORTEST {
            break;
        }
        if tools.len() == MOST {
            warnings.push(format!(
                "more than {MOST} measuring tools: the rest is left out"
            ));
            break;
        }
        match one(tool, order) {
            Some(Ok(tool)) => tools.push(tool),
            Some(Err(kind)) => warnings.push(format!("measuring tool of unknown kind {kind}")),
            None => {}
        }
        at += length;
    }
    tools
}

/// A tool; `None` for a slot that is not used, `Err` with its number for a kind we do not know.
fn one(tool: &[u8], order: Order) -> Option<Result<MeasurementTool, u16>> {
    let kind = match order.u16(tool, 0x0A)? {
        1 => ToolKind::Spot,
        2 => ToolKind::Area,
        3 => ToolKind::Ellipse,
        4 => ToolKind::Line,
        5 => ToolKind::Endpoint,
        6 => ToolKind::Alarm,
        0 | 7 => return None,
        8 => ToolKind::Difference,
        other => return Some(Err(other)),
    };
    let length = usize::from(order.u16(tool, 4)?);
    let coordinates = tool.get(COORDINATES..COORDINATES + length)?;
    let points = (0..length / 2)
        .filter_map(|i| order.u16(coordinates, 2 * i))
        .collect();
    let label = label(&tool[COORDINATES + length..], order);
    Some(Ok(MeasurementTool {
        kind,
        label,
        points,
    }))
}

/// UTF-16 until a code that is no printable ASCII.
fn label(bytes: &[u8], order: Order) -> String {
    (0..bytes.len() / 2)
        .filter_map(|i| order.u16(bytes, 2 * i))
        .map_while(|code| u8::try_from(code).ok().filter(|c| (0x20..0x80).contains(c)))
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tool as formats.md §1.7 lays it out.
    fn tool(kind: u16, points: &[u16], label: &str) -> Vec<u8> {
        let mut out = vec![0; COORDINATES];
        out[4..6].copy_from_slice(&(2 * points.len() as u16).to_le_bytes());
        out[0x0A..0x0C].copy_from_slice(&kind.to_le_bytes());
        out.extend(points.iter().flat_map(|p| p.to_le_bytes()));
        out.extend(label.encode_utf16().flat_map(u16::to_le_bytes));
        out.extend([0; 4]);
        let length = out.len() as u16;
        out[..2].copy_from_slice(&length.to_le_bytes());
        out
    }

    fn record(tools: &[Vec<u8>]) -> Vec<u8> {
        let mut out = vec![0; FIRST];
        out[0] = 2;
        out.extend(tools.concat());
        out
    }

    #[test]
    fn tools_follow_each_other_and_unused_slots_are_passed_over() {
        let all = record(&[
            tool(1, &[66, 57], "Sp1"),
            tool(7, &[0, 0], ""),
            tool(2, &[210, 157, 219, 166], "roof"),
        ]);
        let found = read(&all, &mut Vec::new());
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].label.as_str(), found[0].points.as_slice()),
            ("Sp1", &[66, 57][..])
        );
        assert_eq!(
            (found[1].kind, found[1].label.as_str()),
            (ToolKind::Area, "roof")
        );
        let swapped: Vec<u8> = all.chunks(2).flat_map(|p| [p[1], p[0]]).collect();
        assert_eq!(read(&swapped, &mut Vec::new()), found);
    }

    #[test]
    fn damaged_tools_end_the_list() {
        let all = record(&[tool(1, &[1, 2], "a"), tool(4, &[1, 2, 3, 4], "b")]);
        for length in 0..all.len() {
            assert!(read(&all[..length], &mut Vec::new()).len() < 2);
        }
        let mut long = record(&[tool(1, &[1, 2], "a")]);
        long[FIRST + 4] = 0xFF;
        assert!(read(&long, &mut Vec::new()).is_empty());
        let mut warnings = Vec::new();
        assert!(read(&record(&[tool(99, &[1, 2], "")]), &mut warnings).is_empty());
        assert!(warnings[0].contains("99"));
    }
}
