//! What a person judged, and that nobody has judged the rest.
//!
//! A person's word stands apart from what the flight suggests: who, when, in which words. What was
//! rejected is no point any more and stands only here.

use serde::Serialize;

use super::findings::{Findings, area, delta, tag};
use super::format::{Format, fill, printed, upper_first};
use super::input::{Building, SheetInput};
use super::place;
use super::sheet::Run;
use super::words::{ReviewWords, Wording, Words};
use crate::score::{Hotspot, RoofScore};
use crate::survey::{Review, Ruling};

/// Rows of the list; further verdicts stand in the data.
const MAX_ROWS: usize = 40;

/// The block of verdicts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reviewed {
    /// Title.
    pub title: String,
    /// How many of the points a person judged; empty without points.
    pub note: String,
    /// Heads of the columns behind number and place.
    pub columns: [String; 3],
    /// One per verdict.
    pub rows: Vec<ReviewedRow>,
}

/// One verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReviewedRow {
    /// Number of the point; 0 for none.
    pub number: usize,
    /// Whether that is an explained source.
    pub explained: bool,
    /// Place in words.
    pub place: String,
    /// What the flight suggests.
    pub found: String,
    /// What the person says.
    pub ruling: String,
    /// The person's own words.
    pub text: String,
    /// Who and when.
    pub by: String,
}

/// `beoordeeld door An Peeters op 14 maart 2026`, as far as it is known.
pub(super) fn by(review: &Review, words: &Words, f: &Format) -> String {
    let w = &words.review;
    let (who, date) = (printed(&review.who), review.date.map(|d| f.date(d)));
    let template = match (who.is_empty(), &date) {
        (false, Some(_)) => w.by_on,
        (false, None) => w.by,
        (true, Some(_)) => w.on,
        (true, None) => w.someone,
    };
    let date = date.unwrap_or_default();
    fill(template, &[("who", &who), ("date", &date)])
}

/// Verdict, name and date, and the person's own words: `*Bevestigd, beoordeeld door …:* eigen
/// woorden`.
pub(super) fn sentence(review: &Review, words: &Words, f: &Format) -> Vec<Run> {
    let ruling = words.review.rulings[place_of(review.ruling)];
    let text = printed(&review.text);
    let head = upper_first(&format!("{ruling}, {}", by(review, words, f)));
    let run = |t: String, b| Run { t, b, i: false };
    match text.is_empty() {
        true => vec![run(format!("{head}."), true)],
        false => vec![run(format!("{head}: "), true), run(text, false)],
    }
}

/// Why a person does not accept the rating of a roof, in words.
pub(super) fn rejection(review: &Review, words: &Words, f: &Format) -> String {
    let by = by(review, words, f);
    let text = fill(words.review.roof_rejected, &[("by", &by)]);
    format!("{text} {}", printed(&review.text))
        .trim_end()
        .to_owned()
}

fn place_of(ruling: Ruling) -> usize {
    match ruling {
        Ruling::Confirm => 0,
        Ruling::Reject => 1,
        Ruling::Change => 2,
    }
}

/// The block. `order` holds building positions in the order of their tags.
pub(super) fn reviewed(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
    findings: &Findings,
) -> Reviewed {
    let mut rows = Vec::new();
    for (rank, &i) in order.iter().enumerate() {
        let building = &input.buildings[i];
        if let Some(review) = &building.score.review {
            rows.push(roof_row(&building.score, review, &tag(rank), words, f));
        }
        for (position, spot) in building.hotspots.iter().enumerate() {
            if let Some(review) = &spot.review {
                let (number, explained) = number_of(findings, i, position);
                let row = spot_row(building, spot, review, &tag(rank), words, f);
                rows.push(ReviewedRow {
                    number,
                    explained,
                    ..row
                });
            }
        }
        for spot in &building.rejected {
            if let Some(review) = &spot.review {
                rows.push(spot_row(building, spot, review, &tag(rank), words, f));
            }
        }
    }
    rows.truncate(MAX_ROWS);
    let w = &words.review;
    Reviewed {
        title: w.title.to_owned(),
        note: note(input, w, findings),
        columns: [w.col_found, w.col_ruling, w.col_words].map(str::to_owned),
        rows,
    }
}

/// How many points a person judged.
fn note(input: &SheetInput, w: &ReviewWords, findings: &Findings) -> String {
    let all = || findings.open().chain(&findings.doubtful);
    let (n, m) = (
        all()
            .filter(|p| super::findings::hotspot_of(input, p).review.is_some())
            .count(),
        all().count(),
    );
    match (n, m) {
        (_, 0) => String::new(),
        (0, 1) => w.nobody_one.to_owned(),
        (0, _) => fill(w.nobody, &[("n", &m.to_string())]),
        _ => fill(w.some, &[("n", &n.to_string()), ("m", &m.to_string())]),
    }
}

/// Number on the sheet, and whether it is that of an explained source.
fn number_of(findings: &Findings, building: usize, hotspot: usize) -> (usize, bool) {
    let point = findings
        .points
        .iter()
        .find(|p| p.building == building && p.hotspot == hotspot);
    let mut sources = findings.sources.iter();
    match point {
        Some(point) => (point.number, false),
        None => {
            let own = sources.find(|s| s.building == building && s.members.contains(&hotspot));
            own.map_or((0, false), |s| (s.number, true))
        }
    }
}

