//! The overview of what changed between two flights (report-content.md §3.5), for whoever processes
//! them: classes before and after, verdicts, hotspots, buildings, companies, both nights, the trend.
//!
//! In: [`ChangeInput`], counts and figures. Out: [`ChangePages`], everything printed in the
//! project's language. Counts and classes only: no value of a building is an input.

mod words;

use jiff::civil::DateTime;
use serde::Serialize;

use super::brand::{Brand, Files, Marks};
use super::format::{Format, NBSP, fill};
use super::sheet::{Pair, Run};
use super::words::{self as catalogue, runs};
use crate::survey::Language;
pub(in crate::report) use words::say;

/// Share of roofs that changed from which the line through the unchanged ones breaks down: that of
/// Theil and Sen, 1 − 1/√2.
pub const BREAKDOWN: f64 = 0.29;

/// Companies named in a row before the rest is counted.
const NAMED: usize = 12;

/// A flight's night.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Night {
    /// Flight id.
    pub id: String,
    /// Local start; `None` where nobody knows.
    pub start: Option<DateTime>,
    /// Quality as scored, `A` to `C`; empty where rejected or unknown.
    pub quality: String,
    /// Air, °C.
    pub air_c: Option<f64>,
    /// Relative humidity, %.
    pub humidity_pct: Option<f64>,
    /// Wind, m/s.
    pub wind_m_s: Option<f64>,
    /// Cloud cover, okta.
    pub cloud_okta: Option<f64>,
    /// Sky, °C.
    pub sky_c: Option<f64>,
    /// Rain of 24 hours, mm.
    pub rain_24h_mm: Option<f64>,
    /// Hours after sunset.
    pub since_sunset_h: Option<f64>,
}

/// U of all buildings through three and more flights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrendInput {
    /// Flight id and year with its fraction.
    pub flights: Vec<(String, f64)>,
    /// 10th percentile, median, 90th percentile of the normalised U of each flight.
    pub spread: Vec<Option<[f64; 3]>>,
    /// Buildings with a value in every flight: the spread is theirs.
    pub buildings: usize,
    /// Buildings that fall, rise, and of which neither is proven.
    pub counts: [usize; 3],
    /// Median slope and its 95 % half-width, W/m²K a year.
    pub slope: Option<[f64; 2]>,
}

/// What the overview is made from.
#[derive(Clone, Debug)]
pub struct ChangeInput {
    /// Logos and colour.
    pub brand: Brand,
    /// Name of the project.
    pub project: String,
    /// Campaign.
    pub campaign: String,
    /// Language.
    pub language: Language,
    /// Earlier and later flight.
    pub nights: [Night; 2],
    /// Buildings improved, worse, without proven change, not comparable.
    pub verdicts: [usize; 4],
    /// Median of the smallest provable change of U, W/m²K.
    pub provable: Option<f64>,
    /// Buildings by class before (rows) and after, 1 to 6 and none.
    pub matrix: [[u32; 7]; 7],
    /// Hotspots new, gone, persisting, without verdict.
    pub hotspots: [usize; 4],
    /// Buildings in both flights, in the later alone, in the earlier alone, in both under another key.
    pub buildings: [usize; 4],
    /// Companies by what became of them: word of `changes.json`, keys or names.
    pub companies: Vec<(&'static str, Vec<String>)>,
    /// Trend; `None` with fewer than three flights.
    pub trend: Option<TrendInput>,
    /// Share of the compared roofs that seem to have changed.
    pub changed: Option<f64>,
    /// Whether the line through the roofs could be laid.
    pub normalised: bool,
    /// Whether it is known how the maps lie to each other.
    pub registered: bool,
    /// Program and version.
    pub program: String,
}

/// A part of the bar of verdicts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BarPart {
    /// `improved` …
    pub verdict: &'static str,
    /// Buildings.
    pub count: usize,
    /// In words.
    pub label: &'static str,
}

