//! The park on paper: buildings as millimetre paths, and the temperatures of the roofs that may
//! be shown, averaged onto the dots of the page.

use std::collections::BTreeSet;

use geo::{BoundingRect, MultiPolygon};
use serde::Serialize;

use super::seen::{Seen, ThermalShapes};
use super::{Audience, Ground, Input};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::report::format::Format;
use crate::report::frame::{Frame, ScaleBar};
use crate::report::labels::Ring;
use crate::report::map::{PictureRef, cover_of, keep};
use crate::report::palette::Palette;
use crate::report::picture::{colour, own_cells};
use crate::report::sheet::Picture;

/// Width of the map, and the least and greatest height, mm.
const WIDTH_MM: f64 = 180.0;
const HEIGHT_MM: (f64, f64) = (70.0, 112.0);
/// Least ground shown, m.
const LEAST_M: f64 = 60.0;
/// Ground around the buildings, share of their extent.
const MARGIN: f64 = 0.04;
/// Dots of the thermal picture, per mm: 200 dpi.
const DOTS_PER_MM: f64 = 200.0 / 25.4;
/// Radius of the free place a digit needs, mm: no digit on roofs less than 2.5 mm wide.
const DIGIT_RADIUS_MM: f64 = 1.25;
/// Places along each side tried for a digit.
const DIGIT_STEPS: usize = 15;
/// More free room than this is no better, mm: the digit then goes to the middle.
const DIGIT_ENOUGH_MM: f64 = 2.5;
/// What a millimetre from the middle is worth in room, mm.
const DIGIT_OFF_MIDDLE: f64 = 0.05;
/// Corners of all outlines above which they are thinned to what paper shows.
const MANY_CORNERS: usize = 40_000;
/// What paper shows, mm.
const THIN_MM: f64 = 0.05;

/// A roof with a class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassRoof {
    /// 1–6.
    pub class: u8,
    /// Rings of each polygon.
    pub shape: Vec<Vec<Ring>>,
    /// Place of the digit; `None` on a roof too small for one.
    pub digit: Option<[f64; 2]>,
}

/// The park, coordinates in mm from the top left corner.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ParkMap {
    /// Alternative text.
    pub alt: String,
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
    /// Temperatures of the roofs that may be shown.
    pub picture: Option<PictureRef>,
    /// Rings outside of which the picture is covered.
    pub cover: Vec<Ring>,
    /// Buildings the flight saw, without distinction (public).
    pub plain: Vec<Vec<Ring>>,
    /// Buildings it did not see.
    pub unseen: Vec<Vec<Ring>>,
    /// Buildings of nobody who takes part.
    pub others: Vec<Vec<Ring>>,
    /// Flat, without any mark.
    pub masked: Vec<Vec<Ring>>,
    /// Of companies that take part and do not share the class.
    pub unshared: Vec<Vec<Ring>>,
    /// Not assessable.
    pub hatched: Vec<Vec<Ring>>,
    /// Roofs with a class.
    pub classes: Vec<ClassRoof>,
    /// Outlines over a picture.
    pub outlines: Vec<Vec<Ring>>,
    /// Solar panels.
    pub panels: Vec<Vec<Ring>>,
    /// Scale bar.
    pub bar: Option<ScaleBar>,
}

