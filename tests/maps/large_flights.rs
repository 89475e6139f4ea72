//! The promise: what a flight costs grows with the number of its frames, in time and in memory
//! (georeferencing.md §11, M2, M3).

#![allow(clippy::print_stdout, reason = "figures are printed")]

use crate::simulated_flight;

use simulated_flight::{kelvin, peak_mib, recorded, spread_m, truth};
use std::time::Instant;
use thermaudit::orient::adjust::{self, Adjusted, Block, adjust};
use thermaudit::orient::matching::{self, match_frames};
use thermaudit::orient::{FlatGround, OrientedFrame};

/// From pictures made on the fly to adjusted poses; seconds of matching and of the adjustment.
fn solved(truth: &[OrientedFrame]) -> (Adjusted, [f64; 2]) {
    let frames = recorded(truth);
    let options = matching::Options {
        sigma_m: 1.5,
        sigma_deg: 1.5,
    };
    let started = Instant::now();
    let picture = |i: usize| Some(kelvin(&truth[i]));
    let matches = match_frames(&frames, &picture, &FlatGround(0.0), &options);
    let matching_s = started.elapsed().as_secs_f64();
    println!(
        "{:?}, {} tracks, {:.0} MiB",
        matches.report,
        matches.tracks.len(),
        peak_mib()
    );
    let block = Block {
        frames: &frames,
        start: None,
        tracks: &matches.tracks,
        controls: &[],
        sides: &[],
    };
    let started = Instant::now();
    let options = adjust::Options::default();
    let found = adjust(&block, &FlatGround(0.0), &options).expect("a block");
    (found, [matching_s, started.elapsed().as_secs_f64()])
}

/// `THERMAUDIT_FRAMES=250` and so on, one size a run: the most memory is that of the process.
#[test]
#[ignore = "minutes; figures for benches/RESULTS.md"]
fn a_flight_of_the_size_asked_for() {
    let asked = std::env::var("THERMAUDIT_FRAMES").ok();
    let count = asked.and_then(|n| n.parse().ok()).unwrap_or(250);
    let truth = truth(count);
    let (found, [matching_s, adjustment_s]) = solved(&truth);
    println!(
        "{count} frames: matching {matching_s:.1} s, adjustment {adjustment_s:.1} s, at most {:.0} \
         MiB; {:.3} m about the mean, {:.2} px, {} observations",
        peak_mib(),
        spread_m(&found.frames, &truth),
        found.report.rmse_px,
        found.report.observations,
    );
    assert!(found.report.adjusted == count);
    // A cell is 8 cm.
    assert!(spread_m(&found.frames, &truth) < 0.3);
    assert!(peak_mib() < 2048.0);
}
