//! Matching over made ground: what is found is known.

use super::super::{CameraModel, FlatGround, Pose};
use super::*;
use crate::raster::{Bounds, Grid};

const HEIGHT_M: f64 = 40.0;

/// A frame straight down, its columns to the east and its rows to the south.
fn frame(index: usize, x: f64, y: f64) -> OrientedFrame {
    let camera = CameraModel::pinhole(320, 256, 400.0);
    let (half_x, half_y) = (160.0 / 400.0 * HEIGHT_M, 128.0 / 400.0 * HEIGHT_M);
    OrientedFrame {
        index,
        name: format!("{index}.jpg"),
        camera,
        pose: Pose {
            centre: [x, y, HEIGHT_M],
            rotation: [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]],
        },
        sigma_xy_m: 3.0,
        sigma_z_m: 2.0,
        ground_z_m: 0.0,
        path_m: HEIGHT_M,
        footprint: Bounds {
            x_min: x - half_x,
            y_min: y - half_y,
            x_max: x + half_x,
            y_max: y + half_y,
        },
        time_s: index as f64,
    }
}

/// Three frames 8 m apart, of which the files are wrong by up to 1.5 m; true places first.
fn flight() -> ([[f64; 2]; 3], Vec<OrientedFrame>) {
    let truth = [[0.0, 0.0], [8.0, 0.5], [16.0, -0.5]];
    let off = [[0.0, 0.0], [1.2, -0.9], [-1.0, 1.1]];
    let frames = (0..3).map(|i| frame(i, truth[i][0] + off[i][0], truth[i][1] + off[i][1]));
    (truth, frames.collect())
}

fn picture(at: [f64; 2], scene: impl Fn(f64, f64) -> f64, noise_k: f64, seed: u64) -> Grid<f32> {
    let mut state = seed;
    let mut grid = Grid::filled(320, 256, 0.0);
    for v in 0..256_usize {
        for u in 0..320_usize {
            let x = at[0] + (u as f64 + 0.5 - 160.0) / 400.0 * HEIGHT_M;
            let y = at[1] - (v as f64 + 0.5 - 128.0) / 400.0 * HEIGHT_M;
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let even = (state >> 33) as f64 / (1_u64 << 31) as f64 - 0.5;
            grid.set(u, v, (275.0 + scene(x, y) + noise_k * even) as f32);
        }
    }
    grid
}

/// Spots of half a metre that never repeat.
fn spots(x: f64, y: f64) -> f64 {
    let cell = |v: f64| (v / 0.5).floor() as i64;
    let mut h = (cell(x) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (cell(y) as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    h ^= h >> 29;
    h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (h >> 40) as f64 / (1 << 24) as f64
}

fn matched(scene: impl Fn(f64, f64) -> f64 + Sync, noise_k: f64) -> ([[f64; 2]; 3], Matches) {
    let (truth, frames) = flight();
    let kelvin = |i: usize| Some(picture(truth[i], &scene, noise_k, i as u64 + 9));
    let options = Options {
        sigma_m: 1.5,
        sigma_deg: 0.5,
    };
    (
        truth,
        match_frames(&frames, &kelvin, &FlatGround(0.0), &options),
    )
}

#[test]
fn pixels_of_a_track_see_one_place() {
    let (truth, matches) = matched(spots, 0.1);
    assert_eq!(matches.report.matched, matches.report.pairs);
    assert!(matches.tracks.len() > 60, "{}", matches.tracks.len());
    let mut apart: Vec<f64> = Vec::new();
    for track in &matches.tracks {
        let place = |o: &Observation| {
            let [x, y] = truth[o.frame];
            let scale = HEIGHT_M / 400.0;
            [x + (o.u - 160.0) * scale, y - (o.v - 128.0) * scale]
        };
        let first = place(&track.observations[0]);
        for o in &track.observations[1..] {
            let other = place(o);
            apart.push((first[0] - other[0]).hypot(first[1] - other[1]));
        }
    }
    apart.sort_by(f64::total_cmp);
    // A pixel is 0.1 m.
    assert!(apart[apart.len() / 2] < 0.03, "{}", apart[apart.len() / 2]);
    assert!(apart[apart.len() * 98 / 100] < 0.1);
}

#[test]
fn repeated_roofs_are_not_matched() {
    // Ridges every 2 m both ways: several of them within the uncertainty.
    let ridges = |x: f64, y: f64| (x / 2.0).fract().abs() + (y / 2.0).fract().abs();
    let (_, matches) = matched(ridges, 0.05);
    assert_eq!(matches.report.matched, 0, "{:?}", matches.report);
    assert!(matches.tracks.is_empty());
}

#[test]
fn ground_without_anything_on_it_is_not_matched() {
    let (_, matches) = matched(|_, _| 0.0, 0.1);
    assert_eq!(matches.report.matched, 0, "{:?}", matches.report);
}

/// The second way by itself: where the first frame's places lie in the second.
#[test]
fn phase_correlation_alone_finds_a_pair() {
    let (truth, frames) = flight();
    let seen: Vec<Picture> = (0..2)
        .map(|i| Picture::new(&picture(truth[i], spots, 0.5, i as u64 + 9)))
        .collect();
    let ground = FlatGround(0.0);
    let (pair, pictures) = ([&frames[0], &frames[1]], [&seen[0], &seen[1]]);
    let patches: Vec<(usize, Patch)> = seen[0]
        .points
        .iter()
        .enumerate()
        .filter_map(|(n, p)| Some((n, Patch::predict(pair[0], pair[1], *p, &ground)?)))
        .collect();
    // The second frame is 1.2 m and 0.9 m off its file's place: 12 and 9 pixels.
    let joint = phase::joint(pictures, &patches, 45.0).expect("one shift");
    assert!(
        (joint[0] - 12.0).abs() < 1.0 && (joint[1] - 9.0).abs() < 1.0,
        "{joint:?}"
    );
    let Outcome::Matched(ties) = by_phase(pair, pictures, &patches, joint, &ground) else {
        unreachable!("no match");
    };
    assert!(ties.own.len() >= agree::LEAST);
    for ([u, v], [to_u, to_v]) in ties.own {
        let scale = HEIGHT_M / 400.0;
        let apart = [
            (u - to_u) * scale - (truth[1][0] - truth[0][0]),
            (to_v - v) * scale - (truth[1][1] - truth[0][1]),
        ];
        // A third of a pixel.
        assert!(apart[0].hypot(apart[1]) < 0.035, "{apart:?}");
    }
}
