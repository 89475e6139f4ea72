//! One turn and shift on the ground that a pair's features agree on.
//!
//! A seeded search over pairs of features (each with its own turn and shift), scored by how many
//! others follow and how closely (the score of MAGSAC with a flat prior of σ, Barath et al. 2019,
//! doi:10.1109/CVPR.2019.01044), refined by weighted least squares.

use super::super::super::pose::turned;
use super::super::super::{Ground, OrientedFrame};
use super::super::agree;
use super::{Features, on_ground};

/// Turns and shifts tried.
const TRIES: usize = 600;
/// Features follow within this many metres of ground, or pixels where these are larger.
const NEAR_M: f64 = 0.8;
const NEAR_PX: f64 = 4.0;
/// Two frames differ in scale by less, for they fly at about one height.
const SCALE: f64 = 0.2;
/// Another shift with this share of the followers is a rival: repeated roofs.
const RIVAL: f64 = 0.6;
/// Parts of the picture, of nine, the followers must lie in.
const PARTS: usize = 4;
/// Farthest a model may lie from the priors, σ.
const SIGMAS: f64 = 4.0;

/// How the second frame lies against the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Between {
    /// Nothing agrees.
    Nothing,
    /// Two shifts are followed about as well.
    Rivals,
    /// The second frame is to be turned by so much, radians counter-clockwise about its own centre,
    /// and moved, metres.
    Moved { turn_rad: f64, shift_m: [f64; 2] },
}

/// Turn and shift as x ↦ R x + t about a middle.
#[derive(Clone, Copy, Debug)]
struct Rigid {
    cos: f64,
    sin: f64,
    shift: [f64; 2],
}

impl Rigid {
    fn apply(&self, p: [f64; 2]) -> [f64; 2] {
        [
            self.cos * p[0] - self.sin * p[1] + self.shift[0],
            self.sin * p[0] + self.cos * p[1] + self.shift[1],
        ]
    }

    fn miss(&self, pair: &Pair) -> f64 {
        let at = self.apply(pair.second);
        (at[0] - pair.first[0]).hypot(at[1] - pair.first[1])
    }
}

struct Pair {
    first: [f64; 2],
    second: [f64; 2],
    pixel: [f64; 2],
    other: [f64; 2],
}

/// Finds how the second frame must move so that features lie on those of the first; `sigma_m` and
/// `sigma_deg` are how wrong the priors may be.
pub(in super::super) fn between(
    frames: [&OrientedFrame; 2],
    features: [&Features; 2],
    ground: &dyn Ground,
    sigma_m: f64,
    sigma_deg: f64,
) -> Between {
    let pairs = pairs(frames, features, ground);
    let gsd_m = frames[0].path_m / frames[0].camera.f_px;
    let near_m = NEAR_M.max(NEAR_PX * gsd_m);
    let Some(found) = search(&pairs, near_m, |_| true) else {
        return Between::Nothing;
    };
    let followers = |rigid: &Rigid| pairs.iter().filter(|p| rigid.miss(p) <= near_m).count();
    let count = followers(&found);
    let size = [frames[0].camera.width, frames[0].camera.height];
    let mut parts: Vec<[usize; 2]> = pairs
        .iter()
        .filter(|p| found.miss(p) <= near_m)
        .map(|p| [0, 1].map(|k| ((3.0 * p.pixel[k] / size[k] as f64) as usize).min(2)))
        .collect();
    parts.sort_unstable();
    parts.dedup();
    let turn_rad = found.sin.atan2(found.cos);
    let shift = found.shift[0].hypot(found.shift[1]);
    if count < agree::LEAST
        || parts.len() < PARTS
        || shift > SIGMAS * sigma_m * std::f64::consts::SQRT_2
        || turn_rad.abs() > (SIGMAS * sigma_deg * std::f64::consts::SQRT_2).to_radians()
    {
        return Between::Nothing;
    }
    let rival = search(&pairs, near_m, |p| found.miss(p) > 2.0 * near_m);
    if let Some(rival) = rival.filter(|r| followers(r) as f64 >= RIVAL * count as f64) {
        let apart = (rival.shift[0] - found.shift[0]).hypot(rival.shift[1] - found.shift[1]);
        // Priors that are surer than half the distance decide.
        if 3.0 * sigma_m > 0.5 * apart || shift > 0.5 * apart {
            return Between::Rivals;
        }
    }
    Between::Moved {
        turn_rad,
        shift_m: found.shift,
    }
}

/// Matches in metres around the second frame's own centre, so that turn and shift are its own.
fn pairs(frames: [&OrientedFrame; 2], features: [&Features; 2], ground: &dyn Ground) -> Vec<Pair> {
    let centre = frames[1].pose.centre;
    let local = |p: [f64; 2]| [p[0] - centre[0], p[1] - centre[1]];
    let matches = features[0].pixels(features[1]).into_iter();
    matches
        .filter_map(|(a, b)| {
            Some(Pair {
                first: local(on_ground(frames[0], a, ground)?),
                second: local(on_ground(frames[1], b, ground)?),
                pixel: a,
                other: b,
            })
        })
        .collect()
}

