//! Tie points of a real flight: 58 thermal frames over a field, against poses of a controlled
//! adjustment.

// Tests say what they skip and measure.
#![allow(clippy::print_stderr, clippy::print_stdout)]

use crate::field_a;

use std::collections::BTreeMap;
use std::time::Instant;
use thermaudit::orient::matching::{Observation, Options, match_frames};
use thermaudit::orient::{FlatGround, OrientedFrame};
use thermaudit::raster::Grid;

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

/// georeferencing.md G11: a tenth of the contrast under 50 mK of noise, as on a cold night.
#[test]
fn a_tenth_of_the_contrast_is_enough_for_neighbouring_lines() {
    let Some(folder) = field_a::folder() else {
        return;
    };
    let truth = field_a::frames(&folder);
    let frames = disturbed(&truth);
    let kelvin = |i: usize| {
        let whole = field_a::kelvin(&folder, &truth[i].name);
        let n = whole.data().len() as f32;
        let mean = whole.data().iter().sum::<f32>() / n;
        let mut state = i as u64 + 1;
        // Sum of twelve even numbers: a normal one.
        let mut noise = || {
            let even = (0..12).map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 40) as f32 / (1 << 24) as f32
            });
            0.05 * (even.sum::<f32>() - 6.0)
        };
        let data = whole
            .data()
            .iter()
            .map(|k| mean + 0.1 * (k - mean) + noise())
            .collect();
        Grid::from_vec(whole.width(), whole.height(), data)
    };
    let options = Options {
        sigma_m: 1.5,
        sigma_deg: 1.5,
    };
    let matches = match_frames(&frames, &kelvin, &FlatGround(field_a::GROUND_M), &options);
    let mut pairs: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for track in &matches.tracks {
        let place = |o: &Observation| {
            let frame = &truth[o.frame];
            let ray = frame.camera.unproject(o.u, o.v)?;
            frame.pose.on_plane(ray, field_a::GROUND_M)
        };
        let [first, others @ ..] = track.observations.as_slice() else {
            continue;
        };
        for other in others {
            if let (Some(a), Some(b)) = (place(first), place(other)) {
                let apart = (a.0 - b.0).hypot(a.1 - b.1);
                pairs
                    .entry((first.frame, other.frame))
                    .or_default()
                    .push(apart);
            }
        }
    }
    let share = |i: usize, j: usize| {
        let (a, b) = (&truth[i].footprint, &truth[j].footprint);
        let width = (a.x_max.min(b.x_max) - a.x_min.max(b.x_min)).max(0.0);
        let height = (a.y_max.min(b.y_max) - a.y_min.max(b.y_min)).max(0.0);
        width * height / ((a.x_max - a.x_min) * (a.y_max - a.y_min))
    };
    let (mut asked, mut right, mut wrong) = (0, 0, 0);
    for i in 0..truth.len() {
        // Another line: not a neighbour in time, and a good overlap aside.
        let Some(j) = (0..truth.len())
            .filter(|j| j.abs_diff(i) > 5 && share(i, *j) >= 0.4)
            .max_by(|a, b| share(i, *a).total_cmp(&share(i, *b)))
        else {
            continue;
        };
        asked += 1;
        if let Some(apart) = pairs.get_mut(&(i.min(j), i.max(j))) {
            apart.sort_by(f64::total_cmp);
            match apart[apart.len() / 2] <= 0.25 {
                true => right += 1,
                false => wrong += 1,
            }
        }
    }
    println!(
        "{:?}; side-lap pairs: {right} right, {wrong} wrong of {asked}",
        matches.report
    );
    assert!(asked >= 15, "{asked}");
    assert!(10 * right >= 9 * asked);
}
