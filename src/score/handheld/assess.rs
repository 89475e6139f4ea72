//! One finding, whatever its kind: severity, urgency, indicators.

use super::building::BuildingResult;
use super::electrical::{self, APPARENT_EMISSIVITY, ElectricalResult};
use super::gate::{Gate, Met, gates};
use super::machine::{self, MachineResult};
use super::pipe::{self, PipeResult};
use super::pv::{self, PvResult};
use super::steam::{self, TrapResult};
use super::{Caution, Evidence, NotRated, Options, envelope};
use crate::survey::FindingKind;
use serde::Serialize;

/// A severity in the scale of its kind (interface.md §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "scale", content = "value")]
pub enum Severity {
    /// 1 follow up … 4 immediate.
    Site(u8),
    /// P4 … P1, as 4 … 1.
    Priority(u8),
    /// PV class 1–3.
    Pv(u8),
}

impl Severity {
    /// Urgency 1–4; `None` for what needs nothing.
    pub fn urgency(self) -> Option<u8> {
        match self {
            Self::Site(s) => Some(s.clamp(1, 4)),
            Self::Priority(p) => Some(5 - p.clamp(1, 4)),
            Self::Pv(3) => Some(4),
            Self::Pv(2) => Some(2),
            Self::Pv(_) => None,
        }
    }
}

/// Indicators of a kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[allow(missing_docs)]
pub enum Detail {
    Building(BuildingResult),
    Electrical(ElectricalResult),
    Machine(MachineResult),
    SteamTrap(TrapResult),
    Pipe(PipeResult),
    Pv(PvResult),
    /// Readings alone.
    Plain,
}

/// What a finding comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// Severity that counts; `None` where there is none.
    pub severity: Option<Severity>,
    /// What was computed, where the auditor's own severity took its place.
    pub computed: Option<Severity>,
    /// Whether the auditor's own severity counts.
    pub own: bool,
    /// Urgency 1–4.
    pub urgency: Option<u8>,
    /// Why nothing was computed.
    pub not_rated: Option<NotRated>,
    /// What limits the values.
    pub cautions: Vec<Caution>,
    /// Conditions of a building thermogram.
    pub gates: Vec<(Gate, Met, Option<f64>)>,
    /// Indicators.
    pub detail: Detail,
}

/// Assesses one finding.
pub fn assess(evidence: &Evidence<'_>, options: &Options) -> Assessment {
    let kind = evidence.finding.kind.unwrap_or(FindingKind::Other);
    let mut cautions = Vec::new();
    let mut all_gates = Vec::new();
    let site = |outcome: std::result::Result<Option<u8>, NotRated>| match outcome {
        Ok(severity) => (severity.map(Severity::Site), None),
        Err(why) => (None, Some(why)),
    };
    let (detail, (computed, not_rated)) = match kind {
        FindingKind::Building => {
            all_gates = gates(&evidence.conditions);
            let (result, outcome) = envelope::rate(evidence, options, &mut cautions);
            (Detail::Building(result), site(outcome))
        }
        FindingKind::Electrical => {
            let (result, not_rated, more) = electrical::rate(evidence, options);
            cautions.extend(more);
            let severity = result.priority.map(Severity::Priority);
            (Detail::Electrical(result), (severity, not_rated))
        }
        FindingKind::Mechanical => {
            let (result, outcome) = machine::rate(evidence);
            (Detail::Machine(result), site(outcome))
        }
        FindingKind::SteamTrap => {
            let (result, outcome) = steam::rate(evidence);
            (
                result.map_or(Detail::Plain, Detail::SteamTrap),
                site(outcome),
            )
        }
        FindingKind::Pipe => {
            let (result, outcome) = pipe::rate(evidence);
            (Detail::Pipe(result), site(outcome))
        }
        FindingKind::Pv => {
            let (result, outcome) = pv::rate(evidence);
            let (severity, why) = match outcome {
                Ok(class) => (Some(Severity::Pv(class)), None),
                Err(why) => (None, Some(why)),
            };
            (Detail::Pv(result), (severity, why))
        }
        FindingKind::Other => (Detail::Plain, (None, Some(NotRated::OwnJudgement))),
    };
    if kind != FindingKind::Electrical && evidence.conditions.emissivity < APPARENT_EMISSIVITY {
        cautions.push(Caution::ApparentTemperature {
            emissivity: evidence.conditions.emissivity,
        });
    }
    let given = evidence.finding.severity.map(|own| match kind {
        FindingKind::Electrical => Severity::Priority(5 - own.clamp(1, 4)),
        FindingKind::Pv => Severity::Pv(own.min(3)),
        _ => Severity::Site(own),
    });
    let (severity, own) = counted(computed, given, evidence, &mut cautions);
    Assessment {
        severity,
        computed: computed.filter(|_| own),
        own,
        urgency: severity.and_then(Severity::urgency),
        not_rated,
        cautions,
        gates: all_gates,
        detail,
    }
}

