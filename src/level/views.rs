//! Samples regrouped by ground cell: which frames saw it, and how warm.

use super::Sample;

/// One cell in this many is withheld from the solution.
const WITHHELD_ONE_IN: u32 = 5;

/// With fewer cells than this none is withheld: the solution needs them all.
const WITHHOLD_FROM: usize = 200;

/// Most views of a cell that are used: a camera that hovers sees the same ground thousands of times,
/// and the work grows with the square.
const MOST_VIEWS: usize = 48;

/// Views of cells seen at least twice, cell by cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Views {
    starts: Vec<usize>,
    /// Lattice point of each cell.
    pub(super) cell: Vec<u32>,
    pub(super) frame: Vec<u32>,
    pub(super) kelvin: Vec<f32>,
    /// Where in its frame or tile each was read.
    pub(super) place: Vec<[u16; 2]>,
    /// [`Sample::sight`].
    pub(super) sight: Vec<[i8; 2]>,
    /// [`Sample::doubtful`].
    pub(super) doubtful: Vec<bool>,
}

impl Views {
    /// Number of cells.
    pub(super) fn cells(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The views of each cell, as ranges into the arrays.
    pub(super) fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// The same for one of `parts` about equal parts of the cells.
    pub(super) fn ranges_of(
        &self,
        part: usize,
        parts: usize,
    ) -> impl Iterator<Item = std::ops::Range<usize>> {
        let cells = self.cells();
        let range = cells * part / parts..cells * (part + 1) / parts;
        let starts = self.starts.get(range.start..=range.end).unwrap_or(&[]);
        starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    fn push(&mut self, frame: u32, sample: &Sample, place: [u16; 2]) {
        self.frame.push(frame);
        self.kelvin.push(sample.kelvin);
        self.place.push(place);
        self.sight.push(sample.sight);
        self.doubtful.push(sample.doubtful);
    }

    fn end_cell(&mut self, cell: u32) {
        self.cell.push(cell);
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.starts.push(self.frame.len());
    }
}

/// Groups the samples of all frames by cell: those to solve from and those to judge by. `place`
/// says where in its frame a sample was read.
pub(super) fn group(
    samples: &[Vec<Sample>],
    place: impl Fn(usize, &Sample) -> [u16; 2],
) -> (Views, Views) {
    let mut all: Vec<(u32, u32, u32)> = samples
        .iter()
        .zip(0u32..)
        .flat_map(|(list, frame)| {
            list.iter()
                .zip(0u32..)
                .map(move |(s, i)| (s.cell, frame, i))
        })
        .collect();
    all.sort_unstable();
    let cells = || all.chunk_by(|a, b| a.0 == b.0).filter(|c| c.len() > 1);
    let withhold = cells().count() >= WITHHOLD_FROM;
    let (mut solved, mut judged) = (Views::default(), Views::default());
    for cell in cells() {
        let held = withhold && is_withheld(cell[0].0);
        let views = if held { &mut judged } else { &mut solved };
        // Every frame is used by some cells.
        let stride = cell.len().div_ceil(MOST_VIEWS);
        let first = cell[0].0 as usize % stride;
        for &(_, frame, at) in cell.iter().skip(first).step_by(stride) {
            let sample = &samples[frame as usize][at as usize];
            views.push(frame, sample, place(frame as usize, sample));
        }
        views.end_cell(cell[0].0);
    }
    if !withhold {
        judged = solved.clone();
    }
    (solved, judged)
}

/// Scattered over the ground and the same in every run: multiplicative hashing (Knuth, TAOCP 3,
/// 6.4) with 2³²/φ.
fn is_withheld(cell: u32) -> bool {
    cell.wrapping_mul(2_654_435_769) < u32::MAX / WITHHELD_ONE_IN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ground_seen_a_thousand_times_is_thinned_and_every_frame_used() {
        let samples: Vec<Vec<Sample>> = (0..1000)
            .map(|_| {
                let cells = (0..100).map(|cell| Sample {
                    cell,
                    kelvin: 280.0,
                    u_px: 0,
                    v_px: 0,
                    sight: [0; 2],
                    doubtful: false,
                });
                cells.collect()
            })
            .collect();
        let (solved, _) = group(&samples, |_, _| [0, 0]);
        assert_eq!(solved.cells(), 100);
        assert!(
            solved
                .ranges()
                .all(|r| (40..=MOST_VIEWS).contains(&r.len()))
        );
        let mut used = vec![false; 1000];
        for frame in &solved.frame {
            used[*frame as usize] = true;
        }
        assert!(used.iter().all(|u| *u));
    }
}
