//! Finished pages as a foreign program reads them: where every word stands, and what should not be.

#![allow(
    dead_code,
    clippy::print_stdout,
    reason = "shared; a skipped check says so"
)]

use std::path::Path;
use std::process::Command;
use thermaudit::survey::Language;

pub(crate) const LANGUAGES: [Language; 4] =
    [Language::Nl, Language::Fr, Language::En, Language::De];

const MM: f64 = 72.0 / 25.4;

/// A word and its box in millimetres from the top left of its page.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) page: usize,
    pub(crate) text: String,
    pub(crate) x: [f64; 2],
    pub(crate) y: [f64; 2],
}

/// All words of a file; `None`, said aloud, where the program is not installed.
pub(crate) fn words(pdf: &Path) -> Option<Vec<Word>> {
    let output = Command::new("pdftotext")
        .arg("-bbox")
        .arg(pdf)
        .arg("-")
        .output();
    let Ok(output) = output else {
        println!("skipped: pdftotext is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut page = 0;
    let mut found = Vec::new();
    for line in text.lines() {
        page += usize::from(line.contains("<page "));
        let number = |name: &str| -> Option<f64> {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split('"').next()?.parse::<f64>().ok()? / MM)
        };
        let Some((_, rest)) = line
            .split_once("<word ")
            .and_then(|(_, w)| w.split_once('>'))
        else {
            continue;
        };
        let shown = rest.trim_end_matches("</word>");
        let shown = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"]
            .iter()
            .zip(["&", "<", ">", "\"", "'"])
            .fold(shown.to_owned(), |t, (from, to)| t.replace(from, to));
        let place = || {
            Some((
                [number("xMin")?, number("xMax")?],
                [number("yMin")?, number("yMax")?],
            ))
        };
        let (x, y) = place().expect("a box");
        found.push(Word {
            page,
            text: shown,
            x,
            y,
        });
    }
    Some(found)
}

/// How many pages.
pub(crate) fn pages(words: &[Word]) -> usize {
    words.iter().map(|w| w.page).max().unwrap_or(0)
}

/// The words as running text, one blank between.
pub(crate) fn running(words: &[Word]) -> String {
    let all: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    all.join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What no page may show: words beyond the margins or on each other, letters without a shape, places
/// for values that were not filled. `strange`: the company's own name has letters without a shape.
pub(crate) fn flaws(words: &[Word], strange: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |w: &Word, what: &str| {
        found.push(format!(
            "page {}, {:.0} {:.0} mm: {:?} {what}",
            w.page, w.x[0], w.y[0], w.text
        ));
    };
    for w in words {
        // Side margins 15 mm; head from 5 mm on, foot to 294 mm.
        if w.x[0] < 14.4 || w.x[1] > 195.6 || w.y[0] < 4.0 || w.y[1] > 295.0 {
            say(w, "leaves the page");
        }
        if (w.text.contains('\u{25a1}') && !strange) || w.text.contains('\u{fffd}') {
            say(w, "has a letter without a shape");
        }
        if w.text.contains(['{', '}']) && !strange {
            say(w, "is a place for a value");
        }
    }
    // A box reaches from ascender to descender: the middle of it is ink.
    let core = |w: &Word| {
        let quarter = (w.y[1] - w.y[0]) / 4.0;
        [w.y[0] + quarter, w.y[1] - quarter]
    };
    for (i, a) in words.iter().enumerate() {
        for b in words.get(i + 1..).unwrap_or_default() {
            if b.page != a.page {
                break;
            }
            let across = a.x[1].min(b.x[1]) - a.x[0].max(b.x[0]);
            let (p, q) = (core(a), core(b));
            let down = p[1].min(q[1]) - p[0].max(q[0]);
            if across > 0.25 && down > 0.15 {
                say(a, &format!("lies on {:?}", b.text));
            }
        }
    }
    found
}

/// Sentences of other languages that a text shows: those of their catalogues that this language's
/// does not have.
pub(crate) fn foreign(text: &str, language: Language) -> Vec<String> {
    let flat = |t: &str| {
        let plain = t.replace(['*', '_', '\u{200b}'], "").replace('\u{a0}', " ");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let shown = flat(text);
    let own: Vec<String> = phrases(language).iter().map(|p| flat(p)).collect();
    let others = LANGUAGES.into_iter().filter(|l| *l != language);
    let mut found = Vec::new();
    for phrase in others.flat_map(phrases) {
        // Between the places for values.
        for piece in phrase.split(['{', '}']) {
            let piece = flat(piece);
            // Two words may stand in what the auditor wrote, in another language than the sheet.
            let long = piece.chars().filter(|c| c.is_alphabetic()).count() >= 12;
            if long
                && piece.matches(' ').count() >= 2
                && shown.contains(&piece)
                && !own.iter().any(|o| o.contains(&piece))
            {
                found.push(piece);
            }
        }
    }
    found
}

fn phrases(language: Language) -> Vec<String> {
    thermaudit::report::phrases(language)
}

/// What outside programs say against a file: damaged, not tagged, fonts that are not embedded.
pub(crate) fn complaints(pdf: &Path, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run =
        |program: &str, arguments: &[&str], judge: &dyn Fn(bool, &str) -> Option<String>| {
            match Command::new(program).args(arguments).arg(pdf).output() {
                Ok(output) => {
                    let text = String::from_utf8_lossy(&output.stdout).into_owned();
                    found.extend(judge(output.status.success(), &text));
                }
                Err(_) => println!("skipped: {program} is not installed"),
            }
        };
    run("qpdf", &["--check"], &|good, text| {
        (!good).then(|| text.to_owned())
    });
    run("pdfinfo", &[], &|_, text| {
        let tagged = text.contains("Tagged:          yes");
        (!tagged).then(|| format!("is not tagged: {text}"))
    });
    run("pdffonts", &[], &|_, text| {
        let fonts: Vec<&str> = text.lines().skip(2).collect();
        // Columns emb, sub, uni.
        let good = !fonts.is_empty()
            && fonts
                .iter()
                .all(|f| f.contains("yes yes yes") && f.contains("Inter"));
        (!good).then(|| text.to_owned())
    });
    let bytes = std::fs::read(pdf).expect("readable");
    let raw = String::from_utf8_lossy(&bytes);
    if !raw.contains(&format!("/Lang({language}")) && !raw.contains(&format!("/Lang ({language}")) {
        found.push(format!("does not say that it is in {language}"));
    }
    for mark in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ] {
        if !raw.contains(mark) {
            found.push(format!("lacks {mark}"));
        }
    }
    found
}
