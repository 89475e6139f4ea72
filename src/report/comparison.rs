//! The comparison with an earlier flight: two maps on one scale, a map of what differs, and a
//! verdict per roof (report-content.md §1, page 2).
//!
//! Only roofs the company held in both flights; of the others the block says that it does not
//! compare them, and their maps are hatched.

use geo::MultiPolygon;
use serde::Serialize;

use super::findings::tag;
use super::format::{Format, NBSP, fill};
use super::frame::Frame;
use super::input::{Compared, Comparison, SheetInput};
use super::map::{self, MapDrawing};
use super::palette::change_table;
use super::picture::{colour, colour_by, own_cells};
use super::sheet::Picture;
use super::verdict::assessable;
use super::words::{CompareWords, Words};
use crate::compare::Verdict;
use crate::raster::GeoGrid;

/// Size of each of the three maps, mm.
const MAP_MM: (f64, f64) = (57.2, 42.9);
/// Least reach of the scale of differences, K.
const LEAST_K: f64 = 2.0;
/// Greatest: an exhaust that was switched off says nothing of the roof.
const MOST_K: f64 = 8.0;
/// Overlap of outlines under which only the common part was compared (flemish-data.md §2.3).
const UNCHANGED_IOU: f64 = 0.9;
/// Colours of the bars.
const STOPS: usize = 13;

/// The block.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonBlock {
    /// Title.
    pub title: String,
    /// Titles of the maps, and the maps: before, now, change.
    pub maps: Vec<(String, MapDrawing)>,
    /// Words under the maps of temperature, and under that of change.
    pub notes: [String; 2],
    /// Colours of the scale of temperature, and of change.
    pub stops: [Vec<String>; 2],
    /// Ends of both scales.
    pub ends: [[String; 2]; 2],
    /// Words at the ends of the scale of change.
    pub ways: [String; 2],
    /// Heads of the columns behind that of the building.
    pub columns: [String; 4],
    /// One per building.
    pub rows: Vec<ComparedRow>,
    /// Sentences under the table.
    pub remarks: Vec<String>,
}

/// One building.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedRow {
    /// Tag.
    pub tag: String,
    /// What is compared.
    pub unit: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// Change and half of its interval.
    pub change: [String; 2],
    /// `improved`, `worse`, `no-proven-change` or `not-comparable`.
    pub verdict: &'static str,
    /// The same in words.
    pub words: String,
}

/// The block; `None` where nothing was compared or the company held none of its roofs then.
pub(super) fn block(
    input: &SheetInput,
    words: &'static Words,
    f: &Format,
    order: &[usize],
    own: Option<&GeoGrid<f32>>,
    pictures: &mut Vec<Picture>,
) -> Option<ComparisonBlock> {
    let found = input.comparison.as_ref()?;
    let all = || input.buildings.iter().zip(&found.buildings);
    if !all().any(|(_, c)| c.held) {
        return None;
    }
    let w = &words.compare;
    let scale_c = scale_c(input, found, own);
    let reach_k = reach_k(input, found);
    let maps = maps(input, w, f, own, (scale_c, reach_k), pictures);
    let (low, high) = (f.number(scale_c.0, 0), f.number(scale_c.1, 0));
    let ends_k = [f.number(-reach_k, 0), f.signed(reach_k, 0)];
    let rows = order.iter().enumerate().filter_map(|(rank, &i)| {
        let (building, compared) = (input.buildings.get(i)?, found.buildings.get(i)?);
        Some(row(compared, building.score.rejected(), rank, words, f))
    });
    Some(ComparisonBlock {
        title: w.title.to_owned(),
        maps,
        notes: [
            fill(w.scale_note, &[("low", &low), ("high", &high)]),
            fill(w.change_note, &[("low", &ends_k[0]), ("high", &ends_k[1])]),
        ],
        stops: [stops(&input.palette.table()), stops(&change_table())],
        ends: [
            [format!("{low}{NBSP}°C"), format!("{high}{NBSP}°C")],
            ends_k.map(|k| format!("{k}{NBSP}K")),
        ],
        ways: [w.cooler, w.warmer].map(str::to_owned),
        columns: [w.col_before, w.col_after, w.col_change, w.col_verdict].map(str::to_owned),
        rows: rows.collect(),
        remarks: remarks(found, order, w),
    })
}

