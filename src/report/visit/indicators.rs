//! What the kinds of findings but the electrical ones come to, in lines.

use super::card::{Texts, bold, plain};
use super::input::FindingInput;
use super::sheet::FactorBar;
use crate::report::Run;
use crate::report::format::{MINUS, fill, printed};
use crate::score::handheld::Detail;
use crate::score::handheld::building::{BuildingResult, InsulationClass, SurfaceClass};
use crate::score::handheld::machine::MachineResult;
use crate::score::handheld::pipe::PipeResult;
use crate::score::handheld::pv::PvResult;
use crate::score::handheld::steam::{TrapResult, TrapState};

/// Ends of the bar of a temperature factor.
const FACTOR_ENDS: [f64; 2] = [0.4, 1.0];

/// Indicators of a finding.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) deltas: Vec<Vec<Run>>,
    pub(super) factor: Option<FactorBar>,
    pub(super) lines: Vec<String>,
}

/// The indicators of a finding that is not electrical; empty for those.
pub(super) fn of(t: &Texts<'_>, f: &FindingInput) -> Shown {
    let mut shown = Shown::default();
    let object = f.readings.first().map_or("", |r| r.label.as_str());
    match &f.assessment.detail {
        Detail::Building(b) => building(t, f, b, object, &mut shown),
        Detail::Electrical(e) => {
            if let Some(k) = e.similar_k {
                let of = printed(&e.reference);
                shown
                    .deltas
                    .push(difference(t, &printed(&e.marker), &of, k));
            }
        }
        Detail::Machine(m) => machine(t, m, object, &mut shown),
        Detail::SteamTrap(trap) => steam(t, f, trap, &mut shown),
        Detail::Pipe(p) => pipe(t, p, &mut shown),
        Detail::Pv(p) => pv(t, p, &mut shown),
        Detail::Plain => {
            if let [a, b, ..] = f.readings.as_slice() {
                let k = a.mean_c - b.mean_c;
                shown.deltas.push(difference(t, &a.label, &b.label, k));
            }
        }
    }
    let told = [object, f.finding.reference.as_str()];
    for d in &f.differences {
        // The same two are above already.
        if told.contains(&d.one.as_str()) && told.contains(&d.other.as_str()) {
            continue;
        }
        shown
            .deltas
            .push(difference(t, &d.one, &d.other, d.difference_k));
    }
    if !f.finding.operating_state.is_empty() {
        let state = printed(&f.finding.operating_state);
        shown.lines.push(fill(t.words.state, &[("state", &state)]));
    }
    shown
}

/// `Sp2 − Sp1 = 3,7 K`.
fn difference(t: &Texts<'_>, one: &str, other: &str, k: f64) -> Vec<Run> {
    vec![
        plain(format!("{} {MINUS} {} = ", printed(one), printed(other))),
        bold(t.f.with_unit(k, 1, "K")),
    ]
}

