//! Blocks over made ground: what is wrong with their priors is known.

use super::super::matching::Observation;
use super::super::pose::{Rotation, from_gimbal, product};
use super::super::{Distortion, FlatGround, Pose};
use super::derive::turn;
use super::*;
use crate::raster::Bounds;
use crate::survey::YawPitchRoll;

const HEIGHT_M: f64 = 60.0;
const SPEED_M_S: f64 = 5.0;
const LINES: usize = 4;
const PER_LINE: usize = 9;

/// Even numbers within ±1 that do not repeat.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 30) as f64 - 1.0
    }
}

fn camera() -> CameraModel {
    CameraModel::pinhole(640, 512, 760.0)
}

fn frame(index: usize, centre: [f64; 3], rotation: Rotation, time_s: f64) -> OrientedFrame {
    OrientedFrame {
        index,
        name: format!("{index}.jpg"),
        camera: camera(),
        pose: Pose { centre, rotation },
        sigma_xy_m: 1.5,
        sigma_z_m: 1.0,
        ground_z_m: 0.0,
        path_m: HEIGHT_M,
        footprint: Bounds {
            x_min: centre[0] - 25.0,
            x_max: centre[0] + 25.0,
            y_min: centre[1] - 20.0,
            y_max: centre[1] + 20.0,
        },
        time_s,
    }
}

/// How a block is flown.
#[derive(Clone, Copy)]
struct Plan {
    /// Every other line the other way.
    both_ways: bool,
    /// The camera turns with the aircraft.
    turning: bool,
}

/// True frames, line after line to the north and back.
fn flown(plan: Plan) -> Vec<OrientedFrame> {
    flown_over(plan, LINES, PER_LINE)
}

fn flown_over(plan: Plan, lines: usize, per_line: usize) -> Vec<OrientedFrame> {
    let mut frames = Vec::new();
    for line in 0..lines {
        let back = plan.both_ways && line % 2 == 1;
        for k in 0..per_line {
            let along = if back { per_line - 1 - k } else { k } as f64 * 10.0;
            let angles = YawPitchRoll {
                yaw_deg: if back && plan.turning { 180.0 } else { 0.0 },
                pitch_deg: -90.0,
                roll_deg: 0.0,
            };
            let index = frames.len();
            // A line takes 16 s and the turn half a minute.
            let time_s = line as f64 * 60.0 + k as f64 * 10.0 / SPEED_M_S;
            let centre = [line as f64 * 18.0, along, HEIGHT_M];
            frames.push(frame(index, centre, from_gimbal(&angles), time_s));
        }
    }
    frames
}

/// What the true frames see of points on the ground and on roofs, to a third of a pixel.
fn tracks(truth: &[OrientedFrame]) -> Vec<Track> {
    tracks_over(truth, 34, 28)
}

fn tracks_over(truth: &[OrientedFrame], rows: i32, cols: i32) -> Vec<Track> {
    let mut noise = Noise(7);
    let mut found = Vec::new();
    for row in 0..rows {
        for col in 0..cols {
            // A quarter of them lie up to 6 m high: heights bind the focal length.
            let z = if (row + col) % 4 == 0 { 6.0 } else { 0.0 };
            let at = [
                -20.0 + 3.6 * f64::from(col),
                -18.0 + 3.6 * f64::from(row),
                z,
            ];
            let mut observations = Vec::new();
            for (i, f) in truth.iter().enumerate() {
                let seen = f.camera.project(f.pose.to_camera(at));
                if let Some((u, v)) = seen.filter(|(u, v)| f.camera.contains(*u, *v)) {
                    let (u, v) = (u + 0.33 * noise.next(), v + 0.33 * noise.next());
                    observations.push(Observation { frame: i, u, v });
                }
            }
            if observations.len() > 1 {
                found.push(Track { observations });
            }
        }
    }
    found
}

/// Frames as a receiver with 0.3 m of noise and a gimbal with half a degree put them.
fn as_recorded(truth: &[OrientedFrame]) -> Vec<OrientedFrame> {
    let mut noise = Noise(11);
    let mut frames = truth.to_vec();
    for f in &mut frames {
        f.pose
            .centre
            .iter_mut()
            .for_each(|c| *c += 0.3 * noise.next());
        let w = [0, 1, 2].map(|_| 0.5_f64.to_radians() * noise.next());
        f.pose.rotation = product(&turn(w), &f.pose.rotation);
        f.camera = camera();
    }
    frames
}

