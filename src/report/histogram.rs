//! Temperature axis, histogram and palette bar: one axis for the legend and the distribution.

use super::format::{Format, fill};
use super::input::SheetInput;
use super::sheet::{Mark, Run, Scale, Tick, TotalValues};
use super::words::{Words, runs};
use crate::raster::GeoGrid;

/// Width of a bar, K (design.md).
const BIN_K: f64 = 0.25;

/// Colours of the palette bar.
const STOPS: usize = 17;

/// Width of the axis, mm, and of a character of its labels, for lanes.
const AXIS_MM: f64 = 88.0;
const CHARACTER_MM: f64 = 1.32;

pub(super) fn scale(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    own: Option<&GeoGrid<f32>>,
    total: &TotalValues,
) -> Scale {
    let (low, high) = input.scale_c;
    let at = |t: f64| ((t - low) / (high - low).max(1e-6)).clamp(0.0, 1.0);
    let table = input.palette.table();
    let stops = (0..STOPS)
        .map(|i| {
            let [r, g, b] = table[(i * 255) / (STOPS - 1)];
            format!("#{r:02X}{g:02X}{b:02X}")
        })
        .collect();
    let mut marks = Vec::new();
    if let Some(median) = total.median_c {
        let text = fill(words.scale_own, &[("t", &f.number(median, 1))]);
        let long = runs(&format!("{text}{}", words.scale_median));
        marks.push((at(median), [long, runs(&text)]));
    }
    if let Some(reference) = total.reference_c {
        let t = f.number(reference, 1);
        let [long, short] = [words.scale_reference, words.scale_reference_short]
            .map(|text| runs(&fill(text, &[("t", &t)])));
        marks.push((at(reference), [long, short]));
    }
    if let Some(air) = input.conditions.weather.air_c {
        let text = runs(&fill(words.scale_air, &[("t", &f.number(air, 1))]));
        marks.push((at(air), [text.clone(), text]));
    }
    Scale {
        alt: alt(input, words, f, total),
        bars: bars(own.map_or(&[], |g| g.grid.data()), low, high),
        stops,
        ticks: ticks(low, high, f),
        marks: label(&marks),
    }
}

fn alt(input: &SheetInput, words: &Words, f: &Format, total: &TotalValues) -> String {
    let (low, high) = input.scale_c;
    let median = total
        .median_c
        .map_or_else(|| "–".to_owned(), |m| f.number(m, 1));
    fill(
        words.histogram_alt,
        &[
            ("low", &f.number(low, 0)),
            ("high", &f.number(high, 0)),
            ("median", &median),
        ],
    )
}

/// `−6 tot 8 °C`.
pub(super) fn range_words((low, high): (f64, f64), words: &Words, f: &Format) -> String {
    let (low, high) = (f.number(low, 0), f.with_unit(high, 0, "°C"));
    format!("{low} {} {high}", words.to)
}

