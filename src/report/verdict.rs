//! The result strip: one class for the company, in a digit, a sentence and a confidence.
//!
//! The company's class is the one whose buildings hold most assessed roof area; between equal
//! areas the worse. A mean of classes was dropped: it names a class no building has. Each
//! building keeps its own class in the table.

use super::findings::{Findings, confidence};
use super::format::{Format, fill, lower_first, upper_first};
use super::input::{Building, Part, Purpose, SheetInput};
use super::limits;
use super::reviewed;
use super::sheet::{Run, Verdict, runs_of};
use super::words::{Words, runs};
use crate::attach::consent::{Coverage, coverage, may_rank};
use crate::score::{ClassMode, RoofScore};

/// Classes of a position in the park: tenths (report-content.md §1, "position as class only").
const POSITIONS: f64 = 10.0;

/// Valid fraction under which coverage reasons forbid an assessment (interface.md §6).
const MIN_VALID: f64 = 0.30;

/// Whether a reason forbids class, score and U of a roof (interface.md §6).
pub(super) fn forbids(code: u8, valid_fraction: f64) -> bool {
    match code {
        1 | 2 | 4 | 5 => true,
        3 | 6 | 7 | 8 => valid_fraction < MIN_VALID,
        _ => false,
    }
}

/// Whether temperatures of a roof are printed and mapped.
pub(super) fn assessable(score: &RoofScore) -> bool {
    score.statistics.is_some()
        && !score
            .reasons
            .iter()
            .any(|r| forbids(r.code, score.valid_fraction))
}

/// Assessed area, m².
pub(super) fn assessed_m2(score: &RoofScore) -> f64 {
    if assessable(score) {
        score.area_m2 * score.valid_fraction
    } else {
        0.0
    }
}

/// Whether every building of the sheet is shared with others without zones.
pub(super) fn all_shared(input: &SheetInput) -> bool {
    let shared = |b: &Building| b.part == Part::Shared;
    !input.buildings.is_empty() && input.buildings.iter().all(shared)
}

/// Share of the company's roof that the flight saw, 0–1.
fn seen(input: &SheetInput) -> f64 {
    let scores = || input.buildings.iter().map(|b| &b.score);
    let area: f64 = scores().map(|s| s.area_m2).sum();
    let seen: f64 = scores().map(|s| s.area_m2 * s.observed_fraction).sum();
    if area > 0.0 { seen / area } else { 0.0 }
}

/// Whether the sheet may say where in the park its roof stands: enough roofs to compare with,
/// nine tenths of the company's roof seen, and the roof its own.
fn ranked(input: &SheetInput, building: &Building) -> bool {
    let roofs = input.buildings.iter().map(|b| &b.score);
    let roofs: Vec<(f64, f64)> = roofs.map(|s| (s.area_m2, s.observed_fraction)).collect();
    may_rank(building.score.group_size as usize)
        && coverage(&roofs) == Coverage::Whole
        && building.part != Part::Shared
}

/// The class of a company and the position of the roof that stands for it: the class of the most
/// assessed area, between equal areas the worse. `None` where no roof has a class.
///
/// In: class and assessed area (m²) of every roof.
pub fn class_of(roofs: &[(Option<u8>, f64)]) -> Option<(u8, usize)> {
    let mut areas = [0.0; 6];
    let mut largest: [Option<(f64, usize)>; 6] = [None; 6];
    for (i, (class, area)) in roofs.iter().enumerate() {
        let (Some(class @ 1..=6), area) = (*class, *area) else {
            continue;
        };
        let slot = usize::from(class) - 1;
        areas[slot] += area;
        if area > 0.0 && largest[slot].is_none_or(|(a, _)| area > a) {
            largest[slot] = Some((area, i));
        }
    }
    let worst_of_largest = (0..6)
        .rev()
        .fold(None, |best: Option<usize>, slot| match best {
            Some(b) if areas[b] >= areas[slot] => Some(b),
            _ => Some(slot),
        })?;
    largest[worst_of_largest].map(|(_, i)| (worst_of_largest as u8 + 1, i))
}