fn block<'a>(frames: &'a [OrientedFrame], tracks: &'a [Track], sides: &'a [Side]) -> Block<'a> {
    Block {
        frames,
        start: None,
        tracks,
        controls: &[],
        sides,
    }
}

/// The ground stands level; points on roofs are told apart by their rays.
fn adjusted(frames: &[OrientedFrame], tracks: &[Track], sides: &[Side]) -> Adjusted {
    let options = Options {
        // Here every tie point errs by itself.
        tie_weight: 1.0,
        surface_m: 0.0,
        ..Options::default()
    };
    adjust(&block(frames, tracks, sides), &FlatGround(0.0), &options).expect("a block")
}

fn spread(found: &Adjusted, truth: &[OrientedFrame]) -> f64 {
    let squares = found.frames.iter().zip(truth).map(|(a, b)| {
        let d: [f64; 2] = [0, 1].map(|k| a.pose.centre[k] - b.pose.centre[k]);
        d[0] * d[0] + d[1] * d[1]
    });
    (squares.sum::<f64>() / truth.len() as f64).sqrt()
}

#[test]
fn lines_both_ways_tell_a_trigger_lag_from_an_offset() {
    let plan = Plan {
        both_ways: true,
        turning: false,
    };
    let truth = flown(plan);
    let tracks = tracks(&truth);
    let mut recorded = as_recorded(&truth);
    // Exposed 0.2 s after the recorded position: a metre along every line, and an offset.
    let velocities = separable::velocities(&truth);
    for (f, v) in recorded.iter_mut().zip(velocities) {
        (0..2).for_each(|k| f.pose.centre[k] -= 0.2 * v[k]);
        f.pose.centre[0] += 0.8;
        f.sigma_xy_m = 0.3;
    }
    let found = adjusted(&recorded, &tracks, &[]);
    let lag = found.report.lag_s.expect("both directions");
    // 0.3 m of noise in 36 frames at 5 m/s is 0.01 s.
    assert!((lag - 0.2).abs() < 0.03, "{lag}");
    // The common offset nothing here can tell; it must not have taken part of the lag.
    assert!(found.report.offset_m[1].abs() < 0.1);
}

#[test]
fn lines_one_way_leave_the_lag_untold() {
    let plan = Plan {
        both_ways: false,
        turning: false,
    };
    let truth = flown(plan);
    let found = adjusted(&as_recorded(&truth), &tracks(&truth), &[]);
    assert_eq!(found.report.lag_s, None);
    assert!(!found.report.principal_point);
    assert!(found.report.lens[0][4..].iter().all(|v| v.abs() < 1e-6));
}

#[test]
fn two_headings_tell_the_principal_point() {
    let plan = Plan {
        both_ways: true,
        turning: true,
    };
    let mut truth = flown(plan);
    let lens = Distortion::Brown {
        k: [0.0; 3],
        p: [0.0; 2],
    };
    for f in &mut truth {
        f.camera = CameraModel::new(640, 512, 760.0, (326.0, 252.0), lens);
    }
    let tracks = tracks(&truth);
    let found = adjusted(&as_recorded(&truth), &tracks, &[]);
    assert!(found.report.principal_point);
    let by = found.report.lens[0];
    assert!(
        (by[6] - 6.0).abs() < 1.0 && (by[7] + 4.0).abs() < 1.0,
        "{by:?}"
    );
    assert!(spread(&found, &truth) < 0.3, "{}", spread(&found, &truth));
}

/// Sides of a row of halls with roofs `overhang` beyond their outlines, as the true frames see them.
fn sides(truth: &[OrientedFrame], overhang: f64, drawn: impl Fn(usize) -> [f64; 2]) -> Vec<Side> {
    let mut found = Vec::new();
    for building in 0..12 {
        let middle = [
            10.0 + 12.0 * (building % 4) as f64,
            8.0 + 28.0 * (building / 4) as f64,
        ];
        let by = drawn(building);
        for normal in [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]] {
            let half = if normal[0] == 0.0 { 8.0 } else { 4.0 };
            let edge = |out: f64| [0, 1].map(|k| middle[k] + (half + out) * normal[k]);
            let [x, y] = edge(overhang);
            let line = edge(0.0);
            for (frame, f) in truth.iter().enumerate() {
                let seen = f.camera.project(f.pose.to_camera([x, y, 6.0]));
                let Some((u, v)) = seen.filter(|(u, v)| f.camera.contains(*u, *v)) else {
                    continue;
                };
                found.push(Side {
                    frame,
                    pixel: [u, v],
                    place: [line[0] + by[0], line[1] + by[1], 6.0],
                    normal,
                    sigma_m: 0.3,
                    building,
                });
            }
        }
    }
    found
}

