//! Promises about the park's overview: standards met in every case, nothing of a company in
//! public, nothing of a hidden roof from any difference of printed numbers, the workbook's counts.

mod attack;
mod parks;

use std::path::{Path, PathBuf};
use std::process::Command;

use parks::Park;
use serde_json::Value;
use thermaudit::report::overview::pages::{Audience, OverviewPages};
use thermaudit::report::overview::{self, Cell};
use thermaudit::survey::{Language, Sharing};
use thermaudit::write::pdf::{Templates, render_overview};

const LANGUAGES: [Language; 4] = [Language::Nl, Language::Fr, Language::En, Language::De];
const AUDIENCES: [Audience; 2] = [Audience::Public, Audience::Association];
/// Longest alternative text, characters (design.md).
const LONGEST_ALT: usize = 250;

/// Parks by name, with the pages an overview of them may have.
fn cases() -> Vec<(&'static str, Park, std::ops::RangeInclusive<usize>)> {
    vec![
        ("usual", Park::of(24), 4..=6),
        ("nobody", Park::of(0), 4..=6),
        ("no-ground", Park::empty(), 4..=6),
        ("one", Park::of(1), 4..=6),
        ("long-names", Park::of(26).with_long_names(), 4..=10),
        ("not-assessed", Park::of(24).unassessed(), 4..=6),
        ("no-weather", Park::of(24).without_weather(), 4..=6),
        ("parks", Park::of(40).in_two_parks(), 4..=7),
        ("many", Park::of(300), 4..=20),
    ]
}

fn word(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "public",
        Audience::Association => "internal",
    }
}

fn rendered(pages: &OverviewPages) -> Vec<u8> {
    render_overview(pages, &Templates::default())
        .expect("the built-in template meets the standards")
}

/// Overviews to look at lie in the folder that `THERMAUDIT_SHEETS_OUT` names, if it is set.
#[test]
fn every_park_has_pages_in_every_language() {
    let out = std::env::var_os("THERMAUDIT_SHEETS_OUT").map(PathBuf::from);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = out.as_deref().unwrap_or(folder.path());
    std::fs::create_dir_all(folder).expect("a folder");
    let mut checked = Vec::new();
    for (name, park, length) in cases() {
        for language in LANGUAGES {
            // The largest in two languages: its template is the same.
            if name == "many" && !matches!(language, Language::Nl | Language::De) {
                continue;
            }
            for audience in AUDIENCES {
                let pages = park.pages(language, audience, None);
                let pdf = rendered(&pages);
                let what = format!("overview-{name}-{}-{}", word(audience), language.code());
                let text = String::from_utf8_lossy(&pdf);
                for mark in [
                    "<pdfaid:part>2</pdfaid:part>",
                    "<pdfaid:conformance>A</pdfaid:conformance>",
                    "<pdfuaid:part>1</pdfuaid:part>",
                ] {
                    assert!(text.contains(mark), "{what} lacks {mark}");
                }
                assert!(pdf.len() < 8 << 20, "{what} is larger than 8 MB");
                alternatives(&what, &serde_json::to_value(&pages).expect("JSON"));
                let path = folder.join(format!("{what}.pdf"));
                std::fs::write(&path, &pdf).expect("writable");
                checked.push((what, path, length.clone()));
            }
        }
    }
    let (mut looked, mut clean) = (0, 0);
    for (what, path, length) in &checked {
        looked += usize::from(laid_out(what, path, length));
        clean += usize::from(sound(what, path));
    }
    println!(
        "{} overviews; pdftotext looked at {looked}, qpdf at {clean}",
        checked.len()
    );
}

/// Every alternative text is a sentence and short enough.
fn alternatives(what: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if let (true, Some(text)) = (key.ends_with("alt"), value.as_str()) {
                    assert!(text.chars().count() <= LONGEST_ALT, "{what} {key}: {text}");
                    assert!(text.ends_with(['.', '…']), "{what} {key}: {text}");
                }
                alternatives(what, value);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| alternatives(what, item)),
        _ => {}
    }
}

