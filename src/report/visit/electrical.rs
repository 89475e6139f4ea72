//! What an electrical finding shows: phases, scales of priority, the load correction, the table.

use super::card::{Texts, bold, plain};
use super::indicators::sentence;
use super::input::FindingInput;
use super::sheet::{Card, Electrical, ElectricalRow, PhaseBar, PriorityScale};
use crate::report::format::{fill, printed};
use crate::report::{Pair, Run};
use crate::score::handheld::Detail;
use crate::score::handheld::electrical::{DESIGN_AIR_C, Decisive, ElectricalResult};
use crate::score::handheld::table::Column;
use crate::survey::Cover;

/// Widths of P4, P3, P2, P1 on a scale; steps are schematic, the marker is linear within its own.
const WIDTHS: [f64; 4] = [1.0, 1.3, 1.5, 2.6];
/// How far beyond its bound the worst step reaches, as a multiple.
const BEYOND: f64 = 3.0;

/// Differences below this one are not worth a correction, K.
const LEAST_K: f64 = 1.0;

/// What the card of an electrical finding shows beside what every card does.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) phases: Vec<PhaseBar>,
    pub(super) phases_note: String,
    pub(super) scales: Vec<PriorityScale>,
    pub(super) scales_note: String,
    pub(super) load: Vec<Run>,
    pub(super) load_note: String,
    pub(super) lines: Vec<String>,
}

