//! Maps: ground to paper, own pixels to colours, outlines to millimetres.
//!
//! Privacy: [`own_cells`] blanks every cell that does not touch an outline of the company
//! before anything is coloured, so no neighbour's temperature can be in a picture, not even
//! under the grey. The template then covers everything outside the outlines with a vector
//! shape, so that the roof's edge is a line and not a stair.

use geo::{BoundingRect, InteriorPoint, Intersects, MultiPolygon, Simplify};
use serde::Serialize;

use super::findings::{Finding, Findings, hotspot_of, tag};
use super::format::{Format, MINUS, fill};
use super::input::{Photo, SheetInput};
use super::labels::{self, Rect, Ring, Scene, Tag};
use super::palette::Palette;
use super::sheet::{MapKey, Picture};
use super::verdict::assessable;
use super::words::Words;
use crate::raster::{Bounds, GeoGrid, Grid};

/// Size of a map, mm.
pub const MAP_MM: (f64, f64) = (88.0, 66.0);

/// Greatest resolution of an embedded picture, dots per inch.
const MAX_DPI: f64 = 200.0;

/// Ground colour of the design, where a roof has no value.
const GROUND: [u8; 3] = [0xEC, 0xEE, 0xF1];

/// Pixels the roof's own values are carried outward, so that the vector edge cuts colour.
const BLEED_PX: usize = 2;

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

/// A scale bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScaleBar {
    /// Length on paper, mm.
    pub length: f64,
    /// Label of the half; empty on small bars.
    pub half: String,
    /// Label of the whole.
    pub whole: String,
}

/// Both maps of page 1.
pub(super) struct Maps {
    pub(super) plan: Option<MapDrawing>,
    pub(super) thermal: Option<MapDrawing>,
    pub(super) key: MapKey,
    /// The own, assessable roofs, °C, everything else blank.
    pub(super) own: Option<GeoGrid<f32>>,
}

/// A piece of ground on paper.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Ground shown.
    pub bounds: Bounds,
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
}

impl Frame {
    /// A frame of `width` × `height` mm around `bounds` grown by `margin_m`, no narrower than
    /// `least_m`, widened on one side to keep the scale equal in x and y.
    pub fn around(bounds: &Bounds, margin_m: f64, least_m: f64, width: f64, height: f64) -> Self {
        let b = bounds.buffered(margin_m);
        let (mut w, mut h) = ((b.x_max - b.x_min).max(least_m), b.y_max - b.y_min);
        if w * height < h * width {
            w = h * width / height;
        } else {
            h = w * height / width;
        }
        let (cx, cy) = ((b.x_min + b.x_max) / 2.0, (b.y_min + b.y_max) / 2.0);
        let bounds = Bounds {
            x_min: cx - w / 2.0,
            y_min: cy - h / 2.0,
            x_max: cx + w / 2.0,
            y_max: cy + h / 2.0,
        };
        Self {
            bounds,
            width,
            height,
        }
    }

    fn mm_per_m(&self) -> f64 {
        self.width / (self.bounds.x_max - self.bounds.x_min)
    }

    /// Ground to paper, mm.
    pub fn paper(&self, x: f64, y: f64) -> [f64; 2] {
        let k = self.mm_per_m();
        [(x - self.bounds.x_min) * k, (self.bounds.y_max - y) * k]
    }

    /// The rings of each polygon that touches the frame, rounded to 0.01 mm.
    pub fn polygons(&self, shape: &MultiPolygon<f64>) -> Vec<Vec<Ring>> {
        let b = &self.bounds;
        let touches = |p: &&geo::Polygon<f64>| {
            p.bounding_rect().is_some_and(|r| {
                let own = Bounds {
                    x_min: r.min().x,
                    y_min: r.min().y,
                    x_max: r.max().x,
                    y_max: r.max().y,
                };
                own.intersects(b)
            })
        };
        shape
            .0
            .iter()
            .filter(touches)
            .map(|p| self.rings(p))
            .collect()
    }

    fn rings(&self, polygon: &geo::Polygon<f64>) -> Vec<Ring> {
        std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .map(|line| {
                let mut ring: Ring = line
                    .coords()
                    .map(|c| self.paper(c.x, c.y).map(|v| (v * 100.0).round() / 100.0))
                    .collect();
                ring.pop(); // closed by the first point
                ring
            })
            .filter(|ring| ring.len() >= 3)
            .collect()
    }

