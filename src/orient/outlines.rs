//! Where the map's building outlines say the block really lies.
//!
//! In: frames that agree with each other, their temperatures, outlines with the height of their
//! roofs. Out: the shift, turn and scale that bring roof edges in the frames onto the outlines, and
//! whether they hold (georeferencing.md §7).
//!
//! A consumer receiver leaves a whole flight two or three metres off, and no match between frames
//! tells. Roof edges do: warm wall against cold roof, roof against yard. At every shift within the
//! uncertainty the outlines are projected into the frames that see them steepest, at roof height,
//! and the change of temperature across them is summed; edges are as often dark outside as inside,
//! so its sign does not count. Each building has one voice, however long its outline. The shift holds where it has no rival,
//! and enough buildings on enough sides find it by themselves; wrong or missing outlines are
//! outvoted. What each building finds by itself around the common shift gives turn and scale: a
//! block from a consumer receiver is a percent too large or small as well. Where the shift does not
//! hold nothing is moved.
//!
//! Not here yet: single sides of buildings as observations of the adjustment, a second
//! opinion by mutual information.

use rayon::prelude::*;

use super::adjust::{inverse, seen_again};
use super::matching::contrast;
use super::pose::turned;
use super::{Ground, KelvinOf, OrientedFrame};
use crate::raster::Grid;

/// A roof's edge and its height.
#[derive(Clone, Debug, PartialEq)]
pub struct RoofOutline {
    /// Corners on the map, metres; closed by itself.
    pub ring: Vec<[f64; 2]>,
    /// Height of the roof's edge, metres.
    pub height_m: f64,
}

/// What the outlines say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutlineReport {
    /// Buildings some frame sees well.
    pub buildings: usize,
    /// Buildings whose own best shift is the common one.
    pub agreeing: usize,
    /// How far the block lies off, metres: east, north.
    pub shift_m: [f64; 2],
    /// Where that is so, map coordinates: the middle of the buildings that agree.
    pub centre: [f64; 2],
    /// How much larger the block is than the map, as a share.
    pub scale: f64,
    /// How far the block is turned against the map, degrees counter-clockwise.
    pub turn_deg: f64,
    /// 1σ of the shift in one coordinate, metres.
    pub sigma_m: f64,
    /// Height of the common peak over the best rival's, both over the mean.
    pub peak_ratio: f64,
    /// Why the shift does not hold; empty where it does.
    pub refused: String,
}

/// Farthest shift looked at, metres, and the steps.
const REACH_M: f64 = 6.0;
const STEP_M: f64 = 0.25;
const SIDE: usize = 2 * (REACH_M / STEP_M) as usize + 1;
/// Distance of samples along an outline, metres; outlines have at most so many.
const SAMPLE_M: f64 = 0.5;
const MAX_SAMPLES: usize = 400;
/// Frames asked for each building.
const VIEWS: usize = 3;
/// A rival lies at least so far from the peak, metres.
const RIVAL_M: f64 = 1.5;
/// Bounds of georeferencing.md §7.
const LEAST_RATIO: f64 = 1.2;
const LEAST_BUILDINGS: usize = 8;
const LEAST_QUADRANTS: usize = 3;
const LEAST_SHARE: f64 = 0.6;
/// 1σ of what a building finds by itself, metres.
const OWN_M: f64 = 0.3;
/// A building agrees within, metres.
const NEAR_M: f64 = 0.75;

/// One building's voice: change across its outline at every shift, row by row from the south-west.
struct Voice {
    centre: [f64; 2],
    score: Vec<f64>,
}

/// Finds the shift; see [`OutlineReport::refused`] for whether to use it.
pub fn shift(
    frames: &[OrientedFrame],
    kelvin: &KelvinOf<'_>,
    outlines: &[RoofOutline],
) -> OutlineReport {
    let views: Vec<Vec<usize>> = outlines.iter().map(|o| best_views(frames, o)).collect();
    let mut wanted: Vec<usize> = views.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    // Frame by frame, so that one picture at a time is held by each worker.
    let scores: Vec<Vec<(usize, Vec<f64>)>> = wanted
        .par_iter()
        .map(|frame| {
            let Some(picture) = kelvin(frames[*frame].index).map(|k| contrast(&k)) else {
                return Vec::new();
            };
            let seen = outlines.iter().enumerate();
            seen.filter(|(b, _)| views[*b].contains(frame))
                .filter_map(|(b, outline)| Some((b, across(&frames[*frame], &picture, outline)?)))
                .collect()
        })
        .collect();
    let mut voices: Vec<Option<Voice>> = outlines.iter().map(|_| None).collect();
    for (building, score) in scores.into_iter().flatten() {
        match &mut voices[building] {
            Some(voice) => voice
                .score
                .iter_mut()
                .zip(&score)
                .for_each(|(a, b)| *a += b),
            empty => {
                let centre = centre(&outlines[building].ring);
                *empty = Some(Voice { centre, score });
            }
        }
    }
    let mut voices: Vec<Voice> = voices.into_iter().flatten().collect();
    voices.iter_mut().for_each(|v| standardise(&mut v.score));
    judge(&voices)
}