/// The ground of a scope on paper; `None` without outlines.
pub fn frame(ground: &[Ground<'_>]) -> Option<Frame> {
    let mut bounds = Bounds::EMPTY;
    for rect in ground.iter().filter_map(|g| g.polygon.bounding_rect()) {
        bounds.include(rect.min().x, rect.min().y);
        bounds.include(rect.max().x, rect.max().y);
    }
    if bounds.is_empty() {
        return None;
    }
    let (w, h) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
    let margin_m = MARGIN * w.max(h) + 2.0;
    let tall = WIDTH_MM * (h + 2.0 * margin_m) / (w + 2.0 * margin_m).max(LEAST_M);
    let height = tall.clamp(HEIGHT_MM.0, HEIGHT_MM.1);
    Some(Frame::around(&bounds, margin_m, LEAST_M, WIDTH_MM, height))
}

/// Temperatures gathered onto the dots of a map: however large the mosaic, only these are held.
#[derive(Clone, Debug)]
pub struct Canvas {
    transform: GeoTransform,
    width: usize,
    height: usize,
    sum: Vec<f32>,
    count: Vec<u32>,
}

impl Canvas {
    /// Dots over a frame, none smaller than a cell of the mosaic.
    pub fn new(frame: &Frame, cell_m: f64) -> Self {
        let b = &frame.bounds;
        let ground_m = b.x_max - b.x_min;
        let dot_m = (ground_m / (frame.width * DOTS_PER_MM)).max(cell_m);
        let width = ((ground_m / dot_m).ceil() as usize).max(1);
        let height = (((b.y_max - b.y_min) / dot_m).ceil() as usize).max(1);
        Self {
            transform: GeoTransform {
                x0: b.x_min,
                y0: b.y_max,
                dx: dot_m,
                dy: dot_m,
            },
            width,
            height,
            sum: vec![0.0; width * height],
            count: vec![0; width * height],
        }
    }

    /// Adds the cells of a piece of the mosaic that are of the shape and of nobody else.
    pub fn add(
        &mut self,
        piece: &GeoGrid<f32>,
        shape: &MultiPolygon<f64>,
        others: &[MultiPolygon<f64>],
    ) {
        let own = own_cells(piece, &[shape], others);
        for row in 0..own.grid.height() {
            for (col, value) in own.grid.row(row).iter().enumerate() {
                if value.is_nan() {
                    continue;
                }
                let (x, y) = own.transform.centre(col, row);
                let (u, v) = self.transform.to_pixel(x, y);
                if u < 0.0 || v < 0.0 || u >= self.width as f64 || v >= self.height as f64 {
                    continue;
                }
                let dot = v as usize * self.width + u as usize;
                if let (Some(sum), Some(count)) = (self.sum.get_mut(dot), self.count.get_mut(dot)) {
                    *sum += value;
                    *count += 1;
                }
            }
        }
    }

    /// Mean of what each dot was given; NaN where nothing.
    pub fn finish(self) -> Option<GeoGrid<f32>> {
        let all = self.sum.iter().zip(&self.count);
        let mean = |(sum, n): (&f32, &u32)| match n {
            0 => f32::NAN,
            n => sum / *n as f32,
        };
        let values: Vec<f32> = all.map(mean).collect();
        if values.iter().all(|v| v.is_nan()) {
            return None;
        }
        let grid = Grid::from_vec(self.width, self.height, values)?;
        Some(GeoGrid {
            grid,
            transform: self.transform,
        })
    }
}

/// Paths of outlines, thinned where there are very many corners.
struct Paths<'f> {
    frame: &'f Frame,
    thin_m: Option<f64>,
}

impl<'f> Paths<'f> {
    fn new(frame: &'f Frame, ground: &[Ground<'_>]) -> Self {
        let corners: usize = ground
            .iter()
            .flat_map(|g| &g.polygon.0)
            .map(|p| p.exterior().0.len())
            .sum();
        let per_mm = (frame.bounds.x_max - frame.bounds.x_min) / frame.width;
        Self {
            frame,
            thin_m: (corners > MANY_CORNERS).then_some(THIN_MM * per_mm),
        }
    }

    fn of(&self, shape: &MultiPolygon<f64>) -> Vec<Vec<Ring>> {
        let whole = || self.frame.polygons(shape);
        let thinned = self
            .thin_m
            .map(|m| self.frame.polygons(&geo::Simplify::simplify(shape, m)));
        let rings = match thinned {
            Some(thinned) if thinned.iter().all(|p| !p.is_empty()) => thinned,
            _ => whole(),
        };
        rings.into_iter().filter(|p| !p.is_empty()).collect()
    }
}

/// The map of page 1.
pub(super) fn classes(input: &Input<'_>, roofs: &[Seen<'_>], f: &Format) -> Option<ParkMap> {
    let frame = frame(input.ground)?;
    let paths = Paths::new(&frame, input.ground);
    let mut map = ParkMap {
        width: frame.width,
        height: frame.height,
        bar: Some(frame.scale_bar(f)),
        ..ParkMap::default()
    };
    let flown = input.flown();
    for place in input.ground {
        let list = match (flown.contains(place.oidn), input.audience) {
            (false, _) => &mut map.unseen,
            (true, Audience::Public) => &mut map.plain,
            (true, Audience::Association) => &mut map.others,
        };
        list.extend(paths.of(place.polygon));
    }
    if input.audience == Audience::Public {
        return Some(map);
    }
    for roof in roofs {
        let Some(shape) = roof.shape else { continue };
        let shape = paths.of(shape);
        match roof.roof().class {
            _ if !roof.class_known() => map.unshared.extend(shape),
            Some(class @ 1..=6) => map.classes.push(ClassRoof {
                class,
                digit: digit_place(&shape),
                shape,
            }),
            _ => map.hatched.extend(shape),
        }
    }
    map.panels = panels(input, roofs, &paths);
    Some(map)
}

/// Panels on the roofs of which everything may be told.
fn panels(input: &Input<'_>, roofs: &[Seen<'_>], paths: &Paths<'_>) -> Vec<Vec<Ring>> {
    // Of a roof with zones the panels of a neighbour's would be told.
    let whole = roofs
        .iter()
        .filter(|r| r.full() && r.holding.zone.is_none());
    let told: BTreeSet<&str> = whole.map(|r| r.holding.roof.oidn.as_str()).collect();
    let own = input.facts.panels.iter();
    own.filter(|p| told.contains(p.oidn.as_str()))
        .flat_map(|p| paths.of(&p.shape()))
        .collect()
}