/// A flight on the axis of the trend; places are 0–1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrendMark {
    /// From the left.
    pub at: f64,
    /// Flight.
    pub label: String,
    /// From the bottom: 10th percentile, median, 90th percentile.
    pub spread: Option<[f64; 3]>,
    /// Median as printed.
    pub middle: String,
}

/// The block of the trend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrendBlock {
    /// Title.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Flights.
    pub marks: Vec<TrendMark>,
    /// Ticks of U: place and label.
    pub ticks: Vec<(f64, String)>,
    /// Sentences under it.
    pub notes: Vec<String>,
}

/// Everything printed.
#[derive(Clone, Debug, Serialize)]
pub struct ChangePages {
    /// Logos and colour.
    #[serde(flatten)]
    pub marks: Marks,
    /// Logo files.
    #[serde(skip)]
    pub logos: Files,
    /// Two-letter language.
    pub language: &'static str,
    /// Region.
    pub region: &'static str,
    /// PDF title.
    pub title: String,
    /// Stable identifier.
    pub ident: String,
    /// Date of the later flight: year, month, day.
    pub date: [i32; 3],
    /// Project, top left.
    pub project: String,
    /// Small head.
    pub eyebrow: &'static str,
    /// Campaign.
    pub campaign: String,
    /// Both flights.
    pub between: String,
    /// Headline.
    pub headline: Vec<Run>,
    /// Title, note, parts, alternative text and sentence of the bar of verdicts.
    pub verdicts_title: &'static str,
    /// Note beside the title.
    pub verdicts_note: String,
    /// Parts of the bar.
    pub bar: Vec<BarPart>,
    /// Alternative text of the bar.
    pub bar_alt: String,
    /// Sentence under the bar; empty where unknown.
    pub provable: String,
    /// Title of the matrix.
    pub matrix_title: &'static str,
    /// Rows of the matrix: class before, cells; a cell of nothing is empty.
    pub matrix: Vec<Vec<String>>,
    /// Heads of rows and columns.
    pub matrix_heads: [&'static str; 2],
    /// Note under the matrix.
    pub matrix_note: String,
    /// Counts of hotspots.
    pub hotspots_title: &'static str,
    /// Rows.
    pub hotspots: Vec<Pair>,
    /// Counts of buildings.
    pub buildings_title: &'static str,
    /// Rows.
    pub buildings: Vec<Pair>,
    /// Both nights.
    pub nights_title: &'static str,
    /// Label, earlier, later.
    pub nights: Vec<[String; 3]>,
    /// Companies.
    pub companies_title: &'static str,
    /// What became of them, how many, who.
    pub companies: Vec<[String; 3]>,
    /// Sentence where there is nobody.
    pub companies_none: &'static str,
    /// Trend.
    pub trend: Option<TrendBlock>,
    /// Title of the warnings.
    pub warnings_title: &'static str,
    /// Warnings.
    pub warnings: Vec<String>,
    /// Foot.
    pub confidential: &'static str,
    /// Program.
    pub program: String,
    /// Words of the page number.
    pub page: [&'static str; 2],
}

/// Lays out the overview.
pub fn change_pages(input: &ChangeInput) -> ChangePages {
    let l = input.language;
    let words = catalogue::of(l);
    let f = Format::new(words);
    let [before, after] = &input.nights;
    let (a, b) = (shown(before, &f), shown(after, &f));
    let both = [("a", a.as_str()), ("b", b.as_str())];
    let [improved, worse, none, not] = input.verdicts;
    let compared = improved + worse + none;
    let bar = [
        ("improved", improved),
        ("no-proven-change", none),
        ("worse", worse),
        ("not-comparable", not),
    ];
    let date = after.start.map_or([1970, 1, 1], |s| {
        [s.year().into(), s.month().into(), s.day().into()]
    });
    let count = |n: usize| f.number(n as f64, 0);
    let pairs = |rows: &[(&'static str, usize)]| -> Vec<Pair> {
        let rows = rows.iter();
        rows.map(|(name, n)| Pair::new(say(name, l), count(*n)))
            .collect()
    };
    let [new, gone, persisting, unknown] = input.hotspots;
    let [in_both, built, demolished, renumbered] = input.buildings;
    let (marks, logos) = input.brand.marks();
    ChangePages {
        marks,
        logos,
        language: words.code,
        region: words.region,
        title: format!("{} – {a} – {b} – {}", input.campaign, words.code),
        ident: format!(
            "{} {} {} {}",
            input.project, before.id, after.id, words.code
        ),
        date,
        project: input.project.clone(),
        eyebrow: say("eyebrow", l),
        campaign: input.campaign.clone(),
        between: fill(say("between", l), &[("a", &b), ("b", &a)]),
        headline: match compared {
            0 => runs(say("headline_none", l)),
            _ => runs(&fill(
                say("headline", l),
                &[
                    ("n", &count(improved)),
                    ("m", &count(compared)),
                    ("w", &count(worse)),
                ],
            )),
        },
        verdicts_title: say("verdicts_title", l),
        verdicts_note: fill(say("verdicts_note", l), &[("n", &count(compared + not))]),
        bar_alt: fill(
            say("bar_alt", l),
            &[
                ("a", &count(improved)),
                ("b", &count(none)),
                ("c", &count(worse)),
                ("d", &count(not)),
            ],
        ),
        bar: bar
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(verdict, count)| BarPart {
                verdict,
                count,
                label: say(verdict, l),
            })
            .collect(),
        provable: input.provable.map_or_else(String::new, |x| {
            fill(say("provable", l), &[("x", &f.number(x, 2))])
        }),
        matrix_title: say("matrix_title", l),
        matrix: matrix(&input.matrix),
        matrix_heads: [say("before", l), say("now", l)],
        matrix_note: fill(say("matrix_note", l), &both),
        hotspots_title: say("hotspots_title", l),
        hotspots: pairs(&[
            ("spots_new", new),
            ("spots_gone", gone),
            ("spots_persisting", persisting),
            ("spots_unknown", unknown),
        ]),
        buildings_title: say("buildings_title", l),
        buildings: pairs(&[
            ("in_both", in_both),
            ("built", built),
            ("demolished", demolished),
            ("renumbered", renumbered),
        ]),
        nights_title: say("nights_title", l),
        nights: nights(&input.nights, l, &f),
        companies_title: say("companies_title", l),
        companies: companies(&input.companies, l, &f),
        companies_none: say("companies_none", l),
        trend: input.trend.as_ref().map(|t| trend(t, l, &f)),
        warnings_title: say("warnings_title", l),
        warnings: warnings(input, &f),
        confidential: say("confidential", l),
        program: fill(words.processing, &[("program", &input.program)]),
        page: [say("page", l), say("of", l)],
    }
}

/// `KV-02 (14/03/2026)`.
fn shown(night: &Night, f: &Format) -> String {
    match night.start {
        Some(start) => format!("{} ({})", night.id, f.short_date(start.date())),
        None => night.id.clone(),
    }
}

/// Cells of the matrix with the class in front; nothing where there is no building.
pub(in crate::report) fn matrix(counts: &[[u32; 7]; 7]) -> Vec<Vec<String>> {
    let class = |i: usize| match i {
        6 => "–".to_owned(),
        i => (i + 1).to_string(),
    };
    let cell = |n: &u32| match n {
        0 => String::new(),
        n => n.to_string(),
    };
    let row = |(i, row): (usize, &[u32; 7])| {
        std::iter::once(class(i))
            .chain(row.iter().map(cell))
            .collect()
    };
    counts.iter().enumerate().map(row).collect()
}

fn nights(nights: &[Night; 2], l: Language, f: &Format) -> Vec<[String; 3]> {
    let row = |name: &'static str, value: &dyn Fn(&Night) -> String| {
        [
            say(name, l).to_owned(),
            value(&nights[0]),
            value(&nights[1]),
        ]
    };
    let start = |n: &Night| match n.start {
        Some(start) => format!("{}, {}", f.short_date(start.date()), f.time(start)),
        None => "–".to_owned(),
    };
    let quality = |n: &Night| match n.quality.as_str() {
        "" => "–".to_owned(),
        quality => quality.to_owned(),
    };
    vec![
        row("flight", &|n| n.id.clone()),
        row("start", &start),
        row("quality", &quality),
        row("air", &|n| f.optional(n.air_c, 1, "°C")),
        row("humidity", &|n| f.optional(n.humidity_pct, 0, "%")),
        row("wind", &|n| f.optional(n.wind_m_s, 1, "m/s")),
        row("clouds", &|n| f.optional(n.cloud_okta, 0, "/ 8")),
        row("sky", &|n| f.optional(n.sky_c, 0, "°C")),
        row("rain", &|n| f.optional(n.rain_24h_mm, 0, "mm")),
        row("sunset", &|n| f.optional(n.since_sunset_h, 1, "h")),
    ]
}

fn companies(list: &[(&'static str, Vec<String>)], l: Language, f: &Format) -> Vec<[String; 3]> {
    let told = list.iter().filter(|(_, who)| !who.is_empty());
    told.map(|(word, who)| {
        let mut names: Vec<String> = who
            .iter()
            .take(NAMED)
            .map(|name| super::format::printed(name))
            .collect();
        if who.len() > NAMED {
            let n = (who.len() - NAMED).to_string();
            names.push(fill(say("more", l), &[("n", &n)]));
        }
        [
            say(word, l).to_owned(),
            f.number(who.len() as f64, 0),
            names.join(", "),
        ]
    })
    .collect()
}

fn trend(input: &TrendInput, l: Language, f: &Format) -> TrendBlock {
    let n = f.number(input.flights.len() as f64, 0);
    let years = || input.flights.iter().map(|(_, year)| *year);
    let (first, last) = (
        years().fold(f64::INFINITY, f64::min),
        years().fold(f64::NEG_INFINITY, f64::max),
    );
    let known = || input.spread.iter().flatten();
    let most = known().map(|s| s[2]).fold(0.1, f64::max);
    // A round upper end: steps of 0.25, 0.5 or 1 W/m²K.
    let step = [0.25, 0.5, 1.0, 2.0]
        .into_iter()
        .find(|s| most / s <= 5.0)
        .unwrap_or(5.0);
    let top = (most / step).ceil() * step;
    let marks = input.flights.iter().zip(&input.spread);
    let marks = marks.map(|((id, year), spread)| TrendMark {
        at: (year - first) / (last - first).max(1e-9),
        label: id.clone(),
        spread: spread.map(|s| s.map(|u| u / top)),
        middle: spread.map_or_else(String::new, |s| f.number(s[1], 2)),
    });
    let ticks = (0..=(top / step).round() as usize).map(|i| {
        let u = i as f64 * step;
        (u / top, f.number(u, if step < 1.0 { 2 } else { 0 }))
    });
    let count = |n: usize| f.number(n as f64, 0);
    let [down, up, none] = input.counts;
    let mut notes = vec![fill(
        say("trend_note", l),
        &[
            ("n", &count(input.buildings)),
            ("known", &count(down + up + none)),
            ("down", &count(down)),
            ("up", &count(up)),
            ("none", &count(none)),
        ],
    )];
    if let Some([slope, half]) = input.slope {
        let values = [("x", f.signed(slope, 3)), ("u", f.number(half, 3))];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        notes.push(fill(say("trend_middle", l), &values));
    }
    let (low, high) = (
        known().map(|s| s[1]).fold(f64::INFINITY, f64::min),
        known().map(|s| s[1]).fold(0.0, f64::max),
    );
    let (low, high) = (f.number(low, 2), f.number(high, 2));
    TrendBlock {
        title: fill(say("trend_title", l), &[("n", &n)]),
        alt: fill(say("trend_alt", l), &[("n", &n), ("a", &low), ("b", &high)]),
        marks: marks.collect(),
        ticks: ticks.collect(),
        notes,
    }
}

fn warnings(input: &ChangeInput, f: &Format) -> Vec<String> {
    let l = input.language;
    let mut found = Vec::new();
    for night in input.nights.iter().filter(|n| n.quality.is_empty()) {
        found.push(fill(say("spoilt", l), &[("id", &night.id)]));
    }
    if let Some(share) = input.changed.filter(|s| *s >= BREAKDOWN) {
        let p = format!("{}{NBSP}%", f.number(100.0 * share, 0));
        found.push(fill(say("breakdown", l), &[("p", &p)]));
    }
    let spoilt = input.nights.iter().any(|n| n.quality.is_empty());
    if !input.normalised && !spoilt {
        found.push(say("too_few", l).to_owned());
    }
    if !input.registered {
        found.push(say("no_registration", l).to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn input(language: Language) -> ChangeInput {
        let night = |id: &str, year| Night {
            id: id.to_owned(),
            start: Some(date(year, 3, 14).at(2, 15, 0, 0)),
            quality: "A".to_owned(),
            air_c: Some(2.4),
            ..Night::default()
        };
        let mut matrix = [[0; 7]; 7];
        matrix[4][1] = 3;
        matrix[6][6] = 2;
        ChangeInput {
            brand: Brand::default(),
            project: "Kouterveld".to_owned(),
            campaign: "Winter 2026".to_owned(),
            language,
            nights: [night("KV-02", 2024), night("KV-03", 2026)],
            verdicts: [8, 6, 21, 7],
            provable: Some(0.42),
            matrix,
            hotspots: [4, 3, 30, 2],
            buildings: [42, 2, 1, 3],
            companies: vec![
                ("moved", vec!["A".to_owned(), "B".to_owned()]),
                ("came", Vec::new()),
            ],
            trend: None,
            changed: Some(0.2),
            normalised: true,
            registered: true,
            program: "thermaudit".to_owned(),
        }
    }

    #[test]
    fn the_headline_counts_what_could_be_compared() {
        let pages = change_pages(&input(Language::Nl));
        let text: String = pages.headline.iter().map(|r| r.t.as_str()).collect();
        assert_eq!(
            text,
            "8 van de 35 vergeleken gebouwen zijn verbeterd, 6 verslechterd."
        );
        assert_eq!(pages.matrix[4][2], "3");
        assert_eq!(
            (pages.matrix[6][0].as_str(), pages.matrix[6][7].as_str()),
            ("–", "2")
        );
        // Rows of nobody are not printed.
        assert_eq!(
            pages.companies,
            [["verhuisd", "2", "A, B"].map(str::to_owned)]
        );
        assert!(pages.warnings.is_empty());
    }

    #[test]
    fn from_the_breakdown_of_the_line_on_the_reader_is_warned() {
        for (language, part) in [
            (Language::Nl, "31\u{a0}%"),
            (Language::Fr, "31\u{a0}%"),
            (Language::En, "31\u{a0}%"),
            (Language::De, "31\u{a0}%"),
        ] {
            let mut input = input(language);
            input.changed = Some(0.31);
            let warnings = change_pages(&input).warnings;
            assert!(
                warnings.len() == 1 && warnings[0].starts_with(part),
                "{warnings:?}"
            );
        }
    }

    #[test]
    fn a_trend_says_how_many_roofs_go_which_way() {
        let mut input = input(Language::En);
        input.trend = Some(TrendInput {
            flights: vec![
                ("a".into(), 2024.0),
                ("b".into(), 2025.0),
                ("c".into(), 2026.0),
            ],
            spread: vec![Some([0.3, 0.8, 2.1]), None, Some([0.3, 0.7, 1.9])],
            buildings: 40,
            counts: [5, 1, 30],
            slope: Some([-0.012, 0.008]),
        });
        let trend = change_pages(&input).trend.expect("a trend");
        assert!(trend.notes[0].contains("5 fall, 1 rises, for 30 no trend"));
        assert!(trend.notes[1].contains("\u{2212}0.012 ± 0.008"));
        assert_eq!(
            (trend.marks[0].at, trend.marks[1].at, trend.marks[2].at),
            (0.0, 0.5, 1.0)
        );
        assert_eq!(trend.ticks.last().map(|t| t.0), Some(1.0));
        assert!(trend.marks[1].spread.is_none());
    }
}