fn stops(table: &[[u8; 3]; 256]) -> Vec<String> {
    let at = |i: usize| table[i * 255 / (STOPS - 1)];
    let hex = |[r, g, b]: [u8; 3]| format!("#{r:02X}{g:02X}{b:02X}");
    (0..STOPS).map(|i| hex(at(i))).collect()
}

/// Shapes of the roofs that may be shown: held in both flights, with temperatures in this one.
fn shown(input: &SheetInput) -> Vec<&MultiPolygon<f64>> {
    let compared = input.comparison.iter().flat_map(|c| &c.buildings);
    let both = input.buildings.iter().zip(compared);
    both.filter(|(b, c)| c.held && assessable(&b.score))
        .map(|(b, _)| &b.outline.polygon)
        .collect()
}

fn values(grids: &[Option<&GeoGrid<f32>>]) -> Vec<f64> {
    let cells = grids.iter().flatten().flat_map(|g| g.grid.data());
    let mut values: Vec<f64> = cells
        .filter(|v| v.is_finite())
        .map(|v| f64::from(*v))
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((share * last as f64).round() as usize).copied()
}

/// One scale for both nights, °C: 2nd to 98th percentile of all shown cells, outward to whole °C.
fn scale_c(input: &SheetInput, found: &Comparison, own: Option<&GeoGrid<f32>>) -> (f64, f64) {
    let before = found.before.as_ref().map(|g| blank(g, input));
    let now = own.map(|g| blank(g, input));
    let cells = values(&[before.as_ref(), now.as_ref()]);
    match at(&cells, 0.02).zip(at(&cells, 0.98)) {
        Some((low, high)) => (low.floor(), high.ceil().max(low.floor() + 1.0)),
        None => input.scale_c,
    }
}

/// Both ends of the scale of differences, K.
fn reach_k(input: &SheetInput, found: &Comparison) -> f64 {
    let change = found.change.as_ref().map(|g| blank(g, input));
    let mut cells = values(&[change.as_ref()]);
    for cell in &mut cells {
        *cell = cell.abs();
    }
    cells.sort_by(f64::total_cmp);
    at(&cells, 0.98)
        .unwrap_or(LEAST_K)
        .ceil()
        .clamp(LEAST_K, MOST_K)
}

/// A grid with the cells of the shown roofs alone.
fn blank(grid: &GeoGrid<f32>, input: &SheetInput) -> GeoGrid<f32> {
    own_cells(grid, &shown(input), &input.neighbours)
}

fn maps(
    input: &SheetInput,
    w: &'static CompareWords,
    f: &Format,
    own: Option<&GeoGrid<f32>>,
    (scale_c, reach_k): ((f64, f64), f64),
    pictures: &mut Vec<Picture>,
) -> Vec<(String, MapDrawing)> {
    let Some((found, frame)) = input.comparison.as_ref().zip(map::frame(input, MAP_MM)) else {
        return Vec::new();
    };
    let (Some(before), Some(change), Some(now)) = (&found.before, &found.change, own) else {
        return Vec::new();
    };
    let date = |d: Option<jiff::civil::Date>| d.map_or_else(String::new, |d| f.short_date(d));
    let title = |text: &str, d| {
        let filled = fill(text, &[("date", &date(d))]);
        filled.trim_end_matches([',', ' ']).to_owned()
    };
    let ends = |low: f64, high: f64| [f.number(low, 0), f.number(high, 0)];
    let alt = |text: &str, [low, high]: [String; 2]| fill(text, &[("low", &low), ("high", &high)]);
    let (low, high) = scale_c;
    let thermal = |grid: &GeoGrid<f32>, name: &str| {
        let own = blank(grid, input);
        colour(&own, &frame, scale_c, input.palette, name.to_owned())
    };
    let mut draw = |picture: Picture, alt: String, hatch: &dyn Fn(&Compared) -> bool| {
        let mut drawing = drawing(input, found, &frame, f, hatch);
        drawing.picture = Some(map::keep(pictures, picture));
        drawing.alt = alt;
        drawing
    };
    let not_held = |c: &Compared| !c.held;
    let no_verdict = |c: &Compared| !c.held || c.verdict.is_none();
    let first = draw(
        thermal(before, "compare-before"),
        alt(w.alt_before, ends(low, high)),
        &not_held,
    );
    let second = draw(
        thermal(now, "compare-now"),
        alt(w.alt_now, ends(low, high)),
        &not_held,
    );
    let difference = colour_by(
        &blank(change, input),
        &frame,
        (-reach_k, reach_k),
        &change_table(),
        "compare-change".to_owned(),
    );
    let third = draw(
        difference,
        alt(w.alt_change, ends(-reach_k, reach_k)),
        &no_verdict,
    );
    vec![
        (title(w.before, found.date), first),
        (title(w.now, Some(input.flight.start.date())), second),
        (w.change.to_owned(), third),
    ]
}