#[test]
fn sides_of_buildings_take_a_receivers_offset_off_with_a_fifth_drawn_wrong() {
    let plan = Plan {
        both_ways: true,
        turning: false,
    };
    let truth = flown(plan);
    let tracks = tracks(&truth);
    let mut recorded = as_recorded(&truth);
    for f in &mut recorded {
        f.pose.centre[0] += 1.1;
        f.pose.centre[1] -= 0.7;
    }
    let wrong = |b: usize| if b % 5 == 4 { [3.0, 2.0] } else { [0.0; 2] };
    let found = adjusted(&recorded, &tracks, &sides(&truth, 0.4, wrong));
    let report = found.report.sides.as_ref().expect("sides");
    assert!(
        (report.overhang_m - 0.4).abs() < 0.1,
        "{}",
        report.overhang_m
    );
    // A twentieth of the GSD of 8 cm times the frames a side is seen in leaves a few centimetres.
    assert!(spread(&found, &truth) < 0.15, "{}", spread(&found, &truth));
    for (building, rms, _) in &report.residuals_m {
        assert_eq!(*rms > 1.0, building % 5 == 4, "{building}: {rms}");
    }
}

/// Where the ground in the middle of a frame lies.
fn middle(f: &OrientedFrame) -> [f64; 2] {
    let ray = f
        .camera
        .unproject(f.camera.cx_px, f.camera.cy_px)
        .expect("inside");
    let (x, y) = f.pose.on_plane(ray, 0.0).expect("downwards");
    [x, y]
}

#[test]
fn a_block_solved_in_clusters_lies_where_the_whole_does() {
    let plan = Plan {
        both_ways: true,
        turning: true,
    };
    let truth = flown_over(plan, 10, 16);
    let tracks = tracks_over(&truth, 54, 57);
    let recorded = as_recorded(&truth);
    let solved = |cluster_frames: usize| {
        let options = Options {
            tie_weight: 1.0,
            surface_m: 0.0,
            cluster_frames,
            ..Options::default()
        };
        let found = adjust(&block(&recorded, &tracks, &[]), &FlatGround(0.0), &options);
        found.expect("a block")
    };
    let (whole, parts) = (solved(usize::MAX), solved(60));
    // The same at any number of threads, bit for bit.
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let again = pool.build().expect("threads").install(|| solved(60));
        for (a, b) in parts.frames.iter().zip(&again.frames) {
            assert_eq!((a.pose, a.sigma_xy_m), (b.pose, b.sigma_xy_m));
        }
    }
    for (a, b) in whole.frames.iter().zip(&parts.frames) {
        let ([ax, ay], [bx, by]) = (middle(a), middle(b));
        // A tenth of the cell of 8 cm.
        assert!(
            (ax - bx).hypot(ay - by) < 0.008,
            "{}: {:?} {:?}",
            a.index,
            [ax, ay],
            [bx, by]
        );
        // Over level ground height and focal length go together: they are known to metres, not cells.
        let up = (a.pose.centre[2] - b.pose.centre[2]).abs();
        assert!(up < 0.1 * a.sigma_z_m, "{}: {up} {}", a.index, a.sigma_z_m);
        assert!((a.sigma_xy_m / b.sigma_xy_m - 1.0).abs() < 0.02);
    }
    assert!(spread(&parts, &truth) < 0.3);
}

#[test]
fn the_standard_deviation_of_each_frame_is_what_it_errs_by() {
    // Misses of the middle's ground over their σ: a third of a pixel evenly spread is 0.19 in each
    // direction, where 0.7 is assumed.
    let plan = Plan {
        both_ways: true,
        turning: true,
    };
    let truth = flown(plan);
    let found = adjusted(&as_recorded(&truth), &tracks(&truth), &[]);
    let mut squares = 0.0;
    for (a, b) in found.frames.iter().zip(&truth) {
        let ([ax, ay], [bx, by]) = (middle(a), middle(b));
        squares += ((ax - bx).powi(2) + (ay - by).powi(2)) / (2.0 * a.sigma_xy_m.powi(2));
    }
    let ratio = (squares / truth.len() as f64).sqrt();
    assert!((0.05..1.5).contains(&ratio), "{ratio}");
    // A frame at the block's corner is less sure than one in its middle.
    let sigma = |i: usize| found.frames[i].sigma_xy_m;
    assert!(sigma(0) > sigma(2 * PER_LINE + PER_LINE / 2));
}
