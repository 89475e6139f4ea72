//! Where on a building something lies, in words.

use geo::BoundingRect;

use super::findings::Source;
use super::format::fill;
use super::words::{Wording, Words};
use crate::score::Hotspot;

/// Length over width from which an object is a line across the roof.
const LINE_ELONGATION: f64 = 5.0;

/// Share of the building's bounds at which a corner or side begins.
const THIRD: f64 = 1.0 / 3.0;

/// Place words of one warm object on the building tagged `tag`: [`spot`], "roof edge" added
/// for edge objects.
pub(super) fn place(
    hotspot: &Hotspot,
    outline: &geo::MultiPolygon<f64>,
    tag: &str,
    words: &Words,
) -> String {
    let spot = spot(hotspot, outline, tag, words);
    match Wording::of(hotspot) {
        Wording::Edge => fill(words.place_edge, &[("place", &spot)]),
        _ => spot,
    }
}

/// Corner, side or middle by the centre in the building's bounds; the direction for joints
/// that cross the roof.
pub(super) fn spot(
    hotspot: &Hotspot,
    outline: &geo::MultiPolygon<f64>,
    tag: &str,
    words: &Words,
) -> String {
    let Some(bounds) = outline.bounding_rect() else {
        return tag.to_owned();
    };
    let part = |value: f64, low: f64, size: f64| {
        let share = if size > 0.0 {
            (value - low) / size
        } else {
            0.5
        };
        if share < THIRD {
            0
        } else if share > 1.0 - THIRD {
            2
        } else {
            1
        }
    };
    let col = part(hotspot.x_m, bounds.min().x, bounds.width());
    let row = 2 - part(hotspot.y_m, bounds.min().y, bounds.height());
    if Wording::of(hotspot) == Wording::Joint
        && let Some(line) = line(hotspot, tag, words)
    {
        return line;
    }
    if (col, row) == (1, 1) {
        fill(words.place_centre, &[("tag", tag)])
    } else {
        fill(
            words.place_of,
            &[("place", words.places[row][col]), ("tag", tag)],
        )
    }
}

fn line(hotspot: &Hotspot, tag: &str, words: &Words) -> Option<String> {
    let bounds = hotspot.polygon.bounding_rect()?;
    if hotspot.elongation < LINE_ELONGATION {
        return None;
    }
    let template = if bounds.width() > 2.0 * bounds.height() {
        words.place_east_west
    } else if bounds.height() > 2.0 * bounds.width() {
        words.place_north_south
    } else {
        return None;
    };
    Some(fill(template, &[("tag", tag)]))
}

/// Place of a group of explained sources: their number, what they are, and the building.
pub(super) fn group(source: &Source, words: &Words) -> String {
    let text = words.wording(source.wording);
    match source.members.len() {
        0 | 1 => format!("{} {}", text.one, source.tag),
        n => format!("{n} {} {}", text.many, source.tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::words::{EN, NL};
    use crate::score::HotspotKind;
    use geo::{MultiPolygon, Rect, coord};

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> MultiPolygon<f64> {
        Rect::new(coord! {x: x0, y: y0}, coord! {x: x1, y: y1})
            .to_polygon()
            .into()
    }

    fn object(kind: HotspotKind, x: f64, y: f64, w: f64, h: f64) -> Hotspot {
        let mut hotspot = crate::report::findings::tests::hotspot("h", kind, 2);
        hotspot.x_m = x;
        hotspot.y_m = y;
        hotspot.polygon = rectangle(x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0);
        hotspot.elongation = w.max(h) / w.min(h);
        hotspot
    }

    #[test]
    fn corners_sides_and_middle_follow_the_centre() {
        let roof = rectangle(0.0, 0.0, 90.0, 30.0);
        let at = |x, y| {
            place(
                &object(HotspotKind::Insulation, x, y, 4.0, 4.0),
                &roof,
                "G1",
                &NL,
            )
        };
        assert_eq!(at(5.0, 5.0), "zuidwesthoek G1");
        assert_eq!(at(85.0, 28.0), "noordoosthoek G1");
        assert_eq!(at(45.0, 28.0), "noordzijde G1");
        assert_eq!(at(45.0, 15.0), "midden van G1");
    }

    #[test]
    fn an_edge_object_is_said_to_lie_along_the_roof_edge() {
        let roof = rectangle(0.0, 0.0, 90.0, 30.0);
        let edge = object(HotspotKind::Edge, 85.0, 29.0, 8.0, 1.0);
        assert_eq!(place(&edge, &roof, "G1", &NL), "noordoosthoek G1, dakrand");
        assert_eq!(
            place(&edge, &roof, "G1", &EN),
            "north-east corner G1, roof edge"
        );
    }

    #[test]
    fn a_long_joint_is_named_by_its_direction() {
        let roof = rectangle(0.0, 0.0, 90.0, 30.0);
        let joint = object(HotspotKind::Linear, 45.0, 15.0, 60.0, 1.0);
        assert_eq!(
            place(&joint, &roof, "G1", &NL),
            "G1, oost-west over het dak"
        );
    }
}
