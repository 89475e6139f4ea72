//! Which shared unknowns a block can tell apart: those that it cannot are held (georeferencing.md §6).

use super::super::OrientedFrame;
use super::super::pose::up_azimuth_deg;

/// Both directions, headings or heights need this share of the frames.
const SHARE: f64 = 0.15;
/// Headings that differ by more are two, degrees; heights above ground, as a share.
const HEADINGS_DEG: f64 = 30.0;
const HEIGHTS: f64 = 0.15;
/// Slower is hovering, m/s; neighbours farther apart in time say nothing of the speed, s.
const HOVERING_M_S: f64 = 1.0;
const NEIGHBOURS_S: f64 = 10.0;

/// Velocity of every frame from its neighbours in time, m/s east, north, up; zeros where times are
/// missing or the aircraft hovers.
pub(super) fn velocities(frames: &[OrientedFrame]) -> Vec<[f64; 3]> {
    let mut order: Vec<usize> = (0..frames.len())
        .filter(|i| frames[*i].time_s.is_finite())
        .collect();
    order.sort_by(|a, b| {
        frames[*a]
            .time_s
            .total_cmp(&frames[*b].time_s)
            .then(a.cmp(b))
    });
    let mut found = vec![[0.0; 3]; frames.len()];
    for (at, own) in order.iter().enumerate() {
        let near = |other: usize| {
            let apart = (frames[order[other]].time_s - frames[*own].time_s).abs();
            if apart <= NEIGHBOURS_S {
                order[other]
            } else {
                *own
            }
        };
        let before = near(at.saturating_sub(1));
        let after = near((at + 1).min(order.len() - 1));
        let seconds = frames[after].time_s - frames[before].time_s;
        if seconds <= 0.0 {
            continue;
        }
        let (a, b) = (frames[before].pose.centre, frames[after].pose.centre);
        let v: [f64; 3] = std::array::from_fn(|k| (b[k] - a[k]) / seconds);
        if v[0].hypot(v[1]) >= HOVERING_M_S {
            found[*own] = v;
        }
    }
    found
}

/// Whether a trigger lag differs from an offset: lines run both ways along an axis.
pub(super) fn lag(velocities: &[[f64; 3]]) -> bool {
    let moving = velocities.iter().filter(|v| v[0].hypot(v[1]) > 0.0);
    let angles: Vec<f64> = moving.map(|v| v[1].atan2(v[0])).collect();
    // The axis most lines share: directions and their opposites count alike.
    let sum = |f: fn(f64) -> f64| angles.iter().map(|a| f(2.0 * a)).sum::<f64>();
    let axis = 0.5 * sum(f64::sin).atan2(sum(f64::cos));
    let along = |sign: f64| {
        angles
            .iter()
            .filter(|a| sign * (*a - axis).cos() > 0.7)
            .count()
    };
    let least = SHARE * velocities.len() as f64;
    !angles.is_empty() && along(1.0) as f64 >= least && along(-1.0) as f64 >= least
}

/// Whether a principal point differs from a turn of the camera: frames head two ways, or fly at two
/// heights.
pub(super) fn principal_point(frames: &[OrientedFrame]) -> bool {
    let least = SHARE * frames.len() as f64;
    let headings: Vec<f64> = frames
        .iter()
        .map(|f| up_azimuth_deg(&f.pose.rotation))
        .collect();
    let Some(first) = headings.first() else {
        return false;
    };
    let away = |h: &&f64| ((*h - first + 540.0).rem_euclid(360.0) - 180.0).abs() > HEADINGS_DEG;
    let others = headings.iter().filter(away).count() as f64;
    let mut heights: Vec<f64> = frames
        .iter()
        .map(|f| f.pose.centre[2] - f.ground_z_m)
        .collect();
    heights.sort_by(f64::total_cmp);
    let at = |q: f64| heights[((heights.len() - 1) as f64 * q) as usize];
    let two_heights = at(1.0 - SHARE) - at(SHARE) > HEIGHTS * at(0.5).abs();
    (others >= least && frames.len() as f64 - others >= least) || two_heights
}
