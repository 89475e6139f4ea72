//! The auditor's verdicts: one row per hotspot or roof.
//!
//! In: `review.csv`, `.xlsx` or `.ods`, written by a person and never by the program. Out:
//! [`Review`] per row in the order of the file, all faults of the file at once.
//!
//! Not here: whether a flight has what a row is about (`pipeline`).

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use super::dates::iso;
use super::table::{
    Bound, Mapping, Outcome, Place, Report, Row, Schema, Table, column, file_name, key_text,
};
use crate::survey::{HotspotKind, Review, Ruling, Subject};

/// Columns of the verdicts.
pub const SCHEMA: Schema = Schema {
    name: "review",
    columns: &[
        column("hotspot_id", &["aandachtspunt", "aandachtspunt_id"]),
        column("oidn", &["gebouw", "building", "gebouw_oidn"]),
        column("verdict", &["oordeel", "avis", "urteil"]),
        column("kind", &["aard", "soort", "nature", "art"]),
        column("severity", &["ernst", "gravite", "gravit\u{e9}", "schwere"]),
        column("text", &["tekst", "toelichting", "texte"]),
        column("who", &["wie", "auditeur", "qui", "wer"]),
        column("date", &["datum"]),
    ],
    // What people keep beside their verdicts when they copy rows out of a map.
    ignored: &[
        "remark",
        "opmerking",
        "x_m",
        "y_m",
        "company_id",
        "bedrijf_id",
    ],
    closed: true,
};

const VERDICTS: &[(&str, Ruling)] = &[
    ("confirm", Ruling::Confirm),
    ("confirmed", Ruling::Confirm),
    ("bevestig", Ruling::Confirm),
    ("bevestigd", Ruling::Confirm),
    ("confirmer", Ruling::Confirm),
    ("confirm\u{e9}", Ruling::Confirm),
    ("best\u{e4}tigt", Ruling::Confirm),
    ("reject", Ruling::Reject),
    ("rejected", Ruling::Reject),
    ("verwerp", Ruling::Reject),
    ("verworpen", Ruling::Reject),
    ("rejeter", Ruling::Reject),
    ("rejet\u{e9}", Ruling::Reject),
    ("verworfen", Ruling::Reject),
    ("change", Ruling::Change),
    ("changed", Ruling::Change),
    ("wijzig", Ruling::Change),
    ("gewijzigd", Ruling::Change),
    ("modifier", Ruling::Change),
    ("modifi\u{e9}", Ruling::Change),
    ("ge\u{e4}ndert", Ruling::Change),
];

const KINDS: &[(&str, HotspotKind)] = &[
    ("insulation", HotspotKind::Insulation),
    ("isolatie", HotspotKind::Insulation),
    ("moisture", HotspotKind::Moisture),
    ("vocht", HotspotKind::Moisture),
    ("linear", HotspotKind::Linear),
    ("lineair", HotspotKind::Linear),
    ("air-leak", HotspotKind::AirLeak),
    ("luchtlek", HotspotKind::AirLeak),
    ("installation", HotspotKind::Installation),
    ("installatie", HotspotKind::Installation),
    ("rooflight", HotspotKind::Rooflight),
    ("lichtkoepel", HotspotKind::Rooflight),
    ("process", HotspotKind::Process),
    ("proces", HotspotKind::Process),
    ("edge", HotspotKind::Edge),
    ("dakrand", HotspotKind::Edge),
    ("unknown", HotspotKind::Unknown),
    ("onbekend", HotspotKind::Unknown),
];

/// Longest text of a verdict, characters: more than a sheet has room for.
const LONGEST: usize = 600;

/// Reads the verdicts.
///
/// # Errors
/// All faults of the file: rows about nothing or about two things, unknown verdicts and kinds,
/// severities that are none of 1 to 5, wrong dates, two verdicts about one thing.
pub fn read(path: &Path, mapping: &Mapping) -> Outcome<Vec<Review>> {
    let mut report = Report::new(file_name(path));
    match Table::open(path, &mut report) {
        Ok(table) => from_table(&table, mapping, report),
        Err(problem) => report.stop(problem),
    }
}

