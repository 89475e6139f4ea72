//! Which unknowns a view depends on, and by how much.
//!
//! One offset per frame; for a line of an aircraft one at each end of the pieces of its drift;
//! six low orders of the image per era, numbered last. Frames are numbered so that those that
//! share ground stand close together.

use super::axis::{self, Axis};
use super::eras::Eras;
use super::order;
use super::sparse::{Pairs, Sparse};
use super::terms::{TERMS, terms};
use super::views::Views;

/// Most unknowns a view depends on.
const MOST: usize = 1 + TERMS;

/// Fewest frames of an era whose low orders are solved.
const FEWEST_FRAMES: usize = 10;

/// Scale of the place along a line in [`Views::place`].
pub(super) const ALONG: f64 = 65535.0;

/// Numbering of the unknowns.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Design {
    first: Vec<u32>,
    pieces: Vec<usize>,
    eras: Eras,
    /// First of the six unknowns of each era; `None` with too few frames.
    terms_at: Vec<Option<u32>>,
    /// Offsets; the low orders come after.
    pub(super) core: usize,
    /// All unknowns.
    pub(super) size: usize,
}

/// Unknowns and coefficients of one view.
#[derive(Clone, Copy)]
pub(super) struct Row {
    unknown: [u32; MOST],
    by: [f64; MOST],
    len: usize,
}

impl Row {
    fn push(&mut self, unknown: u32, by: f64) {
        if self.len < MOST {
            self.unknown[self.len] = unknown;
            self.by[self.len] = by;
            self.len += 1;
        }
    }

    /// Its entries.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let unknowns = self.unknown[..self.len].iter().copied();
        unknowns.zip(self.by[..self.len].iter().copied())
    }

    /// Its product with the unknowns.
    pub(super) fn times(&self, x: &[f64]) -> f64 {
        self.iter().map(|(i, by)| by * x[i as usize]).sum()
    }
}

impl Design {
    /// Numbers the unknowns of frames and tiles; `steps` are pairs tied in time.
    pub(super) fn new(
        views: &Views,
        axes: &[Option<Axis>],
        eras: Eras,
        steps: impl Iterator<Item = (usize, usize)>,
    ) -> Self {
        let count = axes.len();
        let mut pairs = Pairs::new(count);
        for range in views.ranges() {
            for (at, a) in views.frame[range.clone()].iter().enumerate() {
                for b in &views.frame[range.start..range.start + at] {
                    pairs.meet(*a, *b);
                }
            }
        }
        for (a, b) in steps {
            pairs.meet(a as u32, b as u32);
        }
        let place = order::places(count, &pairs.settled());
        let mut by_place = vec![0; count];
        for (frame, at) in place.iter().enumerate() {
            by_place[*at] = frame;
        }
        let pieces: Vec<usize> = axes.iter().map(|a| a.map_or(0, |a| a.pieces)).collect();
        let mut first = vec![0; count];
        let mut next = 0;
        for frame in by_place {
            first[frame] = next;
            next += pieces[frame] as u32 + 1;
        }
        let core = next as usize;
        let terms_at = eras
            .frames
            .iter()
            .map(|frames| {
                (frames.len() >= FEWEST_FRAMES).then(|| {
                    next += TERMS as u32;
                    next - TERMS as u32
                })
            })
            .collect();
        Self {
            first,
            pieces,
            eras,
            terms_at,
            core,
            size: next as usize,
        }
    }

    /// The eras of the flight.
    pub(super) fn eras(&self) -> &Eras {
        &self.eras
    }

    /// Number of frames and tiles.
    pub(super) fn frames(&self) -> usize {
        self.first.len()
    }

    /// Offsets of a frame (one) or line (ends of its pieces).
    pub(super) fn offsets(&self, frame: usize) -> std::ops::Range<usize> {
        let first = self.first[frame] as usize;
        first..first + self.pieces[frame] + 1
    }

    /// The six unknowns of an era.
    pub(super) fn low_orders(&self, era: usize) -> Option<std::ops::Range<usize>> {
        let first = (*self.terms_at.get(era)?)? as usize;
        Some(first..first + TERMS)
    }

