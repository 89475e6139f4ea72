//! The same ground in overlapping frames: tie points.
//!
//! In: frames oriented by priors, and their temperatures. Out: tracks, each one ground point with
//! its pixels in two or more frames.
//!
//! Thermal frames have little texture and drift by kelvin, but their priors are good: position to
//! some metres, direction to some degrees. So nothing is searched for in the whole picture. Every
//! frame offers well-spread points of high contrast; around each a chip is compared with the other
//! frame turned and scaled as the priors predict, first over the whole uncertainty at a quarter of
//! the resolution and for all chips of a pair at once, then finely for each. Chips whose shifts do
//! not agree with those around them are dropped. A pair whose joint peak has a rival elsewhere is
//! dropped whole: repeated roofs, rows of panels, parked trucks.
//!
//! Pictures are made when pairs near them are compared and dropped when these are done, so that
//! memory does not grow with the flight; at the seams some are made twice.
//!
//! Pairs in which single chips are lost in the noise are tried again by phase correlation of larger
//! ones. Pairs that this leaves open, because priors are worse than it reaches, are tried by features.
//!
//! Left to others: what the shifts say of poses (`adjust`).

mod agree;
mod chip;
mod features;
mod pairs;
mod phase;
mod picture;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::{Ground, KelvinOf, OrientedFrame};
pub(super) use picture::normalised as contrast;

use chip::Patch;
use features::{Between, Features};
use pairs::Pair;
use picture::Picture;

/// One pixel of a track.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Observation {
    /// Position in the slice of frames.
    pub frame: usize,
    /// Column, continuous pixels.
    pub u: f64,
    /// Row, continuous pixels.
    pub v: f64,
}

/// A ground point seen in several frames, each once.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Track {
    /// Its pixels, by rising frame.
    pub observations: Vec<Observation>,
}

/// What became of the pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MatchReport {
    /// Pairs looked at.
    pub pairs: usize,
    /// Pairs whose shifts agree.
    pub matched: usize,
    /// Pairs dropped because another shift fits as well.
    pub ambiguous: usize,
    /// Pairs of those matched that the priors alone were too wrong for: features put them right.
    pub by_features: usize,
    /// Pairs of those matched whose chips only phase correlation could place.
    pub by_phase: usize,
    /// Frames with a matched pair.
    pub frames: usize,
}

/// Tracks of a flight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    /// Tracks in the order of their first frame.
    pub tracks: Vec<Track>,
    /// What became of the pairs.
    pub report: MatchReport,
}

/// Settings of matching.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// 1σ of the difference of two positions, metres; the search reaches three of them.
    pub sigma_m: f64,
    /// 1σ of directions, degrees.
    pub sigma_deg: f64,
}

/// Finds the tracks of a flight. `frames` are those of one flight in the order of time; `kelvin`
/// gives temperatures by [`OrientedFrame::index`].
pub fn match_frames(
    frames: &[OrientedFrame],
    kelvin: &KelvinOf<'_>,
    ground: &dyn Ground,
    options: &Options,
) -> Matches {
    let pairs = pairs::candidates(frames, options.sigma_m);
    let mut settled = 0;
    let mut pictures: Vec<Option<Picture>> = frames.iter().map(|_| None).collect();
    let mut points: Vec<Vec<[f64; 2]>> = vec![Vec::new(); frames.len()];
    let mut found: Vec<Outcome> = pairs.iter().map(|_| Outcome::Nothing).collect();
    for batch in pairs::batches(frames, &pairs) {
        keep(&mut pictures, &batch.frames);
        let missing = batch.frames.iter().filter(|i| pictures[**i].is_none());
        let missing: Vec<usize> = missing.copied().collect();
        let made: Vec<Option<Picture>> = missing
            .par_iter()
            .map(|i| kelvin(frames[*i].index).map(|k| Picture::new(&k)))
            .collect();
        for (i, picture) in missing.into_iter().zip(made) {
            points[i] = picture
                .as_ref()
                .map(|p| p.points.clone())
                .unwrap_or_default();
            pictures[i] = picture;
        }
        let outcomes: Vec<Outcome> = batch
            .pairs
            .par_iter()
            .map(|number| {
                let pair = pairs[*number];
                let (Some(a), Some(b)) = (&pictures[pair.first], &pictures[pair.second]) else {
                    return Outcome::Nothing;
                };
                match_pair(
                    &frames[pair.first],
                    &frames[pair.second],
                    a,
                    b,
                    ground,
                    options,
                )
            })
            .collect();
        let own: Vec<Pair> = batch.pairs.iter().map(|number| pairs[*number]).collect();
        let (outcomes, more) = by_features(frames, &pictures, &own, outcomes, ground, options);
        settled += more;
        for (number, outcome) in batch.pairs.iter().zip(outcomes) {
            found[*number] = outcome;
        }
    }
    let mut matches = collect(&points, &pairs, found);
    matches.report.by_features = settled;
    matches
}