/// The same from the bytes of a text table; `file` is used in messages only.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(file: &str, bytes: &[u8], mapping: &Mapping) -> Outcome<Vec<Review>> {
    let mut report = Report::new(file);
    match Table::from_bytes(file, bytes, &mut report) {
        Ok(table) => from_table(&table, mapping, report),
        Err(problem) => report.stop(problem),
    }
}

fn from_table(table: &Table, mapping: &Mapping, mut report: Report) -> Outcome<Vec<Review>> {
    let bound = Bound::new(table, &SCHEMA, mapping, &mut report);
    bound.require(&["hotspot_id", "oidn"], &mut report);
    bound.require(&["verdict"], &mut report);
    let mut first: BTreeMap<Subject, Place> = BTreeMap::new();
    let mut reviews = Vec::new();
    for row in bound.rows() {
        let Some(review) = review(&row, &mut report) else {
            continue;
        };
        match first.get(&review.subject) {
            Some(place) => {
                let what = format!(
                    "is a second verdict about {}, which has one at {place}",
                    review.subject.key()
                );
                let hint = "keep the row that holds, delete the other";
                report.fault_at(row.place(), what, Some(hint));
            }
            None => {
                first.insert(review.subject.clone(), row.place());
            }
        }
        reviews.push(review);
    }
    report.finish(reviews)
}

fn review(row: &Row<'_>, report: &mut Report) -> Option<Review> {
    let subject = subject(row, report);
    let ruling = row.choice("verdict", VERDICTS, "confirm, reject or change", report);
    if row.text("verdict").is_empty() {
        let what = "is empty, expected confirm, reject or change".to_owned();
        row.fault("verdict", what, report);
    }
    let words = "insulation, moisture, linear, air-leak, installation, rooflight, process, edge \
                 or unknown";
    let kind = row.choice("kind", KINDS, words, report);
    let severity = severity(row, report);
    let text = row.text("text").to_owned();
    if text.chars().count() > LONGEST {
        let what = format!(
            "has {} characters, expected at most {LONGEST}",
            text.chars().count()
        );
        row.fault("text", what, report);
    }
    let date = date(row, report);
    let (subject, ruling) = (subject?, ruling?);
    let review = Review {
        subject,
        ruling,
        kind,
        severity,
        text,
        who: row.text("who").to_owned(),
        date,
    };
    judge(row, &review, report);
    Some(review)
}

fn subject(row: &Row<'_>, report: &mut Report) -> Option<Subject> {
    let (spot, roof) = (key_text(row.text("hotspot_id")), key_text(row.text("oidn")));
    let what = match (spot.is_empty(), roof.is_empty()) {
        (false, true) => return Some(Subject::Hotspot(spot.to_owned())),
        (true, false) => return Some(Subject::Roof(roof.to_owned())),
        (true, true) => "is about nothing, expected hotspot_id or oidn",
        (false, false) => "names a hotspot and a roof, expected one of hotspot_id and oidn",
    };
    let hint = "a row with hotspot_id judges a hotspot, one with oidn the rating of a roof";
    report.fault_at(row.place(), what, Some(hint));
    None
}

fn severity(row: &Row<'_>, report: &mut Report) -> Option<u8> {
    let value = row.number("severity", 1.0..=5.0, report)?;
    if value.fract() != 0.0 {
        let what = format!("is {value}, expected 1, 2, 3, 4 or 5");
        row.fault("severity", what, report);
        return None;
    }
    Some(value as u8)
}

fn date(row: &Row<'_>, report: &mut Report) -> Option<Date> {
    let text = iso(row.text("date"));
    if text.is_empty() {
        return None;
    }
    let found = text.parse::<Date>().ok();
    if found.is_none() {
        let what = format!("is \"{text}\", expected a date such as 2026-03-14");
        row.fault("date", what, report);
    }
    found
}