/// The severity that counts: the auditor's own where there is one; but an apparent temperature of a
/// bright metal is never a ground to downgrade (report-content.md §4).
fn counted(
    computed: Option<Severity>,
    given: Option<Severity>,
    evidence: &Evidence<'_>,
    cautions: &mut Vec<Caution>,
) -> (Option<Severity>, bool) {
    let Some(own) = given else {
        return (computed, false);
    };
    let lower = computed.is_some_and(|c| own.urgency() < c.urgency());
    if lower {
        cautions.push(Caution::OwnLower);
        let electrical = evidence.finding.kind == Some(FindingKind::Electrical);
        if electrical && evidence.conditions.emissivity < APPARENT_EMISSIVITY {
            return (computed, false);
        }
    }
    (Some(own), true)
}

#[cfg(test)]
mod tests {
    use super::super::{Reading, SiteConditions};
    use super::*;
    use crate::score::handheld::building::SurfaceClass;
    use crate::score::handheld::electrical::Decisive;
    use crate::survey::{ElectricalFacts, Finding};

    fn reading(label: &str, min_c: f64, max_c: f64) -> Reading {
        Reading {
            label: label.into(),
            min_c,
            mean_c: 0.5 * (min_c + max_c),
            max_c,
            pixels: 25,
            own: true,
        }
    }

    /// The breaker of the design's electrical sheet: 43.0, 78.9 and 42.6 °C in air of 24.5 °C, 118 of
    /// 160 A.
    fn breaker() -> Finding {
        Finding {
            kind: Some(FindingKind::Electrical),
            electrical: ElectricalFacts {
                phase: "L1/L2/L3".into(),
                rated_a: Some(160.0),
                phase_currents_a: [Some(117.0), Some(118.0), Some(119.0)],
                ..ElectricalFacts::default()
            },
            ..Finding::default()
        }
    }

    fn terminals() -> Vec<Reading> {
        [("Bx1", 43.0), ("Bx2", 78.9), ("Bx3", 42.6)]
            .map(|(label, max)| reading(label, max - 2.0, max))
            .to_vec()
    }

    fn rated(finding: &Finding, readings: &[Reading], conditions: SiteConditions) -> Assessment {
        let evidence = Evidence {
            finding,
            readings,
            reference: None,
            before: &[],
            anomaly_share: None,
            conditions,
        };
        assess(&evidence, &Options::default())
    }

    fn indoors(emissivity: f64) -> SiteConditions {
        SiteConditions {
            air_c: Some(24.5),
            emissivity,
            ..SiteConditions::default()
        }
    }