fn judge(voices: &[Voice]) -> OutlineReport {
    let mut report = OutlineReport {
        buildings: voices.len(),
        ..OutlineReport::default()
    };
    if voices.len() < LEAST_BUILDINGS {
        report.refused = format!(
            "{} buildings are seen, {LEAST_BUILDINGS} are needed",
            voices.len()
        );
        return report;
    }
    let mut sum = vec![0.0; SIDE * SIDE];
    for voice in voices {
        // A single loud building does not decide; a bend, for a bound would make a plateau.
        let voice = voice.score.iter();
        sum.iter_mut()
            .zip(voice)
            .for_each(|(s, v)| *s += 6.0 * (v / 6.0).tanh());
    }
    let best = best_of(&sum, |_| true);
    let peak = sum[best];
    let rival = sum[best_of(&sum, |i| apart(i, best) >= RIVAL_M)];
    report.peak_ratio = peak / rival.max(1e-9);
    let own: Vec<([f64; 2], [f64; 2])> = voices
        .iter()
        .map(|v| {
            let near = best_of(&v.score, |i| apart(i, best) <= 2.0 * RIVAL_M);
            (v.centre, refined(&v.score, near))
        })
        .collect();
    let middle = centre(&voices.iter().map(|v| v.centre).collect::<Vec<_>>());
    let field = Field::through(&own, middle, refined(&sum, best));
    let off = |(at, by): &([f64; 2], [f64; 2])| {
        let due = field.at(*at);
        (by[0] - due[0]).hypot(by[1] - due[1])
    };
    let agreeing: Vec<usize> = (0..own.len()).filter(|i| off(&own[*i]) <= NEAR_M).collect();
    report.agreeing = agreeing.len();
    let spread: f64 = agreeing.iter().map(|i| off(&own[*i]).powi(2)).sum::<f64>() / 2.0;
    let n = agreeing.len().max(1) as f64;
    report.sigma_m = (spread / n / n).sqrt().max(STEP_M / 2.0);
    report.centre = middle;
    report.shift_m = [field.terms[0], field.terms[1]];
    (report.scale, report.turn_deg) = (field.terms[2], field.terms[3].to_degrees());
    let mut quadrants: Vec<(bool, bool)> = agreeing
        .iter()
        .map(|i| {
            (
                voices[*i].centre[0] > middle[0],
                voices[*i].centre[1] > middle[1],
            )
        })
        .collect();
    quadrants.sort_unstable();
    quadrants.dedup();
    let edge = REACH_M - STEP_M;
    report.refused = if report.shift_m.iter().any(|s| s.abs() >= edge) {
        format!("the best shift lies at the rim of the {REACH_M} m looked at")
    } else if report.peak_ratio < LEAST_RATIO {
        format!(
            "another shift fits nearly as well (ratio {:.2})",
            report.peak_ratio
        )
    } else if report.agreeing < LEAST_BUILDINGS
        || (report.agreeing as f64) < LEAST_SHARE * voices.len() as f64
    {
        format!(
            "{} of {} buildings find it by themselves",
            report.agreeing,
            voices.len()
        )
    } else if quadrants.len() < LEAST_QUADRANTS {
        "the buildings that find it lie on one side".to_owned()
    } else {
        String::new()
    };
    report
}

/// Shift over the map: east, north, scale, turn about a middle.
struct Field {
    middle: [f64; 2],
    terms: [f64; 4],
}

impl Field {
    fn at(&self, p: [f64; 2]) -> [f64; 2] {
        let (x, y) = (p[0] - self.middle[0], p[1] - self.middle[1]);
        let [east, north, scale, turn] = self.terms;
        [east + scale * x - turn * y, north + turn * x + scale * y]
    }

