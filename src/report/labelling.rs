//! Numbers and building tags of a map: what they point at, and where they stand.

use geo::{InteriorPoint, Intersects};

use super::findings::{Findings, hotspot_of, tag};
use super::frame::Frame;
use super::input::SheetInput;
use super::labels::{self, Rect, Scene, Tag};
use super::map::{Disc, MapDrawing, TagMark, object_shape};
use super::verdict::assessable;

/// A point on a warm object: its centre when that lies inside, else any inner point. A long
/// object is held near its outer end, so that its number can stand off the roof.
fn anchor_of(hotspot: &crate::score::Hotspot, frame: &Frame) -> (f64, f64) {
    let centre = geo::Point::new(hotspot.x_m, hotspot.y_m);
    if hotspot.polygon.intersects(&centre) {
        return long_end(hotspot, frame).unwrap_or((hotspot.x_m, hotspot.y_m));
    }
    match hotspot.polygon.interior_point() {
        Some(p) => (p.x(), p.y()),
        None => (hotspot.x_m, hotspot.y_m),
    }
}

/// Nine tenths of the way from the centre of a long object to the corner that lies farthest
/// from the middle of the map; `None` for compact and bent objects.
fn long_end(hotspot: &crate::score::Hotspot, frame: &Frame) -> Option<(f64, f64)> {
    const LONG: f64 = 8.0;
    const SHARE: f64 = 0.9;
    if hotspot.elongation < LONG {
        return None;
    }
    let outward = |c: &geo::Coord<f64>| {
        let [x, y] = frame.paper(c.x, c.y);
        (x - frame.width / 2.0).hypot(y - frame.height / 2.0)
    };
    let corner = hotspot
        .polygon
        .iter()
        .flat_map(|polygon| polygon.exterior().coords())
        .max_by(|a, b| outward(a).total_cmp(&outward(b)))?;
    let x = hotspot.x_m + SHARE * (corner.x - hotspot.x_m);
    let y = hotspot.y_m + SHARE * (corner.y - hotspot.y_m);
    hotspot
        .polygon
        .intersects(&geo::Point::new(x, y))
        .then_some((x, y))
}

/// Plates of the scale bar and the north arrow.
fn plates(map: &MapDrawing) -> Vec<Rect> {
    let bar = map.bar.as_ref().map_or(0.0, |b| b.length);
    vec![
        Rect {
            x: map.width - 7.6,
            y: 1.4,
            w: 6.2,
            h: 9.8,
        },
        Rect {
            x: 1.4,
            y: map.height - 7.8,
            w: bar + 10.5,
            h: 6.4,
        },
    ]
}

fn tags(order: &[usize]) -> Vec<(String, Tag)> {
    (0..order.len())
        .map(|rank| {
            let text = tag(rank);
            let width = 2.6 + 1.75 * text.chars().count() as f64;
            (
                text,
                Tag {
                    roof: rank,
                    width,
                    height: 3.8,
                },
            )
        })
        .collect()
}

fn scene(input: &SheetInput, frame: &Frame, order: &[usize], map: &MapDrawing) -> Scene {
    Scene {
        width: map.width,
        height: map.height,
        roofs: order
            .iter()
            .map(|&i| {
                let polygons = frame.polygons(&input.buildings[i].outline.polygon);
                polygons.into_iter().flatten().collect()
            })
            .collect(),
        keep_out: plates(map),
        objects: map
            .objects
            .iter()
            .map(|rings| labels::ring_bounds(rings))
            .collect(),
    }
}

pub(super) fn tag_plan(input: &SheetInput, frame: &Frame, order: &[usize], plan: &mut MapDrawing) {
    let scene = scene(input, frame, order, plan);
    place_tags(&scene, order, &[], &[], plan);
}

fn place_tags(
    scene: &Scene,
    order: &[usize],
    anchors: &[[f64; 2]],
    discs: &[[f64; 2]],
    map: &mut MapDrawing,
) {
    let tags = tags(order);
    let shapes: Vec<Tag> = tags.iter().map(|(_, t)| t.clone()).collect();
    let places = labels::place_tags(scene, &shapes, anchors, discs);
    map.tags = tags
        .into_iter()
        .zip(places)
        .filter_map(|((text, tag), at)| {
            at.map(|at| TagMark {
                text,
                at,
                width: tag.width,
            })
        })
        .collect();
}

/// Object outlines, numbers and tags of the thermal map.
pub(super) fn add_findings(
    input: &SheetInput,
    frame: &Frame,
    cell_m: f64,
    order: &[usize],
    findings: &Findings,
    map: &mut MapDrawing,
) {
    let mut numbered = Vec::new();
    for point in &findings.points {
        let hotspot = hotspot_of(input, point);
        numbered.push((point.number, false, anchor_of(hotspot, frame)));
    }
    for source in &findings.sources {
        if let Some(&largest) = source.members.first() {
            let hotspot = &input.buildings[source.building].hotspots[largest];
            numbered.push((source.number, true, anchor_of(hotspot, frame)));
        }
    }
    map.objects = input
        .buildings
        .iter()
        .filter(|b| assessable(&b.score))
        .flat_map(|b| &b.hotspots)
        .filter(|h| !h.judged_kind().explained())
        .flat_map(|h| frame.polygons(&object_shape(&h.polygon, cell_m)))
        .collect();
    let anchors: Vec<[f64; 2]> = numbered
        .iter()
        .map(|(_, _, (x, y))| frame.paper(*x, *y))
        .collect();
    let mut scene = scene(input, frame, order, map);
    let centres = labels::place_discs(&scene, &anchors);
    // Explained objects have no outline, but a tag must not hide them either.
    let explained = input.buildings.iter().flat_map(|b| &b.hotspots);
    let explained = explained.filter(|h| h.judged_kind().explained());
    scene.objects.extend(
        explained
            .flat_map(|h| frame.polygons(&h.polygon))
            .chain(map.masked.iter().cloned())
            .map(|rings| labels::ring_bounds(&rings)),
    );
    place_tags(&scene, order, &anchors, &centres, map);
    map.discs = numbered
        .iter()
        .zip(anchors.iter().zip(&centres))
        .map(|((number, explained, _), (anchor, at))| Disc {
            number: *number,
            explained: *explained,
            at: *at,
            anchor: *anchor,
        })
        .collect();
}
