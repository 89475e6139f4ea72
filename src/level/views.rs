//! Samples regrouped by ground cell: which frames saw it, and how warm.

use super::Sample;

/// One cell in this many is withheld from the solution.
const WITHHELD_ONE_IN: u32 = 5;

/// With fewer cells than this none is withheld: the solution needs them all.
const WITHHOLD_FROM: usize = 200;

/// Views of cells seen at least twice, cell by cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Views {
    starts: Vec<usize>,
    pub(super) frame: Vec<u32>,
    pub(super) kelvin: Vec<f32>,
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

    fn push_cell(&mut self, views: &[(u32, u32, f32)]) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.frame.extend(views.iter().map(|v| v.1));
        self.kelvin.extend(views.iter().map(|v| v.2));
        self.starts.push(self.frame.len());
    }
}

/// Groups the samples of all frames by cell: those to solve from and those to judge by.
pub(super) fn group(samples: &[Vec<Sample>]) -> (Views, Views) {
    let mut all: Vec<(u32, u32, f32)> = samples
        .iter()
        .zip(0u32..)
        .flat_map(|(list, frame)| list.iter().map(move |s| (s.cell, frame, s.kelvin)))
        .collect();
    all.sort_unstable_by_key(|view| (view.0, view.1));
    let cells = || all.chunk_by(|a, b| a.0 == b.0).filter(|c| c.len() > 1);
    let withhold = cells().count() >= WITHHOLD_FROM;
    let (mut solved, mut judged) = (Views::default(), Views::default());
    for views in cells() {
        if withhold && is_withheld(views[0].0) {
            judged.push_cell(views);
        } else {
            solved.push_cell(views);
        }
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