/// Frames with so many matched pairs need no more: the others of them mostly share too little.
const ENOUGH: usize = 4;

/// Tries the pairs in which correlation around the priors found nothing by features, for frames that
/// are tied to few others: features tell how the second frame really lies, and correlation begins
/// again from there. How many that settled.
/// Ambiguous pairs stay so: what repeats has features that repeat.
fn by_features(
    frames: &[OrientedFrame],
    pictures: &[Option<Picture>],
    pairs: &[Pair],
    mut found: Vec<Outcome>,
    ground: &dyn Ground,
    options: &Options,
) -> (Vec<Outcome>, usize) {
    let mut partners = vec![0_usize; frames.len()];
    for (pair, outcome) in pairs.iter().zip(&found) {
        let matched = usize::from(matches!(outcome, Outcome::Matched(_)));
        partners[pair.first] += matched;
        partners[pair.second] += matched;
    }
    let wanting = |i: usize| partners[i] < ENOUGH;
    let open: Vec<usize> = (0..pairs.len())
        .filter(|k| matches!(found[*k], Outcome::Nothing))
        .filter(|k| wanting(pairs[*k].first) || wanting(pairs[*k].second))
        .collect();
    let mut wanted = vec![false; frames.len()];
    for k in &open {
        (wanted[pairs[*k].first], wanted[pairs[*k].second]) = (true, true);
    }
    let features: Vec<Option<Features>> = pictures
        .par_iter()
        .zip(wanted)
        .map(|(picture, wanted)| {
            let picture = picture.as_ref().filter(|_| wanted)?;
            Some(Features::of(&picture.contrast()))
        })
        .collect();
    let again: Vec<Outcome> = open
        .par_iter()
        .map(|k| {
            let Pair { first, second } = pairs[*k];
            let both = features[first].as_ref().zip(features[second].as_ref());
            let seen = pictures[first].as_ref().zip(pictures[second].as_ref());
            let (Some((fa, fb)), Some((a, b))) = (both, seen) else {
                return Outcome::Nothing;
            };
            let pair = [&frames[first], &frames[second]];
            match features::between(pair, [fa, fb], ground, options.sigma_m, options.sigma_deg) {
                Between::Nothing => Outcome::Nothing,
                Between::Rivals => Outcome::Ambiguous,
                Between::Moved { turn_rad, shift_m } => {
                    let second = features::moved(pair[1], turn_rad, shift_m);
                    // Over the whole uncertainty again, so that repeated roofs show as rivals.
                    match_pair(pair[0], &second, a, b, ground, options)
                }
            }
        })
        .collect();
    let mut settled = 0;
    for (k, outcome) in open.into_iter().zip(again) {
        settled += usize::from(matches!(outcome, Outcome::Matched(_)));
        found[k] = outcome;
    }
    (found, settled)
}

/// Pixels of two frames' features that agree on one turn and shift of the ground, whatever the priors
/// say; `None` where too few do.
pub(super) fn agreed_pixels(
    frames: [&OrientedFrame; 2],
    kelvin: [&crate::raster::Grid<f32>; 2],
    ground: &dyn Ground,
) -> Option<Vec<([f64; 2], [f64; 2])>> {
    let features = kelvin.map(|k| Features::of(&contrast(k)));
    features::followers(frames, [&features[0], &features[1]], ground)
}

/// Drops the pictures of frames that are not named (rising).
fn keep(pictures: &mut [Option<Picture>], named: &[usize]) {
    for (i, picture) in pictures.iter_mut().enumerate() {
        if named.binary_search(&i).is_err() {
            *picture = None;
        }
    }
}

/// What a pair gave.
enum Outcome {
    Nothing,
    Ambiguous,
    Matched(Ties),
}

/// What two frames have in common.
struct Ties {
    /// Points of the first frame by their number, with their pixels in the second.
    points: Vec<(usize, [f64; 2])>,
    /// Pixels of the first and the second, of places that no other pair knows.
    own: Vec<([f64; 2], [f64; 2])>,
}