fn building(t: &Texts<'_>, f: &FindingInput, b: &BuildingResult, object: &str, shown: &mut Shown) {
    if let Some(k) = b.difference_k {
        let runs = match f.conditions.outdoors {
            true => difference(t, object, &b.reference, k),
            false => difference(t, &b.reference, object, k),
        };
        shown.deltas.push(runs);
    }
    if let Some(factor) = b.factor {
        shown.factor = Some(bar(t, factor, b));
    }
    // What a value means is said on the word of a qualified person only.
    let released = t.input.release.releases();
    if let Some(class) = b.class.filter(|_| released) {
        let i = match class {
            SurfaceClass::Fine => 0,
            SurfaceClass::Watch => 1,
            SurfaceClass::MouldRisk => 2,
            SurfaceClass::CondensationNow => 3,
        };
        shown.lines.push(sentence(t.words.surface_classes[i]));
    }
    if let (Some(dew), Some(margin), Some(air), Some(humidity)) = (
        b.dew_c,
        b.dew_margin_k,
        f.conditions.indoor_c,
        f.conditions.indoor_humidity,
    ) {
        let values = [
            ("dew", t.f.with_unit(dew, 1, "°C")),
            ("margin", t.f.with_unit(margin, 1, "K")),
            ("t", t.f.with_unit(air, 1, "°C")),
            ("rh", t.f.with_unit(100.0 * humidity, 0, "%")),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        shown.lines.push(sentence(&fill(t.words.dew, &values)));
    }
    if let (Some(mould), Some(margin)) = (b.mould_c, b.mould_margin_k) {
        let values = [
            ("t", t.f.with_unit(mould, 1, "°C")),
            ("margin", t.f.with_unit(margin, 1, "K")),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        shown.lines.push(sentence(&fill(t.words.mould, &values)));
    }
    if let (Some(q), Some(u)) = (b.flux_w_m2, b.u_w_m2k) {
        let values = [
            ("q", t.f.with_unit(q, 0, "W/m²")),
            ("u", t.f.with_unit(u, 1, "W/m²K")),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        shown.lines.push(sentence(&fill(t.words.flux, &values)));
    }
    if let (Some(share), Some(class)) = (b.anomaly_share, b.insulation) {
        let class = match class {
            InsulationClass::I => "I",
            InsulationClass::II => "II",
            InsulationClass::III => "III",
        };
        let percent = t.f.with_unit(100.0 * share, 1, "%");
        let mut text = fill(t.words.insulation, &[("share", &percent), ("class", class)]);
        if let Some(m2) = b.anomaly_m2 {
            let m2 = fill(t.words.area, &[("m2", &t.f.number(m2, 1))]);
            text = format!("{text}, {m2}");
        }
        shown.lines.push(sentence(&text));
    }
    if let Some(leak) = b.leak.as_ref().filter(|_| released) {
        let template = match leak.leak {
            true => t.words.leak_yes,
            false => t.words.leak_no,
        };
        let values = [
            ("change", t.f.with_unit(leak.change_k.abs(), 1, "K")),
            ("share", t.f.with_unit(100.0 * leak.share.abs(), 0, "%")),
        ];
        let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
        shown.lines.push(sentence(&fill(template, &values)));
    }
}

fn bar(t: &Texts<'_>, factor: f64, b: &BuildingResult) -> FactorBar {
    let [low, high] = FACTOR_ENDS;
    let share = |v: f64| ((v - low) / (high - low)).clamp(0.0, 1.0);
    let limit = t.f.number(b.limit, 2);
    FactorBar {
        text: vec![
            plain(format!("{} = ", t.words.labels.factor)),
            bold(t.f.number(factor, 2)),
            plain(format!(" ({})", fill(t.words.limit, &[("limit", &limit)]))),
        ],
        at: share(factor),
        limit_at: share(b.limit),
        ends: [t.f.number(low, 1), limit, t.f.number(high, 1)],
    }
}

fn machine(t: &Texts<'_>, m: &MachineResult, object: &str, shown: &mut Shown) {
    if let Some(k) = m.similar_k {
        shown.deltas.push(difference(t, object, &m.reference, k));
    }
    if m.act {
        shown.lines.push(t.words.act.to_owned());
    }
}

fn steam(t: &Texts<'_>, f: &FindingInput, trap: &TrapResult, shown: &mut Shown) {
    if let (Some(saturation), Some(p)) = (trap.saturation_c, f.finding.steam_pressure_bar) {
        let (p, c) = (t.f.number(p, 1), t.f.with_unit(saturation, 0, "°C"));
        let text = fill(t.words.saturation, &[("p", &p), ("t", &c)]);
        shown.lines.push(sentence(&text));
    }
    if t.input.release.releases() && f.assessment.not_rated.is_none() {
        let i = match trap.state {
            TrapState::Working => 0,
            TrapState::BlowingThrough => 1,
            TrapState::BlockedOrOff => 2,
            TrapState::Unclear => 3,
        };
        shown.lines.push(sentence(t.words.trap_states[i]));
        shown.lines.push(t.words.ultrasound.to_owned());
    }
}

fn pipe(t: &Texts<'_>, p: &PipeResult, shown: &mut Shown) {
    let (Some(k), Some(q), Some(u)) = (p.over_air_k, p.flux_w_m2, p.flux_u_w_m2) else {
        return;
    };
    let values = [
        ("k", t.f.with_unit(k, 1, "K")),
        ("q", t.f.number(q, 0)),
        ("u", t.f.with_unit(u, 0, "W/m²")),
    ];
    let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
    let mut text = fill(t.words.pipe, &values);
    if let (Some(m2), Some(w)) = (p.area_m2, p.heat_w) {
        let (m2, w) = (t.f.number(m2, 1), t.f.with_unit(w, 0, "W"));
        text = format!(
            "{text}; {}",
            fill(t.words.pipe_heat, &[("m2", &m2), ("w", &w)])
        );
    }
    shown.lines.push(sentence(&text));
}

fn pv(t: &Texts<'_>, p: &PvResult, shown: &mut Shown) {
    let (Some(k), Some(k1000), Some(g)) = (p.difference_k, p.at_full_sun_k, p.irradiance_w_m2)
    else {
        return;
    };
    let values = [
        ("k", t.f.with_unit(k, 1, "K")),
        ("what", printed(&p.reference)),
        ("k1000", t.f.with_unit(k1000, 1, "K")),
        ("g", t.f.with_unit(g, 0, "W/m²")),
    ];
    let values = values.each_ref().map(|(k, v)| (*k, v.as_str()));
    shown.lines.push(sentence(&fill(t.words.pv_line, &values)));
}

/// With a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let mut text = crate::report::format::upper_first(text);
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