/// Size of the comparison group when the class is relative.
pub(super) fn relative_group(input: &SheetInput, verdict: &Verdict) -> Option<u32> {
    let score = &input.buildings[verdict.lead?].score;
    (score.class_mode == ClassMode::Relative).then_some(score.group_size)
}

pub(super) fn verdict(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
    findings: &Findings,
) -> Verdict {
    if input.flight.purpose == Purpose::Moisture {
        return moisture(input, words, findings);
    }
    let scores = order.iter().map(|i| &input.buildings[*i].score);
    let roofs: Vec<(Option<u8>, f64)> =
        scores.map(|s| (s.judged_class(), assessed_m2(s))).collect();
    match class_of(&roofs) {
        Some((class, rank)) => rated(input, words, f, class, order[rank], findings),
        None => unrated(input, words, f, order, findings),
    }
}

fn rated(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    class: u8,
    building: usize,
    findings: &Findings,
) -> Verdict {
    let score = &input.buildings[building].score;
    let slot = usize::from(class) - 1;
    let digit = class.to_string();
    let grade = score.grade.unwrap_or(' ');
    Verdict {
        class: Some(class),
        alt: fill(
            words.badge_alt,
            &[("n", &digit), ("word", words.class_words[slot])],
        ),
        digit,
        title: words.class_titles[slot].to_owned(),
        sentence: words.class_sentences[slot].to_owned(),
        points: points(input, words, findings),
        position: position(input, &input.buildings[building], words, f),
        position_class: position_class(input, &input.buildings[building]),
        confidence: cells(grade),
        confidence_words: confidence(grade, words).to_owned(),
        lead: Some(building),
    }
}

fn unrated(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
    findings: &Findings,
) -> Verdict {
    let sentence = match order.first() {
        None => words.no_building_sentence.to_owned(),
        Some(&largest) if input.buildings[largest].score.rejected() => {
            let review = input.buildings[largest].score.review.as_ref();
            let why = review.map_or_else(String::new, |r| reviewed::rejection(r, words, f));
            fill(words.not_assessable_sentence, &[("reason", &why)])
        }
        Some(&largest) => {
            let score = &input.buildings[largest].score;
            let reason = limits::main_reason(score);
            let why = match reason {
                Some(r) => lower_first(&limits::of_roof(r, score, words, f)),
                None => words.not_assessable_no_reason.to_owned(),
            };
            let remedy = reason.map_or("", |r| limits::remedy(r, words));
            let text = fill(words.not_assessable_sentence, &[("reason", &why)]);
            format!("{text} {remedy}").trim_end().to_owned()
        }
    };
    Verdict {
        class: None,
        digit: "–".to_owned(),
        alt: words.badge_alt_none.to_owned(),
        title: match order.first() {
            Some(i) if input.buildings[*i].score.rejected() => words.review.roof_title.to_owned(),
            _ => upper_first(words.not_assessable),
        },
        sentence,
        points: if findings.open().count() > 0 {
            points(input, words, findings)
        } else {
            Vec::new()
        },
        position: Vec::new(),
        position_class: None,
        confidence: 0,
        confidence_words: String::new(),
        lead: None,
    }
}

/// A moisture flight gives no class: what was looked for, and that a core or probe decides.
fn moisture(input: &SheetInput, words: &Words, findings: &Findings) -> Verdict {
    Verdict {
        class: None,
        digit: "–".to_owned(),
        alt: words.moisture_alt.to_owned(),
        title: words.moisture_title.to_owned(),
        sentence: words.moisture_sentence.to_owned(),
        points: points(input, words, findings),
        position: Vec::new(),
        position_class: None,
        confidence: 0,
        confidence_words: String::new(),
        lead: None,
    }
}

fn cells(grade: char) -> u8 {
    match grade {
        'A' => 4,
        'B' => 3,
        'C' => 2,
        'D' => 1,
        _ => 0,
    }
}