fn match_pair(
    first: &OrientedFrame,
    second: &OrientedFrame,
    a: &Picture,
    b: &Picture,
    ground: &dyn Ground,
    options: &Options,
) -> Outcome {
    let patches: Vec<(usize, Patch)> = a
        .points
        .iter()
        .enumerate()
        .filter_map(|(n, p)| Some((n, Patch::predict(first, second, *p, ground)?)))
        .collect();
    if patches.len() < agree::LEAST {
        return Outcome::Nothing;
    }
    // The farthest two directions differ over half the picture.
    let gsd_m = first.path_m / first.camera.f_px;
    let turn = options.sigma_deg.to_radians() * first.camera.width as f64 / 4.0;
    let reach_px = 3.0 * (options.sigma_m / gsd_m).hypot(turn);
    let joint = match chip::joint_shift(a, b, &patches, reach_px) {
        chip::Joint::Peak(shift) => shift,
        chip::Joint::Rivals => return Outcome::Ambiguous,
        chip::Joint::Flat => {
            return match phase::joint([a, b], &patches, reach_px) {
                Some(shift) => by_phase([first, second], [a, b], &patches, shift, ground),
                None => Outcome::Nothing,
            };
        }
    };
    let by_phase = || by_phase([first, second], [a, b], &patches, joint, ground);
    let coarse: Vec<agree::Shift> = patches
        .par_iter()
        .filter_map(|(n, patch)| chip::coarse(a, b, patch, joint).map(|s| (*n, patch, s)))
        .map(|(n, patch, by)| agree::Shift {
            number: n,
            at: patch.at,
            by,
        })
        .collect();
    let Some(rough) = agree::agreed(&coarse, first.camera.width, first.camera.height, 6.0) else {
        return by_phase();
    };
    let fine: Vec<agree::Shift> = patches
        .iter()
        .filter_map(|(n, patch)| {
            let by = chip::fine(a, b, patch, rough.field.at(patch.at))?;
            Some(agree::Shift {
                number: *n,
                at: patch.at,
                by,
            })
        })
        .collect();
    let Some(sure) = agree::agreed(&fine, first.camera.width, first.camera.height, 1.5) else {
        return by_phase();
    };
    let by_number: std::collections::BTreeMap<usize, &Patch> =
        patches.iter().map(|(n, patch)| (*n, patch)).collect();
    Outcome::Matched(Ties {
        points: sure
            .shifts
            .iter()
            .filter_map(|s| Some((s.number, by_number.get(&s.number)?.moved(s.by))))
            .collect(),
        own: Vec::new(),
    })
}

/// A pair whose small chips do not agree, by phase correlation of large ones around a shift.
fn by_phase(
    frames: [&OrientedFrame; 2],
    pictures: [&Picture; 2],
    patches: &[(usize, Patch)],
    around: [f64; 2],
    ground: &dyn Ground,
) -> Outcome {
    let found = phase::shifts(frames, pictures, ground, patches, around);
    let all: Vec<agree::Shift> = found.iter().map(|(shift, _)| *shift).collect();
    let camera = &frames[0].camera;
    let Some(sure) = agree::agreed(&all, camera.width, camera.height, 1.5) else {
        return Outcome::Nothing;
    };
    let own = sure.shifts.iter().filter_map(|s| {
        let (_, patch) = found.iter().find(|(f, _)| f.number == s.number)?;
        Some((s.at, patch.moved(s.by)))
    });
    Outcome::Matched(Ties {
        points: Vec::new(),
        own: own.collect(),
    })
}

/// Joins the pixels of each point of each frame.
fn collect(points: &[Vec<[f64; 2]>], pairs: &[Pair], found: Vec<Outcome>) -> Matches {
    let mut report = MatchReport {
        pairs: pairs.len(),
        ..MatchReport::default()
    };
    let mut seen = vec![false; points.len()];
    let mut tracks: std::collections::BTreeMap<(usize, usize), Vec<Observation>> =
        std::collections::BTreeMap::new();
    let mut single = Vec::new();
    for (pair, outcome) in pairs.iter().zip(found) {
        let matches = match outcome {
            Outcome::Nothing => continue,
            Outcome::Ambiguous => {
                report.ambiguous += 1;
                continue;
            }
            Outcome::Matched(matches) => matches,
        };
        report.matched += 1;
        (seen[pair.first], seen[pair.second]) = (true, true);
        report.by_phase += usize::from(!matches.own.is_empty());
        for (at, to) in matches.own {
            let of = |frame: usize, [u, v]: [f64; 2]| Observation { frame, u, v };
            single.push(vec![of(pair.first, at), of(pair.second, to)]);
        }
        for (number, [u, v]) in matches.points {
            let track = tracks.entry((pair.first, number)).or_insert_with(|| {
                let [u, v] = points[pair.first][number];
                let frame = pair.first;
                vec![Observation { frame, u, v }]
            });
            let frame = pair.second;
            track.push(Observation { frame, u, v });
        }
    }
    report.frames = seen.iter().filter(|s| **s).count();
    let tracks = tracks.into_values().chain(single).map(|mut observations| {
        observations.sort_by_key(|o| o.frame);
        Track { observations }
    });
    Matches {
        tracks: tracks.collect(),
        report,
    }
}
