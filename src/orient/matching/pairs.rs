//! Which frames to compare: neighbours in time, and the best overlaps across lines; and in which
//! order, so that few pictures are held at once.

use super::super::OrientedFrame;
use super::super::groups::groups;
use crate::raster::Bounds;
use rstar::{AABB, RTree, RTreeObject};

/// Two frames by their positions, the first before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) first: usize,
    pub(super) second: usize,
}

/// Least share of the smaller ground view two frames have in common (georeferencing.md §5).
const MIN_OVERLAP: f64 = 0.2;
/// Most partners of a frame, by time and by overlap.
const BY_TIME: usize = 6;
const BY_OVERLAP: usize = 6;
/// Frames whose pairs are compared together, and the most pictures held for that with their
/// partners': 0.36 MB each at 640 × 512.
const TOGETHER: usize = 400;
const MOST_HELD: usize = 1_000;

struct View {
    index: usize,
    bounds: Bounds,
}

impl RTreeObject for View {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        let b = &self.bounds;
        AABB::from_corners([b.x_min, b.y_min], [b.x_max, b.y_max])
    }
}

/// Positions surer than this share of a frame's view tell overlap as they are.
const SURE: f64 = 0.1;

/// Pairs in rising order, each once. Where positions may be wrong by a good part of what a frame
/// sees, views are as much larger as three σ.
pub(super) fn candidates(frames: &[OrientedFrame], sigma_m: f64) -> Vec<Pair> {
    let side = |f: &OrientedFrame| {
        let b = &f.footprint;
        (b.x_max - b.x_min).min(b.y_max - b.y_min)
    };
    let views: Vec<Bounds> = frames
        .iter()
        .map(|f| match sigma_m > SURE * side(f) {
            true => f.footprint.buffered(3.0 * sigma_m),
            false => f.footprint,
        })
        .collect();
    let tree = RTree::bulk_load(
        (0..frames.len())
            .map(|index| View {
                index,
                bounds: views[index],
            })
            .collect(),
    );
    let mut pairs = Vec::new();
    for (i, b) in views.iter().enumerate() {
        let area = AABB::from_corners([b.x_min, b.y_min], [b.x_max, b.y_max]);
        let mut near: Vec<(usize, f64)> = tree
            .locate_in_envelope_intersecting(&area)
            .filter(|view| view.index != i)
            .map(|view| (view.index, overlap(b, &view.bounds)))
            .filter(|(_, share)| *share >= MIN_OVERLAP)
            .collect();
        near.sort_by_key(|(j, _)| (j.abs_diff(i), *j));
        let (by_time, others) = near.split_at(near.len().min(BY_TIME));
        let mut others = others.to_vec();
        // Equal overlaps (a hovering drone, receivers without a fix) go by time: were they to go by
        // number, the first frames would be everybody's partners.
        let apart = |j: usize| (j.abs_diff(i), j);
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then(apart(a.0).cmp(&apart(b.0))));
        let chosen = by_time.iter().chain(others.iter().take(BY_OVERLAP));
        pairs.extend(chosen.map(|(j, _)| Pair {
            first: i.min(*j),
            second: i.max(*j),
        }));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Pairs compared together, by their numbers, and the frames they need, rising.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Batch {
    pub(super) pairs: Vec<usize>,
    pub(super) frames: Vec<usize>,
}

/// All pairs in batches of neighbours that need at most [`MOST_HELD`] pictures each.
pub(super) fn batches(frames: &[OrientedFrame], pairs: &[Pair]) -> Vec<Batch> {
    let centre = |f: &OrientedFrame| {
        let b = &f.footprint;
        [(b.x_min + b.x_max) / 2.0, (b.y_min + b.y_max) / 2.0]
    };
    let places: Vec<[f64; 2]> = frames.iter().map(centre).collect();
    // Pairs rise by their first frame: where each frame's begin.
    let from = |i: usize| pairs.partition_point(|p| p.first < i);
    let mut found = Vec::new();
    for group in groups(&places, TOGETHER) {
        let mut batch = Batch::default();
        let mut needed = std::collections::BTreeSet::new();
        for number in group.into_iter().flat_map(|i| from(i)..from(i + 1)) {
            let Pair { first, second } = pairs[number];
            let more = [first, second].map(|i| usize::from(!needed.contains(&i)));
            if needed.len() + more[0] + more[1] > MOST_HELD {
                batch.frames = std::mem::take(&mut needed).into_iter().collect();
                found.push(std::mem::take(&mut batch));
            }
            needed.extend([first, second]);
            batch.pairs.push(number);
        }
        batch.frames = needed.into_iter().collect();
        found.push(batch);
    }
    found
}

fn overlap(a: &Bounds, b: &Bounds) -> f64 {
    let area = |b: &Bounds| (b.x_max - b.x_min).max(0.0) * (b.y_max - b.y_min).max(0.0);
    let common = Bounds {
        x_min: a.x_min.max(b.x_min),
        y_min: a.y_min.max(b.y_min),
        x_max: a.x_max.min(b.x_max),
        y_max: a.y_max.min(b.y_max),
    };
    area(&common) / area(a).min(area(b)).max(f64::MIN_POSITIVE)
}
