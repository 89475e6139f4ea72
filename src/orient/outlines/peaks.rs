//! Scores over shifts: where they peak.

/// Farthest shift looked at, metres, and the steps.
pub(super) const REACH_M: f64 = 6.0;
pub(super) const STEP_M: f64 = 0.25;
pub(super) const SIDE: usize = 2 * (REACH_M / STEP_M) as usize + 1;
/// A rival lies at least so far from the peak, metres.
pub(super) const RIVAL_M: f64 = 1.5;

/// The common shift of standardised scores, with its height over the best rival's.
pub(super) struct Peak {
    /// Position in the scores.
    pub(super) best: usize,
    /// Metres.
    pub(super) shift_m: [f64; 2],
    pub(super) ratio: f64,
}

/// Finds the shift most scores share.
pub(super) fn common<'a>(scores: impl Iterator<Item = &'a Vec<f64>>) -> Peak {
    let mut sum = vec![0.0; SIDE * SIDE];
    for score in scores {
        // A single loud building does not decide; a bend, for a bound would make a plateau.
        sum.iter_mut()
            .zip(score)
            .for_each(|(s, v)| *s += 6.0 * (v / 6.0).tanh());
    }
    let best = best_of(&sum, |_| true);
    let rival = sum[best_of(&sum, |i| apart(i, best) >= RIVAL_M)];
    Peak {
        best,
        shift_m: refined(&sum, best),
        ratio: sum[best] / rival.max(1e-9),
    }
}

/// Takes the mean off and brings the spread to 1: every building speaks as loud.
pub(super) fn standardise(values: &mut [f64]) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    values
        .iter_mut()
        .for_each(|v| *v = (*v - mean) / spread.max(1e-9));
}

/// Shift of a position in a score, metres.
pub(super) fn place(i: usize) -> [f64; 2] {
    let step = |k: usize| k as f64 * STEP_M - REACH_M;
    [step(i % SIDE), step(i / SIDE)]
}

pub(super) fn apart(i: usize, j: usize) -> f64 {
    let (a, b) = (place(i), place(j));
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The largest of those that count, the first of equals.
pub(super) fn best_of(values: &[f64], counts: impl Fn(usize) -> bool) -> usize {
    let mut best = None;
    for (i, v) in values.iter().enumerate().filter(|(i, _)| counts(*i)) {
        if best.is_none_or(|b: usize| *v > values[b]) {
            best = Some(i);
        }
    }
    best.unwrap_or(0)
}

/// The peak between steps, by a parabola each way.
pub(super) fn refined(sum: &[f64], best: usize) -> [f64; 2] {
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