    /// Eras with low orders, and these.
    pub(super) fn all_low_orders(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        (0..self.terms_at.len()).filter_map(|era| self.low_orders(era))
    }

    /// Unknowns of a frame at a place in its image, or of a line at [`ALONG`] parts of it.
    pub(super) fn row_at(&self, frame: usize, u_px: f64, v_px: f64) -> Row {
        let mut row = Row {
            unknown: [0; MOST],
            by: [0.0; MOST],
            len: 0,
        };
        let first = self.first[frame];
        if self.pieces[frame] > 0 {
            for (end, by) in axis::ends(u_px / ALONG, self.pieces[frame]) {
                row.push(first + end as u32, by);
            }
            return row;
        }
        row.push(first, 1.0);
        let Some(era) = self.eras.of[frame] else {
            return row;
        };
        if let Some(at) = self.terms_at[era] {
            let values = terms(self.eras.size_px[era], self.eras.tau[frame], u_px, v_px);
            for (i, value) in (at..).zip(values) {
                row.push(i, value);
            }
        }
        row
    }

    /// A frame's offset alone.
    pub(super) fn offset_of(&self, frame: usize) -> Row {
        let mut row = Row {
            unknown: [0; MOST],
            by: [0.0; MOST],
            len: 0,
        };
        row.push(self.first[frame], 1.0);
        row
    }

    /// All unknowns of a frame or line: offsets, then low orders.
    pub(super) fn own_unknowns(&self, frame: usize) -> impl Iterator<Item = usize> + '_ {
        let orders = self.eras.of[frame].and_then(|era| self.low_orders(era));
        self.offsets(frame).chain(orders.unwrap_or(0..0))
    }

    /// Place of an unknown among a frame's own.
    pub(super) fn own(&self, frame: usize, unknown: u32) -> usize {
        let unknown = unknown as usize;
        let offsets = self.offsets(frame);
        if unknown < self.core {
            return unknown - offsets.start;
        }
        (unknown - self.core) % TERMS + offsets.len()
    }

    /// Unknowns of a view.
    pub(super) fn row(&self, views: &Views, view: usize) -> Row {
        let [u, v] = views.place[view];
        let frame = views.frame[view] as usize;
        if self.pieces[frame] > 0 {
            self.row_at(frame, f64::from(u), f64::from(v))
        } else {
            self.row_at(frame, f64::from(u) + 0.5, f64::from(v) + 0.5)
        }
    }

    /// The unknowns of views of one cell (all those of a line), each once, rising.
    pub(super) fn unknowns(&self, views: &Views, cell: std::ops::Range<usize>, of: &mut Vec<u32>) {
        of.clear();
        for frame in &views.frame[cell.clone()] {
            of.extend(self.offsets(*frame as usize).map(|i| i as u32));
        }
        of.sort_unstable();
        of.dedup();
        let offsets = of.len();
        for frame in &views.frame[cell] {
            let orders = self.eras.of[*frame as usize].and_then(|era| self.terms_at[era]);
            // Few eras meet in a cell.
            if let Some(first) = orders.filter(|first| !of[offsets..].contains(first)) {
                of.extend(first..first + TERMS as u32);
            }
        }
        of[offsets..].sort_unstable();
    }

    /// A matrix of zeros with room for all that views and ties put in.
    pub(super) fn matrix(
        &self,
        views: &Views,
        steps: impl Iterator<Item = (usize, usize)>,
    ) -> Sparse {
        let mut pairs = Pairs::new(self.size);
        let mut of = Vec::new();
        for cell in views.ranges() {
            self.unknowns(views, cell, &mut of);
            for (at, a) in of.iter().enumerate() {
                for b in &of[..at] {
                    pairs.meet(*a, *b);
                }
            }
        }
        for frame in 0..self.frames() {
            for i in self.offsets(frame).skip(1) {
                pairs.meet(i as u32, i as u32 - 1);
            }
        }
        for (a, b) in steps {
            pairs.meet(self.first[a], self.first[b]);
        }
        // The low orders of all eras meet: their equations are looked at alone.
        for a in self.core..self.size {
            for b in self.core..a {
                pairs.meet(a as u32, b as u32);
            }
        }
        pairs.matrix()
    }
}
