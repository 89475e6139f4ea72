//! Reason codes as sentences, and what would make an assessment possible.

use super::findings::Findings;
use super::format::{Format, NBSP, fill, lower_first, upper_first};
use super::input::SheetInput;
use super::reviewed;
use super::verdict::forbids;
use super::words::Words;
use crate::score::{Reason, RoofScore};

/// The reason printed first: one that forbids an assessment, else the first.
pub(super) fn main_reason(score: &RoofScore) -> Option<Reason> {
    let forbidding = score
        .reasons
        .iter()
        .find(|r| forbids(r.code, score.valid_fraction));
    forbidding
        .or(score.reasons.iter().find(|r| r.code == 19))
        .or(score.reasons.first())
        .copied()
}

/// The sentence of a reason of a roof: as likely where nobody told it.
pub(super) fn of_roof(reason: Reason, score: &RoofScore, words: &Words, f: &Format) -> String {
    let template = match reason.code {
        code if !score.inferred.contains(&code) => None,
        2 => Some(words.reason_02_inferred),
        3 if reason.value.is_some() => Some(words.reason_03_inferred),
        10 => Some(words.reason_10_inferred),
        _ => None,
    };
    match template {
        Some(template) => filled(template, reason, words, f),
        None => sentence(reason, words, f),
    }
}

/// The sentence of a reason with its number; a missing number is left out of the sentence.
pub(super) fn sentence(reason: Reason, words: &Words, f: &Format) -> String {
    match entry(&words.reasons, reason.code) {
        Some(template) => filled(template, reason, words, f),
        None => code(reason.code),
    }
}

fn filled(template: &str, reason: Reason, words: &Words, f: &Format) -> String {
    let Some(value) = reason.value.filter(|v| v.is_finite()) else {
        return without_number(reason.code, template, words);
    };
    let whole = f.number(value, 0);
    let tenth = f.number(value, 1);
    let text = fill(
        template,
        &[
            ("p", &whole),
            ("v", &tenth),
            ("d", &tenth),
            ("n", &whole),
            ("t", &whole),
        ],
    );
    tie_units(&text)
}

/// A reason of a roof in two or three words.
pub(super) fn short(reason: Reason, score: &RoofScore, words: &Words) -> String {
    let short = entry(&words.reasons_short, reason.code).unwrap_or("");
    match score.inferred.contains(&reason.code) {
        true => fill(words.likely, &[("reason", short)]),
        false => short.to_owned(),
    }
}

/// What would make an assessment possible; empty where nothing simple does.
pub(super) fn remedy(reason: Reason, words: &Words) -> &'static str {
    entry(&words.remedies, reason.code).unwrap_or("")
}

/// `R02`.
pub(super) fn code(number: u8) -> String {
    format!("R{number:02}")
}

/// What has no code stands after the codes.
const FIRST_OTHER: u8 = 100;

/// One sentence per reason in the order of the codes, with the buildings or points it holds
/// for unless it holds for all.
pub(super) fn limits(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
    findings: &Findings,
) -> Vec<String> {
    let mut found: Vec<(u8, String, Vec<String>, bool)> = Vec::new();
    let mut say = |code: u8, text: String, who: String, point: bool| match found
        .iter_mut()
        .find(|(_, t, _, p)| *t == text && *p == point)
    {
        Some((_, _, members, _)) => members.push(who),
        None => found.push((code, text, vec![who], point)),
    };
    for (rank, &i) in order.iter().enumerate() {
        let score = &input.buildings[i].score;
        let tag = super::findings::tag(rank);
        for reason in &score.reasons {
            let text = of_roof(*reason, score, words, f);
            say(reason.code, text, tag.clone(), false);
        }
        if let Some(review) = score.review.as_ref().filter(|_| score.rejected()) {
            let text = upper_first(&reviewed::rejection(review, words, f));
            say(FIRST_OTHER, text, tag.clone(), false);
        }
        if score.derived {
            say(
                FIRST_OTHER,
                words.outline_derived.to_owned(),
                tag.clone(),
                false,
            );
        }
        if let Some(sure) = score.material_confidence {
            let share = f.number(100.0 * sure, 0);
            let text = tie_units(&fill(words.material_estimated, &[("p", &share)]));
            say(FIRST_OTHER + 1, text, tag, false);
        }
    }
    for point in &findings.points {
        for reason in &super::findings::hotspot_of(input, point).reasons {
            let text = sentence(*reason, words, f);
            say(reason.code, text, point.number.to_string(), true);
        }
    }
    let doubts = &input.conditions.moisture_doubts;
    for (i, doubt) in (1..).zip(doubts) {
        let text = words.moisture_doubts[*doubt as usize].to_owned();
        let all = (0..order.len()).map(super::findings::tag).collect();
        found.push((FIRST_OTHER + 1 + i, text, all, false));
    }
    found.sort_by_key(|(code, _, _, point)| (*point, *code));
    found
        .into_iter()
        .map(|(_, text, who, point)| {
            if point {
                let template = if who.len() == 1 {
                    words.point_ref_one
                } else {
                    words.point_ref_many
                };
                let place = fill(template, &[("n", &who.join(", "))]);
                f.titled(&super::format::upper_first(&place), &lower_first(&text))
            } else if who.len() == order.len() {
                text
            } else {
                f.titled(&who.join(", "), &lower_first(&text))
            }
        })
        .collect()
}