/// Pixels in both frames of the features that follow one turn and shift, whatever it is; `None` where
/// too few do.
pub(in super::super) fn followers(
    frames: [&OrientedFrame; 2],
    features: [&Features; 2],
    ground: &dyn Ground,
) -> Option<Vec<([f64; 2], [f64; 2])>> {
    let pairs = pairs(frames, features, ground);
    let gsd_m = frames[0].path_m / frames[0].camera.f_px;
    let near_m = NEAR_M.max(NEAR_PX * gsd_m);
    let found = search(&pairs, near_m, |_| true)?;
    let near = pairs.iter().filter(|p| found.miss(p) <= near_m);
    let pixels: Vec<([f64; 2], [f64; 2])> = near.map(|p| (p.pixel, p.other)).collect();
    (pixels.len() >= agree::LEAST).then_some(pixels)
}

/// A frame turned and moved as found.
pub(in super::super) fn moved(frame: &OrientedFrame, turn_rad: f64, by: [f64; 2]) -> OrientedFrame {
    let mut frame = frame.clone();
    frame.pose.rotation = turned(&frame.pose.rotation, -turn_rad);
    (0..2).for_each(|k| frame.pose.centre[k] += by[k]);
    frame
}

fn search(pairs: &[Pair], near_m: f64, counts: impl Fn(&Pair) -> bool) -> Option<Rigid> {
    let all: Vec<&Pair> = pairs.iter().filter(|p| counts(p)).collect();
    if all.len() < agree::LEAST {
        return None;
    }
    let score = |rigid: &Rigid| -> f64 {
        let close = |p: &&Pair| (1.0 - (rigid.miss(p) / near_m).powi(2)).max(0.0);
        all.iter().map(close).sum()
    };
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % all.len()
    };
    let mut best: Option<(f64, Rigid)> = None;
    for _ in 0..TRIES {
        let (i, j) = (next(), next());
        let Some(rigid) = through(&[(1.0, all[i]), (1.0, all[j])], near_m) else {
            continue;
        };
        let own = score(&rigid);
        if best.is_none_or(|(s, _)| own > s) {
            best = Some((own, rigid));
        }
    }
    let (_, mut rigid) = best?;
    for _ in 0..8 {
        let weighted: Vec<(f64, &Pair)> = all
            .iter()
            .map(|p| ((1.0 - (rigid.miss(p) / near_m).powi(2)).max(0.0), *p))
            .collect();
        rigid = through(&weighted, near_m)?;
    }
    Some(rigid)
}

/// The turn and shift of least squares (Umeyama 1991, doi:10.1109/34.88573, without scale); `None`
/// where the points are too close together, or differ in scale.
fn through(pairs: &[(f64, &Pair)], near_m: f64) -> Option<Rigid> {
    let whole: f64 = pairs.iter().map(|(w, _)| w).sum();
    if whole <= 0.0 {
        return None;
    }
    let mean = |of: fn(&Pair) -> [f64; 2]| {
        [0, 1].map(|k| pairs.iter().map(|(w, p)| w * of(p)[k]).sum::<f64>() / whole)
    };
    let (a, b) = (mean(|p| p.first), mean(|p| p.second));
    let (mut along, mut across, mut own, mut other) = (0.0, 0.0, 0.0, 0.0);
    for (w, p) in pairs {
        let f = [p.first[0] - a[0], p.first[1] - a[1]];
        let s = [p.second[0] - b[0], p.second[1] - b[1]];
        along += w * (s[0] * f[0] + s[1] * f[1]);
        across += w * (s[0] * f[1] - s[1] * f[0]);
        own += w * (f[0] * f[0] + f[1] * f[1]);
        other += w * (s[0] * s[0] + s[1] * s[1]);
    }
    let spread = (other / whole).sqrt();
    let ratio = (own / other.max(1e-12)).sqrt();
    if spread < near_m || (ratio - 1.0).abs() > SCALE {
        return None;
    }
    let size = along.hypot(across).max(1e-12);
    let (cos, sin) = (along / size, across / size);
    Some(Rigid {
        cos,
        sin,
        shift: [
            a[0] - cos * b[0] + sin * b[1],
            a[1] - sin * b[0] - cos * b[1],
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(wrong: usize, lattice: Option<f64>) -> Vec<Pair> {
        let (s, c) = 0.3_f64.sin_cos();
        let mut state = 5_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64 * 40.0 - 20.0
        };
        (0..60 + wrong)
            .map(|i| {
                let p = [next(), next()];
                let q = match i {
                    _ if i >= 60 => [next(), next()],
                    _ if i % 2 == 0 => [p[0] + lattice.unwrap_or(0.0), p[1]],
                    _ => p,
                };
                Pair {
                    first: [c * q[0] - s * q[1] + 7.0, s * q[0] + c * q[1] - 4.0],
                    second: p,
                    pixel: [0.0; 2],
                    other: [0.0; 2],
                }
            })
            .collect()
    }

    #[test]
    fn a_turn_and_shift_are_found_among_as_many_strays() {
        let found = search(&pairs(60, None), 0.8, |_| true).expect("a model");
        assert!((found.sin.atan2(found.cos) - 0.3).abs() < 0.005);
        assert!((found.shift[0] - 7.0).hypot(found.shift[1] + 4.0) < 0.1);
    }
}
