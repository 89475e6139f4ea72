//! Warm objects on the roofs of two real night frames with labels (`roofs/tufseg-karlsruhe` of the
//! outside test data): every labelled feature, and hardly anything else.
//!
//! The frames are relative: 8-bit grey values, stretched to each frame's own range. They are taken
//! as tenths of a kelvin, so that the limits in σ decide and not those in kelvin; no constant of
//! the detection was chosen on them. Cells: a parked car of the frames is 1,100 cells, in life
//! 4.4 m × 1.8 m.

#![allow(clippy::print_stdout, reason = "figures and skips are printed")]

use crate::common;

use geo::{LineString, MultiPolygon, Polygon};
use image::{Rgb, RgbImage};
use serde_json::Value;
use std::path::Path;
use thermaudit::raster::{GeoTransform, Grid};
use thermaudit::score::{FlightConditions, MeasureInput, Measured, Options, RoofContext, measure};
use thermaudit::segment::parts::{self, PartsInput};
use thermaudit::segment::{self, Roof};
use thermaudit::survey::Outline;

/// √(4.4 m · 1.8 m / 1,100 cells).
const CELL_M: f64 = 0.085;
/// Kelvin taken for a grey value.
const KELVIN: f32 = 0.1;

const FRAMES: [(&str, &str); 2] = [
    ("KA_02_DJI_0_0001_R", "DJI_0_0001_R.JPG"),
    ("KA_02_DJI_0_0437_R", "DJI_0_0437_R.JPG"),
];

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// Corners of the buildings of a frame, in cells.
fn buildings(labels: &Value, frame: &str) -> Vec<Vec<(f64, f64)>> {
    let all = labels.as_object().expect("an object");
    let (_, image) = all
        .iter()
        .find(|(name, _)| name.starts_with(frame))
        .expect("the frame");
    let list = |shape: &Value, name: &str| -> Vec<f64> {
        let values = shape[name].as_array().expect("a list").iter();
        values.map(|v| v.as_f64().expect("a number")).collect()
    };
    let regions = image["regions"].as_array().expect("regions").iter();
    regions
        .filter(|r| r["region_attributes"]["thermal_objects"] == "building")
        .map(|r| {
            let shape = &r["shape_attributes"];
            let x = list(shape, "all_points_x");
            x.into_iter().zip(list(shape, "all_points_y")).collect()
        })
        .collect()
}

/// The outermost cells of a frame are in no mosaic.
fn unseen_rim(celsius: &mut Grid<f32>) {
    let margin = thermaudit::rectify::Options::default().margin_px as usize;
    let (width, height) = (celsius.width(), celsius.height());
    for i in 0..width * height {
        let (col, row) = (i % width, i / width);
        let nearest = col.min(row).min(width - 1 - col).min(height - 1 - row);
        if nearest < margin {
            celsius.set(col, row, f32::NAN);
        }
    }
}

/// Corners this near to the frame's border are where the border cuts the building, cells.
const CUT_PX: f64 = 4.0;

/// A building cut by the frame goes on beyond it: the border is no edge of its roof.
fn beyond(corners: &[(f64, f64)], (width, height): (usize, usize)) -> Vec<(f64, f64)> {
    // Twice the band along edges is more than any distance to one that counts.
    let far = (2.0 * segment::Options::default().inner_buffer_m / CELL_M).ceil() + CUT_PX;
    let out = |v: f64, size: usize| match v {
        v if v <= CUT_PX => v - far,
        v if v >= size as f64 - CUT_PX => v + far,
        v => v,
    };
    let moved = |(x, y): (f64, f64)| (out(x, width), out(y, height));
    let cut = |i: usize| moved(corners[i % corners.len()]) != corners[i % corners.len()];
    let mut ring = Vec::new();
    for (i, corner) in corners.iter().enumerate() {
        let (before, after) = (cut(i + corners.len() - 1), cut(i + 1));
        if !cut(i) || !before {
            ring.push(*corner);
        }
        if cut(i) {
            ring.push(moved(*corner));
        }
        if cut(i) && !after {
            ring.push(*corner);
        }
    }
    ring
}

fn transform() -> GeoTransform {
    GeoTransform {
        x0: 0.0,
        y0: 0.0,
        dx: CELL_M,
        dy: CELL_M,
    }
}

/// A roof and its objects.
fn judged(celsius: &Grid<f32>, corners: &[(f64, f64)]) -> (Roof, Measured) {
    let ring: Vec<(f64, f64)> = corners
        .iter()
        .map(|(x, y)| (x * CELL_M, -y * CELL_M))
        .collect();
    let outline = Outline::new(
        String::from("1"),
        MultiPolygon(vec![Polygon::new(LineString::from(ring), vec![])]),
    );
    let (width, height) = (celsius.width(), celsius.height());
    let options = segment::Options::default();
    let roof = segment::roof(&outline, &transform(), width, height, &options).expect("a roof");
    let celsius = celsius.crop(roof.window);
    let split = PartsInput {
        roof: &roof,
        celsius: &celsius,
        surface: None,
        terrain: None,
        surface_cell_m: 1.0,
        mirror_below_c: None,
        shade: None,
    };
    let parts = parts::split(&split, &parts::Options::default());
    let count = Grid::filled(celsius.width(), celsius.height(), 1);
    let input = MeasureInput {
        roof: &roof,
        context: &RoofContext::default(),
        celsius: &celsius,
        mean: None,
        mean_sigma_k: None,
        count: &count,
        parts: Some(&parts),
        foreign: None,
    };
    // Without weather and reflected temperature nothing is converted.
    let found = measure(&input, &FlightConditions::default(), &Options::default());
    (roof, found)
}