fn roof_row(
    score: &RoofScore,
    review: &Review,
    tag: &str,
    words: &Words,
    f: &Format,
) -> ReviewedRow {
    let w = &words.review;
    let class = score.class.filter(|c| (1..=6).contains(c));
    ReviewedRow {
        number: 0,
        explained: false,
        place: fill(w.roof, &[("tag", tag)]),
        // The class that was computed is the one thing a rejection must not print.
        found: match class.filter(|_| !score.rejected()) {
            Some(class) => words.class_titles[usize::from(class) - 1].to_owned(),
            None => "–".to_owned(),
        },
        ruling: w.roof_rulings[place_of(review.ruling)].to_owned(),
        text: printed(&review.text),
        by: by(review, words, f),
    }
}

fn spot_row(
    building: &Building,
    spot: &Hotspot,
    review: &Review,
    tag: &str,
    words: &Words,
    f: &Format,
) -> ReviewedRow {
    let w = &words.review;
    let mut ruling = vec![w.rulings[place_of(review.ruling)].to_owned()];
    if spot.rejected() {
        ruling.push(w.no_point.to_owned());
    }
    if let Some(kind) = review.kind.filter(|k| *k != spot.kind) {
        let mut judged = spot.clone();
        (judged.kind, judged.review) = (kind, None);
        judged.detail.clear();
        let one = words.wording(Wording::of(&judged)).one;
        ruling.push(fill(w.as_kind, &[("kind", one)]));
    }
    if let Some(severity) = review.severity {
        ruling.push(fill(w.as_severity, &[("n", &severity.to_string())]));
    }
    let found = words.wording(Wording::suggested(spot)).one;
    ReviewedRow {
        number: 0,
        explained: false,
        place: place::place(spot, &building.outline.polygon, tag, words),
        found: format!(
            "{found}, {}\u{a0}m², {}\u{a0}K",
            area(spot.area_m2, f),
            delta(
                spot.excess_mean_k,
                super::findings::K95 * spot.excess_sigma_k,
                f
            )
        ),
        ruling: ruling.join("; "),
        text: printed(&review.text),
        by: by(review, words, f),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::findings::tests::hotspot;
    use crate::report::test_data::small;
    use crate::report::words::{DE, EN, FR, NL};
    use crate::survey::{HotspotKind, Subject};
    use jiff::civil::date;

    fn review(ruling: Ruling) -> Review {
        Review {
            subject: Subject::Hotspot("a".to_owned()),
            ruling,
            kind: None,
            severity: None,
            text: "Op het dak gezien.".to_owned(),
            who: "An Peeters".to_owned(),
            date: Some(date(2026, 5, 12)),
        }
    }

    fn of(input: &SheetInput, words: &'static Words) -> Reviewed {
        let f = Format::new(words);
        let findings = Findings::new(input, words, &[0], 11);
        reviewed(input, words, &f, &[0], &findings)
    }

    #[test]
    fn points_nobody_judged_are_said_to_be_so_in_every_language() {
        let mut input = small();
        assert_eq!(of(&input, &NL).note, "");
        input.buildings[0].hotspots = vec![
            hotspot("a", HotspotKind::Edge, 2),
            hotspot("b", HotspotKind::Edge, 2),
        ];
        for (words, part) in [
            (&NL, "Geen van de 2"),
            (&FR, "Aucun des 2"),
            (&EN, "None of the 2"),
            (&DE, "Keine der 2"),
        ] {
            assert!(of(&input, words).note.starts_with(part));
            assert!(of(&input, words).rows.is_empty());
        }
        input.buildings[0].hotspots[1].review = Some(review(Ruling::Confirm));
        assert!(of(&input, &NL).note.contains("1 van de 2"));
    }

    #[test]
    fn a_verdict_stands_with_name_date_and_words() {
        let mut input = small();
        let mut spot = hotspot("a", HotspotKind::Insulation, 3);
        spot.review = Some(Review {
            kind: Some(HotspotKind::Rooflight),
            severity: Some(1),
            ..review(Ruling::Change)
        });
        input.buildings[0].hotspots = vec![spot];
        let found = of(&input, &NL);
        let row = &found.rows[0];
        assert_eq!(
            row.by,
            "beoordeeld door An Peeters op 12\u{a0}mei\u{a0}2026"
        );
        assert_eq!(row.text, "Op het dak gezien.");
        // What the flight suggested and what the person says stand apart.
        assert!(row.found.starts_with("warmere dakzone"), "{}", row.found);
        assert!(row.ruling.contains("lichtkoepel") && row.ruling.contains("1 van 5"));
        // A rooflight by a person's word is an explained source and no point.
        assert!(row.explained && row.number == 1);
        assert_eq!(found.note, "");
    }

    #[test]
    fn what_a_person_rejected_is_no_point_and_stands_in_the_list() {
        let mut input = small();
        let mut spot = hotspot("a", HotspotKind::Edge, 3);
        spot.review = Some(review(Ruling::Reject));
        input.buildings[0].rejected = vec![spot];
        let found = of(&input, &NL);
        assert_eq!(found.note, "");
        assert_eq!(found.rows[0].number, 0);
        assert!(found.rows[0].ruling.contains("geen aandachtspunt meer"));
    }

    #[test]
    fn names_are_printed_as_far_as_they_are_known() {
        let f = Format::new(&EN);
        let nameless = Review {
            who: String::new(),
            ..review(Ruling::Confirm)
        };
        assert_eq!(by(&nameless, &EN, &f), "judged on 12\u{a0}May\u{a0}2026");
        let undated = Review {
            date: None,
            ..review(Ruling::Confirm)
        };
        assert_eq!(by(&undated, &EN, &f), "judged by An Peeters");
    }
}
