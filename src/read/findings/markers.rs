//! The auditor's own markers: `Sp x y; Bx x y w h; El x y a b; Li x1 y1 x2 y2` in raw pixels.

use crate::survey::{MeasurementTool, ToolKind};

/// Markers of a cell, numbered by kind in the order written (`Sp1`, `Sp2`, `Bx1` …), and the parts
/// that are none. `El` is centre and half axes. A number behind the kind (`Sp2 10 20`) is its own.
pub fn parse(cell: &str) -> (Vec<MeasurementTool>, Vec<String>) {
    let mut markers: Vec<MeasurementTool> = Vec::new();
    let mut wrong = Vec::new();
    for part in cell.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        match one(part) {
            Some((kind, number, points)) => {
                let same = markers.iter().filter(|m| m.kind == kind).count();
                let label = format!("{}{}", prefix(kind), number.unwrap_or(same + 1));
                if markers.iter().any(|m| m.label == label) {
                    wrong.push(part.to_owned());
                } else {
                    markers.push(MeasurementTool {
                        kind,
                        label,
                        points,
                    });
                }
            }
            None => wrong.push(part.to_owned()),
        }
    }
    (markers, wrong)
}

/// Whether a text is the label of a marker, such as `Bx2`.
pub(super) fn is_label(text: &str) -> bool {
    let letters: String = text.chars().take_while(|c| c.is_alphabetic()).collect();
    let digits = &text[letters.len()..];
    let known = ["sp", "bx", "ar", "el", "li"].contains(&letters.to_lowercase().as_str());
    known && (1..=2).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
}

/// Markers as a cell: the inverse of [`parse`] for spots, areas, upright ellipses and lines.
pub fn text(markers: &[MeasurementTool]) -> String {
    let parts = markers.iter().filter_map(|m| {
        let p = &m.points;
        let numbers: Vec<u16> = match (m.kind, p.as_slice()) {
            (ToolKind::Spot, [x, y, ..]) => vec![*x, *y],
            (ToolKind::Area | ToolKind::Line, [a, b, c, d, ..]) => vec![*a, *b, *c, *d],
            (ToolKind::Ellipse, [x, y, ax, _, _, by, ..]) => {
                vec![*x, *y, ax.abs_diff(*x), by.abs_diff(*y)]
            }
            _ => return None,
        };
        let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
        Some(format!("{} {}", prefix(m.kind), numbers.join(" ")))
    });
    parts.collect::<Vec<String>>().join("; ")
}

fn one(part: &str) -> Option<(ToolKind, Option<usize>, Vec<u16>)> {
    let words: Vec<&str> = part
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|w| !w.is_empty())
        .collect();
    let (name, numbers) = words.split_first()?;
    let name = name.to_lowercase();
    let letters: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
    let digits = &name[letters.len()..];
    let kind = match letters.as_str() {
        "sp" => ToolKind::Spot,
        "bx" | "ar" => ToolKind::Area,
        "el" => ToolKind::Ellipse,
        "li" => ToolKind::Line,
        _ => return None,
    };
    let number = match digits {
        "" => None,
        digits => Some(digits.parse().ok().filter(|n| (1..=99).contains(n))?),
    };
    let values: Vec<u16> = numbers
        .iter()
        .map(|n| n.parse().ok())
        .collect::<Option<_>>()?;
    let points = match (kind, values.as_slice()) {
        (ToolKind::Spot, &[x, y]) => vec![x, y],
        (ToolKind::Area, &[x, y, w, h]) if w > 0 && h > 0 => vec![x, y, w, h],
        (ToolKind::Ellipse, &[x, y, a, b]) if a > 0 && b > 0 => {
            vec![x, y, x.checked_add(a)?, y, x, y.checked_add(b)?]
        }
        (ToolKind::Line, &[x1, y1, x2, y2]) => vec![x1, y1, x2, y2],
        _ => return None,
    };
    Some((kind, number, points))
}

fn prefix(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Area => "Bx",
        ToolKind::Ellipse => "El",
        ToolKind::Line => "Li",
        _ => "Sp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_numbered_by_kind_and_read_back() {
        let cell = "Sp 160 120; Bx 10 20 30 40; sp 1,2; El 50 60 7 8; Li 0 0 9 9";
        let (found, wrong) = parse(cell);
        assert!(wrong.is_empty(), "{wrong:?}");
        let labels: Vec<&str> = found.iter().map(|m| m.label.as_str()).collect();
        assert_eq!(labels, ["Sp1", "Bx1", "Sp2", "El1", "Li1"]);
        assert_eq!(found[3].points, [50, 60, 57, 60, 50, 68]);
        assert_eq!(parse(&text(&found)).0, found);
    }

    #[test]
    fn what_is_no_marker_is_told_and_the_others_stand() {
        assert!(is_label("Bx2") && !is_label("Bx") && !is_label("Qq3") && !is_label("Bx 2"));
        let (found, wrong) = parse("Sp 1 2; Qq 3; Bx 1 2 0 4; Sp -1 2; Sp2 5 6; Sp2 7 8");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].label, "Sp2");
        assert_eq!(wrong, ["Qq 3", "Bx 1 2 0 4", "Sp -1 2", "Sp2 7 8"]);
    }
}