    /// Through what the buildings find by themselves; those far off lose their weight (Cauchy).
    /// Scale and turn are held near none by what blocks are: 2 % and half a degree.
    fn through(own: &[([f64; 2], [f64; 2])], middle: [f64; 2], first: [f64; 2]) -> Self {
        const ROUNDS: usize = 15;
        let priors = [6.0, 6.0, 0.02, 0.5_f64.to_radians()];
        let mut field = Self {
            middle,
            terms: [first[0], first[1], 0.0, 0.0],
        };
        for _ in 0..ROUNDS {
            let mut m = vec![0.0; 16];
            let mut right = [0.0; 4];
            for (k, sigma) in priors.iter().enumerate() {
                m[5 * k] += 1.0 / (sigma * sigma);
            }
            for (at, by) in own {
                let due = field.at(*at);
                let miss = (by[0] - due[0]).hypot(by[1] - due[1]);
                let w = 1.0 / (1.0 + (miss / OWN_M).powi(2)) / (OWN_M * OWN_M);
                let (x, y) = (at[0] - middle[0], at[1] - middle[1]);
                for (row, value) in [([1.0, 0.0, x, -y], by[0]), ([0.0, 1.0, y, x], by[1])] {
                    for a in 0..4 {
                        right[a] += w * row[a] * value;
                        (0..4).for_each(|b| m[4 * a + b] += w * row[a] * row[b]);
                    }
                }
            }
            let inverse = inverse(&m, 4);
            field.terms =
                std::array::from_fn(|a| (0..4).map(|b| inverse[4 * a + b] * right[b]).sum());
        }
        field
    }
}

impl OutlineReport {
    /// A frame with the block's shift, turn and scale taken off.
    pub fn corrected(&self, frame: &OrientedFrame, ground: &dyn Ground) -> OrientedFrame {
        let field = Field {
            middle: self.centre,
            terms: [
                self.shift_m[0],
                self.shift_m[1],
                self.scale,
                self.turn_deg.to_radians(),
            ],
        };
        let mut frame = frame.clone();
        let by = field.at([frame.pose.centre[0], frame.pose.centre[1]]);
        (0..2).for_each(|a| frame.pose.centre[a] -= by[a]);
        // The whole block is as much too high as it is too wide.
        frame.pose.centre[2] -= self.scale * (frame.pose.centre[2] - frame.ground_z_m);
        frame.pose.rotation = turned(&frame.pose.rotation, self.turn_deg.to_radians());
        frame.sigma_xy_m = self.sigma_m;
        seen_again(frame, ground)
    }
}

/// The frames that see a building's middle steepest, with all of it in the picture.
fn best_views(frames: &[OrientedFrame], outline: &RoofOutline) -> Vec<usize> {
    let [x, y] = centre(&outline.ring);
    let mut seen: Vec<(f64, usize)> = frames
        .iter()
        .enumerate()
        .filter_map(|(i, f)| {
            let inside = |p: &[f64; 2]| {
                let at = f.pose.to_camera([p[0], p[1], outline.height_m]);
                f.camera
                    .project(at)
                    .is_some_and(|(u, v)| f.camera.contains(u, v))
            };
            let c = f.pose.centre;
            let aside = (c[0] - x).hypot(c[1] - y) / (c[2] - outline.height_m).max(1.0);
            let share = outline.ring.iter().filter(|p| inside(p)).count();
            (2 * share > outline.ring.len() && aside < 0.6).then_some((aside, i))
        })
        .collect();
    seen.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    seen.into_iter().take(VIEWS).map(|(_, i)| i).collect()
}

/// Change of contrast across an outline at every shift; `None` where too little of it is seen.
fn across(frame: &OrientedFrame, picture: &Grid<f32>, outline: &RoofOutline) -> Option<Vec<f64>> {
    let samples = samples(&outline.ring);
    if samples.len() < 12 {
        return None;
    }
    let project = |x: f64, y: f64| {
        frame
            .camera
            .project(frame.pose.to_camera([x, y, outline.height_m]))
    };
    let value = |u: f64, v: f64| {
        let (x, y) = ((u - 0.5).round(), (v - 0.5).round());
        picture.get(x as isize, y as isize).map(f64::from)
    };
    let gsd_m = frame.path_m / frame.camera.f_px;
    // Half a pixel aside is the same pixel: the two sides are two pixels apart at least.
    let aside = (1.5 * gsd_m).max(0.2);
    let mut out = Vec::with_capacity(SIDE * SIDE);
    for i in 0..SIDE * SIDE {
        let [dx, dy] = place(i);
        let (mut sum, mut count) = (0.0, 0_usize);
        for ([x, y], [nx, ny]) in &samples {
            let (x, y) = (x + dx, y + dy);
            let pair = project(x + aside * nx, y + aside * ny)
                .zip(project(x - aside * nx, y - aside * ny));
            let sides = pair.and_then(|(a, b)| value(a.0, a.1).zip(value(b.0, b.1)));
            if let Some((a, b)) = sides {
                sum += (a - b).abs();
                count += 1;
            }
        }
        if 2 * count < samples.len() {
            return None;
        }
        out.push(sum / count as f64);
    }
    Some(out)
}