    /// Columns and rows of a picture: the source's cells twice over, at most 200 dpi.
    fn pixels(&self, cell_m: f64) -> (usize, usize) {
        let native = 2.0 * (self.bounds.x_max - self.bounds.x_min) / cell_m;
        let width = (self.width / 25.4 * MAX_DPI).min(native).max(8.0);
        (width as usize, (width * self.height / self.width) as usize)
    }

    /// A scale bar of round length, 12–30 mm (5–16 mm on small maps).
    pub fn scale_bar(&self, f: &Format) -> ScaleBar {
        let (least, most) = if self.width > 60.0 {
            (12.0, 30.0)
        } else {
            (6.0, 16.0)
        };
        let k = self.mm_per_m();
        let mut best = 1.0;
        for exponent in -1..6 {
            for step in [1.0, 2.0, 5.0] {
                let metres = step * 10f64.powi(exponent);
                if metres * k <= most && (best * k < least || metres * k >= least) {
                    best = metres;
                }
            }
        }
        let decimals = |v: f64| usize::from(v.fract() > 1e-9);
        let half = if self.width > 60.0 {
            f.number(best / 2.0, decimals(best / 2.0))
        } else {
            String::new()
        };
        ScaleBar {
            length: best * k,
            half,
            whole: f.with_unit(best, decimals(best), "m"),
        }
    }
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
    let bounds = bounds_of(input.buildings.iter().map(|b| &b.outline.polygon));
    if bounds.is_empty() {
        return None;
    }
    let size = (bounds.x_max - bounds.x_min).max(bounds.y_max - bounds.y_min);
    Some(Frame::around(
        &bounds,
        0.1 * size,
        MIN_WIDTH_M,
        MAP_MM.0,
        MAP_MM.1,
    ))
}

/// Shapes of the own buildings whose temperatures are shown.
pub(super) fn shown(input: &SheetInput) -> Vec<&MultiPolygon<f64>> {
    let buildings = input.buildings.iter().filter(|b| assessable(&b.score));
    buildings.map(|b| &b.outline.polygon).collect()
}

