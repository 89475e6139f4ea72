//! Tie points of a real flight: 58 thermal frames over a field, against poses of a controlled
//! adjustment.

// Tests say what they skip and measure.
#![allow(clippy::print_stdout)]

mod field_a;

use std::time::Instant;
use thermaudit::orient::matching::{Options, match_frames};
use thermaudit::orient::{FlatGround, OrientedFrame};

/// Frames moved and turned as consumer positions and a gimbal's yaw are.
fn disturbed(frames: &[OrientedFrame]) -> Vec<OrientedFrame> {
    let mut frames = frames.to_vec();
    for (i, frame) in frames.iter_mut().enumerate() {
        let wave = |k: f64| (i as f64 * k).sin();
        frame.pose.centre[0] += 1.2 * wave(0.7) - 2.6;
        frame.pose.centre[1] += 0.8 * wave(1.3) + 0.7;
        frame.pose.rotation =
            thermaudit::orient::pose::turned(&frame.pose.rotation, (1.0 * wave(0.4)).to_radians());
    }
    frames
}

#[test]
fn shifts_of_consumer_positions_are_found_and_agree_with_the_reference() {
    let Some(folder) = field_a::folder() else {
        return;
    };
    let truth = field_a::frames(&folder);
    let frames = disturbed(&truth);
    let kelvin = |i: usize| Some(field_a::kelvin(&folder, &truth[i].name));
    let options = Options {
        sigma_m: 1.5,
        sigma_deg: 1.5,
    };
    let started = Instant::now();
    let matches = match_frames(&frames, &kelvin, &FlatGround(field_a::GROUND_M), &options);
    println!(
        "{:?} in {:.1} s, {} tracks",
        matches.report,
        started.elapsed().as_secs_f64(),
        matches.tracks.len()
    );
    // Two pixels of one track see one point: their rays through the reference poses meet the field
    // in one place.
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
        let (x0, y0) = places[0];
        apart.extend(places[1..].iter().map(|(x, y)| (x - x0).hypot(y - y0)));
    }
    apart.sort_by(f64::total_cmp);
    let quantile = |q: f64| apart[((apart.len() - 1) as f64 * q) as usize];
    println!(
        "{} observations, apart median {:.3} m, 90 % {:.3} m, 99 % {:.3} m",
        apart.len(),
        quantile(0.5),
        quantile(0.9),
        quantile(0.99)
    );
    assert!(matches.report.frames as f64 >= 0.98 * frames.len() as f64);
    // 38 m over the field a pixel is 5 cm; the field is level to some decimetres, which moves the
    // place seen from 10 m aside by as many centimetres.
    assert!(quantile(0.5) <= 0.15 && quantile(0.99) <= 0.75);
}
