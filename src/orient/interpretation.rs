//! Whether the attitudes are read as they were meant, by how many matches they explain.
//!
//! In: the frames of a flight under each reading of their angles, and their temperatures. Out: for
//! each reading the share of feature matches that it explains (georeferencing.md §3.4).
//!
//! Makers write angles of the gimbal, of the camera or of the aircraft, and mounts differ: a camera
//! turned by a quarter in its airframe looks, by its numbers, like any other. Features are found
//! without any prior; a reading explains a match when both frames put it on the same ground, as far
//! as positions and directions may be wrong. Small errors all readings share are left to the
//! adjustment.

use rayon::prelude::*;

use super::matching::agreed_pixels;
use super::yaw::{self, KelvinOf};
use super::{Ground, OrientedFrame};

/// How far positions within a flight may be wrong, metres, and directions, degrees; 1σ.
const SPREAD_M: f64 = 1.5;
const SPREAD_DEG: f64 = 3.0;
/// Matches farther off than so many σ are not explained.
const SIGMAS: f64 = 4.0;
/// Fewest pairs of frames that tell.
const LEAST_PAIRS: usize = 4;

/// How a reading of the attitudes does.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judged {
    /// Share of the matches it explains.
    pub(super) explained: f64,
    /// Median distance on the ground between what two frames say of a match, metres.
    pub(super) miss_m: f64,
}

/// Judges readings: each the same frames, in the order of time. `None` where too few pairs match to
/// tell.
pub(super) fn judge(
    readings: &[Vec<OrientedFrame>],
    kelvin: &KelvinOf<'_>,
    ground: &dyn Ground,
) -> Option<(Vec<Judged>, usize)> {
    let first = readings.first()?;
    let pairs = yaw::pairs(first);
    type Pixels = Vec<([f64; 2], [f64; 2])>;
    let matched: Vec<(usize, usize, Pixels)> = pairs
        .par_iter()
        .filter_map(|(i, j)| {
            let (a, b) = (kelvin(first[*i].index)?, kelvin(first[*j].index)?);
            let pixels = agreed_pixels([&first[*i], &first[*j]], [&a, &b], ground)?;
            Some((*i, *j, pixels))
        })
        .collect();
    if matched.len() < LEAST_PAIRS {
        return None;
    }
    let judged = readings.iter().map(|frames| {
        let (mut all, mut explained) = (0_usize, 0_usize);
        let mut misses = Vec::new();
        for (i, j, pixels) in &matched {
            let (a, b) = (&frames[*i], &frames[*j]);
            let bound = SIGMAS
                * (SPREAD_M * 2.0_f64.sqrt()).hypot(0.3 * a.path_m * SPREAD_DEG.to_radians());
            let seen = |f: &OrientedFrame, p: [f64; 2]| {
                let ray = f.camera.unproject(p[0], p[1])?;
                f.pose.on_plane(ray, f.ground_z_m)
            };
            for (p, q) in pixels {
                all += 1;
                if let Some((s, t)) = seen(a, *p).zip(seen(b, *q)) {
                    let miss = (s.0 - t.0).hypot(s.1 - t.1);
                    explained += usize::from(miss <= bound);
                    misses.push(miss);
                }
            }
        }
        misses.sort_by(f64::total_cmp);
        Judged {
            explained: explained as f64 / all.max(1) as f64,
            miss_m: misses.get(misses.len() / 2).copied().unwrap_or(f64::NAN),
        }
    });
    Some((judged.collect(), matched.len()))
}
