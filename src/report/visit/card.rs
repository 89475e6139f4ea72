//! One finding, whatever its kind.

use jiff::civil::Date;

use super::input::{FindingInput, ParameterKey, ParameterOrigin, PastFinding, Since, VisitInput};
use super::pictures::Draw;
use super::reasons::{caution, reason};
use super::sheet::{Card, ParameterRow, Pill, ReadingRow};
use super::words::VisitWords;
use super::{electrical, indicators};
use crate::report::Run;
use crate::report::format::{Format, fill, printed, upper_first};
use crate::score::handheld::{Detail, Severity};
use crate::survey::{Certainty, FindingKind};

/// What a text is made with.
pub(super) struct Texts<'a> {
    pub(super) input: &'a VisitInput,
    pub(super) words: &'a VisitWords,
    pub(super) f: &'a Format,
}

/// A plain run.
pub(super) fn plain(text: impl Into<String>) -> Run {
    Run {
        t: text.into(),
        b: false,
        i: false,
    }
}

/// A bold run.
pub(super) fn bold(text: impl Into<String>) -> Run {
    Run {
        t: text.into(),
        b: true,
        i: false,
    }
}

impl Texts<'_> {
    /// A severity as printed.
    pub(super) fn pill(&self, f: &FindingInput) -> Pill {
        let a = &f.assessment;
        match (a.severity, a.not_rated) {
            (Some(severity), _) => Pill {
                level: a.urgency.unwrap_or(0),
                text: self.severity(severity),
            },
            (None, Some(_)) => Pill {
                level: 0,
                text: self.words.not_ratable_short.to_owned(),
            },
            (None, None) => Pill {
                level: 0,
                text: self.words.no_action.to_owned(),
            },
        }
    }

    /// A severity in words.
    pub(super) fn severity(&self, severity: Severity) -> String {
        match severity {
            Severity::Site(s) => {
                format!("{s} {}", self.words.site[usize::from(s.clamp(1, 4)) - 1])
            }
            Severity::Priority(p) => format!("P{p}"),
            Severity::Pv(c) => format!("PV {c}"),
        }
    }

    /// Place in words: building, storey, room, side.
    pub(super) fn place(&self, f: &FindingInput) -> String {
        let row = &f.finding;
        let storey = match row.storey.trim() {
            n if !n.is_empty() && n.chars().all(|c| c.is_ascii_digit() || c == '-') => {
                fill(self.words.storey, &[("n", n)])
            }
            other => printed(other),
        };
        let location = printed(&row.location);
        let said = |part: &str| location.to_lowercase().contains(&part.to_lowercase());
        // A location often names the board or the side already.
        let parts = [
            printed(&row.electrical.board),
            location.clone(),
            storey,
            printed(&row.orientation),
        ];
        let seen: Vec<String> = parts
            .into_iter()
            .filter(|part| !part.is_empty() && (*part == location || !said(part)))
            .collect();
        let mut text = seen.join(", ");
        if let Some(rated) = row.electrical.rated_a {
            text = format!("{text}, {}", self.f.with_unit(rated, 0, "A"));
        }
        text
    }

    /// Title: the component, else the kind of place.
    pub(super) fn title(&self, f: &FindingInput) -> String {
        let row = &f.finding;
        let first = [
            &row.component,
            &row.electrical.circuit,
            &row.location,
            &row.image,
        ]
        .into_iter()
        .find(|t| !t.is_empty());
        upper_first(&printed(first.map_or("", String::as_str)))
    }

    /// A term: a date in full, anything else as written.
    pub(super) fn term(&self, text: &str) -> String {
        let iso = text.split('/').rev().collect::<Vec<_>>().join("-");
        match text.parse::<Date>().or_else(|_| iso.parse::<Date>()) {
            Ok(date) => self.f.short_date(date),
            Err(_) => printed(text),
        }
    }

    /// The difference for the summary.
    pub(super) fn delta(&self, f: &FindingInput) -> String {
        let k = |k: Option<f64>| k.map(|k| self.f.with_unit(k, 1, "K"));
        let found = match &f.assessment.detail {
            Detail::Building(b) => k(b.difference_k),
            Detail::Electrical(e) => k(e.similar_k).or(k(e.ambient_k)),
            Detail::Machine(m) => k(m.similar_k).or(k(m.ambient_k)),
            Detail::SteamTrap(t) => k(t.outlet_c.map(|o| t.inlet_c - o)),
            Detail::Pipe(p) => k(p.over_air_k),
            Detail::Pv(p) => k(p.at_full_sun_k),
            Detail::Plain => None,
        };
        found.unwrap_or_else(|| "–".to_owned())
    }

    /// What became of a finding since the visit before.
    pub(super) fn since(&self, since: Since) -> &'static str {
        let i = match since {
            Since::New => 0,
            Since::Open => 1,
            Since::Checked => 2,
            Since::Solved => 3,
            Since::Returned => 4,
        };
        self.words.since[i]
    }

    /// A finding of an earlier visit in one line.
    pub(super) fn past(&self, past: &PastFinding) -> String {
        let date = past
            .date
            .map_or_else(|| printed(&past.visit), |d| self.f.short_date(d));
        let value = past.value.as_ref().map_or(String::new(), |(v, unit)| {
            let decimals = usize::from(unit != "W");
            format!(", {}", self.f.with_unit(*v, decimals, unit))
        });
        let severity = match past.severity.as_str() {
            "" => self.words.not_ratable_short,
            text => text,
        };
        fill(
            self.words.past,
            &[
                ("date", &date),
                ("severity", severity),
                ("value", &value),
                ("n", &past.number),
            ],
        )
    }

    fn readings(&self, f: &FindingInput) -> Vec<ReadingRow> {
        let number = |v: f64| self.f.number(v, 1);
        let emissivity = self.f.number(f.conditions.emissivity, 2);
        let inside = f.kind == FindingKind::Building && !f.conditions.outdoors;
        let others = f.other_reference.iter();
        f.readings
            .iter()
            .chain(others)
            .enumerate()
            .map(|(i, r)| {
                let spot = r.pixels == 1;
                let bold = match (i, spot, inside) {
                    (0, true, _) => 1,
                    (0, false, true) => 0,
                    (0, false, false) => 2,
                    _ => 9,
                };
                ReadingRow {
                    label: printed(&r.label),
                    min: if spot { String::new() } else { number(r.min_c) },
                    mean: number(r.mean_c),
                    max: if spot { String::new() } else { number(r.max_c) },
                    emissivity: emissivity.clone(),
                    bold,
                }
            })
            .collect()
    }

    fn parameters(&self, f: &FindingInput) -> Vec<ParameterRow> {
        f.parameters
            .iter()
            .map(|p| {
                let (i, text): (usize, Box<dyn Fn(f64) -> String>) = match p.key {
                    ParameterKey::Emissivity => (0, Box::new(|v| self.f.number(v, 2))),
                    ParameterKey::Reflected => (1, Box::new(|v| self.f.with_unit(v, 1, "°C"))),
                    ParameterKey::Distance => (2, Box::new(|v| self.f.with_unit(v, 1, "m"))),
                    ParameterKey::Air => (3, Box::new(|v| self.f.with_unit(v, 1, "°C"))),
                    ParameterKey::Humidity => {
                        (4, Box::new(|v| self.f.with_unit(100.0 * v, 0, "%")))
                    }
                    ParameterKey::WindowTransmission => (5, Box::new(|v| self.f.number(v, 2))),
                    ParameterKey::WindowTemperature => {
                        (6, Box::new(|v| self.f.with_unit(v, 1, "°C")))
                    }
                };
                let origin = match p.origin {
                    ParameterOrigin::Camera => 0,
                    ParameterOrigin::Auditor => 1,
                    ParameterOrigin::Changed => 2,
                    ParameterOrigin::Weather => 3,
                    ParameterOrigin::Default => 4,
                };
                let value = match p.camera {
                    // From the camera's to the auditor's; the unit stands once.
                    Some(camera) => {
                        let camera = text(camera);
                        let number = camera.split('\u{a0}').next().unwrap_or_default();
                        format!("{number} → {}", text(p.value))
                    }
                    None => text(p.value),
                };
                (
                    self.words.parameters[i].to_owned(),
                    value,
                    self.words.origins[origin].to_owned(),
                )
            })
            .collect()
    }

    /// What is said of a finding's cause: nothing before a qualified person released it.
    fn interpretation(&self, f: &FindingInput) -> (String, String) {
        if !self.input.release.releases() {
            return (self.words.not_interpreted.to_owned(), String::new());
        }
        let certainty = match f.finding.certainty {
            Some(Certainty::Likely) => self.words.certainties[0],
            Some(Certainty::Possible) => self.words.certainties[1],
            Some(Certainty::Uncertain) => self.words.certainties[2],
            None => "",
        };
        let cause = printed(&f.finding.cause);
        match cause.is_empty() {
            true => (String::new(), String::new()),
            false => (cause, certainty.to_owned()),
        }
    }

    /// The whole finding.
    pub(super) fn card(&self, number: &str, f: &FindingInput, draw: &mut Draw<'_>) -> Card {
        let row = &f.finding;
        let a = &f.assessment;
        let pictures = draw.of(number, f);
        let (interpretation, certainty) = self.interpretation(f);
        let mut shown = indicators::of(self, f);
        let electric = electrical::of(self, f);
        let mut cautions: Vec<String> = a
            .cautions
            .iter()
            .map(|c| caution(*c, self.words, self.f))
            .collect();
        let other = a.computed.filter(|c| Some(*c) != a.severity);
        if let (true, Some(computed)) = (a.own, other) {
            let computed = self.severity(computed);
            let text = fill(self.words.own, &[("computed", &computed)]);
            cautions.push(indicators::sentence(&text));
        }
        let mut history: Vec<String> = f.history.iter().map(|p| self.past(p)).collect();
        if !history.is_empty() {
            history.push(fill(self.words.now, &[("state", self.since(f.since))]));
        }
        let least = self.least_load();
        let reasons = a.not_rated.filter(|_| a.severity.is_none());
        let mut recommendation = printed(&row.recommendation);
        if !row.action_by.is_empty() {
            let by = printed(&row.action_by);
            recommendation = match recommendation.is_empty() {
                true => by,
                false => format!("{recommendation} ({by})"),
            };
        }
        shown.lines.extend(electric.lines);
        let t = &f.thermogram;
        let time = t.time.map_or(String::new(), |t| {
            format!(", {} {}", self.f.short_date(t.date()), self.f.time(t))
        });
        Card {
            number: number.to_owned(),
            title: self.title(f),
            place: self.place(f),
            pill: self.pill(f),
            large: pictures.len() > 2,
            pictures,
            plan: f.plan.as_ref().and_then(|p| draw.plan(p)),
            readings: self.readings(f),
            deltas: shown.deltas,
            factor: shown.factor,
            lines: shown.lines,
            reasons: reasons
                .map(|why| reason(why, self.words, self.f, least))
                .into_iter()
                .collect(),
            cautions,
            observation: printed(&row.observation),
            interpretation,
            certainty,
            recommendation,
            term: self.term(&row.term),
            parameters: self.parameters(f),
            phases: electric.phases,
            phases_note: electric.phases_note,
            scales: electric.scales,
            scales_note: electric.scales_note,
            load: electric.load,
            load_note: electric.load_note,
            history,
            file: format!("{}{time}, SHA-256 {}", printed(&t.file), t.sha256_8),
        }
    }

    /// Least load that is rated.
    pub(super) fn least_load(&self) -> f64 {
        self.input.visit.min_load
    }
}
