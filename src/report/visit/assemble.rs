//! The sheet as a whole: cover, summary, findings, closing part.

use super::card::Texts;
use super::electrical;
use super::input::{FindingInput, LimitOrigin, Since, VisitInput};
use super::number::numbers;
use super::pictures::{Draw, resolution};
use super::sheet::{Band, GateRow, Pill, Signature, SummaryRow, VisitSheet};
use super::words::{self, VisitWords};
use crate::report::format::{Format, fill, printed};
use crate::report::words::Words;
use crate::report::{Footer, Pair, brand, identity};
use crate::score::handheld::Severity;
use crate::score::handheld::gate::{Gate, Met};
use crate::survey::{FindingKind, Standing};
use std::collections::BTreeMap;

/// Largest picture of a finding among others, mm.
const PICTURE: (f64, f64) = (70.0, 52.5);
/// Of an electrical finding, mm: two of them and a scale fill the width.
const LARGE_PICTURE: (f64, f64) = (80.0, 60.0);
/// Cameras the cover has room for.
const COVER_CAMERAS: usize = 2;
/// Words of an observation in the summary.
const SUMMARY_WORDS: usize = 12;

/// Lays out a visit's sheet.
pub fn sheet(input: &VisitInput) -> VisitSheet {
    let own = words::of(input.language);
    let common = crate::report::words::of(input.language);
    let f = Format::new(common);
    let t = Texts {
        input,
        words: own,
        f: &f,
    };
    let mut draw = Draw {
        input,
        words: own,
        f: &f,
        room: PICTURE,
        dpi: resolution(input.findings.len()),
        pictures: Vec::new(),
    };
    let numbers = numbers(&input.findings);
    let all: Vec<(&str, &FindingInput)> = numbers
        .iter()
        .map(String::as_str)
        .zip(&input.findings)
        .collect();
    let (electric, others): (Vec<_>, Vec<_>) = all
        .iter()
        .copied()
        .partition(|(_, f)| f.kind == FindingKind::Electrical);
    let cards = others
        .iter()
        .map(|(n, f)| t.card(n, f, &mut draw))
        .collect();
    draw.room = LARGE_PICTURE;
    let electrical = electrical::part(&t, &electric, &mut draw);
    let (header, logos) = identity::header_of(&input.settings, common);
    let date = input
        .visit
        .date
        .unwrap_or(jiff::civil::Date::constant(1970, 1, 1));
    VisitSheet {
        language: common.code,
        region: common.region,
        title: format!(
            "{} – {} – {}",
            campaign(input),
            printed(&input.company.name),
            common.code
        ),
        subject: own.subject.to_owned(),
        date: [date.year().into(), date.month().into(), date.day().into()],
        ident: format!(
            "{} {} {} {}",
            input.settings.code, input.company.company_id, input.visit.id, common.code
        ),
        accent: brand::accent(&input.settings.brand.colour),
        header,
        footer: footer(&t, common),
        labels: own.labels,
        company: printed(&input.company.name),
        head: head(&t),
        notices: notices(&t),
        preliminary: match input.release.releases() {
            true => String::new(),
            false => own.not_interpreted.to_owned(),
        },
        cover: cover(&t),
        conditions: conditions(&t),
        gates: gates(&t),
        examined: zones(&input.visit.examined, own),
        not_examined: zones(&input.visit.not_examined, own),
        band: band(&t, &others, "4"),
        summary: summary(&t, &all),
        no_findings: match input.findings.is_empty() {
            true => own.no_findings.to_owned(),
            false => String::new(),
        },
        cards,
        electrical,
        not_seen_again: input
            .not_seen_again
            .iter()
            .map(|p| {
                let what = [&p.component, &p.location]
                    .map(|x| printed(x))
                    .into_iter()
                    .filter(|x| !x.is_empty())
                    .collect::<Vec<_>>();
                t.f.titled(&what.join(", "), &t.past(p))
            })
            .collect(),
        hotspots: input
            .hotspots
            .iter()
            .map(|h| {
                let template = match h.found {
                    true => own.hotspot_found,
                    false => own.hotspot_gone,
                };
                let id = printed(&h.hotspot_id);
                fill(template, &[("id", &id), ("n", &h.number)])
            })
            .collect(),
        left_out: input.left_out.iter().map(|l| printed(l)).collect(),
        classes: classes(&t),
        method: method(&t),
        release: signature(&t),
        roof_pages: input.roof_flight.map_or(String::new(), |d| {
            fill(own.roof_pages, &[("date", &f.date(d))])
        }),
        pictures: draw.pictures,
        logos,
    }
}

