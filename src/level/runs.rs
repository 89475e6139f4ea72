//! Runs of the camera: where the offset may only walk, and where it may have jumped.

use super::Options;

/// Shortest time between frames that counts, seconds: clocks of whole seconds make pairs of 0.
const SHORTEST_S: f64 = 0.1;

/// Two frames that follow each other in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) seconds: f64,
}

/// Consecutive frames no further apart than a gap; frames without time belong to none.
pub(super) fn steps(times_s: &[f64], options: &Options) -> Vec<Step> {
    let mut order: Vec<usize> = (0..times_s.len())
        .filter(|i| times_s[*i].is_finite())
        .collect();
    order.sort_by(|a, b| times_s[*a].total_cmp(&times_s[*b]).then(a.cmp(b)));
    order
        .windows(2)
        .map(|pair| Step {
            from: pair[0],
            to: pair[1],
            seconds: (times_s[pair[1]] - times_s[pair[0]]).max(SHORTEST_S),
        })
        .filter(|step| step.seconds <= options.run_gap_s)
        .collect()
}

/// Run number of every frame, in time order; frames without time come last, each its own.
pub(super) fn number(times_s: &[f64], steps: &[Step]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..times_s.len()).collect();
    let key = |i: usize| {
        if times_s[i].is_finite() {
            times_s[i]
        } else {
            f64::INFINITY
        }
    };
    order.sort_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
    let mut run = vec![0; times_s.len()];
    let mut next = 0;
    let mut steps = steps.iter().peekable();
    for (place, frame) in order.iter().enumerate() {
        let tied = steps.next_if(|step| step.to == *frame).is_some();
        if !tied && place > 0 {
            next += 1;
        }
        run[*frame] = next;
    }
    run
}

/// Groups of things tied to each other (union by the smaller number).
pub(super) struct Groups(Vec<usize>);

impl Groups {
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    pub(super) fn tie(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// The smallest member of the group.
    pub(super) fn of(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }
}
