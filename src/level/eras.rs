//! Eras: stretches of time over which a camera's flat field is taken as one.
//!
//! A run of the camera ends at each shutter event, often after a few frames: too few to tell the
//! camera from the ground. Runs are therefore joined, the shortest first and with the neighbour
//! nearest in time, until each has enough frames (georeferencing.md §9.2: 40).

use super::Source;

/// Fewest frames a flat field is believed from.
pub(super) const FEWEST_FRAMES: usize = 40;

/// Most eras of a flight: their unknowns meet those of all their frames.
const MOST_ERAS: usize = 32;

/// Which era each frame belongs to, and where in it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Eras {
    /// By frame; `None` for tiles.
    pub(super) of: Vec<Option<usize>>,
    /// Time within the era less its middle, as a share of its length: −0.5 to 0.5; 0 unknown.
    pub(super) tau: Vec<f64>,
    /// Frames of each era.
    pub(super) frames: Vec<Vec<usize>>,
    /// Image size of each era, pixels.
    pub(super) size_px: Vec<[usize; 2]>,
}

/// Joins the runs of each camera. `run` numbers the runs of all frames in time order.
pub(super) fn eras(sources: &[Source], run: &[u32]) -> Eras {
    let mut cameras: Vec<(usize, [usize; 2])> = sources
        .iter()
        .filter_map(|s| s.camera.map(|camera| (camera, s.size_px)))
        .collect();
    let total = cameras.len();
    cameras.sort_unstable();
    cameras.dedup();
    let mut eras = Eras {
        of: vec![None; sources.len()],
        tau: vec![0.0; sources.len()],
        frames: Vec::new(),
        size_px: Vec::new(),
    };
    let fewest = FEWEST_FRAMES.max(total.div_ceil(MOST_ERAS));
    for camera in cameras {
        let own =
            |i: &usize| sources[*i].camera == Some(camera.0) && sources[*i].size_px == camera.1;
        for frames in of_camera(
            sources,
            run,
            (0..sources.len()).filter(own).collect(),
            fewest,
        ) {
            let times = || frames.iter().map(|i| sources[*i].time_s);
            let first = times().fold(f64::INFINITY, f64::min);
            let last = times().fold(f64::NEG_INFINITY, f64::max);
            for &i in &frames {
                eras.of[i] = Some(eras.frames.len());
                let time_s = sources[i].time_s;
                if time_s.is_finite() && last > first {
                    eras.tau[i] = (time_s - first) / (last - first) - 0.5;
                }
            }
            eras.frames.push(frames);
            eras.size_px.push(camera.1);
        }
    }
    eras
}

/// Frames of one camera parted into eras.
fn of_camera(
    sources: &[Source],
    run: &[u32],
    frames: Vec<usize>,
    fewest: usize,
) -> Vec<Vec<usize>> {
    let (mut timed, timeless): (Vec<usize>, Vec<usize>) = frames
        .into_iter()
        .partition(|i| sources[*i].time_s.is_finite());
    timed.sort_by(|a, b| {
        let (s, t) = (sources[*a].time_s, sources[*b].time_s);
        s.total_cmp(&t).then(a.cmp(b))
    });
    let mut parts: Vec<Vec<usize>> = timed
        .chunk_by(|a, b| run[*a] == run[*b])
        .map(<[usize]>::to_vec)
        .collect();
    let time = |i: Option<&usize>| i.map_or(f64::NAN, |i| sources[*i].time_s);
    while parts.len() > 1 {
        let smallest = (0..parts.len()).min_by_key(|i| parts[*i].len());
        let Some(at) = smallest.filter(|i| parts[*i].len() < fewest) else {
            break;
        };
        let pause = |i: usize| time(parts[i + 1].first()) - time(parts[i].last());
        // Join with the part after this one, or this one with the part before.
        let left = match at {
            0 => 0,
            at if at + 1 == parts.len() => at - 1,
            at if pause(at - 1) <= pause(at) => at - 1,
            at => at,
        };
        let right = parts.remove(left + 1);
        parts[left].extend(right);
    }
    // Frames without time are the camera's, too.
    match parts.first_mut() {
        Some(first) => first.extend(timeless),
        None if timeless.is_empty() => {}
        None => parts.push(timeless),
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(times: impl Iterator<Item = f64>) -> Vec<Source> {
        times.map(|t| Source::frame(t, 0, [640, 512])).collect()
    }

    #[test]
    fn short_runs_are_joined_with_the_nearest_in_time() {
        // 45 frames, 3 more 5 s later, a pause of 100 s, 50 frames.
        let times = (0..45)
            .map(|i| 2.0 * f64::from(i))
            .chain([93.0, 95.0, 97.0])
            .chain((0..50).map(|i| 197.0 + 2.0 * f64::from(i)));
        let sources = frames(times);
        let run: Vec<u32> = (0..98)
            .map(|i| {
                if i < 45 {
                    0
                } else if i < 48 {
                    1
                } else {
                    2
                }
            })
            .collect();
        let eras = eras(&sources, &run);
        assert_eq!(eras.frames.len(), 2);
        assert_eq!((eras.frames[0].len(), eras.frames[1].len()), (48, 50));
        assert_eq!((eras.tau[0], eras.tau[47]), (-0.5, 0.5));
        assert_eq!((eras.tau[48], eras.tau[97]), (-0.5, 0.5));
    }

    #[test]
    fn cameras_are_apart_and_tiles_have_none() {
        let mut sources = frames((0..4).map(f64::from));
        sources[1].camera = Some(1);
        sources.push(Source::tile());
        sources.push(Source::frame(f64::NAN, 1, [640, 512]));
        let eras = eras(&sources, &[0, 0, 0, 0, 1, 2]);
        assert_eq!(
            eras.of,
            vec![Some(0), Some(1), Some(0), Some(0), None, Some(1)]
        );
        assert_eq!(eras.tau[5], 0.0);
    }
}
