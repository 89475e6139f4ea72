//! Connected sets of cells.

use super::frame::Frame;
use std::collections::VecDeque;

/// Which cells are in a set, for asking often.
pub(super) struct Members {
    first: usize,
    has: Vec<bool>,
}

impl Members {
    /// Of a set of cells, ascending.
    pub(super) fn of(set: &[usize]) -> Self {
        let (Some(first), Some(last)) = (set.first(), set.last()) else {
            return Self {
                first: 0,
                has: Vec::new(),
            };
        };
        let mut has = vec![false; last + 1 - first];
        for i in set {
            has[i - first] = true;
        }
        Self { first: *first, has }
    }

    /// Whether a cell is in it.
    #[inline]
    pub(super) fn has(&self, i: usize) -> bool {
        self.has.get(i.wrapping_sub(self.first)).is_some_and(|h| *h)
    }

    /// Takes a cell out; whether it was in.
    #[inline]
    fn take(&mut self, i: usize) -> bool {
        let place = self.has.get_mut(i.wrapping_sub(self.first));
        place.is_some_and(std::mem::take)
    }
}

/// Patches of cells that belong, 8-connected, each ascending; in the order of their first cells.
pub(super) fn patches(frame: &Frame<'_>, belongs: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..frame.cells()).filter(|i| belongs(*i)).collect();
    pieces(frame, &all, |_| true)
}

/// The connected pieces of a set (ascending) of cells that belong.
pub(super) fn pieces(
    frame: &Frame<'_>,
    set: &[usize],
    belongs: impl Fn(usize) -> bool,
) -> Vec<Vec<usize>> {
    let belonging: Vec<usize> = set.iter().copied().filter(|i| belongs(*i)).collect();
    let mut open = Members::of(&belonging);
    let mut found = Vec::new();
    for start in belonging {
        if !open.take(start) {
            continue;
        }
        let mut piece = vec![start];
        let mut next = 0;
        while let Some(at) = piece.get(next).copied() {
            next += 1;
            piece.extend(around(frame, at).filter(|near| open.take(*near)));
        }
        piece.sort_unstable();
        found.push(piece);
    }
    found
}

/// A set and all cells connected with it that belong, ascending.
pub(super) fn grown(
    frame: &Frame<'_>,
    seed: &[usize],
    belongs: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let mut inside = std::collections::BTreeSet::from_iter(seed.iter().copied());
    let mut queue = VecDeque::from_iter(seed.iter().copied());
    while let Some(at) = queue.pop_front() {
        for near in around(frame, at) {
            if !inside.contains(&near) && belongs(near) {
                inside.insert(near);
                queue.push_back(near);
            }
        }
    }
    inside.into_iter().collect()
}

/// The up to eight cells around a cell.
fn around(frame: &Frame<'_>, i: usize) -> impl Iterator<Item = usize> + use<> {
    let (width, height) = (frame.width, frame.height);
    let (col, row) = (i % width, i / width);
    (row.saturating_sub(1)..(row + 2).min(height)).flat_map(move |r| {
        (col.saturating_sub(1)..(col + 2).min(width))
            .map(move |c| r * width + c)
            .filter(move |n| *n != i)
    })
}

/// Marks cells and all within so many steps of them.
pub(super) fn reach_out(frame: &Frame<'_>, near: &mut [bool], mut ring: Vec<usize>, reach: usize) {
    for i in &ring {
        near[*i] = true;
    }
    for _ in 0..reach {
        let mut next = Vec::new();
        for i in ring {
            for n in frame.beside(i) {
                if !near[n] {
                    near[n] = true;
                    next.push(n);
                }
            }
        }
        ring = next;
    }
}