/// Looks at the words of every page: within the margins, none on another, none of unknown letters.
fn laid_out(what: &str, path: &Path, length: &std::ops::RangeInclusive<usize>) -> bool {
    let run = Command::new("pdftotext")
        .arg("-bbox")
        .arg(path)
        .arg("-")
        .output();
    let Ok(output) = run else {
        println!("skipped: pdftotext is not installed");
        return false;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pages: Vec<&str> = text.split("<page ").skip(1).collect();
    assert!(
        length.contains(&pages.len()),
        "{what}: {} pages",
        pages.len()
    );
    const MM: f64 = 72.0 / 25.4;
    for (number, page) in pages.iter().enumerate() {
        let words: Vec<([f64; 4], &str)> = page.split("<word ").skip(1).map(box_of).collect();
        assert!(words.len() > 8, "{what} page {} is empty", number + 1);
        for ([x0, y0, x1, y1], word) in &words {
            let inside = *x0 > 14.0 * MM && *x1 < 196.0 * MM && *y0 > 5.0 * MM && *y1 < 296.0 * MM;
            assert!(inside, "{what} page {}: {word} leaves the page", number + 1);
            // Names in letters the typeface lacks are the only ones with a mark.
            let known = !word.contains('\u{25a1}') || what.contains("long-names");
            assert!(known, "{what}: {word}");
        }
        // Boxes are as high as the letters may be: their middles must not meet.
        let core = |b: &[f64; 4]| {
            let high = b[3] - b[1];
            [b[0] + 0.4, b[1] + 0.3 * high, b[2] - 0.4, b[3] - 0.3 * high]
        };
        for (i, (a, one)) in words.iter().enumerate() {
            let a = core(a);
            for (b, other) in &words[i + 1..] {
                let b = core(b);
                let meet = a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
                assert!(!meet, "{what} page {}: {one} on {other}", number + 1);
            }
        }
    }
    true
}

fn box_of(word: &str) -> ([f64; 4], &str) {
    let at = |name: &str| {
        let start = word.find(name).expect("a bound") + name.len() + 2;
        let rest = &word[start..];
        let end = rest.find('"').expect("quoted");
        rest[..end].parse::<f64>().expect("a number")
    };
    let start = word.find('>').map_or(0, |i| i + 1);
    let end = word.find("</word>").unwrap_or(word.len());
    (["xMin", "yMin", "xMax", "yMax"].map(at), &word[start..end])
}

fn sound(what: &str, path: &Path) -> bool {
    let Ok(output) = Command::new("qpdf").arg("--check").arg(path).output() else {
        println!("skipped: qpdf is not installed");
        return false;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{what}: {said}");
    true
}

#[test]
fn the_same_park_gives_the_same_bytes_whatever_was_rendered_before() {
    let park = Park::of(24);
    let first = rendered(&park.pages(Language::Nl, Audience::Association, None));
    rendered(&Park::of(9).pages(Language::De, Audience::Public, None));
    assert!(first == rendered(&park.pages(Language::Nl, Audience::Association, None)));
}

#[test]
fn the_public_pages_name_nobody_and_colour_no_roof() {
    for park in [Park::of(24), Park::of(300), Park::of(40).in_two_parks()] {
        for language in LANGUAGES {
            for scope in park.scopes() {
                let pages = park.pages(language, Audience::Public, scope);
                let map = pages.map.as_ref().expect("a map");
                assert!(map.classes.is_empty() && map.hatched.is_empty());
                assert!(map.unshared.is_empty() && map.others.is_empty() && map.panels.is_empty());
                assert!(pages.thermal.is_none() && pages.pictures.is_empty());
                assert!(pages.list.is_empty() && pages.invited.is_empty());
                assert!(pages.kinds.is_empty());
                let pdf = rendered(&pages);
                let said = thermaudit::attach::leak::pdf_text(&pdf).expect("readable");
                for (i, company) in park.companies.iter().enumerate() {
                    assert!(!said.contains(&company.name), "{}", company.name);
                    assert!(
                        !said.contains(&company.company_id),
                        "{}",
                        company.company_id
                    );
                    assert!(!said.contains(&parks::oidn(i)), "{i}");
                }
            }
        }
    }
}

/// Numbers of a column of a table by its key.
fn column(table: &overview::Table, key: usize, value: usize) -> Vec<(String, Option<f64>)> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(v, _) => v.to_string(),
        Cell::Empty => String::new(),
    };
    let number = |cell: &Cell| match cell {
        Cell::Number(v, _) => Some(*v),
        _ => None,
    };
    let rows = table.rows.iter();
    rows.map(|r| (text(&r[key]), number(&r[value]))).collect()
}

#[test]
fn printed_counts_are_those_of_the_public_workbook() {
    for park in [Park::of(24), Park::of(300), Park::of(40).in_two_parks()] {
        for scope in park.scopes() {
            let tables = park.public_tables(Language::Nl, scope);
            let table = |name: &str| tables.iter().find(|t| t.name == name).expect("a table");
            let public = park.pages(Language::Nl, Audience::Public, scope);
            let internal = park.pages(Language::Nl, Audience::Association, scope);
            let shown = |n: Option<f64>| n.map(|n| n.to_string());
            for (row, (_, n)) in public
                .classes
                .rows
                .iter()
                .zip(column(table("classes"), 0, 2))
            {
                let printed = (!row.withheld).then(|| row.count.clone());
                assert_eq!(printed, shown(n));
            }
            for (row, (_, n)) in internal
                .classes
                .rows
                .iter()
                .zip(column(table("classes"), 0, 2))
            {
                assert_eq!(row.all, shown(n).unwrap_or("–".to_owned()));
            }
            let reasons = column(table("reasons"), 0, 2);
            for pages in [&public, &internal] {
                assert_eq!(pages.reasons.len(), reasons.len());
                for row in &pages.reasons {
                    let told = reasons.iter().find(|r| r.0 == row.code).expect("a row");
                    assert_eq!(Some(row.count.clone()), shown(told.1));
                }
            }
            for (kind, n) in column(table("points"), 0, 1) {
                let label = match kind.as_str() {
                    "edge" => "Dakrand en dakopstand",
                    "insulation" => "Dakisolatie, nazicht",
                    _ => continue,
                };
                let row = public.groups.iter().find(|g| g.label == label);
                assert_eq!(row.map(|r| r.count.clone()), shown(n), "{kind}");
            }
        }
    }
}

