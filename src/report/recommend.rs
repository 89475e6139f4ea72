//! Recommendations: verb first, one action, who, before when.
//!
//! One per kind of finding, most urgent first, five at most; explained sources follow the
//! points. A date is the flight's plus the term of the urgency (report-content.md §2:
//! 3 = three months, 2 = twelve); urgency 1 has no date but the next works on the roof.

use jiff::ToSpan;
use jiff::civil::Date;

use super::findings::{Findings, area};
use super::format::{Format, fill};
use super::sheet::Recommendation;
use super::words::{Wording, Words};

/// Rows of the table.
const MAX: usize = 5;

struct Group {
    wording: Wording,
    urgency: u8,
    numbers: Vec<usize>,
    area_m2: f64,
    greatest_k: f64,
}

pub(super) fn recommendations(
    words: &Words,
    f: &Format,
    findings: &Findings,
    flight: Date,
) -> Vec<Recommendation> {
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |wording, urgency, number, area_m2, excess_k: f64| match groups
        .iter_mut()
        .find(|g| g.wording == wording)
    {
        Some(g) => {
            g.numbers.push(number);
            g.area_m2 += area_m2;
            g.greatest_k = g.greatest_k.max(excess_k);
            g.urgency = g.urgency.max(urgency);
        }
        None => groups.push(Group {
            wording,
            urgency,
            numbers: vec![number],
            area_m2,
            greatest_k: excess_k,
        }),
    };
    for p in &findings.points {
        add(p.wording, p.urgency, p.number, p.area_m2, p.excess_k);
    }
    for s in &findings.sources {
        add(s.wording, 0, s.number, s.area_m2, s.excess_k);
    }
    groups
        .iter()
        .take(MAX)
        .map(|g| row(g, words, f, flight))
        .collect()
}

fn row(group: &Group, words: &Words, f: &Format, flight: Date) -> Recommendation {
    let text = words.wording(group.wording);
    let numbers: Vec<String> = group.numbers.iter().map(usize::to_string).collect();
    let (m2, k) = (area(group.area_m2, f), f.signed(group.greatest_k, 1));
    let count = group.numbers.len();
    let (why, points) = if count == 1 {
        (words.why_one, words.point_ref_one)
    } else {
        (words.why_many, words.point_ref_many)
    };
    let numbers_text = fill(why, &[("n", &count.to_string()), ("area", &m2), ("d", &k)]);
    Recommendation {
        action: text.action.to_owned(),
        points: fill(points, &[("n", &numbers.join(", "))]),
        why: f.titled(text.why, &tie(&numbers_text)),
        who: text.who.to_owned(),
        before: before(group.urgency, words, f, flight),
    }
}

/// Numbers stay with their units.
fn tie(text: &str) -> String {
    text.replace(" m²", "\u{a0}m²").replace(" K", "\u{a0}K")
}

fn before(urgency: u8, words: &Words, f: &Format, flight: Date) -> String {
    let months = match urgency {
        4.. => return words.term[3].to_owned(),
        3 => 3,
        2 => 12,
        _ => return words.before_with_works.to_owned(),
    };
    match flight.checked_add(months.months()) {
        Ok(date) => f.short_date(date),
        Err(_) => words.term[usize::from(urgency) - 1].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::findings::Finding;
    use crate::report::words::NL;

    fn point(number: usize, wording: Wording, urgency: u8) -> Finding {
        Finding {
            number,
            building: 0,
            hotspot: number,
            tag: "G1".to_owned(),
            place: String::new(),
            spot: String::new(),
            wording,
            urgency,
            area_m2: 10.0,
            excess_k: 2.0,
            uncertainty_k: 0.4,
            grade: 'B',
            ruling: None,
        }
    }

    fn of(points: Vec<Finding>) -> Vec<Recommendation> {
        let findings = Findings {
            points,
            ..Findings::default()
        };
        let flight = jiff::civil::date(2026, 3, 14);
        recommendations(&NL, &Format::new(&NL), &findings, flight)
    }

    #[test]
    fn the_term_counts_from_the_flight() {
        let found = of(vec![
            point(1, Wording::Field, 3),
            point(2, Wording::Edge, 2),
            point(3, Wording::Joint, 1),
        ]);
        let before: Vec<_> = found.iter().map(|r| r.before.as_str()).collect();
        assert_eq!(before, ["14/06/2026", "14/03/2027", "bij dakwerken"]);
    }

    #[test]
    fn points_of_one_kind_share_a_recommendation() {
        let found = of(vec![point(1, Wording::Edge, 2), point(2, Wording::Edge, 1)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].points, "punten 1, 2");
        assert_eq!(
            found[0].why,
            "dakrand of dakopstand: 2 zones, samen 20\u{a0}m², tot +2,0\u{a0}K"
        );
    }

    #[test]
    fn there_are_five_recommendations_at_most() {
        use Wording::{AirLeak, Edge, Field, Joint, Moist, Unknown};
        let kinds = [Edge, Field, Joint, Moist, AirLeak, Unknown];
        let points = kinds
            .iter()
            .enumerate()
            .map(|(i, w)| point(i + 1, *w, 2))
            .collect();
        assert_eq!(of(points).len(), 5);
    }
}