/// The grid with every cell blanked that touches none of the shapes.
pub fn own_cells(thermal: &GeoGrid<f32>, shapes: &[&MultiPolygon<f64>]) -> GeoGrid<f32> {
    /// Lines per cell row on which edges are crossed.
    const LINES: usize = 4;
    let (width, height) = (thermal.grid.width(), thermal.grid.height());
    let mut grid = Grid::filled(width, height, f32::NAN);
    for polygon in shapes.iter().flat_map(|s| &s.0) {
        let edges: Vec<[(f64, f64); 2]> = std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .flat_map(|ring| ring.lines())
            .map(|l| {
                let t = &thermal.transform;
                [
                    t.to_pixel(l.start.x, l.start.y),
                    t.to_pixel(l.end.x, l.end.y),
                ]
            })
            .collect();
        let rows = edges.iter().flat_map(|e| [e[0].1, e[1].1]);
        let first = rows.clone().fold(f64::INFINITY, f64::min).max(0.0) as usize;
        let last = (rows.fold(0.0, f64::max).ceil() as usize).min(height);
        let mut crossings = Vec::new();
        for line in first * LINES..last * LINES {
            let v = (line as f64 + 0.5) / LINES as f64;
            crossings.clear();
            for [(u0, v0), (u1, v1)] in &edges {
                if (*v0 > v) != (*v1 > v) {
                    crossings.push(u0 + (v - v0) / (v1 - v0) * (u1 - u0));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for span in crossings.chunks_exact(2) {
                let start = span[0].max(0.0) as usize;
                let end = (span[1].max(0.0).ceil() as usize).min(width);
                for col in start..end {
                    grid.set(col, line / LINES, thermal.grid.at(col, line / LINES));
                }
            }
        }
    }
    GeoGrid {
        grid,
        transform: thermal.transform,
    }
}

/// Colours a blanked grid over a frame; ground colour where there is no value.
pub fn colour(
    own: &GeoGrid<f32>,
    frame: &Frame,
    scale_c: (f64, f64),
    palette: Palette,
    name: String,
) -> Picture {
    let (width, height) = frame.pixels(own.transform.dx);
    let mut values = sample(own, frame, width, height);
    for _ in 0..BLEED_PX {
        values = bleed(&values, width, height);
    }
    let table = palette.table();
    let (low, high) = scale_c;
    let per_k = 255.0 / (high - low).max(1e-6);
    let mut rgb = Vec::with_capacity(3 * width * height);
    for value in values {
        let colour = if value.is_nan() {
            GROUND
        } else {
            table[((f64::from(value) - low) * per_k).round().clamp(0.0, 255.0) as usize]
        };
        rgb.extend_from_slice(&colour);
    }
    Picture {
        name,
        width: width as u32,
        height: height as u32,
        rgb,
    }
}

/// Mean of the cells under a pixel; bilinear where a pixel is smaller than a cell.
fn sample(own: &GeoGrid<f32>, frame: &Frame, width: usize, height: usize) -> Vec<f32> {
    let ground_m = (frame.bounds.x_max - frame.bounds.x_min) / width as f64;
    let reach = ground_m / own.transform.dx;
    let (u, v) = own
        .transform
        .to_pixel(frame.bounds.x_min, frame.bounds.y_max);
    let place = |start: f64, i: usize| start + (i as f64 + 0.5) * reach;
    let columns: Vec<f64> = (0..width).map(|i| place(u, i)).collect();
    let rows: Vec<f64> = (0..height).map(|i| place(v, i)).collect();
    if reach < 1.5 {
        smooth(&own.grid, &columns, &rows)
    } else {
        means(&own.grid, &columns, &rows, reach)
    }
}

/// Mean of the valid cells within half a `reach` of each place.
fn means(grid: &Grid<f32>, columns: &[f64], rows: &[f64], reach: f64) -> Vec<f32> {
    let span = |centre: f64, limit: usize| {
        let edge = |at: f64| (at.round().max(0.0) as usize).min(limit);
        edge(centre - reach / 2.0)..edge(centre + reach / 2.0)
    };
    let across: Vec<_> = columns.iter().map(|u| span(*u, grid.width())).collect();
    let mut values = Vec::with_capacity(columns.len() * rows.len());
    for v in rows {
        let down = span(*v, grid.height());
        for cells in &across {
            let (mut sum, mut count) = (0.0_f32, 0_u32);
            for row in down.clone() {
                for value in grid.row(row)[cells.clone()].iter().filter(|v| !v.is_nan()) {
                    sum += value;
                    count += 1;
                }
            }
            values.push(if count > 0 {
                sum / count as f32
            } else {
                f32::NAN
            });
        }
    }
    values
}

/// Bilinear between cell centres, missing cells left out: `raster::bilinear` with the weights
/// of a column and a row computed once, for this runs over every pixel of every map.
fn smooth(grid: &Grid<f32>, columns: &[f64], rows: &[f64]) -> Vec<f32> {
    // First cell and weight of the second; a place beyond the border has none.
    let pair = |at: f64, cells: usize| {
        let at = at - 0.5;
        let inside = at > -0.5 && at < cells as f64 - 0.5 && cells > 0;
        inside.then(|| {
            let first = at.max(0.0) as usize;
            let second = (first + 1).min(cells - 1);
            (first, second, (at - first as f64).clamp(0.0, 1.0) as f32)
        })
    };
    let across: Vec<_> = columns.iter().map(|u| pair(*u, grid.width())).collect();
    let mut values = Vec::with_capacity(columns.len() * rows.len());
    for v in rows {
        let Some((top, bottom, down)) = pair(*v, grid.height()) else {
            values.resize(values.len() + columns.len(), f32::NAN);
            continue;
        };
        let (top, bottom) = (grid.row(top), grid.row(bottom));
        for place in &across {
            let Some((left, right, along)) = *place else {
                values.push(f32::NAN);
                continue;
            };
            let cells = [top[left], top[right], bottom[left], bottom[right]];
            let weights = [
                (1.0 - along) * (1.0 - down),
                along * (1.0 - down),
                (1.0 - along) * down,
                along * down,
            ];
            let (mut sum, mut weight) = (0.0, 0.0);
            for (cell, w) in cells.iter().zip(weights) {
                if !cell.is_nan() {
                    sum += cell * w;
                    weight += w;
                }
            }
            values.push(if weight > 0.0 { sum / weight } else { f32::NAN });
        }
    }
    values
}

/// Gives empty pixels the mean of their filled neighbours.
fn bleed(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    let mut out = values.to_vec();
    let row_of = |row: usize| &values[row * width..(row + 1) * width];
    // Where each row begins and ends to hold values: most of a map is empty.
    let spans: Vec<(usize, usize)> = (0..height)
        .map(|row| {
            let row = row_of(row);
            let first = row.iter().position(|v| !v.is_nan()).unwrap_or(width);
            let last = row.iter().rposition(|v| !v.is_nan()).map_or(0, |i| i + 1);
            (first, last)
        })
        .collect();
    for row in 0..height {
        let rows = row.saturating_sub(1)..(row + 2).min(height);
        let first = spans[rows.clone()]
            .iter()
            .map(|s| s.0)
            .min()
            .unwrap_or(width);
        let last = spans[rows.clone()].iter().map(|s| s.1).max().unwrap_or(0);
        for col in first.saturating_sub(1)..(last + 1).min(width) {
            if !values[row * width + col].is_nan() {
                continue;
            }
            let (mut sum, mut count) = (0.0_f32, 0_u32);
            for r in rows.clone() {
                let near = col.saturating_sub(1)..(col + 2).min(width);
                for value in row_of(r)[near].iter().filter(|v| !v.is_nan()) {
                    sum += value;
                    count += 1;
                }
            }
            if count > 0 {
                out[row * width + col] = sum / count as f32;
            }
        }
    }
    out
}

/// Cuts a photo to a frame, nearest cell; ground colour outside.
pub fn cut_photo(photo: &Photo, frame: &Frame, name: String) -> Picture {
    let (width, height) = frame.pixels(photo.transform.dx);
    let ground_m = (frame.bounds.x_max - frame.bounds.x_min) / width as f64;
    let mut rgb = Vec::with_capacity(3 * width * height);
    for row in 0..height {
        let y = frame.bounds.y_max - (row as f64 + 0.5) * ground_m;
        for col in 0..width {
            let x = frame.bounds.x_min + (col as f64 + 0.5) * ground_m;
            let (u, v) = photo.transform.to_pixel(x, y);
            let colour = photo.rgb.get(u.floor() as isize, v.floor() as isize);
            rgb.extend_from_slice(&colour.unwrap_or(GROUND));
        }
    }
    Picture {
        name,
        width: width as u32,
        height: height as u32,
        rgb,
    }
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

/// Whether a shape, rings on paper, shows on the map at all.
fn shows(rings: &[Ring], frame: &Frame) -> bool {
    let paper = geo::Rect::new((0.0, 0.0), (frame.width, frame.height));
    rings.first().is_some_and(|ring| {
        let line = ring.iter().map(|p| (p[0], p[1])).collect();
        geo::Polygon::new(line, Vec::new()).intersects(&paper)
    })
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
        own: all(input.buildings.iter().map(|b| &b.outline.polygon).collect()),
        ..MapDrawing::default()
    }
}

/// Rings outside of which a thermal picture is covered: the union of the shown roofs, for
/// overlapping outlines would cover each other by the even-odd rule.
pub(super) fn cover(input: &SheetInput, frame: &Frame) -> Vec<Ring> {
    let shapes = shown(input);
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
    match &input.photo {
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
        .map(|grid| own_cells(grid, &shown(input)));
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
    add_findings(input, &frame, cell_m, order, findings, &mut thermal);
    tag_plan(input, &frame, order, &mut plan);
    Maps {
        plan: Some(plan),
        thermal: Some(thermal),
        key,
        own,
    }
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

fn tag_plan(input: &SheetInput, frame: &Frame, order: &[usize], plan: &mut MapDrawing) {
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
fn add_findings(
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
        .filter(|h| !h.kind.explained())
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
    let explained = explained.filter(|h| h.kind.explained());
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
        None => alt.push_str(words.map_alt_none),
    }
    debug_assert!(!alt.contains("- ") || MINUS != '-');
    alt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::GeoTransform;
    use geo::{Rect as GeoRect, coord};

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> MultiPolygon<f64> {
        GeoRect::new(coord! {x: x0, y: y0}, coord! {x: x1, y: y1})
            .to_polygon()
            .into()
    }

    fn grid(value: impl Fn(usize, usize) -> f32) -> GeoGrid<f32> {
        let mut data = Vec::new();
        for row in 0..20 {
            for col in 0..20 {
                data.push(value(col, row));
            }
        }
        GeoGrid {
            grid: Grid::from_vec(20, 20, data).expect("400 cells"),
            transform: GeoTransform {
                x0: 0.0,
                y0: 20.0,
                dx: 1.0,
                dy: 1.0,
            },
        }
    }

    #[test]
    fn cells_that_touch_no_own_outline_are_blank() {
        let own = rectangle(4.0, 4.0, 10.5, 12.0);
        let found = own_cells(&grid(|c, r| (c * 100 + r) as f32), &[&own]);
        for row in 0..20 {
            for col in 0..20 {
                let inside = (4..=10).contains(&col) && (8..16).contains(&row);
                assert_eq!(found.grid.at(col, row).is_nan(), !inside, "{col} {row}");
            }
        }
    }

    #[test]
    fn no_pixel_of_a_picture_has_a_neighbours_colour() {
        // Own roof at 0 °C, everything else at 8 °C, the top of the scale.
        let own = rectangle(4.0, 4.0, 10.0, 12.0);
        let thermal = grid(|c, r| {
            if (4..10).contains(&c) && (8..16).contains(&r) {
                0.0
            } else {
                8.0
            }
        });
        let blank = own_cells(&thermal, &[&own]);
        let bounds = Bounds {
            x_min: 2.0,
            y_min: 2.0,
            x_max: 14.0,
            y_max: 14.0,
        };
        let frame = Frame::around(&bounds, 0.0, 1.0, 88.0, 66.0);
        let picture = colour(&blank, &frame, (-6.0, 8.0), Palette::Inferno, String::new());
        let table = Palette::Inferno.table();
        // 0 °C of −6 … 8 is 6/14 of 255.
        let roof = table[(6.0_f64 / 14.0 * 255.0).round() as usize];
        let mut seen = 0;
        for pixel in picture.rgb.chunks_exact(3) {
            assert!(pixel == roof || pixel == GROUND, "{pixel:?}");
            seen += usize::from(pixel == roof);
        }
        assert!(seen > 0);
    }

    #[test]
    fn smoothing_agrees_with_the_general_bilinear_sampling() {
        let thermal = grid(|c, r| {
            if c == 7 {
                f32::NAN
            } else {
                (c * c + 3 * r) as f32
            }
        });
        let places: Vec<f64> = (0..60).map(|i| 0.2 + 0.33 * f64::from(i)).collect();
        let found = smooth(&thermal.grid, &places, &places);
        for (i, value) in found.iter().enumerate() {
            let (u, v) = (places[i % 60], places[i / 60]);
            // Single against double weights on values up to 400.
            match crate::raster::bilinear(&thermal.grid, u, v) {
                Some(wanted) => assert!((f64::from(*value) - wanted).abs() < 1e-3, "{u} {v}"),
                None => assert!(value.is_nan(), "{u} {v}"),
            }
        }
    }

    #[test]
    fn holes_are_not_part_of_a_roof() {
        let ring = |x0: f64, y0: f64, x1: f64, y1: f64| {
            geo::LineString::from(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        };
        let court = geo::Polygon::new(ring(2.0, 2.0, 18.0, 18.0), vec![ring(6.0, 6.0, 14.0, 14.0)]);
        let found = own_cells(&grid(|_, _| 1.0), &[&court.into()]);
        assert!(found.grid.at(10, 10).is_nan());
        assert_eq!(found.grid.at(3, 10), 1.0);
    }

    #[test]
    fn a_frame_keeps_4_to_3_and_contains_the_buildings() {
        let bounds = Bounds {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 30.0,
            y_max: 90.0,
        };
        let frame = Frame::around(&bounds, 9.0, 20.0, 88.0, 66.0);
        let (w, h) = (
            frame.bounds.x_max - frame.bounds.x_min,
            frame.bounds.y_max - frame.bounds.y_min,
        );
        assert!((w / h - 4.0 / 3.0).abs() < 1e-9);
        assert!((h - 108.0).abs() < 1e-9);
        assert_eq!(
            frame.paper(frame.bounds.x_min, frame.bounds.y_max),
            [0.0, 0.0]
        );
    }

    #[test]
    fn scale_bars_are_round_and_fit() {
        let f = Format::new(&crate::report::words::NL);
        for width_m in [25.0, 60.0, 133.0, 400.0, 1500.0] {
            let bounds = Bounds {
                x_min: 0.0,
                y_min: 0.0,
                x_max: width_m,
                y_max: 1.0,
            };
            let bar = Frame::around(&bounds, 0.0, 1.0, 88.0, 66.0).scale_bar(&f);
            assert!((12.0..=30.0).contains(&bar.length), "{width_m}: {bar:?}");
        }
    }
}
