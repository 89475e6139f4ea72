//! The maps of page 1, and what every map and crop has in common.
//!
//! Own outlines, neighbours, hatches and objects become millimetre paths. The template covers
//! everything outside the own outlines with a vector shape, so that the roof's edge is a line
//! and not a stair.

use geo::{BoundingRect, Intersects, MultiPolygon, Simplify};
use serde::Serialize;

use super::findings::{Finding, Findings, tag};
use super::format::{Format, fill};
use super::frame::{Frame, ScaleBar};
use super::input::{Building, Part, SheetInput};
use super::labelling;
use super::labels::Ring;
use super::picture::{colour, cut_photo, own_cells};
use super::sheet::{MapKey, Picture};
use super::verdict::{all_shared, assessable};
use super::words::Words;
use crate::raster::{Bounds, GeoGrid};

/// Size of a map, mm.
pub const MAP_MM: (f64, f64) = (88.0, 66.0);

/// Smallest ground width of a map, m.
const MIN_WIDTH_M: f64 = 20.0;

/// A map as drawn on paper; coordinates in mm from its top left corner.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MapDrawing {
    /// Alternative text.
    pub alt: String,
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
    /// Picture over the whole map.
    pub picture: Option<PictureRef>,
    /// Rings outside of which a thermal picture is covered; empty for photos.
    pub cover: Vec<Ring>,
    /// Neighbours.
    pub neighbours: Vec<Vec<Ring>>,
    /// Own buildings that are not assessable.
    pub hatched: Vec<Vec<Ring>>,
    /// Parts not measured.
    pub masked: Vec<Vec<Ring>>,
    /// Own outlines.
    pub own: Vec<Vec<Ring>>,
    /// Outlines of buildings that are shared with others.
    pub shared: Vec<Vec<Ring>>,
    /// Outlines of warm objects.
    pub objects: Vec<Vec<Ring>>,
    /// Numbers.
    pub discs: Vec<Disc>,
    /// Building tags.
    pub tags: Vec<TagMark>,
    /// Scale bar.
    pub bar: Option<ScaleBar>,
    /// Whether a north arrow is drawn.
    pub north: bool,
    /// Whether outlines lie on a photo.
    pub photo: bool,
    /// Words at the foot; empty when none.
    pub note: String,
}

/// A picture of the sheet.
#[derive(Clone, Debug, Serialize)]
pub struct PictureRef {
    /// Name.
    pub name: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A number on a map.
#[derive(Clone, Debug, Serialize)]
pub struct Disc {
    /// Number.
    pub number: usize,
    /// Whether it is an explained source.
    pub explained: bool,
    /// Centre of the disc.
    pub at: [f64; 2],
    /// End of the leader.
    pub anchor: [f64; 2],
}

/// A building's tag.
#[derive(Clone, Debug, Serialize)]
pub struct TagMark {
    /// Text.
    pub text: String,
    /// Centre.
    pub at: [f64; 2],
    /// Width, mm.
    pub width: f64,
}

/// Both maps of page 1.
pub(super) struct Maps {
    pub(super) plan: Option<MapDrawing>,
    pub(super) thermal: Option<MapDrawing>,
    pub(super) key: MapKey,
    /// The own, assessable roofs, °C, everything else blank.
    pub(super) own: Option<GeoGrid<f32>>,
}

/// Bounds of several outlines.
fn bounds_of<'a>(shapes: impl Iterator<Item = &'a MultiPolygon<f64>>) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    for rect in shapes.filter_map(BoundingRect::bounding_rect) {
        bounds.include(rect.min().x, rect.min().y);
        bounds.include(rect.max().x, rect.max().y);
    }
    bounds
}

/// Frame of the maps of page 1: own buildings and 10 %; `None` without buildings.
pub(super) fn overview(input: &SheetInput) -> Option<Frame> {
    frame(input, MAP_MM)
}

/// The same ground on a map of another size, mm.
pub(super) fn frame(input: &SheetInput, size_mm: (f64, f64)) -> Option<Frame> {
    let bounds = bounds_of(input.buildings.iter().map(|b| &b.outline.polygon));
    if bounds.is_empty() {
        return None;
    }
    let size = (bounds.x_max - bounds.x_min).max(bounds.y_max - bounds.y_min);
    Some(Frame::around(
        &bounds,
        0.1 * size,
        MIN_WIDTH_M,
        size_mm.0,
        size_mm.1,
    ))
}

/// Shapes of the own buildings whose temperatures are shown.
pub(super) fn shown(input: &SheetInput) -> Vec<&MultiPolygon<f64>> {
    let buildings = input.buildings.iter().filter(|b| assessable(&b.score));
    buildings.map(|b| &b.outline.polygon).collect()
}

/// Reference to a picture that is added to the list.
pub(super) fn keep(pictures: &mut Vec<Picture>, picture: Picture) -> PictureRef {
    let found = PictureRef {
        name: picture.name.clone(),
        width: picture.width,
        height: picture.height,
    };
    pictures.push(picture);
    found
}

/// Outline of a warm object, smoothed by less than a cell: pixel edges are not information.
pub(super) fn object_shape(polygon: &MultiPolygon<f64>, cell_m: f64) -> MultiPolygon<f64> {
    polygon.simplify(0.75 * cell_m)
}

/// Whether a shape, rings on paper, shows on the map at all.
fn shows(rings: &[Ring], frame: &Frame) -> bool {
    let paper = geo::Rect::new((0.0, 0.0), (frame.width, frame.height));
    rings.first().is_some_and(|ring| {
        let line = ring.iter().map(|p| (p[0], p[1])).collect();
        geo::Polygon::new(line, Vec::new()).intersects(&paper)
    })
}

