//! A large block solved part by part first (georeferencing.md §6).
//!
//! Steps of a whole block are dear, and most of what they do first is local: turns of single frames,
//! bad matches, the lens. So frames are put into clusters of neighbours, each with a rim of its
//! neighbours' frames, and each cluster is adjusted on its own; the whole begins where the clusters
//! leave it, with what they agree on of lens and receiver, and needs few steps to join them. The rim
//! sees to it that frames at a cluster's edge are held from all sides; only the frames of the inside
//! are taken over.

use super::super::groups::groups;
use super::super::matching::{Observation, Track};
use super::super::{Ground, OrientedFrame};
use super::block::State;
use super::derive::LENS;
use super::{Block, Control, Options, Side, same_camera};

/// The rim of a cluster, as a share of its frames.
const RIM: f64 = 0.15;

/// What clusters make of a block: frames, and what these share.
pub(super) struct Approach {
    pub(super) frames: Vec<OrientedFrame>,
    offset: [f64; 3],
    boresight: [f64; 3],
    lag_s: f64,
    overhang_m: f64,
    lever_m: [f64; 3],
    /// Lens changes by camera, the camera as it was given.
    lens: Vec<(crate::orient::CameraModel, [f64; LENS])>,
}

/// Frames of a cluster, rising, and which of them are its inside.
struct Cluster {
    frames: Vec<usize>,
    inside: Vec<bool>,
}

/// Adjusts a block cluster by cluster; `None` where it is no larger than one.
pub(super) fn approach(
    block: &Block<'_>,
    whole: &State<'_>,
    ground: &dyn Ground,
    options: &Options,
) -> Option<Approach> {
    let start = block.start.unwrap_or(block.frames);
    if start.len() <= options.cluster_frames {
        return None;
    }
    let mut frames = start.to_vec();
    let mut sum = Sum::default();
    for cluster in clusters(start, options.cluster_frames) {
        let own = Part::of(block, start, &cluster);
        let mut state = State::new(&own.block(), ground, options);
        if state.frames_with_tracks() < 3 {
            continue;
        }
        // What the whole cannot tell, a part only seems to.
        state.principal_is_free &= whole.principal_is_free;
        state.lag_is_free &= whole.lag_is_free;
        super::in_stages(&mut state);
        sum.add(&state);
        let solved = cluster.frames.iter().zip(&cluster.inside).zip(&state.poses);
        for ((i, inside), pose) in solved {
            if *inside {
                frames[*i].pose = *pose;
            }
        }
    }
    sum.mean(frames)
}

impl Approach {
    /// Hands over what the clusters agree on.
    pub(super) fn begin(&self, state: &mut State<'_>) {
        state.offset = self.offset;
        state.boresight = self.boresight;
        state.lag_s = self.lag_s;
        state.overhang_m = self.overhang_m;
        state.lever_m = self.lever_m;
        for (camera, lens) in state.cameras.iter().zip(&mut state.lens) {
            if let Some((_, found)) = self.lens.iter().find(|(c, _)| same_camera(c, camera)) {
                *lens = *found;
            }
        }
    }
}

/// Groups of at most `most` frames with their rims.
fn clusters(frames: &[OrientedFrame], most: usize) -> Vec<Cluster> {
    let places: Vec<[f64; 2]> = frames
        .iter()
        .map(|f| [f.pose.centre[0], f.pose.centre[1]])
        .collect();
    let insides = groups(&places, ((most as f64 / (1.0 + RIM)) as usize).max(3));
    insides
        .into_iter()
        .map(|own| {
            let mut low = [f64::INFINITY; 2];
            let mut high = [f64::NEG_INFINITY; 2];
            for i in &own {
                for a in 0..2 {
                    low[a] = low[a].min(places[*i][a]);
                    high[a] = high[a].max(places[*i][a]);
                }
            }
            let away = |i: usize| {
                let [x, y] = [0, 1].map(|a| {
                    let p = places[i][a];
                    (low[a] - p).max(p - high[a]).max(0.0)
                });
                x.hypot(y)
            };
            let mut others: Vec<(f64, usize)> = (0..places.len())
                .filter(|i| own.binary_search(i).is_err())
                .map(|i| (away(i), i))
                .collect();
            let rim = ((RIM * own.len() as f64).ceil() as usize).min(others.len());
            if rim < others.len() && rim > 0 {
                let nearer =
                    |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
                others.select_nth_unstable_by(rim - 1, nearer);
            }
            let mut all: Vec<(usize, bool)> = own.into_iter().map(|i| (i, true)).collect();
            all.extend(others[..rim].iter().map(|(_, i)| (*i, false)));
            all.sort_unstable();
            let (frames, inside) = all.into_iter().unzip();
            Cluster { frames, inside }
        })
        .collect()
}

