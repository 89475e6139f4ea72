//! Plots of the quality report: bars of reprojection errors, levels over time.

use serde::Serialize;

use super::FramePoint;
use crate::report::format::Format;

/// A place on an axis with its label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tick {
    /// Share of the axis.
    pub at: f64,
    /// Label.
    pub label: String,
}

/// Bars over an axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bars {
    /// Start, width and height of each, shares of the axes.
    pub bars: Vec<[f64; 3]>,
    /// Along the axis.
    pub ticks: Vec<Tick>,
    /// For those who cannot see it.
    pub alt: String,
}

/// Points over two axes, in runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plot {
    /// Points of each run: shares of the axes, from the lower left.
    pub runs: Vec<Vec<[f64; 2]>>,
    /// Along.
    pub across: Vec<Tick>,
    /// Up.
    pub up: Vec<Tick>,
    /// For those who cannot see it.
    pub alt: String,
}

/// Bars of errors; `None` without any.
pub(super) fn residuals(counts: &[u64], bin_px: f64, f: &Format) -> Option<Bars> {
    let last = counts.iter().rposition(|c| *c > 0)?;
    let shown = (last + 1).max(5);
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let width = 1.0 / shown as f64;
    let bars = counts.iter().take(shown).enumerate();
    let all: u64 = counts.iter().sum();
    let every = (shown / 5).max(1);
    let half = {
        let mut sum = 0;
        let at = counts.iter().position(|c| {
            sum += c;
            2 * sum >= all
        });
        (at.unwrap_or(0) + 1) as f64 * bin_px
    };
    Some(Bars {
        bars: bars
            .map(|(k, c)| [k as f64 * width, width, *c as f64 / most])
            .collect(),
        ticks: (0..=shown)
            .step_by(every)
            .map(|k| Tick {
                at: k as f64 * width,
                label: f.number(k as f64 * bin_px, 1),
            })
            .collect(),
        alt: format!(
            "Reprojection errors of {all} observations; half are below {}.",
            f.with_unit(half, 1, "px")
        ),
    })
}

/// Levels over time; `None` with fewer than three frames that have both.
pub(super) fn levels(frames: &[FramePoint], f: &Format) -> Option<Plot> {
    let known = |p: &&FramePoint| p.time_s.is_finite() && p.offset_k.is_finite();
    let mut points: Vec<&FramePoint> = frames.iter().filter(known).collect();
    if points.len() < 3 {
        return None;
    }
    points.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
    let range = |of: fn(&FramePoint) -> f64| {
        points
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
                (low.min(of(p)), high.max(of(p)))
            })
    };
    let (first, last) = range(|p| p.time_s / 60.0);
    let (low, high) = range(|p| p.offset_k);
    let (x, y) = (ticks(first, last, f, "min"), ticks(low, high, f, "K"));
    let share = |v: f64, (from, to): (f64, f64)| (v - from) / (to - from).max(1e-9);
    let mut runs: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut own = None;
    for p in &points {
        if own != Some(p.run) {
            runs.push(Vec::new());
            own = Some(p.run);
        }
        let at = [share(p.time_s / 60.0, x.1), share(p.offset_k, y.1)];
        if let Some(run) = runs.last_mut() {
            run.push(at.map(|v| (v * 1e4).round() / 1e4));
        }
    }
    Some(Plot {
        alt: format!(
            "Levels of {} frames over {}, between {} and {}, in {} runs.",
            points.len(),
            f.with_unit(last - first, 0, "min"),
            f.signed(low, 1),
            f.with_unit(high, 1, "K"),
            runs.len()
        ),
        runs,
        across: x.0,
        up: y.0,
    })
}

/// Round ticks over a range, the last with its unit, and the range they span.
fn ticks(low: f64, high: f64, f: &Format, unit: &str) -> (Vec<Tick>, (f64, f64)) {
    let span = (high - low).max(1e-6);
    let base = 10.0_f64.powf((span / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|s| s * base)
        .find(|s| span / s <= 6.0)
        .unwrap_or(10.0 * base);
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    let last = last.max(first + 1);
    let decimals = if step < 1.0 {
        (-step.log10()).ceil() as usize
    } else {
        0
    };
    let (from, to) = (first as f64 * step, last as f64 * step);
    let made = (first..=last).map(|k| {
        let value = k as f64 * step;
        Tick {
            at: (value - from) / (to - from),
            label: match k == last {
                true => f.with_unit(value, decimals, unit),
                false => f.number(value, decimals),
            },
        }
    });
    (made.collect(), (from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::words;

    #[test]
    fn ticks_are_round_and_span_the_values() {
        let f = Format::new(&words::EN);
        let (ticks, (from, to)) = ticks(-0.73, 1.2, &f, "K");
        assert!(from <= -0.73 && to >= 1.2);
        assert_eq!(ticks.first().map(|t| t.at), Some(0.0));
        assert!(
            ticks
                .last()
                .is_some_and(|t| t.label.ends_with('K') && (t.at - 1.0).abs() < 1e-9)
        );
    }
}