#[test]
fn what_the_association_reads_are_sums_of_what_it_sees() {
    let park = Park::of(60);
    let pages = park.pages(Language::En, Audience::Association, None);
    // By hand: companies that share at least the class, one roof each.
    for class in 1..=6 {
        let open = (0..60).filter(|i| park.shares_class(*i) && park.class(*i) == Some(class));
        let row = &pages.classes.rows[usize::from(class) - 1];
        assert_eq!(row.count, open.count().to_string());
    }
    let taking_part = (0..60).filter(|i| park.takes_part(*i)).count();
    assert_eq!(pages.big[0][0], taking_part.to_string());
    assert_eq!(pages.list.len(), taking_part);
    let shown = pages.list.iter().filter(|r| r.shared).count();
    let open = (0..60).filter(|i| park.takes_part(*i) && park.shares_class(*i));
    assert_eq!(shown, open.count());
    let map = pages.map.expect("a map");
    let coloured = (0..60).filter(|i| park.shares_class(*i) && park.class(*i).is_some());
    assert_eq!(map.classes.len(), coloured.count());
}

#[test]
fn what_changed_is_told_of_roofs_that_are_seen_and_were_theirs_before() {
    let park = Park::of(60);
    let former = park.former.clone().expect("a comparison");
    let pages = park.pages(Language::En, Audience::Association, None);
    let block = pages.former.expect("a block");
    // By hand: companies that take part, share the class and held the roof in both flights.
    let held = |i: usize| former.held.contains_key(&format!("QX{i:03}"));
    let both = |i: usize| former.roofs.get(&parks::oidn(i)).filter(|_| held(i));
    let mut matrix = vec![vec![0_usize; 7]; 7];
    let place = |class: Option<u8>| class.map_or(6, |c| usize::from(c) - 1);
    let shown = |i: &usize| park.takes_part(*i) && park.shares_class(*i);
    for i in (0..60).filter(shown) {
        if let Some(was) = both(i) {
            matrix[place(was.class)][place(park.class(i))] += 1;
        }
    }
    assert!(matrix.iter().flatten().sum::<usize>() > 10);
    for (row, printed) in matrix.iter().zip(&block.matrix) {
        let cells = row.iter().map(|n| match n {
            0 => String::new(),
            n => n.to_string(),
        });
        assert_eq!(cells.collect::<Vec<_>>(), printed[1..]);
    }
    let full = |i: &usize| shown(i) && park.companies[*i].sharing == Sharing::Full;
    let improved = (0..60).filter(full).filter_map(both);
    let improved = improved.filter(|was| was.verdict == "improved").count();
    assert_eq!(block.verdicts[0].value, improved.to_string());
    assert_eq!(block.buildings[0].value, former.built.len().to_string());
    assert_eq!(block.buildings[1].value, "3");
    // Each park reads of its own.
    let parks = Park::of(40).in_two_parks();
    let gone = |scope| {
        let pages = parks.pages(Language::En, Audience::Public, scope);
        pages.former.expect("a block").buildings[1].value.clone()
    };
    assert_eq!([None, Some(0), Some(1)].map(gone), ["3", "2", "1"]);

    // Everyone reads counts of five companies at least, and no matrix.
    let mut told = 0;
    for n in [24, 60, 300] {
        let pages = Park::of(n).pages(Language::En, Audience::Public, None);
        let block = pages.former.expect("a block");
        assert!(block.matrix.is_empty());
        for pair in &block.verdicts {
            assert!(
                pair.value.parse::<usize>().expect("a count") >= 5,
                "{pair:?}"
            );
            told += 1;
        }
    }
    assert!(told > 0);
}

#[test]
fn captures_that_are_not_used_are_told_by_reason() {
    let pages = Park::of(9).pages(Language::Fr, Audience::Public, None);
    let note = pages.quality_note;
    for part in [
        "29 trop obliques",
        "1 sans position",
        "2 endommagées",
        "1 incomplète",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
}
