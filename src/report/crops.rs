//! Detail cards: a pair of crops, key figures and two sentences per point of attention.

use geo::BoundingRect;

use super::findings::{Findings, area, hotspot_of};
use super::format::{Format, fill, upper_first};
use super::frame::Frame;
use super::input::SheetInput;
use super::map::{self, MapDrawing};
use super::picture;
use super::reviewed;
use super::sheet::{Detail, Pair, Picture, Run, runs_of};
use super::words::Words;
use crate::raster::{Bounds, GeoGrid};
use crate::score::Hotspot;

/// Crop sizes, mm: up to three points, and more.
const LARGE: (f64, f64) = (55.0, 41.25);
const SMALL: (f64, f64) = (43.0, 32.25);

/// Points up to which crops are large.
const LARGE_UP_TO: usize = 3;

/// Least ground width of a crop, m.
const MIN_WIDTH_M: f64 = 14.0;

/// Cards are made for this many points; further ones stand in the annex table.
const MAX_CARDS: usize = 12;

pub(super) fn details(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    own: Option<&GeoGrid<f32>>,
    findings: &Findings,
    pictures: &mut Vec<Picture>,
) -> Vec<Detail> {
    let size = size(findings);
    findings
        .points
        .iter()
        .take(MAX_CARDS)
        .map(|point| {
            let hotspot = hotspot_of(input, point);
            let text = words.wording(point.wording);
            let frame = crop_frame(hotspot, size);
            let number = point.number.to_string();
            let mean = f.number(hotspot.background_c + hotspot.excess_mean_k, 1);
            let mut right = thermal_crop(input, own, &frame, point.number, pictures);
            right.objects = objects(input, &frame, point);
            right.bar = Some(frame.scale_bar(f));
            right.alt = fill(
                words.crop_alt,
                &[
                    ("n", &number),
                    ("place", &point.place),
                    ("mean", &mean),
                    ("d", &f.number(point.excess_k, 1)),
                ],
            );
            let left = left_crop(input, words, &frame, point, size, pictures);
            Detail {
                number: point.number,
                title: f.titled(&upper_first(&point.spot), text.title),
                urgency: point.urgency,
                urgency_word: words.urgency[usize::from(point.urgency.clamp(1, 4)) - 1].to_owned(),
                left,
                right,
                figures: vec![
                    Pair::new(words.labels.mean, format!("{mean}\u{a0}°C")),
                    Pair::new(words.labels.maximum, f.with_unit(hotspot.peak_c, 1, "°C")),
                    Pair::new(
                        words.labels.surroundings,
                        f.with_unit(hotspot.background_c, 1, "°C"),
                    ),
                    Pair::new(
                        words.labels.difference,
                        format!("{}\u{a0}K", f.signed(point.excess_k, 1)),
                    ),
                    Pair::new(
                        words.labels.zone,
                        format!("{}\u{a0}m²", area(point.area_m2, f)),
                    ),
                ],
                text: card_text(hotspot, text.detail, words, f),
            }
        })
        .collect()
}

/// What is seen and likely; of what a person judged the person's words before it, and only those
/// where the person says it is something else.
fn card_text(hotspot: &Hotspot, detail: &'static str, words: &Words, f: &Format) -> Vec<Run> {
    let Some(review) = &hotspot.review else {
        return runs_of(detail, &[]);
    };
    let mut runs = reviewed::sentence(review, words, f);
    if review.kind.is_none_or(|kind| kind == hotspot.kind) {
        runs.push(Run {
            t: " ".to_owned(),
            b: false,
            i: false,
        });
        runs.extend(runs_of(detail, &[]));
    }
    runs
}

/// Frames of the crops, in the order of the points.
pub(super) fn frames(input: &SheetInput, findings: &Findings) -> Vec<Frame> {
    let size = size(findings);
    let points = findings.points.iter().take(MAX_CARDS);
    points
        .map(|point| crop_frame(hotspot_of(input, point), size))
        .collect()
}

