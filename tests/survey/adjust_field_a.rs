//! Adjustment of a real flight from its own tie points: 58 thermal frames over a field with
//! surveyed targets, against poses of a controlled adjustment (georeferencing.md G7, G8, G10).

// Tests say what they skip and measure.
#![allow(clippy::print_stderr, clippy::print_stdout)]

use crate::field_a;

use std::collections::BTreeMap;
use std::path::Path;
use thermaudit::orient::adjust::{self, Adjusted, Block, Control, adjust};
use thermaudit::orient::matching::{self, Matches, Observation, Track, match_frames};
use thermaudit::orient::{CameraModel, Ground, OrientedFrame};
use thermaudit::raster::GeoGrid;

struct Model(GeoGrid<f32>);

impl Ground for Model {
    fn height_m(&self, x: f64, y: f64) -> Option<f64> {
        self.0.sample(x, y)
    }
}

/// Rows of a table by the names of its columns.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).expect("the table is there");
    let mut lines = text
        .lines()
        .map(|l| l.split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().expect("a header");
    lines
        .map(|cells| names.iter().cloned().zip(cells).collect())
        .collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().expect("a number")
}

/// Surveyed targets with their pixels in the frames.
fn targets(folder: &Path, frames: &[OrientedFrame]) -> Vec<Control> {
    let mut seen: BTreeMap<String, Vec<Observation>> = BTreeMap::new();
    for row in rows(&folder.join("gcp_image_observations.csv")) {
        let name = row["frame"].replace(".JPG", ".jpg");
        let frame = frames.iter().position(|f| f.name == name).expect("a frame");
        let (u, v) = (number(&row, "u_px"), number(&row, "v_px"));
        seen.entry(row["point"].clone())
            .or_default()
            .push(Observation { frame, u, v });
    }
    let survey = rows(&folder.join("gcp_lv95.csv"))
        .into_iter()
        .map(|row| Control {
            place: ["easting_m", "northing_m", "height_m"].map(|n| number(&row, n)),
            sigma_m: [0.03; 3],
            track: Track {
                observations: seen.remove(&row["point"]).unwrap_or_default(),
            },
            name: row["point"].clone(),
        });
    survey
        .filter(|c| !c.track.observations.is_empty())
        .collect()
}

/// Horizontal miss of each target, its observations averaged: rays through the poses to the
/// target's own height.
fn misses(adjusted: &Adjusted, targets: &[Control]) -> Vec<[f64; 2]> {
    let of = |target: &Control| {
        let mut sum = [0.0; 2];
        for o in &target.track.observations {
            let frame = &adjusted.frames[o.frame];
            let ray = frame.camera.unproject(o.u, o.v).expect("in the picture");
            let (x, y) = frame.pose.on_plane(ray, target.place[2]).expect("down");
            sum = [sum[0] + x - target.place[0], sum[1] + y - target.place[1]];
        }
        sum.map(|s| s / target.track.observations.len() as f64)
    };
    targets.iter().map(of).collect()
}

fn rms(misses: &[[f64; 2]]) -> f64 {
    let sum: f64 = misses.iter().map(|m| m[0] * m[0] + m[1] * m[1]).sum();
    (sum / misses.len() as f64).sqrt()
}

fn about_their_mean(misses: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let n = misses.len() as f64;
    let mean: [f64; 2] = [0, 1].map(|a| misses.iter().map(|m| m[a]).sum::<f64>() / n);
    misses
        .iter()
        .map(|m| [m[0] - mean[0], m[1] - mean[1]])
        .collect()
}

/// The flight as a run sees it: nominal lens, positions and yaw as wrong as a consumer receiver's
/// and a gimbal's, by fixed waves.
fn as_flown(truth: &[OrientedFrame]) -> Vec<OrientedFrame> {
    let mut frames = truth.to_vec();
    for (i, frame) in frames.iter_mut().enumerate() {
        let wave = |k: f64| (i as f64 * k).sin();
        frame.pose.centre[0] += 1.2 * wave(0.7) - 2.6;
        frame.pose.centre[1] += 0.8 * wave(1.3) + 0.7;
        frame.pose.centre[2] += 0.7 * wave(0.9) + 0.5;
        let turn = (1.0 * wave(0.4)).to_radians();
        frame.pose.rotation = thermaudit::orient::pose::turned(&frame.pose.rotation, turn);
        frame.camera = CameraModel::pinhole(640, 512, 764.7);
        (frame.sigma_xy_m, frame.sigma_z_m) = (3.0, 2.0);
    }
    frames
}

fn matched(folder: &Path, frames: &[OrientedFrame], ground: &Model) -> Matches {
    let kelvin = |i: usize| Some(field_a::kelvin(folder, &frames[i].name));
    let options = matching::Options {
        sigma_m: 1.5,
        sigma_deg: 1.5,
    };
    match_frames(frames, &kelvin, ground, &options)
}

#[test]
fn tie_points_bring_the_frames_together_and_half_the_targets_the_others_into_place() {
    let Some(folder) = field_a::folder() else {
        return;
    };
    let truth = field_a::frames(&folder);
    let frames = as_flown(&truth);
    let ground = Model(field_a::surface(&folder));
    let started = std::time::Instant::now();
    let matches = matched(&folder, &frames, &ground);
    let targets = targets(&folder, &frames);
    assert_eq!(targets.len(), 15);

    let options = adjust::Options::default();
    fn block<'a>(
        frames: &'a [OrientedFrame],
        tracks: &'a [Track],
        controls: &'a [Control],
    ) -> Block<'a> {
        Block {
            frames,
            start: None,
            tracks,
            controls,
            sides: &[],
        }
    }
    let alone = adjust(&block(&frames, &matches.tracks, &[]), &ground, &options).expect("a block");
    println!(
        "{:.1} s; {:?}",
        started.elapsed().as_secs_f64(),
        matches.report
    );
    println!("{:?}", alone.report);
    let registered = alone.report.adjusted as f64 / frames.len() as f64;
    assert!(registered >= 0.98, "{registered}");
    assert!(alone.report.rmse_px <= 0.8, "{} px", alone.report.rmse_px);
    let before = misses(
        &Adjusted {
            frames: frames.clone(),
            report: alone.report.clone(),
        },
        &targets,
    );
    let after = misses(&alone, &targets);
    println!(
        "targets: before {:.2} m (spread {:.2}), adjusted {:.3} m (spread {:.3}), sigma {:.2} m",
        rms(&before),
        rms(&about_their_mean(&before)),
        rms(&after),
        rms(&about_their_mean(&after)),
        alone.frames[0].sigma_xy_m
    );
    assert!(rms(&after) <= 3.0);
    assert!(rms(&about_their_mean(&after)) <= 0.4);

    // Every other target holds the block; the others are judged.
    let (held, judged): (Vec<_>, Vec<_>) = targets
        .iter()
        .cloned()
        .enumerate()
        .partition(|(i, _)| i % 2 == 0);
    let strip = |list: Vec<(usize, Control)>| list.into_iter().map(|(_, c)| c).collect::<Vec<_>>();
    let (held, judged) = (strip(held), strip(judged));
    let controlled =
        adjust(&block(&frames, &matches.tracks, &held), &ground, &options).expect("a block");
    let gsd_m = 38.0 / 741.2;
    let error = rms(&misses(&controlled, &judged));
    println!("{:?}", controlled.report);
    println!(
        "{} held, {} judged: {error:.3} m = {:.2} GSD",
        held.len(),
        judged.len(),
        error / gsd_m
    );
    assert!(error <= 2.0 * gsd_m, "{error} m");
}
