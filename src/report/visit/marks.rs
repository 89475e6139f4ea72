//! Markers on a picture on paper, and where their labels stand: inside the picture, off the spot
//! they name, off each other.

use serde::Serialize;

use crate::survey::{MeasurementTool, ToolKind};

/// Height of a label, mm.
const HEIGHT: f64 = 3.4;
/// Width of a letter and of both margins, mm.
const LETTER: f64 = 1.45;
const MARGIN: f64 = 1.6;
/// Half the arm of a spot's cross, mm.
const ARM: f64 = 1.9;
/// Distance of a label from what it names, mm.
const OFF: f64 = 0.9;

/// One marker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    /// `spot`, `box`, `ellipse` or `line`.
    pub kind: &'static str,
    /// Spot: x, y; box and ellipse: left, top, width, height; line: x1, y1, x2, y2. Millimetres from
    /// the upper left corner.
    pub at: [f64; 4],
    /// Label.
    pub label: String,
    /// Upper left corner of its plate, mm.
    pub label_at: [f64; 2],
    /// Width of its plate, mm.
    pub label_width: f64,
}

/// A rectangle: left, top, right, bottom.
type Rect = [f64; 4];

/// Markers of a picture of `pixels` columns and rows, shown `mm` wide and high.
pub fn marks(tools: &[MeasurementTool], pixels: (usize, usize), mm: (f64, f64)) -> Vec<Mark> {
    let k = [mm.0 / pixels.0 as f64, mm.1 / pixels.1 as f64];
    let shapes: Vec<(&'static str, [f64; 4], &str)> = tools
        .iter()
        .filter_map(|t| {
            let (kind, at) = shape(t, k)?;
            Some((kind, clipped(kind, at, mm)?, t.label.as_str()))
        })
        .collect();
    let cores: Vec<Rect> = shapes.iter().map(|(kind, at, _)| core(kind, *at)).collect();
    let mut taken: Vec<Rect> = Vec::new();
    shapes
        .iter()
        .map(|(kind, at, label)| {
            let width = label.chars().count() as f64 * LETTER + MARGIN;
            let place = label_place(kind, *at, width, mm, &cores, &taken);
            taken.push(place);
            Mark {
                kind,
                at: *at,
                label: (*label).to_owned(),
                label_at: [place[0], place[1]],
                label_width: width,
            }
        })
        .collect()
}

fn shape(tool: &MeasurementTool, k: [f64; 2]) -> Option<(&'static str, [f64; 4])> {
    let p: Vec<f64> = tool.points.iter().map(|v| f64::from(*v)).collect();
    let centre = |x: f64, y: f64| [(x + 0.5) * k[0], (y + 0.5) * k[1]];
    match (tool.kind, p.as_slice()) {
        (ToolKind::Spot, [x, y, ..]) => {
            let [x, y] = centre(*x, *y);
            Some(("spot", [x, y, 0.0, 0.0]))
        }
        (ToolKind::Area, [x, y, w, h, ..]) => {
            Some(("box", [x * k[0], y * k[1], w * k[0], h * k[1]]))
        }
        (ToolKind::Ellipse, [x, y, ax, ay, bx, by, ..]) => {
            // Upright ellipses; a turned one is shown by its bounds.
            let [cx, cy] = centre(*x, *y);
            let a = (ax - x).hypot(bx - x) * k[0];
            let b = (ay - y).hypot(by - y) * k[1];
            Some(("ellipse", [cx - a, cy - b, 2.0 * a, 2.0 * b]))
        }
        (ToolKind::Line, [x1, y1, x2, y2, ..]) => {
            let (a, b) = (centre(*x1, *y1), centre(*x2, *y2));
            Some(("line", [a[0], a[1], b[0], b[1]]))
        }
        _ => None,
    }
}

/// A shape without what lies beyond the picture; `None` where nothing of it is in it.
fn clipped(kind: &str, at: [f64; 4], (w, h): (f64, f64)) -> Option<[f64; 4]> {
    let [a, b, c, d] = at;
    match kind {
        "spot" => ((0.0..=w).contains(&a) && (0.0..=h).contains(&b)).then_some(at),
        "line" => Some([
            a.clamp(0.0, w),
            b.clamp(0.0, h),
            c.clamp(0.0, w),
            d.clamp(0.0, h),
        ]),
        _ => {
            let (left, top) = (a.max(0.0), b.max(0.0));
            let (right, bottom) = ((a + c).min(w), (b + d).min(h));
            (right > left && bottom > top).then_some([left, top, right - left, bottom - top])
        }
    }
}

/// What a label must leave free.
fn core(kind: &str, [a, b, c, d]: [f64; 4]) -> Rect {
    match kind {
        "spot" => [a - ARM, b - ARM, a + ARM, b + ARM],
        "line" => [a - 0.5, b - 0.5, a + 0.5, b + 0.5],
        // The inside of an area may be written on where there is no other room; its middle not.
        _ => [a + 0.3 * c, b + 0.3 * d, a + 0.7 * c, b + 0.7 * d],
    }
}

/// The best place of a label: inside the picture first, then clear of labels, then of markers, then
/// the order of preference.
fn label_place(
    kind: &str,
    at: [f64; 4],
    width: f64,
    (w, h): (f64, f64),
    cores: &[Rect],
    taken: &[Rect],
) -> Rect {
    let [x, y, c, d] = at;
    let corners: Vec<[f64; 2]> = match kind {
        "spot" | "line" => {
            let o = if kind == "spot" { ARM } else { 0.0 } + OFF;
            vec![
                [x + o - 0.8, y + o - 0.8],
                [x + o - 0.8, y - o + 0.8 - HEIGHT],
                [x - o + 0.8 - width, y + o - 0.8],
                [x - o + 0.8 - width, y - o + 0.8 - HEIGHT],
                [x - width / 2.0, y + o],
                [x - width / 2.0, y - o - HEIGHT],
            ]
        }
        _ => vec![
            [x, y - OFF - HEIGHT],
            [x + c + OFF, y],
            [x - OFF - width, y],
            [x, y + d + OFF],
            [x + c - width, y - OFF - HEIGHT],
            [x + c - width, y + d + OFF],
            [x + OFF, y + OFF],
        ],
    };
    let inside = |[left, top]: [f64; 2]| {
        [
            left.clamp(0.3, (w - width - 0.3).max(0.3)),
            top.clamp(0.3, (h - HEIGHT - 0.3).max(0.3)),
        ]
    };
    let cost = |rank: usize, wanted: [f64; 2], placed: Rect| {
        let moved = (wanted[0] - placed[0]).abs() + (wanted[1] - placed[1]).abs();
        let over = |list: &[Rect]| list.iter().map(|r| overlap(&placed, r)).sum::<f64>();
        over(taken) * 100.0 + over(cores) * 20.0 + moved + rank as f64 * 0.1
    };
    let all = corners.into_iter().enumerate().map(|(rank, wanted)| {
        let [left, top] = inside(wanted);
        let placed = [left, top, left + width, top + HEIGHT];
        (cost(rank, wanted, placed), placed)
    });
    all.min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or([0.3, 0.3, 0.3 + width, 0.3 + HEIGHT], |best| best.1)
}

fn overlap(a: &Rect, b: &Rect) -> f64 {
    let w = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let h = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    w * h
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(kind: ToolKind, label: &str, points: &[u16]) -> MeasurementTool {
        MeasurementTool {
            kind,
            label: label.into(),
            points: points.to_vec(),
        }
    }

    #[test]
    fn labels_stay_inside_off_their_spots_and_off_each_other() {
        // Corners, borders and a crowd in the middle.
        let spots = [
            (0, 0),
            (159, 0),
            (0, 119),
            (159, 119),
            (80, 60),
            (88, 60),
            (80, 66),
            (84, 70),
        ];
        let mut tools: Vec<MeasurementTool> = spots
            .iter()
            .enumerate()
            .map(|(i, (x, y))| tool(ToolKind::Spot, &format!("Sp{}", i + 1), &[*x, *y]))
            .collect();
        tools.push(tool(ToolKind::Area, "Bx1", &[20, 0, 60, 40]));
        tools.push(tool(
            ToolKind::Ellipse,
            "El1",
            &[120, 90, 140, 90, 120, 100],
        ));
        tools.push(tool(ToolKind::Line, "Li1", &[5, 100, 60, 110]));
        let found = marks(&tools, (160, 120), (72.0, 54.0));
        assert_eq!(found.len(), tools.len());
        let rect = |m: &Mark| {
            let [x, y] = m.label_at;
            [x, y, x + m.label_width, y + HEIGHT]
        };
        for (i, m) in found.iter().enumerate() {
            let r = rect(m);
            assert!(
                r[0] >= 0.0 && r[1] >= 0.0 && r[2] <= 72.0 && r[3] <= 54.0,
                "{m:?}"
            );
            if m.kind == "spot" {
                let on = overlap(
                    &r,
                    &[m.at[0] - 0.4, m.at[1] - 0.4, m.at[0] + 0.4, m.at[1] + 0.4],
                );
                assert!(on == 0.0, "{m:?}");
            }
            for other in &found[..i] {
                assert!(overlap(&r, &rect(other)) < 0.05, "{m:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_reaches_over_the_edge_is_cut_there() {
        let tools = [tool(ToolKind::Area, "Bx1", &[100, 100, 200, 200])];
        let found = marks(&tools, (160, 120), (80.0, 60.0));
        assert_eq!(found[0].at, [50.0, 50.0, 30.0, 10.0]);
    }
}