/// Objects drawn over the frame, into the folder of THERMAUDIT_PICTURES.
fn draw(name: &str, celsius: &Grid<f32>, roofs: &[Measured], labels: &[(f64, f64)]) {
    let Some(folder) = std::env::var_os("THERMAUDIT_PICTURES") else {
        return;
    };
    let mut picture = RgbImage::from_fn(2 * 640, 2 * 512, |x, y| {
        let grey = (celsius.at(x as usize / 2, y as usize / 2) / KELVIN) as u8;
        Rgb([grey, grey, grey])
    });
    let mut line = |a: (f64, f64), b: (f64, f64), colour: [u8; 3]| {
        let steps = (b.0 - a.0).abs().max((b.1 - a.1).abs()).ceil().max(1.0);
        for k in 0..=steps as usize {
            let t = k as f64 / steps;
            let (x, y) = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
            if (0.0..1280.0).contains(&x) && (0.0..1024.0).contains(&y) {
                picture.put_pixel(x as u32, y as u32, Rgb(colour));
            }
        }
    };
    for spot in roofs.iter().flat_map(|r| &r.hot) {
        let colour = if spot.edge {
            [255, 160, 0]
        } else {
            [255, 0, 0]
        };
        for polygon in &spot.polygon {
            let corners: Vec<(f64, f64)> = polygon
                .exterior()
                .coords()
                .map(|c| (2.0 * c.x / CELL_M, -2.0 * c.y / CELL_M))
                .collect();
            for pair in corners.windows(2) {
                line(pair[0], pair[1], colour);
            }
        }
    }
    for (x, y) in labels {
        let (x, y) = (2.0 * x, 2.0 * y);
        line((x - 24.0, y), (x - 14.0, y), [0, 255, 255]);
        line((x + 14.0, y), (x + 24.0, y), [0, 255, 255]);
    }
    let path = Path::new(&folder).join(format!("{name}.png"));
    picture.save(path).expect("a picture");
}

/// Every object counts, those along edges, too. The polygons of the second frame take in façades, which
/// no height tells from roof: each is one
/// object. `THERMAUDIT_PICTURES=folder` draws the objects over the frames.
#[test]
fn labelled_features_of_real_night_roofs_are_found_and_at_most_two_others_a_roof() {
    let Some(data) = common::test_data() else {
        return;
    };
    let folder = data.join("roofs/tufseg-karlsruhe");
    let polygons = json(&folder.join("KA_02_polygons_via.json"));
    let features = json(&folder.join("roof_hot_features_unverified.json"));
    let (mut found, mut all) = (0, 0);
    for (name, key) in FRAMES {
        let picture = image::open(folder.join(format!("{name}_thermal.png"))).expect("a frame");
        let picture = picture.to_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let values = picture.as_raw().iter().map(|v| f32::from(*v) * KELVIN);
        let mut celsius = Grid::from_vec(width, height, values.collect()).expect("a frame");
        unseen_rim(&mut celsius);
        let own = features["labels"].as_array().expect("labels").iter();
        let labels: Vec<(f64, f64)> = own
            .filter(|l| l["image"] == name)
            .map(|l| {
                let number = |key: &str| l[key].as_f64().expect("a number");
                (number("x") + 0.5, number("y") + 0.5)
            })
            .collect();
        let mut matched = vec![false; labels.len()];
        let mut roofs = Vec::new();
        for corners in buildings(&polygons, key) {
            let corners = beyond(&corners, (width, height));
            let (_, roof) = judged(&celsius, &corners);
            let mut others = 0;
            println!(
                "{name}: {} parts, sigma {:.2} K",
                roof.segments.len(),
                roof.residual_sigma_k
            );
            for spot in &roof.hot {
                // A label lies on an object or within three cells of it.
                let mut any = false;
                for (label, matched) in labels.iter().zip(&mut matched) {
                    let point = geo::Point::new(label.0 * CELL_M, -label.1 * CELL_M);
                    let far = geo::Distance::distance(&geo::Euclidean, &point, &spot.polygon);
                    if far <= 3.0 * CELL_M {
                        *matched = true;
                        any = true;
                    }
                }
                others += usize::from(!any);
                println!(
                    "  {} at {:.0} {:.0}: {} cells, {:.1} × {:.1} m, mean {:.1}, max {:.1}, edge {}",
                    if any { "label" } else { "other" },
                    spot.x_m / CELL_M,
                    -spot.y_m / CELL_M,
                    spot.pixels,
                    spot.length_m,
                    spot.width_m,
                    spot.excess_mean_k / f64::from(KELVIN),
                    spot.excess_max_k / f64::from(KELVIN),
                    spot.edge
                );
            }
            println!("{name}: {} objects, {others} unlabelled", roof.hot.len());
            roofs.push((roof, others));
        }
        found += matched.iter().filter(|m| **m).count();
        all += labels.len();
        let (roofs, others): (Vec<Measured>, Vec<usize>) = roofs.into_iter().unzip();
        draw(name, &celsius, &roofs, &labels);
        for others in others {
            assert!(others <= 2, "{name}: {others} objects that are no label");
        }
    }
    assert_eq!((found, all), (7, 7));
}