/// What a sound row still leaves to say.
fn judge(row: &Row<'_>, review: &Review, report: &mut Report) {
    let graded = review.kind.is_some() || review.severity.is_some();
    let roof = matches!(review.subject, Subject::Roof(_));
    if review.ruling == Ruling::Change && review.text.is_empty() && (roof || !graded) {
        let what = "changes nothing, expected a kind, a severity or a text";
        report.fault_at(row.place(), what, Some("a verdict of change tells what to"));
    }
    if graded && roof {
        let what = "gives a kind or a severity to a roof, which has none: not used";
        report.warn_at(row.place(), what);
    } else if graded && review.ruling == Ruling::Reject {
        let what = "gives a kind or a severity to what it rejects: not used";
        report.warn_at(row.place(), what);
    }
    if review.who.is_empty() {
        let what = "says not who judged: the sheet cannot name a person";
        report.warn_at(row.place(), what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(text: &str) -> Outcome<Vec<Review>> {
        from_bytes("review.csv", text.as_bytes(), &Mapping::new())
    }

    #[test]
    fn rows_of_people_are_read_in_dutch_and_english() {
        let (found, warnings) = read(
            "aandachtspunt;gebouw;oordeel;aard;ernst;tekst;wie;datum\n\
             42-ab3k;;bevestigd;;;Zelf gezien;An Peeters;14/03/2026\n\
             42-c0de;;Change;lichtkoepel;2;;An Peeters;2026-03-14\n\
             ;43;verworpen;;;Het dak was pas gekuist.;An Peeters;\n",
        )
        .expect("sound");
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].subject, Subject::Hotspot("42-ab3k".into()));
        assert_eq!(
            (found[0].ruling, found[0].text.as_str(), found[0].date),
            (Ruling::Confirm, "Zelf gezien", Some(date(2026, 3, 14)))
        );
        assert_eq!(
            (found[1].kind, found[1].severity),
            (Some(HotspotKind::Rooflight), Some(2))
        );
        assert_eq!(found[2].subject, Subject::Roof("43".into()));
        assert_eq!((found[2].ruling, found[2].date), (Ruling::Reject, None));
    }

    #[test]
    fn all_faults_are_told_at_once_with_line_and_column() {
        let faults = read(
            "hotspot_id,oidn,verdict,kind,severity,text,who,date\n\
             ,,confirm,,,,A,\n\
             1-aaaa,1,confirm,,,,A,\n\
             1-aaaa,,perhaps,,,,A,\n\
             1-bbbb,,confirm,ghost,6,,A,31/02/2026\n\
             1-cccc,,confirm,,2.5,,A,\n\
             1-cccc,,reject,,,,A,\n\
             1-dddd,,change,,,,A,\n\
             1-eeee,,,,,,A,\n",
        )
        .expect_err("faulty");
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        for part in [
            "line 2: is about nothing",
            "line 3: names a hotspot and a roof",
            "line 4, column verdict: is \"perhaps\"",
            "line 5, column kind: is \"ghost\"",
            "line 5, column severity: is 6",
            "line 5, column date: is \"2026-02-31\"",
            "line 6, column severity: is 2.5",
            "line 7: is a second verdict about 1-cccc",
            "line 8: changes nothing",
            "line 9, column verdict: is empty",
        ] {
            assert!(all.iter().any(|t| t.contains(part)), "{part}: {all:#?}");
        }
        assert_eq!(all.len(), 10, "{all:#?}");
    }

    #[test]
    fn what_is_not_used_is_said() {
        let (_, warnings) = read(
            "hotspot_id,oidn,verdict,kind,severity,who\n1-a,,reject,edge,,A\n,2,confirm,,3,A\n1-b,,confirm,,,\n",
        )
        .expect("sound");
        assert_eq!(warnings.len(), 3, "{warnings:?}");
    }
}