/// A map without picture: outlines, neighbours, hatches, the cover of the shown roofs.
fn drawing(
    input: &SheetInput,
    found: &Comparison,
    frame: &Frame,
    f: &Format,
    hatch: &dyn Fn(&Compared) -> bool,
) -> MapDrawing {
    let mut drawing = map::base(input, frame);
    let hatched = input
        .buildings
        .iter()
        .zip(&found.buildings)
        .filter(|(b, c)| hatch(c) || !assessable(&b.score));
    drawing.hatched = hatched
        .flat_map(|(b, _)| frame.polygons(&b.outline.polygon))
        .collect();
    drawing.cover = map::cover_of(&shown(input), frame);
    drawing.bar = Some(frame.scale_bar(f));
    drawing
}

fn row(
    compared: &Compared,
    rejected: bool,
    rank: usize,
    words: &'static Words,
    f: &Format,
) -> ComparedRow {
    let w = &words.compare;
    let number = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| f.number(v, 2));
    let verdict = compared.verdict.filter(|_| compared.held && !rejected);
    let sound = verdict.is_some();
    let shown = |v: Option<f64>| v.filter(|_| sound);
    let change = shown(compared.before)
        .zip(shown(compared.after))
        .map(|(a, b)| b - a);
    let half = compared
        .interval
        .filter(|_| sound)
        .map(|[a, b]| 0.5 * (b - a));
    let unit = if compared.is_u {
        w.unit_u
    } else {
        w.unit_theta
    };
    ComparedRow {
        tag: tag(rank),
        unit: if sound { unit } else { "" }.to_owned(),
        before: number(shown(compared.before)),
        after: number(shown(compared.after)),
        change: [
            change.map_or_else(|| "–".to_owned(), |d| f.signed(d, 2)),
            half.map_or_else(String::new, |h| format!("± {}", f.number(h, 2))),
        ],
        verdict: verdict.map_or("not-comparable", Verdict::word),
        words: match verdict {
            Some(Verdict::NoProvenChange) => match compared.provable {
                Some(x) => fill(w.provable, &[("x", &f.number(x, 2))]),
                None => w.verdicts[2].to_owned(),
            },
            Some(Verdict::Improved) => w.verdicts[0].to_owned(),
            Some(Verdict::Worse) => w.verdicts[1].to_owned(),
            Some(Verdict::NotComparable) | None => {
                let reason = match rejected {
                    true => words.review.row_rejected.to_owned(),
                    false => why(compared, words),
                };
                fill(w.not_comparable, &[("reason", &reason)])
            }
        },
    }
}

/// The first reason in words.
fn why(compared: &Compared, words: &Words) -> String {
    let w = &words.compare;
    let code = match compared.reasons.first().map(String::as_str) {
        Some("zone") => return w.reason_zone.to_owned(),
        _ if !compared.held => return w.reason_held.to_owned(),
        Some(code) => code,
        None => return w.reason_value.to_owned(),
    };
    // Which flight the code is about: before, after.
    let flight = usize::from(code.ends_with("-after"));
    let stem = code.trim_end_matches("-after").trim_end_matches("-before");
    let number = stem.strip_prefix('R').and_then(|n| n.parse::<usize>().ok());
    if let Some(short) = number.and_then(|n| words.reasons_short.get(n.checked_sub(1)?)) {
        return fill(w.reason_code[flight], &[("reason", short)]);
    }
    match stem {
        "flight-rejected" => w.reason_flight[flight].to_owned(),
        "grade-d" => w.reason_grade[flight].to_owned(),
        "no-roof" => w.reason_roof[flight].to_owned(),
        _ if stem.starts_with("material:") => w.reason_material.to_owned(),
        _ if stem.starts_with("common-area:") => {
            let percent = stem
                .trim_start_matches("common-area:")
                .trim_end_matches('%');
            fill(w.reason_area, &[("p", &format!("{percent}{NBSP}%"))])
        }
        _ if stem.starts_with("too-few-roofs") => w.reason_few.to_owned(),
        _ => w.reason_value.to_owned(),
    }
}