fn campaign(input: &VisitInput) -> &str {
    match input.settings.campaign.as_str() {
        "" => &input.settings.project,
        campaign => campaign,
    }
}

/// Zones as one line; words where there are none.
pub(super) fn zones(zones: &[String], words: &VisitWords) -> String {
    match zones {
        [] => words.none_given.to_owned(),
        zones => zones
            .iter()
            .map(|z| printed(z))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// Extent of the investigation.
fn extent<'w>(t: &Texts<'w>) -> &'w str {
    match t.input.visit.full {
        true => t.words.full,
        false => t.words.simplified,
    }
}

fn footer(t: &Texts<'_>, common: &Words) -> Footer {
    let base = identity::footer_of(&t.input.settings, &t.input.company, common);
    let standard = printed(&t.input.visit.standard);
    let line = fill(
        t.words.footer,
        &[("extent", extent(t)), ("standard", &standard)],
    );
    // The extent begins the sentence in some languages.
    let line = crate::report::format::upper_first(&line);
    Footer {
        sources: format!("{line} {}", base.sources),
        ..base
    }
}

/// Five facts in the head of the pages of findings.
fn head(t: &Texts<'_>) -> Vec<Pair> {
    let v = &t.input.visit;
    let c = &v.conditions;
    let mut pairs = Vec::new();
    if let Some(date) = v.date {
        pairs.push(Pair::new(t.words.visit, t.f.short_date(date)));
    }
    let mut value = |label: &str, value: Option<f64>, unit: &str| {
        if let Some(v) = value {
            pairs.push(Pair::new(label, t.f.with_unit(v, 1, unit)));
        }
    };
    value(t.words.indoor, c.indoor_c, "°C");
    value(t.words.outdoor, c.outdoor_c, "°C");
    value(t.words.wind, c.wind_m_s, "m/s");
    if !t.input.release.name.is_empty() {
        let name = printed(&t.input.release.name);
        pairs.push(Pair::new(t.words.thermographer, name));
    }
    pairs
}

/// What must be read before anything else.
fn notices(t: &Texts<'_>) -> Vec<String> {
    let release = &t.input.release;
    let mut notices = Vec::new();
    if !release.releases() {
        notices.push(t.words.unreleased.to_owned());
    }
    if release.standing() == Standing::RecordsOnly {
        let name = printed(&release.name);
        notices.push(fill(t.words.unreleased_level, &[("name", &name)]));
    }
    if let (Some(day), Some(last)) = (t.input.visit.date, release.expires)
        && release.expired_on(day)
    {
        let date = t.f.date(last);
        notices.push(fill(t.words.expired, &[("date", &date)]));
    }
    notices
}