/// Outlines of the buildings that are shared, or of those that are not.
fn outlines(input: &SheetInput, shared: bool) -> Vec<&MultiPolygon<f64>> {
    let wanted = |b: &&Building| (b.part == Part::Shared) == shared;
    let buildings = input.buildings.iter().filter(wanted);
    buildings.map(|b| &b.outline.polygon).collect()
}

/// Everything both maps share: ground, neighbours, own outlines, hatches.
pub(super) fn base(input: &SheetInput, frame: &Frame) -> MapDrawing {
    let all = |shapes: Vec<&MultiPolygon<f64>>| {
        shapes
            .into_iter()
            .flat_map(|s| frame.polygons(s))
            .collect::<Vec<_>>()
    };
    let not_assessable = input.buildings.iter().filter(|b| !assessable(&b.score));
    MapDrawing {
        width: frame.width,
        height: frame.height,
        neighbours: all(input.neighbours.iter().collect())
            .into_iter()
            .filter(|rings| shows(rings, frame))
            .collect(),
        hatched: all(not_assessable.map(|b| &b.outline.polygon).collect()),
        masked: all(input.buildings.iter().flat_map(|b| &b.masked).collect()),
        own: all(outlines(input, false)),
        shared: all(outlines(input, true)),
        ..MapDrawing::default()
    }
}

/// Rings outside of which a thermal picture is covered: the union of the shown roofs, for
/// overlapping outlines would cover each other by the even-odd rule.
pub(super) fn cover(input: &SheetInput, frame: &Frame) -> Vec<Ring> {
    cover_of(&shown(input), frame)
}

/// The same of some shapes.
pub(super) fn cover_of(shapes: &[&MultiPolygon<f64>], frame: &Frame) -> Vec<Ring> {
    let polygons: Vec<&geo::Polygon<f64>> = shapes.iter().flat_map(|s| &s.0).collect();
    let union = match polygons.len() {
        0 | 1 => shapes
            .first()
            .map_or(MultiPolygon::new(Vec::new()), |s| (*s).clone()),
        _ => geo::unary_union(polygons),
    };
    frame.polygons(&union).into_iter().flatten().collect()
}

pub(super) fn maps(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
    findings: &Findings,
    pictures: &mut Vec<Picture>,
) -> Maps {
    let mut key = MapKey {
        neighbours: false,
        not_assessable: input.buildings.iter().any(|b| !assessable(&b.score)),
        points: !findings.points.is_empty(),
        explained: !findings.sources.is_empty(),
        masked: input.buildings.iter().any(|b| !b.masked.is_empty()),
        shared: input.buildings.iter().any(|b| b.part == Part::Shared),
    };
    let Some(frame) = overview(input) else {
        return Maps {
            plan: None,
            thermal: None,
            key,
            own: None,
        };
    };
    let names = building_names(order.len());
    let mut plan = base(input, &frame);
    key.neighbours = !plan.neighbours.is_empty();
    plan.bar = Some(frame.scale_bar(f));
    plan.north = true;
    match input.photo.as_ref().and_then(|p| p.piece(&frame.bounds)) {
        Some(photo) => {
            plan.alt = fill(words.photo_alt, &[("buildings", &names)]);
            plan.photo = true;
            plan.neighbours.clear();
            plan.hatched.clear();
            plan.masked.clear();
            let picture = cut_photo(photo, &frame, "photo".to_owned());
            plan.picture = Some(keep(pictures, picture));
        }
        None => {
            plan.alt = fill(words.plan_alt, &[("buildings", &names)]);
            plan.hatched.clear();
            plan.note = words.labels.no_photo.to_owned();
        }
    }
    let mut thermal = base(input, &frame);
    thermal.bar = plan.bar.clone();
    thermal.north = true;
    thermal.alt = thermal_alt(input, words, f, &names, findings);
    let own = input
        .thermal
        .as_ref()
        .map(|grid| own_cells(grid, &shown(input), &input.neighbours));
    if let Some(own) = &own {
        let picture = colour(
            own,
            &frame,
            input.scale_c,
            input.palette,
            "thermal".to_owned(),
        );
        thermal.picture = Some(keep(pictures, picture));
        thermal.cover = cover(input, &frame);
    }
    let cell_m = input.thermal.as_ref().map_or(0.1, |g| g.transform.dx);
    labelling::add_findings(input, &frame, cell_m, order, findings, &mut thermal);
    labelling::tag_plan(input, &frame, order, &mut plan);
    Maps {
        plan: Some(plan),
        thermal: Some(thermal),
        key,
        own,
    }
}

/// `G1`, `G1, G2`, `G1–G12`.
fn building_names(count: usize) -> String {
    match count {
        0 | 1 => "G1".to_owned(),
        2..=4 => (0..count).map(tag).collect::<Vec<_>>().join(", "),
        _ => format!("G1–{}", tag(count - 1)),
    }
}

fn thermal_alt(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    names: &str,
    findings: &Findings,
) -> String {
    let (low, high) = input.scale_c;
    let mut alt = fill(
        words.map_alt,
        &[
            ("buildings", names),
            ("low", &f.number(low, 0)),
            ("high", &f.number(high, 0)),
        ],
    );
    let warmest = |a: &&Finding, b: &&Finding| a.excess_k.total_cmp(&b.excess_k);
    match findings.points.iter().max_by(warmest) {
        Some(p) => alt.push_str(&fill(
            words.map_alt_warmest,
            &[("place", &p.place), ("d", &f.number(p.excess_k, 1))],
        )),
        None if all_shared(input) => alt.push_str(words.map_alt_shared),
        None => alt.push_str(words.map_alt_none),
    }
    alt
}