/// Bars of the valid cells; blank ones (NaN) fall into none.
fn bars(own_c: &[f32], low: f64, high: f64) -> Vec<[f64; 3]> {
    let bins = ((high - low) / BIN_K).ceil().clamp(1.0, 400.0) as usize;
    let mut counts = vec![0_u32; bins];
    for t in own_c {
        let place = (f64::from(*t) - low) / BIN_K;
        if place >= 0.0 && place < bins as f64 {
            counts[place as usize] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let width = BIN_K / (high - low).max(1e-6);
    counts
        .iter()
        .enumerate()
        // Bars under half a percent of the highest would be thinner than a hairline.
        .filter(|(_, n)| **n > 0 && **n * 200 >= most)
        .map(|(i, n)| [i as f64 * width, width, f64::from(*n) / f64::from(most)])
        .collect()
}

/// Whole degrees, at most nine, the last with its unit.
pub(super) fn ticks(low: f64, high: f64, f: &Format) -> Vec<Tick> {
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
        .into_iter()
        .find(|s| (high - low) / s <= 8.0)
        .unwrap_or(100.0);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last)
        .map(|i| {
            let t = i as f64 * step;
            let label = if i == last {
                f.with_unit(t, 0, "°C")
            } else {
                f.number(t, 0)
            };
            Tick {
                at: (t - low) / (high - low).max(1e-6),
                label,
            }
        })
        .collect()
}

/// A line of the axis: place 0–1 and its label, long and short.
type Line = (f64, [Vec<Run>; 2]);

/// Long labels where they fit, otherwise shorter ones, the reference's first.
fn label(lines: &[Line]) -> Vec<Mark> {
    let attempt = |short: &[usize]| {
        let chosen = lines.iter().enumerate().map(|(i, (at, labels))| {
            let label = &labels[usize::from(short.contains(&i))];
            (*at, label.clone())
        });
        lanes(chosen.collect())
    };
    let attempts = [[].as_slice(), &[1], &[0], &[0, 1]];
    let mut best: Option<(usize, Vec<Mark>)> = None;
    for short in attempts {
        let found = attempt(short);
        if best.as_ref().is_none_or(|(least, _)| found.0 < *least) {
            best = Some(found);
        }
    }
    best.map_or_else(Vec::new, |(_, marks)| marks)
}

/// Gives each label a lane and a side so that none lies on another, none is crossed by a line
/// (a line comes down through every lane from its own label on) and none leaves the axis.
/// Returns how often that failed: few labels, so every combination is tried.
fn lanes(marks: Vec<(f64, Vec<Run>)>) -> (usize, Vec<Mark>) {
    const CHOICES: [(u8, bool); 4] = [(0, false), (0, true), (1, false), (1, true)];
    let lines: Vec<f64> = marks.iter().map(|(at, _)| at * AXIS_MM).collect();
    let widths: Vec<f64> = marks.iter().map(|(_, label)| width_mm(label)).collect();
    let choice_of = |code: usize, i: usize| CHOICES[(code >> (2 * i)) % CHOICES.len()];
    let span = |i: usize, left: bool| {
        let from = if left { lines[i] - widths[i] } else { lines[i] };
        (from, from + widths[i])
    };
    let faults = |code: usize| {
        let mut faults = 0;
        for i in 0..lines.len() {
            let (lane, left) = choice_of(code, i);
            let (from, to) = span(i, left);
            // Cut text is worse than text that is crossed.
            faults += if from < -0.5 || to > AXIS_MM + 0.5 {
                10
            } else {
                0
            };
            for j in (0..lines.len()).filter(|j| *j != i) {
                let (other_lane, other_left) = choice_of(code, j);
                let (a, b) = span(j, other_left);
                let overlap = lane == other_lane && from < b && a < to;
                let crossed = other_lane <= lane && lines[j] > from && lines[j] < to;
                faults += 3 * usize::from(overlap) + usize::from(crossed);
            }
        }
        faults
    };
    let codes = 1 << (2 * lines.len().min(8));
    let best = (0..codes).min_by_key(|code| faults(*code)).unwrap_or(0);
    let placed = marks.into_iter().enumerate().map(|(i, (at, label))| {
        let (lane, left) = choice_of(best, i);
        Mark {
            at,
            label,
            lane,
            left,
        }
    });
    (faults(best), placed.collect())
}

fn width_mm(label: &[Run]) -> f64 {
    let characters: usize = label.iter().map(|r| r.t.chars().count()).sum();
    characters as f64 * CHARACTER_MM + 1.2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::words::NL;

    fn text(text: &str) -> Vec<Run> {
        runs(text)
    }

    #[test]
    fn ticks_are_whole_degrees_and_the_last_has_the_unit() {
        let f = Format::new(&NL);
        let found = ticks(-6.0, 8.0, &f);
        let labels: Vec<_> = found.iter().map(|t| t.label.as_str()).collect();
        assert_eq!(labels, ["−6", "−4", "−2", "0", "2", "4", "6", "8\u{a0}°C"]);
    }

    #[test]
    fn bars_count_cells_per_quarter_kelvin() {
        let found = bars(&[0.1, 0.2, 0.3, 9.0], 0.0, 1.0);
        assert_eq!(found, [[0.0, 0.25, 1.0], [0.25, 0.25, 0.5]]);
    }

    #[test]
    fn labels_of_near_values_do_not_lie_on_each_other() {
        let marks = vec![
            (0.36, text("uw dak −1,0 (mediaan)")),
            (0.34, text("referentiedak −1,3")),
            (0.40, text("buitenlucht 0,4")),
        ];
        let (_, found) = lanes(marks);
        for i in 0..3 {
            for j in 0..i {
                let same = found[i].lane == found[j].lane && found[i].left == found[j].left;
                assert!(!same, "{found:?}");
            }
        }
    }

    #[test]
    fn labels_are_shortened_before_a_line_crosses_one() {
        // 18 mm left of the reference, 13 mm to the own line: its long label fits nowhere.
        let lines = [
            (0.36, [text("uw dak −1,0 (mediaan)"), text("uw dak −1,0")]),
            (0.21, [text("referentiedak −3,1"), text("ref.dak −3,1")]),
            (0.60, [text("buitenlucht 2,4"), text("buitenlucht 2,4")]),
        ];
        let found = label(&lines);
        assert_eq!(found[0].label, text("uw dak −1,0 (mediaan)"));
        assert_eq!(found[1].label, text("ref.dak −3,1"));
        assert!(found[1].left);
    }

    #[test]
    fn a_label_at_the_end_of_the_axis_stands_left_of_its_line() {
        let (_, found) = lanes(vec![(0.98, text("buitenlucht 8,0"))]);
        assert!(found[0].left);
    }
}