/// The map of temperatures.
pub(super) fn thermal(
    input: &Input<'_>,
    roofs: &[Seen<'_>],
    shapes: &ThermalShapes<'_>,
    scale_c: (f64, f64),
    palette: Palette,
    f: &Format,
    pictures: &mut Vec<Picture>,
) -> Option<ParkMap> {
    let frame = frame(input.ground)?;
    let grid = input.thermal?;
    let paths = Paths::new(&frame, input.ground);
    let picture = colour(grid, &frame, scale_c, palette, "park".to_owned());
    Some(ParkMap {
        width: frame.width,
        height: frame.height,
        bar: Some(frame.scale_bar(f)),
        picture: Some(keep(pictures, picture)),
        cover: cover_of(&shapes.own, &frame),
        masked: shapes.others.iter().flat_map(|s| paths.of(s)).collect(),
        outlines: shapes.own.iter().flat_map(|s| paths.of(s)).collect(),
        panels: panels(input, roofs, &paths),
        ..ParkMap::default()
    })
}

/// The place on a roof farthest from its edges, where that is far enough for a digit.
fn digit_place(shape: &[Vec<Ring>]) -> Option<[f64; 2]> {
    let mut best: Option<(f64, f64, [f64; 2])> = None;
    for rings in shape {
        let outer = rings.first()?;
        let span = |k: usize| {
            outer.iter().fold((f64::INFINITY, f64::MIN), |(a, b), p| {
                (a.min(p[k]), b.max(p[k]))
            })
        };
        let (x, y) = (span(0), span(1));
        for i in 0..DIGIT_STEPS {
            for j in 0..DIGIT_STEPS {
                let at = |(low, high): (f64, f64), step: usize| {
                    low + (high - low) * (step as f64 + 0.5) / DIGIT_STEPS as f64
                };
                let place = [at(x, i), at(y, j)];
                let free = clearance(rings, place);
                let off = (place[0] - (x.0 + x.1) / 2.0).hypot(place[1] - (y.0 + y.1) / 2.0);
                let worth = free.min(DIGIT_ENOUGH_MM) - DIGIT_OFF_MIDDLE * off;
                if best.is_none_or(|(most, ..)| worth > most) {
                    best = Some((worth, free, place));
                }
            }
        }
    }
    best.filter(|(_, free, _)| *free >= DIGIT_RADIUS_MM)
        .map(|(.., place)| place.map(|v| (v * 100.0).round() / 100.0))
}

/// Distance of a point inside to the nearest edge, mm; negative outside.
fn clearance(rings: &[Ring], p: [f64; 2]) -> f64 {
    let (mut inside, mut nearest) = (false, f64::INFINITY);
    for ring in rings {
        let ends = ring.iter().zip(ring.iter().cycle().skip(1));
        for (a, b) in ends {
            if (a[1] > p[1]) != (b[1] > p[1])
                && p[0] < a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            {
                inside = !inside;
            }
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let along = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy).max(1e-12);
            let t = along.clamp(0.0, 1.0);
            let far = (p[0] - a[0] - t * dx).hypot(p[1] - a[1] - t * dy);
            nearest = nearest.min(far);
        }
    }
    if inside { nearest } else { -nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_stands_in_the_wide_part_of_an_l_and_not_on_a_narrow_roof() {
        let ring: Ring = vec![
            [0.0, 0.0],
            [2.0, 0.0],
            [2.0, 6.0],
            [8.0, 6.0],
            [8.0, 10.0],
            [0.0, 10.0],
        ];
        let place = digit_place(&[vec![ring]]).expect("four wide");
        assert!(place[1] > 6.0, "{place:?}");
        let narrow: Ring = vec![[0.0, 0.0], [2.4, 0.0], [2.4, 9.0], [0.0, 9.0]];
        assert_eq!(digit_place(&[vec![narrow]]), None);
    }

    #[test]
    fn a_canvas_averages_own_cells_only() {
        let square = |x0: f64, x1: f64| -> MultiPolygon<f64> {
            geo::Rect::new((x0, 0.0), (x1, 10.0)).to_polygon().into()
        };
        let (own, other) = (square(0.0, 10.0), square(10.0, 20.0));
        let bounds = Bounds {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 20.0,
            y_max: 10.0,
        };
        let frame = Frame::around(&bounds, 0.0, 1.0, 180.0, 90.0);
        let mut grid = Grid::filled(20, 10, 1.0_f32);
        for row in 0..10 {
            for col in 10..20 {
                grid.set(col, row, 99.0);
            }
        }
        let transform = GeoTransform {
            x0: 0.0,
            y0: 10.0,
            dx: 1.0,
            dy: 1.0,
        };
        let mut canvas = Canvas::new(&frame, 1.0);
        canvas.add(&GeoGrid { grid, transform }, &own, &[other]);
        let found = canvas.finish().expect("values");
        let values = found.grid.data().iter().filter(|v| !v.is_nan());
        assert_eq!(values.clone().count(), 100);
        assert!(values.into_iter().all(|v| *v == 1.0));
    }
}