/// Tenth of the comparison group the roof stands in, as the share of colder roofs at its lower
/// end: 0, 0.1 … 0.9. `None` where it may not be said.
fn position_class(input: &SheetInput, building: &Building) -> Option<f64> {
    let share = building.score.position?;
    let tenth = (share * POSITIONS + 1e-9).floor();
    ranked(input, building).then_some(tenth.clamp(0.0, POSITIONS - 1.0) / POSITIONS)
}

fn position(input: &SheetInput, building: &Building, words: &Words, f: &Format) -> Vec<Run> {
    let score = &building.score;
    if !may_rank(score.group_size as usize) || building.part == Part::Shared {
        return Vec::new();
    }
    if !ranked(input, building) {
        let p = f.with_unit((100.0 * seen(input)).floor(), 0, "%");
        return runs_of(words.not_ranked, &[("p", &p)]);
    }
    let n = f.number(f64::from(score.group_size), 0);
    let relative = score.class_mode == ClassMode::Relative;
    match position_class(input, building) {
        Some(share) => {
            let lowest = share < 0.5 / POSITIONS;
            let shown = if lowest { 1.0 / POSITIONS } else { share };
            let p = f.with_unit(100.0 * shown, 0, "%");
            let template = match (relative, lowest) {
                (true, false) => words.relative_position,
                (true, true) => words.relative_position_lowest,
                (false, false) => words.position,
                (false, true) => words.position_lowest,
            };
            runs_of(template, &[("p", &p), ("n", &n)])
        }
        None if relative => runs_of(words.relative, &[("n", &n)]),
        None => Vec::new(),
    }
}

