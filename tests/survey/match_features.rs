//! Matching of a real flight whose priors are far off: 58 thermal frames over a field, against poses
//! of a controlled adjustment.

// Tests say what they skip and measure.
#![allow(clippy::print_stderr, clippy::print_stdout)]

use crate::field_a;

use std::time::Instant;
use thermaudit::orient::adjust::{self, Block, adjust};
use thermaudit::orient::matching::{Options, match_frames};
use thermaudit::orient::pose::turned;
use thermaudit::orient::{FlatGround, OrientedFrame};

/// Positions that drift off by 25 m through the flight, and a yaw 15° wrong.
fn far_off(frames: &[OrientedFrame]) -> Vec<OrientedFrame> {
    let mut frames = frames.to_vec();
    let n = frames.len() as f64;
    for (i, frame) in frames.iter_mut().enumerate() {
        let share = i as f64 / n;
        frame.pose.centre[0] += 20.0 * share - 3.0;
        frame.pose.centre[1] += 15.0 * (1.0 - share) + 1.0;
        frame.pose.rotation = turned(&frame.pose.rotation, 15.0_f64.to_radians());
        (frame.sigma_xy_m, frame.sigma_z_m) = (10.0, 2.0);
        let by = [20.0 * share - 3.0, 15.0 * (1.0 - share) + 1.0];
        frame.footprint.x_min += by[0];
        frame.footprint.x_max += by[0];
        frame.footprint.y_min += by[1];
        frame.footprint.y_max += by[1];
    }
    frames
}

#[test]
fn a_flight_25_m_and_15_degrees_off_is_matched_by_features_and_comes_together() {
    let Some(folder) = field_a::folder() else {
        return;
    };
    let truth = field_a::frames(&folder);
    let frames = far_off(&truth);
    let kelvin = |i: usize| Some(field_a::kelvin(&folder, &truth[i].name));
    let ground = FlatGround(field_a::GROUND_M);
    let options = Options {
        sigma_m: 8.0,
        sigma_deg: 6.0,
    };
    let started = Instant::now();
    let matches = match_frames(&frames, &kelvin, &ground, &options);
    println!(
        "{:?} in {:.1} s, {} tracks",
        matches.report,
        started.elapsed().as_secs_f64(),
        matches.tracks.len()
    );
    assert!(matches.report.frames as f64 >= 0.98 * frames.len() as f64);
    assert!(matches.report.by_features > 0);
    // Two pixels of one track see one point of the field.
    let mut apart = Vec::new();
    for track in &matches.tracks {
        let places: Vec<(f64, f64)> = track
            .observations
            .iter()
            .filter_map(|o| {
                let frame = &truth[o.frame];
                let ray = frame.camera.unproject(o.u, o.v)?;
                frame.pose.on_plane(ray, field_a::GROUND_M)
            })
            .collect();
        let Some((x0, y0)) = places.first().copied() else {
            continue;
        };
        apart.extend(places[1..].iter().map(|(x, y)| (x - x0).hypot(y - y0)));
    }
    apart.sort_by(f64::total_cmp);
    let quantile = |q: f64| apart[((apart.len() - 1) as f64 * q) as usize];
    println!(
        "{} observations, apart median {:.3} m, 99 % {:.3} m",
        apart.len(),
        quantile(0.5),
        quantile(0.99)
    );
    // As with good priors (tests/survey/match_field_a.rs).
    assert!(quantile(0.5) <= 0.15 && quantile(0.99) <= 0.75);

    let block = Block {
        frames: &frames,
        start: None,
        tracks: &matches.tracks,
        controls: &[],
        sides: &[],
    };
    let settings = adjust::Options {
        boresight_deg: [15.0, 2.0, 2.0],
        offset_m: [20.0, 5.0],
        ..adjust::Options::default()
    };
    let adjusted = adjust(&block, &ground, &settings).expect("a block");
    println!("{:?}", adjusted.report);
    assert!(adjusted.report.rmse_px <= 0.8);
    assert!(adjusted.report.adjusted as f64 >= 0.98 * frames.len() as f64);
}