type Sample = ([f64; 2], [f64; 2]);

/// Points along a ring with the normal there.
fn samples(ring: &[[f64; 2]]) -> Vec<Sample> {
    let mut out = Vec::new();
    let length: f64 = sides(ring)
        .map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1]))
        .sum();
    let step = SAMPLE_M.max(length / MAX_SAMPLES as f64);
    for (a, b) in sides(ring) {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy);
        let count = (length / step) as usize;
        for k in 0..count {
            let t = (k as f64 + 0.5) / count as f64;
            out.push(([a[0] + t * dx, a[1] + t * dy], [dy / length, -dx / length]));
        }
    }
    out
}

fn sides(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

fn centre(points: &[[f64; 2]]) -> [f64; 2] {
    let n = points.len().max(1) as f64;
    [0, 1].map(|a| points.iter().map(|p| p[a]).sum::<f64>() / n)
}

/// Takes the mean off and brings the spread to 1: every building speaks as loud.
fn standardise(values: &mut [f64]) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    values
        .iter_mut()
        .for_each(|v| *v = (*v - mean) / spread.max(1e-9));
}

/// Shift of a position in a score, metres.
fn place(i: usize) -> [f64; 2] {
    let step = |k: usize| k as f64 * STEP_M - REACH_M;
    [step(i % SIDE), step(i / SIDE)]
}

fn apart(i: usize, j: usize) -> f64 {
    let (a, b) = (place(i), place(j));
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The largest of those that count, the first of equals.
fn best_of(values: &[f64], counts: impl Fn(usize) -> bool) -> usize {
    let mut best = None;
    for (i, v) in values.iter().enumerate().filter(|(i, _)| counts(*i)) {
        if best.is_none_or(|b: usize| *v > values[b]) {
            best = Some(i);
        }
    }
    best.unwrap_or(0)
}

/// The peak between steps, by a parabola each way.
fn refined(sum: &[f64], best: usize) -> [f64; 2] {
    let at = place(best);
    let (x, y) = (best % SIDE, best / SIDE);
    if x == 0 || y == 0 || x + 1 == SIDE || y + 1 == SIDE {
        return at;
    }
    let part = |before: f64, after: f64| {
        let bend = before - 2.0 * sum[best] + after;
        if bend < -1e-9 {
            (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
        } else {
            0.0
        }
    };
    let dx = part(sum[best - 1], sum[best + 1]);
    let dy = part(sum[best - SIDE], sum[best + SIDE]);
    [at[0] + dx * STEP_M, at[1] + dy * STEP_M]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(x: f64, y: f64, peak: [f64; 2]) -> Voice {
        let mut score: Vec<f64> = (0..SIDE * SIDE)
            .map(|i| {
                let p = place(i);
                let d = (p[0] - peak[0]).hypot(p[1] - peak[1]);
                (-d * d / 0.5).exp() + 0.05 * ((i * 37 % 101) as f64 / 101.0)
            })
            .collect();
        standardise(&mut score);
        Voice {
            centre: [x, y],
            score,
        }
    }

    fn park(peak: impl Fn(usize) -> [f64; 2]) -> Vec<Voice> {
        (0..16)
            .map(|i| voice(40.0 * (i % 4) as f64, 50.0 * (i / 4) as f64, peak(i)))
            .collect()
    }

    #[test]
    fn the_common_shift_is_found_with_a_fifth_of_the_outlines_wrong() {
        let wrong = |i: usize| i.is_multiple_of(5);
        let voices = park(|i| {
            if wrong(i) {
                [-4.0, 0.3 * i as f64]
            } else {
                [2.4, -1.1]
            }
        });
        let found = judge(&voices);
        assert_eq!(found.refused, "");
        let off = [found.shift_m[0] - 2.4, found.shift_m[1] + 1.1];
        assert!(off[0].hypot(off[1]) < STEP_M, "{:?}", found.shift_m);
        assert_eq!(found.agreeing, 12);
    }

    #[test]
    fn rivals_disagreement_and_too_few_buildings_are_refused() {
        let two = park(|i| if i % 2 == 0 { [3.0, 0.0] } else { [-3.0, 0.0] });
        assert!(!judge(&two).refused.is_empty());
        let none = park(|i| [(i as f64 * 2.7) % 10.0 - 5.0, (i as f64 * 4.1) % 10.0 - 5.0]);
        assert!(!judge(&none).refused.is_empty());
        let few = park(|_| [1.0, 1.0]).into_iter().take(5).collect::<Vec<_>>();
        assert!(judge(&few).refused.contains("5 buildings"));
    }
}