/// "4 points, of which 1 priority (within 3 months)", and how many are to be verified.
fn points(input: &SheetInput, words: &Words, findings: &Findings) -> Vec<Run> {
    if all_shared(input) {
        return runs(words.points_shared);
    }
    let count = findings.open().count();
    let mut text = match count {
        0 => words.points_none.to_owned(),
        1 => words.points_one.to_owned(),
        n => fill(words.points_many, &[("n", &n.to_string())]),
    };
    let worst = findings.open().map(|p| p.urgency).max().unwrap_or(0);
    if worst >= 2 {
        let n = findings.open().filter(|p| p.urgency == worst).count();
        let slot = usize::from(worst.min(4)) - 1;
        let sentence = match slot {
            // The word is the term already.
            3 => words.points_urgent.replace(" ({term})", ""),
            _ => words.points_urgent.to_owned(),
        };
        let word = words.urgent[slot];
        let values = [
            ("word", word),
            ("n", &n.to_string()),
            ("term", words.term[slot]),
        ];
        let urgent = fill(&sentence, &values);
        text.push_str(&urgent);
    }
    if !findings.doubtful.is_empty() {
        let n = findings.doubtful.len().to_string();
        text.push_str("; ");
        text.push_str(&fill(words.points_annex, &[("n", &n)]));
    }
    runs(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::{building, small};
    use crate::report::words::NL;
    use crate::score::Reason;

    fn verdict_of(classes: &[(f64, Option<u8>)]) -> Verdict {
        let mut input = small();
        input.buildings = classes
            .iter()
            .enumerate()
            .map(|(i, (area, class))| {
                let mut b = building(&i.to_string(), 0.0, 0.0, 20.0, 20.0);
                b.score.area_m2 = *area;
                b.score.class = *class;
                b
            })
            .collect();
        let order: Vec<usize> = (0..input.buildings.len()).collect();
        verdict(&input, &NL, &Format::new(&NL), &order, &Findings::default())
    }

    #[test]
    fn a_moisture_flight_heads_the_sheet_with_what_it_looked_for_and_no_class() {
        use crate::report::words::{DE, EN, FR};
        for (words, core) in [
            (&NL, "boorkern"),
            (&FR, "carottage"),
            (&EN, "core"),
            (&DE, "Bohrkern"),
        ] {
            let mut input = small();
            input.flight.purpose = Purpose::Moisture;
            let f = Format::new(words);
            let found = verdict(&input, words, &f, &[0], &Findings::default());
            assert_eq!(
                (found.class, found.title.as_str()),
                (None, words.moisture_title)
            );
            assert!(found.sentence.contains(core), "{}", found.sentence);
        }
    }

    #[test]
    fn the_class_with_most_assessed_area_stands_for_the_company() {
        let found = verdict_of(&[(1000.0, Some(2)), (600.0, Some(4)), (600.0, Some(4))]);
        assert_eq!(found.class, Some(4));
    }

    #[test]
    fn between_equal_areas_the_worse_class_stands() {
        assert_eq!(
            verdict_of(&[(500.0, Some(2)), (500.0, Some(5))]).class,
            Some(5)
        );
    }

    #[test]
    fn without_any_class_the_badge_is_a_dash_and_the_reason_is_a_sentence() {
        let mut input = small();
        input.buildings[0].score.class = None;
        input.buildings[0].score.reasons = vec![Reason {
            code: 5,
            value: Some(6.2),
        }];
        let found = verdict(&input, &NL, &Format::new(&NL), &[0], &Findings::default());
        assert_eq!((found.class, found.digit.as_str()), (None, "–"));
        assert!(
            found
                .sentence
                .contains("de wind was te sterk (6,2\u{a0}m/s)"),
            "{}",
            found.sentence
        );
        assert!(found.position.is_empty());
    }

    #[test]
    fn under_ten_comparable_roofs_no_position_is_printed() {
        let mut input = small();
        input.buildings[0].score.group_size = 9;
        let found = verdict(&input, &NL, &Format::new(&NL), &[0], &Findings::default());
        assert!(found.position.is_empty());
    }

    #[test]
    fn a_position_is_a_tenth_of_the_group_and_says_which_group() {
        let shown = |share: f64| {
            let mut input = small();
            input.buildings[0].score.position = Some(share);
            let found = verdict(&input, &NL, &Format::new(&NL), &[0], &Findings::default());
            let text: String = found.position.iter().map(|r| r.t.as_str()).collect();
            (text, found.position_class)
        };
        let (text, class) = shown(0.789);
        assert!(text.contains("70\u{a0}% van de 58 vergelijkbare daken in deze vlucht"));
        assert_eq!(class, Some(0.7));
        assert!(shown(0.04).0.starts_with("Bij de laagste 10\u{a0}%"));
        assert_eq!(shown(1.0).1, Some(0.9));
    }

    #[test]
    fn a_roof_seen_in_part_is_printed_and_not_ranked() {
        let mut input = small();
        input.buildings[0].score.observed_fraction = 0.84;
        let found = verdict(&input, &NL, &Format::new(&NL), &[0], &Findings::default());
        assert_eq!((found.class, found.position_class), (Some(4), None));
        let text: String = found.position.iter().map(|r| r.t.as_str()).collect();
        assert_eq!(text, "Niet gerangschikt: 84\u{a0}% van uw dak in beeld");
    }

    #[test]
    fn a_shared_roof_has_a_class_of_the_whole_and_neither_points_nor_a_position() {
        let mut input = small();
        input.buildings[0].part = Part::Shared;
        let found = verdict(&input, &NL, &Format::new(&NL), &[0], &Findings::default());
        assert_eq!(found.class, Some(4));
        assert!(found.position.is_empty());
        assert_eq!(found.points[0].t, "Gedeeld gebouw");
    }

    #[test]
    fn in_relative_mode_the_number_of_roofs_compared_is_said() {
        let mut input = small();
        input.buildings[0].score.class_mode = ClassMode::Relative;
        input.buildings[0].score.group_size = 34;
        input.buildings[0].score.position = None;
        let found = verdict(&input, &NL, &Format::new(&NL), &[0], &Findings::default());
        assert_eq!(found.position[0].t, "Vergeleken met 34 daken");
    }
}