    fn electrical(assessment: &Assessment) -> &ElectricalResult {
        match &assessment.detail {
            Detail::Electrical(result) => result,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_breaker_of_the_design_is_p1_by_both_columns() {
        let found = rated(&breaker(), &terminals(), indoors(0.95));
        let result = electrical(&found);
        // 78.9 − (43.0 + 42.6)/2 = 36.1; 78.9 − 24.5 = 54.4; 36.1 (160/118)^1.7 = 60.56,
        // ^1.6 = 58.75, ^2.0 = 66.37.
        let close = |a: Option<f64>, b: f64| (a.expect("known") - b).abs() < 0.05;
        assert!(close(result.similar_k, 36.1), "{result:?}");
        assert!(close(result.ambient_k, 54.4));
        assert!(close(result.similar_at_rated_k, 60.6));
        let [low, high] = result.similar_at_rated_range_k.expect("known");
        assert!((low - 58.7).abs() < 0.1 && (high - 66.4).abs() < 0.1);
        assert_eq!(result.columns, [Some(1), Some(1)]);
        assert_eq!(result.decisive, Some(Decisive::Similar));
        assert_eq!(result.reference, "L1, L3");
        assert_eq!(found.severity, Some(Severity::Priority(1)));
        assert_eq!(found.urgency, Some(4));
    }

    #[test]
    fn a_fifth_of_the_load_bare_metal_closed_covers_and_storms_rate_nothing() {
        let mut row = breaker();
        row.electrical.phase_currents_a = [Some(32.0); 3];
        let low = rated(&row, &terminals(), indoors(0.95));
        assert_eq!(low.not_rated, Some(NotRated::LowLoad { load: 0.2 }));
        assert_eq!(low.severity, None);
        assert_eq!(electrical(&low).similar_at_rated_k, None);
        let bare = rated(&breaker(), &terminals(), indoors(0.1));
        assert_eq!(
            bare.not_rated,
            Some(NotRated::LowEmissivity { emissivity: 0.1 })
        );
        let mut closed = breaker();
        closed.electrical.cover = Some(crate::survey::Cover::Closed);
        let closed = rated(&closed, &terminals(), indoors(0.95));
        assert_eq!(closed.not_rated, Some(NotRated::CoverClosed));
        let storm = SiteConditions {
            outdoors: true,
            wind_m_s: Some(8.1),
            ..indoors(0.95)
        };
        let storm = rated(&breaker(), &terminals(), storm);
        assert_eq!(storm.not_rated, Some(NotRated::Wind { wind_m_s: 8.1 }));
    }

    #[test]
    fn the_worse_of_measured_and_corrected_counts() {
        // 12 K at 100 of 200 A: P3 as measured, 38.99 K at rated current: P1.
        let row = Finding {
            kind: Some(FindingKind::Electrical),
            electrical: ElectricalFacts {
                current_a: Some(100.0),
                rated_a: Some(200.0),
                ..ElectricalFacts::default()
            },
            ..Finding::default()
        };
        let readings = [reading("Sp1", 42.0, 42.0)];
        let evidence = Evidence {
            finding: &row,
            readings: &readings,
            reference: Some(reading("Sp2", 30.0, 30.0)),
            before: &[],
            anomaly_share: None,
            conditions: SiteConditions {
                air_c: None,
                ..indoors(0.95)
            },
        };
        let found = assess(&evidence, &Options::default());
        assert_eq!(electrical(&found).columns, [Some(3), None]);
        assert_eq!(found.severity, Some(Severity::Priority(1)));
        assert_eq!(electrical(&found).decisive, Some(Decisive::SimilarAtRated));
    }

    #[test]
    fn the_auditor_wins_but_never_downgrades_bright_metal() {
        let mut row = breaker();
        row.severity = Some(2);
        let own = rated(&row, &terminals(), indoors(0.95));
        assert_eq!((own.severity, own.own), (Some(Severity::Priority(3)), true));
        assert_eq!(own.computed, Some(Severity::Priority(1)));
        assert!(own.cautions.contains(&Caution::OwnLower));
        let bright = rated(&row, &terminals(), indoors(0.5));
        assert_eq!(bright.severity, Some(Severity::Priority(1)));
    }

    #[test]
    fn a_cold_corner_is_rated_inside_and_only_shown_outside() {
        let row = Finding {
            kind: Some(FindingKind::Building),
            ..Finding::default()
        };
        let readings = [reading("Sp1", 12.5, 12.5), reading("Sp2", 16.1, 16.1)];
        let inside = SiteConditions {
            indoor_c: Some(20.0),
            outdoor_c: Some(-2.0),
            indoor_humidity: Some(0.5),
            emissivity: 0.95,
            ..SiteConditions::default()
        };
        let found = rated(&row, &readings, inside);
        let Detail::Building(result) = &found.detail else {
            panic!("{found:?}");
        };
        // scoring.md §15: (12.5, 20, −2) → 0.6591; 20 °C/50 % → Td 9.26, T80 12.62.
        assert!((result.factor.expect("known") - 0.6591).abs() < 1e-4);
        assert!((result.dew_margin_k.expect("known") - 3.24).abs() < 0.01);
        assert!((result.mould_margin_k.expect("known") + 0.12).abs() < 0.01);
        assert!((result.difference_k.expect("known") - 3.6).abs() < 1e-9);
        assert_eq!(result.class, Some(SurfaceClass::MouldRisk));
        assert_eq!(found.severity, Some(Severity::Site(2)));
        let outside = SiteConditions {
            outdoors: true,
            ..inside
        };
        let found = rated(&row, &readings, outside);
        assert_eq!(found.not_rated, Some(NotRated::Outdoors));
        assert_eq!(found.severity, None);
        let mild = SiteConditions {
            outdoor_c: Some(11.0),
            ..inside
        };
        assert_eq!(
            rated(&row, &readings, mild).not_rated,
            Some(NotRated::SmallDifference { difference_k: 9.0 })
        );
    }
}