fn remarks(found: &Comparison, order: &[usize], w: &CompareWords) -> Vec<String> {
    let mut remarks = vec![w.normalised.to_owned()];
    for (rank, &i) in order.iter().enumerate() {
        let altered = |c: &&Compared| c.held && c.verdict.is_some() && c.iou < UNCHANGED_IOU;
        if found.buildings.get(i).filter(altered).is_some() {
            remarks.push(fill(w.common_part, &[("tag", &tag(rank))]));
        }
    }
    let [new, gone, same] = found.hotspots.map(|n| n.to_string());
    if found.hotspots.iter().any(|n| *n > 0) {
        let values = [("new", &*new), ("gone", &*gone), ("same", &*same)];
        remarks.push(fill(w.hotspots, &values));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::{building, small};
    use crate::report::words::{DE, EN, FR, NL};

    fn compared(verdict: Option<Verdict>, reasons: &[&str]) -> Compared {
        Compared {
            held: true,
            is_u: true,
            before: Some(1.8),
            after: Some(0.45),
            interval: Some([-1.75, -0.95]),
            provable: Some(0.5),
            verdict,
            reasons: reasons.iter().map(ToString::to_string).collect(),
            iou: 1.0,
        }
    }

    fn of(list: Vec<Compared>, words: &'static Words) -> Option<ComparisonBlock> {
        let mut input = small();
        for i in 1..list.len() {
            let x = 50.0 * i as f64;
            let more = building(&format!("{}", i + 1), x, 0.0, x + 10.0, 10.0);
            input.buildings.push(more);
        }
        input.comparison = Some(Comparison {
            flight_id: "KV-02".to_owned(),
            date: None,
            before: None,
            change: None,
            buildings: list,
            hotspots: [1, 2, 3],
        });
        let order: Vec<usize> = (0..input.buildings.len()).collect();
        block(
            &input,
            words,
            &Format::new(words),
            &order,
            None,
            &mut Vec::new(),
        )
    }

    #[test]
    fn a_renewed_roof_is_improved_by_what_the_two_values_differ() {
        let found = of(vec![compared(Some(Verdict::Improved), &[])], &NL).expect("a block");
        let row = &found.rows[0];
        assert_eq!((row.before.as_str(), row.after.as_str()), ("1,80", "0,45"));
        assert_eq!(row.change, ["\u{2212}1,35", "± 0,40"]);
        assert_eq!(row.words, "verbeterd");
    }

    #[test]
    fn no_proven_change_says_which_change_would_have_been_proven() {
        for (words, part) in [
            (&NL, "kleinste aantoonbare verandering 0,50"),
            (&FR, "plus petit changement démontrable 0,50"),
            (&EN, "smallest provable change 0.50"),
            (&DE, "kleinste nachweisbare Veränderung 0,50"),
        ] {
            let found = of(vec![compared(Some(Verdict::NoProvenChange), &[])], words);
            let words = found.expect("a block").rows[0].words.clone();
            assert!(words.contains(part), "{words}");
        }
    }

    #[test]
    fn what_cannot_be_compared_has_a_reason_in_words_and_no_number() {
        for (code, part) in [
            ("R04-after", "deze vlucht: nat"),
            ("R15-before", "vorige vlucht: binnen"),
            ("grade-d-before", "vorige vlucht"),
            ("common-area:41%", "slechts 41\u{a0}%"),
            ("material:bitumen>metal", "ander dakmateriaal"),
            ("too-few-roofs:5<8", "te weinig"),
            ("zone", "uw deel"),
            ("flight-rejected-after", "deze vlucht is niet bruikbaar"),
            ("no-roof-before", "niet in de vorige vlucht"),
        ] {
            let found = of(vec![compared(None, &[code])], &NL).expect("a block");
            let row = &found.rows[0];
            assert!(row.words.contains(part), "{code}: {}", row.words);
            assert_eq!((row.before.as_str(), row.verdict), ("–", "not-comparable"));
        }
    }

    #[test]
    fn of_a_roof_of_somebody_else_then_nothing_is_told() {
        let mut foreign = compared(Some(Verdict::Improved), &[]);
        foreign.held = false;
        assert!(of(vec![foreign.clone()], &NL).is_none());
        let own = compared(Some(Verdict::Improved), &[]);
        let found = of(vec![own, foreign], &NL).expect("a block");
        let row = &found.rows[1];
        assert_eq!((row.before.as_str(), row.change[0].as_str()), ("–", "–"));
        assert!(row.words.contains("niet in uw gebruik"));
    }
}