/// Empty for findings of other kinds.
pub(super) fn of(t: &Texts<'_>, f: &FindingInput) -> Shown {
    let mut shown = Shown::default();
    let Detail::Electrical(e) = &f.assessment.detail else {
        return shown;
    };
    phases(t, f, e, &mut shown);
    if f.assessment.not_rated.is_none() {
        scales(t, e, &mut shown);
    }
    load(t, e, &mut shown);
    if let Some([low, high]) = e.wind_factors
        && let Some(v) = f.conditions.wind_m_s
    {
        let values = [
            ("v", t.f.with_unit(v, 1, "m/s")),
            ("low", t.f.number(low, 1)),
            ("high", t.f.number(high, 1)),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        shown
            .lines
            .push(sentence(&fill(t.words.wind_factor, &values)));
    }
    if let Some(predicted) = e.predicted_c {
        let values = [
            ("air", t.f.with_unit(DESIGN_AIR_C, 0, "°C")),
            ("t", t.f.with_unit(predicted, 0, "°C")),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        let mut text = fill(t.words.predicted, &values);
        if let Some(limit) = e.limit_c {
            let limit = t.f.with_unit(limit, 0, "°C");
            text = format!("{text} ({})", fill(t.words.permitted, &[("t", &limit)]));
        }
        shown.lines.push(sentence(&text));
    }
    let row = &f.finding.electrical;
    if !row.manufacturer.is_empty() {
        let text =
            t.f.titled(t.words.manufacturer, &printed(&row.manufacturer));
        shown.lines.push(sentence(&text));
    }
    shown
}

fn phases(t: &Texts<'_>, f: &FindingInput, e: &ElectricalResult, shown: &mut Shown) {
    let Some(air) = f.conditions.air_c else {
        return;
    };
    let most = e
        .phases
        .iter()
        .filter_map(|p| p.over_air_k)
        .fold(1.0, f64::max);
    shown.phases = e
        .phases
        .iter()
        .map(|p| {
            let over = p.over_air_k.unwrap_or(0.0);
            let text = format!(
                "{}  {}\u{a0}K",
                t.f.with_unit(p.max_c, 1, "°C"),
                t.f.signed(over, 1)
            );
            PhaseBar {
                name: printed(&p.name),
                current: p
                    .current_a
                    .map_or(String::new(), |a| t.f.with_unit(a, 0, "A")),
                share: (over / most).clamp(0.0, 1.0),
                text,
                worst: p.marker == e.marker,
                level: f.assessment.urgency.unwrap_or(0),
            }
        })
        .collect();
    if shown.phases.is_empty() {
        return;
    }
    shown.phases_note = fill(t.words.zero, &[("t", &t.f.with_unit(air, 1, "°C"))]);
    if let Some(load) = e.load {
        let load = t.f.with_unit(100.0 * load, 0, "%");
        shown.phases_note = format!(
            "{}; {} {load}",
            shown.phases_note,
            crate::report::format::lower_first(t.words.load)
        );
    }
}

fn scales(t: &Texts<'_>, e: &ElectricalResult, shown: &mut Shown) {
    let table = &t.input.visit.severity_table;
    let columns: [(&str, Option<f64>, &Column); 2] = [
        (t.words.between, e.similar_k, &table.similar),
        (t.words.over_ambient, e.ambient_k, &table.ambient),
    ];
    for (what, value, column) in columns {
        if let Some(k) = value {
            shown.scales.extend(scale(t, what, k, column));
        }
    }
    let mut notes = Vec::new();
    match (e.columns, e.decisive) {
        ([Some(a), Some(b)], Some(Decisive::Similar)) if a == b => {
            notes.push(fill(t.words.both, &[("p", &format!("P{a}"))]));
        }
        (_, Some(decisive)) => {
            let i = match decisive {
                Decisive::Similar => 0,
                Decisive::SimilarAtRated => 1,
                Decisive::Ambient => 2,
                Decisive::AmbientAtRated => 3,
                Decisive::Limit => 4,
            };
            notes.push(t.words.decided[i].to_owned());
        }
        (_, None) => notes.push(t.words.no_priority.to_owned()),
    }
    notes.push(fill(t.words.table, &[("name", &e.table)]));
    shown.scales_note = notes.join(" ");
}

/// One column as a scale with the value on it.
fn scale(t: &Texts<'_>, what: &str, k: f64, column: &Column) -> Option<PriorityScale> {
    let present: Vec<(usize, f64)> = column
        .iter()
        .enumerate()
        .filter_map(|(i, least)| Some((i, least.as_ref()?.bound_k())))
        .collect();
    let (_, worst) = present.last().copied()?;
    let whole: f64 = present.iter().map(|(i, _)| WIDTHS[*i]).sum();
    let mut steps = Vec::new();
    let mut from = 0.0;
    let mut at = 0.0;
    for (n, (i, bound)) in present.iter().enumerate() {
        let width = WIDTHS[*i] / whole;
        let next = present.get(n + 1).map_or(bound * BEYOND, |(_, next)| *next);
        let priority = 4 - i;
        steps.push((
            format!("P{priority}"),
            (5 - priority) as u8,
            from,
            from + width,
        ));
        if k >= *bound {
            let share = ((k - bound) / (next - bound)).clamp(0.0, 0.98);
            at = from + share * width;
        }
        from += width;
    }
    let bound = fill(
        t.words.bound,
        &[("p", "P1"), ("k", &t.f.with_unit(worst, 0, "K"))],
    );
    Some(PriorityScale {
        title: vec![
            plain(format!("{what}: ")),
            bold(t.f.with_unit(k, 1, "K")),
            plain(format!(", {bound}")),
        ],
        steps,
        at,
    })
}

/// The correction to full load, with its formula: of the difference between like components, else
/// of that to the air.
fn load(t: &Texts<'_>, e: &ElectricalResult, shown: &mut Shown) {
    let (Some(current), Some(rated)) = (e.current_a, e.rated_a) else {
        return;
    };
    let found = e
        .similar_k
        .zip(e.similar_at_rated_k)
        .zip(e.similar_at_rated_range_k)
        .or_else(|| {
            e.ambient_k
                .zip(e.ambient_at_rated_k)
                .zip(e.ambient_at_rated_range_k)
        });
    let Some(((k, corrected), [low, high])) = found.filter(|((k, _), _)| *k >= LEAST_K) else {
        return;
    };
    let [n, n_low, n_high] = t.input.visit.load_exponent;
    let number = |v: f64| t.f.number(v, 1);
    shown.load_note = fill(
        t.words.exponent,
        &[
            ("n", &number(n)),
            ("low", &number(n_low)),
            ("high", &number(n_high)),
        ],
    );
    let (i, r) = (t.f.number(current, 0), t.f.number(rated, 0));
    shown.load = vec![
        plain(format!("{} × ({r} / {i})", number(k))),
        Run {
            i: true,
            ..plain(number(n))
        },
        plain(" = "),
        bold(t.f.with_unit(corrected, 0, "K")),
        plain(format!(
            " ({}–{})",
            t.f.number(low, 0),
            t.f.with_unit(high, 0, "K")
        )),
    ];
}

/// Head of the electrical part: boards, voltage, covers, air, load.
pub(super) fn facts(t: &Texts<'_>, findings: &[&FindingInput]) -> Vec<Pair> {
    let distinct = |texts: Vec<String>| -> String {
        let mut seen: Vec<String> = Vec::new();
        for text in texts {
            if !text.is_empty() && !seen.contains(&text) {
                seen.push(text);
            }
        }
        seen.join(", ")
    };
    let of =
        |get: &dyn Fn(&FindingInput) -> String| distinct(findings.iter().map(|f| get(f)).collect());
    let range = |values: Vec<f64>, decimals: usize, unit: &str| {
        let low = values.iter().copied().reduce(f64::min);
        let high = values.iter().copied().reduce(f64::max);
        match low.zip(high) {
            Some((low, high)) if t.f.number(low, decimals) == t.f.number(high, decimals) => {
                t.f.with_unit(low, decimals, unit)
            }
            Some((low, high)) => format!(
                "{}–{}",
                t.f.number(low, decimals),
                t.f.with_unit(high, decimals, unit)
            ),
            None => String::new(),
        }
    };
    let results: Vec<&ElectricalResult> = findings
        .iter()
        .filter_map(|f| match &f.assessment.detail {
            Detail::Electrical(e) => Some(e),
            _ => None,
        })
        .collect();
    let volts = findings
        .iter()
        .filter_map(|f| f.finding.electrical.voltage_v)
        .collect();
    let air = findings.iter().filter_map(|f| f.conditions.air_c).collect();
    let loads: Vec<f64> = results
        .iter()
        .filter_map(|e| e.load)
        .map(|l| 100.0 * l)
        .collect();
    let load = match range(loads, 0, "%") {
        text if text.is_empty() => t.words.load_unknown.to_owned(),
        text => text,
    };
    let covers = of(&|f| match f.finding.electrical.cover {
        Some(Cover::Open) => t.words.covers[0].to_owned(),
        Some(Cover::Window) => {
            let e = f
                .parameters
                .iter()
                .find(|p| p.key == super::input::ParameterKey::WindowTransmission);
            let tau = e.map_or(String::new(), |p| {
                format!(" (τ {})", t.f.number(p.value, 2))
            });
            format!("{}{tau}", t.words.covers[1])
        }
        Some(Cover::Closed) => t.words.covers[2].to_owned(),
        None => String::new(),
    });
    let boards = of(&|f| printed(&f.finding.electrical.board));
    let not_examined = super::assemble::zones(&t.input.visit.not_examined, t.words);
    let unknown = |text: String| match text.is_empty() {
        true => t.words.nobody.to_owned(),
        false => text,
    };
    vec![
        Pair::new(t.words.installation, unknown(boards)),
        Pair::new(t.words.voltage, unknown(range(volts, 0, "V"))),
        Pair::new(t.words.cover, unknown(covers)),
        Pair::new(t.words.ambient, unknown(range(air, 1, "°C"))),
        Pair::new(t.words.load, load),
        Pair::new(t.words.not_reachable, not_examined),
    ]
}

/// A row of the table.
pub(super) fn row(t: &Texts<'_>, number: &str, f: &FindingInput) -> ElectricalRow {
    let e = match &f.assessment.detail {
        Detail::Electrical(e) => e.clone(),
        _ => ElectricalResult::default(),
    };
    let dash = || "–".to_owned();
    let at_rated = e
        .similar_at_rated_k
        .zip(e.similar_at_rated_range_k)
        .or_else(|| e.ambient_at_rated_k.zip(e.ambient_at_rated_range_k))
        .filter(|(k, _)| *k >= LEAST_K);
    let why = f
        .assessment
        .not_rated
        .filter(|_| f.assessment.severity.is_none());
    let note = why.map_or(String::new(), |_| match e.load {
        Some(load) => format!(
            "{} {}",
            crate::report::format::lower_first(t.words.load),
            t.f.with_unit(100.0 * load, 0, "%")
        ),
        None => String::new(),
    });
    ElectricalRow {
        number: number.to_owned(),
        circuit: printed(&f.finding.electrical.circuit),
        component: t.title(f),
        note,
        max: t.f.number(e.max_c, 1),
        similar: e.similar_k.map_or_else(dash, |k| t.f.number(k, 1)),
        at_rated: at_rated.map_or_else(dash, |(k, [low, high])| {
            format!(
                "{} ({}–{})",
                t.f.number(k, 0),
                t.f.number(low, 0),
                t.f.number(high, 0)
            )
        }),
        pill: t.pill(f),
        solved: f.since == super::input::Since::Solved,
    }
}

/// The electrical part of a sheet.
pub(super) fn part(
    t: &Texts<'_>,
    findings: &[(&str, &FindingInput)],
    draw: &mut super::pictures::Draw<'_>,
) -> Option<Electrical> {
    if findings.is_empty() {
        return None;
    }
    let inputs: Vec<&FindingInput> = findings.iter().map(|(_, f)| *f).collect();
    Some(Electrical {
        facts: facts(t, &inputs),
        band: super::assemble::band(t, findings, "P1"),
        rows: findings.iter().map(|(n, f)| row(t, n, f)).collect(),
        cards: findings
            .iter()
            // The board is named; two large pictures need the width.
            .map(|(n, f)| Card {
                plan: None,
                ..t.card(n, f, draw)
            })
            .collect(),
        note: t.words.footer_electrical.to_owned(),
    })
}