/// Name, certificate and its end.
fn person(t: &Texts<'_>) -> String {
    let r = &t.input.release;
    if r.name.is_empty() {
        return t.words.nobody.to_owned();
    }
    let mut parts = vec![printed(&r.name)];
    if !r.function.is_empty() {
        parts.push(printed(&r.function));
    }
    if !r.scheme.is_empty() || !r.level.is_empty() {
        let values = [
            ("scheme", printed(&r.scheme)),
            ("level", printed(&r.level)),
            ("number", printed(&r.number)),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        parts.push(fill(t.words.certificate, &values));
    }
    if !r.sector.is_empty() {
        parts.push(printed(&r.sector));
    }
    if let Some(date) = r.expires {
        let date = t.f.short_date(date);
        parts.push(fill(t.words.valid_until, &[("date", &date)]));
    }
    parts.join(", ")
}

fn cover(t: &Texts<'_>) -> Vec<Pair> {
    let v = &t.input.visit;
    let w = t.words;
    let or_nobody = |text: &str| match text.is_empty() {
        true => w.nobody.to_owned(),
        false => printed(text),
    };
    let mut when = v.date.map_or_else(|| w.nobody.to_owned(), |d| t.f.date(d));
    if !v.start.is_empty() {
        when = format!("{when}, {}", printed(&v.start));
        if !v.end.is_empty() {
            when = format!("{when}–{}", printed(&v.end));
        }
    }
    let mut pairs = vec![
        Pair::new(w.client, or_nobody(&v.client)),
        Pair::new(w.address, or_nobody(&t.input.company.address)),
        Pair::new(w.when, when),
        Pair::new(w.present, or_nobody(&v.present)),
        Pair::new(w.thermographer, person(t)),
        Pair::new(
            w.standard,
            format!("{}, {}", printed(&v.standard), extent(t)),
        ),
    ];
    if !v.purpose.is_empty() {
        pairs.push(Pair::new(w.purpose, printed(&v.purpose)));
    }
    if v.cameras.len() > COVER_CAMERAS {
        let mut names: Vec<String> = v.cameras.iter().map(|c| printed(&c.name)).collect();
        names.dedup();
        let names = names.join(", ");
        pairs.push(Pair::new(w.camera, fill(w.cameras, &[("names", &names)])));
    } else {
        let cameras = v.cameras.iter();
        pairs.extend(cameras.map(|c| Pair::new(w.camera, camera_text(t, c))));
    }
    pairs
}

fn camera_text(t: &Texts<'_>, c: &super::input::CameraFacts) -> String {
    let w = t.words;
    let mut parts = vec![printed(&c.name)];
    if !c.serial.is_empty() {
        parts.push(fill(w.serial, &[("n", &printed(&c.serial))]));
    }
    parts.push(format!("{}\u{a0}×\u{a0}{}", c.sensor_px.0, c.sensor_px.1));
    if !c.lens.is_empty() {
        parts.push(fill(w.lens, &[("lens", &printed(&c.lens))]));
    }
    if let Some([low, high]) = c.range_c {
        let (low, high) = (t.f.number(low, 0), t.f.with_unit(high, 0, "°C"));
        parts.push(fill(w.range, &[("low", &low), ("high", &high)]));
    }
    if let Some(k) = c.netd_k {
        parts.push(fill(w.netd, &[("k", &t.f.with_unit(1000.0 * k, 0, "mK"))]));
    }
    parts.push(match c.calibrated_on.as_str() {
        "" => w.not_calibrated.to_owned(),
        date => fill(w.calibrated, &[("date", &t.term(date))]),
    });
    parts.join(", ")
}

fn conditions(t: &Texts<'_>) -> Vec<Pair> {
    let v = &t.input.visit;
    let c = &v.conditions;
    let w = t.words;
    let value = |value: Option<f64>, decimals: usize, unit: &str| match value {
        Some(v) => t.f.with_unit(v, decimals, unit),
        None => w.not_measured.to_owned(),
    };
    let text = |text: &str| match text.is_empty() {
        true => w.nobody.to_owned(),
        false => printed(text),
    };
    vec![
        Pair::new(w.indoor, value(c.indoor_c, 1, "°C")),
        Pair::new(w.outdoor, value(c.outdoor_c, 1, "°C")),
        Pair::new(
            w.humidity,
            value(c.indoor_humidity.map(|h| 100.0 * h), 0, "%"),
        ),
        Pair::new(w.wind, value(c.wind_m_s, 1, "m/s")),
        Pair::new(w.sun, text(&v.sun_12h)),
        Pair::new(w.rain, text(&v.rain)),
        Pair::new(w.pressure, value(c.pressure_pa, 0, "Pa")),
    ]
}

/// Conditions of building thermography: of the first building finding.
fn gates(t: &Texts<'_>) -> Vec<GateRow> {
    let mut findings = t.input.findings.iter();
    let Some(first) = findings.find(|f| !f.assessment.gates.is_empty()) else {
        return Vec::new();
    };
    first
        .assessment
        .gates
        .iter()
        .map(|(gate, met, value)| {
            let (i, unit, decimals) = match gate {
                Gate::Difference => (0, "K", 1),
                Gate::Difference24h => (1, "K", 1),
                Gate::Wind => (2, "m/s", 1),
                Gate::Dry => (3, "mm", 1),
                Gate::NoSun => (4, "", 0),
                Gate::Pressure => (5, "Pa", 0),
            };
            let met = match met {
                Met::Yes => 0,
                Met::No => 1,
                Met::Unknown => 2,
            };
            GateRow {
                name: t.words.gates[i].to_owned(),
                met,
                word: t.words.met[usize::from(met)].to_owned(),
                value: value.map_or(String::new(), |v| t.f.with_unit(v, decimals, unit)),
            }
        })
        .collect()
}

/// A red band where something must be dealt with at once.
pub(super) fn band(t: &Texts<'_>, findings: &[(&str, &FindingInput)], sign: &str) -> Option<Band> {
    let urgent: Vec<&(&str, &FindingInput)> = findings
        .iter()
        .filter(|(_, f)| f.assessment.urgency == Some(4) && f.since != Since::Solved)
        .collect();
    if urgent.is_empty() {
        return None;
    }
    let n = t.f.number(urgent.len() as f64, 0);
    let title = match urgent.len() {
        1 => t.words.band_one.to_owned(),
        _ => fill(t.words.band_many, &[("n", &n)]),
    };
    let named: Vec<String> = urgent
        .iter()
        .take(3)
        .map(|(n, f)| format!("{n} {}", t.title(f)))
        .collect();
    let more = if urgent.len() > 3 { "; …" } else { "" };
    let mut counts: BTreeMap<(std::cmp::Reverse<u8>, String), usize> = BTreeMap::new();
    let mut not_rated = 0;
    for (_, f) in findings {
        match (f.assessment.severity, f.assessment.not_rated) {
            (Some(severity), _) => {
                let level = f.assessment.urgency.unwrap_or(0);
                let key = (std::cmp::Reverse(level), t.severity(severity));
                *counts.entry(key).or_default() += 1;
            }
            (None, Some(_)) => not_rated += 1,
            (None, None) => {}
        }
    }
    let mut lines: Vec<String> = vec![
        counts
            .into_iter()
            .map(|((_, what), n)| {
                let n = t.f.number(n as f64, 0);
                fill(t.words.counts, &[("n", &n), ("what", &what)])
            })
            .collect::<Vec<_>>()
            .join("   "),
    ];
    if not_rated > 0 {
        let n = t.f.number(f64::from(not_rated), 0);
        lines.push(fill(t.words.not_ratable_count, &[("n", &n)]));
    }
    Some(Band {
        sign: sign.to_owned(),
        title,
        text: format!("{}{more}.", named.join("; ")),
        counts: lines,
    })
}

/// All findings, the most urgent first.
fn summary(t: &Texts<'_>, all: &[(&str, &FindingInput)]) -> Vec<SummaryRow> {
    let mut rows: Vec<&(&str, &FindingInput)> = all.iter().collect();
    rows.sort_by_key(|(_, f)| {
        (
            f.since == Since::Solved,
            std::cmp::Reverse(f.assessment.urgency),
        )
    });
    rows.into_iter()
        .map(|(number, f)| SummaryRow {
            number: (*number).to_owned(),
            place: t.place(f),
            component: t.title(f),
            observation: first_words(&printed(&f.finding.observation)),
            delta: t.delta(f),
            pill: t.pill(f),
            term: t.term(&f.finding.term),
            since: match f.since {
                Since::New => String::new(),
                since => t.since(since).to_owned(),
            },
            solved: f.since == Since::Solved,
        })
        .collect()
}

fn first_words(text: &str) -> String {
    let mut words = text.split(' ');
    let first: Vec<&str> = words.by_ref().take(SUMMARY_WORDS).collect();
    match words.next() {
        Some(_) => format!("{} …", first.join(" ").trim_end_matches([',', ';', '.'])),
        None => first.join(" "),
    }
}

/// Scales that occur, with what each step means.
fn classes(t: &Texts<'_>) -> Vec<(Pill, String)> {
    let scales = |scale: fn(&Severity) -> bool| {
        let mut all = t
            .input
            .findings
            .iter()
            .filter_map(|f| f.assessment.severity);
        all.any(|s| scale(&s))
    };
    let mut rows = Vec::new();
    if scales(|s| matches!(s, Severity::Priority(_))) {
        for p in 1..=4_u8 {
            let pill = Pill {
                level: 5 - p,
                text: format!("P{p}"),
            };
            let meaning = t.words.priority_meaning[usize::from(p) - 1];
            rows.push((pill, meaning.to_owned()));
        }
    }
    if scales(|s| matches!(s, Severity::Site(_))) {
        for s in (1..=4_u8).rev() {
            let pill = Pill {
                level: s,
                text: t.severity(Severity::Site(s)),
            };
            rows.push((pill, t.words.site_meaning[usize::from(s) - 1].to_owned()));
        }
    }
    if scales(|s| matches!(s, Severity::Pv(_))) {
        for c in (1..=3_u8).rev() {
            let severity = Severity::Pv(c);
            let pill = Pill {
                level: severity.urgency().unwrap_or(0),
                text: t.severity(severity),
            };
            rows.push((pill, t.words.pv[usize::from(c) - 1].to_owned()));
        }
    }
    let unrated =
        |f: &&FindingInput| f.assessment.severity.is_none() && f.assessment.not_rated.is_some();
    if t.input.findings.iter().any(|f| unrated(&f)) {
        let pill = Pill {
            level: 0,
            text: t.words.not_ratable_short.to_owned(),
        };
        rows.push((pill, t.words.not_ratable.to_owned()));
    }
    rows
}

fn method(t: &Texts<'_>) -> Vec<String> {
    let mut lines: Vec<String> = t.words.method.iter().map(|m| (*m).to_owned()).collect();
    let has = |kind: FindingKind| t.input.findings.iter().any(|f| f.kind == kind);
    let v = &t.input.visit;
    if has(FindingKind::Building) {
        let standard = printed(&v.standard);
        lines.push(fill(
            t.words.method_building,
            &[("standard", &standard), ("extent", extent(t))],
        ));
        let origin = match v.f_rsi_origin {
            LimitOrigin::Belgium => 0,
            LimitOrigin::Netherlands => 1,
            LimitOrigin::Setting => 2,
        };
        let limit = t.f.number(v.f_rsi_limit, 2);
        lines.push(fill(t.words.limit_origin[origin], &[("limit", &limit)]));
    }
    if has(FindingKind::Electrical) {
        let least = t.f.with_unit(100.0 * v.min_load, 0, "%");
        lines.push(fill(t.words.method_electrical, &[("least", &least)]));
        lines.push(t.words.framework.to_owned());
    }
    if v.cameras.len() > COVER_CAMERAS {
        let cameras = v.cameras.iter();
        lines.extend(cameras.map(|c| format!("{}.", camera_text(t, c))));
    }
    if !v.weather_source.is_empty() {
        let source = printed(&v.weather_source);
        lines.push(format!(
            "{}.",
            fill(t.words.weather, &[("source", &source)])
        ));
    }
    lines
}

fn signature(t: &Texts<'_>) -> Signature {
    let r = &t.input.release;
    match r.releases() {
        true => Signature {
            label: t.words.released_by.to_owned(),
            value: person(t),
            date: r.date.map_or(String::new(), |d| t.f.date(d)),
        },
        false => Signature {
            label: t.words.labels.release.to_owned(),
            value: t.words.not_interpreted.to_owned(),
            date: String::new(),
        },
    }
}