fn size(findings: &Findings) -> (f64, f64) {
    match findings.points.len() <= LARGE_UP_TO {
        true => LARGE,
        false => SMALL,
    }
}

fn object_bounds(hotspot: &crate::score::Hotspot) -> Bounds {
    match hotspot.polygon.bounding_rect() {
        Some(r) => Bounds {
            x_min: r.min().x,
            y_min: r.min().y,
            x_max: r.max().x,
            y_max: r.max().y,
        },
        None => Bounds {
            x_min: hotspot.x_m,
            y_min: hotspot.y_m,
            x_max: hotspot.x_m,
            y_max: hotspot.y_m,
        },
    }
}

/// The object with half its size around it.
fn crop_frame(hotspot: &crate::score::Hotspot, size: (f64, f64)) -> Frame {
    let b = object_bounds(hotspot);
    let reach = (b.x_max - b.x_min).max(b.y_max - b.y_min);
    Frame::around(
        &b,
        (0.3 * reach).clamp(2.5, 12.0),
        MIN_WIDTH_M,
        size.0,
        size.1,
    )
}

fn thermal_crop(
    input: &SheetInput,
    own: Option<&GeoGrid<f32>>,
    frame: &Frame,
    number: usize,
    pictures: &mut Vec<Picture>,
) -> MapDrawing {
    let mut crop = map::base(input, frame);
    if let Some(own) = own {
        let name = format!("crop-{number}");
        let picture = picture::colour(own, frame, input.scale_c, input.palette, name);
        crop.picture = Some(map::keep(pictures, picture));
        crop.cover = map::cover(input, frame);
    }
    crop
}

/// A photo at the same extent; without one, where on its building the object lies.
fn left_crop(
    input: &SheetInput,
    words: &Words,
    frame: &Frame,
    point: &super::findings::Finding,
    size: (f64, f64),
    pictures: &mut Vec<Picture>,
) -> MapDrawing {
    let number = point.number.to_string();
    let values = [("n", number.as_str()), ("place", point.place.as_str())];
    match input.photo.as_ref().and_then(|p| p.piece(&frame.bounds)) {
        Some(photo) => {
            let name = format!("crop-photo-{}", point.number);
            let mut crop = MapDrawing {
                width: frame.width,
                height: frame.height,
                photo: true,
                alt: fill(words.crop_photo_alt, &values),
                ..MapDrawing::default()
            };
            crop.picture = Some(map::keep(pictures, picture::cut_photo(photo, frame, name)));
            crop.objects = objects(input, frame, point);
            crop
        }
        None => {
            let outline = &input.buildings[point.building].outline.polygon;
            let wide = plan_frame(outline, frame, size);
            let mut crop = map::base(input, &wide);
            crop.alt = fill(words.crop_plan_alt, &values);
            crop.objects = objects(input, &wide, point);
            crop
        }
    }
}

/// The whole building, so that the reader finds the corner.
fn plan_frame(outline: &geo::MultiPolygon<f64>, crop: &Frame, size: (f64, f64)) -> Frame {
    let Some(r) = outline.bounding_rect() else {
        return *crop;
    };
    let b = Bounds {
        x_min: r.min().x,
        y_min: r.min().y,
        x_max: r.max().x,
        y_max: r.max().y,
    };
    let reach = (b.x_max - b.x_min).max(b.y_max - b.y_min);
    Frame::around(&b, 0.1 * reach, MIN_WIDTH_M, size.0, size.1)
}

fn objects(
    input: &SheetInput,
    frame: &Frame,
    point: &super::findings::Finding,
) -> Vec<Vec<super::labels::Ring>> {
    let cell_m = input.thermal.as_ref().map_or(0.1, |g| g.transform.dx);
    frame.polygons(&map::object_shape(
        &hotspot_of(input, point).polygon,
        cell_m,
    ))
}