/// A block's part for a cluster, frames numbered anew.
struct Part {
    priors: Vec<OrientedFrame>,
    start: Vec<OrientedFrame>,
    tracks: Vec<Track>,
    controls: Vec<Control>,
    sides: Vec<Side>,
}

impl Part {
    fn of(block: &Block<'_>, start: &[OrientedFrame], cluster: &Cluster) -> Self {
        let mut number = vec![None; block.frames.len()];
        for (own, i) in cluster.frames.iter().enumerate() {
            number[*i] = Some(own);
        }
        let within = |track: &Track| Track {
            observations: track
                .observations
                .iter()
                .filter_map(|o| {
                    let frame = number.get(o.frame).copied().flatten()?;
                    Some(Observation { frame, ..*o })
                })
                .collect(),
        };
        let some = |all: &[OrientedFrame]| cluster.frames.iter().map(|i| all[*i].clone()).collect();
        Self {
            priors: some(block.frames),
            start: some(start),
            tracks: block
                .tracks
                .iter()
                .map(within)
                .filter(|t| t.observations.len() > 1)
                .collect(),
            controls: block
                .controls
                .iter()
                .map(|c| Control {
                    track: within(&c.track),
                    ..c.clone()
                })
                .filter(|c| !c.track.observations.is_empty())
                .collect(),
            sides: block
                .sides
                .iter()
                .filter_map(|s| {
                    let frame = number.get(s.frame).copied().flatten()?;
                    Some(Side { frame, ..*s })
                })
                .collect(),
        }
    }

    fn block(&self) -> Block<'_> {
        Block {
            frames: &self.priors,
            start: Some(&self.start),
            tracks: &self.tracks,
            controls: &self.controls,
            sides: &self.sides,
        }
    }
}

/// Sums over the clusters of what all frames share.
#[derive(Default)]
struct Sum {
    count: f64,
    /// Offset, boresight, lever, lag, overhang.
    shared: [f64; 11],
    lens: Vec<(crate::orient::CameraModel, [f64; LENS], f64)>,
}

impl Sum {
    fn add(&mut self, state: &State<'_>) {
        self.count += 1.0;
        let own = [state.offset, state.boresight, state.lever_m];
        let own = own
            .into_iter()
            .flatten()
            .chain([state.lag_s, state.overhang_m]);
        self.shared.iter_mut().zip(own).for_each(|(s, v)| *s += v);
        for (camera, lens) in state.cameras.iter().zip(&state.lens) {
            let known = self.lens.iter().position(|(c, ..)| same_camera(c, camera));
            let at = known.unwrap_or_else(|| {
                self.lens.push((camera.clone(), [0.0; LENS], 0.0));
                self.lens.len() - 1
            });
            let (_, sum, count) = &mut self.lens[at];
            sum.iter_mut().zip(lens).for_each(|(s, v)| *s += v);
            *count += 1.0;
        }
    }

    /// `None` where no cluster could be solved.
    fn mean(self, frames: Vec<OrientedFrame>) -> Option<Approach> {
        if self.count == 0.0 {
            return None;
        }
        let of = |at: usize| self.shared[at] / self.count;
        let three = |at: usize| [of(at), of(at + 1), of(at + 2)];
        Some(Approach {
            frames,
            offset: three(0),
            boresight: three(3),
            lever_m: three(6),
            lag_s: of(9),
            overhang_m: of(10),
            lens: self
                .lens
                .into_iter()
                .map(|(camera, sum, count)| (camera, sum.map(|s| s / count)))
                .collect(),
        })
    }
}