fn entry(list: &[&'static str; 22], code: u8) -> Option<&'static str> {
    list.get(usize::from(code).checked_sub(1)?).copied()
}

/// R03, R07 and R20 have sentences of their own; elsewhere the number stands in brackets,
/// which go.
fn without_number(code: u8, template: &str, words: &Words) -> String {
    match code {
        3 => return words.reason_03_no_number.to_owned(),
        7 => return words.reason_07_no_number.to_owned(),
        20 => return words.reason_20_no_number.to_owned(),
        _ => {}
    }
    match (template.find(" ({"), template.find(')')) {
        (Some(open), Some(close)) if close > open => {
            format!("{}{}", &template[..open], &template[close + 1..])
        }
        _ => template.to_owned(),
    }
}

/// No-break spaces between numbers and their units.
fn tie_units(text: &str) -> String {
    let mut tied = text.to_owned();
    for unit in ["%", "m/s", "K", "°C"] {
        for end in [" ", ")", ".", ";", ","] {
            tied = tied.replace(&format!(" {unit}{end}"), &format!("{NBSP}{unit}{end}"));
        }
    }
    tied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::{building, small};
    use crate::report::words::NL;

    fn limits_of(input: &SheetInput) -> Vec<String> {
        let order: Vec<usize> = (0..input.buildings.len()).collect();
        limits(input, &NL, &Format::new(&NL), &order, &Findings::default())
    }

    #[test]
    fn a_reason_prints_its_number() {
        let text = sentence(
            Reason {
                code: 3,
                value: Some(5.4),
            },
            &NL,
            &Format::new(&NL),
        );
        assert_eq!(
            text,
            "Zonnepanelen bedekken 5\u{a0}% van het dak; de temperatuur eronder is niet gemeten."
        );
    }

    #[test]
    fn a_reason_without_its_number_prints_no_empty_place() {
        for code in 1..=22 {
            let text = sentence(Reason { code, value: None }, &NL, &Format::new(&NL));
            assert!(!text.contains('{') && !text.contains("()"), "{text}");
        }
    }

    #[test]
    fn a_reason_of_one_building_of_two_names_it() {
        let mut input = small();
        let mut metal = building("9", 50.0, 0.0, 60.0, 10.0);
        metal.score.reasons = vec![Reason {
            code: 2,
            value: None,
        }];
        input.buildings.push(metal);
        let found = limits_of(&input);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("G2: het dakoppervlak is (deels) blank metaal"));
    }

    #[test]
    fn a_reason_of_all_buildings_is_said_once() {
        let mut input = small();
        input.buildings.push(building("9", 50.0, 0.0, 60.0, 10.0));
        for b in &mut input.buildings {
            b.score.reasons = vec![Reason {
                code: 20,
                value: Some(18.0),
            }];
        }
        assert_eq!(
            limits_of(&input),
            ["De binnentemperatuur is niet gekend; er is met 18\u{a0}°C gerekend."]
        );
    }
}
