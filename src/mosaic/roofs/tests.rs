//! Scenes whose seams are known beforehand.

use super::RoofOutline;
use crate::mosaic::tests::frame;
use crate::mosaic::{Guide, NO_FRAME, Options, Picture, Plan, Source, plan_guided, tile};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::rectify::OrientedFrame;
use geo::{MultiPolygon, Polygon, coord};
use std::sync::Arc;

fn outline(corners: &[(f64, f64)]) -> MultiPolygon<f64> {
    let ring: Vec<_> = corners
        .iter()
        .map(|(x, y)| coord! { x: *x, y: *y })
        .collect();
    MultiPolygon(vec![Polygon::new(ring.into(), Vec::new())])
}

fn rectangle(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> MultiPolygon<f64> {
    outline(&[
        (x_min, y_min),
        (x_max, y_min),
        (x_max, y_max),
        (x_min, y_max),
    ])
}

/// Flat ground with boxes of (bounds, height), 0.25 m cells.
fn ground(boxes: &[(Bounds, f32)]) -> GeoGrid<f32> {
    let transform = GeoTransform {
        x0: 50.0,
        y0: 250.0,
        dx: 0.25,
        dy: 0.25,
    };
    let mut grid = Grid::filled(400, 400, 0.0);
    for row in 0..400 {
        for col in 0..400 {
            let (x, y) = transform.centre(col, row);
            let height = boxes.iter().filter(|(b, _)| b.contains(x, y)).map(|b| b.1);
            grid.set(col, row, height.fold(0.0, f32::max));
        }
    }
    GeoGrid { grid, transform }
}

fn bounds(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> Bounds {
    Bounds {
        x_min,
        y_min,
        x_max,
        y_max,
    }
}

/// The plan and the frame of every cell of the map.
fn seams(
    frames: &[OrientedFrame],
    outlines: &[MultiPolygon<f64>],
    surface: &GeoGrid<f32>,
    options: &Options,
) -> (Plan, Grid<u32>) {
    let sources: Vec<Source<'_>> = frames.iter().map(Source::Frame).collect();
    let roofs: Vec<RoofOutline<'_>> = (1..)
        .zip(outlines)
        .map(|(number, outline)| RoofOutline { number, outline })
        .collect();
    let around = |_: &Bounds| Some(surface.clone());
    let guide = Guide {
        roofs: &roofs,
        surface: Some(&around),
        ..Guide::default()
    };
    let plan = plan_guided(&sources, &guide, options).expect("a small map");
    let mut all = Grid::filled(plan.width, plan.height, NO_FRAME);
    let give = |_: usize| Some(Picture::Frame(Arc::new(Grid::filled(80, 64, 280.0))));
    for piece in &plan.tiles {
        let done = tile(&plan, piece, &sources, &give, &[], surface, options);
        for row in 0..piece.window.height {
            for col in 0..piece.window.width {
                let at = (piece.window.col + col, piece.window.row + row);
                all.set(at.0, at.1, done.frame.at(col, row));
            }
        }
    }
    (plan, all)
}

fn options(tile_px: usize) -> Options {
    Options {
        tile_px,
        gsd_m: Some(0.1),
        ..Options::default()
    }
}

/// The frame of every cell whose centre lies in a rectangle.
fn inside(plan: &Plan, map: &Grid<u32>, within: &Bounds) -> Vec<u32> {
    let mut found = Vec::new();
    for row in 0..plan.height {
        for col in 0..plan.width {
            let (x, y) = plan.transform.centre(col, row);
            if within.contains(x, y) {
                found.push(map.at(col, row));
            }
        }
    }
    found
}

/// Two nadir frames 4 m apart from 20 m: each sees 4 m to either side, less a margin of 0.3 m.
fn pair() -> Vec<OrientedFrame> {
    vec![
        frame(0, 100.0, 200.0, 20.0, 0.0),
        frame(1, 104.0, 200.0, 20.0, 0.0),
    ]
}

#[test]
fn a_roof_across_the_seam_comes_whole_from_the_frame_that_sees_it_better() {
    // The middle between the frames is at 102; the roof reaches 0.8 m west of it and 0.5 m east.
    let roof = rectangle(101.2, 199.0, 102.5, 201.0);
    let flat = ground(&[]);
    let (plan, map) = seams(&pair(), &[], &flat, &options(64));
    let around = bounds(101.2, 199.0, 102.5, 201.0);
    let without = inside(&plan, &map, &around);
    assert!(without.contains(&0) && without.contains(&1));
    let (plan, map) = seams(&pair(), &[roof], &flat, &options(64));
    assert!(inside(&plan, &map, &around).iter().all(|f| *f == 0));
    // Beside the roof the seam stays in the middle.
    let beside = |x: f64| inside(&plan, &map, &bounds(x - 0.1, 201.5, x + 0.1, 202.0));
    assert!(beside(101.8).iter().all(|f| *f == 0) && beside(102.2).iter().all(|f| *f == 1));
    let sources = plan.roof_sources();
    assert_eq!((sources[0].number, sources[0].whole), (1, true));
    assert_eq!(sources[0].places, [0]);
}

#[test]
fn seams_are_the_same_whatever_the_tiles_and_the_order_of_frames_and_roofs() {
    let frames: Vec<OrientedFrame> = (0..6)
        .map(|i| {
            let (col, row) = ((i % 3) as f64, (i / 3) as f64);
            frame(
                i,
                100.0 + 3.7 * col,
                200.0 + 3.1 * row,
                20.0,
                0.3 * i as f64,
            )
        })
        .collect();
    let roofs = [
        rectangle(101.2, 199.0, 102.9, 201.7),
        // Too long for any frame.
        outline(&[(97.0, 202.0), (110.0, 202.5), (110.0, 204.0), (97.0, 203.0)]),
        rectangle(105.0, 198.0, 106.5, 200.0),
    ];
    let surface = ground(&[(bounds(101.2, 199.0, 102.9, 201.7), 2.0)]);
    let (plan, map) = seams(&frames, &roofs, &surface, &options(64));
    let parted = &plan.roof_sources()[1];
    assert!(!parted.whole && parted.places.len() > 1);
    for tile_px in [80, 512] {
        let (_, other) = seams(&frames, &roofs, &surface, &options(tile_px));
        assert_eq!(map, other);
    }
    let mut turned = frames.clone();
    turned.reverse();
    let (_, other) = seams(&turned, &roofs, &surface, &options(64));
    assert_eq!(map, other);
}

#[test]
fn a_roof_too_long_for_one_frame_is_parted_at_its_waist() {
    // 13 m long, 4 m deep, with a waist of 0.8 m from 100.6 to 101.4, 0.6 m off the middle
    // between the frames (102), where both see it.
    let roof = outline(&[
        (96.5, 198.0),
        (100.6, 198.0),
        (100.6, 199.6),
        (101.4, 199.6),
        (101.4, 198.0),
        (107.5, 198.0),
        (107.5, 202.0),
        (101.4, 202.0),
        (101.4, 200.4),
        (100.6, 200.4),
        (100.6, 202.0),
        (96.5, 202.0),
    ]);
    let (plan, map) = seams(&pair(), &[roof], &ground(&[]), &options(64));
    let all_from = |frame: u32, x_min: f64, x_max: f64| {
        let cells = inside(&plan, &map, &bounds(x_min, 198.0, x_max, 202.0));
        cells.iter().all(|f| *f == frame)
    };
    // Frame 0 sees from 96.3 on, frame 1 up to 107.7.
    assert!(all_from(0, 96.5, 100.6));
    assert!(all_from(1, 101.4, 107.5));
    let sources = plan.roof_sources();
    assert_eq!(sources[0].places, [0, 1]);
    assert!(!sources[0].whole);
}

#[test]
fn a_frame_that_looks_too_steeply_from_the_side_does_not_get_a_roof_for_being_alone() {
    // From 20 m a point 9.4 m aside is seen at 25°. Two oblique looks at one roof: with a limit of
    // 5° neither is "whole", yet the seams' price still gives it to one.
    let roof = rectangle(101.2, 199.0, 102.8, 201.0);
    let tight = Options {
        whole_roof_deg: 5.0,
        ..options(64)
    };
    let (plan, map) = seams(&pair(), std::slice::from_ref(&roof), &ground(&[]), &tight);
    let cells = inside(&plan, &map, &bounds(101.2, 199.0, 102.8, 201.0));
    assert!(cells.iter().all(|f| *f == cells[0]));
    assert!(!plan.roof_sources()[0].whole);
    // Where seams are free, the middle parts it again.
    let free = Options {
        seam_cost: 0.0,
        ..tight
    };
    let (plan, map) = seams(&pair(), &[roof], &ground(&[]), &free);
    let cells = inside(&plan, &map, &bounds(101.2, 199.0, 102.8, 201.0));
    assert!(cells.contains(&0) && cells.contains(&1));
}

#[test]
fn a_frame_behind_a_tower_does_not_get_the_roof() {
    // The roof lies nearer to frame 0, but a tower of 12 m from 100.75 to 101 hides it from there:
    // a line of sight passes 101 at 20 m · (x − 101)/(x − 100), under 12 m for x < 102.5.
    let roof = rectangle(101.5, 199.0, 102.3, 201.0);
    let tower = ground(&[(bounds(100.75, 196.0, 101.0, 204.0), 12.0)]);
    let around = bounds(101.5, 199.0, 102.3, 201.0);
    let (plan, map) = seams(
        &pair(),
        std::slice::from_ref(&roof),
        &ground(&[]),
        &options(64),
    );
    assert!(inside(&plan, &map, &around).iter().all(|f| *f == 0));
    let (plan, map) = seams(&pair(), &[roof], &tower, &options(64));
    assert_eq!(plan.roof_sources()[0].places, [1]);
    assert!(inside(&plan, &map, &around).iter().all(|f| *f == 1));
}

#[test]
fn what_the_roof_s_frame_does_not_see_comes_from_another() {
    // A chimney on the roof near its east edge hides a strip of it from frame 0 in the west.
    let roof = rectangle(98.0, 198.0, 103.0, 202.0);
    let surface = ground(&[
        (bounds(98.0, 198.0, 103.0, 202.0), 2.0),
        (bounds(102.0, 199.5, 102.25, 200.5), 4.0),
    ]);
    let (plan, map) = seams(&pair(), &[roof], &surface, &options(64));
    assert_eq!(plan.roof_sources()[0].places, [0]);
    // Over the roof's 2 m, frame 0 at 20 m and 2.25 m aside loses sight for
    // 2.25 · 2/16 = 0.28 m behind the chimney.
    let behind = inside(&plan, &map, &bounds(102.3, 199.8, 102.45, 200.2));
    assert!(!behind.is_empty() && behind.iter().all(|f| *f == 1));
    let before = inside(&plan, &map, &bounds(98.1, 198.1, 101.5, 201.9));
    assert!(before.iter().all(|f| *f == 0));
}

#[test]
fn a_blurred_or_deviating_frame_gives_way_and_an_unseen_roof_belongs_to_none() {
    let frames = [
        frame(0, 100.0, 200.0, 20.0, 0.0),
        frame(1, 100.5, 200.0, 20.0, 0.0),
    ];
    let sources: Vec<Source<'_>> = frames.iter().map(Source::Frame).collect();
    let (seen, unseen) = (
        rectangle(99.0, 199.0, 100.0, 201.0),
        rectangle(103.5, 203.0, 104.0, 203.4),
    );
    let roofs = [
        RoofOutline {
            number: 7,
            outline: &seen,
        },
        RoofOutline {
            number: 9,
            outline: &unseen,
        },
    ];
    let places = |blur: &[f64], residual_k: &[f64]| -> Vec<Vec<usize>> {
        let guide = Guide {
            roofs: &roofs,
            blur,
            residual_k,
            ..Guide::default()
        };
        let plan = plan_guided(&sources, &guide, &options(64)).expect("a small map");
        plan.roof_sources().into_iter().map(|r| r.places).collect()
    };
    assert_eq!(places(&[], &[]), [vec![0], vec![]]);
    assert_eq!(places(&[0.8, 0.0], &[]), [vec![1], vec![]]);
    assert_eq!(places(&[], &[1.0, f64::NAN]), [vec![1], vec![]]);
}

#[test]
fn of_roofs_that_overlap_the_lower_number_holds_and_odd_outlines_do_no_harm() {
    // Roof 1 lies with frame 0, roof 2 with frame 1; both hold the strip from 101.5 to 102.5.
    let (west, east) = (
        rectangle(99.0, 199.0, 102.5, 201.0),
        rectangle(101.5, 199.0, 105.0, 201.0),
    );
    let odd = [
        MultiPolygon(Vec::new()),
        rectangle(f64::NAN, 0.0, 1.0, f64::INFINITY),
        rectangle(-1e6, -1e6, -1e5, -1e5),
        outline(&[(100.0, 200.0), (101.0, 200.0)]),
    ];
    for (first, holds) in [([west.clone(), east.clone()], 0), ([east, west], 1)] {
        let roofs = [&first[..], &odd[..]].concat();
        let (plan, map) = seams(&pair(), &roofs, &ground(&[]), &options(64));
        let strip = inside(&plan, &map, &bounds(101.5, 199.0, 102.5, 201.0));
        assert!(strip.iter().all(|f| *f == holds));
    }
}
